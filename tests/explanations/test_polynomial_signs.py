"""Signs of polynomials and quotients, against their values at rational points."""

import pytest
import sympy

from tracer.explanations.polynomial_signs import open_polynomial

x, y = sympy.symbols("x y", real=True)
POINTS = [sympy.Rational(k, 4) for k in range(-14, 15)]
OPERATORS = {">": sympy.Gt, ">=": sympy.Ge, "<": sympy.Lt, "<=": sympy.Le, "!=": sympy.Ne}
DECIDED = [
    x**2 - 2 * x + 2,
    -(x**2) - 1,
    x**2 - 3 * x + 2,
    (x - 1) ** 2,
    x**2 * (x - 1),
    x**3 - x,
    x / (x - 1),
    -2 * (x + 1) / (3 * (2 * x - 3) ** 2),
    (x - 1) ** 2 * (x + 2) / (x - 3),
    1 / (x**2 + 1),
    (x**2 + x) / (1 - x),
]


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("expr", DECIDED, ids=str)
def test_bounds_say_where_a_polynomial_has_a_sign(expr, op):
    found = open_polynomial(expr, op)
    for point in POINTS:
        value = expr.subs(x, point)
        if value.is_finite:
            assert bool(found.subs(x, point)) is bool(OPERATORS[op](value, 0)), point


@pytest.mark.parametrize(
    "expr", [x, x - 1, x**2 + y, x**2 - 2, sympy.exp(x) + x**2, sympy.prod(x**2 - k for k in (1, 4))]
)
def test_what_few_rational_roots_do_not_tell_is_left(expr):
    assert open_polynomial(expr, ">") is None
