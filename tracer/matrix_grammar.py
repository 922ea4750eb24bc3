"""Expressions in the grammar of matrixcalculus.org, built as tensors: ``norm2(A*x - y)^2``.

Whether a name is a number, a vector or a matrix follows from its first letter, where no shape is declared; sizes that
are not declared follow from how they meet (``matrix_sizes``). Vectors are columns. The tensor of a column has one axis,
and so has that of a row, as long as it is a part of an expression.

What an expression may hold is data: the operators of ``OPERATORS`` and the functions of ``CALLS``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import NamedTuple

import sympy

from tracer.declarations import OF_SQUARES
from tracer.expressions import (
    ALIASES,
    FUNCTIONS,
    MAX_SIZE,
    ExpressionError,
    Sources,
    as_one_tensor,
    bounded,
    divide,
    operate,
    refuse_function,
)
from tracer.matrix_sizes import SCALAR, Extent, Operand, Size, Unknown, are_one, known, unify
from tracer.matrix_syntax import Node, parse_matrices
from tracer.nest import shown
from tracer.rules import TABLE, Elementwise
from tracer.shapes import Shape, show, symbolic_dimension
from tracer.tensor import Tensor


class Value(NamedTuple):
    """The value of a part of an expression, a tensor or a number, and its extent."""

    extent: Extent
    value: object


class Operation(NamedTuple):
    """What an operator or a function does.

    Attributes
    ----------
    extent : callable
        From what is written and the operands to the extent of the result; sizes that have to be equal become so.
    build : callable
        From the extent of the result and the values of the operands to the value.
    """

    extent: Callable[..., Extent]
    build: Callable[..., object]


def _same(where: str, x: Operand) -> Extent:
    return x.extent


def _number(where: str, x: Operand) -> Extent:
    return SCALAR


def _alike(where: str, a: Operand, b: Operand) -> Extent:
    """Of what is done element by element: a number goes with each element of the other."""
    if a.extent.is_scalar or b.extent.is_scalar:
        return b.extent if a.extent.is_scalar else a.extent
    hint = "both must have the same rows and columns"
    unify(a.extent.rows, b.extent.rows, where, (a, b), hint)
    unify(a.extent.columns, b.extent.columns, where, (a, b), hint)
    return a.extent


def _product(where: str, a: Operand, b: Operand) -> Extent:
    if a.extent.is_scalar or b.extent.is_scalar:
        return b.extent if a.extent.is_scalar else a.extent
    hint = "write ' to transpose one, or .* to multiply elements"
    unify(a.extent.columns, b.extent.rows, where, (a, b), hint)
    return Extent(a.extent.rows, b.extent.columns)


def _quotient(where: str, a: Operand, b: Operand) -> Extent:
    if not b.extent.is_scalar:
        raise ExpressionError(f"in {shown(where)} {b}; write ./ to divide elements, or inv(A)*x")
    return a.extent


def _power(where: str, base: Operand, exponent: Operand) -> Extent:
    if not exponent.extent.is_scalar:
        raise ExpressionError(f"in {shown(where)} {exponent}; an exponent is a number, and a transpose is written A'")
    return _square(where, base, "write .^ for powers of elements")


def _square(where: str, x: Operand, hint: str = "it has to be a square matrix") -> Extent:
    unify(x.extent.rows, x.extent.columns, where, (x,), hint)
    return x.extent


def _of_square(where: str, x: Operand) -> Extent:
    _square(where, x)
    return SCALAR


def _diagonal(where: str, x: Operand) -> Extent:
    """Of the diagonal matrix of a vector, and of the column of a matrix's diagonal."""
    rows, columns = x.extent
    if x.extent.is_matrix:
        return Extent(_square(where, x).rows, None)
    return Extent(rows or columns, rows or columns)


def _filled(columns: bool) -> Callable[[str, Operand], Extent]:
    """Of a vector or a matrix of one number, whose size is open."""

    def extent(where: str, x: Operand) -> Extent:
        if not x.extent.is_scalar:
            raise ExpressionError(f"in {shown(where)} {x}; write the number that all elements are, as in vector(1)")
        return Extent(Unknown(), Unknown() if columns else None)

    return extent


def _operator(function: Callable[..., object]) -> Callable[..., object]:
    return lambda extent, *operands: operate(function, *(x.value for x in operands))


def _multiply(extent: Extent, a: Value, b: Value) -> object:
    if a.extent.is_scalar or b.extent.is_scalar:
        return operate(operator.mul, a.value, b.value)
    if a.extent.columns is None:
        return FUNCTIONS["outer"](a.value, b.value)
    return operate(operator.matmul, a.value, b.value)


def _raise(extent: Extent, base: Value, exponent: Value) -> object:
    if extent.is_scalar:
        return operate(operator.pow, base.value, exponent.value)
    power = exponent.value
    if not isinstance(power, (int, sympy.Integer)) or abs(power) > MAX_SIZE:
        raise ExpressionError(
            f"a matrix has the exponent {shown(power)}, which must be an integer of at most {MAX_SIZE}; "
            "write .^ for powers of elements"
        )
    return FUNCTIONS["linalg.matrix_power"](base.value, int(power))


def _transpose(extent: Extent, x: Value) -> object:
    return FUNCTIONS["linalg.matrix_transpose"](x.value) if extent.is_matrix else x.value


def _call(name: str, of_number: str = "") -> Callable[..., object]:
    """A function of the library, and that which is meant of a number, a matrix with one element."""
    return lambda extent, x: FUNCTIONS[of_number if of_number and x.extent.is_scalar else name](x.value)


def _diag(extent: Extent, x: Value) -> object:
    return _call("linalg.diag_part" if x.extent.is_matrix else "linalg.diag", "identity")(extent, x)


def _fill(extent: Extent, x: Value) -> object:
    shape = _shape(extent)
    return FUNCTIONS["zeros"](shape) if x.value == 0 else operate(operator.mul, FUNCTIONS["ones"](shape), x.value)


def _norm1(extent: Extent, x: Value) -> object:
    return FUNCTIONS["reduce_sum"](FUNCTIONS["abs"](x.value))


OPERATORS: Mapping[str, Operation] = {
    "+": Operation(_alike, _operator(operator.add)),
    "-": Operation(_alike, _operator(operator.sub)),
    "*": Operation(_product, _multiply),
    "/": Operation(_quotient, _operator(divide)),
    ".*": Operation(_alike, _operator(operator.mul)),
    "./": Operation(_alike, _operator(divide)),
    "^": Operation(_power, _raise),
    ".^": Operation(_alike, _operator(operator.pow)),
    "'": Operation(lambda where, x: x.extent.transposed, _transpose),
    "neg": Operation(_same, _operator(operator.neg)),
}

CALLS: Mapping[str, Operation] = {
    **{
        name: Operation(_same, _call(name))
        for name, function in FUNCTIONS.items()
        if isinstance(row := TABLE.get(function.__name__), Elementwise) and row.arity == 1 and row.result != "bool"
    },
    **{name: Operation(_number, _call(function)) for name, function in ALIASES.items()},
    "norm1": Operation(_number, _norm1),
    "norm2": Operation(_number, _call("reduce_euclidean_norm")),
    "inv": Operation(_square, _call("linalg.inv", "reciprocal")),
    "adj": Operation(_square, _call("linalg.adjugate", "ones_like")),
    "det": Operation(_of_square, _call("linalg.det", "identity")),
    "logdet": Operation(_of_square, _call("linalg.logdet", "log")),
    "tr": Operation(_of_square, _call("linalg.trace", "identity")),
    "trace": Operation(_of_square, _call("linalg.trace", "identity")),
    "diag": Operation(_diagonal, _diag),
    "vector": Operation(_filled(columns=False), _fill),
    "matrix": Operation(_filled(columns=True), _fill),
}
"""The functions by name; those of elements and the totals are those of the other grammar."""

IDENTITY = "eye"


@dataclass
class MatrixReader(Sources):
    """Builds the tensors of expressions.

    Attributes
    ----------
    extents : dict
        The extents of the sources by name.
    sizes : set of str
        The names that were found for sizes.
    """

    extents: dict[str, Extent] = field(init=False, default_factory=dict)
    sizes: set[str] = field(init=False, default_factory=set)

    def shape_of(self, name: str) -> Shape:
        """The shape of the source of this name, as declared, or as found."""
        return self.shapes[name] if name in self.shapes else _shape(self.extents[name])

    def read(self, text: str) -> Tensor:
        """The tensor of an expression; of a row, a matrix with one row.

        Raises
        ------
        ExpressionError
            If it is not an expression of the grammar, or sizes differ that have to be equal.
        """
        return self.read_alike(text)[0]

    def read_alike(self, *texts: str) -> list[Tensor]:
        """The tensors of expressions of the same shape, in which a name is the same source."""
        nodes = [parse_matrices(text) for text in texts]
        extents = [self._extents(part) for part in nodes]
        for text, found in zip(texts, extents):
            first, last = Operand(texts[0], extents[0][-1]), Operand(text, found[-1])
            for a, b in zip(first.extent, last.extent):
                unify(a, b, text, (first, last), "both must have the same shape")
        names = self._unused_names()
        for size in chain.from_iterable(chain(self.extents.values(), *extents)):
            if size is not None and isinstance(unknown := known(size), Unknown):
                unknown.same = symbolic_dimension(next(names))
                self.sizes.add(str(unknown.same))
        return [self._build(part, found) for part, found in zip(nodes, extents)]

    def _extents(self, nodes: list[Node]) -> list[Extent]:
        """The extent of each node."""
        found: list[Extent] = []
        for node in nodes:
            if node.kind == "number":
                found.append(SCALAR)
            elif node.kind == "name":
                found.append(self._extent_of(node.word))
            else:
                operands = [Operand(nodes[k].text, found[k]) for k in node.operands]
                found.append(_operation(node).extent(node.text, *operands))
        return found

    def _extent_of(self, name: str) -> Extent:
        """The extent of what a name stands for: declared, or by its first letter."""
        if self.is_dimension(name):
            return SCALAR
        if self._is_identity(name):
            size = Unknown()
            return Extent(size, size)
        if name not in self.extents:
            extent = self._declared(name) if name in self.shapes else _by_letter(name)
            if extent.is_matrix and not set(OF_SQUARES).isdisjoint(self.assumed.get(name, ())):
                are_one(*extent)
            self.extents[name] = extent
        return self.extents[name]

    def _declared(self, name: str) -> Extent:
        shape = self.shapes[name]
        if len(shape) > 2:
            raise ExpressionError(
                f"{name} has the shape {show(shape)}, and the grammar of matrices at most two sizes; use that of numpy"
            )
        sizes: list[Size | None] = [*shape, None, None]
        return Extent(sizes[0], sizes[1])

    def _is_identity(self, name: str) -> bool:
        return name == IDENTITY and name not in self.shapes

    def _unused_names(self) -> Iterator[str]:
        """Names for sizes, which no source and no other dimension has."""
        used = self.shapes.keys() | self.dimensions.keys() | self.sources.keys() | self.extents.keys() | self.sizes
        return (name for name in chain("nmklpqrst", (f"n{k}" for k in count(1))) if name not in used)

    def _build(self, nodes: list[Node], extents: list[Extent]) -> Tensor:
        values: list[Value] = []
        for node, extent in zip(nodes, extents):
            if node.kind == "number":
                value: object = bounded(int(node.word) if node.word.isdecimal() else float(node.word))
            elif node.kind == "name" and self._is_identity(node.word):
                value = FUNCTIONS["eye"](_shape(extent)[0])
            elif node.kind == "name":
                value = self.read_name(node.word)
            else:
                value = _operation(node).build(extent, *(values[k] for k in node.operands))
            values.append(Value(extent, value))
        extent, value = values[-1]
        is_row = extent.rows is None and extent.columns is not None
        return as_one_tensor(FUNCTIONS["expand_dims"](value, 0) if is_row else value)


def _operation(node: Node) -> Operation:
    """What an operator or a call does."""
    if node.kind != "call":
        return OPERATORS[node.kind]
    if node.word not in CALLS:
        refuse_function(node.word, CALLS.keys())
    return CALLS[node.word]


def _by_letter(name: str) -> Extent:
    """The extent of a name that is not declared: a to g are numbers, h to z columns, capitals matrices."""
    letter = name[0]
    if letter.isupper():
        return Extent(Unknown(), Unknown())
    if not "a" <= letter <= "z":
        raise ExpressionError(f"what {name!r} is does not follow from its first letter; declare its shape, {name}=n,m")
    return SCALAR if letter <= "g" else Extent(Unknown(), None)


def _shape(extent: Extent) -> Shape:
    """The shape of a tensor of an extent whose sizes are known."""
    found = [known(s) for s in extent if s is not None]
    return tuple(s for s in found if not isinstance(s, Unknown))


def names_in_matrices(text: str) -> list[str]:
    """The names of sources and dimensions in an expression, in order of their first appearance.

    Examples
    --------
    >>> names_in_matrices("norm2(A*x - y)^2 + tr(A'*A + eye)/m")
    ['A', 'x', 'y', 'm']
    """
    words = (node.word for node in parse_matrices(text) if node.kind == "name")
    return list(dict.fromkeys(word for word in words if word != IDENTITY))
