"""Elementwise templates as Python: what arrays and floats have in common, sums over an index, mpmath for the rest."""

from __future__ import annotations

from abc import abstractmethod

import sympy

from tracer.backends.by_mpmath import SCIPY, by_mpmath, ends, is_loop, weighted
from tracer.backends.templates import Spelling, TemplateWriter
from tracer.program.lines import Line
from tracer.python_code import (
    AND,
    CHOICE,
    NOT,
    OR,
    TIMES,
    Code,
    add_terms,
    assemble,
    choose,
    infix,
    literal,
    name,
    prefix,
)
from tracer.python_scope import SCOPE, Scope
from tracer.rules import argument


def spell_operators() -> dict[sympy.Basic, Spelling]:
    """Templates that Python has an operator for."""
    a, b = argument(0), argument(1)
    return {
        sympy.floor(a / b): lambda e, x, y: x // y,
        a - b * sympy.floor(a / b): lambda e, x, y: x % y,
        sympy.Ne(a, a, evaluate=False): lambda e, x: x.differs(x),
    }


def spell_sum(e: Scope, line: Line, *terms: Code) -> Code:
    """A sum of lines."""
    return add_terms([(False, term) for term in terms])


class PythonTemplates(TemplateWriter):
    """Templates in Python; what is in no table is left to SciPy or mpmath."""

    def convert(self, code: Code) -> Code:
        """A value that a function over arrays has computed."""
        return code

    def other(self, expr: sympy.Basic) -> Code:
        """By mpmath, element by element.

        Raises
        ------
        TypeError
            If mpmath lacks it too.
        """
        if isinstance(expr, sympy.CRootOf):
            return self.number(sympy.Float(expr.evalf(17)))
        try:
            return self.convert(by_mpmath(expr, self.bound))
        except NotImplementedError:
            raise TypeError(
                f"there is no numeric form of {expr}; write it with functions that sympy can evaluate"
            ) from None

    def function(self, expr: sympy.Basic) -> Code:
        """The call of a function."""
        if isinstance(expr, sympy.polygamma) and expr.args[0] == 0:
            return self.convert(self.scope.special.digamma(self.part(expr.args[1])))
        spelling = None if expr.func in self.functions else SCIPY.get((expr.func, len(expr.args)))
        if spelling is not None:
            return self.convert(spelling(self.scope, *map(self.part, expr.args)))
        return super().function(expr)

    @abstractmethod
    def indices(self, first: Code, last: Code) -> Code:
        """The numbers from the first to the last."""

    def nothing(self, names: list[Code]) -> Code:
        """Zero in the shape of the operands."""
        return literal(0.0)

    def series(self, expr: sympy.Basic) -> Code:
        """A loop over the terms where their number is known.

        The operands are passed to it as arguments, so that no name of an index can stand for them:
        ``(lambda u0: sum((u0**k1 for k1 in range(0, 4 + 1)), 0.0))(x)``.
        """
        depth = sum(1 for s in self.bound if s.name.startswith("k"))
        if isinstance(expr, sympy.Integral) or (not depth and not is_loop(expr)):
            return self.other(expr)
        symbols = [] if depth else sorted(expr.free_symbols, key=str)
        index, first, last = ends(expr)
        k = sympy.Symbol(f"k{depth + 1}", real=True)
        names = {s: sympy.Symbol(f"u{n}", real=True) for n, s in enumerate(symbols)}
        weight, rest = (e.xreplace({index: k, **names}) for e in weighted(expr))
        outer = self.bound
        self.bound = {**outer, **{s: name(s.name) for s in names.values()}}
        each = self.indices(self.part(first), self.part(last))
        self.bound = {**self.bound, k: name(k.name)}
        term, start = self.part(rest), literal(0.0 if isinstance(expr, sympy.Sum) else 1.0)
        condition: tuple[str | tuple[Code, int], ...] = ()
        if weight != 1:
            factor = self.part(weight)
            term = infix(factor, "*", term, TIMES)
            # Terms of weight zero are left out, perhaps all of them: the sum has the operands' shape all the same.
            condition = (" if ", (factor, OR))
            if symbols:
                start = self.nothing([name(s.name) for s in names.values()])
        self.bound = outer
        terms = assemble("(", (term, CHOICE), f" for {k} in ", (each, OR), *condition, ")")
        whole = SCOPE.sum(terms, start) if isinstance(expr, sympy.Sum) else SCOPE.math.prod(terms, start=start)
        if not symbols:
            return whole
        function = assemble(f"(lambda {', '.join(s.name for s in names.values())}: ", (whole, CHOICE), ")")
        return function(*(self.symbol(s) for s in symbols))


class NumberTemplates(PythonTemplates):
    """Templates over Python's numbers, by its module ``math``."""

    name = "math"

    shortest_product = 2

    def convert(self, code: Code) -> Code:
        """A value that a function over arrays has computed."""
        return SCOPE.float(code)

    def root(self, base: Code) -> Code:
        """A square root."""
        return SCOPE.math.sqrt(base)

    def any_power(self, base: Code, power: Code) -> Code:
        """Any power."""
        return SCOPE.math.pow(base, power)

    def choose(self, test: Code, value: Code, otherwise: Code) -> Code:
        """A choice between two values."""
        return choose(test, value, otherwise)

    def join(self, codes: list[Code], sign: str, level: int) -> Code:
        """Conditions with ``and`` or ``or`` between them."""
        word, level = ("and", AND) if sign == "&" else ("or", OR)
        return super().join(codes, word, level)

    def negation(self, expr: sympy.Basic) -> Code:
        """The contrary of a condition."""
        return prefix("not ", self.part(expr.args[0]), NOT)

    def constant(self, expr: sympy.Basic) -> Code:
        """A constant of mathematics."""
        names = {sympy.pi: SCOPE.math.pi, sympy.E: SCOPE.math.e, sympy.oo: SCOPE.math.inf, sympy.nan: SCOPE.math.nan}
        return names[expr] if expr in names else super().constant(expr)

    def indices(self, first: Code, last: Code) -> Code:
        """The numbers from the first to the last."""
        return SCOPE.range(first, last + 1)
