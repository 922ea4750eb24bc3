"""Rows and elements that integers name, in programs and in products of matrices."""

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions import Transpose

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.classes import DiagMatrix, Identity, MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.function_classes import lookup, onehot
from tracer.formulas.matrix.lookups import find_place, look_up_rows
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

E, C, W, b, y, Y = (
    tf.placeholder(name, shape)
    for name, shape in {
        "E": ("v", "d"), "C": ("v", "d"), "W": ("d", "h"), "b": ("v",), "y": ("h",), "Y": ("n", "h")
    }.items()
)  # fmt: skip
i, j = (tf.placeholder(name, (), "int64") for name in "ij")
k, q = (tf.placeholder(name, ("n",), "int64") for name in "kq")
total, gather = tf.reduce_sum, tf.gather


def square(tensor):
    return total(tf.square(tensor))


def dot(a, b):
    return tf.tensordot(a, b, 1)


PROGRAMS = {
    "a row": (lambda: gather(E, i), "E[i]", "E_{i}", "E[i]"),
    "rows": (lambda: gather(E, k), "E[k]", "E_{k}", "E[k]"),
    "an element": (lambda: gather(b, i), "b[i]", "b_{i}", "b[i]"),
    "elements": (lambda: tf.exp(gather(b, k)), "exp(b[k])", r"\exp(b_{k})", "np.exp(b[k])"),
    "columns": (lambda: gather(E, k, axis=1), "E[:, k]", "E_{:,k}", "E[:, k]"),
    "a column": (lambda: gather(E, i, axis=1), "E[:, i]", "E_{:,i}", "E[:, i]"),
    "an embedding's layer": (
        lambda: tf.gradients(square(tf.linalg.matvec(tf.transpose(W), gather(E, i)) - y), W)[0],
        "2*E[i]*(E[i].T*W - y.T)",
        r"2 E_{i} (E_{i}^{\top} W - y^{\top})",
        "2*np.outer(E[i], E[i] @ W - y)",
    ),
    "a batch's layer": (
        lambda: tf.gradients(square(gather(E, k) @ W - Y), W)[0],
        "2*E[k].T*(E[k]*W - Y)",
        r"2 E_{k}^{\top} (E_{k} W - Y)",
        "2*E[k].T @ (E[k] @ W - Y)",
    ),
    "a pair of words": (
        lambda: tf.sigmoid(dot(gather(E, i), gather(C, j))),
        "sigmoid(C[j].T*E[i])",
        r"\operatorname{sigmoid}(C_{j}^{\top} E_{i})",
        "1/(1 + np.exp(-C[j] @ E[i]))",
    ),
    "a matrix factorisation": (
        lambda: tf.gradients(square(total(gather(E, k) * gather(C, q), axis=1) - Y[:, 0]), E)[0],
        "2*onehot(k, v).T*diag((E[k] o C[q])*ones(d, 1) - Y[:, 0])*C[q]",
        r"2 \operatorname{onehot}_{v}(k)^{\top} \operatorname{diag}((E_{k} \odot C_{q}) \mathbf{1} - Y_{:,0}) C_{q}",
        "2*(np.eye(E.shape[0])[k].T*(np.sum(E[k]*C[q], axis=1) - Y[:, 0])) @ C[q]",
    ),
    "rows of what is computed": (lambda: gather(tf.nn.softmax(E), k) @ W, "softmax(E)[k]*W", "", ""),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_integers_name_is_written_as_a_person_does(name):
    program, text, latex, python = PROGRAMS[name]
    tensor = program()
    assert str(tf.formula(tensor, form="where")) == text
    assert not latex or tf.formula(tensor, form="latex") == latex
    assert not python or tf.formula(tensor, form="python") == python
    rng = np.random.default_rng(2)
    sizes = {"v": 4, "d": 3, "h": 2, "n": 5}
    used = {t.node for t in ancestors([tensor])}
    given = {t: rng.normal(size=[sizes[str(d)] for d in t.shape]) for t in (E, C, W, b, y, Y) if t.node in used}
    given |= {t: rng.integers(0, 3, size=[sizes[str(d)] for d in t.shape]) for t in (i, j, k, q) if t.node in used}
    arrays = {t.name: np.asarray(value) for t, value in given.items()}
    want = np.asarray(tensor.eval(given))
    assert not faults(tensor, sizes, arrays, want)
    made = tensor.formula()
    at = (1, 0)[: max(1, want.ndim)] if want.ndim else ()
    if at:
        entry = made._entry(*map(sympy.Integer, (*at, 0)[:2]))
        np.testing.assert_allclose(evaluate(entry, sizes, arrays), want[at[: want.ndim]])


n, d, m = sympy.symbols("n d m", integer=True, positive=True)
A, B = sympy.MatrixSymbol("A", n, d), sympy.MatrixSymbol("B", d, n)
x, ids, one = sympy.MatrixSymbol("x", n, 1), sympy.MatrixSymbol("k", m, 1), sympy.Symbol("i", integer=True)
rows, column = lookup(ids, n), lookup(one, n)
VALUES = {"A": np.arange(12.0).reshape(4, 3), "B": np.arange(12.0).reshape(3, 4) ** 2, "x": np.arange(4.0)[:, None]}
VALUES |= {"k": np.array([[2.0], [0.0]]), "i": np.array(1.0)}


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ([rows, A], "[A[k]]"),
        ([rows, Transpose(B)], "[B[:, k].T]"),
        ([B, Transpose(rows)], "[B[:, k]]"),
        ([Transpose(A), Transpose(rows)], "[A[k].T]"),
        ([Transpose(column), A], "[A[i].T]"),
        ([Transpose(column), Transpose(B)], "[B[:, i].T]"),
        ([B, column], "[B[:, i]]"),
        ([Transpose(A), column], "[A[i]]"),
        ([rows, A, B, column], "[A[k], B[:, i]]"),
        ([rows, MatAdd(A, Transpose(B))], "[(A + B.T)[k]]"),
        ([rows, x], "[x[k]]"),
        ([Transpose(rows), rows], "[onehot(k, n).T, onehot(k, n)]"),
        ([rows, column], "[onehot(k, n), onehot(i, n)]"),
        ([rows, OneMatrix(n, d)], "[onehot(k, n), ones(n, d)]"),
        ([rows, Identity(n)], "[onehot(k, n), eye(n)]"),
        ([rows, DiagMatrix(x), A], "[onehot(k, n), diag(x), A]"),
        ([column, Transpose(x)], "[onehot(i, n), x.T]"),
        ([onehot(ids, n), A], "[onehot(k, n), A]"),
        ([B, onehot(one, n)], "[B, onehot(i, n)]"),
    ],
)
def test_rows_in_a_product(chain, text):
    made = look_up_rows(chain, lambda a: a.args[0] if isinstance(a, Transpose) else Transpose(a))
    assert str(made) == text
    sizes = {"n": 4, "d": 3, "m": 2}
    want, got = (evaluate(MatMul(*factors), sizes, VALUES) for factors in (chain, made))
    np.testing.assert_array_equal(got, want)


def test_the_place_of_an_element():
    assert find_place(column, x) == one
    assert find_place(x, column) is None
    assert find_place(column, OneMatrix(n, 1)) is None
    assert find_place(rows, x) is None
    assert find_place(onehot(one, n), x) is None
    assert find_place(column, MatMul(A, B, x)) is None


def test_rows_of_a_matrix_that_stands_in_several_summands_stay_rows():
    """It is no factor of theirs: that of skip-grams is no product of the matrix with a sum of what chooses rows."""
    h = tf.placeholder("h", ("d",))
    loss = total(tf.nn.softplus(dot(gather(E, k), h))) - tf.math.log_sigmoid(dot(gather(E, i), h))
    slope = tf.gradients(loss, h)[0]
    assert str(slope.formula()) == "E[k].T*sigmoid(E[k]*h) - sigmoid(-E[i].T*h)*E[i]"
    tf.testing.verify_formula(slope)
