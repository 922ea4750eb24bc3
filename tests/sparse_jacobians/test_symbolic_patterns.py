"""Patterns read from index notation."""

import pytest
import sympy

from tracer.sparse_jacobians.symbolic_patterns import list_blocks, tell_blocks

i, j, q, n = sympy.symbols("i j q n", integer=True)
x = sympy.IndexedBase("x")
delta = sympy.KroneckerDelta

CASES = {
    "nothing": (sympy.S.Zero, []),
    "everywhere": (x[i] * x[j], [True]),
    "a diagonal": (2 * x[i] * delta(i, j), [sympy.Eq(i, j)]),
    "a sum of diagonals": (delta(i, j) - x[i] * delta(i, j - 1), [sympy.Eq(i, j), sympy.Eq(j, i + 1)]),
    "a factor of a sum": (x[i] * (delta(i, j) + delta(j, i + 2)), [sympy.Eq(i, j), sympy.Eq(j, i + 2)]),
    "a product of deltas": (delta(i, j) * delta(i, 0), [sympy.Eq(i, 0) & sympy.Eq(j, 0)]),
    "a power": (delta(i, j) ** 2, [sympy.Eq(i, j)]),
    "a condition": (sympy.Piecewise((x[j], j <= i), (0, True)), [sympy.Le(j, i)]),
    "a condition that ranges imply": (sympy.Piecewise((delta(i, j - 1), j >= 1), (0, True)), [sympy.Eq(j, i + 1)]),
    "conditions that cover all": (
        sympy.Piecewise((delta(i, j), i >= 1), (0, True)) + sympy.Piecewise((delta(i, j), i < n - 1), (0, True)),
        [sympy.Eq(i, j)],
    ),
    "one block within another": (delta(i, j) + x[i] * x[j], [True]),
    "a sum over an index": (sympy.Sum(x[q] * delta(i, j), (q, 0, n - 1)), [sympy.Eq(i, j)]),
    "what is bound": (sympy.Sum(delta(i, q) * x[j], (q, 0, n - 1)), [True]),
    "a function of a delta": (sympy.exp(delta(i, j)), [True]),
    "an equation that never holds": (delta(i, i + 1) * x[j], []),
}


@pytest.mark.parametrize("name", CASES)
def test_blocks(name):
    expr, want = CASES[name]
    assert list_blocks(expr, {i: n, j: n}) == want


def test_too_many_blocks_are_everywhere():
    many = sympy.Add(*(delta(i, j - k) * x[k] for k in range(100)))
    assert list_blocks(many, {i: n, j: n}) == [True]


def test_blocks_are_told():
    assert tell_blocks([sympy.Eq(i, j), sympy.Eq(j, i + 1) & sympy.Le(i, n - 2)]) == "i = j or j = i + 1 and i <= n - 2"
