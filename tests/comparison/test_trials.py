"""Two programs at random points modulo primes: whether they are defined and equal there, and what was asked."""

from fractions import Fraction

import pytest

import tracer as tf
from tests.comparison.test_boundaries import trials_of
from tracer.comparison.residues import rational
from tracer.comparison.trials import Trials, move_element

SEEDS = range(1, 6)

EQUAL = [
    "x**2 - y**2 = (x - y)*(x + y)",
    "exp(x + y) = exp(x)*exp(y)",
    "x/y - y/x = (x**2 - y**2)/(x*y)",
    "where(x > y, x, y) = max(x, y)",
    "sqrt(x**2) = abs(x)",
]
DIFFERENT = ["x**2 - y**2 = (x - y)**2", "exp(x*y) = exp(x)*exp(y)", "x/y = y/x", "sqrt(x**2) = x"]


@pytest.mark.parametrize("text", EQUAL)
def test_equal_programs_are_equal_wherever_both_are_defined(text):
    trials = trials_of(text)
    points = [trials.at(seed) for seed in SEEDS]
    assert any(p.defined for p in points)
    assert all(p.equal[0] is True for p in points if p.defined)


@pytest.mark.parametrize("text", DIFFERENT)
def test_different_programs_differ_at_some_point(text):
    trials = trials_of(text)
    assert any(p.defined and p.equal[0] is False for p in map(trials.at, range(1, 12)))


def test_a_point_where_nothing_is_defined_says_so():
    found = trials_of("x/(y - y) = x").at(1)
    assert not found.defined
    assert found.equal[0] is None


@pytest.mark.parametrize("text", [*EQUAL, *DIFFERENT])
def test_a_seed_is_a_point(text):
    first, again = (trials_of(text).at(3) for _ in range(2))
    assert (first.defined, first.equal, first.pattern, first.degree) == (
        again.defined, again.equal, again.pattern, again.degree
    )  # fmt: skip


@pytest.mark.parametrize(("text", "degree"), [("x = x", 2), ("x**3*y = y*x**3", 8), ("x*x - y = x", 3)])
def test_the_degree_bounds_that_of_the_difference(text, degree):
    assert degree <= trials_of(text).at(1).degree <= 2 * degree


def test_questions_are_choices_or_values_that_must_be_positive():
    point = trials_of("where(x > 0, 1, 2) + where(x > y, 1, 2) = log(x)").at(1)
    assert len(point.choices) == 2 < len(point.pattern)
    assert point.count(True) == 2
    assert point.count(False) == 1
    forced = trials_of("where(x > 0, 1, 2) + where(x > y, 1, 2) = log(x)").at(1, forced={0: 0})
    assert forced.pattern[0] == 0
    assert forced.count(True) == 1
    twice = trials_of("where(x > y, 1, 2) + where(y > x, 1, 2) = x").at(1)
    assert (len(twice.choices), twice.count(True)) == (2, 1)


def test_a_place_is_an_element_and_moving_it_moves_nothing_else():
    trials = trials_of("x*y = y*x")
    arithmetic, feed = trials.begin(2)
    assert len(trials.places()) == 2
    place = trials.places()[0]
    after = move_element(feed, place, rational(Fraction(5), arithmetic.field))
    changed = [p for p in trials.places() if (after[p[0]].flat[p[1]] - feed[p[0]].flat[p[1]]).fraction() != 0]
    assert changed == [place]
    assert (after[place[0]].flat[place[1]] - feed[place[0]].flat[place[1]]).fraction() == 5
    assert all(a is not b for a, b in zip(trials.begin(2)[1].values(), feed.values(), strict=True))


def test_the_weakest_prime_is_that_of_angles_where_one_is_met():
    plain, angle = trials_of("exp(x) = y").at(1), trials_of("sin(x) = y").at(1)
    assert plain.weakest() == plain.arithmetic.field.moduli[1]
    assert angle.weakest() == angle.arithmetic.field.moduli[2]


def test_a_number_stands_for_as_many_as_the_other_side_has_and_products_cost_more():
    A, v = tf.placeholder("A", (3, 3)), tf.placeholder("v", (3,))
    shapes = {A.node: (3, 3), v.node: (3,)}
    trials = Trials([v * 0.0, A @ v], [tf.constant(0.0), tf.reduce_sum(A * v, 1)], shapes)
    assert len(trials.places()) == 12
    assert trials.at(1).equal[0] is True
    cost = [Trials([t], [t], shapes).cost() for t in (v, A + A, tf.reduce_sum(A + A, 1), tf.reduce_sum(A * A))]
    assert cost == sorted(cost)
    assert cost[0] < cost[1]
