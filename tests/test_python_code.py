"""Pieces of Python source: parentheses, imports and slots follow from how a piece was put together."""

import ast
import random

import numpy as np
import pytest
import sympy

from tracer.python_code import (
    ATOM,
    TIMES,
    Held,
    as_code,
    choose,
    hold,
    literal,
    name,
    negate,
    number_level,
    number_text,
    slot,
)
from tracer.python_scope import SCOPE

e, x, y = SCOPE, slot(0), slot(1)
n, m = sympy.symbols("n m", integer=True, positive=True)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (x - (y - x), "_0 - (_1 - _0)"),
        (x - y - x, "_0 - _1 - _0"),
        ((x + y) * x, "(_0 + _1) * _0"),
        (x / (y * x), "_0 / (_1 * _0)"),
        ((-x) ** 2, "(-_0) ** 2"),
        (x ** (-y), "_0 ** -_1"),
        ((x**y) ** x, "(_0 ** _1) ** _0"),
        ((x < y) & (y < x), "(_0 < _1) & (_1 < _0)"),
        (-(x * y), "-(_0 * _1)"),
        (negate(x * y), "-_0 * _1"),
        (negate(x * y).filled([literal(-2.0), y]), "-(-2.0) * _1"),
        (negate(-x), "-(-_0)"),
        (-(x**2), "-_0 ** 2"),
        ((x @ y).T[..., 0], "(_0 @ _1).T[..., 0]"),
        (x[:, None, 1:n, ::-1], "_0[:, None, 1:n, ::-1]"),
        (e.np.sum(x + y, axis=(0, 1)), "np.sum(_0 + _1, axis=(0, 1))"),
        (e.np.reshape(x, (n * m,)), "np.reshape(_0, (m*n,))"),
        (choose(x > 0, y, choose(x < 0, x, y)) + 1, "(_1 if _0 > 0 else _0 if _0 < 0 else _1) + 1"),
        (as_code(2.5).astype("int64"), "(2.5).astype('int64')"),
        (1 / (2 - x), "1 / (2 - _0)"),
    ],
)
def test_parentheses_stand_where_they_are_needed(code, text):
    assert str(code) == text


@pytest.mark.parametrize("seed", range(30))
def test_random_expressions_are_read_as_they_were_built(seed):
    """Python reads the text as the same operations on the same operands: values agree to the last bit."""
    rng = random.Random(seed)

    def build(depth):
        if not depth or rng.random() < 0.2:
            k = rng.randrange(3)
            return (slot(k), float(k + 2)) if rng.random() < 0.7 else (literal(-1.5), -1.5)
        (a, u), (b, v) = build(depth - 1), build(depth - 1)
        return rng.choice([
            lambda: (a + b, u + v), lambda: (a - b, u - v), lambda: (a * b, u * v), lambda: (-a, -u),
            lambda: (a / (b * b + 1), u / (v * v + 1)), lambda: (abs_code(a), abs(u)),
            lambda: (choose(a > b, a, b), u if u > v else v), lambda: (a**2, u**2), lambda: (negate(a), -u),
        ])()  # fmt: skip

    def abs_code(code):
        return e.abs(code)

    code, expected = build(5)
    text = code.write(lambda key: (f"{key + 2.0}", ATOM))
    assert eval(text) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_names_are_gathered_and_builtins_are_not():
    code = e.np.exp(e.erf(x)) + e.float(e.special.expi(y)) + e.sum([x, y])
    assert code.names == {"np", "erf", "special"}
    assert {n.id for n in ast.walk(ast.parse(str(code))) if isinstance(n, ast.Name)} >= code.names


def test_the_function_that_a_text_begins_with():
    assert (e.np.exp(x) * y).head == "exp"
    assert (x * e.np.exp(y)).head == ""
    assert e.np.linalg.inv(x).T.head == "inv"
    assert (-e.np.exp(x)).head == ""


def test_quotients_of_operands_by_operators_alone():
    assert (x / y).quotients == (frozenset({0, 1}),)
    assert (x * (1 / y)).quotients == (x / y).quotients
    assert (x / e.np.sqrt(y)).quotients == ()
    assert e.np.exp(x ** literal(0.5)).quotients == (frozenset({0}),)


def test_filled_codes_keep_what_they_import():
    code = (x - y).filled([e.np.exp(x), x + y])
    assert str(code) == "np.exp(_0) - (_0 + _1)"
    assert code.names == {"np"}


def test_values_that_fill_slots():
    code = x[hold(3)]
    (operand, held) = code.slots
    assert operand == 0
    assert isinstance(held, Held)
    assert held.value == 3
    assert str(code) == "_0[3]"


@pytest.mark.parametrize(
    "value", [0, -3, 2.5, -0.0, 1e-300, float("inf"), True, sympy.Rational(1, 3), sympy.Rational(-1, 7)]
)
def test_numbers(value):
    assert np.float64(eval(number_text(value))) == float(value)
    assert number_level(value) <= ATOM


def test_the_unknown_attribute_of_a_piece_is_code_and_a_private_one_is_none():
    assert str(name("x").shape[0]) == "x.shape[0]"
    with pytest.raises(AttributeError):
        x._private  # noqa: B018
    with pytest.raises(AttributeError):
        e._private  # noqa: B018


def test_what_is_multiplied_by_a_reciprocal_is_divided():
    inverse = 1 / (x + 1)
    assert str(y * inverse) == "_1 / (_0 + 1)"
    texts = {0: ("1 / (a + b)", TIMES), 1: ("c", ATOM)}
    assert (y * x).write(texts.__getitem__) == "c / (a + b)"
    assert (x * y).write(texts.__getitem__) == "1 / (a + b) * c"
    assert (y / x).write(texts.__getitem__) == "c / (1 / (a + b))"


def test_an_argument_has_no_two_signs():
    signed = {0: ("-a * b", TIMES)}
    assert e.np.exp(-x).write(signed.__getitem__) == "np.exp(a * b)"
    assert e.np.exp(y / -x).write({**signed, 1: ("c", ATOM)}.__getitem__) == "np.exp(c / -(-a * b))"
    assert e.np.exp(-(x**y)).write({**signed, 1: ("c", ATOM)}.__getitem__) == "np.exp(-(-a * b) ** c)"
