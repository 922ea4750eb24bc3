"""Values of sources at which a tensor is not finite: searched at the ends of what its operations ask for.

Zeros, ones, small integers, negative numbers, singular and indefinite matrices come first, so that a witness is one
that a person would name; then lines are searched on which a divisor changes its sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import sympy

from tracer.dtypes import FLOATS
from tracer.explanations.domains import demands
from tracer.explanations.failing_demands import find_failing_demand
from tracer.explanations.node_values import NodeValues, compile_relation
from tracer.points import ASSUMED, Points
from tracer.progress import tick
from tracer.rules import Elementwise
from tracer.tensor import Tensor

Pool = Callable[[np.random.Generator, "tuple[int, ...]"], np.ndarray]


def _repeat_number(value: float) -> Pool:
    return lambda rng, shape: np.full(shape, value)


def _draw_integers(low: int, high: int) -> Pool:
    return lambda rng, shape: rng.integers(low, high, shape).astype(float)


def _make_singular(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Rows that are multiples of each other."""
    row = rng.integers(1, 3, shape[-1:] or (1,)).astype(float)
    factors = np.arange(1.0, (shape[-2] if len(shape) > 1 else 1) + 1.0)
    return np.broadcast_to(factors[:, None] * row if len(shape) > 1 else row.reshape(shape or ()), shape).copy()


def _make_indefinite(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.flip(np.eye(shape[-2], shape[-1]), -1) * np.ones(shape) if len(shape) > 1 else -np.ones(shape)


POOLS: Sequence[Pool] = (
    _repeat_number(0.0),
    _repeat_number(-1.0),
    _repeat_number(1.0),
    _make_singular,
    _draw_integers(0, 2),
    _draw_integers(-1, 2),
    _draw_integers(-2, 3),
    _make_indefinite,
    lambda rng, shape: np.round(rng.uniform(-2, 2, shape), 1),
    _repeat_number(2.0),
    lambda rng, shape: np.round(rng.normal(0, 10, shape)),
    lambda rng, shape: np.round(rng.normal(0, 100, shape)),
    lambda rng, shape: rng.normal(size=shape),
    lambda rng, shape: rng.uniform(0.1, 0.9, shape),
)
"""From where values are drawn: for all sources alike, then for each on its own."""

ATTEMPTS = 160
"""How many points are tried; fewer of large programs."""

WORK = 60_000
"""How many operations may be evaluated."""


class Draws:
    """Values of the sources of tensors, drawn from the pools; sources that have values may keep them."""

    def __init__(self, tensors: Sequence[Tensor], keep: bool) -> None:
        self.points = Points(tensors, {}, {}, 0)
        self.keep = keep

    def draw(self, attempt: int) -> dict[Tensor, np.ndarray]:
        """Values by source."""
        points, rng = self.points, self.points.rng
        sizes = points.draw_sizes(attempt)
        feed = {}
        for t in points.names:
            fixed = t.value is not None and (self.keep or t.label is None or t.rule.fixed)
            if fixed:
                continue
            shape = tuple(int(points.number(d, sizes)) for d in t.shape)
            pool = POOLS[attempt if attempt < len(POOLS) else int(rng.integers(len(POOLS)))]
            feed[t] = _keep_assumptions(t, pool(rng, shape), rng, shape)
        for d, t in points.extra.items():
            feed[t] = np.zeros(sizes[d.name])
        return feed


def _keep_assumptions(
    source: Tensor, drawn: np.ndarray, rng: np.random.Generator, shape: tuple[int, ...]
) -> np.ndarray:
    """What was drawn, as a source's dtype and assumptions have it."""
    if source.dtype not in FLOATS:
        return np.asarray(np.rint(drawn)).astype(source.dtype)
    known = {k for k, v in source.params if v} if isinstance(source.params, tuple) else set()
    draws = [d for name, d in ASSUMED.items() if name in known]
    mild = [change for name, change in MILD.items() if name in known]
    if mild and not known & STRICT:
        drawn = mild[0](drawn)
    elif draws:
        drawn = draws[0](rng, shape)
    return np.asarray(np.rint(4 * drawn) if "integer" in known else drawn, source.dtype)


MILD: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "nonnegative": np.abs,
    "nonpositive": lambda drawn: -np.abs(drawn),
    "nonzero": lambda drawn: np.where(drawn == 0, 1.0, drawn),
    "symmetric": lambda drawn: (drawn + np.swapaxes(drawn, -1, -2)) / 2,
}
"""What makes of any values such as an assumption allows; values at the ends of domains are among them."""

STRICT = {"positive", "negative", "positive_definite", "orthogonal", "diagonal", "stochastic", "unit"}
"""Assumptions that leave no end of a domain."""


def find_witness(tensor: Tensor) -> NodeValues | None:
    """Values of the sources at which a tensor is not finite; None where none are found.

    Sources that have values keep them.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y = 1 / (x - 3)
    >>> values = find_witness(y)
    >>> values[x]
    array(3.)
    """
    draws = Draws([tensor], keep=True)
    values: NodeValues | None = None
    work = 0
    for attempt in range(ATTEMPTS):
        feed = draws.draw(attempt)
        try:
            values = _evaluate_at(values, tensor, feed)
        except LookupError:  # an index is beyond the sizes that were drawn
            continue
        if _is_witness(values):
            return values
        work += len(values.order)
        if work > WORK or not feed:
            break
    if values is None or not draws.points.names:
        return None
    try:
        return _search_lines(values, draws, WORK - work)
    except LookupError:
        return None


def _evaluate_at(values: NodeValues | None, tensor: Tensor, feed: Mapping[Tensor, np.ndarray]) -> NodeValues:
    tick()
    if values is None:
        return NodeValues(tensor, feed)
    values.evaluate({t.node: v for t, v in feed.items()})
    return values


def _is_witness(values: NodeValues) -> bool:
    first = values.first_not_finite()
    return first is not None and find_failing_demand(values, first) is not None


def _search_lines(values: NodeValues, draws: Draws, work: int) -> NodeValues | None:
    """A point between two at which a divisor has different signs, on the line that joins them."""
    for node, difference in _list_divisors(values.order):
        for attempt in range(4):
            ends = [draws.draw(len(POOLS) + attempt) for _ in range(2)]
            ends[1] = {t: v if v.shape == ends[0][t].shape else ends[0][t] for t, v in ends[1].items()}
            if not ends[0]:
                return None
            moved = list(ends[0])[attempt % len(ends[0])]
            ends[0] = {t: np.round(v) for t, v in ends[0].items()}
            ends[1] = {**ends[0], moved: -ends[0][moved] + np.round(7 * draws.points.rng.normal(), 2)}
            for feed in _bisect(values, ends, node, difference):
                work -= len(values.order)
                values.evaluate({t.node: v for t, v in feed.items()})
                if _is_witness(values):
                    return values
            work -= 60 * len(values.order)
            if work < 0:
                return None
    return None


def _list_divisors(order: Sequence[Tensor]) -> Iterator[tuple[Tensor, sympy.Expr]]:
    """The expressions over a node's operands that must not be zero."""
    for node in order:
        if isinstance(node.rule, Elementwise):
            for demand in demands(node):
                for relation in demand.relation.atoms(sympy.Ne):
                    yield node, relation.lhs - relation.rhs


def _bisect(
    values: NodeValues, ends: Sequence[Mapping[Tensor, np.ndarray]], node: Tensor, difference: sympy.Expr
) -> Iterator[dict[Tensor, np.ndarray]]:
    """Points near a change of sign, the last of them rounded to numbers that may be meant."""
    used, function = compile_relation(difference)

    def at(feed: Mapping[Tensor, np.ndarray]) -> float:
        values.evaluate({t.node: v for t, v in feed.items()})
        operands = values.operands(node)
        with np.errstate(all="ignore"):
            found = np.ravel(np.asarray(function(*(operands[k] for k in used)), float))
        return float(found[0]) if found.size else np.nan

    def between(share: float) -> dict[Tensor, np.ndarray]:
        return {t: np.asarray(v + share * (ends[1][t] - v), v.dtype) for t, v in ends[0].items()}

    low, high, sign = 0.0, 1.0, at(between(0.0))
    if not np.isfinite(sign) or sign == 0 or not sign * at(between(1.0)) < 0:
        return
    for _ in range(52):
        middle = (low + high) / 2
        value = at(between(middle))
        if value == 0:
            yield between(middle)
        if value * sign > 0:
            low = middle
        else:
            high = middle
    for digits in (9, 12):
        yield {t: np.round(v, digits) for t, v in between(low).items()}
    yield between(high)
