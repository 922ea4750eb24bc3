"""What a tensor tends to at a point where it is not finite: a limit, no bound at all, or neither.

It is computed in many digits at two small distances along several directions; where it is not defined in some of them,
as the root beside zero, the others count.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from tracer.dtypes import FLOATS
from tracer.explanations.digit_values import DigitValues, finite_elements
from tracer.tensor import Tensor

DIRECTIONS = 3
"""So many directions and their opposites are tried."""

FAR, NEAR = 1e-8, 1e-12
"""How far from the point, relative to its size: a root is 1e-4 and 1e-6 there, a logarithm 18 and 28."""

CLOSE = 1e-3
"""By how much values near the point, and a fix there, may differ from the limit."""

GROWING, LARGE = 1.2, 10.0
"""By which factor, and up to which size at least, what has no bound grows from the one distance to the other."""


class Tendency(enum.Enum):
    """What values do near a point."""

    LIMIT = "limit"
    POLE = "pole"
    NEITHER = "neither"


class Limits(NamedTuple):
    """What each element tends to: a limit, an array of tendencies, and the limits as floats."""

    tendencies: np.ndarray
    values: np.ndarray


def find_limits(tensor: Tensor, feed: Mapping[Tensor, np.ndarray]) -> Limits | None:
    """What the elements of a tensor tend to at values of its sources; None where it has no digits.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> at = {x: np.array(1.0)}
    >>> found = find_limits((1 - x**5) / (1 - x), at)
    >>> found.tendencies.item(), round(float(found.values), 5)
    (<Tendency.LIMIT: 'limit'>, 5.0)
    >>> find_limits(1 / (1 - x), at).tendencies.item()
    <Tendency.POLE: 'pole'>
    """
    exact = DigitValues([tensor])
    pairs = []
    for far, near in _approach(feed):
        found = exact.evaluate(far), exact.evaluate(near)
        if found[0] is None or found[1] is None or exact.rounded:
            return None
        pairs.append((found[0][0], found[1][0]))
    if not pairs:
        return None
    shape = pairs[0][0].shape
    tendencies, limits = np.empty(shape, object), np.full(shape, np.nan)
    for index in np.ndindex(shape):
        tendencies[index], limits[index] = _judge([(far[index], near[index]) for far, near in pairs])
    return Limits(tendencies, limits)


def _judge(pairs: list[tuple[object, object]]) -> tuple[Tendency, float]:
    known = [(float(f), float(n)) for f, n in pairs if finite_elements(np.array([f, n], object)).all()]  # type: ignore[arg-type]
    if not known:
        return Tendency.NEITHER, float("nan")
    if all(abs(n) > GROWING * abs(f) and abs(n) > LARGE for f, n in known):
        return Tendency.POLE, float("nan")
    limit = known[0][1]
    if all(abs(v - limit) <= CLOSE * (1 + abs(limit)) for pair in known for v in pair):
        return Tendency.LIMIT, limit
    return Tendency.NEITHER, float("nan")


def _approach(feed: Mapping[Tensor, np.ndarray]) -> Iterator[list[dict[Tensor, np.ndarray]]]:
    """Points far and near along a direction, and along the opposite one."""
    rng = np.random.default_rng(0)
    free = {t for t in feed if t.dtype in FLOATS}
    for _ in range(DIRECTIONS if free else 0):
        steps = {t: rng.uniform(0.3, 1, v.shape) * rng.choice((-1, 1), v.shape) for t, v in feed.items()}
        for sign in (1, -1):
            yield [
                {t: v + sign * e * (1 + np.abs(v)) * steps[t] if t in free else v for t, v in feed.items()}
                for e in (FAR, NEAR)
            ]
