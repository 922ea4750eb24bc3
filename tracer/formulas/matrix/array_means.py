"""Numbers that are sums of arrays as means: ``sum(T)/(m*n)`` is ``mean(T)`` where T has as many elements."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix.array_classes import ArrayAsScalar
from tracer.formulas.matrix.array_products import Einsum, multiply_arrays, scale_array
from tracer.formulas.matrix.means import list_factors
from tracer.formulas.matrix.unevaluated import from_parts, list_parts


def name_array_means(e: sympy.Basic) -> sympy.Basic:
    """An expression in which the numbers that divide the sum of an array stand in it, if they make it a mean.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> from tracer.formulas.matrix.array_products import multiply_arrays
    >>> m, n, k = sympy.symbols("m n k", integer=True, positive=True)
    >>> T = ArraySymbol("T", (m, n, k))
    >>> whole = ArrayAsScalar(multiply_arrays([(0, 1, 2)], (), [T]))
    >>> name_array_means(2 * whole / (m * n * k)), name_array_means(whole / m)
    (2*mean(T), sum(T)/m)
    """
    if not any(isinstance(p, ArrayAsScalar) for p in list_parts(e)):
        return e
    made: dict[sympy.Basic, sympy.Basic] = {}
    todo = [e]
    while todo:
        part = todo[-1]
        below = [a for a in part.args if a not in made] if part not in made else []
        if below:
            todo += below
            continue
        todo.pop()
        if part not in made:
            args = [made[a] for a in part.args]
            part_made = part if args == list(part.args) else from_parts(part.func, args)
            made[part] = _place_divisors(part_made)
    return made[e]


def _place_divisors(e: sympy.Basic) -> sympy.Basic:
    """A product of numbers, matrices and arrays with the mean of an array in place of its sum."""
    if isinstance(e, sympy.MatMul):
        numbers = [a for a in e.args if not isinstance(a, MatrixExpr)]
        mean = _find_mean(numbers)
        matrices = [a for a in e.args if isinstance(a, MatrixExpr)]
        return e if mean is None else from_parts(type(e), [mean, *matrices])
    if isinstance(e, sympy.Mul):
        return _find_mean(e.args) or e
    if not isinstance(e, Einsum):
        return e
    factors, words, out = e.axes
    mean = _find_mean([g for f, word in zip(factors, words) if not word for g in sympy.Mul.make_args(f)])
    if mean is None:
        return e
    rest = [(f, word) for f, word in zip(factors, words) if word]
    return multiply_arrays([(), *(word for _, word in rest)], out, [mean, *(f for f, _ in rest)])


def _find_mean(numbers: Sequence[sympy.Expr]) -> sympy.Expr | None:
    """The product of numbers, of which one is the sum of an array, with its mean; None where it is no mean."""
    for place, f in enumerate(numbers):
        array = f.args[0] if isinstance(f, ArrayAsScalar) else None
        own = array.find_total() if isinstance(array, Einsum) else None
        if array is None or own is None or own.is_mean:
            continue
        total = array.find_total([*numbers[:place], *numbers[place + 1 :]])
        if total is not None and total.is_mean:
            mean = ArrayAsScalar(scale_array(total.own_number, array))
            beside = list_factors(*total.numbers)
            return from_parts(sympy.Mul, [*beside, mean]) if beside else mean
    return None
