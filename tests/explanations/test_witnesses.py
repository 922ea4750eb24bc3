"""Values are found at which a program is not finite, where there are such; assumptions and values are kept."""

import numpy as np
import pytest

import tracer
from tracer.explanations.witnesses import POOLS, Draws, find_witness

x, y = tracer.symbols("x y")
v = tracer.placeholder("v", ("n",))
a = tracer.placeholder("a", ("n", "n"))
fixed = tracer.placeholder("fixed", (2, 2))
half = tracer.placeholder("half", (), nonnegative=True)
positive = tracer.placeholder("positive", (), positive=True)


def gradient(f, s):
    return tracer.gradients(f, [s])[0]


FAILING = [
    tracer.math.log(x),
    tracer.math.log(x + 50.0),
    tracer.sqrt(y * y - 4.0 * x),
    1.0 / (x - 3.0),
    1.0 / (3.0 * x + 2.0 * y - 7.0),
    1.0 / (x**3 - 27.0),
    tracer.acos(x),
    tracer.math.lgamma(x),
    x**y,
    tracer.reduce_sum(tracer.math.log(v)),
    v / tracer.norm(v),
    tracer.linalg.inv(a),
    tracer.linalg.cholesky(a),
    tracer.linalg.inv(fixed),
    tracer.math.log(half),
    gradient(tracer.sqrt(half), half),
    gradient(tracer.norm(v), v),
    gradient(tracer.acos(x), x),
    (x - tracer.reduce_mean(v)) / tracer.math.reduce_std(v),
]
FINITE = [
    tracer.math.log(positive),
    tracer.sqrt(half),
    tracer.exp(x),
    tracer.math.divide_no_nan(x, y),
    tracer.where(x > 0, tracer.math.log(x), 0.0),
    tracer.math.log(1.0 + tracer.exp(x)),
    tracer.nn.softmax(v),
]


@pytest.mark.parametrize("tensor", FAILING, ids=lambda t: t.name)
def test_a_witness_is_found(tensor):
    values = find_witness(tensor)
    feed = {t: values[t] for t in values.given.values()}
    try:
        assert not np.isfinite(tensor.eval(feed)).all()
    except np.linalg.LinAlgError:
        assert tensor.op in ("inv", "cholesky")


@pytest.mark.parametrize("tensor", FINITE, ids=lambda t: t.name)
def test_none_is_found_where_there_is_none(tensor):
    assert find_witness(tensor) is None


def test_sources_keep_their_values_and_their_assumptions():
    w = tracer.Variable(2.0, name="w")
    assert find_witness(tracer.math.log(w) + x) is None
    assert find_witness(tracer.math.log(w * x))[w] == 2.0
    symmetric = tracer.placeholder("symmetric", (3, 3), symmetric=True)
    draws = Draws([symmetric], keep=True)
    for attempt in range(2 * len(POOLS)):
        (value,) = draws.draw(attempt).values()
        np.testing.assert_array_equal(value, value.T)


def test_values_that_may_vary_do():
    w = tracer.Variable(2.0, name="w")
    assert set(Draws([w * x], keep=True).draw(0)) == {x}
    assert len(Draws([w * x], keep=False).draw(0)) == 2
