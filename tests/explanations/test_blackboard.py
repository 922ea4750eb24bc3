"""Steps of programs of many kinds: each equation holds, and what is left out, shared or refused."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tracer as tf
from tracer.formulas.errors import FormulaError
from tracer.points import Points
from tracer.testing.interpreter import evaluate

P = tf.placeholder
x, y = tf.symbols("x y")
X, A, v, w = P("X", ("n", "m")), P("A", ("n", "n")), P("v", ("n",)), P("w", ("m",))
T, F = P("T", ("k", "n", "m")), P("F", (4,))


def hold(steps, target):
    """Evaluate each equation in the names before it; the whole gradient has the value that its steps gave it."""
    points = Points([target], {}, {}, 0)
    sizes, feed, _ = next(points.draw(1))
    arrays = {points.names[t]: np.asarray(a, float) for t, a in feed.items()}
    for step in steps:
        name = step.text.split(" = ")[0].split("[")[0]
        right = step.formula if step is steps[-1] else step.formula.rhs
        value = np.asarray(evaluate(right, sizes, arrays), float)
        value = value.reshape(value.shape[: len(step.shape)])
        if step.whole:
            np.testing.assert_allclose(value, arrays[name], rtol=1e-7, atol=1e-10)
        arrays[name] = value


MEAN = tf.reduce_mean(X, axis=1, keepdims=True)
PROGRAMS = {
    "rows and columns": (tf.reduce_sum(tf.exp((X - MEAN) * w)), X),
    "a shared scale": (tf.reduce_sum(v / tf.sqrt(tf.reduce_sum(v * v))), v),
    "one element kept": (tf.reduce_sum(tf.square(v - tf.reduce_sum(v, keepdims=True))), v),
    "more axes": (tf.reduce_sum(tf.tanh(T @ w) * v), T),
    "an inverse": (tf.linalg.trace(tf.linalg.inv(A + 9.0 * tf.eye(A.shape[0])) @ A), A),
    "determinants": (tf.math.log(tf.linalg.det(A @ tf.transpose(A))), A),
    "twice the same": (tf.sin(x * y) + tf.sin(x * y), x),
    "a choice": (tf.where(x > 0.0, x * y, tf.exp(x)), x),
    "parts of vectors": (tf.reduce_sum(tf.concat([F[1:] * F[:-1], F], 0)), F),
    "weights": (tf.reduce_sum(tf.gradients(tf.exp(v), v, grad_ys=v)[0]), v),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_equations_hold(name):
    target, source = PROGRAMS[name]
    gradient = tf.gradients(target, source)[0]
    steps = tf.derivation(gradient)
    hold(steps, target)
    assert steps[-1].formula == gradient.formula()


@pytest.mark.unchecked
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=6))
@settings(max_examples=10, deadline=None)
def test_equations_of_random_programs_on_matrices_hold(plan):
    values = [A, P("B", ("n", "n")), v]
    matrix = [tf.tanh, tf.square, tf.transpose, tf.nn.softmax]
    for kind, first, second in plan:
        a, b = values[first % len(values)], values[second % len(values)]
        made = matrix[kind](a) if kind < 4 and (kind < 2 or a.ndim == 2) else None
        if kind in (4, 5, 6) and not (kind == 6 and a.ndim == 1):
            made = (a + b, a * b, a @ b if a.ndim == 2 else a)[kind - 4]
        if kind in (7, 8):
            made = a - tf.reduce_mean(a, axis=0) if kind == 7 else a * tf.reduce_sum(b)
        values.append(a if made is None else made)
    target = tf.reduce_sum(values[-1] * values[-2]) + tf.reduce_sum(values[-1])
    gradient = tf.gradients(target, A)[0]
    assume(gradient is not None)
    try:
        formula = gradient.formula()
    except FormulaError:
        assume(False)  # What has no formula has no derivation.
    steps = tf.derivation(gradient)
    hold(steps, target)
    assert steps[-1].formula == formula


def texts(target, source):
    return [s.text for s in tf.derivation(tf.gradients(target, source)[0])]


def test_one_operation_on_constants_is_written_where_it_is_used():
    Q, K = P("Q", ("n", "d")), P("K", ("m", "d"))
    assert texts(tf.reduce_sum(tf.exp(Q @ tf.transpose(K))), Q)[0] == "Z1 = Q*K.T"
    assert texts(tf.reduce_sum(tf.exp(Q @ tf.transpose(K))), K)[0] == "Z1 = K.T"


def test_what_a_stopped_gradient_comes_from_is_not_written_out():
    """As x**2 it would have another derivative."""
    assert texts(x * tf.stop_gradient(x), x) == ["z = x", "L = x*z", "dx = z", "dx = x"]


def test_a_value_that_is_computed_twice_has_one_name():
    assert texts(tf.sin(x * y) * tf.exp(x * y), x)[0] == "z1 = x*y"
    assert [t for t in texts(tf.sin(x * y) * tf.exp(x * y), x) if t.startswith("z")] == [
        "z1 = x*y", "z2 = sin(z1)", "z3 = exp(z1)"
    ]  # fmt: skip


def test_a_source_that_is_called_as_a_gradient_would_be():
    dx = tf.symbols("dx")
    assert texts(tf.sin(x) * dx, x)[-3:] == ["dz = dx", "dx_ = dz*cos(x)", "dx_ = dx*cos(x)"]


def test_indices_are_not_called_as_sources_are():
    i = P("i", ("n",))
    assert not any(t.startswith(("Z[i", "z[i", "H[i")) for t in texts(tf.reduce_sum(tf.tanh(T * 2.0) @ w * i), T))


def test_what_has_one_element_is_a_number():
    assert texts(tf.reduce_sum(w * tf.nn.log_softmax(w)), w)[:2] == ["z1 = logsumexp(w)", "z2 = w - z1"]


def test_roots_are_called_by_their_names():
    u = tf.reduce_sum(v * v)
    assert "dz2 = ds/(2*s)" in texts(tf.sin(tf.sqrt(u)), v)


def test_several_sources_and_targets():
    first, second = tf.gradients([x * y, tf.exp(x)], [x, y])
    assert tf.derivation(first)[-1].formula == first.formula()
    assert tf.derivation(second).source == "y"
    assert str(tf.derivation(first)).splitlines()[0] == "The gradient of L1 + L2 by x"
    with pytest.raises(TypeError, match=r"derivation takes one gradient, a tensor, got \["):
        tf.derivation([first, second])


def test_a_target_with_elements_is_summed():
    assert (
        str(tf.derivation(tf.gradients(tf.exp(v), v)[0])).splitlines()[0] == "The gradient of sum(z) by v, for v (n,)"
    )


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            lambda: tf.gradients(x, y)[0],
            TypeError,
            r"got None: the source is not connected to the target; tracer.explain",
        ),
        (
            lambda: tf.gradients(x, y, unconnected_gradients="zero")[0],
            ValueError,
            "zeros for a source that is not conn",
        ),
        (lambda: tf.jacobian(lambda t: tf.sin(A @ t))(v), ValueError, r"derivation\(gradients\(y\[i\], x\)\[0\]\)"),
        (lambda: tf.hessian(lambda t: tf.reduce_sum(tf.exp(t)))(v), ValueError, "or a Jacobian or Hessian"),
        (lambda: x * y, ValueError, "is no gradient that gradients, tape.gradient, grad or vjp computed"),
    ],
)
def test_what_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        tf.derivation(given())


def test_a_row_of_a_jacobian_has_a_derivation():
    row = tf.derivation(tf.gradients(tf.sin(A @ v)[0], v)[0])
    assert row[-1].formula == tf.gradients(tf.sin(A @ v)[0], v)[0].formula()


def test_long_programs_are_refused_before_any_work():
    deep = x
    for _ in range(2_000):
        deep = tf.sin(deep)
    gradient = tf.gradients(deep, x)[0]
    with pytest.raises(ValueError, match="has 2000 operations, and a derivation is written for at most 300"):
        tf.derivation(gradient)
