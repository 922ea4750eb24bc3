"""Quotients that are 0/0 where they have a limit: a common factor is cancelled, or the limit is written there.

A quotient is read as one of a part that its numerator and its denominator share, over which sympy cancels it, or finds
how it begins as a series: its value and its derivatives at the point.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import sympy
from sympy import Expr

from tracer.explanations.expression_patterns import replace_parts
from tracer.explanations.spelling import call

HEADS: Mapping[str, Callable[[Expr], Expr]] = {
    **{
        name: getattr(sympy, name)
        for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh",
                     "atanh", "erf")
    },
    "expm1": lambda x: sympy.exp(x) - 1,
    "log1p": lambda x: sympy.log(x + 1),
    "square": lambda x: x**2,
}  # fmt: skip
"""Functions that have series, by their names in programs."""

OPERATIONS: Mapping[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}

LONGEST = 60
"""Of longer quotients sympy is not asked."""

SAFE = (1, sympy.Rational(1, 2), 2, -1)
"""What is added to the point for a number at which a quotient is finite."""


class Quotient(NamedTuple):
    """A quotient, and what one of its shared parts is where it is 0/0."""

    numerator: ast.expr
    denominator: ast.expr
    part: ast.expr
    at: Expr


def shared_parts(numerator: ast.expr, denominator: ast.expr) -> list[ast.expr]:
    """What stands in both, the largest first.

    Examples
    --------
    >>> [ast.unparse(e) for e in shared_parts(*(ast.parse(t, mode="eval").body for t in ("sin(x*y) + y", "x*y")))]
    ['x * y', 'x', 'y']
    """
    known = {ast.dump(e) for e in _parts(numerator)}
    found = {ast.dump(e): e for e in _parts(denominator) if ast.dump(e) in known}
    return sorted(found.values(), key=lambda e: -len(ast.dump(e)))


def _parts(expression: ast.expr) -> Iterator[ast.expr]:
    """What has a value in an expression; not the names of functions, and no numbers."""
    if isinstance(expression, ast.Constant):
        return
    yield expression
    children: list[ast.expr] = []
    if isinstance(expression, ast.Call):
        children = expression.args
    elif isinstance(expression, ast.BinOp):
        children = [expression.left, expression.right]
    elif isinstance(expression, ast.UnaryOp):
        children = [expression.operand]
    for child in children:
        yield from _parts(child)


class Reading:
    """Expressions as sympy's, in symbols for what it has no series of."""

    def __init__(self, part: ast.expr) -> None:
        self.symbol = sympy.Symbol("u", real=True)
        self.names: dict[str, tuple[sympy.Symbol, ast.expr]] = {ast.dump(part): (self.symbol, part)}

    def read(self, e: ast.expr) -> Expr:
        """An expression."""
        key = ast.dump(e)
        if key in self.names:
            return self.names[key][0]
        if isinstance(e, ast.Constant) and isinstance(e.value, (int, float)):
            return sympy.nsimplify(e.value, rational=True)
        if isinstance(e, ast.BinOp) and type(e.op) in OPERATIONS:
            return OPERATIONS[type(e.op)](self.read(e.left), self.read(e.right))
        if isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.USub):
            return -self.read(e.operand)
        if isinstance(e, ast.Call) and len(e.args) == 1 and not e.keywords:
            head = HEADS.get(ast.unparse(e.func).rpartition(".")[2])
            if head is not None:
                return head(self.read(e.args[0]))
        self.names[key] = sympy.Symbol(f"_{len(self.names)}", real=True), e
        return self.names[key][0]

    def write(self, e: Expr) -> ast.expr | None:
        """An expression of sympy's in a program's; None where it has no spelling."""
        for symbol, part in self.names.values():
            if e == symbol:
                return part
        if e.is_Integer:
            return ast.Constant(float(e)) if e >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(float(-e)))
        if e.is_number:
            return None if e.has(sympy.I) else ast.Constant(float(e))
        top, bottom = sympy.fraction(e)
        if bottom != 1:
            return self._join(ast.Div, [top, bottom])
        if e.is_Add or e.is_Mul:
            return self._join(ast.Add if e.is_Add else ast.Mult, e.as_ordered_terms() if e.is_Add else e.args)
        if e.is_Pow and e.exp.is_Integer:
            base = self.write(e.base)
            return None if base is None else ast.BinOp(base, ast.Pow(), ast.Constant(int(e.exp)))
        name = "sqrt" if e.is_Pow and e.exp == sympy.Rational(1, 2) else e.func.__name__
        inner = self.write(e.args[0]) if e.args else None
        return call(name, inner) if name in HEADS and inner is not None else None

    def _join(self, sign: type[ast.operator], parts: list[Expr]) -> ast.expr | None:
        made: ast.expr | None = None
        for part in parts:
            negative = sign is ast.Add and made is not None and part.could_extract_minus_sign()
            written = self.write(-part if negative else part)
            if written is None:
                return None
            made = written if made is None else ast.BinOp(made, ast.Sub() if negative else sign(), written)
        return made


def _read_quotient(quotient: Quotient) -> tuple[Reading, Expr] | None:
    """The quotient in sympy's words, if it is 0/0 where its part is what it is."""
    reading = Reading(quotient.part)
    top, bottom = reading.read(quotient.numerator), reading.read(quotient.denominator)
    at = {reading.symbol: quotient.at}
    if top.subs(at) != 0 or bottom.subs(at) != 0 or top.count_ops() + bottom.count_ops() > LONGEST:
        return None
    return reading, top / bottom


def cancel_factor(quotient: Quotient) -> ast.expr | None:
    """The quotient without the factor that is zero above and below; None if there is none.

    Examples
    --------
    >>> top, bottom, x = (ast.parse(t, mode="eval").body for t in ("1.0 - x**3", "1.0 - x", "x"))
    >>> ast.unparse(cancel_factor(Quotient(top, bottom, x, sympy.Integer(1))))
    'x ** 2 + x + 1.0'
    """
    read = _read_quotient(quotient)
    if read is None:
        return None
    reading, whole = read
    made = sympy.cancel(whole)
    if sympy.fraction(made)[1].subs(reading.symbol, quotient.at).is_zero is not False:
        return None
    return reading.write(made)


def write_limit(quotient: Quotient, order: int) -> tuple[ast.expr, str] | None:
    """The quotient with its series where it is 0/0, up to an order of derivatives, and its limit there in words.

    None if it has none.

    Examples
    --------
    >>> top, bottom, x = (ast.parse(t, mode="eval").body for t in ("log(x)", "x - 1.0", "x"))
    >>> made, limit = write_limit(Quotient(top, bottom, x, sympy.Integer(1)), 1)
    >>> ast.unparse(made.args[2]), limit
    ('1.0 - (x - 1.0) / 2.0', '1')
    """
    read = _read_quotient(quotient)
    if read is None:
        return None
    reading, whole = read
    if whole.has(sympy.Abs, sympy.sign, sympy.Piecewise):
        return None
    step = sympy.Symbol("h", positive=True)
    begun = sympy.series(whole.subs(reading.symbol, quotient.at + step), step, 0, order + 1).removeO()
    if not begun.is_polynomial(step) or begun.has(sympy.I):
        return None
    coefficients = [begun.coeff(step, k) for k in range(order + 1)]
    safe = next((quotient.at + k for k in SAFE if _is_finite(whole.subs(reading.symbol, quotient.at + k))), None)
    point = reading.write(quotient.at)
    assert point is not None
    value = _write_series(reading, coefficients, quotient.part, None if quotient.at == 0 else point)
    if safe is None or value is None:
        return None
    apart = call("not_equal", quotient.part, point)
    replaced = reading.write(sympy.sympify(safe))
    assert replaced is not None
    inner = call("where", apart, quotient.part, replaced)
    divided = ast.BinOp(quotient.numerator, ast.Div(), quotient.denominator)
    key = ast.dump(quotient.part)
    made = replace_parts(divided, {id(e): inner for e in _parts(divided) if ast.dump(e) == key})
    told = {symbol: sympy.Symbol(ast.unparse(part)) for symbol, part in reading.names.values()}
    return call("where", apart, made, value), str(coefficients[0].xreplace(told))


def _write_series(
    reading: Reading, coefficients: list[Expr], part: ast.expr, point: ast.expr | None
) -> ast.expr | None:
    """A polynomial in the distance of a part from a point, from the origin where there is none."""
    beyond = part if point is None else ast.BinOp(part, ast.Sub(), point)
    value = reading.write(coefficients[0])
    for k, coefficient in enumerate(coefficients[1:], 1):
        falls = coefficient.could_extract_minus_sign()
        power = sympy.Symbol(f"power{k}")
        reading.names[power.name] = power, beyond if k == 1 else ast.BinOp(beyond, ast.Pow(), ast.Constant(k))
        term = reading.write((-coefficient if falls else coefficient) * power)
        if value is None or term is None:
            return None
        if coefficient != 0:
            value = ast.BinOp(value, ast.Sub() if falls else ast.Add(), term)
    return value


def _is_finite(e: Expr) -> bool:
    return not e.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I)


def find_point(values: np.ndarray, zero: np.ndarray) -> Expr | None:
    """The one number that a part is wherever a quotient is 0/0."""
    try:
        found = np.unique(np.broadcast_to(values, zero.shape)[zero])
    except ValueError:
        return None
    return sympy.nsimplify(float(found[0]), rational=True) if found.size == 1 and np.isfinite(found).all() else None
