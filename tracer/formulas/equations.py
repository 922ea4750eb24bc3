"""Assumed equations as rewrites: the shorter side takes the place of the longer one.

The sources of an equation are other terms while it is assumed, so that nothing that is remembered of terms outlives it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracer.formulas import terms as T
from tracer.formulas.budget import spend
from tracer.formulas.terms import ONE, Factor, Product, Source, Sum, Term


class Equations:
    """What the equations that are assumed in one reading say.

    Attributes
    ----------
    contractions : list
        Pairs: a contraction of factors, and what stands for it.
    wholes : dict
        What stands for a term that is no contraction.
    """

    def __init__(self, equations: Iterable[tuple[Term, Term]]) -> None:
        self.contractions: list[tuple[Product, Term]] = []
        self.wholes: dict[Term, Term] = {}
        found = [row for left, right in equations for row in _consequences(left, right)]
        for pattern, replacement in found:
            if isinstance(pattern, Product) and _matchable(pattern):
                self.contractions.append((pattern, replacement))
            else:
                self.wholes[pattern] = replacement

    def rewrite(self, state: Any) -> bool:
        """Replace a part of a product that is one side of an equation by the other side."""
        for pattern, replacement in self.contractions:
            found = _match(pattern, state)
            if found is not None:
                places, names = found
                state.factors = [f for n, f in enumerate(state.factors) if n not in places]
                for k in {k for _, i, _ in pattern.factors for k in i}.difference(pattern.out):
                    state.scale /= state.sizes[names[k]]
                state.pull(replacement, tuple(names[k] for k in pattern.out), ONE)
                return True
        return False

    def replaced(self, term: Term) -> Term:
        """What stands for a term."""
        if not self.wholes:
            return term
        scale, core = T.split_scale(term)
        return T.scaled(scale, self.wholes[core]) if core in self.wholes else term


def _consequences(left: Term, right: Term) -> list[tuple[Term, Term]]:
    """An equation, each of its forms with the longer side first and without a number in front."""
    short, long = sorted((left, right), key=lambda t: (T.constant_value(t) is None, t.order))
    rows = [(long, short)]
    if len(long.shape) == 2 and long.shape[0] == long.shape[1]:
        rows.append((_diagonal(long), _diagonal(short)))
    _, core = T.split_scale(long)
    if isinstance(core, Sum):
        scale = T.split_scale(long)[0]
        c, last = max(core.terms, key=lambda row: row[1].order)
        rest = T.add([(ONE, short), *((-scale * d, t) for d, t in core.terms if t is not last)])
        rows.append((T.scaled(scale * c, last), rest))
    found = [_plain(a, b) for a, b in rows]
    return [(a, b) for a, b in found if a is not b and b.weight <= a.weight]


def _diagonal(term: Term) -> Term:
    return T.product(ONE, [(term, (0, 0), ONE)], (0,))


def _plain(long: Term, short: Term) -> tuple[Term, Term]:
    """An equation without a number or a root on the longer side."""
    scale, core = T.split_scale(long)
    short = T.scaled(1 / scale, short)
    if isinstance(core, Product) and len(core.factors) == 1 and core.factors[0][1] == core.out:
        inner, _, power = core.factors[0]
        if not power.is_integer and T.nonnegative(short):
            return _plain(inner, T.power(short, 1 / power))
    return core, short


def symmetric_source(left: Term, right: Term) -> Source | None:
    """The source that an equation says is its own transpose."""
    for a, b in ((left, right), (right, left)):
        if isinstance(a, Source) and len(a.shape) == 2 and a.shape[0] == a.shape[1] and T.transposed(a) is b:
            return a
    return None


def _matchable(pattern: Product) -> bool:
    used = {k for _, i, _ in pattern.factors for k in i}
    return pattern.scale == 1 and 0 < len(pattern.factors) < 5 and set(pattern.out) <= used


def _match(pattern: Product, state: Any) -> tuple[set[int], dict[int, int]] | None:
    """The factors of a product that are those of the pattern, and its labels."""
    inner = {k for _, i, _ in pattern.factors for k in i}.difference(pattern.out)
    degree, summed = state.degree(), state.summed()
    own = {k: sum(i.count(k) for _, i, _ in pattern.factors) for k in inner}

    def fits(names: dict[int, int]) -> bool:
        hidden = [names[k] for k in inner if k in names]
        shown = {names[k] for k in pattern.out if k in names}
        return len(set(hidden)) == len(hidden) and not shown.intersection(hidden)

    def search(rest: tuple[Factor, ...], places: set[int], names: dict[int, int]) -> Any:
        if not rest:
            return places, names
        t, i, e = rest[0]
        spend(len(state.factors))
        for n, (u, j, f) in enumerate(state.factors):
            if n in places or u is not t or f != e:
                continue
            for labels in {j, j[::-1]} if t.symmetric else (j,):
                trial = dict(names)
                same = all(trial.setdefault(a, b) == b for a, b in zip(i, labels))
                closed = all(b in summed and degree[b] == own[a] for a, b in zip(i, labels) if a in inner)
                if same and closed and fits(trial):
                    found = search(rest[1:], places | {n}, trial)
                    if found is not None:
                        return found
        return None

    return search(pattern.factors, set(), {})  # type: ignore[no-any-return]
