"""What rows over matrices ask, against what NumPy makes of matrices of small whole numbers."""

import itertools

import numpy as np
import pytest
import sympy

import tracer
from tracer.ops.matrix_domains import array_argument, matrix_argument

WHOLE = [np.reshape(v, (2, 2)) for v in itertools.product((-1, 0, 2), repeat=4)]
SYMMETRIC = [m for m in WHOLE if m[0, 1] == m[1, 0]]


def _holds(relations, node, matrix):
    symbol = matrix_argument(node, 0)
    given = sympy.And(*relations).subs(symbol, sympy.ImmutableMatrix(matrix)).doit()
    assert given in (sympy.true, sympy.false)
    return bool(given)


def _roots(matrix):
    return not any(abs(z.imag) < 1e-9 and z.real < 1e-9 for z in np.linalg.eigvals(matrix))


VALUES = [
    (tracer.linalg.inv, WHOLE, lambda m: abs(np.linalg.det(m)) > 1e-9),
    (tracer.linalg.logdet, WHOLE, lambda m: np.linalg.det(m) > 1e-9),
    (lambda a: tracer.linalg.slogdet(a)[1], WHOLE, lambda m: abs(np.linalg.det(m)) > 1e-9),
    (tracer.linalg.sqrtm, WHOLE, _roots),
    (tracer.linalg.logm, WHOLE, _roots),
]


@pytest.mark.parametrize(("build", "matrices", "expected"), VALUES)
def test_values_ask_what_numpy_needs(build, matrices, expected):
    node = build(tracer.placeholder("A", (2, 2)))
    found = {_holds(node.rule.domain.value(node), node, m) for m in matrices if expected(m)}
    assert found == {True}
    assert {_holds(node.rule.domain.value(node), node, m) for m in matrices if not expected(m)} == {False}


def test_cholesky_asks_for_leading_minors():
    node = tracer.linalg.cholesky(tracer.placeholder("A", (2, 2)))
    for m in SYMMETRIC:
        assert _holds(node.rule.domain.value(node), node, m) is bool(min(np.linalg.eigvalsh(m)) > 1e-9)


def test_neighbouring_eigenvalues_differ():
    node = tracer.linalg.eigvalsh(tracer.placeholder("A", (2, 2)))
    for m in SYMMETRIC:
        low, high = np.linalg.eigvalsh(m)
        assert _holds(node.rule.domain.kinks(node), node, m) is bool(high - low > 1e-9)


def test_a_matrix_of_one_element_has_distinct_eigenvalues():
    node = tracer.linalg.eigvalsh(tracer.placeholder("A", (1, 1)))
    assert node.rule.domain.kinks(node) == []


@pytest.mark.parametrize("shape", [(3, 2), (2, 3)])
def test_pseudo_inverses_ask_for_full_rank_where_they_are_differentiated(shape):
    node = tracer.linalg.pinv(tracer.placeholder("A", shape))
    for entries in itertools.product((0, 1), repeat=6):
        m = np.reshape(entries, shape)
        assert _holds(node.rule.domain.derivative(node), node, m) is bool(np.linalg.matrix_rank(m) == 2)


@pytest.mark.parametrize("shape", [(2,), (3,), (2, 2)])
@pytest.mark.parametrize("reduction", [tracer.reduce_max, tracer.reduce_min])
def test_extremes_of_few_are_attained_once(reduction, shape):
    node = reduction(tracer.placeholder("X", shape))
    (relation,) = node.rule.domain.kinks(node)
    base = array_argument(0)
    for entries in itertools.product((0, 1, 2), repeat=int(np.prod(shape))):
        x = np.reshape(entries, shape)
        values = {base[tuple(map(int, at))]: sympy.Integer(int(x[at])) for at in np.ndindex(*shape)}
        extreme = x.max() if reduction is tracer.reduce_max else x.min()
        assert bool(relation.xreplace(values)) is bool((x == extreme).sum() == 1)
