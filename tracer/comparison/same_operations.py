"""When operations are the same function of their operands."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from tracer.tensor import Tensor


def describe_operation(tensor: Tensor) -> Hashable:
    """What operations have in common that are the same function of their operands."""
    return tensor.rule, _key(tensor.params), tuple(tensor.shape), tensor.dtype


def _key(part: object) -> Hashable:
    if isinstance(part, np.ndarray):
        return part.shape, str(part.dtype), part.tobytes()
    if isinstance(part, (list, tuple)):
        return type(part), tuple(map(_key, part))
    return (type(part), part) if isinstance(part, Hashable) else id(part)
