"""Shapes with concrete and symbolic dimensions: broadcasting, axes and einsum subscripts.

A dimension is an ``int`` or a sympy expression in positive integer symbols; a shape is a tuple of dimensions.
Nothing here knows of tensors: functions take shapes and raise errors that name what clashed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple, Protocol, SupportsIndex, TypeAlias

import sympy

from tracer.nest import shown

_index: Callable[[Any], int] = operator.index
"""Python's, which raises a TypeError for what is no integer."""

Dim: TypeAlias = "int | sympy.Expr"
"""A dimension."""

Shape: TypeAlias = tuple[Dim, ...]
"""A shape."""

Literal: TypeAlias = "float | sympy.Expr"
"""A number: Python's, or an exact one of sympy's."""

DimLike: TypeAlias = "SupportsIndex | str | sympy.Expr | HasDimension | None"
"""What a dimension is given as: an int, a name, a sympy expression or an integer scalar; None is one not known."""

ShapeLike: TypeAlias = "DimLike | Iterable[DimLike]"
"""What a shape is given as: dimensions, or a single one."""

Indices: TypeAlias = "SupportsIndex | Sequence[SupportsIndex]"
"""One index, or several."""

Axes: TypeAlias = "Indices | None"
"""One axis, several, or all of them (None)."""


class HasDimension(Protocol):
    """What is no number and can stand for a dimension: an integer scalar tensor."""

    def as_dimension(self) -> Dim:
        """The dimension."""


@lru_cache(maxsize=128)
def symbolic_dimension(name: str) -> sympy.Symbol:
    """The dimension called ``name``; the same name is the same dimension."""
    return sympy.Symbol(name, integer=True, positive=True)


def dimension(value: DimLike) -> Dim:
    """A dimension from an int, a name or a sympy expression."""
    if isinstance(value, str):
        if not value.isidentifier():
            raise ValueError(
                f"a dimension's name must be a Python identifier, got {shown(value)}; write for instance 'n'"
            )
        return symbolic_dimension(value)
    if isinstance(value, sympy.Expr):
        if value.is_Integer:
            return dimension(int(value))
        if value.is_integer is False:
            raise ValueError(f"a dimension must be an integer, got {value}")
        return value.xreplace(
            {s: symbolic_dimension(s.name) for s in value.free_symbols if isinstance(s, sympy.Symbol)}
        )
    if value is not None and hasattr(value, "as_dimension"):
        value = value.as_dimension()
        if isinstance(value, sympy.Expr):
            return dimension(value)
    try:
        size = _index(value)
    except TypeError:
        raise TypeError(
            f"a dimension must be an int, a name or a sympy symbol, got {shown(value)}; write for instance (3, 'n')"
        ) from None
    if not 0 <= size < 2**63:
        raise ValueError(f"a dimension must not be negative, and less than 2**63, got {shown(size)}")
    return size


def as_shape(value: ShapeLike) -> Shape:
    """A shape from a sequence of dimensions, or from a single dimension."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable) or getattr(value, "shape", None) == ():
        return (dimension(value),)
    return tuple(dimension(d) for d in value)


def show(shape: Shape) -> str:
    """The text of a shape in messages: ``(3, n)``."""
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def size(shape: Shape) -> Dim:
    """The number of elements."""
    return prod(shape)


def is_concrete(shape: Shape) -> bool:
    """Whether every dimension is a number."""
    return all(isinstance(d, int) for d in shape)


def broadcast(*shapes: Shape, names: Sequence[str] = ()) -> Shape:
    """The NumPy broadcast of shapes; ``names`` name the operands in the error."""
    if len(set(shapes)) == 1:
        return shapes[0]
    rank = max(map(len, shapes))
    out: list[Dim] = []
    for axis in range(-rank, 0):
        dim: Dim = 1
        owner = 0
        for k, shape in enumerate(shapes):
            if -axis > len(shape) or shape[axis] == 1 or shape[axis] == dim:
                continue
            if dim != 1:
                a, b = (f"{names[j]} of shape {show(shapes[j])}" if names else show(shapes[j]) for j in (owner, k))
                raise ValueError(
                    f"dimensions {dim} and {shape[axis]} do not broadcast: {a} with {b}; "
                    "give equal dimensions the same name or size, or expand one operand with expand_dims or reshape"
                )
            dim, owner = shape[axis], k
        out.append(dim)
    return tuple(out)


def integer(value: object, what: str) -> int:
    """A Python integer.

    Raises
    ------
    TypeError
        If the value is none; ``what`` names it in the message.
    """
    try:
        return _index(value)
    except TypeError:
        raise TypeError(f"{what} must be an int, got {shown(value)}") from None


def as_list(value: Indices) -> list[SupportsIndex]:
    """One index, or several in a sequence or an array, as a list."""
    if isinstance(value, Sequence):
        return list(value)
    return list(value) if isinstance(value, Iterable) and getattr(value, "shape", ()) != () else [value]


def normalize_axis(axis: SupportsIndex, rank: int) -> int:
    """A non-negative axis of a tensor of the given rank."""
    value = integer(axis, "an axis")
    if not -rank <= value < rank:
        raise ValueError(f"axis {value} is out of range for rank {rank}; it must lie in [{-rank}, {rank - 1}]")
    return value % rank


def normalize_axes(axis: Axes, rank: int) -> tuple[int, ...]:
    """Sorted, non-negative axes from ``None`` (all), an int or a sequence of ints."""
    if axis is None:
        return tuple(range(rank))
    given = as_list(axis)
    axes = sorted(normalize_axis(a, rank) for a in given)
    if len(set(axes)) != len(axes):
        raise ValueError(f"an axis is given twice in {shown(tuple(given))}")
    return tuple(axes)


class Subscripts(NamedTuple):
    """A generalised einsum over integer labels.

    The result is ``scale`` times the product of the operands, summed over the labels that ``output`` lacks. A label
    repeated within an operand takes its diagonal; one that only ``output`` has is a broadcast; one repeated in
    ``output`` embeds a diagonal.
    """

    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    scale: Literal = 1

    def text(self) -> str:
        """The subscripts as einsum text, ``'ab,bc->ac'``."""
        return ",".join(map(letters, self.inputs)) + "->" + letters(self.output)


def letters(labels: Iterable[int]) -> str:
    """Labels as letters, for einsum's text."""
    return "".join(_letter(k) for k in labels)


def _letter(k: int) -> str:
    if k >= 52:
        raise ValueError(f"einsum has letters for 52 labels, label {k} is beyond them; contract in two steps")
    return chr(ord("a") + k) if k < 26 else chr(ord("A") + k - 26)


def _tokens(term: str, equation: str) -> Iterator[str]:
    k = 0
    while k < len(term):
        if term.startswith("...", k):
            yield "..."
            k += 3
        elif term[k].isascii() and term[k].isalpha():
            yield term[k]
            k += 1
        else:
            raise ValueError(
                f"the einsum equation {equation!r} holds {term[k]!r}; it may hold letters, ',', '->' and '...', "
                "as in '...ij,jk->...ik'"
            )


def parse_einsum(equation: str, ranks: Sequence[int]) -> Subscripts:
    """Subscripts from an einsum equation, explicit or implicit, with ellipsis and repeated indices."""
    if not isinstance(equation, str):
        raise TypeError(f"an einsum equation is a string such as 'ij,jk->ik', got {shown(equation)}")
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = [list(_tokens(t, equation)) for t in left.split(",")]
    if len(terms) != len(ranks):
        raise ValueError(f"the einsum equation {equation!r} has {len(terms)} operands, {len(ranks)} were given")
    widths = []
    for term, rank in zip(terms, ranks):
        dots = term.count("...")
        if dots > 1 or (rank != len(term) if not dots else rank < len(term) - 1):
            raise ValueError(f"the term {''.join(term)!r} of {equation!r} does not fit an operand of rank {rank}")
        widths.append(rank - len(term) + 1 if dots else 0)
    width = max(widths)
    named = [c for term in terms for c in term if c != "..."]
    if arrow:
        out = list(_tokens(right, equation))
        unknown = [c for c in out if c != "..." and c not in named]
        if unknown or len(set(out)) != len(out):
            raise ValueError(
                f"the output {right!r} of {equation!r} must hold indices of the operands, each once"
                + (f"; {unknown[0]!r} is in none of them" if unknown else "")
            )
        if width and "..." not in out:
            raise ValueError(f"the operands of {equation!r} have an ellipsis, its output must have one too")
    else:
        out = ["...", *sorted({c for c in named if named.count(c) == 1})]
    label = {c: width + k for k, c in enumerate(dict.fromkeys(named))}

    def labels(term: list[str], dots: int) -> tuple[int, ...]:
        result: list[int] = []
        for c in term:
            result += range(width - dots, width) if c == "..." else [label[c]]
        return tuple(result)

    return Subscripts(tuple(labels(t, w) for t, w in zip(terms, widths)), labels(out, width))
