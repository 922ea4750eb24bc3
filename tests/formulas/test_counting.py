"""How long expressions are when written: shared parts are counted wherever they stand, and looked at once."""

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tracer.formulas.counting import count_written
from tracer.formulas.errors import TooLong
from tracer.terms.work import Budget

x, y = sympy.symbols("x y")

expressions = st.recursive(
    st.sampled_from([x, y, sympy.Integer(3)]),
    lambda inner: st.one_of(
        inner.map(lambda e: sympy.sin(e, evaluate=False)),
        st.tuples(inner, inner).map(lambda pair: sympy.Add(*pair, evaluate=False)),
        inner.map(lambda e: sympy.Mul(e, e, evaluate=False)),
    ),
    max_leaves=8,
)


def weigh(part):
    return 1 + 2 * isinstance(part, sympy.sin)


@given(expressions)
def test_each_occurrence_is_counted(expression):
    assert count_written(expression, weigh, Budget()) == sum(map(weigh, sympy.preorder_traversal(expression)))


def doubled(depth):
    e = x
    for _ in range(depth):
        e = sympy.Basic(e, e)
    return e


def test_each_part_is_looked_at_once():
    looked = []
    assert count_written(doubled(60), lambda part: looked.append(part) or part == x, Budget()) == 2**60
    assert len(looked) == 61


def test_nothing_recurses_on_depth():
    e = x
    for _ in range(5000):
        e = sympy.Basic(e)
        hash(e)  # sympy keeps it: found for the whole at once, it would recurse.
    assert count_written(e, lambda part: 1, Budget()) == 5001


def test_several_expressions_share_what_was_found():
    looked, found = [], {}
    for depth in (3, 5):
        count_written(doubled(depth), lambda part: looked.append(part) or 1, Budget(), found)
    assert len(looked) == 6


def test_the_work_is_that_of_the_budget():
    with pytest.raises(TooLong):
        count_written(doubled(60), lambda part: 1, Budget(20, "a node"))
