"""Programs written in another way, by laws that hold for all sizes.

To a proof for all sizes an inverse or a sort is an unknown function of its operands. What is known of them beside that
is said here: the inverse and the determinant of a product and of a matrix whose Cholesky factor is taken, sums and
maxima of what is permuted, and what a softmax is made of. Equal operations of equal operands become one, so that both
programs speak of the same unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from typing import cast as typed

import sympy

from tracer.comparison.row_laws import LAWS, OF_FACTOR
from tracer.comparison.same_operations import describe_operation
from tracer.explanations.vanishing import is_zero
from tracer.ops.contraction import matrix_transpose
from tracer.ops.inverses import logdet
from tracer.ops.selection import Array, Slice, full
from tracer.reader import Reader
from tracer.rules import TABLE, Elementwise
from tracer.shapes import Literal
from tracer.tensor import Operand, Tensor, is_fixed, record_tensor
from tracer.walk import ancestors

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
        self._factors: list[Tensor] = []

    def find_factors(self, tensors: Sequence[Tensor]) -> None:
        """Look for symmetric matrices whose Cholesky factor is taken.

        They are positive definite wherever the programs are finite, unless a choice may leave the factor out.
        """
        order = ancestors(tensors)
        if any(isinstance(t.rule, Elementwise) and t.rule.template.has(sympy.Piecewise) for t in order):
            return
        taken = self.read([t for t in order if t.op == "cholesky" and t.ndim == 2])
        self._factors = [f for f in taken if is_zero(f.args[0] - matrix_transpose(f.args[0]))]

    def _find_factor(self, matrix: Tensor) -> Tensor | None:
        """The Cholesky factor of a matrix, if it is taken anywhere."""
        alike = (f for f in self._factors if f.shape == matrix.shape)
        return next((f for f in alike if f.args[0] is matrix or is_zero(f.args[0] - matrix)), None)

    def literal(self, value: Literal) -> Literal:
        """A number."""
        return value

    def source(self, tensor: Tensor) -> Tensor:
        """A source."""
        return tensor

    def elementwise(self, tensor: Tensor, *parts: Operand) -> Tensor:
        """The same of other operands; of what is all permuted in the same way it is permuted itself."""
        if tensor.rule is TABLE["log"] and tensor.args[0].op == "det":
            return self._again(logdet(self.parts[tensor.args[0].args[0].node]))
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
        for label in {k for labels in inputs for k in labels} - {*output}:
            axes = [len(labels) - labels.index(label) if label in labels else 0 for labels in inputs]
            if all(labels.count(label) <= 1 for labels in inputs):
                parts = self._turn(parts, axes)
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
                continue
            if label not in output:
                return self.contraction(tensor, *inner)
            made = self._record(tensor, parts)
            axis = len(output) - output.index(label)
            self._moved[made.node] = Moved(self._record(tensor, inner), axis, moved.by)
            return made
        return self._record(tensor, parts)

    def _turn(self, parts: tuple[Operand, ...], axes: Sequence[int]) -> tuple[Operand, ...]:
        """Operands whose order along axes does not matter, all reversed if fewer or younger ones are reversed then.

        ``axes`` are counted from the end; that of an operand without one is zero.
        """
        pairs = [(p, k) for p, k in zip(parts, axes) if k and isinstance(p, Tensor)]
        leaves = sorted({leaf for p, k in pairs for leaf in self._leaves(p, k)})
        if [*leaves] <= sorted((node, not turned) for node, turned in leaves):
            return parts
        return tuple(self._reverse(p, k) if k and isinstance(p, Tensor) else p for p, k in zip(parts, axes))

    def _leaves(self, tensor: Tensor, axis: int) -> set[tuple[int, bool]]:
        """What an elementwise expression is made of that extends along an axis: by node, and whether it is reversed."""
        found = set()
        for t in ancestors([tensor], _is_no_function):
            if _is_no_function(t) and not _is_constant_along(t, axis):
                moved = self._moved.get(t.node)
                turned = moved is not None and (moved.axis, moved.by) == (axis, "reverse")
                found.add((moved.inner.node if moved is not None and turned else t.node, turned))
        return found

    def _reverse(self, tensor: Tensor, axis: int) -> Tensor:
        """An elementwise expression of what it is made of, each reversed along an axis."""
        made: dict[int, Tensor] = {}
        for t in ancestors([tensor], _is_no_function):
            if _is_constant_along(t, axis):
                made[t.node] = t
            elif _is_no_function(t):
                index = (slice(None),) * (t.ndim - axis)
                made[t.node] = self._again(t[(*index, slice(None, None, -1))])
            else:
                made[t.node] = self._record(t, [made[a.node] if isinstance(a, Tensor) else a for a in t.args])
        return made[tensor.node]

    def row(self, tensor: Tensor, *parts: Operand) -> Tensor:
        """Another operation, by its law if there is one."""
        law, operands = LAWS.get(tensor.op), typed("tuple[Tensor, ...]", parts)
        if tensor.op in OF_FACTOR and (factor := self._find_factor(operands[0])) is not None:
            return self._again(OF_FACTOR[tensor.op](factor))
        if law is not None and (found := law(tensor, *operands)) is not None:
            return self._again(found)
        if tensor.op in REDUCTIONS:
            x = operands[0]
            axes, _ = tensor.params
            for axis in axes:
                (x,) = typed("tuple[Tensor]", self._turn((x,), [x.ndim - axis]))
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
                    moved.inner[record_tensor(order.rule, (moved.inner,), order.params, order.shape, order.dtype)]
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
            made = record_tensor(tensor.rule, tuple(parts), tensor.params, tensor.shape, tensor.dtype)
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


def _is_no_function(tensor: Tensor) -> bool:
    return not isinstance(tensor.rule, Elementwise)


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
    rearranging = Rearranging()
    rearranging.find_factors([*left, *right])
    found = rearranging.read([*left, *right])
    return found[: len(left)], found[len(left) :]
