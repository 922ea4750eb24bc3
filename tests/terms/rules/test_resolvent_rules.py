"""What a matrix amounts to beside the inverse of a sum, and which of two inverses is written."""

import pytest

import tracer as tf
from tests.terms import programs
from tests.terms.programs import (
    F,
    G,
    H,
    O,
    add,
    by_scalar,
    chosen,
    diagonal,
    dot,
    k,
    m,
    matmul,
    n,
    number,
    row,
    scaled,
    total,
    turned,
    u,
    v,
)
from tests.terms.rules.answers import Answers, answer, normal
from tracer.terms.record import call, identity, source

A, B = (tf.placeholder(name, ("n", "n")) for name in "AB")
X, Y = tf.placeholder("X", ("n", "k")), tf.placeholder("Y", ("k", "n"))
U, V = tf.placeholder("U", (9, 2)), tf.placeholder("V", (2, 9))
x, c = tf.placeholder("x", ("n",)), tf.symbols("c")
inv, T = tf.linalg.inv, tf.transpose


def eye(size):
    return tf.eye(size)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (A @ inv(A + eye("n")) + inv(A + eye("n")), "eye(n)"),
        (inv(A + eye("n")) @ A + inv(A + eye("n")), "eye(n)"),
        (A @ inv(A + c * eye("n")) @ x + c * inv(A + c * eye("n")) @ x, "x"),
        (A @ inv(A + 3 * eye("n")) + 3 * inv(A + 3 * eye("n")) + B, "B + eye(n)"),
        (eye("n") - A @ inv(A + eye("n")), "(A + eye(n))**(-1)"),
        (x - inv(A + B) @ (A @ x), "(A + B)**(-1)*B*x"),
        (x - inv(X @ T(X) + c * eye("n")) @ X @ T(X) @ x, "c*(c*eye(n) + X*X.T)**(-1)*x"),
        (A @ B @ inv(A @ B + eye("n")) + inv(A @ B + eye("n")), "eye(n)"),
        (eye("n") - inv(A + eye("n")), "eye(n) - (A + eye(n))**(-1)"),
        (A @ inv(A + eye("n")) - inv(A + eye("n")), "A*(A + eye(n))**(-1) - (A + eye(n))**(-1)"),
        (A @ inv(A + eye("n")) + inv(B + eye("n")), "A*(A + eye(n))**(-1) + (B + eye(n))**(-1)"),
        (A @ inv(A + eye("n")), "A*(A + eye(n))**(-1)"),
        (A @ inv(eye("n") + B @ A) - inv(eye("n") + A @ B) @ A, "0"),
        (X @ inv(eye("k") + Y @ X) - inv(eye("n") + X @ Y) @ X, "0"),
        (T(X) @ inv(X @ T(X) + c * eye("n")) - inv(T(X) @ X + c * eye("k")) @ T(X), "0"),
        (X @ inv(eye("k") + Y @ X), "X*(Y*X + eye(k))**(-1)"),
        (inv(eye("n") + X @ Y) @ X, "(X*Y + eye(n))**(-1)*X"),
        (inv(eye(9) + U @ V) @ U, "U*(V*U + eye(2))**(-1)"),
        (V @ inv(2 * eye(9) - U @ V), "(2*eye(2) - V*U)**(-1)*V"),
        (inv(eye(2) + V @ U) @ V, "(V*U + eye(2))**(-1)*V"),
        (inv(eye(9) + U @ V) @ T(V), "(U*V + eye(9))**(-1)*V.T"),
        (inv(eye(9) + tf.reduce_sum(U, 1)[:, None] * tf.ones((1, 9))) @ U, "U*(ones(2, 9)*U + eye(2))**(-1)"),
        (A @ inv(eye("n") + x[:, None] * A) - inv(eye("n") + A * x[None, :]) @ A, "0"),
    ],
)
def test_how_an_inverse_of_a_sum_is_written(tensor, text):
    assert str(tensor.formula()) == text


def plus(t, number=1):
    """A square matrix plus a multiple of the identity."""
    return normal(add([(1, t), (number, identity(t.shape[0]))]))


def inverse(*summands):
    """The inverse of a sum."""
    return call("inverse", [normal(add((1, t) for t in summands))])


def mul(*factors):
    return normal(matmul(*factors))


def trace(*factors):
    """The trace of a product of square matrices."""
    last = len(factors) - 1
    return normal(row(1, *((t, (j, j + 1 if j < last else 0), 1) for j, t in enumerate(factors)), out=()))


def beside(inner, *factors, out=(0, 2), **sizes):
    """The inverse of the identity plus a matrix as a factor before others."""
    return row(1, (inverse(plus(normal(inner))), (0, 1), 1), *factors, out=out, **sizes)


s = source("s", ())
S = row(1, (s, (), 1), out=(0, 0), _0=n)
I = identity(n)  # noqa: E741
Z, W = programs.X, source("W", (n, m))  # m by n, and n by m
tall, wide = source("tall", (9, 2)), source("wide", (2, 9))
thin, flat = source("thin", (n, 2)), source("flat", (2, n))
two, nine = source("two", (2,)), source("nine", (9,))
square = source("square", (9, 9))
slant = row(1, (tall, (0, 1), 1), (two, (1,), 1), out=(0, 0))
half = source("half", (9, 2))
big = mul(tall, wide)
few = chosen(0, k, n)
by_one, by_three, by_both, by_all = inverse(F, I), inverse(F, scaled(3, I)), inverse(F, G), inverse(F, G, H)
by_scaled, by_weighted = inverse(F, S), inverse(F, scaled(2, G), scaled(3, I))
by_ones, by_symmetric = inverse(F, number(1, (n, n))), inverse(F, turned(F))
others = [(1, source(f"A{j}", (n, n))) for j in range(7)]
weighted_rows = inverse(plus(row(1, (u, (0,), 1), (F, (0, 1), 1), out=(0, 1))))
weighted_columns = inverse(plus(row(1, (F, (0, 1), 1), (u, (1,), 1), out=(0, 1))))
spread = row(1, (F, (0, 0), 1), (u, (1,), 1), out=(0, 1))


def quadratic(t):
    return normal(dot(u, mul(t, u)))


def sum_of(t):
    return normal(total(t, (0, 1)))


by_symmetric_u = mul(by_symmetric, u)


ANSWERS: Answers = {
    "A @ inverse(A + I) + inverse(A + I) -> I": [
        (add([(2, mul(F, by_one)), (2, by_one), (1, G)]), "(G) + 2*(1 -> [0, 0])"),
        (add([(1, mul(by_one, F)), (1, by_one)]), "1 -> [0, 0]"),
        (add([(1, mul(F, by_three)), (3, by_three)]), "1 -> [0, 0]"),
        (add([(1, mul(F, by_scaled)), (1, normal(by_scalar(s, by_scaled)))]), "1 -> [0, 0]"),
        (add([(1, mul(F, by_weighted)), (2, mul(G, by_weighted)), (3, by_weighted)]), "1 -> [0, 0]"),
        (add([(1, mul(F, by_one, u)), (1, mul(by_one, u))]), "u"),
        (add([(1, mul(H, by_one)), (1, mul(H, F, by_one))]), "H"),
        (add([(1, mul(H, by_one, F, u)), (1, mul(H, by_one, u))]), "H[0, 1]*u[1] -> [0]"),
        (add([(1, mul(F, G, H, inverse(mul(F, G, H), I))), (1, inverse(mul(F, G, H), I))]), "1 -> [0, 0]"),
        (add([(1, trace(F, by_one)), (1, trace(by_one))]), "n -> []"),
        (add([(1, sum_of(mul(F, by_ones))), (n, sum_of(by_ones))]), "n -> []"),
        # One part is missing, and less the whole stands there.
        (add([(3, I), (-3, mul(F, by_one))]), "3*inverse((F) + (1 -> [0, 0]))[0, 1] -> [0, 1]"),
        (add([(1, u), (-3, mul(by_three, u))]), "u[1]*F[0, 2]*inverse((F) + 3*(1 -> [0, 0]))[2, 1] -> [0]"),
        (add([(1, u), (-1, mul(by_both, F, u)), (2, v)]), "2*(v) + (G[1, 2]*u[2]*inverse((G) + (F))[0, 1] -> [0])"),
        (
            add([(4, mul(F, by_weighted)), (8, mul(G, by_weighted)), (-4, I)]),
            "-12*inverse(2*(G) + (F) + 3*(1 -> [0, 0]))[0, 1] -> [0, 1]",
        ),
        (
            add([(4, mul(F, by_weighted)), (12, by_weighted), (-4, I)]),
            "-8*G[0, 2]*inverse(2*(G) + (F) + 3*(1 -> [0, 0]))[2, 1] -> [0, 1]",
        ),
        (
            add([(1, mul(Z, turned(Z), inverse(mul(Z, turned(Z)), identity(m)))), (-1, identity(m))]),
            "-1*inverse((1 -> [0, 0]) + (X[0, 2]*X[1, 2] -> [0, 1]))[0, 1] -> [0, 1]",
        ),
        (add([(1, trace(F, by_one)), (-n, number(1))]), "-1*inverse((F) + (1 -> [0, 0]))[0, 0] -> []"),
        # It is no shorter, or something else.
        (add([(1, I), (-1, by_one)]), ""),
        (add([(1, trace(by_one)), (-n, number(1))]), ""),
        (add([(2, mul(F, by_one)), (1, by_one)]), ""),
        (add([(1, mul(F, by_one)), (-1, by_one)]), ""),
        (add([(1, mul(F, by_three)), (1, by_three)]), ""),
        (add([(3, I), (-2, mul(F, by_one))]), ""),
        (add([(3, I), (3, mul(F, by_one))]), ""),
        (add([(1, mul(F, by_one, u)), (1, mul(by_one, v))]), ""),
        (add([(1, mul(F, by_both)), (1, mul(by_both, G))]), ""),
        (add([(1, sum_of(mul(F, by_ones))), (1, sum_of(by_ones))]), ""),
        (add([(1, mul(F, by_all)), (1, mul(turned(G), by_all)), (-1, I)]), ""),
        (add([(1, mul(F, by_all)), (-1, I)]), ""),
        (add([(1, mul(F, inverse(G))), (1, inverse(G))]), ""),
        (add([(1, row(1, (by_one, (0, 1), 2), out=(0, 1))), (1, mul(F, by_one))]), ""),
        (add([(1, row(1, (F, (0, 1), 1), (by_one, (1, 2), 2), out=(0, 2))), (1, by_one)]), ""),
        (add([(1, row(1, (F, (0, 1), 2), (by_one, (1, 2), 1), out=(0, 2))), (1, by_one)]), ""),
        (add([(1, row(1, (by_one, (0, 0), 1), (F, (1, 0), 1), out=(1,))), (1, row(1, (by_one, (0, 0), 1)))]), ""),
        # What cancels beside the inverse is not looked through.
        (add([(1, mul(inverse(F), G, by_both)), (1, by_both)]), ""),
        (add([(1, by_all), (1, mul(inverse(F), G, by_all)), (-1, inverse(F))]), ""),
        (add([(1, normal(by_scalar(s, mul(F, by_one)))), (1, normal(by_scalar(s, by_one)))]), ""),
        # Two parts are one term, of which there is one.
        (add([(1, quadratic(mul(F, by_symmetric))), (1, quadratic(mul(turned(F), by_symmetric)))]), "u[0]**(2) -> []"),
        (add([(2, normal(dot(by_symmetric_u, mul(F, by_symmetric, u)))), (-1, quadratic(by_symmetric))]), ""),
        (
            add([(1, mul(F, by_one)), (1, by_one), *others[:6]]),
            "(A3) + (A1) + (A4) + (A0) + (A5) + (1 -> [0, 0]) + (A2)",
        ),
        (add([(1, mul(F, by_one)), (1, by_one), *others]), ""),
        (add([(1, mul(F, G, H, O, inverse(mul(F, G, H, O), I))), (-1, I)]), ""),
    ],
    "inverse(I + X @ Y) @ X -> X @ inverse(I + Y @ X)": [
        (
            beside(big, (tall, (1, 2), 1)),
            "tall[0, 2]*inverse((1 -> [0, 0]) + (wide[0, 2]*tall[2, 1] -> [0, 1]))[2, 1] -> [0, 1]",
        ),
        (
            beside(big, (wide, (2, 0), 1), out=(2, 1)),
            "wide[2, 1]*inverse((1 -> [0, 0]) + (wide[0, 2]*tall[2, 1] -> [0, 1]))[0, 2] -> [0, 1]",
        ),
        (
            row(
                3,
                (inverse(normal(row(1, (s, (), 1), out=(0, 0), _0=9)), big), (0, 1), 1),
                (tall, (1, 2), 1),
                out=(0, 2),
            ),
            "3*tall[0, 2]*inverse((wide[0, 2]*tall[2, 1] -> [0, 1]) + (s -> [0, 0]))[2, 1] -> [0, 1]",
        ),
        (
            row(3, (inverse(scaled(-3, big), scaled(2, identity(9))), (0, 1), 1), (tall, (1, 2), 1), out=(0, 2)),
            "3*tall[0, 2]*inverse(2*(1 -> [0, 0]) + -3*(wide[0, 2]*tall[2, 1] -> [0, 1]))[2, 1] -> [0, 1]",
        ),
        (
            beside(big, (tall, (1, 2), 1), (two, (2,), 1), out=(0, 3), _3=k),
            "tall[0, 2]*two[3]*inverse((1 -> [0, 0]) + (wide[0, 2]*tall[2, 1] -> [0, 1]))[2, 3] -> [0, 1]",
        ),
        (
            beside(matmul(tall, turned(tall)), (tall, (0, 2), 1), out=(1, 2)),
            "tall[0, 2]*inverse((1 -> [0, 0]) + (tall[2, 0]*tall[2, 1] -> [0, 1]))[1, 2] -> [0, 1]",
        ),
        (
            beside(row(2, (s, (), 1), (tall, (0, 1), 1), (wide, (1, 2), 1), out=(0, 2)), (tall, (1, 2), 1)),
            "tall[0, 2]*inverse((1 -> [0, 0]) + 2*(wide[0, 2]*s*tall[2, 1] -> [0, 1]))[2, 1] -> [0, 1]",
        ),
        (
            beside(row(1, (tall, (0, 1), 1), (two, (1,), 1), (wide, (1, 2), 1), out=(0, 2)), (tall, (1, 2), 1)),
            "tall[0, 2]*inverse((1 -> [0, 0]) + (wide[0, 2]*tall[2, 1]*two[0] -> [0, 1]))[2, 1] -> [0, 1]",
        ),
        (
            beside(row(1, (tall, (0, 1), 1), (wide, (1, 2), 1), (nine, (2,), 1), out=(0, 2)), (tall, (1, 2), 1)),
            "tall[0, 2]*inverse((1 -> [0, 0]) + (wide[0, 2]*tall[2, 1]*nine[2] -> [0, 1]))[2, 1] -> [0, 1]",
        ),
        (
            beside(row(1, (tall, (0, 1), 1), out=(0, 2), _2=9), (tall, (1, 2), 1)),
            "tall[0, 2]*inverse((1 -> [0, 0]) + (tall[2, 1] -> [0, 1]))[2, 1] -> [0, 1]",
        ),
        (beside(row(1, (tall, (0, 1), 1), (wide, (1, 2), 1), (nine, (0,), 1), out=(0, 2)), (tall, (1, 2), 1)), ""),
        (beside(row(1, (tall, (0, 1), 2), (wide, (1, 2), 1), out=(0, 2)), (tall, (1, 2), 1)), ""),
        (
            row(1, (call("inverse", [add([(1, identity(9)), (1, slant)])]), (0, 1), 1), (tall, (1, 2), 1), out=(0, 2)),
            "",
        ),
        (beside(big, (half, (1, 2), 1)), ""),
        (beside(big, (wide, (2, 1), 1)), ""),
        (beside(big, (tall, (0, 2), 1), out=(1, 2)), ""),
        (beside(big, (tall, (1, 2), 2)), ""),
        (beside(big, (tall, (1, 2), 1), out=(0, 1, 2)), ""),
        (beside(big, (tall, (1, 2), 1), (nine, (1,), 1)), ""),
        (row(1, (inverse(plus(big)), (0, 1), 2), (tall, (1, 2), 1), out=(0, 2)), ""),
        (row(1, (inverse(plus(big)), (0, 0), 1), (tall, (0, 1), 1), out=(1,)), ""),
        (row(1, (inverse(big, diagonal(nine)), (0, 1), 1), (tall, (1, 2), 1), out=(0, 2)), ""),
        (row(1, (inverse(big, number(1, (9, 9))), (0, 1), 1), (tall, (1, 2), 1), out=(0, 2)), ""),
        (row(1, (inverse(big, identity(9), square), (0, 1), 1), (tall, (1, 2), 1), out=(0, 2)), ""),
        (row(1, (inverse(big, square), (0, 1), 1), (tall, (1, 2), 1), out=(0, 2)), ""),
        (row(1, (call("inverse", [big]), (0, 1), 1), (tall, (1, 2), 1), out=(0, 2)), ""),
        # The other inverse is no smaller, or nobody knows.
        (beside(matmul(wide, tall), (wide, (1, 2), 1)), ""),
        (beside(row(1, (square, (0, 1), 1), (nine, (1,), 1), out=(0, 1)), (square, (1, 2), 1)), ""),
        (beside(matmul(Z, turned(Z)), (Z, (1, 2), 1)), ""),
        (beside(matmul(thin, flat), (thin, (1, 2), 1)), ""),
        (beside(matmul(flat, thin), (flat, (1, 2), 1)), ""),
    ],
    "X @ inverse(I + Y @ X) - inverse(I + X @ Y) @ X -> 0": [
        (
            add([(3, mul(Z, inverse(plus(mul(W, Z))))), (2, mul(inverse(plus(mul(Z, W))), Z))]),
            "5*X[2, 1]*inverse((1 -> [0, 0]) + (W[2, 1]*X[0, 2] -> [0, 1]))[0, 2] -> [0, 1]",
        ),
        (
            add(
                [
                    (1, mul(turned(Z), inverse(plus(mul(Z, turned(Z)), 2)))),
                    (4, mul(inverse(plus(mul(turned(Z), Z), 2)), turned(Z))),
                ]
            ),
            "5*X[1, 2]*inverse(2*(1 -> [0, 0]) + (X[2, 0]*X[2, 1] -> [0, 1]))[0, 2] -> [0, 1]",
        ),
        (
            add(
                [
                    (1, mul(F, inverse(plus(scaled(-2, mul(G, F)))))),
                    (-1, mul(inverse(plus(scaled(-2, mul(F, G)))), F)),
                    (1, H),
                ]
            ),
            "H",
        ),
        (add([(1, mul(F, G, inverse(plus(mul(F, G))))), (-1, mul(F, inverse(plus(mul(G, F))), G))]), "0 -> [0, 1]"),
        (add([(1, mul(F, F, F, by_one, F, F, F)), (-1, mul(by_one, F, F, F, F, F, F))]), "0 -> [0, 1]"),
        (add([(1, mul(F, F, F, F, F, F, by_one)), (-1, mul(by_one, F, F, F, F, F, F))]), "0 -> [0, 1]"),
        (add([(1, mul(F, F, F, F, F, F, F, by_one)), (-1, mul(by_one, F, F, F, F, F, F, F))]), ""),
        (add([(1, mul(F, weighted_rows)), (-1, mul(weighted_columns, F))]), "0 -> [0, 1]"),
        (add([(1, mul(F, weighted_rows)), (-1, mul(weighted_rows, F))]), ""),
        # With the other inverse a matrix is nothing but a third.
        (
            add(
                [
                    (
                        1,
                        row(1, (inverse(scaled(2, I), mul(turned(few), few)), (0, 1), 1), (few, (2, 1), 1), out=(0, 2)),
                    ),
                    (5, normal(turned(few))),
                ]
            ),
            "16/3*selection((0, k, 1, n))[1, 0] -> [0, 1]",
        ),
        (add([(1, mul(Z, inverse(plus(mul(W, Z), 2)))), (-1, mul(inverse(plus(mul(Z, W), 3)), Z))]), ""),
        (add([(1, mul(F, inverse(plus(mul(G, F))))), (-1, mul(inverse(plus(mul(F, G))), G))]), ""),
        (add([(1, mul(F, G, by_one)), (-1, mul(by_one, G, F))]), ""),
        (add([(1, row(1, (F, (0, 1), 1), (by_one, (1, 2), 2), out=(0, 2))), (-1, mul(by_one, F))]), ""),
        (add([(1, mul(F, by_one)), (1, G)]), ""),
        (
            add(
                [(1, mul(inverse(plus(spread)), F)), (1, mul(F, inverse(plus(mul(number(1, (n, n)), diagonal(u), F)))))]
            ),
            "",
        ),
        (add([(1, mul(F, by_one)), (-1, mul(by_one, F)), *others[:6]]), "(A3) + (A1) + (A4) + (A0) + (A5) + (A2)"),
        (add([(1, mul(F, by_one)), (-1, mul(by_one, F)), *others]), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
