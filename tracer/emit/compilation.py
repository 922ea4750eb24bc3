"""Compiled programs: tensors become a Python function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tracer.emit.evaluation import Described, as_array, finish, measure
from tracer.emit.program import Program
from tracer.emit.requirements import check_sizes
from tracer.emit.source import Module, Source
from tracer.nest import shown
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

        self._outputs, self._inputs = tuple(map(_describe, outputs)), tuple(map(_describe, inputs))
        self._single, self._backend = single, backend
        self._scalar = not any(t.shape for t in (*inputs, *outputs)) and all(t.dtype == "float64" for t in inputs)
        self._tensors: tuple[list[Tensor], list[Tensor]] | None = (outputs, inputs)
        self._modules: dict[bool, Module] = {}
        self._prepare(np)
        self._function(backend == "math")

    def _prepare(self, np: Any) -> None:
        """What a call uses, made anew where the function was unpickled."""
        self._np = np
        self._checks = [(t, np.dtype(t.dtype), t.shape) for t in self._inputs]
        self._floats: Callable[..., Any] | None = None
        self._arrays: Callable[..., Any] | None = None
        self._fulfilled: set[Any] = set()

    def _module(self, floats: bool) -> Module:
        """The source over floats or over arrays, generated when it is first needed."""
        if floats not in self._modules:
            assert self._tensors is not None
            outputs, inputs = self._tensors
            program = Program(outputs, inputs, floats)
            self._required = program.required
            self._modules[floats] = Source(program, inputs, self._single, decorated=not floats).module()
        return self._modules[floats]

    def _function(self, floats: bool) -> Callable[..., Any]:
        """The Python function over floats or over arrays."""
        known = self._floats if floats else self._arrays
        if known is None:
            known = self._module(floats).function()
            if floats:
                self._floats = known
            else:
                self._arrays = known
        return known

    def __getstate__(self) -> dict[str, Any]:
        """The sources and what is known of inputs and outputs; the trace stays behind."""
        for floats in (True, False):
            if self._tensors is not None and (self._scalar or not floats):
                self._module(floats)
        kept = ("_outputs", "_inputs", "_single", "_backend", "_scalar", "_modules", "_required")
        return {name: getattr(self, name) for name in kept} | {"_tensors": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        import numpy as np

        self.__dict__.update(state)
        self._prepare(np)

    @property
    def source(self) -> str:
        """The source."""
        return self._module(self._backend == "math").text()

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
        function = self._arrays or self._function(False)
        if self._required:
            self._check_sizes(sizes)
        results = function(*arrays)
        if self._single:
            return finish(results, self._outputs[0], np)
        return tuple([finish(r, t, np) for r, t in zip(results, self._outputs)])

    def _check_sizes(self, sizes: dict[Any, int]) -> None:
        """Check sizes that are new."""
        key = frozenset(sizes.items())
        if key not in self._fulfilled:
            check_sizes(self._required, sizes)
            self._fulfilled.add(key)

    def __repr__(self) -> str:
        names = ", ".join(t.name for t in self._inputs)
        return f"<compiled function of ({names}) giving {', '.join(t.name for t in self._outputs)}>"


def _describe(tensor: Tensor) -> Described:
    return Described(tensor.name, tensor.dtype, tensor.shape)


def compile_tensors(outputs: Any, inputs: Any, backend: str) -> Compiled:
    """The compiled function of outputs given inputs; see :func:`tracer.compile`."""
    if backend not in BACKENDS:
        raise ValueError(f"there is no backend {shown(backend)}; there are {', '.join(map(repr, BACKENDS))}")
    single = isinstance(outputs, Tensor)
    wanted = _tensors([outputs] if single else outputs, "output")
    given = _tensors([inputs] if isinstance(inputs, Tensor) else inputs, "input")
    if len({t.node for t in given}) < len(given):
        raise ValueError("a tensor is named twice among the inputs; name each once")
    if backend == "math" and any(t.shape for t in (*wanted, *given)):
        raise ValueError("the backend 'math' is for programs of scalars; write backend='numpy'")
    return Compiled(wanted, given, single, backend)


def _tensors(values: Sequence[Any], what: str) -> list[Tensor]:
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
