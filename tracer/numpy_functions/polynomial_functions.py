"""Convolutions, and polynomials, whose coefficients a product convolves."""

from __future__ import annotations

import sympy

from tracer import shapes
from tracer.numpy_functions.calculus import slice_along
from tracer.numpy_functions.joining import known_size
from tracer.numpy_functions.signatures import numpy_function
from tracer.numpy_functions.ufuncs import floats
from tracer.ops import contraction, creation, gathering, indexing, reshaping, structure, systems
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.tensor import Tensor, TensorLike, as_tensor


@numpy_function()
def convolve(a: TensorLike, v: TensorLike, mode: str = "full") -> Tensor:
    """The convolution of two vectors."""
    x, y = _signals("convolve", a, v, mode)
    if _longer(y, x):
        x, y = y, x
    return _windows(x, slice_along(y, 0, None, None, -1), mode)


@numpy_function()
def correlate(a: TensorLike, v: TensorLike, mode: str = "valid") -> Tensor:
    """The cross-correlation of two vectors."""
    x, y = _signals("correlate", a, v, mode)
    if _longer(y, x):
        return slice_along(_windows(y, x, mode), 0, None, None, -1)
    return _windows(x, y, mode)


def _signals(name: str, a: TensorLike, v: TensorLike, mode: str) -> tuple[Tensor, Tensor]:
    x, y = as_tensor(a), as_tensor(v)
    if name == "convolve":
        x, y = (reshaping.reshape(t, (1,)) if not t.ndim else t for t in (x, y))
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(f"{name} takes vectors, got the shapes {shapes.show(x.shape)} and {shapes.show(y.shape)}")
    if 0 in (x.shape[0], y.shape[0]):
        raise ValueError(f"{name} takes vectors with elements, one is empty")
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"the mode of {name} is 'full', 'same' or 'valid', got {mode!r}")
    return x, y


def _longer(x: Tensor, y: Tensor) -> bool:
    """Whether the first vector is the longer one; a symbolic size is taken to be larger than a number."""
    first, second = x.shape[0], y.shape[0]
    return isinstance(second, int) and (not isinstance(first, int) or first > second)


def _windows(x: Tensor, kernel: Tensor, mode: str) -> Tensor:
    """Products of a kernel with each window of its size; the modes differ in how many zeros stand around."""
    width, size = kernel.shape[0], x.shape[0]
    before, after = {
        "full": (width - 1, width - 1), "same": (width // 2, width - 1 - width // 2), "valid": (0, 0),
    }[mode]  # fmt: skip
    count = size + before + after - (width - 1)
    padded = x if mode == "valid" else structure.pad(x, [(before, after)])
    rows, columns = creation.range(count), creation.range(width)
    if mode != "full" and not (isinstance(size, int) and isinstance(width, int)):
        # In two parts, of which the first has a negative size where the kernel is the longer.
        rest = size - width
        rows = structure.concat([creation.range(rest), rest + creation.range(sympy.expand(count - rest))], 0)
    return gathering.gather(padded, contraction.expand_dims(rows, 1) + columns) @ kernel


# Polynomials.


@numpy_function()
def polyval(p: TensorLike, x: TensorLike) -> Tensor:
    """A polynomial by Horner's rule, the coefficient of the highest power first."""
    coefficients = as_tensor(p)
    at = as_tensor(x)
    if coefficients.ndim != 1:
        raise ValueError(f"polyval takes a vector of coefficients, got the shape {shapes.show(coefficients.shape)}")
    known_size("polyval", coefficients, 0)
    value = creation.zeros_like(at)
    for k, c in enumerate(indexing.unstack(coefficients)):
        value = value * 0 + c if k == 0 else value * at + c
    return value


@numpy_function()
def polyadd(a1: TensorLike, a2: TensorLike) -> Tensor:
    """The coefficients of a sum of polynomials."""
    first, second = (reshaping.reshape(as_tensor(a), (-1,)) for a in (a1, a2))
    width = max(known_size("polyadd", t, 0) for t in (first, second))
    return _T["add"](*(structure.pad(t, [(width - t.shape[0], 0)]) for t in (first, second)))


@numpy_function()
def polymul(a1: TensorLike, a2: TensorLike) -> Tensor:
    """The coefficients of a product of polynomials."""
    return convolve(reshaping.reshape(a1, (-1,)), reshaping.reshape(a2, (-1,)))


@numpy_function()
def polyder(p: TensorLike, m: int = 1) -> Tensor:
    """The coefficients of a derivative of a polynomial."""
    found = reshaping.reshape(as_tensor(p), (-1,))
    for _ in range(m):
        found = found[:-1] * creation.range(found.shape[0] - 1, 0, -1)
    return found


@numpy_function()
def polysub(a1: TensorLike, a2: TensorLike) -> Tensor:
    """The coefficients of a difference of polynomials."""
    return polyadd(a1, -as_tensor(a2))


@numpy_function(refused="k")
def polyint(p: TensorLike, m: int = 1, k: int | None = None) -> Tensor:
    """The coefficients of an integral of a polynomial, the constants of integration being zero."""
    found = reshaping.reshape(as_tensor(p), (-1,))
    for _ in range(m):
        found = structure.pad(found / creation.range(known_size("polyint", found, 0), 0, -1), [(0, 1)])
    return found


@numpy_function(refused="rcond full cov")
def polyfit(
    x: TensorLike,
    y: TensorLike,
    deg: int,
    rcond: TensorLike | None = None,
    full: bool = False,
    w: TensorLike | None = None,
    cov: bool = False,
) -> Tensor:
    """The coefficients of the polynomial of a degree that fits points best, the highest power first."""
    points, values = floats(x), floats(y)
    if points.ndim != 1 or values.ndim not in (1, 2):
        raise TypeError(
            f"polyfit takes a vector x and a vector or matrix y, got the shapes {shapes.show(points.shape)} and "
            f"{shapes.show(values.shape)}"
        )
    powers = structure.stack([points**k if k else creation.ones_like(points) for k in range(deg, -1, -1)], 1)
    if w is not None:
        weights = floats(w)
        powers = powers * contraction.expand_dims(weights, 1)
        values = values * (weights if values.ndim == 1 else contraction.expand_dims(weights, 1))
    size = _T["sqrt"](contraction.reduce_sum(_T["square"](powers), 0))
    columns = values if values.ndim == 2 else contraction.expand_dims(values, 1)
    found = systems.lstsq(powers / size, columns) / contraction.expand_dims(size, 1)
    return found if values.ndim == 2 else contraction.squeeze(found, 1)
