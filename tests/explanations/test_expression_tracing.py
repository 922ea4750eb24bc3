"""Expressions are traced to the tensors that Python's own evaluation of their text gives; other texts are refused."""

import ast

import numpy as np
import pytest

import tracer
from tracer.explanations.expression_tracing import FUNCTIONS, Unspellable, find_function, trace

x, y = tracer.symbols("x y")
v = tracer.placeholder("v", (3,))
NAMES = {"x": x, "y": y, "v": v}

TEXTS = [
    "x + y", "x - y", "x * y", "x / y", "x ** y", "-x", "x < y", "x <= y", "x > y", "x >= y",
    "v @ v", "v[0]", "v[1:]", "v[0:3:2]", "v[None, :]", "reduce_sum(v, axis=0)", "stack([x, y])",
    "math.xlogy(x, y)", "gradients(x * x * y, [x])[0]", "where(x > 0.5, log(x), 2.0)", "broadcast_to(x, (2, 3))",
]  # fmt: skip


def read(text):
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize("text", TEXTS)
def test_an_expression_is_what_python_makes_of_its_text(text):
    found = trace(read(text), NAMES)
    expected = eval(text, {**vars(tracer), "math": tracer.math, **NAMES})
    feed = {"x": 0.75, "y": 1.5, "v": [0.5, -1.0, 2.0]}
    given = {k: value for k, value in feed.items() if k in {s.name for s in tracer.walk.ancestors([found])}}
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(found.eval(given), expected.eval(given))


def test_every_operator_is_tried():
    used = {type(part) for text in TEXTS for part in ast.walk(read(text))}
    assert used >= FUNCTIONS.keys()


def test_names_are_found_in_modules():
    assert find_function(read("math.log")) is tracer.math.log
    assert find_function(read("linalg.inv")) is tracer.linalg.inv
    with pytest.raises(AttributeError):
        find_function(read("math.absent"))


def test_only_spellings_are_traced():
    for text in ("[k for k in x]", "lambda: x", "x if x else x", "f'{x}'"):
        with pytest.raises(Unspellable, match="no part of a spelling"):
            trace(ast.parse(text, mode="eval").body, {"x": x})
    with pytest.raises(KeyError):
        trace(ast.parse("__import__", mode="eval").body, {})
    with pytest.raises(AttributeError):
        trace(ast.parse("breakpoint()", mode="eval").body, {})
