"""Shapes from annotations: jaxtyping's objects, and their source."""

import inspect
import re

import numpy as np
import pytest
from jaxtyping import Bool, Complex, Float, Float32, Float64, Inexact, Int, Int32, Integer, Num, Real, Shaped

from tracer.annotations import KINDS, Annotation, annotation_of, sizes_of
from tracer.shapes import symbolic_dimension

n, m = map(symbolic_dimension, "nm")


def read(annotation, scope=None):
    """What the annotation of a parameter says."""

    def f(x): ...

    f.__annotations__["x"] = annotation
    return annotation_of(inspect.signature(f).parameters["x"], scope or {})


@pytest.mark.parametrize("kind", [Bool, Float, Float32, Float64, Inexact, Int, Int32, Integer, Num, Real, Shaped])
def test_source_says_what_the_object_says(kind):
    for dimensions in ("n m", "3 3", "", "n+1 rows=4"):
        of_object = read(kind[np.ndarray, dimensions])
        assert of_object.sizes == tuple(dimensions.replace("rows=", "").split())
        assert of_object.dtype == KINDS[kind.__name__]
        for text in ("{0}[Array, {1!r}]", "jaxtyping.{0}[np.ndarray, {1!r}]", '"{0}[np.ndarray, {1!r}]"'):
            of_source = read(text.format(kind.__name__, dimensions))
            assert of_source[:2] == of_object[:2]


def test_a_name_is_looked_up_where_the_function_is():
    scope = {"Matrix": Float[np.ndarray, "n m"], "Text": 'Float32[Array, "k"]'}
    assert read("Matrix", scope).sizes == ("n", "m")
    assert read("Text", scope)[:2] == (("k",), "float32")


@pytest.mark.parametrize(
    "annotation",
    [
        inspect.Parameter.empty,
        None,
        "None",
        float,
        "float",
        np.ndarray,
        list[int],
        "list[int]",
        "dict[str, int]",
        "Float[Array]",
        "x y",
        "",
        "f(1)[Array, 'n']" * 99,
        "absent",
        "__import__('os').system('true')",
        "Float[Array, n]",
        3,
    ],
)
def test_any_other_annotation_says_nothing(annotation):
    assert read(annotation) is None


def test_a_dtype_that_tensors_lack_is_none():
    assert read(Complex[np.ndarray, "n"]).dtype is None
    assert read("UInt8[Array, 'n']").dtype is None


@pytest.mark.parametrize(
    ("dimensions", "shape"),
    [
        ("", ()),
        ("n 3", (n, 3)),
        ("n+1 2*m", (n + 1, 2 * m)),
        ("n-1 (n+m)//2 2*3", (n - 1, (n + m) // 2, 6)),
        ("columns=n", (n,)),
    ],
)
def test_the_shape_of_a_placeholder(dimensions, shape):
    assert read(Float[np.ndarray, dimensions]).shape("x", {}) == shape
    known = read(Float[np.ndarray, dimensions]).shape("x", {"n": 5, "m": 7})
    assert known == tuple(int(d.subs({n: 5, m: 7})) if hasattr(d, "subs") else d for d in shape)
    assert all(type(d) is int for d in known)


@pytest.mark.parametrize("dimensions", ["*batch n", "... n", "n _", "n _m", "#n", "{k}", "n**2", "n/2", "f(n)", "?n"])
def test_a_shape_that_is_open_gives_no_placeholder(dimensions):
    annotation = read(f"Float[Array, {dimensions!r}]")
    with pytest.raises(ValueError, match=r"x is annotated Float\[Array, .* is no single size; write names"):
        annotation.shape("x", {})


def stated(*given):
    return [(name, Annotation(tuple(text.split()), None, f'Float[Array, "{text}"]'), s) for name, text, s in given]


def test_sizes_are_those_of_the_arrays():
    assert sizes_of(stated(("A", "n m", (3, 4)), ("x", "m", (4,)), ("y", "n+1 2", (4, 2)))) == {"n": 3, "m": 4}
    assert sizes_of(stated(("y", "n+1", (4,)), ("x", "n", (3,)))) == {"n": 3}
    assert sizes_of(stated(("x", "n k+1", (n, 3)))) == {"n": n}
    assert sizes_of(stated(("x", "*batch n", (3, 4)), ("y", "... n", (5,)), ("z", "_ #n _n", (1, 2, 3)))) == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            [("A", "n m", (3, 4)), ("x", "m", (5,))],
            'x is annotated Float[Array, "m"], and was given the shape (5,): the size m is 5 in it; m is 4 in A of '
            "shape (3, 4)",
        ),
        ([("A", "n n", (3, 4))], "the size n is 4 in it; n is 3 in A of shape (3, 4)"),
        ([("x", "n+1", (3,)), ("y", "n", (3,))], "the size n+1 is 3 in it; n is 3 in y of shape (3,)"),
        ([("x", "3", (4,))], "a size is 4 and not 3"),
        ([("x", "n m", (4,))], 'x is annotated Float[Array, "n m"], of rank 2, and was given the shape (4,)'),
        ([("x", "", (4,))], "of rank 0, and was given the shape (4,)"),
        ([("x", "n", (n,)), ("y", "n", (3,))], "the size n is 3 in it; n is n in x of shape (n,)"),
    ],
)
def test_an_array_that_contradicts_its_annotation_is_refused(given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        sizes_of(stated(*given))
