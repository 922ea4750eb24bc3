"""Networks: whatever is contracted, what is written has the value that NumPy's einsum has."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.tensor.array.expressions import ArraySymbol, Reshape

import tracer as tf
from tracer.formulas.matrix.array_classes import ArrayAsMatrix
from tracer.formulas.matrix.arrays import contract_arrays
from tracer.formulas.matrix.classes import HadamardPower, HadamardProduct
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.network import Network
from tracer.terms.work import Budget
from tracer.testing.interpreter import evaluate

SIZES = sympy.symbols("k0:5", integer=True, positive=True)
NUMBERS = (2, 3, 4, 2, 3)


def shape_of(labels):
    """The shape in matrix notation: a vector is a column."""
    sizes = [SIZES[k] for k in labels]
    return (*sizes, 1) if len(sizes) == 1 else tuple(sizes)


def symbols_of(factors):
    symbols = []
    for n, labels in enumerate(factors):
        symbols.append(sympy.MatrixSymbol(f"M{n}", *shape_of(labels)) if labels else sympy.Symbol(f"s{n}", real=True))
    return symbols


def arrays_of(factors, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=[NUMBERS[k] for k in labels]) for labels in factors]


def einsum(factors, arrays, out):
    """The contraction by NumPy, a label that only the output has being a broadcast."""
    letters = "abcde"
    missing = [k for k in out if not any(k in labels for labels in factors)]
    inputs = [*factors, *((k,) for k in missing)]
    values = [*arrays, *(np.ones(NUMBERS[k]) for k in missing)]
    text = ",".join("".join(letters[k] for k in labels) for labels in inputs)
    return np.einsum(f"{text}->{''.join(letters[k] for k in out)}", *values)


@st.composite
def contractions(draw):
    label = st.integers(0, 3)
    factors = draw(st.lists(st.lists(label, max_size=2).map(tuple), min_size=1, max_size=4))
    out = draw(st.permutations(range(4)).flatmap(lambda order: st.integers(0, 2).map(lambda n: tuple(order[:n]))))
    return factors, out


def check(factors, out, write):
    network = Network(MatrixAlgebra(Budget()), sympy.Integer(3), out, SIZES, list(zip(symbols_of(factors), factors)))
    made = write(network)
    arrays = arrays_of(factors)
    values = {str(s): a.reshape(a.shape) for s, a in zip(symbols_of(factors), arrays)}
    got = np.asarray(evaluate(made, {str(s): n for s, n in zip(SIZES, NUMBERS)}, values))
    want = 3 * einsum(factors, arrays, out)
    np.testing.assert_allclose(got.reshape(want.shape), want, rtol=1e-9, atol=1e-9, err_msg=str(made))


@settings(deadline=None, max_examples=150)
@given(contractions())
def test_what_a_network_is_reduced_to_has_the_value_of_einsum(contraction):
    factors, out = contraction

    def write(network):
        network.reduce()
        assert network.is_closed()
        return network.result()

    # With four labels at most, a triangle with a spoke to each corner is all that is not series-parallel: six matrices.
    check(factors, out, write)


@settings(deadline=None, max_examples=100)
@given(contractions())
def test_what_is_left_open_has_it_as_an_array(contraction):
    factors, out = contraction
    check(factors, out, lambda network: contract_arrays(network))


@pytest.mark.parametrize(
    ("factors", "out", "text"),
    [
        ([(0, 1), (1, 2)], (0, 2), "M0*M1"),
        ([(1, 0), (1, 2)], (0, 2), "M0.T*M1"),
        ([(0, 1), (1,)], (0,), "M0*M1"),
        ([(0, 1), (0, 1)], (0, 1), "M0 o M1"),
        ([(0, 1), (0, 1)], (), "Trace(M0.T*M1)"),
        ([(0, 1), (1,), (1, 2)], (0, 2), "M0*diag(M1)*M2"),
        ([(0, 0)], (), "Trace(M0)"),
        ([(0, 0)], (0,), "diag_part(M0)"),
        ([(0,), (1,)], (0, 1), "M0*M1.T"),
        ([(0,), (0,)], (), "M0.T*M1"),
        ([(0,)], (0, 0), "diag(M0)"),
        ([], (0, 0), "eye(k0)"),
        ([], (0, 1), "ones(k0, k1)"),
        ([(0,), (0, 1), (1,)], (0, 1), "M1 o (M0*M2.T)"),
        ([(0,), (0, 1)], (0, 1), "diag(M0)*M1"),
        ([(0, 1), (1,)], (0, 1), "M0*diag(M1)"),
        ([(0, 1), (0,), (1,)], (), "M2.T*M0.T*M1"),
        ([(0,)], (), "sum(M0)"),
        ([(0, 1)], (), "sum(M0)"),
        ([(0, 1)], (1,), "M0.T*ones(k0, 1)"),
        ([(0,)], (0, 1), "M0*ones(1, k1)"),
        ([(0,)], (1, 0), "ones(k1, 1)*M0.T"),
        ([(0,), (0,)], (0,), "M0 o M1"),
        ([(1, 0), (1, 0)], (0, 1), "(M0 o M1).T"),
        ([(0, 0), (0,)], (), "M1.T*diag_part(M0)"),
        ([(1, 0), (0, 1)], (0, 1), "M0.T o M1"),
        ([(0, 1), (0, 1), (0, 1)], (), "Trace(M0.T*(M1 o M2))"),
        ([(0, 1), (1, 2), (2, 3), (3,)], (0,), "M0*M1*M2*M3"),
        ([(0, 1), (1, 2), (2, 3)], (3, 0), "(M0*M1*M2).T"),
        ([(0, 1), (1, 2), (2, 0)], (), "Trace(M1*M2*M0)"),
    ],
)
def test_each_rule_of_the_reduction(factors, out, text):
    network = Network(MatrixAlgebra(Budget()), sympy.S.One, out, SIZES, list(zip(symbols_of(factors), factors)))
    network.reduce()
    assert network.is_closed()
    assert str(network.result()) == text


def test_a_wheel_is_not_reduced():
    """Three matrices around a triangle of labels, each label at three of them: no series-parallel network."""
    factors = [(0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3)]
    network = Network(MatrixAlgebra(Budget()), sympy.S.One, (), SIZES, list(zip(symbols_of(factors), factors)))
    network.reduce()
    assert not network.is_closed()
    check(factors, (), lambda network: contract_arrays(network))


A, B = (sympy.MatrixSymbol(name, SIZES[0], SIZES[1]) for name in "AB")
v, w = (sympy.MatrixSymbol(name, SIZES[0], 1) for name in "vw")
VALUES = {"A": np.arange(6.0).reshape(2, 3) - 2.5, "B": np.ones((2, 3)) + 0.5 * np.eye(2, 3)}
VALUES |= {"v": np.array([1.5, -0.5]), "w": np.array([2.0, 3.0])}
NAMED = {str(s): number for s, number in zip(SIZES, NUMBERS)}


def reduced(factors, out, sizes=SIZES):
    network = Network(MatrixAlgebra(Budget()), sympy.Integer(2), out, sizes, factors)
    network.reduce()
    assert network.is_closed()
    return network.result()


a, b = VALUES["A"], VALUES["B"]
PRODUCTS = [
    ([(HadamardProduct(A, B), (0, 1))], (), 2 * np.sum(a * b), "2*Trace(A.T*B)"),
    ([(HadamardPower(A, 2), (0, 1))], (), 2 * np.sum(a**2), "2*Trace(A.T*A)"),
    ([(HadamardPower(A, 3), (0, 1))], (), 2 * np.sum(a**3), "2*Trace(A.T*A^o2)"),
    ([(HadamardPower(A, 3), (0, 1))], (0,), 2 * np.sum(a**3, 1), "2*A^o3*ones(k1, 1)"),
    ([(HadamardPower(v, 2), (0,))], (), 2 * np.sum(VALUES["v"] ** 2), "2*(v.T*v)"),
    ([(HadamardPower(v, 3), (0,))], (), 2 * np.sum(VALUES["v"] ** 3), None),
    ([(HadamardProduct(v, w), (0,))], (), 2 * VALUES["v"] @ VALUES["w"], "2*(v.T*w)"),
    ([(HadamardProduct(v, w, v), (0,))], (), 2 * np.sum(VALUES["v"] ** 2 * VALUES["w"]), None),
]


@pytest.mark.parametrize(("factors", "out", "want", "text"), PRODUCTS)
def test_products_of_elements_are_taken_apart_where_they_are_summed(factors, out, want, text):
    made = reduced(factors, out)
    np.testing.assert_allclose(np.asarray(evaluate(made, NAMED, VALUES)).reshape(np.shape(want)), want)
    assert text is None or str(made) == text


def test_axes_of_size_one_are_not_summed_with_ones():
    sizes = {0: SIZES[0], 1: sympy.S.One, 2: SIZES[2]}
    column = sympy.MatrixSymbol("C", SIZES[0], 1)
    assert str(reduced([(column, (0, 1))], (0,), sizes)) == "2*C"
    assert str(reduced([(v, (0,))], (0, 1), sizes)) == "2*v"
    assert str(reduced([(v, (0,))], (1, 0), sizes)) == "2*v.T"


def test_a_label_of_an_array_is_not_summed_before_the_array_is_there():
    T = ArraySymbol("T", (SIZES[0], SIZES[1], SIZES[2]))
    network = Network(MatrixAlgebra(Budget()), sympy.S.One, (1,), SIZES, [(T, (0, 1, 2)), (v, (0,))])
    network.reduce()
    assert not network.is_closed()
    assert [labels for _, labels in network.open_parts()] == [(0, 1, 2), (0,)]


def test_what_is_left_of_columns_and_matrices_is_of_arrays():
    """A column that stands for a vector is the vector, one that was made of an array the array."""
    algebra, m = MatrixAlgebra(Budget()), sympy.MatrixSymbol("M", SIZES[1], SIZES[0])
    algebra.vectors.add("v")
    array = ArraySymbol("a", (SIZES[2],))
    factors = [(v, (0,)), (w, (1,)), (ArrayAsMatrix(array), (2,)), (m.T, (3, 4))]
    network = Network(algebra, sympy.S.One, (0, 1, 2, 3, 4), SIZES, factors)
    assert network.open_parts() == [
        (m, (4, 3)),
        (ArraySymbol("v", (SIZES[0],)), (0,)),
        (Reshape(w, (SIZES[0],)), (1,)),
        (array, (2,)),
    ]


def test_rows_that_integers_choose_are_taken_first():
    """``sum(U[i[n], k]*V[j[n], k], k)`` is made of the rows of both, not of the products of all rows."""
    U, V = tf.placeholder("U", ("u", "k")), tf.placeholder("V", ("v", "k"))
    i, j, h = (tf.placeholder(name, ("n",), "int64") for name in "ijh")
    products = tf.reduce_sum(tf.gather(U, i) * tf.gather(V, j), 1)
    assert str(products.formula()) == "(U[i] o V[j])*ones(k, 1)"
    products = tf.reduce_sum(tf.gather(U, i) * (tf.gather(V, j) - tf.gather(V, h)), 1)
    assert str(products.formula()) == "((V[j] - V[h]) o U[i])*ones(k, 1)"


def test_the_total_of_a_quotient_is_written_as_one():
    x, y = (tf.placeholder(name, ("n",)) for name in "xy")
    X = tf.placeholder("X", ("n", "m"))
    assert str(tf.reduce_sum(x / y).formula()) == "sum(x/y)"
    assert str(tf.reduce_sum(x * x / (1 + y * y)).formula()) == "sum(x**2/(y**2 + 1))"
    assert str(tf.reduce_sum(X / (1 + X * X)).formula()) == "sum(X/(X^o2 + 1))"
    assert str(tf.reduce_sum(x * tf.exp(-y)).formula()) == "x.T*exp(-y)"


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (lambda r, c: tf.reduce_sum(c**2), "c.T*c"),
        (lambda r, c: tf.reduce_sum(r**2), "r*r.T"),
        (lambda r, c: tf.reduce_sum(r @ tf.transpose(r)), "r*r.T"),
        (lambda r, c: tf.reduce_sum(r**3 / r), "r*r.T"),
        (lambda r, c: tf.norm(r), "norm(r)"),
        (lambda r, c: c / tf.norm(c), "c/norm(c)"),
        (lambda r, c: tf.reduce_sum(c**3), "c.T*c**2"),
    ],
)
def test_squares_of_a_row_or_a_column_are_its_product_with_itself(tensor, text):
    sources = (tf.placeholder("r", (1, "m")), tf.placeholder("c", ("m", 1)))
    assert str(tensor(*sources).formula()) == text
