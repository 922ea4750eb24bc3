"""Contractions of what their operands are made of: no repeated product and no identity is made."""

import numpy as np
import pytest

import tracer as tf
from tracer.program.einsum_parts import Part, find_sum_of_diagonals, has_diagonal, open_products
from tracer.program.lines import Kind
from tracer.program.program import Program

n, m, k = 7, 5, 3
A, B, X, d, u, w = (
    tf.placeholder(name, shape)
    for name, shape in [("A", (n, n)), ("B", (n, m)), ("X", (n, k)), ("d", (n,)), ("u", (n,)), ("w", (m,))]
)
SOURCES = [A, B, X, d, u, w]


def values():
    random = np.random.default_rng(3)
    return [random.normal(size=s.shape) for s in SOURCES]


def measure(tensor):
    """The elements of the largest line on the way, and the kinds of lines."""
    program = Program([tensor], SOURCES)
    sizes = [np.prod(line.shape, dtype=int) for line in program.lines if line not in program.results]
    return max(sizes, default=0), {line.op for line in program.lines}


diag = tf.linalg.diag


@pytest.mark.parametrize(
    ("build", "by_numpy", "largest"),
    [
        (lambda: (A + diag(d)) @ X, lambda A, B, X, d, u, w: (A + np.diag(d)) @ X, n * k),
        (lambda: (diag(d) - A) @ (X + X), lambda A, B, X, d, u, w: (np.diag(d) - A) @ (2 * X), n * k),
        (lambda: tf.transpose(diag(d) + A) @ X, lambda A, B, X, d, u, w: (np.diag(d) + A).T @ X, n * n),
        (lambda: (A + 2.0 * tf.eye(n)) @ X, lambda A, B, X, d, u, w: A @ X + 2 * X, n * k),
        (lambda: (diag(d) * A) @ X, lambda A, B, X, d, u, w: (np.diag(d) * A) @ X, n * k),
        (lambda: (u[:, None] * w) @ w, lambda A, B, X, d, u, w: u * (w @ w), n),
        (lambda: tf.einsum("ij,i,ik->jk", B, u, X), lambda A, B, X, d, u, w: (B * u[:, None]).T @ X, n * m),
        (lambda: tf.einsum("ij,i,j->i", B, u, w), lambda A, B, X, d, u, w: (B @ w) * u, n),
    ],
)
def test_the_largest_value_on_the_way(build, by_numpy, largest):
    tensor = build()
    got = tf.compile(tensor, SOURCES)(*values())
    assert np.allclose(got, by_numpy(*values()), rtol=1e-12)
    assert measure(tensor)[0] <= largest


def test_a_hessian_has_no_identity_on_the_way():
    W = tf.placeholder("W", (k, m))
    y = tf.placeholder("y", (n,))

    def loss(W):
        return tf.reduce_sum((tf.linalg.matvec(tf.tanh(X @ W), w) - y) ** 2)

    hessian = tf.hessian(loss)(W)
    compiled = tf.compile(hessian, [W, X, w, y])
    random = np.random.default_rng(5)
    point = [random.normal(size=s.shape) for s in (W, X, w, y)]
    slope = tf.compile(tf.gradients(loss(W), W)[0], [W, X, w, y])
    for place in np.ndindex(k, m):
        step = np.zeros((k, m))
        step[place] = 1e-6
        difference = (slope(point[0] + step, *point[1:]) - slope(point[0] - step, *point[1:])) / 2e-6
        assert np.allclose(compiled(*point)[(..., *place)], difference, rtol=1e-6, atol=1e-7)
    assert "(3, 5, 7, 5)" not in compiled.source


def test_what_is_opened():
    program = Program([u[:, None] * w, B * B, diag(d) * A, A + diag(d), A + A], SOURCES)
    outer, square, masked, total, plain = program.results
    labels = (0, 1)
    number, parts = open_products([Part(outer, labels, (n, m))])
    assert (number, [p.operand.shape for p in parts]) == (1, [(n, 1), (m,)])
    assert open_products([Part(square, labels, (n, m))])[1] == [Part(square, labels, (n, m))]
    assert has_diagonal(masked) == has_diagonal(total) == (not has_diagonal(plain))
    assert find_sum_of_diagonals(total) is total
    assert find_sum_of_diagonals(plain) is None
    assert Kind.EMBED in {line.op for line in program.lines}


def test_a_sum_of_products_of_vectors_is_their_product():
    x, y, X = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",)), tf.placeholder("X", ("n", "m"))
    assert "return x @ y\n" in tf.compile(tf.reduce_sum(x * y), [x, y]).source
    assert "return x @ y / n\n" not in tf.compile(tf.reduce_mean(x * y), [x, y]).source
    assert "return x @ x\n" in tf.compile(tf.reduce_sum(x * x), [x]).source
    assert "return np.sum(x ** 2)\n" in tf.compile(tf.reduce_sum(x**2), [x]).source
    assert "@" not in tf.compile(tf.reduce_sum(X * X[::-1], axis=1), [X]).source.rpartition('"""')[2]
