"""What a tape saw: which variables were read, what was watched and when, and so what counts as recorded.

A tape keeps no operations. Each node bears the recordings that were active when it was made; a recording knows from
when on a source was watched. The answer to "was this recorded, was that watched?" is read from there, as TensorFlow's
tape has it (tensorflow/c/eager/tape.h).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from tracer.dtypes import FLOATS
from tracer.ops.contraction import full
from tracer.tensor import VARIABLE, Operand, Tensor, next_key
from tracer.variable import Variable
from tracer.walk import ancestors


class Recording:
    """What a tape saw from when it was entered, or reset, on: which variables were read, what was watched, and when.

    ``owner`` is one object for all recordings of a tape, ``start`` and ``end`` are keys: nodes in between were made
    after the tape was entered, and before it was left. ``pauses`` are such pairs of keys around what ran under
    ``stop_recording``, ``absences`` around what ran between two ``with`` blocks.
    """

    __slots__ = ("absences", "automatic", "chosen", "end", "owner", "pauses", "start", "variables", "watched")

    def __init__(self, automatic: bool, owner: object = None) -> None:
        self.automatic = automatic
        self.owner = owner
        self.start = next_key()
        self.end: int | None = None
        self.pauses: list[tuple[int, int]] = []
        self.absences: list[tuple[int, int]] = []
        self.watched: dict[int, int] = {}
        self.variables: dict[int, Variable] = {}
        self.chosen: set[int] = set()

    def access(self, variable: Variable, tensor: Tensor) -> Tensor:
        """Take note that a variable is read; the answer is what the reader gets."""
        if (self.automatic and variable.trainable) or id(variable) in self.chosen:
            self.watch(variable)
        return tensor

    def watch(self, tensor: Tensor) -> None:
        """Watch a tensor from now on; of a variable also the values to come."""
        if isinstance(tensor, Variable):
            self.variables[id(tensor)] = tensor
            self.chosen.add(id(tensor))
            tensor = tensor.current
        if tensor.node not in self.watched:
            self.watched[tensor.node] = next_key()


def recorded(
    recording: Recording, opened: Container[int] = (), early: Iterable[int] = ()
) -> tuple[Callable[[Tensor], bool], Callable[[Tensor, Tensor], bool]]:
    """Whether a node counts as a constant for a recording, and whether an operand is on the tape for its consumer.

    Nodes whose keys are in ``opened`` count as recorded, those in ``early`` as watched all along.

    An operation is recorded if one of its operands was on the tape when it ran: watched, or recorded itself. What is
    recorded counts for all operands that are on the tape when the gradient is asked for, late though they be watched;
    but a variable counts where it was read while it was watched.
    """
    watched = {**recording.watched, **dict.fromkeys(early, -1)} if early else recording.watched
    found: dict[int, bool] = {}

    def is_constant(node: Tensor) -> bool:
        known = found.get(node.node)
        return not (is_recorded(node) if known is None else known)

    def counts(operand: Tensor, consumer: Tensor) -> bool:
        if operand.rule is VARIABLE:
            return operand.node in opened or was_watched(operand, consumer)
        return operand.node in watched or not is_constant(operand)

    def was_watched(operand: Tensor, consumer: Tensor) -> bool:
        """Whether an operand was watched when an operation ran; for one that ran unrecorded, whether it ever was."""
        if consumer.node in opened and recording not in consumer.context.recordings:
            automatic = operand.rule is VARIABLE and recording.automatic and operand.params.trainable
            return automatic or operand.node in watched
        return watched.get(operand.node, consumer.node) < consumer.node

    def is_recorded(tensor: Tensor) -> bool:
        todo = [tensor]
        while todo:
            node = todo[-1]
            if node.node in found:
                todo.pop()
                continue
            if node.node in opened:
                if node.rule is VARIABLE:
                    found[todo.pop().node] = True
                    continue
            elif recording not in node.context.recordings or not node.rule.recorded:
                found[todo.pop().node] = False
                continue
            key = node.node
            closed = node.rule.closed if node.rule.differentiable else ()
            pending = []
            for k, a in enumerate(node.args):
                if type(a) is Tensor and a.dtype in FLOATS and k not in closed:
                    known = found.get(a.node)
                    if known or (was_watched(a, node) if key in opened else watched.get(a.node, key) < key):
                        found[key] = True
                        break
                    if known is None:
                        pending.append(a)
            else:
                if pending:
                    todo += pending
                    continue
                found[key] = False
            todo.pop()
        return found[tensor.node]

    return is_constant, counts


def is_on_tape(target: Tensor, recording: Recording) -> bool:
    """Whether a Jacobian of a target may be other than None, which that of an unwatched tensor is even by itself."""
    return target.rule is VARIABLE or recorded(recording)[1](target, target)


def seeds_of_sources(
    pairs: list[tuple[Tensor, Operand]],
    sources: set[int],
    stop: Callable[[Tensor], bool],
    watched: Callable[[Tensor, Tensor], bool],
) -> list[tuple[Tensor, Operand]]:
    """The seeds where targets are sources themselves.

    The gradient of a tensor by itself is one, watched or not; where it is not on the tape and something that the tape
    recorded uses it, it is TensorFlow's None. The one is a tensor, which the gradients by others may be or be made of.
    """
    own = {t.node for t, _ in pairs if t.node in sources}
    if not own:
        return pairs
    pairs = [(t, full(t.shape, 1, dtype=t.dtype) if t.node in own and type(seed) is int else seed) for t, seed in pairs]
    lost = {t.node for t, _ in pairs if t.node in own and t.rule is not VARIABLE and not watched(t, t)}
    if lost:
        recorded = [t for t in ancestors((t for t, _ in pairs), stop) if not stop(t)]
        lost &= {a.node for t in recorded for a in t.args if type(a) is Tensor}
    return [(t, seed) for t, seed in pairs if t.node not in lost]
