"""Convolution and pooling over the axes between the first and the last, by slices of the padded input.

A window of k elements is k slices of the whole input: gradients of every order are those of slices and products.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tracer import shapes
from tracer.ops.contraction import tensordot
from tracer.ops.matrix_rows import floats
from tracer.ops.reshaping import reshape
from tracer.ops.structure import pad, stack
from tracer.rules import TABLE
from tracer.shapes import Axes, Dim
from tracer.tensor import Tensor, TensorLike, apply

if TYPE_CHECKING:
    import numpy as np

Padding: TypeAlias = "str | Sequence[tuple[Dim, Dim]]"
"""VALID, SAME, or pairs: the numbers of elements before and after along each axis."""


class Windows(NamedTuple):
    """Windows over the inner axes: one entry an axis."""

    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    padding: tuple[tuple[Dim, Dim], ...]


def per_axis(name: str, what: str, value: Axes, count: int) -> tuple[int, ...]:
    """One int for each inner axis, from an int or a list of 1, ``count`` or ``count + 2`` ints."""
    values = value if isinstance(value, (list, tuple)) else [1 if value is None else value]
    given = [shapes.integer(v, f"the {what} of {name}") for v in values]
    if len(given) == count + 2:
        if (given[0], given[-1]) != (1, 1):
            raise ValueError(f"{name}: the {what} of the first and last axis must be 1, got {value!r}")
        given = given[1:-1]
    if len(given) not in (1, count) or min(given) < 1:
        raise ValueError(f"{name}: {what} must be a positive int or {count} of them, got {value!r}")
    return tuple(given * count if len(given) == 1 else given)


def windows(
    name: str,
    x: Tensor,
    sizes: Sequence[int],
    strides: Axes,
    dilations: Axes,
    padding: Padding,
    data_format: str | None,
) -> Windows:
    """The windows of an operation, with the padding in numbers of elements."""
    count = len(sizes)
    if x.ndim != count + 2:
        raise ValueError(
            f"{name} takes a tensor of rank {count + 2}, (batch, ..., channels), {x.name} has {shapes.show(x.shape)}"
        )
    if data_format is not None and not data_format.endswith("C"):
        raise ValueError(f"{name}: channels are the last axis, got the format {data_format!r}; transpose the input")
    steps, gaps = per_axis(name, "strides", strides, count), per_axis(name, "dilations", dilations, count)
    pairs: list[tuple[Dim, Dim]] = []
    for k, (dim, size, step, gap) in enumerate(zip(x.shape[1:-1], sizes, steps, gaps)):
        reach = (size - 1) * gap + 1
        if padding == "VALID":
            pairs.append((0, 0))
        elif padding == "SAME" and step == 1:
            pairs.append(((reach - 1) // 2, reach // 2))
        elif padding == "SAME" and isinstance(dim, int):
            total = max((math.ceil(dim / step) - 1) * step + reach - dim, 0)
            pairs.append((total // 2, total - total // 2))
        elif padding == "SAME":
            raise ValueError(
                f"{name}: the padding SAME with strides depends on the size {dim}; "
                "give a concrete size or padding 'VALID'"
            )
        elif isinstance(padding, (list, tuple)) and len(padding) in (count, count + 2):
            before, after = padding[k + (len(padding) - count) // 2]
            pairs.append((before, after))
        else:
            raise ValueError(f"{name}: padding is 'VALID', 'SAME' or a pair of ints an axis, got {padding!r}")
        padded = dim + sum(pairs[-1])
        if isinstance(padded, int) and padded < reach:
            raise ValueError(
                f"{name}: a window of {reach} elements does not fit into {padded}, axis {k + 1} of {x.name}"
            )
    return Windows(tuple(sizes), steps, gaps, tuple(pairs))


def taps(x: Tensor, w: Windows, fill: float = 0.0) -> list[Tensor]:
    """The elements under each place of the window, for all positions of the window at once."""
    if any(pair != (0, 0) for pair in w.padding):
        x = pad(x, [(0, 0), *w.padding, (0, 0)], constant_values=fill)
    found = []
    for place in itertools.product(*map(range, w.sizes)):
        key = [slice(None)]
        for at, size, step, gap, dim in zip(place, w.sizes, w.strides, w.dilations, x.shape[1:-1]):
            start = at * gap
            stop = dim - (size - 1) * gap + start
            key.append(slice(start, stop, step))
        found.append(x[tuple(key)])
    return found


def _convolve(
    name: str,
    input: TensorLike,
    filters: TensorLike,
    strides: Axes,
    padding: Padding,
    data_format: str | None,
    dilations: Axes,
    count: int,
) -> Tensor:
    x, kernel = floats(input), floats(filters)
    sizes = kernel.shape[:count]
    if kernel.ndim != count + 2 or not shapes.is_concrete(sizes):
        raise ValueError(
            f"{name} takes filters of rank {count + 2}, (size, ..., in, out) with concrete sizes, "
            f"{kernel.name} has shape {shapes.show(kernel.shape)}"
        )
    w = windows(name, x, sizes, strides, dilations, padding, data_format)
    if x.shape[-1] != kernel.shape[-2]:
        raise ValueError(
            f"{name}: {x.name} has {x.shape[-1]} channels, the filters {kernel.name} of shape "
            f"{shapes.show(kernel.shape)} take {kernel.shape[-2]}"
        )
    flat = kernel if count == 1 else reshape(kernel, (shapes.size(sizes), *kernel.shape[count:]))
    return tensordot(stack(taps(x, w), -2), flat, 2)


def conv1d(
    input: TensorLike,
    filters: TensorLike,
    stride: Axes,
    padding: Padding,
    data_format: str = "NWC",
    dilations: Axes = None,
    name: str | None = None,
) -> Tensor:
    """Cross-correlation of ``(batch, width, in)`` with filters ``(size, in, out)``.

    Parameters
    ----------
    input, filters : tensor or array
        The size of the filters is concrete.
    stride, dilations : int or sequence of int
    padding : str or sequence of pairs of int
        ``"VALID"``, ``"SAME"``, or for each axis how many zeros to put before and after it.
    data_format : str, optional
        ``"NWC"``, as channels come last.

    Returns
    -------
    Tensor
        Of shape ``(batch, positions, out)``.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.conv1d([[[1.0], [2.0], [4.0]]], [[[-1.0]], [[1.0]]], 1, "VALID").numpy()
    array([[[1.],
            [2.]]])
    """
    return _convolve("conv1d", input, filters, stride, padding, data_format, dilations, 1)


def conv2d(
    input: TensorLike,
    filters: TensorLike,
    strides: Axes,
    padding: Padding,
    data_format: str = "NHWC",
    dilations: Axes = None,
    name: str | None = None,
) -> Tensor:
    """Cross-correlation of ``(batch, height, width, in)`` with filters ``(rows, columns, in, out)``.

    Parameters
    ----------
    input, filters : tensor or array
        Numbers of rows and columns are concrete.
    strides, dilations : int or sequence of int
        One number for both axes, or one for each.
    padding : str or sequence of pairs of int
        As for :func:`conv1d`.
    data_format : str, optional
        ``"NHWC"``, as channels come last.

    Returns
    -------
    Tensor
        Of shape ``(batch, positions, positions, out)``.

    Examples
    --------
    >>> import tracer
    >>> image, ones = tracer.ones([1, 3, 3, 1]), tracer.ones([2, 2, 1, 1])
    >>> tracer.squeeze(tracer.nn.conv2d(image, ones, 1, "VALID")).numpy()
    array([[4., 4.],
           [4., 4.]])
    """
    return _convolve("conv2d", input, filters, strides, padding, data_format, dilations, 2)


def _pooled(
    name: str,
    input: TensorLike,
    ksize: Axes,
    strides: Axes,
    padding: Padding,
    data_format: str | None,
    count: int,
    largest: bool,
) -> Tensor:
    x = floats(input)
    w = windows(name, x, per_axis(name, "ksize", ksize, count), strides, None, padding, data_format)
    parts = taps(x, w, -math.inf if largest else 0.0)
    total = parts[0]
    for part in parts[1:]:
        total = apply(TABLE["maximum" if largest else "add"], (total, part))
    if largest:
        return total
    if all(pair == (0, 0) for pair in w.padding):
        return total / len(parts)
    return total * _shares(w, x)


def _shares(w: Windows, x: Tensor) -> np.ndarray:
    """One over the number of elements under each window, those of the padding not counted."""
    import numpy as np

    if not shapes.is_concrete(x.shape[1:-1]):
        raise ValueError(
            f"avg_pool with the padding SAME counts the elements of {x.name} under each window; "
            "give concrete sizes or padding 'VALID'"
        )
    share = np.ones(())
    for size, step, dim, (before, after) in zip(w.sizes, w.strides, x.shape[1:-1], w.padding):
        inside = np.pad(np.ones(dim), (before, after))
        counts = np.lib.stride_tricks.sliding_window_view(inside, size)[::step].sum(-1)
        share = np.multiply.outer(share, 1 / counts)
    return share[..., None]


def max_pool1d(
    input: TensorLike, ksize: Axes, strides: Axes, padding: Padding, data_format: str = "NWC", name: str | None = None
) -> Tensor:
    """The largest element under each window of ``(batch, width, channels)``; the first of equal ones has the gradient.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(batch, width, channels)``.
    ksize, strides : int or sequence of int
        The size of the window, and how far it moves.
    padding : str
        ``"VALID"`` or ``"SAME"``.
    data_format : str, optional
        ``"NWC"``, as channels come last.

    Returns
    -------
    Tensor
        Of shape ``(batch, positions, channels)``.

    Raises
    ------
    ValueError
        If the window does not fit.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.max_pool1d([[[1.0], [5.0], [2.0]]], 2, 1, "VALID").numpy()
    array([[[5.],
            [5.]]])
    """
    return _pooled("max_pool1d", input, ksize, strides, padding, data_format, 1, True)


def max_pool2d(
    input: TensorLike, ksize: Axes, strides: Axes, padding: Padding, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """The largest element under each window of ``(batch, height, width, channels)``.

    Parameters
    ----------
    input : tensor or array
    ksize, strides : int or sequence of int
        The size of the window, and how far it moves: one number for both axes, or one for each.
    padding
        As for :func:`max_pool1d`.
    data_format : str, optional
        ``"NHWC"``, as channels come last.

    Returns
    -------
    Tensor
        Of shape ``(batch, positions, positions, channels)``.

    Examples
    --------
    >>> import tracer
    >>> image = tracer.reshape(tracer.range(16.0), [1, 4, 4, 1])
    >>> tracer.squeeze(tracer.nn.max_pool2d(image, 2, 2, "VALID")).numpy()
    array([[ 5.,  7.],
           [13., 15.]])
    """
    return _pooled("max_pool2d", input, ksize, strides, padding, data_format, 2, True)


def avg_pool1d(
    input: TensorLike, ksize: Axes, strides: Axes, padding: Padding, data_format: str = "NWC", name: str | None = None
) -> Tensor:
    """The mean of the elements under each window of ``(batch, width, channels)``, those of the padding not counted.

    Parameters
    ----------
    input, ksize, strides, padding, data_format
        As for :func:`max_pool1d`.

    Returns
    -------
    Tensor
        Of shape ``(batch, positions, channels)``.

    Raises
    ------
    ValueError
        If the padding is SAME and the width is symbolic.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.avg_pool1d([[[1.0], [5.0], [2.0]]], 2, 1, "VALID").numpy()
    array([[[3. ],
            [3.5]]])
    """
    return _pooled("avg_pool1d", input, ksize, strides, padding, data_format, 1, False)


def avg_pool2d(
    input: TensorLike, ksize: Axes, strides: Axes, padding: Padding, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """The mean of the elements under each window of ``(batch, height, width, channels)``.

    Parameters
    ----------
    input : tensor or array
    ksize, strides : int or sequence of int
        The size of the window, and how far it moves: one number for both axes, or one for each.
    padding
        As for :func:`max_pool1d`.
    data_format : str, optional
        ``"NHWC"``, as channels come last.

    Returns
    -------
    Tensor
        Of shape ``(batch, positions, positions, channels)``.

    Examples
    --------
    >>> import tracer
    >>> image = tracer.reshape(tracer.range(16.0), [1, 4, 4, 1])
    >>> tracer.squeeze(tracer.nn.avg_pool2d(image, 2, 2, "VALID")).numpy()
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    return _pooled("avg_pool2d", input, ksize, strides, padding, data_format, 2, False)


NN: dict[str, Callable[..., object]] = {
    "conv1d": conv1d, "conv2d": conv2d, "max_pool1d": max_pool1d, "max_pool2d": max_pool2d, "max_pool": max_pool2d,
    "avg_pool1d": avg_pool1d, "avg_pool2d": avg_pool2d, "avg_pool": avg_pool2d,
}  # fmt: skip
