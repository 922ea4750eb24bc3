"""The greatest, the least and the product of elements over an index, which matrix notation has no sign for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy

from tracer.formulas.notations.named_elements import REDUCTIONS
from tracer.series import ExprWithLimits
from tracer.tensor import Tensor


def reduce_elements(
    tensor: Tensor,
    index: Sequence[sympy.Expr],
    element: Callable[[Tensor, Sequence[sympy.Expr]], sympy.Basic],
    name_index: Callable[[], sympy.Symbol],
) -> sympy.Basic:
    """An element of a reduction, by those of its operand.

    Examples
    --------
    >>> import tracer
    >>> i, j, X = sympy.Symbol("i"), sympy.Symbol("j"), sympy.IndexedBase("X")
    >>> row = tracer.reduce_max(tracer.placeholder("X", ("n", "m")), axis=1)
    >>> reduce_elements(row, [i], lambda tensor, place: X[tuple(place)], lambda: j)
    Max(X[i, j], (j, 0, m - 1))
    """
    (operand,) = tensor.args
    axes, keeps = tensor.params
    left = iter(index if not keeps else [e for k, e in enumerate(index) if k not in axes])
    limits = {k: (name_index(), 0, sympy.sympify(operand.shape[k]) - 1) for k in axes}
    place = [limits[k][0] if k in limits else next(left) for k in range(operand.ndim)]
    made = ExprWithLimits.__new__(REDUCTIONS[tensor.op], element(operand, place), *limits.values())
    return made
