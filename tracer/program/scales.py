"""Scales: linear combinations of lines, the logarithms of what would overflow; and their maxima.

A value ``mantissa * exp(scale)`` of shape ``(n, m)`` may have a scale such as ``x - greatest[:, None]``: the line ``x``
with the coefficient 1, lying on both axes, and the line ``greatest`` with the coefficient -1, lying on the first. Where
a line lies is counted from the last axis, as broadcasting does: ``(-2, -1)`` and ``(-2,)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import sympy

from tracer.program.building import Lines
from tracer.program.lines import Axis, Kind, Line, Operand, Reduction
from tracer.python_code import Number
from tracer.rules import argument

Places = tuple[int, ...]
Atom = tuple[Line, Places]
"""A line, and for each of its axes the axis, counted from the last, on which it lies in the value that it scales."""


class Scale:
    """A linear combination of atoms.

    Attributes
    ----------
    terms : dict
        The coefficients of the atoms, none of them zero.

    Examples
    --------
    What is subtracted from itself is gone:

    >>> x, y = (atom(Line(Kind.ARGUMENT, (), None, (3,), "float64")) for _ in range(2))
    >>> (2 * x + y - x - x).terms == y.terms, bool(x - x)
    (True, False)
    """

    __slots__ = ("terms",)

    def __init__(self, terms: Iterable[tuple[Atom, Number]] = ()) -> None:
        self.terms: dict[Atom, Number] = {a: c for a, c in terms if c != 0}

    def __add__(self, other: Scale) -> Scale:
        terms = dict(self.terms)
        for a, c in other.terms.items():
            terms[a] = terms.get(a, 0) + c
        return Scale(terms.items())

    def __rmul__(self, factor: Number) -> Scale:
        return Scale((a, c * factor) for a, c in self.terms.items())

    def __sub__(self, other: Scale) -> Scale:
        return self + -1 * other

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scale) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))


ZERO = Scale()


def atom(line: Line, places: Places | None = None) -> Scale:
    """A line as a scale; where nothing is said, it lies on the last axes."""
    return Scale([((line, tuple(range(-line.ndim, 0)) if places is None else places), 1)])


def coefficient(value: sympy.Expr) -> Number:
    """A number of sympy's as a coefficient, exact if it is rational."""
    return int(value) if value.is_Integer else value if value.is_Rational else float(value)


class Scales:
    """The scales of one program, written as its lines.

    It remembers of which scales a line is the maximum, for two reasons. A maximum is taken once, even of a multiple of
    what it was taken of. And a scale that is known never to exceed another needs no maximum with it: that of a softmax,
    ``x - max(x)``, is at most zero.

    Attributes
    ----------
    lines : Lines
    maxima : dict
        By line: the scales that it is the maximum of, each with where the line lies in them.
    taken : dict
        By a scale, divided by one of its coefficients, and the axes that remain: the line of its maximum along the
        others, and that coefficient.
    """

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.maxima: dict[Line, list[tuple[Places, Scale]]] = {}
        self.taken: dict[tuple[frozenset[tuple[Atom, Number]], Places], tuple[Line, Number]] = {}

    def write(self, scale: Scale, dtype: str) -> Operand:
        """A scale as a line."""
        return self._write(scale, dtype, False)

    def write_power(self, scale: Scale, dtype: str) -> Operand:
        """The exponential of a scale as a line."""
        return self._write(scale, dtype, True)

    def _write(self, scale: Scale, dtype: str, exponential: bool) -> Operand:
        if not scale:
            return 1 if exponential else 0
        # What is subtracted comes last, so that no sign stands at the beginning.
        terms = sorted(scale.terms.items(), key=lambda item: (bool(item[1] < 0), item[0][0].position))
        operands = [self._lay(line, places) for (line, places), _ in terms]
        return self.lines.elementwise(combination(tuple(c for _, c in terms), exponential), operands, dtype)

    def _lay(self, line: Line, places: Places) -> Line:
        """A line with its axes put where they lie in the value that it scales."""
        order = tuple(sorted(range(len(places)), key=places.__getitem__))
        if order != tuple(range(len(places))):
            shape = tuple(line.shape[k] for k in order)
            line = self.lines.add(Kind.TRANSPOSE, [line], order, shape, line.dtype)
        if not places or min(places) == -len(places):
            return line
        axes = tuple(Axis.KEPT if p in places else Axis.NEW for p in range(min(places), 0))
        dims = iter(line.shape)
        shape = tuple(next(dims) if a is Axis.KEPT else 1 for a in axes)
        return self.lines.add(Kind.SELECT, [line], axes, shape, line.dtype)

    def greatest(self, scales: Sequence[Scale], dtype: str) -> Scale:
        """A scale that bounds all of the given ones, element by element, and is reached."""
        kept: list[Scale] = []
        for scale in scales:
            if any(self.is_bounded(scale, other) for other in kept):
                continue
            kept = [other for other in kept if not self.is_bounded(other, scale)]
            kept.append(scale)
        if len(kept) == 1:
            return kept[0]
        line = self.write(kept[0], dtype)
        for scale in kept[1:]:
            pair = [line, self.write(scale, dtype)]
            line = self.lines.elementwise(GREATER, self.lines.numbers(pair, dtype), dtype)
        self.maxima[line] = [(tuple(range(-line.ndim, 0)), scale) for scale in kept]
        return atom(line)

    def is_bounded(self, scale: Scale, other: Scale) -> bool:
        """Whether one scale is known never to exceed another.

        Where ``scale - other`` is ``c*(y - m)``, with ``c`` positive and ``m`` a line that is the maximum of ``y``
        among others, it is not positive.
        """
        rest = scale - other
        if not rest:
            return True
        for (line, places), c in rest.terms.items():
            if c < 0 and line in self.maxima:
                exceeding = (1 / -c) * rest + atom(line, places)
                if any(where == places and member == exceeding for where, member in self.maxima[line]):
                    return True
        return False

    def maximum(self, scale: Scale, axes: Sequence[int], dtype: str) -> Scale:
        """The maximum of a scale along axes."""
        covered = {p for _, places in scale.terms for p in places}
        rank = -min(covered)
        summed = [p for p in range(-rank, 0) if p in axes or p not in covered]
        remaining = tuple(p for p in range(-rank, 0) if p not in summed)
        size = abs(scale.terms[min(scale.terms, key=lambda a: (a[0].position, a[1]))])
        key = frozenset((a, c / size) for a, c in scale.terms.items()), remaining
        if key in self.taken:
            line, known = self.taken[key]
            ratio = size // known if size % known == 0 else size / known
            return Scale([((line, remaining), ratio)])
        inner = self.write(scale, dtype)
        shape = tuple(inner.shape[p] for p in remaining)
        line = self.lines.add(Kind.MAX, [inner], Reduction(tuple(summed) if remaining else None, False), shape, dtype)
        line.name = "max"
        self.taken[key] = line, size
        self.maxima[line] = [(remaining, scale)]
        return atom(line, remaining)


GREATER = sympy.Max(argument(0), argument(1))


@lru_cache(maxsize=1024)
def combination(coefficients: tuple[Number, ...], exponential: bool) -> sympy.Expr:
    """The template of a linear combination of operands, or that of its exponential.

    Examples
    --------
    >>> combination((1, -2), True)
    exp(_0 - 2*_1)
    """
    total = sympy.Add(*(c * argument(k) for k, c in enumerate(coefficients)))
    return sympy.exp(total) if exponential else total
