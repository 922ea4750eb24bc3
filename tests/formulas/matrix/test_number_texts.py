"""Numbers take few characters, as a fraction, as a decimal, or as one over a decimal."""

from decimal import Decimal

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tracer.formulas.matrix.number_texts import count_characters, find_decimal, is_long

R = sympy.Rational


@pytest.mark.parametrize(
    ("number", "count"),
    [
        (R(1), 0), (R(-1), 0), (R(7), 1), (R(2, 3), 3), (R("0.044715"), 8), (1 / R("0.2023"), 7), (R(200000), 6),
        (R(22, 7), 4), (R(8943), 4), (R(0), 1),
    ],
)  # fmt: skip
def test_how_many_characters_a_number_takes(number, count):
    assert count_characters(number) == count


@given(st.decimals(min_value=-1000, max_value=1000, places=6))
def test_a_decimal_number_is_found(value):
    assert find_decimal(R(str(value))) == value


def test_a_third_is_no_decimal():
    assert find_decimal(R(1, 3)) is None
    assert find_decimal(R(1, 8)) == Decimal("0.125")


def test_which_fractions_are_long():
    assert not any(map(is_long, (R(1, 1000), R(22, 7), R(57, 500), R(99999))))
    assert all(map(is_long, (R(299, 1000), R(100000), R("0.044715"), -R("0.044715"))))
