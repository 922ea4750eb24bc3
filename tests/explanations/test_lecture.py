"""Derivations as they are shown: text and LaTeX, and the page of the documents that prints both."""

import doctest
import re
from pathlib import Path

import pytest

import tracer as tf

PAGE = Path(__file__).parents[2] / "docs" / "derivations.md"
P = tf.placeholder


def regression():
    X, w, y = P("X", ("n", "d")), P("w", ("d",)), P("y", ("n",))
    return tf.derivation(tf.gradients(tf.reduce_sum((X @ w - y) ** 2), w)[0])


def test_latex_is_one_formula_with_an_aligned_block_under_each_heading():
    steps = regression()
    latex = steps._repr_latex_()
    assert latex == rf"$\displaystyle {steps.latex}$"
    assert "$" not in steps.latex
    assert latex.count(r"\begin{aligned}") == latex.count(r"\end{aligned}") == 3
    assert re.sub(r"\\[{}]", "", latex).count("{") == re.sub(r"\\[{}]", "", latex).count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert r"(5)\quad & dz_{2} = \mathbf{1} \quad && \text{by (4): a sum hands its gradient to each element}" in latex
    assert r"(2)\quad & r = z_{1} - y \in \mathbb{R}^{n} \quad && \text{difference}" in latex
    assert r"\text{, for }X \in \mathbb{R}^{n \times d},\; w \in \mathbb{R}^{d},\; y \in \mathbb{R}^{n}" in latex
    assert r"\text{Notation: }\odot\text{ works element by element; }\mathbf{1}\text{ is a column of ones" in latex


def test_text_says_the_goal_the_shapes_and_the_signs():
    lines = str(regression()).splitlines()
    assert lines[0] == "The gradient of L by w, for X (n, d), w (d,), y (n,)"
    assert lines[1].startswith("Notation: A*B is the matrix product; sum(A) adds all elements; ones(n, m) has")
    assert "diag" not in lines[1]


def test_derivatives_of_numbers_need_no_signs():
    x = tf.symbols("x")
    assert str(tf.derivation(tf.gradients(tf.sin(x * x), x)[0])).splitlines() == [
        "The gradient of L by x",
        "Forward: a name for each value",
        "  1. z = x**2    square",
        "  2. L = sin(z)  sin",
        "Backward, from dL = 1: write dz for the derivative of L by z, and so on",
        "  3. dz = cos(z)  by (2): chain rule through sin",
        "  4. dx = 2*dz*x  by (1): chain rule through the square",
        "Put together",
        "  5. dx = 2*x*cos(z)     each gradient put into the next",
        "  6. dx = 2*x*cos(x**2)  each value put in, and simplified",
    ]


def test_a_derivation_is_a_sequence_of_steps():
    steps = regression()
    assert repr(steps) == f"<Derivation of {len(steps)} steps>"
    assert steps[:2] == steps.steps[:2] == steps.values[:2]
    assert steps[-1] is steps.results[-1]
    assert [*steps] == [*steps.values, *steps.gradients, *steps.results]
    assert (steps.target, steps.source, steps.given["w"][0].name) == ("`L`", "w", "d")


@pytest.mark.unchecked
def test_the_page_shows_the_latex_of_its_derivations():
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\{math\}\n(.*?)\n```$", text, flags=re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    for example in doctest.DocTestParser().get_examples(re.sub("^```.*$", "", text, flags=re.MULTILINE)):
        if not example.source.startswith("print"):
            exec(example.source, names)
    made = [d.latex for d in names.values() if type(d).__name__ == "Derivation"]
    assert len(made) == 4
    assert blocks == made, "write .latex of the derivation under each example again"
