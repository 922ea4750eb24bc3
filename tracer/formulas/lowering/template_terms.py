"""Elementwise templates as terms: a sympy tree is walked, its arguments being terms of one shape."""

from __future__ import annotations

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom, BooleanFunction

from tracer import series
from tracer.shapes import Shape
from tracer.terms import record as T
from tracer.terms.facts import is_condition
from tracer.terms.record import ONE, Term


def spread_term(term: Term, have: Shape, shape: Shape) -> Term:
    """NumPy's broadcast of a term to a shape."""
    if have == shape:
        return term
    value = T.constant_value(term)
    if value is not None:
        return T.number(value, shape)
    offset = len(shape) - len(have)
    if not term.shape:
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


def lower_template(expr: sympy.Expr, env: dict[sympy.Symbol, Term], shape: Shape) -> Term:
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
        branches = [(lower_template(value, env, shape), lower_condition(c, env, shape)) for value, c in expr.args]
        return T.call(sympy.Piecewise, [part for branch in branches for part in branch])
    if isinstance(expr, Boolean):
        return indicate_condition(lower_condition(expr, env, shape))
    if any(isinstance(a, sympy.Tuple) for a in expr.args):
        free = tuple(sorted(expr.free_symbols & env.keys(), key=str))
        return T.call(series.head(expr, free), [indicate_condition(env[s]) for s in free])
    return T.call(expr.func, [lower_template(a, env, shape) for a in expr.args])


def _split_coefficient(expr: sympy.Expr, env: dict[sympy.Symbol, Term], shape: Shape) -> tuple[sympy.Expr, Term]:
    """A number, and the term of the rest of a product."""
    if not expr.is_Mul:
        return ONE, lower_template(expr, env, shape)
    numbers = [a for a in expr.args if not a.free_symbols & env.keys()]
    rest = [lower_template(a, env, shape) for a in expr.args if a.free_symbols & env.keys()]
    return sympy.Mul(*numbers), T.times(*rest) if rest else T.number(1, shape)


def lower_condition(expr: sympy.Expr, env: dict[sympy.Symbol, Term], shape: Shape) -> Term:
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
        return T.call(expr.func, [lower_template(a, env, shape) for a in expr.args])
    if isinstance(expr, BooleanFunction):
        return T.call(expr.func, [lower_condition(a, env, shape) for a in expr.args])
    return T.call(sympy.Ne, [lower_template(expr, env, shape), T.number(0, shape)])
