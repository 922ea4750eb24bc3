"""Contractions as networks: their edges are matrices, and their vertices are labels.

A contraction is reduced as a series-parallel network is, with four rules: parallel edges are a Hadamard product, a
summed vertex between two edges is a matrix product, a vector at a vertex is a diagonal matrix between its edges, and a
closed loop is a trace. What is left open is the result.

References
----------
Duffin, Topology of series-parallel networks, 1965, gives the same reduction for resistors.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import sympy
from sympy.matrices.expressions import MatrixSymbol, Trace, Transpose
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.tensor.array.expressions import ArraySymbol, Reshape

from tracer.formulas.counting import count_written
from tracer.formulas.matrix.array_classes import ArrayAsMatrix
from tracer.formulas.matrix.bodies import element
from tracer.formulas.matrix.classes import (
    DiagMatrix,
    DiagonalOf,
    HadamardPower,
    HadamardProduct,
    Identity,
    MatMul,
    OneMatrix,
)
from tracer.formulas.matrix.constructors import hadamard, matmul, scalar_product, split_scalars, transpose
from tracer.formulas.matrix.slices import unit
from tracer.shapes import Dim
from tracer.terms.record import Labels


class Network:
    """A contraction while it is put into matrix notation.

    Parameters
    ----------
    scale : sympy.Expr
    out : tuple of int
        The labels of the result.
    sizes : sequence of dimensions
        By label.
    factors : sequence of (matrix, labels)
        A scalar, a column, a matrix or, with more than two labels, an array, whose labels stay open.

    Attributes
    ----------
    scalars : list
    vectors : dict
        Columns by their label.
    matrices : list of (matrix, row label, column label)
    arrays : list of (array, labels)
    summed : set of int
        The labels that are to be summed over.
    """

    def __init__(
        self, scale: sympy.Expr, out: Labels, sizes: Sequence[Dim], factors: Sequence[tuple[sympy.Expr, Labels]]
    ) -> None:
        self.out = out
        self.sizes = sizes
        self.scalars: list[sympy.Expr] = [scale]
        self.vectors: dict[int, list[sympy.Expr]] = {}
        self.matrices: list[tuple[sympy.Expr, int, int]] = []
        self.arrays: list[tuple[sympy.Expr, Labels]] = []
        self.summed = {k for _, labels in factors for k in labels}.difference(out)
        for m, labels in factors:
            if not labels:
                self.scalars.append(m)
            elif len(labels) == 1:
                self.vectors.setdefault(labels[0], []).append(m)
            elif len(labels) > 2:
                self.arrays.append((m, labels))
            elif labels[0] != labels[1]:
                self.matrices.append((m, *labels))
            elif labels[0] in self.summed and sum(labels[0] in other for _, other in factors) == 1:
                self.scalars.append(trace(m))
            else:
                self.vectors.setdefault(labels[0], []).append(DiagonalOf(m))

    def reduce(self) -> None:
        """Eliminate summed labels until none can be."""
        fixed = {k for _, labels in self.arrays for k in labels}
        while True:
            free = sorted(self.summed - fixed)
            if not any(step(k) for step in (self._end, self._middle) for k in free) and not self._parallel(fixed):
                return

    def _at(self, k: int) -> list[tuple[sympy.Expr, int, int]]:
        return [m for m in self.matrices if k in m[1:]]

    def _end(self, k: int) -> bool:
        """A summed label at no or one matrix."""
        mats = self._at(k)
        if len(mats) > 1:
            return False
        vectors = self.vectors.pop(k, [])
        self.summed.discard(k)
        if not mats:
            if vectors:
                self.scalars.append(self._dot(vectors, k))
            return True
        m, i, j = mats[0]
        self.matrices.remove(mats[0])
        if i == j:
            self.scalars.append(trace(matmul(*([DiagMatrix(hadamard(*vectors))] if vectors else []), m)))
            return True
        other = j if i == k else i
        whole = other in self.summed and self._at(other) == [] and not self.vectors.get(other) and not vectors
        if whole and other not in {a for _, labels in self.arrays for a in labels}:
            parts = _hadamard_parts(m)
            if len(parts) > 1:
                self.summed.discard(other)
                self.scalars.append(trace_of_product(parts[0], hadamard(*parts[1:])))
                return True
        row = m if i == other else transpose(m)
        if self._size(k) == 1 and not vectors:
            v = row
        else:
            v = matmul(row, hadamard(*vectors) if vectors else OneMatrix(self._size(k), 1))
        self.vectors.setdefault(other, []).append(v)
        return True

    def _dot(self, vectors: list[sympy.Expr], k: int) -> sympy.Expr:
        """The sum of the elements of a product of columns, as a scalar."""
        if self._size(k) == 1 and len(vectors) == 1:
            return element(vectors[0])
        if len(vectors) == 1:
            v = vectors[0]
            if isinstance(v, HadamardProduct):
                return self._dot(list(v.args), k)
            if isinstance(v, HadamardPower) and v.args[1] == 2:
                return quadratic(v.args[0], v.args[0])
            if isinstance(v, HadamardPower) and v.args[1].is_Integer and v.args[1] > 2:
                return quadratic(v.args[0], HadamardPower(v.args[0], v.args[1] - 1))
            return quadratic(OneMatrix(*v.shape), v)
        best = min(range(len(vectors)), key=lambda n: (_length(v := vectors[n]), str(v) if _length(v) == 0 else ""))
        rest = [v for n, v in enumerate(vectors) if n != best]
        return quadratic(vectors[best], hadamard(*rest))

    def _middle(self, k: int) -> bool:
        """A summed label between two matrices."""
        mats = self._at(k)
        if len(mats) != 2:
            return False
        (a, i, j), (b, p, q) = mats
        left, right = (i if j == k else j), (p if q == k else q)
        if k in (left, right) or left == right:
            return False
        vectors = self.vectors.pop(k, [])
        between = [DiagMatrix(hadamard(*vectors))] if vectors else []
        a = a if j == k else transpose(a)
        b = b if p == k else transpose(b)
        for m in mats:
            self.matrices.remove(m)
        self.matrices.append((matmul(a, *between, b), left, right))
        self.summed.discard(k)
        return True

    def _parallel(self, fixed: set[int]) -> bool:
        """Matrices between the same labels."""
        groups: dict[tuple[int, int], list[tuple[sympy.Expr, int, int]]] = {}
        for m in self.matrices:
            groups.setdefault((min(m[1:]), max(m[1:])), []).append(m)
        for (i, j), mats in groups.items():
            if len(mats) < 2:
                continue
            for m in mats:
                self.matrices.remove(m)
            lone = [k in self.summed and k not in fixed and not self.vectors.get(k) and not self._at(k) for k in (i, j)]
            if all(lone):
                *rest, last = mats
                first = self._joined(rest, i, j)
                self.summed -= {i, j}
                self.scalars.append(trace_of_product(first, last[0] if last[1] == i else transpose(last[0])))
            else:
                self.matrices.append((self._joined(mats, i, j), i, j))
            return True
        return False

    @staticmethod
    def _joined(mats: list[tuple[sympy.Expr, int, int]], i: int, j: int) -> sympy.Expr:
        turned = sum(m[1] == j for m in mats)
        if turned * 2 > len(mats):
            return transpose(hadamard(*(m if p == j else transpose(m) for m, p, _ in mats)))
        return hadamard(*(m if p == i else transpose(m) for m, p, _ in mats))

    def closed(self) -> bool:
        """Whether nothing but the result's own labels is left."""
        return not self.summed and not self.arrays

    def result(self) -> sympy.Expr:
        """The reduced network as a scalar, column or matrix."""
        out = self.out
        c = scalar_product(*self.scalars)
        if not out:
            return c
        if len(out) == 1:
            found = self.vectors.get(out[0])
            v = hadamard(*found) if found else OneMatrix(self._size(out[0]), 1)
            return matmul(c, v)
        i, j = out
        if i == j:
            found = self.vectors.get(i)
            return matmul(c, DiagMatrix(hadamard(*found)) if found else Identity(self._size(i)))
        u, v = (hadamard(*self.vectors[k]) if k in self.vectors else None for k in out)
        if not self.matrices:
            if v is None and self._size(j) == 1 and u is not None:
                return matmul(c, u)
            if u is None and self._size(i) == 1 and v is not None:
                return matmul(c, transpose(v))
            u = OneMatrix(self._size(i), 1) if u is None else u
            v = OneMatrix(self._size(j), 1) if v is None else v
            if isinstance(u, OneMatrix) and isinstance(v, OneMatrix):
                return matmul(c, OneMatrix(self._size(i), self._size(j)))
            return matmul(c, u, transpose(v))
        ((m, p, _),) = self.matrices
        m = m if p == i else transpose(m)
        if u is not None and v is not None:
            return matmul(c, hadamard(m, matmul(u, transpose(v))))
        left = [] if u is None else [DiagMatrix(u)]
        right = [] if v is None else [DiagMatrix(v)]
        return matmul(c, *left, m, *right)

    def open_parts(self, names: Set[str]) -> list[tuple[sympy.Expr, Labels]]:
        """What is left, as arrays and their labels; the names are those of sources of rank one."""
        parts = list(self.arrays)
        for m, i, j in self.matrices:
            if isinstance(m, Transpose):
                m, i, j = m.args[0], j, i
            parts.append((m.args[0] if isinstance(m, ArrayAsMatrix) else m, (i, j)))
        for k, columns in sorted(self.vectors.items()):
            parts.append((_as_array(hadamard(*columns), names), (k,)))
        return parts

    def _size(self, k: int) -> sympy.Expr:
        return self.sizes[k]


def _as_array(column: sympy.Expr, names: Set[str]) -> sympy.Expr:
    """A column as an array of rank one."""
    if isinstance(column, MatrixSymbol) and column.name in names:
        return ArraySymbol(column.name, (column.shape[0],))
    if isinstance(column, ArrayAsMatrix) and len(column.args[0].shape) == 1:
        return column.args[0]
    return Reshape(column, (column.shape[0],))


def _length(m: sympy.Expr) -> int:
    return count_written(m, lambda part: 1) if not isinstance(m, MatrixSymbol) else 0


def quadratic(u: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
    """``u.T*v`` as a scalar."""
    (front, u), (more, v) = split_scalars(u), split_scalars(v)
    scalars = front + more
    if isinstance(u, OneMatrix) and isinstance(v, OneMatrix):
        return scalar_product(*scalars, u.shape[0])
    for one, other in ((u, v), (v, u)):
        if unit(one) is not None and isinstance(other, (MatrixSymbol, MatrixSlice)):
            whole = other.args[0] if isinstance(other, MatrixSlice) else other
            if whole is other or whole.shape[0] == other.shape[0]:
                column = other.args[2][0] if whole is not other else 0
                return scalar_product(*scalars, element(whole, unit(one), column))
    if isinstance(u, MatMul) and isinstance(u.args[-1], OneMatrix):
        u, v = v, u
    one = element(MatMul(*_flat(transpose(u)), *_flat(v), evaluate=False))
    return scalar_product(*scalars, one) if scalars else one


def _hadamard_parts(m: sympy.Expr) -> list[sympy.Expr]:
    """The factors of an elementwise product, squares twice."""
    if isinstance(m, Transpose):
        m = m.args[0]
    parts: list[sympy.Expr] = []
    for f in m.args if isinstance(m, HadamardProduct) else (m,):
        if isinstance(f, HadamardPower) and f.args[1].is_Integer and f.args[1] > 1:
            parts += [f.args[0], f.args[0] if f.args[1] == 2 else HadamardPower(f.args[0], f.args[1] - 1)]
        else:
            parts.append(f)
    return parts


def _flat(m: sympy.Expr) -> list[sympy.Expr]:
    return list(m.args) if isinstance(m, MatMul) else [m]


def trace(m: sympy.Expr) -> sympy.Expr:
    """The trace, scalars in front, without outer transposes."""
    front, m = split_scalars(m)
    if front:
        return scalar_product(*front, trace(m))
    if isinstance(m, Transpose):
        return trace(m.args[0])
    if isinstance(m, Identity):
        return m.shape[0]
    made = Trace(m)
    return made


def trace_of_product(a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
    """``sum(a*b)`` over all elements, as the trace of a product."""
    candidates = [matmul(transpose(a), b), matmul(a, transpose(b))]
    best = min(candidates, key=lambda m: count_written(m, lambda part: isinstance(part, Transpose)))
    return trace(best)
