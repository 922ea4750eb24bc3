"""One walk over a graph, in order of creation, that asks what each operation becomes.

A reading of the graph is a class with one method for each kind of operation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from tracer.ops.contraction import Contraction
from tracer.progress import tick
from tracer.rules import Elementwise
from tracer.shapes import Literal
from tracer.tensor import SOURCES, Tensor
from tracer.walk import ancestors

Part = TypeVar("Part")
"""What a tensor becomes."""


class Reader(ABC, Generic[Part]):
    """What tensors become, found once for each of them.

    A subclass says what a source, an elementwise operation, a contraction and any other row of the table become. The
    parts are those of the operation's arguments; what stands for an argument that is a number is ``literal``'s answer.

    Attributes
    ----------
    parts : dict
        What was found, by the key of the node.

    Examples
    --------
    >>> import tracer
    >>> class Depth(Reader[int]):
    ...     def source(self, tensor):
    ...         return 0
    ...     def row(self, tensor, *parts):
    ...         return 1 + max(parts)
    ...     elementwise = contraction = row
    ...     def literal(self, value):
    ...         return 0
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> Depth().read([tracer.reduce_sum(tracer.sin(x) * 2)])
    [3]
    """

    def __init__(self) -> None:
        self.parts: dict[int, Part] = {}

    def read(self, tensors: Iterable[Tensor], stop: Callable[[Tensor], bool] | None = None) -> list[Part]:
        """What the tensors become; ``stop`` says beyond which tensors not to look."""
        wanted = list(tensors)
        self.walk(ancestors(wanted, stop))
        return [self.parts[t.node] for t in wanted]

    def walk(self, order: Iterable[Tensor]) -> None:
        """Visit tensors, given after their arguments, that have not been visited."""
        parts = self.parts
        for tensor in order:
            if tensor.node not in parts:
                tick()
                parts[tensor.node] = self.visit(tensor)

    def visit(self, tensor: Tensor) -> Part:
        """What a tensor becomes, its arguments having been visited."""
        rule = tensor.rule
        if rule in SOURCES:
            return self.source(tensor)
        parts = map(self.part, tensor.args)
        if isinstance(rule, Elementwise):
            return self.elementwise(tensor, *parts)
        return self.contraction(tensor, *parts) if isinstance(rule, Contraction) else self.row(tensor, *parts)

    def part(self, argument: Tensor | Literal) -> Part:
        """What an argument has become."""
        return self.parts[argument.node] if type(argument) is Tensor else self.literal(argument)

    @abstractmethod
    def literal(self, value: Literal) -> Part:
        """What a number among the arguments becomes."""

    @abstractmethod
    def source(self, tensor: Tensor) -> Part:
        """What a source becomes."""

    @abstractmethod
    def elementwise(self, tensor: Tensor, *parts: Part) -> Part:
        """What an elementwise operation becomes."""

    @abstractmethod
    def contraction(self, tensor: Tensor, *parts: Part) -> Part:
        """What a contraction becomes."""

    @abstractmethod
    def row(self, tensor: Tensor, *parts: Part) -> Part:
        """What any other operation becomes."""
