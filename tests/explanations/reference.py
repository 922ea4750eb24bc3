"""What blocks a gradient, found the slow way: random small programs that keep their own account of what they do, and
every way from a target back to a source, one by one.

Nothing here asks the library what an operation passes on or what blocks it. Each operation states it in `OPERATIONS`,
and a program writes down what ran when. Whether a tape has an operation at all is asked by a gradient.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import tracer as tf
from tracer import Reason

SIZE = 3


class Operation(NamedTuple):
    """How an operation is called, the kinds of its operands and of its value, and for which operands it has a rule."""

    call: Callable[..., Any]
    takes: str
    gives: str
    rules: tuple[bool, ...]


@tf.custom_gradient
def half_ruled(p: Any, q: Any) -> Any:
    """A function whose rule answers for its first argument alone."""
    return p * q, lambda g: (tf.ones_like(p) * tf.reduce_sum(g), None)


OPERATIONS: dict[str, Operation] = {
    "sin": Operation(tf.sin, "f", "f", (True,)),
    "sign": Operation(tf.sign, "f", "f", (True,)),
    "identity": Operation(tf.identity, "f", "f", (True,)),
    "sum": Operation(tf.reduce_sum, "f", "f", (True,)),
    "add": Operation(tf.add, "ff", "f", (True, True)),
    "multiply": Operation(tf.multiply, "ff", "f", (True, True)),
    "maximum": Operation(tf.maximum, "ff", "f", (True, True)),
    "where": Operation(tf.where, "bff", "f", (True, True, True)),
    "half_ruled": Operation(half_ruled, "ff", "f", (True, False)),
    "floor": Operation(tf.floor, "f", "f", (False,)),
    "round": Operation(tf.round, "f", "f", (False,)),
    "zeros_like": Operation(tf.zeros_like, "f", "f", (False,)),
    "floordiv": Operation(lambda x, y: x // y, "ff", "f", (False, False)),
    "greater": Operation(tf.greater, "ff", "b", (False, False)),
    "argmax": Operation(lambda x: tf.argmax(x) if x.ndim else tf.cast(x, "int64"), "f", "i", (False,)),
    "whole": Operation(lambda x: tf.cast(x, "int64"), "f", "i", (False,)),
    "logical_and": Operation(tf.logical_and, "bb", "b", (True, True)),
    "logical_not": Operation(tf.logical_not, "b", "b", (True,)),
    "next": Operation(lambda i: i + 1, "i", "i", (True,)),
    "larger": Operation(lambda i: i > 1, "i", "b", (True,)),
    "chosen": Operation(tf.where, "bii", "i", (True, True, True)),
    "float_of_truth": Operation(lambda b: tf.cast(b, "float64"), "b", "f", (True,)),
    "float_of_count": Operation(lambda i: tf.cast(i, "float64"), "i", "f", (True,)),
    "stop_gradient": Operation(tf.stop_gradient, "f", "f", (True,)),
}


class Node:
    """A value of a program, with what is known of how it came about.

    Attributes
    ----------
    key : int
    kind : str
        ``"f"``, ``"b"`` or ``"i"``.
    operands : list of (Node, bool)
        With whether there is a rule for the operand; an assignment's value is the operand of a variable's version.
    reasons : set of Reason
        Why the node passes nothing on, whatever the operand.
    call : callable
        What computes the value from those of the operands.
    probe : tensor or None
        A copy that was made at once, by which a tape is asked whether it has the node.
    variable : int
        Which variable this is a version of.
    """

    def __init__(self, tensor: Any, kind: str, operands: list[tuple[Node, bool]], reasons: set[Reason]) -> None:
        self.tensor, self.key, self.kind = tensor.read(), tensor.node, kind
        self.operands, self.reasons = operands, reasons
        self.call: Callable[..., Any] = tf.identity
        self.probe: Any = None
        self.variable: int | None = None


Way = tuple[tuple[Node, bool], ...]
"""Nodes from a target back to a source, each with whether the one before has a rule for it."""


class Program:
    """A random program under one tape, that is entered, left, paused and reset."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.automatic = self.random.random() < 0.8
        self.tape = tf.GradientTape(persistent=True, watch_accessed_variables=self.automatic)
        self.nodes: list[Node] = []
        self.variables: list[tuple[Any, Node]] = []
        self.lines: list[str] = []
        self.active = self.constant = False
        for _ in range(self.random.choice((1, 2, 3))):
            self.add_source()
        self.run(self.random.choice((0, 1, 2)))
        with self.tape:
            self.active = True
            self.run(self.random.choice((3, 5, 7)))
            if self.random.random() < 0.15:
                self.tape.reset()
                self.lines.append("reset")
                for node in self.nodes:
                    if node.operands:
                        node.reasons.add(Reason.NOT_RECORDED)
                self.run(self.random.choice((1, 3)))
        self.active = False
        self.run(self.random.choice((0, 0, 1)))

    def run(self, count: int) -> None:
        for _ in range(count):
            chance = self.random.random()
            if chance < 0.08 and self.active:
                with self.tape.stop_recording():
                    self.active = False
                    self.run(self.random.choice((1, 2)))
                self.active = True
            elif chance < 0.18 and self.active:
                node = self.choose("f")
                self.tape.watch(self.handle(node))
                self.lines.append(f"watch {node.key}")
            elif chance < 0.25 and self.variables:
                self.assign()
            elif chance < 0.28 and not self.constant:
                with tf.no_gradient():
                    self.constant = True
                    self.run(1)
                self.constant = False
                last = self.nodes[-1]
                if self.active and last.kind == "f" and last.operands and last.probe is None:
                    last.probe = tf.identity(last.tensor)
            else:
                self.operate()

    def choose(self, kind: str) -> Node:
        found = [n for n in self.nodes if n.kind == kind and self.is_current(n)]
        return self.random.choice(found[-4:] if self.random.random() < 0.6 else found)

    def handle(self, node: Node) -> Any:
        return node.tensor if node.variable is None else self.variables[node.variable][0]

    def add_source(self) -> None:
        kind = self.random.choice(("variable", "variable", "untrainable", "constant", "integer"))
        value = [round(self.random.uniform(-2, 2), 2) for _ in range(SIZE)]
        if kind == "integer":
            self.nodes.append(Node(tf.constant([2, 1, 0]), "i", [], set()))
        elif kind == "constant":
            self.nodes.append(Node(tf.constant(value), "f", [], set()))
        else:
            kind = "variable"
        if kind == "variable" or not any(n.kind == "f" for n in self.nodes):
            variable = tf.Variable(value, trainable=self.random.random() < 0.8)
            node = Node(variable, "f", [], set())
            node.variable = len(self.variables)
            self.variables.append((variable, node))
            self.nodes.append(node)
        self.lines.append(f"{self.nodes[-1].key} = {kind}")

    def operate(self) -> None:
        kinds = {n.kind for n in self.nodes}
        names = [n for n, op in OPERATIONS.items() if set(op.takes) <= kinds]
        name = self.random.choice(names)
        op = OPERATIONS[name]
        taken = [self.choose(kind) for kind in op.takes]
        made = op.call(*map(self.handle, taken))
        reasons = set()
        if name == "stop_gradient" or self.constant:
            reasons.add(Reason.STOP_GRADIENT)
        if not self.active:
            reasons.add(Reason.NOT_RECORDED)
        node = Node(made, op.gives, list(zip(taken, op.rules, strict=True)), reasons)
        if name != "stop_gradient":
            node.call = op.call
        if self.active and not self.constant and op.gives == "f":
            node.probe = tf.identity(made)
        self.nodes.append(node)
        self.lines.append(f"{node.key} = {name}({', '.join(str(n.key) for n in taken)}) {'' if self.active else 'off'}")

    def assign(self) -> None:
        k = self.random.randrange(len(self.variables))
        variable, before = self.variables[k]
        value = self.choose("f")
        if value.tensor.shape != (SIZE,):
            return
        variable.assign(self.handle(value))
        node = Node(variable, "f", [(value, True)], {Reason.NOT_RECORDED})
        node.variable = k
        self.variables[k] = variable, node
        self.nodes.append(node)
        self.lines.append(f"{node.key} = assigned({value.key}) to {before.key}")

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Targets, and sources before them that are none of their variable's versions."""
        for target in self.nodes[-4:]:
            for source in self.nodes:
                own = source.variable is not None and source.variable == target.variable
                if source.key < target.key and not own and self.is_current(source):
                    yield target, source

    def is_current(self, node: Node) -> bool:
        return node.variable is None or self.variables[node.variable][1] is node

    def explain(self, target: Node, source: Node) -> tf.Connection:
        connection: tf.Connection = self.tape.explain(target.tensor, self.handle(source))
        return connection

    def on_tape(self, node: Node) -> bool:
        """Whether the tape has what computed a node."""
        if node.probe is None or not node.operands:
            return False
        return self.tape.gradient(node.probe, node.tensor) is not None

    def is_open(self, source: Node, user: Node) -> bool:
        """Whether a source was watched in time for one of its users."""
        watched = self.tape.recording.watched
        if source.variable is not None:
            return watched.get(source.key, user.key) < user.key
        return self.on_tape(user) and (source.key in watched or self.on_tape(source))

    def cuts(self, target: Node, source: Node) -> set[tuple[int, Reason]]:
        """The first blocking node of each way from the target back to the source, with its reasons."""
        versions = [n for n in self.nodes if n is source or (n.variable is not None and n.variable == source.variable)]
        found: set[tuple[int, Reason]] = set()
        for way in ways(target, versions, ()):
            if source.kind != "f":
                found.add((source.key, Reason.INTEGER_DTYPE))
            else:
                found |= self.first_cut(way)
        return found

    def first_cut(self, way: Way) -> set[tuple[int, Reason]]:
        for (node, _), (operand, has_rule) in itertools.pairwise(way):
            reasons = set(node.reasons)
            if operand.kind == "f" and not has_rule:
                reasons.add(Reason.NOT_DIFFERENTIABLE)
            if reasons:
                return {(node.key, reason) for reason in reasons}
        (user, _), (source, _) = way[-2:]
        return set() if self.is_open(source, user) else {(source.key, Reason.NOT_WATCHED)}

    def gradient_without(self, target: Node, source: Node, lifted: set[tuple[int, Reason]]) -> Any:
        """The gradient of the program written anew, in which lifted cuts let pass and all others are constants."""
        versions = [n for n in self.nodes if n is source or (n.variable is not None and n.variable == source.variable)]
        values = {n.key: tf.constant(n.tensor.numpy()) for n in self.nodes}
        stands = {n.key: tf.identity(values[n.key]) for n in versions}
        made = dict(stands)
        for node in self.nodes:
            if node.key in made:
                continue
            made[node.key] = values[node.key]
            if node.operands and all((node.key, reason) in lifted for reason in node.reasons):
                taken = [
                    values[o.key] if o in versions and not self.passes(o, node, lifted) else made[o.key]
                    for o, _ in node.operands
                ]
                made[node.key] = node.call(*taken)
        found = tf.gradients(made[target.key], list(stands.values()))
        return sum((g for g in found if g is not None), tf.zeros(source.tensor.shape)).numpy()

    def passes(self, source: Node, user: Node, lifted: set[tuple[int, Reason]]) -> bool:
        """Whether a source is watched for one of its users, where cuts are lifted."""
        if (source.key, Reason.NOT_WATCHED) in lifted:
            return True
        if (user.key, Reason.NOT_RECORDED) in lifted:
            automatic = source.variable is not None and self.automatic and self.variables[source.variable][0].trainable
            return automatic or source.key in self.tape.recording.watched or self.on_tape(source)
        if (user.key, Reason.STOP_GRADIENT) in lifted and source.variable is None:
            return self.tape.recording.watched.get(source.key, user.key) < user.key or self.on_tape(source)
        return self.is_open(source, user)


def ways(node: Node, ends: list[Node], before: Way) -> Iterator[Way]:
    """All ways from a node back to one of some ends, each node with whether its user has a rule for it."""
    before = before or ((node, True),)
    if node in ends:
        yield before
        return
    for operand, has_rule in node.operands:
        yield from ways(operand, ends, (*before, (operand, has_rule)))
