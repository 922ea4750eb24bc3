"""What is declared of vectors is used where they are summed over, and nowhere else."""

import pytest

import tracer as tf

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
