"""Matrix functions against mpmath in 40 digits: values, gradients, second derivatives; and by sympy's matrices.

They are made of several rows, or differ by shape: what is a row by itself is tested with all rows.
"""

import mpmath
import numpy as np
import pytest
import sympy
from mpmath import mp

import tracer as tf
from tracer.ops import decompositions
from tracer.walk import ancestors

linalg = tf.linalg
RANDOM = np.random.default_rng(7)
SQUARE = RANDOM.normal(size=(3, 3)) + 2 * np.eye(3)
OTHER = RANDOM.normal(size=(3, 3))
TALL = RANDOM.normal(size=(3, 2))
VECTOR = RANDOM.normal(size=3)
DEFINITE = OTHER @ OTHER.T + np.eye(3) + 0.1 * SQUARE


def masked(m, keep):
    return mp.matrix([[m[i, j] if keep(i, j) else 0 for j in range(m.cols)] for i in range(m.rows)])


def pseudo_inverse(m):
    return mp.inverse(m.T * m) * m.T if m.rows >= m.cols else m.T * mp.inverse(m * m.T)


def singular_projector(m):
    """That of the largest singular value: a right vector without its sign."""
    w = mp.svd_r(m)[2][0, :].T
    return w * w.T


def kronecker(a, b):
    products = np.kron(np.array(a.tolist(), object), np.array(b.tolist(), object))
    return mp.matrix(products.tolist())


def power_norm(p):
    return lambda m: mp.matrix([mp.fsum(abs(x) ** p for x in m) ** (mp.mpf(1) / p)])


def column(v):
    return v[..., None]


CASES = {
    "inv-adjoint": (lambda a: linalg.inv(a, adjoint=True), lambda a: mp.inverse(a.T), SQUARE),
    "solve-adjoint": (lambda a, b: linalg.solve(a, b, adjoint=True), lambda a, b: mp.inverse(a.T) * b, SQUARE, TALL),
    "solve-vector": (linalg.solve, lambda a, b: mp.inverse(a) * b, SQUARE, VECTOR),
    "triangular-solve": (
        linalg.triangular_solve, lambda a, b: mp.inverse(masked(a, lambda i, j: i >= j)) * b, SQUARE, TALL,
    ),
    "triangular-solve-upper": (
        lambda a, b: linalg.triangular_solve(a, b, lower=False, adjoint=True),
        lambda a, b: mp.inverse(masked(a, lambda i, j: i <= j).T) * b, SQUARE, TALL,
    ),
    "cholesky-solve": (
        linalg.cholesky_solve,
        lambda a, b: (lambda t: mp.inverse(t * t.T) * b)(masked(a, lambda i, j: i >= j)), SQUARE, TALL,
    ),
    "lstsq": (linalg.lstsq, lambda a, b: pseudo_inverse(a) * b, TALL, OTHER),
    "lstsq-wide": (linalg.lstsq, lambda a, b: pseudo_inverse(a) * b, TALL.T, OTHER[:2]),
    "lstsq-regularised": (
        lambda a, b: linalg.lstsq(a, b, 0.25),
        lambda a, b: mp.inverse(a.T * a + mp.eye(2) / 4) * a.T * b, TALL, OTHER,
    ),
    "power": (lambda a: linalg.matrix_power(a, 5), lambda a: a**5, SQUARE),
    "power-negative": (lambda a: linalg.matrix_power(a, -2), lambda a: mp.inverse(a) ** 2, SQUARE),
    "lu-solve": (lambda a, b: linalg.lu_solve(*linalg.lu(a), b), lambda a, b: mp.inverse(a) * b, SQUARE, TALL),
    "lu-reconstruct": (lambda a: linalg.lu_reconstruct(*linalg.lu(a)) ** 2, lambda a: a.apply(lambda x: x**2), SQUARE),
    "lu-inverse": (lambda a: linalg.lu_matrix_inverse(*linalg.lu(a)), mp.inverse, SQUARE),
    "pinv-wide": (linalg.pinv, pseudo_inverse, TALL.T),
    "svd-wide": (lambda a: linalg.svd(a, compute_uv=False), lambda a: mp.svd_r(a, compute_uv=False), TALL.T),
    "svd-right": (
        lambda a: (lambda v: column(v[..., 0]) * v[..., None, :, 0])(linalg.svd(a).v),
        singular_projector, TALL.T,
    ),
    "band-part": (
        lambda a: linalg.band_part(a, 1, 0) ** 3,
        lambda a: masked(a, lambda i, j: 0 <= i - j <= 1).apply(lambda x: x**3), OTHER,
    ),
    "set-diag": (
        lambda a, d: linalg.set_diag(a, d) ** 3,
        lambda a, d: mp.matrix([[(d[i] if i == j else a[i, j]) ** 3 for j in range(2)] for i in range(3)]),
        TALL, VECTOR[:2],
    ),
    "kron": (linalg.kron, kronecker, SQUARE, TALL),
    "norm": (tf.norm, power_norm(2), TALL),
    "norm-1": (lambda a: tf.norm(a, 1), power_norm(1), TALL),
    "norm-3": (lambda a: tf.norm(a, 3), power_norm(3), TALL),
    "norm-inf": (lambda a: tf.norm(a, np.inf), lambda a: mp.matrix([max(map(abs, a))]), TALL),
    "norm-matrix-1": (lambda a: tf.norm(a, 1, axis=(-2, -1)), lambda a: mp.matrix([mp.mnorm(a, 1)]), OTHER),
    "norm-matrix-2": (
        lambda a: tf.norm(a, 2, axis=(-2, -1)), lambda a: mp.matrix([max(mp.svd_r(a, compute_uv=False))]), OTHER,
    ),
    "norm-matrix-inf": (
        lambda a: tf.norm(a, np.inf, axis=(-2, -1)), lambda a: mp.matrix([mp.mnorm(a, mp.inf)]), OTHER,
    ),
    "normalize": (lambda a: linalg.normalize(a)[0], lambda a: a / mp.mnorm(a, "f"), TALL),
    "l2-normalize": (linalg.l2_normalize, lambda a: a / mp.mnorm(a, "f"), TALL),
}  # fmt: skip
WHOLE = ("solve-vector", "norm", "norm-1", "norm-3", "norm-inf", "normalize", "l2-normalize")
"""Those that have no batch, or take it for elements."""


def target(name, tensors):
    """A generic linear function of the result."""
    result = CASES[name][0](*tensors)
    return tf.reduce_sum(result * np.cos(np.arange(np.prod(result.shape)) + 1).reshape(result.shape))


def reference(name, arrays):
    """The same in mpmath."""
    result = CASES[name][1](*(mp.matrix(a.tolist()) for a in arrays))
    elements = [result[i, j] for i in range(result.rows) for j in range(result.cols)]
    return mp.fsum(x * mp.mpf(float(np.cos(k + 1))) for k, x in enumerate(elements))


def moved(arrays, *steps):
    """Arrays of mpmath numbers, moved along directions."""
    exact = [np.array([mp.mpf(float(x)) for x in a.ravel()], object).reshape(a.shape) for a in arrays]
    for h, directions in steps:
        exact = [a + h * d for a, d in zip(exact, directions)]
    return exact


def directions(arrays, seed):
    random = np.random.default_rng(seed)
    return [random.normal(size=a.shape) for a in arrays]


@pytest.mark.parametrize("name", CASES)
def test_value_gradient_and_second_derivative(name):
    arrays = CASES[name][2:]
    tensors = [tf.constant(a) for a in arrays]
    u, v = directions(arrays, 1), directions(arrays, 2)
    with mpmath.workdps(40):
        h = mp.mpf(10) ** -10
        f = lambda *steps: reference(name, moved(arrays, *steps))  # noqa: E731
        value = f()
        slope = (f((h, u)) - f((-h, u))) / (2 * h)
        bend = (f((h, u), (h, v)) - f((h, u), (-h, v)) - f((-h, u), (h, v)) + f((-h, u), (-h, v))) / (4 * h * h)
    y = target(name, tensors)
    assert float(y) == pytest.approx(float(value), rel=1e-11)
    gradients = tf.gradients(y, tensors)
    along = sum(tf.reduce_sum(g * d) for g, d in zip(gradients, u))
    assert float(along) == pytest.approx(float(slope), rel=1e-9, abs=1e-11)
    second = tf.gradients(along, tensors, unconnected_gradients="zero")
    found = sum(float(tf.reduce_sum(g * d)) for g, d in zip(second, v))
    assert found == pytest.approx(float(bend), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("name", WHOLE)
def test_what_has_no_batch_is_listed_for_good_reason(name):
    with pytest.raises((AssertionError, ValueError, IndexError)):
        compare_batch(name)


@pytest.mark.parametrize("name", [n for n in CASES if n not in WHOLE])
def test_a_batch_is_its_members(name):
    compare_batch(name)


def compare_batch(name):
    arrays = CASES[name][2:]
    members = [[a, 1.1 * a + 0.01 * np.arange(a.size).reshape(a.shape)] for a in arrays]
    stacked = [tf.constant(np.stack(pair)[:, None]) for pair in members]
    result = CASES[name][0](*stacked)
    gradients = tf.gradients(tf.reduce_sum(tf.sin(result)), stacked)
    for k in range(2):
        single = [tf.constant(pair[k]) for pair in members]
        alone = CASES[name][0](*single)
        np.testing.assert_allclose(result.numpy()[k, 0], alone.numpy(), rtol=1e-11, atol=1e-13)
        for together, one in zip(gradients, tf.gradients(tf.reduce_sum(tf.sin(alone)), single)):
            np.testing.assert_allclose(together.numpy()[k, 0], one.numpy(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", CASES)
def test_a_jacobian_is_the_gradients_of_elements(name):
    function, _, *arrays = CASES[name]
    tensors = [tf.constant(a) for a in arrays]
    for k, found in enumerate(tf.jacobian(function, argnums=tuple(range(len(arrays))))(*tensors)):
        result = function(*tensors)
        assert found.shape == result.shape + tensors[k].shape
        for place in np.ndindex(*result.shape):
            (row,) = tf.gradients(result[place], [tensors[k]], unconnected_gradients="zero")
            np.testing.assert_allclose(found.numpy()[place], row.numpy(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("function", [linalg.expm, lambda a: linalg.matrix_power(a, -2), linalg.sqrtm])
def test_second_derivatives_of_a_batch_are_those_of_its_members(function):
    """More members than rows, and they are not alike."""

    def second(value):
        a = tf.constant(value)
        (slope,) = tf.gradients(tf.reduce_sum(function(a) ** 2), a)
        return tf.gradients(tf.reduce_sum(slope**2), a)[0].numpy()

    batch = np.stack([DEFINITE[:2, :2] * k for k in (1.0, 1.25, 1.5)])
    np.testing.assert_allclose(second(batch[None])[0], [second(a) for a in batch], rtol=1e-8)
    np.testing.assert_allclose(second(batch[0].astype("float32")), second(batch[0]), rtol=1e-3)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (2, 3), (3, "n"), ("n", 3), ("n", "m"), ("n", "n")])
def test_the_gradient_of_a_pseudo_inverse_has_the_terms_that_are_not_zero(shape):
    """One for square matrices, two where the longer side is known, three else; they have the same value."""
    a = tf.placeholder("A", shape)
    (gradient,) = tf.gradients(tf.reduce_sum(linalg.pinv(a) ** 2), a)
    known = shape[0] == shape[1] or all(isinstance(d, int) for d in shape)
    terms = 1 + 2 * (not known) + (known and shape[0] != shape[1])
    assert sum(t.op == "add" for t in ancestors([gradient])) == terms - 1
    value = SQUARE[: 3 if shape[0] == 3 else 2, : 3 if shape[1] in (3, "m") else 2]
    same = tf.constant(value)
    (expected,) = tf.gradients(tf.reduce_sum(linalg.pinv(same) ** 2), same)
    np.testing.assert_allclose(gradient.eval({a: value}), expected.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (tf.norm, 5e4),
        (tf.reduce_euclidean_norm, 5e4),
        (lambda a: linalg.global_norm([a]), 5e4),
        (lambda a: tf.reduce_sum(tf.nn.l2_normalize(a)), 1.0),
        (lambda a: tf.reduce_sum(tf.clip_by_norm(a, 1.0)), 1.0),
        (lambda a: tf.nn.cosine_similarity(a, a), 1.0),
    ],
)
def test_squares_of_whole_numbers_do_not_overflow(function, value):
    assert float(function(tf.constant([50_000, 0], dtype="int32"))) == pytest.approx(value, rel=1e-12)


def test_norms_are_written_as_they_are_known():
    a = tf.placeholder("a", ("n",))
    assert tf.norm(a, 2).formula() == tf.norm(a).formula()
    assert {t.op for t in ancestors([tf.norm(a, 1)])} == {"placeholder", "abs", "reduce_sum"}


def test_what_is_not_symmetric_counts_by_its_symmetric_part():
    a = np.array([[4.0, 2.0], [0.0, 3.0]])
    symmetric = (a + a.T) / 2
    np.testing.assert_allclose(linalg.cholesky(a), np.linalg.cholesky(symmetric), rtol=1e-14)
    np.testing.assert_allclose(linalg.eigvalsh(a), np.linalg.eigvalsh(symmetric), rtol=1e-14)
    values, vectors = linalg.eigh(a)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(symmetric), rtol=1e-14)
    np.testing.assert_allclose(symmetric @ vectors.numpy(), vectors.numpy() * values.numpy(), rtol=1e-13)


def test_a_clipped_norm():
    """Below one too; at zero, where the norm has no gradient, that of the tensor itself."""
    np.testing.assert_allclose(tf.clip_by_norm([0.3, 0.4], 0.1), [0.06, 0.08], rtol=1e-12)
    zero = tf.constant([0.0, 0.0])
    assert tf.gradients(tf.clip_by_norm(zero, 2.0), zero)[0].numpy().tolist() == [1.0, 1.0]
    clipped, length = tf.clip_by_global_norm([zero], 1.0, use_norm=4)
    assert isinstance(length, tf.Tensor)
    assert clipped[0].numpy().tolist() == [0.0, 0.0]


def test_a_power_by_a_number_of_sympys_is_a_product():
    assert linalg.matrix_power(tf.constant(SQUARE), sympy.Integer(2)).op == "matmul"


def test_least_squares_take_the_smaller_system_and_the_rounding_of_the_larger_side():
    for shape in ((4, 2), (2, 4), (3, 2, 2), (3, 2, 4)):
        a = RANDOM.normal(size=shape)
        b = RANDOM.normal(size=(*shape[:-1], 1))
        found = linalg.lstsq(a, b, 0.5)
        (system,) = {t.args[0].shape[-2:] for t in ancestors([found]) if t.op == "solve"}
        assert system == (2, 2)
        gram = np.swapaxes(a, -1, -2) @ a + 0.5 * np.eye(shape[-1])
        np.testing.assert_allclose(found, np.linalg.solve(gram, np.swapaxes(a, -1, -2) @ b), rtol=1e-9)
    small = linalg.lstsq([[1.0, 0.0], [0.0, 8e-16], [0.0, 0.0]], [[1.0], [8e-16], [0.0]])
    np.testing.assert_allclose(small, [[1.0], [1.0]], rtol=1e-6)


def test_a_regularizer_may_have_no_value_yet():
    weight = tf.placeholder("w")
    found = linalg.lstsq(TALL, OTHER, weight).eval({weight: 0.5})
    np.testing.assert_allclose(found, linalg.lstsq(TALL, OTHER, 0.5), rtol=1e-12)


def test_batches_of_a_system_broadcast():
    a, b = tf.constant(np.stack([SQUARE, 2 * SQUARE])), tf.constant(TALL)
    x = linalg.solve(a, b)
    np.testing.assert_allclose(x.numpy(), np.linalg.solve(a.numpy(), b.numpy()), rtol=1e-12)
    by_a, by_b = tf.gradients(tf.reduce_sum(x**2), [a, b])
    assert (by_a.shape, by_b.shape) == (a.shape, b.shape)
    parts = [tf.gradients(tf.reduce_sum(linalg.solve(m, b) ** 2), [b])[0].numpy() for m in (SQUARE, 2 * SQUARE)]
    np.testing.assert_allclose(by_b.numpy(), sum(parts), rtol=1e-10)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (linalg.inv, sympy.Matrix.inv),
        (linalg.det, lambda m: sympy.Matrix([m.det()])),
        (linalg.logdet, lambda m: sympy.Matrix([sympy.log(m.det())])),
        (linalg.expm, lambda m: m.applyfunc(sympy.S).exp()),
        (lambda a: linalg.cholesky(a + tf.transpose(a)), lambda m: (m + m.T).cholesky(hermitian=False)),
        (lambda a: linalg.solve(a, a @ a), lambda m: m),
        (lambda a: linalg.pinv(a), sympy.Matrix.inv),
        (
            lambda a: linalg.eigvalsh(a + tf.transpose(a)),
            lambda m: sympy.Matrix(sorted((m + m.T).eigenvals(multiple=True))),
        ),
        (
            lambda a: linalg.svd(a, compute_uv=False),
            lambda m: sympy.Matrix(sorted(map(sympy.sqrt, (m.T * m).eigenvals(multiple=True)), reverse=True)),
        ),
    ],
)
def test_components_are_those_of_the_explicit_matrix(function, expected):
    a = tf.placeholder("A", (2, 2))
    numbers = sympy.Matrix([[2, 1], [sympy.Rational(1, 2), 3]])
    base = sympy.IndexedBase("A", real=True)
    found = sympy.flatten([function(a).components()])
    exact = {base[i, j]: numbers[i, j] for i in range(2) for j in range(2)}
    wanted = list(expected(numbers))
    assert len(found) == len(wanted)
    for x, y in zip(found, wanted):
        assert sympy.N(x.subs(exact) - y, 30, chop=True) == pytest.approx(0, abs=1e-25)


def test_components_of_larger_matrices():
    a = tf.placeholder("A", (4, 4))
    base = sympy.IndexedBase("A", real=True)
    numbers = sympy.Matrix(4, 4, lambda i, j: (i * j + i + 2 * j) % 5 + 3 * (i == j))
    exact = {base[i, j]: numbers[i, j] for i in range(4) for j in range(4)}
    assert linalg.det(a).components().subs(exact) == numbers.det()
    assert [x.subs(exact) for x in sympy.flatten(linalg.inv(a).components())] == list(numbers.inv())


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize(
    "function",
    [
        linalg.inv, linalg.det, linalg.logdet, linalg.cholesky, linalg.expm, linalg.pinv, linalg.eigvalsh,
        lambda a: linalg.eigh(a).eigenvectors ** 2, lambda a: linalg.svd(a, compute_uv=False),
        lambda a: linalg.solve(a, a), linalg.sqrtm, linalg.logm, lambda a: linalg.lu(a).lu,
        lambda a: linalg.matrix_power(a, 3), lambda a: linalg.band_part(a, 0, 0), lambda a: linalg.kron(a, a),
        lambda a: linalg.set_diag(a, linalg.diag_part(a) ** 2), tf.norm, linalg.slogdet,
    ],
)  # fmt: skip
def test_one_by_one_and_empty(function, size):
    a = tf.constant(np.full((size, size), 2.0))
    result = function(a)
    result = result[-1] if isinstance(result, tuple) else result
    (gradient,) = tf.gradients(tf.reduce_sum(result), a, unconnected_gradients="zero")
    assert gradient.numpy().shape == (size, size)
    if size == 0:
        assert result.numpy().shape == result.shape
    else:
        h = 1e-6
        ends = [function(tf.constant([[2.0 + s * h]])) for s in (1, -1)]
        ends = [float(tf.reduce_sum(e[-1] if isinstance(e, tuple) else e)) for e in ends]
        assert float(gradient[0, 0]) == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-6, abs=1e-8)


X = tf.placeholder("X", ("n", "n"))
S = tf.placeholder("S", ("n", "n"), symmetric=True)
G = tf.placeholder("G", ("n", "n"))


@pytest.mark.parametrize(
    ("program", "source", "formula"),
    [
        (lambda: linalg.trace(linalg.inv(X)), X, "-X.T**(-2)"),
        (lambda: linalg.det(X), X, "Determinant(X)*(X**(-1)).T"),
        (lambda: linalg.logdet(X), X, "(X**(-1)).T"),
        (lambda: linalg.slogdet(X)[1], X, "(X**(-1)).T"),
        (lambda: tf.reduce_sum(G * linalg.solve(X, G)), G, "((X**(-1)).T + X**(-1))*G"),
        (lambda: linalg.trace(linalg.matrix_power(X, 4)), X, "4*X.T**3"),
        (lambda: linalg.trace(linalg.expm(X)), X, "expm(X).T"),
        (lambda: linalg.trace(linalg.logm(X)), X, "(X**(-1)).T"),
        (lambda: linalg.trace(linalg.sqrtm(X)), X, "(sqrtm(X)**(-1)).T/2"),
        (lambda: tf.reduce_sum(G * linalg.band_part(X, -1, 0)), X, "tril(G)"),
        (lambda: tf.reduce_sum(linalg.eigvalsh(S)), S, "eye(n)"),
        (lambda: tf.reduce_sum(linalg.eigvalsh(S) ** 2), S, "2*S"),
        (lambda: tf.reduce_sum(tf.math.log(linalg.eigvalsh(S))), S, "S**(-1)"),
        (lambda: linalg.trace(linalg.kron(G, X)), X, "Trace(G)*eye(n)"),
        (lambda: tf.reduce_sum(tf.reshape(X, (-1,)) ** 2), X, "2*X"),
    ],
)
def test_formulas_of_symbolic_size(program, source, formula):
    assert str(tf.gradients(program(), source)[0].formula()) == formula


def test_a_power_of_symbolic_exponent():
    b = tf.placeholder("b", ("k",))
    power = linalg.matrix_power(X, b.shape[0])
    assert str(power.formula()) == "X**k"
    assert str(tf.gradients(linalg.trace(power), X)[0].formula()) == "k*X.T**(k - 1)"
    known = linalg.matrix_power(X, 4)
    arrays = [SQUARE, OTHER, DEFINITE]
    v = tf.placeholder("V", ("n", "n"))
    found, expected = [], []
    for p, answers in ((power, found), (known, expected)):
        first = tf.gradients(tf.reduce_sum(G * tf.sin(p)), X)[0]
        answers += [first, tf.gradients(tf.reduce_sum(first * v), X)[0]]
    # The size of k comes from b.
    values = tf.compile([y + 0 * tf.reduce_sum(b) for y in found], [X, G, v, b])(*arrays, np.zeros(4))
    for value, wanted in zip(values, tf.compile(expected, [X, G, v])(*arrays)):
        np.testing.assert_allclose(value, wanted, rtol=1e-10, atol=1e-10 * np.abs(wanted).max())


def test_a_jacobian_by_the_right_side_factorises_once():
    a, b = tf.placeholder("a", ("n", "n")), tf.placeholder("b", ("n",))
    found = tf.jacobian(lambda b: linalg.solve(a, b))(b)
    assert str(found.formula()) == "a**(-1)"
    np.testing.assert_allclose(found.eval({a: SQUARE}), np.linalg.inv(SQUARE), rtol=1e-12)
    assert "broadcast" not in tf.compile(found, [a, b]).source


def test_functions_of_the_matrices_of_a_batch_have_formulas():
    batch, turned = tf.placeholder("B", ("b", "n", "n")), tf.transpose(tf.placeholder("T", ("n", "b", "n")), (1, 0, 2))
    assert str(linalg.det(batch).formula()) == "Determinant(B) for each b"
    assert str(linalg.expm(batch).formula()) == "expm(B) for each b"
    assert str(linalg.det(turned).formula()) == "Determinant(T) for each b"


def test_elements_of_no_closed_form_are_refused():
    with pytest.raises(ValueError, match="no closed form by their elements"):
        linalg.eigvalsh(tf.placeholder("C", (3, 3))).components()


def test_a_system_is_solved_not_multiplied_by_an_inverse():
    hilbert = np.array([[1 / (i + j + 1) for j in range(10)] for i in range(10)])
    x = linalg.solve(hilbert, np.ones(10)).numpy()
    assert np.abs(hilbert @ x - 1).max() < 1e-8
    a, b = tf.placeholder("a", ("n", "n")), tf.placeholder("b", ("n",))
    (by_b,) = tf.gradients(tf.reduce_sum(linalg.solve(a, b) ** 2), b)
    source = tf.compile([linalg.solve(a, b), by_b], [a, b]).source
    assert "np.linalg.solve" in source
    assert "inv" not in source


def test_determinants_that_overflow_have_logarithms():
    large = tf.constant(1e3 * np.eye(400))
    assert float(linalg.logdet(large)) == pytest.approx(400 * np.log(1e3))
    sign, log = linalg.slogdet(-1e3 * np.eye(401))
    assert (float(sign), float(log)) == (-1.0, pytest.approx(401 * np.log(1e3)))


def test_the_logarithm_of_a_negative_determinant_is_no_number():
    assert np.isnan(float(linalg.logdet([[0.0, 1.0], [1.0, 0.0]])))


@pytest.mark.parametrize("scale", [1e-9, 1.0, 30.0])
def test_the_exponential_at_any_scale(scale):
    m = scale * OTHER
    with mpmath.workdps(60):
        exact = mp.expm(mp.matrix(m.tolist()), method="taylor")
        expected = np.array(exact.tolist(), float)
    np.testing.assert_allclose(linalg.expm(m).numpy(), expected, rtol=1e-11, atol=1e-13 * np.abs(expected).max())


NORMS = [
    tf.norm, lambda x: tf.norm(x, 1), lambda x: tf.norm(x, 1.5), lambda x: tf.norm(x, 3), lambda x: tf.norm(x, np.inf),
    tf.math.reduce_euclidean_norm, np.linalg.norm, lambda x: np.linalg.norm(x, 3), tf.math.reduce_std, np.std,
    lambda x: np.std(x, ddof=1), np.nanstd, lambda x: np.hypot(x[0], x[1]), lambda x: tf.linalg.global_norm([x]),
    lambda x: tf.reduce_sum(tf.norm(tf.stack([x, x]), axis=1)), lambda x: 3 * tf.norm(x) + tf.exp(tf.norm(2 * x)),
]  # fmt: skip


@pytest.mark.parametrize("norm", NORMS)
def test_the_slope_of_a_norm_at_zero_is_zero(norm):
    x = tf.constant([0.0, 0.0])
    (slope,) = tf.gradients(norm(x), x)
    assert slope.numpy().tolist() == [0.0, 0.0]
    y = tf.placeholder("y", (2,))
    compiled = tf.compile(tf.gradients(norm(y), y)[0], inputs=[y])
    assert compiled(np.zeros(2)).tolist() == [0.0, 0.0]
    at = np.array([0.3, -1.2])
    np.testing.assert_allclose(compiled(at), tf.grad(norm)(at).numpy(), rtol=1e-14)


def test_rows_that_are_zero_have_slope_zero():
    x = tf.placeholder("X", ("n", "m"))
    (slope,) = tf.gradients(tf.reduce_sum(tf.norm(x, axis=1)), x)
    at = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(slope.eval({x: at}), [[0, 0], [0.6, 0.8]])
    np.testing.assert_allclose(tf.compile(slope, inputs=[x])(at), [[0, 0], [0.6, 0.8]])


def test_a_limit_comes_before_the_convention():
    x = tf.placeholder("x", ("n",))
    at = np.zeros(2)

    def value(tensor):
        found = tf.compile(tensor, inputs=[x])(at)
        np.testing.assert_allclose(found, tensor.eval({x: at}), atol=1e-14)
        return found.tolist()

    squared = tf.norm(x) ** 2
    assert value(tf.gradients(tf.gradients(squared, x)[0], x)[0]) == [2.0, 2.0]
    assert value(tf.gradients(tf.gradients(tf.exp(-squared), x)[0], x)[0]) == [-2.0, -2.0]
    sinc = tf.sin(tf.norm(x)) / tf.norm(x)
    assert value(tf.gradients(sinc, x)[0]) == [0.0, 0.0]
    # There is none for what the user divides by, nor for the second derivative of a norm, which is by convention zero.
    assert np.isnan(value(x / tf.norm(x))).all()
    assert np.isnan(value(tf.gradients(tf.sqrt(tf.reduce_sum(x * x)), x)[0])).all()
    assert np.isnan(value(tf.gradients(tf.reduce_sum(x / tf.norm(x)), x)[0])).all()
    assert value(tf.gradients(tf.gradients(tf.norm(x), x)[0], x)[0]) == [0.0, 0.0]


def test_a_guard_makes_the_slope_zero():
    x = tf.constant([0.0, 0.0])
    guarded = tf.where(tf.reduce_sum(x) > 0, tf.norm(x), 0.0)
    assert tf.gradients(guarded, x)[0].numpy().tolist() == [0.0, 0.0]


def test_integers_are_taken_as_floats():
    assert linalg.inv([[2, 0], [0, 4]]).numpy().tolist() == [[0.5, 0.0], [0.0, 0.25]]
    assert float(tf.norm([3, 4])) == 5.0


MATRIX, CUBE = tf.placeholder("M", ("n", "m")), tf.placeholder("C", (3, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: linalg.inv(MATRIX), r"inv takes square matrices, M has shape \(n, m\)"),
        (lambda: linalg.det([1.0, 2.0]), r"det takes a matrix or a batch"),
        (lambda: linalg.cholesky(MATRIX), "cholesky takes square matrices"),
        (lambda: linalg.solve(np.eye(2), np.ones((3, 1))), "differ in the dimension of the equations, 2 and 3"),
        (lambda: linalg.solve(np.eye(2), 1.0), "a vector or matrix on the right"),
        (lambda: linalg.solve(np.ones((2, 3, 3)), np.ones((4, 3, 1))), "do not broadcast"),
        (lambda: linalg.set_diag(np.eye(2), [1.0]), r"the diagonal has the shape \(1,\), .* is \(2,\)"),
        (lambda: linalg.set_diag(np.eye(2), [1.0], k=1), "main diagonal"),
        (lambda: linalg.cross([1.0, 2.0], [3.0, 4.0]), "last dimension is 3"),
        (lambda: tf.norm(np.eye(2), "nuclear"), "no norm 'nuclear' of vectors"),
        (lambda: tf.norm(np.eye(2), 3, axis=(0, 1)), "no norm 3 of matrices"),
        (lambda: tf.norm(np.eye(2), axis=(0, 1, 2)), "a pair of ints"),
        (lambda: tf.norm(np.eye(2), "fro", axis=0), "Frobenius"),
        (lambda: linalg.svd(np.ones((2, 3)), full_matrices=True), "full_matrices=False"),
        (lambda: linalg.global_norm([]), "at least one tensor"),
        (lambda: linalg.tensor_diag_part(np.ones((2, 3))), "one shape twice"),
        (lambda: linalg.band_part([1.0], 0, 0), "band_part takes matrices"),
        (lambda: linalg.inv(np.zeros((2, 2))).numpy(), "Singular"),
        (lambda: linalg.set_diag([1.0], [1.0]), "set_diag takes matrices"),
        (lambda: linalg.lu_solve(*linalg.lu(np.eye(2)), [1.0, 2.0]), r"must have the shape \(2, m\); make a vector"),
        (lambda: linalg.lu_reconstruct(np.eye(2), [0]), "does not belong to the factors .* both answers of linalg.lu"),
        (lambda: linalg.expm(CUBE).components(), "the exponential of a matrix of shape .* no closed form by its elem"),
        (lambda: linalg.sqrtm(CUBE).components(), "the square root of a matrix of shape .* no closed form by its ele"),
        (lambda: linalg.eigh(CUBE)[1].components(), "eigenvectors, which are determined up to their sign"),
        (lambda: linalg.svd(CUBE, compute_uv=False).components(), "singular values of matrices of shape"),
    ],
)
def test_wrong_calls_say_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: linalg.lu(np.eye(2), output_idx_type="float64"), "is 'int32' or 'int64', got 'float64'"),
        (lambda: linalg.pinv(np.eye(2), rcond="small"), "rcond of pinv must be a number, got 'small'"),
        (lambda: tf.norm([1.0], ord=[2]), r"ord is a string or a number, got \[2\]"),
        (lambda: tf.clip_by_global_norm(tf.constant([1.0]), 1.0), "takes a list of tensors, got Tensor"),
    ],
)
def test_arguments_of_a_wrong_kind_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_a_power_is_an_integer():
    with pytest.raises(TypeError, match=r"integer exponent, got 0\.5"):
        linalg.matrix_power(SQUARE, 0.5)


def test_clipping_by_norms():
    x = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.clip_by_norm(x, 2.5) * [1.0, 0.0])
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), [0.32, -0.24])
    np.testing.assert_array_equal(tf.clip_by_norm(np.zeros(2), 1.0).numpy(), [0.0, 0.0])
    clipped, length = tf.clip_by_global_norm([x, None, 12.0], 6.5)
    assert float(length) == 13.0
    np.testing.assert_allclose(clipped[0].numpy(), [1.5, 2.0])


DEFICIENT = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0], [0.0, 2.0, 2.0]])
"""Of rank 2."""


@pytest.mark.parametrize("matrix", [DEFICIENT, DEFICIENT.T, DEFICIENT[:3], np.zeros((2, 3))])
def test_least_squares_of_any_rank_have_the_least_norm(matrix):
    right = np.arange(1.0, 2 * len(matrix) + 1).reshape(-1, 2)
    expected = np.linalg.lstsq(matrix, right)[0]
    b = tf.Variable(right)
    found = linalg.lstsq(matrix, b)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)
    weights = np.cos(np.arange(expected.size)).reshape(expected.shape)
    (gradient,) = tf.gradients(tf.reduce_sum(found * weights), b)
    np.testing.assert_allclose(gradient.numpy(), np.linalg.pinv(matrix).T @ weights, atol=1e-12)


def test_least_squares_of_nearly_dependent_columns_keep_their_digits():
    matrix = np.array([[1.0, 1.0], [1e-9, 0.0], [0.0, 1e-9]])
    found = linalg.lstsq(matrix, matrix @ np.array([[1.0], [2.0]]))
    np.testing.assert_allclose(found.numpy(), [[1.0], [2.0]], rtol=1e-5)


def test_small_singular_values_count_as_zero():
    matrix = np.diag([1.0, 1e-3])
    np.testing.assert_allclose(linalg.pinv(matrix, rcond=0.1).numpy(), np.linalg.pinv(matrix, rcond=0.1))
    np.testing.assert_allclose(linalg.pinv(matrix).numpy(), np.diag([1.0, 1e3]))


@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (2, 4), (2, 4, 3)])
def test_qr_and_its_gradients(shape):
    """By differences of NumPy's own factors, whose signs stay where the matrix moves little."""
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=shape)
    q, r = np.linalg.qr(matrix)
    left, right = rng.normal(size=q.shape), rng.normal(size=r.shape)

    def total(a, qr):
        q, r = qr(a)
        return (q * left).sum() + (r * right).sum()

    found = tf.grad(lambda a: total(a, decompositions.qr))(matrix)
    expected = np.zeros(shape)
    for place in np.ndindex(shape):
        step = np.zeros(shape)
        step[place] = 1e-6
        expected[place] = (total(matrix + step, np.linalg.qr) - total(matrix - step, np.linalg.qr)) / 2e-6
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6, atol=1e-7)
    for ours, theirs in zip(decompositions.qr(tf.constant(matrix)), (q, r)):
        np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-12)


def test_columns_that_a_matrix_does_not_determine_are_refused():
    with pytest.raises(ValueError, match="full_matrices=False"):
        decompositions.qr(np.ones((3, 2)), full_matrices=True)


M, N = tf.placeholder("X", shape=("n", "n")), tf.placeholder("Y", shape=("n", "n"))
SYM = tf.placeholder("S", shape=("n", "n"), symmetric=True)
ROW = M[0]


@pytest.mark.parametrize(
    ("matrix", "symmetric"),
    [
        (SYM, True), (M, False), (M @ M.T, True), (M.T @ M, True), (M @ N.T, False), (M + M.T, True), (M.T * M, True),
        (M - M.T, False), (SYM + 2 * tf.eye("n"), True), (SYM @ SYM, False), (M @ M.T + M, False),
        (linalg.inv(SYM), True),
        (tf.exp(SYM) * 3.0, True), (linalg.diag(M[0]), True), (tf.outer(ROW, ROW), True), (SYM + M[0], False),
        (tf.outer(M[0], M[1]), False), (linalg.matrix_transpose(SYM), True), (SYM[:, None], False), (tf.eye("n"), True),
    ],
)  # fmt: skip
def test_symmetry_by_construction(matrix, symmetric):
    assert decompositions.symmetric(matrix) is symmetric


@pytest.mark.parametrize("part", [0, 1])
def test_vectors_of_square_matrices_have_derivatives_where_a_singular_value_is_zero(part):
    a, weights, h = np.array([[0.0, 0.0], [4.0, 43.0]]), np.array([[1.0, 2.0], [3.0, 5.0]]), 1e-6

    def value(x):
        left, _, right = np.linalg.svd(x)
        return np.sum(weights * (left, right.T)[part] ** 2)

    x = tf.constant(a)
    values = linalg.svd(x)
    (found,) = tf.gradients(tf.reduce_sum(weights * (values.u, values.v)[part] ** 2), x)
    slopes = [(value(a + step) - value(a - step)) / (2 * h) for step in h * np.eye(4).reshape(4, 2, 2)]
    np.testing.assert_allclose(found.numpy().ravel(), slopes, atol=1e-8)
    assert {c.kind for c in tf.conditions(found)} == {tf.Kind.KINK}
