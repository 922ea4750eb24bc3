"""NumPy by blocks: the values of whole arrays, in less time where they are large."""

import pickle

import numpy as np
import pytest

import tracer as tf
from tests.array_programs.generate import programs
from tracer.backends import blocked_source, compilation
from tracer.backends.blocked_source import write_blocked
from tracer.backends.compilation import read_program
from tracer.backends.program_choice import choose_program
from tracer.backends.to_numpy import NUMPY

x, X, y = tf.placeholder("x", ("n",)), tf.placeholder("X", ("n", "m")), tf.placeholder("y", ("n", 1))


def _rosenbrock(x):
    return tf.reduce_sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def _write(outputs, inputs):
    leaves, given, structure = read_program(outputs, inputs)
    module, shapes = write_blocked(NUMPY, choose_program(leaves, given), given, structure)
    return module if shapes else None


def test_a_loop_over_blocks(monkeypatch):
    monkeypatch.setattr(blocked_source, "BLOCK", 1000)
    [gradient] = tf.gradients(_rosenbrock(x), x)
    assert _write(gradient, [x]).body == (
        "    getitem = x[:-1]\n"
        "    getitem_2 = x[1:]\n"
        "    grad_x = np.zeros_like(x, dtype=float)\n"
        "    for start in range(0, len(getitem), 1000):\n"
        "        block = slice(start, start + 1000)\n"
        "        getitem_block = getitem[block]\n"
        "        product = 200.0 * (getitem_2[block] - getitem_block ** 2)\n"
        "        grad_x[:-1][block] += -2 * (1.0 + product * getitem_block - getitem_block)\n"
        "        grad_x[1:][block] += product\n"
        "    return grad_x\n"
    )


def test_nothing_is_computed_by_blocks():
    assert _write(X @ tf.transpose(X), [X]) is None
    assert _write(tf.sin(x), [x]) is None


@pytest.mark.parametrize("start", range(0, 100, 25))
def test_values_are_those_of_whole_arrays(monkeypatch, start):
    """Of random programs with their gradients, by blocks of few elements."""
    monkeypatch.setattr(blocked_source, "BLOCK", 2)
    found = 0
    for program in programs(start, 25):
        rng = np.random.default_rng(program.seed)
        sizes = program.sizes(rng, "different")
        values = program.values(rng, sizes)
        sources = [tf.placeholder(name, shape) for name, shape in program.sources.items()]
        target = program.function()(*sources)
        outputs = [target, *tf.gradients(tf.reduce_sum(tf.sin(target)), sources, unconnected_gradients="zero")]
        module = _write(outputs, sources)
        if module is not None:
            found += 1
            for got, want in zip(module.function()(*values), tf.compile(outputs, sources)(*values), strict=True):
                np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-15)  # NumPy adds up by the layout
                assert np.asarray(got).dtype == want.dtype
    assert found > 8


def test_large_arrays_are_computed_by_blocks(monkeypatch):
    monkeypatch.setattr(compilation, "BLOCKED", 100)
    monkeypatch.setattr(blocked_source, "BLOCK", 32)
    [gradient] = tf.gradients(_rosenbrock(x), x)
    compiled, small, large = tf.compile(gradient, x), np.linspace(0, 1, 50), np.linspace(0, 1, 500)
    compiled(small)
    assert compilation.BLOCKS not in compiled._functions
    got = compiled(large)
    assert compilation.BLOCKS in compiled._functions
    again = pickle.loads(pickle.dumps(tf.compile(gradient, x)))
    monkeypatch.setattr(compilation, "BLOCKED", 10**9)
    want = compiled(large)
    np.testing.assert_array_equal(got, want)
    monkeypatch.setattr(compilation, "BLOCKED", 100)
    np.testing.assert_array_equal(again(large), want)
    assert "for start" not in compiled.source


def test_large_arrays_of_what_has_no_blocks(monkeypatch):
    monkeypatch.setattr(compilation, "BLOCKED", 100)
    compiled = tf.compile(tf.reduce_sum(x), x)
    assert compiled(np.ones(200)) == 200.0


def test_vectors_beside_a_large_matrix_are_computed_whole(monkeypatch):
    monkeypatch.setattr(compilation, "BLOCKED", 100)
    A = tf.placeholder("A", ("m", "n"))
    compiled = tf.compile(A @ (tf.sin(x) * tf.exp(x) * tf.cos(x)), [A, x])
    compiled(np.ones((30, 20)), np.ones(20))
    assert compilation.BLOCKS not in compiled._functions


def test_inputs_stay_as_they_are_and_results_are_new(monkeypatch):
    monkeypatch.setattr(compilation, "BLOCKED", 10)
    value = np.linspace(0, 1, 40)
    kept = value.copy()
    outputs = [tf.sin(x) * tf.exp(x) * tf.cos(x), x + 0.0, tf.identity(x)]
    for result in tf.compile(outputs, x)(value):
        result += 1.0
    np.testing.assert_array_equal(value, kept)


def test_rows_of_a_matrix_and_one_column(monkeypatch):
    monkeypatch.setattr(blocked_source, "BLOCK", 7)
    target = tf.sigmoid(X * y) * tf.sin(X) / (1.0 + tf.reduce_sum(X, axis=0)) ** 2
    rng = np.random.default_rng(0)
    given = rng.normal(size=(11, 3)), rng.normal(size=(11, 1))
    module = _write(target, [X, y])
    assert "rows = max(1, 7 // X[0].size)" in module.body
    np.testing.assert_array_equal(module.function()(*given), tf.compile(target, [X, y])(*given))
