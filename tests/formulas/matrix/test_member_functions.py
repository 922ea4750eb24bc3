"""Functions of the matrices of an array are called as NumPy calls them, and have its values."""

import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.member_functions import apply_to_members
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

b, n, m = sympy.symbols("b n m", integer=True, positive=True)
A, B = ArraySymbol("A", (b, n, n)), ArraySymbol("B", (b, n, m))
SIZES = {"b": 4, "n": 3, "m": 2}
RNG = np.random.default_rng(8)
ROOTS = RNG.normal(size=(4, 3, 3))
VALUES = {
    "A": ROOTS @ ROOTS.swapaxes(1, 2) + np.eye(3),
    "B": RNG.normal(size=(4, 3, 2)),
    "S": np.diag([1.0, 2.0, 3.0]),
    "v": RNG.normal(size=(4, 3)),
    "K": RNG.normal(size=(3, 4, 3)),
}


@pytest.mark.parametrize(
    ("name", "shape", "numbers", "array", "text", "value"),
    [
        ("inverse", (b, n, n), [], A, "inv(A)", np.linalg.inv(VALUES["A"])),
        ("det", (b,), [], A, "det(A)", np.linalg.det(VALUES["A"])),
        ("cholesky", (b, n, n), [], A, "cholesky(A)", np.linalg.cholesky(VALUES["A"])),
        ("matrix_power", (b, n, n), [3], A, "matrix_power(A, 3)", np.linalg.matrix_power(VALUES["A"], 3)),
        ("pinv", (b, m, n), [], B, "pinv(B)", np.linalg.pinv(VALUES["B"])),
        ("band_part", (b, n, n), [0, -1], A, "triu(A)", np.triu(VALUES["A"])),
        ("band_part", (b, n, n), [1, 0], A, "band_part(A, 1, 0)", np.tril(np.triu(VALUES["A"], -1))),
        ("eigvalsh", (b, n), [], A, "eigvalsh(A)", np.linalg.eigvalsh(VALUES["A"])),
    ],
)
def test_a_function_of_each_matrix_of_an_array(name, shape, numbers, array, text, value):
    made = apply_to_members(name, shape, 1, numbers, [array])
    assert str(made) == text
    assert made.shape == shape
    sized = made.subs({b: 4, n: 3, m: 2})
    given = sized.subs(sized.arrays[0], sympy.ImmutableDenseNDimArray(VALUES[str(array.name)].tolist()))
    np.testing.assert_allclose(np.array(given.doit().tolist(), float), value)
    np.testing.assert_allclose(evaluate(made, SIZES, VALUES), value)


a, r, s = tf.placeholder("A", ("b", "n", "n")), tf.placeholder("B", ("b", "n", "m")), tf.placeholder("S", ("n", "n"))
v, k = tf.placeholder("v", ("b", "n")), tf.placeholder("K", ("n", "b", "n"))
total, inv, det = tf.reduce_sum, tf.linalg.inv, tf.linalg.det
PROGRAMS = {
    "sum(det(A))": lambda: total(det(a)),
    "sum(log(det(A)))": lambda: total(tf.linalg.logdet(a)),
    'einsum("ijk,ij,ik->", inv(A), v, v)': lambda: total(v * tf.linalg.matvec(inv(a), v)),
    "K**(-1) for each b": lambda: inv(tf.transpose(k, (1, 0, 2))),
    "A**(-1)*B for each b": lambda: tf.linalg.solve(a, r),
    "(A + S)**(-1) for each b": lambda: inv(a + s),
    "cholesky((A.T + A)/2)*B for each b": lambda: tf.linalg.cholesky(a) @ r,
    "tril(A)**(-1)*B for each b": lambda: tf.linalg.triangular_solve(a, r),
    "2*(A**(-1)).T*A**(-1)*B for each b": lambda: tf.gradients(total(tf.linalg.solve(a, r) ** 2), r)[0],
    "Determinant(A)*(A**(-1)).T for each b": lambda: tf.gradients(total(det(a)), a)[0],
    "(A**(-1) - A**(-1)*v*v.T*A**(-1)).T for each b": lambda: tf.gradients(
        total(tf.linalg.logdet(a)) + total(v * tf.linalg.matvec(inv(a), v)), a
    )[0],
    "2*(A.T + A)**(-1)*B for each b": lambda: tf.linalg.cholesky_solve(tf.linalg.cholesky(a), r),
}


@pytest.mark.parametrize("text", PROGRAMS)
def test_a_program_of_arrays_of_matrices_is_written_in_every_form(text):
    tensor = PROGRAMS[text]()
    assert str(tensor.formula()) == text
    used = {t.node for t in ancestors([tensor])}
    want = tensor.eval({t: VALUES[t.name] for t in (a, r, s, v, k) if t.node in used})
    assert not faults(tensor, SIZES, VALUES, want)


def test_latex_of_a_sum_over_arrays_of_matrices_is_by_members():
    text = tf.formula(total(det(a)), form="latex")
    assert text == r"\sum_{i=0}^{b - 1} \det(A_{i})"


SHIFTED = a @ tf.transpose(a, (0, 2, 1)) + tf.eye(a.shape[1])
WITHIN = {
    r"{(A_{i}^{-1})}_{k,p}": lambda: tf.einsum("bij,cjk->bcik", inv(a), r),
    r"{\left(\left[\sum_{s} A_{i,q,s} A_{i,r,s}\right]_{q,r}^{-1}\right)}_{k,p}": lambda: tf.einsum(
        "bij,cjk->bcik", inv(a @ tf.transpose(a, (0, 2, 1))), r
    ),
    r"\det(A_{i}) \det(A_{j})": lambda: tf.einsum("b,c->bc", det(a), det(a))[:, :, None] * k[0],
}


@pytest.mark.parametrize("text", WITHIN)
def test_within_an_array_the_function_is_one_of_a_member(text):
    assert text in sympy.latex(WITHIN[text]().formula())


def test_indices_within_a_function_of_members_mean_one_thing():
    tensor = tf.einsum("bij,cjk->bcik", tf.nn.softmax(inv(SHIFTED)), r)
    text = tf.formula(tensor, form="latex")
    assert r"\left[\delta_{q,r} + \sum_{s=0}^{n - 1} A_{i,q,s} A_{i,r,s}\right]_{q,r}^{-1}" in text
    values = {t: VALUES[t.name] for t in (a, r)}
    assert not faults(tensor, SIZES, VALUES, tensor.eval(values))
