"""Arithmetic with many digits, in which a difference of a billionth is seen and rounding is not."""

from __future__ import annotations

import math
import operator
import random
import threading
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from math import prod
from typing import Any

import numpy as np
import sympy
from mpmath.libmp import from_man_exp

from tracer.precise.arithmetic import Arithmetic, Number, UnsupportedError, fill_array
from tracer.precise.factorisations import ROWS
from tracer.precise.scaled import read_integers
from tracer.shapes import Literal
from tracer.terms import record as T

HUGE = 1 << 12
"""The binary exponent from which on a number counts as infinite: floats end at 1024. Tiny ones are numbers, all."""

LONGEST = 12
"""How many binary digits a whole exponent may have by which a power is multiplied out."""

ROUNDED = 20
"""So many of the last digits may be wrong."""

MATRICES, VALUES = 64, 1 << 10
"""Of so many matrices functions and factorisations are kept, and so many values of functions of numbers."""

SHORT = 15
"""A float of as many digits is one that was rounded."""

BY_NAME = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "asin": "asin", "acos": "acos", "atan": "atan", "asinh": "asinh", "acosh": "acosh",
    "atanh": "atanh", "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "gamma": "gamma", "loggamma": "loggamma",
    "digamma": "digamma", "besselj": "besselj", "bessely": "bessely", "besseli": "besseli", "besselk": "besselk",
    "atan2": "atan2", "floor": "floor", "ceiling": "ceil", "sec": "sec", "csc": "csc", "cot": "cot",
    "zeta": "zeta", "polygamma": "psi",
}  # fmt: skip
"""mpmath's names of sympy's functions."""


class _Contexts(threading.local):
    """mpmath's contexts in a thread, by digits: to make one takes as long as a hundred operations in it.

    With each are the values of its functions that were found.
    """

    most = 32

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, dict[object, Number]]] = {}

    def context(self, digits: int) -> tuple[Any, dict[object, Number]]:
        if digits not in self._made:
            if len(self._made) >= self.most:
                self._made.clear()
            self._made[digits] = import_module("mpmath").MPContext(), {}
        made, values = self._made[digits]
        made.dps = digits
        return made, values


_contexts = _Contexts()


class Digits(Arithmetic):
    """Numbers of mpmath, in a context that those of as many digits share within a thread.

    Parameters
    ----------
    digits : int
        How many decimal digits.
    jitter : int, optional
        If given, the seed of errors of half a unit in the last place that are added to floats which were rounded.

    Attributes
    ----------
    margins : list or None
        If it is a list, what was asked for its sign is added to it.
    reach : int
        The largest binary exponent, up or down, of what functions answered, or of its distance from 1 or -1: so many
        digits a sum may cancel.
    overflowed : bool
        Whether a number was too large.
    lost : bool
        Whether a sign was asked for, and not known, after that: what was chosen by it says nothing.
    singular : bool
        Whether a matrix was met that has no inverse.
    tied : bool
        Whether a condition compared numbers so near to each other that rounding decides.

    Examples
    --------
    >>> a = Digits(40)
    >>> print(a.number(1) / a.number(3))
    0.3333333333333333333333333333333333333333
    """

    rows = ROWS

    def __init__(self, digits: int = 40, jitter: int | None = None) -> None:
        context, self._values = _contexts.context(digits)
        self.context: Any = context
        self.digits = digits
        self.negligible = self.context.mpf(10) ** (-digits // 2)
        self.margins: list[Number] | None = None
        self.reach = 0
        self.overflowed = self.lost = self.tied = False
        self._tie = int((ROUNDED - digits) / math.log10(2))
        self._random = None if jitter is None else random.Random(jitter)
        self._numbers: dict[object, Number] = {}
        self._of_matrices: dict[object, Sequence[np.ndarray]] = {}

    @property
    def undefined(self) -> Number:
        """Not a number."""
        nan: Number = self.context.nan
        return nan

    def number(self, value: Literal) -> Number:
        """A number; a float that is short is the decimal that was written."""
        key = type(value), value
        if key not in self._numbers:
            self._numbers[key] = self._convert(value)
        return self._numbers[key]

    def _convert(self, value: Literal) -> Number:
        if isinstance(value, float) and value != value:
            return self.undefined
        exact = value if isinstance(value, sympy.Basic) else T.exact(value)
        if isinstance(exact, sympy.Rational):
            result = self.context.mpf(exact.p) / exact.q
        elif exact in (sympy.oo, -sympy.oo):
            return self.undefined
        elif exact.is_number and exact.is_real:
            result = self.context.mpf(exact.evalf(self.digits + 5)._mpf_)
        else:
            raise UnsupportedError(f"{value} is no number")
        if self._random is not None and len(repr(value).strip("-0.")) > SHORT:
            result *= 1 + self._random.choice((-1, 1)) * self.context.mpf(2) ** -53
        return result

    def constant(self, value: sympy.Expr) -> Number:
        """A constant such as pi."""
        return self.number(value)

    def _watch(self, value: Number) -> None:
        if self.margins is not None and isinstance(value, self.context.mpf):
            self.margins.append(value)

    def sign(self, value: Any) -> int | None:
        """The sign, which is noted where it may change."""
        self._watch(value)
        negative, mantissa, exponent, bits = value._mpf_
        if not mantissa:
            if not exponent:
                return 0
            self.lost |= self.overflowed
            return None
        self.tied |= self.jumping > 0 and exponent + bits <= self._tie
        return -1 if negative else 1

    def is_zero(self, value: Any) -> bool:
        """Whether a number is zero: a pivot may be, and no condition changes there, so that it is not noted."""
        return not value._mpf_[1] and not value._mpf_[2]

    def is_finite(self, value: Any) -> bool:
        """Whether a number is finite: of those without a mantissa, zero alone has no exponent."""
        return bool(value._mpf_[1]) or not value._mpf_[2]

    def add_products(self, factors: Sequence[Sequence[Any]], ways: Sequence[Sequence[Sequence[int]]]) -> list[Number]:
        """Sums of products, each of which is rounded once."""
        read = [read_integers(f) for f in factors]
        known = [r for r in read if r is not None]
        if len(known) < len(read):
            return super().add_products(factors, ways)
        exponent = sum(e for _, e in known)
        if len(known) == 1:
            ((own, _),) = known
            sums = [sum([own[i] for (i,) in way]) for way in ways]
        elif len(known) == 2:
            (left, _), (right, _) = known
            sums = [sum([left[i] * right[k] for i, k in way]) for way in ways]
        else:
            operands = [own for own, _ in known]
            sums = [sum([prod([f[i] for f, i in zip(operands, at)]) for at in way]) for way in ways]
        return self._round(sums, exponent)

    def multiply(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The product of two matrices; each of its elements is rounded once."""
        read = [read_integers(m.ravel().tolist()) for m in (left, right)]
        if read[0] is None or read[1] is None:
            return super().multiply(left, right)
        x, y = (fill_array(m.shape, own) for m, (own, _) in zip((left, right), (read[0], read[1])))
        found = x @ y
        return fill_array(found.shape, self._round(found.ravel().tolist(), read[0][1] + read[1][1]))

    def _round(self, integers: Sequence[int], exponent: int) -> list[Number]:
        """Integers times a power of two."""
        make, precision = self.context.make_mpf, self.context.prec
        return [make(from_man_exp(x, exponent, precision, "n")) for x in integers]

    def find_of_matrices(
        self, function: Callable[..., Sequence[np.ndarray]], *matrices: np.ndarray
    ) -> Sequence[np.ndarray]:
        """What a function answers for matrices, which is kept: rows ask for parts of it, and more than one program."""
        key = function, *((m.shape, *(x._mpf_ for x in m.flat)) for m in matrices)
        found = self._of_matrices.get(key)
        if found is None:
            if len(self._of_matrices) >= MATRICES:
                self._of_matrices.clear()
            found = self._of_matrices[key] = function(self, *matrices)
        return found

    def size(self, value: Any) -> Any:
        """The magnitude, of as many digits: no float is as small as the steps of differences."""
        return abs(value) if self.is_finite(value) else self.context.zero

    def power(self, base: Any, exponent: Any) -> Number:
        """A power of real numbers."""
        if not self._ordinary(base) or not self._ordinary(exponent):
            return self.undefined
        negative, mantissa, shift, bits = exponent._mpf_
        if shift >= 0 and shift + bits <= LONGEST:  # A whole number, as mantissas are odd.
            if negative and not base:
                return self.undefined
            whole = int(mantissa) << shift
            return self._checked(base ** (-whole if negative else whole))
        self._watch(base)
        if base < 0 or (not base and exponent < 0):
            return self.undefined
        if not base:
            return base
        # The logarithm is less than the binary exponent, by one at most.
        if exponent * (self.context.mag(base) - (exponent < 0)) > HUGE:
            return self._overflow()
        root = self.context.sqrt if exponent == 0.5 else self.context.cbrt if 3 * exponent == 1 else None
        return self._checked(self._find_value("power", operator.pow, base, exponent) if root is None else root(base))

    def call(self, head: type[sympy.Basic], values: Sequence[Any]) -> Number:
        """A function by mpmath, else by sympy's own digits."""
        if not all(map(self._ordinary, values)):
            return self.undefined
        name = head.__name__
        first = values[0]
        if name in ("exp", "sinh", "cosh") and (first if name == "exp" else abs(first)) > HUGE:
            return self._overflow()
        if name in DOMAINS:
            for bound in DOMAINS[name](first):
                self._watch(bound)
                if bound < 0 or (not bound and name in ("log", "atanh", "erfinv")):
                    return self.undefined
        if name == "atan2" and values[1] < 0:
            self._watch(first)
        if name in JUMPS:
            self._watch(JUMPS[name](first, self.context.floor))
        if name in ("gamma", "loggamma", "digamma", "polygamma", "zeta") and max(map(abs, values)) > HUGE:
            return self._overflow()
        try:
            if name == "polygamma":
                values = (int(values[0]), values[1])
            if name in NEAR_ONE:
                self.reach = max(self.reach, min(HUGE, int(NEAR_ONE[name](first) / self.context.ln2)))
            if name in STABLE:
                return self._checked(self._find_value(name, partial(STABLE[name], self.context), first))
            function = getattr(self.context, BY_NAME[name], None) if name in BY_NAME else None
            if function is not None:
                return self._checked(self._find_value(name, function, *values))
            return self._by_sympy(head, values)
        except (ValueError, ArithmeticError, TypeError, NotImplementedError, RecursionError):
            return self.undefined

    def _find_value(self, name: str, function: Callable[..., Number], *values: Any) -> Number:
        """The value of a function of mpmath's, which is kept: a program and its derivatives ask for the same ones."""
        key = name, *(getattr(v, "_mpf_", v) for v in values)
        found = self._values.get(key)
        if found is None:
            if len(self._values) >= VALUES:
                self._values.clear()
            found = self._values[key] = function(*values)
        return found

    def _by_sympy(self, head: type[sympy.Basic], values: Sequence[Any]) -> Number:
        found = head(*(_as_sympy(v, self.digits) for v in values)).evalf(self.digits)
        if not found.is_Number and not found.is_number:
            raise UnsupportedError(f"{head.__name__} has no digits")
        return self._checked(self.context.mpf(found._mpf_)) if found.is_Float else self.number(found)

    def _overflow(self) -> Number:
        self.overflowed = True
        return self.undefined

    def _ordinary(self, value: Any) -> bool:
        """Whether a number is finite, and not very large."""
        _, mantissa, exponent, bits = value._mpf_
        if not mantissa:
            return not exponent
        ordinary: bool = exponent + bits < HUGE
        self.overflowed |= not ordinary
        return ordinary

    def _checked(self, value: Any) -> Number:
        """A result that is real."""
        if isinstance(value, self.context.mpc):
            value = self.undefined if value.imag else value.real
        _, mantissa, exponent, bits = value._mpf_
        if mantissa:
            self.reach = max(self.reach, abs(exponent + bits))
        result: Number = value
        return result


NEAR_ONE: dict[str, Callable[[Any], Any]] = {"tanh": lambda x: 2 * abs(x), "erf": lambda x: x * x}
"""Functions that come as near to 1 or -1 as the exponential of minus these is to zero: one less them is as small."""

DOMAINS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "log": lambda x: (x,),
    "asin": lambda x: (1 - x, 1 + x),
    "acos": lambda x: (1 - x, 1 + x),
    "acosh": lambda x: (x - 1,),
    "atanh": lambda x: (1 - x, 1 + x),
    "erfinv": lambda x: (1 - x, 1 + x),
}
"""What must not be negative for a function to be real."""


def _exponential(context: Any, x: Any) -> Any:
    """The exponential. Of a whole number mpmath computes a power of e, which takes long where it is large."""
    if x._mpf_[2] < 0 or abs(x) < HUGE:
        return context.exp(x)
    return context.exp(x - 0.5) * context.exp(0.5)


def _logarithm(context: Any, x: Any) -> Any:
    """The logarithm. Next to one it is a short series, of ``2 artanh((x - 1)/(x + 1))``, which mpmath does not use."""
    near = x - 1
    if not near or context.mag(near) > -context.prec // TERMS:
        return context.log(x)
    term = near / (x + 1)
    total, square, k = term, term * term, 1
    while context.mag(term) + context.prec > context.mag(total):
        term, k = term * square, k + 2
        total += term / k
    return 2 * total


STABLE: dict[str, Callable[[Any, Any], Any]] = {"exp": _exponential, "log": _logarithm}
"""Functions that mpmath computes slowly for some numbers."""

TERMS = 16
"""So many terms of a series take less time than a logarithm."""

JUMPS: dict[str, Callable[[Any, Callable[[Any], Any]], Any]] = {
    "floor": lambda x, floor: x - floor(x + 0.5),
    "ceiling": lambda x, floor: x - floor(x + 0.5),
    "rint": lambda x, floor: x - floor(x) - 0.5,
}
"""What changes its sign where a function jumps."""


def _as_sympy(value: Any, digits: int) -> sympy.Expr:
    return sympy.Integer(int(value)) if value == int(value) else sympy.Float(value, digits)
