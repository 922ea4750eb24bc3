"""Determinants of products, and sums of their logarithms."""

import pytest
import sympy

import tracer as tf
from tests.terms.programs import D as definite
from tests.terms.programs import F, G, H, add, call, h, matmul, row, scaled, strong, turned
from tests.terms.rules.answers import answer
from tracer.terms.record import power, source

A, B, C = (tf.placeholder(name, ("n", "n")) for name in "ABC")
D = tf.placeholder("D", ("n", "n"), positive_definite=True)
X, v, w = tf.placeholder("X", ("m", "n")), tf.placeholder("v", ("n",)), tf.placeholder("w", ("n",), positive=True)
p, s = tf.placeholder("p", positive=True), tf.placeholder("s")
n = A.shape[0]
M = tf.placeholder("M", ("b", "n", "n"))
det, inv, logdet, T = tf.linalg.det, tf.linalg.inv, tf.linalg.logdet, tf.transpose


def slope(y, x):
    return tf.gradients(y, x)[0]


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (det(A @ B @ inv(A)), "Determinant(B)"),
        (det(inv(A) @ B @ T(A) @ C), "Determinant(B*C)"),
        (logdet(inv(A) @ D @ A), "log(Determinant(D))"),
        (det(A @ B @ inv(C)), "Determinant(A*B*C**(-1))"),
        (det(tf.linalg.band_part(A, -1, 0)), "prod(diag_part(A))"),
        (det(tf.linalg.band_part(A, -1, 1)), "Determinant(band_part(A, -1, 1))"),
        (logdet(A @ B) - logdet(A) - logdet(B), "0"),
        (logdet(A @ B) - logdet(A), "log(Determinant(B))"),
        (logdet(B @ A) - logdet(T(A) @ B), "0"),
        (logdet(A @ D @ T(A)) - logdet(D), "2*log(abs(Determinant(A)))"),
        (logdet(A @ B) - logdet(D), "log(Determinant(A*B)) - log(Determinant(D))"),
        (logdet(T(A) @ A), "2*log(abs(Determinant(A)))"),
        (logdet(D @ D @ D), "3*log(Determinant(D))"),
        (logdet(T(A) @ A) - 2 * logdet(A), "0"),
        (logdet(A @ A @ A), "3*log(Determinant(A))"),
        (logdet(A @ T(A) @ A), "3*log(Determinant(A))"),
        (logdet((A + T(B)) @ (T(A) + B)), "2*log(abs(Determinant(B.T + A)))"),
        (det(inv(A + T(B)) @ (T(A) + B) @ C), "Determinant(C)"),
        (det(inv(A) @ T(A)), "1"),
        (logdet(inv(A) @ T(A)), "0"),
        (logdet(A @ B) - tf.math.log(abs(det(A))), "log(abs(Determinant(B)))"),
        (logdet(A @ B) - tf.math.log(abs(det(A))) - tf.math.log(abs(det(B))), "0"),
        (logdet(A @ B @ A) + tf.math.log(abs(det(A))), "3*log(abs(Determinant(A))) + log(Determinant(B))"),
        (
            tf.math.log(abs(det(A @ B))) - tf.math.log(abs(det(A))),
            "log(abs(Determinant(A*B))) - log(abs(Determinant(A)))",
        ),
        (
            tf.math.log(abs(det(A @ B))) - tf.math.log(abs(det(A))) + s * logdet(C),
            "s*log(Determinant(C)) + log(abs(Determinant(A*B))) - log(abs(Determinant(A)))",
        ),
        (tf.math.log(abs(det(A))) + s * logdet(C), "s*log(Determinant(C)) + log(abs(Determinant(A)))"),
        (tf.math.log(abs(det(A))) + logdet(C), "log(abs(Determinant(A))) + log(Determinant(C))"),
        (logdet(A @ D) - logdet(A), "log(Determinant(D))"),
        (logdet(A @ B) + logdet(A @ C), "log(Determinant(A*B)) + log(Determinant(A*C))"),
        (logdet(A @ B) + logdet(A @ T(B)), "log(Determinant(A*B)) + log(Determinant(A*B.T))"),
        (logdet(A @ B) - s, "log(Determinant(A*B)) - s"),
        (logdet(-2 * p * A), "n*log(p) + log(Determinant(-2*A))"),
        (tf.math.log(-3 * det(A)), "log(-3*Determinant(A))"),
        (tf.math.log(3 / det(A)), "log(3) - log(Determinant(A))"),
        (tf.math.log(3 * det(A) ** 2), "log(3*Determinant(A)**2)"),
        (tf.math.log(3 * det(A) ** 3), "3*log(Determinant(A)) + log(3)"),
        (tf.math.log(p * det(A) * det(B)), "log(p*Determinant(A)*Determinant(B))"),
        (tf.math.log(w * det(A)), "log(Determinant(A)*w)"),
        (tf.math.log(det(M)), "log(Determinant(M)) for each b"),
        (logdet(M * 2), "n*log(2) + log(Determinant(M)) for each b"),
        (det(tf.linalg.band_part(M, -1, 0)), "prod(diag_part(M)) for each b"),
        (logdet(T(X) @ X), "log(Determinant(X.T*X))"),
        (slope(logdet(T(A) @ A), A), "2*(A**(-1)).T"),
        (logdet(2 * A), "n*log(2) + log(Determinant(A))"),
        (logdet(A / p) + n * tf.math.log(p), "log(Determinant(A))"),
        (logdet(s * A), "log(Determinant(s*A))"),
        (logdet(p * s * A), "n*log(p) + log(Determinant(s*A))"),
        (logdet(-2 * A), "log(Determinant(-2*A))"),
        (logdet(p * tf.eye(n)), "n*log(p)"),
        (slope(logdet(p * D), p), "n/p"),
        (logdet(A) - tf.math.log(det(A)), "0"),
        (tf.math.log(3 * p**2 * det(A)) - logdet(A), "2*log(p) + log(3)"),
        (tf.math.log(det(p * A)) - logdet(p * A), "0"),
        (tf.math.log(s * det(A)), "log(s*Determinant(A))"),
        (det(tf.linalg.diag(v)), "prod(v)"),
        (logdet(tf.linalg.diag(v)), "log(prod(v))"),
        (logdet(tf.linalg.diag(tf.exp(v))), "sum(v)"),
        (slope(logdet(tf.linalg.diag(v)), v), "1/v"),
        (logdet(tf.linalg.band_part(A, -1, 0)), "log(prod(diag_part(A)))"),
        (tf.math.log(tf.reduce_prod(w)), "sum(log(w))"),
    ],
)
def test_how_a_determinant_of_a_product_is_written(tensor, text):
    assert str(tensor.formula()) == text


members = source("M", (3, n, n))


def det_of(t):
    return call("det", [t], None, t.shape[:-2])


def logdet_of(t):
    return call("logdet", [t], None, t.shape[:-2])


def log(t):
    return call(sympy.log, [t])


def size(t):
    return log(call(sympy.Abs, [det_of(t)]))


def inverse(t):
    return call("inverse", [t])


ANSWERS = {
    "det(A @ B @ inverse(A)) -> det(B)": [
        (det_of(matmul(F, G, inverse(F))), "det(G)"),
        (det_of(row(1, (inverse(F), (0, 2), 1), (F, (1, 2), 1), out=(0, 1))), "1 -> []"),
        (logdet_of(row(1, (inverse(F), (0, 2), 1), (F, (1, 2), 1), out=(0, 1))), "0 -> []"),
        (logdet_of(matmul(F, definite, inverse(F))), "logdet(D)"),
        (det_of(matmul(add([(1, G), (1, turned(F))]), H, inverse(add([(1, F), (1, turned(G))])))), "det(H)"),
        (det_of(matmul(F, G, inverse(H))), ""),
        (det_of(scaled(2, matmul(F, G, inverse(F)))), ""),
    ],
    "det(tril(A)) -> prod(diag(A))": [
        (det_of(call("band_part", [F], (-1, 0))), "reduce_prod(F[0, 0] -> [0], 1)"),
        (det_of(call("band_part", [F], (0, 2))), "reduce_prod(F[0, 0] -> [0], 1)"),
        (det_of(call("band_part", [F], (1, -1))), ""),
        (det_of(call("band_part", [members], (-1, 0))), ""),
    ],
    "logdet(p*A) -> n*log(p) + logdet(A)": [
        (logdet_of(scaled(2, F)), "n*log(2)*(1 -> []) + (logdet(F))"),
        (logdet_of(scaled(-2, F)), ""),
        (
            logdet_of(row(-2, (F, (0, 1), 1), (strong, (), 3), (source("s", ()), (), 2), out=(0, 1))),
            "3*n*(log(strong)) + (logdet(-2*s**(2)*F[0, 1] -> [0, 1]))",
        ),
        (logdet_of(row(1, (F, (0, 1), 1), (source("s", ()), (), 1), out=(0, 1))), ""),
        (logdet_of(scaled(2, source("N", (3, 2, n, n)))), "n*log(2)*(1 -> [0, 1]) + (logdet(N))"),
        (
            logdet_of(row(2, (members, (0, 1, 2), 1), (strong, (), 3), out=(0, 1, 2))),
            "n*log(2)*(1 -> [0]) + (logdet(M)) + 3*n*(log(strong) -> [0])",
        ),
        (logdet_of(scaled(2, members)), "n*log(2)*(1 -> [0]) + (logdet(M))"),
    ],
    "logdet(A @ A) -> 2*log(Abs(det(A)))": [
        (logdet_of(matmul(F, F)), "2*log(Abs(det(F))) -> []"),
        (logdet_of(matmul(F, F, F)), "3*logdet(F) -> []"),
        (logdet_of(matmul(F, G)), ""),
        (logdet_of(F), ""),
        (
            logdet_of(matmul(add([(1, G), (1, turned(F))]), add([(1, F), (1, turned(G))]))),
            "2*log(Abs(det((F) + (G[1, 0] -> [0, 1])))) -> []",
        ),
    ],
    "log(p*det(A)) -> log(p) + logdet(A)": [
        (log(row(6, (det_of(F), (), 1), (strong, (), 2), out=())), "log(6)*(1 -> []) + (logdet(F)) + 2*(log(strong))"),
        (log(row(n * 2, (det_of(F), (), 1), out=())), "log(n) + log(2)*(1 -> []) + (logdet(F))"),
        (log(row(-6, (det_of(F), (), 1), out=())), ""),
        (log(row(1, (det_of(F), (), 1), (source("s", ()), (), 1), out=())), ""),
        (log(row(1, (det_of(F), (), 1), (det_of(G), (), 1), out=())), ""),
        (log(row(1, (det_of(F), (), 2), (strong, (), 1), out=())), ""),
        (log(row(1, (det_of(F), (), 1), (h, (0,), 1))), ""),
        (log(row(1, (det_of(members), (0,), 1), (source("c", (3,), ["positive"]), (0,), 1))), "(log(c)) + (logdet(M))"),
        (log(row(3, (det_of(F), (), -1), out=())), "log(3)*(1 -> []) + -1*(logdet(F))"),
        (log(row(1, (det_of(F), (), 3), (strong, (), 1), out=())), "3*(logdet(F)) + (log(strong))"),
        (
            log(
                row(
                    1,
                    (det_of(source("N", (3, 2, n, n))), (1, 0), 1),
                    (power(source("c", (2, 3)), 2), (0, 1), 1),
                    out=(0, 1),
                )
            ),
            "",
        ),
        (
            log(
                row(
                    1,
                    (det_of(source("N", (3, 2, n, n))), (1, 0), 1),
                    (source("c", (2, 3), ["positive"]), (0, 1), 1),
                    out=(0, 1),
                )
            ),
            "(log(c)) + (logdet(N)[1, 0] -> [0, 1])",
        ),
        (log(det_of(F)), ""),
    ],
    "logdet(A @ B) - logdet(A) -> logdet(B)": [
        (add([(1, logdet_of(matmul(F, G))), (-1, logdet_of(F))]), "logdet(G)"),
        (add([(1, logdet_of(matmul(F, G))), (-1, size(F))]), "log(Abs(det(G)))"),
        (add([(1, logdet_of(matmul(F, definite))), (-1, size(F))]), "logdet(D)"),
        (add([(1, logdet_of(matmul(F, definite))), (-1, logdet_of(definite))]), "logdet(F)"),
        (add([(3, logdet_of(matmul(F, G))), (-3, logdet_of(F)), (-3, logdet_of(G))]), "0 -> []"),
        (add([(1, logdet_of(matmul(F, G))), (1, logdet_of(matmul(F, H)))]), ""),
        (add([(1, logdet_of(matmul(F, G))), (-1, logdet_of(matmul(G, H)))]), ""),
        (add([(1, logdet_of(matmul(F, G, H))), (-1, logdet_of(matmul(G, H)))]), "log(Abs(det(F)))"),
        (add([(1, logdet_of(matmul(F, G, H))), (-1, size(matmul(G, H)))]), "log(Abs(det(F)))"),
        (add([(1, logdet_of(matmul(F, G))), (1, source("s", ()))]), ""),
        (add([(1, logdet_of(matmul(F, F))), (1, source("s", ()))]), ""),
        (add([(1, logdet_of(F)), (-1, logdet_of(G))]), ""),
        (add([(1, logdet_of(F)), (-1, size(G))]), ""),
        (add([(1, logdet_of(members)), (1, size(members))]), "2*logdet(M)[0] -> [0]"),
        (add([(1, logdet_of(members)), (-1, size(members))]), "0 -> [0]"),
        (add([(1, logdet_of(F)), (-1, size(F))]), "0 -> []"),
        (add([(1, size(matmul(F, G))), (-1, size(F))]), ""),
        (
            add([(1, size(matmul(F, G))), (-1, size(F)), (1, row(1, (logdet_of(H), (), 1), (strong, (), 1), out=()))]),
            "",
        ),
        (add([(1, size(F)), (1, row(1, (logdet_of(H), (), 1), (strong, (), 1), out=()))]), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
