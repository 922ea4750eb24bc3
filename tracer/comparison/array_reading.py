"""sympy's array expressions as tensors."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import reduce
from typing import NamedTuple

import sympy
from sympy.tensor.array.expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArraySymbol,
    ArrayTensorProduct,
    PermuteDims,
    Reshape,
)
from sympy.tensor.array.expressions.array_expressions import ArrayElementwiseApplyFunc, OneArray, ZeroArray

from tracer.formulas.matrix.array_classes import ArrayMap
from tracer.formulas.matrix.array_reductions import (
    ArrayLogSumExp,
    ArrayMax,
    ArrayMin,
    ArrayProduct,
    ArrayReduction,
    ArraySoftmax,
)
from tracer.formulas.matrix.array_scans import ArrayCumprod
from tracer.ops.contraction import contract
from tracer.ops.creation import ones, zeros
from tracer.ops.layers import softmax
from tracer.ops.reduction import reduce_logsumexp, reduce_max, reduce_min, reduce_prod
from tracer.ops.reshaping import reshape
from tracer.ops.scan import cumprod
from tracer.rules import TABLE
from tracer.shapes import Dim, Subscripts
from tracer.tensor import Tensor, apply

REDUCTIONS: dict[type, Callable[..., Tensor]] = {
    ArrayLogSumExp: reduce_logsumexp,
    ArrayMax: reduce_max,
    ArrayMin: reduce_min,
    ArrayProduct: reduce_prod,
}
"""The operations that reductions of arrays are."""


class Network(NamedTuple):
    """Factors with a label for each axis, and the labels of the result."""

    factors: list[Tensor]
    labels: list[list[int]]
    out: list[int]

    def join(self, groups: Iterable[Iterable[int]]) -> list[int]:
        """Make axes of the result at the positions of a group one axis; the answer is the label of each group."""
        found = []
        for group in groups:
            first, *others = [self.out[p] for p in group]
            for part in (*self.labels, self.out):
                part[:] = [first if k in others else k for k in part]
            found.append(first)
        return found


class ArrayReader:
    """Builds the tensors of array expressions.

    Parameters
    ----------
    read : callable
        The tensor of what is no array: of a matrix, or of a number.
    source : callable
        The source of a name.
    dim : callable
        A size in the formula as one of the tensors.
    scalar : callable
        A scalar expression over the tensors of some symbols.
    """

    def __init__(
        self,
        read: Callable[[sympy.Basic], Tensor],
        source: Callable[[str], Tensor],
        dim: Callable[[sympy.Expr], Dim],
        scalar: Callable[..., Tensor],
    ) -> None:
        self.read, self.source, self.dim, self.scalar = read, source, dim, scalar

    def __call__(self, e: sympy.Basic) -> Tensor:
        """The tensor of an array expression."""
        if isinstance(e, ArraySymbol):
            return self.source(str(e.name))
        if isinstance(e, (OneArray, ZeroArray)):
            return (ones if isinstance(e, OneArray) else zeros)(tuple(map(self.dim, e.shape)))
        if isinstance(e, ArrayAdd):
            return reduce(operator.add, map(self.read, e.args))
        if isinstance(e, Reshape):
            return reshape(self.read(e.expr), tuple(map(self.dim, e.shape)))
        if isinstance(e, (ArrayElementwiseApplyFunc, ArrayMap)):
            function, *arrays = e.args
            return self.scalar(function.expr, dict(zip(function.variables, map(self.read, arrays), strict=True)))
        if isinstance(e, ArraySoftmax):
            z = self.read(e.args[0])
            if len(e.axes) == 1:
                return softmax(z, e.axes[0])
            return apply(TABLE["exp"], (z - reduce_logsumexp(z, e.axes, keepdims=True),))
        if isinstance(e, ArrayCumprod):
            array, exclusive, reverse, axis = e.args
            return cumprod(self.read(array), int(axis), bool(exclusive), bool(reverse))
        if isinstance(e, ArrayReduction):
            array, axes = e.args
            return REDUCTIONS[type(e)](self.read(array), list(map(int, axes)))
        if not isinstance(e, (ArrayTensorProduct, ArrayContraction, ArrayDiagonal, PermuteDims)):
            raise TypeError(f"a formula with {type(e).__name__} can't be compared; give the function that computes it")
        network = self._network(e)
        return contract(
            "einsum",
            tuple(network.factors),
            Subscripts(tuple(map(tuple, network.labels)), tuple(network.out)),
        )

    def _network(self, e: sympy.Basic) -> Network:
        """The factors of products, contractions, diagonals and permutations, one within another."""
        if isinstance(e, ArrayTensorProduct):
            made = Network([], [], [])
            for part in map(self._network, e.args):
                shift = 1 + max((k for labels in made.labels for k in labels), default=-1)
                made.factors.extend(part.factors)
                made.labels.extend([k + shift for k in labels] for labels in part.labels)
                made.out.extend(k + shift for k in part.out)
            return made
        if isinstance(e, (ArrayContraction, ArrayDiagonal)):
            made = self._network(e.expr)
            groups = e.contraction_indices if isinstance(e, ArrayContraction) else e.diagonal_indices
            joined = {p for group in groups for p in group}
            labels = made.join(groups)
            rest = [k for p, k in enumerate(made.out) if p not in joined]
            return made._replace(out=rest if isinstance(e, ArrayContraction) else [*rest, *labels])
        if isinstance(e, PermuteDims):
            made = self._network(e.expr)
            return made._replace(out=[made.out[p] for p in e.permutation.array_form])
        tensor = self.read(e)
        return Network([tensor], [list(range(tensor.ndim))], list(range(tensor.ndim)))
