"""Colourings of sparse matrices: columns of one colour are computed together, in one pass along their sum.

Gebremedhin, Manne, Pothen: What Color Is Your Jacobian? Graph Coloring for Computing Derivatives, SIAM Review 47, 2005.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

Matrix: TypeAlias = Any
"""A sparse matrix of SciPy's, which have no types."""


def color_columns(pattern: Matrix) -> np.ndarray:
    """Colours of columns of which no two of one colour have elements in one row, as few as two greedy orders find.

    Parameters
    ----------
    pattern : scipy.sparse.csr_array

    Returns
    -------
    array of int
        A colour for each column, counted from 0; columns without elements have the colour 0.

    Examples
    --------
    >>> from scipy import sparse
    >>> color_columns(sparse.eye_array(4, format="csr") + sparse.eye_array(4, k=1, format="csr"))
    array([0, 1, 0, 1])
    """
    rows, columns = _list_neighbours(pattern), _list_neighbours(pattern.tocsc())

    def color(order: Iterable[int]) -> np.ndarray:
        """Curtis, Powell, Reid: On the Estimation of Sparse Jacobian Matrices, 1974."""
        taken: list[set[int]] = [set() for _ in rows]
        colors = np.zeros(len(columns), int)
        for j in order:
            colors[j] = _find_free(set().union(*(taken[i] for i in columns[j])))
            for i in columns[j]:
                taken[i].add(int(colors[j]))
        return colors

    return _choose_fewest(color, [len(c) for c in columns])


def color_symmetric(pattern: Matrix) -> np.ndarray:
    """A star colouring: of each two elements that mirror one another, one can be read from a product with a colour.

    Neighbours have two colours, and a path of four vertices has three (the paper's section 4.2, algorithm 4.1).

    Parameters
    ----------
    pattern : scipy.sparse.csr_array
        Symmetric.

    Examples
    --------
    >>> from scipy import sparse
    >>> arrow = sparse.csr_array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]])
    >>> color_symmetric(arrow)
    array([0, 1, 1, 1])
    """
    neighbours = [[j for j in row if j != i] for i, row in enumerate(_list_neighbours(pattern))]

    def color(order: Iterable[int]) -> np.ndarray:
        colors = [-1] * len(neighbours)
        around: list[dict[int, int]] = [{} for _ in neighbours]  # how often a vertex has a colour beside it
        # The colours of those beside a vertex that have its colour beside them twice: a path v, w, x, y where y has the
        # colour of w must not begin with the colour of x.
        ends: list[set[int]] = [set() for _ in neighbours]
        for v in order:
            forbidden: set[int] = set()
            for w in neighbours[v]:
                forbidden |= around[w].keys() if colors[w] < 0 else {colors[w], *ends[w]}
            colors[v] = color = _find_free(forbidden)
            for w in neighbours[v]:
                count = around[w][color] = around[w].get(color, 0) + 1
                if colors[w] < 0:
                    continue
                for u in neighbours[w] if count == 2 else (v,) if count > 2 else ():
                    if colors[u] == color:
                        ends[u].add(colors[w])
                if around[v][colors[w]] > 1:
                    ends[w].add(color)
        return np.asarray(colors)

    return _choose_fewest(color, [len(n) for n in neighbours])


def _find_free(forbidden: set[int]) -> int:
    """The first colour that is free."""
    return next(c for c in range(len(forbidden) + 1) if c not in forbidden)


def _choose_fewest(color: Callable[[Iterable[int]], np.ndarray], degrees: Sequence[int]) -> np.ndarray:
    """The colouring of two that has fewer colours: in the given order, and with the largest degrees first."""
    natural = color(range(len(degrees)))
    by_degree = color(sorted(range(len(degrees)), key=lambda k: -degrees[k])) if len({*degrees}) > 1 else natural
    return min(natural, by_degree, key=lambda colors: int(colors.max(initial=0)))


def _list_neighbours(pattern: Matrix) -> list[list[int]]:
    """The columns in which each row has elements; of a matrix by columns the other way round."""
    ends = pattern.indptr.tolist()
    indices = pattern.indices.tolist()
    return [indices[a:b] for a, b in pairwise(ends)]
