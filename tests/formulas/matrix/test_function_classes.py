"""Functions of matrices: their elements are those of NumPy, and each is written by its name."""

import mpmath
import numpy as np
import pytest
import sympy

from tracer.formulas.matrix.function_classes import band_part, cholesky, cross, expm, pinv
from tracer.testing.interpreter import evaluate

n, m = sympy.symbols("n m", integer=True, positive=True)
A, S, N = (sympy.MatrixSymbol(name, n, n) for name in "ASN")
TALL, WIDE = sympy.MatrixSymbol("X", n, m), sympy.MatrixSymbol("Y", m, n)
a, b = (sympy.MatrixSymbol(name, 3, 1) for name in "ab")
ROWS, TURNED = sympy.MatrixSymbol("R", m, 3), sympy.MatrixSymbol("Q", m, 3)
RNG = np.random.default_rng(6)
VALUES = {"A": RNG.normal(size=(3, 3)), "X": RNG.normal(size=(3, 2)), "Y": RNG.normal(size=(2, 3))}
VALUES |= {"a": RNG.normal(size=(3, 1)), "b": RNG.normal(size=(3, 1))}
VALUES |= {"R": RNG.normal(size=(2, 3)), "Q": RNG.normal(size=(2, 3))}
VALUES["S"] = VALUES["A"] @ VALUES["A"].T + np.eye(3)
SIZES = {"n": 3, "m": 2}


def band(x, lower, upper):
    rows, columns = np.indices(x.shape)
    return x * ((lower < 0) | (rows - columns <= lower)) * ((upper < 0) | (columns - rows <= upper))


CASES = [
    (band_part(A, -1, 0), np.tril(VALUES["A"]), "tril(A)"),
    (band_part(A, 0, -1), np.triu(VALUES["A"]), "triu(A)"),
    (band_part(A, 1, 1), band(VALUES["A"], 1, 1), "band_part(A, 1, 1)"),
    (band_part(TALL, 0, -1), np.triu(VALUES["X"]), "triu(X)"),
    (band_part(A, 1, -1), band(VALUES["A"], 1, -1), "band_part(A, 1, -1)"),
    (pinv(TALL), np.linalg.pinv(VALUES["X"]), "pinv(X)"),
    (pinv(WIDE), np.linalg.pinv(VALUES["Y"]), "pinv(Y)"),
    (cholesky(S), np.linalg.cholesky(VALUES["S"]), "cholesky(S)"),
    (cross(a, b), np.cross(VALUES["a"], VALUES["b"], axis=0), "cross(a, b)"),
    (cross(ROWS, 2 * TURNED), np.cross(VALUES["R"], 2 * VALUES["Q"]), "cross(R, 2*Q)"),
]


@pytest.mark.parametrize(("made", "want", "text"), CASES, ids=[text for *_, text in CASES])
def test_elements_are_those_of_numpy(made, want, text):
    assert str(made) == text
    entries = [[evaluate(made._entry(sympy.Integer(i), sympy.Integer(j)), SIZES, VALUES) for j in range(want.shape[1])]
               for i in range(want.shape[0])]  # fmt: skip
    np.testing.assert_allclose(entries, want, rtol=1e-9, atol=1e-12)
    assert tuple(int(evaluate(size, SIZES, VALUES)) for size in made.shape) == want.shape


def test_an_element_of_an_exponential_is_its_series():
    """Of a matrix whose third power is nothing, three terms are all."""
    nilpotent = np.triu(VALUES["A"], 1)
    made = expm(N)._entry(sympy.Integer(0), sympy.Integer(2))
    (k, low, high) = made.limits[0]
    assert (low, high) == (0, sympy.oo)
    terms = [evaluate(made.function.subs(k, power), SIZES, {"N": nilpotent}) for power in range(1, 5)]
    want = np.array(mpmath.expm(mpmath.matrix(nilpotent.tolist())).tolist(), float)[0, 2]
    assert sum(terms) == pytest.approx(want, rel=1e-12)
    assert str(expm(N)) == "expm(N)"


def test_an_element_of_a_factor_at_an_unknown_place_is_left_as_it_is():
    i = sympy.Symbol("i", integer=True)
    assert cholesky(S)._entry(i, 0).parent == cholesky(S)


@pytest.mark.parametrize(
    ("made", "latex"),
    [
        (band_part(A, -1, 0), r"\operatorname{tril}(A)"),
        (band_part(A, 1, 2), r"\operatorname{band}_{1,2}(A)"),
        (pinv(A + S), r"(A + S)^{+}"),
        (cholesky(S), r"\operatorname{chol}(S)"),
        (expm(A), "e^{A}"),
        (cross(a, b), r"a \times b"),
    ],
)
def test_latex(made, latex):
    assert sympy.latex(made) == latex
