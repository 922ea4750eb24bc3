"""Functions that CasADi loads, called as CasADi calls them: by the functions that say names, sizes and work."""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest

import tracer as tf
from tracer.backends.c_library import COMPILERS, find_compiler

pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler")
STRICT = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC")
RNG = np.random.default_rng(1)
REAL, INT = ctypes.POINTER(ctypes.c_double), ctypes.c_longlong


class External:
    """A function of the interface; what is not given is zero, and what is not wanted is not computed for anybody."""

    def __init__(self, emitted, folder, name):
        path = emitted.save(folder / f"{name}.c")
        command = [find_compiler(), *STRICT, str(path), "-o", str(folder / f"{name}.so"), "-lm"]
        subprocess.run(command, check=True, capture_output=True)
        self.library, self.name = ctypes.CDLL(str(folder / f"{name}.so")), name
        for own in ("n_in", "n_out"):
            self._part(own).restype = INT
        for own in ("name_in", "name_out"):
            self._part(own).restype, self._part(own).argtypes = ctypes.c_char_p, [INT]
        for own in ("sparsity_in", "sparsity_out"):
            self._part(own).restype, self._part(own).argtypes = ctypes.POINTER(INT), [INT]

    def _part(self, own):
        return getattr(self.library, f"{self.name}_{own}")

    def names(self, way):
        """The names of the arguments or results."""
        return [self._part(f"name_{way}")(k).decode() for k in range(self._part(f"n_{way}")())]

    def sizes(self, way):
        """Rows and columns of the arguments or results, all of which are dense."""
        found = [self._part(f"sparsity_{way}")(k)[:3] for k in range(self._part(f"n_{way}")())]
        assert all(dense == 1 for *_, dense in found)
        return [(m, n) for m, n, _ in found]

    def __call__(self, *values, wanted=None):
        sizes = [INT() for _ in range(4)]
        assert self._part("work")(*map(ctypes.byref, sizes)) == 0
        n_arg, n_res, n_whole, n_work = (size.value for size in sizes)
        given = [None if v is None else np.asarray(v, float).ravel("F") for v in values]
        out = [np.full(m * n, np.nan) for m, n in self.sizes("out")]
        kept = range(len(out)) if wanted is None else wanted
        arg, res = (REAL * n_arg)(), (REAL * n_res)()
        for k, value in enumerate(given):
            if value is not None:
                arg[k] = value.ctypes.data_as(REAL)
        for k in kept:
            res[k] = out[k].ctypes.data_as(REAL)
        whole, work = (INT * max(n_whole, 1))(), np.full(n_work + 1, 7.5)
        self._part("incref")()
        memory = self._part("checkout")()
        assert getattr(self.library, self.name)(arg, res, whole, work.ctypes.data_as(REAL), memory) == 0
        self._part("release")(memory)
        self._part("decref")()
        assert work[-1] == 7.5
        return [out[k].reshape(self.sizes("out")[k], order="F") for k in kept]


X, w, y = tf.placeholder("X", (4, 3)), tf.placeholder("w", (3,)), tf.placeholder("y", (4,))
loss = tf.reduce_sum(tf.exp(X @ w - y))
VALUES = RNG.normal(size=(4, 3)), RNG.normal(size=3), RNG.normal(size=4)


def _column(value):
    """A vector as CasADi has it: one column."""
    return np.reshape(value, (-1, 1)) if np.ndim(value) < 2 else np.asarray(value)


@pytest.fixture(scope="module")
def external(tmp_path_factory):
    outputs = {"loss": loss, "slope": tf.gradients(loss, X)[0], "twice": tf.reshape(X, (12,)) * 2}
    return External(tf.emit_c(outputs, [X, w, y], "f", abi="casadi"), tmp_path_factory.mktemp("casadi"), "f")


def test_it_says_its_names_and_sizes(external):
    assert external.names("in") == ["X", "w", "y"]
    assert external.names("out") == ["loss", "slope", "twice"]
    assert external.sizes("in") == [(4, 3), (3, 1), (4, 1)]
    assert external.sizes("out") == [(1, 1), (4, 3), (12, 1)]


def test_values_are_numpys_by_columns(external):
    expected = tf.compile([loss, tf.gradients(loss, X)[0], tf.reshape(X, (12,)) * 2], [X, w, y])(*VALUES)
    for got, want in zip(external(*VALUES), expected, strict=True):
        np.testing.assert_allclose(got, _column(want), rtol=1e-13)


def test_what_is_not_given_is_zero_and_what_is_not_wanted_goes_to_the_work_array(external):
    [found] = external(VALUES[0], VALUES[1], None, wanted=[0])
    np.testing.assert_allclose(found, np.sum(np.exp(VALUES[0] @ VALUES[1])), rtol=1e-13)
    external(*VALUES, wanted=[])


def test_scalars_conditions_and_constants(tmp_path):
    a, b = tf.symbols("a b")
    outputs = [a * b, a > b, tf.constant([1.0, 2.0]) * 1]
    external = External(tf.emit_c(outputs, [a, b], "g", abi="casadi"), tmp_path, "g")
    assert [v.ravel().tolist() for v in external([2.0], [3.0])] == [[6.0], [0.0], [1.0, 2.0]]


@pytest.mark.unchecked
def test_large_values_between_lie_in_the_work_array(tmp_path):
    v = tf.placeholder("v", (5000,))
    external = External(tf.emit_c(tf.math.cumsum(tf.math.cumsum(v)), [v], "h", abi="casadi"), tmp_path, "h")
    [found] = external(np.ones(5000))
    np.testing.assert_array_equal(found.ravel(), np.cumsum(np.cumsum(np.ones(5000))))


@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        ((2, 2, 2), "float64", "has 3 axes, and CasADi's arrays have two"),
        (("n",), "float64", "has a size that is no number"),
        ((2,), "int64", "is of dtype int64"),
    ],
)
def test_what_casadi_lacks_is_refused_by_name(shape, dtype, message):
    v = tf.placeholder("v", shape, dtype)
    with pytest.raises(ValueError, match=message):
        tf.emit_c(tf.reduce_sum(v) * 2.0, [v], "f", abi="casadi")


def test_another_interface_is_refused():
    with pytest.raises(ValueError, match="there is no interface 'fortran'; there is 'casadi'"):
        tf.emit_c(loss, [X, w, y], "f", abi="fortran")
