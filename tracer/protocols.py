"""NumPy's dispatch protocols: its functions, called on tensors, become ours of the same meaning.

NumPy is never imported here: it is there when it calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tracer import array_api
from tracer.numpy_functions import FUNCTIONS, METHODS, PROPERTIES
from tracer.operations import OPERATIONS
from tracer.tensor import Tensor, as_tensor, hooks

UFUNCS: dict[str, Callable[..., Any]] = {
    **{
        name: OPERATIONS[name]
        for name in (
            "add", "subtract", "multiply", "divide", "negative", "sign", "square", "sqrt", "reciprocal", "exp", "expm1",
            "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "maximum", "minimum", "floor", "ceil", "rint",
            "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or",
            "logical_xor", "logical_not", "matmul",
        )
    },
    **{
        theirs: OPERATIONS[ours]
        for theirs, ours in {
            "absolute": "abs", "fabs": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin",
            "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "floor_divide": "floordiv",
            "remainder": "mod", "power": "pow", "float_power": "pow", "conjugate": "identity", "positive": "identity",
            "fmax": "maximum", "fmin": "minimum",
        }.items()
    },
    **{
        name: getattr(array_api, name)
        for name in ("hypot", "logaddexp", "log2", "log10", "isnan", "isinf", "isfinite", "trunc", "vecdot")
    },
    "cbrt": lambda x: OPERATIONS["sign"](x) * OPERATIONS["abs"](x) ** (1 / 3),
    "exp2": lambda x: OPERATIONS["pow"](2.0, x),
    "deg2rad": lambda x: x * (math.pi / 180),
    "radians": lambda x: x * (math.pi / 180),
    "rad2deg": lambda x: x * (180 / math.pi),
    "degrees": lambda x: x * (180 / math.pi),
    "heaviside": lambda x, at_zero: OPERATIONS["where"](
        OPERATIONS["equal"](x, 0), at_zero, array_api.astype(OPERATIONS["greater"](x, 0), "float64")
    ),
}  # fmt: skip
"""NumPy's universal functions."""
REDUCTIONS = {
    "add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logical_and": "all", "logical_or": "any",
}  # fmt: skip
"""What the ``reduce`` of a universal function is."""


def array_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A universal function of NumPy, called on tensors."""
    name = ufunc.__name__
    if method == "reduce" and name in REDUCTIONS:
        return FUNCTIONS[REDUCTIONS[name]](*inputs, **{"axis": 0, **kwargs})
    given = sorted(k for k, v in kwargs.items() if v is not None)
    if name not in UFUNCS or given or method not in ("__call__", "outer"):
        what = (
            f"np.{name}"
            + (f".{method}" if method != "__call__" else "")
            + (f" with {', '.join(given)}" if given else "")
        )
        raise TypeError(_no_counterpart(what))
    if method == "outer":
        first, second = map(as_tensor, inputs)
        inputs = (OPERATIONS["reshape"](first, (*first.shape, *(1,) * second.ndim)), second)
    return UFUNCS[name](*inputs)


def array_function(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A function of NumPy, called on tensors."""
    name = f"{function.__module__}.{function.__name__}".removeprefix("numpy.")
    if name not in FUNCTIONS:
        raise TypeError(_no_counterpart(f"np.{name}"))
    return FUNCTIONS[name](*args, **kwargs)


def _no_counterpart(what: str) -> str:
    return f"{what} has no counterpart for tensors; use a function of tracer, or tensor.numpy() for the value"


def attribute(tensor: Tensor, name: str) -> Any:
    """A method or property of NumPy's arrays.

    Raises
    ------
    AttributeError
        If tensors have none of this name.
    """
    if name in PROPERTIES:
        return PROPERTIES[name](tensor)
    if name not in METHODS:
        raise AttributeError(f"a {type(tensor).__name__} has no attribute {name!r}")
    return lambda *args, **kwargs: METHODS[name](tensor, *args, **kwargs)


hooks.update(array_ufunc=array_ufunc, array_function=array_function, attribute=attribute, namespace=lambda: array_api)
