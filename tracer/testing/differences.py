"""Derivatives by differences in many digits, with what is constant for the derivative held at its value.

A central difference with a step of ``10**-k`` has an error of about ``10**-2k``, and rounding one of ``10**(k - d)``
with ``d`` digits (Nocedal and Wright, Numerical Optimization, section 8.1): forty-five digits leave thirty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import repeat
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from tracer.dtypes import FLOATS
from tracer.precise.arithmetic import box_numbers, count_truths, fill_array
from tracer.precise.digits import Digits
from tracer.precise.numeric import Numeric
from tracer.rules import TABLE
from tracer.tensor import SOURCES, Tensor
from tracer.walk import ancestors

STEPS = 15, 40, 120
"""The step is so many digits below the input; where that is too much, for what oscillates, a finer one is taken."""

FINER = 40
"""Differences are confirmed by a step so many digits finer than the last one, finer still beside small elements and
large ones: what it changes is their error."""

SPARE = 30
"""How many digits there are beside those that the step and the sizes of the inputs take."""

FIRST_DIGITS = 2 * STEPS[0] + SPARE
"""With so many digits there is the first step: a point whose values have as many is not evaluated again for it."""

FLOAT_STEPS = 2e-3, 1e-3
"""Steps of differences in floats, in parts of the input."""

BEND = 1e-10
"""What part of them slopes on the sides of a point may differ by: at a kink they differ by more."""

Point: TypeAlias = "Sequence[np.ndarray]"
"""An array for each source."""


class Missing(Enum):
    """Why there are no derivatives along a direction."""

    INFINITE = "a value beside the point is no finite number"
    BENT = "the slopes on both sides of the point are others"
    ERRATIC = "another step gives others"


class Slopes(NamedTuple):
    """The derivatives along a direction.

    Attributes
    ----------
    values : list of arrays
        Those of each target.
    noise : number
        What rounding may have changed of them.
    """

    values: list[np.ndarray]
    noise: Any


class Known(NamedTuple):
    """A point in numbers of an arithmetic, and the values of the targets there."""

    arithmetic: Digits
    point: Point
    values: Sequence[np.ndarray]


class _Center(NamedTuple):
    """A point in numbers of many digits, what is constant there, the values, and what rounding may change of slopes."""

    arithmetic: Digits
    point: Point
    held: dict[int, np.ndarray]
    values: Sequence[np.ndarray]
    noise: Any


class Differences:
    """Derivatives of tensors by their sources, in directions, with what is constant held.

    Parameters
    ----------
    targets : sequence of Tensor
    sources : sequence of Tensor
    constants : sequence of Tensor
        What is held at its value, though it depends on sources; see :func:`find_constants`.
    """

    def __init__(self, targets: Sequence[Tensor], sources: Sequence[Tensor], constants: Sequence[Tensor]) -> None:
        self.targets, self.sources, self.constants = list(targets), list(sources), list(constants)
        self._constants = Numeric(self.constants, rough=True)
        self._held = Numeric(targets, rough=True, given={t.node for t in constants})
        self._arithmetics: dict[int, Digits] = {}
        self._last: Surroundings | None = None

    @property
    def rounded(self) -> bool:
        """Whether something could only be computed in floats, of which small differences say nothing."""
        return self._constants.rounded or self._held.rounded

    def around(self, point: Point, known: Known | None = None) -> Surroundings:
        """The derivatives at a point, where the values may be known already; those that were found last are kept."""
        if self._last is None or not all(map(np.array_equal, self._last.point, point)):
            self._last = Surroundings(self, point, known)
        return self._last

    def arithmetic(self, digits: int) -> Digits:
        """Numbers of so many digits."""
        if digits not in self._arithmetics:
            self._arithmetics[digits] = Digits(digits)
        return self._arithmetics[digits]

    def hold(self, boxed: Point, a: Digits) -> dict[int, np.ndarray]:
        """What is constant for the derivatives at a point, by its nodes."""
        return {t.node: v for t, v in zip(self.constants, self._constants(self._feed(boxed), a))}

    def evaluate(self, boxed: Point, held: Mapping[int, np.ndarray], a: Digits) -> list[np.ndarray]:
        """The values at a point, with what is constant as it was."""
        values = self._held({**self._feed(boxed), **held}, a)
        return [count_truths(v, a) for v in values]

    def _feed(self, boxed: Sequence[np.ndarray]) -> dict[int, np.ndarray]:
        return {s.node: v for s, v in zip(self.sources, boxed)}

    def along_in_floats(self, point: Point, direction: Point) -> Slopes | Missing:
        """The derivatives along a direction, by values in floats, where two steps agree."""
        coarse, fine = (self._float_slopes(point, direction, h) for h in FLOAT_STEPS)
        size = max((float(np.max(np.abs(v), initial=0.0)) for v in fine), default=0.0)
        errors = [float(np.max(np.abs(u - v), initial=0.0)) for u, v in zip(coarse, fine)]
        alike = all(error <= 1e-5 * size for error in errors) and not self.constants
        return Slopes([fill_array(v.shape, v.ravel().tolist()) for v in fine], 0.0) if alike else Missing.ERRATIC

    def _float_slopes(self, point: Point, direction: Point, h: float) -> list[np.ndarray]:
        """Central differences of the fourth order (Fornberg, Math. Comp. 51, 1988, table 1)."""
        values = []
        for k in (-2, -1, 1, 2):
            moved = [v + k * h * d for v, d in zip(point, direction)]
            feed: dict[Any, Any] = dict(zip(self.sources, [*moved, *point[len(moved) :]]))
            values.append([evaluate_floats(t, feed) for t in self.targets])
        return [(a - 8 * b + 8 * c - d) / (12 * h) for a, b, c, d in zip(*values)]


class Surroundings:
    """Derivatives at a point, by values beside it: its own are computed once for each step, and no slopes twice.

    Parameters
    ----------
    differences : Differences
        Of what is differentiated.
    point : sequence of arrays
    known : Known, optional
        The same point in some number of digits, with the values there.
    """

    def __init__(self, differences: Differences, point: Point, known: Known | None = None) -> None:
        self.differences, self.point, self.known = differences, [np.array(v) for v in point], known
        self._centers: dict[tuple[int, int], _Center] = {}
        self._slopes: dict[tuple[int, int, bytes], Slopes | Missing] = {}

    @property
    def finest(self) -> int:
        """The step that others are confirmed by."""
        sizes = [abs(v) for part in self.point for v in np.asarray(part, float).flat if v]
        least, largest = min(sizes, default=1.0), max(sizes, default=1.0)
        return STEPS[-1] + FINER - min(0, int(np.log10(least))) + max(0, int(np.log10(largest)))

    def along(self, direction: Point, step: int, more: int = 0) -> Slopes | Missing:
        """The derivatives along a direction, which has an array for each of the first sources.

        The step is ``10**-step`` of it, and there are so many ``more`` digits than it takes.
        """
        key = step, more, b"".join(v.tobytes() for v in direction)
        if key not in self._slopes:
            self._slopes[key] = self._find_slopes(direction, step, more)
        return self._slopes[key]

    def _find_slopes(self, direction: Point, step: int, more: int) -> Slopes | Missing:
        if (step, more) not in self._centers:
            self._centers[step, more] = self._evaluate_center(step, more)
        a, x, held, values, noise = self._centers[step, more]
        d = [box_numbers(v, a) for v in direction]
        h = a.context.mpf(10) ** -step
        points = ([*(shift(v, side, e) for v, e in zip(x, d)), *x[len(d) :]] for side in (h, -h))
        up, down = ends = [self.differences.evaluate(p, held, a) for p in points]
        if all(map(_is_smooth, up, values, down, repeat(h))):
            return Slopes(_divide_differences(up, down, h), noise)
        return Missing.BENT if all(a.is_finite(v) for end in ends for t in end for v in t.flat) else Missing.INFINITE

    def _evaluate_center(self, step: int, more: int) -> _Center:
        digits = count_digits(self.point, step) + more
        a = self.differences.arithmetic(digits)
        known = self.known if self.known is not None and self.known.arithmetic.digits == digits else None
        x = known.point if known is not None else [box_numbers(v, a) for v in self.point]
        held = self.differences.hold(x, a)
        values = known.values if known is not None else self.differences.evaluate(x, held, a)
        size = max((abs(v) for t in values for v in t.flat), default=0)
        return _Center(a, x, held, values, size * a.context.mpf(10) ** (step + SPARE // 2 - digits))


def evaluate_floats(tensor: Tensor, feed: dict[Any, Any]) -> np.ndarray:
    """The value in floats; not a number where a matrix has no inverse, or no factor."""
    try:
        return np.asarray(tensor.eval(feed), float)
    except np.linalg.LinAlgError:
        return np.full(tuple(map(int, tensor.shape)), np.nan)


def _is_smooth(up: np.ndarray, center: np.ndarray, down: np.ndarray, h: Any) -> bool:
    """Whether numbers are finite, and their slopes on both sides the same up to the step."""
    for x, y, z in zip(up.flat, center.flat, down.flat):
        ahead, behind = (x - y) / h, (y - z) / h
        bend = abs(ahead - behind)
        # Of what is not finite, nothing is less.
        if not (bend <= BEND * (abs(ahead) + abs(behind)) or bend**2 <= h * max(1, abs(y)) ** 2):
            return False
    return True


def _divide_differences(up: Sequence[np.ndarray], down: Sequence[np.ndarray], h: Any) -> list[np.ndarray]:
    return [fill_array(u.shape, [(x - z) / (2 * h) for x, z in zip(u.flat, d.flat)]) for u, d in zip(up, down)]


def find_constants(tensors: Sequence[Tensor]) -> list[Tensor]:
    """What tensors are computed from that counts as a constant for derivatives, though it depends on sources.

    What a gradient rule stops is none: its gradient is differentiated as what it is worth.
    """
    return [t for t in ancestors(tensors) if t.rule not in SOURCES and t.dtype in FLOATS and _is_constant(t)]


def _is_constant(tensor: Tensor) -> bool:
    return tensor.context.constant or tensor.rule is TABLE["stop_gradient"]


def shift(values: np.ndarray, step: Any, direction: np.ndarray) -> np.ndarray:
    """Numbers moved along a direction."""
    return fill_array(values.shape, [v + step * d if d else v for v, d in zip(values.flat, direction.flat)])


def count_digits(point: Point, step: int) -> int:
    """How many digits differences of values at a point need, whose elements may be of very different sizes.

    That is looked at where the first step does not do: squares that are added are seldom.
    """
    if step == STEPS[0]:
        return FIRST_DIGITS
    digits = 2 * step + SPARE
    sizes = [abs(float(np.log10(abs(v)))) for part in point for v in np.asarray(part, float).flat if v]
    return digits + SPARE * -int(-2 * max(sizes, default=0.0) // SPARE)
