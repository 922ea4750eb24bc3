"""Array expressions as NumPy text: labels of axes, and contractions that run with nothing but ``np``."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
from tracer.formulas.matrix.array_products import ArrayAdd, multiply_arrays
from tracer.formulas.matrix.arrays import contract_arrays
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.einsum_text import OneArray
from tracer.formulas.matrix.network import Network
from tracer.formulas.notations.numpy_arrays import AxisLabels, thick_axes, write_index
from tracer.formulas.notations.python import Numpy
from tracer.terms.work import Budget
from tracer.walk import ancestors

NUMBERS = (2, 3, 4)
RNG = np.random.default_rng(11)


@st.composite
def contractions(draw):
    """The labels of two arrays of rank three, and of the result."""
    labels = st.lists(st.integers(0, 2), min_size=3, max_size=3).map(tuple)
    first, second = draw(labels), draw(labels)
    out = draw(st.lists(st.sampled_from(sorted({*first, *second})), unique=True, max_size=3).map(tuple))
    return first, second, out


@given(contractions())
def test_the_text_of_a_contraction_has_the_value_of_einsum(contraction):
    first, second, out = contraction
    arrays = {name: RNG.normal(size=[NUMBERS[k] for k in labels]) for name, labels in (("P", first), ("Q", second))}
    factors = [(ArraySymbol(name, a.shape), labels) for (name, a), labels in zip(arrays.items(), (first, second))]
    made = contract_arrays(Network(MatrixAlgebra(Budget()), sympy.Integer(3), out, NUMBERS, factors))
    text = Numpy({name: a.shape for name, a in arrays.items()}).of(made)[0]
    subscripts = ["".join("ijk"[a] for a in labels) for labels in (first, second, out)]
    want = 3 * np.einsum(f"{subscripts[0]},{subscripts[1]}->{subscripts[2]}", *arrays.values())
    np.testing.assert_allclose(eval(text, {"np": np, **arrays}), want, rtol=1e-9, atol=1e-12, err_msg=text)


def test_axes_of_size_one_are_left_out_and_a_number_stands_in_front():
    P, Q = ArraySymbol("P", (2, 1, 4)), ArraySymbol("Q", (4, 1))
    made = multiply_arrays([[], [0, 1, 2], [2, 3]], [0, 1, 3], [sympy.Integer(5), P, Q])
    assert Numpy({"P": P.shape, "Q": Q.shape}).of(made)[0] == "5*np.einsum('ij,j->i', P[:, 0], Q[:, 0])"


T, A, B, v = (ArraySymbol(name, shape) for name, shape in zip("TABv", [(2, 3, 4), (2, 3), (3, 2), (4,)]))


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (multiply_arrays([(0, 1, 2), (0, 1)], (0, 1, 2), [T, A]), "T*A[:, :, None]"),
        (multiply_arrays([(0, 1, 2), (2,)], (0, 1, 2), [T, v]), "T*v"),
        (multiply_arrays([(), (0, 2), (1, 2)], (0, 1, 2), [sympy.Integer(2), A, A]), "2*A[:, None, :]*A"),
        (multiply_arrays([(0, 1, 2), (1, 0)], (0, 1, 2), [T, B]), "np.einsum('ijk,ji->ijk', T, B)"),
        (multiply_arrays([(0, 1)], (1, 0), [A]), "A.T"),
    ],
)
def test_numpy_repeats_what_lacks_axes(array, text):
    assert Numpy({}).of(array)[0] == text


def test_a_sum_of_arrays_that_lack_different_axes_has_no_ones():
    parts = [
        multiply_arrays([word, (k,)], (0, 1, 2), [A, OneArray(d)]) for word, k, d in (((0, 2), 1, 2), ((1, 2), 0, 2))
    ]
    assert Numpy({"A": A.shape}).of(ArrayAdd(*parts))[0] == "A[:, None, :] + A"


def test_equal_labels_are_those_of_axes_that_are_multiplied():
    A, v = ArraySymbol("A", (3, 4)), ArraySymbol("v", (4,))
    labels = AxisLabels(multiply_arrays([[], [0, 1], [1]], [0], [sympy.Integer(2), A, v]))
    assert (labels.scalars, labels.operands, labels.out) == ([2], [(A, [0, 1]), (v, [1])], [0])


@pytest.mark.parametrize(("shape", "axes"), [((), []), ((1, 1), []), ((3, 1, "n"), [0, 2])])
def test_axes_that_are_not_of_size_one(shape, axes):
    assert thick_axes(shape) == axes


def test_whole_axes_at_the_end_of_an_index_are_not_written():
    assert write_index(["0", ":", ":"]) == "[0]"
    assert write_index([":", "0"]) == "[:, 0]"
    assert write_index([":", ":"]) == ""


image, signal = tf.placeholder("x", ("b", 6, 7, "c")), tf.placeholder("s", ("b", "n", "c"))
kernel, weights = tf.placeholder("k", (3, 2, "c", "f")), tf.placeholder("w", (3, "c", "f"))
received = tf.placeholder("g", ("b", "n", "f"))
VIEW = "np.lib.stride_tricks.sliding_window_view"

WINDOWS = {
    "an image": (
        lambda: tf.nn.conv2d(image, kernel, 1, "VALID"),
        f"np.einsum('ijkmnp,npml->ijkl', {VIEW}(x, (3, 2), axis=(1, 2)), k)",
    ),
    "in steps": (lambda: tf.nn.conv2d(image, kernel, 2, "VALID"), None),
    "at a distance": (lambda: tf.nn.conv1d(signal, weights, 1, "VALID", dilations=2), None),
    "by its weights": (
        lambda: tf.gradients(tf.reduce_sum(tf.nn.conv1d(signal, weights, 1, "VALID") ** 2), weights)[0],
        None,
    ),
    "padded": (
        lambda: tf.nn.conv1d(signal, weights, 1, "SAME"),
        f"np.einsum('ijlm,mlk->ijk', {VIEW}(np.pad(s, ((0, 0), (1, 1), (0, 0))), 3, axis=1), w)",
    ),
    "padded, in steps": (lambda: tf.nn.conv2d(image, kernel, 2, "SAME"), None),
    "padded, by its weights": (
        lambda: tf.gradients(tf.reduce_sum(tf.nn.conv1d(signal, weights, 1, "SAME") ** 2), weights)[0],
        None,
    ),
    "padded, by what they are of": (
        lambda: tf.gradients(tf.nn.conv1d(signal, weights, 1, "SAME"), signal, grad_ys=[received])[0],
        f"np.einsum('ijlm,mkl->ijk', {VIEW}(np.pad(g, ((0, 0), (1, 1), (0, 0))), 3, axis=1)[:, :, :, ::-1], w)",
    ),
    "at a distance, by what they are of": (
        lambda: tf.gradients(tf.nn.conv1d(signal, weights, 1, "SAME", dilations=2), signal, grad_ys=[tf.exp(received)])[
            0
        ],
        None,
    ),
    "means": (
        lambda: tf.nn.avg_pool2d(image, 2, 2, "VALID"),
        f"np.sum({VIEW}(x, (2, 2), axis=(1, 2))[:, :5:2, :5:2], axis=(4, 5))/4",
    ),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_of_one_array_are_views(name):
    program, text = WINDOWS[name]
    tensor = program()
    made = tf.formula(tensor, form="python")
    assert text is None or made == text
    assert VIEW in made
    assert "np.equal" not in made
    sizes = {"b": 2, "n": 8, "c": 3, "f": 2}
    used = {t.node for t in ancestors([tensor])}
    rng = np.random.default_rng(6)
    values = {
        t: rng.normal(size=[sizes.get(str(d), d) for d in t.shape])
        for t in (image, signal, kernel, weights, received)
        if t.node in used
    }
    want = np.asarray(tensor.eval(values))
    np.testing.assert_allclose(eval(made, {"np": np, **{t.label or t.name: v for t, v in values.items()}}), want)
