"""What differs by places alone is written once, in an index."""

import pytest
import sympy

from tracer.formulas.notations.affine import MANY, interpolate, join_remainder, join_steps

i, j, m = sympy.symbols("i j m", integer=True)
x, w = (sympy.IndexedBase(name, real=True) for name in "xw")


@pytest.mark.parametrize(
    ("values", "whole"),
    [
        ([x[i], x[i + 1], x[i + 2]], x[i + m]),
        ([x[2 * i + 3], x[2 * i + 1], x[2 * i - 1]], x[2 * i + 3 - 2 * m]),
        ([w[0] * x[i, j + 1], w[1] * x[i, j + 2], w[2] * x[i, j + 3]], w[m] * x[i, j + 1 + m]),
        ([sympy.S.Zero, sympy.S.One, sympy.Integer(2)], m),
        ([sympy.sin(x[0])] * 3, sympy.sin(x[0])),
        ([x[0], x[1], x[3]], None),
        ([x[0], w[1], x[2]], None),
        ([x[0], sympy.sin(x[1]), x[2]], None),
        ([sympy.Symbol("a", real=True), sympy.Symbol("b", real=True), x[0]], None),
    ],
)
def test_places_that_are_linear_are_written_in_an_index(values, whole):
    assert interpolate(values, m) == whole
    if whole is not None:
        assert [whole.subs(m, k) for k in range(3)] == values


def test_summands_are_joined_in_any_order():
    taps = [sympy.Mul(w[k], x[i + k], evaluate=False) for k in (2, 0, 1)]
    assert join_steps(taps, m) == w[m] * x[i + m]
    assert join_steps(taps[:2], m) is None
    assert join_steps([x[k] for k in range(MANY + 1)], m) is None
    sums = [sympy.Sum(x[k + s], (s, 0, 4)) for k, s in enumerate(sympy.symbols("p q r", integer=True))]
    assert join_steps(sums, m) == sympy.Sum(
        x[m + sympy.Symbol("p", integer=True)], (sympy.Symbol("p", integer=True), 0, 4)
    )


@pytest.mark.parametrize("factor", [1, 3])
def test_a_row_and_a_remainder_are_one_place(factor):
    place, size, other = sympy.symbols("place size other", integer=True, positive=True)
    row, rest = sympy.floor((place + 1) / size), sympy.Mod(place + 1, size)
    assert join_remainder(factor * (size * row) + factor * rest + other) == factor * (place + 1) + other
    for left in (2 * row + rest, size * row + rest + row, size * row + other, rest, sympy.S.Zero):
        assert join_remainder(left) == left
