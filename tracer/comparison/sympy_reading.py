"""sympy's expressions as tensors: scalar ones, those in matrices and arrays, and sums over indices."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TypeAlias

import sympy
from sympy.core.symbol import Str
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.tensor.array.expressions.array_expressions import ArrayElement

from tracer.comparison.array_reading import ArrayReader
from tracer.comparison.indices import Indices, take_slice
from tracer.control import vmap
from tracer.formulas.matrix import classes, function_classes, scalars, slices, strides
from tracer.formulas.matrix.array_classes import (
    Applied,
    AppliedArray,
    AppliedScalar,
    ArrayAsMatrix,
    ArrayAsScalar,
)
from tracer.formulas.matrix.batch_classes import BatchAsMatrix, ForEach, MovedBatch, SumOverBatch
from tracer.formulas.matrix.block_maxima import ArrayFirstMax, firstmax
from tracer.formulas.matrix.padded_arrays import Padded
from tracer.formulas.matrix.unevaluated import ARRAYS
from tracer.ops.casting import cast
from tracer.ops.contraction import (
    contract,
    diag,
    diag_part,
    expand_dims,
    reduce_mean,
    reduce_sum,
    squeeze,
    trace,
    transpose,
)
from tracer.ops.convolution import conv2d
from tracer.ops.creation import eye, ones, zeros
from tracer.ops.creation import range as arange
from tracer.ops.diagonal import band_part, cross, kron
from tracer.ops.elementwise import from_sympy
from tracer.ops.gathering import gather, one_hot
from tracer.ops.inverses import det, inv, logdet
from tracer.ops.layers import softmax
from tracer.ops.norms import norm
from tracer.ops.ordering import argmax, argsort
from tracer.ops.powers import expm, matrix_power, pinv
from tracer.ops.reduction import reduce_logsumexp, reduce_max, reduce_min, reduce_prod
from tracer.ops.reshaping import reshape
from tracer.ops.scan import cumprod, cumsum
from tracer.ops.spectral import cholesky
from tracer.ops.structure import concat, pad, roll, stack
from tracer.rules import TABLE
from tracer.shapes import Dim, Subscripts, is_concrete
from tracer.tensor import Tensor, TensorLike, apply, as_tensor, record_tensor

Kind: TypeAlias = "type[sympy.Basic] | tuple[type[sympy.Basic], ...]"


class SympyReader:
    """Builds the tensor of an expression in symbols and matrix symbols, which are bound by name.

    A vector is a column: a matrix symbol of one column may stand for a tensor of rank 1.

    Parameters
    ----------
    sources : mapping of str to Tensor
    sizes : mapping of str to int or sympy expression
        What dimensions are, by name.
    """

    def __init__(self, sources: Mapping[str, Tensor], sizes: Mapping[str, Dim]) -> None:
        self.sources = sources
        self.indices = Indices()
        self.sizes: dict[str, Dim] = {**sizes} | {
            str(d): d for t in sources.values() for d in t.shape if not isinstance(d, int)
        }

    def bind(self, symbol: sympy.MatrixSymbol) -> Tensor:
        """The tensor of a matrix symbol, as a matrix; dimensions of the symbol become those of the tensor."""
        tensor = self._source(symbol.name)
        if tensor.ndim == 0:
            tensor = reshape(tensor, (1, 1))
        elif tensor.ndim == 1:
            tensor = expand_dims(tensor, 0 if symbol.shape[0] == 1 != symbol.shape[1] else -1)
        if tensor.ndim != 2:
            raise ValueError(f"{symbol.name} is a matrix in the formula, its input has rank {tensor.ndim}")
        for name, size in zip(symbol.shape, tensor.shape, strict=True):
            if isinstance(name, sympy.Symbol):
                self.sizes.setdefault(name.name, size)
        return tensor

    def _source(self, name: str) -> Tensor:
        if name not in self.sources:
            known = ", ".join(self.sources)
            raise ValueError(f"the formula has the symbol {name}, the parameters are {known}; rename one of them")
        return self.sources[name]

    def read(self, e: sympy.Basic) -> Tensor:
        """The tensor of an expression; its free indices are the axes."""
        members = {str(name) for batch in e.atoms(ForEach) for name, _, _ in batch.args[3:]}
        for symbol in sorted(e.atoms(sympy.MatrixSymbol), key=str):
            if symbol.name not in members:
                self.bind(symbol)
        free = free_indices(e)
        if not free:
            return self._of(e)
        places = e.atoms(sympy.Indexed, MatrixElement)
        for k in free:
            sizes = [self._sizes_of(p)[list(p.indices).index(k)] for p in places if k in p.indices]
            if not sizes:
                raise TypeError(f"the formula does not say how many values the index {k} has; give the program itself")
            self.indices.enter(k, sympy.S.Zero, sympy.sympify(sizes[0]) - 1)
        return self.indices.spread(self.scalar(e, {}))

    def _sizes_of(self, place: sympy.Indexed | MatrixElement) -> tuple[Dim, ...]:
        """The shape of what an element is taken of."""
        if isinstance(place, MatrixElement):
            return tuple(map(self.dim, place.parent.shape))
        return self._source(str(place.base.label)).shape

    def dim(self, e: sympy.Expr) -> Dim:
        """A size in the formula as one of the tensors."""
        known = {s: sympy.sympify(self.sizes[s.name]) for s in e.free_symbols if s.name in self.sizes}
        size = sympy.sympify(e).xreplace(known)
        return int(size) if size.is_Integer else size

    def _of(self, e: sympy.Basic) -> Tensor:
        for kind, reader in READERS.items():
            if isinstance(e, kind):
                return reader(self, e)
        if isinstance(e, sympy.MatrixBase):
            return stack([stack([self._of(x) for x in e.row(i)]) for i in range(e.rows)])
        if isinstance(e, sympy.NDimArray):
            return reshape(stack([self._of(x) for x in e]), e.shape) if e.rank() else self._of(e[()])
        if isinstance(e, ARRAYS):
            return ArrayReader(self._of, self._source, self.dim, self.scalar)(e)
        if isinstance(e, sympy.MatrixExpr):
            raise TypeError(
                f"a formula with {type(e).__name__} can't be compared; write products, sums, transposes, inverses, "
                "functions of elements, or give the function that computes it"
            )
        return self.scalar(e, {})

    def scalar(self, e: sympy.Basic, values: Mapping[sympy.Basic, Tensor]) -> Tensor:
        """A scalar expression over the values of some symbols, or of each of their elements.

        Its largest parts in matrices, arrays and sums are tensors, and the rest is a template over them.
        """
        parts: dict[sympy.Basic, Tensor] = {}
        slots: dict[sympy.Basic, sympy.Symbol] = {}

        def take(part: sympy.Basic, value: Tensor) -> sympy.Symbol:
            slot = slots.setdefault(part, sympy.Symbol(f"part_{len(slots)}", real=True))
            parts[slot] = value
            return slot

        def replaced(x: sympy.Basic) -> sympy.Basic:
            if isinstance(x, sympy.log) and isinstance(x.args[0], sympy.Determinant):
                return take(x, logdet(self._closed(x.args[0].arg)))
            if x in values:
                return take(x, values[x])
            if isinstance(x, (*SCALARS, *INDEXED)):
                return take(x, self._part(x))
            if isinstance(x, sympy.Symbol):
                if x in self.indices.axes:
                    return take(x, self.indices.counter(x))
                known = self.sizes.get(x.name) if x.name not in self.sources else None
                if known is not None:
                    return sympy.Integer(known) if isinstance(known, int) else take(x, as_tensor(known))
                return take(x, self._source(x.name))
            return x.func(*map(replaced, x.args)) if x.args else x

        template = replaced(e)
        if parts:
            return from_sympy(template, parts)
        exact = isinstance(template, sympy.Expr) and template.is_number
        return contract("full", (), Subscripts((), (), template), ()) if exact else as_tensor(template)

    def _part(self, e: sympy.Basic) -> Tensor:
        """A scalar that is made of matrices, an element at indices, or a sum over indices."""
        if isinstance(e, (sympy.Sum, sympy.Product)):
            return self._series(e)
        if isinstance(e, sympy.KroneckerDelta):
            return self._delta(*e.args)
        if isinstance(e, sympy.Indexed):
            return self.indices.take(self._source(str(e.base.label)), [self._place(k) for k in e.indices])
        if isinstance(e, MatrixElement):
            return self.indices.take(self._closed(e.parent), [self._place(k) for k in e.indices])
        if isinstance(e, ArrayElement):
            return self.indices.take(self._closed(e.name), [self._place(k) for k in e.indices])
        return self._closed(e)

    def _closed(self, e: sympy.Basic) -> Tensor:
        """The tensor of a part that depends on no index."""
        outer, self.indices = self.indices, Indices()
        try:
            return self._of(e)
        finally:
            self.indices = outer

    def _place(self, e: sympy.Basic) -> sympy.Expr:
        """A place in which sizes of the formula are those of the tensors."""
        known = {s: sympy.sympify(self.sizes[s.name]) for s in e.free_symbols if s.name in self.sizes}
        return sympy.sympify(e).xreplace({s: d for s, d in known.items() if s not in self.indices.axes})

    def _series(self, e: sympy.Sum | sympy.Product) -> Tensor:
        """A sum or a product over indices, the last of which are the outer ones."""
        if not all(len(limit) == 3 for limit in e.limits) or e.has(sympy.oo):
            raise TypeError(f"{e} is no sum of finitely many terms, and can't be compared")
        combine = reduce_sum if isinstance(e, sympy.Sum) else reduce_prod
        bounds = [self.indices.enter(k, self._place(i), self._place(j)) for k, i, j in reversed(e.limits)]
        found = self.scalar(e.function, {})
        for bound in reversed(bounds):
            found = combine(self.indices.spread(found), -1)
            self.indices.leave(bound)
        return found

    def _delta(self, i: sympy.Expr, j: sympy.Expr) -> Tensor:
        """One where two places are the same, else zero."""
        places = [self._place(k) for k in (i, j)]
        found = self.indices.delta(*places)
        if found is not None:
            return found
        left, right = (self.scalar(k, {}) for k in places)
        return cast(apply(TABLE["equal"], (left, right)), "float64")


def free_indices(e: sympy.Basic) -> list[sympy.Symbol]:
    """The indices of elements that no sum binds, in the order in which index notation names axes."""
    sums = e.atoms(sympy.Sum, sympy.Product)
    places = [k for p in e.atoms(sympy.Indexed, MatrixElement) for k in p.indices]
    places += [k for d in e.atoms(sympy.KroneckerDelta) for k in d.args]
    places += [end for s in sums for limit in s.limits for end in limit[1:]]
    used = {s for k in places for s in k.free_symbols}
    bound = {limit[0] for s in sums for limit in s.limits}
    found = [s for s in used - bound if s.is_integer and not s.is_positive]
    return sorted(found, key=lambda s: (len(s.name), s.name[1:], s.name))


def _number(reader: SympyReader, e: sympy.Basic) -> TensorLike:
    """A scalar: a number as it is, which a tensor would round; what sympy would evaluate in it is evaluated."""
    if not isinstance(e, sympy.Expr) or not e.is_number:
        return reader._of(e)
    return e.func(*(_number(reader, a) for a in e.args)) if e.args else e


def _product(reader: SympyReader, e: sympy.Basic) -> Tensor:
    scalars = [_number(reader, f) for f in e.args if not getattr(f, "is_Matrix", False)]
    matrices = [reader._of(f) for f in e.args if getattr(f, "is_Matrix", False)]
    return reduce(operator.mul, scalars, reduce(operator.matmul, matrices))


def _trace(reader: SympyReader, e: sympy.Basic) -> Tensor:
    return trace(reader._of(e.arg))


def _map(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """A function of the elements of matrices."""
    function, *matrices = e.args
    return reader.scalar(function.expr, dict(zip(function.variables, map(reader._of, matrices), strict=True)))


def _argsort(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """The places of a column in their order, as a column."""
    return expand_dims(argsort(reader._of(e.args[0])[:, 0]), -1)


def _softmax(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """Over a column, or over each row of a matrix."""
    z = reader._of(e.args[0])
    return expand_dims(softmax(z[:, 0]), -1) if e.args[0].shape[1] == 1 else softmax(z)


def _logsumexp(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """Over all elements."""
    z = reader._of(e.args[0])
    return reduce_logsumexp(z[:, 0] if e.args[0].shape[1] == 1 else z)


def _one_hot(reader: SympyReader, e: sympy.Basic) -> Tensor:
    ids, size = e.args
    places = cast(reader._of(ids), "int64")
    if not places.shape:
        return expand_dims(one_hot(places, reader.dim(size)), -1)
    return one_hot(places[:, 0], reader.dim(size))


def _convolve(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """A correlation of two matrices, or a convolution: the correlation with the second turned around, among zeros."""
    x, kernel = map(reader._of, e.args)
    full = isinstance(e, function_classes.convolve)
    pads = [(d - 1, d - 1) for d in kernel.shape] if full and is_concrete(kernel.shape) else "VALID"
    if not is_concrete(kernel.shape):
        raise TypeError(f"{e} can't be compared, its windows have no known size; give the program itself")
    kernel = kernel[::-1, ::-1] if full else kernel
    return conv2d(x[None, :, :, None], kernel[:, :, None, None], 1, pads)[0, :, :, 0]


def _arange(reader: SympyReader, e: sympy.Basic) -> Tensor:
    first, count, step = map(reader.dim, e.args)
    return cast(expand_dims(first + step * arange(count), -1), "float64")


def _cross(reader: SympyReader, e: sympy.Basic) -> Tensor:
    a, b = map(reader._of, e.args)
    return transpose(cross(transpose(a), transpose(b))) if e.shape[1] == 1 else cross(a, b)


def _selection(reader: SympyReader, e: sympy.Basic) -> Tensor:
    start, length, step, size = map(reader.dim, e.args)
    return take_slice(eye(size), 0, start, length, int(step))


def _slice(reader: SympyReader, e: sympy.Basic) -> Tensor:
    found = reader._of(e.parent)
    for axis, (start, stop, step) in enumerate((e.rowslice, e.colslice)):
        length = sympy.ceiling(sympy.sympify(reader.dim(stop) - reader.dim(start)) / reader.dim(step))
        found = take_slice(found, axis, reader.dim(start), reader.dim(length), int(reader.dim(step)))
    return found


def _part(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """What is taken along each axis; a row is a column here, as in the formula."""
    found = reader._of(e.args[0])
    axis = 0
    for places in slices.list_places(e):
        if isinstance(places, sympy.Tuple):
            start, length, step = map(reader.dim, places)
            found = take_slice(found, axis, start, length, int(step))
            axis += 1
        elif any(s.name in reader.sources for s in places.free_symbols):
            ids = cast(reader._of(places), "int64")
            found = gather(found, ids[:, 0] if ids.shape else ids, axis=axis)
            axis += len(ids.shape[:1])
        else:
            found = squeeze(take_slice(found, axis, reader.dim(places), 1, 1), axis)
    return expand_dims(found, -1) if len(e.shape) == 2 and found.ndim == 1 else found


def _blocks(reader: SympyReader, e: sympy.Basic) -> Tensor:
    return concat([concat(list(map(reader._of, row)), 1) for row in e.args], 0)


def _mark_greatest(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """One at the first greatest element of each block: where its place is that of ``argmax``."""
    array, *sizes = e.args
    x, counts = reader._of(array), [*map(int, sizes)]
    apart = [d for size, count in zip(x.shape, counts) for d in (size // count, count)]
    outer, inner = [*range(0, 2 * x.ndim, 2)], [*range(1, 2 * x.ndim, 2)]
    many = math.prod(counts)
    blocks = transpose(reshape(x, apart), [*outer, *inner])
    places = argmax(reshape(blocks, [*(apart[k] for k in outer), many]), -1)
    marked = reshape(one_hot(places, many), [apart[k] for k in (*outer, *inner)])
    order = [at for k in range(x.ndim) for at in (k, x.ndim + k)]
    return reshape(transpose(marked, order), x.shape)


def _padded(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """An array with a number around it."""
    array, widths, number = e.args
    pairs = [(reader.dim(before), reader.dim(behind)) for before, behind in widths]
    return pad(reader._of(array), pairs, constant_values=float(number))


def _upsampled(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """The Kronecker product with a one and zeros behind it."""
    m, step, size, start, _ = e.args
    one = take_slice(eye(int(step)), 1 - e.axis, 0, 1, 1)
    whole = take_slice(kron(reader._of(m), one), e.axis, 0, reader.dim(size - start), 1)
    before = [reader.dim(start if axis == e.axis else d) for axis, d in enumerate(e.shape)]
    return whole if start == 0 else concat([zeros(before), whole], e.axis)


def _interleaved(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """The sum of what is put into the places of each."""
    axis, *parts = e.args
    step, size = sympy.Integer(len(parts)), e.shape[e.axis]
    rows = (strides.upsample(m, step, size, sympy.Integer(k), axis) for k, m in enumerate(parts))
    return reduce(operator.add, (_upsampled(reader, row) for row in rows))


def _banded(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """The diagonal matrix, with rows of zeros above or below it and columns of zeros at the other side."""
    vector, number = e.args
    inner = diag(reshape(reader._of(vector), (-1,)))
    size, count = inner.shape[0], abs(int(number))
    rows, columns = zeros((count, size)), zeros((size + count, count))
    return (
        concat([columns, concat([inner, rows], 0)], 1) if number > 0 else concat([concat([rows, inner], 0), columns], 1)
    )


def _named(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """An operation by its name."""
    name, shape, *args = e.args
    if str(name) not in TABLE or any(isinstance(a, Str) for a in args):
        raise TypeError(f"a formula with {name} does not say all of the call; give the function that computes it")
    operands = tuple(reader._of(a) for a in args if hasattr(a, "shape"))
    numbers = [reader.dim(a) for a in args if not hasattr(a, "shape")]
    params = numbers[0] if numbers else None
    found = record_tensor(TABLE[str(name)], operands, params, tuple(map(reader.dim, shape)), operands[0].dtype)
    return expand_dims(found, -1) if found.ndim == 1 and isinstance(e, Applied) else found


def _as_matrix(reader: SympyReader, e: sympy.Basic) -> Tensor:
    found = reader._of(e.args[0])
    return expand_dims(found, -1) if found.ndim == 1 else found


def _for_each(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """A formula of each member of a batch: the reader knows members in place of the arrays."""
    body, sizes, shape, *pairs = e.args
    names = [str(name) for name, _, _ in pairs]

    def read_member(*members: Tensor) -> Tensor:
        inner = SympyReader({**reader.sources, **dict(zip(names, members))}, reader.sizes)
        found = inner._of(body)
        return found[:, 0] if len(shape) == 1 else found

    mapped = read_member
    for axis in reversed(range(len(sizes))):
        mapped = vmap(mapped, in_axes=tuple(_find_axis(axes, axis) for _, _, axes in pairs))
    return mapped(*(reader._source(name) for name in names))


def _find_axis(axes: Sequence[sympy.Expr], axis: int) -> int | None:
    """Where an array has an axis of a batch when it has lost those before; None where it has none."""
    left = [int(k) for k in axes if not 0 <= k < axis]
    return left.index(axis) if axis in left else None


def _moved_batch(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """What there is for each member, the axes of the batch in their places."""
    batch, places = e.args
    made = _for_each(reader, batch)
    outer = [int(k) for k in places]
    own = iter(range(len(outer), made.ndim))
    return transpose(made, [outer.index(k) if k in outer else next(own) for k in range(made.ndim)])


def _batch_as_matrix(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """What there is for each member, numbers as a column."""
    made = reader._of(e.args[0])
    return made if made.ndim == 2 else expand_dims(made, -1)


def _sum_over_batch(reader: SympyReader, e: sympy.Basic) -> Tensor:
    """The sum of what there is for each member, a column of one axis as one of two."""
    (batch,) = e.args
    added = reduce_sum(_for_each(reader, batch), list(range(len(batch.args[1]))))
    return added if added.ndim == 2 else expand_dims(added, -1)


def _element(reader: SympyReader, e: sympy.Basic) -> Tensor:
    return reader._part(e)


def _power(reader: SympyReader, e: sympy.Basic) -> Tensor:
    base = reader._of(e.base)
    return inv(base) if e.exp == -1 else matrix_power(base, int(e.exp))


def _shaped(make: Callable[..., Tensor]) -> Callable[[SympyReader, sympy.Basic], Tensor]:
    return lambda reader, e: make(tuple(map(reader.dim, e.shape)))


READERS: dict[Kind, Callable[[SympyReader, sympy.Basic], Tensor]] = {
    sympy.MatrixSymbol: SympyReader.bind,
    sympy.MatMul: _product,
    sympy.MatAdd: lambda r, e: reduce(operator.add, map(r._of, e.args)),
    sympy.HadamardProduct: lambda r, e: reduce(operator.mul, map(r._of, e.args)),
    sympy.HadamardPower: lambda r, e: r._of(e.base) ** _number(r, e.exp),
    sympy.Transpose: lambda r, e: transpose(r._of(e.arg)),
    sympy.Adjoint: lambda r, e: transpose(r._of(e.arg)),
    sympy.Inverse: lambda r, e: inv(r._of(e.arg)),
    sympy.MatPow: _power,
    sympy.Trace: _trace,
    sympy.Determinant: lambda r, e: det(r._of(e.arg)),
    sympy.Identity: lambda r, e: eye(r.dim(e.shape[0])),
    sympy.ZeroMatrix: _shaped(zeros),
    sympy.OneMatrix: _shaped(ones),
    sympy.KroneckerProduct: lambda r, e: reduce(kron, map(r._of, e.args)),
    DiagMatrix: lambda r, e: diag(reshape(r._of(e.args[0]), (-1,))),
    DiagonalOf: lambda r, e: expand_dims(diag_part(r._of(e.arg)), -1),
    classes.ElementwiseMap: _map,
    sympy.matrices.expressions.applyfunc.ElementwiseApplyFunction: _map,
    function_classes.argsort: _argsort,
    function_classes.softmax: _softmax,
    scalars.total: lambda r, e: reduce_sum(r._of(e.args[0])),
    scalars.mean: lambda r, e: reduce_mean(r._of(e.args[0])),
    scalars.norm: lambda r, e: norm(r._of(e.args[0])),
    scalars.greatest: lambda r, e: reduce_max(r._of(e.args[0])),
    scalars.least: lambda r, e: reduce_min(r._of(e.args[0])),
    scalars.product: lambda r, e: reduce_prod(r._of(e.args[0])),
    function_classes.max_rows: lambda r, e: reduce_max(r._of(e.args[0]), -1, keepdims=True),
    function_classes.min_rows: lambda r, e: reduce_min(r._of(e.args[0]), -1, keepdims=True),
    function_classes.prod_rows: lambda r, e: reduce_prod(r._of(e.args[0]), -1, keepdims=True),
    function_classes.cumsum: lambda r, e: cumsum(r._of(e.args[0]), int(e.args[3]), bool(e.args[1]), bool(e.args[2])),
    function_classes.cumprod: lambda r, e: cumprod(r._of(e.args[0]), int(e.args[3]), bool(e.args[1]), bool(e.args[2])),
    function_classes.Windows: _convolve,
    function_classes.roll: lambda r, e: roll(r._of(e.args[0]), int(e.args[1]), int(e.args[2])),
    function_classes.onehot: _one_hot,
    function_classes.arange: _arange,
    scalars.logsumexp: _logsumexp,
    function_classes.logsumexp_rows: lambda r, e: reduce_logsumexp(r._of(e.args[0]), -1, keepdims=True),
    function_classes.band_part: lambda r, e: band_part(r._of(e.args[0]), int(e.args[1]), int(e.args[2])),
    function_classes.pinv: lambda r, e: pinv(r._of(e.args[0])),
    function_classes.cholesky: lambda r, e: cholesky(r._of(e.args[0])),
    function_classes.expm: lambda r, e: expm(r._of(e.args[0])),
    function_classes.cross: _cross,
    slices.Selection: _selection,
    slices.Concatenation: lambda r, e: concat(list(map(r._of, e.args)), 0),
    slices.Blocks: _blocks,
    slices.Stack: lambda r, e: stack(list(map(r._of, e.args[1:])), int(e.args[0])),
    (firstmax, ArrayFirstMax): _mark_greatest,
    Padded: _padded,
    strides.upsample: _upsampled,
    strides.interleave: _interleaved,
    strides.Band: _banded,
    (slices.Part, slices.ArrayPart): _part,
    MatrixSlice: _slice,
    ArrayAsMatrix: _as_matrix,
    ArrayAsScalar: lambda r, e: r._of(e.args[0]),
    ForEach: _for_each,
    MovedBatch: _moved_batch,
    BatchAsMatrix: _batch_as_matrix,
    SumOverBatch: _sum_over_batch,
    (Applied, AppliedArray, AppliedScalar): _named,
    (MatrixElement, ArrayElement, sympy.Sum, sympy.Product, sympy.Indexed): _element,
}
"""How nodes of matrix expressions are built as tensors."""

SCALARS = (
    sympy.Trace, sympy.Determinant, MatrixElement, scalars.Reduction,
    AppliedScalar, ArrayAsScalar, ArrayElement,
)  # fmt: skip
"""Scalars that are made of matrices."""

INDEXED = (sympy.Sum, sympy.Product, sympy.Indexed, sympy.KroneckerDelta)
"""Scalars at places, and over places."""
