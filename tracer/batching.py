"""Recomputing a part of the graph with extra leading axes on some of its inputs.

This is how a Jacobian is one reverse pass: the pass is traced for a symbolic cotangent, and replayed with the identity
in its place. Deltas are folded on the way, so that no product with an identity matrix is ever computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracer.backprop import ADD_N, accumulate, placed
from tracer.ops.contraction import Contraction, contract, multiply_literals
from tracer.rules import TABLE, Elementwise
from tracer.shapes import Literal, Shape, Subscripts
from tracer.tensor import Operand, Tensor, apply, as_tensor
from tracer.walk import ancestors


def batch(outputs: Sequence[Tensor], inputs: Mapping[int, Tensor], dims: Shape) -> list[Tensor]:
    """The outputs with ``dims`` as leading axes, given batched tensors for some nodes by their keys.

    An output that depends on none of the inputs is answered as it is. Each record has the place of what it repeats.

    Raises
    ------
    LookupError
        If an operation on the way has no batching rule.
    """
    batched: dict[int, Tensor] = dict(inputs)
    with placed() as origin:
        for node in ancestors(outputs, stop=lambda t: t.node in inputs):
            if node.node not in batched and any(type(a) is Tensor and a.node in batched for a in node.args):
                origin.stand_for(node.place)
                if node.rule.joint_batch is not None:
                    batched.update(zip(node.rule.joint, node.rule.joint_batch(batched, inputs, dims), strict=True))
                else:
                    batched[node.node] = _replay(node, batched, dims)
    return [batched.get(t.node, t) for t in outputs]


def _replay(node: Tensor, batched: Mapping[int, Tensor], dims: Shape) -> Tensor:
    args = [batched.get(a.node) if type(a) is Tensor else None for a in node.args]
    if type(node.rule) is Contraction:
        return _contraction(node, args, dims)
    if type(node.rule) is Elementwise or node.rule is ADD_N:
        return _elementwise(node, args, dims)
    rule = node.rule.batch
    if rule is None:
        raise LookupError(
            f"the operation {node.op!r} has no batching rule, so that neither vmap nor a Jacobian goes through it; "
            "take map_fn, or the gradient of single components, instead"
        )
    full = [b if b is not None or type(a) is not Tensor else spread(a, dims) for a, b in zip(node.args, args)]
    made: Tensor = rule(node, len(dims), *(a if b is None else b for a, b in zip(node.args, full)))
    return made


def spread(tensor: Tensor, dims: Shape) -> Tensor:
    """The tensor repeated along new leading axes."""
    labels = tuple(range(len(dims), len(dims) + tensor.ndim))
    return contract(
        "broadcast_to", (tensor,), Subscripts((labels,), (*range(len(dims)), *labels)), (*dims, *tensor.shape)
    )


def _elementwise(node: Tensor, args: Sequence[Tensor | None], dims: Shape) -> Tensor:
    positions = [k for k, a in enumerate(args) if a is not None]
    if len(positions) == 1 and type(node.rule) is Elementwise:
        folded = _through_delta(node, positions[0], args[positions[0]])
        if folded is not None:
            return folded
        scaled = _scaled(node, positions[0], args[positions[0]])
        if scaled is not None:
            return scaled
    operands = [a if b is None else _aligned(b, len(dims), node.ndim) for a, b in zip(node.args, args)]
    return as_tensor(accumulate(operands)) if node.rule is ADD_N else apply(node.rule, tuple(operands))


def _scaled(node: Tensor, position: int, operand: Tensor | None) -> Tensor | None:
    """A batch times factors without batch axes, which are multiplied with one another first."""
    assert operand is not None
    assert type(node.rule) is Elementwise
    step = node.rule.factor(position)
    if step is None or step.op is None or operand.ndim <= node.ndim or node.args[position].shape != node.shape:
        return None
    chosen = tuple([node.args[k] for k in step.picks])
    factor = apply(step.op, chosen) if any(type(a) is Tensor for a in chosen) else step.op.fold(chosen)
    if type(operand.rule) is Contraction and operand.args and operand.params.scale != 1:
        factor = _multiply(operand.params.scale, factor)
        operand = contract(operand.op, operand.args, operand.params._replace(scale=1), operand.shape)
    elif operand.rule is TABLE["multiply"] and getattr(operand.args[1], "ndim", operand.ndim) < operand.ndim:
        factor = _multiply(operand.args[1], factor)
        operand = operand.args[0]
    return apply(TABLE["multiply"], (operand, factor))


def _multiply(x: Operand, y: Operand) -> Operand:
    """A product; of numbers it is one."""
    return apply(TABLE["multiply"], (x, y)) if type(x) is Tensor or type(y) is Tensor else multiply_literals(x, y)


def _aligned(tensor: Tensor, axes: int, rank: int) -> Tensor:
    """A batched operand with axes of size 1 after the batch, up to the rank of the unbatched result."""
    missing = rank + axes - tensor.ndim
    if missing == 0:
        return tensor
    labels = tuple(range(tensor.ndim))
    out = (*labels[:axes], *range(tensor.ndim, tensor.ndim + missing), *labels[axes:])
    shape = (*tensor.shape[:axes], *(1,) * missing, *tensor.shape[axes:])
    return contract("expand_dims", (tensor,), Subscripts((labels,), out), shape)


def _through_delta(node: Tensor, position: int, operand: Tensor | None) -> Tensor | None:
    """An operation that keeps zeros applied to what a delta embeds, and embedded again."""
    assert operand is not None
    assert type(node.rule) is Elementwise
    if not is_delta(operand) or len(operand.args) > 1 or node.args[position].shape != node.shape:
        return None
    axes = operand.ndim - node.ndim
    subscripts: Subscripts = operand.params
    tail = subscripts.output[axes:]
    if len(set(tail)) != len(tail) or not set(subscripts.output) <= set(tail) or not node.rule.keeps_zero(position):
        return None
    inner: Tensor | Literal
    if operand.args:
        inner = contract(operand.op, operand.args, Subscripts(subscripts.inputs, tail, subscripts.scale), node.shape)
    else:
        inner = subscripts.scale
    value = apply(node.rule, tuple(inner if k == position else a for k, a in enumerate(node.args)))
    if value.shape != node.shape:
        return None
    return contract("diag", (value,), Subscripts((tail,), subscripts.output), operand.shape)


def is_delta(tensor: Tensor) -> bool:
    """Whether a tensor embeds a diagonal: an identity, or ``diag`` of something."""
    return type(tensor.rule) is Contraction and len(set(tensor.params.output)) < tensor.ndim


def _contraction(node: Tensor, args: Sequence[Tensor | None], dims: Shape) -> Tensor:
    subscripts: Subscripts = node.params
    base = 1 + max((k for labels in (*subscripts.inputs, subscripts.output) for k in labels), default=-1)
    new = tuple(range(base, base + len(dims)))
    operands: list[Tensor] = []
    inputs: list[tuple[int, ...]] = []
    for old, b, labels in zip(node.args, args, subscripts.inputs):
        operands.append(old if b is None else b)
        inputs.append(labels if b is None else (*new, *labels))
    return _inline(node.op, operands, inputs, (*new, *subscripts.output), subscripts.scale, (*dims, *node.shape))


def _inline(
    name: str,
    operands: list[Tensor],
    inputs: list[tuple[int, ...]],
    output: tuple[int, ...],
    scale: Literal,
    shape: Shape,
) -> Tensor:
    """A contraction in which operands that embed a diagonal are replaced by what they embed."""
    fresh = 1 + max((k for labels in (*inputs, output) for k in labels), default=-1)
    alias: dict[int, int] = {}

    def root(label: int) -> int:
        while label in alias:
            label = alias[label]
        return label

    kept: list[Tensor] = []
    terms: list[tuple[int, ...]] = []
    for tensor, labels in zip(operands, inputs):
        if not is_delta(tensor):
            kept.append(tensor)
            terms.append(labels)
            continue
        inner: Subscripts = tensor.params
        rename: dict[int, int] = {}
        for own, label in zip(inner.output, labels):
            a, b = root(rename.setdefault(own, label)), root(label)
            if a != b:
                alias[max(a, b)] = min(a, b)
        for own in (k for part in inner.inputs for k in part):
            if own not in rename:
                rename[own] = fresh
                fresh += 1
        kept += tensor.args
        terms += [tuple(rename[k] for k in part) for part in inner.inputs]
        scale = multiply_literals(scale, inner.scale)
    resolved = tuple(tuple(root(k) for k in part) for part in terms)
    out = tuple(root(k) for k in output)
    summed = {root(k) for labels in inputs for k in labels} - set(out) - {k for part in resolved for k in part}
    sizes = {root(k): d for t, labels in zip(operands, inputs) for k, d in zip(labels, t.shape)}
    for label in sorted(summed):
        scale = multiply_literals(scale, sizes[label])
    return contract(name, tuple(kept), Subscripts(resolved, out, scale), shape)
