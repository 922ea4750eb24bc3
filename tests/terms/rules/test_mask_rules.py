"""A mask is no factor beside what is zero where it is."""

import pytest
import sympy

import tracer as tf
from tests.terms.programs import (
    F,
    G,
    X,
    Y,
    add,
    by_number,
    compare,
    dot,
    exp,
    h,
    m,
    matmul,
    n,
    one,
    positive,
    row,
    scaled,
    strong,
    total,
    u,
    v,
    w,
    where,
    zero,
)
from tests.terms.rules.answers import RULES, answer, normal, write
from tracer.scalar import relu, step
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import call, describe, number, power, times

signs = call(step, [u])
log = call(sympy.log, [u])
some = compare(sympy.Ne, total(signs, (0,)), number(0))
any_sign = T.broadcast(where(number(1), some, number(0)), [], u.shape)
sign_or_some = where(one, call(sympy.Or, [T.broadcast(some, [], u.shape), positive]), zero)


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
        (times(call(relu, [u]), v), where(one, call(sympy.And, [positive, compare(sympy.Ne, v, w)]), zero)),
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


ramp = call(relu, [u])
root = sympy.S.Half
nonzero = compare(sympy.Ne, u, zero)

logs = call(sympy.log, [Y])
blank, none, nothing = number(0, (m, n)), number(0, (n, n)), number(0)
r, s = T.source("r", ()), T.source("s", ())
sum_u, sum_v = total(u, (0,)), total(v, (0,))
image = normal(matmul(F, u))
size, sign = call(sympy.Abs, [u]), call(sympy.sign, [u])


inverse_r = power(r, -1)


def masked(condition, value=inverse_r):
    """A total by what is chosen where a condition holds."""
    return row(1, (sum_u, (), 1), (where(value, condition, nothing), (), 1), out=())


def sign_of(t):
    return call(sympy.sign, [t])


gap = call(relu, [add([(1, u), (-1, h)])])
signs_of_gap = where(one, compare(sympy.Gt, u, h), zero)
depth = call(sympy.Abs, [w])
relu_of_depth = call(relu, [add([(1, u), (-1, depth)])])


def flat(*factors):
    return normal(times(*factors))


ANSWERS = {
    "x*sign(x) -> Abs(x)": [
        (times(u, sign), "Abs(u)"),
        (times(size, sign), "u"),
        (times(w, sign, u, v), "w[0]*v[0]*Abs(u)[0] -> [0]"),
        (row(3, (u, (0,), 1), (sign_of(scaled(-2, u)), (0,), 1)), "-3*Abs(u)[0] -> [0]"),
        (row(3, (size, (0,), 1), (sign_of(scaled(2, u)), (0,), 1), (w, (0,), 1)), "3*w[0]*u[0] -> [0]"),
        (row(1, (sign, (0,), 2), (u, (0,), 1)), ""),
        (row(1, (sign, (0,), 1), (u, (0,), 3)), "u[0]**(2)*Abs(u)[0] -> [0]"),
        (row(1, (sign, (0,), 1), (u, (1,), 1), out=(0, 1)), ""),
        (row(1, (sign, (1,), 1), (u, (1,), 1), out=(0, 1), _0=m), "Abs(u)[1] -> [0, 1]"),
        (
            row(2, (v, (1,), 1), (sign, (1,), 1), (u, (1,), 1), (w, (1,), 1), out=(0, 1), _0=m),
            "2*w[1]*v[1]*Abs(u)[1] -> [0, 1]",
        ),
        (times(sign, v), ""),
        (row(1, (F, (0, 1), 1), (u, (1,), 1), (sign_of(image), (0,), 1), out=(0, 1)), ""),
        (times(u, v), ""),
        (times(u, sign_of(scaled(n - m, u))), "sign(-m + n)*Abs(u)[0] -> [0]"),
    ],
    "relu(x - y)/y + where(x > y, 1, 0) -> where(x > y, 1, 0)*x/y": [
        (add([(1, flat(power(h, -1), gap)), (1, signs_of_gap)]), "u[0]*h[0]**(-1)*step((u) + -1*(h))[0] -> [0]"),
        (
            add([(1, flat(power(depth, -1), relu_of_depth)), (1, where(one, compare(sympy.Gt, u, depth), zero))]),
            "u[0]*Abs(w)[0]**(-1)*step((u) + -1*(Abs(w)))[0] -> [0]",
        ),
        (add([(1, flat(v, gap)), (1, flat(v, h, signs_of_gap))]), "v[0]*u[0]*step((u) + -1*(h))[0] -> [0]"),
        (add([(1, flat(v, gap)), (1, flat(w, signs_of_gap))]), ""),
        (add([(1, flat(v, call(relu, [u]))), (1, flat(w, signs_of_gap))]), ""),
        (add([(1, gap), (1, w)]), ""),
        (
            add([(1, flat(power(w, -2), gap)), (1, flat(h, where(power(w, -2), compare(sympy.Gt, u, h), zero)))]),
            "w[0]**(-2)*u[0]*step((u) + -1*(h))[0] -> [0]",
        ),
        (add([(1, flat(v, gap)), (1, flat(v, h, where(power(w, -1), compare(sympy.Gt, u, h), zero)))]), ""),
        (
            add([(1, normal(total(flat(power(h, -1), gap), (0,)))), (1, normal(total(signs_of_gap, (0,))))]),
            "u[0]*h[0]**(-1)*step((u) + -1*(h))[0] -> []",
        ),
    ],
    "relu(x)*where(x > 0, y, 0) -> relu(x)*y": [
        (times(ramp, where(v, compare(sympy.Eq, u, zero), zero)), ""),
        (times(ramp, where(v, positive, zero)), "v[0]*relu(u)[0] -> [0]"),
        (times(ramp, where(zero, positive, v)), ""),
        (times(ramp, where(zero, compare(sympy.Le, u, zero), v)), "v[0]*relu(u)[0] -> [0]"),
        (times(ramp, where(zero, compare(sympy.Lt, u, zero), v)), "v[0]*relu(u)[0] -> [0]"),
        (times(ramp, where(v, compare(sympy.Lt, u, zero), zero)), ""),
        (times(ramp, where(v, compare(sympy.Ge, u, zero), zero)), "v[0]*relu(u)[0] -> [0]"),
        (times(ramp, where(v, compare(sympy.Gt, u, w), zero)), ""),
        (times(ramp, where(v, compare(sympy.Ne, u, zero), zero)), "v[0]*relu(u)[0] -> [0]"),
        (times(ramp, where(v, positive, w)), ""),
        (times(ramp, where(v, compare(sympy.Lt, u, zero), w)), ""),
        (times(ramp, where(zero, positive, zero)), "0 -> [0]"),
        (times(ramp, call(step, [u])), "relu(u)"),
        (times(call(relu, [v]), where(v, positive, zero)), ""),
        (times(call(sympy.exp, [u]), where(v, positive, zero)), ""),
        (row(1, (ramp, (0,), -1), (where(v, positive, zero), (0,), 1)), ""),
        (row(1, (ramp, (0,), root), (where(v, positive, zero), (0,), 1)), "v[0]*relu(u)[0]**(1/2) -> [0]"),
        (row(1, (ramp, (0,), 1), (where(v, positive, zero), (0,), 2)), ""),
        (row(1, (ramp, (1,), 1), (where(v, positive, zero), (0,), 1), out=(0, 1)), ""),
        (
            row(1, (where(v, positive, w), (0,), 1), (ramp, (0,), 1), (where(v, positive, zero), (0,), 1)),
            "v[0]*relu(u)[0]*where(v, Gt(u, 0 -> [0]), w)[0] -> [0]",
        ),
        (
            row(3, (w, (0,), 1), (where(v, positive, zero), (0,), 1), (h, (0,), 1), (ramp, (0,), 1), out=(0, 1), _1=m),
            "3*w[0]*v[0]*h[0]*relu(u)[0] -> [0, 1]",
        ),
        (row(3, (ramp, (0,), 1), (where(v, positive, zero), (0,), 1), out=()), "3*v[0]*relu(u)[0] -> []"),
    ],
    "x*where(x != 0, 1, 0) -> x": [
        (masked(compare(sympy.Ne, sum_u, nothing)), "r**(-1)*(u[0] -> []) -> []"),
        (
            masked(compare(sympy.Ne, sum_u, nothing), where(inverse_r, compare(sympy.Gt, s, nothing), nothing)),
            "(u[0] -> [])*where(r**(-1) -> [], Gt(s, 0 -> []), 0 -> []) -> []",
        ),
        (masked(call(sympy.Or, [compare(sympy.Ne, sum_u, nothing), compare(sympy.Ne, sum_v, number(1))])), ""),
        (masked(compare(sympy.Eq, sum_u, nothing)), ""),
        (masked(compare(sympy.Gt, sum_u, nothing)), ""),
        (masked(compare(sympy.Ne, sum_u, number(1))), ""),
        (masked(compare(sympy.Ne, sum_v, nothing)), ""),
        (
            masked(call(sympy.Or, [compare(sympy.Ne, sum_u, nothing), compare(sympy.Ne, sum_v, nothing)])),
            "r**(-1)*(u[0] -> []) -> []",
        ),
        (masked(call(sympy.Or, [compare(sympy.Ne, sum_u, nothing), compare(sympy.Gt, sum_v, nothing)])), ""),
        (masked(call(sympy.Or, [compare(sympy.Ne, sum_u, nothing), compare(sympy.Ne, s, nothing)])), ""),
        (masked(call(sympy.And, [compare(sympy.Ne, sum_u, nothing), compare(sympy.Ne, sum_v, nothing)])), ""),
        (masked(compare(sympy.Ne, sum_u, nothing), power(total(times(u, v), (0,)), -1)), ""),
        (masked(compare(sympy.Ne, sum_u, nothing), power(sum_v, -1)), "(v[0] -> [])**(-1)*(u[0] -> []) -> []"),
        (row(1, (s, (), 1), (where(power(r, -1), compare(sympy.Ne, s, nothing), nothing), (), 1), out=()), ""),
        (
            row(
                1,
                (scaled(2, s), (), 1),
                (where(power(r, -1), compare(sympy.Ne, scaled(2, s), nothing), nothing), (), 1),
                out=(),
            ),
            "",
        ),
        (
            times(
                T.broadcast(dot(u, v), [], (n,)),
                where(power(w, -1), T.broadcast(compare(sympy.Ne, dot(u, v), nothing), [], (n,)), zero),
            ),
            "",
        ),
        (
            times(
                T.broadcast(dot(u, v), [], (n,)),
                where(power(u, -1), T.broadcast(compare(sympy.Ne, dot(u, v), nothing), [], (n,)), zero),
            ),
            "",
        ),
        (
            row(
                1,
                (dot(u, v), (), 1),
                (where(power(strong, -1), compare(sympy.Ne, dot(u, v), nothing), nothing), (), 1),
                out=(),
            ),
            "strong**(-1)*(v[0]*u[0] -> []) -> []",
        ),
        (
            row(
                1,
                (dot(u, v), (), 1),
                (where(power(strong, -1), compare(sympy.Eq, dot(u, v), nothing), nothing), (), 1),
                out=(),
            ),
            "",
        ),
        (
            row(
                1,
                (sum_u, (), 1),
                (where(power(strong, -1), compare(sympy.Ne, sum_u, number(1)), nothing), (), 1),
                out=(),
            ),
            "",
        ),
        (
            row(
                1,
                (sum_u, (), 1),
                (
                    where(
                        power(strong, -1),
                        call(sympy.And, [compare(sympy.Ne, sum_u, nothing), compare(sympy.Ne, sum_v, nothing)]),
                        nothing,
                    ),
                    (),
                    1,
                ),
                out=(),
            ),
            "",
        ),
        (
            row(
                1,
                (sum_u, (), 1),
                (
                    where(
                        power(strong, -1),
                        call(sympy.And, [compare(sympy.Ne, sum_u, nothing), compare(sympy.Gt, sum_v, nothing)]),
                        nothing,
                    ),
                    (),
                    1,
                ),
                out=(),
            ),
            "",
        ),
        (
            row(
                1,
                (sum_u, (), 1),
                (
                    where(
                        power(s, -1),
                        call(sympy.And, [compare(sympy.Ne, sum_u, nothing), compare(sympy.Ne, s, nothing)]),
                        nothing,
                    ),
                    (),
                    1,
                ),
                out=(),
            ),
            "",
        ),
        (row(1, (s, (), 1), (where(power(r, -1), compare(sympy.Ne, s, nothing), nothing), (), 1), out=()), ""),
        (
            row(
                1, (sum_u, (), 1), (where(power(sum_u, -1), compare(sympy.Ne, sum_u, nothing), nothing), (), 1), out=()
            ),
            "",
        ),
        (
            row(1, (F, (0, 1), 1), (u, (1,), 1), (where(one, compare(sympy.Ne, image, zero), zero), (0,), 1)),
            describe(image),
        ),
        (
            row(
                1,
                (F, (0, 1), 1),
                (u, (1,), 1),
                (where(one, compare(sympy.Ne, image, zero), zero), (0,), 1),
                out=(0, 1),
            ),
            "",
        ),
        (times(u, where(one, nonzero, zero)), "u"),
        (times(u, where(zero, nonzero, one)), ""),
        (times(u, where(zero, compare(sympy.Eq, u, zero), v)), "v[0]*u[0] -> [0]"),
        (times(u, where(one, compare(sympy.Eq, u, zero), zero)), ""),
        (times(u, where(v, nonzero, w)), ""),
        (times(u, where(power(w, -1), nonzero, zero)), ""),
        (times(u, where(exp(w), nonzero, zero)), "u[0]*exp(w)[0] -> [0]"),
        (times(where(v, positive, zero), where(one, positive, zero)), ""),
        (times(u, where(one, positive, zero)), ""),
        (times(v, where(one, nonzero, zero)), ""),
        (times(u, v, where(one, call(sympy.And, [nonzero, compare(sympy.Ne, v, zero)]), zero)), ""),
        (times(u, where(one, call(sympy.And, [nonzero, compare(sympy.Ne, v, zero)]), zero)), ""),
        (times(u, where(one, call(sympy.Or, [nonzero, compare(sympy.Ne, v, zero)]), zero)), "u"),
        (
            row(2, (v, (0,), 1), (where(one, nonzero, zero), (0,), 1), (u, (0,), 1), out=(0, 1), _1=m),
            "2*v[0]*u[0] -> [0, 1]",
        ),
    ],
    "where(x > 0, y, 0) + log(x) -> y + log(x)": [
        (add([(1, where(v, compare(sympy.Eq, u, zero), zero)), (1, log)]), ""),
        (add([(1, row(1, (where(G, compare(sympy.Gt, F, none), none), (1, 0), 1))), (1, call(sympy.log, [F]))]), ""),
        (add([(1, where(v, positive, zero)), (1, log)]), "(v) + (log(u))"),
        (add([(3, where(v, positive, zero)), (-2, log), (1, w)]), "(w) + 3*(v) + -2*(log(u))"),
        (add([(1, where(zero, positive, v)), (1, log)]), ""),
        (add([(1, where(v, positive, w)), (1, log)]), ""),
        (add([(1, where(v, compare(sympy.Gt, u, one), zero)), (1, log)]), ""),
        (add([(1, where(v, compare(sympy.Gt, w, zero), zero)), (1, log)]), ""),
        (add([(1, where(v, nonzero, zero)), (1, log)]), ""),
        (add([(1, row(1, (where(v, positive, zero), (0,), 2))), (1, log)]), ""),
        (add([(1, where(v, positive, zero)), (1, power(log, -1))]), ""),
        (add([(1, where(v, positive, zero)), (1, times(log, w))]), "(v) + (w[0]*log(u)[0] -> [0])"),
        (add([(1, times(w, where(v, positive, zero))), (1, log)]), "(log(u)) + (w[0]*v[0] -> [0])"),
        (add([(1, dot(w, where(v, positive, zero))), (1, dot(v, log))]), "v[0]*((w) + (log(u)))[0] -> []"),
        (add([(1, dot(w, where(v, positive, zero))), (1, total(log, (0,)))]), "(w[0]*v[0] -> []) + (log(u)[0] -> [])"),
        (
            add(
                [
                    (1, row(1, (where(v, positive, zero), (1,), 1), out=(0, 1), _0=m)),
                    (1, row(1, (log, (1,), 1), out=(0, 1), _0=m)),
                ]
            ),
            "",
        ),
        (
            add(
                [
                    (1, row(1, (where(u, positive, zero), (1,), 1), out=(0, 1), _0=n)),
                    (1, row(1, (log, (0,), 1), out=(0, 1), _1=n)),
                ]
            ),
            "",
        ),
        (add([(1, by_number(total(where(v, positive, zero), (0,)), w)), (1, log)]), ""),
        (add([(1, where(v, positive, zero)), (1, by_number(total(log, (0,)), w))]), ""),
        (add([(1, where(v, positive, zero)), (1, u)]), ""),
        (
            add([(1, times(where(v, compare(sympy.Gt, w, zero), zero), where(v, positive, zero))), (1, log)]),
            "(log(u)) + (v[0]**(2)*step(w)[0] -> [0])",
        ),
        (add([(1, where(X, compare(sympy.Gt, Y, blank), blank)), (1, logs)]), "(X) + (log(Y))"),
        (
            add(
                [
                    (1, row(1, (u, (1,), 1), (where(X, compare(sympy.Gt, Y, blank), blank), (0, 1), 1), out=(0, 1))),
                    (1, logs),
                ]
            ),
            "(log(Y)) + (X[0, 1]*u[1] -> [0, 1])",
        ),
        (
            add(
                [
                    (1, row(1, (ramp, (1,), 1), (where(X, compare(sympy.Gt, Y, blank), blank), (0, 1), 1), out=(0,))),
                    (1, row(1, (logs, (0, 1), 1), out=(0,))),
                ]
            ),
            "",
        ),
        (add([(1, ramp), (1, log)]), ""),
        (add([(1, log), (2, where(v, positive, zero))]), "2*(v) + (log(u))"),
        (add([(1, log), (2, where(zero, positive, v))]), ""),
        (add([(1, log), (2, where(v, compare(sympy.Ge, u, zero), zero))]), ""),
        (add([(1, log), (2, where(v, compare(sympy.Gt, v, zero), zero))]), ""),
        (add([(1, power(log, -1)), (2, where(v, positive, zero))]), ""),
        (add([(1, matmul(F, log)), (2, where(v, positive, zero))]), ""),
    ],
    "x*step(x) -> relu(x)": [
        (times(u, call(step, [u])), "relu(u)"),
        (times(call(step, [u]), v, u), "v[0]*relu(u)[0] -> [0]"),
        (times(u, call(step, [scaled(-2, u)])), "-1/2*relu(-2*u[0] -> [0])[0] -> [0]"),
        (times(scaled(3, u), call(step, [u])), ""),
        (row(1, (F, (0, 1), 1), (u, (1,), 1), (call(step, [image]), (0,), 1)), f"relu({describe(image)})"),
        (row(1, (F, (0, 1), 1), (u, (1,), 1), (call(step, [image]), (0,), 1), out=(0, 1)), ""),
        (row(1, (u, (0,), 2), (call(step, [u]), (0,), 1)), "u[0]*relu(u)[0] -> [0]"),
        (row(1, (u, (0,), -1), (call(step, [u]), (0,), 1)), ""),
        (row(1, (u, (0,), 1), (call(step, [u]), (0,), 2)), ""),
        (row(1, (u, (1,), 1), (call(step, [u]), (0,), 1), out=(0, 1)), ""),
        (times(v, call(step, [u])), ""),
        (times(u, call(sympy.sin, [u])), ""),
        (times(call(step, [v]), u, call(step, [u])), "step(v)[0]*relu(u)[0] -> [0]"),
        (
            row(-3, (v, (0,), 1), (call(step, [u]), (0,), 1), (u, (0,), 1), out=(0, 1), _1=m),
            "-3*v[0]*relu(u)[0] -> [0, 1]",
        ),
        (
            row(-3, (X, (1, 0), 1), (call(step, [X]), (1, 0), 1), out=(0, 1)),
            "-3*relu(X[1, 0] -> [0, 1])[0, 1] -> [0, 1]",
        ),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term


y, z = tf.placeholder("y", ("n",)), tf.placeholder("z", ("n",))
low, p = tf.placeholder("low"), tf.placeholder("p")


def mask(condition):
    return tf.cast(condition, "float64")


def slope(loss, source):
    return tf.gradients(tf.reduce_sum(loss), source)[0]


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (slope(tf.where(y > 0, tf.math.log(p), tf.math.log(1 - p)), p), "sum([y <= 0])/(p - 1) + sum(step(y))/p"),
        (slope(tf.where(y > 0, y * tf.math.log(low) - low, 0.0), low), "step(y).T*(y/low - 1)"),
        (tf.where(low > 0, 1 / p, 0.0) * low, "low*where(low > 0, 1/p, 0)"),
        (
            tf.where(tf.not_equal(tf.reduce_sum(y), 0), 1 / p, 0.0) * tf.reduce_sum(y),
            "where(sum(y) != 0, 1/p, 0)*sum(y)",
        ),
        (
            tf.where(tf.not_equal(tf.reduce_sum(y), 0), 1 / tf.reduce_sum(y), 0.0) * tf.reduce_sum(y),
            "where(sum(y) != 0, 1/sum(y), 0)*sum(y)",
        ),
    ],
)
def test_a_guard_of_a_slope_that_has_nothing_to_do_with_it_is_dropped(tensor, text):
    assert str(tensor.formula()) == text


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (mask(y > low) * mask(y < p), "[(y > low) & (y < p)]"),
        (mask(y > 0) * mask(z > 0), "step(z) o step(y)"),
        (z * mask(y > 0) * mask(y <= 1), "z o [(y <= 1) & (y > 0)]"),
        (mask(y > 1) * mask(y < 0), "0"),
        (mask((y > low) & (y < z)) - mask(y > low) * mask(z > y), "0"),
        (slope(tf.clip_by_value(y, low, p), y), "[(y >= low) & (y <= p)]"),
        (tf.where((z > y) & (y > low), z, y), "where((y > low) & (y < z), z, y)"),
    ],
)
def test_bounds_of_one_term_are_one_mask(tensor, text):
    assert str(tensor.formula()) == text


beside = where(v, positive, zero)


@pytest.mark.parametrize(
    ("summands", "kept"),
    [
        ([(1, log), (-1, beside)], [(1, log), (-1, v)]),
        ([(1, times(log, w)), (3, times(beside, h))], [(1, times(log, w)), (3, times(v, h))]),
        ([(1, dot(log, w)), (-1, dot(beside, h))], [(1, dot(log, w)), (-1, dot(v, h))]),
        ([(1, dot(log, log)), (-1, total(beside, (0,)))], [(1, dot(log, log)), (-1, total(v, (0,)))]),
    ],
    ids=["elements", "products", "totals", "squares"],
)
def test_a_mask_beside_the_logarithm_of_what_is_to_be_positive_is_dropped(summands, kept):
    assert normal(add(summands)) is normal(add(kept))


@pytest.mark.parametrize(
    "summands",
    [
        [(1, call(sympy.log, [v])), (-1, beside)],
        [(1, power(log, -1)), (-1, beside)],
        [(1, T.broadcast(total(log, (0,)), [], u.shape)), (-1, beside)],
        [(1, matmul(F, log)), (-1, beside)],
        [(1, log), (-1, where(zero, positive, v))],
        [(1, log), (-1, where(v, compare(sympy.Gt, u, one), zero))],
        [(1, where(log, compare(sympy.Gt, w, zero), zero)), (-1, beside)],
    ],
    ids=["other", "reciprocal", "total", "product", "turned", "another bound", "chosen"],
)
def test_a_mask_beside_another_logarithm_stays(summands):
    assert any(T.is_call(t, sympy.Piecewise, step) for t in T.subterms(normal(add(summands))))


def relu_where(x, y):
    """``relu(x)*where(x > 0, y, 0)``."""
    return times(call(relu, [x]), where(y, compare(sympy.Gt, x, zero), zero))


difference, together, size = add([(1, u), (-1, v)]), add([(1, u), (1, v)]), call(sympy.Abs, [w])


@pytest.mark.parametrize(
    ("x", "y", "dropped"),
    [
        (u, exp(u), True),
        (u, power(w, -1), True),
        (add([(1, u), (-1, size)]), power(size, -1), True),
        (add([(1, u), (-1, size)]), add([(1, power(size, -sympy.S.Half)), (1, w)]), True),
        (u, power(u, -1), False),
        (difference, power(together, -1), False),
        (times(u, v), power(v, -1), False),
        (u, log, False),
        (v, call(sympy.log, [w]), False),
        (v, add([(1, power(w, sympy.S.Half)), (1, w)]), False),
        (v, add([(1, power(w, -1)), (1, call(sympy.log, [w]))]), False),
        (v, times(power(w, -1), call(sympy.log, [w])), False),
    ],
)
def test_beside_a_relu_a_mask_is_dropped_where_its_sign_says_nothing_of_poles(x, y, dropped):
    name = "relu(x)*where(x > 0, y, 0) -> relu(x)*y"
    expected = write(Normaliser(()).normal(times(call(relu, [x]), y))) if dropped else ""
    assert answer(name, relu_where(x, y)) == expected
    assert answer(name, times(call(relu, [x]), where(y, compare(sympy.Gt, x, w), zero))) == ""


sign = call(sympy.sign, [u])


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (row(1, (sign, (0,), 1), (abs_u := call(sympy.Abs, [u]), (0,), -1)), power(u, -1)),
        (row(3, (sign, (0,), 1), (abs_u, (0,), -2)), row(3, (abs_u, (0,), 1), (u, (0,), -3))),
        (row(1, (sign, (0,), 1), (abs_u, (0,), -1), out=(0, 1), _1=m), row(1, (u, (0,), -1), out=(0, 1), _1=m)),
        (row(5, (call(sympy.sign, [scaled(-2, u)]), (0,), 1), (abs_u, (0,), -1)), row(-5, (u, (0,), -1))),
        (row(1, (sign, (0,), 1), (abs_u, (0,), -sympy.S.Half)), None),
        (row(1, (sign, (0,), 1), (abs_u, (1,), -1), out=(0, 1)), None),
        (row(1, (sign, (0,), 1), (v, (0,), -1)), None),
    ],
)
def test_a_sign_over_a_size_is_a_reciprocal(term, expected):
    if expected is not None:
        expected = Normaliser(()).normal(expected)
    found = RULES["x*sign(x) -> Abs(x)"].apply(Normaliser(()), term)
    assert (found and Normaliser(()).normal(found)) is expected
