"""Conditions in few words: equal to what they shorten at all points of a grid where that is defined."""

import itertools

import pytest
import sympy
from sympy import And, Eq, Ne, Or, Rational

from tests.helpers import holds_at
from tracer.explanations.domains import bound
from tracer.explanations.implications import MANY, drop_implied, implies, join, shorten

x, y = sympy.symbols("x y", real=True)
X = sympy.IndexedBase("X", real=True)
i, j = sympy.symbols("i j", integer=True)
GRID = [sympy.Rational(k, 2) for k in range(-6, 7)]

SHORTENED = [
    (Ne(sympy.sqrt(x), 0), Ne(x, 0)),
    (Ne(-2 * x, 0), Ne(x, 0)),
    (Ne(x**3, 0), Ne(x, 0)),
    (Ne(x * y, 0), And(Ne(x, 0), Ne(y, 0))),
    (Ne(x / y, 0), Ne(x, 0)),
    (Ne(1 / x, 0), sympy.true),
    (sympy.sqrt(x) > 0, Ne(x, 0)),
    (1 / sympy.sqrt(x) > 0, sympy.true),
    (sympy.sqrt(x) >= 0, sympy.true),
    (x**2 > 0, Ne(x, 0)),
    (x**3 > 0, x > 0),
    (1 / x > 0, x > 0),
    (-x > 0, x < 0),
    (sympy.exp(y) * x > 0, x > 0),
    (2 * x - 1 > -1, x > 0),
    (1 - x > -1, x < 2),
    (1 - x**2 >= 0, And(x >= -1, x <= 1)),
    (x**2 - 1 > 0, Or(x < -1, x > 1)),
    (Ne(x**2, 4), And(Ne(x, 2), Ne(x, -2))),
    (Ne(x**2, -1), sympy.true),
    (Ne((x - y / 2) ** 2 + (x / 2 - y) ** 2, 0), Ne((2 * x - y) ** 2 + (x - 2 * y) ** 2, 0)),
    ((2 * x - 1) ** 2 < 1, And(x > 0, x < 1)),
    (Eq(y - 1, sympy.floor(y) - 1), Eq(y, sympy.floor(y))),
    (Or(x <= 1, Ne(x, 0)), sympy.true),
    (Or(x <= 0, y <= 0, x * y > 0), sympy.true),
    (Or(x > -2, x > 0), x > -2),
    (And(x > 0, x > 1), x > 1),
    (y - x >= 0, y - x >= 0),
    (Ne(2 * x - 2 * y, 0), Ne(x, y)),
    (3 * x - 6 * y > 0, x - 2 * y > 0),
    (2 * y - 2 * x + x * y >= 4, 2 * y - 2 * x + x * y >= 4),
    (Or(x > 0, x < 0), Ne(x, 0)),
    (Or(x > y, x < y, y > 3), Ne(x, y) | (y > 3)),
    (Or(x > 0, x <= 0), sympy.true),
]


@pytest.mark.parametrize(("relation", "expected"), SHORTENED)
def test_relations_are_shortened_where_they_are_defined(relation, expected):
    found = shorten(relation)
    assert found == expected or sympy.simplify_logic(sympy.Equivalent(found, expected)) == sympy.true
    for a, b in itertools.product(GRID, GRID):
        values = {x: a, y: b}
        sides = [s.subs(values) for r in relation.atoms(sympy.core.relational.Relational) for s in r.args]
        if all(s.is_real for s in sides):
            assert bool(found.subs(values)) is bool(relation.subs(values))


BOUNDS = [*(op(x, n) for op in (sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le, Ne, Eq) for n in (0, 1)),
          x * y > 0, Ne(x * y, 0), And(x > 0, y > 0), Or(x > 1, x < 0), x**2 > 0]  # fmt: skip


@pytest.mark.parametrize("first", BOUNDS)
def test_what_is_implied_holds(first):
    for second in BOUNDS:
        if implies(first, second):
            for a, b in itertools.product(GRID, GRID):
                assert not holds_at(first, {x: a, y: b}) or holds_at(second, {x: a, y: b})


IMPLICATIONS = [
    (x > 1, x > 0),
    (x > 0, Ne(x, 0)),
    (x > 1, Or(x > 0, y > 0)),
    (And(x > 1, y > 0), y >= 0),
    (Or(x > 1, x > 2), x > 0),
    (x * y > 0, Ne(x, 0)),
    (Or(x <= 0, X[i] > 0), Or(x <= 0, Ne(X[i], 0))),
]


@pytest.mark.parametrize(("first", "second"), IMPLICATIONS)
def test_implications_are_seen(first, second):
    assert implies(first, second)
    assert not implies(second, first)


def test_a_quotient_does_not_say_that_it_is_defined():
    assert not implies(x / y > 0, Ne(y, 0))


KEPT = [
    ([x > 0, x > 0], [0]),
    ([x >= 0, x > 0, x + 1 > 0], [1]),
    ([x > 0, y > 0, x + y > 0], [0, 1]),
    ([X[i] > 0, sympy.Sum(X[j], (j, 0, 3)) > 0], [0]),
    ([X[0] > 0, X[1] > 0], [0, 1]),
    ([x > 0, y > 0], [0, 1]),
    ([x >= 0, x <= 0], [0, 1]),
    ([Ne(x, k) for k in range(MANY + 5)] + [Ne(x, 0)], list(range(MANY + 5))),
]


@pytest.mark.parametrize(("relations", "expected"), KEPT)
def test_what_others_imply_is_dropped(relations, expected):
    assert drop_implied(relations) == expected


JOINED = [
    ([x >= 0, Ne(x, 0)], [x >= 0, x > 0]),
    ([x <= 1, Ne(x, 1)], [x <= 1, x < 1]),
    ([x >= 1, Or(x < -1, x > 1)], [x >= 1, x > 1]),
    ([x >= 0, Ne(x, 1)], [x >= 0, Ne(x, 1)]),
    ([x > Rational(1, 2), Ne(y, 0)], [x > Rational(1, 2), Ne(y, 0)]),
]


@pytest.mark.parametrize(("relations", "expected"), JOINED)
def test_relations_that_all_hold_strengthen_each_other(relations, expected):
    assert join(relations) == expected
    before, after = And(*relations), And(*expected)
    for a, b in itertools.product(GRID, GRID):
        assert holds_at(before, {x: a, y: b}) == holds_at(after, {x: a, y: b})


def test_the_bound_of_each_condition_is_found_once():
    """Each condition is compared with all others, and bounds of nested logarithms take long to find."""
    relations = [x > 0]
    for _ in range(29):
        relations.append(sympy.log(relations[-1].lhs) > 0)
    bound.cache_clear()
    drop_implied(relations)
    assert bound.cache_info().misses <= 2 * len(relations)
