"""sympy's expressions as tensors: scalar ones, and those in matrices."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce

import sympy
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.ops.contraction import diag, diag_part, expand_dims, trace, transpose
from tracer.ops.creation import eye, ones, zeros
from tracer.ops.diagonal import kron
from tracer.ops.elementwise import from_sympy
from tracer.ops.inverses import det, inv
from tracer.ops.powers import matrix_power
from tracer.ops.reshaping import reshape
from tracer.ops.structure import stack
from tracer.shapes import Dim
from tracer.tensor import Tensor, as_tensor


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
        """The tensor of an expression."""
        for symbol in sorted(e.atoms(sympy.MatrixSymbol), key=str):
            self.bind(symbol)
        return self._of(e)

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
        if isinstance(e, sympy.MatrixExpr):
            raise TypeError(
                f"a formula with {type(e).__name__} can't be compared; write products, sums, transposes, inverses"
            )
        return self._scalar(e)

    def _scalar(self, e: sympy.Basic) -> Tensor:
        """A scalar expression: its largest parts in matrices are tensors, and the rest a template over them."""
        parts: dict[sympy.Basic, Tensor] = {}
        slots: dict[sympy.Basic, sympy.Symbol] = {}

        def take(part: sympy.Basic, value: Tensor) -> sympy.Symbol:
            slot = slots.setdefault(part, sympy.Symbol(f"part_{len(slots)}", real=True))
            parts[slot] = value
            return slot

        def replaced(x: sympy.Basic) -> sympy.Basic:
            if isinstance(x, SCALARS):
                return take(x, self._of(x))
            if isinstance(x, sympy.Symbol):
                known = self.sizes.get(x.name) if x.name not in self.sources else None
                if known is not None:
                    return sympy.Integer(known) if isinstance(known, int) else take(x, as_tensor(known))
                return take(x, self._source(x.name))
            return x.func(*map(replaced, x.args)) if x.args else x

        template = replaced(e)
        return from_sympy(template, parts) if parts else as_tensor(template)


def _product(reader: SympyReader, e: sympy.Basic) -> Tensor:
    scalars = [reader._of(f) for f in e.args if not getattr(f, "is_Matrix", False)]
    matrices = [reader._of(f) for f in e.args if getattr(f, "is_Matrix", False)]
    return reduce(operator.mul, scalars, reduce(operator.matmul, matrices))


def _trace(reader: SympyReader, e: sympy.Basic) -> Tensor:
    return trace(reader._of(e.arg))


def _element(reader: SympyReader, e: sympy.Basic) -> Tensor:
    i, j = (reader.dim(k) for k in e.indices)
    return reader._of(e.parent)[i, j]


def _power(reader: SympyReader, e: sympy.Basic) -> Tensor:
    base = reader._of(e.base)
    return inv(base) if e.exp == -1 else matrix_power(base, int(e.exp))


def _shaped(make: Callable[..., Tensor]) -> Callable[[SympyReader, sympy.Basic], Tensor]:
    return lambda reader, e: make(tuple(map(reader.dim, e.shape)))


READERS: dict[type[sympy.Basic], Callable[[SympyReader, sympy.Basic], Tensor]] = {
    sympy.MatrixSymbol: SympyReader.bind,
    sympy.MatMul: _product,
    sympy.MatAdd: lambda r, e: reduce(operator.add, map(r._of, e.args)),
    sympy.HadamardProduct: lambda r, e: reduce(operator.mul, map(r._of, e.args)),
    sympy.HadamardPower: lambda r, e: r._of(e.base) ** r._of(e.exp),
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
    MatrixElement: _element,
}
"""How nodes of matrix expressions are built as tensors."""

SCALARS = (sympy.Trace, sympy.Determinant, MatrixElement)
"""Scalars that are made of matrices."""
