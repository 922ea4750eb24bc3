"""The walk over sympy's expressions: operators in Python's order, roots and small powers by simpler means."""

import pytest
import sympy

from tracer.backends.templates import LIBRARY, Lacking, TemplateWriter, multiply, ordered, spell_accurate
from tracer.python_code import MANY, name
from tracer.rules import TABLE, argument
from tracer.scalar import sigmoid

x, y, z = map(argument, range(3))


class Plain(TemplateWriter):
    """A language with no more than it must have."""

    name = "plain"

    def root(self, base):
        return self.scope.root(base)

    def any_power(self, base, power):
        return self.scope.pow(base, power)

    def choose(self, test, value, otherwise):
        return self.scope.choose(test, value, otherwise)


def function(called):
    return lambda e, *args: e.named(called)(*args)


FUNCTIONS = {f: function(n) for f, n in LIBRARY.items()} | {sympy.Max: function("max")}
PLAIN = Plain(FUNCTIONS, dict)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (x, "_0"),
        (x + y, "_0 + _1"),
        (x - y, "_0 - _1"),
        (-x - y, "-_0 - _1"),
        (-x * y, "-_0 * _1"),
        (2 * x / 3, "(2 / 3) * _0"),
        (-x / (y * z), "-_0 / (_1 * _2)"),
        (x / y**2, "_0 / _1 ** 2"),
        (1 / x**2, "1 / (_0 * _0)"),
        (1 / x**5, "pow(_0, -5)"),
        (x ** sympy.Rational(2, 3), "pow(_0, 0.6666666666666666)"),
        (x**2, "_0 ** 2"),
        (x**4, "_0 * _0 * _0 * _0"),
        (x**5, "_0 ** 5"),
        (x**y, "pow(_0, _1)"),
        (sympy.sqrt(x), "root(_0)"),
        (1 / sympy.sqrt(x), "1 / root(_0)"),
        (sympy.Float(0.5) * x, "0.5 * _0"),
        (sympy.pi * x, "3.141592653589793 * _0"),
        (sympy.exp(x + 1) - sympy.atan2(x, y), "exp(_0 + 1) - atan2(_0, _1)"),
        (sympy.Max(x, y, z), "max(_0, max(_1, _2))"),
        (sympy.Gt(x, y), "_0 > _1"),
        (sympy.Ne(x, y), "_0 != _1"),
        (sympy.And(x > y, y > z), "(_0 > _1) & (_1 > _2)"),
        (sympy.Or(x > y, y > z), "(_0 > _1) | (_1 > _2)"),
        (sympy.Piecewise((x, x > y), (y, True)), "choose(_0 > _1, _0, _1)"),
        (sympy.Piecewise((1, x > y), (0, True)), "choose(_0 > _1, 1.0, 0.0)"),
        (sigmoid(x), "1 / (1 + exp(-_0))"),
    ],
    ids=str,
)
def test_templates(template, text):
    assert str(PLAIN.write(template)) == text


def test_a_choice_without_a_last_case_is_nan_elsewhere():
    assert "nan" in str(PLAIN.write(sympy.Piecewise((x, x > y))))


def test_a_template_with_a_code_of_its_own_is_not_walked_over():
    writer = Plain(FUNCTIONS, lambda: {x + y: lambda e, x, y: name("whole")})
    assert str(writer.write(x + y)) == "whole"
    assert str(writer.write(x + y + z)) == "_0 + _1 + _2"
    accurate = Plain(FUNCTIONS, lambda: spell_accurate(lambda e: e.lib))
    assert [str(accurate.write(TABLE[n].template)) for n in ("log2", "hypot")] == ["lib.log2(_0)", "lib.hypot(_0, _1)"]


def test_what_would_nest_too_deep_is_one_call():
    factors = [argument(k) for k in range(MANY + 1)]
    assert str(PLAIN.write(sympy.Mul(*factors))).startswith("math.prod([_0, ")
    assert str(PLAIN.write(sympy.Mul(*factors[:3]))) == "_0 * _1 * _2"


@pytest.mark.parametrize(
    ("template", "lacked"),
    [(sympy.besselj(0, x), "besselj"), (sympy.Sum(x, (y, 0, 3)), "Sum"), (sympy.Min(x, y), "Min")],
)
def test_what_a_language_lacks_is_named(template, lacked):
    with pytest.raises(Lacking, match=f"^{lacked}$"):
        PLAIN.write(template)
    assert issubclass(Lacking, LookupError)


def test_conditions_are_in_one_order_and_factors_in_theirs():
    assert ordered([y > z, x > y]) == ordered([x > y, y > z])
    assert str(multiply([name("a"), name("b") + name("c")])) == "a * (b + c)"
