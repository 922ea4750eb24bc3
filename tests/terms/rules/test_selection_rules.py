"""Positions that are taken of what was put there are what was put, and others are nothing."""

import pytest
import sympy

from tests.terms.programs import (
    F,
    X,
    add,
    chosen,
    h,
    joined,
    k,
    m,
    matmul,
    n,
    part,
    rest,
    row,
    turned,
    u,
    v,
    w,
)
from tests.terms.rules.answers import answer
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE
from tracer.terms.rules.selection_rules import SELECTIONS


def normal(term, rules=SELECTIONS):
    return Normaliser(rules).normal(term)


def test_a_selection_of_its_own_positions_is_the_identity():
    assert normal(matmul(part, turned(part), u)) is u
    thrice = T.product(3 * ONE, [(part, (0, 1), ONE), (part, (2, 1), ONE)], (0, 2))
    assert normal(thrice) is normal(T.scaled(3, T.identity(n)))


def test_other_positions_are_zero_and_those_that_overlap_are_left_alone():
    nothing = T.product(ONE, [(part, (0, 1), ONE), (rest, (2, 1), ONE)], (0, 2))
    assert normal(nothing) is T.number(0, (n, m))
    shifted = chosen(1, n, n + m)
    overlapping = T.product(ONE, [(part, (0, 1), ONE), (shifted, (2, 1), ONE)], (0, 2))
    assert normal(overlapping) is normal(overlapping, ())
    kept = T.product(ONE, [(part, (0, 1), ONE), (part, (2, 1), ONE)], (0, 1, 2))
    assert normal(kept) is normal(kept, ())


def test_a_part_of_a_whole_is_what_was_put_there():
    assert normal(matmul(part, joined)) is u
    assert normal(matmul(rest, joined)) is matmul(T.source("X", (m, n)), v)
    other = chosen(sympy.Integer(2), m, n + m)
    assert normal(matmul(other, joined)) is normal(matmul(other, joined), ())


wide = T.source("W", (k, n + m))
stepped = T.call("selection", [], (0, 3, 2, 9), (3, 9))
after = T.call("selection", [], (6, 3, 1, 9), (3, 9))
first, second, shifted = (T.call("selection", [], (start, 2, 1, 6), (2, 6)) for start in (0, 2, 1))
put = row(1, (part, (1, 0), 1), (u, (1,), 1))
over = add(
    [(1, row(1, (part, (1, 0), 1), (u, (1,), 1))), (1, row(1, (rest, (1, 0), 1), (T.source("y", (m,)), (1,), 1)))]
)
matrix = row(1, (part, (1, 0), 1), (F, (1, 2), 1), (part, (2, 3), 1), out=(0, 3))
tall = add(
    [
        (1, row(1, (part, (1, 0), 1), (F, (1, 2), 1), out=(0, 2))),
        (1, row(1, (rest, (1, 0), 1), (X, (1, 2), 1), out=(0, 2))),
    ]
)

ANSWERS = {
    "P @ P.T -> I": [
        (row(1, (shifted, (0, 1), 1), (second, (2, 1), 1), out=(0, 2)), ""),
        (row(1, (second, (0, 1), 1), (shifted, (2, 1), 1), out=(0, 2)), ""),
        (row(1, (part, (0, 1), 1), (part, (2, 1), 1), out=(0, 2)), "1 -> [0, 0]"),
        (
            row(3, (u, (0,), 1), (part, (0, 1), 1), (v, (2,), 1), (part, (2, 1), 1), out=(0, 3), _3=k),
            "3*v[0]*u[0] -> [0, 1]",
        ),
        (row(1, (part, (0, 1), 1), (rest, (2, 1), 1), out=(0, 2)), "0 -> [0, 1]"),
        (row(1, (rest, (0, 1), 1), (part, (2, 1), 1), out=(0, 2)), "0 -> [0, 1]"),
        (row(1, (first, (0, 1), 1), (second, (2, 1), 1), out=(0, 2)), "0 -> [0, 1]"),
        (row(1, (first, (0, 1), 1), (shifted, (2, 1), 1), out=(0, 2)), ""),
        (row(1, (shifted, (0, 1), 1), (first, (2, 1), 1), out=(0, 2)), ""),
        (row(1, (stepped, (0, 1), 1), (after, (2, 1), 1), out=(0, 2)), ""),
        (row(1, (after, (0, 1), 1), (stepped, (2, 1), 1), out=(0, 2)), ""),
        (row(1, (part, (0, 1), 1), (part, (0, 2), 1), out=(1, 2)), ""),
        (row(1, (part, (0, 1), 1), (part, (2, 1), 1), out=(0, 1, 2)), ""),
        (row(1, (part, (0, 1), 1), (part, (2, 1), 1), (T.source("y", (n + m,)), (1,), 1), out=(0, 2)), ""),
        (row(1, (part, (0, 1), 2), (part, (2, 1), 1), out=(0, 2)), ""),
        (row(1, (part, (0, 1), 1), (part, (2, 1), 2), out=(0, 2)), ""),
        (row(1, (wide, (0, 1), 1), (part, (2, 1), 1), out=(0, 2)), ""),
        (row(1, (part, (0, 1), 1), (wide, (2, 1), 1), (u, (0,), 1), out=(2,)), ""),
        (
            row(1, (wide, (0, 1), 1), (part, (3, 4), 1), (u, (3,), 1), (part, (2, 4), 1), out=(0, 1, 2)),
            "W[0, 1]*u[2] -> [0, 1, 2]",
        ),
    ],
    "P @ (P.T @ x + R) -> x + P @ R": [
        (row(1, (part, (0, 1), 1), (over, (1,), 1)), "u"),
        (row(1, (over, (1,), 1), (part, (0, 1), 1)), "u"),
        (
            row(2, (v, (0,), 1), (over, (1,), 1), (w, (0,), 1), (part, (0, 1), 1), (h, (2,), 1), out=(0, 2, 3), _3=k),
            "2*w[0]*v[0]*u[0]*h[1] -> [0, 1, 2]",
        ),
        (row(1, (rest, (0, 1), 1), (over, (1,), 1)), "y"),
        (row(1, (part, (0, 1), 1), (add([(1, put), (1, T.source("y", (n + m,)))]), (1,), 1)), ""),
        (row(1, (part, (0, 1), 2), (over, (1,), 1)), ""),
        (row(1, (part, (0, 1), 1), (over, (1,), 2)), ""),
        (row(1, (part, (0, 1), 1), (over, (1,), 1), out=(0, 1)), ""),
        (row(1, (part, (0, 1), 1), (over, (1,), 1), (T.source("y", (n + m,)), (1,), 1)), ""),
        (row(1, (part, (0, 1), 1), (T.source("y", (n + m,)), (1,), 1)), ""),
        (row(1, (part, (0, 1), 1), (over, (2,), 1), out=(0, 1, 2)), ""),
        (row(1, (part, (0, 1), 1), (T.source("y", (n + m,)), (1,), 1), (over, (2,), 1), out=(0, 2)), ""),
        (row(1, (part, (0, 1), 1), (add([(1, put), (2, put)]), (1,), 1)), "3*u[0] -> [0]"),
        (
            row(
                1,
                (part, (0, 1), 1),
                (
                    add([(1, matrix), (1, row(1, (rest, (1, 0), 1), (X, (1, 2), 1), (part, (2, 3), 1), out=(0, 3)))]),
                    (1, 2),
                    1,
                ),
                out=(0, 2),
            ),
            "",
        ),
        (
            row(
                1,
                (part, (0, 2), 1),
                (
                    add([(1, matrix), (1, row(1, (rest, (1, 0), 1), (X, (1, 2), 1), (part, (2, 3), 1), out=(0, 3)))]),
                    (1, 2),
                    1,
                ),
                out=(1, 0),
            ),
            "",
        ),
        (row(1, (part, (0, 1), 1), (add([(1, matrix), (1, turned(matrix))]), (1, 0), 1)), ""),
        (row(1, (part, (0, 1), 1), (tall, (1, 2), 1), out=(0, 2)), "F"),
        (row(1, (part, (0, 1), 1), (tall, (1, 2), 1), out=(2, 0)), "F[1, 0] -> [0, 1]"),
        (row(1, (rest, (0, 1), 1), (v, (2,), 1), (tall, (1, 2), 1)), "X[0, 1]*v[1] -> [0]"),
        (row(2, (part, (0, 1), 1), (tall, (1, 0), 1)), ""),
        (
            row(
                1,
                (part, (0, 1), 1),
                (
                    add([(c, row(1, (rest, (1, 0), 1), (T.source(f"y{c}", (m,)), (1,), 1))) for c in range(1, 9)]),
                    (1,),
                    1,
                ),
            ),
            "0 -> [0]",
        ),
        (
            row(
                1,
                (part, (0, 1), 1),
                (
                    add([(c, row(1, (rest, (1, 0), 1), (T.source(f"y{c}", (m,)), (1,), 1))) for c in range(1, 10)]),
                    (1,),
                    1,
                ),
            ),
            "",
        ),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
