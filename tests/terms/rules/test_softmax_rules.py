"""Exponentials over their sum are softmax where the sum is theirs; what is the same for all is not seen."""

import pytest
import sympy

from tests.terms.programs import (
    F,
    X,
    Y,
    add,
    broadcast,
    call,
    exp,
    h,
    k,
    m,
    n,
    number,
    ones_times,
    power,
    row,
    scaled,
    times,
    total,
    u,
    v,
    w,
)
from tests.terms.rules.answers import answer
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.softmax_rules import SOFTMAX
from tracer.terms.softmax import logsumexp, softmax


def log(t):
    return call(sympy.log, [t])


def rows(t):
    """A vector with a number for each row, over the columns too."""
    return broadcast(t, [0], (m, n))


def columns(t):
    return broadcast(t, [1], (m, n))


def normal(term, rules=SOFTMAX):
    return Normaliser(rules).normal(term)


same = broadcast(total(v, (0,)), [], (n,))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (log(total(exp(u), (0,))), logsumexp(u, [0])),
        (log(scaled(2, total(exp(X), (1,)))), add([(1, logsumexp(X, [1])), (1, number(sympy.log(2), (m,)))])),
        (log(total(exp(X), (0, 1))), logsumexp(X, [0, 1])),
        (logsumexp(add([(1, u), (3, same)]), [0]), add([(1, logsumexp(u, [0])), (3, total(v, (0,)))])),
        (logsumexp(number(5, (m, n)), [1]), number(5 + sympy.log(n), (m,))),
        (softmax(number(5, (m, n)), [1]), number(1 / n, (m, n))),
        (softmax(add([(1, u), (3, same)]), [0]), softmax(u, [0])),
        (softmax(add([(1, X), (1, rows(total(Y, (1,))))]), [1]), softmax(X, [1])),
        (log(softmax(u, [0])), add([(1, u), (-1, broadcast(logsumexp(u, [0]), [], (n,)))])),
        (exp(add([(1, X), (-1, rows(logsumexp(X, [1])))])), softmax(X, [1])),
        (times(exp(u), power(broadcast(total(exp(u), (0,)), [], (n,)), -1)), softmax(u, [0])),
        (times(exp(X), power(rows(total(exp(X), (1,))), -1)), softmax(X, [1])),
        (times(exp(X), power(columns(total(exp(X), (0,))), -1)), softmax(X, [0])),
        (total(softmax(X, [1]), (1,)), number(1, (m,))),
        (total(softmax(X, [1]), (0, 1)), number(m, ())),
    ],
    ids=lambda t: repr(t),
)
def test_softmax_is_recognised_and_simplified(term, expected):
    assert normal(term) is normal(expected)


@pytest.mark.parametrize(
    "term",
    [
        log(scaled(-1, total(exp(u), (0,)))),
        log(total(times(exp(u), v), (0,))),
        times(exp(u), power(broadcast(total(exp(v), (0,)), [], (n,)), -1)),
        times(exp(X), power(rows(total(exp(Y), (1,))), -1)),
        exp(add([(1, X), (-1, rows(logsumexp(Y, [1])))])),
        exp(add([(1, u), (1, broadcast(logsumexp(u, [0]), [], (n,)))])),
        softmax(add([(1, X), (1, columns(u))]), [1]),
        total(softmax(X, [1]), (0,)),
        total(times(softmax(X, [1]), Y), (1,)),
        log(scaled(2, softmax(u, [0]))),
    ],
    ids=lambda t: repr(t),
)
def test_a_sum_of_something_else_is_left_alone(term):
    assert normal(term) is normal(term, ())


box = T.source("B", (m, n, k))
column = T.source("c", (n, 1))
sheet = T.source("S", (m, 1, n))
sum_of_exp = total(exp(u), (0,))
spread = broadcast(logsumexp(u, [0]), [], (n,))


def under(z, shift, axis=0):
    """``exp(z - logsumexp(z + shift))``."""
    kept = [a for a in range(len(z.shape)) if a != axis]
    return exp(add([(1, z), (-1, broadcast(logsumexp(add([(1, z), (1, shift)]), [axis]), kept, z.shape))]))


SINE = call(sympy.sin, [exp(v)])

ANSWERS = {
    "log(sum(exp(z))) -> logsumexp(z)": [
        (log(sum_of_exp), "logsumexp(u, 1)"),
        (log(row(2, (exp(u), (0,), 1), out=())), "log(2)*(1 -> []) + (logsumexp(u, 1))"),
        (log(row(n, (exp(u), (0,), 1), out=())), "log(n)*(1 -> []) + (logsumexp(u, 1))"),
        (log(row(-1, (exp(u), (0,), 1), out=())), ""),
        (log(total(exp(X), (0,))), "logsumexp(X[1, 0] -> [0, 1], 1)"),
        (log(total(exp(X), (0, 1))), "logsumexp(X, 2)"),
        (log(row(1, (exp(box), (0, 1, 2), 1), out=(2, 0))), "logsumexp(B[1, 2, 0] -> [0, 1, 2], 1)"),
        (log(row(1, (exp(box), (0, 1, 2), 1), out=(1,))), "logsumexp(B[1, 0, 2] -> [0, 1, 2], 2)"),
        (log(row(1, (exp(u), (0,), 2), out=())), ""),
        (log(row(1, (exp(u), (0,), 1), (v, (0,), 1), out=())), ""),
        (log(row(1, (exp(F), (0, 0), 1), out=())), ""),
        (log(row(1, (exp(X), (0, 1), 1), out=(0, 0))), ""),
        (log(row(1, (exp(X), (0, 1), 1), out=(1, 0))), ""),
        (log(row(1, (exp(X), (0, 1), 1), out=(0, 2), _2=k)), "logsumexp(X[0, 2] -> [0, 1, 2], 1)"),
        (log(total(call(sympy.cosh, [u]), (0,))), ""),
        (log(u), ""),
    ],
    "exp(z)/sum(exp(z)) -> softmax(z)": [
        (row(1, (exp(u), (0,), 1), (sum_of_exp, (), -1)), "softmax(u)"),
        (row(1, (sum_of_exp, (), -1), (v, (0,), 1), (exp(u), (0,), 1)), "v[0]*softmax(u)[0] -> [0]"),
        (row(3, (exp(u), (0,), 1), (row(2, (exp(u), (0,), 1), out=()), (), -1)), "3/2*softmax(u)[0] -> [0]"),
        (row(1, (exp(u), (0,), 2), (sum_of_exp, (), -1)), "exp(u)[0]*softmax(u)[0] -> [0]"),
        (row(1, (exp(u), (0,), 1), (sum_of_exp, (), -2)), "softmax(u)[0]*(exp(u)[0] -> [])**(-1) -> [0]"),
        (row(1, (exp(u), (0,), 2), (sum_of_exp, (), -2)), "exp(u)[0]*softmax(u)[0]*(exp(u)[0] -> [])**(-1) -> [0]"),
        (row(1, (exp(u), (0,), sympy.S.Half), (sum_of_exp, (), -1)), "softmax(u)[0]*exp(-1/2*u[0] -> [0])[0] -> [0]"),
        (row(1, (exp(u), (0,), -1), (sum_of_exp, (), -1)), ""),
        (row(1, (exp(u), (0,), 1), (sum_of_exp, (), 1)), ""),
        (row(1, (exp(u), (0,), 1), (sum_of_exp, (), -sympy.S.Half)), ""),
        (row(1, (call(sympy.cosh, [u]), (0,), 1), (sum_of_exp, (), -1)), ""),
        (row(1, (exp(u), (0,), 1), (total(exp(v), (0,)), (), -1)), ""),
        (row(1, (exp(add([(1, u), (1, v)])), (0,), 1), (sum_of_exp, (), -1)), "exp(v)[0]*softmax(u)[0] -> [0]"),
        (row(1, (exp(add([(1, u), (1, v)])), (0,), 1), (total(exp(add([(1, v), (1, w)])), (0,)), (), -1)), ""),
        (row(1, (exp(u), (0,), 1), (total(exp(T.source("y", (m,))), (0,)), (), -1)), ""),
        (row(1, (exp(u), (0,), 1), (total(exp(X), (0, 1)), (), -1)), ""),
        (row(1, (exp(X), (0, 1), 1), (total(exp(X), (1,)), (0,), -1), out=(0, 1)), "softmax(X)"),
        (row(1, (exp(X), (0, 1), 1), (total(exp(X), (0,)), (1,), -1), out=(1, 0)), "softmax(X[1, 0] -> [0, 1])"),
        (
            row(1, (exp(X), (0, 1), 1), (total(exp(X), (0, 1)), (), -1), out=(0, 1)),
            "softmax(X, 2)",
        ),
        (row(1, (exp(F), (0, 1), 1), (total(exp(F), (1,)), (1,), -1), out=(0, 1)), ""),
        (
            row(1, (exp(box), (0, 1, 2), 1), (total(exp(box), (1,)), (0, 2), -1), out=(0, 1, 2)),
            "softmax(B[0, 2, 1] -> [0, 1, 2])[0, 2, 1] -> [0, 1, 2]",
        ),
        (
            row(1, (exp(box), (0, 1, 2), 1), (row(1, (exp(box), (0, 1, 2), 1), out=(2, 0)), (2, 0), -1), out=(0, 1, 2)),
            "softmax(B[0, 2, 1] -> [0, 1, 2])[0, 2, 1] -> [0, 1, 2]",
        ),
        (row(2, (exp(u), (0,), 1), (sum_of_exp, (), -1), out=(0, 1), _1=m), "2*softmax(u)[0] -> [0, 1]"),
        (row(2, (exp(u), (0,), 1), (v, (0,), 1), (sum_of_exp, (), -1), out=()), "2*v[0]*softmax(u)[0] -> []"),
    ],
    "exp(z - logsumexp(z)) -> softmax(z)": [
        (exp(add([(1, u), (-1, broadcast(call("largest", [u], 1, ()), [], (n,)))])), ""),
        (exp(add([(1, u), (-1, spread)])), "softmax(u)"),
        (exp(add([(-1, spread), (1, u)])), "softmax(u)"),
        (exp(add([(1, u), (-1, spread), (1, v)])), ""),
        (exp(add([(1, u), (1, v), (-1, broadcast(logsumexp(add([(1, u), (1, v)]), [0]), [], (n,)))])), ""),
        (exp(add([(1, u), (-2, spread)])), ""),
        (exp(add([(2, u), (-1, spread)])), ""),
        (exp(scaled(-1, spread)), ""),
        (exp(add([(1, u), (-1, row(1, (logsumexp(u, [0]), (), 2), _0=n))])), ""),
        (exp(add([(1, u), (-1, row(1, (logsumexp(u, [0]), (), 1), (v, (0,), 1)))])), ""),
        (exp(add([(1, X), (-1, rows(logsumexp(X, [1])))])), "softmax(X)"),
        (exp(add([(1, X), (-1, columns(logsumexp(X, [0])))])), "softmax(X[1, 0] -> [0, 1])[1, 0] -> [0, 1]"),
        (exp(add([(1, X), (-1, broadcast(logsumexp(X, [0, 1]), [], (m, n)))])), "softmax(X, 2)"),
        (exp(add([(1, F), (-1, broadcast(logsumexp(F, [1]), [1], (n, n)))])), ""),
        (exp(add([(1, F), (-1, row(1, (logsumexp(F, [1]), (2,), 1), out=(0, 1), _0=n, _1=n))])), ""),
        (
            exp(add([(1, box), (-1, broadcast(logsumexp(box, [1]), [0, 2], (m, n, k)))])),
            "softmax(B[0, 2, 1] -> [0, 1, 2])[0, 2, 1] -> [0, 1, 2]",
        ),
        (exp(add([(1, box), (-1, broadcast(logsumexp(box, [1, 2]), [0], (m, n, k)))])), "softmax(B, 2)"),
        (
            exp(add([(1, box), (-1, broadcast(logsumexp(box, [0, 2]), [1], (m, n, k)))])),
            "softmax(B[1, 0, 2] -> [0, 1, 2], 2)[1, 0, 2] -> [0, 1, 2]",
        ),
        (exp(add([(1, u), (-1, row(1, (logsumexp(X, [1]), (1,), 1), _0=n))])), ""),
        (exp(add([(1, total(X, (0,))), (-1, row(1, (logsumexp(X, [1]), (1,), 1), _0=n))])), ""),
        (exp(add([(1, u), (-1, v)])), ""),
    ],
    "w*exp(z - logsumexp(z + log(w))) -> softmax(z + log(w))": [
        (row(1, (h, (0,), 1), (under(u, log(h)), (0,), 1)), "softmax((u) + (log(h)))"),
        (row(1, (h, (0,), 2), (under(u, log(h)), (0,), 1)), "h[0]*softmax((u) + (log(h)))[0] -> [0]"),
        (row(1, (h, (0,), 1), (under(u, log(h)), (0,), 2)), ""),
        (row(1, (v, (0,), 1), (under(u, log(h)), (0,), 1)), "v[0]*h[0]**(-1)*softmax((u) + (log(h)))[0] -> [0]"),
        (row(1, (h, (0,), 1), (under(u, v), (0,), 1)), ""),
        (
            row(1, (h, (0,), 1), (under(u, scaled(2, log(h))), (0,), 1)),
            "h[0]**(-1)*softmax((u) + 2*(log(h)))[0] -> [0]",
        ),
        (row(1, (h, (0,), 2), (under(u, scaled(2, log(h))), (0,), 1)), "softmax((u) + 2*(log(h)))"),
        (row(1, (h, (0,), 1), (under(u, times(v, log(h))), (0,), 1)), ""),
        (row(1, (h, (0,), 1), (under(u, times(log(h), v)), (0,), 1)), ""),
        (row(1, (exp(power(log(h), 2)), (0,), 1), (under(u, power(log(h), 2)), (0,), 1)), ""),
        (row(1, (exp(times(log(h), v)), (0,), 1), (under(u, times(log(h), v)), (0,), 1)), ""),
        (row(1, (exp(times(log(h), SINE)), (0,), 1), (under(u, times(log(h), SINE)), (0,), 1)), ""),
        (row(1, (under(u, add([(-1, log(h)), (1, log(T.source("p", (n,), ["positive"])))])), (0,), 1)), ""),
        (row(1, (h, (0,), 1), (under(u, add([(1, log(h)), (1, v)])), (0,), 1)), ""),
        (row(1, (h, (0,), 1), (call(sympy.sin, under(u, log(h)).children), (0,), 1)), ""),
        (row(1, (h, (0,), 1), (under(u, log(h)), (0,), 1), out=(0, 1), _1=m), "softmax((u) + (log(h)))[0] -> [0, 1]"),
        (row(1, (h, (0,), 1), (exp(add([(1, u), (-1, row(1, (logsumexp(X, [1]), (1,), 1), _0=n))])), (0,), 1)), ""),
        (
            row(1, (h, (0,), 1), (under(u, log(h)), (1,), 1)),
            "h[0]*(h[0]**(-1)*softmax((u) + (log(h)))[0] -> []) -> [0]",
        ),
        (
            row(3, (h, (1,), 1), (under(X, ones_times(log(h)), 1), (0, 1), 1), (v, (1,), 1), out=(0,)),
            "3*v[1]*softmax((X) + (log(h)[1] -> [0, 1]))[0, 1] -> [0]",
        ),
    ],
    "log(softmax(z)) -> z - logsumexp(z)": [
        (log(softmax(u, [0])), "(u) + -1*(logsumexp(u, 1) -> [0])"),
        (log(softmax(X, [1])), "(X) + -1*(logsumexp(X, 1)[0] -> [0, 1])"),
        (log(softmax(X, [0])), "(X) + -1*(logsumexp(X[1, 0] -> [0, 1], 1)[1] -> [0, 1])"),
        (log(ones_times(softmax(u, [0]))), "((u) + -1*(logsumexp(u, 1) -> [0]))[1] -> [0, 1]"),
        (log(softmax(box, [1, 2])), "(B) + -1*(logsumexp(B, 2)[0] -> [0, 1, 2])"),
        (log(scaled(2, softmax(u, [0]))), ""),
        (log(power(softmax(u, [0]), 2)), ""),
        (log(times(softmax(u, [0]), v)), ""),
        (log(exp(u)), ""),
    ],
    "softmax(z + c) -> softmax(z)": [
        (softmax(add([(1, box), (1, broadcast(X, [0, 1], (m, n, k)))]), [2]), "softmax(B)"),
        (softmax(add([(1, X), (1, broadcast(v, [1], (m, n)))]), [0, 1]), ""),
        (softmax(add([(1, box), (1, broadcast(T.source("y", (m,)), [0], (m, n, k)))]), [1, 2]), "softmax(B, 2)"),
        (softmax(u, [0]), ""),
        (softmax(add([(2, u), (3, same)]), [0]), "softmax(2*u[0] -> [0])"),
        (softmax(same, [0]), "softmax(0 -> [0])"),
        (softmax(number(0, (n,)), [0]), ""),
        (softmax(add([(1, X), (2, rows(T.source("y", (m,))))]), [1]), "softmax(X)"),
        (softmax(add([(1, X), (1, columns(v))]), [1]), ""),
        (softmax(add([(1, X), (2, columns(power(add([(1, v), (1, same)]), 2)))]), [1]), ""),
        (softmax(add([(1, X), (2, columns(add([(1, v), (3, same)])))]), [1]), "softmax((X) + 2*(v[1] -> [0, 1]))"),
        (softmax(add([(1, X), (2, columns(add([(3, v), (1, same)])))]), [1]), "softmax((X) + 6*(v[1] -> [0, 1]))"),
        (softmax(add([(1, X), (2, row(1, (add([(1, v), (1, same)]), (1,), 2), out=(0, 1), _0=m))]), [1]), ""),
        (softmax(add([(1, X), (2, row(1, (add([(1, X), (5, Y)]), (0, 1), 1), out=(0, 2), _2=n))]), [1]), "softmax(X)"),
        (
            softmax(scaled(2, add([(1, X), (-1, columns(add([(1, v), (3, same)])))])), [1]),
            "softmax(2*((X) + -1*(v[1] -> [0, 1]))[0, 1] -> [0, 1])",
        ),
    ],
    "logsumexp(z + c) -> logsumexp(z) + c": [
        (logsumexp(u, [0]), ""),
        (logsumexp(add([(2, u), (3, same)]), [0]), "3*(v[0] -> []) + (logsumexp(2*u[0] -> [0], 1))"),
        (logsumexp(same, [0]), "(v[0] -> []) + (logsumexp(0 -> [0], 1))"),
        (logsumexp(number(0, (n,)), [0]), ""),
        (logsumexp(add([(1, X), (2, rows(T.source("y", (m,)))), (1, Y)]), [1]), "2*(y) + (logsumexp((X) + (Y), 1))"),
        (logsumexp(add([(1, X), (1, columns(v))]), [1]), ""),
        (logsumexp(add([(1, X), (1, columns(v))]), [0]), "(v) + (logsumexp(X[1, 0] -> [0, 1], 1))"),
        (logsumexp(add([(1, X), (1, rows(T.source("y", (m,))))]), [0, 1]), ""),
        (logsumexp(add([(1, X), (1, number(3, (m, n)))]), [0, 1]), "3*(1 -> []) + (logsumexp(X, 2))"),
    ],
    "logsumexp(c) -> c + log(n)": [
        (logsumexp(T.source("Z", (m, 1, n, k)), [1, 2, 3]), "logsumexp(Z[0, 3, 1, 2] -> [0, 1, 2], 2)"),
        (logsumexp(number(0, (n,)), [0]), "log(n) -> []"),
        (logsumexp(number(5, (m, n)), [1]), "log(n) + 5 -> [0]"),
        (logsumexp(number(5, (m, n)), [0, 1]), "log(m*n) + 5 -> []"),
        (logsumexp(u, [0]), ""),
        (logsumexp(column, [1]), "c[0, 1] -> [0]"),
        (logsumexp(column, [0]), ""),
        (logsumexp(column, [0, 1]), "logsumexp(c[0, 1] -> [0], 1)"),
        (logsumexp(sheet, [1]), "S[0, 2, 1] -> [0, 1]"),
        (logsumexp(sheet, [1, 2]), "logsumexp(S[0, 2, 1] -> [0, 1], 1)"),
        (logsumexp(sheet, [2]), ""),
        (logsumexp(T.source("z", (1, 1)), [0, 1]), "z[0, 1] -> []"),
        (logsumexp(T.source("z", (1, 1)), [1]), "z[1, 2] -> [0]"),
    ],
    "softmax(c) -> 1/n": [
        (softmax(number(0, (n,)), [0]), "1/n -> [0]"),
        (softmax(number(5, (m, 2)), [1]), "1/2 -> [0, 1]"),
        (softmax(column, [1]), "1 -> [0, 1]"),
        (softmax(number(5, (m, 2)), [0, 1]), "1/(2*m) -> [0, 1]"),
        (softmax(T.source("z", (1, 1)), [0, 1]), "1 -> [0, 1]"),
        (softmax(T.source("S", (1, 2)), [0, 1]), "softmax(S[1, 0] -> [0])[1] -> [0, 1]"),
        (softmax(X, [0, 1]), ""),
        (call("softmax", [T.source("S", (m, 2))]), ""),
        (call("softmax", [T.source("S", (1, 2))]), ""),
        (softmax(u, [0]), ""),
    ],
    "softmax(log(x)) -> x/sum(x)": [
        (softmax(log(exp(u)), [0]), "exp(u)[0]*(exp(u)[0] -> [])**(-1) -> [0]"),
        (softmax(log(exp(X)), [0, 1]), "exp(X)[0, 1]*(exp(X)[0, 1] -> [])**(-1) -> [0, 1]"),
        (softmax(log(exp(X)), [1]), "exp(X)[0, 1]*(exp(X)[0, 1] -> [0])[0]**(-1) -> [0, 1]"),
        (softmax(u, [0]), ""),
    ],
    "sum(softmax(z)) -> 1": [
        (total(softmax(u, [0]), (0,)), "1 -> []"),
        (total(softmax(X, [1]), (1,)), "1 -> [0]"),
        (total(softmax(X, [1]), (0,)), ""),
        (total(softmax(X, [0, 1]), (0, 1)), "1 -> []"),
        (total(softmax(X, [0, 1]), (1,)), ""),
        (total(softmax(box, [1, 2]), (1, 2)), "1 -> [0]"),
        (total(softmax(X, [1]), (0, 1)), "m -> []"),
        (row(2, (w, (0,), 1), (call("softmax", [F]), (0, 1), 1)), "2*w[0] -> [0]"),
        (row(1, (softmax(u, [0]), (0,), 2), out=()), ""),
        (row(1, (softmax(u, [0]), (0,), 1), (v, (0,), 1), out=()), ""),
        (row(1, (v, (0,), 1), (softmax(u, [0]), (1,), 1)), "v"),
        (
            row(2, (v, (0,), 1), (w, (0,), 1), (softmax(X, [1]), (2, 1), 1), (exp(v), (0,), 1), out=(0, 2)),
            "2*w[0]*v[0]*exp(v)[0] -> [0, 1]",
        ),
        (row(2, (v, (0,), 1), (softmax(u, [0]), (1,), 1), (w, (0,), 1), out=(0, 3), _3=m), "2*w[0]*v[0] -> [0, 1]"),
        (row(1, (softmax(u, [0]), (0,), 1), (softmax(v, [0]), (1,), 1), out=(0,)), "softmax(u)"),
        (total(exp(u), (0,)), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
