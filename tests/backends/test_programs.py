"""Every backend has the values of NumPy, for one table of programs, and says what it lacks before anything runs."""

import pickle
import subprocess
import sys
import time

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.backends.shared_programs import (
    POINT,
    PROGRAMS,
    SCALARS,
    SINGULAR,
    SOURCES,
    TARGETS,
    VALUES,
    X,
    installed,
    plain,
    v,
    w,
    x,
    y,
)
from tracer.backends.backend import refuse
from tracer.backends.compilation import BACKENDS
from tracer.program.program import Program


@pytest.fixture(params=TARGETS.values(), ids=list(TARGETS))
def target(request):
    """Each backend whose package is installed."""
    return installed(request.param)


@pytest.fixture(params=[t for t in TARGETS.values() if t.arrays], ids=[n for n, t in TARGETS.items() if t.arrays])
def array_target(request):
    """Each backend of arrays whose package is installed."""
    return installed(request.param)


LOOPS_LACK = {"a determinant", "a spectrum", "an exponential", "special functions"}
REFUSED: dict[str, set[str]] = {"c": LOOPS_LACK, "numba": LOOPS_LACK}
"""The programs that a backend of arrays lacks an operation of."""


def outputs_of(program, sources):
    """A program, and its gradients by what it depends on."""
    value = program()
    return [value, *(g for g in tf.gradients(value, sources) if g is not None)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_values_are_numpys(array_target, name):
    found = outputs_of(PROGRAMS[name], SOURCES)
    if name in REFUSED.get(array_target.backend, ()):
        with pytest.raises(
            ValueError,
            match=f"the backend '{array_target.backend}' does not have this: (the operation|C has|Numba has)",
        ):
            tf.compile(found, SOURCES, backend=array_target.backend)
        return
    function = tf.compile(found, SOURCES, backend=array_target.backend)
    given = [array_target.convert(a) for a in VALUES]
    for got, want in zip(function(*given), tf.compile(found, SOURCES)(*VALUES), strict=True):
        assert array_target.backend == "numpy" or type(got) is type(given[0]) or not np.shape(want)
        np.testing.assert_allclose(plain(got), want, rtol=1e-10, atol=1e-12)
    for value, array in zip(given, VALUES):
        np.testing.assert_array_equal(plain(value), array)


@pytest.mark.parametrize("name", SCALARS)
def test_values_of_scalars_are_numpys(target, name):
    found = outputs_of(SCALARS[name], [x, y])
    function = tf.compile(found, [x, y], backend=target.backend)
    for given in (POINT, [target.convert(np.asarray(p)) if target.arrays else p for p in POINT]):
        for got, want in zip(function(*given), tf.compile(found, [x, y])(*POINT), strict=True):
            np.testing.assert_allclose(plain(got), want, rtol=1e-13)


@pytest.mark.parametrize("name", SINGULAR)
def test_values_at_singular_points_are_numpys(array_target, name):
    build, sources, values = SINGULAR[name]
    found = outputs_of(build, sources)
    function = tf.compile(found, sources, backend=array_target.backend)
    for got, want in zip(function(*map(array_target.convert, values)), tf.compile(found, sources)(*values)):
        assert np.isfinite(want).all()
        np.testing.assert_allclose(plain(got), want, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_dtype_of_values_is_kept(array_target, name):
    if not array_target.narrow or name == "a huge determinant":
        pytest.skip(f"the backend {array_target.backend} computes in the declared dtype")
    found = outputs_of(PROGRAMS[name], SOURCES)
    function = tf.compile(found, SOURCES, backend=array_target.backend)
    given = [array_target.convert(a.astype("float32")) for a in VALUES]
    for got, want in zip(function(*given), tf.compile(found, SOURCES)(*VALUES), strict=True):
        assert plain(got).dtype == "float32"
        np.testing.assert_allclose(plain(got), want, rtol=2e-3, atol=2e-3 * np.max(np.abs(want)))


def test_whole_numbers_are_floats_where_these_are_declared(array_target):
    found = [tf.reduce_mean(v / 2) + tf.reduce_sum(tf.exp(v)), tf.gradients(tf.norm(v), v)[0]]
    function = tf.compile(found, [v], backend=array_target.backend)
    results = function(array_target.convert(np.array([1, 2, 3])))
    for got, want in zip(results, tf.compile(found, [v])(np.arange(1.0, 4))):
        np.testing.assert_allclose(plain(got), want, rtol=1e-14)


def test_results_are_no_arrays_of_the_caller(array_target):
    function = tf.compile([v, v[1:], X.T, X], [X, v], backend=array_target.backend)
    given = [array_target.convert(VALUES[0].copy()), array_target.convert(VALUES[2].copy())]
    results = function(*given)
    if array_target.backend == "jax":
        return  # Arrays of JAX are never written to.
    for result in results:
        result[...] = 0.0
    np.testing.assert_array_equal(plain(given[0]), VALUES[0])
    np.testing.assert_array_equal(plain(given[1]), VALUES[2])


def test_outputs_may_be_a_nest_of_values_and_derivatives(target):
    value = tf.sin(x) * y**2
    slopes = tf.gradients(value, [x, y])
    nest = {"value": value, "first": slopes, "second": {"xx": tf.gradients(slopes[0], x)[0]}, "third": (x * y, [y])}
    found = tf.compile(nest, [x, y], backend=target.backend)(*POINT)
    want = tf.compile(nest, [x, y])(*POINT)
    assert sorted(found) == sorted(want)  # JAX sorts them.
    assert type(found["first"]) is list
    assert type(found["third"]) is tuple
    leaves = [lambda f: f["second"]["xx"], lambda f: f["third"][1][0], lambda f: f["first"][1], lambda f: f["value"]]
    for take in leaves:
        np.testing.assert_allclose(plain(take(found)), take(want), rtol=1e-13)


def test_values_gradients_jacobians_and_hessians_share_their_work(array_target):
    def loss(u):
        return tf.reduce_mean(tf.math.log1p(tf.exp(-w * (X @ u))))

    nest = {"loss": loss(v), "gradient": tf.gradients(loss(v), v)[0], "hessian": tf.hessian(loss)(v),
            "jacobian": [tf.jacobian(lambda u: tf.tanh(X @ u))(v)]}  # fmt: skip
    function = tf.compile(nest, [X, v, w], backend=array_target.backend)
    values = VALUES[0], VALUES[2], VALUES[3]
    found, want = function(*map(array_target.convert, values)), tf.compile(nest, [X, v, w])(*values)
    np.testing.assert_allclose(plain(found["hessian"]), want["hessian"], rtol=1e-12)
    np.testing.assert_allclose(plain(found["jacobian"][0]), want["jacobian"][0], rtol=1e-12)
    product = "* v[" if array_target.backend in ("c", "numba") else "X @ v"
    assert function.source.count(product) == 1


@pytest.mark.unchecked
def test_sums_of_thousands_of_terms_are_written_in_linear_time(target):
    """The time of what compiles the source in turn is not the library's."""

    def measure(count):
        s = tf.symbols("s")
        total = tf.add_n([tf.sin(s * (k + 0.5)) for k in range(count)])
        start = time.perf_counter()
        function = tf.compile([total, tf.gradients(total, s)[0]], [s], backend=target.backend)
        assert len(function.source) > 50 * count
        return time.perf_counter() - start, function

    measure(50)
    (short, function), (long, longer) = measure(500), measure(2000)
    assert long < 4 * short * 3
    function, count = (function, 500) if target.backend in ("c", "jax") else (longer, 2000)
    wanted = sum(np.sin(0.3 * (k + 0.5)) for k in range(count))
    np.testing.assert_allclose(plain(function(0.3)[0]), wanted, rtol=1e-9)


def test_sources_stand_alone(target, tmp_path):
    """They are run together, where tracer can't be imported, as a library takes long to load."""
    if target.package == "array_api_strict":
        pytest.skip("the source is that for NumPy's arrays")
    table = PROGRAMS if target.arrays else SCALARS
    sources = SOURCES if target.arrays else [x, y]
    names = [name for name in table if name not in REFUSED.get(target.backend, ())]
    if target.backend == "c":
        pytest.skip("the C source is compiled by the function itself")
    expected = []
    for k, name in enumerate(names):
        function = tf.compile(table[name](), sources, backend=target.backend)
        function.save(tmp_path / f"program_{k}.py")
        expected.append(float(plain(function(*(map(target.convert, VALUES) if target.arrays else POINT)))))
    arrays = [a.tolist() for a in VALUES] if target.arrays else list(POINT)
    array = BACKENDS[target.backend].store.read if target.arrays else "value"
    imports = "\n".join(f"import {m}" for m in ("numpy as np", BACKENDS[target.backend].store.library) if m)
    (tmp_path / "run.py").write_text(
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nsys.modules['tracer'] = None\n{imports}\n"
        f"from importlib import import_module\ngiven = [{array} for value in {arrays}]\n"
        f"for k in range({len(names)}):\n    print(float(import_module(f'program_{{k}}').compiled(*given)))\n"
    )
    done = subprocess.run([sys.executable, "-I", tmp_path / "run.py"], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    np.testing.assert_allclose([float(line) for line in done.stdout.split()], expected, rtol=1e-12)


def test_a_saved_source_has_a_test(target, tmp_path):
    if target.package == "array_api_strict" or target.backend == "c":
        pytest.skip("a test is written of a module of Python, for NumPy's arrays")
    output = {"a": x * y, "b": [tf.sin(x), x / y]}
    function = tf.compile(output, [x, y], backend=target.backend)
    function.save(tmp_path / "step.py", examples=[POINT, (0.5, 0.0)])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "test_step.py"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert "1 passed" in done.stdout or target.backend == "math", done.stdout


def test_a_function_pickles(target):
    function = tf.compile([tf.sin(x) * y, x + y], [x, y], backend=target.backend)
    for got, want in zip(pickle.loads(pickle.dumps(function))(*POINT), function(*POINT)):
        assert float(got) == float(want)


def test_what_a_backend_lacks_is_refused_by_name(target):
    point = tf.symbols("point")
    mystery = tf.apply(sympy.airyaiprime, point)
    backend = BACKENDS[target.backend]
    if backend.lacks(Program([mystery], [point])):
        with pytest.raises(ValueError, match=rf"'{target.backend}'.*(airy|operation).*; write backend='numpy'"):
            refuse(backend, Program([mystery], [point]))
    else:
        assert target.backend in ("numpy", "math")
