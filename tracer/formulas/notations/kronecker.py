"""Derivatives of matrices by matrices as matrices: that of ``vec`` of the one by ``vec`` of the other."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.printing.printer import Printer

from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.bodies import MatrixFunction, element
from tracer.formulas.matrix.classes import DiagMatrix, Identity, KroneckerProduct, MatAdd
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.index import einstein
from tracer.shapes import Dim
from tracer.terms import record as T
from tracer.terms.decomposition import factors_of, summands_of
from tracer.terms.factors import connected_blocks
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, Factor, Term


class commutation(MatrixFunction):
    """The matrix K with ``K*vec(A) = vec(A.T)`` for every A of m rows and n columns: ``args`` are m and n."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        size = self.args[0] * self.args[1]
        return size, size

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        m, n = self.args
        return sympy.KroneckerDelta(sympy.floor(i / n) + m * sympy.Mod(i, n), j)

    def write_latex(self, printer: Printer) -> str:
        return f"K_{{{', '.join(map(printer._print, self.args))}}}"


class vec(MatrixFunction):
    """The columns of a matrix below one another."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = self.args[0].shape
        return rows * columns, sympy.S.One

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        rows = self.args[0].shape[0]
        return element(self.args[0], sympy.Mod(i, rows), sympy.floor(i / rows))

    def write_latex(self, printer: Printer) -> str:
        return rf"\operatorname{{vec}}\left({printer._print(self.args[0])}\right)"


def kronecker(program: Lowered) -> list[sympy.Expr]:
    """The matrix of ``vec(Y)`` by ``vec(X)`` for tensors of rank 4, whose first two axes are Y's.

    ``vec`` puts the columns of a matrix below one another, so that ``vec(A*X*B)`` is ``kron(B.T, A)*vec(X)``.

    Raises
    ------
    FormulaError
        If a tensor is not of rank 4, or is no sum of Kronecker products.
    """
    for t in program.tensors:
        if t.ndim != 4:
            raise FormulaError(
                f'form="kronecker" is for the derivative of a matrix by a matrix, of rank 4; {t.name} has the shape '
                f"{t.shape}; tracer.formula(tensor) writes it in matrix notation"
            )
    return [_write_sum(term, program.normaliser) for term in program.terms]


def _write_sum(term: Term, n: Normaliser) -> sympy.Expr:
    """A sum of Kronecker products."""
    algebra = MatrixAlgebra(n.budget)
    rows = summands_of(term)
    if any(not isinstance(t, T.Product) for _, t in rows):
        raise FormulaError(
            'the derivative is no sum of Kronecker products; the forms "matrix", "index" and "steps" are available: '
            'tracer.formula(tensor, form="index")'
        )
    parts = [algebra.matmul(c, _write_product(t, n, algebra)) for c, t in rows]
    return parts[0] if len(parts) == 1 else MatAdd(*parts, evaluate=False)


Block = tuple[Sequence[Factor], set[int]]
"""Factors that share summed labels, and the labels of the result that they have."""


def _write_product(t: Term, n: Normaliser, algebra: MatrixAlgebra) -> sympy.Expr:
    """A product with the axes i, j of Y and k, m of X as a Kronecker product.

    Since ``vec`` puts columns below one another, the rows of the result are numbered by (j, i), its columns by (m, k).
    So a matrix in (j, m) and one in (i, k) are multiplied by ``kron``. One in (j, k) and one in (i, m) are too, and
    then ``commutation`` exchanges k and m. What has i and j alone scales the rows, what has k and m alone the columns,
    and if there is nothing else, the result is ``vec(A)*vec(B).T`` (Magnus and Neudecker, Matrix Differential Calculus,
    2019, sections 2.4 and 3.7).
    """
    scale, factors, out, sizes = factors_of(t)
    i, j, k, m = out
    known = dict(enumerate(sizes))
    blocks: list[Block] = [
        (block, {a for _, labels, _ in block for a in labels} & set(out))
        for block in connected_blocks(factors, set(known) - set(out))
    ]

    def multiply(row: int, column: int, parts: Sequence[Block]) -> sympy.Expr:
        """The product of some blocks as a matrix."""
        return matrix(T.product(ONE, [f for block, _ in parts for f in block], (row, column), known), n)

    alone = [f for block, axes in blocks if not axes for f in block]
    front = [] if not alone and scale == 1 else [matrix(T.product(scale, alone, ()), n)]
    blocks = [b for b in blocks if b[1]]
    of_y, of_x = [b for b in blocks if b[1] <= {i, j}], [b for b in blocks if b[1] <= {k, m}]
    if len(of_y) + len(of_x) == len(blocks) and not {i, j} & {k, m}:
        return algebra.matmul(*front, vec(multiply(i, j, of_y)), sympy.Transpose(vec(multiply(k, m, of_x))))
    for second, first in (((j, m), (i, k)), ((j, k), (i, m))):
        places = _assign_blocks(blocks, [set(second), set(first), {i, j}, {k, m}])
        if set(second) & set(first) or places is None:
            continue
        left, right, before, behind = places
        a, b = multiply(*second, left), multiply(*first, right)
        identity = isinstance(a, Identity) and isinstance(b, Identity)
        chain = [DiagMatrix(vec(multiply(i, j, before)))] if before else []
        chain.append(Identity(a.shape[0] * b.shape[0]) if identity else KroneckerProduct(a, b))
        chain += [commutation(known[k], known[m])] if second == (j, k) else []
        chain += [DiagMatrix(vec(multiply(k, m, behind)))] if behind else []
        return algebra.matmul(*front, *chain)
    raise FormulaError(
        f"the derivative has a part {einstein(t, n)} that is no Kronecker product; "
        'the forms "matrix", "index" and "steps" are available: tracer.formula(tensor, form="index")'
    )


def _assign_blocks(blocks: Sequence[Block], places: Sequence[set[int]]) -> list[list[Block]] | None:
    """The blocks by the first place that has all their axes; None where one has no place."""
    assigned: list[list[Block]] = [[] for _ in places]
    for block in blocks:
        place = next((n for n, axes in enumerate(places) if block[1] <= axes), None)
        if place is None:
            return None
        assigned[place].append(block)
    return assigned
