"""Choices are read in one way: masks, and inequalities that say the same."""

import sympy

from tests.terms.programs import above, compare, one, positive, u, v, where, zero
from tracer.scalar import step
from tracer.terms.choices import as_choice, as_greater, as_mask
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
