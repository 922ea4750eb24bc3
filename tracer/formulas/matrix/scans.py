"""Linear recurrences in matrix notation: as running sums, or as the solution of the system that they are.

``y[i] = a[i]*y[i-1] + b[i]`` is ``(I - D)*y = b``, D with the elements of a below the diagonal. Where the elements of a
are those of a vector x one place away, and the solution is multiplied by the products of the elements before, as in the
gradient of a running product, it is ``cumsum(b*cumprod(x))/x`` where no element of x is zero.
"""

from __future__ import annotations

from tracer.formulas.errors import no_matrix_form
from tracer.terms.normalise import Normaliser
from tracer.terms.record import MINUS, ONE, Call, Factor, Product, Term, add, call, identity, product, triangle
from tracer.terms.selections import selection


def weigh_running_sums(n: Normaliser, t: Product) -> Term | None:
    """A product without a recurrence whose coefficients are quotients of neighbours; None where there is none.

    With ``a[i] = p[i]/p[i+1]``, of which running products are quotients of two elements, ``y[i] = a[i]*y[i+1] + b[i]``
    is the sum of ``b[k]*p[i]/p[k]`` from i on.
    """
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "recurrence" or not u.params or len(labels) != 1 or e != 1:
            continue
        rest = [*t.factors[:place], *t.factors[place + 1 :]]
        for p in (v for v, own, power in rest if own == labels and power == -1):
            if n.normal(_divide_neighbours(p)) is u.args[0]:
                (label,), fresh = labels, len(t.sizes)
                made = [(triangle(*p.shape), (fresh, label), ONE), (u.args[1], (fresh,), ONE), (p, (fresh,), MINUS)]
                return n.product(t.scale, [*rest, *made, (p, labels, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _divide_neighbours(p: Term) -> Term:
    """The elements of a vector, each divided by the next, and a zero."""
    (size,) = p.shape
    first, second = (selection(k, size - 1, 1, size) for k in (0, 1))
    above = product(ONE, [(first, (0, 1), ONE), (p, (1,), ONE)], (0,))
    below = product(ONE, [(second, (0, 1), ONE), (p, (1,), ONE)], (0,))
    return product(ONE, [(first, (1, 0), ONE), (above, (1,), ONE), (below, (1,), MINUS)], (0,))


def close_recurrences(n: Normaliser, t: Product) -> Term | None:
    """A product with a recurrence among its factors, without it; None where there is none."""
    weighed = weigh_running_sums(n, t)
    if weighed is not None:
        return weighed
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "recurrence" or len(labels) != 1:
            continue
        rest = [*t.factors[:place], *t.factors[place + 1 :]]
        made = _divide_running_sum(n, u, labels[0], rest, len(t.sizes)) if e == 1 else None
        if made is None:
            made = [*rest, (solve_recurrence(n, u), labels, e)]
        return n.product(t.scale, made, t.out, dict(enumerate(t.sizes)))
    return None


def _divide_running_sum(n: Normaliser, u: Call, label: int, beside: list[Factor], fresh: int) -> list[Factor] | None:
    """The factors of a product that is a running sum of products over a vector."""
    (a, b), backwards = u.args, bool(u.params)
    for place, (v, labels, e) in enumerate(beside):
        if not isinstance(v, Call) or v.head != "cumprod" or v.params != (1, int(not backwards)):
            continue
        (x,) = v.args
        if labels != (label,) or e != 1 or n.normal(_shift(x, backwards)) is not a:
            continue
        sides = (fresh, label) if backwards else (label, fresh)
        running: Factor = (call("cumprod", [x], (0, int(not backwards))), (fresh,), ONE)
        summed: list[Factor] = [(triangle(*x.shape), sides, ONE), (b, (fresh,), ONE), running, (x, (label,), MINUS)]
        return [*beside[:place], *beside[place + 1 :], *summed]
    return None


def _shift(x: Term, earlier: bool) -> Term:
    """The elements of a vector one place earlier, or else later, and a zero."""
    return product(ONE, [*_neighbours(x, earlier), (x, (1,), ONE)], (0,))


def _neighbours(x: Term, earlier: bool) -> list[Factor]:
    """The matrix, with labels 0 and 1, that takes the elements of a vector one place earlier, or else later."""
    (size,) = x.shape
    first, second = (
        (selection(k, size - 1, 1, size), (2, axis), ONE) for axis, k in enumerate((int(not earlier), int(earlier)))
    )
    return [first, second]


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
    beside = product(ONE, [*_neighbours(a, bool(u.params)), (a, (0,), ONE)], (0, 1))
    system = call("inverse", [add([(ONE, identity(a.shape[0])), (MINUS, beside)])])
    return n.product(ONE, [(system, (0, 1), ONE), (b, (1,), ONE)], (0,))
