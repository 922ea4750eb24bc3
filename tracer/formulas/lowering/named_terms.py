"""The terms of operations that are written by products, or that a function of a term by its name stands for."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import sympy

from tracer.formulas.errors import FormulaError, no_matrix_form
from tracer.formulas.lowering.axis_groups import lower_reshape
from tracer.shapes import show
from tracer.tensor import Tensor
from tracer.terms import record as T
from tracer.terms.decomposition import factors_of
from tracer.terms.facts import is_constant_along
from tracer.terms.record import MINUS, ONE, Labels, Term
from tracer.terms.softmax import softmax


def _lower_argsort(t: Tensor, x: Term) -> Term:
    if t.ndim != 1:
        raise no_matrix_form(f"the operation {t.op!r}")
    return T.call("argsort", [x], None, t.shape)


def _lower_inverse(t: Tensor, x: Term) -> Term:
    return T.call("inverse", [x])


def _lower_det(t: Tensor, x: Term) -> Term:
    return T.call("det", [x], None, t.shape)


def _lower_logdet(t: Tensor, x: Term) -> Term:
    return T.call("logdet", [x], None, t.shape)


def _lower_slogdet_sign(t: Tensor, x: Term) -> Term:
    return T.call(sympy.sign, [_lower_det(t, x)])


def _lower_slogdet_log(t: Tensor, x: Term) -> Term:
    return T.call(sympy.log, [T.call(sympy.Abs, [_lower_det(t, x)])])


def _lower_solve(t: Tensor, a: Term, b: Term) -> Term:
    """The inverse times the right-hand side: ``solve(A, b) = inverse(A)*b``, for each member of a batch."""
    tail = 1 if t.params.vector else 2
    rank = t.ndim - tail
    row, inner, *columns = range(rank, rank + 1 + tail)
    fresh = itertools.count(rank + 3)

    def labels(term: Term, *last: int) -> Labels:
        head = term.shape[: len(term.shape) - len(last)]
        return (*(k if d == t.shape[k] else next(fresh) for k, d in enumerate(head, rank - len(head))), *last)

    inverse = T.call("inverse", [a])
    sides = (inner, row) if t.params.adjoint else (row, inner)
    factors = [(inverse, labels(inverse, *sides), ONE), (b, labels(b, inner, *columns), ONE)]
    return T.product(ONE, factors, (*range(rank), row, *columns), dict(enumerate(t.shape[:rank])))


def _lower_softmax(t: Tensor, x: Term) -> Term:
    return softmax(x, [t.params % t.ndim])


def _lower_cumsum(t: Tensor, x: Term) -> Term:
    """A product with a triangle of ones: ``cumsum(x) = L*x``."""
    axis, exclusive, reverse = t.params
    size = x.shape[axis]
    if size == 1:
        return T.number(0, x.shape) if exclusive else x
    out = tuple(range(len(x.shape)))
    inner = len(out)
    labels = (*out[:axis], inner, *out[axis + 1 :])
    sides = (inner, axis) if reverse else (axis, inner)
    total = T.product(ONE, [(T.triangle(size), sides, ONE), (x, labels, ONE)], out)
    return T.add([(ONE, total), (MINUS, x)]) if exclusive else total


def _lower_cumulative_logsumexp(t: Tensor, x: Term) -> Term:
    """The logarithm of the running sum of exponentials."""
    return T.call(sympy.log, [_lower_cumsum(t, T.call(sympy.exp, [x]))])


def _lower_reduction(t: Tensor, x: Term) -> Term:
    """The greatest, the least, or the product over axes, by its name, as a function of the last axes."""
    axes, keepdims = t.params
    if not axes:
        return x
    rest = [k for k in range(len(x.shape)) if k not in axes]
    made = T.call(t.op, [T.permuted(x, [*rest, *axes])], len(axes), tuple(x.shape[k] for k in rest))
    return T.broadcast(made, rest, t.shape) if keepdims else made


def _along_last(t: Tensor, head: str, parts: list[Term], params: object) -> Term:
    """A function along an axis, which is the last one of its arguments."""
    order = [k for k in range(t.ndim) if k != t.params.axis] + [t.params.axis]
    turned = [T.permuted(u, order) for u in parts]
    return T.permuted(T.call(head, turned, params, turned[0].shape), [order.index(k) for k in range(t.ndim)])


def _lower_cumprod(t: Tensor, x: Term) -> Term:
    return _along_last(t, "cumprod", [x], (int(t.params.exclusive), int(t.params.reverse)))


def _lower_recurrence(t: Tensor, a: Term, b: Term) -> Term:
    return _along_last(t, "recurrence", [a, b], t.params.reverse)


def _lower_set_diag(t: Tensor, x: Term, diagonal: Term) -> Term:
    """The matrix without its diagonal, and the new one: ``X - diag(diag_part(X)) + diag(d)``."""
    *batch, i, _ = range(t.ndim)
    if t.shape[-1] != t.shape[-2]:
        raise FormulaError(
            f"set_diag of matrices of shape {show(t.shape)}, which are not square, has no closed form; "
            'the forms "steps" and, for concrete shapes, "components" are available: formula(tensor, form="steps")'
        )
    old = T.product(ONE, [(x, (*batch, i, i), ONE)], (*batch, i, i))
    new = T.product(ONE, [(diagonal, (*batch, i), ONE)], (*batch, i, i))
    return T.add([(ONE, x), (MINUS, old), (ONE, new)])


def _lower_cofactors(t: Tensor, x: Term, *directions: Term) -> Term:
    """The derivative of the transposed adjugate in directions, by ``A*adj(A) = det(A)*I``.

    Differentiated, that is ``D^k adj(A)[E] = inv(A)*(D^k det(A)[E]*I - E1*D^(k-1) adj(A)[E2, ...] - ...)``, and
    ``D^k det(A)[E]`` is ``tr(Ek*D^(k-1) adj(A)[E1, ...])``, as Jacobi has it. With the inverse in place of the adjugate
    both are divided by the determinant.
    """
    *batch, row, column, inner, other = range(t.ndim + 2)
    matrix, turned = (row, column), (column, row)
    x = _drop_repetition(x)
    inverse = T.call("inverse", [x])

    def multiply(out: Labels, *factors: tuple[Term, Labels]) -> Term:
        leading = [batch[len(batch) - len(u.shape) + len(own) :] for u, own in factors]
        spread = [(u, (*head, *own), ONE) for head, (u, own) in zip(leading, factors)]
        return T.product(ONE, spread, (*max(leading, key=len), *out))

    @cache
    def differentiate(chosen: tuple[int, ...], adjugate: Term) -> Term:
        if not chosen:
            return multiply(turned, (adjugate, matrix))
        # Of several directions, what is left of the adjugate stands last in each product, so that these cancel.
        traced, last = (adjugate, inverse) if len(directions) == 1 else (inverse, adjugate)
        slope = differentiate(chosen[:-1], traced)
        determinant = multiply((), (directions[chosen[-1]], matrix), (slope, matrix))
        summands = [(ONE, multiply(turned, (determinant, ()), (last, matrix)))]
        for k in chosen:
            rest = differentiate(tuple(j for j in chosen if j != k), adjugate)
            factors = (inverse, (row, inner)), (directions[k], (inner, other)), (rest, (column, other))
            summands.append((MINUS, multiply(turned, *factors)))
        return T.add(summands)

    everything = tuple(range(len(directions)))
    if t.params == "adjugate":
        adjugate = T.call("adjugate", [x], None, x.shape)
        found = differentiate(everything, adjugate)
    else:
        whole = T.call("det", [x], None, x.shape[:-2])
        found = multiply(matrix, (whole, ()), (differentiate(everything, inverse), matrix))
    return found if len(found.shape) == t.ndim else T.broadcast(found, range(t.ndim)[-len(found.shape) :], t.shape)


def _drop_repetition(x: Term) -> Term:
    """The matrices without leading axes along which they are only repeated."""
    while len(x.shape) > 2 and is_constant_along(x, 0):
        scale, factors, out, sizes = factors_of(x)
        x = T.product(scale, factors, out[1:], dict(zip(out, sizes)))
    return x


_DERIVATIVES: dict[str, Callable[[Term, Any], tuple[sympy.Expr, Term]]] = {
    "expm_frechet": lambda x, params: (ONE, T.call("expm", [x])),
    "logm_frechet": lambda x, params: (ONE, T.call("inverse", [x])),
    "matrix_power_frechet": lambda x, params: (params, T.call("matrix_power", [x], params - 1)),
    "sqrtm_frechet": lambda x, params: (ONE / 2, T.call("inverse", [T.call("sqrtm", [x], None, x.shape)])),
}
"""The derivative ``f'(A)`` of a function of matrices as of numbers, in two factors: a number and a matrix."""


def _lower_frechet(t: Tensor, x: Term, direction: Term) -> Term:
    """The derivative of a function of matrices in a direction.

    Where A and E commute, ``f(A + h*E) = f(A) + h*f'(A)*E + O(h**2)`` as for numbers (Higham, Functions of Matrices,
    2008, chapter 3). It is written so where E is a multiple ``c*I`` of the identity, which commutes with all.
    """
    scale, factors, out, sizes = factors_of(direction)
    if len(out) == 2 and out[0] == out[1] and not any(out[0] in labels for _, labels, _ in factors):
        multiple = T.product(scale, factors, (), dict(enumerate(sizes)))
        number, derivative = _DERIVATIVES[t.op](x, t.params)
        return T.product(number, [(multiple, (), ONE), (derivative, (0, 1), ONE)], (0, 1))
    return T.call(t.op, [x, direction], t.params)


def _lower_band_part(t: Tensor, x: Term) -> Term:
    return T.call("band_part", [x], tuple(t.params))


TERMS: dict[str, Callable[..., Term]] = {
    "argsort": _lower_argsort,
    "band_part": _lower_band_part,
    "cofactors": _lower_cofactors,
    "cofactors_frechet": _lower_cofactors,
    "cumprod": _lower_cumprod,
    "cumsum": _lower_cumsum,
    "cumulative_logsumexp": _lower_cumulative_logsumexp,
    "det": _lower_det,
    "inv": _lower_inverse,
    "logdet": _lower_logdet,
    "recurrence": _lower_recurrence,
    "reduce_max": _lower_reduction,
    "reduce_min": _lower_reduction,
    "reduce_prod": _lower_reduction,
    "reshape": lower_reshape,
    "set_diag": _lower_set_diag,
    "slogdet_log": _lower_slogdet_log,
    "slogdet_sign": _lower_slogdet_sign,
    "softmax": _lower_softmax,
    "solve": _lower_solve,
    **dict.fromkeys(_DERIVATIVES, _lower_frechet),
}
