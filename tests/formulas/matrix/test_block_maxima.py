"""The first greatest elements of blocks, in every form."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.block_maxima import ArrayFirstMax, firstmax
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

image, signal = tf.placeholder("x", ("b", 4, 6, "c")), tf.placeholder("s", ("b", 6, "c"))
x, X = tf.placeholder("v", (6,)), tf.placeholder("X", (4, 6))
odd = tf.placeholder("y", ("b", 5, 6, "c"))
left, k = tf.placeholder("u", ("b", 7, "c")), tf.placeholder("k", (3, "c", "f"))
g, G = tf.placeholder("g", ("b", 3, "c")), tf.placeholder("G", ("b", 2, 3, "c"))
g2, h = tf.placeholder("H", ("b", 2, 4, "c")), tf.placeholder("h", ("b", 6, "c"))
pool1, pool2 = tf.nn.max_pool1d, tf.nn.max_pool2d
SIZES = {"b": 2, "c": 3, "f": 2}


def slope(loss, by):
    return tf.gradients(tf.reduce_sum(loss), by)[0]


PROGRAMS = {
    "squares": (lambda: slope(pool1(signal, 2, 2, "VALID") ** 2, signal), "2*(s o firstmax(s, 2, 1)) for each b"),
    "images": (lambda: slope(pool2(image, 2, 2, "VALID"), image), "firstmax(x, 1, 2, 2, 1)"),
    "what is given": (
        lambda: slope(g * pool1(signal, 2, 2, "VALID"), signal),
        "firstmax(s, 2, 1) o kron(g, ones(2, 1)) for each b",
    ),
    "what is given to images": (
        lambda: slope(G * pool2(image, 2, 2, "VALID"), image),
        "firstmax(x, 2, 2) o kron(G, ones(2, 2)) for each b, c",
    ),
    "a function": (
        lambda: slope(tf.tanh(pool1(signal, 3, 3, "VALID")), signal),
        "firstmax(s, 3, 1) o (1 - tanh(s)^o2) for each b",
    ),
    "of a function": (
        lambda: slope(pool1(tf.nn.relu(signal), 2, 2, "VALID") ** 2, signal),
        "2*(relu(s) o firstmax(relu(s), 2, 1)) for each b",
    ),
    "a place left": (
        lambda: slope(pool1(left, 3, 3, "VALID"), left),
        "concat(firstmax(u[:6, :], 3, 1), zeros(1, c)) for each b",
    ),
    "a column": (lambda: slope(tf.maximum(x[::2], x[1::2]) ** 2, x), "2*(v o firstmax(v, 2))"),
    "a matrix": (lambda: slope(pool2(X[None, :, :, None], 2, 2, "VALID") ** 2, X), "2*(X o firstmax(X, 2, 2))"),
    "overlapping": (
        lambda: slope(g2 * pool2(image, 3, 1, "VALID"), image),
        'einsum("iklj,ikljmn->i(k+m)(l+n)j", H, firstmax(einsum("i(j+m)(k+n)l->ijklmn", x, m=3, n=3), axis=(4, 5)))',
    ),
    "overlapping in steps": (
        lambda: slope(pool2(odd, 3, 2, "SAME") ** 2, odd),
        None,
    ),
    "overlapping beyond the ends": (
        lambda: slope(h * pool1(signal, 3, 1, "SAME"), signal),
        'einsum("i(j-l+1)k,i(j-l+1)kl->ijk", h, firstmax(einsum("i(j+l)k->ijkl", '
        "pad(s, ((0, 0), (1, 1), (0, 0)), -oo), l=3), axis=3), j=6)",
    ),
    "an overlapping column": (
        lambda: slope(tf.maximum(tf.maximum(x[:-2], x[1:-1]), x[2:]) ** 2, x),
        '2*einsum("ij,i->(i+j)", firstmax(einsum("(i+j)->ij", v, j=3), axis=1), max(v[1:5], v[:4], v[2:]))',
    ),
    "of a convolution": (
        lambda: slope(pool1(tf.nn.conv1d(signal, k, 1, "VALID"), 2, 2, "VALID"), k),
        None,
    ),
}


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_first_greatest_has_what_arrives_at_its_block(name, ties):
    program, text = PROGRAMS[name]
    tensor = program()
    assert str(tensor.formula()) == text or text is None
    assert "firstmax" in str(tensor.formula())
    rng = np.random.default_rng(7)
    sources = [t for t in ancestors([tensor]) if t.op == "placeholder"]
    shapes = {t: [SIZES.get(str(d), d) for d in t.shape] for t in sources}
    values = {t: rng.integers(3, size=s) - 1.0 if ties else rng.normal(size=s) for t, s in shapes.items()}
    want = np.asarray(tensor.eval(values))
    arrays = {t.label or t.name: v for t, v in values.items()}
    np.testing.assert_allclose(np.reshape(evaluate(tensor.formula(), SIZES, arrays), want.shape), want)
    assert not faults(tensor, SIZES, arrays, want)


VALUES = {
    "windows": (lambda: pool2(image, 3, 1, "VALID"), 'max(einsum("i(j+m)(k+n)l->ijklmn", x, m=3, n=3), axis=(4, 5))'),
    "beyond the ends": (
        lambda: pool2(odd, 3, 2, "SAME"),
        'max(einsum("i(2j+m)(2k+n)l->ijklmn", pad(y, ((0, 0), (1, 1), (0, 1), (0, 0)), -oo), m=3, n=3), axis=(4, 5))',
    ),
    "few": (lambda: pool1(signal, 3, 1, "VALID"), "max(s[2:, :], s[1:5, :], s[:4, :]) for each b"),
}


@pytest.mark.parametrize("name", VALUES)
def test_the_greatest_elements_of_windows_are_those_of_their_array(name):
    program, text = VALUES[name]
    tensor = program()
    values = {
        t: np.random.default_rng(7).normal(size=[SIZES.get(str(d), d) for d in t.shape]) for t in (image, odd, signal)
    }
    (source,) = (t for t in ancestors([tensor]) if t.op == "placeholder")
    want = np.asarray(tensor.eval({source: values[source]}))
    assert str(tensor.formula()) == text
    assert not faults(tensor, SIZES, {source.label: values[source]}, want)


def test_elements_at_given_places_are_relations():
    made = firstmax(sympy.MatrixSymbol("A", 4, 1), sympy.Integer(2), sympy.S.One)._entry(sympy.S(3), sympy.S.Zero)
    assert str(made) == "Piecewise((1, A[3, 0] > A[2, 0]), (0, True))"


def test_it_is_compared_with_a_program():
    def pooled(x, factor):
        mask = tf.gradients(pool1(x, 2, 2, "VALID"), x, grad_ys=tf.ones((1, 3, 2)))[0]
        return factor * x * mask

    shape = (1, 6, 2)
    given = tf.gradients(tf.reduce_sum(pool1((y := tf.placeholder("y", shape)), 2, 2, "VALID") ** 2), y)[0].formula()
    assert "firstmax" in str(given)
    assert tf.compare(lambda y: pooled(y, 2.0), given, shape).verdict is not tf.Verdict.REFUTED
    assert tf.compare(lambda y: pooled(y, 3.0), given, shape).verdict is tf.Verdict.REFUTED


def test_numbers_are_marked():
    made = firstmax(sympy.MatrixSymbol("A", 2, 2), sympy.Integer(2), sympy.Integer(2))
    assert made.subs(sympy.MatrixSymbol("A", 2, 2), sympy.Matrix([[1, 4], [4, 0]])).doit() == sympy.Matrix(
        [[0, 1], [0, 0]]
    )
    array = sympy.Array(range(8), (2, 2, 2))
    marked = ArrayFirstMax(array, *map(sympy.Integer, (1, 2, 2)))
    assert [marked._entry(*map(sympy.Integer, at)) for at in ((0, 1, 1), (1, 0, 0))] == [1, 0]
