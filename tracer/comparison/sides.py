"""What is compared, as programs: functions, texts and formulas, over sources that bear the names of parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import sympy

from tracer import nest
from tracer.comparison.sympy_reading import SympyReader
from tracer.expressions import Reader, names_in
from tracer.nest import shown
from tracer.shapes import Dim
from tracer.tensor import Tensor, as_tensor

Given: TypeAlias = Callable[..., object] | str | sympy.Basic
"""A program, a text in the command line's grammar, or a formula."""


class Side:
    """One of the two that are compared.

    Parameters
    ----------
    given : callable, str or sympy expression

    Attributes
    ----------
    names : list of str or None
        What its parameters are called; None where it takes any names.
    ordered : bool
        Whether the order of the names is that of the inputs.
    error : Exception or None
        Why it could not be traced.
    """

    def __init__(self, given: Given) -> None:
        self.given = given
        self.error: Exception | None = None
        self.ordered = False
        self.names: list[str] | None = None
        if isinstance(given, str):
            self.names = names_in(given)
        elif isinstance(given, (sympy.Basic, sympy.MatrixBase)):
            matrices = given.atoms(sympy.MatrixSymbol)
            sizes = {s for m in matrices for d in m.shape for s in d.free_symbols}
            free = {s for s in given.free_symbols - sizes if isinstance(s, (sympy.Symbol, sympy.MatrixSymbol))}
            self.names = sorted(s.name for s in free | matrices)
        elif callable(given) and not isinstance(given, Tensor):
            self.names = _parameters(given)
            self.ordered = self.names is not None
        else:
            raise TypeError(
                f"compare takes functions, texts and sympy expressions, got {shown(given)}; "
                "for a tensor, give the function that computes it"
            )

    def trace(self, sources: Mapping[str, Tensor], sizes: Mapping[str, Dim]) -> list[Tensor] | None:
        """The tensors that it computes; None where it can't be traced, which ``error`` explains."""
        if isinstance(self.given, str):
            reader = Reader({name: t.shape for name, t in sources.items()})
            reader.sources = dict(sources)
            reader.dimensions = dict(sizes)
            unknown = [name for name in self.names or () if name not in sources and name not in sizes]
            if unknown:
                raise ValueError(
                    f"the text has the name {unknown[0]!r}, the parameters are {', '.join(sources)}; rename one of them"
                )
            return [reader.read(self.given)]
        if isinstance(self.given, (sympy.Basic, sympy.MatrixBase)):
            return [SympyReader(sources).read(self.given)]
        try:
            return list(map(as_tensor, _flatten_answer(self.given(*sources.values()))))
        except Exception as error:  # what a program raises on tensors, it may not raise on arrays
            self.error = error
            return None

    def compute(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The values that a function computes from arrays."""
        assert callable(self.given)
        with np.errstate(all="ignore"):
            result = self.given(*(a[()] for a in arrays))
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


def _parameters(function: Callable[..., object]) -> list[str] | None:
    """The names of the positional parameters without a default; None where they can't be known."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found):
        return None
    return [p.name for p in found if p.kind in kinds]


def _flatten_answer(result: object) -> list[Any]:
    """The tensors, or arrays, in what a function answers."""
    leaves = list(nest.flatten(result)) if isinstance(result, (list, tuple, dict)) else [result]
    if not leaves or any(leaf is None for leaf in leaves):
        raise TypeError(f"a function that is compared answers tensors, got {shown(result)}")
    return leaves


def name_parameters(sides: Sequence[Side], count: int, dims: Sequence[str]) -> list[str]:
    """The names of as many inputs: those of a function's parameters, else those in texts and formulas.

    Raises
    ------
    ValueError
        If there are more or fewer names than inputs.
    """
    names = [n for n in dict.fromkeys(n for s in sides if not s.ordered for n in s.names or ()) if n not in dims]
    for side in sides:
        if side.ordered and side.names is not None and len(side.names) >= count:
            # One input needs no name; texts and formulas bind by the names of several.
            return names if count == len(names) == 1 else side.names[:count]
    open_sides = [s for s in sides if s.names is None and not isinstance(s.given, np.ufunc)]
    if open_sides and len(names) > 1:
        raise ValueError(
            f"the names {', '.join(names)} can't be bound to the parameters of {shown(open_sides[0].given)}, which has "
            "none by name; give a function with named parameters"
        )
    if not names and any(side.names is None for side in sides):
        return [f"x{k + 1}" for k in range(count)] if count > 1 else ["x"] * count
    if len(names) != count:
        raise ValueError(
            f"{count} inputs are given for {len(names)} parameters ({', '.join(names) or 'none'}); "
            "give a shape for each of them"
        )
    return names
