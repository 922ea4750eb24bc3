"""The ways that Python took: a decision on the value of a tensor is noted where its sources can be asked for it.

The note is held by the youngest of the sources that the decision speaks of, and so lives no longer than that; the
older ones know it weakly. A variable that is assigned in a loop is another source each time.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from tracer.notes import Notes, keep
from tracer.tensor import SOURCES, VARIABLE, Tensor
from tracer.walk import ancestors

Held: TypeAlias = "Callable[[], Branch | None]"
"""A decision that is held, or known as long as it is held elsewhere."""


class Branch:
    """A decision: a tensor of one element, and whether it was true."""

    __slots__ = ("__weakref__", "taken", "tensor")

    def __init__(self, tensor: Tensor, taken: bool) -> None:
        self.tensor = tensor
        self.taken = taken

    def repeats(self, tensor: Tensor, taken: bool) -> bool:
        """Whether another decision asks the same of the same operands."""
        own = self.tensor
        if own is tensor or taken is not self.taken:
            return own is tensor
        same = own.rule is tensor.rule and own.params == tensor.params and len(own.args) == len(tensor.args)
        return same and all(_is_same(a, b) for a, b in zip(own.args, tensor.args))


def _is_same(a: object, b: object) -> bool:
    return a is b or (type(a) is not Tensor and type(b) is not Tensor and bool(a == b))


def note_branch(tensor: Tensor, taken: bool) -> None:
    """Note that Python decided by the value of a tensor."""
    tensor = tensor.read()
    sources = [t for t in ancestors([tensor]) if t.rule is VARIABLE or (t.rule in SOURCES and t.label is not None)]
    if not sources or any(b.repeats(tensor, taken) for b in branches_of(sources[-1])):
        return
    branch = Branch(tensor, taken)
    *others, youngest = sources
    _keep(youngest, lambda: branch)
    for source in others:
        _keep(source, weakref.ref(branch))


def _keep(source: Tensor, held: Held) -> None:
    if source.notes is None:
        source.notes = Notes()
    keep(source.notes.branches, held)


def branches_of(source: Tensor) -> Iterator[Branch]:
    """The decisions in which a source had a part, in their order."""
    for held in () if source.notes is None else source.notes.branches:
        branch = held()
        if branch is not None:
            yield branch


def branches_before(tensor: Tensor, sources: Iterable[Tensor]) -> list[Branch]:
    """The decisions before a tensor was computed from these sources."""
    found = {b.tensor.node: b for s in sources for b in branches_of(s) if b.tensor.node < tensor.node}
    return [found[key] for key in sorted(found)]
