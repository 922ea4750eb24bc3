"""Programs written in another way, by laws that hold for all sizes.

To a proof for all sizes an inverse or a sort is an unknown function of its operands. What is known of them beside that
is said here: the inverse and the determinant of a product, sums and maxima of what is permuted, and what a softmax is
made of. Equal operations of equal operands become one, so that both programs speak of the same unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from typing import cast as typed

from tracer.comparison.row_laws import LAWS
from tracer.comparison.same_operations import describe_operation
from tracer.ops.selection import Array, Slice, full
from tracer.reader import Reader
from tracer.shapes import Literal
from tracer.tensor import Operand, Tensor, is_fixed

REDUCTIONS = "reduce_max", "reduce_prod", "reduce_all", "reduce_any"
"""What does not depend on the order of elements."""


class Moved(NamedTuple):
    """What a tensor is a permutation of, along which axis, counted from the end, and by which permutation."""

    inner: Tensor
    axis: int
    by: object


class Rearranging(Reader[Any]):
    """Tensors recorded again, by laws. What is made is made once."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[object, Tensor] = {}
        self._moved: dict[int, Moved] = {}

    def literal(self, value: Literal) -> Literal:
        """A number."""
        return value

    def source(self, tensor: Tensor) -> Tensor:
        """A source."""
        return tensor

    def elementwise(self, tensor: Tensor, *parts: Operand) -> Tensor:
        """The same of other operands; of what is all permuted in the same way it is permuted itself."""
        made = self._record(tensor, parts)
        for moved in self._moves(parts):
            inner = [
                own.inner if (own := self._like(p, moved)) else p if _is_constant_along(p, moved.axis) else None
                for p in parts
            ]
            if all(p is not None for p in inner):
                self._moved[made.node] = moved._replace(inner=self._record(tensor, inner))
        return made

    def contraction(self, tensor: Tensor, *parts: Operand) -> Tensor:
        """A sum over what is all permuted in the same way is one over what it is a permutation of."""
        inputs, output, _ = tensor.params
        operands = typed("tuple[Tensor, ...]", parts)
        for moved in self._moves(parts):
            label = next(labels[-moved.axis] for p, labels in zip(parts, inputs) if self._like(p, moved))
            inner = [
                own.inner
                if (own := self._like(p, moved)) and labels.count(label) == 1 and labels[-moved.axis] == label
                else None
                if label in labels
                else p
                for p, labels in zip(parts, inputs)
            ]
            if any(p is None for p in inner):
                if moved.by == "reverse" and label not in output and (other := self._turn(operands, inputs, label)):
                    return self._record(tensor, other)
                continue
            if label not in output:
                return self.contraction(tensor, *inner)
            made = self._record(tensor, parts)
            axis = len(output) - output.index(label)
            self._moved[made.node] = Moved(self._record(tensor, inner), axis, moved.by)
            return made
        return self._record(tensor, parts)

    def _turn(self, parts: Sequence[Tensor], inputs: Sequence[Sequence[int]], label: int) -> list[Operand]:
        """Of two operands that are summed over together, the older one reversed in place of the other."""
        both = [k for k, labels in enumerate(inputs) if label in labels]
        if len(both) != 2 or any(inputs[k].count(label) != 1 for k in both):
            return []
        for own, other in (both, both[::-1]):
            moved, x = self._moved.get(parts[own].node), parts[other]
            turned = moved is not None and (inputs[own][-moved.axis], moved.by) == (label, "reverse")
            if moved is not None and turned and x.node < moved.inner.node:
                index = [slice(None, None, -1 if k == label else None) for k in inputs[other]]
                found: list[Operand] = list(parts)
                found[own], found[other] = moved.inner, self._again(x[tuple(index)])
                return found
        return []

    def row(self, tensor: Tensor, *parts: Operand) -> Tensor:
        """Another operation, by its law if there is one."""
        law, operands = LAWS.get(tensor.op), typed("tuple[Tensor, ...]", parts)
        if law is not None and (found := law(tensor, *operands)) is not None:
            return self._again(found)
        if tensor.op in REDUCTIONS:
            x = operands[0]
            axes, _ = tensor.params
            while (own := self._moved.get(x.node)) is not None and x.ndim - own.axis in axes:
                x = own.inner
            return self._record(tensor, [x])
        if tensor.op == "getitem":
            return self._selection(tensor, *operands)
        if tensor.op == "reshape" and tensor.shape == operands[0].shape:
            return operands[0]
        made = self._record(tensor, parts)
        if tensor.op == "concat" and (rolled := _as_rolled(made)) is not None:
            self._moved[made.node] = Moved(rolled, rolled.ndim - tensor.params, operands[0].params)
        return made

    def _again(self, found: Tensor) -> Tensor:
        """What a law made, by laws."""
        result: Tensor = self.read([found])[0]
        return result

    def _selection(self, tensor: Tensor, x: Tensor, *indices: Tensor) -> Tensor:
        """Elements, which may be all of them in another order."""
        entries = tensor.params
        if entries == (Array(1),) and indices[0].op == "argsort" and x.ndim == 1:
            order = indices[0]
            moved = self._moved.get(x.node)
            if order.args[0] is x and moved is not None:
                # What is sorted is sorted whatever the order was.
                return self._again(
                    moved.inner[Tensor(order.rule, (moved.inner,), order.params, order.shape, order.dtype)]
                )
            made = self._record(tensor, [x, order])
            self._moved[made.node] = Moved(x, 1, order.node)
            return made
        made = self._record(tensor, [x, *indices])
        turned = [k for k, (e, d) in enumerate(zip(entries, x.shape)) if e == Slice(d - 1, d, -1)]
        others = [e == full(d) for k, (e, d) in enumerate(zip(entries, x.shape)) if k not in turned]
        if len(turned) == 1 and all(others):
            axis = x.ndim - turned[0]
            moved = self._moved.get(x.node)
            if moved is not None and (moved.axis, moved.by) == (axis, "reverse"):
                return moved.inner
            self._moved[made.node] = Moved(x, axis, "reverse")
        return made

    def _record(self, tensor: Tensor, parts: Sequence[Operand]) -> Tensor:
        operands = tuple(p.node if isinstance(p, Tensor) else (type(p), p) for p in parts)
        key = describe_operation(tensor), operands
        if key not in self._made:
            made = Tensor(tensor.rule, tuple(parts), tensor.params, tensor.shape, tensor.dtype)
            made.value = tensor.value if is_fixed(tensor) else None
            self._made[key] = made
            self.parts[made.node] = made
        return self._made[key]

    def _moves(self, parts: Sequence[Operand]) -> list[Moved]:
        """How operands are permuted."""
        return [m for p in parts if isinstance(p, Tensor) and (m := self._moved.get(p.node)) is not None]

    def _like(self, part: Operand, other: Moved) -> Moved | None:
        """How an operand is permuted, if it is like another."""
        own = self._moved.get(part.node) if isinstance(part, Tensor) else None
        return own if own is not None and (own.axis, own.by) == (other.axis, other.by) else None


def _as_rolled(joined: Tensor) -> Tensor | None:
    """The tensor whose last elements along an axis were put before the others."""
    axis = joined.params
    if len(joined.args) != 2 or any(a.op != "getitem" or a.args[0] is not joined.args[0].args[0] for a in joined.args):
        return None
    x = joined.args[0].args[0]
    last, first = (
        [full(d) if k != axis else e for k, (e, d) in enumerate(zip(a.params, x.shape))] for a in joined.args
    )
    if len(last) <= axis or any(list(a.params) != own for a, own in zip(joined.args, (last, first))):
        return None
    start = getattr(last[axis], "start", None)
    parts = last[axis], first[axis]
    return x if start is not None and parts == (Slice(start, x.shape[axis] - start, 1), Slice(0, start, 1)) else None


def _is_constant_along(part: Operand, axis: int) -> bool:
    return not isinstance(part, Tensor) or part.ndim < axis or part.shape[-axis] == 1


def rearrange(left: Sequence[Tensor], right: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Two programs in other words.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", ("n",))
    >>> [a], [b] = rearrange([tracer.reduce_sum(tracer.sort(x) ** 2)], [tracer.reduce_sum(x[::-1] ** 2)])
    >>> a is b
    True
    """
    found = Rearranging().read([*left, *right])
    return found[: len(left)], found[len(left) :]
