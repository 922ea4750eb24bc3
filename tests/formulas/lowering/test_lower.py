"""From the trace to terms: each kind of operation has NumPy's value, and what is too long or has no term is refused."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.lowering import lower as module
from tracer.formulas.lowering.lower import SHORT, lower, lower_program
from tracer.formulas.matrix.writer import matrix
from tracer.terms import record as T
from tracer.terms.decomposition import split_scale
from tracer.testing.interpreter import evaluate

n = sympy.Symbol("n", integer=True, positive=True)
X, v = tf.placeholder("X", ("n", "d")), tf.placeholder("v", ("n",))
A, c = tf.placeholder("A", ("n", "n")), tf.symbols("c")
b = tf.placeholder("b", ("n",), dtype="bool")
RNG = np.random.default_rng(12)
VALUES = {"X": RNG.normal(size=(4, 3)), "v": 3 * RNG.normal(size=4), "A": RNG.normal(size=(4, 4)), "c": np.array(-1.75)}
x, u, a, s = VALUES.values()


def value(tensor):
    (term,) = lower([tensor])
    assert term.shape == tensor.shape
    return evaluate(matrix(term), {"n": 4, "d": 3}, VALUES)


CASES = {
    "elementwise": (lambda: tf.tanh(X) * c, np.tanh(x) * s),
    "broadcast": (lambda: X - v[:, None], x - u[:, None]),
    "contraction": (lambda: tf.einsum("ij,i->j", X, v), x.T @ u),
    "scaled-contraction": (lambda: tf.reduce_mean(X, axis=0), x.mean(0)),
    "sum-of-sums": (lambda: v - (2 * v - (v - c)) + 1, u - (2 * u - (u - s)) + 1),
    "condition": (lambda: tf.where(v > 0, v, c), np.where(u > 0, u, s)),
    "sum-of-conditions": (lambda: tf.reduce_sum(tf.cast(v > 0, "float64")), (u > 0).sum()),
    "cast-to-integers": (lambda: tf.cast(v, "int64"), np.trunc(u)),
    "cast-to-conditions": (lambda: tf.cast(tf.cast(v, "bool"), "float64"), np.ones(4)),
    "logsumexp": (lambda: tf.reduce_logsumexp(X), np.log(np.exp(x).sum())),
    "logsumexp-of-rows": (lambda: tf.reduce_logsumexp(X, axis=1), np.log(np.exp(x).sum(1))),
    "logsumexp-keeping": (lambda: tf.reduce_logsumexp(X, axis=0, keepdims=True), np.log(np.exp(x).sum(0))[None]),
    "add-n": (lambda: tf.add_n([v, 2 * v, X[:, 0]]), 3 * u + x[:, 0]),
    "ones-like": (lambda: tf.ones_like(v) * c, np.full(4, s)),
    "zeros-like": (lambda: tf.zeros_like(X) + c, np.full((4, 3), s)),
    "range": (lambda: tf.cast(tf.range(2, 8, 2), "float64") * c, np.array([2.0, 4.0, 6.0]) * s),
    "named-constant": (lambda: tf.constant(2.5) * v, 2.5 * u),
    "row": (lambda: tf.linalg.inv(A), np.linalg.inv(a)),
}


@pytest.mark.parametrize("name", CASES)
def test_an_operation_has_numpys_value(name):
    make, want = CASES[name]
    np.testing.assert_allclose(value(make()).reshape(np.shape(want)), want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "programs",
    [
        (lambda: (v + v) * c, lambda: 2 * (c * v)),
        (lambda: X - v[:, None] - X, lambda: -(v[:, None] + 0 * X)),
        (lambda: tf.transpose(tf.transpose(A)), lambda: A),
        (lambda: tf.add_n([v, c * v]), lambda: v * (c + 1)),
    ],
)
def test_how_a_program_is_spelled_does_not_matter(programs):
    first, second = (program() for program in programs)
    assert lower([first])[0] is lower([second])[0]


def test_a_sum_within_a_sum_that_is_a_result_too_is_kept():
    inner = v + c
    outer = inner - v
    terms = lower([inner, outer])
    assert terms == [lower([inner])[0], lower([outer])[0]]
    assert terms[0].shape == (n,)


def test_sources_carry_what_is_declared():
    p = tf.placeholder("p", ("n",), positive=True)
    (positive,), (plain,), (boolean,) = lower([p]), lower([v]), lower([b])
    assert set(positive.assumptions) == {"positive"}
    assert not plain.assumptions
    assert set(boolean.assumptions) == {"bool"}


def test_a_number_without_a_name_is_itself_and_one_with_a_name_is_a_source():
    assert float(T.constant_value(lower([tf.constant(2.5)])[0])) == 2.5
    assert isinstance(lower([tf.constant(2.5, name="half_of_five")])[0], T.Source)


def test_a_program_tells_all_names():
    program = lower_program([X @ tf.placeholder("w", ("d",)), c * 2])
    assert program.names == {"X", "w", "c", "n", "d"}
    assert program.tensors[1].op == "multiply"
    assert len(program.terms) == 2


def test_equations_hold_where_they_are_given():
    plain = lower([A @ v])[0]
    assert split_scale(lower([A @ v], [A @ v == 2 * v])[0])[0] == 2
    assert lower([A @ v])[0] is plain


@pytest.mark.parametrize(("limit", "depth"), [(5, 120), (4000, 2)])
def test_a_form_that_is_too_long_or_too_deep_is_refused_with_the_form_that_has_no_limit(monkeypatch, limit, depth):
    monkeypatch.setattr(module, "LIMIT", limit)
    monkeypatch.setattr(module, "DEPTH", depth)
    y = c
    for _ in range(3):
        y = tf.sin(y) * v + 1
    with pytest.raises(TooLong, match=f"more than {limit} operations.*{depth}.*steps"):
        lower([y])


def test_a_sum_of_more_terms_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 5)
    total = sum((tf.symbols(f"s{k}") for k in range(5)), c)
    with pytest.raises(TooLong):
        lower([total])


def test_numbers_are_written_out_up_to_a_limit():
    (term,) = lower([tf.range(SHORT)])
    assert term.shape == (SHORT,)
    assert str(tf.range(SHORT + 1).formula()) == f"arange({SHORT + 1})"
    assert str(tf.range(2, 3 * SHORT + 5, 3).formula()) == f"arange(2, {3 * SHORT + 5}, 3)"


def test_an_operation_without_a_term_is_named():
    with pytest.raises(FormulaError, match=r"operation 'argsort' has no closed form in matrix notation.*steps"):
        lower([tf.argsort(A)])
