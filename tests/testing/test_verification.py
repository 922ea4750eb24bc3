"""Formulas are held against the trace: right ones pass, wrong ones are caught wherever they are wrong."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.formulas.matrix import members as matrix
from tracer.testing import FormulaMismatch, verify_formula
from tracer.testing.verification import compare

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.unchecked

X = tf.placeholder("X", ("n", "d"))
A = tf.placeholder("A", ("n", "n"))
w = tf.placeholder("w", ("d",))
y = tf.placeholder("y", ("n",))
c = tf.placeholder("c")
n, d = X.shape


def gradient():
    return tf.gradients(tf.reduce_sum((X @ w - y) ** 2), w)[0]


@pytest.mark.parametrize(
    "tensor",
    [
        gradient(),
        tf.math.log(c),
        tf.sqrt(-y),
        tf.linalg.logdet(A),
        tf.math.acos(y),
        tf.gradients(tf.linalg.logdet(tf.transpose(X) @ X), X)[0],
        tf.linalg.matrix_power(A, sympy.Symbol("k", integer=True, positive=True)),
        tf.eye(n) * 2.0,
        tf.constant([1.0, -2.0]) * 3.0,
        tf.where(y > 0, tf.math.log(y), y),
        tf.Variable([[1.0, 2.0]], name="V") @ tf.placeholder("v", (2,)),
        tf.placeholder("S", ("n", "n"), symmetric=True) @ y,
        tf.transpose(tf.placeholder("Q", ("n", "n"), orthogonal=True)) @ y,
        tf.placeholder("D", ("n", "n"), diagonal=True) @ y,
        tf.sqrt(tf.placeholder("p", ("n",), positive=True) ** 2),
        tf.cast(tf.placeholder("i", ("n",), "int64"), "float64") * y,
        tf.placeholder("f", ("n",), "float32") / 3,
        tf.einsum("ij,ik->ijk", X, X),
        y > 0,
    ],
    ids=lambda t: t.name,
)
def test_a_right_formula_passes(tensor) -> None:
    verify_formula(tensor)


def test_several_at_once() -> None:
    first, second = tf.placeholder("x", ("n",)), tf.placeholder("x", ("n",))
    verify_formula([first - 2 * second, first * second])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda e: -e,
        lambda e: sympy.S.Zero,
        lambda e: e.args[-1],
        lambda e: sympy.MatrixSymbol("w", d, 1),
        lambda e: sympy.MatMul(2, sympy.MatrixSymbol("X", n, d), sympy.MatrixSymbol("w", d, 1)),
        lambda e: sympy.MatMul(1 + sympy.Rational(1, 10**6), e),
        lambda e: e.T,
        lambda e: sympy.nan * e,
        lambda e: sympy.MatMul(sympy.Symbol("z"), e),
    ],
)
def test_a_wrong_formula_is_caught(wrong, monkeypatch) -> None:
    right = matrix.matrices
    monkeypatch.setattr(matrix, "matrices", lambda tensors: [wrong(e) for e in right(tensors)])
    with pytest.raises(FormulaMismatch):
        verify_formula(gradient())


def test_a_formula_wrong_on_half_of_the_line_is_caught() -> None:
    x = sympy.Symbol("c", real=True)
    with pytest.raises(FormulaMismatch):
        compare([x], [tf.sqrt(c * c)], trials=12)
    with pytest.raises(FormulaMismatch):
        compare([sympy.Piecewise((x, x > 0))], [c], trials=12)


def test_the_error_says_all() -> None:
    with pytest.raises(FormulaMismatch) as caught:
        compare([3 * sympy.MatrixSymbol("y", n, 1)], [2 * y], sizes={"n": 2}, values={"y": [1.0, -4.0]})
    error = caught.value
    assert error.sizes == {"n": 2}
    np.testing.assert_array_equal(error.values["y"], [1, -4])
    np.testing.assert_array_equal(error.expected, [2, -8])
    np.testing.assert_array_equal(error.actual, [[3], [-12]])
    for part in ("3*y", "{'n': 2}", "[ 1., -4.]", "[ 2., -8.]", "-12."):
        assert part in str(error)


def test_what_is_nowhere_finite_is_not_accepted() -> None:
    with pytest.raises(ValueError, match="values="):
        verify_formula(tf.math.log(-tf.abs(c)))
    verify_formula(tf.math.log(c), values={c: 3.0})
    zero = sympy.ZeroMatrix(n, 1)
    singular = np.add.outer([0.1, 0.2, 0.4], [0.1, 0.3, 0.7]) + 1e-15 * np.eye(3)
    with pytest.raises(ValueError, match="singular"):
        compare([zero], [tf.linalg.solve(A, y)], sizes={"n": 3}, values={"A": singular})


def test_what_is_given_must_be_a_source() -> None:
    with pytest.raises(LookupError, match="zz"):
        verify_formula(2 * y, values={"zz": 1.0})
    with pytest.raises(LookupError, match="y"):
        verify_formula(2 * y, values={c: 1.0})


def test_equations_that_are_assumed_need_values_that_satisfy_them() -> None:
    with tf.assuming(tf.Eq(tf.reduce_sum(y), 1)):
        with pytest.raises(ValueError, match="values="):
            verify_formula(tf.reduce_sum(y) * c)
        verify_formula(tf.reduce_sum(y) * c, values={"y": [0.25, 0.75]}, sizes={"n": 2})


def test_a_refused_formula_is_refused() -> None:
    with pytest.raises(ValueError, match="steps"):
        verify_formula(tf.argmax(tf.placeholder("A", ("n", "m")), 1))


def test_verifying_leaves_no_value_behind() -> None:
    t = tf.constant([1.0, 2.0]) * 2.0
    verify_formula(t)
    assert "= [2" not in repr(t)


def test_it_is_imported_when_it_is_asked_for() -> None:
    program = (
        "import sys, tracer\n"
        "print([m for m in ('tracer.testing', 'numpy') if m in sys.modules])\n"
        "print(tracer.testing.verify_formula.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\nverify_formula\n"
    with pytest.raises(AttributeError, match="nothing"):
        tf.nothing  # noqa: B018


def test_what_other_tests_ask_for_is_verified(tmp_path) -> None:
    """The watch over all tests catches a formula that is wrong, printed or not."""
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "test_wrong.py").write_text(
        "import tracer as tf\n"
        "from tracer.formulas.matrix import writer\n"
        "right = writer.matrix\n"
        "writer.matrix = lambda *args: 2 * right(*args)\n"
        "y = tf.placeholder('y', ('n',))\n"
        "def test_matrix(): (3 * y).formula()\n"
        "def test_latex(): repr(3 * y)\n"
        "def test_python(): tf.formula(3 * y, form='python')\n"
        "def test_steps(): tf.formula(3 * y, form='steps')\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
    ]
    done = subprocess.run([*command, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "3 failed, 1 passed" in done.stdout, done.stdout
    assert "FormulaMismatch" in done.stdout


def test_a_formula_that_is_no_number_is_right_where_the_value_is_never_finite():
    x, x0 = tf.symbols("x x0")
    tf.testing.verify_formula(x0 / (x - x))
    with pytest.raises(ValueError, match="no point was found"):
        tf.testing.verify_formula(tf.log(-tf.exp(x)) + x0)


def test_a_point_at_which_the_formula_loses_its_digits_says_nothing():
    x = tf.placeholder("x")
    saturated = tf.math.log(1 - tf.tanh(x) ** 2)
    assert np.isfinite(saturated.eval({x: 20.0}))
    verify_formula(saturated)
    with pytest.raises(ValueError, match="loses its digits at each point that was drawn; give values"):
        verify_formula(saturated, trials=1, values={x: 20.0})
