"""Diagonals, bands and products of matrices that are no contractions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple, SupportsIndex

import sympy

from tracer import shapes
from tracer.dtypes import promote
from tracer.nest import shown
from tracer.ops.contraction import contract, diag_part, einsum, full
from tracer.ops.matrix_rows import matrices, row
from tracer.ops.reshaping import reshape
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import BOUNDED
from tracer.shapes import Dim, Subscripts
from tracer.tensor import Tensor, TensorLike, as_tensor, record_tensor

# Bands.


class Band(NamedTuple):
    """How many diagonals below and above the main one are kept; all where negative."""

    lower: int
    upper: int


def _band_source(e: Scope, node: Operation, x: Code) -> Code:
    lower, upper = node.params
    if lower >= 0:
        x = e.np.triu(x, -lower) if lower else e.np.triu(x)
    if upper >= 0:
        x = e.np.tril(x, upper) if upper else e.np.tril(x)
    return x


def _band_components(node: Tensor, flat: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    lower, upper = node.params
    *_, m, n = node.shape
    places = itertools.cycle(itertools.product(range(m), range(n)))
    kept = ((lower < 0 or i - j <= lower) and (upper < 0 or j - i <= upper) for i, j in places)
    return [x if k else sympy.S.Zero for x, k in zip(flat, kept)]


BAND = row(
    "band_part",
    lambda node, cotangent, position: _band(cotangent, node.params),
    numpy=_band_source,
    components=_band_components,
    facts=BOUNDED,
)


def _band(x: Tensor, band: Band) -> Tensor:
    return record_tensor(BAND, (x,), band, x.shape, x.dtype)


def band_part(input: TensorLike, num_lower: SupportsIndex, num_upper: SupportsIndex, name: str | None = None) -> Tensor:
    """The matrices with zeros outside a band around the diagonal.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., m, n)``.
    num_lower, num_upper : int
        How many diagonals below and above the main one to keep; all where negative.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If the rank is less than 2.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.band_part([[1.0, 2.0], [3.0, 4.0]], -1, 0).numpy()
    array([[1., 0.],
           [3., 4.]])
    """
    counts = (shapes.integer(n, "a number of diagonals of band_part") for n in (num_lower, num_upper))
    band = Band(*(max(n, -1) for n in counts))
    x = as_tensor(input)
    if x.ndim < 2:
        raise ValueError(f"band_part takes matrices, {x.name} has shape {shapes.show(x.shape)}")
    return _band(x, band) if band != (-1, -1) else x


# Diagonals.


def _set_diag_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    if position == 1:
        return diag_part(cotangent)
    return _set_diag(cotangent, full(node.args[1].shape, 0, "zeros", cotangent.dtype))


def _set_diag_source(e: Scope, node: Operation, x: Code, diagonal: Code) -> Code:
    *_, m, n = node.shape
    wide = isinstance(m, int) and isinstance(n, int) and m < n
    mask = e.np.eye(m, n, dtype=e.bool)
    return e.np.where(mask, e.np.expand_dims(diagonal, -1 if wide else -2), x)


def _set_diag_components(node: Tensor, x: Sequence[sympy.Expr], diagonal: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    *_, m, n = node.shape
    values = iter(diagonal)
    places = itertools.cycle(itertools.product(range(m), range(n)))
    return [next(values) if i == j else a for a, (i, j) in zip(x, places)]


SET_DIAG = row("set_diag", _set_diag_pullback, numpy=_set_diag_source, components=_set_diag_components)


def _set_diag(x: Tensor, diagonal: Tensor) -> Tensor:
    return record_tensor(SET_DIAG, (x, diagonal), None, x.shape, promote(x.dtype, diagonal.dtype))


def _shorter(m: Dim, n: Dim) -> Dim:
    return min(m, n) if isinstance(m, int) and isinstance(n, int) else sympy.Min(m, n)


def set_diag(input: TensorLike, diagonal: TensorLike, name: str = "set_diag", k: int = 0) -> Tensor:
    """The matrices with another main diagonal.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., m, n)``.
    diagonal : tensor or array
        Of shape ``(..., min(m, n))``.
    k : int, optional
        0, the main diagonal.

    Returns
    -------
    Tensor
        Of the shape of the matrices.

    Raises
    ------
    ValueError
        If the shapes do not fit, or another diagonal than the main one is asked for.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.set_diag([[1.0, 2.0], [3.0, 4.0]], [0.0, 5.0]).numpy()
    array([[0., 2.],
           [3., 5.]])
    """
    x, values = as_tensor(input), as_tensor(diagonal)
    if k != 0:
        raise ValueError(f"set_diag sets the main diagonal, got k={shown(k)}; add diag of a vector for others")
    if x.ndim < 2:
        raise ValueError(f"set_diag takes matrices, {x.name} has shape {shapes.show(x.shape)}")
    wanted = (*x.shape[:-2], _shorter(*x.shape[-2:]))
    if values.shape != wanted:
        raise ValueError(
            f"set_diag: the diagonal has the shape {shapes.show(values.shape)}, "
            f"that of {x.name} is {shapes.show(wanted)}"
        )
    return _set_diag(x, values)


def tensor_diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """A tensor of twice the rank with the given one on its diagonal.

    Parameters
    ----------
    diagonal : tensor or array
        Of any shape S.

    Returns
    -------
    Tensor
        Of shape ``(*S, *S)``.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.tensor_diag([1.0, 2.0]).numpy()
    array([[1., 0.],
           [0., 2.]])
    """
    x = as_tensor(diagonal)
    axes = tuple(range(x.ndim))
    return contract("tensor_diag", (x,), Subscripts((axes,), (*axes, *axes)))


def tensor_diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """The diagonal of a tensor whose shape is one shape twice.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(*S, *S)``.

    Returns
    -------
    Tensor
        Of shape S.

    Raises
    ------
    ValueError
        If the shape is not one shape twice.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.tensor_diag_part([[1.0, 2.0], [3.0, 4.0]]).numpy()
    array([1., 4.])
    """
    x = as_tensor(input)
    half = x.ndim // 2
    if x.shape[:half] != x.shape[half:]:
        raise ValueError(
            f"tensor_diag_part takes a tensor whose shape is one shape twice, {x.name} has {shapes.show(x.shape)}"
        )
    axes = tuple(range(half))
    return contract("tensor_diag_part", (x,), Subscripts(((*axes, *axes),), axes))


# Products.


def kron(a: TensorLike, b: TensorLike, name: str | None = None) -> Tensor:
    """The Kronecker product of matrices, batched over leading axes.

    Parameters
    ----------
    a, b : tensor or array
        Of shapes ``(..., m, n)`` and ``(..., p, q)``.

    Returns
    -------
    Tensor
        Of shape ``(..., m*p, n*q)``.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.kron([[1.0, 2.0]], [[1.0], [10.0]]).numpy()
    array([[ 1.,  2.],
           [10., 20.]])
    """
    x, y = matrices("kron", a), matrices("kron", b)
    products = einsum("...ij,...kl->...ikjl", x, y)
    *batch, i, k, j, m = products.shape
    return reshape(products, (*batch, i * k, j * m))


def _cross_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    a, b = node.args
    return _cross(b, cotangent) if position == 0 else _cross(cotangent, a)


def _cross_components(node: Tensor, a: Sequence[sympy.Expr], b: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    found: list[sympy.Expr] = []
    for k in range(0, len(a), 3):
        found += sympy.Matrix(a[k : k + 3]).cross(sympy.Matrix(b[k : k + 3]))
    return found


CROSS = row("cross", _cross_pullback, numpy=lambda e, node, a, b: e.np.cross(a, b), components=_cross_components)


def _cross(a: Tensor, b: Tensor) -> Tensor:
    return record_tensor(CROSS, (a, b), None, a.shape, promote(a.dtype, b.dtype))


def cross(a: TensorLike, b: TensorLike, name: str | None = None) -> Tensor:
    """The cross product of vectors of three elements, along the last axis.

    Its gradients are ``b x g`` and ``g x a``.

    Parameters
    ----------
    a, b : tensor or array
        Of one shape ``(..., 3)``.

    Returns
    -------
    Tensor
        Of that shape.

    Raises
    ------
    ValueError
        If the shapes differ or do not end in 3.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).numpy()
    array([0., 0., 1.])
    """
    x, y = as_tensor(a), as_tensor(b)
    if not x.ndim or x.shape != y.shape or x.shape[-1] != 3:
        raise ValueError(
            f"cross takes two tensors of one shape whose last dimension is 3, "
            f"got {shapes.show(x.shape)} and {shapes.show(y.shape)}"
        )
    return _cross(x, y)


LINALG: dict[str, Callable[..., object]] = {
    "band_part": band_part, "set_diag": set_diag, "tensor_diag": tensor_diag, "tensor_diag_part": tensor_diag_part,
    "kron": kron, "cross": cross,
}  # fmt: skip
