"""Reshapes as terms: elements that stay where they are in row-major order."""

import math

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.lowering.axis_groups import reshape_term
from tracer.formulas.matrix.writer import matrix
from tracer.terms import record as T
from tracer.testing.interpreter import evaluate
from tracer.testing.verification import Points
from tracer.walk import ancestors

n, m = sympy.symbols("n m", integer=True, positive=True)


shapes = st.lists(st.sampled_from([1, 2, 3]), min_size=0, max_size=3).map(tuple)


@settings(deadline=None, max_examples=100)
@given(shapes, st.data())
def test_elements_stay_in_order(old, data):
    size = math.prod(old)
    divisors = [k for k in (1, 2, 3) if size % k == 0]
    new = []
    while math.prod(new) != size or (data.draw(st.booleans()) and len(new) < 2):
        left = size // math.prod(new)
        new.append(data.draw(st.sampled_from([k for k in divisors if left % k == 0])) if len(new) < 2 else left)
    x = T.source("x", old)
    made = reshape_term(T.add([(2, x), (1, T.number(1, old))]), tuple(new))
    values = np.arange(float(size)).reshape(old)
    got = np.asarray(evaluate(matrix(made), {}, {"x": values}))
    np.testing.assert_array_equal(got.ravel(), 2 * values.ravel() + 1)
    assert made.shape == tuple(new)


def test_reshaping_back_is_nothing():
    x = T.source("x", (n, m))
    assert reshape_term(reshape_term(x, (n * m,)), (n, m)) is x


def test_a_function_of_elements_is_reshaped_by_its_operands():
    x = T.source("x", (n, m))
    flat = T.call(sympy.exp, [reshape_term(x, (n * m,))])
    assert reshape_term(flat, (n, m)) is T.call(sympy.exp, [x])


ONE = sympy.S.One
A, B = T.source("A", (2, 3)), T.source("B", (n, m))
C, D = T.source("C", (2, n)), T.source("D", (3, m))
RNG = np.random.default_rng(3)
VALUES = {"A": RNG.normal(size=(2, 3)), "B": RNG.normal(size=(4, 5)), "v": RNG.normal(size=4), "c": np.array(2.5)}
SIZES = {"n": 4, "m": 5}


def crossed(*factors, scale=1):
    """A product whose axes are those of two matrices by turns."""
    return T.product(scale, factors, (0, 1, 2, 3))


def value(term):
    return np.asarray(evaluate(matrix(term), SIZES, VALUES))


def test_a_product_of_two_matrices_is_joined_to_a_kronecker_product_and_split_again():
    c = T.source("c", ())
    term = crossed((A, (0, 2), ONE), (B, (1, 3), ONE), (c, (), ONE), scale=3)
    joined = reshape_term(term, (2 * n, 3 * m))
    assert [t.head for t in T.subterms(joined) if isinstance(t, T.Call)] == ["kron"]
    np.testing.assert_allclose(value(joined), 3 * 2.5 * np.kron(VALUES["A"], VALUES["B"]))
    kron = T.call("kron", [A, B], None, (2 * n, 3 * m))
    assert reshape_term(kron, (2, n, 3, m)) is crossed((A, (0, 2), ONE), (B, (1, 3), ONE))
    squared = reshape_term(T.power(kron, 2), (2, n, 3, m))
    assert squared is crossed((A, (0, 2), 2 * ONE), (B, (1, 3), 2 * ONE))


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (lambda g, v, M: np.repeat(v, 2) * g, "g o kron(v, ones(2, 1))"),
        (lambda g, v, M: np.tile(v, 2), "kron(ones(2, 1), v)"),
        (lambda g, v, M: np.repeat(M, 2, axis=0), "kron(M, ones(2, 1))"),
        (lambda g, v, M: np.repeat(M, 2, axis=1), "kron(M, ones(1, 2))"),
        (
            lambda g, v, M: tf.gradients(tf.reduce_sum(g * np.repeat(v, 2) ** 2), v)[0],
            "2*(v o (Reshape(g, (4, 2))*ones(2, 1)))",
        ),
        (
            lambda g, v, M: tf.gradients(tf.reduce_sum(tf.reduce_mean(tf.reshape(g, (4, 2)), axis=1) ** 2), g)[0],
            "kron(Reshape(g, (4, 2))*ones(2, 1), ones(2, 1))/2",
        ),
    ],
)
def test_what_is_repeated_is_a_kronecker_product(program, text):
    g, v, M = tf.placeholder("g", (8,)), tf.placeholder("v", (4,)), tf.placeholder("M", ("n", 3))
    tensor = program(g, v, M)
    assert str(tensor.formula()) == text
    points = Points([tensor], {"n": 2}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    assert not faults(tensor, sizes, arrays, want)


@pytest.mark.parametrize(
    ("term", "shape"),
    [
        (T.product(1, [(A, (0, 1), ONE), (B, (2, 3), ONE)], (0, 1, 2, 3)), (6, n * m)),
        (T.product(1, [(C, (0, 1), ONE), (D, (2, 3), ONE)], (0, 1, 2, 3)), (2 * n, 3 * m)),
        (T.call("kron", [A, B], None, (2 * n, 3 * m)), (2, n, m, 3)),
        (T.call("kron", [A, B], None, (2 * n, 3 * m)), (n, 2, 3, m)),
        (T.source("K", (2 * n, 3 * m)), (2, n, 3, m)),
    ],
    ids=["side by side", "other pairs", "columns exchanged", "rows exchanged", "no product"],
)
def test_what_is_no_kronecker_product_is_a_reshape_by_name(term, shape):
    made = reshape_term(term, shape)
    assert (made.head, made.args, made.shape) == ("reshape", (term,), shape)


def test_axes_that_no_factor_has_are_split_and_others_are_not():
    v = T.source("v", (n,))
    repeated = T.broadcast(v, [1], (6, n))
    made = reshape_term(repeated, (2, 3, n))
    assert made is T.broadcast(v, [2], (2, 3, n))
    with_ones = reshape_term(repeated, (2, 1, 3, n, 1))
    assert isinstance(with_ones, T.Product)
    assert with_ones.shape == (2, 1, 3, n, 1)
    by_name = T.broadcast(T.source("u", (6,)), [0], (6, n))
    assert reshape_term(by_name, (2, 3, n)).head == "reshape"
    assert [t.head for t in T.subterms(reshape_term(repeated, (6 * n,))) if isinstance(t, T.Call)] == ["kron"]


def test_a_diagonal_is_split_alike_at_both_places():
    made = reshape_term(T.identity(6), (2, 3, 2, 3))
    assert made.out[:2] == made.out[2:]
    assert len(set(made.out)) == 2
    assert reshape_term(T.identity(6), (2, 3, 3, 2)).head == "reshape"
    assert reshape_term(T.identity(1), (1,)).shape == (1,)


def test_an_operand_in_another_order_is_not_undone():
    x = T.source("x", (n, n))
    flat = reshape_term(x, (n, 1, n))
    turned = T.product(1, [(flat, (2, 1, 0), ONE)], (0, 1, 2))
    assert reshape_term(turned, (n, n)) is not x
    flat = reshape_term(x, (n * n,))
    assert reshape_term(T.product(2, [(flat, (0,), 2 * ONE)], (0,)), (n, n)) is T.product(
        2, [(x, (0, 1), 2 * ONE)], (0, 1)
    )


P, Q = tf.placeholder("P", ("n", "m")), tf.placeholder("Q", ("p", "q"))
w = tf.placeholder("w", (P.shape[1] * Q.shape[1],))
left, right = tf.placeholder("l", (3 * P.shape[1],)), tf.placeholder("r", (6,))
v, tall = tf.placeholder("v", ("n",)), tf.placeholder("Y", (3, "n"))
kron, eye = tf.linalg.kron, tf.eye
square = lambda t: tf.reduce_sum(t**2)  # noqa: E731

UNFOLDED = {
    "by the first": (lambda: tf.gradients(square(kron(P, Q) @ w), P)[0], "2*P*Z*Z.T, where Z = Reshape(w, (m, q))*Q.T"),
    "by the second": (lambda: tf.gradients(square(kron(P, Q) @ w), Q)[0], "2*Q*Z.T*Z, where Z = P*Reshape(w, (m, q))"),
    "with blocks on the diagonal": (
        lambda: tf.gradients(square(kron(eye(3), P) @ left), P)[0],
        "2*P*L.T*L, where L = Reshape(l, (3, m))",
    ),
    "with multiples of the identity": (
        lambda: tf.gradients(square(kron(P, eye(3)) @ left), P)[0],
        "2*P*L*L.T, where L = Reshape(l, (m, 3))",
    ),
    "from the left": (
        lambda: tf.reshape(w @ tf.transpose(kron(P, Q)), (P.shape[0], Q.shape[0])),
        "P*Reshape(w, (m, q))*Q.T",
    ),
    "an outer product": (
        lambda: tf.einsum("ikj,kj->i", tf.reshape(right[:, None] * tf.exp(v), (2, 3, *v.shape)), tall),
        "Reshape(r, (2, 3))*Y*exp(v)",
    ),
}


@pytest.mark.parametrize("name", UNFOLDED)
def test_products_of_what_shares_no_axis_are_reshaped_one_by_one(name):
    make, text = UNFOLDED[name]
    made = make()
    assert str(tf.formula(made, form="where")) == text
    tf.testing.verify_formula(made, sizes={"n": 3, "m": 2, "p": 2, "q": 4})


def test_a_product_that_shares_an_axis_is_reshaped_as_a_whole():
    made = tf.reshape(tf.placeholder("F", (6, 6)) * right, (2, 3, 6))
    assert str(made.formula()) == 'einsum("(ij)k,k->ijk", F, r, i=2)'
    tf.testing.verify_formula(made)


H, W = tf.placeholder("H", (4, 6)), tf.placeholder("W", ("b", 4, 6))


def heads(t):
    return tf.transpose(tf.reshape(t, (*t.shape[:-1], 2, 3)), (0, 2, 1, 3))


READ = {
    "patches": (
        lambda: tf.reshape(tf.transpose(tf.reshape(H, (2, 2, 3, 2)), (0, 2, 1, 3)), (6, 4)),
        'einsum("(ik)(jl)->(ij)(kl)", H, i=2, j=3)',
    ),
    "heads": (
        lambda: tf.reshape(tf.transpose(2 * tf.exp(heads(W)), (0, 2, 1, 3)), (W.shape[0], 4, 6)),
        "2*exp(W) for each b",
    ),
    "heads that meet": (
        lambda: tf.linalg.matmul(heads(W), heads(W), transpose_b=True) / 3,
        'einsum("ik(jm),il(jm)->ijkl", W, W, j=2)/3',
    ),
    "repeated twice": (lambda: tf.repeat(tf.repeat(H, 2, 0), 3, 1), "kron(H, ones(2, 3))"),
    "summed where it was repeated": (
        lambda: tf.gradients(tf.reduce_sum(tf.repeat(tf.repeat(H[:2, :3], 2, 0), 2, 1) * H), H)[0],
        None,
    ),
    "summed in two steps": (
        lambda: tf.reduce_sum(tf.reshape(tf.reduce_sum(tf.reshape(H, (4, 3, 2)), 2), (2, 2, 3)), 1),
        "sum(Reshape(H, (2, 2, 3, 2)), axis=(1, 3))",
    ),
    "an axis of one place goes": (
        lambda: tf.reshape(tf.reduce_sum(tf.reshape(H, (2, 2, 3, 2)), (1, 3), keepdims=True), (2, 3)),
        "sum(Reshape(H, (2, 2, 3, 2)), axis=(1, 3))",
    ),
}


@pytest.mark.parametrize("name", READ)
def test_reshapes_are_read_by_the_parts_of_axes(name):
    program, text = READ[name]
    tensor = program()
    assert str(tensor.formula()) == text or text is None
    rng = np.random.default_rng(3)
    sources = [t for t in ancestors([tensor]) if t.op == "placeholder"]
    values = {t: rng.normal(size=[d if isinstance(d, int) else 2 for d in t.shape]) for t in sources}
    want = np.asarray(tensor.eval(values))
    assert not faults(tensor, {"b": 2}, {t.label: v for t, v in values.items()}, want)
