"""Named functions: each is written, and has its value."""

import numpy as np
import pytest
import sympy

from tracer.formulas.errors import FormulaError
from tracer.formulas.matrix.named import write_named_array
from tracer.formulas.matrix.writer import Writer, matrix
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import MATRIX, evaluate

n, m = sympy.symbols("n m", integer=True, positive=True)
A, B = T.source("A", (n, n)), T.source("B", (n, n))
X, v, w = T.source("X", (n, m)), T.source("v", (3,)), T.source("w", (3,))
RANK3 = T.source("T", (n, m, 2))
RNG = np.random.default_rng(9)
G = RNG.normal(size=(3, 3))
VALUES = {"A": G @ G.T + np.eye(3), "B": RNG.normal(size=(3, 3)), "X": RNG.normal(size=(3, 2))}
VALUES |= {"v": RNG.normal(size=3), "w": RNG.normal(size=3), "T": RNG.normal(size=(3, 2, 2))}
SIZES = {"n": 3, "m": 2}
a, b, x = VALUES["A"], VALUES["B"], VALUES["X"]
soft = np.exp(x) / np.exp(x).sum(1, keepdims=True)

CALLS = {
    "argsort": (T.call("argsort", [v]), np.argsort(VALUES["v"])),
    "band_part": (T.call("band_part", [B], (1, 0)), np.tril(b) - np.tril(b, -2)),
    "cholesky": (T.call("cholesky", [A]), np.linalg.cholesky(a)),
    "cross": (T.call("cross", [v, w]), np.cross(VALUES["v"], VALUES["w"])),
    "det": (T.call("det", [B], None, ()), np.linalg.det(b)),
    "expm": (T.call("expm", [B]), MATRIX["expm"](b)),
    "inverse": (T.call("inverse", [B]), np.linalg.inv(b)),
    "kron": (T.call("kron", [X, B], None, (n * n, m * n)), np.kron(x, b)),
    "logdet": (T.call("logdet", [A], None, ()), np.linalg.slogdet(a)[1]),
    "logsumexp": (T.call("logsumexp", [X], 2, ()), np.log(np.exp(x).sum())),
    "matrix_power": (T.call("matrix_power", [B], 3), b @ b @ b),
    "matrix_power_frechet": (T.call("matrix_power_frechet", [A, B], m), a @ b + b @ a),
    "pinv": (T.call("pinv", [X], None, (m, n)), np.linalg.pinv(x)),
    "reshape": (T.call("reshape", [X], None, (m, n)), x.reshape(2, 3)),
    "selection": (T.call("selection", [], (1, 2, 1, 3), (2, 3)), np.eye(3)[1:3]),
    "softmax": (T.call("softmax", [X]), soft),
    "eigvalsh": (T.call("eigvalsh", [A], None, (n,)), np.linalg.eigvalsh(a)),
    "sqrtm": (T.call("sqrtm", [A]), MATRIX["sqrtm"](a)),
    "expm_frechet": (T.call("expm_frechet", [A, B]), MATRIX["expm_frechet"](a, b)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_has_its_value(name):
    call, want = CALLS[name]
    assert call.head == name
    got = evaluate(matrix(call), SIZES, VALUES)
    np.testing.assert_allclose(got.reshape(np.shape(want)), want, rtol=1e-9, atol=1e-9)


def test_logsumexp_of_rows_is_a_column():
    got = evaluate(matrix(T.call("logsumexp", [X], 1, (n,))), SIZES, VALUES)
    np.testing.assert_allclose(got[:, 0], np.log(np.exp(x).sum(1)))


def array(call):
    writer = Writer(Normaliser(STANDARD))
    writer.write(call)
    return write_named_array(writer, call)


def test_of_an_array_there_are_softmax_logsumexp_and_reshape():
    t = VALUES["T"]
    for call, want in [
        (T.call("softmax", [RANK3]), np.exp(t) / np.exp(t).sum(-1, keepdims=True)),
        (T.call("logsumexp", [RANK3], 2, (n,)), np.log(np.exp(t).sum((1, 2)))),
        (T.call("reshape", [X], None, (m, n, 1)), x.reshape(2, 3, 1)),
    ]:
        np.testing.assert_allclose(evaluate(array(call), SIZES, VALUES), want)


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (T.call("one_hot", [X], 4, (m, n, 4)), "one_hot of rank 3"),
        (T.call("roll", [RANK3], (1, 0)), "roll of rank 3"),
    ],
    ids=["one_hot", "roll"],
)
def test_what_has_no_form_is_refused_by_name(call, what):
    with pytest.raises(FormulaError, match=f"^{what} has no closed form in matrix notation.*steps"):
        matrix(call)


def test_a_function_without_a_form_is_written_by_its_name():
    assert str(matrix(T.call("unheard", [A, B]))) == "unheard(A, B)"


def test_a_reshape_of_a_reshape_is_one():
    x = T.source("x", (6,))
    inner = T.call("reshape", [x], None, (2, 3))
    assert str(matrix(T.call("reshape", [inner], None, (3, 2)))) == "Reshape(x, (3, 2))"
    cube = T.call("reshape", [T.call("reshape", [RANK3], None, (n * m, 2))], None, (m, n, 2))
    assert str(matrix(cube)) == "Reshape(T, (m, n, 2))"
