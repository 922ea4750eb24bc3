"""Products of square matrices are read in order, and written again."""

from tests.terms.programs import F, G, H, X, matmul, turned, u
from tracer.terms.chains import Link, multiply_chain, read_chain
from tracer.terms.normalise import Normaliser


def test_a_chain_is_read_and_written():
    n = Normaliser(())
    whole = n.normal(matmul(F, turned(G), H))
    chain = read_chain(whole)
    assert chain == [Link(F, False), Link(G, True), Link(H, False)]
    assert n.normal(multiply_chain(chain)) is whole


def test_what_is_no_chain_of_square_matrices():
    n = Normaliser(())
    assert read_chain(F) is None
    assert read_chain(n.normal(matmul(turned(X), X))) is None
    assert read_chain(n.normal(matmul(F, G, u))) is None
