"""How far the lines of programs reach: the highest power of what is given that they compute on the way.

What is computed on the way overflows, or vanishes, long before the result does if its power is higher: by
``x*x/(r*r*r)``, where ``r`` is as large as ``x``, there is no value from 1e103 on, or from 1e13 on in 32 bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.program.lines import LEAVES, PRODUCTS, Kind, Line, Operand, list_exponents
from tracer.rules import argument, facts_of, list_positions
from tracer.scalar import expm1, hypot, log1p
from tracer.terms.numbers import exact

if TYPE_CHECKING:
    from tracer.program.program import Program

EXPONENTIAL = frozenset((sympy.exp, sympy.sinh, sympy.cosh, expm1))
"""Functions that are taken for unknowns of their own: their powers overflow before they do."""
SLOW = frozenset((sympy.log, log1p, sympy.sign))


class Degrees(NamedTuple):
    """The lowest and the highest power of what is given that a value is as large as."""

    low: float = 0
    high: float = 0

    @property
    def size(self) -> float:
        """The power, whatever its sign."""
        return max(abs(self.low), abs(self.high))

    def times(self, power: float) -> Degrees:
        """The degrees of a power."""
        return Degrees(*sorted((self.low * power, self.high * power)))


NONE, GIVEN, UNKNOWN = Degrees(), Degrees(1, 1), Degrees(-1, 1)


class Reach:
    """How far each of some lines reaches, found when it is asked for.

    Parameters
    ----------
    order : sequence of Line
        All lines but leaves, each after its operands; more may come to it.
    """

    def __init__(self, order: Sequence[Line]) -> None:
        self._order = order
        self._degrees: dict[Line, Degrees] = {}
        self._reach: dict[Operand, float] = {}

    def of(self, operand: Operand) -> float:
        """The highest power of what is given that is computed on the way to a line, or a number."""
        self._measure()
        return float(self._reach.get(operand, 0.0))

    def of_product(self, powers: Mapping[Line, int]) -> float:
        """The highest power on the way to a product of powers, above and below the bar of a fraction."""
        self._measure()
        sides = ([self._find_degrees(o).times(abs(e)) for o, e in powers.items() if e * s > 0] for s in (1, -1))
        return max(_add_up(tuple(side)).size for side in sides)

    def _measure(self) -> None:
        """Measure the lines that have come to the order."""
        for line in self._order[len(self._degrees) :]:
            known = tuple([self._find_degrees(o) for o in line.operands])
            inner = 0.0
            if line.op is Kind.ELEMENTWISE:
                powers = [k for k in list_exponents(line.params) if not isinstance(line.operands[k], Line)]
                template = line.params.xreplace({argument(k): exact(line.operands[k]) for k in powers})
                self._degrees[line], inner = _measure_template(template, known)
            else:
                self._degrees[line] = _add_up(known) if line.op in PRODUCTS else _join(known)
            self._reach[line] = max(
                [inner, *(d.size for d in known), *(self._reach.get(o, 0.0) for o in line.operands)]
            )

    def _find_degrees(self, operand: Operand) -> Degrees:
        """The degrees of an operand; of a leaf that is known there are none."""
        if not isinstance(operand, Line):
            return NONE
        return self._degrees[operand] if operand.op not in LEAVES else GIVEN if operand.op is Kind.ARGUMENT else NONE


def measure_reach(program: Program) -> list[float]:
    """The highest power of what is given that a program computes on the way to each of its results.

    Examples
    --------
    >>> import tracer
    >>> from tracer.program.program import Program
    >>> x, y = tracer.symbols("x y")
    >>> measure_reach(Program([x**3, (x**3 + y) / y**3], [x, y]))
    [1.0, 3.0]
    """
    reach = Reach(program.lines)
    return [reach.of(result) for result in program.results]


def _add_up(parts: tuple[Degrees, ...]) -> Degrees:
    """The degrees of a product."""
    return Degrees(sum(p.low for p in parts), sum(p.high for p in parts))


def _join(parts: tuple[Degrees, ...]) -> Degrees:
    """The degrees of a sum, or a choice."""
    return Degrees(min((p.low for p in parts), default=0), max((p.high for p in parts), default=0))


def _list_unbounded(choice: sympy.Piecewise) -> list[sympy.Expr]:
    """The values of a choice but for those that are chosen near a point alone, as a series is."""
    return [v for v, condition in choice.args if not (condition.func is sympy.And or condition.has(sympy.Abs))]


@lru_cache(maxsize=4096)
def _measure_template(e: sympy.Basic, known: tuple[Degrees, ...]) -> tuple[Degrees, float]:
    """The degrees of a template, given those of its arguments, and the highest power of what it is computed from."""
    if e.is_Symbol:
        return next((known[k] for k in list_positions(e)), NONE), 0
    if not e.args or e.is_number:
        return NONE, 0
    if e.is_Mul or (e.is_Pow and e.exp.is_Rational):
        return _measure_product(e, known)
    values = _list_unbounded(e) if isinstance(e, sympy.Piecewise) else e.args
    found = [_measure_template(v, known) for v in values]
    parts = tuple([degrees for degrees, _ in found])
    inner = max([*(size for _, size in found), *(p.size for p in parts)])
    if e.is_Pow or e.func in EXPONENTIAL:
        return UNKNOWN, inner
    if e.func in SLOW or (e.is_Function and not e.is_Piecewise and facts_of(e.func).bounded):
        return NONE, inner
    same = e.is_Add or isinstance(e, (sympy.Piecewise, sympy.Abs, hypot, sympy.Max, sympy.Min))
    return _join(parts if same else (*parts, NONE)), inner


def _measure_product(e: sympy.Expr, known: tuple[Degrees, ...]) -> tuple[Degrees, float]:
    """Those of a product or power: above and below the bar of a fraction, factors are multiplied by themselves."""
    sides: dict[bool, list[Degrees]] = {False: [], True: []}
    inner = 0.0
    for factor in sympy.Mul.make_args(e):
        base, power = factor.as_base_exp() if factor.is_Pow and factor.exp.is_Rational else (factor, sympy.S.One)
        degrees, size = _measure_template(base, known)
        inner = max(inner, size, degrees.size)
        sides[bool(power.is_negative)].append(degrees.times(abs(float(power))))
    above, below = (_add_up(tuple(sides[side])) for side in (False, True))
    # A quotient of a number by what overflows is zero, as it is.
    if above.size and below.size:
        inner = max(inner, above.size, below.size)
    return _add_up((above, below.times(-1))), inner
