"""What a rule is asked for beside gradients: derivatives along tangents, gradients of a batch, and the value itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tracer.batching import batch
from tracer.precise.arithmetic import UnsupportedError, box_numbers
from tracer.precise.digits import Digits
from tracer.precise.numeric import Numeric
from tracer.tape import GradientTape
from tracer.tensor import Tensor, placeholder
from tracer.testing.judging import RuleInstance
from tracer.testing.truths import multiply
from tracer.transforms import pushforward

DIGITS = 60

TOLERANCE = 1e-12
"""The relative difference from which on two values are not the same."""

NOISE = 1e-40
"""What rounding may leave of ordinary numbers that cancel."""


class Fault(NamedTuple):
    """What a rule answers otherwise than it has to.

    Attributes
    ----------
    what : str
        What was asked.
    values : list of arrays
        The inputs, and the cotangent.
    expected, actual : float
    """

    what: str
    values: list[np.ndarray]
    expected: float
    actual: float


class Consistency:
    """Whether a rule answers the same in other ways than by gradients.

    Parameters
    ----------
    instance : RuleInstance
        Of a traced rule, at first order.
    """

    def __init__(self, instance: RuleInstance) -> None:
        self.subject = instance.subject
        self.sources = list(instance.sources.values())
        self.inputs, self.cotangent = self.sources[:-1], self.sources[-1]
        self.value = self.subject.value(self.inputs)
        self.answer = self.subject.differentiate(self.value, self.sources).gradients
        self.arithmetic = Digits(DIGITS)

    def find_fault(self, points: Sequence[Sequence[np.ndarray]]) -> Fault | None:
        """The first fault at points of the domain; None where there is none."""
        for check in (self._along_tangents, self._in_batches, self._under_a_tape):
            try:
                found = check(points)
            except (LookupError, UnsupportedError):  # No rule for the rule, or no digits: nothing is claimed.
                continue
            if found is not None:
                return found
        return None

    def _along_tangents(self, points: Sequence[Sequence[np.ndarray]]) -> Fault | None:
        """The derivative along tangents is the adjoint of the gradient."""
        tangents = [placeholder(f"{s.name}_tangent", s.shape) for s in self.inputs]
        moved = pushforward(self.value, self.inputs, tangents)
        if moved is None:
            return None
        numeric = Numeric([moved, *self.answer])
        directions = [_uneven(tuple(map(int, s.shape))) for s in self.inputs]
        for point in points:
            forward, *back = self._evaluate(numeric, [*self.sources, *tangents], [*point, *directions])
            actual = sum(multiply([forward], point[-1:], self.arithmetic))
            terms = multiply(back, directions, self.arithmetic)
            if _differ(actual, sum(terms), sum(map(abs, terms)), self.arithmetic):
                what = "the derivative along tangents, times the cotangent, is not the gradient times the tangents"
                return Fault(what, list(point), float(sum(terms)), float(actual))
        return None

    def _in_batches(self, points: Sequence[Sequence[np.ndarray]]) -> Fault | None:
        """The gradients of a batch are those of its members."""
        if len(points) < 2:
            return None
        pair = points[:2]
        batched = [placeholder(f"{s.name}_batch", (2, *s.shape)) for s in self.sources]
        found = batch(self.answer, {s.node: b for s, b in zip(self.sources, batched)}, (2,))
        together = self._evaluate(Numeric(found), batched, [np.stack(parts) for parts in zip(*pair)])
        single = Numeric(self.answer)
        for k, point in enumerate(pair):
            for whole, own, t in zip(together, self._evaluate(single, self.sources, point), found):
                member = whole[k] if t.ndim > own.ndim else whole
                for x, y in zip(np.ravel(member), own.flat):
                    if _differ(x, y, abs(y), self.arithmetic):
                        what = "the gradient of a batch is not that of its members"
                        return Fault(what, list(point), float(y), float(x))
        return None

    def _under_a_tape(self, points: Sequence[Sequence[np.ndarray]]) -> Fault | None:
        """The value is the same whether a gradient is asked for or not."""
        with GradientTape() as tape:
            for s in self.inputs:
                tape.watch(s)
            taped = self.subject.value(self.inputs)
        numeric = Numeric([self.value, taped])
        for point in points:
            plain, own = self._evaluate(numeric, self.sources, point)
            for x, y in zip(own.flat, plain.flat):
                if _differ(x, y, abs(y), self.arithmetic):
                    return Fault("the value is another where a gradient is asked for", list(point), float(y), float(x))
        return None

    def _evaluate(self, numeric: Numeric, sources: Sequence[Tensor], values: Sequence[np.ndarray]) -> list[np.ndarray]:
        feed = {s.node: box_numbers(v, self.arithmetic) for s, v in zip(sources, values, strict=True)}
        return numeric(feed, self.arithmetic)


def _uneven(shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray([1 + (k % 5) / 4 for k in range(int(np.prod(shape)))]).reshape(shape)


def _differ(x: Any, y: Any, size: Any, a: Digits) -> bool:
    """Whether two finite numbers are not the same, up to a part of a size."""
    if not a.is_finite(x) or not a.is_finite(y):
        return False
    return bool(abs(x - y) > TOLERANCE * max(size, abs(x)) + NOISE)
