"""The one place where sympy's caches are emptied: they would keep the numbers of formulas that nobody holds any more.

No formula depends on what the caches hold. Emptying them after each reading would cost the next one what all formulas
have in common; after every second one, that cost can't be measured.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from sympy.core.cache import clear_cache
from sympy.core.intfunc import igcd

READINGS = 2
"""After so many readings the caches are emptied."""

_ended = itertools.count(1)


@contextmanager
def bounded_caches() -> Iterator[None]:
    """A reading, after which the caches may be emptied."""
    try:
        yield
    finally:
        if next(_ended) % READINGS == 0:
            clear_cache()
            igcd.cache_clear()
