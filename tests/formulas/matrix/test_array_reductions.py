"""Reductions of arrays along axes have NumPy's values, and are written as NumPy calls them."""

import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.array_products import multiply_arrays
from tracer.formulas.matrix.array_reductions import ArrayMax, ArrayMin, ArrayProduct, reduce_array
from tracer.formulas.matrix.latex_printer import Latex
from tracer.testing.interpreter import evaluate

SHAPE = (2, 3, 4)
T = ArraySymbol("T", SHAPE)
VALUE = np.random.default_rng(3).normal(size=SHAPE)


@pytest.mark.parametrize(("kind", "function"), [(ArrayMax, np.max), (ArrayMin, np.min), (ArrayProduct, np.prod)])
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


def test_axes_in_an_order_that_the_result_has_not_stay():
    turned = multiply_arrays([(0, 1, 2)], (2, 0, 1), [T])
    assert str(reduce_array(ArrayMax, turned, 1)) == 'max(einsum("jki->ijk", T), axis=2)'


def test_latex_says_what_the_greatest_is_over():
    gram = multiply_arrays([(0, 1, 2), (3, 1, 2)], (0, 3, 1), [T, T])
    assert Latex().doprint(reduce_array(ArrayMax, T, 2)) == r"\max_{j, k} T_{i,j,k}"
    text = r"\max_{k} \sum_{l} T_{i,k,l} T_{j,k,l}"
    assert Latex().doprint(reduce_array(ArrayMax, gram, 1)) == text


X, W = tf.placeholder("X", ("n", "d", "h")), tf.placeholder("W", ("d", "h"))
SIZES = {"n": 2, "d": 3, "h": 2}


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (lambda: tf.reduce_max(X, 0) * W, "W o max(X, axis=0)"),
        (lambda: tf.exp(tf.reduce_min(X, (0, 2))), "exp(min(X, axis=(0, 2)))"),
        (lambda: tf.reduce_prod(X, 0), "prod(X, axis=0)"),
        (
            lambda: tf.gradients(tf.reduce_sum(tf.reduce_max(X, 0) * W), X)[0],
            'einsum("ijk,jk->ijk", [X == einsum("jk,i->ijk", max(X, axis=0), ones(n))], '
            'W/einsum("kij->ij", [X == einsum("jk,i->ijk", max(X, axis=0), ones(n))]))',
        ),
    ],
)
def test_programs_that_are_not_the_same_for_each_member(program, text):
    tensor = program()
    assert str(tensor.formula()) == text
    rng = np.random.default_rng(4)
    arrays = {t.name: rng.normal(size=[SIZES[str(d)] for d in t.shape]) for t in (X, W)}
    used = {t.name for t in (X, W) if t.name in text}
    want = tensor.eval({name: arrays[name] for name in used})
    assert not faults(tensor, SIZES, arrays, want)
