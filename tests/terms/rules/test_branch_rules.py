"""In a branch of a choice it is known that its condition holds, or that it does not."""

import pytest
import sympy

from tests.terms.programs import above, compare, dot, exp, h, one, positive, times, u, v, w, where, zero
from tracer.scalar import step
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, add, call, number, power, product, scaled
from tracer.terms.rules.branch_rules import BRANCHES, _find_value, _keep_branch, _list_known, _settle
from tracer.terms.rules.choice_rules import CHOICES
from tracer.terms.rules.condition_rules import CONDITIONS
from tracer.terms.rules.extreme_rules import EXTREMES
from tracer.terms.rules.function_rules import FUNCTIONS

RULES = (*FUNCTIONS, *CONDITIONS, *EXTREMES, *BRANCHES, *CHOICES)


def normal(term):
    return Normaliser(RULES).normal(term)


def clip(t):
    return call(sympy.Min, [one, call(sympy.Max, [t, scaled(-1, one)])])


SQUARES = dot(w, w)
OUTSIDE = call(sympy.Or, [compare(sympy.Gt, u, one), compare(sympy.Lt, u, scaled(-1, one))])


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (where(exp(where(u, above, v)), above, w), where(exp(u), above, w)),
        (where(w, above, times(v, where(one, above, u))), where(w, above, times(v, u))),
        (where(w, above, add([(1, v), (2, where(one, above, u))])), where(w, above, add([(1, v), (2, u)]))),
        (where(exp(call(sympy.Max, [u, v])), above, w), where(exp(u), above, w)),
        (where(w, above, exp(call(sympy.Min, [u, v]))), where(w, above, exp(u))),
        (where(exp(call(sympy.Abs, [u])), positive, w), where(exp(u), positive, w)),
        (where(w, compare(sympy.Ge, u, zero), exp(call(sympy.Abs, [u]))),
         where(w, compare(sympy.Ge, u, zero), exp(scaled(-1, u)))),
        (where(w, OUTSIDE, exp(clip(u))), where(w, OUTSIDE, exp(u))),
        (where(w, compare(sympy.Gt, call(sympy.Abs, [u]), one), exp(clip(u))),
         where(w, compare(sympy.Gt, call(sympy.Abs, [u]), one), exp(u))),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_known_in_a_branch_is_used_there(term, expected):
    assert normal(term) is normal(expected)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (where(times(v, clip(u)), OUTSIDE, times(v, u)), times(v, clip(u))),
        (
            where(power(SQUARES, sympy.S.Half), compare(sympy.Gt, SQUARES, number(0)), SQUARES),
            power(SQUARES, sympy.S.Half),
        ),
        (where(call(sympy.Abs, [u]), compare(sympy.Lt, u, zero), u), call(sympy.Abs, [u])),
        (where(h, above, add([(1, h), (1, where(zero, above, v))])), where(h, above, add([(1, h), (1, v)]))),
    ],
    ids=repr,
)
def test_a_branch_that_says_what_the_other_says_is_the_whole(term, expected):
    assert normal(term) is normal(expected)


@pytest.mark.parametrize(
    "term",
    [
        where(times(v, clip(u)), compare(sympy.Gt, u, one), times(v, u)),
        where(exp(clip(u)), OUTSIDE, w),
        where(exp(call(sympy.Abs, [u])), above, w),
        where(exp(call(sympy.Max, [u, v])), compare(sympy.Gt, u, w), w),
        where(w, positive, exp(u)),
    ],
    ids=repr,
)
def test_what_a_condition_does_not_say_is_left_alone(term):
    assert normal(term) is Normaliser((*FUNCTIONS, *CONDITIONS, *EXTREMES, *CHOICES)).normal(term)


LARGER, LESSER, SIZE = call(sympy.Max, [u, v]), call(sympy.Min, [u, v]), call(sympy.Abs, [u])
BELOW, FAR = compare(sympy.Gt, v, u), compare(sympy.Gt, SIZE, one)


@pytest.mark.parametrize(
    ("term", "kept"),
    [
        (where(LARGER, above, v), LARGER),
        (where(u, above, LARGER), LARGER),
        (where(LESSER, above, u), LESSER),
        (where(v, above, LESSER), LESSER),
        (where(LARGER, above, u), None),
        (where(v, above, LARGER), None),
        (where(LESSER, above, v), None),
        (where(u, above, LESSER), None),
        (where(u, above, v), None),
    ],
    ids=repr,
)
def test_the_branch_that_is_kept_is_the_other_one_where_that_is_taken(term, kept):
    assert _keep_branch(Normaliser(RULES), term) is kept


@pytest.mark.parametrize(
    ("condition", "side", "known"),
    [
        (above, 0, [(above, 0)]),
        (above, 1, [(above, 1)]),
        (compare(sympy.Ge, u, v), 0, [(BELOW, 1)]),
        (compare(sympy.Ge, u, v), 1, [(BELOW, 0)]),
        (call(sympy.And, [above, positive]), 0, [(above, 0), (positive, 0)]),
        (call(sympy.And, [above, positive]), 1, [(call(sympy.And, [above, positive]), 1)]),
        (call(sympy.Or, [above, positive]), 1, [(above, 1), (positive, 1)]),
        (call(sympy.Or, [above, positive]), 0, [(call(sympy.Or, [above, positive]), 0)]),
        (FAR, 0, [(FAR, 0)]),
        (compare(sympy.Eq, SIZE, one), 1, [(compare(sympy.Eq, SIZE, one), 1)]),
        (FAR, 1, [(FAR, 1), (compare(sympy.Gt, u, one), 1), (compare(sympy.Gt, number(-1, u.shape), u), 1)]),
    ],
    ids=repr,
)
def test_what_is_known_of_a_condition(condition, side, known):
    found = _list_known(Normaliser(()), condition, side)
    assert sorted(map(repr, found)) == sorted(map(repr, known))


@pytest.mark.parametrize(
    ("condition", "side", "term", "value"),
    [
        (positive, 0, SIZE, u),
        (positive, 1, SIZE, scaled(-1, u)),
        (compare(sympy.Gt, zero, u), 0, SIZE, scaled(-1, u)),
        (compare(sympy.Gt, zero, u), 1, SIZE, u),
        (positive, 0, call(sympy.Abs, [v]), None),
        (above, 0, SIZE, None),
        (above, 0, LARGER, u),
        (above, 1, LARGER, v),
        (above, 0, LESSER, v),
        (above, 1, LESSER, u),
        (above, 0, call(sympy.atan2, [u, v]), None),
        (above, 0, call(sympy.Max, [u, w]), None),
        (call(sympy.Eq, [u, v]), 0, LARGER, None),
    ],
    ids=repr,
)
def test_values_that_a_condition_says(condition, side, term, value):
    assert _find_value(condition, side, term) is value


def test_what_is_never_below_zero_and_known_not_to_be_above_is_zero():
    n, square = Normaliser(RULES), power(u, 2)
    known, other = (compare(sympy.Gt, square, zero), 1), (above, 1)
    for rows in ([known], [known, other], [other, known]):
        assert _settle(n, square, rows, 1) is number(0, u.shape)
    for rows in ([other], [(known[0], 0)], [(compare(sympy.Gt, square, one), 1)]):
        assert _settle(n, square, rows, 1) is square
    assert _settle(n, u, [(positive, 1)], 1) is u


def test_choices_are_looked_for_as_deep_as_said():
    n, choice = Normaliser(RULES), where(u, above, v)
    assert _settle(n, exp(choice), [(above, 0)], 1) is exp(u)
    assert _settle(n, exp(choice), [(above, 1)], 1) is exp(v)
    assert _settle(n, exp(choice), [(above, 0)], 0) is exp(choice)
    turned = where(u, call(sympy.Not, [above]), v)
    assert _settle(n, turned, [(above, 0)], 1) is v


def test_a_condition_is_known_however_it_is_written():
    cubes = call(step, [power(u, 3)])
    assert _settle(Normaliser(RULES), cubes, [(positive, 0)], 1) is one
    assert _settle(Normaliser(RULES), cubes, [(positive, 1)], 1) is zero


STEP, FINITE = call(step, [u]), (*FUNCTIONS, *CONDITIONS, *EXTREMES, *CHOICES, *BRANCHES)


@pytest.mark.parametrize(
    ("branch", "is_kept"),
    [
        (times(STEP, v), True),
        (add([(1, times(STEP, v)), (1, STEP)]), True),
        (times(STEP, power(u, -1)), False),
        (times(STEP, power(v, -1)), False),
        (times(STEP, power(v, sympy.S.Half)), False),
        (add([(1, times(STEP, power(v, -1))), (1, STEP)]), False),
        (times(add([(1, STEP), (1, times(STEP, v))]), power(v, -1)), False),
    ],
)
def test_a_branch_that_is_not_finite_everywhere_is_not_the_whole(branch, is_kept):
    term = where(branch, positive, zero)
    assert _keep_branch(Normaliser(FINITE), term) is (branch if is_kept else None)
    assert normal(where(w, positive, branch)) is normal(where(w, positive, zero))
    quotient = times(where(w, positive, u), power(v, -1))
    assert _keep_branch(Normaliser(FINITE), where(quotient, positive, normal(times(u, power(v, -1))))) is quotient
    nested = where(exp(times(v, where(w, positive, u))), positive, exp(times(v, u)))
    assert _keep_branch(Normaliser(FINITE), nested) is exp(times(v, where(w, positive, u)))


def greatest(*terms):
    return call(sympy.Max, terms)


def mask(condition):
    return where(one, condition, zero)


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (compare(sympy.Gt, u, v), compare(sympy.Gt, greatest(u, v), h), compare(sympy.Gt, u, h)),
        (compare(sympy.Ge, u, v), compare(sympy.Ge, greatest(u, v), h), compare(sympy.Ge, u, h)),
        (compare(sympy.Ge, u, greatest(v, w)), compare(sympy.Ge, greatest(u, v, w), h), compare(sympy.Ge, u, h)),
        (compare(sympy.Gt, u, v), compare(sympy.Gt, greatest(u, v, w), h), compare(sympy.Gt, greatest(u, w), h)),
        (compare(sympy.Ge, u, greatest(u, v)), compare(sympy.Gt, greatest(u, v), h), compare(sympy.Gt, u, h)),
        (compare(sympy.Gt, u, v), compare(sympy.Gt, call(sympy.Min, [u, v]), h), compare(sympy.Gt, v, h)),
        (
            compare(sympy.Gt, call(sympy.Min, [v, w]), u),
            compare(sympy.Gt, call(sympy.Min, [u, v, w]), h),
            compare(sympy.Gt, u, h),
        ),
    ],
    ids=str,
)
def test_beside_a_mask_its_condition_is_known(first, second, left):
    both = normal(times(mask(first), mask(second)))
    assert both is normal(times(mask(first), mask(left)))


def test_beside_a_mask_at_other_places_nothing_is_known():
    first, second = mask(compare(sympy.Gt, u, v)), mask(compare(sympy.Gt, greatest(u, v), h))
    apart = product(1, [(first, (0,), ONE), (second, (1,), ONE)], (0, 1))
    assert normal(second) in normal(apart).children


def test_the_greatest_of_the_greatest_is_of_all():
    assert normal(greatest(u, greatest(v, w))) is normal(greatest(greatest(u, v), w))
    assert normal(greatest(u, greatest(v, u))) is normal(greatest(u, v))
