"""Functions of symmetric matrices by their eigenvalues, ``V diag(f(w)) V^T``, and of any by singular values.

Their derivative in a direction E is ``V (K o (V^T E V)) V^T`` where ``K[i, j]`` is the divided difference of f at
``w[i]`` and ``w[j]``, whose limit is ``f'(w[i])`` where these are equal (Daleckii and Krein, 1965; Higham, Functions of
Matrices, 2008, theorem 3.11). So it is there where eigenvectors, of which f is made, have none. The derivative in k
directions is ``D^k f(A)[E1, ..., Ek]``, and ``sum(G*D^k f(A)[E1, ..., Ek])`` has by Ek the gradient
``D^k f(A)[E1^T, ..., G]``, by A the gradient ``D^(k+1) f(A)[E1^T, ..., Ek^T, G]``: all derivatives are one function.

Singular values with both signs are the eigenvalues of ``[[0, A], [A^T, 0]]``; ``U diag(f(s)) V^T`` is a block of that
function of it for which f is continued as an odd one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import sympy
from sympy.logic.boolalg import Boolean

from tracer.ops.contraction import (
    broadcast_to,
    expand_dims,
    full,
    matmul,
    matrix_transpose,
    reduce_sum,
    unbroadcast,
)
from tracer.ops.indexing import place
from tracer.ops.matrix_domains import has_values_apart
from tracer.ops.matrix_rows import row
from tracer.ops.selection import Slice
from tracer.ops.spectral import EIGENVALUES, EIGENVECTORS, LEFT, RIGHT, SINGULAR, scaled_columns
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import Domain, Elementwise, Facts, argument, list_positions
from tracer.shapes import Dim
from tracer.tensor import Operand, Tensor, apply, record_tensor

W = argument(0)
"""The eigenvalue or singular value in a function; further arguments are its parameters."""


class Spectral(NamedTuple):
    """What is applied to the eigenvalues or singular values of a matrix.

    Attributes
    ----------
    function : Expr
        In an eigenvalue and parameters.
    parameters : int
        How many they are.
    places : Slice or None
        Which of the values are taken; of the others the function is zero.
    singular : bool
        Whether the values are singular values.
    """

    function: sympy.Expr
    parameters: int = 0
    places: Slice | None = None
    singular: bool = False


@lru_cache(maxsize=1024)
def differentiate(function: sympy.Expr, order: int) -> sympy.Expr:
    """A derivative by the eigenvalue; at a kink it counts as that of a side."""
    return function if order == 0 else _differentiate_once(differentiate(function, order - 1), W)


def _differentiate_once(function: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    return sympy.diff(function, symbol).replace(sympy.DiracDelta, lambda *args: sympy.S.Zero)


UNKNOWN = sympy.Derivative, sympy.Subs, sympy.Integral


@lru_cache(maxsize=1024)
def has_derivatives(function: sympy.Expr) -> bool:
    """Whether the derivatives of a function are known by the eigenvalue and all parameters."""
    by_parameters = [_differentiate_once(function, s) for s in function.free_symbols]
    return not any(f.has(*UNKNOWN) for f in (*by_parameters, differentiate(function, 2)))


def record_spectral(
    x: Tensor, spectral: Spectral, parameters: Sequence[Tensor] = (), directions: Sequence[Tensor] = ()
) -> Tensor:
    """The derivative of a function of matrices in directions.

    Parameters
    ----------
    x : Tensor
        Of shape ``(..., n, n)`` and symmetric; of shape ``(..., m, n)`` for a function of singular values.
    spectral : Spectral
    parameters : sequence of Tensor
        Numbers.
    directions : sequence of Tensor
        Of the shape of ``x``.
    """
    return record_tensor(ALONG if directions else FUNCTION, (x, *parameters, *directions), spectral, x.shape, x.dtype)


def _pullback(node: Tensor, cotangent: Tensor, position: int) -> Operand:
    x, *rest = node.args
    count = node.params.parameters
    parameters, directions = rest[:count], rest[count:]
    if 0 < position <= count:
        slope = node.params._replace(function=_differentiate_once(node.params.function, argument(position)))
        found = reduce_sum(cotangent * record_spectral(x, slope, parameters, directions), (-2, -1))
        return unbroadcast(found, node.shape[:-2], node.args[position].shape)
    others = [d for k, d in enumerate(directions, 1 + count) if k != position]
    if not node.params.singular:
        others = [matrix_transpose(d) for d in others]
    return record_spectral(x, node.params, parameters, [*others, cotangent])


def _batch(node: Tensor, axes: int, *operands: Tensor) -> Tensor:
    """The same with leading axes, which parameters have before those of the matrices."""
    count = node.params.parameters
    x, *rest = operands
    inner = tuple(range(axes, axes + node.ndim - 2))
    parameters = [expand_dims(p, inner) if inner and p.ndim == axes else p for p in rest[:count]]
    return record_tensor(node.rule, (x, *parameters, *rest[count:]), node.params, x.shape, node.dtype)


def _code(e: Scope, node: Operation, x: Code, *rest: Code) -> Code:
    function, count, places, singular = node.params
    names = ("w", *(f"p{k}" for k in range(1, count + 1)))
    directions = rest[count:]
    slopes = tuple(e.function(differentiate(function, k), names) for k in range(len(directions) + 1))
    options: dict[str, object] = {"parameters": rest[:count]} if count else {}
    options |= {} if places is None else {"places": (places.start, places.start + places.length)}
    options |= {"singular": True} if singular else {}
    return e.spectral_function(x, slopes, *directions, **options)


def list_slopes(node: Tensor) -> list[Tensor]:
    """The derivatives of the function at the eigenvalues or singular values that a node is made of."""
    spectral: Spectral = node.params
    parameters = node.args[1 : 1 + spectral.parameters]
    values = _values(node.args[0], spectral.singular)
    orders = range(len(node.args) - len(parameters))
    return [_apply(differentiate(spectral.function, k), values, parameters) for k in orders]


def _values(x: Tensor, singular: bool) -> Tensor:
    """The eigenvalues or singular values of matrices."""
    count = _smaller(x) if singular else x.shape[-1]
    return record_tensor(SINGULAR if singular else EIGENVALUES, (x,), None, (*x.shape[:-2], count), x.dtype)


# Written by vectors and values, as formulas have them.


def write_out(node: Tensor) -> Tensor | None:
    """A function of matrices, or its derivative in one direction, by eigenvectors or singular vectors.

    Of several directions, nobody would read it.
    """
    x, *rest = node.args
    spectral: Spectral = node.params
    parameters, directions = rest[: spectral.parameters], rest[spectral.parameters :]
    if len(directions) > 1:
        return None
    singular = spectral.singular
    values = _values(x, singular)
    count = values.shape[-1]
    left = record_tensor(LEFT if singular else EIGENVECTORS, (x,), None, (*x.shape[:-1], count), x.dtype)
    right = left
    if singular:
        right = record_tensor(RIGHT, (x,), None, (*x.shape[:-2], x.shape[-1], count), x.dtype)
    if not directions:
        scales = _mask(_apply(spectral.function, values, parameters), spectral.places, count)
        return matmul(scaled_columns(left, scales), right, transpose_b=True)
    inner = matmul(matmul(left, directions[0], transpose_a=True), right)
    near = _differences(spectral, values, parameters, count)
    if not singular:
        return matmul(matmul(left, near * inner), right, transpose_b=True)
    flipped = matrix_transpose(inner)
    far = _opposite_differences(spectral, values, parameters, count)
    middle = near * (inner + flipped) / 2 + far * (inner - flipped) / 2
    found = matmul(matmul(left, middle), right, transpose_b=True)
    if x.shape[-1] == x.shape[-2]:
        return found
    scales = _mask(_apply(spectral.function / W, values, parameters), spectral.places, count)
    outside = directions[0] - matmul(matmul(left, left, transpose_b=True), directions[0])
    found += matmul(matmul(outside, scaled_columns(right, scales)), right, transpose_b=True)
    outside = directions[0] - matmul(directions[0], matmul(right, right, transpose_b=True))
    return found + matmul(scaled_columns(left, scales), matmul(left, outside, transpose_a=True))


def _smaller(x: Tensor) -> Dim:
    m, n = x.shape[-2:]
    return min(m, n) if isinstance(m, int) and isinstance(n, int) else sympy.Min(m, n)


def _mask(scales: Tensor, places: Slice | None, count: Dim) -> Tensor:
    """Scales, zero but at the places."""
    return scales if places is None else scales * _indicate(places, count)


def _indicate(places: Slice, count: Dim) -> Tensor:
    """A vector of ones at places, and zeros."""
    return place([(full((places.length,), 1.0), (places,), ())], (count,))


@lru_cache(maxsize=1024)
def _operation(template: sympy.Expr) -> Elementwise:
    return Elementwise("spectral", template, len(list_positions(template)))


def _apply(template: sympy.Expr, values: Tensor, parameters: Sequence[Tensor], others: Sequence[Tensor] = ()) -> Tensor:
    """A function of values, parameters and others; numbers that are a batch are spread over the values of each."""
    spread = [expand_dims(p, tuple(range(p.ndim - values.ndim, 0))) if p.ndim else p for p in parameters]
    given = (values, *spread, *others)
    used = list_positions(template)
    renamed = template.xreplace({argument(k): argument(n) for n, k in enumerate(used)})
    if not used:
        return full(values.shape, template, dtype=values.dtype)
    return broadcast_to(apply(_operation(renamed), tuple(given[k] for k in used)), values.shape)


def _differences(spectral: Spectral, values: Tensor, parameters: Sequence[Tensor], count: Dim) -> Tensor:
    """The divided differences of a function at all pairs of values."""
    f, slope = spectral.function, differentiate(spectral.function, 1)
    other, here, there = _list_others(spectral)
    moved = f.xreplace({W: other})
    if spectral.places is None and f.is_rational_function(W):
        return _apply_to_pairs(_cancel((f - moved) / (W - other)), spectral, values, parameters, count)
    if spectral.places is not None:
        f, moved, slope = f * here, moved * there, slope * here * there
    # Where both are equal, their mean is each of them, and the formula is seen to be symmetric.
    slope = slope.xreplace({W: (W + other) / 2})
    template = sympy.Piecewise(((f - moved) / (W - other), sympy.Ne(W, other)), (slope, True))
    return _apply_to_pairs(template, spectral, values, parameters, count)


@lru_cache(maxsize=1024)
def _cancel(quotient: sympy.Expr) -> sympy.Expr:
    """A quotient of polynomials without common factors, its divisor in factors."""
    return sympy.factor(sympy.cancel(quotient))


def _opposite_differences(spectral: Spectral, values: Tensor, parameters: Sequence[Tensor], count: Dim) -> Tensor:
    """The divided differences of an odd function at a value and the negative of another."""
    f = spectral.function
    other, here, there = _list_others(spectral)
    moved = f.xreplace({W: other})
    if spectral.places is not None:
        f, moved = f * here, moved * there
    return _apply_to_pairs((f + moved) / (W + other), spectral, values, parameters, count)


def _list_others(spectral: Spectral) -> list[sympy.Symbol]:
    """What stands for the other value of a pair, and for whether each of the two is taken."""
    return [argument(k + 1 + spectral.parameters) for k in range(3)]


def _apply_to_pairs(
    template: sympy.Expr, spectral: Spectral, values: Tensor, parameters: Sequence[Tensor], count: Dim
) -> Tensor:
    """A function of all pairs of values, and of whether each is taken."""
    rows = broadcast_to(expand_dims(values, -1), (*values.shape, count))
    others = [expand_dims(values, -2)]
    if spectral.places is not None:
        marks = _indicate(spectral.places, count)
        others += [expand_dims(marks, -1), expand_dims(marks, -2)]
    return _apply(template, rows, parameters, others)


def _are_places_apart(node: Tensor) -> Sequence[Boolean]:
    """That the values which are taken differ from the others."""
    places, singular = node.params.places, node.params.singular
    if places is None:
        return []
    count = _values(node.args[0], singular).shape[-1]
    ends = [k for k in (places.start, places.start + places.length) if k not in (0, count)]
    return has_values_apart(node, "svd" if singular else "eigvalsh", ends)


FUNCTION = row("spectral_function", _pullback, numpy=_code, batch=_batch, written=write_out)
ALONG = row(
    "spectral_frechet",
    _pullback,
    numpy=_code,
    batch=_batch,
    written=write_out,
    facts=Facts(linear=True),
    domain=Domain(_are_places_apart),
)
