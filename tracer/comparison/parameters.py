"""What is known of a parameter: its shape, its dtype, what is assumed of it, and perhaps a value."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import numpy as np
import sympy

from tracer.nest import shown
from tracer.shapes import Shape, ShapeLike, as_shape
from tracer.tensor import PLACEHOLDER, Tensor, has_number
from tracer.values import as_array

Input: TypeAlias = "ShapeLike | np.ndarray | Tensor | object"
"""A shape, an array, a placeholder, or a strategy of arrays."""

NOTHING: Mapping[str, bool] = MappingProxyType({})


SIGNS = "positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer"
"""What is taken over of the assumptions of a symbol in a formula."""


class Parameter(NamedTuple):
    """A parameter of programs.

    Attributes
    ----------
    shape : tuple
    dtype : str
        ``"float64"``, or one of integers or truth values.
    assumptions : mapping of str to bool
        What holds of all its values: ``positive``, ``symmetric`` and so on.
    value : array or None
        A value that is one of the points.
    """

    shape: Shape
    dtype: str = "float64"
    assumptions: Mapping[str, bool] = NOTHING
    value: np.ndarray | None = None

    def merge(self, other: Parameter) -> Parameter:
        """The parameter, with the dtype and the assumptions of another description of it too."""
        dtype = other.dtype if self.dtype == "float64" else self.dtype
        return self._replace(dtype=dtype, assumptions={**other.assumptions, **self.assumptions})


def describe_source(source: Tensor) -> Parameter:
    """The parameter that a source is."""
    assumptions = dict(source.params) if source.rule is PLACEHOLDER else NOTHING
    value = np.asarray(source.value, float) if has_number(source) else None
    return Parameter(tuple(source.shape), kind_of(source.dtype), assumptions, value)


def describe_symbol(symbol: sympy.Symbol | sympy.MatrixSymbol) -> Parameter:
    """The parameter that a symbol of a formula is."""
    if isinstance(symbol, sympy.MatrixSymbol):
        return Parameter(as_shape(symbol.shape))
    return Parameter((), assumptions={k: True for k in SIGNS if symbol.assumptions0.get(k)})


def describe_input(value: Input) -> Parameter:
    """The parameter that is given by a shape, an array or a placeholder.

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if isinstance(value, Tensor):
        source = value.read()
        if source.rule is PLACEHOLDER:
            return describe_source(source)
        value = source.numpy()
    if isinstance(value, (np.ndarray, np.generic, float, list)):
        array = as_array(value)
        return Parameter(array.shape, kind_of(str(array.dtype)), value=array)
    if isinstance(value, (tuple, int, str, sympy.Expr)):
        return Parameter(as_shape(value))
    raise TypeError(
        f"an input is a shape, an array, a placeholder or a hypothesis strategy of arrays, got {shown(value)}"
    )


def kind_of(dtype: object) -> str:
    """The dtype of a parameter by that of its values: the same for integers and truth values, else ``"float64"``."""
    return str(dtype) if np.dtype(str(dtype)).kind in "ib" else "float64"


def symbols_in(shape: Shape) -> list[sympy.Symbol]:
    """The symbols in the dimensions of a shape."""
    return [s for d in shape for s in sorted(getattr(d, "free_symbols", ()), key=str)]
