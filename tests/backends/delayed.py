"""An array of a library beside NumPy, which refuses to be asked for its values before they are wanted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


class Delayed(NDArrayOperatorsMixin):
    """An array to which NumPy hands its functions, as it does to Dask's."""

    def __init__(self, array: Any) -> None:
        self.array = np.asarray(array)
        self.shape, self.dtype = self.array.shape, self.array.dtype
        self.size, self.ndim = self.array.size, self.array.ndim

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        if method != "__call__":
            return NotImplemented
        return wrap(ufunc(*unwrap(args), **unwrap(options)))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return wrap(function(*unwrap(args), **unwrap(options)))

    def __getitem__(self, key: Any) -> Any:
        return wrap(self.array[unwrap(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.array[unwrap(key)] = unwrap(value)

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise ValuesAsked

    __bool__ = __float__ = __int__ = __index__ = __array__

    def __len__(self) -> int:
        return len(self.array)

    @property
    def T(self) -> Any:
        """The transposed array."""
        return wrap(self.array.T)

    def astype(self, dtype: Any) -> Any:
        """The array of another dtype."""
        return wrap(self.array.astype(dtype))

    def copy(self) -> Any:
        """Another array."""
        return wrap(self.array.copy())

    def reshape(self, *shape: Any) -> Any:
        """The array of another shape."""
        return wrap(self.array.reshape(*shape))


class ValuesAsked(Exception):
    """An array was asked for its values."""


def wrap(value: Any) -> Any:
    """Arrays of NumPy as delayed ones."""
    if isinstance(value, tuple):
        return tuple(map(wrap, value))
    return Delayed(value) if isinstance(value, np.ndarray | np.generic) else value


def unwrap(value: Any) -> Any:
    """Delayed arrays as NumPy's."""
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(map(unwrap, value))
    return value.array if isinstance(value, Delayed) else value
