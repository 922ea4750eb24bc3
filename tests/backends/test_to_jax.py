"""The JAX backend: NumPy's values, under jit, and derivatives by JAX; what it lacks is refused by name."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

import tracer as tf
from tests.backends.shared_programs import PROGRAMS, SOURCES, VALUES, S, X, v

jax = pytest.importorskip("jax")
jnp = jax.numpy


@pytest.fixture(params=PROGRAMS, scope="module")
def compiled(request):
    """A program and its gradients by JAX, and their values by NumPy."""
    value = PROGRAMS[request.param]()
    found = [value, *(g for g in tf.gradients(value, SOURCES) if g is not None)]
    return tf.compile(found, SOURCES, backend="jax"), tf.compile(found, SOURCES)(*VALUES)


def test_values_are_numpys(compiled):
    function, expected = compiled
    for got, want in zip(function(*VALUES), expected):
        assert isinstance(got, jax.Array)
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.unchecked
def test_functions_are_traced_by_jax(compiled):
    function, (value, *_) = compiled
    arrays = [jnp.asarray(a) for a in VALUES]
    np.testing.assert_allclose(jax.jit(function)(*arrays)[0], value, rtol=1e-12)
    slopes = jax.grad(lambda *a: function(*a)[0], argnums=range(len(SOURCES)))(*arrays)
    connected = [s for s in slopes if bool(jnp.any(s != 0))]
    assert len(connected) == len(function(*arrays)) - 1


def test_a_source_stands_alone(compiled, tmp_path):
    function, (value, *_) = compiled
    path = function.save(tmp_path / "source.py")
    call = f"print(float(compiled(*map(numpy.array, {[a.tolist() for a in VALUES]}))[0]))"
    path.write_text(f"{function.source}\n\nimport numpy\n\n{call}\n")
    done = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(float(value), rel=1e-12)
    assert "import numpy" not in function.source
    np.testing.assert_allclose(pickle.loads(pickle.dumps(function))(*VALUES)[0], value, rtol=1e-12)


def test_what_jax_lacks_is_refused_by_name():
    x = tf.placeholder("x", ("n",))
    with pytest.raises(ValueError, match=r"the backend 'jax' does not have this: the operation .* needs sqrtm"):
        tf.compile(tf.linalg.sqrtm(S), [S], backend="jax")
    with pytest.raises(ValueError, match="write backend='numpy'"):
        tf.compile(tf.apply(__import__("sympy").airyaiprime, x), [x], backend="jax")


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="v of shape"):
        tf.compile(X @ v, [X, v], backend="jax")(np.ones((4, 3)), np.ones(2))


def test_rows_may_be_spread_over_devices():
    """In a process of its own, as the number of devices is settled when JAX starts."""
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", SHARDED], capture_output=True, text=True, env=os.environ | flags)
    assert (done.returncode, done.stdout.split()) == (0, list(map(str, range(len(PROGRAMS))))), done.stderr


SHARDED = """
import numpy as np, jax
from jax.sharding import Mesh, NamedSharding, PartitionSpec
import tracer as tf
from tests.backends.test_to_jax import PROGRAMS, SOURCES, VALUES

mesh = Mesh(np.array(jax.devices()), ("rows",))
assert mesh.size == 4
places = [NamedSharding(mesh, PartitionSpec("rows") if len(a) == 4 else PartitionSpec()) for a in VALUES]
for k, program in enumerate(PROGRAMS.values()):
    value = program()
    outputs = [value, *(g for g in tf.gradients(value, SOURCES) if g is not None)]
    function = jax.jit(tf.compile(outputs, SOURCES, backend="jax"))  # From here on JAX computes in 64 bits.
    found = function(*map(jax.device_put, VALUES, places))
    for got, want in zip(found, tf.compile(outputs, SOURCES)(*VALUES)):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)
    print(k)
"""
