"""Conditions on matrices as ones on what they are made of: ``det(2*A.T*B) != 0`` asks both A and B to be invertible.

What is declared of the sources counts: a positive definite matrix is invertible, and so is its sum with ``X.T*X``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import TypeAlias

import sympy
from sympy import Determinant, Expr, Gt, MatrixExpr, MatrixSymbol, Ne, Q
from sympy.assumptions import AppliedPredicate
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tracer.formulas.matrix.array_classes import Applied

Declared: TypeAlias = Mapping[str, Collection[str]]
"""What is declared of matrices, by their names."""

INVERTIBLE = frozenset({"expm", "cholesky"})
"""Functions of matrices whose values are invertible, with a positive determinant."""

INVERSES = frozenset({"pinv", "sqrtm"})
"""Functions of square matrices whose values are invertible where their arguments are."""

DEFINITE = frozenset({"sqrtm", "expm"})
"""Functions whose values are positive definite where their arguments are."""


def open_matrices(relation: Boolean, declared: Declared) -> Boolean:
    """A relation with its conditions on products, transposes and sums of matrices as ones on their parts.

    Examples
    --------
    >>> A, B = MatrixSymbol("A", 4, 4), MatrixSymbol("B", 4, 4)
    >>> open_matrices(Ne(Determinant(2 * A.T * B), 0), {})
    Ne(Determinant(A), 0) & Ne(Determinant(B), 0)
    >>> open_matrices(Gt(Determinant(A + B.T * B), 0), {"A": {"positive_definite"}})
    True
    """
    found = {}
    for atom in relation.atoms(Relational, AppliedPredicate):
        if isinstance(atom, Relational) and isinstance(atom.lhs, Determinant) and atom.rhs == 0:
            if isinstance(atom, (Ne, Gt)):
                found[atom] = _open_determinant(atom.lhs.arg, isinstance(atom, Gt), declared)
        elif isinstance(atom, AppliedPredicate) and atom.function == Q.positive_definite:
            found[atom] = _open_definite(atom.arg, declared)
    return relation.xreplace(found)


def _open_determinant(matrix: MatrixExpr, positive: bool, declared: Declared) -> Boolean:
    """That the determinant of a matrix is not zero, or positive."""
    if is_definite(matrix, declared):
        return sympy.true
    scalar, factors = _split(matrix)
    if any(f.shape[0] != f.shape[1] for f in factors):
        semi = is_semidefinite(matrix, declared)
        return Gt(Determinant(matrix), 0) if positive and not semi else Ne(Determinant(matrix), 0)
    left = {f: k for f, k in factors.items() if not _has_positive_determinant(f, declared)}
    odd = [f for f, k in left.items() if k % 2]
    if positive and (len(odd) > 1 or not scalar.is_positive):
        return Gt(Determinant(matrix), 0)
    asked = [_is_invertible(f, declared) for f in left if not positive or f not in odd]
    asked += [Gt(Determinant(f), 0) for f in odd if positive]
    return sympy.And(*asked, sympy.true if scalar.is_nonzero else Ne(scalar, 0))


def _split(matrix: MatrixExpr) -> tuple[Expr, Counter[MatrixExpr]]:
    """The scalar of a product, and its factors without transposes and inverses, each with how often it stands."""
    scalar, factors = sympy.S.One, Counter[MatrixExpr]()
    todo = [(matrix, 1)]
    while todo:
        part, times = todo.pop()
        if isinstance(part, sympy.MatMul):
            own, rest = part.as_coeff_matrices()
            scalar *= own
            todo += [(f, times) for f in rest]
        elif isinstance(part, sympy.Transpose):
            todo.append((part.arg, times))
        elif isinstance(part, sympy.MatPow) and part.exp.is_Integer:
            todo.append((part.base, times * abs(int(part.exp))))
        elif _name_function(part) in INVERSES and part.shape[0] == part.shape[1]:
            todo.append((part.args[-1], times))
        else:
            factors[part] += times
    return scalar, factors


def _name_function(matrix: MatrixExpr) -> str:
    """The name of a function of matrices, of which the last part is the matrix."""
    return str(matrix.args[0]) if isinstance(matrix, Applied) else type(matrix).__name__


def _is_invertible(matrix: MatrixExpr, declared: Declared) -> Boolean:
    if "orthogonal" in _declared(matrix, declared):
        return sympy.true
    if isinstance(matrix, sympy.DiagMatrix) and (element := _element(matrix.args[0])) is not None:
        return Ne(element, 0)
    return Ne(Determinant(matrix), 0)


def _element(vector: MatrixExpr) -> Expr | None:
    """The generic element of a column that is a function of a symbol; None of others."""
    if isinstance(vector, MatrixSymbol):
        letter = "j" if vector.name == "i" else "i"
        return sympy.IndexedBase(vector.name, real=True)[sympy.Symbol(letter, integer=True)]
    if isinstance(vector, sympy.matrices.expressions.applyfunc.ElementwiseApplyFunction):
        inner = _element(vector.expr)
        return None if inner is None else vector.function(inner)
    return None


def _has_positive_determinant(matrix: MatrixExpr, declared: Declared) -> bool:
    return _name_function(matrix) in INVERTIBLE or is_definite(matrix, declared)


def _declared(matrix: MatrixExpr, declared: Declared) -> Collection[str]:
    return declared.get(matrix.name, ()) if isinstance(matrix, MatrixSymbol) else ()


def is_definite(matrix: MatrixExpr, declared: Declared) -> bool:
    """Whether a matrix is seen to be positive definite.

    Examples
    --------
    >>> X, P = MatrixSymbol("X", 5, 3), MatrixSymbol("P", 3, 3)
    >>> is_definite(2 * sympy.Identity(3) + X.T * X, {}), is_definite(P, {}), is_definite(X.T * X, {})
    (True, False, False)
    >>> is_definite(P * sympy.Identity(3) * P, {"P": {"positive_definite"}})
    True
    """
    if isinstance(matrix, sympy.MatAdd):
        return all(is_semidefinite(a, declared) for a in matrix.args) and any(
            is_definite(a, declared) for a in matrix.args
        )
    if isinstance(matrix, sympy.MatMul):
        scalar, factors = matrix.as_coeff_matrices()
        while len(factors) > 2 and factors[-1] == factors[0] and is_definite(factors[0], declared):
            factors = factors[1:-1]
        return bool(scalar.is_positive) and len(factors) == 1 and is_definite(factors[0], declared)
    if isinstance(matrix, (sympy.MatPow, sympy.Transpose)):
        return is_definite(matrix.args[0], declared)
    if _name_function(matrix) in DEFINITE:
        return is_definite(matrix.args[-1], declared)
    return isinstance(matrix, sympy.Identity) or "positive_definite" in _declared(matrix, declared)


def is_semidefinite(matrix: MatrixExpr, declared: Declared) -> bool:
    """Whether no eigenvalue of a symmetric matrix is negative, as of ``X.T*X`` and ``X.T*P*X``."""
    if isinstance(matrix, sympy.MatAdd):
        return all(is_semidefinite(a, declared) for a in matrix.args)
    if isinstance(matrix, sympy.MatMul):
        scalar, factors = matrix.as_coeff_matrices()
        while len(factors) > 1 and factors[-1] == factors[0].T:
            factors = factors[1:-1]
        middle = not factors or (len(factors) == 1 and is_semidefinite(factors[0], declared))
        return bool(scalar.is_nonnegative) and middle
    return is_definite(matrix, declared)


def _open_definite(matrix: MatrixExpr, declared: Declared) -> Boolean:
    """That a matrix is positive definite."""
    if is_definite(matrix, declared):
        return sympy.true
    scalar, factors = matrix.as_coeff_matrices() if isinstance(matrix, sympy.MatMul) else (sympy.S.One, [matrix])
    keep = not scalar.is_positive or isinstance(factors[0], sympy.MatAdd)
    return Q.positive_definite(matrix if keep else sympy.MatMul(*factors).doit(deep=False))
