"""The signs of a lecture: elementwise products, sums, numbers in sums, and only the parentheses that are needed."""

import pytest

import tracer as tf
from tracer.explanations.lecture_notation import plain, single_parentheses, words_in_latex, write_latex, write_text

P = tf.placeholder
X, Y, v, w, s = P("X", ("n", "m")), P("Y", ("n", "m")), P("v", ("n",)), P("w", ("n",)), tf.symbols("s")


@pytest.mark.parametrize(
    ("tensor", "text", "latex"),
    [
        (tf.reduce_sum(tf.exp(X)), "sum(exp(X))", r"\mathbf{1}^{\top} \exp(X) \mathbf{1}"),
        (tf.reduce_sum(v) ** 2, "sum(v)**2", r"(\mathbf{1}^{\top} v)^{2}"),
        (v - tf.reduce_mean(v), "v - mean(v)", r"v - \bar{v} \mathbf{1}"),
        (1.0 - X * X, "1 - X^o2", r"1 - X^{\odot 2}"),
        (X * Y @ tf.transpose(X), "(X o Y)*X.T", r"(X \odot Y) X^{\top}"),
        (X / Y, "X/Y", r"X \oslash Y"),
        (1.0 / (v * v), "1/v**2", r"1 \oslash v^{\odot 2}"),
        (tf.sqrt(v), "sqrt(v)", r"\sqrt{v}"),
        (v**1.5, "v**(3/2)", r"v^{\odot 3/2}"),
        (tf.reduce_sum(v * w) * v, "(v.T*w)*v", r"(v^{\top} w) v"),
        (tf.linalg.inv(X @ tf.transpose(X)), "(X*X.T)**(-1)", r"(X X^{\top})^{-1}"),
        (X / tf.sqrt(s), "X/sqrt(s)", r"\frac{X}{\sqrt{s}}"),
    ],
)
def test_signs(tensor, text, latex):
    formula = tensor.formula()
    assert (write_text(formula), write_latex(formula, {})) == (text, latex)


def test_a_name_of_a_gradient_is_spelled_as_is_said():
    assert write_latex(P("dmu", ()).formula(), {"dmu": r"d\mu"}) == r"d\mu"
    (element,) = [tf.formula(P("Z1", ("n", "m", "k")), "index")]
    assert write_latex(element, {}) == r"{Z_{1}}_{i,j,l}"


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("((a))", "a"), ("(a)*(b)", "(a)*(b)"), ("f((a + b))", "f(a + b)"), ("x/(sqrt(n))", "x/sqrt(n)"),
        ("f(g(x))", "f(g(x))"), ("(f(x) + g(x))*y", "(f(x) + g(x))*y"), ("((a)*(b))", "(a)*(b)"),
    ],
)  # fmt: skip
def test_parentheses_that_say_nothing_go(text, shorter):
    assert single_parentheses(text) == shorter


def test_names_in_words():
    words = "100% of `Z1`, not `mu`_1"
    assert plain(words) == "100% of Z1, not mu_1"
    assert words_in_latex(words, {"Z1": "Q"}) == r"\text{100\% of }Q\text{, not }\mu\text{\_1}"
