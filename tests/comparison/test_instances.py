"""Two programs at a point: what is a difference, and what is rounding."""

import math

import numpy as np
import pytest

from tests.comparison.test_search import instance

ROUNDING = [
    (lambda x: (1 - math.cos(x)) / x**2, "2*sin(x/2)**2/x**2", 2.4e-4),
    (lambda x: (1 - math.cos(x)) / x**2, "2*sin(x/2)**2/x**2", 1.7e-6),
    (lambda x: math.sqrt(x * x + 1) - x, "1/(sqrt(x**2 + 1) + x)", 1e6),
    (lambda x: math.exp(x) / (1 + math.exp(x)), "sigmoid(x)", 800.0),
    (lambda x: x * (2.0**0.5) ** 2, "2*x", 3.0),
    ("(exp(x) - 1)/x", "expm1(x)/x", 1e-9),
    ("relu(5*sigmoid(x) + 5*sigmoid(-x))", "5 + 0*x", 15625.0),
    ("where(sigmoid(-x) > 0, 1, 0)", "1 + 0*x", 15625.0),
    ("where(exp(-exp(x)) < 1/2, 1, 0)", "1 + 0*x", 15625.0),
    ("where(exp(-x) > 0, 1, 0)", "1 + 0*x", 15625.0),
]

DIFFERENT = [
    (lambda x: math.sin(x) * (1 + 1e-7), "sin(x)", 1.0),
    (lambda x: 4.0 if float(x) == 3 else float(x), "x", 3.0),
    (lambda x: 1.0 if float(x) > 0 else 0.0, "where(x >= 0, 1, 0)", 0.0),
    ("x*(1 + 1/1000000000)", "x", 2.0),
    ("exp(x)", "exp(x) + 1", -700.0),
    ("where(log(x) > 0, 1, 0)", "where(log(x) > 0, 1, 2)", -1.0),
]


@pytest.mark.parametrize(("first", "second", "x"), ROUNDING)
def test_rounding_is_no_difference(first, second, x):
    assert not instance(first, second, ()).compare([np.array(x)]).differs


@pytest.mark.parametrize(("first", "second", "x"), DIFFERENT)
def test_differences_are_seen(first, second, x):
    outcome = instance(first, second, ()).compare([np.array(x)])
    assert outcome.defined
    assert outcome.differs


def test_what_is_not_finite_is_undefined():
    assert not instance("log(x)", "x", ()).compare([np.array(-1.0)]).defined
    assert not instance(lambda x: np.linalg.cond(np.asarray(x)), "x", ()).compare([np.array(1.0)]).defined


def test_shapes_that_differ_are_a_difference():
    outcome = instance("sum(x)", "x", (2,)).compare([np.zeros(2)])
    assert outcome.differs
    assert [v.shape for v in (*outcome.left, *outcome.right)] == [(), (2,)]


def test_where_rounding_decides_a_condition_nothing_is_known():
    pair = instance("where(inv(x) @ inv(y) <= x/2, x, 0*x)", "where(inv(y @ x) > x/2, 0*x, x)", (2, 2), (2, 2))
    x, y = np.array([[3.0, -1.0], [-1.0, 0.0]]), np.array([[-3.0, 2.0], [3.0, 0.0]])
    assert not pair.compare([x, y]).differs
    assert pair.compare([np.eye(2), np.eye(2)]).defined


def test_floats_larger_than_any_integer_are_cast_without_a_warning():
    own = instance("x", "x", ())
    own.dtypes = ["int64"]
    (value,) = own.cast([np.array(1e300)])
    assert value.dtype == "int64"
