"""Each rewrite of the table: it is used by a program, and the formula has the program's value at any size and sign."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.formulas import terms as T
from tracer.formulas.rewrites import REWRITES
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

X, Y = tf.placeholder("X", ("m", "n")), tf.placeholder("Y", ("m", "n"))
A, B = tf.placeholder("A", ("n", "n")), tf.placeholder("B", ("n", "n"))
S = tf.placeholder("S", ("n", "n"), symmetric=True)
Q = tf.placeholder("Q", ("n", "n"), orthogonal=True)
z, y, v = (tf.placeholder(name, ("n",)) for name in "zyv")
p = tf.placeholder("p", ("n",), positive=True)
a, b = tf.placeholder("a", (3,)), tf.placeholder("b", (3,))
c = tf.placeholder("c")


def undo(outer, inner, start=z):
    return lambda: tf.apply(outer, tf.apply(inner, start))


def mask(condition):
    return tf.where(condition, tf.ones_like(z), tf.zeros_like(z))


def definite():
    return A @ tf.transpose(A) + tf.eye(A.shape[0])


def spectral():
    values, vectors = tf.linalg.eigh(S)
    return vectors @ tf.linalg.diag(values) @ tf.transpose(vectors)


PROGRAMS = {
    "f(-x), f odd": lambda: tf.sin(-2 * z) + tf.tanh(-y),
    "f(-x), f even": lambda: tf.cos(-z) + tf.abs(-y),
    "exp(log(x))": lambda: tf.exp(tf.math.log(p)),
    "sin(asin(x))": undo(sympy.sin, sympy.asin, z / 9),
    "cos(acos(x))": undo(sympy.cos, sympy.acos, z / 9),
    "tan(atan(x))": undo(sympy.tan, sympy.atan),
    "sinh(asinh(x))": undo(sympy.sinh, sympy.asinh),
    "cosh(acosh(x))": undo(sympy.cosh, sympy.acosh, 1 + p),
    "tanh(atanh(x))": undo(sympy.tanh, sympy.atanh, z / 9),
    "log(exp(x))": lambda: tf.math.log(tf.exp(z)),
    "asinh(sinh(x))": undo(sympy.asinh, sympy.sinh),
    "atanh(tanh(x))": undo(sympy.atanh, sympy.tanh),
    "exp(c*log(x))": lambda: tf.exp(3 * tf.math.log(p)),
    "exp(z - logsumexp(z))": lambda: tf.exp(z - tf.reduce_logsumexp(z)),
    "log1p(x)": lambda: tf.math.log1p(p),
    "expm1(x)": lambda: tf.math.expm1(z),
    "log(1 + exp(x))": lambda: tf.math.log(1 + tf.exp(z)),
    "log(sigmoid(x))": lambda: tf.math.log(tf.sigmoid(z)),
    "log(sum(exp(z)))": lambda: tf.math.log(2 * tf.reduce_sum(tf.exp(X), axis=1)),
    "logsumexp(c)": lambda: tf.reduce_logsumexp(X - X) * X,
    "softmax(c)": lambda: tf.nn.softmax(X - X) * X,
    "logsumexp(z + c), c the same for all": lambda: tf.reduce_logsumexp(z + 3 * c),
    "softmax(z + c), c the same for all": lambda: tf.nn.softmax(X + 3 * c),
    "log(softmax(z))": lambda: tf.math.log(tf.nn.softmax(X)),
    "log(x**c), x positive": lambda: tf.math.log(p**3),
    "Abs(x), x >= 0": lambda: tf.abs(tf.exp(z)) + tf.abs(p),
    "Abs(x*y)": lambda: tf.abs(-2 * z * p * y),
    "sign(c*x), c > 0": lambda: tf.sign(3 * z),
    "relu(x), x >= 0": lambda: tf.nn.relu(tf.exp(z)),
    "step(c*x), c > 0": lambda: tf.where(3 * z > 0, tf.ones_like(z), tf.zeros_like(z)),
    "where(c, x, x)": lambda: tf.where(z > y, p, p),
    "where(c, x, 0)": lambda: tf.where(z > y, tf.sin(v), tf.zeros_like(z)),
    "where(x > 0, c*relu(x), 0)": lambda: tf.where(z > 0, tf.nn.relu(z) / y, tf.zeros_like(z)),
    "where(p > 0, x, y), p positive": lambda: tf.where(p > 0, z, y),
    "where(x > 0, 1, 0)": lambda: mask(z > 0),
    "Max(x, 0)": lambda: tf.maximum(z, 0.0),
    "f(y, x), f symmetric": lambda: tf.minimum(z, y) + tf.minimum(y, z),
    "where(c, 1, 0) != 0": lambda: tf.where(tf.cast(tf.cast(z > y, "float64"), "bool"), z, v),
    "not x > y": lambda: mask(tf.logical_not(z > y)),
    "1/(1 + exp(-x))": lambda: 1 / (1 + tf.exp(-z)),
    "exp(x)*sigmoid(-x)": lambda: tf.exp(z) / (1 + tf.exp(z)),
    "sinh(x)/cosh(x)": lambda: tf.sinh(z) / tf.cosh(z) + tf.sin(y) / tf.cos(y),
    "relu(x)*where(x > 0, 1, 0)": lambda: tf.nn.relu(z) * mask(z > 0),
    "1.T*(x - mean(x))": lambda: tf.reduce_sum(z - tf.reduce_mean(z)),
    "exp(z)/sum(exp(z))": lambda: tf.exp(X) / tf.reduce_sum(tf.exp(X), axis=1, keepdims=True),
    "sum(softmax(z))": lambda: tf.reduce_sum(tf.nn.softmax(X)),
    "A*inverse(A)": lambda: A @ (tf.linalg.inv(A) @ z) + tf.linalg.inv(tf.transpose(A)) @ (tf.transpose(A) @ y),
    "A*inverse(B*A), A and B square": lambda: (
        tf.transpose(A) @ tf.linalg.inv(B @ tf.transpose(A)) + tf.linalg.inv(A @ B @ S) @ A + S @ tf.linalg.inv(S @ S)
    ),
    "L*L.T, L = cholesky(A)": lambda: (
        (lambda L: L @ tf.transpose(L) + tf.transpose(tf.linalg.inv(L)) @ tf.linalg.inv(L))(
            tf.linalg.cholesky(definite())
        )
    ),
    "Q.T*Q, Q orthogonal": lambda: tf.transpose(Q) @ (Q @ z) + Q @ (tf.transpose(Q) @ y),
    "diag(v)*(I - 1*w.T)": lambda: tf.jacobian(tf.nn.softmax)(z),
    "diag(p)*(K - 1*p.T*K)": lambda: tf.jacobian(lambda z: tf.transpose(X) @ tf.nn.softmax(X @ z))(z),
    "1 - sigmoid(x)": lambda: 1 - tf.sigmoid(z),
    "sin(x)**2 + cos(x)**2": lambda: tf.sin(z) ** 2 + tf.cos(z) ** 2,
    "where(c, 1, 0)*x + where(c, 0, 1)*y": lambda: mask(z > y) * v + mask(z <= y) * p,
    "inverse(inverse(A))": lambda: tf.linalg.inv(tf.linalg.inv(A)),
    "inverse(c*A)": lambda: tf.linalg.inv(-3 * A),
    "inverse(A.T)": lambda: tf.linalg.inv(tf.transpose(A)),
    "inverse(diag(v))": lambda: tf.linalg.inv(tf.linalg.diag(z)),
    "inverse(Q), Q orthogonal": lambda: tf.linalg.inv(Q),
    "det(A.T)": lambda: tf.linalg.det(tf.transpose(A)),
    "det(c*A)": lambda: tf.linalg.det(-2 * A),
    "det(A**k)": lambda: tf.linalg.det(A @ A @ A) + tf.linalg.det(A @ tf.transpose(A)),
    "logdet(A.T)": lambda: tf.linalg.logdet(tf.transpose(definite() @ (B @ tf.transpose(B) + definite()))),
    "f(A.T)": lambda: tf.linalg.pinv(tf.transpose(X)),
    "L(A, c*E)": None,
    "tril(c*A)": lambda: tf.linalg.band_part(3 * A, -1, 0),
    "tril(A), A zero outside the band": lambda: tf.linalg.band_part(tf.linalg.band_part(A, -1, 0), -1, 0),
    "tril(diag(v)*L.T), L triangular": lambda: tf.linalg.band_part(
        tf.linalg.diag(z) @ tf.transpose(tf.linalg.band_part(A, -1, 0)), -1, 0
    ),
    "cross(c*a, b)": lambda: tf.linalg.cross(2 * b, a) + tf.linalg.cross(a, a),
    "V.T*V, V eigenvectors of a symmetric matrix": lambda: (
        lambda V: tf.transpose(V) @ V
    )(tf.linalg.eigh(S)[1]),
    "V*diag(w**p)*V.T, w and V eigenvalues and eigenvectors of A": spectral,
    "P*P.T, P a selection": lambda: tf.concat([z, y], 0)[: z.shape[0]] * v,
    "P*(P.T*x + R)": lambda: tf.tanh(tf.concat([z, y], 0)[: z.shape[0]]),
}  # fmt: skip


def values(rng, m, n, sign):
    """Arrays with the declared properties; real numbers mostly of one sign."""
    draw = {"X": (m, n), "Y": (m, n), "A": (n, n), "B": (n, n), "z": (n,), "y": (n,), "v": (n,), "a": (3,), "b": (3,)}
    arrays = {k: sign * rng.uniform(0.2, 2, shape) + 0.3 * rng.normal(size=shape) for k, shape in draw.items()}
    arrays |= {"c": np.array(sign * 0.7), "p": rng.uniform(0.2, 2, n), "Q": np.linalg.qr(rng.normal(size=(n, n)))[0]}
    arrays["S"] = arrays["A"] + arrays["A"].T + 3 * np.diag(np.arange(1.0, n + 1))
    return arrays


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda r: r.pattern)
def test_a_rewrite_is_used_and_right(rewrite, monkeypatch) -> None:
    program = PROGRAMS[rewrite.pattern]
    if program is None:
        assert rewrite.pattern == "L(A, c*E)", "the derivative of expm has no value outside of a trace"
        return
    used = []

    def counted(*args):
        result = rewrite.apply(*args)
        if result is not None and result is not False:
            used.append(args)
        return result

    def watched(rules):
        return [counted if rule is rewrite.apply else rule for rule in rules]

    monkeypatch.setattr(T, "factor_rules", watched(T.factor_rules))
    monkeypatch.setattr(T, "sum_rules", watched(T.sum_rules))
    for head, rules in T.call_rules.items():
        monkeypatch.setitem(T.call_rules, head, watched(rules))
    tensor = program()
    formula = tensor.formula()
    assert used
    names = {t.name for t in ancestors([tensor])}
    rng = np.random.default_rng(17)
    for m, n, sign in ((2, 3, 1), (4, 2, -1), (1, 1, 1), (3, 5, -1)):
        arrays = values(rng, m, n, sign)
        feed = {k: x for k, x in arrays.items() if k in names}
        with np.errstate(all="ignore"):
            want = np.asarray(tensor.eval(feed), float)
        got = np.asarray(evaluate(formula, {"m": m, "n": n}, arrays), float)
        np.testing.assert_allclose(got.reshape(want.shape), want, rtol=1e-7, atol=1e-9)


def test_every_rewrite_has_a_program() -> None:
    assert PROGRAMS.keys() == {r.pattern for r in REWRITES}
