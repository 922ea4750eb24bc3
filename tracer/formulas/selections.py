"""The terms of indexing and of joining: products with matrices of ones and zeros that select positions of an axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy.matrices.expressions import MatrixSymbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.matrices.expressions.slice import MatrixSlice

from tracer.formulas import terms as T  # noqa: N812
from tracer.formulas.errors import FormulaError
from tracer.formulas.rewrites import _is_call, _of_factors
from tracer.formulas.terms import ONE, Factor, Term
from tracer.ops.selection import Slice, full
from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor


class Selection(MatrixExpr):  # type: ignore[misc]
    """Rows ``start``, ``start + step``, ... of the identity: ``args`` are start, length, step and size."""

    shape = property(lambda self: (self.args[1], self.args[3]))

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        return sympy.KroneckerDelta(j, self.args[0] + self.args[2] * i)

    def rows(self) -> str:
        """The slice as text."""
        start, length, step, size = self.args
        if length == 1:
            return f"{start}:{start + 1}"
        stop = start + length * step
        if step > 0:
            return f"{start}:{stop}" + (f":{step}" if step != 1 else "")
        return f"{start}:{'' if stop == -1 else stop}:{step}"

    def _sympystr(self, printer: Any) -> str:
        return f"eye({self.args[3]})[{self.rows()}, :]"

    def _latex(self, printer: Any) -> str:
        return rf"I_{{{self.rows()}}}"


def selection(start: Dim, length: Dim, step: int, size: Dim) -> Term:
    """The matrix that selects positions of an axis."""
    return T.call("selection", [], (start, length, step, size), (length, size))


def select(m: Any, chosen: Selection) -> Any:
    """The selected rows of a matrix, as a slice of it; None where the notation has no slice."""
    start, length, step, _ = chosen.args
    if step <= 0 or not isinstance(m, MatrixSymbol):
        return None
    rows = sympy.Tuple(start, start + length * step if length != 1 else start + 1, step)
    return sympy.Basic.__new__(MatrixSlice, m, rows, sympy.Tuple(0, m.shape[1], 1))


def folded(chain: list[Any]) -> list[Any]:
    """A chain of matrices with selections next to symbols written as slices."""
    out: list[Any] = []
    for m in chain:
        if out and isinstance(out[-1], Selection):
            made = select(m, out[-1])
            if made is not None:
                out[-1] = made
                continue
        if isinstance(m, Transpose) and isinstance(m.args[0], Selection) and out and isinstance(out[-1], MatrixSymbol):
            start, length, step, _ = m.args[0].args
            if step > 0:
                stop = start + 1 if length == 1 else start + length * step
                columns = sympy.Tuple(start, stop, step)
                out[-1] = sympy.Basic.__new__(MatrixSlice, out[-1], sympy.Tuple(0, out[-1].shape[0], 1), columns)
                continue
        out.append(m)
    return out


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
                state.unite(i[0], i[1])
                return True
            if _disjoint(t.params, u.params) or _disjoint(u.params, t.params):
                state.scale = T.ZERO
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
    rank, axis = len(t.shape), t.params % len(t.shape)
    labels = tuple(k for k in range(rank) if k != axis)
    rows = [
        (ONE, T.product(ONE, [(x, labels, ONE), (selection(n, 1, 1, len(parts)), (rank, axis), ONE)], tuple(range(rank))))
        for n, x in enumerate(parts)
    ]
    return T.add(rows)


TERMS: dict[str, Callable[..., Term]] = {"getitem": _getitem, "scatter": _scatter, "concat": _concat, "stack": _stack}
