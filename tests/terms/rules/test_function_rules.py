"""Functions of elements: signs come out, what undoes itself is gone, and quotients bear the textbook's names."""

import pytest
import sympy

from tests.terms.programs import (
    F,
    X,
    add,
    call,
    diagonal,
    exp,
    h,
    m,
    matmul,
    n,
    one,
    ones_times,
    power,
    row,
    scaled,
    times,
    u,
    v,
    w,
    zero,
)
from tests.terms.rules.answers import answer
from tracer.scalar import expm1, log1p, relu, sigmoid, softplus, step
from tracer.terms.normalise import Normaliser
from tracer.terms.record import number, source
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
        of(relu, scaled(-1, u)),
        of(sympy.Abs, times(v, power(u, sympy.Rational(1, 3)))),
        of(sympy.sign, u),
        of(step, scaled(-1, u)),
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


def log(t):
    return of(sympy.log, t)


def to_the(base, *rows):
    return of(sympy.Pow, base, add(rows))


third = sympy.Rational(1, 3)
repeated = row(1, (add([(1, source("s", ())), (-1, number(1))]), (), 1), _0=n)

ANSWERS = {
    "Abs(x*y) -> Abs(x)*Abs(y)": [
        (of(sympy.Abs, u), ""),
        (of(sympy.Abs, scaled(-1, u)), "Abs(u)"),
        (of(sympy.Abs, scaled(-2, u)), "2*Abs(u)[0] -> [0]"),
        (of(sympy.Abs, row(1, (u, (0,), 2))), "u[0]**(2) -> [0]"),
        (of(sympy.Abs, row(-3, (u, (0,), -1))), "3*Abs(u)[0]**(-1) -> [0]"),
        (of(sympy.Abs, row(1, (u, (0,), 1), (h, (0,), -1))), "h[0]**(-1)*Abs(u)[0] -> [0]"),
        (of(sympy.Abs, row(1, (u, (0,), 1), (v, (0,), third))), ""),
        (of(sympy.Abs, row(1, (F, (1, 0), 1), out=(0, 1))), ""),
        (of(sympy.Abs, row(-2, (F, (1, 0), 1), out=(0, 1))), "2*Abs(F[1, 0] -> [0, 1])[0, 1] -> [0, 1]"),
        (of(sympy.Abs, row(2, (u, (0,), 1), out=(0, 1), _1=m)), "2*Abs(u)[0] -> [0, 1]"),
        (of(sympy.Abs, number(-3, (n,))), "3 -> [0]"),
        (of(sympy.Abs, row(1, (F, (0, 1), 1), (u, (1,), 1))), ""),
        (of(sympy.Abs, row(-1, (F, (0, 1), 1), (u, (1,), 1))), ""),
        (of(sympy.Abs, row(-3, (F, (0, 1), 1), (u, (1,), 1))), "3*Abs(u[1]*F[0, 1] -> [0])[0] -> [0]"),
        (of(sympy.Abs, row(n, (F, (0, 1), 1), (u, (1,), 1))), "n*Abs(u[1]*F[0, 1] -> [0])[0] -> [0]"),
    ],
    "relu(x*p) -> relu(x)*p": [
        (of(relu, u), ""),
        (of(relu, row(-2, (u, (0,), 1), (h, (0,), 1))), "2*h[0]*relu(-1*u[0] -> [0])[0] -> [0]"),
        (
            of(relu, row(1, (h, (0,), -2), (u, (0,), 1), (v, (0,), 1), (exp(v), (0,), 1))),
            "h[0]**(-2)*exp(v)[0]*relu(v[0]*u[0] -> [0])[0] -> [0]",
        ),
        (of(relu, row(n - 2, (h, (0,), 1), (u, (0,), 1))), "h[0]*relu(n - 2*u[0] -> [0])[0] -> [0]"),
        (of(relu, row(n - 2, (u, (0,), 1))), ""),
        (of(relu, number(-3, (n,))), ""),
        (of(relu, row(-2, (h, (0,), 1))), "2*relu(-1)*h[0] -> [0]"),
        (of(sympy.sign, scaled(third, u)), "sign(u)"),
        (of(step, scaled(-3, u)), "step(-1*u[0] -> [0])"),
        (of(relu, row(1, (u, (0,), 1), (v, (0,), 1))), ""),
        (of(relu, row(1, (F, (0, 1), 1), (h, (0,), 1))), ""),
        (of(relu, row(1, (u, (0,), 1), (h, (0,), 1), out=(0, 0))), ""),
        (of(relu, row(1, (u, (0,), 1), (h, (0,), 1), out=(0, 1), _1=m)), "h[0]*relu(u)[0] -> [0, 1]"),
        (of(relu, row(1, (X, (0, 1), 1), (h, (1,), 1), out=(0, 1))), "h[1]*relu(X)[0, 1] -> [0, 1]"),
        (of(step, row(1, (u, (0,), 1), (h, (0,), -2))), "step(u)"),
        (of(step, row(1, (u, (0,), 1), (h, (0,), 1), out=(0, 1), _1=m)), "step(u)[0] -> [0, 1]"),
        (of(sympy.sign, row(3, (h, (0,), 1), (u, (0,), 1), (w, (0,), 1))), "sign(w[0]*u[0] -> [0])"),
    ],
    "exp(y + c*log(x)) -> exp(y)*x**c": [
        (exp(add([(1, u), (-2, log(h))])), "h[0]**(-2)*exp(u)[0] -> [0]"),
        (exp(add([(1, u), (-2, log(h)), (3, v), (1, log(exp(v)))])), "h[0]**(-2)*exp(4*(v) + (u))[0] -> [0]"),
        (exp(add([(1, u), (1, v)])), ""),
        (exp(log(h)), ""),
        (exp(add([(1, log(h)), (2, log(exp(v)))])), "h[0]*exp(2*v[0] -> [0])[0] -> [0]"),
        (exp(row(3, (add([(1, u), (2, log(h))]), (0,), 1))), "h[0]**(6)*exp(3*u[0] -> [0])[0] -> [0]"),
        (exp(add([(1, u), (2, row(5, (log(h), (0,), 1)))])), "h[0]**(10)*exp(u)[0] -> [0]"),
        (exp(add([(1, u), (1, row(1, (log(h), (0,), 2)))])), ""),
        (exp(add([(1, u), (1, row(1, (log(h), (0,), 1), (v, (0,), 1)))])), ""),
        (exp(add([(1, X), (3, ones_times(log(h)))])), "h[1]**(3)*exp(X)[0, 1] -> [0, 1]"),
        (exp(add([(1, ones_times(log(exp(u)))), (3, ones_times(log(h)))])), "h[1]**(3)*exp(u)[1] -> [0, 1]"),
        (exp(add([(1, u), (1, row(1, (log(h), (0,), 1), out=(1,), _1=n))])), ""),
        (exp(add([(1, F), (1, diagonal(log(h)))])), ""),
        (exp(add([(1, F), (1, row(1, (log(F), (1, 0), 1), out=(0, 1)))])), "F[1, 0]*exp(F)[0, 1] -> [0, 1]"),
    ],
    "log(x*exp(y)) -> log(x) + y": [
        (log(row(2, (exp(u), (0,), 1))), "(u) + log(2)*(1 -> [0])"),
        (log(row(1, (exp(u), (0,), 1), (h, (0,), 1))), "(u) + (log(h))"),
        (
            log(row(3, (exp(u), (0,), -2), (h, (1,), 1), out=(1, 0))),
            "-1*(2*(u[1] -> [0, 1]) + -1*(log(3*h[0] -> [0])[0] -> [0, 1]))[0, 1] -> [0, 1]",
        ),
        (log(row(2, (exp(u), (0,), 1), out=(0, 1), _1=m)), "((u) + log(2)*(1 -> [0]))[0] -> [0, 1]"),
        (log(row(1, (exp(u), (0,), 1), out=(0, 1), _1=m)), ""),
        (log(row(1, (exp(u), (0,), 1))), ""),
        (log(row(2, (exp(u), (0,), 1), out=(0, 0))), ""),
        (log(row(2, (exp(u), (0,), 1), out=())), ""),
        (log(row(2, (h, (0,), 1))), ""),
    ],
    "x*x**(y - 1) -> x**y": [
        (times(u, to_the(u, (1, v), (-1, one))), "Pow(u, v)"),
        (
            row(2, (u, (0,), 3), (to_the(u, (1, v), (-1, one)), (0,), 1), out=(0, 1), _1=m),
            "2*u[0]**(2)*Pow(u, v)[0] -> [0, 1]",
        ),
        (row(1, (u, (0,), 2), (to_the(u, (1, v), (-3, one)), (0,), 1)), "Pow(u, (v) + -1*(1 -> [0]))"),
        (
            row(1, (u, (0,), sympy.S.Half), (to_the(power(u, -sympy.S.Half), (1, v), (-1, one)), (0,), 1)),
            "u[0]*Pow(u[0]**(-1/2) -> [0], v)[0] -> [0]",
        ),
        (row(1, (u, (0,), 1), (to_the(u, (1, v), (-3, one)), (0,), 1)), "Pow(u, (v) + -2*(1 -> [0]))"),
        (row(1, (u, (0,), -1), (to_the(u, (1, v), (1, one)), (0,), 1)), "Pow(u, v)"),
        (row(1, (u, (0,), -1), (to_the(u, (1, v), (3, one)), (0,), 1)), "u[0]**(2)*Pow(u, v)[0] -> [0]"),
        (row(1, (u, (0,), 1), (to_the(u, (1, v), (-1, one)), (0,), 2)), ""),
        (times(u, of(sympy.Pow, u, repeated)), "Pow(u, s -> [0])"),
        (row(1, (to_the(u, (1, v), (1, w)), (0,), 1), (h, (0,), 1), (h, (0,), -1)), ""),
        (times(u, w, to_the(times(u, w, h), (1, v), (-1, one))), ""),
        (
            row(
                1,
                (h, (0,), -1),
                (w, (0,), -1),
                (to_the(row(1, (w, (0,), 1), (h, (0,), sympy.S.Half)), (1, v), (1, one)), (0,), 1),
            ),
            "h[0]**(-1/2)*Pow(w[0]*h[0]**(1/2) -> [0], v)[0] -> [0]",
        ),
        (row(1, (u, (1,), 1), (to_the(u, (1, v), (-1, one)), (0,), 1), out=(0, 1)), ""),
        (row(1, (w, (0,), 1), (to_the(u, (1, v), (-1, one)), (0,), 1)), ""),
        (row(1, (w, (0,), 1), (to_the(u, (1, v), (1, one)), (0,), 1)), ""),
        (row(1, (u, (0,), 1), (to_the(u, (1, v), (sympy.S.Half, one)), (0,), 1)), ""),
        (row(1, (u, (0,), 1), (to_the(u, (1, v), (1, w)), (0,), 1)), ""),
        (row(1, (u, (0,), 1), (of(sympy.Pow, u, two), (0,), 1)), ""),
        (
            row(
                1, (u, (0,), 1), (w, (0,), 2), (to_the(row(1, (u, (0,), 1), (w, (0,), 2)), (1, v), (-1, one)), (0,), 1)
            ),
            "Pow(w[0]**(2)*u[0] -> [0], v)",
        ),
        (
            row(
                1, (u, (0,), 1), (w, (0,), 1), (to_the(row(1, (u, (0,), 1), (w, (0,), 2)), (1, v), (-1, one)), (0,), 1)
            ),
            "",
        ),
        (
            row(
                1,
                (u, (0,), 1),
                (w, (0,), -1),
                (to_the(row(1, (u, (0,), 1), (w, (0,), -1)), (1, v), (-1, one)), (0,), 1),
            ),
            "Pow(w[0]**(-1)*u[0] -> [0], v)",
        ),
        (
            row(1, (w, (0,), 1), (to_the(row(1, (u, (0,), 1), (w, (0,), -1)), (1, v), (1, one)), (0,), 1)),
            "",
        ),
        (
            row(1, (u, (0,), 1), (to_the(row(1, (u, (0,), 1), (w, (0,), -1)), (1, v), (-1, one)), (0,), 1)),
            "w[0]*Pow(w[0]**(-1)*u[0] -> [0], v)[0] -> [0]",
        ),
    ],
    "Pow(x, c) -> x**c": [
        (of(sympy.Pow, u, number(3, (n,))), "u[0]**(3) -> [0]"),
        (of(sympy.Pow, u, half), "u[0]**(1/2) -> [0]"),
        (of(sympy.Pow, u, v), ""),
    ],
    "Max(x, 0) -> relu(x)": [
        (of(sympy.Max, u, zero), "relu(u)"),
        (of(sympy.Max, zero, u), "relu(u)"),
        (of(sympy.Max, u, two), ""),
        (of(sympy.Max, u, v), ""),
        (of(sympy.Max, u, v, zero), ""),
        (of(sympy.Max, u, two, zero), ""),
        (of(sympy.Max, two, zero), ""),
    ],
    "Max(y, x) -> Max(x, y)": [
        (of(sympy.Max, exp(u), v), "Max(v, exp(u))"),
        (of(sympy.Max, v, exp(u)), ""),
        (of(sympy.Max, v, v), "v"),
        (of(sympy.Max, v, exp(u), v), "Max(v, exp(u))"),
    ],
    "relu(r) -> 0": [
        (of(relu, scaled(-2, h)), "0 -> [0]"),
        (of(relu, scaled(-2, of(relu, u))), "0 -> [0]"),
        (of(relu, scaled(2, of(relu, u))), ""),
        (of(relu, scaled(-2, u)), ""),
    ],
    "exp(c*log(x)) -> x**c": [
        (exp(scaled(3, log(u))), "u[0]**(3) -> [0]"),
        (exp(scaled(third, log(u))), "u[0]**(1/3) -> [0]"),
    ],
    "log(x**c) -> c*log(x)": [
        (log(power(u, 3)), ""),
        (log(power(u, 2)), ""),
        (log(power(u, third)), "1/3*log(u)[0] -> [0]"),
        (log(power(h, 3)), "3*log(h)[0] -> [0]"),
    ],
    "1 - sigmoid(x) -> sigmoid(-x)": [
        (add([(1, one), (-1, of(sigmoid, u))]), "sigmoid(-1*u[0] -> [0])"),
        (add([(1, one), (-1, of(sigmoid, u)), (1, v)]), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
