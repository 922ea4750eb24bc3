"""The pattern of a Jacobian, and its elements that are not zero as one tensor, computed in few passes."""

from __future__ import annotations

from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import sympy

from tracer import shapes
from tracer.backprop import backprop, materialise
from tracer.batching import batch, spread
from tracer.dtypes import FLOATS
from tracer.formulas.assuming import assumed
from tracer.formulas.budget import FORMULA
from tracer.formulas.sympy_caches import bounded_caches
from tracer.nest import shown
from tracer.ops.contraction import full
from tracer.ops.reshaping import reshape
from tracer.sparse_jacobians.colorings import Matrix, color_columns, color_symmetric
from tracer.sparse_jacobians.dependencies import find_dependencies
from tracer.sparse_jacobians.symbolic_patterns import list_blocks, tell_blocks
from tracer.tensor import Tensor, constant, placeholder
from tracer.terms.work import Budget
from tracer.transforms import jacobian_of, pushforward
from tracer.walk import ancestors

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean


class Sparsity:
    """Which elements of a Jacobian may be other than zero, whatever the values of the sources are.

    Elements of the tensor and of the source are counted in row-major order. Those of the pattern are in the order of
    compressed columns: column by column, in each by rows.

    Attributes
    ----------
    tensor, source : Tensor
        The Jacobian is that of ``tensor`` by ``source``.
    shape : tuple of int
        The numbers of their elements.
    rows, columns : array of int
        Where the elements are.
    indptr : array of int
        Where each column begins among them, and where the last ends, as :class:`scipy.sparse.csc_array` has it.
    symmetric : bool
        Whether the Jacobian is a Hessian.
    """

    def __init__(self, tensor: Tensor, source: Tensor) -> None:
        require_floats(tensor, source)
        self.tensor, self.source = tensor, source
        self._pattern = find_dependencies(tensor, source)
        self._pattern.sum_duplicates()
        by_columns = self._pattern.tocsc()
        by_columns.sort_indices()
        self.shape: tuple[int, int] = self._pattern.shape
        self.indptr: np.ndarray = by_columns.indptr
        self.rows: np.ndarray = by_columns.indices
        self.columns: np.ndarray = np.repeat(np.arange(self.shape[1]), np.diff(self.indptr))
        self.symmetric = _is_hessian(tensor, source)
        if self.symmetric:
            self._pattern = (self._pattern + self._pattern.T).tocsr()

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def _coloring(self) -> tuple[str, np.ndarray]:
        """What is coloured, and the colours: as few as the columns, the rows or the symmetry allow."""
        if self.symmetric:
            return "symmetric", color_symmetric(self._pattern)
        most = [int(np.bincount(k, minlength=1).max(initial=0)) if len(k) else 0 for k in (self.rows, self.columns)]
        if most[0] <= most[1]:
            return "columns", color_columns(self._pattern)
        return "rows", color_columns(self._pattern.T.tocsr())

    @property
    def colors(self) -> int:
        """How many passes compute the elements."""
        return int(self._coloring[1].max(initial=-1)) + 1 if len(self) else 0

    @cached_property
    def values(self) -> Tensor:
        """The elements of the pattern, a vector in the order of ``rows`` and ``columns``.

        Each colour is one product of the Jacobian, or of its transpose, with a vector of zeros and ones.
        """
        if not len(self):
            return full((0,), 0, "zeros", self.source.dtype)
        kind, colors = self._coloring
        first, second = (self.columns, self.rows) if kind == "columns" else (self.rows, self.columns)
        if kind == "symmetric":
            first, second = _choose_alone(self._pattern, colors, self.rows, self.columns)
        products = self._multiply(colors, forward=kind == "columns")
        chosen = colors[first]
        if self.colors == 1 and products.ndim == 1 and np.array_equal(second, np.arange(products.shape[0])):
            return products
        return products[constant(chosen, name="colors"), constant(second, name="places")]

    def _multiply(self, colors: np.ndarray, forward: bool) -> Tensor:
        """The products with the sum of the unit vectors of each colour, in rows."""
        given, other = (self.source, self.tensor) if forward else (self.tensor, self.source)
        direction = placeholder("_direction", given.shape, given.dtype)
        if forward:
            product = pushforward(self.tensor, [self.source], [direction])
        else:
            (found,) = backprop([(self.tensor, direction)], [self.source])
            product = None if found is None else materialise(found, self.source)
        assert product is not None
        seeds = colors == np.arange(self.colors)[:, None]
        seed = constant(seeds.astype(given.dtype).reshape(self.colors, *given.shape), name="seeds")
        if self.colors == 1 and seeds.all():
            seed = full((1, *given.shape), 1, "ones", given.dtype)
        (made,) = batch([product], {direction.node: seed}, (self.colors,))
        if made is product:  # the derivative is zero
            made = spread(product, (self.colors,))
        return made if other.ndim == 1 else reshape(made, (self.colors, prod(other.shape)))

    def to_scipy(self, values: object = None) -> Matrix:
        """The pattern as a :class:`scipy.sparse.csc_array`: of ones, or of given values of ``values``."""
        from scipy.sparse import csc_array

        elements = np.ones(len(self)) if values is None else np.asarray(values)
        return csc_array((elements, self.rows, self.indptr), shape=self.shape)

    def __str__(self) -> str:
        kind = "Hessian" if self.symmetric else "Jacobian"
        number = "1 product with a vector gives" if self.colors == 1 else f"{self.colors} products with a vector give"
        return (
            f"{kind} of {self.shape[0]} by {self.shape[1]}: {len(self)} of {prod(self.shape)} elements may be other "
            f"than zero; {number} them"
        )

    def __repr__(self) -> str:
        return f"<Sparsity {self.shape[0]} by {self.shape[1]}, {len(self)} elements>"


class SymbolicSparsity:
    """Which elements of a Jacobian of symbolic shape may be other than zero.

    Attributes
    ----------
    tensor, source : Tensor
    shape : tuple of dimensions
        Of the tensor, followed by that of the source.
    indices : tuple of sympy.Symbol
        An index for each axis, counted from 0.
    blocks : tuple of sympy.Boolean
        Relations of the indices. An element may be other than zero where one of them holds; a block that is true is
        everywhere, and without a block all is zero.
    """

    def __init__(self, tensor: Tensor, source: Tensor) -> None:
        from tracer.formulas.lowering.lower import lower_program
        from tracer.formulas.notations.index import index, name_indices

        require_floats(tensor, source)
        self.tensor, self.source = tensor, source
        self.shape: tuple[shapes.Dim, ...] = (*tensor.shape, *source.shape)
        (found,) = jacobian_of(tensor, [source])
        made = full(self.shape, 0, "zeros", source.dtype) if found is None else found
        self.indices: tuple[sympy.Symbol, ...]
        self.blocks: tuple[Boolean, ...]
        with bounded_caches():
            program = lower_program([made], Budget(FORMULA, tensor.name), assumed())
            names = name_indices(program.terms[0], program.normaliser, program.names)
            (element,) = index(program)
        self.indices = tuple(names)
        self.blocks = tuple(list_blocks(element, dict(zip(self.indices, self.shape))))

    def __str__(self) -> str:
        place = ", ".join(map(str, self.indices))
        size = " by ".join(map(str, self.shape))
        if not self.blocks:
            return f"Jacobian of {size}: zero everywhere"
        if self.blocks == (sympy.true,):
            return f"Jacobian of {size}: nothing is zero whatever the values are"
        return f"Jacobian of {size}: the element at ({place}) is zero unless {tell_blocks(self.blocks)}"

    def __repr__(self) -> str:
        return f"<SymbolicSparsity {' by '.join(map(str, self.shape))}, {len(self.blocks)} blocks>"


def sparsity(tensor: Tensor, source: Tensor) -> Sparsity | SymbolicSparsity:
    """Which elements of the Jacobian of a tensor by a source may be other than zero.

    It is found from the operations, whatever the values of the sources are. Of a gradient, the Jacobian is the Hessian.

    Parameters
    ----------
    tensor, source : Tensor
        Of floats.

    Returns
    -------
    Sparsity
        Indices of the elements, and the elements as one tensor that few products with vectors compute; or
    SymbolicSparsity
        Relations of indices, where a size is symbolic.

    Raises
    ------
    TypeError
        If one of them is no tensor of floats.

    Notes
    -----
    Elements are computed together that are in no common row, or that mirror elements which are: Gebremedhin, Manne,
    Pothen, What Color Is Your Jacobian?, SIAM Review 47, 2005.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=(1000,))
    >>> loss = tracer.reduce_sum((x[1:] - x[:-1] ** 2) ** 2)
    >>> pattern = tracer.sparsity(tracer.gradients(loss, x)[0], x)
    >>> print(pattern)
    Hessian of 1000 by 1000: 2998 of 1000000 elements may be other than zero; 3 products with a vector give them
    >>> hessian = tracer.compile(pattern.values, x)
    >>> float(pattern.to_scipy(hessian(np.zeros(1000))).trace())
    1998.0

    >>> x = tracer.placeholder("x", shape=("n",))
    >>> print(tracer.sparsity(x[1:] * x[:-1], x))
    Jacobian of n - 1 by n: the element at (i, j) is zero unless i = j or j = i + 1
    """
    require_floats(tensor, source)
    target, given = tensor.read(), source.read()
    known = all(shapes.is_concrete(t.shape) for t in (given, *ancestors([target], lambda t: t.node == given.node)))
    return Sparsity(target, given) if known else SymbolicSparsity(target, given)


def require_floats(tensor: Tensor, source: Tensor) -> None:
    """Refuse what has no derivative."""
    for name, t in (("tensor", tensor), ("source", source)):
        if not isinstance(t, Tensor) or t.dtype not in FLOATS:
            raise TypeError(f"sparsity takes tensors of floats, got {shown(t)} as the {name}")


def _is_hessian(tensor: Tensor, source: Tensor) -> bool:
    """Whether a tensor is the gradient of scalars by a source, so that its Jacobian is symmetric."""
    derived = tensor.derived
    if derived is None or tensor.shape != source.shape or derived.stop is not None or derived.watched is not None:
        return False
    return [s.node for s in derived.sources] == [source.node] and not derived.opened


def _choose_alone(
    pattern: Matrix, colors: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each element the one of it and its mirror image that is alone with its colour in its row.

    The first of the answers says whose colour is looked up, the second at which place.
    """
    together: dict[tuple[int, int], int] = {}
    own = pattern.tocoo()
    pairs = list(zip(own.coords[0].tolist(), colors[own.coords[1]].tolist()))
    for pair in pairs:
        together[pair] = together.get(pair, 0) + 1
    alone = np.array([together[i, c] == 1 for i, c in zip(rows.tolist(), colors[columns].tolist())], bool)
    return np.where(alone, columns, rows), np.where(alone, rows, columns)
