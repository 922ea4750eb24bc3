"""Terms that tests are made of; for each rule that no pattern can say, two that it changes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import sympy

from tests.terms.values import SIZES
from tracer.scalar import phi, relu, sigmoid, step
from tracer.terms import record as T
from tracer.terms.numbers import MINUS
from tracer.terms.record import ONE, add, broadcast, call, number, permuted, power, product, scaled, times
from tracer.terms.selections import Places
from tracer.terms.shifts import divide_neighbours, shift
from tracer.terms.softmax import logsumexp, softmax

n, m, k = sympy.symbols("n m k", integer=True, positive=True)
u, v, w = (T.source(name, (n,)) for name in "uvw")
h = T.source("h", (n,), ["positive"])
X, Y = T.source("X", (m, n)), T.source("Y", (m, n))
F, G, H = (T.source(name, (n, n)) for name in "FGH")
D = T.source("D", (n, n), ["positive_definite"])
E = T.source("E", (n, n), ["positive_definite"])
O = T.source("O", (n, n), ["orthogonal"])  # noqa: E741
whole = T.source("whole", (n,), ["integer"])
strong = T.source("strong", (), ["positive"])
a, b = T.source("a", (3,)), T.source("b", (3,))
zero, one = number(0, (n,)), number(1, (n,))
ROOT, HALF = sympy.sqrt(2), sympy.S.Half


def arrays(seed: int) -> dict[str, np.ndarray]:
    """Values of the sources above."""
    rng = np.random.default_rng(seed + 100)
    size, rows = SIZES["n"], SIZES["m"]
    found = {name: rng.normal(size=size) for name in "uvw"}
    found |= {"h": rng.uniform(0.5, 2, size), "a": rng.normal(size=3), "b": rng.normal(size=3)}
    found |= {name: rng.normal(size=(rows, size)) for name in "XY"}
    found |= {name: rng.normal(size=(size, size)) + 3 * np.eye(size) for name in "FGH"}
    found["D"] = found["F"] @ found["F"].T + np.eye(size)
    found["E"] = found["G"] @ found["G"].T + np.eye(size)
    return found


def matmul(*factors: T.Term) -> T.Term:
    """A product of matrices, and of a vector at the end."""
    rows, here = [], 0
    for f in factors:
        rows.append((f, tuple(range(here, here + len(f.shape))), ONE))
        here += 1
    out = (0, here) if len(factors[-1].shape) == 2 else (0,)
    return product(1, rows, out)


def named(size: Any, within: bool = False) -> T.Term:
    """The rows of an identity that integers name, which all do if they take elements of an array."""
    return call("one_hot", [whole], (size, within), (n, size))


def rolled(t: T.Term, shift: int, axis: int = 0) -> T.Term:
    return call("roll", [t], (sympy.Integer(shift), axis))


def turned(t: T.Term) -> T.Term:
    return permuted(t, (1, 0))


def diagonal(t: T.Term) -> T.Term:
    return product(1, [(t, (0,), ONE)], (0, 0))


def _logistic(x: T.Term) -> tuple[T.Term, T.Term]:
    """The logistic function, and what it leaves of one."""
    return call(sigmoid, [x]), call(sigmoid, [scaled(-1, x)])


def _weighted(z: T.Term, y: T.Term) -> T.Term:
    """The totals of ``softmax(z)*exp(y)`` over the last axis of both."""
    last = len(z.shape) - 1
    return product(
        1, [(softmax(z, [last]), (*range(last + 1),), ONE), (call(sympy.exp, [y]), (last,), ONE)], (*range(last),)
    )


def _reweighted(z: T.Term, y: T.Term) -> T.Term:
    """``exp(y)`` over the total of ``softmax(z)*exp(y)``."""
    return product(1, [(call(sympy.exp, [y]), (0,), ONE), (_weighted(z, y), (), MINUS)], (0,))


def where(*args: T.Term) -> T.Term:
    return call(sympy.Piecewise, args)


def compare(head: object, left: T.Term, right: T.Term) -> T.Term:
    return call(head, [left, right])


gt, ge, lt, le, eq, ne = (
    partial(compare, head) for head in (sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le, sympy.Eq, sympy.Ne)
)


def both(*conditions: T.Term) -> T.Term:
    return call(sympy.And, conditions)


def either(*conditions: T.Term) -> T.Term:
    return call(sympy.Or, conditions)


def no(condition: T.Term) -> T.Term:
    return call(sympy.Not, [condition])


def log_one_plus_square(t: T.Term) -> T.Term:
    """The logarithm of what is positive whatever t is."""
    return call(sympy.log, [add([(1, number(1, t.shape)), (1, power(t, 2))])])


def softmax_by_parts(z: T.Term, shift: T.Term, axis: int) -> T.Term:
    """``exp(shift)*exp(z - logsumexp(z + shift))``."""
    kept = [k for k in range(len(z.shape)) if k != axis]
    total = broadcast(logsumexp(add([(1, z), (1, shift)]), [axis]), kept, z.shape)
    return times(call(sympy.exp, [shift]), call(sympy.exp, [add([(1, z), (-1, total)])]))


def ones_times(t: T.Term, rows: object = m) -> T.Term:
    """A vector repeated as the rows of a matrix."""
    return broadcast(t, [1], (rows, t.shape[0]))


def dot(left: T.Term, right: T.Term) -> T.Term:
    return product(1, [(left, (0,), ONE), (right, (0,), ONE)], ())


def by_number(c: T.Term, t: T.Term) -> T.Term:
    return product(1, [(c, (), ONE), (t, (0,), ONE)], (0,))


def by_scalar(c: T.Term, t: T.Term) -> T.Term:
    return product(1, [(c, (), ONE), (t, (0, 1), ONE)], (0, 1))


def before(t: T.Term) -> T.Term:
    """The products of the elements before each along the last axis."""
    return call("cumprod", [t], (1, 0))


def one_side(x: T.Term, y: T.Term, later: bool) -> T.Term:
    """The derivative by x of ``y.T @ (prod_before(x)*prod_after(x))``, by those after, or before, each one."""
    beside, running = (call("cumprod", [x], (1, int(after))) for after in (not later, later))
    return times(beside, call("recurrence", [shift(x, later), shift(times(y, running), later)], later))


def running(t: T.Term) -> T.Term:
    """The running sums of a vector."""
    return product(1, [(T.triangle(t.shape[0]), (0, 1), ONE), (t, (1,), ONE)], (0,))


def chosen(start: object, length: object, whole: object) -> T.Term:
    return call("selection", [], (start, length, 1, whole), (length, whole))


def exp(t: T.Term) -> T.Term:
    return call(sympy.exp, [t])


def row(scale: object, *factors: tuple[T.Term, T.Labels, object], out: T.Labels = (0,), **sizes: object) -> T.Term:
    """A product of factors with their labels and powers; ``_1=m`` is the size of a label that no factor has."""
    rows = [(t, labels, sympy.sympify(e)) for t, labels, e in factors]
    return product(scale, rows, out, {int(label[1:]): size for label, size in sizes.items()})


def total(t: T.Term, axes: tuple[int, ...]) -> T.Term:
    labels = T.axes_of(t)
    return product(1, [(t, labels, ONE)], tuple(p for p in labels if p not in axes))


def main_diagonal(t: T.Term) -> T.Term:
    return product(1, [(t, (0, 0), ONE)], (0, 0))


f = T.source("y", (m,))
projector = product(
    1, [(X, (0, 1), ONE), (call("inverse", [matmul(turned(X), X)]), (1, 2), ONE), (X, (3, 2), ONE)], (0, 3)
)
centring = add([(1, T.identity(n)), (-1 / n, number(1, (n, n)))])
tall, wide = T.source("V", (4, 2)), T.source("W", (2, 4))


def plus_one(t: T.Term) -> T.Term:
    """A square matrix plus the identity."""
    return add([(1, t), (1, T.identity(t.shape[0]))])


symmetrised = add([(3, G), (3, turned(G))])
positive = compare(sympy.Gt, u, zero)
above = compare(sympy.Gt, u, v)
laid = add([(c, product(1, [(chosen(a, n, n + m), (1, 0), ONE), (u, (1,), ONE)], (0,))) for c, a in ((1, m), (-1, 0))])


def from_end(t: T.Term) -> T.Term:
    """All rows, or elements, from the last to the first."""
    return call("part", [t], (Places(n - 1, n, -1), *(Places(0, d) for d in t.shape[1:])), t.shape)


POOLED = "P.T @ where(x[::2] >= x[1::2], g, 0) + Q.T @ where(x[1::2] > x[::2], g, 0) -> firstmax(x, 2)*g"
s8 = T.source("s8", (8,))


def pick(t: T.Source, given: T.Term | None, place: int, step: int) -> T.Term:
    """What is given to each block, or a function of its greatest element, where that stands first at a place."""
    count = t.shape[0] // step
    parts = [call("part", [t], (Places(k, count, step),), (count,)) for k in range(step)]
    tests = [
        compare(sympy.Gt if k < place else sympy.Ge, parts[place], other) for k, other in enumerate(parts) if k != place
    ]
    test = tests[0] if len(tests) == 1 else call(sympy.And, tests)
    largest = call(sympy.Max, parts)
    value = times(largest, exp(largest)) if given is None else T.source(f"{given.name}{count}", (count,))
    chosen = where(value, test, number(0, (count,)))
    put = call("selection", [], (place, count, step, t.shape[0]), (count, t.shape[0]))
    return product(1, [(chosen, (1,), ONE), (put, (1, 0), ONE)], (0,))


OVERLAPPING = "P.T @ where(x[:-2] >= x[1:-1] and ..., g, 0) + ... -> W @ (g o firstmax(V))"


def overlap(given: T.Term | None, place: int, step: int = 1) -> T.Term:
    """The same of each of the windows of three places that overlap."""
    t, size = (s8, 8) if step == 1 else (T.source("s9", (9,)), 9)
    count = (size - 3) // step + 1
    parts = [call("part", [t], (Places(k, count, step),), (count,)) for k in range(3)]
    tests = [
        compare(sympy.Gt if k < place else sympy.Ge, parts[place], other) for k, other in enumerate(parts) if k != place
    ]
    largest = call(sympy.Max, parts)
    value = times(largest, exp(largest)) if given is None else T.source(f"{given.name}{count}", (count,))
    chosen = where(value, call(sympy.And, tests), number(0, (count,)))
    put = call("selection", [], (place, count, step, size), (count, size))
    return product(1, [(chosen, (1,), ONE), (put, (1, 0), ONE)], (0,))


def every(start: int) -> T.Term:
    """Every other place from one on."""
    return call("selection", [], (start, n, 2, 2 * n + 2), (n, 2 * n + 2))


backwards = call("selection", [], (n - 1, n, -1, n), (n, n))
part = chosen(0, n, n + m)
rest = chosen(n, m, n + m)
joined = add(
    [
        (1, product(1, [(part, (1, 0), ONE), (u, (1,), ONE)], (0,))),
        (1, product(1, [(rest, (1, 0), ONE), (T.source("X", (m, n)), (1, 2), ONE), (v, (2,), ONE)], (0,))),
    ]
)


def stacked(*rows: list[T.Term]) -> T.Term:
    """A matrix of scalars, put together row by row."""
    size = len(rows)
    return add(
        (1, product(1, [(t, (), ONE), (chosen(i, 1, size), (2, 0), ONE), (chosen(j, 1, size), (3, 1), ONE)], (0, 1)))
        for i, row in enumerate(rows)
        for j, t in enumerate(row)
    )


pair = stacked([dot(u, v), T.source("s", ())], [T.source("t", ()), dot(w, w)])
short = add(
    (1, product(1, [(t, (), ONE), (chosen(k, 1, 2), (1, 0), ONE)], (0,)))
    for k, t in enumerate((dot(u, v), T.source("s", ())))
)
triple = stacked(*[[T.source(f"{name}{k}", ()) for k in "123"] for name in "xyz"])

TERMS: dict[str, list[T.Term]] = {
    "Abs(x*y) -> Abs(x)*Abs(y)": [
        call(sympy.Abs, [times(scaled(-2, u), h)]),
        call(sympy.Abs, [times(exp(v), power(w, -1))]),
    ],
    "relu(x*p) -> relu(x)*p": [
        call(relu, [times(scaled(-2, u), exp(v))]),
        call(step, [times(v, power(h, -2))]),
        call(sympy.sign, [times(v, w, h)]),
    ],
    "Pow(x, c) -> x**c": [call(sympy.Pow, [u, number(3, (n,))]), call(sympy.Pow, [exp(v), number(sympy.S.Half, (n,))])],
    "sigmoid(x)*exp(y - x) -> sigmoid(-x)*exp(y)": [
        times(call(sigmoid, [u]), exp(add([(1, v), (-1, u)]))),
        times(power(call(sigmoid, [scaled(2, u)]), 3), exp(scaled(-5, u)), w),
    ],
    "roll(x, 1).T @ roll(y, 1) -> x.T @ y": [
        product(2, [(rolled(u, 1), (0,), ONE), (rolled(v, 1), (0,), ONE)], ()),
        product(1, [(F, (0, 1), ONE), (exp(add([(1, rolled(u, -2)), (3, rolled(v, -2))])), (1,), ONE)], (0,)),
    ],
    "2*sigmoid(2*x) - 1 -> tanh(x)": [
        add([(2, call(sigmoid, [scaled(2, u)])), (-1, one)]),
        add([(-4, call(sigmoid, [scaled(-6, u)])), (2, one), (3, v)]),
    ],
    "onehot(i) @ 1 -> 1": [
        product(2, [(named(5, within=True), (0, 1), ONE), (u, (0,), ONE)], (0,), {1: 5}),
        product(1, [(named(m, within=True), (0, 1), ONE), (u, (0,), ONE)], (), {1: m}),
    ],
    "onehot(i).T @ diag(x) @ onehot(i) -> diag(onehot(i).T @ x)": [
        product(1, [(named(5), (0, 1), ONE), (u, (0,), ONE), (named(5), (0, 2), ONE)], (1, 2)),
        product(
            3, [(named(m, within=True), (0, 1), ONE), (named(m, within=True), (0, 2), ONE), (X, (2, 3), ONE)], (1, 2, 3)
        ),
    ],
    "Max(x, 0) -> relu(x)": [call(sympy.Max, [u, zero]), call(sympy.Max, [zero, add([(1, v), (-1, w)])])],
    "Max(y, x) -> Max(x, y)": [
        add([(1, call(sympy.Max, [u, v])), (1, call(sympy.Max, [v, u]))]),
        call(sympy.Max, [exp(w), exp(w)]),
    ],
    "Min(y, x) -> Min(x, y)": [
        add([(1, call(sympy.Min, [u, v])), (1, call(sympy.Min, [v, u]))]),
        call(sympy.Min, [exp(w), exp(w)]),
    ],
    "And(y, x) -> And(x, y)": [
        where(u, call(sympy.And, [above, above]), v),
        where(w, call(sympy.And, [positive, positive]), one),
    ],
    "Or(y, x) -> Or(x, y)": [
        where(u, call(sympy.Or, [above, above]), v),
        where(w, call(sympy.Or, [positive, positive]), one),
    ],
    "x > x -> false": [
        where(u, compare(sympy.Gt, v, v), w),
        where(exp(u), compare(sympy.Ge, h, h), w),
        where(u, compare(sympy.Gt, h, scaled(-1, exp(v))), w),
        where(u, compare(sympy.Ge, scaled(-2, power(u, 2)), h), w),
        where(u, compare(sympy.Lt, power(v, 2), zero), w),
        where(u, compare(sympy.Le, scaled(-1, power(v, 2)), zero), w),
    ],
    "and(true, c) -> c": [
        where(u, call(sympy.And, [compare(sympy.Ge, v, v), above]), w),
        where(exp(u), call(sympy.Or, [compare(sympy.Ge, v, v), above]), w),
    ],
    "where(false, x, y) -> y": [
        where(u, number(sympy.false, (n,)), v),
        where(exp(u), above, w, number(sympy.true, (n,)), v),
    ],
    "where(c, x, x) -> x": [where(u, above, u), where(exp(v), positive, exp(v))],
    "y < x -> x > y": [
        where(u, compare(sympy.Lt, zero, u), v),
        add([(1, where(u, compare(sympy.Le, v, w), h)), (1, where(u, compare(sympy.Ge, w, v), h))]),
    ],
    "not(x > y) -> x <= y": [
        where(u, call(sympy.Not, [above]), v),
        times(w, where(exp(u), call(sympy.Not, [compare(sympy.Eq, u, w)]), zero)),
    ],
    "where(c, 0, x) -> where(not c, x, 0)": [
        where(zero, compare(sympy.Gt, u, v), exp(u)),
        where(u, compare(sympy.Ge, u, v), exp(v)),
        where(exp(v), compare(sympy.Ne, u, v), w),
    ],
    "where(c, f(where(c, x, y)), z) -> where(c, f(x), z)": [
        where(exp(where(u, above, v)), above, w),
        where(w, compare(sympy.Gt, v, u), add([(1, u), (2, times(v, where(w, compare(sympy.Gt, v, u), exp(v))))])),
    ],
    "where(c, x, where(d, x, y)) -> where(c | d, x, y)": [
        where(u, above, where(u, positive, w)),
        where(where(exp(v), compare(sympy.Gt, w, u), h), positive, exp(v)),
        where(where(exp(v), compare(sympy.Gt, w, u), h), positive, h),
        where(h, above, where(exp(v), compare(sympy.Eq, w, u), h)),
    ],
    "where(c, x - y, 0) + y -> where(c, x, y)": [
        add([(1, where(add([(1, u), (-1, exp(v))]), above, zero)), (1, exp(v))]),
        add([(2, w), (1, times(add([(1, h), (-2, w)]), where(zero, compare(sympy.Gt, w, v), one)))]),
    ],
    "where(x > y, max(x, y), y) -> max(x, y)": [
        where(
            times(v, call(sympy.Min, [one, call(sympy.Max, [w, scaled(-1, one)])])),
            call(sympy.Or, [compare(sympy.Gt, w, one), compare(sympy.Lt, w, scaled(-1, one))]),
            times(v, w),
        ),
        where(
            times(v, u),
            compare(sympy.Le, call(sympy.Abs, [u]), one),
            times(v, call(sympy.Min, [one, call(sympy.Max, [u, scaled(-1, one)])])),
        ),
    ],
    "where(c, x + z, y + z) -> z + where(c, x, y)": [
        where(add([(1, exp(u)), (1, v)]), positive, add([(1, exp(u)), (-1, v)])),
        where(add([(1, h), (1, one)]), compare(sympy.Gt, w, v), h),
        where(by_number(add([(1, dot(w, w)), (-1, number(1))]), one), above, by_number(dot(w, w), one)),
    ],
    "x + y > y -> x > 0": [
        where(u, compare(sympy.Gt, add([(1, v), (1, w)]), w), v),
        where(u, compare(sympy.Ge, times(v, w), times(v, add([(1, w), (1, one)]))), exp(v)),
        where(u, compare(sympy.Eq, add([(2, v), (1, w)]), w), exp(v)),
        where(u, compare(sympy.Gt, scaled(-2, v), scaled(-2, w)), exp(v)),
        where(u, compare(sympy.Ge, times(h, v), times(h, w)), exp(v)),
    ],
    "x > 1 and x > 0 -> x > 1": [
        where(u, call(sympy.And, [compare(sympy.Gt, v, one), positive, compare(sympy.Gt, v, zero)]), w),
        where(u, call(sympy.Or, [compare(sympy.Ge, v, one), compare(sympy.Gt, v, one)]), w),
        where(exp(u), call(sympy.Or, [compare(sympy.Lt, v, one), compare(sympy.Ge, v, zero)]), w),
        where(exp(u), call(sympy.And, [compare(sympy.Lt, v, zero), compare(sympy.Ge, v, one)]), w),
    ],
    "or(and(a, b), and(a, not(b))) -> a": [
        where(
            u,
            call(sympy.Or, [call(sympy.And, [above, positive]), call(sympy.And, [above, call(sympy.Not, [positive])])]),
            w,
        ),
        where(
            exp(u),
            call(sympy.And, [call(sympy.Or, [positive, above]), call(sympy.Or, [call(sympy.Not, [above]), positive])]),
            v,
        ),
    ],
    "x >= y and x != y -> x > y": [
        where(u, call(sympy.And, [compare(sympy.Ge, u, v), compare(sympy.Ne, v, u)]), w),
        where(exp(u), call(sympy.Or, [compare(sympy.Gt, v, one), compare(sympy.Eq, v, one)]), w),
        where(u, call(sympy.And, [compare(sympy.Le, u, v), compare(sympy.Le, v, u), positive]), w),
    ],
    "p*x**3 > 0 -> x > 0": [
        where(u, compare(sympy.Gt, times(scaled(-2, h), power(v, 3)), zero), w),
        where(exp(u), compare(sympy.Ge, scaled(-1, power(v, 4)), zero), w),
        where(u, compare(sympy.Gt, times(power(u, 4), v), zero), w),
        where(u, compare(sympy.Eq, times(power(u, 2), h, w), zero), exp(v)),
        where(u, compare(sympy.Ge, add([(sympy.Rational(1, 6), v), (sympy.S.Half, one)]), zero), w),
        where(u, compare(sympy.Gt, power(w, 2), zero), exp(v)),
        where(u, compare(sympy.Ge, times(call(sympy.Abs, [w]), call(sympy.tanh, [v])), zero), exp(v)),
    ],
    "relu(x) > 0 -> x > 0": [
        where(u, compare(sympy.Gt, call(relu, [v]), zero), w),
        where(exp(u), compare(sympy.Eq, call(relu, [add([(1, u), (1, w)])]), zero), w),
    ],
    "where(c, 1, 0)*where(d, 1, 0) -> where(c & d, 1, 0)": [
        times(where(one, compare(sympy.Ge, u, v), zero), w, where(one, compare(sympy.Ne, u, v), zero)),
        times(where(one, compare(sympy.Lt, u, one), zero), where(one, compare(sympy.Gt, u, scaled(-1, one)), zero)),
    ],
    "max(p, -1) -> p": [
        call(sympy.Max, [exp(u), scaled(-1, one)]),
        times(w, call(sympy.Min, [u, h, scaled(-1, power(v, 2))])),
    ],
    "prod_rows(x) -> x": [
        call("reduce_prod", [product(1, [(u, (0,), ONE)], (0, 1), {1: 1})], 1, (n,)),
        call("cumprod", [product(1, [(u, (0,), ONE)], (0, 1), {1: 1})], (0, 0)),
    ],
    "max(x, max(y, z)) -> max(x, y, z)": [
        call(sympy.Max, [u, call(sympy.Max, [v, w])]),
        call(sympy.Min, [call(sympy.Min, [u, w]), call(sympy.Min, [v, u])]),
    ],
    "where(x > y, 1, 0)*where(max(x, y) > z, 1, 0) -> where(x > y, 1, 0)*where(x > z, 1, 0)": [
        times(where(one, gt(u, v), zero), where(one, gt(call(sympy.Max, [u, v]), w), zero)),
        times(where(one, ge(u, call(sympy.Max, [v, h])), zero), where(one, gt(call(sympy.Max, [u, v, h]), w), zero)),
    ],
    "x > y and x > z -> x > max(y, z)": [
        where(u, both(gt(u, v), gt(u, w)), w),
        where(u, either(ge(v, u), ge(w, u)), w),
    ],
    "x/norm(y) > 2 -> x > 2*norm(y)": [
        where(u, gt(times(v, power(h, -1)), one), w),
        where(u, gt(add([(1, one), (-1, times(v, power(call(sympy.Abs, [w]), -1)))]), zero), w),
    ],
    "relu(x - y)/y + where(x > y, 1, 0) -> where(x > y, 1, 0)*x/y": [
        add([(1, times(call(relu, [add([(1, u), (-1, h)])]), power(h, -1))), (1, where(one, gt(u, h), zero))]),
        add(
            [
                (1, dot(v, call(relu, [add([(1, u), (-2, w)])]))),
                (2, total(times(v, w, where(one, gt(u, scaled(2, w)), zero)), (0,))),
            ]
        ),
    ],
    "2*x + 3 > 7 -> x > 2": [
        where(u, compare(sympy.Gt, add([(2, v), (3, one)]), number(7, (n,))), w),
        where(u, compare(sympy.Le, scaled(-3, v), one), w),
    ],
    "where(x > y, x, y) -> max(x, y)": [
        where(u, above, v),
        where(exp(u), compare(sympy.Gt, h, exp(u)), h),
        where(u, compare(sympy.Ge, u, one), one),
        where(scaled(2, u), compare(sympy.Gt, add([(1, u), (-1, v)]), zero), scaled(2, v)),
        where(add([(1, w), (-1, one)]), compare(sympy.Gt, w, one), zero),
    ],
    "where(x > y, x - y, y - x) -> Abs(x - y)": [
        where(add([(1, u), (-1, v)]), above, add([(1, v), (-1, u)])),
        where(scaled(-3, w), compare(sympy.Lt, w, zero), scaled(3, w)),
    ],
    "where(Abs(x) > d, d*sign(x), x) -> sign(x)*min(Abs(x), d)": [
        where(call(sympy.sign, [u]), compare(sympy.Gt, call(sympy.Abs, [u]), one), u),
        where(scaled(3, w), compare(sympy.Le, call(sympy.Abs, [w]), v), scaled(3, times(v, call(sympy.sign, [w])))),
    ],
    "sign(x)*min(Abs(x), d) -> min(max(x, -d), d)": [
        times(call(sympy.sign, [u]), call(sympy.Min, [call(sympy.Abs, [u]), one])),
        times(v, call(sympy.Min, [h, scaled(2, call(sympy.Abs, [w]))]), call(sympy.sign, [w])),
    ],
    "min(d, max(-x, -d)) -> -min(d, max(x, -d))": [
        call(sympy.Min, [one, call(sympy.Max, [scaled(-1, u), scaled(-1, one)])]),
        times(v, call(sympy.Min, [h, call(sympy.Max, [scaled(-1, h), scaled(-2, times(u, w))])])),
    ],
    "max(l, min(u, x)) -> min(u, max(l, x))": [
        call(sympy.Max, [scaled(-1, one), call(sympy.Min, [u, one])]),
        call(sympy.Max, [call(sympy.Min, [exp(u), add([(1, v), (-1, w)])]), scaled(-2, h)]),
    ],
    "where(x > u, u, max(l, x)) -> min(u, max(l, x))": [
        where(one, compare(sympy.Gt, u, one), call(sympy.Max, [u, zero])),
        where(one, compare(sympy.Ge, v, one), call(sympy.Max, [v, scaled(-1, h)])),
        where(scaled(-1, h), compare(sympy.Gt, scaled(-1, h), v), call(sympy.Min, [v, exp(u)])),
        where(call(sympy.Min, [w, h]), compare(sympy.Ge, w, zero), zero),
    ],
    "x >= -d and x <= d -> Abs(x) <= d": [
        where(u, call(sympy.And, [compare(sympy.Ge, v, scaled(-1, one)), compare(sympy.Le, v, one)]), w),
        where(u, call(sympy.And, [compare(sympy.Lt, v, h), above, compare(sympy.Gt, v, scaled(-1, h))]), w),
        where(u, call(sympy.Or, [compare(sympy.Lt, v, scaled(-1, h)), compare(sympy.Gt, v, h)]), w),
    ],
    "1 + erf(x/sqrt(2)) -> 2*Phi(x)": [
        add([(1, one), (1, call(sympy.erf, [scaled(1 / ROOT, u)]))]),
        add([(-1, exp(v)), (3, one), (-3, call(sympy.erf, [scaled(ROOT, w)]))]),
    ],
    "erfc(x/sqrt(2)) -> 2*Phi(-x)": [
        call(sympy.erfc, [scaled(1 / ROOT, u)]),
        times(v, call(sympy.erfc, [scaled(-3 * ROOT, exp(w))])),
    ],
    "exp(-x**2/2)/sqrt(2*pi) -> phi(x)": [
        scaled(1 / sympy.sqrt(2 * sympy.pi), exp(scaled(-HALF, power(u, 2)))),
        scaled(1 / sympy.sqrt(sympy.pi), times(v, exp(add([(1, w), (-2, times(power(u, 2), power(h, -1)))])))),
        scaled(1 / sympy.pi, exp(scaled(-1, power(u, 2)))),
        scaled(1 / sympy.pi, exp(scaled(-HALF, add([(1, power(u, 2)), (1, power(v, 2))])))),
    ],
    "exp(-x**2/2)/sqrt(2*pi) + y -> phi(x) + y": [
        add([(1 / sympy.sqrt(2 * sympy.pi), exp(scaled(-HALF, power(u, 2)))), (1, v)]),
        add([(1, one), (3 / sympy.sqrt(2 * sympy.pi), times(w, exp(scaled(-HALF, power(v, 2)))))]),
    ],
    "phi(x)*exp(x**2/2) -> 1/sqrt(2*pi)": [
        times(call(phi, [u]), exp(scaled(HALF, power(u, 2)))),
        times(w, power(call(phi, [add([(1, u), (-1, v)])]), -1), exp(scaled(-HALF, power(add([(1, v), (-1, u)]), 2)))),
    ],
    "where(c, x*y, x*z) -> x*where(c, y, z)": [
        where(times(u, v), above, times(u, w)),
        add([(1, where(exp(v), positive, zero)), (-1, times(exp(v), call(step, [u])))]),
    ],
    "relu(x)*where(x > 0, y, 0) -> relu(x)*y": [
        where(times(call(relu, [u]), power(v, -1)), positive, zero),
        times(call(relu, [w]), v, where(one, compare(sympy.Gt, w, zero), zero)),
    ],
    "where(c, x, w)*where(c, y, z) -> where(c, x*y, w*z)": [
        times(where(one, above, zero), where(u, above, power(w, -1))),
        times(w, where(power(u, -1), above, zero), where(zero, above, exp(v))),
        power(where(zero, above, one), 3),
    ],
    "where(x > 0, y, 0) + log(x) -> y + log(x)": [
        add([(1, call(sympy.log, [u])), (-1, where(v, positive, zero))]),
        add([(1, dot(w, call(sympy.log, [u]))), (2, dot(w, where(exp(v), positive, zero)))]),
    ],
    "max(x, y) + min(x, y) -> x + y": [
        add([(2, call(sympy.Max, [u, v])), (2, call(sympy.Min, [u, v])), (1, w)]),
        add([(1, call(sympy.Max, [u, v])), (-1, call(sympy.Min, [u, v]))]),
        add([(3, call(sympy.Max, [u, number(2, (n,))])), (1, call(sympy.Min, [scaled(3, u), number(6, (n,))]))]),
    ],
    "relu(x) - relu(-x) -> x": [
        add([(3, call(relu, [u])), (-3, call(relu, [scaled(-1, u)]))]),
        add([(1, call(relu, [u])), (1, call(relu, [scaled(-1, u)]))]),
        add([(2, call(relu, [u])), (1, call(sympy.Min, [scaled(2, u), zero]))]),
    ],
    "log(2*p) + log(p) -> 2*log(p) + log(2)": [
        add([(1, call(sympy.log, [scaled(2, h)])), (3, call(sympy.log, [h]))]),
        add([(-2, call(sympy.log, [scaled(3, power(h, 2))])), (1, call(sympy.log, [scaled(5, h)])), (1, u)]),
    ],
    "log(x/2) - log(y/2) -> log(x) - log(y)": [
        add([(1, call(sympy.log, [scaled(HALF, h)])), (-1, call(sympy.log, [scaled(HALF, power(v, 2))]))]),
        add(
            [(2, call(sympy.log, [scaled(3, add([(1, u), (1, one)]))])), (-2, call(sympy.log, [scaled(3, v)])), (1, w)]
        ),
    ],
    "sign(x)**2*step(Abs(x) - q) -> step(Abs(x) - q)": [
        times(power(call(sympy.sign, [u]), 2), call(step, [add([(1, call(sympy.Abs, [u])), (-1, h)])])),
        times(power(call(sympy.sign, [w]), 3), call(step, [add([(2, call(sympy.Abs, [w])), (-1, one)])]), v),
    ],
    "softmax(z)*exp(y)/sum(softmax(z)*exp(y)) -> softmax(z + y)": [
        product(
            1, [(softmax(u, [0]), (0,), ONE), (call(sympy.exp, [v]), (0,), ONE), (_weighted(u, v), (), MINUS)], (0,)
        ),
        product(
            2,
            [
                (softmax(X, [1]), (0, 1), ONE),
                (call(sympy.exp, [u]), (1,), ONE),
                (_weighted(X, u), (0,), MINUS),
                (v, (2,), ONE),
            ],
            (0, 2, 1),
        ),
    ],
    "(x**2 - y**2)/(x - y) -> x + y": [
        times(
            add([(1, times(*_logistic(u))), (-1, times(*_logistic(v)))]),
            power(add([(1, _logistic(u)[0]), (-1, _logistic(v)[0])]), -1),
        ),
        times(
            w,
            add([(2, times(h, _logistic(u)[1])), (2, times(h, _logistic(v)[0])), (-2, h)]),
            power(add([(1, _logistic(u)[0]), (-1, _logistic(v)[0])]), -1),
        ),
    ],
    "softmax(z)*(exp(y)/sum(softmax(z)*exp(y)) - 1) -> softmax(z + y) - softmax(z)": [
        times(softmax(u, [0]), add([(1, _reweighted(u, v)), (-1, one)])),
        times(w, softmax(v, [0]), add([(2, _reweighted(v, u)), (-3, one)])),
    ],
    "x*step(x) -> relu(x)": [
        times(v, u, call(step, [u])),
        times(matmul(F, u), call(step, [scaled(-1, matmul(F, u))])),
    ],
    "x*where(x != 0, 1, 0) -> x": [
        times(u, exp(v), where(one, compare(sympy.Ne, times(u, exp(v)), zero), zero)),
        times(power(w, 2), where(number(3, (n,)), compare(sympy.Ne, w, zero), zero)),
        T.times(
            total(call(step, [u]), (0,)),
            where(power(strong, -1), compare(sympy.Ne, total(call(step, [u]), (0,)), number(0)), number(0)),
        ),
        by_number(
            dot(call(step, [u]), v),
            T.broadcast(
                where(number(1), compare(sympy.Ne, total(call(step, [u]), (0,)), number(0)), number(0)), [], (n,)
            ),
        ),
        times(
            add([(1, by_number(dot(call(step, [u]), v), w)), (1, times(call(step, [u]), v))]),
            where(
                one,
                call(
                    sympy.Or,
                    [T.broadcast(compare(sympy.Ne, total(call(step, [u]), (0,)), number(0)), [], (n,)), positive],
                ),
                zero,
            ),
        ),
    ],
    "where(c, x, y) + where(c, z, 0) -> where(c, x + z, y)": [
        add([(1, where(power(u, -1), above, zero)), (1, where(power(v, -1), above, zero))]),
        add([(1, times(where(one, above, zero), u)), (1, times(where(zero, above, one), v))]),
        add([(2, times(call(step, [u]), w)), (1, times(where(one, compare(sympy.Le, u, zero), zero), exp(v)))]),
        add([(1, times(where(exp(u), above, w), where(v, above, h))), (1, where(u, above, w))]),
        add(
            [(2, total(times(where(one, above, zero), u), (0,))), (-4, total(times(where(zero, above, one), v), (0,)))]
        ),
    ],
    "1.T @ (x - mean(x)) -> 0": [
        total(add([(1, u), (-1 / n, broadcast(total(u, (0,)), [], (n,)))]), (0,)),
        total(add([(1, X), (-1 / m, ones_times(total(X, (0,))))]), (0,)),
    ],
    "log(sum(exp(z))) -> logsumexp(z)": [
        call(sympy.log, [total(exp(u), (0,))]),
        call(sympy.log, [scaled(2, total(exp(X), (1,)))]),
    ],
    "logsumexp(z + c) -> logsumexp(z) + c": [
        logsumexp(add([(1, u), (3, broadcast(total(v, (0,)), [], (n,)))]), [0]),
        logsumexp(add([(1, X), (1, broadcast(total(Y, (1,)), [0], (m, n)))]), [1]),
    ],
    "logsumexp(c) -> c + log(n)": [logsumexp(zero, [0]), logsumexp(number(5, (m, n)), [1])],
    "softmax(c) -> 1/n": [softmax(zero, [0]), softmax(number(5, (m, n)), [0])],
    "softmax(log(x)) -> x/sum(x)": [
        softmax(call(sympy.log, [h]), [0]),
        softmax(call(sympy.log, [add([(1, number(1, (m, n))), (1, power(X, 2))])]), [0]),
    ],
    "softmax(z + c) -> softmax(z)": [
        softmax(add([(1, u), (3, broadcast(total(v, (0,)), [], (n,)))]), [0]),
        softmax(add([(1, X), (1, broadcast(total(Y, (1,)), [0], (m, n)))]), [1]),
    ],
    "log(softmax(z)) -> z - logsumexp(z)": [
        call(sympy.log, [softmax(u, [0])]),
        add([(1, call(sympy.log, [softmax(X, [1])])), (1, broadcast(logsumexp(X, [1]), [0], (m, n)))]),
    ],
    "exp(z - logsumexp(z)) -> softmax(z)": [
        exp(add([(1, u), (-1, broadcast(logsumexp(u, [0]), [], (n,)))])),
        exp(add([(1, X), (-1, broadcast(logsumexp(X, [1]), [0], (m, n)))])),
    ],
    "w*exp(z - logsumexp(z + log(w))) -> softmax(z + log(w))": [
        softmax_by_parts(u, log_one_plus_square(v), 0),
        times(softmax_by_parts(X, ones_times(log_one_plus_square(u), m), 1), Y),
    ],
    "exp(z)/sum(exp(z)) -> softmax(z)": [
        times(exp(u), power(broadcast(total(exp(u), (0,)), [], (n,)), -1)),
        times(exp(X), power(broadcast(total(exp(X), (1,)), [0], (m, n)), -1), Y),
    ],
    "sum(softmax(z)) -> 1": [
        total(softmax(u, [0]), (0,)),
        times(broadcast(total(softmax(X, [1]), (1,)), [0], (m, n)), X),
    ],
    "exp(y + c*log(x)) -> exp(y)*x**c": [
        exp(add([(1, u), (-2, log_one_plus_square(v))])),
        exp(add([(1, X), (3, ones_times(log_one_plus_square(u), m))])),
        exp(scaled(3, add([(1, u), (1, w), (2, log_one_plus_square(v))]))),
    ],
    "f(A.T) -> f(A).T": [
        matmul(call("inverse", [turned(F)]), u),
        add([(1, call("expm", [turned(F)])), (1, turned(call("expm", [F])))]),
    ],
    "A @ inverse(A + I) + inverse(A + I) -> I": [
        add([(1, matmul(F, call("inverse", [plus_one(F)]))), (1, call("inverse", [plus_one(F)]))]),
        add([(3, u), (-3, matmul(call("inverse", [plus_one(G)]), G, u))]),
        add([(1, matmul(call("inverse", [plus_one(D)]), D)), (1, call("inverse", [plus_one(D)]))]),
        add([(1, T.identity(n)), (-1, matmul(call("inverse", [add([(1, F), (1, G)])]), F))]),
    ],
    "det(A @ B @ inverse(A)) -> det(B)": [
        call("det", [matmul(F, G, call("inverse", [F]))], None, ()),
        call("logdet", [matmul(turned(call("inverse", [F])), D, H, F)], None, ()),
    ],
    "det(tril(A)) -> prod(diag(A))": [
        call("det", [call("band_part", [F], (-1, 0))], None, ()),
        call("det", [call("band_part", [add([(1, F), (2, G)])], (0, -1))], None, ()),
    ],
    "prod_before(x)*prod_after(x)/prod(x) -> 1/x": [
        row(
            1, (before(u), (0,), 1), (call("cumprod", [u], (1, 1)), (0,), 1), (call("reduce_prod", [u], 1, ()), (), -1)
        ),
        row(
            2,
            (before(X), (0, 1), 1),
            (call("cumprod", [X], (1, 1)), (0, 1), 1),
            (call("reduce_prod", [X], 1, (m,)), (0,), -2),
            (u, (1,), 1),
        ),
    ],
    "prod_before(p)*prod_after(p) -> prod(p)/p": [
        row(3, (before(h), (0,), 1), (call("cumprod", [h], (1, 1)), (0,), 1), (u, (0,), 1)),
        row(1, (before(exp(X)), (0, 1), 1), (call("cumprod", [exp(X)], (1, 1)), (0, 1), 1), (v, (1,), 1)),
    ],
    "d(prod_before(x)*prod_after(x)) -> prod(x)*(1/x @ (1/x).T - diag(1/x**2))": [
        add([(2, one_side(u, v, True)), (2, one_side(u, v, False)), (1, w)]),
        add([(1, by_number(dot(u, u), one_side(exp(u), w, later))) for later in (True, False)]),
    ],
    "y[i] = y[i+1]*p[i]/p[i+1] + b[i] -> p*revcumsum(b/p)": [
        call("recurrence", [divide_neighbours(running(h), ONE, True), u], True),
        times(w, call("recurrence", [divide_neighbours(running(times(h, exp(v))), T.MINUS, False), v], False)),
        call("recurrence", [broadcast(divide_neighbours(running(exp(u)), ONE, True), (1,), X.shape), X], True),
    ],
    "k >= 1 -> k > 0": [
        where(v, compare(sympy.Ge, whole, one), zero),
        where(u, compare(sympy.Lt, add([(2, whole), (1, one)]), number(6, (n,))), v),
        times(u, where(one, compare(sympy.Le, whole, number(-3, (n,))), zero)),
        where(u, compare(sympy.Eq, whole, number(HALF, (n,))), v),
    ],
    "(-x)**(2*k) -> x**(2*k)": [
        call(sympy.Pow, [scaled(-1, h), scaled(2, whole)]),
        times(u, call(sympy.Pow, [scaled(-2, exp(v)), add([(4, whole), (1, one)])])),
        call(sympy.Pow, [number(-1, (n,)), add([(2, whole), (1, one)])]),
    ],
    "Pow(2, x) -> exp(log(2)*x)": [
        call(sympy.Pow, [number(3, (n,)), u]),
        times(v, call(sympy.Pow, [number(-2, (n,)), scaled(2, whole)]), exp(u)),
    ],
    "cos(x + pi*k) -> (-1)**k*cos(x)": [
        times(u, call(sympy.cos, [scaled(sympy.pi, whole)])),
        call(sympy.sin, [add([(2 * sympy.pi, whole), (1, u)])]),
        call(sympy.tan, [add([(sympy.pi, whole), (1, times(v, w))])]),
        call(sympy.cos, [add([(1, u), (3 * sympy.pi, whole), (sympy.pi, times(whole, whole))])]),
    ],
    "logdet(p*A) -> n*log(p) + logdet(A)": [
        call("logdet", [scaled(3, F)], None, ()),
        add([(1, call("logdet", [by_scalar(strong, D)], None, ())), (2, call(sympy.log, [strong]))]),
    ],
    "logdet(A @ A) -> 2*log(Abs(det(A)))": [
        call("logdet", [matmul(F, turned(F))], None, ()),
        by_number(call("logdet", [matmul(D, D, D)], None, ()), u),
    ],
    "log(p*det(A)) -> log(p) + logdet(A)": [
        call(sympy.log, [product(3, [(call("det", [F], None, ()), (), ONE), (strong, (), 2 * ONE)], ())]),
        add(
            [
                (1, call(sympy.log, [scaled(2**n, call("det", [D], None, ()))])),
                (-1, call("logdet", [D], None, ())),
            ]
        ),
    ],
    "log(prod(p)) -> sum(log(p))": [
        call(sympy.log, [call("reduce_prod", [h], 1, ())]),
        by_number(call(sympy.log, [call("reduce_prod", [exp(times(u, v))], 1, ())]), w),
    ],
    "logdet(A @ B) - logdet(A) -> logdet(B)": [
        add(
            [
                (1, call("logdet", [matmul(D, matmul(F, turned(F)))], None, ())),
                (-1, call("logdet", [D], None, ())),
                (2, T.source("s", ())),
            ]
        ),
        add([(3, call("logdet", [matmul(D, E)], None, ())), (-3, call("logdet", [E], None, ()))]),
    ],
    "inverse(I + X @ Y) @ X -> X @ inverse(I + Y @ X)": [
        matmul(call("inverse", [plus_one(matmul(tall, turned(tall)))]), tall),
        matmul(wide, call("inverse", [add([(2, T.identity(4)), (-3, matmul(tall, wide))])])),
        matmul(turned(tall), call("inverse", [plus_one(matmul(tall, turned(tall)))]), T.source("b4", (4,))),
    ],
    "X @ inverse(I + Y @ X) - inverse(I + X @ Y) @ X -> 0": [
        add(
            [
                (1, matmul(call("inverse", [plus_one(matmul(F, G, H))]), F, G)),
                (-1, matmul(F, G, call("inverse", [plus_one(matmul(H, F, G))]))),
            ]
        ),
        add(
            [
                (1, matmul(F, call("inverse", [plus_one(matmul(G, F))]))),
                (-1, matmul(call("inverse", [plus_one(matmul(F, G))]), F)),
            ]
        ),
        add(
            [
                (2, matmul(turned(X), call("inverse", [plus_one(matmul(X, turned(X)))]), f)),
                (1, matmul(call("inverse", [plus_one(matmul(turned(X), X))]), turned(X), f)),
            ]
        ),
        add([(1, matmul(F, call("inverse", [plus_one(F)]))), (1, matmul(call("inverse", [plus_one(F)]), F))]),
    ],
    "det(A.T) -> det(A)": [
        call("det", [turned(F)], None, ()),
        call("logdet", [turned(matmul(matmul(F, turned(F)), D))], None, ()),
    ],
    "inverse(c*A) -> inverse(A)/c": [call("inverse", [scaled(-3, F)]), matmul(call("inverse", [scaled(n, G)]), u)],
    "inverse(diag(v)) -> diag(1/v)": [call("inverse", [diagonal(u)]), matmul(F, call("inverse", [diagonal(exp(v))]))],
    "A @ inverse(B @ A) -> inverse(B)": [
        matmul(turned(F), call("inverse", [matmul(G, turned(F))])),
        matmul(D, call("inverse", [matmul(D, D)]), u),
    ],
    "1.T @ (Q @ x)**2 -> x.T @ x": [
        total(power(matmul(O, u), 2), (0,)),
        total(power(matmul(X, turned(call("inverse", [call("cholesky", [D])]))), 2), (0, 1)),
    ],
    "det(c*A) -> c**n*det(A)": [
        call("det", [scaled(-2, F)], None, ()),
        scaled(2, call("det", [scaled(3, T.identity(n))], None, ())),
    ],
    "det(diag(v)) -> prod(v)": [
        call("det", [diagonal(u)], None, ()),
        scaled(2, call("det", [diagonal(exp(v))], None, ())),
    ],
    "det(A @ A) -> det(A)**2": [
        call("det", [matmul(F, F, F)], None, ()),
        call("det", [matmul(G, turned(G))], None, ()),
    ],
    "diag(v) @ (I - 1 @ w.T) -> diag(v) - v @ w.T": [
        matmul(diagonal(u), add([(1, T.identity(n)), (-1, ones_times(v, n))])),
        matmul(diagonal(exp(u)), add([(1, T.identity(n)), (-1, ones_times(exp(w), n))])),
    ],
    "diag(p) @ (K - 1 @ p.T @ K) -> (diag(p) - p @ p.T) @ K": [
        matmul(diagonal(u), add([(1, F), (-1, ones_times(matmul(turned(F), u), n))])),
        matmul(diagonal(exp(v)), add([(1, turned(X)), (-1, broadcast(matmul(X, exp(v)), [1], (n, m)))])),
    ],
    "tril(A + diag(v) @ L.T) -> tril(A) + diag(v*diag_part(L))": [
        call("band_part", [scaled(3, F)], (1, 0)),
        call("band_part", [add([(2, call("band_part", [F], (0, 1))), (3, matmul(diagonal(u), G))])], (-1, 0)),
        call("band_part", [call("band_part", [F], (-1, 0))], (-1, 0)),
        call("band_part", [diagonal(u)], (0, -1)),
        call("band_part", [matmul(diagonal(u), turned(call("band_part", [F], (-1, 0))))], (-1, 0)),
        call("band_part", [matmul(call("cholesky", [D]), diagonal(v))], (-1, 0)),
    ],
    "cross(c*b, a) -> -c*cross(a, b)": [
        add([(1, call("cross", [scaled(2, b), a])), (1, call("cross", [a, b]))]),
        call("cross", [a, a]),
    ],
    "P @ x -> x[a:b]": [
        matmul(part, turned(part), u),
        product(1, [(part, (0, 1), ONE), (rest, (2, 1), ONE)], (0, 2)),
        matmul(part, joined),
        matmul(rest, scaled(2, joined)),
    ],
    "A @ (P.T @ x + Q.T @ y) -> A[:, a:b] @ x + A[:, c:d] @ y": [
        matmul(T.source("W", (k, n + m)), laid),
        product(2, [(T.source("z", (n + m,)), (0,), ONE), (laid, (0,), ONE), (w, (1,), ONE)], (1,)),
    ],
    "P.T @ 1 + Q.T @ 1 -> 1": [
        product(1, [(add([(1, every(0)), (1, every(1))]), (0, 1), ONE)], (1,), {0: n}),
        product(3, [(add([(2, every(2)), (2, every(1))]), (2, 0), ONE), (w, (1,), ONE)], (0, 1)),
    ],
    "concat(1, 0) + concat(0, 1) -> 1": [
        add([(k, product(1, [(p, (0, 1), ONE)], (1,))) for k, p in ((2, part), (2, rest))]),
        add([(1, product(1, [(chosen(i, 1, 3), (0, 1), ONE)], (1,))) for i in range(3)] + [(3, T.source("t", (3,)))]),
    ],
    POOLED: [
        add([(1, pick(s8, v, 0, 2)), (1, pick(s8, v, 1, 2))]),
        add([(2, pick(T.source("s9", (9,)), u, k, 3)) for k in range(3)]),
        add([(1, pick(s8, None, 0, 2)), (1, pick(s8, None, 1, 2)), (3, s8)]),
    ],
    OVERLAPPING: [
        add([(1, overlap(v, k)) for k in range(3)]),
        add([(2, overlap(u, k, 2)) for k in (2, 0, 1)]),
        add([(1, overlap(None, k)) for k in range(3)] + [(3, s8)]),
    ],
    "x[::-1].T @ y[::-1] -> x.T @ y": [
        product(1, [(from_end(u), (0,), ONE), (exp(from_end(v)), (0,), ONE)], ()),
        product(2, [(from_end(F), (1, 0), ONE), (from_end(u), (0,), ONE), (from_end(G), (0, 2), ONE)], (1, 2)),
    ],
    "tril(1)[::-1, ::-1] -> triu(1)": [
        matmul(permuted(from_end(permuted(from_end(T.triangle(n)), (1, 0))), (1, 0)), u),
        call("part", [T.triangle(n)], (Places(n - 1, n, -1), Places(n - 1, n, -1)), (n, n)),
    ],
    "cumprod(x[::-1]) -> revcumprod(x)[::-1]": [
        call("cumprod", [from_end(u)], (0, 0)),
        times(v, call("cumprod", [exp(from_end(u))], (1, 1)), call("cumprod", [from_end(w)], (1, 0))),
    ],
    "inverse(a) -> 1/a": [
        call("inverse", [broadcast(dot(u, v), (), (1, 1))]),
        add([(1, call("logdet", [broadcast(dot(u, v), (), (1, 1))], None, ())), (2, dot(u, u))]),
        call("det", [broadcast(dot(u, v), (), (1, 1))], None, ()),
    ],
    "P.T @ x -> Q.T @ x[::-1]": [
        product(1, [(backwards, (0, 1), ONE), (u, (0,), ONE)], (1,)),
        product(3, [(backwards, (0, 1), ONE), (call(sympy.exp, [X]), (2, 0), ONE), (v, (0,), 2 * ONE)], (1, 2)),
    ],
    "phi(x)*y + phi(z) -> phi(x)*(y + exp((x**2 - z**2)/2))": [
        add(
            [
                (1, call(phi, [add([(1, u), (1, v)])])),
                (2, times(call(phi, [add([(1, u), (-1, v)])]), exp(scaled(-2, times(u, v))))),
            ]
        ),
        add(
            [
                (1, times(w, call(phi, [u]))),
                (1, times(exp(times(u, v)), exp(scaled(HALF, power(v, 2))), call(phi, [add([(1, u), (1, v)])]))),
            ]
        ),
    ],
    "det(A @ B)/det(A) -> det(B)": [
        times(call("det", [matmul(F, G)], None, ()), power(call("det", [F], None, ()), -1)),
        row(
            2,
            (call("det", [matmul(G, turned(F), H)], None, ()), (), -1),
            (call("det", [F], None, ()), (), 1),
            (u, (0,), 1),
        ),
    ],
    "P @ 1 -> 1": [
        dot(T.source("g", (n,), ["stochastic"]), one),
        matmul(F, T.source("P", (n, m), ["stochastic"]), number(1, (m,))),
    ],
    "u.T @ u -> 1": [
        power(dot(T.source("k", (n,), ["unit"]), T.source("k", (n,), ["unit"])), sympy.Rational(1, 2)),
        row(3, *[(T.source("K", (n, m), ["unit"]), (0, 1), 1)] * 2, (u, (0,), 1), out=()),
    ],
    "x*sign(x) -> Abs(x)": [
        times(v, u, call(sympy.sign, [u])),
        times(call(sympy.Abs, [w]), call(sympy.sign, [scaled(-2, w)])),
        times(v, power(call(sympy.Abs, [w]), -1), call(sympy.sign, [scaled(-2, w)])),
        times(power(call(sympy.Abs, [w]), sympy.Rational(-3, 2)), call(sympy.sign, [w])),
    ],
    "log(x*exp(y)) -> log(x) + y": [
        call(sympy.log, [times(h, exp(u))]),
        call(sympy.log, [times(add([(1, one), (1, power(v, 2))]), exp(scaled(-2, w)))]),
    ],
    "exp(x)*(y*exp(-x) + z) -> y + z*exp(x)": [
        times(exp(u), add([(1, exp(scaled(-1, u))), (2, one)])),
        times(w, exp(scaled(-2, v)), add([(1, times(h, exp(scaled(2, v)))), (-1, u)])),
    ],
    "inverse(X.T @ X) @ X.T @ X -> I": [
        matmul(X, call("inverse", [matmul(turned(X), X)]), turned(X), X, u),
        matmul(call("inverse", [matmul(turned(X), X)]), turned(X), X, F),
    ],
    "(I - P) @ (I - P) -> I - P": [
        matmul(centring, centring, F),
        matmul(D, turned(centring), centring, turned(X)),
    ],
    "X.T @ (I - X @ inverse(X.T @ X) @ X.T) -> 0": [
        matmul(turned(X), add([(1, T.identity(m)), (-1, projector)])),
        matmul(turned(X), add([(2, f), (-1, matmul(projector, f))])),
    ],
    "sum(log(diag_part(cholesky(A)))) -> logdet(A)/2": [
        dot(call(sympy.log, [product(1, [(call("cholesky", [D]), (0, 0), ONE)], (0,))]), one),
        total(call(sympy.log, [product(1, [(call("cholesky", [D]), (0, 0), ONE)], (0,))]), (0,)),
    ],
    "tril(L.T @ tril(A)) -> tril(L.T @ A)": [
        call("band_part", [matmul(turned(call("cholesky", [D])), call("band_part", [F], (-1, 0)))], (-1, 0)),
        call("band_part", [matmul(call("band_part", [F], (0, -1)), call("cholesky", [D]))], (0, -1)),
        call(
            "band_part",
            [
                matmul(
                    turned(call("cholesky", [D])),
                    turned(call("band_part", [F], (0, -1))),
                    turned(call("cholesky", [D])),
                )
            ],
            (-1, 0),
        ),
    ],
    "cholesky(A)*tril(B) -> cholesky(A)*B": [
        times(call("cholesky", [D]), call("band_part", [F], (-1, 0))),
        times(turned(call("cholesky", [D])), exp(F), call("band_part", [G], (0, -1))),
        times(power(call("cholesky", [D]), 2), turned(call("band_part", [G], (1, -1)))),
    ],
    "diag_part(B.T @ (A + A.T) @ B) -> 2*diag_part(B.T @ A @ B)": [
        product(1, [(F, (1, 0), ONE), (F, (2, 0), ONE), (add([(1, G), (1, turned(G))]), (1, 2), ONE)], (0,)),
        times(
            product(1, [(exp(u), (1,), ONE), (exp(u), (2,), ONE), (symmetrised, (1, 2), ONE), (v, (0,), ONE)], (0,)), w
        ),
    ],
    "tril(A) + triu(A) - diag(diag_part(A)) -> A": [
        add([(1, call("band_part", [F], (-1, 0))), (1, call("band_part", [F], (0, -1))), (-1, main_diagonal(F))]),
        add(
            [
                (2, call("band_part", [D], (-1, 0))),
                (2, turned(call("band_part", [D], (-1, 0)))),
                (-2, main_diagonal(D)),
                (1, G),
            ]
        ),
    ],
    "(x + y)*(x - y) -> x**2 - y**2": [
        times(add([(1, u), (1, v)]), add([(1, u), (-1, v)])),
        times(w, add([(1, exp(u)), (2, h)]), add([(1, exp(u)), (-2, h)])),
    ],
    "(x*y + z)/y -> x + z/y": [
        times(power(v, -1), add([(1, times(u, v)), (1, w)])),
        times(u, power(h, -2), add([(3, times(exp(v), power(h, 2))), (-2, w)])),
    ],
    "(x/y + 1)/(x + y) -> 1/y": [
        times(add([(1, times(u, power(h, -HALF))), (1, one)]), power(add([(1, u), (1, power(h, HALF))]), -1)),
        times(
            w,
            power(add([(2, times(u, power(v, -1))), (-3, exp(u))]), 2),
            power(add([(2, u), (-3, times(v, exp(u)))]), -2),
        ),
    ],
    "x*x**(y - 1) -> x**y": [
        times(h, call(sympy.Pow, [h, add([(1, call(sympy.log, [h])), (-1, one)])])),
        times(h, power(v, -2), call(sympy.Pow, [times(h, power(v, -2)), add([(1, call(sympy.log, [h])), (-2, one)])])),
        times(
            power(h, -1), call(sympy.Pow, [h, add([(1, times(call(sympy.log, [h]), call(sympy.log, [h]))), (1, one)])])
        ),
    ],
    "y*(x/y + z) -> x + y*z": [
        power(add([(1, times(u, power(v, -1))), (1, w)]), -1),
        power(add([(1, times(v, power(h, -1))), (3, exp(u))]), -1),
        times(u, add([(1, times(v, power(u, -1))), (1, w)])),
        times(
            call(sigmoid, [u]),
            call(sigmoid, [v]),
            add([(1, power(call(sigmoid, [u]), -1)), (1, power(call(sigmoid, [v]), -1))]),
        ),
    ],
    "x.T @ (y + z) -> x.T @ y + x.T @ z": [
        dot(u, add([(1, by_number(dot(u, v), w)), (2, by_number(dot(u, w), v))])),
        product(1, [(u, (0,), ONE), (u, (1,), ONE), (add([(3, F), (1, turned(F))]), (0, 1), ONE)], ()),
    ],
    "sum([a, b]**2) -> a**2 + b**2": [
        product(3, [(short, (1,), sympy.Integer(2)), (u, (0,), ONE)], (0,)),
        product(-1, [(short, (0,), sympy.Integer(3)), (w, (1,), ONE)], (1,)),
    ],
    "det([[a, b], [c, d]]) -> a*d - b*c": [
        call("det", [pair], None, ()),
        scaled(2, call("det", [triple], None, ())),
    ],
    "inverse([[a, b], [c, d]]) -> [[d, -b], [-c, a]]/(a*d - b*c)": [
        call("inverse", [pair]),
        matmul(call("inverse", [triple]), a),
    ],
}
