"""The networkx view of the trace.

A traced tensor holds its parents, and nothing else holds a tensor but its users and the tensors computed from it: what
nobody can reach any more is freed by reference counting. The graph keeps weak references only, and its adjacency is
read from the tensors' own arguments, so that there is one record of the trace and not two.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from operator import length_hint
from typing import NoReturn, Protocol, TypeVar

import networkx as nx

from tracer.alive import keys, live


class Node(Protocol):
    """What the view reads of a traced tensor."""

    node: int
    args: tuple[object, ...]


T = TypeVar("T")

ATTRIBUTES = ("op", "args", "params", "shape", "dtype", "name", "expr")


class NodeAttributes(Mapping[str, object]):
    """The attributes of one node; ``expr`` is built when it is read."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Node) -> None:
        self.tensor = tensor

    def __getitem__(self, key: str) -> object:
        if key not in ATTRIBUTES:
            raise KeyError(key)
        if key == "args":
            return tuple(a.node if hasattr(a, "node") else a for a in self.tensor.args)
        return getattr(self.tensor, key)

    def __iter__(self) -> Iterator[str]:
        return iter(ATTRIBUTES)

    def __len__(self) -> int:
        return len(ATTRIBUTES)

    def copy(self) -> dict[str, object]:
        """A plain dictionary of the attributes, as ``networkx`` asks for when it copies a graph."""
        return dict(self)

    def __repr__(self) -> str:
        return repr({k: self[k] for k in ATTRIBUTES if k != "expr"})


Edges = dict[int, dict[int, dict[str, object]]]
"""Of one node, by neighbour and position of the argument."""


def _stamp() -> tuple[int, int]:
    """What changes when tensors come or go: their number, and that of the keys to come."""
    return len(live), length_hint(keys)


class _Settling:
    """Collects the garbage of a trace that has changed: its tensors would vanish while an algorithm goes over them."""

    def __init__(self) -> None:
        self._seen: tuple[int, int] | None = None

    def settle(self) -> None:
        if self._seen != _stamp():
            gc.collect()
            self._seen = _stamp()


class _ByNode(Mapping[int, T]):
    """What networkx takes for a dictionary by node: its keys are those of the live tensors."""

    _settling = _Settling()

    def __iter__(self) -> Iterator[int]:
        self._settling.settle()
        held = [t for r in list(live.values()) if (t := r()) is not None]
        for tensor in held:
            yield tensor.node

    def __len__(self) -> int:
        self._settling.settle()
        return len(live)

    def __contains__(self, key: object) -> bool:
        return key in live


class _Nodes(_ByNode[NodeAttributes]):
    def __getitem__(self, key: int) -> NodeAttributes:
        return NodeAttributes(_tensor(key))


class _Predecessors(_ByNode[Edges]):
    def __getitem__(self, key: int) -> Edges:
        edges: Edges = {}
        for position, parent in enumerate(_tensor(key).args):
            if hasattr(parent, "node"):
                edges.setdefault(parent.node, {})[position] = {}
        return edges


class _Successors(_ByNode[Edges]):
    """The reverse of the predecessors, made again when tensors have come or gone since it was last read."""

    def __init__(self, predecessors: _Predecessors) -> None:
        self._predecessors = predecessors
        self._made_at: tuple[int, int] | None = None
        self._edges: dict[int, Edges] = {}

    def __getitem__(self, key: int) -> Edges:
        if self._made_at != _stamp():
            edges: dict[int, Edges] = {k: {} for k in self}
            for child in self:
                for parent, positions in self._predecessors[child].items():
                    edges.setdefault(parent, {})[child] = positions
            self._edges, self._made_at = edges, _stamp()
        return self._edges[key]


def _tensor(key: int) -> Node:
    tensor: Node | None = live[key]()
    if tensor is None:
        raise KeyError(key)
    return tensor


class Graph(nx.MultiDiGraph):  # type: ignore[misc]
    """All live traced tensors as a directed acyclic multigraph.

    Node keys are integers in order of creation, which is a topological order. The key of an edge is the position of
    the argument, so that ``x*x`` has two edges. Every networkx algorithm reads it; only tracing an operation writes it.

    Examples
    --------
    >>> import networkx, tracer
    >>> x = tracer.symbols("x")
    >>> y = x * x
    >>> sorted(y.graph.in_edges(y.node, keys=True)) == [(x.node, y.node, 0), (x.node, y.node, 1)]
    True
    >>> networkx.is_directed_acyclic_graph(y.graph)
    True
    """


def _refuse_writing(*args: object, **kwargs: object) -> NoReturn:
    raise TypeError(
        "the graph of the trace is written by tracing operations alone; "
        "edit a copy of it: networkx.MultiDiGraph(tensor.graph)"
    )


WRITERS = (
    "add_edge", "add_edges_from", "add_node", "add_nodes_from", "add_weighted_edges_from", "clear", "clear_edges",
    "remove_edge", "remove_edges_from", "remove_node", "remove_nodes_from", "update",
)  # fmt: skip
"""What changes a networkx graph."""


def _view_trace() -> Graph:
    """The graph whose adjacency is read from the tensors; what networkx makes of it by its class may be edited."""
    graph = Graph()
    graph._node = _Nodes()
    graph._pred = _Predecessors()
    graph._succ = graph._adj = _Successors(graph._pred)
    for name in WRITERS:
        setattr(graph, name, _refuse_writing)
    return graph


GRAPH = _view_trace()
