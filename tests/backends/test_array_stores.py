"""Constants of a source: small ones as text, large ones in a file beside it."""

import json

import numpy as np
import pytest

import tracer as tf
from tests.backends.shared_programs import TARGETS, installed, plain
from tracer.backends.array_stores import LARGE, LISTS, NPZ, hold_lists, write_array, write_lists

SMALL = np.array([[1.5, np.nan], [-np.inf, 2.0]])


def test_text_of_arrays_has_their_values():
    for array in (SMALL, SMALL.astype("float32"), np.array([1, 2]), np.array([True]), np.zeros((0, 3)), np.array(0.1)):
        found = eval(write_array(array), {"np": np})
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, array)
    np.testing.assert_array_equal(np.array(eval(write_lists(SMALL))), SMALL)
    assert hold_lists(np.eye(2)) == [[1.0, 0.0], [0.0, 1.0]]


def test_large_ones_are_loaded():
    large = {"a": np.zeros(LARGE + 1), "b": np.ones(2)}
    imports, definitions = NPZ.write(large)
    assert imports == ["from pathlib import Path"]
    assert definitions == [
        '_constants = dict(np.load(Path(__file__).with_suffix(".npz")))',
        'a = _constants["a"]',
        "b = np.array([1.0, 1.0])",
    ]
    assert NPZ.write({"b": np.ones(2)})[0] == []


def test_lists_are_json(tmp_path):
    LISTS.save(tmp_path / "step.py", {"a": SMALL})
    np.testing.assert_array_equal(json.loads((tmp_path / "step.json").read_text())["a"], SMALL)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # JAX closes no file.
@pytest.mark.parametrize("name", [name for name, t in TARGETS.items() if t.arrays and t.backend != "c"])
def test_a_saved_source_loads_what_it_needs(name, tmp_path, monkeypatch):
    target = installed(TARGETS[name])
    weights = np.linspace(0.0, 1.0, LARGE + 1)
    x = tf.placeholder("x", (LARGE + 1,))
    function = tf.compile(tf.reduce_sum(tf.constant(weights) * x) + tf.constant([1.0, 2.0])[1], [x], target.backend)
    path = function.save(tmp_path / "weighted.py")
    scope = {"__file__": str(path)}
    exec(compile(path.read_text(), path, "exec", dont_inherit=True), scope)
    given = target.convert(np.cos(weights))
    np.testing.assert_allclose(plain(scope["compiled"](given)), weights @ np.cos(weights) + 2, rtol=1e-13)
    np.testing.assert_allclose(plain(function(given)), weights @ np.cos(weights) + 2, rtol=1e-13)
    assert len(list(tmp_path.iterdir())) == 2
