"""The terms of functions of matrices and of networks."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import sympy

from tracer.formulas import rewrites
from tracer.formulas import terms as T  # noqa: N812
from tracer.formulas.terms import ONE, Labels, Term
from tracer.tensor import Tensor


def _inv(t: Tensor, x: Term) -> Term:
    return T.call("inverse", [x])


def _det(t: Tensor, x: Term) -> Term:
    return T.call("det", [x], None, t.shape)


def _logdet(t: Tensor, x: Term) -> Term:
    return T.call("logdet", [x], None, t.shape)


def _slogdet_sign(t: Tensor, x: Term) -> Term:
    return T.call(sympy.sign, [_det(t, x)])


def _slogdet_log(t: Tensor, x: Term) -> Term:
    return T.call(sympy.log, [T.call(sympy.Abs, [_det(t, x)])])


def _solve(t: Tensor, a: Term, b: Term) -> Term:
    """The inverse times the right-hand side, the axes of smaller batches repeated."""
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


def _softmax(t: Tensor, x: Term) -> Term:
    return rewrites.softmax(x, [t.params % t.ndim])


TERMS: dict[str, Callable[..., Term]] = {
    "inv": _inv, "det": _det, "logdet": _logdet, "slogdet_sign": _slogdet_sign, "slogdet_log": _slogdet_log,
    "solve": _solve, "softmax": _softmax,
}  # fmt: skip
