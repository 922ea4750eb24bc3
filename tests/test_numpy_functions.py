"""Functions as one writes them for NumPy, traced unchanged, against NumPy and against finite differences."""

import numpy as np
import pytest

import tracer


def softmax_regression(weights, features, labels):
    scores = features @ weights
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return -np.mean(np.sum(labels * (scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))), axis=1))


def mahalanobis(x, mean, covariance):
    d = x - mean
    return np.sqrt(np.dot(d, np.linalg.solve(covariance, d)))


def pairwise_distances(points):
    return np.sqrt(np.sum((points[:, None, :] - points[None, :, :]) ** 2, axis=-1) + 1e-3).sum()


def huber(r, delta=1.0):
    return np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)).sum()


def gaussian_log_likelihood(data, mean, precision):
    centred = data - mean
    quadratic = np.einsum("ni,ij,nj->n", centred, precision, centred)
    return 0.5 * np.sum(np.log(np.linalg.det(precision)) - quadratic - data.shape[1] * np.log(2 * np.pi))


def moving_average(x):
    out = np.zeros_like(x)
    out[0] = x[0]
    out[1:-1] = (x[:-2] + x[1:-1] + x[2:]) / 3
    out[-1] = x[-1]
    return np.sum(out**2)


def horner(x):
    result = np.zeros_like(x)
    for c in (1.0, -2.0, 0.5, 3.0):
        result = result * x + c
    return result.mean()


def layer_norm(x, gain, shift):
    centred = x - x.mean(axis=-1, keepdims=True)
    return np.tanh(centred / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5) * gain + shift).sum()


def cosine_similarity(a, b):
    return np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))


def recurrence(x, w):
    state = np.ones(3)
    for row in x:
        state = np.tanh(np.concatenate([state, row]) @ w)
    return state.T.dot(state)


def total_variation(image):
    return np.abs(np.diff(image, axis=0)).sum() + np.hypot(np.diff(image, axis=1), 0.1).sum()


RNG = np.random.default_rng(5)
SPD = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, 0.2], [0.1, 0.2, 1.2]])
CASES = {
    f.__name__: (f, arguments)
    for f, arguments in [
        (softmax_regression, (RNG.normal(size=(3, 4)), RNG.normal(size=(5, 3)), np.eye(4)[[0, 1, 2, 3, 1]])),
        (mahalanobis, (RNG.normal(size=3), RNG.normal(size=3), SPD)),
        (pairwise_distances, (RNG.normal(size=(4, 2)),)),
        (huber, (np.array([-3.0, -0.4, 0.3, 2.5]),)),
        (gaussian_log_likelihood, (RNG.normal(size=(5, 3)), RNG.normal(size=3), SPD)),
        (moving_average, (RNG.normal(size=6),)),
        (horner, (RNG.normal(size=4),)),
        (layer_norm, (RNG.normal(size=(2, 5)), RNG.normal(size=5), RNG.normal(size=5))),
        (cosine_similarity, (RNG.normal(size=4), RNG.normal(size=4))),
        (recurrence, (RNG.normal(size=(3, 2)), RNG.normal(size=(5, 3)))),
        (total_variation, (RNG.normal(size=(4, 3)),)),
    ]
}


def central_difference(function, arguments, which):
    """Fourth-order differences."""
    gradient = np.zeros_like(arguments[which])
    step = 1e-3
    for index in np.ndindex(gradient.shape):

        def at(offset, index=index):
            moved = [a.copy() for a in arguments]
            moved[which][index] += offset
            return function(*moved)

        gradient[index] = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step)
    return gradient


@pytest.mark.parametrize("name", CASES)
def test_gradients_of_numpy_functions(name):
    function, arguments = CASES[name]
    chosen = tuple(range(len(arguments)))
    value, gradients = tracer.value_and_grad(function, argnums=chosen)(*arguments)
    np.testing.assert_allclose(value.numpy(), function(*arguments), rtol=1e-12)
    for which, gradient in enumerate(gradients):
        np.testing.assert_allclose(
            gradient.numpy(), central_difference(function, arguments, which), rtol=1e-6, atol=1e-8
        )


@pytest.mark.parametrize(
    ("call", "name"), [(np.fft.fft, "np.fft.fft"), (np.unique, "np.unique"), (lambda x: np.gcd(x, x), "np.gcd")]
)
def test_functions_without_counterpart_are_refused_by_name(call, name):
    with pytest.raises(TypeError, match=name.replace(".", r"\.") + " has no counterpart"):
        call(tracer.constant([1.0, 2.0]))


def test_arrays_on_the_left_of_operators():
    x = tracer.constant([1.0, 2.0])
    a = np.array([3.0, 4.0])
    for made in (a + x, a - x, a * x, a / x, a**x, a @ x, a > x):
        assert isinstance(made, tracer.Tensor)
    np.testing.assert_array_equal((a - x).numpy(), [2.0, 2.0])


def test_elements_of_a_tensor_are_not_assigned():
    x = tracer.constant([1.0, 2.0])
    with pytest.raises(TypeError, match=r"numpy\.copy"):
        x[0] = 3.0


def test_a_buffer_keeps_what_was_computed_before():
    x = tracer.Variable([1.0, 2.0, 3.0])
    with tracer.GradientTape() as tape:
        out = np.copy(x)
        before = np.sum(out * x)
        out[1] = 5.0 * x[0]
        out[x > 2.5] = 0.0
        total = before + out.sum()
    np.testing.assert_array_equal(out.numpy(), [1.0, 5.0, 0.0])
    np.testing.assert_array_equal(tape.gradient(total, x).numpy(), [2.0 + 6.0, 4.0, 6.0])
