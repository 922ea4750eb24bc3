"""Functions of matrices that NumPy lacks, and their derivatives: square roots, logarithms, triangular factors.

The derivative of a function in a direction is a block of the function of a larger matrix that is not diagonalisable: no
value is computed from eigenvectors but those of symmetric matrices.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy import linalg


def expm_frechet(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The derivative of the exponential at matrices in directions."""
    return _corner(linalg.expm, x, direction)


def matrix_power_frechet(x: np.ndarray, direction: np.ndarray, n: int) -> np.ndarray:
    """The derivative of a power at matrices in directions."""
    return _corner(lambda m: np.linalg.matrix_power(m, n), x, direction)


def _corner(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The upper right block of a function of block-triangular matrices (Higham, Functions of Matrices, eq. 3.16)."""
    x, direction = np.broadcast_arrays(x, direction)
    n = x.shape[-1]
    return function(np.block([[x, direction], [np.zeros_like(x), x]]))[..., :n, n:]


def sqrtm(x: np.ndarray) -> np.ndarray:
    """The principal square root of square matrices; NaN where there is no real one."""
    return _apply_to_each(linalg.sqrtm, np.sqrt, x)


def sqrtm_frechet(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The derivative of the square root at matrices in directions."""
    return _corner(sqrtm, x, direction)


def logm(x: np.ndarray) -> np.ndarray:
    """The principal logarithm of square matrices; NaN where there is no real one."""
    return _apply_to_each(linalg.logm, lambda v: np.where(v > 0, np.log(v), np.nan), x)


def logm_frechet(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The derivative of the logarithm at matrices in directions."""
    return _corner(logm, x, direction)


def _apply_to_each(
    function: Callable[[np.ndarray], np.ndarray], of_eigenvalues: Callable[[np.ndarray], np.ndarray], x: np.ndarray
) -> np.ndarray:
    """A function of each matrix; of symmetric ones by their eigenvalues."""
    x = np.asarray(x)
    flat = x.reshape(-1, *x.shape[-2:]) if x.ndim > 2 else x[None]
    found = []
    with np.errstate(all="ignore"):
        for m in flat.astype(float) if x.size else ():
            if not np.isfinite(m).all():
                found.append(np.full_like(m, np.nan))
            elif (m == m.T).all():
                found.append(_of_symmetric(of_eigenvalues, m))
            else:
                found.append(_of_general(function, m))
    return np.array(found, x.dtype).reshape(x.shape)


def _of_symmetric(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """A function of a symmetric matrix; what rounding makes of an eigenvalue zero counts as zero."""
    values, vectors = np.linalg.eigh(x)
    noise = len(x) * np.finfo(float).eps * np.abs(values).max(initial=0.0)
    found: np.ndarray = (vectors * function(np.where(np.abs(values) <= noise, 0.0, values))) @ vectors.T
    return found


def _of_general(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """A function of a matrix without symmetry; NaN where an eigenvalue is real and not positive."""
    values = np.linalg.eigvals(x)
    if ((values.real <= 0) & (values.imag == 0)).any():
        return np.full_like(x, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is ill-conditioned
        return np.real(function(x))


def lu(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Triangular factors of square matrices in one array, and the order of the rows, by partial pivoting."""
    order, lower, upper = linalg.lu(x, p_indices=True)
    if (np.diagonal(upper, axis1=-2, axis2=-1) == 0).any():
        raise np.linalg.LinAlgError("Singular matrix")
    return np.tril(lower, -1) + upper, np.argsort(order, -1)
