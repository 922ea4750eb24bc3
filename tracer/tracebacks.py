"""Errors of wrong calls end at the caller's line, and name tensors as the caller does.

What the library raises on purpose is raised again where the caller's line called it, without the frames between; a
tensor in its message gets the name of the variable that holds it. An error in the library itself keeps its whole
traceback, and so does every error where the environment variable ``TRACER_TRACEBACK`` is ``full``.
"""

from __future__ import annotations

import dis
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import FrameType, FunctionType, TracebackType
from typing import ParamSpec, TypeVar

from tracer import binding

P = ParamSpec("P")
R = TypeVar("R")
Class = TypeVar("Class", bound=type)

ERRORS = (TypeError, ValueError, LookupError, RuntimeError)
"""The errors that wrong calls raise."""

_RAISE = dis.opmap["RAISE_VARARGS"]
_MARK = "_ends_at_the_caller"
"""The attribute of errors that were found to be raised on purpose."""


def trim(error: Exception) -> None:
    """Leave the frames of the library out of an error's traceback, if the library raised it on purpose.

    A bare ``raise`` after it adds no frame of its own, so that the last one is the caller's.
    """
    trace = error.__traceback__
    if trace is None or os.environ.get("TRACER_TRACEBACK") == "full":
        return
    if not getattr(error, _MARK, False):
        if not is_deliberate(error):
            return
        setattr(error, _MARK, True)
        _name_tensors(error)
    error.__traceback__ = _without_library(trace)


def concise(function: Callable[P, R]) -> Callable[P, R]:
    """A public function whose errors of wrong calls end at the caller's line; itself, if it sees to that."""
    if hasattr(function, "is_concise"):
        return function

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ERRORS as error:
            trim(error)
            raise

    assert isinstance(call, FunctionType)
    call.__code__ = call.__code__.replace(co_name=function.__name__)
    return call


def concise_methods(*names: str) -> Callable[[Class], Class]:
    """Decorate a class so that the errors of wrong calls of these methods end at the caller's line."""

    def decorate(cls: Class) -> Class:
        for name in names:
            setattr(cls, name, concise(vars(cls)[name]))
        return cls

    return decorate


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_library(frame: FrameType) -> bool:
    return binding.is_own(frame.f_code.co_filename)


def is_deliberate(error: Exception) -> bool:
    """Whether the library raised it on purpose: the innermost frame is the library's and stands at a ``raise``."""
    *_, last = _frames(error.__traceback__)
    return _is_library(last.tb_frame) and last.tb_frame.f_code.co_code[last.tb_lasti] == _RAISE


def _without_library(trace: TracebackType) -> TracebackType | None:
    """The frames of a traceback that are the caller's: those of functions that the library called back."""
    kept: TracebackType | None = None
    for entry in reversed([t for t in _frames(trace) if not _is_library(t.tb_frame)]):
        kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept


def _name_tensors(error: Exception) -> None:
    """Put the caller's variables before the numbered names of the tensors that they hold."""
    frame = binding.caller()
    message = error.args[0] if error.args else None
    if frame is None or type(message) is not str:
        return
    numbered = set(re.findall(r"\b[A-Za-z_]\w*_\d+\b", message))
    if not numbered:
        return
    tensor = getattr(sys.modules.get("tracer.tensor"), "Tensor", ())
    names: dict[str, str] = {}
    for variable, value in (*frame.f_locals.items(), *frame.f_globals.items()):
        if isinstance(value, tensor) and value.name in numbered and variable.isidentifier():
            names.setdefault(value.name, variable)
    if names:
        pattern = rf"(?<!\()\b({'|'.join(map(re.escape, names))})\b(?!\))"
        error.args = (re.sub(pattern, lambda m: f"{names[m[1]]} ({m[1]})", message), *error.args[1:])
