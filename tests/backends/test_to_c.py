"""The C backend: values are NumPy's, what it lacks is refused by name, and the source is C99."""

import copy
import itertools
import math
import pickle
import shutil
import subprocess
import textwrap

import numpy as np
import pytest
import sympy

import tracer
from tracer.backends import to_c
from tracer.backends.c_library import COMPILERS, find_compiler
from tracer.backends.to_c import C
from tracer.program.program import Program
from tracer.rules import TABLE, Elementwise

pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler")

VALUES = (-math.inf, -700.5, -3.25, -1.0, -0.5, -0.0, 0.0, 1e-9, 0.3, 1.0, 2.5, 30.0, 800.0, math.inf, math.nan)
POINTS = np.array([*itertools.product(VALUES, VALUES[1::3], VALUES[::5])])
SOURCES = [tracer.placeholder(f"x{k}") for k in range(3)]


def _programs():
    """Every elementwise row over scalars that C has a form of, with its gradients; and the names of the others."""
    found, lacking = {}, set()
    for op in list(TABLE.values()):
        if type(op) is not Elementwise or op.result not in ("same", "float", "bool") or op.name.startswith("logical_"):
            continue
        operands = tuple(s > 0 if op.name == "where" and not k else s for k, s in enumerate(SOURCES[: op.arity]))
        value = tracer.tensor.apply(op, operands)
        outputs = [value, *(g for g in tracer.gradients(value, SOURCES[: op.arity]) if g is not None)]
        if C.lacks(Program(outputs, SOURCES)):
            lacking.add(op.name)
        else:
            found[op.name] = outputs
    return found, lacking


PROGRAMS, LACKING = _programs()


def test_what_c_lacks_of_the_table():
    assert {"digamma", "erfcinv", "erfinv", "lgamma", "ndtri", "polygamma", "zeta"} == LACKING
    assert len(PROGRAMS) > 60


@pytest.fixture(scope="module")
def results():
    """The values of all rows at all points, by C and by NumPy, from one function each: a compiler is slow to start."""
    outputs = [output for found in PROGRAMS.values() for output in found]
    by_c, by_numpy = (tracer.compile(outputs, SOURCES, backend=name) for name in ("c", "numpy"))
    got = [by_c(*point) for point in POINTS.tolist()]
    expected = [by_numpy(*map(np.array, point)) for point in POINTS]
    columns = zip(np.array(got, float).T, np.array(expected, float).T)
    return {name: [next(columns) for _ in found] for name, found in PROGRAMS.items()}


@pytest.mark.parametrize("name", PROGRAMS)
def test_values_are_numpys(name, results):
    for got, expected in results[name]:
        # The slope of erfcx is a difference of close values: one digit of either is many of it.
        np.testing.assert_allclose(got, expected, rtol=4e-15, atol=3e-16 if name == "erfcx" else 5e-324)
        number = ~np.isnan(expected)
        assert number.any()
        np.testing.assert_array_equal(np.signbit(got[number]), np.signbit(expected[number]))


def test_error_functions_keep_their_digits_in_the_tails():
    x = tracer.symbols("x")
    for value in (
        tracer.erfcx(x),
        1 + tracer.erf(x),
        tracer.math.log((1 + tracer.erf(x)) / 2),
        tracer.math.log(tracer.erfc(x) / 2),
    ):
        f, g = (tracer.compile(value, [x], backend=backend) for backend in ("c", "numpy"))
        for point in (-1e5, -30.0, -26.0, -5.0, -0.3, 0.0, 0.7, 4.0, 24.9, 25.1, 26.5, 1e5, 1e200):
            assert f(point) == pytest.approx(float(g(np.float64(point))), rel=1e-13, abs=1e-300), (value, point)


def test_a_source_is_readable():
    x, y = tracer.symbols("x y")
    assert tracer.compile(tracer.sin(x) * y + x**2 / y, [x, y], backend="c").source == textwrap.dedent(
        """\
        /* Compute the result from x and y.

           Parameters
           ----------
           x : float64
           y : float64

           Returns
           -------
           result : float64
               x**2/y + y*sin(x) */
        #include <math.h>

        double compiled(double x, double y) {
            return sin(x) * y + x * x / y;
        }
        """
    )


def test_quotients_are_rounded_as_numpys():
    x, y = tracer.symbols("x y")
    value = tracer.math.floordiv(x, y)
    for point in ((-145958961899062.0, 0.3), (7.0, -2.0), (1.0, 0.1), (-9350817376115200.0, 8.871405075954428)):
        assert tracer.compile(value, [x, y], backend="c")(*point) == np.floor_divide(*point)


def test_no_sign_follows_another_one():
    """Two of them would be a decrement."""
    x, a, b = tracer.symbols("x"), *sympy.symbols("a b")
    y = tracer.from_sympy(-a * b + sympy.sin(-a), {a: tracer.constant(-2.0), b: x})
    assert tracer.compile(y, [x], backend="c")(3.0) == pytest.approx(6 + math.sin(2))


def test_a_chain_is_one_pass():
    x = tracer.symbols("x")
    y = x
    for _ in range(300):
        y = y * 0.5 + tracer.sin(x)
    assert tracer.compile(y, [x], backend="c")(0.25) == pytest.approx(tracer.compile(y, [x])(0.25), rel=1e-15)


def test_results_are_a_tuple_or_one():
    x = tracer.symbols("x")
    assert tracer.compile([x + 1], [x], backend="c")(1.0) == (2.0,)
    assert tracer.compile([x > 0, x], [x], backend="c")(np.float64(1.0)) == (True, 1.0)
    assert tracer.compile(tracer.constant(2.0) * 1, [], backend="c")() == 2.0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda x: tracer.digamma(x), "the backend 'c' does not have this: C has no function polygamma"),
        (lambda x: tracer.linalg.eigvalsh(tracer.stack([[x, x], [x, x]])), "the operation 'eigvalsh'"),
        (lambda x: tracer.cast(x, "float32") * 2, "is of dtype float32"),
        (lambda x: tracer.cast(x, "int64") ** 20, "C has no Pow of whole numbers"),
    ],
)
def test_what_it_lacks_is_refused_by_name(build, message):
    x = tracer.symbols("x")
    with pytest.raises(ValueError, match=message):
        tracer.compile(build(x), [x], backend="c")


def test_without_a_compiler_the_error_says_what_was_looked_for(monkeypatch):
    x = tracer.symbols("x")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    f = tracer.compile(x * 2, [x], backend="c")
    assert "return x * 2.0;" in pickle.loads(pickle.dumps(f)).source
    with pytest.raises(RuntimeError, match=r"needs a C compiler, and none of cc, gcc, clang is installed; install one"):
        f(1.0)


def test_a_source_that_the_compiler_refuses_can_be_read(monkeypatch):
    x = tracer.symbols("x")
    monkeypatch.setattr(to_c, "FUNCTION", "int")
    f = tracer.compile(x * 2, [x], backend="c")
    assert "double int(double x)" in f.source
    with pytest.raises(RuntimeError, match="refuses the source"):
        f(1.0)


def test_names_are_those_of_c():
    x, y = tracer.symbols("double", positive=False), tracer.symbols("sin")
    f = tracer.compile(x * tracer.sin(y), [x, y], backend="c")
    assert f(2.0, 1.0) == 2 * math.sin(1.0)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
def test_compiled_functions_are_copied(copied):
    x = tracer.symbols("x")
    f = copied(tracer.compile(x * 3, [x], backend="c"))
    assert f(2.0) == 6.0
    assert "double compiled(double x)" in f.source


def test_the_source_is_c99_without_warnings(tmp_path):
    x, y = tracer.symbols("x y")
    value = tracer.where(x > 0, tracer.math.floormod(x, y), tracer.sigmoid(x) + tracer.maximum(y, 0.1))
    path = tmp_path / "f.c"
    path.write_text(tracer.compile([value, *tracer.gradients(value, [x, y])], [x, y], backend="c").source)
    flags = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-c", "-o", str(tmp_path / "f.o")]
    subprocess.run([find_compiler(), *flags, str(path)], check=True)
