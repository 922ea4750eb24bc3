"""One reading of a formula: the work that it may still do, and what it remembers until it ends.

Work is counted in constructions of terms, tries of rewrites and nodes of expressions, never in seconds, so that a
formula is given or refused on every machine alike. A reading belongs to its context: threads do not share one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sympy.core.cache import clear_cache
from sympy.core.intfunc import igcd

from tracer.formulas.errors import TooLong

FORMULA = 150_000
"""The work that a formula may take."""

PRINT = 30_000
"""The work that a formula may take where it is only tried: a tensor is printed by its steps instead."""

KEPT = 8
"""After so many readings sympy's caches are emptied: what the next ones need of them is found again in no time."""

PRINTED = 5
"""The work of printing a part of an expression as LaTeX or Python."""


class Reading:
    """What belongs to one reading of a formula.

    Attributes
    ----------
    limit, spent : int
        The work that it may do, and has done.
    subject : str
        Whose formula is read, for the error.
    rules : tuple of callable
        Rewrites of the factors of a product that hold in this reading, besides those that always do.
    transposes : dict
        The transposes of terms that were asked for.
    symmetric : set
        The matrices of the expression that is being written whose terms are symmetric.
    vectors : set of str
        The names of the sources of rank one, which are columns in the expression.
    """

    __slots__ = ("limit", "rules", "spent", "subject", "symmetric", "transposes", "vectors")

    def __init__(self, limit: float, subject: str) -> None:
        self.limit = limit
        self.subject = subject
        self.spent = 0
        self.rules: tuple[Callable[[Any], bool], ...] = ()
        self.transposes: dict[Any, Any] = {}
        self.symmetric: set[Any] = set()
        self.vectors: set[str] = set()

    def spend(self, work: int) -> None:
        """Count work.

        Raises
        ------
        TooLong
            If it is more than the reading may do; the message names the form that has no limit.
        """
        self.spent += work
        if self.spent > self.limit:
            raise TooLong(
                f"the closed form of {self.subject} takes more than {self.limit} steps of work to find; "
                'the form "steps" has no limit: tracer.formula(tensor, form="steps")'
            )


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
def reading(limit: float = float("inf"), subject: str = "a term") -> Iterator[Reading]:
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
