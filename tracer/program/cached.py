"""Where a program begins that nothing is given to: at sources, and at values that were computed before.

A value of floats has lost what its operands still say: ``1 - p`` is 0 where ``p = sigmoid(40)`` was rounded to 1, and
``1 - sigmoid(x)`` is not. So a program looks behind the values of elementwise operations, some operations deep; however
long a computation is that is evaluated step by step, each step costs the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

import sympy

from tracer.dtypes import FLOATS
from tracer.rules import Elementwise
from tracer.tensor import SOURCES, Tensor
from tracer.walk import ancestors

LEVELS = 8
"""How many operations deep a program looks behind a value."""


def has_own_value(tensor: Tensor) -> bool:
    """Whether a tensor's value is no result: that of a source, or what is drawn once."""
    return tensor.value is not None and (tensor.rule in SOURCES or tensor.rule.fixed)


def find_used_values(outputs: Iterable[Tensor]) -> set[int]:
    """The keys of the tensors whose computed value is used, in a program that is given none.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.constant(0.5)
    >>> p = tracer.sigmoid(x)
    >>> total = tracer.reduce_sum(tracer.stack([p, x]))
    >>> bool(p > 0.6), float(total) > 1.1
    (True, True)
    >>> find_used_values([1 - p, total + 1]) == {total.node}
    True
    """
    outputs = list(outputs)
    begins = {t.node: t for t in ancestors(outputs, lambda t: t.value is not None) if t.value is not None}
    if not any(map(_is_opened, begins.values())):
        return {node for node, tensor in begins.items() if not has_own_value(tensor)}
    # Users come before what they use, by their keys: each tensor is met when all of its users have been.
    tensors = {t.node: t for t in outputs}
    left = dict.fromkeys(tensors, LEVELS)
    waiting: list[int] = []
    for node in tensors:
        heappush(waiting, -node)
    used: set[int] = set()
    while waiting:
        node = -heappop(waiting)
        tensor, levels = tensors[node], left[node]
        if has_own_value(tensor):
            continue
        if tensor.value is not None and not (levels and _is_opened(tensor)):
            used.add(node)
            continue
        behind = levels if tensor.value is None and levels == LEVELS else max(levels - 1, 0)
        for argument in tensor.args:
            if type(argument) is Tensor:
                if argument.node not in tensors:
                    tensors[argument.node] = argument
                    heappush(waiting, -argument.node)
                left[argument.node] = max(left.get(argument.node, 0), behind)
    return used


def _is_opened(tensor: Tensor) -> bool:
    """Whether a program looks behind a value: that of an elementwise operation on floats."""
    value = tensor.value
    return (
        isinstance(tensor.rule, Elementwise)
        and tensor.dtype in FLOATS
        and not isinstance(value, sympy.Expr)
        and not has_own_value(tensor)
    )
