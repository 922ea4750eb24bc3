"""Where in the user's code an operation was called.

A place is a code object and an offset into its instructions, which cost next to nothing to note; the file and the line
are read from them when somebody asks. What the reverse pass records has the place of the operation whose gradient rule
made it, and that operation's key beside it.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, FrameType
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


def find_user(frame: FrameType | None) -> tuple[CodeType | None, int]:
    """Code and offset of the innermost frame outside this package, from a frame outwards; no code if there is none."""
    while frame is not None and OWN[frame.f_code.co_filename]:
        frame = frame.f_back
    return (None, 0) if frame is None else (frame.f_code, frame.f_lasti)


class Origin:
    """What operations that no user's line calls have for a place.

    Attributes
    ----------
    code, offset
        Those of the line that they stand for; no code where it was not noted.
    cause : int or None
        The key of the operation whose gradient rule records them.
    """

    __slots__ = ("cause", "code", "offset")

    def __init__(self) -> None:
        self.code: CodeType | None = None
        self.offset = 0
        self.cause: int | None = None

    def stand_for(self, place: Place) -> None:
        """Stand for a place, as that of a node which is about to be repeated."""
        self.code, self.offset, *cause = place or (None, 0)
        self.cause = cause[0] if cause else None


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
    """A place as a message names it, ``"demo.py:6"``, of a notebook ``"cell In[3], line 6"``; empty if not noted."""
    found = line_of(place)
    if found is None:
        return ""
    cell = _cell_of(found[0])
    return f"cell {cell}, line {found[1]}" if cell else f"{os.path.basename(found[0])}:{found[1]}"


def _cell_of(filename: str) -> str | None:
    """The cell of the running notebook that a file name stands for, as IPython's tracebacks call it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    named: tuple[str, str] | None = shell.compile.format_code_name(filename) if shell is not None else None
    return named[1] if named else None
