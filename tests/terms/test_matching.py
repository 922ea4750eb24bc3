"""Patterns are found up to labels, orientation and order, and nowhere else."""

import sympy

from tests.terms.programs import F, G, add, call, matmul, turned, u, v, w
from tracer.terms import record as T
from tracer.terms.decomposition import factors_of
from tracer.terms.matching import match, match_contraction, match_elements, match_summands
from tracer.terms.normalise import Normaliser
from tracer.terms.patterns import Coefficient, Declared, Name, variables
from tracer.terms.rule import Rule

A, B, x, y = variables("A B x y")
c = Coefficient("c")
INVERSE, EXP, SIN = Name("inverse"), Name(sympy.exp), Name(sympy.sin)
n = Normaliser(())


def first(found):
    return next(iter(found), None)


def test_a_variable_stands_for_one_term():
    assert first(match(n, SIN(x) * SIN(x), n.normal(T.times(u, v)), {})) is None
    both = Name("f")(x, x)
    assert first(match(n, both, call("f", [u, u]), {})) == {"x": u, "f()": (None, u.shape)}
    assert first(match(n, both, call("f", [u, v]), {})) is None


def test_a_number_in_front_is_bound_and_a_sign_is_seen():
    assert first(match(n, c * x, n.scaled(3, u), {})) == {"c": 3, "x": u}
    assert first(match(n, c * x, u, {})) is None
    assert first(match(n, -x, n.scaled(-1, u), {})) == {"x": u}
    assert first(match(n, -x, u, {})) is None
    assert first(match(n, x**c, n.power(u, 3), {})) == {"x": u, "c": 3}


def test_a_power_whose_exponent_is_a_size_has_in_it_what_every_such_power_has():
    size = sympy.Symbol("n", integer=True, positive=True)
    powers = T.product(*_parts(n.normal(T.times(T.power(u, size), v))))
    assert first(match_elements(n, x**2 * y, powers)) is None
    assert first(match_elements(n, x**1 * y, powers)) is not None


def test_a_number_over_a_term_is_no_number_times_it():
    assert first(match(n, c / x, n.scaled(3, u), {})) is None


def test_a_part_is_over_the_number_of_its_pattern():
    quotient = n.normal(T.times(call(sympy.sin, [u]), T.power(call(sympy.cos, [u]), -1)))
    rule = Rule(2 * SIN(x) / Name(sympy.cos)(x), 2 * Name(sympy.tan)(x), "planted")
    assert Normaliser((rule,)).normal(quotient) is call(sympy.tan, [u])


def test_matrices_are_found_in_any_orientation():
    pattern = A @ INVERSE(A)
    for term in (matmul(F, call("inverse", [F]), u), turned(matmul(F, call("inverse", [F])))):
        flat = T.product(*_parts(n.normal(term)))
        assert first(match_contraction(n, pattern, flat)) is not None
    other = T.product(*_parts(n.normal(matmul(F, call("inverse", [turned(F)]), u))))
    assert first(match_contraction(n, pattern, other)) is None


def _parts(term):
    scale, factors, out, sizes = factors_of(term)
    return scale, factors, out, dict(enumerate(sizes))


def test_a_label_that_something_else_has_is_not_summed_by_the_pattern():
    scaled = T.product(1, [(F, (0, 1), T.ONE), (call("inverse", [F]), (1, 2), T.ONE), (u, (1,), T.ONE)], (0, 2))
    assert first(match_contraction(n, A @ INVERSE(A), scaled)) is None


def test_a_higher_power_leaves_a_factor():
    term = n.normal(T.times(T.power(call(sympy.sin, [u]), 3), T.power(call(sympy.cos, [u]), -1)))
    part = first(match_elements(n, SIN(x) / Name(sympy.cos)(x), term))
    assert part is not None
    assert [e for _, _, e in part.rest] == [2]


def test_summands_are_found_up_to_a_common_number():
    total = add([(3, T.power(call(sympy.sin, [u]), 2)), (5, w), (3, T.power(call(sympy.cos, [u]), 2))])
    pattern = SIN(x) ** 2 + Name(sympy.cos)(x) ** 2
    part = first(match_summands(n, pattern, total, {}))
    assert part is not None
    assert (part.scale, part.rest) == (3, [(5, w)])
    assert first(match_summands(n, SIN(x) ** 2 + SIN(y) ** 2, total, {})) is None


def test_what_is_declared_is_asked_of_sources_alone():
    Q = T.source("Q", F.shape, ["orthogonal"])
    pattern = Declared("Q", "orthogonal")
    assert first(match(n, pattern, Q, {})) == {"Q": Q}
    assert first(match(n, pattern, G, {})) is None
