"""A mask is no factor beside what is zero where it is."""

import pytest
import sympy

from tests.terms.programs import (
    F,
    add,
    by_number,
    compare,
    dot,
    exp,
    matmul,
    one,
    positive,
    total,
    u,
    v,
    w,
    where,
    zero,
)
from tracer.scalar import relu, step
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import call, number, power, times
from tracer.terms.rules.standard import STANDARD

signs = call(step, [u])
some = compare(sympy.Ne, total(signs, (0,)), number(0))
any_sign = T.broadcast(where(number(1), some, number(0)), [], u.shape)
sign_or_some = where(one, call(sympy.Or, [T.broadcast(some, [], u.shape), positive]), zero)


def normal(term):
    return Normaliser(STANDARD).normal(term)


@pytest.mark.parametrize(
    ("rest", "mask"),
    [
        (call(relu, [u]), signs),
        (matmul(F, u), where(one, compare(sympy.Ne, matmul(F, u), zero), zero)),
        (by_number(dot(signs, v), w), any_sign),
        (add([(1, by_number(dot(signs, v), w)), (2, times(signs, exp(v)))]), sign_or_some),
        (times(add([(1, u), (1, power(u, 2))]), v), where(exp(w), compare(sympy.Ne, u, zero), zero)),
        (
            call(sympy.Piecewise, [u, call(sympy.Gt, [w, zero]), times(u, v)]),
            where(one, compare(sympy.Ne, u, zero), zero),
        ),
    ],
    ids=["relu", "product of matrices", "scalar", "sum", "mask of a value", "choice"],
)
def test_a_mask_beside_what_is_zero_there_is_dropped(rest, mask):
    kept = times(rest, T.operands(mask)[0]) if isinstance(mask, T.Call) and T.operands(mask)[0] == exp(w) else rest
    assert normal(times(rest, mask)) is normal(kept)


@pytest.mark.parametrize(
    ("rest", "mask"),
    [
        (power(call(relu, [u]), -1), signs),
        (v, where(one, compare(sympy.Ne, u, zero), zero)),
        (add([(1, u), (1, v)]), where(one, compare(sympy.Ne, u, zero), zero)),
        (u, where(power(w, -1), compare(sympy.Ne, u, zero), zero)),
        (by_number(dot(u, v), w), where(one, compare(sympy.Ne, u, zero), zero)),
        (times(signs, v), where(one, call(sympy.And, [positive, compare(sympy.Ne, v, w)]), zero)),
    ],
    ids=["reciprocal", "other", "one summand", "infinite", "total", "another condition"],
)
def test_a_mask_beside_what_may_not_be_zero_stays(rest, mask):
    assert normal(times(rest, mask)).weight == Normaliser(()).normal(times(rest, mask)).weight


@pytest.mark.parametrize("t", [u, T.scaled(-2, u), add([(1, u), (-1, v)]), matmul(F, u)], ids=repr)
def test_what_is_masked_where_it_is_not_positive_is_relu(t):
    masked = times(w, t, call(step, [t]), t)
    assert normal(masked) is normal(times(w, t, call(relu, [t])))
    assert normal(times(power(t, -1), call(step, [t]))) is not normal(call(relu, [t]))
