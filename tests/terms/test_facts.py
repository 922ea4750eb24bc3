"""What is known of terms follows from their functions and declarations, and holds for their values."""

import numpy as np
import pytest
import sympy

from tests.terms.programs import F, arrays, dot, h, u, v
from tests.terms.values import value
from tracer.scalar import sigmoid
from tracer.terms import record as T
from tracer.terms.facts import is_condition, is_constant_along, is_nonnegative, is_positive, is_total, is_total_power

SQUARE = T.power(u, 2)


def sum_before(t, reverse=False):
    """The running sums of a vector, or those from its end."""
    place = (1, 0) if reverse else (0, 1)
    return T.product(1, [(T.triangle(t.shape[0]), place, T.ONE), (t, (1,), T.ONE)], (0,))


TERMS = [
    (h, True, True),
    (u, False, False),
    (T.call(sympy.exp, [u]), True, True),
    (T.call(sigmoid, [u]), True, True),
    (T.call(sympy.Abs, [u]), True, False),
    (SQUARE, True, False),
    (T.add([(1, SQUARE), (2, h)]), True, True),
    (T.add([(1, SQUARE), (-2, h)]), False, False),
    (dot(u, u), True, False),
    (dot(u, v), False, False),
    (T.scaled(-1, h), False, False),
    (T.identity(u.shape[0]), True, False),
    (T.product(1, [(h, (0,), T.ONE)], (0, 0)), True, False),
    (sum_before(h), True, True),
    (sum_before(h, reverse=True), True, True),
    (sum_before(u), False, False),
    (T.product(1, [(T.triangle(h.shape[0]), (0, 1), T.ONE), (h, (1,), T.ONE)], (0, 1)), True, False),
    (T.product(1, [(T.triangle(h.shape[0]), i, T.ONE) for i in ((0, 2), (2, 1))], (0, 1)), True, False),
    (T.call("cumprod", [h], (0, 0)), True, True),
    (T.call("cumprod", [u], (0, 0)), False, False),
    (T.call("reduce_max", [h], 1, ()), True, True),
]


@pytest.mark.parametrize(("term", "nonnegative", "positive"), TERMS, ids=lambda t: repr(t))
def test_signs_are_known_and_hold(term, nonnegative, positive):
    assert (is_nonnegative(term), is_positive(term)) == (nonnegative, positive)
    for seed in range(3):
        found = np.asarray(value(term, arrays(seed)))
        assert not nonnegative or (found >= 0).all()
        assert not positive or (found > 0).all()


def test_what_is_finite_wherever_its_sources_are():
    assert is_total(T.call(sympy.tanh, [T.times(u, v)]))
    assert not is_total(T.power(u, -1))
    assert not is_total(T.call(sympy.log, [u]))


def test_conditions_are_what_is_true_or_false():
    assert is_condition(T.call(sympy.Gt, [u, v]))
    assert is_condition(T.source("b", u.shape, ["bool"]))
    assert not is_condition(u)


def test_what_is_repeated_along_an_axis():
    rows = T.broadcast(u, [1], (4, u.shape[0]))
    assert (is_constant_along(rows, 0), is_constant_along(rows, 1)) == (True, False)
    assert not is_constant_along(T.identity(3), 0)
    assert not is_constant_along(F, 0)


POSITIVE, ANY = h, u
POWERS = [
    (ANY, 2, True), (ANY, 0.5, False), (ANY, -1, False), (ANY, 3, True),
    (POSITIVE, -1, True), (POSITIVE, 0.5, True), (POSITIVE, -0.5, True),
    (SQUARE, 0.5, True), (SQUARE, -1, False), (T.call(sympy.log, [u]), 2, False),
]  # fmt: skip


@pytest.mark.parametrize(("term", "exponent", "expected"), POWERS, ids=repr)
def test_a_power_is_finite_where_its_base_allows_it(term, exponent, expected):
    exponent = sympy.nsimplify(exponent)
    assert is_total_power(term, exponent) is expected
    assert is_total(T.power(term, exponent)) is expected


def test_a_logarithm_is_finite_where_its_argument_is_positive_and_finite():
    assert is_total(T.call(sympy.log, [h]))
    assert is_total(T.call(sympy.log, [T.call(sigmoid, [u])]))
    assert not is_total(T.call(sympy.log, [T.call(sympy.exp, [T.power(u, -1)])]))


def test_a_product_is_a_condition_where_it_is_one_condition_alone():
    b = T.source("b", u.shape, ["bool"])
    rows = T.broadcast(b, [1], (4, u.shape[0]))
    assert is_condition(rows)
    assert not is_condition(T.scaled(2, b))
    assert not is_condition(T.times(b, u))


def count_places(elements, extreme, out):
    """How many elements are equal to something, along the axes that are not kept."""
    one, zero = T.number(1, elements.shape), T.number(0, elements.shape)
    mask = T.call(sympy.Piecewise, [one, T.call(sympy.Eq, [elements, extreme]), zero])
    return T.product(1, [(mask, tuple(range(len(elements.shape))), T.ONE)], out)


def extreme_of(t, axes, head="reduce_max"):
    return T.call(head, [t], axes, t.shape[: len(t.shape) - axes])


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (count_places(u, T.broadcast(extreme_of(u, 1), [], u.shape), ()), True),
        (count_places(u, T.broadcast(extreme_of(u, 1, "reduce_min"), [], u.shape), ()), True),
        (count_places(F, T.broadcast(extreme_of(F, 1), [0], F.shape), (0,)), True),
        (count_places(F, T.broadcast(extreme_of(F, 1), [0], F.shape), ()), True),
        (count_places(F, T.broadcast(extreme_of(F, 1), [0], F.shape), (1,)), False),
        (count_places(F, T.broadcast(extreme_of(F, 1), [1], F.shape), (0,)), False),
        (count_places(F, T.broadcast(extreme_of(T.permuted(F, (1, 0)), 1), [1], F.shape), (1,)), True),
        (count_places(F, T.broadcast(extreme_of(T.permuted(F, (1, 0)), 1), [1], F.shape), (0,)), False),
        (count_places(u, T.broadcast(extreme_of(v, 1), [], u.shape), ()), False),
        (count_places(u, v, ()), False),
        (T.scaled(-1, count_places(u, T.broadcast(extreme_of(u, 1), [], u.shape), ())), False),
    ],
)
def test_one_element_at_least_is_the_greatest(term, expected):
    assert is_positive(term) is expected


def test_the_greater_is_positive_where_one_is_and_the_lesser_where_both_are():
    assert is_positive(T.call(sympy.Max, [u, h]))
    assert not is_positive(T.call(sympy.Max, [u, v]))
    assert is_positive(T.call(sympy.Min, [h, T.call(sympy.exp, [u])]))
    assert not is_positive(T.call(sympy.Min, [u, h]))
    assert is_nonnegative(T.call(sympy.Max, [u, T.power(v, 2)]))
    assert not is_nonnegative(T.call(sympy.Max, [u, v]))
