"""Strategies of hypothesis: shapes, arrays that reach near and far, and traced programs.

Examples
--------
>>> from hypothesis import given
>>> from tracer.testing import strategies
>>> @given(strategies.arrays((2, 3)))
... def test_doubling(x):
...     assert ((x + x) == 2 * x).all()
>>> test_doubling()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import hypothesis.strategies as st
import numpy as np

import tracer
from tracer.tensor import Tensor
from tracer.testing.searching import draw_arrays

__all__ = ["Program", "arrays", "programs", "shapes"]


def shapes(
    min_dims: int = 0, max_dims: int = 3, min_side: int = 1, max_side: int = 4
) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of arrays.

    Parameters
    ----------
    min_dims, max_dims : int, optional
    min_side, max_side : int, optional

    Returns
    -------
    strategy of tuple of int
    """
    sides = st.integers(min_side, max_side)
    return st.lists(sides, min_size=min_dims, max_size=max_dims).map(tuple)


def arrays(
    shape: tuple[int, ...] | st.SearchStrategy[tuple[int, ...]],
    dtype: str = "float64",
    near: Sequence[float] = (),
) -> st.SearchStrategy[np.ndarray]:
    """Arrays of finite numbers: small whole ones first, then of any magnitude and sign, with ties, zeros and ones.

    Parameters
    ----------
    shape : tuple of int, or strategy of them
    dtype : str, optional
        ``"float64"``, ``"int64"`` or ``"bool"``.
    near : sequence of float, optional
        Numbers that matter: elements are on and beside them, too.

    Returns
    -------
    strategy of numpy.ndarray
    """
    if isinstance(shape, tuple):
        found: st.SearchStrategy[np.ndarray] = draw_arrays(shape, dtype, near)
        return found
    return shape.flatmap(lambda s: draw_arrays(s, dtype, near))


class Program(NamedTuple):
    """A traced program.

    Attributes
    ----------
    target : Tensor
        A scalar.
    sources : list of Tensor
        Placeholders and variables, of which some may not be connected to the target.
    """

    target: Tensor
    sources: list[Tensor]


UNARY: tuple[Callable[[Tensor], Tensor], ...] = (
    tracer.sin, tracer.tanh, tracer.exp, tracer.square, tracer.abs, tracer.sigmoid, tracer.negative,
)  # fmt: skip
"""Operations that are finite wherever their operand is ordinary."""

BINARY: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (
    tracer.add, tracer.multiply, tracer.subtract, tracer.maximum,
)  # fmt: skip


@st.composite
def programs(
    draw: st.DrawFn, max_sources: int = 4, max_operations: int = 10, shape: tuple[int | str, ...] = ("n",)
) -> Program:
    """Traced programs, with ``stop_gradient`` nodes and unconnected sources in them.

    Parameters
    ----------
    max_sources : int, optional
    max_operations : int, optional
    shape : tuple, optional
        Of the sources; a text is a symbolic dimension.

    Returns
    -------
    strategy of Program
    """
    count = draw(st.integers(1, max_sources))
    sources = [tracer.placeholder(f"x{k}", shape=shape) for k in range(count)]
    known = list(sources)
    for _ in range(draw(st.integers(1, max_operations))):
        kind = draw(st.sampled_from(("unary", "binary", "stop")))
        operand = draw(st.sampled_from(known))
        if kind == "binary":
            known.append(draw(st.sampled_from(BINARY))(operand, draw(st.sampled_from(known))))
        elif kind == "unary":
            known.append(draw(st.sampled_from(UNARY))(operand))
        else:
            known.append(tracer.stop_gradient(operand))
    return Program(tracer.reduce_sum(known[-1]), sources)
