"""Counterexamples: found beyond conditions, and made small."""

import numpy as np
import pytest

from tracer.comparison.candidates import around, constants_in, fills, random_points, tidy_points
from tracer.comparison.instances import Instance
from tracer.comparison.search import Found, Search, shrink
from tracer.comparison.sides import Side


def instance(first, second, *shapes):
    names = list("xyz"[: len(shapes)])
    return Instance((Side(first), Side(second)), names, shapes, ["float64"] * len(shapes), {})


@pytest.mark.parametrize(
    ("second", "shapes"),
    [
        ("x + where(x > 123456, 1, 0)", [()]),
        ("x + where(4*x == 22, 1, 0)", [()]),
        ("x + where(exp(x) > 1000, 1, 0)", [()]),
        ("x + where(x**3 > 12345, 1, 0)", [()]),
        ("x + relu(x - 777)", [()]),
        ("x + where(sum(x) > 50, 1, 0)", [(3,)]),
        ("x + where((x > 30) & (x**2 > 1000), 1, 0)", [()]),
    ],
)
def test_points_beyond_conditions_are_found(second, shapes):
    found = Search().run(instance("x", second, *shapes))
    assert found is not None
    assert found.outcome.differs


def test_points_where_both_are_defined_are_counted():
    search = Search()
    assert search.begin(instance("log(x)", "log(x)", ()), [[np.array(3.0)]]) is None
    assert 0 < search.points < 40
    assert search.digits == 40


def test_counterexamples_are_made_small():
    pair = instance("x", "abs(x)", (4,))
    values = [np.array([-7.25, 3.5, 100.0, -2.125])]
    small = shrink(Found(pair, values, pair.compare(values)))
    assert sorted(map(abs, small.values[0].tolist())) == [0, 0, 0, 1]


def test_candidates_have_the_shapes_and_the_constants_of_the_programs():
    pair = instance("x + where(x > 42, 1, 0)", "x", ())
    assert constants_in(pair.order) == [42]
    assert {41, 42, 43, -42} <= set(around(42))
    assert all(v.shape == (2, 2) for v in fills((2, 2)))
    for points in (tidy_points([(2,), ()], [42]), random_points([(2,), ()], 0, [42])):
        assert [v.shape for v in next(points)] == [(2,), ()]
    assert any(v[1] == 42 for v in tidy_points([(2,), ()], [42]))
