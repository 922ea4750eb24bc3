"""The value of a trace over numbers of any kind, given those of its sources.

A program is walked node by node. Templates and the elements of rows are expressions, which are interpreted over an
:class:`~tracer.precise.arithmetic.Arithmetic`; matrices are eliminated as on paper.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import numpy as np
import sympy

from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.components import Elements, ElementsReader
from tracer.precise.arithmetic import (
    Arithmetic,
    UnsupportedError,
    as_number,
    box_numbers,
    fill_array,
)
from tracer.precise.elimination import MATRIX
from tracer.precise.interpreting import Run, read
from tracer.reader import Reader
from tracer.rules import Elementwise, Op, argument
from tracer.shapes import Dim, Literal
from tracer.tensor import Tensor, constant, record_tensor
from tracer.terms.work import Budget
from tracer.walk import ancestors

_Plan: TypeAlias = "tuple[tuple[int, ...], list[list[tuple[int, ...]]]]"
"""A shape, and for each element the products it is the sum of: the position in each operand, in C order."""

ELEMENTS = 200_000
"""The work that writing out the elements of a row may take."""


class _Rows(ElementsReader):
    """What rows say of their elements."""

    def source(self, tensor: Tensor) -> Elements:
        """A source is no row."""
        raise UnsupportedError(f"{tensor.name} is a source")


class Numeric(Reader[np.ndarray]):
    """The values of tensors over an arithmetic, given those of their sources.

    Shapes are those of the values, so that a program of elementwise operations can be run on numbers.

    Parameters
    ----------
    tensors : sequence of Tensor
        What is evaluated.
    rough : bool
        Whether a row that the arithmetic lacks may be computed in floats.
    sizes : mapping of symbol to int
        Sizes of symbolic dimensions; a dimension without one is a number like others.
    opaque : bool
        Whether rows are unknown functions of their operands.
    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        rough: bool = False,
        sizes: Mapping[sympy.Symbol, int] = MappingProxyType({}),
        opaque: bool = False,
    ) -> None:
        super().__init__()
        self.opaque = opaque
        self.sizes = {symbol: sympy.Integer(size) for symbol, size in sizes.items()}
        self.tensors = list(tensors)
        self.order = ancestors(tensors)
        self.rough = rough
        self.rounded = False
        self.arithmetic: Arithmetic
        self.feed: Mapping[int, np.ndarray] = {}
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self._templates: dict[Op, tuple[Run, list[sympy.Symbol]]] = {}
        self._elements: dict[int, tuple[list[sympy.Basic], list[sympy.Symbol]]] = {}

    def __call__(self, feed: Mapping[int, np.ndarray], arithmetic: Arithmetic) -> list[np.ndarray]:
        """The values of the tensors, given those of sources by their nodes."""
        self.parts, self.feed, self.arithmetic = {}, feed, arithmetic
        self.walk(self.order)
        return [self.parts[t.node] for t in self.tensors]

    def literal(self, value: Literal) -> np.ndarray:
        """A number."""
        if self.sizes and isinstance(value, sympy.Basic):
            value = value.xreplace(self.sizes)
        return fill_array((), [value if isinstance(value, bool) else self.arithmetic.number(value)])

    def source(self, tensor: Tensor) -> np.ndarray:
        """The value that is given, or that the source has."""
        if tensor.node in self.feed:
            return self.feed[tensor.node]
        if tensor.value is None:
            raise UnsupportedError(f"{tensor.name} has no value")
        if isinstance(tensor.value, sympy.Basic):
            return self.literal(tensor.value)
        return box_numbers(np.asarray(tensor.value), self.arithmetic)

    def elementwise(self, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        """The template at each index."""
        a, rule = self.arithmetic, tensor.rule
        if rule not in self._templates:
            assert isinstance(rule, Elementwise)
            self._templates[rule] = read(rule.template), [argument(k) for k in range(rule.arity)]
        run, slots = self._templates[rule]
        if not any(p.shape for p in parts):
            return fill_array((), [run(dict(zip(slots, [p.item() for p in parts])), a)])
        spread = np.broadcast(*parts)
        return fill_array(spread.shape, [run(dict(zip(slots, at)), a) for at in spread])

    def contraction(self, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        """The sum of products at each index."""
        a, scale = self.arithmetic, tensor.params.scale
        shape, plan = self._plan(tensor, parts)
        flat = [[as_number(v, a) for v in p.ravel()] for p in parts]
        items = a.add_products(flat, plan)
        if scale != 1:
            factor = as_number(self.literal(scale)[()], a)
            items = [factor * v for v in items]
        return fill_array(shape, items)

    def _plan(self, tensor: Tensor, parts: Sequence[np.ndarray]) -> _Plan:
        """Which elements are multiplied, and which products added, for each element of a contraction."""
        key = tensor.node, *(p.shape for p in parts)
        if key not in self._plans:
            subscripts = tensor.params
            inputs = [labels[len(labels) - p.ndim :] for labels, p in zip(subscripts.inputs, parts)]
            sizes = {k: self._size(d) for k, d in zip(subscripts.output, tensor.shape)}
            for labels, p in zip(inputs, parts):
                sizes.update(zip(labels, p.shape))
            shape = tuple(sizes[k] for k in subscripts.output)
            summed = sorted({k for labels in inputs for k in labels} - set(subscripts.output))
            inner = list(itertools.product(*(range(sizes[k]) for k in summed)))
            strides = [list(zip(labels, _count_strides(p.shape))) for labels, p in zip(inputs, parts)]
            plan: list[list[tuple[int, ...]]] = []
            for index in np.ndindex(shape):
                where = dict(zip(subscripts.output, index))
                if any(where[k] != i for k, i in zip(subscripts.output, index)):
                    plan.append([])
                    continue
                ways = ({**where, **dict(zip(summed, at))} for at in inner)
                plan.append([tuple(sum(step * way[k] for k, step in own) for own in strides) for way in ways])
            self._plans[key] = shape, plan
        return self._plans[key]

    def _size(self, dim: Dim) -> int:
        return int(sympy.sympify(dim).xreplace(self.sizes)) if self.sizes else int(dim)

    def row(self, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        """A function of matrices by elimination; what else the row says of its elements."""
        if self.opaque:
            shape = tuple(map(self._size, tensor.shape))
            return fill_array(shape, self.arithmetic.call_row(tensor, parts, int(np.prod(shape))))
        own = MATRIX.get(tensor.op) or self.arithmetic.rows.get(tensor.op)
        if own is not None:
            return own(self.arithmetic, tensor, *parts)
        try:
            items, symbols = self._elements_of(tensor, parts)
            values = dict(zip(symbols, itertools.chain.from_iterable(p.ravel() for p in parts)))
            found = [read(e)(values, self.arithmetic) for e in items]
        except (UnsupportedError, FormulaError) as error:
            if not self.rough:
                raise UnsupportedError(f"{tensor.op} has no value here") from error
            return self._by_floats(tensor, parts)
        return fill_array(cast("tuple[int, ...]", tensor.shape), found)

    def _elements_of(self, tensor: Tensor, parts: Sequence[np.ndarray]) -> tuple[list[sympy.Basic], list[sympy.Symbol]]:
        """The elements of a row in symbols for those of its operands."""
        if tensor.node not in self._elements:
            symbols, operands = [], []
            for k, p in enumerate(parts):
                own = [sympy.Symbol(f"_{k}_{i}", real=True) for i in range(p.size)]
                if p.size and isinstance(p.flat[0], (bool, np.bool_)):
                    own = [sympy.Symbol(s.name) for s in own]
                symbols += own
                operands.append(Elements(p.shape, own))
            try:
                made = _Rows(Budget(ELEMENTS, tensor.name)).row(tensor, *operands)
            except ValueError as error:
                raise UnsupportedError(str(error)) from None
            self._elements[tensor.node] = made.items, symbols
        return self._elements[tensor.node]

    def _by_floats(self, tensor: Tensor, parts: Sequence[np.ndarray]) -> np.ndarray:
        """The value in floats."""
        self.rounded = True
        operands = [constant(_floats(p), dtype=a.dtype) for p, a in zip(parts, tensor.args)]
        node = record_tensor(tensor.rule, tuple(operands), tensor.params, tensor.shape, tensor.dtype)
        try:
            values = np.asarray(node.numpy())
        except np.linalg.LinAlgError:
            values = np.full(cast("tuple[int, ...]", tensor.shape), np.nan)
        return box_numbers(values, self.arithmetic)


def _count_strides(shape: tuple[int, ...]) -> list[int]:
    """How many elements of an array a step along each axis skips."""
    return [math.prod(shape[k + 1 :]) for k in range(len(shape))]


def _floats(values: np.ndarray) -> np.ndarray:
    """Numbers as floats; truth values as they are."""
    flat = [v if isinstance(v, (bool, np.bool_)) else float(cast("float", v)) for v in values.ravel()]
    return np.asarray(flat).reshape(values.shape)
