"""What no table of cases says: errors, conventions at ties and zeros, records of indexing."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tracer as tf
from tracer.backprop import pull
from tracer.ops import indexing
from tracer.ops.gathering import take_along_axis
from tracer.walk import ancestors

x = tf.placeholder("x", (3, 2))
s = tf.placeholder("s", ("n", "m"))
scalar = tf.symbols("t")

ERRORS = [
    (lambda: x[3], IndexError, "index 3 is out of range for axis 0"),
    (lambda: x[-4], IndexError, "index -4"),
    (lambda: x[0, 2], IndexError, "axis 1 of size 2"),
    (lambda: x[0, 0, 0], IndexError, "3 indices for x of shape"),
    (lambda: scalar[0], IndexError, "1 indices for t"),
    (lambda: x[..., ...], IndexError, "one '...' only"),
    (lambda: x[[0, 3]], IndexError, "index 3 is out of range"),
    (lambda: x[[0.5]], IndexError, "integers or booleans"),
    (lambda: x[1.0], IndexError, "made of ints"),
    (lambda: x["a"], IndexError, "made of ints"),
    (lambda: x[True], IndexError, "new axis"),
    (lambda: x[::0], ValueError, "step"),
    (lambda: x[1.5:], TypeError, "slice takes ints"),
    (lambda: x[[0, 1], [0, 1, 1]], ValueError, "do not broadcast"),
    (lambda: x[np.ones(2, bool)], IndexError, "size 2 along axis 0 of .*, whose size is 3"),
    (lambda: x[:, [True, False, True]], IndexError, "size 3 along axis 1"),
    (lambda: x[..., None, np.ones((3, 3), bool)], IndexError, "size 3 along axis 1"),
    (lambda: x[x > 0], ValueError, "where\\(mask, x, 0\\)"),
    (lambda: tf.unstack(s), TypeError, "symbolic size n"),
    (lambda: tf.unstack(scalar), TypeError, "scalar"),
    (lambda: tf.unstack(x, num=2), ValueError, "size 3, not 2"),
    (lambda: tf.split(x, 2), ValueError, "no 2 equal pieces"),
    (lambda: tf.split(x, [1, 1]), ValueError, "do not add up to 3"),
    (lambda: tf.slice(x, [1, 0], [3, 1]), ValueError, "do not lie within axis 0"),
    (lambda: tf.gather(x, [3]), IndexError, "out of range"),
    (lambda: tf.gather(scalar, [0]), ValueError, "rank 1 or more"),
    (lambda: tf.gather(x, [0], axis=2), ValueError, "axis 2 is out of range"),
    (lambda: tf.gather(x, [0], axis=0.5), TypeError, "an axis must be an int, got 0.5"),
    (lambda: tf.linalg.band_part(x, tf.constant(0.5), 0), TypeError, "diagonals of band_part must be an int"),
    (lambda: tf.gather_nd(x, [[0, 0, 0]]), ValueError, "coordinates"),
    (lambda: tf.scatter_nd([[0]], [1.0, 2.0], [3]), ValueError, "indices need"),
    (lambda: tf.scatter_nd([[3]], [1.0], [3]), IndexError, "out of range"),
    (lambda: tf.boolean_mask(x, [0, 1, 1]), TypeError, "boolean"),
    (lambda: tf.boolean_mask(x, [True, False]), ValueError, "does not fit"),
    (lambda: tf.reshape(x, (4, -1)), ValueError, "6 elements"),
    (lambda: tf.reshape(x, (-1, -1)), ValueError, "only one"),
    (lambda: tf.reshape(s, ("n", "k")), ValueError, "m\\*n elements"),
    (lambda: tf.reshape(s, (-1, 2)), ValueError, "products"),
    (lambda: tf.concat([x, s], 0), ValueError, "\\(3, 2\\) and s of shape \\(n, m\\)"),
    (lambda: tf.concat([scalar, scalar], 0), ValueError, "stack"),
    (lambda: tf.concat([], 0), ValueError, "got none"),
    (lambda: tf.stack([x, s]), ValueError, "equal shapes"),
    (lambda: tf.pad(x, [[1, 1]]), ValueError, "2 axes, got 1 pairs"),
    (lambda: tf.pad(x, [[1, 1], [2, 0]], "REFLECT"), ValueError, "mirror 2 elements"),
    (lambda: tf.pad(x, [[1, 1], [1, 1]], "EDGE"), ValueError, "CONSTANT, REFLECT or SYMMETRIC"),
    (lambda: tf.tile(x, [2]), ValueError, "2 axes, got 1"),
    (lambda: tf.repeat(x, [1, 2], axis=0), ValueError, "2 repeats for axis 0"),
    (lambda: tf.roll(x, [1, 2], 0), ValueError, "2 shifts for 1 axes"),
    (lambda: tf.fill([2], x), ValueError, "scalar"),
    (lambda: tf.range(0, 3, 0), ValueError, "must not be 0"),
    (lambda: tf.linspace(0.0, 1.0, 0), ValueError, "one value at least"),
    (lambda: tf.meshgrid(x, indexing="yx"), ValueError, "'xy' or 'ij'"),
    (lambda: tf.reduce_max(tf.zeros((0, 2)), 0), ValueError, "no elements"),
    (lambda: tf.reduce_mean(tf.zeros((0, 2)), 0), ValueError, "reduce_mean: .* no elements"),
    (lambda: tf.reduce_variance(tf.zeros((0, 2)), 0), ValueError, "reduce_variance: .* no elements"),
    (lambda: tf.reduce_std(tf.zeros((0, 2))), ValueError, "reduce_std: .* no elements"),
    (lambda: tf.moveaxis(x, [0, 1], 0), ValueError, "moveaxis: 2 axes in source, 1 in destination"),
    (lambda: tf.argmax(scalar), ValueError, "rank 1 or more"),
    (lambda: tf.argmin(tf.zeros((0,))), ValueError, "no elements"),
    (lambda: tf.cumsum(scalar), ValueError, "scalar"),
    (lambda: tf.argsort(x, direction="UP"), ValueError, "ASCENDING"),
    (lambda: tf.top_k(x, 3), ValueError, "at most the 2"),
    (lambda: tf.gather(x, [[0]] * 3, axis=0, batch_dims=1), ValueError, "lies within the 1 batch axes; give a later"),
    (lambda: tf.range(x), ValueError, r"range takes scalars, .* has shape \(3, 2\)"),
    (lambda: tf.linalg.set_diag(scalar, [1.0]), ValueError, "set_diag takes matrices"),
    (lambda: x[0, 0, 0], IndexError, "3 indices for .*, which has 2 axes; give one for an axis at most"),
    (lambda: tf.tensordot(x, x, 5), ValueError, "5 axes of operands of ranks 2 and 2; give a number from 0 to 2"),
    (lambda: tf.argsort(scalar), ValueError, "argsort takes a tensor of rank 1 or more, t is a scalar"),
    (lambda: tf.slice(x, [0], [1]), ValueError, r"a start and a size an axis, x has 2 axes, got \[0\] and \[1\]"),
    (lambda: tf.unstack(s, num=10**9), ValueError, "num is to be a number from 0 to"),
    (lambda: tf.pad(x, [[1, 1], [1, 1]], constant_values=[1.0, 2.0]), ValueError, "pad takes a scalar to pad with"),
    (lambda: tf.range(0.0, float("inf")), ValueError, "between finite numbers, got 0.0, inf and 1"),
    (lambda: tf.cast(x, None), TypeError, r"cast takes a dtype, got None; write for instance cast\(x, 'float64'\)"),
    (lambda: tf.ensure_shape(x, (3, 3)), ValueError, r"x has the shape \(3, 2\), which is not \(3, 3\)"),
    (lambda: tf.add_n([]), ValueError, "at least one tensor, got an empty list"),
    (lambda: tf.add_n([x, scalar]), ValueError, r"tensors of one shape, got \(3, 2\) and \(\)"),
    (lambda: tf.scalar_mul(x, x), ValueError, r"a scalar first, x has the shape \(3, 2\)"),
    (lambda: tf.math.polyval((1.0, 2.0), x), ValueError, "a list of coefficients, got tuple"),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS)
def test_wrong_calls_say_what_is_wrong(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()


CONVENTIONS = [
    (tf.reduce_max, [1.0, 3.0, 3.0], [0.0, 0.5, 0.5]),
    (tf.reduce_min, [1.0, 1.0, 1.0, 2.0], [1 / 3, 1 / 3, 1 / 3, 0.0]),
    (tf.reduce_prod, [0.0, 2.0, 3.0], [6.0, 0.0, 0.0]),
    (tf.reduce_prod, [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]),
    (tf.reduce_prod, [0.0], [1.0]),
    (tf.cumprod, [2.0, 0.0, 3.0], [1.0, 8.0, 0.0]),
    (tf.reduce_logsumexp, [1000.0, 1000.0], [0.5, 0.5]),
    (lambda v: tf.cumulative_logsumexp(v)[1], [-1000.0, 1000.0], [0.0, 1.0]),
    (lambda v: tf.sort(v)[1], [2.0, 2.0], [0.0, 1.0]),
    (lambda v: tf.reduce_max(tf.log(v)), [0.0, 2.0], [0.0, 0.5]),
    (lambda v: v[[0, 0, 1]], [1.0, 1.0], [2.0, 1.0]),
]


@pytest.mark.parametrize(("function", "value", "expected"), CONVENTIONS)
def test_gradients_at_ties_and_zeros(function, value, expected) -> None:
    v = tf.Variable(value)
    (gradient,) = tf.gradients(function(v), v)
    np.testing.assert_allclose(gradient.numpy(), expected, rtol=1e-12)


def test_second_derivatives_of_a_product_with_zeros() -> None:
    v = tf.Variable([0.0, 0.0, 3.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_prod(v)
        g = inner.gradient(y, v)
    np.testing.assert_array_equal(outer.jacobian(g, v).numpy(), [[0, 3, 0], [3, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    "function",
    [lambda v: v[1], tf.cumsum, tf.reduce_max, tf.sort, lambda v: tf.concat([v, v], 0), lambda v: tf.pad(v, [[1, 1]])],
)
def test_a_linear_operation_has_no_second_derivative(function) -> None:
    v = tf.Variable([1.0, 2.0])
    (gradient,) = tf.gradients(function(v), v)
    assert tf.gradients(gradient, v) == [None]


def test_reading_a_vector_element_by_element_gives_one_scatter() -> None:
    v = tf.Variable(np.arange(5.0))
    (gradient,) = tf.gradients(sum(v[i] ** 2 for i in range(5)), v)
    assert gradient.op == "scatter"
    assert len(gradient.args) == 5
    np.testing.assert_array_equal(gradient.numpy(), 2 * np.arange(5.0))


@pytest.mark.parametrize("take", [lambda v: v[...], lambda v: v[:, :], lambda v: tf.reshape(v, (3, 2))])
def test_what_takes_everything_is_a_tensor_of_its_own(take) -> None:
    """As TensorFlow has it: watching the one does not watch the other."""
    y = take(x)
    (gradient,) = tf.gradients(y * y, x)
    assert y is not x
    np.testing.assert_array_equal(gradient.eval({x: np.ones((3, 2))}), np.full((3, 2), 2.0))


def test_scatters_of_several_arrays_are_one_and_have_gradients_of_their_own() -> None:
    v = tf.Variable(np.arange(1.0, 5.0))
    y = tf.reduce_sum(v[[0, 0, 2]] ** 3) + tf.reduce_sum(v[[1, 2]] ** 3) + tf.reduce_sum(v[[[3], [0]]] ** 3)
    (gradient,) = tf.gradients(y, v)
    assert gradient.op == "scatter"
    (second,) = tf.gradients(tf.reduce_sum(gradient * [1.0, 10.0, 100.0, 1000.0]), v)
    np.testing.assert_array_equal(second.numpy(), 6 * v.numpy() * [3.0, 10.0, 200.0, 1000.0])


@pytest.mark.parametrize("name", ["update", "max", "min"])
def test_updates_take_the_dtype_of_what_they_replace(name) -> None:
    scatter = getattr(tf, f"tensor_scatter_nd_{name}")
    for dtype in ("float32", "int32", "int64"):
        target = tf.cast([1, 2, 3], dtype)
        found = scatter(target, tf.constant([[1]], dtype="int32"), tf.constant([2.0]))
        assert (found.dtype, found.numpy().tolist()) == (dtype, [1, 2, 3])


def test_coordinates_of_more_axes_than_one() -> None:
    target, rows = tf.constant([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]]), [[[8.0, 0.0], [9.0, 0.0]]]
    replaced = tf.tensor_scatter_nd_update(target, [[[1], [1]]], rows)
    assert replaced.numpy().tolist() == [[1.0, 5.0], [9.0, 0.0], [3.0, 7.0]]
    greatest = tf.tensor_scatter_nd_max(target, [[[1], [1]]], rows)
    assert greatest.numpy().tolist() == [[1.0, 5.0], [9.0, 6.0], [3.0, 7.0]]


def test_indices_do_not_take_the_name_of_the_result() -> None:
    v = tf.constant([1.0, 2.0, 3.0])
    a = tf.tensor_scatter_nd_max(v, [[1]], [5.0])
    b = tf.tensor_scatter_nd_update(v, [[1], [1]], [5.0, 6.0])
    c = tf.gather_nd(v, [[1]])
    d = tf.scatter_nd([[1]], v[:1], (3,))
    e = v[[True, False, True]]
    f = v[[0, 1]]
    g = v[[]]
    for name, tensor in zip("abcdefg", (a, b, c, d, e, f, g)):
        assert [t for t in ancestors([tensor]) if t.name == name and t is not tensor] == []


def test_an_index_is_recorded_in_its_normal_form() -> None:
    """Sizes that are known are numbers, those of a symbolic axis expressions in its name."""
    n = s.shape[0]
    for taken, index in [
        (x[-1], (2,)),
        (x[-3], (0,)),
        (x[tf.size(x) - 5], (1,)),
        (x[1, tf.constant(-1)], (1, 1)),
        (s[tf.shape(s)[0] - 1, 0], (n - 1, 0)),
        (s[n - 1], (n - 1,)),
        (x[sympy.Integer(1)], (1,)),
        (x[:, :], ()),
    ]:
        assert taken.params == index
        assert [type(k) is int for k in taken.params] == [type(k) is int for k in index]


def test_what_was_read_of_a_variable_stays() -> None:
    v = tf.Variable([1.0, 2.0])
    first = v[0]
    v.assign([5.0, 6.0])
    assert float(first) == 1.0
    assert take_along_axis([[1.0, 2.0]], [[1, 0]], 1).numpy().tolist() == [[2.0, 1.0]]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_shift_may_be_longer_than_a_symbolic_axis(size) -> None:
    w = tf.placeholder("w", ("n",))
    value = np.arange(float(size))
    for shift in (-3, -2, -1, 1, 2, 3):
        np.testing.assert_array_equal(tf.roll(w, shift, 0).eval({w: value}), np.roll(value, shift))


def test_what_moves_nothing_is_a_tensor_of_its_own() -> None:
    assert tf.roll(x, 0, 0) is not x
    assert tf.pad(x, [[0, 0], [0, 0]], "REFLECT") is not x


def test_no_axis_of_a_stack_may_differ() -> None:
    with pytest.raises(ValueError, match=r"must have equal shapes$"):
        tf.stack([x, scalar])


def test_which_elements_are_known() -> None:
    """Those of shapes, ranges, and whole numbers without a name, which may be sizes."""
    named = tf.constant([4, 5])
    assert [t.value for t in tf.unstack(tf.shape(s))] == [*s.shape]
    assert [tf.constant([4, 5])[1].value, tf.constant([[4, 5]])[0, 1].value, named[1].value] == [5, None, None]
    assert tf.constant([4.5, 5.5])[1].op == "getitem"
    assert tf.constant([4.5, 5.5])[1].value is None
    assert tf.shape(s)[tf.constant(0)].value == s.shape[0]
    assert tf.constant([[4, 5]])[0].value is None
    assert tf.range(3)[tf.constant(1)].value == 1
    assert float(tf.Variable([1.0, 2.0])[1]) == 2.0


def test_how_many_slices_an_axis_is_cut_into(monkeypatch) -> None:
    monkeypatch.setattr(indexing, "MOST_SLICES", 3)
    assert [len(tf.unstack(s, k)) for k in (0, 1, 3)] == [0, 1, 3]
    for count in (-1, 4):
        with pytest.raises(ValueError, match=f"num is to be a number from 0 to 3, got {count}"):
            tf.unstack(s, count)


def test_the_elements_of_a_boolean_one_hot_are_numbers() -> None:
    assert list(tf.one_hot(tf.constant(1), 2, True, False).components()) == [0, 1]


def test_a_band_of_all_diagonals_is_the_matrix() -> None:
    assert tf.linalg.band_part(x, -1, -1) is x
    assert tf.linalg.band_part(x, -3, -2) is x


def test_a_running_logsumexp_without_its_element_starts_with_that_of_none() -> None:
    found = tf.math.cumulative_logsumexp(tf.constant([1.0, 2.0, 3.0]), exclusive=True)
    assert found.numpy().tolist() == [-np.inf, 1.0, np.logaddexp(1.0, 2.0)]
    found = tf.math.cumulative_logsumexp(tf.constant([1.0, 2.0, 3.0]), exclusive=True, reverse=True)
    assert found.numpy().tolist() == [np.logaddexp(3.0, 2.0), 3.0, -np.inf]


def test_no_gradient_flows_to_indices() -> None:
    at = tf.placeholder("i", (2,), "int64")
    updates = tf.placeholder("u", (2, 2))
    for node in (x[at], tf.scatter_nd(at[:, None], updates, (3, 2)), tf.math.unsorted_segment_max(updates, at, 2)):
        assert pull(node, tf.ones(node.shape), 0) is not None
        assert all(pull(node, tf.ones(node.shape), k) is None for k in range(1, len(node.args)))


def test_no_gradient_flows_to_what_is_padded_with() -> None:
    a, b = tf.Variable([1.0]), tf.Variable(2.0)
    y = tf.pad(a, [[1, 1]], constant_values=b)
    np.testing.assert_array_equal(y.numpy(), [2, 1, 2])
    assert tf.gradients(y, b) == [None]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda a: tf.moveaxis(a, range(2), range(1, 3)), lambda a: np.moveaxis(a, [0, 1], [1, 2])),
        (lambda a: tf.roll(a, range(1, 3), range(2)), lambda a: np.roll(a, [1, 2], [0, 1])),
        (lambda a: tf.tensordot(a, a, (range(2), range(2))), lambda a: np.tensordot(a, a, ([0, 1], [0, 1]))),
        (lambda a: tf.reduce_sum(a, range(2)), lambda a: a.sum((0, 1))),
    ],
)
def test_axes_are_any_sequence_of_ints(call, wanted) -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(call(tf.constant(array)).numpy(), wanted(array))


def test_creation() -> None:
    for found, expected in [
        (tf.zeros((2, 3), "int64"), np.zeros((2, 3), "int64")),
        (tf.ones(2), np.ones(2)),
        (tf.fill((2,), 3), np.full(2, 3)),
        (tf.fill((2,), True), np.full(2, True)),
        (tf.eye(2, 3, dtype="int32"), np.eye(2, 3, dtype="int32")),
        (tf.eye(2, batch_shape=[2]), np.stack([np.eye(2)] * 2)),
        (tf.range(3), np.arange(3)),
        (tf.range(5, 0, -2), np.arange(5, 0, -2)),
        (tf.range(3, dtype="float32"), np.arange(3, dtype="float32")),
        (tf.range(0.0, 1.0, 0.1), np.arange(0.0, 1.0, 0.1)),
        (tf.range(3, 1), np.arange(3, 1)),
        (tf.one_hot([1, -1, 3], 3), np.array([[0.0, 1, 0], [0, 0, 0], [0, 0, 0]])),
        (tf.one_hot(1, 2, True, False), np.array([False, True])),
        (tf.linspace(1.0, 5.0, 1), np.array([1.0])),
    ]:
        value = found.numpy()
        assert value.dtype == expected.dtype == found.dtype
        np.testing.assert_array_equal(value, expected)


def keys(shape):
    """Basic indices, arrays and new axes for a shape."""
    plain = hnp.basic_indices(shape, allow_newaxis=True)
    return (
        st.one_of(plain, hnp.integer_array_indices(shape).map(lambda arrays: tuple(arrays)))
        if shape and 0 not in shape
        else plain
    )


@given(st.data(), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
def test_any_index_is_numpys(data, shape) -> None:
    """Value and gradient: what is taken more than once gets as much gradient."""
    array = np.arange(float(np.prod(shape))).reshape(shape)
    key = data.draw(keys(shape))
    v = tf.Variable(array)
    y = tf.identity(v)[key]
    expected = array[key]
    assert y.shape == np.shape(expected)
    np.testing.assert_array_equal(y.numpy(), expected)
    (gradient,) = tf.gradients(y * y, v)
    counted = np.zeros(shape)
    np.add.at(counted, key, 2 * expected)
    np.testing.assert_array_equal(gradient.numpy(), counted)


def test_the_number_of_repeats_may_be_a_size_of_a_tensor():
    x = tf.placeholder("x", ("n",))
    repeated = tf.repeat(tf.constant([1.0, 2.0]), tf.shape(x)[0])
    assert repeated.shape == (2 * x.shape[0],)
    np.testing.assert_array_equal(repeated.eval({x: np.zeros(2)}), [1.0, 1.0, 2.0, 2.0])
    np.testing.assert_array_equal(tf.repeat([1.0, 2.0], tf.constant(2)), [1.0, 1.0, 2.0, 2.0])
