"""What generated code for PyTorch may call beside it: tensors in, tensors of their dtype and device out.

It is read as text, and run where PyTorch is installed. All of it can be differentiated and traced by PyTorch.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from string import ascii_lowercase

import torch


def bincount(places: torch.Tensor, weights: torch.Tensor, size: int) -> torch.Tensor:
    """The sum of the weights that fall on each place."""
    return weights.new_zeros(size).index_add(0, places, weights)


def sign(x: torch.Tensor) -> torch.Tensor:
    """The sign; NaN of NaN."""
    return torch.where(torch.isnan(x), x, torch.sign(x))


def cbrt(x: torch.Tensor) -> torch.Tensor:
    """The real cube root: a power, and a step of Newton's method."""
    root = torch.sign(x) * torch.abs(x) ** (1 / 3)
    step = (root - x / (root * root)) / 3
    return root - torch.where(torch.isfinite(step), step, 0.0)


def polygamma(order: int, x: torch.Tensor) -> torch.Tensor:
    """The derivative of digamma of an order, from one on; NaN at negative integers."""
    found = (-1) ** (order + 1) * math.factorial(order) * torch.special.zeta(order + 1.0, x)
    found = torch.where(x == torch.inf, 0.0, found)
    return torch.where((x < 0) & (x == torch.floor(x)), torch.nan, found)


def norm(x: torch.Tensor, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> torch.Tensor:
    """The Euclidean norm along axes, also of numbers whose squares overflow or vanish."""
    largest = x.detach().abs().amax(() if dim is None else dim, keepdim=True) if x.numel() else x.new_ones(())
    # By a power of two nothing is rounded.
    power = torch.ldexp(torch.ones_like(largest), torch.frexp(largest)[1] - 1)
    scale = torch.where((largest > 0) & torch.isfinite(largest), power, 1.0)
    found = torch.linalg.vector_norm(x / scale, dim=dim, keepdim=True) * scale
    return found if keepdim else found.reshape(()) if dim is None else found.squeeze(dim)


def pad(x: torch.Tensor, pairs: Sequence[tuple[int, int]], value: torch.Tensor) -> torch.Tensor:
    """An array with so many places of one value before and after each axis."""
    sizes = [size for pair in reversed(pairs) for size in pair]
    inside = torch.nn.functional.pad(torch.ones_like(x, dtype=torch.bool), sizes)
    return torch.where(inside, torch.nn.functional.pad(x, sizes), value)


def greatest_at(size: int, *parts: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """The greatest of the values on each flat place, zero where there is none; parts are (places, values)."""
    places = torch.cat([at.expand(v.shape).reshape(-1) for at, v in parts])
    values = torch.cat([v.reshape(-1) for _, v in parts])
    out = values.new_full((size,), -torch.inf).scatter_reduce(0, places, values, "amax")
    return torch.where(torch.isneginf(out), 0.0, out)


def segment_max(x: torch.Tensor, ids: torch.Tensor, count: int, empty: float) -> torch.Tensor:
    """The greatest slices by segment id, and ``empty`` for a segment that has none."""
    rows = x.reshape(ids.numel(), -1)
    places = ids.reshape(-1, 1).expand(rows.shape)
    out = rows.new_full((count, rows.shape[1]), empty).scatter_reduce(0, places, rows, "amax", include_self=False)
    return out.reshape(count, *x.shape[ids.ndim :])


def recurrence(a: torch.Tensor, b: torch.Tensor, axis: int) -> torch.Tensor:
    """``s[k] = b[k] + a[k]*s[k - 1]`` from zero along an axis."""
    a, b = torch.broadcast_tensors(a, b)
    found: list[torch.Tensor] = []
    for factor, term in zip(a.unbind(axis), b.unbind(axis)):
        found.append(term + factor * found[-1] if found else term)
    return torch.stack(found, axis) if found else b.clone()


def defined(function: Callable[..., torch.Tensor], *matrices: torch.Tensor) -> torch.Tensor:
    """A function of matrices, NaN for those that it refuses: a choice may leave its value out."""
    try:
        return function(*matrices)
    except torch.linalg.LinAlgError:
        if all(m.ndim < 3 for m in matrices):
            return torch.full_like(matrices[-1], torch.nan)
    batch = torch.broadcast_shapes(*(m.shape[:-2] for m in matrices))
    wide = [m.expand(batch + m.shape[-2:]) for m in matrices]
    return torch.stack([defined(function, *parts) for parts in zip(*wide)])


def embed(value: torch.Tensor, axes: Sequence[int], shape: Sequence[int]) -> torch.Tensor:
    """Zeros of a shape with the value on a diagonal: axis k of the result runs along axis ``axes[k]`` of the value."""
    kept = sorted(set(axes))
    places = [
        torch.arange(shape[k], device=value.device).reshape([-1 if a == axis else 1 for a in kept])
        for k, axis in enumerate(axes)
    ]
    return value.new_zeros(tuple(shape)).index_put(tuple(places), value)


def expm_frechet(x: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
    """The derivative of the exponential at matrices in directions."""
    return corner(torch.linalg.matrix_exp, x, direction)


def matrix_power_frechet(x: torch.Tensor, direction: torch.Tensor, n: int) -> torch.Tensor:
    """The derivative of a power at matrices in directions."""
    return corner(lambda m: torch.linalg.matrix_power(m, n), x, direction)


def corner(function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
    """The upper right block of a function of block-triangular matrices (Higham, Functions of Matrices, eq. 3.16)."""
    x, direction = torch.broadcast_tensors(x, direction)
    n = x.shape[-1]
    upper, lower = torch.cat([x, direction], -1), torch.cat([torch.zeros_like(x), x], -1)
    return function(torch.cat([upper, lower], -2))[..., :n, n:]


def lu(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Triangular factors of square matrices in one array, and the order of the rows, by partial pivoting."""
    order, lower, upper = torch.linalg.lu(x)
    return torch.tril(lower, -1) + upper, torch.argmax(order, -2)


def cofactors(x: torch.Tensor, *directions: torch.Tensor) -> torch.Tensor:
    """The derivative of the cofactors of square matrices in directions, which is finite for singular matrices too.

    By the singular values: with ``A = U*S*V.T`` it is ``det(U*V.T)*U*X*V.T``, where X is that of the diagonal matrix S
    in the directions ``F = U.T*E*V``. An entry of X is a sum over orders p and indices i, which differ, of the products
    ``sign(p)*F1[i1, i_p(1)]*F2[i2, i_p(2)]*...`` times the singular values without those at the indices: at row i0 and
    column i_p(0).

    References
    ----------
    Bhatia and Jain, Higher order derivatives and perturbation bounds for determinants, 2009, section 2.
    """
    n = x.shape[-1]
    finite = torch.isfinite(x).all(-1, keepdim=True).all(-2, keepdim=True)
    u, s, vt = torch.linalg.svd(torch.where(finite, x, 0.0))
    s = torch.where(finite[..., 0], s, torch.nan)
    count = len(directions) + 1
    steps = torch.arange(n, device=x.device)
    others = s.new_ones((*s.shape[:-1], *(1,) * count))
    grids = [steps.reshape([-1 if k == axis else 1 for k in range(count)]) for axis in range(count)]
    for k in range(n):
        left_out = grids[0] == k
        for grid in grids[1:]:
            left_out = left_out | (grid == k)
        others = others * torch.where(left_out, 1.0, s[..., k].reshape(*s.shape[:-1], *(1,) * count))
    for first, second in itertools.combinations(grids, 2):
        others = torch.where(first == second, 0.0, others)
    turned = [u.mT @ e @ vt.mT for e in directions]
    total = torch.zeros_like(x)
    for p in itertools.permutations(range(count)):
        sign = (-1) ** sum(a > b for a, b in itertools.combinations(p, 2))
        rows, columns = ascii_lowercase[:count], [ascii_lowercase[k] for k in p]
        factors = [f"...{a}{b}" for a, b in zip(rows[1:], columns[1:])]
        inputs = ",".join([f"...{rows}", *factors, f"{columns[0]}z"])
        eye = torch.eye(n, dtype=x.dtype, device=x.device)
        total = total + sign * torch.einsum(f"{inputs}->...{rows[0]}z", others, *turned, eye)
    return (torch.linalg.det(u) * torch.linalg.det(vt))[..., None, None] * (u @ total @ vt)
