"""Where lines have no value: what is told of operations holds at points."""

import numpy as np
import pytest

import tracer as tf
from tracer.backends.evaluation import run_program
from tracer.program.gaps import find_gaps
from tracer.program.program import Program

x = tf.placeholder("x", ("n",))
A = tf.placeholder("A", ("n", "n"))

NOWHERE = {
    "a polynomial": lambda: x**3 - 2 * x,
    "a norm": lambda: tf.norm(x) + tf.sqrt(tf.reduce_sum(tf.abs(A))),
    "roots of what is not negative": lambda: tf.sqrt(x * x + tf.exp(x)) * tf.abs(x) ** 1.5,
    "a product of such": lambda: tf.sqrt(tf.abs(A) @ tf.exp(x)[:, None]),
    "softmax": lambda: tf.nn.softmax(x),
    "what was put among zeros": lambda: tf.sqrt(tf.linalg.band_part(tf.square(A), -1, 0)),
    "a mean": lambda: tf.reduce_mean(x),
}
POINTS = {
    "a quotient": lambda: x / tf.norm(x),
    "a power": lambda: x**-2,
    "the root of a square": lambda: tf.math.rsqrt(tf.square(x)),
}
REGIONS = {
    "a root": lambda: tf.sqrt(x),
    "a logarithm": lambda: tf.math.log(tf.abs(x)),
    "a quotient and a root": lambda: 1 / tf.sqrt(x),
    "a power": lambda: tf.abs(x) ** x,
    "an inverse": lambda: tf.linalg.inv(A),
}


@pytest.mark.parametrize("build", NOWHERE.values(), ids=NOWHERE)
def test_what_is_defined_everywhere_has_no_gap(build):
    assert not find_gaps(Program([build()], [x, A]))[0]
    value = run_program(build(), {x: np.array([0.0, -1.0, 2.0]), A: np.diag([1.0, 0.0, -3.0])})
    assert np.isfinite(value).all()


@pytest.mark.parametrize("build", POINTS.values(), ids=POINTS)
def test_gaps_may_be_points(build):
    gaps, only_points = find_gaps(Program([build()], [x]))
    assert gaps
    assert only_points
    assert not np.isfinite(run_program(build(), {x: np.zeros(2)})).any()
    assert np.isfinite(run_program(build(), {x: np.array([-1e-3, 1e-3])})).all()


@pytest.mark.parametrize("build", REGIONS.values(), ids=REGIONS)
def test_gaps_may_be_more(build):
    gaps, only_points = find_gaps(Program([build()], [x, A]))
    assert gaps
    assert not only_points
