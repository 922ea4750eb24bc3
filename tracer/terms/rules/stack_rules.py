"""Rules of small matrices put together of elements: determinants and inverses are those of the elements."""

from __future__ import annotations

from itertools import permutations

from sympy.combinatorics import Permutation

from tracer.shapes import Shape
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Factor, Product, Sum, Term, add, axes_of, is_call, power, product
from tracer.terms.rule import Procedure
from tracer.terms.selections import selection
from tracer.terms.stacks import is_stacked, take_element

ADDED = 5
"""How many elements are added up one by one at the most."""

ROWS = 3
"""How many rows a matrix has at the most whose determinant and inverse are written out."""

Rows = list[list[Term]]
"""The elements of a matrix, row by row."""


def _take_rows(n: Normaliser, t: Term) -> Rows | None:
    """The elements of small matrices that were put together of them, arrays for a batch; None of others."""
    size = t.shape[-1]
    if size not in range(1, ROWS + 1) or not is_stacked(t, len(t.shape) - 2):
        return None
    return [[take_element(n, t, (i, j)) for j in range(size)] for i in range(size)]


def _expand(rows: Rows, shape: Shape) -> Term:
    """The determinant of elements of a shape: ``a*d - b*c``."""
    axes = tuple(range(len(shape)))
    summands = []
    for order in permutations(range(len(rows))):
        factors: list[Factor] = [(row[k], axes, ONE) for row, k in zip(rows, order)]
        summands.append((Permutation(order).signature(), product(ONE, factors, axes, dict(enumerate(shape)))))
    return add(summands)


def _write_out_determinant(n: Normaliser, t: Call) -> Term | None:
    """``det([[a, b], [c, d]]) -> a*d - b*c``."""
    rows = _take_rows(n, t.args[0])
    return None if rows is None else _expand(rows, t.shape)


def _write_out_inverse(n: Normaliser, t: Call) -> Term | None:
    """``inverse([[a, b], [c, d]]) -> [[d, -b], [-c, a]]/(a*d - b*c)``: the adjugate over the determinant."""
    rows = _take_rows(n, t.args[0])
    if rows is None:
        return None
    *shape, size, _ = t.shape
    axes, k = tuple(range(len(shape))), len(shape)
    adjugate = []
    for i in range(size):
        for j in range(size):
            minor = [[x for q, x in enumerate(row) if q != i] for p, row in enumerate(rows) if p != j]
            placed = [(selection(at, 1, 1, size), (k + axis + 2, k + axis), ONE) for axis, at in enumerate((i, j))]
            element = _expand(minor, tuple(shape))
            adjugate.append(((-1) ** (i + j), product(ONE, [(element, axes, ONE), *placed], axes_of(t))))
    return product(
        ONE, [(power(_expand(rows, tuple(shape)), -1), axes, ONE), (add(adjugate), axes_of(t), ONE)], axes_of(t)
    )


def _add_elements(n: Normaliser, t: Product) -> Term | None:
    """``sum([a, b]**2) -> a**2 + b**2``: along an axis where each factor was given element by element."""
    sizes = dict(enumerate(t.sizes))
    for k in dict.fromkeys(k for _, labels, _ in t.factors for k in labels):
        along = [f for f in t.factors if k in f[1]]
        size = sizes[k]
        if k in t.out or not isinstance(size, int) or not 1 < size <= ADDED:
            continue
        if any(f[1] != (k,) or is_call(f[0], "selection") or not is_stacked(f[0]) for f in along):
            continue
        rest = [f for f in t.factors if k not in f[1]]
        return add(
            (ONE, product(t.scale, [*rest, *((take_element(n, u, (j,)), (), e) for u, _, e in along)], t.out, sizes))
            for j in range(size)
        )
    return None


STACKS: tuple[Rewrite, ...] = (
    Procedure(
        (Product,),
        "sum([a, b]**2) -> a**2 + b**2",
        "a sum of elements that are given",
        _add_elements,
        frozenset([Sum]),
    ),
    Procedure(
        ("det",),
        "det([[a, b], [c, d]]) -> a*d - b*c",
        "the determinant of a matrix whose elements are given",
        _write_out_determinant,
    ),
    Procedure(
        ("inverse",),
        "inverse([[a, b], [c, d]]) -> [[d, -b], [-c, a]]/(a*d - b*c)",
        "the adjugate over the determinant",
        _write_out_inverse,
    ),
)
