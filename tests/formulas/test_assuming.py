"""Relations that a user states: the formula is shorter, and right where they hold."""

from collections.abc import Callable

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

p, q, u, z = (tf.placeholder(name, ("n",)) for name in "pquz")
P, W = tf.placeholder("P", ("n", "k")), tf.placeholder("W", ("n", "k"))
S = tf.placeholder("S", ("n", "n"))
x = tf.placeholder("x", ("k",))
n, k = W.shape


def arrays(rng: np.random.Generator, rows: int, columns: int) -> dict[str, np.ndarray]:
    """Values that fulfil the equations below."""
    unit = rng.normal(size=rows)
    draw = rng.normal(size=(rows, rows))
    probability = rng.dirichlet(np.ones(rows))
    projection = np.linalg.qr(draw)[0][:, :1]
    return {
        "p": probability,
        "q": rng.normal(size=rows),
        "u": unit / np.linalg.norm(unit),
        "z": rng.normal(size=rows),
        "P": rng.dirichlet(np.ones(columns), rows),
        "W": np.linalg.qr(rng.normal(size=(rows, columns)))[0],
        "S": projection @ projection.T,
        "x": rng.normal(size=columns),
    }


CASES: list[tuple[Callable[[], tf.Tensor], Callable[[], tf.Tensor], str]] = [
    (
        lambda: tf.gradients(-tf.reduce_sum(p * tf.nn.log_softmax(z)), z)[0],
        lambda: tf.Eq(tf.reduce_sum(p), 1),
        "softmax(z) - p",
    ),
    (lambda: tf.reduce_sum(p) * z, lambda: tf.reduce_sum(p) == 1, "z"),
    (lambda: tf.reduce_sum(p) * z, lambda: tf.Eq(1, tf.reduce_sum(p)), "z"),
    (lambda: tf.reduce_sum(p) * z, lambda: tf.Eq(tf.reduce_sum(p) - 1, 0), "z"),
    (lambda: tf.reduce_mean(p) * z, lambda: tf.Eq(tf.reduce_sum(p), 1), "z/n"),
    (lambda: tf.reduce_sum(P), lambda: tf.Eq(tf.reduce_sum(P, axis=1), 1), "n"),
    (
        lambda: tf.gradients(tf.reduce_sum((W @ x) ** 2), x)[0],
        lambda: tf.Eq(tf.transpose(W) @ W, tf.eye(k)),
        "2*x",
    ),
    (lambda: tf.reduce_sum(W * W), lambda: tf.Eq(tf.transpose(W) @ W, tf.eye(k)), "k"),
    (lambda: W @ tf.transpose(W) @ W, lambda: tf.transpose(W) @ W == tf.eye(k), "W"),
    (lambda: tf.gradients(tf.norm(u), u)[0], lambda: tf.Eq(tf.norm(u), 1), "u"),
    (lambda: tf.hessian(tf.norm)(u), lambda: tf.Eq(tf.reduce_sum(u**2), 1), "eye(n) - u*u.T"),
    (lambda: tf.gradients(tf.reduce_sum(z * (S @ z)), z)[0], lambda: tf.Eq(S, tf.transpose(S)), "2*S*z"),
    (lambda: S @ (S @ z), lambda: tf.Eq(S @ S, S), "S*z"),
]


@pytest.mark.parametrize(("program", "equation", "text"), CASES)
def test_a_formula_is_shorter_and_right_where_the_equation_holds(program, equation, text) -> None:
    tensor = program()
    before = str(tensor.formula())
    with tf.assuming(equation()):
        formula = tensor.formula()
    assert str(formula) == text
    assert str(tensor.formula()) == before != text
    rng = np.random.default_rng(5)
    for rows, columns in ((4, 2), (3, 3), (5, 1)):
        values = arrays(rng, rows, columns)
        names = {t.name for t in ancestors([tensor])}
        want = np.asarray(tensor.eval({a: v for a, v in values.items() if a in names}))
        got = np.asarray(evaluate(formula, {"n": rows, "k": columns}, values), float)
        np.testing.assert_allclose(got.reshape(want.shape), want, atol=1e-12)


def test_several_equations_hold_together_and_inner_ones_end_first() -> None:
    total = tf.reduce_sum(p) * tf.reduce_sum(q)
    with tf.assuming(tf.reduce_sum(p) == 1):
        with tf.assuming(tf.reduce_sum(q) == 2):
            assert total.formula() == 2
        assert str(total.formula()) == "sum(q)"


def test_an_equation_does_not_change_what_is_computed() -> None:
    with tf.assuming(tf.reduce_sum(p) == 1):
        total = tf.reduce_sum(p)
        assert total.formula() == 1
        assert total.eval({p: np.array([1.0, 2.0])}) == 3


def test_another_source_of_the_name_is_not_meant() -> None:
    other = tf.placeholder("p", ("n",))
    with tf.assuming(tf.reduce_sum(p) == 1):
        assert str(tf.reduce_sum(other).formula()) == "sum(p_2)"


a, b, c, d = tf.symbols("a b c d")

INEQUALITIES: list[tuple[tuple[tf.Tensor, ...], tf.Tensor, str]] = [
    ((a > 0,), tf.abs(a), "a"),
    ((a > 0,), tf.sign(a), "1"),
    ((a > 0,), tf.nn.relu(a), "a"),
    ((a > 0,), tf.maximum(a, 0.0), "a"),
    ((a > 0,), tf.where(a > 0, b, c), "b"),
    ((a > 0,), tf.where(a >= 0, b, c), "b"),
    ((a > 0,), tf.where(a < 0, b, c), "c"),
    ((a > 0,), tf.where(tf.not_equal(a, 0.0), b, c), "b"),
    ((a > 0,), tf.sqrt(a * a * b * b), "a*abs(b)"),
    ((a > 0,), tf.gradients(tf.nn.relu(a) * b, a)[0], "b"),
    ((a < 0,), tf.abs(a) + tf.nn.relu(a), "-a"),
    ((a <= 0,), tf.sign(a) + tf.nn.relu(a) + tf.abs(a), "sign(a) - a"),
    ((tf.not_equal(a, 0.0),), tf.where(a * a > 0, b, c), "b"),
    ((tf.not_equal(a, b),), tf.where(a == b, c, d), "d"),
    ((a > b,), tf.maximum(a, b) - tf.minimum(a, b), "a - b"),
    ((a > b,), tf.where(2 * b < 2 * a, c, d), "c"),
    ((a > b,), tf.where(a - b > 0, c, d), "c"),
    ((a > b, b >= c), tf.abs(c - a) + tf.maximum(c, a), "2*a - c"),
    ((a > b, b > 0), tf.abs(a) + tf.abs(b), "a + b"),
    ((a > 2,), tf.abs(1 - a) + tf.nn.relu(a - 1), "2*(a - 1)"),
    ((a > 2,), tf.where(a > 3, b, c), "where(a > 3, b, c)"),
    ((a >= 0, tf.not_equal(a, 0.0)), tf.sign(a), "1"),
    (((a > 0) & (a < 1),), tf.clip_by_value(a, 0.0, 1.0), "a"),
    ((tf.abs(a) <= 2,), tf.clip_by_value(a, -2.0, 2.0), "a"),
    ((a * b > 0,), tf.abs(a * b) + tf.sign(b * a), "a*b + 1"),
]


@pytest.mark.parametrize(("relations", "tensor", "text"), INEQUALITIES)
def test_a_formula_is_shorter_and_right_where_inequalities_hold(relations, tensor, text) -> None:
    before = tensor.formula()
    with tf.assuming(*relations):
        formula = tensor.formula()
    assert str(formula) == text
    assert tensor.formula() == before
    letters = sympy.symbols("a b c d", real=True)
    assert formula.free_symbols <= {*letters}
    hold, value, written = function(relations), function([tensor]), sympy.lambdify(letters, formula)
    found = 0
    for values in np.random.default_rng(7).uniform(-3, 3, (400, 4)).round(1):
        if all(hold(values)):
            found += 1
            assert float(written(*values)) == pytest.approx(*map(float, value(values)))
    assert found > 3


def function(tensors):
    """The values of tensors as a function of those of all four sources."""
    nodes = {t.node for t in ancestors(tensors)}
    own = [k for k, t in enumerate((a, b, c, d)) if t.node in nodes]
    compiled = tf.compile([*tensors], [(a, b, c, d)[k] for k in own])
    return lambda values: compiled(*values[own])


def test_inequalities_hold_for_each_element() -> None:
    with tf.assuming(P > 0, tf.reduce_all(p > q)):
        assert str(tf.reduce_sum(abs(P), axis=0).formula()) == str(tf.reduce_sum(P, axis=0).formula())
        assert str((tf.transpose(tf.nn.relu(P)) @ p).formula()) == "P.T*p"
        assert str(tf.abs(q - p).formula()) == "p - q"
        assert str(tf.where(p[0] > q[0], x, 2 * x).formula()) != "2*x"


@pytest.mark.parametrize("relations", [(a > 0, a < 0), (a > b, b > a), (a > 2, a <= 1), (a >= 0, a < b, b < 0)])
def test_what_can_not_hold_together_is_refused(relations) -> None:
    with tf.assuming(*relations), pytest.raises(ValueError, match="can't hold together: a >"):
        tf.abs(a).formula()


@pytest.mark.parametrize(
    ("wrong", "instead"),
    [
        (True, "of a chain"),
        (sympy.Symbol("x") > 0, "compare tensors"),
        (tf.reduce_sum(p), "made by 'reduce_sum'"),
        ((a > 0) | (b > 0), "read the formula once for each"),
        ((a > 0) & ~(b > 0), "the contrary relation"),
    ],
)
def test_what_is_no_relation_is_refused(wrong, instead) -> None:
    with pytest.raises(TypeError, match=rf"tracer\.Eq.*{instead}"), tf.assuming(wrong):
        pass
