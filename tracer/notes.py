"""What is noted on a tensor after it was recorded, because Python asked for its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from tracer.places import Place

T = TypeVar("T")

LAST = 64
"""How many notes of a kind a tensor keeps: the last ones."""


class Departure(NamedTuple):
    """A value that was taken out of the trace.

    ``key`` and ``name`` are those of its tensor, ``time`` is a key that no tensor has: what is younger was recorded
    after it. ``what`` says by what: ``"numpy"``.
    """

    key: int
    name: str
    time: int
    what: str
    place: Place


class Notes:
    """What is noted on a tensor.

    Attributes
    ----------
    branches : list of callable
        Of a source: the decisions that Python took on values computed from it, as :mod:`tracer.branches` holds them.
    departures : list of Departure
        The values that were taken out of the trace and depend on the tensor.
    behind : tuple of weak references, or None
        The sources behind the tensor, once its value was taken.
    """

    __slots__ = ("behind", "branches", "departures")

    def __init__(self) -> None:
        self.branches: list[Callable[[], Any]] = []
        self.departures: list[Departure] = []
        self.behind: tuple[Any, ...] | None = None


def keep(notes: list[T], note: T) -> None:
    """Add a note, in place of the oldest where there are many."""
    notes.append(note)
    if len(notes) > LAST:
        del notes[0]
