"""Choices are written as the greater, the lesser, the absolute value, or what is limited to an interval."""

import pytest
import sympy

import tracer as tf
from tests.terms.programs import (
    add,
    both,
    either,
    eq,
    exp,
    ge,
    gt,
    h,
    le,
    lt,
    m,
    n,
    ne,
    number,
    one,
    row,
    scaled,
    strong,
    times,
    u,
    v,
    w,
    zero,
)
from tests.terms.programs import where as choose
from tests.terms.rules.answers import Answers, answer, normal
from tracer.scalar import relu
from tracer.terms.record import call

where = tf.where
x, y = (tf.placeholder(name, ("n",)) for name in "xy")
a, r = tf.placeholder("a"), tf.placeholder("r", (), positive=True)


def slope(loss):
    return tf.gradients(tf.reduce_sum(loss), x)[0]


def huber(z, d):
    return where(abs(z) <= d, z**2 / 2, d * abs(z) - d**2 / 2)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (where(x >= y, x, y), "max(x, y)"),
        (where(x < y, x, y), "min(x, y)"),
        (where(x - y > 0, x, y), "max(x, y)"),
        (where(x > 1, 2 * x - 1, x), "max(x, 2*x - 1)"),
        (where(x > y, x - y, 0.0), "relu(x - y)"),
        (tf.maximum(tf.exp(y), -r), "exp(y)"),
        (where(x > 0, x, -x), "abs(x)"),
        (where(x < y, 2 * y - 2 * x, 2 * x - 2 * y), "2*abs(x - y)"),
        (slope(huber(x, 1.0)), "clip(x, -1, 1)"),
        (slope(huber(x - y, r)), "clip(x - y, -r, r)"),
        (slope(huber(x, a)), "sign(x) o min(a, abs(x))"),
        (slope((lambda q: q**2 / 2 + r * (abs(x) - q))(tf.minimum(abs(x), r))), "clip(x, -r, r)"),
        (tf.maximum(tf.minimum(x, 1.0), -1.0), "clip(x, -1, 1)"),
        (tf.maximum(tf.minimum(x, 1.0), a), "max(a, min(1, x))"),
        (tf.clip_by_value(-x, -r, r), "-clip(x, -r, r)"),
        (tf.clip_by_value(-x, -a, a), "clip(-x, -a, a)"),
        (tf.clip_by_value(-x, -1.0, 2.0), "clip(-x, -1, 2)"),
        (where(x > 1, 1.0, where(x < 0, 0.0, x)), "clip(x, 0, 1)"),
        (where(x > 1, 1.0, where(x < -a, -a, x)), "where(x > 1, 1, max(x, -a))"),
        (slope(tf.clip_by_value(x, -r, r)), "[abs(x) <= r]"),
        (where((x > 2) | (x < -2), y, x), "where(abs(x) > 2, y, x)"),
        (where((x > 2) | (x < -1), y, x), "where((x > 2) | (x < -1), y, x)"),
    ],
)
def test_a_choice_is_written_by_its_name(tensor, text):
    assert str(tensor.formula()) == text


two, low, lower = (number(c, (n,)) for c in (2, -1, -2))


def function(head):
    return lambda *args: call(head, args)


greater, lesser, size, sgn, ramp = map(function, (sympy.Max, sympy.Min, sympy.Abs, sympy.sign, relu))


def minus(t):
    return scaled(-1, t)


def less(s, t):
    return normal(add([(1, s), (-1, t)]))


apart = scaled(n - m, u)

ANSWERS: Answers = {
    "x > y and x > z -> x > max(y, z)": [
        (both(gt(u, v), gt(u, w)), "Gt(u, Max(w, v))"),
        (both(ge(v, u), ge(w, u)), "Ge(Min(w, v), u)"),
        (either(gt(u, v), gt(u, w)), "Gt(u, Min(w, v))"),
        (either(ge(v, u), ge(w, u)), "Ge(Max(w, v), u)"),
        (both(gt(u, v), ge(u, w)), ""),
        (both(gt(u, v), gt(w, u)), ""),
        (both(gt(u, v), gt(u, zero)), ""),
        (both(gt(u, v), gt(h, w)), ""),
        (both(gt(u, zero), gt(v, zero)), ""),
        (both(eq(u, v), eq(u, w)), ""),
    ],
    "max(p, -1) -> p": [
        (greater(h, minus(one)), "h"),
        (lesser(h, minus(one)), "-1 -> [0]"),
        (greater(h, minus(one), u), "Max(h, u)"),
        (lesser(u, h, minus(one)), "Min(u, -1 -> [0])"),
        (greater(u, v), ""),
        (lesser(minus(h), zero, w), "Min(-1*h[0] -> [0], w)"),
    ],
    "max(l, min(u, x)) -> min(u, max(l, x))": [
        (greater(zero, lesser(one, u)), "Min(1 -> [0], Max(0 -> [0], u))"),
        (greater(lesser(u, one), zero), "Min(1 -> [0], Max(0 -> [0], u))"),
        (greater(zero, lesser(u, h)), "Min(h, Max(0 -> [0], u))"),
        (greater(two, lesser(one, u)), ""),
        (greater(zero, lesser(one, u, v)), ""),
        (greater(zero, lesser(u, v)), ""),
        (greater(v, zero, lesser(one, u)), ""),
        (greater(zero, u), ""),
    ],
    "where(x > y, x - y, y - x) -> Abs(x - y)": [
        (choose(less(u, v), gt(u, v), less(v, u)), "Abs(-1*((v) + -1*(u))[0] -> [0])"),
        (choose(less(v, u), gt(u, v), less(u, v)), "-1*Abs(-1*((v) + -1*(u))[0] -> [0])[0] -> [0]"),
        (
            choose(normal(scaled(2, less(u, v))), gt(u, v), normal(scaled(2, less(v, u)))),
            "2*Abs(-1*((v) + -1*(u))[0] -> [0])[0] -> [0]",
        ),
        (
            choose(less(u, v), gt(scaled(2, u), scaled(2, v)), less(v, u)),
            "1/2*Abs(-2*((v) + -1*(u))[0] -> [0])[0] -> [0]",
        ),
        (
            choose(normal(scaled(3, less(u, v))), gt(scaled(2, u), scaled(2, v)), normal(scaled(3, less(v, u)))),
            "3/2*Abs(-2*((v) + -1*(u))[0] -> [0])[0] -> [0]",
        ),
        (choose(less(u, v), gt(u, v), normal(scaled(2, less(v, u)))), ""),
        (choose(less(u, w), gt(u, v), less(w, u)), ""),
        (choose(less(u, v), gt(u, v), w), ""),
        (choose(w, gt(u, v), less(v, u)), ""),
        (choose(less(u, v), gt(u, v), less(u, v)), ""),
        (choose(u, gt(u, zero), minus(u)), "Abs(u)"),
        (choose(u, le(u, zero), minus(u)), "-1*Abs(u)[0] -> [0]"),
        (choose(u, eq(u, zero), minus(u)), ""),
    ],
    "where(x > y, x, y) -> max(x, y)": [
        (choose(u, gt(u, v), v), "Max(u, v)"),
        (choose(v, gt(u, v), u), "Min(v, u)"),
        (choose(scaled(3, u), gt(scaled(2, u), scaled(2, v)), scaled(3, v)), "Max(3*u[0] -> [0], 3*v[0] -> [0])"),
        (choose(scaled(2, u), gt(less(u, v), zero), scaled(2, v)), "Max(2*u[0] -> [0], 2*v[0] -> [0])"),
        (choose(add([(1, u), (1, w)]), gt(u, v), add([(1, v), (1, w)])), "Max((w) + (u), (w) + (v))"),
        (choose(u, gt(u, v), w), ""),
        (choose(one, gt(u, v), zero), ""),
        (choose(one, gt(one, u), u), "Max(1 -> [0], u)"),
        (choose(u, gt(u, zero), zero), "Max(u, 0 -> [0])"),
        (choose(u, gt(v, v), u), "Max(u, u)"),
        (choose(u, ne(u, v), v), ""),
        (choose(apart, gt(u, zero), zero), ""),
        (choose(apart, gt(apart, zero), zero), "Max(-m + n*u[0] -> [0], 0 -> [0])"),
    ],
    "where(Abs(x) > d, d*sign(x), x) -> sign(x)*min(Abs(x), d)": [
        (choose(times(w, sgn(u)), gt(size(u), w), u), "sign(u)[0]*Min(Abs(u), w)[0] -> [0]"),
        (choose(scaled(2, sgn(u)), gt(size(u), two), u), "sign(u)[0]*Min(Abs(u), 2 -> [0])[0] -> [0]"),
        (
            choose(normal(row(2, (w, (0,), 1), (sgn(u), (0,), 1))), gt(size(u), w), scaled(2, u)),
            "2*sign(u)[0]*Min(Abs(u), w)[0] -> [0]",
        ),
        (
            choose(
                normal(row(sympy.Rational(3, 2), (w, (0,), 1), (sgn(u), (0,), 1))),
                gt(scaled(2, size(u)), w),
                scaled(3, u),
            ),
            "3/2*sign(u)[0]*Min(2*Abs(u)[0] -> [0], w)[0] -> [0]",
        ),
        (choose(normal(row(6, (w, (0,), 1), (sgn(u), (0,), 1))), gt(scaled(2, size(u)), w), scaled(3, u)), ""),
        (choose(normal(row(-1, (w, (0,), 1), (sgn(u), (0,), 1))), gt(scaled(-1, size(u)), w), u), ""),
        (choose(times(w, sgn(u)), gt(size(u), w), v), ""),
        (choose(times(w, sgn(v)), gt(size(u), w), u), ""),
        (choose(times(w, sgn(u)), gt(u, w), u), ""),
        (choose(u, le(size(u), w), times(w, sgn(u))), "sign(u)[0]*Min(Abs(u), w)[0] -> [0]"),
        (choose(times(w, sgn(u)), eq(size(u), w), u), ""),
    ],
    "sign(x)*min(Abs(x), d) -> min(max(x, -d), d)": [
        (times(sgn(u), lesser(size(u), h)), "Min(Max(u, -1*h[0] -> [0]), h)"),
        (times(lesser(h, size(u)), w, sgn(u)), "w[0]*Min(Max(u, -1*h[0] -> [0]), h)[0] -> [0]"),
        (
            row(3, (sgn(u), (0,), 1), (lesser(scaled(2, size(u)), h), (0,), 1)),
            "3*Min(Max(2*u[0] -> [0], -1*h[0] -> [0]), h)[0] -> [0]",
        ),
        (times(sgn(u), lesser(scaled(-2, size(u)), h)), ""),
        (times(sgn(u), lesser(size(u), w)), ""),
        (times(sgn(v), lesser(size(u), h)), ""),
        (times(sgn(u), lesser(u, h)), ""),
        (times(sgn(u), lesser(size(u), h, w)), ""),
        (times(sgn(u), greater(size(u), h)), ""),
        (row(1, (sgn(u), (0,), 2), (lesser(size(u), h), (0,), 1)), ""),
        (row(1, (sgn(u), (0,), 1), (lesser(size(u), h), (0,), 2)), ""),
        (row(1, (sgn(u), (0,), 1), (lesser(size(u), h), (1,), 1), out=(0, 1)), ""),
        (
            row(1, (sgn(u), (1,), 1), (lesser(size(u), h), (1,), 1), out=(0, 1), _0=m),
            "Min(Max(u, -1*h[0] -> [0]), h)[1] -> [0, 1]",
        ),
        (times(sgn(u), exp(u)), ""),
    ],
    "where(x > u, u, max(l, x)) -> min(u, max(l, x))": [
        (choose(one, gt(u, one), greater(zero, u)), "Min(1 -> [0], Max(0 -> [0], u))"),
        (choose(one, gt(u, one), greater(u, zero)), "Min(1 -> [0], Max(u, 0 -> [0]))"),
        (choose(one, gt(u, one), ramp(u)), "Min(1 -> [0], relu(u))"),
        (choose(greater(zero, u), gt(one, u), one), "Min(1 -> [0], Max(0 -> [0], u))"),
        (choose(zero, gt(zero, u), lesser(one, u)), "Max(0 -> [0], Min(1 -> [0], u))"),
        (choose(lesser(one, u), gt(u, zero), zero), "Max(0 -> [0], Min(1 -> [0], u))"),
        (choose(h, gt(u, h), ramp(u)), "Min(h, relu(u))"),
        (choose(w, gt(u, one), greater(zero, u)), ""),
        (choose(w, gt(zero, u), lesser(one, u)), ""),
        (choose(one, gt(u, one), u), ""),
        (choose(one, gt(u, one), greater(zero, v)), ""),
        (choose(one, gt(u, one), greater(two, u)), ""),
        (choose(one, gt(u, one), greater(zero, v, u)), ""),
        (choose(one, gt(u, one), greater(zero, minus(h), u)), "Min(1 -> [0], Max(0 -> [0], -1*h[0] -> [0], u))"),
        (choose(minus(one), gt(u, minus(one)), ramp(u)), ""),
        (choose(low, gt(u, low), greater(lower, u)), "Min(-1 -> [0], Max(-2 -> [0], u))"),
        (choose(low, gt(u, low), ramp(u)), ""),
        (choose(h, gt(zero, h), ramp(minus(exp(v)))), "Min(h, relu(-1*exp(v)[0] -> [0]))"),
        (choose(zero, gt(zero, u), ramp(u)), ""),
        (choose(minus(one), gt(minus(one), u), ramp(u)), ""),
        (choose(zero, gt(zero, u), lesser(v, u)), ""),
        (choose(zero, gt(zero, u), lesser(minus(one), u)), ""),
        (choose(one, gt(u, one), lesser(zero, u)), ""),
        (choose(one, eq(u, one), greater(zero, u)), ""),
        (choose(number(1), gt(strong, number(1)), ramp(strong)), "Min(1 -> [], relu(strong))"),
        (choose(one, gt(u, one), ramp(v)), ""),
        (choose(one, gt(u, one), exp(u)), ""),
    ],
    "x >= -d and x <= d -> Abs(x) <= d": [
        (both(ge(u, minus(w)), le(u, w)), "Le(Abs(u), w)"),
        (both(le(u, w), ge(u, minus(w))), "Le(Abs(u), w)"),
        (both(gt(u, minus(w)), gt(w, u)), "Lt(Abs(u), w)"),
        (both(gt(u, minus(w)), le(u, w)), ""),
        (both(ge(u, minus(w)), le(u, v)), ""),
        (both(ge(u, minus(w)), le(v, w)), ""),
        (either(gt(u, w), lt(u, minus(w))), "Gt(Abs(u), w)"),
        (either(ge(u, w), le(u, minus(w))), "Ge(Abs(u), w)"),
        (both(gt(u, minus(w)), gt(w, u), gt(v, zero)), "And(Gt(v, 0 -> [0]), Lt(Abs(u), w))"),
        (either(gt(u, w), gt(v, zero), lt(u, minus(w))), "Or(Gt(v, 0 -> [0]), Gt(Abs(u), w))"),
        (both(gt(u, minus(two)), gt(two, u)), "Lt(Abs(u), 2 -> [0])"),
        (both(gt(u, minus(two)), gt(one, u)), ""),
        (both(eq(u, minus(w)), gt(w, u)), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term


def test_what_is_divided_by_a_size_that_may_be_zero_is_no_absolute_value():
    name = "where(x > y, x - y, y - x) -> Abs(x - y)"
    for scale, expected in ((n - m, ""), (n + m, "Abs(m + n*u[0] -> [0])")):
        term = choose(scaled(scale, u), gt(scaled(scale, u), zero), scaled(-scale, u))
        assert answer(name, term, ()) == expected
    difference = add([(1, u), (-1, v)])
    assert answer(name, choose(w, gt(u, v), scaled(-1, difference)), ()) == ""
    assert answer(name, choose(difference, gt(u, v), scaled(-1, w)), ()) == ""
