"""Products, powers and sums of elements are left as they are."""

import pytest
import sympy

from tracer.formulas.notations.element_products import choose_within, multiply, raise_element, sum_apart, sum_over

i, n = sympy.symbols("i n", integer=True)
a, b = sympy.IndexedBase("a")[i], sympy.IndexedBase("b")[i]


@pytest.mark.parametrize(
    ("factors", "text"),
    [((), "1"), ((1, a), "a[i]"), ((2, a, a), "2*a[i]*a[i]"), ((a, 0, b), "0"), ((a, b), "a[i]*b[i]")],
)
def test_a_product_has_no_factors_of_one(factors, text):
    made = multiply(*map(sympy.sympify, factors))
    assert len(sympy.Mul.make_args(made)) == len([f for f in factors if f not in (1, 0)]) or made in (0, 1)
    assert made.doit() == sympy.Mul(*factors)
    assert str(made).replace("a[i]**2", "a[i]*a[i]") == text


def test_a_power_of_one_is_none():
    assert raise_element(a, sympy.S.One) is a
    assert raise_element(a, sympy.Integer(2)).doit() == a**2


def test_a_sum_keeps_its_summand():
    summand = sympy.Mul(a, sympy.Add(b, 1, evaluate=False), evaluate=False)
    made = sum_over(summand, [(i, 0, n)])
    assert made.function is summand
    assert str(made) == str(sympy.Sum(summand, (i, 0, n)))


def test_a_value_within_bounds_is_zero_elsewhere():
    assert choose_within(a, []) is a
    made = choose_within(a, [i >= 0, i < n])
    assert [made.subs({i: k, n: 3}) for k in (-1, 3)] == [0, 0]
    assert made.subs({n: 3}).subs(i, 2) == sympy.IndexedBase("a")[2]


def test_a_sum_is_taken_over_what_has_its_index():
    x, y = sympy.IndexedBase("x"), sympy.IndexedBase("y")
    j, k = sympy.symbols("j k", integer=True)
    whole = (0, n - 1)
    assert str(sum_apart([x[i], x[j], y[j]], [(j, *whole)])) == "[x[i], Sum(x[j]*y[j], (j, 0, n - 1))]"
    apart = sum_apart([x[j], y[k], x[i]], [(j, *whole), (k, *whole)])
    assert str(apart) == "[x[i], Sum(x[j], (j, 0, n - 1)), Sum(y[k], (k, 0, n - 1))]"
    assert len(sum_apart([x[j], y[k]], [(j, 0, k), (k, *whole)])) == 1
    assert len(sum_apart([x[j], y[k]], [(j, *whole), (k, *whole)], [j > 2])) == 1
    assert str(sum_apart([x[i]], [(j, *whole)])) == "[Sum(x[i], (j, 0, n - 1))]"


def test_quotients_of_small_indices_are_left_out():
    k = sympy.Symbol("k", integer=True)
    x = sympy.IndexedBase("x")
    body = sympy.Mul(2, x[i + sympy.floor(k / 2), sympy.Mod(k, 3)] - x[sympy.floor(k / 2), 2 * i + k], evaluate=False)
    assert str(sum_over(body, [(k, 0, 1)])) == "Sum(2*(-x[0, 2*i + k] + x[i, k]), (k, 0, 1))"
    assert str(sum_over(body, [(k, 0, 2)])).count("floor") == 2
    assert str(sum_over(body, [(k, 0, n - 1)])).count("Mod") == 1
