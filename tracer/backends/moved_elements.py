"""Which element of an operand each element of a result is, of operations that only move elements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tracer.backends.evaluation import compute
from tracer.ops.indexing import GETITEM, parts
from tracer.program.lines import Kind, Line
from tracer.rules import Op
from tracer.tensor import Tensor


def find_origins(node: Tensor, position: int, operands: Sequence[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """The numbers of the elements of an operand which those of a result are, counted from one; 0 where it is none.

    Parameters
    ----------
    node : Tensor
        Of an operation that only moves elements, and whose result has no element twice.
    position : int
        Of the operand.
    operands : sequence of arrays
        Values of all operands, of which only the integers and booleans matter.
    shape : tuple of int
        That of the result.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=(3,))
    >>> find_origins(tracer.pad(x[::-1], [[1, 0]]), 0, [np.zeros(3), np.zeros(())], (4,))
    array([0, 1, 2, 3])
    """
    given: list[np.ndarray] = [v if v.dtype.kind in "iub" else np.zeros(v.shape) for v in operands]
    given[position] = np.arange(1.0, 1.0 + operands[position].size).reshape(operands[position].shape)
    return move(node.rule, node.params, node.args, given, shape)


def find_places(node: Tensor, position: int, operands: Sequence[np.ndarray]) -> np.ndarray:
    """The numbers of the places, counted from one, at which a scatter puts the elements of an operand.

    Several elements may be put at one place, where they add up.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=(3,))
    >>> [slope] = tracer.gradients(tracer.gather(x, [2, 0, 2]), x, tracer.placeholder("c", shape=(3,)))
    >>> find_places(slope, 0, [np.zeros(3), np.array([2, 0, 2])])
    array([3, 1, 3])
    """
    _, index, arrays = parts(node)[position]
    numbers = np.arange(1.0, 1.0 + np.prod(node.shape, dtype=int)).reshape(node.shape)
    used = [operands[next(k for k, a in enumerate(node.args) if a is array)] for array in arrays]
    whole = Line(Kind.ARGUMENT, (), None, node.shape, node.dtype)
    return move(GETITEM, index, [whole, *arrays], [numbers, *used], operands[position].shape)


def move(
    rule: Op, params: object, lines: Sequence[object], operands: Sequence[np.ndarray], shape: tuple[int, ...]
) -> np.ndarray:
    """What an operation makes of numbers, as integers; ``lines`` are its operands as code is written of them."""
    moved = compute(Line(rule, tuple(lines), params, shape, "float64"), operands, {})
    numbers: np.ndarray = np.rint(np.asarray(moved)).astype(int)
    return numbers
