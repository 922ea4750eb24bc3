"""What follows from a condition: which terms are zero, which conditions are known."""

import sympy

from tests.terms.programs import X, above, compare, positive, u, v, w, where, zero
from tracer.scalar import relu, step
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, add, call, number, power, product, times
from tracer.terms.zeros import ALL, Zeros

n = Normaliser(())
u_is_zero = compare(sympy.Eq, u, zero)


def test_a_total_of_zero_is_one_of_zeros_where_nothing_is_negative():
    squares = n.normal(product(1, [(power(X, 2), (0, 1), ONE)], (0,)))
    zeros = Zeros(n, call(sympy.Ne, [squares, number(0, squares.shape)]), False, (4,))
    assert (X, (4, ALL)) in zeros.terms
    assert zeros.include(X, (4, 7), 1)
    assert not zeros.include(X, (7, 4), 1)
    sums = n.normal(product(1, [(X, (0, 1), ONE)], (0,)))
    assert not Zeros(n, call(sympy.Ne, [sums, number(0, sums.shape)]), False, (4,)).include(X, (4, 7), 1)


def test_what_is_said_together_is_taken_apart():
    either = call(sympy.Or, [above, call(sympy.Not, [u_is_zero])])
    zeros = Zeros(n, either, False, (0,))
    assert zeros.terms == [(u, (0,))]
    assert zeros.conditions == [(above, (0,), False)]
    assert not Zeros(n, either, True, (0,)).terms


def test_sums_products_and_choices_of_zeros_are_zero():
    zeros = Zeros(n, u_is_zero, True, (0,))
    assert zeros.include(n.normal(add([(1, times(u, v)), (1, times(u, w))])), (0,), 3)
    assert zeros.include(where(u, above, times(u, v)), (0,), 3)
    assert not zeros.include(n.normal(add([(1, times(u, v)), (1, w)])), (0,), 3)
    assert not zeros.include(power(u, -1), (0,), 3)
    assert not zeros.include(where(u, above, v), (0,), 3)
    assert not zeros.include(times(u, v), (0,), 0)


def test_a_choice_is_its_branch_where_the_condition_is_known():
    zeros = Zeros(n, positive, False, (0,))
    assert zeros.include(call(step, [u]), (0,), 1)
    assert zeros.include(call(relu, [u]), (0,), 1)
    assert not zeros.include(call(relu, [v]), (0,), 1)
    assert zeros.include(where(v, positive, zero), (0,), 1)
    assert not zeros.include(where(zero, positive, v), (0,), 1)
    assert not zeros.include(call(step, [u]), (1,), 1)
