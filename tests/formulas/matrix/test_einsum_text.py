import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol

from tests.formulas.readers import algebra as al
from tests.formulas.readers.plain import Plain
from tracer.formulas.matrix.array_products import multiply_arrays
from tracer.formulas.matrix.einsum_text import OneArray

n, m, k = sympy.symbols("n m k", integer=True, positive=True)
SIZES = {"n": 2, "m": 3, "k": 4}
T, U, A = ArraySymbol("T", (n, m, k)), ArraySymbol("U", (n, m, k)), ArraySymbol("A", (n, m))
RNG = np.random.default_rng(3)
VALUES = {"T": RNG.normal(size=(2, 3, 4)), "U": RNG.normal(size=(2, 3, 4)), "A": RNG.normal(size=(2, 3))}


@pytest.mark.parametrize(
    ("array", "text", "want"),
    [
        (multiply_arrays([(0, 1, 2)], (), [T]), "sum(T)", VALUES["T"].sum()),
        (multiply_arrays([(0, 1, 2)], (1,), [T]), "sum(T, axis=(0, 2))", VALUES["T"].sum((0, 2))),
        (multiply_arrays([(), (0, 1, 2)], (0, 1), [2 / k, T]), "2*mean(T, axis=2)", 2 * VALUES["T"].mean(2)),
        (multiply_arrays([(), (0, 1, 2)], (), [1 / (k * m * n), T]), "mean(T)", VALUES["T"].mean()),
        (multiply_arrays([(), (0, 1, 2)], (), [1 / (k * m), T]), "sum(T)/(k*m)", VALUES["T"].mean((1, 2)).sum()),
        (multiply_arrays([(0, 1, 2), (0, 1, 2)], (), [T, U]), "sum(T o U)", (VALUES["T"] * VALUES["U"]).sum()),
        (
            multiply_arrays([(), (0, 1, 2), (0, 1, 2)], (1,), [1 / (n * k), T, U]),
            "mean(T o U, axis=(0, 2))",
            (VALUES["T"] * VALUES["U"]).mean((0, 2)),
        ),
        (
            multiply_arrays([(0, 1, 2), (0, 1)], (), [T, A]),
            'einsum("ijl,ij->", T, A)',
            (VALUES["T"].sum(2) * VALUES["A"]).sum(),
        ),
        (multiply_arrays([(0, 1, 2)], (1, 0), [T]), 'einsum("jil->ij", T)', VALUES["T"].sum(2).T),
        (
            multiply_arrays([(0, 1), (2,)], (0, 1, 2), [A, OneArray(k)]),
            'einsum("ij->ijl", A, l=k)',
            VALUES["A"][:, :, None].repeat(4, 2),
        ),
        (
            multiply_arrays([(), (0,), (1,)], (1, 0), [sympy.Rational(1, 4), OneArray(n), OneArray(m)]),
            "ones(m, n)/4",
            np.full((3, 2), 0.25),
        ),
    ],
)
def test_products_say_what_they_are(array, text, want):
    assert str(array) == text
    read = Plain(text, SIZES, VALUES)()
    np.testing.assert_allclose(read.array if isinstance(read, (al.Scalar, al.Matrix)) else read, want)


def test_a_mean_binds_as_a_function():
    mean = multiply_arrays([(), (0, 1, 2)], (), [1 / (k * m * n), T])
    assert mean.precedence > multiply_arrays([(), (0, 1, 2)], (), [1 / k, T]).precedence
