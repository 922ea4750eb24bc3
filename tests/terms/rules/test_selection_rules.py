"""What stands at the places of a selection is taken there; a selection is left where a result has its places."""

import pytest

from tests.terms.programs import add, backwards, chosen, exp, k, m, n, part, rest, row, u, v
from tests.terms.rules.answers import answer
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD

y, wide = T.source("y", (n + m,)), T.source("W", (k, n + m))
square = T.source("Z", (n + m, n + m))
first, second, shifted = (T.call("selection", [], (start, 2, 1, 6), (2, 6)) for start in (0, 2, 1))
over = add(
    [(1, row(1, (part, (1, 0), 1), (u, (1,), 1))), (1, row(1, (rest, (1, 0), 1), (T.source("z", (m,)), (1,), 1)))]
)
unknown = T.call("selection", [], (k, m, 1, n + m), (m, n + m))


def whole(length):
    return f"Places(start=0, length={length}, step=1)"


TAKEN = f"part(y, ({whole('n')},))"

ANSWERS = {
    "P @ x -> x[a:b]": [
        (row(1, (part, (0, 1), 1), (y, (1,), 1)), TAKEN),
        (row(3, (part, (0, 1), 1), (y, (1,), 2), (u, (0,), 1)), f"3*u[0]*{TAKEN}[0]**(2) -> [0]"),
        (row(1, (part, (0, 1), 1), (exp(y), (1,), 1)), f"exp({TAKEN})"),
        (row(1, (part, (0, 1), 1), (over, (1,), 1)), "u"),
        (
            row(1, (part, (0, 1), 1), (y, (1,), 1), out=(0, 1)),
            f"selection((0, n, 1, m + n))[0, 1]*{TAKEN}[0] -> [0, 1]",
        ),
        (row(1, (part, (0, 1), 1), (square, (1, 1), 1)), f"part(Z, ({whole('n')}, {whole('n')}))[0, 0] -> [0]"),
        (row(1, (part, (0, 1), 1), (wide, (2, 1), 1), out=(2, 0)), f"part(W, ({whole('k')}, {whole('n')}))"),
        (row(1, (part, (0, 1), 1), (part, (2, 1), 1), out=(0, 2)), "1 -> [0, 0]"),
        (row(1, (rest, (0, 1), 1), (part, (2, 1), 1), out=(0, 2)), "0 -> [0, 1]"),
        (row(1, (first, (0, 1), 1), (second, (2, 1), 1), out=(0, 2)), "0 -> [0, 1]"),
        (
            row(1, (first, (0, 1), 1), (shifted, (2, 1), 1), out=(0, 2)),
            "selection((0, 1, 1, 2))[2, 1]*selection((1, 1, 1, 2))[3, 0] -> [0, 1]",
        ),
        (row(1, (part, (0, 1), 1), out=(0,)), "1 -> [0]"),
        (row(1, (part, (1, 0), 1), (u, (1,), 1)), ""),
        (row(1, (part, (0, 1), 2), (y, (1,), 1)), ""),
        (row(1, (part, (0, 1), 1), (unknown, (2, 1), 1), out=(0, 2)), ""),
    ],
    "P.T @ x -> Q.T @ x[::-1]": [
        (row(1, (backwards, (0, 1), 1), (u, (0,), 1), out=(1,)), "part(u, (Places(start=n - 1, length=n, step=-1),))"),
        (row(1, (backwards, (0, 1), 1), (u, (0,), 1), out=(0, 1)), ""),
        (row(1, (part, (0, 1), 1), (u, (0,), 1), out=(1,)), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term


def test_what_is_put_into_places_is_no_product_that_has_a_common_factor():
    later = chosen(m, n, n + m)
    difference = add(
        [(1, row(1, (part, (1, 0), 1), (exp(v), (1,), 1))), (-1, row(1, (later, (1, 0), 1), (exp(v), (1,), 1)))]
    )
    assert T.describe(Normaliser(STANDARD).normal(difference)).count("exp(v)") == 2
