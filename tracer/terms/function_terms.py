"""The normal form of functions: what is a number is computed, what is repeated along an axis is computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from tracer.terms.decomposition import factors_of
from tracer.terms.failures import undefined_comparison
from tracer.terms.record import Call, Term, broadcast, call, constant_value, number, product

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

FOLDED = 100
"""Functions of larger numbers stay as they are: sympy would write out the factorial of any."""


def put_call_in_order(n: Normaliser, t: Call) -> tuple[Term, str]:
    """The next form of a function of normal terms, and what made it."""
    n.spend(1 + len(t.args))
    rewritten = n.rewrite(t.head, t)
    if rewritten is not None:
        return rewritten
    answer = (_compute(t) or _call_before_repeating(t)) if t.elementwise else None
    return (n.settle(t), "a function") if answer is None else (answer, "computed once")


def _compute(t: Call) -> Term | None:
    """The number that a function of numbers is."""
    values = [v for a in t.args if (v := constant_value(a)) is not None]
    if issubclass(t.head, Relational) and sympy.nan in values:
        raise undefined_comparison()
    if len(values) < len(t.args):
        return None
    if t.head is sympy.Piecewise:
        return number(sympy.Piecewise(*zip(values[::2], [*values[1::2], sympy.true])), t.shape)
    if all(not v.is_Rational or abs(v) < FOLDED for v in values):
        value = t.head(*values)
        if isinstance(value, (sympy.Expr, BooleanAtom)):
            return number(value, t.shape)
    return None


def _call_before_repeating(t: Call) -> Term | None:
    """A function of what is repeated along an axis, repeated: ``f(1*v.T) -> 1*f(v).T``."""
    rows = [factors_of(a) for a in t.args]
    kept = [
        axis
        for axis in range(len(t.shape))
        if any(out.count(out[axis]) > 1 or any(out[axis] in i for _, i, _ in f) for _, f, out, _ in rows)
    ]
    if len(kept) == len(t.shape):
        return None
    inner = [product(s, f, tuple(out[a] for a in kept), dict(enumerate(z))) for s, f, out, z in rows]
    return broadcast(call(t.head, inner), kept, t.shape)
