"""Rules of selections: matrices of ones and zeros that take positions of an axis."""

from __future__ import annotations

from typing import Any

import sympy

from tracer.terms.decomposition import factors_of
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Product, Sum, Term, identity, is_call, number, product
from tracer.terms.rule import Procedure
from tracer.terms.sum_terms import add_multiplied_out


def _compose_selections(n: Normaliser, t: Product) -> Term | None:
    """``P @ P.T -> I``, and 0 where the positions differ, P a selection."""
    labels = [k for _, i, _ in t.factors for k in i]
    for place, (u, i, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "selection" or e != 1:
            continue
        for other, (v, j, f) in enumerate(t.factors[:place]):
            if not isinstance(v, Call) or v.head != "selection" or f != 1 or i[1] != j[1]:
                continue
            if i[1] in t.out or labels.count(i[1]) != 2:
                continue
            if u is v:
                rest = [x for k, x in enumerate(t.factors) if k not in (place, other)]
                one = (identity(u.shape[0]), (i[0], j[0]), ONE)
                return product(t.scale, [*rest, one], t.out, dict(enumerate(t.sizes)))
            if _are_disjoint(u.params, v.params) or _are_disjoint(v.params, u.params):
                return number(0, t.shape)
    return None


def _are_disjoint(first: Any, second: Any) -> bool:
    gap = sympy.sympify(second[0] - first[0] - first[1])
    return bool(first[2] == second[2] == 1 and gap.is_nonnegative)


def _select_from_sum(n: Normaliser, t: Product) -> Term | None:
    """``P @ (P.T @ x + R) -> x + P @ R``: a part of a concatenation is what was put there."""
    labels = [k for _, i, _ in t.factors for k in i]
    for place, (u, i, e) in enumerate(t.factors):
        if not is_call(u, "selection") or e != 1 or i[1] in t.out or labels.count(i[1]) != 2:
            continue
        for other, (v, j, f) in enumerate(t.factors):
            if f != 1 or i[1] not in j or not isinstance(v, Sum) or len(v.terms) > 8:
                continue
            out = tuple(i[0] if k == i[1] else k for k in j)
            if len(set(out)) < len(out):
                continue
            parts = [(c, n.product(ONE, [(w, j, ONE), (u, i, ONE)], out)) for c, w in v.terms]
            if any(x is u for _, part in parts for x, _, _ in factors_of(part)[1]):
                continue
            total = add_multiplied_out(n, parts)
            if total.weight < v.weight:
                rest = [x for k, x in enumerate(t.factors) if k not in (place, other)]
                return product(t.scale, [*rest, (total, out, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


NEEDS = frozenset(["selection"])

SELECTIONS: tuple[Rewrite, ...] = (
    Procedure((Product,), "P @ P.T -> I", "what was selected is put back where it was", _compose_selections, NEEDS),
    Procedure(
        (Product,), "P @ (P.T @ x + R) -> x + P @ R", "a part of a whole is what was put there", _select_from_sum, NEEDS
    ),
)
