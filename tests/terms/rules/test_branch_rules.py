"""In a branch of a choice it is known that its condition holds, or that it does not."""

import pytest
import sympy

from tests.terms.programs import above, compare, dot, exp, h, one, positive, times, u, v, w, where, zero
from tracer.terms.normalise import Normaliser
from tracer.terms.record import add, call, number, power, scaled
from tracer.terms.rules.branch_rules import BRANCHES
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
