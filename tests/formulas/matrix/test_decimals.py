"""Decimals take the place of long fractions, and of nothing else."""

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

from tracer.formulas.matrix.classes import MatMul
from tracer.formulas.matrix.decimals import write_decimals

x = sympy.Symbol("x")
A = sympy.MatrixSymbol("A", 2, 2)
R = sympy.Rational


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (R(1, 3), "1/3"), (R(17, 100), "17/100"), (R("0.044715"), "0.044715"), (R("1.702"), "1.702"),
        (R("-0.044715"), "-0.044715"), (R(12345678), "12345678"),
        (R(1, 2**70), f"1/{2**70}"), (R("1.6732632423543772848170429916717"), "1.6732632423543772"),
        (R(1048576, 9765621), "0.10737422638048312"), (R(702, 289), "702/289"),
    ],
)  # fmt: skip
def test_how_a_number_is_written(fraction, text):
    assert str(x * write_decimals(fraction)) == str(x * sympy.sympify(text, rational=False))


def test_one_over_a_decimal():
    assert str(write_decimals(x / R("0.2023"))) == "x/0.2023"
    assert str(write_decimals(10 * x / 1000007)) == "x/100000.7"


def test_the_rest_is_left_as_it_was():
    made = write_decimals(MatMul(R("0.044715"), A, evaluate=False))
    assert isinstance(made, MatMul)
    assert str(made) == "0.044715*A"
    whole = sympy.Add(x, sympy.Mul(2, x + 1, evaluate=False), evaluate=False)
    assert write_decimals(whole) is whole


@example(1.060090590834803e-220)  # Rounded to more digits than a float has, it lies between two floats.
@example(262144.1010425438)
@given(st.floats(-1e6, 1e6, allow_subnormal=False))
def test_a_float_keeps_its_value(value):
    made = write_decimals(R(repr(value)))
    assert float(made) == value
