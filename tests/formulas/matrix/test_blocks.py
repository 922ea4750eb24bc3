"""Slices, rolls, stacks and blocks: programs, and what a person writes for them, in each form."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.blocks import collect_layers, split_placed
from tracer.formulas.matrix.writer import matrix
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, selection
from tracer.testing.interpreter import evaluate
from tracer.testing.verification import Points
from tracer.walk import ancestors

RNG = np.random.default_rng(8)

total, exp, concat, stack, square = tf.reduce_sum, tf.exp, tf.concat, tf.stack, tf.square
x, y, t = (tf.placeholder(name, ("n",)) for name in "xyt")
a, b, c, phi = (tf.placeholder(name, ()) for name in ("a", "b", "c", "phi"))
X, A, B, C, D = (
    tf.placeholder(name, shape)
    for name, shape in (("X", ("n", "m")), ("A", ("n", "n")), ("B", ("n", "m")), ("C", ("m", "n")), ("D", ("m", "m")))
)
w, theta, E = tf.placeholder("w", ("m",)), tf.placeholder("theta", (X.shape[1] + 1,)), tf.placeholder("E", (3, "n"))
q, k, p = (tf.placeholder(name, shape) for name, shape in (("q", (3,)), ("k", (3,)), ("p", (2,))))
z, U, S = (tf.placeholder(name, shape) for name, shape in (("z", (6,)), ("U", ("n", "m", 3)), ("S", (3, "n", "n"))))
J = tf.placeholder("J", (3, "k", "n"))


def slope(f, by):
    return tf.gradients(f, by)[0]


def spherical(q):
    return stack([q[0] * tf.sin(q[1]) * tf.cos(q[2]), q[0] * tf.sin(q[1]) * tf.sin(q[2]), q[0] * tf.cos(q[1])])


def rotation(phi):
    return stack([stack([tf.cos(phi), -tf.sin(phi)]), stack([tf.sin(phi), tf.cos(phi)])])


def likelihood():
    """The forward algorithm of a hidden Markov model, three steps."""
    v = y * E[0]
    for step in (1, 2):
        v = (tf.transpose(A) @ v) * E[step]
    return tf.math.log(total(v))


def errors(e):
    return total(square(e[1:] - c * e[:-1]))


whole = concat([concat([A, B], 1), concat([C, D], 1)], 0)
differences = total(square(x[1:] - x[:-1]))

PROGRAMS = {
    "differences": (lambda: x[1:] - x[:-1], "x[1:] - x[:-1]"),
    "squared differences": (
        lambda: slope(differences, x),
        "2*(concat(r, 0) - concat(0, r)), where r = x[:-1] - x[1:]",
    ),
    "total variation": (
        lambda: slope(total(tf.abs(x[1:] - x[:-1])), x),
        "concat(z, 0) - concat(0, z), where z = sign(x[:-1] - x[1:])",
    ),
    "second differences": (
        lambda: slope(total(square(x[2:] - 2 * x[1:-1] + x[:-2])), x),
        "2*(concat(r, zeros(2, 1)) + concat(zeros(2, 1), r) - 2*concat(0, r, 0)), where r = x[:-2] + x[2:] - 2*x[1:-1]",
    ),
    "Jacobian of differences": (
        lambda: tf.jacobian(lambda x: x[1:] - x[:-1])(x),
        "block([[zeros(n - 1, 1), eye(n - 1)]]) - block([[eye(n - 1), zeros(n - 1, 1)]])",
    ),
    "even places": (lambda: slope(total(square(x[::2])), x), "2*upsample(x[::2], 2, n)"),
    "even by odd places": (
        lambda: slope(total(z[::2] * z[1::2]), z),
        "interleave(z[1::2], z[::2])",
    ),
    "even rows and columns": (
        lambda: slope(total(exp(X[::2, 1:])), X),
        "block([[zeros(n, 1), upsample(exp(X[::2, 1:]), 2, n)]])",
    ),
    "reverse": (lambda: slope(total(exp(x[::-1]) * y), x), "y[::-1] o exp(x)"),
    "roll": (lambda: slope(total(tf.roll(x, 1, 0) * y), x), "roll(y, -1)"),
    "slice": (lambda: slope(total(exp(x[1:3])), x), "concat(0, exp(x[1:3]), zeros(n - 3, 1))"),
    "pad": (lambda: tf.pad(x, [[1, 2]]), "concat(0, x, zeros(2, 1))"),
    "elements": (lambda: slope(x[1] ** 2 + x[0] * x[2], x), "concat(x[2], 2*x[1], x[0], zeros(n - 3, 1))"),
    "stack": (lambda: stack([a * b, b * c]), "Matrix([[a*b], [b*c]])"),
    "spherical coordinates": (
        lambda: tf.jacobian(spherical)(q),
        "Matrix([[c*s, a*c*q[0], -b*s*q[0]], [b*s, a*b*q[0], c*s*q[0]], [a, -s*q[0], 0]]), "
        "where s = sin(q[1]), c = cos(q[2]), a = cos(q[1]), b = sin(q[2])",
    ),
    "rotation": (
        lambda: rotation(phi) @ p,
        "Matrix([[p[0]*cos(phi) - p[1]*sin(phi)], [p[0]*sin(phi) + p[1]*cos(phi)]])",
    ),
    "a sign that all elements take in": (
        lambda: stack([-(a - b) * c, b * b, -a * (c - b)]),
        "Matrix([[c*(b - a)], [b**2], [a*(b - c)]])",
    ),
    "a number times a stack": (
        lambda: tf.jacobian(lambda f: rotation(f) @ p)(phi),
        "-Matrix([[p[0]*sin(phi) + p[1]*cos(phi)], [p[1]*sin(phi) - p[0]*cos(phi)]])",
    ),
    "blocks": (lambda: whole, "block([[A, B], [C, D]])"),
    "quadratic form of blocks": (
        lambda: slope(tf.tensordot(concat([x, w], 0), whole @ concat([x, w], 0), 1), x),
        "(A.T + A)*x + (B + C.T)*w",
    ),
    "column differences": (
        lambda: slope(total(square(X[:, 1:] - X[:, :-1])), X),
        "2*(block([[R, zeros(n, 1)]]) - block([[zeros(n, 1), R]])), where R = X[:, :-1] - X[:, 1:]",
    ),
    "rows": (
        lambda: slope(total(X[0] * exp(X[1])), X),
        "concat(z.T, (X[0] o z).T, zeros(n - 2, m)), where z = exp(X[1])",
    ),
    "last column": (lambda: slope(total(exp(X[:, -1])), X), "block([[zeros(n, m - 1), exp(X[:, m - 1])]])"),
    "packed parameters": (
        lambda: slope(total(square(X @ theta[:-1] + theta[-1] - y)), theta),
        "2*concat(X.T*r, sum(r)), where r = theta[m] + X*theta[:-1] - y",
    ),
    "autocorrelated errors": (
        lambda: slope(errors(y - X @ w), w),
        "2*R.T*(R*w + c*y[:-1] - y[1:]), where R = X[1:, :] - c*X[:-1, :]",
    ),
    "forward algorithm": (
        lambda: slope(likelihood(), A),
        "(z*E[2].T + u*(E[1] o v).T)/(z.T*v), where u = y o E[0], z = E[1] o (A.T*u), v = A*E[2]",
    ),
    "taps": (
        lambda: slope(total(square(k[0] * x[:-2] + k[1] * x[1:-1] + k[2] * x[2:])), k),
        "2*correlate(x, correlate(x, k))",
    ),
    "last of a path": (lambda: slope(tf.cumsum(x)[-1] ** 2, x), "2*sum(x)*ones(n, 1)"),
    "each step of a recurrence": (
        lambda: slope(total(square(tf.tanh(tf.tanh(J[0]) @ A + J[1]))), J),
        "stack(2*((1 - U^o2) o (Z*A.T)), 2*Z, 0), where U = tanh(J[0]), H = tanh(U*A + J[1]), Z = H o (1 - H^o2)",
    ),
    "a product of steps": (
        lambda: slope(tf.linalg.trace(S[0] @ tf.transpose(S[1]) @ A @ S[2] @ X @ tf.transpose(X)), S),
        "stack(Z*S[1], Z.T*S[0], A.T*S[1]*S[0].T*X*X.T), where Z = X*(A*S[2]*X).T",
    ),
    "columns": (
        lambda: slope(total(square(U[:, :, 2] - exp(U[:, :, 0]))), U),
        "2*block([[-z o r, zeros(m, 1), r]]) for each n, where z = exp(U[:, 0]), r = U[:, 2] - z",
    ),
    "a part of an array": (lambda: exp(U[1:, :, 0]) + X[1:], "exp(U[1:, :, 0]) + X[1:, :]"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_written_as_a_person_does(name):
    program, text = PROGRAMS[name]
    tensor = program()
    assert str(tf.formula(tensor, form="where")) == text
    points = Points([tensor], {}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    for name, source in (("x", x), ("X", X)):  # A text may take a size from one that has no other part in it.
        arrays.setdefault(name, np.zeros([sizes.get(str(d), 1) for d in source.shape]))
    assert not faults(tensor, sizes, arrays, want)


n, m = sympy.symbols("n m", integer=True, positive=True)
v, u = T.source("v", (n,)), T.source("u", (m,))


def put(source, start, whole, label=0):
    length = source.shape[0]
    return T.product(1, [(selection(start, length, 1, whole), (1, label), ONE), (source, (1,), ONE)], (label,))


def test_what_is_put_into_places_is_split_from_them():
    terms = Normaliser(STANDARD)
    assert split_placed(terms, terms.normal(put(v, 1, n + 2))) == (v, {0: Places(1, n, 1)})
    assert split_placed(terms, v) is None


def test_pieces_stand_together_where_they_are_known_to_be_apart():
    terms = Normaliser(STANDARD)
    rows = [(ONE, put(v, 0, n + m)), (2 * ONE, put(u, n, n + m)), (ONE, put(v, m, n + m))]
    layers, others = collect_layers(terms, [(c, terms.normal(t)) for c, t in rows])
    assert [len(layer) for layer in layers] == [2, 1]
    assert not others
    whole = T.add(rows)
    assert str(matrix(whole)) == "concat(v, 2*u) + concat(zeros(m, 1), v)"


def test_numbers_stand_in_front_of_blocks_that_share_them():
    for c, e, text in ((3, 3, "3*concat(v, u)"), (-1, -2, "-concat(v, 2*u)"), (-1, 2, "concat(-v, 2*u)")):
        assert str(matrix(T.add([(c, put(v, 0, n + m)), (e, put(u, n, n + m))]))) == text


def test_zeros_of_a_given_size_are_a_matrix_of_zeros():
    assert tf.zeros((2, 3)).formula() == sympy.ZeroMatrix(2, 3)


rows, I = tf.placeholder("S", ("b", 5, "k")), tf.placeholder("I", ("b", 4, 6, "k"))  # noqa: E741
FILLED = {
    "exp(concat(-oo, x, -oo))": lambda: exp(tf.pad(x, [[1, 1]], constant_values=-np.inf)),
    "1/cosh(concat(oo*ones(2, 1), x))": lambda: 1 / tf.cosh(tf.pad(x, [[2, 0]], constant_values=np.inf)),
    "max(S, concat((-oo)*ones(1, k), S[:4, :]), concat(S[1:, :], (-oo)*ones(1, k))) for each b": lambda: (
        tf.nn.max_pool1d(rows, 3, 1, "SAME")
    ),
    "interleave([S[::2, :] >= concat(S[1::2, :], (-oo)*ones(1, k))], [S[1::2, :] > S[:3:2, :]]) for each b": lambda: (
        slope(total(tf.nn.max_pool1d(rows, 2, 2, "SAME")), rows)
    ),
    "of images": lambda: tf.nn.max_pool2d(I, 3, 1, "SAME"),
    "its slope": lambda: slope(total(tf.nn.max_pool2d(I, 2, 2, "SAME") ** 2), I),
}


@pytest.mark.parametrize("text", FILLED)
def test_what_stands_among_a_number_is_a_matrix_of_blocks(text):
    tensor = FILLED[text]()
    assert str(tensor.formula()) == text or not text.endswith(("b", ")"))
    assert "nan" not in str(tensor.formula())
    sizes = {"n": 4, "b": 2, "k": 3}
    values = {t: RNG.normal(size=[sizes.get(str(d), d) for d in t.shape]) for t in (x, rows, I)}
    used = {t.node for t in ancestors([tensor])}
    want = np.asarray(tensor.eval({t: a for t, a in values.items() if t.node in used}))
    arrays = {t.name: a for t, a in values.items()}
    np.testing.assert_allclose(np.reshape(evaluate(tensor.formula(), sizes, arrays), want.shape), want)
    index = tf.formula(tensor, form="index")
    assert not index.has(sympy.nan)
