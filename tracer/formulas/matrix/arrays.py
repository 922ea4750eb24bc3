"""Contractions, softmax and its kind as array expressions, for what has more than two axes on the way."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.combinatorics import Permutation
from sympy.tensor.array.expressions import ArrayContraction, ArrayDiagonal, ArrayTensorProduct, PermuteDims
from sympy.tensor.array.expressions.array_expressions import OneArray

from tracer.formulas.matrix.array_classes import array_function
from tracer.formulas.matrix.bodies import VARIABLE
from tracer.formulas.matrix.classes import Identity
from tracer.formulas.matrix.constructors import scalar_product
from tracer.formulas.matrix.network import Network
from tracer.shapes import Dim


def scale_array(c: sympy.Expr, array: sympy.Expr) -> sympy.Expr:
    """A number times an array."""
    if c == 1:
        return array
    return ArrayTensorProduct(c, *array.args) if isinstance(array, ArrayTensorProduct) else ArrayTensorProduct(c, array)


def contract_arrays(network: Network) -> sympy.Expr:
    """A network as a contraction of what it can't be reduced to.

    The tensor product of all parts is taken, and then what is summed, what lies on a diagonal, and the order of axes:
    ``A[i,j]*B[j,k]`` summed over j is ``ArrayContraction(ArrayTensorProduct(A, B), (1, 2))``.
    """
    network.reduce()
    factors, axes, out = _label_factors(network)
    c = scalar_product(*network.scalars)
    if not factors:
        return c
    if c != 1:
        factors = [c, *factors]
    made: sympy.Expr = ArrayTensorProduct(*factors) if len(factors) > 1 else factors[0]
    groups = [tuple(p for p, a in enumerate(axes) if a == k) for k in sorted(set(axes) - set(out))]
    if groups:
        made = ArrayContraction(made, *groups)
        axes = [a for a in axes if a in out]
    repeated = [k for k in out if axes.count(k) > 1]
    if repeated:
        made = ArrayDiagonal(made, *(tuple(p for p, a in enumerate(axes) if a == k) for k in repeated))
        axes = [a for a in axes if a not in repeated] + repeated
    order = [axes.index(k) for k in out]
    return made if order == sorted(order) else PermuteDims(made, Permutation(order))


def _label_factors(network: Network) -> tuple[list[sympy.Expr], list[int], list[int]]:
    """The arrays of a reduced network, the labels of all their axes in a row, and those of the result, each once.

    A label that the result has twice is joined to a new one by an identity matrix; one that only the result has, and
    one that is summed and stands at one axis, are those of an array of ones.
    """
    factors: list[sympy.Expr] = []
    axes: list[int] = []
    for part, labels in network.open_parts():
        factors.append(part)
        axes += labels
    out = list(network.out)
    fresh = max([*axes, *out, 0]) + 1
    for p, k in enumerate(out):
        if k in out[:p]:
            factors.append(Identity(network.sizes[k]))
            axes += [k, fresh]
            out[p] = fresh
            fresh += 1
    missing = [k for k in out if k not in axes]
    lone = [k for k in sorted(set(axes) - set(out)) if axes.count(k) == 1]
    factors += [OneArray(network.sizes[k]) for k in (*missing, *lone)]
    return factors, [*axes, *missing, *lone], out


def apply_softmax(z: sympy.Expr, shape: Sequence[Dim]) -> sympy.Expr:
    """Softmax over the last axis of an array: exponentials times the reciprocals of their sums."""
    rank = len(shape)
    exponentials = array_function(sympy.Lambda(VARIABLE, sympy.exp(VARIABLE)), z)
    total = ArrayContraction(ArrayTensorProduct(exponentials, OneArray(shape[-1])), (rank - 1, rank))
    inverse = array_function(sympy.Lambda(VARIABLE, 1 / VARIABLE), total)
    pairs = [(k, rank + k) for k in range(rank - 1)]
    made = ArrayDiagonal(ArrayTensorProduct(exponentials, inverse), *pairs)
    return PermuteDims(made, Permutation([*range(1, rank), 0]))


def apply_logsumexp(z: sympy.Expr, shape: Sequence[Dim], rank: int) -> sympy.Expr:
    """The logarithm of the sum of exponentials over all axes of an array but the first ``rank``."""
    exponentials = array_function(sympy.Lambda(VARIABLE, sympy.exp(VARIABLE)), z)
    ones = [OneArray(d) for d in shape[rank:]]
    pairs = [(k, len(ones) + k) for k in range(rank, len(shape))]
    total = ArrayContraction(ArrayTensorProduct(exponentials, *ones), *pairs)
    return array_function(sympy.Lambda(VARIABLE, sympy.log(VARIABLE)), total)
