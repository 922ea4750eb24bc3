"""The search for a counterexample: at tidy points, beside boundaries of conditions, at random; then it is shrunk."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from tracer.comparison.candidates import constants_in, random_points, tidy_points
from tracer.comparison.instances import DIGITS, Instance, Outcome
from tracer.ops.contraction import Contraction
from tracer.progress import tick
from tracer.shapes import is_concrete, size

WORK = 60_000
"""About how many numbers are computed in the search at one choice of sizes."""

MOST, LEAST = 220, 16
"""How many points are tried."""

PLAIN = 1e-7
"""The relative error from which on a difference is plain: a simpler point must not make it less than that."""

TRIES, FEWEST = 200, 24
"""How many simpler points are tried in place of a counterexample, and how many at least where programs are large."""

LARGE = 16
"""Arrays of more elements are cleared by blocks."""

STEPS = 6
"""How often the way to a boundary is corrected."""


class Found(NamedTuple):
    """A counterexample: the programs, the values of the sources, and those of the programs."""

    instance: Instance
    values: list[np.ndarray]
    outcome: Outcome


def list_constants(instance: Instance) -> list[float]:
    """The numbers that conditions of programs may compare with."""
    return [*constants_in(instance.order), *instance.constants]


class Search:
    """A search for a point at which two programs differ, which counts the points at which they agree.

    Attributes
    ----------
    points : int
        At how many both were finite.
    digits : float
        How many digits agreed at the worst of them.
    """

    def __init__(self) -> None:
        self.points = 0
        self.digits = float(DIGITS)

    def begin(self, instance: Instance, given: Sequence[list[np.ndarray]]) -> Found | None:
        """Search at the points given, the tidiest ones and those beside conditions, before a proof is tried."""
        constants = list_constants(instance)
        tidy = list(islice(tidy_points(instance.shapes, constants), LEAST))
        return self.look_at(instance, itertools.chain(given, tidy, self.find_boundaries(instance, tidy[:2], LEAST)))

    def run(self, instance: Instance, share: float = 1.0) -> Found | None:
        """Search at the sizes of an instance, for a share of the work."""
        count = max(LEAST, min(MOST, int(share * WORK / _count_work(instance))))
        constants = list_constants(instance)
        tidy = list(islice(tidy_points(instance.shapes, constants), count))
        points = (
            tidy,
            self.find_boundaries(instance, tidy[:2], count),
            islice(random_points(instance.shapes, 7, constants), max(8, count // 3)),
        )
        return self.look_at(instance, itertools.chain(*points))

    def look_at(self, instance: Instance, points: Iterable[list[np.ndarray]]) -> Found | None:
        """The first of the points at which the programs differ."""
        return next((found for values in points if (found := self.look(instance, values))), None)

    def look(self, instance: Instance, values: Sequence[np.ndarray]) -> Found | None:
        """Whether the programs differ at a point, which is counted if they do not."""
        tick()
        outcome = instance.compare(values)
        if outcome.differs:
            return Found(instance, instance.cast(values), outcome)
        if outcome.defined:
            self.points += 1
            self.digits = min(self.digits, outcome.digits)
        return None

    def find_boundaries(
        self, instance: Instance, bases: Sequence[list[np.ndarray]], count: int
    ) -> Iterator[list[np.ndarray]]:
        """Points on and beside the boundaries at which a condition changes, reached along one element of a source.

        After them, points beyond two boundaries at once: what differs may differ only where two conditions hold.
        """
        if not instance.tensors:
            return
        mixed = next(random_points(instance.shapes, 3, ()))
        places = [(k, i) for k, s in enumerate(instance.shapes) for i in range(min(int(np.prod(s)), 3))][:8]
        left = count
        beyond: dict[tuple[int, int], dict[float, None]] = {}
        for base in (*bases, mixed):
            before = instance.find_margins(base)
            if not before:
                continue
            for k, i in places:
                after = instance.find_margins(_move_element(base, k, i, 1.0))
                left -= 1
                seen: set[float] = set()
                for key, (m, n) in enumerate(zip(before, after)):
                    step, used = _find_root(instance, base, k, i, key, m, n)
                    left -= used
                    if step is None or step in seen or len(seen) >= 6:
                        continue
                    seen.add(step)
                    nearby = max(abs(step), 1.0) * 2.0**-12
                    own = beyond.setdefault((k, i), {})
                    own |= dict.fromkeys(float(base[k].flat[i]) + step + d for d in (1.0, -1.0))
                    for d in (0.0, 1.0, -1.0, nearby, -nearby):
                        left -= 1
                        yield _move_element(base, k, i, step + d)
                if left <= 0:
                    break
            if left <= 0:
                break
        yield from islice(_beyond_both(mixed, beyond), count)


def _beyond_both(
    base: Sequence[np.ndarray], beyond: Mapping[tuple[int, int], Iterable[float]]
) -> Iterator[list[np.ndarray]]:
    """Points of which two elements lie beyond boundaries of conditions."""
    for (first, those), (second, others) in itertools.combinations(beyond.items(), 2):
        for v, w in itertools.product(those, others):
            values = [np.array(b) for b in base]
            for (k, i), x in ((first, v), (second, w)):
                values[k].flat[i] = x
            yield values


def _count_work(instance: Instance) -> int:
    """About how many numbers are computed."""
    work = 0
    for t in instance.order:
        if is_concrete(t.shape):
            own = int(size(t.shape))
            if isinstance(t.rule, Contraction):
                own = max([own, *(int(size(a.shape)) for a in t.args)])
            work += 1 + own
    return max(work, 1)


def _move_element(base: Sequence[np.ndarray], k: int, i: int, step: float) -> list[np.ndarray]:
    """A point with one element of one source moved."""
    values = [np.array(v) for v in base]
    values[k].flat[i] += step
    return values


def _find_root(
    instance: Instance, base: Sequence[np.ndarray], k: int, i: int, key: int, m: Any, n: Any
) -> tuple[float | None, int]:
    """How far to move an element until a condition is at its boundary, by secants; and the evaluations that it took."""
    x0, x1 = 0.0, 1.0
    for used in range(STEPS):
        if not abs(m - n) > 0 or not abs(m - n) < 1e300:
            return None, used
        x2 = round(float(x1 - n * (x1 - x0) / (n - m)), 9)
        if not abs(x2) < 1e12:
            return None, used
        margins = instance.find_margins(_move_element(base, k, i, x2))
        if key >= len(margins) or not abs(margins[key]) >= 0:
            return None, used + 1
        if abs(margins[key]) < 1e-9:
            return x2, used + 1
        if used and abs(margins[key]) > abs(n):
            return None, used + 1
        x0, m, x1, n = x1, n, x2, margins[key]
    return x1, STEPS


def shrink(found: Found) -> Found:
    """A counterexample with more zeros, and whole numbers nearer to zero, where the programs differ still."""
    left = max(FEWEST, min(TRIES, WORK // _count_work(found.instance)))
    for k, value in enumerate(found.values):
        block = value.size // 2 if value.size > LARGE else 0
        while block > 1:
            for start in range(0, value.size, block):
                if left > 0 and found.values[k].flat[start : start + block].any():
                    left -= 1
                    found = _set_elements(found, k, slice(start, start + block), 0.0) or found
            block //= 2
    improved = True
    while improved and left > 0:
        improved = False
        for k, value in enumerate(found.values):
            for i in range(value.size):
                for simpler in _list_simpler(found.values[k].flat[i].item()):
                    if left <= 0:
                        return found
                    left -= 1
                    if better := _set_elements(found, k, i, simpler):
                        found, improved = better, True
                        break
    return found


def _set_elements(found: Found, k: int, place: int | slice, number: float) -> Found | None:
    """A counterexample with a number in some places of a value; None where the programs are the same then."""
    values = [np.array(v) for v in found.values]
    values[k].flat[place] = number
    values = found.instance.cast(values)
    outcome = found.instance.compare(values)
    if outcome.differs and outcome.error >= min(found.outcome.error, PLAIN):
        return Found(found.instance, values, outcome)
    return None


def _list_simpler(x: float | int | bool) -> list[float]:
    """Numbers that are tidier than one, the tidiest first."""
    if isinstance(x, bool):
        return [False] if x else []
    tidy = [0.0, 1.0, -1.0, 2.0, float(round(x)), float(np.trunc(x)), round(x, 1), float(np.trunc(x / 2)), x / 2]
    tidy += [float(f"{y:.{digits}g}") for digits in (1, 2, 4) for y in (x, 1.05 * x) if abs(x) < 1e300]
    whole = float(round(x))
    if 0 < abs(x - whole) < abs(whole) / 100:  # Next to a number of few digits, as at the edge of a domain.
        beyond = math.ceil(math.log10(abs(x - whole)))
        tidy += [whole + math.copysign(10.0**power, x - whole) for power in (beyond, beyond - 1)]
    return [t for t in dict.fromkeys(tidy) if _measure_length(t) < _measure_length(x)]


def _measure_length(x: float) -> tuple[int, float, bool]:
    """What numbers are ordered by: how long they are to read, then how large they are."""
    plain, power = f"{abs(x):.12g}", f"{abs(x):.11e}".replace("e+", "e").replace("e0", "e").replace("e-0", "e-")
    mantissa, _, exponent = power.partition("e")
    length = min(len(plain), len(mantissa.rstrip("0").rstrip(".") + "e" + exponent))
    return length if x else 0, abs(x), x < 0
