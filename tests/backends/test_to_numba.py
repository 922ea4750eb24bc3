"""The Numba backend: NumPy's values without Python's objects; what it lacks is refused by name."""

import itertools
import math
import pickle
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

import tracer as tf
from tracer.backends import to_numba
from tracer.backends.to_numba import NUMBA
from tracer.program.program import Program
from tracer.rules import TABLE, Elementwise

from .array_programs import PROGRAMS, VALUES, build_program

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="Numba is not installed")
REFUSED = {"a determinant", "a spectrum", "special functions"}
POINTS = (-math.inf, -700.5, -1.0, -0.5, -0.0, 0.0, 1e-9, 0.3, 1.0, 30.0, 800.0, math.inf, math.nan)


@needs_numba
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_values_are_numpys(program, known, tmp_path):
    value, sources = build_program(program, known)
    outputs = [value, *(g for g in tf.gradients(value, sources) if g is not None)]
    if program in REFUSED:
        with pytest.raises(ValueError, match="the backend 'numba' does not have this: "):
            tf.compile(outputs, sources, "numba")
        return
    function, expected = tf.compile(outputs, sources, "numba"), tf.compile(outputs, sources)(*VALUES)
    for got, want in zip(function(*VALUES), expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@needs_numba
def test_elementwise_rows_have_numpys_values():
    """Every elementwise row over scalars, in one function each: a compiler is slow to start."""
    sources = [tf.placeholder(f"x{k}") for k in range(3)]
    outputs = []
    for op in TABLE.values():
        if type(op) is Elementwise and op.result in ("same", "float") and not op.name.startswith("logical_"):
            operands = tuple(s > 0 if op.name == "where" and not k else s for k, s in enumerate(sources[: op.arity]))
            value = tf.tensor.apply(op, operands)
            if not NUMBA.lacks(Program([value], sources)):
                outputs.append(value)
    assert len(outputs) > 50
    stacked = tf.stack(outputs)
    by_numba, by_numpy = (tf.compile(stacked, sources, backend) for backend in ("numba", "numpy"))
    with np.errstate(all="ignore"):
        for point in itertools.product(POINTS, POINTS[1::3], POINTS[::5]):
            names = [(o.op, point) for o in outputs]
            got, want = by_numba(*point), by_numpy(*point)
            if point[0] == -math.inf:  # SciPy's versions differ there.
                want[[o.op == "lgamma" for o in outputs]] = math.inf
            wrong = ~np.isclose(got, want, rtol=4e-14, atol=5e-324, equal_nan=True)
            assert not wrong.any(), [(names[k], got[k], want[k]) for k in np.nonzero(wrong)[0]]


@needs_numba
def test_a_source_stands_alone(tmp_path):
    x, A = tf.placeholder("x", ("n",)), tf.placeholder("A", ("n", "n"))
    product = A @ x
    function = tf.compile({"solved": tf.linalg.solve(A, product[:, None]), "product": product}, [A, x], "numba")
    source = function.source
    assert "for i in range(n):" in source
    path = function.save(tmp_path / "kept.py")
    call = "print(compiled(np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0]))['product'].tolist())"
    path.write_text(f"{source}\n\n{call}\n")
    done = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[4.0, 7.0]"
    found = pickle.loads(pickle.dumps(function))(np.eye(2), np.ones(2))
    np.testing.assert_array_equal(found["solved"], np.ones((2, 1)))


@needs_numba
def test_scalars_are_floats():
    x, y = tf.symbols("x y")
    assert tf.compile([x * y, x > y], [x, y], "numba")(2.0, 3.0) == (6.0, False)
    assert tf.compile(x / y, [x, y], "numba")(2.0, 0.0) == math.inf


@needs_numba
def test_results_are_arrays_of_their_own():
    x = tf.placeholder("x", ("n",))
    given = np.arange(3.0)
    first, second = tf.compile([x, x], [x], "numba")(given)
    first[0] = 7
    assert given[0] == second[0] == 0


def test_without_numba_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(to_numba, "find_spec", lambda name: None)
    x = tf.symbols("x")
    with pytest.raises(ImportError, match=r"needs Numba: pip install 'symbolic-tracer\[numba\]'"):
        tf.compile(x * 2, [x], "numba")
