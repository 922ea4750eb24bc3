"""The laws that functions keep modulo primes, and those that they must not have."""

from functools import cache

import pytest
import sympy

from tracer.comparison.fields import choose_field
from tracer.comparison.laws import Residues
from tracer.precise.interpreting import interpret

x, y = sympy.symbols("x y", real=True)

LAWS = [
    (sympy.exp(x + y), sympy.exp(x) * sympy.exp(y), 0),
    (sympy.exp(-2 * x), 1 / sympy.exp(x) ** 2, 0),
    (sympy.sin(x) ** 2 + sympy.cos(x) ** 2, sympy.Integer(1), 0),
    (sympy.sin(x + y), sympy.sin(x) * sympy.cos(y) + sympy.cos(x) * sympy.sin(y), 0),
    (sympy.cosh(x) ** 2 - sympy.sinh(x) ** 2, sympy.Integer(1), 0),
    (sympy.log(x**2 * y**2, evaluate=False), sympy.log(x**2) - sympy.log(1 / y**2), 1),
    (sympy.log(sympy.exp(x)), x, 1),
    (sympy.sqrt(x**2 * y**2, evaluate=False), sympy.Abs(x) * sympy.Abs(y), 0),
    (sympy.Pow(sympy.exp(x), sympy.Rational(1, 3)), sympy.exp(x / 3), 0),
    (sympy.erf(-x, evaluate=False), -sympy.erf(x), 0),
    (sympy.tanh(x), (sympy.exp(2 * x) - 1) / (sympy.exp(2 * x) + 1), 0),
]

NO_LAWS = [
    (sympy.exp(x * y), sympy.exp(x) * sympy.exp(y)),
    (sympy.sin(2 * x), 2 * sympy.sin(x)),
    (sympy.log(x**2 + y**2), sympy.log(x**2) + sympy.log(y**2)),
    (sympy.Abs(x + y), sympy.Abs(x) + sympy.Abs(y)),
    (sympy.erf(x + y), sympy.erf(x) + sympy.erf(y)),
    (sympy.sqrt(x**2), x),
    (sympy.Integer(2) ** x, x**2),
]


@cache
def values(e, seed):
    a = Residues(seed, choose_field(seed, logarithms=True), logarithms=True)
    known = {s: a.unknown() for s in (x, y)}
    return interpret(e, known, a).values


@pytest.mark.parametrize(("left", "right", "k"), LAWS)
def test_laws_hold_wherever_both_are_defined(left, right, k):
    pairs = [(values(left, seed)[k], values(right, seed)[k]) for seed in range(12)]
    assert all(a == b for a, b in pairs if a is not None and b is not None)
    assert sum(a is not None and b is not None for a, b in pairs) >= 2


@pytest.mark.parametrize(("left", "right"), NO_LAWS)
def test_what_is_no_law_fails_for_each_prime(left, right):
    for k in range(3):
        pairs = [(values(left, seed)[k], values(right, seed)[k]) for seed in range(12)]
        assert any(None not in pair and pair[0] != pair[1] for pair in pairs), k


def test_numbers_are_exact():
    a = Residues(0, choose_field(0))
    third = a.number(sympy.Rational(1, 3))
    assert (third + third + third).exact == 1
    assert a.number(0.1).exact == sympy.Rational(1, 10)
    assert a.sign(a.number(-17)) == -1
    assert a.power(a.number(4), a.number(0.5)).exact == 2


def test_degrees_bound_those_of_the_rational_function():
    a = Residues(1, choose_field(1))
    u, v = a.unknown(), a.unknown()
    for e, bound in ((u * v + u, (2, 0)), (u / v + v / u, (2, 2)), (a.power(u + v, a.number(3)), (3, 0))):
        assert all(d <= b for d, b in zip(e.degrees, bound, strict=True))
    assert a.call(sympy.exp, [u + u + u]).degrees[0] >= 3


def test_the_root_of_a_constant_that_is_no_square_is_not_known():
    seed = next(k for k in range(32) if not choose_field(k).is_square(1009))
    a = Residues(seed, choose_field(seed))
    root = a.power(a.number(1009), a.number(sympy.Rational(1, 2)))
    assert root.values[0] is None
    assert a.constants == {1009}


def test_signs_that_values_are_chosen_by_are_counted_once():
    a = Residues(5, choose_field(5))
    u = a.unknown()
    for t in (u, -u, u):
        a.sign(t)
    a.sign(a.number(7))
    assert [q.sign for q in a.asked] == [s := a.sign(u), -s, s, 1]


def test_values_are_the_same_for_the_same_seed():
    assert values(sympy.erf(x) + y, 3) == values(sympy.erf(x) + y, 3) != values(sympy.erf(x) + y, 4)
