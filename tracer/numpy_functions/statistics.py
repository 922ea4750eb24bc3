"""Averages, order statistics and covariances."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tracer import shapes
from tracer.dtypes import FLOATS, DTypeLike
from tracer.numpy_functions.axis_reductions import count, mean_along
from tracer.numpy_functions.nan_reductions import present
from tracer.numpy_functions.shaping import diagonal
from tracer.numpy_functions.signatures import given, numpy_function, with_signature_of
from tracer.numpy_functions.sorting import take_along_axis
from tracer.numpy_functions.ufuncs import floats
from tracer.ops import contraction, creation, gathering, ordering, reshaping, segments, structure
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.shapes import Axes, Dim
from tracer.tensor import Operand, Tensor, TensorLike, as_tensor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@numpy_function()
def average(
    a: TensorLike,
    axis: Axes = None,
    weights: TensorLike | None = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """The mean, weighted where weights are given: of the same shape, or along the axes.

    Raises
    ------
    TypeError
        If the weights have another shape and no axis is named.
    """
    tensor = floats(a)
    if not given(weights):
        result = mean_along(tensor, axis, keepdims=keepdims)
        total = creation.fill(result.shape, 1.0) * count(tensor, axis, True)
    else:
        weight = _weights(tensor, axis, floats(weights))
        total = contraction.reduce_sum(weight, axis, bool(keepdims))
        result = contraction.reduce_sum(tensor * weight, axis, bool(keepdims)) / total
    return (result, contraction.broadcast_to(total, result.shape)) if returned else result


def _weights(tensor: Tensor, axis: Axes, weights: Tensor) -> Tensor:
    """Weights in the shape of the tensor."""
    if weights.shape == tensor.shape:
        return weights
    if axis is None:
        raise TypeError(
            f"average: axis must be given, since the weights have the shape {shapes.show(weights.shape)} and the array "
            f"{shapes.show(tensor.shape)}"
        )
    axes = [shapes.normalize_axis(k, tensor.ndim) for k in shapes.as_list(axis)]
    wanted = tuple(tensor.shape[k] for k in axes)
    if weights.shape != wanted:
        raise ValueError(
            f"average: the shape of weights {shapes.show(weights.shape)} must be that of the array along the axis, "
            f"{shapes.show(wanted)}"
        )
    ordered = contraction.transpose(weights, sorted(range(len(axes)), key=axes.__getitem__))
    thin = reshaping.reshape(ordered, tuple(d if k in axes else 1 for k, d in enumerate(tensor.shape)))
    return contraction.broadcast_to(thin, tensor.shape)


# Order statistics.


def _arrange_lines(a: TensorLike, axis: Axes) -> tuple[Tensor, Callable[[Tensor, bool], Tensor]]:
    """The elements over which a statistic goes along the last axis, and how the answer gets its axes back."""
    tensor = floats(a)
    axes = shapes.normalize_axes(axis, tensor.ndim)
    kept = [k for k in range(tensor.ndim) if k not in axes]
    moved = contraction.transpose(tensor, [*kept, *axes])
    dims = tuple(tensor.shape[k] for k in kept)
    line = reshaping.reshape(moved, (*dims, shapes.size(tuple(tensor.shape[k] for k in axes))))

    def restored(answer: Tensor, keepdims: bool) -> Tensor:
        """Axes in front of those of the lines, as of several quantiles, stay in front."""
        if not keepdims:
            return answer
        front = answer.ndim - len(kept)
        return contraction.expand_dims(answer, tuple(front + k for k in axes)) if axes else answer

    return line, restored


def _interpolate(line: Tensor, below: int, above: int, share: float) -> Tensor:
    """A point between two elements of sorted lines."""
    low, high = line[..., below], line[..., above]
    if share == 0 or below is above:
        return low
    # From the nearer end: of an infinite element and a finite one that is finite only at the latter.
    return high - (high - low) * (1 - share) if share >= 0.5 else low + (high - low) * share


def _or_nan(line: Tensor, answer: TensorLike) -> Tensor:
    """NaN where a sorted line has one, which stands at its end."""
    last = line[..., -1]
    return _T["where"](_T["is_nan"](last), math.nan, answer)


@numpy_function(refused="out")
def median(
    a: TensorLike, axis: Axes = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False
) -> Tensor:
    """The middle of the sorted elements along axes, or the mean of the two middle ones."""
    line, restored = _arrange_lines(a, axis)
    size = line.shape[-1]
    if size == 0:
        return restored(creation.fill(line.shape[:-1], math.nan), bool(keepdims))
    ordered = ordering.sort(line)
    low, high = ordered[..., (size - 1) // 2], ordered[..., size // 2]
    middle = low if isinstance(size, int) and size % 2 else (low + high) / 2
    return restored(_or_nan(ordered, middle), bool(keepdims))


def _elements(name: str, line: Tensor) -> Dim:
    size = line.shape[-1]
    if size == 0:
        raise ValueError(f"{name} of an axis without elements has no value")
    return size


@numpy_function(refused="out weights interpolation")
def quantile(
    a: TensorLike,
    q: Tensor | ArrayLike,
    axis: Axes = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: TensorLike | None = None,
    interpolation: str | None = None,
) -> Tensor:
    """Quantiles along axes, by any of NumPy's methods; of a tensor q, or an axis of symbolic size, by "linear"."""
    if as_tensor(a).dtype == "bool":
        raise TypeError("quantile and percentile of booleans are not defined; cast them to numbers")
    line, restored = _arrange_lines(a, axis)
    size = _elements("quantile", line)
    ordered = ordering.sort(line)
    if isinstance(q, Tensor) or not isinstance(size, int):
        if method != "linear":
            raise ValueError(
                f"the method {method!r} of quantile takes numbers for q and an axis of known size; write 'linear'"
            )
        found = _linear(ordered, floats(q) * (size - 1))
        if not isinstance(q, Tensor):
            _check_quantiles(q)
        lines = reshaping.reshape(_or_nan(ordered, creation.zeros_like(found[..., 0])), (*found.shape[:-1], 1))
        answer = reshaping.reshape(found + lines, (*found.shape[:-1], *as_tensor(q).shape))
        rank, front = answer.ndim, as_tensor(q).ndim
        order = [*range(rank - front, rank), *range(rank - front)]
        return restored(contraction.transpose(answer, order) if front else answer, bool(keepdims))
    import numpy

    _check_quantiles(q)
    try:
        # The quantile of 0, 1, 2, ... is the place of the quantile, whatever the method.
        places = numpy.quantile(numpy.arange(size, dtype=float), q, method=method)  # type: ignore[call-overload]
    except (ValueError, KeyError):
        raise ValueError(
            f"quantile has no method {method!r}; write for instance 'linear', 'lower' or 'hazen'"
        ) from None
    parts = [
        _or_nan(ordered, _interpolate(ordered, int(p), min(int(p) + 1, size - 1), float(p) - int(p)))
        for p in numpy.ravel(places)
    ]
    if method in _CHOOSING and as_tensor(a).dtype not in FLOATS:
        parts = [cast(part, as_tensor(a).dtype) for part in parts]
    if not numpy.ndim(q):
        return restored(parts[0], bool(keepdims))
    answer = reshaping.reshape(structure.stack(parts), (*numpy.shape(q), *line.shape[:-1]))
    return restored(answer, bool(keepdims))


_CHOOSING = frozenset({"inverted_cdf", "closest_observation", "lower", "higher", "nearest"})
"""The methods of quantiles whose answer is an element, of the elements' dtype."""


def _check_quantiles(q: Tensor | ArrayLike) -> None:
    import numpy

    values = numpy.asarray(q, float)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"quantiles q must lie between 0 and 1, and percentiles between 0 and 100, got {q!r}")


def _linear(ordered: Tensor, places: Tensor) -> Tensor:
    """Values at fractional places along the last axis, by linear interpolation, on a new last axis."""
    flat = reshaping.reshape(places, (-1,))
    below = cast(_T["floor"](flat), "int64")
    above = cast(_T["ceil"](flat), "int64")
    share = flat - _T["floor"](flat)
    low, high = (gathering.gather(ordered, at, axis=ordered.ndim - 1) for at in (below, above))
    return low + (high - low) * share


@numpy_function(refused="out weights interpolation")
@with_signature_of(quantile)
def percentile(a: TensorLike, q: Tensor | ArrayLike, *args: Any, **kwargs: Any) -> Tensor:
    """Quantiles by hundredths; see :func:`quantile`."""
    return quantile(a, _hundredths(q), *args, **kwargs)


def _hundredths(q: Tensor | ArrayLike) -> Tensor | ArrayLike:
    import numpy

    return q / 100.0 if isinstance(q, Tensor) else numpy.asarray(q) / 100


@numpy_function(refused="out")
def nanmedian(
    a: TensorLike, axis: Axes = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False
) -> Tensor:
    """The median along axes of what is not NaN."""
    line, restored = _arrange_lines(a, axis)
    if line.shape[-1] == 0:
        return restored(creation.fill(line.shape[:-1], math.nan), bool(keepdims))
    ordered, number = ordering.sort(line), _count_numbers(line)
    low, high = (_elements_at(ordered, place) for place in ((number - 1) // 2, number // 2))
    return restored((low + high) / 2, bool(keepdims))


def _count_numbers(line: Tensor) -> Tensor:
    """How many numbers lines have; NaN stands after them when they are sorted."""
    _elements("the median or quantile", line)
    return contraction.reduce_sum(cast(present(line), "int64"), -1)


def _elements_at(ordered: Tensor, places: Tensor) -> Tensor:
    """The elements of lines at places, which count from the end where they are negative, and end with it."""
    last = ordered.shape[-1] - 1
    within = contraction.expand_dims(_T["minimum"](places, last), -1)
    return contraction.squeeze(take_along_axis(ordered, within, -1), -1)


@numpy_function(refused="out weights interpolation")
def nanquantile(
    a: TensorLike,
    q: Tensor | ArrayLike,
    axis: Axes = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: TensorLike | None = None,
    interpolation: str | None = None,
) -> Tensor:
    """Quantiles along axes of what is not NaN, by the method "linear"."""
    import numpy

    if method != "linear":
        raise ValueError(f"nanquantile of a tensor takes the method 'linear', got method={method!r}")
    _check_quantiles(q)
    line, restored = _arrange_lines(a, axis)
    ordered, number = ordering.sort(line), _count_numbers(line)
    found = []
    for share in numpy.ravel(q).tolist():
        place = cast(number - 1, line.dtype) * share
        whole = cast(_T["floor"](place), "int64")
        places = whole, _T["minimum"](whole + 1, _T["maximum"](number - 1, 0))
        low, high = (_elements_at(ordered, at) for at in places)
        found.append(low + (high - low) * (place - cast(whole, line.dtype)))
    if not numpy.ndim(q):
        return restored(found[0], bool(keepdims))
    return restored(reshaping.reshape(structure.stack(found), (*numpy.shape(q), *line.shape[:-1])), bool(keepdims))


@numpy_function(refused="out weights interpolation")
@with_signature_of(nanquantile)
def nanpercentile(a: TensorLike, q: Tensor | ArrayLike, *args: Any, **kwargs: Any) -> Tensor:
    """Quantiles by hundredths of what is not NaN."""
    return nanquantile(a, _hundredths(q), *args, **kwargs)


# Covariances.


@numpy_function()
def cov(
    m: TensorLike,
    y: TensorLike | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: float | None = None,
    fweights: TensorLike | None = None,
    aweights: TensorLike | None = None,
    *,
    dtype: DTypeLike = None,
) -> Tensor:
    """The covariance matrix of variables in rows, or in columns; a number for one variable."""
    if ddof is not None and ddof != int(ddof):
        raise ValueError(f"the ddof of cov is an integer, got {ddof!r}")
    data = _variables(m, rowvar)
    if given(y):
        data = structure.concat([data, _variables(y, rowvar)], 0)
    data = cast(data, dtype if given(dtype) else "float64")
    correction = (0 if bias else 1) if ddof is None else ddof
    size = data.shape[1]
    weights = _observation_weights(size, fweights, aweights)
    if weights is None:
        total: Operand = size
        centre = contraction.reduce_mean(data, 1, True)
        left: TensorLike = total - correction
    else:
        total = contraction.reduce_sum(weights)
        centre = contraction.reduce_sum(data * weights, 1, True) / total
        left = total - correction
        if given(aweights) and correction:
            left = total - correction * contraction.reduce_sum(weights * floats(aweights)) / total
    deviations = data - centre
    scaled = deviations if weights is None else deviations * weights
    if isinstance(left, int) and left <= 0:
        left = 0.0
    return contraction.squeeze(scaled @ contraction.transpose(deviations) / left)


def _variables(m: TensorLike, rowvar: bool) -> Tensor:
    tensor = floats(m)
    if tensor.ndim > 2:
        raise ValueError(f"cov and corrcoef take 2 dimensions at the most, got the shape {shapes.show(tensor.shape)}")
    if tensor.ndim < 2:
        return reshaping.reshape(tensor, (1, -1))
    made = tensor if rowvar else contraction.transpose(tensor)
    return made


def _observation_weights(size: Dim, fweights: TensorLike, aweights: TensorLike) -> Tensor | None:
    found = None
    for name, weights in (("fweights", fweights), ("aweights", aweights)):
        if not given(weights):
            continue
        tensor = as_tensor(weights)
        if tensor.ndim != 1 or (isinstance(size, int) and tensor.shape[0] != size):
            raise ValueError(
                f"cov: {name} must be a vector of the size {size}, got the shape {shapes.show(tensor.shape)}"
            )
        if name == "fweights" and tensor.dtype in FLOATS:
            raise TypeError("cov: fweights must be integers")
        tensor = floats(tensor)
        found = tensor if found is None else found * tensor
    return found


@numpy_function()
def corrcoef(x: TensorLike, y: TensorLike | None = None, rowvar: bool = True, *, dtype: DTypeLike = None) -> Tensor:
    """The matrix of correlation coefficients; 1 for one variable."""
    matrix = cov(x, y, rowvar, dtype=dtype)
    if not matrix.ndim:
        return matrix / matrix
    deviations = _T["sqrt"](diagonal(matrix))
    return matrix / contraction.expand_dims(deviations, 1) / deviations


@numpy_function()
def bincount(x: TensorLike, /, weights: TensorLike | None = None, minlength: int = 0) -> Tensor:
    """The number, or the sum of the weights, of each integer among values that are known."""
    at = as_tensor(x)
    if at.ndim != 1 or at.dtype in FLOATS:
        raise TypeError(f"bincount takes a vector of integers, got {at.dtype} of shape {shapes.show(at.shape)}")
    known = at.numpy()
    if known.size and known.min() < 0:
        raise ValueError("bincount takes no negative integers")
    size = max(int(known.max()) + 1 if known.size else 0, minlength)
    if not given(weights):
        return segments.unsorted_segment_sum(cast(creation.ones_like(at), "int64"), at, size)
    return segments.unsorted_segment_sum(cast(weights, "float64"), at, size)
