"""Signs of linear forms, against a search for points that have them."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.comparison.regions import Linear, is_possible, reconstruct

FORMS = st.lists(st.tuples(*[st.integers(-2, 2)] * 3, st.sampled_from((-1, 0, 1))), min_size=1, max_size=4)
GRID = [Fraction(k, 4) for k in range(-12, 13)]


@given(FORMS)
@settings(max_examples=80, deadline=None)
def test_signs_that_a_point_has_are_possible(rows):
    signs = [
        (Linear({p: Fraction(f) for p, f in (("x", a), ("y", b)) if f}, Fraction(c)), sign) for a, b, c, sign in rows
    ]
    found = any(
        all((v > 0) - (v < 0) == sign for a, b, c, sign in rows for v in (a * x + b * y + c,))
        for x, y in itertools.product(GRID, GRID)
    )
    # Regions of such small numbers that are not empty hold points of the grid, unless they begin beyond it.
    if found:
        assert is_possible(signs)


@pytest.mark.parametrize(
    ("rows", "possible"),
    [
        ([((1, 0), 0, -1), ((1, 0), -1, 1)], False),
        ([((1, 1), -3, 1), ((1, 0), -1, -1), ((0, 1), -1, -1)], False),
        ([((1, 1), -3, 1), ((1, 0), -2, -1), ((0, 1), -2, -1)], True),
        ([((1, 0), 0, 0), ((1, 0), -1, 0)], False),
        ([((1, 0), 0, 0), ((0, 1), -1, 0), ((1, 1), -2, -1)], True),
        ([((0, 0), 1, -1)], False),
        ([((1, 0), 0, 1), ((-1, 0), 0, 1)], False),
    ],
)
def test_what_is_possible(rows, possible):
    signs = [
        (Linear({p: Fraction(f) for p, f in zip("xy", factors) if f}, Fraction(number)), sign)
        for factors, number, sign in rows
    ]
    assert is_possible(signs) is possible


@given(st.integers(-5000, 5000), st.integers(1, 5000))
def test_fractions_are_reconstructed(top, bottom):
    modulus = 34360125719
    assert reconstruct(top * pow(bottom, -1, modulus) % modulus, modulus) == Fraction(top, bottom)
