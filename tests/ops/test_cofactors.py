"""Derivatives of determinants and adjugates at matrices of every rank, against minors in whole numbers."""

import itertools

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.ops.cofactors import record_cofactors
from tracer.ops.matrix_rows import cofactors_along

linalg = tf.linalg
RANDOM = np.random.default_rng(3)
RANKS = [(n, rank) for n in (1, 2, 3, 4) for rank in range(max(0, n - 3), n + 1)]


def of_rank(n, rank):
    """Whole numbers, and how many rows of them are independent."""
    lower, upper = np.tri(n), np.triu(RANDOM.integers(1, 3, (n, n)))
    return (lower[:, :rank] @ upper[:rank]).astype("float64")


def directions(n, count):
    return [RANDOM.integers(-3, 4, (n, n)).astype("float64") for _ in range(count)]


def by_minors(a, *along):
    """The derivative of the cofactors in directions, in whole numbers."""
    return np.array(cofactors_along(*(m.astype(int) for m in (a, *along))), float).reshape(a.shape)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_minors_have_the_derivatives_of_polynomials(rank):
    a, along = of_rank(3, rank), directions(3, 2)
    for count in range(3):
        steps = sympy.symbols(f"t:{count}")
        moved = sympy.Matrix(a.astype(int))
        for t, e in zip(steps, along):
            moved += t * sympy.Matrix(e.astype(int))
        found = moved.cofactor_matrix(method="berkowitz")
        for t in steps:
            found = found.diff(t).subs(t, 0)
        assert by_minors(a, *along[:count]).tolist() == np.array(found.tolist(), float).tolist()


def derivatives(function, a, along, weights):
    """A weighted result, and its derivatives in one direction after the other, each as a gradient."""
    x = tf.constant(a)
    value = tf.reduce_sum(weights * function(x))
    found = []
    for e in [*along, None]:
        (gradient,) = tf.gradients(value, x, unconnected_gradients="zero")
        found.append(gradient)
        value = value if e is None else tf.reduce_sum(gradient * e)
    return found


@pytest.mark.parametrize(("n", "rank"), RANKS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_derivatives_of_a_determinant_at_every_rank(n, rank, dtype):
    a, along = of_rank(n, rank), directions(n, 2)
    for k, gradient in enumerate(derivatives(linalg.det, a.astype(dtype), [e.astype(dtype) for e in along], 1.0)):
        expected = by_minors(a, *along[:k])
        assert gradient.dtype == dtype
        np.testing.assert_allclose(gradient, expected, atol=1e-12 if dtype == "float64" else 1e-3)


@pytest.mark.parametrize(("n", "rank"), RANKS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_derivatives_of_an_adjugate_at_every_rank(n, rank, dtype):
    a, (weights, *along) = of_rank(n, rank), directions(n, 3)
    given = [e.astype(dtype) for e in (weights, *along)]
    for k, gradient in enumerate(derivatives(linalg.adjugate, a.astype(dtype), given[1:], given[0])):
        expected = by_minors(a, weights.T, *along[:k])
        assert gradient.dtype == dtype
        np.testing.assert_allclose(gradient, expected, atol=1e-12 if dtype == "float64" else 1e-3)


def test_the_order_of_directions_does_not_matter():
    a, along = of_rank(4, 2), directions(4, 3)
    first, *others = (
        record_cofactors(tf.constant(a), list(map(tf.constant, order))).numpy()
        for order in itertools.permutations(along)
    )
    assert np.abs(first).max() > 1
    for other in others:
        np.testing.assert_allclose(other, first, atol=1e-11)


@pytest.mark.parametrize("function", [linalg.det, linalg.adjugate])
def test_a_batch_is_its_members(function):
    batch = np.stack([of_rank(3, rank) for rank in range(4)])
    weights = np.arange(1.0, 10.0).reshape(3, 3)

    def first_and_second(value):
        x = tf.constant(value)
        (first,) = tf.gradients(tf.reduce_sum(function(x)), x)
        return [first.numpy(), tf.gradients(tf.reduce_sum(weights * first), x)[0].numpy()]

    for together, alone in zip(first_and_second(batch), zip(*map(first_and_second, batch))):
        np.testing.assert_allclose(together, np.stack(alone), atol=1e-12)


@pytest.mark.parametrize("function", [linalg.det, linalg.adjugate])
def test_empty_matrices(function):
    for shape in ((0, 0), (2, 0, 0), (0, 3, 3)):
        x = tf.constant(np.zeros(shape))
        (first,) = tf.gradients(tf.reduce_sum(function(x)), x)
        (second,) = tf.gradients(tf.reduce_sum(first), x, unconnected_gradients="zero")
        assert first.numpy().shape == second.numpy().shape == shape


def test_elements_are_polynomials():
    A, E = (tf.placeholder(name, (2, 2)) for name in "AE")
    assert str(record_cofactors(A).components()) == "[[A[1, 1], -A[1, 0]], [-A[0, 1], A[0, 0]]]"
    assert str(record_cofactors(A, [E]).components()) == "[[E[1, 1], -E[1, 0]], [-E[0, 1], E[0, 0]]]"
    assert cofactors_along(of_rank(2, 1), *directions(2, 2)) == [0, 0, 0, 0]
    with pytest.raises(ValueError, match="steps"):
        record_cofactors(tf.placeholder("B", (12, 12))).components()


def test_a_formula_is_by_the_inverse_and_says_so():
    A, E = (tf.placeholder(name, ("n", "n")) for name in "AE")
    (slope,) = tf.gradients(linalg.det(A), A)
    assert [str(c.relation) for c in tf.conditions(slope)] == ["Ne(Determinant(A), 0)"]
    assert tf.formula(slope, "python") == "np.linalg.det(A)*np.linalg.inv(A).T"
    along = [slope, *(tf.gradients(tf.reduce_sum(E.T * linalg.adjugate(A)), A))]
    along += tf.gradients(tf.reduce_sum(E * along[0]), A) + tf.gradients(tf.reduce_sum(E * along[1]), A)
    a, (e,) = of_rank(3, 3), directions(3, 1)
    for tensor, exact in zip(along, [by_minors(a), by_minors(a, e), by_minors(a, e), by_minors(a, e, e)], strict=True):
        scope = {"np": np, "A": a, "E": e}
        np.testing.assert_allclose(eval(tf.formula(tensor, "python"), scope), exact, atol=1e-10)
        np.testing.assert_allclose(tensor.eval({A: a, E: e}), exact, atol=1e-11)


def test_what_is_not_finite_stays_so_and_leaves_other_members_alone():
    batch = tf.constant([[[np.nan, 0.0], [0.0, 1.0]], [[1.0, 2.0], [2.0, 4.0]]])
    (first,) = tf.gradients(linalg.det(batch), batch)
    (second,) = tf.gradients(first[:, 0, 0], batch)
    assert np.isnan(first[0]).all()
    np.testing.assert_allclose(first[1], [[4.0, -2.0], [-2.0, 1.0]], rtol=1e-14)
    assert np.isnan(second[0]).any()
    np.testing.assert_allclose(second[1], [[0.0, 0.0], [0.0, 1.0]], atol=1e-15)


def test_derivatives_are_written_as_what_they_are_derivatives_of():
    A, E = (tf.placeholder(name, ("n", "n")) for name in "AE")
    for first, written in ((linalg.adjugate(A), "adjugate"), (tf.gradients(linalg.det(A), A)[0], "det")):
        (second,) = tf.gradients(tf.reduce_sum(E * first), A)
        (third,) = tf.gradients(tf.reduce_sum(E * second), A)
        assert (second.params, third.params) == (written, written)
