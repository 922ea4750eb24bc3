"""Indexing: one operation that takes elements, and its adjoint, which adds them into zeros.

Each is the gradient of the other, so that all indexing, gathering and scattering has one rule.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import index as as_int
from types import EllipsisType
from typing import NamedTuple, TypeAlias

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS, INTEGERS, promote
from tracer.nest import list_items, shown
from tracer.ops import selection
from tracer.ops.contraction import squeeze, transpose
from tracer.ops.selection import Array, Entry, Index, Slice
from tracer.python_code import Code, hold
from tracer.python_scope import Operation, Scope, shape_of
from tracer.rules import MOVES, Op, register
from tracer.shapes import Axes, Dim, Shape, ShapeLike
from tracer.tensor import (
    CONSTANT,
    Operand,
    Tensor,
    TensorLike,
    as_operand,
    as_tensor,
    constant,
    known_size,
    record_tensor,
)
from tracer.tensor_shape import SCALAR

Part: TypeAlias = "Operand | slice | Chosen | EllipsisType | None"
"""What stands in an index for an axis, for none, or for several."""


PIECES = 4
"""So many pieces of a vector are added one by one."""


def positions(index: Index) -> list[int]:
    """The operands that are index arrays."""
    return [entry.position for entry in index if type(entry) is Array]


def take(x: Tensor, index: Index, arrays: Sequence[Tensor] = ()) -> Tensor:
    """Record the elements that an index in normal form takes; its arrays are operands 1, 2, ..."""
    names = [f"index array {t.name}" for t in arrays]
    shape = selection.layout(index, x.shape, [t.shape for t in arrays], names).shape
    return record_tensor(GETITEM, (x, *arrays), index, shape, x.dtype)


def _take_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor | None:
    if position:
        return None
    index: Index = node.params
    if None in index and len(node.args) == 1:
        # New axes are none of what is scattered: each stands where it is written, among the axes that no number takes.
        kept = [entry for entry in index if entry is None or type(entry) is Slice]
        cotangent = squeeze(cotangent, [k for k, entry in enumerate(kept) if entry is None])
        index = selection.trimmed([entry for entry in index if entry is not None], node.args[0].shape)
    if not index:
        return cotangent
    return record_tensor(SCATTER, (cotangent, *node.args[1:]), (index,), node.args[0].shape, cotangent.dtype)


def place(updates: Sequence[tuple[Tensor, Index, Sequence[Tensor]]], shape: Shape) -> Tensor:
    """Record zeros of a shape to which tensors are added, each where its index takes elements."""
    indices: list[Index] = []
    operands: list[Tensor] = []
    for _, index, arrays in updates:
        fresh = itertools.count(len(updates) + len(operands))
        indices.append(tuple(Array(next(fresh)) if type(entry) is Array else entry for entry in index))
        operands += arrays
    values = tuple(value for value, _, _ in updates)
    return record_tensor(SCATTER, (*values, *operands), tuple(indices), shape, promote(*(v.dtype for v in values)))


def parts(node: Tensor) -> list[tuple[Tensor, Index, list[Tensor]]]:
    """The updates of a scatter, each with its index and its index arrays."""
    found = []
    for k, index in enumerate(node.params):
        arrays = [node.args[p] for p in positions(index)]
        fresh = itertools.count(1)
        found.append((node.args[k], tuple(Array(next(fresh)) if type(i) is Array else i for i in index), arrays))
    return found


def merged(scatters: Sequence[Tensor]) -> Tensor:
    """The sum of scatters into one shape, as one of them."""
    return place([part for node in scatters for part in parts(node)], scatters[0].shape)


def _place_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor | None:
    if position >= len(node.params):
        return None
    _, index, arrays = parts(node)[position]
    return take(cotangent, index, arrays)


def _take_source(e: Scope, node: Operation, *operands: Code) -> Code:
    shape = shape_of(node.operands[0])
    x = operands[0] if shape else e.np.asarray(operands[0])
    return e.take(x, selection.spell(node.params, shape, operands), len(shape))


def _place_source(e: Scope, node: Operation, *operands: Code) -> Code:
    """``bincount`` adds up what falls on each flat position; a few pieces of a vector are added between zeros."""
    count, size = len(node.params), shapes.size(node.shape)
    paddings = [find_padding(index, node.shape) for index in node.params] if len(node.operands) == count else []
    blocks = [padding for padding in paddings if padding is not None]
    if len(blocks) == count == 1:
        return e.np.pad(operands[0], tuple(blocks[0]))
    if len(blocks) == count <= PIECES and node.ndim == 1 and node.dtype == "float64":
        return reduce(Code.__add__, [_put_between(e, value, *padding[0]) for value, padding in zip(operands, blocks)])
    placed = [shape_of(o) for o in node.operands[:count]]
    if all(0 in shape for shape in placed):
        return e.np.zeros(node.shape, node.dtype)  # bincount of nothing counts in integers
    if shapes.is_concrete(node.shape) and len(node.operands) == count:
        import numpy as np

        grid = np.arange(size).reshape(node.shape)
        at = hold(np.concatenate([grid[_key(index)].ravel() for index in node.params]))
    else:
        places = e.reshape(e.np.arange(size), node.shape)
        keys = [selection.spell(index, node.shape, operands) for index in node.params]
        at = _joined(e, [e.np.ravel(e.take(places, key, node.ndim)) for key in keys])
    values = list(operands[:count])
    weights = _joined(e, [e.np.ravel(v) for v in values]) if any(placed) else values
    total = e.np.bincount(at, weights, size)
    if node.ndim != 1:
        total = e.reshape(total, node.shape)
    return total if node.dtype == "float64" else e.astype(total, node.dtype)


def _put_between(e: Scope, value: Code, before: Dim, after: Dim) -> Code:
    """A vector between zeros."""
    zeros = [[e.np.zeros(count)] if count != 0 else [] for count in (before, after)]
    return _joined(e, [*zeros[0], value, *zeros[1]])


def _joined(e: Scope, parts: list[Code]) -> Code:
    return parts[0] if len(parts) == 1 else e.np.concatenate(parts)


def _key(index: Index) -> tuple[Entry | slice, ...]:
    """A concrete index without arrays, as NumPy takes it."""
    key = []
    for entry in index:
        if type(entry) is Slice:
            stop = entry.start + entry.length * entry.step
            entry = slice(entry.start, None if stop < 0 else stop, entry.step)
        key.append(entry)
    return tuple(key)


def find_padding(index: Index, shape: Shape) -> list[tuple[Dim, Dim]] | None:
    """The zeros before and after, where an index places a tensor as a block."""
    slices = [entry for entry in index if isinstance(entry, Slice) and entry.step == 1]
    if len(slices) < len(index):
        return None
    padding: list[tuple[Dim, Dim]] = [(s.start, d - s.start - s.length) for s, d in zip(slices, shape)]
    return padding + [(0, 0)] * (len(shape) - len(padding))


def _array_elements(
    node: Tensor, index: Index, operands: Sequence[Sequence[sympy.Expr]]
) -> dict[int, tuple[Shape, Sequence[sympy.Expr]]]:
    return {p: (node.args[p].shape, numbers(node.args[p], operands[p])) for p in positions(index)}


def numbers(tensor: Tensor, symbols: Sequence[sympy.Expr]) -> Sequence[sympy.Expr]:
    """The elements of an integer tensor: those of a constant by value."""
    if tensor.rule is not CONSTANT:
        return symbols
    return tensor.value.ravel().tolist() if tensor.shape else [tensor.value]


def _take_components(node: Tensor, *operands: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    values = operands[0]
    found = []
    for choices in selection.places(node.params, node.args[0].shape, _array_elements(node, node.params, operands)):
        if choices[0][1] == True:  # noqa: E712
            found.append(values[choices[0][0]])
        else:
            found.append(sympy.Piecewise(*((values[k], condition) for k, condition in choices), evaluate=False))
    return found


def _place_components(node: Tensor, *operands: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    sums: list[list[sympy.Expr]] = [[] for _ in range(shapes.size(node.shape))]
    for update, index in zip(operands, node.params):
        for value, choices in zip(update, selection.places(index, node.shape, _array_elements(node, index, operands))):
            for k, condition in choices:
                sums[k].append(value if condition == True else sympy.Piecewise((value, condition), (0, True)))  # noqa: E712
    return [sympy.Add(*terms) for terms in sums]


def _prefixed(index: Index, dims: Shape) -> Index:
    return (*map(selection.full, dims), *index)


def _arrays_to_front(
    tensor: Tensor, node_index: Index, arrays: Sequence[Tensor], shape: Shape, axes: int, back: bool
) -> Tensor:
    """Exchange batch axes and array axes where NumPy puts the arrays before what the index was prefixed with."""
    plan = selection.layout(node_index, shape, [t.shape for t in arrays])
    rank = len(plan.arrays)
    batch, inner = list(range(axes)), list(range(axes, axes + rank))
    if not plan.separated or not rank:
        return tensor
    rest = list(range(axes + rank, tensor.ndim))
    order = [*inner, *batch, *rest]
    return transpose(tensor, [order.index(k) for k in range(tensor.ndim)] if back else order)


def _take_batch(node: Tensor, axes: int, x: Tensor, *unused: Tensor) -> Tensor:
    arrays = node.args[1:]
    taken = take(x, _prefixed(node.params, x.shape[:axes]), arrays)
    return _arrays_to_front(taken, node.params, arrays, node.args[0].shape, axes, back=True)


def _place_batch(node: Tensor, axes: int, *args: Tensor) -> Tensor:
    dims = args[0].shape[:axes]
    updates = [
        (_arrays_to_front(value, index, arrays, node.shape, axes, back=False), _prefixed(index, dims), arrays)
        for value, (_, index, arrays) in zip(args, parts(node))
    ]
    return place(updates, (*dims, *node.shape))


ELEMENT = Op(
    "getitem",
    _take_pullback,
    fixed=True,
    numpy=_take_source,
    components=_take_components,
    batch=_take_batch,
    facts=MOVES,
)
"""An element of a shape or of a range, which is a number or a dimension whatever the values of sources."""
GETITEM = register(
    Op("getitem", _take_pullback, numpy=_take_source, components=_take_components, batch=_take_batch, facts=MOVES)
)
SCATTER = register(
    Op("scatter", _place_pullback, numpy=_place_source, components=_place_components, batch=_place_batch, facts=MOVES)
)


def getitem(x: TensorLike, key: object) -> Tensor:
    """The elements that an index takes, with NumPy's meaning.

    Parameters
    ----------
    x : tensor or array
    key : int, slice, None, Ellipsis, dimension, integer or boolean tensor, array or list, or a tuple of them
        A slice of a symbolic axis is taken to lie within the axis, which is checked when sizes are given. A boolean
        mask must have a value.

    Returns
    -------
    Tensor

    Raises
    ------
    IndexError
        If there are more indices than axes, or one is out of range of an axis of known size.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n", 3))
    >>> x[1:].shape, x[::-1, 0].shape, x[[0, 0, 1]].shape
    ((n - 1, 3), (n,), (3, 3))
    """
    if type(x) is not Tensor:
        x = as_tensor(x)
    if type(key) is Tensor and not key.shape:
        key = _known_value(key)
    if type(key) is int and x.shape:
        # Programs written out in scalars index a lot.
        size = x.shape[0]
        if type(size) is int:
            if not -size <= key < size:
                raise IndexError(f"index {key} is out of range for axis 0 of {x.name} of shape {shapes.show(x.shape)}")
            key %= size
            if x.rule.fixed or (x.rule is CONSTANT and x.label is None and x.dtype in INTEGERS):
                return _element(x, key)
        return record_tensor(GETITEM, (x,), (key,), x.shape[1:] or SCALAR, x.dtype)
    entries, arrays = _parse(x, key if isinstance(key, tuple) else (key,))
    return take(x, selection.trimmed(entries, x.shape), arrays)


def _element(x: Tensor, key: int) -> Tensor:
    """An element of numbers and dimensions that are known, which knows its own."""
    if x.ndim > 1:
        return record_tensor(GETITEM, (x,), (key,), x.shape[1:], x.dtype)
    found = record_tensor(ELEMENT, (x,), (key,), SCALAR, x.dtype)
    if x.rule is CONSTANT:
        found.value = x.value[key].item()
    elif x.op == "range":
        found.value = x.params[0] + key * x.params[1]
    else:
        found.value = x.args[0].shape[key]
    return found


def _parse(x: Tensor, keys: tuple[object, ...]) -> tuple[list[Entry], list[Tensor]]:
    items = [item for key in keys for item in _expanded(key)]
    dots = sum(item is Ellipsis for item in items)
    used = sum(item is not None and item is not Ellipsis for item in items)
    if dots > 1:
        raise IndexError("an index may have one '...' only")
    if used > x.ndim:
        raise IndexError(
            f"{used} indices for {x.name} of shape {shapes.show(x.shape)}, which has {x.ndim} axes; "
            "give one for an axis at most"
        )
    entries: list[Entry] = []
    arrays: list[Tensor] = []
    axis = 0
    for item in items:
        if item is None:
            entries.append(None)
            continue
        if item is Ellipsis:
            entries += map(selection.full, x.shape[axis : axis + x.ndim - used])
            axis += x.ndim - used
            continue
        size = x.shape[axis]
        if isinstance(item, slice):
            entries.append(selection.sliced(item, size, axis))
        elif isinstance(item, (Tensor, Chosen)):
            if isinstance(item, Chosen):
                if isinstance(size, int) and size != item.size:
                    raise IndexError(
                        f"the mask has the size {item.size} along axis {axis} of {x.name}, whose size is {size}; "
                        "give a mask of the shape of what it chooses from"
                    )
                item = item.places
            check_range(item, size, axis)
            arrays.append(item)
            entries.append(Array(len(arrays)))
        else:
            entries.append(selection.integer(item, size, axis))
        axis += 1
    return entries, arrays


def _expanded(key: object) -> list[Part]:
    """A part of an index as ints, dimensions, slices, None, Ellipsis and integer tensors."""
    if key is None or key is Ellipsis:
        return [key]
    if isinstance(key, slice):
        return [slice(*map(_known_value, (key.start, key.stop, key.step)))]
    key = _known_value(key)
    if isinstance(key, sympy.Expr):
        return [as_operand(key)]
    if not hasattr(key, "__index__") or isinstance(key, bool) or hasattr(key, "__len__"):
        return [*_index_arrays(key)]
    return [as_int(key)]


def _known_value(key: object) -> object:
    """A scalar that is made of numbers and shapes alone by its value, anything else as it is."""
    found = known_size(key) if type(key) is Tensor else None
    return key if found is None else found


class Chosen(NamedTuple):
    """The places along one axis that a mask chooses, and the mask's size there."""

    places: Tensor
    size: int


def _index_arrays(key: object) -> list[Tensor] | list[Chosen]:
    tensor = index_tensor(key)
    if tensor.dtype != "bool":
        return [tensor]
    if not tensor.ndim:
        raise IndexError(f"a mask must have an axis at least, got {shown(key)}; write x[None] for a new axis")
    try:
        mask = tensor.numpy()
    except ValueError:
        raise ValueError(
            f"the mask {tensor.name} has no value, so that the number of its true elements is not known; "
            "write where(mask, x, 0), which keeps the shape"
        ) from None
    return [Chosen(constant(places, _bind=False), size) for places, size in zip(mask.nonzero(), mask.shape)]


def index_tensor(key: object) -> Tensor:
    """An index array as a tensor.

    Raises
    ------
    IndexError
        If it holds neither integers nor booleans.
    """
    if not isinstance(key, (Tensor, list, tuple, int)) and not hasattr(key, "shape"):
        raise IndexError(
            f"an index must be made of ints, slices, None, '...' and integer or boolean arrays, got {shown(key)}"
        )
    empty = isinstance(key, (list, tuple)) and not key
    tensor = constant(key, "int64", _bind=False) if empty else as_tensor(key)
    if tensor.dtype in FLOATS:
        raise IndexError(f"an index array must hold integers or booleans, got {shown(key)} of dtype {tensor.dtype}")
    return tensor


def check_range(indices: Tensor, size: Dim, axis: int) -> None:
    """Refuse indices whose values are known to be out of range."""
    if isinstance(size, int) and indices.rule is CONSTANT and 0 not in indices.shape:
        low, high = (int(indices.value.min()), int(indices.value.max())) if indices.shape else (indices.value,) * 2
        if not -size <= low <= high < size:
            raise IndexError(f"index {high if high >= size else low} is out of range for axis {axis} of size {size}")


def along(axis: int, *items: object) -> tuple[object, ...]:
    """The key that indexes one axis."""
    return (*[slice(None)] * axis, *items)


def reverse(tensor: TensorLike, axis: Axes, name: str | None = None) -> Tensor:
    """The elements in reverse order along one or several axes.

    Parameters
    ----------
    tensor : tensor or array
    axis : int or sequence of int

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.reverse([1.0, 2.0, 3.0], axis=[0]).numpy()
    array([3., 2., 1.])
    """
    x = as_tensor(tensor)
    axes = shapes.normalize_axes(axis, x.ndim)
    return getitem(x, tuple(slice(None, None, -1 if k in axes else None) for k in range(x.ndim)))


MOST_SLICES = 1_000_000
"""Into how many slices an axis of symbolic size may be cut."""


def unstack(value: TensorLike, num: int | None = None, axis: int = 0, name: str | None = None) -> list[Tensor]:
    """The slices along an axis, without that axis.

    Parameters
    ----------
    value : tensor or array
        Of rank 1 or more.
    num : int, optional
        How many; needed where the size is symbolic.
    axis : int, optional

    Returns
    -------
    list of Tensor

    Raises
    ------
    TypeError
        If the tensor is a scalar, or the size is symbolic and num is not given.
    ValueError
        If the axis has another size than num.

    Examples
    --------
    >>> import tracer
    >>> [t.shape for t in tracer.unstack([[1.0, 2.0], [3.0, 4.0]])]
    [(2,), (2,)]
    """
    x = as_tensor(value)
    if not x.ndim:
        raise TypeError(f"{x.name} is a scalar, which can't be unstacked")
    where = shapes.normalize_axis(axis, x.ndim)
    count = x.shape[where]
    if not isinstance(count, int):
        if num is None:
            raise TypeError(
                f"axis {where} of {x.name} has the symbolic size {count}, so that it can't be unstacked; give num"
            )
        count = shapes.integer(num, "num")
        if not 0 <= count <= MOST_SLICES:
            raise ValueError(f"unstack: num is to be a number from 0 to {MOST_SLICES}, got {count}")
    if num is not None and num != count:
        raise ValueError(f"unstack: axis {where} of {x.name} has the size {count}, not {shown(num)}")
    return [getitem(x, along(where, k) if where else k) for k in range(count)]


def split(
    value: TensorLike, num_or_size_splits: ShapeLike, axis: int = 0, num: int | None = None, name: str | None = None
) -> list[Tensor]:
    """Pieces along an axis.

    Parameters
    ----------
    value : tensor or array
    num_or_size_splits : int or sequence of dimension
        The number of equal pieces, or their sizes, of which one may be -1 for what is left.
    axis : int, optional
    num : int, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    list of Tensor

    Raises
    ------
    ValueError
        If there are no such equal pieces, or the sizes do not add up to that of the axis.

    Examples
    --------
    >>> import tracer
    >>> [t.shape for t in tracer.split(tracer.placeholder("x", shape=("n", 6)), [2, -1], axis=1)]
    [(n, 2), (n, 4)]
    """
    x = as_tensor(value)
    where = shapes.normalize_axis(axis, x.ndim)
    size = x.shape[where]
    if isinstance(num_or_size_splits, (list, tuple)):
        sizes = [s if isinstance(s, sympy.Expr) else shapes.integer(s, "a size of split") for s in num_or_size_splits]
        if -1 in sizes:
            known = sum(s for s in sizes if s != -1)
            sizes[sizes.index(-1)] = size - known
        if sympy.expand(sum(sizes) - size) != 0 or any(isinstance(s, int) and s < 0 for s in sizes):
            raise ValueError(
                f"split: the sizes {list(num_or_size_splits)} do not add up to {size}, "
                f"the size of axis {where} of {x.name}"
            )
    else:
        count = shapes.integer(num_or_size_splits, "the number of pieces of split")
        part = size // count if isinstance(size, int) and count > 0 and size % count == 0 else None
        if isinstance(size, sympy.Expr) and count > 0 and (size / count).is_integer:
            part = size / count
        if part is None:
            raise ValueError(
                f"split: axis {where} of {x.name} of size {size} has no {count} equal pieces; give their sizes"
            )
        sizes = [part] * count
    bounds = [0, *itertools.accumulate(sizes)]
    return [getitem(x, along(where, slice(a, b))) for a, b in itertools.pairwise(bounds)]


def slice_from(
    input_: TensorLike, begin: Iterable[Dim | Tensor], size: Iterable[Dim | Tensor], name: str | None = None
) -> Tensor:
    """A block of a tensor.

    Parameters
    ----------
    input_ : tensor or array
    begin : sequence of dimension
        Where the block begins along each axis.
    size : sequence of dimension
        Its size along each axis; -1 is all that is left.

    Returns
    -------
    Tensor
        Of shape ``size``, what is left in place of -1.

    Raises
    ------
    ValueError
        If there is not one of each for an axis, or the block does not lie within the tensor.

    Examples
    --------
    >>> import tracer
    >>> tracer.slice([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [0, 1], [-1, 2]).numpy()
    array([[2., 3.],
           [5., 6.]])
    """
    x = as_tensor(input_)
    given = (list_items(v, "slice takes a start and a size an axis") for v in (begin, size))
    starts, sizes = ([k.as_dimension() if isinstance(k, Tensor) else k for k in v] for v in given)
    if not len(starts) == len(sizes) == x.ndim:
        raise ValueError(
            f"slice takes a start and a size an axis, {x.name} has {x.ndim} axes, got {shown(begin)} and {shown(size)}"
        )
    key = tuple(slice(a, None if n == -1 else a + n) for a, n in zip(starts, sizes))
    found = getitem(x, key)
    for axis, (n, d) in enumerate(zip(sizes, found.shape)):
        if n not in (-1, d):
            raise ValueError(
                f"slice: {n} elements from {starts[axis]} on do not lie within axis {axis} of {x.name} "
                f"of size {x.shape[axis]}"
            )
    return found


FUNCTIONS: dict[str, Callable[..., object]] = {
    "reverse": reverse, "slice": slice_from, "split": split, "unstack": unstack,
}  # fmt: skip
