"""Templates with values in place of their symbols, where truth values count as numbers and numbers as truth values."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy.logic.boolalg import Boolean, BooleanFunction

from tracer import series


def fill_template(template: sympy.Basic, values: Mapping[sympy.Basic, sympy.Basic]) -> sympy.Basic:
    """A template with values for its symbols: conditions where it has conditions, numbers where it has numbers.

    Examples
    --------
    >>> p, q, x, y = sympy.symbols("p q x y")
    >>> fill_template(sympy.And(p, q > 0), {p: x > 1, q: y})
    (x > 1) & (y > 0)
    >>> fill_template(2 * p, {p: x > 1})
    2*Piecewise((1, x > 1), (0, True))
    """
    if template in values:
        return values[template]
    if isinstance(template, BooleanFunction):
        return template.func(*(_fill_condition(a, values) for a in template.args))
    if isinstance(template, sympy.Piecewise):
        return sympy.Piecewise(
            *((count_truth(fill_template(e, values)), _fill_condition(c, values)) for e, c in template.args)
        )
    numbers = {symbol: count_truth(value) for symbol, value in values.items()}
    if template.has(series.ExprWithLimits):
        return series.substitute(template, numbers)
    return template.xreplace(numbers)


def _fill_condition(template: sympy.Basic, values: Mapping[sympy.Basic, sympy.Basic]) -> Boolean:
    """The same for a part of a template that is a condition: an element of a boolean source is one if it is not 0."""
    value = fill_template(template, values)
    return value if isinstance(value, Boolean) else sympy.Ne(value, 0)


def count_truth(value: sympy.Basic) -> sympy.Basic:
    """A truth value as the number 1 or 0; any other value as it is.

    Examples
    --------
    >>> count_truth(sympy.Symbol("x") > 0), count_truth(sympy.Symbol("x"))
    (Piecewise((1, x > 0), (0, True)), x)
    """
    if is_condition(value):
        return sympy.Piecewise((1, value), (0, True))
    return value


def is_condition(value: sympy.Basic) -> bool:
    """Whether an expression is a truth value; a symbol, which sympy takes for either, counts as a number.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> [is_condition(e) for e in (x > 0, sympy.true, x, x + 1)]
    [True, True, False, False]
    """
    return isinstance(value, Boolean) and not isinstance(value, sympy.Symbol)


def as_condition(value: sympy.Basic) -> Boolean:
    """A truth value as it is; of a number or a symbol, that it is not zero.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> as_condition(x > 0), as_condition(x)
    (x > 0, Ne(x, 0))
    """
    return value if is_condition(value) else sympy.Ne(value, 0)
