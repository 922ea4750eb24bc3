"""The name that a call's result is about to be bound to, read from the caller's bytecode.

From the call on, the result is followed on the interpreter's stack until an instruction stores it or consumes it.

Bytecode is there where source is not (``exec``, ``python -c``, a prompt), and is read in 3 to 6 microseconds. The
package ``executing`` finds the calling expression in any version of Python, but by the source alone, and parses the
whole file at the first tensor: 2 to 3 seconds for 5,000 lines of literals. To keep the place of the call, and to parse
when the name is asked for, costs the same later. What bytecode costs is a look at each new version: see ``VERSIONS``.
"""

from __future__ import annotations

import os
import sys
from opcode import HAVE_ARGUMENT, opname, stack_effect
from types import CodeType, FrameType

VERSIONS = ((3, 11), (3, 12), (3, 13))
"""The versions of Python whose bytecode is known. In another one, names may be missing; a test says so."""

OPERANDS = frozenset(
    (
        "BINARY_OP",
        "BINARY_SUBSCR",
        "BUILD_LIST",
        "BUILD_MAP",
        "BUILD_TUPLE",
        "CALL",
        "CALL_KW",
        "KW_NAMES",
        "LIST_EXTEND",
        "LOAD_ATTR",
        "LOAD_CONST",
        "LOAD_DEREF",
        "LOAD_FAST",
        "LOAD_FAST_LOAD_FAST",
        "LOAD_GLOBAL",
        "LOAD_METHOD",
        "LOAD_NAME",
        "PRECALL",
        "PUSH_NULL",
        "UNARY_NEGATIVE",
    )
)
"""Instructions that evaluate what stands beside the call in a tuple, or whose attribute it becomes."""


def caller() -> FrameType | None:
    """The innermost frame outside this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_own(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def is_own(filename: str) -> bool:
    """Whether a file belongs to this package."""
    return filename.startswith(_PACKAGE)


_PACKAGE = os.path.dirname(caller.__code__.co_filename) + os.sep


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
    return None if frame is None or frame.f_lasti < 0 else name_bound_at(frame.f_code, frame.f_lasti)


def name_bound_at(code: CodeType, called: int) -> str | None:
    """The variable or attribute to which the value of a call, at an offset into code, is bound; None if to none."""
    raw = code.co_code
    depth = extended = 0
    packed = False
    for offset in range(called + 2, len(raw), 2):
        operation, operand = raw[offset], raw[offset + 1] | extended
        name = opname[operation]
        if name in ("CACHE", "NOP"):
            continue
        extended = operand << 8 if name == "EXTENDED_ARG" else 0
        if name == "EXTENDED_ARG":
            continue
        if packed and name != "UNPACK_SEQUENCE":
            return None
        if targets := _targets(name, operand, code):
            if depth < len(targets):
                found = targets[depth]
                return found if found is not None and found.isidentifier() else None
            depth -= len(targets) - (name == "STORE_FAST_LOAD_FAST")
        elif name == "SWAP":
            depth = operand - 1 if depth == 0 else 0 if depth == operand - 1 else depth
        elif name == "COPY":
            depth = 0 if depth == operand - 1 else depth + 1
        elif name == "BUILD_TUPLE" and depth < operand:
            depth, packed = operand - 1 - depth, True
        elif packed:
            packed = False
        else:
            effect = stack_effect(operation, operand if operation >= HAVE_ARGUMENT else None)
            # They leave one result in the place of what they consume, or more, of which a load consumes one at most.
            consumed = max(1 - effect, int(name in ("LOAD_ATTR", "LOAD_METHOD")))
            if name not in OPERANDS or depth < consumed:
                return None
            depth += effect
    return None


def _targets(name: str, operand: int, code: CodeType) -> list[str | None]:
    """What an instruction stores, the value on top of the stack first; None for what is not stored."""

    def local(k: int) -> str:
        return str(code._varname_from_oparg(k))  # type: ignore[attr-defined]

    if name in ("STORE_FAST", "STORE_DEREF"):
        return [local(operand)]
    if name in ("STORE_NAME", "STORE_GLOBAL"):
        return [code.co_names[operand]]
    if name == "STORE_ATTR":
        return [None, code.co_names[operand]]
    if name == "STORE_FAST_STORE_FAST":
        return [local(operand >> 4), local(operand & 15)]
    return [local(operand >> 4)] if name == "STORE_FAST_LOAD_FAST" else []
