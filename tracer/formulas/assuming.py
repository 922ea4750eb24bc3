"""Equations that hold for sources: formulas read while they are assumed are shortened by them.

What a ``with`` of the caller assumes belongs to the caller's context, as a tape does, so that threads do not meet. It
is read where a formula is asked for (``reading.py``), and an argument from there on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tracer.tensor import Tensor, TensorLike, as_tensor

_assumed: ContextVar[tuple[Tensor, ...]] = ContextVar("assumed", default=())


def Eq(lhs: TensorLike, rhs: TensorLike) -> Tensor:
    """The equation of two tensors, for :func:`assuming`; ``lhs == rhs`` says the same.

    Parameters
    ----------
    lhs, rhs : tensor, number or array
        Of shapes that broadcast.

    Returns
    -------
    Tensor
        A boolean one, element by element.

    Examples
    --------
    >>> import tracer
    >>> p = tracer.placeholder("p", ("n",))
    >>> tracer.Eq(tracer.reduce_sum(p), 1).dtype
    'bool'
    """
    return as_tensor(lhs) == rhs  # type: ignore[no-any-return]


@contextmanager
def assuming(*equations: Tensor) -> Iterator[None]:
    """Formulas that are read in this context are shortened by equations.

    Parameters
    ----------
    *equations : Tensor
        ``tracer.Eq(lhs, rhs)`` or ``lhs == rhs``: a sum that is one, orthonormal columns, a unit norm, a symmetric
        matrix, or any other equation of sources. What is traced, differentiated and evaluated does not change; a
        formula read here holds for sources that fulfil the equations. An equation is used where that makes a formula
        shorter; :func:`conditions`, and a printed tensor, say which were.

    Returns
    -------
    context manager

    Raises
    ------
    TypeError
        If something is not an equation of tensors.

    Examples
    --------
    >>> import tracer
    >>> W, x = tracer.placeholder("W", ("n", "k")), tracer.placeholder("x", ("k",))
    >>> norm = tracer.reduce_sum((W @ x) ** 2)
    >>> gradient = tracer.gradients(norm, x)[0]
    >>> gradient.formula()
    2*W.T*W*x
    >>> with tracer.assuming(tracer.Eq(tracer.transpose(W) @ W, tracer.eye(W.shape[1]))):
    ...     gradient.formula()
    ...     tracer.conditions(gradient)[0].relation
    2*x
    Eq(W.T*W, eye(k))
    """
    for e in equations:
        if not isinstance(e, Tensor) or e.op != "equal":
            given = f"{e.name}, made by {e.op!r}" if isinstance(e, Tensor) else repr(e)
            raise TypeError(
                f"assuming() takes equations of tensors such as tracer.Eq(lhs, rhs) or lhs == rhs, got {given}"
            )
    token = _assumed.set((*_assumed.get(), *equations))
    try:
        yield
    finally:
        _assumed.reset(token)


def assumed() -> tuple[Tensor, ...]:
    """The equations that hold at present."""
    return _assumed.get()
