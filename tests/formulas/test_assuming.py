"""Equations that a user states: the formula is shorter, and right where they hold."""

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


@pytest.mark.parametrize("wrong", [True, sympy.Symbol("x") > 0, tf.reduce_sum(p), p > 0])
def test_what_is_no_equation_is_refused(wrong) -> None:
    with pytest.raises(TypeError, match=r"tracer\.Eq"), tf.assuming(wrong):
        pass
