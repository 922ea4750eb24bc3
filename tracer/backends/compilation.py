"""Compiled programs: tensors become a Python function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import prod
from operator import countOf
from os import PathLike
from pathlib import Path
from textwrap import wrap
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sympy

from tracer import shapes
from tracer.backends.array_stores import LARGE
from tracer.backends.backend import Backend, Module, refuse
from tracer.backends.blocked_source import BLOCKED, write_blocked
from tracer.backends.evaluation import (
    Described,
    as_array,
    cast_array,
    finish,
    finish_any,
    is_of_other_library,
    measure,
)
from tracer.backends.inlining import WIDTH
from tracer.backends.line_names import name_results
from tracer.backends.program_choice import choose_program
from tracer.backends.python_source import FUNCTION
from tracer.backends.source_texts import write_imports
from tracer.backends.to_array_api import ARRAY_API
from tracer.backends.to_c import C
from tracer.backends.to_jax import JAX
from tracer.backends.to_math import MATH
from tracer.backends.to_numba import NUMBA
from tracer.backends.to_numpy import NUMPY
from tracer.backends.to_torch import TORCH
from tracer.interrupts import run_long
from tracer.nest import Nest, flatten, is_flat, is_nest, join_names, pack, shown
from tracer.program.program import Program
from tracer.program.requirements import check_sizes
from tracer.tensor import Tensor, closed_form

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

BACKENDS: dict[str, Backend] = {b.name: b for b in (NUMPY, MATH, C, JAX, NUMBA, TORCH, ARRAY_API)}
MOST_NAMES = 8
"""How many inputs, and how many results, a source describes."""
BLOCKS = "blocks"
"""What the module for large arrays is called among those of a function."""
_DOMAIN = (ValueError, ZeroDivisionError, OverflowError)


class Compiled:
    """A compiled program; call it with the values of its inputs, in their order.

    Attributes
    ----------
    source : str
        Source of the function in the backend's language. Python is a module that runs where tracer is not installed; it
        says what it computes, of values of which shapes.
    """

    def __init__(self, outputs: list[Tensor], inputs: list[Tensor], structure: object, backend: str) -> None:
        import numpy as np

        self._outputs, self._inputs = tuple(map(_describe, outputs)), tuple(map(_describe, inputs))
        self._structure, self._backend = structure, backend
        chosen = BACKENDS[backend]
        program = choose_program(outputs, inputs)
        self._required = program.required
        if chosen is not NUMPY:
            refuse(chosen, program)
        scalar = not any(t.shape for t in (*inputs, *outputs))
        # What is called with floats is tried over floats first, by this backend.
        floats = scalar and all(t.dtype == "float64" for t in inputs)
        self._fast = chosen.fast if floats else ""
        self._program: tuple[Program, list[Tensor]] | None = (program, inputs)
        self._heading = ""
        self._blocked: tuple[shapes.Shape, ...] | None = None if chosen is NUMPY else ()
        self._modules: dict[str, Module] = {}
        self._prepare(np)
        self._module(backend)
        if chosen.foreign:
            self._function(backend)  # How wide numbers are is settled before arrays are made of them.

    def _prepare(self, np: ModuleType) -> None:
        """What a call uses, made anew where the function was unpickled."""
        self._np = np
        self._checks = [(t, np.dtype(t.dtype), t.shape) for t in self._inputs]
        self._functions: dict[str, Callable[..., Any]] = {}
        self._fulfilled: set[frozenset[tuple[sympy.Symbol, int]]] = set()
        self._flat = is_flat(self._structure)

    def _module(self, backend: str) -> Module:
        """The source of a backend, generated when it is first needed."""
        if backend not in self._modules:
            assert self._program is not None
            self._modules[backend] = BACKENDS[backend].module(*self._program, self._structure)
        return self._modules[backend]

    def _is_blocked(self, sizes: Mapping[sympy.Symbol, int]) -> bool:
        """Whether something is so large, at these sizes, that it is computed by blocks."""
        return any(count_elements(shape, sizes) >= BLOCKED for shape in self._list_blocked())

    def _list_blocked(self) -> tuple[shapes.Shape, ...]:
        """The shapes of what may be computed by blocks; the module is generated when they are first asked for."""
        if self._blocked is None:
            assert self._program is not None
            self._modules[BLOCKS], self._blocked = write_blocked(NUMPY, *self._program, self._structure)
        return self._blocked

    def _fast_backend(self) -> str:
        """The backend over floats; nothing if it lacks what the program needs."""
        fresh = self._fast and self._fast not in self._modules
        if fresh and self._program is not None and BACKENDS[self._fast].lacks(self._program[0]):
            self._fast = ""
        return self._fast

    def _function(self, backend: str) -> Callable[..., Any]:
        """The function that a backend's source defines, made at the first call: the source is there without it."""
        known = self._functions.get(backend)
        if known is None:
            known = self._functions[backend] = self._module(backend).function()
        return known

    def __getstate__(self) -> dict[str, object]:
        """The sources and what is known of inputs and outputs; the trace stays behind."""
        if self._program is not None:
            for backend in {self._backend, BACKENDS[self._backend].fallback, self._fast_backend()} - {""}:
                self._module(backend)
            self._list_blocked()
        kept = ("_outputs", "_inputs", "_structure", "_backend", "_blocked", "_fast", "_modules", "_required")
        return {name: getattr(self, name) for name in kept} | {"_program": None, "_heading": self._describe()}

    def __setstate__(self, state: dict[str, object]) -> None:
        import numpy as np

        self.__dict__.update(state)
        self._prepare(np)

    @property
    def source(self) -> str:
        """The source."""
        return self._module(self._backend).text(self._describe())

    def save(self, path: str | PathLike[str], examples: Iterable[Sequence[ArrayLike]] = ()) -> Path:
        """Write the source to a file.

        Parameters
        ----------
        path : str or path
            Of the module. Constants of many elements are written beside it, to a file of the same name that ends in
            ``.npz``, from which the module loads them.
        examples : iterable of sequences of arrays, optional
            Values of the inputs. If there are some, a test is written beside the module, ``test_`` and its name: that
            the function of the module has the values that this one has there.

        Returns
        -------
        Path
            That of the module.

        Raises
        ------
        ValueError
            If there are examples and the source is none of Python.

        Examples
        --------
        >>> import tempfile, tracer
        >>> x = tracer.placeholder("x", ("n",))
        >>> step = tracer.compile(tracer.sin(x) * 2, [x])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = step.save(f"{folder}/step.py", examples=[[[0.5, 1.0]]])
        ...     sorted(p.name for p in path.parent.iterdir())
        ['step.py', 'test_step.py']
        """
        np, path = self._np, Path(path)
        cases = [([np.asarray(v).tolist() for v in values], self(*values)) for values in examples]
        if cases and path.suffix != ".py":
            raise ValueError(f"a test is written of a module of Python, got the file {path.name}; name it with .py")
        path.write_text(self.source.rstrip("\n") + "\n", encoding="utf-8")
        large = {name: a for name, a in self._module(self._backend).constants.items() if a.size > LARGE}
        if large:
            BACKENDS[self._backend].store.save(path, large)
        if cases:
            expected = [[np.asarray(leaf).tolist() for leaf in flatten(result)] for _, result in cases]
            store = BACKENDS[self._backend].store
            text = write_test(path.stem, [values for values, _ in cases], expected, store.read, store.library)
            path.with_name(f"test_{path.name}").write_text(text, encoding="utf-8")
        return path

    def _describe(self) -> str:
        """What the function computes, in words; written when it is first asked for, as formulas take time."""
        if not self._heading:
            assert self._program is not None
            program, inputs = self._program
            self._heading = write_heading(program.outputs, inputs, self._structure)
        return self._heading

    def __call__(self, *values: Any) -> Any:
        """The outputs for values of the inputs.

        Raises
        ------
        TypeError
            If the number of values is not that of the inputs.
        ValueError
            If a value does not have its input's shape, or sizes clash.
        RuntimeError
            If the compiler of the backend's language is missing, or refuses the source.
        """
        if self._fast and countOf(map(type, values), float) == len(self._checks) == len(values):
            function = self._functions.get(self._fast)
            if function is None and (fast := self._fast_backend()):
                function = self._function(fast)
            if function is not None:
                try:
                    return function(*values)
                except _DOMAIN:
                    pass
        if len(values) != len(self._checks):
            names = ", ".join(t.name for t in self._inputs)
            raise TypeError(
                f"the compiled function takes {len(self._checks)} values, for {names}; {len(values)} were given"
            )
        if BACKENDS[self._backend].foreign:
            return self._call_foreign(values)
        np = self._np
        sizes: dict[Any, int] = {}
        arrays, large, end = [], False, finish
        for value, (tensor, dtype, shape) in zip(values, self._checks):
            if type(value) is np.ndarray and value.dtype == dtype:
                array = value
            elif is_of_other_library(value, np):
                array, end = cast_array(value, tensor.dtype), finish_any
            else:
                array = as_array(value, tensor, np)
            if array.shape != shape:
                measure(tensor, array, sizes)
            large = large or array.size >= BLOCKED
            arrays.append(array if shape else array[()])
        if self._required:
            self._check_sizes(sizes)
        blocked = large and end is finish and self._is_blocked(sizes)
        results = self._function(BLOCKS if blocked else BACKENDS[self._backend].fallback)(*arrays)
        if self._structure is None:
            return end(results, self._outputs[0], np)
        leaves = results if self._flat else flatten(results)
        finished = [end(r, t, np) for r, t in zip(leaves, self._outputs)]
        return tuple(finished) if self._flat else pack(self._structure, finished)

    def _call_foreign(self, values: tuple[Any, ...]) -> Any:
        """The results for arrays that are not NumPy's, of which the shapes alone are looked at."""
        sizes: dict[Any, int] = {}
        arrays = [v if hasattr(v, "shape") else as_array(v, t, self._np) for v, t in zip(values, self._inputs)]
        for value, (tensor, _, shape) in zip(arrays, self._checks):
            if tuple(value.shape) != shape:
                measure(tensor, value, sizes)
        if self._required:
            self._check_sizes(sizes)
        adopted = BACKENDS[self._backend].adopt(arrays, [t.dtype for t in self._inputs])
        with self._np.errstate(all="ignore"):  # The arrays may be NumPy's.
            return self._function(self._backend)(*adopted)

    def _check_sizes(self, sizes: dict[sympy.Symbol, int]) -> None:
        """Check sizes that are new."""
        key = frozenset(sizes.items())
        if key not in self._fulfilled:
            check_sizes(self._required, sizes)
            self._fulfilled.add(key)

    def __repr__(self) -> str:
        names = ", ".join(t.name for t in self._inputs)
        return f"<compiled function of ({names}) giving {', '.join(t.name for t in self._outputs)}>"


def count_elements(shape: shapes.Shape, sizes: Mapping[sympy.Symbol, int]) -> int:
    """How many elements an array has at given sizes.

    Examples
    --------
    >>> n = sympy.Symbol("n", integer=True)
    >>> count_elements((n - 1, 3), {n: 5})
    12
    """
    return prod(d if isinstance(d, int) else sizes[d] if d in sizes else int(d.xreplace(sizes)) for d in shape)


def _describe(tensor: Tensor) -> Described:
    return Described(tensor.name, tensor.dtype, tensor.shape)


def write_test(
    module: str,
    values: Sequence[Sequence[Any]],
    expected: Sequence[Sequence[Any]],
    array: str = "np.array(value)",
    library: str = "",
) -> str:
    """The source of a test that the function of a module has expected results at values of its inputs.

    ``array`` is the text of an array of a value, for which a library is imported.
    """
    cases = "".join(f"    ({given!r}, {results!r}),\n" for given, results in zip(values, expected))
    cases = re.sub(r"\b(nan|inf)\b", r"np.\1", cases)
    imports = write_imports(["import numpy as np", *([f"import {library}"] if library else [])])
    imports += f"\nfrom {module} import {FUNCTION}"
    return _TEST.format(module=module, function=FUNCTION, cases=cases, array=array, imports=imports)


_TEST = '''"""That {module}.{function} has the values that it had when it was written."""

{imports}

CASES = [
{cases}]


def list_leaves(found):
    if isinstance(found, dict):
        found = [found[key] for key in sorted(found)]
    return [leaf for part in found for leaf in list_leaves(part)] if isinstance(found, (list, tuple)) else [found]


def test_values_are_those_of_before():
    for values, expected in CASES:
        found = list_leaves({function}(*({array} for value in values)))
        assert len(found) == len(expected)
        for got, want in zip(found, expected):
            np.testing.assert_allclose(got, want, rtol=1e-9)
'''


def write_heading(outputs: Sequence[Tensor], inputs: Sequence[Tensor], structure: object = ()) -> str:
    """What outputs are of inputs: names, shapes, and formulas where they are short."""
    results = name_results(outputs, structure)
    given = [t.name for t in inputs]
    what = "the result" if results == ["result"] else _join_first(results)
    lines = [f"Compute {what}" + (f" from {_join_first(given)}." if given else ".")]
    if inputs:
        lines += ["", "Parameters", "----------", *_list_types(given, inputs)]
    lines += ["", "Returns", "-------", *_list_types(results, outputs, closed_form)]
    return "\n".join(lines)


def _join_first(names: list[str]) -> str:
    """Names as in a sentence; of many the first."""
    if len(names) > MOST_NAMES:
        names = [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    return join_names(names)


def _list_types(
    names: list[str], tensors: Sequence[Tensor], formula: Callable[[Tensor], str | None] = lambda tensor: None
) -> Iterator[str]:
    """The dtypes and shapes of tensors, ``X : float64 of shape (n, m)``, and their formulas; of many the first."""
    for name, tensor in list(zip(names, tensors))[:MOST_NAMES]:
        yield f"{name} : {tensor.dtype}" + (f" of shape {shapes.show(tensor.shape)}" if tensor.shape else "")
        for line in (formula(tensor) or "").splitlines():
            yield from wrap(line, WIDTH, initial_indent="    ", subsequent_indent="        ", break_long_words=False)
    if len(names) > MOST_NAMES:
        yield f"and {len(names) - MOST_NAMES} more"


def compile_tensors(outputs: Nest[Tensor], inputs: Tensor | Sequence[Tensor], backend: str) -> Compiled:
    """The compiled function of outputs given inputs; see :func:`tracer.compile`."""
    if backend not in BACKENDS:
        raise ValueError(f"there is no backend {shown(backend)}; there are {', '.join(map(repr, BACKENDS))}")
    return run_long("compile", Compiled, *read_program(outputs, inputs), backend)


def read_program(outputs: Nest[Tensor], inputs: Tensor | Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor], object]:
    """The outputs and the inputs of a program as lists, and the structure of the outputs.

    Raises
    ------
    TypeError, ValueError
        If something is no tensor, or an input is named twice.
    """
    if not isinstance(outputs, (Tensor, Iterable)):
        raise TypeError(f"the outputs must be a tensor or a nest of tensors, got {shown(outputs)}")
    wanted = outputs if isinstance(outputs, (Tensor, Mapping)) else tuple(outputs)
    leaves = _tensors(flatten(wanted), "output")
    given = _tensors([inputs] if isinstance(inputs, Tensor) else inputs, "input")
    if len({t.node for t in given}) < len(given):
        raise ValueError("a tensor is named twice among the inputs; name each once")
    return leaves, given, _keep_structure(wanted)


def _keep_structure(value: Any) -> Any:
    """The dictionaries, lists and tuples of a nest, or what they are like, without its leaves."""
    if not is_nest(value):
        return None
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, (str, int)):
                raise TypeError(f"a key of the outputs is {shown(key)}; write a text or an integer")
        return {key: _keep_structure(item) for key, item in value.items()}
    items = [_keep_structure(item) for item in value]
    return items if isinstance(value, list) else tuple(items)


def _tensors(values: Sequence[Tensor], what: str) -> list[Tensor]:
    if not isinstance(values, Iterable):
        raise TypeError(f"the {what}s must be a tensor or a list of tensors, got {shown(values)}")
    found = []
    for value in values:
        if value is None:
            raise TypeError(
                f"an {what} is None: a gradient that is not connected; "
                "ask for zeros with unconnected_gradients=UnconnectedGradients.ZERO"
            )
        if not isinstance(value, Tensor):
            raise TypeError(f"an {what} must be a tensor, got {shown(value)}; write constant(...) around a number")
        found.append(value.read())
    return found
