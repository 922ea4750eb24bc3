"""Where lines have no value: what is told of operations holds at points."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.backends.evaluation import run_program
from tracer.program.building import Lines
from tracer.program.gaps import LONG, Gap, find_gap
from tracer.program.lines import Kind, Line
from tracer.program.program import Program
from tracer.rules import argument

x, y = (tf.placeholder(name, ("n",)) for name in "xy")
A = tf.placeholder("A", ("n", "n"))
WEIGHTS = np.array([0.5, 2.0, 0.0])

NOWHERE = {
    "a polynomial": lambda: x**3 - 2 * x,
    "a norm": lambda: tf.norm(x) + tf.sqrt(tf.reduce_sum(tf.abs(A))),
    "roots of what is not negative": lambda: tf.sqrt(x * x + tf.exp(x)) * tf.abs(x) ** 1.5,
    "a product of such": lambda: tf.sqrt(tf.abs(A) @ tf.exp(x)[:, None]),
    "softmax": lambda: tf.nn.softmax(x),
    "what was put among zeros": lambda: tf.sqrt(tf.linalg.band_part(tf.square(A), -1, 0)),
    "a mean": lambda: tf.reduce_mean(x) + tf.reduce_sum(x) / tf.cast(tf.size(A), "float64"),
    "a quotient by what is positive": lambda: x / tf.reduce_max(tf.reshape(tf.exp(A), (-1,))),
    "a root of multiples": lambda: tf.sqrt(2 * tf.square(x) + 0) / tf.maximum(x, 1),
    "a root of a product with itself": lambda: tf.sqrt(x @ x) + tf.sqrt(tf.tensordot(A, A, 2)),
    "what is padded": lambda: tf.sqrt(tf.pad(tf.square(x), [[1, 0]])),
    "a choice": lambda: tf.where(x > 0, x, 0.0),
    "the root of an identity": lambda: tf.sqrt(tf.eye(x.shape[0]) + tf.linalg.trace(tf.square(A))),
    "the root of a diagonal": lambda: tf.sqrt(tf.linalg.diag_part(tf.square(A))) / tf.exp(x),
    "a root of sizes": lambda: tf.sqrt(tf.cast(tf.size(A), "float64") / x.shape[0]) * x,
    "a quotient with its series": lambda: tf.sin(x) / x + tf.sin(tf.norm(x)) / tf.norm(x),
    "a choice beside zero": lambda: tf.sqrt(tf.where(x @ x == 0, np.inf, x @ x)) * 0 + 1,
    "a quotient by weights": lambda: x / WEIGHTS[:2, None] + tf.sqrt(WEIGHTS[1:, None] * tf.square(A[0, 0])),
}
POINTS = {
    "a quotient": lambda: x / tf.norm(x),
    "a power": lambda: x**-2,
    "a quotient of two, with the series of one": lambda: 1 / tf.sin(x) + tf.sin(x) / x,
    "the root of a square": lambda: tf.math.rsqrt(tf.square(x)),
    "a quotient by a multiple": lambda: 1 / (2 * x),
    "a quotient by what was put among zeros": lambda: x / tf.linalg.band_part(tf.exp(A), 0, 0)[0, 1],
    "a quotient by an identity": lambda: tf.exp(x)[:, None] / tf.eye(x.shape[0])[:1, 1:],
    "a quotient by weights": lambda: tf.exp(x) / WEIGHTS[2:, None],
    "a quotient by what may be zero": lambda: 1 / tf.maximum(tf.abs(x), 0),
    "a quotient by a product": lambda: 1 / (x * (x @ x)),
}
REGIONS = {
    "a root": lambda: tf.sqrt(x),
    "a logarithm": lambda: tf.math.log(tf.abs(x)),
    "a quotient and a root": lambda: 1 / tf.sqrt(x),
    "a power": lambda: tf.abs(x) ** x,
    "an inverse": lambda: tf.linalg.inv(A),
    "the root of a determinant": lambda: tf.sqrt(tf.linalg.det(A * A)),
    "the root of cofactors": lambda: tf.sqrt(tf.gradients(tf.linalg.det(B := tf.exp(A)), B)[0]),
    "the root of a product": lambda: tf.sqrt(tf.abs(A) @ x[:, None]),
    "the root of a product of two": lambda: tf.sqrt(x @ y),
    "the root of a product with itself, of matrices": lambda: tf.sqrt(A @ A),
    "the root of what was put among zeros": lambda: tf.sqrt(tf.linalg.band_part(A, -1, 0)),
    "the root of a negative multiple": lambda: tf.sqrt(-2 * tf.square(x)),
    "the root of what is limited below zero": lambda: tf.sqrt(tf.maximum(x, -1)),
    "the root of a difference of sizes": lambda: tf.sqrt(tf.cast(tf.size(x) - 5, "float64")),
    "the root of weights": lambda: tf.sqrt((WEIGHTS - 1) * tf.square(A[0, 0])),
}


@pytest.mark.parametrize("build", NOWHERE.values(), ids=NOWHERE)
def test_what_is_defined_everywhere_has_no_gap(build):
    assert find_gap(Program([build()], [x, y, A])) is Gap.NOTHING
    value = run_program(build(), {x: np.array([0.0, -1.0]), A: np.diag([1.0, -3.0])})
    assert np.isfinite(value).all()


@pytest.mark.parametrize("build", POINTS.values(), ids=POINTS)
def test_gaps_may_be_points(build):
    assert find_gap(Program([build()], [x, y, A])) is Gap.POINTS
    with np.errstate(all="ignore"):
        assert not np.isfinite(run_program(build(), {x: np.zeros(2), A: np.ones((2, 2))})).any()


@pytest.mark.parametrize("build", REGIONS.values(), ids=REGIONS)
def test_gaps_may_be_more(build):
    assert find_gap(Program([build()], [x, y, A])) is Gap.REGION


CHOICES = {
    "near zero": (sympy.Abs(argument(0)) < 1, Gap.NOTHING),
    "near another point": (sympy.Abs(argument(0) - 2) < 1, Gap.POINTS),
    "on one side": ((argument(0) >= 0) & (argument(0) < 2), Gap.NOTHING),
    "beside zero": (argument(0) > 0, Gap.POINTS),
    "of an argument that is not negative": (argument(1) < 2, Gap.POINTS),
}


@pytest.mark.parametrize(("condition", "gap"), CHOICES.values(), ids=CHOICES)
def test_a_quotient_need_have_no_value_where_another_is_chosen(condition, gap):
    lines = Lines()
    y = lines.leaf(Kind.ARGUMENT, x, (), "float64")
    root = lines.elementwise(sympy.Abs(argument(0)), [y], "float64")
    template = sympy.Piecewise((sympy.S.One, condition), (1 / argument(0), True), evaluate=False)
    program = Program([x], [x])
    program.lines = [root, lines.add(Kind.ELEMENTWISE, [y, root], template, (), "float64")]
    assert find_gap(program) is gap


def test_the_greatest_of_nothing_is_zero():
    lines = Lines()
    power = lines.elementwise(sympy.exp(argument(0)), [Line(Kind.ARGUMENT, (), None, (), "float64")], "float64")
    greatest = lines.add(Kind.GREATEST_AT, [power], None, (), "float64")
    quotient = lines.elementwise(1 / argument(0), [greatest], "float64")
    assert find_gap(SimpleNamespace(lines=[power, greatest, quotient])) is Gap.POINTS


def test_an_integer_of_a_positive_number_may_be_zero():
    divisor = tf.cast(tf.cast(tf.exp(x), "int64"), "float64")
    assert find_gap(Program([1 / divisor], [x])) is Gap.POINTS
    assert find_gap(Program([tf.sqrt(divisor)], [x])) is Gap.NOTHING


def test_functions_without_a_row_are_looked_at_as_they_are_defined():
    x, y = tf.placeholder("x"), tf.placeholder("y")
    assert find_gap(Program([tf.sqrt(x**2 + y**2)], [x, y])) is Gap.NOTHING
    assert find_gap(Program([1 + tf.math.erf(x)], [x])) is Gap.NOTHING
    assert find_gap(Program([1 / tf.sqrt(x**2 + y**2)], [x, y])) is Gap.POINTS
    assert find_gap(Program([tf.math.log(1 + x)], [x])) is Gap.REGION


def test_the_sign_of_a_series_takes_no_time_to_be_unknown():
    x = tf.placeholder("x", ("n",))
    ratio = x / (x + tf.gelu(x))
    program = Program(tf.gradients(tf.gradients(tf.abs(tf.rsqrt(ratio)), x), x), [x])
    assert max(sympy.count_ops(line.params) for line in program.lines if line.op is Kind.ELEMENTWISE) > 3 * LONG
    start = time.process_time()
    find_gap(program)
    assert time.process_time() - start < 1.0


def test_a_total_function_of_arrays_has_no_gap():
    assert find_gap(Program([tf.reduce_logsumexp(x) + tf.linalg.det(A)], [x, A])) is Gap.NOTHING
    assert find_gap(Program([1 / tf.linalg.det(A)], [A])) is Gap.POINTS
