"""Sizes that a program computes: numbers, and expressions in dimensions, of which shapes are made."""

from __future__ import annotations

from tracer.dtypes import INTEGERS
from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.components import Elements, ElementsReader
from tracer.ops.creation import elements as known_elements
from tracer.shapes import Dim, is_concrete
from tracer.tensor import CONSTANT, SOURCES, Tensor, is_fixed
from tracer.terms import record as T
from tracer.terms.work import Budget
from tracer.walk import ancestors


def known_size(tensor: Tensor) -> Dim | None:
    """The value of an integer scalar that is made of numbers and shapes alone; None for others."""
    if is_fixed(tensor):
        return tensor.value
    if tensor.shape or tensor.dtype not in INTEGERS:
        return None
    order = ancestors([tensor], stop=lambda t: t.rule.fixed)
    if any(not is_concrete(t.shape) or (t.rule in SOURCES and t.rule is not CONSTANT) for t in order):
        return None
    reader = _Sizes(Budget())
    try:
        reader.walk(order)
    except FormulaError:
        return None
    value = reader.parts[tensor.node].items[0]
    return int(value) if value.is_Integer else value


class _Sizes(ElementsReader):
    """The elements of tensors that are made of numbers and shapes alone."""

    def visit(self, tensor: Tensor) -> Elements:
        """Known elements, or those of an operation."""
        return self.source(tensor) if tensor.rule.fixed else super().visit(tensor)

    def source(self, tensor: Tensor) -> Elements:
        """The elements of a constant, or of what is fixed."""
        return Elements(tensor.shape, [T.exact(value) for value in _list_values(tensor)])


def dimension_of(tensor: Tensor) -> Dim:
    """The value of a scalar as a size: a number, or an expression in dimensions where no source's value enters.

    Raises
    ------
    TypeError
        If it is not an integer scalar, or depends on a source without a value.
    """
    found = known_size(tensor.read())
    return tensor.__index__() if found is None else found


def _list_values(t: Tensor) -> list[Dim]:
    """The elements of a constant, or of what a shape alone decides."""
    if not t.shape:
        return [t.value]
    return known_elements(t) if t.rule.fixed else t.value.ravel().tolist()
