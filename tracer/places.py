"""Where in the user's code an operation was called.

A place is a code object and an offset into its instructions, which cost next to nothing to note; the file and the line
are read from them when somebody asks. What the reverse pass records has the place of the operation whose gradient rule
made it, and that operation's key beside it.
"""

from __future__ import annotations

import os
from types import CodeType
from typing import TypeAlias

from tracer.binding import is_own

Place: TypeAlias = "tuple[CodeType | None, int] | tuple[CodeType | None, int, int] | None"
"""Code and offset, and for what a gradient rule recorded the key of its operation; None where places are not noted."""


class _Files(dict[str, bool]):
    """Whether a file belongs to this package, by its name."""

    def __missing__(self, name: str) -> bool:
        answer = self[name] = is_own(name)
        return answer


OWN = _Files()


class Origin:
    """What operations that no user's line calls have for a place."""

    __slots__ = ("place",)

    def __init__(self, place: Place = None) -> None:
        self.place = place

    def stand_for(self, key: int, place: Place) -> None:
        """Stand for a node, whose gradient rule is about to make records."""
        self.place = (None, 0, key) if place is None else (place[0], place[1], key)


NOWHERE = Origin()
"""The origin of operations where places are not noted."""


def line_of(place: Place) -> tuple[str, int] | None:
    """The file and the line of a place; None where it was not noted."""
    if place is None or place[0] is None:
        return None
    code, offset = place[0], place[1]
    for start, end, line in code.co_lines():
        if start <= offset < end and line is not None:
            return code.co_filename, line
    return code.co_filename, code.co_firstlineno


def show_line(place: Place) -> str:
    """A place as a message names it, ``"demo.py:6"``; empty where it was not noted."""
    found = line_of(place)
    return f"{os.path.basename(found[0])}:{found[1]}" if found else ""
