"""Formulas of numbers as text: in the words of NumPy, what is subtracted last."""

import pytest
import sympy

import tracer as tf
from tracer.formulas.matrix.bodies import piecewise
from tracer.formulas.matrix.known import keep
from tracer.formulas.matrix.text_printer import Text

x, y, z = sympy.symbols("x y z", real=True)
A, B = (sympy.MatrixSymbol(name, 2, 2) for name in "AB")
p, q = sympy.symbols("p q")


@pytest.mark.parametrize(
    ("e", "text"),
    [
        (sympy.polygamma(0, x), "digamma(x)"),
        (sympy.polygamma(2, x), "polygamma(2, x)"),
        (sympy.Max(x, y), "max(x, y)"),
        (sympy.Min(x, y), "min(x, y)"),
        (sympy.Min(1, sympy.Max(-1, x)), "clip(x, -1, 1)"),
        (sympy.Min(y, sympy.Max(-1, x)), "min(y, max(-1, x))"),
        (sympy.Abs(x) ** y * z, "z*abs(x)**y"),
        (y - x, "y - x"),
        (x - y, "x - y"),
        (x - y**2 - z, "x - y**2 - z"),
        (1 / x, "1/x"),
        (x**-2, "1/x**2"),
        (x / (y * z) / 3, "x/(3*y*z)"),
        (sympy.Mul(-1, x + y, 1 / z, evaluate=False), "-(x + y)/z"),
        (sympy.Add(x, sympy.Add(-y, z), evaluate=False), "x + z - y"),
        (sympy.Add(x, sympy.Mul(-1, y - z, evaluate=False), evaluate=False), "x - (y - z)"),
        (sympy.Mul(2, sympy.Trace(A) - sympy.Trace(B), evaluate=False), "2*(Trace(A) - Trace(B))"),
        ((1 / x) ** y, "(1/x)**y"),
        (x ** (1 / y), "x**(1/y)"),
        (x**y, "x**y"),
        ((-x) ** y, "(-x)**y"),
        (sympy.sqrt(x + 1) / 2, "sqrt(x + 1)/2"),
        (x**sympy.Rational(-3, 2), "1/x**(3/2)"),
        (piecewise([(x, x > y), (y, sympy.true)]), "where(x > y, x, y)"),
        (piecewise([(1, x > y), (0, sympy.true)]), "[x > y]"),
        (piecewise([(x, x > y)]), "where(x > y, x, nan)"),
        (sympy.And(x > y, p), "p & (x > y)"),
        (sympy.Or(p, sympy.And(p, q, evaluate=False), evaluate=False), "p | (p & q)"),
        (sympy.Not(q), "~q"),
        (sympy.Not(sympy.Xor(p, q)), "~(p ^ q)"),
        (sympy.Eq(x, y), "x == y"),
        (sympy.Ne(x + 1, y), "x + 1 != y"),
    ],
)  # fmt: skip
def test_what_is_printed(e, text):
    assert Text().doprint(e) == text
    assert str(keep(e)) == text


def list_scalars():
    a, b = tf.symbols("a b")
    K, v = tf.placeholder("K", ("n", "n"), symmetric=True), tf.placeholder("v", ("n",))
    quadratic = tf.tensordot(v, K @ v, 1)
    return [
        tf.math.digamma(a) * b - a,
        (tf.linalg.trace(K) - quadratic) / 2,
        -quadratic / 2,
        tf.maximum(a, b) / tf.math.polygamma(2.0, a),
        tf.where(a > b, a, tf.abs(b)),
        tf.reduce_logsumexp(v) - v[0] - a,
    ]


@pytest.mark.parametrize("tensor", list_scalars(), ids=str)
def test_a_scalar_has_one_spelling_in_all_that_prints_it(tensor):
    made = tensor.formula()
    text, latex = str(made), tf.formula(tensor, form="latex")
    assert repr(made) == str(tf.formula(tensor, form="where")) == text
    assert text in repr(tensor)
    assert sympy.latex(made) == latex
    assert made._repr_latex_() == rf"$\displaystyle {latex}$"
    assert "polygamma(0" not in text + latex + sympy.pretty(made) + str(tf.formula(tensor, form="index"))


def test_pictures_and_index_notation_have_the_same_order():
    K, v = tf.placeholder("K", ("n", "n"), symmetric=True), tf.placeholder("v", ("n",))
    half = (tf.linalg.trace(K) - tf.tensordot(v, K @ v, 1)) / 2
    assert sympy.pretty(half.formula(), use_unicode=True).split("\n")[1] == "tr(K) - v ⋅K⋅v"
    assert str(tf.formula(half, form="index")).startswith("(Sum(K[i, i], (i, 0, n - 1)) - Sum(")
    assert sympy.pretty(tf.math.digamma(tf.symbols("a")).formula(), use_unicode=True) == "ψ(a)"
    assert sympy.pretty(tf.math.polygamma(1.0, tf.symbols("a")).formula(), use_unicode=True) == " (1)   \nψ   (a)"
