"""Clips at limits of one size."""

import pytest
import sympy

from tests.terms.programs import h, one, scaled, u, v
from tracer.terms.clips import Clip, is_limit, read_clip
from tracer.terms.record import Term, call, number


def clipped(low: Term, t: Term, high: Term) -> Term:
    return call(sympy.Min, [call(sympy.Max, [low, t]), high])


@pytest.mark.parametrize(
    ("term", "found"),
    [
        (clipped(scaled(-1, one), u, one), Clip(u, one)),
        (clipped(scaled(-2, h), u, scaled(2, h)), Clip(u, scaled(2, h))),
        (clipped(u, scaled(-1, h), h), Clip(u, h)),
        (clipped(scaled(-1, v), u, v), None),
        (clipped(scaled(-2, one), u, one), None),
        (call(sympy.Min, [u, one]), None),
    ],
)
def test_a_clip_is_read(term, found):
    assert read_clip(term) == found


def test_the_negative_clip_is_that_of_the_negative_term():
    assert read_clip(Clip(u, h).turn()) == Clip(scaled(-1, u), h)


@pytest.mark.parametrize(("term", "limits"), [(h, True), (number(0), True), (number(-1), False), (u, False)])
def test_what_a_limit_is(term, limits):
    assert is_limit(term) is limits
