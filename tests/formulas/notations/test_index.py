"""Index notation: sums and deltas have the traced value."""

import math

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas import texts
from tests.formulas.programs import ARRAYS, PROGRAMS, feed
from tracer.testing.verification import Points


@pytest.mark.parametrize("program", PROGRAMS)
def test_index_notation_has_the_value(program) -> None:
    tensor = program()
    formula = tf.formula(tensor, form="index")
    want = tensor.eval(feed(tensor))
    letters = sorted((s for s in formula.free_symbols if s.is_integer and s.name in "ijk"), key=str)
    for place in [(0, 0, 0), (1, 2, 1), (2, 1, 2)]:
        index = place[: want.ndim]
        known = dict(zip([sympy.Symbol(c, integer=True) for c in "ijk"], index))
        value = written_out(formula.xreplace({s: sympy.Integer(known[s]) for s in letters if s in known}))
        assert math.isclose(value, want[index], rel_tol=1e-9), formula


def written_out(e: sympy.Expr) -> float:
    sizes = {sympy.Symbol("n", integer=True, positive=True): 4, sympy.Symbol("d", integer=True, positive=True): 3}
    e = e.subs(sizes)
    known = {m: sympy.ImmutableDenseMatrix(ARRAYS[m.name]) for m in e.atoms(sympy.MatrixSymbol) if m.args[1:] != (1, 1)}
    e = e.xreplace(known).doit()
    e = e.replace(
        lambda x: isinstance(x, sympy.Indexed), lambda x: sympy.Float(ARRAYS[str(x.base)][tuple(map(int, x.indices))])
    )
    return float(e.doit().evalf())


X, w, T = tf.placeholder("X", ("n", "d")), tf.placeholder("w", ("d",)), tf.placeholder("T", ("b", "n", "d"))
softmax, logsumexp = tf.nn.softmax, tf.reduce_logsumexp


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (softmax(w), "softmax(w)[i]"),
        (softmax(X @ w), "softmax(X*w)[i]"),
        (softmax(X, axis=0), "softmax(X.T)[j, i]"),
        (softmax(T), "softmax(T)[i, j, k]"),
        (tf.nn.log_softmax(w), "w[i] - logsumexp(w)"),
        (logsumexp(X, axis=1), "logsumexp_rows(X)[i]"),
        (logsumexp(T, axis=2), "log(Sum(exp(T[i, j, k]), (k, 0, d - 1)))"),
        (tf.gradients(logsumexp(X @ w), w)[0], "Sum(X[j, i]*softmax(X*w)[j], (j, 0, n - 1))"),
        (tf.jacobian(softmax)(w), "KroneckerDelta(i, j)*softmax(w)[i] - softmax(w)[i]*softmax(w)[j]"),
    ],
)
def test_a_function_that_has_a_name_keeps_it(tensor, text):
    assert str(tf.formula(tensor, form="index")) == text


def test_the_softmax_of_a_product_of_arrays_is_read_back():
    Q, K, V = (tf.placeholder(name, ("b", "n", "d")) for name in "QKV")
    tensor = softmax(Q @ tf.transpose(K, (0, 2, 1))) @ V
    points = Points([tensor], {}, {}, 0)
    sizes, given, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(given[source], float) for source, label in points.names.items()}
    assert "softmax(" in str(tf.formula(tensor, form="index"))
    assert not texts.faults(tensor, sizes, arrays, want)


def test_no_index_is_called_as_a_source_or_a_dimension():
    i, j = tf.placeholder("i", ("k", "j")), tf.placeholder("l", ("j",))
    formula = tf.formula(i @ j, form="index")
    indices = {str(s) for s in formula.atoms(sympy.Symbol) if s.is_integer and not s.is_positive}
    assert not indices & {"i", "j", "k", "l"}
    assert len(indices) == 2


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.exp(w) - 1, "exp(w[i]) - 1"),
        (tf.reduce_sum(tf.exp(w) - 1), "Sum(exp(w[i]) - 1, (i, 0, d - 1))"),
        (w * (1 - tf.exp(w)), "(1 - exp(w[i]))*w[i]"),
        (-w * (1 - tf.exp(w)), "(exp(w[i]) - 1)*w[i]"),
        (-w * (1 + tf.exp(w)), "-w[i]*(exp(w[i]) + 1)"),
        (-((1 - tf.exp(w)) ** 2), "-(exp(w[i]) - 1)**2"),
    ],
)
def test_a_minus_sign_goes_into_a_difference(tensor, text):
    assert str(tf.formula(tensor, form="index")) == text


@pytest.mark.unchecked
@pytest.mark.parametrize("name", texts.PROGRAMS)
def test_the_text_of_a_program_is_read_back(name) -> None:
    assert not texts.faults_of(name, "index")


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (tf.math.logical_xor, "a[i] ^ b[i]"),
        (tf.math.logical_and, "b[i] & a[i]"),
        (tf.math.logical_or, "b[i] | a[i]"),
        (lambda a, b: tf.math.logical_not(a), "~a[i]"),
    ],
)
def test_truth_values_have_elements(operation, text):
    a, b = (tf.placeholder(name, ("n",), dtype="bool") for name in "ab")
    assert str(tf.formula(operation(a, b), form="index")) == text


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (w + 0.5, "w[i] + 1/2"),
        (0.123 * w + tf.exp(w), "exp(w[i]) + 0.123*w[i]"),
        (0.123456789123 + w, "w[i] + 0.123456789123"),
        (0.5 * w + 0.25 * tf.exp(w), "(exp(w[i]) + 2*w[i])/4"),
        (tf.sqrt(2 * np.pi) * w, "sqrt(2*pi)*w[i]"),
    ],
)
def test_numbers_are_where_a_person_writes_them(tensor, text):
    assert str(tf.formula(tensor, form="index")) == text
