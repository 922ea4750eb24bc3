"""Random values modulo primes that meet what is assumed, and proofs from assumptions."""

import numpy as np
import pytest

import tracer as tf
from tracer import Verdict
from tracer.comparison.fields import choose_field
from tracer.comparison.laws import Residues
from tracer.comparison.unknowns import Unknown


def draw(shape, size, **assumptions):
    arithmetic = Residues(3, choose_field(3))
    unknown = Unknown(tf.placeholder("x", shape, **assumptions), size)
    return unknown.build(unknown.draw(arithmetic), arithmetic), arithmetic


def first_values(array):
    return np.vectorize(lambda r: r.values[0], otypes=[object])(array)


@pytest.mark.parametrize(
    ("assumption", "sign"), [("positive", 1), ("nonnegative", 1), ("negative", -1), ("nonpositive", -1)]
)
def test_numbers_have_the_sign_that_is_assumed(assumption, sign):
    value, arithmetic = draw(("n",), (5,), **{assumption: True})
    assert [arithmetic.sign(v) for v in value] == [sign] * 5
    assert arithmetic.allowed


def test_a_number_that_is_moved_out_of_its_domain_is_not_allowed():
    arithmetic = Residues(3, choose_field(3))
    unknown = Unknown(tf.placeholder("x", (1,), positive=True), (1,))
    unknown.build(-unknown.draw(arithmetic), arithmetic)
    assert not arithmetic.allowed


def test_matrices_are_what_is_assumed():
    symmetric, _ = draw(("n", "n"), (3, 3), symmetric=True)
    assert (first_values(symmetric) == first_values(symmetric.T)).all()
    diagonal, _ = draw(("n", "n"), (3, 3), diagonal=True)
    assert np.count_nonzero(first_values(diagonal)) == 3
    orthogonal, a = draw(("n", "n"), (3, 3), orthogonal=True)
    assert (first_values(orthogonal @ orthogonal.T) == np.eye(3, dtype=int)).all()
    definite, a = draw(("n", "n"), (2, 2), positive_definite=True)
    assert (first_values(definite) == first_values(definite.T)).all()
    minors = [definite[0, 0], definite[0, 0] * definite[1, 1] - definite[0, 1] * definite[1, 0]]
    assert [a.sign(m) for m in minors] == [1, 1]


def test_vectors_are_what_is_assumed():
    shares, a = draw(("m", "n"), (2, 3), stochastic=True)
    assert (first_values(shares.sum(axis=-1)) == [1, 1]).all()
    assert {a.sign(v) for v in shares.flat} == {1}
    unit, _ = draw(("n",), (3,), unit=True)
    assert first_values(np.array([unit @ unit]))[0] == 1


def test_one_element_of_a_definite_matrix_may_be_negative():
    assert Unknown(tf.placeholder("A", ("n", "n"), positive_definite=True), ()).signs == {-1, 0, 1}
    assert Unknown(tf.placeholder("a", (), positive_definite=True), ()).signs == {1}


def kind(shape, **assumptions):
    return lambda name: tf.placeholder(name, shape, **assumptions)


POSITIVE, ANY = kind((), positive=True), kind(())
MATRIX = "n", "n"

PROVED = [
    ("sqrt(x**2)", "-x", {"x": kind((), negative=True)}),
    ("relu(x)", "x", {"x": kind(("n",), nonnegative=True)}),
    ("relu(x + 1)", "x + 1", {"x": POSITIVE}),
    ("where(x > -1, x, 2*x)", "x", {"x": POSITIVE}),
    ("x**(a + b)", "x**a*x**b", {"x": POSITIVE, "a": ANY, "b": ANY}),
    ("sign(x)**2", "1", {"x": kind((), nonzero=True)}),
    ("sum(where(x > -1, x, 2*x))", "sum(x)", {"x": kind(("n",), positive=True)}),
    ("A @ B", "B @ A", {"A": kind(MATRIX, diagonal=True), "B": kind(MATRIX, diagonal=True)}),
    ("inv(A) @ x", "x/diag_part(A)", {"A": kind((3, 3), diagonal=True), "x": kind((3,))}),
    ("det(A)**2", "1", {"A": kind((3, 3), orthogonal=True)}),
    ("logdet(A)", "2*sum(log(diag_part(cholesky(A))))", {"A": kind((2, 2), positive_definite=True)}),
]


@pytest.mark.parametrize(("first", "second", "kinds"), PROVED)
def test_what_is_assumed_is_used_in_proofs(first, second, kinds):
    answer = tf.compare(first, second, *(make(name) for name, make in kinds.items()))
    assert answer.verdict is Verdict.PROVED, str(answer)


@pytest.mark.parametrize(
    ("first", "second", "kinds"),
    [
        ("sign(x)", "1", {"x": kind((), nonnegative=True)}),
        ("where(x > 1, x, 2*x)", "2*x", {"x": POSITIVE}),
        ("where(x > 1, 1, 0)", "where(x >= 1, 1, 0)", {"x": POSITIVE}),
        ("where(A > 0, A, 2*A)", "A", {"A": kind((2, 2), positive_definite=True)}),
        ("det(A)", "1", {"A": kind((2, 2), orthogonal=True)}),
        ("A @ A", "A.T @ A", {"A": kind((2, 2), orthogonal=True)}),
        ("A @ B", "B @ A", {"A": kind((2, 2), symmetric=True), "B": kind((2, 2), symmetric=True)}),
        ("det(A)", "A[0, 0]*A[1, 1]", {"A": kind((2, 2), symmetric=True)}),
    ],
)
def test_what_is_wrong_is_refuted_by_values_that_are_allowed(first, second, kinds):
    sources = [make(name) for name, make in kinds.items()]
    answer = tf.compare(first, second, *sources)
    assert answer.verdict is Verdict.REFUTED, str(answer)
    value = answer.counterexample[next(iter(kinds))]
    assumed = dict(sources[0].params)
    assert not assumed.get("positive") or (value > 0).all()
    assert not (assumed.keys() & {"symmetric", "positive_definite"}) or (value == value.T).all()
    assert not assumed.get("orthogonal") or (value @ value.T == np.eye(2)).all()


@pytest.mark.parametrize("shift", ["1", "-1"])
def test_boundaries_within_a_domain_are_looked_at_and_those_beyond_it_are_not(shift):
    """The two differ at -shift alone."""
    answer = tf.compare(f"where(x + {shift} > 0, 1, 0)", f"where(x + {shift} >= 0, 1, 0)", POSITIVE("x"))
    assert answer.verdict is (Verdict.PROVED if shift == "1" else Verdict.REFUTED), str(answer)
