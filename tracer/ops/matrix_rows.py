"""What rows over matrices share: checks of operands, batching, and components by sympy's matrices."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS
from tracer.ops.casting import cast
from tracer.ops.contraction import expand_dims
from tracer.python_code import Code
from tracer.rules import NO_FACTS, TABLE, Facts, Op, Pullback, register
from tracer.shapes import Shape
from tracer.tensor import Operand, Tensor, TensorLike, apply, as_tensor, record_tensor

if TYPE_CHECKING:
    import numpy as np


def floats(value: TensorLike) -> Tensor:
    """The value as a tensor of a floating dtype."""
    tensor = as_tensor(value)
    return tensor if tensor.dtype in FLOATS else cast(tensor, "float64")


def matrices(name: str, value: TensorLike) -> Tensor:
    """The value as a tensor of matrices, of a floating dtype."""
    tensor = floats(value)
    if tensor.ndim < 2:
        raise ValueError(
            f"{name} takes a matrix or a batch of matrices, {tensor.name} has shape {shapes.show(tensor.shape)}; "
            "add axes with expand_dims"
        )
    return tensor


def square(name: str, value: TensorLike) -> Tensor:
    """The value as a tensor of square matrices, of a floating dtype."""
    tensor = matrices(name, value)
    if tensor.shape[-1] != tensor.shape[-2]:
        raise ValueError(
            f"{name} takes square matrices, {tensor.name} has shape {shapes.show(tensor.shape)}; "
            "give its last two dimensions the same name or size"
        )
    return tensor


def again(node: Tensor, axes: int, *operands: Tensor) -> Tensor:
    """The operation with leading batch axes, which it has anyway."""
    dims = operands[0].shape[:axes]
    return record_tensor(node.rule, operands, node.params, (*dims, *node.shape), node.dtype)


def row(name: str, pullback: Pullback | None, implicit: bool = False, **forms: Any) -> Op:
    """Add the row of a function of matrices, which is batched as it stands."""
    return register(Op(name, pullback, implicit=implicit, **{"batch": again, "named": True, **forms}))


Matrix: TypeAlias = "sympy.Matrix | np.ndarray"
"""What has a shape and entries that are added and multiplied."""

MATRIX_FUNCTIONS: dict[str, Callable[..., Tensor]] = {}
"""What :func:`matrix_function` has made, by name."""


def matrix_function(
    name: str,
    pullback: Pullback | None,
    *,
    numpy: Callable[..., Code],
    components: Callable[..., Sequence[sympy.Expr]],
    summary: str,
    components_cost: Callable[[Tensor], int] | None = None,
    to_scalar: bool = False,
    latex: str = "",
    facts: Facts = NO_FACTS,
) -> Callable[..., Tensor]:
    """The public function of square matrices, in ``tracer.linalg``, of which a row of the table says all.

    Parameters
    ----------
    name : str
    pullback, numpy, components, components_cost, latex, facts
        As in :class:`rules.Op`.
    summary : str
        The docstring: its first line, and the source of the formula.
    to_scalar : bool
        Whether the result is a number for each matrix, and no matrix.
    """
    op = row(
        name,
        pullback,
        numpy=numpy,
        components=components,
        components_cost=components_cost,
        latex=latex,
        facts=facts,
    )

    def call(input: TensorLike, name: str | None = None) -> Tensor:
        x = square(op.name, input)
        return record_tensor(op, (x,), None, x.shape[:-2] if to_scalar else x.shape, x.dtype)

    call.__name__ = call.__qualname__ = name
    call.__module__ = "tracer.linalg"
    call.__doc__ = f"""{summary}

Parameters
----------
input : tensor or array
    Of shape ``(..., n, n)``.
name : str, optional
    The name of the result, made unique.

Returns
-------
Tensor
    Of {"shape ``(...)``" if to_scalar else "the same shape"}.

Examples
--------
>>> import tracer
>>> tracer.linalg.{name}(tracer.placeholder("A", shape=("n", "n"))).shape
{"()" if to_scalar else "(n, n)"}
"""
    MATRIX_FUNCTIONS[name] = call
    return call


def blocks(flat: Sequence[sympy.Expr], shape: Shape, batch: Shape = ()) -> Iterator[sympy.Matrix]:
    """The matrices of a flat list, those of smaller batches repeated to ``batch``."""
    *head, rows, columns = shape
    size = rows * columns
    for place in itertools.product(*map(range, batch or head)):
        start = 0
        for k, d in zip(place[len(place) - len(head) :], head):
            start = start * d + (k if d != 1 else 0)
        yield sympy.Matrix(rows, columns, flat[start * size : (start + 1) * size])


def each(function: Callable[[sympy.Matrix], sympy.Expr | sympy.Matrix]) -> Callable[..., list[sympy.Expr]]:
    """Components of a function of one matrix, from its answer for each."""

    def components(node: Tensor, flat: Sequence[sympy.Expr]) -> list[sympy.Expr]:
        found: list[sympy.Expr] = []
        for m in blocks(flat, node.args[0].shape):
            answer = function(m)
            found += answer if isinstance(answer, sympy.MatrixBase) else [answer]
        return found

    return components


def determinant(m: sympy.Matrix) -> sympy.Expr:
    """The determinant by minors, without divisions.

    sympy's own simplifies what it meets, for minutes where entries are formulas.
    """
    return sympy.sympify(expand_minors(m.rows, lambda i, j: m[i, j]))


def expand_minors(size: int, entry: Callable[[int, int], Any], one: Any = 1) -> Any:
    """The determinant of what is added and multiplied, by minors; those of the last rows are shared."""
    columns = range(size)
    minors: dict[tuple[int, ...], Any] = {(): one}
    for i in reversed(columns):
        minors = {
            chosen: _alternate([entry(i, j) * minors[chosen[:k] + chosen[k + 1 :]] for k, j in enumerate(chosen)])
            for chosen in itertools.combinations(columns, size - i)
        }
    return minors[tuple(columns)]


def _alternate(terms: Sequence[Any]) -> Any:
    """``a - b + c - d``."""
    return reduce(add, (-x if k % 2 else x for k, x in enumerate(terms)))


def minors_cost(size: int) -> int:
    """How many parts a determinant has that is written out by minors."""
    return 4 * math.factorial(size)


def determinant_cost(node: Tensor) -> int:
    """The cost of the components of functions of the determinant."""
    shape: tuple[int, ...] = node.args[0].shape
    *batch, size, _ = shape
    return math.prod(batch) * minors_cost(size)


def inverse_cost(node: Tensor) -> int:
    """The cost of the components of inverses: each entry of the adjugate, and the determinant below it."""
    shape: tuple[int, ...] = node.args[0].shape
    *batch, rows, columns = shape
    return math.prod(batch) * rows * columns * minors_cost(min(rows, columns))


def inverse(m: sympy.Matrix) -> sympy.Matrix:
    """The inverse, as the adjugate divided by the determinant."""
    whole = determinant(m)
    return adjugate_of(m).applyfunc(lambda entry: entry / whole)


def adjugate_of(m: sympy.Matrix) -> sympy.Matrix:
    """The transpose of the matrix of cofactors."""
    return sympy.Matrix(m.rows, m.rows, cofactors_along(m)).T


def cofactors_along(m: Matrix, *directions: Matrix, one: Any = 1) -> list[Any]:
    """The entries of the derivative of the cofactors in directions, in row-major order.

    A cofactor is linear in each row of its minor: rows of the directions take the places of some, in every way.
    """
    n = m.shape[0]
    found = []
    for i, j in itertools.product(range(n), repeat=2):
        rows, columns = ([k for k in range(n) if k != own] for own in (i, j))
        total = one - one
        for places in itertools.permutations(rows, len(directions)):
            taken = [dict(zip(places, directions)).get(k, m) for k in rows]
            total += expand_minors(n - 1, lambda a, b: taken[a][rows[a], columns[b]], one)  # noqa: B023
        found.append(-total if (i + j) % 2 else total)
    return found


def per_matrix(cotangent: Operand) -> Operand:
    """A cotangent of scalars as a factor of matrices."""
    return expand_dims(cotangent, (-2, -1)) if type(cotangent) is Tensor and cotangent.ndim else cotangent


def times(x: Operand, y: Tensor) -> Tensor:
    """The elementwise product, a factor of one left out."""
    return y if type(x) is not Tensor and x == 1 else apply(TABLE["multiply"], (x, y))
