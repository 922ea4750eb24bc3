"""Arrays with leading axes: a formula of one member where all that has the axis has it in front, and none elsewhere."""

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.batch_classes import ForEach
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

Q, K, V = (tf.placeholder(name, ("b", "h", size, "d")) for name, size in zip("QKV", "nmm"))
X, A, W, mask = (
    tf.placeholder(name, shape)
    for name, shape in {"X": ("b", "n", "d"), "A": ("b", "n", "n"), "W": ("d", "k"), "M": ("h", "n", "m")}.items()
)
transposed = tf.linalg.matrix_transpose
RNG = np.random.default_rng(11)

BATCHES = {
    "attention": (lambda: tf.nn.softmax(Q @ transposed(K)) @ V, "softmax(Q*K.T)*V for each b, h"),
    "a mask of some axes": (lambda: tf.nn.softmax(Q @ transposed(K) + mask) @ V, "softmax(Q*K.T + M)*V for each b, h"),
    "a weight of all members": (lambda: tf.tanh(X @ W), "tanh(X*W) for each b"),
    "inverses": (lambda: tf.linalg.inv(A) @ X, "A**(-1)*X for each b"),
    "turned inside": (
        lambda: tf.einsum("bij,nb->bin", tf.tanh(A), tf.reduce_sum(tf.transpose(X, (1, 0, 2)), 2)),
        "tanh(A)*ones(n, d)*X.T for each b",
    ),
    "layer norm": (
        lambda: (X - tf.reduce_mean(X, 2, keepdims=True)) * (1 + tf.math.reduce_variance(X, 2, keepdims=True)) ** -0.5,
        "diag(1/sqrt(mean_rows((X - X*ones(d, d)/d)^o2) + 1))*(X - X*ones(d, d)/d) for each b",
    ),
    "determinants": (lambda: tf.linalg.det(A)[:, None, None] * A, "Determinant(A)*A for each b"),
    "rows": (lambda: X / tf.reduce_max(X, -1, keepdims=True), "diag(1/max_rows(X))*X for each b"),
}
SIZES = {"b": 2, "h": 3, "n": 2, "m": 3, "d": 2, "k": 4}


@pytest.mark.parametrize("name", BATCHES)
def test_the_formula_of_a_member(name):
    program, text = BATCHES[name]
    tensor = program()
    formula = tensor.formula()
    assert isinstance(formula, ForEach)
    assert str(formula) == text
    rng = np.random.default_rng(5)
    values = {t: rng.normal(size=[SIZES[str(d)] for d in t.shape]) for t in (Q, K, V, X, A, W, mask)}
    used = {t.node for t in ancestors([tensor])}
    want = tensor.eval({t: v for t, v in values.items() if t.node in used})
    arrays = {t.name: v for t, v in values.items()}
    np.testing.assert_allclose(evaluate(formula, SIZES, arrays), want)
    if name == "a weight of all members":
        np.testing.assert_allclose(float(evaluate(formula._entry(1, 0, 2), SIZES, arrays)), want[1, 0, 2])


GROUPS = {"B": ("n", "g", "d"), "C": ("m", "g", "d"), "D": ("m", "g", "v"), "E": ("g", "d", "k"), "F": ("n", 5, "d")}
queries, keys, items, weights, heads = (tf.placeholder(name, shape) for name, shape in GROUPS.items())
scores = tf.einsum("ngd,mgd->gnm", queries, keys)
found = tf.einsum("gnm,mgv->ngv", tf.nn.softmax(scores), items)
centred = queries - tf.reduce_mean(queries, 0, keepdims=True)


def slope(tensor, source):
    return tf.gradients(tf.reduce_sum(tensor**2) / 2, source)[0]


MOVED = {
    "scores": (scores, "B*C.T for each g"),
    "attention": (found, "softmax(B*C.T)*D for each g"),
    "its slope": (slope(found, items), "P.T*P*D for each g, where P = softmax(B*C.T)"),
    "groups": (tf.einsum("ngd,gdk->ngk", queries, weights), "B*E for each g"),
    "centred": (centred, "B - mean(B, axis=0)"),
    "columns": (tf.einsum("ngd,gd->ng", queries, tf.reduce_sum(weights, 2)), "B*E*ones(k, 1) for each g"),
    "sums": (tf.einsum("ngd,gdk->nk", queries, weights), "B*E summed over g"),
    "counted": (tf.einsum("nid,mid->nim", heads, tf.sin(heads[:2]) + heads[:2]), None),
    "array": (tf.nn.softmax(queries, 0), "softmax(B, axis=0)"),
    "turned": (tf.transpose(queries, (1, 2, 0)), None),
}
MOVED_SIZES = {"n": 2, "g": 3, "d": 4, "m": 3, "k": 2, "v": 2}


@pytest.mark.parametrize("name", MOVED)
def test_the_size_of_an_axis_tells_which_it_is(name):
    tensor, text = MOVED[name]
    assert text is None or str(tf.formula(tensor, form="where")) == text
    sources = {t: RNG.normal(size=[MOVED_SIZES.get(str(d), d) for d in t.shape]) for t in inputs(tensor)}
    want = np.asarray(tensor.eval(sources))
    arrays = {t.name: v for t, v in sources.items()}
    np.testing.assert_allclose(np.reshape(evaluate(tensor.formula(), MOVED_SIZES, arrays), want.shape), want)
    at = (1, 1, 1) if want.ndim == 3 else (1, 1)
    element = tensor.formula()._entry(*at)
    np.testing.assert_allclose(float(evaluate(element, MOVED_SIZES, arrays)), want[at])
    assert not faults(tensor, MOVED_SIZES, arrays, want)


def inputs(tensor):
    return [t for t in ancestors([tensor]) if t.op == "placeholder"]


def test_a_batch_behind_other_axes_is_compared_with_a_program():
    verdict = tf.compare(
        lambda B, C, D: found_by_heads(B, C, D), found.formula(), *(GROUPS[name] for name in "BCD")
    ).verdict
    assert verdict is not tf.Verdict.REFUTED
    assert (
        tf.compare(lambda B, C, D: 2.0 * found_by_heads(B, C, D), found.formula(), *(GROUPS[k] for k in "BCD")).verdict
        is tf.Verdict.REFUTED
    )


def found_by_heads(B, C, D):
    return tf.einsum("gnm,mgv->ngv", tf.nn.softmax(tf.einsum("ngd,mgd->gnm", B, C)), D)


images, given, gamma = (
    tf.placeholder(name, shape)
    for name, shape in {"X": ("b", "h", "w", "c"), "G": ("b", "h", "w", "c"), "g": ("c",)}.items()
)


def normalise():
    """Each channel with the mean 0 and the variance 1."""
    centred = images - tf.reduce_mean(images, (0, 1, 2))
    return centred / tf.sqrt(tf.reduce_mean(centred**2, (0, 1, 2)) + 0.001)


ARRAYS = {
    "squares of sums of squares": (
        lambda: tf.gradients(tf.reduce_sum(tf.reduce_sum(images**2, (1, 2, 3)) ** 2), images)[0],
        "4*sum(X**2)*X for each b",
    ),
    "lengths": (
        lambda: tf.gradients(tf.reduce_sum(tf.sqrt(tf.reduce_sum(images**2, (1, 2, 3)))), images)[0],
        "X/sqrt(sum(X**2)) for each b",
    ),
    "normalised channels by the images": (
        lambda: tf.gradients(tf.reduce_sum(given * normalise()), images)[0],
        "(G - mean(G))/sqrt(s) - mean(G o R)*R/s**(3/2) for each c, where R = X - mean(X), s = mean(R**2) + 0.001",
    ),
    "normalised channels by their scales": (
        lambda: tf.gradients(tf.reduce_sum(given * gamma * normalise()), gamma)[0],
        "sum(G o R)/sqrt(mean(R**2) + 0.001) for each c, where R = X - mean(X)",
    ),
    "counted channels": (
        lambda: tf.gradients(tf.reduce_sum(tf.sqrt(tf.reduce_sum(pictures**2, (0, 1, 2)))), pictures)[0],
        "Y[:, :, :, i]/sqrt(sum(Y[:, :, :, i]**2)) for each i < 3",
    ),
}
pictures = tf.placeholder("Y", ("n", "h", "w", 3))
ARRAY_SIZES = {"b": 2, "h": 3, "w": 2, "c": 4, "n": 2}


@pytest.mark.parametrize("name", ARRAYS)
def test_members_may_be_arrays(name):
    program, text = ARRAYS[name]
    tensor = program()
    assert str(tf.formula(tensor, form="where")) == text
    sources = {t: RNG.normal(size=[ARRAY_SIZES.get(str(d), d) for d in t.shape]) for t in inputs(tensor)}
    want = np.asarray(tensor.eval(sources))
    arrays = {t.name: v for t, v in sources.items()}
    np.testing.assert_allclose(np.reshape(evaluate(tensor.formula(), ARRAY_SIZES, arrays), want.shape), want)
    at = (1, 1, 1, 2)[: want.ndim]
    element = tensor.formula()._entry(*at) if want.ndim > 1 else tensor.formula()._entry(1, 0)
    np.testing.assert_allclose(float(evaluate(element, ARRAY_SIZES, arrays)), want[at])
    assert not faults(tensor, ARRAY_SIZES, arrays, want)


def test_members_that_are_arrays_are_compared_with_a_program():
    def scale(X):
        return 4.0 * tf.reduce_sum(X**2, (1, 2, 3), keepdims=True) * X

    formula = ARRAYS["squares of sums of squares"][0]().formula()
    shape = ("b", "h", "w", "c")
    assert tf.compare(scale, formula, shape).verdict is not tf.Verdict.REFUTED
    assert tf.compare(lambda X: scale(X) * 2.0, formula, shape).verdict is tf.Verdict.REFUTED


@pytest.mark.parametrize(
    "program",
    [
        lambda: tf.transpose(X, (1, 0, 2)),
        lambda: tf.einsum("bij,cij->bci", X, X),
        lambda: tf.concat([X, X], 0),
        lambda: tf.linalg.pinv(tf.placeholder("Y", ("n", "b")))[:, :, None] * X,
        lambda: tf.nn.softmax(tf.placeholder("Y", ("b", "n")), 0)[:, :, None] * X,
        lambda: tf.einsum("bn,nd->bnd", tf.placeholder("Y", ("n", "n")), tf.placeholder("Z", ("n", "d"))),
        lambda: tf.ones((3, 2, 2)),
        lambda: X + tf.placeholder("B", ("b", "n"))[:, :, None] * tf.placeholder("C", ("b", "b"))[0, 0],
    ],
)
def test_what_is_no_batch(program):
    assert not isinstance(program().formula(), ForEach)


def test_summands_of_which_none_is_a_sum_over_members() -> None:
    x = tf.placeholder("x", ("n", "n"))
    pairs = tf.linalg.trace(x) + tf.nn.relu(tf.einsum("ij,kl->ijkl", x, x))
    gradient = tf.gradients(tf.reduce_sum((1 / (1 + pairs**2)) ** 2), x)[0]
    sizes, values = {"n": 2}, np.array([[0.5, -0.3], [0.2, 0.7]])
    assert not faults(gradient, sizes, {"x": values}, tf.compile(gradient, [x])(values), forms=["matrix"])
