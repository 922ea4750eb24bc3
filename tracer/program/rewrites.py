"""What loses digits or overflows as it is written, and what has the same value without: a table.

A pattern is found in a line and in the lines that it is computed from, whoever wrote them: the user, or the reverse
pass. Of the rules that fit, the first in the table is taken. The page ``docs/rewrites.md`` shows the table and what
each rule gains.

References
----------
Higham, Accuracy and Stability of Numerical Algorithms, 2002, sections 1.7, 1.14 and 27.8.
Maechler, Accurately computing log(1 - exp(-|a|)), 2012.
"""

from __future__ import annotations

from typing import NamedTuple

import sympy
from sympy import acosh, asinh, cos, cosh, erf, erfc, exp, log, sin, sinh, sqrt, tanh

from tracer.rules import argument
from tracer.scalar import erf_above, expm1, hypot, log1p, sigmoid, softplus

a, b, c = (argument(k) for k in range(3))


class Rewrite(NamedTuple):
    """A rule: an expression in arguments, which stand for any values, and what is computed in its place.

    Attributes
    ----------
    pattern, replacement : Expr
        They are equal wherever the pattern has a value.
    why : str
        What is wrong with the pattern.
    points : tuple
        Where the error of both is measured: the values of the arguments.
    """

    pattern: sympy.Expr
    replacement: sympy.Expr
    why: str
    points: tuple[tuple[float, ...], ...]


def _at(*values: float) -> tuple[tuple[float, ...], ...]:
    """Points of one argument."""
    return tuple((v,) for v in values)


CANCELS_AT_ZERO = "near 0 what is left of 1 has few digits"
IN_THE_TAIL = "far out the function rounds to 1, and the difference to 0"
OVERFLOWS = "squares overflow, or vanish, long before their root does"
NEAR_ZERO = _at(1e-300, 1e-20, -1e-12, 3e-8, -1e-4, 0.01, 0.5)
TAILS = _at(-700.0, -40.0, -1.5, 1e-12, 0.25, 2.0, 20.0, 40.0, 300.0)

LOG_BELOW_ONE = sympy.Piecewise((log(-expm1(a)), a > -log(2)), (log1p(-exp(a)), True))
"""``log(1 - exp(a))``."""

REWRITES: tuple[Rewrite, ...] = (
    Rewrite(
        log(a + sqrt(a**2 + 1)), asinh(a), "of a negative number a root cancels", _at(-1e200, -1e4, -0.1, 1e-12, 3.0)
    ),
    Rewrite(log(a + sqrt(a**2 - 1)), acosh(a), OVERFLOWS, _at(1.5, 20.0, 1e200)),
    Rewrite(
        log(1 - exp(a)),
        LOG_BELOW_ONE,
        "near 0 the difference has few digits, and far below none of the exponential",
        _at(-1e-300, -1e-12, -0.01, -0.6, -0.75, -3.0, -40.0, -700.0),
    ),
    Rewrite(log(1 - sigmoid(a)), -softplus(a), IN_THE_TAIL, TAILS),
    Rewrite(log(sigmoid(a)), -softplus(-a), "the logistic function vanishes far below", TAILS),
    Rewrite(log(1 + a), log1p(a), "1 + a drops the digits of a small a", (*NEAR_ZERO, (-0.3,), (1e10,), (1e300,))),
    Rewrite(exp(a) - 1, expm1(a), CANCELS_AT_ZERO, (*NEAR_ZERO, (-40.0,), (30.0,))),
    Rewrite(1 - cos(a), 2 * sin(a / 2) ** 2, CANCELS_AT_ZERO, (*NEAR_ZERO[1:], (3.0,))),
    Rewrite(cosh(a) - 1, 2 * sinh(a / 2) ** 2, CANCELS_AT_ZERO, (*NEAR_ZERO[1:], (20.0,))),
    Rewrite(1 - cos(a) ** 2, sin(a) ** 2, CANCELS_AT_ZERO, (*NEAR_ZERO[1:], (3.0,))),
    Rewrite(1 - sin(a) ** 2, cos(a) ** 2, "near a quarter turn the square rounds to 1", _at(1.570796, 1.5, 0.5, 0.0)),
    Rewrite(cosh(a) ** 2 - 1, sinh(a) ** 2, CANCELS_AT_ZERO, (*NEAR_ZERO[1:], (20.0,))),
    Rewrite(sqrt(1 + a) - 1, a / (sqrt(1 + a) + 1), CANCELS_AT_ZERO, (*NEAR_ZERO, (3.0,))),
    Rewrite(1 - 2 * sigmoid(a), -tanh(a / 2), CANCELS_AT_ZERO, (*NEAR_ZERO, (40.0,))),
    Rewrite(1 - sigmoid(a), sigmoid(-a), IN_THE_TAIL, TAILS),
    Rewrite(1 - tanh(a) ** 2, cosh(a) ** -2, IN_THE_TAIL, _at(-300.0, -40.0, -1.5, 1e-12, 0.25, 2.0, 20.0, 300.0)),
    Rewrite(1 - tanh(a), 2 * sigmoid(-2 * a), IN_THE_TAIL, _at(-40.0, -1.5, 1e-12, 0.25, 2.0, 20.0, 300.0)),
    Rewrite(1 + tanh(a), 2 * sigmoid(2 * a), IN_THE_TAIL, _at(-300.0, -20.0, -1.5, 1e-12, 0.25, 2.0, 40.0)),
    Rewrite(1 - erf(a), erfc(a), IN_THE_TAIL, _at(-5.0, 1e-12, 0.5, 2.0, 6.0, 20.0)),
    Rewrite(1 + erf(a), erf_above(a), IN_THE_TAIL, _at(-20.0, -6.0, -2.0, 1e-12, 5.0)),
    Rewrite(1 - erfc(a), erf(a), CANCELS_AT_ZERO, (*NEAR_ZERO, (3.0,))),
    Rewrite(
        sqrt(a**2 + b**2),
        hypot(a, b),
        OVERFLOWS,
        ((3e200, 4e200), (1e-200, 2e-200), (3.0, 4.0), (1e200, 1.0), (0.0, 0.0)),
    ),
    Rewrite(
        sqrt(a**2 + b**2 + c**2),
        hypot(hypot(a, b), c),
        OVERFLOWS,
        ((2e200, 3e200, 6e200), (2e-200, 3e-200, 6e-200), (3.0, 4.0, 12.0), (1.0, 1e200, 1e-200)),
    ),
    Rewrite(sqrt(a**2 + 1), hypot(a, 1), OVERFLOWS, _at(1e200, 1e-12, 0.75, -3.0)),
    Rewrite(
        sqrt(a**2 - 1),
        sqrt(sympy.Abs(a) - 1) * sqrt(sympy.Abs(a) + 1),
        "near 1 the square has lost digits, and far out it overflows",
        _at(1e200, 1.0000000001, 1.5, -3.0),
    ),
)  # fmt: skip
