"""Which elements of a tensor depend on which elements of a source, found operation by operation.

For each tensor on the way there is a sparse matrix of booleans, a row for each of its elements and a column for each of
the source's (propagation of index sets: Griewank and Walther, Evaluating Derivatives, 2nd ed., section 7.1). Elements
that are zero by construction, as of a constant or of what is padded, pass nothing on.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy import sparse

from tracer.backends.moved_elements import find_origins, find_places, move
from tracer.dtypes import FLOATS
from tracer.ops.contraction import Contraction
from tracer.ops.indexing import SCATTER
from tracer.ops.matrix_rows import again
from tracer.rules import TABLE, Elementwise
from tracer.sparse_jacobians.colorings import Matrix
from tracer.tensor import Tensor
from tracer.walk import ancestors

GIVEN = (TABLE["placeholder"], TABLE["variable"])
"""What has no value until it is given one, or has another one later."""
MOVING = (TABLE["band_part"], TABLE["set_diag"])
"""What moves elements, beside the rows whose facts say so."""
REDUCTIONS = frozenset(("reduce_max", "reduce_min", "reduce_prod", "reduce_logsumexp"))
SCANS = frozenset(("cumsum", "cumprod", "cumulative_logsumexp", "recurrence"))
CORES = {"cross": 1}
"""How many of the last axes of its first operand an operation takes as one thing, where these are not two."""

Labels: TypeAlias = "tuple[int, ...]"
Mask: TypeAlias = "tuple[Labels, np.ndarray]"
"""Where pairs of elements may be related: an array over some labels."""


class Relation(NamedTuple):
    """Which elements of an operand an element of a result is computed from: those that agree in the labels they share.

    Attributes
    ----------
    output, operand : tuple of int
        A label for each axis.
    masks : sequence
        Arrays over labels; where one is false there is no relation.
    """

    output: Labels
    operand: Labels
    masks: Sequence[Mask] = ()


def find_dependencies(target: Tensor, source: Tensor) -> Matrix:
    """Which elements of a tensor depend on which of a source, both counted in row-major order.

    Returns
    -------
    scipy.sparse.csr_array
        Of booleans; a row for each element of the target, a column for each of the source.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=(3,))
    >>> find_dependencies(x[1:] * x[:-1], x).toarray().astype(int)
    array([[1, 1, 0],
           [0, 1, 1]])
    """
    columns = prod(source.shape)
    order = ancestors([target], lambda t: t.node == source.node)
    found: dict[int, Matrix] = {source.node: sparse.eye_array(columns, dtype=bool, format="csr")}
    supports: dict[int, np.ndarray | None] = {source.node: None}
    fixed: set[int] = set()
    left = _count_uses(order)
    for t in order:
        if t.node == source.node:
            continue
        operands = [a for a in t.args if type(a) is Tensor]
        if t.rule not in GIVEN and all(a.node in fixed for a in operands):
            fixed.add(t.node)
            supports[t.node] = t.numpy() != 0 if t.shape else None
        else:
            supports[t.node] = _find_support(t, supports, fixed)
        parts = list(_list_parts(t, found, supports, fixed))
        if parts:
            found[t.node] = sum(parts[1:], parts[0])
        for a in operands:
            left[a.node] -= 1
            if not left[a.node]:
                for of in (found, supports):
                    of.pop(a.node, None)
    return found.get(target.node, sparse.csr_array((prod(target.shape), columns), dtype=bool))


def _count_uses(order: Iterable[Tensor]) -> dict[int, int]:
    """How many operands each tensor is."""
    uses: dict[int, int] = {}
    for t in order:
        for a in t.args:
            if type(a) is Tensor:
                uses[a.node] = uses.get(a.node, 0) + 1
    return uses


def _list_parts(
    node: Tensor, found: Mapping[int, Matrix], supports: Mapping[int, np.ndarray | None], fixed: Container[int]
) -> Iterator[Matrix]:
    """What the elements of a node depend on by way of each of its operands."""
    if not node.rule.differentiable or node.dtype not in FLOATS:
        return
    for k, a in enumerate(node.args):
        if type(a) is not Tensor or a.node not in found or k in node.rule.closed:
            continue
        if isinstance(node.rule, Elementwise) and node.rule.step(k, node.args, False) is None:
            continue  # the derivative is zero, as a sign's
        if node.rule.facts.moves or node.rule in MOVING:
            places = _relate_moved(node, k, fixed)
            if places is not None:
                yield places @ found[a.node]
                continue
        yield _relate(node, a, relate(node, k, supports)) @ found[a.node]


def _relate_moved(node: Tensor, position: int, fixed: Container[int]) -> Matrix:
    """The same of an operation that moves elements; None where indices are not known."""
    values = [np.asarray(a) if type(a) is not Tensor else _read_operand(a, fixed) for a in node.args]
    operands = [v for v in values if v is not None]
    if len(operands) < len(values):
        return None
    size = prod(operands[position].shape)
    if node.rule is SCATTER:
        rows, columns = find_places(node, position, operands).ravel() - 1, np.arange(size)
    else:
        places = find_origins(node, position, operands, node.shape).ravel()
        rows = np.flatnonzero(places)
        columns = places[rows] - 1
    return _make_relation(rows, columns, (prod(node.shape), size))


def _read_operand(tensor: Tensor, fixed: Container[int]) -> np.ndarray | None:
    """The value of an index; of anything else an array of its shape."""
    if tensor.dtype in FLOATS:
        return np.zeros(tensor.shape)
    return np.asarray(tensor.numpy()) if tensor.node in fixed else None


def _make_relation(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> Matrix:
    return sparse.csr_array((np.ones(len(rows), bool), (rows, columns)), shape=shape)


def relate(node: Tensor, position: int, supports: Mapping[int, np.ndarray | None]) -> Relation:
    """How the elements of a node and those of an operand are related.

    Examples
    --------
    >>> import tracer
    >>> X = tracer.placeholder("X", shape=(4, 3))
    >>> relate(tracer.reduce_max(X, axis=1), 0, {})
    Relation(output=(0,), operand=(0, 1), masks=())
    """
    rule, operand = node.rule, node.args[position]
    own = tuple(range(node.ndim))
    others = [(k, a, supports.get(a.node)) for k, a in enumerate(node.args) if type(a) is Tensor and k != position]
    if type(rule) is Contraction:
        inputs, output, _ = node.params
        masks = [(_cut(inputs[k], a), s) for k, a, s in others if s is not None]
        return Relation(output, _cut(inputs[position], operand), masks)
    if isinstance(rule, Elementwise):
        kept = [(a, s) for k, a, s in others if s is not None and rule.keeps_zero(k)]
        return Relation(own, _align(node, operand), [(_align(node, a), s) for a, s in kept])
    if rule.facts.signs is not None or rule.name == "cast":
        return Relation(own, _align(node, operand))
    if rule.name in REDUCTIONS:
        axes, keepdims = node.params
        labels = tuple(range(operand.ndim))
        if keepdims:
            return Relation(tuple(k if k not in axes else operand.ndim + k for k in labels), labels)
        return Relation(tuple(k for k in labels if k not in axes), labels)
    if rule.name in SCANS:
        axis, exclusive, reverse = node.params
        before = np.tri(node.shape[axis], k=-1 if exclusive else 0, dtype=bool)
        labels = (*own[:axis], node.ndim, *own[axis + 1 :])
        return Relation(own, labels, [((axis, node.ndim), before.T if reverse else before)])
    if rule.name == "softmax":
        axis = node.params % node.ndim
        return Relation(own, (*own[:axis], node.ndim, *own[axis + 1 :]))
    return _relate_matrices(node, operand)


def _relate_matrices(node: Tensor, operand: Tensor) -> Relation:
    """Leading axes go along with one another; all elements of what they number are related."""
    own = tuple(range(node.ndim))
    batch = 0
    if node.rule.batch is again or node.rule.name == "solve":
        batch = max(node.args[0].ndim - CORES.get(node.rule.name, 2), 0)
    shared = min(batch, max(operand.ndim - (node.ndim - batch), 0), node.ndim)
    apart = tuple(node.ndim + k for k in range(operand.ndim))
    pairs = zip(own[batch - shared : batch], operand.shape[:shared], node.shape[batch - shared :])
    labels = tuple(label if d == e else apart[k] for k, (label, d, e) in enumerate(pairs))
    return Relation(own, (*labels, *apart[shared:]))


def _cut(labels: Labels, operand: Tensor) -> Labels:
    """The labels of the axes that an operand has; it may be one that is broadcast."""
    return labels[len(labels) - operand.ndim :]


def _align(node: Tensor, operand: Tensor) -> Labels:
    """A label for each axis of an operand that is broadcast to the shape of a node: the node's, or one of its own."""
    first = node.ndim - operand.ndim
    return tuple(k if d == node.shape[k] else -1 - k for k, d in enumerate(operand.shape, start=first))


def _relate(node: Tensor, operand: Tensor, relation: Relation) -> Matrix:
    """A relation as a sparse matrix of booleans, with a row for each element of the node."""
    sizes = dict(zip(relation.operand, operand.shape)) | dict(zip(relation.output, node.shape))
    labels = list(sizes)
    grid = {label: np.arange(d).reshape([-1 if o == label else 1 for o in labels]) for label, d in sizes.items()}
    allowed = np.ones((1,) * len(labels), bool)
    for own, mask in relation.masks:
        shared = [k for k in dict.fromkeys(own) if k in sizes]
        shown = np.einsum(mask.astype(int), [*map(_fold, own)], [*map(_fold, shared)]) > 0
        order = sorted(range(len(shared)), key=lambda n: labels.index(shared[n]))
        shape = [sizes[k] if k in shared else 1 for k in labels]
        allowed = allowed & shown.transpose(order).reshape(shape)
    allowed = np.broadcast_to(allowed, [sizes[k] for k in labels])
    rows, columns = (
        np.broadcast_to(_number(places, shape, grid), allowed.shape)[allowed]
        for places, shape in ((relation.output, node.shape), (relation.operand, operand.shape))
    )
    return _make_relation(rows, columns, (prod(node.shape), prod(operand.shape)))


def _number(labels: Labels, shape: tuple[int, ...], grid: Mapping[int, np.ndarray]) -> np.ndarray:
    """The numbers of elements in row-major order, over a grid of labels."""
    number = np.zeros((1,) * len(grid), int)
    for label, d in zip(labels, shape):
        number = number * d + grid[label]
    return number


def _fold(label: int) -> int:
    """A label as einsum takes it."""
    return 2 * label if label >= 0 else -2 * label - 1


def _find_support(node: Tensor, supports: Mapping[int, np.ndarray | None], fixed: Container[int]) -> np.ndarray | None:
    """Where a tensor may be other than zero; None is everywhere."""
    rule = node.rule
    parts = [supports.get(a.node) if type(a) is Tensor else None for a in node.args]
    if rule.facts.moves or rule in MOVING:
        return _move_supports(node, parts, fixed)
    if type(rule) is Contraction:
        inputs, output, _ = node.params
        if len({*output}) == len(output) and all(p is None for p in parts):
            return None
        made = np.zeros(node.shape, bool)
        own = [*dict.fromkeys(output)]
        diagonal = np.einsum(made, [*map(_fold, output)], [*map(_fold, own)]) if own else made
        reached = np.ones(diagonal.shape, bool)
        for a, p, labels in zip(node.args, parts, inputs):
            if p is not None:
                labels = _cut(labels, a)
                shared = [k for k in own if k in labels]
                shown = np.einsum(p.astype(int), [*map(_fold, labels)], [*map(_fold, shared)]) > 0
                reached &= shown.reshape([d if k in shared else 1 for k, d in zip(own, diagonal.shape)])
        diagonal[...] = reached
        return made
    if isinstance(rule, Elementwise):
        kept = [p for k, p in enumerate(parts) if p is not None and rule.keeps_zero(k)]
        if not kept:
            return None
        return np.asarray(np.broadcast_to(np.logical_and.reduce(np.broadcast_arrays(*kept)), node.shape))
    summands = [p for p in parts if p is not None]
    if rule.facts.signs is not None and parts and len(summands) == len(parts):
        return np.asarray(np.broadcast_to(np.logical_or.reduce(np.broadcast_arrays(*summands)), node.shape))
    return None


def _move_supports(node: Tensor, parts: Sequence[np.ndarray | None], fixed: Container[int]) -> np.ndarray | None:
    """Where a result of moved elements may be other than zero."""
    given: list[np.ndarray] = []
    for a, part in zip(node.args, parts):
        if type(a) is not Tensor:
            given.append(np.asarray(a != 0, float))
        elif a.dtype in FLOATS:
            given.append(np.ones(a.shape) if part is None else part.astype(float))
        else:
            value = _read_operand(a, fixed)
            if value is None:
                return None
            given.append(value)
    moved = move(node.rule, node.params, node.args, given, node.shape) != 0
    return None if moved.all() else moved
