"""Values: a program run line by line, each kind of line being compiled once for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from numbers import Real
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeGuard

import sympy

from tracer import nest
from tracer import tensor as tensors
from tracer.alive import live
from tracer.backends.to_numpy import NUMPY
from tracer.names import Label
from tracer.nest import shown
from tracer.program.lines import Line
from tracer.program.program import Program
from tracer.program.requirements import check_sizes
from tracer.python_code import Held, Key, Number
from tracer.shapes import Shape, show
from tracer.tensor import SOURCES, Feed, Tensor, TensorLike, constant, has_number, source_names
from tracer.values import as_array as array_of
from tracer.values import as_float, refuse_masked
from tracer.walk import ancestors

if TYPE_CHECKING:
    from numpy import ndarray


class Described(NamedTuple):
    """What calls need to know of a tensor."""

    name: str
    dtype: str
    shape: Shape


def evaluate(tensor: Tensor, feed: Feed) -> ndarray:
    """The value of a tensor as a NumPy array or scalar.

    Raises
    ------
    TypeError
        If the feed is no dictionary.
    LookupError
        If a key of the feed is no tensor of the graph or no name of a source.
    ValueError
        If a source has no value, or a value does not have its source's shape.
    """
    import numpy as np

    if not isinstance(feed, Mapping):
        raise TypeError(
            f"eval takes a dictionary of values by tensor or name, got {shown(feed)}; write eval({{x: 1.0}})"
        )
    tensor = tensor.read()
    watch = WATCH.get()
    if watch is not None:
        value = _compute(tensor, feed, np)
        watch(tensor, feed, value)
        return value
    return _compute(tensor, feed, np)


WATCH: ContextVar[Callable[[Tensor, Feed, ndarray], None] | None] = ContextVar("watch", default=None)
"""What sees the values that are asked for: the tensor, the feed and the value."""


def _compute(tensor: Tensor, feed: Feed, np: ModuleType) -> ndarray:
    """The value of a tensor, kept where nothing is fed."""
    if not feed and tensor.value is not None and not isinstance(tensor.value, sympy.Expr):
        return finish(tensor.value, tensor, np)
    given = dict(match_feed(tensor, feed, np).values())
    result = run_program(tensor, given)
    if result.dtype.kind == "f" and not np.isfinite(result).all():
        behind = (t for t in ancestors([tensor]) if t.rule in SOURCES and t.value is not None)
        known = {t: np.asarray(t.value, t.dtype) for t in behind if not isinstance(t.value, sympy.Expr)}
        result = finish(tensors.lent.continue_value(tensor, {**known, **given}, result), tensor, np)
    if not feed:
        tensor.value = result
    return result


def run_program(tensor: Tensor, given: Mapping[Tensor, ndarray], conventions: bool = False) -> ndarray:
    """What the program of a tensor computes as it is written, given the values of some that it is computed from."""
    return run_at(tensor, [given], conventions)[0]


def run_at(tensor: Tensor, points: Sequence[Mapping[Tensor, ndarray]], conventions: bool = False) -> list[ndarray]:
    """What the program of a tensor computes at several points, where the same tensors are given."""
    import numpy as np

    program = Program([tensor], points[0], conventions=conventions)
    results = []
    for given in points:
        sizes: dict[sympy.Symbol, int] = {}
        values: dict[Line, object] = {}
        for source, value in given.items():
            array = as_array(value, source, np)
            measure(source, array, sizes)
            values[program.arguments[source.node]] = array
        results.append(finish(run(program, values, sizes)[0], tensor, np))
    return results


Refusal: TypeAlias = "Callable[[Line, Sequence[Any], Exception], object]"
"""What a line is worth that raises an error, given its operands; or it raises the error."""


def run(
    program: Program,
    values: dict[Line, object],
    sizes: Mapping[sympy.Symbol, int],
    refused: Refusal | None = None,
) -> list[object]:
    """The results of a program, given the values of its arguments and the sizes of its dimensions.

    Where NumPy raises an error, ``refused`` says what the line is worth.
    """
    import numpy as np

    check_sizes(program.required, sizes)
    for line in program.constants:
        assert isinstance(line.leaf, Tensor)
        values[line] = np.asarray(line.leaf.value, line.leaf.dtype)
    for symbol, line in program.dimensions.items():
        values[line] = size_of(symbol, sizes)
    # All functions are found before any of them runs: an operation without a form is refused at once.
    functions = [NUMPY.function(NUMPY.code(line, program.chooses)) for line in program.lines]
    left = {line: line.uses for line in program.lines}
    for result in program.results:
        if type(result) is Line and result in left:
            left[result] += 1
    with np.errstate(all="ignore"):
        for line, (function, keys) in zip(program.lines, functions):
            operands = line.operands
            given = []
            for key in keys:
                if type(key) is int:
                    o = operands[key]
                    given.append(values[o] if type(o) is Line else as_float_or_int(o))
                else:
                    given.append(fill_slot(key, sizes))
            try:
                values[line] = function(*given)
            except Exception as error:
                if refused is None:
                    raise
                values[line] = refused(line, given, error)
            for o in operands:
                if o in left:
                    left[o] -= 1
                    if not left[o]:
                        del values[o]
        return [values[r] if type(r) is Line else as_float_or_int(r) for r in program.results]


def compute(line: Line, operands: Sequence[object], sizes: Mapping[sympy.Symbol, int], chooses: bool = False) -> object:
    """The value of one line, given those of its operands; ``chooses`` is that of its program."""
    function, keys = NUMPY.function(NUMPY.code(line, chooses))
    return function(*[operands[k] if type(k) is int else fill_slot(k, sizes) for k in keys])


def fill_slot(key: Key, sizes: Mapping[sympy.Symbol, int]) -> object:
    """What fills a slot that no operand fills: a size, or a held value."""
    return key.value if type(key) is Held else size_of(key, sizes)


def as_float_or_int(number: Number) -> float:
    """A number as one of Python's."""
    return float(number) if isinstance(number, sympy.Rational) else number


def size_of(symbol: sympy.Symbol, sizes: Mapping[sympy.Symbol, int]) -> int:
    if symbol not in sizes:
        raise ValueError(f"the dimension {symbol} is not the size of any axis that is given")
    return sizes[symbol]


def finish(value: object, tensor: Tensor | Described, np: ModuleType) -> ndarray:
    """A value of the tensor's dtype and shape; of rank 0 a NumPy scalar."""
    array: ndarray = np.asarray(value, tensor.dtype)
    return array if tensor.shape else array[()]


def finish_any(value: object, tensor: Tensor | Described, np: ModuleType) -> ndarray:
    """A value of the tensor's dtype, of the library that computed it."""
    return cast_array(value, tensor.dtype) if is_of_other_library(value, np) else finish(value, tensor, np)


def as_array(value: TensorLike, tensor: Tensor | Described, np: ModuleType) -> ndarray:
    """A value that is given for a tensor, as an array of its dtype.

    Raises
    ------
    TypeError
        If the value does not hold real numbers, or is a masked array.
    """
    refuse_masked(value)
    array = value if isinstance(value, np.ndarray) else array_of(value)
    if array.dtype.kind not in "fiub":
        array = read_reals(value, tensor, np)
    exact: ndarray = array.astype(tensor.dtype, copy=False)
    return exact


def is_of_other_library(value: object, np: ModuleType) -> TypeGuard[ndarray]:
    """Whether NumPy hands its functions to the library of an array, as to Dask's: then it is no value to convert."""
    return hasattr(type(value), "__array_function__") and not isinstance(value, (np.ndarray, np.generic, Tensor))


def cast_array(array: ndarray, dtype: str) -> ndarray:
    """An array of any library, of a dtype."""
    return array if array.dtype == dtype else array.astype(dtype)


def read_reals(value: TensorLike, tensor: Tensor | Described, np: ModuleType) -> ndarray:
    """The array of what NumPy takes for objects: tensors, fractions, sympy's numbers."""
    if isinstance(value, (list, tuple)) and any(isinstance(leaf, Tensor) for leaf in nest.flatten(value)):
        values: ndarray = np.asarray(constant(value, _bind=False).numpy())
        return values
    array = value if isinstance(value, np.ndarray) else array_of(value)
    entries = array.ravel().tolist()
    if not all(isinstance(entry, (Real, sympy.Number)) for entry in entries):
        wrong = next(entry for entry in entries if not isinstance(entry, (Real, sympy.Number)))
        raise TypeError(
            f"the value given for {tensor.name} must hold real numbers, got {shown(wrong)}"
            + ("" if array.shape == () else f" in {type(value).__name__} of shape {show(array.shape)}")
        )
    reals: ndarray = np.reshape([as_float(entry) for entry in entries], array.shape)
    return reals


def measure(tensor: Tensor | Described, value: ndarray, sizes: dict[sympy.Symbol, int]) -> None:
    """Read symbolic dimensions off a value.

    Raises
    ------
    ValueError
        If the value does not have the tensor's shape.
    """
    found = value.shape
    fits = len(found) == len(tensor.shape)
    for wanted, size in zip(tensor.shape, found):
        if size != size:  # Of chunks that Dask has not computed, it is NaN.
            raise ValueError(
                f"{tensor.name} of shape {show(tensor.shape)} was given an array whose size {wanted} is not known; "
                "have its library compute it, with Dask by compute_chunk_sizes()"
            )
        if isinstance(wanted, sympy.Symbol):
            known = sizes.setdefault(wanted, size)
            if known != size:
                raise ValueError(
                    f"{tensor.name} of shape {show(tensor.shape)} was given a value of shape {show(found)}, "
                    f"but {wanted} is {known} already; give values whose sizes agree"
                )
        elif isinstance(wanted, int):
            fits = fits and wanted == size
    if not fits:
        raise ValueError(
            f"{tensor.name} has the shape {show(tensor.shape)}, the value given for it has the shape {show(found)}"
        )


def match_feed(tensor: Tensor, feed: Feed, np: ModuleType) -> dict[int, tuple[Tensor, ndarray]]:
    """The tensors that a feed gives values for, and the values."""
    order = ancestors([tensor], None if feed else lambda t: t.value is not None)
    sources = {t.node: t for t in order if t.rule in SOURCES}
    inner = {t.node for t in order}
    names = source_names(sources.values())
    given: dict[int, tuple[Tensor, ndarray]] = {}
    for key, value in feed.items():
        if isinstance(key, Tensor):
            wanted = [key.read()]
            found = wanted[0].node in inner or wanted[0].rule in SOURCES
        else:
            wanted = [t for t in sources.values() if type(t.label) is Label and t.name == key][:1]
            wanted = wanted or [t for t in sources.values() if t.label and names[t.node] == key]
            wanted = wanted or find_measured_source(key, order)
            found = bool(wanted)
        if not found:
            name = key.name if isinstance(key, Tensor) else repr(key)
            known = ", ".join(name_source(t, names) for t in sources.values()) or "none"
            raise LookupError(f"{tensor.name} is not computed from {name}; its sources are: {known}")
        for source in wanted:
            plain = value.numpy() if isinstance(value, Tensor) else value
            given[source.node] = source, as_array(plain, source, np)
    behind = ancestors([tensor], lambda t: t.node in given or (t.value is not None and (not given or t.rule.fixed)))
    without = [t for t in behind if t.rule in SOURCES and t.value is None and t.node not in given]
    missing = [name_source(t, names) for t in without]
    if missing:
        listed = ", ".join(missing)
        raise ValueError(
            f"{tensor.name} has no value, since {listed} {'has' if len(missing) == 1 else 'have'} none; "
            f"give one with eval({{{', '.join(f'{n!r}: ...' for n in missing)}}})"
        )
    return given


def name_source(source: Tensor, names: dict[int, str]) -> str:
    """What a source is called in messages: as it was named, or as formulas call it."""
    return names.get(source.node, source.name) if type(source.label) is str else source.name


def find_measured_source(name: object, order: list[Tensor]) -> list[Tensor]:
    """The latest source of a name, if it can give the size of a symbolic dimension."""
    dims = {d for t in order for d in t.shape if not isinstance(d, int)}
    alive = [t for r in list(live.values()) if (t := r()) is not None] if dims else []
    found = [t for t in alive if t.rule in SOURCES and name in (t.label, t.name) and dims.intersection(t.shape)]
    return found and [max(found, key=lambda t: t.node)]


def concrete(tensor: Tensor, what: str) -> float:
    """The value where Python asks for one.

    Raises
    ------
    TypeError
        If the tensor depends on a source without a value.
    """
    tensor = tensor.read()
    behind = ancestors([tensor], has_number)
    missing = dict.fromkeys(t.name for t in behind if t.rule in SOURCES and t.value is None)
    if missing:
        names = ", ".join(missing)
        advice = {
            "bool": "write where(condition, a, b) in place of `if`, or cond(condition, lambda: a, lambda: b)",
        }.get(what, "give values with eval({...}), or keep to tensors")
        raise TypeError(f"{what}() of {tensor.name}, which depends on {names} without a value; {advice}")
    value = evaluate(tensor, {})
    if tensor.shape and value.size != 1:
        error = ValueError if what == "bool" else TypeError
        raise error(f"{what}() of {tensor.name} of shape {show(tensor.shape)}: it takes a tensor of one element")
    number: float = value.item()
    return number
