"""Products with inverses: by cofactors where there are determinants, as solutions of systems elsewhere."""

import numpy as np
import pytest

import tracer as tf
from tracer import linalg as la
from tracer.backends.evaluation import run_program
from tracer.ops.inverse_products import find_cofactors, find_systems
from tracer.ops.systems import SOLVE
from tracer.walk import ancestors

A, B, b = tf.placeholder("A", ("n", "n")), tf.placeholder("B", ("n", "m")), tf.placeholder("b", ("n",))
RNG = np.random.default_rng(0)
VALUES = {A: RNG.normal(size=(4, 4)), B: RNG.normal(size=(4, 3)), b: RNG.normal(size=4)}
SINGULAR = np.diag([1.0, 2.0, 0.0]) + np.triu(np.ones((3, 3)), 1)


def _restore(matrix):
    sign, log = la.slogdet(matrix)
    return sign * tf.exp(log)


PRODUCTS = {
    "a determinant": lambda: la.det(A) * la.inv(A),
    "a transposed inverse": lambda: tf.transpose(la.inv(A)) * la.det(A),
    "a trace": lambda: la.det(A) * la.trace(la.inv(A)),
    "a vector": lambda: la.det(A) * la.matvec(la.inv(A), b),
    "a form": lambda: la.det(A) * tf.tensordot(b, la.matvec(la.inv(A), b), 1),
    "a solution": lambda: la.solve(A, B) * la.det(A),
    "a solution for a vector": lambda: la.det(A) * la.solve(A, b),
    "a sign and a logarithm": lambda: _restore(A),
    "these and an inverse": lambda: _restore(A) * la.inv(A),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_with_a_determinant_has_no_inverse(name):
    """Its value and its gradient are those of the program as it is written, and are finite for singular matrices."""
    product = PRODUCTS[name]()
    gradient = tf.gradients(tf.reduce_sum(tf.sin(product)), A)[0]
    plain = np.linalg.det(VALUES[A])
    found = find_cofactors(ancestors([product]), lambda tensor, user: True)
    assert product.node in found
    np.testing.assert_allclose(run_program(product, VALUES), run_program(found[product.node], VALUES), rtol=1e-9)
    step = 1e-6 * RNG.normal(size=(4, 4))
    ahead, behind = (np.sum(np.sin(run_program(product, {**VALUES, A: VALUES[A] + s * step}))) for s in (1, -1))
    np.testing.assert_allclose((ahead - behind) / 2, np.sum(run_program(gradient, VALUES) * step), rtol=1e-5)
    at = {A: SINGULAR, B: np.ones((3, 2)), b: np.arange(3.0)}
    assert plain
    for tensor in (product, gradient):
        assert np.isfinite(run_program(tensor, at)).all()
        assert np.isfinite(tf.compile(tensor, [A, B, b])(*at.values())).all()


def test_all_derivatives_of_an_exponential_of_a_logarithm():
    value = tf.exp(la.logdet(A @ tf.transpose(A)))
    for _ in range(2):
        value = tf.gradients(tf.reduce_sum(value), A)[0]
        assert np.isfinite(tf.compile(value, [A])(SINGULAR)).all()


def test_a_determinant_of_another_matrix_is_none():
    other = la.det(A + 1.0) * la.inv(A)
    assert not find_cofactors(ancestors([other]), lambda tensor, user: True)
    assert not find_cofactors(ancestors([PRODUCTS["a determinant"]()]), lambda tensor, user: False)


SYSTEMS = {
    "a vector": (lambda: la.matvec(la.inv(A), b), "np.linalg.solve(A, b)"),
    "a matrix": (lambda: la.inv(A) @ B, "np.linalg.solve(A, B)"),
    "from the left": (lambda: tf.transpose(B) @ la.inv(A), "np.linalg.solve(np.transpose(A), B).T"),
    "transposed": (lambda: tf.transpose(la.inv(A)) @ B, "np.linalg.solve(np.transpose(A), B)"),
    "transposed, from the left": (lambda: tf.transpose(B) @ tf.transpose(la.inv(A)), "np.linalg.solve(A, B).T"),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_an_inverse_times_something_is_a_solution(name):
    build, code = SYSTEMS[name]
    product = build()
    (found,) = find_systems(ancestors([product])).values()
    assert any(t.rule is SOLVE for t in ancestors([found]))
    compiled = tf.compile(product, [A, B, b])
    assert f"return {code}\n" in compiled.source + "\n"
    inverse = np.linalg.inv(VALUES[A])
    right = VALUES[b] if name == "a vector" else VALUES[B]
    wanted = {
        "from the left": right.T @ inverse, "transposed": inverse.T @ right,
        "transposed, from the left": right.T @ inverse.T,
    }.get(name, inverse @ right)  # fmt: skip
    np.testing.assert_allclose(compiled(*VALUES.values()), wanted, rtol=1e-10)


def test_the_gradient_of_a_form_takes_solutions_for_vectors():
    form = tf.tensordot(b, la.matvec(la.inv(A), b), 1)
    compiled = tf.compile(tf.gradients(form, A)[0], [A, b])
    assert "inv" not in compiled.source.rpartition('"""')[2]
    assert compiled.source.count("np.linalg.solve") == 2
    inverse = np.linalg.inv(VALUES[A])
    wanted = -np.outer(inverse.T @ VALUES[b], inverse @ VALUES[b])
    np.testing.assert_allclose(compiled(VALUES[A], VALUES[b]), wanted, rtol=1e-10)


def test_an_inverse_that_is_needed_is_used():
    inverse = la.inv(A)
    assert not find_systems(ancestors([inverse @ B, tf.sin(inverse)]))
    assert find_systems(ancestors([la.matvec(inverse, b), tf.sin(inverse)]))
    assert not find_systems(ancestors([inverse @ inverse @ inverse]))
