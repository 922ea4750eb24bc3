"""The driver: one normal form, found without recursion, whatever was built."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.terms.programs import TERMS, D, F, G, X, Y, add, call, m, matmul, ones_times, total, turned, u, v, w
from tests.terms.proofs import prove_equal
from tests.terms.random_terms import added, sums_of_choices, varied, where_defined
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser, RuleTable
from tracer.terms.rules.standard import STANDARD
from tracer.terms.work import Budget

Z = add([(2, X), (1, Y)])
deviations = add([(1, Z), (-1 / m, ones_times(total(Z, (0,))))])


def test_a_normal_form_is_its_own():
    n = Normaliser(STANDARD)
    for term in (u, matmul(F, u), add([(1, u), (2, v)]), call(sympy.tanh, [matmul(F, u)])):
        normal = n.normal(term)
        assert n.normal(normal) is normal
        assert Normaliser(STANDARD).normal(normal) is normal


def test_what_was_tried_is_forgotten():
    n = Normaliser(STANDARD)
    total = add([(1, T.times(u, v)), (1, T.times(u, w))])
    with n.trial():
        n.settle(total)
    assert n.normal(total) is n.normal(T.times(u, add([(1, v), (1, w)])))
    assert n.settle(total) is n.normal(total)


@pytest.mark.parametrize(
    "t",
    [
        total(deviations, (0,)),
        total(deviations, (1,)),
        turned(call("softmax", [turned(call(sympy.log, [added(1, T.power(X, 2))]))])),
    ],
    ids=["columns of deviations", "rows of deviations", "shares of columns"],
)
def test_the_normal_form_of_a_fraction_is_found_soon_and_is_its_own(t):
    budget = Budget(20_000)
    fraction = add([(1, T.power(added(2, t), -1)), (1, T.times(t, T.power(added(2, t), -2)))])
    normal = Normaliser(STANDARD, budget).normal(fraction)
    assert Normaliser(STANDARD, budget).normal(normal) is normal


def test_the_square_of_a_cleared_fraction_is_its_own():
    a = matmul(F, v)
    cleared = T.times(a, add([(1, u), (1, T.times(added(1, T.power(v, 2)), T.power(a, -1)))]))
    normal = Normaliser(STANDARD).normal(T.times(cleared, cleared))
    assert Normaliser(STANDARD).normal(normal) is normal


@settings(deadline=None, max_examples=100)
@given(varied([term for terms in TERMS.values() for term in terms]))
def test_a_term_equals_its_normal_form(term):
    normal = Normaliser(STANDARD).normal(term)
    assert Normaliser(STANDARD).normal(normal) is normal
    with where_defined():
        assert prove_equal(term, normal)


@settings(deadline=None, max_examples=100)
@given(sums_of_choices())
def test_a_sum_of_choices_equals_its_normal_form(term):
    assert prove_equal(term, Normaliser(STANDARD).normal(term))


def test_nothing_recurses_on_the_depth_of_a_term():
    term = u
    for k in range(3000):
        term = call(sympy.sin, [T.scaled(k + 2, term)])
    assert Normaliser(()).normal(term).depth == 6001


def test_a_transpose_written_twice_is_nothing():
    n = Normaliser(STANDARD)
    assert n.normal(turned(turned(F))) is F
    assert n.transposed(n.transposed(matmul(F, turned(G)))) is n.normal(matmul(F, turned(G)))
    assert n.transposed(D) is D
    assert n.is_symmetric(n.normal(matmul(F, turned(F))))
    assert n.is_symmetric(n.normal(call("inverse", [D])))
    assert not n.is_symmetric(F)


def test_a_difference_and_its_transpose_differ_by_a_sign():
    n = Normaliser(STANDARD)
    skew = n.add([(1, F), (-1, turned(F))])
    assert n.transposed(skew) is n.scaled(-1, skew)


@given(st.permutations(range(4)), st.permutations(range(3)))
def test_the_order_of_operands_does_not_matter(summands, factors):
    n = Normaliser(STANDARD)
    rows = [(1, matmul(F, u)), (1, matmul(turned(F), u)), (2, v), (1, T.times(u, v))]
    elements = [u, v, call(sympy.exp, [u])]
    assert n.add([rows[k] for k in summands]) is n.add(rows)
    assert n.normal(T.times(*(elements[k] for k in factors))) is n.normal(T.times(*elements))


def test_work_is_counted_and_the_same_each_time():
    spent = []
    for _ in range(2):
        budget = Budget()
        Normaliser(STANDARD, budget).normal(matmul(F, turned(G), add([(1, u), (2, v)])))
        spent.append(budget.spent)
    assert spent[0] == spent[1] > 0


def test_a_trial_leaves_nothing_of_sums_and_is_found_once():
    n = Normaliser(STANDARD)
    u_plus_v, asked = add([(1, u), (1, v)]), []

    def find():
        asked.append(u_plus_v)
        n.normal(matmul(F, u))
        return n.settle(u_plus_v)

    for _ in range(2):
        with n.trial():
            assert n.try_once("u + v", find) is u_plus_v
            assert u_plus_v in n._memo
        assert u_plus_v not in n._memo
        assert matmul(F, u) in n._memo
    assert asked == [u_plus_v]


def test_rules_are_looked_up_by_what_they_rewrite():
    table = RuleTable(STANDARD)
    assert [r.name for r in table.of("pinv")] == ["f(A.T) -> f(A).T"]
    assert table.of("unknown") == ()
    beside = {sympy.exp, "symmetric", "anything"}
    assert list(table.of(T.Product, beside)) == [r for r in STANDARD if T.Product in r.heads and r.needs <= beside]
    assert list(table) == list(STANDARD)
