"""Templates that are filled in have the value that the template has at the values of what is filled in."""

import itertools

import pytest
import sympy
from sympy import And, Ne, Not, Or, Piecewise

from tracer.formulas.truth_values import as_condition, count_truth, fill_template, is_condition

p, q = sympy.symbols("p q")
x, y = sympy.symbols("x y", real=True)
element = sympy.IndexedBase("b")[0]

CONDITIONS = [
    And(p, q > 0),
    Or(Not(p), q > 1),
    Piecewise((q, p), (2, True)),
    Piecewise((1, And(p, q > 0)), (q, True)),
    p,
]
NUMBERS = [p + 2 * q, p * q**2, Piecewise((p, q > 1), (q, True)), p > q, Ne(p, 0), sympy.sin(p) + q]
TRUTH = [x > 0, y > x, And(x > 0, y > 0), sympy.true]
POINTS = [{x: a, y: b} for a, b in itertools.product((-1, 0, sympy.Rational(1, 2), 2), repeat=2)]


@pytest.mark.parametrize("template", CONDITIONS)
@pytest.mark.parametrize("truth", TRUTH)
def test_conditions_stand_where_a_template_has_conditions(template, truth):
    filled = fill_template(template, {p: truth, q: y})
    for at in POINTS:
        assert filled.subs(at) == template.xreplace({p: truth.subs(at), q: y.subs(at)})


@pytest.mark.parametrize("template", NUMBERS)
@pytest.mark.parametrize("value", [*TRUTH, x + y])
def test_numbers_stand_where_a_template_has_numbers(template, value):
    filled = fill_template(template, {p: value, q: y})
    for at in POINTS:
        number = value.subs(at)
        number = sympy.Integer(bool(number)) if is_condition(number) else number
        assert filled.subs(at) == template.subs({p: number, q: y.subs(at)})


def test_an_element_of_a_boolean_source_is_a_condition_where_one_stands():
    assert fill_template(Piecewise((q, p), (2, True)), {p: element, q: x}) == Piecewise((x, Ne(element, 0)), (2, True))
    assert fill_template(And(p, q > 0), {p: element, q: x}) == And(Ne(element, 0), x > 0)
    assert fill_template(p + 1, {p: element}) == element + 1


def test_bound_symbols_stay_what_they_are():
    k = sympy.Symbol("k", integer=True)
    total = sympy.Sum(p**k, (k, 0, 3))
    assert fill_template(total, {p: k}).doit().equals(1 + k + k**2 + k**3)


def test_only_truth_values_are_counted():
    assert count_truth(x > 0) == Piecewise((1, x > 0), (0, True))
    assert (count_truth(sympy.true), count_truth(sympy.false)) == (1, 0)
    assert count_truth(x) is x
    assert [is_condition(e) for e in (x > 0, And(x > 0, y > 0), sympy.true, x, x + y)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_what_is_no_truth_value_is_a_condition_by_not_being_zero():
    assert [as_condition(e) for e in (x, x + y, element)] == [Ne(x, 0), Ne(x + y, 0), Ne(element, 0)]
    assert all(as_condition(c) is c for c in TRUTH)
