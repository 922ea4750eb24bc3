"""Expressions with letters for what they repeat: the letters put back give the same expression."""

import ast

import pytest

from tracer.explanations.expression_patterns import fill_letters, parse
from tracer.explanations.repeated_parts import name_repeated_parts

EXPRESSIONS = [
    ("x + 1", "x + 1", {}),
    ("f(x) + f(x)", "f(x) + f(x)", {}),
    ("where(norm(x, axis=1) > 0.0, norm(x, axis=1), 1.0)", "where(s > 0.0, s, 1.0)", {"s": "norm(x, axis=1)"}),
    ("norm(s, axis=1) * norm(s, axis=1)", "t * t", {"t": "norm(s, axis=1)"}),
    ("equal(xs * ys, 0.0) + equal(xs * ys, 0.0)", "equal(xs * ys, 0.0) + equal(xs * ys, 0.0)", {}),
    (
        "exp(reduce_sum(x)) / log(reduce_sum(x)) + exp(reduce_sum(x))",
        "s / log(t) + s",
        {"t": "reduce_sum(x)", "s": "exp(t)"},
    ),
]


@pytest.mark.parametrize(("text", "short", "parts"), EXPRESSIONS)
def test_what_is_repeated_has_a_letter(text, short, parts):
    assert name_repeated_parts(text) == (short, parts)
    whole = parse(short)
    for letter, part in reversed(parts.items()):
        whole = fill_letters(whole, {letter: parse(part)})
    assert ast.unparse(whole) == text
