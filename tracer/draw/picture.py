"""What a picture of a graph shows: its nodes, each with a role and a text, and its edges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tracer import nest, tape
from tracer.draw.labels import Names, text_of
from tracer.dtypes import FLOATS
from tracer.explanations.connections import Connection, explain_absence
from tracer.explanations.diagnosis import Diagnosis
from tracer.explanations.routes import Routes, Step, find_routes, mark_diagnosis
from tracer.explanations.ways import operands
from tracer.nest import shown
from tracer.rules import TABLE
from tracer.shapes import integer
from tracer.tensor import PLACEHOLDER, VARIABLE, Tensor
from tracer.variable import Cell
from tracer.walk import ancestors

VIEWS = ("forward", "backward", "both")

Pairs = Sequence[tuple[Tensor | None, Tensor | None]]


class Node(NamedTuple):
    """One node of a picture.

    Attributes
    ----------
    id : str
        Its identifier in the picture.
    role : str
        A key of the table of styles.
    name, formula, note : str
        Its name, what it is in the names of its operands, and its operation and shape.
    gradient_of : tuple of str
        The names of the sources whose gradient it is.
    scope : tuple of str
        The name scopes that it stands in, the outermost first.
    cut : str
        Why it, or what is collapsed in it, blocks a gradient that is explained, or is the first that is not finite;
        empty if it is neither.
    """

    id: str
    role: str
    name: str
    formula: str
    note: str
    gradient_of: tuple[str, ...]
    scope: tuple[str, ...]
    cut: str = ""


class Edge(NamedTuple):
    """An edge from an operand to its user; ``role`` says what it carries."""

    tail: str
    head: str
    role: str


class Picture(NamedTuple):
    """Nodes in order of creation, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def picture_of(
    tensors: object,
    gradients: object = None,
    view: str = "forward",
    depth: int | None = None,
    max_nodes: int = 400,
    explain: object = None,
) -> Picture:
    """The picture of tensors and, where the view asks for them, of their gradients, with the ways of connections.

    Raises
    ------
    ValueError
        If the view or the depth is none, there is nothing to draw, or the picture would have more than ``max_nodes``
        nodes.
    """
    if view not in VIEWS:
        raise ValueError(f"the view is {shown(view)}; it must be one of {', '.join(map(repr, VIEWS))}")
    if depth is not None and not (isinstance(depth, int) and depth >= 0):
        raise ValueError(
            f"the depth is {shown(depth)}; it must be None, or 0 to collapse the outermost name scopes, 1, ..."
        )
    targets = _list_tensors(tensors)
    if not targets:
        raise ValueError("there is nothing to draw; give a tensor or a nest of tensors")
    if gradients is None and view != "forward":
        gradients = _derive_gradients(targets)
    pairs = _pair_gradients(gradients)
    routes = _list_routes(targets, pairs, explain)
    absent = [s for s, g in pairs if s is not None and g is None]
    assigned = ancestors(t for route in routes for t in route.tensors.values())
    forward = _by_key([*ancestors(targets), *absent, *assigned])
    results = [g for _, g in pairs if g is not None] if view != "forward" else []
    backward = [t for t in ancestors(results, lambda t: t.node in forward) if t.node not in forward]
    everything = drawn = [*forward.values(), *backward]
    if view == "backward":
        read = {a.node for t in backward for a in _operands(t)} | {g.node for g in results}
        drawn = [t for t in forward.values() if t.node in read] + backward
    places = {t.node: _place(t, depth) for t in drawn}
    count = len(set(places.values()))
    if count > integer(max_nodes, "max_nodes"):
        raise ValueError(
            f"the graph has {count} nodes, a picture has at most {max_nodes}; draw a part of it, collapse name scopes "
            f'with depth=0, read formula(tensors, form="steps") instead, or ask for max_nodes={count}'
        )
    roles = _assign_roles(forward, {t.node for t in targets}, pairs, {g.node for g in results})
    roles.update((key, "unconnected") for route in routes for key in route.lost if roles.get(key) == "source")
    return _assemble(drawn, places, Names(everything), roles, pairs, routes)


Place = int | tuple[str, ...]
"""Where a node is drawn: by itself, under its key, or within a collapsed name scope."""


def _place(tensor: Tensor, depth: int | None) -> Place:
    scope = _scope(tensor)
    return tensor.node if depth is None or len(scope) <= depth else scope[: depth + 1]


def _scope(tensor: Tensor) -> tuple[str, ...]:
    """The name scopes of an operation; a source is what one looks for, wherever it was made."""
    return tensor.context.scope if tensor.args else ()


def _assemble(
    drawn: Sequence[Tensor],
    places: Mapping[int, Place],
    names: Names,
    roles: Mapping[int, str],
    pairs: Pairs,
    routes: Sequence[Routes],
) -> Picture:
    ways: dict[Step, str] = {}
    for name in ("poisoned", "dark", "lit"):
        ways.update(dict.fromkeys((step for route in routes for step in getattr(route, name)), name))
    lost = {key: why for route in routes for key, why in route.lost.items()}
    marks = {key: ("cut", why) for route in routes for key, why in route.cuts.items()}
    marks |= {key: ("failure", why) for route in routes for key, why in route.failures.items()}
    ids: dict[Place, str] = {}
    for t in drawn:
        ids.setdefault(places[t.node], f"n{len(ids)}")
    titles: dict[int, tuple[str, ...]] = {}
    for s, g in pairs:
        if s is not None and g is not None and s.node in places:
            titles[g.node] = (*titles.get(g.node, ()), names[s])
    sizes = Counter(places.values())
    nodes: dict[Place, Node] = {}
    edges: dict[tuple[int, int] | Edge, Edge] = {}
    for t in drawn:
        place = places[t.node]
        title = titles.get(t.node, ())
        if isinstance(place, int):
            role, cut = marks.get(t.node, (roles.get(t.node, "backward"), lost.get(t.node, "")))
            text = text_of(t, names)
            nodes[place] = Node(ids[place], role, names[t], text, _note(t), title, _scope(t), cut)
        elif place not in nodes:
            note = f"{sizes[place]} operation{'s' * (sizes[place] > 1)}"
            nodes[place] = Node(ids[place], "group", place[-1], "", note, title, place[:-1])
        elif title:
            nodes[place] = nodes[place]._replace(gradient_of=nodes[place].gradient_of + title)
        if not isinstance(place, int) and t.node in marks:
            role, why = marks[t.node]
            said = dict.fromkeys(filter(None, (*nodes[place].cut.split(", "), why)))
            nodes[place] = nodes[place]._replace(role=role, cut=", ".join(said))
        for position, a in operands(t):
            if places.get(a.node, place) != place:
                step = (a.node, t.node)
                carries = ways.get(step) or _carries(a, t, roles)
                if carries in ("value", "blocked") and position < 0:
                    continue  # What was assigned to a variable is drawn where a gradient got lost there.
                edge = Edge(ids[places[a.node]], ids[place], carries)
                # What enters or leaves a collapsed scope is one edge, however many operations it connects there.
                plain = isinstance(place, int) and isinstance(places[a.node], int)
                edges.setdefault((t.node, position) if plain else edge, edge)
    return Picture(tuple(nodes.values()), tuple(edges.values()))


def _list_routes(targets: Sequence[Tensor], pairs: Pairs, explain: object) -> list[Routes]:
    """The ways of what is to be explained, and of the sources that are given without a gradient."""
    given = nest.flatten(explain) if explain is not None else []
    for c in given:
        if not isinstance(c, (Connection, Diagnosis)):
            raise TypeError(
                f"explain={shown(c)} is no Connection and no Diagnosis; give the answer of "
                "tracer.explain(target, sources) or of tracer.diagnose(tensor, values)"
            )
    connections = [c for c in given if isinstance(c, Connection)]
    known = {key for c in connections for key in c.sources}
    absent = [s for s, g in pairs if s is not None and g is None and s.node not in known]
    marked = [mark_diagnosis(d) for d in given if isinstance(d, Diagnosis)]
    return [*marked, *map(find_routes, (*connections, *(explain_absence(targets, s) for s in absent)))]


def _assign_roles(forward: Mapping[int, Tensor], targets: set[int], pairs: Pairs, results: set[int]) -> dict[int, str]:
    """The role of each node that is not an ordinary backward step."""
    connected = _find_connected(forward, targets)
    for s, g in pairs:
        if s is not None:
            (connected.discard if g is None else connected.add)(s.node)
    roles = {}
    for key, t in forward.items():
        if not t.args:
            roles[key] = "source" if key in connected else "unconnected"
        elif not _passes(t):
            roles[key] = "stop"
        else:
            roles[key] = "result" if key in targets else "operation"
    roles.update(dict.fromkeys(results - forward.keys(), "gradient"))
    return roles


def _find_connected(forward: Mapping[int, Tensor], targets: set[int]) -> set[int]:
    """The nodes from which a gradient's way leads to a target."""
    open_ = {key for key in targets if forward[key].dtype in FLOATS}
    for tensor in reversed(list(forward.values())):
        if tensor.node in open_ and _passes(tensor):
            open_ |= {a.node for a in _operands(tensor) if a.dtype in FLOATS}
    return open_


def _passes(tensor: Tensor) -> bool:
    """Whether gradients flow through an operation."""
    return tensor.rule.differentiable and tensor.dtype in FLOATS and not tensor.context.constant


def _carries(operand: Tensor, user: Tensor, roles: Mapping[int, str]) -> str:
    """What an edge carries: a value forward, a cotangent, a value read by the reverse pass, or nothing backwards."""
    if roles.get(user.node, "gradient") == "gradient":
        return "cotangent" if roles.get(operand.node, "gradient") == "gradient" else "read"
    return "value" if _passes(user) and operand.dtype in FLOATS else "blocked"


def _operands(tensor: Tensor) -> list[Tensor]:
    return [a for a in tensor.args if type(a) is Tensor]


def _by_key(tensors: Iterable[Tensor]) -> dict[int, Tensor]:
    return {t.node: t for t in sorted(tensors, key=lambda t: t.node)}


def _list_tensors(tensors: object) -> list[Tensor]:
    flat = nest.flatten(tensors)
    for t in flat:
        if not isinstance(t, Tensor):
            raise TypeError(f"a picture is of tensors, got {shown(t)}; give a tensor or a nest of tensors")
    return [_read_current(t) for t in flat]


def _read_current(tensor: Tensor) -> Tensor:
    """The node of a tensor; drawing a variable is no reading of it that a tape would see."""
    return tensor.current if isinstance(tensor, Cell) else tensor


def _pair_gradients(gradients: object) -> Pairs:
    """Pairs of a source and its gradient; the source is None where only gradients are given."""
    pairs = list(gradients.items()) if isinstance(gradients, Mapping) else [(None, g) for g in nest.flatten(gradients)]
    for t in (t for pair in pairs for t in pair):
        if t is not None and not isinstance(t, Tensor):
            raise TypeError(
                f"the gradients hold {shown(t)}; "
                "give a nest of gradients, or a dict from sources to their gradients or None"
            )
    return [
        (s if s is None else _read_current(s), g if g is None else _find_original(_read_current(g))) for s, g in pairs
    ]


def _find_original(gradient: Tensor) -> Tensor:
    """The value of the program that a gradient is a copy of, as y is the gradient of x*y by x; else the gradient."""
    copied = gradient.rule is TABLE["identity"] and gradient.derived is not None
    return gradient.args[0] if copied else gradient


def _derive_gradients(targets: Sequence[Tensor]) -> dict[Tensor, Tensor | None]:
    """The gradients of the targets by their trainable variables and placeholders."""
    sources = [t for t in ancestors(targets) if t.dtype in FLOATS and not t.args and _is_parameter(t)]
    return dict(zip(sources, tape.gradients(list(targets), sources), strict=True))


def _is_parameter(source: Tensor) -> bool:
    return source.rule is PLACEHOLDER or (source.rule is VARIABLE and source.params.trainable)


def _note(tensor: Tensor) -> str:
    """The operation and the shape."""
    shape = "\N{MULTIPLICATION SIGN}".join(map(str, tensor.shape)) or "scalar"
    return f"{tensor.op} \N{MIDDLE DOT} {shape}" if tensor.args else shape
