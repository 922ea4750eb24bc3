"""Pieces of LaTeX."""

import pytest
import sympy

from tracer.formulas.matrix.classes import MatAdd, OneMatrix
from tracer.formulas.matrix.latex_printer import Latex
from tracer.formulas.matrix.latex_text import (
    bracket,
    enclose,
    join_summands,
    raise_call,
    show_sizes,
    spell_name,
    write_call,
    write_exponent,
    write_product,
    write_raised,
    write_subscript,
)
from tracer.formulas.matrix.precedences import PRODUCT
from tracer.formulas.matrix.scalars import total

x, y, n = sympy.symbols("x y n", positive=True)
A, B = (sympy.MatrixSymbol(name, 3, 3) for name in "AB")
sum_ = sympy.Sum(x, (n, 0, 3))
u = sympy.MatrixSymbol("u", 3, 1)


@pytest.mark.parametrize(
    ("name", "plain", "bold"),
    [
        ("alpha", r"\alpha", r"\boldsymbol{\alpha}"),
        ("x12", "x_{12}", r"\mathbf{x}_{12}"),
        ("x_bar", r"x_{\mathrm{bar}}", r"\mathbf{x}_{\mathrm{bar}}"),
        ("mean_x", r"\mathrm{mean\_x}", r"\mathbf{mean\_x}"),
        ("x_2", r"\mathrm{x\_2}", r"\mathbf{x\_2}"),
        ("sigma_n", r"\sigma_{\mathrm{n}}", r"\boldsymbol{\sigma}_{\mathrm{n}}"),
        ("xbar", "xbar", r"\mathbf{xbar}"),
        (r"\hat{x}", r"\hat{x}", r"\hat{x}"),
    ],
)
def test_a_name_stays_the_name_that_it_is(name, plain, bold):
    assert (spell_name(name), spell_name(name, bold=True)) == (plain, bold)


@pytest.mark.parametrize(
    ("factors", "followed", "text"),
    [
        ([2, x], False, "2 x"),
        ([-1, x], True, "-x"),
        ([x + y], False, "x + y"),
        ([x + y], True, "(x + y)"),
        ([sympy.Rational(-1, 2), x + y], False, r"-\frac{x + y}{2}"),
        ([1 / n, x + 1 / y], False, r"\frac{1}{n} \left(x + \frac{1}{y}\right)"),
        ([1 / n, sum_], False, r"\frac{1}{n} \sum_{n=0}^{3} x"),
        ([1 / n, sum_], True, r"\frac{1}{n} \left(\sum_{n=0}^{3} x\right)"),
        ([sum_, x], False, r"\left(\sum_{n=0}^{3} x\right) x"),
        ([2, 3], False, r"2 \cdot 3"),
        ([2, total(u)], False, r"2 \mathbf{1}^{\top} u"),
        ([2, total(u)], True, r"2 (\mathbf{1}^{\top} u)"),
        ([total(u), x], False, r"(\mathbf{1}^{\top} u) x"),
        ([total(u), 1 / n], True, r"\frac{\mathbf{1}^{\top} u}{n}"),
        ([], False, "1"),
    ],
)
def test_a_product_has_one_fraction(factors, followed, text):
    assert "".join(write_product(Latex(), map(sympy.sympify, factors), followed)) == text


def test_parentheses_grow_only_where_they_have_to():
    assert enclose("x") == "(x)"
    assert enclose(r"\frac{x}{y}") == r"\left(\frac{x}{y}\right)"
    assert bracket(Latex(), MatAdd(A, B), PRODUCT) == "(A + B)"
    assert bracket(Latex(), -x, 0) == "(-x)"


def test_marks_stand_at_what_has_none():
    assert write_raised(Latex(), A, r"\top") == r"A^{\top}"
    assert write_raised(Latex(), sympy.Inverse(A), "2") == "(A^{-1})^{2}"
    assert (write_subscript("x", "1"), write_subscript("x_{2}", "1")) == ("x_{1}", "{x_{2}}_{1}")
    assert write_exponent(Latex(), sympy.Rational(3, 2)) == "3/2"
    texts = [write_exponent(Latex(), e, r"\odot ") for e in (x, 1 - x, -x)]
    assert texts == [r"\odot x", r"\odot (1 - x)", r"\odot (-x)"]


def test_calls():
    assert raise_call(write_call("cumsum", ["x"]), "2") == r"\operatorname{cumsum}(x)^{2}"
    assert join_summands(["x", "- y", "z"]) == "x - y + z"


def test_ones_bear_their_size_where_it_is_asked_for():
    assert Latex().doprint(OneMatrix(3, 2)) == r"\mathbf{1} \mathbf{1}^{\top}"
    assert show_sizes(Latex())._print(OneMatrix(3, 2)) == r"\mathbf{1}_{3} \mathbf{1}_{2}^{\top}"
