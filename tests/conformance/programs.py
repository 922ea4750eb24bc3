"""Random differentiable programs as plain data, and one interpreter that runs them over any TensorFlow-like namespace.

A program is a JSON object:

``sources``
    ``{"out", "kind": "variable" | "constant", "value", "dtype", "trainable"}``, made before any tape.
``before``, ``steps``
    Steps that run before the tapes and inside both of them. An operation is
    ``{"out": name or names, "op": dotted name, "in": operands, "with": keywords}``; an operand is a name, a number, an
    array as nested lists, or a list of names. The other steps act on a tape:
    ``{"watch": name, "tape"}``, ``{"pause": steps, "tape"}``, ``{"reset": True}``,
    ``{"assign": method, "to": variable, "value", "out"}``; ``tape`` is a list of ``"inner"`` and ``"outer"``.
``persistent``, ``watch_accessed``, ``inside``
    How the inner tape is made, and whether its gradients are asked for inside its block.
``requests``
    ``{"target", "sources", "seeds", "again": "inner" | "outer"}``: nests of names; ``again`` is the tape that
    differentiates the gradient once more.

`generate` follows every value with NumPy, so that it stays away from domain edges and kinks; a value is *exact* while
only exactly representable numbers went into it, and exact values may sit at a kink whose convention is stated.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np

Json = Any
MARGIN = 1e-2
LARGEST = 25.0


class Value(NamedTuple):
    """A value of the program; `roots` are the float sources that it may have a gradient by."""

    name: str
    array: Any
    exact: bool
    roots: frozenset[str] = frozenset()


class Unsuitable(Exception):
    """No operands at hand fit the operation that was drawn."""


class Draw:
    """A program under construction: seeded choices over the values made so far."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.values: list[Value] = []
        self.sizes = (self.random.choice((1, 2, 2, 3)), self.random.choice((2, 3)), self.random.choice((2, 3)))
        self.used = 0
        self.unasked: set[str] = set()
        self.parted: set[str] = set()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def choice(self, options: Any) -> Any:
        options = list(options)
        if not options:
            raise Unsuitable
        return options[int(self.random.random() * len(options))]

    def integer(self, low: int, high: int) -> int:
        return low + int(self.random.random() * (high - low + 1))

    def subset(self, options: Any, least: int = 0) -> list:
        options = list(options)
        while True:
            chosen = [option for option in options if self.chance(0.5)]
            if len(chosen) >= min(least, len(options)):
                return chosen

    def shuffled(self, options: Any) -> list:
        return sorted(options, key=lambda _: self.random.random())

    def value(self, fits: Callable[[Any], bool] = lambda array: True, kind: str = "f") -> Value:
        """A value of the kind that fits, more likely a late one and one with a gradient."""
        options = [value for value in self.values if value.array.dtype.kind == kind and fits(value.array)]
        if self.chance(0.8):
            options = [value for value in options if value.roots] or options
        return self.choice(options[-4:] if self.chance(0.5) else options)

    def axis(self, array: Any) -> int:
        axis = self.choice(range(array.ndim))
        return axis - array.ndim if self.chance(0.3) else axis

    def shape(self) -> tuple[int, ...]:
        rank = self.choice((0, 1, 1, 2, 2, 2, 3))
        return tuple(1 if self.chance(0.12) else size for size in self.sizes[3 - rank :])

    def number(self) -> float:
        return self.choice((0.5, 2.0, -1.0, 3.0, 0.25, -1.5))

    def array(self, shape: tuple[int, ...], exact: bool) -> Any:
        count = math.prod(shape)
        if exact:
            flat = [self.integer(-4, 4) / 2 for _ in range(count)]
        else:
            flat = [
                round((1 if self.chance(0.5) else -1) * (0.1 + 2.1 * self.random.random()), 3) for _ in range(count)
            ]
        return np.array(flat, dtype="float64").reshape(shape)

    def name(self) -> str:
        self.used += 1
        return f"v{self.used - 1}"


class Result(NamedTuple):
    """What a row proposes: the call and its value (an array, or a list of them), before it is given names."""

    op: str
    operands: list
    params: dict
    array: Any
    exact: bool


Row = Callable[[Draw], Result]
ROWS: dict[str, Row] = {}


def rounded(array: Any) -> Any:
    return np.asarray(array, dtype="float64").tolist()


# Elementwise operations: each operand has an open interval to stay in; `kinks` gives distances to points to avoid,
# where exact values may lie when `stated` says that the convention at the kink is TensorFlow's.
def elementwise(
    name: str,
    forward: Callable,
    *domains: tuple,
    kinks: Callable | None = None,
    stated: bool = False,
    exact: bool = False,
) -> None:
    domains = domains or ((-math.inf, math.inf),)

    def propose(draw: Draw) -> Result:
        operands: list = []
        arrays: list = []
        exactly = True
        literal = draw.choice((0, 1)) if len(domains) == 2 and draw.chance(0.2) else None
        if literal == 0 and not name.startswith(("operator.", "m")):
            raise Unsuitable  # TensorFlow reads a number on the left as float32 in `tf.add(2.0, x)` and its kind.
        for position, (low, high) in enumerate(domains):
            if position == literal:
                array = np.array(draw.number())
                if draw.chance(0.3) and arrays:
                    array = draw.array(arrays[0].shape, exact=True)
                operands.append(rounded(array))
            else:
                value = draw.value(lambda a, low=low, high=high: low < a.min(initial=1) and a.max(initial=1) < high)
                operands.append(value.name)
                array = value.array
                exactly = exactly and value.exact
            if not (low < array.min() and array.max() < high):
                raise Unsuitable
            arrays.append(array)
        if not any(isinstance(operand, str) for operand in operands):
            raise Unsuitable
        try:
            np.broadcast_shapes(*(array.shape for array in arrays))
        except ValueError:
            raise Unsuitable from None
        if kinks is not None:
            distance = np.abs(np.asarray(kinks(*arrays)))
            if not np.all((distance > MARGIN) | ((distance == 0) & (stated and exactly))):
                raise Unsuitable
        return Result(name, operands, {}, np.asarray(forward(*arrays)), exact and exactly)

    propose.domains = domains  # type: ignore[attr-defined]
    ROWS[name] = propose


REAL, POSITIVE, UNIT, SMALL = (-math.inf, math.inf), (0.1, math.inf), (-0.9, 0.9), (-3.0, 3.0)


def at(*points: float) -> Callable:
    return lambda x: np.min([np.abs(x - point) for point in points], axis=0)


def between(x: Any, y: Any) -> Any:
    return x - y


def divisor(x: Any, y: Any) -> Any:
    return np.broadcast_arrays(y, x)[0]


def integers(x: Any) -> Any:
    return x - np.round(x)


def quotient(x: Any, y: Any) -> Any:
    safe = np.where(np.abs(y) < MARGIN, 1.0, y)
    return np.minimum(np.abs(integers(x / safe)), np.abs(y))


def vectorized(function: Callable) -> Callable:
    return np.vectorize(function, otypes=["float64"])


def digamma(x: float) -> float:
    return (math.lgamma(x + 1e-5) - math.lgamma(x - 1e-5)) / 2e-5


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


for row in (
    ("negative", np.negative), ("abs", np.abs), ("sign", np.sign), ("square", np.square), ("identity", np.array),
    ("operator.neg", np.negative), ("operator.abs", np.abs), ("stop_gradient", np.array),
    ("convert_to_tensor", np.array),
    ("zeros_like", np.zeros_like), ("ones_like", np.ones_like),
    ("floor", np.floor), ("math.ceil", np.ceil), ("round", np.round), ("nn.relu", lambda x: np.maximum(x, 0)),
    ("nn.relu6", lambda x: np.clip(x, 0, 6)), ("nn.leaky_relu", lambda x: np.where(x > 0, x, 0.2 * x)),
    ("nn.elu", lambda x: np.where(x > 0, x, np.expm1(x))),
):  # fmt: skip
    points = {"abs": at(0), "sign": at(0), "operator.abs": at(0), "nn.relu": at(0), "nn.relu6": at(0, 6)}
    points |= {"nn.leaky_relu": at(0), "nn.elu": at(0), "floor": integers, "math.ceil": integers}
    points |= {"round": lambda x: integers(x - 0.5)}
    elementwise(*row, kinks=points.get(row[0]), stated=True, exact=row[0] not in ("nn.leaky_relu", "nn.elu"))

elementwise("sqrt", np.sqrt, POSITIVE)
elementwise("math.rsqrt", lambda x: x**-0.5, POSITIVE)
elementwise("math.reciprocal", lambda x: 1 / x, kinks=lambda x: x / 20)
elementwise("exp", np.exp, SMALL)
elementwise("math.expm1", np.expm1, SMALL)
elementwise("math.log", np.log, POSITIVE)
elementwise("math.log1p", np.log1p, (-0.8, math.inf))
elementwise("sin", np.sin)
elementwise("cos", np.cos)
elementwise("tan", np.tan, (-1.2, 1.2))
elementwise("asin", np.arcsin, UNIT)
elementwise("acos", np.arccos, UNIT)
elementwise("atan", np.arctan)
elementwise("sinh", np.sinh, SMALL)
elementwise("cosh", np.cosh, SMALL)
elementwise("tanh", np.tanh)
elementwise("asinh", np.arcsinh)
elementwise("acosh", np.arccosh, (1.1, math.inf))
elementwise("atanh", np.arctanh, UNIT)
elementwise("math.erf", vectorized(math.erf))
elementwise("math.erfc", vectorized(math.erfc), SMALL)
elementwise("math.lgamma", vectorized(math.lgamma), (0.2, math.inf))
elementwise("math.digamma", vectorized(digamma), (0.3, math.inf))
elementwise("sigmoid", sigmoid)
elementwise("math.softplus", lambda x: np.log1p(np.exp(x)))
elementwise("nn.gelu", lambda x: x * (1 + vectorized(math.erf)(x / math.sqrt(2))) / 2)
elementwise("nn.silu", lambda x: x * sigmoid(x))

for name, forward in (
    ("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply), ("math.squared_difference", between),
    ("operator.add", np.add), ("operator.sub", np.subtract), ("operator.mul", np.multiply),
):  # fmt: skip
    elementwise(name, forward if forward is not between else lambda x, y: (x - y) ** 2, REAL, REAL, exact=True)
elementwise("divide", np.divide, REAL, REAL, kinks=lambda x, y: divisor(x, y) / 20)
elementwise("operator.truediv", np.divide, REAL, REAL, kinks=lambda x, y: divisor(x, y) / 20)
elementwise("math.divide_no_nan", np.divide, REAL, REAL, kinks=lambda x, y: divisor(x, y) / 20)
elementwise("math.floordiv", np.floor_divide, REAL, REAL, kinks=quotient)
elementwise("operator.floordiv", np.floor_divide, REAL, REAL, kinks=quotient)
elementwise("math.mod", np.mod, REAL, REAL, kinks=quotient)
elementwise("operator.mod", np.mod, REAL, REAL, kinks=quotient)
elementwise("pow", np.power, POSITIVE, SMALL)
elementwise("atan2", np.arctan2, REAL, REAL, kinks=lambda x, y: np.hypot(x, y) / 20)
elementwise("maximum", np.maximum, REAL, REAL, kinks=between, stated=True, exact=True)
elementwise("minimum", np.minimum, REAL, REAL, kinks=between, stated=True, exact=True)
for name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
    elementwise(name, getattr(np, name), REAL, REAL, kinks=between, stated=True)
elementwise("operator.lt", np.less, REAL, REAL, kinks=between, stated=True)
elementwise("operator.ge", np.greater_equal, REAL, REAL, kinks=between, stated=True)


def row_of(name: str) -> Callable[[Row], Row]:
    def enter(propose: Row) -> Row:
        ROWS[name] = propose
        return propose

    return enter


@row_of("operator.pow")
def power(draw: Draw) -> Result:
    exponent = draw.choice((2, 3, 2.0, -1, 0.5, 1))
    fits = {2: lambda a: True, 3: lambda a: True, 1: lambda a: True}.get(exponent, lambda a: a.min() > 0.1)
    x = draw.value(fits)
    return Result("operator.pow", [x.name, exponent], {}, x.array**exponent, x.exact and exponent in (1, 2, 3))


@row_of("clip_by_value")
def clip(draw: Draw) -> Result:
    x = draw.value()
    low, high = draw.choice(((-1.0, 1.0), (0.0, 2.0), (-0.5, 0.5)))
    distance = at(low, high)(x.array)
    if not np.all((distance > MARGIN) | ((distance == 0) & x.exact)):
        raise Unsuitable
    params = {"clip_value_min": low, "clip_value_max": high}
    return Result("clip_by_value", [x.name], params, np.clip(x.array, low, high), x.exact)


@row_of("where")
def where(draw: Draw) -> Result:
    condition, x = draw.value(kind="b"), draw.value()
    y = draw.value() if draw.chance(0.6) else Value(0.0, np.array(0.0), True)  # type: ignore[arg-type]
    try:
        array = np.where(condition.array, x.array, y.array)
    except ValueError:
        raise Unsuitable from None
    return Result("where", [condition.name, x.name, y.name], {}, array, x.exact and y.exact)


@row_of("logical")
def logical(draw: Draw) -> Result:
    name = draw.choice(("logical_and", "logical_or", "math.logical_xor", "logical_not"))
    arguments = [draw.value(kind="b") for _ in range(1 if name == "logical_not" else 2)]
    try:
        array = getattr(np, name.split(".")[-1])(*(argument.array for argument in arguments))
    except ValueError:
        raise Unsuitable from None
    return Result(name, [argument.name for argument in arguments], {}, np.asarray(array), True)


@row_of("cast")
def cast(draw: Draw) -> Result:
    to = draw.choice(("int64", "float64", "float64", "float64", "int32"))
    x = draw.value(kind=draw.choice("fbbii") if to == "float64" else "f")
    if x.array.dtype.kind == "f" and to != "float64" and not x.exact and np.any(np.abs(integers(x.array)) < MARGIN):
        raise Unsuitable
    return Result("cast", [x.name], {"dtype": to}, x.array.astype(to), True if to != "float64" else x.exact)


@row_of("fill")
def fill(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim == 0)
    shape = list(draw.shape())
    return Result("fill", [shape, x.name], {}, np.full(shape, x.array), x.exact)


@row_of("new")
def new(draw: Draw) -> Result:
    name = draw.choice(("zeros", "ones", "eye", "range"))
    if name in ("zeros", "ones"):
        shape = list(draw.shape())
        return Result(name, [shape], {"dtype": "float64"}, getattr(np, name)(shape), True)
    size = draw.choice(draw.sizes)
    return Result(
        name, [size], {"dtype": "float64"}, (np.eye if name == "eye" else np.arange)(size).astype("float64"), True
    )


@row_of("measure")
def measure(draw: Draw) -> Result:
    x = draw.value()
    name = draw.choice(("size", "rank", "shape"))
    array = {"size": x.array.size, "rank": x.array.ndim, "shape": x.array.shape}[name]
    return Result(name, [x.name], {}, np.array(array, dtype="int32"), True)


@row_of("one_hot")
def one_hot(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim < 3, kind="i")
    depth = draw.integer(2, 3)
    return Result(
        "one_hot", [x.name], {"depth": depth, "dtype": "float64"}, (x.array[..., None] == np.arange(depth)) * 1.0, True
    )


# Reductions.
def span(draw: Draw, array: Any) -> Any:
    if array.ndim == 0 or draw.chance(0.25):
        return None
    return draw.axis(array) if draw.chance(0.6) else draw.subset(range(array.ndim), least=1)


def reduction(
    name: str, forward: Callable, exact: bool = False, kind: str = "f", ties: bool = False, apart: float = 0
) -> None:
    @row_of(name)
    def propose(draw: Draw) -> Result:
        x = draw.value(lambda a: not apart or np.abs(a).min() > apart, kind=kind)
        axis, keepdims = span(draw, x.array), draw.chance(0.3)
        over = tuple(axis) if isinstance(axis, list) else axis
        if ties:
            best = forward(x.array, axis=over, keepdims=True)
            gap = np.abs(x.array - best)
            if np.any((gap < MARGIN) & (gap > 0)) or (not x.exact and np.any(np.sum(gap == 0, axis=over) > 1)):
                raise Unsuitable
        params = {"axis": axis} | ({"keepdims": True} if keepdims else {})
        if axis is None and draw.chance(0.7):
            del params["axis"]
        return Result(
            name, [x.name], params, np.asarray(forward(x.array, axis=over, keepdims=keepdims)), exact and x.exact
        )


reduction("reduce_sum", np.sum, exact=True)
reduction("reduce_mean", np.mean)
reduction("reduce_prod", np.prod, apart=0.05)
reduction("reduce_max", np.max, exact=True, ties=True)
reduction("reduce_min", np.min, exact=True, ties=True)
reduction("reduce_logsumexp", lambda x, axis, keepdims: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)))
reduction("reduce_all", np.all, kind="b")
reduction("reduce_any", np.any, kind="b")


@row_of("argmax")
def argmax(draw: Draw) -> Result:
    name = draw.choice(("argmax", "argmin"))
    x = draw.value(lambda a: a.ndim > 0)
    axis = draw.axis(x.array)
    ordered = np.sort(x.array, axis=axis)
    if not x.exact and np.any(np.diff(ordered, axis=axis) < MARGIN):
        raise Unsuitable
    return Result(name, [x.name], {"axis": axis}, getattr(np, name)(x.array, axis=axis), True)


@row_of("cumulative")
def cumulative(draw: Draw) -> Result:
    name, forward = draw.choice((("cumsum", np.cumsum), ("math.cumprod", np.cumprod)))
    x = draw.value(lambda a: a.ndim > 0 and (name == "cumsum" or np.abs(a).min() > 0.1))
    axis = draw.axis(x.array)
    exclusive, reverse = draw.chance(0.3), draw.chance(0.3)
    array = np.flip(x.array, axis) if reverse else x.array
    array = forward(array, axis=axis)
    if exclusive:
        array = np.roll(array, 1, axis=axis)
        first = [slice(None)] * array.ndim
        first[axis] = slice(0, 1)
        array[tuple(first)] = 0.0 if name == "cumsum" else 1.0
    array = np.flip(array, axis) if reverse else array
    params = {"axis": axis} | ({"exclusive": True} if exclusive else {}) | ({"reverse": True} if reverse else {})
    return Result(name, [x.name], params, array, name == "cumsum" and x.exact)


# Contractions.
@row_of("matmul")
def matmul(draw: Draw) -> Result:
    x, y = draw.value(lambda a: a.ndim >= 2), draw.value(lambda a: a.ndim >= 2)
    flip_x, flip_y = draw.chance(0.3), draw.chance(0.3)
    first = np.swapaxes(x.array, -1, -2) if flip_x else x.array
    second = np.swapaxes(y.array, -1, -2) if flip_y else y.array
    try:
        array = first @ second
    except ValueError:
        raise Unsuitable from None
    if not flip_x and not flip_y and draw.chance(0.4):
        return Result("operator.matmul", [x.name, y.name], {}, array, x.exact and y.exact)
    params = {"transpose_a": True} if flip_x else {}
    params |= {"transpose_b": True} if flip_y else {}
    return Result("matmul", [x.name, y.name], params, array, x.exact and y.exact)


@row_of("linalg.matvec")
def matvec(draw: Draw) -> Result:
    x, y = draw.value(lambda a: a.ndim >= 2), draw.value(lambda a: a.ndim >= 1)
    flip = draw.chance(0.3)
    first = np.swapaxes(x.array, -1, -2) if flip else x.array
    try:
        array = (first @ y.array[..., None])[..., 0]
    except ValueError:
        raise Unsuitable from None
    return Result("linalg.matvec", [x.name, y.name], {"transpose_a": True} if flip else {}, array, x.exact and y.exact)


@row_of("tensordot")
def tensordot(draw: Draw) -> Result:
    x, y = draw.value(lambda a: a.ndim >= 1), draw.value(lambda a: a.ndim >= 1)
    pairs = [(i, j) for i in range(x.array.ndim) for j in range(y.array.ndim) if x.array.shape[i] == y.array.shape[j]]
    chosen: list = []
    for i, j in draw.shuffled(pairs)[: draw.integer(1, 2)]:
        if all(i != other[0] and j != other[1] for other in chosen):
            chosen.append((i, j))
    axes: Any = [[i for i, _ in chosen], [j for _, j in chosen]]
    if not chosen:
        axes = 0
    elif draw.chance(0.3) and x.array.shape[-1] == y.array.shape[0]:
        axes = 1
    return Result(
        "tensordot",
        [x.name, y.name],
        {"axes": axes},
        np.asarray(np.tensordot(x.array, y.array, axes)),
        x.exact and y.exact,
    )


@row_of("einsum")
def einsum(draw: Draw) -> Result:
    operands = [draw.value() for _ in range(draw.integer(1, 3))]
    sizes: dict[str, int] = {}
    inputs = []
    for operand in operands:
        labels = ""
        for size in operand.array.shape:
            known = [label for label in sizes if sizes[label] == size and (label not in labels or draw.chance(0.3))]
            label = draw.choice(known) if known and draw.chance(0.7) else "abcdefghij"[len(sizes)]
            sizes[label] = size
            labels += label
        inputs.append(labels)
    equation = ",".join(inputs)
    used = sorted(set("".join(inputs)))
    if draw.chance(0.85):
        equation += "->" + "".join(draw.shuffled(draw.subset(used)))
    elif draw.chance(0.5) and all(operand.array.ndim for operand in operands) and len(operands) == 2:
        equation = "...z,...z->..."
        if operands[0].array.shape[-1] != operands[1].array.shape[-1]:
            raise Unsuitable
    try:
        array = np.einsum(equation, *(operand.array for operand in operands))
    except ValueError:
        raise Unsuitable from None
    exact = all(operand.exact for operand in operands)
    return Result(
        "einsum", [equation_operand(equation), *(operand.name for operand in operands)], {}, np.asarray(array), exact
    )


def equation_operand(equation: str) -> dict:
    return {"text": equation}


@row_of("transpose")
def transpose(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    if x.array.ndim >= 2 and draw.chance(0.3):
        return Result("linalg.matrix_transpose", [x.name], {}, np.swapaxes(x.array, -1, -2), x.exact)
    perm = draw.shuffled(range(x.array.ndim)) if draw.chance(0.6) else None
    return Result("transpose", [x.name], {"perm": perm} if perm else {}, np.transpose(x.array, perm), x.exact)


@row_of("linalg.trace")
def trace(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 2)
    return Result("linalg.trace", [x.name], {}, np.trace(x.array, axis1=-2, axis2=-1), x.exact)


@row_of("linalg.diag")
def diag(draw: Draw) -> Result:
    x = draw.value(lambda a: 1 <= a.ndim <= 2)
    return Result("linalg.diag", [x.name], {}, x.array[..., None] * np.eye(x.array.shape[-1]), x.exact)


@row_of("linalg.diag_part")
def diag_part(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 2)
    return Result("linalg.diag_part", [x.name], {}, np.diagonal(x.array, axis1=-2, axis2=-1).copy(), x.exact)


@row_of("broadcast_to")
def broadcast_to(draw: Draw) -> Result:
    x = draw.value()
    shape = list(draw.shape())
    try:
        return Result("broadcast_to", [x.name, shape], {}, np.broadcast_to(x.array, shape).copy(), x.exact)
    except ValueError:
        raise Unsuitable from None


# Structure.
@row_of("reshape")
def reshape(draw: Draw) -> Result:
    x = draw.value()
    size = x.array.size
    options = [[size], [-1], [1, size], [size, 1], *([k, size // k] for k in (2, 3) if size % k == 0)]
    options += [[k, -1] for k in (2, 3) if size % k == 0] + ([[]] if size == 1 else [])
    shape = draw.choice(options)
    return Result("reshape", [x.name, shape], {}, x.array.reshape(shape), x.exact)


@row_of("expand_dims")
def expand_dims(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim < 3)
    axis = draw.integer(-x.array.ndim - 1, x.array.ndim)
    return Result("expand_dims", [x.name], {"axis": axis}, np.expand_dims(x.array, axis), x.exact)


@row_of("squeeze")
def squeeze(draw: Draw) -> Result:
    x = draw.value(lambda a: 1 in a.shape)
    axes = [axis for axis, size in enumerate(x.array.shape) if size == 1]
    axis = draw.subset(axes, least=1) if draw.chance(0.6) else None
    over = None if axis is None else tuple(axis)
    return Result("squeeze", [x.name], {} if axis is None else {"axis": axis}, np.squeeze(x.array, over), x.exact)


@row_of("concat")
def concat(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    axis = draw.axis(x.array)
    others = [draw.value(lambda a: a.ndim == x.array.ndim) for _ in range(draw.integer(0, 2))]
    parts = draw.shuffled([x, *others])
    try:
        array = np.concatenate([part.array for part in parts], axis)
    except ValueError:
        raise Unsuitable from None
    return Result("concat", [[part.name for part in parts]], {"axis": axis}, array, all(part.exact for part in parts))


@row_of("stack")
def stack(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim < 3)
    parts = [x, *(draw.value(lambda a: a.shape == x.array.shape) for _ in range(draw.integer(0, 2)))]
    axis = draw.integer(-x.array.ndim - 1, x.array.ndim)
    params = {"axis": axis} if axis or draw.chance(0.3) else {}
    return Result(
        "stack",
        [[part.name for part in parts]],
        params,
        np.stack([part.array for part in parts], axis),
        all(part.exact for part in parts),
    )


@row_of("unstack")
def unstack(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    axis = draw.axis(x.array)
    parts = [np.take(x.array, k, axis) for k in range(x.array.shape[axis])]
    return Result("unstack", [x.name], {"axis": axis}, parts, x.exact)


@row_of("split")
def split(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1 and max(a.shape) > 1)
    axis = draw.choice(axis for axis, size in enumerate(x.array.shape) if size > 1)
    size = x.array.shape[axis]
    by = draw.choice([size, [1, size - 1], [size - 1, 1]])
    parts = np.split(x.array, by if isinstance(by, int) else by[:1], axis)
    return Result("split", [x.name], {"num_or_size_splits": by, "axis": axis}, parts, x.exact)


@row_of("tile")
def tile(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    multiples = [draw.choice((1, 1, 2)) for _ in x.array.shape]
    return Result("tile", [x.name, multiples], {}, np.tile(x.array, multiples), x.exact)


@row_of("repeat")
def repeat(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    axis = draw.axis(x.array)
    repeats = 2 if draw.chance(0.5) else [draw.integer(0, 2) for _ in range(x.array.shape[axis])]
    return Result("repeat", [x.name, repeats], {"axis": axis}, np.repeat(x.array, repeats, axis), x.exact)


@row_of("pad")
def pad(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    mode = draw.choice(("CONSTANT", "CONSTANT", "REFLECT", "SYMMETRIC"))
    bound = min(x.array.shape) - (mode == "REFLECT")
    paddings = [[min(bound, draw.integer(0, 1)), min(bound, draw.integer(0, 1))] for _ in x.array.shape]
    params: dict = {} if mode == "CONSTANT" else {"mode": mode}
    options: dict = {}
    if mode == "CONSTANT" and draw.chance(0.4):
        params["constant_values"] = options["constant_values"] = 1.5
    array = np.pad(x.array, paddings, mode.lower(), **options)
    return Result("pad", [x.name, paddings], params, array, x.exact)


@row_of("reverse")
def reverse(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    axis = draw.subset(range(x.array.ndim), least=1)
    return Result("reverse", [x.name], {"axis": axis}, np.flip(x.array, axis), x.exact)


@row_of("roll")
def roll(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    axis, shift = draw.axis(x.array), draw.choice((-1, 1, 2))
    return Result("roll", [x.name], {"shift": shift, "axis": axis}, np.roll(x.array, shift, axis), x.exact)


@row_of("gather")
def gather(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    axis = draw.axis(x.array)
    size = x.array.shape[axis]
    if draw.chance(0.3):
        chosen = draw.value(lambda a: a.ndim < 3 and np.all((a >= 0) & (a < size)), kind="i")
        indices, array = chosen.name, chosen.array
    else:
        indices = draw.choice((0, [0, size - 1, 0], [size - 1], [[0], [size - 1]]))
        array = np.array(indices)
    return Result("gather", [x.name, indices], {"axis": axis}, np.take(x.array, array, axis), x.exact)


@row_of("getitem")
def getitem(draw: Draw) -> Result:
    x = draw.value(lambda a: a.ndim >= 1)
    index: list = []
    for size in x.array.shape[: draw.integer(1, x.array.ndim)]:
        whole = [None, None, None]
        ranges = [[0, 1, None], [None, -1, None], [1, None, None], [None, None, -1], [None, None, 2], whole]
        index.append(draw.choice((0, -1, size - 1)) if draw.chance(0.5) else {"slice": draw.choice(ranges)})
        if draw.chance(0.1):
            index.append("newaxis")
    if draw.chance(0.2):
        index = ["...", -1 if isinstance(index[0], int) else index[0]]
    return Result("getitem", [x.name, {"index": index}], {}, np.asarray(x.array[subscript(index)]), x.exact)


def subscript(index: list) -> tuple:
    """The Python subscript that an index, written as data, stands for."""
    words = {"newaxis": None, "...": Ellipsis}
    return tuple(
        slice(*entry["slice"]) if isinstance(entry, dict) else words[entry] if isinstance(entry, str) else entry
        for entry in index
    )


# Programs.
COMMON = (
    "where",
    "where",
    "where",
    "logical",
    "matmul",
    "linalg.matvec",
    "cumulative",
    "transpose",
    "one_hot",
    "fill",
    "new",
)


def propose(draw: Draw, steps: list) -> None:
    """Append one random operation to the steps, after steps that bring its operands into its domain where needed."""
    while True:
        name = draw.choice((*ROWS, *COMMON))
        for attempt in range(8):
            try:
                result = ROWS[name](draw)
            except Unsuitable:
                domains = getattr(ROWS[name], "domains", ())
                if attempt == 6 and any(domain != REAL for domain in domains):
                    for low, high in domains:
                        squash(draw, steps, low, high)
                continue
            arrays = result.array if isinstance(result.array, list) else [result.array]
            if all(fits(array) for array in arrays):
                accept(draw, steps, result)
                return


def fits(array: Any) -> bool:
    if array.size == 0 or array.size > 36 or array.ndim > 4:
        return False
    return array.dtype.kind != "f" or bool(np.all(np.isfinite(array)) and np.abs(array).max() <= LARGEST)


FLAT = {"stop_gradient", "floor", "math.ceil", "round", "math.floordiv", "operator.floordiv", "zeros_like", "ones_like"}


def accept(draw: Draw, steps: list, result: Result) -> None:
    several = isinstance(result.array, list)
    roots = frozenset().union(*(value.roots for value in draw.values if value.name in leaves(result.operands)))
    if result.op in FLAT:
        roots = frozenset()
    arrays = result.array if several else [result.array]
    made = [
        Value(draw.name(), np.asarray(array), result.exact, roots if array.dtype.kind == "f" else frozenset())
        for array in arrays
    ]
    names = [value.name for value in made]
    steps.append({"out": names if several else names[0], "op": result.op, "in": result.operands, "with": result.params})
    draw.values += made
    alias = result.op in ("cast", "convert_to_tensor") and result.operands[0] in draw.unasked
    draw.unasked.update(names if alias or result.op in BY_OUTPUT else ())
    draw.parted.update(leaves(result.operands) if result.op in SEVERAL else ())


def squash(draw: Draw, steps: list, low: float, high: float) -> None:
    """Bring some value into an open interval: low + width * sigmoid(x)."""
    low, high = max(low, -2.0) + 0.05, min(high, max(low, -2.0) + 4.0) - 0.05
    x = draw.value()
    accept(draw, steps, Result("sigmoid", [x.name], {}, sigmoid(x.array), False))
    x = draw.values[-1]
    accept(draw, steps, Result("operator.mul", [round(high - low, 3), x.name], {}, (high - low) * x.array, False))
    x = draw.values[-1]
    accept(draw, steps, Result("operator.add", [x.name, low], {}, x.array + low, False))


TAPES = (["inner"], ["outer"], ["inner", "outer"], ["inner", "outer"], ["inner", "outer"])
# An outer tape that is paused alone is left out: TensorFlow's own steps backward then read variables off the tape.
PAUSES = (["inner"], ["inner", "outer"])
# Whether a derivative is computed from an operation's output or anew from its operands shows in second derivatives by
# that output alone. We keep to what reads better, so that such an output is not asked for.
BY_OUTPUT = {
    "nn.relu", "nn.relu6", "asinh", "acosh", "divide", "operator.truediv", "reduce_logsumexp", "operator.pow",
}  # fmt: skip


# TensorFlow composes these of several operations, of which those are not recorded that read an unwatched operand alone.
SEVERAL = {"tensordot", "einsum", "linalg.matvec"}


def sources(draw: Draw) -> tuple[list, list]:
    """Sources of every kind and the steps that watch them."""
    made, watches = [], []
    for _ in range(draw.integer(2, 5)):
        name, exact = draw.name(), draw.chance(0.3)
        array = draw.array(draw.shape(), exact)
        kind = draw.choice(("variable",) * 5 + ("untrainable", "watched", "watched", "constant", "integer"))
        if kind == "integer":
            array = np.abs(np.round(array)).astype("int64")
        roots = frozenset({name}) if kind in ("variable", "watched") else frozenset()
        draw.values.append(Value(name, array, exact, roots))
        source = {"out": name, "kind": "variable", "dtype": str(array.dtype), "value": array.tolist()}
        if kind in ("watched", "constant") or (kind == "integer" and draw.chance(0.5)):
            source["kind"] = "constant"
        else:
            source["trainable"] = kind == "variable" or (kind == "integer" and draw.chance(0.3))
        if kind == "watched" or draw.chance(0.05):
            watches.append({"watch": name, "tape": draw.choice(TAPES)})
        made.append(source)
    return made, watches


def block(draw: Draw, count: int, variables: list[str], tapes: bool = True) -> list:
    """Steps of one block: operations, and acts on the tapes now and then."""
    steps: list = []
    for _ in range(count):
        if tapes and draw.chance(0.04):
            steps.append({"watch": draw.value().name, "tape": draw.choice(TAPES)})
        elif tapes and draw.chance(0.05):
            steps.append(
                {"pause": block(draw, draw.integer(1, 3), variables, tapes=False), "tape": draw.choice(PAUSES)}
            )
        elif tapes and draw.chance(0.01):
            steps.append({"reset": True})
        elif variables and draw.chance(0.03):
            steps.append(assignment(draw, draw.choice(variables)))
        else:
            propose(draw, steps)
    return steps


def assignment(draw: Draw, name: str) -> dict:
    """A variable gets another value; what is made of it later reads the new one."""
    position = max(k for k, value in enumerate(draw.values) if value.name == name)
    old = draw.values[position]
    change = draw.array(old.array.shape, exact=False)
    method = draw.choice(("assign", "assign_add", "assign_sub"))
    array = {"assign": change, "assign_add": old.array + change, "assign_sub": old.array - change}[method]
    draw.values[position] = old._replace(array=array, exact=False)
    return {"assign": method, "to": name, "value": change.tolist()}


def nest(draw: Draw, names: list[str]) -> Json:
    """The names in a nest of lists and dicts."""
    form = draw.choice(("list", "list", "list", "one", "dict", "nested", "repeated"))
    if form == "one":
        return names[0]
    if form == "dict":
        return {f"k{9 - position}": name for position, name in enumerate(names)}
    if form == "nested":
        return [names[0], {"a": names[1:]}]
    return [*names, names[0]] if form == "repeated" else names


def request(draw: Draw, given: list[str], persistent: bool) -> dict:
    floats = [value for value in draw.values if value.array.dtype.kind == "f" and value.name not in given]
    rooted = [value for value in floats if value.roots] or floats
    rooted = sorted(rooted, key=lambda value: len(value.roots))
    count = draw.choice((1, 1, 1, 2, 3))
    chosen = [
        draw.choice(rooted[-3:] if draw.chance(0.7) else rooted if draw.chance(0.7) else floats) for _ in range(count)
    ]
    if draw.chance(0.03):
        chosen.append(draw.choice(value for value in draw.values))
    if draw.chance(0.03):
        chosen[0] = draw.choice(value for value in draw.values if value.array.dtype.kind == "i")
    without = [value for value in floats if not value.roots and value.name not in draw.unasked | draw.parted]
    unwatched = draw.choice(without) if without and draw.chance(0.2) else None
    if unwatched is not None and draw.chance(0.5):
        chosen.append(unwatched)
    reached = sorted(frozenset().union(*(value.roots for value in chosen)))
    wanted = draw.subset(reached, least=1)
    wanted += [name for name in draw.subset(given) if name not in wanted and draw.chance(0.7)] or (
        [] if wanted else given
    )
    if draw.chance(0.3):
        wanted += [draw.value().name for _ in range(draw.integer(1, 2))]
        wanted = [name for name in wanted if name not in draw.unasked] or given
    wanted += [unwatched.name] if unwatched is not None else []
    target: Json = chosen[0].name if count == 1 and len(chosen) == 1 else [value.name for value in chosen]
    if isinstance(target, list) and draw.chance(0.2):
        target = {f"t{position}": name for position, name in enumerate(target)}
    seeds = None
    if draw.chance(0.3) and all(value.array.dtype.kind == "f" for value in chosen):
        seeds = [draw.array(value.array.shape, exact=False).tolist() for value in chosen]
        seeds = (
            seeds if isinstance(target, list) else dict(zip(target, seeds)) if isinstance(target, dict) else seeds[0]
        )
    again = "inner" if persistent and draw.chance(0.2) else "outer"
    return {"target": target, "sources": nest(draw, draw.shuffled(wanted)), "seeds": seeds, "again": again}


def generate(seed: int) -> Json:
    """The random program of this seed, as plain data."""
    draw = Draw(seed)
    try:
        made, watches = sources(draw)
        given = [source["out"] for source in made]
        variables = [source["out"] for source in made if source["kind"] == "variable" and source["dtype"] == "float64"]
        before = block(draw, draw.choice((0, 0, 0, 1, 2)), [], tapes=False)
        steps = block(draw, draw.integer(4, 14), variables if draw.chance(0.3) else [])
        persistent = draw.chance(0.6)
        inside = persistent and draw.chance(0.4)
        requests = [request(draw, given, inside) for _ in range(draw.choice((1, 2)) if persistent else 1)]
    except Unsuitable:  # Nothing to choose from, as with integer sources alone.
        return generate(seed + 1_000_000_007)
    return {
        "seed": seed,
        "sources": made,
        "before": before,
        "steps": watches + steps,
        "persistent": persistent,
        "watch_accessed": not draw.chance(0.08),
        "inside": inside,
        "requests": requests,
    }


def operations(program: Json) -> set[str]:
    """The names of the operations that a program calls."""
    names = set()
    pending = program["before"] + program["steps"]
    while pending:
        step = pending.pop()
        pending = pending + step.get("pause", [])
        names |= {step["op"]} if "op" in step else set()
    return names


# Running.
def run(program: Json, tf: Any) -> dict[str, list]:
    """The gradients that the program asks for, of first and second order, for unconnected sources None and zero."""
    return {mode: Machine(program, tf, mode).answers() for mode in ("none", "zero")}


class Machine:
    """One run of a program over a namespace."""

    def __init__(self, program: Json, tf: Any, mode: str) -> None:
        self.program, self.tf = program, tf
        self.unconnected = {"none": tf.UnconnectedGradients.NONE, "zero": tf.UnconnectedGradients.ZERO}[mode]
        self.values: dict[str, Any] = {}

    def answers(self) -> list:
        tf, program = self.tf, self.program
        for source in program["sources"]:
            self.values[source["out"]] = self.source(source)
        self.run(program["before"])
        options = {"persistent": program["persistent"], "watch_accessed_variables": program["watch_accessed"]}
        with tf.GradientTape(persistent=True) as self.outer:
            with tf.GradientTape(**options) as self.inner:
                self.run(program["steps"])
                first = self.first() if program["inside"] else None
            first = self.first() if first is None else first
        return [
            {"first": encode(gradients), "second": encode(self.second(request, gradients))}
            for request, gradients in zip(program["requests"], first)
        ]

    def source(self, source: dict) -> Any:
        value, dtype = np.array(source["value"], dtype=source["dtype"]), getattr(self.tf, source["dtype"])
        if source["kind"] == "constant":
            return self.tf.constant(value, dtype=dtype)
        return self.tf.Variable(value, trainable=source["trainable"], dtype=dtype)

    def run(self, steps: list) -> None:
        for step in steps:
            tapes = [getattr(self, name) for name in step.get("tape", ())]
            if "op" in step:
                made = self.call(step["op"], [self.operand(x) for x in step["in"]], dict(step["with"]))
                several = isinstance(step["out"], list)
                self.values.update(zip(step["out"], made) if several else [(step["out"], made)])
            elif "watch" in step:
                for tape in tapes:
                    tape.watch(self.values[step["watch"]])
            elif "pause" in step:
                with ExitStack() as paused:
                    for tape in tapes:
                        paused.enter_context(tape.stop_recording())
                    self.run(step["pause"])
            elif "reset" in step:
                self.inner.reset()
            else:
                getattr(self.values[step["to"]], step["assign"])(np.array(step["value"], dtype="float64"))

    def call(self, op: str, operands: list, params: dict) -> Any:
        if op == "getitem":
            return operator.getitem(*operands)
        if "dtype" in params:
            params["dtype"] = getattr(self.tf, params["dtype"])
        function = self.tf if not op.startswith("operator.") else operator
        for name in op.removeprefix("operator.").split("."):
            function = getattr(function, name)
        return function(*operands, **params)

    def operand(self, x: Json) -> Any:
        if isinstance(x, str):
            return self.values[x]
        if isinstance(x, list):
            return [self.operand(entry) for entry in x]
        if isinstance(x, dict):
            return x["text"] if "text" in x else subscript(x["index"])
        return x

    def look(self, names: Json) -> Any:
        """The values of a nest of names."""
        return mapped(lambda name: self.values[name], names)

    def first(self) -> list:
        return [
            dense(self.tf, self.inner.gradient(
                self.look(request["target"]), self.look(request["sources"]),
                output_gradients=self.seeds(request), unconnected_gradients=self.unconnected,
            ))
            for request in self.program["requests"]
        ]  # fmt: skip

    def seeds(self, request: dict) -> Any:
        def seed(value: Json) -> Any:
            return self.tf.constant(np.array(value), dtype=self.tf.float64)

        seeds, target = request["seeds"], request["target"]
        if seeds is None or isinstance(target, str):
            return None if seeds is None else seed(seeds)
        return (
            {key: seed(seeds[key]) for key in target} if isinstance(target, dict) else [seed(value) for value in seeds]
        )

    def second(self, request: dict, gradients: Any) -> Any:
        """The gradient of a weighted sum of the gradients: weights tell the entries of a gradient apart."""
        tape = getattr(self, request["again"])
        targets = [
            gradient for gradient in leaves(gradients) if gradient is not None and "float" in repr(gradient.dtype)
        ]
        weights = [self.tf.constant(ramp(tuple(target.shape)), dtype=self.tf.float64) for target in targets]
        if not targets:
            return None
        asked = self.look(request["sources"])
        return dense(
            self.tf, tape.gradient(targets, asked, output_gradients=weights, unconnected_gradients=self.unconnected)
        )


def ramp(shape: tuple[int, ...]) -> Any:
    return 1 + np.arange(math.prod(shape), dtype="float64").reshape(shape) / 8


def mapped(function: Callable, tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: mapped(function, entry) for key, entry in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [mapped(function, entry) for entry in tree]
    return function(tree)


def leaves(tree: Any) -> list:
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for entry in tree for leaf in leaves(entry)]
    return [tree]


def dense(tf: Any, gradients: Any) -> Any:
    return mapped(lambda gradient: None if gradient is None else tf.convert_to_tensor(gradient), gradients)


def encode(gradients: Any) -> Json:
    """Gradients as JSON: None, or ``[kind of dtype, shape, flat values]``."""

    def leaf(gradient: Any) -> Json:
        if gradient is None:
            return None
        array = np.asarray(gradient.numpy())
        return {
            "kind": array.dtype.kind,
            "shape": list(array.shape),
            "values": [float(f"{x:.12g}") for x in array.ravel().tolist()],
        }

    return mapped(leaf, gradients)


def is_answer(tree: Any) -> bool:
    return isinstance(tree, dict) and set(tree) == {"kind", "shape", "values"}


def differences(expected: Json, actual: Json, where: str = "", tolerance: float = 1e-7) -> list[str]:
    """How two encoded answers differ, one line a place; none when they agree."""
    if is_answer(expected) and is_answer(actual):
        if (expected["kind"], expected["shape"]) != (actual["kind"], actual["shape"]):
            form = "{kind}{shape}"
            return [f"{where}: expected {form.format(**expected)}, got {form.format(**actual)}"]
        left, right = np.array(expected["values"]), np.array(actual["values"])
        scale = 1 + np.abs(left).max(initial=0)
        return [] if np.all(np.abs(left - right) <= tolerance * scale) else [f"{where}: expected {left}, got {right}"]
    if isinstance(expected, dict) and isinstance(actual, dict) and set(expected) == set(actual):
        pairs: Any = [(key, expected[key], actual[key]) for key in expected]
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = [(key, *pair) for key, pair in enumerate(zip(expected, actual))]
    else:
        return [] if expected == actual else [f"{where}: expected {brief(expected)}, got {brief(actual)}"]
    return [line for key, left, right in pairs for line in differences(left, right, f"{where}.{key}", tolerance)]


def tolerance(program: Json) -> float:
    """How far answers may be apart: TensorFlow's gelu has the root of two in single precision."""
    return 1e-5 if "nn.gelu" in operations(program) else 1e-7


def brief(answer: Json) -> str:
    return f"{answer['kind']}{answer['shape']} {answer['values'][:6]}" if is_answer(answer) else repr(answer)


def is_finite(answer: Json) -> bool:
    return "nan" not in repr(answer) and "inf" not in repr(answer)


def as_python(program: Json) -> str:
    """The program as a TensorFlow user would write it, for reading and for bug reports."""
    lines = ["import numpy as np", ""]
    for source in program["sources"]:
        variable = source["kind"] == "variable"
        tail = f", trainable={source['trainable']}" if variable else ""
        call = "tf.Variable" if variable else "tf.constant"
        lines.append(f"{source['out']} = {call}({source['value']}{tail}, dtype=tf.{source['dtype']})")
    lines += written(program["before"], "")
    options = f"persistent={program['persistent']}, watch_accessed_variables={program['watch_accessed']}"
    lines.append("with tf.GradientTape(persistent=True) as outer:")
    lines.append(f"    with tf.GradientTape({options}) as inner:")
    lines += written(program["steps"], " " * 8)
    indent = " " * (8 if program["inside"] else 4)
    for k, request in enumerate(program["requests"]):
        target, wanted = (plain(request[key]) for key in ("target", "sources"))
        seeds = "" if request["seeds"] is None else f", output_gradients={request['seeds']}"
        lines.append(f"{indent}g{k} = inner.gradient({target}, {wanted}{seeds})")
    lines += [
        f"# then {request['again']}.gradient(g{k}, {plain(request['sources'])})"
        for k, request in enumerate(program["requests"])
    ]
    return "\n".join(lines)


def plain(tree: Json) -> str:
    if isinstance(tree, str):
        return tree
    if isinstance(tree, dict) and "text" in tree:
        return repr(tree["text"])
    if isinstance(tree, dict) and "index" in tree:
        return repr(subscript(tree["index"]))
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {plain(entry)}" for key, entry in tree.items()) + "}"
    return "[" + ", ".join(map(plain, tree)) + "]" if isinstance(tree, list) else repr(tree)


def written(steps: list, indent: str) -> list[str]:
    lines = []
    for step in steps:
        if "op" in step:
            out = ", ".join(step["out"]) if isinstance(step["out"], list) else step["out"]
            keywords = [
                f"{key}={f'tf.{value}' if key == 'dtype' else repr(value)}" for key, value in step["with"].items()
            ]
            call = ", ".join([*map(plain, step["in"]), *keywords])
            name = step["op"] if step["op"].startswith("operator.") or step["op"] == "getitem" else f"tf.{step['op']}"
            lines.append(f"{indent}{out} = {name}({call})")
        elif "watch" in step:
            lines += [f"{indent}{tape}.watch({step['watch']})" for tape in step["tape"]]
        elif "pause" in step:
            lines.append(f"{indent}with {', '.join(f'{tape}.stop_recording()' for tape in step['tape'])}:")
            lines += written(step["pause"], indent + "    ")
        elif "reset" in step:
            lines.append(f"{indent}inner.reset()")
        else:
            lines.append(f"{indent}{step['to']}.{step['assign']}({step['value']})")
    return lines
