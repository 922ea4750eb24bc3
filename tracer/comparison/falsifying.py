"""Points that hypothesis draws and shrinks: from strategies of arrays, or of all arrays of some shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from tracer.comparison.candidates import around, constants_in
from tracer.comparison.instances import Instance
from tracer.comparison.search import Found, Search

EXAMPLES = 60


def is_strategy(value: object) -> bool:
    """Whether a value is a strategy of hypothesis, which is not imported to ask."""
    return any(c.__module__.startswith("hypothesis.") and c.__name__ == "SearchStrategy" for c in type(value).__mro__)


def falsify(
    inputs: Sequence[object], instance_of: Callable[[Sequence[np.ndarray]], Instance], search: Search
) -> Found | None:
    """The smallest point of strategies at which programs differ; of an input that is a shape or array, see below.

    A shape stands for all arrays of small numbers of that shape, an array for itself.
    """
    points = _strategies().tuples(*map(_as_strategy, inputs))

    def compare(values: Sequence[object]) -> Found | None:
        arrays = [np.asarray(v) for v in values]
        return search.look(instance_of(arrays), arrays)

    return _first(points, compare)


def falsify_instances(instances: Sequence[Instance], search: Search) -> Found | None:
    """The smallest point that hypothesis finds at which programs differ, if it is installed.

    Within a test of its own hypothesis refuses another search, and nothing is found.
    """
    try:
        strategies = _strategies()
    except ImportError:
        return None
    if import_module("hypothesis").currently_in_test_context():
        return None
    arrays: Any = import_module("hypothesis.extra.numpy")
    constants = [v for c in constants_in(instances[0].order) for v in around(c)]
    numbers = strategies.integers(-4, 4).map(float) | strategies.floats(-1e6, 1e6, width=32)
    if constants:
        numbers |= strategies.sampled_from(constants)
    elements = {"float64": numbers, "int64": strategies.integers(-9, 9), "bool": strategies.booleans()}

    def points(k: int) -> Any:
        drawn = [
            arrays.arrays(
                d if d in elements else "float64", shape, elements=elements.get(d, elements["int64"].map(float))
            )
            for d, shape in zip(instances[k].dtypes, instances[k].shapes, strict=True)
        ]
        return strategies.tuples(strategies.just(k), *drawn)

    return _first(
        strategies.integers(0, len(instances) - 1).flatmap(points),
        lambda values: search.look(instances[values[0]], values[1:]),
    )


def _strategies() -> Any:
    """hypothesis's strategies. It is imported late: who compares without it needs no tools of tests."""
    return import_module("hypothesis.strategies")


def _first(points: Any, compare: Callable[[Any], Found | None]) -> Found | None:
    return find_first(points, compare, max_examples=EXAMPLES, deadline=None, derandomize=True)


def find_first(points: Any, look: Callable[[Any], Found | None], **settings: Any) -> Found | None:
    """What is found at a point of a strategy, shrunk, under hypothesis's active profile but for some settings."""
    hypothesis: Any = import_module("hypothesis")
    found: list[Found] = []
    quiet = hypothesis.settings(
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        **settings,
    )

    def raise_found(values: Any) -> None:
        if (own := look(values)) is not None:
            found.append(own)
            raise _Found

    try:
        quiet(hypothesis.given(points)(raise_found))()
    except (_Found, hypothesis.errors.Flaky):  # The second where what is found once is not found again.
        if not found:
            raise
        return found[-1]
    return None


class _Found(Exception):
    """What is looked for is found at a point."""


def _as_strategy(value: object) -> object:
    if is_strategy(value):
        return value
    strategies = _strategies()
    if isinstance(value, (np.ndarray, float, list)):
        return strategies.just(value)
    arrays: Any = import_module("hypothesis.extra.numpy")
    if isinstance(value, (tuple, int)) and all(isinstance(d, int) for d in (value if isinstance(value, tuple) else ())):
        return arrays.arrays("float64", value, elements=strategies.integers(-4, 4).map(float))
    raise ValueError(
        f"beside a strategy an input is a strategy, an array or a shape of numbers, got {value!r}; draw its sizes too"
    )
