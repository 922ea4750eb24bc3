"""Where the transposes of a formula stand: inside or outside, whichever takes fewer of them."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.matrices.expressions import Determinant, Inverse, MatPow, Trace, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from tracer.formulas.budget import spend
from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.constructors import matmul, split_scalars, symmetric
from tracer.formulas.matrix.length import measure_length
from tracer.formulas.matrix.unevaluated import from_parts

Best = tuple[int, sympy.Basic]
"""The number of transposes, and the expression."""


def orient(e: sympy.Expr) -> sympy.Expr:
    """A formula with its transposes where fewest are needed, if it becomes no longer by that."""
    if not e.has(Transpose):
        return e
    return min([e, _turn_transposes(e, inwards=False), _turn_transposes(e, inwards=True)], key=measure_length)


def _turn_transposes(e: sympy.Expr, inwards: bool) -> sympy.Expr:
    plain: dict[sympy.Basic, Best] = {}
    turned: dict[sympy.Basic, Best] = {}
    todo = [(e, False)]
    while todo:
        x, ready = todo.pop()
        if x in plain:
            continue
        spend(3)
        if not ready:
            todo.append((x, True))
            todo += [(a, False) for a in x.args]
            continue
        plain[x], other = _both(x, plain, turned, inwards)
        if other is not None:
            turned[x] = other
    return plain[e][1]


def _both(
    x: sympy.Expr, plain: dict[sympy.Basic, Best], turned: dict[sympy.Basic, Best], inwards: bool
) -> tuple[Best, Best | None]:
    """The best way to write an expression, and its transpose if it is a matrix; of equal ones as asked for."""
    if isinstance(x, Transpose):
        return turned[x.args[0]], plain[x.args[0]]
    best = _made(x, [plain[a] for a in x.args])
    if not isinstance(x, MatrixExpr):
        if isinstance(x, (Trace, Determinant)) or (isinstance(x, MatrixElement) and x.args[0].shape == (1, 1)):
            other = _made(x, [turned[x.args[0]], *(plain[a] for a in x.args[1:])])
            best = min(best, other, key=lambda b: b[0])
        return best, None
    if symmetric(x):
        return best, best
    inside = _inside(x, plain, turned)
    other = best[0] + 1, outside(best[1])
    if inside is None:
        return best, other
    if inside[0] + 1 < best[0]:
        best = inside[0] + 1, outside(inside[1])
    inwards = inwards or (isinstance(x, sympy.MatMul) and any(isinstance(f, N.OneMatrix) for f in x.args))
    return best, inside if inside[0] < other[0] + inwards else other


def outside(m: sympy.Expr) -> sympy.Expr:
    """The transpose of a matrix as a whole, without the scalars in front."""
    scalars, m = split_scalars(m)
    return matmul(*scalars, Transpose(m)) if scalars else Transpose(m)


def _inside(x: sympy.Expr, plain: dict[sympy.Basic, Best], turned: dict[sympy.Basic, Best]) -> Best | None:
    """The transpose of a matrix with the transposes at its parts."""
    if isinstance(x, N.OneMatrix):
        return 0, N.OneMatrix(*x.shape[::-1])
    if isinstance(x, ZeroMatrix):
        return 0, ZeroMatrix(*x.shape[::-1])
    if isinstance(x, sympy.MatMul):
        parts = [plain[a] for a in x.args if not isinstance(a, MatrixExpr)]
        parts += [turned[a] for a in reversed(x.args) if isinstance(a, MatrixExpr)]
    elif isinstance(x, (N.MatAdd, N.HadamardProduct)):
        parts = [turned[a] for a in x.args]
    elif isinstance(x, (N.HadamardPower, MatPow)) and not isinstance(x, Inverse):
        parts = [turned[x.args[0]], plain[x.args[1]]]
    elif isinstance(x, (N.ElementwiseApplyFunction, N.ElementwiseMap)):
        parts = [plain[x.args[0]], *(turned[a] for a in x.args[1:])]
    else:
        return None
    return _made(x, parts)


def _made(x: sympy.Expr, parts: Sequence[Best]) -> Best:
    """An expression with other parts; runs of transposes in a product are gathered."""
    new = tuple(p[1] for p in parts)
    turns = sum(p[0] for p in parts)
    if new == x.args:
        return turns, x
    if not isinstance(x, sympy.MatMul):
        return turns, from_parts(x.func, new)
    made = matmul(*new)
    return turns - _turns(new) + _turns(made.args if isinstance(made, sympy.MatMul) else [made]), made


def _turns(parts: Sequence[sympy.Expr]) -> int:
    return sum(isinstance(p, Transpose) for p in parts)
