"""Control flow: branches on values or on symbolic conditions, loops, and functions mapped over a leading axis."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import Token
from typing import Any, SupportsIndex, TypeVar

from tracer import nest, shapes
from tracer.batching import batch, spread
from tracer.dtypes import DTypeLike
from tracer.nest import Nest, shown
from tracer.ops.structure import moveaxis, stack
from tracer.rules import TABLE
from tracer.tensor import SOURCES, Context, Tensor, TensorLike, apply, as_tensor, context, has_number, placeholder
from tracer.tensor_array import TensorArray
from tracer.tracebacks import concise, concise_methods
from tracer.walk import ancestors

R = TypeVar("R")
Variables = TypeVar("Variables", bound=Sequence[object])


def has_value(tensor: Tensor) -> bool:
    """Whether every source that a tensor depends on has a value."""
    behind = ancestors([tensor], stop=has_number)
    return all(t.value is not None for t in behind if t.rule in SOURCES)


def cond(
    pred: TensorLike,
    true_fn: Callable[[], R] | None = None,
    false_fn: Callable[[], R] | None = None,
    name: str | None = None,
) -> R:
    """One of two branches, by a condition.

    Parameters
    ----------
    pred : bool or scalar tensor
        With a value, the branch that it chooses is run. Without one, both are, and ``where`` chooses.
    true_fn, false_fn : callable
        Without arguments; where both are run they return tensors of equal structure.

    Returns
    -------
    Tensor, nest of tensors, or whatever the branch that is run returns

    Raises
    ------
    TypeError
        If a branch is no function.
    ValueError
        If a condition without a value is not a scalar, or the branches return different numbers of tensors.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> print(tracer.cond(x > 0, lambda: x, lambda: x**2).formula())
    where(x > 0, x, x**2)
    """
    if not callable(true_fn) or not callable(false_fn):
        raise TypeError(
            f"cond takes two functions without arguments, got {shown(true_fn)} and {shown(false_fn)}; "
            "write cond(pred, lambda: a, lambda: b)"
        )
    if not isinstance(pred, Tensor) or has_value(as_tensor(pred)):
        return true_fn() if bool(pred) else false_fn()
    _require_scalar("cond", as_tensor(pred))
    return _select(pred, true_fn(), false_fn())


def _select(pred: Tensor, if_true: R, if_false: R) -> R:
    """The results of two branches, chosen by a condition leaf by leaf."""
    first, second = nest.flatten(if_true), nest.flatten(if_false)
    if len(first) != len(second):
        raise ValueError(f"the branches return {len(first)} and {len(second)} tensors; return equal structures")
    chosen: R = nest.pack(if_true, [apply(TABLE["where"], (pred, a, b)) for a, b in zip(first, second)])
    return chosen


def _require_functions(what: str, *functions: object) -> None:
    for function in functions:
        if not callable(function):
            raise TypeError(f"{what} takes functions, such as lambda x: 2 * x, got {shown(function)}")


def _require_scalar(what: str, tensor: Tensor) -> None:
    if tensor.shape:
        raise ValueError(
            f"{what}: the condition has the shape {shapes.show(tensor.shape)}, a scalar is needed; use where"
        )


def case(
    pred_fn_pairs: Iterable[tuple[TensorLike, Callable[[], R]]] | Mapping[Tensor, Callable[[], R]],
    default: Callable[[], R] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> R:
    """The first of several branches whose condition holds.

    Parameters
    ----------
    pred_fn_pairs : sequence of pairs, or dict
        Each a condition and a function without arguments, as for :func:`cond`.
    default : callable, optional
        What is run where no condition holds; by default the last branch.
    exclusive, strict : bool, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor, nest of tensors, or whatever the branch that is run returns

    Raises
    ------
    TypeError
        If something is no pair of a condition and a function.
    ValueError
        If there are neither branches nor a default.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.constant(-3.0)
    >>> float(tracer.case([(x > 0, lambda: x), (x < 0, lambda: -x)], default=lambda: 0.0 * x))
    3.0
    """
    what = "case takes pairs of a condition and a function"
    pairs = nest.list_items(pred_fn_pairs.items() if isinstance(pred_fn_pairs, Mapping) else pred_fn_pairs, what)
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not callable(pair[1]):
            raise TypeError(f"{what}, got {shown(pair)} among them")
    if default is None:
        if not pairs:
            raise ValueError("case got neither branches nor a default; give a pair of a condition and a function")
        *pairs, (_, default) = pairs
    choose = default
    for pred, branch in reversed(pairs):
        choose = functools.partial(cond, pred, branch, choose)
    return choose()


def switch_case(
    branch_index: SupportsIndex,
    branch_fns: Iterable[Callable[[], R] | tuple[SupportsIndex, Callable[[], R]]] | Mapping[int, Callable[[], R]],
    default: Callable[[], R] | None = None,
    name: str = "switch_case",
) -> R:
    """The branch with a given index.

    Parameters
    ----------
    branch_index : int or scalar integer tensor
        With a value, that branch is run. Without one, all are, and ``where`` chooses.
    branch_fns : sequence of callable, sequence of pairs, or dict
        Functions without arguments, numbered from 0 or each with its index.
    default : callable, optional
        What is run where there is no such branch; by default the one of the largest index.

    Returns
    -------
    Tensor, nest of tensors, or whatever the branch that is run returns

    Raises
    ------
    TypeError
        If a branch is no function, or something is no pair.
    ValueError
        If there are no branches.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.switch_case(1, [lambda: 2.0, lambda: 3.0]))
    3.0
    """
    what = "switch_case takes functions, or pairs of an index and a function"
    items: list[Any] = nest.list_items(branch_fns.items() if isinstance(branch_fns, Mapping) else branch_fns, what)
    paired = isinstance(branch_fns, Mapping) or any(isinstance(f, tuple) for f in items)
    for item in items:
        if not (isinstance(item, tuple) and len(item) == 2 and callable(item[1]) if paired else callable(item)):
            raise TypeError(f"{what}, got {shown(item)} among them")
    numbered = items if paired else enumerate(items)
    branches: dict[int, Callable[[], R]] = {shapes.integer(k, "the index of a branch"): f for k, f in numbered}
    if not branches:
        raise ValueError("switch_case got no branches; give one function at least")
    fallback = default if default is not None else branches[max(branches)]
    if not isinstance(branch_index, Tensor) or has_value(as_tensor(branch_index)):
        return branches.get(shapes.integer(branch_index, "a branch index"), fallback)()
    pairs = [(apply(TABLE["equal"], (branch_index, k)), f) for k, f in sorted(branches.items())]
    return case(pairs, fallback)


def while_loop(
    cond: Callable[..., TensorLike],
    body: Callable[..., object],
    loop_vars: Variables,
    shape_invariants: object = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: SupportsIndex | None = None,
    name: str | None = None,
) -> Variables:
    """Change loop variables while a condition holds; each turn is traced.

    Parameters
    ----------
    cond : callable
        Of the loop variables; its result needs a value.
    body : callable
        Of the loop variables; it returns as many new ones.
    loop_vars : list or tuple
        Tensors, numbers, arrays, or nests of them.
    maximum_iterations : int, optional
        How many turns there are at the most.
    shape_invariants, parallel_iterations, back_prop, swap_memory : optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    list or tuple
        The last loop variables, as tensors.

    Raises
    ------
    TypeError
        If the first two are no functions, or the loop variables are no list or tuple.
    ValueError
        If the body returns another number of values.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> print(tracer.while_loop(lambda k, y: k < 3, lambda k, y: (k + 1, y * x), (0, x))[1].formula())
    x**4
    """
    variables = loop_vars
    limit = None if maximum_iterations is None else shapes.integer(maximum_iterations, "maximum_iterations")
    _require_functions("while_loop", cond, body)
    if not isinstance(variables, (list, tuple)):
        raise TypeError(f"the loop variables of while_loop are a list or a tuple, got {shown(variables)}")
    count = 0
    while (limit is None or count < limit) and bool(cond(*variables)):
        result = body(*variables)
        variables = nest.sequence_like(loop_vars, result if isinstance(result, (list, tuple)) else [result])
        if len(variables) != len(loop_vars):
            raise ValueError(
                f"the body of while_loop returns {len(variables)} values for {len(loop_vars)} loop variables; "
                "return a new value for each"
            )
        count += 1
    last: Variables = nest.map_leaves(lambda v: v if isinstance(v, TensorArray) else as_tensor(v), variables)
    return last


def _split_rows(what: str, elems: Nest[TensorLike]) -> list[Any]:
    """The rows of a nest of tensors along their concrete first axis."""
    leaves = [as_tensor(t) for t in nest.flatten(elems)]
    lengths = {t.shape[0] if t.shape else None for t in leaves}
    if len(lengths) != 1 or None in lengths:
        raise ValueError(
            f"{what} needs tensors with one first dimension, got the shapes "
            f"{', '.join(shapes.show(t.shape) for t in leaves) or 'of no tensors'}"
        )
    (length,) = lengths
    if not isinstance(length, int):
        raise ValueError(f"{what} runs over a concrete first axis, it is {length}; use vectorized_map")
    return [nest.pack(elems, [t[k] for t in leaves]) for k in range(length)]


def _stack_rows(rows: Sequence[R]) -> R:
    """A nest of tensors from nests of their rows."""
    columns = zip(*(nest.flatten(r) for r in rows))
    stacked: R = nest.pack(rows[0], [stack(list(column)) for column in columns])
    return stacked


def scan(
    fn: Callable[[R, Any], R],
    elems: Nest[TensorLike],
    initializer: R | None = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> R:
    """All partial results of folding ``fn(accumulated, element)`` over the first axis, stacked.

    Parameters
    ----------
    fn : callable
        Of what is accumulated and a row of ``elems``, each a tensor or a nest; it returns what is accumulated then.
    elems : tensor, array or nest
        The size of the first axis is concrete.
    initializer : tensor, array or nest, optional
        What to begin with; by default the first row.
    reverse : bool, optional
        Whether to begin at the end; results stand where their rows do.
    parallel_iterations, back_prop, swap_memory, infer_shape : optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor or nest
        With the first axis of ``elems``.

    Raises
    ------
    ValueError
        If that axis is symbolic or empty.

    Examples
    --------
    >>> import tracer
    >>> tracer.scan(lambda total, x: total + x, tracer.constant([1.0, 2.0, 3.0])).numpy()
    array([1., 3., 6.])
    """
    _require_functions("scan", fn)
    rows = _split_rows("scan", elems)
    if reverse:
        rows.reverse()
    results: list[R] = list(itertools.accumulate(rows, fn, initial=initializer))
    if initializer is not None:
        del results[0]
    if not results:
        raise ValueError("scan over an empty axis has no results to stack; give elems one row at least")
    return _stack_rows(results[::-1] if reverse else results)


def foldl(
    fn: Callable[[R, Any], R],
    elems: Nest[TensorLike],
    initializer: R | None = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> R:
    """The result of folding ``fn(accumulated, element)`` over the first axis.

    Parameters
    ----------
    fn, elems, initializer, parallel_iterations, back_prop, swap_memory
        As for :func:`scan`.

    Returns
    -------
    Tensor or nest
        What is accumulated in the end.

    Raises
    ------
    ValueError
        If the first axis is symbolic, or empty without an initializer.

    Examples
    --------
    >>> import tracer
    >>> tracer.foldl(lambda total, x: 10 * total + x, tracer.constant([1.0, 2.0, 3.0])).numpy()
    np.float64(123.0)
    """
    return _fold(fn, _split_rows("foldl", elems), initializer)


def foldr(
    fn: Callable[[R, Any], R],
    elems: Nest[TensorLike],
    initializer: R | None = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> R:
    """The result of folding ``fn(accumulated, element)`` over the first axis, from its end.

    Parameters
    ----------
    fn, elems, initializer, parallel_iterations, back_prop, swap_memory
        As for :func:`scan`.

    Returns
    -------
    Tensor or nest
        What is accumulated in the end.

    Raises
    ------
    ValueError
        If the first axis is symbolic, or empty without an initializer.

    Examples
    --------
    >>> import tracer
    >>> tracer.foldr(lambda total, x: 10 * total + x, tracer.constant([1.0, 2.0, 3.0])).numpy()
    np.float64(321.0)
    """
    return _fold(fn, _split_rows("foldr", elems)[::-1], initializer)


def _fold(fn: Callable[[R, Any], R], rows: list[Any], initializer: R | None) -> R:
    _require_functions("a fold", fn)
    if initializer is None:
        if not rows:
            raise ValueError("a fold over an empty axis needs a value to begin with; give initializer=")
        initializer, *rows = rows
    return functools.reduce(fn, rows, initializer)


def map_fn(
    fn: Callable[..., R],
    elems: Nest[TensorLike],
    dtype: DTypeLike = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: object = None,
) -> R:
    """``fn`` of each row along the first axis, stacked.

    Parameters
    ----------
    fn : callable
        Of a row of ``elems``; it returns a tensor or a nest.
    elems : tensor, array or nest
        The size of the first axis is concrete.
    dtype, parallel_iterations, back_prop, swap_memory, infer_shape, fn_output_signature : optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor or nest
        With the first axis of ``elems``.

    Raises
    ------
    ValueError
        If that axis is symbolic, which :func:`vectorized_map` serves, or empty.

    Examples
    --------
    >>> import tracer
    >>> tracer.map_fn(tracer.reduce_sum, tracer.constant([[1.0, 2.0], [3.0, 4.0]])).numpy()
    array([3., 7.])
    """
    _require_functions("map_fn", fn)
    rows = _split_rows("map_fn", elems)
    if not rows:
        raise ValueError("map_fn over an empty axis: nothing says what the function gives; leave it out")
    return _stack_rows([fn(row) for row in rows])


def vectorized_map(
    fn: Callable[..., R], elems: Nest[TensorLike], fallback_to_while_loop: bool = True, warn: bool = True
) -> R:
    """``fn`` of each row along the first axis, traced once.

    Parameters
    ----------
    fn : callable
        Of a row of ``elems``; it returns a tensor or a nest.
    elems : tensor, array or nest
        The size of the first axis may be symbolic.
    fallback_to_while_loop, warn : bool, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor or nest
        With the first axis of ``elems``.

    Examples
    --------
    >>> import tracer
    >>> X = tracer.placeholder("X", shape=("n", "m"))
    >>> tracer.vectorized_map(lambda row: tracer.reduce_sum(row * row), X).shape
    (n,)
    """
    _require_functions("vectorized_map", fn)
    return vmap(lambda rows: fn(rows))(elems)


def vmap(fun: Callable[..., R], in_axes: int | Sequence[int | None] | None = 0, out_axes: int = 0) -> Callable[..., R]:
    """A function mapped over an axis of its arguments.

    Parameters
    ----------
    fun : callable
        Of tensors or nests of them.
    in_axes : int, None or sequence of these, optional
        The axis of each argument; None for what is the same for all.
    out_axes : int, optional
        Where the axis stands in the results.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If the mapped dimensions differ, or there are none.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", shape=("n", "m")), tracer.placeholder("w", shape=("m",))
    >>> tracer.vmap(lambda x, w: tracer.reduce_sum(x * w), in_axes=(0, None))(X, w).formula()
    X*w
    """

    def mapped(*args: Nest[TensorLike]) -> R:
        axes = in_axes if isinstance(in_axes, (list, tuple)) else (in_axes,) * len(args)
        if len(axes) != len(args):
            raise ValueError(
                f"vmap: in_axes has {len(axes)} entries for {len(args)} arguments; give each an axis, or None"
            )
        inputs: dict[int, Tensor] = {}
        rows = [_enter_rows(arg, axis, inputs) for arg, axis in zip(args, axes)]
        dims = {t.shape[0] for t in inputs.values()}
        if len(dims) != 1:
            raise ValueError(
                f"vmap maps over one dimension, got {', '.join(sorted(map(str, dims))) or 'none'}; "
                "in_axes says which axis of each argument it is, None for an argument that is the same for all"
            )
        result = fun(*rows)
        outputs = [as_tensor(t) for t in nest.flatten(result)]
        batches = [
            spread(t, tuple(dims)) if b is t and t.node not in inputs else b
            for t, b in zip(outputs, batch(outputs, inputs, tuple(dims)))
        ]
        moved: R = nest.pack(result, [moveaxis(b, 0, out_axes) if out_axes else b for b in batches])
        return moved

    return concise(functools.wraps(fun)(mapped))


def _enter_rows(arg: object, axis: int | None, inputs: dict[int, Tensor]) -> Any:
    """An argument with a placeholder of one row for each tensor, whose rows go into ``inputs``."""
    if axis is None:
        return arg

    def row(leaf: TensorLike) -> Tensor:
        tensor = as_tensor(leaf)
        position = shapes.normalize_axis(axis, tensor.ndim)
        moved = moveaxis(tensor, position, 0) if position else tensor
        stand_in = placeholder("_row", moved.shape[1:], moved.dtype)
        inputs[stand_in.node] = moved
        return stand_in

    return nest.map_leaves(row, arg)


@concise_methods("__init__")
class name_scope(AbstractContextManager[str]):
    """Put a name before those of the operations in the block; pictures group them by it.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> with tracer.name_scope("layer1"):
    ...     y = tracer.tanh(x)
    >>> y.name.startswith("layer1/tanh")
    True
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"name_scope takes a non-empty string, got {shown(name)}")
        self.name = name
        self._tokens: list[Token[Context]] = []

    def __enter__(self) -> str:
        scope = (*context.get().scope, self.name)
        self._tokens.append(context.set(context.get()._replace(scope=scope)))
        return "/".join(scope) + "/"

    def __exit__(self, *error: object) -> None:
        context.reset(self._tokens.pop())


FUNCTIONS: dict[str, Callable[..., object]] = {
    f.__name__: f
    for f in (
        cond, case, switch_case, while_loop, scan, foldl, foldr, map_fn, vectorized_map, vmap, name_scope,
    )
}  # fmt: skip
