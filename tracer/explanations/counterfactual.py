"""What a gradient would be if what blocks it let it pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tracer.backprop import accumulate, backprop, materialise
from tracer.dtypes import FLOATS
from tracer.explanations.sentences import tell_cuts, title_with_line
from tracer.explanations.vanishing import is_zero
from tracer.formulas.errors import TooLong
from tracer.nest import shown
from tracer.ops.contraction import full
from tracer.points import Points
from tracer.recording import recorded
from tracer.tape import UnconnectedGradients, gradients_of
from tracer.tensor import VARIABLE, Tensor

if TYPE_CHECKING:
    from tracer.explanations.connections import Connection

LIFTABLE = ("STOP_GRADIENT", "NOT_RECORDED", "NOT_WATCHED")
"""The names of the reasons that can be undone: the others are no decision of the program's but what it computes."""

POINTS = 6
"""At how many points a difference is evaluated in search of one where it is not zero."""


class Counterfactual:
    """A gradient with cuts and without them.

    Attributes
    ----------
    gradient : Tensor or None
        The gradient if the cuts let it pass.
    actual : Tensor or None
        The gradient as it is.
    difference : Tensor
        The first minus the second, where None counts as zeros.
    redundant : bool or None
        True where the difference is proved to be zero, False where there is a witness that it is not.
    witness : dict or None
        Values of sources, by name, at which the difference is not zero.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> answer = tracer.explain(x * tracer.stop_gradient(x * x), x).counterfactual()
    >>> print(answer.actual.formula(), answer.gradient.formula(), answer.difference.formula(), sep="; ")
    x**2; 3*x**2; 2*x**2
    >>> answer.redundant, answer.witness is not None
    (False, True)
    """

    def __init__(self, gradient: Tensor | None, actual: Tensor | None, source: Tensor, lifted: Sequence[str]) -> None:
        self.gradient, self.actual = gradient, actual
        self._source = source
        self._lifted = lifted
        if gradient is None or actual is None:
            only = actual if gradient is None else gradient
            self.difference = full(source.shape, 0.0, "zeros", source.dtype) if only is None else only
        else:
            self.difference = gradient - actual

    @property
    def redundant(self) -> bool | None:
        """Whether the cuts change nothing: True if that is proved, False if there is a witness, else None."""
        return self._verdict[0]

    @property
    def witness(self) -> dict[str, Any] | None:
        """Values of sources at which the difference is not zero."""
        return self._verdict[1]

    @cached_property
    def _verdict(self) -> tuple[bool | None, dict[str, Any] | None]:
        if 0 in self.difference.shape or is_zero(self.difference):
            return True, None
        witness = find_nonzero(self.difference)
        return (None, None) if witness is None else (False, witness)

    def __str__(self) -> str:
        def show(tensor: Tensor | None) -> str:
            return "None" if tensor is None else _formula_text(tensor)

        verdict = {
            True: "This changes nothing: the difference is proved to be zero.",
            False: f"This matters: the difference is not zero at {_show_point(self.witness or {})}.",
            None: "Whether this matters is not decided.",
        }[self.redundant]
        cuts = " and ".join(self._lifted)
        both = self.gradient is not None and self.actual is not None
        difference = f"; the difference is {_formula_text(self.difference)}" if both else ""
        return (
            f"The gradient by {self._source.name} is {show(self.actual)}. If {cuts} let it pass, it would be "
            f"{show(self.gradient)}{difference}. {verdict}"
        )

    def __repr__(self) -> str:
        return f"<Counterfactual {self._source.name}: {' and '.join(self._lifted)} lifted>"


def _show_point(point: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {np.round(np.asarray(value, float), 3).tolist()}" for name, value in point.items())


def _formula_text(tensor: Tensor) -> str:
    try:
        return str(tensor.formula())
    except TooLong:
        return f"{tensor.name} (its formula is too long for a line)"


def find_nonzero(tensor: Tensor) -> dict[str, Any] | None:
    """A point at which a tensor is further from zero than rounding explains: values by name. None if none is found."""
    points = Points([tensor], {}, {}, 0)
    for trial in range(1, POINTS + 1):
        for point in points.draw(trial):
            _, feed, (value,) = point
            noise = points.noise(tensor, point, value)
            if np.max(np.abs(value), initial=0.0) > 1e-6 + 1e3 * noise:
                return {points.names[t]: v for t, v in feed.items() if t.label is not None}
            break
    return None


def lift(connection: Connection, cuts: Iterable[Sequence[Any]] | None) -> Counterfactual:
    """The gradient of a connection if cuts let it pass; see :meth:`tracer.Connection.counterfactual`."""
    trace = connection.trace
    liftable = [cut for cut in connection.blocked if cut.reason.name in LIFTABLE]
    chosen = liftable if cuts is None else _check_cuts(connection, cuts)
    if not chosen:
        raise ValueError(
            f"nothing that blocks the gradient by {connection.source.name} can be lifted: "
            + (". ".join(connection.tell_blocked()) or "nothing blocks it")
        )
    lifted: dict[int, set[str]] = {}
    for key, reason in chosen:
        if (tensor := connection.tensors[key]).rule is VARIABLE and reason.name == "NOT_RECORDED":
            _require_value(tensor, connection.names)
        lifted.setdefault(key, set()).add(reason.name)
    opened = {
        key
        for key, reasons in lifted.items()
        if {r.name for r in trace.blocks(connection.tensors[key])} <= reasons
        and trace.can_open(connection.tensors[key])
    }
    names = [title_with_line(connection.tensors[key], connection.names) for key in lifted]
    gradient = _open_gradient(connection, opened, {key for key, reasons in lifted.items() if "NOT_WATCHED" in reasons})
    (actual,) = gradients_of(
        list(trace.targets), connection.given, None, UnconnectedGradients.NONE, trace.stop, trace.watched
    )
    return Counterfactual(gradient, actual, connection.source, names)


def _require_value(variable: Tensor, names: Mapping[int, str]) -> None:
    """Raise a ValueError if what was assigned to a variable is gone."""
    if variable.params.assigned() is None:
        raise ValueError(
            f"{title_with_line(variable, names)} can't be lifted: the tensor that was assigned is gone, "
            "for the variable was assigned again; keep that tensor under a name, or ask before the next assignment"
        )


def _check_cuts(connection: Connection, cuts: Iterable[Sequence[Any]]) -> list[Any]:
    """The cuts that are given; a ValueError if one of them blocks nothing or can't be lifted."""
    chosen = []
    for cut in cuts:
        if not (isinstance(cut, tuple) and len(cut) == 2 and cut[0] in connection.tensors):
            raise ValueError(
                f"a cut is a pair of the key of a node behind the target and a Reason, got {shown(cut)}; "
                "take those of connection.blocked"
            )
        tensor = connection.tensors[cut[0]]
        name = getattr(cut[1], "name", "")
        reasons = {r.name for r in connection.trace.reasons(tensor)}
        if tuple(cut) not in connection.blocked and name not in reasons:
            raise ValueError(
                f"{title_with_line(tensor, connection.names)} does not block for the reason {shown(cut[1])}; "
                f"its reasons are {', '.join(sorted(reasons)) or 'none'}"
            )
        if name not in LIFTABLE:
            (why,) = tell_cuts([(tensor, name)], connection.trace.recording, connection.names)
            raise ValueError(f"the cut {cut[0]} can't be lifted: {why}")
        chosen.append(cut)
    return chosen


def _open_gradient(connection: Connection, opened: set[int], watched_sources: set[int]) -> Tensor | None:
    """The gradient if the nodes in ``opened`` let it pass and the sources were watched from the start."""
    trace, versions = connection.trace, connection.versions
    stop = watched = None
    if trace.recording is not None:
        stop, watched = recorded(trace.recording, opened, watched_sources)
    variables = [t for k in sorted(opened, reverse=True) if (t := connection.tensors[k]).rule is VARIABLE]
    pairs: list[tuple[Tensor, Any]] = [(t, 1) for t in trace.targets if t.dtype in FLOATS]
    parts: list[Any] = []
    while True:
        found = backprop(pairs, [*versions, *variables], stop, watched, opened)
        parts += [c for c in found[: len(versions)] if c is not None]
        flows = [(t, c) for t, c in zip(variables, found[len(versions) :], strict=True) if c is not None]
        if not flows:
            break
        variable, cotangent = flows[0]
        variables = [t for t in variables if t.node < variable.node]
        value = variable.params.assigned()
        lets = watched is None or watched(value, variable)
        pairs = [*([(value, materialise(cotangent, variable))] if lets else []), *flows[1:]]
    return materialise(accumulate(parts), connection.source) if parts else None
