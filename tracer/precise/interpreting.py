"""The values of sympy's expressions over an arithmetic: of templates, and of the elements of rows.

Expressions are read once, into functions that call those of their parts, which are run for each element of an array.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import sympy
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from tracer import scalar, series
from tracer.precise.arithmetic import (
    TRUTHS,
    Arithmetic,
    Number,
    UnsupportedError,
    as_number,
    difference_sign,
    product,
    total,
)
from tracer.rules import argument

LONGEST = 2_000
"""How many terms a sum within a template may have."""

Values: TypeAlias = "dict[str | Run, Number]"
"""The values of symbols by their names, which take no time to find, and of what was computed from them."""

Run: TypeAlias = "Callable[[Values, Arithmetic], Number]"
"""What computes an expression, given the values of its symbols."""


def interpret(e: sympy.Basic, values: Mapping[sympy.Symbol, Number], a: Arithmetic) -> Number:
    """The value of an expression, given those of its symbols.

    Examples
    --------
    >>> from tracer.precise.digits import Digits
    >>> x, a = sympy.Symbol("x"), Digits(20)
    >>> print(interpret(x**2 + 1, {x: a.number(2)}, a))
    5.0
    """
    return read(e)({symbol.name: value for symbol, value in values.items()}, a)


@lru_cache(maxsize=1 << 12)
def read(e: sympy.Basic) -> Run:
    """What computes an expression, given the values of its symbols."""
    return read_all([e])[0]


def read_all(expressions: Sequence[sympy.Basic]) -> list[Run]:
    """What computes expressions: what they share is computed once, and kept beside the values of the symbols."""
    reading = _Reading(expressions)
    return list(map(reading.read, expressions))


class _Reading:
    """What computes expressions and their parts, each read once.

    Parameters
    ----------
    expressions : sequence of sympy expression
    """

    def __init__(self, expressions: Sequence[sympy.Basic]) -> None:
        self._shared = _find_shared(expressions)
        self._runs: dict[sympy.Basic, Run] = {}

    def read(self, e: sympy.Basic) -> Run:
        """What computes a part, which may be a truth value."""
        run = self._runs.get(e)
        if run is None:
            run = self._read(e)
            self._runs[e] = run = _once(run) if e in self._shared else run
        return run

    def read_number(self, e: sympy.Basic) -> Run:
        """What computes a part as a number."""
        run = self.read(e)
        if not isinstance(e, (sympy.Symbol, Boolean)):
            return run

        def compute(values: Values, a: Arithmetic) -> Number:
            value = run(values, a)
            return as_number(value, a) if type(value) in TRUTHS else value

        return compute

    def _read(self, e: sympy.Basic) -> Run:
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
        if isinstance(e, (sympy.Sum, sympy.Product)):
            return _series(e)
        if isinstance(e, sympy.Piecewise):
            return _choice([(self.read_number(branch), self.read(condition)) for branch, condition in e.args])
        if type(e) in READERS:
            return READERS[type(e)](e, list(map(self.read, e.args)))
        parts = list(map(self.read_number, e.args))
        if isinstance(e, (scalar.Named, scalar.step)):
            return _named(e, parts)
        if isinstance(e, sympy.Add):
            return _fold(operator.add, parts)
        if isinstance(e, sympy.Mul):
            return _fold(operator.mul, parts)
        if isinstance(e, sympy.Pow):
            base, exponent = parts
            return lambda values, a: a.power(base(values, a), exponent(values, a))
        if isinstance(e, sympy.Function):
            head = type(e)
            return lambda values, a: a.call(head, [p(values, a) for p in parts])
        raise UnsupportedError(f"{type(e).__name__} has no value here")


def _find_shared(expressions: Sequence[sympy.Basic]) -> set[sympy.Basic]:
    """The parts that occur more than once, but for symbols and numbers."""
    met: set[sympy.Basic] = set()
    shared: set[sympy.Basic] = set()
    todo = list(expressions)
    while todo:
        e = todo.pop()
        if not e.args:
            continue
        if e in met:
            shared.add(e)
        else:
            met.add(e)
            todo += e.args
    return shared


def _symbol(e: sympy.Symbol) -> Run:
    name = e.name

    def find(values: Values, a: Arithmetic) -> Number:
        value = values.get(name)
        return a.constant(e) if value is None else value

    return find


def _once(run: Run) -> Run:
    """What is computed once: its value is kept beside those of the symbols."""

    def compute(values: Values, a: Arithmetic) -> Number:
        value = values.get(run)
        if value is None:
            value = values[run] = run(values, a)
        return value

    return compute


def _fold(combine: Callable[[Number, Number], Number], parts: Sequence[Run]) -> Run:
    """The sum or the product of parts; most have two."""
    first, second, *others = parts
    if not others:
        return lambda values, a: combine(first(values, a), second(values, a))

    def compute(values: Values, a: Arithmetic) -> Number:
        result = combine(first(values, a), second(values, a))
        for p in others:
            result = combine(result, p(values, a))
        return result

    return compute


def _named(e: sympy.Function, parts: Sequence[Run]) -> Run:
    """A function of the library by its definition."""
    slots = [argument(k) for k in range(len(parts))]
    body, names = read(type(e)(*slots).rewrite()), [s.name for s in slots]
    return lambda values, a: body({name: p(values, a) for name, p in zip(names, parts)}, a)


def _series(e: sympy.Basic) -> Run:
    (index, *bounds), *others = e.limits[::-1]
    if len(bounds) != 2 or not all(b.is_Integer for b in bounds) or bounds[1] - bounds[0] >= LONGEST:
        raise UnsupportedError(f"the sum {e} has no value here")
    inner = e.func(e.function, *others[::-1]) if others else e.function
    indices = range(int(bounds[0]), int(bounds[1]) + 1)
    parts = read_all([series.substitute(inner, {index: sympy.Integer(k)}) for k in indices])
    combine = total if isinstance(e, sympy.Sum) else product
    return lambda values, a: combine((p(values, a) for p in parts), a)


def _choice(pairs: Sequence[tuple[Run, Run]]) -> Run:
    """The first branch whose condition holds. All are interpreted, so that the conditions met are always the same."""

    def choose(values: Values, a: Arithmetic) -> Number:
        found = [(branch(values, a), truth(condition(values, a), a)) for branch, condition in pairs]
        return next((branch for branch, holds in found if holds), a.undefined)

    return choose


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

        return decide

    return read


def _unequal(e: sympy.Basic, parts: Sequence[Run]) -> Run:
    x, y = parts
    return lambda values, a: difference_sign(x(values, a), y(values, a), a) != 0


def truth(value: Number, a: Arithmetic) -> bool:
    """A condition as a truth value: a number that is not zero is true."""
    if type(value) in TRUTHS:
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
