"""Patterns match what they stand for, and nothing else."""

import ast

import pytest

from tracer.explanations.expression_patterns import fill_letters, match, parse, replace_parts

MATCHES = [
    ("x * log(y)", "log(p) * q", [{"x": "q", "y": "p"}]),
    ("x * log(x)", "p * log(q)", []),
    ("x * log(x)", "log(p + 1) * (p + 1)", [{"x": "p + 1"}]),
    ("x / y", "p / q", [{"x": "p", "y": "q"}]),
    ("x - y", "p + q", []),
    ("1.0 - x", "1 - p", [{"x": "p"}]),
    ("1.0 - x", "2 - p", []),
    ("-x", "-p", [{"x": "p"}]),
    ("f(x)", "g(p)", []),
    ("softmax(x)", "softmax(p, axis=0)", []),
    ("softmax(x, axis=a)", "softmax(p, axis=0)", [{"x": "p", "a": "0"}]),
    ("linalg.inv(a) @ b", "linalg.inv(p) @ q", [{"a": "p", "b": "q"}]),
    *(("square(x)", square, [{"x": "p + 1"}]) for square in ("square(p + 1)", "(p + 1) ** 2.0", "(p + 1) * (p + 1)")),
    *(("square(x)", other, []) for other in ("p ** 3", "p * q", "p + p", "sqrt(p)", "p")),
    ("x + y", "p + q", [{"x": "p", "y": "q"}, {"x": "q", "y": "p"}]),
]


@pytest.mark.parametrize(("pattern", "expression", "expected"), MATCHES)
def test_patterns_match(pattern, expression, expected):
    found = [{k: ast.unparse(e) for k, e in m.items()} for m in match(parse(pattern), parse(expression))]
    assert found == expected


def test_options_are_handed_on():
    (found,) = match(parse("log(reduce_sum(exp(x), **o))"), parse("log(reduce_sum(exp(p), axis=1, keepdims=True))"))
    assert (
        ast.unparse(fill_letters(parse("reduce_logsumexp(x, **o)"), found))
        == "reduce_logsumexp(p, axis=1, keepdims=True)"
    )


def test_parts_are_replaced_and_the_rest_stays():
    whole = parse("f(g(p), k=h(q))")
    made = replace_parts(whole, {id(whole.args[0]): parse("r")})
    assert ast.unparse(made) == "f(r, k=h(q))"
    assert made.keywords[0] is whole.keywords[0]
    assert replace_parts(whole, {}) is whole
