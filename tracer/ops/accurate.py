"""Elementwise operations that NumPy computes more exactly than the formula that defines them.

``log(x)/log(10)`` of 1000 falls just short of 3, and ``sqrt(x**2 + y**2)`` overflows long before the hypotenuse does:
the rows have the formula for a template and NumPy's function for their text.
"""

from __future__ import annotations

import sympy
from sympy import Rational

from tracer.rules import OUT, Elementwise, argument, register

a, b = argument(0), argument(1)


def _row(op: Elementwise) -> Elementwise:
    register(op)
    return op


LOG2 = _row(Elementwise("log2", lambda: sympy.log(a) / sympy.log(2), 1, result="float"))
LOG10 = _row(Elementwise("log10", lambda: sympy.log(a) / sympy.log(10), 1, result="float"))
EXP2 = _row(Elementwise("exp2", lambda: 2**a, 1, result="float", partials=lambda: {0: OUT * sympy.log(2)}))
CBRT = _row(
    Elementwise(
        "cbrt",
        lambda: sympy.sign(a) * sympy.Abs(a) ** Rational(1, 3),
        1,
        result="float",
        partials=lambda: {0: 1 / (3 * OUT**2)},
    )
)
HYPOT = _row(
    Elementwise(
        "hypot",
        lambda: sympy.sqrt(a**2 + b**2),
        2,
        result="float",
        partials=lambda: {0: a / OUT, 1: b / OUT},
        slope_poles=(-1,),
    )
)
