"""How an operation without a notation of its own is written: by its name, an index as Python writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracer.ops.selection import Array, Entry, Slice, full
from tracer.shapes import Dim, Shape


def call_pattern(name: str, params: Any, shape: Shape, shapes: Sequence[Shape]) -> str:
    """The text of a call, its operands as fields of ``str.format``.

    Parameters
    ----------
    name : str
        The operation's.
    params : object
        What it has beside operands, None for nothing.
    shape : tuple
        The result's.
    shapes : sequence of tuple
        The operands'.

    Examples
    --------
    >>> call_pattern("argsort", 0, ("n",), [("n",)])
    'argsort({0}, 0)'
    >>> call_pattern("getitem", (Slice(0, "n", 1), Array(1)), ("n", 2), [("n", "m"), (2,)])
    '{0}[:, {1}]'
    """
    operands = [f"{{{k}}}" for k in range(len(shapes))]
    if name == "getitem":
        return f"{operands[0]}[{_write_index(params, shapes[0])}]"
    if name == "scatter":
        values = [f"{value}, [{_write_index(index, shape)}]" for value, index in zip(operands, params)]
        return f"scatter({', '.join(values)})"
    extra = [] if params is None else [str(params).replace("{", "{{").replace("}", "}}")]
    return f"{name}({', '.join(operands + extra)})"


def _write_index(index: Sequence[Entry], shape: Shape) -> str:
    """An index of an array of a shape, without its brackets: ``:, 0, None``."""
    axes = iter(shape)
    return ", ".join("None" if entry is None else _write_entry(entry, next(axes)) for entry in index)


def _write_entry(entry: Entry, size: Dim) -> str:
    """What an index says of one axis; a position that is an operand is a field of ``str.format``."""
    if isinstance(entry, Array):
        return f"{{{entry.position}}}"
    if not isinstance(entry, Slice):
        return str(entry)
    if entry == full(size):
        return ":"
    start, length, step = entry
    stop = start + length * step
    by = "" if step == 1 else f":{step}"
    return f"{start}:{'' if stop == -1 else stop}{by}"
