"""Sums whose terms share factors: ``a*b + a*c`` is computed as ``a*(b + c)``, and ``a/c + b/c`` as ``(a + b)/c``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import sympy

from tracer.dtypes import FLOATS
from tracer.program.building import Lines
from tracer.program.line_products import split_powers
from tracer.program.lines import MINUS, NEGATIVE, PLUS, Kind, Line, Operand, broadcast
from tracer.program.optimise import substitute
from tracer.program.reach import Reach
from tracer.python_scope import shape_of
from tracer.rules import argument

Factor: TypeAlias = "tuple[Line, bool] | float"
"""A line, and whether it is divided by; or the size of a number."""

Powers: TypeAlias = "Mapping[Line, int]"

MOST = 16
"""Products of more factors are factors themselves."""


class Term(NamedTuple):
    """A number times powers of lines.

    Attributes
    ----------
    number : int or float
    powers : mapping
        Of lines.
    sign : int
    value : Line or number or None
        With the sign, what the term is as it stands; None if it does not stand anywhere yet.
    """

    number: int | float
    powers: Powers
    sign: int = 1
    value: Operand | None = None

    def list_factors(self) -> list[Factor]:
        """What may stand in front of a sum that the term is in; nothing where that would be all of it."""
        found: list[Factor] = [(line, power < 0) for line, power in self.powers.items()]
        if abs(self.number) != 1:
            found.append(abs(self.number))
        return found if len(found) > 1 or any(abs(p) > 1 for p in self.powers.values()) else []


def factor_sums(lines: Lines, order: Sequence[Line], results: Collection[Operand]) -> dict[Line, Operand]:
    """Compute sums of lines by the factors that their terms share; the new values of lines that are needed no longer.

    Nothing is taken apart that is used more than once, and no sum is written such that it overflows earlier.

    Parameters
    ----------
    lines : Lines
        Where new lines are made.
    order : sequence of Line
        All lines, in an order in which they are computed.
    results : collection
    """
    kept = {r for r in results if isinstance(r, Line)}
    alone = {line for line in order if line.uses == 1} - kept
    inner = {o for line in order if is_sum(line) for o in line.operands if isinstance(o, Line) and o in alone}
    reach = Reach(lines.made)
    replaced: dict[Line, Operand] = {}
    for line in order:
        if is_sum(line) and line not in inner:
            value = _Sum(lines, alone, kept, reach, replaced, line).factor()
            if value is not None:
                replaced[line] = value
    return replaced


def is_sum(line: Line) -> bool:
    """Whether a line adds or subtracts floats."""
    if line.dtype not in FLOATS:
        return False
    return line.op is Kind.ADD or (line.op is Kind.ELEMENTWISE and line.params in (PLUS, MINUS, NEGATIVE))


class _Sum:
    """One sum, and what it is made of.

    Parameters
    ----------
    lines : Lines
    alone : collection of Line
        What is used once.
    kept : collection of Line
        The results.
    reach : Reach
        Of the lines.
    replaced : mapping
        What takes the place of lines.
    root : Line
        The sum.
    """

    def __init__(
        self,
        lines: Lines,
        alone: Collection[Line],
        kept: Collection[Line],
        reach: Reach,
        replaced: Mapping[Line, Operand],
        root: Line,
    ) -> None:
        self.lines, self.alone, self.kept = lines, alone, kept
        self.reach, self.replaced, self.root = reach, replaced, root
        self.changed = False

    def factor(self) -> Operand | None:
        """The sum by factors; None where its terms share none."""
        value = self._write_sum(self._read_sum(1, self.root))
        return value if self.changed and shape_of(value) == self.root.shape else None

    def _read_sum(self, sign: int, whole: Line) -> list[Term]:
        """The terms of a sum, and of the sums among them that are used once."""
        found: list[tuple[int, Operand]] = []
        todo: list[tuple[int, Operand]] = [(sign, whole)]
        while todo:
            sign, value = todo.pop()
            if value is whole or (
                isinstance(value, Line) and value in self.alone and is_sum(value) and value.shape == whole.shape
            ):
                signs = {MINUS: (1, -1), NEGATIVE: (-1,)}.get(value.params, (1,) * len(value.operands))
                todo += [
                    (sign * s, o) for s, o in zip(reversed(signs), reversed(substitute(self.replaced, value.operands)))
                ]
            else:
                found.append((sign, value))
        counts = Counter(value for _, value in found if isinstance(value, Line))
        return [
            self._read_product(sign, value, value not in self.kept and counts[value] == getattr(value, "uses", 0))
            for sign, value in found
        ]

    def _read_product(self, sign: int, value: Operand, alone: bool) -> Term:
        """A term as a number times powers of lines; whether it is used in the sum alone, be it more than once."""
        whole = Term(sign, {value: 1}, sign, value) if isinstance(value, Line) else Term(sign * value, {}, sign, value)
        number: int | float = sign
        powers: Counter[Line] = Counter()
        todo: list[tuple[int, Operand]] = [(1, value)]
        while todo:
            power, part = todo.pop()
            if not isinstance(part, Line):
                if type(part) not in (int, float) or power != 1:
                    return whole
                number *= part
                continue
            opened = part.op is Kind.ELEMENTWISE and (part in self.alone or (alone and part is value))
            split = split_powers(part.params) if opened else None
            if split is None or (power != 1 and abs(split[0]) != 1) or part.dtype != self.root.dtype:
                powers[part] += power
            else:
                number *= split[0] ** abs(power)
                operands = substitute(self.replaced, part.operands)
                todo += [(power * e, operands[k]) for k, e in reversed(split[1])]
            if len(powers) > MOST:
                return whole
        lost = any(e == 0 and line.partial for line, e in powers.items())
        return whole if number == 0 or lost else Term(number, {line: e for line, e in powers.items() if e}, sign, value)

    def _write_sum(self, terms: Sequence[Term]) -> Operand:
        """The sum of terms, those with a common factor as one product."""
        terms = self._join_equal(terms)
        counts = Counter(factor for term in terms for factor in term.list_factors())
        groups: dict[Factor | int, list[Term]] = {}
        for k, term in enumerate(terms):
            best = max(term.list_factors(), key=lambda f: (counts[f], isinstance(f, tuple)), default=None)
            groups.setdefault(-k if best is None or counts[best] == 1 else best, []).append(term)
        whole = len(groups) == 1
        return self._add_up([signed for group in groups.values() for signed in self._write_group(group, whole)])

    def _write_group(self, group: Sequence[Term], whole: bool) -> list[tuple[int, Operand]]:
        """Terms with signs, as one product if they have a common factor and that is no longer.

        A product that is the whole sum has its sign by itself.
        """
        if len(group) == 1:
            return [self._write_term(group[0])]
        number = abs(group[0].number) if len({abs(t.number) for t in group}) == 1 else 1
        sign = 1 if any(t.number > 0 for t in group) else -1
        common = _find_common([t.powers for t in group])
        rests = [_divide(t, sign * number, common) for t in group]
        spread = len({broadcast(rest.powers) for rest in rests}) > 1
        if spread or not self._is_safe([common, *(rest.powers for rest in rests)]):
            return [self._write_term(t) for t in group]
        self.changed = True
        rest = self._write_sum([term for rest in rests for term in self._open_sum(rest)])
        if whole:
            return [(1, self._write_product(sign * number, common, rest))]
        return [(sign, self._write_product(number, common, rest))]

    def _open_sum(self, term: Term) -> list[Term]:
        """The terms of a sum that is used once and is multiplied by nothing; others as they are."""
        for line, power in term.powers.items():
            if len(term.powers) == power == abs(term.number) == 1 and line in self.alone and is_sum(line):
                return self._read_sum(int(term.number), line)
        return [term]

    def _join_equal(self, terms: Sequence[Term]) -> list[Term]:
        """The terms, numbers of the same powers added up."""
        found: dict[Hashable, Term] = {}
        for k, term in enumerate(terms):
            key = frozenset(term.powers.items()) or k
            if key in found and found[key].number + term.number == 0 and any(line.partial for line in term.powers):
                key = k
            if key in found:
                self.changed = True
                term = Term(found[key].number + term.number, term.powers)
            found[key] = term
        return [term for term in found.values() if term.number != 0 or not term.powers]

    def _is_safe(self, products: Iterable[Powers]) -> bool:
        """Whether no product on the way reaches further than the sum did."""
        return all(self.reach.of_product(powers) <= self.reach.of(self.root) for powers in products)

    def _write_term(self, term: Term) -> tuple[int, Operand]:
        """A term and its sign."""
        if term.value is not None:
            return term.sign, term.value
        return (1 if term.number > 0 else -1), self._write_product(abs(term.number), term.powers)

    def _write_product(self, number: int | float, powers: Powers, rest: Operand = 1) -> Operand:
        """A number times powers of lines, those of few axes first, times a rest."""
        factors: list[tuple[Operand, int]] = [] if type(number) is int else [(number, 1)]
        factors += sorted(powers.items(), key=lambda row: row[0].ndim)
        factors += [] if type(rest) is int and rest == 1 else [(rest, 1)]
        if not factors:
            return number
        template = _write_template(number if type(number) is int else 1, tuple([power for _, power in factors]))
        return self.lines.elementwise(template, [operand for operand, _ in factors], self.root.dtype)

    def _add_up(self, terms: Sequence[tuple[int, Operand]]) -> Operand:
        """A sum of terms with signs, those that are not subtracted first."""
        above, below = (self._add([value for sign, value in terms if sign == wanted]) for wanted in (1, -1))
        if below is None:
            return 0.0 if above is None else above
        template, operands = (NEGATIVE, [below]) if above is None else (MINUS, [above, below])
        return self.lines.elementwise(template, operands, self.root.dtype)

    def _add(self, values: Sequence[Operand]) -> Operand | None:
        """The sum of values; None of none."""
        if len(values) > 2:
            return self.lines.sum(values, broadcast(values), self.root.dtype)
        return self.lines.elementwise(PLUS, values, self.root.dtype) if len(values) == 2 else next(iter(values), None)


@lru_cache(maxsize=4096)
def _write_template(number: int, powers: tuple[int, ...]) -> sympy.Expr:
    """A number times powers of the arguments."""
    return sympy.Mul(number, *(argument(k) ** power for k, power in enumerate(powers)))


def _find_common(products: Sequence[Powers]) -> Powers:
    """The powers that all products have."""
    found = dict(products[0])
    for powers in products[1:]:
        for line, e in [*found.items()]:
            other = powers.get(line, 0)
            if e * other <= 0:
                del found[line]
            elif abs(other) < abs(e):
                found[line] = other
    return found


def _divide(term: Term, number: int | float, powers: Powers) -> Term:
    """A term over a number, which is its own size or one, and powers."""
    rest = {line: e - powers.get(line, 0) for line, e in term.powers.items()}
    left = term.number / number if abs(number) != 1 else term.number * number
    return Term(int(left) if abs(left) == 1 else left, {line: e for line, e in rest.items() if e})
