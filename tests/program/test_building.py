"""Making lines: what is equal is one, what is simpler is taken."""

import sympy

from tracer.program.building import Lines
from tracer.program.lines import MINUS, NEGATIVE, PLUS, TIMES, Kind, Line
from tracer.rules import argument
from tracer.shapes import symbolic_dimension

n, m = map(symbolic_dimension, "nm")


def _argument(lines, shape=("n",), dtype="float64"):
    return Line(Kind.ARGUMENT, (), None, shape, dtype)


def test_equal_lines_are_one_and_zeros_of_other_signs_are_not():
    lines = Lines()
    x = _argument(lines)
    assert lines.elementwise(TIMES, [x, 2.0], "float64") is lines.elementwise(TIMES, [x, 2.0], "float64")
    assert lines.elementwise(TIMES, [x, 2], "float64") is not lines.elementwise(TIMES, [x, 2.0], "float64")
    assert lines.elementwise(TIMES, [x, 0.0], "float64") is not lines.elementwise(TIMES, [x, -0.0], "float64")
    assert lines.elementwise(TIMES, [x, 1], "float64") is not lines.elementwise(TIMES, [x, True], "float64")


def test_negatives_cancel_and_an_operand_is_itself():
    lines = Lines()
    x = _argument(lines)
    negative = lines.elementwise(NEGATIVE, [x], "float64")
    assert lines.elementwise(NEGATIVE, [negative], "float64") is x
    assert lines.elementwise(argument(1), [2.0, x], "float64") is x
    assert lines.elementwise(PLUS, [2.0, 3.0], "float64") == 5.0


def test_a_product_with_a_sign_in_front_is_subtracted():
    lines = Lines()
    x, y = _argument(lines), _argument(lines)
    negative = lines.elementwise(-argument(0) * argument(1), [x, y], "float64")
    total = lines.elementwise(PLUS, [x, negative], "float64")
    product = lines.elementwise(TIMES, [x, y], "float64")
    assert (total.params, total.operands) == (MINUS, (x, product))
    assert lines.elementwise(MINUS, [x, negative], "float64") is lines.elementwise(PLUS, [x, product], "float64")
    third = lines.elementwise(TIMES, [0.3, y], "float64")
    total = lines.elementwise(PLUS, [x, lines.elementwise(TIMES, [-0.3, y], "float64")], "float64")
    assert (total.params, total.operands) == (MINUS, (x, third))


def test_numbers_that_undo_each_other_cancel():
    lines = Lines()
    x, y = _argument(lines), _argument(lines)
    half = lines.elementwise(sympy.sin(argument(0)) / 2, [x], "float64")
    sine = lines.elementwise(sympy.sin(argument(0)), [x], "float64")
    assert lines.elementwise(2 * TIMES, [half, y], "float64") is lines.elementwise(TIMES, [sine, y], "float64")
    assert lines.elementwise(-2 * TIMES, [half, y], "float64").params == -TIMES
    # Otherwise the line would be computed twice, if it is used elsewhere.
    assert lines.elementwise(6 * TIMES, [half, y], "float64").operands == (half, y)


def test_sizes_are_lines_and_their_arithmetic_too():
    lines = Lines()
    line = lines.dimension(n * m - 1)
    assert (line.op, line.params, line.dtype) == (Kind.SIZE, n * m - 1, "int64")
    assert [o.leaf for o in line.operands] == [m, n]
    assert lines.dimension(sympy.Integer(3)) == 3
    assert lines.dimension(sympy.sqrt(n)).op is Kind.ELEMENTWISE
    assert lines.dimension(1 / n).dtype == "float64"


def test_casts_where_a_result_is_of_floats():
    lines = Lines()
    x = _argument(lines, dtype="int64")
    assert lines.cast(2, "float64") == 2.0
    assert lines.cast(1, "bool") is True
    assert lines.cast(x, "float64").op is Kind.CAST
    assert lines.cast(x, "int64") is x
    assert [type(v) for v in lines.numbers([1, 2], "float64")] == [float, float]
    assert lines.numbers([1, _argument(lines)], "float64")[0] == 1
    assert lines.narrow(x, "float32").dtype == "float32"


def test_spreading():
    lines = Lines()
    x = _argument(lines, (1, 3))
    assert lines.spread(x, (1, 3), "float64") is x
    line = lines.spread(2, (2, 3), "float64")
    assert (line.op, line.operands, line.shape) == (Kind.BROADCAST, (2.0,), (2, 3))


def test_what_has_its_dtype_already_is_left_alone():
    lines = Lines()
    x, b = _argument(lines), _argument(lines, dtype="bool")
    assert lines.cast(x, "float64") is x
    assert lines.cast(x, "int64") is x
    assert lines.cast(b, "bool") is b
    assert (lines.cast(2, "bool"), lines.cast(0, "bool")) == (2, False)
    assert lines.cast(2.5, "float64") == 2.5
    assert lines.cast(3, "int64") == 3
    assert lines.narrow(x, "float32") is x
    assert lines.narrow(2, "float32") == 2
    assert lines.made == []


def test_constants_and_dimensions_are_listed_as_they_are_made():
    lines = Lines()
    constant = lines.leaf(Kind.CONSTANT, None, (2,), "float64")
    lines.leaf(Kind.ARGUMENT, None, (2,), "float64")
    assert lines.constants == [constant]
    assert lines.dimension(n) is lines.dimension(n)
    assert lines.dimensions == {n: lines.dimension(n)}
    assert lines.cast(lines.dimension(n), "float64").op is Kind.CAST


def test_lines_are_told_apart_by_their_operands_and_numbered_as_they_are_made():
    lines = Lines()
    x, y = (lines.leaf(Kind.ARGUMENT, None, ("n",), "float64") for _ in range(2))
    made = [lines.elementwise(TIMES, [x, 2.0], "float64"), lines.elementwise(TIMES, [y, 2.0], "float64")]
    assert made[0] is not made[1]
    assert lines.made == made
    assert lines.dimension(3) == 3
    assert (lines.dimension((n + 1) / m).op, lines.dimension((n + 1) / m).dtype) == (Kind.SIZE, "float64")


def test_functions_are_lines_that_all_share():
    lines = Lines()
    x, y, z = (_argument(lines) for _ in range(3))
    sine = lines.elementwise(sympy.sin(argument(0)), [x], "float64")
    product = lines.elementwise(argument(1) * sympy.sin(argument(0)), [x, y], "float64", split=True)
    assert (product.params, {*product.operands}) == (TIMES, {sine, y})
    root = lines.elementwise(sympy.sqrt(argument(0)), [x], "float64")
    slope = lines.elementwise(argument(1) / (2 * sympy.sqrt(argument(0))), [x, z], "float64", split=True)
    assert (slope.params, slope.operands) == (argument(0) / (2 * argument(1)), (z, root))


def test_a_choice_is_no_line_of_its_own():
    lines = Lines()
    x, y = _argument(lines), _argument(lines)
    template = argument(1) * sympy.Piecewise((argument(0), argument(0) > 0), (0, True))
    assert lines.elementwise(template, [x, y], "float64", split=True).params == template


def test_a_number_times_zero_is_zero_and_numbers_have_no_sign_in_sums():
    lines = Lines()
    x = _argument(lines, ())
    assert lines.elementwise(-2 * TIMES, [x, 0.0], "float64") == 0.0
    logarithm = lines.elementwise(sympy.log(argument(0)), [x], "float64")
    assert lines.elementwise(TIMES, [logarithm, 0.0], "float64").params == TIMES
    assert lines.elementwise(TIMES, [_argument(lines), 0.0], "float64").params == TIMES
    assert lines.elementwise(PLUS, [x, -0.5], "float64") is lines.elementwise(MINUS, [x, 0.5], "float64")
