"""What is asked of matrices, as conditions on what they are made of: against determinants of numbers."""

import itertools

import numpy as np
import pytest
import sympy

import tracer
from tracer import conditions
from tracer.walk import ancestors

linalg = tracer.linalg
N, M = tracer.placeholder("N", ("n", "n")), tracer.placeholder("M", ("n", "n"))
X, v = tracer.placeholder("X", ("m", "n")), tracer.placeholder("v", ("n",))
P = tracer.placeholder("P", ("n", "n"), positive_definite=True)
P3 = tracer.placeholder("P3", (3, 3), positive_definite=True)
Q = tracer.placeholder("Q", ("n", "n"), orthogonal=True)
EYE = tracer.eye(N.shape[0])
INVERTIBLE = ["det(N) != 0"]
SHOWN = [
    (linalg.inv, lambda: tracer.transpose(N), INVERTIBLE),
    (linalg.inv, lambda: -2.0 * N, INVERTIBLE),
    (linalg.inv, lambda: linalg.inv(N), INVERTIBLE),
    (linalg.inv, lambda: linalg.matrix_power(N, 3), INVERTIBLE),
    (linalg.inv, lambda: N @ M, ["det(M) != 0 and det(N) != 0"]),
    (linalg.inv, lambda: Q @ N @ tracer.transpose(Q), INVERTIBLE),
    (linalg.inv, lambda: linalg.expm(N), []),
    (linalg.inv, lambda: tracer.transpose(X) @ X, ["det(X.T*X) != 0"]),
    (linalg.inv, lambda: tracer.transpose(X) @ X + EYE, []),
    (linalg.inv, lambda: linalg.diag(v), ["v[i] != 0"]),
    (linalg.inv, lambda: linalg.diag(tracer.exp(v)), []),
    (linalg.inv, lambda: P, []),
    (linalg.inv, lambda: linalg.sqrtm(P), []),
    (linalg.logdet, lambda: linalg.sqrtm(P) @ linalg.expm(P) @ linalg.sqrtm(P), []),
    (linalg.inv, lambda: Q, []),
    (linalg.inv, lambda: N + M, ["det(M + N) != 0"]),
    (linalg.logdet, lambda: P + P @ P, []),
    (linalg.logdet, lambda: tracer.transpose(N) @ N, INVERTIBLE),
    (linalg.logdet, lambda: 2.0 * tracer.transpose(N), ["det(N) > 0"]),
    (linalg.logdet, lambda: -1.0 * N, ["det(-N) > 0"]),
    (linalg.logdet, lambda: linalg.expm(N) @ N, ["det(N) > 0"]),
    (linalg.logdet, lambda: Q, ["det(Q) > 0"]),
    (linalg.cholesky, lambda: tracer.transpose(N) @ P @ N + P, []),
    (linalg.cholesky, lambda: 2.0 * tracer.transpose(N) @ N, ["N.T*N positive definite"]),
    (linalg.cholesky, lambda: P3, []),
    (linalg.sqrtm, lambda: P, []),
]


@pytest.mark.parametrize(("function", "build", "expected"), SHOWN)
def test_matrices_are_asked_for_what_their_parts_need(function, build, expected):
    assert [str(c).removesuffix(" (domain)") for c in conditions(function(build()))] == expected


A, B = tracer.placeholder("A", (2, 2)), tracer.placeholder("B", (2, 2))
WHOLE = [np.reshape(entries, (2, 2)) for entries in itertools.product((-1, 0, 2), repeat=4)][::13]
PRODUCTS = [
    lambda a, b: a @ b,
    lambda a, b: tracer.transpose(a) @ a @ b,
    lambda a, b: tracer.transpose(a) @ a,
    lambda a, b: -1.0 * tracer.transpose(b),
    lambda a, b: tracer.transpose(a) @ a + tracer.transpose(b) @ b + tracer.eye(2),
]


@pytest.mark.parametrize("build", PRODUCTS)
@pytest.mark.parametrize(("function", "holds"), [(linalg.inv, lambda d: d != 0), (linalg.logdet, lambda d: d > 0)])
def test_conditions_hold_for_the_matrices_of_which_they_hold(function, holds, build):
    product = build(A, B)
    asked = sympy.And(*(c.relation for c in conditions(function(product))))
    for a, b in itertools.product(WHOLE, repeat=2):
        given = {"A": a, "B": b}
        used = {s: sympy.ImmutableMatrix(given[s.name]) for s in asked.atoms(sympy.MatrixSymbol)}
        feed = {t: given[t.label].astype(float) for t in ancestors([product]) if t.label in given}
        assert bool(asked.xreplace(used).doit()) is bool(holds(round(np.linalg.det(product.eval(feed)), 6)))
