"""What Python, NumPy and sympy give as values of tensors: real numbers and arrays of them, or why it can't be one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, SupportsFloat, SupportsIndex

import sympy

from tracer import nest, shapes
from tracer.dtypes import PROMOTION
from tracer.nest import shown
from tracer.shapes import Literal, Shape
from tracer.tracebacks import is_deliberate

if TYPE_CHECKING:
    import numpy as np


def literal_dtype(value: Literal) -> str:
    """The dtype of a literal on its own."""
    if isinstance(value, bool):
        return "bool"
    return "int64" if isinstance(value, int) or getattr(value, "is_integer", False) is True else "float64"


def as_float(value: SupportsFloat | SupportsIndex) -> float:
    """A real number as a float.

    Raises
    ------
    ValueError
        If it is beyond the largest float.
    """
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"the number {shown(value)} is beyond the largest float, about 1.8e308") from None


def as_literal(value: object) -> Literal | None:
    """A number as a literal, which a formula in dimensions is too; None for what is no number.

    Raises
    ------
    TypeError
        If a sympy expression holds what is no dimension, or is not real.
    ValueError
        If a number is beyond the largest float.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        as_float(value)
        return int(value)
    if isinstance(value, Real) and not isinstance(value, sympy.Rational):
        return as_float(value)
    if isinstance(value, sympy.Expr):
        alien = [s for s in value.free_symbols if s != shapes.symbolic_dimension(str(s))]
        if alien:
            raise TypeError(
                f"the sympy expression {value} holds {alien[0]}, which is not a dimension; "
                "write from_sympy(expression, {symbol: tensor})"
            )
        if value.is_extended_real is False:
            raise TypeError(f"complex numbers are not supported, got {value}; write real and imaginary parts")
        return value
    return None


def describe(value: object) -> tuple[Any, Shape, str]:
    """A source's value, its shape and its dtype: a number, a nested list, or anything NumPy makes an array of."""
    if isinstance(value, complex):
        raise TypeError(f"complex numbers are not supported, got {shown(value)}; write real and imaginary parts")
    if isinstance(value, Real):
        plain = value if isinstance(value, bool) else int(value) if isinstance(value, Integral) else as_float(value)
        return plain, (), literal_dtype(plain)
    if isinstance(value, sympy.Expr) and not isinstance(value, sympy.MatrixExpr):
        return as_literal(value), (), literal_dtype(value)
    refuse_masked(value)
    array = as_array(value)
    name = array.dtype.name
    if array.dtype.kind == "f" and name not in PROMOTION:
        name = "float64"
    elif (array.dtype.kind in "iu" and name not in PROMOTION) or _is_of_integers(array):
        name = "int64"
        array = fit_integers(array, name)
    elif array.dtype.kind not in "fiub":
        kind = "" if array.dtype.kind in "USO" else f" of dtype {name}"
        raise TypeError(
            f"a tensor holds real numbers, got {type(value).__name__} {shown(value)}{kind}"
            + ("; give a number, a nested list of numbers or an array of a numeric dtype" if not kind else "")
            + ("; complex numbers are not supported, write real and imaginary parts" if array.dtype.kind == "c" else "")
        )
    if not array.size and not getattr(value, "dtype", None):
        name = "float64"
    array = array.astype(name, copy=False)
    if not array.shape:
        return array.item(), (), name
    array.flags.writeable = False
    return array, array.shape, name


def _is_of_integers(array: np.ndarray) -> bool:
    """Whether an array of objects is of integers, which are beyond NumPy's or sympy's."""
    return array.dtype.kind == "O" and array.size > 0 and all(isinstance(v, Integral) for v in array.flat)


def refuse_masked(value: object) -> None:
    """Refuse masked arrays, alone or in lists: NumPy would drop the mask and take what lies beneath.

    Raises
    ------
    TypeError
        If there is one.
    """
    masked = sys.modules.get("numpy.ma")
    if masked is None:
        return
    leaves = nest.flatten(value) if type(value) in (list, tuple) else [value]
    if any(isinstance(leaf, masked.MaskedArray) for leaf in leaves):
        raise TypeError(
            "a tensor has no mask, got a masked array; write array.filled(value) for its values, or "
            "where(numpy.ma.getmaskarray(array), 0.0, array.data) to leave some out"
        )


def is_integral(stored: Any) -> bool:
    """Whether a number, or all of an array, are whole."""
    return bool((stored == stored // 1).all()) if hasattr(stored, "all") else stored == stored // 1


def as_array(value: object) -> np.ndarray:
    """A nested list, or anything NumPy makes an array of, as an array.

    Raises
    ------
    ValueError
        If rows differ in length, or lists are nested deeper than NumPy's arrays.
    TypeError
        If the value makes no array of itself.
    """
    import numpy

    if _depth(value) > MOST_AXES:  # NumPy may take for ever to find out
        raise ValueError(
            f"{shown(value)} is nested deeper than {MOST_AXES} lists, or contains itself; give a nested list of numbers"
        )
    try:
        return numpy.array(value)
    except Exception as error:
        if is_deliberate(error):
            raise
        if not isinstance(value, (list, tuple)):
            raise TypeError(
                f"{shown(value)} can't be read as an array: {type(error).__name__}: {error}; "
                "give a number, a nested list or an array"
            ) from None
        if not isinstance(error, ValueError):
            raise TypeError(
                f"{shown(value)} can't be read as an array: {type(error).__name__}: {error}; give real numbers"
            ) from None
        raise ValueError(f"the rows of {shown(value)} differ in length; give a nested list of equal rows") from None


MOST_AXES = 64


def _depth(value: Any) -> int:
    """How deep sequences are nested along their first items, counted no further than is too deep."""
    depth = 0
    while depth <= MOST_AXES and hasattr(type(value), "__getitem__") and not _has_no_items(value):
        try:
            value, depth = value[0], depth + 1
        except Exception:  # it is empty, or no sequence: NumPy has the say
            break
    return depth


def _has_no_items(value: object) -> bool:
    """Whether a value that can be indexed is an array, or a leaf."""
    return isinstance(value, (str, bytes, Mapping)) or hasattr(type(value), "__array__")


def fit_integers(value: Any, dtype: str) -> Any:
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
