"""Patterns are built by Python's operators, read as they were written, and build terms."""

import pytest
import sympy

from tests.terms.programs import F, G, add, call, diagonal, matmul, turned, u, v
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.patterns import Coefficient, Constant, Diagonal, Identity, Name, variables

A, B, x, y = variables("A B x y")
c = Coefficient("c")
EXP, INVERSE = Name(sympy.exp), Name("inverse")
BINDING = {"A": F, "B": G, "x": u, "y": v, "c": sympy.Integer(3)}

ONES, DECAY = T.number(1, u.shape), call(sympy.exp, [T.scaled(-1, u)])

PATTERNS = [
    (1 / (1 + EXP(-x)), "1/(1 + exp(-x))", T.power(add([(1, ONES), (1, DECAY)]), -1)),
    (c * x - y**2, "c*x - (y**2)", add([(3, u), (-1, T.power(v, 2))])),
    (x**c * y, "x**c*y", T.times(T.power(u, 3), v)),
    (2 * x / y, "2*x/y", T.times(T.scaled(2, u), T.power(v, -1))),
    (A @ INVERSE(B).T, "A @ inverse(B).T", None),
    (A @ Diagonal(x, -1) @ B, "A @ diag(1/x) @ B", None),
    (Identity(), "I", T.identity(F.shape[0])),
    (Constant(1) - x, "1 - x", add([(1, T.number(1, u.shape)), (-1, u)])),
    (A.T, "A.T", turned(F)),
]


@pytest.mark.parametrize(("pattern", "text", "term"), PATTERNS, ids=lambda p: str(p)[:20])
def test_a_pattern_builds_what_it_says(pattern, text, term):
    if term is not None:
        n = Normaliser(())
        assert n.normal(pattern.build(BINDING, term.shape)) is n.normal(term)
        assert pattern.names <= BINDING.keys()
    assert str(pattern) == text


def test_a_chain_is_a_contraction_with_diagonals_at_its_labels():
    chain = A @ Diagonal(x) @ B
    assert [labels for _, labels, _ in chain.factors] == [(0, 1), (1,), (1, 2)]
    assert chain.out == (0, 2)
    assert matmul(F, diagonal(u), G).shape == F.shape


@pytest.mark.parametrize("pattern", [A @ B, Diagonal(x), A @ B.T @ A], ids=str)
def test_a_contraction_is_matched_and_not_built(pattern):
    """A rule that puts one in place of something takes a function, which knows the sizes."""
    with pytest.raises(TypeError, match=r"is a pattern that is only matched; a replacement with it takes a function"):
        pattern.build(BINDING, F.shape)
