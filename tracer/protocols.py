"""NumPy's dispatch protocols: its functions, called on tensors, become ours of the same meaning.

NumPy is never imported here: it is there when it calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tracer.tensor import hooks

UFUNCS = {
    "absolute": "abs", "fabs": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh",
    "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "floor_divide": "floordiv", "remainder": "mod",
    "power": "pow", "float_power": "pow", "isnan": "is_nan", "conjugate": "identity", "positive": "identity",
    **{name: name for name in (
        "add", "subtract", "multiply", "divide", "negative", "sign", "square", "sqrt", "reciprocal", "exp", "expm1", "log",
        "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "maximum", "minimum", "floor", "ceil", "rint", "equal",
        "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor",
        "logical_not", "matmul",
    )},
}  # fmt: skip
"""Our name of each of NumPy's universal functions."""

COMPOSED: dict[str, Callable[..., Any]] = {
    "exp2": lambda x: _tracer("pow")(2.0, x), "log2": lambda x: _tracer("log")(x) / math.log(2),
    "log10": lambda x: _tracer("log")(x) / math.log(10), "deg2rad": lambda x: x * (math.pi / 180),
    "rad2deg": lambda x: x * (180 / math.pi), "hypot": lambda x, y: _tracer("sqrt")(x**2 + y**2),
    "logaddexp": lambda x, y: _tracer("log")(_tracer("exp")(x) + _tracer("exp")(y)),
}  # fmt: skip
"""Universal functions that are compositions of ours; a logarithm of exponentials is evaluated without overflow."""

REDUCTIONS = {"add": "reduce_sum", "multiply": "reduce_prod", "maximum": "reduce_max", "minimum": "reduce_min",
              "logical_and": "reduce_all", "logical_or": "reduce_any"}  # fmt: skip


def _tracer(name: str) -> Callable[..., Any]:
    import tracer

    found: Any = tracer
    for part in name.split("."):
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


def _reduction(name: str) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: Any = False, **rest: Any) -> Any:
        _refuse(name, out=out, **rest)
        result = _tracer(name)(a, axis=axis, keepdims=bool(keepdims))
        return result if dtype is None else _tracer("cast")(result, dtype)

    return call


def _extreme(name: str) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, out: None = None, keepdims: Any = False, **rest: Any) -> Any:
        _refuse(name, out=out, **rest)
        return _tracer(name)(a, axis=axis, keepdims=bool(keepdims))

    return call


def _refuse(name: str, **options: Any) -> None:
    given = [k for k, v in options.items() if v is not None and repr(v) != "<no value>"]
    if given:
        raise TypeError(f"{name} of a tensor does not take {', '.join(given)}; leave it out")


def _flat(name: str) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, **rest: Any) -> Any:
        _refuse(name, **rest)
        return _tracer(name)(_tracer("reshape")(a, (-1,)), 0) if axis is None else _tracer(name)(a, axis)

    return call


def _clip(a: Any, a_min: Any = None, a_max: Any = None, out: None = None, **rest: Any) -> Any:
    _refuse("clip", out=out)
    low, high = (v if repr(v) != "<no value>" else None for v in (a_min, a_max))
    low, high = rest.pop("min", low), rest.pop("max", high)
    _refuse("clip", **rest)
    if low is None:
        return a if high is None else _tracer("minimum")(a, high)
    return _tracer("maximum")(a, low) if high is None else _tracer("clip_by_value")(a, low, high)


def _dot(a: Any, b: Any, out: None = None) -> Any:
    _refuse("dot", out=out)
    ranks = [_tracer("convert_to_tensor")(v).ndim for v in (a, b)]
    if 0 in ranks:
        return _tracer("multiply")(a, b)
    if ranks[1] > 2 or (ranks[1] == 2 and ranks[0] > 2):
        return _tracer("tensordot")(a, b, ([-1], [-2]))
    return _tracer("matmul")(a, b)


def _variance(a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: float = 0, keepdims: Any = False, **rest: Any) -> Any:
    _refuse("var", dtype=dtype, out=out, **rest)
    mean = _tracer("reduce_mean")
    squares = _tracer("square")(a - mean(a, axis=axis, keepdims=True))
    value = mean(squares, axis=axis, keepdims=bool(keepdims))
    if not ddof:
        return value
    count = _tracer("convert_to_tensor")(squares)
    total = 1
    for d, k in zip(count.shape, range(count.ndim)):
        total = total * d if axis is None or k in [j % count.ndim for j in (axis if isinstance(axis, tuple) else (axis,))] else total
    return value * total / (total - ddof)


def _concatenate(arrays: Sequence[Any], axis: Any = 0, out: None = None, **rest: Any) -> Any:
    _refuse("concatenate", out=out, **rest)
    if axis is None:
        return _tracer("concat")([_tracer("reshape")(a, (-1,)) for a in arrays], 0)
    return _tracer("concat")(list(arrays), axis)


def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    rank = a.ndim
    froms, tos = ([k % rank for k in (v if isinstance(v, (list, tuple)) else [v])] for v in (source, destination))
    order = [k for k in range(rank) if k not in froms]
    for to, k in sorted(zip(tos, froms)):
        order.insert(to, k)
    return _tracer("transpose")(a, order)


def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return _tracer("transpose")(a, order)


def _reshape(a: Any, shape: Any = None, order: str = "C", **rest: Any) -> Any:
    if order != "C":
        raise TypeError(f"reshape of a tensor is in row-major order, got order={order!r}; transpose first")
    return _tracer("reshape")(a, rest.get("newshape", shape))


def _einsum(*operands: Any, out: None = None, optimize: Any = None, **rest: Any) -> Any:
    _refuse("einsum", out=out, **rest)
    if not isinstance(operands[0], str):
        raise TypeError("einsum of tensors takes its equation as text, as in np.einsum('ij,jk->ik', A, B)")
    return _tracer("einsum")(*operands)


def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None) -> Any:
    _refuse("trace", dtype=dtype, out=out)
    if offset:
        raise TypeError(f"trace of a tensor is of the main diagonal, got offset={offset}")
    return _tracer("linalg.trace")(_moveaxis(a, (axis1, axis2), (-2, -1)) if a.ndim > 2 else a)


def _diag(v: Any, k: int = 0) -> Any:
    if k:
        raise TypeError(f"diag of a tensor is of the main diagonal, got k={k}")
    return _tracer("linalg.diag_part" if v.ndim == 2 else "linalg.diag")(v)


def _where(condition: Any, *branches: Any) -> Any:
    if len(branches) != 2:
        raise TypeError("where of a tensor takes a condition and two values; the places of what is true have no shape")
    return _tracer("where")(condition, *branches)


def _ours(name: str) -> Callable[..., Any]:
    return lambda *args, **kwargs: _tracer(name)(*args, **kwargs)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": _reduction("reduce_sum"), "mean": _reduction("reduce_mean"), "prod": _reduction("reduce_prod"),
    "max": _extreme("reduce_max"), "amax": _extreme("reduce_max"), "min": _extreme("reduce_min"),
    "amin": _extreme("reduce_min"), "all": _extreme("reduce_all"), "any": _extreme("reduce_any"),
    "argmax": _flat("argmax"), "argmin": _flat("argmin"), "cumsum": _flat("cumsum"), "cumprod": _flat("cumprod"),
    "var": _variance, "std": lambda *args, **kwargs: _tracer("sqrt")(_variance(*args, **kwargs)),
    "dot": _dot, "einsum": _einsum, "tensordot": lambda a, b, axes=2: _tracer("tensordot")(a, b, axes),
    "outer": lambda a, b, out=None: _tracer("outer")(a, b), "trace": _trace, "diag": _diag,
    "vdot": lambda a, b: _tracer("reduce_sum")(_tracer("reshape")(a, (-1,)) * _tracer("reshape")(b, (-1,))),
    "inner": lambda a, b: _tracer("tensordot")(a, b, ([-1], [-1])),
    "transpose": lambda a, axes=None: _tracer("transpose")(a, axes), "swapaxes": _swapaxes, "moveaxis": _moveaxis,
    "reshape": _reshape, "ravel": lambda a, order="C": _reshape(a, (-1,), order), "squeeze": lambda a, axis=None: _tracer("squeeze")(a, axis),
    "expand_dims": lambda a, axis: _tracer("expand_dims")(a, axis), "concatenate": _concatenate,
    "stack": lambda arrays, axis=0, out=None, **rest: _tracer("stack")(list(arrays), axis),
    "broadcast_to": lambda array, shape, subok=False: _tracer("broadcast_to")(array, shape),
    "clip": _clip, "where": _where, "tile": lambda A, reps: _tracer("tile")(A, reps),
    "zeros_like": lambda a, **rest: _tracer("zeros_like")(a), "ones_like": lambda a, **rest: _tracer("ones_like")(a),
    "shape": lambda a: a.shape, "ndim": lambda a: a.ndim, "round": lambda a, decimals=0, out=None: _tracer("round")(a),
    "linalg.inv": _ours("linalg.inv"), "linalg.det": _ours("linalg.det"), "linalg.solve": _ours("linalg.solve"),
    "linalg.cholesky": _ours("linalg.cholesky"), "linalg.norm": lambda x, ord=None, axis=None, keepdims=False: _tracer("norm")(
        x, *(() if ord is None else (ord,)), axis=axis, keepdims=keepdims),
}  # fmt: skip
"""What each of NumPy's functions is with us."""


def array_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A universal function of NumPy, called on tensors."""
    name = ufunc.__name__
    if method == "reduce" and name in REDUCTIONS:
        options = {"axis": 0, **kwargs}
        return _reduction(REDUCTIONS[name])(*inputs, **options)
    if method == "outer" and name in UFUNCS:
        tensors = [_tracer("convert_to_tensor")(v) for v in inputs]
        return _tracer(UFUNCS[name])(_tracer("reshape")(tensors[0], (*tensors[0].shape, *(1,) * tensors[1].ndim)), tensors[1])
    given = sorted(k for k, v in kwargs.items() if v is not None)
    if method == "__call__" and name in COMPOSED and not given:
        return COMPOSED[name](*inputs)
    if method != "__call__" or name not in UFUNCS or given:
        what = f"np.{name}" + (f".{method}" if method != "__call__" else "") + (f" with {', '.join(given)}" if given else "")
        raise TypeError(f"{what} has no counterpart for tensors; use a function of tracer, or tensor.numpy() for the value")
    return _tracer(UFUNCS[name])(*inputs)


def array_function(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A function of NumPy, called on tensors."""
    module = function.__module__.removeprefix("numpy").removeprefix(".")
    name = f"{module}.{function.__name__}" if module == "linalg" else function.__name__
    if name not in FUNCTIONS:
        raise TypeError(
            f"np.{name} has no counterpart for tensors; use a function of tracer, or tensor.numpy() for the value"
        )
    return FUNCTIONS[name](*args, **kwargs)


hooks.update(array_ufunc=array_ufunc, array_function=array_function)
