"""Matrix notation: what is written of a term has the value of the tensor, whatever its rank and its signs."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.matrices.expressions import Transpose
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
from tests.formulas import texts
from tracer.formulas.errors import FormulaError
from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ArrayAsScalar
from tracer.formulas.matrix.writer import Writer, matrix
from tracer.scalar import sigmoid
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import evaluate

n, d = sympy.symbols("n d", integer=True, positive=True)
SIZES = {"n": 3, "d": 2}
A, B = T.source("A", (n, n)), T.source("B", (n, n))
X, v, w, c = T.source("X", (n, d)), T.source("v", (n,)), T.source("w", (n,)), T.source("c", ())
S, RANK3 = T.source("S", (n, n), ["symmetric"]), T.source("T", (n, d, n))
RNG = np.random.default_rng(14)
VALUES = {"A": RNG.normal(size=(3, 3)), "B": RNG.normal(size=(3, 3)), "X": RNG.normal(size=(3, 2))}
VALUES |= {"v": RNG.normal(size=3), "w": RNG.normal(size=3), "c": np.array(-1.5), "T": RNG.normal(size=(3, 2, 3))}
VALUES["S"] = VALUES["A"] + VALUES["A"].T
ONE = sympy.S.One
a, b = VALUES["A"], VALUES["B"]


def product(*factors, out, scale=1, sizes=None):
    return T.product(scale, [(t, tuple(labels), ONE) for t, labels in factors], tuple(out), sizes)


def test_a_sum_of_differences_has_its_minus_in_front():
    A, B, X = (tf.placeholder(name, ("n", "n")) for name in "ABX")
    assert str((-A @ X - X @ B).formula()) == "-(A*X + X*B)"
    assert str((B @ (-A @ X - X @ B)).formula()) == "-B*(A*X + X*B)"
    rest = X @ B + A @ X - 1.0
    assert str((2 * (A @ rest + rest @ B)).formula()) == str((-2 * (A @ -rest - rest @ B)).formula())


def test_what_is_repeated_along_an_axis_is_a_product_with_ones():
    X, A, G = tf.placeholder("X", ("n", "d")), tf.placeholder("A", ("d", "k")), tf.placeholder("G", ("n", "h"))
    W = tf.placeholder("W", ("k", "d", "h"))
    gates = tf.einsum("nk,nd,kdh->nh", tf.nn.softmax(X @ A), X, W)
    mixed = 'einsum("jlm,il,im->ij", W, X, G)'
    text = f"X.T*(softmax(X*A) o ({mixed} - (softmax(X*A) o {mixed})*ones(k, k)))"
    assert str(tf.gradients(tf.reduce_sum(G * gates), A)[0].formula()) == text


def value(term):
    return evaluate(matrix(term), SIZES, VALUES)


LEAVES = [(A, a), (B, b), (S, VALUES["S"])]
LEAVES += [(T.product(1, [], (0, 0), {0: n}), np.eye(3)), (T.number(2, (n, n)), np.full((3, 3), 2.0))]
pairs = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        inner.map(lambda p: (product((p[0], (1, 0)), out=(0, 1)), p[1].T)),
        inner.map(lambda p: (T.call(sympy.cos, [p[0]]), np.cos(p[1]))),
        inner.map(lambda p: (T.scaled(-2, p[0]), -2 * p[1])),
        st.tuples(inner, inner).map(
            lambda p: (product((p[0][0], (0, 1)), (p[1][0], (1, 2)), out=(0, 2)), p[0][1] @ p[1][1])
        ),
        st.tuples(inner, inner).map(lambda p: (T.times(p[0][0], p[1][0]), p[0][1] * p[1][1])),
        st.tuples(inner, inner).map(lambda p: (T.add([(1, p[0][0]), (-1, p[1][0])]), p[0][1] - p[1][1])),
    ),
    max_leaves=5,
)


@settings(max_examples=60)
@given(pairs)
def test_a_matrix_has_its_value(pair):
    term, want = pair
    np.testing.assert_allclose(value(term), want, rtol=1e-8, atol=1e-8)


CASES = {
    "c": (c, VALUES["c"], "c"),
    "v": (v, VALUES["v"][:, None], "v"),
    "sum": (T.add([(-1, v), (1, w)]), (VALUES["w"] - VALUES["v"])[:, None], "w - v"),
    "gathered": (T.add([(3, v), (3, w)]), 3 * (VALUES["v"] + VALUES["w"])[:, None], "3*(v + w)"),
    "zero": (T.number(0, (n, d)), np.zeros((3, 2)), "0"),
    "form": (product((v, (0,)), (A, (0, 1)), (w, (1,)), out=()), VALUES["v"] @ a @ VALUES["w"], "v.T*A*w"),
    "trace": (product((A, (0, 1)), (B, (1, 0)), out=()), np.trace(a @ b), "Trace(B*A)"),
    "symmetric": (product((S, (1, 0)), (v, (1,)), out=(0,)), (VALUES["S"] @ VALUES["v"])[:, None], "S*v"),
    "plain": (product((A, (1, 0)), (v, (1,)), out=(0,)), (a.T @ VALUES["v"])[:, None], "A.T*v"),
    "transposes": (
        T.add([(1, product((A, (1, 0)), out=(0, 1))), (1, product((B, (1, 0)), out=(0, 1)))]), a.T + b.T, "(B + A).T",
    ),
    "power": (T.power(c, -2), VALUES["c"] ** -2.0, "c**(-2)"),
    "elementwise-power": (T.power(v, 3), VALUES["v"][:, None] ** 3, "v**3"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_how_it_is_written(name):
    term, want, text = CASES[name]
    np.testing.assert_allclose(value(term), want, rtol=1e-12)
    assert str(matrix(term)) == text


def test_a_sigmoid_beside_its_complement_is_written_as_one_minus_it():
    z = T.call(sigmoid, [v]), T.call(sigmoid, [T.scaled(-1, v)])
    assert str(matrix(T.times(*z))) == "sigmoid(v) o (1 - sigmoid(v))"
    p = 1 / (1 + np.exp(-VALUES["v"]))
    np.testing.assert_allclose(value(T.times(*z))[:, 0], p * (1 - p))


ARRAYS = {
    "source": (RANK3, "abc->abc"),
    "permuted": (product((RANK3, (0, 1, 2)), out=(2, 0, 1)), "abc->cab"),
    "summed": (product((RANK3, (0, 1, 2)), out=(1, 0)), "abc->ba"),
    "column": (product((RANK3, (0, 1, 2)), out=(1,)), "abc->b"),
    "all": (product((RANK3, (0, 1, 2)), out=()), "abc->"),
    "diagonal": (product((RANK3, (0, 1, 0)), out=(0, 1)), "aba->ab"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_have_numpys_value(name):
    term, text = ARRAYS[name]
    want = np.einsum(text, VALUES["T"])
    np.testing.assert_allclose(value(term).reshape(want.shape), want, rtol=1e-9)


def test_an_array_is_made_a_matrix_or_a_number_where_one_is_wanted():
    writer = Writer(Normaliser(STANDARD))
    array = ArraySymbol("u", (n,))
    assert type(writer.as_matrix(array, v)) is ArrayAsMatrix
    assert type(writer.as_matrix(array, c)) is ArrayAsScalar
    writer.write(v)
    assert writer.array(v) == ArraySymbol("v", (n,))


def test_what_was_written_of_one_formula_is_not_symmetric_in_another():
    term = product((T.source("S", (n, n)), (1, 0)), (v, (1,)), out=(0,))
    assert str(matrix(CASES["symmetric"][0])) == "S*v"
    assert matrix(term).has(Transpose)


def test_a_depth_of_functions_does_not_recurse():
    term = v
    for _ in range(100):
        term = T.call(sympy.sin, [term])
    assert str(matrix(term)).count("sin(") == 100


def test_a_function_of_arrays_that_has_no_form_is_refused():
    with pytest.raises(FormulaError, match="recurrence of rank 3 has no closed form"):
        matrix(T.call("recurrence", [RANK3, RANK3], True))


def test_what_is_gathered_keeps_its_sign():
    term = T.add([(1, T.call(sympy.cos, [v])), (-3, v), (-3, w)])
    np.testing.assert_allclose(value(term)[:, 0], np.cos(VALUES["v"]) - 3 * VALUES["v"] - 3 * VALUES["w"])


def transposed(term):
    return product((term, (1, 0)), out=(0, 1))


C = T.source("C", (n, n))
SUMS = [
    (T.add([(1, transposed(A)), (1, transposed(B)), (1, C)]), "B.T + A.T + C"),
    (T.add([(1, transposed(A)), (1, transposed(B)), (1, S)]), "(B + A + S).T"),
    (T.add([(1, transposed(A)), (1, transposed(B)), (1, T.number(1, (n, n)))]), "(B + A + ones(n, n)).T"),
]


@pytest.mark.parametrize(("term", "text"), SUMS)
def test_a_sum_is_transposed_as_a_whole_where_all_of_it_is(term, text):
    assert str(matrix(term)) == text


def test_a_condition_that_is_known_is_one_or_zero_of_every_element():
    assert str(matrix(T.number(sympy.true, (n,)))) == "ones(n, 1)"
    np.testing.assert_array_equal(value(T.number(sympy.false, (n, d))), np.zeros((3, 2)))
    assert matrix(T.number(sympy.true, ())) is sympy.true


def test_a_condition_that_is_repeated_is_one_of_matrices():
    rows = T.broadcast(T.call(sympy.Gt, [v, w]), [1], (d, n))
    np.testing.assert_array_equal(value(rows), np.broadcast_to(VALUES["v"] > VALUES["w"], (2, 3)))


def test_sums_with_ones_are_multiplied_out_where_that_is_shorter_and_no_others():
    one = T.number(1, (n,))
    for summands in ([one, w], [one, w, T.call(sympy.sin, [w])]):
        term = T.times(v, T.add([(1, t) for t in summands]))
        assert str(matrix(term)).startswith("v o ")
    identity = T.product(1, [], (0, 0), {0: n})
    outer = product((v, (0,)), (w, (1,)), out=(0, 1))
    term = product((T.add([(1, identity), (-1, outer)]), (0, 1)), (v, (1,)), out=(0,))
    np.testing.assert_allclose(value(term)[:, 0], VALUES["v"] - VALUES["v"] * (VALUES["w"] @ VALUES["v"]))


def test_repeated_rows_and_columns_that_are_summed_over_are_multiplied_out():
    W, x, y = tf.placeholder("W", ("n", "m")), tf.placeholder("x", ("n",)), tf.placeholder("y", ("m",))
    apart = tf.expand_dims(x, 1) - y
    assert str(tf.reduce_sum(W * apart, axis=1).formula()) == "x o (W*ones(m, 1)) - W*y"
    assert str((tf.exp(W) * apart @ y).formula()) == "x o (exp(W)*y) - exp(W)*y**2"


def test_the_trace_of_a_sum_is_a_sum_where_that_is_shorter():
    A, x = tf.placeholder("A", ("n", "n"), symmetric=True), tf.placeholder("x", ("n",))
    inverse = tf.linalg.inv(A)
    rank_one = tf.tensordot(x, tf.linalg.matvec(inverse, x), 0)
    assert str(tf.linalg.trace(inverse @ (rank_one - inverse)).formula()) == "x.T*A**(-2)*x - Trace(A**(-2))"
    B, C = (tf.placeholder(name, ("n", "n")) for name in "BC")
    assert str(tf.linalg.trace(B @ (A + C)).formula()) == "Trace(B*(A + C))"


TEXTBOOK = {
    "log-one-plus-form": "2*(x - m)/(c + (x - m).T*(x - m))",
    "commutator": "2*(A.T*(A*X - X*A) - (A*X - X*A)*A.T)",
    "orthogonality-penalty": "4*W*(W.T*W - eye(k))",
    "cookbook-97": "(A.T + A)*x/2 - b",
    "jacobian-layer": "diag(1 - tanh(W*x + b)**2)*W",
}
"""The first two write a sum anew with the sign that it has elsewhere, the third is multiplied out, the last is not."""


@pytest.mark.parametrize("name", TEXTBOOK)
def test_signs_and_products_of_sums_are_written_as_books_do(name):
    from tests.calculus.cases import CASES as BOOK
    from tests.calculus.derive import derivative

    assert str(derivative(tf, BOOK[name])[0].formula()) == TEXTBOOK[name]


def test_a_product_with_squared_distances_is_not_multiplied_out():
    X, Y, G = tf.placeholder("X", ("n", "d")), tf.placeholder("Y", ("m", "d")), tf.placeholder("G", ("n", "m"))
    distances = tf.reduce_sum((X[:, None] - Y) ** 2, axis=-1)
    text = "X^o2*ones(d, m) + ones(n, d)*Y.T^o2 - 2*X*Y.T"
    assert str(distances.formula()) == text
    assert str((G * distances).formula()) == f"G o ({text})"
    assert str(tf.gradients(tf.reduce_sum(G * distances), X)[0].formula()) == "2*(diag(G*ones(m, 1))*X - G*Y)"


def test_a_formula_without_contested_signs_is_written_once(monkeypatch):
    times = []
    once = Writer._write_once
    monkeypatch.setattr(Writer, "_write_once", lambda self, *args: times.append(args) or once(self, *args))
    matrix(T.add([(1, v), (-1, w)]))
    assert len(times) == 1


u, U = T.source("u", (n,)), T.source("U", (n, d, n))
ARRAY_VALUES = VALUES | {"u": RNG.uniform(0.5, 2, size=3), "U": RNG.uniform(0.5, 2, size=(3, 2, 3))}
t3, u3 = ARRAY_VALUES["T"], ARRAY_VALUES["U"]
WHEEL = [(A, "ab"), (B, "bc"), (S, "ca"), (A, "ad"), (B, "bd"), (S, "cd")]
OF_ARRAYS = {
    "number zero": (T.number(0), np.array(0.0)),
    "function of two": (T.call(sympy.Max, [RANK3, U]), np.maximum(t3, u3)),
    "power of a sum": (T.times(T.power(T.add([(1, RANK3), (1, U)]), 2), U), (t3 + u3) ** 2 * u3),
    "power of one": (T.times(T.power(U, sympy.Rational(-1, 2)), RANK3), t3 / np.sqrt(u3)),
    "function and power": (T.times(T.power(T.call(sympy.exp, [U]), 3), RANK3), t3 * np.exp(3 * u3)),
    "with a vector": (product((RANK3, (0, 1, 2)), (u, (2,)), out=(0, 1)), t3 @ ARRAY_VALUES["u"]),
    "no network": (
        product(*((m, ["abcd".index(k) for k in labels]) for m, labels in WHEEL), out=()),
        np.einsum("ab,bc,ca,ad,bd,cd->", a, b, VALUES["S"], a, b, VALUES["S"]),
    ),
    "no network of a matrix": (
        product(*((m, ["abcd".index(k) for k in labels]) for m, labels in WHEEL), out=(0, 3)),
        np.einsum("ab,bc,ca,ad,bd,cd->ad", a, b, VALUES["S"], a, b, VALUES["S"]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_what_no_matrix_notation_has_is_an_array_of_the_same_value(name):
    term, want = OF_ARRAYS[name]
    np.testing.assert_allclose(np.reshape(evaluate(matrix(term), SIZES, ARRAY_VALUES), want.shape), want, rtol=1e-9)


@pytest.mark.unchecked
@pytest.mark.parametrize("name", texts.PROGRAMS)
def test_the_text_of_a_program_is_read_back(name):
    assert not texts.faults_of(name, "matrix")


SINGLE, ELEMENT, ROW = (tf.placeholder(k, s) for k, s in {"B": (1, 1), "v": (1,), "r": (1, "m")}.items())


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (1 / SINGLE * SINGLE**2, "B"),
        (SINGLE @ SINGLE / SINGLE, "B"),
        (tf.linalg.inv(SINGLE) @ SINGLE @ SINGLE, "B"),
        (1 / ELEMENT * ELEMENT**2, "v"),
        (SINGLE**2, "B**2"),
        (2 / SINGLE, "2/B"),
        (SINGLE * ELEMENT, "v[0]*B"),
        (SINGLE @ ELEMENT, "B[0, 0]*v"),
        (SINGLE @ ROW, "B[0, 0]*r"),
        (tf.tanh(SINGLE) * SINGLE, "tanh(B[0, 0])*B"),
        (tf.reduce_sum(ROW, 1) * ELEMENT, "sum(r)*v"),
        (tf.reduce_sum(SINGLE**2), "B[0, 0]**2"),
    ],
    ids=str,
)
def test_what_has_one_element_is_written_without_ones(tensor, text):
    assert str(tensor.formula()) == text


def test_what_stands_outside_of_a_product_is_not_multiplied_in():
    X, ell = tf.placeholder("X", ("n", "d")), tf.placeholder("ell", ("d",), positive=True)
    kernel = tf.exp(-tf.reduce_sum((X[:, None] - X) ** 2 / ell**2, axis=-1) / 2)
    (gradient,) = tf.gradients(tf.reduce_sum(kernel), ell)
    assert str(tf.formula(gradient, form="where")).startswith("2*((E*X^o2 - X o (E*X)).T*ones(n, 1))/ell**3, where")
