"""Sums as their summands: like ones are one, products of sums are multiplied out as far as there are few."""

import pytest
import sympy

from tests.terms.programs import F, add, dot, h, m, matmul, one, power, row, u, v, w
from tracer.terms import record as T
from tracer.terms.expansion import (
    MULTIPLIED,
    close_arrays,
    close_wide_sums,
    collect_like,
    expand,
    expand_powers,
    meets_ones,
    meets_repeated,
    meets_total,
    multiply_out,
    multiply_out_wide,
)
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD

n = Normaliser(STANDARD)


def test_like_summands_are_one():
    rows = collect_like(Normaliser(()), [(1, u), (2, add([(1, u), (1, v)])), (-3, T.scaled(1, u))])
    assert rows == {v: 2}


def test_one_sum_of_each_product_is_multiplied_out():
    rows = multiply_out(n, {n.normal(T.times(u, add([(1, v), (1, w)]))): sympy.S.One})
    assert rows is not None
    assert collect_like(n, rows) == {n.normal(T.times(u, v)): 1, n.normal(T.times(u, w)): 1}
    assert multiply_out(n, {u: sympy.S.One}) is None


def test_matrices_and_scalars_are_multiplied_out_wholly():
    scalar = dot(v, add([(1, v), (1, w)]))
    product = matmul(F, add([(1, u), (2, T.product(1, [(scalar, (), T.ONE), (u, (0,), T.ONE)], (0,)))]))
    found = expand(n, {n.normal(product): sympy.S.One})
    assert found is not None
    vector = matmul(F, u)
    scalars = [(1, T.number(1)), (2, dot(v, v)), (2, dot(v, w))]
    expected = {n.normal(T.product(1, [(s, (), T.ONE), (vector, (0,), T.ONE)], (0,))): c for c, s in scalars}
    assert collect_like(n, found) == expected


def test_no_more_is_multiplied_out_than_there_may_be_summands():
    first, second = (add([(1, T.power(t, k + 2)) for k in range(4)]) for t in (v, w))
    found = expand(n, {n.normal(T.times(add([(1, h), (1, u)]), first, second)): sympy.S.One})
    assert found is not None
    assert len(found) == MULTIPLIED
    assert all(any(isinstance(t, T.Sum) for t in summand.children) for _, summand in found)


def test_powers_of_sums_are_multiplied_out_where_a_summand_meets_another():
    square = n.normal(T.power(add([(1, u), (1, v)]), 2))
    both = n.normal(T.times(u, v))
    found = expand_powers(n, {square: sympy.S.One, both: sympy.Integer(-2)})
    assert found == {n.normal(T.power(u, 2)): 1, n.normal(T.power(v, 2)): 1}
    assert expand_powers(n, {square: sympy.S.One, w: sympy.S.One}) is None
    assert expand_powers(n, {u: sympy.S.One, v: sympy.S.One}) is None


both = add([(1, u), (1, v)])


def collected(*rows):
    """Summands, each in normal form, with their coefficients."""
    return collect_like(n, [(sympy.sympify(c), n.normal(t)) for c, t in rows])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [(1, power(both, 3)), (-3, row(1, (u, (0,), 2), (v, (0,), 1))), (-3, row(1, (u, (0,), 1), (v, (0,), 2)))],
            [(1, power(u, 3)), (1, power(v, 3))],
        ),
        ([(5, power(both, 2)), (-7, T.times(u, v))], [(5, power(u, 2)), (5, power(v, 2)), (3, T.times(u, v))]),
        (
            [(1, row(1, (w, (0,), 1), (both, (0,), 2))), (-2, T.times(u, v, w))],
            [(1, row(1, (u, (0,), 2), (w, (0,), 1))), (1, row(1, (v, (0,), 2), (w, (0,), 1)))],
        ),
        (
            [
                (1, row(1, (F, (0, 1), 1), (both, (1,), 2), out=(0, 1))),
                (-1, row(1, (F, (0, 1), 1), (u, (1,), 2), out=(0, 1))),
            ],
            [
                (2, row(1, (F, (0, 1), 1), (u, (1,), 1), (v, (1,), 1), out=(0, 1))),
                (1, row(1, (F, (0, 1), 1), (v, (1,), 2), out=(0, 1))),
            ],
        ),
        (
            [(1, row(1, (both, (0,), 2), out=(0, 1), _1=m)), (-1, row(1, (u, (0,), 2), out=(0, 1), _1=m))],
            [(2, row(1, (u, (0,), 1), (v, (0,), 1), out=(0, 1), _1=m)), (1, row(1, (v, (0,), 2), out=(0, 1), _1=m))],
        ),
        (
            [(3, power(add([(2, u), (5, v)]), 2)), (-60, T.times(u, v))],
            [(12, power(u, 2)), (75, power(v, 2))],
        ),
        ([(1, power(both, 2)), (-1, power(u, 2)), (-1, power(v, 2)), (-2, T.times(u, v))], []),
        (
            [(1, power(add([(1, u), (1, v), (1, w)]), 2)), (-2, T.times(u, v))],
            [(1, power(t, 2)) for t in (u, v, w)] + [(2, T.times(u, w)), (2, T.times(v, w))],
        ),
    ],
    ids=["cube", "number", "factor", "matrix", "repeated", "numbers", "zero", "three"],
)
def test_a_power_of_a_sum_that_meets_a_summand_is_its_summands(rows, expected):
    assert expand_powers(n, collected(*rows)) == collected(*expected)


@pytest.mark.parametrize(
    "rows",
    [
        [(1, power(both, 4)), (-1, power(u, 4))],
        [(1, power(both, -1)), (-1, power(u, -1))],
        [(1, power(add([(1, u), (1, v), (1, w), (1, h)]), 2)), (-1, power(u, 2))],
        [(1, row(1, (both, (0,), 2), out=())), (-1, row(1, (u, (0,), 2), out=()))],
        [(1, power(both, 2)), (1, power(w, 2))],
        [(1, power(u, 2)), (1, one)],
    ],
    ids=["fourth", "below", "four summands", "total", "another", "no sum"],
)
def test_a_power_of_a_sum_that_meets_none_stays(rows):
    assert expand_powers(n, collected(*rows)) is None


@pytest.mark.parametrize(
    ("factors", "out", "expected"),
    [
        ([("R", (0, 1)), ("A", (0, 1))], (0, 1), False),
        ([("R", (0, 1)), ("A", (0, 1))], (0,), True),
        ([("R", (0, 1)), ("A", (1, 2))], (0, 2), True),
        ([("R", (0, 1))], (0, 1), True),
        ([("S", (0, 1)), ("A", (1, 2))], (0, 2), False),
    ],
)
def test_ones_are_multiplied_out_but_beside_what_has_their_labels(factors, out, expected):
    size = sympy.Symbol("n", integer=True, positive=True)
    A, B = T.source("A", (size, size)), T.source("B", (size, size))
    known = {"A": A, "R": T.add([(1, T.number(1, A.shape)), (-1, B)]), "S": T.add([(1, A), (-1, B)])}
    product = T.product(1, [(known[name], labels, T.ONE) for name, labels in factors], out)
    assert meets_ones(product, 0) is expected


@pytest.mark.parametrize(
    ("summands", "out", "expected"),
    [("xy", (0,), True), ("xy", (), True), ("xy", (0, 1), False), ("xA", (0,), False), ("xx", (1,), True)],
)
def test_repeated_rows_and_columns_are_multiplied_out_where_one_is_summed_over(summands, out, expected):
    size = sympy.Symbol("n", integer=True, positive=True)
    A = T.source("A", (size, size))
    known = {"A": A, "x": T.broadcast(T.source("x", (size,)), [0], A.shape)}
    known["y"] = T.broadcast(T.source("y", (size,)), [1], A.shape)
    total = T.sum_record([(c, known[name]) for c, name in zip((T.ONE, -T.ONE), summands)])
    assert meets_repeated(T.product(1, [(total, (0, 1), T.ONE), (A, (0, 1), T.ONE)], out), 0) is expected


def test_a_sum_of_matrices_in_a_scalar_may_be_one_of_scalars():
    size = sympy.Symbol("n", integer=True, positive=True)
    A, x = T.source("A", (size, size)), T.source("x", (size,))
    total = T.sum_record([(T.ONE, A), (-T.ONE, T.product(1, [(x, (0,), T.ONE), (x, (1,), T.ONE)], (0, 1)))])
    for factors, out, expected in (([(A, (0, 1))], (), True), ([(A, (0, 1))], (1,), False), ([(x, (0,))], (), True)):
        rest = [(t, labels, T.ONE) for t, labels in factors]
        assert meets_total(T.product(1, [(total, (0, 1), T.ONE), *rest], out), 0) is expected
    assert not meets_total(T.product(1, [(total, (0, 1), 2 * T.ONE)], ()), 0)


def test_sums_of_more_than_two_axes_are_multiplied_out_where_that_leaves_none():
    i, j, k = (sympy.Symbol(name, integer=True, positive=True) for name in "ijk")
    X, Y, W, wide = (T.source(*row) for row in (("X", (i, j)), ("Y", (k, j)), ("W", (i, k)), ("Z", (i, j, k))))
    sizes = {0: i, 1: j, 2: k}
    left, right = (T.product(1, [(t, at, T.ONE)], (0, 1, 2), sizes) for t, at in ((X, (0, 1)), (Y, (2, 1))))
    difference = n.normal(T.add([(1, left), (-1, right)]))
    rows = multiply_out_wide(n, T.product(1, [(W, (0, 2), T.ONE), (difference, (0, 1, 2), T.ONE)], (0, 1)))
    assert rows is not None
    expected = {
        n.normal(T.product(1, [(W, (0, 2), T.ONE), (X, (0, 1), T.ONE)], (0, 1))): 1,
        n.normal(T.product(1, [(W, (0, 2), T.ONE), (Y, (2, 1), T.ONE)], (0, 1))): -1,
    }
    assert rows == expected
    other = n.normal(T.add([(1, left), (-1, wide)]))
    assert multiply_out_wide(n, T.product(1, [(W, (0, 2), T.ONE), (other, (0, 1, 2), T.ONE)], (0, 1))) is None


def test_a_sum_of_more_than_two_axes_is_a_matrix_where_the_others_lack_one_of_them():
    i, j, k = (sympy.Symbol(name, integer=True, positive=True) for name in "ijk")
    X, Y, W, V = (T.source(*row) for row in (("X", (i, j)), ("Y", (k, j)), ("W", (i, k)), ("V", (i, j))))
    sizes = {0: i, 1: j, 2: k}
    left, right = (T.product(1, [(t, at, T.ONE)], (0, 1, 2), sizes) for t, at in ((X, (0, 1)), (Y, (2, 1))))
    difference = n.normal(T.add([(1, left), (-1, right)]))

    def close(*others, out=()):
        square = (difference, (0, 1, 2), sympy.Integer(2))
        return close_wide_sums(T.product(1, [*((t, labels, T.ONE) for t, labels in others), square], out))

    weighted = close((W, (0, 2)))
    assert weighted is not None
    distances = T.product(1, [(difference, (0, 1, 2), sympy.Integer(2))], (0, 2), sizes)
    assert {t for t, _, _ in weighted} == {W, distances}
    assert len({labels for _, labels, _ in weighted}) == 1
    assert close((W, (0, 2)), (V, (0, 1))) is None
    assert close((W, (0, 2)), out=(1,)) is None
    assert close() is None


def test_what_has_more_axes_is_one_matrix_where_a_product_is_repeated():
    p, q, r = sympy.symbols("p q r", integer=True, positive=True)
    cube, rows, columns = T.source("W", (q, p, r)), T.source("X", (F.shape[0], p)), T.source("Y", (F.shape[0], r))
    weights = T.call(sympy.exp, [T.source("P", (F.shape[0], q))])
    factors = [(weights, (0, 2), T.ONE), (cube, (2, 3, 4), T.ONE), (rows, (0, 3), T.ONE), (columns, (0, 4), T.ONE)]
    closed = close_arrays(T.product(1, factors, (0, 1), {1: q}))
    assert closed is not None
    assert [t for t, _, _ in closed] == [weights, T.product(1, factors[1:], (0, 2))]
    assert close_arrays(T.product(1, factors, (0, 2))) is None
    assert close_arrays(T.product(1, [factors[1], (weights, (2, 3), T.ONE)], (4, 1), {1: q})) is None


def test_a_sum_of_products_of_columns_and_rows_is_of_vectors():
    outer = T.product(T.ONE, [(u, (0,), T.ONE), (v, (1,), T.ONE)], (0, 1))
    rows = add([(1, outer), (-1, T.broadcast(w, [0], F.shape))])
    summed = T.product(T.ONE, [(F, (0, 1), T.ONE), (rows, (0, 1), T.ONE)], (0,))
    assert meets_repeated(summed, 1)
    scaled_rows = T.product(T.ONE, [(T.source("s", ()), (), T.ONE), (rows, (0, 1), T.ONE)], (0, 1))
    nested = add([(1, scaled_rows), (1, outer)])
    assert meets_repeated(T.product(T.ONE, [(F, (0, 1), T.ONE), (nested, (0, 1), T.ONE)], (0,)), 1)
    linked = add([(1, outer), (1, T.source("G", F.shape))])
    assert not meets_repeated(T.product(T.ONE, [(F, (0, 1), T.ONE), (linked, (0, 1), T.ONE)], (0,)), 1)
    for shape in ((F.shape[0], 1), (1, F.shape[0])):
        whole = T.sum_record([(T.ONE, T.source(name, shape)) for name in "cd"])
        other = T.source("E", shape)
        assert meets_repeated(T.product(T.ONE, [(other, (0, 1), T.ONE), (whole, (0, 1), T.ONE)], (0,)), 1)
    s, G = T.source("s", ()), T.source("G", F.shape)
    chain = [(F, (0, 2), T.ONE), (G, (2, 1), T.ONE)]
    links = [
        T.product(T.ONE, [(rows, (0, 1), 2 * T.ONE)], (0, 1)),
        T.product(T.ONE, [(s, (), T.ONE), (linked, (0, 1), T.ONE)], (0, 1)),
        T.product(T.ONE, [(s, (), T.ONE), (G, (0, 1), T.ONE)], (0, 1)),
        T.product(T.ONE, [(s, (), T.ONE), (F, (0, 2), T.ONE), (v, (2,), T.ONE)], (0, 0)),
        T.product(T.ONE, chain, (0, 1)),
        T.identity(F.shape[0]),
        T.product(T.ONE, [(s, (), T.ONE), *chain], (0, 1)),
    ]
    for link in links:
        whole = T.sum_record([(T.ONE, outer), (T.ONE, link)])
        assert not meets_repeated(T.product(T.ONE, [(F, (0, 1), T.ONE), (whole, (0, 1), T.ONE)], (0,)), 1), link
