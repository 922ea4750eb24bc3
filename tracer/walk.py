"""Walks over the trace: what tensors depend on, in order of creation, which is a topological order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tracer.rules import Elementwise
from tracer.tensor import Tensor


def ancestors(targets: Iterable[Tensor], stop: Callable[[Tensor], bool] | None = None) -> list[Tensor]:
    """The targets and what they depend on, in order of creation; ``stop`` says beyond which tensors not to look."""
    found: dict[int, Tensor] = {}
    todo = list(targets)
    while todo:
        tensor = todo.pop()
        node = tensor.node
        if node in found:
            continue
        found[node] = tensor
        if stop is None or not stop(tensor):
            for a in tensor.args:
                if type(a) is Tensor and a.node not in found:
                    todo.append(a)
    return [found[node] for node in sorted(found)]


def collect(tensors: Iterable[Tensor], neighbours: Callable[[Tensor], Iterable[Tensor]]) -> list[Tensor]:
    """Tensors and what is reached from them by the given neighbours, in order of creation."""
    found: dict[int, Tensor] = {}
    todo = list(tensors)
    while todo:
        tensor = todo.pop()
        if tensor.node not in found:
            found[tensor.node] = tensor
            todo += neighbours(tensor)
    return [found[node] for node in sorted(found)]


def list_pole_operands(outputs: Iterable[Tensor]) -> list[Tensor]:
    """What is divided by on the way to tensors, and counts as infinite where it is zero: norms, in their gradients."""
    found = [(t.rule, t.args) for t in ancestors(outputs) if isinstance(t.rule, Elementwise) and t.rule.poles]
    return [a for rule, args in found for k in rule.poles if type(a := args[k]) is Tensor]
