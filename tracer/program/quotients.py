"""Quotients that are 0/0 at a point where they have a limit: near it a power series is computed in their place.

A quotient of small differences loses its digits already near the point: as it is written, the second derivative of
``sin(x)/x`` has no digit right at ``x = 1e-8``. A sum that vanishes faster than its terms loses them in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import sympy

from tracer.dtypes import FLOATS
from tracer.program.diagonal_series import expand_on_diagonal
from tracer.program.lines import Kind, Line, Operand, Written, list_exponents
from tracer.program.power_series import SMOOTH, cancels_at_zero, depends_on, expand_quotient, tends_to_zero
from tracer.rules import argument, list_positions, position_of
from tracer.scalar import Named
from tracer.terms.numbers import exact

DEPTH, NODES, LEAVES = 24, 1000, 3
"""How deep a quotient may be nested, of how many lines it may be made, and how many of them are no functions."""

VIEWS = (Kind.SELECT, Kind.TRANSPOSE)
"""What only arranges elements."""

EQUAL = 1e-12
"""How much series may differ by rounding."""

SIDED = (sympy.Abs, sympy.sign)
"""Functions that are analytic on each side of zero."""

Tree: TypeAlias = "int | tuple[str, Any] | tuple[sympy.Basic, tuple[Any, ...]]"
"""A leaf by its index, a number, or a template with the trees of its operands."""


class Continued(NamedTuple):
    """A quotient with its series.

    Attributes
    ----------
    near : tuple
        Where a series is computed, and the series, in the leaves.
    whole : Expr or None
        What is computed elsewhere, in the leaves; None for the quotient as it stands.
    leaves : tuple of int
        Which leaves these are.
    """

    near: tuple[tuple[sympy.Basic, sympy.Expr], ...]
    whole: sympy.Expr | None
    leaves: tuple[int, ...]


@lru_cache(maxsize=64)
def write_sum(count: int) -> sympy.Expr:
    """The template of a sum of so many operands."""
    return sympy.Add(*map(argument, range(count)))


@lru_cache(maxsize=4096)
def divides(template: sympy.Basic) -> bool:
    """Whether a template divides by an expression that is no number."""
    return bool(_list_bases(template))


def is_analytic(line: Line) -> bool:
    """Whether a line is an analytic function, by its name, of another."""
    return line.op is Kind.ELEMENTWISE and line.params.is_Function and write_smooth(line.params) is not None


def has_logarithm(line: Line) -> bool:
    """Whether a line is a logarithm, or a power or multiple of one."""
    if line.op is not Kind.ELEMENTWISE:
        return False
    if line.params.has(sympy.log):
        return True
    return any(isinstance(o, Line) and o.op is Kind.ELEMENTWISE and o.params.has(sympy.log) for o in line.operands)


def continue_quotient(
    template: sympy.Basic,
    operands: Sequence[Operand],
    plain: Mapping[Line, Written],
    view: Callable[[Line, Line], Line] | None = None,
) -> tuple[sympy.Basic, list[Operand]] | None:
    """The template and the operands that take the place of a quotient; None where it has no limit at a 0/0.

    ``plain`` has the template and the operands that lines had before they were continued themselves, or written anew.
    ``view`` makes the view of another line that a line is of its operand: of a function of elements, that of its
    operands.

    Examples
    --------
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> sine = Line(Kind.ELEMENTWISE, (x,), sympy.sin(argument(0)), (), "float64")
    >>> found, [leaf] = continue_quotient(argument(0) / argument(1), [sine, x], {})
    >>> leaf is x, float(found.subs(argument(0), 0))
    (True, 1.0)
    """
    smooth = write_smooth(write_exponents(template, operands), True)
    if smooth is None:
        return None
    whole: list[Line] = []
    sided = True
    while True:
        reading = _Reading(plain, whole, sided, view)
        tree = reading.read_template(smooth, operands, DEPTH)
        found = _find_series(tree) if reading.is_short() else None
        if found is not None and any(leaf.dtype not in FLOATS for leaf in reading.leaves):
            return None  # Of whole numbers a polynomial would be whole.
        if found is not None:
            return _write_continued(found, template, operands, reading.leaves)
        if sided and reading.has_sides:
            sided = False
        elif reading.divisors and not whole:
            sided, whole = False, reading.divisors
        else:
            return None


def _write_continued(
    found: Continued, template: sympy.Basic, operands: Sequence[Operand], leaves: Sequence[Line]
) -> tuple[sympy.Basic, list[Operand]]:
    """A quotient that is written out in leaves, or stays as it is computed, but for its series."""
    used: list[Operand] = [leaves[k] for k in found.leaves]
    made = found.whole
    if made is None:
        made = template.xreplace({argument(k): argument(len(used) + k) for k in range(len(operands))})
        used += operands
    for near, series in found.near:
        made = sympy.Piecewise((series, near), (made, True), evaluate=False)
    return made, used


def write_exponents(template: sympy.Basic, operands: Sequence[Operand]) -> sympy.Basic:
    """A template in which exponents that are numbers are written.

    Examples
    --------
    >>> write_exponents(argument(0) ** argument(1), [None, 0.5])
    sqrt(_0)
    """
    raised = [(k, operands[k]) for k in list_exponents(template) if k < len(operands)]
    finite = {argument(k): exact(o) for k, o in raised if not isinstance(o, Line) and math.isfinite(o)}
    return template.xreplace(finite) if finite else template


@lru_cache(maxsize=4096)
def list_divisors(template: sympy.Basic) -> list[int]:
    """The operands by a power of which a template divides."""
    return list(list_positions(sympy.Tuple(*(b for b in _list_bases(template) if b.is_Symbol))))


class _Reading:
    """Trees of operands, down to lines that are no functions of elements, or that are taken as they are.

    Parameters
    ----------
    plain : dict
        What lines were as they were written that are continued themselves.
    whole : sequence of Line
        Lines that are not looked into: divisors, which a quotient of several sources may be a function of.
    sided : bool
        Whether absolute values and signs are looked into.

    Attributes
    ----------
    has_sides : bool
        Whether there are such.
    """

    def __init__(
        self,
        plain: Mapping[Line, Written],
        whole: Sequence[Line] = (),
        sided: bool = False,
        view: Callable[[Line, Line], Line] | None = None,
    ) -> None:
        self._view = view
        self.has_sides = False
        self._sided = sided
        self.leaves: list[Line] = []
        self.divisors: list[Line] = []
        self._plain = plain
        self._whole = whole
        self._count = 0

    def is_short(self) -> bool:
        """Whether trees are small, and of few leaves."""
        return self._count <= NODES and len(self.leaves) <= LEAVES

    def read_template(self, smooth: sympy.Expr, operands: Sequence[Operand], depth: int) -> Tree:
        """The tree of a template over operands; what it divides by is added to the divisors."""
        found = [operands[k] for k in list_divisors(smooth)]
        self.divisors += [d for d in found if isinstance(d, Line) and d.op is Kind.ELEMENTWISE]
        return smooth, tuple([self.read(operand, depth) for operand in operands])

    def read(self, operand: Operand, depth: int) -> Tree:
        """The tree of an operand; what is not looked into is added to the leaves."""
        self._count += 1
        if not isinstance(operand, Line):
            return "number", operand
        known = self._plain.get(operand)
        if known is None and operand.op is Kind.ELEMENTWISE and operand.dtype in FLOATS:
            known = operand.params, operand.operands
        if known is None and operand.op is Kind.ADD:
            known = write_sum(len(operand.operands)), operand.operands
        if known is None and operand.op in VIEWS and self._view is not None:
            known = self._look_through(operand)
        smooth = None if known is None else write_smooth(write_exponents(*known), self._sided)
        self.has_sides |= smooth is not None and smooth.has(*SIDED)
        if known is not None and smooth is not None and depth and self.is_short() and operand not in self._whole:
            return self.read_template(smooth, known[1], depth - 1)
        return self._add_leaf(operand)

    def _look_through(self, line: Line) -> Written | None:
        """A view of a function of elements as the function of views; None for anything else."""
        inner = line.operands[0]
        if not isinstance(inner, Line) or inner.dtype not in FLOATS or self._view is None:
            return None
        known = self._plain.get(inner) or ((inner.params, inner.operands) if inner.op is Kind.ELEMENTWISE else None)
        if known is None or any(isinstance(o, Line) and o.shape != inner.shape for o in known[1]):
            return None
        return known[0], [self._view(line, o) if isinstance(o, Line) else o for o in known[1]]

    def _add_leaf(self, operand: Line) -> int:
        """The index of a leaf."""
        index = next((k for k, leaf in enumerate(self.leaves) if leaf is operand), len(self.leaves))
        if index == len(self.leaves):
            self.leaves.append(operand)
        return index


@lru_cache(maxsize=4096)
def _find_series(tree: Tree) -> Continued | None:
    """A quotient with its series: a function of one leaf, which may be multiplied by others."""
    writing = _Writing()
    whole, divisors = writing.write(tree), writing.divisors
    # Those that cancel in the whole do not cancel in the lines of which it is made.
    bases = _list_bases(whole) or divisors
    free = _drop_idle({s for b in bases for s in b.free_symbols} or whole.free_symbols, whole)
    if len(free) == 2 and not writing.loses and not whole.has(*SIDED):
        return _find_diagonal_series(whole, free)
    if len(free) != 1 or write_smooth(whole, True) is None:
        return None
    (u,) = free
    if whole.has(*SIDED):
        return _find_even_series(whole, u)
    idle = {g: sympy.S.Zero for g in whole.free_symbols - free if not depends_on(whole, g, u)}
    factor, quotient = sympy.S.One, whole.xreplace(idle)
    for g in quotient.free_symbols - free:
        factor, quotient = factor * g, sympy.expand(quotient / g)
        if g in quotient.free_symbols:
            return None
    bases, divisors = ({b.xreplace(idle) for b in found} for found in (bases, divisors))
    # What exponents were shifted by cancels, but not in floats.
    made = None if idle or writing.loses else factor * quotient if factor is not sympy.S.One else whole
    used = sorted(map(position_of, free | factor.free_symbols))
    names = {argument(k): argument(n) for n, k in enumerate(used)}
    infinite = quotient.has(sympy.zoo, sympy.oo, -sympy.oo, sympy.nan)
    if bases and made is not None and quotient.is_polynomial(u) and not infinite:
        # What was divided by has cancelled, and a series would be the same polynomial again.
        return Continued((), made.xreplace(names), tuple(used))
    points = sorted({p for b in bases | divisors if b.free_symbols == free for p in _find_roots(b, u)}, key=float)
    if not bases and cancels_at_zero(quotient, u):
        points = [sympy.S.Zero]
    found = [near for p in points if (near := expand_quotient(quotient, u, p)) is not None]
    found = found or [(sympy.Eq(u, p), sympy.S.Zero) for p in _list_logarithmic_zeros(quotient, u)]
    if not found:
        return None
    series = tuple([(near.xreplace(names), (factor * polynomial).xreplace(names)) for near, polynomial in found])
    return Continued(series, None if made is None else made.xreplace(names), tuple(used))


def _find_even_series(whole: sympy.Expr, u: sympy.Symbol) -> Continued | None:
    """A function with absolute values of a leaf, with its series if that is the same on both sides of zero."""
    if whole.free_symbols != {u}:
        return None
    sides = [
        whole.replace(sympy.Abs, lambda x, s=s: s * x).replace(sympy.sign, lambda x, s=s: s * x / x) for s in (1, -1)
    ]
    if any(not side.has(u) or write_smooth(side) is None for side in sides):
        return None
    above, below = (expand_quotient(side, u, sympy.S.Zero) for side in sides)
    if above is None or below is None or above[0] != below[0]:
        return None
    (near, series), (_, other) = above, below
    for part in (sympy.Rational(1, 9), sympy.Rational(-1, 7)):
        one, two = (e.subs(u, part).evalf() for e in (series, other))
        if abs(one - two) > abs(one) * EQUAL:
            return None
    names = {u: argument(0)}
    return Continued(((near.xreplace(names), series.xreplace(names)),), None, (position_of(u),))


def _find_diagonal_series(whole: sympy.Expr, free: set[sympy.Symbol]) -> Continued | None:
    """A quotient of two leaves that is 0/0 where they are equal, with its series; it may be multiplied by others."""
    a, b = sorted(free, key=position_of)
    bases = _list_bases(whole)
    rest = {base for base in bases if base.subs(a, b) != 0}
    if rest == bases or any(_may_vanish(base, whole) for base in rest):
        return None
    factor = sympy.Mul(*(whole.free_symbols - free))
    quotient = sympy.expand(whole / factor) if factor is not sympy.S.One else whole
    if quotient.free_symbols != free or write_smooth(quotient) is None:
        return None
    used = sorted(map(position_of, whole.free_symbols))
    names = {argument(k): argument(n) for n, k in enumerate(used)}
    if quotient.is_rational_function(a, b):
        made = sympy.factor_terms(sympy.cancel(quotient))
        if any(base.subs(a, b) == 0 for base in _list_bases(made)):
            return None
        return Continued((), (factor * made).xreplace(names), tuple(used))
    found = expand_on_diagonal(quotient, a, b)
    if found is None:
        return None
    near, series = found
    return Continued(((near.xreplace(names), (factor * series).xreplace(names)),), None, tuple(used))


def _may_vanish(base: sympy.Expr, whole: sympy.Expr) -> bool:
    """Whether what is divided by is zero at a point at which the logarithms and roots in an expression have a value."""
    positive = {f.args[0] for f in whole.atoms(sympy.log)}
    positive |= {p.base for p in whole.atoms(sympy.Pow) if not p.exp.is_Integer}
    if base in positive or whole.is_rational_function(*whole.free_symbols):
        return False
    return any(True for u in base.free_symbols for _ in _find_roots(base, u))


def _list_logarithmic_zeros(quotient: sympy.Expr, u: sympy.Symbol) -> list[sympy.Rational]:
    """Where a product is zero times the logarithm of zero, and tends to zero."""
    roots = {p for f in quotient.atoms(sympy.log) for p in _find_roots(f.args[0], u)} if quotient.is_Mul else set()
    return sorted((p for p in roots if tends_to_zero(quotient, u, p)), key=float)


def _drop_idle(free: set[sympy.Symbol], whole: sympy.Expr) -> set[sympy.Symbol]:
    """The one of some symbols on which alone a value depends, where exponents are shifted by the others; else all."""
    if not 1 < len(free) <= LEAVES:
        return free
    for u in sorted(free, key=str):
        if all(not depends_on(whole, g, u) for g in free - {u}):
            return {u}
    return free


@lru_cache(maxsize=4096)
def write_smooth(template: sympy.Basic, sided: bool = False) -> sympy.Expr | None:
    """A template written in analytic functions, absolute values and signs if these are allowed; else None.

    Examples
    --------
    >>> from tracer.scalar import expm1
    >>> write_smooth(expm1(argument(0))), write_smooth(sympy.Abs(argument(0)))
    (exp(_0) - 1, None)
    """
    written = template.doit() if any(isinstance(f, Named) for f in template.atoms(sympy.Function)) else template
    return written if all(_is_smooth(e, sided) for e in sympy.preorder_traversal(written)) else None


def _is_smooth(e: sympy.Basic, sided: bool) -> bool:
    """Whether an operation is one of arithmetic, or an analytic function, if only on each side of zero."""
    if e.is_Atom or e.is_Add or e.is_Mul or e.func in SMOOTH or (sided and e.func in SIDED):
        return True
    return bool(e.is_Pow and e.exp.is_Rational)


class _Writing:
    """Writes trees as expressions of their leaves.

    Attributes
    ----------
    divisors : set of Expr
        What is divided by, cancelled or not.
    loses : bool
        Whether something cancelled on which a value depends where it is no number, as ``0*log(x)`` does.
    """

    def __init__(self) -> None:
        self.divisors: set[sympy.Expr] = set()
        self.loses = False

    def write(self, tree: Tree) -> sympy.Expr:
        """The expression of a tree."""
        if isinstance(tree, int):
            return argument(tree)
        head, parts = tree
        if isinstance(head, str):
            return exact(parts)
        values = {argument(k): self.write(part) for k, part in enumerate(parts)}
        self.divisors |= {b.xreplace(values) for b in _list_bases(head)}
        made = head.xreplace(values)
        self.loses |= any(v.free_symbols - made.free_symbols for v in values.values())
        return made


def _list_bases(e: sympy.Expr) -> set[sympy.Expr]:
    """What an expression divides by, without the powers."""
    return {p.base for p in e.atoms(sympy.Pow) if p.exp.is_negative and p.base.free_symbols}


def _find_roots(base: sympy.Expr, u: sympy.Symbol) -> Iterator[sympy.Rational]:
    """Where a divisor is zero, as far as that is seen at once: rational roots of a polynomial, and zero."""
    if base.subs(u, 0) == 0:
        yield sympy.S.Zero
    polynomial = base.as_poly(u)
    if polynomial is not None and polynomial.domain.is_Exact and not polynomial.domain.is_EX:
        yield from (root for root in polynomial.ground_roots() if root.is_Rational)
