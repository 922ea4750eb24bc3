"""Assumed equations as rules: the shorter side takes the place of the longer one.

The sources of an equation are other terms while it is assumed, so that nothing that is remembered of terms outlives it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracer.terms.decomposition import split_scale, summands_of
from tracer.terms.facts import is_nonnegative
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.patterns import Contraction, Exactly, Pattern, Plus, Times
from tracer.terms.record import Product, Source, Sum, Term, constant_value
from tracer.terms.rule import Rule

WHY = "assumed"
FACTORS = 4
"""How many factors or summands the longer side of an equation may have, to be looked for among others."""


class Equations:
    """What equations say, as rules.

    Attributes
    ----------
    rules : tuple of Rule
        For products and sums, wherever they stand among other factors and summands.
    wholes : dict
        What stands for any other term.
    """

    def __init__(self, n: Normaliser, equations: Iterable[tuple[Term, Term]]) -> None:
        self.wholes: dict[Term, Term] = {}
        rules: list[Rule] = []
        for long, short in (row for left, right in equations for row in _draw_consequences(n, left, right)):
            pattern = _write_pattern(long)
            if pattern is None:
                self.wholes[long] = short
            else:
                rules.append(Rule(pattern, Exactly(short), WHY))
        self.rules = tuple(rules)

    def replace(self, n: Normaliser, term: Term) -> Term:
        """What stands for a term."""
        scale, core = split_scale(term)
        return n.scaled(scale, self.wholes[core]) if core in self.wholes else term


def _draw_consequences(n: Normaliser, left: Term, right: Term) -> list[tuple[Term, Term]]:
    """An equation, each of its forms with the longer side first and without a number in front."""
    # Of two that are as long, a multiple of a term takes the place of a term, and of a product of matrices.
    ordered = sorted(
        (left, right),
        key=lambda t: (constant_value(t) is None, t.weight, _sums_up(t), split_scale(t)[0] == 1, t.order),
    )
    short, long = ordered
    rows = [(long, short)]
    if len(long.shape) == 2 and long.shape[0] == long.shape[1]:
        rows.append((_take_diagonal(n, long), _take_diagonal(n, short)))
    if isinstance(split_scale(long)[1], Sum):
        summands = summands_of(long)
        c, last = max(summands, key=lambda row: row[1].order)
        rest = n.add([(ONE, short), *((-d, t) for d, t in summands if t is not last)])
        rows.append((n.scaled(c, last), rest))
    rows += _part_constant(n, left, right)
    found = [_clear(n, a, b) for a, b in rows]
    return [(a, b) for a, b in found if a is not b and b.weight <= a.weight]


def _sums_up(term: Term) -> bool:
    """Whether a term is a contraction that adds up, as a product of matrices is."""
    return isinstance(term, Product) and any(k not in term.out for _, labels, _ in term.factors for k in labels)


def _part_constant(n: Normaliser, left: Term, right: Term) -> list[tuple[Term, Term]]:
    """An equation of sums with its number on one side: ``x = 1 - y`` is ``x + y = 1``."""
    rows = summands_of(n.add([(ONE, left), (MINUS, right)]))
    numbers = [(-c, t) for c, t in rows if constant_value(t) is not None]
    others = [(c, t) for c, t in rows if constant_value(t) is None]
    return [(n.add(others), n.add(numbers))] if numbers and len(others) > 1 else []


def _write_pattern(term: Term) -> Pattern | None:
    """The pattern that finds a term among other factors or summands; None for what is looked for as a whole."""
    if isinstance(term, Sum):
        return Plus(tuple((c, Exactly(t)) for c, t in term.terms)) if len(term.terms) <= FACTORS else None
    if not isinstance(term, Product) or not _is_contraction(term):
        return None
    if all(i == term.out for _, i, _ in term.factors):
        return Times(tuple((Exactly(t), e) for t, _, e in term.factors))
    return Contraction([(Exactly(t), i, e) for t, i, e in term.factors], term.out)


def _take_diagonal(n: Normaliser, term: Term) -> Term:
    return n.product(ONE, [(term, (0, 0), ONE)], (0,))


def _clear(n: Normaliser, long: Term, short: Term) -> tuple[Term, Term]:
    """An equation without a number or a root on the longer side: ``2*sqrt(x) = 6 -> x = 9``."""
    scale, core = split_scale(long)
    short = n.scaled(1 / scale, short)
    if isinstance(core, Product) and len(core.factors) == 1 and core.factors[0][1] == core.out:
        ((inner, _, exponent),) = core.factors
        if not exponent.is_integer and is_nonnegative(short):
            return _clear(n, inner, n.power(short, 1 / exponent))
    return core, short


def symmetric_source(n: Normaliser, left: Term, right: Term) -> Source | None:
    """The source that an equation says is its own transpose."""
    for a, b in ((left, right), (right, left)):
        if isinstance(a, Source) and len(a.shape) == 2 and a.shape[0] == a.shape[1] and n.transposed(a) is b:
            return a
    return None


def _is_contraction(term: Product) -> bool:
    """Whether a term is looked for among other factors."""
    used = {k for _, i, _ in term.factors for k in i}
    return term.scale is ONE and 0 < len(term.factors) <= FACTORS and set(term.out) <= used
