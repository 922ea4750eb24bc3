"""The values of sympy's expressions over an arithmetic: of templates, and of the elements of rows.

An expression is read once, into functions that call those of its parts, which are run for each element of an array.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import sympy
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from tracer import scalar, series
from tracer.precise.arithmetic import Arithmetic, Number, UnsupportedError, as_number, difference_sign, product, total
from tracer.rules import argument

LONGEST = 2_000
"""How many terms a sum within a template may have."""

Values: TypeAlias = "dict[sympy.Basic | Run, Number]"
"""The values of symbols, and of what was computed from them."""

Run: TypeAlias = "Callable[[Values, Arithmetic], Number]"
"""What computes an expression, given the values of its symbols."""


def interpret(e: sympy.Basic, values: Values, a: Arithmetic) -> Number:
    """The value of an expression, given those of its symbols; what is computed on the way is kept among these.

    Examples
    --------
    >>> from tracer.precise.digits import Digits
    >>> x, a = sympy.Symbol("x"), Digits(20)
    >>> print(interpret(x**2 + 1, {x: a.number(2)}, a))
    5.0
    """
    return read(e)(values, a)


@lru_cache(maxsize=1 << 14)
def read(e: sympy.Basic) -> Run:
    """What computes an expression, given the values of its symbols; what is computed on the way is kept among these."""
    if isinstance(e, sympy.Symbol):
        return _symbol(e)
    if isinstance(e, (BooleanTrue, BooleanFalse)):
        holds = bool(e)
        return lambda values, a: holds
    if isinstance(e, sympy.Number):
        number = int(e) if e.is_Integer else e  # which arithmetics find again faster
        return lambda values, a: a.number(number)
    if isinstance(e, sympy.NumberSymbol):
        return lambda values, a: a.constant(e)
    if isinstance(e, (scalar.Named, scalar.step)):
        return _named(e)
    if isinstance(e, (sympy.Sum, sympy.Product)):
        return _series(e)
    if isinstance(e, sympy.Piecewise):
        return _choice(e)
    parts = list(map(read, e.args))
    if isinstance(e, sympy.Add):
        return _once(_fold(operator.add, total, parts))
    if isinstance(e, sympy.Mul):
        return _once(_fold(operator.mul, product, parts))
    if isinstance(e, sympy.Pow):
        base, exponent = parts
        return _once(lambda values, a: a.power(as_number(base(values, a), a), as_number(exponent(values, a), a)))
    if type(e) in READERS:
        return READERS[type(e)](e, parts)
    if isinstance(e, sympy.Function):
        head = type(e)
        return _once(lambda values, a: a.call(head, [as_number(p(values, a), a) for p in parts]))
    raise UnsupportedError(f"{type(e).__name__} has no value here")


def _symbol(e: sympy.Symbol) -> Run:
    def find(values: Values, a: Arithmetic) -> Number:
        value = values.get(e)
        return a.constant(e) if value is None else value

    return find


def _once(run: Run) -> Run:
    """What elements of a row share is computed once: its value is kept beside those of the symbols."""

    def compute(values: Values, a: Arithmetic) -> Number:
        value = values.get(run)
        if value is None:
            value = values[run] = run(values, a)
        return value

    return compute


def _fold(
    combine: Callable[[Number, Number], Number],
    fold: Callable[[Iterable[Number], Arithmetic], Number],
    parts: Sequence[Run],
) -> Run:
    """The sum or the product of parts; most have two, which are combined in half the time."""
    if len(parts) != 2:
        return lambda values, a: fold((p(values, a) for p in parts), a)
    x, y = parts
    return lambda values, a: combine(as_number(x(values, a), a), as_number(y(values, a), a))


def _named(e: sympy.Function) -> Run:
    """A function of the library by its definition."""
    slots, parts = [argument(k) for k in range(len(e.args))], list(map(read, e.args))
    body = read(type(e)(*slots).rewrite())
    return lambda values, a: body({s: as_number(p(values, a), a) for s, p in zip(slots, parts)}, a)


def _series(e: sympy.Basic) -> Run:
    (index, *bounds), *others = e.limits[::-1]
    if len(bounds) != 2 or not all(b.is_Integer for b in bounds) or bounds[1] - bounds[0] >= LONGEST:
        raise UnsupportedError(f"the sum {e} has no value here")
    inner = e.func(e.function, *others[::-1]) if others else e.function
    indices = range(int(bounds[0]), int(bounds[1]) + 1)
    parts = [read(series.substitute(inner, {index: sympy.Integer(k)})) for k in indices]
    combine = total if isinstance(e, sympy.Sum) else product
    return lambda values, a: combine((p(values, a) for p in parts), a)


def _choice(e: sympy.Piecewise) -> Run:
    """The first branch whose condition holds. All are interpreted, so that the conditions met are always the same."""
    pairs = [(read(branch), read(condition)) for branch, condition in e.args]

    def choose(values: Values, a: Arithmetic) -> Number:
        found = [(branch(values, a), truth(condition(values, a), a)) for branch, condition in pairs]
        return next((as_number(branch, a) for branch, holds in found if holds), a.undefined)

    return _once(choose)


Reader: TypeAlias = "Callable[[sympy.Basic, Sequence[Run]], Run]"
"""From a node and what computes its parts to what computes it."""


def _relation(test: Callable[[int], bool]) -> Reader:
    def read(e: sympy.Basic, parts: Sequence[Run]) -> Run:
        x, y = parts
        if e.args[1] is sympy.oo:  # Above all numbers; a difference from it has no sign.
            return lambda values, a: a.sign(as_number(x(values, a), a)) is not None and test(-1)

        def decide(values: Values, a: Arithmetic) -> bool:
            sign = difference_sign(x(values, a), y(values, a), a)
            return sign is not None and test(sign)

        return _once(decide)

    return read


def _unequal(e: sympy.Basic, parts: Sequence[Run]) -> Run:
    x, y = parts
    return lambda values, a: difference_sign(x(values, a), y(values, a), a) != 0


def truth(value: Number, a: Arithmetic) -> bool:
    """A condition as a truth value: a number that is not zero is true."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    return difference_sign(value, a.number(0), a) not in (0, None)


def _extreme(which: int) -> Reader:
    def read(e: sympy.Basic, parts: Sequence[Run]) -> Run:
        def choose(values: Values, a: Arithmetic) -> Number:
            best: Number = None
            for p in parts:
                v = as_number(p(values, a), a)
                if best is None:
                    best = v
                    continue
                sign = difference_sign(v, best, a, jumps=False)
                best = a.undefined if sign is None else v if sign == which else best
            return best

        return choose

    return read


def _absolute(e: sympy.Basic, parts: Sequence[Run]) -> Run:
    (x,) = parts

    def compute(values: Values, a: Arithmetic) -> Number:
        v = as_number(x(values, a), a)
        sign = a.sign(v)
        return a.undefined if sign is None else -v if sign < 0 else v

    return compute


def _signum(e: sympy.Basic, parts: Sequence[Run]) -> Run:
    (x,) = parts

    def compute(values: Values, a: Arithmetic) -> Number:
        sign = difference_sign(x(values, a), a.number(0), a)
        return a.undefined if sign is None else a.number(sign)

    return compute


def _heaviside(e: sympy.Basic, parts: Sequence[Run]) -> Run:
    x, middle = parts

    def compute(values: Values, a: Arithmetic) -> Number:
        sign = difference_sign(x(values, a), a.number(0), a)
        if sign is None:
            return a.undefined
        return middle(values, a) if sign == 0 else a.number(int(sign > 0))

    return compute


def _logic(combine: Callable[[list[bool]], bool]) -> Reader:
    return lambda e, parts: lambda values, a: combine([truth(p(values, a), a) for p in parts])


READERS: dict[type[sympy.Basic], Reader] = {
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
    sympy.Max: _extreme(1),
    sympy.Min: _extreme(-1),
    sympy.Abs: _absolute,
    sympy.sign: _signum,
    sympy.Heaviside: _heaviside,
}
"""How nodes of sympy are read that choose by a sign."""
