"""Triangles are cut once, and Cholesky's factor is that of its matrix."""

import pytest
import sympy

import tracer as tf
from tests.terms.programs import D as definite
from tests.terms.programs import (
    F,
    G,
    X,
    Y,
    add,
    call,
    main_diagonal,
    matmul,
    n,
    power,
    row,
    turned,
    u,
)
from tests.terms.rules.answers import answer
from tracer.terms.record import source

A, B = (tf.placeholder(name, ("n", "n")) for name in "AB")
D = tf.placeholder("D", ("n", "n"), positive_definite=True)
x = tf.placeholder("x", ("n",))
L = tf.linalg.cholesky(D)
inv, logdet = tf.linalg.inv, tf.linalg.logdet


def lower(a):
    return tf.linalg.band_part(a, -1, 0)


def upper(a):
    return tf.linalg.band_part(a, 0, -1)


def diagonal(a):
    return tf.linalg.diag(tf.linalg.diag_part(a))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (lower(lower(A) @ lower(B)), "tril(A)*tril(B)"),
        (lower(lower(A) @ B), "tril(tril(A)*B)"),
        (lower(inv(L)), "cholesky(D)**(-1)"),
        (lower(inv(lower(A))), "tril(A)**(-1)"),
        (lower(A) + upper(A) - diagonal(A), "A"),
        (lower(D) + tf.transpose(lower(D)) - diagonal(D), "D"),
        (inv(D) @ L, "(cholesky(D)**(-1)).T"),
        (2 * tf.reduce_sum(tf.math.log(tf.linalg.diag_part(L))) - logdet(D), "0"),
        (tf.reduce_sum(tf.math.log(1 / tf.linalg.diag_part(L))), "-log(Determinant(D))/2"),
        (tf.reduce_sum(tf.math.log(tf.sqrt(tf.linalg.diag_part(L)))), "log(Determinant(D))/4"),
        (tf.reduce_sum(tf.math.log(tf.reduce_sum(L, axis=1))), "sum(log(cholesky(D)*ones(n, 1)))"),
        (lower(A) ** 2 + upper(A) - diagonal(A), "tril(A)^o2 + triu(A) - diag(diag_part(A))"),
        (lower(tf.transpose(A)) + upper(tf.transpose(A)) - diagonal(A), "A.T"),
        (lower(tf.transpose(A)) + tf.transpose(lower(A)) - diagonal(A) + B, "A.T + B"),
        (tf.gradients(tf.reduce_sum((inv(L) @ x) * (inv(L) @ x)), D)[0], "-D**(-1)*x*x.T*D**(-1)"),
    ],
)
def test_a_triangle_is_written_once(tensor, text):
    assert str(tensor.formula()) == text


factor = call("cholesky", [definite])
members = source("B", (3, n, n))


def cut(t, params=(-1, 0)):
    return call("band_part", [t], params)


def log(t):
    return call(sympy.log, [t])


def turned_times(a, b):
    return row(1, (a, (2, 0), 1), (b, (2, 1), 1), out=(0, 1))


def joined(t, first=1, second=1, third=-1, *more):
    return add([(first, cut(t)), (second, cut(t, (0, -1))), (third, main_diagonal(t)), *more])


repeated = row(1, (cut(F, (0, -1)), (0, 2), 1), out=(0, 1), _1=n)

ANSWERS = {
    "sum(log(diag_part(cholesky(A)))) -> logdet(A)/2": [
        (row(1, (log(row(1, (factor, (0, 0), 1))), (0,), 1), out=()), "1/2*logdet(D) -> []"),
        (
            row(3, (log(row(1, (factor, (0, 0), -2))), (0,), 1), (u, (1,), 1), out=(1, 2), _2=n),
            "-3*u[0]*logdet(D) -> [0, 1]",
        ),
        (row(1, (log(row(1, (factor, (0, 0), 1))), (0,), 1)), ""),
        (row(1, (log(row(1, (factor, (0, 0), 1))), (0,), 1), (u, (0,), 1), out=()), ""),
        (row(1, (log(row(1, (factor, (0, 0), 1))), (0,), 2), out=()), ""),
        (row(1, (log(row(2, (factor, (0, 0), 1))), (0,), 1), out=()), ""),
        (row(1, (log(row(1, (factor, (0, 1), 1))), (0,), 1), out=()), ""),
        (row(1, (log(row(1, (factor, (0, 0), 1), (factor, (1, 0), 1))), (0,), 1), out=()), ""),
        (row(1, (log(row(1, (definite, (0, 0), 1))), (0,), 1), out=()), ""),
        (row(1, (log(factor), (0, 1), 1), out=()), ""),
    ],
    "tril(A) + triu(A) - diag(diag_part(A)) -> A": [
        (joined(F), "F"),
        (joined(F, 2, 2, -2, (3, G)), "3*(G) + 2*(F)"),
        (joined(F, 2), ""),
        (joined(F, 1, 2), ""),
        (joined(F, 1, 1, 1), ""),
        (add([(1, cut(F)), (1, cut(F, (0, -1)))]), ""),
        (add([(1, cut(F)), (-1, main_diagonal(F))]), ""),
        (add([(1, power(cut(F), 2)), (1, cut(F, (0, -1))), (-1, main_diagonal(F))]), ""),
        (add([(1, cut(F, (-1, 1))), (1, cut(F, (0, -1))), (-1, main_diagonal(F))]), ""),
        (add([(1, turned(cut(F))), (1, turned(cut(F, (0, -1)))), (-1, main_diagonal(F))]), "F[1, 0] -> [0, 1]"),
        (add([(1, turned(cut(F, (1, -1)))), (1, turned(cut(F))), (-1, main_diagonal(F))]), ""),
        (
            add([(1, row(1, (cut(F, (0, -1)), (0, 0), 1), out=(0, 0))), (1, turned(cut(F))), (-1, main_diagonal(F))]),
            "",
        ),
        (
            add([(1, call(sympy.Max, [F, G])), (1, cut(F)), (1, cut(F, (0, -1))), (-1, main_diagonal(F))]),
            "(F) + (Max(F, G))",
        ),
        (add([(1, repeated), (1, turned(cut(F))), (-1, main_diagonal(F))]), ""),
        (add([(1, cut(definite)), (1, turned(cut(definite))), (-1, main_diagonal(definite))]), "D"),
        (add([(1, cut(X)), (1, cut(X, (0, -1))), (-1, Y)]), ""),
        (add([(1, cut(members)), (1, cut(members, (0, -1))), (-1, members)]), ""),
        (
            add(
                [
                    (1, row(1, (cut(F), (0, 1), 1), out=(0, 1, 2), _2=3)),
                    (2, row(1, (cut(F), (0, 1), 1), out=(1, 0, 2), _2=3)),
                ]
            ),
            "",
        ),
    ],
    "tril(A + diag(v) @ L.T) -> tril(A) + diag(v*diag_part(L))": [
        (cut(call("inverse", [cut(F)])), "inverse(band_part(F, (-1, 0)))"),
        (cut(call("inverse", [cut(F, (0, -1))]), (0, -1)), "inverse(band_part(F, (0, -1)))"),
        (cut(call("inverse", [cut(F)]), (0, -1)), "inverse(band_part(F, (-1, 0)))[0, 0] -> [0, 0]"),
        (cut(matmul(call("inverse", [cut(F, (0, -1))]), cut(G, (1, -1))), (0, -1)), ""),
        (cut(matmul(call("inverse", [cut(F)]), cut(G, (-1, 1))), (-1, 0)), ""),
        (
            cut(turned_times(cut(F, (0, -1)), cut(G)), (-1, 0)),
            "band_part(F, (0, -1))[2, 0]*band_part(G, (-1, 0))[2, 1] -> [0, 1]",
        ),
        (cut(turned_times(cut(F), cut(G)), (-1, 0)), ""),
        (
            cut(turned_times(cut(F, (1, 0)), cut(G)), (-1, 1)),
            "band_part(F, (1, 0))[2, 0]*band_part(G, (-1, 0))[2, 1] -> [0, 1]",
        ),
        (
            cut(matmul(cut(F, (1, 0)), cut(G)), (-1, 1)),
            "band_part(F, (1, 0))[0, 2]*band_part(G, (-1, 0))[2, 1] -> [0, 1]",
        ),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
