"""The arithmetic of values that carry their exponent, as numbers of two lines."""

import math

import pytest
import sympy

from tracer.program.building import Lines
from tracer.program.carried import ONE, Arithmetic, Carried, is_one, without_scale
from tracer.program.lines import Kind, Line
from tracer.program.scales import ZERO, atom
from tracer.rules import argument

AT = (0.75, -1.25)
DTYPE = "float64"


@pytest.fixture
def setting():
    x, y = (Line(Kind.ARGUMENT, (), None, (), DTYPE, position=k) for k in range(2))
    return Arithmetic(Lines()), x, y


def number(operand, x, y):
    """The value of a line of elementwise operations, where the arguments are those of the test."""
    known = {x: AT[0], y: AT[1]}

    def value(line):
        if type(line) is not Line:
            return float(line)
        if line not in known:
            args = [value(o) for o in line.operands]
            if line.op is Kind.ELEMENTWISE:
                known[line] = float(line.params.subs({argument(k): a for k, a in enumerate(args)}))
            else:
                known[line] = max(args)
        return known[line]

    return value(operand)


def test_numbers_carry_nothing():
    assert without_scale(1) == ONE
    assert without_scale(-2.0) == Carried(-2.0)
    assert without_scale(0).is_zero()
    assert is_one(1)
    assert not is_one(2)


def test_products_and_powers_add_scales(setting):
    carry, x, y = setting
    a, b = Carried(x, atom(y)), Carried(3, 2 * atom(x), True)
    product = carry.multiply([a, b], DTYPE)
    assert product.scale == atom(y) + 2 * atom(x)
    assert not product.positive
    found = number(carry.write_out(product, DTYPE), x, y)
    assert found == pytest.approx(AT[0] * math.exp(AT[1]) * 3 * math.exp(2 * AT[0]))
    power = carry.power(b, sympy.Rational(-1, 2), DTYPE)
    assert power.scale == -1 * atom(x)
    assert number(carry.write_out(power, DTYPE), x, y) == pytest.approx((3 * math.exp(2 * AT[0])) ** -0.5)


def test_a_sum_has_the_scales_that_all_have(setting):
    carry, x, y = setting
    total = carry.add([Carried(2, atom(x), True), Carried(-5, atom(x)), Carried(0)], DTYPE)
    assert total.scale == atom(x)
    assert number(carry.write_out(total, DTYPE), x, y) == pytest.approx(-3 * math.exp(AT[0]))
    assert carry.add([Carried(0)], DTYPE).is_zero()


def test_signs_and_reciprocals_of_factors(setting):
    carry, x, y = setting
    reciprocal = carry.power_of_mantissa(y, sympy.Integer(-1), DTYPE)
    quotient = carry.multiply_lines([-1, x, reciprocal, -1, -1], DTYPE)
    assert str(quotient.params) == "-_0"
    assert str(quotient.operands[0].params) == "_0/_1"
    assert carry.multiply_lines([], DTYPE) == 1


def test_the_logarithm_of_a_reciprocal_is_subtracted(setting):
    carry, x, y = setting
    value = Carried(carry.power_of_mantissa(x, sympy.Integer(-1), DTYPE), atom(y), True)
    assert number(carry.log(value, DTYPE), x, y) == pytest.approx(AT[1] - math.log(AT[0]))
    assert carry.log(Carried(1, atom(y), True, atom(y)), DTYPE) is y
    assert carry.write_out(Carried(x, ZERO), DTYPE) is x
