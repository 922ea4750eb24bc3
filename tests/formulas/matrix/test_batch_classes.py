"""Formulas of each member of a batch: what they are called, and parts of arrays that are read as matrices."""

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.pretty_text import Pretty
from tracer.walk import ancestors

RNG = np.random.default_rng(3)
SIZES = {"b": 2, "n": 2, "d": 3, "k": 2, "i": 2}
A, X, Y = (
    tf.placeholder("A", (3, "d", "d")),
    tf.placeholder("X", ("b", 4, "n", "d")),
    tf.placeholder("Y", (4, "i", "d")),
)
W, v, xs, h, U = (
    tf.placeholder(name, shape)
    for name, shape in {"W": ("d", "k"), "v": (3, "d"), "xs": (3, "n", "d"), "h": ("n", "k"), "U": ("k", "k")}.items()
)
inverse = tf.linalg.inv


def square(tensor):
    return tf.reduce_sum(tf.square(tensor))


def recurrence(steps):
    state = h
    for t in range(steps):
        state = tf.tanh(xs[t] @ W + state @ U)
    return state


def chain():
    return xs[0] @ W @ tf.transpose(W) @ tf.transpose(xs[2])


COUNTED = {
    "inverses": (
        lambda: tf.gradients(tf.reduce_sum(tf.linalg.logdet(A)), A)[0],
        "(A[i]**(-1)).T for each i < 3",
        r"A_{i}^{-\top} \quad \text{for each } i < 3",
    ),
    "columns, and a part": (
        lambda: tf.gradients(square(tf.einsum("bij,bj->bi", inverse(A), v)), A)[0],
        "-2*(A[i]**(-1)).T*z[i]*z[i].T for each i < 3, where z[i] = A[i]**(-1)*v[i]",
        r"-2 A_{i}^{-\top} z_{i} z_{i}^{\top} \quad \text{for each } i < 3"
        r" \quad \text{where } z_{i} = A_{i}^{-1} v_{i}",
    ),
    "beside a size with a name": (
        lambda: tf.tanh(X @ W) ** 2 - tf.sin(tf.tanh(X @ W)),
        "H[i]^o2 - sin(H[i]) for each b, i < 4, where H[i] = tanh(X[i]*W)",
        r"H_{i}^{\odot 2} - \sin(H_{i}) \quad \text{for each } b, i < 4 \quad \text{where } H_{i} = \tanh(X_{i} W)",
    ),
    "a sum, of which a size is called as an index": (
        lambda: tf.gradients(square(tf.tanh(Y @ W)), W)[0],
        "2*Y[j].T*(H[j] o (1 - H[j]^o2)) summed over j < 4, where H[j] = tanh(Y[j]*W)",
        r"\sum_{j < 4} 2 Y_{j}^{\top} (H_{j} \odot (1 - H_{j}^{\odot 2})) \quad \text{where } H_{j} = \tanh(Y_{j} W)",
    ),
    "numbers": (
        lambda: tf.linalg.det(A),
        "Determinant(A[i]) for each i < 3",
        r"\det(A_{i}) \quad \text{for each } i < 3",
    ),
}


def values(tensor):
    used = {t.node for t in ancestors([tensor])}
    sources = [t for t in (A, X, Y, W, v, xs, h, U) if t.node in used]
    return {t: RNG.normal(size=[SIZES.get(str(d), d) for d in t.shape]) for t in sources}


@pytest.mark.parametrize("name", COUNTED)
def test_the_members_of_a_batch_of_a_number_have_an_index(name):
    program, text, latex = COUNTED[name]
    tensor = program()
    made = tf.formula(tensor, form="where")
    assert (str(made), made.latex) == (text, latex)
    given = values(tensor)
    arrays = {t.name: np.asarray(value) for t, value in given.items()}
    sizes = {k: size for k, size in SIZES.items() if k != "i" or Y in given}
    assert not faults(tensor, sizes, arrays, np.asarray(tensor.eval(given)))


def test_a_picture_of_a_batch_has_the_indices():
    (made,) = (tf.linalg.det(A).formula(),)
    assert Pretty().doprint(made).endswith("for each i < 3")


READ = {
    "a recurrence": (
        lambda: tf.gradients(square(recurrence(2)), W)[0],
        "2*(xs[0].T*((1 - Z^o2) o (V*U.T)) + xs[1].T*V), "
        "where Z = tanh(xs[0]*W + h*U), H = tanh(Z*U + xs[1]*W), V = H o (1 - H^o2)",
    ),
    "products of parts": (chain, "xs[0]*W*(xs[2]*W).T"),
    "parts of each row": (lambda: tf.exp(X[0, :, 1]) - X[0, :, 0], "exp(X[0, :, 1]) - X[0, :, 0]"),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_taken_of_an_array_is_read_as_a_matrix(name):
    program, text = READ[name]
    tensor = program()
    assert str(tf.formula(tensor, form="where")) == text
    assert "\\sum" not in tf.formula(tensor, form="latex")
    given = values(tensor)
    arrays = {t.name: value for t, value in given.items()}
    assert not faults(tensor, SIZES, arrays, np.asarray(tensor.eval(given)))


def test_a_row_that_is_named_is_written_for_the_column():
    x, start = tf.placeholder("x", (2, "d")), tf.placeholder("s", ("k",))
    state = start
    for t in range(2):
        state = tf.tanh(x[t] @ W + state @ U)
    (slope,) = tf.gradients(square(state), W)
    assert str(tf.formula(slope, form="where")) == (
        "2*(x[0]*((1 - u**2) o (U*v)).T + x[1]*v.T), "
        "where u = tanh(W.T*x[0] + U.T*s), z = tanh(U.T*u + W.T*x[1]), v = z o (1 - z**2)"
    )
