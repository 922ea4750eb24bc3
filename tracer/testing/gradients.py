"""Checks of gradient rules against the derivatives of what is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tracer
from tracer.comparison.parameters import Input
from tracer.nest import shown
from tracer.rules import TABLE, Elementwise
from tracer.shapes import integer
from tracer.tensor import Tensor, apply
from tracer.testing.checker import check
from tracer.testing.reports import GradientReport
from tracer.testing.subjects import Subject


def check_gradients(
    f: Callable[..., Tensor], *inputs: Input, order: int = 1, max_examples: int | None = None
) -> GradientReport:
    """Check that the gradients which are traced for a function are the derivatives of what it computes.

    The derivatives are sympy's of the elements where that is short, and differences in a hundred digits and more.

    Parameters
    ----------
    f : callable
        From tensors to one tensor. What it stops the gradient of is a constant.
    *inputs : shape, array, placeholder or hypothesis strategy of arrays
        One for each argument. A shape may hold names of dimensions, whose sizes are drawn; of an array the shape is
        taken, and it is one of the points; from a strategy all points are drawn.
    order : int, optional
        2 for the gradient of the gradient, by the inputs and by the cotangent.
    max_examples : int, optional
        How many points hypothesis draws; by default as many as its active profile says.

    Returns
    -------
    GradientReport
        Whether the gradients are proved right, else at how many points they are, and to how many digits.

    Raises
    ------
    GradientMismatch
        If they are wrong at a point, of which a small one is shown.
    TypeError, ValueError
        If f is no function of as many tensors that answers one, or an input is none.

    Notes
    -----
    Points are never outside of the domain, and where the function has a kink any subgradient is right. They are on
    and beside boundaries of conditions, tiny, huge, equal to each other, and where hypothesis leads.

    Examples
    --------
    >>> import tracer
    >>> report = tracer.testing.check_gradients(lambda A, x: tracer.tanh(A @ x), (2, 3), (3,))
    >>> report.proved
    True
    """
    return check(_subject(f, inputs, order), inputs, max_examples)


def check_rule(
    f: Callable[..., Tensor] | str, *inputs: Input, order: int = 1, max_examples: int | None = None
) -> GradientReport:
    """Check that a gradient rule answers the derivative of what is computed.

    Parameters
    ----------
    f : callable or str
        A function made with :func:`tracer.custom_gradient`, or the name of an operation, as ``Tensor.op`` has it.
    *inputs : shape, array, placeholder or hypothesis strategy of arrays
        One for each argument, as :func:`check_gradients` takes them.
    order : int, optional
        2 for the gradient of the rule, by the inputs and by the cotangent.
    max_examples : int, optional
        How many points hypothesis draws; by default as many as its active profile says.

    Returns
    -------
    GradientReport

    Raises
    ------
    GradientMismatch
        If the rule is wrong at a point, of which a small one is shown.
    LookupError
        If there is no such operation, or it has no gradient rule.

    Notes
    -----
    A rule is also asked for derivatives along tangents, which have to be adjoint to its gradients, for those of a
    batch, which have to be those of its members, and for its value under a tape.

    Examples
    --------
    >>> import tracer
    >>> @tracer.custom_gradient
    ... def leaky(x):
    ...     return tracer.where(x > 0, x, 0.01 * x), lambda g: g * tracer.where(x > 0, 1.0, 0.1)
    >>> try:
    ...     tracer.testing.check_rule(leaky, (2,))
    ... except tracer.testing.GradientMismatch as error:
    ...     print(error.expected, error.actual, error.region)
    0.01 0.1 wrong for x[1] < 0
    """
    return check(_subject(_find_operation(f) if isinstance(f, str) else f, inputs, order), inputs, max_examples)


def check_vjp(
    forward: Callable[..., Tensor], vjp: Callable[..., Any], *inputs: Input, max_examples: int | None = None
) -> GradientReport:
    """Check anybody's gradient rule, in JAX, PyTorch or NumPy, against the derivatives of what is computed.

    Parameters
    ----------
    forward : callable
        From tensors to one tensor: what is computed.
    vjp : callable
        From a cotangent and the arrays of the inputs to a sequence of arrays, the gradient by each of them; None
        where nothing flows.
    *inputs : shape, array, placeholder or hypothesis strategy of arrays
        One for each argument, as :func:`check_gradients` takes them.
    max_examples : int, optional
        How many points hypothesis draws; by default as many as its active profile says.

    Returns
    -------
    GradientReport

    Raises
    ------
    GradientMismatch
        If the rule is wrong at a point, raises an error there or answers another shape.

    Notes
    -----
    Rounding is no mistake: an error has to be larger than what changes of the inputs in their last digits make of the
    derivatives (Higham, Accuracy and Stability of Numerical Algorithms, section 1.6). A relative error of a
    millionth, an overflow, and a cancellation that another spelling avoids are.

    Examples
    --------
    >>> import numpy as np
    >>> import tracer
    >>> print(tracer.testing.check_vjp(tracer.sin, lambda g, x: g * np.cos(x), (3,)).proved)
    True
    """
    return check(_subject(forward, inputs, 1, vjp), inputs, max_examples)


def _subject(f: object, inputs: tuple[Input, ...], order: int, vjp: Callable[..., Any] | None = None) -> Subject:
    for function in (f, vjp) if vjp is not None else (f,):
        if not callable(function):
            raise TypeError(f"what is checked is a function, got {shown(function)}")
    if not inputs:
        raise ValueError("no inputs are given; give a shape, an array or a strategy for each argument")
    if integer(order, "the order") not in (1, 2):
        raise ValueError(f"the order of derivatives that are checked is 1 or 2, got {order}")
    assert callable(f)
    return Subject(f, len(inputs), order, vjp)


def _find_operation(name: str) -> Callable[..., Tensor]:
    """The function that records an operation."""
    rule = TABLE.get(name)
    if isinstance(rule, Elementwise):

        def record(*operands: Tensor) -> Tensor:
            return apply(rule, operands)

        record.__name__ = name
        return record
    for namespace in (tracer, tracer.linalg, tracer.math, tracer.nn):
        function = getattr(namespace, name, None)
        if rule is not None and callable(function):
            found: Callable[..., Tensor] = function
            return found
    raise LookupError(f"no operation is called {name!r}; write its name as Tensor.op has it, or give a function")
