"""What arithmetics share: truth values are numbers, a sum of nothing is zero, and what is not there is refused."""

import math

import numpy as np
import pytest
import sympy

import tracer
from tracer.comparison.fields import choose_field
from tracer.comparison.laws import Residues
from tracer.precise.arithmetic import (
    Arithmetic,
    UnsupportedError,
    as_number,
    box_numbers,
    count_truths,
    difference_sign,
    fill_array,
    total,
)  # fmt: skip
from tracer.precise.digits import Digits


class Floats(Arithmetic):
    """The least that an arithmetic has to say."""

    undefined = math.nan

    def number(self, value):
        return float(value)

    def sign(self, value):
        return None if math.isnan(value) else (value > 0) - (value < 0)

    def power(self, base, exponent):
        return base**exponent

    def call(self, head, values):
        return float(head(*values))

    def constant(self, value):
        return float(value)


MAKERS = [Floats, lambda: Digits(30), lambda: Residues(1, choose_field(1))]


@pytest.mark.parametrize("make", MAKERS)
def test_sums_count_truth_values_and_start_at_zero(make):
    arithmetic = make()
    assert arithmetic.is_zero(total([], arithmetic))
    numbers = [arithmetic.number(3), True, np.bool_(True), False]
    assert difference_sign(total(numbers, arithmetic), arithmetic.number(5), arithmetic) == 0
    assert as_number(numbers[0], arithmetic) is numbers[0]


@pytest.mark.parametrize("make", MAKERS)
def test_the_sign_of_a_difference_may_say_that_the_value_jumps_there(make):
    arithmetic = make()
    seen = []
    sign = arithmetic.sign
    arithmetic.sign = lambda value: seen.append(arithmetic.jumping) or sign(value)
    seven, two = arithmetic.number(7), arithmetic.number(2)
    for jumps, expected in ((True, 1), (False, 0)):
        assert difference_sign(seven, two, arithmetic, jumps) == -difference_sign(two, seven, arithmetic, jumps) != 0
        assert {*seen} == {expected}
        seen.clear()
    assert arithmetic.jumping == 0


def test_a_condition_that_cannot_be_decided_leaves_no_mark():
    arithmetic = Floats()
    arithmetic.sign = lambda value: 1 // 0
    with pytest.raises(ZeroDivisionError):
        difference_sign(1.0, 2.0, arithmetic)
    assert arithmetic.jumping == 0


def test_a_pivot_is_measured_by_its_sign_where_numbers_have_no_size():
    assert [Floats().size(v) for v in (-3.0, 0.0, 2.0, math.nan)] == [1.0, 0.0, 1.0, 0.0]


def test_a_row_without_a_meaning_is_refused_by_name():
    x = tracer.placeholder("x", (2,))
    with pytest.raises(UnsupportedError, match="cumsum has no value here"):
        Floats().call_row(tracer.cumsum(x), [], 2)


@pytest.mark.parametrize("shape", [(), (4,), (2, 2), (1, 4, 1), (0, 3)])
def test_numbers_become_an_array_in_the_order_of_its_elements(shape):
    items = [sympy.Integer(k) for k in range(math.prod(shape))]
    array = fill_array(shape, items)
    assert (array.shape, array.dtype) == (shape, object)
    assert list(array.ravel()) == items


def test_numbers_that_are_sequences_stay_whole():
    assert fill_array((2,), [(1, 2), (3, 4)]).tolist() == [(1, 2), (3, 4)]


def test_truth_values_are_kept_in_boxes_and_counted_as_numbers():
    a = Digits(30)
    boxed = box_numbers(np.array([[True], [False]]), a)
    assert boxed.tolist() == [[True], [False]]
    assert count_truths(boxed, a).tolist() == [[a.number(1)], [a.number(0)]]
    numbers = box_numbers(np.array([0.5, -2.0]), a)
    assert all(isinstance(v, a.context.mpf) for v in numbers)
    assert count_truths(numbers, a).tolist() == numbers.tolist() == [0.5, -2.0]
