"""Any term is read as a number times a term, as a product, or as a sum."""

import sympy

from tests.terms.programs import X, dot, u, v
from tracer.terms import record as T
from tracer.terms.decomposition import (
    factors_of,
    has_minus_signs,
    kinds_of,
    open_products,
    read_repeated,
    split_scale,
    summands_of,
)


def test_a_number_in_front_is_split_from_what_it_multiplies():
    assert split_scale(T.scaled(3, u)) == (3, u)
    assert split_scale(u) == (1, u)
    assert summands_of(T.scaled(2, T.add([(1, u), (3, v)]))) == [(2, u), (6, v)]


def test_any_term_reads_as_a_product():
    assert factors_of(X) == (1, ((X, (0, 1), 1),), (0, 1), X.shape)
    scale, factors, out, _ = factors_of(T.scaled(2, dot(u, v)))
    assert (scale, len(factors), out) == (2, 1, ())


def test_a_sum_may_have_minus_signs():
    assert has_minus_signs(T.add([(1, u), (-3, v)]))
    assert not has_minus_signs(T.add([(1, u), (3, v)]))
    assert not has_minus_signs(T.scaled(-1, u))


def test_what_stands_among_terms_is_told_by_heads_declarations_and_sums():
    declared = T.source("Q", (3, 3), ["orthogonal"])
    exponential, total = T.call(sympy.exp, [u]), T.add([(1, u), (1, v)])
    assert kinds_of([exponential, declared, total, u]) == {sympy.exp, "orthogonal", T.Sum} | u.assumptions
    assert open_products([T.times(exponential, u), total, v]) == [exponential, u, total, v]


def test_what_is_repeated_is_read_with_the_labels_of_its_axes():
    assert read_repeated(T.broadcast(u, [1], (4, *u.shape))) == (u, (1,))
    assert read_repeated(u) == (u, (0,))
    doubled = T.scaled(2, X)
    assert read_repeated(doubled) == (doubled, (0, 1))
