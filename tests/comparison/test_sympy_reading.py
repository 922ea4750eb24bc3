"""Formulas of sympy as programs: what a symbol stands for, and what is said of one that does not fit."""

import functools

import pytest
import sympy

import tracer as tf
from tests.ops.test_generated import NAMES, call_of
from tracer import Verdict
from tracer.comparison.sides import Side
from tracer.formulas.errors import FormulaError

pytestmark = pytest.mark.unchecked

n = sympy.Symbol("n", integer=True, positive=True)


def test_a_matrix_of_the_formula_takes_inputs_of_two_axes_at_most():
    v, A = sympy.MatrixSymbol("v", n, 1), sympy.MatrixSymbol("A", n, n)
    assert Side(2 * v).trace({"v": tf.placeholder("v", ("n",))}, {})[0].shape[0] == n
    assert Side(2 * A).trace({"A": tf.placeholder("A", ("n", "n"))}, {})[0].ndim == 2
    with pytest.raises(ValueError, match="A is a matrix in the formula, its input has rank 3"):
        Side(2 * A).trace({"A": tf.placeholder("A", ("n", "n", "n"))}, {})


UNDECIDED = {"is_finite", "is_inf", "matrix_power", "selu", "stack"}
"""Rows whose formula is read, and agrees, without a proof; selu's has a quotient of constants as the nearest float."""


@functools.cache
def formula_of(name):
    """A call of a row with its formula; None where it has none."""
    sample = call_of(name)
    try:
        tensor = sample.build(*sample.sources())
        return tensor, tensor.formula()
    except FormulaError:
        return None


@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_the_same_as_its_formula(name):
    found = formula_of(name)
    if found is None:
        return
    answer = tf.compare(*found)
    assert answer.agrees
    assert (answer.verdict is Verdict.PROVED) == (name not in UNDECIDED), f"{found[1]}: {answer}"


X, w, y, Z = (tf.placeholder(s, d) for s, d in zip("XwyZ", [("n", "d"), ("d",), ("n",), (2, 3)]))
T = tf.placeholder("T", ("a", "b", "c"))
PROGRAMS = {
    "gradient": tf.gradients(tf.reduce_sum((X @ w - y) ** 2), w)[0],
    "softmax": tf.nn.softmax(w),
    "product": tf.tanh(w) * w,
    "where": tf.where(w > 0, w, 0 * w),
    "differences": w[1:] - w[:-1],
    "reversed": w[::-1],
    "cumsum": tf.cumsum(w),
    "rows": tf.nn.softmax(X),
    "logsumexp": tf.reduce_logsumexp(w) + tf.reduce_logsumexp(X),
    "logdet": tf.linalg.logdet(tf.transpose(X) @ X),
    "attention": tf.nn.softmax(X @ w) @ X,
    "diagonal": tf.linalg.diag(w) @ w,
    "einsum": tf.einsum("abc,bc->a", T, T[0]),
    "third": tf.exp(T) / 3,
    "concat": tf.concat([w, w * w], 0),
}
UNREAD = {"differences", "reversed", "cumsum", "concat"}
"""Programs whose first axis no element in index notation has."""


@pytest.mark.parametrize("form", ["matrix", "index"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_the_same_as_its_formula(name, form):
    tensor = PROGRAMS[name]
    formula = tf.formula(tensor, form=form)
    if form == "index" and name in UNREAD:
        with pytest.raises(TypeError, match="the formula does not say how many values the index i has"):
            tf.compare(tensor, formula)
        return
    answer = tf.compare(tensor, formula)
    assert answer.verdict is Verdict.PROVED, f"{formula}: {answer}"
    assert tf.compare(2 * tensor, formula).verdict is Verdict.REFUTED


@pytest.mark.parametrize("tensor", [Z * Z, tf.nn.softmax(Z), tf.linalg.det(Z @ tf.transpose(Z))], ids=str)
def test_a_program_is_the_same_as_its_components(tensor):
    assert tf.compare(tensor, tensor.components()).verdict is Verdict.PROVED
    assert tf.compare(tensor, 2 * tensor.components()).verdict is Verdict.REFUTED
