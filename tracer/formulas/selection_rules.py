"""Rewrites of products with selections."""

from __future__ import annotations

from typing import Any

import sympy

from tracer.formulas import terms as T
from tracer.formulas.rewrites import _is_call, _of_factors
from tracer.formulas.terms import ONE, Sum, add


@_of_factors("P*P.T, P a selection", "I, or 0 where the positions differ", "what was selected is put back where it was")
def _selections(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        if not _is_call(t, "selection") or e != 1:
            continue
        for m, (u, j, f) in enumerate(state.factors[:n]):
            if not _is_call(u, "selection") or f != 1 or i[1] != j[1] or i[1] not in summed or degree[i[1]] != 2:
                continue
            if t is u:
                state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
                state.unite(i[0], j[0])
                state.absorb(i[1], i[0])
                return True
            if _disjoint(t.params, u.params) or _disjoint(u.params, t.params):
                state.scale = T.ZERO
                return True
    return False


@_of_factors("P*(P.T*x + R)", "x + P*R", "a part of a concatenation is what was put there")
def _part_of_whole(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        if not _is_call(t, "selection") or e != 1 or i[1] not in summed or degree[i[1]] != 2:
            continue
        for m, (u, j, f) in enumerate(state.factors):
            if m == n or f != 1 or i[1] not in j or not isinstance(u, Sum) or len(u.terms) > 8:
                continue
            out = tuple(i[0] if k == i[1] else k for k in j)
            if len(set(out)) < len(out):
                continue
            parts = [(c, T.product(ONE, [(v, j, ONE), (t, i, ONE)], out)) for c, v in u.terms]
            if any(x is t for _, part in parts for x, _, _ in T.factors_of(part)[1]):
                continue
            total = add(parts, expand=False)
            if total.weight < u.weight:
                state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
                state.absorb(i[1], i[0])
                state.pull(total, out, ONE)
                return True
    return False


def _disjoint(first: Any, second: Any) -> bool:
    gap = sympy.sympify(second[0] - first[0] - first[1])
    return bool(first[2] == second[2] == 1 and gap.is_nonnegative)
