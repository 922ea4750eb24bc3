"""Random terms: a term with others in the places of its sources, in some context."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import sympy
from hypothesis import reject
from hypothesis import strategies as st

from tests.terms.programs import F, G, H, X, Y, diagonal, exp, h, matmul, n, turned, u, v, w
from tests.terms.proofs import Undefined
from tracer.scalar import relu, step
from tracer.terms import record as T
from tracer.terms.record import ONE, Term, add, call, permuted, power, product, scaled, times

Change = Mapping[Term, Term]
"""Sources, and what takes their places."""

VECTORS = [
    u, v, w, h, scaled(-2, v), add([(1, u), (-3, w)]), times(v, w), exp(u), call(sympy.sin, [w]), power(h, -1),
    product(1, [(F, (0, 1), ONE), (v, (1,), ONE)], (0,)), add([(1, T.number(1, u.shape)), (1, power(v, 2))]),
]  # fmt: skip
POSITIVE = [h, exp(v), scaled(3, h), times(h, exp(u)), add([(1, h), (2, exp(w))]), power(h, sympy.S.Half)]
SQUARES = [F, G, H, turned(G), scaled(2, H), add([(1, F), (1, G)]), matmul(F, G), diagonal(h), call("inverse", [H])]
TABLES = [X, Y, scaled(-1, Y), add([(2, X), (1, Y)]), times(X, Y), exp(Y), matmul(X, G)]

PLACES: dict[Term, list[Term]] = {
    **dict.fromkeys([u, v, w], VECTORS),
    **dict.fromkeys([F, G, H], SQUARES),
    **dict.fromkeys([X, Y], TABLES),
    h: POSITIVE,
}


def added(number: int, t: Term) -> Term:
    """A number plus a term."""
    return add([(number, T.number(1, t.shape)), (1, t)])


CONTEXTS: list[Callable[[Term], Term]] = [
    lambda t: t,
    lambda t: scaled(-2, t),
    lambda t: add([(1, t), (3, t)]),
    lambda t: times(t, t),
    lambda t: permuted(t, tuple(reversed(T.axes_of(t)))),
    lambda t: product(1, [(t, T.axes_of(t), ONE)], ()),
    lambda t: product(3, [(t, T.axes_of(t), ONE), (t, T.axes_of(t), ONE)], T.axes_of(t)[:1]),
    lambda t: call(sympy.sin, [scaled(-1, t)]),
    lambda t: times(added(1, t), power(added(1, t), -2)),
    lambda t: add([(1, power(added(2, t), -1)), (1, times(t, power(added(2, t), -2)))]),
]
"""Where a term may stand."""


def put(term: Term, change: Change) -> Term:
    """A term with others in the places of its sources."""
    new: dict[Term, Term] = dict(change)
    for t in T.subterms(term):
        if t in new:
            continue
        if isinstance(t, T.Sum):
            new[t] = T.sum_record((c, new[a]) for c, a in t.terms)
        elif isinstance(t, T.Product):
            new[t] = T.product_record(t.scale, [(new[a], i, e) for a, i, e in t.factors], t.out, t.sizes)
        elif isinstance(t, T.Call):
            new[t] = T.call(t.head, [new[a] for a in t.args], t.params, t.shape)
        else:
            new[t] = t
    return new[term]


@contextmanager
def where_defined() -> Iterator[None]:
    """A random term that is undefined wherever it is looked at, as ``1/(1 + sign(-h))`` is, is none to test."""
    try:
        yield
    except Undefined:
        reject()


@st.composite
def varied(draw: st.DrawFn, terms: Sequence[Term]) -> Term:
    """One of some terms, with other terms for its sources, in some context."""
    change = {source: draw(st.sampled_from(places)) for source, places in PLACES.items()}
    return draw(st.sampled_from(CONTEXTS))(put(draw(st.sampled_from(terms)), change))


@st.composite
def sums_of_choices(draw: st.DrawFn) -> Term:
    """A sum of products of choices by few conditions, of vectors or of arrays of one element."""
    shape = draw(st.sampled_from([(n,), (), (1,), (1, 1)]))
    x, y, z = (T.source(name, shape) for name in "xyz")
    zero = T.number(0, shape)
    above = call(sympy.Gt, [x, zero])
    conditions = st.sampled_from([above, call(sympy.Le, [x, zero]), call(sympy.Gt, [x, y]), call(sympy.Not, [above])])
    leaves = st.sampled_from([x, y, z, exp(x), call(step, [x]), call(relu, [x]), zero, T.number(1, shape)])
    choices = st.builds(lambda a, c, b: call(sympy.Piecewise, [a, c, b]), leaves, conditions, leaves)
    products = st.lists(choices | leaves, min_size=1, max_size=3).map(lambda factors: times(*factors))
    return add(enumerate(draw(st.lists(products, min_size=1, max_size=3)), 1))
