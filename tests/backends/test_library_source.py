"""Sources for libraries other than NumPy: imports, helpers, constants, and what is like an argument."""

import pytest

import tracer as tf
from tracer.backends.library_source import common_dtype
from tracer.backends.to_array_api import ARRAY_API
from tracer.program.lines import Kind, Line
from tracer.program.program import Program
from tracer.rules import TABLE
from tracer.tensor import apply as record

X, ids = tf.placeholder("X", ("n", "m")), tf.placeholder("ids", ("k",), "int64")


def body(function):
    return function.source.split('"""')[-1].strip()


def test_only_what_is_used_is_imported_and_defined():
    source = tf.compile(X * 2, [X], backend="array_api").source
    assert source.startswith("def compiled(X):")
    assert "__array_namespace__" not in source
    source = tf.compile(tf.nn.softmax(X), [X], backend="array_api").source
    assert source.startswith("from typing import Any\n\nArray = Any")
    assert source.count("def ") == 2


def test_new_arrays_have_the_dtype_and_the_device_of_an_argument():
    value = tf.linalg.trace(X @ tf.transpose(X) + tf.eye(X.shape[0]))
    assert "xp.eye(n, dtype=X.dtype, device=X.device)" in tf.compile(
        value[None] * tf.eye(2), [X], "array_api"
    ).source or ("xp.eye(2, dtype=X.dtype, device=X.device)" in tf.compile(value * tf.eye(2), [X], "array_api").source)
    source = tf.compile(tf.cast(ids, "float64") / 2, [ids], backend="array_api").source
    assert "0.5 * xp.astype(ids, xp.float64)" in source


def test_whole_numbers_become_floats_where_they_meet():
    x = tf.placeholder("x", ("k",))
    source = tf.compile(record(TABLE["multiply"], (ids, x)), [ids, x], backend="array_api").source
    assert "xp.astype(ids, x.dtype)" in source


@pytest.mark.parametrize(
    ("dtypes", "number", "result", "expected"),
    [
        (("int64", "float32"), None, "float32", "float32"),
        (("float32", "float64"), None, "bool", "float64"),
        (("int64",), 0.5, "bool", "float64"),
        (("int64", "bool"), None, "int64", "int64"),
        ((), 2, "bool", "float64"),
    ],
)
def test_what_operands_have_in_common(dtypes, number, result, expected):
    operands = [Line(Kind.ARGUMENT, (), None, (3,), d) for d in dtypes] + ([] if number is None else [number])
    assert common_dtype(Line(Kind.ELEMENTWISE, tuple(operands), None, (3,), result)) == expected


def test_a_program_without_inputs_names_no_library():
    assert ARRAY_API.lacks(Program([tf.constant([1.0]) * 2], [])).startswith("a program without inputs")


def test_names_of_constants_are_no_names_of_arguments():
    WEIGHTS = tf.placeholder("WEIGHTS", (2,))
    weights = tf.constant([1.0, 2.0], name="weights")
    function = tf.compile(weights * WEIGHTS, [WEIGHTS], backend="array_api")
    assert function([3.0, 4.0]).tolist() == [3.0, 8.0]
