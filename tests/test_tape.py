"""Tapes and ``gradients``: what is connected, watched, recorded, and the errors.

Written as TensorFlow's users write them; the numbers and the None are TensorFlow's answers.
"""

import collections
import threading

import numpy as np
import pytest

import tracer as tf
from tracer.tensor import context

NONE, ZERO = tf.UnconnectedGradients.NONE, tf.UnconnectedGradients.ZERO


def values(nest):
    if isinstance(nest, dict):
        return {k: values(v) for k, v in nest.items()}
    if isinstance(nest, (list, tuple)):
        return [values(v) for v in nest]
    return None if nest is None else nest.numpy().tolist()


@pytest.fixture(autouse=True)
def nothing_stays_active():
    yield
    assert context.get().recordings == ()


class TestConnected:
    def test_no_path(self):
        x, y = tf.Variable([1.0, 2.0]), tf.Variable([3, 4])
        with tf.GradientTape(persistent=True) as tape:
            z = tf.reduce_sum(x * 2)
        unused = tf.Variable([[1.0]])
        assert tape.gradient(z, unused) is None
        for mode in (ZERO, "zero"):
            g, h = tape.gradient(z, [unused, y], unconnected_gradients=mode)
            assert (g.shape, g.dtype, values(g)) == ((1, 1), "float64", [[0.0]])
            assert (h.shape, h.dtype, values(h)) == ((2,), "int64", [0, 0])
        for mode in (NONE, "none"):
            assert tape.gradient(z, unused, unconnected_gradients=mode) is None
        for mode in ("NONE", "zeros", None, 0):
            with pytest.raises(ValueError, match="unconnected_gradients"):
                tape.gradient(z, unused, unconnected_gradients=mode)

    def test_stop_gradient(self):
        x = tf.Variable(3.0)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = tf.stop_gradient(x) * x * x
            g = inner.gradient(y, x)
        assert (values(g), values(outer.gradient(g, x))) == (18.0, 6.0)

    def test_the_output_of_stop_gradient(self):
        x = tf.Variable(3.0)
        with tf.GradientTape(persistent=True) as tape:
            s = tf.stop_gradient(x * x)
            y = s * 2
            w = tf.stop_gradient(x * x)
            tape.watch(w)
            z = w * 2
        assert tape.gradient(y, s) is None
        assert tape.gradient(y, x) is None
        assert values(tape.gradient(z, w)) == 2.0
        assert values(tf.gradients(y, s)) == [2.0]

    @pytest.mark.parametrize(
        ("f", "expected"),
        [
            (lambda x: x * 0, 0.0),
            (lambda x: x - x, 0.0),
            (tf.sign, 0.0),
            (lambda x: tf.relu(-x), 0.0),
            (lambda x: x % 2, 1.0),
            (tf.zeros_like, None),
            (tf.ones_like, None),
            (tf.round, None),
            (tf.floor, None),
            (tf.ceil, None),
            (lambda x: x // 2, None),
            (lambda x: tf.cast(x > 1, "float64"), None),
            (lambda x: tf.cast(tf.cast(x, "int64"), "float64"), None),
            (lambda x: tf.cast(tf.cast(x, "float32"), "float64"), 1.0),
            (lambda x: tf.where(x > 1, 1.0, 2.0), None),
            (lambda x: tf.cast(tf.argmax(tf.stack([x, x])), "float64"), None),
            (lambda x: x * tf.stop_gradient(x), 1.5),
            (lambda x: tf.stop_gradient(x) + tf.floor(x), None),
        ],
    )
    def test_zero_or_none(self, f, expected):
        x = tf.Variable(1.5)
        with tf.GradientTape() as tape:
            y = f(x)
        assert values(tape.gradient(y, x)) == expected
        assert values(tf.gradients(y, x)) == [expected]

    def test_what_rounds_is_on_the_tape_and_what_stops_is_not(self):
        x, k = tf.Variable(1.5), tf.Variable(2)
        with tf.GradientTape(persistent=True) as tape:
            rounded = [tf.floor(x), tf.round(x), tf.ceil(x), x // 1]
            stopped = [tf.stop_gradient(x), tf.cast(k, "float64"), tf.cast(x > 1, "float64")]
            y = sum(rounded) + sum(stopped)
        assert values(tape.gradient(y, rounded)) == [1.0] * 4
        assert values(tape.gradient(y, stopped)) == [None] * 3

    def test_integers(self):
        k, x = tf.Variable(3), tf.Variable(2.0)
        with tf.GradientTape(persistent=True) as tape:
            y = tf.cast(k, "float64") * x
            n = k * k
        assert values(tape.gradient(y, [k, x])) == [None, 3.0]
        assert tape.gradient(n, x) is None
        assert tape.gradient(n, k) is None
        g = tape.gradient(y, k, unconnected_gradients="zero")
        assert (values(g), g.dtype) == (0, "int64")

    @pytest.mark.parametrize(
        ("f", "expected"),
        [(lambda x: 3 * x, None), (tf.relu, 0.0), (abs, 0.0), (lambda x: x + x, None), (tf.square, 2.0)],
    )
    def test_second_derivatives(self, f, expected):
        x = tf.Variable(2.0)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = f(x)
            g = inner.gradient(y, x)
        assert values(outer.gradient(g, x)) == expected

    def test_a_branch_not_taken(self):
        x, y = tf.Variable(2.0), tf.Variable(3.0)
        with tf.GradientTape() as tape:
            z = x * x if x > 1 else y
        assert values(tape.gradient(z, [x, y])) == [4.0, None]

    def test_no_rule_is_an_error(self):
        import sympy

        x = tf.Variable(2.0)
        with tf.GradientTape(persistent=True) as tape:
            y = tf.apply(sympy.Function("mystery"), x) + x
            z = tf.stop_gradient(y) * x
        with pytest.raises(LookupError, match="mystery"):
            tape.gradient(y, x)
        assert tape.gradient(z, x) is not None


class TestSources:
    def test_what_is_watched(self):
        v, u = tf.Variable(2.0), tf.Variable(3.0, trainable=False)
        c = tf.constant(4.0)
        with tf.GradientTape(persistent=True) as tape:
            y = v * u * c
        assert values(tape.gradient(y, [v, u, c])) == [12.0, None, None]
        assert tape.watched_variables() == (v,)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([u, {"c": c}])
            y = v * u * c
        assert values(tape.gradient(y, [v, u, c])) == [12.0, 8.0, 6.0]
        assert tape.watched_variables() == (v, u)

    def test_not_watching_on_its_own(self):
        v, w = tf.Variable(2.0), tf.Variable(3.0)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(w)
            y = v * w
        assert values(tape.gradient(y, [v, w])) == [None, 2.0]
        assert tape.watched_variables() == (w,)

    def test_watched_variables_are_in_order_of_creation(self):
        a, b, c = (tf.Variable(k) for k in (1.0, 2.0, 3.0))
        with tf.GradientTape() as tape:
            c * a
            b + 0
        assert tape.watched_variables() == (a, b, c)

    def test_watching_does_not_reach_back(self):
        x = tf.constant(3.0)
        with tf.GradientTape(persistent=True) as tape:
            y = x * x
            tape.watch(x)
            z = y * x
        assert tape.gradient(y, x) is None
        assert values(tape.gradient(z, x)) == 9.0

    def test_watching_an_intermediate_does_not_cut(self):
        x = tf.constant(3.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
            tape.watch(y)
            z = x * y
        assert values(tape.gradient(z, [x, y])) == [27.0, 3.0]
        assert values(tf.gradients(z, [x, y], stop_gradients=[x, y])) == [9.0, 3.0]
        assert values(tf.gradients(z, x, stop_gradients=y)) == [9.0]

    def test_what_is_recorded_counts_for_operands_that_are_watched_late(self):
        a, b = tf.constant(0.3), tf.constant(2.0)
        with tf.GradientTape(persistent=True) as tape:
            fixed = tf.cos(tf.stop_gradient(a))
            tape.watch(b)
            y = tf.minimum(b, fixed)
            assert tape.gradient(y, fixed) is None
            tape.watch(fixed)
        assert values(tape.gradient(y, [fixed, b])) == [1.0, 0.0]

    def test_a_variable_counts_from_when_it_is_watched(self):
        x, w = tf.Variable(3.0), tf.Variable(5.0, trainable=False)
        with tf.GradientTape(persistent=True) as tape:
            y = x * w
            tape.watch(w)
            z = x * w
        assert values(tape.gradient(y, [x, w])) == [5.0, None]
        assert values(tape.gradient(z, [x, w])) == [5.0, 3.0]

    @pytest.mark.parametrize("read", [tf.convert_to_tensor, tf.identity, tf.Variable.value, tf.Variable.read_value])
    def test_what_is_read_of_a_variable_is_a_tensor_of_its_own(self, read):
        x = tf.Variable(3.0)
        k = read(x)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(k)
            y = k * 2
            z = read(x) * 5
        assert values(tape.gradient(y, [x, k])) == [None, 2.0]
        assert values(tape.gradient(z, [x, k])) == [5.0, None]
        assert tf.convert_to_tensor(k) is k

    def test_a_target_that_is_a_source_nobody_watches(self):
        x = tf.Variable(3.0)
        with tf.GradientTape(persistent=True) as tape:
            s = tf.stop_gradient(x * x)
            y = x * s
            z = x * 2
        assert values(tape.gradient(s, s)) == 1.0
        assert values(tape.gradient([s, s], s)) == 2.0
        assert values(tape.gradient([z, s], [s, x])) == [1.0, 2.0]
        assert values(tape.gradient([y, s], [s, x])) == [None, 9.0]
        assert values(tape.gradient([y, s], [s], unconnected_gradients="zero")) == [0.0]
        assert tape.gradient([y, s], s, output_gradients=[tf.constant(1.0), tf.constant(5.0)]) is None
        assert values(tape.gradient(s, s, output_gradients=tf.constant(5.0))) == 5.0

    def test_the_jacobian_of_what_nobody_watches_is_none_even_by_itself(self):
        x = tf.Variable([1.0, 2.0])
        rows = tf.Variable([[1.0, 2.0]])
        with tf.GradientTape(persistent=True) as tape:
            s, r = tf.stop_gradient(x * x), tf.stop_gradient(rows)
            y = x * s
        assert tape.jacobian(s, [s, x]) == [None, None]
        assert not tape.batch_jacobian(r, r).numpy().any()
        assert tape.jacobian(x, x).numpy().tolist() == tape.jacobian(y, y).numpy().tolist() == [[1.0, 0.0], [0.0, 1.0]]

    def test_watching_while_another_tape_records(self):
        x, c = tf.Variable(3.0), tf.constant(2.0)
        with tf.GradientTape(persistent=True) as outer:
            with outer.stop_recording():
                outer.watch(c)
            y = x * c
            with tf.GradientTape(), outer.stop_recording():
                outer.watch(c)
            z = x * c
        outer.watch(y)
        assert values(outer.gradient(y, c)) == 3.0
        assert values(outer.gradient(z, c)) == 3.0
        with tf.GradientTape(persistent=True) as tape:
            y = x * c
        tape.watch(c)
        assert tape.gradient(y, c) is None

    def test_gradients_as_sources(self):
        x, c = tf.Variable(3.0), tf.constant(2.0)
        with tf.GradientTape(persistent=True) as tape:
            y = x * c
            z = x + c
            first, second = tape.gradient(y, [x, x])
            assert first is second
            assert first is not c
            w = first * x
        assert values(tape.gradient(w, [c, first])) == [None, None]
        own, other = tape.gradient(z, [z, x])
        assert values(tape.gradient([own], [other])) == [1.0]

    def test_nests(self):
        Pair = collections.namedtuple("Pair", "a b")
        x, y = tf.Variable(2.0), tf.Variable(3.0)
        with tf.GradientTape(persistent=True) as tape:
            z = x * y * y
        assert values(tape.gradient(z, {"q": [x, (y, x)], "p": y})) == {"q": [9.0, [12.0, 9.0]], "p": 12.0}
        assert list(tape.gradient(z, {"q": x, "p": y})) == ["q", "p"]
        found = tape.gradient(z, Pair(x, [y]))
        assert type(found) is Pair
        assert values(found) == [9.0, [12.0]]
        assert tape.gradient(z, []) == []
        assert tape.gradient(z, {}) == {}

    @pytest.mark.parametrize(
        ("bad", "error"), [(None, TypeError), ([None], TypeError), (3.0, TypeError), ("x", TypeError)]
    )
    def test_no_sources(self, bad, error):
        x = tf.Variable(2.0)
        with tf.GradientTape(persistent=True) as tape:
            z = x * x
        with pytest.raises(error, match="source"):
            tape.gradient(z, bad)

    def test_a_source_used_as_key(self):
        x, y = tf.Variable(2.0), tf.Variable(3.0)
        assert {x: 1, y: 2}[x] == 1
        t = x * y
        assert {t: "t"}[t] == "t"


class TestTargets:
    def test_sums(self):
        x, y = tf.Variable([1.0, 2.0]), tf.Variable(3.0)
        with tf.GradientTape(persistent=True) as tape:
            a, b = x * y, x * x
            c = tf.constant([1.0, 1.0]) * 2
        assert values(tape.gradient(a, y)) == 3.0
        assert values(tape.gradient([a, b], x)) == [5.0, 7.0]
        assert values(tape.gradient({"k": a, "l": c}, x)) == [3.0, 3.0]
        assert values(tape.gradient([a, a], x)) == [6.0, 6.0]
        assert tape.gradient([], x) is None
        assert tape.gradient(c, x) is None
        for bad in (None, [None], 2.0):
            with pytest.raises(TypeError, match="target"):
                tape.gradient(bad, x)

    def test_a_target_that_is_its_own_source(self):
        x, c = tf.Variable([1.0, 2.0]), tf.constant(3.0)
        with tf.GradientTape(persistent=True) as tape:
            y = x * 2
        assert values(tape.gradient(y, y)) == [1.0, 1.0]
        assert values(tape.gradient(x, x)) == [1.0, 1.0]
        assert values(tape.gradient(c, c)) == 1.0

    def test_output_gradients(self):
        x = tf.Variable([1.0, 2.0])
        with tf.GradientTape(persistent=True) as tape:
            y, z = x * x, x * 3
        assert values(tape.gradient(y, x, output_gradients=tf.constant([10.0, 1.0]))) == [20.0, 4.0]
        assert values(tape.gradient(y, x, output_gradients=[10.0, 1.0])) == [20.0, 4.0]
        assert values(tape.gradient([y, z], x, output_gradients=[tf.constant([1.0, 0.0]), None])) == [5.0, 3.0]
        with pytest.raises(ValueError, match="1 output gradients for 2 targets"):
            tape.gradient([y, z], x, output_gradients=[tf.constant([1.0, 0.0])])
        with pytest.raises(ValueError, match=r"shape \(3,\).* \(2,\)"):
            tape.gradient(y, x, output_gradients=tf.constant([1.0, 0.0, 1.0]))

    def test_gradients_without_a_tape(self):
        x, u = tf.Variable([1.0, 2.0]), tf.Variable(3.0, trainable=False)
        y = x * u
        assert values(tf.gradients(y, [x, u])) == [[3.0, 3.0], 3.0]
        assert values(tf.gradients(y, x)) == [[3.0, 3.0]]
        assert values(tf.gradients([y, y], x, grad_ys=[None, tf.constant([1.0, 0.0])])) == [[6.0, 3.0]]
        assert tf.gradients(y, tf.Variable(1.0)) == [None]
        assert values(tf.gradients(y, tf.Variable(1.0), unconnected_gradients="zero")) == [0.0]


class TestLife:
    def test_once(self):
        x = tf.Variable(2.0)
        with tf.GradientTape() as tape:
            y = x * x
        tape.gradient(y, x)
        with pytest.raises(RuntimeError, match="persistent"):
            tape.gradient(y, x)
        with pytest.raises(RuntimeError, match="persistent"):
            tape.jacobian(y, x)
        with pytest.raises(RuntimeError, match="never entered"):
            tf.GradientTape().gradient(y, x)

    def test_inside_its_block_it_is_consumed(self):
        x = tf.Variable(2.0)
        with tf.GradientTape() as tape:
            y = x * x
            assert values(tape.gradient(y, x)) == 4.0
            with pytest.raises(RuntimeError):
                tape.gradient(y, x)

    def test_persistent(self):
        x = tf.Variable(3.0)
        with tf.GradientTape(persistent=True) as tape:
            y = x * x * x
            inside = tape.gradient(y, x)
        outside = tape.gradient(y, x)
        assert (values(inside), values(outside)) == (27.0, 27.0)
        assert values(tape.gradient(inside, x)) == 18.0
        assert tape.gradient(outside, x) is None

    def test_entering(self):
        x = tf.Variable(3.0)
        tape = tf.GradientTape(persistent=True)
        with tape:
            y = x * x
            with pytest.raises(ValueError, match="already"), tape:
                pass
        with tape:
            z = y * x
        assert values(tape.gradient(z, x)) == 27.0

    def test_an_exception_leaves_nothing_active(self):
        with pytest.raises(KeyError), tf.GradientTape(), tf.GradientTape():
            raise KeyError
        assert context.get().recordings == ()

    def test_leaving_in_another_order(self):
        x = tf.Variable(2.0)
        a, b = tf.GradientTape(), tf.GradientTape()
        a.__enter__()
        b.__enter__()
        a.__exit__(None, None, None)
        y = x * x
        b.__exit__(None, None, None)
        assert values(b.gradient(y, x)) == 4.0
        assert a.gradient(y, x) is None

    def test_stop_recording(self):
        x, w = tf.Variable(3.0), tf.Variable(5.0)
        with tf.GradientTape(persistent=True) as tape:
            y = x * x
            with tape.stop_recording():
                z = y * w
                with pytest.raises(ValueError, match="stop_recording"), tape.stop_recording():
                    pass
            t = y * z
        assert values(tape.gradient(t, [x, w])) == [6.0 * 45.0, None]
        assert tape.gradient(z, x) is None
        assert tape.watched_variables() == (x,)
        with pytest.raises(ValueError, match="recording"), tape.stop_recording():
            pass

    def test_an_exception_under_stop_recording_resumes(self):
        x = tf.Variable(3.0)
        with tf.GradientTape() as tape:
            with pytest.raises(KeyError), tape.stop_recording():
                raise KeyError
            y = x * x
        assert values(tape.gradient(y, x)) == 6.0

    def test_reset(self):
        x, c = tf.Variable(3.0), tf.constant(2.0)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(c)
            y = x * x * c
            tape.reset()
            z = y * x * c
        assert values(tape.gradient(z, [x, c])) == [18.0 * 2.0, None]
        assert tape.gradient(y, x) is None
        with pytest.raises(ValueError, match="reset"):
            tape.reset()

    def test_nested(self):
        x = tf.Variable(3.0)
        with tf.GradientTape() as a, tf.GradientTape() as b, tf.GradientTape() as c:
            y = x**4
        del a, b
        assert values(c.gradient(y, x)) == 108.0
        with tf.GradientTape() as a:
            with tf.GradientTape() as b:
                with tf.GradientTape() as c:
                    y = x**4
                d1 = c.gradient(y, x)
            d2 = b.gradient(d1, x)
        assert values(a.gradient(d2, x)) == 24 * 3.0

    def test_an_outer_tape_that_does_not_watch(self):
        x = tf.constant(3.0)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = x * x
            g = inner.gradient(y, x)
        assert values(g) == 6.0
        assert outer.gradient(g, x) is None

    def test_ran_before_or_after(self):
        x = tf.Variable(3.0)
        before = x * x
        with tf.GradientTape(persistent=True) as tape:
            y = before * x
        after = y * x
        assert values(tape.gradient(y, x)) == 9.0
        assert tape.gradient(before, x) is None
        assert tape.gradient(after, x) is None

    def test_threads(self):
        x = tf.Variable(3.0)
        seen = []

        def other():
            with tf.GradientTape() as tape:
                barrier.wait()
                y = x * x
                barrier.wait()
            seen.append((tape.gradient(y, x), y))

        barrier = threading.Barrier(2)
        thread = threading.Thread(target=other)
        thread.start()
        with tf.GradientTape(persistent=True) as tape:
            barrier.wait()
            z = x * 5
            barrier.wait()
        thread.join()
        ((g, y),) = seen
        assert values(g) == 6.0
        assert values(tape.gradient(z, x)) == 5.0
        assert tape.gradient(y, x) is None


class TestAssign:
    def test_what_was_recorded_keeps_its_value(self):
        x = tf.Variable(3.0)
        with tf.GradientTape() as tape:
            y = x * x
            x.assign(5.0)
            z = x * x
        assert (values(y), values(z)) == (9.0, 25.0)
        assert values(tape.gradient(y + z if False else [y, z], x)) == 16.0

    def test_assign_is_no_path(self):
        x, w = tf.Variable(3.0), tf.Variable(0.0)
        with tf.GradientTape(persistent=True) as tape:
            w.assign(x * x)
            y = w * 2
        assert values(tape.gradient(y, [x, w])) == [None, 2.0]

    def test_the_value_returned_is_the_variable(self):
        x = tf.Variable(3.0)
        with tf.GradientTape() as tape:
            y = x.assign_add(1.0) * 2
        assert (values(y), values(tape.gradient(y, x))) == (8.0, 2.0)
        assert values(x.assign_sub(1.5)) == 2.5
        assert x.numpy() == 2.5

    def test_rebinding(self):
        x = tf.Variable(3.0)
        with tf.GradientTape() as tape:
            y = x = x + 1
        assert not isinstance(x, tf.Variable)
        assert values(tape.gradient(y, x)) == 1.0

    def test_shape_and_dtype_are_kept(self):
        x = tf.Variable([1.0, 2.0], dtype="float32")
        assert x.assign([3, 4]).dtype == "float32"
        with pytest.raises(ValueError, match=r"\(2,\).* \(3,\)"):
            x.assign([1.0, 2.0, 3.0])

    def test_training(self):
        w = tf.Variable([1.0, -2.0])
        for _ in range(60):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((w - tf.constant([3.0, 4.0])) ** 2)
            w.assign_sub(0.2 * tape.gradient(loss, w))
        np.testing.assert_allclose(w.numpy(), [3.0, 4.0], atol=1e-9)


class TestJacobians:
    def test_shapes(self):
        x, u = tf.Variable([[1.0, 2.0, 3.0]]), tf.Variable([1.0, 1.0])
        with tf.GradientTape(persistent=True) as tape:
            y = x[0] * x[0, 1]
        j = tape.jacobian(y, {"x": x, "u": u})
        assert j["u"] is None
        np.testing.assert_array_equal(j["x"].numpy(), [[[2, 1, 0]], [[0, 4, 0]], [[0, 3, 2]]])
        assert tape.jacobian(y, u, unconnected_gradients="zero").shape == (3, 2)

    def test_batch_jacobian(self):
        x = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
        with tf.GradientTape(persistent=True) as tape:
            y = tf.stack([x[:, 0] * x[:, 1], x[:, 0], x[:, 1] ** 2], axis=1)
            z = tf.reduce_sum(x)
        expected = [[[2, 1], [1, 0], [0, 4]], [[4, 3], [1, 0], [0, 8]]]
        np.testing.assert_array_equal(tape.batch_jacobian(y, x).numpy(), expected)
        unused = tf.Variable([[1.0], [1.0]])
        for mode in (NONE, ZERO):
            g = tape.batch_jacobian(y, unused, unconnected_gradients=mode)
            assert (g.shape, g.numpy().any()) == ((2, 3, 1), False)
        for bad in (tf.Variable([[1.0]]), z):
            with pytest.raises(ValueError, match="first dimensions"):
                tape.batch_jacobian(y, bad)


def test_watch_of_a_tape_that_was_used_up():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        tape.gradient(x * x, x)
        with pytest.raises(ValueError, match="used up"):
            tape.watch(x)


def test_a_pause_in_which_a_gradient_uses_the_tape_up_begins_anew():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
        with tape.stop_recording():
            assert values(tape.gradient(y, x)) == 4.0
        y = x * x * x
    assert values(tape.gradient(y, x)) == 12.0


def test_watch_needs_a_tape_and_tensors():
    tape = tf.GradientTape()
    with pytest.raises(ValueError, match="recording"):
        tape.watch(tf.constant(1.0))
    with tape, pytest.raises(ValueError, match=r"2\.0"):
        tape.watch(2.0)
