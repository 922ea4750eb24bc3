"""Means of rows and of columns have a name in text and in NumPy, with what stands beside them."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.means import NAMES, count_turns, divide_out, split_mean
from tracer.walk import ancestors

n, d = sympy.symbols("n d", integer=True, positive=True)
M = sympy.MatrixSymbol("X", n, d)
DOWN, ALONG = N.OneMatrix(n, 1), N.OneMatrix(d, 1)

X, G = tf.placeholder("X", ("n", "d")), tf.placeholder("G", ("n", "d"))
W, w, T = tf.placeholder("W", ("d", "h")), tf.placeholder("w", ("n",)), tf.placeholder("T", ("b", "n", "d"))
Z = tf.placeholder("Z", (6, 4))
mean, total = tf.reduce_mean, tf.reduce_sum
CENTRED = X - mean(X, axis=0)

PROGRAMS = {
    "columns": (lambda: mean(X, axis=0), "mean_columns(X)", "np.mean(X, axis=0)"),
    "rows": (lambda: mean(X, axis=1), "mean_rows(X)", "np.mean(X, axis=1)"),
    "of a product": (
        lambda: mean(tf.tanh(X @ W), axis=0),
        "mean_columns(tanh(X*W))",
        "np.mean(np.tanh(X @ W), axis=0)",
    ),
    "weighted": (lambda: mean(X * w[:, None], axis=1), "w o mean_rows(X)", "w*np.mean(X, axis=1)"),
    "twice the negative": (lambda: -2 * mean(X, axis=0), "-2*mean_columns(X)", "-2*np.mean(X, axis=0)"),
    "squared": (lambda: mean(X, axis=0) ** 2, "mean_columns(X)**2", "np.mean(X, axis=0)**2"),
    "of two": (
        lambda: 3 * mean(X, axis=1) * mean(G, axis=1) ** 2,
        "3*(mean_rows(G)**2 o mean_rows(X))",
        "3*np.mean(G, axis=1)**2*np.mean(X, axis=1)",
    ),
    "of some": (lambda: total(Z, axis=0) / 12, "mean_columns(Z)/2", "np.mean(Z, axis=0)/2"),
    "of as many": (lambda: total(Z, axis=0) / 9, "Z.T*ones(6, 1)/9", "np.sum(Z, axis=0)/9"),
    "of squares": (
        lambda: mean(CENTRED**2, axis=0),
        "mean_columns((X - ones(n, n)*X/n)^o2)",
        "np.mean((X - np.mean(X, axis=0))**2, axis=0)",
    ),
    "repeated": (
        lambda: X - mean(X, axis=1, keepdims=True),
        "X - X*ones(d, d)/d",
        "X - np.mean(X, axis=1)[:, None]",
    ),
    "of members": (lambda: mean(T, axis=1), "mean_columns(T) for each b", "np.mean(T, axis=1)"),
    "of all members": (lambda: mean(T, axis=(0, 1)), "mean_columns(T)/b summed over b", "np.mean(T, axis=(0, 1))"),
    "repeated of members": (
        lambda: T - mean(T, axis=1, keepdims=True) / 2,
        "T - ones(n, n)*T/(2*n) for each b",
        "T - np.mean(T, axis=1)[:, None, :]/2",
    ),
}
SIZES = {"n": 4, "d": 3, "h": 2, "b": 5}
RNG = np.random.default_rng(11)
VALUES = {t.name: RNG.normal(size=[SIZES.get(str(k), k) for k in t.shape]) for t in (X, G, W, w, T, Z)}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_mean_has_a_name_in_text_and_in_numpy(name):
    make, text, python = PROGRAMS[name]
    tensor = make()
    assert str(tensor.formula()) == text
    assert tf.formula(tensor, form="python") == python
    used = {t.node for t in ancestors([tensor])}
    want = tensor.eval({t: VALUES[t.name] for t in (X, G, W, w, T, Z) if t.node in used})
    assert not faults(tensor, SIZES, VALUES, want)


@pytest.mark.parametrize(
    ("scalars", "chain", "name", "is_row"),
    [
        ([1 / n], [M.T, DOWN], "mean_columns", False),
        ([1 / d], [M, ALONG], "mean_rows", False),
        ([1 / n], [DOWN.T, M], "mean_columns", True),
        ([1 / d], [ALONG.T, M.T], "mean_rows", True),
        ([1 / d], [M.T, M, ALONG], "mean_rows", False),
    ],
)
def test_what_is_summed_by_ones_and_divided_by_their_number(scalars, chain, name, is_row):
    found = split_mean(scalars, chain)
    assert (NAMES[found.axis], found.is_row, found.stands_alone) == (name, is_row, True)


@pytest.mark.parametrize(
    ("scalars", "chain"),
    [
        ([], [M, ALONG]),
        ([1 / n], [M, ALONG]),
        ([d], [M, ALONG]),
        ([1 / n], [N.OneMatrix(n, n), M]),
        ([1 / d], [M, N.OneMatrix(d, d)]),
        ([1 / d], [ALONG]),
        ([1 / n], [sympy.MatrixSymbol("v", n, 1).T, sympy.MatrixSymbol("S", n, n)]),
        ([sympy.Rational(1, 2)], [M, N.OneMatrix(1, 1)]),
    ],
)
def test_what_is_no_mean(scalars, chain):
    assert split_mean(scalars, chain) is None


def test_a_row_of_means_is_a_transpose():
    row = N.MatMul(2, 1 / n, DOWN.T, M, evaluate=False)
    assert str(row) == "2*mean_columns(X).T"
    assert str(N.HadamardPower(N.MatMul(1 / d, M, ALONG, evaluate=False), 2)) == "mean_rows(X)**2"


@pytest.mark.parametrize(
    ("divisors", "size", "left"),
    [([n, d], n, [d]), ([n], d, None), ([sympy.Integer(12)], 6, [2]), ([sympy.Integer(6)], 6, []), ([n], 1, None)],
)
def test_a_size_among_divisors(divisors, size, left):
    assert divide_out(divisors, size) == left


SQUARE, V = sympy.MatrixSymbol("S", n, n), sympy.MatrixSymbol("v", n, 1)
NUMBERS = {n: 4, d: 3}
KNOWN = {V: RNG.normal(size=(4, 1)), M: RNG.normal(size=(4, 3)), SQUARE: RNG.normal(size=(4, 4))}
CHAINS = [[V], [N.OneMatrix(n, n)], [M], [M.T], [SQUARE], [M.T, M], [SQUARE, M], [M.T, SQUARE], [SQUARE.T, SQUARE, M]]
SCALARS = [[1 / n], [1 / d], [2 / n], [-1 / d], [-3 / (2 * n)], [1 / n**2], [1 / (n * d)], [sympy.Rational(1, 3)]]


def multiplied(chain):
    """The product of matrices in numbers."""
    made = np.eye(int(sympy.sympify(chain[0].shape[0]).xreplace(NUMBERS)))
    for factor in chain:
        turned, base = (True, factor.arg) if factor.is_Transpose else (False, factor)
        ones = np.ones([int(sympy.sympify(s).xreplace(NUMBERS)) for s in base.shape]) if base not in KNOWN else None
        value = KNOWN.get(base, ones)
        made = made @ (value.T if turned else value)
    return made


@pytest.mark.parametrize("inner", CHAINS)
@pytest.mark.parametrize("is_row", [False, True])
def test_a_mean_and_the_numbers_beside_it_are_the_product(inner, is_row):
    size = inner[0].shape[0] if is_row else inner[-1].shape[1]
    ones = N.OneMatrix(1, size) if is_row else N.OneMatrix(size, 1)
    chain = [ones, *inner] if is_row else [*inner, ones]
    for scalars in SCALARS:
        found = split_mean(scalars, chain)
        assert (found is not None) is sympy.denom(sympy.Mul(*scalars)).has(size)
        if found is None:
            continue
        assert found.is_row is is_row
        assert found.stands_alone is (scalars == [1 / size])
        mean_of = np.mean(multiplied(found.chain), axis=found.axis)
        number = float(sympy.Mul(*found.numbers).xreplace(NUMBERS))
        want = float(sympy.Mul(*scalars).xreplace(NUMBERS)) * multiplied(chain).ravel()
        np.testing.assert_allclose(number * mean_of, want, rtol=1e-12)


HALF = sympy.Rational(1, 2)
COLUMN, SUM = N.MatMul(M, ALONG, evaluate=False), [M, ALONG]


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (N.MatMul(1 / d, M, M.T, SQUARE, DOWN), "X*X.T*S*ones(n, 1)/d"),
        (N.MatMul(1 / n, M.T, SQUARE, DOWN), "mean_rows(X.T*S)"),
        (N.MatMul(-1, 1 / d, *SUM), "-mean_rows(X)"),
        (N.HadamardPower(N.MatMul(2, 1 / d, *SUM, evaluate=False), 2), "(2*mean_rows(X))**2"),
        (N.HadamardPower(N.MatMul(-1, 1 / d, *SUM, evaluate=False), 2), "(-mean_rows(X))**2"),
        (N.HadamardPower(N.MatMul(HALF, 1 / d, *SUM, evaluate=False), 2), "(mean_rows(X)/2)**2"),
        (N.MatMul(1 / d, N.HadamardProduct(V, COLUMN), evaluate=False), "v o mean_rows(X)"),
        (N.MatMul(1 / d**2, N.HadamardProduct(V, COLUMN), evaluate=False), "(v o mean_rows(X))/d"),
        (N.MatMul(1 / d**2, N.HadamardPower(COLUMN, 2), evaluate=False), "mean_rows(X)**2"),
        (N.MatMul(1 / d, N.HadamardPower(COLUMN, HALF), evaluate=False), "sqrt(X*ones(d, 1))/d"),
        (N.MatMul(1 / d, N.HadamardPower(COLUMN, -1), evaluate=False), "1/(d*(X*ones(d, 1)))"),
        (N.MatMul(SQUARE, N.HadamardProduct(V, COLUMN), evaluate=False), "S*(v o (X*ones(d, 1)))"),
        (N.MatMul(1 / d, SQUARE, N.HadamardProduct(V, COLUMN), evaluate=False), "S*(v o (X*ones(d, 1)))/d"),
        (N.HadamardPower(N.MatMul(1 / d, N.HadamardProduct(V, COLUMN), evaluate=False), 2), "(v o mean_rows(X))**2"),
        (N.HadamardPower(N.MatMul(2, SQUARE, V, evaluate=False), 2), "(2*S*v)**2"),
        (
            N.MatMul(1 / n, N.HadamardProduct(V, N.MatMul(M, M.T, DOWN, evaluate=False)), evaluate=False),
            "v o mean_rows(X*X.T)",
        ),
        (
            N.MatMul(1 / n, N.HadamardProduct(M, N.MatMul(SQUARE, N.OneMatrix(n, d), evaluate=False)), evaluate=False),
            "(X o (S*ones(n, d)))/n",
        ),
        (
            N.MatMul(1 / d, N.HadamardProduct(COLUMN, N.MatMul(SQUARE, DOWN, evaluate=False)), evaluate=False),
            "mean_rows(X) o (S*ones(n, 1))",
        ),
        (N.MatAdd(V, N.MatMul(1 / d, N.HadamardProduct(V, COLUMN), evaluate=False)), "v + v o mean_rows(X)"),
    ],
)
def test_what_stands_beside_means_in_text(made, text):
    assert str(made) == text


@pytest.mark.parametrize(
    ("divisors", "size", "left"),
    [
        ([n, n, d], n**2, [d]),
        ([n**3], n**2, [n]),
        ([n], n**2, None),
        ([n**5], n**5, None),
        ([n] * 4, n**4, []),
        ([n**2], n ** sympy.Rational(3, 2), None),
        ([n], 3, None),
        ([1 / n], n, None),
        ([sympy.sqrt(n)], n, None),
        ([n ** sympy.Rational(3, 2)], n, None),
        ([sympy.sqrt(n)], sympy.sqrt(n), None),
    ],
)
def test_powers_among_divisors(divisors, size, left):
    assert divide_out(divisors, size) == left


A, c = tf.placeholder("a", (1, "d")), tf.placeholder("c", ())
SQUARES = mean(X**2, axis=0, keepdims=True)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (SQUARES, "mean_columns(X^o2).T"),
        (SQUARES + A, "mean_columns(X^o2).T + a"),
        (tf.sqrt(SQUARES + c), "sqrt(mean_columns(X^o2) + c).T"),
        (tf.transpose(SQUARES + A), "mean_columns(X^o2) + a.T"),
        (tf.transpose(total(X**2, axis=0, keepdims=True) + A), "(ones(1, n)*X^o2 + a).T"),
        (
            tf.gradients(total(G * tf.sqrt(SQUARES + A)), X)[0],
            "X*diag((G.T*ones(n, 1))/sqrt(mean_columns(X^o2) + a.T))/n",
        ),
    ],
    ids=str,
)
def test_transposes_of_means_are_counted_as_they_are_called(tensor, text):
    assert str(tensor.formula()) == text


def test_a_mean_of_columns_is_called_as_a_column():
    down, along = N.OneMatrix(1, n), N.OneMatrix(d, 1)
    scale = 1 / n
    assert count_turns(N.MatMul(scale, down, M)) == 1
    assert count_turns(N.MatMul(scale, sympy.Transpose(M), DOWN)) == -1
    assert count_turns(N.MatMul(1 / d, M, along)) == 0
    assert count_turns(N.MatMul(1 / d, N.OneMatrix(1, d), sympy.Transpose(M))) == 0
    assert count_turns(N.MatMul(down, M)) == 0
    assert count_turns(N.MatMul(2, M)) == 0
