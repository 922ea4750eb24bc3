"""Choices are read in one way: masks, and inequalities that say the same."""

import sympy

from tests.terms.programs import above, add, compare, one, positive, scaled, u, v, where, zero
from tracer.scalar import step
from tracer.terms.choices import as_choice, as_greater, as_mask, compare_with_zero
from tracer.terms.normalise import Normaliser
from tracer.terms.record import call

below = compare(sympy.Le, u, zero)


def test_an_inequality_is_read_as_greater_or_its_contrary():
    assert as_greater(compare(sympy.Lt, u, v), True) == (compare(sympy.Gt, v, u), True)
    assert as_greater(compare(sympy.Le, u, v), True) == (above, False)
    assert as_greater(compare(sympy.Ge, u, v), False) == (compare(sympy.Gt, v, u), True)
    assert as_greater(above, False) == (above, False)


def test_a_mask_is_read_with_its_condition():
    assert as_mask(call(step, [u])) == (positive, True)
    assert as_mask(where(zero, above, one)) == (above, False)
    assert as_mask(where(one, below, zero)) == (positive, False)
    assert as_mask(where(one, above, u)) is None
    assert as_mask(u) is None


def test_a_choice_is_read_with_the_values_where_its_condition_holds_and_fails():
    assert as_choice(call(step, [u])) == (positive, (one, zero))
    assert as_choice(where(u, compare(sympy.Le, u, v), v)) == (above, (v, u))
    assert as_choice(where(u, positive, v, above, zero)) is None


def test_a_difference_above_zero_is_said_in_many_ways():
    n = Normaliser(())
    difference = add([(1, v), (-1, u)])
    same = [
        compare(sympy.Gt, u, v),
        compare(sympy.Lt, v, u),
        compare(sympy.Lt, difference, zero),
        compare(sympy.Gt, scaled(-1, difference), zero),
        compare(sympy.Gt, scaled(2, u), scaled(2, v)),
    ]
    others = [
        compare(sympy.Gt, v, u),
        compare(sympy.Lt, u, v),
        compare(sympy.Gt, difference, zero),
        compare(sympy.Ge, u, v),
        compare(sympy.Eq, u, v),
    ]
    (found,) = {compare_with_zero(n, condition) for condition in same}
    assert found not in {compare_with_zero(n, condition) for condition in others}
    assert compare_with_zero(n, others[-1]) is others[-1]
    assert compare_with_zero(n, others[-2]) is others[-2]
