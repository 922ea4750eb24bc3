"""What generated code for JAX may call beside ``jax.numpy``, where NumPy's own helpers can't be traced.

It is read as text, and run where JAX is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
from jax.scipy import linalg, special


def bincount(places: jax.Array, weights: jax.Array, size: int) -> jax.Array:
    """The sum of the weights that fall on each place."""
    return jnp.zeros(size, jnp.result_type(weights)).at[places].add(weights)


def erfc(x: jax.Array) -> jax.Array:
    """The complementary error function."""
    return special.erfc(x)


def softmax(x: jax.Array, axis: int) -> jax.Array:
    """Exponentials that sum to one along an axis."""
    return jax.nn.softmax(x, axis)


def logsumexp(x: jax.Array, axis: int | tuple[int, ...], keepdims: bool = False) -> jax.Array:
    """``log(sum(exp(x)))`` along axes."""
    return special.logsumexp(x, axis, keepdims=keepdims)


def norm(x: jax.Array, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> jax.Array:
    """The Euclidean norm along axes, also of numbers whose squares overflow or vanish."""
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(x), axis=axis, keepdims=True, initial=0))
    scale = jnp.where((largest > 0) & (largest < jnp.inf), largest, 1)
    found = scale * jnp.sqrt(jnp.sum((x / scale) ** 2, axis=axis, keepdims=True))
    return found if keepdims else jnp.squeeze(found, axis)


def logdet(x: jax.Array) -> jax.Array:
    """The logarithm of the determinant of square matrices; NaN where that is negative."""
    factors, pivots = linalg.lu_factor(x)
    diagonal = jnp.diagonal(factors, axis1=-2, axis2=-1)
    turns = jnp.sum(pivots != jnp.arange(x.shape[-1]), axis=-1) + jnp.sum(diagonal < 0, axis=-1)
    return jnp.where(turns % 2 == 1, jnp.nan, jnp.sum(jnp.log(jnp.abs(diagonal)), axis=-1))


def greatest_at(size: int, *parts: tuple[jax.Array, jax.Array]) -> jax.Array:
    """The greatest of the values on each flat place, zero where there is none; parts are (places, values)."""
    out = jnp.full(size, -jnp.inf)
    for places, values in parts:
        out = out.at[places].max(values)
    return jnp.where(jnp.isneginf(out), 0.0, out)


def segment_max(x: jax.Array, ids: jax.Array, count: int, empty: float) -> jax.Array:
    """The greatest slices by segment id, and ``empty`` for a segment that has none."""
    used = jnp.zeros(count, bool).at[ids].set(True)
    found = jax.ops.segment_max(x, ids, count)
    return jnp.where(used.reshape(-1, *[1] * (found.ndim - 1)), found, empty)


def recurrence(a: jax.Array, b: jax.Array, axis: int) -> jax.Array:
    """``s[k] = b[k] + a[k]*s[k - 1]`` from zero along an axis."""
    a, b = jnp.broadcast_arrays(jnp.moveaxis(a, axis, 0), jnp.moveaxis(b, axis, 0))

    def join(first: tuple[jax.Array, jax.Array], second: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        return first[0] * second[0], second[1] + second[0] * first[1]

    return jnp.moveaxis(jax.lax.associative_scan(join, (a, b))[1], 0, axis)


def defined(function: Callable[..., jax.Array], *matrices: jax.Array) -> jax.Array:
    """A function of matrices, which is NaN for those that it refuses."""
    return function(*matrices)


def embed(value: jax.Array, axes: Sequence[int], shape: Sequence[int]) -> jax.Array:
    """Zeros of a shape with the value on a diagonal: axis k of the result runs along axis ``axes[k]`` of the value."""
    kept = sorted(set(axes))
    places = [jnp.arange(shape[k]).reshape([-1 if a == axis else 1 for a in kept]) for k, axis in enumerate(axes)]
    return jnp.zeros(shape, jnp.result_type(value)).at[tuple(places)].set(value)
