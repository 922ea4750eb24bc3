"""Equal programs have one formula, however they are written; a formula says what the program computes."""

import itertools
import time

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import tracer as tf
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import lower
from tracer.formulas.matrix.writer import matrix
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import subterms
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import evaluate


def sources(**assumptions: bool) -> dict[str, tf.Tensor]:
    shapes = {
        "X": ("n", "d"), "Y": ("n", "d"), "A": ("n", "n"), "B": ("n", "n"), "W": ("d", "h"), "w": ("d",), "v": ("d",),
        "y": ("n",), "z": ("n",), "c": (), "s": (),
    }  # fmt: skip
    return {name: tf.placeholder(name, shape) for name, shape in shapes.items()} | {
        "S": tf.placeholder("S", ("n", "n"), symmetric=True),
        "p": tf.placeholder("p", ("n",), positive=True),
        "Q": tf.placeholder("Q", ("n", "n"), orthogonal=True),
    }


SIZES = {"n": 3, "d": 2, "h": 4}


def values(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    arrays = {name: np.asarray(rng.normal(size=tuple(SIZES[str(d)] for d in t.shape))) for name, t in sources().items()}
    arrays["S"] = arrays["S"] + arrays["S"].T
    arrays["p"] = np.exp(arrays["p"])
    arrays["Q"] = np.linalg.qr(arrays["Q"])[0]
    return arrays


def check(tensor: tf.Tensor) -> str:
    """The text of the formula, which is evaluated and compared with the traced value at three points."""
    formula = tensor.formula()
    for seed in range(3):
        arrays = values(seed)
        feed = {t.name: arrays[t.name] for t in _inputs(tensor)}
        want = np.asarray(tensor.eval(feed))
        got = np.asarray(evaluate(formula, SIZES, arrays))
        np.testing.assert_allclose(got.reshape(want.shape), want, rtol=1e-8, atol=1e-10, err_msg=str(formula))
    return str(formula)


def _inputs(tensor: tf.Tensor) -> list[tf.Tensor]:
    found, todo = {}, [tensor]
    while todo:
        t = todo.pop()
        if t.node not in found:
            found[t.node] = t
            todo += [a for a in t.args if isinstance(a, tf.Tensor)]
    return [t for t in found.values() if t.op == "placeholder"]


s = sources()
X, Y, A, B, W, w, v, y, z, c, S, p, Q = (
    s[k] for k in ["X", "Y", "A", "B", "W", "w", "v", "y", "z", "c", "S", "p", "Q"]
)

TEXTS = [
    (lambda: tf.gradients(tf.reduce_sum((X @ w - y) ** 2), w)[0], "2*X.T*(X*w - y)"),
    (lambda: tf.gradients(tf.reduce_sum((y - X @ w) ** 2), w)[0], "2*X.T*(X*w - y)"),
    (lambda: tf.gradients(tf.reduce_sum(tf.nn.softplus(X @ w) - y * (X @ w)), w)[0], "X.T*(sigmoid(X*w) - y)"),
    (lambda: tf.gradients(tf.reduce_sum(z * (S @ z)), z)[0], "2*S*z"),
    (lambda: A @ z + tf.transpose(A) @ z, "(A.T + A)*z"),
    (lambda: 1 / (1 + tf.exp(-z)), "sigmoid(z)"),
    (lambda: tf.exp(z) / (1 + tf.exp(z)), "sigmoid(z)"),
    (lambda: tf.exp(z) / tf.reduce_sum(tf.exp(z)), "softmax(z)"),
    (lambda: tf.exp(z - c) / tf.reduce_sum(tf.exp(z - c)), "softmax(z)"),
    (lambda: tf.math.log(tf.reduce_sum(tf.exp(z))), "logsumexp(z)"),
    (lambda: tf.math.log(1 + tf.exp(z)), "softplus(z)"),
    (lambda: tf.sqrt(z**2), "abs(z)"),
    (lambda: tf.sqrt(p**2), "p"),
    (lambda: tf.sqrt(p) ** 2, "p"),
    (lambda: tf.transpose(Q) @ (Q @ z), "z"),
    (lambda: tf.transpose(S) @ z, "S*z"),
    (lambda: tf.linalg.trace(A @ tf.linalg.inv(A)), "n"),
    (lambda: tf.sin(z) ** 2 + tf.cos(z) ** 2, "ones(n, 1)"),
    (lambda: 0.1 * z + 0.2 * z, "3*z/10"),
    (lambda: z - z, "0"),
    (lambda: tf.stop_gradient(z) * z, "z**2"),
    (lambda: tf.maximum(z, 0.0), "relu(z)"),
    (lambda: tf.gradients(tf.reduce_sum(tf.nn.relu(z)), z)[0], "step(z)"),
    (lambda: tf.hessian(lambda w: tf.reduce_sum(tf.exp(X @ w)))(w), "X.T*diag(exp(X*w))*X"),
    (lambda: tf.reduce_sum(A * B), None),
    (lambda: tf.reduce_sum(A @ B), None),
    (lambda: tf.reduce_sum(X, axis=0), "X.T*ones(n, 1)"),
    (lambda: X + v, "ones(n, 1)*v.T + X"),
    (lambda: tf.linalg.diag(y) @ X, "diag(y)*X"),
    (lambda: tf.reduce_sum(z - tf.reduce_mean(z)), "0"),
    (lambda: z[0] * z[1], "z[0]*z[1]"),
    (lambda: z[1:], "z[1:]"),
    (lambda: tf.gradients(tf.reduce_sum(z[1:] ** 2), z)[0], "2*concat(0, z[1:])"),
    (lambda: X[:, 1], "X[:, 1]"),
    (lambda: X[0], None),
    (lambda: z[::-1] + z[:, None][:, 0], None),
    (lambda: tf.concat([w, y, z], 0), "concat(w, y, z)"),
    (lambda: tf.concat([w, y, z], 0)[2:], None),
    (lambda: tf.gradients(tf.reduce_sum(tf.concat([w, y], 0) ** 2), w)[0], "2*w"),
    (lambda: tf.gradients(tf.reduce_sum(tf.tanh(tf.concat([y, w], 0)) ** 3), w)[0], None),
    (lambda: tf.stack([z, y, z * y]), None),
    (lambda: tf.concat([X, Y], 1) @ tf.concat([w, v], 0), None),
    (lambda: tf.where(z > 0, z * y, -2 * y), None),
    (lambda: tf.gradients(tf.reduce_sum(tf.where(z > 0, tf.math.log(z), z)), z)[0], None),
    (lambda: tf.gradients(tf.reduce_sum(tf.clip_by_value(X @ w, -1.0, 1.0)), w)[0], None),
    (lambda: tf.reduce_mean(tf.square(X - tf.reduce_mean(X, axis=0)), axis=0), None),
    (lambda: tf.nn.softmax(X), "softmax(X)"),
    (lambda: tf.gradients(tf.reduce_sum(tf.nn.softmax(X) * Y), X)[0], None),
    (lambda: tf.nn.softmax(X, axis=0), None),
    (lambda: tf.linalg.det(A) * tf.linalg.inv(A), "Determinant(A)*A**(-1)"),
    (lambda: tf.reduce_logsumexp(X, axis=1), "logsumexp_rows(X)"),
    (lambda: tf.einsum("ij,ik,il->jkl", X, Y, X), None),
    (lambda: tf.einsum("ij,ij->i", X, Y), None),
    (lambda: tf.hessian(lambda z: tf.reduce_sum(tf.nn.softmax(z) * y))(z), None),
    (lambda: tf.gradients(tf.norm(A @ z - y), z)[0], None),
    (lambda: tf.jacobian(tf.nn.softmax)(z), "diag(softmax(z)) - softmax(z)*softmax(z).T"),
    (
        lambda: tf.hessian(lambda w: tf.reduce_logsumexp(X @ w))(w),
        "X.T*(diag(softmax(X*w)) - softmax(X*w)*softmax(X*w).T)*X",
    ),
    (
        lambda: tf.hessian(lambda w: tf.reduce_sum(tf.nn.softplus(X @ w)))(w),
        "X.T*diag(sigmoid(X*w) o (1 - sigmoid(X*w)))*X",
    ),
    (lambda: X - tf.reduce_mean(X, axis=0), "X - ones(n, n)*X/n"),
    (
        lambda: (z - tf.reduce_mean(z)) / tf.sqrt(tf.reduce_mean((z - tf.reduce_mean(z)) ** 2) + 0.1),
        None,
    ),
    (lambda: tf.gradients(tf.reduce_sum(z * (A @ z)) ** 2, z)[0], "2*(z.T*A*z)*(A.T + A)*z"),
    (lambda: tf.exp(c) * A + tf.exp(c) * tf.eye(z.shape[0]), "exp(c)*(A + eye(n))"),
]


@pytest.mark.parametrize(("program", "text"), TEXTS)
def test_a_formula_reads_like_a_textbook_and_is_right(program, text) -> None:
    found = check(program())
    assert text is None or found == text


def test_square_root_of_a_square_keeps_its_sign() -> None:
    formula = tf.sqrt(c * c).formula()
    assert formula == sympy.Abs(sympy.Symbol("c", real=True))


def test_what_is_declared_of_a_source_holds_for_no_other_of_its_name() -> None:
    assert str((tf.transpose(S) @ z).formula()) == "S*z"
    other = tf.placeholder("S", ("n", "n"))
    assert str((tf.transpose(other) @ z).formula()) == "S.T*z"


def test_two_sources_of_one_name_do_not_mix() -> None:
    first, second = tf.placeholder("x"), tf.placeholder("x")
    assert str((first - second).formula()) == "x - x_2"


UNARY = [tf.tanh, tf.exp, tf.nn.sigmoid, tf.square, tf.negative, lambda t: 2 * t, lambda t: t - 1.5, tf.nn.relu, tf.abs]
BINARY = [tf.add, tf.subtract, tf.multiply, lambda a, b: A @ a + b, lambda a, b: tf.reduce_sum(a) * b]


@st.composite
def programs(draw) -> tf.Tensor:
    pool = [y, z, X @ w, A @ z, p]
    for _ in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            pool.append(draw(st.sampled_from(UNARY))(draw(st.sampled_from(pool))))
        else:
            f = draw(st.sampled_from(BINARY))
            pool.append(f(draw(st.sampled_from(pool)), draw(st.sampled_from(pool))))
    return pool[-1]


@given(programs())
def test_the_formula_of_a_random_program_and_of_its_gradient_is_right(program: tf.Tensor) -> None:
    check(program)
    scale = 1e-3 if program.op == "exp" else 1.0
    gradient = tf.gradients(scale * tf.reduce_sum(program), z)[0]
    if gradient is not None and _inputs(gradient):
        check(gradient)


@given(programs())
def test_the_normal_form_is_a_fixed_point(program: tf.Tensor) -> None:
    (term,) = lower([program])
    for t in subterms(term):
        assert Normaliser(STANDARD).normal(t) is t


@given(st.permutations([0, 1, 2, 3]), st.permutations([0, 1, 2]))
def test_the_order_of_operands_does_not_matter(order, factors) -> None:
    parts = [A @ z, tf.transpose(A) @ z, 2 * y, y * z]
    total = parts[order[0]] + parts[order[1]] + parts[order[2]] + parts[order[3]]
    elements = [y, z, p]
    product = elements[factors[0]] * elements[factors[1]] * elements[factors[2]]
    (a, b) = lower([total, product])
    (a0, b0) = lower([A @ z + tf.transpose(A) @ z + 2 * y + y * z, y * z * p])
    assert a is a0
    assert b is b0


def test_labels_are_canonical_whatever_their_names() -> None:
    a = tf.einsum("ij,jk,ki->", A, B, A)
    for i, j, k in itertools.permutations("ijk"):
        assert lower([tf.einsum(f"{i}{j},{j}{k},{k}{i}->", A, B, A)]) == lower([a])


def test_a_formula_of_two_hundred_operations_takes_less_than_a_second() -> None:
    x = z
    for k in range(25):
        x = tf.tanh(A @ x + y * (k + 1)) * z + x / (k + 2)
    started = time.process_time()
    with pytest.raises(FormulaError, match="has more than 4000 operations"):
        x.formula()
    assert time.process_time() - started < 1


def test_a_deep_formula_is_refused_with_the_form_that_has_no_limit() -> None:
    x = c
    for _ in range(2000):
        x = tf.sin(x) * x
    with pytest.raises(ValueError, match="steps"):
        x.formula()
    pairs, results = tf.formula(x, form="steps")
    assert len(pairs) == 4000
    assert results == [pairs[-1][0]]


def test_matrix_notation_of_a_term_by_hand() -> None:
    n = sympy.Symbol("n", integer=True, positive=True)
    a = T.source("a", (n,))
    outer = T.product(T.ONE, [(a, (0,), T.ONE), (a, (1,), T.ONE)], (0, 1))
    assert str(matrix(outer)) == "a*a.T"
    assert Normaliser(STANDARD).is_symmetric(outer)


def test_parts_that_hang_at_one_label_are_counted_once():
    """Two different parts become powers at one label, each beside a power of itself that stands there already."""
    n, m = sympy.symbols("n m", integer=True, positive=True)
    A, B, u, v = (T.source(name, (n, m)) if name in "AB" else T.source(name, (m,)) for name in "ABuv")
    parts = [T.product(1, [(a, (0, 1), T.ONE), (b, (1,), T.ONE)], (0,)) for a, b in ((A, u), (B, v))]
    squares = [T.power(p, 2) for p in parts]
    made = T.product(1, [(t, (0,), T.ONE) for t in [*parts, *squares]], (0,))
    rng = np.random.default_rng(0)
    values = {name: rng.normal(size=(3, 2) if name in "AB" else 2) for name in "ABuv"}
    want = (values["A"] @ values["u"]) ** 3 * (values["B"] @ values["v"]) ** 3
    np.testing.assert_allclose(np.ravel(evaluate(matrix(made), {"n": 3, "m": 2}, values)), want)


def test_a_condition_that_is_repeated_and_transposed_has_a_plain_zero():
    x = tf.placeholder("x", (1, "m"))
    chosen = tf.where(tf.transpose(x) > 0.0, tf.transpose(x), tf.squeeze(x, 0))
    text = str(tf.transpose(chosen).formula())
    assert "0*ones" not in text
    assert "> 0," in text


@pytest.mark.parametrize("axis", [0, 1, (0, 1)])
@pytest.mark.parametrize("program", [lambda X, W: X @ W, lambda X, W: tf.tanh(X @ W) + tf.nn.relu(X @ W)])
@pytest.mark.parametrize("extreme", [tf.reduce_max, tf.reduce_min])
def test_what_ties_share_needs_no_choice(axis, program, extreme):
    """The places of the greatest are counted, and the count is never zero: each place is a factor of zero or one."""
    known = sources()
    (slope,) = lower(tf.gradients(extreme(program(known["X"], known["W"]), axis), known["W"]))
    choices = [t for t in subterms(slope) if isinstance(t, T.Call) and t.head is sympy.Piecewise]
    assert choices
    assert all([*map(T.constant_value, t.args[::2])] == [1, 0] for t in choices)


def slope_of(loss, source):
    return tf.gradients(loss, source)[0]


a, b, e = tf.symbols("a b e")
strike, time_left = (tf.placeholder(name, (), positive=True) for name in "KT")
deviation = (tf.math.log(a / strike) - time_left * b**2 / 2) / (b * tf.sqrt(time_left))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (
            slope_of(-tf.math.log(1 - e**2) / 2 - (e**2 * (a**2 + b**2) - 2 * e * a * b) / (2 * (1 - e**2)), e),
            "(a*b - e*(a**2 + b*(b - a*e) + e**2 - 1))/(e**2 - 1)**2",
        ),
        (deviation + b * tf.sqrt(time_left), "sqrt(T)*b/2 + log(a/K)/(sqrt(T)*b)"),
        (1 / a - b / a**2, "(a - b)/a**2"),
        (slope_of(tf.math.log(tf.abs(1 + a * b)), a), "b/(a*b + 1)"),
        (tf.sigmoid(a - b) - tf.sigmoid(b - e) * tf.sigmoid(e - b), None),
    ],
)
def test_scalars_are_single_fractions(tensor, text):
    assert str(tensor.formula()) == text or text is None
    assert "-(" not in str(tensor.formula())
