"""What is compared, as programs: functions, texts and formulas, over sources that bear the names of parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
import sympy
from sympy.tensor.array.expressions import ArraySymbol

from tracer import nest
from tracer.comparison.foreign import require_parameters, tensors_in_frames
from tracer.comparison.parameters import Parameter, describe_source, describe_symbol
from tracer.comparison.recorded import Recorded
from tracer.comparison.sympy_reading import SympyReader, free_indices
from tracer.grammars import GRAMMARS, grammar_of, reader_of
from tracer.nest import shown
from tracer.shapes import Dim
from tracer.tensor import Tensor, as_tensor

Given: TypeAlias = "Callable[..., object] | str | sympy.Basic | Tensor | Sequence[Tensor]"
"""A program, a text in one of the command line's grammars, a formula, or what was computed."""


T = TypeVar("T")

BASES = sympy.IndexedBase, ArraySymbol
"""How a formula names arrays."""


class Side:
    """One of the two that are compared.

    Parameters
    ----------
    given : callable, str, sympy expression, tensor or sequence of tensors

    Attributes
    ----------
    names : list of str or None
        What its parameters are called; None where it takes any names.
    ordered : bool
        Whether the order of the names is that of the inputs.
    known : dict
        What it says itself of its parameters: tensors and formulas do.
    shapeless : list of str
        Arrays of which a formula has elements, and does not say the shape.
    recorded : Recorded or None
        The tensors that were given.
    positions : list of int or None
        Which of the parameters a function takes, in its order; None for all of them.
    error : Exception or None
        Why it could not be traced.
    """

    def __init__(self, given: Given) -> None:
        self.given = given
        self.error: Exception | None = None
        self.ordered = False
        self.positions: list[int] | None = None
        self.names: list[str] | None = None
        self.known: dict[str, Parameter] = {}
        self.recorded: Recorded | None = None
        self.shapeless: list[str] = []
        if tensors := _as_tensors(given):
            self.record(tensors)
        elif isinstance(given, str):
            self.names = GRAMMARS[grammar_of(given)].names_in(given)
        elif isinstance(given, (sympy.Basic, sympy.MatrixBase)):
            matrices = given.atoms(sympy.MatrixSymbol)
            arrays = {str(a.label if isinstance(a, sympy.IndexedBase) else a.name): a for a in given.atoms(*BASES)}
            sizes = {s for m in matrices for d in m.shape for s in d.free_symbols} | {*free_indices(given)}
            free = {s for s in given.free_symbols - sizes if isinstance(s, (sympy.Symbol, sympy.MatrixSymbol))}
            named = {s for s in free | matrices if s.name not in arrays}
            self.known = {s.name: describe_symbol(s) for s in sorted(named, key=lambda s: s.name)}
            self.names = sorted({*self.known, *arrays})
            self.shapeless = list(arrays)
        elif callable(given):
            self.names = _parameters(given)
            self.ordered = self.names is not None
        else:
            raise TypeError(f"compare takes functions, texts, sympy expressions and tensors, got {shown(given)}")

    def record(self, tensors: Sequence[Tensor]) -> None:
        """Take tensors, of their named sources, for what is compared."""
        self.recorded = Recorded(tensors)
        self.describe_recorded()

    def describe_recorded(self) -> None:
        """Read the parameters off the sources of tensors."""
        assert self.recorded is not None
        self.known = {name: describe_source(t) for name, t in self.recorded.parameters.items()}
        self.names, self.ordered = list(self.known), False

    @property
    def required(self) -> list[str]:
        """The parameters of a function that have no default."""
        return _parameters(self.given, optional=False) or []

    def trace(self, sources: Mapping[str, Tensor], sizes: Mapping[str, Dim]) -> list[Tensor] | None:
        """The tensors that it computes; None where it can't be traced, which ``error`` explains."""
        if self.recorded is not None:
            return self.recorded.rebuild(sources, sizes)
        if isinstance(self.given, str):
            reader = reader_of(grammar_of(self.given), {name: t.shape for name, t in sources.items()})
            reader.sources = dict(sources)
            reader.dimensions = dict(sizes)
            unknown = [name for name in self.names or () if name not in sources and name not in sizes]
            if unknown:
                raise ValueError(
                    f"the text has the name {unknown[0]!r}, the parameters are {', '.join(sources)}; rename one of them"
                )
            return [reader.read(self.given)]
        if isinstance(self.given, (sympy.Basic, sympy.MatrixBase)):
            return [SympyReader(sources, sizes).read(self.given)]
        return self.call(sources)

    def call(self, sources: Mapping[str, Tensor], closed: bool = True) -> list[Tensor] | None:
        """What a function answers for tensors; None where it raises, which ``error`` explains.

        Where it has to be ``closed``, it may depend on no others.
        """
        assert callable(self.given)
        try:
            answer = list(map(as_tensor, _flatten_answer(self.given(*self._taken(list(sources.values()))))))
        except Exception as error:  # what a program raises on tensors, it may not raise on arrays
            if closed:
                require_parameters(self.given, tensors_in_frames(error), sources.values())
            self.error = error
            return None
        if closed:
            require_parameters(self.given, answer, sources.values())
        return answer

    def _taken(self, values: Sequence[T]) -> list[T]:
        """Those of the parameters' values that a function takes."""
        return list(values) if self.positions is None else [values[k] for k in self.positions]

    def compute(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The values that a function computes from arrays."""
        assert callable(self.given)
        with np.errstate(all="ignore"):
            result = self.given(*(a[()] for a in self._taken(arrays)))
        return [np.asarray(p.numpy() if isinstance(p, Tensor) else p) for p in _flatten_answer(result)]


def trace_both(
    sides: tuple[Side, Side], sources: Mapping[str, Tensor], sizes: Mapping[str, Dim]
) -> tuple[list[Tensor] | None, list[Tensor] | None]:
    """The tensors of both; a column of a matrix formula is a vector where the other is one."""
    left, right = (side.trace(sources, sizes) for side in sides)
    if left is None or right is None or len(left) != len(right):
        return left, right
    if isinstance(sides[1].given, sympy.Basic):
        right = [_flatten_column(b, a) for a, b in zip(left, right)]
    if isinstance(sides[0].given, sympy.Basic):
        left = [_flatten_column(a, b) for a, b in zip(left, right)]
    return left, right


def _flatten_column(matrix: Tensor, other: Tensor) -> Tensor:
    """A column as a vector, a matrix of one element as a number, where the other is one."""
    ones = matrix.ndim - other.ndim
    if matrix.ndim == 2 and ones > 0 and matrix.shape == (*other.shape, *(1,) * ones):
        return matrix[:, 0] if ones == 1 else matrix[0, 0]
    return matrix


def _as_tensors(given: object) -> list[Tensor]:
    """The tensors that are given, if it is tensors."""
    parts = list(given) if isinstance(given, (list, tuple)) else [given]
    found = [t.read() for t in parts if isinstance(t, Tensor)]
    return found if len(found) == len(parts) else []


def _parameters(function: object, optional: bool = True) -> list[str] | None:
    """The names of the positional parameters, with or without those that have a default; None if they aren't known."""
    assert callable(function)
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found):
        return None
    return [p.name for p in found if p.kind in kinds and (optional or p.default is inspect.Parameter.empty)]


def _flatten_answer(result: object) -> list[Any]:
    """The tensors, or arrays, in what a function answers."""
    leaves = list(nest.flatten(result)) if isinstance(result, (list, tuple, dict)) else [result]
    if not leaves or any(leaf is None for leaf in leaves):
        raise TypeError(f"a function that is compared answers tensors, got {shown(result)}")
    return leaves
