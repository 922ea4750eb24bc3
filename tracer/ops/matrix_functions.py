"""The square root and the logarithm of matrices, with their Frechet derivatives as gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy

from tracer.ops.cofactors import record_cofactors
from tracer.ops.contraction import matrix_transpose
from tracer.ops.matrix_domains import has_root
from tracer.ops.matrix_rows import (
    MATRIX_FUNCTIONS,
    adjugate_of,
    blocks,
    determinant,
    each,
    inverse_cost,
    matrix_function,
    row,
    square,
)
from tracer.ops.powers import FRECHET, along_pullback, function_pullback
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import Domain, Facts, Op
from tracer.tensor import Tensor, TensorLike, record_tensor


def _two_by_two(name: str, m: sympy.Matrix) -> None:
    if m.rows > 2:
        raise ValueError(
            f"{name} of a matrix of shape ({m.rows}, {m.rows}) has no closed form by its elements; "
            'the forms "matrix" and "steps" are available'
        )


def _sqrtm_of(m: sympy.Matrix) -> sympy.Matrix:
    """By Cayley and Hamilton: ``(A + sqrt(det A) I)/sqrt(tr A + 2 sqrt(det A))``."""
    if m.rows < 2:
        return m.applyfunc(sympy.sqrt)
    _two_by_two("the square root", m)
    root = sympy.sqrt(determinant(m))
    return (m + root * sympy.eye(2)) / sympy.sqrt(m.trace() + 2 * root)


def _logm_of(m: sympy.Matrix) -> sympy.Matrix:
    """The line through the logarithms of the eigenvalues ``s - q`` and ``s + q``."""
    if m.rows < 2:
        return m.applyfunc(sympy.log)
    _two_by_two("the logarithm", m)
    middle = m.trace() / 2
    gap = sympy.sqrt(middle**2 - determinant(m))
    slope = sympy.log((middle + gap) / (middle - gap)) / (2 * gap)
    return sympy.log(determinant(m)) / 2 * sympy.eye(2) + slope * (m - middle * sympy.eye(2))


def _derivative(function: Callable[[sympy.Matrix], sympy.Matrix]) -> Callable[..., list[sympy.Expr]]:
    """Components of the derivative of a function in a direction."""

    def components(node: Tensor, x: Sequence[sympy.Expr], direction: Sequence[sympy.Expr]) -> list[sympy.Expr]:
        found: list[sympy.Expr] = []
        t = sympy.Dummy("t")
        for a, b in zip(blocks(x, node.shape), blocks(direction, node.shape)):
            found += function(a + t * b).diff(t).subs(t, 0) if a.rows else []
        return found

    return components


def _function(name: str, function: Callable[[sympy.Matrix], sympy.Matrix]) -> Op:
    """The rows of a function of matrices and of its derivative."""
    FRECHET[name] = row(
        f"{name}_frechet",
        along_pullback,
        numpy=lambda e, node, x, direction: e.named(f"{name}_frechet")(x, direction),
        components=_derivative(function),
        facts=Facts(linear=True),
        domain=Domain(has_root),
    )
    return row(
        name,
        function_pullback,
        numpy=lambda e, node, x: e.named(name)(x),
        components=each(function),
        facts=Facts(transposes=True),
        domain=Domain(has_root),
    )


SQRTM = _function("sqrtm", _sqrtm_of)
LOGM = _function("logm", _logm_of)


def sqrtm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal square root of square matrices: the one whose eigenvalues have positive real parts.

    Its gradient Y solves ``R^T Y + Y R^T = G`` with the root R: it is the Frechet derivative at ``X^T``, the upper
    right block of the root of ``[[X^T, G], [0, X^T]]``.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., n, n)``.

    Returns
    -------
    Tensor
        Of the same shape; NaN for matrices with negative eigenvalues, which have no such real root.

    References
    ----------
    Higham, Functions of Matrices, 2008, section 6.3 for the value, eq. 3.16 for the derivative.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.sqrtm([[5.0, 4.0], [4.0, 5.0]]).numpy().round(6)
    array([[2., 1.],
           [1., 2.]])
    """
    x = square("sqrtm", input)
    return record_tensor(SQRTM, (x,), None, x.shape, x.dtype)


def logm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal logarithm of square matrices: the one whose eigenvalues have imaginary parts within pi of 0.

    Its gradient is the Frechet derivative at ``X^T``, the upper right block of the logarithm of
    ``[[X^T, G], [0, X^T]]``. Unlike TensorFlow's it takes real matrices.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., n, n)``.

    Returns
    -------
    Tensor
        Of the same shape; NaN for matrices with eigenvalues that are not positive on the real axis.

    References
    ----------
    Higham, Functions of Matrices, 2008, section 11.5 for the value, eq. 3.16 for the derivative.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.logm(tracer.linalg.expm([[1.0, 2.0], [3.0, 1.0]])).numpy().round(6)
    array([[1., 2.],
           [3., 1.]])
    """
    x = square("logm", input)
    return record_tensor(LOGM, (x,), None, x.shape, x.dtype)


def _adjugate_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    """``sum(G*adj(A))`` is ``sum(G.T*cofactors(A))``, whose gradient is the derivative of the cofactors along G.T."""
    return record_cofactors(node.args[0], [matrix_transpose(cotangent)], node.op)


def _adjugate_code(e: Scope, node: Operation, x: Code) -> Code:
    """By the singular values, which are there for singular matrices too: ``adj(U*S*V.T) = det(U*V.T)*V*adj(S)*U.T``."""

    def of_factors(u: Code, s: Code, vt: Code) -> Code:
        others = e.np.where(e.np.eye(s.shape[-1], dtype="bool"), 1.0, s[..., None, :])
        scale = e.np.prod(others, axis=-1) * (e.np.linalg.det(u) * e.np.linalg.det(vt))[..., None]
        return e.np.swapaxes(vt, -1, -2) * scale[..., None, :] @ e.np.swapaxes(u, -1, -2)

    return e.unpack(("u", "s", "vt"), e.np.linalg.svd(x), of_factors)


matrix_function(
    "adjugate",
    _adjugate_pullback,
    numpy=_adjugate_code,
    components=each(adjugate_of),
    components_cost=inverse_cost,
    summary="""The adjugate of square matrices, the transpose of the matrix of cofactors.

It is a polynomial, and so it and its gradients are finite for singular matrices too. They are computed by singular
values; the formula of a gradient is written by the inverse.

References
----------
Magnus and Neudecker, Matrix Differential Calculus, 2019, section 8.6.""",
    latex=r"\operatorname{adj}",
    facts=Facts(transposes=True),
)

LINALG: dict[str, Callable[..., Tensor]] = {"sqrtm": sqrtm, "logm": logm, **MATRIX_FUNCTIONS}
