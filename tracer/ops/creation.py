"""Tensors that are made of their shape alone, and what is known of a tensor without its elements."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable

import sympy

from tracer import shapes
from tracer.dtypes import INTEGERS, DTypeLike, as_dtype, promote
from tracer.nest import shown
from tracer.ops.casting import cast
from tracer.ops.contraction import broadcast_to, expand_dims, full, operation
from tracer.ops.reshaping import reshape
from tracer.python_code import Code, as_code
from tracer.python_scope import Operation, Scope, shape_of
from tracer.rules import TABLE, Op, register
from tracer.shapes import Dim, DimLike, Literal, Shape, ShapeLike, Subscripts
from tracer.tensor import Tensor, TensorLike, apply, as_operand, as_tensor, evaluate, guard, record_tensor
from tracer.values import literal_dtype


def zeros(shape: ShapeLike, dtype: DTypeLike = "float64", name: str | None = None) -> Tensor:
    """Zeros of a shape.

    Parameters
    ----------
    shape : sequence of dimension
        Ints, names or sympy expressions.
    dtype : str, optional

    Returns
    -------
    Tensor
        Of the given shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.zeros((2, "n")).shape
    (2, n)
    """
    return full(shapes.as_shape(shape), 0, "zeros", as_dtype(dtype) or "float64")


def ones(shape: ShapeLike, dtype: DTypeLike = "float64", name: str | None = None) -> Tensor:
    """Ones of a shape.

    Parameters
    ----------
    shape, dtype
        As for :func:`zeros`.

    Returns
    -------
    Tensor
        Of the given shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.ones([2, 2]).numpy()
    array([[1., 1.],
           [1., 1.]])
    """
    return full(shapes.as_shape(shape), 1, "ones", as_dtype(dtype) or "float64")


def fill(dims: ShapeLike, value: TensorLike, name: str | None = None) -> Tensor:
    """A shape filled with one number or scalar tensor.

    Parameters
    ----------
    dims : sequence of dimension
        The shape.
    value : number or scalar tensor
        Gradients flow to a tensor.

    Returns
    -------
    Tensor
        Of the dtype of the value.

    Raises
    ------
    ValueError
        If the value is no scalar.

    Examples
    --------
    >>> import tracer
    >>> tracer.fill([2], 3.5).numpy()
    array([3.5, 3.5])
    """
    operand, shape = as_operand(value), shapes.as_shape(dims)
    if type(operand) is not Tensor:
        return full(shape, plain(operand), "fill", literal_dtype(operand))
    if operand.ndim:
        raise ValueError(f"fill takes a scalar, {operand.name} has shape {shapes.show(operand.shape)}")
    return broadcast_to(operand, shape)


def eye(
    num_rows: DimLike,
    num_columns: DimLike = None,
    batch_shape: ShapeLike = None,
    dtype: DTypeLike = "float64",
    name: str | None = None,
) -> Tensor:
    """The identity matrix, or a batch of them.

    Parameters
    ----------
    num_rows, num_columns : dimension
        A matrix that is not square has ones where row and column are equal.
    batch_shape : sequence of dimension, optional
        Leading dimensions.
    dtype : str, optional

    Returns
    -------
    Tensor
        Of shape ``(*batch_shape, num_rows, num_columns)``.

    Examples
    --------
    >>> import tracer
    >>> X = tracer.placeholder("X", shape=("n", "m"))
    >>> tracer.eye(X.shape[1]).shape
    (m, m)
    """
    rows = shapes.dimension(num_rows)
    columns = rows if num_columns is None else shapes.dimension(num_columns)
    batch = shapes.as_shape(batch_shape)
    kind = as_dtype(dtype) or "float64"
    if rows != columns:
        equal = apply(TABLE["equal"], (expand_dims(range(rows), 1), range(columns)))
        return broadcast_to(cast(equal, kind), (*batch, rows, columns))
    labels = tuple(builtins.range(1, 1 + len(batch)))
    return record_tensor(operation("eye"), (), Subscripts((), (*labels, 0, 0)), (*batch, rows, rows), kind)


def _range_source(e: Scope, node: Operation) -> Code:
    (start, step), size = node.params, node.shape[0]
    if start == 0 and step == 1:
        return e.np.arange(size) if node.dtype == "int64" else e.np.arange(size, dtype=node.dtype)
    steps = e.np.arange(size)
    values = steps if step == 1 else as_code(step) * steps
    values = values if start == 0 else as_code(start) + values
    whole = all(sympy.sympify(v).is_integer for v in (start, step))
    return values if node.dtype == ("int64" if whole else "float64") else e.astype(values, node.dtype)


def elements(node: Tensor) -> list[Literal]:
    """The numbers and dimensions that a range of known size, or a shape, consists of."""
    if node.rule is RANGE:
        first, step = node.params
        return [first + k * step for k in builtins.range(node.shape[0])]
    return list(node.args[0].shape)


RANGE = register(
    Op(
        "range",
        fixed=True,
        numpy=_range_source,
        components=lambda node: [
            sympy.sympify(node.params[0]) + k * sympy.sympify(node.params[1]) for k in builtins.range(node.shape[0])
        ],
    )
)


def range(
    start: TensorLike,
    limit: TensorLike | None = None,
    delta: TensorLike = 1,
    dtype: DTypeLike = None,
    name: str = "range",
) -> Tensor:
    """The numbers from ``start`` (0 where one number is given) up to, but without, ``limit``.

    Parameters
    ----------
    start, limit, delta : number, dimension, or scalar tensor with a value
    dtype : str, optional
        ``"int64"`` for ints, ``"float64"`` where one of them is a float.

    Returns
    -------
    Tensor
        Of rank 1, and of no elements where the limit comes before the start.

    Raises
    ------
    ValueError
        If the step is 0, or a number is not finite.

    Examples
    --------
    >>> import tracer
    >>> tracer.range(1, 7, 2).numpy()
    array([1, 3, 5])
    >>> X = tracer.placeholder("X", shape=("n", "m"))
    >>> tracer.range(X.shape[0]).shape
    (n,)
    """
    if limit is None:
        start, limit = 0, start
    for value in (start, delta):  # The limit but chooses how many there are, as a branch does.
        if isinstance(value, Tensor):
            guard(value, "range")
    first, last, step = (known(v) for v in (start, limit, delta))
    if step == 0:
        raise ValueError("the step of range must not be 0")
    if not all(isinstance(v, sympy.Expr) or math.isfinite(v) for v in (first, last, step)):
        raise ValueError(f"range counts between finite numbers, got {first}, {last} and {step}")
    kind = as_dtype(dtype) or promote(*map(literal_dtype, (first, last, step)))
    if any(isinstance(v, sympy.Expr) for v in (first, last, step)):
        count = sympy.ceiling((last - first) / step)
    elif all(type(v) is int for v in (first, last, step)):
        count = -((first - last) // step)
    else:
        count = math.ceil((last - first) / step)
    if (count < 0) == True:  # noqa: E712
        count = 0
    count = shapes.dimension(count)
    return record_tensor(RANGE, (), (first, step), (count,), kind)


def plain(value: Literal) -> Literal:
    """A literal that may stand in arithmetic: a truth value as the number one or zero."""
    return int(value) if isinstance(value, bool) else value


def known(value: TensorLike) -> Literal:
    """A number or dimension; of a tensor, its value."""
    operand = as_operand(value)
    if type(operand) is not Tensor:
        return operand
    if operand.ndim:
        raise ValueError(f"range takes scalars, {operand.name} has shape {shapes.show(operand.shape)}")
    return operand.as_dimension() if operand.dtype in INTEGERS else evaluate(operand).item()


def linspace(start: TensorLike, stop: TensorLike, num: DimLike, name: str | None = None, axis: int = 0) -> Tensor:
    """Evenly spaced values from ``start`` to ``stop``, both included, along a new axis.

    Parameters
    ----------
    start, stop : number, tensor or array
        Of shapes that broadcast; gradients flow to both.
    num : dimension
        How many values.
    axis : int, optional
        Where the new axis goes.

    Returns
    -------
    Tensor
        Of the broadcast shape, with ``num`` along the new axis.

    Raises
    ------
    ValueError
        If num is less than 1.

    Examples
    --------
    >>> import tracer
    >>> tracer.linspace(0.0, 1.0, 5).numpy()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    first, last = as_tensor(start), as_tensor(stop)
    count = shapes.dimension(num)
    if isinstance(count, int) and count < 1:
        raise ValueError(f"linspace takes one value at least, got num={num}")
    rank = max(first.ndim, last.ndim)
    where = shapes.normalize_axis(axis, rank + 1)
    steps = range(count)
    fraction = cast(steps, "float64") if count == 1 else steps / (count - 1)
    if rank > where:
        fraction = expand_dims(fraction, tuple(builtins.range(1, 1 + rank - where)))
    ends = []
    for end in (first, last):
        lower = rank - end.ndim
        ends.append(expand_dims(end, max(where - lower, 0)) if rank else end)
    value: Tensor = ends[0] * (1 - fraction) + ends[1] * fraction
    return value


def _like(name: str, value: int) -> tuple[Op, Callable[..., Tensor]]:
    op = register(
        Op(
            name,
            differentiable=False,
            numpy=lambda e, node, x: e.np.named(name)(x, dtype=node.dtype),
            components=lambda node, x: [sympy.Integer(value)] * len(x),
            batch=lambda node, axes, x: full(x.shape, value, name.removesuffix("_like"), node.dtype),
        )
    )

    def like(input: TensorLike, dtype: DTypeLike = None, name: str | None = None) -> Tensor:
        x = as_tensor(input)
        return record_tensor(op, (x,), None, x.shape, as_dtype(dtype) or x.dtype)

    like.__name__ = like.__qualname__ = name
    like.__doc__ = f"""{name.removesuffix("_like").capitalize()} of a tensor's shape and dtype; no gradient flows to it.

    Parameters
    ----------
    input : tensor or array
    dtype : str, optional
        Another dtype.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.{name}([3.0, 4.0]).numpy()
    array([{value}., {value}.])
    """
    return op, like


ZEROS_LIKE, zeros_like = _like("zeros_like", 0)
ONES_LIKE, ones_like = _like("ones_like", 1)


def _dims(name: str, shape: Shape) -> list[Dim]:
    return {"shape": list(shape), "size": [shapes.size(shape)], "rank": [len(shape)]}[name]


def _dims_source(e: Scope, node: Operation, x: Code) -> Code:
    if node.op.name == "shape":
        return e.np.array(shape_of(node.operands[0]), dtype=node.dtype)
    return e.np.named(node.dtype)(as_code(_dims(node.op.name, shape_of(node.operands[0]))[0]))


for _name in ("shape", "size", "rank"):
    register(
        Op(
            _name,
            differentiable=False,
            fixed=True,
            numpy=_dims_source,
            components=lambda node, x: list(map(sympy.sympify, _dims(node.op, node.args[0].shape))),
        )
    )


def shape(input: TensorLike, out_type: DTypeLike = "int32", name: str | None = None) -> Tensor:
    """The dimensions of a tensor, as an integer tensor; no gradient flows through it.

    Parameters
    ----------
    input : tensor or array
    out_type : str, optional
        The dtype of the result.

    Returns
    -------
    Tensor
        Of shape ``(rank,)``; it has a value where all dimensions are numbers.

    Examples
    --------
    >>> import tracer
    >>> tracer.shape([[1.0, 2.0, 3.0]]).numpy()
    array([1, 3], dtype=int32)
    """
    x = as_tensor(input)
    found = record_tensor(TABLE["shape"], (x,), None, (x.ndim,), as_dtype(out_type) or "int32")
    if shapes.is_concrete(x.shape):
        import numpy

        found.value = numpy.array(x.shape, found.dtype)
        found.value.flags.writeable = False
    return found


def size(input: TensorLike, out_type: DTypeLike = "int32", name: str | None = None) -> Tensor:
    """The number of elements of a tensor, as an integer tensor; no gradient flows through it.

    Parameters
    ----------
    input : tensor or array
    out_type : str, optional
        The dtype of the result.

    Returns
    -------
    Tensor
        A scalar.

    Examples
    --------
    >>> import tracer
    >>> int(tracer.size(tracer.ones([2, 3])))
    6
    """
    x = as_tensor(input)
    found = record_tensor(TABLE["size"], (x,), None, (), as_dtype(out_type) or "int32")
    found.value = shapes.size(x.shape)
    return found


def rank(input: TensorLike, name: str | None = None) -> Tensor:
    """The number of axes of a tensor, as an integer tensor; no gradient flows through it.

    Parameters
    ----------
    input : tensor or array

    Returns
    -------
    Tensor
        A scalar.

    Examples
    --------
    >>> import tracer
    >>> int(tracer.rank(tracer.ones([2, 3, 4])))
    3
    """
    x = as_tensor(input)
    found = record_tensor(TABLE["rank"], (x,), None, (), "int32")
    found.value = x.ndim
    return found


def meshgrid(*args: TensorLike, indexing: str = "xy", name: str | None = None) -> list[Tensor]:
    """Vectors as coordinates of a grid: each broadcast along the axes of the others.

    Parameters
    ----------
    *args : tensor or array
        Vectors; what is none is flattened.
    indexing : str, optional
        With ``"ij"`` vector k runs along axis k; with ``"xy"`` the first two are exchanged.

    Returns
    -------
    list of Tensor
        As many, all of one shape.

    Raises
    ------
    ValueError
        If the indexing is another.

    Examples
    --------
    >>> import tracer
    >>> [t.shape for t in tracer.meshgrid([1.0, 2.0], [3.0, 4.0, 5.0])]
    [(3, 2), (3, 2)]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"the indexing of meshgrid must be 'xy' or 'ij', got {shown(indexing)}")
    vectors = [reshape(v, (-1,)) for v in args]
    axes = list(builtins.range(len(vectors)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    dims = tuple(vectors[k].shape[0] for k in axes)
    grid = []
    for v, axis in zip(vectors, axes):
        after = len(dims) - 1 - axis
        grid.append(broadcast_to(expand_dims(v, tuple(builtins.range(1, 1 + after))) if after else v, dims))
    return grid


FUNCTIONS: dict[str, Callable[..., object]] = {
    "eye": eye,
    "fill": fill,
    "linspace": linspace,
    "meshgrid": meshgrid,
    "ones": ones,
    "ones_like": ones_like,
    "range": range,
    "rank": rank,
    "shape": shape,
    "size": size,
    "zeros": zeros,
    "zeros_like": zeros_like,
}
LINALG: dict[str, Callable[..., object]] = {"eye": eye}
