"""Every operation by its name, gathered from the tables of the families."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

from tracer import backprop, control, custom
from tracer.alive import live
from tracer.docstrings import NAME, add_parameter
from tracer.ops import (
    assertions,
    casting,
    contraction,
    creation,
    diagonal,
    elementwise,
    gathering,
    indexing,
    inverses,
    layers,
    losses,
    norms,
    ordering,
    powers,
    reduction,
    reshaping,
    scan,
    scattering,
    segments,
    spectral,
    structure,
    systems,
)
from tracer.tensor import give_name

FAMILIES = (
    elementwise,
    casting,
    reshaping,
    assertions,
    contraction,
    creation,
    gathering,
    indexing,
    ordering,
    reduction,
    scan,
    scattering,
    segments,
    structure,
    diagonal,
    inverses,
    powers,
    systems,
    norms,
    spectral,
    layers,
    losses,
    backprop,
    custom,
    control,
)

R = TypeVar("R")


def namespace(name: str) -> dict[str, Callable[..., Any]]:
    """The functions of ``FUNCTIONS`` (top level), ``LINALG``, ``NN`` or ``MATH``; a family need not have any there."""
    return {key: with_name(f) for family in FAMILIES for key, f in getattr(family, name, {}).items()}


@cache
def with_name(function: Callable[..., R]) -> Callable[..., R]:
    """An operation whose argument ``name``, if it has one, becomes the name of its result; its docstring says so."""
    code = getattr(function, "__code__", None)
    if code is None or "name" not in code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]:
        return function
    position = code.co_varnames.index("name")

    @wraps(function)
    def named(*args: object, **kwargs: object) -> R:
        name = kwargs.pop("name", None) if kwargs else None
        if position < len(args) and position < code.co_argcount and name is None:
            name, args = args[position], (*args[:position], None, *args[position + 1 :])
        if name is None:
            return function(*args, **kwargs)
        since = next(reversed(live), -1)
        return give_name(function(*args, **kwargs), name, since)

    named.__doc__ = function.__doc__ and add_parameter(function.__doc__, NAME)
    return named


OPERATIONS = namespace("FUNCTIONS")
