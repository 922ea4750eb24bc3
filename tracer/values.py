"""What Python and NumPy give as values of tensors: arrays of real numbers, or a message that says why not."""

from __future__ import annotations

from typing import Any

from tracer.nest import shown


def as_array(value: Any) -> Any:
    """A nested list, or anything NumPy makes an array of, as an array.

    Raises
    ------
    ValueError
        If rows differ in length, or lists are nested deeper than NumPy's arrays.
    TypeError
        If the value makes no array of itself.
    """
    import numpy

    try:
        return numpy.array(value)
    except Exception as error:
        if not isinstance(value, (list, tuple)):
            raise TypeError(
                f"{shown(value)} can't be read as an array: {type(error).__name__}: {error}; "
                "give a number, a nested list or an array"
            ) from None
        if _depth(value) > MOST_AXES:
            raise ValueError(
                f"{shown(value)} is nested deeper than {MOST_AXES} lists, or contains itself; "
                "give a nested list of numbers"
            ) from None
        if not isinstance(error, ValueError):
            raise TypeError(
                f"{shown(value)} can't be read as an array: {type(error).__name__}: {error}; give real numbers"
            ) from None
        raise ValueError(f"the rows of {shown(value)} differ in length; give a nested list of equal rows") from None


MOST_AXES = 64


def _depth(value: Any) -> int:
    """How deep lists are nested along their first items, counted no further than is too deep."""
    depth = 0
    while isinstance(value, (list, tuple)) and value and depth <= MOST_AXES:
        value, depth = value[0], depth + 1
    return depth


def fitted(value: Any, dtype: str) -> Any:
    """A number or an array of numbers in an integer dtype.

    Raises
    ------
    ValueError
        If a number is beyond those of the dtype.
    """
    low, high = RANGES[dtype]
    many = hasattr(value, "astype") and value.ndim
    least, most = (value.min(initial=0), value.max(initial=0)) if many else (value, value)
    if least < low or most > high:
        raise ValueError(
            f"the integer {shown(int(least if least < low else most))} does not fit the dtype {dtype}; "
            "write it as a float, or name a dtype that holds it"
        )
    return value.astype(dtype) if many else int(value)


RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""The numbers of each integer dtype."""
