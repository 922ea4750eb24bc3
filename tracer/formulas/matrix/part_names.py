"""What the parts of a formula are called: as textbooks call them where they have a name, else by a free letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import sympy
from sympy.matrices.expressions import DiagMatrix, Inverse, MatMul, MatrixSymbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.tensor.array.expressions import ArraySymbol, Reshape

from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ArrayElementwiseApplyFunc
from tracer.formulas.matrix.array_products import ArrayAdd, Einsum
from tracer.formulas.matrix.array_reductions import ArraySoftmax
from tracer.formulas.matrix.constructors import MatrixAlgebra, is_constant
from tracer.formulas.matrix.function_classes import cholesky, softmax
from tracer.formulas.matrix.scalars import mean, norm
from tracer.formulas.matrix.unevaluated import ARRAYS

MATRICES, VECTORS, SCALARS = "ZUVWMTHBCDFGJKLQRSXYA", "zuvwhqabcfgpstrxy", "scabtkruvwpqxyz"
"""The letters of parts without a name of their own."""

FUNCTIONS = {"exp": "E", "tanh": "H", "sigmoid": "S", "relu": "H", "log": "G", "softplus": "H"}
"""The letters of functions of elements."""


class PartNames:
    """The symbols that the parts of a formula are called by.

    Parameters
    ----------
    taken : iterable of str
        The names of sources and dimensions, which no part may have.
    algebra : MatrixAlgebra
        What is told which symbols are columns.

    Examples
    --------
    >>> from tracer.terms.work import Budget
    >>> x, y = (MatrixSymbol(name, 3, 1) for name in "xy")
    >>> call = PartNames(["x", "y"], MatrixAlgebra(Budget()))
    >>> call(N.MatAdd(x, N.MatMul(-1, y))), call(N.HadamardProduct(x, y)), call(norm(x))
    (r, z, rho)
    """

    def __init__(self, taken: Iterable[str], algebra: MatrixAlgebra) -> None:
        self.taken = {*taken, "e", "o", "I"}
        self.algebra = algebra

    def __call__(self, part: sympy.Expr) -> sympy.Expr:
        """A symbol for a part, of its shape."""
        name = next(name for name in _propose(part) if name not in self.taken)
        self.taken.add(name)
        if isinstance(part, ARRAYS):
            return ArraySymbol(name, part.shape)
        if not isinstance(part, MatrixExpr):
            return sympy.Symbol(name, real=True)
        if part.shape[1] == 1:
            self.algebra.vectors.add(name)
        symbol = MatrixSymbol(name, *part.shape)
        if self.algebra.is_symmetric(part):
            self.algebra.symmetric.add(symbol)
        return symbol


def _propose(part: sympy.Expr) -> Iterator[str]:
    """Names for a part, the best first."""
    usual = _find_usual(part)
    if not isinstance(part, (MatrixExpr, *ARRAYS)):
        letters = SCALARS
    elif len(part.shape) == 1 or (len(part.shape) == 2 and 1 in part.shape):
        letters, usual = VECTORS, usual.lower()
    else:
        letters = MATRICES
    if usual:
        yield usual
    yield from letters
    k = 1
    while True:
        yield f"{letters[0]}{k}"
        k += 1


def is_usual(part: sympy.Expr) -> bool:
    """Whether textbooks name a part first: probabilities, means, norms, residuals and centred vectors, factors."""
    return is_distance(part) or (_find_usual(part) in USUAL and not any(map(_is_number, part.args)))


def is_distance(part: sympy.Expr) -> bool:
    """Whether a part has the squared distances between the rows of two matrices.

    ``A^o2*1 + 1*(B^o2).T - 2*A*B.T`` has those of the rows of A to the rows of B.
    """
    if not isinstance(part, N.MatAdd) or len(part.args) != 3:
        return False
    squares = [base for m in part.args if (base := _find_repeated_square(m)) is not None]
    products = [m.args[1:] for m in part.args if isinstance(m, MatMul) and len(m.args) == 3 and m.args[0] == -2]
    return len(squares) == 2 and [{a, _turn(b)} for a, b in products] == [{*squares}]


def _find_repeated_square(m: sympy.Expr) -> sympy.Expr | None:
    """The matrix whose rows' squared norms are repeated along the rows, or along the columns, of a summand."""
    if not isinstance(m, MatMul) or len(m.args) != 2:
        return None
    first, second = m.args
    row, other = (first, second) if isinstance(second, N.OneMatrix) else (_turn(second), first)
    squared = isinstance(row, N.HadamardPower) and row.args[1] == 2
    return row.args[0] if squared and isinstance(other, N.OneMatrix) else None


def _turn(m: sympy.Expr) -> sympy.Expr:
    """The transpose of a source or a power of its elements."""
    if isinstance(m, N.HadamardPower):
        return N.HadamardPower(_turn(m.args[0]), m.args[1])
    return m.args[0] if isinstance(m, Transpose) else Transpose(m)


USUAL = {"P", "S", "mu", "rho", "R", "L"}
"""The names of parts that are named before what is made of them."""


def _find_usual(part: sympy.Expr) -> str:
    """What textbooks call such a part; empty where they agree on nothing."""
    if isinstance(part, (softmax, ArraySoftmax)):
        return "P"
    if isinstance(part, mean):
        return "mu"
    if isinstance(part, norm):
        return "rho"
    if isinstance(part, cholesky):
        return "L"
    if isinstance(part, DiagMatrix) or is_distance(part):
        return "D"
    if isinstance(part, (N.ElementwiseApplyFunction, ArrayElementwiseApplyFunc)):
        return FUNCTIONS.get(type(part.function.expr).__name__, "")
    if isinstance(part, (N.MatAdd, ArrayAdd)) and any(_has_minus(m) for m in part.args):
        return "R"
    if isinstance(part, ArrayAsMatrix) and isinstance(part.args[0], Reshape):
        return _find_capital(part.args[0].args[0])
    return "K" if isinstance(part, Inverse) else ""


def _find_capital(array: sympy.Expr) -> str:
    """The capital of a vector's letter, for the matrix of its elements."""
    name = str(array) if isinstance(array, ArraySymbol) and len(array.shape) == 1 else ""
    return name.upper() if len(name) == 1 else ""


def _is_number(m: sympy.Expr) -> bool:
    """Whether a summand is a number, or ones or an identity times one, which no part is the residual of."""
    if isinstance(m, N.MatMul):
        return isinstance(m.args[-1], (N.OneMatrix, N.Identity)) and all(map(is_constant, m.args[:-1]))
    return isinstance(m, (N.OneMatrix, N.Identity)) or (isinstance(m, sympy.Expr) and is_constant(m))


def _has_minus(m: sympy.Expr) -> bool:
    """Whether a minus stands before a summand."""
    front: Sequence[sympy.Expr] = m.axes.factors if isinstance(m, Einsum) else m.args if isinstance(m, MatMul) else ()
    return bool(front) and bool(front[0].could_extract_minus_sign())
