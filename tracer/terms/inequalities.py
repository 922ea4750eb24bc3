"""Assumed inequalities as rules: what they decide is gone.

Conditions that follow are true, and functions that are a choice by a condition, such as an absolute value, are what is
chosen. What is known is kept as the signs of differences, of which the one that is asked for is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import sympy

from tracer.declarations import is_declared
from tracer.scalar import relu, step
from tracer.terms.choices import EVERY_SIGN, SIGNS, Comparison, turn_signs
from tracer.terms.decomposition import split_scale, summands_of
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import MINUS, ONE, ZERO
from tracer.terms.record import Call, Source, Term, call, constant_value, is_call, number, operands, scaled, subterms
from tracer.terms.rule import Procedure

WHY = "assumed"

MANY = 48
"""So many inequalities are looked at together for what follows from two of them."""

WORDS = {
    frozenset([1]): "positive",
    frozenset([-1]): "negative",
    frozenset([0, 1]): "nonnegative",
    frozenset([-1, 0]): "nonpositive",
    frozenset([-1, 1]): "nonzero",
}
"""The word that declares a sign."""

AT_LEAST, AT_MOST = frozenset([0, 1]), frozenset([-1, 0])


class Inequalities:
    """What inequalities say of differences.

    Parameters
    ----------
    n : Normaliser
    stated : iterable of (head, Term, Term)
        Relations, by their classes, and both sides in normal form.

    Attributes
    ----------
    rules : tuple of Rewrite
        For conditions, and for functions that are choices by a condition.
    contradict : bool
        Whether two of them are seen not to hold together.
    """

    def __init__(self, n: Normaliser, stated: Iterable[tuple[Any, Term, Term]]) -> None:
        self._of: dict[Term, list[Comparison]] = {}
        self.contradict = False
        rows = [found for head, *sides in stated for found in _list_forms(n, head, *sides)]
        rows += [Comparison((s,), ZERO, signs) for s, signs in _list_declared(rows)]
        for comparison in _draw_consequences(n, rows):
            known = self._of.setdefault(comparison.subject[0], [])
            possible = (other.signs_of(comparison) for other in known)
            self.contradict |= any(signs is not None and not signs & comparison.signs for signs in possible)
            known.append(comparison)
        self.rules: tuple[Rewrite, ...] = self._make_rules() if self._of else ()

    def _make_rules(self) -> tuple[Rewrite, ...]:
        return (
            Procedure(tuple(SIGNS), "x > 0 -> true", WHY, self._decide),
            Procedure(tuple(CHOICES), "Abs(x) -> x", WHY, self._choose),
            Procedure((sympy.Max, sympy.Min), "Max(x, 0) -> x", WHY, self._drop_lesser),
        )

    def word(self, n: Normaliser, source: Source) -> str | None:
        """What is known of the sign of a source, as it is declared."""
        if not self._of:
            return None
        return WORDS.get(self._find_signs(n, source, number(0, source.shape)))

    def _find_signs(self, n: Normaliser, left: Term, right: Term) -> frozenset[int]:
        """The signs that a difference may have."""
        asked = _read(n, sympy.Gt, left, right)
        known = self._of.get(asked.subject[0]) if asked is not None else None
        if asked is None or known is None:
            return EVERY_SIGN
        found = EVERY_SIGN
        for comparison in known:
            signs = comparison.signs_of(asked)
            found = found if signs is None else found & signs
        return found if 1 in asked.signs else turn_signs(found)

    def _decide(self, n: Normaliser, t: Call) -> Term | None:
        """``x > 0 -> true``, and what follows from it."""
        signs = self._find_signs(n, *t.args)
        if signs <= SIGNS[t.head]:
            return number(sympy.true, t.shape)
        return None if signs & SIGNS[t.head] else number(sympy.false, t.shape)

    def _choose(self, n: Normaliser, t: Call) -> Term | None:
        """``Abs(x) -> x``, ``relu(x) -> x``, ``sign(x) -> 1``, ``step(x) -> 1`` where x is above zero."""
        (x,) = t.args
        signs = self._find_signs(n, x, number(0, x.shape))
        for possible, make in CHOICES[t.head].items():
            if signs <= possible:
                return make(x)
        return None

    def _drop_lesser(self, n: Normaliser, t: Call) -> Term | None:
        """``max(x, 0) -> x`` where x is not below zero."""
        least = AT_LEAST if t.head is sympy.Max else AT_MOST
        for a, b in combinations(t.args, 2):
            signs = self._find_signs(n, a, b)
            gone = b if signs <= least else a if turn_signs(signs) <= least else None
            if gone is not None:
                rest = [u for u in t.args if u is not gone]
                return call(t.head, rest) if len(rest) > 1 else rest[0]
        return None


CHOICES: Mapping[Any, Mapping[frozenset[int], Callable[[Term], Term]]] = {
    sympy.Abs: {AT_LEAST: lambda x: x, AT_MOST: lambda x: scaled(-1, x)},
    relu: {AT_LEAST: lambda x: x, AT_MOST: lambda x: number(0, x.shape)},
    sympy.sign: {
        frozenset([1]): lambda x: number(1, x.shape),
        frozenset([-1]): lambda x: number(-1, x.shape),
        frozenset([0]): lambda x: number(0, x.shape),
    },
    step: {frozenset([1]): lambda x: number(1, x.shape), AT_MOST: lambda x: number(0, x.shape)},
}
"""Functions that are a choice by the sign of their argument: what they are where the sign is one of these."""


def _read(n: Normaliser, head: Any, left: Term, right: Term) -> Comparison | None:
    """A relation as the signs of one term less a number: ``2*a > 2*b + 4`` says that ``(a - b) - 2`` is positive."""
    rows = summands_of(n.add([(ONE, left), (MINUS, right)]))
    value = sympy.Add(*(-c * v for c, t in rows if (v := constant_value(t)) is not None))
    others = [(c, t) for c, t in rows if constant_value(t) is None]
    if not others or not value.is_real:
        return None
    scale, term = split_scale(n.add(others))
    if not (scale.is_positive or scale.is_negative):
        return None
    return Comparison((term,), value / scale, SIGNS[head] if scale.is_positive else turn_signs(SIGNS[head]))


def _list_forms(n: Normaliser, head: Any, left: Term, right: Term) -> Iterator[Comparison]:
    """What a relation says of a term: also of its transpose, and of what stands between the bounds of a size."""
    sides = [(left, right)]
    if len(left.shape) == 2:
        sides.append((n.transposed(left), n.transposed(right)))
    for row in sides:
        found = _read(n, head, *row)
        if found is None:
            continue
        yield found
        (term,) = found.subject
        if is_call(term, sympy.Abs) and found.signs <= AT_MOST:
            inner = _read(n, sympy.Gt, operands(term)[0], number(0, term.shape))
            if inner is not None:
                yield Comparison(inner.subject, found.number, found.signs)
                yield Comparison(inner.subject, -found.number, turn_signs(found.signs))


def _list_declared(rows: Sequence[Comparison]) -> Iterator[tuple[Source, frozenset[int]]]:
    """The signs that are declared of sources of comparisons."""
    sources = {t for row in rows for t in subterms(row.subject[0]) if isinstance(t, Source)}
    for s in sorted(sources, key=lambda s: s.order):
        for signs, word in WORDS.items():
            if is_declared(word, s.assumptions):
                yield s, signs
                break


def _draw_consequences(n: Normaliser, rows: Sequence[Comparison]) -> list[Comparison]:
    """Comparisons, and the sums of two of them that are no longer than these: of ``a > b`` and ``b > c``, ``a > c``."""
    found = list(dict.fromkeys(rows))
    for row in found:
        if len(found) >= MANY:
            break
        for other in found[: found.index(row)]:
            total = _add_bounds(n, row, other)
            if total is not None and total not in found:
                found.append(total)
    return found


def _add_bounds(n: Normaliser, first: Comparison, second: Comparison) -> Comparison | None:
    """What the sum of two terms that are bounded is above; None where it is longer than these."""
    bounds = []
    for row in (first, second):
        sign = 1 if row.signs <= AT_LEAST else -1 if row.signs <= AT_MOST else 0
        bounds.append((sign, *row.subject, sign * row.number, 0 not in row.signs))
    if not all(sign for sign, *_ in bounds) or first.subject[0].shape != second.subject[0].shape:
        return None
    total = n.add([(sign, term) for sign, term, _, _ in bounds])
    if constant_value(total) is not None or total.weight > max(term.weight for _, term, _, _ in bounds):
        return None
    strict = any(row[3] for row in bounds)
    least = number(sympy.Add(*(row[2] for row in bounds)), total.shape)
    return _read(n, sympy.Gt if strict else sympy.Ge, total, least)
