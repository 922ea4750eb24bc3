"""The algebra of exponents, and their maxima."""

import pytest
import sympy

from tracer.program.building import Lines
from tracer.program.lines import Axis, Kind, Line, Reduction
from tracer.program.scales import ZERO, Scales, atom, coefficient, combination


@pytest.fixture
def setting():
    lines = Lines()
    x, y = (Line(Kind.ARGUMENT, (), None, (3, 4), "float64", position=k) for k in range(2))
    return Scales(lines), x, y


def test_a_scale_is_a_vector_space(setting):
    _, x, y = setting
    u, v = atom(x), atom(y)
    assert u + v == v + u
    assert 2 * (u - v) == 2 * u - 2 * v
    assert u - u == ZERO
    assert not ZERO
    assert hash(u + v) == hash(v + u)


def test_what_is_subtracted_comes_last(setting):
    scales, x, y = setting
    line = scales.write(atom(y) - atom(x), "float64")
    assert line.operands == (y, x)
    assert str(line.params) == "_0 - _1"
    assert str(scales.write_power(-1 * atom(x), "float64").params) == "exp(-_0)"
    assert scales.write(ZERO, "float64") == 0
    assert scales.write_power(ZERO, "float64") == 1
    assert scales.write(atom(x), "float64") is x


def test_a_line_is_laid_on_its_axes(setting):
    scales, x, _ = setting
    row = Line(Kind.ARGUMENT, (), None, (3,), "float64", position=5)
    line = scales.write(atom(x) - atom(row, (-2,)), "float64")
    laid = line.operands[1]
    assert (laid.op, laid.params, laid.shape) == (Kind.SELECT, (Axis.KEPT, Axis.NEW), (3, 1))
    turned = scales.write(atom(x, (-1, -2)), "float64")
    assert (turned.op, turned.params, turned.shape) == (Kind.TRANSPOSE, (1, 0), (4, 3))


def test_a_maximum_is_taken_once_and_of_a_multiple_not_again(setting):
    scales, x, _ = setting
    first = scales.maximum(atom(x), [-1], "float64")
    ((line, places),) = first.terms
    assert (line.op, line.params, places) == (Kind.MAX, Reduction((-1,), False), (-2,))
    assert scales.maximum(2 * atom(x), [-1], "float64") == 2 * first
    assert scales.maximum(-1 * atom(x), [-1], "float64") != -1 * first
    assert len([made for made in scales.lines.made if made.op is Kind.MAX]) == 2


def test_what_is_less_than_its_maximum_needs_no_other(setting):
    scales, x, y = setting
    shifted = atom(x) - scales.maximum(atom(x), [-1], "float64")
    assert scales.is_bounded(shifted, ZERO)
    assert not scales.is_bounded(ZERO, shifted)
    assert not scales.is_bounded(atom(x), atom(y))
    assert scales.greatest([shifted, ZERO], "float64") == ZERO
    ((line, _),) = scales.greatest([atom(x), atom(y)], "float64").terms
    assert str(line.params) == "Max(_0, _1)"
    assert scales.is_bounded(atom(x), atom(line))


def test_coefficients_and_combinations():
    assert coefficient(sympy.Integer(2)) == 2
    assert coefficient(sympy.Rational(1, 2)) == sympy.Rational(1, 2)
    assert coefficient(sympy.Float(0.3)) == 0.3
    assert str(combination((1, 2), False)) == "_0 + 2*_1"


def test_a_number_scales_every_element_and_stands_where_it_is(setting):
    scales, x, _ = setting
    number = Line(Kind.ARGUMENT, (), None, (), "float64", position=7)
    line = scales.write(atom(x) - atom(number), "float64")
    assert line.operands == (x, number)
    assert scales.write(atom(number), "float64") is number


def test_what_is_written_is_in_the_order_of_the_lines_whatever_their_places(setting):
    scales, x, y = setting
    column = Line(Kind.ARGUMENT, (), None, (3,), "float64", position=-1)
    line = scales.write(atom(y) + atom(column, (-2,)) + atom(x), "float64")
    assert line.operands[1:] == (x, y)


def test_a_maximum_is_over_the_axes_that_a_scale_does_not_have_too(setting):
    scales, _, _ = setting
    column = Line(Kind.ARGUMENT, (), None, (3,), "float64", position=5)
    ((line, places),) = scales.maximum(atom(column, (-2,)), [], "float64").terms
    assert (line.op, line.shape, places) == (Kind.MAX, (3,), (-2,))
    ((line, places),) = scales.maximum(atom(column, (-2,)), [-2], "float64").terms
    assert (line.op, line.params, line.shape, places) == (Kind.MAX, Reduction(None, False), (), ())
