"""The public ``compile``: tensors become a Python function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tracer.emit.evaluation import as_array, finish, measure
from tracer.emit.fragments import namespace
from tracer.emit.program import Program
from tracer.emit.source import FUNCTION, Source
from tracer.tensor import Tensor

BACKENDS = ("numpy", "math")
_DOMAIN = (ValueError, ZeroDivisionError, OverflowError)


class Compiled:
    """A compiled program; call it with the values of its inputs, in their order.

    Attributes
    ----------
    source : str
        Python source of the function, which runs on its own with the imports that it states.
    """

    def __init__(self, outputs: list[Tensor], inputs: list[Tensor], single: bool, backend: str) -> None:
        import numpy as np

        self._np = np
        self._outputs, self._inputs, self._single, self._backend = outputs, inputs, single, backend
        self._checks = [(t, np.dtype(t.dtype), t.shape) for t in inputs]
        self._scalar = not any(t.shape for t in (*inputs, *outputs)) and all(t.dtype == "float64" for t in inputs)
        self._floats: Callable[..., Any] | None = None
        self._arrays: Callable[..., Any] | None = None
        self._written: Source | None = None
        self._function(backend == "math")

    def _function(self, floats: bool) -> Callable[..., Any]:
        """The Python function over floats or over arrays, generated when it is first needed."""
        known = self._floats if floats else self._arrays
        if known is None:
            program = Program(self._outputs, self._inputs, floats)
            written = Source(program, self._inputs, self._single, decorated=not floats)
            if floats == (self._backend == "math"):
                self._written = written
            scope = namespace(written.names)
            for name, line in written.constants.items():
                leaf = line.leaf
                scope[name] = self._np.asarray(leaf.value, leaf.dtype) if isinstance(leaf, Tensor) else leaf
            exec(compile_text(written.body), scope)
            known = scope[FUNCTION]
            if floats:
                self._floats = known
            else:
                self._arrays = known
        return known

    @property
    def source(self) -> str:
        """The source."""
        assert self._written is not None
        return self._written.text()

    def __call__(self, *values: Any) -> Any:
        """The outputs for values of the inputs.

        Raises
        ------
        TypeError
            If the number of values is not that of the inputs.
        ValueError
            If a value does not have its input's shape, or sizes clash.
        """
        if self._scalar and {*map(type, values)} == {float} and len(values) == len(self._checks):
            try:
                return (self._floats or self._function(True))(*values)
            except _DOMAIN:
                pass
        if len(values) != len(self._checks):
            names = ", ".join(t.name for t in self._inputs)
            raise TypeError(
                f"the compiled function takes {len(self._checks)} values, for {names}; {len(values)} were given"
            )
        np, sizes, arrays = self._np, {}, []  # type: ignore[var-annotated]
        for value, (tensor, dtype, shape) in zip(values, self._checks):
            exact = type(value) is np.ndarray and value.dtype == dtype
            array = value if exact else as_array(value, tensor, np)
            if array.shape != shape:
                measure(tensor, array, sizes)
            arrays.append(array if shape else array[()])
        results = (self._arrays or self._function(False))(*arrays)
        if self._single:
            return finish(results, self._outputs[0], np)
        return tuple([finish(r, t, np) for r, t in zip(results, self._outputs)])

    def __repr__(self) -> str:
        names = ", ".join(t.name for t in self._inputs)
        return f"<compiled function of ({names}) giving {', '.join(t.name for t in self._outputs)}>"


def compile_text(text: str) -> Any:
    """Python's code object of generated source."""
    import builtins

    return builtins.compile(text, "<tracer>", "exec")


def compile(outputs: Any, inputs: Any, backend: str = "numpy") -> Compiled:
    """A Python function that computes tensors from the values of others.

    Parameters
    ----------
    outputs : tensor, or list or tuple of tensors
        One tensor gives a function with one result, a list one with a tuple of results.
    inputs : tensor, or sequence of tensors
        What the function takes, in this order: placeholders, variables, or any tensors, at which the computation is
        cut. Sources with a value that are not among them are constants of the function.
    backend : {"numpy", "math"}
        ``"numpy"`` computes with NumPy; a program of scalars that is called with Python floats then runs with
        Python's ``math``. ``"math"`` is for such programs alone, and needs no NumPy.

    Returns
    -------
    Compiled
        A callable; its ``source`` is text to read and keep.

    Raises
    ------
    ValueError
        If a source has no value and is not among the inputs.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> f = tracer.compile(x * y + tracer.sin(x), [x, y])
    >>> f(0.0, 2.0)
    0.0
    >>> print(f.source)
    import numpy as np
    <BLANKLINE>
    @np.errstate(all="ignore")
    def compiled(x, y):
        return x * y + np.sin(x)
    <BLANKLINE>
    """
    if backend not in BACKENDS:
        raise ValueError(f"there is no backend {backend!r}; there are {', '.join(map(repr, BACKENDS))}")
    single = isinstance(outputs, Tensor)
    wanted = _tensors([outputs] if single else outputs, "output")
    given = _tensors([inputs] if isinstance(inputs, Tensor) else inputs, "input")
    if len({t.node for t in given}) < len(given):
        raise ValueError("a tensor is named twice among the inputs; name each once")
    if backend == "math" and any(t.shape for t in (*wanted, *given)):
        raise ValueError("the backend 'math' is for programs of scalars; write backend='numpy'")
    return Compiled(wanted, given, single, backend)


def _tensors(values: Sequence[Any], what: str) -> list[Tensor]:
    found = []
    for value in values:
        if value is None:
            raise TypeError(
                f"an {what} is None: a gradient that is not connected; "
                "ask for zeros with unconnected_gradients=UnconnectedGradients.ZERO"
            )
        if not isinstance(value, Tensor):
            raise TypeError(f"an {what} must be a tensor, got {value!r}; write constant(...) around a number")
        found.append(value.read())
    return found
