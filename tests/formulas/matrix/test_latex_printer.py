"""LaTeX of expressions, by this printer and by sympy's own, which notebooks show formulas with."""

import pytest
import sympy

import tracer as tf
from tests.calculus.derive import differs
from tests.formulas import texts
from tests.formulas.readers.algebra import ReadError
from tracer.formulas.matrix.latex_printer import Latex, write_elementwise_latex

x, y = sympy.symbols("x y", real=True)
A, B = (sympy.MatrixSymbol(name, 2, 3) for name in "AB")


@pytest.mark.parametrize(
    ("e", "text"),
    [
        (sympy.digamma(x), r"\psi(x)"),
        (sympy.polygamma(1, x), r"\psi^{(1)}(x)"),
        (x / y / 2, r"\frac{x}{2 y}"),
        (sympy.exp(-x / 2), r"\exp\left(-\frac{x}{2}\right)"),
        (sympy.exp(-x), "e^{-x}"),
        (x**3 / y, r"\frac{x^{3}}{y}"),
        (sympy.sqrt(x), r"\sqrt{x}"),
        (sympy.Piecewise((1, x > 0), (0, True)), r"[x > 0]"),
        (
            sympy.Piecewise((x, x > 0), (y, True)),
            r"\begin{cases} x & \text{if } x > 0 \\ y & \text{otherwise} \end{cases}",
        ),
        (sympy.Transpose(sympy.Inverse(sympy.MatrixSymbol("A", 2, 2))), r"A^{-\top}"),
        (sympy.IndexedBase("x2")[x], "{x_{2}}_{x}"),
        (sympy.Mod(x, 3), r"x \bmod 3"),
        (4 * sympy.Mod(x, 3) + y, r"y + 4 (x \bmod 3)"),
        (sympy.Mod(x, 3) + y, r"y + (x \bmod 3)"),
        (sympy.Mod(4 * x, 3, evaluate=False), r"(4 x) \bmod 3"),
    ],
)  # fmt: skip
def test_scalars(e, text):
    assert Latex().doprint(e) == text


def test_a_power_of_a_total_is_one_of_the_whole():
    v, w = (tf.placeholder(name, ("n",)) for name in "vw")
    assert tf.formula(tf.reduce_sum(v + w) ** 2, form="latex") == r"(\mathbf{1}^{\top} (v + w))^{2}"
    assert tf.formula(tf.reduce_sum(tf.exp(v)) ** 2, form="latex") == r"(\mathbf{1}^{\top} \exp(v))^{2}"


def test_letters_are_bold_where_that_is_asked_for():
    assert Latex(bold=True).doprint(A * sympy.MatrixSymbol("theta", 3, 1)) == r"\mathbf{A} \boldsymbol{\theta}"
    assert Latex(bold=True).doprint(x) == "x"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (x / y, r"A \oslash B"),
        (-2 * x * y, r"-2 A \odot B"),
        (1 / x**2, r"1 \oslash A^{\odot 2}"),
        (1 / (x * y), r"1 \oslash (A \odot B)"),
        (x**y, r"A^{\odot B}"),
        (sympy.sqrt(x), r"\sqrt{A}"),
        (sympy.Min(1, sympy.Max(0, x)), r"\operatorname{clip}(A, 0, 1)"),
        (sympy.Max(x, y), r"\max(A, B)"),
    ],
)
def test_functions_of_elements(body, text):
    assert write_elementwise_latex(sympy.Lambda((x, y), body), [A, B], Latex()) == text


SYMPYS_OWN = {
    # sums without their limits
    "rank-three-columns", "rank-three-diagonal", "rank-three-softmax", "pooled-blocks", "pooled-pairs",
    "diagonals-of-blocks", "traces-of-reshaped", "diagonals-of-reshaped",
}  # fmt: skip
"""Formulas in which sympy's printer has a notation of its own, which the reader does not read."""


@pytest.mark.unchecked
@pytest.mark.parametrize("name", texts.PROGRAMS)
def test_sympys_printer_says_what_the_formula_is(name):
    tensor, sizes, arrays, want = texts._at_one_point(name)
    text = sympy.latex(texts.formula_of(name, "matrix")).replace("^{T}", r"^{\top}")
    try:
        difference = differs(texts.read_back("latex", text, tensor, sizes, arrays, want.shape), want)
    except (ReadError, IndexError) as error:
        difference = str(error)
    assert bool(difference) == (name in SYMPYS_OWN), f"{text}: {difference}"


def test_a_notebook_shows_what_sympy_prints():
    X, w, v = tf.placeholder("X", ("n", "m")), tf.placeholder("w", ("m",)), tf.placeholder("v", ("n",))
    formula = (tf.transpose(X) @ (v * (X @ w))).formula()
    assert formula._repr_latex_() == r"$\displaystyle X^{\top} (v \odot (X w))$"


def test_a_minus_before_a_sum_is_one_of_the_whole_sum():
    k = sympy.Symbol("k", real=True)
    negated = sympy.Mul(-1, sympy.Add(1, -k, evaluate=False), evaluate=False)
    assert Latex().doprint(negated) == "-(1 - k)"
    assert Latex().doprint(sympy.Mul(-1, sympy.Add(1, -k), sympy.Rational(1, 2), evaluate=False)) == r"-\frac{1 - k}{2}"
