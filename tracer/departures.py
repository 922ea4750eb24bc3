"""Values that left the trace: noted on the tensor and on its sources, so that an explanation can say where.

What NumPy computes from such a value is a constant to every gradient. A note has names and a place, no tensor, and
lives no longer than the tensor it stands on.
"""

from __future__ import annotations

import sys
import weakref
from types import FrameType

from tracer.notes import Departure, Notes, keep
from tracer.places import NOWHERE, OWN
from tracer.tensor import SOURCES, VARIABLE, Tensor, context, next_key
from tracer.walk import ancestors

METHODS = {sys.modules[name].__file__ for name in ("tracer.tensor", "tracer.tracebacks")}
"""The files of the methods by which a user takes a value, and of what wraps them."""

SHOWING = frozenset(("format",))
"""What only shows a value."""

FUNCTIONS = frozenset(("Variable", "range", "tolist"))
"""The functions that take a value on behalf of the user who calls them; the library calls none of them."""

MOST = 1000
"""How many sources a value is noted on: the youngest ones."""


def note_departure(tensor: Tensor, what: str) -> None:
    """Note that a user takes the value of a tensor; what the library itself asks for is no departure."""
    if what in SHOWING:
        return
    frame = _user_frame(what in FUNCTIONS)
    if frame is None:
        return
    tensor = tensor.read()
    place = None if context.get().origin is NOWHERE else (frame.f_code, frame.f_lasti)
    departure = Departure(tensor.node, tensor.name, next_key(), what, place)
    keep(notes_of(tensor).departures, departure)
    if tensor.rule not in SOURCES:
        for reference in sources_behind(tensor):
            source = reference()
            if source is not None:
                keep(notes_of(source).departures, departure)


def _user_frame(called: bool) -> FrameType | None:
    """The frame of the user who takes a value; None where the library does."""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and frame.f_code.co_filename in METHODS:
        frame = frame.f_back
    while called and frame is not None and OWN[frame.f_code.co_filename]:
        frame = frame.f_back
    return None if frame is None or OWN[frame.f_code.co_filename] else frame


def notes_of(tensor: Tensor) -> Notes:
    """The notes on a tensor, made when the first is to be kept."""
    if tensor.notes is None:
        tensor.notes = Notes()
    return tensor.notes


def sources_behind(tensor: Tensor) -> tuple[weakref.ref[Tensor], ...]:
    """The variables and the sources with a name that a tensor depends on.

    They are kept on the tensor: a loop that takes the value of each pass walks over the new operations alone.
    """
    notes = notes_of(tensor)
    if notes.behind is None:
        notes.behind = _find_sources(tensor)
    return notes.behind


def _find_sources(tensor: Tensor) -> tuple[weakref.ref[Tensor], ...]:
    def is_known(t: Tensor) -> bool:
        return t.notes is not None and t.notes.behind is not None

    groups: list[tuple[weakref.ref[Tensor], ...]] = []
    for t in ancestors([tensor], is_known):
        if t.rule is VARIABLE or (t.rule in SOURCES and t.label is not None):
            groups.append((weakref.ref(t),))
        elif t.notes is not None and t.notes.behind is not None:
            groups.append(t.notes.behind)
    if len(groups) == 1:
        return groups[0]
    found = {id(r): r for group in groups for r in group}
    return tuple(found.values())[-MOST:]
