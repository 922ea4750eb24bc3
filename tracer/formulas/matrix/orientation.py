"""Where the transposes of a formula stand: inside or outside, whichever takes fewer of them.

The formula is walked from the leaves upwards. For each part the best way to write it is kept, and for a matrix the best
way to write its transpose, both with the number of transposes that stand in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import sympy
from sympy.matrices.expressions import Determinant, Inverse, MatPow, Trace, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.function_classes import RunningFunction
from tracer.formulas.matrix.length import measure_length
from tracer.formulas.matrix.unevaluated import from_parts

Candidate = tuple[int, sympy.Basic]
"""The number of transposes, and the expression."""


def orient(e: sympy.Basic, algebra: MatrixAlgebra) -> sympy.Basic:
    """A formula with its transposes where fewest are needed, if it becomes no longer by that.

    Examples
    --------
    >>> from tracer.terms.work import Budget
    >>> A, B = (sympy.MatrixSymbol(name, 3, 3) for name in "AB")
    >>> orient(N.MatMul(Transpose(A), Transpose(B)), MatrixAlgebra(Budget()))
    (B*A).T
    """
    if not e.has(Transpose):
        return e
    walk = _Walk(algebra, inwards=False)
    candidates = {e: None, walk.write(e): None}
    if walk.is_tied:
        candidates[_Walk(algebra, inwards=True).write(e)] = None
    return e if len(candidates) == 1 else min(candidates, key=lambda made: measure_length(made, algebra.budget))


class _Walk:
    """One walk over a formula.

    Attributes
    ----------
    inwards : bool
        Where a transpose stands that may stand inside and outside.
    is_tied : bool
        Whether a transpose may stand inside and outside, so that the other walk may end elsewhere.
    plain, turned : dict
        The best ways to write the parts, and their transposes.
    """

    def __init__(self, algebra: MatrixAlgebra, inwards: bool) -> None:
        self.algebra = algebra
        self.inwards = inwards
        self.is_tied = False
        self.plain: dict[sympy.Basic, Candidate] = {}
        self.turned: dict[sympy.Basic, Candidate] = {}

    def write(self, e: sympy.Basic) -> sympy.Basic:
        """The best way to write an expression; nothing recurses on its depth."""
        todo = [(e, False)]
        while todo:
            x, ready = todo.pop()
            if x in self.plain:
                continue
            self.algebra.budget.spend(3)
            if not ready:
                todo.append((x, True))
                todo += [(a, False) for a in x.args]
                continue
            self.plain[x], transposed = self._choose(x)
            if transposed is not None:
                self.turned[x] = transposed
        return self.plain[e][1]

    def _choose(self, x: sympy.Basic) -> tuple[Candidate, Candidate | None]:
        """The best way to write an expression, and its transpose if it is a matrix."""
        if isinstance(x, Transpose):
            return self.turned[x.args[0]], self.plain[x.args[0]]
        best = self._rebuild(x, [self.plain[a] for a in x.args])
        if not isinstance(x, MatrixExpr):
            if isinstance(x, (Trace, Determinant)) or (isinstance(x, MatrixElement) and x.args[0].shape == (1, 1)):
                other = self._rebuild(x, [self.turned[x.args[0]], *(self.plain[a] for a in x.args[1:])])
                best = min(best, other, key=lambda candidate: candidate[0])
            return best, None
        if self.algebra.is_symmetric(x):
            return best, best
        inside = self._turn_parts(x)
        outside = best[0] + 1, self._turn_whole(best[1])
        if inside is None:
            return best, outside
        if inside[0] + 1 < best[0]:
            best = inside[0] + 1, self._turn_whole(inside[1])
        if inside[0] != outside[0]:
            return best, min(inside, outside, key=itemgetter(0))
        if isinstance(x, sympy.MatMul) and any(isinstance(f, N.OneMatrix) for f in x.args):
            return best, inside
        self.is_tied = True
        return best, inside if self.inwards else outside

    def _turn_whole(self, m: MatrixExpr) -> MatrixExpr:
        """The transpose of a matrix as a whole, without the scalars in front: ``2*A*B -> 2*(A*B).T``."""
        scalars, m = self.algebra.split_scalars(m)
        return self.algebra.matmul(*scalars, Transpose(m)) if scalars else Transpose(m)

    def _turn_parts(self, x: MatrixExpr) -> Candidate | None:
        """The transpose of a matrix with the transposes at its parts: ``A*B -> B.T*A.T``; None where it has none."""
        plain, turned = self.plain, self.turned
        if isinstance(x, (N.OneMatrix, ZeroMatrix)):
            return 0, x.func(*x.shape[::-1])
        if isinstance(x, sympy.MatMul):
            parts = [plain[a] for a in x.args if not isinstance(a, MatrixExpr)]
            parts += [turned[a] for a in reversed(x.args) if isinstance(a, MatrixExpr)]
        elif isinstance(x, (N.MatAdd, N.HadamardProduct)):
            parts = [turned[a] for a in x.args]
        elif isinstance(x, (N.HadamardPower, MatPow)) and not isinstance(x, Inverse):
            parts = [turned[x.args[0]], plain[x.args[1]]]
        elif isinstance(x, (N.ElementwiseApplyFunction, N.ElementwiseMap)):
            parts = [plain[x.args[0]], *(turned[a] for a in x.args[1:])]
        elif isinstance(x, RunningFunction) and x.shape[1] != 1:
            return turned[x.args[0]][0], x.turn(turned[x.args[0]][1])
        else:
            return None
        return self._rebuild(x, parts)

    def _rebuild(self, x: sympy.Basic, parts: Sequence[Candidate]) -> Candidate:
        """An expression with other parts; runs of transposes in a product are gathered."""
        args = tuple(part for _, part in parts)
        count = sum(transposes for transposes, _ in parts)
        if args == x.args:
            return count, x
        if x.func is MatrixElement:
            return count, self.algebra.element(*args)
        if not isinstance(x, sympy.MatMul):
            return count, from_parts(x.func, args)
        made = self.algebra.matmul(*args)
        factors = made.args if isinstance(made, sympy.MatMul) else [made]
        return count - _count_transposes(args) + _count_transposes(factors), made


def _count_transposes(parts: Sequence[sympy.Basic]) -> int:
    """How many of several expressions are transposes."""
    return sum(isinstance(p, Transpose) for p in parts)
