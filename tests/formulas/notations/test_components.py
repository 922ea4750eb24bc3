"""Components: formulas element by element."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.programs import w
from tracer.formulas.errors import FormulaError


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
    message = r'^the components of sin\w* are functions nested deeper than sympy can hold; .*tensor, form="steps"\)$'
    with pytest.raises(ValueError, match=message):
        x.components()


def test_an_operation_that_says_nothing_of_its_elements_is_named() -> None:
    tensor = tf.tensor.record_tensor(tf.rules.Op("mystery"), (tf.symbols("x"),), None, (), "float64")
    with pytest.raises(ValueError, match=r"^the operation 'mystery' says nothing of its elements; .*form=\"steps\"\)$"):
        tensor.components()


a, b, v = tf.placeholder("a", (2, 3)), tf.placeholder("b", (3,)), tf.placeholder("v", (2,))
m, k, c = tf.placeholder("m", (2, 2)), tf.placeholder("k", (3,), "int32"), tf.symbols("c")
flag, true_or_false = tf.placeholder("flag", (3,), "bool"), tf.placeholder("known", (2, 3), "bool")
symmetric, diagonal = tf.placeholder("S", (2, 2), symmetric=True), tf.placeholder("D", (2, 2), diagonal=True)
definite, positive = tf.placeholder("P", (2, 2), positive_definite=True), tf.placeholder("p", (2,), positive=True)
ARRAYS = {
    "a": np.array([[0.5, -1.5, 2.0], [1.25, 0.75, -0.5]]), "b": np.array([2.0, -3.0, 1.5]), "v": np.array([0.25, -2.5]),
    "m": np.array([[1.5, -0.5], [2.0, 3.0]]), "k": np.array([2, -1, 0]), "c": np.array(-0.75),
    "flag": np.array([True, False, True]), "known": np.array([[True, True, False], [False, True, False]]),
    "S": np.array([[1.0, 2.0], [2.0, -3.0]]), "D": np.diag([2.0, 5.0]), "P": np.array([[2.0, 0.5], [0.5, 1.0]]),
    "p": np.array([0.5, 2.0]),
}  # fmt: skip
PROGRAMS = {
    "source": lambda: a,
    "symmetric": lambda: symmetric @ v,
    "positive definite": lambda: definite @ m,
    "diagonal": lambda: diagonal @ m + diagonal,
    "positive": lambda: tf.sqrt(positive) * v,
    "number": lambda: c * tf.constant(2.5) - 1,
    "truth": lambda: tf.where(tf.constant(True), c, 2 * c),
    "broadcast": lambda: a * b + v[:, None] - c,
    "equal arguments": lambda: tf.math.atan2(v, v) + v * v,
    "sum of sums": lambda: 3 * tf.reduce_sum(a * a, 0) + tf.reduce_sum(a),
    "matrix product": lambda: a @ b * 2.0,
    "outer": lambda: tf.einsum("i,jk->kij", v, a),
    "diagonal matrix": lambda: tf.linalg.diag(b) * 2.0,
    "diagonal of a matrix": lambda: tf.linalg.diag_part(m @ m),
    "inverse": lambda: tf.linalg.inv(m) @ v,
    "determinant": lambda: tf.linalg.det(m) * v,
    "comparison": lambda: a > b,
    "logic": lambda: tf.logical_or(tf.logical_and(flag, b > 0), tf.logical_not(flag)),
    "choice": lambda: tf.where(flag, b, b * b),
    "choice by a comparison": lambda: tf.where(a > 0, a, b),
    "choice of truth values": lambda: tf.where(b > 0, flag, b > -2),
    "truth as a number": lambda: tf.cast(flag, "float64") * b,
    "comparison as a number": lambda: tf.cast(b > 0, "float64") + b,
    "number as truth": lambda: tf.cast(k, "bool"),
    "truth as truth": lambda: tf.cast(flag, "bool"),
    "float as int": lambda: tf.cast(3 * a, "int32"),
    "int as float": lambda: tf.cast(k, "float64") / 2,
    "sum of several": lambda: tf.add_n([a, a * a, tf.sin(a)]),
    "gradient": lambda: tf.gradients(tf.reduce_sum(tf.nn.softmax(a @ b) * v), b)[0],
    "function": lambda: tf.exp(-a) + tf.nn.relu(a) - tf.abs(a) ** 3,
    "series": lambda: tf.cumsum(b) * b,
    "rows": lambda: tf.reshape(tf.transpose(a), (2, 3)) + tf.reverse(a, [1]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_component_has_the_value_of_its_element(name):
    tensor = PROGRAMS[name]()
    feed = {s: ARRAYS[s.name] for s in tf.walk.ancestors([tensor]) if s.op == "placeholder" or s.name == "c"}
    want = np.asarray(tensor.eval(feed))
    made = tensor.components()
    items = [sympy.sympify(made)] if not want.shape else sympy.flatten(made)
    assert np.shape(made) == want.shape

    def value(e):
        e = e.replace(
            lambda x: isinstance(x, sympy.Indexed),
            lambda x: sympy.nsimplify(float(ARRAYS[str(x.base)][tuple(map(int, x.indices))])),
        )
        return e.xreplace({s: sympy.Float(float(ARRAYS[s.name])) for s in e.free_symbols if s.name == "c"})

    got = [value(e) for e in items]
    numbers = [float(bool(e)) if want.dtype == bool else float(e) for e in got]
    np.testing.assert_allclose(numbers, want.ravel(), rtol=1e-12)


def test_what_is_known_of_a_source_is_seen_in_its_elements():
    assert positive.components()[0].base.label.is_positive
    assert a.components()[0, 0].base.label.is_positive is None
    assert symmetric.components()[0, 1] == symmetric.components()[1, 0] != 0
    assert definite.components()[0, 1] == definite.components()[1, 0] != 0
    assert m.components()[0, 1] != m.components()[1, 0]
    assert (diagonal.components()[0, 1], diagonal.components()[1, 1] == 0) == (0, False)
    assert tf.symbols("p", positive=True).components().is_positive
    assert tf.constant(True).components() is sympy.true


x, A = tf.symbols("x"), tf.placeholder("A", (2, 2))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (A[0, 0] / (x - x), "nan"),
        (A / (A - A), "[[nan, nan], [nan, nan]]"),
        (tf.where(x > 0, x / (x - x), x), "where(x > 0, nan, x)"),
        (tf.maximum(x / (x - x), x), "nan"),
    ],
)
def test_what_is_divided_by_zero_is_no_number(tensor, text):
    """Its sign is not known, and complex infinity is no value of a real formula."""
    assert str(tensor.components()) == text


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (A[0, 0] / (x - x), "nan"),
        (tf.gradients(A[0, 0] / (x - x), [x])[0], "nan"),
        (x + x / (x - x), "nan"),
        (tf.where(x > 0, x / (x - x), x), "where(x > 0, nan, x)"),
    ],
)
def test_a_formula_of_what_is_divided_by_zero_is_no_number(tensor, text):
    assert str(tensor.formula()) == text


@pytest.mark.parametrize("form", ["components", "matrix"])
def test_what_is_divided_by_zero_is_not_compared(form):
    """NumPy's infinity has a sign, which no formula knows."""
    with pytest.raises(FormulaError, match="what is divided by zero is compared"):
        tf.formula(tf.where(x / (x - x) > 0, 1.0, x), form=form)
