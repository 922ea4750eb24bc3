"""Programs are spelled so that tracing the text gives them again, or they are refused."""

import ast

import numpy as np
import pytest
import sympy

import tracer
from tracer.explanations import spelling
from tracer.explanations.expression_tracing import Unspellable, trace
from tracer.explanations.spelling import Speller, call, differentiated, write

x, y = tracer.symbols("x y")
v, w = tracer.placeholder("v", ("n",)), tracer.placeholder("w", ("n",))
m, a, b = tracer.placeholder("m", ("n", 3)), tracer.placeholder("a", (2, 2)), tracer.placeholder("b", (2, 1))

PROGRAMS = [
    tracer.cast(x > 0, "float64") * tracer.math.log(x) + (1.0 - tracer.cast(x > 0, "float64")) * x,
    tracer.where(tracer.logical_and(x > 0, y <= 1.0), x**y, -x),
    tracer.nn.softmax(v / x),
    tracer.linalg.solve(a, b),
    tracer.linalg.solve(a, b, adjoint=True),
    tracer.linalg.trace(tracer.linalg.inv(a)),
    tracer.linalg.slogdet(a)[1],
    tracer.linalg.eigh(a)[0],
    tracer.linalg.cholesky(a),
    tracer.reduce_mean((v - tracer.reduce_mean(v)) ** 2),
    m @ tracer.ones([3, 1]),
    tracer.reduce_sum(m * m, axis=1, keepdims=True),
    tracer.reduce_max(m, axis=1),
    tracer.transpose(m),
    tracer.einsum("ij,ik->jk", m, m),
    tracer.norm(v - w),
    m[:, 0] + m[:, 1:][:, 0],
    a[0, 1],
    tracer.math.xlogy(x, y) + tracer.math.divide_no_nan(x, y),
    tracer.stack([x, y, 2.0]),
    x * np.array([[1.0, -2.0]]) + np.array([1, 2]) * tracer.where(np.array([True, False]), x, y),
    tracer.concat([v, v], 0),
    tracer.math.cumsum(v, reverse=True),
    tracer.expand_dims(v, 1),
    tracer.nn.log_softmax(v),
    tracer.nn.gelu(x) + tracer.nn.gelu(x, approximate=True),
    tracer.clip_by_value(x, -1.0, 1.0),
    tracer.stop_gradient(x) * x,
    tracer.gradients(tracer.sin(x * y), [x])[0] ** 2,
]


@pytest.mark.parametrize("tensor", PROGRAMS, ids=lambda t: t.name)
def test_the_text_is_the_program(tensor):
    speller = Speller([tensor])
    text = write(speller.spell(tensor))
    again = trace(ast.parse(text, mode="eval").body, speller.sources)
    rng = np.random.default_rng(3)
    feed = {
        s: rng.uniform(0.5, 2.0, [d if isinstance(d, int) else 2 for d in s.shape]) for s in speller.sources.values()
    }
    feed |= {a: [[2.0, 1.0], [0.5, 3.0]]} if a in feed else {}
    np.testing.assert_allclose(again.eval(feed), tensor.eval(feed), rtol=1e-12)


REFUSED = [
    (tracer.math.log(tracer.placeholder("not a name", ())), "is no name of its own"),
    (tracer.math.log(tracer.placeholder("lambda", ())), "is no name of its own"),
    (tracer.placeholder("x", ()) * x, "is no name of its own"),
    (tracer.apply(__import__("sympy").besselj, 0, x), "is no function of tracer's"),
    (tracer.sin(tracer.constant(np.ones(17))), "has no name"),
    (x + tracer.constant([1.0, np.nan]), "has no name"),
    (tracer.gather(v, [0, 1]), "has no"),
]


@pytest.mark.parametrize(("tensor", "message"), REFUSED, ids=lambda t: getattr(t, "name", t))
def test_what_has_no_spelling_is_refused(tensor, message):
    with pytest.raises(Unspellable, match=message):
        Speller([tensor]).spell(tensor)


def test_long_expressions_are_refused_before_they_are_made():
    t = x
    for _ in range(200):
        t = t * t
    with pytest.raises(Unspellable, match="too long"):
        Speller([t]).spell(t)


def test_gradients_of_one_function_by_a_source_are_known():
    f = tracer.sin(x) * y
    assert differentiated(tracer.gradients(f, [x])[0]) == (f, x)
    assert differentiated(tracer.gradients([f, x * x], [x])[0]) is None
    assert differentiated(tracer.gradients(f, [x], grad_ys=[y])[0]) is None
    inner = x * y
    assert differentiated(tracer.gradients(tracer.sin(inner), [inner])[0]) is None


def test_functions_are_called_where_tensorflow_keeps_them():
    assert write(call("solve", ast.Name("a"), ast.Name("b"))) == "linalg.solve(a, b)"
    assert write(call("reduce_sum", ast.Name("a"), axis=(0, 1))) == "reduce_sum(a, axis=(0, 1))"


def test_what_is_of_symbols_has_no_numbers():
    assert ast.unparse(spelling._spell_numbers([1, -2])) == "[1, -2]"
    assert ast.unparse(spelling._spell_shape([3, sympy.Symbol("n")])) == "[3, -1]"
    with pytest.raises(Unspellable, match=r"\[n\] are no numbers"):
        spelling._spell_numbers([sympy.Symbol("n")])
    with pytest.raises(Unspellable, match=r"the shape \(n, m\) has no numbers"):
        spelling._spell_shape(sympy.symbols("n m"))
