"""Where errors of a gradient rule are looked for: on and beside boundaries, near and far, where hypothesis leads."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from itertools import islice
from typing import Any
from typing import cast as typed

import numpy as np

from tracer.comparison.candidates import around, tidy_points
from tracer.comparison.falsifying import find_first, is_strategy
from tracer.comparison.instances import Instance
from tracer.comparison.parameters import Input, describe_input
from tracer.comparison.search import LEAST, PLAIN, Found, Search, list_constants, shrink
from tracer.shapes import show
from tracer.testing.judging import RuleInstance

MAGNITUDES = (
    60.0, 1e-4, 1e3, 1e-9, 1e8, 1e5, 1e-20, 1e20, 3e-101, 3e101, 1e-160, 1e160, 1e-305, 1e305
)  # fmt: skip
"""Magnitudes of inputs beside ordinary ones."""

FOLDS: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    np.asarray,
    np.abs,
    lambda v: v / (1 + np.abs(v)),
    lambda v: 1 + np.abs(v),
)
"""What is made of numbers outside of a domain: positive ones, those between -1 and 1, and those from 1 on."""

ORDINARY_DEADLINE = timedelta(milliseconds=200)
"""What hypothesis allows an example where no profile says anything."""


def _count_unevenly(shape: tuple[int, ...]) -> np.ndarray:
    """Positive numbers of which no two are equal, as a cotangent."""
    return np.asarray(1 + np.arange(np.prod(shape, dtype=int)).reshape(shape) / 4)


def extreme_points(shapes: Sequence[tuple[int, ...]], count: int) -> Iterator[list[np.ndarray]]:
    """Points of large and small elements, all of them or one of them; the arrays after ``count`` are cotangents."""
    positive = [k / 8 + _count_unevenly(s) for k, s in enumerate(shapes)]
    mixed = [v * np.where(np.arange(v.size).reshape(v.shape) % 3 == 1, -1, 1) for v in positive]
    for size in MAGNITUDES:
        for base, sign in ((positive, 1.0), (positive, -1.0), (mixed, 1.0)):
            yield [sign * size * v for v in base[:count]] + mixed[count:]
        for (k, v), sign in itertools.product(enumerate(positive[:count]), (1.0, -1.0)):
            if v.size > 1 or (v.size and count > 1):
                values = [np.array(v) for v in positive]
                values[k].flat[0] = sign * size
                yield values


def ordered_points(shapes: Sequence[tuple[int, ...]], count: int) -> Iterator[list[np.ndarray]]:
    """Points at which up to three inputs are in each order, with ties: bounds may be equal, and an input below them."""
    uneven = list(map(_count_unevenly, shapes[count:]))
    for ranks in itertools.product(range(3), repeat=count) if 1 < count < 4 else ():
        if set(ranks) == set(range(max(ranks) + 1)):
            yield [np.full(s, 2.0 * r - 1) for s, r in zip(shapes, ranks)] + uneven


def draw_elements(constants: Sequence[float]) -> Any:
    """A strategy of numbers: small whole ones first, then any, near and far."""
    strategies = import_module("hypothesis.strategies")
    powers = strategies.builds(
        lambda sign, digit, power: sign * digit * 10.0**power,
        strategies.sampled_from((1.0, -1.0)),
        strategies.integers(1, 9),
        strategies.integers(-12, 12) | strategies.integers(-300, 300),
    )
    found = _draw_ordinary() | strategies.floats(-1e3, 1e3, width=32) | powers
    special = [v for c in constants for v in around(c)]
    return found | strategies.sampled_from(special) if special else found


def _draw_ordinary() -> Any:
    strategies = import_module("hypothesis.strategies")
    return strategies.integers(-4, 4).map(float) | strategies.integers(-400, 400).map(lambda n: n / 8)


def draw_cotangents(shape: tuple[int, ...]) -> Any:
    """A strategy of cotangents: of ordinary sizes, since gradients are linear in them.

    A tiny one would have a product with what is too large for a float, which no rule can compute otherwise than by it.
    """
    arrays: Any = import_module("hypothesis.extra.numpy")
    return arrays.arrays("float64", shape, elements=_draw_ordinary())


def draw_arrays(shape: tuple[int, ...], dtype: str, constants: Sequence[float]) -> Any:
    """A strategy of arrays of a shape; square matrices are definite ones too."""
    strategies = import_module("hypothesis.strategies")
    arrays: Any = import_module("hypothesis.extra.numpy")
    if dtype != "float64":
        elements = strategies.booleans() if dtype == "bool" else strategies.integers(-9, 9)
        return arrays.arrays(dtype, shape, elements=elements)
    found = arrays.arrays(dtype, shape, elements=draw_elements(constants))
    if len(shape) >= 2 and shape[-1] == shape[-2]:
        small = arrays.arrays(dtype, shape, elements=strategies.integers(-3, 3).map(float))
        found |= small.map(lambda a: a @ np.swapaxes(a, -1, -2) + np.eye(shape[-1]))
    return found


def opposite_points(shapes: Sequence[tuple[int, ...]], count: int) -> Iterator[list[np.ndarray]]:
    """A point at which the elements of an input have the sum zero in pairs."""
    uneven = list(map(_count_unevenly, shapes[count:]))
    if any(np.prod(s) > 1 for s in shapes[:count]):
        yield [np.resize((3.0, -3.0), s) for s in shapes[:count]] + uneven


def zero_points(shapes: Sequence[tuple[int, ...]], count: int) -> Iterator[list[np.ndarray]]:
    """Points at which all elements of each input are zero, all but the last, and the first alone."""
    uneven = list(map(_count_unevenly, shapes[count:]))
    yield [np.zeros(s) for s in shapes[:count]] + uneven
    if any(np.prod(s) > 1 for s in shapes[:count]):
        flat = [np.arange(np.prod(s, dtype=int)).reshape(s) for s in shapes[:count]]
        yield [np.where(k == k.size - 1, 3.0, 0.0) for k in flat] + uneven
        yield [np.where(k == 0, 0.0, 3.0) for k in flat] + uneven


class RuleSearch(Search):
    """A search for a point at which a rule is plainly wrong.

    Attributes
    ----------
    slight : Found or None
        The first point at which it is slightly wrong.
    inside : list of numpy.ndarray or None
        The first point of the domain.
    """

    slight: Found | None = None
    inside: list[np.ndarray] | None = None

    def look(self, instance: Instance, values: Sequence[np.ndarray]) -> Found | None:
        """Whether the rule is plainly wrong at a point, which is counted if it is right."""
        if self.slight is not None and self._is_slight_at_most(instance, values):
            return None
        known = self.points
        found = super().look(instance, values)
        if self.inside is None and self.points > known:
            self.inside = list(values)
        if found is None or found.outcome.error >= PLAIN:
            return found
        self.slight = self.slight or found
        return None

    @staticmethod
    def _is_slight_at_most(instance: Instance, values: Sequence[np.ndarray]) -> bool:
        """Whether an error is no larger than one that is known, at a first look: a closer one finds none larger."""
        assert isinstance(instance, RuleInstance)
        outcome = instance.compare_roughly(values, thorough=False)
        return outcome.differs and outcome.error < PLAIN

    def look_from_inside(self, instance: RuleInstance) -> Found | None:
        """Look beside boundaries from a point of the domain, if that does not hold the tidiest ones, as of acosh.

        Of several elements all have to be in it where one goes to its edge.
        """
        tidiest = islice(tidy_points(instance.shapes, ()), 2)
        if self.inside is None or any(all(map(np.array_equal, p, self.inside)) for p in tidiest):
            return None
        return self.look_at(instance, self.find_boundaries(instance, [self.inside], LEAST))


class HypothesisSearch:
    """A search that hypothesis leads, under its active profile.

    Parameters
    ----------
    max_examples : int or None
        How many points are drawn; by default as many as the profile says.
    """

    def __init__(self, max_examples: int | None) -> None:
        try:
            hypothesis: Any = import_module("hypothesis")
        except ImportError as error:
            raise ImportError(
                "gradient rules are checked at points that hypothesis draws; install it: pip install "
                "'symbolic-tracer[test]'"
            ) from error
        # A thread of its own need not have the active profile.
        self._settings: dict[str, Any] = {"parent": hypothesis.settings.default}
        if max_examples is not None:
            self._settings["max_examples"] = max_examples
        if hypothesis.settings.default.deadline == ORDINARY_DEADLINE:
            self._settings["deadline"] = None  # Nobody chose it, and it is short for what a point takes.
        self._nested = hypothesis.currently_in_test_context()
        if self._nested:  # The test has to see the same when it is run again.
            self._settings["derandomize"] = True

    def first(self, points: Any, look: Callable[[Any], Found | None]) -> Found | None:
        """What is found at a point of a strategy, shrunk."""
        if not self._nested:
            return find_first(points, look, **self._settings)
        # What a thread runs is not nested in the test of hypothesis that this one is.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(find_first, points, look, **self._settings).result()

    def first_completed(
        self,
        inputs: Sequence[Input],
        shapes_of: Callable[[Sequence[np.ndarray]], Sequence[tuple[int, ...]]],
        look: Callable[[Any], Found | None],
    ) -> Found | None:
        """What is found at arrays from strategies, with cotangents of the shapes that belong to them."""
        strategies = import_module("hypothesis.strategies")

        def complete(drawn: Sequence[Any]) -> Any:
            values = [_as_input(v) for v in drawn]
            cotangents = map(draw_cotangents, shapes_of(values))
            return strategies.tuples(*map(strategies.just, values), *cotangents)

        return self.first(strategies.tuples(*map(_as_strategy, inputs)).flatmap(complete), look)


def _as_strategy(value: Input) -> Any:
    """A strategy, the arrays of a shape of numbers, or an array."""
    if is_strategy(value):
        return value
    p = describe_input(value)
    if p.value is not None:
        return import_module("hypothesis.strategies").just(p.value)
    if not all(isinstance(d, int) for d in p.shape):
        raise ValueError(f"beside a strategy a shape has numbers only, got {show(p.shape)}; draw its sizes too")
    return draw_arrays(typed("tuple[int, ...]", tuple(p.shape)), p.dtype, ())


def _as_input(value: object) -> np.ndarray:
    array = np.asarray(value)
    return array if array.dtype.kind in "ib" else array.astype("float64")


def search_shapes(instances: Sequence[RuleInstance], search: Search, hypothesis: HypothesisSearch) -> Found | None:
    """A counterexample that hypothesis finds at one of some choices of sizes."""
    strategies = import_module("hypothesis.strategies")
    constants = list_constants(instances[0])

    def points(k: int) -> Any:
        count, shapes = instances[k].subject.arity, instances[k].shapes
        inputs = [draw_arrays(s, d, constants) for s, d in zip(shapes[:count], instances[k].dtypes)]
        return strategies.tuples(strategies.just(k), *inputs, *map(draw_cotangents, shapes[count:]))

    # A strategy that is made anew at each example takes longer to make than to draw from.
    found = hypothesis.first(
        strategies.one_of(*map(points, range(len(instances)))),
        lambda values: _look_within(search, instances[values[0]], values[1:]),
    )
    return None if found is None else shrink(found)


def _look_within(search: Search, instance: RuleInstance, values: Sequence[np.ndarray]) -> Found | None:
    """Look at a point, or, if it is outside of the domain, at numbers made of it that most domains hold.

    All of several numbers are seldom positive: without this, few points are within the domain of a logarithm.
    """
    known = search.points
    for fold in FOLDS:
        folded = [fold(v) if k < instance.count and v.dtype.kind == "f" else v for k, v in enumerate(values)]
        found = search.look(instance, folded)
        if found is not None or search.points > known:
            return found
    return None


def search_tidy(
    instance: RuleInstance, search: RuleSearch, given: Sequence[list[np.ndarray]] = (), extreme: bool = True
) -> Found | None:
    """A counterexample at given points, tidy ones, beside boundaries, and at large and small elements."""
    found = search.begin(instance, given)
    if found is None and extreme:
        kinds = zero_points, ordered_points, extreme_points, opposite_points
        points = (points_of(instance.shapes, instance.count) for points_of in kinds)
        found = search.look_at(instance, itertools.chain.from_iterable(points)) or search.look_from_inside(instance)
    return None if found is None else shrink(found)
