"""Points drawn from hypothesis's strategies of arrays, which are shrunk by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

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
    hypothesis: Any = import_module("hypothesis")
    found: list[Found] = []

    settings = hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
    )

    def differ(values: tuple[object, ...]) -> None:
        arrays = [np.asarray(v) for v in values]
        instance = instance_of(arrays)
        outcome = instance.compare(arrays)
        if outcome.differs:
            found.append(Found(instance, instance.cast(arrays), outcome))
            raise _Differ
        if outcome.defined:
            search.points += 1
            search.digits = min(search.digits, outcome.digits)

    points = hypothesis.strategies.tuples(*map(_as_strategy, inputs))
    try:
        settings(hypothesis.given(points)(differ))()
    except _Differ:
        return found[-1]
    return None


class _Differ(Exception):
    """The programs differ at a point."""


def _as_strategy(value: object) -> object:
    if is_strategy(value):
        return value
    strategies: Any = import_module("hypothesis.strategies")
    if isinstance(value, (np.ndarray, float, list)):
        return strategies.just(value)
    arrays: Any = import_module("hypothesis.extra.numpy")
    if isinstance(value, (tuple, int)) and all(isinstance(d, int) for d in (value if isinstance(value, tuple) else ())):
        return arrays.arrays("float64", value, elements=strategies.integers(-4, 4).map(float))
    raise ValueError(
        f"beside a strategy an input is a strategy, an array or a shape of numbers, got {value!r}; draw its sizes too"
    )
