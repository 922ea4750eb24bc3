"""The values that printed tensors show: those of sources, and of what depends on no source."""

from __future__ import annotations

from tracer import shapes
from tracer.tensor import SOURCES, Tensor, evaluate

WIDTH = 120
"""The characters that a printed value has at the most."""
FEW = 100
"""How many operations a constant may consist of to be evaluated for printing."""
MANY = 10_000
"""From how many elements on a constant is not evaluated for printing."""


def shown_value(tensor: Tensor) -> str | None:
    """The text of the value of a source or a constant; None for what has none, or is better shown by its formula."""
    known = tensor.read()
    if known.value is not None:
        return _write_value(known.value)
    if shapes.is_concrete(known.shape) and shapes.size(known.shape) < MANY and _is_constant(known):
        try:
            return _write_value(evaluate(known))
        except (ValueError, ArithmeticError, LookupError):
            return None
    return None


def _is_constant(tensor: Tensor) -> bool:
    """Whether a tensor is computed from no source, in few operations."""
    seen: set[int] = set()
    pending = [tensor]
    while pending:
        node = pending.pop()
        if node.rule in SOURCES or len(seen) > FEW:
            return False
        if node.node not in seen:
            seen.add(node.node)
            pending += [a for a in node.args if type(a) is Tensor]
    return True


def _write_value(value: object) -> str:
    """A value in one line; the middle of a long array is left out."""
    if not getattr(value, "shape", ()):
        return str(value)
    import numpy

    for edge in (3, 2, 1):
        text = numpy.array2string(numpy.asarray(value), threshold=2 * edge * 4, edgeitems=edge, max_line_width=10**6)
        line = " ".join(text.split()).replace("[ ", "[")
        if len(line) <= WIDTH:
            return line
    return line[: WIDTH - 3] + "..."
