"""The value of a trace over numbers of any kind: of many digits, or modulo primes.

A program is walked node by node. Templates and the elements of rows are expressions, which are interpreted over an
:class:`Arithmetic`; matrices are eliminated as on paper.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, cast

import numpy as np
import sympy
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from tracer import scalar, series
from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.components import Elements, ElementsReader
from tracer.reader import Reader
from tracer.rules import Elementwise, argument
from tracer.shapes import Dim, Literal
from tracer.tensor import Tensor
from tracer.terms.work import Budget
from tracer.walk import ancestors

Number: TypeAlias = object
"""A number of some arithmetic, or a truth value."""

ELEMENTS = 200_000
"""The work that writing out the elements of a row may take."""

LONGEST = 2_000
"""How many terms a sum within a template may have."""


class UnsupportedError(NotImplementedError):
    """An operation that an arithmetic does not have."""


class Arithmetic(ABC):
    """What interprets expressions: numbers and the functions of them.

    Its numbers have Python's operators. What is undefined is a number too, which every operation passes on.
    """

    negligible = 0.0
    """What part of the largest element of a matrix a pivot is zero for."""

    jumping = 0
    """How many conditions are being decided: where they change, the value may jump."""

    @abstractmethod
    def number(self, value: Literal) -> Number:
        """A number of Python's or sympy's."""

    @abstractmethod
    def sign(self, value: Number) -> int | None:
        """-1, 0 or 1; None where the value is undefined."""

    @abstractmethod
    def power(self, base: Number, exponent: Number) -> Number:
        """A power."""

    @abstractmethod
    def call(self, head: type[sympy.Basic], values: Sequence[Number]) -> Number:
        """A function that sympy has a class of."""

    @property
    @abstractmethod
    def undefined(self) -> Number:
        """What is no number."""

    def constant(self, value: sympy.Expr) -> Number:
        """A constant such as pi, or a symbol that is no operand, such as a dimension."""
        raise UnsupportedError(f"{value} has no value here")

    def is_zero(self, value: Number) -> bool:
        """Whether a number is zero."""
        return self.sign(value) == 0

    def call_row(self, tensor: Tensor, parts: Sequence[np.ndarray], count: int) -> list[Number]:
        """The elements of a row as unknown functions of all its operands."""
        raise UnsupportedError(f"{tensor.op} has no value here")

    def size(self, value: Number) -> float:
        """How large a number is, for the choice of a pivot."""
        sign = self.sign(value)
        return float(abs(sign)) if sign is not None else 0.0


def total(values: Iterable[Number], arithmetic: Arithmetic) -> Number:
    """The sum."""
    result: Number = None
    for v in values:
        v = as_number(v, arithmetic)
        result = v if result is None else result + v  # type: ignore[operator]
    return arithmetic.number(0) if result is None else result


def as_number(value: Number, arithmetic: Arithmetic) -> Number:
    """A truth value as 1 or 0, a number as it is."""
    return arithmetic.number(int(value)) if isinstance(value, (bool, np.bool_)) else value


def interpret(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    """The value of an expression, given those of its symbols."""
    if e in values:
        return values[e]
    if isinstance(e, (BooleanTrue, BooleanFalse)):
        return bool(e)
    if isinstance(e, sympy.Number):
        return a.number(e)
    if isinstance(e, sympy.Add):
        return total((interpret(t, values, a) for t in e.args), a)
    if isinstance(e, sympy.Mul):
        result: Number = None
        for t in e.args:
            v = as_number(interpret(t, values, a), a)
            result = v if result is None else result * v  # type: ignore[operator]
        return result
    if isinstance(e, sympy.Pow):
        return a.power(*(as_number(interpret(x, values, a), a) for x in e.args))
    reader = READERS.get(type(e))
    if reader is not None:
        return reader(e, values, a)
    if isinstance(e, (scalar.Named, scalar.step)):
        slots = [argument(k) for k in range(len(e.args))]
        own = {s: as_number(interpret(x, values, a), a) for s, x in zip(slots, e.args)}
        return interpret(type(e)(*slots).rewrite(), own, a)
    if isinstance(e, (sympy.Sum, sympy.Product)):
        return _series(e, values, a)
    if isinstance(e, sympy.Function):
        return a.call(type(e), [as_number(interpret(x, values, a), a) for x in e.args])
    if isinstance(e, (sympy.Symbol, sympy.NumberSymbol)):
        return a.constant(e)
    raise UnsupportedError(f"{type(e).__name__} has no value here")


def _series(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    (index, *bounds), *others = e.limits[::-1]
    if len(bounds) != 2 or not all(b.is_Integer for b in bounds) or bounds[1] - bounds[0] >= LONGEST:
        raise UnsupportedError(f"the sum {e} has no value here")
    inner = e.func(e.function, *others[::-1]) if others else e.function
    terms = [
        as_number(interpret(series.substitute(inner, {index: sympy.Integer(k)}), values, a), a)
        for k in range(int(bounds[0]), int(bounds[1]) + 1)
    ]
    if isinstance(e, sympy.Sum):
        return total(terms, a)
    result = a.number(1)
    for t in terms:
        result = result * t  # type: ignore[operator]
    return result


def _difference_sign(x: Number, y: Number, a: Arithmetic, jumps: bool = True) -> int | None:
    """The sign of a difference; ``jumps`` says that the value may jump where it changes."""
    a.jumping += jumps
    try:
        return a.sign(as_number(x, a) - as_number(y, a))  # type: ignore[operator]
    finally:
        a.jumping -= jumps


def _relation(test: Callable[[int], bool]) -> Callable[..., Number]:
    def decide(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> bool:
        sign = _difference_sign(interpret(e.args[0], values, a), interpret(e.args[1], values, a), a)
        return sign is not None and test(sign)

    return decide


def _unequal(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> bool:
    sign = _difference_sign(interpret(e.args[0], values, a), interpret(e.args[1], values, a), a)
    return sign is None or sign != 0


def _choice(e: sympy.Piecewise, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    """The first branch whose condition holds. All are interpreted, so that the conditions met are always the same."""
    pairs = [(interpret(branch, values, a), truth(interpret(c, values, a), a)) for branch, c in e.args]
    return next((as_number(branch, a) for branch, holds in pairs if holds), a.undefined)


def truth(value: Number, a: Arithmetic) -> bool:
    """A condition as a truth value: a number that is not zero is true."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    return _difference_sign(value, a.number(0), a) not in (0, None)


def _extreme(which: int) -> Callable[..., Number]:
    def choose(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
        best: Number = None
        for x in e.args:
            v = as_number(interpret(x, values, a), a)
            if best is None:
                best = v
                continue
            sign = _difference_sign(v, best, a, jumps=False)
            best = a.undefined if sign is None else v if sign == which else best
        return best

    return choose


def _absolute(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    v = as_number(interpret(e.args[0], values, a), a)
    sign = a.sign(v)
    return a.undefined if sign is None else -v if sign < 0 else v  # type: ignore[operator]


def _signum(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    sign = _difference_sign(interpret(e.args[0], values, a), a.number(0), a)
    return a.undefined if sign is None else a.number(sign)


def _heaviside(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    sign = _difference_sign(interpret(e.args[0], values, a), a.number(0), a)
    if sign is None:
        return a.undefined
    return interpret(e.args[1], values, a) if sign == 0 else a.number(int(sign > 0))


def _logic(combine: Callable[[list[bool]], bool]) -> Callable[..., Number]:
    return lambda e, values, a: combine([truth(interpret(x, values, a), a) for x in e.args])


READERS: dict[type[sympy.Basic], Callable[..., Number]] = {
    sympy.Gt: _relation(lambda s: s > 0),
    sympy.Ge: _relation(lambda s: s >= 0),
    sympy.Lt: _relation(lambda s: s < 0),
    sympy.Le: _relation(lambda s: s <= 0),
    sympy.Eq: _relation(lambda s: s == 0),
    sympy.Ne: _unequal,
    sympy.And: _logic(all),
    sympy.Or: _logic(any),
    sympy.Not: _logic(lambda v: not v[0]),
    sympy.Xor: _logic(lambda v: sum(v) % 2 == 1),
    sympy.Piecewise: _choice,
    sympy.Max: _extreme(1),
    sympy.Min: _extreme(-1),
    sympy.Abs: _absolute,
    sympy.sign: _signum,
    sympy.Heaviside: _heaviside,
}
"""How nodes of sympy are interpreted that choose by a sign."""


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
        return self._filled((), [value if isinstance(value, bool) else self.arithmetic.number(value)])

    def source(self, tensor: Tensor) -> np.ndarray:
        """The value that is given, or that the source has."""
        if tensor.node in self.feed:
            return self.feed[tensor.node]
        if tensor.value is None:
            raise UnsupportedError(f"{tensor.name} has no value")
        if isinstance(tensor.value, sympy.Basic):
            return self.literal(tensor.value)
        values = np.asarray(tensor.value)
        return self._filled(
            values.shape, [v if isinstance(v, bool) else self.arithmetic.number(v) for v in values.ravel().tolist()]
        )

    def elementwise(self, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        """The template at each index."""
        assert isinstance(tensor.rule, Elementwise)
        template, slots = tensor.rule.template, [argument(k) for k in range(len(parts))]
        spread = np.broadcast_arrays(*parts)
        return self._filled(
            spread[0].shape,
            [interpret(template, dict(zip(slots, at)), self.arithmetic) for at in zip(*(s.ravel() for s in spread))],
        )

    def contraction(self, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        """The sum of products at each index."""
        subscripts, a = tensor.params, self.arithmetic
        inputs = [labels[len(labels) - p.ndim :] for labels, p in zip(subscripts.inputs, parts)]
        sizes = {k: self._size(d) for k, d in zip(subscripts.output, tensor.shape)}
        for labels, p in zip(inputs, parts):
            sizes.update(zip(labels, p.shape))
        summed = sorted({k for labels in inputs for k in labels} - set(subscripts.output))
        scale = cast("Number", self.literal(subscripts.scale)[()])
        items = []
        for index in np.ndindex(*(sizes[k] for k in subscripts.output)):
            where: dict[int, int] = {}
            if any(where.setdefault(k, i) != i for k, i in zip(subscripts.output, index)):
                items.append(a.number(0))
                continue
            terms = []
            for inner in itertools.product(*(range(sizes[k]) for k in summed)):
                where.update(zip(summed, inner))
                term = scale
                for p, labels in zip(parts, inputs):
                    term = term * as_number(p[tuple(where[k] for k in labels)], a)  # type: ignore[operator]
                terms.append(term)
            items.append(total(terms, a))
        return self._filled(tuple(sizes[k] for k in subscripts.output), items)

    def _size(self, dim: Dim) -> int:
        return int(sympy.sympify(dim).xreplace(self.sizes)) if self.sizes else int(dim)

    def row(self, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        """A function of matrices by elimination; what else the row says of its elements."""
        if self.opaque:
            shape = tuple(map(self._size, tensor.shape))
            return self._filled(shape, self.arithmetic.call_row(tensor, parts, int(np.prod(shape))))
        own = MATRIX.get(tensor.op)
        if own is not None:
            return own(self, tensor, *parts)
        try:
            items, symbols = self._elements_of(tensor, parts)
            values = dict(zip(symbols, itertools.chain.from_iterable(p.ravel() for p in parts)))
            found = [interpret(e, values, self.arithmetic) for e in items]
        except (UnsupportedError, FormulaError) as error:
            if not self.rough:
                raise UnsupportedError(f"{tensor.op} has no value here") from error
            return self._by_floats(tensor, parts)
        return self._filled(cast("tuple[int, ...]", tensor.shape), found)

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
        from tracer.tensor import constant

        self.rounded = True
        operands = [constant(_floats(p), dtype=a.dtype) for p, a in zip(parts, tensor.args)]
        node = Tensor(tensor.rule, tuple(operands), tensor.params, tensor.shape, tensor.dtype)
        try:
            values = np.asarray(node.numpy())
        except np.linalg.LinAlgError:
            values = np.full(cast("tuple[int, ...]", tensor.shape), np.nan)
        return self._filled(
            values.shape, [v if isinstance(v, bool) else self.arithmetic.number(v) for v in values.ravel().tolist()]
        )

    @staticmethod
    def _filled(shape: tuple[int, ...], items: Sequence[Number]) -> np.ndarray:
        result = np.empty(len(items), object)
        result[:] = items
        return result.reshape(shape)


def _floats(values: np.ndarray) -> np.ndarray:
    """Numbers as floats; truth values as they are."""
    flat = [v if isinstance(v, (bool, np.bool_)) else float(cast("float", v)) for v in values.ravel()]
    return np.asarray(flat).reshape(values.shape)


Row = Callable[..., np.ndarray]


def _of_each(function: Callable[..., Sequence[Number]]) -> Row:
    """A function of a matrix as one of batches; it answers the elements of its result."""

    def of_batch(numeric: Numeric, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        ranks = [2] * len(parts)
        batch = np.broadcast_shapes(*(p.shape[:-r] for p, r in zip(parts, ranks)))
        spread = [np.broadcast_to(p, batch + p.shape[-r:]) for p, r in zip(parts, ranks)]
        items: list[Number] = []
        for at in np.ndindex(batch):
            items += function(numeric.arithmetic, *(s[at] for s in spread))
        return numeric._filled(cast("tuple[int, ...]", tensor.shape), items)

    return of_batch


def eliminate(a: Arithmetic, matrix: np.ndarray, right: np.ndarray) -> tuple[Number, np.ndarray | None]:
    """The determinant of a matrix, and the solution of linear equations; None where there is none."""
    n = len(matrix)
    m = np.concatenate([matrix, right], axis=1).tolist()
    determinant = a.number(1)
    least = a.negligible * max((a.size(x) for x in matrix.flat), default=0.0)
    for k in range(n):
        sizes = [a.size(m[i][k]) for i in range(k, n)]
        pivot = k + max(range(n - k), key=lambda i: sizes[i])
        if sizes[pivot - k] <= least:
            return a.number(0) if all(a.is_zero(m[i][k]) for i in range(k, n)) else a.undefined, None
        if pivot != k:
            m[k], m[pivot] = m[pivot], m[k]
            determinant = -determinant  # type: ignore[operator]
        head = m[k][k]
        determinant = determinant * head
        m[k] = [x / head for x in m[k]]
        for i in range(n):
            if i != k:
                factor = m[i][k]
                m[i] = [x - factor * y for x, y in zip(m[i], m[k])]
    solution = np.empty((n, right.shape[1]), object)
    for i in range(n):
        solution[i, :] = m[i][n:]
    return determinant, solution


def _identity(a: Arithmetic, n: int) -> np.ndarray:
    result = np.empty((n, n), object)
    for i, j in np.ndindex(n, n):
        result[i, j] = a.number(int(i == j))
    return result


def _inverse(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    solution = eliminate(a, matrix, _identity(a, len(matrix)))[1]
    return [a.undefined] * matrix.size if solution is None else solution.ravel().tolist()


def _determinant(a: Arithmetic, matrix: np.ndarray) -> Number:
    return eliminate(a, matrix, matrix[:, :0])[0]


def _log_determinant(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    return [a.call(sympy.log, [_determinant(a, matrix)])]


def _sign_determinant(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    sign = _difference_sign(_determinant(a, matrix), a.number(0), a)
    return [a.undefined if sign is None else a.number(sign)]


def _log_absolute_determinant(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    whole = _determinant(a, matrix)
    sign = a.sign(whole)
    return [a.undefined if sign is None else a.call(sympy.log, [whole if sign >= 0 else -whole])]  # type: ignore[operator]


def _cholesky(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    n = len(matrix)
    lower = [[a.number(0)] * n for _ in range(n)]
    half = a.number(sympy.Rational(1, 2))
    for j in range(n):
        for i in range(j, n):
            rest = matrix[i, j]
            for k in range(j):
                rest = rest - lower[i][k] * lower[j][k]  # type: ignore[operator]
            lower[i][j] = a.power(rest, half) if i == j else rest * a.power(lower[j][j], a.number(-1))
    return [x for row in lower for x in row]


def _solve(numeric: Numeric, tensor: Tensor, matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution of linear systems, whose right-hand sides are vectors or matrices."""
    adjoint, vector = tensor.params

    def one(a: Arithmetic, m: np.ndarray, b: np.ndarray) -> Sequence[Number]:
        solution = eliminate(a, m.T if adjoint else m, b)[1]
        return [a.undefined] * b.size if solution is None else solution.ravel().tolist()

    return _of_each(one)(numeric, tensor, matrix, right[..., None] if vector else right)


def _matrix_power(numeric: Numeric, tensor: Tensor, matrix: np.ndarray) -> np.ndarray:
    exponent = int(tensor.params)

    def one(a: Arithmetic, m: np.ndarray) -> Sequence[Number]:
        base = np.reshape(np.array([None, *_inverse(a, m)], object)[1:], m.shape) if exponent < 0 else m
        result = _identity(a, len(m))
        for _ in range(abs(exponent)):
            result = result @ base
        return result.ravel().tolist()

    return _of_each(one)(numeric, tensor, matrix)


MATRIX: dict[str, Row] = {
    "inv": _of_each(_inverse),
    "det": _of_each(lambda a, m: [_determinant(a, m)]),
    "logdet": _of_each(_log_determinant),
    "slogdet_sign": _of_each(_sign_determinant),
    "slogdet_log": _of_each(_log_absolute_determinant),
    "cholesky": _of_each(_cholesky),
    "solve": _solve,
    "matrix_power": _matrix_power,
}
"""Rows that are computed as on paper, where their elements written out would be long."""
