"""``numpy.linalg``: norms, systems, decompositions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import NamedTuple, SupportsIndex

import sympy

from tracer import shapes
from tracer.numpy_functions.axis_reductions import length
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.numpy_functions.ufuncs import floats
from tracer.ops import (
    contraction,
    creation,
    decompositions,
    diagonal,
    inverses,
    powers,
    reduction,
    reshaping,
    spectral,
    structure,
    systems,
)
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.ops.elementwise import NORM_POWER
from tracer.ops.matrix_rows import matrices, square
from tracer.ops.powers import MACHINE
from tracer.shapes import Axes
from tracer.tensor import Tensor, TensorLike, apply, as_tensor

_EPSILON = 2.220446049250313e-16
"""The rounding of float64."""

# Norms.


def _vector_norm(x: Tensor, order: float | str | None, axis: Axes, keepdims: bool) -> Tensor:
    if order in (None, 2):
        return length(x, axis, keepdims)
    size = abs(x)
    if order == math.inf:
        return reduction.reduce_max(size, axis, keepdims)
    if order == -math.inf:
        return reduction.reduce_min(size, axis, keepdims)
    if order == 0:
        return contraction.reduce_sum(cast(_T["not_equal"](x, 0), x.dtype), axis, keepdims)
    if order == 1:
        return contraction.reduce_sum(size, axis, keepdims)
    if not isinstance(order, Real):
        raise ValueError(f"the norm order {order!r} is not one of vectors; write a number")
    power = float(order)
    return apply(NORM_POWER, (contraction.reduce_sum(size**power, axis, keepdims), 1 / power))


def _singular_values(x: Tensor, axes: tuple[int, int]) -> Tensor:
    return spectral.svd(structure.moveaxis(x, axes, (-2, -1)), compute_uv=False)


def _by_sums(outer: Callable[..., Tensor], summed: int) -> Callable[[Tensor, tuple[int, int]], Tensor]:
    """The largest or smallest sum of sizes along one of the two axes."""

    def norm_of(x: Tensor, axes: tuple[int, int]) -> Tensor:
        sums = contraction.reduce_sum(abs(x), axes[summed], True)
        return outer(sums, axes)

    return norm_of


_MATRIX_NORMS: dict[float | str | None, Callable[[Tensor, tuple[int, int]], Tensor]] = {
    None: lambda x, axes: length(x, axes, False),
    "fro": lambda x, axes: length(x, axes, False),
    "nuc": lambda x, axes: contraction.reduce_sum(_singular_values(x, axes), -1),
    1: _by_sums(reduction.reduce_max, 0),
    -1: _by_sums(reduction.reduce_min, 0),
    2: lambda x, axes: reduction.reduce_max(_singular_values(x, axes), -1),
    -2: lambda x, axes: reduction.reduce_min(_singular_values(x, axes), -1),
    math.inf: _by_sums(reduction.reduce_max, 1),
    -math.inf: _by_sums(reduction.reduce_min, 1),
}


def _matrix_norm(x: Tensor, order: float | str | None, axes: tuple[int, int], keepdims: bool) -> Tensor:
    if not isinstance(order, (str, Real, type(None))) or order not in _MATRIX_NORMS:
        raise ValueError(
            f"the norm order {order!r} is not one of matrices; write 'fro', 'nuc', 1, -1, 2, -2, inf or -inf"
        )
    if axes[0] == axes[1]:
        raise ValueError(f"norm: the axes of matrices must differ, got {axes!r}")
    found = _MATRIX_NORMS[order](x, axes)
    return contraction.expand_dims(found, tuple(sorted(axes))) if keepdims else found


@numpy_function("linalg.norm", tuples="axis")
def norm(x: TensorLike, ord: float | str | None = None, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Norms of vectors along an axis, or of matrices along two; by default of all elements.

    Raises
    ------
    ValueError
        If there is no such order, or no axes are named for a rank above 2.
    """
    tensor, keep = floats(x), bool(keepdims)
    if axis is None:
        if ord is None:
            return length(tensor, None, keep)
        if tensor.ndim not in (1, 2):
            raise ValueError(f"norm of the order {ord!r} takes an axis for an array of rank {tensor.ndim}")
        axis = tuple(range(tensor.ndim))
    positions = tuple(shapes.normalize_axis(k, tensor.ndim) for k in shapes.as_list(axis))
    if len(positions) == 1:
        return _vector_norm(tensor, ord, positions[0], keep)
    if len(positions) == 2:
        return _matrix_norm(tensor, ord, (positions[0], positions[1]), keep)
    raise ValueError(f"norm takes one axis for vectors or two for matrices, got axis={axis!r}")


@numpy_function("linalg.vector_norm")
def vector_norm(x: TensorLike, /, *, axis: Axes = None, keepdims: bool = False, ord: float | str = 2) -> Tensor:
    """Norms of vectors along any axes."""
    tensor = floats(x)
    return _vector_norm(tensor, ord, shapes.normalize_axes(axis, tensor.ndim), bool(keepdims))


@numpy_function("linalg.matrix_norm")
def matrix_norm(x: TensorLike, /, *, keepdims: bool = False, ord: float | str = "fro") -> Tensor:
    """Norms of the matrices of the last two axes."""
    tensor = matrices("matrix_norm", x)
    return _matrix_norm(tensor, ord, (tensor.ndim - 2, tensor.ndim - 1), bool(keepdims))


@numpy_function("linalg.cond")
def cond(x: TensorLike, p: float | str | None = None) -> Tensor:
    """The condition number of matrices: the norm times that of the inverse."""
    tensor = matrices("cond", x)
    last = tensor.ndim - 2, tensor.ndim - 1
    if p in (None, 2, -2):
        values = _singular_values(tensor, last)
        largest, smallest = (reduce(values, -1) for reduce in (reduction.reduce_max, reduction.reduce_min))
        return smallest / largest if p == -2 else largest / smallest
    return _matrix_norm(tensor, p, last, False) * _matrix_norm(inverses.inv(tensor), p, last, False)


@numpy_function("linalg.matrix_rank", refused="hermitian")
def matrix_rank(
    A: TensorLike, tol: TensorLike | None = None, hermitian: bool = False, *, rtol: TensorLike | None = None
) -> Tensor:
    """The number of singular values above a bound; no gradient flows."""
    tensor = as_tensor(A)
    if tensor.ndim < 2:
        return cast(reduction.reduce_any(_T["not_equal"](tensor, 0)), "int64")
    values = _singular_values(floats(tensor), (tensor.ndim - 2, tensor.ndim - 1))
    bound = tol
    if not given(tol):
        m, n = tensor.shape[-2:]
        larger = max(m, n) if isinstance(m, int) and isinstance(n, int) else m + n
        relative = rtol if given(rtol) else larger * _EPSILON
        bound = reduction.reduce_max(values, -1, True) * relative
    elif isinstance(bound, Tensor) or hasattr(bound, "shape"):
        bound = contraction.expand_dims(bound, -1) if as_tensor(bound).ndim else bound
    return contraction.reduce_sum(cast(values > bound, "int64"), -1)


# Inverses and systems.


@numpy_function("linalg.inv")
def inv(a: TensorLike) -> Tensor:
    """The inverse."""
    return inverses.inv(a)


@numpy_function("linalg.det")
def det(a: TensorLike) -> Tensor:
    """The determinant."""
    return inverses.det(a)


class SlogdetResult(NamedTuple):
    """The sign of a determinant and the logarithm of its size."""

    sign: Tensor
    logabsdet: Tensor


@numpy_function("linalg.slogdet")
def slogdet(a: TensorLike) -> SlogdetResult:
    """The sign of the determinant and the logarithm of its size."""
    return SlogdetResult(*inverses.slogdet(a))


@numpy_function("linalg.solve")
def solve(a: TensorLike, b: TensorLike) -> Tensor:
    """The solution of a linear system; a right-hand side of rank 1 is one vector."""
    left, right = square("solve", a), as_tensor(b)
    if right.ndim != 1:
        return systems.solve(left, right)
    if left.ndim == 2:
        return systems.solve(left, right)
    return contraction.squeeze(systems.solve(left, contraction.expand_dims(right, -1)), -1)


@numpy_function("linalg.matrix_power")
def matrix_power(a: TensorLike, n: SupportsIndex | sympy.Expr) -> Tensor:
    """An integer power of square matrices."""
    return powers.matrix_power(a, n)


@numpy_function("linalg.multi_dot", refused="out")
def multi_dot(arrays: Iterable[TensorLike], *, out: None = None) -> Tensor:
    """The product of several matrices; the first and the last may be vectors."""
    factors = [as_tensor(a) for a in arrays]
    if len(factors) < 2:
        raise ValueError(f"multi_dot takes two arrays at least, got {len(factors)}")
    result = factors[0]
    for factor in factors[1:]:
        result = result @ factor
    return result


@numpy_function("linalg.pinv", refused="hermitian")
def pinv(
    a: TensorLike, rcond: TensorLike | None = None, hermitian: bool = False, *, rtol: TensorLike | None = None
) -> Tensor:
    """The Moore-Penrose inverse; singular values below a share of the largest count as zero."""
    return powers.pinv(a, rtol if given(rtol) else rcond)


class LstsqResult(NamedTuple):
    """A least-squares solution, the sums of squared residuals, the rank and the singular values."""

    x: Tensor
    residuals: Tensor
    rank: Tensor
    s: Tensor


@numpy_function("linalg.lstsq")
def lstsq(a: TensorLike, b: TensorLike, rcond: float | None = None) -> LstsqResult:
    """The least-squares solution of least norm, with the residuals, the rank and the singular values."""
    left, right = matrices("lstsq", a), floats(b)
    if left.ndim != 2 or right.ndim not in (1, 2):
        raise ValueError(
            f"lstsq takes a matrix and a vector or matrix, got the shapes {shapes.show(left.shape)} and "
            f"{shapes.show(right.shape)}"
        )
    columns = contraction.expand_dims(right, -1) if right.ndim == 1 else right
    solution = powers.pinv(left, MACHINE if rcond is None else max(rcond, _EPSILON)) @ columns
    values = _singular_values(left, (0, 1))
    rank = matrix_rank(left, None if rcond is None else reduction.reduce_max(values) * max(rcond, _EPSILON))
    m, n = left.shape
    squares = _T["square"](columns - left @ solution)
    if not (isinstance(m, int) and isinstance(n, int)):
        # In two parts, of which the second has a negative size unless there are more rows than columns.
        residuals = contraction.reduce_sum(squares[: n + 1], 0) + contraction.reduce_sum(squares[n + 1 :], 0)
    else:
        residuals = contraction.reduce_sum(squares, 0) if m > n else creation.zeros((0,))
    return LstsqResult(
        contraction.squeeze(solution, -1) if right.ndim == 1 else solution, residuals, cast(rank, "int32"), values
    )


@numpy_function("linalg.tensorinv")
def tensorinv(a: TensorLike, ind: int = 2) -> Tensor:
    """The inverse of a tensor that maps its last axes to its first ``ind``."""
    tensor = as_tensor(a)
    if ind <= 0:
        raise ValueError(f"the ind of tensorinv is positive, got {ind}")
    first, last = tensor.shape[:ind], tensor.shape[ind:]
    matrix = reshaping.reshape(tensor, (shapes.size(first), shapes.size(last)))
    return reshaping.reshape(inverses.inv(matrix), (*last, *first))


@numpy_function("linalg.tensorsolve")
def tensorsolve(a: TensorLike, b: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """The solution of ``tensordot(a, x, x.ndim) == b``."""
    left, right = as_tensor(a), as_tensor(b)
    if axes is not None:
        positions = [shapes.normalize_axis(k, left.ndim) for k in axes]
        left = contraction.transpose(left, [*(k for k in range(left.ndim) if k not in positions), *positions])
    shape = left.shape[right.ndim :]
    matrix = reshaping.reshape(left, (shapes.size(right.shape), shapes.size(shape)))
    return reshaping.reshape(systems.solve(matrix, reshaping.reshape(right, (-1,))), shape)


# Decompositions.


def _symmetric(name: str, a: TensorLike, UPLO: str) -> Tensor:
    """The symmetric matrices that one triangle is of, as NumPy reads them; nothing to do where they are symmetric."""
    if UPLO not in ("L", "U", "l", "u"):
        raise ValueError(f"the argument UPLO of {name} is 'L' or 'U', got {UPLO!r}")
    tensor = square(name, a)
    if decompositions.symmetric(tensor):
        return tensor
    lower = UPLO in "Ll"
    triangle = diagonal.band_part(tensor, -1, 0) if lower else diagonal.band_part(tensor, 0, -1)
    strict = triangle - contraction.diag(contraction.diag_part(tensor))
    return triangle + contraction.matrix_transpose(strict)


@numpy_function("linalg.cholesky")
def cholesky(a: TensorLike, /, *, upper: bool = False) -> Tensor:
    """The triangular factor of positive definite matrices, lower or upper."""
    factor = spectral.cholesky(_symmetric("cholesky", a, "U" if upper else "L"))
    return contraction.matrix_transpose(factor) if upper else factor


class EighResult(NamedTuple):
    """Eigenvalues in ascending order, and eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


@numpy_function("linalg.eigh")
def eigh(a: TensorLike, UPLO: str = "L") -> EighResult:
    """The eigenvalues and eigenvectors of the symmetric matrices that one triangle is of."""
    return EighResult(*spectral.eigh(_symmetric("eigh", a, UPLO)))


@numpy_function("linalg.eigvalsh")
def eigvalsh(a: TensorLike, UPLO: str = "L") -> Tensor:
    """The eigenvalues of symmetric matrices; see :func:`eigh`."""
    return spectral.eigvalsh(_symmetric("eigvalsh", a, UPLO))


class SVDResult(NamedTuple):
    """Left vectors as columns, singular values, right vectors as rows."""

    U: Tensor
    S: Tensor
    Vh: Tensor


@numpy_function("linalg.svd", refused="hermitian")
def svd(
    a: TensorLike, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> SVDResult | Tensor:
    """The singular value decomposition; through vectors without a singular value no gradient can flow."""
    tensor = matrices("svd", a)
    values, left, right = spectral.svd(tensor)
    if not compute_uv:
        return values
    m, n = tensor.shape[-2:]
    if full_matrices and m != n:
        left, right = decompositions.full_vectors(tensor)
    return SVDResult(left, values, contraction.matrix_transpose(right))


@numpy_function("linalg.svdvals")
def svdvals(x: TensorLike, /) -> Tensor:
    """The singular values, in descending order."""
    return spectral.svd(x, compute_uv=False)


class QRResult(NamedTuple):
    """Orthonormal columns and an upper triangular matrix."""

    Q: Tensor
    R: Tensor


@numpy_function("linalg.qr")
def qr(a: TensorLike, mode: str = "reduced") -> QRResult | Tensor:
    """The QR decomposition.

    Raises
    ------
    ValueError
        If the mode is "complete" for matrices with more rows than columns, whose further columns are not determined, or
        "raw".
    """
    tensor = matrices("qr", a)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"the mode of qr is 'reduced', 'r' or, for as many columns as rows, 'complete', got {mode!r}")
    m, n = tensor.shape[-2:]
    if mode == "complete" and not (m == n or (isinstance(m, int) and isinstance(n, int) and m < n)):
        raise ValueError("qr in mode 'complete' has columns that the matrix does not determine; write mode='reduced'")
    found = QRResult(*decompositions.qr(tensor))
    return found.R if mode == "r" else found
