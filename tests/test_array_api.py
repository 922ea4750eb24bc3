"""The array API namespace: signatures of the standard, and code written against it."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tracer
from tracer import array_api as xp

X = np.array([[1.5, -0.5, 2.0], [0.25, 3.0, -1.0]])
CALLS = [
    lambda m, x: m.concat([x, x], axis=1),
    lambda m, x: m.concat([x, x], axis=None),
    lambda m, x: m.expand_dims(x, axis=1),
    lambda m, x: m.reshape(x, (3, 2)),
    lambda m, x: m.roll(x, 1),
    lambda m, x: m.roll(x, 2, axis=1),
    lambda m, x: m.tensordot(x, m.permute_dims(x, (1, 0)), axes=1),
    lambda m, x: m.cumulative_sum(x, axis=1),
    lambda m, x: m.cumulative_sum(x, axis=1, include_initial=True),
    lambda m, x: m.cumulative_prod(x, axis=0),
    lambda m, x: m.diff(x, axis=1),
    lambda m, x: m.diff(x, axis=0, prepend=m.zeros((1, 3))),
    lambda m, x: m.std(x, axis=0, correction=1.0),
    lambda m, x: m.var(x, keepdims=True),
    lambda m, x: m.clip(x, min=0.0),
    lambda m, x: m.clip(x, max=1.0),
    lambda m, x: m.flip(x, axis=1),
    lambda m, x: m.moveaxis(x, 0, 1),
    lambda m, x: m.take(x, m.asarray([2, 0]), axis=1),
    lambda m, x: m.vecdot(x, x),
    lambda m, x: m.logaddexp(x, 2 * x),
    lambda m, x: m.hypot(x, x),
    lambda m, x: m.log2(m.abs(x)) + m.log10(m.abs(x)),
    lambda m, x: m.trunc(x),
    lambda m, x: m.tril(x) + m.triu(x),
    lambda m, x: m.argmax(x),
    lambda m, x: m.argmin(x, axis=1, keepdims=True),
    lambda m, x: m.count_nonzero(x > 0, axis=0),
    lambda m, x: m.sort(x, axis=1, descending=True) if m is xp else -np.sort(-x, axis=1),
    lambda m, x: m.where(m.isfinite(x), x, 0.0),
    lambda m, x: m.full_like(x, 2.0) * m.ones((2, 3)) + m.eye(2, 3),
    lambda m, x: m.arange(3.0) + m.linspace(0.0, 1.0, 3, endpoint=False),
    lambda m, x: m.matrix_transpose(x),
    lambda m, x: m.stack(m.unstack(x, axis=1)),
    lambda m, x: m.linalg.svd(x, full_matrices=False)[1],
    lambda m, x: m.linalg.svd(x).S,
    lambda m, x: m.linalg.svdvals(x),
    lambda m, x: m.linalg.matrix_norm(x, ord=1) + m.linalg.vector_norm(x, ord=3),
    lambda m, x: m.linalg.vector_norm(x, axis=0, keepdims=True),
    lambda m, x: m.linalg.diagonal(x, offset=1),
    lambda m, x: m.linalg.trace(x, offset=-1),
    lambda m, x: m.linalg.cross(x, 2 * x[::-1, ...], axis=1),
    lambda m, x: m.linalg.cholesky(x @ m.matrix_transpose(x), upper=True),
    lambda m, x: m.linalg.qr(x)[1],
    lambda m, x: m.linalg.eigh(x @ m.matrix_transpose(x)).eigenvalues,
    lambda m, x: m.linalg.pinv(x, rtol=1e-8),
    lambda m, x: m.linalg.solve(x @ m.matrix_transpose(x), x),
    lambda m, x: m.linalg.outer(x[0, ...], x[1, ...]) + m.linalg.matrix_power(m.linalg.outer(x[0, :], x[0, :]), 2),
    lambda m, x: m.linalg.tensordot(x, x, axes=2) + m.linalg.vecdot(x, x, axis=0).sum(),
    lambda m, x: m.linalg.det(x @ m.linalg.matrix_transpose(x)),
    lambda m, x: m.linalg.slogdet(x @ m.matrix_transpose(x)).logabsdet,
    lambda m, x: m.linalg.inv(x @ m.matrix_transpose(x)) + m.linalg.matmul(x, m.matrix_transpose(x)),
    lambda m, x: m.linalg.eigvalsh(x @ m.matrix_transpose(x)) + m.linalg.matrix_rank(x),
    lambda m, x: m.eye(3, k=1) + m.eye(3, 3, k=-1),
    lambda m, x: m.tril(x, k=1) + m.triu(x, k=1),
    lambda m, x: m.copysign(x, -x) + m.sign(x),
    lambda m, x: m.signbit(x),
    lambda m, x: m.take_along_axis(x, m.argsort(x, axis=1), axis=1),
    lambda m, x: m.searchsorted(m.sort(x[0, :]), x[1, :]),
    lambda m, x: m.tile(x, (2, 1, 2)),
    lambda m, x: m.repeat(x, 2, axis=1),
    lambda m, x: m.meshgrid(x[0, :], x[1, :], indexing="ij")[0],
    lambda m, x: m.sum(x > 0, axis=0, dtype=m.float64),
    lambda m, x: m.prod(x, axis=1) + m.mean(x) + m.max(x) + m.min(x),
    lambda m, x: m.all(x > 0, axis=0) | m.any(x > 2, axis=0),
    lambda m, x: m.astype(x, m.int64),
    lambda m, x: m.squeeze(m.expand_dims(x, axis=0), axis=0),
    lambda m, x: m.pow(m.abs(x), 2.5) + m.atan2(x, x) + m.remainder(x, 0.7),
]


@pytest.mark.parametrize("k", range(len(CALLS)))
def test_functions_answer_as_numpys(k):
    found, expected = CALLS[k](xp, tracer.constant(X)), CALLS[k](np, X)
    assert np.dtype(found.dtype).kind == expected.dtype.kind
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-15, strict=True)


def test_a_tensor_names_the_namespace():
    x = tracer.constant(X)
    assert x.__array_namespace__() is xp
    assert (x.size, x.device, x.mT.shape) == (6, "cpu", (3, 2))


def test_dtypes():
    assert xp.result_type(tracer.constant([1]), 2.5) == "float64"
    assert xp.isdtype("int64", "integral")
    assert xp.isdtype("float32", ("bool", "real floating"))
    assert not xp.isdtype("bool", "numeric")
    assert xp.can_cast("int64", "float64")
    assert xp.finfo("float64").bits == 64
    assert xp.iinfo("int32").max == 2**31 - 1
    assert xp.__array_namespace_info__().default_dtypes()["integral"] == "int64"
    assert set(xp.__array_namespace_info__().dtypes(kind="real floating")) == {"float32", "float64"}


def test_code_that_asked_for_the_namespace_may_assign_to_elements():
    x = tracer.Variable([1.0, 2.0, 3.0])
    with tracer.GradientTape() as tape:
        y = x * x
        z = y * 1.0
        namespace = y.__array_namespace__()
        y[0] = 7.0 * x[2]
        total = namespace.sum(y) + namespace.sum(z)
    np.testing.assert_array_equal(y.numpy(), [21.0, 4.0, 9.0])
    np.testing.assert_array_equal(z.numpy(), [1.0, 4.0, 9.0])
    np.testing.assert_array_equal(tape.gradient(total, x).numpy(), [2.0, 8.0, 12.0 + 7.0])


def rosen(x):
    """As SciPy writes it for the array API."""
    namespace = x.__array_namespace__()
    return namespace.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0, axis=0, dtype=x.dtype)


def test_array_api_code_is_traced():
    gradient = tracer.grad(rosen)(np.array([1.2, 0.8, 1.1]))
    np.testing.assert_allclose(gradient.numpy(), [307.6, -275.6, 92.0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: xp.sum(x, foo=1), TypeError, "sum.* 'foo'"),
        (lambda x: xp.std(x, ddof=1), TypeError, "std.* 'ddof'"),
        (lambda x: xp.add(x), TypeError, "add.* 'x2'"),
        (lambda x: xp.zeros(3, device="gpu"), ValueError, "device='gpu'"),
        (lambda x: xp.take(x, [0]), ValueError, "take from a tensor of rank 2 needs an axis"),
        (lambda x: xp.linalg.cross(x, x[:, :2], axis=1), ValueError, "cross takes vectors of the dimension 3"),
        (lambda x: xp.special.airy, AttributeError, "scipy.special.airy"),
    ],
)
def test_wrong_calls_are_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call(tracer.constant(X))


SCIPY = """
import numpy as np
import scipy.special as sp
import tracer

x = np.array([[0.3, 1.2, 2.0], [1.0, 0.5, 0.7]])
for f in (
    lambda v: sp.logsumexp(v), lambda v: sp.logsumexp(v, axis=1).sum(), lambda v: (sp.softmax(v, axis=1) * x).sum(),
    lambda v: (sp.log_softmax(v, axis=0) * x).sum(), lambda v: sp.expit(v).sum(), lambda v: sp.gammaln(v).sum(),
    lambda v: sp.xlogy(v, v).sum(), lambda v: sp.ndtr(v).sum(),
):
    value, gradient = tracer.value_and_grad(f)(x)
    np.testing.assert_allclose(float(value), f(x))
    step = np.cos(np.arange(6.0)).reshape(2, 3)
    slope = (f(x + 1e-6 * step) - f(x - 1e-6 * step)) / 2e-6
    np.testing.assert_allclose(np.sum(gradient.numpy() * step), slope, rtol=1e-7)
print("done")
"""


def test_scipys_functions_for_array_namespaces_are_traced():
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    done = subprocess.run([sys.executable, "-c", SCIPY], capture_output=True, text=True, check=False, env=environment)
    assert done.stdout == "done\n", done.stderr


def test_completion_shows_the_names_of_the_standard_which_are_numpys_too():
    assert [name for name in dir(xp) if not hasattr(np, name)] == ["special"]


@pytest.mark.parametrize(
    "given",
    [
        ("float64", "int64"), (np.float64, "int64"), (np.dtype("float32"), np.float64), ("float32", 2.0),
        ("int32", 2.0), ("bool", 1), ("bool", True), (np.float64(2.0), "float32"), (np.ones(2), "float32"), (1, 2.0),
        (np.int32, "bool"),
    ],
)  # fmt: skip
def test_the_dtype_of_results_is_numpys(given):
    ours = [tracer.ones(2, dtype=a) if isinstance(a, str) else a for a in given]
    numpys = [np.dtype(a) if isinstance(a, str) else a for a in given]
    assert xp.result_type(*ours) == np.result_type(*numpys)
    assert xp.result_type(*given) == np.result_type(*numpys)


def test_casts_are_named_by_any_spelling_of_a_dtype():
    assert xp.can_cast(np.float32, np.dtype("float64"))
    assert not xp.can_cast(np.float64, "float32")
    with pytest.raises(TypeError, match="the dtype 'complex64' is not one of"):
        xp.can_cast("float32", np.complex64)
