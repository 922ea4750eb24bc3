import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol, Reshape

from tests.formulas.readers import algebra as al
from tests.formulas.readers.plain import Plain
from tracer.formulas.matrix.array_products import multiply_arrays
from tracer.formulas.matrix.einsum_text import OneArray, split_axes
from tracer.formulas.matrix.text_printer import Text

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


X = sympy.MatrixSymbol("X", 4, 6)
RNG2 = np.random.default_rng(5)
VALUES |= {"X": RNG2.normal(size=(4, 6)), "Y": RNG2.normal(size=(4, 6))}
SPLIT = {k: Reshape(sympy.MatrixSymbol(k, 4, 6), (4, 2, 3)) for k in "XY"}
PATCHES = Reshape(X, (2, 2, 3, 2))


@pytest.mark.parametrize(
    ("array", "text", "spec"),
    [
        (multiply_arrays([(0, 1, 2)], (1, 0, 2), [SPLIT["X"]]), 'einsum("j(ik)->ijk", X, i=2)', "jik->ijk"),
        (
            multiply_arrays([(0, 1, 2), (3, 1, 2)], (1, 0, 3), [SPLIT["X"], SPLIT["Y"]]),
            'einsum("j(il),k(il)->ijk", X, Y, i=2)',
            "jil,kil->ijk",
        ),
        (
            Reshape(multiply_arrays([(0, 1, 2, 3)], (0, 2, 1, 3), [PATCHES]), (6, 4)),
            'einsum("(ik)(jl)->(ij)(kl)", X, i=2, j=3)',
            "ikjl->ijkl",
        ),
        (
            Reshape(multiply_arrays([(), (0, 1, 2)], (1, 0, 2), [k, SPLIT["X"]]), (8, 3)),
            '(k*einsum("j(il)->(ij)l", X, i=2))',
            None,
        ),
        (
            Reshape(multiply_arrays([(0, 1, 2)], (0, 1), [SPLIT["X"]]), (8,)),
            "Reshape(sum(Reshape(X, (4, 2, 3)), axis=2), (8,))",
            None,
        ),
        (Reshape(X, (2, 12)), "Reshape(X, (2, 12))", None),
    ],
)
def test_axes_that_are_split_or_joined_are_called_by_their_parts(array, text, spec):
    assert Text().doprint(array) == text
    if spec is not None:
        parts = [VALUES[a].reshape(2, 2, 3, 2) if "(ik)(jl)" in text else VALUES[a].reshape(4, 2, 3) for a in "XY"]
        want = np.einsum(spec, *parts[: spec.count(",") + 1])
        read = Plain(text, SIZES, VALUES)()
        np.testing.assert_allclose(np.ravel(read), want.ravel())
        assert tuple(np.shape(read)) == tuple(array.shape)


def test_sizes_that_others_tell_are_left_out():
    A, split = sympy.MatrixSymbol("A", 2, 5), [(SPLIT["X"], "ijk")]
    assert split_axes([*split, (A, "jl")], set()) == ([(X, ["i", "jk"]), (A, "jl")], {})
    assert split_axes(split, {"j"}) == ([(X, ["i", "jk"])], {})
    assert split_axes([(SPLIT["X"], ["i", "j+l", "k"])], set())[1] == {}
