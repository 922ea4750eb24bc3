"""Patterns of signs that are possible, conditions on the same quantity, and points where they are zero."""

import pytest

from tests.comparison.test_identities import identity
from tracer.comparison.boundaries import SAMPLES, Boundaries, UnsolvedError
from tracer.comparison.trials import Trials


def trials_of(text):
    return Trials(*identity(text)._given)


def patterns(text):
    trials = trials_of(text)
    boundaries = Boundaries(trials)
    points = [trials.at(seed) for seed in range(1, 60)]
    return {p.choices for p in points if boundaries.is_possible(p)}, {p.choices for p in points}


def test_signs_that_linear_quantities_cannot_have_are_impossible():
    possible, met = patterns("where(x > 0, 1, 2) + where(x > 1, 1, 2) + 0*x = x")
    assert possible == {(1, 1), (1, -1), (-1, -1)}
    assert met == {*possible, (-1, 1)}
    possible, met = patterns("where(x*y > 0, 1, 2) + where(x*y > 1, 1, 2) = x")
    assert possible == met


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("where(x > y, 1, 2) = where(y < x, 1, 2)", 1),
        ("where(x > y, 1, 2) = where(x > 0, 1, 2) + y", 2),
        ("where(max(x, y) > 0, 1, 2) = where(x > 0, 1, 2)", 2),
        ("where(2 > 1, x, y) = x", 0),
        ("where(x - x > 0, x, y) = y", 0),
        ("max(x, y) = abs(x) + y", 0),
    ],
)
def test_conditions_on_the_same_quantity_are_one_class(text, count):
    trials = trials_of(text)
    classes = Boundaries(trials).classes([trials.at(seed) for seed in range(1, SAMPLES + 1)])
    assert len(classes) == count


def test_a_point_is_found_where_quantities_are_zero():
    boundaries = Boundaries(trials_of("where(2*x - y > 3, 1, 2) + where(x > y, 1, 2) = x"))
    feed = boundaries.solve(3, [1])
    assert boundaries.trials.ask(feed, 3)[1].value.is_zero_everywhere()
    feed = boundaries.solve(3, [0, 1])
    assert all(q.value.is_zero_everywhere() for q in boundaries.trials.ask(feed, 3)[:2])


def test_all_pieces_of_a_boundary_are_reached():
    boundaries = Boundaries(trials_of("where(abs(abs(x) - 3) <= 1, 1, 2) = x"))
    (head,) = boundaries.trials.at(1).arithmetic.jumps
    ends = set()
    for seed in range(1, 60):
        if (feed := boundaries.solve(seed, [head])) is not None:
            ((x,),) = (v.ravel() for v in feed.values())
            ends.add(x.fraction())
    assert ends == {2, 4, -2, -4}
    assert boundaries.pieces([head]) == 4


def test_there_is_no_point_where_two_numbers_would_be_equal():
    assert Boundaries(trials_of("where(x == 0, 1, 2) + where(x == 1, 1, 2) = x")).solve(1, [0, 1]) is None
    assert Boundaries(trials_of("where(abs(x) > -2, 1, 2) = x")).solve(1, [1]) is None


def test_where_an_unknown_function_is_zero_is_not_known():
    with pytest.raises(UnsolvedError):
        Boundaries(trials_of("where(exp(x) > y**2, 1, 2) = x")).solve(1, [0])
