"""Elementwise templates in C: numbers, and functions of whole numbers."""

import pytest
import sympy

from tracer.backends.c_templates import INTEGERS, TEMPLATES, c_number
from tracer.backends.templates import Lacking
from tracer.rules import argument

a, b = argument(0), argument(1)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -2.0])
def test_numbers_are_read_back(value):
    assert float(c_number(value)) == value


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (a * b - 2, "_0 * _1 - 2"),
        (a**3, "_0 * _0 * _0"),
        (sympy.Max(a, 1), "_0 > 1 ? _0 : 1"),
        (sympy.floor(a / b), "whole_quotient(_0, _1)"),
    ],
)
def test_whole_numbers_stay_whole(template, text):
    assert str(INTEGERS.write(template)) in (text, text.replace("_0 > 1 ? _0 : 1", "1 > _0 ? 1 : _0"))


@pytest.mark.parametrize("template", [a / b, sympy.sin(a), a**b, a / 2, a**20])
def test_what_leaves_the_whole_numbers_is_refused(template):
    with pytest.raises(Lacking, match="of whole numbers"):
        INTEGERS.write(template)


def test_a_function_that_c_lacks_is_named():
    with pytest.raises(Lacking, match="C has no function polygamma"):
        TEMPLATES.write(sympy.polygamma(0, a))
