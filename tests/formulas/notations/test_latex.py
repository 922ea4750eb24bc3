"""LaTeX: what a textbook would print."""

import pytest

import tracer as tf
from tests.formulas import texts
from tests.formulas.programs import PROGRAMS, X, w, y
from tracer.formulas.matrix.latex_text import spell_name


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (PROGRAMS[0], r"2 X^{\top} (X w - y)"),
        (lambda: tf.linalg.diag(y) @ X + X, r"\operatorname{diag}(y + \mathbf{1}) X"),
        (lambda: X * X * tf.exp(X), r"X^{\odot 2} \odot \exp(X)"),
        (lambda: tf.reduce_sum(w * w) ** 2, r"(w^{\top} w)^{2}"),
        (lambda: tf.reduce_sum(X, axis=1), r"X \mathbf{1}"),
        (lambda: y - tf.reduce_mean(y), r"y - \bar{y} \mathbf{1}"),
    ],
)
def test_latex_is_a_textbooks(program, text) -> None:
    assert tf.formula(program(), form="latex") == text


def test_letters_of_vectors_and_matrices_are_bold_by_an_option():
    theta = tf.placeholder("theta", ("d",))
    text = r"\frac{1}{c} \mathbf{X} \boldsymbol{\theta}"
    assert tf.formula(X @ theta / tf.symbols("c"), form="latex", bold=True) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("alpha", r"\alpha"), ("x12", "x_{12}"), ("Gamma", r"\Gamma"), ("x_bar", r"x_{\mathrm{bar}}"), ("xbar", "xbar")],
)
def test_a_name_stays_the_name_that_it_is(name, text):
    assert spell_name(name) == text


@pytest.mark.unchecked
@pytest.mark.parametrize("name", texts.PROGRAMS)
def test_the_text_of_a_program_is_read_back(name) -> None:
    assert not texts.faults_of(name, "latex")
