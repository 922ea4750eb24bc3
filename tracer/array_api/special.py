"""The functions of ``scipy.special`` that SciPy looks for in an array namespace, by their names there."""

from __future__ import annotations

from collections.abc import Callable

from tracer.numpy_functions import UFUNCS as _UFUNCS


def __getattr__(name: str) -> Callable[..., object]:
    if name in _UFUNCS:
        return _UFUNCS[name]
    raise AttributeError(f"there is no scipy.special.{name} of tensors")
