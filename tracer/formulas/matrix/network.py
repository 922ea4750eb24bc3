"""Contractions as networks: their edges are matrices, and their vertices are labels.

A contraction is reduced as a series-parallel network is, with four rules: parallel edges are a Hadamard product, a
summed vertex between two edges is a matrix product, a vector at a vertex is a diagonal matrix between its edges, and a
closed loop is a trace. What is left open is the result.

References
----------
Duffin, Topology of series-parallel networks, 1965, gives the same reduction for resistors.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.matrices.expressions import MatrixSymbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.tensor.array.expressions import ArraySymbol, Reshape

from tracer.formulas.counting import count_written
from tracer.formulas.matrix.array_classes import ArrayAsMatrix
from tracer.formulas.matrix.classes import (
    DiagMatrix,
    DiagonalOf,
    HadamardPower,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    OneMatrix,
)
from tracer.formulas.matrix.constructors import MatrixAlgebra, scalar_product
from tracer.formulas.matrix.function_classes import onehot
from tracer.shapes import Dim
from tracer.terms.record import Labels

Edge = tuple[MatrixExpr, int, int]
"""A matrix with the labels of its rows and of its columns."""


class Network:
    """A contraction while it is put into matrix notation.

    Parameters
    ----------
    algebra : MatrixAlgebra
        What puts matrices together.
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
    matrices : list of Edge
    arrays : list of (array, labels)
    summed : set of int
        The labels that are to be summed over.

    Examples
    --------
    >>> from tracer.terms.work import Budget
    >>> A, w = sympy.MatrixSymbol("A", 3, 2), sympy.MatrixSymbol("w", 3, 1)
    >>> network = Network(MatrixAlgebra(Budget()), sympy.S.One, (1,), [3, 2], [(A, (0, 1)), (w, (0,))])
    >>> network.reduce()
    >>> network.result()
    A.T*w
    """

    def __init__(
        self,
        algebra: MatrixAlgebra,
        scale: sympy.Expr,
        out: Labels,
        sizes: Sequence[Dim],
        factors: Sequence[tuple[sympy.Expr, Labels]],
    ) -> None:
        self.algebra = algebra
        self.out = out
        self.sizes = sizes
        self.scalars: list[sympy.Expr] = [scale]
        self.vectors: dict[int, list[MatrixExpr]] = {}
        self.matrices: list[Edge] = []
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
                self.scalars.append(algebra.trace(m))
            else:
                self.vectors.setdefault(labels[0], []).append(_take_diagonal(self.algebra, m))

    # Reduction.

    def reduce(self) -> None:
        """Eliminate summed labels until none can be."""
        fixed = {k for _, labels in self.arrays for k in labels}
        while True:
            free = sorted(self.summed - fixed, key=lambda k: (not self._is_looked_up(k), k))
            if any(self._sum_end(k, fixed) for k in free) or any(self._sum_middle(k) for k in free):
                continue
            if not self._merge_parallel():
                return

    def _is_looked_up(self, k: int) -> bool:
        """Whether a label is that of the places that integers choose: their rows are taken before anything else."""
        return any(j == k and _chooses_rows(m) for m, _, j in self.matrices)

    def _edges_at(self, k: int) -> list[Edge]:
        """The matrices that have a label."""
        return [m for m in self.matrices if k in m[1:]]

    def _orient(self, edge: Edge, row: int) -> MatrixExpr:
        """The matrix of an edge with a label at its rows."""
        m, i, _ = edge
        return m if i == row else self.algebra.transpose(m)

    def _sum_end(self, k: int, fixed: set[int]) -> bool:
        """Sum over a label at no or one matrix: ``A*v``, or a scalar where nothing else is left."""
        edges = self._edges_at(k)
        if len(edges) > 1:
            return False
        vectors = self.vectors.pop(k, [])
        self.summed.discard(k)
        if not edges:
            if vectors:
                self.scalars.append(self._sum_elements(vectors, k))
            return True
        self.matrices.remove(edges[0])
        m, i, j = edges[0]
        other = j if i == k else i
        if not vectors and self._is_lone(other, fixed):
            first, *rest = _split_hadamard(m)
            if rest:
                self.summed.discard(other)
                if any(map(_is_below, (first, *rest))):
                    self.scalars.append(self.algebra.total(m))
                    return True
                if 1 in m.shape:
                    columns = [f if f.shape[1] == 1 else self.algebra.transpose(f) for f in (first, *rest)]
                    self.scalars.append(self.algebra.quadratic(columns[0], self.algebra.hadamard(*columns[1:])))
                    return True
                self.scalars.append(self.algebra.trace_of_product(first, self.algebra.hadamard(*rest)))
                return True
        v = self._orient(edges[0], other)
        if vectors or self.sizes[k] != 1:
            v = self.algebra.matmul(v, self._merge_vectors(vectors, k))
        self.vectors.setdefault(other, []).append(v)
        return True

    def _is_lone(self, k: int, fixed: set[int]) -> bool:
        """Whether a label is summed over and nothing that is left has it."""
        return k in self.summed and k not in fixed and not self.vectors.get(k) and not self._edges_at(k)

    def _sum_elements(self, vectors: list[MatrixExpr], k: int) -> sympy.Expr:
        """The sum of the elements of a product of columns, as a scalar: ``u.T*v``, of a quotient ``sum(u/v)``."""
        if self.sizes[k] == 1 and len(vectors) == 1:
            return self.algebra.element(vectors[0])
        if len(vectors) == 1:
            v = vectors[0]
            if isinstance(v, HadamardProduct):
                return self._sum_elements(list(v.args), k)
            first, *rest = _split_power(v)
            return self.algebra.quadratic(first, rest[0]) if rest else self.algebra.quadratic(OneMatrix(*v.shape), v)
        if any(map(_is_below, vectors)):
            return self.algebra.total(self.algebra.hadamard(*vectors))
        shortest = min(range(len(vectors)), key=lambda n: self._rank_vector(vectors[n]))
        others = [v for n, v in enumerate(vectors) if n != shortest]
        return self.algebra.quadratic(vectors[shortest], self.algebra.hadamard(*others))

    def _rank_vector(self, v: MatrixExpr) -> tuple[int, str]:
        """The order in which columns stand in front: sources by their names, then what is short when written."""
        if isinstance(v, MatrixSymbol):
            return 0, str(v)
        return count_written(v, lambda part: 1, self.algebra.budget), ""

    def _sum_middle(self, k: int) -> bool:
        """Sum over a label between two matrices: ``A*B``, or ``A*diag(v)*B``."""
        edges = self._edges_at(k)
        if len(edges) != 2:
            return False
        left, right = (i if j == k else j for _, i, j in edges)
        if left == right:
            return False
        vectors = self.vectors.pop(k, [])
        between = [DiagMatrix(self.algebra.hadamard(*vectors))] if vectors else []
        a, b = self._orient(edges[0], left), self._orient(edges[1], k)
        for m in edges:
            self.matrices.remove(m)
        self.matrices.append((self.algebra.matmul(a, *between, b), left, right))
        self.summed.discard(k)
        return True

    def _merge_parallel(self) -> bool:
        """Multiply matrices between the same labels, element by element."""
        groups: dict[tuple[int, int], list[Edge]] = {}
        for m in self.matrices:
            groups.setdefault((min(m[1:]), max(m[1:])), []).append(m)
        for (i, j), edges in groups.items():
            if len(edges) < 2:
                continue
            for m in edges:
                self.matrices.remove(m)
            self.matrices.append((self._multiply(edges, i, j), i, j))
            return True
        return False

    def _multiply(self, edges: list[Edge], i: int, j: int) -> MatrixExpr:
        """The elementwise product of matrices between two labels, the first of which is at its rows."""
        if sum(m[1] == j for m in edges) * 2 > len(edges):
            return self.algebra.transpose(self.algebra.hadamard(*(self._orient(m, j) for m in edges)))
        return self.algebra.hadamard(*(self._orient(m, i) for m in edges))

    # The result.

    def is_closed(self) -> bool:
        """Whether nothing but the result's own labels is left."""
        return not self.summed and not self.arrays

    def result(self) -> sympy.Expr:
        """The reduced network as a scalar, column or matrix."""
        c = scalar_product(*self.scalars)
        if not self.out:
            return c
        if len(self.out) == 1:
            return self.algebra.matmul(c, self._merge_vectors(self.vectors.get(self.out[0], []), self.out[0]))
        i, j = self.out
        if i == j:
            vectors = self.vectors.get(i)
            if not vectors:
                return self.algebra.matmul(c, Identity(self.sizes[i]))
            front, vector = _split_scalars(self.algebra, self.algebra.hadamard(*vectors))
            return self.algebra.matmul(c, *front, DiagMatrix(vector))
        if not self.matrices:
            return self._write_outer(c, i, j)
        (edge,) = self.matrices
        m = self._orient(edge, i)
        u, v = (self.algebra.hadamard(*self.vectors[k]) if k in self.vectors else None for k in (i, j))
        if u is not None and v is not None:
            outer = self.algebra.matmul(u, self.algebra.transpose(v))
            return self.algebra.matmul(c, self.algebra.hadamard(m, outer))
        left = [] if u is None else [DiagMatrix(u)]
        right = [] if v is None else [DiagMatrix(v)]
        return self.algebra.matmul(c, *left, m, *right)

    def _write_outer(self, c: sympy.Expr, i: int, j: int) -> sympy.Expr:
        """The product ``c*u*v.T`` of the columns at two labels; one that is missing is of ones."""
        if i in self.vectors and j not in self.vectors and self.sizes[j] == 1:
            return self.algebra.matmul(c, self._merge_vectors(self.vectors[i], i))
        if j in self.vectors and i not in self.vectors and self.sizes[i] == 1:
            return self.algebra.matmul(c, self.algebra.transpose(self._merge_vectors(self.vectors[j], j)))
        u, v = (self._merge_vectors(self.vectors.get(k, []), k) for k in (i, j))
        if isinstance(u, OneMatrix) and isinstance(v, OneMatrix):
            return self.algebra.matmul(c, OneMatrix(self.sizes[i], self.sizes[j]))
        return self.algebra.matmul(c, u, self.algebra.transpose(v))

    def _merge_vectors(self, vectors: Sequence[MatrixExpr], k: int) -> MatrixExpr:
        """The elementwise product of columns at a label; of none, ones."""
        return self.algebra.hadamard(*vectors) if vectors else OneMatrix(self.sizes[k], 1)

    def open_parts(self) -> list[tuple[sympy.Expr, Labels]]:
        """The matrices, columns and arrays that the reduction left, as arrays, with the labels of their axes."""
        parts = list(self.arrays)
        for m, i, j in self.matrices:
            if isinstance(m, Transpose):
                m, i, j = m.args[0], j, i
            parts.append((m.args[0] if isinstance(m, ArrayAsMatrix) else m, (i, j)))
        for k, columns in sorted(self.vectors.items()):
            parts.append((self._to_array(self.algebra.hadamard(*columns)), (k,)))
        return parts

    def _to_array(self, column: MatrixExpr) -> sympy.Expr:
        """A column as an array of rank one."""
        if isinstance(column, MatrixSymbol) and column.name in self.algebra.vectors:
            return ArraySymbol(column.name, (column.shape[0],))
        if isinstance(column, ArrayAsMatrix) and len(column.args[0].shape) == 1:
            return column.args[0]
        return Reshape(column, (column.shape[0],))


def _split_hadamard(m: MatrixExpr) -> list[MatrixExpr]:
    """The factors of an elementwise product, or of its transpose: ``A*B**3 -> A, B, B**2``."""
    if isinstance(m, Transpose):
        m = m.args[0]
    return [part for f in (m.args if isinstance(m, HadamardProduct) else (m,)) for part in _split_power(f)]


def _split_power(m: MatrixExpr) -> list[MatrixExpr]:
    """The two factors of an elementwise power: ``A**3 -> A, A**2``; what is no power is the only one."""
    if not (isinstance(m, HadamardPower) and m.args[1].is_Integer and m.args[1] > 1):
        return [m]
    base, e = m.args
    return [base, base if e == 2 else HadamardPower(base, e - 1)]


def _take_diagonal(algebra: MatrixAlgebra, m: MatrixExpr) -> MatrixExpr:
    """The diagonal of a matrix: a vector that is on it, or a power of the diagonal if it is one of the elements."""
    if isinstance(m, HadamardPower):
        return HadamardPower(DiagonalOf(m.args[0]), m.args[1])
    front, core = _split_scalars(algebra, m)
    return algebra.matmul(*front, core.args[0]) if isinstance(core, DiagMatrix) else DiagonalOf(m)


def _split_scalars(algebra: MatrixAlgebra, m: MatrixExpr) -> tuple[list[sympy.Expr], MatrixExpr]:
    """The numbers in front of a matrix, and the matrix without them."""
    if not isinstance(m, MatMul):
        return [], m
    front = [f for f in m.args if not isinstance(f, MatrixExpr)]
    return front, algebra.matmul(*m.args[len(front) :]) if front else m


def _is_below(m: MatrixExpr) -> bool:
    """Whether a factor is divided by, element by element."""
    return isinstance(m, HadamardPower) and bool(m.args[1].is_negative)


def _chooses_rows(m: MatrixExpr) -> bool:
    """Whether the rows of a matrix times another are rows of that, or sums of a few."""
    parts = m.args if isinstance(m, MatAdd) else [m]
    return all(isinstance(x.args[-1] if isinstance(x, MatMul) else x, onehot) for x in parts)
