"""Derivations: each equation holds, the last formula is the gradient's, and what is said is the rule that was used."""

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tracer as tf
from tracer.formulas.errors import FormulaError
from tracer.points import Points
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

P = tf.placeholder


def layer_norm(x):
    c = x - tf.reduce_mean(x)
    return c / tf.sqrt(tf.reduce_mean(c * c) + 0.01)


def network():
    X, W1, W2, Y = P("X", ("n", "d")), P("W1", ("d", "h")), P("W2", ("h", "k")), P("Y", ("n", "k"))
    return tf.reduce_sum((tf.tanh(X @ W1) @ W2 - Y) ** 2), W1


def attention():
    Q, K, V, G = P("Q", ("n", "d")), P("K", ("n", "d")), P("V", ("n", "e")), P("G", ("n", "e"))
    return tf.reduce_sum(G * (tf.nn.softmax(Q @ K.T) @ V)), Q


def normalised():
    x, g = P("x", ("n",)), P("g", ("n",))
    return tf.reduce_sum(g * layer_norm(x)), x


def classified():
    W, x, y = P("W", ("k", "d")), P("x", ("d",)), P("y", ("k",))
    return -tf.reduce_sum(y * tf.nn.log_softmax(tf.linalg.matvec(W, x))), W


def row_shifted():
    X, b = P("X", ("n", "m")), P("b", ("m",))
    return tf.reduce_sum(tf.exp(X + b)), b


PROGRAMS = (network, attention, normalised, classified, row_shifted)


def hold_equations(steps, target):
    """The values of all names, each equation evaluated in the names before it; two equations of one name agree."""
    points = Points([target], {}, {}, 0)
    sizes, feed, _ = next(points.draw(1))
    arrays = {points.names[t]: np.asarray(v, float) for t, v in feed.items()}
    for step in steps[:-1]:
        name = str(step.formula.lhs)
        value = np.asarray(evaluate(step.formula.rhs, sizes, arrays), float)
        if step.whole:
            np.testing.assert_allclose(value, arrays[name], rtol=1e-9, atol=1e-12)
        arrays[name] = value
    return sizes, arrays


@pytest.mark.parametrize("program", PROGRAMS)
def test_equations_lead_to_the_gradient(program):
    target, source = program()
    gradient = tf.gradients(target, source)[0]
    steps = tf.derivation(gradient)
    sizes, arrays = hold_equations(steps, target)
    final = np.asarray(evaluate(steps[-1].formula, sizes, arrays), float)
    np.testing.assert_allclose(arrays[f"d{source.label}"], final, rtol=1e-9, atol=1e-12)
    assert steps[-1].formula == gradient.formula()
    assert steps[-1].whole
    assert len(steps) == len(steps.values) + len(steps.gradients) + sum(s.whole for s in steps)
    operations = sum(bool(t.args) for t in ancestors([target]))
    assert operations <= len(steps) <= 2 * operations + 2


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_equations_of_random_programs_hold(plan):
    x, y = tf.symbols("x y")
    values = [x, y]
    for kind, first, second in plan:
        a, b = values[first % len(values)], values[second % len(values)]
        values.append([tf.sin, tf.exp, tf.square, tf.sigmoid][kind](a) if kind < 4 else (a + b, a * b, a - b)[kind - 4])
    target = values[-1] * x
    gradient = tf.gradients(target, x)[0]
    assume(gradient.derived is not None)  # The gradient of x*y by x is y itself.
    try:
        gradient.formula()
    except FormulaError:
        assume(False)  # What has no formula has no derivation.
    steps = tf.derivation(gradient)
    at = {"x": 0.3, "y": -0.4}
    used = {t.label: at[t.label] for t in ancestors([gradient]) if t.label in at}
    known = dict(at)
    for step in steps[:-1]:
        numbers = {s: known[s.name] for s in step.formula.rhs.free_symbols}
        known[step.formula.lhs.name] = float(step.formula.rhs.doit().evalf(30, subs=numbers))
    assert known["dx"] == pytest.approx(float(gradient.eval(used)), rel=1e-9, abs=1e-12)


def test_one_rule_a_step_in_words():
    target, source = network()
    assert str(tf.derivation(tf.gradients(target, source)[0])).splitlines()[2:] == [
        "Forward: a name for each value",
        "  1. Z1 = X*W1     (n, h)  matrix product",
        "  2. H = tanh(Z1)  (n, h)  tanh",
        "  3. Z2 = H*W2     (n, k)  matrix product",
        "  4. R = Z2 - Y    (n, k)  difference",
        "  5. Z3 = R^o2     (n, k)  square",
        "  6. L = sum(Z3)           sum over all elements of Z3",
        "Backward, from dL = 1: write dZ1 for the gradient of L by Z1, of the shape of Z1, and so on",
        "  7. dZ3 = ones(n, k)       by (6): a sum hands its gradient to each element",
        "  8. dR = 2*R               by (5): chain rule through the square",
        "  9. dZ2 = dR               by (4): a difference hands its gradient on",
        " 10. dH = dZ2*W2.T          by (3): matrix product rule, times the transpose of the right factor",
        " 11. dZ1 = dH o (1 - H^o2)  by (2): chain rule through tanh",
        " 12. dW1 = X.T*dZ1          by (1): matrix product rule, the transpose of the left factor times it",
        "Put together",
        " 13. dW1 = 2*X.T*((1 - H^o2) o (R*W2.T))           each gradient put into the next",
        " 14. dW1 = 2*X.T*((1 - tanh(X*W1)^o2) o ((tanh(X*W1)*W2 - Y)*W2.T))  each value put in, and simplified",
    ]


def test_values_are_called_by_their_names():
    x = tf.symbols("x")
    z = tf.sigmoid(x, name="p")
    steps = tf.derivation(tf.gradients(z * z, x)[0])
    assert [s.text for s in steps[:2]] == ["p = sigmoid(x)", "L = p**2"]
    assert steps[3].text == "dx = dp*p*(1 - p)"


def test_sources_of_one_name_and_of_none_have_names_of_their_own():
    X, w1, w2 = P("X", ("n", 2)), tf.Variable([[1.0, 2.0], [0.5, 1.0]], name="w"), tf.Variable(np.eye(2), name="w")
    y = tf.reduce_sum(tf.tanh(X @ w1) @ w2)
    texts = [s.text for s in tf.derivation(tf.gradients(y, w1)[0])]
    assert {"Z1 = X*w", "Z2 = H*w_2"} <= {*texts}
    assert texts[-1].startswith("dw = ")
    assert tf.derivation(tf.gradients(y, w2)[0])[-1].text.startswith("dw_2 = ")
    x = tf.symbols("x")
    hidden = [tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])]
    steps = tf.derivation(tf.gradients(tf.reduce_sum(tf.sin(x * hidden[0]) * hidden[1]), x)[0])
    assert [s.text for s in steps[:3]] == ["z1 = x*c1", "z2 = sin(z1)", "z3 = z2 o c2"]
    # The gradient of (w1 + w2)*w2 by w1 is w2, in whose formula it is the only source.
    steps = tf.derivation(tf.gradients(tf.reduce_sum((w1 + w2) * w2), w1)[0])
    assert [s.text for s in steps[-2:]] == ["dw_2 = dZ1", "dw_2 = w"]
    assert steps[0].text == "Z1 = w + w_2"


def test_a_tape_that_was_paused():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        with tape.stop_recording():
            c = tf.sin(x)
        y = c * x
    steps = tf.derivation(tape.gradient(y, x))
    assert steps[-1].formula == sympy.sin(sympy.Symbol("x", real=True))
    assert not any("cos" in s.text for s in steps)


def test_a_gradient_of_a_gradient_and_weights_of_outputs():
    x = tf.symbols("x")
    first = tf.gradients(x**3, x)[0]
    assert str(tf.derivation(tf.gradients(first, x)[0])[-1].formula) == "6*x"
    v, w = P("v", ("n",)), P("w", ("n",))
    steps = tf.derivation(tf.gradients(tf.sin(v), v, grad_ys=w)[0])
    assert "the gradient that is given for the output" in [s.rule for s in steps]


def test_a_gradient_that_is_a_value_of_the_program():
    x, y = tf.symbols("x y")
    for gradient in (
        tf.gradients(x * y, x)[0],
        tf.grad(lambda x, y: x * y)(x, y),
        tf.value_and_grad(lambda x: x * y)(x)[1],
    ):
        assert gradient is not y
        assert [s.text for s in tf.derivation(gradient)][-2:] == ["dx = y", "dx = y"]
    assert "write dx for the derivative of L by x" in str(tf.derivation(tf.gradients(x * y, x)[0]))
    assert tf.gradients(x + y, x, grad_ys=y)[0] is y
    assert y.derived is None


def test_rules_that_users_state():
    @tf.custom_gradient
    def clipped(t):
        return t * 1.0, lambda g: tf.clip_by_value(g, -1.0, 1.0)

    x = tf.symbols("x")
    steps = tf.derivation(tf.gradients(clipped(x * x), x)[0])
    assert "by (4): the rule that clipped states" in [s.rule for s in steps]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (lambda x: 3.0, TypeError, "derivation takes one gradient, a tensor, got 3.0; write derivation"),
        (lambda x: x * 2.0, ValueError, "is no gradient that gradients, tape.gradient, grad or vjp computed"),
    ],
)
def test_what_has_no_derivation(given, error, message):
    with pytest.raises(error, match=message):
        tf.derivation(given(tf.symbols("x")))
