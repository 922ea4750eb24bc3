"""Where errors are looked for, and what hypothesis leads to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.comparison.instances import UNDEFINED
from tracer.comparison.search import Found
from tracer.testing.searching import (
    HypothesisSearch,
    draw_arrays,
    extreme_points,
    opposite_points,
    ordered_points,
    zero_points,
)


def found_if(condition):
    """What looks at points, and finds those of which a condition holds."""
    return lambda values: Found(None, [np.array(v) for v in values], UNDEFINED) if condition(values) else None


def test_points_are_tiny_and_huge_of_both_signs_and_mixed():
    """Nearly as tiny and huge as floats are."""
    points = list(extreme_points([(3,), (2,)], 1))
    inputs = [p[0] for p in points]
    assert all(np.isfinite(v).all() for v in inputs)
    for sign in (1, -1):
        assert any((sign * v > 1e304).all() for v in inputs)
        assert any((sign * v > 0).all() and (abs(v) < 1e-303).all() for v in inputs)
    assert any(v.min() < -1e5 and v.max() > 1e5 for v in inputs)
    assert any(abs(v[0]) > 1e100 and abs(v[1]) < 10 for v in inputs)
    assert all((abs(p[1]) < 10).all() and p[1][0] != p[1][1] for p in points)


def test_points_have_inputs_in_each_order_with_ties():
    orders = {tuple(float(v.flat[0]) for v in p[:3]) for p in ordered_points([(), (2,), (), (2,)], 3)}
    assert len(orders) == 13
    assert {(-1, 1, 1), (3, 1, -1), (-1, -1, -1)} <= orders
    assert [p[0].shape for p in ordered_points([(2,), ()], 1)] == []


def test_points_have_opposite_elements():
    ((x, y, cotangent),) = opposite_points([(3,), (), (2,)], 2)
    assert x[0] == -x[1] != 0
    assert y != 0
    assert cotangent[0] != -cotangent[1]
    assert list(opposite_points([(), (1,), (2,)], 2)) == []


def test_points_have_zeros_all_and_all_but_one_and_one_alone():
    points = list(zero_points([(3,), (), (2,)], 2))
    assert [p[0].tolist() for p in points] == [[0, 0, 0], [0, 0, 3], [0, 3, 3]]
    assert all(p[2].all() for p in points)
    assert len(list(zero_points([(), (2,)], 1))) == 1
    assert [p[0].shape for p in zero_points([(0,), ()], 1)] == [(0,)]


def test_what_is_found_is_shrunk():
    found = HypothesisSearch(300).first(st.tuples(draw_arrays((3,), "float64", ())), found_if(lambda v: v[0].max() > 2))
    *others, largest = np.sort(found.values[0])
    assert others == [0, 0]
    assert 2 < largest <= 3


def test_nothing_is_found_where_nothing_is_wrong():
    assert HypothesisSearch(5).first(st.integers(), lambda value: None) is None


@pytest.mark.parametrize("count", [1, 7])
def test_as_many_points_are_drawn_as_are_asked_for(count):
    seen = []
    HypothesisSearch(count).first(st.floats(), seen.append)
    assert len(seen) == count


def test_the_profile_says_how_many_are_drawn_by_default():
    seen = []
    HypothesisSearch(None).first(st.floats(), seen.append)
    assert len(seen) == settings.default.max_examples


def test_numbers_of_conditions_are_drawn():
    strategy = st.tuples(draw_arrays((2,), "float64", [7.77]))
    assert HypothesisSearch(3000).first(strategy, found_if(lambda v: (v[0] == -7.77).any()))


def test_square_matrices_are_definite_too():
    def is_definite(values):
        (a,) = values
        return (a == a.T).all() and np.linalg.eigvalsh(a)[0] > 0.9 and a[0, 1] != 0

    assert HypothesisSearch(100).first(st.tuples(draw_arrays((2, 2), "float64", ())), found_if(is_definite))


def test_arrays_from_strategies_have_cotangents_of_their_shapes():
    shapes = set()
    HypothesisSearch(30).first_completed(
        [st.integers(1, 3).map(np.ones), (2,)],
        lambda values: [values[0].shape],
        lambda v: shapes.add(tuple(map(np.shape, v))),
    )
    assert len(shapes) > 1
    assert shapes <= {((n,), (2,), (n,)) for n in (1, 2, 3)}


def test_a_search_within_a_test_answers_the_same_again():
    answers = []

    @settings(max_examples=3, database=None)
    @given(st.booleans())
    def test(_):
        seen = []
        HypothesisSearch(5).first(st.floats(), seen.append)
        answers.append(repr(seen))

    test()
    assert len(set(answers)) == 1
