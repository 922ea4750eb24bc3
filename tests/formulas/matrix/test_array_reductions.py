"""Reductions of arrays along axes have NumPy's values, and are written as NumPy calls them."""

import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.array_products import multiply_arrays
from tracer.formulas.matrix.array_reductions import (
    ArrayLogSumExp,
    ArrayMax,
    ArrayMin,
    ArrayProduct,
    reduce_array,
    soften_array,
)
from tracer.formulas.matrix.index_latex import typeset_element
from tracer.formulas.matrix.latex_printer import Latex
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

SHAPE = (2, 3, 4)
T = ArraySymbol("T", SHAPE)
VALUE = np.random.default_rng(3).normal(size=SHAPE)


def logsumexp(values, axis):
    return np.log(np.exp(values).sum(axis))


@pytest.mark.parametrize(
    ("kind", "function"),
    [(ArrayMax, np.max), (ArrayMin, np.min), (ArrayProduct, np.prod), (ArrayLogSumExp, logsumexp)],
)
@pytest.mark.parametrize(
    ("order", "count", "axes", "called"),
    [
        ((0, 1, 2), 1, (2,), "axis=2"),
        ((1, 2, 0), 1, (0,), "axis=0"),
        ((1, 0, 2), 2, (0, 2), "axis=(0, 2)"),
        ((0, 1, 2), 3, (0, 1, 2), ""),
    ],
)
def test_a_reduction_along_axes(kind, function, order, count, axes, called):
    made = reduce_array(kind, multiply_arrays([(0, 1, 2)], order, [T]), count)
    want = function(VALUE, axis=axes)
    np.testing.assert_allclose(np.reshape(evaluate(made, {}, {"T": VALUE}), want.shape), want)
    assert str(made) == f"{kind.label}(T{', ' if called else ''}{called})"
    assert made.shape == want.shape
    at = (1,) * want.ndim
    np.testing.assert_allclose(float(evaluate(made._entry(*map(sympy.Integer, at)), {}, {"T": VALUE})), want[at])


@pytest.mark.parametrize(
    ("order", "count", "text"),
    [
        ((0, 1, 2), 1, "softmax(T)"),
        ((1, 2, 0), 1, 'einsum("kij->ijk", softmax(T, axis=0))'),
        ((0, 2, 1), 1, 'einsum("ikj->ijk", softmax(T, axis=1))'),
        ((0, 1, 2), 2, "softmax(T, axis=(1, 2))"),
        ((1, 0, 2), 2, 'einsum("jik->ijk", softmax(T, axis=(0, 2)))'),
        ((0, 1, 2), 3, "softmax(T, axis=(0, 1, 2))"),
        ((2, 0, 1), 1, 'softmax(einsum("jki->ijk", T))'),
    ],
)
def test_softmax_over_axes(order, count, text):
    made = soften_array(multiply_arrays([(0, 1, 2)], order, [T]), count)
    e = np.exp(VALUE.transpose(order))
    want = e / e.sum(tuple(range(3 - count, 3)), keepdims=True)
    assert str(made) == text
    np.testing.assert_allclose(evaluate(made, {}, {"T": VALUE}), want)
    assert made.shape == want.shape
    np.testing.assert_allclose(float(evaluate(made._entry(*sympy.sympify([1, 0, 1])), {}, {"T": VALUE})), want[1, 0, 1])
    known = made.subs(T, sympy.ImmutableDenseNDimArray(VALUE.tolist())).doit()
    np.testing.assert_allclose(np.array(known.tolist(), float), want)


def test_latex_of_softmax_says_which_axes_it_is_over():
    made = soften_array(T, 2)
    assert Latex().doprint(made) == r"\operatorname{softmax}_{j,k}(T_{i,j,k})"
    assert typeset_element(Latex(), made, ["i", "j", "j"]) == r"\frac{\exp(T_{i,j,j})}{\sum_{k, l} \exp(T_{i,k,l})}"
    gram = multiply_arrays([(0, 1, 2), (3, 1, 2)], (0, 3, 1), [T, T])
    text = r"\log\left(\sum_{k} \exp\left(\sum_{l} T_{i,k,l} T_{j,k,l}\right)\right)"
    assert Latex().doprint(reduce_array(ArrayLogSumExp, gram, 1)) == text


def test_axes_in_an_order_that_the_result_has_not_stay():
    turned = multiply_arrays([(0, 1, 2)], (2, 0, 1), [T])
    assert str(reduce_array(ArrayMax, turned, 1)) == 'max(einsum("jki->ijk", T), axis=2)'


def test_latex_says_what_the_greatest_is_over():
    gram = multiply_arrays([(0, 1, 2), (3, 1, 2)], (0, 3, 1), [T, T])
    assert Latex().doprint(reduce_array(ArrayMax, T, 2)) == r"\max_{j, k} T_{i,j,k}"
    text = r"\max_{k} \sum_{l} T_{i,k,l} T_{j,k,l}"
    assert Latex().doprint(reduce_array(ArrayMax, gram, 1)) == text


X, W, V = tf.placeholder("X", ("n", "d", "h")), tf.placeholder("W", ("d", "h")), tf.placeholder("V", ("d", "h"))


def soften(z, axes):
    e = tf.exp(z)
    return e / tf.reduce_sum(e, axes, keepdims=True)


SIZES = {"n": 2, "d": 3, "h": 2}


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (lambda: tf.reduce_max(X, 0) * W, "W o max(X, axis=0)"),
        (lambda: tf.exp(tf.reduce_min(X, (0, 2))), "exp(min(X, axis=(0, 2)))"),
        (lambda: tf.reduce_prod(X, 0), "prod(X, axis=0)"),
        (lambda: tf.nn.softmax(X, axis=0), "softmax(X, axis=0)"),
        (lambda: soften(X, (0, 2)), "softmax(X, axis=(0, 2))"),
        (lambda: soften(X, (0, 1, 2)) * tf.reduce_logsumexp(X), "logsumexp(X)*softmax(X, axis=(0, 1, 2))"),
        (lambda: soften(X, (1, 2)), "exp(X - logsumexp(X)) for each n"),
        (lambda: soften(W, (0, 1)), "exp(W - logsumexp(W))"),
        (lambda: tf.reduce_logsumexp(X, axis=0) * W, "W o logsumexp(X, axis=0)"),
        (lambda: tf.reduce_logsumexp(X, axis=1), "logsumexp_rows(X.T) for each n"),
        (
            lambda: tf.gradients(tf.reduce_sum(soften(W, (0, 1)) * V), W)[0],
            "exp(W - logsumexp(W)) o (V - Trace(V.T*exp(W - logsumexp(W))))",
        ),
        (
            lambda: tf.gradients(tf.reduce_sum(tf.nn.softmax(X, axis=0)[0] * W), X)[0][0],
            "W o softmax(X, axis=0)[0] o (1 - softmax(X, axis=0)[0])",
        ),
        (
            lambda: tf.gradients(tf.reduce_sum(tf.reduce_max(X, 0) * W), X)[0],
            'einsum("ijk,jk->ijk", [X == max(X, axis=0)], W/sum([X == max(X, axis=0)], axis=0))',
        ),
    ],
)
def test_programs_that_are_not_the_same_for_each_member(program, text):
    tensor = program()
    assert str(tensor.formula()) == text
    rng = np.random.default_rng(4)
    arrays = {t.name: rng.normal(size=[SIZES[str(d)] for d in t.shape]) for t in (X, W, V)}
    used = {t.name for t in (X, W, V) if t.name in text}
    want = tensor.eval({name: arrays[name] for name in used})
    assert not faults(tensor, SIZES, arrays, want)


Y, u = tf.placeholder("Y", ("m", "d", "h")), tf.placeholder("u", ("m",))
BESIDE = {
    "softmax": (
        lambda: tf.nn.softmax(tf.einsum("ndh,mdh->nm", X, Y)) @ u,
        r"0 \leq l \leq h - 1}} Y_{j,k,l} X_{i,k,l}\right)",
    ),
    "logsumexp": (
        lambda: tf.reduce_logsumexp(tf.einsum("ndh,mdh->nm", X, Y), axis=1) * tf.reduce_sum(X, axis=(1, 2)),
        r"\left[\sum_{",
    ),
    "gradient": (
        lambda: tf.gradients(tf.reduce_sum(tf.nn.softmax(tf.einsum("ndh,mdh->nm", X, Y)) @ u), X)[0],
        r"\operatorname{softmax}_{",
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_an_index_of_what_a_function_of_a_matrix_is_taken_of_means_one_thing(name):
    program, text = BESIDE[name]
    tensor = program()
    assert text in tf.formula(tensor, form="latex")
    sizes = {**SIZES, "m": 4}
    rng = np.random.default_rng(5)
    arrays = {t.name: rng.normal(size=[sizes[str(d)] for d in t.shape]) for t in (X, Y, u)}
    used = {t.name for t in ancestors([tensor])}
    want = tensor.eval({name: value for name, value in arrays.items() if name in used})
    assert not faults(tensor, sizes, arrays, want)
