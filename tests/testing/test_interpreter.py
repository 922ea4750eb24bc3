"""The reader of formulas against sympy's own explicit matrices, and against expressions that mean nothing."""

import numpy as np
import pytest
import sympy
from sympy import HadamardPower, HadamardProduct, Identity, KroneckerProduct, MatrixSymbol, OneMatrix, Trace
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array import expressions as array

from tracer.formulas.matrix.function_classes import convolve, correlate, max_rows
from tracer.formulas.matrix.scalars import logsumexp, total
from tracer.scalar import relu
from tracer.testing.interpreter import NoValueError, Reading, UnknownNodeError, evaluate

n, m = sympy.symbols("n m", integer=True, positive=True)
A, B, S, x = MatrixSymbol("A", n, m), MatrixSymbol("B", n, m), MatrixSymbol("S", n, n), MatrixSymbol("x", n, 1)
T = array.ArraySymbol("T", (n, m, n))
c, t = sympy.symbols("c t", real=True)
SIZES = {"n": 3, "m": 2}
RNG = np.random.default_rng(7)
ARRAYS = {
    "A": RNG.normal(size=(3, 2)), "B": RNG.normal(size=(3, 2)), "S": 3 * np.eye(3) + RNG.normal(size=(3, 3)),
    "x": RNG.normal(size=3), "c": np.array(0.7), "T": RNG.normal(size=(3, 2, 3)),
}  # fmt: skip


@pytest.mark.parametrize(
    "e",
    [
        2 * A.T * S * B + c * Identity(m),
        A + B - OneMatrix(n, m),
        HadamardProduct(A, B, A),
        HadamardPower(A, 2),
        S.inv() * x,
        S**3,
        S**-2,
        sympy.Determinant(S) * S.T.inv(),
        KroneckerProduct(A, B),
        DiagMatrix(x) * A,
        ElementwiseApplyFunction(sympy.Lambda(t, sympy.sin(t) ** 2 + 1), A),
        A.applyfunc(sympy.tanh),
    ],
)
def test_matrices_agree_with_explicit_ones(e: sympy.MatrixExpr) -> None:
    concrete = e.subs({n: 3, m: 2})
    replace = {
        symbol.subs({n: 3, m: 2}): sympy.ImmutableMatrix(ARRAYS[symbol.name].reshape(symbol.subs({n: 3, m: 2}).shape))
        for symbol in (A, B, S, x)
    }
    want = concrete.subs(replace).subs(c, 0.7).doit().as_explicit()
    np.testing.assert_allclose(evaluate(e, SIZES, ARRAYS), np.array(want.evalf(), float), rtol=1e-12)


@pytest.mark.parametrize(
    ("e", "want"),
    [
        (DiagonalMatrix(S), lambda A, B, S, x, c, T: np.diag(np.diag(S))),
        (DiagonalOf(S), lambda A, B, S, x, c, T: np.diag(S)[:, None]),
        (Trace(A.T * B), lambda A, B, S, x, c, T: np.sum(A * B)),
        (sympy.exp(-c * (x.T * S * x)[0, 0]), lambda A, B, S, x, c, T: np.exp(-c * (x @ S @ x))),
        (sympy.Sum(A[sympy.Symbol("i"), 0], (sympy.Symbol("i"), 0, n - 1)), lambda A, B, S, x, c, T: A[:, 0].sum()),
        (sympy.Piecewise((1, c > 0), (2, True)) / n, lambda A, B, S, x, c, T: 1 / 3),
        (relu(sympy.Piecewise((1 / c, sympy.Ne(c, 0)), (0, True))), lambda A, B, S, x, c, T: 1 / c),
        (array.PermuteDims(T, [1, 2, 0]), lambda A, B, S, x, c, T: np.transpose(T, [1, 2, 0])),
        (array.ArrayContraction(T, (0, 2)), lambda A, B, S, x, c, T: np.einsum("iji->j", T)),
        (array.ArrayDiagonal(T, (0, 2)), lambda A, B, S, x, c, T: np.einsum("iji->ji", T)),
        (
            array.ArrayContraction(array.ArrayTensorProduct(A, T), (1, 3)),
            lambda A, B, S, x, c, T: np.einsum("ab,cbd->acd", A, T),
        ),
    ],
)
def test_scalars_and_arrays(e, want) -> None:
    np.testing.assert_allclose(evaluate(e, SIZES, ARRAYS), want(**ARRAYS), rtol=1e-12)


@pytest.mark.parametrize(
    "e",
    [
        A.subs(n, m),
        sympy.Basic.__new__(sympy.MatMul, x, x),
        sympy.Basic.__new__(sympy.MatAdd, A, B.T),
        sympy.Symbol("z") + 1,
        MatrixSymbol("U", n, n) * x,
        A[0, 5] + c,
        sympy.Symbol("A") * 2,
    ],
)
def test_what_means_nothing_has_no_value(e) -> None:
    with pytest.raises(NoValueError):
        evaluate(e, SIZES, ARRAYS)


class Unknown(sympy.MatrixExpr):
    """A matrix that nothing is known of."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i, j, **hints):
        return MatrixElement(self, i, j)


class UnknownArray(type(array.ArrayAdd(T, T)).__mro__[1]):
    """An array that nothing is known of."""

    shape = property(lambda self: self.args[0].shape)

    def __getitem__(self, at):
        return array.ArrayElement(self, at)


def raw(cls, *args):
    return sympy.Basic.__new__(cls, *args)


@pytest.mark.parametrize(
    ("e", "error", "message"),
    [
        (
            raw(MatrixElement, A, x, sympy.S.Zero),
            NoValueError,
            r"x is an array of shape \(3, 1\) where a number belongs",
        ),
        (sympy.sin(A, evaluate=False), NoValueError, r"A is a matrix of shape \(3, 2\) where a number belongs"),
        (raw(Trace, T), NoValueError, "T has rank 3 where a matrix belongs"),
        (sympy.Sum(t, (t, 0, sympy.oo)), UnknownNodeError, "a sum without an end"),
        (raw(sympy.MatMul, T, x), NoValueError, r"an array of shape \(3, 2, 3\) in a matrix product"),
        (raw(sympy.MatPow, S, sympy.S.Half), UnknownNodeError, "a broken power of a matrix"),
        (raw(DiagMatrix, A), NoValueError, r"the diagonal matrix of a matrix of shape \(3, 2\)"),
        (raw(Trace, A), NoValueError, r"the trace of a matrix of shape \(3, 2\)"),
        (raw(Unknown, A), UnknownNodeError, r"\.Unknown$"),
        (MatrixSymbol("A", m, n), NoValueError, r"A is declared as \(m, n\) and has shape \(3, 2\)"),
        (array.ArraySymbol("T", (n, m)), NoValueError, r"T is declared as \(n, m\) and has shape \(3, 2, 3\)"),
        (raw(array.ArrayContraction, T, sympy.Tuple(0, 1)), NoValueError, r"axes \(0, 1\) of an array .* not of one"),
        (raw(UnknownArray, T), UnknownNodeError, r"\.UnknownArray$"),
    ],
)
def test_what_can_not_be_read_is_named(e, error, message) -> None:
    with pytest.raises(error, match=message):
        evaluate(e, SIZES, ARRAYS)


def test_an_unevaluated_derivative_has_no_value() -> None:
    with pytest.raises(UnknownNodeError):
        evaluate(sympy.Derivative(sympy.Determinant(S), c, evaluate=False) * 1, SIZES, ARRAYS)


def test_a_contraction_does_not_multiply_its_product_out() -> None:
    a, b = (array.ArraySymbol(k, (8, 8)) for k in "ab")
    product = array.ArrayTensorProduct(*[a, b] * 4)
    pairs = [(2 * k + 1, 2 * k + 2) for k in range(7)]
    x, y = np.eye(8)[::-1] * 2.0, np.arange(64.0).reshape(8, 8) / 64
    found = evaluate(array.ArrayContraction(product, *pairs), {}, {"a": x, "b": y})
    np.testing.assert_allclose(found, np.linalg.matrix_power(x @ y, 4))


def test_a_condition_of_elements_and_numbers() -> None:
    u = sympy.Symbol("u", real=True)
    for kind, want in ((sympy.And, [1, 0, 1]), (sympy.Or, [1, 1, 1])):
        body = sympy.Piecewise((1, kind(u > 0, c > 0)), (0, True))
        e = ElementwiseApplyFunction(sympy.Lambda(u, body), x)
        np.testing.assert_array_equal(evaluate(e, SIZES, {**ARRAYS, "x": np.array([1.0, -1.0, 2.0])})[:, 0], want)


def test_what_does_not_depend_on_an_index_is_read_once() -> None:
    """So that sums within sums cost what their levels do, together."""
    steps = []

    class Counting(Reading):
        def __call__(self, e):
            steps.append(e)
            return super().__call__(e)

    def count(depth):
        y = x
        for _ in range(depth):
            y = correlate(convolve(y, x), x)
        steps.clear()
        Counting(SIZES, ARRAYS)(y)
        return len(steps)

    assert count(3) - count(2) <= 2 * (count(2) - count(1))
    index = sympy.Dummy("i", integer=True)
    total = sympy.Sum(sympy.Sum(x[index, 0] * x[t, 0], (t, 0, index)), (index, 0, n - 1))
    values = ARRAYS["x"]
    assert evaluate(total, SIZES, ARRAYS) == pytest.approx(sum(values[i] * values[: i + 1].sum() for i in range(3)))


def test_a_sum_of_elements_that_stands_within_another_is_read() -> None:
    z = sympy.MatrixSymbol("z", 3, 1)
    y = sympy.Dummy(real=True)
    inside = ElementwiseApplyFunction(sympy.Lambda(y, y * total(z)), z)
    assert evaluate(total(inside), {}, {"z": np.array([1.0, 2.0, 4.0])}) == 49


def test_a_function_of_matrices_is_written_out_without_the_functions_within_it() -> None:
    """The cosine of a real number is no sum of exponentials of imaginary ones."""
    inside = max_rows(A.applyfunc(sympy.cos))
    want = np.log(np.sum(np.exp(np.max(np.cos(ARRAYS["A"]), axis=1))))
    assert evaluate(logsumexp(inside), SIZES, ARRAYS) == pytest.approx(want)
