"""Array expressions as tensors: what sympy makes of their elements is the value."""

import numpy as np
import pytest
import sympy
from sympy.combinatorics import Permutation
from sympy.tensor.array.expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArraySymbol,
    ArrayTensorProduct,
    PermuteDims,
    Reshape,
)
from sympy.tensor.array.expressions.array_expressions import ArrayElementwiseApplyFunc, OneArray, ZeroArray

import tracer as tf
from tracer import Verdict
from tracer.comparison.sides import Side

x = sympy.Symbol("x")
T, U = ArraySymbol("T", (2, 3, 2)), ArraySymbol("U", (3, 2))
VALUES = {"T": np.arange(12.0).reshape(2, 3, 2), "U": np.arange(6.0).reshape(3, 2) - 2}
t, u = VALUES["T"], VALUES["U"]

CASES = [
    (ArrayTensorProduct(3, U, U), 3 * np.einsum("ij,kl->ijkl", u, u)),
    (ArrayContraction(ArrayTensorProduct(T, U), (1, 3)), np.einsum("aib,ic->abc", t, u)),
    (ArrayContraction(T, (0, 2)), np.einsum("aia->i", t)),
    (ArrayDiagonal(T, (0, 2)), np.einsum("aia->ia", t)),
    (PermuteDims(T, Permutation([1, 2, 0])), np.transpose(t, (1, 2, 0))),
    (
        PermuteDims(ArrayContraction(ArrayTensorProduct(T, U), (2, 4)), Permutation([2, 0, 1])),
        np.einsum("aib,cb->cai", t, u),
    ),
    (ArrayAdd(T, ArrayTensorProduct(sympy.Rational(1, 3), T)), 4 * t / 3),
    (Reshape(T, (4, 3)), t.reshape(4, 3)),
    (ArrayElementwiseApplyFunc(sympy.Lambda(x, x**2 + 1), T), t**2 + 1),
    (ArrayAdd(T, OneArray(2, 3, 2), ZeroArray(2, 3, 2)), t + 1),
    (T[1, 2, 0] * U[0, 1], t[1, 2, 0] * u[0, 1]),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=lambda v: "" if isinstance(v, np.ndarray) else str(v))
def test_array_expressions_have_their_value(expression, expected):
    side = Side(expression)
    sources = {n: tf.placeholder(n, VALUES[n].shape) for n in side.names}
    (tensor,) = side.trace(sources, {})
    np.testing.assert_allclose(tensor.eval({s: VALUES[n] for n, s in sources.items()}), expected)


def test_arrays_without_a_reading_are_refused():
    unread = type("Unread", (type(T),), {})("V", (2, 3, 2))
    assert tf.compare(unread, lambda V: V, (2, 3, 2)).verdict is Verdict.PROVED
    with pytest.raises(TypeError, match="a formula with Unknown can't be compared; give the function that computes it"):
        Side(type("Unknown", (type(ZeroArray(2)).__mro__[1],), {})(sympy.Integer(2))).trace({}, {})
