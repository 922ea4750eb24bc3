"""Quotients of two variables that are 0/0 where these are equal, as ``(exp(x) - exp(y))/(x - y)`` is.

With ``x = y + u`` addition theorems part such a function into functions of ``y`` and functions of ``u``: here it is
``exp(y)`` times ``(exp(u) - 1)/u``, which has a power series. Logarithms and powers are parted by ``x = y*(1 + u)``.
Functions of ``y`` are independent, so that what stands beside each of them has a limit if the whole has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import lcm
from typing import NamedTuple

import sympy

from tracer.program.power_series import expand_within, is_equal_near, write_polynomial
from tracer.scalar import sigmoid

LONGEST = 400
"""Of expressions of more operations no parts are looked for."""

BASE, STEP = sympy.Symbol("base", positive=True), sympy.Symbol("step", real=True)
"""What stands for the second variable, and what the first is apart from it."""


class Parting(NamedTuple):
    """How two variables are written by a base and a step.

    Attributes
    ----------
    first, second : Expr
        The variables.
    base, step : Expr
        What these are, in the variables.
    """

    first: sympy.Expr
    second: sympy.Expr
    base: sympy.Expr
    step: sympy.Expr


@lru_cache(maxsize=1024)
def expand_on_diagonal(quotient: sympy.Expr, a: sympy.Symbol, b: sympy.Symbol) -> tuple[sympy.Basic, sympy.Expr] | None:
    """Where two variables are close enough, and what a quotient is there; None where it has no limit as they meet.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> near, series = expand_on_diagonal((sympy.exp(x) - sympy.exp(y)) / (x - y), x, y)
    >>> near, float(series.subs({x: 1, y: 1}))
    (Abs(x - y) < 1, 2.718281828459045)
    """
    if sympy.count_ops(quotient) > LONGEST:
        return None
    for parting in _list_partings(quotient, a, b):
        parted = _part(quotient.xreplace({a: parting.first, b: parting.second}))
        found = None if parted is None else _expand(*parted)
        if found is not None:
            back = {STEP: parting.step, BASE: parting.base}
            radius, series = found[0], found[1].xreplace(back)
            if is_equal_near(quotient, series, a, b, radius):
                return sympy.Abs(parting.step) < radius, series
    return None


def _list_partings(quotient: sympy.Expr, a: sympy.Symbol, b: sympy.Symbol) -> Iterator[Parting]:
    """The ways in which functions of two variables may be parted: by a difference, or by a ratio."""
    scaled = {p.base for p in quotient.atoms(sympy.Pow) if not p.exp.is_Integer and p.base != sympy.E}
    scaled |= {f.args[0] for f in quotient.atoms(sympy.log)}
    if not scaled:
        yield Parting(BASE + STEP, BASE, b, a - b)
    own = sorted((s for s in scaled if s.free_symbols == {b}), key=sympy.count_ops)
    base = own[0] if own else b
    slope = base.diff(b)
    if slope.is_Rational and slope:
        rest = base.subs(b, 0)
        first, second = ((v - rest) / slope for v in (BASE * (1 + STEP), BASE))
        yield Parting(first, second, base, slope * (a - b) / base)


class Parted(NamedTuple):
    """An expression in a step and in functions of the base.

    Attributes
    ----------
    expr : Expr
    values : dict
        What the symbols that stand for functions of the base are.
    power : Symbol or None
        The one that stands for an exponential.
    """

    expr: sympy.Expr
    values: dict[sympy.Symbol, sympy.Expr]
    power: sympy.Symbol | None


class PartingError(Exception):
    """A function is not parted."""


def _part(e: sympy.Expr) -> Parted | None:
    """An expression in base and step by functions of the base and functions of the step."""
    try:
        opened = _open(_write_by_exponentials(e))
    except PartingError:
        return None
    values: dict[sympy.Symbol, sympy.Expr] = {}
    exponents = {p.args[0] for p in opened.atoms(sympy.exp) if p.has(BASE)}
    power = None
    if exponents:
        slopes = {x: x.diff(BASE) for x in exponents}
        if not all(s.is_Rational for s in slopes.values()):
            return None
        unit = sympy.Rational(sympy.gcd_list([abs(s.p) for s in slopes.values()]), lcm(*(s.q for s in slopes.values())))
        power = sympy.Dummy("power", positive=True)
        values[power] = unit * BASE
        opened = opened.xreplace(
            {sympy.exp(x): sympy.exp(x - s * BASE) * power ** (s / unit) for x, s in slopes.items()}
        )
    roots = [p.exp.q for p in opened.atoms(sympy.Pow) if p.base == BASE and p.exp.is_Rational]
    functions = sorted((f for f in opened.atoms(sympy.Function) if f.has(BASE)), key=sympy.default_sort_key)
    names = {f: sympy.Dummy("function", real=True) for f in functions}
    values |= {s: f for f, s in names.items()}
    opened = opened.xreplace(names)
    root = sympy.Dummy("root", positive=True)
    degree = lcm(*roots) if roots else 1
    values[root] = BASE ** sympy.Rational(1, degree)
    opened = opened.replace(lambda x: x.is_Pow and x.base == BASE, lambda x: root ** (degree * x.exp))
    return Parted(opened.xreplace({BASE: root**degree}), values, power)


def _write_by_exponentials(e: sympy.Expr) -> sympy.Expr:
    """An expression in which hyperbolic functions of the base are exponentials, and tangents quotients."""
    own = [f for f in e.atoms(sympy.tanh, sympy.sinh, sympy.cosh) if f.has(BASE)]
    others = {f: sympy.sin(f.args[0]) / sympy.cos(f.args[0]) for f in e.atoms(sympy.tan) if f.has(BASE)}
    return e.xreplace({f: f.rewrite(sympy.exp) for f in own} | others)


def _open(e: sympy.Expr) -> sympy.Expr:
    """An expression by addition theorems.

    Raises
    ------
    PartingError
        If there is none for a function in it.
    """
    if not e.has(BASE):
        return e
    if e.is_Symbol:
        return e
    parts = [_open(x) for x in e.args]
    if e.is_Add or e.is_Mul or (e.is_Pow and e.exp.is_Integer):
        return e.func(*parts)
    if e.is_Pow or isinstance(e, sympy.log):
        return _open_factors(e)
    if not e.has(STEP):
        return e
    if not isinstance(e, (sympy.exp, sympy.sin, sympy.cos)):
        raise PartingError
    fixed, moved = _split_terms(e.args[0])
    if isinstance(e, sympy.exp):
        return sympy.exp(fixed) * sympy.exp(moved)
    (s, c), (s1, c1) = ((sympy.sin(x), sympy.cos(x)) for x in (fixed, moved))
    return s * c1 + c * s1 if isinstance(e, sympy.sin) else c * c1 - s * s1


def _open_factors(e: sympy.Expr) -> sympy.Expr:
    """The logarithm or the power of a product with a power of the base."""
    inner = e.args[0]
    power = sympy.degree(sympy.fraction(inner)[0], BASE) - sympy.degree(sympy.fraction(inner)[1], BASE)
    rest = sympy.cancel(inner / BASE**power)
    if rest.has(BASE):
        raise PartingError
    if e.is_Pow:
        return BASE ** (power * e.exp) * rest**e.exp
    return power * sympy.log(BASE) + sympy.log(rest)


def _split_terms(e: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The terms of a sum without the step, and those without the base."""
    terms = sympy.Add.make_args(sympy.expand(e))
    moved = [t for t in terms if t.has(STEP)]
    if any(t.has(BASE) for t in moved):
        raise PartingError
    return sympy.Add(*(t for t in terms if not t.has(STEP))), sympy.Add(*moved)


def _expand(
    expr: sympy.Expr, values: dict[sympy.Symbol, sympy.Expr], power: sympy.Symbol | None
) -> tuple[sympy.Rational, sympy.Expr] | None:
    """How small the step has to be, and what an expression is there."""
    above, below = sympy.fraction(sympy.together(expr))
    factors = [f.as_base_exp() for f in sympy.Mul.make_args(sympy.factor(below))]
    pure = sympy.Mul(*(f**n for f, n in factors if f.free_symbols <= {STEP}))
    mixed = [(f, n) for f, n in factors if not f.free_symbols <= {STEP}]
    symbols = [s for s in values if above.has(s)]
    poly = sympy.Poly(_reduce_squares(sympy.expand(above), values), *symbols) if symbols else None
    terms = [((), above)] if poly is None else poly.terms()
    radius = sympy.S.One
    parts: list[sympy.Expr] = []
    polynomials: dict[sympy.Basic, sympy.Expr] = {}
    for monomial, coefficient in terms:
        if coefficient.free_symbols - {STEP}:
            return None
        quotient = sympy.factor_terms(coefficient) / pure
        series = expand_within(quotient, STEP, sympy.S.Zero)
        if series is None or len(series[1]) < 2:
            return None
        name = sympy.Dummy("series", real=True)
        polynomials[name] = write_polynomial(series[0], STEP, series[2])
        radius = min(radius, series[2])
        parts.append(name * sympy.Mul(*(s**e for s, e in zip(symbols, monomial))))
    return radius, _write(sympy.Add(*parts), mixed, values, power).xreplace(polynomials)


def _reduce_squares(e: sympy.Expr, values: dict[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """A sum in which squares of sines are written by cosines."""
    cosines = {f.args[0]: s for s, f in values.items() if isinstance(f, sympy.cos)}
    for s, f in values.items():
        if isinstance(f, sympy.sin) and f.args[0] in cosines:
            c = cosines[f.args[0]]
            e = sympy.expand(
                e.replace(
                    lambda x: x.is_Pow and x.base == s and x.exp.is_Integer and x.exp > 1,  # noqa: B023
                    lambda x: s ** (x.exp % 2) * (1 - c**2) ** (x.exp // 2),  # noqa: B023
                )
            )
    return e


def _write(
    above: sympy.Expr,
    mixed: list[tuple[sympy.Expr, sympy.Expr]],
    values: dict[sympy.Symbol, sympy.Expr],
    power: sympy.Symbol | None,
) -> sympy.Expr:
    """A sum of products over a divisor; exponentials in both are logistic functions, which do not overflow."""
    if power is None or not any(f.has(power) for f, _ in mixed):
        whole = above / sympy.Mul(*(f**n for f, n in mixed))
        return whole.xreplace({s: sympy.exp(v) if s is power else v for s, v in values.items()})
    up, down = sympy.symbols("up down", positive=True)

    def even_out(e: sympy.Expr) -> tuple[sympy.Expr, int]:
        """A polynomial in the exponential, as one in a logistic function and its complement, and its degree."""
        poly = sympy.Poly(e, power)
        degree = poly.degree()
        terms = [c * up**j * down ** (degree - j) for (j,), c in poly.terms()]
        return sympy.Add(*terms).xreplace({up + down: sympy.S.One}), degree

    above, degree = even_out(above)
    below = sympy.S.One
    for factor, count in mixed:
        own, power_of = even_out(factor)
        below *= own**count
        degree -= power_of * count
    whole = above / below * down**-degree
    exponent = values[power]
    return whole.xreplace({**values, up: sigmoid(exponent), down: sigmoid(-exponent)})
