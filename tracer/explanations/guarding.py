"""The double ``where``: an operand is replaced where the operation is not defined, whatever is chosen afterwards.

``where(x > 0, log(x), 0)`` chooses the right value, and its gradient at 0 is 0 times infinity all the same: the
operand of the logarithm has to be one that it takes, ``log(where(x > 0, x, 1))``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

import numpy as np
import sympy
from sympy import Abs, And, Not, Or
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne
from sympy.logic.boolalg import Boolean

from tracer.explanations.expression_tracing import Unspellable
from tracer.explanations.failing_demands import domain_of
from tracer.explanations.node_values import NodeValues, holds
from tracer.explanations.spelling import call
from tracer.rules import Elementwise, argument
from tracer.tensor import Tensor

SAFE = (1.0, 0.5, 2.0, 0.25, -1.0, 3.0, 0.0)
"""What may stand for an operand."""

OTHERS = (0.7, 1.7, -0.7, 3.7, 0.0)
"""What is tried in its place, since the result must not depend on it; no multiples or powers of each other."""

ROUNDING = 1e-6
"""How far beyond the end of a closed domain a value may be by rounding."""


class Guarded:
    """An elementwise operation with one operand guarded by its domain."""

    def __init__(self, node: Tensor, parts: Sequence[ast.expr], derivative: bool) -> None:
        self.node, self.parts = node, parts
        self.relation = domain_of(node, derivative)
        used = [k for k, a in enumerate(node.args) if argument(k) in self.relation.free_symbols and type(a) is Tensor]
        if not used:
            raise Unspellable(f"{node.name} asks for nothing that has a name")
        self.position = used[-1] if node.rule.name in ("divide", "pow") else used[0]

    def safes(self, values: NodeValues) -> list[float]:
        """Two numbers of the domain, either of which may stand in place of the operand; fewer where none is found."""
        operands = [np.asarray(v) for v in values.operands(self.node)]

        def fits(number: float) -> bool:
            tried = [np.asarray(number) if k == self.position else v for k, v in enumerate(operands)]
            return bool(holds(self.relation, tried).all())

        return [n for n in (next(filter(fits, numbers), None) for numbers in (SAFE, OTHERS)) if n is not None]

    def fails(self, values: NodeValues) -> bool:
        """Whether the operands are outside of the domain somewhere."""
        return not holds(self.relation, values.operands(self.node)).all()

    def operand(self, safe: float) -> ast.expr:
        """The operand where the operation takes it, a number elsewhere."""
        return call("where", self.test, self.parts[self.position], _spell_number(safe))

    @property
    def test(self) -> ast.expr:
        """The condition on the operands, as an expression."""
        return spell_relation(self.relation, {argument(k): p for k, p in enumerate(self.parts)})

    def clipped(self, values: NodeValues) -> ast.expr | None:
        """The operand, moved to the nearest end of its domain where rounding led beyond it."""
        low, high = _find_ends(self.relation, argument(self.position))
        if low is None and high is None:
            return None
        x = values.operands(self.node)[self.position]
        lowest = -np.inf if low is None else low
        highest = np.inf if high is None else high
        inside = np.clip(x, lowest, highest)
        if np.max(np.abs(x - inside), initial=0.0) > ROUNDING * max(1.0, float(np.max(np.abs(inside), initial=0.0))):
            return None
        part = self.parts[self.position]
        if low is not None and high is not None:
            return call("clip_by_value", part, _spell_number(low), _spell_number(high))
        name, end = ("minimum", high or 0.0) if low is None else ("maximum", low)
        return call(name, part, _spell_number(end))

    def edge(self, values: NodeValues) -> ast.expr | None:
        """The value of the operation at the end of its domain, if it is one number."""
        bounds = [r for r in And.make_args(self.relation) if isinstance(r, (Gt, Lt, Ne))]
        if len(bounds) == 1 and len(And.make_args(self.relation)) == 1:
            (bound,) = bounds
            if bound.lhs == argument(self.position) and bound.rhs.is_number:
                value = _value_at(self.node, values, self.position, float(bound.rhs))
                if value is not None:
                    return _spell_number(value)
        return None


def _value_at(node: Tensor, values: NodeValues, position: int, number: float) -> float | None:
    """The value of an operation at one value of an operand, where it has the same one for all its elements."""
    rule = node.rule
    assert isinstance(rule, Elementwise)
    operands = values.operands(node)
    operands[position] = np.asarray(number)
    function = sympy.lambdify([argument(k) for k in range(len(operands))], rule.template, "numpy")
    with np.errstate(all="ignore"):
        found = np.unique(function(*operands))
    return float(found[0]) if found.size == 1 and np.isfinite(found).all() else None


def _spell_number(value: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(float(value))


def _find_ends(relation: Boolean, symbol: sympy.Symbol) -> tuple[float | None, float | None]:
    """The ends of a domain that contains them."""
    low = high = None
    for part in And.make_args(relation):
        if isinstance(part, (Ge, Le)) and part.lhs == symbol and part.rhs.is_number:
            if isinstance(part, Ge):
                low = float(part.rhs)
            else:
                high = float(part.rhs)
        else:
            return None, None
    return low, high


COMPARISONS: Mapping[type, type[ast.cmpop]] = {Gt: ast.Gt, Ge: ast.GtE, Lt: ast.Lt, Le: ast.LtE}
JUNCTIONS: Mapping[type, str] = {And: "logical_and", Or: "logical_or"}


def spell_relation(relation: sympy.Basic, parts: Mapping[sympy.Symbol, ast.expr]) -> ast.expr:
    """A relation over symbols as an expression, given those of the symbols.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> ast.unparse(spell_relation(And(x > -1, Ne(x**2, 1)), {x: ast.parse("x + 1", mode="eval").body}))
    'logical_and(x + 1 > -1.0, not_equal((x + 1) ** 2, 1.0))'
    """

    def read(e: sympy.Basic) -> ast.expr:
        if e in parts:
            return parts[e]
        if e.is_number:
            return _spell_number(float(e))
        if type(e) in COMPARISONS:
            return ast.Compare(read(e.lhs), [COMPARISONS[type(e)]()], [read(e.rhs)])
        if isinstance(e, (Eq, Ne)):
            return call("equal" if isinstance(e, Eq) else "not_equal", read(e.lhs), read(e.rhs))
        if isinstance(e, (And, Or)):
            made, *rest = map(read, sorted(e.args, key=sympy.default_sort_key))
            for part in rest:
                made = call(JUNCTIONS[e.func], made, part)
            return made
        if isinstance(e, Not):
            return call("logical_not", read(e.args[0]))
        if isinstance(e, (sympy.Add, sympy.Mul)):
            sign = ast.Add if isinstance(e, sympy.Add) else ast.Mult
            made, *rest = map(read, e.args)
            for part in rest:
                made = ast.BinOp(made, sign(), part)
            return made
        if isinstance(e, sympy.Pow):
            whole = ast.Constant(int(e.exp)) if e.exp.is_Integer and e.exp > 0 else read(e.exp)
            return ast.BinOp(read(e.base), ast.Pow(), whole)
        names = {Abs: "abs", sympy.floor: "floor", sympy.cos: "cos", sympy.sin: "sin", sympy.exp: "exp"}
        if e.func in names:
            return call(names[e.func], read(e.args[0]))
        raise Unspellable(f"{e} has no spelling")

    return read(relation)
