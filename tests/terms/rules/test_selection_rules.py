"""What stands at the places of a selection is taken there; a selection is left where a result has its places."""

import pytest

from tests.terms.programs import F, X, add, backwards, chosen, exp, k, m, n, part, rest, row, u, v
from tests.terms.rules.answers import answer, write
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places

y, wide = T.source("y", (n + m,)), T.source("W", (k, n + m))
square = T.source("Z", (n + m, n + m))
first, second, shifted = (T.call("selection", [], (start, 2, 1, 6), (2, 6)) for start in (0, 2, 1))
over = add(
    [(1, row(1, (part, (1, 0), 1), (u, (1,), 1))), (1, row(1, (rest, (1, 0), 1), (T.source("z", (m,)), (1,), 1)))]
)
unknown = T.call("selection", [], (k, m, 1, n + m), (m, n + m))


six, three = T.source("M", (6, 6)), T.source("t", (3,))
single = chosen(2, 1, 6)
down = T.call("selection", [], (6, 3, -2, 8), (3, 8))
nine = T.source("N", (3, 9))
inverse = T.call("inverse", [F])
blocks = add(
    [
        (1, row(1, (part, (1, 0), 1), (inverse, (1, 2), 1), out=(0, 2))),
        (1, row(1, (rest, (1, 0), 1), (X, (1, 3), 1), (inverse, (3, 2), 1), out=(0, 2))),
    ]
)


def placed(count):
    """So many numbers, each put into a place of nine."""
    return add([(1, row(1, (chosen(i, 1, 9), (1, 0), 1), (T.source(f"s{i}", ()), (), 1))) for i in range(count)])


def whole(length):
    return f"Places(start=0, length={length}, step=1)"


TAKEN = f"part(y, ({whole('n')},))"


def every(start, count=4):
    """Every other place of eight, from one on."""
    return T.call("selection", [], (start, count, 2, 8), (count, 8))


def turns(*starts):
    """Places that are taken in turns, as many of each as there are of the last."""
    return add([(1, every(start, (9 - max(starts)) // 2)) for start in starts])


def ones_in(*blocks, beside=()):
    """Blocks of three places in which a number stands: each the number, the first place, and how many there are."""
    rows = [(c, row(1, (chosen(start, count, 3), (0, 1), 1), out=(1,))) for c, start, count in blocks]
    return add([*rows, *((1, t) for t in beside)])


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
        (row(1, (single, (0, 1), 1), (six, (1, 1), 1)), "part(M, (2, 2)) -> [0]"),
        (row(1, (part, (0, 1), 2), (y, (1,), 1)), ""),
        (row(1, (backwards, (0, 0), 1), (u, (0,), 1)), ""),
        (row(1, (part, (0, 1), 1), (unknown, (2, 1), 1), out=(0, 2)), ""),
    ],
    "P.T @ x -> Q.T @ x[::-1]": [
        (row(1, (backwards, (0, 1), 1), (u, (0,), 1), out=(1,)), "part(u, (Places(start=n - 1, length=n, step=-1),))"),
        (
            row(1, (down, (0, 1), 1), (three, (0,), 1), out=(1,)),
            "part(t, (Places(start=2, length=3, step=-1),))[1]*selection((2, 3, 2, 8))[1, 0] -> [0]",
        ),
        (
            row(1, (down, (0, 1), 1), (three, (0,), 1), out=(1, 2), _2=m),
            "part(t, (Places(start=2, length=3, step=-1),))[2]*selection((2, 3, 2, 8))[2, 0] -> [0, 1]",
        ),
        (
            row(1, (exp(three), (0,), 1), (down, (0, 1), 1), out=(1,)),
            "selection((2, 3, 2, 8))[1, 0]*exp(part(t, (Places(start=2, length=3, step=-1),)))[1] -> [0]",
        ),
        (row(1, (down, (0, 1), 2), (three, (0,), 1), out=(1,)), ""),
        (row(1, (down, (0, 1), 1), (three, (0,), 1), (T.source("e", (8,)), (1,), 1), out=()), ""),
        (row(1, (backwards, (0, 1), 1), (u, (0,), 1), out=(0, 1)), ""),
        (row(1, (part, (0, 1), 1), (u, (0,), 1), out=(1,)), ""),
    ],
    "A @ (P.T @ x + Q.T @ y) -> A[:, a:b] @ x + A[:, c:d] @ y": [
        (
            row(1, (wide, (0, 1), 1), (over, (1,), 1)),
            f"(u[1]*part(W, ({whole('k')}, {whole('n')}))[0, 1] -> [0])"
            f" + (z[1]*part(W, ({whole('k')}, Places(start=n, length=m, step=1)))[0, 1] -> [0])",
        ),
        (
            row(1, (blocks, (1, 0), 1), (F, (0, 2), 1), (wide, (3, 1), 1), out=(3, 2)),
            f"(part(W, ({whole('k')}, {whole('n')})))"
            f" + (X[2, 1]*part(W, ({whole('k')}, Places(start=n, length=m, step=1)))[0, 2] -> [0, 1])",
        ),
        (
            row(1, (blocks, (1, 0), 1), (F, (0, 2), 1), (wide, (3, 1), 1), out=(3, 2, 4), _4=m),
            f"((part(W, ({whole('k')}, {whole('n')}))) + (X[2, 1]*part(W, ({whole('k')}, "
            "Places(start=n, length=m, step=1)))[0, 2] -> [0, 1]))[0, 1] -> [0, 1, 2]",
        ),
        (row(1, (nine, (0, 1), 1), (placed(9), (1,), 1)), ""),
        (row(1, (wide, (0, 1), 1), (over, (1,), 2)), ""),
        (row(1, (part, (1, 0), 1), (u, (1,), 1), (over, (0,), 1)), ""),
        (row(1, (part, (0, 1), 1), (add([(1, row(1, (part, (1, 0), 1), (u, (1,), 1))), (1, y)]), (1,), 1)), ""),
        (row(1, (blocks, (0, 1), 1), (F, (1, 2), 1), (u, (2,), 1)), ""),
    ],
    "P.T @ 1 + Q.T @ 1 -> 1": [
        (row(2, (turns(0, 1), (0, 1), 1), out=(1,)), "2 -> [0]"),
        (row(1, (turns(1, 2), (0, 1), 1), out=(1,)), "selection((1, 6, 1, 8))[1, 0] -> [0]"),
        (row(1, (turns(1, 0, 2), (0, 1), 1), out=(1,)), ""),
        (row(1, (turns(0, 2), (0, 1), 1), out=(1,)), ""),
        (row(1, (turns(0, 1), (0, 1), 1), (three, (0,), 1), out=(1,)), ""),
        (row(1, (turns(0, 1), (0, 1), 1), out=(0, 1)), ""),
        (row(1, (turns(0, 1), (0, 1), 2), out=(1,)), ""),
        (row(1, (add([(1, every(0)), (2, every(1))]), (0, 1), 1), out=(1,)), ""),
    ],
    "concat(1, 0) + concat(0, 1) -> 1": [
        (ones_in((2, 0, 2), (2, 2, 1)), "2 -> [0]"),
        (ones_in((3, 2, 1), (3, 0, 2), beside=[three]), "3*(1 -> [0]) + (t)"),
        (ones_in((1, 0, 1), (1, 2, 1)), ""),
        (ones_in((1, 0, 1), (1, 1, 1)), ""),
        (ones_in((1, 0, 2), (2, 2, 1)), ""),
        (ones_in((1, 0, 2), (1, 1, 2)), ""),
        (ones_in((1, 1, 2), beside=[row(1, (chosen(0, 1, 3), (0, 1), 1), (three, (1,), 1), out=(1,))]), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term


def test_as_many_blocks_as_are_multiplied_out():
    term = row(1, (nine, (0, 1), 1), (placed(8), (1,), 1))
    assert answer("A @ (P.T @ x + Q.T @ y) -> A[:, a:b] @ x + A[:, c:d] @ y", term).count("part(N, ") == 8


def test_what_is_put_into_places_is_no_product_that_has_a_common_factor():
    later = chosen(m, n, n + m)
    difference = add(
        [(1, row(1, (part, (1, 0), 1), (exp(v), (1,), 1))), (-1, row(1, (later, (1, 0), 1), (exp(v), (1,), 1)))]
    )
    assert T.describe(Normaliser(STANDARD).normal(difference)).count("exp(v)") == 2


@pytest.mark.parametrize(("selection", "places"), [(first, 2), (down, 3), (unknown, m), (single, 1)])
def test_all_elements_of_a_selection_are_as_many_as_its_places(selection, places):
    n = Normaliser(STANDARD)
    assert n.normal(T.product(3, [(selection, (0, 1), T.ONE)], ())) is n.normal(T.number(3 * places))
    both = T.product(1, [(selection, (0, 1), T.ONE), (selection, (2, 3), T.ONE)], (2, 1))
    rows = T.product(places, [(selection, (0, 1), T.ONE)], (0,))
    assert n.normal(T.product(1, [(both, (0, 1), T.ONE)], (0,))) is n.normal(rows)


def turned(term, *axes):
    """All of a term, in the opposite order along axes, or along all of them."""
    chosen_axes = axes or range(len(term.shape))
    places = [Places(d - 1, d, -1) if k in chosen_axes else Places(0, d, 1) for k, d in enumerate(term.shape)]
    return T.call("part", [term], tuple(places), term.shape)


def triangle(of, lower, upper):
    return T.call("band_part", [of], (lower, upper), of.shape)


def products(x, exclusive, later):
    return T.call("cumprod", [x], (exclusive, later))


line, pair = T.source("L", (1, 3)), T.source("p", (2,))
ones, other = T.number(1, (n, n)), T.source("y2", (n + m,))

TURNED = {
    "x[::-1].T @ y[::-1] -> x.T @ y": [
        (row(1, (turned(u), (0,), 1), (turned(v), (0,), 1), out=()), row(1, (u, (0,), 1), (v, (0,), 1), out=())),
        (row(1, (turned(pair), (0,), 1), (exp(turned(pair)), (0,), 1), out=()),
         row(1, (pair, (0,), 1), (exp(pair), (0,), 1), out=())),
        (row(2, (turned(u), (0,), 2), (turned(v), (0,), 1), out=(1,), _1=m),
         row(2, (u, (0,), 2), (v, (0,), 1), out=(1,), _1=m)),
        (row(1, (turned(F), (0, 1), 1), (turned(u), (1,), 1), out=(0,)),
         row(1, (turned(F, 0), (0, 1), 1), (u, (1,), 1), out=(0,))),
        (row(1, (turned(line), (0, 1), 1), (turned(three), (1,), 1), out=(0,)),
         row(1, (T.call("part", [line], (0, Places(0, 3, 1)), (3,)), (1,), 1), (three, (1,), 1), out=(0,), _0=1)),
        (row(1, (turned(u), (0,), 1), (turned(v), (0,), 1), (X, (1, 2), 1), out=(1,)),
         row(1, (u, (0,), 1), (v, (0,), 1), (X, (1, 2), 1), out=(1,))),
        (row(1, (T.call("part", [F], (0, Places(n - 1, n, -1)), (n,)), (0,), 1), (turned(u), (0,), 1), out=()),
         row(1, (T.call("part", [F], (0, Places(0, n, 1)), (n,)), (0,), 1), (u, (0,), 1), out=())),
        (row(1, (turned(u), (0,), 1), (v, (0,), 1), out=()), None),
        (row(1, (turned(u), (0,), 1), (turned(v), (0,), 1), out=(0,)), None),
        (row(1, (turned(y), (1,), 1), (turned(other), (1,), 1), (unknown, (0, 1), 1), out=(0,)), None),
    ],
    "tril(1)[::-1, ::-1] -> triu(1)": [
        (turned(triangle(T.number(1, (n, n, n)), -1, 0), 0, 1), None),
        (turned(triangle(ones, -1, 0)), triangle(ones, 0, -1)),
        (turned(triangle(T.number(2, (n, n)), 1, 2)), triangle(T.number(2, (n, n)), 2, 1)),
        (turned(triangle(ones, -1, 0), 0), None),
        (turned(triangle(T.number(1, (m, n)), -1, 0)), None),
        (turned(triangle(F, -1, 0)), None),
        (turned(F), None),
        (turned(T.call("inverse", [ones])), None),
    ],
    "cumprod(x[::-1]) -> revcumprod(x)[::-1]": [
        (products(turned(u), 0, 0), turned(products(u, 0, 1))),
        (products(turned(u), 1, 1), turned(products(u, 1, 0))),
        (products(turned(F, 1), 1, 0), turned(products(F, 1, 1), 1)),
        (products(turned(X, 1), 0, 0), turned(products(X, 0, 1), 1)),
        (products(turned(F, 0), 1, 0), None),
        (products(u, 0, 0), None),
        (products(add([(1, u), (1, turned(v))]), 0, 0), None),
        (products(T.call("reshape", [exp(T.source("R", (m, k)))], None, (m * k,)), 0, 0), None),
    ],
}  # fmt: skip


@pytest.mark.parametrize("rule", TURNED)
def test_what_is_in_the_opposite_order(rule):
    for term, expected in TURNED[rule]:
        wanted = "" if expected is None else write(Normaliser(()).normal(expected))
        assert answer(rule, term) == wanted, term
