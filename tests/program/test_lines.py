"""Lines, their templates and their numbers."""

import pytest
import sympy

from tracer.program.lines import (
    NEGATIVE,
    RECIPROCAL,
    Kind,
    Line,
    as_number,
    broadcast,
    compact,
    operand_of,
)  # fmt: skip
from tracer.rules import argument

a, b, c = map(argument, range(3))


@pytest.mark.parametrize(
    ("template", "compacted", "used"),
    [(a + b, a + b, (0, 1)), (c**2 + a, b**2 + a, (0, 2)), (b, a, (1,)), (sympy.Integer(3), sympy.Integer(3), ())],
)
def test_templates_use_arguments_from_zero_on(template, compacted, used):
    assert compact(template) == (compacted, used)


@pytest.mark.parametrize(
    ("value", "number"),
    [(True, True), (2, 2), (sympy.Integer(2), 2), (sympy.Rational(1, 3), sympy.Rational(1, 3)), (sympy.Float(0.5), 0.5),
     (sympy.pi, 3.141592653589793)],
)  # fmt: skip
def test_numbers_are_pythons_but_for_fractions(value, number):
    found = as_number(value)
    assert found == number
    assert type(found) is type(number)


def test_a_number_beyond_the_largest_float_is_refused():
    with pytest.raises(ValueError, match="beyond the largest float"):
        as_number(10**400)


def test_shapes_broadcast_over_lines_alone():
    x, y = Line(Kind.ARGUMENT, (), None, (3, 1), "float64"), Line(Kind.ARGUMENT, (), None, (4,), "float64")
    assert broadcast([x, 2.0, y]) == (3, 4)
    assert broadcast([1, 2]) == ()


def test_the_operand_of_a_negative():
    x = Line(Kind.ARGUMENT, (), None, (), "float64")
    line = Line(Kind.ELEMENTWISE, (x,), NEGATIVE, (), "float64")
    assert operand_of(line, NEGATIVE) is x
    assert operand_of(line, RECIPROCAL) is None
    assert operand_of(2.0, NEGATIVE) is None
