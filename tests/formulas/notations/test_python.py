"""NumPy text: it runs with nothing but ``np`` and the sources, and has the value and the shape of the tensor."""

import ast
import re

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas import texts
from tests.formulas.programs import ARRAYS, PROGRAMS, feed
from tracer.formulas.errors import FormulaError
from tracer.formulas.matrix.bodies import MatrixFunction
from tracer.formulas.notations.kronecker import commutation
from tracer.formulas.notations.python import Numpy
from tracer.ops.matrix_rows import row as matrix_row
from tracer.points import Points
from tracer.rules import TABLE
from tracer.walk import ancestors

SHAPES = {"": (), "n": ("n",), "n1": ("n", 1), "1m": (1, "m"), "nm": ("n", "m"), "nn": ("n", "n"), "11": (1, 1)}
SHAPES |= {"knm": ("k", "n", "m"), "m1n": ("m", 1, "n"), "1": (1,)}
SOURCES = {f"x{key}": tf.placeholder(f"x{key}", shape) for key, shape in SHAPES.items()}


def at_one_point(tensor, sources):
    """The arrays of sources by name, and the traced value."""
    sizes, feed, (want,) = next(iter(Points([tensor], {}, {}, 0).draw(0)))
    rng = np.random.default_rng(7)
    arrays = {label: np.asarray(feed[s], float) for s, label in Points([tensor], {}, {}, 0).names.items()}
    for name, s in sources.items():
        if name not in arrays:
            arrays[name] = rng.normal(size=[sizes.get(str(d), d if isinstance(d, int) else 2) for d in s.shape])
    return arrays, want


def assert_runs(tensor, sources=SOURCES):
    text = tf.formula(tensor, form="python")
    arrays, want = at_one_point(tensor, sources)
    names = {e.id for e in ast.walk(ast.parse(text)) if isinstance(e, ast.Name)}
    assert names <= {"np", *arrays}, text
    value = eval(text, {"np": np, **arrays})
    assert np.shape(value) == want.shape, text
    np.testing.assert_allclose(value, want, rtol=1e-9, atol=1e-12, err_msg=text)
    return text


x, xn, xn1, x1m, xnm, xnn, x11, xknm, xm1n, x1 = (
    SOURCES[f"x{key}"] for key in ("", "n", "n1", "1m", "nm", "nn", "11", "knm", "m1n", "1")
)
total = tf.reduce_sum


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_its_name(name) -> None:
    assert assert_runs(tf.identity(SOURCES[name]) * 1) == name


EACH = {
    "scaled": lambda s: 2 * s,
    "function": lambda s: tf.tanh(s) * s,
    "sum": lambda s: total(s),
    "gradient of a sum": lambda s: tf.gradients(total(s), s)[0],
    "gradient of a square": lambda s: tf.gradients(total(s) ** 2, s)[0],
    "zeros": lambda s: tf.gradients(total(xn), s, unconnected_gradients="zero")[0],
    "with the other column": lambda s: s + xn1,
    "with the other row": lambda s: s * x1m,
    "by a matrix of one element": lambda s: s / tf.exp(x11),
    "expanded": lambda s: tf.expand_dims(s, 0) + 1.0,
}
TOGETHER = {"with the other column": "1 11 n n1 1m nm nn knm m1n", "with the other row": "1 11 n1 1m nm"}
"""Which shapes fit; where none are named, all."""


@pytest.mark.parametrize("program", EACH)
def test_each_shape(program) -> None:
    for key in TOGETHER.get(program, " ".join(SHAPES)).split():
        assert_runs(EACH[program](SOURCES[f"x{key}"]))


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (lambda: x11[:, 0] * 2, "np.reshape(2*x11[0, 0], (1,))"),
        (lambda: tf.linalg.trace(x11 @ x11), "x11[0, 0]**2"),
        (lambda: tf.linalg.inv(x11), "np.reshape(1/x11[0, 0], (1, 1))"),
        (lambda: tf.linalg.det(x11) * xn, "x11[0, 0]*xn"),
        (lambda: tf.reverse(xm1n, [1]) * 2.0, "(2*xm1n[:, 0])[:, None, :]"),
        (lambda: tf.gradients(total(xnm), xnm)[0], "np.ones(xnm.shape)"),
        (lambda: tf.gradients(total(xnm + x1m), x1m)[0], "(xnm.shape[0]*np.ones(x1m.shape[1]))[None, :]"),
        (lambda: tf.cumsum(xn), "np.cumsum(xn)"),
        (lambda: tf.cumsum(xn, reverse=True), "np.cumsum(xn[::-1])[::-1]"),
        (lambda: tf.cumsum(xn[::2]), None),
        (lambda: tf.stack([x11[0], xn[:1]]), None),
        (lambda: tf.concat([x1m, xnm], 0), None),
        (lambda: tf.concat([x1m, xnm, x1m * 2], 0) @ x1m[0], None),
        (lambda: tf.nn.softmax(xn1) + tf.nn.softmax(xn1, 0), None),
        (lambda: tf.reduce_logsumexp(xm1n, axis=1), None),
        (lambda: tf.reduce_logsumexp(xknm, axis=1, keepdims=True), None),
        (lambda: tf.where(tf.reverse(xm1n, [1]) > 0, xm1n, 2.0), None),
        (lambda: tf.where(xknm > x1m, xknm, xnm), None),
        (lambda: xknm / tf.squeeze(total(x11 * x11, 1)[0] + xn1[0], 0), None),
        (lambda: xknm / (1 + total(tf.einsum("abc,abc->", xknm, xknm) ** 2)), None),
        (lambda: tf.linalg.kron(xn1, x1m) if hasattr(tf.linalg, "kron") else xn1 @ x1m, None),
        (lambda: xn1 @ x11 @ x1m, None),
        (lambda: (x1m @ tf.transpose(x1m)) * xn1, None),
        (lambda: tf.broadcast_to(x > 0, (3, 1)), None),
        (lambda: tf.cumsum(xknm, 1, exclusive=True, reverse=True), None),
    ],
)
def test_axes_of_size_one(program, text) -> None:
    found = assert_runs(program())
    assert text is None or found == text


def test_a_dimension_of_no_source_is_refused() -> None:
    with pytest.raises(FormulaError, match=r'the dimension n is that of no source.*"matrix", "index" and "steps"'):
        tf.formula(tf.ones(("n", 2)), form="python")


@pytest.mark.parametrize("function", [tf.erf, tf.erfc, tf.lgamma])
def test_a_function_that_numpy_lacks_is_refused_by_name(function) -> None:
    with pytest.raises(FormulaError, match=r'(erfc?|loggamma) has no NumPy text; the forms "matrix" and "steps" are'):
        tf.formula(function(xn) * 2.0, form="python")


triple = tf.placeholder("v", (3,))


@pytest.mark.parametrize(
    "function",
    [
        tf.linalg.pinv,
        lambda m: tf.linalg.cholesky(m @ tf.transpose(m) + tf.eye(tf.shape(m)[0])),
        lambda m: tf.linalg.svd(m, compute_uv=False),
        lambda m: tf.linalg.qr(m @ tf.transpose(m) + tf.eye(tf.shape(m)[0]))[0],
        lambda m: tf.linalg.eigvalsh(m @ tf.transpose(m)) * 2.0,
        lambda m: tf.linalg.cross(total(m) * triple, tf.sin(triple)),
    ],
)
@pytest.mark.parametrize("matrix", [xnn, x11])
def test_a_function_of_a_matrix_is_written_as_its_row_is(function, matrix) -> None:
    assert "np." in assert_runs(function(matrix))


A, B = tf.placeholder("A", ("n", "n")), tf.placeholder("B", ("k", "n", "n"))


@pytest.mark.parametrize("form", ["matrix", "index", "latex", "python"])
@pytest.mark.parametrize("function", [tf.linalg.inv, tf.linalg.cholesky, tf.linalg.det, tf.linalg.expm])
@pytest.mark.parametrize("operand", [A, B])
def test_a_refusal_offers_forms_that_answer(function, operand, form) -> None:
    tensor = function(operand)
    if (function, form) != (tf.linalg.expm, "python"):
        assert tf.formula(tensor, form=form)
        return
    with pytest.raises(FormulaError) as refusal:
        tf.formula(tensor, form=form)
    offered = set(re.findall(r'"(\w+)"', str(refusal.value))) - {"components"}
    assert offered
    assert all(tf.formula(tensor, form=other) for other in offered)


def test_a_jacobian_reads_its_dimensions_from_its_source() -> None:
    assert assert_runs(tf.jacobian(lambda v: 2 * v)(xn)) == "2*np.eye(xn.shape[0])"


@pytest.mark.parametrize("program", PROGRAMS)
def test_numpy_text_has_the_value(program) -> None:
    tensor = program()
    value = eval(tf.formula(tensor, form="python"), {"np": np, **ARRAYS})
    np.testing.assert_allclose(value, tensor.eval(feed(tensor)), rtol=1e-10)


def test_what_a_row_writes_is_bracketed_where_it_stands():
    """A row whose code is a sum, and which asks an operand for its shape, within products and of sums."""

    def code(e, node, x):
        return 2 * e.np.linalg.inv(e.np.eye(x.shape[-1]) + x) - e.np.eye(x.shape[-1])

    name = "cayley_of_the_tests"
    row = matrix_row(name, None, numpy=code)
    try:
        A, C = (tf.placeholder(letter, ("n", "n")) for letter in "AC")
        arrays = {"A": np.array([[0.5, 0.25], [-1.0, 2.0]]), "C": np.array([[1.0, -0.5], [0.75, 0.5]])}

        def cayley(x):
            return tf.tensor.record_tensor(row, (x,), None, x.shape, x.dtype)

        for tensor in (tf.transpose(cayley(A)), C @ cayley(A), 3 * cayley(A + C), cayley(A) ** 2, cayley(A @ C) @ A):
            value = eval(tf.formula(tensor, form="python"), {"np": np, **arrays})
            feed = {t.name: arrays[t.name] for t in ancestors([tensor]) if t.op == "placeholder"}
            np.testing.assert_allclose(value, tensor.eval(feed))
    finally:
        del TABLE[name]


@pytest.mark.unchecked
@pytest.mark.parametrize("name", texts.PROGRAMS)
def test_the_text_of_a_program_is_read_back(name) -> None:
    assert not texts.faults_of(name, "python")


class adjugate(MatrixFunction):
    """A function of matrices that says of itself only what it is called: as a row."""


def test_a_function_that_is_called_as_a_row_has_its_words_in_each_notation():
    made = adjugate(sympy.MatrixSymbol("A", 3, 3))
    assert str(made) == sympy.pretty(made) == "adjugate(A)"
    assert sympy.latex(made) == r"\operatorname{adj}(A)"
    text = Numpy({"A": (3, 3)}).text(made, (3, 3))
    A = np.arange(9.0).reshape(3, 3) ** 2
    value = tf.linalg.adjugate(tf.constant(A)).numpy()
    np.testing.assert_allclose(eval(text, {"np": np, "A": A}), value, rtol=1e-9, atol=1e-9)


def test_a_function_that_is_no_row_has_no_text():
    with pytest.raises(FormulaError, match="commutation has no NumPy text"):
        Numpy({}).of(commutation(sympy.Integer(2), sympy.Integer(3)))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.clip_by_value(xn, -1.0, 2.0), "np.clip(xn, -1, 2)"),
        (tf.clip_by_value(xnm, -x, x), "np.clip(xnm, -x, x)"),
        (tf.clip_by_value(x, 0.0, 2.0), "np.clip(x, 0, 2)"),
        (tf.nn.relu6(xn), "np.clip(xn, 0, 6)"),
        (tf.minimum(2.0, tf.maximum(xn, xn**2)), "np.minimum(2, np.maximum(xn, xn**2))"),
        (tf.minimum(xn, tf.maximum(xn**2, 1.0)), "np.minimum(xn, np.maximum(1, xn**2))"),
    ],
)
def test_what_is_bounded_on_both_sides_is_clipped(tensor, text) -> None:
    assert assert_runs(tensor) == text


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.linalg.trace(tf.transpose(xnm) @ tf.exp(xnm)), "np.sum(xnm*np.exp(xnm))"),
        (tf.linalg.trace(tf.transpose(xnm) @ xnn @ tf.exp(xnm)), "np.sum(xnm*(xnn @ np.exp(xnm)))"),
        (tf.linalg.trace(xnn @ tf.exp(xnn)), "np.trace(xnn @ np.exp(xnn))"),
        (tf.linalg.trace(x1m @ tf.transpose(x1m)), "x1m[0] @ x1m[0]"),
    ],
)
def test_the_trace_of_a_product_with_a_transpose_is_a_sum_over_elements(tensor, text) -> None:
    assert assert_runs(tensor) == text


B = {name: tf.placeholder(name, (*axes,)) for name, axes in zip("QKPMN", ["hnd", "hmd", "hnm", "dk", "mn"])}
Q, K, P, M, N = B.values()
H, J = B["H"], B["J"] = tf.placeholder("H", (*"ahnd",)), tf.placeholder("J", (*"ahmd",))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (Q @ M, "Q @ M"),
        (N @ Q, "N @ Q"),
        (tf.einsum("hnm,hmd->hnd", P, K), "P @ K"),
        (tf.einsum("hnd,hmd->hnm", Q, K), "Q @ np.swapaxes(K, -1, -2)"),
        (tf.einsum("hnd,hmd->hmn", Q, K), "K @ np.swapaxes(Q, -1, -2)"),
        (tf.einsum("hnm,hnd->hmd", P, Q), "np.swapaxes(P, -1, -2) @ Q"),
        (tf.einsum("ahnd,ahmd->ahnm", H, J), "H @ np.swapaxes(J, -1, -2)"),
        (tf.einsum("hnd,dk->hkn", Q, M), "M.T @ np.swapaxes(Q, -1, -2)"),
        (tf.einsum("hnm,hnm,hmd->hnd", P, tf.exp(P), K), "(P*np.exp(P)) @ K"),
        (tf.einsum("hnd,hmd->nhm", Q, K), "np.einsum('jil,jkl->ijk', Q, K)"),
        (tf.einsum("hnd,hnd->hn", Q, Q), "np.sum(Q**2, axis=2)"),
        (tf.reduce_sum(tf.exp(Q), [0, 2]), "np.sum(np.exp(Q), axis=(0, 2))"),
        (tf.transpose(Q, [2, 0, 1]), "np.transpose(Q, (2, 0, 1))"),
        (tf.einsum("hnd->dn", tf.exp(Q)), "np.einsum('kji->ij', np.exp(Q))"),
        (tf.einsum("hnd,hmd->nm", Q, K), "np.einsum('kil,kjl->ij', Q, K)"),
    ],
)
def test_what_numpy_has_a_function_for_is_no_einsum(tensor, text) -> None:
    assert assert_runs(tensor, B) == text


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (Q - tf.einsum("hnm,hmd->hn", P, K)[:, :, None], "Q - np.einsum('ijk,ikl->ij', P, K)[:, :, None]"),
        (Q - 2 * tf.einsum("hnm,hmd->nd", P, K), "Q - 2*np.einsum('kil,klj->ij', P, K)"),
        (
            N @ tf.exp(tf.transpose(N)) - tf.einsum("hnm,hnd->m", P, Q)[:, None],
            "N @ np.exp(N).T - np.einsum('jkl,jki->i', Q, P)[:, None]",
        ),
        (tf.exp(N) - tf.einsum("hnd,hmd->n", Q, K), "np.exp(N) - np.einsum('jik,jlk->i', Q, K)"),
        (Q + tf.einsum("hnm,hmd->hd", P, K)[:, None], "Q + np.einsum('ikl,ilj->ij', P, K)[:, None, :]"),
    ],
)
def test_what_is_repeated_in_a_sum_of_arrays_is_repeated_by_numpy(tensor, text) -> None:
    assert assert_runs(tensor, B) == text


@pytest.mark.unchecked  # Its code would be kept for others.
def test_a_row_whose_code_is_of_operators_alone_has_text(monkeypatch):
    monkeypatch.setattr(TABLE["adjugate"], "numpy", lambda e, node, x: x @ x)
    A = tf.placeholder("A", ("n", "n"))
    assert tf.formula(tf.linalg.adjugate(A), form="python") == "(A @ A)"
