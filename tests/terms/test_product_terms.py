"""Products: flat, with what several places share written once."""

import itertools

import numpy as np
import pytest
import sympy

from tests.terms.programs import F, G, H, X, add, arrays, dot, matmul, turned, u, v
from tests.terms.proofs import prove_equal
from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.product_terms import divide_by_term
from tracer.terms.rules.standard import STANDARD


def normal(term):
    return Normaliser(STANDARD).normal(term)


def test_a_product_of_products_is_one_product():
    nested = T.product(2, [(matmul(F, u), (0,), T.ONE), (v, (0,), T.ONE)], ())
    flat = T.product(2, [(F, (0, 1), T.ONE), (u, (1,), T.ONE), (v, (0,), T.ONE)], ())
    assert normal(nested) is normal(flat)


def test_a_label_that_is_gone_is_counted_with_its_size():
    ones = T.number(1, X.shape)
    assert normal(T.product(1, [(ones, (0, 1), T.ONE)], (0,))) is T.number(X.shape[1], X.shape[:1])
    assert normal(T.product(1, [(T.identity(3), (0, 0), T.ONE)], ())) is T.number(3)


def test_equal_numbers_and_equal_vectors_are_powers():
    square = normal(T.product(1, [(dot(u, v), (), T.ONE), (dot(v, u), (), T.ONE)], ()))
    assert [e for _, _, e in square.factors] == [2]
    image = matmul(F, u)
    twice = normal(T.times(image, image))
    assert twice is normal(T.power(image, 2))
    assert [e for _, _, e in twice.factors] == [2]


def test_a_transpose_goes_inside_of_a_sum():
    total = add([(1, F), (1, T.scaled(2, turned(F)))])
    assert isinstance(normal(turned(total)), T.Sum)


@pytest.mark.parametrize("head", [None, sympy.sin, sympy.Abs], ids=str)
@pytest.mark.parametrize(
    ("a", "b"),
    list(itertools.permutations([F, G, turned(F), matmul(F, G), matmul(G, F), T.call("inverse", [H])], 2)),
)
def test_the_sign_of_a_difference_comes_out_alike_before_and_after_a_transpose(head, a, b):
    """The first of two summands, which has a plus sign, is another one where both are turned."""

    def apply(t):
        return t if head is None else T.call(head, [t])

    n = Normaliser(STANDARD)
    difference, opposite = add([(1, a), (-1, b)]), add([(-1, a), (1, b)])
    sign = 1 if head is sympy.Abs else -1
    turned_after = n.normal(T.scaled(sign, turned(apply(difference))))
    assert turned_after is n.normal(apply(turned(opposite)))
    assert turned_after is Normaliser(STANDARD).normal(turned(apply(opposite)))


def test_axes_of_size_one_say_nothing():
    column = T.source("c", (3, 1))
    assert normal(T.product(1, [(column, (0, 1), T.ONE), (T.source("r", (1, 3)), (1, 2), T.ONE)], (0, 2))).shape == (
        3,
        3,
    )
    assert normal(T.times(column, column)) is normal(T.power(column, 2))


column_sums = T.product(1, [(X, (0, 1), T.ONE)], (1,))


def test_sums_along_an_axis_are_powers():
    assert normal(T.times(column_sums, column_sums)) is normal(T.power(column_sums, 2))
    assert normal(T.times(column_sums, T.power(column_sums, -1))) is T.number(1, column_sums.shape)
    assert normal(T.times(column_sums, column_sums, T.power(column_sums, -1))) is normal(column_sums)


@pytest.mark.parametrize(
    "term",
    [
        T.times(column_sums, T.power(column_sums, -1)),
        T.product(1, [(X, (0, 1), T.ONE), (column_sums, (1,), T.MINUS)], (0, 1)),
        T.times(matmul(F, u), T.power(matmul(F, u), -1)),
        T.times(matmul(F, u), matmul(F, u), T.power(matmul(F, u), -2), u),
    ],
)
def test_what_cancels_is_counted_where_it_is_summed_up(term):
    total = T.product(3, [(term, T.axes_of(term), T.ONE)], ())
    np.testing.assert_allclose(value(normal(total), arrays(0)), value(total, arrays(0)))
    assert prove_equal(total, normal(total)) == "modulo primes"
    assert Normaliser(STANDARD).normal(normal(total)) is normal(total)


def test_a_square_of_an_absolute_value_is_a_square():
    size = T.call(sympy.Abs, [u])
    assert normal(T.times(size, size)) is normal(T.power(u, 2))
    assert normal(T.times(size, T.call(sympy.exp, [u]), size, T.call(sympy.exp, [u]))) is normal(
        T.times(T.power(u, 2), T.call(sympy.exp, [T.scaled(2, u)]))
    )


def test_zero_is_zero():
    assert normal(T.product(0, [(u, (0,), T.ONE)], (0,))) is T.number(0, u.shape)
    assert normal(T.times(u, T.number(0, u.shape))) is T.number(0, u.shape)


def test_values_stay():
    term = T.product(
        sympy.Rational(3, 2), [(matmul(F, u), (0,), T.ONE), (matmul(F, u), (0,), T.ONE), (X, (1, 0), T.ONE)], (1,)
    )
    for seed in range(3):
        np.testing.assert_allclose(value(normal(term), arrays(seed)), value(term, arrays(seed)))


def test_a_term_is_divided_by_where_it_is_a_factor():
    n = Normaliser(STANDARD)
    flat = normal(T.product(1, [(F, (0, 1), T.ONE), (u, (1,), T.ONE), (v, (0,), T.ONE)], (0,)))
    (place,) = [i for t, i, _ in flat.factors if t is v]
    assert divide_by_term(n, flat.factors, normal(matmul(F, u)), place, (0,)) == [(v, place, T.ONE)]
    assert divide_by_term(n, flat.factors, v, place, (0,)) == [f for f in flat.factors if f[0] is not v]
    assert divide_by_term(n, flat.factors, normal(matmul(turned(F), u)), place, (0,)) is None
    cube = [(u, (0,), sympy.Integer(3)), (v, (0,), T.ONE)]
    assert divide_by_term(n, cube, normal(T.times(u, v)), (0,), (0,)) == [(u, (0,), sympy.Integer(2))]
    assert divide_by_term(n, cube, normal(T.power(T.times(u, v), 2)), (0,), (0,)) is None
    quotient = normal(T.times(u, T.power(v, -1)))
    below = [(u, (0,), T.ONE), (v, (0,), sympy.Integer(-2))]
    assert divide_by_term(n, below, quotient, (0,), (0,)) == [(v, (0,), sympy.Integer(-1))]
    assert divide_by_term(n, cube, quotient, (0,), (0,)) is None
    total = [(F, (1, 2), T.ONE), (u, (2,), T.ONE)]
    assert divide_by_term(n, total, normal(matmul(F, u)), (0,), (0,)) is None
    assert divide_by_term(n, total, normal(matmul(F, u)), (1,), (1,)) == []
    assert divide_by_term(n, total, normal(matmul(F, u)), (1,), (1, 2)) is None
    assert divide_by_term(n, total, normal(matmul(F, u)), (1,), ()) == []


def test_of_a_root_no_whole_power_is_taken():
    half = sympy.S.Half
    left = {half: None, T.ONE: [], 3 * half: [(u, (0,), half)], 2 * T.ONE: [(u, (0,), T.ONE)], -T.ONE: None}
    for exponent, expected in left.items():
        assert divide_by_term(Normaliser(()), [(u, (0,), exponent)], u, (0,), (0,)) == expected


single, element, number = T.source("B", (1, 1)), T.source("v", (1,)), T.source("c", ())


@pytest.mark.parametrize("t", [single, element], ids=repr)
def test_powers_of_what_has_one_element_are_collected(t):
    below = T.power(t, -1)
    assert normal(T.times(below, T.power(t, 2))) is t
    assert normal(T.times(below, t)) is T.number(1, t.shape)
    total = T.product(1, [(t, T.axes_of(t), T.ONE)], ())
    square = T.product(1, [(T.power(t, 2), T.axes_of(t), T.ONE)], ())
    assert normal(square) is normal(T.power(total, 2))
    spread = T.product(1, [(total, (), sympy.Integer(2))], T.axes_of(t), {0: 1, 1: 1})
    assert normal(spread) is normal(T.power(t, 2))
    numbers = [(number, (), T.ONE), (T.power(t, 3), T.axes_of(t), T.ONE), (total, (), sympy.Integer(-2))]
    assert normal(T.product(1, numbers, ())) is normal(T.product(1, [(number, (), T.ONE), (total, (), T.ONE)], ()))


def test_a_number_that_is_left_is_taken_apart():
    totals = [T.product(1, [(t, (0,), T.ONE)], ()) for t in (u, v)]
    rows = [(totals[0], (), T.MINUS), (u, (1,), T.ONE), (v, (2,), T.ONE)]
    assert normal(T.product(1, rows, (0,), {0: 3})) is normal(T.product(1, [(totals[1], (), T.ONE)], (0,), {0: 3}))


COLUMN, ROW = T.source("L", (4, 1)), T.source("R", (1, 4))


@pytest.mark.parametrize("t", [COLUMN, ROW], ids=repr)
def test_powers_of_a_column_or_a_row_are_collected(t):
    assert normal(T.times(T.power(t, 3), T.power(t, -2))) is t
    assert normal(T.times(T.power(t, -1), T.power(t, 2))) is t
    assert normal(T.times(t, T.power(t, -1))) is T.number(1, t.shape)
    assert normal(T.power(T.power(t, 2), -1)) is normal(T.power(t, -2))
    assert normal(T.power(T.power(t, 2), sympy.S.Half)) is normal(T.call(sympy.Abs, [t]))
    total = T.product(1, [(T.power(t, 3), (0, 1), T.ONE), (T.power(t, -2), (0, 1), T.ONE)], ())
    assert normal(total) is normal(T.product(1, [(t, (0, 1), T.ONE)], ()))
    gone = T.product(1, [(T.power(t, 3), (0, 1), T.ONE), (T.power(t, -3), (0, 1), T.ONE)], ())
    assert normal(gone) is T.number(4)


def test_what_has_axes_of_size_one_is_not_the_power_of_another_axis():
    square = T.source("A", (4, 4))
    apart = T.product(1, [(COLUMN, (0, 2), T.ONE), (COLUMN, (1, 3), T.ONE)], (0, 1), {2: 1, 3: 1})
    assert [e for _, _, e in normal(apart).factors] == [1, 1]
    assert normal(T.times(square, T.power(square, 2))) is normal(T.power(square, 3))


def test_a_function_that_is_repeated_has_its_axes_in_the_order_of_the_result():
    made = []
    for axes, inner in (((0, 1), X), ((1, 0), T.permuted(X, (1, 0)))):
        whole = T.product(1, [(T.call(sympy.exp, [inner]), axes, T.ONE)], (2, 1, 0), {2: 5})
        made.append(normal(whole))
    assert made[0] is made[1]
    assert made[0].factors[0][1] == (1, 2)
