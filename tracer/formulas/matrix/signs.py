"""Which signs a product is written with: that in front of it, and those of the sums among its factors.

A product of sums may be written with many signs: ``-(b - a)*x``, ``(a - b)*x`` and ``(b - a)*(-x)`` are the same. The
signs are decided here, one idea after another, before any part is written; a sum that stands in a formula twice is
written with one sign.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

import sympy

from tracer.formulas.matrix.choice_signs import is_shorter_turned, list_all_values, list_values, turn_choice
from tracer.formulas.matrix.number_texts import count_characters, find_decimal, is_long
from tracer.terms import record as T
from tracer.terms.clips import read_clip
from tracer.terms.decomposition import factors_of, has_minus_signs
from tracer.terms.expansion import find_wide_sum
from tracer.terms.facts import facts_of, is_within_one
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import MINUS, ONE, split_coefficient
from tracer.terms.record import Call, Labels, Product, Source, Sum, Term
from tracer.terms.sum_terms import list_centres

Summands = tuple[tuple[sympy.Expr, Term], ...]

FRONT = 4
"""How many characters a number in front of a sum of long numbers has to save, beside its own."""


SMALL = frozenset(sympy.Integer(10) ** k for k in range(3, 17))
"""What small numbers are that are added under roots, lest these be zero: ``0.001`` and less is one over these."""


class Placed(NamedTuple):
    """A factor of a product as it is to be written: ``sign`` times the term, raised to a power.

    The sign is a number, mostly 1 or -1, that is multiplied into a sum or into the argument of an odd function; for all
    other terms it is 1.
    """

    sign: sympy.Expr
    term: Term
    labels: Labels
    power: sympy.Expr

    @property
    def summands(self) -> Summands:
        """The summands of a sum, which can be written with either sign; nothing for other factors.

        A power of an array is one of a term, which has its own sign.
        """
        free = len(self.labels) <= 2 or self.power is ONE
        return self.term.terms if isinstance(self.term, Sum) and free else ()

    @property
    def signed(self) -> Term:
        """The term times the sign."""
        if self.sign == 1:
            return self.term
        if isinstance(self.term, Sum):
            return scale_summands(self.sign, self.term)
        assert isinstance(self.term, Call)
        return turn_odd(self.term)


class Signs:
    """The signs of the sums of one formula.

    Attributes
    ----------
    chosen : dict
        The sign that a sum was written with last.
    hidden : dict
        The sign with which a sum was written last under an even power or in an even function, which hide it.
    contested : set
        Sums that were written with both signs.
    steady : set
        Sums that are to be written with the sign that is nicest for themselves, whatever stands around them.
    single : set
        Differences whose sign shows once in the formula, and odd functions of these that stand in it once.
    fixed : set
        Other differences that a function is taken of, where they have the sign that they have.
    """

    def __init__(self) -> None:
        self.chosen: dict[Term, sympy.Expr] = {}
        self.hidden: dict[Term, sympy.Expr] = {}
        self.contested: set[Term] = set()
        self.steady: set[Term] = set()
        self.single: set[Term] = set()
        self.fixed: set[Term] = set()

    def record_sign(self, t: Term, sign: sympy.Expr) -> None:
        """Remember with which sign a sum is written."""
        if abs(sign) == 1:
            if self.chosen.get(t, sign) != sign:
                self.contested.add(t)
            self.chosen[t] = sign

    def arrange(self, t: Product) -> tuple[sympy.Expr, list[Placed]]:
        """The number in front of a product, and its factors with their signs."""
        scale, factors = t.scale, []
        for u, labels, power in t.factors:
            sign = self._choose_sign(u, power) if isinstance(u, Sum) and len(labels) <= 2 else sympy.S.One
            if power.is_odd and sign == -1:
                scale = -scale
            factors.append(Placed(sign, u, labels, power))
        moves = self._flip_difference, _shorten_numbers, _scale_sum, _absorb_root, _clear_divisor, _shorten_numbers
        for move_number in moves:
            scale, factors = move_number(scale, factors)
        for f in factors:
            if isinstance(f.term, Sum) and f.power.is_odd:
                self.record_sign(f.term, f.sign)
            for u in list_all_values(f.term) if f.sign == -1 else ():
                self.record_sign(find_odd_argument(u) or u, f.sign)
        return scale, factors

    def _choose_sign(self, t: Sum, power: sympy.Expr) -> sympy.Expr:
        """The sign with which a sum reads best; under an even power, which hides it, the sign that it has elsewhere."""
        nice = sympy.Integer(find_nicest_sign(t))
        if power.is_odd:
            return sympy.S.NegativeOne if nice == -1 else sympy.S.One
        if not power.is_even:
            return sympy.S.One
        self.hidden[t] = sign = nice if t in self.steady else self.chosen.get(t, nice)
        return sign

    def turn_hidden(self, t: Term) -> bool:
        """Whether a difference in an even function, which hides the sign, is written with the other one elsewhere."""
        if not is_difference(t):
            return False
        self.hidden[t] = sign = self.chosen.get(t, sympy.S.One)
        return bool(sign == -1)

    def is_turned(self, t: Term) -> bool:
        """Whether the negative of a sum is written as the sum of the negatives, as it is elsewhere."""
        return t in self.single or self.chosen.get(t) == -1

    def turn_difference(self, scale: sympy.Expr, t: Term) -> tuple[sympy.Expr, Term]:
        """``-(a - b)/c`` as ``(b - a)/c``, where the difference is written with either sign."""
        if not scale.could_extract_minus_sign() or not isinstance(t, Product):
            return scale, t
        for place, (u, i, e) in enumerate(t.factors):
            if isinstance(u, Sum) and e is ONE and is_difference(u) and self.is_turned(u):
                rest = [*t.factors[:place], (scale_summands(MINUS, u), i, e), *t.factors[place + 1 :]]
                return -scale, T.product(t.scale, rest, t.out, dict(enumerate(t.sizes)))
        return scale, t

    def look_around(self, below: Sequence[Term]) -> None:
        """Note the sums of a formula whose sign is free, or is not, for where else they stand."""
        count = Counter(u for t in below for u in _list_visible(t))
        self.single = {t for t in count if count[t] == 1 and is_difference(t)}
        odd = {t for t in count if count[t] == 1 and find_odd_argument(t) in self.single}
        written = _count_written(below) if odd else count
        self.single |= {t for t in odd if written[t] == 1}
        calls = [t for t in below if isinstance(t, Call) and find_odd_argument(t) is None and not is_even(t)]
        args = (u for t in calls for u in (t.args[1::2] if list_values(t) else t.args))
        self.fixed = {u for u in args if is_difference(u)} - self.single

    def is_settled(self) -> bool:
        """Whether sums under even powers were written with the signs that they have elsewhere."""
        return all(self.chosen.get(t, sign) == sign for t, sign in self.hidden.items())

    def _flip_difference(self, scale: sympy.Expr, factors: list[Placed]) -> tuple[sympy.Expr, list[Placed]]:
        """``-(a - b)*c`` as ``(b - a)*c``, ``-(a + b - c)`` as ``c - a - b``, ``-tanh(a - b)`` as ``tanh(b - a)``.

        So is ``-(A*(a - b) + c)`` written ``A*(b - a) - c``.

        A difference of two names alone is written with either sign, whatever stands around it; one of which the sign is
        known is turned last.
        """
        alone = len(factors) == 1 and scale == -1
        if scale.could_extract_minus_sign():
            places = sorted(enumerate(factors), key=lambda place: _has_known_sign(place[1].term))
            for n, f in places:
                fits = f.term in self.single or self._count_minuses(f, -f.sign) <= self._count_minuses(f, f.sign)
                fits = fits or (alone and (has_minus_signs(f.term) or any(self.is_flippable(u) for _, u in f.summands)))
                turns = bool(f.summands) or (len(f.labels) <= 2 and f.term in self.single)
                held = self.steady if alone and f.term.weight == 1 else self.steady | self.fixed
                fits = (turns and fits) or self._is_shorter_turned(f.term)
                if f.power.is_odd and fits and f.term not in held:
                    return -scale, [*factors[:n], f._replace(sign=-f.sign), *factors[n + 1 :]]
        return scale, factors

    def _is_shorter_turned(self, t: Term) -> bool:
        """Whether a minus sign in front of a choice goes into its values."""
        return is_shorter_turned(t, self._has_either_sign)

    def _has_either_sign(self, t: Term) -> bool:
        """Whether a value of a choice is as short with either sign."""
        return (is_difference(t) and t not in self.steady | self.fixed) or self.is_flippable(t)

    def _count_minuses(self, f: Placed, sign: sympy.Expr) -> int:
        """How many summands of a factor have a minus sign in front, and none that goes into a difference."""
        return sum(
            (c * sign * _find_sign_in_front(u)).could_extract_minus_sign() and not self.is_flippable(u)
            for c, u in f.summands
        )

    def is_flippable(self, t: Term) -> bool:
        """Whether ``-(a - b)*c`` can be ``(b - a)*c``, and ``-sign(a - b)`` be ``sign(b - a)``."""
        argument = find_odd_argument(t)
        if argument is not None:
            return is_difference(argument) and argument not in self.steady | self.fixed
        if list_values(t):
            return self._is_shorter_turned(t)
        if not isinstance(t, Product) or (len(t.factors) == 1 and t.factors[0][1] == t.out):
            return False
        return any(
            e.is_odd
            and len(i) <= 2
            and u not in self.steady | self.fixed
            and (is_difference(u) or u in self.single or self._is_shorter_turned(u))
            for u, i, e in t.factors
        )


def _count_written(below: Sequence[Term]) -> Counter[Term]:
    """How often each of the terms is written, which are listed before what is made of them: once, or more often."""
    count = Counter({below[-1]: 1})
    for t in reversed(below):
        for u in _list_visible(t):
            count[u] = min(count[u] + count[t], 2)
    return count


def _list_visible(t: Term) -> Sequence[Term]:
    """What a term is made of, but for differences in even functions and under even powers, which hide their signs."""
    if isinstance(t, Product):
        return [u for u, _, e in t.factors if not (e.is_even and is_difference(u))]
    return () if is_even(t) and is_difference(t.children[0]) else t.children


def is_even(t: Term) -> bool:
    """Whether a term is an even function of elements."""
    return isinstance(t, Call) and t.elementwise and facts_of(t.head).even


def find_odd_argument(t: Term) -> Term | None:
    """The argument of an odd function of elements, what is clipped at limits of one size among them."""
    if isinstance(t, Call) and t.elementwise and facts_of(t.head).odd:
        return t.args[0]
    clip = read_clip(t)
    return None if clip is None else clip.term


def scale_summands(number: sympy.Expr, t: Sum) -> Term:
    """A sum with each summand times a number."""
    return T.add((c * number, u) for c, u in t.terms)


def turn_odd(t: Call) -> Term:
    """An odd function of the negative argument, or a choice between the negatives of its values."""
    if list_values(t):
        return turn_choice(t, lambda u: turn_odd(u) if find_odd_argument(u) is not None else None)
    clip = read_clip(t)
    return T.call(t.head, [T.scaled(-1, a) for a in t.args]) if clip is None else clip.turn()


def _scale_sum(scale: sympy.Expr, factors: list[Placed]) -> tuple[sympy.Expr, list[Placed]]:
    """``2*(a/2 + b)/n`` as ``(a + 2*b)/n``, where fewer numbers are written so; dimensions stay in front."""
    for n, f in enumerate(factors):
        if f.summands and f.power is ONE:
            number, root, _ = split_coefficient(scale)
            moved = dict.fromkeys((number * root, number, root, ONE))
            counts = {c: _count_numbers(f.summands, f.sign * c) + _count_parts(scale / c) for c in moved}
            best = min(moved, key=lambda c: (counts[c], c is not ONE))
            if counts[best] < counts[ONE]:
                return scale / best, [*factors[:n], f._replace(sign=f.sign * best), *factors[n + 1 :]]
    return scale, factors


def _is_centred(f: Placed) -> bool:
    """Whether a mean is subtracted in a sum, which has the number of elements in it."""
    return any(True for _ in list_centres([(u, c) for c, u in f.summands]))


def _absorb_root(scale: sympy.Expr, factors: list[Placed]) -> tuple[sympy.Expr, list[Placed]]:
    """``sqrt(10)*(a + b/(1 + 10*v)**(1/2))`` with the root in the sum, where a divisor takes it in.

    ``10*(a/(1 + 100*v)**(1/2) + b/(1 + 100*v)**(1/2))`` too, where no number is left.
    """
    arranged = []
    for f in factors:
        takes = all if scale.is_Rational else any
        if f.summands and f.power is ONE and scale != 1 and takes(_can_absorb(v, scale * c) for c, v in f.summands):
            f, scale = f._replace(sign=f.sign * scale), sympy.S.One
        arranged.append(f)
    return scale, arranged


def _takes_in(power: sympy.Expr) -> bool:
    """Whether a sum takes in numbers in front of its power: where it is divided by, or under a root."""
    return not (power.is_positive and power.is_integer)


def _clear_divisor(scale: sympy.Expr, factors: list[Placed]) -> tuple[sympy.Expr, list[Placed]]:
    """``10*sqrt(10)*(1 + 10*v)**(-3/2)`` as ``(1/10 + v)**(-3/2)``."""
    arranged = []
    for f in factors:
        if isinstance(f.term, Sum) and _takes_in(f.power) and f.sign == 1:
            scale, sign = _clear_coefficient(f.term, f.power, scale)
            f = f._replace(sign=sign)
        arranged.append(f)
    return scale, arranged


def clear_divisors(scale: sympy.Expr, t: Product) -> tuple[sympy.Expr, Product]:
    """A number and a product by which sums that are divided by have taken in what they can of the number."""
    cleared, factors = _clear_divisor(scale * t.scale, [Placed(sympy.S.One, *f) for f in t.factors])
    if all(f.sign == 1 for f in factors):
        return scale, t
    rows = [(f.signed, f.labels, f.power) for f in factors]
    return cleared, T.product(ONE, rows, t.out, dict(enumerate(t.sizes)))


def _shorten_numbers(scale: sympy.Expr, factors: list[Placed]) -> tuple[sympy.Expr, list[Placed]]:
    """``(8943*a**2 + 200000*b)/200000`` as ``0.044715*a**2 + b``: the numbers that take fewest characters.

    A root that is in a sum is there for what its summands are divided by, and the number with it.
    """
    arranged = []
    for f in factors:
        absorbs = f.power is ONE and any(_can_absorb(v, c * f.sign) for c, v in f.summands)
        if f.summands and f.power.is_Rational and f.sign.is_Rational and not absorbs:
            scale, sign = _find_shortest(scale, f)
            f = f._replace(sign=sign)
        arranged.append(f)
    return scale, arranged


def _find_shortest(scale: sympy.Expr, f: Placed) -> tuple[sympy.Expr, sympy.Expr]:
    """The numbers in front of a power of a sum and within the sum that take fewest characters, if one is long."""
    own = [(c * f.sign).as_coeff_Mul()[0] for c, _ in f.summands]
    own = [q * d if abs(q * d) == 1 else q for q, d in zip(own, (_count_elements(u) for _, u in f.summands))]
    front = scale.as_coeff_Mul()[0]
    if (
        _is_centred(f)
        or not any(q.is_Rational and is_long(q) for q in (front, *own))
        or not all(q.is_Rational for q in (front, *own))
        or (not f.power.is_integer and any(1 / abs(q) in SMALL for q in own))
    ):
        return scale, f.sign
    # Decimals that need no number in front of them are as they were meant.
    meant = f.power is ONE and all(not (q * front).is_Integer and find_decimal(q * front) is not None for q in own)
    more = FRONT if meant else 0
    best, chosen = _rank_numbers(front, own, more), sympy.S.One
    for size in {abs(q) for q in (*own, *([1 / front] if f.power is ONE else []))}:
        moved = size**f.power
        if not moved.is_Rational:
            continue
        rank = _rank_numbers(front * moved, [q / size for q in own], more)
        if (rank, size) < (best, chosen):
            best, chosen = rank, size
    return scale * chosen**f.power, f.sign / chosen


def place_number(scale: sympy.Expr, t: Sum) -> tuple[sympy.Expr, Term]:
    """A number and a sum whose product is that of others, with few numbers, of fewest characters if one is long."""
    front, size = _find_shortest(scale, Placed(ONE, t, (), ONE))
    front, (placed,) = _scale_sum(front, [Placed(size, t, (), ONE)])
    return front, t if placed.sign == 1 else scale_summands(placed.sign, t)


def _rank_numbers(front: sympy.Rational, own: Sequence[sympy.Rational], more: int) -> tuple[int, int, bool]:
    """How well the numbers in front of a sum and within it are read: long integers, characters, one in front.

    One in front counts as so many characters more.
    """
    long = sum(q.is_Integer and is_long(q) for q in (front, *own))
    apart = abs(front) != 1
    return long, sum(map(count_characters, (front, *own))) + more * apart, apart


def order_summand(sign: sympy.Expr, u: Term) -> tuple[bool, bool, int, bytes]:
    """The order of summands: positive before negative, a negative constant last, then the longer first."""
    name = u.name.encode() if isinstance(u, Source) else u.key
    return sign == -1, T.constant_value(u) is not None and sign == -1, -u.weight, name


def _clear_coefficient(t: Sum, e: sympy.Expr, scale: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The numbers in front of a power of a sum and within the sum, where a summand has no coefficient by that.

    ``10*sqrt(10)*(1 + 10*v)**(-3/2) -> 1, 1/10``, that is ``(1/10 + v)**(-3/2)``. Where the whole becomes no simpler,
    the number in front stays, and that within is 1.
    """
    found = []
    for size in _list_sizes(t):
        rest = scale * size**e
        if size != 1 and (_is_simpler(rest, scale, e) or (size in SMALL and rest.is_Rational and not e.is_integer)):
            found.append((rest, 1 / size))
    return min(found, key=lambda way: abs(way[0]) != 1, default=(scale, sympy.S.One))


def _list_sizes(t: Sum) -> Iterator[sympy.Expr]:
    """The numbers by which summands may be divided: in front of them, and times the elements that a total adds up."""
    for c, u in t.terms:
        size = abs(c.as_coeff_Mul()[0])
        yield size
        yield size * _count_elements(u)


def _count_elements(t: Term) -> sympy.Expr:
    """How many elements a total adds up along axes of given sizes, as a mean is divided by; one of any other term."""
    _, factors, out, sizes = factors_of(t)
    summed = {k for _, labels, _ in factors for k in labels}.difference(out)
    return sympy.Mul(*(sizes[k] for k in summed)).as_coeff_Mul()[0]


def _is_simpler(rest: sympy.Expr, scale: sympy.Expr, e: sympy.Expr) -> bool:
    """Whether a number in front of a power of a sum is simpler than another: it is shorter, or gone at a root."""
    (front, root, _), (left, other, _) = split_coefficient(scale), split_coefficient(rest)
    if abs(left) == other == 1 and not e.is_integer:
        return not abs(front) == root == 1
    before, after = (sympy.count_ops(c) for c in (scale, rest))
    return bool(after < before or (after == before and root != 1 and len(str(rest)) < len(str(scale))))


def move_into_sum(n: Normaliser, c: sympy.Expr, t: Term) -> tuple[sympy.Expr, Term]:
    """A coefficient and a term, the number of the first moved into a sum in the second where it is shorter.

    ``sqrt(10), u/(1 + 10*v)**(1/2) -> 1, sqrt(10)*u/(1 + 10*v)**(1/2)``, which is written ``u/(1/10 + v)**(1/2)``.
    """
    number, rest = c.as_independent(*c.free_symbols, as_Add=False) if c.free_symbols else (c, sympy.S.One)
    moved = _can_absorb(t, number) or _can_shorten(t, number)
    return (sympy.sign(number) * rest, n.scaled(abs(number), t)) if moved else (c, t)


def _can_shorten(t: Term, number: sympy.Expr) -> bool:
    """Whether a long number stands in front of a product with a sum, or becomes shorter with those in the sum."""
    front = number.as_coeff_Mul()[0]
    if not isinstance(t, Product) or not front.is_Rational or abs(front) == 1:
        return False
    sums = [Placed(sympy.S.One, u, i, e) for u, i, e in t.factors if isinstance(u, Sum)]
    if is_long(front):
        return bool(sums)
    return any(f.power.is_Rational and _find_shortest(front, f)[0] != front for f in sums)


def _can_absorb(t: Term, number: sympy.Expr) -> bool:
    """Whether a number becomes simpler in a sum that a term is divided by; one without a root has to be gone."""
    if not isinstance(t, Product) or split_coefficient(number)[1] == 1:
        return isinstance(t, Product) and _is_gone(t, number)
    for u, _, e in t.factors:
        if isinstance(u, Sum):
            if _takes_in(e) and _clear_coefficient(u, e, number * t.scale)[1] != 1:
                return True
            if e is ONE and any(_can_absorb(v, number * t.scale * c) for c, v in u.terms):
                return True
    return False


def _is_gone(t: Product, number: sympy.Expr) -> bool:
    """Whether a number in front of a product is gone where the root of a sum that it is divided by takes it in.

    So it is where each summand of a sum among the factors is such a product.
    """
    scale = number * t.scale
    for u, _, e in t.factors:
        if isinstance(u, Sum) and e is ONE and _are_gone(u, scale):
            return True
    front = abs(split_coefficient(scale)[0])
    return any(
        size != 1 and front * size**e == 1
        for u, _, e in t.factors
        if isinstance(u, Sum) and not e.is_integer
        for size in _list_sizes(u)
    )


def _are_gone(t: Sum, number: sympy.Expr) -> bool:
    """Whether a number in front of a sum is gone where it goes into each summand."""
    return all(isinstance(u, Product) and _is_gone(u, number * c) for c, u in t.terms)


def is_difference(t: Term) -> bool:
    """Whether a term is a sum that is as long with either sign."""
    return isinstance(t, Sum) and is_balanced(t.terms)


def has_wide_difference(t: Term) -> bool:
    """Whether a difference of more than two axes is among the factors of a term, in an odd power."""
    place = find_wide_sum(t)
    return place is not None and factors_of(t)[1][place][2].is_odd and is_difference(factors_of(t)[1][place][0])


def is_balanced(summands: Summands) -> bool:
    """Whether a sum has as many minus signs as plus signs, so that it is as long with either sign."""
    return sum(bool(c.could_extract_minus_sign()) for c, _ in summands) * 2 == len(summands)


def find_nicest_sign(t: Sum) -> int:
    """The sign with which a sum reads better: more plus signs, what it is known to have, or the longest term positive.

    So is ``1 - tanh(x)**2`` written, and ``x**2 - 1``.
    """
    negative = [c.could_extract_minus_sign() for c, _ in t.terms]
    count = sum(negative)
    if count * 2 != len(negative):
        return -1 if count * 2 > len(negative) else 1
    if (sign := _find_known_sign(t)) is not None:
        return sign
    rank = [(_is_repeated(u), order_summand(sympy.S.One, u)) for _, u in t.terms]
    return -1 if negative[rank.index(min(rank))] else 1


def _find_known_sign(t: Sum) -> int | None:
    """The sign of a number beside a function that is never greater than it: 1 for ``1 - tanh(x)**2``."""
    for (c, number), (d, u) in permutations(t.terms) if len(t.terms) == 2 else ():
        value = T.constant_value(number)
        if value is None or not is_within_one(u) or not (c * value).is_number or not d.is_number:
            continue
        if abs(c * value) >= abs(d):
            return 1 if c * value > 0 else -1
    return None


def _find_sign_in_front(t: Term) -> sympy.Expr:
    """The sign that comes in front of a product where the sums in it are written with the signs that read best."""
    factors = t.factors if isinstance(t, Product) else ()
    turned = sum(isinstance(u, Sum) and e.is_odd and len(i) <= 2 and find_nicest_sign(u) == -1 for u, i, e in factors)
    return MINUS if turned % 2 else ONE


def _has_known_sign(t: Term) -> bool:
    return isinstance(t, Sum) and _find_known_sign(t) is not None


def _is_repeated(t: Term) -> bool:
    """Whether a term is the same along some axis, as a mean is that is subtracted; an identity matrix is not."""
    _, factors, out, _ = factors_of(t)
    if len(set(out)) < len(out):
        return False
    return any(k not in i for k in out for i in [{j for _, labels, _ in factors for j in labels}])


def _count_numbers(summands: Summands, factor: sympy.Expr) -> int:
    """How many numbers are in front of the summands of a sum times a number, dimensions left out."""
    return sum(_count_parts(c * factor) for c, _ in summands)


def _count_parts(coefficient: sympy.Expr) -> int:
    """How many numbers a coefficient has, a rational one and a root: two in ``2*sqrt(3)*n``."""
    number, root, _ = split_coefficient(coefficient)
    return int(abs(number) != 1) + int(abs(root) != 1)
