"""The quantities that conditions compare with zero: which signs they can have together, and where they are zero.

Of quantities that are linear in the unknowns the possible patterns are known. Where a condition is at its boundary, a
point is found by solving for an unknown in which the quantity is linear, with a factor that is a number, in the region
of a random point: ``abs(x) - 1`` is zero at 1, to which positive numbers lead, and at -1, to which negative ones do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from tracer.comparison.laws import NOT_FORCED, Residues
from tracer.comparison.regions import Linear, is_possible
from tracer.comparison.residues import Residue, rational
from tracer.comparison.trials import Feed, Place, Trial, Trials, move_element

UNKNOWNS = 12
"""For how many unknowns it is asked whether a quantity is linear in them."""

SAMPLES = 10
"""At how many points a slope has to be the same: one that depends on a sign differs at half of them."""


class UnsolvedError(ArithmeticError):
    """Quantities of which it is not known where they are zero."""


class Boundaries:
    """The boundaries of the conditions of two programs."""

    def __init__(self, trials: Trials) -> None:
        self.trials = trials
        self._possible: dict[tuple[tuple[int | None, ...], bool], bool] = {}
        self._slopes: dict[tuple[int, ...], dict[tuple[tuple[int, int], ...], list[dict[Place, Fraction]]]] = {}

    def is_possible(self, trial: Trial) -> bool:
        """Whether the quantities that were asked for their signs can have them together, where what is assumed holds.

        Where conditions are put on their boundary, the other questions have the signs that they have beside it, and
        only conditions are looked at, and what is assumed not to be zero.
        """
        if not trial.arithmetic.allowed:
            return False
        pattern, at_boundary = trial.pattern, bool(trial.arithmetic.forced)
        key = pattern, at_boundary
        if key not in self._possible:
            forced = {k: sign for k, sign in enumerate(pattern) if sign is not None}
            forms = [self._linear_forms(seed, forced) for seed in (trial.seed, trial.seed + 1)]
            never_zero = [k for k, signs in trial.arithmetic.assumed.items() if 0 not in signs]
            positions = [*never_zero, *trial.arithmetic.jumps] if at_boundary else range(len(pattern))
            self._possible[key] = any(len(f) != len(pattern) for f in forms) or is_possible(
                [
                    (a, sign)
                    for a, b, sign in ((forms[0][k], forms[1][k], pattern[k]) for k in positions)
                    if a is not None and a == b and sign is not None
                ]
            )
        return self._possible[key]

    def _linear_forms(self, seed: int, forced: Mapping[int, int]) -> list[Linear | None]:
        """The quantities as linear forms in the unknowns; None for one that is not linear."""
        arithmetic, feed = self.trials.begin(seed, forced)
        before = self._values(feed, seed, forced)
        forms: list[Linear | None] = [Linear({}, Fraction(0)) for _ in before]
        rest = list(before)
        places = self.trials.places()
        for place in places if len(places) <= UNKNOWNS else ():
            after = self._values(move_element(feed, place, _one(arithmetic)), seed, forced)
            for k, (x, y) in enumerate(zip(before, after)):
                slope, own = (y - x).fraction(), forms[k]
                if own is None or slope is None:
                    forms[k] = None
                elif slope:
                    forms[k] = own.plus(Linear({place: slope}, Fraction(0)), Fraction(1))
                    rest[k] = rest[k] - rational(slope, arithmetic.field) * feed[place[0]].flat[place[1]]
        numbers = [r.fraction() for r in rest]
        return [None if f is None or n is None else Linear(f.factors, n) for f, n in zip(forms, numbers)]

    def classes(self, trials: Sequence[Trial]) -> list[tuple[int, ...]] | None:
        """The positions of conditions, in groups of those that compare the same quantity with zero.

        Quantities are the same if they are at all of the points; None if the questions depend on the point.
        """
        first = trials[0].arithmetic
        if any(t.arithmetic.jumps != first.jumps or len(t.arithmetic.asked) != len(first.asked) for t in trials):
            return None
        found: dict[tuple[int | None, ...], list[int]] = {}
        for k in dict.fromkeys(first.jumps):
            values = [t.arithmetic.asked[k].value for t in trials]
            if all(v.exact is not None for v in values):
                continue
            key = tuple(_up_to_sign(v) for v in values)
            # What is undefined at all points, or zero, has no boundary.
            if set(key) - {None} and set(key) != {0}:
                found.setdefault(key, []).append(k)
        return [tuple(own) for own in found.values()]

    def pieces(self, heads: Sequence[int]) -> int:
        """In how many regions points were begun from where some quantities were to be zero."""
        return len(self._slopes.get(tuple(heads), ()))

    def solve(self, seed: int, heads: Sequence[int]) -> Feed | None:
        """A point where quantities are zero, reached from a random one; None where there is none in its region.

        In a region, where all that was asked before has the same signs, unknowns are moved in which the quantities are
        linear. A point that falls into another region, where they are not zero, is one of no boundary.

        Raises
        ------
        UnsolvedError
            If it is not known how to get there.
        """
        arithmetic, feed = self.trials.begin(seed)
        last = max(heads)
        asked = self.trials.ask(feed, seed)[:last]
        region = {k: q.sign for k, q in enumerate(asked) if q.sign is not None}
        slopes = self._find_slopes(heads, region)
        directions: list[Mapping[Place, Fraction]] = []
        for k, head in enumerate(heads):
            left = self._values(feed, seed, region)[head]
            directions.append(_find_direction(slopes[: k + 1], directions))
            if left.is_zero_everywhere():
                continue
            if not directions[k]:
                if left.fraction() is None:
                    raise UnsolvedError
                return None
            steps = -(left / rational(_move(slopes[k], directions[k]), arithmetic.field))
            for place, part in directions[k].items():
                feed = move_element(feed, place, steps * rational(part, arithmetic.field))
        landed = self.trials.ask(feed, seed)
        if all(landed[head].value.is_zero_everywhere() for head in heads):
            return feed
        if all(landed[k].sign == sign for k, sign in region.items() if k not in heads):
            raise UnsolvedError
        return None

    def _find_slopes(self, heads: Sequence[int], region: Mapping[int, int]) -> list[dict[Place, Fraction]]:
        """For some quantities, the unknowns in which each is linear in a region, with slopes that are numbers."""
        known = self._slopes.setdefault(tuple(heads), {})
        key = tuple(region.items())
        if key not in known:
            found: list[dict[Place, set[Fraction | None]]] = [{} for _ in heads]
            for seed in range(1, SAMPLES + 1):
                arithmetic, feed = self.trials.begin(seed)
                before = self._values(feed, seed, region)
                for place in self.trials.places()[:UNKNOWNS]:
                    after = self._values(move_element(feed, place, _one(arithmetic)), seed, region)
                    for own, head in zip(found, heads, strict=True):
                        own.setdefault(place, set()).add((after[head] - before[head]).fraction())
            known[key] = [
                {place: slope for place, (slope, *others) in own.items() if not others and slope is not None}
                for own in found
            ]
        return known[key]

    def _values(self, feed: Feed, seed: int, forced: Mapping[int, int] = NOT_FORCED) -> list[Residue]:
        return [q.value for q in self.trials.ask(feed, seed, forced)]


def _find_direction(
    slopes: Sequence[Mapping[Place, Fraction]], earlier: Sequence[Mapping[Place, Fraction]]
) -> Mapping[Place, Fraction]:
    """How to move unknowns so that the last of some quantities moves, and none of the others; empty if not found.

    ``earlier`` are such directions of the others.
    """
    known = set.intersection(*(set(s) for s in slopes))
    for place in sorted(known):
        direction = {place: Fraction(1)}
        for own, slope in zip(earlier, slopes):
            if own and known.issuperset(own):
                factor = _move(slope, direction) / _move(slope, own)
                direction = {p: direction.get(p, Fraction(0)) - factor * own.get(p, 0) for p in {*direction, *own}}
        if _move(slopes[-1], direction) and not any(_move(s, direction) for s in slopes[:-1]):
            return {p: f for p, f in direction.items() if f}
    return {}


def _move(slopes: Mapping[Place, Fraction], direction: Mapping[Place, Fraction]) -> Fraction:
    """By how much a quantity moves along a direction."""
    return sum((slopes[place] * part for place, part in direction.items()), Fraction(0))


def _one(arithmetic: Residues) -> Residue:
    return rational(Fraction(1), arithmetic.field)


def _up_to_sign(value: Residue) -> int | None:
    t, p = value.values[0], value.field.moduli[0]
    return None if t is None else min(t, p - t)
