"""The matrix of cofactors, which is the gradient of a determinant, and its derivatives in directions.

A determinant is a polynomial, linear in each row, and so its derivative ``D^k det(A)[E1, ..., Ek]`` in k directions is
the sum of the determinants of A with k of its rows replaced by those rows of the directions, one of each (Bhatia and
Jain, Higher order derivatives and perturbation bounds for determinants, 2009). It is linear in each direction, and
their order does not matter. The cofactors ``C_k(A; E1, ..., Ek)`` are what it is made of by one direction more::

    sum(C_k(A; E1, ..., Ek) * F) = D^(k+1) det(A)[E1, ..., Ek, F]

Their gradient for a cotangent G is therefore ``C_(k+1)(A; E1, ..., Ek, G)`` by A, and by a direction C_k with G in its
place. All derivatives of determinants and adjugates are this one function, which is finite for every A. It is written
by the inverse, which is shorter: ``C_0(A) = det(A)*inv(A).T``. That formula holds where A has one.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import sympy

from tracer.ops.matrix_domains import is_invertible
from tracer.ops.matrix_rows import blocks, cofactors_along, inverse_cost, row
from tracer.rules import Domain, Facts
from tracer.tensor import Tensor, record_tensor


def record_cofactors(x: Tensor, directions: Sequence[Tensor] = (), written: str = "det") -> Tensor:
    """The derivative of the cofactors of matrices in directions.

    Parameters
    ----------
    x : Tensor
        Of shape ``(..., n, n)``.
    directions : sequence of Tensor
        Of the same shape.
    written : str
        Whether formulas have them by the adjugate, or by determinants and inverses: ``"adjugate"`` or ``"det"``.
    """
    op = ALONG if directions else COFACTORS
    return record_tensor(op, (x, *directions), written, x.shape, x.dtype)


def _pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    x, *directions = node.args
    others = [d for k, d in enumerate(directions, 1) if k != position]
    return record_cofactors(x, [*others, cotangent], node.params)


def _components(node: Tensor, *operands: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    matrices = zip(*(blocks(own, node.shape) for own in operands))
    return [sympy.sympify(entry) for own in matrices for entry in cofactors_along(*own)]


def _components_cost(node: Tensor) -> int:
    places = itertools.permutations(range(node.shape[-1]), len(node.args) - 1)
    return inverse_cost(node) * sum(1 for _ in places)


COFACTORS = row(
    "cofactors",
    _pullback,
    numpy=lambda e, node, x: e.cofactors(x),
    components=_components,
    components_cost=_components_cost,
    facts=Facts(finite=True),
    domain=Domain(is_invertible),
)
ALONG = row(
    "cofactors_frechet",
    _pullback,
    numpy=lambda e, node, x, *directions: e.cofactors(x, *directions),
    components=_components,
    components_cost=_components_cost,
    facts=Facts(finite=True, linear=True),
    domain=Domain(is_invertible),
)
