"""Conditions are said in one way, and choices are masks, or functions with a name, where that is the same."""

from itertools import permutations

import pytest
import sympy

import tracer
from tests.terms.programs import (
    F,
    G,
    H,
    X,
    Y,
    above,
    both,
    compare,
    dot,
    either,
    exp,
    h,
    m,
    matmul,
    n,
    no,
    one,
    ones_times,
    positive,
    row,
    total,
    u,
    v,
    w,
    where,
    zero,
)
from tests.terms.proofs import prove_equal
from tests.terms.rules.answers import answer, write
from tracer.scalar import relu, step
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import add, call, is_call, number, power, scaled, times
from tracer.terms.rules.choice_rules import (
    CHOICES,
    MASKED,
    _join_masks,
    _orient_choice,
    _take_out_summands,
)
from tracer.terms.rules.condition_rules import CONDITIONS
from tracer.terms.rules.extreme_rules import EXTREMES
from tracer.terms.rules.function_rules import NAMES

below = compare(sympy.Le, u, zero)


RULES = (*NAMES, *CONDITIONS, *EXTREMES, *CHOICES)


def normal(term, rules=RULES):
    return Normaliser(rules).normal(term)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (call(sympy.Not, [compare(sympy.Gt, u, v)]), compare(sympy.Ge, v, u)),
        (call(sympy.Not, [compare(sympy.Eq, v, u)]), call(sympy.Not, [compare(sympy.Eq, u, v)])),
        (compare(sympy.Lt, u, v), compare(sympy.Gt, v, u)),
        (compare(sympy.Gt, zero, u), compare(sympy.Lt, u, zero)),
        (call(sympy.Not, [call(sympy.Not, [call(sympy.And, [above, positive])])]), call(sympy.And, [above, positive])),
        (compare(sympy.Ne, where(one, above, zero), zero), above),
        (call(sympy.Or, [compare(sympy.Gt, v, v), above]), above),
        (call(sympy.And, [compare(sympy.Le, v, v), above, positive]), call(sympy.And, [above, positive])),
    ],
    ids=lambda t: repr(t),
)
def test_a_condition_is_said_in_one_way(term, expected):
    assert normal(term, CONDITIONS) is normal(expected, CONDITIONS)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (where(u, positive, zero), call(relu, [u])),
        (where(u, compare(sympy.Lt, zero, u), zero), call(relu, [u])),
        (where(one, positive, zero), call(step, [u])),
        (where(u, compare(sympy.Ge, h, zero), v), u),
        (where(u, compare(sympy.Gt, scaled(-2, power(u, 2)), zero), v), v),
        (where(u, above, u), u),
        (where(u, above, u, positive, u), u),
        (where(v, above, zero), times(where(one, above, zero), v)),
        (where(zero, above, v), times(where(zero, above, one), v)),
    ],
    ids=lambda t: repr(t),
)
def test_a_choice_is_a_mask_or_has_a_name(term, expected):
    assert normal(term) is normal(expected)


@pytest.mark.parametrize(
    "term",
    [
        where(power(u, -1), above, zero),
        where(u, compare(sympy.Gt, v, zero), w),
        where(exp(where(u, positive, v)), above, w),
        where(v, positive, w),
        times(call(relu, [u]), call(step, [v])),
        add([(1, times(where(one, above, zero), u)), (1, times(where(one, below, zero), v))]),
        add([(1, times(where(one, above, zero), u)), (1, times(where(one, above, zero), v))]),
        call(sympy.And, [above, positive]),
    ],
    ids=lambda t: repr(t),
)
def test_what_would_change_a_value_is_left_alone(term):
    """A mask of what may be infinite is no factor, and conditions that differ do not make one choice."""
    assert normal(term) is Normaliser(()).normal(term)


def test_masks_of_a_condition_and_its_contrary_are_one_choice():
    both = add([(1, times(where(one, above, zero), u)), (1, times(where(zero, above, one), w))])
    assert normal(both) is where(u, above, w)
    twice = add([(2, times(call(step, [u]), w)), (1, times(where(one, below, zero), exp(v)))])
    assert normal(twice) is where(scaled(2, w), positive, exp(v))


def test_of_two_contrary_conditions_one_is_written():
    assert normal(where(zero, above, exp(v))) is normal(where(exp(v), call(sympy.Not, [above]), zero))
    assert normal(where(w, compare(sympy.Ge, u, v), h)) is where(h, compare(sympy.Gt, v, u), w)
    assert normal(where(zero, below, u)) is call(relu, [u])


def test_no_branch_is_kept_that_is_never_taken():
    never, always = compare(sympy.Gt, v, v), compare(sympy.Ge, v, v)
    assert normal(where(u, never, v, above, w)) is where(v, above, w)
    assert normal(where(u, above, h, always, w)) is where(u, above, h)


def test_a_branch_without_a_choice_by_its_condition_stays_what_it_is():
    """What is rebuilt would be another term, and the choice no mask any more."""
    formulas = []
    for product in (lambda a, x, w: x @ w, lambda a, x, w: a @ x @ w):
        a, x, w, y = (tracer.placeholder(n, ("n", "n")) for n in "AXWY")
        loss = tracer.reduce_sum((tracer.nn.relu(product(a, x, w)) - y) ** 2)
        formulas.append(str(tracer.gradients(loss, w)[0].formula()))
    assert formulas == [
        "2*X.T*(step(X*W) o (relu(X*W) - Y))",
        "2*(A*X).T*(step(A*X*W) o (relu(A*X*W) - Y))",
    ]


image = row(1, (F, (0, 1), 1), (u, (1,), 1))
larger = compare(sympy.Gt, F, G)
square = where(F, larger, number(0, F.shape))
negative = compare(sympy.Lt, u, zero)
yes, never = number(sympy.true, (n,)), number(sympy.false, (n,))
mask, contrary = where(one, above, zero), where(zero, above, one)
inverse, root = power(v, -1), sympy.S.Half
wide = compare(sympy.Gt, X, Y)
rows = where(X, wide, number(0, X.shape))
two, none = number(2, (n,)), number(0, (n, n))
cubes = call(step, [power(u, 3)])
truth, other, third = (T.source(name, (n,), ["bool"]) for name in ("t", "o", "third"))


def less(x, y):
    return add([(1, x), (-1, y)])


def wrapped(t, times):
    for _ in range(times):
        t = call(sympy.sin, [t])
    return t


SIGNED = [
    (u, {-1, 0, 1}),
    (h, {1}),
    (exp(v), {1}),
    (power(u, 2), {0, 1}),
    (power(v, 2), {0, 1}),
    (scaled(-2, h), {-1}),
    (scaled(-1, exp(w)), {-1}),
    (scaled(-3, power(w, 2)), {-1, 0}),
    (zero, {0}),
    (two, {1}),
    (scaled(-2, u), {-1, 0, 1}),
]
"""Terms, and what signs their elements may have."""

HOLDS = {sympy.Gt: {1}, sympy.Ge: {0, 1}, sympy.Lt: {-1}, sympy.Le: {0, -1}, sympy.Eq: {0}, sympy.Ne: {-1, 1}}
"""The signs of a difference that relations hold for."""


@pytest.mark.parametrize("head", HOLDS)
@pytest.mark.parametrize(("left", "signs"), SIGNED, ids=repr)
def test_a_relation_is_known_where_signs_alone_say_it(left, signs, head):
    for right, others in SIGNED:
        differences = {d for s in signs for o in others for d in ({-1, 0, 1} if s == o != 0 else {(s > o) - (s < o)})}
        known = {d in HOLDS[head] for d in ({0} if left is right else differences)}
        expected = f"{known.pop()} -> [0]" if len(known) == 1 else ""
        assert answer("x > x -> false", compare(head, left, right)) == expected


FIFTH = sympy.Rational(1, 5)


def heavy(scale):
    return row(scale, (u, (0,), 1), (w, (0,), 1), (h, (0,), 3))


ANSWERS = {
    "not(x > y) -> x <= y": [
        (no(compare(sympy.Gt, u, v)), "Le(u, v)"),
        (no(compare(sympy.Ge, u, v)), "Lt(u, v)"),
        (no(compare(sympy.Lt, u, v)), "Ge(u, v)"),
        (no(compare(sympy.Le, u, v)), "Gt(u, v)"),
        (no(compare(sympy.Eq, u, v)), "Ne(u, v)"),
        (no(compare(sympy.Ne, u, v)), "Eq(u, v)"),
        (no(both(above, positive)), "Or(Ge(v, u), Le(u, 0 -> [0]))"),
        (no(either(above, positive)), "And(Ge(v, u), Le(u, 0 -> [0]))"),
        (no(truth), ""),
    ],
    "y < x -> x > y": [
        (compare(sympy.Lt, u, v), "Gt(v, u)"),
        (compare(sympy.Le, u, v), "Ge(v, u)"),
        (compare(sympy.Gt, u, v), ""),
        (compare(sympy.Ge, u, v), ""),
        (compare(sympy.Lt, u, zero), ""),
        (compare(sympy.Gt, u, zero), ""),
        (compare(sympy.Gt, two, u), "Lt(u, 2 -> [0])"),
        (compare(sympy.Le, two, u), "Ge(u, 2 -> [0])"),
        (compare(sympy.Eq, exp(u), v), "Eq(v, exp(u))"),
        (compare(sympy.Ne, v, exp(u)), ""),
        (compare(sympy.Eq, two, times(exp(u), exp(v))), "Eq(exp((v) + (u)), 2 -> [0])"),
        (compare(sympy.Ne, times(exp(u), exp(v)), two), ""),
    ],
    "and(true, c) -> c": [
        (both(yes, above), "Gt(u, v)"),
        (both(never, above), "False -> [0]"),
        (both(yes, above, positive), "And(Gt(u, v), Gt(u, 0 -> [0]))"),
        (both(above, positive), ""),
        (both(yes, yes), "True -> [0]"),
        (either(yes, above), "True -> [0]"),
        (either(never, above), "Gt(u, v)"),
        (either(never, above, never, positive), "Or(Gt(u, v), Gt(u, 0 -> [0]))"),
        (no(yes), "False -> [0]"),
        (no(never), "True -> [0]"),
        (no(above), ""),
    ],
    "where(false, x, y) -> y": [
        (where(u, never, v), "v"),
        (where(u, yes, v), "u"),
        (where(u, never, v, above, w), "where(v, Gt(u, v), w)"),
        (where(u, above, v, yes, w), "where(u, Gt(u, v), v)"),
        (where(u, above, v, never, w), "where(u, Gt(u, v), w)"),
        (where(u, above, v), ""),
        (where(u, above, v, yes), "where(u, Gt(u, v), v)"),
    ],
    "where(c, x, x) -> x": [
        (where(u, above, u), "u"),
        (where(u, above, v), ""),
        (where(u, above, v, positive, u), ""),
        (where(u, above, u, positive, v), ""),
        (where(u, above, u, positive, u), "u"),
        (where(u, above), "u"),
    ],
    "where(c, 0, x) -> where(not c, x, 0)": [
        (where(zero, compare(sympy.Gt, u, v), w), "where(w, Le(u, v), 0 -> [0])"),
        (where(zero, compare(sympy.Eq, u, v), w), "where(w, Ne(u, v), 0 -> [0])"),
        (where(w, compare(sympy.Gt, u, v), zero), ""),
        (where(u, compare(sympy.Ge, u, v), w), "where(w, Lt(u, v), u)"),
        (where(u, compare(sympy.Le, u, v), w), "where(w, Gt(u, v), u)"),
        (where(u, compare(sympy.Ne, u, v), w), "where(w, Eq(u, v), u)"),
        (where(u, compare(sympy.Lt, u, v), w), ""),
        (where(u, compare(sympy.Eq, u, v), w), ""),
        (where(u, compare(sympy.Ge, u, v), zero), ""),
        (where(zero, both(above, positive), w), "where(w, Or(Not(Gt(u, v)), Not(Gt(u, 0 -> [0]))), 0 -> [0])"),
        (where(zero, truth, w), ""),
        (where(zero, compare(sympy.Ge, u, v), w, positive, h), ""),
        (where(zero, compare(sympy.Ge, u, v), zero), ""),
    ],
    "where(c, x*y, x*z) -> x*where(c, y, z)": [
        (
            where(number(2, (n,)), above, zero, positive, number(4, (n,))),
            "2*where(1 -> [0], Gt(u, v), 0 -> [0], Gt(u, 0 -> [0]), 2 -> [0])[0] -> [0]",
        ),
        (
            where(number(3, (n,)), above, scaled(3, u), positive, scaled(3, v)),
            "3*where(1 -> [0], Gt(u, v), u, Gt(u, 0 -> [0]), v)[0] -> [0]",
        ),
        (
            where(scaled(1 / (2 * n * (n - 1)), power(u, -1)), above, zero),
            "1/(2*n)*where(1/(n - 1)*u[0]**(-1) -> [0], Gt(u, v), 0 -> [0])[0] -> [0]",
        ),
        (
            where(heavy(-1), above, heavy(2)),
            "w[0]*u[0]*h[0]**(3)*where(-1 -> [0], Gt(u, v), 2 -> [0])[0] -> [0]",
        ),
        (where(row(sympy.oo, (u, (0,), 1), (w, (0,), 1)), above, times(u, w)), ""),
        (
            where(row(1, (v, (0,), -1), (w, (0,), 1)), above, row(1, (v, (0,), -1), (u, (0,), 1))),
            "v[0]**(-1)*where(w, Gt(u, v), u)[0] -> [0]",
        ),
        (where(times(u, v), above, times(u, w)), "u[0]*where(v, Gt(u, v), w)[0] -> [0]"),
        (where(heavy(1), above, heavy(FIFTH)), "w[0]*u[0]*h[0]**(3)*where(1 -> [0], Gt(u, v), 1/5 -> [0])[0] -> [0]"),
        (
            where(heavy(-2), above, heavy(-FIFTH)),
            "-1*w[0]*u[0]*h[0]**(3)*where(2 -> [0], Gt(u, v), 1/5 -> [0])[0] -> [0]",
        ),
        (where(number(-1, (n,)), above, number(-FIFTH, (n,))), "-1*where(1 -> [0], Gt(u, v), 1/5 -> [0])[0] -> [0]"),
        (where(one, above, number(-FIFTH, (n,))), ""),
        (where(u, above, zero), "u[0]*where(1 -> [0], Gt(u, v), 0 -> [0])[0] -> [0]"),
        (where(zero, above, u), "u[0]*where(0 -> [0], Gt(u, v), 1 -> [0])[0] -> [0]"),
        (where(zero, above, zero), ""),
        (mask, ""),
        (contrary, ""),
        (where(number(3, (n,)), above, zero), "3*where(1 -> [0], Gt(u, v), 0 -> [0])[0] -> [0]"),
        (where(scaled(-1, one), above, zero), "-1*where(1 -> [0], Gt(u, v), 0 -> [0])[0] -> [0]"),
        (where(inverse, above, zero), ""),
        (
            where(scaled(2, inverse), above, zero),
            "2*where(v[0]**(-1) -> [0], Gt(u, v), 0 -> [0])[0] -> [0]",
        ),
        (
            where(row(1, (u, (0,), 1), (v, (0,), -1)), above, zero),
            "u[0]*where(v[0]**(-1) -> [0], Gt(u, v), 0 -> [0])[0] -> [0]",
        ),
        (where(row(1, (v, (0,), -1), (w, (0,), 1)), above, row(1, (v, (0,), -2), (u, (0,), 1))), ""),
        (where(row(1, (v, (0,), -2), (u, (0,), 1)), above, row(1, (v, (0,), -1), (w, (0,), 1))), ""),
        (
            where(row(1, (u, (0,), 2), (v, (0,), 1)), above, row(1, (u, (0,), 3), (w, (0,), 1))),
            "u[0]**(2)*where(v, Gt(u, v), w[0]*u[0] -> [0])[0] -> [0]",
        ),
        (
            where(row(1, (u, (0,), 3), (v, (0,), 1)), above, row(1, (u, (0,), 2), (w, (0,), 1))),
            "u[0]**(2)*where(v[0]*u[0] -> [0], Gt(u, v), w)[0] -> [0]",
        ),
        (where(power(u, 2), above, power(u, 3)), ""),
        (
            where(row(1, (u, (0,), root), (v, (0,), 1)), above, row(1, (u, (0,), root), (w, (0,), 1))),
            "",
        ),
        (where(times(u, v), above, row(1, (v, (0,), -1), (w, (0,), 1))), ""),
        (where(times(u, w), above, row(1, (u, (0,), -1), (v, (0,), 1))), ""),
        (where(times(u, v), above, w), ""),
        (where(scaled(2, u), above, scaled(4, v)), ""),
        (
            where(scaled(-2, u), above, scaled(-4, v)),
            "-2*where(u, Gt(u, v), 2*v[0] -> [0])[0] -> [0]",
        ),
        (where(scaled(-1, u), above, scaled(-1, v)), "-1*where(u, Gt(u, v), v)[0] -> [0]"),
        (where(scaled(-1, u), above, v), ""),
        (
            where(scaled(2, u), above, scaled(-2, v)),
            "2*where(u, Gt(u, v), -1*v[0] -> [0])[0] -> [0]",
        ),
        (
            where(scaled(-2, u), above, scaled(2, v)),
            "-2*where(u, Gt(u, v), -1*v[0] -> [0])[0] -> [0]",
        ),
        (
            where(scaled(-1, u), above, zero, positive, scaled(-1, inverse)),
            "-1*where(u, Gt(u, v), 0 -> [0], Gt(u, 0 -> [0]), v[0]**(-1) -> [0])[0] -> [0]",
        ),
        (
            where(times(u, v), above, zero, positive, times(u, w)),
            "u[0]*where(v, Gt(u, v), 0 -> [0], Gt(u, 0 -> [0]), w)[0] -> [0]",
        ),
        (where(row(1, (v, (0,), -1), (u, (0,), 1)), above, zero, positive, row(1, (v, (0,), -1), (w, (0,), 1))), ""),
        (
            where(row(1, (h, (0,), -1), (u, (0,), 1)), above, zero, positive, row(1, (h, (0,), -1), (w, (0,), 1))),
            "h[0]**(-1)*where(u, Gt(u, v), 0 -> [0], Gt(u, 0 -> [0]), w)[0] -> [0]",
        ),
        (where(u, above, zero, positive, v), ""),
        (where(scaled(sympy.oo, u), above, scaled(sympy.oo, v)), ""),
        (where(scaled(-sympy.oo, u), above, scaled(-2, u)), ""),
        (where(number(sympy.oo, (n,)), above, zero), ""),
        (
            where(times(X, ones_times(u)), wide, times(Y, ones_times(u))),
            "u[1]*where(X, Gt(X, Y), Y)[0, 1] -> [0, 1]",
        ),
        (
            where(ones_times(u), wide, number(0, X.shape)),
            "u[1]*where(1 -> [0, 1], Gt(X, Y), 0 -> [0, 1])[0, 1] -> [0, 1]",
        ),
        (where(ones_times(u), wide, scaled(3, ones_times(times(u, v)))), ""),
        (where(image, above, zero), "u[1]*F[0, 1]*where(1 -> [0], Gt(u, v), 0 -> [0])[0] -> [0]"),
        (where(image, above), ""),
        (where(scaled(sympy.oo, u), above, v), ""),
        (
            where(
                row(1, (h, (0,), -1), (u, (0,), 1), (w, (0,), 2)),
                above,
                row(1, (h, (0,), -2), (u, (0,), 1), (w, (0,), 3)),
            ),
            "w[0]**(2)*u[0]*h[0]**(-1)*where(1 -> [0], Gt(u, v), w[0]*h[0]**(-1) -> [0])[0] -> [0]",
        ),
        (
            where(
                row(1, (h, (0,), -2), (u, (0,), 1), (w, (0,), 3)),
                above,
                row(1, (h, (0,), -1), (u, (0,), 1), (w, (0,), 2)),
            ),
            "w[0]**(2)*u[0]*h[0]**(-1)*where(w[0]*h[0]**(-1) -> [0], Gt(u, v), 1 -> [0])[0] -> [0]",
        ),
        (
            where(row(1, (h, (0,), root), (u, (0,), 1)), above, row(1, (h, (0,), root), (u, (0,), 1), (w, (0,), 1))),
            "u[0]*where(h[0]**(1/2) -> [0], Gt(u, v), w[0]*h[0]**(1/2) -> [0])[0] -> [0]",
        ),
    ],
    "where(c, x, w)*where(c, y, z) -> where(c, x*y, w*z)": [
        (
            times(where(u, above, zero), where(v, above, w)),
            "where(v[0]*u[0] -> [0], Gt(u, v), 0 -> [0])",
        ),
        (
            times(where(zero, above, u), where(v, above, w)),
            "where(0 -> [0], Gt(u, v), w[0]*u[0] -> [0])",
        ),
        (
            times(where(v, above, w), where(u, above, zero)),
            "where(v[0]*u[0] -> [0], Gt(u, v), 0 -> [0])",
        ),
        (
            times(where(v, above, w), where(zero, above, u)),
            "where(0 -> [0], Gt(u, v), w[0]*u[0] -> [0])",
        ),
        (
            times(where(v, above, w), where(u, above, h)),
            "where(v[0]*u[0] -> [0], Gt(u, v), w[0]*h[0] -> [0])",
        ),
        (times(where(u, above, zero), where(v, positive, w)), ""),
        (
            times(where(u, above, zero), exp(u), where(v, no(compare(sympy.Le, u, v)), w), exp(v)),
            "exp((v) + (u))[0]*where(v[0]*u[0] -> [0], Gt(u, v), 0 -> [0])[0] -> [0]",
        ),
        (
            times(where(u, above, zero), where(w, compare(sympy.Le, u, v), h)),
            "where(u[0]*h[0] -> [0], Gt(u, v), 0 -> [0])",
        ),
        (times(call(step, [u]), where(v, positive, w)), "where(v, Gt(u, 0 -> [0]), 0 -> [0])"),
        (times(cubes, where(v, positive, w)), "where(v, Gt(u, 0 -> [0]), 0 -> [0])"),
        (row(1, (mask, (0,), 1), (where(u, above, v), (1,), 1), out=(0, 1)), ""),
        (
            row(
                -2,
                (v, (0,), 1),
                (mask, (0,), 1),
                (h, (0,), 1),
                (where(u, above, v), (0,), 1),
                (w, (0,), 1),
                out=(0, 1),
                _1=m,
            ),
            "-2*w[0]*v[0]*h[0]*where(u, Gt(u, v), 0 -> [0])[0] -> [0, 1]",
        ),
        (
            row(-2, (v, (0,), 1), (mask, (0,), 3), (w, (0,), 1), out=(0, 1), _1=m),
            "-2*w[0]*v[0]*where(1 -> [0], Gt(u, v), 0 -> [0])[0] -> [0, 1]",
        ),
        (power(mask, 2), "where(1 -> [0], Gt(u, v), 0 -> [0])"),
        (power(contrary, 2), "where(0 -> [0], Gt(u, v), 1 -> [0])"),
        (power(mask, -1), ""),
        (power(mask, root), ""),
        (power(call(step, [u]), 2), "step(u)"),
        (power(where(u, above, zero), 2), ""),
        (times(where(u, above, v), power(mask, 2)), ""),
        (
            row(1, (where(u, above, v), (0,), 2), (where(w, above, zero), (0,), 1), (where(v, above, u), (0,), 1)),
            "where(u, Gt(u, v), v)[0]**(2)*where(w[0]*v[0] -> [0], Gt(u, v), 0 -> [0])[0] -> [0]",
        ),
        (
            row(1, (where(u, above, v), (0,), -1), (where(w, above, zero), (0,), 1), (where(v, above, u), (0,), 1)),
            "where(u, Gt(u, v), v)[0]**(-1)*where(w[0]*v[0] -> [0], Gt(u, v), 0 -> [0])[0] -> [0]",
        ),
        (
            row(1, (u, (0,), 1), (where(v, above, w), (0,), 1), (mask, (0,), 1), out=()),
            "u[0]*where(v, Gt(u, v), 0 -> [0])[0] -> []",
        ),
        (times(u, mask), ""),
    ],
    "where(c, 1, 0)*where(d, 1, 0) -> where(c & d, 1, 0)": [
        (times(mask, where(one, compare(sympy.Gt, v, u), zero)), "0 -> [0]"),
        (times(mask, where(one, truth, zero)), ""),
        (times(where(one, truth, zero), where(zero, truth, one)), "0 -> [0]"),
        (times(where(one, truth, zero), where(one, either(truth, other), zero)), "where(1 -> [0], t, 0 -> [0])"),
        (
            times(where(one, either(truth, other, third), zero), where(one, either(truth, other, no(third)), zero)),
            "where(1 -> [0], Or(o, t), 0 -> [0])",
        ),
        (times(call(step, [u]), call(step, [scaled(-1, u)])), "0 -> [0]"),
        (row(1, (mask, (0,), -1), (where(one, compare(sympy.Gt, v, w), zero), (0,), 1)), ""),
        (times(where(one, compare(sympy.Ge, u, v), zero), where(one, compare(sympy.Ge, w, h), zero)), ""),
        (
            times(
                where(one, both(no(truth), above), zero),
                where(one, both(no(truth), compare(sympy.Gt, w, h)), zero),
            ),
            "",
        ),
    ],
    "where(c, x, where(d, x, y)) -> where(c | d, x, y)": [
        (where(u, above, where(u, truth, w)), "where(u, Or(Gt(u, v), t), w)"),
        (where(u, above, where(w, truth, u)), "where(u, Or(Gt(u, v), Not(t)), w)"),
        (where(where(u, truth, w), above, u), "where(w, And(Gt(u, v), Not(t)), u)"),
        (where(where(u, truth, w), above, w), "where(u, And(Gt(u, v), t), w)"),
        (where(u, above, where(v, truth, w)), ""),
        (where(u, above, where(u, positive, v, truth, w)), ""),
    ],
    "where(c, x + z, y + z) -> z + where(c, x, y)": [
        (where(add([(1, exp(u)), (1, v)]), above, add([(1, exp(u)), (1, w)])), "(exp(u)) + (where(v, Gt(u, v), w))"),
        (where(add([(2, exp(u)), (2, times(u, v))]), above, scaled(2, exp(u))), ""),
        (where(add([(4, one), (-1, power(u, -1))]), above, number(4, (n,))), ""),
    ],
    "where(c, x - y, 0) + y -> where(c, x, y)": [
        (add([(1, where(less(u, v), above, zero)), (1, v)]), "where(u, Gt(u, v), v)"),
        (add([(1, where(zero, above, less(u, v))), (1, v)]), "where(v, Gt(u, v), u)"),
        (add([(-1, where(less(u, v), above, zero)), (1, u)]), "where(v, Gt(u, v), u)"),
        (add([(1, times(call(step, [u]), less(v, w))), (1, w)]), "where(v, Gt(u, 0 -> [0]), w)"),
        (add([(1, where(less(less(u, v), w), above, zero)), (1, v), (1, w)]), "where(u, Gt(u, v), (w) + (v))"),
        (add([(1, where(less(less(less(u, v), w), h), above, zero)), (1, v), (1, w), (1, h)]), ""),
        (add([(1, where(less(u, v), above, zero)), (2, v)]), ""),
        (add([(1, where(less(u, v), above, zero)), (1, w)]), ""),
        (add([(1, where(w, above, less(u, v))), (1, v)]), ""),
        (add([(1, row(1, (where(less(F, G), larger, none), (1, 0), 1), out=(0, 1))), (1, G)]), ""),
        (add([(1, total(where(less(u, v), above, zero), (0,))), (1, total(v, (0,)))]), ""),
    ],
    "where(c, x, y) + where(c, z, 0) -> where(c, x + z, y)": [
        (add([(1, times(cubes, w)), (1, where(v, positive, h))]), "where((w) + (v), Gt(u, 0 -> [0]), h)"),
        (
            add(
                [
                    (1, row(1, (u, (0,), 1), (rows, (1, 0), 1), out=())),
                    (1, row(1, (where(Y, wide, X), (0, 1), 1), out=())),
                ]
            ),
            "where((Y) + (X[0, 1]*u[1] -> [0, 1]), Gt(X, Y), X)[0, 1] -> []",
        ),
        (
            add([(1, where(inverse, above, zero)), (1, where(power(u, -1), above, zero))]),
            "where((u[0]**(-1) -> [0]) + (v[0]**(-1) -> [0]), Gt(u, v), 0 -> [0])",
        ),
        (add([(1, where(inverse, above, zero)), (1, where(power(u, -1), positive, zero))]), ""),
        (
            add([(2, where(inverse, above, w)), (-4, where(u, above, h))]),
            "2*where(-1*(2*(u) + -1*(v[0]**(-1) -> [0]))[0] -> [0], Gt(u, v), (w) + -2*(h))[0] -> [0]",
        ),
        (
            add([(2, where(inverse, above, w)), (1, h), (-4, where(u, above, v))]),
            "(h) + 2*(where(-1*(2*(u) + -1*(v[0]**(-1) -> [0]))[0] -> [0], Gt(u, v), (w) + -2*(v)))",
        ),
        (add([(1, times(mask, u)), (1, times(mask, v))]), ""),
        (add([(1, times(contrary, u)), (1, times(contrary, v))]), ""),
        (add([(1, times(mask, u)), (1, times(contrary, v))]), "where(u, Gt(u, v), v)"),
        (
            add([(1, times(mask, u)), (1, times(contrary, v)), (-3, times(mask, w))]),
            "where(-1*(3*(w) + -1*(u))[0] -> [0], Gt(u, v), v)",
        ),
        (
            add([(1, times(mask, u)), (1, where(exp(v), above, zero))]),
            "where((u) + (exp(v)), Gt(u, v), 0 -> [0])",
        ),
        (add([(1, row(1, (mask, (0,), 2), (u, (0,), 1))), (1, times(contrary, v))]), ""),
        (add([(1, where(u, above, v)), (1, w)]), ""),
        (
            add(
                [
                    (1, where(u, above, v)),
                    (1, where(u, positive, v)),
                    (1, where(w, above, v)),
                    (1, where(w, positive, v)),
                ]
            ),
            "(where(u, Gt(u, 0 -> [0]), v)) + (where(w, Gt(u, 0 -> [0]), v)) + "
            "(where((w) + (u), Gt(u, v), 2*v[0] -> [0]))",
        ),
        (
            add(
                [
                    (1, where(u, positive, v)),
                    (1, where(u, above, v)),
                    (1, where(w, positive, v)),
                    (1, where(w, above, v)),
                ]
            ),
            "(where(u, Gt(u, 0 -> [0]), v)) + (where(w, Gt(u, 0 -> [0]), v)) + "
            "(where((w) + (u), Gt(u, v), 2*v[0] -> [0]))",
        ),
        (
            add([(1, dot(mask, u)), (3, dot(contrary, v))]),
            "where(u, Gt(u, v), 3*v[0] -> [0])[0] -> []",
        ),
        (
            add(
                [
                    (1, dot(mask, u)),
                    (3, row(1, (u, (0,), 1), (contrary, (0,), 1), (v, (0,), 1), (contrary, (0,), 1), out=())),
                ]
            ),
            "where(u, Gt(u, v), 3*v[0]*u[0]*where(0 -> [0], Gt(u, v), 1 -> [0])[0] -> [0])[0] -> []",
        ),
        (
            add([(2, row(1, (rows, (0, 1), 1))), (1, row(1, (where(number(0, X.shape), wide, Y), (0, 1), 1)))]),
            "where(2*X[0, 1] -> [0, 1], Gt(X, Y), Y)[0, 1] -> [0]",
        ),
        (
            add(
                [
                    (2, row(1, (rows, (0, 1), 1), out=(1,))),
                    (1, row(1, (where(number(0, X.shape), wide, Y), (0, 1), 1), out=(1,))),
                ]
            ),
            "where(2*X[0, 1] -> [0, 1], Gt(X, Y), Y)[1, 0] -> [0]",
        ),
        (
            add([(1, row(1, (rows, (1, 0), 1), out=(0, 1))), (1, row(1, (where(Y, wide, X), (1, 0), 1), out=(0, 1)))]),
            "where((X[1, 0] -> [0, 1]) + (Y[1, 0] -> [0, 1]), "
            "Gt(X[1, 0] -> [0, 1], Y[1, 0] -> [0, 1]), X[1, 0] -> [0, 1])",
        ),
        (
            add([(1, rows), (1, row(1, (where(Y, wide, X), (0, 1), 1), (u, (1,), 1), out=(0, 1)))]),
            "where((X) + (Y[0, 1]*u[1] -> [0, 1]), Gt(X, Y), X[0, 1]*u[1] -> [0, 1])",
        ),
        (
            add(
                [
                    (1, row(1, (mask, (0,), 1), (X, (1, 0), 1), out=(1, 0))),
                    (1, row(1, (contrary, (0,), 1), (Y, (1, 0), 1), out=(1, 0))),
                ]
            ),
            "",
        ),
        (
            add([(1, row(1, (mask, (0,), 1), (u, (0,), 1), out=(0, 0))), (1, row(1, (contrary, (0,), 1), out=(0, 0)))]),
            "",
        ),
        (
            add(
                [
                    (1, row(1, (mask, (0,), 1), out=(1, 0), _1=m)),
                    (1, row(1, (contrary, (0,), 1), (u, (0,), 1), out=(1, 0), _1=m)),
                ]
            ),
            "where(1 -> [0], Gt(u, v), u)[1] -> [0, 1]",
        ),
        (
            add([(1, times(mask, u)), (1, T.number(2, (n,))), (1, times(contrary, call(step, [v]), u))]),
            "2*(1 -> [0]) + (where(u, Gt(u, v), u[0]*step(v)[0] -> [0]))",
        ),
        (
            add([(1, row(1, (rows, (0, 1), 1), out=())), (3, row(1, (where(Y, wide, X), (0, 1), 1), out=()))]),
            "where((X) + 3*(Y), Gt(X, Y), 3*X[0, 1] -> [0, 1])[0, 1] -> []",
        ),
        (add([(1, row(1, (square, (0, 0), 1))), (3, row(1, (where(G, larger, F), (0, 0), 1)))]), ""),
        (
            add(
                [
                    (1, row(1, (square, (1, 0), 1), out=(0, 1))),
                    (1, row(1, (where(G, larger, F), (1, 0), 1), out=(0, 1))),
                    (1, square),
                    (1, where(G, larger, F)),
                ]
            ),
            "(where((G) + (F), Gt(F, G), F)) + "
            "(where(F[1, 0] -> [0, 1], Gt(F[1, 0] -> [0, 1], G[1, 0] -> [0, 1]), 0 -> [0, 1])) + "
            "(where(G[1, 0] -> [0, 1], Gt(F[1, 0] -> [0, 1], G[1, 0] -> [0, 1]), F[1, 0] -> [0, 1]))",
        ),
    ],
    "where(c, f(where(c, x, y)), z) -> where(c, f(x), z)": [
        (where(exp(where(u, above, v)), above, w), "where(exp(u), Gt(u, v), w)"),
        (where(w, above, exp(where(u, above, v))), "where(w, Gt(u, v), exp(v))"),
        (where(exp(where(u, above, v)), compare(sympy.Le, u, v), w), "where(w, Gt(u, v), exp(v))"),
        (where(exp(where(u, positive, v)), above, w), ""),
        (where(where(u, above, v), above, w), "where(u, Gt(u, v), w)"),
        (
            where(add([(2, where(u, above, v)), (3, h)]), above, w),
            "where(2*(u) + 3*(h), Gt(u, v), w)",
        ),
        (
            where(row(3, (where(u, above, v), (0,), -2), (h, (0,), 1)), above, w),
            "where(3*u[0]**(-2)*h[0] -> [0], Gt(u, v), w)",
        ),
        (where(matmul(F, where(u, above, v)), above, w), ""),
        (where(times(u, where(v, positive, matmul(F, mask))), above, w), ""),
        (where(call("softmax", [where(u, above, v)]), above, w), ""),
        (where(u, above, v), ""),
        (where(one, above, exp(mask)), "where(1 -> [0], Gt(u, v), 1 -> [0])"),
        (where(call(sympy.Max, [h, where(u, above, v)]), above, w), "where(Max(h, u), Gt(u, v), w)"),
        (where(exp(where(u, negative, v)), negative, w), "where(exp(u), Lt(u, 0 -> [0]), w)"),
        (
            where(row(3, (where(u, above, v), (0,), 1), (X, (1, 0), 1), out=(0,)), above, w),
            "where(3*X[1, 0]*u[0] -> [0], Gt(u, v), w)",
        ),
        (where(ones_times(u), wide, X), ""),
        (
            where(row(1, (rows, (0, 1), 1), (u, (1,), 1), out=(0, 1)), wide, ones_times(u)),
            "where(X[0, 1]*u[1] -> [0, 1], Gt(X, Y), u[1] -> [0, 1])",
        ),
        (
            where(wrapped(mask, 6), above, w),
            "where(sin(sin(sin(sin(sin(sin(1)))))) -> [0], Gt(u, v), w)",
        ),
        (where(wrapped(mask, 7), above, w), ""),
        (
            where(add([(1, wrapped(mask, 5)), (1, v)]), above, w),
            "where((v) + sin(sin(sin(sin(sin(1)))))*(1 -> [0]), Gt(u, v), w)",
        ),
        (where(add([(1, wrapped(mask, 6)), (1, v)]), above, w), ""),
        (where(u, above, v, positive, exp(mask)), ""),
        *((where(Normaliser(()).normal(matmul(*chain)), larger, F), "") for chain in permutations([F, G, H])),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term


def contrary(condition):
    return call(sympy.Not, [condition])


def joined(head, *conditions):
    return call(head, conditions)


at_least, at_most, apart = compare(sympy.Ge, u, v), compare(sympy.Le, u, w), compare(sympy.Ne, u, v)


@pytest.mark.parametrize(
    ("conditions", "turned"),
    [
        # Of two strict relations and others the strict ones are written, and of as many of each, the conjunction.
        (joined(sympy.And, at_least, at_most), True),
        (joined(sympy.Or, at_least, at_most), True),
        (joined(sympy.And, above, positive), False),
        (joined(sympy.Or, above, positive), False),
        (joined(sympy.And, above, at_most), False),
        (joined(sympy.Or, above, at_most), True),
        (joined(sympy.And, apart, at_most, positive), True),
        (joined(sympy.And, contrary(above), contrary(at_most)), True),
        (joined(sympy.Or, contrary(above), at_least, positive), True),
        (joined(sympy.Or, apart, above, positive), False),
    ],
    ids=repr,
)
def test_a_choice_by_several_relations_is_by_those_that_are_strict(conditions, turned):
    n, other = Normaliser(()), sympy.Or if conditions.head is sympy.And else sympy.And
    expected = where(w, joined(other, *map(contrary, conditions.args)), v) if turned else None
    assert _orient_choice(n, where(v, conditions, w)) is expected
    contrary_one = where(w, joined(other, *map(contrary, conditions.args)), zero)
    assert _orient_choice(n, where(zero, conditions, w)) is contrary_one
    assert _orient_choice(n, where(w, conditions, zero)) is None


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (above, compare(sympy.Gt, v, w), True),  # v stands between u and w
        (above, joined(sympy.And, compare(sympy.Gt, v, w), compare(sympy.Gt, w, h)), True),
        (joined(sympy.Or, compare(sympy.Gt, v, w), compare(sympy.Gt, w, h)), above, True),
        (above, compare(sympy.Gt, h, w), False),
        (positive, compare(sympy.Gt, v, zero), False),  # numbers are no bounds in common
        (above, compare(sympy.Gt, w, zero), False),
        (positive, positive, True),
    ],
    ids=repr,
)
def test_masks_are_joined_where_something_is_between_bounds(first, second, expected):
    mask = [where(one, condition, zero) for condition in (first, second)]
    found = _join_masks(Normaliser(CONDITIONS), times(v, *mask))
    if not expected:
        assert found is None
    else:
        assert prove_equal(times(v, *mask), found)
        assert sum(is_call(f[0], sympy.Piecewise) for f in found.factors) == 1


def test_masks_of_other_elements_and_powers_of_masks_stay_apart():
    mask, other = where(one, above, zero), where(one, compare(sympy.Gt, v, w), zero)
    outer = T.product(1, [(mask, (0,), T.ONE), (other, (1,), T.ONE)], (0, 1))
    assert _join_masks(Normaliser(CONDITIONS), outer) is None


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        (add([(1, exp(u)), (1, v)]), add([(1, exp(u)), (1, w)]), True),
        (add([(1, exp(u)), (1, v)]), add([(1, exp(u)), (2, v)]), True),
        (add([(1, exp(u)), (1, v)]), add([(2, exp(u)), (1, w)]), False),
        (add([(1, u), (1, one)]), u, True),
        (add([(1, v), (1, u)]), add([(1, w), (2, u)]), False),
    ],
    ids=repr,
)
def test_what_both_branches_add_is_added_to_the_choice(first, second, taken):
    term = where(first, above, second)
    found = _take_out_summands(Normaliser(RULES), term)
    assert (found is not None) == taken
    if taken:
        assert prove_equal(term, found)
        assert found.weight < term.weight + MASKED


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (where(scaled(2, u), above, scaled(3, u)), times(u, where(number(2, (n,)), above, number(3, (n,))))),
        (where(scaled(2, u), above, scaled(-1, u)), times(u, where(number(2, (n,)), above, number(-1, (n,))))),
        (where(scaled(2, u), above), None),
        (where(scaled(2, times(u, v)), above, u), None),
    ],
)
def test_what_leaves_numbers_alone_is_taken_out(term, expected):
    wanted = "" if expected is None else write(Normaliser(()).normal(expected))
    assert answer("where(c, x*y, x*z) -> x*where(c, y, z)", term, ()) == wanted
