"""Names of values in code: the user's, or a noun."""

import pytest

import tracer
from tracer.backends.line_names import describe_value, name_lines, name_output
from tracer.program.lines import Kind, Line
from tracer.program.program import Program
from tracer.rules import argument


def names_of(output, *sources):
    return list(name_lines(Program([output], sources)).values())


def test_a_value_has_the_name_of_its_variable():
    X, w, y = (tracer.placeholder(n, s) for n, s in {"X": ("n", "m"), "w": ("m",), "y": ("n",)}.items())
    residual = X @ w - y
    loss = tracer.reduce_sum(tracer.square(residual))
    assert names_of(loss, X, w, y) == ["residual", "loss"]


def test_what_an_expression_holds_has_no_name():
    x = tracer.placeholder("x", ("n",))
    half = tracer.reduce_sum(tracer.sin(x) * tracer.cos(x)) / 2
    assert names_of(half, x) == ["half"]


def test_of_many_operations_of_one_call_the_last_has_the_name():
    x = tracer.placeholder("x", ("n",))
    scaled = tracer.math.l2_normalize(x)
    program = Program([scaled], [x])
    assert len(program.lines) > 2
    assert name_lines(program) == {program.results[0]: "scaled"}


def test_results_have_the_names_that_were_given_or_those_of_sources():
    x, w = tracer.symbols("x w")
    assert name_output(tracer.multiply(x, w, name="scaled")) == "scaled"
    assert name_output(tracer.gradients(x * w * w, w)[0]) == "grad_w"
    area = x * w
    assert name_output(area) == "area"
    assert [name_output(t) for t in [x * w]] == [""]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (argument(0) ** 2, "squared"),
        (argument(0) ** 3, "raised"),
        (argument(0) ** -2, "inverse"),
        (argument(0) + argument(1), "total"),
    ],
)
def test_a_noun_for_an_elementwise_function(template, expected):
    for name in ("", "pow"):
        line = Line(Kind.ELEMENTWISE, (), template, (), "float64")
        line.name = name
        assert describe_value(line, "", "") == expected


@pytest.mark.parametrize(
    ("name", "head", "operand", "expected"),
    [
        ("exp", "exp", "x", "exp_x"),
        ("exp", "exp", "", "exponential"),
        ("matmul", "", "", "product"),
        ("tanh_grad", "", "", "cast"),
        ("mystery", "mystery", "", "mystery"),
        ("from_sympy", "abs", "x", "abs_x"),
    ],
)
def test_a_noun_for_a_value(name, head, operand, expected):
    line = Line(Kind.CAST, (), None, (), "float64")
    line.name = name
    assert describe_value(line, head, operand) == expected
