"""The classes of matrix notation: elements say what the whole is worth, and texts are read one way."""

import numpy as np
import pytest
import sympy

from tracer.formulas.matrix.bodies import VARIABLE, variable
from tracer.formulas.matrix.classes import (
    DiagMatrix,
    DiagonalOf,
    ElementwiseApplyFunction,
    ElementwiseMap,
    HadamardPower,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    OneMatrix,
)
from tracer.formulas.matrix.function_classes import logsumexp_rows, softmax
from tracer.formulas.matrix.scalars import logsumexp
from tracer.testing.interpreter import evaluate

n, d = sympy.symbols("n d", integer=True, positive=True)
A, B, C = (sympy.MatrixSymbol(name, n, n) for name in "ABC")
X = sympy.MatrixSymbol("X", n, d)
v = sympy.MatrixSymbol("v", n, 1)
c, s = sympy.symbols("c s", real=True)
RNG = np.random.default_rng(2)
VALUES = {name: RNG.normal(size=(3, 3)) for name in "ABC"}
VALUES |= {"X": RNG.normal(size=(3, 2)), "v": RNG.normal(size=(3, 1)), "c": np.array(1.5), "s": np.array(-0.5)}
half = sympy.Rational(1, 2)


def value(e):
    return evaluate(e, {"n": 3, "d": 2}, VALUES)


def exponential_sums(a, axis=None):
    return np.log(np.exp(a).sum(axis=axis, keepdims=axis is not None))


def soft(a, axis):
    return np.exp(a) / np.exp(a).sum(axis=axis, keepdims=True)


def reciprocal(m):
    return HadamardPower(m, -1)


CASES = {
    "number-in-elements": (
        HadamardProduct(A, reciprocal(MatAdd(B, OneMatrix(n, n), evaluate=False)), evaluate=False),
        lambda: VALUES["A"] / (VALUES["B"] + 1),
        "A/(B + 1)",
    ),
    "ones-in-a-product": (
        MatMul(MatAdd(A, OneMatrix(n, n), evaluate=False), C, evaluate=False),
        lambda: (VALUES["A"] + 1) @ VALUES["C"],
        "(A + ones(n, n))*C",
    ),
    "quotient-by-two": (
        HadamardProduct(A, reciprocal(B), HadamardPower(C, -2), evaluate=False),
        lambda: VALUES["A"] / (VALUES["B"] * VALUES["C"] ** 2),
        "A/(B o C^o2)",
    ),
    "number-by-two": (
        MatMul(half, c, HadamardProduct(reciprocal(A), reciprocal(B), evaluate=False), evaluate=False),
        lambda: 0.75 / (VALUES["A"] * VALUES["B"]),
        "c/(2*(A o B))",
    ),
    "number-by-one": (
        MatMul(-half, 1 / c, reciprocal(MatAdd(A, B)), evaluate=False),
        lambda: -1 / (3 * (VALUES["A"] + VALUES["B"])),
        "-1/(2*c*(A + B))",
    ),
    "diagonal": (DiagonalOf(A), lambda: np.diag(VALUES["A"])[:, None], "diag_part(A)"),
    "function": (
        ElementwiseApplyFunction(sympy.Lambda(VARIABLE, sympy.tanh(VARIABLE)), X),
        lambda: np.tanh(VALUES["X"]),
        "tanh(X)",
    ),
    "function-of-more": (
        ElementwiseApplyFunction(sympy.Lambda(VARIABLE, VARIABLE**2 + 1), X),
        lambda: VALUES["X"] ** 2 + 1,
        "X^o2 + 1",
    ),
    "map": (
        ElementwiseMap(sympy.Lambda((variable(0), variable(1)), variable(0) - 2 * variable(1)), A, B),
        lambda: VALUES["A"] - 2 * VALUES["B"],
        "A - 2*B",
    ),
    "softmax-of-rows": (softmax(X), lambda: soft(VALUES["X"], 1), "softmax(X)"),
    "softmax-of-column": (softmax(v), lambda: soft(VALUES["v"], 0), "softmax(v)"),
    "logsumexp": (logsumexp(X), lambda: exponential_sums(VALUES["X"]), "logsumexp(X)"),
    "logsumexp-of-column": (logsumexp(v), lambda: exponential_sums(VALUES["v"]), "logsumexp(v)"),
    "logsumexp-of-rows": (logsumexp_rows(X), lambda: exponential_sums(VALUES["X"], 1), "logsumexp_rows(X)"),
    "ones": (OneMatrix(n, d), lambda: np.ones((3, 2)), "ones(n, d)"),
    "identity": (Identity(n), lambda: np.eye(3), "eye(n)"),
    "diagonal-matrix": (DiagMatrix(v), lambda: np.diag(VALUES["v"][:, 0]), "diag(v)"),
}


@pytest.mark.parametrize("name", CASES)
def test_elements_are_those_of_numpy(name):
    made, want, text = CASES[name]
    assert str(made) == text
    np.testing.assert_allclose(value(made), want(), rtol=1e-12)
    if isinstance(made, sympy.MatrixExpr):
        rows, columns = np.shape(want())
        entries = [
            [value(made._entry(sympy.Integer(i), sympy.Integer(j))) for j in range(columns)] for i in range(rows)
        ]
        np.testing.assert_allclose(entries, want(), rtol=1e-12)
        assert value(made.shape[0]) == rows
        assert value(made.shape[1]) == columns


def add(*parts):
    return MatAdd(*parts, evaluate=False)


def mul(*factors):
    return MatMul(*factors, evaluate=False)


TEXTS = {
    "A + B": add(A, B),
    "B + A": add(B, A),
    "A - B": add(A, mul(-1, B)),
    "-A + B": add(mul(-1, A), B),
    "A + B + C": add(A, add(B, C)),
    "(A + B)*C": mul(add(A, B), C),
    "2*A*B": mul(2, A, B),
    "-A*B": mul(-1, A, B),
    "A*B/2": mul(half, A, B),
    "-3*A/2": mul(-3 * half, A),
    "c*A/s": mul(c / s, A),
    "A/(c + s)": mul(1 / (c + s), A),
    "A/sqrt(c)": mul(1 / sympy.sqrt(c), A),
    "A/c**2": mul(c**-2, A),
    "A/(2*c)": mul(half / c, A),
    "A/(c*s)": mul(1 / c, 1 / s, A),
    "(c + s)*A": mul(c + s, A),
    "A*(-B)": mul(A, mul(-1, B)),
}


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_in_the_order_of_writing_with_divisors_last(text):
    made = TEXTS[text]
    assert str(made) == text
    read = eval(text, {"sqrt": sympy.sqrt}, {"A": A, "B": B, "C": C, "c": c, "s": s})
    np.testing.assert_allclose(value(read), value(made), rtol=1e-9)


QUOTIENT = HadamardProduct(A, HadamardPower(B, -1), evaluate=False)
PRODUCT = HadamardProduct(A, B, evaluate=False)
SCALED = {
    "-A/B": (mul(-1, QUOTIENT), r"-A \oslash B"),
    "2*A/B": (mul(2, QUOTIENT), r"2 A \oslash B"),
    "(A/B)/2": (mul(half, QUOTIENT), r"\frac{A \oslash B}{2}"),
    "2*C*(A/B)": (mul(2, C, QUOTIENT), r"2 C (A \oslash B)"),
    "2/B": (mul(2, HadamardPower(B, -1)), r"2 \oslash B"),
    "-A o B": (mul(-1, PRODUCT), r"-A \odot B"),
    "2*(A o B)": (mul(2, PRODUCT), r"2 A \odot B"),
    "C - A o B": (add(C, mul(-1, PRODUCT)), r"C - A \odot B"),
    "C o (2*A/B)": (HadamardProduct(C, mul(2, QUOTIENT), evaluate=False), r"C \odot (2 A \oslash B)"),
    "-A": (mul(-1, A), "-A"),
    "A*B/c": (mul(1 / c, A, B), r"\frac{A B}{c}"),
    "(A - B)/c": (mul(1 / c, add(A, mul(-1, B))), r"\frac{1}{c} (A - B)"),
    "(A - B)*C/c": (mul(1 / c, add(A, mul(-1, B)), C), r"\frac{1}{c} (A - B) C"),
    "s*A/c": (mul(s / c, A), r"\frac{s}{c} A"),
}


@pytest.mark.parametrize("text", SCALED)
def test_a_sign_or_a_number_in_front_needs_parentheses_where_the_meaning_does(text):
    made, latex = SCALED[text]
    assert str(made) == text
    assert sympy.latex(made) == latex


@pytest.mark.parametrize(("number", "negative"), [(-2, True), (-half, True), (2, False), (c, False)])
def test_a_minus_is_extracted_from_the_number_in_front(number, negative):
    assert MatMul(number, A, evaluate=False).could_extract_minus_sign() is negative


def test_elementwise_products_and_powers_need_no_parentheses_in_products():
    assert str(mul(HadamardProduct(A, B, evaluate=False), C)) == "(A o B)*C"
    assert str(mul(HadamardPower(A, 2), C)) == "A^o2*C"


def test_the_transpose_of_ones_is_ones():
    assert OneMatrix(n, d).T.doit() == OneMatrix(d, n)


def test_a_logarithm_of_sums_is_a_real_number():
    assert logsumexp(X).is_real
    assert logsumexp(X).is_commutative


def test_a_matrix_stands_in_the_place_of_the_bound_variable():
    x = sympy.Symbol("x", real=True)
    made = ElementwiseApplyFunction(sympy.Lambda(VARIABLE, VARIABLE * x + 1), X)
    assert str(made) == "x*X + 1"
