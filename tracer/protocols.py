"""NumPy's dispatch protocols: its functions, called on tensors, become ours of the same meaning.

NumPy is never imported here: it is there when it calls. The functions are imported at the first call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tracer.tensor import Tensor
from tracer.tracebacks import concise

if TYPE_CHECKING:
    import numpy as np


def array_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> object:
    """A universal function of NumPy or ``scipy.special``, called on tensors.

    Raises
    ------
    TypeError
        If it has no counterpart, or an argument is not served; the message names it.
    """
    from tracer.numpy_functions import UFUNCS, ufunc_calls

    name = ufunc.__name__
    calls = {
        "__call__": lambda: ufunc_calls.call_ufunc(name, inputs, kwargs),
        "reduce": lambda: ufunc_calls.reduce_ufunc(name, *inputs, **kwargs),
        "accumulate": lambda: ufunc_calls.accumulate_ufunc(name, *inputs, **kwargs),
        "outer": lambda: ufunc_calls.outer_ufunc(name, *inputs, **kwargs),
    }
    served = name in UFUNCS and (method in ("__call__", "outer") or name in ufunc_calls.BINARY)
    if not served or method not in calls:
        module = "np" if hasattr(sys.modules["numpy"], name) else "scipy.special"
        raise TypeError(_no_counterpart(f"{module}.{name}" + (f".{method}" if method != "__call__" else "")))
    return calls[method]()


def array_function(function: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]) -> object:
    """A function of NumPy, called on tensors.

    Raises
    ------
    TypeError
        If it has no counterpart, or an argument is not served; the message names it.
    """
    from tracer.numpy_functions import FUNCTIONS

    name = f"{function.__module__}.{function.__name__}".removeprefix("numpy.")
    if name not in FUNCTIONS:
        raise TypeError(_no_counterpart(f"np.{name}"))
    return FUNCTIONS[name](*args, **kwargs)


def _no_counterpart(what: str) -> str:
    return f"{what} has no counterpart for tensors; use a function of tracer, or tensor.numpy() for the value"


def attribute(tensor: Tensor, name: str) -> object:
    """A method or property of NumPy's arrays.

    Raises
    ------
    AttributeError
        If tensors have none of this name.
    """
    from tracer.numpy_functions import METHODS, PROPERTIES

    if name in PROPERTIES:
        return PROPERTIES[name](tensor)
    if name not in METHODS:
        raise _missing(tensor, name)
    return partial(_method(name), tensor)


@cache
def _method(name: str) -> Callable[..., object]:
    """A method of NumPy's arrays, whose errors of wrong calls end at the caller's line."""
    from tracer.numpy_functions import METHODS

    return concise(METHODS[name])


def _missing(tensor: Tensor, name: str) -> AttributeError:
    """The error for an attribute that tensors lack, which says what to write for one of TensorFlow's."""
    from tracer.tensorflow_names import explain

    kind = type(tensor).__name__
    text = explain([kind, name], lambda _: None) or f"a {kind} has no attribute {name!r}"
    return AttributeError(text, name=name, obj=tensor)  # Python itself adds the nearest name


def namespace() -> ModuleType:
    """The module of the array API standard."""
    from tracer import array_api

    return array_api
