"""The reverse pass: mark what lies between sources and targets, then walk it backwards in order of the keys.

A cotangent is a tensor or a number that broadcasts to its node's shape. Whether a source is connected is read from the
graph alone; a derivative that happens to be zero is a zero, never a None.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS, INTEGERS, boolean, promote
from tracer.ops.activity import Activity
from tracer.ops.casting import cast
from tracer.ops.contraction import Contraction, broadcast_to, full, unbroadcast
from tracer.ops.indexing import SCATTER, merged
from tracer.ops.inverse_products import DETERMINANTS, find_cofactors
from tracer.ops.spectral_products import VECTORS, find_spectral_products
from tracer.places import NOWHERE, Origin
from tracer.rules import TABLE, Elementwise, Facts, Op, register
from tracer.shapes import Literal
from tracer.tensor import Operand, Tensor, TensorLike, apply, as_tensor, context, record_tensor
from tracer.walk import ancestors

Watched = Callable[[Tensor, Tensor], bool]
"""Whether a tensor counts as watched for a consumer of it."""


class Derived(NamedTuple):
    """Of what a tensor is the gradient: what :func:`backprop` was asked for; the sources are versions of one."""

    targets: Sequence[tuple[Tensor, Operand]]
    sources: Sequence[Tensor]
    stop: Callable[[Tensor], bool] | None = None
    watched: Watched | None = None
    opened: Container[int] = ()

    def attach(self, gradient: Tensor) -> Tensor:
        """Note it with a gradient. One that is a value of the program is copied, as y, the gradient of x*y by x.

        A gradient that is newer than all of it makes no circle of references.
        """
        key = gradient.node
        for target, _ in self.targets:
            if key <= target.node:
                gradient = apply(TABLE["identity"], (gradient,))
                break
        gradient.derived = self
        return gradient

    def is_given(self, gradient: Tensor) -> bool:
        """Whether a gradient is a cotangent of a target, unchanged."""
        return any(gradient is seed for _, seed in self.targets)


@contextmanager
def collector_paused() -> Iterator[None]:
    """The reverse pass makes many records and drops none: collecting cycles meanwhile is in vain."""
    enabled = gc.isenabled()
    try:  # An interrupt may come at any moment.
        gc.disable()
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def placed() -> Iterator[Origin]:
    """What is recorded in the block has the place that its origin stands for."""
    here = context.get()
    if here.origin is NOWHERE:
        yield Origin()
        return
    origin = Origin()
    try:
        context.set(here._replace(origin=origin))
        yield origin
    finally:
        context.set(here)


def backprop(
    targets: Sequence[tuple[Tensor, Operand]],
    sources: Sequence[Tensor],
    stop: Callable[[Tensor], bool] | None = None,
    watched: Watched | None = None,
    opened: Container[int] = (),
) -> list[Operand | None]:
    """The cotangent of each source, given (target, cotangent) pairs; None for a source that is not connected.

    Parameters
    ----------
    targets : sequence of (Tensor, cotangent)
        A cotangent is a tensor or number that broadcasts to the target's shape.
    sources : sequence of Tensor
    stop : callable, optional
        Whether a tensor counts as a constant, because it was not recorded or is one of ``stop_gradients``.
    watched : callable, optional
        Whether an operand was watched when its consumer was recorded; by default always.
    opened : container of int
        Keys of nodes through which gradients flow that count as constants otherwise, as ``stop_gradient``.

    Raises
    ------
    LookupError
        If an operation on a path has no gradient rule.
    """
    with collector_paused(), placed() as origin:
        return _pull_back(targets, sources, stop, watched, opened, origin)


def _pull_back(
    targets: Sequence[tuple[Tensor, Operand]],
    sources: Sequence[Tensor],
    stop: Callable[[Tensor], bool] | None,
    watched: Watched | None,
    opened: Container[int],
    origin: Origin,
) -> list[Operand | None]:
    order = ancestors((t for t, _ in targets), stop)
    wanted = {s.node for s in sources if s.dtype in FLOATS}
    reached = mark_reached(order, wanted, stop, watched, opened)
    activity = Activity() if any(t.dtype is boolean for t in order) else None
    whole = find_whole(order, reached, wanted, watched)
    parts: dict[int, list[Operand]] = {}
    for target, seed in targets:
        if target.node in reached:
            parts.setdefault(target.node, []).append(seed)
    results: dict[int, Operand] = {}
    for node in reversed(order):
        key = node.node
        contributions = parts.pop(key, None)
        if contributions is None:
            continue
        cotangent = contributions[0] if len(contributions) == 1 else accumulate(contributions)
        if key in wanted:
            results[key] = cotangent
        if not reached[key]:
            continue
        origin.code, origin.offset, origin.cause = node._code, node._offset, key
        flows: Sequence[Operand | None] | None = None
        if key in whole:
            _pull_whole(whole[key], cotangent, reached, parts, activity, origin)
            continue
        if node.rule.joint_pullback is not None:
            # The outputs of one call have consecutive keys: whoever uses one of them has been seen.
            found = {key: cotangent}
            found |= {k: accumulate(parts.pop(k)) for k in node.rule.joint if k in parts}
            results |= {k: c for k, c in found.items() if k in wanted}
            flows = node.rule.joint_pullback([found.get(k) for k in node.rule.joint])
            flows = flows if activity is None else [activity.guarded(flow) for flow in flows]
        for position, parent in enumerate(node.args):
            if type(parent) is Tensor and parent.node in reached and (watched is None or watched(parent, node)):
                contribution = pull(node, cotangent, position, activity) if flows is None else flows[position]
                if contribution is not None:
                    parts.setdefault(parent.node, []).append(contribution)
    return [results.get(s.node) for s in sources]


def find_whole(
    order: list[Tensor], reached: dict[int, bool], wanted: set[int], watched: Watched | None
) -> dict[int, Tensor]:
    """The products of eigenvectors, or of determinants, through which gradients flow as through one function."""
    rules = {t.rule for t in order}
    has_vectors, has_determinants = not rules.isdisjoint(VECTORS), not rules.isdisjoint(DETERMINANTS)
    if not (has_vectors or has_determinants):
        return {}

    def opens(tensor: Tensor, user: Tensor) -> bool:
        key = tensor.node
        if key not in reached:
            return tensor.rule not in VECTORS
        return reached[key] and key not in wanted and (watched is None or watched(tensor, user))

    inner = [t for t in order if reached.get(t.node)]
    return {
        **(find_spectral_products(inner, opens) if has_vectors else {}),
        **(find_cofactors(inner, opens) if has_determinants else {}),
    }


def list_operands(whole: Tensor, reached: Container[int]) -> list[Tensor]:
    """What a function of matrices is made of, as far as it is marked."""
    return [t for t in ancestors([whole], lambda t: t.node in reached) if t.node in reached]


def _pull_whole(
    whole: Tensor,
    cotangent: Operand,
    reached: dict[int, bool],
    parts: dict[int, list[Operand]],
    activity: Activity | None,
    origin: Origin,
) -> None:
    """Add the contributions of a function of matrices to those of what it is made of."""
    operands = list_operands(whole, reached)
    flows = _pull_back([(whole, cotangent)], operands, lambda t: t.node in reached, None, (), origin)
    for operand, flow in zip(operands, flows):
        if flow is not None:
            parts.setdefault(operand.node, []).append(flow if activity is None else activity.guarded(flow))


def mark_reached(
    order: list[Tensor],
    wanted: set[int],
    stop: Callable[[Tensor], bool] | None = None,
    watched: Watched | None = None,
    opened: Container[int] = (),
) -> dict[int, bool]:
    """The nodes that depend differentiably on a wanted one; True where the dependence is through their operands."""
    reached: dict[int, bool] = {}
    for node in order:
        key = node.node
        if key in wanted:
            reached[key] = False
        if not node.args or (not passes(node) and key not in opened):
            continue
        if stop is None or not stop(node):
            closed = node.rule.closed
            for a in node.args if not closed else [a for k, a in enumerate(node.args) if k not in closed]:
                if type(a) is Tensor and a.node in reached and (watched is None or watched(a, node)):
                    reached[key] = True
                    break
    return reached


def passes(node: Tensor) -> bool:
    """Whether gradients flow through an operation to its operands, wherever it was recorded."""
    return node.rule.differentiable and node.dtype in FLOATS and not node.context.constant


def pull(node: Tensor, cotangent: Operand, position: int, activity: Activity | None = None) -> Operand | None:
    """The contribution of a node's cotangent to that of one of its arguments; None where nothing flows.

    With ``activity`` it is exactly zero where the cotangent is inactive.
    """
    rule = node.rule
    if position in rule.closed:
        return None
    if type(cotangent) is not Tensor and cotangent == 0:
        cotangent = full((), 0.0)  # A traced zero: what is multiplied with it stays connected.
    if type(rule) is not Elementwise:
        return _pull_through_row(node, cotangent, position, activity)
    args = node.args
    masks: Sequence[Masked] = ()
    if type(cotangent) is Tensor and cotangent.rule.mask is not None:
        masks, cotangent = _take_masks(cotangent)
    traced = type(cotangent) is Tensor
    step = rule.step(position, args, not traced and cotangent == 1)
    if step is None:
        return 0
    op = step.op
    chosen = step.choose((*args, cotangent, node))
    if not traced:  # What integers make of each other alone may be beyond their range.
        chosen = tuple([cast(a, node.dtype) if type(a) is Tensor and a.dtype in INTEGERS else a for a in chosen])
    result = chosen[0] if op is None else apply(op, chosen, True) if traced else record(op, chosen)
    if activity is not None and op is not None:
        result = activity.guarded(result)
    for masked in masks:
        result = record(masked.select, (result, *masked.conditions))
    shape, wanted = node.shape, args[position].shape
    return result if wanted is shape or wanted == shape else unbroadcast(result, shape, wanted)


def _pull_through_row(node: Tensor, cotangent: Operand, position: int, activity: Activity | None) -> Operand | None:
    """The contribution of a node whose row has a gradient rule of its own."""
    rule = node.rule
    if rule.pullback is None:
        raise LookupError(
            f"the operation {rule.name!r} has no gradient rule; "
            "wrap it in stop_gradient to count it as a constant, or write its rule with custom_gradient"
        )
    result = rule.pullback(node, cotangent if rule.implicit else materialise(cotangent, node), position)
    if activity is None:
        return result
    return activity.guarded_contraction(result) if type(rule) is Contraction else activity.guarded(result)


class Masked(NamedTuple):
    """A cotangent that is ``value`` where a condition holds and zero elsewhere.

    Masks are moved outside products and sums, so that what is inactive is zero and not zero times infinity.
    """

    value: Operand
    select: Elementwise
    conditions: tuple[Operand, ...]


MASKS = 8
"""How many masks of one cotangent are moved outside a product; a limit keeps long chains of them linear."""


def _take_masks(cotangent: Operand) -> tuple[Sequence[Masked], Operand]:
    """The masks of a cotangent, the innermost first, and what is under them."""
    masks: list[Masked] = []
    while len(masks) < MASKS and (masked := _masked(cotangent)) is not None:
        masks.append(masked)
        cotangent = masked.value
    return masks[::-1], cotangent


def _masked(cotangent: Operand) -> Masked | None:
    if type(cotangent) is not Tensor or cotangent.rule.mask is None:
        return None
    mask, args = cotangent.rule.mask, cotangent.args
    value = args[mask.inner] if mask.inner is not None else number(mask.value)
    return Masked(value, mask.select, tuple([args[k] for k in mask.conditions]))


def record(op: Elementwise, operands: tuple[Operand, ...]) -> Operand:
    """Apply an elementwise operation, or compute it where all operands are literals."""
    for a in operands:
        if type(a) is Tensor:
            return apply(op, operands)
    return number(op.fold(operands))


def number(value: Literal) -> Literal:
    """A literal from what sympy or Python computed: numbers that are floats or integers become Python's."""
    if isinstance(value, sympy.Integer):
        return int(value)
    if isinstance(value, sympy.Float):
        return float(value)
    return value


def accumulate(contributions: Sequence[Operand]) -> Operand:
    """The sum of contributions; what stands under one mask stays under it."""
    if len(contributions) == 1:
        return contributions[0]
    if _masked(contributions[0]) is not None:
        parts = [p for c in contributions if (p := _masked(c)) is not None]
        if len(parts) == len(contributions) and len({(p.select, *map(id, p.conditions)) for p in parts}) == 1:
            return record(parts[0].select, (accumulate([p.value for p in parts]), *parts[0].conditions))
    tensors = [c for c in contributions if type(c) is Tensor]
    total: Literal = 0
    if len(tensors) < len(contributions):
        for literal in [c for c in contributions if type(c) is not Tensor]:
            total = literal + total if not isinstance(literal, float) else total + literal
        if not tensors:
            return number(total)
    scattered = [t for t in tensors if t.rule is SCATTER]
    if len(scattered) > 1:
        # A vector that is read element by element has as many contributions of its whole size: one record says it.
        tensors = [*(t for t in tensors if t.rule is not SCATTER), merged(scattered)]
    operands: Sequence[Operand] = tensors if total == 0 else [*tensors, total]
    while len(operands) > WIDTH:
        groups = [operands[k : k + WIDTH] for k in range(0, len(operands), WIDTH)]
        operands = [_sum(tuple(group)) for group in groups]
    return _sum(tuple(operands))


WIDTH = 32
"""How many operands one sum has at the most: longer ones are trees, so that no expression nests deeply."""


def _sum(operands: tuple[Operand, ...]) -> Operand:
    if len(operands) == 1:
        return operands[0]
    if len(operands) == 2:
        return apply(TABLE["add"], operands, True)
    tensors = [t for t in operands if type(t) is Tensor]
    shape = shapes.broadcast(*(t.shape for t in tensors))
    return record_tensor(ADD_N, operands, None, shape, promote(*(t.dtype for t in tensors)))


def _add_n_pullback(node: Tensor, cotangent: Operand, position: int) -> Operand:
    return unbroadcast(cotangent, node.shape, node.args[position].shape)


def add_n(inputs: Sequence[TensorLike] | Tensor, name: str | None = None) -> Tensor:
    """The sum of tensors of one shape.

    Parameters
    ----------
    inputs : list of tensors

    Returns
    -------
    Tensor
        Of their shape.

    Raises
    ------
    ValueError
        If there are none, or their shapes differ.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> tracer.add_n([x, y, x]).formula()
    2*x + y
    """
    tensors = [as_tensor(t) for t in (inputs if isinstance(inputs, (list, tuple)) else [inputs])]
    if not tensors:
        raise ValueError("add_n needs at least one tensor, got an empty list")
    for t in tensors:
        if t.shape != tensors[0].shape:
            raise ValueError(
                f"add_n takes tensors of one shape, got {shapes.show(tensors[0].shape)} and {shapes.show(t.shape)}"
            )
    return record_tensor(ADD_N, tuple(tensors), None, tensors[0].shape, promote(*(t.dtype for t in tensors)))


ADD_N = register(
    Op(
        "add_n",
        _add_n_pullback,
        implicit=True,
        facts=Facts(finite=True, bounded=True, signs=()),
    )
)


def materialise(cotangent: Operand, like: Tensor) -> Tensor:
    """A cotangent as a tensor of a node's own shape and dtype."""
    if type(cotangent) is not Tensor:
        return full(like.shape, cotangent, dtype=like.dtype)
    if cotangent.shape != like.shape:
        cotangent = broadcast_to(cotangent, like.shape)
    return cotangent if cotangent.dtype is like.dtype else cast(cotangent, like.dtype)


FUNCTIONS: dict[str, Callable[..., object]] = {"add_n": add_n}
