"""The other forms: components, steps, index notation, LaTeX, NumPy text."""

import math
import time
from typing import Any

import numpy as np
import pytest
import sympy

import tracer as tf

X = tf.placeholder("X", ("n", "d"))
w = tf.placeholder("w", ("d",))
y = tf.placeholder("y", ("n",))
PROGRAMS = [
    lambda: tf.gradients(tf.reduce_sum((X @ w - y) ** 2), w)[0],
    lambda: tf.hessian(lambda w: tf.reduce_mean(tf.nn.softplus(X @ w)))(w),
    lambda: tf.reduce_sum(tf.abs(X @ w - y)) / tf.sqrt(tf.reduce_sum(w * w)),
    lambda: tf.nn.softmax(X @ w) * tf.where(y > 0, y, 2.0),
    lambda: tf.einsum("ij,ik->ijk", X, X * w),
    lambda: X + w - tf.reduce_mean(X, axis=0),
]
rng = np.random.default_rng(3)
ARRAYS = {"X": rng.normal(size=(4, 3)), "w": rng.normal(size=3), "y": rng.normal(size=4)}


def feed(tensor: tf.Tensor) -> dict[str, np.ndarray]:
    from tracer.walk import ancestors

    return {t.name: ARRAYS[t.name] for t in ancestors([tensor]) if t.op == "placeholder"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_numpy_text_has_the_value(program) -> None:
    tensor = program()
    value = eval(tf.formula(tensor, form="python"), {"np": np, "math": math, **ARRAYS})
    np.testing.assert_allclose(value, tensor.eval(feed(tensor)), rtol=1e-10)


@pytest.mark.parametrize("program", PROGRAMS)
def test_index_notation_has_the_value(program) -> None:
    tensor = program()
    formula = tf.formula(tensor, form="index")
    want = tensor.eval(feed(tensor))
    letters = sorted((s for s in formula.free_symbols if s.is_integer and s.name in "ijk"), key=str)
    for place in [(0, 0, 0), (1, 2, 1), (2, 1, 2)]:
        index = place[: want.ndim]
        known = dict(zip([sympy.Symbol(c, integer=True) for c in "ijk"], index))
        value = written_out(formula.xreplace({s: sympy.Integer(known[s]) for s in letters if s in known}))
        assert math.isclose(value, want[index], rel_tol=1e-9), formula


def written_out(e: sympy.Expr) -> float:
    sizes = {sympy.Symbol("n", integer=True, positive=True): 4, sympy.Symbol("d", integer=True, positive=True): 3}
    e = e.xreplace(sizes).doit()
    e = e.replace(
        lambda x: isinstance(x, sympy.Indexed), lambda x: sympy.Float(ARRAYS[str(x.base)][tuple(map(int, x.indices))])
    )
    return float(e.doit().evalf())


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (PROGRAMS[0], r"2 X^{\top} \left(X w - y\right)"),
        (lambda: tf.linalg.diag(y) @ X + X, r"\operatorname{diag}\left(y\right) X + X"),
        (lambda: X * X * tf.exp(X), r"X^{\odot 2} \odot \exp\left(X\right)"),
        (lambda: tf.reduce_sum(w * w) ** 2, r"\left(w^{\top} w\right)^{2}"),
        (lambda: tf.reduce_sum(X, axis=1), r"X \mathbf{1}"),
    ],
)
def test_latex_is_a_textbooks(program, text) -> None:
    assert tf.formula(program(), form="latex") == text


def test_components_are_scalar_expressions_in_elements() -> None:
    a = tf.placeholder("a", (2, 3))
    b = tf.placeholder("b", (3,))
    array = tf.gradients(tf.reduce_sum(tf.tanh(a @ b)), b)[0].components()
    assert array.shape == (3,)
    assert str(array[0]) == (
        "(1 - tanh(a[0, 0]*b[0] + a[0, 1]*b[1] + a[0, 2]*b[2])**2)*a[0, 0] + "
        "(1 - tanh(a[1, 0]*b[0] + a[1, 1]*b[1] + a[1, 2]*b[2])**2)*a[1, 0]"
    )
    assert tf.reduce_sum(b).components() == sum(sympy.IndexedBase("b", real=True)[k] for k in range(3))


def test_components_need_sizes() -> None:
    with pytest.raises(ValueError, match="concrete"):
        (2 * w).components()


def test_components_nested_too_deep_name_the_steps() -> None:
    x = tf.symbols("x")
    for _ in range(3000):
        x = tf.sin(x)
    with pytest.raises(ValueError, match="steps"):
        x.components()


def test_steps_give_the_value_one_after_another() -> None:
    a, b = tf.symbols("a b")
    f = tf.sin(a * b) * tf.exp(a * b) + tf.cos(a)
    pairs, (result,) = tf.formula(f, form="steps")
    known = {sympy.Symbol("a", real=True): 0.3, sympy.Symbol("b", real=True): -1.2}
    for symbol, expression in pairs:
        known[symbol] = expression.xreplace(known).evalf()
    assert math.isclose(known[result], f.eval({"a": 0.3, "b": -1.2}), rel_tol=1e-12)
    assert len({s for s, _ in pairs}) == len(pairs) == 6


@pytest.mark.parametrize("function", [tf.linalg.inv, tf.linalg.det, tf.linalg.logdet])
def test_functions_of_a_batch_of_matrices_are_steps(function: Any) -> None:
    A = tf.placeholder("A", (3, 2, 2))
    pairs, _ = tf.formula(function(A), form="steps")
    assert [str(step) for _, step in pairs] == [f"{function.__name__}(A)"]
    with pytest.raises(ValueError, match="steps"):
        function(A).formula()


def test_common_subexpressions_are_one_step() -> None:
    a = tf.symbols("a")
    pairs, _ = tf.formula(tf.sin(a) * tf.sin(a), form="steps")
    assert len(pairs) == 2


def test_steps_of_a_long_chain_are_linear() -> None:
    x = tf.symbols("x")
    f = x
    for _ in range(20_000):
        f = tf.sin(f)
    started = time.process_time()
    pairs, _ = tf.formula(f, form="steps")
    assert len(pairs) == 20_000
    assert time.process_time() - started < 10


def test_a_number_is_not_taken_for_the_step_of_that_position() -> None:
    x = tf.symbols("x")
    f = tf.sin(x) * tf.cos(x) + tf.sin(x) * tf.constant(1.0)
    pairs, (result,) = tf.formula(f, form="steps")
    value = result
    for symbol, expression in reversed(pairs):
        value = value.subs(symbol, expression)
    assert sympy.simplify(value - (sympy.sin(x.formula()) * (1 + sympy.cos(x.formula())))) == 0


def test_an_unknown_form_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="matrix"):
        tf.formula(w, form="roman")
