"""The dtypes of tensors: names that also equal NumPy's and Python's types of the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, overload

from tracer import nest

if TYPE_CHECKING:
    import numpy as np

DTypeLike: TypeAlias = "str | type | np.dtype[np.generic] | None"
"""What a dtype is given as: a name, NumPy's or Python's type, or None for one that follows from the value."""

_PYTHON: dict[type, str] = {float: "float64", int: "int64", bool: "bool"}


class DType(str):
    """A dtype: the string that is its name, which equals NumPy's dtype and scalar type too.

    Its hash is that of the name. There is one object for each dtype, so that internal code may compare identities.

    Examples
    --------
    >>> import numpy, tracer
    >>> kind = tracer.constant([1.0]).dtype
    >>> kind == "float64", kind == numpy.float64, kind == numpy.dtype("float64"), kind == tracer.float64
    (True, True, True, True)
    >>> kind.kind, kind.itemsize
    ('f', 8)
    """

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, str):
            return str.__eq__(self, other)
        return other is not None and str.__eq__(self, _name(other)) is True

    def __ne__(self, other: object) -> bool:
        return self is not other and not self == other

    def __reduce__(self) -> tuple[Callable[[str], DType | None], tuple[str]]:
        return as_dtype, (str(self),)

    @property
    def name(self) -> str:
        """The name."""
        return str(self)

    @property
    def kind(self) -> str:
        """``"f"`` for floats, ``"i"`` for integers, ``"b"`` for booleans, as NumPy has it."""
        return self[0]

    @property
    def itemsize(self) -> int:
        """How many bytes an element takes."""
        return 1 if self == "bool" else int(self[-2:]) // 8


float64, float32, int64, int32, boolean = map(DType, ("float64", "float32", "int64", "int32", "bool"))
FLOATS = (float64, float32)
INTEGERS = (int64, int32)
PROMOTION = (boolean, int32, int64, float32, float64)
"""In the order in which one holds all that stand before it."""
_RANK: dict[str, int] = {d: k for k, d in enumerate(PROMOTION)}
DTYPES: dict[str, DType] = {str(d): d for d in PROMOTION}
"""By name."""


def _name(value: object) -> str | None:
    """The name of a dtype that is given as a Python or NumPy type or dtype."""
    name = _PYTHON.get(value) if isinstance(value, type) else None
    name = name or getattr(value, "name", None) or getattr(value, "__name__", None)
    return name if isinstance(name, str) else None


@overload
def as_dtype(dtype: None) -> None: ...
@overload
def as_dtype(dtype: str | type | np.dtype[np.generic]) -> DType: ...
def as_dtype(dtype: DTypeLike) -> DType | None:
    """The dtype given as a name, a NumPy dtype or a type; None stays None.

    Raises
    ------
    TypeError
        If tensors have no such dtype.
    """
    if dtype is None or type(dtype) is DType:
        return dtype
    name = dtype if isinstance(dtype, str) else _name(dtype)
    found = DTYPES.get(name) if name else None
    if found is None:
        found = DTYPES.get(_numpy_name(dtype))
    if found is None:
        shown = name or nest.shown(dtype)
        hint = "; complex numbers are not supported, write real and imaginary parts" if "complex" in shown else ""
        raise TypeError(f"the dtype {shown!r} is not one of {', '.join(PROMOTION)}{hint}")
    return found


def _numpy_name(dtype: DTypeLike) -> str:
    """NumPy's name of one of its other spellings, such as ``"i8"``; empty if it knows none."""
    import numpy

    try:
        return str(numpy.dtype(dtype).name)
    except (TypeError, ValueError, RecursionError):
        return ""


def promote(*dtypes: str) -> DType:
    """The dtype that holds all of the given ones."""
    return PROMOTION[max([_RANK[d] for d in dtypes])]
