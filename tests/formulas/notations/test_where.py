"""Formulas with named parts, in text, in LaTeX and in NumPy."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas import texts

X, y, w = tf.placeholder("X", ("n", "d")), tf.placeholder("y", ("n",)), tf.placeholder("w", ("d",))
Q, K, G = (tf.placeholder(name, ("b", size, "d")) for name, size in zip("QKG", "nmm"))


def gradient():
    return tf.gradients(tf.reduce_sum(tf.nn.softmax(X @ w) ** 2), w)[0]


def test_a_body_and_its_parts():
    made = tf.formula(gradient(), form="where")
    (symbol,) = made.parts
    assert isinstance(made.body, sympy.MatrixExpr)
    assert str(made) == repr(made) == "2*X.T*(p o (p - p.T*p)), where p = softmax(X*w)"
    assert str(made.parts[symbol]) == "softmax(X*w)"
    assert made.latex == (
        r"2 X^{\top} (p \odot (p - (p^{\top} p) \mathbf{1})) "
        r"\quad \text{where } p = \operatorname{softmax}(X w)"
    )
    assert made._repr_latex_().startswith("$\\displaystyle \\begin{aligned}\n& 2 X^{\\top}")
    assert made._repr_latex_().count(r"\text{where }") == 1


def test_without_parts_it_is_the_formula():
    made = tf.formula(tf.gradients(tf.reduce_sum((X @ w - y) ** 2), w)[0], form="where")
    assert (str(made), made.parts) == ("2*X.T*(X*w - y)", {})
    assert made.latex == r"2 X^{\top} (X w - y)"
    assert made._repr_latex_() == r"$\displaystyle 2 X^{\top} (X w - y)$"


def test_no_part_is_called_as_a_source_is():
    p = tf.placeholder("p", ("n",))
    made = tf.formula(tf.gradients(tf.reduce_sum(tf.nn.softmax(X @ w) ** 2 * p), w)[0], form="where")
    assert "p" not in {str(s) for s in made.parts}


@pytest.mark.parametrize("several", [False, True])
def test_numpy_text_has_the_value(several):
    tensors = [gradient(), tf.reduce_sum(tf.nn.softmax(X @ w) ** 2)] if several else gradient()
    made = tf.formula(tensors, form="where")
    rng = np.random.default_rng(0)
    scope = {"np": np, "X": rng.normal(size=(4, 3)), "w": rng.normal(size=3)}
    *lines, last = made.python.splitlines()
    assert lines
    exec("\n".join(lines), scope)
    feed = {"X": scope["X"], "w": scope["w"]}
    want = [t.eval(feed) for t in (tensors if several else [tensors])]
    found = eval(last, scope)
    for one, other in zip(found if several else [found], want, strict=True):
        np.testing.assert_allclose(one, other)


def test_several_tensors_share_parts():
    p = tf.nn.softmax(X @ w)
    made = tf.formula([p * 2.0, p * y], form="where")
    assert isinstance(made.body, list)
    assert str(made) == "[2*p, y o p], where p = softmax(X*w)"
    assert made.latex.startswith(r"\left[2 p, y \odot p\right]")


def test_squared_distances_have_a_name_though_they_stand_once():
    points, weights, c = tf.placeholder("Y", ("m", "d")), tf.placeholder("G", ("n", "m")), tf.placeholder("c")
    distances = tf.reduce_sum((X[:, None] - points) ** 2, axis=-1)
    written = "D = X^o2*ones(d, m) + ones(n, d)*Y.T^o2 - 2*X*Y.T"
    kernel = tf.exp(-distances / c)
    assert str(tf.formula(kernel, form="where")) == f"exp(-D/c), where {written}"
    slope = tf.formula(tf.gradients(tf.reduce_sum(weights * kernel), X)[0], form="where")
    assert str(slope) == f"2*(Z*Y - diag(Z*ones(m, 1))*X)/c, where {written}, Z = G o exp(-D/c)"
    assert tf.formula(distances, form="where").parts == {}


def test_parts_of_a_batch_have_its_axes():
    P = tf.nn.softmax(Q @ tf.linalg.matrix_transpose(K))
    made = tf.formula(tf.gradients(tf.reduce_sum(P @ G), Q)[0], form="where")
    assert str(made).endswith("for each b, where P = softmax(Q*K.T)")
    assert [str(s.shape) for s in made.parts] == ["(b, n, m)"]


def test_letters_are_bold_by_an_option():
    made = tf.formula(gradient(), form="where", bold=True)
    assert made.latex.endswith(r"\text{where } \mathbf{p} = \operatorname{softmax}(\mathbf{X} \mathbf{w})")
    assert str(made) == str(tf.formula(gradient(), form="where"))


T, A = tf.placeholder("T", ("b", "n", "d")), tf.placeholder("A", ("b", "n", "k"))
W, Y = tf.placeholder("W", ("d", "k")), tf.placeholder("Y", ("m", "d"))
M = tf.placeholder("M", ("n", "m"))


def product():
    return tf.einsum("bnd,dk->bnk", T, W)


def distances():
    return tf.reduce_sum(tf.abs(X[:, None, :] - Y[None, :, :]) ** 3.0, axis=2)


def masked():
    return tf.nn.softmax(Q @ tf.linalg.matrix_transpose(K) + M)


ARRAYS = {
    "a product": (
        lambda: tf.gradients(tf.reduce_sum(tf.exp(product() - A) * (product() - A) ** 2), W)[0],
        "T.T*(exp(R) o (R^o2 + 2*R)) summed over b, where R = T*W - A",
    ),
    "a product twice": (
        lambda: tf.gradients(tf.reduce_sum(tf.exp(product()) * tf.sin(product())), W)[0],
        "T.T*(exp(Z) o (cos(Z) + sin(Z))) summed over b, where Z = T*W",
    ),
    "differences": (
        lambda: tf.gradients(tf.reduce_sum(tf.exp(-distances())), X)[0],
        "3*diag(exp(-Z^o3*ones(d, 1)))*(R o Z) summed over m, where R = ones(n, 1)*Y.T - X, Z = abs(R)",
    ),
    "a batch": (
        lambda: tf.gradients(tf.reduce_sum(masked() @ G), Q)[0],
        "(P o (ones(n, d)*G.T - P*G*ones(d, m)))*K for each b, where P = softmax(Q*K.T + M)",
    ),
    "a batch of squares": (
        lambda: tf.gradients(tf.reduce_sum(tf.nn.softmax(product()) ** 2), T)[0],
        "2*(P o (P - P^o2*ones(k, k)))*W.T for each b, where P = softmax(T*W)",
    ),
    "numbers of a batch": (
        lambda: tf.gradients(tf.reduce_sum((T - tf.reduce_mean(T, axis=1, keepdims=True)) ** 3), T)[0],
        "3*(R^o2 - ones(n, n)*R^o2/n) for each b, where R = T - ones(n, n)*T/n",
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_parts_of_arrays_of_any_rank_have_the_value_in_every_text(name):
    program, text = ARRAYS[name]
    tensor = program()
    made = tf.formula(tensor, form="where")
    assert str(made) == text
    sizes, rng = {"b": 2, "n": 3, "d": 4, "k": 5, "m": 6}, np.random.default_rng(7)
    sources = [s for s in (T, A, W, X, Y, Q, K, G, M) if s.name in made.sources]
    arrays = {s.name: rng.normal(size=[sizes[str(d)] for d in s.shape]) for s in sources}
    want = tensor.eval(arrays)
    found = texts.read_back("where", made, tensor, sizes, arrays, want.shape)
    np.testing.assert_allclose(found, want, rtol=1e-9, atol=1e-12)
    *lines, last = made.python.splitlines()
    assert lines
    scope = {"np": np, **arrays}
    exec("\n".join(lines), scope)
    np.testing.assert_allclose(eval(last, scope), want, rtol=1e-9, atol=1e-12)
    assert made.latex.count(" = ") == len(made.parts)
    assert "OneArray" not in made.latex
    assert "\\begin{aligned}" in made.write_lines()


def test_parts_that_are_arrays_are_equal_to_their_elements_in_latex():
    Q, K, V = (tf.placeholder(name, ("b", "h", size, "d")) for name, size in zip("QKV", "nmm"))
    W = tf.placeholder("W", ("h", "d", "o"))
    heads = tf.einsum("bhnm,bhmd,hdo->bno", tf.nn.softmax(tf.einsum("bhnd,bhmd->bhnm", Q, K)), V, W)
    made = tf.formula(tf.gradients(tf.reduce_sum(heads**2), W)[0], form="where")
    assert list(map(str, made.parts)) == ["P"]
    assert made.latex == (
        r"2 \sum_{l, p, q, r, s, t} W_{l,p,k} V_{q,i,r,j} V_{q,l,s,p} P_{q,i,t,r} P_{q,l,t,s} \quad \text{where } "
        r"P_{i,j,k,l} = \operatorname{softmax}_{l}\left(\sum_{p} K_{i,j,l,p} Q_{i,j,k,p}\right)"
    )
    residual = tf.placeholder("X", (2, 3, 4)) - tf.einsum("ri,rj,rk->ijk", *(tf.placeholder(*s) for s in FACTORS))
    made = tf.formula(3 * tf.sigmoid(residual) ** 2 * residual, form="where")
    assert made.latex == (
        r"3 R_{i,j,k} \operatorname{sigmoid}(R_{i,j,k})^{2} \quad \text{where } "
        r"R_{i,j,k} = X_{i,j,k} - \sum_{l} w_{l,k} u_{l,i} v_{l,j}"
    )


FACTORS = [("u", (5, 2)), ("v", (5, 3)), ("w", (5, 4))]
