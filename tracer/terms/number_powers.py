"""Powers of numbers within exponentials: ``exp(log(2)*x)`` is written ``2**x``.

In terms they stay exponentials, so that the rules of these hold of them: products are one, logarithms undo them.
"""

from __future__ import annotations

import sympy

from tracer.terms.decomposition import factors_of, split_scale, summands_of
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, Factor, Term, axes_of, call, constant_value, is_call, number, operands, product


def open_powers(n: Normaliser, t: Term) -> Term:
    """An exponential as the power of a number that it is, or as a product of exponentials that are; else as it is.

    Examples
    --------
    >>> from tracer.terms.record import describe, scaled, source
    >>> x = source("x", (3,))
    >>> describe(open_powers(Normaliser(()), call(sympy.exp, [scaled(sympy.log(2), x)])))
    'Pow(2 -> [0], x)'
    """
    if not is_call(t, sympy.exp):
        return t
    (exponent,) = operands(t)
    scale, core = split_scale(exponent)
    base, rest = _split_logarithm(scale)
    if base is not None:
        return call(sympy.Pow, [number(base, t.shape), n.scaled(rest, core)])
    groups: dict[sympy.Expr | None, list[tuple[sympy.Expr, Term]]] = {}
    front = ONE
    for c, u in summands_of(exponent):
        for summand in sympy.Add.make_args(sympy.expand_mul(c)):
            base, rest = _split_logarithm(summand)
            if base is None or constant_value(u) != 1:
                groups.setdefault(base, []).append((summand, u))
            elif _is_short(base, rest):
                front *= base**rest
            else:
                groups.setdefault(None, []).append((summand, u))
    if groups.keys() == {None} and front == 1:
        return t
    factors = [f for rows in groups.values() for f in _list_factors(n.call(sympy.exp, [n.add(rows)]))]
    return product(front, factors, axes_of(t), dict(enumerate(t.shape)))


def _list_factors(t: Term) -> list[Factor]:
    """The factors of a product of elements, at the axes of the result; a sum over others is one."""
    scale, factors, out, _ = factors_of(t)
    axes = axes_of(t)
    if scale != 1 or len({*out}) < len(out) or any(not {*labels} <= {*out} for _, labels, _ in factors):
        return [(t, axes, ONE)]
    return [(u, tuple(map(out.index, labels)), e) for u, labels, e in factors]


def _is_short(base: sympy.Expr, exponent: sympy.Expr) -> bool:
    """Whether a power of numbers is as short as its exponential: no root of a product that is written out."""
    return bool(exponent.is_Integer or not exponent.is_number or base.is_Symbol)


def _split_logarithm(c: sympy.Expr) -> tuple[sympy.Expr | None, sympy.Expr]:
    """What a number has the logarithm of for a factor, and the other factors: ``log(2)/3 -> (2, 1/3)``."""
    found = [f for f in sympy.Mul.make_args(c) if isinstance(f, sympy.log) and f.args[0].is_positive]
    if not found:
        return None, c
    front = min(found, key=sympy.default_sort_key)
    return front.args[0], c / front
