"""Integers that are places at distances: ``2*i + j + 1`` for all i and j, as the places of windows are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.shapes import Dim
from tracer.terms import record as T
from tracer.terms.decomposition import factors_of, summands_of
from tracer.terms.record import ONE, Call, Term, constant_value, is_call

if TYPE_CHECKING:
    import numpy as np


class Affine(NamedTuple):
    """The number ``start + steps[0]*i + steps[1]*j + ...`` for each place ``[i, j, ...]``."""

    start: Dim
    steps: tuple[Dim, ...]


class Run(NamedTuple):
    """Numbers at one distance at places of an axis."""

    place: Dim
    length: Dim
    first: Dim
    step: Dim


def read_affine(ids: Term) -> Affine | None:
    """How the elements of a term follow from their places; None where they are no multiples of them."""
    if isinstance(ids, Call) and ids.head == "range":
        return Affine(ids.params[0], (ids.params[1],))
    start: Dim = sympy.S.Zero
    steps: list[Dim] = [sympy.S.Zero] * len(ids.shape)
    runs: dict[int, list[Run]] = {}
    for c, u in summands_of(ids):
        value = constant_value(u)
        found = None if value is not None else _read_run(c, u)
        if value is not None:
            start += c * value
        elif found is None:
            return None
        else:
            runs.setdefault(found[0], []).append(found[1])
    for axis, pieces in runs.items():
        line = _join_runs(pieces, ids.shape[axis])
        if line is None:
            return None
        start, steps[axis] = start + line[0], line[1]
    return Affine(sympy.expand(start), tuple(steps)) if all(s.is_Integer for s in map(sympy.sympify, steps)) else None


def _read_run(c: sympy.Expr, u: Term) -> tuple[int, Run] | None:
    """A summand that is a run of numbers along one axis of the result."""
    scale, factors, out, sizes = factors_of(u)
    if any(e is not ONE for _, _, e in factors) or len(set(out)) < len(out):
        return None
    selections = [(v, labels) for v, labels, _ in factors if is_call(v, "selection")]
    numbers = [(v, labels) for v, labels, _ in factors if not is_call(v, "selection")]
    if len(selections) > 1 or len(numbers) > 1 or (numbers and len(numbers[0][1]) != 1):
        return None
    values: Affine | None = Affine(sympy.S.One, (sympy.S.Zero,))
    if numbers:
        ((v, _),) = numbers
        values = read_affine(v) if isinstance(v, T.Sum) or is_call(v, "range") else None
    if values is None:
        return None
    first, step = c * scale * values.start, c * scale * values.steps[0]
    if not selections:
        (label,) = numbers[0][1]
        return (out.index(label), Run(sympy.S.Zero, sizes[label], first, step)) if label in out else None
    ((v, (row, label)),) = selections
    assert isinstance(v, Call)
    if label not in out or row in out or (numbers and numbers[0][1] != (row,)) or v.params[2] != 1:
        return None
    place, length, _, _ = v.params
    return out.index(label), Run(place, length, first, step)


def _join_runs(runs: Sequence[Run], size: Dim) -> tuple[Dim, Dim] | None:
    """The number at the first place of an axis and the distance of those after it, the runs being all there is."""
    longest = max(runs, key=lambda r: r.step != 0)
    points = [(r.place, r.first) for r in runs]
    if longest.step != 0:
        step = longest.step
    else:
        if all(r.place != 0 for r in runs):
            points.append((sympy.S.Zero, sympy.S.Zero))  # A zero is no summand.
        points.sort(key=lambda p: sympy.sympify(p[0]).sort_key())
        if len(points) < 2:
            return None
        step = sympy.sympify(points[1][1] - points[0][1]) / (points[1][0] - points[0][0])
    start = sympy.expand(points[0][1] - step * points[0][0])
    covered = sum((r.length for r in runs), sympy.S.Zero)
    gap = sympy.expand(size - covered)
    same = all(sympy.expand(start + step * place - value) == 0 for place, value in points)
    straight = all(r.step == step or r.length == 1 for r in runs)
    return (start, step) if same and straight and (gap == 0 or (gap == 1 and start == 0)) else None


def write_affine(values: np.ndarray) -> Term | None:
    """Places in an array as a term that :func:`read_affine` reads; None of others, and of such as count from the end.

    Along each axis they are at one distance, which is not zero.
    """
    import numpy as np

    if not values.size or values.min() < 0 or (values.ndim > 1 and 1 in values.shape):
        return None
    start = int(values.flat[0])
    corners = [tuple(int(k == axis) for k in range(values.ndim)) for axis in range(values.ndim)]
    steps = [int(values[c]) - start if d > 1 else 1 for c, d in zip(corners, values.shape)]
    grid = np.indices(values.shape)
    if 0 in steps or not np.array_equal(values, start + sum(s * g for s, g in zip(steps, grid))):
        return None
    axes, sizes = tuple(range(values.ndim)), dict(enumerate(values.shape))
    rows = [(ONE, T.number(start, values.shape))] if start or not steps else []
    for axis, step in enumerate(steps):
        along = T.call("range", [], (0, step), (values.shape[axis],))
        rows.append((ONE, T.product(ONE, [(along, (axis,), ONE)], axes, sizes)))
    return rows[0][1] if len(rows) == 1 else T.add(rows)
