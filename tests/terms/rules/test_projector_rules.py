"""What stands beside its inverse cancels, and a projector is its own square."""

import pytest

import tracer as tf
from tests.terms import programs
from tests.terms.programs import (
    F,
    G,
    H,
    add,
    by_scalar,
    centring,
    chosen,
    dot,
    f,
    k,
    m,
    matmul,
    n,
    number,
    projector,
    row,
    scaled,
    strong,
    u,
    v,
)
from tests.terms.rules.answers import Answers, answer, normal
from tracer.terms.record import call, describe, identity

X, h, x = tf.placeholder("X", ("m", "n")), tf.placeholder("h", ("m",)), tf.placeholder("x", ("n",))
A, S = tf.placeholder("A", ("n", "n")), tf.placeholder("S", ("n", "n"), symmetric=True)
inv, transpose = tf.linalg.inv, tf.transpose
P = X @ inv(transpose(X) @ X) @ transpose(X)
REST = tf.eye("m") - P
CENTRE = tf.eye("n") - tf.ones(A.shape) / A.shape[0]
MIRROR = tf.eye("n") - 2 * x[:, None] * x[None, :] / tf.reduce_sum(x * x)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (P @ P, "X*(X.T*X)**(-1)*X.T"),
        (P @ X, "X"),
        (P @ REST, "0"),
        (REST @ X, "0"),
        (REST @ REST, "eye(m) - X*(X.T*X)**(-1)*X.T"),
        (tf.gradients(tf.reduce_sum((REST @ h) ** 2), h)[0], "2*(eye(m) - X*(X.T*X)**(-1)*X.T)*h"),
        (CENTRE @ CENTRE @ S @ CENTRE @ CENTRE, "(eye(n) - ones(n, n)/n)*S*(eye(n) - ones(n, n)/n)"),
        (MIRROR @ MIRROR, "eye(n)"),
        (X @ (transpose(X) @ X), "X*X.T*X"),
        (tf.linalg.diag_part(inv(transpose(X) @ X)) @ (transpose(X) @ X), "X.T*X*diag_part((X.T*X)**(-1))"),
    ],
)
def test_a_projection_is_written_once(tensor, text):
    assert str(tensor.formula()) == text


D = programs.X
GRAM = normal(row(1, (D, (2, 0), 1), (D, (2, 1), 1), out=(0, 1)))
FG = normal(matmul(F, G))


def inverse(t):
    return call("inverse", [normal(t)])


def less(*parts):
    """The identity minus matrices."""
    return normal(add([(1, identity(m)), *((-1, t) for t in parts)]))


def corners(*places):
    """The sum of the matrices of size four with a one in one place of their diagonal."""
    ones = (chosen(j, 1, 4) for j in places)
    return add([(1, row(1, (t, (2, 0), 1), (t, (3, 1), 1), out=(0, 1))) for t in ones])


left = less(projector)
outer = row(1, (f, (0,), 1), (f, (1,), 1), out=(0, 1))
ones = number(1, (m, m))
mirror = normal(add([(1, identity(n)), (-2, row(1, (u, (0,), 1), (u, (1,), 1), (dot(u, u), (), -1), out=(0, 1)))]))

ANSWERS: Answers = {
    "inverse(X.T @ X) @ X.T @ X -> I": [
        (row(2, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 3), 1), (u, (3,), 1)), "2*u[0] -> [0]"),
        (
            row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 3), 1), (v, (3,), 1), out=(0, 4), _4=m),
            "v[0] -> [0, 1]",
        ),
        (row(1, (D, (2, 0), 1), (D, (2, 1), 1), (inverse(GRAM), (1, 3), 1), out=(0, 3)), "1 -> [0, 0]"),
        (
            row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 3), 1), (strong, (), 1), out=(0, 3)),
            "strong -> [0, 0]",
        ),
        (
            row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 3), 1), (u, (4,), 1), out=(0, 3, 4)),
            "u[1] -> [0, 0, 1]",
        ),
        # A label of the product is kept, or belongs to another factor too.
        (row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 3), 1), out=(0, 1, 3)), ""),
        (row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 3), 1), out=(0, 2, 3)), ""),
        (row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 3), 1), (u, (1,), 1), out=(0, 3)), ""),
        (row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 3), 1), (f, (2,), 1), out=(0, 3)), ""),
        (row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 1), (D, (2, 0), 1), out=()), ""),
        (row(1, (inverse(GRAM), (0, 0), 1), (D, (1, 0), 1), (D, (1, 2), 1), out=(2,)), ""),
        (row(1, (inverse(GRAM), (0, 1), 2), (D, (2, 1), 1), (D, (2, 3), 1), out=(0, 3)), ""),
        (row(1, (inverse(GRAM), (0, 1), 1), (D, (2, 1), 2), (D, (2, 3), 1), out=(0, 3)), ""),
        (row(1, (inverse(FG), (0, 1), 1), (F, (1, 2), 1), (G, (2, 3), 1), out=(0, 3)), "1 -> [0, 0]"),
        (row(1, (F, (0, 1), 1), (G, (1, 2), 1), (inverse(FG), (2, 3), 1), out=(0, 3)), "1 -> [0, 0]"),
        (row(1, (inverse(FG), (1, 0), 1), (F, (2, 3), 1), (G, (3, 1), 1), out=(0, 2)), "1 -> [0, 0]"),
        (row(1, (inverse(FG), (1, 0), 1), (F, (1, 2), 1), (G, (2, 3), 1), out=(0, 3)), ""),
        (row(1, (FG, (0, 1), 1), (inverse(FG), (1, 2), 1), out=(0, 2)), "1 -> [0, 0]"),
        (row(1, (FG, (0, 1), 2), (inverse(FG), (1, 2), 1), out=(0, 2)), ""),
        (
            row(1, (F, (0, 1), 1), (G, (1, 2), 1), (H, (2, 3), 1), (inverse(matmul(F, G, H)), (3, 4), 1), out=(0, 4)),
            "1 -> [0, 0]",
        ),
        (row(1, (F, (0, 1), 1), (G, (1, 2), 1), (inverse(matmul(F, G, H)), (2, 3), 1), out=(0, 3)), ""),
        (row(1, (F, (0, 1), 1), (inverse(F), (1, 2), 1), out=(0, 2)), ""),
    ],
    "(I - P) @ (I - P) -> I - P": [
        (
            row(1, (left, (0, 1), 1), (left, (2, 1), 1), out=(0, 2)),
            describe(left),
        ),
        (
            row(3, (left, (0, 1), 1), (left, (1, 2), 1), (f, (2,), 1), out=(0, 3), _3=k),
            f"3*y[2]*({describe(left)})[0, 2] -> [0, 1]",
        ),
        (row(1, (left, (0, 1), 2), (left, (1, 2), 1), out=(0, 2)), ""),
        (row(1, (left, (0, 1), 1), (left, (1, 2), 1), (f, (1,), 1), out=(0, 2)), ""),
        (row(1, (left, (0, 1), 1), (left, (1, 2), 1), out=(0, 1, 2)), ""),
        (row(1, (left, (0, 1), 1), (left, (0, 1), 1), out=()), ""),
        (row(1, (left, (0, 0), 1), (left, (0, 1), 1), out=(1,)), ""),
        (row(1, (left, (0, 1), 1), (left, (2, 3), 1), out=(0, 1, 2, 3)), ""),
        (matmul(left, outer, left), ""),
        (matmul(mirror, mirror), "1 -> [0, 0]"),
        (matmul(mirror, mirror, u), "u"),
        (matmul(centring, centring), "-1*(1/n*(1 -> [0, 1]) + -1*(1 -> [0, 0]))[0, 1] -> [0, 1]"),
        (matmul(F, F), ""),
        (matmul(add([(1, F), (1, G)]), add([(1, F), (1, G)])), ""),
        (matmul(corners(0, 1), corners(1, 2)), ""),
        (
            matmul(corners(0, 1, 2), corners(0, 1, 2)),
            describe(corners(0, 1, 2)),
        ),
        (matmul(corners(0, 1, 2, 3), corners(0, 1, 2, 3)), ""),
    ],
    "X.T @ (I - X @ inverse(X.T @ X) @ X.T) -> 0": [
        (row(1, (D, (1, 0), 1), (left, (1, 2), 1), out=(0, 2)), "0 -> [0, 1]"),
        (row(1, (left, (0, 1), 1), (D, (1, 2), 1), out=(0, 2, 3), _3=k), "0 -> [0, 1, 2]"),
        (matmul(outer, left, D, u), "0 -> [0]"),
        (matmul(less(projector, outer), D), "-1*X[2, 1]*y[0]*y[2] -> [0, 1]"),
        (
            row(3, (less(projector, outer), (0, 1), 1), (D, (1, 2), 1), out=(0, 2, 3), _3=k),
            "-3*X[3, 1]*y[0]*y[3] -> [0, 1, 2]",
        ),
        (matmul(normal(add([(1, left), (1, outer), (2, ones)])), D), ""),
        (row(1, (left, (0, 1), 1), (D, (1, 2), 1), out=(0, 1, 2)), ""),
        (row(1, (left, (0, 1), 2), (D, (1, 2), 1), (centring, (2, 3), 1), out=(0,)), ""),
        (row(1, (less(projector, scaled(1 / m, ones)), (0, 1), 1), (D, (2, 3), 1), out=(0, 2, 3)), ""),
        (row(1, (left, (0, 1), 1), (D, (1, 2), 1), (chosen(0, m, n), (3, 2), 1), out=(0, 3)), ""),
        (matmul(left, programs.Y), ""),
        (
            matmul(add([(1, H), (-2, matmul(H, inverse(F)))]), F),
            "-1*(2*(H) + -1*(H[0, 2]*F[2, 1] -> [0, 1]))[0, 1] -> [0, 1]",
        ),
        (matmul(add([(1, identity(n)), (-2, matmul(F, inverse(F)))]), F), "-1*F[0, 1] -> [0, 1]"),
        (matmul(add([(1, H), (-1, matmul(inverse(F), H))]), F), ""),
        (by_scalar(strong, left), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
