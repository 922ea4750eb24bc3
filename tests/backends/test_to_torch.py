"""The PyTorch backend: what PyTorch itself does with its functions, and the dtype and device that they keep."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.backends.shared_programs import PROGRAMS, SOURCES, VALUES, S, X, v, w

torch = pytest.importorskip("torch")


def tensors(dtype=None):
    return [torch.tensor(a, dtype=dtype or torch.float64, requires_grad=True) for a in VALUES]


@pytest.fixture(params=PROGRAMS, scope="module")
def program(request):
    """A program, and its value with gradients as a function."""
    value = PROGRAMS[request.param]()
    found = [value, *tf.gradients(value, SOURCES, unconnected_gradients="zero")]
    return tf.compile(value, SOURCES, backend="torch"), tf.compile(found, SOURCES)(*VALUES)


@pytest.mark.unchecked
def test_functions_are_differentiated_by_autograd(program):
    function, (value, *slopes) = program
    given = tensors()
    result = function(*given)
    np.testing.assert_allclose(float(result.detach()), value, rtol=1e-10)
    found = torch.autograd.grad(result, given, allow_unused=True)
    for got, want in zip(found, slopes):
        np.testing.assert_allclose(0 * want if got is None else got, want, rtol=1e-7, atol=1e-8)


@pytest.mark.unchecked
def test_functions_are_mapped_over_batches():
    value = tf.reduce_sum(tf.math.log1p(tf.exp(-w * (X @ v)))) + tf.norm(v) + tf.reduce_sum(tf.roll(v, 1, 0) * v)
    found = [value, tf.gradients(value, v)[0], tf.reduce_max(v) * tf.eye(3)[0] + tf.gather(v, [1, 1, 0])]
    function = tf.compile(found, [X, v, w], backend="torch")
    batch = torch.randn(5, 3, dtype=torch.float64)
    given = torch.tensor(VALUES[0]), torch.tensor(VALUES[3])
    mapped = torch.func.vmap(lambda row: function(given[0], row, given[1]))(batch)
    for k, row in enumerate(batch):
        for got, want in zip(mapped, function(given[0], row, given[1])):
            torch.testing.assert_close(got[k], want)


@pytest.mark.unchecked
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_second_derivatives_by_pytorch_are_the_librarys():
    value = tf.reduce_mean(tf.math.log1p(tf.exp(-w * (X @ v))))
    function = tf.compile(value, [X, v, w], backend="torch")
    given = torch.tensor(VALUES[0]), torch.tensor(VALUES[2]), torch.tensor(VALUES[3])
    found = torch.func.hessian(function, argnums=1)(*given)
    want = tf.compile(tf.hessian(lambda u: tf.reduce_mean(tf.math.log1p(tf.exp(-w * (X @ u)))))(v), [X, v, w])
    np.testing.assert_allclose(found, want(VALUES[0], VALUES[2], VALUES[3]), rtol=1e-9)


@pytest.mark.unchecked
def test_a_source_is_traced_whole_by_export():
    """What ``torch.compile`` takes without a break; the code that it makes needs a compiler of C++."""
    value = tf.reduce_mean(tf.math.log1p(tf.exp(-w * (X @ v)))) + tf.reduce_sum(tf.nn.softmax(X) @ v)
    scope = {}
    exec(tf.compile([value, tf.gradients(value, v)[0]], [X, v, w], backend="torch").source, scope)
    given = [torch.tensor(VALUES[k]) for k in (0, 2, 3)]
    traced = torch.compile(scope["compiled"], backend="eager", fullgraph=True)
    for got, want in zip(traced(*given), scope["compiled"](*given)):
        torch.testing.assert_close(got, want)


@pytest.mark.unchecked
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_the_dtype_and_the_device_are_those_of_the_arguments(dtype):
    u = tf.placeholder("u", (3,))
    value = tf.reduce_sum(tf.nn.softplus(u) * tf.constant([1.0, 2.0, 3.0])) * tf.eye(3) + tf.linalg.diag(u)
    function = tf.compile([value, tf.reduce_sum(tf.maximum(u, 0.5) ** 2)], [u], backend="torch")
    given = torch.tensor([1.0, 2.0, 3.0], dtype=getattr(torch, dtype))
    assert [r.dtype for r in function(given)] == [given.dtype] * 2
    assert [r.device.type for r in function(given.to("meta"))] == ["meta"] * 2


def test_python_and_numpy_values_are_taken():
    function = tf.compile(X @ v, [X, v], backend="torch")
    assert isinstance(function([[1.0, 2.0]], np.array([3.0, 4.0])), torch.Tensor)
    assert float(function([[1, 2]], [3, 4])) == 11.0
    with pytest.raises(ValueError, match="v of shape"):
        function(torch.ones(4, 3), torch.ones(2))


def test_slices_that_run_backwards_are_flipped():
    a, b = tf.placeholder("a", ("n", 5)), tf.placeholder("b", (7,))
    outputs = [a[::-1], a[::-2, 3:0:-1], b[5:1:-2], b[-2::-3], a[:, ::-1][0], b[4::-1][None]]
    values = np.arange(20.0).reshape(4, 5), np.arange(7.0)
    for got, want in zip(
        tf.compile(outputs, [a, b], backend="torch")(*values), tf.compile(outputs, [a, b])(*values), strict=True
    ):
        np.testing.assert_array_equal(got, want)


def test_what_pytorch_lacks_is_refused_by_name():
    with pytest.raises(ValueError, match=r"the backend 'torch' does not have this: the operation .* needs sqrtm"):
        tf.compile(tf.linalg.sqrtm(S), [S], backend="torch")
    with pytest.raises(ValueError, match=r"special\.jv, which PyTorch lacks; write backend='numpy'"):
        tf.compile(tf.apply(sympy.besselj, 2, v), [v], backend="torch")


def test_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("tracer.backends.library_source.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"the backend 'torch' needs PyTorch: pip install 'symbolic-tracer\[torch\]'"):
        tf.compile(v * 2, [v], backend="torch")
