"""Products of lines: numbers and signs in front, and what cancels."""

import pytest
import sympy

import tracer as tf
from tracer.program.building import Lines
from tracer.program.line_products import cancel_quotients, fold_factor, split_powers
from tracer.program.lines import NEGATIVE, OVER, TIMES, Kind, Line
from tracer.rules import argument


def test_a_number_is_folded_into_no_operand_that_stands_elsewhere_too():
    a, b = argument(0), argument(1)
    operand = Line(Kind.ARGUMENT, (), None, (), "float64")
    for template in (2 * a * sympy.exp(-a), 2 * a * b * sympy.sin(a)):
        operands = [0.5, operand][: len(template.free_symbols)]
        assert fold_factor(template, operands) == (template, operands)
    assert fold_factor(2 * a * b, [0.5, operand]) == (b, [0.5, operand])
    assert fold_factor(-2 * a * b, [0.5, operand]) == (-b, [0.5, operand])
    assert fold_factor(3 * a * b, [0.5, operand]) == (a * b, [1.5, operand])
    assert fold_factor(3 * a**2 * b, [0.5, operand]) == (3 * a**2 * b, [0.5, operand])


def test_a_product_has_one_sign():
    a, b = argument(0), argument(1)
    floats, whole = (Line(Kind.ARGUMENT, (), None, (), dtype) for dtype in ("float64", "int64"))
    negative = Lines().elementwise(NEGATIVE, [floats], "float64")
    assert fold_factor(-a * b, [negative, floats]) == (a * b, [floats, floats])
    assert fold_factor(a * b, [negative, negative]) == (a * b, [floats, floats])
    assert fold_factor(a * b, [floats, negative]) == (-a * b, [floats, floats])
    assert fold_factor(-a * b, [-1, floats]) == (b, [-1, floats])
    assert fold_factor(-a * b, [-1, whole]) == (-a * b, [-1, whole])


def test_only_products_of_whole_powers_are_split():
    a, b = argument(0), argument(1)
    assert split_powers(-a * b**2 / 1) == (-1, ((0, 1), (1, 2)))
    assert split_powers(a / 2) is None
    assert split_powers(sympy.sqrt(a) * b) is None
    assert split_powers(sympy.sin(a)) is None
    assert split_powers(a > b) is None


A, B, C = (Line(Kind.ARGUMENT, (), None, (), "float64") for _ in range(3))


def _quotient(above, below):
    return Line(Kind.ELEMENTWISE, (above, below), OVER, (), "float64")


@pytest.mark.parametrize(
    ("template", "operands", "left"),
    [
        (TIMES, [_quotient(A, B), B], (argument(0), [A])),
        (TIMES, [B, _quotient(A, B)], (argument(0), [A])),
        (OVER, [A, _quotient(A, B)], (argument(0), [B])),
        (OVER, [_quotient(A, B), A], (1 / argument(0), [B])),
        (OVER, [A, A], (1, [])),
        (-TIMES / argument(2), [_quotient(A, B), B, A], (-1, [])),
        (2 * TIMES, [Line(Kind.ELEMENTWISE, (A,), 1 / argument(0), (), "float64"), A], (2, [])),
        (TIMES, [Line(Kind.ELEMENTWISE, (A, B), -OVER, (), "float64"), B], (-argument(0), [A])),
        (TIMES, [_quotient(A, B), C], (TIMES, [_quotient(A, B), C])),
        (OVER, [A, B], (OVER, [A, B])),
        (OVER, [2.0, 2.0], (OVER, [2.0, 2.0])),
    ],
)  # fmt: skip
def test_what_is_divided_by_itself_cancels(template, operands, left):
    found, rest = cancel_quotients(template, operands)
    assert (found, [*map(repr, rest)]) == (left[0], [*map(repr, left[1])])


def test_integers_are_divided_as_they_are():
    k, m = (Line(Kind.ARGUMENT, (), None, (), "int64") for _ in range(2))
    ratio = Line(Kind.ELEMENTWISE, (k, m), OVER, (), "float64")
    assert cancel_quotients(TIMES, [ratio, m]) == (TIMES, [ratio, m])


def test_arrays_keep_their_shapes():
    v, s = tf.placeholder("v", ("n",)), tf.placeholder("s")
    assert tf.compile(v / v, [v])([1.0, 2.0]).tolist() == [1.0, 1.0]
    assert tf.compile((s / v) * v, [s, v])(3.0, [1.0, 2.0]).tolist() == [3.0, 3.0]


def test_a_program_that_is_the_users_divides():
    assert Lines(stable=False).elementwise(OVER, [A, A], "float64").params == OVER


def test_gradients_of_logarithms_of_quotients_are_short():
    x, y = tf.symbols("x y")
    slopes = tf.compile(tf.gradients(x * tf.math.log(x / y), [x, y]), [x, y]).source
    assert "grad_x = np.log(quotient) + 1.0" in slopes
    assert "grad_y = -quotient" in slopes


def test_quotients_in_quotients_cancel():
    inner = _quotient(B, C)
    nested = _quotient(A, inner)
    assert cancel_quotients(OVER, [nested, C])[1] == [A, B]
    assert cancel_quotients(TIMES, [nested, inner]) == (argument(0), [A])


def test_what_has_no_value_in_a_region_is_not_cancelled():
    root = Lines().elementwise(sympy.sqrt(argument(0)), [A], "float64")
    assert root.partial
    assert cancel_quotients(OVER, [root, root]) == (OVER, [root, root])


def test_what_is_left_may_be_thinner_where_it_is_spread():
    v = Line(Kind.ARGUMENT, (), None, ("n",), "float64")
    thin = Line(Kind.ELEMENTWISE, (v, A), OVER, ("n",), "float64")
    assert cancel_quotients(OVER, [v, thin])[0] == OVER
    assert cancel_quotients(OVER, [v, thin], loose=True) == (argument(0), [A])


def test_a_quotient_with_its_series_is_a_quotient():
    x, y = tf.symbols("x y")
    ratio = y / ((1.0 + x) / (1.0 - x))
    assert "np.where" not in tf.compile(ratio / (1.0 - x), [x, y]).source


def test_a_number_times_a_reciprocal_is_a_quotient():
    x = tf.placeholder("x")
    assert tf.compile(-1 / x * 0.5, [x]).source.endswith("return -0.5 / x\n")
    assert tf.compile(0.25 * (1 / tf.cos(x)), [x]).source.endswith("return 0.25 / np.cos(x)\n")


def test_powers_of_one_line_are_joined():
    x, y = (Line(Kind.ARGUMENT, (), None, (), "float64") for _ in range(2))
    a, b, c = (argument(k) for k in range(3))
    assert cancel_quotients(-a / b**2, [x, x]) == (-1 / a, [x])
    assert cancel_quotients(a**3 * c / b, [x, x, y]) == (a * b**2, [y, x])
    assert cancel_quotients(a * b, [x, x])[1] == [x, x]
