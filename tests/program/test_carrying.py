"""Naive spellings of exponentials are evaluated in stable forms, in value and in first and second derivatives."""

import mpmath
import numpy as np
import pytest

import tracer

DIGITS = 100
"""Of the references: what is smaller than rounding errors of floats is nothing here."""

POINTS = (-1000.0, -745.5, -100.0, -40.0, -5.0, -1e-3, 0.0, 0.25, 3.0, 40.0, 100.0, 745.5, 1000.0)


def _softplus(x):
    return mpmath.log(1 + mpmath.exp(x))


def _sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


SCALAR = {
    "log(1 + exp(x))": (lambda x: tracer.log(1 + tracer.exp(x)), _softplus),
    "log1p(exp(x))": (lambda x: tracer.log1p(tracer.exp(x)), _softplus),
    "log(exp(x) + 1.0)": (lambda x: tracer.log(tracer.exp(x) + 1.0), _softplus),
    "1/(1 + exp(-x))": (lambda x: 1 / (1 + tracer.exp(-x)), _sigmoid),
    "exp(x)/(1 + exp(x))": (lambda x: tracer.exp(x) / (1 + tracer.exp(x)), _sigmoid),
    "log(1/(1 + exp(-x)))": (lambda x: tracer.log(1 / (1 + tracer.exp(-x))), lambda x: -_softplus(-x)),
    "-log(1 + exp(-x))": (lambda x: -tracer.log(1 + tracer.exp(-x)), lambda x: -_softplus(-x)),
    "log(sigmoid(x))": (lambda x: tracer.log(tracer.sigmoid(x)), lambda x: -_softplus(-x)),
    "tanh by exponentials": (
        lambda x: (tracer.exp(x) - tracer.exp(-x)) / (tracer.exp(x) + tracer.exp(-x)),
        mpmath.tanh,
    ),
    "exp(2x)/(1 + exp(x))**2": (
        lambda x: tracer.exp(2 * x) / (1 + tracer.exp(x)) ** 2,
        lambda x: mpmath.exp(2 * x) / (1 + mpmath.exp(x)) ** 2,
    ),
    "sqrt(exp(x)) * exp(-x/2)": (lambda x: tracer.sqrt(tracer.exp(x)) * tracer.exp(-x / 2), lambda x: mpmath.mpf(1)),
}


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", SCALAR)
def test_scalar_forms(name, order):
    build, reference = SCALAR[name]
    x = tracer.placeholder("x")
    y = build(x)
    for _ in range(order):
        y = tracer.gradients(y, x, unconnected_gradients="zero")[0]
    compiled = tracer.compile(y, x)
    points = np.array(POINTS)
    v = tracer.placeholder("v", shape=("n",))
    z = build(v)
    for _ in range(order):
        z = tracer.gradients(z, v, unconnected_gradients="zero")[0]
    arrays = tracer.compile(z, v)(points)
    with mpmath.workdps(DIGITS):
        for point, element in zip(POINTS, arrays):
            expected = float(
                mpmath.diff(reference, mpmath.mpf(point), order) if order else reference(mpmath.mpf(point))
            )
            for got in (compiled(point), compiled(np.float64(point)), y.eval({x: point}), element):
                assert abs(got - expected) <= 1e-13 * abs(expected) + 1e-16, (point, got, expected)


VECTORS = (
    [1000.0, 0.0, -1000.0],
    [-1000.0, -1001.0, -1002.5],
    [1000.0, 999.0, 1000.5],
    [0.3, -0.2, 0.9],
)
WEIGHTS = [0.7, -1.3, 2.1]
SEEDS = [0.4, 1.1, -0.6]


def _probabilities(v):
    powers = [mpmath.exp(x) for x in v]
    return [p / sum(powers) for p in powers]


def _weighted(values):
    return sum(w * p for w, p in zip(WEIGHTS, values))


def _naive(v):
    return tracer.exp(v) / tracer.reduce_sum(tracer.exp(v))


VECTOR = {
    "softmax": (lambda v: tracer.reduce_sum(_naive(v) * WEIGHTS), lambda v: _weighted(_probabilities(v))),
    "softmax with one exponential": (
        lambda v: (lambda e: tracer.reduce_sum(e / tracer.reduce_sum(e) * WEIGHTS))(tracer.exp(v)),
        lambda v: _weighted(_probabilities(v)),
    ),
    "log of softmax": (
        lambda v: tracer.reduce_sum(tracer.log(_naive(v)) * WEIGHTS),
        lambda v: _weighted([mpmath.log(p) for p in _probabilities(v)]),
    ),
    "log of the softmax operation": (
        lambda v: tracer.reduce_sum(tracer.log(tracer.nn.softmax(v)) * WEIGHTS),
        lambda v: _weighted([mpmath.log(p) for p in _probabilities(v)]),
    ),
    "logsumexp": (
        lambda v: tracer.log(tracer.reduce_sum(tracer.exp(v))),
        lambda v: mpmath.log(sum(mpmath.exp(x) for x in v)),
    ),
    "log of an element of softmax": (lambda v: tracer.log(_naive(v)[1]), lambda v: mpmath.log(_probabilities(v)[1])),
    "log of gathered elements of softmax": (
        lambda v: tracer.reduce_sum(tracer.log(tracer.gather(_naive(v), [1, 2, 1]))),
        lambda v: (lambda p: 2 * mpmath.log(p[1]) + mpmath.log(p[2]))(_probabilities(v)),
    ),
    "entropy": (
        lambda v: tracer.reduce_sum(_naive(v) * tracer.log(_naive(v))),
        lambda v: sum(p * mpmath.log(p) for p in _probabilities(v)),
    ),
}


def _derivative(function, v, first, second=None):
    """By central differences."""
    step = mpmath.mpf(10) ** -30

    def at(*shifts):
        moved = [mpmath.mpf(x) for x in v]
        for k, sign in shifts:
            moved[k] += sign * step
        return function(moved)

    if second is None:
        return (at((first, 1)) - at((first, -1))) / (2 * step)
    return sum(a * b * at((first, a), (second, b)) for a in (1, -1) for b in (1, -1)) / (4 * step**2)


@pytest.mark.parametrize("name", VECTOR)
def test_vector_forms(name):
    build, reference = VECTOR[name]
    v = tracer.placeholder("v", shape=(3,))
    value = build(v)
    gradient = tracer.gradients(value, v)[0]
    second = tracer.gradients(tracer.reduce_sum(gradient * SEEDS), v)[0]
    compiled = tracer.compile([value, gradient, second], v)
    for point in VECTORS:
        got = compiled(np.array(point))
        with mpmath.workdps(DIGITS):
            expected = [
                np.array(float(reference(list(map(mpmath.mpf, point))))),
                np.array([float(_derivative(reference, point, k)) for k in range(3)]),
                np.array(
                    [float(sum(s * _derivative(reference, point, j, k) for j, s in enumerate(SEEDS))) for k in range(3)]
                ),
            ]
        for order, (g, e) in enumerate(zip(got, expected)):
            np.testing.assert_allclose(
                g, e, rtol=1e-12, atol=3e-13 * max(1, abs(expected[0])), err_msg=f"{point} {order}"
            )


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_of_matrices(axis):
    X = tracer.placeholder("X", shape=(2, 3))
    e = tracer.exp(X)
    p = e / tracer.reduce_sum(e, axis=axis, keepdims=True)
    loss = -tracer.reduce_mean(tracer.log(p) * tracer.constant([[1.0, 0, 0], [0, 0.5, 0.5]]))
    gradient = tracer.gradients(loss, X)[0]
    point = np.array([[1000.0, 0, -1000], [-900, 900, 3]])
    shifted = point - point.max(axis, keepdims=True)
    power = np.exp(shifted)
    expected = power / power.sum(axis, keepdims=True)
    labels = np.array([[1.0, 0, 0], [0, 0.5, 0.5]])
    got, slope = tracer.compile([p, gradient], X)(point)
    np.testing.assert_allclose(got, expected, rtol=1e-14)
    np.testing.assert_allclose(slope, (expected * labels.sum(axis, keepdims=True) - labels) / 6, atol=1e-15)


def test_the_graph_and_the_formula_stay_as_written():
    x = tracer.symbols("x")
    y = tracer.log(1 + tracer.exp(x))
    assert y.op == "log"
    assert str(y.formula()) in ("log(exp(x) + 1)", "softplus(x)")


def test_sources_are_short():
    x = tracer.placeholder("x")
    v = tracer.placeholder("v", shape=("n",))
    body = lambda y, source: tracer.compile(y, source).source.rpartition('"""\n')[2].strip()  # noqa: E731
    assert body(tracer.log(1 + tracer.exp(x)), x) == "return np.logaddexp(0, x)"
    assert body(1 / (1 + tracer.exp(-x)), x) == "return 1 / (1 + np.exp(-x))"
    assert body(tracer.exp(v) * 2 + tracer.exp(v), v) == "return 3 * np.exp(v)"
    assert body(_naive(v), v) == "exponential = np.exp(v - np.max(v))\n    return exponential / np.sum(exponential)"
    logsumexp = tracer.log(tracer.reduce_sum(tracer.exp(v)))
    assert body(logsumexp, v) == "max_v = np.max(v)\n    return max_v + np.log(np.sum(np.exp(v - max_v)))"


def test_bounded_maxima_are_not_taken_again():
    """The scale of a softmax is at most zero: no second maximum is computed in its gradient."""
    X = tracer.placeholder("X", shape=("n", "m"))
    e = tracer.exp(X)
    p = e / tracer.reduce_sum(e, axis=1, keepdims=True)
    gradient = tracer.gradients(tracer.reduce_sum(tracer.square(p)), X)[0]
    assert tracer.compile(gradient, X).source.count("np.max(") == 1


def test_a_product_of_matrices_takes_the_maxima_of_the_operand_that_is_scaled():
    A, B = tracer.placeholder("A", (2, 3)), tracer.placeholder("B", (3, 2))
    a, b = np.array([[0.5, 2.0, 1.0], [3.0, 0.25, 1.5]]), np.array([[1000.0, -900.0], [990.0, -1000.0], [0.0, -905.0]])
    found = tracer.log(A @ tracer.exp(B)).eval({A: a, B: b})
    largest = b.max(0)
    np.testing.assert_allclose(found, np.log(a @ np.exp(b - largest)) + largest, rtol=1e-14)
    found = tracer.log(tracer.exp(tracer.transpose(B)) @ tracer.transpose(A)).eval({A: a, B: b})
    np.testing.assert_allclose(found, (np.log(a @ np.exp(b - largest)) + largest).T, rtol=1e-14)


@pytest.mark.parametrize("choose", [lambda c, e: tracer.where(c, e, 0.0), lambda c, e: tracer.where(~c, 0.0, e)])
def test_zero_is_zero_where_its_scale_is_infinite(choose):
    x, c = tracer.placeholder("x", (3,)), tracer.placeholder("c", (3,), dtype="bool")
    y = tracer.log(tracer.reduce_sum(choose(c, tracer.exp(x))))
    found = y.eval({x: np.array([1.0, np.inf, 2.0]), c: np.array([True, False, True])})
    assert found == pytest.approx(2 + np.log1p(np.exp(-1)), rel=1e-15)
