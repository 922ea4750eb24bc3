"""C for embedded use: it compiles without a warning and has the values of the compiled function."""

import ctypes
import re
import shutil
import subprocess

import numpy as np
import pytest

import tracer
from tracer.backends import emitting
from tracer.backends.c_library import COMPILERS, find_compiler
from tracer.backends.compilation import read_program

from .array_programs import PROGRAMS, VALUES, build_program

x, y = tracer.symbols("x y")
STRICT = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2")
REFUSED = {"a determinant", "a spectrum", "special functions"}
"""Programs with functions that C has no form of."""
needs_compiler = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler")


def _call(emitted: emitting.CSource, folder, name: str, given: list[float], count: int) -> list[float]:
    """The results of an emitted function, from a library that a strict compiler made of its two files."""
    path = emitted.save(folder / f"{name}.c")
    library = folder / f"{name}.so"
    command = [find_compiler(), *STRICT, "-shared", "-fPIC", str(path), "-o", str(library), "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    results = [ctypes.c_double(float("nan")) for _ in range(count)]
    function = ctypes.CDLL(str(library))[name]
    function.restype = None
    function(*map(ctypes.c_double, given), *map(ctypes.byref, results))
    return [r.value for r in results]


@needs_compiler
@pytest.mark.parametrize(
    ("outputs", "inputs"),
    [
        pytest.param([x * y + tracer.sin(x), tracer.relu(x) - y], [x, y], id="several"),
        pytest.param({"slope": tracer.gradients(tracer.exp(x * y), [x])[0], "all": {"x": x}}, [y, x], id="nest"),
        pytest.param(tracer.softplus(x), [x], id="one"),
        pytest.param([x > y, tracer.sign(x)], [x, y], id="booleans"),
        pytest.param([tracer.sqrt(x)], [x, y], id="unused"),
        pytest.param([tracer.constant(2.0) * 3], [], id="nothing"),
    ],
)
def test_it_compiles_strictly_and_has_the_values_of_the_compiled_function(tmp_path, outputs, inputs):
    given = [1.3, 0.4][: len(inputs)]
    leaves, _, _ = read_program(outputs, inputs)
    expected = [float(tracer.compile(leaf, inputs, "math")(*given)) for leaf in leaves]
    emitted = tracer.emit_c(outputs, inputs, "step")
    assert _call(emitted, tmp_path, "step", given, len(leaves)) == pytest.approx(expected, rel=1e-15)


@needs_compiler
def test_the_header_is_read_by_cplusplus_and_twice(tmp_path):
    compiler = shutil.which("g++") or shutil.which("c++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    tracer.emit_c([x * y], [x, y], "step").save(tmp_path / "step.c")
    main = tmp_path / "main.cpp"
    main.write_text('#include "step.h"\n#include "step.h"\nint main() { double r; step(1, 2, &r); return 0; }\n')
    subprocess.run([compiler, "-Wall", "-Werror", "-fsyntax-only", str(main)], check=True)


def test_arguments_have_the_names_of_inputs_and_outputs():
    total = x * y + 1
    emitted = tracer.emit_c({"total": total, "of": [total * x, x]}, [x, y], "f")
    declared = "void f(double x, double y, double *of_0, double *of_1, double *total);"
    assert declared in emitted.header.splitlines()
    assert emitted.source.startswith('#include "f.h"\n')
    assert "const double total_value = " in emitted.source


def test_names_that_c_has_already_are_told_apart():
    double, f = tracer.symbols("double f")
    emitted = tracer.emit_c([double * f, double], [double, f], "f")
    (arguments,) = re.findall(r"^void f\((.*)\);$", emitted.header, re.M)
    names = re.findall(r"(\w+)(?:,|$)", arguments)
    assert len(set(names)) == 4
    assert not {"double", "f"} & set(names)


@pytest.mark.parametrize("name", ["", "2f", "a b", "größe", "int", "sin", 3])
def test_a_name_that_c_does_not_take_is_refused(name):
    message = "the name of a function in C is letters, digits and underscores, and no word of C's, got "
    with pytest.raises(ValueError, match=re.escape(message)):
        tracer.emit_c([x], [x], name)


def _load(emitted: emitting.CSource, folder, name: str) -> ctypes.CDLL:
    """The library that a strict compiler made of an emitted source."""
    path = emitted.save(folder / f"{name}.c")
    command = [find_compiler(), *STRICT, "-shared", "-fPIC", str(path), "-o", str(folder / f"{name}.so"), "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    return ctypes.CDLL(str(folder / f"{name}.so"))


@needs_compiler
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("known", [False, True])
def test_arrays_compile_strictly_and_have_numpys_values(tmp_path, program, known):
    value, sources = build_program(program, known)
    outputs = [value, *(g for g in tracer.gradients(value, sources) if g is not None)]
    try:
        emitted = tracer.emit_c(outputs, sources, "step")
    except ValueError:
        assert program in REFUSED
        return
    assert program not in REFUSED
    expected = tracer.compile(outputs, sources)(*VALUES)
    results = [np.full(np.shape(e), np.nan) for e in expected]
    work = [np.full(4096, np.nan)] if "double work" in emitted.header or "double *work" in emitted.header else []
    sizes = [] if known else [ctypes.c_int64(3), ctypes.c_int64(4)]
    arrays = [ctypes.c_void_p(a.ctypes.data) for a in (*VALUES, *results, *work)]
    _load(emitted, tmp_path, "step").step(*sizes, *arrays)
    for got, want in zip(results, expected):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.unchecked
def test_repeated_blocks_are_loops():
    """The text of a program does not grow with the sizes of its arrays."""

    def emit(n: int) -> str:
        v, A = tracer.placeholder("v", (n,)), tracer.placeholder("A", (n, n))
        return str(tracer.emit_c(tracer.gradients(tracer.reduce_sum((A @ v) ** 2), [A, v]), [A, v]).source)

    assert len(emit(50)) - len(emit(9)) < 40


@pytest.mark.unchecked
def test_what_is_large_is_given_room():
    v = tracer.placeholder("v", (5000,))
    emitted = tracer.emit_c(tracer.reduce_sum(tracer.math.cumsum(v) ** 2), [v])
    assert "double work[5000]" in emitted.header
    assert "room for 5000 numbers" in emitted.header


def test_a_comment_does_not_end_early():
    z = tracer.placeholder("a*/b")
    assert tracer.emit_c([z * 2], [z]).header.count("*/") == 1
