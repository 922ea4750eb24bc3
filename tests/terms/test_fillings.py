"""What stands at some places among a number is read as it was made, and nothing else is."""

import pytest
import sympy

from tests.terms.programs import u, v, where
from tests.terms.rules.answers import normal
from tracer.terms import record as T
from tracer.terms.fillings import fill, read_filling
from tracer.terms.record import ONE, call, is_zero, number, product, times
from tracer.terms.selections import selection

n = u.shape[0]
PLACES = selection(1, n, 1, n + 2)
MASK = product(1, [(PLACES, (0, 1), ONE)], (1,))
PLACED = product(1, [(u, (0,), ONE), (PLACES, (0, 1), ONE)], (1,))


@pytest.mark.parametrize("value", [-sympy.oo, sympy.oo, 2])
def test_a_filling_is_read(value):
    found = read_filling(normal(fill(PLACED, MASK, value)))
    assert found is not None
    assert found.number == value
    assert found.placed is normal(PLACED)
    assert found.mask is normal(MASK)


def test_a_filling_that_is_repeated_along_an_axis_is_read():
    m = sympy.Symbol("m", integer=True, positive=True)
    matrix = T.source("A", (m, n))
    mask = product(1, [(PLACES, (0, 1), ONE)], (2, 1), {2: m})
    placed = product(1, [(matrix, (2, 0), ONE), (PLACES, (0, 1), ONE)], (2, 1))
    found = read_filling(normal(fill(placed, mask, -sympy.oo)))
    assert found is not None
    assert normal(found.mask) is normal(mask)


@pytest.mark.parametrize(
    "t",
    [
        u,
        where(u, call(sympy.Gt, [v, number(0, (n,))]), number(0, (n,))),
        fill(PLACED, times(MASK, PLACED), -sympy.oo),
        call(sympy.Piecewise, [PLACED, call(sympy.Gt, [MASK, number(0, MASK.shape)]), PLACED]),
        call(sympy.Piecewise, [PLACED, call(sympy.Gt, [MASK, PLACED]), number(1, MASK.shape)]),
        fill(PLACED, number(1, MASK.shape), -sympy.oo),
    ],
    ids=repr,
)
def test_other_choices_are_none(t):
    assert read_filling(t) is None
    assert not is_zero(t)
