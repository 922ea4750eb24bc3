"""Operations on joined tensors as operations on each of those: what is asked of ``concat([a, b])`` is asked of both."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tracer.ops.selection import Slice
from tracer.rules import OUT, Elementwise, argument
from tracer.tensor import Tensor, record_tensor

JOINING = ("concat", "stack")
"""Rows whose elements are those of their operands."""

BOUNDS = {"reduce_min": (">", ">="), "reduce_max": ("<", "<=")}
"""Reductions that are within a bound where all elements are."""

DEEPEST = 12
"""Through so many operations what is joined is looked for."""


def split_joined(relation: Boolean, node: Tensor) -> list[Tensor]:
    """The node on each of the tensors that the one operand a relation speaks of is joined of; none if it is not.

    Examples
    --------
    >>> import tracer
    >>> v = tracer.placeholder("v", ("n",))
    >>> joined = tracer.math.log(2.0 * tracer.concat([v, v - 1.0], 0))
    >>> [part.args[0].op for part in split_joined(argument(0) > 0, joined)]
    ['multiply', 'multiply']
    """
    if OUT in relation.free_symbols or not isinstance(node.rule, Elementwise):
        return []
    spoken = [a for k, a in enumerate(node.args) if argument(k) in relation.free_symbols and type(a) is Tensor]
    if len(spoken) != 1:
        return []
    (operand,) = spoken
    # The least of some elements is above a bound where all of them are, and their product is zero where one of them is.
    is_bound = isinstance(relation, Relational) and relation.lhs.is_Symbol and relation.rhs.is_number
    is_divisor = operand.op == "reduce_prod" and relation == sympy.Ne(relation.args[0], 0)
    if is_divisor or (is_bound and relation.rel_op in BOUNDS.get(operand.op, ())):
        return [_replace_operand(node, operand, operand.args[0])]
    return [_replace_operand(node, operand, part) for part in _parts_of(operand)]


def _parts_of(tensor: Tensor, depth: int = DEEPEST) -> Sequence[Tensor]:
    """What a tensor is joined of, after operations on each element; the order of its elements is no matter."""
    if tensor.op in JOINING:
        return [a for a in tensor.args if type(a) is Tensor]
    if not depth:
        return []
    if _is_reordering(tensor):
        return _parts_of(tensor.args[0], depth - 1)
    if not isinstance(tensor.rule, Elementwise):
        return []
    thick = [a for a in tensor.args if type(a) is Tensor and a.ndim]
    if len(thick) != 1 or tuple(thick[0].shape) != tuple(tensor.shape):
        return []
    return [_replace_operand(tensor, thick[0], part) for part in _parts_of(thick[0], depth - 1)]


def _is_reordering(tensor: Tensor) -> bool:
    """Whether a tensor has all the elements of its operand, in another order."""
    if tensor.op == "getitem":
        sizes = tensor.args[0].shape
        return len(tensor.params) == len(sizes) and all(
            type(taken) is Slice and taken.length == size and abs(taken.step) == 1
            for taken, size in zip(tensor.params, sizes)
        )
    return tensor.op in ("transpose", "reshape")


def _replace_operand(node: Tensor, operand: Tensor, part: Tensor) -> Tensor:
    """A node on a part of one operand; a number stands for other tensors, of which nothing is asked."""
    args = tuple(part if a is operand else 1.0 if type(a) is Tensor and a.ndim else a for a in node.args)
    return record_tensor(node.rule, args, node.params, part.shape, node.dtype)
