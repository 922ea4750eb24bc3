"""Numbers of many digits: where functions are real, and what floats that were rounded may have been."""

import time

import pytest
import sympy

from tracer.precise.digits import Digits

A = Digits(40)


@pytest.mark.parametrize(
    ("head", "value", "defined"),
    [
        (sympy.log, 0, False),
        (sympy.log, -1, False),
        (sympy.asin, 1, True),
        (sympy.asin, 1.5, False),
        (sympy.acosh, 0.5, False),
        (sympy.atanh, 1, False),
        (sympy.gamma, -1, False),
        (sympy.exp, 1e6, False),
        (sympy.exp, -1e6, True),
        (sympy.besselj, 1, True),
    ],
)
def test_functions_are_defined_where_they_are_real(head, value, defined):
    values = [A.number(value)] * (2 if head is sympy.besselj else 1)
    assert A.context.isfinite(A.call(head, values)) is defined


@pytest.mark.parametrize("digits", [40, 300, 740])
def test_logarithms_next_to_one_and_exponentials_of_large_numbers_have_all_digits(digits):
    a, more = Digits(digits), Digits(2 * digits + 400).context
    for power in (1, 3, digits // 9, digits // 2, digits - 3):
        for near in (1 - a.context.mpf(10) ** -power, 1 + 3 * a.context.mpf(10) ** -power):
            exact = more.log(more.mpf(near))
            assert abs(more.mpf(a.call(sympy.log, [near])) - exact) < abs(exact) * more.mpf(10) ** (2 - digits)
    for number in (4000, -4097, -123456):
        found = more.mpf(a.call(sympy.exp, [a.number(number)]))
        assert abs(more.log(found) - number) < more.mpf(10) ** (3 - digits)


def test_the_exponential_of_a_huge_negative_number_takes_no_time():
    """mpmath would multiply e with itself, in as many digits as that takes."""
    a = Digits(830)
    start = time.process_time()
    for k in range(20):
        assert a.call(sympy.exp, [-(a.context.mpf(10) ** 160) - k]) > 0
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("base", "exponent", "defined"),
    [(-8, 2, True), (-8, sympy.Rational(1, 3), False), (0, -1, False), (0, 0.5, True), (2, 1e9, False)],
)
def test_powers_are_defined_where_they_are_real(base, exponent, defined):
    assert A.context.isfinite(A.power(A.number(base), A.number(exponent))) is defined


def test_a_short_float_is_the_decimal_and_a_long_one_is_uncertain():
    first, second = Digits(40, jitter=1), Digits(40, jitter=2)
    assert first.number(0.1) == second.number(0.1) == A.number(sympy.Rational(1, 10))
    assert abs(first.number(2.0**0.5) - A.number(2.0**0.5)) > 1e-17


def test_margins_are_what_was_asked_for_its_sign():
    a = Digits(40)
    a.margins = []
    a.sign(a.number(-3))
    a.call(sympy.log, [a.number(5)])
    a.power(a.number(7), a.number(0.5))
    assert a.margins == [-3, 5, 7]
    assert a.sign(a.undefined) is None


def test_tiny_numbers_are_known():
    tiny = A.call(sympy.exp, [A.number(-(10**6))])
    assert abs(A.call(sympy.log, [tiny]) + 10**6) < 1e-30
    assert A.sign(tiny) == 1
