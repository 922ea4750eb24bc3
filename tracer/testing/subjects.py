"""What a checker holds against each other: what a gradient rule answers, and the derivative of what is computed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tracer.backprop import placed
from tracer.nest import shown
from tracer.tape import gradients
from tracer.tensor import Tensor, as_tensor, record_tensor
from tracer.testing.differences import find_constants
from tracer.walk import ancestors


def drop_rules(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Tensors with the same values, whose gradients are those of what is computed, without rules of its own.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> [y] = drop_rules([tracer.grad_pass_through(tracer.square)(x)])
    >>> print(tracer.gradients(y, x)[0].formula())
    2*x
    """
    made: dict[int, Tensor] = {}
    with placed() as origin:
        for t in ancestors(tensors):
            if t.rule.joint_pullback is not None:
                made[t.node] = made[t.args[0].node]
                continue
            args = tuple(made[a.node] if type(a) is Tensor else a for a in t.args)
            if all(new is old for new, old in zip(args, t.args)):
                made[t.node] = t
                continue
            origin.stand_for(t.place)
            again = made[t.node] = record_tensor(t.rule, args, t.params, t.shape, t.dtype)
            again.context, again.label = t.context, t.label
            again._code, again._offset, again._cause = t._code, t._offset, t._cause
    return [made[t.node] for t in tensors]


@dataclass(frozen=True)
class Subject:
    """A function whose gradient rule is checked, and the derivative that it is checked at.

    Attributes
    ----------
    function : callable
        From tensors to one tensor.
    arity : int
        How many inputs it takes.
    order : int
        2 for the gradient of its gradient: of as many more inputs, cotangents of the gradient. The derivatives are by
        the inputs and by the first cotangent.
    vjp : callable or None
        A rule of numbers, from the cotangent and arrays to a sequence of arrays; by default the rule that is traced.
    """

    function: Callable[..., object]
    arity: int
    order: int = 1
    vjp: Callable[..., Any] | None = None

    @property
    def title(self) -> str:
        """What it is called in messages."""
        name = getattr(self.function, "__name__", "")
        return name if name.isidentifier() else "the function"

    @property
    def names(self) -> list[str]:
        """The names of the inputs."""
        try:
            parameters = list(inspect.signature(self.function).parameters.values())
        except (TypeError, ValueError):
            parameters = []
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        names = [p.name for p in parameters if p.kind in kinds][: self.arity]
        return names if len(names) == self.arity else [f"x{k + 1}" for k in range(self.arity)]

    def value(self, inputs: Sequence[Tensor]) -> Tensor:
        """What the function answers."""
        answer = self.function(*inputs)
        try:
            value = as_tensor(answer)
        except (TypeError, ValueError):
            value = None
        if value is None or isinstance(answer, (list, tuple)):
            raise TypeError(f"a function whose gradients are checked answers one tensor, got {shown(answer)}")
        return value

    def differentiate(self, value: Tensor, sources: Sequence[Tensor]) -> Derivatives:
        """The gradients of a value: by the inputs; at second order those of its gradient, by the cotangent too."""
        inputs, cotangent, more = sources[: self.arity], sources[self.arity], sources[self.arity + 1 :]
        gradient, constants = pull_back([value], inputs, [cotangent]), find_constants([value])
        if self.order == 1:
            return Derivatives([value], gradient, constants)
        return Derivatives(gradient, pull_back(gradient, [*inputs, cotangent], more), constants)


class Derivatives(NamedTuple):
    """What is differentiated at last, its gradients, and what the function takes for constant."""

    primals: list[Tensor]
    gradients: list[Tensor]
    constants: list[Tensor]


def pull_back(targets: Sequence[Tensor], sources: Sequence[Tensor], cotangents: Sequence[Tensor]) -> list[Tensor]:
    """The gradients, with zeros for what is not connected."""
    found = gradients(list(targets), list(sources), list(cotangents), unconnected_gradients="zero")
    return [t for t in found if t is not None]
