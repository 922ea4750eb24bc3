"""Contractions: every operation that is a generalised einsum, and their one gradient rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import SupportsIndex

import sympy

from tracer import nest, shapes
from tracer.dtypes import FLOATS, promote
from tracer.ops.casting import cast
from tracer.ops.reshaping import reshape
from tracer.rules import TABLE, Op, register
from tracer.shapes import Axes, Dim, Indices, Literal, Shape, ShapeLike, Subscripts
from tracer.tensor import Operand, Tensor, TensorLike, as_tensor, record_tensor


class Contraction(Op):
    """A generalised einsum; the parameters of a node are its :class:`Subscripts`."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(name, _pullback, implicit=True)


def contract(name: str, args: tuple[Tensor, ...], subscripts: Subscripts, shape: Shape | None = None) -> Tensor:
    """Record a contraction; ``shape`` is needed where the output has labels that no operand has."""
    sizes = label_sizes(name, args, subscripts)
    if shape is None:
        shape = tuple(sizes[k] for k in subscripts.output)
    return record_tensor(operation(name), args, subscripts, shape, contraction_dtype(args))


def contraction_dtype(args: Sequence[Tensor]) -> str:
    """The dtype to which the operands promote; a scale that makes fractions of them asks for floats."""
    return promote(*(t.dtype for t in args)) if args else "float64"


def operation(name: str) -> Op:
    """The row of this name, made when it is first used: contractions differ in their subscripts alone."""
    return TABLE.get(name) or register(Contraction(name))


def label_sizes(name: str, args: Sequence[Tensor], subscripts: Subscripts) -> dict[int, Dim]:
    """The dimension of each label.

    Raises
    ------
    ValueError
        If two operands disagree; the message names both.
    """
    sizes: dict[int, Dim] = {}
    owner: dict[int, Tensor] = {}
    for tensor, labels in zip(args, subscripts.inputs):
        for label, dim in zip(labels, tensor.shape):
            known = sizes.setdefault(label, dim)
            if known is not dim and known != dim:
                first = owner[label]
                raise ValueError(
                    f"{name}: dimensions {known} and {dim} differ: {first.name} of shape {shapes.show(first.shape)} "
                    f"with {tensor.name} of shape {shapes.show(tensor.shape)}; "
                    "give equal dimensions the same name or size, or transpose one operand"
                )
            owner.setdefault(label, tensor)
    return sizes


def _pullback(node: Tensor, cotangent: Operand, position: int) -> Operand:
    """The cotangent contracted with the other operands: input and output labels change roles."""
    subscripts: Subscripts = node.params
    wanted = subscripts.inputs[position]
    operands = [t for k, t in enumerate(node.args) if k != position]
    inputs = [labels for k, labels in enumerate(subscripts.inputs) if k != position]
    scale = subscripts.scale
    sizes = dict(zip(subscripts.output, node.shape))
    if type(cotangent) is Tensor:
        labels = subscripts.output[len(subscripts.output) - cotangent.ndim :]
        if 1 in cotangent.shape and cotangent.shape != node.shape:
            cotangent, labels = broadcast_to(cotangent, node.shape), subscripts.output
        operands.append(cotangent)
        inputs.append(labels)
    else:
        operands = [t if t.dtype in FLOATS else cast(t, node.dtype) for t in operands]
        scale = multiply_literals(scale, cotangent)
    present = {k for labels in inputs for k in labels}
    for label in dict.fromkeys(subscripts.output):
        if label not in present and label not in wanted:
            scale = multiply_literals(scale, sizes[label])
    if not operands and len(set(wanted)) == len(wanted):
        return scale
    shape = node.args[position].shape
    return contract(
        f"{node.op}_grad{position if len(node.args) > 1 else ''}",
        tuple(operands),
        Subscripts(tuple(inputs), wanted, scale),
        shape,
    )


def multiply_literals(x: Literal, y: Literal) -> Literal:
    """The product of two literals, one being dropped."""
    if type(x) in (int, float) and x == 1:
        return y
    if type(y) in (int, float) and y == 1:
        return x
    if isinstance(x, sympy.Expr) and isinstance(y, float):
        y = sympy.Rational(str(y))
    if isinstance(y, sympy.Expr) and isinstance(x, float):
        x = sympy.Rational(str(x))
    return x * y


def full(shape: Shape, value: Literal, name: str = "fill", dtype: str = "float64") -> Tensor:
    """A tensor of one value: a contraction of nothing."""
    return record_tensor(operation(name), (), Subscripts((), tuple(range(len(shape))), value), shape, dtype)


def broadcast_to(input: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """Broadcast to a shape.

    Parameters
    ----------
    input : tensor or array
    shape : sequence of dimension
        Dimensions are aligned from the last; each of the tensor is the wanted one or 1.

    Returns
    -------
    Tensor
        Of that shape.

    Raises
    ------
    ValueError
        If the tensor does not broadcast to it.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> tracer.broadcast_to(x, (3, "n")).shape
    (3, n)
    """
    tensor, wanted = as_tensor(input), shapes.as_shape(shape)
    offset = len(wanted) - tensor.ndim
    fits = offset >= 0 and all(d == 1 or d == w for d, w in zip(tensor.shape, wanted[offset:]))
    if not fits:
        raise ValueError(
            f"{tensor.name} of shape {shapes.show(tensor.shape)} does not broadcast to {shapes.show(wanted)}; "
            "its last dimensions must be equal to the wanted ones or 1"
        )
    labels = tuple(k + offset if tensor.shape[k] == wanted[k + offset] else len(wanted) + k for k in range(tensor.ndim))
    return contract("broadcast_to", (tensor,), Subscripts((labels,), tuple(range(len(wanted)))), wanted)


def transpose(
    a: TensorLike, perm: Sequence[SupportsIndex] | None = None, conjugate: bool = False, name: str = "transpose"
) -> Tensor:
    """Permute the axes; by default reverse them.

    Parameters
    ----------
    a : tensor or array
    perm : sequence of int, optional
        For each axis of the result, which axis of the tensor it is.
    conjugate : bool, optional
        Changes nothing, since tensors are real.

    Returns
    -------
    Tensor
        Of shape ``(a.shape[perm[0]], a.shape[perm[1]], ...)``.

    Raises
    ------
    ValueError
        If perm is not a permutation of the axes.

    Examples
    --------
    >>> import tracer
    >>> tracer.transpose(tracer.placeholder("X", shape=("n", "m"))).shape
    (m, n)
    """
    tensor = as_tensor(a)
    axes = tuple(range(tensor.ndim))
    given = reversed(axes) if perm is None else nest.list_items(perm, "perm must be a list of axes")
    order = tuple(shapes.normalize_axis(p, tensor.ndim) for p in given)
    if sorted(order) != list(axes):
        raise ValueError(f"transpose: {perm!r} is not a permutation of the {tensor.ndim} axes of {tensor.name}")
    return contract("transpose", (tensor,), Subscripts((axes,), order))


def matrix_transpose(a: TensorLike, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """Exchange the last two axes.

    Parameters
    ----------
    a : tensor or array
        Of shape ``(..., n, m)``.
    conjugate : bool, optional
        Changes nothing, since tensors are real.

    Returns
    -------
    Tensor
        Of shape ``(..., m, n)``.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.matrix_transpose(tracer.ones([2, 3, 4])).shape
    (2, 4, 3)
    """
    tensor = _at_least("matrix_transpose", a, 2)
    axes = tuple(range(tensor.ndim))
    return contract("matrix_transpose", (tensor,), Subscripts((axes,), (*axes[:-2], axes[-1], axes[-2])))


def adjoint(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The conjugate transpose, which of real matrices is the transpose.

    Parameters
    ----------
    matrix : tensor
        Of rank 2 at the least.
    name : str, optional
        The name of the result.

    Returns
    -------
    Tensor
        With the last two axes exchanged.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.adjoint(tracer.ones([2, 3, 4])).shape
    (2, 4, 3)
    """
    return matrix_transpose(matrix)


def _at_least(name: str, value: TensorLike, rank: int) -> Tensor:
    tensor = as_tensor(value)
    if tensor.ndim < rank:
        raise ValueError(
            f"{name} takes a tensor of rank {rank} or more, {tensor.name} has shape {shapes.show(tensor.shape)}"
        )
    return tensor


def matmul(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """Matrix product, batched over leading axes, with NumPy's meaning for vectors.

    Parameters
    ----------
    a, b : tensor or array
        Shapes ``(..., n, k)`` and ``(..., k, m)``; a vector is a row on the left and a column on the right.
    transpose_a, transpose_b, adjoint_a, adjoint_b : bool
        Whether to exchange the last two axes first.

    Returns
    -------
    Tensor
        Of shape ``(..., n, m)``, without the axes of vectors.

    Raises
    ------
    ValueError
        If the inner dimensions differ, or an operand is a scalar.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", shape=("n", "m")), tracer.placeholder("w", shape=("m",))
    >>> tracer.matmul(X, w).formula()
    X*w
    """
    x, y = _at_least("matmul", a, 1), _at_least("matmul", b, 1)
    return _product("matmul", x, y, transpose_a or adjoint_a, transpose_b or adjoint_b)


def _product(name: str, x: Tensor, y: Tensor, swap_x: bool = False, swap_y: bool = False) -> Tensor:
    row, inner, column = 0, 1, 2
    left = (row, inner) if x.ndim > 1 else (inner,)
    right = (inner, column) if y.ndim > 1 else (inner,)
    out = (*left[:-1], *right[1:])
    left, right = left[::-1] if swap_x else left, right[::-1] if swap_y else right
    heads = x.shape[:-2], y.shape[:-2]
    if not heads[0] and not heads[1]:
        return contract(name, (x, y), Subscripts((left, right), out))
    batch = shapes.broadcast(*heads, names=[f"the batch of {t.name}" for t in (x, y)])
    operands, inputs = [], []
    for tensor, labels, head in zip((x, y), (left, right), heads):
        thin = tuple(k for k, d in enumerate(head) if d == 1 and batch[k - len(head)] != 1)
        kept = tuple(3 + len(batch) - len(head) + k for k in range(len(head)) if k not in thin)
        operands.append(squeeze(tensor, thin) if thin else tensor)
        inputs.append((*kept, *labels))
    out = (*range(3, 3 + len(batch)), *out)
    return contract(name, tuple(operands), Subscripts(tuple(inputs), out))


def matvec(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of matrices and vectors, whose batches broadcast.

    Parameters
    ----------
    a : tensor or array
        Of shape ``(..., n, k)``.
    b : tensor or array
        Of shape ``(..., k)``.
    transpose_a, adjoint_a : bool, optional
        Whether to transpose the matrices first.
    a_is_sparse, b_is_sparse : bool, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor
        Of shape ``(..., n)``.

    Raises
    ------
    ValueError
        If the dimensions that are summed over differ.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).numpy()
    array([3., 7.])
    """
    x, y = _at_least("matvec", a, 2), _at_least("matvec", b, 1)
    if y.ndim == 1:
        return _product("matvec", x, y, swap_x=transpose_a or adjoint_a)
    column = expand_dims(y, -1)
    return squeeze(_product("matvec", x, column, swap_x=transpose_a or adjoint_a), -1)


def einsum(equation: str, *inputs: TensorLike, **kwargs: object) -> Tensor:
    """Einstein summation: explicit or implicit output, ellipsis, repeated indices.

    Parameters
    ----------
    equation : str
        Such as ``"...ij,jk->...ik"``; a repeated index within an operand takes its diagonal.
    *inputs : tensors or arrays
        The operands.
    **kwargs : optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor
        Of the sizes of the labels of the output.

    Raises
    ------
    ValueError
        If the equation is malformed, does not fit the ranks, or dimensions differ.

    Examples
    --------
    >>> import tracer
    >>> A = tracer.placeholder("A", shape=("n", "n"))
    >>> tracer.einsum("ii", A).formula()
    Trace(A)
    """
    args = tuple(as_tensor(t) for t in inputs)
    subscripts = shapes.parse_einsum(equation, [t.ndim for t in args])
    sizes: dict[int, set[Dim]] = {}
    for t, labels in zip(args, subscripts.inputs):
        for label, dim in zip(labels, t.shape):
            sizes.setdefault(label, set()).add(dim)
    stretched = {k for k, dims in sizes.items() if len(dims) > 1}
    operands, terms = [], []
    for t, labels in zip(args, subscripts.inputs):
        thin = tuple(k for k, label in enumerate(labels) if label in stretched and t.shape[k] == 1)
        operands.append(squeeze(t, thin) if thin else t)
        terms.append(tuple(label for k, label in enumerate(labels) if k not in thin))
    return contract("einsum", tuple(operands), Subscripts(tuple(terms), subscripts.output))


def tensordot(a: TensorLike, b: TensorLike, axes: int | Sequence[Indices], name: str | None = None) -> Tensor:
    """Sum of products over axes of two tensors.

    Parameters
    ----------
    a, b : tensor or array
    axes : int, or pair of int or of lists of int
        How many of the last axes of a and the first of b; or which of a and which of b, in pairs.

    Returns
    -------
    Tensor
        With the other axes of a, then those of b.

    Raises
    ------
    ValueError
        If there are not as many axes, the lists differ in length, or dimensions differ.

    Examples
    --------
    >>> import tracer
    >>> tracer.tensordot(tracer.ones([2, 3, 4]), tracer.ones([4, 3, 5]), [[1, 2], [1, 0]]).shape
    (2, 5)
    """
    x, y = as_tensor(a), as_tensor(b)
    if isinstance(axes, Iterable) and getattr(axes, "shape", None) != ():
        pairs = list(axes)
        if len(pairs) != 2:
            raise ValueError(f"tensordot takes a number of axes, or the axes of both operands, got {nest.shown(axes)}")
        left, right = ([shapes.normalize_axis(k, t.ndim) for k in shapes.as_list(p)] for p, t in zip(pairs, (x, y)))
    else:
        count = shapes.integer(axes, "the number of axes of tensordot")
        if not 0 <= count <= min(x.ndim, y.ndim):
            raise ValueError(
                f"tensordot: {count} axes of operands of ranks {x.ndim} and {y.ndim}; "
                f"give a number from 0 to {min(x.ndim, y.ndim)}"
            )
        left, right = list(range(x.ndim - count, x.ndim)), list(range(count))
    if len(left) != len(right):
        raise ValueError(f"tensordot: {len(left)} axes of the first operand, {len(right)} of the second")
    first = tuple(range(x.ndim))
    second = tuple(left[right.index(k)] if k in right else x.ndim + k for k in range(y.ndim))
    out = tuple(k for k in (*first, *second) if k not in left)
    return contract("tensordot", (x, y), Subscripts((first, second), out))


def outer(a: TensorLike, b: TensorLike, name: str | None = None) -> Tensor:
    """All products of an element of one vector and an element of another.

    Parameters
    ----------
    a, b : tensor or array
        Flattened where they are not vectors, as NumPy does.

    Returns
    -------
    Tensor
        Of shape ``(n, m)``, for n and m elements.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.placeholder("x", shape=("n",)), tracer.placeholder("y", shape=("m",))
    >>> tracer.outer(x, y).shape, tracer.outer(x, y).formula()
    ((n, m), x*y.T)
    """
    x, y = (t if t.ndim == 1 else reshape(t, (-1,)) for t in (as_tensor(a), as_tensor(b)))
    return contract("outer", (x, y), Subscripts(((0,), (1,)), (0, 1)))


def trace(x: TensorLike, name: str | None = None) -> Tensor:
    """Sum of the diagonal of the last two axes.

    Parameters
    ----------
    x : tensor or array
        Of shape ``(..., n, m)``.

    Returns
    -------
    Tensor
        Of shape ``(...)``.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.linalg.trace([[1.0, 2.0], [3.0, 4.0]]))
    5.0
    """
    tensor = _at_least("trace", x, 2)
    batch = tuple(range(tensor.ndim - 2))
    if shapes.is_concrete(tensor.shape) and tensor.shape[-1] != tensor.shape[-2]:
        return contract("trace", (diag_part(tensor),), Subscripts(((*batch, len(batch)),), batch))
    return contract("trace", (tensor,), Subscripts(((*batch, len(batch), len(batch)),), batch))


def diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """The main diagonal of the last two axes.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., n, m)``.

    Returns
    -------
    Tensor
        Of shape ``(..., min(n, m))``.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.diag_part([[1.0, 2.0], [3.0, 4.0]]).numpy()
    array([1., 4.])
    """
    tensor = _at_least("diag_part", input, 2)
    n, m = tensor.shape[-2:]
    if isinstance(n, int) and isinstance(m, int) and n != m:
        tensor = tensor[..., :m, :n]
    batch = tuple(range(tensor.ndim - 1))
    return contract("diag_part", (tensor,), Subscripts(((*batch, batch[-1]),), batch))


def diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """Matrices with given diagonals and zeros elsewhere.

    Parameters
    ----------
    diagonal : tensor or array
        Of shape ``(..., n)``.

    Returns
    -------
    Tensor
        Of shape ``(..., n, n)``.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.diag([1.0, 2.0]).numpy()
    array([[1., 0.],
           [0., 2.]])
    """
    tensor = _at_least("diag", diagonal, 1)
    axes = tuple(range(tensor.ndim))
    return contract("diag", (tensor,), Subscripts((axes,), (*axes, axes[-1])))


def reduce_sum(input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Sum over axes.

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

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> print(tracer.gradients(tracer.reduce_sum(x * x), x)[0].formula())
    2*x
    """
    return _sum("reduce_sum", as_tensor(input_tensor), axis, keepdims)


def reduce_mean(input_tensor: TensorLike, axis: Axes = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Mean over axes.

    Parameters
    ----------
    input_tensor, axis, keepdims
        As for :func:`reduce_sum`.

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
    >>> tracer.reduce_mean([[1.0, 2.0], [3.0, 6.0]], axis=0).numpy()
    array([2., 4.])
    """
    tensor = as_tensor(input_tensor)
    if tensor.dtype not in FLOATS:
        tensor = cast(tensor, "float64")
    count = shapes.size(tuple(tensor.shape[k] for k in shapes.normalize_axes(axis, tensor.ndim)))
    if count == 0:
        raise ValueError(
            f"reduce_mean: {tensor.name} of shape {shapes.show(tensor.shape)} has no elements along {axis!r}"
        )
    return _sum("reduce_mean", tensor, axis, keepdims, sympy.Integer(1) / count if count != 1 else 1)


def _sum(name: str, tensor: Tensor, axis: Axes, keepdims: bool, scale: Literal = 1) -> Tensor:
    if isinstance(axis, Tensor):
        axis = axis.numpy().tolist()
    axes = shapes.normalize_axes(axis, tensor.ndim)
    if tensor.dtype == "bool":
        tensor = cast(tensor, "int64")
    labels = tuple(range(tensor.ndim))
    fresh = tensor.ndim
    if keepdims:
        out = tuple(fresh + k if k in axes else k for k in labels)
        shape = tuple(1 if k in axes else tensor.shape[k] for k in labels)
        return contract(name, (tensor,), Subscripts((labels,), out, scale), shape)
    return contract(name, (tensor,), Subscripts((labels,), tuple(k for k in labels if k not in axes), scale))


def expand_dims(input: TensorLike, axis: Axes, name: str | None = None) -> Tensor:
    """Insert axes of size 1.

    Parameters
    ----------
    input : tensor or array
    axis : int or sequence of int
        Where the new axes stand in the result.

    Returns
    -------
    Tensor
        Of the shape with a 1 at each new axis.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.ones([2, 3])
    >>> tracer.expand_dims(x, 1).shape, tracer.expand_dims(x, (0, -1)).shape
    ((2, 1, 3), (1, 2, 3, 1))
    """
    tensor = as_tensor(input)
    axes = axis if isinstance(axis, (list, tuple)) else (axis,)
    rank = tensor.ndim + len(axes)
    new = shapes.normalize_axes(axes, rank)
    old = iter(range(tensor.ndim))
    out = tuple(tensor.ndim + k if k in new else next(old) for k in range(rank))
    shape = tuple(1 if k >= tensor.ndim else tensor.shape[k] for k in out)
    return contract("expand_dims", (tensor,), Subscripts((tuple(range(tensor.ndim)),), out), shape)


def squeeze(input: TensorLike, axis: Axes = None, name: str | None = None) -> Tensor:
    """Drop axes of size 1.

    Parameters
    ----------
    input : tensor or array
    axis : int or sequence of int, optional
        Which ones; by default all of that size.

    Returns
    -------
    Tensor
        Of the shape without these axes.

    Raises
    ------
    ValueError
        If an axis has another size.

    Examples
    --------
    >>> import tracer
    >>> tracer.squeeze(tracer.ones([1, 2, 1])).shape, tracer.squeeze(tracer.ones([1, 2, 1]), 0).shape
    ((2,), (2, 1))
    """
    tensor = as_tensor(input)
    thin = tuple(k for k, d in enumerate(tensor.shape) if d == 1)
    axes = thin if axis is None else shapes.normalize_axes(axis, tensor.ndim)
    for k in axes:
        if k not in thin:
            raise ValueError(f"squeeze: axis {k} of {tensor.name} has the size {tensor.shape[k]}, not 1")
    labels = tuple(range(tensor.ndim))
    return contract("squeeze", (tensor,), Subscripts((labels,), tuple(k for k in labels if k not in axes)))


def unbroadcast(value: Operand, shape: Shape, wanted: Shape) -> Operand:
    """What a cotangent of a broadcast result of ``shape`` is for an operand of shape ``wanted``: its sum.

    ``value`` may itself only broadcast to ``shape``; missing axes count with their size.
    """
    have: Shape = value.shape if type(value) is Tensor else ()
    rank, offset, extra = len(shape), len(shape) - len(have), len(shape) - len(wanted)
    factor: Literal = 1
    padded = (1,) * offset + have
    target = (1,) * extra + wanted
    summed = []
    for axis in range(rank):
        if target[axis] == 1:
            if padded[axis] == 1:
                factor = multiply_literals(factor, shape[axis])
            if axis >= offset and (axis < extra or padded[axis] != 1):
                summed.append(axis)
    if type(value) is not Tensor:
        return value if type(factor) is int and factor == 1 else multiply_literals(factor, value)
    if not summed:
        return value if type(factor) is int and factor == 1 else value * factor
    labels = tuple(range(offset, rank))
    kept = [k for k in labels if k not in summed]
    axes = range(min(kept, default=rank), rank)
    out = tuple(k if k in kept else rank + k for k in axes)
    dims = tuple(padded[k] if k in kept else 1 for k in axes)
    return contract("reduce_sum", (value,), Subscripts((labels,), out, factor), dims)


FUNCTIONS: dict[str, Callable[..., object]] = {
    "broadcast_to": broadcast_to,
    "transpose": transpose,
    "matmul": matmul,
    "einsum": einsum,
    "tensordot": tensordot,
    "outer": outer,
    "reduce_sum": reduce_sum,
    "reduce_mean": reduce_mean,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
}
LINALG: dict[str, Callable[..., object]] = {
    "matmul": matmul,
    "matvec": matvec,
    "matrix_transpose": matrix_transpose,
    "trace": trace,
    "diag": diag,
    "diag_part": diag_part,
    "einsum": einsum,
    "tensordot": tensordot,
}
