"""Places that windows make of others are sums of them."""

import pytest
import sympy

from tracer.formulas.matrix.array_windows import Place, Window, find_told, name_places
from tracer.formulas.matrix.latex_printer import Latex
from tracer.formulas.matrix.unevaluated import from_parts

n = sympy.Symbol("n", integer=True, positive=True)


def window(offset, steps, shape):
    return from_parts(Window, [sympy.sympify(offset), sympy.Tuple(*steps), sympy.Tuple(*shape)])


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place(sympy.S.Zero, {0: 1, 1: 1}), "i+j"),
        (Place(sympy.Integer(-1), {0: 2, 1: 1}), "2i+j-1"),
        (Place(sympy.Integer(2), {0: -1, 1: 3}), "3j-i+2"),
        (Place(n - 1, {0: -1}), "-i+n-1"),
    ],
)
def test_a_place_is_a_sum(place, text):
    assert place.format({0: "i", 1: "j"}) == text


def test_a_window_is_one_where_its_places_meet():
    made = window(1, (2, -1), (3, 6))
    assert [[made._get((i, j)) for j in range(6)] for i in range(3)] == [
        [int(j == 2 * i + 1) for j in range(6)] for i in range(3)
    ]
    assert made.typeset(Latex(), ["i", "j"]) == r"\delta_{2i+1,j}"
    assert made.doit().shape == (3, 6)


@pytest.mark.parametrize(
    ("made", "words", "out", "named"),
    [
        (window(0, (1, 1, -1), (6, 3, 8)), [(1,), (2,)], (0,), {2: True}),
        (window(0, (1, 1, -1), (n - 2, 3, n)), [(1,), (2,)], (0,), {2: True}),
        (window(0, (1, 1, -1), (6, 3, 8)), [(1,), (0,)], (2,), {2: True}),
        (window(0, (1, 1, -1), (6, 3, 9)), [(1,), (0,)], (2,), {0: False}),
        (window(-1, (1, 1, -1), (8, 3, 8)), [(1,), (2,)], (0,), {2: False}),
        (window(0, (2, 3, -2), (8, 3, 8)), [(1,), (2,)], (0,), {}),
    ],
)
def test_places_are_named_where_they_follow(made, words, out, named):
    assert {k: m.within for k, m in name_places([(made, (0, 1, 2))], words, out).items()} == named


@pytest.mark.parametrize(
    ("size", "words", "out", "told"),
    [
        (6, [(1,)], (0,), {0, 1}),
        (5, [(1,)], (0,), {1}),
        (6, [(1,)], (1,), {0, 1}),
        (6, [], (0,), {0}),
        (6, [], (), set()),
        (6, [(0,)], (2,), {0}),
    ],
)
def test_as_many_windows_as_fit_need_not_be_told(size, words, out, told):
    made = window(0, (1, 1, -1), (size, 3, 8))
    sizes = dict(enumerate(made.shape))
    found = name_places([(made, (0, 1, 2))], [(2,)], out)
    assert find_told(found, sizes, {k for word in words for k in word}, out) == told


def test_a_size_that_one_window_tells_is_known_of_the_others():
    """The places of an axis are ``i + j`` and ``i + k`` where there are three ``k`` and six ``i``, so three ``j``."""
    found = name_places(
        [(window(0, (1, 1, -1), (6, 3, 8)), word) for word in [(0, 1, 3), (0, 2, 4)]], [(3,), (4,), (2,)], (1,)
    )
    assert find_told(found, {0: 6, 1: 3, 2: 3, 3: 8, 4: 8}, {2}, (1,)) == {0, 1, 2}
