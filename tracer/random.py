"""Seeded random constants, by TensorFlow's names in ``tf.random``.

The numbers are NumPy's, not TensorFlow's: the same seed gives the same constant, here and in every process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

from tracer import namespaces, shapes
from tracer.dtypes import FLOATS, DTypeLike, as_dtype
from tracer.nest import shown
from tracer.operations import OPERATIONS
from tracer.shapes import ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor, constant

_global_seed = 0
_count = 0


def set_seed(seed: int) -> None:
    """Begin the sequence of unseeded constants again.

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> import tracer
    >>> tracer.random.set_seed(1)
    >>> first = tracer.random.normal([2]).numpy()
    >>> tracer.random.set_seed(1)
    >>> bool((tracer.random.normal([2]).numpy() == first).all())
    True
    """
    global _global_seed, _count
    _global_seed, _count = shapes.integer(seed, "a seed"), 0


def _generator(seed: int | None) -> np.random.Generator:
    global _count
    import numpy

    if seed is not None:
        if shapes.integer(seed, "a seed") < 0:
            raise ValueError(f"a seed must not be negative, got {shown(seed)}")
        return numpy.random.default_rng([seed, _global_seed])
    _count += 1
    return numpy.random.default_rng([_global_seed, 1, _count])


def _concrete(what: str, shape: ShapeLike) -> tuple[int, ...]:
    wanted = shapes.as_shape(shape)
    if not shapes.is_concrete(wanted):
        raise ValueError(f"random.{what} makes a constant, whose shape must be numbers, got {shapes.show(wanted)}")
    return wanted


def _checked(what: str, dtype: DTypeLike, allowed: tuple[str, ...]) -> str:
    name = as_dtype(dtype) or "float64"
    if name not in allowed:
        raise TypeError(f"random.{what} has no dtype {name}; write one of {', '.join(allowed)}")
    return name


def normal(
    shape: ShapeLike,
    mean: float | np.ndarray = 0.0,
    stddev: float | np.ndarray = 1.0,
    dtype: DTypeLike = "float64",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers.

    Parameters
    ----------
    shape : sequence of int
    mean, stddev : float, optional
    dtype : str, optional
    seed : int, optional
        Without one, the next of the sequence that :func:`set_seed` begins.
    name : str, optional
        The name in formulas.

    Returns
    -------
    Tensor
        A constant.

    Examples
    --------
    >>> import tracer
    >>> tracer.random.normal([2, 3], seed=5).shape
    (2, 3)
    """
    kind = _checked("normal", dtype, FLOATS)
    return constant(_generator(seed).normal(mean, stddev, _concrete("normal", shape)), kind, name=name)


def truncated_normal(
    shape: ShapeLike,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: DTypeLike = "float64",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers, those beyond two standard deviations drawn again.

    Parameters
    ----------
    shape, mean, stddev, dtype, seed, name
        As for :func:`normal`.

    Returns
    -------
    Tensor
        A constant.

    Examples
    --------
    >>> import tracer
    >>> bool((abs(tracer.random.truncated_normal([100], seed=1).numpy()) <= 2).all())
    True
    """
    kind = _checked("truncated_normal", dtype, FLOATS)
    generator = _generator(seed)
    values = generator.normal(size=_concrete("truncated_normal", shape))
    while (beyond := abs(values) > 2).any():
        values[beyond] = generator.normal(size=int(beyond.sum()))
    return constant(mean + stddev * values, kind, name=name)


def uniform(
    shape: ShapeLike,
    minval: Any = 0,
    maxval: Any = None,
    dtype: DTypeLike = "float64",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Uniformly distributed numbers from ``minval`` up to, and without, ``maxval``.

    Parameters
    ----------
    shape
        As for :func:`normal`.
    minval, maxval : number, optional
        By default 0 and 1.
    dtype : str, optional
        Of floats or integers.
    seed, name
        As for :func:`normal`.

    Returns
    -------
    Tensor
        A constant.

    Raises
    ------
    ValueError
        If integers are asked for without ``maxval``.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.random.uniform([100], 2, 5, seed=1).numpy()
    >>> bool(((x >= 2) & (x < 5)).all())
    True
    """
    kind = _checked("uniform", dtype, (*FLOATS, "int32", "int64"))
    generator, size = _generator(seed), _concrete("uniform", shape)
    if kind in FLOATS:
        return constant(generator.uniform(minval, 1.0 if maxval is None else maxval, size), kind, name=name)
    if maxval is None:
        raise ValueError("random.uniform of integers needs maxval; write uniform(shape, 0, 10, dtype='int64')")
    return constant(generator.integers(minval, maxval, size), kind, name=name)


def shuffle(value: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """The rows of a tensor in random order; gradients flow to them.

    Parameters
    ----------
    value : tensor or array
        Of rank 1 or more; the number of its rows is concrete.
    seed : int, optional
        As for :func:`normal`.
    name : str, optional
        The name of the result, made unique.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If it is a scalar, or the number of rows is symbolic.

    Examples
    --------
    >>> import tracer
    >>> sorted(tracer.random.shuffle([3.0, 1.0, 2.0], seed=1).numpy().tolist())
    [1.0, 2.0, 3.0]
    """
    tensor = as_tensor(value)
    if not tensor.shape:
        raise ValueError(f"shuffle puts rows in another order, {tensor.name} is a scalar")
    (rows,) = _concrete("shuffle", tensor.shape[:1])
    made: Tensor = OPERATIONS["gather"](tensor, constant(_generator(seed).permutation(rows)), name=name)
    return made


_FUNCTIONS = {f.__name__: f for f in (normal, set_seed, shuffle, truncated_normal, uniform)}
globals().update(namespaces.functions(__name__, _FUNCTIONS))

__all__ = sorted(_FUNCTIONS)

if not TYPE_CHECKING:  # Checkers know what is here.
    __getattr__, __dir__ = namespaces.lookups(__name__)
