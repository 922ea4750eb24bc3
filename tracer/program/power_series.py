"""Power series of analytic functions of one symbol around points where they are 0/0.

The coefficients are those of Cauchy's integral over a circle around the point, within which the function is analytic if
it is equal to its series (Henrici, Applied and Computational Complex Analysis, volume 1, chapter 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import mul
from types import MappingProxyType
from typing import Any, TypeAlias

import sympy

Real: TypeAlias = Any
"""A number of mpmath's, of which there are no types."""

DIGITS, SAMPLES, TERMS = 60, 256, 64
"""How many digits, points of a circle, and coefficients are computed."""

HALF, UNIT = SAMPLES // 2, 2**200
"""So many points are half of the circle; numbers at most one are written as integers in so many parts of it."""

CIRCLES = [
    tuple(map(sympy.Rational, pair))
    for pair in ((1, 3), (1, 2), ("3/4", "5/4"), ("1/2", 1), ("1/2", "3/4"), ("1/4", "3/4"), ("1/8", "3/8"))
]
"""Within which distance a series is taken, and the radius of the circle on which it is found: the first that serve."""

ERROR = 1e-18
"""The size of terms that a series may leave out, relative to its greatest term."""

LARGEST = 1e4
"""Functions of larger numbers are not computed: ``sin(exp(1/x))`` beside zero would take for ever."""

SMALL = 1e-4
"""What vanishes towards a point is smaller right beside it."""

NOTHING = 1e-6
"""The part of what may be left out that is left out without another look."""

COARSE = 0.02
"""What eight times fewer points leave out at the most if a function is analytic in the circle."""

SMALLEST = 1e-40
"""A function that is smaller on a whole circle is taken for zero, written at length: it has no series."""

INSIDE = -0.97, -0.53, 0.29, 0.71
"""Where a series is compared with the function, as parts of the distance within which it is used."""

SAMPLED = [(sympy.Rational(p), sympy.Rational(q)) for p, q in (("3/7", "4/5"), ("5/11", "-1/3"), ("8/9", "1/100"))]
"""Where two expressions of two symbols are compared: the second, and how far the first is from it."""

ROUNDING = 1e-13
"""How much they may differ by the rounding of coefficients."""

SMOOTH: dict[Any, str] = {
    sympy.exp: "exp", sympy.log: "ln", sympy.sin: "sin", sympy.cos: "cos", sympy.tan: "tan", sympy.sinh: "sinh",
    sympy.cosh: "cosh", sympy.tanh: "tanh", sympy.asin: "asin", sympy.acos: "acos", sympy.atan: "atan",
    sympy.asinh: "asinh", sympy.atanh: "atanh", sympy.erf: "erf", sympy.erfc: "erfc",
}  # fmt: skip
"""Functions that are analytic where they are finite, with mpmath's names."""


def _open_context() -> Any:
    """Numbers of mpmath of so many digits, in a context of this call: threads may not share one."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = DIGITS
    return context


def expand_quotient(
    quotient: sympy.Expr, u: sympy.Symbol, point: sympy.Rational
) -> tuple[sympy.Basic, sympy.Expr] | None:
    """Where a quotient is equal to a polynomial, and that; None where it has no limit at a point."""
    found = expand_within(quotient, u, point)
    if found is None:
        return None
    coefficients, sides, within = found
    return _write_neighbourhood(u - point, within, sides), write_polynomial(coefficients, u - point, within)


def expand_within(
    quotient: sympy.Expr, u: sympy.Symbol, point: sympy.Rational
) -> tuple[list[Real], frozenset[int], sympy.Rational] | None:
    """The coefficients of a quotient's series about a point, on which sides it is real, and within which distance.

    None where it has no limit there.
    """
    context = _open_context()
    center = context.mpf(point.p) / point.q

    def function(z: Any) -> Any:
        return _evaluate(quotient, u, z, context)

    if not _seems_bounded(context, function, center):
        return None
    for within, radius in CIRCLES:
        found = _find_coefficients(context, function, center, *(context.mpf(d.p) / d.q for d in (within, radius)))
        if found is not None:
            return *found, within
    return None


def cancels_at_zero(e: sympy.Expr, u: sympy.Symbol) -> bool:
    """Whether a sum vanishes towards zero faster than its terms do, as ``x - sin(x)`` does; a polynomial may."""
    import mpmath

    if not e.is_Add or e.is_polynomial():
        return False
    context = mpmath.MPContext()
    context.dps = DIGITS
    try:
        terms = [_evaluate(t, u, context.mpf(10) ** -6, context) for t in e.args]
    except (ArithmeticError, ValueError, TypeError):
        return False
    return bool(abs(context.fsum(terms)) < max(map(abs, terms)) * 1e-3)


def tends_to_zero(e: sympy.Expr, u: sympy.Symbol, point: sympy.Rational) -> bool:
    """Whether a function vanishes towards a point, from each side where it is real, about as a power does."""
    context = _open_context()
    sides = []
    for sign in (1, -1):
        try:
            far, near = (
                abs(_evaluate(e, u, context.mpf(point.p) / point.q + sign * context.mpf(10) ** -k, context))
                for k in (12, 24)
            )
        except (ArithmeticError, ValueError, TypeError):
            continue
        sides.append(bool(far < SMALL and near <= far**1.5))
    return bool(sides) and all(sides)


def depends_on(e: sympy.Expr, g: sympy.Symbol, u: sympy.Symbol) -> bool:
    """Whether the value of an expression changes with a symbol, by which exponents may be shifted."""
    context = _open_context()
    others = dict.fromkeys(e.free_symbols - {g, u}, context.mpc(0.6))
    try:
        one, other = (_evaluate(e, u, context.mpc(0.3), context, {**others, g: context.mpc(k) / 7}) for k in (1, 5))
    except (ArithmeticError, ValueError, TypeError):
        return True
    return not abs(one - other) <= abs(one) * context.mpf(10) ** (10 - DIGITS)


def is_equal_near(e: sympy.Expr, other: sympy.Expr, a: sympy.Symbol, b: sympy.Symbol, radius: sympy.Rational) -> bool:
    """Whether two expressions are equal at some points where two symbols are close."""
    for at, part in SAMPLED:
        point = {a: at + part * radius * at / 2, b: at}
        try:
            one, two = (complex(x.xreplace(point).doit().evalf(DIGITS)) for x in (e, other))
        except (ArithmeticError, ValueError, TypeError):
            return False
        if not abs(one - two) <= ROUNDING * abs(one):
            return False
    return True


def _write_neighbourhood(v: sympy.Expr, radius: sympy.Rational, sides: frozenset[int]) -> sympy.Basic:
    """The condition that a distance is within a radius, on the sides where a function is real."""
    if len(sides) == 2:
        return sympy.Abs(v) < radius
    return sympy.And(v >= 0, v < radius) if 1 in sides else sympy.And(v <= 0, v > -radius)


def _seems_bounded(context: Any, function: Callable[[Any], Any], center: Any) -> bool:
    """Whether a function does not grow towards a point, from one side."""
    try:
        far, near = (abs(function(context.mpc(center + context.mpf(10) ** -k))) for k in (8, 12))
    except (ArithmeticError, ValueError, TypeError):
        return False
    return bool(near <= 2 * far + 1)


def _evaluate(
    e: sympy.Expr, u: sympy.Symbol, value: Any, context: Any, others: Mapping[sympy.Symbol, Real] = MappingProxyType({})
) -> Any:
    """The complex value of an expression in one symbol, and in others of which the values are given."""
    if e == u:
        return value
    if e in others:
        return others[e]
    if e.is_Rational:
        return context.mpf(e.p) / e.q
    if e.is_number:
        number = e.evalf(DIGITS)
        if not number.is_Float:
            raise ArithmeticError(f"{e} is no real number")
        return context.mpf(number._mpf_)
    if not (e.is_Add or e.is_Mul or e.is_Pow or e.func in SMOOTH):
        raise ValueError(f"{e} is not analytic")
    parts = [_evaluate(a, u, value, context, others) for a in e.args]
    if e.is_Add:
        return context.fsum(parts)
    if e.is_Mul:
        return context.fprod(parts)
    if not e.is_Pow and abs(parts[0]) > LARGEST:
        raise OverflowError("such an argument takes as many digits as it is long")
    made = _raise_to(parts[0], e.exp, context) if e.is_Pow else getattr(context, SMOOTH[e.func])(*parts)
    if isinstance(value, context.mpf) and not isinstance(made, context.mpf):
        raise ValueError(f"{e} is not real there")
    return made


def _raise_to(base: Any, exponent: sympy.Rational, context: Any) -> Any:
    if exponent.is_Integer:
        return base ** int(exponent)
    return (
        context.sqrt(base) ** exponent.p
        if exponent.q == 2
        else context.power(base, context.mpf(exponent.p) / exponent.q)
    )


def _find_coefficients(
    context: Any, function: Callable[[Any], Any], center: Any, within: Any, radius: Any
) -> tuple[list[Real], frozenset[int]] | None:
    """The coefficients of the series about a point, and on which sides the function is real and equal to it.

    None where it is not equal to one in a circle. A function of real numbers has conjugate values at conjugate points,
    so that half of the circle says them all. Sums are those of integers: as numbers of mpmath their terms would take
    most of the time that compiling takes.
    """
    values: list[Real] = []
    for step in 8, 1:
        # A few points tell that there is a pole within the circle.
        try:
            values = [
                function(center + radius * context.expjpi(context.mpf(2 * k) / SAMPLES))
                for k in range(0, HALF + 1, step)
            ]
        except (ArithmeticError, ValueError, TypeError):
            return None
        scale = max(map(abs, values))
        if not all(map(context.isfinite, values)) or scale < SMALLEST:
            return None
        left_out = COARSE if step > 1 else ERROR
        means = _find_means(context, values, scale, range(-SAMPLES // 4 // step, 0))
        if max(map(abs, [*means, context.im(values[0]), context.im(values[-1])])) > scale * left_out:
            return None
    found = [mean / radius**k for k, mean in enumerate(_find_means(context, values, scale, range(TERMS)))]
    sides = set()
    for part in INSIDE:
        x = context.mpf(part) * within
        try:
            value = function(center + x)
        except (ArithmeticError, ValueError, TypeError):
            continue  # There it is not real.
        if abs(context.polyval(found[::-1], x) - value) > scale * ERROR:
            return None
        sides.add(1 if part > 0 else -1)
    return (found, frozenset(sides)) if sides else None


def _find_means(context: Any, values: Sequence[Real], scale: Any, orders: Sequence[int]) -> list[Real]:
    """The means of a function times powers of the points of a circle, from its values on the upper half."""
    half = len(values) - 1
    weights = [1, *[2] * (half - 1), 1]
    reals, imaginaries = (
        [w * int(part(v) / scale * UNIT) for w, v in zip(weights, values)] for part in (context.re, context.im)
    )
    cosines, sines = _find_circle()
    found = []
    for k in orders:
        turns = [k * n * (HALF // half) % SAMPLES for n in range(half + 1)]
        total = sum(map(mul, reals, [cosines[t] for t in turns]))
        total += sum(map(mul, imaginaries, [sines[t] for t in turns]))
        found.append(scale * total / (2 * half * UNIT**2))
    return found


@cache
def _find_circle() -> tuple[list[int], list[int]]:
    """The cosines and sines of the parts of a full turn, in units of their last binary digit."""
    context = _open_context()
    angles = [context.mpf(2 * k) / SAMPLES for k in range(SAMPLES)]
    return [int(context.cospi(t) * UNIT) for t in angles], [int(context.sinpi(t) * UNIT) for t in angles]


def write_polynomial(coefficients: Sequence[Real], v: sympy.Expr, radius: sympy.Rational) -> sympy.Expr:
    """A polynomial by Horner's rule, without coefficients too small to count; sympy makes squares of what is even."""
    sizes = [abs(c) * float(radius) ** k for k, c in enumerate(coefficients)]
    first = next(k for k, size in enumerate(sizes) if size > max(sizes) * ERROR)
    coefficients = [*coefficients[:first], *economise(coefficients[first:], float(radius))]
    sizes = [abs(c) * float(radius) ** k for k, c in enumerate(coefficients)]
    used = [k for k, size in enumerate(sizes) if size > sizes[first] * ERROR]
    made: sympy.Expr = sympy.S.Zero
    for k in range(used[-1], first - 1, -1):
        made = v * made + (sympy.Float(float(coefficients[k])) if k in used else 0)
    return v**first * made


def economise(coefficients: Sequence[Real], radius: float) -> list[Real]:
    """The coefficients of a polynomial of a lower degree that has the same values within a radius.

    The highest power is written by the Chebyshev polynomial of its degree and lower powers; the former is left out as
    long as all that is left out is too small to count (Lanczos, Applied Analysis, chapter 7).
    """
    left = [c * radius**k for k, c in enumerate(coefficients)]
    allowed = abs(left[0]) * ERROR
    while len(left) > 1:
        if abs(left[-1]) < allowed * NOTHING:
            left.pop()
            continue
        degree = len(left) - 1
        top = left[-1] / 2 ** (degree - 1)
        allowed -= abs(top)
        if allowed < 0:
            break
        for k, c in enumerate(_list_chebyshev(degree)):
            left[k] -= c * top
        left.pop()
    return [c / radius**k for k, c in enumerate(left)]


@cache
def _list_chebyshev(degree: int) -> tuple[int, ...]:
    """The coefficients of a Chebyshev polynomial, from the lowest power on."""
    if degree < 2:
        return (0, 1) if degree else (1,)
    doubled = (0, *(2 * c for c in _list_chebyshev(degree - 1)))
    before = _list_chebyshev(degree - 2)
    return tuple([c - (before[k] if k < len(before) else 0) for k, c in enumerate(doubled)])
