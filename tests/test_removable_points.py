"""A value never contradicts its formula: where a limit, or a closed form, is finite, every backend and `eval` give it.

The truth is that of the program as it is written, in hundreds of digits, close to the point on several sides; or what
the textbook writes.
"""

import functools
import operator

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf
from tests.calculus.cases import CASES
from tests.calculus.derive import derivative
from tests.helpers import assert_each
from tracer import math as tm
from tracer.explanations.digit_values import DigitValues

pytestmark = pytest.mark.unchecked

FAR, NEAR = (sympy.Rational(1, 10**k) for k in (25, 50))
TINY = sympy.Rational(1, 10**320)
"""What stands for a zero, so that the distance from it is relative too."""

SLOPES = tf.sin, tf.cos, tf.tanh, tf.sqrt, tf.sigmoid, tf.sinh, tm.log1p
X, Y = np.array([1.0, 1.0, 2.0]), np.array([[1.0, 2.0], [1.0, 2.0], [3.0, 4.0]])
SINGULAR, NOTHING = np.array([[1.0, 2.0], [2.0, 4.0]]), np.zeros((2, 2))
PAIRS = [(1.0, 1.0), (0.5, 0.5 + 1e-9), (0.25, 0.25 + 1e-4), (0.75, 1.0)]


def _differ(f, a, b):
    return (f(a) - f(b)) / (a - b)


def _list_pairs(x):
    return x[:, None, :] - x[None, :, :]


def _log_rotation(trace):
    angle = tf.acos((trace - 1) / 2)
    return angle / (2 * tf.sin(angle))


def _restore_determinant(matrix):
    sign, log = tf.linalg.slogdet(matrix)
    return sign * tf.exp(log)


REMOVABLE = {
    **{f"a difference of {f.__name__}": (functools.partial(_differ, f), PAIRS[:2], 1) for f in SLOPES},
    "a difference of exponentials": (functools.partial(_differ, tf.exp), PAIRS, 2),
    "a difference of logarithms": (functools.partial(_differ, tm.log), PAIRS[:2], 2),
    "a difference of powers": (lambda a, b: _differ(lambda v: v**0.3, a, b), PAIRS[:2], 1),
    "a difference of fifth powers": (lambda a, b: _differ(lambda v: v**5, a, b), PAIRS[:2], 1),
    "a difference of reciprocals": (lambda a, b: _differ(lambda v: 1 / v, a, b), PAIRS[:2], 1),
    "a difference of entropies": (lambda a, b: _differ(lambda v: v * tm.log(v), a, b), PAIRS[:2], 1),
    "a logarithmic mean": (lambda a, b: (a - b) / (tm.log(a) - tm.log(b)), PAIRS[:2], 1),
    "several points": (lambda a, b: tf.sin(a) / a + _differ(tf.exp, a, b), [(0.0, 0.0), (1.0, 1.0)], 0),
    "the logarithm of a rotation": (_log_rotation, [(3.0,), (3 - 1e-9,), (2.5,)], 2),
    "a quotient by a root": (lambda x: tf.sin(x**0.5) / x**0.5, [(0.0,), (1e-9,), (0.5,)], 2),
    "a root less one": (lambda x: (x**0.5 - 1) / (x - 1), [(1.0,), (1 + 1e-9,)], 2),
    "a hypotenuse less one": (lambda x: (tf.sqrt(1 + x**2) - 1) / x**2, [(0.0,), (1e-9,), (1e-3,)], 2),
    "a logarithm of a cosine": (lambda x: tm.log(tf.cosh(x)) / x**2, [(0.0,), (1e-9,), (1e-3,)], 2),
    "an even function": (lambda x: tf.sin(tf.abs(x)) / tf.abs(x), [(0.0,), (-1e-9,), (1e-3,)], 2),
    "a function of a root of a square": (lambda x: tf.sin(tf.sqrt(x * x)) / tf.sqrt(x * x), [(0.0,), (1e-5,)], 2),
    "x over its sine": (lambda x: x / tf.sin(x), [(0.0,), (1e-9,), (1e-3,)], 2),
    "a square times a logarithm": (lambda x: x**2 * tm.log(x), [(0.0,), (1e-3,)], 1),
    "a root times a logarithm": (lambda x: tf.sqrt(x) * tm.log(x) ** 2, [(0.0,), (1e-3,)], 0),
    "divergence": (lambda x, y: tf.reduce_sum(x * tm.log(x / y)), [(np.array([0.0, 1.0]), np.array([0.5, 0.5]))], 0),
    "array exponents": (lambda x: tf.reduce_sum(x ** np.array([0.0, 1.0, 2.0])), [(np.zeros(3),)], 2),
    "a power of a norm": (lambda x: tf.norm(x) ** 4, [(np.zeros(3),), (X,)], 2),
    "a rotation's vector": (lambda x: tf.sin(tf.norm(x)) / tf.norm(x) * x, [(np.zeros(3),), (1e-9 * X,)], 1),
    "squared distances": (lambda x: tf.reduce_sum(tf.norm(_list_pairs(x), axis=-1) ** 2), [(Y,)], 1),
    "a kernel of distances": (lambda x: tf.reduce_sum(tf.exp(-(tf.norm(_list_pairs(x), axis=-1) ** 2))), [(Y,)], 1),
    "sums over ties": (lambda x: tf.reduce_sum(tm.expm1(x[:, None] - x) / (x[:, None] - x)), [(X,)], 1),
    "a deviation of equal elements": (lambda x: tm.reduce_std(x) ** 2, [(np.full(3, 0.1),)], 1),
    "a determinant times an inverse": (lambda a: tf.linalg.det(a) * tf.linalg.inv(a), [(SINGULAR,), (NOTHING,)], 1),
    "a determinant times a solution": (
        lambda a: tf.linalg.det(a) * tf.linalg.solve(a, np.array([[1.0], [-2.0]])), [(SINGULAR,)], 1
    ),
    "a signed exponential": (_restore_determinant, [(SINGULAR,), (NOTHING,)], 2),
    "a Gram determinant": (lambda a: tf.linalg.det(a @ tf.transpose(a)), [(SINGULAR,)], 1),
}  # fmt: skip
"""A program, points, and up to which derivative it has a limit there."""


def find_limits(tensor, feed):
    """The limit of each element, NaN where there is none; None if the program has no digits."""
    exact, rng, found = DigitValues([tensor]), np.random.default_rng(0), []
    for _ in range(4):
        steps = {t: rng.uniform(0.3, 1, np.shape(v)) * rng.choice((-1, 1), np.shape(v)) for t, v in feed.items()}
        pair = []
        for radius in (FAR, NEAR):
            at = {t: _shift(np.asarray(v, float), steps[t], radius) for t, v in feed.items()}
            values = exact.evaluate(at, 500)
            if values is None or exact.rounded:
                return None
            pair.append(values[0])
        found.append(pair)
    limits = np.full(found[0][0].shape, np.nan)
    for index in np.ndindex(limits.shape):
        limits[index] = _find_limit([(far[index], near[index]) for far, near in found])
    return limits


def _shift(value, step, radius):
    moved = np.empty(value.shape, object)
    for index in np.ndindex(value.shape):
        at = sympy.Rational(float(value[index]))
        moved[index] = at + radius * (abs(at) or TINY) * sympy.Rational(float(step[index]))
    return moved


def _find_limit(pairs):
    pairs = [p for p in pairs if all(mpmath.isfinite(v) and not mpmath.im(v) for v in p)]
    if not pairs:
        return np.nan
    limit = mpmath.re(pairs[0][1])
    if all(abs(near - limit) <= 1e-20 * abs(limit) + mpmath.mpf(10) ** -320 for _, near in pairs):
        return float(limit)
    return 0.0 if all(abs(far) < 1e-9 and abs(near) <= abs(far) ** 1.4 for far, near in pairs) else np.nan


def list_derivatives(y, sources, orders):
    """A tensor, its gradients, and theirs, up to an order."""
    found, last = [y], [y]
    for _ in range(orders):
        last = [tf.gradients(tf.reduce_sum(t), [x], unconnected_gradients="zero")[0] for t in last for x in sources]
        found += last
    return found


def assert_finite_where_limits_are(outputs, sources, points, rtol):
    scalar = all(not t.shape for t in (*outputs, *sources))
    functions = [tf.compile(outputs, sources, backend=b) for b in ("numpy", *(("math",) if scalar else ()))]
    for point in points:
        feed = dict(zip(sources, point, strict=True))
        wanted = [find_limits(t, feed) for t in outputs]
        answers = [f(*point) for f in functions] + [[t.eval(feed) for t in outputs]]
        for values in answers:
            for want, value in zip(wanted, values, strict=True):
                known = want is not None and np.isfinite(want)
                if np.any(known):
                    np.testing.assert_allclose(np.asarray(value)[known], want[known], rtol=rtol, atol=rtol * 1e-1)


@pytest.mark.parametrize("name", REMOVABLE)
def test_a_removable_point_has_its_limit(name):
    program, points, orders = REMOVABLE[name]
    sources = [tf.placeholder(label, np.shape(v)) for label, v in zip("xyz", points[0])]
    assert_finite_where_limits_are(list_derivatives(program(*sources), sources, orders), sources, points, 3e-13)


def test_c_has_the_same_limits():
    x, y = tf.symbols("x y")
    outputs = list_derivatives(_differ(tf.exp, x, y), [x, y], 1)
    for value, wanted in zip(tf.compile(outputs, [x, y], backend="c")(1.0, 1.0), (1, 0.5, 0.5), strict=True):
        assert value == pytest.approx(wanted * np.e, rel=1e-14)


SINGULAR_VALUES = {"zeros": 0.0, "ones": 1.0, "ties": 0.1}
STRUCTURED = {"mask", "onehot", "sign", "lower", "spectrum", "definite"}
NEITHER = {
    ("cookbook-125", "ones"): "a matrix that is singular but for rounding",
    ("standard-deviation", "ties"): "the book's formula rounds the mean, and divides by what is left",
}


def assert_as_in_the_book(case, at):
    """Where the book's formula is finite, the derivative is."""
    with np.errstate(all="ignore"):
        try:
            wanted = case.reference(at)
        except np.linalg.LinAlgError:
            return
    known = np.isfinite(wanted)
    if not known.any():
        return
    tensor, inputs = derivative(tf, case)
    for value in (tf.compile(tensor, inputs)(*at.values()), tensor.eval(dict(zip(inputs, at.values())))):
        same = np.broadcast_to(value, wanted.shape) if np.size(value) == 1 else np.reshape(value, wanted.shape)
        np.testing.assert_allclose(same[known], wanted[known], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("part", range(4))
def test_the_textbooks_derivatives_are_finite_where_the_book_says_so(part):
    cases = {}
    for name in sorted(CASES)[part::8]:
        case = CASES[name]
        for point, number in SINGULAR_VALUES.items():
            at = {
                k: v if case.inputs[k][1] in STRUCTURED else np.full_like(v, number)
                for k, v in case.sample(0)[1].items()
            }
            if (name, point) not in NEITHER:
                cases[f"{name} at {point}"] = case, at
    assert_each(assert_as_in_the_book, cases)


UNARY = {
    "sin": tf.sin, "exp": tf.exp, "tanh": tf.tanh, "square": lambda t: t * t, "expm1": tm.expm1, "log1p": tm.log1p,
    "cosm1": lambda t: 1 - tf.cos(t), "negative": lambda t: -t, "less one": lambda t: t - 1,
}  # fmt: skip
BINARY = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv}
TREES = st.recursive(
    st.sampled_from(["x", "y", "x"]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(sorted(UNARY)), inner),
        st.tuples(st.sampled_from(["divide", *sorted(BINARY)]), inner, inner),
    ),
    max_leaves=5,
)


def _build(tree, values):
    if isinstance(tree, str):
        return values[tree]
    name, *parts = tree
    return {**UNARY, **BINARY}[name](*(_build(p, values) for p in parts))


@settings(deadline=None, max_examples=25, derandomize=True)
@given(TREES)
def test_random_programs_have_their_limits(tree):
    x, y = tf.symbols("x y")
    program = _build(tree, {"x": x, "y": y})
    points = [(a, b) for a, b in ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0))]
    feeds = [{x: a, y: b} for a, b in points]
    for feed in feeds:
        limit = find_limits(program, feed)
        if limit is not None and np.isfinite(limit):
            np.testing.assert_allclose(program.eval(feed), limit, rtol=1e-9, atol=1e-12)
