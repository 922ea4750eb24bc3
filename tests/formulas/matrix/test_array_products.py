"""Products, sums and softmax of arrays: their elements are NumPy's, and their texts are einsum's."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.tensor.array.expressions import ArraySymbol

from tests.formulas.readers.plain import Plain
from tracer.formulas.matrix.array_classes import ArrayMap
from tracer.formulas.matrix.array_products import ArrayAdd, Einsum, OneArray, multiply_arrays, scale_array
from tracer.formulas.matrix.array_reductions import ArraySoftmax
from tracer.testing.interpreter import evaluate

n, m, k = sympy.symbols("n m k", integer=True, positive=True)
SIZES, SHAPE, NUMBERS = {"n": 2, "m": 3, "k": 4}, (n, m, k), (2, 3, 4)
RNG = np.random.default_rng(8)
VALUES = {name: RNG.normal(size=NUMBERS) for name in "TU"} | {
    "v": RNG.normal(size=4),
    "A": RNG.normal(size=(3, 4)),
}
T, U = (ArraySymbol(name, SHAPE) for name in "TU")
A, v = sympy.MatrixSymbol("A", m, k), ArraySymbol("v", (k,))
c, x, y = sympy.symbols("c x y", real=True)
FACTORS = {T: (0, 1, 2), A: (1, 2), v: (2,)}


def value(e):
    return evaluate(e, SIZES, {**VALUES, "c": np.array(1.5)})


def entries(e, shape):
    return np.array([value(e._entry(*map(sympy.Integer, at))) for at in np.ndindex(*shape)]).reshape(shape)


@given(st.lists(st.sampled_from([T, A, v]), min_size=1, max_size=3), st.permutations([0, 1, 2]), st.integers(0, 3))
def test_a_product_is_einsum_by_value_by_elements_and_as_text(factors, order, rank):
    words = [FACTORS[a] for a in factors]
    out = [label for label in order if any(label in word for word in words)][:rank]
    made = multiply_arrays(words, out, factors)
    arrays = [VALUES[str(a)].reshape([NUMBERS[label] for label in word]) for a, word in zip(factors, words)]
    want = np.einsum(*(x for pair in zip(arrays, words) for x in pair), out)
    np.testing.assert_allclose(np.reshape(value(made), want.shape), want, rtol=1e-9)
    if isinstance(made, Einsum):
        assert [value(d) for d in made.shape] == list(want.shape)
        np.testing.assert_allclose(entries(made, want.shape), want, rtol=1e-9)
        if str(made).startswith("einsum"):
            known = {str(a): a for a in arrays} | {str(f): a for f, a in zip(factors, arrays)}
            np.testing.assert_allclose(eval(str(made), {"einsum": np.einsum, **known}), want, rtol=1e-9)


@pytest.mark.parametrize("array", [T, multiply_arrays([(0, 1, 2), (2,)], (0, 1), [T, v])], ids=str)
@pytest.mark.parametrize("number", [1, -2, sympy.Rational(1, 2), c])
def test_a_number_times_an_array(array, number):
    made = scale_array(sympy.sympify(number), array)
    np.testing.assert_allclose(value(made), value(sympy.sympify(number)) * value(array))
    if number == 1:
        assert made is array


@pytest.mark.parametrize(
    ("made", "text", "latex"),
    [
        (multiply_arrays([(0, 1, 2), (2,)], (0, 1), [T, v]), 'einsum("ijl,l->ij", T, v)', r"\sum_{l} T_{i,j,l} v_{l}"),
        (multiply_arrays([(0, 1, 2)], (1, 2, 0), [T]), 'einsum("lij->ijl", T)', "T_{l,i,j}"),
        (multiply_arrays([(0, 1, 2)] * 2, (0, 1, 2), [T, U]), "T o U", "T_{i,j,l} U_{i,j,l}"),
        (scale_array(sympy.Integer(-1), T), "-T", "-T_{i,j,l}"),
        (scale_array(c, ArrayAdd(T, U)), "c*(T + U)", "c (T_{i,j,l} + U_{i,j,l})"),
        (ArrayAdd(T, scale_array(sympy.Integer(-2), U)), "T - 2*U", "T_{i,j,l} - 2 U_{i,j,l}"),
        (ArrayAdd(T, U), "T + U", "T + U"),
        (ArraySoftmax(T), "softmax(T)", r"\operatorname{softmax}(T)"),
    ],
)
def test_texts(made, text, latex):
    assert str(made) == text
    assert sympy.latex(made) == latex
    assert sympy.pretty(made).strip()


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_softmax_is_over_the_last_axis(rank):
    z, a = ArraySymbol("z", SHAPE[:rank]), RNG.normal(size=NUMBERS[:rank])
    want = np.exp(a) / np.exp(a).sum(-1, keepdims=True)
    made = ArraySoftmax(z)
    np.testing.assert_allclose(evaluate(made, SIZES, {"z": a}), want, rtol=1e-12)
    known = made.subs({n: 2, m: 3, k: 4}).subs({z.subs({n: 2, m: 3, k: 4}): sympy.ImmutableDenseNDimArray(a)})
    np.testing.assert_allclose(np.array(known.doit().tolist(), float), want, rtol=1e-12)


def test_a_sum_of_arrays_is_one_of_elements():
    np.testing.assert_allclose(value(ArrayAdd(T, U)), VALUES["T"] + VALUES["U"])
    np.testing.assert_allclose(entries(ArrayAdd(T, U), NUMBERS), VALUES["T"] + VALUES["U"])


def test_letters_of_axes_are_those_of_indices_in_latex_and_no_names():
    i, j = ArraySymbol("i", (2, 3, 4)), ArraySymbol("j", (4, sympy.Symbol("l", integer=True)))
    made = multiply_arrays([(0, 1, 2), (2, 3)], (0, 3), [i, j])
    assert str(made) == 'einsum("knp,pm->km", i, j)'
    assert sympy.latex(made) == r"\sum_{n, p} i_{k,n,p} j_{p,m}"


ROWS = multiply_arrays([(0, 1), (2,)], (2, 0, 1), [A, OneArray(n)])
TUBES = multiply_arrays([(), (0,), (1,), (2,)], (1, 2, 0), [-2 * c, v, OneArray(n), OneArray(m)])
SHEETS = multiply_arrays([(0, 1, 2), (2,), (3,)], (0, 1, 3), [T, v, OneArray(k)])
COUNTS = multiply_arrays([(), (0,), (1,), (2,)], (0, 1, 2), [c, *map(OneArray, SHAPE)])


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (ArrayAdd(T, ROWS), "T + A"),
        (ArrayAdd(T, TUBES), "T - 2*c*v"),
        (ArrayAdd(T, SHEETS), 'T + einsum("ijl,l->ij", T, v)[:, :, None]'),
        (ArrayAdd(SHEETS, ROWS), 'einsum("ijl,l->ij", T, v)[:, :, None] + A'),
        (ArrayAdd(ROWS, TUBES), 'einsum("jl->ijl", A, i=n) - 2*c*einsum("l->ijl", v, i=n, j=m)'),
        (ArrayAdd(T, COUNTS), "T + c"),
        (ArrayMap(sympy.Lambda((x, y), sympy.Max(x, y) * y**2), T, ROWS), "A^o2 o max(T, A)"),
        (ArrayMap(sympy.Lambda((x, y), x / y), T, SHEETS), 'T/einsum("ijl,l->ij", T, v)[:, :, None]'),
    ],
)
def test_what_is_repeated_along_axes_is_repeated_as_in_numpy(array, text):
    assert str(array) == text
    read = Plain(text, SIZES, {**VALUES, "c": np.array(1.5)})()
    np.testing.assert_allclose(read, value(array))


def test_a_matrix_with_its_axes_in_the_other_order_is_a_transpose():
    A, B = sympy.MatrixSymbol("A", 2, 3), sympy.MatrixSymbol("B", 4, 3)
    product = sympy.MatMul(A, B.T)
    for made, text in (
        (multiply_arrays([(0, 1)], (1, 0), [A]), "A.T"),
        (multiply_arrays([(0, 1)], (1, 0), [product]), "B*A.T"),
        (multiply_arrays([(), (0, 1)], (1, 0), [sympy.Rational(2, 3), product]), "2*B*A.T/3"),
        (multiply_arrays([(0, 1)], (1, 0), [sympy.MatAdd(A, A, evaluate=False)]), "(A + A).T"),
    ):
        assert str(made) == text
