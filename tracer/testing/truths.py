"""The derivatives at a point: exact ones, which differences have to agree with, and those on all sides of a kink."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, NamedTuple, TypeAlias
from zlib import crc32

import numpy as np

from tracer.comparison.instances import flatten
from tracer.precise.arithmetic import box_numbers, fill_array
from tracer.precise.digits import Digits
from tracer.testing.differences import STEPS, Differences, Known, Missing, Slopes, Surroundings, count_digits

AGREED = 1e-12
"""The relative error up to which differences agree with derivatives: theirs is far smaller."""

AGREED_IN_FLOATS = 1e-4
"""The same of differences in floats, where what is computed has no more digits."""

UNSEEN = 1e-320
"""An error that no float shows."""

FEWEST = 40
"""Digits are added by so many: for each number of them there is an arithmetic."""

JUMP = 2.0**-30
"""By what part of it a value differs beside a point at which it jumps."""

SAME = 1e-9
"""The relative difference up to which sums of derivatives on the sides of a kink are the same."""

FEW = 12
"""So many elements are moved one by one to both sides of a kink; more are moved all at once."""

PARTS = tuple(sign * k for k in range(1, 8) for sign in (-1.0, 1.0))
"""By how many times itself an element is moved, where differences along a direction are compared with derivatives."""

SIDES, MANY_SIDES = 3, 100
"""In how many random directions elements are moved from a kink together; the second where a rule seems wrong."""

Point: TypeAlias = "Sequence[np.ndarray]"
"""An array for each source."""


class Values(NamedTuple):
    """The values at a point: of the exact derivatives, of what a traced rule answers, and of what is differentiated."""

    exact: list[np.ndarray]
    answers: list[np.ndarray]
    primals: list[np.ndarray]


class Truth(NamedTuple):
    """What is known at a point.

    Attributes
    ----------
    expected : list of arrays
        The derivatives, as numbers of many digits.
    low, high : list of arrays
        The least and the greatest of the derivatives beside the point: at a kink each between them is a subgradient.
    totals : sequence of tuple
        At a kink groups of arguments, and the sum of all elements of their gradients, where it is the same on all
        sides: every subgradient has it.
    by_differences : bool
        Whether they are those of differences alone.
    tolerance : float
        The relative error that differences may have.
    answers : list of arrays or None
        What a traced rule answers in as many digits, if these are more than were asked for.
    """

    expected: list[np.ndarray]
    low: list[np.ndarray]
    high: list[np.ndarray]
    totals: Sequence[tuple[Sequence[int], Any]] = ()
    by_differences: bool = False
    tolerance: float = 0.0
    answers: list[np.ndarray] | None = None

    def find_nearest(self, answers: Point) -> list[np.ndarray]:
        """The derivatives, or where an answer is a subgradient or beyond them all, the subgradient nearest to it.

        Elements that are each between those of two subgradients are moved until their sum is that of all of them.
        """
        found = [_clip(*parts) for parts in zip(self.expected, self.low, self.high, answers)]
        for group, total in self.totals:
            left = total - add_elements(found, group)
            for own, low, high in ((found[k], self.low[k], self.high[k]) for k in group):
                for i, x in enumerate(own.flat):
                    own.flat[i] = min(max(x + left, low.flat[i]), high.flat[i])
                    left -= own.flat[i] - x
        return found


class Truths:
    """The derivatives of tensors by their sources, weighted by cotangents.

    Parameters
    ----------
    evaluate : callable
        The values at numbers of many digits. The last of the sources are the cotangents.
    differences : Differences
        Those of what is differentiated.
    count : int
        By how many of the sources they are taken.
    """

    def __init__(self, evaluate: Callable[[Point, Digits], Values], differences: Differences, count: int) -> None:
        self.evaluate, self.differences, self.count = evaluate, differences, count

    def at(
        self,
        point: Point,
        boxed: Point,
        values: Values,
        a: Digits,
        beside: float,
        kink: bool,
        centre: bool = True,
        sides: int = SIDES,
    ) -> Truth | None:
        """What is known at a point of the domain, given the values there; None where it is nothing.

        ``boxed`` is the point in numbers of many digits, ``beside`` how far from a kink the derivatives are looked at,
        in parts of the inputs, and ``sides`` in how many random directions. ``centre`` says that the exact derivatives
        at a kink count, which are a convention; at ``x == 0`` they are those of a branch that holds there alone.
        """
        expected = values.exact
        if a.lost or not are_finite(expected, a):
            return self.by_differences(point, a, expected)
        if kink:
            found, everywhere, complete = [], True, True
            for direction in _directions(boxed[: self.count], sides):
                around = self.evaluate(self.move(boxed, a, beside, direction), a)
                if not are_finite(around.primals, a):
                    everywhere = complete = False
                    continue
                if _jumps(values.primals, around.primals):
                    return None
                if are_finite(around.exact, a):
                    found.append(around.exact)
                else:
                    complete = False
            if centre or not found or not complete:
                found.append(expected)
            truth = Truth(expected, _choose(min, found), _choose(max, found), _find_totals(found))
            return truth if everywhere else self._free_isolated(truth, boxed, a, beside)
        near = self.differences.around(point, Known(a, boxed, values.primals))
        agreed = self._confirm_exact(point, near, values, a)
        if agreed is None:
            return self.by_differences(point, a, expected, near)
        if agreed is Missing.BENT:  # A kink that no condition shows, as where a singular value is zero.
            return self.at(point, boxed, values, a, beside, True, centre, sides)
        if isinstance(agreed, Missing):
            return self._free_isolated(Truth(expected, expected, expected), boxed, a, beside)
        exact = agreed.exact
        return Truth(exact, exact, exact, answers=None if agreed is values else agreed.answers)

    def _free_isolated(self, truth: Truth, boxed: Point, a: Digits, beside: float) -> Truth:
        """The truth without bounds for elements that can't move alone: there is no derivative by the exponent at
        ``(-2)**3``, since beside it there are no values."""
        inputs = boxed[: self.count]
        low, high = ([v.copy() for v in bound] for bound in (truth.low, truth.high))
        for k, i in _places(inputs) if sum(v.size for v in inputs) <= FEW else ():
            moved = (self.move(boxed, a, beside, _unit(inputs, k, i, sign)) for sign in (1.0, -1.0))
            if not any(are_finite(self.evaluate(m, a).primals, a) for m in moved):
                low[k].flat[i], high[k].flat[i] = -a.context.inf, a.context.inf
        return truth._replace(low=low, high=high)

    def move(self, boxed: Point, a: Digits, beside: float, direction: Point | None = None) -> list[np.ndarray]:
        """A point beside one, in any direction where none is given."""
        own = next(_mixed_directions(boxed[: self.count])) if direction is None else direction
        moved = [_shift_by_parts(v, beside, d, a) for v, d in zip(boxed, own)]
        return [*moved, *boxed[self.count :]]

    def _confirm_exact(self, point: Point, near: Surroundings, values: Values, a: Digits) -> Values | Missing | None:
        """The values whose derivatives are those of differences along a direction, or why these say nothing; None where
        they disagree. What the first step refutes is computed again with more digits, if the point needs them.
        """
        # Another direction at each point, and the same again at the same point.
        choose = Random(crc32(b"".join(v.tobytes() for v in point))).choice
        direction = [
            np.reshape([choose(PARTS) for _ in range(v.size)], v.shape) * np.where(v == 0, 1, v)
            for v in point[: self.count]
        ]
        if self.differences.rounded:
            slopes = self.differences.along_in_floats(point, direction)
            if isinstance(slopes, Missing):
                return slopes
            return values if self._are_adjoint(point, values.exact, direction, slopes, AGREED_IN_FLOATS, a) else None
        for step in STEPS:
            slopes = near.along(direction, step)
            if isinstance(slopes, Missing):
                if step == STEPS[0]:
                    continue
                return slopes
            if self._are_adjoint(point, values.exact, direction, slopes, AGREED, a):
                return values
            more = self._count_lost_digits(point, values.exact, direction, slopes, a)
            slopes = near.along(direction, step, more) if more else slopes
            values = self._evaluate_closely(point, values, a) if step == STEPS[0] else values
            if isinstance(slopes, Slopes) and self._are_adjoint(point, values.exact, direction, slopes, AGREED, a):
                return values
        confirmed = _confirm(near, direction)
        return confirmed if isinstance(confirmed, Missing) else None

    def _evaluate_closely(self, point: Point, values: Values, a: Digits) -> Values:
        """The values in as many digits as the second step of differences takes, where these are more."""
        finer = self.differences.arithmetic(count_digits(point, STEPS[1]))
        if finer.digits <= a.digits:
            return values
        found = self.evaluate([box_numbers(v, finer) for v in point], finer)
        return found if are_finite(found.exact, finer) else values

    def _count_lost_digits(self, point: Point, expected: Point, direction: Point, slopes: Slopes, a: Digits) -> int:
        """How many digits more would show slopes that are small beside values, if they are as expected."""
        size = max(sum(map(abs, multiply(expected, direction, a))), UNSEEN / AGREED)
        noise = slopes.noise * sum(abs(float(v)) for v in flatten(point[len(point) - len(slopes.values) :]))
        if noise <= AGREED * size:
            return 0
        return FEWEST * (1 + int(a.context.log10(noise / size) - np.log10(AGREED)) // FEWEST)

    def _are_adjoint(
        self, point: Point, expected: Point, direction: Point, slopes: Slopes, tolerance: float, a: Digits
    ) -> bool:
        """Whether gradients times a direction are the slopes along it, times the cotangents."""
        ours = multiply(expected, direction, a)
        theirs = self._weigh(slopes, point, a)
        size = sum(map(abs, [*ours, *theirs]))
        return bool(abs(sum(ours) - sum(theirs)) <= tolerance * size + UNSEEN)

    def _weigh(self, slopes: Slopes, point: Point, a: Digits) -> list[Any]:
        """Derivatives along a direction times the cotangents, which are the last of the sources."""
        return multiply(slopes.values, point[len(point) - len(slopes.values) :], a)

    def by_differences(
        self, point: Point, a: Digits, expected: Point | None = None, near: Surroundings | None = None
    ) -> Truth | None:
        """What differences say, element by element; None where that is nothing.

        First by what has no finite derivative as is ``expected``, which may have none.
        """
        near = near or self.differences.around(point)
        inputs, rounded = point[: self.count], self.differences.rounded
        found = [fill_array(v.shape, [None] * v.size) for v in inputs]
        places = _places(inputs)
        if expected is not None:
            places.sort(key=lambda at: a.is_finite(expected[at[0]].flat[at[1]]))
        for k, i in places:
            size = abs(float(inputs[k].flat[i])) or 1.0
            unit = _unit(inputs, k, i, size)
            slopes = self.differences.along_in_floats(point, unit) if rounded else _confirm(near, unit)
            if isinstance(slopes, Missing):
                return None
            found[k].flat[i] = sum(self._weigh(slopes, point, a)) / a.context.mpf(size)
        return Truth(found, found, found, (), True, AGREED_IN_FLOATS if rounded else AGREED)


def _confirm(near: Surroundings, direction: Point) -> Slopes | Missing:
    """The derivatives along a direction, unless a finer step changes them, which shows their error."""
    coarse = near.along(direction, STEPS[-1])
    if isinstance(coarse, Missing):
        return coarse
    fine = near.along(direction, near.finest)
    if isinstance(fine, Missing):
        return fine
    pairs = list(zip(flatten(coarse.values), flatten(fine.values)))
    allowed = AGREED * sum(abs(y) for _, y in pairs) + UNSEEN
    return fine if sum(abs(x - y) for x, y in pairs) <= allowed else Missing.ERRATIC


def _clip(expected: np.ndarray, low: np.ndarray, high: np.ndarray, answer: np.ndarray) -> np.ndarray:
    numbers = zip(expected.flat, low.flat, high.flat, answer.flat)
    return fill_array(expected.shape, [min(max(y if y == y else e, lo), hi) for e, lo, hi, y in numbers])


def _jumps(center: Point, beside: Point) -> bool:
    """Whether the values beside a point are others, so that there is no derivative."""
    return any(abs(x - y) > JUMP * max(1, abs(y)) for x, y in zip(flatten(beside), flatten(center)))


def are_finite(arrays: Point, a: Digits) -> bool:
    """Whether all numbers are."""
    return all(map(a.is_finite, flatten(arrays)))


def multiply(numbers: Point, floats: Point, a: Digits) -> list[Any]:
    """The products of elements, whose sum is an inner product."""
    return [x * a.number(y.item()) for x, y in zip(flatten(numbers), flatten(floats), strict=True)]


def _find_totals(around: Sequence[Point]) -> list[tuple[Sequence[int], Any]]:
    """The sums of all elements of gradients, for each argument and for all together, that are the same all around."""
    every = range(len(around[0]))
    found: list[tuple[Sequence[int], Any]] = []
    for group in (*([k] for k in every), every):
        sums = [add_elements(p, group) for p in around]
        size = max(sum(abs(x) for k in group for x in p[k].flat) for p in around)
        if max(sums) - min(sums) <= SAME * size:
            found.append((group, sums[0]))
    return found


def add_elements(arrays: Point, group: Sequence[int]) -> Any:
    """The sum of all elements of some arrays."""
    return sum(x for k in group for x in arrays[k].flat)


def _shift_by_parts(values: np.ndarray, step: float, direction: np.ndarray, a: Digits) -> np.ndarray:
    """Numbers moved along a direction in parts of them, of one where they are zero; truth values do not move."""
    if not direction.any():
        return values
    pairs = zip(values.flat, direction.ravel().tolist())
    moved = [x + a.context.mpf(step * d) * (abs(x) or 1) if d and not isinstance(x, bool) else x for x, d in pairs]
    return fill_array(values.shape, moved)


def _places(inputs: Point) -> list[tuple[int, int]]:
    """Each element, as the position of its array and its own."""
    return [(k, i) for k, v in enumerate(inputs) for i in range(v.size)]


def _unit(inputs: Point, k: int, i: int, size: float) -> list[np.ndarray]:
    """A direction in which one element moves."""
    found = [np.zeros(v.shape) for v in inputs]
    found[k].flat[i] = size
    return found


def _directions(inputs: Point, count: int) -> Iterator[list[np.ndarray]]:
    """Directions to all sides: along each element if they are few, and some in which all move."""
    places = _places(inputs)
    if len(places) <= FEW:
        for k, i in places:
            for sign in (1.0, -1.0):
                yield _unit(inputs, k, i, sign)
    yield from _mixed_directions(inputs, count)


def _mixed_directions(inputs: Point, count: int = SIDES) -> Iterator[list[np.ndarray]]:
    """Directions in which all elements move, each by another part of it, and their opposites."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        drawn = [rng.choice((-1.0, 1.0), v.shape) * rng.uniform(0.5, 2, v.shape) for v in inputs]
        yield drawn
        yield [-d for d in drawn]


def _choose(pick: Callable[..., Any], around: Sequence[Point]) -> list[np.ndarray]:
    """The least or the greatest of each element."""
    return [fill_array(p[0].shape, [pick(at) for at in zip(*(v.flat for v in p))]) for p in zip(*around)]
