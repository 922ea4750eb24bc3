"""Whether a spelling has the value and the derivatives of another wherever that one is finite.

They are compared in fifty digits at points of all magnitudes, so that a spelling that rounds in floats is compared by
what it says and not by what it rounds to. A function without digits is computed in floats. Such a value is as uncertain
as if the sources were a few units in the last place away, so that is tried, and a difference must be far above what it
does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tracer.dtypes import FLOATS
from tracer.explanations.digit_values import DIGITS, DigitValues, finite_elements
from tracer.explanations.node_values import REFUSALS
from tracer.explanations.witnesses import Draws
from tracer.tensor import Tensor

POINTS, LEAST = 20, 3
"""At how many points spellings are compared, and at how many of them both must be finite somewhere."""

ATTEMPTS = 60

MAGNITUDES = (1.0, 1e-3, 40.0, 1e-8, 1e3)
"""How large the sources are, beside what is drawn for them."""

AGREEING = 1e-20
"""The part of a value that two spellings may differ by in many digits."""

CANCELLED = 10.0 ** (10 - DIGITS)
"""What may be left where all digits cancel."""

ROUNDED, UNITS, MARGIN = 1e-9, 4e-15, 100
"""The same in floats, by which part sources are moved there, and how many times what that does is allowed."""

Feed = Mapping[Tensor, np.ndarray]


class Agreement:
    """Compares pairs of tensors over the same sources, a given one and one that may be finite at more points.

    Parameters
    ----------
    pairs : sequence of pairs of Tensor
        The first is of functions, others of their derivatives. These are compared where the first function is finite:
        ``1/x`` has values where ``log(x)`` has none.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> log = tracer.math.log
    >>> left, right = log(1.0 - tracer.sigmoid(x)), tracer.math.log_sigmoid(-x)
    >>> Agreement([(left, right)]).at({x: np.array(20.0)}), Agreement([(left, -x)]).at({x: np.array(20.0)})
    (True, False)
    """

    def __init__(self, pairs: Sequence[tuple[Tensor, Tensor]]) -> None:
        self.exact = DigitValues([t for pair in pairs for t in pair])

    def at(self, feed: Feed) -> bool | None:
        """Whether all pairs agree at a point; None where none of them is finite in an element of both.

        They do not where the first of a pair is finite and the second is not, if that is known in many digits.
        """
        values = self.exact.evaluate(feed)
        rounded = values is None or self.exact.rounded
        compute = self._evaluate if values is None else self.exact.evaluate
        if values is None:
            values = self._evaluate(feed)
        if values is None:
            return None
        inside = bool(finite_elements(values[0]).all())
        moved = [m for m in (compute(f) for f in _move_by_roundings(feed)) if m is not None] if rounded else []
        size = max([1.0, *(float(np.abs(v).max(initial=0)) for v in feed.values() if v.dtype.kind == "f")])
        compared = False
        for k in range(0, len(values) if inside else 2, 2):
            one, two = values[k : k + 2]
            if one.shape != two.shape:
                return False
            known, kept = finite_elements(one), finite_elements(two)
            if not (rounded or self.exact.overflowed) and (known & ~kept).any():
                return False
            both = np.argwhere(known & kept)
            compared |= bool(len(both))
            for index in map(tuple, both):
                noise = sum(abs(m[j][index] - values[j][index]) for m in moved for j in (k, k + 1))
                if not _is_close(one[index], two[index], size, noise, rounded):
                    return False
        return True if compared else None

    def _evaluate(self, feed: Feed) -> list[np.ndarray] | None:
        try:
            return [np.asarray(t.eval(dict(feed)), object) for t in self.exact.tensors]
        except (*REFUSALS, ValueError, LookupError, TypeError):
            return None

    def everywhere(self, draws: Draws, generic: bool = False) -> bool:
        """Whether they agree at points of all magnitudes, of which generic ones have no zeros and no equal numbers."""
        compared = 0
        for attempt in range(ATTEMPTS):
            drawn = draws.draw(attempt)
            if generic:
                drawn = {t: _avoid_integers(v, draws.points.rng) if _is_free(t) else v for t, v in drawn.items()}
            agree = self.at(_scale_values(drawn, MAGNITUDES[attempt % len(MAGNITUDES)]))
            if agree is False:
                return False
            compared += agree is True
            if compared >= POINTS or (compared >= LEAST and not drawn):
                break
        return compared >= LEAST


def _avoid_integers(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Values that are no integers, so that no operation is at the end of its domain but by accident."""
    return np.asarray(np.where(values == np.rint(values), values + rng.uniform(0.05, 0.95, values.shape), values))


def _is_close(one: Any, two: Any, size: float, noise: Any, rounded: bool) -> bool:
    difference, largest = abs(one - two), max(abs(one), abs(two))
    if not rounded:
        return bool(difference <= AGREEING * largest or difference <= CANCELLED * size)
    if not noise < float("inf"):
        return True  # The floats say nothing there.
    return bool(difference <= ROUNDED * (largest + size * 1e-3) + MARGIN * noise)


def _scale_values(feed: Feed, magnitude: float) -> dict[Tensor, np.ndarray]:
    """Values of other magnitude, where a source may have them."""
    return {t: v * magnitude if _is_free(t) else v for t, v in feed.items()}


def _is_free(source: Tensor) -> bool:
    known = {k for k, v in source.params if v} if isinstance(source.params, tuple) else set()
    return source.dtype in FLOATS and known <= {"real", "positive", "nonnegative", "nonzero", "finite"}


def _move_by_roundings(feed: Feed) -> list[dict[Tensor, np.ndarray]]:
    """Two points beside one, as near as rounding moves values."""
    rng = np.random.default_rng(0)
    return [
        {t: v * (1 + UNITS * rng.uniform(-1, 1, v.shape)) if v.dtype.kind == "f" else v for t, v in feed.items()}
        for _ in range(2)
    ]
