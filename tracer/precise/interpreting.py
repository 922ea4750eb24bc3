"""The values of sympy's expressions over an arithmetic: of templates, and of the elements of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import sympy
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from tracer import scalar, series
from tracer.precise.arithmetic import Arithmetic, Number, UnsupportedError, as_number, difference_sign, total
from tracer.rules import argument

LONGEST = 2_000
"""How many terms a sum within a template may have."""


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


def _relation(test: Callable[[int], bool]) -> Callable[..., Number]:
    def decide(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> bool:
        x, y = (interpret(part, values, a) for part in e.args)
        if e.args[1] is sympy.oo:  # Above all numbers; a difference from it has no sign.
            return a.sign(as_number(x, a)) is not None and test(-1)
        sign = difference_sign(x, y, a)
        return sign is not None and test(sign)

    return decide


def _unequal(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> bool:
    sign = difference_sign(interpret(e.args[0], values, a), interpret(e.args[1], values, a), a)
    return sign is None or sign != 0


def _choice(e: sympy.Piecewise, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    """The first branch whose condition holds. All are interpreted, so that the conditions met are always the same."""
    pairs = [(interpret(branch, values, a), truth(interpret(c, values, a), a)) for branch, c in e.args]
    return next((as_number(branch, a) for branch, holds in pairs if holds), a.undefined)


def truth(value: Number, a: Arithmetic) -> bool:
    """A condition as a truth value: a number that is not zero is true."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    return difference_sign(value, a.number(0), a) not in (0, None)


def _extreme(which: int) -> Callable[..., Number]:
    def choose(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
        best: Number = None
        for x in e.args:
            v = as_number(interpret(x, values, a), a)
            if best is None:
                best = v
                continue
            sign = difference_sign(v, best, a, jumps=False)
            best = a.undefined if sign is None else v if sign == which else best
        return best

    return choose


def _absolute(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    v = as_number(interpret(e.args[0], values, a), a)
    sign = a.sign(v)
    return a.undefined if sign is None else -v if sign < 0 else v  # type: ignore[operator]


def _signum(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    sign = difference_sign(interpret(e.args[0], values, a), a.number(0), a)
    return a.undefined if sign is None else a.number(sign)


def _heaviside(e: sympy.Basic, values: Mapping[sympy.Basic, Number], a: Arithmetic) -> Number:
    sign = difference_sign(interpret(e.args[0], values, a), a.number(0), a)
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
