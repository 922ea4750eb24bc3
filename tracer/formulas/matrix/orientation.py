"""Where the transposes of a formula stand: inside or outside, whichever takes fewer of them.

The formula is walked from the leaves upwards. For each part the best way to write it is kept, and for a matrix the best
way to write its transpose, both with the number of transposes that stand in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import sympy
from sympy.matrices.expressions import Determinant, Inverse, MatPow, MatrixSymbol, Trace, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.function_classes import RunningFunction
from tracer.formulas.matrix.length import measure_length
from tracer.formulas.matrix.means import count_turns
from tracer.formulas.matrix.unevaluated import from_parts, has_part

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
    if not has_part(e, Transpose):
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
        The best ways to write the parts, and the transposes of those of which they are needed.
    """

    def __init__(self, algebra: MatrixAlgebra, inwards: bool) -> None:
        self.algebra = algebra
        self.inwards = inwards
        self.is_tied = False
        self.plain: dict[sympy.Basic, Candidate] = {}
        self.turned: dict[sympy.Basic, Candidate] = {}

    def write(self, e: sympy.Basic) -> sympy.Basic:
        """The best way to write an expression; nothing recurses on its depth."""
        todo = [(e, False, False)]
        while todo:
            x, turns, ready = todo.pop()
            found = self.turned if turns else self.plain
            if x in found:
                continue
            if not ready:
                needed = self._list_needed(x, turns)
            elif not turns and self._may_be_turned(x):
                needed = [(a, True) for a in self._list_turned(x) if a not in self.turned]
            else:
                needed = []
            if needed:
                todo.append((x, turns, True))
                todo += [(a, turned, False) for a, turned in needed]
                continue
            self.algebra.budget.spend(3)
            found[x] = self._turn(x) if turns else self._choose(x)
        return self.plain[e][1]

    def _list_needed(self, x: sympy.Basic, turns: bool) -> list[tuple[sympy.Basic, bool]]:
        """What is needed for the best way to write an expression, or its transpose: expressions, and whether turned."""
        if isinstance(x, Transpose):
            return [(x.args[0], not turns)]
        if not turns:
            return [(a, False) for a in _list_parts(x)]
        return [(x, False), *((a, True) for a in self._list_turned(x))]

    def _may_be_turned(self, x: sympy.Basic) -> bool:
        """Whether there may be fewer transposes where the parts of an expression are turned.

        Of a matrix two fewer, since its own is added.
        """
        if isinstance(x, Transpose):
            return False
        count = sum([self.plain[a][0] for a in _list_parts(x)])
        return count > 1 or (count == 1 and not isinstance(x, MatrixExpr))

    def _list_turned(self, x: sympy.Basic) -> list[sympy.Basic]:
        """The parts of an expression whose transposes stand in its transpose, or in another way to write a number."""
        if self.algebra.is_symmetric(x):
            return []
        if isinstance(x, sympy.MatMul):
            return [a for a in x.args if isinstance(a, MatrixExpr)]
        if isinstance(x, (N.MatAdd, N.HadamardProduct)):
            return list(x.args)
        if isinstance(x, (N.ElementwiseApplyFunction, N.ElementwiseMap)):
            return list(x.args[1:])
        first = isinstance(x, (N.HadamardPower, MatPow)) and not isinstance(x, Inverse)
        first = first or (isinstance(x, RunningFunction) and x.shape[1] != 1) or _ignores_transpose(x)
        return list(x.args[:1]) if first else []

    def _choose(self, x: sympy.Basic) -> Candidate:
        """The best way to write an expression, the parts being known."""
        if isinstance(x, Transpose):
            return self.turned[x.args[0]]
        best = self._rebuild(x, [self.plain[a] for a in _list_parts(x)])
        if not self._may_be_turned(x):
            return best
        if not isinstance(x, MatrixExpr):
            if _ignores_transpose(x):
                other = self._rebuild(x, [self.turned[x.args[0]], *(self.plain[a] for a in x.args[1:])])
                best = min(best, other, key=itemgetter(0))
            return best
        inside = None if self.algebra.is_symmetric(x) else self._turn_parts(x)
        if inside is not None and inside[0] + 1 < best[0]:
            return inside[0] + 1, self._turn_whole(inside[1])
        return best

    def _turn(self, x: sympy.Basic) -> Candidate:
        """The best way to write the transpose of a matrix."""
        if isinstance(x, Transpose):
            return self.plain[x.args[0]]
        best = self.plain[x]
        if self.algebra.is_symmetric(x):
            return best
        inside = self._turn_parts(x)
        outside = best[0] + 1, self._turn_whole(best[1])
        if inside is None:
            return outside
        if inside[0] != outside[0]:
            return min(inside, outside, key=itemgetter(0))
        if isinstance(x, sympy.MatMul) and any(isinstance(f, N.OneMatrix) for f in x.args):
            return inside
        self.is_tied = True
        return inside if self.inwards else outside

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
        args = tuple([part for _, part in parts])
        count = sum([transposes for transposes, _ in parts])
        if args == _list_parts(x):
            return count + (count_turns(x) if isinstance(x, N.MatMul) else 0), x
        if x.func is MatrixElement:
            return count, self.algebra.element(*args)
        if not isinstance(x, sympy.MatMul):
            return count, from_parts(x.func, args)
        made = self.algebra.matmul(*args)
        factors = made.args if isinstance(made, sympy.MatMul) else [made]
        count += _count_transposes(factors) - _count_transposes(args)
        return count + (count_turns(made) if isinstance(made, N.MatMul) else 0), made


def _ignores_transpose(x: sympy.Basic) -> bool:
    """Whether an expression is a number that a matrix and its transpose have in common."""
    return isinstance(x, (Trace, Determinant)) or (isinstance(x, MatrixElement) and x.args[0].shape == (1, 1))


def _list_parts(x: sympy.Basic) -> tuple[sympy.Basic, ...]:
    """What an expression is made of; the name and the sizes of a matrix are no parts of it."""
    parts: tuple[sympy.Basic, ...] = () if isinstance(x, MatrixSymbol) else x.args
    return parts


def _count_transposes(parts: Sequence[sympy.Basic]) -> int:
    """How many of several expressions are transposes."""
    return sum(isinstance(p, Transpose) for p in parts)
