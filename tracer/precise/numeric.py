"""The value of a trace over numbers of any kind, given those of its sources.

A program is read once, into steps that compute a node each, and these are run for each point. Templates and the
elements of rows are expressions, which are interpreted over an :class:`~tracer.precise.arithmetic.Arithmetic`;
matrices are eliminated as on paper.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import sympy

from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.components import Elements, ElementsReader
from tracer.precise.arithmetic import (
    Arithmetic,
    Number,
    UnsupportedError,
    as_number,
    box_numbers,
    fill_array,
)
from tracer.precise.elimination import MATRIX
from tracer.precise.interpreting import Run, Values, read, read_all
from tracer.progress import tick
from tracer.reader import Reader
from tracer.rules import Elementwise, Op, argument
from tracer.shapes import Dim, Literal
from tracer.tensor import Tensor, constant, record_tensor
from tracer.terms.work import Budget
from tracer.walk import ancestors

_Plan: TypeAlias = "tuple[tuple[int, ...], list[list[tuple[int, ...]]]]"
"""A shape, and for each element the products it is the sum of: the position in each operand, in C order."""

_Value: TypeAlias = "np.ndarray | Number"
"""An array of numbers; one that has no axes is the number itself, which takes a fifth of the time."""

ELEMENTS = 200_000
"""The work that writing out the elements of a row may take."""


class _Rows(ElementsReader):
    """What rows say of their elements."""

    def source(self, tensor: Tensor) -> Elements:
        """A source is no row."""
        raise UnsupportedError(f"{tensor.name} is a source")


class _Step(NamedTuple):
    """What computes the value that has a key, from those of other keys."""

    key: int
    compute: Callable[..., _Value]
    operands: tuple[int, ...]


class Numeric(Reader[int]):
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
    given : collection of int
        Nodes whose values are given at each point, though they are no sources.

    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        rough: bool = False,
        sizes: Mapping[sympy.Symbol, int] = MappingProxyType({}),
        opaque: bool = False,
        given: Collection[int] = (),
    ) -> None:
        super().__init__()
        self.opaque = opaque
        self.sizes = {symbol: sympy.Integer(size) for symbol, size in sizes.items()}
        self.tensors = list(tensors)
        self.order = ancestors(tensors, lambda t: t.node in given)
        self.given = given
        self.rough = rough
        self.rounded = False
        self.arithmetic: Arithmetic
        self._values: dict[int, _Value] = {}
        self._steps: list[_Step] = []
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self._templates: dict[Op, tuple[Run, list[str]]] = {}
        self._elements: dict[int, tuple[list[Run], list[str]]] = {}

    def __call__(self, feed: Mapping[int, np.ndarray], arithmetic: Arithmetic) -> list[np.ndarray]:
        """The values of the tensors, given those of sources by their nodes."""
        if not self._steps:
            self.walk(self.order)
        self._values = values = {key: _open(value) for key, value in feed.items()}
        self.arithmetic = arithmetic
        tick()
        for key, compute, operands in self._steps:
            if key not in values:
                values[key] = compute(*[values[k] for k in operands])
        return [_as_array(values[t.node]) for t in self.tensors]

    def count_elements(self) -> dict[int, int]:
        """How many elements there were at the last point, of tensors by their nodes."""
        return {key: value.size if type(value) is np.ndarray else 1 for key, value in self._values.items()}

    def visit(self, tensor: Tensor) -> int:
        """The key of a tensor's value: its node."""
        return tensor.node if tensor.node in self.given else super().visit(tensor)

    def _plan_step(self, key: int, compute: Callable[..., _Value], operands: tuple[int, ...] = ()) -> int:
        self._steps.append(_Step(key, compute, operands))
        return key

    def literal(self, value: Literal) -> int:
        """The key of a number."""
        return self._plan_step(-1 - len(self._steps), partial(self._find_literal, value))

    def source(self, tensor: Tensor) -> int:
        """The key of a source."""
        return self._plan_step(tensor.node, partial(self._find_source, tensor))

    def elementwise(self, tensor: Tensor, *operands: int) -> int:
        """The key of what a template computes."""
        rule = tensor.rule
        if rule not in self._templates:
            assert isinstance(rule, Elementwise)
            self._templates[rule] = read(rule.template), [argument(k).name for k in range(rule.arity)]
        return self._plan_step(tensor.node, partial(self._apply_template, *self._templates[rule]), operands)

    def contraction(self, tensor: Tensor, *operands: int) -> int:
        """The key of a contraction."""
        return self._plan_step(tensor.node, partial(self._contract, tensor), operands)

    def row(self, tensor: Tensor, *operands: int) -> int:
        """The key of what a row computes."""
        return self._plan_step(tensor.node, partial(self._compute_row, tensor), operands)

    def _find_literal(self, value: Literal) -> Number:
        if self.sizes and isinstance(value, sympy.Basic):
            value = value.xreplace(self.sizes)
        return value if isinstance(value, bool) else self.arithmetic.number(value)

    def _find_source(self, tensor: Tensor) -> _Value:
        """The value that a source has which is not given."""
        if tensor.value is None:
            raise UnsupportedError(f"{tensor.name} has no value")
        if isinstance(tensor.value, sympy.Basic):
            return self._find_literal(tensor.value)
        return _open(box_numbers(np.asarray(tensor.value), self.arithmetic))

    def _apply_template(self, run: Run, names: Sequence[str], *parts: _Value) -> _Value:
        """The template at each index."""
        a = self.arithmetic
        if np.ndarray not in map(type, parts):
            return run(dict(zip(names, parts)), a)
        spread = np.broadcast(*map(_as_array, parts))
        return fill_array(spread.shape, [run(dict(zip(names, at)), a) for at in spread])

    def _contract(self, tensor: Tensor, *operands: _Value) -> _Value:
        """The sum of products at each index."""
        a, scale, parts = self.arithmetic, tensor.params.scale, list(map(_as_array, operands))
        shape, plan = self._plan(tensor, parts)
        flat = [[as_number(v, a) for v in p.ravel()] for p in parts]
        items = a.add_products(flat, plan)
        if scale != 1:
            factor = as_number(self._find_literal(scale), a)
            items = [factor * v for v in items]
        return fill_array(shape, items) if shape else items[0]

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

    def _compute_row(self, tensor: Tensor, *operands: _Value) -> _Value:
        return _open(self._row_of(tensor, *map(_as_array, operands)))

    def _row_of(self, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        """A function of matrices by elimination; what else the row says of its elements."""
        if self.opaque:
            shape = tuple(map(self._size, tensor.shape))
            return fill_array(shape, self.arithmetic.call_row(tensor, parts, int(np.prod(shape))))
        own = MATRIX.get(tensor.op) or self.arithmetic.rows.get(tensor.op)
        if own is not None:
            return own(self.arithmetic, tensor, *parts)
        try:
            runs, names = self._read_elements(tensor, parts)
            values: Values = dict(zip(names, itertools.chain.from_iterable(p.ravel() for p in parts)))
            found = [run(values, self.arithmetic) for run in runs]
        except (UnsupportedError, FormulaError) as error:
            if not self.rough:
                raise UnsupportedError(f"{tensor.op} has no value here") from error
            return self._by_floats(tensor, parts)
        return fill_array(cast("tuple[int, ...]", tensor.shape), found)

    def _read_elements(self, tensor: Tensor, parts: Sequence[np.ndarray]) -> tuple[list[Run], list[str]]:
        """What computes the elements of a row, and the names of those of its operands."""
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
            self._elements[tensor.node] = read_all(made.items), [s.name for s in symbols]
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


def _open(value: np.ndarray) -> _Value:
    return value if value.shape else value.item()


def _as_array(value: _Value) -> np.ndarray:
    return value if type(value) is np.ndarray else fill_array((), [value])


def _count_strides(shape: tuple[int, ...]) -> list[int]:
    """How many elements of an array a step along each axis skips."""
    return [math.prod(shape[k + 1 :]) for k in range(len(shape))]


def _floats(values: np.ndarray) -> np.ndarray:
    """Numbers as floats; truth values as they are."""
    flat = [v if isinstance(v, (bool, np.bool_)) else float(cast("float", v)) for v in values.ravel()]
    return np.asarray(flat).reshape(values.shape)
