"""Calls of operations with arguments of every kind, by module, each with what NumPy has for it.

They are made on tensors of all dtypes, on lists, and with symbolic sizes; what a call refuses is said with it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import sympy

import tracer as tf

linalg, math, nn = tf.linalg, tf.math, tf.nn


class Call(NamedTuple):
    """A function of tensors, the same of arrays, and the shapes of the arguments.

    ``refused`` names the variants that the call does not take; ``wide`` says that the result is float64 for operands of
    float32 too, ``smooth`` that there is a gradient.
    """

    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    refused: str
    wide: bool
    smooth: bool


def call(
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    *shapes: tuple[int, ...],
    refused: str = "",
    wide: bool = False,
    smooth: bool = True,
) -> Call:
    return Call(ours, theirs, shapes, refused, wide, smooth)


FLOATING = {"norms", "layers", "losses", "powers", "spectral", "systems", "inverses", "lu"}
"""The modules whose functions make floats of integers."""


V, M, T = (3,), (2, 3), (2, 3, 4)


def swapped(a):
    return np.swapaxes(a, -1, -2)


def with_diagonal(x, diagonal):
    found, place = np.array(x), np.arange(diagonal.shape[-1])
    found[..., place, place] = diagonal
    return found


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis, keepdims=True))
    return e / np.sum(e, axis, keepdims=True)


def softplus(x):
    return np.log1p(np.exp(x))


def lse(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x), axis, keepdims=keepdims))


def attention(q, k, v, mask=None, scale=None):
    scores = q @ swapped(k) * (q.shape[-1] ** -0.5 if scale is None else scale)
    return softmax(scores if mask is None else np.where(mask, scores, -np.inf)) @ v


def definite(a):
    """Symmetric, with distinct positive eigenvalues, of tensors and of arrays."""
    if isinstance(a, np.ndarray):
        return a @ swapped(a) + np.diag(np.arange(1.0, 1 + a.shape[-2]))
    a = tf.convert_to_tensor(a)
    return tf.matmul(a, a, transpose_b=True) + linalg.diag(tf.cast(tf.range(1, 1 + a.shape[-2]), a.dtype))


def regular(a):
    """A square matrix, not symmetric, that has an inverse."""
    eye = np.eye(a.shape[-1]) if isinstance(a, np.ndarray) else tf.eye(tf.convert_to_tensor(a).shape[-1])
    return a + 20 * (eye if isinstance(a, np.ndarray) else tf.cast(eye, tf.convert_to_tensor(a).dtype))


def segments(x, ids, count, combine, empty=0):
    ids = np.asarray(ids)
    rows = [x[ids == k] for k in range(count)]
    return np.stack([combine(r, axis=0) if len(r) else np.full(x.shape[ids.ndim :], empty, x.dtype) for r in rows])


IDS, WIDE_IDS = [0, 0, 2], [[1, 0, -1], [0, 1, 1]]
MASK = np.array([[True, False, True], [False, True, True]])

CALLS: dict[str, list[Call]] = {
    "casting": [
        call(lambda x: tf.cast(x, "float64"), lambda x: x.astype("float64"), M, wide=True),
        call(lambda x: tf.cast(x, "float32") * 2, lambda x: np.asarray(x, "float32") * 2, V, smooth=False),
        call(lambda x: tf.cast(x, "int64"), lambda x: x.astype("int64"), V),
        call(lambda x: tf.cast(x, "int32"), lambda x: x.astype("int32"), M),
        call(lambda x: tf.cast(x, "bool"), lambda x: x.astype("bool"), V),
        call(lambda x: tf.cast(tf.size(x), "float64") * x, lambda x: float(x.size) * x, V, wide=True),
        call(
            lambda x: tf.cast(tf.cast(x > 0, "int64"), "float64") * x,
            lambda x: np.maximum(x, 0.0),
            V,
            refused="list",
            wide=True,
        ),
    ],
    "reshaping": [
        call(lambda x: tf.reshape(x, [-1]), lambda x: x.reshape(-1), T),
        call(lambda x: tf.reshape(x, -1), lambda x: x.reshape(-1), M),
        call(lambda x: tf.reshape(x, (1, -1)), lambda x: x.reshape(1, -1), M),
        call(lambda x: tf.reshape(x, (-1, 1)), lambda x: x.reshape(-1, 1), M),
        call(lambda x: tf.reshape(x, (3, -1)), lambda x: x.reshape(3, -1), M, refused="symbolic rest"),
        call(lambda x: tf.reshape(x, (-1, 2)), lambda x: x.reshape(-1, 2), M, refused="symbolic twos"),
        call(lambda x: tf.reshape(x, (4, 6)), lambda x: x.reshape(4, 6), T, refused="symbolic twos rest"),
        call(lambda x: tf.reshape(x, np.array([-1, 1])), lambda x: x.reshape(-1, 1), M),
        call(lambda x: tf.reshape(x, [tf.constant(-1), 1]), lambda x: x.reshape(-1, 1), M),
        call(lambda x: tf.reshape(x, np.array(-1)), lambda x: x.reshape(-1), M),
        call(lambda x: tf.reshape(x, tf.constant(-1)), lambda x: x.reshape(-1), M),
        call(lambda x: tf.reshape(x, tf.size(x)), lambda x: x.reshape(-1), M),
        call(lambda x: tf.reshape(x, ()), lambda x: x.reshape(()), (1, 1, 1)),
        call(lambda x: tf.reshape(x, (1, 1)), lambda x: x.reshape(1, 1), ()),
        call(lambda x: tf.reshape(x, tf.shape(tf.reshape(x, (-1,)))), lambda x: x.reshape(-1), M),
        call(lambda x: tf.reshape(x, (0, 5)), lambda x: x.reshape(0, 5), (0, 3)),
        call(lambda x: tf.reshape(x, tf.shape(x)[::-1]), lambda x: x.reshape(x.shape[::-1]), M),
        call(lambda x: tf.reshape(x, (tf.shape(x)[1], -1)), lambda x: x.reshape(x.shape[1], -1), T),
    ],
    "structure": [
        call(lambda x, y: tf.concat([x, y], -1), lambda x, y: np.concatenate([x, y], -1), M, (2, 4)),
        call(lambda x, y: tf.concat([x, y, x], 1), lambda x, y: np.concatenate([x, y, x], 1), T, (2, 2, 4)),
        call(lambda x: tf.concat([x], 0), lambda x: x, M),
        call(lambda x: tf.concat(x, 0), lambda x: x, V, refused="list"),
        call(lambda x: tf.concat([x, [1]], 0), lambda x: np.concatenate([x, [1]]), V),
        call(lambda x: tf.stack([x, [1, 2, 3]]), lambda x: np.stack([x, [1, 2, 3]]), V, refused="symbolic rest"),
        call(lambda x, y: tf.stack([x, y], -2), lambda x, y: np.stack([x, y], -2), M, M),
        call(lambda x, y, z: tf.stack((x, y, z), 1), lambda x, y, z: np.stack([x, y, z], 1), T, T, T),
        call(lambda x: tf.stack(x), lambda x: x, V, refused="symbolic rest"),
        call(lambda x: tf.pad(x, [[0, 0], [0, 0]]), lambda x: x, M),
        call(lambda x: tf.pad(x, [(1, 2), (0, 1), (3, 0)]), lambda x: np.pad(x, [(1, 2), (0, 1), (3, 0)]), T),
        call(
            lambda x: tf.pad(x, [[0, 1], [1, 0]], constant_values=-2),
            lambda x: np.pad(x, [[0, 1], [1, 0]], constant_values=-2),
            M,
        ),
        call(
            lambda x: tf.pad(x, tf.constant([[0, 1], [1, 0]]), "constant"),
            lambda x: np.pad(x, [[0, 1], [1, 0]]),
            M,
        ),
        call(lambda x: tf.pad(x, [[2, 2]], "reflect"), lambda x: np.pad(x, [[2, 2]], "reflect"), V),
        call(lambda x: tf.pad(x, [[3, 3]], "SYMMETRIC"), lambda x: np.pad(x, [[3, 3]], "symmetric"), V),
        call(
            lambda x: tf.pad(x, [[0, 0], [2, 0], [0, 1]], "REFLECT"),
            lambda x: np.pad(x, [[0, 0], [2, 0], [0, 1]], "reflect"),
            T,
        ),
        call(
            lambda x: tf.pad(x, [[1, 0], [0, 0], [0, 2]], "SYMMETRIC"),
            lambda x: np.pad(x, [[1, 0], [0, 0], [0, 2]], "symmetric"),
            T,
        ),
        call(lambda x: tf.tile(x, (2,)), lambda x: np.tile(x, 2), V),
        call(lambda x: tf.tile(x, [1, 3, 2]), lambda x: np.tile(x, [1, 3, 2]), T),
        call(lambda x: tf.tile(x, [0, 2]), lambda x: np.tile(x, [0, 2]), M),
        call(lambda x: tf.tile(x, []), lambda x: x, ()),
        call(lambda x: tf.repeat(x, 3), lambda x: np.repeat(x, 3), T),
        call(lambda x: tf.repeat(x, [2]), lambda x: np.repeat(x, [2]), M),
        call(lambda x: tf.repeat(x, 2, axis=1), lambda x: np.repeat(x, 2, axis=1), T),
        call(lambda x: tf.repeat(x, 0, axis=-2), lambda x: np.repeat(x, 0, axis=-2), T),
        call(
            lambda x: tf.repeat(x, [1, 0, 2], axis=1),
            lambda x: np.repeat(x, [1, 0, 2], axis=1),
            M,
            refused="symbolic rest",
        ),
        call(
            lambda x: tf.repeat(x, tf.constant([2, 1, 0])),
            lambda x: np.repeat(x, [2, 1, 0]),
            V,
            refused="symbolic rest",
        ),
        call(lambda x: tf.repeat(x, tf.constant(2), axis=0), lambda x: np.repeat(x, 2, axis=0), M),
        call(lambda x: tf.repeat(x, np.array([2]), axis=0), lambda x: np.repeat(x, [2], axis=0), M),
        call(lambda x: tf.roll(x, 2, 0), lambda x: np.roll(x, 2, 0), V),
        call(lambda x: tf.roll(x, -1, -1), lambda x: np.roll(x, -1, -1), T),
        call(lambda x: tf.roll(x, 0, 0), lambda x: x, M),
        call(lambda x: tf.roll(x, -7, 1), lambda x: np.roll(x, -7, 1), T),
        call(lambda x: tf.roll(x, [1, 2], [0, 0]), lambda x: np.roll(x, [1, 2], [0, 0]), M),
        call(lambda x: tf.roll(x, (1, -5), (2, 1)), lambda x: np.roll(x, (1, -5), (2, 1)), T),
        call(lambda x: tf.roll(x, 3, 0), lambda x: x, (0, 2)),
        call(lambda x: tf.swapaxes(x, 0, -1), lambda x: np.swapaxes(x, 0, -1), T),
        call(lambda x: tf.swapaxes(x, 2, 1), lambda x: np.swapaxes(x, 2, 1), T),
        call(lambda x: tf.moveaxis(x, 0, -1), lambda x: np.moveaxis(x, 0, -1), T),
        call(lambda x: tf.moveaxis(x, [2, 0], [0, 1]), lambda x: np.moveaxis(x, [2, 0], [0, 1]), T),
        call(lambda x: tf.moveaxis(x, (-1, 1), (1, 0)), lambda x: np.moveaxis(x, (-1, 1), (1, 0)), T),
    ],
    "creation": [
        call(lambda x: tf.zeros(tf.shape(x)) + x, lambda x: 1.0 * x, M, wide=True),
        call(lambda x: tf.ones([2, 2], "int32"), lambda x: np.ones((2, 2), "int32"), ()),
        call(lambda x: tf.zeros(3, None), lambda x: np.zeros(3), (), wide=True),
        call(lambda x: tf.ones(3, None), lambda x: np.ones(3), (), wide=True),
        call(lambda x: tf.zeros((), "bool"), lambda x: np.zeros((), "bool"), ()),
        call(lambda x: tf.fill((2, 2), x), lambda x: np.full((2, 2), x), ()),
        call(lambda x: tf.fill(tf.shape(x), 2.5) * x, lambda x: 2.5 * x, M, wide=True),
        call(lambda x: tf.eye(3, dtype=None), lambda x: np.eye(3), (), wide=True),
        call(lambda x: tf.eye(3, 2, dtype=None), lambda x: np.eye(3, 2), (), wide=True),
        call(lambda x: tf.eye(2, 4, [3], "int64"), lambda x: np.stack([np.eye(2, 4, dtype="int64")] * 3), ()),
        call(lambda x: tf.eye(2, None, [3, 1]), lambda x: np.broadcast_to(np.eye(2), (3, 1, 2, 2)), (), wide=True),
        call(lambda x: tf.eye(2, 2, [2], "float32"), lambda x: np.stack([np.eye(2, dtype="float32")] * 2), ()),
        call(lambda x: tf.eye(tf.convert_to_tensor(x).shape[1]) * 2, lambda x: 2 * np.eye(x.shape[1]), M, wide=True),
        call(
            lambda x: tf.eye(*tf.convert_to_tensor(x).shape, [2]),
            lambda x: np.broadcast_to(np.eye(*x.shape), (2, *x.shape)),
            M,
            wide=True,
        ),
        call(lambda x: tf.range(4, dtype="int32"), lambda x: np.arange(4, dtype="int32"), ()),
        call(lambda x: tf.range(1.0, 2.5, 0.5, "float32"), lambda x: np.arange(1, 2.5, 0.5, "float32"), ()),
        call(lambda x: tf.range(2, 9, 3), lambda x: np.arange(2, 9, 3), ()),
        call(lambda x: tf.range(2, 8, 3), lambda x: np.arange(2, 8, 3), ()),
        call(lambda x: tf.range(9, 2, -3), lambda x: np.arange(9, 2, -3), ()),
        call(lambda x: tf.range(2, 9, -1), lambda x: np.arange(2, 9, -1), ()),
        call(lambda x: tf.range(9.5, 2.0, 1.0), lambda x: np.arange(9.5, 2.0, 1.0), (), wide=True),
        call(lambda x: tf.range(0, 7, 2.5), lambda x: np.arange(0, 7, 2.5), (), wide=True),
        call(lambda x: tf.range(tf.constant(1), tf.constant(6), tf.constant(2)), lambda x: np.arange(1, 6, 2), ()),
        call(lambda x: tf.range(tf.constant(3.0)), lambda x: np.arange(3.0), (), wide=True),
        call(lambda x: tf.range(1, tf.size(x)), lambda x: np.arange(1, x.size), M),
        call(lambda x: tf.range(tf.size(x), 0, -1), lambda x: np.arange(x.size, 0, -1), M),
        call(lambda x: tf.range(tf.size(x), 2 * tf.size(x), 2), lambda x: np.arange(x.size, 2 * x.size, 2), M),
        call(lambda x: tf.range(tf.shape(x)[0])[1] * x, lambda x: x, M),
        call(lambda x: tf.linspace(x, 2.0, 3), lambda x: np.linspace(x, 2.0, 3), V, wide=True),
        call(lambda x: tf.linspace(1, x, 4), lambda x: np.linspace(1, x, 4), M, wide=True),
        call(lambda x: tf.linspace(x, 3, 2, axis=-1), lambda x: np.linspace(x, 3, 2, axis=-1), M, wide=True),
        call(lambda x, y: tf.linspace(x, y, 3, axis=1), lambda x, y: np.linspace(x, y, 3, axis=1), M, V, wide=True),
        call(lambda x, y: tf.linspace(x, y, 3, axis=1), lambda x, y: np.linspace(x, y, 3, axis=1), V, M, wide=True),
        call(lambda x, y: tf.linspace(x, y, 3, axis=2), lambda x, y: np.linspace(x, y, 3, axis=2), T, (4,), wide=True),
        call(lambda x, y: tf.linspace(x, y, 3, axis=-2), lambda x, y: np.linspace(x, y, 3, axis=2), (4,), T, wide=True),
        call(
            lambda x, y: tf.linspace(x, y, 3, axis=0), lambda x, y: np.linspace(x, y, 3, axis=0), T, (3, 1), wide=True
        ),
        call(lambda x, y: tf.linspace(x, y, 1, axis=1), lambda x, y: np.linspace(x, y, 1, axis=1), M, M, wide=True),
        call(lambda x: tf.zeros_like(x), lambda x: np.zeros_like(x), M),
        call(lambda x: tf.ones_like(x, dtype="int32"), lambda x: np.ones_like(x, "int32"), M),
        call(lambda x: tf.shape(x, "int64"), lambda x: np.array(x.shape), T),
        call(lambda x: tf.shape(x, None), lambda x: np.array(x.shape, "int32"), M),
        call(lambda x: tf.shape(x), lambda x: np.array(x.shape, "int32"), ()),
        call(lambda x: tf.size(x, "int64"), lambda x: np.int64(x.size), T),
        call(lambda x: tf.size(x, None), lambda x: np.int32(x.size), T),
        call(lambda x: tf.size(x, "float64"), lambda x: np.float64(x.size), T, wide=True),
        call(lambda x: tf.rank(x), lambda x: np.int32(x.ndim), T),
        call(lambda x, y: tf.meshgrid(x, y)[0], lambda x, y: np.meshgrid(x, y)[0], V, (2,)),
        call(lambda x, y: tf.meshgrid(x, y)[1], lambda x, y: np.meshgrid(x, y)[1], M, (2, 2)),
        call(lambda x: tf.meshgrid(x)[0], lambda x: x, V),
        *(
            call(
                lambda x, y, z, k=k, i=i: tf.meshgrid(x, y, z, indexing=i)[k],
                lambda x, y, z, k=k, i=i: np.meshgrid(x, y, z, indexing=i)[k],
                V,
                (2,),
                (4,),
            )
            for k in range(3)
            for i in ("xy", "ij")
        ),
    ],
    "indexing": [
        call(lambda x: tf.reverse(x, 1), lambda x: x[:, ::-1], T),
        call(lambda x: tf.reverse(x, [-1, 0]), lambda x: x[::-1, :, ::-1], T),
        call(lambda x: tf.reverse(x, []), lambda x: x, M),
        call(lambda x: tf.unstack(x)[1], lambda x: x[1], T, refused="symbolic twos"),
        call(lambda x: tf.unstack(x, 4, -1)[3], lambda x: x[..., 3], T),
        call(lambda x: tf.unstack(x, num=3, axis=1)[0], lambda x: x[:, 0], T),
        call(lambda x: tf.split(x, 2, -1)[1], lambda x: x[..., 2:], T, refused="symbolic rest"),
        call(lambda x: tf.split(x, [1, 1, 2], 2)[2], lambda x: x[..., 2:], T, refused="symbolic rest"),
        call(lambda x: tf.split(x, (-1, 1))[0], lambda x: x[:2], V),
        call(lambda x: tf.split(x, [1, -1, 1])[1], lambda x: x[1:2], V),
        call(lambda x: tf.split(x, [0, -1], 1)[0], lambda x: x[:, :0], M),
        call(lambda x: tf.split(x, 1)[0], lambda x: x, M),
        call(lambda x: tf.slice(x, [1, 0, 2], [1, -1, 2]), lambda x: x[1:2, :, 2:4], T),
        call(lambda x: tf.slice(x, (0, 1), (2, 1)), lambda x: x[:2, 1:2], M),
        call(lambda x: tf.slice(x, tf.constant([1]), tf.constant([2])), lambda x: x[1:3], V),
        call(lambda x: tf.slice(x, [tf.constant(1)], [tf.size(x) - 1]), lambda x: x[1:], V),
        call(lambda x: tf.convert_to_tensor(x)[tf.constant(1)], lambda x: x[1], T),
        call(lambda x: tf.convert_to_tensor(x)[tf.constant([1, 0, 1])], lambda x: x[[1, 0, 1]], M),
        call(lambda x: tf.convert_to_tensor(x)[tf.constant([[1], [0]]), [0, 2]], lambda x: x[[[1], [0]], [0, 2]], T),
        call(lambda x: tf.convert_to_tensor(x)[..., tf.constant(1) :], lambda x: x[..., 1:], T),
        call(lambda x: tf.convert_to_tensor(x)[:, tf.size(x) - 6 :: 2], lambda x: x[:, ::2], M),
        call(lambda x: tf.convert_to_tensor(x)[tf.shape(x)[0] - 1], lambda x: x[-1], M),
        call(lambda x: tf.convert_to_tensor(x)[np.int64(1), np.array(2)], lambda x: x[1, 2], T),
        call(lambda x: tf.convert_to_tensor(x)[None, ..., None, 1], lambda x: x[None, ..., None, 1], T),
        call(lambda x: tf.convert_to_tensor(x)[1, ..., ::-1], lambda x: x[1, ..., ::-1], T),
        call(lambda x: tf.convert_to_tensor(x)[:, 1], lambda x: x[:, 1], T),
        call(lambda x: tf.convert_to_tensor(x)[-2, [-3, 2]], lambda x: x[-2, [-3, 2]], T),
        call(lambda x: tf.convert_to_tensor(x)[sympy.Integer(1)], lambda x: x[1], M),
        call(lambda x: tf.convert_to_tensor(x)[()], lambda x: x[()], M),
        call(lambda x: tf.convert_to_tensor(x)[MASK, 1:], lambda x: x[MASK, 1:], T),
        call(lambda x: tf.convert_to_tensor(x)[0, [True, False, True]], lambda x: x[0, [True, False, True]], T),
        call(lambda x: tf.convert_to_tensor(x)[np.zeros((0, 2), int)], lambda x: x[np.zeros((0, 2), int)], V),
        call(lambda x: tf.shape(x)[1] * x, lambda x: x.shape[1] * x, M),
        call(lambda x: tf.shape(x)[-1:][0] * x, lambda x: x.shape[-1] * x, M),
        call(lambda x: tf.range(5, 0, -2)[1] * x, lambda x: 3 * x, V),
        call(lambda x: tf.constant([[4, 5], [6, 7]])[1][0] * x, lambda x: 6 * x, V),
    ],
    "gathering": [
        call(lambda x: tf.gather(x, [1, 0, 1]), lambda x: x[[1, 0, 1]], T),
        call(lambda x: tf.gather(x, -1), lambda x: x[-1], T),
        call(lambda x: tf.gather(x, tf.constant([[2, 0]]), axis=-2), lambda x: x[:, [[2, 0]]], T),
        call(lambda x: tf.gather(x, (0, 3), axis=2), lambda x: x[:, :, [0, 3]], T),
        call(lambda x: tf.gather(x, [], axis=1), lambda x: x[:, []], M),
        call(
            lambda x: tf.gather(x, [[0, 2], [1, 1]], batch_dims=1),
            lambda x: np.stack([x[0, [0, 2]], x[1, [1, 1]]]),
            T,
            refused="symbolic twos",
        ),
        call(
            lambda x: tf.gather(x, [[0, 2], [1, 1]], axis=2, batch_dims=-2),
            lambda x: np.stack([x[0][:, [0, 2]], x[1][:, [1, 1]]]),
            T,
            refused="symbolic twos",
        ),
        call(
            lambda x: tf.gather(x, [[[3], [0], [1]], [[2], [2], [0]]], axis=2, batch_dims=2),
            lambda x: np.take_along_axis(x, np.array([[[3], [0], [1]], [[2], [2], [0]]]), 2),
            T,
            refused="symbolic twos rest",
        ),
        call(
            lambda x: tf.gather(x, [2, 0], axis=1, batch_dims=1),
            lambda x: np.stack([x[0, 2], x[1, 0]]),
            T,
            refused="symbolic twos",
        ),
        call(lambda x: tf.gather_nd(x, [1, 2]), lambda x: x[1, 2], T),
        call(lambda x: tf.gather_nd(x, [[[1], [0]]]), lambda x: x[[[1, 0]]], T),
        call(lambda x: tf.gather_nd(x, [[0, -1, 3]]), lambda x: x[[0], [-1], [3]], T),
        call(
            lambda x: tf.gather_nd(x, [[2, 0], [1, 3]], batch_dims=1),
            lambda x: np.stack([x[0, 2, 0], x[1, 1, 3]]),
            T,
            refused="symbolic twos",
        ),
        call(lambda x: tf.gather_nd(x, tf.constant([[1, 0], [0, 2]])), lambda x: x[[1, 0], [0, 2]], M),
        call(
            lambda x: tf.scatter_nd([[1], [3]], x, (4, 3)),
            lambda x: np.stack([0 * x[0], x[0], 0 * x[0], x[1]]),
            M,
            refused="symbolic twos rest",
        ),
        call(
            lambda x: tf.scatter_nd([[1, 0], [1, 0], [0, 2]], x, [2, 3]),
            lambda x: np.array([[0, 0, x[2]], [x[0] + x[1], 0, 0]]),
            V,
            refused="symbolic rest",
        ),
        call(lambda x: tf.scatter_nd([2], x, [4]), lambda x: np.array([0, 0, 1, 0]) * x, ()),
        call(lambda x: tf.boolean_mask(x, MASK), lambda x: x[MASK], T, refused="symbolic twos rest"),
        call(
            lambda x: tf.boolean_mask(x, [True, False, True], axis=-2),
            lambda x: x[:, [0, 2]],
            T,
            refused="symbolic rest",
        ),
        call(lambda x: tf.boolean_mask(x, np.array([False, True])), lambda x: x[[1]], M, refused="symbolic twos"),
        call(lambda x: tf.one_hot(2, 4), lambda x: np.eye(4)[2], (), wide=True),
        call(lambda x: tf.one_hot([0, 2], 3, 5, 1), lambda x: np.array([[5, 1, 1], [1, 1, 5]]), ()),
        call(lambda x: tf.one_hot([0, 1], 2, on_value=5), lambda x: np.eye(2, dtype=int) * 5, ()),
        call(lambda x: tf.one_hot([0, 1], 2, on_value=tf.constant(2)), lambda x: np.eye(2, dtype=int) * 2, ()),
        call(lambda x: tf.one_hot([0, 1], 2, tf.Variable(2.0)), lambda x: np.eye(2) * 2, (), wide=True),
        call(lambda x: tf.one_hot([0, 1], 2, True, False), lambda x: np.eye(2, dtype=bool), ()),
        call(lambda x: tf.one_hot([0, 1], 2, on_value=2.5), lambda x: np.eye(2) * 2.5, (), wide=True),
        call(lambda x: tf.one_hot([0, 1], 2, off_value=3), lambda x: np.array([[1, 3], [3, 1]]), ()),
        call(lambda x: tf.one_hot([0, 1], 2, off_value=True, dtype="int32"), lambda x: np.ones((2, 2), "int32"), ()),
        call(lambda x: tf.one_hot([0, 1], 2, dtype="float32"), lambda x: np.eye(2, dtype="float32"), ()),
        call(lambda x: tf.one_hot([0, 1, 1], 2, axis=0), lambda x: np.eye(2)[[0, 1, 1]].T, (), wide=True),
        call(
            lambda x: tf.one_hot([[0, 1, 1]], tf.constant(2), axis=-2),
            lambda x: swapped(np.eye(2)[[[0, 1, 1]]]),
            (),
            wide=True,
        ),
        call(
            lambda x: tf.one_hot([0, 2], 3, x, tf.constant(1.5)),
            lambda x: np.where(np.eye(3)[[0, 2]] > 0, x, 1.5),
            (),
            wide=True,
            smooth=False,
        ),
        call(
            lambda x: tf.one_hot(tf.argmax(x, 0), tf.shape(x)[0]), lambda x: np.eye(len(x))[x.argmax(0)], M, wide=True
        ),
    ],
    "scattering": [
        call(
            lambda x, y: tf.tensor_scatter_nd_update(x, [[1, 2], [0, 0], [1, 2]], y),
            lambda x, y: np.array([[y[1], x[0, 1], x[0, 2]], [x[1, 0], x[1, 1], y[2]]]),
            M,
            V,
            refused="symbolic twos rest",
        ),
        call(
            lambda x, y: tf.tensor_scatter_nd_update(x, [[-1], [0]], y),
            lambda x, y: np.stack([y[1], x[1], y[0]]),
            (3, 2),
            (2, 2),
            refused="symbolic twos rest",
        ),
        call(
            lambda x, y: tf.tensor_scatter_nd_update(x, [[1], [-2], [1]], y),
            lambda x, y: np.stack([x[0], y[2], x[2]]),
            (3, 2),
            (3, 2),
            refused="symbolic rest",
        ),
        call(
            lambda x, y: tf.tensor_scatter_nd_update(x, [[[1]], [[0]]], y),
            lambda x, y: np.stack([y[1, 0], y[0, 0]]),
            M,
            (2, 1, 3),
            refused="symbolic twos",
        ),
        call(
            lambda x, y: tf.tensor_scatter_nd_update(x, [[[1], [0]]], y),
            lambda x, y: np.stack([y[0, 1], y[0, 0]]),
            M,
            (1, 2, 3),
            refused="symbolic twos",
        ),
        call(
            lambda x, y: tf.tensor_scatter_nd_update(x, [[[1]], [[0]], [[-2]]], y),
            lambda x, y: np.stack([y[2, 0], y[0, 0]]),
            M,
            (3, 1, 3),
            refused="symbolic twos rest",
        ),
        *(
            call(
                lambda x, y, f=f: getattr(tf, f"tensor_scatter_nd_{f}")(x, [[1], [1]], y),
                lambda x, y, u=u: np.stack([x[0], u(x[1], y), x[2]]),
                (3, 2),
                (2, 2),
                refused="symbolic twos",
            )
            for f, u in {
                "add": lambda a, b: a + b[0] + b[1],
                "sub": lambda a, b: a - b[0] - b[1],
                "max": lambda a, b: np.maximum(a, b.max(0)),
                "min": lambda a, b: np.minimum(a, b.min(0)),
            }.items()
        ),
        call(
            lambda x, y: tf.tensor_scatter_nd_max(x, [[[1, 2], [0, -1]]], y),
            lambda x, y: np.array([[*x[0, :2], max(x[0, 2], y[0, 1])], [*x[1, :2], max(x[1, 2], y[0, 0])]]),
            M,
            (1, 2),
            refused="symbolic twos",
        ),
        call(
            lambda x: tf.tensor_scatter_nd_max(x, [[2, 1]], [0]),
            lambda x: np.where([[0, 0], [0, 0], [0, 1]], np.maximum(x, 0), x),
            (3, 2),
        ),
    ],
    "segments": [
        *(
            call(
                lambda x, f=f: getattr(math, f"segment_{f}")(x, IDS),
                lambda x, u=u, e=e: segments(x, IDS, 3, u, e),
                (3, 2),
                refused="symbolic rest",
            )
            for f, u, e in (("sum", np.sum, 0), ("max", np.max, 0), ("min", np.min, 0), ("prod", np.prod, 1))
        ),
        call(
            lambda x: math.segment_mean(tf.cast(3 * x, "int64"), IDS),
            lambda x: segments((3 * x).astype(int), IDS, 3, np.mean).astype(int),
            (3, 2, 2),
            refused="list symbolic rest",
        ),
        call(
            lambda x: math.segment_mean(tf.cast(x, "float64"), IDS),
            lambda x: segments(x, IDS, 3, np.mean),
            (3, 2, 2),
            refused="symbolic rest",
            wide=True,
        ),
        call(
            lambda x: math.segment_mean(tf.cast(x, "float64"), IDS),
            lambda x: segments(x, IDS, 3, np.mean),
            (3,),
            refused="symbolic rest",
            wide=True,
        ),
        *(
            call(
                lambda x, f=f: getattr(math, f"unsorted_segment_{f}")(x, WIDE_IDS, 2),
                lambda x, u=u: segments(x, WIDE_IDS, 2, u),
                T,
                refused="symbolic twos rest",
            )
            for f, u in (("sum", np.sum), ("max", np.max), ("min", np.min), ("prod", np.prod))
        ),
        call(
            lambda x: math.unsorted_segment_mean(x, WIDE_IDS, 3),
            lambda x: segments(x, WIDE_IDS, 3, np.mean),
            T,
            refused="symbolic twos rest",
        ),
        call(
            lambda x: math.unsorted_segment_sqrt_n(x, WIDE_IDS, tf.constant(2)),
            lambda x: segments(x, WIDE_IDS, 2, lambda r, axis: np.sum(r, axis) / np.sqrt(len(r))),
            T,
            refused="symbolic twos rest",
        ),
        call(
            lambda x: math.unsorted_segment_sum(x, [1, 1, 0], 2),
            lambda x: np.stack([x[2], x[0] + x[1]]),
            (3, 2),
            refused="symbolic rest",
        ),
        call(lambda x: math.unsorted_segment_prod(x, [], 0), lambda x: x, (0, 2)),
        call(lambda x: math.segment_prod(x, []), lambda x: x, (0, 2)),
        call(lambda x: math.segment_sum(x, []), lambda x: x, (0, 2)),
        call(lambda x: math.unsorted_segment_max(x, 1, 2)[1], lambda x: x, M),
        call(lambda x: math.unsorted_segment_sum(x, 1, 2), lambda x: np.stack([0 * x, x]), M),
    ],
    "reduction": [
        *(
            call(
                lambda x, f=f, a=a, k=k: getattr(tf, f"reduce_{f}")(x, a, k),
                lambda x, u=u, a=a, k=k: u(x, axis=a, keepdims=k),
                T,
            )
            for f, u in {
                "sum": np.sum,
                "mean": np.mean,
                "max": np.max,
                "min": np.min,
                "prod": np.prod,
                "logsumexp": lse,
                "variance": np.var,
                "std": np.std,
            }.items()
            for a, k in ((None, True), (1, False), ((0, -1), False), ((-2,), True))
        ),
        call(lambda x: tf.reduce_euclidean_norm(x, (0, 2)), lambda x: np.sqrt(np.sum(x**2, (0, 2))), T),
        call(lambda x: tf.reduce_euclidean_norm(x, keepdims=True), lambda x: np.sqrt((x**2).sum(keepdims=True)), M),
        call(lambda x: tf.reduce_all(x, 1), lambda x: np.all(x, 1), T),
        call(lambda x: tf.reduce_any(x, (0, 1), True), lambda x: np.any(x, (0, 1), keepdims=True), T),
        call(lambda x: tf.reduce_sum(x, tf.constant(1)), lambda x: x.sum(1), T),
        call(lambda x: tf.reduce_max(x, tf.constant([0, 2])), lambda x: x.max((0, 2)), T),
        call(lambda x: tf.reduce_prod(x, []), lambda x: x, M),
        call(lambda x: tf.reduce_max(x, ()), lambda x: x, M),
        call(lambda x: tf.count_nonzero(x), lambda x: np.int64(np.count_nonzero(x)), T),
        call(
            lambda x: tf.count_nonzero(x, (0, 2), True, "int32"),
            lambda x: np.count_nonzero(x, (0, 2), keepdims=True).astype("int32"),
            T,
        ),
        call(lambda x: tf.count_nonzero(tf.cast(x, "bool"), 0), lambda x: np.count_nonzero(x, 0), M),
        call(lambda x: tf.reduce_sum(tf.cast(x, "bool"), 0), lambda x: x.astype(bool).sum(0), M),
        call(lambda x: tf.reduce_prod(tf.cast(x, "bool"), 0), lambda x: x.astype(bool).prod(0), M),
        call(lambda x: tf.reduce_max(tf.cast(x, "bool"), 0), lambda x: x.astype(bool).max(0), M),
    ],
    "scan": [
        *(
            call(
                lambda x, f=f, a=a: getattr(tf, f)(x, a),
                lambda x, u=u, a=a: u(x, axis=a),
                T,
            )
            for f, u in {
                "cumsum": np.cumsum,
                "cumprod": np.cumprod,
                "cumulative_logsumexp": np.logaddexp.accumulate,
            }.items()
            for a in (1, -1)
        ),
        call(lambda x: tf.cumsum(x, 1, True, True), lambda x: np.cumsum(x[:, ::-1], 1)[:, ::-1] - x, M),
        call(
            lambda x: tf.cumprod(x, -1, True),
            lambda x: np.cumprod(np.pad(x, [(0, 0), (1, 0)], constant_values=1), 1)[:, :-1],
            M,
        ),
        call(
            lambda x: tf.math.cumulative_logsumexp(x, 1, True)[:, 1:],
            lambda x: np.logaddexp.accumulate(x, 1)[:, :-1],
            M,
        ),
        call(
            lambda x: tf.math.cumulative_logsumexp(x, -2, True, True)[:, :-1],
            lambda x: np.logaddexp.accumulate(x[:, ::-1], 1)[:, ::-1][:, 1:],
            T,
        ),
        call(lambda x: tf.cumsum(tf.cast(x, "bool"), 0), lambda x: np.cumsum(x.astype(bool), 0), M),
    ],
    "ordering": [
        call(lambda x: tf.argmax(x), lambda x: np.argmax(x, 0), T),
        call(lambda x: tf.argmin(x, -2), lambda x: np.argmin(x, -2), T),
        call(lambda x: tf.argmax(x, 1, "int32"), lambda x: np.argmax(x, 1).astype("int32"), T),
        call(lambda x: tf.argmin(x, None, None), lambda x: np.argmin(x, 0), M),
        call(lambda x: tf.argsort(x, 1), lambda x: np.argsort(x, 1, kind="stable"), T),
        call(lambda x: tf.argsort(x, direction="DESCENDING"), lambda x: np.argsort(-x, kind="stable"), M),
        call(lambda x: tf.sort(x, -2), lambda x: np.sort(x, -2), T),
        call(lambda x: tf.sort(x, 0, "DESCENDING"), lambda x: -np.sort(-x, 0), T),
        call(lambda x: tf.top_k(x).values, lambda x: x.max(-1, keepdims=True), T),
        call(lambda x: tf.top_k(x, 3)[0], lambda x: -np.sort(-x)[..., :3], T),
        call(lambda x: tf.top_k(x, 3)[1], lambda x: np.argsort(-x, kind="stable")[..., :3], T),
        call(lambda x: tf.top_k(x, 0).values, lambda x: x[..., :0], T),
        call(lambda x: tf.top_k(x, 3).values, lambda x: -np.sort(-x), V),
    ],
    "norms": [
        *(
            call(lambda x, a=a: tf.norm(x, *a), lambda x, b=b: np.linalg.norm(x, *b), M)
            for a, b in (
                ((), ()),
                (("fro",), ("fro",)),
                ((2, 1), (2, 1)),
                ((1, 0), (1, 0)),
                ((np.inf, -1), (np.inf, -1)),
                ((3, 0), (3, 0)),
                ((2.5, [1]), (2.5, 1)),
                ((1, [0, 1]), (1,)),
                ((np.inf, (0, 1)), (np.inf,)),
                ((2, (0, 1)), (2,)),
                (("euclidean", 1, True), (None, 1, True)),
                (("fro", [0, 1], True), ("fro", (0, 1), True)),
                ((1, 1, True), (1, 1, True)),
                ((np.inf, 0, True), (np.inf, 0, True)),
                ((3, -1, True), (3, -1, True)),
                ((2, [-2, 1], True), (2, (0, 1), True)),
                ((1, (1, 0), True), (1, (1, 0), True)),
            )
        ),
        *(
            call(lambda x, o=o, k=k: tf.norm(x, o, (2, 0), k), lambda x, o=o, k=k: np.linalg.norm(x, o, (2, 0), k), T)
            for o in ("fro", 1, 2, np.inf)
            for k in (False, True)
        ),
        call(lambda x: tf.norm(x, 0.5), lambda x: (np.abs(x) ** 0.5).sum() ** 2, M),
        call(lambda x: tf.norm(x, np.inf), lambda x: np.abs(x).max(), T),
        call(lambda x: tf.norm(x, 1), lambda x: np.abs(x).sum(), T),
        call(lambda x: tf.norm(x, 3), lambda x: (np.abs(x) ** 3).sum() ** (1 / 3), T),
        call(lambda x: linalg.normalize(x)[0], lambda x: x / np.linalg.norm(x), M),
        call(lambda x: linalg.normalize(x, 1, 0)[0], lambda x: x / np.abs(x).sum(0), M),
        call(lambda x: linalg.normalize(x, np.inf, -1)[1], lambda x: np.abs(x).max(-1, keepdims=True), M),
        call(lambda x: nn.l2_normalize(x), lambda x: x / np.linalg.norm(x), M),
        call(lambda x: nn.l2_normalize(x, -2), lambda x: x / np.linalg.norm(x, axis=-2, keepdims=True), T),
        call(lambda x: nn.l2_normalize(x, (0, 1), 1e4), lambda x: x / 100, M),
        call(lambda x, y: linalg.global_norm([x, [None, y]]), lambda x, y: np.sqrt((x**2).sum() + (y**2).sum()), M, V),
        call(lambda x: tf.clip_by_norm(x, 0.5), lambda x: x * 0.5 / np.linalg.norm(x), M),
        call(lambda x: tf.clip_by_norm(x, 1e3), lambda x: x, M),
        call(
            lambda x: tf.clip_by_norm(x, 0.25, 1),
            lambda x: x * 0.25 / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 0.25),
            M,
        ),
        call(
            lambda x, y: tf.clip_by_global_norm([x, y], 0.5)[0][1],
            lambda x, y: y * 0.5 / np.sqrt((x**2).sum() + (y**2).sum()),
            M,
            V,
            wide=True,
        ),
        call(lambda x: tf.clip_by_global_norm((x, None), 1e3)[0][0], lambda x: x, M, wide=True),
        call(lambda x: tf.clip_by_global_norm([x], 1.0, use_norm=4)[0][0], lambda x: x / 4, M, wide=True),
        call(lambda x: tf.clip_by_global_norm([x], 1.0)[1], lambda x: np.linalg.norm(x), M),
    ],
    "layers": [
        call(lambda x: nn.softmax(x), lambda x: softmax(x), T),
        call(lambda x: nn.softmax(x, 1), lambda x: softmax(x, 1), T),
        call(lambda x: nn.softmax(x, None), lambda x: softmax(x), M),
        call(lambda x: nn.log_softmax(x, 0), lambda x: np.log(softmax(x, 0)), M),
        call(lambda x: nn.log_softmax(x, None), lambda x: np.log(softmax(x)), M),
        call(lambda x: nn.softmax(x, None), lambda x: softmax(x), T),
        call(lambda x: nn.log_softmax(x, None), lambda x: np.log(softmax(x)), T),
        call(
            lambda x: nn.batch_normalization(x, [0, 1, 0], [1, 4, 1], None, [2, 2, 2], 0),
            lambda x: (x - [0, 1, 0]) * [2, 1, 2],
            M,
            refused="symbolic rest",
            wide=True,
        ),
        call(
            lambda x: nn.dropout(x, tf.constant(0.75), mask=[1, 0, 1]),
            lambda x: 4 * x * [1, 0, 1],
            M,
            refused="symbolic rest",
            wide=True,
        ),
        call(lambda x: nn.moments(x, None)[0], lambda x: x.mean(), M),
        call(lambda x: nn.moments(x, (0, 2), keepdims=True)[0], lambda x: x.mean((0, 2), keepdims=True), T),
        call(lambda x: nn.moments(x, (0, 2), None, True)[1], lambda x: x.var((0, 2), keepdims=True), T),
        call(
            lambda x: nn.batch_normalization(x, 1, 2, None, None, 0.5),
            lambda x: (x - 1) / np.sqrt(2.5),
            M,
            wide=True,
        ),
        call(
            lambda x, m, v, o, s: nn.batch_normalization(x, m, abs(tf.convert_to_tensor(v)), o, s, 0.25),
            lambda x, m, v, o, s: s * (x - m) / np.sqrt(abs(v) + 0.25) + o,
            M,
            V,
            V,
            V,
            V,
        ),
        call(
            lambda x: nn.layer_normalization(x),
            lambda x: (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3),
            T,
        ),
        call(
            lambda x, o, s: nn.layer_normalization(x, o, s, (0, 1), 0.5),
            lambda x, o, s: s * (x - x.mean()) / np.sqrt(x.var() + 0.5) + o,
            M,
            V,
            V,
        ),
        call(lambda x: nn.dropout(x, 0), lambda x: x, M),
        call(
            lambda x: nn.dropout(x, 0.0, mask=[1, 0, 1]),
            lambda x: x * [1, 0, 1],
            M,
            refused="symbolic rest",
            wide=True,
        ),
        call(
            lambda x: nn.dropout(x, 0.75, mask=MASK),
            lambda x: 4 * x * MASK,
            M,
            refused="symbolic twos rest",
            wide=True,
        ),
        call(
            lambda x: nn.dropout(x, tf.constant(0.5), mask=MASK),
            lambda x: 2 * x * MASK,
            M,
            refused="symbolic twos rest",
            wide=True,
        ),
        call(lambda q, k, v: nn.attention(q, k, v), attention, (3, 2), (4, 2), (4, 3)),
        call(
            lambda q, k, v: nn.attention(q, k, v, [[1, 0, 1, 1]], 0.5),
            lambda q, k, v: attention(q, k, v, np.array([[1, 0, 1, 1]], bool), 0.5),
            (3, 2),
            (4, 2),
            (4, 3),
            refused="symbolic rest",
        ),
        call(lambda q, k, v: nn.attention(q, k, v), attention, (2, 3, 2), (2, 4, 2), (2, 4, 3)),
    ],
    "layers of any dtype": [
        call(lambda x, b: nn.bias_add(x, b), lambda x, b: x + b, T, (4,)),
        call(lambda x, b: nn.bias_add(x, b, "NHWC"), lambda x, b: x + b, T, (4,)),
        call(lambda x, b: nn.bias_add(x, b, "NHWC"), lambda x, b: x + b, M, V),
        call(lambda x, b: nn.bias_add(x, b, "NCW"), lambda x, b: x + b[:, None], T, V),
        call(lambda x, b: nn.bias_add(x, b, "NC"), lambda x, b: x + b, M, V),
        call(lambda x, b: nn.bias_add(x, b, "NCHW"), lambda x, b: x + b[:, None, None], (2, 3, 4, 2), V),
        call(lambda x: nn.embedding_lookup(x, [[1, 0]]), lambda x: x[[[1, 0]]], M),
    ],
    "losses": [
        call(
            lambda y, z: nn.softmax_cross_entropy_with_logits(y, z, None),
            lambda y, z: -(y * np.log(softmax(z))).sum(-1),
            M,
            M,
        ),
        call(
            lambda y, z: nn.softmax_cross_entropy_with_logits(y, z, None),
            lambda y, z: -(y * np.log(softmax(z))).sum(-1),
            T,
            T,
        ),
        call(
            lambda y, p: nn.huber(y, p, [0.5, 1.0, 2.0]),
            lambda y, p: np.where(
                abs(p - y) <= [0.5, 1, 2], (p - y) ** 2 / 2, [0.5, 1, 2] * (abs(p - y) - np.array([0.25, 0.5, 1]))
            ),
            M,
            V,
            refused="symbolic rest",
            wide=True,
        ),
        call(
            lambda y, z: nn.softmax_cross_entropy_with_logits(y, z, 1),
            lambda y, z: -(y * np.log(softmax(z, 1))).sum(1),
            T,
            T,
        ),
        call(
            lambda z: nn.sparse_softmax_cross_entropy_with_logits([2, 0], z),
            lambda z: -np.log(softmax(z))[[0, 1], [2, 0]],
            M,
            refused="symbolic twos",
        ),
        call(
            lambda z: nn.sparse_softmax_cross_entropy_with_logits([[3, 0, 1], [2, 2, 0]], z),
            lambda z: -np.log(np.take_along_axis(softmax(z), np.array([[3, 0, 1], [2, 2, 0]])[..., None], -1))[..., 0],
            T,
            refused="symbolic twos rest",
        ),
        call(lambda z: nn.sparse_softmax_cross_entropy_with_logits(1, z), lambda z: -np.log(softmax(z))[1], V),
        call(lambda y, z: nn.sigmoid_cross_entropy_with_logits(y, z), lambda y, z: softplus(z) - y * z, M, M),
        call(
            lambda y, z: nn.weighted_cross_entropy_with_logits(y, z, 3),
            lambda y, z: (1 - y) * softplus(z) + 3 * y * softplus(-z),
            M,
            M,
        ),
        call(
            lambda y, z, w: nn.weighted_cross_entropy_with_logits(y, z, w),
            lambda y, z, w: (1 - y) * softplus(z) + w * y * softplus(-z),
            M,
            M,
            V,
        ),
        call(lambda y, z: nn.log_poisson_loss(y, z), lambda y, z: np.exp(z) - y * z, M, M),
        call(lambda x: nn.l2_loss(x), lambda x: (x**2).sum() / 2, M),
        call(
            lambda y, p: nn.huber(y, p),
            lambda y, p: np.where(abs(p - y) <= 1, (p - y) ** 2 / 2, abs(p - y) - 0.5),
            M,
            V,
        ),
        call(
            lambda y, p, d: nn.huber(y, p, abs(tf.convert_to_tensor(d))),
            lambda y, p, d: np.where(abs(p - y) <= abs(d), (p - y) ** 2 / 2, abs(d) * (abs(p - y) - abs(d) / 2)),
            M,
            M,
            V,
        ),
        call(lambda y, p: nn.hinge(y, p), lambda y, p: np.maximum(1 - y * p, 0), M, V),
        call(lambda y, p: nn.squared_hinge(y, p), lambda y, p: np.maximum(1 - y * p, 0) ** 2, M, V),
        call(lambda y, p: nn.log_cosh(y, p), lambda y, p: np.log(np.cosh(p - y)), M, V),
        call(
            lambda a, b: nn.cosine_similarity(a, b),
            lambda a, b: (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b),
            M,
            V,
        ),
        call(
            lambda a, b: nn.cosine_similarity(a, b, 0),
            lambda a, b: (a * b).sum(0) / np.linalg.norm(a, axis=0) / np.linalg.norm(b, axis=0),
            M,
            M,
        ),
    ],
    "diagonal": [
        *(
            call(
                lambda x, k=k: linalg.band_part(x, *k),
                lambda x, k=k: np.where(
                    (np.subtract.outer(np.arange(3), np.arange(4)) <= (k[0] if k[0] >= 0 else 9))
                    & (-np.subtract.outer(np.arange(3), np.arange(4)) <= (k[1] if k[1] >= 0 else 9)),
                    x,
                    0,
                ),
                T,
            )
            for k in ((0, 0), (1, 0), (0, 1), (-1, 1), (1, -2), (-3, -1), (np.int64(2), 0))
        ),
        call(lambda x, d: linalg.set_diag(x, d), with_diagonal, M, (2,), refused="symbolic twos rest"),
        call(lambda x, d: linalg.set_diag(x, d), with_diagonal, (3, 2), (2,), refused="symbolic twos rest"),
        call(
            lambda x, d: linalg.set_diag(x, d),
            with_diagonal,
            (3, 2, 2),
            (3, 2),
        ),
        call(lambda x: linalg.tensor_diag(x), lambda x: np.diag(x), V),
        call(lambda x: linalg.tensor_diag(x), lambda x: np.diag(x.ravel()).reshape(2, 3, 2, 3), M),
        call(lambda x: linalg.tensor_diag(x), lambda x: x, ()),
        call(lambda x: linalg.tensor_diag_part(x), lambda x: np.diag(x), (3, 3)),
        call(lambda x: linalg.tensor_diag_part(x), lambda x: np.einsum("ijij->ij", x), (2, 3, 2, 3)),
        call(lambda x, y: linalg.kron(x, y), lambda x, y: np.kron(1.0 * x, y), M, (3, 2)),
        call(lambda x, y: linalg.kron(x, y), lambda x, y: np.stack([np.kron(1.0 * a, y) for a in x]), T, (1, 2)),
        call(lambda x, y: linalg.cross(x, y), lambda x, y: np.cross(x, y), M, M, refused="symbolic rest"),
    ],
    "contraction": [
        call(
            lambda x: tf.broadcast_to(x, (4, 2, 3)),
            lambda x: np.broadcast_to(x, (4, 2, 3)),
            M,
            refused="symbolic twos rest",
        ),
        call(lambda x: tf.broadcast_to(x, (2, 3)), lambda x: np.broadcast_to(x, (2, 3)), (1, 1)),
        call(lambda x: tf.broadcast_to(x, (2, 1, 3)), lambda x: np.broadcast_to(x, (2, 1, 3)), ()),
        call(lambda x: tf.broadcast_to(x, [0, 3]), lambda x: np.broadcast_to(x, [0, 3]), (1, 1)),
        call(lambda x: tf.transpose(x, (2, 0, 1)), lambda x: np.transpose(x, (2, 0, 1)), T),
        call(lambda x: tf.transpose(x, tf.constant([1, 0])), lambda x: x.T, M),
        call(lambda x: tf.transpose(x), lambda x: x.T, T),
        call(lambda x: linalg.matrix_transpose(x), lambda x: swapped(x), (2, 2, 3, 4)),
        call(lambda x: linalg.adjoint(x), lambda x: swapped(x), M),
        call(lambda x: linalg.matrix_transpose(x), lambda x: x.T, M),
        *(
            call(
                lambda x, y, o=o: tf.matmul(x, y, **dict.fromkeys(o.split(), True)),
                lambda x, y, o=o: (swapped(x) if "_a" in o else x) @ (swapped(y) if "_b" in o else y),
                (3, 2) if "_a" in o else (2, 3),
                (4, 3) if "_b" in o else (3, 4),
            )
            for o in ("", "transpose_a", "transpose_b", "adjoint_a", "adjoint_b", "transpose_a adjoint_b")
        ),
        call(lambda x, y: tf.matmul(x, y, True, True), lambda x, y: x @ y, V, V),
        call(lambda x, y: tf.matmul(x, y, transpose_b=True), lambda x, y: x @ y, M, V),
        call(lambda x, y: tf.matmul(x, y, transpose_a=True), lambda x, y: x @ y, V, (3, 2)),
        call(lambda x, y: tf.matmul(x, y), lambda x, y: x @ y, (2, 1, 3, 2), (4, 2, 3)),
        call(lambda x, y: tf.matmul(x, y), lambda x, y: x @ y, (1, 3, 2), (1, 2, 3)),
        call(lambda x, y: tf.matmul(x, y), lambda x, y: x @ y, (2, 3, 4), (4,)),
        call(lambda x, y: tf.matmul(x, y, transpose_a=True), lambda x, y: swapped(x) @ y, (2, 3, 4), (2, 3, 2)),
        *(
            call(
                lambda x, y, o=o: linalg.matvec(x, y, **{o: True}) if o else linalg.matvec(x, y),
                lambda x, y, o=o: ((swapped(x) if o else x) @ y[..., None])[..., 0],
                s if not o else (*s[:-2], s[-1], s[-2]),
                t,
            )
            for o in ("", "transpose_a", "adjoint_a")
            for s, t in (((2, 3), (3,)), ((4, 2, 3), (3,)), ((2, 3), (4, 3)), ((4, 2, 3), (4, 3)), ((1, 2, 3), (4, 3)))
        ),
        *(
            call(lambda *xs, e=e: tf.einsum(e, *xs), lambda *xs, e=e: np.einsum(e, *xs), *shapes)
            for e, *shapes in (
                ("ij,jk,k->i", M, (3, 4), (4,)),
                ("...i->...", T),
                ("i...->...", T),
                ("ij...->j...i", T),
                ("...ij,...jk", (2, 2, 3), (1, 3, 4)),
                ("ii->", (3, 3)),
                ("iij->j", (2, 2, 3)),
                ("i,i", V, V),
                ("i,j->", V, (2,)),
                ("ba", M),
                ("ijk->kij", T),
                (",->", (), ()),
                ("bij,bj->bi", T, (2, 4)),
            )
        ),
        call(lambda x, y: tf.matmul(x, y), lambda x, y: x @ y, (1, 2, 3), (1, 4, 3, 2)),
        call(lambda x, y: tf.matmul(x, y), lambda x, y: x @ y, (2, 4, 3), (1, 3, 2)),
        call(lambda x, y: linalg.matvec(x, y), lambda x, y: (x @ y[..., None])[..., 0], (4, 1, 3), (4, 3)),
        call(lambda x, y: tf.einsum("ij,ij->ij", x, y), lambda x, y: x * y, (1, 1), (1, 3)),
        call(lambda x, y: tf.tensordot(x, y, tf.constant(1)), lambda x, y: np.tensordot(x, y, 1), M, V),
        call(lambda x, y: tf.tensordot(x, y, np.array([1, 0])), lambda x, y: np.tensordot(x, y, (1, 0)), M, V),
        call(lambda x, y: tf.einsum("ij,ij->j", x, y), lambda x, y: (x * y).sum(0), (1, 3), (2, 3)),
        call(lambda x, y: tf.tensordot(x, y, 2), lambda x, y: np.tensordot(x, y, 2), T, (3, 4, 2)),
        call(lambda x, y: tf.tensordot(x, y, [-1, 0]), lambda x, y: np.tensordot(x, y, (-1, 0)), T, (4, 2)),
        call(
            lambda x, y: tf.tensordot(x, y, ([0, 2], (-1, 0))),
            lambda x, y: np.tensordot(x, y, ([0, 2], (-1, 0))),
            T,
            (4, 2),
        ),
        call(lambda x, y: tf.tensordot(x, y, np.int64(1)), lambda x, y: np.tensordot(x, y, 1), M, V),
        call(lambda x, y: tf.tensordot(x, y, [[], []]), lambda x, y: np.tensordot(x, y, 0), V, M),
        call(lambda x, y: tf.outer(x, y), lambda x, y: np.outer(x, y), M, V),
        call(lambda x, y: tf.outer(x, y), lambda x, y: np.outer(x, y), (), M),
        call(lambda x: linalg.trace(x), lambda x: np.trace(x, axis1=-2, axis2=-1), (2, 3, 3)),
        call(
            lambda x: linalg.trace(x),
            lambda x: np.trace(x, axis1=-2, axis2=-1),
            T,
            refused="symbolic twos rest",
        ),
        call(lambda x: linalg.trace(x), lambda x: np.trace(x), (3, 2), refused="symbolic twos rest"),
        call(lambda x: linalg.diag_part(x), lambda x: np.diagonal(x, axis1=-2, axis2=-1), (2, 3, 3)),
        call(
            lambda x: linalg.diag_part(x),
            lambda x: np.diagonal(x, axis1=-2, axis2=-1),
            (2, 4, 3),
            refused="symbolic rest",
        ),
        call(lambda x: linalg.diag(x), lambda x: x[..., None] * np.eye(4, dtype=int), T),
        call(lambda x: tf.expand_dims(x, -1), lambda x: x[..., None], T),
        call(lambda x: tf.expand_dims(x, [1, 2]), lambda x: x[:, None, None], M),
        call(lambda x: tf.expand_dims(x, (-1, 1)), lambda x: np.expand_dims(x, (-1, 1)), M),
        call(lambda x: tf.expand_dims(x, ()), lambda x: x, M),
        call(lambda x: tf.squeeze(x), lambda x: x, M),
        call(lambda x: tf.squeeze(x, -2), lambda x: x[:, 0], (2, 1, 3)),
        call(lambda x: tf.squeeze(x, (0, 2)), lambda x: x[0, :, 0], (1, 2, 1)),
        call(lambda x: tf.reduce_mean(x, -1), lambda x: x.mean(-1), (3, 1)),
        call(lambda x: tf.reduce_sum(x, [1], True), lambda x: x.sum(1, keepdims=True), T),
    ],
    "powers": [
        *(
            call(
                lambda x, n=n: linalg.matrix_power(regular(x), n),
                lambda x, n=n: np.linalg.matrix_power(regular(x), n),
                (2, 2),
            )
            for n in (0, 1, 2, 5, 6, -1, -3, np.int64(3))
        ),
        call(lambda x: linalg.matrix_power(x, 0), lambda x: np.broadcast_to(np.eye(2), (3, 2, 2)), (3, 2, 2)),
        call(lambda x: linalg.matrix_power(x, 0), lambda x: np.broadcast_to(np.eye(2), (2, 3, 2, 2)), (2, 3, 2, 2)),
        call(lambda x: linalg.pinv(x, np.float32(1e-3)), lambda x: np.linalg.pinv(x), (3, 2)),
        call(lambda x: linalg.pinv(x), lambda x: np.linalg.pinv(x), (3, 2)),
        call(lambda x: linalg.pinv(x), lambda x: np.linalg.pinv(x), (2, 2, 4)),
        call(lambda x: linalg.pinv(regular(x)), lambda x: np.linalg.inv(regular(x)), (2, 2)),
        call(
            lambda x: linalg.pinv(regular(x), 0.99),
            lambda x: np.linalg.pinv(regular(x), rcond=0.99),
            (2, 2),
            smooth=False,
        ),
    ],
    "spectral": [
        call(lambda x: linalg.cholesky(definite(x)), lambda x: np.linalg.cholesky(definite(x)), M),
        call(lambda x: linalg.eigvalsh(definite(x)), lambda x: np.linalg.eigvalsh(definite(x)), T),
        call(lambda x: linalg.eigh(definite(x))[0], lambda x: np.linalg.eigvalsh(definite(x)), M),
        call(lambda x: linalg.eigh(definite(x)).eigenvectors ** 2, lambda x: np.linalg.eigh(definite(x))[1] ** 2, T),
        call(lambda x: linalg.svd(x, compute_uv=False), lambda x: np.linalg.svd(x, compute_uv=False), T),
        call(lambda x: linalg.svd(x).s, lambda x: np.linalg.svd(x, compute_uv=False), (4, 2)),
        call(lambda x: linalg.svd(x)[1] ** 2, lambda x: np.linalg.svd(x, False)[0] ** 2, M),
        call(lambda x: linalg.svd(x).v ** 2, lambda x: swapped(np.linalg.svd(x, False)[2]) ** 2, M),
        call(lambda x: linalg.svd(regular(x), True).u ** 2, lambda x: np.linalg.svd(regular(x))[0] ** 2, (3, 3)),
        call(lambda x: linalg.qr(x)[0] ** 2, lambda x: np.linalg.qr(x)[0] ** 2, (3, 2)),
        call(lambda x: linalg.qr(x)[1] ** 2, lambda x: np.linalg.qr(x)[1] ** 2, M, refused="symbolic twos rest"),
    ],
    "systems": [
        *(
            call(
                lambda a, b, o=o: linalg.solve(regular(a), b, o),
                lambda a, b, o=o: np.linalg.solve(swapped(regular(a)) if o else regular(a), b),
                (2, 2),
                s,
            )
            for o in (False, True)
            for s in ((2,), (2, 3), (2, 1))
        ),
        call(lambda a, b: linalg.solve(regular(a), b), lambda a, b: np.linalg.solve(regular(a), b), (4, 2, 2), (2, 3)),
        call(lambda a, b: linalg.solve(regular(a), b), lambda a, b: np.linalg.solve(regular(a), b), (2, 2), (4, 2, 3)),
        call(lambda a, b: linalg.solve(regular(a), b), lambda a, b: np.linalg.solve(regular(a), b), (4, 2, 2), (2,)),
        call(
            lambda a, b: linalg.solve(regular(a), b), lambda a, b: np.linalg.solve(regular(a), b), (1, 3, 3), (2, 3, 2)
        ),
        *(
            call(
                lambda a, b, lower=lower, o=o: linalg.triangular_solve(regular(a), b, lower, o),
                lambda a, b, lower=lower, o=o: np.linalg.solve(
                    (swapped if o else np.asarray)((np.tril if lower else np.triu)(regular(a))), b
                ),
                (3, 3),
                (3, 2),
            )
            for lower in (True, False)
            for o in (False, True)
        ),
        call(
            lambda a, b: linalg.cholesky_solve(linalg.cholesky(definite(a)), b),
            lambda a, b: np.linalg.solve(definite(a), b),
            M,
            (2, 3),
        ),
        call(lambda a, b: linalg.lstsq(a, b), lambda a, b: np.linalg.lstsq(a, b)[0], (4, 2), (4, 3)),
        call(lambda a, b: linalg.lstsq(a, b), lambda a, b: np.linalg.lstsq(a, b)[0], (2, 4), (2, 3)),
        *(
            call(
                lambda a, b: linalg.lstsq(a, b, 0.5),
                lambda a, b: np.linalg.solve(a.T @ a + 0.5 * np.eye(a.shape[1]), a.T @ b),
                s,
                (s[0], 3),
            )
            for s in ((4, 2), (2, 4), (2, 2))
        ),
        call(
            lambda a, b: linalg.lstsq(a, b, tf.constant(0.5)),
            lambda a, b: np.linalg.solve(a.T @ a + 0.5 * np.eye(a.shape[1]), a.T @ b),
            (3, 2),
            (3, 3),
            wide=True,
        ),
    ],
    "inverses": [
        call(lambda x: linalg.inv(regular(x)), lambda x: np.linalg.inv(regular(x)), (2, 3, 3)),
        call(lambda x: linalg.inv(regular(x), True), lambda x: np.linalg.inv(regular(x).T), (3, 3)),
        call(lambda x: linalg.det(regular(x)), lambda x: np.linalg.det(regular(x)), (2, 3, 3)),
        call(lambda x: linalg.logdet(regular(x)), lambda x: np.log(np.linalg.det(regular(x))), (2, 2)),
        call(lambda x: linalg.slogdet(regular(x))[0], lambda x: np.sign(np.linalg.det(regular(x))), (2, 3, 3)),
        call(
            lambda x: linalg.slogdet(-regular(x)).log_abs_determinant,
            lambda x: np.log(abs(np.linalg.det(regular(x)))),
            (3, 3),
        ),
    ],
    "lu": [
        call(lambda x: linalg.lu_reconstruct(*linalg.lu(x)), lambda x: x, (3, 3)),
        call(
            lambda x: linalg.lu_matrix_inverse(*linalg.lu(regular(x))), lambda x: np.linalg.inv(regular(x)), (2, 3, 3)
        ),
        call(
            lambda x, b: linalg.lu_solve(*linalg.lu(regular(x)), b),
            lambda x, b: np.linalg.solve(regular(x), b),
            (3, 3),
            (3, 2),
        ),
    ],
    "positions of lu": [
        call(lambda x: linalg.lu(regular(x), "int64").p, lambda x: np.tile(np.arange(3), (2, 1)), (2, 3, 3)),
    ],
    "elementwise": [
        call(
            lambda x: tf.gelu(x, True), lambda x: x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2, M
        ),
        call(lambda x: tf.scalar_mul(3, x), lambda x: 3 * x, M),
        call(lambda x, y: tf.scalar_mul(y, x), lambda x, y: y * x, M, ()),
        call(lambda x: math.polyval([], x) + x, lambda x: 0.0 + x, V, wide=True),
        call(lambda x: math.polyval([2], x) * x, lambda x: 2 * x, V),
        call(lambda x, c: math.polyval([1, c, 3], x), lambda x, c: x * x + c * x + 3, M, V),
        call(lambda x: tf.add_n([x, x, x]), lambda x: 3 * x, M),
        call(lambda x: tf.add_n((x, [1, 2, 3])), lambda x: x + np.arange(1, 4), V, refused="symbolic rest"),
        call(lambda x: tf.ensure_shape(x, (None, 3)), lambda x: x, M, refused="symbolic rest"),
    ],
}
"""By the module of the operation."""
