"""The QR decomposition, all singular vectors, and which matrices are symmetric by construction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tracer import shapes
from tracer.declarations import is_declared
from tracer.ops.contraction import Contraction, diag, diag_part, matmul, matrix_transpose
from tracer.ops.diagonal import band_part
from tracer.ops.matrix_domains import has_full_rank
from tracer.ops.matrix_rows import matrices, row
from tracer.ops.systems import solve
from tracer.rules import Domain, Elementwise
from tracer.shapes import Dim
from tracer.tensor import PLACEHOLDER, Tensor, TensorLike, record_tensor


class QR(NamedTuple):
    """Orthonormal columns and an upper triangular matrix."""

    q: Tensor
    r: Tensor


def _copy_lower(x: Tensor) -> Tensor:
    """The symmetric matrix that the lower triangle is of."""
    lower = band_part(x, -1, 0)
    return lower + matrix_transpose(lower) - diag(diag_part(x))


def _q_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    """``(G + Q copyltu(-G^T Q)) R^-T``, where copyltu copies the lower triangle to the upper."""
    r = matmul(node, node.args[0], transpose_a=True)
    inner = cotangent - matmul(node, _copy_lower(matmul(cotangent, node, transpose_a=True)))
    return matrix_transpose(solve(r, matrix_transpose(inner)))


def _rows_beyond_columns(node: Tensor) -> list[tuple[Dim, str]]:
    m, n = node.args[0].shape[-2:]
    return [(m - n, f"{node.args[0].name} has more columns than rows, for which qr takes a shape in numbers")]


Q = row(
    "qr_q", _q_pullback, numpy=lambda e, node, x: e.np.linalg.qr(x)[0], needs=_rows_beyond_columns,
    domain=Domain(derivative=has_full_rank),
)  # fmt: skip


def qr(input: TensorLike, full_matrices: bool = False, name: str | None = None) -> QR:
    """The decomposition ``A = Q R`` into orthonormal columns and an upper triangular matrix.

    With the triangle R of the first columns, the gradient by Q is ``(G + Q copyltu(-G^T Q)) R^-T``; R is the upper
    triangle of ``Q^T A``. The gradients hold where the first columns are independent.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., m, n)``.
    full_matrices : bool, optional
        Only False, where there are more rows than columns: the matrix does not determine further columns of Q.

    Returns
    -------
    (q, r)
        Of shapes ``(..., m, k)`` and ``(..., k, n)``, where k is the smaller of m and n.

    Raises
    ------
    ValueError
        If further columns are asked for.

    References
    ----------
    Walter and Lehmann, Algorithmic differentiation of linear algebra functions with application in optimum experimental
    design, 2010; Seeger et al., Auto-differentiating linear algebra, 2017, section 3.3.

    Examples
    --------
    >>> import tracer
    >>> q, r = tracer.linalg.qr([[3.0, 0.0], [4.0, 5.0]])
    >>> (q @ r).numpy().round(6)
    array([[3., 0.],
           [4., 5.]])
    """
    x = matrices("qr", input)
    m, n = x.shape[-2:]
    wide = isinstance(m, int) and isinstance(n, int) and m < n
    if full_matrices and not (wide or m == n):
        raise ValueError(
            "qr: the matrix does not determine the columns of full_matrices=True; write full_matrices=False"
        )
    first = x[..., :m] if wide else x
    q = record_tensor(Q, (first,), None, first.shape, x.dtype)
    return QR(q, band_part(matmul(q, x, transpose_a=True), 0, -1))


FULL_LEFT = row("svd_full_left", None, numpy=lambda e, node, x: e.np.linalg.svd(x)[0])
FULL_RIGHT = row("svd_full_right", None, numpy=lambda e, node, x: e.np.swapaxes(e.np.linalg.svd(x)[2], -1, -2))


def full_vectors(x: Tensor) -> tuple[Tensor, Tensor]:
    """All left and right singular vectors as columns, those without a singular value among them; without gradients."""
    *batch, m, n = x.shape
    return (
        record_tensor(FULL_LEFT, (x,), None, (*batch, m, m), x.dtype),
        record_tensor(FULL_RIGHT, (x,), None, (*batch, n, n), x.dtype),
    )


def symmetric(x: Tensor, depth: int = 6) -> bool:
    """Whether matrices are symmetric by how they are made: declared so, ``A A^T``, ``A + A^T``, and sums of such."""
    if x.rule is PLACEHOLDER:
        return is_declared("symmetric", [name for name, holds in x.params if holds])
    if depth == 0 or x.ndim < 2:
        return False
    operands = [a for a in x.args if type(a) is Tensor]
    if type(x.rule) is Elementwise:
        matrices_ = [a for a in operands if shapes.size(a.shape[-2:]) != 1]
        if x.op in ("add", "multiply") and len(matrices_) == 2 and _transposes(*matrices_):
            return True
        return bool(matrices_) and all(a.shape == x.shape and symmetric(a, depth - 1) for a in matrices_)
    if type(x.rule) is not Contraction:
        return x.op == "inv" and symmetric(operands[0], depth - 1)
    inputs, output, _ = x.params
    i, j = output[-2:]
    exchange = {i: j, j: i}
    exchanged = [tuple(exchange.get(k, k) for k in labels) for labels in inputs]
    if i == j or all(labels == other for labels, other in zip(inputs, exchanged)):
        return True
    if len(operands) == 1:
        return {i, j} <= {*inputs[0][-2:]} and symmetric(operands[0], depth - 1)
    return len(operands) == 2 and x.ndim == 2 and _is_transposed_product(operands, inputs, exchanged)


def _is_transposed_product(
    operands: list[Tensor], inputs: Sequence[tuple[int, ...]], exchanged: Sequence[tuple[int, ...]]
) -> bool:
    """Whether two factors become each other when the rows and columns of their product are exchanged."""
    (a, labels), (b, _) = (_plain(t, k) for t, k in zip(operands, inputs))
    _, others = _plain(operands[1], exchanged[1])
    return a is b and labels == others


def _plain(x: Tensor, labels: tuple[int, ...]) -> tuple[Tensor, tuple[int, ...]]:
    """The tensor under a permutation of axes, and its labels."""
    if type(x.rule) is Contraction and len(x.args) == 1:
        (inner,), output, scale = x.params
        if sorted(inner) == sorted(output) and len({*inner}) == len(inner) and scale == 1:
            named = dict(zip(output, labels))
            return x.args[0], tuple(named[k] for k in inner)
    return x, labels


def _transposes(a: Tensor, b: Tensor) -> bool:
    rank = a.ndim
    labels = tuple(range(rank))
    first, second = _plain(a, labels), _plain(b, (*labels[:-2], labels[-1], labels[-2]))
    return a.ndim == b.ndim and first[0] is second[0] and first[1] == second[1]


LINALG: dict[str, Callable[..., object]] = {"qr": qr}
