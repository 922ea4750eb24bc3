"""Any term is read as a number times a term, as a product, or as a sum."""

from tests.terms.programs import X, dot, u, v
from tracer.terms import record as T
from tracer.terms.decomposition import factors_of, has_minus_signs, split_scale, summands_of


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
