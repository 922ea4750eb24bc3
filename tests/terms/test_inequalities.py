"""Inequalities are rules: what follows from them is decided, and no more."""

from itertools import pairwise

import pytest
import sympy

from tests.terms.programs import F, above, compare, h, one, u, v, w, where, zero
from tracer.scalar import relu, step
from tracer.terms import record as T
from tracer.terms.inequalities import Inequalities
from tracer.terms.normalise import Normaliser
from tracer.terms.record import add, call, scaled
from tracer.terms.rules.standard import STANDARD

GT, GE, LT, LE, NE = sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le, sympy.Ne


def knowing(*stated):
    n = Normaliser(STANDARD)
    found = Inequalities(n, [(head, n.normal(a), n.normal(b)) for head, a, b in stated])
    return Normaliser((*found.rules, *STANDARD)), found


def decided(n, condition):
    return T.constant_value(n.normal(condition))


TRUE, FALSE = sympy.true, sympy.false


@pytest.mark.parametrize(
    ("stated", "asked", "expected"),
    [
        ([(GT, u, zero)], (GE, u, zero), TRUE),
        ([(GT, u, zero)], (NE, u, zero), TRUE),
        ([(GT, u, zero)], (LE, u, zero), FALSE),
        ([(GT, u, zero)], (GT, u, one), None),
        ([(GE, u, zero)], (GT, u, zero), None),
        ([(GE, u, zero), (NE, u, zero)], (GT, u, zero), TRUE),
        ([(GE, u, zero), (LE, u, zero)], (sympy.Eq, u, zero), TRUE),
        ([(GT, u, one)], (GT, u, zero), TRUE),
        ([(GT, u, one)], (NE, u, one), TRUE),
        ([(LT, one, scaled(2, u))], (GT, u, T.number(sympy.Rational(1, 4), u.shape)), TRUE),
        ([(GT, u, v)], (LT, v, u), TRUE),
        ([(GT, u, v)], (GT, add([(1, u), (-1, v)]), zero), TRUE),
        ([(GT, u, v)], (GT, scaled(-2, u), scaled(-2, v)), FALSE),
        ([(GT, u, v), (GE, v, w)], (GT, u, w), TRUE),
        ([(GE, u, v), (GE, v, w)], (GT, u, w), None),
        ([(GE, u, v), (GE, v, w)], (LT, u, w), FALSE),
        ([(GT, u, v), (GT, w, v)], (GT, u, w), None),
        ([(GT, u, h)], (GT, u, zero), TRUE),
        ([(GT, u, v), (GT, v, one)], (GT, u, one), TRUE),
        ([(LT, call(sympy.Abs, [u]), one)], (GT, u, scaled(-2, one)), TRUE),
        ([(GT, call(sympy.Abs, [u]), one)], (GT, u, one), None),
        ([(NE, u, v)], (sympy.Eq, v, u), FALSE),
        ([(GT, F, T.number(0, F.shape))], (GT, T.permuted(F, (1, 0)), T.number(0, F.shape)), TRUE),
    ],
)
def test_a_relation_follows_or_is_open(stated, asked, expected):
    n, found = knowing(*stated)
    assert decided(n, compare(*asked)) == expected
    assert not found.contradict


def test_functions_that_choose_by_a_sign_are_what_is_chosen():
    n, _ = knowing((GT, u, v))
    difference = n.normal(add([(1, u), (-1, v)]))
    assert n.normal(call(sympy.Abs, [add([(1, v), (-1, u)])])) is difference
    assert n.normal(call(relu, [difference])) is difference
    assert n.normal(call(relu, [n.scaled(-1, difference)])) is zero
    assert n.normal(call(step, [difference])) is one
    assert n.normal(call(sympy.sign, [n.scaled(-3, difference)])) is n.scaled(-1, one)
    assert n.normal(call(sympy.Max, [v, w, u])) is n.normal(call(sympy.Max, [u, w]))
    assert n.normal(call(sympy.Min, [v, u])) is v
    assert n.normal(where(w, above, h)) is w
    assert n.normal(call(sympy.Abs, [w])) is call(sympy.Abs, [w])


def test_what_is_known_of_a_source_is_a_word():
    n, found = knowing((GT, u, v), (GE, v, zero), (LT, w, zero))
    assert [found.word(n, s) for s in (u, v, w)] == ["positive", "nonnegative", "negative"]
    assert knowing((NE, u, zero))[1].word(n, u) == "nonzero"
    assert knowing((LE, u, zero))[1].word(n, u) == "nonpositive"
    assert knowing((LE, u, one))[1].word(n, u) is None


@pytest.mark.parametrize(
    "stated", [[(GT, u, zero), (LT, u, zero)], [(GT, u, v), (GE, v, w), (GT, w, u)], [(LT, h, zero)]]
)
def test_what_can_not_hold_together_is_seen(stated):
    assert knowing(*stated)[1].contradict


def test_many_inequalities_have_few_consequences():
    sources = [T.source(f"x{k}", ()) for k in range(60)]
    n, _ = knowing(*((GT, a, b) for a, b in pairwise(sources)))
    assert decided(n, compare(GT, sources[0], sources[1])) == TRUE
    assert decided(n, compare(GT, sources[58], sources[59])) == TRUE
