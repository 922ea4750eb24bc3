"""Scalar expressions as they are written: quotients, clips, truth values."""

import pytest
import sympy

from tracer.formulas.matrix.written_parts import divides, has_any, is_truth_value, split_clip, split_quotient

x, y, z = sympy.symbols("x y z", real=True)


@pytest.mark.parametrize(
    ("factors", "negative", "over", "under"),
    [
        ([sympy.Integer(-3), x / y], True, [3, x], [y]),
        ([sympy.Rational(-1, 2), -x], False, [x], [2]),
        ([sympy.Pow(sympy.Mul(2, 1 / x, evaluate=False), -1, evaluate=False)], False, [x], [2]),
        ([sympy.Float(-0.25), x**-2], True, [sympy.Float(0.25)], [x**2]),
        ([x**-y], False, [x**-y], []),
        ([], False, [], []),
    ],
)
def test_a_product_is_one_fraction(factors, negative, over, under):
    assert split_quotient(factors) == (negative, over, under)


@pytest.mark.parametrize(("factor", "below"), [(1 / x, True), (x**-0.5, False), (1 / sympy.sqrt(x), True), (x, False)])
def test_what_divides(factor, below):
    assert divides(factor) == below


def test_which_expressions_have_a_symbol():
    assert has_any(sympy.sin(x) + z, {x, y})
    assert not has_any(z, {x, y})


def test_a_clip_has_bounds_that_are_no_arrays():
    def is_array(e):
        return x in e.free_symbols

    assert split_clip(sympy.Min(z, sympy.Max(x, y)), is_array) == (x, y, z)
    assert split_clip(sympy.Min(x, sympy.Max(x, y)), is_array) is None
    assert split_clip(sympy.Min(y, z), is_array) is None


def test_a_truth_value_is_a_choice_of_one_and_zero():
    assert is_truth_value(sympy.Piecewise((1, x > 0), (0, True)))
    assert not is_truth_value(sympy.Piecewise((0, x > 0), (1, True)))
    assert not is_truth_value(x)
