"""Contractions against np.einsum, and the NumPy forms they take."""

import functools
import itertools
import operator
import random

import numpy as np
import pytest

import tracer
from tracer.ops.contraction import contract
from tracer.shapes import Subscripts

SIZES = (1, 2, 3, 4, 5)


def _reference(subscripts, operands, shape):
    """By summation over explicit indices."""
    labels = sorted({k for t in (*subscripts.inputs, subscripts.output) for k in t})
    sizes = dict(zip(subscripts.output, shape))
    for operand, term in zip(operands, subscripts.inputs):
        sizes.update(zip(term, operand.shape))
    out = np.zeros(shape)
    for index in itertools.product(*(range(sizes[k]) for k in labels)):
        place = dict(zip(labels, index))
        product = float(subscripts.scale)
        for operand, term in zip(operands, subscripts.inputs):
            product *= operand[tuple(place[k] for k in term)]
        out[tuple(place[k] for k in subscripts.output)] += product
    return out


def _case(seed):
    """A random contraction: repeated labels, broadcasts, diagonals, sums and permutations all occur."""
    rng = random.Random(seed)
    labels = range(rng.randint(1, 4))
    sizes = {k: rng.choice(SIZES) for k in labels}
    inputs = tuple(tuple(rng.choice(labels) for _ in range(rng.randint(0, 3))) for _ in range(rng.randint(1, 3)))
    output = tuple(rng.choice(labels) for _ in range(rng.randint(0, 3)))
    return Subscripts(inputs, output, rng.choice([1, -1, 2, 0.5])), sizes


@pytest.mark.parametrize("seed", range(150))
def test_random_contractions(seed):
    subscripts, sizes = _case(seed)
    rng = np.random.default_rng(seed)
    operands = [rng.normal(size=tuple(sizes[k] for k in term)) for term in subscripts.inputs]
    shape = tuple(sizes[k] for k in subscripts.output)
    tensors = [tracer.placeholder(f"x{k}", shape=x.shape) for k, x in enumerate(operands)]
    node = contract("einsum", tuple(tensors), subscripts, shape)
    expected = _reference(subscripts, operands, shape)
    np.testing.assert_allclose(tracer.compile(node, tensors)(*operands), expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(node.eval(dict(zip(tensors, operands))), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("seed", range(60))
def test_contractions_of_contractions(seed):
    """Views, broadcasts and diagonals of one contraction enter the next one as labels."""
    first, sizes = _case(seed)
    rng = np.random.default_rng(seed)
    operands = [rng.normal(size=tuple(sizes[k] for k in term)) for term in first.inputs]
    shape = tuple(sizes[k] for k in first.output)
    tensors = [tracer.placeholder(f"x{k}", shape=x.shape) for k, x in enumerate(operands)]
    inner = contract("einsum", tuple(tensors), first, shape)
    value = _reference(first, operands, shape)
    fresh = tuple(range(10, 10 + len(shape)))
    for output in {(), fresh, fresh[::-1], fresh[:1], (*fresh, *fresh[:1])}:
        outer = Subscripts((fresh, fresh[:1]), output, 1)
        other = rng.normal(size=shape[:1])
        y = tracer.placeholder("y", shape=other.shape)
        node = contract("einsum", (inner, y), outer)
        got = tracer.compile(node, [*tensors, y])(*operands, other)
        np.testing.assert_allclose(got, _reference(outer, [value, other], node.shape), rtol=1e-12, atol=1e-13)


def _source(make, **dims):
    tensors = {name: tracer.placeholder(name, shape=shape) for name, shape in dims.items()}
    text = tracer.compile(make(**tensors), list(tensors.values())).source
    return text.rpartition('"""\n')[2].strip()


A, B, x, y = ("n", "k"), ("k", "m"), ("k",), ("n",)


@pytest.mark.parametrize(
    ("make", "dims", "text"),
    [
        (lambda A, B: A @ B, {"A": A, "B": B}, "return A @ B"),
        (lambda A, x: A @ x, {"A": A, "x": x}, "return A @ x"),
        (lambda A, B: tracer.transpose(A @ B), {"A": A, "B": B}, "return (A @ B).T"),
        (lambda A, y: tracer.transpose(A) @ y, {"A": A, "y": y}, "return A.T @ y"),
        (lambda A: tracer.transpose(tracer.transpose(A)) @ tracer.transpose(A), {"A": A}, "return A @ A.T"),
        (lambda x: tracer.reduce_sum(x), {"x": x}, "return np.sum(x)"),
        (lambda A: tracer.reduce_sum(A, axis=0), {"A": A}, "return np.sum(A, axis=0)"),
        (lambda A: tracer.reduce_sum(A, axis=1, keepdims=True), {"A": A}, "return np.sum(A, axis=1, keepdims=True)"),
        (lambda A: tracer.reduce_mean(A), {"A": A}, "return np.mean(A)"),
        (lambda A: tracer.reduce_mean(A, axis=1), {"A": A}, "return np.mean(A, axis=1)"),
        (lambda x, y: tracer.outer(x, y), {"x": x, "y": y}, "return x[:, None] * y"),
        (lambda A: tracer.linalg.trace(A), {"A": ("n", "n")}, "return np.trace(A)"),
        (lambda A: tracer.linalg.diag_part(A), {"A": ("n", "n")}, "return np.diagonal(A).copy()"),
        (lambda x: tracer.linalg.diag(x), {"x": x}, "return np.diag(x)"),
        (lambda A, x: A @ tracer.linalg.diag(x), {"A": A, "x": x}, "return A * x"),
        (lambda x, B: tracer.linalg.diag(x) @ B, {"x": x, "B": B}, "return x[:, None] * B"),
        (
            lambda A, B: tracer.einsum("bij,bjk->bik", A, B),
            {"A": ("b", "n", "k"), "B": ("b", "k", "m")},
            "return A @ B",
        ),
        (
            lambda A, B: tracer.einsum("bij,bkj->bik", A, B),
            {"A": ("b", "n", "k"), "B": ("b", "m", "k")},
            "return A @ np.swapaxes(B, -1, -2)",
        ),
        (lambda A, B: tracer.reduce_sum(A * B), {"A": A, "B": A}, "return np.sum(A * B)"),
        (lambda A, B: tracer.tensordot(A, B, 2), {"A": A, "B": A}, "return np.vdot(A, B)"),
        (lambda A, B: tracer.tensordot(A, B, 1), {"A": ("a", "n", "k"), "B": B}, "return np.tensordot(A, B, 1)"),
        (
            lambda A, x: tracer.einsum("ij,i,ik->jk", A, x, A),
            {"A": ("k", "n"), "x": x},
            "return (A * x[:, None]).T @ A",
        ),
        (lambda A, x: A * tracer.broadcast_to(x, ("n", "k")), {"A": A, "x": x}, "return A * x"),
    ],
)
def test_forms(make, dims, text):
    assert _source(make, **dims) == text


def test_plain_products_use_no_einsum():
    X, w, t = (tracer.placeholder(n, shape=s) for n, s in {"X": ("n", "m"), "w": ("m",), "t": ("n",)}.items())
    gradient = tracer.gradients(tracer.reduce_mean((X @ w - t) ** 2), w)[0]
    hessian = tracer.hessian(lambda v: tracer.reduce_mean((X @ v - t) ** 2))(w)
    text = tracer.compile([gradient, hessian], [X, w, t]).source
    assert "einsum" not in text
    assert "eye" not in text
    assert "broadcast_to" not in text


def test_a_large_diagonal_is_never_formed():
    n = 200_000
    values = np.linspace(0, 1, n)
    x, y = tracer.placeholder("x", shape=("n",)), tracer.placeholder("y", shape=("n",))
    z = tracer.linalg.matvec(tracer.linalg.diag(x), y)
    np.testing.assert_array_equal(tracer.compile(z, [x, y])(values, values), values * values)
    np.testing.assert_array_equal(z.eval({x: values, y: values}), values * values)


def test_products_of_many_factors_are_compiled_at_once():
    """The orders of a dozen factors are not all compared."""
    sources = [tracer.placeholder(f"x{k}", (3, 1) if k % 2 else (1, 4)) for k in range(12)]
    y = tracer.placeholder("y", (4,))
    values = [np.linspace(0.5, 1.5, 3 if k % 2 else 4).reshape(s.shape) for k, s in enumerate(sources)]
    compiled = tracer.compile(functools.reduce(operator.mul, sources) @ y, [*sources, y], backend="numpy")
    np.testing.assert_allclose(compiled(*values, np.ones(4)), functools.reduce(operator.mul, values) @ np.ones(4))
