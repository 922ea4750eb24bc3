"""The value of a term as it was built: NumPy's own functions, and nothing of the library's formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.linalg
import sympy

from tracer.terms import record as T
from tracer.terms.selections import Places

SIZES = {"n": 3, "m": 4, "k": 2}


def size(d: Any) -> int:
    """A dimension as a number."""
    return int(sympy.sympify(d).subs({sympy.Symbol(s, integer=True, positive=True): v for s, v in SIZES.items()}))


def number(c: Any) -> Any:
    """A coefficient as a number."""
    if c in (sympy.true, sympy.false):
        return bool(c)
    return float(sympy.sympify(c).subs({sympy.Symbol(s, integer=True, positive=True): v for s, v in SIZES.items()}))


def _softmax(x: np.ndarray, count: int) -> np.ndarray:
    axes = tuple(range(x.ndim - count, x.ndim))
    e = np.exp(x - x.max(axes, keepdims=True))
    return e / e.sum(axes, keepdims=True)


def _run_product(x: np.ndarray, exclusive: int, reverse: int) -> np.ndarray:
    x = x[..., ::-1] if reverse else x
    found = np.cumprod(x, -1) / (x if exclusive else 1)
    return found[..., ::-1] if reverse else found


def _eigh(a: np.ndarray) -> Any:
    return np.linalg.eigh((a + a.T) / 2)


MATRIX = {
    "inverse": lambda t, a: np.linalg.inv(a),
    "det": lambda t, a: np.linalg.det(a),
    "logdet": lambda t, a: np.linalg.slogdet(a)[1],
    "cholesky": lambda t, a: np.linalg.cholesky(a),
    "expm": lambda t, a: scipy.linalg.expm(a),
    "pinv": lambda t, a: np.linalg.pinv(a),
    "eigvalsh": lambda t, a: _eigh(a)[0],
    "eigenvectors": lambda t, a: _eigh(a)[1],
    "expm_frechet": lambda t, a, e: scipy.linalg.expm_frechet(a, e, compute_expm=False),
    "softmax": lambda t, a: _softmax(a, t.params or 1),
    "logsumexp": lambda t, a: np.log(np.exp(a).sum(tuple(range(a.ndim - t.params, a.ndim)))),
    "cumprod": lambda t, a: _run_product(a, *t.params),
    "reduce_max": lambda t, a: a.max(tuple(range(a.ndim - t.params, a.ndim))),
    "reduce_min": lambda t, a: a.min(tuple(range(a.ndim - t.params, a.ndim))),
    "cross": lambda t, a, b: np.cross(a, b),
    "band_part": lambda t, a: _band(a, *t.params),
    "numbers": lambda t: np.array([float(c) for c in t.params]).reshape(t.shape),
    "firstmax": lambda t, a: _mark_greatest(a, t.params),
    "roll": lambda t, a: np.roll(a, size(t.params[0]), t.params[1]),
    "selection": lambda t: np.eye(size(t.params[3]))[_places(Places(*t.params[:3]))],
    "one_hot": lambda t, a: _mark_named(a, size(t.params[0]), t.params[1]),
    "part": lambda t, a: _take(a, t.params),
    "reshape": lambda t, a: a.reshape(list(map(size, t.shape))),
    "window": lambda t: _window(size(t.params[0]), t.params[1:], list(map(size, t.shape))),
}


def _places(p: Places) -> list[int]:
    return [size(p.start) + p.step * k for k in range(size(p.length))]


def _take(a: np.ndarray, entries: tuple[Any, ...]) -> np.ndarray:
    for axis in reversed(range(len(entries))):
        p = entries[axis]
        a = np.take(a, _places(p) if isinstance(p, Places) else size(p), axis)
    return a


def _window(offset: int, steps: Any, shape: list[int]) -> np.ndarray:
    places = np.indices(shape)
    return np.where(offset + sum(int(s) * at for s, at in zip(steps, places)) == 0, 1.0, 0.0)


def _mark_greatest(a: np.ndarray, counts: tuple[int, ...]) -> np.ndarray:
    found = np.zeros_like(a)
    for block in np.ndindex(*(d // count for d, count in zip(a.shape, counts))):
        at = tuple(slice(k * count, (k + 1) * count) for k, count in zip(block, counts))
        found[at].flat[np.argmax(a[at])] = 1
    return found


def _mark_named(a: np.ndarray, length: int, within: bool) -> np.ndarray:
    """One at the place that an integer names; where all name one, they are counted from the start again."""
    return np.where((a % length if within else a)[..., None] == np.arange(length), 1.0, 0.0)


def _band(a: np.ndarray, lower: int, upper: int) -> np.ndarray:
    i, j = np.indices(a.shape)
    return np.where(((lower < 0) | (i - j <= lower)) & ((upper < 0) | (j - i <= upper)), a, 0)


def value(term: T.Term, sources: Mapping[str, np.ndarray], memo: dict[T.Term, Any] | None = None) -> Any:
    """What a term says, for arrays in place of its sources."""
    memo = {} if memo is None else memo
    for t in T.subterms(term):
        if t not in memo:
            memo[t] = _value(t, sources, memo)
    return memo[term]


def _value(t: T.Term, sources: Mapping[str, np.ndarray], memo: dict[T.Term, Any]) -> Any:
    if isinstance(t, T.Source):
        return sources[t.name]
    if isinstance(t, T.Sum):
        return sum(number(c) * memo[u] for c, u in t.terms)
    if isinstance(t, T.Product):
        return _contract(t, memo)
    assert isinstance(t, T.Call)
    args = [memo[a] for a in t.args]
    if not t.elementwise:
        return np.asarray(MATRIX[t.head](t, *args))
    symbols = sympy.symbols(f"x:{len(args)}")
    if t.head is sympy.Piecewise:
        *pairs, last = args if len(args) % 2 else [*args, np.nan]
        return np.select([np.asarray(c, bool) for c in pairs[1::2]], pairs[::2], last)
    if t.head is sympy.Not:
        return ~args[0]
    body = t.head.definition(*symbols) if hasattr(t.head, "definition") else t.head(*symbols, evaluate=False)
    body = body.rewrite(sympy.Piecewise) if t.head.__name__ == "step" else body
    function = sympy.lambdify(symbols, body, modules=["scipy", "numpy"])
    return function(*args)


def _contract(t: T.Product, memo: dict[T.Term, Any]) -> Any:
    """A product by its definition, without the diagonals that repeated labels of the result stand for."""
    out = tuple(dict.fromkeys(t.out))
    ones = [(np.ones([size(t.sizes[k]) for k in out]), out)] if out else []
    operands: list[Any] = []
    for array, labels in [*ones, *((np.asarray(memo[u], dtype=float) ** number(e), i) for u, i, e in t.factors)]:
        operands += [array, list(labels)]
    scale = number(t.scale)
    found = np.einsum(*operands, list(out)) if operands else np.float64(1)
    if isinstance(scale, bool):
        return np.broadcast_to(scale, [size(d) for d in t.shape])
    result = scale * found
    if len(out) < len(t.out):
        whole = np.zeros([size(t.sizes[k]) for k in t.out])
        grid = np.indices(result.shape)
        whole[tuple(grid[out.index(k)] for k in t.out)] = result
        return whole
    return result
