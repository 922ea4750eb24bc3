"""Whether a trace is what it must be: every node derived again from its operation and its operands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy

from tracer import nest, shapes
from tracer.alive import live
from tracer.dtypes import PROMOTION, promote
from tracer.formulas.reading import parent_names
from tracer.nest import Nest
from tracer.ops.contraction import contraction_dtype, label_sizes
from tracer.reader import Reader
from tracer.rules import Elementwise, argument
from tracer.shapes import Dim, Literal, Shape
from tracer.tensor import SOURCES, Operand, Tensor, as_tensor, elementwise_dtype
from tracer.walk import ancestors

if TYPE_CHECKING:
    from tracer.graph import Graph


def check(graph_or_tensors: Graph | Nest[Tensor]) -> None:
    """Check the structure of a trace.

    Edges against the arguments of operations, shapes and dtypes against their rules, the order of creation, names, and
    that each node's expression is written in the symbols of its parents.

    Parameters
    ----------
    graph_or_tensors : Graph, tensor or nest of tensors
        The graph of all live tensors; or tensors, with all that they are computed from.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If something is wrong; the message says what, node by node.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> tracer.check(tracer.gradients(tracer.reduce_sum(x * x), x))
    """
    nodes = _nodes(graph_or_tensors)
    faults = [f"{t.name}: {fault}" for t in nodes for fault in (*node_faults(t), *_graph_faults(t), *_expr_faults(t))]
    seen: dict[str, Tensor] = {}
    for t in nodes:
        first = seen.setdefault(t.name, t)
        if first is not t and not (first.rule in SOURCES and t.rule in SOURCES):
            faults.append(f"{t.name}: the nodes {first.node} and {t.node} have the same name")
    if faults:
        raise ValueError("the trace is malformed:\n" + "\n".join(faults))


def _nodes(given: Graph | Nest[Tensor]) -> list[Tensor]:
    from tracer.graph import Graph

    if isinstance(given, Graph):
        return [t for r in list(live.values()) if (t := r()) is not None]
    leaves = nest.flatten(given)
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise TypeError(f"check takes the graph of a tensor, or tensors, got {leaf!r}; write check(tensor.graph)")
    return ancestors(as_tensor(leaf) for leaf in leaves)


def node_faults(t: Tensor) -> Iterator[str]:
    """What is wrong with a node by itself, given that its operands are right."""
    parents = [a for a in t.args if isinstance(a, Tensor)]
    for a in parents:
        if type(a) is not Tensor:
            yield f"the argument {a.name} is a {type(a).__name__}, which may change; it must be the tensor of its value"
        if a.node >= t.node:
            yield f"the argument {a.name} is younger than the node"
    if t.dtype not in PROMOTION:
        yield f"the dtype {t.dtype!r} is unknown"
    if any(shapes.dimension(d) != d for d in t.shape):
        yield f"{shapes.show(t.shape)} is not a shape"
    yield from _Faults().visit(t)


class _Faults(Reader[Iterator[str]]):
    """What is wrong with a node of each kind."""

    def part(self, argument: Operand) -> Iterator[str]:
        """Arguments are looked at by themselves."""
        return iter(())

    def literal(self, value: Literal) -> Iterator[str]:
        """A number has no faults."""
        return iter(())

    def source(self, t: Tensor) -> Iterator[str]:
        """A source has no arguments, and a value of its shape."""
        if t.args:
            yield "a source has arguments"
        shape = getattr(t.value, "shape", ())
        if t.value is not None and shape != t.shape:
            yield f"the value has the shape {shapes.show(shape)}, the node {shapes.show(t.shape)}"

    def elementwise(self, t: Tensor, *parts: Iterator[str]) -> Iterator[str]:
        """An elementwise operation broadcasts, and its template has no other symbols than arguments."""
        rule = t.rule
        assert isinstance(rule, Elementwise)
        parents = [a for a in t.args if type(a) is Tensor]
        if len(t.args) != rule.arity:
            yield f"{len(t.args)} arguments, the operation takes {rule.arity}"
        shape = shapes.broadcast(*(a.shape for a in parents))
        yield from _differs("shape", shape, t.shape)
        yield from _differs("dtype", elementwise_dtype(rule, t.args, promote(*(a.dtype for a in parents))), t.dtype)
        if not _is_closed(rule.template, rule.arity):
            yield f"the template {rule.template} is not closed over the arguments"

    def contraction(self, t: Tensor, *parts: Iterator[str]) -> Iterator[str]:
        """A contraction has the shape and dtype that its subscripts give."""
        labels = t.params.inputs
        if [a.ndim for a in t.args] != [len(own) for own in labels]:
            yield f"the subscripts {t.params.text()} do not fit the ranks of the operands"
            return
        sizes = label_sizes(t.op, t.args, t.params)
        shape: Shape = tuple(sizes.setdefault(k, d) for k, d in zip(t.params.output, t.shape))
        if len(t.params.output) != t.ndim or shape != t.shape:
            found = shapes.show(t.shape)
            yield f"the subscripts {t.params.text()} give the shape {shapes.show(shape)}, the node has {found}"
        if t.args:
            yield from _differs("dtype", contraction_dtype(t.args), t.dtype)

    def row(self, t: Tensor, *parts: Iterator[str]) -> Iterator[str]:
        """Nothing is known of other operations."""
        return iter(())


@lru_cache(maxsize=1 << 10)
def _is_closed(template: sympy.Basic, arity: int) -> bool:
    """Whether a template has no other symbols than the arguments, which is asked for each of many nodes."""
    return bool(template.free_symbols <= {argument(k) for k in range(arity)})


def _differs(what: str, expected: object, found: object) -> Iterator[str]:
    if expected != found:
        yield f"the {what} is {found}, the operation gives {expected}"


def _graph_faults(t: Tensor) -> Iterator[str]:
    """What is wrong with how the graph shows a node."""
    edges = {(a.node, t.node, k) for k, a in enumerate(t.args) if isinstance(a, Tensor)}
    if set(t.graph.in_edges(t.node, keys=True)) != edges:
        yield f"the edges {sorted(t.graph.in_edges(t.node, keys=True))} are not those of the arguments {sorted(edges)}"


def _expr_faults(t: Tensor) -> Iterator[str]:
    own = _names(t.expr.free_symbols)
    known = set(parent_names(t).values()) if t.args else {t.name}
    sizes = ((t.value,), t.shape, *(getattr(a, "shape", (a,)) for a in t.args))
    dims = _names(s for d in sizes for e in d for s in _free(e))
    alien = sorted(own - known - dims)
    if alien:
        yield f"the expression {t.expr} holds {', '.join(alien)}, which no argument is named"


def _free(dim: Dim) -> Iterable[sympy.Symbol]:
    return getattr(dim, "free_symbols", ())


def _names(symbols: Iterable[sympy.Symbol]) -> set[str]:
    return {str(s.name) if hasattr(s, "name") else str(s) for s in symbols}
