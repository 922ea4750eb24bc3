"""A product while it is put in order: products inside of it are taken apart, equal factors collected as powers."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sympy
from sympy.logic.boolalg import BooleanAtom

from tracer.shapes import Dim
from tracer.terms.decomposition import split_scale
from tracer.terms.facts import is_nonnegative, is_positive
from tracer.terms.failures import FormulaError
from tracer.terms.numbers import ONE, ZERO, raise_number
from tracer.terms.record import Call, Factor, Labels, Product, Term, is_call, is_elementwise, is_one, operands

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser


class Factors:
    """The factors of a product in normal terms, none of which is a product that could be taken apart.

    Attributes
    ----------
    scale : sympy.Expr
        The number in front.
    factors : list of (term, labels, power)
    out : tuple of int
        The labels of the result.
    sizes : dict
        The sizes of labels.
    """

    __slots__ = ("_counter", "_parent", "factors", "n", "out", "scale", "sizes")

    def __init__(self, n: Normaliser, t: Product) -> None:
        self.n = n
        self.scale = t.scale
        self.out = t.out
        self.sizes: dict[int, Dim] = dict(enumerate(t.sizes))
        self.factors: list[Factor] = []
        self._parent: dict[int, int] = {}
        self._counter = itertools.count(len(t.sizes))
        for factor in t.factors:
            self.multiply(*factor)
        self._settle()

    def fresh(self, size: Dim) -> int:
        """A label of its own."""
        label = next(self._counter)
        self.sizes[label] = size
        return label

    def find(self, label: int) -> int:
        """The label that stands for a label."""
        while label in self._parent:
            label = self._parent[label]
        return label

    def unite(self, a: int, b: int) -> None:
        """Make two labels one: the value is zero where they differ."""
        a, b = sorted((self.find(a), self.find(b)))
        if a != b:
            self._parent[b] = a

    def _settle(self) -> None:
        """Write out what was united."""
        if self._parent:
            self.factors = [(t, tuple(map(self.find, i)), e) for t, i, e in self.factors]
            self.out = tuple(map(self.find, self.out))

    def summed(self) -> set[int]:
        """The labels that are summed over."""
        return {k for _, i, _ in self.factors for k in i}.difference(self.out)

    def degree(self) -> Counter[int]:
        """How many times each label stands at a factor."""
        return Counter(k for _, i, _ in self.factors for k in i)

    def multiply(self, term: Term, labels: Labels, power: sympy.Expr) -> None:
        """Multiply by a power of a term, taken apart as far as that is not expanding."""
        todo = [(term, labels, power)]
        while todo:
            term, labels, power = todo.pop()
            if not power:
                continue
            if not isinstance(term, Product):
                self._multiply_by_atom(term, labels, power)
            elif power is ONE:
                names: dict[int, int] = {}
                for inner, outer in zip(term.out, labels):
                    if inner in names:
                        self.unite(names[inner], outer)
                    else:
                        names[inner] = outer
                for k, size in enumerate(term.sizes):
                    if k not in names:
                        names[k] = self.fresh(size)
                # A condition that always holds, or never, stands alone: it is repeated, not multiplied.
                self.scale = term.scale if isinstance(term.scale, BooleanAtom) else self.scale * term.scale
                todo += [(t, tuple(names[k] for k in i), e) for t, i, e in reversed(term.factors)]
            else:
                todo += self._raise_product(term, labels, power)

    def _multiply_by_atom(self, term: Term, labels: Labels, power: sympy.Expr) -> None:
        """Multiply by a power of a source, sum or function."""
        if power is not ONE and isinstance(term, Call) and term.head is sympy.exp:
            term, power = self.n.call(sympy.exp, [self.n.scaled(power, term.args[0])]), ONE
            if not isinstance(term, Call):
                self.multiply(term, labels, ONE)
                return
        if _is_even_abs(term, power):
            self.multiply(operands(term)[0], labels, power)
            return
        self.factors.append((term, labels, power))

    def _put_labels_in_order(self) -> None:
        """Sums and functions in the better of their two orientations, axes that may be exchanged in one order.

        A term that stands alone has no better orientation: its transpose goes inside, unless it is summed over.
        """
        alone = len(self.factors) == 1 and set(self.factors[0][1]) <= {*self.out}
        self.factors = [self._sort_labels(*(f if alone else self._orient(*f))) for f in self.factors]

    def _orient(self, term: Term, labels: Labels, power: sympy.Expr) -> Factor:
        """A power of a matrix, or of its transpose where that comes first in the order of terms."""
        if len(term.shape) == 2 and is_elementwise(term):
            sign, other = split_scale(self.n.transposed(term))
            if other.order < term.order and not isinstance(other, Product) and (sign == 1 or power.is_integer):
                self.scale *= sign**power
                return other, labels[::-1], power
        return term, labels, power

    def _sort_labels(self, term: Term, labels: Labels, power: sympy.Expr) -> Factor:
        """One order of the labels of axes that may be exchanged, as those of a symmetric matrix."""
        if [*labels] != sorted(labels):
            labels, sign = self.n.exchanges(term, power).sort(labels)
            if sign == -1:
                self.scale = -self.scale
        return term, labels, power

    def _raise_product(self, term: Product, labels: Labels, power: sympy.Expr) -> list[Factor]:
        """The factors of a power of a product; what a root can't be drawn of factor by factor stays one factor."""
        if term.scale is ZERO:
            # There is no number that is one over zero: its sign is not known, so it is no infinity.
            self.scale = ZERO if power.is_positive else sympy.nan
            return []
        if len(set(term.out)) < len(term.out):
            if not (power.is_integer and power.is_positive):
                raise FormulaError(
                    f"the power {power} of a diagonal matrix, element by element, has no closed form off the diagonal; "
                    'the forms "steps" and, for concrete shapes, "components" are available: '
                    'tracer.formula(tensor, form="steps")'
                )
            for k, outer in zip(term.out, labels):
                self.unite(labels[term.out.index(k)], outer)
        names = dict(zip(term.out, labels))
        parts = [self._close_block(block, term) for block in connected_blocks(term.factors, _summed_labels(term))]
        if power.is_integer:
            self.scale *= raise_number(term.scale, power)
            whole: list[Factor] = [(t, i, e * power) for t, i, e in parts]
            rooted: list[Factor] = []
            sign = ONE
        else:
            size = sympy.Abs(term.scale)
            self.scale *= raise_number(size, power)
            sign = term.scale / size
            whole, rooted = self._draw_root(parts, power)
            if sign == 1 and len(rooted) == 1 and rooted[0][2] == 1:
                ((t, i, _),) = rooted
                whole.append((t, i, power))
                rooted = []
        if rooted or sign != 1:
            open_ = sorted({k for _, i, _ in rooted for k in i if k in names})
            base = self.n.product(sign, rooted, tuple(open_), dict(enumerate(term.sizes)))
            self.factors.append((base, tuple(names[k] for k in open_), power))
        again: list[Factor] = []
        for t, i, e in whole:
            here = (t, tuple(names[k] if k in names else self.fresh(1) for k in i), e)
            (self.factors if isinstance(t, Product) and e is not ONE else again).append(here)
        return again

    def _close_block(self, block: list[Factor], whole: Product) -> Factor:
        """Factors that hang together by sums, as one factor whose labels are those of the result."""
        if len(block) == 1 and all(k in whole.out or is_one(whole.sizes[k]) for k in block[0][1]):
            return block[0]
        open_ = tuple(sorted({k for _, i, _ in block for k in i if k in whole.out}))
        return self.n.product(ONE, block, open_, dict(enumerate(whole.sizes))), open_, ONE

    def _draw_root(self, parts: Iterable[Factor], power: sympy.Expr) -> tuple[list[Factor], list[Factor]]:
        """Factors that a root goes to, raised to it, and those that it does not: ``x`` is no square of ``sqrt(x)``.

        Beside a factor of unknown sign a root goes to positive ones only: ``sqrt(relu(x)*y)`` is zero where ``relu(x)``
        is, and ``sqrt(relu(x))*sqrt(y)`` is not a number where ``y`` is negative.
        """
        whole: list[Factor] = []
        zeros: list[Factor] = []
        rooted: list[Factor] = []
        for t, i, e in parts:
            if is_nonnegative(t) or not e.is_integer or e.is_even:
                may_vanish = (e * power).is_positive and not is_positive(t)
                (zeros if may_vanish else whole).append((t, i, e))
            else:
                rooted.append((t, i, e))
        if rooted:
            rooted += zeros
        else:
            whole += zeros
        return [self._raise_nonnegative(f, power) for f in whole], rooted

    def _raise_nonnegative(self, factor: Factor, power: sympy.Expr) -> Factor:
        """A root of a factor that is not negative: ``sqrt(x**2)`` is ``Abs(x)``."""
        t, i, e = factor
        if e.is_even and not is_nonnegative(t):
            t = self.n.call(sympy.Abs, [t])
        return t, i, e * power

    def collect_powers(self) -> None:
        """Equal factors as one power; a product that is left with the power one is taken apart, an even power of an
        absolute value is one of its argument.
        """
        self._put_labels_in_order()
        merged = merge_powers(self.factors)
        again = [f for f in merged if (isinstance(f[0], Product) and f[2] is ONE) or _is_even_abs(f[0], f[2])]
        self.factors = [f for f in merged if f not in again]
        for f in again:
            self.multiply(*f)
        if again:
            self._settle()
            self._put_labels_in_order()

    def collect_exponentials(self) -> None:
        """``exp(a)*exp(b) -> exp(a + b)``."""
        groups: dict[Labels, list[Factor]] = {}
        for f in self.factors:
            if is_call(f[0], sympy.exp):
                groups.setdefault(f[1], []).append(f)
        for labels, group in groups.items():
            if len(group) > 1:
                self.factors = [f for f in self.factors if f not in group]
                total = self.n.add([(e, t.args[0]) for t, _, e in group if isinstance(t, Call)])
                self.multiply(self.n.call(sympy.exp, [total]), labels, ONE)
                self._settle()

    def _collect_alike(self) -> None:
        """Powers of one term at labels that differ by those of size one alone, as one: ``r**2/r`` of a row is r."""
        found: dict[tuple[Term, tuple[int | None, ...]], list[Factor]] = {}
        for t, i, e in self.factors:
            key = tuple(None if is_one(self.sizes[k]) else k for k in i)
            found.setdefault((t, key), []).append((t, i, e))
        alike = [
            rows
            for (_, key), rows in found.items()
            if len(rows) > 1 and None in key and any(e is not ONE for _, _, e in rows)
        ]
        if not alike:
            return
        gone = [f for rows in alike for f in rows]
        self.factors = [f for f in self.factors if f not in gone]
        for rows in alike:
            self.multiply(*rows[0][:2], sympy.Add(*(e for _, _, e in rows)))
        self._settle()

    def separate_units(self) -> None:
        """A label of size one says nothing: each axis that bears it gets its own, summed over."""
        thin = {k for k, size in self.sizes.items() if is_one(size)}
        if not thin:
            return
        degree = self.degree()
        thin &= degree.keys()
        units = {k for k in thin if degree[k] > 1 or k in self.out}
        if units:
            self.factors = [(t, tuple(self.fresh(1) if k in units else k for k in i), e) for t, i, e in self.factors]
        self._collect_alike()
        if len(set(self.out)) < len(self.out):
            self.out = tuple(
                self.fresh(1) if k in self.out[:p] and is_one(self.sizes[k]) else k for p, k in enumerate(self.out)
            )


def _is_even_abs(term: Term, power: sympy.Expr) -> bool:
    """Whether a power is an even one of an absolute value."""
    return bool(power.is_even) and is_call(term, sympy.Abs)


def _summed_labels(t: Product) -> set[int]:
    return set(range(len(t.sizes))) - set(t.out)


def merge_powers(factors: Iterable[Factor]) -> list[Factor]:
    """Equal terms at equal labels as one power: ``x*y*x -> x**2*y``."""
    powers: dict[tuple[Term, Labels], Factor] = {}
    for t, i, e in factors:
        found = powers.get((t, i))
        powers[t, i] = (t, i, found[2] + e if found else e)
    return [f for f in powers.values() if f[2]]


def connected_blocks(factors: Iterable[Factor], through: set[int]) -> list[list[Factor]]:
    """Factors grouped by connection through the given labels, in order of first appearance."""
    owner: dict[int, int] = {}
    groups: dict[int, list[Factor]] = {}
    for n, factor in enumerate(factors):
        groups[n] = [factor]
        for k in factor[1]:
            if k in through:
                m = owner.get(k)
                if m is not None and m != n:
                    groups[n] = groups.pop(m) + groups[n]
                    for key, value in owner.items():
                        if value == m:
                            owner[key] = n
                owner[k] = n
    return list(groups.values())
