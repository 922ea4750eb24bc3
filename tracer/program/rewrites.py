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

from collections.abc import Iterator
from typing import NamedTuple

import sympy
from sympy import (
    Abs,
    Eq,
    Piecewise,
    UnevaluatedExpr,
    acosh,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    log,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from tracer.rules import argument
from tracer.scalar import Phi, erf_above, erfcx, expm1, hypot, log1p, sigmoid, softplus

a, b, c = (argument(k) for k in range(3))

whole = UnevaluatedExpr
"""What is computed first, as a quotient in a product is where its parts would overflow."""


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
HYPERBOLIC = _at(-450.0, -20.0, -0.99, -1e-9, 1e-4, 0.3, 1.0, 2.0, 40.0, 450.0)
TAILS = _at(-700.0, -40.0, -1.5, 1e-12, 0.25, 2.0, 20.0, 40.0, 300.0)

LOG_BELOW_ONE = Piecewise((log(-expm1(a)), a > -log(2)), (log1p(-exp(a)), True))
"""``log(1 - exp(a))``."""

LOG_COSH = Piecewise((log1p(2 * sinh(a / 2) ** 2), Abs(a) < 1), (Abs(a) + log1p(exp(-2 * Abs(a))) - log(2), True))
"""``log(cosh(a))``."""

LOG_PHI = Piecewise((log(erfcx(-a) / 2) - a**2, a < 0), (log1p(-erfc(a) / 2), True))
"""``log((1 + erf(a))/2)``."""

CLOSE = "the difference of two values that are close has few digits"
FAR = ((1e12 + 0.25, 1.25), (1e5 + 0.125, 0.75), (3.3, 1e-12), (2.25, -1e-9), (1.3, 9.0))
TURNED = ((1.0, 1e-9), (-2.0, 1e-12), (0.5, -1e-5), (0.3, 1.0))
"""Arguments and steps of which the values are close together."""

ROOT_BELOW = sqrt(Abs(a) - 1) * sqrt(Abs(a) + 1)
"""``sqrt(a**2 - 1)``."""


ROOT = whole(Piecewise((Abs(a) * sqrt(1 + whole(b / a) / a), Abs(a) > 1), (sqrt(a**2 + b), True)))
"""``sqrt(a**2 + b)``, without a square that overflows."""


def _list_root_rules() -> Iterator[Rewrite]:
    """``sqrt(a**2 + s) - a`` and ``sqrt(a**2 + s) + a``, by roots that do not overflow where squares are added."""
    wide = Abs(b) / (hypot(a / Abs(b), 1) + Abs(a) / Abs(b))
    for square, root, safe, close in (
        (b**2, sqrt(a**2 + b**2), hypot(a, b), wide),
        (sympy.S.One, sqrt(a**2 + 1), hypot(a, 1), 1 / (hypot(a, 1) + Abs(a))),
        (-sympy.S.One, sqrt(a**2 - 1), ROOT_BELOW, -1 / (ROOT_BELOW + Abs(a))),
        (b, sqrt(a**2 + b), ROOT, b / (ROOT + Abs(a))),
    ):
        points = [(far, 3.0)[: 1 + len(square.free_symbols)] for far in (1e9, 1e4, 2.0)]
        points += [(-1e200, 1e190), (1e200, 1e199), (1e-190, -1e-190)] if square == b**2 else []
        points += [(1e200,), (-1e200,)] if square.is_number else []
        points += [(1e200, 3.0), (-1e200, 1e300), (1e170, -1e300)] if square == b else []
        for sign in (1, -1):
            computed = Piecewise((close.xreplace({Abs(a): sign * a}), sign * a > 0), (safe - sign * a, True))
            where = tuple((sign * far, *rest) for far, *rest in points)
            yield Rewrite(root - sign * a, computed, CLOSE, where)


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
    Rewrite(log(cosh(a)), LOG_COSH, "the cosine overflows far out, and near 0 it rounds to 1", HYPERBOLIC),
    Rewrite(log(1 - tanh(a) ** 2), -2 * LOG_COSH, IN_THE_TAIL, HYPERBOLIC),
    Rewrite(
        log((1 + erf(a)) / 2), LOG_PHI, "it vanishes far below, and rounds to 1 above", _at(-30.0, -5.0, -0.1, 0.5, 4.0)
    ),
    Rewrite(
        log(erfc(a) / 2),
        Piecewise((log(erfcx(a) / 2) - a**2, a > 0), (log1p(-erf_above(a) / 2), True)),
        "it vanishes far out, and rounds to 1 below",
        _at(30.0, 5.0, -0.5, 0.5, -2.0, -5.0, -20.0),
    ),
    Rewrite(
        log(Phi(a)),
        LOG_PHI.xreplace({a: a / sqrt(2)}),
        "it vanishes far below, and rounds to 1 above",
        _at(-38.4, -5.0, -0.5, 0.5, 2.0),
    ),
    Rewrite(log((1 + a) / (1 - a)), 2 * atanh(a), "near 0 the quotient rounds to 1", (*NEAR_ZERO[1:], (-0.99,))),
    Rewrite(log(1 - sigmoid(a)), -softplus(a), IN_THE_TAIL, TAILS),
    Rewrite(log(sigmoid(a)), -softplus(-a), "the logistic function vanishes far below", TAILS),
    Rewrite(log(1 + a), log1p(a), "1 + a drops the digits of a small a", (*NEAR_ZERO, (-0.3,), (1e10,), (1e300,))),
    Rewrite(exp(a) - 1, expm1(a), CANCELS_AT_ZERO, (*NEAR_ZERO, (-40.0,), (30.0,))),
    Rewrite(1 - cos(a), 2 * sin(a / 2) ** 2, CANCELS_AT_ZERO, (*NEAR_ZERO[1:], (3.0,))),
    Rewrite(cosh(a) - 1, 2 * sinh(a / 2) ** 2, CANCELS_AT_ZERO, (*NEAR_ZERO[1:], (20.0,))),
    Rewrite(1 - cos(a) ** 2, sin(a) ** 2, CANCELS_AT_ZERO, (*NEAR_ZERO[1:], (3.0,))),
    Rewrite(1 - sin(a) ** 2, cos(a) ** 2, "near a quarter turn the square rounds to 1", _at(1.570796, 1.5, 0.5, 0.0)),
    Rewrite(cosh(a) ** 2 - 1, sinh(a) ** 2, CANCELS_AT_ZERO, (*NEAR_ZERO[1:], (20.0,))),
    Rewrite(
        sqrt(1 + a**2) - 1,
        Piecewise((a**2 / (hypot(a, 1) + 1), Abs(a) < 1), (hypot(a, 1) - 1, True)),
        CANCELS_AT_ZERO,
        (*NEAR_ZERO[1:], (3.0,), (-1e200,)),
    ),
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
        ROOT_BELOW,
        "near 1 the square has lost digits, and far out it overflows",
        _at(1e200, 1.0000000001, 1.5, -3.0),
    ),
    Rewrite(sqrt(a + b) - sqrt(a), b / (sqrt(a + b) + sqrt(a)), CLOSE, FAR),
    Rewrite(
        1 / sqrt(a + b) - 1 / sqrt(a),
        -whole(b / sqrt(a)) / (sqrt(a + b) * (sqrt(a) + sqrt(a + b))),
        CLOSE,
        (*FAR, (1e250, 1e240), (1e-280, 1e-290)),
    ),
    *_list_root_rules(),
    Rewrite(1 / (a + b) - 1 / a, -whole(b / a) / (a + b), CLOSE, (*FAR, (1e200, -1e190), (-1e-200, 1e-210))),
    Rewrite(
        (a + b) ** -2 - a**-2,
        -whole(b / a) * whole((1 / a + 1 / (a + b)) / (a + b)),
        CLOSE,
        (*FAR, (1e130, -1e125), (-1e-130, 1e-140)),
    ),
    Rewrite((a + b) ** 2 - a**2, b * (2 * a + b), CLOSE, FAR),
    Rewrite(
        (a + b) ** c - a**c,
        Piecewise((a**c * expm1(c * log1p(b / a)), Abs(b) < Abs(a) / 2), ((a + b) ** c - a**c, True)),
        CLOSE,
        tuple((*point, power) for point in FAR for power in (1 / 3, -1.5, 0.1)),
    ),
    Rewrite(log(a + b) - log(a), log1p(b / a), CLOSE, FAR),
    Rewrite(
        exp(a + b) - exp(a),
        Piecewise((exp(a) * expm1(b), b < 1), (exp(a + b) - exp(a), True)),
        CLOSE,
        ((1.0, 1e-9), (-2.0, -1e-12), (0.5, 3.0), (-0.5, -2000.0), (-800.0, 799.5)),
    ),
    Rewrite(
        exp(a) + exp(-a) - 2, 4 * sinh(a / 2) ** 2, CANCELS_AT_ZERO, _at(1e-20, -1e-9, 1e-4, 0.5, 20.0)
    ),
    Rewrite(sin(a + b) - sin(a), 2 * sin(b / 2) * cos(a + b / 2), CLOSE, TURNED),
    Rewrite(cos(a + b) - cos(a), -2 * sin(b / 2) * sin(a + b / 2), CLOSE, TURNED),
    Rewrite(tan(a + b) - tan(a), sin(b) / (cos(a) * cos(a + b)), CLOSE, TURNED),
    Rewrite(atan(a + b) - atan(a), atan2(b, 1 + a * (a + b)), CLOSE, FAR),
    Rewrite(a**2 - b**2, (a - b) * (a + b), CLOSE, ((1.0, 1 + 2.0**-30), (3.0, 3 - 2.0**-40), (5.0, 2.0))),
    Rewrite(1 - a**2, (1 - a) * (1 + a), "near 1 the square has lost digits", _at(1 - 2.0**-30, -1 + 2.0**-40, 0.3)),
)  # fmt: skip

LIMITS: tuple[Rewrite, ...] = (
    Rewrite(
        a * log(a), Piecewise((0, Eq(a, 0)), (a * log(a), True)), "a vanishes faster than the logarithm grows", _at(0.0)
    ),
    Rewrite(
        a * b ** (a - 1),
        Piecewise((0, Eq(a, 0)), (a * b ** (a - 1), True)),
        "the power 0 is 1, and does not change with its base",
        ((0.0, 0.0),),
    ),
    Rewrite(
        a * (a - 1) * b ** (a - 2),
        Piecewise((0, Eq(a * (a - 1), 0)), (a * (a - 1) * b ** (a - 2), True)),
        "the slopes of the powers 0 and 1 do not change with their base",
        ((0.0, 0.0), (1.0, 0.0)),
    ),
    Rewrite(
        a * log(a / b),
        Piecewise((0, Eq(a, 0)), (a * log(a / b), True)),
        "a vanishes faster than the logarithm grows",
        ((0.0, 2.0),),
    ),
    Rewrite(
        a * (log(a) - log(b)),
        Piecewise((0, Eq(a, 0)), (a * (log(a) - log(b)), True)),
        "a vanishes faster than the logarithm grows",
        ((0.0, 2.0),),
    ),
)
"""What has no value at a point as it is written, zero times infinity, and is computed as its limit there."""
