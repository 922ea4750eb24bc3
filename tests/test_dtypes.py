"""Dtypes: one object for each, equal to its name and to NumPy's and Python's types."""

import copy
import pickle

import numpy as np
import pytest

import tracer
from tracer.dtypes import as_dtype

KINDS = {"float64": float, "float32": np.float32, "int64": int, "int32": np.int32, "bool": bool}


@pytest.mark.parametrize("name", KINDS)
def test_a_dtype_equals_everything_that_means_it(name):
    found = tracer.cast(tracer.constant([1.0]), name).dtype
    for same in (name, np.dtype(name), np.dtype(name).type, KINDS[name], getattr(tracer, name), found):
        assert found == same
        assert same == found
        assert not found.__ne__(same)
        assert as_dtype(same) is found
    for other in {*KINDS} - {name}:
        assert found != other
        assert found != np.dtype(other)
        assert np.dtype(other).type != found
    assert (found == None) is False  # noqa: E711
    assert found != 3


@pytest.mark.parametrize("name", KINDS)
def test_a_dtype_serves_as_its_name_and_as_numpys_dtype(name):
    found = getattr(tracer, name)
    assert hash(found) == hash(name)
    assert {found: 1}[name] == {name: 1}[found] == 1
    assert (f"{found}", repr(found), found.name) == (name, repr(name), name)
    numpys = np.dtype(name)
    assert np.dtype(found) == numpys
    assert np.zeros(2, found).dtype == numpys
    assert (found.kind, found.itemsize) == (numpys.kind, numpys.itemsize)
    assert np.issubdtype(found, np.floating) == name.startswith("float")
    assert found in (np.float64, np.float32) or not name.startswith("float")
    assert pickle.loads(pickle.dumps(found)) is found
    assert copy.deepcopy(found) is found


def test_dtypes_are_read_from_numpys_spellings():
    assert [as_dtype(d) for d in ("f8", "<f4", "i8", "i4", "?", "double")] == [
        "float64", "float32", "int64", "int32", "bool", "float64",
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float16", np.uint8, "i1", "S", object, 3, "complex128"])
def test_other_dtypes_are_refused_by_name(dtype):
    with pytest.raises(TypeError, match="is not one of bool, int32, int64, float32, float64"):
        as_dtype(dtype)


def test_tensors_share_one_object_for_a_dtype():
    x = tracer.constant([1.0, 2.0])
    for t in (x, x + 1, tracer.reduce_sum(x), tracer.zeros(3), tracer.placeholder("p"), tracer.Variable(1.0), x[0]):
        assert t.dtype is tracer.float64
    assert (x > 1).dtype is tracer.bool
    assert tracer.range(3).dtype is tracer.int64
