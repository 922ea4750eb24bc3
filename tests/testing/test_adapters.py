"""Adapters of frameworks: what they pass on, with frameworks of a few lines, and with the real ones where they are."""

import contextlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import tracer
from tracer.testing import GradientMismatch, adapters, check_vjp

NAMES = "jax", "torch", "tensorflow", "autograd"


class Box:
    """A tensor of a framework of a few lines: an array, and whether it is differentiated."""

    def __init__(self, array, requires_grad=False):
        self.array, self.requires_grad = np.array(array), requires_grad
        self.shape, self.dtype = self.array.shape, self.array.dtype

    def requires_grad_(self):
        self.requires_grad = True
        return self

    def __array__(self, dtype=None, copy=None):
        return self.array

    def __mul__(self, other):
        return Box(self.array * np.asarray(other), self.requires_grad)


def gradients(value, floats, cotangent):
    """Of what doubles the first, and does not depend on others; of what depends on none there are no gradients."""
    assert value.requires_grad
    return [2 * np.asarray(cotangent), *[None] * (len(floats) - 1)]


def trace(f, floats):
    value = f(*(Box(x, requires_grad=True) for x in floats))
    return value, lambda g: gradients(value, floats, g)


class Tape:
    """A gradient tape."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def watch(self, tensors):
        for t in tensors:
            t.requires_grad_()

    def gradient(self, value, tensors, output_gradients):
        return gradients(value, tensors, output_gradients)


class NoNumberError(RuntimeError):
    """What a framework raises where it has no number to answer."""


switched = []


@contextlib.contextmanager
def enable(on):
    switched.append(on)
    yield
    switched.append(not on)


FAKES = {
    "jax": SimpleNamespace(
        enable_x64=enable,
        numpy=SimpleNamespace(asarray=Box),
        vjp=lambda f, *floats: trace(f, floats),
    ),
    "torch": SimpleNamespace(
        tensor=Box,
        autograd=SimpleNamespace(grad=lambda value, leaves, g, allow_unused: gradients(value, leaves, g)),
        linalg=SimpleNamespace(LinAlgError=NoNumberError),
    ),
    "tensorflow": SimpleNamespace(
        constant=Box,
        GradientTape=Tape,
        is_tensor=lambda value: isinstance(value, Box),
        convert_to_tensor=Box,
        errors=SimpleNamespace(InvalidArgumentError=NoNumberError),
    ),
    "autograd": SimpleNamespace(
        make_vjp=lambda f: lambda floats: trace(lambda *boxes: f(boxes), floats)[::-1],
    ),
}


@pytest.fixture(params=NAMES)
def adapt(request, monkeypatch):
    """The adapter of a framework of a few lines."""
    monkeypatch.setitem(sys.modules, request.param, FAKES[request.param])
    return getattr(adapters, request.param)


def doubled(x, *others):
    return x * 2.0


def test_gradients_come_back_as_arrays_and_none_where_nothing_flows(adapt):
    x, count, y = np.array([1.0, 2.0]), np.array([3]), np.array(4.0)
    found = adapt(doubled)(np.array([5.0, 7.0]), x, count, y)
    assert [type(g) for g in found] == [np.ndarray, type(None), type(None)]
    np.testing.assert_array_equal(found[0], [10.0, 14.0])


def test_integers_are_passed_on_as_they_are(adapt):
    def indexed(count, x):
        assert np.asarray(count).dtype.kind == "i"
        assert x.requires_grad
        assert not getattr(count, "requires_grad", False)
        return doubled(x)

    assert adapt(indexed)(np.array(1.0), np.array(3), np.array(2.0))[0] is None


@pytest.mark.parametrize(("name", "value"), [("torch", Box(1.0)), ("torch", 1.0), ("tensorflow", 1.0)])
def test_what_is_not_connected_has_no_gradients(monkeypatch, name, value):
    monkeypatch.setitem(sys.modules, name, FAKES[name])
    assert getattr(adapters, name)(lambda x: value)(np.array(1.0), np.array(2.0)) == [None]


def test_a_right_function_passes_and_a_wrong_one_is_found(adapt):
    check_vjp(lambda x: x * 2.0, adapt(doubled), (2,), max_examples=5)
    with pytest.raises(GradientMismatch) as caught:
        check_vjp(lambda x: x * 3.0, adapt(doubled), (2,), max_examples=5)
    assert (caught.value.expected, caught.value.actual) == (3.0, 2.0)


@pytest.mark.parametrize(
    ("function", "answered"),
    [(lambda x: Box(np.ones((2, 1))), r"an array of shape \(2, 1\)"), (lambda x: (x, x), "a tuple")],
)
def test_a_function_of_another_value_is_refused(adapt, function, answered):
    with pytest.raises(TypeError, match=f"answers {answered}, the cotangent has the shape"):
        adapt(function)(np.ones(2), np.ones(2))


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="what is adapted is a function of JAX, got 3"):
        adapters.jax(3)


@pytest.mark.parametrize(("name", "title"), list(zip(NAMES, ["JAX", "PyTorch", "TensorFlow", "autograd"])))
def test_what_is_missing_is_named(monkeypatch, name, title):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"{title}, whose function is adapted, is not installed; .* install {name}"):
        getattr(adapters, name)(abs)


@pytest.mark.parametrize("name", ["torch", "tensorflow"])
def test_where_a_framework_has_no_number_the_rule_is_wrong(monkeypatch, name):
    def fail(x):
        raise NoNumberError("the input matrix is singular")

    monkeypatch.setitem(sys.modules, name, FAKES[name])
    with pytest.raises(GradientMismatch, match="raises LinAlgError: the input matrix is singular"):
        check_vjp(lambda x: x, getattr(adapters, name)(fail), (2,), max_examples=5)


def test_jax_computes_in_64_bits_for_as_long_as_it_takes(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", FAKES["jax"])
    del switched[:]

    def answer(x):
        assert switched == [True]
        return doubled(x)

    adapters.jax(answer)(np.array(1.0), np.array(2.0))
    assert switched == [True, False]


def in_jax(jax):
    clipped = jax.custom_vjp(lambda x: jax.numpy.exp(x))
    clipped.defvjp(lambda x: (jax.numpy.exp(x),) * 2, lambda y, g: (g * jax.numpy.minimum(y, 8.0),))
    return clipped, lambda x, k, w: x[k] * 3.0


def in_torch(torch):
    class Clipped(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = torch.exp(x)
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            return g * torch.clamp(ctx.saved_tensors[0], max=8.0)

    return Clipped.apply, lambda x, k, w: x[k] * 3.0


def in_tensorflow(tf):
    @tf.custom_gradient
    def clipped(x):
        return tf.exp(x), lambda g: g * tf.minimum(tf.exp(x), tf.constant(8.0, tf.float64))

    return clipped, lambda x, k, w: tf.gather(x, k) * 3.0


def in_autograd(autograd):
    extend = pytest.importorskip("autograd.extend")
    clipped = extend.primitive(lambda x: np.exp(x))
    extend.defvjp(clipped, lambda y, x: lambda g: g * np.minimum(y, 8.0))
    return clipped, lambda x, k, w: x[k] * 3.0


PROGRAMS = {"jax": in_jax, "torch": in_torch, "tensorflow": in_tensorflow, "autograd": in_autograd}


@pytest.mark.parametrize("name", NAMES)
class TestTheRealOne:
    """Skipped by name where the framework is not installed."""

    def test_a_rule_of_ones_own_is_checked(self, name):
        clipped, _ = PROGRAMS[name](pytest.importorskip(name))
        with pytest.raises(GradientMismatch) as caught:
            check_vjp(tracer.exp, getattr(adapters, name)(clipped), (), max_examples=20)
        [x] = caught.value.inputs
        assert x > np.log(8.0)
        assert caught.value.expected == pytest.approx(np.exp(x))
        assert caught.value.actual == pytest.approx(8.0)

    def test_accumulation_integers_and_what_is_not_connected(self, name):
        _, pick = PROGRAMS[name](pytest.importorskip(name))
        vjp = getattr(adapters, name)(pick)
        found = vjp(np.array([1.0, 2.0]), np.arange(3.0), np.array([1, 1]), np.ones(2))
        np.testing.assert_array_equal(found[0], [0.0, 9.0, 0.0])
        assert found[0].dtype == np.float64
        assert found[1] is None
        assert found[2] is None or not found[2].any()
        found = getattr(adapters, name)(lambda x: np.float64(1.0))(np.array(1.0), np.arange(3.0))
        assert found[0] is None or not found[0].any()

    def test_sixty_four_bits_are_switched_on_and_back(self, name):
        module = pytest.importorskip(name)
        before = name == "jax" and module.config.jax_enable_x64
        [found] = getattr(adapters, name)(lambda x: x * x)(np.array(1.0), np.array(1e100))
        assert found == 2e100
        assert (name == "jax" and module.config.jax_enable_x64) == before
