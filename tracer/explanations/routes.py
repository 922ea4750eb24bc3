"""The ways of a connection as a picture shows them: where a gradient flows, where it would, and the nodes between.

Those of a diagnosis lead from the first node that is not finite.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tracer.explanations.connections import Connection
from tracer.explanations.diagnosis import Diagnosis
from tracer.explanations.sentences import name_cut
from tracer.explanations.ways import operands
from tracer.tensor import Tensor

MOST = 12
"""To how many cuts a way is shown."""

Step = tuple[int, int]
"""The keys of an operand and of its user."""


class Routes(NamedTuple):
    """Ways between a source and its targets.

    Attributes
    ----------
    lit : frozenset of Step
        The steps on which a gradient flows: from a target back to a cut, or to a connected source.
    dark : frozenset of Step
        Those between a cut and the source.
    cuts : dict
        Why a node blocks, in a few words, by its key.
    tensors : dict
        The tensors on the ways, by their keys; what was assigned to a variable is among them.
    failures : dict
        Why a node is not finite, by its key.
    poisoned : frozenset of Step
        The steps that lead on from there.
    lost : dict
        By the keys of a source without a gradient, what is to be said of it: that there is no path at all, or nothing.
    """

    lit: frozenset[Step]
    dark: frozenset[Step]
    cuts: Mapping[int, str]
    tensors: Mapping[int, Tensor]
    failures: Mapping[int, str] = MappingProxyType({})
    poisoned: frozenset[Step] = frozenset()
    lost: Mapping[int, str] = MappingProxyType({})


def find_routes(connection: Connection) -> Routes:
    """The open way of a connected source, and one way to each cut and on to the source.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> s = tracer.stop_gradient(tracer.sin(x))
    >>> routes = find_routes(tracer.explain(3 * s, x))
    >>> len(routes.lit), len(routes.dark), routes.cuts == {s.node: "stop_gradient"}
    (1, 2, True)
    """
    tensors = connection.tensors
    words: dict[int, list[str]] = {}
    for key, reason in connection.blocked[:MOST]:
        words.setdefault(key, []).append(name_cut(tensors[key], reason.name, connection.trace.recording))
    lit, dark = set(zip(connection.path, connection.path[1:])), set[Step]()
    users = _find_users(connection)
    for key in words:
        lit |= _follow(key, users)
        dark |= _follow_back(tensors[key], connection)
    lost = {} if connection.connected else dict.fromkeys(connection.sources, "" if words else "no path to the target")
    apart = {connection.source.node} if lost and not words else set()
    shown = {key for step in lit | dark for key in step} | words.keys() | apart
    notes = {key: ", ".join(dict.fromkeys(own)) for key, own in words.items()}
    return Routes(frozenset(lit), frozenset(dark - lit), notes, {k: tensors[k] for k in shown}, lost=lost)


def mark_diagnosis(diagnosis: Diagnosis) -> Routes:
    """The first node that is not finite, and the way from it.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y = tracer.math.log(x)
    >>> routes = mark_diagnosis(tracer.diagnose(2 * y, {x: -1.0}))
    >>> routes.failures == {y.node: "NaN, needs x > 0"}, len(routes.poisoned)
    (True, 1)
    """
    first, path = diagnosis.first, diagnosis.path
    failures = {} if first is None else {first.node: diagnosis.tell_shortly()}
    return Routes(frozenset(), frozenset(), {}, {}, failures, frozenset(itertools.pairwise(path)))


def _find_users(connection: Connection) -> dict[int, int]:
    """For each node that a gradient reaches on its way from the targets, the user through which it comes."""
    trace, leads = connection.trace, connection.leads
    ends = {cut.node for cut in connection.blocked} | connection.sources.keys()
    found: dict[int, int] = {}
    todo = [t for t in trace.targets if t.node in leads]
    while todo:
        node = todo.pop()
        if node.node in ends and (node.node in connection.sources or trace.blocks(node)):
            continue
        for k, a in operands(node):
            if a.node in leads and a.node not in found and not trace.loses(node, k, a):
                found[a.node] = node.node
                todo.append(a)
    return found


def _follow(key: int, users: Mapping[int, int]) -> set[Step]:
    """The steps from a node up to a target."""
    steps = set()
    while key in users:
        steps.add((key, users[key]))
        key = users[key]
    return steps


def _follow_back(node: Tensor, connection: Connection) -> set[Step]:
    """The steps of one way from a node back to the source."""
    steps = set()
    while node.node not in connection.sources:
        operand = next(a for _, a in operands(node) if a.node in connection.leads)
        steps.add((operand.node, node.node))
        node = operand
    return steps
