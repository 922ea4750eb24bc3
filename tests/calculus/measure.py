"""How long a formula is, and whether it is closed: the counting of `counting`, for sympy expressions."""

import math
from collections.abc import Collection, Iterator
from typing import Any

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.special import GenericIdentity
from sympy.tensor.array import expressions as array
from sympy.tensor.array.expressions.array_expressions import ArrayElement, ArrayElementwiseApplyFunc

from tracer.formulas.matrix.array_products import Einsum
from tracer.formulas.matrix.batch_classes import BATCHES

LEAVES = (
    sympy.Symbol, sympy.Number, sympy.NumberSymbol, sympy.MatrixSymbol, sympy.Identity, sympy.OneMatrix,
    sympy.ZeroMatrix, GenericIdentity, array.ArraySymbol, array.ZeroArray, array.OneArray, sympy.IndexedBase,
    sympy.Indexed, type(sympy.true), type(sympy.false),
)  # fmt: skip
PRODUCTS = sympy.Mul, sympy.MatMul, sympy.HadamardProduct, array.ArrayTensorProduct
SUMS = sympy.Add, sympy.MatAdd, array.ArrayAdd, sympy.Max, sympy.Min, sympy.And, sympy.Or, sympy.KroneckerProduct
ONE_ARGUMENT = array.PermuteDims, array.ArrayContraction, array.ArrayDiagonal, array.Reshape, sympy.Inverse


def coefficient(e: Any, dimensions: Collection[str]) -> bool:
    """Whether `e` is made of numbers and dimensions alone."""
    return (
        isinstance(e, sympy.Expr)
        and not isinstance(e, sympy.MatrixExpr)
        and not e.atoms(sympy.Function)
        and {str(s) for s in e.free_symbols} <= set(dimensions)
    )


def operations(e: Any, dimensions: Collection[str]) -> int:
    """Distinct operations of `e`.  What stands in a sum over an index counts half: it repeats what matrices say."""
    seen, open_, total = set(), [e], 0
    while open_:
        node = open_.pop()
        if node in seen or isinstance(node, LEAVES) or not isinstance(node, sympy.Basic):
            continue
        seen.add(node)
        if isinstance(node, sympy.Sum | sympy.Product):
            total += math.ceil((operations(node.function, dimensions) + 1) / 2)
        elif not coefficient(node, dimensions):
            cost, parts = step(node, dimensions)
            total += cost
            open_ += parts
    return total


def step(e: Any, dimensions: Collection[str]) -> tuple[int, list[Any]]:
    """The cost of one node, and what it is made of."""
    if isinstance(e, (MatrixElement, ArrayElement, *BATCHES)):
        return 0, [e.args[0]]
    if isinstance(e, ElementwiseApplyFunction | ArrayElementwiseApplyFunc):
        body = e.function.expr if isinstance(e.function, sympy.Lambda) else None
        return (1 if body is None else max(1, math.ceil(operations(body, dimensions) / 4))), [e.expr]
    if isinstance(e, (*PRODUCTS, *SUMS)):
        numbers = [a for a in e.args if coefficient(a, dimensions)]
        parts = [a for a in e.args if not coefficient(a, dimensions)]
        if isinstance(e, PRODUCTS):
            divisors = [a.base for a in parts if isinstance(a, sympy.Pow) and a.exp == -1 and len(parts) > 1]
            parts = [a.base if isinstance(a, sympy.Pow) and a.base in divisors and a.exp == -1 else a for a in parts]
            free = sympy.Mul(*numbers) in (1, -1)
        else:
            free = not numbers
        return max(len(parts) - 1, 0) + (not free), parts
    if isinstance(e, Einsum):
        return len(e.axes.factors), [a for a in e.axes.factors if not coefficient(a, dimensions)]
    if isinstance(e, sympy.Transpose):
        return int(not isinstance(e.arg, sympy.OneMatrix | sympy.Identity | sympy.ZeroMatrix)), [e.arg]
    if isinstance(e, ONE_ARGUMENT):
        return 1, [e.args[0]]
    if isinstance(e, sympy.Lambda):
        return 0, [e.expr]
    if isinstance(e, sympy.functions.elementary.piecewise.ExprCondPair):
        return 0, list(e.args)
    return 1, [a for a in e.args if not coefficient(a, dimensions)]


def faults(e: Any) -> Iterator[str]:
    """Why `e` is no closed form."""
    if not isinstance(e, sympy.Basic | sympy.NDimArray):
        yield f"a {type(e).__name__} of {type(e).__module__}"
        return
    elements = set()
    for node in sympy.preorder_traversal(e):
        if isinstance(node, sympy.Derivative | sympy.Subs | sympy.Integral):
            yield f"an unevaluated {type(node).__name__}"
        if isinstance(node, sympy.NDimArray | sympy.matrices.MatrixBase) and node.shape != (1, 1):
            yield "written out element by element"
        if isinstance(node, MatrixElement) and all(i.is_Integer for i in node.indices) and node.parent.shape != (1, 1):
            elements.add(node)
    if len(elements) > 4:
        yield f"{len(elements)} elements written out"


def right_kind(e: Any, rank: int, arrays: bool) -> bool:
    """A scalar is an Expr, a vector or matrix a matrix expression (an array where sources are), the rest arrays."""
    matrix = isinstance(e, sympy.MatrixExpr)
    if rank == 0:
        return isinstance(e, sympy.Expr) and not matrix
    return not matrix if rank > 2 else matrix or arrays
