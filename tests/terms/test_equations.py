"""Equations are rules: the longer side becomes the shorter, wherever it stands."""

from tests.terms.programs import D, F, G, add, dot, matmul, one, turned, u, v, w
from tracer.terms import record as T
from tracer.terms.equations import Equations, symmetric_source
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD


def assuming(*pairs):
    n = Normaliser(STANDARD)
    equations = Equations(n, [(n.normal(a), n.normal(b)) for a, b in pairs])
    return Normaliser((*equations.rules, *STANDARD)), equations


def test_a_contraction_is_found_among_other_factors():
    n, _ = assuming((matmul(turned(F), F), T.identity(F.shape[0])))
    assert n.normal(matmul(G, turned(F), F, u)) is n.normal(matmul(G, u))
    assert n.normal(T.product(1, [(F, (0, 1), T.ONE), (F, (0, 1), T.ONE)], ())) is T.number(F.shape[0])


def test_a_root_and_a_number_are_cleared():
    n, _ = assuming((T.scaled(2, T.power(dot(u, u), T.ONE / 2)), T.number(6)))
    assert n.normal(dot(u, u)) is T.number(9)


def test_a_whole_term_is_replaced_with_its_number():
    n, equations = assuming((F, G))
    longer = F if F.order > G.order else G
    shorter = G if longer is F else F
    assert equations.replace(n, n.scaled(3, longer)) is n.scaled(3, shorter)


def test_a_sum_is_replaced_and_so_is_its_last_summand():
    total = add([(1, matmul(F, u)), (1, v)])
    n, equations = assuming((total, T.number(0, u.shape)))
    assert equations.replace(n, n.normal(total)) is T.number(0, u.shape)
    assert n.normal(matmul(F, u)) is n.scaled(-1, v)
    assert n.normal(T.times(matmul(F, u), u)) is n.normal(T.scaled(-1, T.times(u, v)))


def test_a_sum_is_found_among_other_summands():
    n, _ = assuming((add([(2, u), (-1, v)]), T.number(3, u.shape)))
    assert n.normal(add([(4, u), (1, w), (-2, v)])) is n.normal(add([(6, one), (1, w)]))


def test_the_number_of_an_equation_is_on_one_side():
    n, _ = assuming((u, add([(1, one), (-1, v)])))
    assert n.normal(add([(1, u), (1, v)])) is n.normal(one)


def test_powers_hold_what_an_equation_says_of_elements():
    n, _ = assuming((T.times(u, v), w))
    assert n.normal(T.times(T.power(u, 3), T.power(v, 2))) is n.normal(T.times(u, T.power(w, 2)))


def test_a_source_that_is_its_transpose_is_symmetric():
    n = Normaliser(())
    assert symmetric_source(n, F, n.transposed(F)) is F
    assert symmetric_source(n, n.transposed(D), F) is None
