"""Contractions: random einsums against loops, their gradients by every operand, and the functions made of them."""

import itertools
import math

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer
from tests.helpers import assert_same
from tracer.ops.contraction import contract, full, multiply_literals, operation, unbroadcast
from tracer.rules import TABLE
from tracer.shapes import Subscripts


def loops(subscripts, operands, sizes):
    """The definition: sum over all labels of the product of the operands' elements."""
    labels = sorted({k for part in (*subscripts.inputs, subscripts.output) for k in part})
    summed = [k for k in labels if k not in subscripts.output]
    out = np.zeros([sizes[k] for k in subscripts.output])
    free = sorted(set(subscripts.output))
    for index in itertools.product(*(range(sizes[k]) for k in free)):
        at = dict(zip(free, index))
        total = 0.0
        for inner in itertools.product(*(range(sizes[k]) for k in summed)):
            at.update(zip(summed, inner))
            total += math.prod(float(a[tuple(at[k] for k in part)]) for a, part in zip(operands, subscripts.inputs))
        out[tuple(at[k] for k in subscripts.output)] = float(subscripts.scale) * total
    return out


@st.composite
def contractions(draw, least, most):
    """Subscripts with summed, repeated, broadcast and diagonal labels, and the size of each label."""
    label = st.integers(0, 3)
    inputs = tuple(tuple(draw(st.lists(label, max_size=3))) for _ in range(draw(st.integers(least, most))))
    output = tuple(draw(st.lists(label, max_size=3)))
    sizes = {k: draw(st.sampled_from([1, 2, 3, 2, 3, 0])) for k in range(4)}
    return Subscripts(inputs, output, draw(st.sampled_from([1, 2, -2, 0.5, sympy.Rational(1, 3)]))), sizes


def arrays(subscripts, sizes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(-3, 4, [sizes[k] for k in part]).astype(float) for part in subscripts.inputs]


def made(subscripts, tensors, sizes):
    return contract("einsum", tuple(tensors), subscripts, tuple(sizes[k] for k in subscripts.output))


@settings(max_examples=120)
@given(contractions(0, 3))
def test_values_are_those_of_loops(case):
    subscripts, sizes = case
    operands = arrays(subscripts, sizes)
    result = made(subscripts, [tracer.constant(a) for a in operands], sizes)
    assert_same(result, loops(subscripts, operands, sizes), atol=1e-12)


@settings(max_examples=120)
@given(contractions(1, 3), st.sampled_from(["ones", "full", "row", "thin", "number"]), st.data())
def test_gradients_are_those_of_loops(case, cotangent, data):
    """A contraction is linear in each operand: its gradient is its value at the unit tensors, exactly.

    The cotangent may be implicit: a number, or a tensor that only broadcasts to the result.
    """
    subscripts, sizes = case
    operands = arrays(subscripts, sizes)
    tensors = [tracer.constant(a) for a in operands]
    y = made(subscripts, tensors, sizes)
    rng = np.random.default_rng(1)
    if cotangent == "row" and y.ndim:
        weights = rng.integers(-3, 4, y.shape[1:]).astype(float)
        y_scaled = y * tracer.constant(weights)
    elif cotangent == "thin":
        thin = [data.draw(st.sampled_from([1, d])) for d in y.shape]
        weights = rng.integers(-3, 4, thin).astype(float)
        y_scaled = y * tracer.constant(weights)
    elif cotangent == "full":
        weights = rng.integers(-3, 4, y.shape).astype(float)
        y_scaled = y * tracer.constant(weights)
    elif cotangent == "number":
        weights, y_scaled = np.float64(2.0), y * 2.0
    else:
        weights, y_scaled = np.float64(1.0), y
    position = data.draw(st.integers(0, len(tensors) - 1))
    (g,) = tracer.gradients(y_scaled, tensors[position])
    expected = np.zeros_like(operands[position])
    for index in np.ndindex(*expected.shape):
        unit = np.zeros_like(expected)
        unit[index] = 1.0
        changed = [unit if k == position else a for k, a in enumerate(operands)]
        expected[index] = (loops(subscripts, changed, sizes) * weights).sum()
    assert_same(g, expected, atol=1e-12)
    again = tracer.gradients(tracer.reduce_sum(g * g), tensors)
    assert [None if h is None else h.shape for h in again].count(()) <= len(tensors)


@settings(max_examples=60)
@given(contractions(1, 2), st.data())
def test_jacobians_are_those_of_loops(case, data):
    """The seed is a delta, which is folded into the contractions on the way."""
    subscripts, sizes = case
    operands = arrays(subscripts, sizes)
    position = data.draw(st.integers(0, len(operands) - 1))

    def f(t):
        return made(subscripts, [t if k == position else tracer.constant(a) for k, a in enumerate(operands)], sizes)

    j = tracer.jacobian(f)(operands[position]).numpy()
    out = tuple(sizes[k] for k in subscripts.output)
    assert j.shape == out + operands[position].shape
    for index in np.ndindex(*operands[position].shape):
        unit = np.zeros_like(operands[position])
        unit[index] = 1.0
        changed = [unit if k == position else a for k, a in enumerate(operands)]
        np.testing.assert_allclose(j[(..., *index)], loops(subscripts, changed, sizes), atol=1e-12)


def arange(*shape):
    return np.arange(1.0, 1.0 + math.prod(shape)).reshape(shape)


CROSSED = [[0, 1], [1, 0]]
ELLIPSIS = "...i,i...->..."

FUNCTIONS = [
    (tracer.matmul, np.matmul, [(2, 3), (3, 4)]),
    (tracer.matmul, np.matmul, [(3,), (3, 4)]),
    (tracer.matmul, np.matmul, [(2, 3), (3,)]),
    (tracer.matmul, np.matmul, [(3,), (3,)]),
    (tracer.matmul, np.matmul, [(5, 2, 3), (3, 4)]),
    (tracer.matmul, np.matmul, [(5, 2, 3), (5, 3, 4)]),
    (tracer.matmul, np.matmul, [(1, 2, 3), (5, 3, 4)]),
    (tracer.matmul, np.matmul, [(6, 1, 2, 3), (5, 3, 1)]),
    (tracer.matmul, np.matmul, [(3,), (5, 3, 4)]),
    (tracer.matmul, np.matmul, [(5, 1, 3), (3,)]),
    (tracer.matmul, np.matmul, [(2, 0), (0, 3)]),
    (lambda a, b: tracer.matmul(a, b, transpose_a=True, transpose_b=True), lambda a, b: a.T @ b.T, [(3, 2), (4, 3)]),
    (tracer.linalg.matvec, np.matmul, [(2, 3), (3,)]),
    (tracer.linalg.matvec, lambda a, b: np.einsum("bij,bj->bi", a, b), [(5, 2, 3), (5, 3)]),
    (lambda a, b: tracer.tensordot(a, b, 1), lambda a, b: np.tensordot(a, b, 1), [(2, 3), (3, 4)]),
    (lambda a, b: tracer.tensordot(a, b, 0), lambda a, b: np.tensordot(a, b, 0), [(2,), (3, 1)]),
    (lambda a, b: tracer.tensordot(a, b, CROSSED), lambda a, b: np.tensordot(a, b, CROSSED), [(2, 3), (3, 2)]),
    (lambda a, b: tracer.einsum("ij,kj", a, b), lambda a, b: np.einsum("ij,kj", a, b), [(2, 3), (4, 3)]),
    (lambda a, b: tracer.einsum(ELLIPSIS, a, b), lambda a, b: np.einsum(ELLIPSIS, a, b), [(2, 3), (3, 2)]),
    (lambda a: tracer.einsum("iji->j", a), lambda a: np.einsum("iji->j", a), [(3, 2, 3)]),
    (lambda a, b: tracer.einsum("ij,ij->i", a, b), lambda a, b: (a * b).sum(1), [(1, 3), (2, 3)]),
    (tracer.transpose, np.transpose, [(2, 3, 4)]),
    (lambda a: tracer.transpose(a, [1, -1, 0]), lambda a: np.transpose(a, [1, 2, 0]), [(2, 3, 4)]),
    (tracer.linalg.matrix_transpose, lambda a: np.swapaxes(a, -1, -2), [(2, 3, 4)]),
    (tracer.linalg.trace, lambda a: np.trace(a, axis1=-2, axis2=-1), [(2, 3, 3)]),
    (tracer.linalg.trace, lambda a: np.trace(a), [(2, 3)]),
    (tracer.linalg.diag, lambda a: np.stack([np.diag(r) for r in a]), [(2, 3)]),
    (tracer.linalg.diag_part, lambda a: np.diagonal(a, axis1=-2, axis2=-1), [(2, 3, 3)]),
    (tracer.linalg.diag_part, np.diagonal, [(2, 3)]),
    (lambda a: tracer.broadcast_to(a, (2, 3, 4)), lambda a: np.broadcast_to(a, (2, 3, 4)), [(3, 1)]),
    (tracer.reduce_sum, np.sum, [(2, 3)]),
    (lambda a: tracer.reduce_sum(a, -1, keepdims=True), lambda a: a.sum(-1, keepdims=True), [(2, 3)]),
    (lambda a: tracer.reduce_sum(a, (0, 2)), lambda a: a.sum((0, 2)), [(2, 3, 1)]),
    (lambda a: tracer.reduce_mean(a, 0), lambda a: a.mean(0), [(4, 3)]),
    (lambda a: tracer.reduce_mean(a, []), lambda a: a, [(4, 3)]),
    (lambda a: tracer.expand_dims(a, (0, -1)), lambda a: a[None, ..., None], [(2, 3)]),
    (tracer.squeeze, np.squeeze, [(1, 3, 1)]),
    (lambda a: tracer.squeeze(a, [0]), lambda a: a[0], [(1, 3, 1)]),
    (tracer.outer, np.outer, [(2,), (3,)]),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "numpys", "dims"), FUNCTIONS)
def test_functions(ours, numpys, dims):
    operands = [arange(*d) for d in dims]
    tensors = [tracer.constant(a) for a in operands]
    y = ours(*tensors)
    expected = numpys(*operands)
    assert_same(y, expected)
    rng = np.random.default_rng(0)
    weights = rng.normal(size=expected.shape)
    gs = tracer.gradients(y * tracer.constant(weights), tensors)
    for k, g in enumerate(gs):
        direction = rng.normal(size=operands[k].shape)
        moved = numpys(*(a + direction if j == k else a for j, a in enumerate(operands)))
        assert g.shape == operands[k].shape
        assert (g.numpy() * direction).sum() == pytest.approx(
            ((moved - expected) * weights).sum(), rel=1e-10, abs=1e-10
        )


class TestSymbolic:
    def test_shapes(self):
        A, B, v = (tracer.placeholder(k, s) for k, s in [("A", ("b", "n", "m")), ("B", ("m", 3)), ("v", ("m",))])
        n, m, b = A.shape[1], A.shape[2], A.shape[0]
        assert (A @ B).shape == (b, n, 3)
        assert (A @ v).shape == (b, n)
        assert tracer.einsum("bij,jk->kb", A, B).shape == (3, b)
        assert tracer.transpose(A).shape == (m, n, b)
        assert tracer.reduce_mean(A, (0, 1)).shape == (m,)
        assert [g.shape for g in tracer.gradients(A @ B, [A, B])] == [A.shape, B.shape]
        assert tracer.jacobian(lambda v: A @ v)(v).shape == (b, n, m)

    def test_a_mean_over_symbolic_axes(self):
        x = tracer.placeholder("x", ("n",))
        (g,) = tracer.gradients(tracer.reduce_mean(x * x), x)
        np.testing.assert_allclose(g.eval({x: [1.0, 2.0, 3.0]}), [2 / 3, 4 / 3, 2.0])

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            (lambda X, Y: X @ Y, r"matmul: dimensions m and n .* X of shape \(n, m\) with Y of shape \(n, m\)"),
            (lambda X, Y: tracer.einsum("ij,jk->ik", X, Y), r"m and n .* X .* Y"),
            (lambda X, Y: tracer.linalg.trace(X), r"n and m .* X"),
            (lambda X, Y: tracer.tensordot(X, Y, 1), r"m and n .* X .* Y"),
            (lambda X, Y: tracer.broadcast_to(X, (3, "n")), r"X of shape \(n, m\) .* \(3, n\)"),
            (lambda X, Y: tracer.squeeze(X, 0), "axis 0 of X has the size n"),
            (lambda X, Y: tracer.matmul(X, 2.0), "rank 1 or more"),
            (lambda X, Y: tracer.transpose(X, [0, 0]), "permutation"),
            (lambda X, Y: tracer.reduce_sum(X, 2), "axis 2 is out of range"),
            (lambda X, Y: tracer.tensordot(X, Y, 3), "3 axes"),
            (lambda X, Y: tracer.tensordot(X, Y, [[0, 1], [0]]), "2 axes of the first"),
        ],
    )
    def test_errors_name_dimensions_and_operands(self, call, text):
        X, Y = tracer.placeholder("X", ("n", "m")), tracer.placeholder("Y", ("n", "m"))
        with pytest.raises(ValueError, match=text):
            call(X, Y)


class TestUnbroadcast:
    @pytest.mark.parametrize(
        ("have", "shape", "wanted"),
        [
            ((), (2, 3), (3,)), ((3,), (2, 3), (3,)), ((2, 1), (2, 3), (2, 1)), ((1,), (2, 3), (2, 3)),
            ((2, 3), (2, 3), ()), ((1, 3), (2, 3), (1, 1)), ((), (1,), ()), ((1,), (1,), ()), ((1, 1), (1, 1), (1,)),
            ((2, 3), (2, 3), (1, 3)), ((3,), (0, 3), (3,)), ((), (0,), (1,)), ((4, 1, 3), (4, 2, 3), (2, 1)),
        ],
    )  # fmt: skip
    def test_a_cotangent_that_only_broadcasts(self, have, shape, wanted):
        value = arange(*have) if have else np.float64(2.0)
        whole = np.broadcast_to(value, shape)
        expected = whole.sum(axis=tuple(range(len(shape) - len(wanted))))
        thin = tuple(k for k, d in enumerate(wanted) if d == 1)
        expected = expected.sum(axis=thin, keepdims=True)
        found = unbroadcast(tracer.constant(value), shape, wanted)
        assert_same(
            found + tracer.constant(np.zeros(wanted)),
            expected if expected.shape == wanted else np.broadcast_to(expected, wanted),
        )

    def test_a_number(self):
        assert unbroadcast(2.5, (4, 3), (1, 3)) == 10.0
        assert unbroadcast(2.5, (0, 3), (3,)) == 0
        assert unbroadcast(2.5, (4, 3), (4, 3)) == 2.5
        assert unbroadcast(1, (n, 3), (3,)) == n

    def test_what_needs_no_sum_is_only_multiplied(self):
        row = tracer.constant([1.0, 2.0, 3.0])
        assert_same(unbroadcast(row, (2, 3), (3,)), [2.0, 4.0, 6.0])
        assert unbroadcast(row, (2, 3), (2, 3)) is row
        symbolic = tracer.placeholder("r", ("m",))
        assert str(unbroadcast(symbolic, (n, *symbolic.shape), symbolic.shape).formula()) == "n*r"


n = sympy.Symbol("n", integer=True, positive=True)
LITERALS = [0, 1, 2, -1, 0.0, 1.0, 0.1, sympy.Rational(1, 3), n, 1 / n]


@pytest.mark.parametrize("x", LITERALS)
@pytest.mark.parametrize("y", LITERALS)
def test_a_product_of_literals_is_exact_where_one_of_them_is(x, y):
    found = multiply_literals(x, y)
    exact = math.prod(sympy.Rational(str(v)) if isinstance(v, float) else v for v in (x, y))
    if isinstance(x, sympy.Expr) or isinstance(y, sympy.Expr):
        assert found == exact
    else:
        assert type(found) in (int, float)
        assert found == pytest.approx(float(exact), rel=1e-15)


def test_a_mean_is_exact():
    assert tracer.reduce_mean(tracer.placeholder("x", (3,))).params.scale == sympy.Rational(1, 3)
    assert str(tracer.reduce_mean(tracer.placeholder("x", (3,))).formula()) == "mean(x)"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (tracer.linalg.trace, "abb->a"),
        (tracer.linalg.diag_part, "abb->ab"),
        (tracer.linalg.diag, "abc->abcc"),
        (tracer.linalg.matrix_transpose, "abc->acb"),
        (lambda a: tracer.linalg.trace(a[..., :2]), "ab->a"),
        (lambda a: tracer.matmul(a[0], a[1]), "ab,bc->ac"),
        (lambda a: tracer.matmul(a, a), "dab,dbc->dac"),
        (lambda a: tracer.matmul(a[0], a[1], transpose_a=True), "ba,bc->ac"),
        (lambda a: tracer.outer(a[0, 0], a[0, 1]), "a,b->ab"),
        (lambda a: tracer.tensordot(a[0], a[1], 1), "ab,bd->ad"),
        (lambda a: tracer.broadcast_to(a[:, :1], (2, 3, 3)), "aec->abc"),
        (lambda a: tracer.reduce_sum(a, 1), "abc->ac"),
        (lambda a: tracer.reduce_sum(a, 1, keepdims=True), "abc->aec"),
        (lambda a: tracer.expand_dims(a, (0, 2)), "abc->dafbc"),
    ],
)
def test_subscripts_have_a_text(call, text):
    """With letters in the order in which labels come, for who reads them."""
    assert call(tracer.placeholder("a", (2, 3, 3))).params.text() == text


def test_contractions_of_one_name_have_one_row():
    assert operation("scaled") is operation("scaled") is TABLE["scaled"]


def test_full():
    assert_same(full((2, 3), 1.5), np.full((2, 3), 1.5))
    assert full((), 0, dtype="float32").numpy().dtype == np.float32
