"""Transformations of functions: gradients, Jacobians and Hessians, products with them."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tracer import nest, shapes
from tracer.annotations import Annotation, annotation_of, sizes_of
from tracer.backprop import Derived, backprop, materialise
from tracer.batching import batch, spread
from tracer.dtypes import FLOATS
from tracer.guard import differentiated_by
from tracer.nest import Nest, shown
from tracer.ops.contraction import contract, full, operation
from tracer.rules import TABLE
from tracer.shapes import Shape, Subscripts
from tracer.tensor import (
    Operand,
    Tensor,
    TensorLike,
    apply,
    as_tensor,
    attach_measures,
    constant,
    placeholder,
    record_tensor,
)
from tracer.tracebacks import concise
from tracer.values import as_float

R = TypeVar("R")


def grad(fun: Callable[..., object], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The gradient of a scalar function, as a function.

    Parameters
    ----------
    fun : callable
        Takes tensors, numbers or arrays, or nests of them, and returns a scalar.
    argnums : int or sequence of int, optional
        By which arguments to differentiate.
    has_aux : bool, optional
        Whether ``fun`` returns a pair of the scalar and something to pass on.

    Returns
    -------
    callable
        Of the same arguments; a gradient of the shape of its argument, zeros where it is not connected, and a tuple
        where ``argnums`` is a sequence. A formula shows plain numbers and arrays as symbols, named after the
        parameters of ``fun``. An argument whose parameter has an annotation such as ``Float[Array, "n m"]``,
        jaxtyping's, may be left out: a placeholder of that name, shape and dtype stands for it.

    Raises
    ------
    TypeError
        If ``fun`` does not return a scalar, or an argument to differentiate by is not of a floating dtype.
    ValueError
        If an array contradicts the shape that is annotated.

    Examples
    --------
    >>> import tracer
    >>> def f(x):
    ...     return x**3 + 2 * x
    >>> g = tracer.grad(f)(2.0)
    >>> print(g.formula(), float(g))
    3*x**2 + 2 14.0
    >>> def loss(w: 'Float[Array, "m"]', X: 'Float[Array, "n m"]', y: 'Float[Array, "n"]'):
    ...     return tracer.reduce_sum((X @ w - y) ** 2)
    >>> tracer.grad(loss)().formula()
    2*X.T*(X*w - y)
    """
    both = value_and_grad(fun, argnums, has_aux)

    def gradient(*args: object, **kwargs: object) -> object:
        value, answer = both(*args, **kwargs)
        return (answer, value[1]) if has_aux else answer

    return _named(gradient, fun, "gradient")


def value_and_grad(
    fun: Callable[..., object], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The value and the gradient of a scalar function, as one function.

    Parameters
    ----------
    fun, argnums, has_aux
        As for :func:`grad`.

    Returns
    -------
    callable
        Of the same arguments; it returns the value, in a pair with what ``fun`` passes on where ``has_aux`` is true,
        and the gradient as :func:`grad` has it.

    Raises
    ------
    TypeError
        If ``fun`` does not return a scalar, or an argument to differentiate by is not of a floating dtype.

    Examples
    --------
    >>> import tracer
    >>> value, gradient = tracer.value_and_grad(lambda x: x**3)(tracer.symbols("x"))
    >>> print(value.formula(), gradient.formula())
    x**3 3*x**2
    """

    def both(*args: object, **kwargs: object) -> tuple[object, object]:
        args, kwargs = _filled(fun, args, kwargs)
        inputs, chosen = _inputs(fun, args, argnums)
        result: Any = _called(fun, inputs, chosen, **kwargs)
        value = as_tensor(result[0] if has_aux else result)
        if value.shape:
            raise TypeError(
                f"grad takes a function that returns a scalar, {_name(fun)} returned the shape "
                f"{shapes.show(value.shape)}; sum it with reduce_sum, or use jacobian"
            )
        leaves = nest.flatten(chosen)
        pairs: list[tuple[Tensor, Operand]] = [(value, 1)]
        cotangents = backprop(pairs, leaves) if value.dtype in FLOATS else [None] * len(leaves)
        found = [_gradient(c, s, pairs) for c, s in zip(cotangents, leaves)]
        return ((value, result[1]) if has_aux else value), _shaped(chosen, found, argnums)

    return _named(both, fun, "value and gradient")


def jacobian(fun: Callable[..., object], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The Jacobian of a function, as a function.

    Parameters
    ----------
    fun : callable
        Takes tensors, numbers or arrays, or nests of them, and returns a tensor of any shape, or a nest of tensors.
    argnums
        As for :func:`grad`.

    Returns
    -------
    callable
        Of the same arguments; answers a tensor of the result's shape followed by the argument's.

    Examples
    --------
    >>> import tracer
    >>> A = tracer.placeholder("A", shape=("n", "m"))
    >>> x = tracer.placeholder("x", shape=("m",))
    >>> tracer.jacobian(lambda x: A @ x)(x).formula()
    A
    """

    def jacobians(*args: object, **kwargs: object) -> object:
        args, kwargs = _filled(fun, args, kwargs)
        inputs, chosen = _inputs(fun, args, argnums)
        leaves = nest.flatten(chosen)

        def of(value: TensorLike) -> object:
            target = as_tensor(value)
            found = jacobian_of(target, leaves)
            return _shaped(chosen, [_zeros(s, target) if j is None else j for j, s in zip(found, leaves)], argnums)

        return nest.map_leaves(of, _called(fun, inputs, chosen, **kwargs))

    return _named(jacobians, fun, "Jacobian")


def hessian(fun: Callable[..., object], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The Hessian of a scalar function, as a function.

    Parameters
    ----------
    fun, argnums
        As for :func:`grad`.

    Returns
    -------
    callable
        Of the same arguments; answers a tensor with the shape of the argument twice, and for several arguments a tuple
        of tuples: block i, j is the derivative of the gradient by argument i by argument j.

    Examples
    --------
    >>> import tracer
    >>> A = tracer.placeholder("A", shape=("n", "n"))
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> tracer.hessian(lambda x: tracer.reduce_sum(x * (A @ x)))(x).formula()
    A.T + A
    """
    return _named(jacobian(grad(fun, argnums), argnums), fun, "Hessian")


def vjp(fun: Callable[..., R], *primals: Nest[TensorLike]) -> tuple[R, Callable[[Nest[TensorLike]], tuple[Any, ...]]]:
    """The value of a function, and the map from a cotangent of it to the cotangents of its arguments.

    Parameters
    ----------
    fun : callable
        Takes tensors, numbers or arrays, or nests of them, and returns a tensor or a nest.
    *primals : tensor, number, array or nest
        Its arguments.

    Returns
    -------
    value : Tensor or nest
    pull : callable
        Takes a cotangent of the structure and shapes of the value, and returns a tuple: a cotangent for each argument.

    Examples
    --------
    >>> import tracer
    >>> value, pull = tracer.vjp(lambda x: x * x, 3.0)
    >>> float(value), float(pull(1.0)[0])
    (9.0, 6.0)
    """
    inputs, chosen = _inputs(fun, primals, tuple(range(len(primals))))
    value: R = nest.map_leaves(as_tensor, _called(fun, inputs, chosen))
    leaves = nest.flatten(inputs)

    def pull(cotangent: Nest[TensorLike]) -> tuple[object, ...]:
        targets, seeds = nest.flatten(value), [as_tensor(c) for c in nest.flatten_up_to(value, cotangent)]
        for t, c in zip(targets, seeds):
            _require_shape("cotangent", c, t)
        pairs = [p for p in zip(targets, seeds) if p[0].dtype in FLOATS]
        return tuple(nest.pack(inputs, [_gradient(c, s, pairs) for c, s in zip(backprop(pairs, leaves), leaves)]))

    return value, pull


def jvp(
    fun: Callable[..., R], primals: Sequence[Nest[TensorLike]], tangents: Sequence[Nest[TensorLike]]
) -> tuple[R, R]:
    """The value of a function, and its derivative along tangents of its arguments.

    Parameters
    ----------
    fun : callable
    primals, tangents : sequences of equal structure and shapes

    Returns
    -------
    (value, tangent)

    Raises
    ------
    TypeError
        If primals or tangents are no sequence.

    Examples
    --------
    >>> import tracer
    >>> value, tangent = tracer.jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    >>> float(tangent)
    4.0
    """
    if not isinstance(primals, (list, tuple)) or not isinstance(tangents, (list, tuple)):
        raise TypeError("jvp takes a sequence of primals and one of tangents; write jvp(f, (x,), (v,))")
    inputs, chosen = _inputs(fun, tuple(primals), tuple(range(len(primals))))
    leaves, directions = nest.flatten(inputs), [as_tensor(t) for t in nest.flatten_up_to(inputs, list(tangents))]
    for x, v in zip(leaves, directions):
        _require_shape("tangent", v, x)
    value: R = nest.map_leaves(as_tensor, _called(fun, inputs, chosen))

    def along(y: Tensor) -> Tensor:
        tangent = pushforward(y, leaves, directions)
        if tangent is None:
            return _zeros(y)
        return attach_measures(tangent, (y, *leaves)) if len(leaves) == 1 else tangent

    return value, nest.map_leaves(along, value)


def pushforward(
    target: Tensor,
    sources: Sequence[Tensor],
    tangents: Sequence[Tensor],
    stop: Callable[[Tensor], bool] | None = None,
    watched: Callable[[Tensor, Tensor], bool] | None = None,
) -> Tensor | None:
    """The derivative of a target along tangents of sources; None where no source is connected.

    The reverse pass is linear in its cotangent; its transpose, by a second reverse pass, is the forward derivative
    (Griewank and Walther, Evaluating Derivatives, 2nd ed., section 3.2).
    """
    if target.dtype not in FLOATS:
        return None
    cotangent = placeholder("_cotangent", target.shape, target.dtype)
    found = backprop([(target, cotangent)], sources, stop, watched)
    linear = [(materialise(c, s), v) for c, s, v in zip(found, sources, tangents) if c is not None]
    if not linear:
        return None
    (result,) = backprop(linear, [cotangent])
    return _zeros(target) if result is None else materialise(result, target)


def jacobian_of(
    target: Tensor,
    sources: Sequence[Tensor],
    stop: Callable[[Tensor], bool] | None = None,
    watched: Callable[[Tensor, Tensor], bool] | None = None,
) -> list[Tensor | None]:
    """The Jacobian of a target by each source; None where it is not connected."""
    axes = tuple(range(target.ndim))
    return _seeded(target, sources, Subscripts((), (*axes, *axes)), target.shape, stop, watched)


def batch_jacobian_of(
    target: Tensor,
    source: Tensor,
    stop: Callable[[Tensor], bool] | None = None,
    watched: Callable[[Tensor, Tensor], bool] | None = None,
) -> Tensor:
    """The Jacobians of rows by rows: the cotangent is a delta in the axes after the first, the same for every row."""
    axes = tuple(range(1, target.ndim))
    rows = _seeded(target, [source], Subscripts((), (*axes, 0, *axes)), target.shape[1:], stop, watched)[0]
    shape = (target.shape[0], *target.shape[1:], *source.shape[1:])
    if rows is None:
        return full(shape, 0, "zeros", source.dtype)
    labels = tuple(range(rows.ndim))
    first = len(axes)
    return contract("transpose", (rows,), Subscripts((labels,), (first, *labels[:first], *labels[first + 1 :])))


def _seeded(
    target: Tensor,
    sources: Sequence[Tensor],
    delta: Subscripts,
    dims: Shape,
    stop: Callable[[Tensor], bool] | None,
    watched: Callable[[Tensor, Tensor], bool] | None,
) -> list[Tensor | None]:
    """The cotangents of the sources, with leading axes ``dims``, for a constant cotangent with them."""
    answers: list[Tensor | None] = [None] * len(sources)
    if target.dtype not in FLOATS:
        return answers
    cotangent = placeholder("_cotangent", target.shape, target.dtype)
    found = backprop([(target, cotangent)], sources, stop, watched)
    connected = [(k, materialise(c, s)) for k, (c, s) in enumerate(zip(found, sources)) if c is not None]
    seed = record_tensor(operation("eye"), (), delta, (*dims, *target.shape), target.dtype)
    made = batch([t for _, t in connected], {cotangent.node: seed}, dims)
    for (k, plain), batched in zip(connected, made):
        answers[k] = attach_measures(spread(batched, dims) if batched is plain else batched, (target, sources[k]))
    return answers


def _filled(
    fun: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The arguments of a call, with placeholders for those that are left out and whose shape is annotated."""
    parameters = _parameters(fun)
    scope = getattr(inspect.unwrap(fun), "__globals__", {})
    annotated = {p.name: a for p in parameters if (a := annotation_of(p, scope)) is not None}
    if not annotated:
        return args, kwargs
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    given = kwargs | dict(zip((p.name for p in positional), args))
    arrays = [(name, annotated[name], shape) for name in annotated if (shape := _shape_of(given.get(name))) is not None]
    known = sizes_of(arrays)
    absent = [p for p in parameters if p.name in annotated and p.name not in given and p.default is p.empty]
    made = {p.name: _annotated(p.name, annotated[p.name], known) for p in absent}
    if not made:
        return args, kwargs
    kwargs, filled = kwargs | made, list(args)
    for p in positional[len(args) :]:
        if p.name not in kwargs:
            break
        filled.append(kwargs.pop(p.name))
    return tuple(filled), kwargs


def _annotated(name: str, annotation: Annotation, known: Mapping[str, shapes.Dim]) -> Tensor:
    """A placeholder as a parameter is annotated."""
    if annotation.dtype is None:
        raise TypeError(f"{name} is annotated {annotation.text}, and tensors have no such dtype; give the argument")
    return placeholder(name, annotation.shape(name, known), annotation.dtype)


def _shape_of(value: object) -> Shape | None:
    """The shape of a tensor, an array or a number; None of anything else."""
    if isinstance(value, (int, float)):
        return ()
    shape = getattr(value, "shape", None)
    return tuple(shape) if isinstance(shape, tuple) else None


def _called(fun: Callable[..., R], inputs: list[object], chosen: tuple[object, ...], **kwargs: object) -> R:
    """The function of its inputs; what depends on the chosen ones must not leave the trace meanwhile."""
    with differentiated_by(nest.flatten(chosen)):
        return fun(*inputs, **kwargs)


def _require_shape(what: str, given: Tensor, wanted: Tensor) -> None:
    if given.shape != wanted.shape:
        raise ValueError(
            f"the {what} for {wanted.name} has the shape {shapes.show(given.shape)}, "
            f"it must be {shapes.show(wanted.shape)}"
        )


def _gradient(cotangent: Operand | None, source: Tensor, targets: Sequence[tuple[Tensor, Operand]]) -> Tensor:
    """The gradient of a source, given what was asked for of the targets with their cotangents."""
    if cotangent is None:
        return _zeros(source)
    derived = Derived(targets, [source])
    made = materialise(cotangent, source)
    made = made if derived.is_given(made) else derived.attach(made)
    return attach_measures(made, (*(t for t, _ in targets), source))


def _zeros(source: Tensor, target: Tensor | None = None) -> Tensor:
    shape = (target.shape if target is not None else ()) + source.shape
    return attach_measures(full(shape, 0, "zeros", source.dtype), (source,) if target is None else (target, source))


def _shaped(chosen: tuple[object, ...], found: list[Tensor], argnums: int | Sequence[int]) -> object:
    packed = nest.pack(chosen, found)
    return packed[0] if isinstance(argnums, int) else packed


def _inputs(
    fun: Callable[..., object], args: tuple[object, ...], argnums: int | Sequence[int]
) -> tuple[list[object], tuple[object, ...]]:
    """The arguments as fresh tensors, so that nested derivatives by the same tensor stay apart; and the chosen ones."""
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    wanted = []
    for n in numbers:
        if not -len(args) <= n < len(args):
            raise ValueError(
                f"argnums is {n}, {_name(fun)} was called with {len(args)} positional arguments; "
                "pass by position what to differentiate by"
            )
        wanted.append(n % len(args))
    names = _parameter_names(fun, len(args))
    inputs = [_fresh(value, names[k], k in wanted) for k, value in enumerate(args)]
    return inputs, tuple(inputs[k] for k in wanted)


def _fresh(value: Any, name: str, differentiable: bool) -> object:
    if nest.is_nest(value) and not _is_array_like(value):
        return nest.map_leaves(lambda leaf: _fresh(leaf, name, differentiable), value)
    if isinstance(value, Tensor):
        tensor = value.read()
        if differentiable:
            tensor = apply(TABLE["identity"], (tensor,))
    elif value is None or isinstance(value, (str, bytes)) or callable(value):
        if differentiable:
            raise TypeError(
                f"the argument {name} is {shown(value)}; to differentiate by it give a number, an array or a tensor"
            )
        return value
    else:
        plain = differentiable and isinstance(value, int) and not isinstance(value, bool)
        tensor = constant(as_float(value) if plain else value, _bind=False)
        tensor.label = name
    if differentiable and tensor.dtype not in FLOATS:
        raise TypeError(
            f"the argument {name} has the dtype {tensor.dtype}, which has no derivative; give floats, such as 3.0"
        )
    return tensor


def _is_array_like(value: object) -> bool:
    """Whether a list is rows of numbers rather than a nest of tensors or arrays."""
    return (
        isinstance(value, list) and all(isinstance(leaf, (int, float)) for leaf in nest.flatten(value)) and bool(value)
    )


def _refuse_uncallable(fun: object) -> None:
    if not callable(fun):
        raise TypeError(f"only functions have derivatives, got {shown(fun)}; write for instance grad(lambda x: x**2)")


def _parameters(fun: Callable[..., object]) -> list[inspect.Parameter]:
    """The parameters of a function, as far as Python knows them."""
    try:
        return list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        return []


def _parameter_names(fun: Callable[..., object], count: int) -> list[str]:
    _refuse_uncallable(fun)
    positional = [p.name for p in _parameters(fun) if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [positional[k] if k < len(positional) else f"x{k + 1}" for k in range(count)]


def _name(fun: Callable[..., object]) -> str:
    return getattr(fun, "__name__", None) or shown(fun)


def _named(function: Callable[..., object], fun: Callable[..., object], what: str) -> Callable[..., Any]:
    _refuse_uncallable(fun)
    function.__name__ = _name(fun)
    function.__doc__ = f"The {what} of {_name(fun)}."
    with contextlib.suppress(TypeError, ValueError):
        vars(function).update(__signature__=inspect.signature(fun), __wrapped__=fun)
    return concise(function)
