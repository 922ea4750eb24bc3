"""The number of operations in a formula that is written as a NumPy function.

Matrix notation, every distinct operation once.  A product, sum, transpose, inverse, trace, determinant, diagonal,
elementwise function or sum along an axis counts 1; a sign, and a coefficient of numbers alone, nothing more.
A vector that is broadcast to a matrix counts 1 (a product with ones), an array plus a number other than 1 counts 2,
a quotient of arrays 2 (a power and a product), a row vector times something 2 (its transpose), an einsum of k operands
k + 2.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

COSTS = {"negative": 0, "positive": 0, "reshape": 0, "zeros_like": 0, "ones_like": 0}


KEYS: dict[tuple[Any, ...], int] = {}


class Counted(NDArrayOperatorsMixin):
    """An array that remembers how it was made; equal operations on equal operands have equal keys."""

    def __init__(self, value: Any, made: tuple[Any, ...], cost: int = 0, parents: tuple["Counted", ...] = ()) -> None:
        self.value, self.cost, self.parents = np.asarray(value), cost, parents
        self.name, self.key = made[0], KEYS.setdefault(made, len(KEYS))

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)

    def __len__(self) -> int:
        return len(self.value)

    @property
    def T(self) -> "Counted":
        if self.name in ("eye", "transpose"):
            return self.parents[0] if self.parents else self
        return made("transpose", 1, self.value.T, self)

    def __getitem__(self, index: Any) -> "Counted":
        return made(f"item {index}", 0, self.value[index], self)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> "Counted":
        name = ufunc.__name__
        value = getattr(ufunc, method)(*map(plain, args), **options)
        if name == "matmul" and isinstance(args[0], Counted) and args[0].ndim == 1:
            args = (args[0].T, args[1])
        elif name != "matmul":
            args = tuple(spread(a, value) for a in args)
        return made(name, ufunc_cost(name, args, value), value, *args)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> "Counted":
        name = function.__name__
        value = function(*(plain(a) for a in args), **{k: plain(v) for k, v in options.items()})
        if name == "einsum":
            return made(f"einsum {args[0]}", len(args) + 1, value, *args[1:])
        if name == "outer":
            return made("matmul", 1, value, args[0], args[1].T)
        if name == "norm":
            return made(f"norm {options}", 2 + args[0].ndim, value, args[0])
        whole = name == "sum" and args[0].ndim == 2 and "axis" not in options and len(args) == 1
        return made(f"{name} {args[1:] if name == 'sum' else ''} {options}", COSTS.get(name, 1 + whole), value, *args)


def made(name: str, cost: int, value: Any, *args: Any) -> Counted:
    parents = tuple(a for a in args if isinstance(a, Counted))
    keys = [str(a.key) if isinstance(a, Counted) else repr(a) for a in args]
    return Counted(value, (name, *(sorted(keys) if name in ("add", "multiply") else keys)), cost, parents)


def plain(x: Any) -> Any:
    return x.value if isinstance(x, Counted) else x


def constant(name: str, value: np.ndarray, like: Any) -> Any:
    return Counted(value, (name, value.shape)) if isinstance(like, Counted) else value


def spread(x: Any, result: np.ndarray) -> Any:
    """`x` in the shape of the result: a product with ones, unless it is a scalar."""
    if not isinstance(x, Counted) or x.ndim == 0 or x.value.size == 1 or x.shape == result.shape:
        return x
    return made(f"spread {result.shape}", 1, np.broadcast_to(x.value, result.shape), x)


def ufunc_cost(name: str, args: tuple[Any, ...], value: np.ndarray) -> int:
    scalars = [a for a in args if np.ndim(plain(a)) == 0]
    units = [a for a in scalars if not isinstance(a, Counted) and abs(a) == 1]
    if name in ("add", "subtract"):
        return 2 if value.ndim and scalars and not units else 1
    if name == "multiply":
        return 0 if units else 1
    if name == "divide" and np.ndim(plain(args[1])) and isinstance(args[1], Counted):
        return 1 if units else 2
    return COSTS.get(name, 1)


def named(cost: int | Callable[[np.ndarray], int] = 1) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """A function with a name of its own, which a formula would keep."""

    def wrap(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def call(x: Any) -> Any:
            if not isinstance(x, Counted):
                return function(x)
            return made(function.__name__, cost(x.value) if callable(cost) else cost, function(x.value), x)

        return call

    return wrap


def operations(formula: Callable[..., Any], arrays: dict[str, np.ndarray]) -> int:
    result = formula(**{name: Counted(value, ("input", name)) for name, value in arrays.items()})
    found, open_ = {}, [result]
    while open_:
        node = open_.pop()
        if isinstance(node, Counted) and node.key not in found:
            found[node.key] = node.cost
            open_ += node.parents
    return sum(found.values())
