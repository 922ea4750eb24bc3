"""Relations in words: they read back as Python to what they say."""

import pytest
import sympy
from sympy import And, Eq, Ne, Not, Or

from tracer.explanations.relation_text import tell_relation

x, y = sympy.symbols("x y", real=True)
RELATIONS = [
    (Ne(x, 0), "x != 0"),
    (Eq(x**2, y), "x**2 == y"),
    (x - y <= 2, "x - y <= 2"),
    (And(x > 0, Ne(y, 1)), "x > 0 and y != 1"),
    (And(Ne(x, 0), Or(x < y, y >= 1)), "x != 0 and (y >= 1 or x < y)"),
    (Or(And(x > 0, y > 0), x < -1), "x < -1 or (x > 0 and y > 0)"),
    (Not(Eq(x, y)), "x != y"),
    (sympy.Symbol("c"), "c"),
    (sympy.Sum(x ** sympy.Symbol("i"), (sympy.Symbol("i"), 0, 2)) > 0, "sum(x**i for i in range(3)) > 0"),
]


@pytest.mark.parametrize(("relation", "text"), RELATIONS, ids=[t for _, t in RELATIONS])
def test_a_relation_is_told_in_signs_of_programs(relation, text):
    assert tell_relation(relation) == text
    for a, b in [(0, 0), (1, 2), (-2, 3), (2, 1), (0, 1), (-2, -2)]:
        told = eval(text, {"x": a, "y": b, "c": True})
        assert told is bool(relation.subs({x: a, y: b, sympy.Symbol("c"): True}))
