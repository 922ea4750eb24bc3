"""Templates over an arithmetic: their value, and what an arithmetic has no value of, by name."""

import numpy as np
import pytest
import sympy

from tracer.comparison.fields import choose_field
from tracer.comparison.laws import Residues
from tracer.precise.arithmetic import UnsupportedError
from tracer.precise.digits import Digits
from tracer.precise.interpreting import interpret, read_all

x, y = sympy.symbols("x y", real=True)
FORTY = Digits(40)
VALUES = {x: FORTY.number(sympy.Rational(3, 2)), y: FORTY.number(-2)}

TEMPLATES = [
    x + 2 * y - sympy.Rational(1, 3),
    x / y,
    x**y,
    y**2,
    sympy.exp(x) * sympy.sin(y),
    sympy.Piecewise((x, x > y), (y, True)),
    sympy.Piecewise((x, sympy.And(x < y, x > 0)), (y, sympy.Or(x > 1, y > 1)), (sympy.Integer(7), True)),
    sympy.Abs(y) + sympy.sign(y) + sympy.floor(x),
    sympy.Max(x, y) - sympy.Min(x, y),
    sympy.Sum(x ** sympy.Symbol("k"), (sympy.Symbol("k"), 0, 3)),
    sympy.pi * sympy.E,
    sympy.Piecewise((x, sympy.Abs(y) < sympy.oo), (y, True)),
]


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_a_template_has_the_value_that_sympy_gives(template):
    want = template.subs({x: sympy.Rational(3, 2), y: -2}).doit().evalf(40)
    assert abs(sympy.Float(str(interpret(template, VALUES, FORTY)), 40) - want) < sympy.Float("1e-30")


UNSUPPORTED = [
    (lambda: interpret(sympy.Tuple(x, y), VALUES, FORTY), "Tuple has no value here"),
    (lambda: interpret(x + sympy.Symbol("d"), VALUES, FORTY), "d is no number"),
    (lambda: Residues(0, choose_field(0)).number(sympy.oo), "oo is no residue"),
    (lambda: FORTY._by_sympy(sympy.Function("mystery"), [VALUES[x]]), "mystery has no digits"),
]


@pytest.mark.parametrize(("ask", "message"), UNSUPPORTED, ids=lambda p: p if isinstance(p, str) else "")
def test_what_has_no_value_is_named(ask, message):
    with pytest.raises(UnsupportedError, match=message):
        ask()


class Counting(Digits):
    """Digits that count the functions that are called."""

    calls = 0

    def call(self, head, values):
        self.calls += 1
        return super().call(head, values)


def test_what_expressions_share_is_computed_once():
    e = sympy.exp(x)
    for expressions in ([e + sympy.sin(e)], [e, e], [e * y, sympy.Piecewise((e, e > 0), (y, True))]):
        a = Counting(40)
        values = {"x": a.number(2), "y": a.number(3)}
        found = [run(values, a) for run in read_all(expressions)]
        assert a.calls == (2 if expressions == [e + sympy.sin(e)] else 1)
        for expression, value in zip(expressions, found):
            assert abs(value - FORTY.number(expression.subs({x: 2, y: 3}).evalf(40))) < 1e-30


def test_truth_values_are_numbers_where_they_are_added_and_multiplied():
    a = Digits(20)
    for value in (True, np.True_):
        assert interpret(x + x * y, {x: value, y: a.number(3)}, a) == 4
        assert interpret(sympy.Abs(x) + sympy.exp(y * x), {x: value, y: a.number(0)}, a) == 2
