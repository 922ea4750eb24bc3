"""Floats are recognised up to their last bit, and others are left alone."""

import math

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tracer.terms.constants import recognise

NUMBERS = {
    "1/3": 1 / 3, "-2/7": -2 / 7, "pi": math.pi, "-pi/4": -math.pi / 4, "180/pi": 180 / math.pi,
    "pi**2/6": math.pi**2 / 6, "E": math.e, "2*exp(-1)": 2 / math.e, "exp(1/2)": math.sqrt(math.e),
    "sqrt(2)": math.sqrt(2), "sqrt(3)/2": math.sqrt(3) / 2, "sqrt(10)/10": math.sqrt(0.1),
    "sqrt(2*pi)": math.sqrt(2 * math.pi), "1/sqrt(2*pi)": 1 / math.sqrt(2 * math.pi),
    "sqrt(2/pi)": math.sqrt(2 / math.pi), "log(10)": math.log(10), "log(2)/2": math.log(2) / 2,
    "1/log(10)": 1 / math.log(10), "log(2*pi)/2": 0.5 * math.log(2 * math.pi), "EulerGamma": 0.5772156649015329,
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_what_a_float_was_computed_from(name):
    assert sympy.simplify(recognise(NUMBERS[name]) - sympy.sympify(name)) == 0


@pytest.mark.parametrize(
    "value",
    [0.0, math.inf, math.nan, 3.3000000000000003, 0.30000000000000004, 1e-9 / 3, 1e9 * math.pi, 2.414213562373095],
)
def test_what_is_nothing_short(value):
    assert recognise(value) is None


@given(st.floats(1e-5, 1e5))
def test_what_is_recognised_is_the_float(value):
    made = recognise(value)
    assert made is None or abs(float(made) - value) <= 3 * math.ulp(value)


@given(st.integers(1, 360), st.integers(1, 360), st.sampled_from([sympy.pi, sympy.E, sympy.log(2), 1 / sympy.pi]))
def test_multiples_of_constants_are_recognised(p, q, constant):
    exact = sympy.Rational(p, q) * constant
    assert abs(float(recognise(float(exact)) - exact)) <= 2 * math.ulp(float(exact))
