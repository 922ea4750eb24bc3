"""Products of eigenvectors, in all spellings, have the gradient of the function of matrices that they are."""

import itertools

import numpy as np
import pytest
import scipy.linalg

import tracer as tf

linalg = tf.linalg
C = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]])
X = np.array([1.0, -2.0, 0.5])
POINTS = {
    "all equal": np.eye(3),
    "two equal": np.diag([1.0, 2.0, 2.0]),
    "nearly equal": np.diag([1.0, 2.0, 2.0 + 1e-9]),
    "apart": np.diag([1.0, 2.0, 3.0]) + (C + C.T) / 50,
}


def rotated(point):
    """Of the same eigenvalues up to rounding."""
    q, _ = np.linalg.qr(C)
    found = q @ point @ q.T
    return (found + found.T) / 2


EXPONENTIALS = {
    "scaled columns": lambda w, v: (v * tf.exp(w)) @ tf.transpose(v),
    "scaled rows": lambda w, v: v @ (tf.exp(w)[:, None] * tf.transpose(v)),
    "a diagonal": lambda w, v: v @ linalg.diag(tf.exp(w)) @ tf.transpose(v),
    "einsum": lambda w, v: tf.einsum("ik,k,jk->ij", v, tf.exp(w), v),
    "divided": lambda w, v: (v / tf.exp(-w)) @ tf.transpose(v),
    "halves": lambda w, v: (v * tf.exp(w / 2)) @ tf.transpose(v * tf.exp(w / 2)),
    "the other order": lambda w, v: tf.transpose((v * tf.exp(w)) @ tf.transpose(v)),
    "a sign and a number": lambda w, v: -((v * (-2 * tf.exp(w))) @ tf.transpose(v)) / 2,
}
FORMS = {
    "by elements": lambda w, v: tf.reduce_sum(C * ((v * tf.exp(w)) @ tf.transpose(v))),
    "a trace": lambda w, v: linalg.trace(v @ linalg.diag(tf.exp(w)) @ tf.transpose(v) @ C.T),
    "a product": lambda w, v: tf.reduce_sum(((v * tf.exp(w)) @ (tf.transpose(v) @ C.T)) * np.eye(3)),
}


def gradient(program, point):
    """The gradient at a matrix, as a value and as code says it."""
    S = tf.placeholder("S", point.shape)
    (found,) = tf.gradients(program(S), [S])
    value = found.eval({S: point})
    np.testing.assert_allclose(tf.compile(found, [S])(point), value, rtol=1e-14)
    return value


def slope_of_exponential(point):
    slope = scipy.linalg.expm_frechet(point, C, compute_expm=False)
    return (slope + slope.T) / 2


@pytest.mark.parametrize("turn", [lambda m: m, rotated], ids=["diagonal", "rotated"])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("spelling", EXPONENTIALS)
def test_each_spelling_has_the_gradient_of_the_exponential(spelling, point, turn):
    at = turn(POINTS[point])
    found = gradient(lambda s: tf.reduce_sum(C * EXPONENTIALS[spelling](*linalg.eigh(s))), at)
    np.testing.assert_allclose(found, slope_of_exponential(at), rtol=1e-12)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("form", FORMS)
def test_each_use_has_the_gradient_of_the_exponential(form, point):
    found = gradient(lambda s: FORMS[form](*linalg.eigh(s)), POINTS[point])
    np.testing.assert_allclose(found, slope_of_exponential(POINTS[point]), rtol=1e-12)


def difference(program, point, step=2e-3):
    """The gradient by differences of four orders."""
    S = tf.placeholder("S", point.shape)
    function = tf.compile(program(S), [S])
    found = np.zeros_like(point)
    for place in np.ndindex(*point.shape):
        move = np.zeros_like(point)
        move[place] = step
        one, two = (function(point + k * move) - function(point - k * move) for k in (1, 2))
        found[place] = (8 * one - two) / (12 * step)
    return found


def eigh(program):
    return lambda s: program(*linalg.eigh(s))


def svd(program):
    return lambda s: program(*linalg.svd(s))


def weighted(product):
    return tf.reduce_sum(product * C[: product.shape[0], : product.shape[1]])


def of_batch(values, vectors):
    return tf.reduce_sum(C * ((vectors * tf.exp(values)[:, None, :]) @ linalg.matrix_transpose(vectors)))


SMOOTH = {
    "a quadratic form": eigh(lambda w, v: tf.reduce_sum(tf.sqrt(w) * linalg.matvec(tf.transpose(v), X) ** 2)),
    "a quadratic form of columns": eigh(
        lambda w, v: tf.reduce_sum(tf.sqrt(w)[:, None] * (tf.transpose(v) @ X[:, None]) ** 2)
    ),
    "softmax": eigh(lambda w, v: weighted((v * tf.nn.softmax(w)) @ tf.transpose(v))),
    "a number beside": eigh(lambda w, v: weighted((v * (w / tf.reduce_sum(w))) @ tf.transpose(v))),
    "a square of it": eigh(lambda w, v: tf.reduce_sum(((v * tf.math.log(w)) @ tf.transpose(v) @ C) ** 2)),
    "an inverse": eigh(lambda w, v: weighted((v / w) @ tf.transpose(v))),
    "a sigmoid": eigh(lambda w, v: weighted((v * tf.sigmoid(w)) @ tf.transpose(v))),
    "an absolute value": eigh(lambda w, v: weighted((v * abs(w - 1.5)) @ tf.transpose(v))),
    "a batch": lambda s: tf.reduce_sum(
        (lambda w, v: C * ((v * tf.exp(w)[:, None, :]) @ linalg.matrix_transpose(v)))(
            *linalg.eigh(tf.stack([s, 2 * s]))
        )
    ),
    "the matrix by its singular vectors": svd(lambda s, u, v: weighted((u * s) @ tf.transpose(v))),
    "the orthogonal factor": svd(lambda s, u, v: weighted(u @ tf.transpose(v))),
    "the inverse by singular vectors": svd(lambda s, u, v: weighted((v / s) @ tf.transpose(u))),
    "vectors of one side": svd(lambda s, u, v: weighted((v * s**2) @ tf.transpose(v))),
    "the sum of values": lambda s: tf.reduce_sum(tf.math.log(linalg.eigvalsh(s))),
    "the nuclear norm": lambda s: tf.reduce_sum(linalg.svd(s, compute_uv=False)),
}
APART = {
    "a projector": eigh(lambda w, v: weighted(v[:, 1:] @ tf.transpose(v[:, 1:]))),
    "a part of it": eigh(lambda w, v: weighted((v[:, 1:] * tf.exp(w[1:])) @ tf.transpose(v[:, 1:]))),
    "one vector": eigh(lambda w, v: tf.reduce_sum(v[:, 0] * X) * tf.reduce_sum(v[:, 0] * C[0]) * w[0]),
    "the largest values": lambda s: tf.reduce_sum(linalg.eigvalsh(s)[1:]),
}


@pytest.mark.parametrize("point", [p for p in POINTS if p != "nearly equal"])
@pytest.mark.parametrize("name", SMOOTH)
def test_gradients_at_equal_values_are_differences(name, point):
    found = gradient(SMOOTH[name], POINTS[point])
    np.testing.assert_allclose(found, difference(SMOOTH[name], POINTS[point]), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("turn", [lambda m: m, rotated], ids=["diagonal", "rotated"])
@pytest.mark.parametrize("name", APART)
def test_gradients_of_a_group_of_values_are_differences(name, turn):
    at = turn(POINTS["two equal"])
    np.testing.assert_allclose(gradient(APART[name], at), difference(APART[name], at), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3)])
def test_the_orthogonal_factor_of_more_rows_or_columns(shape):
    program = svd(lambda s, u, v: weighted(u @ tf.transpose(v)))
    at = 2 * np.eye(3)[: shape[0], : shape[1]]
    np.testing.assert_allclose(gradient(program, at), difference(program, at), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", [*SMOOTH, *APART])
def test_second_derivatives_at_equal_values_are_differences(name):
    program = {**SMOOTH, **APART}[name]

    def slope(s):
        return weighted(tf.gradients(program(s), [s])[0])

    at = POINTS["two equal"]
    np.testing.assert_allclose(gradient(slope, at), difference(slope, at), rtol=1e-6, atol=1e-6)


def test_a_group_that_meets_the_others_has_no_gradient_and_is_told_so():
    s = tf.constant(np.eye(3), name="S")
    with tf.GradientTape() as tape:
        tape.watch(s)
        _, v = linalg.eigh(s)
        y = weighted(v[:, 1:] @ tf.transpose(v[:, 1:]))
    g = tape.gradient(y, s)
    assert np.isnan(g.numpy()).all()
    assert [str(c.relation) for c in tf.conditions(g)] == ["Ne(eigvalsh((S.T + S)/2, 0), eigvalsh((S.T + S)/2, 1))"]
    assert str(tf.diagnose(g).condition.relation) == "Ne(eigvalsh((S.T + S)/2, 0), eigvalsh((S.T + S)/2, 1))"


@pytest.mark.parametrize("name", ["vectors", "values"])
def test_what_is_asked_for_itself_is_not_passed_over(name):
    s = tf.placeholder("S", (3, 3))
    w, v = linalg.eigh(s)
    y = weighted((v * tf.exp(w)) @ tf.transpose(v))
    by, whole = tf.gradients(y, [v if name == "vectors" else w, s])
    at = {s: POINTS["apart"]}
    vectors, values = v.eval(at), w.eval(at)
    turned = (C + C.T) @ vectors if name == "vectors" else np.diag(vectors.T @ C @ vectors)
    expected = turned * np.exp(values)
    np.testing.assert_allclose(by.eval(at), expected, rtol=1e-12)
    np.testing.assert_allclose(whole.eval(at), slope_of_exponential(POINTS["apart"]), rtol=1e-10)


def test_a_constant_stays_constant():
    """Nothing flows through values that are stopped: the vectors alone turn."""
    s, at = tf.placeholder("S", (3, 3)), POINTS["apart"]
    w, v = linalg.eigh(s)
    moved, still = (tf.reduce_sum(C * ((v * f(tf.exp(w))) @ tf.transpose(v))) for f in (tf.identity, tf.stop_gradient))
    values = tf.reduce_sum(C * ((tf.stop_gradient(v) * tf.exp(w)) @ tf.transpose(tf.stop_gradient(v))))
    one, other, rest = (tf.gradients(y, [s])[0].eval({s: at}) for y in (moved, still, values))
    np.testing.assert_allclose(one, other + rest, rtol=1e-10)
    assert np.abs(rest).min() > 0.1


def test_a_gradient_of_a_function_says_no_kink():
    s = tf.placeholder("S", ("n", "n"))
    weights = tf.placeholder("C", ("n", "n"))
    w, v = linalg.eigh(s)
    programs = [tf.reduce_sum(weights * ((v * f(w)) @ tf.transpose(v))) for f in (tf.exp, tf.sqrt)]
    programs += [tf.reduce_sum(w**3)]
    found = [[str(c.relation) for c in tf.conditions(tf.gradients(y, [s])[0])] for y in programs]
    assert found == [[], ["eigvalsh((S.T + S)/2)[i] > 0"], []]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            tf.exp,
            "V*(where(Z.T == Z, exp((Z.T + Z)/2), (U - U.T)/(Z.T - Z)) o (V.T*C*V))*V.T, where "
            "Z = ones(n, 1)*eigvalsh(S).T, U = exp(eigvalsh(S))*ones(1, n), V = eigenvectors(S)",
        ),
        (lambda w: 1 / w, "-S**(-1)*C*S**(-1)"),
        (lambda w: w, "C"),
    ],
)
def test_formulas_say_the_limit(function, expected):
    s = tf.placeholder("S", ("n", "n"), symmetric=True)
    weights = tf.placeholder("C", ("n", "n"), symmetric=True)
    w, v = linalg.eigh(s)
    (g,) = tf.gradients(tf.reduce_sum(weights * ((v * function(w)) @ tf.transpose(v))), [s])
    assert str(tf.formula(g, form="where")) == expected


def test_long_programs_are_no_slower_than_their_length():
    s = tf.placeholder("S", (3, 3))
    w, v = linalg.eigh(s)
    product = (v * tf.exp(w)) @ tf.transpose(v)
    for _ in itertools.repeat(None, 300):
        product = product @ C
    assert tf.gradients(tf.reduce_sum(product), [s])[0].shape == (3, 3)
