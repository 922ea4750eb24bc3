"""Where a cotangent is zero because the branch of a choice through which it came is not taken.

What is inactive contributes exactly zero, and zero times infinity is not zero. A choice masks the cotangent of its
branches; through sums and products of matrices, indexing and reshaping the mask is lost to view. Here it is found
again from the records of the cotangent, where a step that may be infinite is about to multiply it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache

import sympy
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from tracer.alive import live
from tracer.dtypes import FLOATS
from tracer.ops.contraction import Contraction, broadcast_to, contract, full
from tracer.ops.matrix_rows import again
from tracer.rules import TABLE, Elementwise, argument, facts_of, selection
from tracer.shapes import Subscripts
from tracer.tensor import SOURCES, Operand, Tensor, apply, constant, record_tensor
from tracer.walk import ancestors

STRUCTURAL = (sympy.Symbol, sympy.Add, sympy.Mul, sympy.Piecewise, ExprCondPair, Relational, BooleanFunction)
"""What a template is built of besides functions, finite wherever its parts are."""


class Activity:
    """What is known of the cotangents that one reverse pass records."""

    def __init__(self) -> None:
        self._start: int = next(reversed(live), -1) + 1
        self._active: dict[int, Tensor | None] = {}
        self._finite: dict[int, bool] = {}

    def guarded(self, value: Operand | None) -> Operand | None:
        """A contribution, with exact zeros where it is inactive if it could be something else there."""
        if type(value) is not Tensor or value.node < self._start or self.finite(value):
            return value
        active = self.active(value)
        if active is None:
            return value
        guarded = apply(selection(), (value, active))
        self._finite[guarded.node] = True
        return guarded

    def guarded_contraction(self, value: Operand | None) -> Operand | None:
        """A contraction with a cotangent, whose inactive elements are to meet nothing infinite in the sum."""
        if type(value) is not Tensor or type(value.rule) is not Contraction or len(value.args) < 2:
            return value
        masks = [(self.active(t), labels) for t, labels in zip(value.args, value.params.inputs)]
        inner = [(m, labels) for m, labels in masks if m is not None and not {*labels} <= {*value.params.output}]
        if not inner or self.finite(value):
            return self.guarded(value)
        args = list(value.args)
        for k, (arg, labels) in enumerate(zip(args, value.params.inputs)):
            if not self.finite(arg):
                for mask, own in inner:
                    arg = apply(selection(), (arg, _along(mask, own, labels)))
                args[k] = arg
                self._finite[arg.node] = True
        return self.guarded(contract(value.op, tuple(args), value.params, value.shape))

    def active(self, tensor: Tensor) -> Tensor | None:
        """A boolean tensor that is true wherever a cotangent may count; None where nothing is known.

        It broadcasts to the cotangent's shape.
        """
        known = self._active
        for t in self._unknown(tensor, known):
            known[t.node] = self._activity(t) if t.node >= self._start else None
        return known[tensor.node]

    def finite(self, tensor: Tensor) -> bool:
        """Whether a tensor is surely finite, given finite sources; of a cotangent: where it is inactive."""
        known = self._finite
        for t in self._unknown(tensor, known):
            rule = t.rule
            if type(rule) is Elementwise:
                masked = t.node >= self._start and _condition(t) is not None
                own = masked or (t.args and bounded((rule.specialised(t.args) if rule.static else rule).template))
            else:
                own, masked = type(rule) is Contraction or rule.facts.bounded or rule in SOURCES, False
            known[t.node] = masked or bool(own and all(known[a.node] for a in t.args if type(a) is Tensor))
        return known[tensor.node]

    def _unknown(self, tensor: Tensor, known: Container[int]) -> list[Tensor]:
        """The tensor and what it depends on in order of creation, as far as it is not known."""

        def ends(t: Tensor) -> bool:
            return t.node in known or (known is self._active and t.node < self._start)

        return [t for t in ancestors([tensor], ends) if t.node not in known]

    def _activity(self, tensor: Tensor) -> Tensor | None:
        rule, args = tensor.rule, tensor.args
        parts = [self._active[a.node] if type(a) is Tensor else None for a in args]
        if rule.facts.signs is not None:
            given = [p for p in parts if p is not None]
            return _joined("logical_or", given) if len(given) == len(parts) else None
        if type(rule) is Elementwise:
            found = [_condition(tensor), *(p for k, p in enumerate(parts) if p is not None and rule.keeps_zero(k))]
            return _joined("logical_and", [p for p in found if p is not None])
        if all(p is None for p in parts) and type(rule) is not Contraction:
            return None
        if type(rule) is Contraction:
            subscripts: Subscripts = tensor.params
            if subscripts.scale == 0:  # What is connected with a derivative of zero.
                return constant(False, _bind=False)
            laid = [_along(p, k, subscripts.output) for p, k in zip(parts, subscripts.inputs) if p is not None]
            return _joined("logical_and", laid)
        if rule.name == "cast":
            return parts[0]
        if rule.facts.moves:
            moved = [_spread(p, a) if type(a) is Tensor and a.dtype in FLOATS else a for p, a in zip(parts, args)]
            return _some(record_tensor(rule, tuple(moved), tensor.params, tensor.shape, "float64"))
        # A pullback is linear in its cotangent: without any active element there, nothing comes out.
        last, part = args[-1], parts[-1]
        if part is None or not (len(args) == 1 or rule.facts.linear):
            return None
        batch = tensor.ndim - 2
        batched = rule.batch is not None and rule.batch in (again, TABLE["solve"].batch)
        if batched and last.ndim == tensor.ndim > 2 and last.shape[:-2] == tensor.shape[:-2]:
            return _along(part, range(last.ndim), (*range(batch), last.ndim, last.ndim + 1))
        return _along(part, range(last.ndim), ())


@lru_cache(maxsize=4096)
def bounded(template: sympy.Basic) -> bool:
    """Whether a template is finite wherever its operands are."""
    todo: list[sympy.Basic] = [template]
    while todo:
        expr = todo.pop()
        if isinstance(expr, sympy.Pow):
            if not (expr.exp.is_Integer and expr.exp > 0):
                return False
        elif not (expr.is_number or isinstance(expr, (*STRUCTURAL, BooleanAtom)) or facts_of(expr.func).bounded):
            return False
        todo += expr.args
    return True


def _condition(tensor: Tensor) -> Tensor | None:
    """The condition of a tensor that is zero unless a boolean tensor is true, or false."""
    rule = tensor.rule
    if type(rule) is not Elementwise or rule.mask is None:
        return None
    condition = rule.mask.select.template.args[0].cond
    if condition == argument(1):
        chosen: Tensor = tensor.args[rule.mask.conditions[0]]
        return chosen
    if condition == sympy.Not(argument(1)):
        return apply(TABLE["logical_not"], (tensor.args[rule.mask.conditions[0]],))
    return None


def _joined(name: str, parts: Sequence[Tensor]) -> Tensor | None:
    different = list({p.node: p for p in parts}.values())
    while len(different) > 1:
        different[:2] = [apply(TABLE[name], tuple(different[:2]))]
    return different[0] if different else None


def _counts(mask: Tensor) -> Tensor:
    """Ones and zeros, or what else was found to be zero where the mask is false."""
    if mask.rule is TABLE["not_equal"] and type(mask.args[1]) is int and mask.args[1] == 0:
        compared: Tensor = mask.args[0]
        return compared
    return apply(selection(), (1.0, mask))


def _some(counts: Tensor) -> Tensor:
    return apply(TABLE["not_equal"], (counts, 0))


def _along(mask: Tensor, labels: Sequence[int], output: Sequence[int]) -> Tensor:
    """Where an operand with these labels has active elements, along the labels of another one.

    Axes of size one of the mask are those along which it is only broadcast.
    """
    labels = tuple(labels[len(labels) - mask.ndim :])
    seen = [k for k, d in zip(labels, mask.shape) if k in output and d != 1]
    first = min((output.index(k) for k in seen), default=len(output))
    thin = 1 + max((*labels, *output), default=0)
    inputs = tuple(k if d != 1 else thin + n for n, (k, d) in enumerate(zip(labels, mask.shape)))
    out = tuple(k if k in seen and output.index(k) == n else -n - 1 for n, k in enumerate(output) if n >= first)
    if inputs == out or not inputs:
        return mask
    sizes = dict(zip(inputs, mask.shape))
    shape = tuple(sizes.get(k, 1) for k in out)
    return _some(contract("reduce_sum", (_counts(mask),), Subscripts((inputs,), out), shape))


def _spread(mask: Tensor | None, like: Tensor) -> Tensor:
    counts = full((), 1.0) if mask is None else _counts(mask)
    return counts if counts.shape == like.shape else broadcast_to(counts, like.shape)
