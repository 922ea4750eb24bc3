"""Proposals: each kind is made where it fits, and nowhere else."""

import numpy as np
import pytest

import tracer
from tracer.explanations.node_values import NodeValues
from tracer.explanations.proposals import DOUBLE, Spelled, propose
from tracer.explanations.spelling import Speller, write

x, y = tracer.symbols("x y")


def spell(function, feed, result=None):
    speller = Speller([function])
    given = {key: np.asarray(value) for key, value in feed.items()}
    values = NodeValues(function if result is None else result, feed)
    return Spelled(speller.spell(function), speller, values, given, int(result is not None))


def texts(function, feed, result=None, guard=True):
    return [write(p.expression) for p in propose(spell(function, feed, result), guard)]


REPAIRED = [
    (x * tracer.math.log(y), {x: 0.0, y: 0.0}, "math.xlogy(x, y)"),
    (tracer.math.log(1.0 - tracer.sigmoid(x)), {x: 1e3}, "math.log_sigmoid(-x)"),
    (tracer.acos(x), {x: 1 + 1e-9}, "acos(clip_by_value(x, -1.0, 1.0))"),
    (tracer.cast(x > 0, "float64") * tracer.math.log(x), {x: -1.0}, "where(x > 0, log(where(x > 0.0, x, 1.0)), 0.0)"),
]


@pytest.mark.parametrize(("function", "feed", "text"), REPAIRED)
def test_the_repair_that_fits_is_among_the_proposals(function, feed, text):
    assert text in texts(function, feed)


def test_operands_are_guarded_only_where_they_may_be():
    function, feed = y + tracer.math.log(x), {x: -1.0, y: 2.0}
    assert texts(function, feed) == ["y + log(where(x > 0.0, x, 1.0))"]
    assert texts(function, feed, guard=False) == []


def test_what_is_put_in_place_of_an_operand_is_tried_with_another_number():
    (proposal,) = propose(spell(tracer.math.log(x), {x: -1.0}), True)
    assert proposal.reason == DOUBLE
    assert [write(e) for e in proposal.others] == ["log(where(x > 0.0, x, 0.7))"]


def test_of_a_derivative_the_value_at_the_end_of_the_domain_is_held():
    root = tracer.sqrt(x)
    found = texts(root, {x: 0.0}, tracer.gradients(root, x)[0])
    assert found == ["sqrt(where(x > 0.0, x, 1.0))", "where(x > 0.0, sqrt(where(x > 0.0, x, 1.0)), 0.0)"]


def test_only_what_fails_is_changed():
    function = tracer.math.log(y) + tracer.math.log(x)
    assert texts(function, {x: -1.0, y: 2.0}) == ["log(y) + log(where(x > 0.0, x, 1.0))"]
    assert texts(function, {x: 1.0, y: 2.0}) == []
    assert texts(x * x + 1.0, {x: np.inf}) == []


def test_a_quotient_has_a_convention_only_where_its_numerator_is_zero():
    assert "math.divide_no_nan(x, y)" in texts(x / y, {x: 0.0, y: 0.0})
    assert "math.divide_no_nan(x, y)" not in texts(x / y, {x: 1.0, y: 0.0})
