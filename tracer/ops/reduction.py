"""Reductions other than sums: products, extremes, logsumexp, and what is made of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import sympy
from sympy.logic.boolalg import Boolean

from tracer import shapes
from tracer.dtypes import FLOATS, DTypeLike
from tracer.ops.casting import cast
from tracer.ops.contraction import expand_dims, reduce_mean, reduce_sum, transpose
from tracer.ops.elementwise import NORM_ROOT
from tracer.ops.matrix_domains import HAS_ONE_MAXIMUM, HAS_ONE_MINIMUM
from tracer.ops.reshaping import reshape
from tracer.ops.scan import CUMPROD, Scan, exp
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope, shape_of
from tracer.rules import BOUNDED, TABLE, Domain, Elementwise, Op, argument, register
from tracer.shapes import Axes, Shape
from tracer.tensor import Tensor, TensorLike, apply, as_tensor, record_tensor

SELECT = Elementwise("select", sympy.Piecewise((argument(0), argument(1)), (0, True)), 2)
"""The first argument where the second, a boolean, is true, and exactly zero elsewhere."""


def reduced_shape(shape: Shape, axes: Sequence[int], keepdims: bool = False) -> Shape:
    """The shape without the axes, or with size 1 in their place."""
    return tuple(1 if k in axes else d for k, d in enumerate(shape) if keepdims or k not in axes)


def _as_kept(node: Tensor, tensor: Tensor) -> Tensor:
    """A tensor of a reduction's shape with its axes kept, to broadcast against the operand."""
    axes, keepdims = node.params
    return tensor if keepdims else expand_dims(tensor, axes)


def _extreme_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    """Ties share the cotangent evenly."""
    x, axes = node.args[0], node.params[0]
    at = apply(TABLE["equal"], (x, _as_kept(node, node)))
    count = reduce_sum(cast(at, node.dtype), axes, keepdims=True)
    return apply(SELECT, (_as_kept(node, cotangent) / count, at))


def _logsumexp_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    return apply(TABLE["multiply"], (_as_kept(node, cotangent), exp(node.args[0] - _as_kept(node, node))))


def _prod_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    """The product of the other factors: those before times those after."""
    x, (axes, _) = node.args[0], node.params
    kept = [k for k in range(x.ndim) if k not in axes]
    order = [*kept, *axes]
    flat = reshape(transpose(x, order), (*(x.shape[k] for k in kept), shapes.size(tuple(x.shape[k] for k in axes))))
    before, after = (
        record_tensor(CUMPROD, (flat,), Scan(len(kept), True, backwards), flat.shape, flat.dtype)
        for backwards in (False, True)
    )
    others = transpose(
        reshape(before * after, tuple(x.shape[k] for k in order)), [order.index(k) for k in range(x.ndim)]
    )
    return apply(TABLE["multiply"], (_as_kept(node, cotangent), others))


def _source(spell: Callable[[Scope], Code], needs_axis: bool = False) -> Callable[..., Code]:
    """The spelling of a reduction by a function; ``needs_axis`` says that it would reduce the first axis alone."""

    def source(e: Scope, node: Operation, x: Code) -> Code:
        axes, keepdims = node.params
        every = len(axes) == len(shape_of(node.operands[0])) and not needs_axis
        axis = {} if every and not keepdims else {"axis": axes[0] if len(axes) == 1 else axes}
        return spell(e)(x, **axis, **({"keepdims": True} if keepdims else {}))

    return source


def groups(node: Tensor, values: Sequence[sympy.Expr]) -> list[list[sympy.Expr]]:
    """The operand's elements that each element of a reduction is made of, in row-major order."""
    shape, axes = node.args[0].shape, node.params[0]
    kept = [k for k in range(len(shape)) if k not in axes]
    ranges = [range(shape[k]) for k in kept]
    places: dict[tuple[int, ...], list[sympy.Expr]] = {p: [] for p in itertools.product(*ranges)}
    for value, place in zip(values, itertools.product(*map(range, shape))):
        places[tuple(place[k] for k in kept)].append(value)
    return list(places.values())


def _components(combine: Callable[..., sympy.Expr]) -> Callable[..., list[sympy.Expr]]:
    return lambda node, x: [combine(*group) for group in groups(node, x)]


def _extreme_cost(node: Tensor) -> int:
    """For each element a comparison with every other."""
    shape: tuple[int, ...] = node.args[0].shape
    axes: tuple[int, ...] = node.params[0]
    return 8 * math.prod(shape) * math.prod(shape[k] for k in axes)


def _batch(node: Tensor, axes: int, x: Tensor) -> Tensor:
    inner, keepdims = node.params
    return record_tensor(
        node.rule, (x,), (tuple(k + axes for k in inner), keepdims), (*x.shape[:axes], *node.shape), node.dtype
    )


def _boolean(combine: Callable[..., Boolean]) -> Callable[..., Boolean]:
    return lambda *values: combine(*(v if isinstance(v, Boolean) else sympy.Ne(v, 0) for v in values))


for _op in (
    Op(
        "reduce_max",
        _extreme_pullback,
        numpy=_source(lambda e: e.np.max),
        components=_components(sympy.Max),
        components_cost=_extreme_cost,
        batch=_batch,
        facts=BOUNDED,
        domain=Domain(kinks=HAS_ONE_MAXIMUM),
    ),
    Op(
        "reduce_min",
        _extreme_pullback,
        numpy=_source(lambda e: e.np.min),
        components=_components(sympy.Min),
        components_cost=_extreme_cost,
        batch=_batch,
        facts=BOUNDED,
        domain=Domain(kinks=HAS_ONE_MINIMUM),
    ),
    Op(
        "reduce_prod",
        _prod_pullback,
        numpy=_source(lambda e: e.np.prod),
        components=_components(sympy.Mul),
        batch=_batch,
    ),
    Op(
        "reduce_logsumexp",
        _logsumexp_pullback,
        numpy=_source(lambda e: e.logsumexp, needs_axis=True),
        components=_components(lambda *v: sympy.log(sympy.Add(*map(sympy.exp, v)))),
        batch=_batch,
    ),
    Op(
        "reduce_all",
        differentiable=False,
        numpy=_source(lambda e: e.np.all),
        components=_components(_boolean(sympy.And)),
        batch=_batch,
    ),
    Op(
        "reduce_any",
        differentiable=False,
        numpy=_source(lambda e: e.np.any),
        components=_components(_boolean(sympy.Or)),
        batch=_batch,
    ),
):
    register(_op)


def _require_elements(name: str, tensor: Tensor, axis: Axes) -> None:
    if any(tensor.shape[k] == 0 for k in shapes.normalize_axes(axis, tensor.ndim)):
        raise ValueError(f"{name}: {tensor.name} of shape {shapes.show(tensor.shape)} has no elements along {axis!r}")


def _reduce(
    name: str, value: TensorLike, axis: Axes, keepdims: bool, dtype: str | None = None, empty: bool = True
) -> Tensor:
    tensor = as_tensor(value)
    if isinstance(axis, Tensor):
        axis = axis.numpy().tolist()
    axes = shapes.normalize_axes(axis, tensor.ndim)
    if not empty:
        _require_elements(name, tensor, axis)
    if dtype == "float" and tensor.dtype not in FLOATS:
        tensor = cast(tensor, "float64")
    kind = "bool" if dtype == "bool" else tensor.dtype
    keep = bool(keepdims)
    return record_tensor(TABLE[name], (tensor,), (axes, keep), reduced_shape(tensor.shape, axes, keep), kind)


def reduce_max(input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The largest element over axes.

    Parameters
    ----------
    input_tensor : tensor or array
    axis : int, sequence of int or None
        The axes; None means all.
    keepdims : bool
        Whether they stay, with size 1.

    Returns
    -------
    Tensor
        Of the shape without the axes.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Notes
    -----
    Equal largest elements share the gradient evenly.

    Examples
    --------
    >>> import tracer
    >>> tracer.reduce_max([[1.0, 2.0], [4.0, 3.0]], axis=1).numpy()
    array([2., 4.])
    """
    return _reduce("reduce_max", input_tensor, axis, keepdims, empty=False)


def reduce_min(input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The smallest element over axes; equal ones share the gradient evenly.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_max`.

    Returns
    -------
    Tensor
        Of the shape without the axes.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> import tracer
    >>> tracer.reduce_min([[1.0, 2.0], [3.0, 0.0]], axis=0).numpy()
    array([1., 0.])
    """
    return _reduce("reduce_min", input_tensor, axis, keepdims, empty=False)


def reduce_prod(input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Product over axes; its gradient holds where factors are zero.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_max`.

    Returns
    -------
    Tensor
        An integer one for booleans; one where there are no elements.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.Variable([0.0, 2.0, 3.0])
    >>> tracer.gradients(tracer.reduce_prod(x), x)[0].numpy()
    array([6., 0., 0.])
    """
    tensor = as_tensor(input_tensor)
    return _reduce("reduce_prod", cast(tensor, "int64") if tensor.dtype == "bool" else tensor, axis, keepdims)


def reduce_logsumexp(
    input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """``log(sum(exp(x)))`` over axes, without overflow.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_max`.

    Returns
    -------
    Tensor
        Minus infinity where there are no elements.

    References
    ----------
    Blanchard, Higham and Higham, Accurately computing the log-sum-exp and softmax functions, 2021.

    Examples
    --------
    >>> import tracer
    >>> round(float(tracer.reduce_logsumexp([1000.0, 1000.0])), 3)
    1000.693
    """
    return _reduce("reduce_logsumexp", input_tensor, axis, keepdims, "float")


def reduce_all(input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether all elements over axes are true.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_max`.

    Returns
    -------
    Tensor
        A boolean one, through which no gradient flows.

    Examples
    --------
    >>> import tracer
    >>> tracer.reduce_all([[True, False], [True, True]], axis=0).numpy()
    array([ True, False])
    """
    return _reduce("reduce_all", input_tensor, axis, keepdims, "bool")


def reduce_any(input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether an element over axes is true.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_max`.

    Returns
    -------
    Tensor
        A boolean one, through which no gradient flows.

    Examples
    --------
    >>> import tracer
    >>> tracer.reduce_any([[True, False], [False, False]], axis=0).numpy()
    array([ True, False])
    """
    return _reduce("reduce_any", input_tensor, axis, keepdims, "bool")


def reduce_variance(
    input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Mean of the squared deviations from the mean, over axes.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_max`.

    Returns
    -------
    Tensor
        The sum divided by the number of elements, not by one less.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.reduce_variance([1.0, 3.0]))
    1.0
    """
    x = as_tensor(input_tensor)
    _require_elements("reduce_variance", x, axis)
    return reduce_mean(apply(TABLE["squared_difference"], (x, reduce_mean(x, axis, keepdims=True))), axis, keepdims)


def reduce_std(input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Square root of :func:`reduce_variance`.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_max`.

    Returns
    -------
    Tensor
        Where all elements are equal its gradient is zero, by convention.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.reduce_std([1.0, 3.0]))
    1.0
    """
    x = as_tensor(input_tensor)
    _require_elements("reduce_std", x, axis)
    return apply(NORM_ROOT, (reduce_variance(x, axis, keepdims),))


def reduce_euclidean_norm(
    input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Square root of the sum of squares over axes.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_max`.

    Returns
    -------
    Tensor
        Of the shape without the axes.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.reduce_euclidean_norm([3.0, 4.0]))
    5.0
    """
    x = as_tensor(input_tensor)
    if x.dtype not in FLOATS:
        x = cast(x, "float64")
    return apply(NORM_ROOT, (reduce_sum(apply(TABLE["square"], (x,)), axis, keepdims),))


def count_nonzero(
    input: TensorLike, axis: Axes = None, keepdims: bool = False, dtype: DTypeLike = "int64", name: str | None = None
) -> Tensor:
    """The number of elements over axes that are not zero; no gradient flows through it.

    Parameters
    ----------
    input : tensor or array
    axis, keepdims
        As for :func:`reduce_max`.
    dtype : str, optional
        Of the result.

    Returns
    -------
    Tensor
        Of the shape without the axes.

    Examples
    --------
    >>> import tracer
    >>> int(tracer.count_nonzero([0.0, 2.0, 3.0]))
    2
    """
    x = as_tensor(input)
    hits = x if x.dtype == "bool" else apply(TABLE["not_equal"], (x, 0))
    return reduce_sum(cast(hits, dtype), axis, keepdims)


FUNCTIONS: dict[str, Callable[..., object]] = {
    f.__name__: f
    for f in (
        count_nonzero,
        reduce_all,
        reduce_any,
        reduce_euclidean_norm,
        reduce_logsumexp,
        reduce_max,
        reduce_min,
        reduce_prod,
        reduce_std,
        reduce_variance,
    )
}
