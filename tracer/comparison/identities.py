"""Identities proved at random points modulo primes, with a bound of the error.

Where values are chosen by signs, all patterns of signs must be met, but for those that linear quantities can't have.
The boundaries are looked at by themselves: with the choices that are made there, or, where that is not enough, at
points on them, which are found by solving for an unknown in which what is zero there is linear.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple, cast

import numpy as np
import sympy

from tracer.comparison.numeric import Numeric, UnsupportedError, as_number
from tracer.comparison.regions import Linear, is_possible
from tracer.comparison.residues import MODULI, NOT_FORCED, P, R, Residue, Residues, rational
from tracer.ops.contraction import Contraction
from tracer.tensor import Tensor
from tracer.terms.failures import TooLong

BITS, LEAST = 64, 8
"""An error is less probable than two to minus the first, whatever the degree; so many points there are at least."""

LARGEST = 2**20
"""The largest degree of a difference for which a proof is tried."""

PER_PATTERN = 30
"""How many points there are for each pattern of signs: that one is missed has a probability of exp(-30)."""

CHOICES, JUMPS = 6, 4
"""How many signs there may be to choose by, and how many where the value may jump."""

WORK = 500_000
"""About how many numbers may be computed in a proof."""

UNKNOWNS = 12
"""For how many unknowns it is asked whether a boundary is linear in them."""

Shape = tuple[int, ...]
Place = tuple[int, int]
"""A source by its node, and the position of an element of it."""


class _Trial(NamedTuple):
    """What a point says: whether both are defined, and equal for each prime, with the questions that were asked."""

    seed: int
    defined: bool
    equal: tuple[bool | None, ...]
    degree: int
    pattern: tuple[int, ...]
    arithmetic: Residues


class Evidence(NamedTuple):
    """How an identity is known: at how many points, for differences of which degree.

    Attributes
    ----------
    points : int
        For each pattern of signs.
    degree : int
    choices : int
        By how many signs values are chosen.
    """

    points: int
    degree: int
    choices: int

    @property
    def exponent(self) -> int:
        """The probability of an error is less than ten to minus this."""
        accident = self.points * (math.log10(R) - math.log10(max(self.degree, 2)))
        missed = PER_PATTERN / math.log(10) - self.choices * math.log10(2)
        return int(min(accident, missed) if self.choices else accident)

    def __str__(self) -> str:
        each = " for each pattern of signs" if self.choices else ""
        return (
            f"equal at {self.points} random points modulo primes{each}; "
            f"a difference of degree {self.degree} or less would be missed with a probability below 1e-{self.exponent}"
        )


class Identity:
    """Whether tensors are equal, pair by pair, as functions of unknowns.

    Parameters
    ----------
    left, right : sequence of Tensor
    shapes : mapping of int to tuple of int
        The shapes of the unknown values of sources, by their nodes.
    work : int
        About how many numbers may be computed.
    sizes : mapping of symbol to int
        Sizes of symbolic dimensions.
    opaque : bool
        Whether operations that are neither elementwise nor contractions are unknown functions.
    """

    def __init__(
        self,
        left: Sequence[Tensor],
        right: Sequence[Tensor],
        shapes: Mapping[int, Shape],
        work: int = WORK,
        sizes: Mapping[sympy.Symbol, int] = MappingProxyType({}),
        opaque: bool = False,
    ) -> None:
        self.numeric = Numeric([*left, *right], sizes=sizes, opaque=opaque)
        self.cut = len(left)
        self.shapes = shapes
        self.work = work
        self.logarithms = False
        self._possible: dict[tuple[int, ...], bool] = {}

    def prove(self) -> Evidence | None:
        """How the identity is known; None where it is not."""
        try:
            return self._prove()
        except (UnsupportedError, TooLong, ArithmeticError):
            return None

    def _prove(self) -> Evidence | None:
        evidence = self._everywhere(NOT_FORCED)
        if evidence is None and self.numeric.arithmetic.met_logarithm:  # type: ignore[attr-defined]
            self.logarithms = True
            evidence = self._everywhere(NOT_FORCED)
        if evidence is None:
            return None
        jumps = self._classes()
        if len(jumps) > JUMPS:
            return None
        for size in range(1, len(jumps) + 1):
            for chosen in itertools.combinations(jumps, size):
                forced = dict.fromkeys(itertools.chain.from_iterable(chosen), 0)
                if self._everywhere(forced) is None and not self._on_boundary(chosen):
                    return None
        return evidence

    def _everywhere(self, forced: Mapping[int, int]) -> Evidence | None:
        """Whether the identity holds at random points with all patterns of signs."""
        return self._weigh(self._point(seed, None, forced) for seed in itertools.count(1))

    def _weigh(self, trials: Iterator[_Trial | None]) -> Evidence | None:
        """Draw as many points as a proof needs; None as soon as the two differ modulo each prime, or work runs out."""
        open_moduli = set(range(len(MODULI)))
        # How often the two were equal, for each pattern of signs and each prime: each has to see every pattern.
        patterns: dict[tuple[int, ...], list[int]] = {}
        degree, choices, defined, impossible = 2, 0, 0, 0
        for spent, trial in enumerate(trials, 1):
            if trial is None:
                return None
            if trial.defined:
                choices = max(choices, len(trial.arithmetic.choices))
                if trial.pattern and not self._is_possible(trial):
                    impossible += 1
                else:
                    defined += 1
                    degree = max(degree, trial.degree)
                    counts = patterns.setdefault(trial.pattern, [0] * len(MODULI))
                    open_moduli -= {k for k, equal in enumerate(trial.equal) if equal is False}
                    for k, equal in enumerate(trial.equal):
                        counts[k] += bool(equal)
                if not open_moduli or degree > LARGEST or choices > CHOICES:
                    return None
            each = max(LEAST, math.ceil(BITS / (math.log2(R) - math.log2(degree))))
            needed = PER_PATTERN * 2**choices if choices else 0
            if defined + impossible >= needed + each:
                fewest = max(min((c[k] for c in patterns.values()), default=impossible) for k in open_moduli)
                if fewest >= (LEAST if choices else each):
                    return Evidence(fewest, degree, choices)
            if spent * self._cost() > self.work or (spent > 40 and (defined + impossible) * 2**CHOICES < spent):
                return None
        return None

    def _cost(self) -> int:
        """About how many numbers are computed at a point."""
        work = 1
        for t in self.numeric.order:
            part = self.numeric.parts.get(t.node)
            if part is not None:
                own = part.size
                if isinstance(t.rule, Contraction):
                    own = max([own, *(self.numeric.parts[a.node].size for a in t.args if isinstance(a, Tensor))])
                work += 1 + own
        return work

    def _draw(self, arithmetic: Residues) -> dict[int, np.ndarray]:
        """Unknown values of the sources."""
        feed = {}
        for node, shape in self.shapes.items():
            items = np.empty(math.prod(shape), object)
            items[:] = [arithmetic.unknown() for _ in range(math.prod(shape))]
            feed[node] = items.reshape(shape)
        return feed

    def _evaluate(self, feed: Mapping[int, np.ndarray], arithmetic: Residues) -> list[list[Residue]]:
        return [
            [cast("Residue", as_number(v, arithmetic)) for v in values.ravel()]
            for values in self.numeric(feed, arithmetic)
        ]

    def _point(self, seed: int, feed: Mapping[int, np.ndarray] | None, forced: Mapping[int, int]) -> _Trial:
        """What a point says: the values of sources given, or random ones."""
        arithmetic = Residues(seed, self.logarithms, forced)
        drawn = self._draw(arithmetic)
        found = self._evaluate(drawn if feed is None else feed, arithmetic)
        pairs = [
            (x, y)
            for left, right in zip(found[: self.cut], found[self.cut :], strict=True)
            for x, y in _pairs(left, right)
        ]
        defined = all(v.values[0] is not None for pair in pairs for v in pair)
        equal = []
        for k in range(len(MODULI)):
            values = [(x.values[k], y.values[k]) for x, y in pairs]
            equal.append(None if any(None in pair for pair in values) else all(x == y for x, y in values))
        degree = max((sum(x.degrees) + sum(y.degrees) for x, y in pairs), default=0)
        roots = math.prod(arithmetic.roots.values())
        pattern = tuple(sign for _, sign in arithmetic.asked)
        return _Trial(seed, defined, tuple(equal), degree * roots, pattern, arithmetic)

    def _is_possible(self, trial: _Trial) -> bool:
        """Whether the quantities that were asked for their signs can have them together."""
        pattern = trial.pattern
        if pattern not in self._possible:
            forced = dict(enumerate(pattern))
            first, second = (self._linear_forms(seed, forced) for seed in (trial.seed, trial.seed + 1))
            known = [(a, s) for a, b, s in zip(first, second, pattern) if a is not None and a == b]
            self._possible[pattern] = len(first) != len(pattern) or is_possible(known)
        return self._possible[pattern]

    def _linear_forms(self, seed: int, forced: Mapping[int, int]) -> list[Linear | None]:
        """What is asked for its sign, as linear forms in the unknowns, where it seems to be one."""
        arithmetic = Residues(seed, self.logarithms, forced)
        feed = self._draw(arithmetic)
        before = self._ask(feed, seed, forced)
        forms: list[Linear | None] = [Linear({}, Fraction(0)) for _ in before]
        rest = list(before)
        places = [(node, i) for node, shape in self.shapes.items() for i in range(math.prod(shape))]
        for place in places if len(places) <= UNKNOWNS else ():
            after = self._ask(_moved(feed, place, rational(Fraction(1))), seed, forced)
            for k, (x, y) in enumerate(zip(before, after)):
                slope, own = (y - x).fraction(), forms[k]
                if own is None or slope is None:
                    forms[k] = None
                elif slope:
                    forms[k] = own.plus(Linear({place: slope}, Fraction(0)), Fraction(1))
                    rest[k] = rest[k] - rational(slope) * feed[place[0]].flat[place[1]]
        numbers = [r.fraction() for r in rest]
        return [None if f is None or n is None else Linear(f.factors, n) for f, n in zip(forms, numbers)]

    def _classes(self) -> list[tuple[int, ...]]:
        """Where the value may jump: the positions of conditions, those on the same quantity together."""
        arithmetic = self._point(1, None, NOT_FORCED).arithmetic
        classes: dict[int, list[int]] = {}
        for k in arithmetic.jumps:
            t = arithmetic.asked[k][0].values[0] or 0
            classes.setdefault(min(t, P - t), []).append(k)
        return [tuple(own) for own in classes.values()]

    def _on_boundary(self, chosen: Sequence[tuple[int, ...]]) -> bool:
        """Whether the identity holds where some of the conditions are on their boundary, or they never are together."""
        heads = [own[0] for own in chosen]
        slopes = self._slopes(heads)
        ends = [self._solve(seed, heads, slopes) for seed in (1, 2)]
        if all(type(e) is tuple for e in ends) and ends[0] == ends[1]:
            return True  # What is left is the same number, not zero, wherever the others are zero.
        if not all(type(e) is dict for e in ends):
            return False

        def trials() -> Iterator[_Trial | None]:
            for seed in itertools.count(1):
                feed = self._solve(seed, heads, slopes)
                yield self._point(seed, feed, NOT_FORCED) if isinstance(feed, dict) else None

        return self._weigh(trials()) is not None

    def _places(self) -> list[Place]:
        return [(node, i) for node, shape in self.shapes.items() for i in range(math.prod(shape))][:UNKNOWNS]

    def _slopes(self, heads: Sequence[int]) -> list[dict[Place, Residue]]:
        """For each condition the unknowns in which its quantity is linear with a factor that is a number."""
        found: list[list[dict[Place, Residue]]] = []
        for seed in (11, 12):
            arithmetic = Residues(seed, self.logarithms)
            feed = self._draw(arithmetic)
            before = self._ask(feed, seed)
            own: list[dict[Place, Residue]] = [{} for _ in heads]
            for place in self._places():
                moved = _moved(feed, place, cast("Residue", arithmetic.number(1)))
                after = self._ask(moved, seed)
                for k, head in enumerate(heads):
                    own[k][place] = after[head] - before[head]
            found.append(own)
        first, second = found
        return [
            {place: slope for place, slope in a.items() if slope.values == b[place].values}
            for a, b in zip(first, second)
        ]

    def _ask(self, feed: Mapping[int, np.ndarray], seed: int, forced: Mapping[int, int] = NOT_FORCED) -> list[Residue]:
        """What is asked for its sign."""
        arithmetic = Residues(seed, self.logarithms, forced)
        self._evaluate(feed, arithmetic)
        return [value for value, _ in arithmetic.asked]

    def _solve(
        self, seed: int, heads: Sequence[int], slopes: Sequence[Mapping[Place, Residue]]
    ) -> dict[int, np.ndarray] | tuple[int | None, ...] | None:
        """A point where conditions are on their boundary; what is left of one that nothing moves; else None."""
        arithmetic = Residues(seed, self.logarithms)
        feed = self._draw(arithmetic)
        used: set[Place] = set()
        for k, head in enumerate(heads):
            left = self._ask(feed, seed)[head]
            if left.values == (0, 0, 0):
                continue
            # Unknowns that move none of the earlier conditions.
            free = [
                place
                for place, slope in slopes[k].items()
                if all(slope.values)
                and place not in used
                and all(place in s and s[place].values == (0, 0, 0) for s in slopes[:k])
            ]
            if not free:
                return cast("tuple[int | None, ...]", left.values)
            used.add(free[0])
            feed = _moved(feed, free[0], -(left / slopes[k][free[0]]))
        jumps = self._ask(feed, seed)
        return feed if all(jumps[head].values == (0, 0, 0) for head in heads) else None


def _pairs(left: list[Residue], right: list[Residue]) -> Iterator[tuple[Residue, Residue]]:
    """Elements that correspond; a number stands for as many as the other has."""
    size = max(len(left), len(right))
    return zip(left * size if len(left) == 1 else left, right * size if len(right) == 1 else right, strict=True)


def _moved(feed: Mapping[int, np.ndarray], place: Place, by: Residue) -> dict[int, np.ndarray]:
    """Values with one element moved."""
    node, i = place
    values = feed[node].copy()
    values.flat[i] = values.flat[i] + by
    return {**feed, node: values}
