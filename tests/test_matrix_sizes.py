"""Sizes that are open: which become one, and what is said where they can't."""

from itertools import pairwise

import pytest
import sympy

from tracer.expressions import ExpressionError
from tracer.matrix_sizes import Extent, Operand, Unknown, are_one, known, unify
from tracer.shapes import symbolic_dimension

n, m = map(symbolic_dimension, "nm")


def test_unknown_sizes_that_meet_are_one_and_take_what_any_of_them_is():
    sizes = [Unknown() for _ in range(6)]
    pairs = [(0, 1), (2, 3), (1, 3), (4, 5), (3, 0)]
    assert all(are_one(sizes[j], sizes[k]) for j, k in pairs)
    assert len({known(s) for s in sizes[:4]}) == 1
    assert known(sizes[4]) is not known(sizes[0])
    assert are_one(sizes[2], n)
    assert [known(s) for s in sizes[:4]] == [n] * 4
    assert are_one(7, sizes[5])
    assert known(sizes[4]) == 7
    assert not are_one(sizes[0], sizes[4])


@pytest.mark.parametrize(
    ("a", "b", "can"),
    [(None, None, True), (None, n, False), (None, 1, False), (n, n, True), (n, m, False), (3, 3, True), (3, 4, False)],
)
def test_known_sizes_are_one_where_they_are_equal(a, b, can):
    assert are_one(a, b) == are_one(b, a) == can


def test_a_number_of_one_is_no_unknown_size():
    size = Unknown()
    assert not are_one(None, size)
    assert known(size) is size


def test_a_chain_of_sizes_is_followed_without_recursion():
    sizes = [Unknown() for _ in range(5000)]
    for a, b in pairwise(sizes):
        assert are_one(a, b)
    assert are_one(sizes[0], sympy.Integer(3) * n)
    assert known(sizes[-1]) == 3 * n


def test_a_clash_says_the_sizes_and_where():
    a, b = Operand("A'", Extent(n, Unknown())), Operand("x", Extent(3, None))
    with pytest.raises(ExpressionError) as caught:
        unify(n, 3, "A'*x", (a, b), "write it otherwise")
    assert str(caught.value) == (
        "in \"A'*x\" the sizes n and 3 differ: \"A'\" is a matrix of size n by ? and 'x' is a column of size 3; "
        "write it otherwise"
    )
    with pytest.raises(ExpressionError, match="the sizes do not fit: 'y' is a row; no"):
        unify(None, Unknown(), "y", (Operand("y", Extent(None, Unknown())),), "no")
    assert str(Operand("a", Extent(None, None))) == "'a' is a number"
