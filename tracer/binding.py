"""The name that a call's result is about to be bound to, read from the caller's bytecode."""

from __future__ import annotations

import opcode
import sys
from types import FrameType

_STORES = {"STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF", "STORE_ATTR"}
_PACKAGE = __name__.partition(".")[0]


def caller() -> FrameType | None:
    """The innermost frame outside this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame = frame.f_back
    return frame


def bound_name() -> str | None:
    """The variable or attribute to which the user's running statement binds its value; None where it binds none.

    Examples
    --------
    >>> import tracer
    >>> weights = tracer.Variable([1.0, 2.0])
    >>> weights.name
    'weights'
    """
    frame = caller()
    if frame is None or frame.f_lasti < 0:
        return None
    code = frame.f_code
    raw = code.co_code
    extended = 0
    for offset in range(frame.f_lasti + 2, len(raw), 2):
        name, operand = opcode.opname[raw[offset]], raw[offset + 1] | extended
        if name in ("CACHE", "COPY"):
            continue
        if name == "EXTENDED_ARG":
            extended = operand << 8
            continue
        if name == "STORE_FAST_STORE_FAST":
            return None
        if name == "STORE_FAST_LOAD_FAST":
            name, operand = "STORE_FAST", operand >> 4
        if name not in _STORES:
            if name.startswith("LOAD_"):
                extended = 0
                follower = raw[offset + 2] if offset + 2 < len(raw) else 0
                if opcode.opname[follower] in ("CACHE", "STORE_ATTR"):
                    continue
            return None
        if name in ("STORE_FAST", "STORE_DEREF"):
            return str(code._varname_from_oparg(operand))  # type: ignore[attr-defined]
        return str(code.co_names[operand])
    return None
