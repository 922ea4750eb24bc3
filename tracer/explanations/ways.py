"""The ways from a target back to a source, and what blocks them.

Gradients and explanations go by the same marks: :func:`tracer.backprop.mark_reached` says what the reverse pass visits,
:func:`tracer.recording.recorded` what a tape saw. An explanation goes on where the reverse pass would not, and notes
why.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tracer.backprop import mark_reached, pull
from tracer.dtypes import FLOATS
from tracer.ops.contraction import Contraction, full
from tracer.recording import Recording, recorded, seeds_of_sources
from tracer.rules import TABLE, Elementwise
from tracer.tensor import VARIABLE, Operand, Tensor
from tracer.walk import collect


class Reason(enum.Enum):
    """Why a source has no gradient, or that it has one.

    Of several reasons a connection states the first in the order of the members.
    """

    CONNECTED = "connected"
    STOP_GRADIENT = "stop_gradient"
    NOT_DIFFERENTIABLE = "not differentiable"
    NOT_RECORDED = "not recorded"
    INTEGER_DTYPE = "integer dtype"
    NOT_WATCHED = "not watched"
    NO_PATH = "no path"


class Cut(NamedTuple):
    """A node that blocks a gradient, by its key in the graph, and why it does."""

    node: int
    reason: Reason


ORDER = {reason: k for k, reason in enumerate(Reason)}


class Trace:
    """What lies behind targets, and how far the gradient of their sum comes.

    Attributes
    ----------
    targets : list of Tensor
    recording : Recording or None
        That of the tape; without one all operations count as recorded, and all sources as watched.
    order : list of Tensor
        All that the targets depend on, in order of creation, through assignments too.
    """

    def __init__(self, targets: Sequence[Tensor], recording: Recording | None) -> None:
        self.targets = list(targets)
        self.recording = recording
        self.stop: Callable[[Tensor], bool] | None = None
        self.watched: Callable[[Tensor, Tensor], bool] | None = None
        if recording is not None:
            self.stop, self.watched = recorded(recording)
        self.order = collect(self.targets, lambda t: [a for _, a in operands(t)])
        self._users: dict[int, list[Tensor]] | None = None
        self._flows: dict[tuple[int, int], bool] = {}

    def lead_from(self, sources: Iterable[Tensor]) -> list[Tensor]:
        """Some tensors and all that was computed from them on the way to the targets, in order of creation."""
        if self._users is None:
            self._users = {}
            for node in self.order:
                for _, a in operands(node):
                    self._users.setdefault(a.node, []).append(node)
        users = self._users
        return collect(sources, lambda t: users.get(t.node, ()))

    def blocks(self, node: Tensor) -> list[Reason]:
        """Why nothing flows from an operation to any of its operands; empty where that depends on the operand."""
        reasons = []
        if node.rule is VARIABLE:
            return [Reason.NOT_RECORDED]  # It has the value of a tensor that was assigned.
        if node.rule is TABLE["stop_gradient"] or node.context.constant:
            reasons.append(Reason.STOP_GRADIENT)
        if self.recording is not None and self.recording not in node.context.recordings:
            reasons.append(Reason.NOT_RECORDED)
        return reasons

    def loses(self, node: Tensor, position: int, operand: Tensor) -> bool:
        """Whether an operation is not differentiable by one of its operands.

        What is computed from booleans and integers loses nothing: the operation that made them from floats did.
        """
        return operand.dtype in FLOATS and not self.flows(node, position)

    def reasons(self, node: Tensor) -> list[Reason]:
        """All reasons for which nothing flows from an operation to some of its operands."""
        lost = any(self.loses(node, k, a) for k, a in operands(node))
        return [*self.blocks(node), *([Reason.NOT_DIFFERENTIABLE] if lost else [])]

    def can_open(self, node: Tensor) -> bool:
        """Whether something flows to an operand once the node counts as recorded and as no constant."""
        return any(a.dtype in FLOATS and self.flows(node, k) for k, a in operands(node))

    def flows(self, node: Tensor, position: int) -> bool:
        """Whether the gradient rule of an operation has an answer for one of its operands."""
        rule = node.rule
        if rule is VARIABLE or rule is TABLE["stop_gradient"]:
            return True  # What blocks there is no matter of a rule.
        if not rule.differentiable or node.dtype not in FLOATS or position in rule.closed:
            return False
        if type(rule) is Contraction:
            return True
        key = rule.joint[0] if rule.joint else node.node
        if (key, position) not in self._flows:
            self._flows.update(((key, k), answer) for k, answer in _ask_rule(node, position))
        return self._flows[key, position]

    def is_late(self, source: Tensor, consumer: Tensor) -> bool:
        """Whether a source was not watched when an operation on it ran, or is not watched at all."""
        return self.watched is not None and (
            not self.watched(source, consumer) or (self.stop is not None and self.stop(consumer))
        )


def _ask_rule(node: Tensor, position: int) -> Iterator[tuple[int, bool]]:
    """Whether a gradient rule has an answer for the operand at a position; a joint rule answers for all at once."""
    rule = node.rule
    try:
        if rule.joint_pullback is not None:
            seeds = [full(node.shape, 1.0, dtype=node.dtype) if key == node.node else None for key in rule.joint]
            answers = rule.joint_pullback(seeds)
            yield from ((k, answer is not None) for k, answer in enumerate(answers))
        elif isinstance(rule, Elementwise):
            rule.step(position, node.args, False)
            yield position, True
        else:
            yield position, pull(node, full(node.shape, 1.0, dtype=node.dtype), position) is not None
    except LookupError:  # There is no rule, or sympy has no closed form of the derivative.
        yield from ((k, False) for k in range(len(node.args)))


def operands(node: Tensor) -> Iterator[tuple[int, Tensor]]:
    """The tensors that an operation was computed from, with their positions; of a variable, what was assigned to it.

    The first argument of a function with a gradient rule is its value, which is computed from the other arguments.
    """
    if node.rule is VARIABLE:
        yield from ((-1, t) for t in node.params.alive())
    start = 1 if node.rule.joint else 0
    for k, a in enumerate(node.args[start:], start):
        if type(a) is Tensor:
            yield k, a


class Ways:
    """The ways from the targets back to a source: an open one, and where the others are blocked."""

    def __init__(self, trace: Trace, versions: Sequence[Tensor]) -> None:
        self.trace = trace
        self.sources = {t.node: t for t in versions}
        self._between = trace.lead_from(self.sources.values())
        self.leads = {t.node for t in self._between}
        self.open_path = self._find_open_path()
        self.blocked = tuple(sorted(self._find_cuts(), key=lambda cut: (cut.node, ORDER[cut.reason])))

    def _list_seeds(self) -> list[Tensor]:
        """The targets at which the reverse pass begins."""
        trace = self.trace
        pairs: list[tuple[Tensor, Operand]] = [(t, 1) for t in trace.targets]
        if trace.stop is not None and trace.watched is not None:
            pairs = seeds_of_sources(pairs, set(self.sources), trace.stop, trace.watched)
        return [t for t, _ in pairs]

    def _find_open_path(self) -> tuple[int, ...]:
        """The nodes of a way on which a gradient flows, from the source to a target."""
        trace, seeded = self.trace, self._list_seeds()
        for t in seeded:
            if t.node in self.sources:
                return (t.node,)
        wanted = {key for key, t in self.sources.items() if t.dtype in FLOATS}
        reached = mark_reached(self._between, wanted, trace.stop, trace.watched)
        follows: dict[int, int] = {t.node: -1 for t in seeded if t.dtype in FLOATS and t.node in reached}
        todo = [t for t in seeded if t.node in follows]
        while todo:
            node = todo.pop()
            if node.node in wanted:
                path = [node.node]
                while (following := follows[path[-1]]) >= 0:
                    path.append(following)
                return tuple(path)
            if not reached[node.node]:
                continue
            for k, a in operands(node):
                if a.node in reached and a.node not in follows and self._is_open(node, k, a):
                    follows[a.node] = node.node
                    todo.append(a)
        return ()

    def _is_open(self, node: Tensor, position: int, operand: Tensor) -> bool:
        watched = self.trace.watched
        return (watched is None or watched(operand, node)) and self.trace.flows(node, position)

    def _find_cuts(self) -> set[Cut]:
        """The first node that blocks, on each way back to the source."""
        trace, leads, found = self.trace, self.leads, set[Cut]()
        targets = [t for t in trace.targets if t.node in leads]
        kinds = {t.dtype in FLOATS for t in self.sources.values()}
        if targets and kinds == {False}:
            return set() if self.open_path else {Cut(max(self.sources), Reason.INTEGER_DTYPE)}
        seeded = {t.node for t in self._list_seeds()}
        found |= {Cut(t.node, Reason.NOT_WATCHED) for t in targets if t.node in self.sources and t.node not in seeded}
        todo = [t for t in targets if t.node not in self.sources]
        seen = {t.node for t in todo}
        while todo:
            node = todo.pop()
            reasons = trace.blocks(node)
            found |= {Cut(node.node, reason) for reason in reasons}
            for k, a in operands(node):
                if a.node not in leads:
                    continue
                if trace.loses(node, k, a):
                    found.add(Cut(node.node, Reason.NOT_DIFFERENTIABLE))
                elif reasons:
                    continue
                elif a.node in self.sources:
                    if trace.is_late(a, node):
                        found.add(Cut(a.node, Reason.NOT_WATCHED))
                elif a.node not in seen:
                    seen.add(a.node)
                    todo.append(a)
        return found
