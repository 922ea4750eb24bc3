"""Functions of elements: signs come out, what undoes itself is gone, and quotients bear the textbook's names."""

import pytest
import sympy

from tests.terms.programs import F, add, call, exp, h, matmul, one, power, scaled, times, u, v
from tracer.scalar import expm1, log1p, relu, sigmoid, softplus, step
from tracer.terms.normalise import Normaliser
from tracer.terms.record import number
from tracer.terms.rules.function_rules import NAMES, ORDER, POWERS, SIGNS


def of(f, *terms):
    return call(f, list(terms))


def normal(term, rules):
    return Normaliser(rules).normal(term)


two = number(2, u.shape)
half = number(sympy.S.Half, u.shape)


@pytest.mark.parametrize(
    ("rules", "term", "expected"),
    [
        (SIGNS, of(sympy.sin, scaled(-1, u)), scaled(-1, of(sympy.sin, u))),
        (SIGNS, of(sympy.cos, scaled(-1, u)), of(sympy.cos, u)),
        (SIGNS, of(sympy.Abs, h), h),
        (SIGNS, of(sympy.Abs, times(scaled(-2, u), h)), scaled(2, times(of(sympy.Abs, u), h))),
        (SIGNS, of(sympy.Abs, scaled(-3, matmul(F, u))), scaled(3, of(sympy.Abs, matmul(F, u)))),
        (SIGNS, of(sympy.sign, h), one),
        (SIGNS, of(sympy.sign, scaled(3, u)), of(sympy.sign, u)),
        (SIGNS, of(sympy.sign, scaled(-3, u)), scaled(-1, of(sympy.sign, u))),
        (SIGNS, of(step, scaled(3, u)), of(step, u)),
        (SIGNS, of(relu, exp(u)), exp(u)),
        (SIGNS, of(relu, scaled(-2, exp(u))), scaled(0, u)),
        (POWERS, of(sympy.log, exp(u)), u),
        (POWERS, exp(scaled(3, of(sympy.log, u))), power(u, 3)),
        (POWERS, of(sympy.log, power(h, 2)), scaled(2, of(sympy.log, h))),
        (POWERS, of(sympy.log, power(u, sympy.S.Half)), scaled(sympy.S.Half, of(sympy.log, u))),
        (POWERS, of(sympy.Pow, u, half), power(u, sympy.S.Half)),
        (NAMES, of(log1p, u), of(sympy.log, add([(1, one), (1, u)]))),
        (NAMES, of(expm1, u), add([(1, exp(u)), (-1, one)])),
        (NAMES, of(sympy.log, add([(1, one), (1, exp(u))])), of(softplus, u)),
        (NAMES, of(sympy.log, of(sigmoid, u)), scaled(-1, of(softplus, scaled(-1, u)))),
        (NAMES, power(add([(1, one), (1, exp(scaled(-1, u)))]), -1), of(sigmoid, u)),
        (NAMES, add([(1, one), (-1, of(sigmoid, u))]), of(sigmoid, scaled(-1, u))),
        (NAMES, times(of(sympy.sin, u), power(of(sympy.cos, u), -1)), of(sympy.tan, u)),
        (NAMES, add([(1, power(of(sympy.sin, u), 2)), (1, power(of(sympy.cos, u), 2))]), one),
        (NAMES, of(sympy.Max, number(0, u.shape), u), of(relu, u)),
        (ORDER, of(sympy.Min, u, u), u),
    ],
    ids=lambda t: repr(t) if not isinstance(t, tuple) else "",
)
def test_a_function_is_written_shorter(rules, term, expected):
    assert normal(term, rules) is Normaliser(()).normal(expected)


@pytest.mark.parametrize(
    "term",
    [
        of(sympy.log, power(u, 2)),
        of(sympy.Abs, u),
        of(sympy.Abs, matmul(F, u)),
        of(relu, scaled(-2, u)),
        of(sympy.Abs, times(v, power(u, sympy.Rational(1, 3)))),
        of(sympy.sign, u),
        of(step, scaled(-3, u)),
        of(relu, u),
        of(sympy.log, add([(1, two), (1, exp(u))])),
        add([(1, two), (-1, of(sigmoid, u))]),
        times(of(sympy.sin, u), power(of(sympy.cos, v), -1)),
        add([(1, power(of(sympy.sin, u), 2)), (1, power(of(sympy.cos, v), 2))]),
        of(sympy.Max, two, u),
        of(sympy.Pow, u, v),
    ],
    ids=lambda t: repr(t),
)
def test_what_is_not_known_to_be_equal_is_left_alone(term):
    rules = [*SIGNS, *POWERS, *NAMES]
    assert normal(term, rules) is Normaliser(()).normal(term)


def test_arguments_of_symmetric_functions_have_one_order():
    first, second = of(sympy.Max, u, v), of(sympy.Max, v, u, v)
    assert normal(first, ORDER) is normal(second, ORDER)
    assert normal(of(sympy.And, *(of(f, u, v) for f in (sympy.Gt, sympy.Lt))), ORDER) is normal(
        of(sympy.And, *(of(f, u, v) for f in (sympy.Lt, sympy.Gt))), ORDER
    )
