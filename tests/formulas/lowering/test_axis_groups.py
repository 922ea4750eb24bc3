"""Reshapes as terms: runs of axes, and elements that stay where they are in row-major order."""

import math

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.formulas.lowering.axis_groups import axis_groups, reshape_term
from tracer.formulas.matrix.writer import matrix
from tracer.terms import record as T
from tracer.testing.interpreter import evaluate

n, m = sympy.symbols("n m", integer=True, positive=True)


@pytest.mark.parametrize(
    ("old", "new", "groups"),
    [
        ((n, m), (n * m,), [([0, 1], [0])]),
        ((n * m,), (n, m), [([0], [0, 1])]),
        ((n, 2, m), (n, 2 * m), [([0], [0]), ([1, 2], [1])]),
        ((n, 1), (n,), [([0], [0]), ([1], [])]),
        ((2, 3), (3, 2), [([0, 1], [0, 1])]),
        ((n,), (n,), [([0], [0])]),
        ((), (1,), [([], [0])]),
    ],
)
def test_axes_are_put_into_runs_that_become_one_another(old, new, groups):
    assert axis_groups(old, new) == groups


def test_sizes_that_can_not_be_told_apart_make_no_runs():
    assert axis_groups((n, m), (m, n)) is None


shapes = st.lists(st.sampled_from([1, 2, 3]), min_size=0, max_size=3).map(tuple)


@settings(deadline=None, max_examples=100)
@given(shapes, st.data())
def test_elements_stay_in_order(old, data):
    size = math.prod(old)
    divisors = [k for k in (1, 2, 3) if size % k == 0]
    new = []
    while math.prod(new) != size or (data.draw(st.booleans()) and len(new) < 2):
        left = size // math.prod(new)
        new.append(data.draw(st.sampled_from([k for k in divisors if left % k == 0])) if len(new) < 2 else left)
    x = T.source("x", old)
    made = reshape_term(T.add([(2, x), (1, T.number(1, old))]), tuple(new))
    values = np.arange(float(size)).reshape(old)
    got = np.asarray(evaluate(matrix(made), {}, {"x": values}))
    np.testing.assert_array_equal(got.ravel(), 2 * values.ravel() + 1)
    assert made.shape == tuple(new)


def test_reshaping_back_is_nothing():
    x = T.source("x", (n, m))
    assert reshape_term(reshape_term(x, (n * m,)), (n, m)) is x


def test_a_function_of_elements_is_reshaped_by_its_operands():
    x = T.source("x", (n, m))
    flat = T.call(sympy.exp, [reshape_term(x, (n * m,))])
    assert reshape_term(flat, (n, m)) is T.call(sympy.exp, [x])
