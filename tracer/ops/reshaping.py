"""The same elements in another shape."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from tracer import shapes
from tracer.nest import shown
from tracer.rules import MOVES, Op, register
from tracer.shapes import Dim, Shape, ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor, record_tensor


def _reshape_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    return reshape(cotangent, node.args[0].shape)


def _reshape_batch(node: Tensor, axes: int, x: Tensor) -> Tensor:
    return reshape(x, (*x.shape[:axes], *node.shape))


RESHAPE = register(
    Op(
        "reshape",
        _reshape_pullback,
        numpy=lambda e, node, x: e.np.reshape(x, node.shape),
        components=lambda node, x: x,
        batch=_reshape_batch,
        facts=MOVES,
    )
)


def reshape(tensor: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """The same elements in another shape.

    Parameters
    ----------
    tensor : tensor or array
    shape : tuple of dimensions
        One of them may be -1: what is left. Sizes may be symbolic.

    Returns
    -------
    Tensor
        Of the given shape.

    Raises
    ------
    ValueError
        If the shapes have not the same number of elements.

    Examples
    --------
    >>> import tracer
    >>> tracer.reshape(tracer.placeholder("X", shape=("n", 6)), (-1, 3)).shape
    (2*n, 3)
    """
    x = as_tensor(tensor)
    wanted = _completed(x, shape)
    return record_tensor(RESHAPE, (x,), None, wanted, x.dtype)


def _completed(x: Tensor, shape: ShapeLike) -> Shape:
    """A shape with the size that is left in place of -1."""
    single = isinstance(shape, str) or getattr(shape, "shape", None) == ()
    given = [*shape] if isinstance(shape, Iterable) and not single else [shape]
    dims = [d.as_dimension() if isinstance(d, Tensor) else d for d in given]
    free = [k for k, d in enumerate(dims) if d == -1]
    known = [shapes.dimension(d) for k, d in enumerate(dims) if k not in free]
    total, product = shapes.size(x.shape), shapes.size(tuple(known))
    if len(free) > 1:
        raise ValueError(f"reshape: only one dimension can be -1, got {shown(tuple(dims))}")
    rest: Dim | None = 1
    if free:
        rest = _quotient(total, product)
        if rest is not None:
            known.insert(free[0], rest)
    elif not same(total, product):
        rest = None
    if rest is None:
        raise ValueError(
            f"reshape: {x.name} of shape {shapes.show(x.shape)} has {total} elements, which do not fit "
            f"{shapes.show(tuple(dims))}; symbolic sizes must be products of each other"
        )
    return tuple(known)


def same(first: Dim, second: Dim) -> bool:
    """Whether two sizes are equal."""
    return first == second or sympy.expand(first - second) == 0


def _quotient(total: Dim, part: Dim) -> Dim | None:
    if part == 0:
        return None
    if isinstance(total, int) and isinstance(part, int):
        return total // part if total % part == 0 else None
    quotient = sympy.cancel(total / part)
    if quotient.is_Integer:
        return int(quotient)
    return quotient if quotient.is_integer else None


FUNCTIONS = {"reshape": reshape}
