"""Calls of tensor operations, each with its NumPy spelling; the tests are generated from them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import tracer as tf


class Case(NamedTuple):
    """A function of tensors, the same of arrays, and the shapes of the arguments."""

    name: str
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]


def case(name: str, ours: Callable[..., Any], theirs: Callable[..., Any], *shapes: tuple[int, ...]) -> Case:
    return Case(name, ours, theirs, shapes)


def same(name: str, function: Callable[..., Any], *shapes: tuple[int, ...]) -> Case:
    """What is written alike for tensors and arrays."""
    return Case(name, function, function, shapes)


def lse(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def scan(function, start, exclusive, backwards):
    def line(x):
        x = x[::-1] if backwards else x
        x = np.concatenate([[start], x[:-1]]) if exclusive else x
        y = function(x)
        return y[::-1] if backwards else y

    return lambda x: np.apply_along_axis(line, 1, x) if x.shape[1] else x


mask = np.array([True, False, True])
ids = np.array([[0, 1], [2, 5]])

INDEXING = [
    same("int", lambda x: x[1], (3,)),
    same("negative int", lambda x: x[-1], (3, 2)),
    same("two ints", lambda x: x[1, -2], (3, 2)),
    same("ellipsis", lambda x: x[..., 0], (2, 3)),
    same("step", lambda x: x[-1, ::2], (3, 4)),
    same("negative step", lambda x: x[::-2], (4, 2)),
    same("negative step and bounds", lambda x: x[3:0:-2], (5,)),
    same("negative step to the start", lambda x: x[2::-1], (4,)),
    same("bounds beyond the ends", lambda x: x[-9:9], (3,)),
    same("nothing left", lambda x: x[2:1], (3, 2)),
    same("step over nothing", lambda x: x[5::2], (3,)),
    same("new axes", lambda x: x[..., None, 1:3], (2, 4)),
    same("new axis of a scalar", lambda x: x[None], ()),
    same("integer list", lambda x: x[[0, 0, 2]], (3, 2)),
    same("integer matrix", lambda x: x[[[0, 1], [1, 1]]], (2, 2)),
    same("empty list", lambda x: x[[]], (3, 2)),
    same("negative integer list", lambda x: x[:, [-1, 0]], (2, 3)),
    same("two arrays", lambda x: x[[0, 1, 1], [1, 0, 0]], (2, 2)),
    same("arrays broadcast", lambda x: x[:, [[0], [1]], [1, 0]], (2, 2, 2)),
    same("arrays around a slice", lambda x: x[[0, 0, 1], :, [1, 1, 0]], (2, 2, 2)),
    same("int and array around a slice", lambda x: x[0, :, [1, 1, 0]], (2, 2, 2)),
    same("array, new axis, array", lambda x: x[[0, 1], None, [1, 1]], (2, 2)),
    same("array between slices", lambda x: x[1:, [1, 1, 0], ::-1], (2, 2, 2)),
    same("mask", lambda x: x[mask], (3, 2)),
    same("mask and slice", lambda x: x[1:, mask], (2, 3)),
    same("mask of a matrix", lambda x: x[ids > 1], (2, 2)),
    case("unstack", lambda x: tf.unstack(x, axis=1)[1], lambda x: x[:, 1], (3, 2)),
    case("iteration", lambda x: [*x][1], lambda x: x[1], (2, 2)),
    case("all elements", lambda x: sum(k * v**2 for k, v in enumerate(x)), lambda x: x[1] ** 2 + 2 * x[2] ** 2, (3,)),
    case("split", lambda x: tf.split(x, 2, axis=1)[1], lambda x: x[:, 2:], (2, 4)),
    case("split by sizes", lambda x: tf.split(x, [1, -1])[1], lambda x: x[1:], (3, 2)),
    case("slice", lambda x: tf.slice(x, [0, 1], [-1, 2]), lambda x: x[:, 1:3], (2, 4)),
    case("reverse", lambda x: tf.reverse(x, [0, -1]), lambda x: x[::-1, :, ::-1], (2, 2, 2)),
    case("gather", lambda x: tf.gather(x, [[0, 0], [1, 1]], axis=1), lambda x: np.take(x, [[0, 0], [1, 1]], 1), (2, 2)),
    case("gather one", lambda x: tf.gather(x, 1), lambda x: x[1], (2, 2)),
    case(
        "gather in a batch",
        lambda x: tf.gather(x, [[0, 0, 1], [1, 1, 1]], axis=2, batch_dims=1),
        lambda x: np.stack([x[0][:, [0, 0, 1]], x[1][:, [1, 1, 1]]]),
        (2, 3, 2),
    ),
    case("gather_nd", lambda x: tf.gather_nd(x, [[0, 1], [0, 1]]), lambda x: x[[0, 0], [1, 1]], (2, 2, 2)),
    case(
        "gather_nd in a batch",
        lambda x: tf.gather_nd(x, [[[0, 1]], [[1, 1]]], batch_dims=1),
        lambda x: np.stack([x[0, [0], [1]], x[1, [1], [1]]]),
        (2, 2, 2),
    ),
    case(
        "scatter_nd",
        lambda x: tf.scatter_nd([[0], [0], [2]], x, (3, 2)),
        lambda x: np.array([x[0] + x[1], 0 * x[0], x[2]]),
        (3, 2),
    ),
    case(
        "tensor_scatter_nd_add",
        lambda x, y: tf.tensor_scatter_nd_add(x, [[1], [1]], y),
        lambda x, y: x + np.array([0, y[0] + y[1]]),
        (2,),
        (2,),
    ),
    case(
        "tensor_scatter_nd_sub",
        lambda x, y: tf.tensor_scatter_nd_sub(x, [[1], [1]], y),
        lambda x, y: x - np.array([0, y[0] + y[1]]),
        (2,),
        (2,),
    ),
    case(
        "tensor_scatter_nd_update",
        lambda x, y: tf.tensor_scatter_nd_update(x, [[2], [0]], y),
        lambda x, y: np.stack([y[1], x[1], y[0]]),
        (3, 2),
        (2, 2),
    ),
    case(
        "tensor_scatter_nd_update, the last one counts",
        lambda x, y: tf.tensor_scatter_nd_update(x, [[0, 1], [1, 0], [0, 1]], y),
        lambda x, y: np.array([[x[0, 0], y[2]], [y[1], x[1, 1]]]),
        (2, 2),
        (3,),
    ),
    case(
        "tensor_scatter_nd_max",
        lambda x, y: tf.tensor_scatter_nd_max(x, [[1]], y),
        lambda x, y: np.stack([x[0], np.maximum(x[1], y[0])]),
        (2, 1),
        (1, 1),
    ),
    case(
        "tensor_scatter_nd_min",
        lambda x, y: tf.tensor_scatter_nd_min(x, [[0, 1]], y),
        lambda x, y: np.array([[x[0, 0], min(x[0, 1], y[0])]]),
        (1, 2),
        (1,),
    ),
    *(
        case(
            f"segment_{name}",
            lambda x, f=name: getattr(tf.math, f"segment_{f}")(x, [0, 0, 2]),
            lambda x, r=reduction, e=empty: np.stack([r(x[:2], 0), e + 0 * x[0], r(x[2:], 0)]),
            (3, 1) if name in ("max", "min") else (3, 2),
        )
        for name, reduction, empty in (
            ("max", np.max, 0.0),
            ("min", np.min, 0.0),
            ("mean", np.mean, 0.0),
            ("prod", np.prod, 1.0),
        )
    ),
    *(
        case(
            f"unsorted_segment_{name}",
            lambda x, f=name: getattr(tf.math, f"unsorted_segment_{f}")(x, [[1, 0], [0, -1]], 2),
            lambda x, r=reduction: np.stack([r(np.stack([x[0, 1], x[1, 0]]), 0), r(x[0, :1], 0)]),
            (2, 2, 1),
        )
        for name, reduction in (
            ("max", np.max),
            ("min", np.min),
            ("mean", np.mean),
            ("prod", np.prod),
            ("sum", np.sum),
            ("sqrt_n", lambda x, axis: np.sum(x, axis) / len(x) ** 0.5),
        )
    ),
    case("segment_sum", lambda x: tf.segment_sum(x, [0, 0, 1]), lambda x: np.stack([x[0] + x[1], x[2]]), (3, 2)),
    case("boolean_mask", lambda x: tf.boolean_mask(x, mask, axis=1), lambda x: x[:, mask], (2, 3)),
]

STRUCTURE = [
    case("reshape", lambda x: tf.reshape(x, (-1, 3)), lambda x: x.reshape(-1, 3), (3, 2)),
    case("reshape to a scalar", lambda x: tf.reshape(x, ()), lambda x: x.reshape(()), (1, 1)),
    case("concat", lambda x, y: tf.concat([x, y, x], 1), lambda x, y: np.concatenate([x, y, x], 1), (3, 2), (3, 1)),
    case("concat of nothing", lambda x, y: tf.concat([x, y], 0), lambda x, y: np.concatenate([x, y]), (0, 2), (1, 2)),
    case("stack", lambda x, y: tf.stack([x, y], 1), lambda x, y: np.stack([x, y], 1), (3, 2), (3, 2)),
    case("stack at the end", lambda x, y: tf.stack([x, y], -1), lambda x, y: np.stack([x, y], -1), (2,), (2,)),
    case("stack of scalars", lambda x, y: tf.stack([x, y, 2.0]), lambda x, y: np.array([x, y, 2.0]), (), ()),
    case("pad", lambda x: tf.pad(x, [[1, 0], [0, 2]]), lambda x: np.pad(x, [[1, 0], [0, 2]]), (3, 2)),
    case(
        "pad with a number",
        lambda x: tf.pad(x, [[1, 2]], constant_values=3.5),
        lambda x: np.pad(x, [[1, 2]], constant_values=3.5),
        (0,),
    ),
    case(
        "pad reflect",
        lambda x: tf.pad(x, [[1, 0], [2, 1]], "REFLECT"),
        lambda x: np.pad(x, [[1, 0], [2, 1]], "reflect"),
        (2, 3),
    ),
    case(
        "pad symmetric",
        lambda x: tf.pad(x, [[2, 0], [1, 2]], "symmetric"),
        lambda x: np.pad(x, [[2, 0], [1, 2]], "symmetric"),
        (2, 2),
    ),
    case("tile", lambda x: tf.tile(x, [2, 3]), lambda x: np.tile(x, [2, 3]), (2, 2)),
    case("repeat", lambda x: tf.repeat(x, 2), lambda x: np.repeat(x, 2), (2, 2)),
    case("repeat along an axis", lambda x: tf.repeat(x, 3, axis=-1), lambda x: np.repeat(x, 3, axis=-1), (2, 2)),
    case("repeat each", lambda x: tf.repeat(x, [1, 0, 2], axis=0), lambda x: np.repeat(x, [1, 0, 2], axis=0), (3, 2)),
    case("roll", lambda x: tf.roll(x, [4, -1], [0, 1]), lambda x: np.roll(x, [4, -1], [0, 1]), (3, 2)),
    case("linspace", lambda x, y: tf.linspace(x, y, 4, axis=1), lambda x, y: np.linspace(x, y, 4, axis=1), (2,), (2,)),
    case("linspace of scalars", lambda x, y: tf.linspace(x, y, 3), lambda x, y: np.linspace(x, y, 3), (), ()),
    case("meshgrid", lambda x, y: tf.meshgrid(x, y)[1], lambda x, y: np.meshgrid(x, y)[1], (3,), (2,)),
    case(
        "meshgrid of three",
        lambda x, y, z: tf.meshgrid(x, y, z, indexing="ij")[0],
        lambda x, y, z: np.meshgrid(x, y, z, indexing="ij")[0],
        (2,),
        (1,),
        (2,),
    ),
    case("fill", lambda x: tf.fill([2, 3], x), lambda x: np.full((2, 3), x), ()),
    case("eye", lambda x: tf.eye(2, 3, batch_shape=[2]) * x, lambda x: np.stack([np.eye(2, 3)] * 2) * x, ()),
    case(
        "one_hot", lambda x: tf.one_hot(ids, 3, axis=1) * x, lambda x: (ids[:, None] == np.arange(3)[:, None]) * x, ()
    ),
    case("range", lambda x: tf.range(7, 1, -2) * x, lambda x: np.arange(7, 1, -2) * x, ()),
    case("range of floats", lambda x: tf.range(0.5, 2.0, 0.25) * x, lambda x: np.arange(0.5, 2.0, 0.25) * x, ()),
    case("zeros and ones", lambda x: (tf.ones((2,)) - tf.zeros(2)) * x, lambda x: np.ones(2) * x, ()),
]

REDUCTIONS = [
    case(
        f"{ours} {axis} {keepdims}",
        lambda x, f=ours, a=axis, k=keepdims: getattr(tf, f)(x, axis=a, keepdims=k),
        lambda x, f=theirs, a=axis, k=keepdims: f(x, axis=a, keepdims=k),
        shape,
    )
    for ours, theirs in {
        "reduce_max": np.max,
        "reduce_min": np.min,
        "reduce_prod": np.prod,
        "reduce_logsumexp": lse,
        "reduce_variance": np.var,
        "reduce_std": np.std,
        "reduce_euclidean_norm": np.linalg.norm,
    }.items()
    for axis, keepdims, shape in ((None, False, (3,)), (-1, True, (2, 2)), ((0, 1), True, (1, 2)), (0, False, (2, 2)))
] + [
    case("reduce_prod of inner axes", lambda x: tf.reduce_prod(x, [0, 2]), lambda x: np.prod(x, (0, 2)), (2, 1, 2)),
    case("reduce_max of size 1", lambda x: tf.reduce_max(x, 0), lambda x: np.max(x, 0), (1, 2)),
    case("reduce_prod of nothing", lambda x, y: tf.reduce_prod(x, 0) * y, lambda x, y: np.prod(x, 0) * y, (0, 2), ()),
    case("reduce_max of a scalar", lambda x: tf.reduce_max(x), lambda x: x, ()),
    case("sort", tf.sort, np.sort, (1, 3)),
    case("sort along the first axis", lambda x: tf.sort(x, 0, "DESCENDING"), lambda x: np.sort(x, 0)[::-1], (2, 2)),
    case("top_k", lambda x: tf.top_k(x, 2).values, lambda x: np.sort(x)[:, ::-1][:, :2], (1, 3)),
]

SCANS = [
    case(
        f"{name} {exclusive} {backwards}",
        lambda x, f=name, e=exclusive, b=backwards: getattr(tf, f)(x, 1, e, b),
        scan(theirs, start, exclusive, backwards),
        shape,
    )
    for name, theirs, start in (
        ("cumsum", np.cumsum, 0.0),
        ("cumprod", np.cumprod, 1.0),
        ("cumulative_logsumexp", np.logaddexp.accumulate, -np.inf),
    )
    for exclusive in (False, True)
    for backwards in (False, True)
    for shape in ((2, 3), (1, 1))
    if not (exclusive and name == "cumulative_logsumexp")
] + [case("cumsum of nothing", lambda x: tf.cumsum(x), lambda x: x, (0, 2))]

DIFFERENTIABLE = INDEXING + STRUCTURE + REDUCTIONS + SCANS

CONSTANT = [
    case("argmax", lambda x: tf.argmax(-x), lambda x: np.argmax(-x, 0), (3, 2)),
    case("argmin", lambda x: tf.argmin(x, -1, output_type="int32"), lambda x: np.argmin(x, -1).astype("int32"), (2, 3)),
    case("argsort", tf.argsort, np.argsort, (2, 3)),
    case("argsort descending", lambda x: tf.argsort(x, 0, "DESCENDING"), lambda x: np.argsort(-x, 0), (3, 2)),
    case("top_k indices", lambda x: tf.top_k(x, 2).indices, lambda x: np.argsort(-x)[:, :2], (2, 3)),
    case("count_nonzero", lambda x: tf.count_nonzero(x, 1), lambda x: np.count_nonzero(x, 1), (2, 3)),
    case(
        "reduce_all",
        lambda x: tf.reduce_all(x > -1, 0, keepdims=True),
        lambda x: np.all(x > -1, 0, keepdims=True),
        (2, 3),
    ),
    case("reduce_any", lambda x: tf.reduce_any(x > 0), lambda x: np.any(x > 0), (2, 3)),
    case("zeros_like", tf.zeros_like, np.zeros_like, (2, 3)),
    case("ones_like", lambda x: tf.ones_like(x, "int64"), lambda x: np.ones_like(x, "int64"), (2,)),
    case("shape", tf.shape, lambda x: np.array(x.shape, "int32"), (2, 3)),
    case("size", tf.size, lambda x: np.int32(x.size), (2, 3)),
    case("rank", tf.rank, lambda x: np.int32(x.ndim), (2, 3)),
    case(
        "one_hot of a comparison",
        lambda x: tf.one_hot(tf.argmax(x), 3, 2.0, -1.0),
        lambda x: np.where(np.arange(3) == x.argmax(), 2.0, -1.0),
        (3,),
    ),
]
