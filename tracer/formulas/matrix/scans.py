"""Linear recurrences in matrix notation: as running sums, or as the solution of the system that they are.

``y[i] = a[i]*y[i-1] + b[i]`` is ``(I - D)*y = b``, D with the elements of a below the diagonal. Where the elements of a
are those of a vector x one place away, and the solution is multiplied by the products of the elements before, as in the
gradient of a running product, it is ``cumsum(b*cumprod(x))/x`` where no element of x is zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.formulas.errors import no_matrix_form
from tracer.terms.decomposition import factors_of
from tracer.terms.normalise import Normaliser
from tracer.terms.record import (
    MINUS,
    ONE,
    Call,
    Factor,
    Labels,
    Product,
    Sum,
    Term,
    add,
    call,
    identity,
    is_call,
    product,
    triangle,
)
from tracer.terms.shifts import is_running_beside, take_neighbours, unshift


def close_recurrences(n: Normaliser, t: Product) -> Term | None:
    """A product with a recurrence among its factors, without it; None where there is none."""
    for place, (u, labels, e) in enumerate(t.factors):
        rest = [*t.factors[:place], *t.factors[place + 1 :]]
        if isinstance(u, Sum) and e is ONE and any(_has_recurrence(v) for _, v in u.terms):
            closed = _close_summands(n, t, u, labels, rest)
            if closed is not None:
                return closed
        if not is_call(u, "recurrence"):
            continue
        assert isinstance(u, Call)
        made = _divide_running_sum(n, u, labels, rest, len(t.sizes)) if e is ONE else None
        if made is None and len(labels) > 1:
            continue
        if made is None:
            made = [*rest, (solve_recurrence(n, u), labels, e)]
        return n.product(t.scale, made, t.out, dict(enumerate(t.sizes)))
    return None


def _has_recurrence(t: Term) -> bool:
    """Whether a factor of a term is a recurrence."""
    return any(is_call(u, "recurrence") for u, _, _ in factors_of(t)[1])


def _close_summands(n: Normaliser, t: Product, u: Sum, labels: Labels, rest: Sequence[Factor]) -> Term | None:
    """A product with a sum, multiplied out where each recurrence in it is a running sum then; None where one is not."""
    rows: list[tuple[sympy.Expr, Term]] = []
    for c, v in u.terms:
        row = n.product(t.scale, [*rest, (v, labels, ONE)], t.out, dict(enumerate(t.sizes)))
        if _has_recurrence(v):
            scale, factors, out, sizes = factors_of(row)
            places = [k for k, f in enumerate(factors) if is_call(f[0], "recurrence")]
            if len(places) != 1:
                return None
            (w, own, e), beside = factors[places[0]], [f for k, f in enumerate(factors) if k != places[0]]
            assert isinstance(w, Call)
            made = _divide_running_sum(n, w, own, beside, len(sizes)) if e is ONE else None
            if made is None:
                return None
            row = n.product(scale, made, out, dict(enumerate(sizes)))
        rows.append((c, row))
    return add(rows)


def _divide_running_sum(
    n: Normaliser, u: Call, own: Labels, beside: Sequence[Factor], fresh: int
) -> list[Factor] | None:
    """The factors of a product that is a running sum of products over the last axis."""
    (a, b), backwards, (*batch, label) = u.args, bool(u.params), own
    for place, (v, labels, e) in enumerate(beside):
        if not isinstance(v, Call) or v.head != "cumprod" or v.params != (1, int(not backwards)):
            continue
        (x,) = v.args
        if not is_running_beside(n, x, labels, own, a, backwards) or e is not ONE:
            continue
        sides, along = ((fresh, label) if backwards else (label, fresh)), (*batch, fresh)
        whole = unshift(n, b, backwards) if backwards else None
        if whole is not None:
            weighed = n.product(ONE, [(whole, own, ONE), (v, labels, ONE)], own)
            later = n.product(ONE, [(triangle(x.shape[-1]), sides, ONE), (weighed, along, ONE)], own)
            rest = [*beside[:place], *beside[place + 1 :]]
            return [*rest, (n.add([(ONE, later), (MINUS, weighed)]), own, ONE), (x, labels, MINUS)]
        running: Factor = (call("cumprod", [x], (0, int(not backwards))), (*labels[:-1], fresh), ONE)
        summed: list[Factor] = [(triangle(x.shape[-1]), sides, ONE), (b, along, ONE), running, (x, labels, MINUS)]
        return [*beside[:place], *beside[place + 1 :], *summed]
    return None


def solve_recurrence(n: Normaliser, u: Call) -> Term:
    """A recurrence as the solution of a system of equations.

    Raises
    ------
    FormulaError
        If it is one of several rows.
    """
    a, b = u.args
    if len(a.shape) != 1:
        raise no_matrix_form(f"the derivative of cumprod, or of cumulative_logsumexp, of rank {len(a.shape)}")
    beside = product(ONE, [*take_neighbours(a, bool(u.params)), (a, (0,), ONE)], (0, 1))
    system = call("inverse", [add([(ONE, identity(a.shape[0])), (MINUS, beside)])])
    return n.product(ONE, [(system, (0, 1), ONE), (b, (1,), ONE)], (0,))
