"""Relations of functions with numbers, opened: against the relation itself on a grid."""

import itertools

import pytest
import sympy
from sympy import Abs, Max, Min, Ne, Rational

from tests.helpers import holds_at
from tracer.explanations.implications import shorten
from tracer.explanations.openings import open_function
from tracer.scalar import relu

x, y = sympy.symbols("x y", real=True)
GRID = [Rational(k, 2) for k in range(-5, 6)]
GROWING = [f(x) for f in (sympy.exp, sympy.tanh, sympy.atan, sympy.sinh)]
VALUES = [Abs(x), relu(x), Max(x, y), Min(x, y), sympy.sin(x), *GROWING]
NUMBERS = [-2, -1, Rational(-1, 2), 0, Rational(1, 2), 1, 2]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_opened_relations_say_the_same(value):
    opened = 0
    points = list(itertools.product(GRID, GRID[::5] if value.has(y) else [0]))
    for compare, number in itertools.product((sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le, Ne), NUMBERS):
        relation = compare(value, number)
        made = open_function(relation) if isinstance(relation, compare) else None
        if made is None:
            continue
        opened += 1
        for a, b in points:
            assert holds_at(made, {x: a, y: b}) == holds_at(relation, {x: a, y: b}), (relation, made, a, b)
    assert opened


def test_what_holds_on_the_whole_line_is_true():
    assert shorten(sympy.Or(Ne(x, 0), Abs(x) <= Rational(1, 10))) == sympy.true
    assert shorten(sympy.Or(x * x >= 1, 1 - x * x >= 0)) == sympy.true
