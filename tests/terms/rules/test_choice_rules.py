"""Conditions are said in one way, and choices are masks, or functions with a name, where that is the same."""

import pytest
import sympy

import tracer
from tests.terms.programs import above, compare, exp, h, one, positive, u, v, w, where, zero
from tracer.scalar import relu, step
from tracer.terms.normalise import Normaliser
from tracer.terms.record import add, call, power, scaled, times
from tracer.terms.rules.choice_rules import CHOICES, CONDITIONS

below = compare(sympy.Le, u, zero)


def normal(term, rules=CHOICES):
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
        (call(step, [call(relu, [u])]), call(step, [u])),
        (where(exp(where(u, above, v)), above, w), where(exp(u), above, w)),
        (where(w, above, times(v, where(one, above, u))), where(w, above, times(v, u))),
        (where(w, above, add([(1, v), (2, where(one, above, u))])), where(w, above, add([(1, v), (2, u)]))),
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
    both = add([(1, times(where(one, above, zero), u)), (1, times(where(zero, above, one), v))])
    assert normal(both) is where(u, above, v)
    twice = add([(2, times(call(step, [u]), w)), (1, times(where(one, below, zero), exp(v)))])
    assert normal(twice) is where(scaled(2, w), positive, exp(v))


def test_of_two_contrary_conditions_one_is_written():
    assert normal(where(zero, above, exp(v))) is normal(where(exp(v), call(sympy.Not, [above]), zero))
    assert normal(where(w, compare(sympy.Ge, u, v), h)) is where(h, compare(sympy.Gt, v, u), w)
    assert normal(where(zero, below, u)) is call(relu, [u])


def test_no_branch_is_kept_that_is_never_taken():
    never, always = compare(sympy.Gt, v, v), compare(sympy.Ge, v, v)
    assert normal(where(u, never, v, above, w)) is where(v, above, w)
    assert normal(where(u, above, v, always, w)) is where(u, above, v)


def test_a_branch_without_a_choice_by_its_condition_stays_what_it_is():
    """What is rebuilt would be another term, and the choice no mask any more."""
    formulas = []
    for product in (lambda a, x, w: x @ w, lambda a, x, w: a @ x @ w):
        a, x, w, y = (tracer.placeholder(n, ("n", "n")) for n in "AXWY")
        loss = tracer.reduce_sum((tracer.nn.relu(product(a, x, w)) - y) ** 2)
        formulas.append(str(tracer.gradients(loss, w)[0].formula()))
    assert formulas == [
        "2*X.T*HadamardProduct(step(X*W), relu(X*W) - Y)",
        "2*(A*X).T*HadamardProduct(step(A*X*W), relu(A*X*W) - Y)",
    ]
