"""The NumPy backend."""

import numpy as np
import pytest

import tracer as tf
from tests.helpers import assert_same
from tests.ops.samples import SAMPLES
from tracer.backends.backend import Backend
from tracer.backends.to_numpy import NUMPY

from .delayed import Delayed, ValuesAsked, unwrap

X, y, w = tf.placeholder("X", ("n", "d")), tf.placeholder("y", ("n",)), tf.placeholder("w", ("d",))
W, b = tf.placeholder("W", ("d", "k")), tf.placeholder("b", ("k",))
RNG = np.random.default_rng(0)
VALUES = {
    "X": RNG.normal(size=(40, 3)), "y": (RNG.random(40) < 0.5).astype(float), "w": RNG.normal(size=3),
    "W": RNG.normal(size=(3, 4)), "b": RNG.normal(size=4),
}  # fmt: skip
LOSSES = {
    "logistic": lambda: tf.reduce_mean(tf.nn.softplus(X @ w) - y * (X @ w)),
    "poisson": lambda: tf.reduce_mean(tf.exp(X @ w) - y * (X @ w) + tf.math.lgamma(y + 1)),
    "probit": lambda: tf.reduce_mean(tf.math.log(0.5 * tf.math.erfc(-(X @ w) * (2 * y - 1)))),
    "multinomial": lambda: tf.reduce_mean(tf.reduce_logsumexp(X @ W, axis=1)) - tf.reduce_sum(tf.nn.softmax(X @ W)),
    "a network": lambda: tf.reduce_mean((tf.nn.relu(X @ W) @ b - y) ** 2),
    "norms": lambda: tf.reduce_mean(tf.norm(X - w, axis=1)),
    "the nearest": lambda: tf.reduce_mean(
        tf.reduce_min(tf.reduce_sum((X[:, None] - tf.transpose(W)) ** 2, axis=2), axis=1)
    ),
    "a robust loss": lambda: tf.reduce_sum(tf.where(tf.abs(X @ w - y) < 1, (X @ w - y) ** 2, tf.abs(X @ w - y))),
    "neighbours": lambda: tf.reduce_sum((y[1:] - y[:-1]) ** 2) + tf.math.reduce_variance(y),
    "hazards": lambda: tf.reduce_sum(y * (X @ w - tf.math.log(tf.math.cumsum(tf.exp(X @ w))))),
}
ASKING = {
    "cofactors", "cofactors_frechet", "cumulative_logsumexp", "expm", "expm_frechet", "logm", "logm_frechet", "lu",
    "lu_permutation", "recurrence", "scatter", "segment_max", "spectral_function", "spectral_frechet", "sqrtm",
    "sqrtm_frechet",
}  # fmt: skip
"""Rows whose code asks for values as it goes."""


def compile_loss(name):
    """A loss and its derivatives by all that it depends on, with the sources."""
    loss = LOSSES[name]()
    sources = [s for s in (X, y, w, W, b) if tf.gradients(loss, [s])[0] is not None]
    slopes = {f"by {s.name}": tf.gradients(loss, [s])[0] for s in sources}
    curvature = {f"twice by {s.name}": tf.hessians(loss, [s])[0] for s in sources if "n" not in map(str, s.shape)}
    return tf.compile({"loss": loss} | slopes | curvature, sources), sources


def test_it_is_a_backend_that_floats_are_left_to_math_by():
    backend: Backend = NUMPY
    assert (backend.name, backend.arrays, backend.fallback, backend.fast, backend.foreign) == (
        "numpy", True, "numpy", "math", False,
    )  # fmt: skip


def test_every_program_has_code():
    x = tf.placeholder("x", ("n",))
    function = tf.compile(tf.sin(x) @ x, [x], backend="numpy")
    np.testing.assert_allclose(function([1.0, 2.0]), np.sin(1) + 2 * np.sin(2))


PLACES = {
    "neighbours": (lambda x: tf.reduce_sum(tf.sin(x[1:] - x[:-1])), ["grad_x[:-1] = -cos", "grad_x[1:] += cos"]),
    "elements": (lambda x: x[0] * x[1], ["grad_x[1] = x[0]", "grad_x[0] = x[1]"]),
    "every second": (lambda x: tf.reduce_sum(tf.sin(x[::2])), ["grad_x[::2] = np.cos(x[::2])"]),
    "by an index": (
        lambda x: tf.reduce_sum(tf.gather(x, tf.constant([1, 1, 0], name="ids")) ** 2),
        ["np.add.at(grad_x, ids, 2 * x[ids])"],
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_pieces_are_put_in_place(name):
    function, statements = PLACES[name]
    x = tf.placeholder("x", ("n",))
    compiled = tf.compile(tf.gradients(function(x), x)[0], x)
    lines = [line.strip() for line in compiled.source.splitlines()]
    assert [line for line in lines if line in statements] == statements
    assert f"grad_x = {'np.zeros(n)' if 'ids' in compiled.source else 'np.zeros_like(x, dtype=float)'}" in lines
    value = np.linspace(0.5, 1.5, 7)
    assert_same(compiled(value), tf.grad(function)(value))


def test_all_elements_are_an_array():
    y = tf.placeholder("y", (3,))
    source = tf.compile(tf.gradients(y[0] * y[1] + tf.sin(y[2]), y)[0], y).source
    assert "return np.array([y[1], y[0], np.cos(y[2])])" in source


def test_many_pieces_are_put_by_their_numbers():
    y = tf.placeholder("y", (40,))
    compiled = tf.compile(tf.gradients(sum(y[2 * k] ** 2 for k in range(20)), y)[0], y)
    assert "bincount" in compiled.source
    assert_same(compiled(np.arange(40.0)), np.where(np.arange(40) % 2, 0, 2 * np.arange(40.0)))


@pytest.mark.unchecked
def test_arrays_of_other_libraries_are_not_asked_for_their_values():
    function, sources = compile_loss("logistic")
    given = [VALUES[s.name] for s in sources]
    found = function(*map(Delayed, given))
    assert {type(v) for v in found.values()} == {Delayed}
    for key, value in function(*given).items():
        np.testing.assert_allclose(found[key].array, value, rtol=1e-12)
    mixed = function(Delayed(given[0].astype("float32")), *given[1:])
    assert mixed["by w"].dtype == "float64"
    with pytest.raises(ValueError, match=r"X has the shape \(n, d\), the value given for it has the shape \(40,\)"):
        function(Delayed(given[1]), *given[1:])


@pytest.mark.unchecked
def test_sizes_that_are_not_known_are_refused():
    rows = Delayed(VALUES["X"])
    rows.shape = (float("nan"), 3)
    with pytest.raises(ValueError, match=r"size n is not known; have its library compute it"):
        tf.compile(X @ w, [X, w])(rows, VALUES["w"])


@pytest.mark.unchecked
@pytest.mark.parametrize("name", SAMPLES)
def test_rows_that_ask_for_values_are_known(name):
    sample = SAMPLES[name]
    sources = sample.sources()
    given = [np.asarray(a, s.dtype) for s, a in zip(sources, sample.draw(0))]
    function = tf.compile(sample.build(*sources), sources)
    try:
        found = unwrap(function(*map(Delayed, given)))
    except (ValuesAsked, AttributeError, TypeError):
        assert name in ASKING
    else:
        assert name not in ASKING
        np.testing.assert_allclose(found, function(*given), rtol=1e-12)


@pytest.mark.unchecked
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("saved", [False, True])
def test_on_dask_a_program_is_one_graph(name, saved):
    dask = pytest.importorskip("dask")
    arrays = pytest.importorskip("dask.array")
    function, sources = compile_loss(name)
    given = [VALUES[s.name] for s in sources]
    lazy = [arrays.from_array(a, (10, *a.shape[1:])) if len(a) == 40 else a for a in given]
    scope = {}
    exec(function.source, scope)
    with dask.config.set(scheduler=refuse_to_compute):
        found = (scope["compiled"] if saved else function)(*lazy)
    assert {type(v) for k, v in found.items() if k not in WITHOUT_ROWS} == {arrays.Array}
    (computed,) = dask.compute(found, scheduler="sync")
    for key, value in function(*given).items():
        np.testing.assert_allclose(computed[key], value, rtol=1e-10, atol=1e-13)


WITHOUT_ROWS = ()


def refuse_to_compute(*args, **options):
    """A scheduler."""
    raise ValuesAsked


def test_values_between_two_others_are_clipped():
    x = tf.placeholder("x", ("n",))
    assert "return np.clip(x, -0.5, 0.5)" in tf.compile(tf.clip_by_value(x, -0.5, 0.5), x).source
