"""Making lines: each common subexpression once, simplified where the operands allow it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import sympy

from tracer.dtypes import FLOATS
from tracer.program.array_rewrites import rewrite_arrays
from tracer.program.line_products import (
    cancel_quotients,
    fold_factor,
    is_partial,
    is_zero_product,
    join_reciprocal,
    split_product,
)
from tracer.program.lines import (
    MINUS,
    NEGATIVE,
    OVER,
    PLUS,
    Kind,
    Line,
    Operand,
    Written,
    as_number,
    broadcast,
    compact,
)
from tracer.program.optimise import absorb_signs, decide, fold_sign, fold_sums, simplify, split_functions
from tracer.program.placed import has_zeros, is_finite, keep_zeros
from tracer.program.quotients import continue_quotient, divides, has_logarithm, is_analytic, list_divisors, write_sum
from tracer.program.rewriting import rewrite
from tracer.progress import tick
from tracer.python_code import Number
from tracer.python_scope import shape_of
from tracer.rules import Op, argument
from tracer.shapes import Dim, Shape

if TYPE_CHECKING:
    from tracer.tensor import Tensor


VAIN = 100
"""So many quotients without a series are looked at in one program."""

LONGEST_SUM = 16
"""Sums of more terms are not looked at."""


class Lines:
    """Lines that are being made, each common subexpression once.

    Parameters
    ----------
    stable : bool
        Whether what loses digits is written anew, by the table of rewrites.

    Attributes
    ----------
    made : list of Line
        In an order in which they may be computed.
    constants : list of Line
    dimensions : dict
        The line of each symbol.
    """

    def __init__(self, stable: bool = True) -> None:
        self.stable = stable
        self.made: list[Line] = []
        self.constants: list[Line] = []
        self.dimensions: dict[sympy.Symbol, Line] = {}
        self._memo: dict[Hashable, Line] = {}
        self._count = 0
        self._vain = 0
        self._divisors: dict[Line, frozenset[Operand]] = {}
        self._plain: dict[Line, Written] = {}
        self._continued: set[Line] = set()
        self._written: dict[Line, Written] = {}

    def leaf(self, kind: Kind, leaf: Tensor | sympy.Symbol, shape: Shape, dtype: str) -> Line:
        """A line that is not computed."""
        self._count += 1
        line = Line(kind, (), None, shape, dtype, self._count, leaf)
        if kind is Kind.CONSTANT:
            self.constants.append(line)
        return line

    def add(self, op: Kind | Op, operands: Sequence[Operand], params: object, shape: Shape, dtype: str) -> Line:
        """The line of an operation, made when it is new."""
        key = (op, params, shape, dtype, *[o if type(o) is Line else _key_of(o) for o in operands])
        line = self._memo.get(key)
        if line is None:
            self._count += 1
            line = self._memo[key] = Line(op, tuple(operands), params, shape, dtype, self._count)
            line.finite = is_finite(op, params, operands)
            line.partial = not line.finite and is_partial(op, params, operands)
            line.sparse = has_zeros(op, params, operands)
            self.made.append(line)
        return line

    def elementwise(
        self, template: sympy.Basic, operands: Sequence[Operand], dtype: str, split: bool = False, loose: bool = False
    ) -> Operand:
        """A function of the elements of lines and numbers, simplified.

        Functions in it may be split off as lines; its shape may have to be one that broadcasts to theirs alone.
        """
        tick()
        template, chosen = _compact(template, operands)
        if template.is_Mul and template != NEGATIVE:
            template, chosen = fold_factor(*self._fold_size(template, chosen))
            template, chosen = self._cancel_factor(template, chosen)
            if self.stable and dtype in FLOATS:
                template, chosen = join_reciprocal(*cancel_quotients(template, chosen, loose, self._plain))
            template, chosen = _compact(template, chosen)
            if template.is_Number:
                return float(template)
            if is_zero_product(template, chosen):
                return 0.0
        elif template in (PLUS, MINUS):
            template, chosen = fold_sign(template, [chosen[0], self._turn_product(chosen[1])])
        elif not template.is_Symbol:
            template, chosen = absorb_signs(template, chosen)
        if self.stable and dtype in FLOATS and (found := rewrite(template, chosen, self._written)) is not None:
            values, steps = found
            for step, used in steps:
                step, own = decide(step, [values[k] for k in used])
                values.append(float(step) if step.is_Number else self._add_elementwise(step, own, dtype, split))
            if type(values[-1]) is Line:
                self._written.setdefault(values[-1], (template, chosen))
                self._note_divisors(values[-1], template, chosen)
            return values[-1]
        return self._add_elementwise(template, chosen, dtype, split)

    def _add_elementwise(
        self, template: sympy.Basic, operands: Sequence[Operand], dtype: str, split: bool = False
    ) -> Operand:
        """A function of the elements, as it is."""
        simpler = simplify(template, operands)
        if simpler is not None:
            return simpler
        template, operands = fold_sums(template, operands)
        kept = keep_zeros(self, template, operands, dtype)
        if kept is not None:
            return kept
        if self.stable and dtype in FLOATS and (other := rewrite_arrays(self, template, operands, dtype)) is not None:
            return self.elementwise(*other, dtype)
        if self.stable and dtype in FLOATS:
            found = self._continue(template, operands)
            if found is not None:
                return self._add_continued(*found, template, operands, dtype)
        if split:
            functions, template = split_functions(template)
            values = [self._add_elementwise(*_compact(f, operands), dtype) for f in functions]
            template, operands = _compact(template, [*operands, *values])
        line = self.add(Kind.ELEMENTWISE, operands, template, broadcast(operands), dtype)
        self._note_divisors(line, template, operands)
        return line

    def sum(self, operands: Sequence[Operand], shape: Shape, dtype: str) -> Line:
        """The sum of lines and numbers."""
        if self.stable and dtype in FLOATS and len(operands) <= LONGEST_SUM:
            found = self._continue(write_sum(len(operands)), operands)
            if found is not None and broadcast(found[1]) == shape:
                return self._add_continued(*found, write_sum(len(operands)), operands, dtype)
            groups = self._group_terms(operands) if found is None else []
            if 1 < len(groups) < len(operands):
                parts = [self.sum(g, broadcast(g), dtype) if len(g) > 1 else g[0] for g in groups]
                if any(type(part) is Line and self.is_continued(part) for part in parts):
                    return self._add_up(parts, shape, dtype)
        return self._add_up(operands, shape, dtype)

    def _add_up(self, operands: Sequence[Operand], shape: Shape, dtype: str) -> Line:
        """The sum of lines and numbers, as it is."""
        return self.add(Kind.ADD, operands, None, shape, dtype)

    def _divides(self, template: sympy.Basic, operands: Sequence[Operand]) -> bool:
        """Whether something is divided by in a template, or in what its operands are."""
        return divides(template) or any(o in self._divisors for o in operands if type(o) is Line)

    def _note_divisors(self, line: Line, template: sympy.Basic, operands: Sequence[Operand]) -> None:
        """Note what is divided by in a line, and in what its operands are."""
        found: set[Operand] = {operands[k] for k in list_divisors(template)}
        if not found and divides(template):
            found = {o for o in operands if type(o) is Line}
        found.update(*(self._divisors.get(o, ()) for o in operands if type(o) is Line))
        if found:
            self._divisors[line] = frozenset(found)

    def _group_terms(self, operands: Sequence[Operand]) -> list[list[Operand]]:
        """The terms of a sum by what is divided by in them: together if they share a divisor, or have none."""
        groups: list[tuple[set[Operand], list[Operand]]] = []
        others: list[Operand] = []
        for operand in operands:
            own = set(self._divisors.get(operand, ())) if type(operand) is Line else set()
            if not own:
                others.append(operand)
                continue
            joined = [operand]
            for group in [g for g in groups if not g[0].isdisjoint(own)]:
                groups.remove(group)
                own |= group[0]
                joined = [*group[1], *joined]
            groups.append((own, joined))
        found = [terms for _, terms in groups]
        return [*found, others] if others and found else found or [others]

    def _continue(self, template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, list[Operand]] | None:
        """A quotient, or a sum that cancels at zero, with its series; it is not looked for in vain for ever."""
        cancels = template.is_Add and any(type(o) is Line and is_analytic(o) for o in operands)
        vanishes = template.is_Mul and any(type(o) is Line and has_logarithm(o) for o in operands)
        if self._vain == VAIN or not (cancels or vanishes or self._divides(template, operands)):
            return None
        found = continue_quotient(template, operands, self._plain, self._view)
        if found is None and self._written:
            found = continue_quotient(template, operands, ChainMap(self._plain, self._written), self._view)
        self._vain += found is None
        return found

    def _view(self, line: Line, operand: Line) -> Line:
        """The view of an operand that a line is of its own."""
        return self.add(line.op, [operand], line.params, line.shape, operand.dtype)

    def _add_continued(
        self,
        continued: sympy.Basic,
        leaves: list[Operand],
        template: sympy.Basic,
        operands: Sequence[Operand],
        dtype: str,
    ) -> Line:
        """A quotient by its series, of which it is kept what it was."""
        line = self.add(Kind.ELEMENTWISE, leaves, continued, broadcast(leaves), dtype)
        # What was said of it first is made of lines before it alone.
        self._plain.setdefault(line, (template, operands))
        self._continued.add(line)
        self._note_divisors(line, template, operands)
        return line

    def is_continued(self, line: Line) -> bool:
        """Whether a line is a quotient with its series."""
        return line in self._continued

    def describe(self, line: Operand, template: sympy.Basic, operands: Sequence[Operand]) -> None:
        """Let a line be read as a function that it is equal to, where quotients are looked at."""
        if type(line) is Line:
            self._plain.setdefault(line, (template, operands))

    def _cancel_factor(self, template: sympy.Basic, operands: list[Operand]) -> tuple[sympy.Basic, list[Operand]]:
        """A product in which the number in front does not undo one within a factor."""
        factor, rest, alone = split_product(template)
        for k in alone if abs(factor) != 1 else ():
            operand = operands[k]
            if type(operand) is Line and operand.op is Kind.ELEMENTWISE and operand.dtype in FLOATS:
                inner, others = operand.params.as_coeff_Mul()
                if abs(factor * inner) == 1:
                    operand = self.elementwise(others, operand.operands, operand.dtype)
                    return factor * inner * rest, [*operands[:k], operand, *operands[k + 1 :]]
        return template, operands

    def _turn_product(self, value: Operand) -> Operand:
        """A product with a sign, or a negative number, in front as the negative of one, which a sum subtracts."""
        if type(value) is not Line or value.op is not Kind.ELEMENTWISE or len(value.operands) < 2:
            return value
        if not value.params.is_Mul:
            return value
        template, operands = value.params, list(value.operands)
        number, _, alone = split_product(template)
        below = {k: o for k in alone if isinstance(o := operands[k], float) and o < 0}
        if number < 0:
            template = -template
        elif below:
            k, o = below.popitem()
            operands[k] = -o
        else:
            return value
        product = self.elementwise(template, operands, value.dtype)
        return self.add(Kind.ELEMENTWISE, [product], NEGATIVE, value.shape, value.dtype)

    def _fold_size(self, template: sympy.Basic, operands: list[Operand]) -> tuple[sympy.Basic, list[Operand]]:
        """A product with a size, which takes the number in front; a quotient where it is one over another size."""
        if not any(type(o) is Line and (o.op is Kind.SIZE or o.params == OVER) for o in operands):
            return template, operands
        factor, rest, alone = split_product(template)
        for k in alone:
            operand = operands[k]
            if type(operand) is not Line or operand.shape:
                continue
            if operand.op is Kind.SIZE and factor.is_Rational:
                size = factor * operand.params
                top, bottom = sympy.fraction(size)
                if abs(top) == 1 and len(operands) > 1:
                    return top * rest / argument(k) ** 2, [*operands[:k], self.dimension(bottom), *operands[k + 1 :]]
                return rest, [*operands[:k], self.dimension(size), *operands[k + 1 :]]
            if operand.params == OVER and operand.operands[0] == 1 and len(operands) > 1:
                return template / argument(k) ** 2, [*operands[:k], operand.operands[1], *operands[k + 1 :]]
        return template, operands

    def dimension(self, dim: Dim) -> Operand:
        """The line of a dimension, or of an expression in dimensions; a number where it is one."""
        if isinstance(dim, int) or not dim.free_symbols:
            return as_number(dim)
        if isinstance(dim, sympy.Symbol):
            if dim not in self.dimensions:
                self.dimensions[dim] = self.leaf(Kind.DIMENSION, dim, (), "int64")
            return self.dimensions[dim]
        symbols = sorted(dim.free_symbols, key=str)
        sizes = [self.dimension(s) for s in symbols]
        if dim.is_integer or dim.is_rational_function():
            return self.add(Kind.SIZE, sizes, dim, (), "int64" if dim.is_integer else "float64")
        return self.elementwise(dim.xreplace({s: argument(k) for k, s in enumerate(symbols)}), sizes, "float64")

    def cast(self, value: Operand, dtype: str) -> Operand:
        """A value of a dtype; it may be an integer (a count, or a number) where it must not be one."""
        if dtype == "bool":
            return bool(value) if type(value) is int and value in (0, 1) else value
        if dtype not in FLOATS:
            return value
        if type(value) is not Line:
            return float(value) if type(value) is int else value
        if value.dtype in FLOATS:
            return value
        return self.add(Kind.CAST, [value], None, value.shape, dtype)

    def narrow(self, value: Operand, dtype: str) -> Operand:
        """An integer operand of a float32 result, which NumPy would widen to float64."""
        if type(value) is Line and value.dtype in ("int32", "int64"):
            return self.add(Kind.CAST, [value], None, value.shape, dtype)
        return value

    def numbers(self, operands: Sequence[Operand], dtype: str) -> list[Operand]:
        """Operands, of which the numbers are floats where no line makes a float of a result of floats."""
        if dtype not in FLOATS:
            return list(operands)
        for operand in operands:
            if type(operand) is Line and operand.dtype in FLOATS:
                return list(operands)
        return [self.cast(o, dtype) if type(o) is not Line else o for o in operands]

    def spread(self, value: Operand, shape: Shape, dtype: str) -> Operand:
        """A value repeated to a shape."""
        if shape_of(value) == shape:
            return value
        return self.add(Kind.BROADCAST, [self.cast(value, dtype)], None, shape, dtype)


def _compact(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, list[Operand]]:
    """A template and the operands that it uses."""
    template, used = compact(template)
    return template, [operands[k] for k in used]


def _key_of(number: Number) -> tuple[type, Number | str]:
    """What tells numbers apart: their types and, of zeros, their signs too."""
    return type(number), number or repr(number)
