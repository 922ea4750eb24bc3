"""Scalar expressions as NumPy text: the text has the value, and as few parentheses as that takes."""

import importlib

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.numpy_scalars import SCIPY, Scalars, avoid_keywords, wrap

x, y = sympy.symbols("x y", real=True)
n = sympy.Symbol("n", integer=True, positive=True)
WRITER = Scalars({"x": (), "y": (), "v": (n,)})
VALUES = {"x": 0.75, "y": -1.25, "v": np.ones(4), "np": np}

expressions = st.recursive(
    st.sampled_from([x, y, sympy.Integer(2), sympy.Integer(-3), sympy.Rational(-1, 3), sympy.pi]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: sympy.Add(*p, evaluate=False)),
        st.tuples(inner, inner).map(lambda p: sympy.Mul(*p, evaluate=False)),
        inner.map(lambda e: sympy.Pow(e, 2, evaluate=False)),
        inner.map(sympy.cos),
        inner.map(sympy.Abs),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=200)
@given(expressions)
def test_the_text_has_the_value(e):
    value = eval(WRITER.of(e)[0], VALUES)
    assert float(value) == pytest.approx(float(e.subs({x: 0.75, y: -1.25}).evalf()), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("e", "text"),
    [
        (x + y, "x + y"),
        (sympy.Mul(x + y, y, evaluate=False), "(x + y)*y"),
        (x / y, "x/y"),
        (x / (2 * y * (x + y)), "x/(2*y*(x + y))"),
        (sympy.exp(x) / sympy.sqrt(2 * sympy.pi), "np.exp(x)/np.sqrt(2*np.pi)"),
        (-sympy.sqrt(2) * x / sympy.sqrt(sympy.pi) / y, "-np.sqrt(2/np.pi)*x/y"),
        (sympy.sqrt(x), "np.sqrt(x)"),
        (2 * n, "2*v.shape[0]"),
        (sympy.Rational(-2, 3), "-2/3"),
        (sympy.Rational(10**30 + 1, 10**31) * x, "0.1*x"),
        (sympy.Rational(1 - 10**30, 3 * 10**30) + x, "x - 0.3333333333333333"),
        (sympy.Integer(10**20), "1e+20"),
    ],
)
def test_what_a_person_would_write(e, text):
    assert WRITER.of(e)[0] == text


def test_keywords_and_np_have_an_underscore_behind():
    assert [avoid_keywords(name) for name in ("lambda", "np", "x", "lambda_")] == ["lambda_", "np_", "x", "lambda__"]


def test_a_text_is_wrapped_where_its_operator_binds_less():
    assert wrap("a + b", 1, 2) == "(a + b)"
    assert wrap("a*b", 2, 2) == "a*b"


@pytest.mark.parametrize(
    ("e", "what"), [(sympy.besselj(0, x), "besselj"), (sympy.Tuple(x, y), "Tuple"), (sympy.digamma(x), "digamma")]
)
def test_what_has_no_numpy_text_is_refused_by_name(e, what):
    with pytest.raises(FormulaError, match=rf'^{what} has no NumPy text; .* are available: .*form="steps"\).*compile'):
        WRITER.of(e)


def test_a_refusal_says_what_scipy_has():
    with pytest.raises(FormulaError, match=r"in SciPy it is scipy\.special\.gammaln$"):
        WRITER.of(sympy.loggamma(x))
    for name in SCIPY.values():
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))
    with pytest.raises(FormulaError, match=r"with more than np in it$"):
        WRITER.of(sympy.airyai(x))
