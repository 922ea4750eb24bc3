"""What numbers of some kind have to offer for programs to be computed with them: digits, or residues modulo primes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import sympy

from tracer.shapes import Literal
from tracer.tensor import Tensor

Number: TypeAlias = Any
"""A number of some arithmetic, or a truth value: each arithmetic has a type of its own, with Python's operators."""


TRUTHS = frozenset({bool, np.bool_})
"""The types of truth values."""


class UnsupportedError(NotImplementedError):
    """An operation that an arithmetic does not have."""


class Arithmetic(ABC):
    """What interprets expressions: numbers and the functions of them.

    Its numbers have Python's operators. What is undefined is a number too, which every operation passes on.
    """

    negligible: Any = 0.0
    """What part of the largest element of a matrix a pivot is zero for."""

    rows: Mapping[str, Callable[..., np.ndarray]] = MappingProxyType({})
    """Rows that are computed by functions of the arithmetic, a tensor and its operands."""

    jumping = 0
    """How many conditions are being decided: where they change, the value may jump."""

    singular = False
    """Whether a matrix was met that has no inverse."""

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
        """The value of what is undefined."""

    @abstractmethod
    def constant(self, value: sympy.Expr) -> Number:
        """A constant such as pi, or a symbol that is no operand, such as a dimension."""

    def is_zero(self, value: Number) -> bool:
        """Whether a number is zero."""
        return self.sign(value) == 0

    def call_row(self, tensor: Tensor, parts: Sequence[np.ndarray], count: int) -> list[Number]:
        """The elements of a row as unknown functions of all its operands."""
        raise UnsupportedError(f"{tensor.op} has no value here")

    def add_products(
        self, factors: Sequence[Sequence[Number]], ways: Sequence[Sequence[Sequence[int]]]
    ) -> list[Number]:
        """Sums of products: each way says which of the numbers of each operand are multiplied."""
        return [total((product((f[i] for f, i in zip(factors, at)), self) for at in own), self) for own in ways]

    def multiply(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The product of two matrices."""
        return np.asarray(left @ right)

    def size(self, value: Number) -> Any:
        """How large a number is, for the choice of a pivot."""
        sign = self.sign(value)
        return float(abs(sign)) if sign is not None else 0.0


def total(values: Iterable[Number], arithmetic: Arithmetic) -> Number:
    """The sum of values, truth values among them."""
    result: Number = None
    for v in values:
        v = as_number(v, arithmetic)
        result = v if result is None else result + v
    return arithmetic.number(0) if result is None else result


def product(factors: Iterable[Number], arithmetic: Arithmetic) -> Number:
    """The product of values, truth values among them."""
    result: Number = None
    for f in factors:
        f = as_number(f, arithmetic)
        result = f if result is None else result * f
    return arithmetic.number(1) if result is None else result


def as_number(value: Number, arithmetic: Arithmetic) -> Number:
    """A truth value as 1 or 0, a number as it is."""
    return arithmetic.number(int(value)) if type(value) in TRUTHS else value


def difference_sign(x: Number, y: Number, arithmetic: Arithmetic, jumps: bool = True) -> int | None:
    """The sign of a difference; ``jumps`` says that the value may jump where it changes."""
    arithmetic.jumping += jumps
    try:
        return arithmetic.sign(as_number(x, arithmetic) - as_number(y, arithmetic))
    finally:
        arithmetic.jumping -= jumps


def fill_array(shape: tuple[int, ...], items: Sequence[Number]) -> np.ndarray:
    """Numbers as an array of a shape; NumPy does not look whether one of them is an array itself."""
    if shape == ():  # Most arrays of a point hold one number, and these are made in half the time.
        single = np.empty((), object)
        single[()] = items[0]
        return single
    return np.fromiter(items, object, len(items)).reshape(shape)


def count_truths(values: np.ndarray, arithmetic: Arithmetic) -> np.ndarray:
    """An array with 1 and 0 for truth values, and numbers as they are."""
    items = values.ravel().tolist()
    if TRUTHS.isdisjoint(map(type, items)):
        return values
    return fill_array(values.shape, [as_number(v, arithmetic) for v in items])


def box_numbers(values: np.ndarray, arithmetic: Arithmetic) -> np.ndarray:
    """An array of Python's numbers as one of an arithmetic's; truth values stay what they are."""
    items = [v if isinstance(v, bool) else arithmetic.number(v) for v in values.ravel().tolist()]
    return fill_array(values.shape, items)
