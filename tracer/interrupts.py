"""Long work: its progress is shown, and where it is interrupted at any moment, everything is as if it had not begun.

Whatever is remembered from call to call is entered whole. What an interrupt could leave half done is of three kinds.
Context variables are set in a copy of the context, which is gone with the call. The working precision of mpmath and the
search for garbage are put back. And sympy notes what it knows of an expression fact by fact: it forgets these notes.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextvars import copy_context
from math import inf
from typing import ParamSpec, TypeVar

import mpmath
import sympy
from sympy.core.cache import clear_cache

from tracer.progress import Progress

P = ParamSpec("P")
R = TypeVar("R")

_MARK = "_is_mended"
"""The attribute of an interrupt after which everything is in order."""


def run_long(task: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a function answers that may take long; ``task`` is what it does, in a word or two.

    Examples
    --------
    >>> run_long("sum", sum, [1, 2])
    3
    """
    return run_counted(task, inf, function, *args, **kwargs)


def run_counted(task: str, total: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a function answers that takes so many steps at the most."""
    precision, collects = mpmath.mp.prec, gc.isenabled()
    try:
        with Progress(task, total):
            return copy_context().run(function, *args, **kwargs)
    except Exception:
        raise
    except BaseException as interrupt:
        if not hasattr(interrupt, _MARK):
            mpmath.mp.prec = precision
            if collects:
                gc.enable()
            forget_assumptions()
            setattr(interrupt, _MARK, True)
        raise


def forget_assumptions() -> None:
    """Let sympy forget what it found out about expressions; what symbols are declared to be stays.

    Of facts that follow from one another it may have noted the first alone, and would take the others for unknown.

    Examples
    --------
    >>> n = sympy.Symbol("n", positive=True)
    >>> total = n + 1
    >>> total.is_positive, "positive" in total._assumptions
    (True, True)
    >>> forget_assumptions()
    >>> "positive" in total._assumptions, total.is_positive, n.is_positive
    (False, True, True)
    """
    clear_cache()
    for found in gc.get_objects():
        if isinstance(found, sympy.Basic) and not isinstance(found, sympy.Symbol):
            found._assumptions = type(found).default_assumptions
