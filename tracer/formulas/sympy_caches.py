"""Readings, one at a time: the one place where sympy's caches are emptied, and where threads wait for one another.

The caches would keep the numbers of formulas that nobody holds any more.

No formula depends on what the caches hold. Emptying them after each reading would cost the next one what all formulas
have in common, a tenth of the time of a short one.

What sympy knows of an expression, the threads share by its caches. While one of them finds out whether ``m + n`` is
positive, that is noted as unknown, lest the search go in a circle, and another thread takes it for the answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from sympy.core.cache import clear_cache
from sympy.core.intfunc import igcd

READINGS = 16
"""After so many readings the caches are emptied."""

_ended = itertools.count(1)
_turn = RLock()


@contextmanager
def bounded_caches() -> Iterator[None]:
    """A reading, which no other thread's interrupts, and after which the caches may be emptied."""
    with _turn:
        try:
            yield
        finally:
            if next(_ended) % READINGS == 0:
                clear_cache()
                igcd.cache_clear()
