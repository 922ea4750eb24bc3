"""What rows over matrices, and reductions, ask of their operands: relations over symbols that stand for these."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TypeAlias

import sympy
from sympy import And, Determinant, Expr, Gt, Indexed, IndexedBase, Lt, MatrixSymbol, Max, Ne, Or, Q, Symbol
from sympy.logic.boolalg import Boolean

from tracer.ops.matrix_rows import determinant
from tracer.rules import OUT
from tracer.shapes import Dim
from tracer.tensor import Tensor

Relations: TypeAlias = Callable[[Tensor], Sequence[Boolean]]

WRITTEN_OUT = 3
"""Up to this size what is asked of a matrix is written in its elements, if that has no notation of its own."""

FEW = 4
"""Up to so many elements the ties of a reduction are written out."""


def index(axis: int) -> Symbol:
    """What stands for the index along an axis."""
    return Symbol(f"_i{axis}", integer=True)


def other_index(axis: int) -> Symbol:
    """What stands for another index along the same axis."""
    return Symbol(f"_j{axis}", integer=True)


def matrix_argument(node: Tensor, position: int) -> MatrixSymbol:
    """The symbol that stands for an operand that is a matrix, or for a matrix of a batch."""
    return MatrixSymbol(f"_{position}", *node.args[position].shape[-2:])


def array_argument(position: int) -> IndexedBase:
    """The symbol whose elements stand for those of an operand."""
    return IndexedBase(f"_x{position}", real=True)


def array_out() -> IndexedBase:
    """The symbol whose elements stand for those of the result."""
    return IndexedBase("_xout", real=True)


def has_no_zeros(node: Tensor) -> list[Boolean]:
    """That no element of the first operand is zero: formulas divide by it."""
    return [Ne(Indexed(array_argument(0), *map(index, range(node.args[0].ndim))), 0)]


def is_invertible(node: Tensor) -> list[Boolean]:
    """That the first operand is an invertible matrix."""
    return [Ne(Determinant(matrix_argument(node, 0)), 0)]


def has_positive_determinant(node: Tensor) -> list[Boolean]:
    """That the first operand is a matrix with a positive determinant."""
    return [Gt(Determinant(matrix_argument(node, 0)), 0)]


def has_full_rank(node: Tensor) -> list[Boolean]:
    """That the rank of the first operand is the smaller of its sizes."""
    a = matrix_argument(node, 0)
    m, n = node.args[0].shape[-2:]
    tall, wide = Ne(Determinant(a.T * a), 0), Ne(Determinant(a * a.T), 0)
    if isinstance(m, int) and isinstance(n, int):
        return is_invertible(node) if m == n else [tall if m > n else wide]
    return is_invertible(node) if m == n else [Or(tall, wide)]


def _elements(node: Tensor) -> sympy.Matrix | None:
    """The elements of a small square matrix."""
    size = node.args[0].shape[-1]
    if not isinstance(size, int) or size > WRITTEN_OUT:
        return None
    a = matrix_argument(node, 0)
    return sympy.Matrix(size, size, lambda i, j: a[i, j])


def is_positive_definite(node: Tensor) -> list[Boolean]:
    """That the first operand is positive definite: for small ones, by their leading minors (Sylvester)."""
    m = _elements(node)
    if m is None:
        return [Q.positive_definite(matrix_argument(node, 0))]
    return [And(*(Gt(determinant(m[:k, :k]), 0) for k in range(1, m.rows + 1)))]


def has_distinct_eigenvalues(node: Tensor) -> list[Boolean]:
    """That no two eigenvalues of the first operand, which is symmetric, are equal.

    They are given in order: it is enough that no two neighbours are.
    """
    size = node.args[0].shape[-1]
    m = _elements(node)
    if size == 1:
        return []
    if m is not None and m.rows == 2:
        return [Ne((m[0, 0] - m[1, 1]) ** 2 + 4 * m[0, 1] ** 2, 0)]
    return [_has_distinct_neighbours("eigvalsh", matrix_argument(node, 0), size)]


def has_distinct_singular_values(node: Tensor) -> list[Boolean]:
    """That no two singular values of the first operand are equal."""
    m, n = node.args[0].shape[-2:]
    smaller = min(m, n) if isinstance(m, int) and isinstance(n, int) else sympy.Min(m, n)
    return [] if smaller == 1 else [_has_distinct_neighbours("svd", matrix_argument(node, 0), smaller)]


def has_distinct_nonzero_singular_values(node: Tensor) -> list[Boolean]:
    """That no two singular values of the first operand are equal, and none is zero."""
    return [*has_full_rank(node), *has_distinct_singular_values(node)]


def _has_distinct_neighbours(name: str, matrix: MatrixSymbol, size: object) -> Boolean:
    """Of values that are sorted: those of a function of a matrix, written by its name."""
    values = sympy.Function(name)
    if isinstance(size, int):
        return And(*(Ne(values(matrix, k), values(matrix, k + 1)) for k in range(size - 1)))
    i = index(0)
    return Ne(values(matrix, i), values(matrix, i + 1))


def has_root(node: Tensor) -> list[Boolean]:
    """That the first operand has a principal root, and so a logarithm: no eigenvalue is zero or negative.

    Of a matrix of two rows the eigenvalues solve ``z**2 - t*z + d = 0`` with the trace t and the determinant d. They
    are not real, or the smaller one is positive.
    """
    m = _elements(node)
    if m is None or m.rows > 2:
        return [Ne(Determinant(matrix_argument(node, 0)), 0)]
    if m.rows == 1:
        return [Gt(m[0, 0], 0)]
    trace, product = m[0, 0] + m[1, 1], determinant(m)
    return [Or(Lt(trace**2, 4 * product), And(Gt(trace, 0), Gt(product, 0)))]


def has_values_apart(node: Tensor, name: str, places: Sequence[Dim]) -> list[Boolean]:
    """That the eigenvalue or singular value at each of some places differs from the one before it."""
    values, matrix = sympy.Function(name), matrix_argument(node, 0)
    return [Ne(values(matrix, sympy.sympify(k) - 1), values(matrix, k)) for k in places]


Compare: TypeAlias = Callable[[Expr, Expr], Boolean]


def has_one_extreme(compare: Compare, extreme: Callable[..., Expr]) -> Relations:
    """That the extreme along the axes of a reduction is attained once."""

    def relations(node: Tensor) -> list[Boolean]:
        axes, keepdims = node.params
        kept = [index(k) for k in range(node.args[0].ndim)]
        where = [sympy.S.Zero if k in axes else i for k, i in enumerate(kept) if keepdims or k not in axes]
        return _is_attained_once(node, axes, compare, extreme, Indexed(array_out(), *where) if where else OUT)

    return relations


def has_one_extreme_place(compare: Compare, extreme: Callable[..., Expr]) -> Relations:
    """That the extreme is attained once whose place along an axis is the result."""

    def relations(node: Tensor) -> list[Boolean]:
        axis = node.params
        kept = [index(k) for k in range(node.args[0].ndim)]
        where = kept[:axis] + kept[axis + 1 :]
        place = Indexed(array_out(), *where) if where else OUT
        highest = Indexed(array_argument(0), *kept[:axis], place, *kept[axis + 1 :])
        return _is_attained_once(node, (axis,), compare, extreme, highest)

    return relations


def _is_attained_once(
    node: Tensor, axes: Sequence[int], compare: Compare, extreme: Callable[..., Expr], highest: Expr
) -> list[Boolean]:
    """Of few elements along axes each pair differs, or is not extreme; of more, any other element."""
    shape = node.args[0].shape

    def at(place: Sequence[object]) -> Expr:
        chosen = dict(zip(axes, place))
        return Indexed(array_argument(0), *(chosen.get(k, index(k)) for k in range(len(shape))))

    places = _few_places([shape[k] for k in axes])
    if places is not None:
        return _differ_if_extreme([at(p) for p in places], compare, extreme)
    one, other = at([index(k) for k in axes]), at([other_index(k) for k in axes])
    same = And(*(sympy.Eq(index(k), other_index(k)) for k in axes))
    return [Or(same, Ne(one, other), compare(highest, one))]


def _differ_if_extreme(elements: Sequence[Expr], compare: Compare, extreme: Callable[..., Expr]) -> list[Boolean]:
    """That two of some elements differ, or one of the rest is beyond both."""
    found = []
    for one, other in itertools.combinations(elements, 2):
        rest = [e for e in elements if e not in (one, other)]
        found.append(Or(Ne(one, other), compare(extreme(*rest), one)) if rest else Ne(one, other))
    return [And(*found)] if found else []


def has_no_ties(node: Tensor) -> list[Boolean]:
    """That the elements of the first operand differ along an axis: of few each pair, else any two of them."""
    axis, shape = node.params, node.args[0].shape

    def at(place: object) -> Expr:
        return Indexed(array_argument(0), *(place if k == axis else index(k) for k in range(len(shape))))

    places = _few_places([shape[axis]])
    if places is not None:
        return [Ne(at(p), at(q)) for (p,), (q,) in itertools.combinations(places, 2)]
    one, other = index(axis), other_index(axis)
    return [Or(sympy.Eq(one, other), Ne(at(one), at(other)))]


def has_one_maximum_each(node: Tensor) -> list[Boolean]:
    """That the maximum of each segment is attained once: elements of a segment differ, or are below its maximum."""
    x, ids = node.args
    kept = [index(k) for k in range(ids.ndim, x.ndim)]
    one, other = ([letter(k) for k in range(ids.ndim)] for letter in (index, other_index))

    def at(place: Sequence[object]) -> Expr:
        return Indexed(array_argument(0), *place, *kept)

    def segment(place: Sequence[object]) -> Expr:
        return Indexed(array_argument(1), *place)

    if ids.value is not None:
        segments: dict[int, list[tuple[int, ...]]] = {}
        for place in itertools.product(*map(range, ids.shape)):
            segments.setdefault(int(ids.value[place]), []).append(place)
        if max(map(len, segments.values()), default=0) <= FEW:
            return [r for places in segments.values() for r in _differ_if_extreme([at(p) for p in places], Gt, Max)]
    same = And(*map(sympy.Eq, one, other))
    highest = Indexed(array_out(), segment(one), *kept)
    return [Or(same, Ne(segment(one), segment(other)), Ne(at(one), at(other)), Gt(highest, at(one)))]


def _few_places(sizes: Sequence[object]) -> list[tuple[int, ...]] | None:
    """The places along axes of which all are known and few."""
    known = [d for d in sizes if isinstance(d, int)]
    if len(known) < len(sizes) or sympy.prod(known) > FEW:
        return None
    return list(itertools.product(*map(range, known)))


HAS_ONE_MAXIMUM = has_one_extreme(Gt, Max)
HAS_ONE_MINIMUM = has_one_extreme(Lt, sympy.Min)
HAS_ONE_MAXIMUM_PLACE = has_one_extreme_place(Gt, Max)
HAS_ONE_MINIMUM_PLACE = has_one_extreme_place(Lt, sympy.Min)
