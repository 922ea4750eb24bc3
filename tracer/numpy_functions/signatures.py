"""How a function enters the table: NumPy's signature, and what of it tensors do not take.

A function is written with NumPy's full signature. The arguments that tensors can't serve are named once, where it
enters the table, and are refused by their names; a test compares the signatures with NumPy's.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeGuard, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""By NumPy's name, ``"sum"`` or ``"linalg.inv"``."""


def given(value: T | None) -> TypeGuard[T]:
    """Whether an optional argument was given: NumPy marks a missing one with None or an object of its own."""
    return value is not None and type(value).__name__ != "_NoValueType"


def numpy_function(
    *names: str, refused: str = "", tuples: str = "", table: dict[str, Callable[..., object]] = FUNCTIONS
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Enter a function into the table under its own name or the given ones.

    ``refused`` are arguments that tensors can't serve, ``tuples`` those that may be a tuple but no list.

    Examples
    --------
    >>> known = {}
    >>> @numpy_function("double", refused="out", table=known)
    ... def double(x, out=None):
    ...     return 2 * x
    >>> known["double"](3)
    6
    >>> known["double"](3, out=[])
    Traceback (most recent call last):
    ...
    TypeError: double of a tensor does not take out; leave it out
    """

    def enter(f: Callable[P, R]) -> Callable[P, R]:
        entered = names or (f.__name__,)
        call = refusing(f, entered[0], refused.split(), tuples.split())
        table.update(dict.fromkeys(entered, call))
        return call

    return enter


def with_signature_of(model: Callable[P, R]) -> Callable[[Callable[..., R]], Callable[P, R]]:
    """Give a function of ``*args`` and ``**kwargs`` the signature of another, to which it hands them on."""
    return functools.wraps(model, assigned=())


def refusing(f: Callable[P, R], name: str, refused: Sequence[str], tuples: Sequence[str] = ()) -> Callable[P, R]:
    """The function, which raises a TypeError when an argument that it can't serve is given other than by default."""
    stated = inspect.unwrap(f)
    code = stated.__code__
    count = code.co_argcount
    order = code.co_varnames[: count + code.co_kwonlyargcount]
    values = stated.__defaults__ or ()
    defaults = {**dict(zip(order[count - len(values) : count], values)), **(stated.__kwdefaults__ or {})}
    places = {argument: order.index(argument) for argument in (*refused, *tuples)}

    @functools.wraps(f)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for argument, place in places.items():
            value = args[place] if place < min(len(args), count) else kwargs.get(argument)
            if argument in tuples:
                if isinstance(value, list):
                    raise TypeError(f"the {argument} of {name} is an int or a tuple of ints, got the list {value!r}")
            elif given(value) and not _same(value, defaults.get(argument)):
                raise TypeError(f"{name} of a tensor does not take {argument}; leave it out")
        missing = [key for key, value in kwargs.items() if type(value).__name__ == "_NoValueType"]
        for key in missing:
            del kwargs[key]
        return f(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call


def _same(value: object, default: object) -> bool:
    return value is default or (isinstance(value, (str, int)) and type(value) is type(default) and value == default)
