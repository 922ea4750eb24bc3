"""Points at which programs may differ, the small and tidy ones first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import sympy

from tracer.rules import Elementwise
from tracer.tensor import Tensor

SCALARS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 10.0, -10.0, 100.0, -100.0, 1e3, -1e3, 1e6, -1e6, 1e-3, -1e-3)
"""What numbers are first tried."""

FEW = (0.0, 1.0, -1.0, 2.0, 0.5)
"""What numbers are tried in all combinations."""

COMBINATIONS = 130

KINDS = 7
"""How many kinds of random arrays there are."""


def fills(shape: tuple[int, ...]) -> list[np.ndarray]:
    """Tidy arrays of a shape: ties, single entries, mixed signs, no symmetry, large and small numbers."""
    if not shape:
        return [np.asarray(v) for v in SCALARS]
    size = int(np.prod(shape))
    if not size:
        return [np.zeros(shape)]
    counting = np.arange(1.0, size + 1).reshape(shape)
    first, last = np.zeros(shape), np.zeros(shape)
    first.flat[0] = 1.0
    last.flat[min(1, size - 1)] = 1.0
    signs = np.where(np.arange(size) % 2, -1.0, 1.0).reshape(shape)
    found = [
        np.zeros(shape),
        np.ones(shape),
        first,
        last,
        -np.ones(shape),
        counting,
        signs * counting,
        2 * np.ones(shape),
    ]
    if len(shape) >= 2 and shape[-1] == shape[-2]:
        identity = np.broadcast_to(np.eye(shape[-1]), shape)
        found[1:1] = [identity, identity + last]
        found += [identity * counting, 2 * identity + 0.5, np.triu(np.ones(shape)), 3 * identity + 0.5 * signs]
    found += [counting / 2, 0.1 * counting, -counting, 10 * signs, 100.0 * np.ones(shape), 1e3 * signs, 1e-3 * counting]
    found += [1e4 * last, np.full(shape, -1e3)]
    return found


def constants_in(tensors: Sequence[Tensor]) -> list[float]:
    """The numbers that programs speak of, which conditions may compare with."""
    found: dict[float, None] = {}
    for t in tensors:
        numbers = [a for a in t.args if not isinstance(a, Tensor)]
        if isinstance(t.rule, Elementwise):
            numbers += t.rule.template.atoms(sympy.Rational)
        if t.value is not None and not isinstance(t.value, sympy.Basic) and np.size(t.value) == 1:
            numbers.append(np.asarray(t.value).item())
        for n in numbers:
            try:
                found[abs(float(n))] = None
            except TypeError:
                continue
    return [c for c in found if c not in (0.0, 1.0, 2.0, 0.5) and 1e-6 < c < 1e12][:8]


def around(c: float) -> list[float]:
    """A number, and the numbers on and just beside it, on both sides of zero."""
    near = [c, c + 1, c - 1, c * (1 + 2.0**-10), c * (1 - 2.0**-10)]
    return near + [-v for v in near]


def tidy_points(shapes: Sequence[tuple[int, ...]], constants: Sequence[float]) -> Iterator[list[np.ndarray]]:
    """Deterministic points, from the simplest on."""
    choices = [fills(shape) for shape in shapes]
    first, second = ([c[min(k, len(c) - 1)] for c in choices] for k in range(2))
    yield first
    yield second
    special = [v for c in constants for v in around(c)]
    for k, shape in enumerate(shapes):
        for v in special:
            yield [np.full(shape, v) if j == k else own for j, own in enumerate(second)]
    few = [FEW if not s else range(8) for s in shapes]
    exhaustive = itertools.product(*few)
    for at in itertools.islice(exhaustive, COMBINATIONS):
        yield [np.asarray(v) if not s else c[int(v) % len(c)] for v, s, c in zip(at, shapes, choices)]
    for k in range(max(map(len, choices), default=0)):
        yield [c[k % len(c)] for c in choices]
    for k, own in enumerate(choices):
        for value in own:
            yield [value if j == k else c[5 % len(c)] for j, c in enumerate(choices)]


def random_points(
    shapes: Sequence[tuple[int, ...]], seed: int, constants: Sequence[float]
) -> Iterator[list[np.ndarray]]:
    """An endless sequence of points: whole, small, positive and large numbers, and definite matrices."""
    rng = np.random.default_rng(seed)
    scales = (1.0, 0.3, 10.0, *constants)

    def draw(kind: int, shape: tuple[int, ...]) -> np.ndarray:
        if kind == 0:
            return np.asarray(rng.integers(-3, 4, shape), float)
        if kind == 1:
            return np.round(np.asarray(rng.normal(size=shape)), 3)
        if kind == 2 and len(shape) >= 2 and shape[-1] == shape[-2]:
            a = rng.integers(-2, 3, shape).astype(float)
            return np.asarray(a @ np.swapaxes(a, -1, -2) + np.eye(shape[-1]))
        if kind in (2, 3):
            return np.round(np.asarray(rng.uniform(0.1, 0.9, shape)), 3)
        if kind == 4:
            return np.round(np.asarray(rng.uniform(1, 4, shape)), 2)
        if kind == 5:
            # Below one in size the powers of a number are in another order.
            return np.round(np.asarray(rng.uniform(-1, 1, shape)), 2)
        return np.round(np.asarray(rng.normal(size=shape)) * 2.0 * scales[rng.integers(len(scales))], 2)

    for k in itertools.count():
        kinds = [k % KINDS] * len(shapes) if k % 2 == 0 else [int(v) for v in rng.integers(0, KINDS, len(shapes))]
        yield [draw(kind, shape) for kind, shape in zip(kinds, shapes)]
