"""Nests of lists, tuples, named tuples and dicts with tensors as leaves."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, wraps
from typing import Any, ParamSpec, TypeAlias, TypeGuard, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
S = TypeVar("S", bound="Sequence[object]")

Nest: TypeAlias = "T | Sequence[Nest[T]] | Mapping[Any, Nest[T]]"
"""A leaf, or a list, tuple or dictionary of nests."""


_nests: Callable[[type], bool] = cache(lambda kind: issubclass(kind, (list, tuple, Mapping)))


_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother, _SHORT.maxlong = 4, 200, 200, 80
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxset = _SHORT.maxdict = 12


def shown(value: object) -> str:
    """What was given, as messages show it: short, whatever its length and depth.

    Examples
    --------
    >>> shown([1, "a"])
    "[1, 'a']"
    >>> cyclic = []
    >>> cyclic.append(cyclic)
    >>> shown(cyclic)
    '[[[[[...]]]]]'
    """
    try:
        return _SHORT.repr(value)
    except ValueError:  # Python writes no integer of thousands of digits
        return f"an integer of {value.bit_length()} bits" if isinstance(value, int) else f"a {type(value).__name__}"


def list_items(values: Iterable[T], what: str) -> list[T]:
    """The items of a list, or of anything else that Python can iterate.

    Raises
    ------
    TypeError
        If it can't; ``what`` names in the message what is expected.

    Examples
    --------
    >>> list_items(range(2), "the sizes must be a list of ints")
    [0, 1]
    >>> list_items(3, "the sizes must be a list of ints")
    Traceback (most recent call last):
    TypeError: the sizes must be a list of ints, got 3
    """
    try:
        items = iter(values)
    except TypeError:
        raise TypeError(f"{what}, got {shown(values)}") from None
    return list(items)


def _bounded(function: Callable[P, R]) -> Callable[P, R]:
    """A function of nests that refuses those that contain themselves."""

    @wraps(function)
    def bounded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except RecursionError:
            raise ValueError(
                f"{shown(args[0])} is nested deeper than Python can follow, or contains itself; "
                "give a nest of tensors, or the flat list of them"
            ) from None

    return bounded


def is_nest(value: object) -> TypeGuard[Sequence[Any] | Mapping[Any, Any]]:
    """Whether a value is a nest rather than a leaf."""
    return _nests(type(value))


def is_flat(value: object) -> bool:
    """Whether a nest is a tuple of leaves."""
    return type(value) is tuple and not any(map(is_nest, value))


@_bounded
def flatten(value: object) -> list[Any]:
    """The leaves, dicts in order of their sorted keys; a leaf alone is a list of one.

    Examples
    --------
    >>> flatten({"b": [1, 2], "a": 3})
    [3, 1, 2]
    """
    if not is_nest(value):
        return [value]
    leaves: list[Any] = []
    for item in [value[key] for key in _keys(value)] if isinstance(value, Mapping) else value:
        if is_nest(item):
            leaves += flatten(item)
        else:
            leaves.append(item)
    return leaves


@_bounded
def flatten_up_to(structure: object, value: Any) -> list[Any]:
    """The parts of a value in the places of a structure's leaves; a part may be a nest itself.

    Raises
    ------
    ValueError
        If the value does not have the structure.

    Examples
    --------
    >>> flatten_up_to(("x", {"b": "y"}), (1, {"b": [2, 3]}))
    [1, [2, 3]]
    """
    if not is_nest(structure):
        return [value]
    keys = _keys(structure) if isinstance(structure, Mapping) else range(len(structure))
    found = _keys(value) if isinstance(value, Mapping) else range(len(value)) if is_nest(value) else None
    if isinstance(structure, Mapping) is not isinstance(value, Mapping) or found != keys:
        raise ValueError(f"{shown(value)} does not have the structure of {shown(structure)}")
    return [part for key in keys for part in flatten_up_to(structure[key], value[key])]


@_bounded
def pack(structure: object, leaves: Iterable[object]) -> Any:
    """Leaves in the structure of a nest.

    Examples
    --------
    >>> pack({"b": [1, 2], "a": 3}, ["x", "y", "z"])
    {'b': ['y', 'z'], 'a': 'x'}
    """
    return _pack(structure, iter(leaves))


def list_paths(value: object, path: str = "") -> list[str]:
    """What leads to each leaf: the names of keys, and places in brackets.

    Examples
    --------
    >>> list_paths({"loss": 1, "slopes": [2, 3]})
    ['loss', 'slopes[0]', 'slopes[1]']
    """
    if not is_nest(value):
        return [path]
    if isinstance(value, Mapping):
        steps = [(value[k], f"{path}[{k!r}]" if path or not isinstance(k, str) else k) for k in _keys(value)]
    else:
        steps = [(item, f"{path}[{k}]") for k, item in enumerate(value)]
    return [found for item, own in steps for found in list_paths(item, own)]


def write_nest(value: object) -> str:
    """The text of a nest of dictionaries, lists and tuples whose leaves are texts.

    Examples
    --------
    >>> write_nest({"a": ["x", ("y",)]})
    '{"a": [x, (y,)]}'
    """
    if isinstance(value, dict):
        rows = (f"{json.dumps(k) if isinstance(k, str) else repr(k)}: {write_nest(v)}" for k, v in value.items())
        return f"{{{', '.join(rows)}}}"
    if not isinstance(value, (list, tuple)):
        return str(value)
    inner = ", ".join(map(write_nest, value))
    return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"


def map_leaves(function: Callable[[Any], object], value: object) -> Any:
    """A nest with a function applied to its leaves."""
    return pack(value, [function(leaf) for leaf in flatten(value)])


def _keys(value: Mapping[Any, object]) -> list[Any]:
    try:
        return sorted(value)
    except TypeError:
        return list(value)


def sequence_like(structure: S, items: Iterable[object]) -> S:
    """Items as a list, tuple or named tuple of the structure's class."""
    kind: Any = type(structure)
    made: S = kind(*items) if hasattr(structure, "_fields") else kind(items)
    return made


def _pack(structure: Any, leaves: Iterator[object]) -> Any:
    kind = type(structure)
    if not is_nest(structure):
        return next(leaves)
    if isinstance(structure, Mapping):
        packed = {key: _pack(structure[key], leaves) for key in _keys(structure)}
        ordered = {key: packed[key] for key in structure}
        return ordered if kind is dict else kind(ordered)
    items = [_pack(item, leaves) if is_nest(item) else next(leaves) for item in structure]
    return sequence_like(structure, items)


def join_names(names: Sequence[str]) -> str:
    """Names as in a sentence.

    Examples
    --------
    >>> join_names(["x", "y", "z"]), join_names(["x"])
    ('x, y and z', 'x')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
