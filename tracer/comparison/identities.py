"""Identities proved at random points modulo primes, with a bound of the error.

Where values are chosen by signs, all patterns of signs must be met, but for those that linear quantities can't have.
The boundaries are looked at by themselves: with the choices that are made there, or, where that is not enough, at
points on them.

A square root has a sign that no question shows: ``sqrt(x**2)`` is x where x is a square. There are as many such signs
as products of radicands that are squares of functions, so many as the radicands are dependent in: radicands of which
each pattern of squares occurs have none (their roots are conjugate to each other over the functions without them).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import sympy

from tracer.comparison.boundaries import SAMPLES, Boundaries, UnsolvedError
from tracer.comparison.laws import NOT_FORCED, Radicand
from tracer.comparison.trials import Trial, Trials
from tracer.precise.arithmetic import UnsupportedError
from tracer.shapes import Shape
from tracer.tensor import Tensor
from tracer.terms.failures import TooLong

BITS, LEAST = 64, 8
"""An error is less probable than two to minus the first, whatever the degree; so many points there are at least."""

ROOM = 6
"""By how many bits the primes have to be longer than the degree of a difference."""

PER_PATTERN = 30
"""How many points there are for each pattern of signs: that one is missed has a probability of exp(-30)."""

CHOICES, JUMPS, ROOTS = 6, 4, 5
"""How many signs there may be to choose by, how many where the value may jump, and how many signs of roots."""

WORK = 150_000
"""About how many numbers may be computed in a proof."""

ROWS = 64
"""How many points the dependences of radicands are read off from."""


class Evidence(NamedTuple):
    """How an identity is known: at how many points, for differences of which degree.

    Attributes
    ----------
    points : int
        For each pattern of signs.
    degree : int
    choices : int
        By how many signs values are chosen, those of roots with them.
    prime : int
        The least of the primes that values depend on.
    """

    points: int
    degree: int
    choices: int
    prime: int

    @property
    def exponent(self) -> int:
        """The probability of an error is less than ten to minus this."""
        accident = self.points * (math.log10(self.prime) - math.log10(max(self.degree, 2)))
        missed = PER_PATTERN / math.log(10) - self.choices * math.log10(2)
        return int(min(accident, missed) if self.choices else accident)

    def __str__(self) -> str:
        each = " for each pattern of signs" if self.choices else ""
        return (
            f"equal at {self.points} random points modulo primes{each}; "
            f"a difference of degree {self.degree} or less would be missed with a probability below 1e-{self.exponent}"
        )


class Cell:
    """The points of one pattern of the signs that values are chosen by.

    Attributes
    ----------
    points, defined : int
        How many there are that are possible, and at how many of them both are defined.
    equal : list of int
        How often the two were equal, for each prime.
    """

    def __init__(self) -> None:
        self.points = self.defined = 0
        self.equal = [0, 0, 0]
        self.rows: list[list[Radicand]] = []

    def add(self, trial: Trial) -> None:
        """One more point."""
        self.points += 1
        if len(self.rows) < ROWS:
            self.rows.append(trial.arithmetic.radicands)
        if trial.defined:
            self.defined += 1
            for k, equal in enumerate(trial.equal):
                self.equal[k] += bool(equal)

    def hidden_signs(self, k: int) -> int:
        """How many signs of roots no question shows, modulo the k-th prime."""
        if k == 2 or not self.rows:
            return 0  # Modulo R a root is an unknown function.
        count = len(self.rows[0])
        if any(len(row) != count for row in self.rows):
            return max(map(len, self.rows))
        columns = {tuple(row[i].values[k] for row in self.rows): i for i in range(count)}
        return len(columns) - _rank([[row[i].squares[k] for i in columns.values()] for row in self.rows])


def _rank(rows: Sequence[Sequence[bool | None]]) -> int:
    """The rank of rows of truth values over the field of two elements; rows that are not known are left out."""
    basis: list[int] = []
    for row in rows:
        if None in row:
            continue
        value = sum(1 << i for i, square in enumerate(row) if not square)
        for b in basis:
            value = min(value, value ^ b)
        if value:
            basis.append(value)
    return len(basis)


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
        self._given = left, right, shapes, sizes, opaque
        self.work = work

    def prove(self) -> Evidence | None:
        """The evidence for the identity; None where it is not proved."""
        try:
            self.trials = Trials(*self._given)
            self.boundaries = Boundaries(self.trials)
            return self._prove()
        except (UnsupportedError, TooLong, ArithmeticError):
            return None

    def _prove(self) -> Evidence | None:
        evidence = self._everywhere(NOT_FORCED)
        if evidence is None and self._first.arithmetic.met_logarithm:
            self.trials.logarithms = True
            evidence = self._everywhere(NOT_FORCED)
        if evidence is None or not self._first.arithmetic.jumps:
            return evidence
        classes = self.boundaries.classes([self.trials.at(seed) for seed in range(1, SAMPLES + 1)])
        if classes is None or len(classes) > JUMPS:
            return None
        for size in range(1, len(classes) + 1):
            for chosen in itertools.combinations(classes, size):
                forced = dict.fromkeys(itertools.chain.from_iterable(chosen), 0)
                if self._everywhere(forced) is None and not self._on_boundary([own[0] for own in chosen]):
                    return None
        return evidence

    def _everywhere(self, forced: Mapping[int, int]) -> Evidence | None:
        """Whether the identity holds at random points with all patterns of signs."""

        def trials() -> Iterator[Trial]:
            for seed in itertools.count(1):
                trial = self.trials.at(seed, None, forced)
                if seed == 1:
                    self._first = trial
                yield trial

        return self._weigh(trials(), bool(forced))

    def _on_boundary(self, heads: Sequence[int]) -> bool:
        """Whether the identity holds wherever some quantities are zero together."""

        def trials() -> Iterator[Trial | None]:
            for seed in itertools.count(1):
                feed = self.boundaries.solve(seed, heads)
                yield None if feed is None else self.trials.at(seed, feed)

        try:
            return self._weigh(trials(), True, lambda: self.boundaries.pieces(heads)) is not None
        except UnsolvedError:
            return False

    def _weigh(
        self, trials: Iterator[Trial | None], empty: bool, pieces: Callable[[], int] = lambda: 1
    ) -> Evidence | None:
        """Draw as many points as a proof needs; None as soon as the two differ modulo each prime, or work runs out.

        Where that is allowed, no point at which both are defined is enough too. Points are reached from so many
        ``pieces``, and may be none.
        """
        open_moduli = {0, 1, 2}
        cells: dict[tuple[int | None, ...], Cell] = {}
        degree, choices, positive, weakest, nested = 2, 0, 0, 0, False
        for spent, trial in enumerate(trials, 1):
            weakest = weakest or self._first.weakest()
            undefined = PER_PATTERN * 2**positive
            if trial is not None:
                choices, positive = max(choices, trial.count(True)), max(positive, trial.count(False))
                degree, weakest = max(degree, trial.degree), min(weakest, trial.weakest())
                cell, undefined = cells.setdefault(trial.choices, Cell()), PER_PATTERN * 2**positive
                if not trial.choices or self.boundaries.is_possible(trial):
                    cell.add(trial)
                    nested |= None in trial.choices
                    if trial.defined:
                        open_moduli -= {k for k, equal in enumerate(trial.equal) if equal is False}
                # Roots may be defined on a boundary alone, and so may what is chosen there.
                arithmetic = trial.arithmetic
                if not cell.defined and cell.points > undefined and (arithmetic.forced or arithmetic.met_root):
                    return None
            bits = math.log2(weakest) - math.log2(degree)
            # A question that is asked of what may be undefined is one of fewer points.
            patterns = 2 ** (choices + positive * nested) * pieces()
            needed = PER_PATTERN * patterns if patterns > 1 else LEAST
            if not any(cell.defined for cell in cells.values()):
                needed = max(needed, 2**positive)
            # Modulo R there are the laws of the other primes without those of exponentials, roots and logarithms.
            lawful = open_moduli & ({0, 1} if self.trials.logarithms else {0})
            if not lawful or choices > CHOICES or bits < ROOM or max(spent, needed) * self.trials.cost() > self.work:
                return None
            if spent < needed:
                continue
            each = max(LEAST, math.ceil(BITS / bits))
            for k in open_moduli:
                found = _settle(cells.values(), k, each, undefined)
                if found is not None and (found.points or empty):
                    return Evidence(found.points or spent, degree, choices + found.roots, weakest)
        return None


class _Settled(NamedTuple):
    """All cells have enough points: the number of points in the smallest, and how many signs of roots there are."""

    points: int
    roots: int


def _settle(cells: Iterable[Cell], k: int, each: int, undefined: int) -> _Settled | None:
    """Whether each cell has the points it needs, modulo one prime; undefined at so many points, it counts as empty."""
    fewest, roots = 0, 0
    for cell in cells:
        if not cell.points or (not cell.defined and cell.points > undefined):
            continue
        own = cell.hidden_signs(k)
        if own > ROOTS or cell.equal[k] < (PER_PATTERN * 2**own if own else each):
            return None
        fewest, roots = min(fewest or cell.equal[k], cell.equal[k]), max(roots, own)
    return _Settled(fewest, roots)
