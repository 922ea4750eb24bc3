"""One reading of a formula in the notations: the work that it may still do, and what it remembers until it ends.

A reading belongs to its context: threads do not share one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import Any

from sympy.core.cache import clear_cache
from sympy.core.intfunc import igcd

from tracer.terms.work import Budget

FORMULA = 150_000
"""The work that a formula may take."""

PRINT = 30_000
"""The work that a formula may take where it is only tried: a tensor is printed by its steps instead."""

KEPT = 2
"""After so many readings sympy's caches are emptied: what the next ones need of them is found again in no time."""

PRINTED = 5
"""The work of printing a part of an expression as LaTeX or Python."""


class Reading(Budget):
    """What belongs to one reading of a formula.

    Attributes
    ----------
    symmetric : set
        The matrices of the expression that is being written whose terms are symmetric.
    vectors : set of str
        The names of the sources of rank one, which are columns in the expression.
    """

    __slots__ = ("symmetric", "vectors")

    def __init__(self, limit: float, subject: str) -> None:
        super().__init__(limit, subject)
        self.symmetric: set[Any] = set()
        self.vectors: set[str] = set()


_under_way: ContextVar[Reading | None] = ContextVar("reading", default=None)


def under_way() -> Reading | None:
    """The reading that is under way in this context."""
    return _under_way.get()


def spend(work: int) -> None:
    """Count work of the reading that is under way; what is built outside of one has no limit."""
    reading = _under_way.get()
    if reading is not None:
        reading.spend(work)


@contextmanager
def reading(limit: float = inf, subject: str = "a term") -> Iterator[Reading]:
    """A reading of its own, whatever is under way outside."""
    begun = Reading(limit, subject)
    token = _under_way.set(begun)
    try:
        yield begun
    finally:
        _under_way.reset(token)
        if _under_way.get() is None and next(_ended) % KEPT == 0:
            _forget()


_ended = itertools.count(1)


def _forget() -> None:
    """Empty sympy's caches, where the numbers of formulas would stay that nobody holds any more."""
    clear_cache()
    igcd.cache_clear()
