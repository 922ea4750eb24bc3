"""What rows are the same as: inverses and determinants of products, minima, and what a softmax is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tracer.ops.contraction import Contraction, diag_part, matrix_transpose, reduce_sum
from tracer.ops.inverses import det, inv, logdet
from tracer.ops.reduction import reduce_max, reduce_prod
from tracer.rules import TABLE
from tracer.tensor import Operand, Tensor, apply, as_tensor


def _split_product(matrix: Tensor) -> list[tuple[Tensor, bool]]:
    """The square matrices of which one is the product, and whether each is transposed."""
    found: list[tuple[Tensor, bool]] = []
    todo = [(matrix, False)]
    while todo:
        t, flipped = todo.pop()
        pair = _as_product(t)
        if pair is not None:
            ordered = [(u, own != flipped) for u, own in pair]
            todo += ordered if flipped else ordered[::-1]
        else:
            found.append((t, flipped))
    return found


def _as_product(t: Tensor) -> list[tuple[Tensor, bool]] | None:
    """A product of square matrices, or one that is transposed, as the matrices and whether they are transposed."""
    if not isinstance(t.rule, Contraction) or t.ndim != 2 or t.params.scale != 1:
        return None
    inputs, output, _ = t.params
    if any(not isinstance(a, Tensor) or a.ndim != 2 or a.shape[0] != a.shape[1] for a in t.args):
        return None
    if len(inputs) == 1:
        return [(t.args[0], True)] if inputs[0] == output[::-1] else None
    if len(inputs) != 2 or len(set(output)) != 2:
        return None
    i, k = output
    shared = [{*labels} - {own} for labels, own in zip(inputs, output)]
    if shared[0] != shared[1] or len(shared[0]) != 1 or shared[0] & {i, k} or i not in inputs[0] or k not in inputs[1]:
        return None
    return [(t.args[0], inputs[0][1] == i), (t.args[1], inputs[1][0] == k)]


def _of_factors(
    combine: Callable[[list[tuple[Tensor, bool]]], Tensor],
) -> Callable[[Tensor, Tensor], Tensor | None]:
    def law(tensor: Tensor, matrix: Tensor) -> Tensor | None:
        factors = _split_product(matrix)
        inverse = any(f.op == "inv" for f, _ in factors)
        return combine(factors) if len(factors) > 1 or (inverse and tensor.op != "inv") else None

    return law


def _inverse(factors: list[tuple[Tensor, bool]]) -> Tensor:
    result: Tensor | None = None
    for f, flipped in reversed(factors):
        own = f.args[0] if f.op == "inv" else inv(f)
        own = matrix_transpose(own) if flipped else own
        result = own if result is None else result @ own
    assert result is not None
    return result


def _determinant(factors: list[tuple[Tensor, bool]]) -> Tensor:
    result: Tensor | int = 1
    for f, _ in factors:
        result = result / det(f.args[0]) if f.op == "inv" else result * det(f)
    assert isinstance(result, Tensor)
    return result


def _log_determinant(factors: list[tuple[Tensor, bool]]) -> Tensor:
    result: Tensor | int = 0
    for f, _ in factors:
        result = result - logdet(f.args[0]) if f.op == "inv" else result + logdet(f)
    assert isinstance(result, Tensor)
    return result


def _sum(tensor: Tensor, *parts: Operand) -> Tensor:
    result = as_tensor(parts[0])
    for p in parts[1:]:
        result = result + p
    return result


def _least(tensor: Tensor, x: Tensor) -> Tensor:
    axes, keep = tensor.params
    return -reduce_max(-x, axes, keep)


def _exp(x: Tensor) -> Tensor:
    return apply(TABLE["exp"], (x,))


def _log_sum_exp(tensor: Tensor, x: Tensor) -> Tensor:
    axes, keep = tensor.params
    return apply(TABLE["log"], (reduce_sum(_exp(x), axes, keep),))


def _softmax(tensor: Tensor, x: Tensor) -> Tensor:
    e = _exp(x)
    return e / reduce_sum(e, tensor.params, True)


def _solve(tensor: Tensor, matrix: Tensor, right: Tensor) -> Tensor | None:
    if matrix.ndim > 2 or right.ndim > 2:
        return None
    inverse = inv(matrix)
    return (matrix_transpose(inverse) if tensor.params.adjoint else inverse) @ right


def _triangle(tensor: Tensor, matrix: Tensor) -> Tensor | None:
    """The lower triangle of what is lower triangular."""
    return matrix if tensor.params == (-1, 0) and matrix.op == "cholesky" else None


def _inverse_of_factor(factor: Tensor) -> Tensor:
    inverse = inv(factor)
    return matrix_transpose(inverse) @ inverse


LAWS: Mapping[str, Callable[..., Tensor | None]] = {
    "inv": _of_factors(_inverse),
    "det": _of_factors(_determinant),
    "logdet": _of_factors(_log_determinant),
    "add_n": _sum,
    "reduce_min": _least,
    "reduce_logsumexp": _log_sum_exp,
    "softmax": _softmax,
    "solve": _solve,
    "band_part": _triangle,
}
"""What operations are the same as."""

OF_FACTOR: Mapping[str, Callable[[Tensor], Tensor]] = {
    "inv": _inverse_of_factor,
    "det": lambda factor: reduce_prod(diag_part(factor)) ** 2,
    "logdet": lambda factor: 2 * reduce_sum(apply(TABLE["log"], (diag_part(factor),))),
}
"""What functions of a symmetric matrix are in terms of its Cholesky factor."""
