"""How far lines reach: results are not counted, what they are computed from is, on each side of a fraction."""

import pytest

import tracer as tf
from tracer.program.program import Program
from tracer.program.reach import measure_reach

x, y = tf.symbols("x y")
v = tf.placeholder("v", ("n",))


@pytest.mark.parametrize(
    ("value", "reach"),
    [
        (x * y, 1), (x**5, 1), (x * x + 1.0, 2), (tf.sqrt(x**3 + y), 3), (tf.pow(x, -3), 1), (y / (x * x * x), 3),
        (x / tf.norm(v), 1), (x / tf.reduce_sum(v**2), 2), (tf.reduce_sum(v * v * v), 2), (tf.sin(x**2) / x, 2),
        (tf.exp(x) ** 3 + 1.0, 3),
        (tf.pow(1 + x**2, -2), 2), (x / (1 + x**2) ** 2, 4), (tf.math.log(x) ** 4 + x, 1), (x, 0),
        (tf.where(x > 0, x**3, y) + 1.0, 3), (x * 2.0 ** y + 1.0, 2),
    ],
)  # fmt: skip
def test_powers_on_the_way_are_counted(value, reach):
    assert measure_reach(Program([value], [x, y, v])) == [reach]
