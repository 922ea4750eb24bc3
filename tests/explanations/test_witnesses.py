"""Values are found at which a program is not finite, where there are such; assumptions and values are kept."""

import numpy as np
import pytest

import tracer
from tracer.explanations.witnesses import POOLS, Draws, _make_indefinite, _make_singular, find_witness

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
    1.0 / (8.0 * x - 5.5),
    v / (tracer.exp(y) * (x - 0.734375)),
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
    gradient(tracer.sqrt(tracer.reduce_sum(v**2)), v),
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


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 3, 3)])
def test_singular_and_indefinite_matrices_are_such(shape):
    rng = np.random.default_rng(2)
    singular, indefinite = _make_singular(rng, shape), _make_indefinite(rng, shape)
    assert singular.shape == indefinite.shape == shape
    assert (np.linalg.matrix_rank(singular) == 1).all()
    np.testing.assert_array_equal(indefinite, np.swapaxes(indefinite, -1, -2))
    assert (np.linalg.eigvalsh(indefinite)[..., 0] < 0).all()
    assert singular.flags.writeable


@pytest.mark.parametrize("shape", [(), (3,)])
def test_of_what_is_no_matrix_they_are_numbers(shape):
    rng = np.random.default_rng(2)
    assert set(np.ravel(_make_singular(rng, shape))) <= {1.0, 2.0}
    np.testing.assert_array_equal(_make_indefinite(rng, shape), -np.ones(shape))


ASSUMED = [
    ("positive", lambda a: (a > 0).all()),
    ("negative", lambda a: (a < 0).all()),
    ("nonnegative", lambda a: (a >= 0).all()),
    ("nonpositive", lambda a: (a <= 0).all()),
    ("nonzero", lambda a: (a != 0).all()),
    ("stochastic", lambda a: (a >= 0).all() and np.isclose(a.sum(), 1)),
    ("unit", lambda a: np.isclose(a @ a, 1)),
    ("integer", lambda a: (a == np.rint(a)).all()),
]


@pytest.mark.parametrize(("known", "holds"), ASSUMED)
def test_what_is_drawn_is_as_its_source_assumes(known, holds):
    source = tracer.placeholder("s", (3,), **{known: True})
    drawn = [Draws([source], keep=True).draw(k)[source] for k in range(2 * len(POOLS))]
    assert all(holds(a) and a.shape == (3,) for a in drawn)
    assert len({a.tobytes() for a in drawn}) > 3


def test_integers_and_truth_values_are_drawn_as_such():
    k, b = tracer.placeholder("k", (3,), "int32"), tracer.placeholder("b", (2,), "bool")
    for attempt in range(len(POOLS)):
        drawn = Draws([k, b], keep=True).draw(attempt)
        assert drawn[k].dtype == np.int32
        assert drawn[b].dtype == bool


def test_a_witness_that_bisection_finds_is_a_round_number():
    assert float(find_witness(1.0 / (8.0 * x - 5.5))[x]) == 0.6875
