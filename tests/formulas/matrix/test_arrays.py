"""Array expressions: contractions have NumPy's values at any rank."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.matrix.arrays import contract_arrays
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.network import Network
from tracer.terms.work import Budget
from tracer.testing.interpreter import evaluate

n, m, k = sympy.symbols("n m k", integer=True, positive=True)
SIZES, SHAPE, NUMBERS = {"n": 2, "m": 3, "k": 4}, (n, m, k), (2, 3, 4)
RNG = np.random.default_rng(8)
VALUES = {name: RNG.normal(size=NUMBERS) for name in "TU"} | {"v": RNG.normal(size=2)}
T, U = (ArraySymbol(name, SHAPE) for name in "TU")


def value(e):
    return evaluate(e, SIZES, VALUES)


@given(st.permutations([0, 1, 2]), st.permutations([0, 1, 2]), st.permutations([0, 1, 2]), st.integers(0, 3))
def test_a_contraction_is_einsum(first, second, order, rank):
    """Two arrays of rank three share all their labels; so many of these stay."""
    sizes, numbers = (n,) * 3, (2, 2, 2)
    arrays = [RNG.normal(size=numbers) for _ in range(2)]
    P, Q = (ArraySymbol(name, sizes) for name in "PQ")
    out = tuple(order[:rank])
    network = Network(
        MatrixAlgebra(Budget()),
        sympy.Integer(-2),
        out,
        dict.fromkeys(range(3), n),
        [(P, tuple(first)), (Q, tuple(second))],
    )
    got = evaluate(contract_arrays(network), SIZES, dict(zip("PQ", arrays)))
    letters = ["".join("ijk"[a] for a in labels) for labels in (first, second, out)]
    want = -2 * np.einsum(f"{letters[0]},{letters[1]}->{letters[2]}", *arrays)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("labels", "out", "text"),
    [((0, 1, 2), (0, 1, 2), "ijk->ijk"), ((0, 1, 1), (0,), "ijj->i"), ((1, 0, 0), (0, 1), "jii->ij")],
)
def test_axes_of_one_array(labels, out, text):
    P, a = ArraySymbol("P", (n, n, n)), RNG.normal(size=(2, 2, 2))
    network = Network(MatrixAlgebra(Budget()), sympy.S.One, out, dict.fromkeys(range(3), n), [(P, labels)])
    np.testing.assert_allclose(evaluate(contract_arrays(network), SIZES, {"P": a}), np.einsum(text, a))


@pytest.mark.parametrize("out", [(0, 0, 0), (0, 1, 0), (0, 1, 1)], ids=str)
def test_a_label_that_the_result_has_twice_lies_on_a_diagonal(out):
    v = sympy.MatrixSymbol("v", n, 1)
    network = Network(
        MatrixAlgebra(Budget()), sympy.S.One, out, dict.fromkeys(range(2), n), [(v, (0,)), (v, (max(out),))]
    )
    network.algebra.vectors.add("v")
    want = np.zeros((2, 2, 2))
    for at in np.ndindex(2, 2):
        want[tuple(at[label] for label in out)] = VALUES["v"][at[0]] * VALUES["v"][at[max(out)]]
    np.testing.assert_allclose(value(contract_arrays(network)), want)


def test_nothing_but_a_number_is_the_number():
    assert contract_arrays(Network(MatrixAlgebra(Budget()), sympy.Integer(5), (), {}, [])) == 5


def test_a_sum_over_all_is_an_array_without_axes():
    network = Network(MatrixAlgebra(Budget()), sympy.S.One, (), dict(enumerate(SHAPE)), [(T, (0, 1, 2))])
    np.testing.assert_allclose(value(contract_arrays(network)), VALUES["T"].sum())
