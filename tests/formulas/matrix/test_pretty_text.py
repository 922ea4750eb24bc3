"""Pictures of formulas, in Unicode and in ASCII."""

import pytest
import sympy

import tracer as tf
from tests.formulas import texts

X, w, v = tf.placeholder("X", ("n", "m")), tf.placeholder("w", ("m",)), tf.placeholder("v", ("n",))
c = tf.symbols("c")


def draw(tensor, use_unicode=True):
    picture = sympy.pretty(tensor.formula(), use_unicode=use_unicode, wrap_line=False)
    return [line.rstrip() for line in picture.splitlines()]


@pytest.mark.parametrize(
    ("program", "lines"),
    [
        (lambda: tf.transpose(X) @ (v * (X @ w)), [" T", "X ⋅(v ∘ (X⋅w))"]),
        (lambda: tf.reduce_sum(v) * v / c, ["sum(v)", "──────⋅v", "  c"]),
        (lambda: v / (v + 1), ["  v", "─────", "v + 𝟙"]),
        (lambda: tf.sigmoid(X @ w) - v**3, ["                ∘3", "sigmoid(X⋅w) - v"]),
        (lambda: -tf.norm(v) * tf.transpose(X), ["      T", "-‖v‖⋅X"]),
        (lambda: tf.transpose(X) @ tf.linalg.diag(v), [" T", "X ⋅diag(v)"]),
        (lambda: tf.where(v > 0, v, -1.0), ["⎧v   for v > 0", "⎨", "⎩-1  otherwise"]),
        (lambda: tf.math.digamma(v), ["ψ(v)"]),
        (lambda: tf.maximum(v, c), ["max(v, c)"]),
        (lambda: 1.0 - v * tf.exp(v), ["𝟙 - v ∘ exp(v)"]),
        (lambda: -v / c, [" v", "-─", " c"]),
        (lambda: (v - tf.exp(v)) / c, ["v - exp(v)", "──────────", "    c"]),
        (lambda: c * tf.exp(v) / (v + c), ["  exp(v)", "c⋅───────", "  c⋅𝟙 + v"]),
    ],
)
def test_a_picture(program, lines):
    assert draw(program()) == lines


def test_ascii():
    assert draw(tf.transpose(X) @ (v * (X @ w)), use_unicode=False) == [" T", "X *(v o (X*w))"]
    assert draw(tf.norm(v) * v, use_unicode=False) == ["||v||*v"]


@pytest.mark.unchecked
@pytest.mark.parametrize("use_unicode", [True, False])
def test_every_formula_has_a_picture(use_unicode):
    for program in texts.PROGRAMS.values():
        picture = sympy.pretty(program().formula(), use_unicode=use_unicode, wrap_line=False)
        assert "_x" not in picture
        assert "Lambda" not in picture
        assert use_unicode or picture.isascii()
