"""The NumPy backend: every operation on arrays has a spelling, and each is what it says."""

import numpy as np
import pytest

from tracer.backends.array_code import KINDS
from tracer.backends.to_numpy import NUMPY
from tracer.program.lines import LEAVES, Axis, Kind, Line, Reduction
from tracer.python_code import ATOM


def test_every_kind_has_a_spelling():
    assert set(KINDS) == set(Kind) - LEAVES - {Kind.ELEMENTWISE}


X = np.arange(12.0).reshape(3, 4)
S = np.arange(9.0).reshape(3, 3)
B = np.arange(18.0).reshape(2, 3, 3)
V = np.arange(3.0)
CASES = [
    (Kind.ADD, [X, X, 2.0], None, "a0 + a1 + a2", X + X + 2),
    (Kind.CAST, [X], None, "a0.astype(np.int64)", X.astype(int)),
    (Kind.SUM, [X], Reduction(None, False), "np.sum(a0)", X.sum()),
    (Kind.MEAN, [X], Reduction((1,), True), "np.mean(a0, axis=1, keepdims=True)", X.mean(1, keepdims=True)),
    (Kind.MAX, [B], Reduction((0, 2), False), "np.max(a0, axis=(0, 2))", B.max((0, 2))),
    (Kind.MATMUL, [S, X], None, "a0 @ a1", S @ X),
    (Kind.VDOT, [S, S], None, "np.vdot(a0, a1)", (S * S).sum()),
    (Kind.TENSORDOT, [B, S], ((1, 2), (0, 1)), "np.tensordot(a0, a1, 2)", np.einsum("bij,ij->b", B, S)),
    (Kind.TENSORDOT, [B, X], ((1,), (0,)), "np.tensordot(a0, a1, ((1,), (0,)))", np.einsum("bij,ik->bjk", B, X)),
    (Kind.EINSUM, [S, S], (((0, 1), (0, 1)), (1,)), "np.einsum('ab,ab->b', a0, a1, optimize=True)", (S * S).sum(0)),
    (Kind.EINSUM, [B], (((0, 1, 1),), (1, 0)), "np.einsum('abb->ba', a0)", np.einsum("abb->ba", B)),
    (Kind.TRANSPOSE, [X], (1, 0), "a0.T", X.T),
    (Kind.TRANSPOSE, [B], (0, 2, 1), "np.swapaxes(a0, -1, -2)", B.transpose(0, 2, 1)),
    (Kind.TRANSPOSE, [B], (1, 0, 2), "np.transpose(a0, (1, 0, 2))", B.transpose(1, 0, 2)),
    (Kind.SELECT, [X], (Axis.KEPT, Axis.NEW, Axis.FIRST), "a0[:, None, 0]", X[:, None, 0]),
    (Kind.TRACE, [S], None, "np.trace(a0)", np.trace(S)),
    (Kind.TRACE, [B], None, "np.trace(a0, axis1=-2, axis2=-1)", np.trace(B, axis1=1, axis2=2)),
    (Kind.DIAGONAL, [B], None, "np.diagonal(a0, axis1=-2, axis2=-1)", np.diagonal(B, axis1=1, axis2=2)),
    (Kind.BROADCAST, [V], None, "np.broadcast_to(a0, (2, 3))", np.broadcast_to(V, (2, 3))),
    (Kind.EYE, [], None, "np.eye(3)", np.eye(3)),
    (Kind.EMBED, [V], (0, 0), "np.diag(a0)", np.diag(V)),
    (Kind.EMBED, [X], (0, 1, 1), "embed(a0, (0, 1, 1), (3, 4, 4))", X[..., None] * np.eye(4)),
]


@pytest.mark.parametrize(("kind", "values", "params", "text", "expected"), CASES)
def test_spellings(kind, values, params, text, expected):
    operands = [Line(Kind.ARGUMENT, (), None, v.shape, "float64") if isinstance(v, np.ndarray) else v for v in values]
    shape = np.shape(expected)
    line = Line(kind, tuple(operands), params, shape, np.asarray(expected).dtype.name)
    code = NUMPY.code(line, False)
    assert code.write(lambda key: (f"a{key}", ATOM)) == text
    function, keys = NUMPY.function(code)
    found = function(*(values[k] for k in keys))
    np.testing.assert_array_equal(found, expected)


def test_a_function_is_compiled_once_for_all_lines_of_a_kind():
    first, second = (
        Line(Kind.SUM, (Line(Kind.ARGUMENT, (), None, (n,), "float64"),), Reduction(None, False), (), "float64")
        for n in (3, 4)
    )
    assert NUMPY.function(NUMPY.code(first, False))[0] is NUMPY.function(NUMPY.code(second, False))[0]
