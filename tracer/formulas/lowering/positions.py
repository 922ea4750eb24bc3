"""The terms of indexing and of joining: products with matrices of ones and zeros that select positions of an axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy.matrices.expressions import MatMul, MatrixSymbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.matrices.expressions.slice import MatrixSlice

from tracer.formulas.matrix import classes as N
from tracer.formulas import terms as T
from tracer.formulas.errors import FormulaError
from tracer.formulas.matrix.classes import element
from tracer.formulas.rewrites import _is_call, _of_factors
from tracer.formulas.terms import ONE, Factor, Sum, Term, add
from tracer.ops.selection import Slice, full
from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor


class Selection(MatrixExpr):  # type: ignore[misc]
    """Rows ``start``, ``start + step``, ... of the identity: ``args`` are start, length, step and size."""

    shape = property(lambda self: (self.args[1], self.args[3]))

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        return sympy.KroneckerDelta(j, self.args[0] + self.args[2] * i)

    def span(self) -> str:
        """The slice as text."""
        start, length, step, _ = self.args
        if length == 1:
            return f"{start}:{start + 1}"
        stop = start + length * step
        if step > 0:
            return f"{start}:{stop}" + (f":{step}" if step != 1 else "")
        return f"{start}:{'' if stop == -1 else stop}:{step}"

    def _sympystr(self, printer: Any) -> str:
        return f"eye({self.args[3]})[{self.span()}, :]"


def selection(start: Dim, length: Dim, step: int, size: Dim) -> Term:
    """The matrix that selects positions of an axis."""
    if length == 1:
        step = 1
    if (start, length, step) == (0, size, 1):
        return T.product(ONE, [], (0, 0), {0: size})
    return T.call("selection", [], (start, length, step, size), (length, size))


def _parent(m: Any) -> tuple[Any, Any, Any] | None:
    """A symbol, or a slice of one, with its rows and columns; None for what has no slices in the notation."""
    if isinstance(m, MatrixSymbol):
        return m, sympy.Tuple(0, m.shape[0], 1), sympy.Tuple(0, m.shape[1], 1)
    return m.args if isinstance(m, MatrixSlice) else None


def _slice(chosen: Selection) -> Any:
    start, length, step, _ = chosen.args
    return sympy.Tuple(start, start + length * step if length != 1 else start + 1, step)


def _rows(m: Any, chosen: Selection) -> Any:
    parent = _parent(m)
    if parent is None or chosen.args[2] <= 0 or parent[1] != sympy.Tuple(0, parent[0].shape[0], 1):
        return None
    return sympy.Basic.__new__(MatrixSlice, parent[0], _slice(chosen), parent[2])


def _columns(m: Any, chosen: Selection) -> Any:
    parent = _parent(m)
    if parent is None or chosen.args[2] <= 0 or parent[2] != sympy.Tuple(0, parent[0].shape[1], 1):
        return None
    return sympy.Basic.__new__(MatrixSlice, parent[0], parent[1], _slice(chosen))


def folded(chain: list[Any]) -> list[Any]:
    """A chain of matrices with selections next to symbols written as slices."""
    out: list[Any] = []
    for m in chain:
        made = None
        if out and isinstance(out[-1], Selection):
            made = _rows(m, out[-1])
        elif out and isinstance(m, Transpose) and isinstance(m.args[0], Selection):
            made = _columns(out[-1], m.args[0])
        if made is None:
            out.append(m)
        else:
            out[-1] = made
    return out


def unit(m: Any) -> Any:
    """The position of the one in a column of the identity; None for everything else."""
    if isinstance(m, Transpose) and isinstance(m.args[0], Selection) and m.args[0].args[1] == 1:
        return m.args[0].args[0]
    return None


class Concatenation(MatrixExpr):  # type: ignore[misc]
    """Matrices one below another."""

    @property
    def shape(self) -> tuple[Any, Any]:
        return sympy.Add(*(m.shape[0] for m in self.args)), self.args[0].shape[1]

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        start, total = sympy.S.Zero, []
        k = sympy.Dummy("k", dummy_index=10_000_017, integer=True)
        for m in self.args:
            placed = sympy.KroneckerDelta(i, start + k) * element(m, k, j)
            total.append(sympy.Sum(placed, (k, 0, m.shape[0] - 1)))
            start = start + m.shape[0]
        return sympy.Add(*total)

    def _sympystr(self, printer: Any) -> str:
        return f"concat({', '.join(map(printer._print, self.args))})"

    def _latex(self, printer: Any) -> str:
        blocks = r" \\ ".join(map(printer._print, self.args))
        return rf"\begin{{bmatrix}}{blocks}\end{{bmatrix}}"


def joined(parts: Sequence[Any]) -> Any:
    """A sum of matrices put below one another as their concatenation; None for every other sum."""
    rows = []
    for m in parts:
        factors = m.args if isinstance(m, MatMul) else (m,)
        scalars = [f for f in factors if not isinstance(f, MatrixExpr)]
        chain = [f for f in factors if isinstance(f, MatrixExpr)]
        head = chain[0] if chain else None
        if len(chain) < 2 or not isinstance(head, Transpose) or not isinstance(head.args[0], Selection):
            return None
        rest = [*scalars, *chain[1:]]
        rows.append((head.args[0].args, rest[0] if len(rest) == 1 else N.MatMul(*rest, evaluate=False)))
    position, blocks = sympy.S.Zero, []
    while rows:
        found = next((r for r in rows if sympy.expand(r[0][0] - position) == 0 and r[0][2] == 1), None)
        if found is None:
            return None
        rows.remove(found)
        blocks.append(found[1])
        position = position + found[0][1]
    return Concatenation(*blocks) if sympy.expand(position - parts[0].shape[0]) == 0 else None


@_of_factors("P*P.T, P a selection", "I, or 0 where the positions differ", "what was selected is put back where it was")
def _selections(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        if not _is_call(t, "selection") or e != 1:
            continue
        for m, (u, j, f) in enumerate(state.factors[:n]):
            if not _is_call(u, "selection") or f != 1 or i[1] != j[1] or i[1] not in summed or degree[i[1]] != 2:
                continue
            if t is u:
                state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
                state.unite(i[0], j[0])
                state.absorb(i[1], i[0])
                return True
            if _disjoint(t.params, u.params) or _disjoint(u.params, t.params):
                state.scale = T.ZERO
                return True
    return False


@_of_factors("P*(P.T*x + R)", "x + P*R", "a part of a concatenation is what was put there")
def _part_of_whole(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        if not _is_call(t, "selection") or e != 1 or i[1] not in summed or degree[i[1]] != 2:
            continue
        for m, (u, j, f) in enumerate(state.factors):
            if m == n or f != 1 or i[1] not in j or not isinstance(u, Sum) or len(u.terms) > 8:
                continue
            out = tuple(i[0] if k == i[1] else k for k in j)
            if len(set(out)) < len(out):
                continue
            parts = [(c, T.product(ONE, [(v, j, ONE), (t, i, ONE)], out)) for c, v in u.terms]
            if any(x is t for _, part in parts for x, _, _ in T.factors_of(part)[1]):
                continue
            total = add(parts, expand=False)
            if total.weight < u.weight:
                state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
                state.absorb(i[1], i[0])
                state.pull(total, out, ONE)
                return True
    return False


def _disjoint(first: Any, second: Any) -> bool:
    gap = sympy.sympify(second[0] - first[0] - first[1])
    return bool(first[2] == second[2] == 1 and gap.is_nonnegative)


def _along(index: Sequence[Any], shape: Shape) -> list[Any]:
    used = sum(e is not None for e in index)
    return [*index, *map(full, shape[used:])]


def _chosen(name: str, index: Sequence[Any], shape: Shape) -> tuple[list[Factor], list[int], list[int], dict[int, Any]]:
    """Selections by axis, the labels of the axes, those of what is selected, and sizes."""
    factors: list[Factor] = []
    axes: list[int] = []
    taken: list[int] = []
    sizes: dict[int, Any] = {}
    fresh = iter(range(1000))
    for entry in _along(index, shape):
        label = next(fresh)
        if entry is None:
            sizes[label] = 1
            taken.append(label)
            continue
        size = shape[len(axes)]
        sizes[label] = size
        axes.append(label)
        if type(entry) is Slice:
            if entry == full(size):
                taken.append(label)
                continue
            start, length, step, inner = entry.start, entry.length, entry.step, next(fresh)
            taken.append(inner)
        elif isinstance(entry, (int, sympy.Expr)):
            start, length, step, inner = entry, 1, 1, next(fresh)
            if isinstance(start, int) and start < 0:
                start = size + start
        else:
            raise FormulaError(
                f'{name} by an array of positions has no closed form in matrix notation; the form "steps" and, for '
                'concrete shapes, "components" are available: tracer.formula(tensor, form="steps")'
            )
        sizes[inner] = length
        factors.append((selection(start, length, step, size), (inner, label), ONE))
    return factors, axes, taken, sizes


def _getitem(t: Tensor, x: Term, *arrays: Term) -> Term:
    factors, axes, taken, sizes = _chosen("indexing", t.params, t.args[0].shape)
    return T.product(ONE, [(x, tuple(axes), ONE), *factors], tuple(taken), sizes)


def _scatter(t: Tensor, *values: Term) -> Term:
    parts = []
    for value, index in zip(values, t.params):
        factors, axes, taken, sizes = _chosen("scattering", index, t.shape)
        labels = tuple(taken[len(taken) - len(value.shape) :])
        parts.append((ONE, T.product(ONE, [(value, labels, ONE), *factors], tuple(axes), sizes)))
    return T.add(parts)


def _concat(t: Tensor, *parts: Term) -> Term:
    rank, axis = len(t.shape), t.params % len(t.shape)
    labels = list(range(rank))
    labels[axis] = rank
    start: Dim = 0
    rows = []
    for x in parts:
        length = x.shape[axis]
        chosen = selection(start, length, 1, t.shape[axis])
        rows.append((ONE, T.product(ONE, [(x, tuple(labels), ONE), (chosen, (rank, axis), ONE)], tuple(range(rank)))))
        start = start + length
    return T.add(rows)


def _stack(t: Tensor, *parts: Term) -> Term:
    return stacked(parts, t.params, t.shape)


def stacked(parts: Sequence[Term], axis: int, shape: Shape) -> Term:
    """Terms stacked along a new axis."""
    rank = len(shape)
    axis %= rank
    labels = tuple(k for k in range(rank) if k != axis)
    rows = [
        (
            ONE,
            T.product(ONE, [(x, labels, ONE), (selection(n, 1, 1, len(parts)), (rank, axis), ONE)], tuple(range(rank))),
        )
        for n, x in enumerate(parts)
    ]
    return T.add(rows)


TERMS: dict[str, Callable[..., Term]] = {"getitem": _getitem, "scatter": _scatter, "concat": _concat, "stack": _stack}
