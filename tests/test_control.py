"""Control flow on values and on symbolic conditions."""

import collections

import numpy as np
import pytest

import tracer as tf

State = collections.namedtuple("State", "step total")


def test_a_condition_with_a_value_runs_one_branch():
    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        z = tf.cond(x > 2.0, lambda: x * 2.0, lambda: y)
    assert [None if g is None else float(g) for g in tape.gradient(z, [x, y])] == [2.0, None]


def test_a_symbolic_condition_chooses_by_where():
    x = tf.symbols("x")
    y = tf.cond(x > 0, lambda: x * x, lambda: -x)
    slope = tf.gradients(y, x)[0]
    assert [float(slope.eval({x: v})) for v in (3.0, -3.0)] == [6.0, -1.0]


def test_a_python_branch_on_a_symbolic_condition_says_what_to_write():
    x = tf.symbols("x")
    with pytest.raises(TypeError, match="where"):
        bool(x > 0)


@pytest.mark.parametrize(("index", "expected"), [(0, 2.0), (1, 12.0), (7, 12.0)])
def test_switch_case(index, expected):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.switch_case(tf.constant(index), [lambda: x * 2.0, lambda: x**3])
    assert float(tape.gradient(y, x)) == expected


def test_a_symbolic_switch():
    k, x = tf.placeholder("k", dtype="int64"), tf.symbols("x")
    y = tf.switch_case(k, [lambda: x, lambda: x * x], default=lambda: x * 0.0)
    assert [float(y.eval({k: v, x: 3.0})) for v in (0, 1, 2)] == [3.0, 9.0, 0.0]


def test_case_takes_the_first_that_holds():
    x = tf.Variable(2.0)
    made = tf.case([(x > 5.0, lambda: x), (x > 1.0, lambda: x * x)], default=lambda: -x)
    assert float(made) == 4.0


def test_while_loop():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        _, y = tf.while_loop(lambda k, y: k < 3, lambda k, y: (k + 1, y * x), (tf.constant(0), x))
    assert float(tape.gradient(y, x)) == 32.0


def test_loop_variables_keep_their_structure():
    last = tf.while_loop(lambda k, y: k < 3, lambda k, y: [k + 1, y * 2.0], State(0, 1.0))
    assert type(last) is State
    assert [float(v) for v in last] == [3.0, 8.0]
    assert type(tf.while_loop(lambda k: k < 3, lambda k: k + 1, [0])) is list


def test_scan_and_folds():
    x = tf.Variable([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(tf.scan(lambda a, b: a + b, x).numpy(), [1.0, 3.0, 6.0])
    np.testing.assert_array_equal(tf.scan(lambda a, b: a * b, x, 2.0, reverse=True).numpy(), [12.0, 12.0, 6.0])
    assert float(tf.foldl(lambda a, b: a - b, x)) == -4.0
    assert float(tf.foldr(lambda a, b: a - b, x)) == 0.0
    np.testing.assert_array_equal(tf.map_fn(lambda r: r * r, x).numpy(), [1.0, 4.0, 9.0])


def test_vmap_over_a_symbolic_axis_is_the_batched_formula():
    X, w = tf.placeholder("X", ("n", "m")), tf.placeholder("w", ("m",))
    mapped = tf.vmap(lambda x, w: tf.reduce_sum(x * w), in_axes=(0, None))(X, w)
    assert str(mapped.formula()) == "X*w"
    assert tf.vectorized_map(lambda row: tf.tanh(row) @ w, X).shape == X.shape[:1]


def test_vmap_axes():
    X = tf.constant(np.arange(6.0).reshape(2, 3))
    doubled = tf.vmap(lambda column: column * 2.0, in_axes=1, out_axes=1)(X)
    np.testing.assert_array_equal(doubled.numpy(), X.numpy() * 2)
    with pytest.raises(ValueError, match="maps over one dimension, got 2, 3; in_axes says which"):
        tf.vmap(lambda a, b: a + b)(X, tf.constant([1.0, 2.0, 3.0]))


def test_scopes_are_in_names():
    with tf.name_scope("outer"), tf.name_scope("inner"):
        y = tf.tanh(tf.symbols("x"))
    assert y.name.startswith("outer/inner/tanh_")


def test_function_changes_nothing():
    @tf.function
    def square(x):
        return x * x

    assert square.__name__ == "square"
    assert float(square(tf.constant(3.0))) == 9.0


def test_rows_len_and_unpacking():
    x = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    a, b = x
    assert [len(x), float(a[1]), float(b[0])] == [2, 2.0, 3.0]
    assert [float(tf.reduce_sum(row)) for row in x] == [3.0, 7.0]
    assert f"{x[0, 0]:.2f}" == "1.00"
    assert int(tf.constant(3)) == 3
    assert tf.constant(2.5).item() == 2.5
    with pytest.raises(TypeError, match="symbolic"):
        len(tf.placeholder("v", ("n",)))


x, V = tf.symbols("x"), tf.placeholder("V", ("n", 2))
BRANCH = tf.placeholder("k", dtype="int64")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.cond(True, 1.0, abs), TypeError, r"two functions without arguments, got 1.0 and .*; write cond\("),
        (lambda: tf.cond(V > 0, lambda: x, lambda: x), ValueError, r"has the shape \(n, 2\), a scalar is needed"),
        (lambda: tf.cond(x > 0, lambda: (x, x), lambda: x), ValueError, "return 2 and 1 tensors; return equal"),
        (lambda: tf.case([(True, 3)]), TypeError, r"case takes pairs of .*, got \(True, 3\) among them"),
        (lambda: tf.case([]), ValueError, "case got neither branches nor a default; give"),
        (lambda: tf.switch_case(BRANCH, []), ValueError, "switch_case got no branches; give"),
        (lambda: tf.while_loop(lambda i, j: i < 3, lambda i, j: i + 1, (0, 1)), ValueError,
         "returns 1 values for 2 loop variables; return a new value for each"),
        (lambda: tf.scan(max, tf.constant(1.0)), ValueError, r"one first dimension, got the shapes \(\)"),
        (lambda: tf.foldl(max, (tf.zeros(2), tf.zeros(3))), ValueError, r"got the shapes \(2,\), \(3,\)"),
        (lambda: tf.map_fn(abs, []), ValueError, "got the shapes of no tensors"),
        (lambda: tf.foldr(max, V), ValueError, "concrete first axis, it is n; use vectorized_map"),
        (lambda: tf.scan(max, tf.zeros(0)), ValueError, "scan over an empty axis has no results .*; give"),
        (lambda: tf.foldl(max, tf.zeros(0)), ValueError, "needs a value to begin with; give initializer="),
        (lambda: tf.vmap(abs, in_axes=(0, 0))(V), ValueError, "in_axes has 2 entries for 1 arguments; give each"),
        (lambda: tf.vmap(abs, in_axes=None)(V), ValueError, "one dimension, got none; in_axes says which"),
        (lambda: tf.name_scope(""), TypeError, "name_scope takes a non-empty string, got ''"),
    ],
)  # fmt: skip
def test_wrong_calls_say_what_to_write(call, error, message):
    with pytest.raises(error, match=message):
        call()
