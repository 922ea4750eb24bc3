"""What a picture of a graph shows: its nodes, each with a role and a text, and its edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tracer import nest, tape
from tracer.backprop import ancestors
from tracer.draw.labels import Names, text_of
from tracer.rules import FLOATS
from tracer.tensor import SOURCES, Tensor, as_tensor

VIEWS = ("forward", "backward", "both")


class Node(NamedTuple):
    """One node of a picture: its identifier there, its role, its name, its formula, and what it is."""

    id: str
    role: str
    name: str
    formula: str
    note: str


class Edge(NamedTuple):
    """An edge from an operand to its user; ``role`` says what it carries."""

    tail: str
    head: str
    role: str


class Picture(NamedTuple):
    """Nodes in order of creation, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def picture_of(tensors: Any, gradients: Any, view: str, max_nodes: int) -> Picture:
    """The picture of tensors and, where the view asks for them, of their gradients.

    Raises
    ------
    ValueError
        If the view is unknown, or the picture would have more than ``max_nodes`` nodes.
    """
    if view not in VIEWS:
        raise ValueError(f"the view is {view!r}; it must be one of {', '.join(map(repr, VIEWS))}")
    targets = _tensors(tensors)
    if not targets:
        raise ValueError("there is nothing to draw; give a tensor or a nest of tensors")
    forward = ancestors(targets)
    wanted = _gradients(gradients, targets, forward) if gradients is not None or view != "forward" else []
    known = {t.node for t in forward}
    lost = [s for s, g in wanted if s is not None and g is None and s.node not in known]
    forward = sorted({t.node: t for t in (*forward, *lost)}.values(), key=lambda t: t.node)
    known = {t.node for t in forward}
    found = [g for _, g in wanted if g is not None] if view != "forward" else []
    backward = [t for t in ancestors(found, lambda t: t.node in known) if t.node not in known]
    chosen = forward + backward
    if view == "backward":
        read = {a.node for t in backward for a in t.args if isinstance(a, Tensor)} | {g.node for g in found}
        chosen = [t for t in forward if t.node in read] + backward
    if len(chosen) > max_nodes:
        raise ValueError(
            f"the graph has {len(chosen)} nodes, a picture has at most {max_nodes}; "
            f'draw a part of it, read formula(..., form="steps") instead, or ask for max_nodes={len(chosen)}'
        )
    return _picture(chosen, {t.node for t in targets}, known, wanted, forward)


def _picture(
    chosen: Sequence[Tensor],
    targets: set[int],
    known: set[int],
    wanted: Sequence[tuple[Tensor | None, Tensor | None]],
    forward: Sequence[Tensor],
) -> Picture:
    names = Names(chosen)
    ids = {t.node: f"n{k}" for k, t in enumerate(chosen)}
    connected = _connected(forward, targets) | {s.node for s, g in wanted if s is not None and g is not None}
    connected -= {s.node for s, g in wanted if s is not None and g is None}
    gradients: dict[int, list[str]] = {}
    for s, g in wanted:
        if g is not None:
            gradients.setdefault(g.node, []).extend(["gradient by " + names[s]] if s is not None else [])
    nodes, edges = [], []
    for t in chosen:
        role = _role(t, targets, known, connected, gradients)
        note = [f"gradient by {', '.join(gradients[t.node])}"] if gradients.get(t.node) else []
        nodes.append(Node(ids[t.node], role, names[t], text_of(t, names), note))
        for a in t.args:
            if isinstance(a, Tensor) and a.node in ids:
                edges.append(Edge(ids[a.node], ids[t.node], _edge_role(a, t, known)))
    return Picture(tuple(nodes), tuple(edges))
