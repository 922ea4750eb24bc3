"""Quotients that are 0/0 at a point where they have a limit: near it a power series is computed in their place.

A quotient of small differences loses its digits already near the point: as it is written, the second derivative of
``sin(x)/x`` has no digit right at ``x = 1e-8``. The coefficients of the series are computed by Cauchy's integral over a
circle around the point (Henrici, Applied and Computational Complex Analysis, volume 1, chapter 4). They are used if the
series has the values of the quotient within the circle, and no negative powers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from operator import mul
from typing import Any, NamedTuple, TypeAlias

import sympy

from tracer.dtypes import FLOATS
from tracer.program.lines import Kind, Line, Operand
from tracer.rules import argument
from tracer.scalar import Named
from tracer.terms.numbers import exact

DEPTH, NODES = 24, 200
"""How deep a quotient may be nested, and of how many lines it may be made."""

DIGITS, SAMPLES, TERMS = 60, 128, 48
"""How many digits, points of a circle, and coefficients are computed."""

HALF, UNIT = SAMPLES // 2, 2**200
"""So many points are half of the circle; numbers at most one are written as integers in so many parts of it."""

RADII = sympy.Rational(3), sympy.Rational(3, 2), sympy.Rational(3, 4), sympy.Rational(3, 8)
"""The radii of the circles that are tried; the series is used within a third of the radius."""

ERROR = 1e-18
"""The size of terms that a series may leave out, relative to its greatest term."""

LARGEST = 1e4
"""Functions of larger numbers are not computed: ``sin(exp(1/x))`` beside zero would take for ever."""

SMALLEST = 1e-40
"""A function that is smaller on a whole circle is taken for zero, written at length: it has no series."""

INSIDE = -0.97, -0.53, 0.29, 0.71
"""Where a series is compared with the function, as parts of the radius within which it is used."""

SMOOTH: dict[Any, str] = {
    sympy.exp: "exp", sympy.log: "ln", sympy.sin: "sin", sympy.cos: "cos", sympy.tan: "tan", sympy.sinh: "sinh",
    sympy.cosh: "cosh", sympy.tanh: "tanh", sympy.asin: "asin", sympy.acos: "acos", sympy.atan: "atan",
    sympy.asinh: "asinh", sympy.atanh: "atanh", sympy.erf: "erf", sympy.erfc: "erfc",
}  # fmt: skip
"""Functions that are analytic where they are finite, with mpmath's names."""

Tree: TypeAlias = "int | tuple[str, Any] | tuple[sympy.Basic, tuple[Any, ...]]"
"""A leaf by its index, a number, or a template with the trees of its operands."""


class Continued(NamedTuple):
    """A quotient with its series: a template, and the leaves that are its arguments."""

    template: sympy.Basic
    leaves: tuple[int, ...]


@lru_cache(maxsize=64)
def write_sum(count: int) -> sympy.Expr:
    """The template of a sum of so many operands."""
    return sympy.Add(*map(argument, range(count)))


@lru_cache(maxsize=4096)
def divides(template: sympy.Basic) -> bool:
    """Whether a template divides by an expression that is no number."""
    return any(p.exp.is_negative and p.base.free_symbols for p in template.atoms(sympy.Pow))


def continue_quotient(
    template: sympy.Basic, operands: Sequence[Operand], plain: dict[Line, tuple[sympy.Basic, Sequence[Operand]]]
) -> tuple[sympy.Basic, list[Operand]] | None:
    """The template and the operands that take the place of a quotient; None where it has no limit at a 0/0.

    ``plain`` has the template and the operands that lines had before they were continued themselves.

    Examples
    --------
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> sine = Line(Kind.ELEMENTWISE, (x,), sympy.sin(argument(0)), (), "float64")
    >>> found, [leaf] = continue_quotient(argument(0) / argument(1), [sine, x], {})
    >>> leaf is x, float(found.subs(argument(0), 0))
    (True, 1.0)
    """
    leaves: list[Line] = []
    trees: list[Tree] = []
    count = [0]
    smooth = write_smooth(template)
    if smooth is None:
        return None
    for operand in operands:
        tree = _read_tree(operand, DEPTH, leaves, plain, count)
        if count[0] > NODES or len(leaves) > 2:
            return None
        trees.append(tree)
    found = _find_series((smooth, tuple(trees)))
    return None if found is None else (found.template, [leaves[k] for k in found.leaves])


def _read_tree(
    operand: Operand,
    depth: int,
    leaves: list[Line],
    plain: dict[Line, tuple[sympy.Basic, Sequence[Operand]]],
    count: list[int],
) -> Tree:
    """The tree of an operand; its leaves are lines that are no functions of elements, which are added to ``leaves``."""
    count[0] += 1
    if not isinstance(operand, Line):
        return "number", operand
    known = plain.get(operand)
    if known is None and operand.op is Kind.ELEMENTWISE and operand.dtype in FLOATS:
        known = operand.params, operand.operands
    if known is None and operand.op is Kind.ADD:
        known = write_sum(len(operand.operands)), operand.operands
    smooth = None if known is None else write_smooth(known[0])
    if known is not None and smooth is not None and depth and count[0] <= NODES and len(leaves) <= 2:
        return smooth, tuple([_read_tree(o, depth - 1, leaves, plain, count) for o in known[1]])
    index = next((k for k, leaf in enumerate(leaves) if leaf is operand), len(leaves))
    if index == len(leaves):
        leaves.append(operand)
    return index


@lru_cache(maxsize=4096)
def _find_series(tree: Tree) -> Continued | None:
    """A quotient with its series: a function of one leaf, which may be multiplied by another one."""
    whole = _write_tree(tree)
    bases = {p.base for p in whole.atoms(sympy.Pow) if p.exp.is_negative}
    free = {s for b in bases for s in b.free_symbols}
    if len(free) != 1:
        return None
    (u,) = free
    factor, quotient = sympy.S.One, whole
    for g in whole.free_symbols - free:
        factor, quotient = g, sympy.expand(whole / g)
        if g in quotient.free_symbols:
            return None
    made = whole
    points = sorted({p for b in bases for p in _find_roots(b, u)}, key=float)
    found = [(p, *series) for p in points if (series := _expand(quotient, u, p)) is not None]
    if not found:
        return None
    for point, radius, polynomial in found:
        made = sympy.Piecewise((factor * polynomial, sympy.Abs(u - point) < radius), (made, True), evaluate=False)
    leaves = sorted(int(s.name[1:]) for s in made.free_symbols)
    names = {argument(k): argument(n) for n, k in enumerate(leaves)}
    return Continued(made.xreplace(names), tuple(leaves))


@lru_cache(maxsize=4096)
def write_smooth(template: sympy.Basic) -> sympy.Expr | None:
    """A template written in analytic functions; None where there are others in it.

    Examples
    --------
    >>> from tracer.scalar import expm1
    >>> write_smooth(expm1(argument(0))), write_smooth(sympy.Abs(argument(0)))
    (exp(_0) - 1, None)
    """
    written = template.doit() if any(isinstance(f, Named) for f in template.atoms(sympy.Function)) else template
    return written if all(map(_is_smooth, sympy.preorder_traversal(written))) else None


def _is_smooth(e: sympy.Basic) -> bool:
    """Whether an operation is one of arithmetic, or an analytic function."""
    return e.is_Atom or e.is_Add or e.is_Mul or (e.is_Pow and e.exp.is_Integer) or e.func in SMOOTH


def _write_tree(tree: Tree) -> sympy.Expr:
    """A tree as an expression of its leaves."""
    if isinstance(tree, int):
        return argument(tree)
    head, parts = tree
    if isinstance(head, str):
        return exact(parts)
    return head.xreplace({argument(k): _write_tree(part) for k, part in enumerate(parts)})


def _find_roots(base: sympy.Expr, u: sympy.Symbol) -> Iterator[sympy.Rational]:
    """Where a divisor is zero, as far as that is seen at once: the root of a linear one, and zero."""
    if base.subs(u, 0) == 0:
        yield sympy.S.Zero
    root = -base.subs(u, 0) / base.diff(u)
    if root.is_Rational:
        yield root


def _expand(quotient: sympy.Expr, u: sympy.Symbol, point: sympy.Rational) -> tuple[sympy.Rational, sympy.Expr] | None:
    """The radius within which a quotient is a polynomial, and the polynomial; None where it has no limit at a point."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = DIGITS
    center = context.mpf(point.p) / point.q

    def function(z: Any) -> Any:
        return _evaluate(quotient, u, z, context)

    if not _seems_bounded(context, function, center):
        return None
    for radius in RADII:
        found = _find_coefficients(context, function, center, context.mpf(radius.p) / radius.q)
        if found is not None:
            within = radius / 3
            return within, _write_polynomial(found, u - point, within)
    return None


def _seems_bounded(context: Any, function: Callable[[Any], Any], center: Any) -> bool:
    """Whether a function does not grow towards a point, from one side."""
    try:
        far, near = (abs(function(center + step)) for step in (context.mpf(10) ** -8, context.mpf(10) ** -12))
    except (ArithmeticError, ValueError, TypeError):
        return False
    return bool(near <= 2 * far + 1)


def _evaluate(e: sympy.Expr, u: sympy.Symbol, value: Any, context: Any) -> Any:
    """The complex value of an expression in one symbol."""
    if e == u:
        return value
    if e.is_Rational:
        return context.mpf(e.p) / e.q
    if e.is_number:
        number = e.evalf(DIGITS)
        if not number.is_Float:
            raise ArithmeticError(f"{e} is no real number")
        return context.mpf(number._mpf_)
    parts = [_evaluate(a, u, value, context) for a in e.args]
    if e.is_Add:
        return context.fsum(parts)
    if e.is_Mul:
        return context.fprod(parts)
    if e.is_Pow:
        return parts[0] ** int(e.exp)
    if abs(parts[0]) > LARGEST:
        raise OverflowError("such an argument takes as many digits as it is long")
    return getattr(context, SMOOTH[e.func])(*parts)


def _find_coefficients(context: Any, function: Callable[[Any], Any], center: Any, radius: Any) -> list[Any] | None:
    """The coefficients of the series of a function around a center; None where it is not equal to one in the circle.

    A function of real numbers has conjugate values at conjugate points, so that half of the circle says them all.
    Sums are those of integers: as numbers of mpmath their terms would take most of the time that compiling takes.
    """
    inside = [context.mpf(at) * radius / 3 for at in INSIDE]
    try:
        values = [function(center + radius * context.expjpi(context.mpf(2 * k) / SAMPLES)) for k in range(HALF + 1)]
        checks = [function(center + x) for x in inside]
    except (ArithmeticError, ValueError, TypeError):
        return None
    scale = max(map(abs, values))
    if scale < SMALLEST or abs(context.im(values[0])) + abs(context.im(values[HALF])) > scale * ERROR:
        return None
    weights = [1, *[2] * (HALF - 1), 1]
    reals, imaginaries = (
        [w * int(part(v) / scale * UNIT) for w, v in zip(weights, values)] for part in (context.re, context.im)
    )
    cosines, sines = _find_circle()
    found = []
    for k in range(-SAMPLES // 4, TERMS):
        turns = [k * n % SAMPLES for n in range(HALF + 1)]
        total = sum(map(mul, reals, [cosines[t] for t in turns])) + sum(
            map(mul, imaginaries, [sines[t] for t in turns])
        )
        mean = scale * total / (SAMPLES * UNIT**2)
        if k >= 0:
            found.append(mean / radius**k)
        elif abs(mean) > scale * ERROR:
            return None
    wrong = (abs(context.polyval(found[::-1], x) - value) > scale * ERROR for x, value in zip(inside, checks))
    return None if any(wrong) else found


@cache
def _find_circle() -> tuple[list[int], list[int]]:
    """The cosines and sines of the parts of a full turn, in units of their last binary digit."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = DIGITS
    angles = [context.mpf(2 * k) / SAMPLES for k in range(SAMPLES)]
    return [int(context.cospi(t) * UNIT) for t in angles], [int(context.sinpi(t) * UNIT) for t in angles]


def _write_polynomial(coefficients: Sequence[Any], v: sympy.Expr, radius: sympy.Rational) -> sympy.Expr:
    """A polynomial by Horner's rule, without coefficients too small to count; sympy makes squares of what is even."""
    sizes = [abs(c) * float(radius) ** k for k, c in enumerate(coefficients)]
    first = next(k for k, size in enumerate(sizes) if size > max(sizes) * ERROR)
    used = [k for k, size in enumerate(sizes) if size > sizes[first] * ERROR]
    made: sympy.Expr = sympy.S.Zero
    for k in range(used[-1], first - 1, -1):
        made = v * made + (sympy.Float(float(coefficients[k])) if k in used else 0)
    return v**first * made
