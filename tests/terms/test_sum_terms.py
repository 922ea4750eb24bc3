"""Sums: like summands are one, coefficients have no common divisor, and the shortest form is taken."""

import numpy as np
import pytest
import sympy

import tracer
from tests.terms.programs import (
    F,
    G,
    H,
    X,
    add,
    arrays,
    by_number,
    call,
    diagonal,
    dot,
    h,
    m,
    matmul,
    n,
    one,
    ones_times,
    total,
    u,
    v,
    w,
)
from tests.terms.values import value
from tracer.scalar import sigmoid
from tracer.terms import record as T
from tracer.terms.decomposition import split_scale, summands_of
from tracer.terms.fractions import list_denominators, read_powers
from tracer.terms.normalise import Normaliser
from tracer.terms.record import broadcast, power, times
from tracer.terms.rules.standard import STANDARD
from tracer.terms.sum_terms import _weigh_fractions, add_scalars, list_centres


def normal(term):
    return Normaliser(STANDARD).normal(term)


def test_what_coefficients_share_and_the_first_sign_are_in_front():
    assert normal(add([(-2, u), (-4, v)])) is normal(T.scaled(-2, add([(1, u), (2, v)])))
    assert normal(add([(1, u), (-1, u)])) is T.number(0, u.shape)


def test_a_total_is_a_mean_where_all_other_summands_have_the_number_of_elements():
    mean = broadcast(T.scaled(1 / n, total(u, (0,))), (), u.shape)
    centred = normal(add([(1, u), (-1, mean)]))
    assert normal(add([(n, u), (-1, broadcast(total(u, (0,)), (), u.shape))])) is normal(T.scaled(n, centred))
    root = sympy.sqrt(n)
    assert split_scale(normal(add([(root, v), (-root, mean)])))[0] == root
    centring = add([(1, T.identity(n)), (-1 / n, T.number(1, (n, n)))])
    assert normal(add([(n, T.identity(n)), (-1, T.number(1, (n, n)))])) is normal(T.scaled(n, centring))
    kept = add([(m, v), (-1, broadcast(total(u, (0,)), (), u.shape))])
    assert len(normal(kept).terms) == 2


def test_a_total_of_some_is_a_mean_where_all_other_summands_have_their_number():
    z = T.source("z", (n, 4))
    rows = T.product(1, [(z, (0, 2), sympy.S.One)], (0, 1), {0: n, 1: 4, 2: 4})
    centred = normal(add([(1, z), (-sympy.Rational(1, 4), rows)]))
    assert normal(add([(4, z), (-1, rows)])) is normal(T.scaled(4, centred))
    assert {c for c, _ in centred.terms} == {1, -sympy.Rational(1, 4)}
    assert split_scale(normal(T.power(add([(8, z), (-2, rows)]), 2)))[0] == 64
    other = normal(add([(4, T.source("y", (n, 4))), (-1, rows)]))
    assert {c for c, _ in other.terms} == {4, -1}


def test_what_is_repeated_is_added_once():
    total = normal(add([(1, ones_times(u)), (1, ones_times(v))]))
    assert total is normal(ones_times(add([(1, u), (1, v)])))
    assert isinstance(normal(add([(1, ones_times(u)), (1, X)])), T.Sum)


def test_sums_are_multiplied_out_where_that_is_shorter():
    product = T.times(u, add([(1, v), (1, w)]))
    assert normal(add([(1, product), (-1, T.times(u, w))])) is normal(T.times(u, v))


def test_fractions_are_over_one_denominator_where_a_part_cancels():
    one = T.number(1, u.shape)
    below = add([(1, one), (1, u)])
    fraction = add([(1, T.power(below, -1)), (-1, T.times(u, T.power(below, -2)))])
    assert normal(fraction) is normal(T.power(below, -2))
    kept = add([(1, T.power(u, -1)), (1, T.power(v, -1))])
    assert isinstance(normal(kept), T.Sum)


def test_no_fraction_stands_in_a_fraction_where_one_is_as_short():
    below, squared = T.power(u, -1), T.power(u, -2)
    assert normal(add([(1, below), (-1, times(v, squared))])) is normal(times(add([(1, u), (-1, v)]), squared))
    roots = [T.power(h, sympy.S.Half), T.power(h, -sympy.S.Half)]
    rows = [(1, times(roots[0], u)), (-2, times(roots[0], v, below)), (-1, times(roots[1], w, below))]
    whole = add([(1, times(h, add([(1, T.power(u, 2)), (-2, v)]))), (-1, w)])
    assert normal(add(rows)) is normal(times(whole, roots[1], below))
    longer = add([(1, times(u, T.power(v, -1))), (1, times(v, below))])
    assert isinstance(normal(longer), T.Sum)


def test_what_is_left_over_a_denominator_is_put_over_it_again():
    above = add([(1, u), (1, one)])
    below = T.power(above, -1)
    inner = add([(1, u), (2, below)])
    fraction = add([(1, one), (-1, times(below, inner))])
    assert normal(fraction) is normal(times(add([(1, u), (-1, one)]), T.power(above, -2)))
    nothing = add([(1, one), (-1, times(below, add([(1, u), (1, one)])))])
    assert normal(nothing) is normal(T.number(0, u.shape))


RESIDUAL = add([(1, matmul(F, u)), (-1, v)])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, RESIDUAL), (1, times(RESIDUAL, w))], times(RESIDUAL, add([(1, one), (1, w)]))),
        (
            [(3, RESIDUAL), (-3, times(power(RESIDUAL, 3), power(add([(1, h), (1, power(RESIDUAL, 2))]), -1)))],
            T.scaled(3, times(RESIDUAL, h, power(add([(1, h), (1, power(RESIDUAL, 2))]), -1))),
        ),
    ],
    ids=["a product", "a fraction"],
)
def test_a_sum_that_is_a_factor_of_another_summand_is_a_common_factor(rows, expected):
    assert normal(add(rows)) is normal(expected)


def test_powers_are_read_by_factor_and_axes():
    t = normal(T.times(u, T.power(v, -2)))
    assert read_powers(t) == {(u, (0,)): 1, (v, (0,)): -2}
    assert [base for base, _ in list_denominators({t: sympy.S.One, w: sympy.S.One})] == [(v, (0,))]
    assert list_denominators({u: sympy.S.One, w: sympy.S.One}) == []


def test_the_complement_of_a_probability_cancels():
    p = call(sigmoid, [u])
    q = add([(1, T.number(1, u.shape)), (-1, p)])
    score = add(
        [(1, T.times(v, T.power(p, -1))), (-1, T.times(add([(1, T.number(1, v.shape)), (-1, v)]), T.power(q, -1)))]
    )
    assert normal(T.times(score, p, q)) is normal(add([(1, v), (-1, p)]))


def test_sizes_are_coefficients():
    assert normal(add([(1 / n, F), (1 / n, F)])) is normal(T.scaled(2 / n, F))
    assert normal(T.scaled(m, T.scaled(1 / m, u))) is u


def test_totals_of_products_stand_alone_and_all_others_are_one():
    squares, product_total = dot(u, u), total(times(h, w), (0,))
    joined = total(add([(1, power(u, 2)), (1, v), (1, times(h, w)), (-1, matmul(F, v))]), (0,))
    apart = add([(1, squares), (1, total(v, (0,))), (1, product_total), (-1, total(matmul(F, v), (0,)))])
    assert normal(joined) is normal(apart)
    _, inner = split_scale(normal(total(add([(1, v), (-1, matmul(F, v))]), (0,))))
    assert inner in [t for _, t in summands_of(normal(joined))]


def test_a_sum_of_elements_does_not_depend_on_what_was_added_first():
    rows = [(1, u), (1, v), (-1, times(u, v))]
    expected = normal(add(rows))
    for first in range(3):
        two = normal(add(rows[:first] + rows[first + 1 :]))
        assert normal(add([(1, two), rows[first]])) is expected


def test_a_scalar_that_is_repeated_is_a_common_factor():
    scalar = dot(u, v)
    s = call(sympy.tanh, [by_number(scalar, u)])
    spread = add([(1, by_number(scalar, T.number(1, u.shape))), (1, by_number(scalar, s))])
    assert normal(spread) is normal(by_number(scalar, add([(1, T.number(1, u.shape)), (1, s)])))
    assert isinstance(normal(spread), T.Product)


def test_products_in_scalars_are_multiplied_out():
    inside = by_number(dot(u, add([(1, u), (1, v)])), u)
    left = add([(2, inside), (1, by_number(dot(u, u), v)), (2, by_number(dot(u, u), u))])
    right = add([(4, by_number(dot(u, u), u)), (2, by_number(dot(u, v), u)), (1, by_number(dot(u, u), v))])
    assert normal(left) is normal(right)


SUMS = [
    add([(1, total(matmul(F, v), (0,))), (1, total(u, (0,))), (3, dot(u, u))]),
    add([(1, total(u, (0,))), (2, total(v, (0,))), (-1, total(w, (0,))), (1, dot(u, v))]),
    add([(1, total(F, (0, 1))), (1, total(u, (0,)))]),
    add([(2, total(matmul(F, G), (0, 1))), (-1, total(matmul(F, v), (0,)))]),
    add([(1, ones_times(u)), (2, ones_times(v)), (1, X)]),
    add([(1, diagonal(u)), (3, diagonal(v))]),
    add([(1, diagonal(u)), (1, F)]),
    add([(1, T.power(u, 3)), (1, T.power(u, 2)), (1, u), (1, T.number(1, u.shape))]),
    add([(1, times(u, add([(1, v), (1, w)]))), (1, times(v, add([(1, u), (-1, w)])))]),
    add([(1, times(u, T.power(h, -1))), (-1, times(v, T.power(h, -1))), (1, times(u, T.power(h, -2)))]),
    add([(1, matmul(F, G)), (1, matmul(F, H)), (-2, matmul(G, H))]),
    add([(1, matmul(F, u)), (1, matmul(F, v)), (1, u)]),
    add([(sympy.Rational(2, 3), u), (sympy.Rational(-4, 3), v)]),
    add([(1 / n, u), (2 / n, v), (-1, times(u, v))]),
    add([(1, RESIDUAL), (-1, v), (1, times(RESIDUAL, w))]),
]


@pytest.mark.parametrize("term", SUMS, ids=repr)
def test_the_normal_form_has_the_value_of_the_sum_and_is_no_longer(term):
    made = normal(term)
    assert normal(made) is made
    assert made.weight <= term.weight
    for seed in range(3):
        np.testing.assert_allclose(value(made, arrays(seed)), value(term, arrays(seed)), rtol=1e-9, atol=1e-12)


SCALARS = dot(u, v), dot(u, w)


def spread(scalar, shape=(n,)):
    """A scalar repeated to a shape."""
    return broadcast(scalar, (), shape)


@pytest.mark.parametrize(
    ("rest", "coefficients"),
    [(h, (1, 1)), (h, (2, -3)), (X, (1, 1)), (F, (-1, 4))],
    ids=["vector", "numbers", "table", "square"],
)
def test_scalars_whose_sum_is_one_product_are_added_before_they_are_repeated(rest, coefficients):
    shape = rest.shape
    rows = {rest: sympy.S.One} | {spread(t, shape): sympy.Integer(c) for c, t in zip(coefficients, SCALARS)}
    found = add_scalars(Normaliser(STANDARD), rows, shape)
    assert found is not None
    kept, (_, repeated) = found.terms
    assert kept == (1, rest)
    inner = dot(u, add(zip(coefficients, (v, w))))
    assert normal(repeated) is normal(spread(inner, shape))
    assert normal(add([(c, t) for t, c in rows.items()])) is normal(add([(1, rest), (1, spread(inner, shape))]))


def test_a_number_that_is_repeated_is_not_added_to_scalars():
    terms = [h, T.number(1, (n,)), *map(spread, SCALARS)]
    found = add_scalars(Normaliser(STANDARD), dict.fromkeys(terms, sympy.S.One), (n,))
    assert found is not None
    assert [t for _, t in found.terms][:2] == terms[:2]
    assert len(found.terms) == 3


@pytest.mark.parametrize(
    ("terms", "shape"),
    [
        ([h, spread(dot(u, v))], (n,)),
        ([spread(t) for t in SCALARS], (n,)),
        ([dot(h, h), *SCALARS], ()),
        ([T.number(1), *SCALARS], ()),
        ([h, spread(dot(u, v)), spread(dot(w, h))], (n,)),
        ([h, spread(dot(u, v)), T.number(1, (n,))], (n,)),
        ([h, spread(dot(u, v)), times(u, w)], (n,)),
        ([F, *(T.product(1, [(t, (), T.ONE)], (0, 0), {0: n}) for t in SCALARS)], (n, n)),
    ],
    ids=[
        "one scalar",
        "scalars alone",
        "in a scalar",
        "beside a number",
        "a sum",
        "a number",
        "elements",
        "on a diagonal",
    ],
)
def test_scalars_whose_sum_is_a_sum_stay(terms, shape):
    assert add_scalars(Normaliser(STANDARD), dict.fromkeys(terms, sympy.S.One), shape) is None


q = T.source("q", (4,))
z = T.source("z", (n, 4))
TOTALS = {
    T.source("r", (n,)): lambda t: broadcast(total(t, (0,)), (), t.shape),
    q: lambda t: broadcast(total(t, (0,)), (), t.shape),
    z: lambda t: T.product(1, [(t, (0, 2), T.ONE)], (0, 1), {0: n, 1: 4, 2: 4}),
    X: lambda t: broadcast(total(t, (0, 1)), (), t.shape),
}
ARRAY, *_ = TOTALS


@pytest.mark.parametrize(
    ("x", "coefficients", "scale", "left"),
    [
        (ARRAY, (n, -1), n, {1, -1 / n}),
        (ARRAY, (m * n, -1), n, {m, -1 / n}),
        (ARRAY, (n, -(n + 1)), 1, {n, -n - 1}),
        (ARRAY, (n**2, -n), n**2, {1, -1 / n}),
        (ARRAY, (n, -1, 1), 1, {n, -1, 1}),
        (ARRAY, (n, -1, n), n, {1, -1 / n}),
        (X, (n, -1), 1, {n, -1}),
        (X, (m * n, -1), m * n, {1, -1 / (m * n)}),
        (q, (4, -1), 4, {1, -sympy.Rational(1, 4)}),
        (q, (5, -1), 1, {5, -1}),
        (q, (12, -5), 4, {3, -sympy.Rational(5, 4)}),
        (q, (4, -4), 4, {1, -1}),
        (q, (4, -6), 2, {2, -3}),
        (q, (4, -1, 1), 1, {4, -1, 1}),
        (q, (4, -1, 8), 4, {1, -sympy.Rational(1, 4), 2}),
        (z, (4, -1), 4, {1, -sympy.Rational(1, 4)}),
        (z, (n, -1), 1, {n, -1}),
    ],
)
def test_the_number_of_elements_of_a_total(x, coefficients, scale, left):
    summands = [x, TOTALS[x](x), T.source("other", x.shape)]
    found, core = split_scale(normal(add(list(zip(coefficients, summands)))))
    assert found in (scale, -scale)
    assert {c * found / scale for c, _ in core.terms} == left


def test_what_is_no_total_of_a_summand():
    for x, c in ((ARRAY, n), (q, 4)):
        squares = broadcast(total(power(x, 2), (0,)), (), x.shape)
        assert {c for c, _ in normal(add([(c, x), (-1, squares)])).terms} in ({c, -1}, {-c, 1})
    partial = T.product(1, [(X, (2, 1), T.ONE)], (0, 1), {0: m, 1: n, 2: m})
    assert {c for c, _ in normal(add([(m * n, X), (-1, partial)])).terms} == {m * n, -1}
    for first, second in ((T.identity(n), F), (F, T.number(1, (n, n)))):
        assert split_scale(normal(add([(n, first), (-1, second)])))[0] in (1, -1)
    three = add([(3, T.identity(3)), (-1, T.number(1, (3, 3)))])
    assert {c for c, _ in summands_of(normal(three))} == {3, -1}
    assert not list(list_centres([(T.permuted(F, (1, 0)), T.ONE), (F, T.ONE)]))
    assert not list(list_centres([(normal(TOTALS[ARRAY](ARRAY)), T.ONE), (ARRAY, T.ONE)]))
    assert list(list_centres([(TOTALS[z](z), T.ONE), (z, T.ONE)])) == [(TOTALS[z](z), 4)]


def test_what_is_above_a_denominator_is_multiplied_out():
    a, b, x = (T.source(name, ()) for name in "abx")
    square = power(add([(1, times(a, x)), (1, b)]), 2)
    made = normal(add([(1, times(power(b, 2), power(x, -1))), (-1, times(square, power(x, -1)))]))
    assert not any(e.is_negative for t in T.subterms(made) if isinstance(t, T.Product) for _, _, e in t.factors)


def test_each_sum_of_fractions_within_a_fraction_counts():
    a, b, x, y = (T.source(name, ()) for name in "abxy")
    inner = [add([(1, a), (1, power(t, -1))]) for t in (x, y)]
    single, both = (T.product(1, [(t, (), T.ONE) for t in inner[:k]] + [(b, (), -T.ONE)], ()) for k in (1, 2))
    assert _weigh_fractions(single) == (single.weight + 1, 1)
    assert _weigh_fractions(both) == (both.weight + 2, 2)
    assert _weigh_fractions(inner[0]) == (inner[0].weight, 1)


def test_powers_above_a_common_denominator_are_multiplied_out():
    a, x = tracer.placeholder("a"), tracer.placeholder("x")
    ratio = (tracer.exp(x) - a * tracer.exp(-x)) / (tracer.exp(x) + a * tracer.exp(-x))
    slope = tracer.gradients(tracer.gradients(ratio, x)[0], x)[0]
    assert str(slope.formula()) == "8*a*(a*exp(-x) - exp(x))/(a*exp(-x) + exp(x))**3"
