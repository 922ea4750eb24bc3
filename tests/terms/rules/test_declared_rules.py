"""What is declared of vectors is used where they are summed over, and nowhere else."""

import pytest

import tracer as tf
from tests.terms.programs import exp, f, m, n, row
from tests.terms.programs import u as free
from tests.terms.programs import v as other
from tests.terms.rules.answers import answer
from tracer.terms.record import source

z, x = tf.placeholder("z", ("n",)), tf.placeholder("x", ("m",))
p, u = tf.placeholder("p", ("n",), stochastic=True), tf.placeholder("u", ("n",), unit=True)
P, U = tf.placeholder("P", ("m", "n"), stochastic=True), tf.placeholder("U", ("m", "n"), unit=True)
total = tf.reduce_sum


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (total(p), "1"),
        (total(p * z), "p.T*z"),
        (z * total(p), "z"),
        (total(P), "m"),
        (total(P, axis=0), "P.T*ones(m, 1)"),
        (x @ P @ tf.ones(P.shape[1]), "sum(x)"),
        (total(p * p), "p.T*p"),
        (tf.hessian(lambda z: tf.reduce_logsumexp(z) * total(p))(z) @ tf.ones(z.shape), "0"),
        (total(u), "sum(u)"),
        (total(u**2), "1"),
        (tf.norm(u), "1"),
        (z * tf.norm(u), "z"),
        (total(U * U), "m"),
        (total(U * U, axis=0), "(U^o2).T*ones(m, 1)"),
        (total(u * u * z), "z.T*u**2"),
        (tf.hessian(tf.norm)(u), "eye(n) - u*u.T"),
        (tf.gradients(total(u * z) / tf.norm(u), u)[0], "z - (u.T*z)*u"),
    ],
)
def test_a_declared_vector_is_summed(tensor, text):
    assert str(tensor.formula()) == text


one, long = source("p", (n,), ["stochastic"]), source("u", (n,), ["unit"])
rows, longs = source("P", (m, n), ["stochastic"]), source("U", (m, n), ["unit"])

ANSWERS = {
    "P @ 1 -> 1": [
        (row(3, (one, (0,), 1), out=()), "3 -> []"),
        (row(3, (other, (0,), 1), (one, (1,), 1), (free, (0,), 2)), "3*v[0]*u[0]**(2) -> [0]"),
        (row(3, (rows, (0, 1), 1)), "3 -> [0]"),
        (row(3, (rows, (0, 1), 1), out=()), "3*m -> []"),
        (row(1, (rows, (0, 1), 1), (f, (0,), 1), out=()), "y[0] -> []"),
        (row(1, (rows, (0, 1), 1), out=(0, 2), _2=4), "1 -> [0, 1]"),
        (row(1, (rows, (0, 1), 1), out=(1,)), ""),
        (row(1, (one, (0,), 1)), ""),
        (row(1, (one, (0,), 2), out=()), ""),
        (row(1, (one, (0,), 1), (free, (0,), 1), out=()), ""),
        (row(1, (free, (0,), 1), out=()), ""),
        (row(1, (long, (0,), 1), out=()), ""),
        (row(1, (exp(one), (0,), 1), out=()), ""),
    ],
    "u.T @ u -> 1": [
        (row(3, (long, (0,), 2), out=()), "3 -> []"),
        (row(3, (other, (0,), 1), (long, (1,), 2), (free, (0,), 2)), "3*v[0]*u[0]**(2) -> [0]"),
        (row(3, (longs, (0, 1), 2)), "3 -> [0]"),
        (row(3, (longs, (0, 1), 2), out=()), "3*m -> []"),
        (row(1, (longs, (0, 1), 2), out=(1,)), ""),
        (row(1, (long, (0,), 2)), ""),
        (row(1, (long, (0,), 1), out=()), ""),
        (row(1, (long, (0,), 4), out=()), ""),
        (row(1, (long, (0,), 2), (free, (0,), 1), out=()), ""),
        (row(1, (free, (0,), 2), out=()), ""),
        (row(1, (one, (0,), 2), out=()), ""),
        (row(1, (exp(long), (0,), 2), out=()), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
