"""Elementwise templates as terms: a sympy tree is walked, its arguments being terms of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom, BooleanFunction

from tracer import series
from tracer.formulas import terms as T
from tracer.formulas.rewrites import is_condition
from tracer.formulas.terms import ONE, Term
from tracer.shapes import Shape


def spread_term(term: Term, have: Shape, shape: Shape) -> Term:
    """NumPy's broadcast of a term to a shape."""
    if have == shape:
        return term
    value = T.constant_value(term)
    if value is not None:
        return T.number(value, shape)
    offset = len(shape) - len(have)
    if have == (1,) * len(have) and not term.shape:
        have = ()
    labels = tuple(k + offset if d == shape[k + offset] else len(shape) + k for k, d in enumerate(have))
    return T.product(ONE, [(term, labels, ONE)], tuple(range(len(shape))), dict(enumerate(shape)))


def indicate_condition(term: Term) -> Term:
    """A condition as the number one or zero, as NumPy counts it."""
    value = T.constant_value(term)
    if isinstance(value, BooleanAtom):
        return T.number(1 if value else 0, term.shape)
    if not is_condition(term):
        return term
    return T.call(sympy.Piecewise, [T.number(1, term.shape), term, T.number(0, term.shape)])


def lower_template(expr: Any, env: dict[Any, Term], shape: Shape) -> Term:
    """The term of a scalar template whose arguments are terms of the shape."""
    if expr.is_Symbol:
        return indicate_condition(env[expr]) if expr in env else T.number(expr, shape)
    if not expr.free_symbols & env.keys():
        return T.number(expr, shape)
    if expr.is_Add:
        return T.add([_split_coefficient(a, env, shape) for a in expr.args])
    if expr.is_Mul:
        scale, term = _split_coefficient(expr, env, shape)
        return T.scaled(scale, term)
    if expr.is_Pow:
        base, exponent = lower_template(expr.base, env, shape), lower_template(expr.exp, env, shape)
        e = T.constant_value(exponent)
        if e is not None:
            return T.power(base, e)
        b = T.constant_value(base)
        if b is not None and b.is_positive:
            return T.call(sympy.exp, [T.scaled(sympy.log(b), exponent)])
        return T.call(sympy.Pow, [base, exponent])
    if isinstance(expr, sympy.Piecewise):
        flat: list[Term] = []
        for value, condition in expr.args:
            holds = lower_condition(condition, env, shape)
            known = T.constant_value(holds)
            if known == False:  # noqa: E712
                continue
            flat.append(lower_template(value, env, shape))
            if known == True:  # noqa: E712
                break
            flat.append(holds)
        if len(flat) == 1:
            return flat[0]
        return T.call(sympy.Piecewise, flat)
    if isinstance(expr, Boolean) and not expr.is_Symbol:
        return indicate_condition(lower_condition(expr, env, shape))
    if isinstance(expr, series.ExprWithLimits) or any(isinstance(a, sympy.Tuple) for a in expr.args):
        free = tuple(sorted(expr.free_symbols & env.keys(), key=str))
        return T.call(series.head(expr, free), [indicate_condition(env[s]) for s in free])
    return T.call(expr.func, [lower_template(a, env, shape) for a in expr.args])


def _split_coefficient(expr: Any, env: dict[Any, Term], shape: Shape) -> tuple[Any, Term]:
    """A number, and the term of the rest of a product."""
    if not expr.is_Mul:
        return ONE, lower_template(expr, env, shape)
    numbers = [a for a in expr.args if not a.free_symbols & env.keys()]
    rest = [lower_template(a, env, shape) for a in expr.args if a.free_symbols & env.keys()]
    return sympy.Mul(*numbers), T.times(*rest) if rest else T.number(1, shape)


def lower_condition(expr: Any, env: dict[Any, Term], shape: Shape) -> Term:
    """The condition of a boolean template."""
    if isinstance(expr, BooleanAtom):
        return T.number(expr, shape)
    if expr.is_Symbol:
        term = env[expr]
        value = T.constant_value(term)
        if is_condition(term) or isinstance(value, BooleanAtom):
            return term
        return T.call(sympy.Ne, [term, T.number(0, shape)])
    if isinstance(expr, Relational):
        left, right = (lower_template(a, env, shape) for a in expr.args)
        return relate_terms(expr.func, left, right, shape)
    if isinstance(expr, BooleanFunction):
        return _combine_conditions(expr.func, [lower_condition(a, env, shape) for a in expr.args], shape)
    return T.call(sympy.Ne, [lower_template(expr, env, shape), T.number(0, shape)])


def _combine_conditions(head: Any, parts: Sequence[Term], shape: Shape) -> Term:
    """Conditions put together; what always holds or never does is no part of them."""
    values = [T.constant_value(p) for p in parts]
    if None not in values:
        return T.number(head(*values), shape)
    if head not in (sympy.And, sympy.Or):
        return T.call(head, parts)
    known = head(*(v for v in values if v is not None))
    if known != head():
        return T.number(known, shape)
    unknown = [p for p, v in zip(parts, values) if v is None]
    return T.call(head, unknown) if len(unknown) > 1 else unknown[0]


def relate_terms(head: Any, left: Term, right: Term, shape: Shape) -> Term:
    if left is right:
        return T.number(sympy.true if head in (sympy.Eq, sympy.Ge, sympy.Le) else sympy.false, shape)
    return T.call(head, [left, right])
