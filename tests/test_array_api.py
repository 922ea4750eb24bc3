"""The array API namespace: signatures of the standard, and code written against it."""

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
]


@pytest.mark.parametrize("k", range(len(CALLS)))
def test_functions_answer_as_numpys(k):
    np.testing.assert_allclose(CALLS[k](xp, tracer.constant(X)).numpy(), CALLS[k](np, X), rtol=1e-13)


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
