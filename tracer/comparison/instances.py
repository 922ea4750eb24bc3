"""Two programs at one choice of sizes: their values at points, and whether they differ there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

import numpy as np

from tracer.comparison.assumed import meet
from tracer.comparison.parameters import NOTHING
from tracer.comparison.sides import Side, trace_both
from tracer.precise.arithmetic import box_numbers, count_truths, fill_array
from tracer.precise.digits import HUGE, Digits
from tracer.precise.numeric import Numeric
from tracer.tensor import Tensor, placeholder
from tracer.walk import ancestors

FINE, ROUGH = 1e-12, 1e-9
"""Relative differences from which on values are taken for different: in many digits, and in floats."""

ROUNDING, BESIDE = 4e-15, (1e-9, 1e-6, 1e-4)
"""What part of a value errors of floats are, and how far beside a point, in parts of it, floats are looked at again."""

DIGITS = 40


class Outcome(NamedTuple):
    """What is found at a point.

    Attributes
    ----------
    defined : bool
        Whether both are finite there.
    differs : bool
    digits : float
        How many digits agree.
    left, right : list of arrays
        The values.
    """

    defined: bool
    differs: bool
    digits: float
    left: list[np.ndarray]
    right: list[np.ndarray]

    @property
    def error(self) -> float:
        """The largest relative difference of elements; infinite where arrays have other shapes."""
        if not _alike(self.left, self.right):
            return inf
        pairs = zip(flatten(self.left), flatten(self.right), strict=True)
        return max((relative_error(x, y) for x, y in pairs), default=0.0)


def relative_error(x: Any, y: Any) -> float:
    """By what part of the larger of them two numbers differ; infinite where one is not a finite number."""
    error = abs(x - y)
    size = max(abs(x), abs(y))
    if not np.isfinite(float(error)):
        return np.inf
    return float(error / size) if size else 0.0


UNDEFINED = Outcome(False, False, inf, [], [])


class Instance:
    """Two programs over sources of numeric shapes.

    Attributes
    ----------
    shapes : list of tuple of int
    left, right : list of Tensor or None
        What was traced; None where a program can only be computed.
    constants : sequence of float
        Numbers that conditions may compare with, beside those in what was traced.
    """

    constants: Sequence[float] = ()

    def __init__(
        self,
        sides: tuple[Side, Side],
        names: Sequence[str],
        shapes: Sequence[tuple[int, ...]],
        dtypes: Sequence[str],
        sizes: Mapping[str, int],
        assumed: Sequence[Mapping[str, bool]] = (),
    ) -> None:
        self.sides, self.names, self.shapes, self.dtypes, self.sizes = sides, list(names), list(shapes), dtypes, sizes
        self.assumed = assumed or [NOTHING] * len(names)
        self.sources = {n: placeholder(n, s, d, **a) for n, s, d, a in zip(names, shapes, dtypes, self.assumed)}
        self.left, self.right = trace_both(sides, self.sources, sizes)
        self.traced = self.left is not None and self.right is not None
        for side, found in zip(sides, (self.left, self.right)):
            if found is None:
                self._require_computable(side)
        self.digits = Digits(DIGITS)
        self._numeric: Numeric | None = None
        self._jittered: dict[int, list[Digits]] = {}

    def _require_computable(self, side: Side) -> None:
        """Raise why a program could not be traced, where it can't be computed either."""
        try:
            side.compute([np.ones(s) for s in self.shapes])
        except np.linalg.LinAlgError:
            return
        except Exception:
            assert side.error is not None
            raise side.error from None

    @property
    def tensors(self) -> list[Tensor]:
        """All that was traced."""
        return [*(self.left or ()), *(self.right or ())]

    @property
    def order(self) -> list[Tensor]:
        """All that was traced and what it is computed from."""
        return ancestors(self.tensors)

    def cast(self, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Values of the sources' dtypes, and such as their assumptions allow."""
        with np.errstate(invalid="ignore"):  # No integer is as large as some floats that are tried.
            return [np.asarray(meet(np.asarray(v), a), d) for v, d, a in zip(values, self.dtypes, self.assumed)]

    def evaluate(self, values: Sequence[np.ndarray], arithmetic: Digits) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The values of the tensors that were traced, over an arithmetic."""
        return self.evaluate_boxed([box_numbers(v, arithmetic) for v in values], arithmetic)

    def evaluate_boxed(
        self, values: Sequence[np.ndarray], arithmetic: Digits
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The values of the tensors that were traced, at numbers of an arithmetic."""
        feed = {source.node: v for source, v in zip(self.sources.values(), values)}
        numeric = self._numeric = self._numeric or Numeric(self.tensors, rough=True)
        found = [as_numbers(v, arithmetic) for v in numeric(feed, arithmetic)]
        cut = len(self.left or ())
        return found[:cut], found[cut:]

    def find_margins(self, values: Sequence[np.ndarray]) -> list[Any]:
        """What conditions compare with zero at a point, in order."""
        a = self.digits
        a.margins = []
        try:
            self._ask_conditions([box_numbers(v, a) for v in self.cast(values)], a)
            return a.margins
        finally:
            a.margins = None

    def _ask_conditions(self, boxed: Sequence[np.ndarray], a: Digits) -> None:
        """Compute all whose conditions matter."""
        self.evaluate_boxed(boxed, a)

    def compare(self, values: Sequence[np.ndarray]) -> Outcome:
        """What is found at a point: whether the two differ there."""
        values = self.cast(values)
        a = self.digits
        a.reach, a.overflowed, a.lost = 0, False, False
        left, right = self._values(values, a)
        if left is None or right is None or a.lost:
            return UNDEFINED
        rough = not self.traced or (self._numeric is not None and self._numeric.rounded)
        outcome = _judge(left, right, a, ROUGH if rough else FINE)
        if not outcome.differs or not _alike(left, right):
            return outcome
        confirmed = self._confirm_rough(values, outcome, a) if rough else self._confirm(values, outcome, a)
        return UNDEFINED if confirmed is None else outcome._replace(differs=confirmed)

    def _values(
        self, values: Sequence[np.ndarray], a: Digits
    ) -> tuple[list[np.ndarray] | None, list[np.ndarray] | None]:
        """The values of both, as numbers of many digits."""
        left, right = self.evaluate(values, a) if self.tensors else ([], [])
        found: list[list[np.ndarray] | None] = []
        for side, traced, known in zip(self.sides, (self.left, self.right), (left, right)):
            if traced is not None:
                found.append(known)
                continue
            try:
                found.append([as_numbers(fill_array(v.shape, v.ravel().tolist()), a) for v in side.compute(values)])
            except (ArithmeticError, ValueError, np.linalg.LinAlgError, TypeError, IndexError):
                found.append(None)
        return found[0], found[1]

    def _confirm(self, values: Sequence[np.ndarray], outcome: Outcome, a: Digits) -> bool | None:
        """Whether an element that differs does so with many more digits and other errors in rounded numbers.

        None where rounding decides a condition, as that of ``A @ x > A @ x`` by another order of sums.
        """
        before = _differences(outcome.left, outcome.right)
        sizes = _sizes(outcome.left, outcome.right)
        digits = DIGITS * -(-(2 * a.digits + min(a.reach, HUGE)) // DIGITS)
        if digits not in self._jittered:
            self._jittered[digits] = [Digits(digits, jitter=seed) for seed in (1, 2)]
        finer = self._jittered[digits]
        for f in finer:
            f.tied = False
        again = [_differences(*self.evaluate(values, f)) for f in finer]
        if any(f.tied for f in finer):
            return None
        return any(
            abs(d) > FINE * size and all(abs(d - a.context.mpf(other)) <= abs(d) / 4 for other in others)
            for d, size, *others in zip(before, sizes, *again, strict=True)
        )

    def _confirm_rough(self, values: Sequence[np.ndarray], outcome: Outcome, a: Digits) -> bool:
        """Whether a difference is far above what errors of the values in floats do to it.

        Beside the point the difference is about the same, or there is none. One that is erratic is made of rounding:
        ``(1 - cos(x))/x**2`` has few digits near zero.
        """
        before = np.asarray([float(d) for d in _differences(outcome.left, outcome.right)])
        size = np.abs(before)
        differ = np.zeros(before.shape, bool)
        for width in (ROUNDING, *BESIDE):
            after = self._differences_beside(values, width, a)
            if after is None and width == ROUNDING:
                return False
            if after is None:
                continue
            change = np.max(np.abs(after - before), axis=0)
            alone = np.max(np.abs(after), axis=0) <= 1e-6 * size
            if width == ROUNDING:
                sizes = np.asarray([float(s) for s in _sizes(outcome.left, outcome.right)])
                floor = 1e-12 * max([1.0, *sizes, *(float(np.max(np.abs(v), initial=0.0)) for v in values)])
                differ = size > ROUGH * sizes + 100 * np.where(alone, 0, change) + floor
            else:
                differ &= alone | (change <= size / 2)
        return bool(np.any(differ))

    def _differences_beside(self, values: Sequence[np.ndarray], width: float, a: Digits) -> np.ndarray | None:
        """The differences where sources are changed by a part of them, four times; None if they are not known there."""
        rng = np.random.default_rng(0)
        found = []
        for _ in range(4):
            moved = [
                v * (1 + width * rng.uniform(-1, 1, v.shape)) + 1e-30 if v.dtype.kind == "f" else v for v in values
            ]
            left, right = self._values(moved, a)
            if left is None or right is None or not _alike(left, right):
                return None
            found.append([float(d) for d in _differences(left, right)])
        after = np.asarray(found)
        return after if np.isfinite(after).all() else None


def as_numbers(values: np.ndarray, a: Digits) -> np.ndarray:
    """Truth values as numbers, and floats as numbers of many digits."""
    numbers, own = count_truths(values, a), a.context.mpf
    items = numbers.ravel().tolist()
    if set(map(type, items)) == {own}:
        return numbers
    return fill_array(values.shape, [v if isinstance(v, own) else _of_float(v, a) for v in items])


def _of_float(value: Any, a: Digits) -> Any:
    if isinstance(value, complex):
        return a.undefined
    return a.context.mpf(value)


def _alike(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> bool:
    return [v.shape for v in left] == [v.shape for v in right]


def flatten(arrays: Sequence[np.ndarray]) -> list[Any]:
    """All elements."""
    return [x for v in arrays for x in v.flat]


def _differences(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> list[Any]:
    return [x - y for u, v in zip(left, right, strict=True) for x, y in zip(u.flat, v.flat, strict=True)]


def _sizes(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> list[Any]:
    return [max(abs(x), abs(y)) for u, v in zip(left, right, strict=True) for x, y in zip(u.flat, v.flat, strict=True)]


def _judge(left: list[np.ndarray], right: list[np.ndarray], a: Digits, tolerance: float) -> Outcome:
    """What is found, given the values of both programs."""
    finite = all(a.is_finite(x) for v in (*left, *right) for x in v.flat)
    if not finite:
        return UNDEFINED
    if not _alike(left, right):
        return Outcome(True, True, 0.0, left, right)
    differences = [abs(d) for d in _differences(left, right)]
    sizes = _sizes(left, right)
    differs = any(d > tolerance * size for d, size in zip(differences, sizes))
    worst = max(differences, default=0) / max([1, *sizes])
    digits = min(DIGITS, -float(a.context.log10(worst))) if worst else float(DIGITS)
    return Outcome(True, differs, max(digits, 0.0), left, right)
