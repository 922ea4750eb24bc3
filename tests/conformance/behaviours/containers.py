"""Modules, functions with signatures, arrays of tensors, references, slices of variables, shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import differs


def _variable(tf: Any) -> Any:
    return tf.Variable(np.arange(6.0).reshape(3, 2))


def _net(tf: Any) -> Any:
    class Dense(tf.Module):
        def __init__(self, n: int, name: str | None = None) -> None:
            super().__init__(name)
            self.w = tf.Variable(np.ones(n))
            self.b = tf.Variable(0.0, trainable=False)

    class NetWorkV2(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [Dense(1), (Dense(2, "zz"),)]
            self.d = {"z": Dense(3), "a": tf.Variable(7.0)}
            self.a = tf.Variable(3.0)
            self.again = self.layers[0].w

    return NetWorkV2()


def variables_of_a_module(tf: Any) -> Any:
    net = _net(tf)
    return [
        [v.numpy().tolist() for v in vs] for vs in (net.variables, net.trainable_variables, net.non_trainable_variables)
    ]


def names_of_modules(tf: Any) -> Any:
    net = _net(tf)
    return [net.name, [m.name for m in net.submodules]]


def a_module_without_its_constructor(tf: Any) -> Any:
    class Bare(tf.Module):
        def __init__(self) -> None:
            self.v = tf.Variable(1.0)

    return [v.numpy().tolist() for v in Bare().variables]


def a_wrong_name_of_a_module(tf: Any) -> Any:
    return tf.Module("a b").name


def a_scope_of_a_module(tf: Any) -> Any:
    class Twice(tf.Module):
        @tf.Module.with_name_scope
        def __call__(self, x: Any) -> Any:
            return 2 * x

    with tf.Module("outer").name_scope:
        return Twice()(np.float64(3.0))


def gradients_by_the_variables_of_a_module(tf: Any) -> Any:
    net = _net(tf)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(net.layers[0].w * 3.0)
    return tape.gradient(loss, net.trainable_variables)


def an_array_of_tensors(tf: Any) -> Any:
    x = tf.Variable(np.array([1.0, 2.0, 3.0]))
    with tf.GradientTape() as tape:
        a = tf.TensorArray(tf.float64, size=3, clear_after_read=False).unstack(x * x)
        y = a.read(0) * 3 + tf.reduce_sum(a.stack()) + tf.reduce_sum(a.gather([2, 0]))
    return [y, tape.gradient(y, x)]


def an_array_that_grows(tf: Any) -> Any:
    a = tf.TensorArray(tf.float64, size=0, dynamic_size=True)
    for k in range(3):
        a = a.write(k, tf.constant([float(k), 2.0], tf.float64))
    return [int(a.size()), a.stack(), a.concat(), list(a.element_shape)]


def an_array_in_a_loop(tf: Any) -> Any:
    x = tf.constant(2.0, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        _, a, last = tf.while_loop(
            lambda k, a, y: k < 4,
            lambda k, a, y: (k + 1, a.write(k, y * x), y * x),
            (0, tf.TensorArray(tf.float64, size=4), tf.constant(1.0, tf.float64)),
        )
        y = tf.reduce_sum(a.stack())
    return [last, y, tape.gradient(y, x)]


def what_was_not_written_is_zero(tf: Any) -> Any:
    return tf.TensorArray(tf.float64, size=3).scatter([0, 2], np.array([1.0, 2.0])).stack()


def parts_of_a_tensor(tf: Any) -> Any:
    return tf.TensorArray(tf.float64, size=2, infer_shape=False).split(np.array([1.0, 2.0, 3.0]), [1, 2]).concat()


def an_element_read_twice(tf: Any) -> Any:
    a = tf.TensorArray(tf.float64, size=1).write(0, tf.constant(1.0, tf.float64))
    return [a.read(0), a.read(0)]


def a_write_beyond_the_end(tf: Any) -> Any:
    return tf.TensorArray(tf.float64, size=1).write(1, tf.constant(1.0, tf.float64)).stack()


def a_write_before_the_beginning(tf: Any) -> Any:
    return tf.TensorArray(tf.float64, size=1).write(-1, tf.constant(1.0, tf.float64)).stack()


def an_element_of_another_shape(tf: Any) -> Any:
    a = tf.TensorArray(tf.float64, size=2, element_shape=(2,))
    return a.write(0, tf.constant([1.0], tf.float64)).stack()


@differs(TypeError, "TensorFlow raises its InvalidArgumentError")
def an_element_of_another_dtype(tf: Any) -> Any:
    return tf.TensorArray(tf.float64, size=2).write(0, tf.constant(1, tf.int32)).stack()


def more_slices_than_elements(tf: Any) -> Any:
    return tf.TensorArray(tf.float64, size=2).unstack(np.array([1.0, 2.0, 3.0])).stack()


def _double(tf: Any) -> Any:
    return tf.function(lambda x: x * 2, input_signature=[tf.TensorSpec([None, 2], tf.float64)])


def a_function_with_a_signature(tf: Any) -> Any:
    f = _double(tf)
    return [f(np.ones((3, 2))), f([[1.0, 2.0]]), f(x=np.ones((1, 2)))]


def a_function_with_a_wrong_shape(tf: Any) -> Any:
    return _double(tf)(np.ones((3, 3)))


def a_function_with_a_wrong_dtype(tf: Any) -> Any:
    return _double(tf)(tf.ones((3, 2), tf.float32))


def a_function_with_too_few_arguments(tf: Any) -> Any:
    return _double(tf)()


def a_function_with_too_many_arguments(tf: Any) -> Any:
    return _double(tf)(np.ones((3, 2)), 1)


def a_concrete_function(tf: Any) -> Any:
    f = _double(tf).get_concrete_function()
    spec = f.structured_input_signature[0][0]
    return [len(f.inputs), list(spec.shape), spec.name, f(tf.ones((1, 2), tf.float64))]


def results_of_functions_are_tensors(tf: Any) -> Any:
    y, nothing, three = tf.function(lambda x, y=2.0: (x + y, None, 3.0))(tf.constant(1.0))
    return [y, nothing, bool(tf.is_tensor(three))]


def variables_read_in_a_function_are_watched(tf: Any) -> Any:
    w = tf.Variable(np.float64(3.0))

    @tf.function
    def f(x: Any) -> Any:
        return w * w * x

    with tf.GradientTape() as tape:
        y = f(tf.constant(2.0, tf.float64))
    return [tape.gradient(y, w), [v is w for v in tape.watched_variables()]]


def a_method_that_is_a_function(tf: Any) -> Any:
    class Model(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tf.Variable(np.float64(3.0))

        @tf.function
        def __call__(self, x: Any) -> Any:
            return self.w * x

    model = Model()
    with tf.GradientTape() as tape:
        y = model(tf.constant(2.0, tf.float64))
    return [y, tape.gradient(y, model.w)]


@differs(
    [True, False, 1, [None, 2], "q", True, False, True], "an unknown shape is None, TensorFlow has an object for it"
)
def specs(tf: Any) -> Any:
    s = tf.TensorSpec([None, 2], tf.float64, name="q")
    return [
        s == tf.TensorSpec([None, 2], tf.float64, name="q"), s == tf.TensorSpec([None, 2], tf.float64),
        len({s, tf.TensorSpec([None, 2], tf.float64, name="q")}), list(s.shape), s.name,
        *(s.is_compatible_with(tf.TensorSpec([3, n], tf.float64)) for n in (2, 3)),
        tf.TensorSpec(None, tf.float64).shape is None,
    ]  # fmt: skip


def slices_of_a_variable_are_assigned(tf: Any) -> Any:
    v = _variable(tf)
    v[0].assign([9.0, 9.0])
    v[:, 1].assign(np.float64(5.0))
    v[::-1].assign(v * 2.0)
    v[..., None].assign(tf.reshape(v + 1.0, (3, 2, 1)))
    return v.numpy()


def a_slice_is_not_assigned_what_does_not_fit(tf: Any) -> Any:
    return _variable(tf)[0].assign([1.0, 2.0, 3.0]).numpy()


def a_slice_of_a_variable_is_watched(tf: Any) -> Any:
    v = _variable(tf)
    with tf.GradientTape() as tape:
        z = v[0] * v[1]
        v[0].assign([7.0, 7.0])
        y = z + v[0]
    return [y, tape.gradient(y, v)]


def updates_of_a_variable(tf: Any) -> Any:
    v = _variable(tf)
    v.scatter_nd_update([[0]], [[1.0, 1.0]])
    v.scatter_nd_add([[1, 1], [1, 1]], [1.0, 1.0])
    v.scatter_nd_sub([[2]], [[1.0, 1.0]])
    v.scatter_nd_max([[0, 0]], [9.0])
    v.scatter_nd_min([[0, 1]], [-9.0])
    return [v.numpy(), v.sparse_read([1]), v.gather_nd([[0, 1]])]


def references(tf: Any) -> Any:
    v, c = tf.Variable(1.0), tf.constant(1.0)
    return [
        v.ref() == v.ref(),
        v.ref() == c.ref(),
        {v.ref(): 1}[v.ref()],
        v.ref().deref() is v,
        len({c.ref(), c.ref()}),
    ]


def shapes_as_objects(tf: Any) -> Any:
    s = tf.zeros((2, 3)).shape
    return [
        s.as_list(), s.rank, s.ndims, s.num_elements(), s.is_fully_defined(), s == (2, 3), s[0], len(s),
        s.is_compatible_with([None, 3]), s.is_compatible_with([2]), s.is_compatible_with(None),
        s.concatenate([4]).as_list(), s.merge_with([2, None]).as_list(), tf.TensorShape([None, 2]).is_fully_defined(),
        tf.TensorShape([None, 2]).num_elements(), tf.zeros((2, 3)).get_shape().as_list(), s.with_rank(2).as_list(),
    ]  # fmt: skip


def a_shape_of_another_rank(tf: Any) -> Any:
    return tf.zeros((2, 3)).shape.assert_has_rank(3)


def incompatible_shapes(tf: Any) -> Any:
    return tf.zeros((2, 3)).shape.assert_is_compatible_with([2, 2])


def a_shape_that_is_ensured(tf: Any) -> Any:
    x = tf.Variable(np.array([1.0, 2.0]))
    with tf.GradientTape() as tape:
        y = tf.ensure_shape(x * x, [None])
    return [y, tape.gradient(y, x)]


def a_shape_that_is_not_there(tf: Any) -> Any:
    return tf.ensure_shape(tf.constant([1.0, 2.0]), [3])


def a_rank_that_is_not_there(tf: Any) -> Any:
    return tf.ensure_shape(tf.constant([1.0, 2.0]), [None, None])


def a_shape_that_is_set(tf: Any) -> Any:
    x = tf.constant([1.0, 2.0])
    return [x.set_shape([2]), x.set_shape([None]), x.set_shape([3])]


def what_is_a_tensor(tf: Any) -> Any:
    v = _variable(tf)
    return [bool(tf.is_tensor(x)) for x in (v, v[0], v * 2, 1.0, np.ones(2), [v], None)]
