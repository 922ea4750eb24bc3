"""How far long work is, on a terminal.

Public functions that may take long open a ``Progress``, and the loops below them ``tick``. A bar is drawn where
standard error is a terminal, from the third second on, by tqdm, which is imported only then; without it there is none.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from importlib import import_module
from math import inf
from time import monotonic
from types import TracebackType
from typing import Protocol
from weakref import ReferenceType, ref

AFTER = 2.0
"""After so many seconds the bar appears."""

EVERY = 0.1
"""So many seconds lie between two looks of it at the least."""


class Bar(Protocol):
    """What is used of a bar of tqdm."""

    n: float
    start_t: float

    def refresh(self) -> object:
        """Draw it."""

    def close(self) -> object:
        """Take it away."""


class Progress:
    """Work that may take long; within another one it is a part of that.

    Parameters
    ----------
    task : str
        What is done, in a word or two.
    total : float
        How many steps it takes at the most, if that is known.

    Examples
    --------
    >>> with Progress("search", total=3):
    ...     for _ in range(3):
    ...         tick()
    """

    __slots__ = ("__weakref__", "_bar", "_due", "_token", "steps", "task", "total")

    def __init__(self, task: str, total: float = inf) -> None:
        self.task, self.total, self.steps = task, total, 0
        self._bar: Bar | None = None

    def __enter__(self) -> None:
        stream = sys.stderr
        if stream is None or not stream.isatty() or find_progress() is not None:
            return
        self._due = monotonic() + AFTER
        # Work that was interrupted at any moment is forgotten with its frame.
        _current.set(ref(self))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if find_progress() is self:
            _current.set(None)
        self.close()

    def advance(self, steps: int) -> None:
        """Count steps, and show them if it is time."""
        self.steps += steps
        now = monotonic()
        if now < self._due:
            return
        self._due = now + EVERY
        if self._bar is None:
            self._bar = _make_bar(self.task, self.total)
            if self._bar is None:
                self._due = inf
                return
        self._bar.n = self.steps
        self._bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    __del__ = close


_current: ContextVar[ReferenceType[Progress] | None] = ContextVar("_current", default=None)
"""The work that is shown, in this thread."""


def find_progress() -> Progress | None:
    """The work that is shown here and now."""
    found = _current.get()
    return None if found is None else found()


def tick(steps: int = 1) -> None:
    """Count steps of the work that is shown, if any is."""
    found = _current.get()
    if found is not None and (progress := found()) is not None:
        progress.advance(steps)


def _make_bar(task: str, total: float) -> Bar | None:
    """A bar that is gone when it is closed; None without tqdm."""
    try:
        tqdm = import_module("tqdm").tqdm
    except ImportError:
        return None
    bar: Bar = tqdm(desc=task, total=None if total == inf else total, unit=" steps", leave=False, file=sys.stderr)
    bar.start_t -= AFTER
    return bar
