"""Sums of squares as squares of norms that stand beside them: ``norm(x) + 1/(x.T*x)`` is ``norm(x) + 1/norm(x)**2``."""

from __future__ import annotations

import sympy

from tracer.formulas.matrix.bodies import MatrixElement
from tracer.formulas.matrix.constructors import raise_scalar
from tracer.formulas.matrix.scalars import find_root, norm
from tracer.formulas.matrix.unevaluated import from_parts, list_parts


def name_squared_norms(e: sympy.Basic) -> sympy.Basic:
    """An expression with each sum of squares as a power of its norm, if that norm stands in the expression too.

    Examples
    --------
    >>> from tracer.formulas.matrix.bodies import element
    >>> from tracer.formulas.matrix.classes import MatMul
    >>> x = sympy.MatrixSymbol("x", 3, 1)
    >>> square = element(MatMul(x.T, x, evaluate=False))
    >>> name_squared_norms(sympy.Add(norm(x), 1 / square)), name_squared_norms(sympy.Add(x[0, 0], 1 / square))
    (norm(x) + norm(x)**(-2), x[0, 0] + 1/(x.T*x))
    """
    parts = list_parts(e)
    named = {p.args[0] for p in parts if isinstance(p, norm)}
    roots = {p: root for p in parts if isinstance(p, (MatrixElement, sympy.Trace)) and (root := find_root(p)) in named}
    if not roots:
        return e
    made: dict[sympy.Basic, sympy.Basic] = {}
    todo = [e]
    while todo:
        part = todo[-1]
        square, power = part.args if isinstance(part, sympy.Pow) else (part, sympy.S.One)
        root = roots.get(square)
        below = [a for a in (part.args if root is None else [root]) if a not in made]
        if part not in made and below:
            todo += below
            continue
        todo.pop()
        if root is not None:
            made[part] = raise_scalar(norm(made[root]), 2 * power)
        elif part not in made:
            args = [made[a] for a in part.args]
            made[part] = part if args == list(part.args) else from_parts(part.func, args)
    return made[e]
