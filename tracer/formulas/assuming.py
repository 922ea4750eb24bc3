"""Relations that hold for sources: formulas read while they are assumed are shortened by them.

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
def assuming(*relations: Tensor) -> Iterator[None]:
    """Formulas that are read in this context are shortened by relations.

    Parameters
    ----------
    *relations : Tensor
        ``tracer.Eq(lhs, rhs)`` or ``lhs == rhs``: a sum that is one, orthonormal columns, a unit norm, a symmetric
        matrix, or any other equation of sources. Or ``lhs > rhs``, ``>=``, ``<``, ``<=``, ``!=``, of tensors element by
        element; ``&`` joins them. What is traced, differentiated and evaluated does not change; a formula read here
        holds for sources that fulfil the relations. A relation is used where that makes a formula shorter, and where
        conditions of the formula follow from it; :func:`conditions`, and a printed tensor, say which were.

    Returns
    -------
    context manager

    Raises
    ------
    TypeError
        If something is no relation of tensors.

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
    >>> a, b = tracer.symbols("a b")
    >>> with tracer.assuming(a > b):
    ...     tracer.maximum(a, b).formula(), tracer.abs(b - a).formula()
    (a, a - b)
    """
    before = _assumed.get()
    try:
        _assumed.set((*before, *(part for r in relations for part in _list_parts(r))))
        yield
    finally:
        _assumed.set(before)


def _list_parts(relation: object) -> Iterator[Tensor]:
    """The relations that a relation joins: ``(x > 0) & (y > 0)`` is two."""
    todo = [relation]
    while todo:
        part = todo.pop()
        if not isinstance(part, Tensor) or part.op not in RELATIONS:
            if not isinstance(part, Tensor) or part.op not in JOINED:
                raise TypeError(_say_what_is_taken(part))
            todo += reversed(part.args)
        else:
            yield part


RELATIONS = frozenset(["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"])
"""The operations that compare two tensors."""

JOINED = frozenset(["logical_and", "reduce_all"])
"""The operations that hold where all of their operands do."""


def _say_what_is_taken(given: object) -> str:
    """The error of what is no relation of tensors, with what to write instead."""
    if isinstance(given, Tensor):
        got = f"{given.name}, made by {given.op!r}"
        more = INSTEAD.get(given.op, "")
    else:
        got = repr(given)
        more = INSTEAD["bool"] if isinstance(given, bool) else INSTEAD["sympy"]
    return f"assuming() takes relations of tensors such as tracer.Eq(lhs, rhs) or lhs > rhs, got {got}{more}"


INSTEAD = {
    "bool": "; of a chain 0 < x < 1 write both relations: assuming(x > 0, x < 1)",
    "sympy": "; compare tensors: assuming(x > 0) for a tensor x",
    "logical_not": "; write the contrary relation: x <= 0 for ~(x > 0)",
    "logical_or": "; relations that are joined by | can't be assumed; read the formula once for each of them",
}
"""What to write instead of what can't be taken."""


def assumed() -> tuple[Tensor, ...]:
    """The relations that hold at present."""
    return _assumed.get()
