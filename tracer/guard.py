"""Values don't leave a function while it is differentiated: a number taken out of the trace cuts the gradient.

``math.exp(x)`` of a tensor is a plain number, on which no gradient flows back. On a tape that is TensorFlow's behaviour
and stays so; where a function is differentiated as a whole, nobody wants it, and it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from tracer.backprop import mark_reached
from tracer.departures import note_departure
from tracer.dtypes import FLOATS
from tracer.rules import TABLE
from tracer.tensor import Tensor, context
from tracer.walk import ancestors


class Region(NamedTuple):
    """By what is differentiated here, and what has a gradient of its own, whatever its value is used for."""

    sources: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()


_region: ContextVar[Region] = ContextVar("_region", default=Region())  # noqa: B039


@contextmanager
def differentiated_by(sources: Iterable[object]) -> Iterator[None]:
    """In the block, what depends on these tensors keeps its value in the trace."""
    region = _region.get()
    keys = region.sources | {t.node for t in sources if isinstance(t, Tensor)}
    try:
        _region.set(region._replace(sources=keys))
        yield
    finally:
        _region.set(region)


@contextmanager
def settled(tensors: Iterable[Tensor]) -> Iterator[None]:
    """In the block, values of these tensors may leave: a gradient rule stands for what is computed from them."""
    region = _region.get()
    try:
        _region.set(region._replace(settled=region.settled | {t.node for t in tensors}))
        yield
    finally:
        _region.set(region)


_TRACED = "write the function of tracer (tracer.exp(x) for math.exp(x))"
_ADVICE = {
    "np.asarray": "leave out np.asarray or np.array, write np.stack([...]) for a list of tensors",
    "float": _TRACED,
    "int": "write tracer.floor(x) or tracer.cast(x, 'int64')",
    "format": "write print(x), which shows it",
    "Variable": "compute with the tensor itself, or make the variable outside the function",
    "range": "write start + step*range(count)",
}


def refuse_departure(tensor: Tensor, what: str, given: Collection[object] = ()) -> None:
    """Refuse to take a value out of the trace where its gradient would be lost without a word; else note that it left.

    What is constant for the derivative may leave: under ``stop_gradient`` or ``no_gradient``, and after operations that
    no gradient passes.

    Parameters
    ----------
    tensor : Tensor
        Whose value is asked for.
    what : str
        By what: ``"float"``.
    given : dict, optional
        Other values of tensors, by tensor or name, for which it is asked.

    Raises
    ------
    TypeError
        If the tensor depends differentiably on what the function is differentiated by.
    """
    note_departure(tensor, what)
    sources, settled = _region.get()
    if not sources or tensor.dtype not in FLOATS or context.get().constant:
        return
    tensor = tensor.read()
    first = min(sources)
    names = {k for k in given if isinstance(k, str)} if isinstance(given, Mapping) else set()
    ends = settled | ({k.node for k in given if isinstance(k, Tensor)} if isinstance(given, Mapping) else set())

    def is_constant(t: Tensor) -> bool:
        return (
            t.node < first or t.node in ends or t.label in names or t.dtype not in FLOATS or not t.rule.differentiable
        )

    order = ancestors([tensor], is_constant)
    wanted = {t.node for t in order if t.node in sources and not is_constant(t)}
    if tensor.node not in mark_reached(order, wanted, is_constant):
        return
    while tensor.rule is TABLE["identity"]:
        tensor = tensor.args[0]  # Nested derivatives are by copies of the arguments.
    advice = _ADVICE.get(what, "compute with the tensor itself")
    raise TypeError(
        f"{what}() of {tensor.name} takes a number out of the trace, within a function that is differentiated, which "
        f"would cut its gradient; {advice}, or take the value of stop_gradient(x) where it is to count as a constant"
    )
