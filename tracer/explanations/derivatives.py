"""Of which function a tensor is a derivative, so that another spelling of the function can be differentiated alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tracer.backprop import Derived
from tracer.rules import TABLE
from tracer.tape import gradients
from tracer.tensor import SOURCES, Tensor
from tracer.transforms import jacobian_of


class Derivative(NamedTuple):
    """What a derivative is made of: the functions, the source, and how it was taken.

    Attributes
    ----------
    targets : tuple of Tensor
        Of several, it is the derivative of the sum of their elements.
    source : Tensor
        As the targets have it: a transformation such as ``grad`` takes an identity of what it is given.
    kind : str
        ``"gradient"``, ``"Jacobian"`` or ``"Hessian"``.
    derive : callable
        The derivative of another function in their place.
    """

    targets: tuple[Tensor, ...]
    source: Tensor
    kind: str
    derive: Callable[[Tensor], Tensor | None]

    @property
    def order(self) -> int:
        """How many times the functions are differentiated."""
        return 2 if self.kind == "Hessian" else 1


def find_derivative(tensor: Tensor) -> Derivative | None:
    """The functions and the source of a gradient, a Jacobian or a Hessian; None for any other tensor.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y = tracer.sin(x)
    >>> [gradient] = tracer.gradients(y, [x])
    >>> derivative = find_derivative(gradient)
    >>> derivative.targets == (y,), derivative.derive(x**3).formula(), find_derivative(y)
    (True, 3*x**2, None)
    """
    if tensor.derived is not None:
        return _describe_gradient(tensor.derived)
    if len(tensor._measures) != 2:
        return None
    target, source = tensor._measures
    if not is_named(source) or tuple(tensor.shape) != (*target.shape, *source.shape):
        return None
    inner = None if target.derived is None else _describe_gradient(target.derived)
    if inner is not None and given_for(inner.source) is given_for(source):
        return Derivative(inner.targets, inner.source, "Hessian", lambda f: _jacobian(inner.derive(f), source))
    return Derivative((target,), source, "Jacobian", lambda f: _jacobian(f, source))


def _describe_gradient(derived: Derived) -> Derivative | None:
    targets, cotangents = zip(*derived.targets)
    source, *others = derived.sources
    if others or not is_named(source):
        return None
    plain = not any(isinstance(c, Tensor) or c != 1 for c in cotangents)
    seeded = len(targets) == 1 and isinstance(cotangents[0], Tensor)
    seeds: Sequence[Tensor] | None = cotangents if seeded else None
    if not plain and not seeded:
        return None
    return Derivative(targets, source, "gradient", lambda f: gradients(f, [source], grad_ys=seeds)[0])


def _jacobian(function: Tensor | None, source: Tensor) -> Tensor | None:
    return None if function is None else jacobian_of(function, [source])[0]


def given_for(source: Tensor) -> Tensor:
    """The user's source, where `grad` or its kind differentiates by a copy of it; else the source."""
    while source.rule is TABLE["identity"] and isinstance(source.args[0], Tensor):
        source = source.args[0]
    return source


def is_named(source: Tensor) -> bool:
    """Whether a tensor is a source with a name, or the copy of one."""
    given = given_for(source)
    return given.rule in SOURCES and bool(given.label)
