"""Places in arrays while loops run: sums of loop variables and sizes, and their text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tracer.python_code import PLUS, TIMES, Code, infix, name, prefix
from tracer.shapes import Dim, Shape

Sizes: TypeAlias = Callable[[Dim], Code]
"""The code of a size."""


class Index:
    """A sum of variables, each times a size or a number.

    Attributes
    ----------
    terms : dict
        The factor of each variable, by its text.
    offset : int or sympy.Expr

    Examples
    --------
    >>> place = Index({"i": 3}) + Index({"j": 1}) + 2
    >>> print(place.code(lambda size: name(str(size))))
    i * 3 + j + 2
    """

    __slots__ = ("offset", "terms")

    def __init__(self, terms: dict[str, Dim], offset: Dim = 0) -> None:
        self.terms = {text: factor for text, factor in terms.items() if factor != 0}
        self.offset = offset

    def __add__(self, other: Index | Dim) -> Index:
        if not isinstance(other, Index):
            return Index(self.terms, self.offset + other)
        terms = dict(self.terms)
        for text, factor in other.terms.items():
            terms[text] = terms.get(text, 0) + factor
        return Index(terms, self.offset + other.offset)

    def __mul__(self, factor: Dim) -> Index:
        return Index({text: own * factor for text, own in self.terms.items()}, self.offset * factor)

    def __neg__(self) -> Index:
        return self * -1

    @property
    def key(self) -> tuple[object, ...]:
        """What two equal indices share."""
        return (*sorted(self.terms.items()), self.offset)

    def code(self, sizes: Sizes) -> Code:
        """The text as code."""
        pairs: list[tuple[Dim, Code | None]] = [(factor, name(text)) for text, factor in self.terms.items()]
        if self.offset != 0 or not pairs:
            pairs.append((self.offset, None))
        pairs.sort(key=lambda pair: _is_negative(pair[0]))
        total: Code | None = None
        for factor, variable in pairs:
            minus = _is_negative(factor) and (total is not None or variable is not None)
            factor = -factor if minus else factor
            term = sizes(factor) if variable is None else variable
            if variable is not None and factor != 1:
                term = infix(variable, "*", sizes(factor), TIMES)
            if total is None:
                total = prefix("-", term, PLUS) if minus else term
            else:
                total = infix(total, "-" if minus else "+", term, PLUS)
        assert total is not None
        return total


def _is_negative(size: Dim) -> bool:
    return size < 0 if isinstance(size, int) else bool(size.could_extract_minus_sign())


Place: TypeAlias = tuple[Index, ...]
"""Where an element stands: an index an axis."""

ZERO = Index({})


def flatten_place(place: Sequence[Index], shape: Shape) -> Index:
    """The place in the row-major order of all elements."""
    flat = ZERO
    for index, size in zip(place, shape):
        flat = flat * size + index
    return flat


def align(place: Sequence[Index], shape: Shape) -> Place:
    """The place in an operand of an elementwise function: its last axes, and the one element of an axis of size one."""
    own = place[len(place) - len(shape) :]
    return tuple(ZERO if size == 1 else index for index, size in zip(own, shape))
