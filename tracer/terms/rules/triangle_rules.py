"""Rules of triangles: what is cut off a matrix, and Cholesky's factor."""

from __future__ import annotations

from math import inf

import sympy

from tracer.terms.chains import Link, multiply_chain, read_chain
from tracer.terms.decomposition import factors_of, is_summed, split_scale, summands_of
from tracer.terms.factors import connected_blocks
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.patterns import Constant, Name, Variable
from tracer.terms.record import (
    LOWER,
    UPPER,
    Call,
    Product,
    Sum,
    Term,
    add,
    call,
    is_call,
    is_zero,
    operands,
    product,
    scaled,
    sum_record,
)
from tracer.terms.rule import Procedure, Rule

Band = tuple[float, float]
"""How many diagonals below and above the main one may be other than zero."""


def _cut_summands(n: Normaliser, t: Call) -> Term | None:
    """``tril(A + diag(v)*L + diag(w)*L.T) -> tril(A) + diag(v)*L + diag(w*diag_part(L))``, L lower triangular."""
    (a,) = t.args
    if is_zero(a):
        return a
    scale, core = split_scale(a)
    rows = [(c, u, _cut(n, u, t.params)) for c, u in summands_of(core)]
    whole = [(c, u) for c, u, cut in rows if cut is None]
    if len(whole) == len(rows):
        return None if scale is ONE else scaled(scale, call(t.head, [core], t.params))
    cut = [(scale * c, u) for c, _, u in rows if u is not None]
    return add([*cut, (scale, call(t.head, [add(whole)], t.params))] if whole else cut)


def _cut(n: Normaliser, a: Term, params: Band) -> Term | None:
    """The band of a matrix without cutting, or with the factors of its rows and columns in front; None for neither."""
    band = read_band(a)
    limits = tuple(inf if p < 0 or size == 1 else p for p, size in zip(params, a.shape[-2:]))
    if band[0] <= limits[0] and band[1] <= limits[1]:
        return a
    narrow = min(band[0], limits[0]), min(band[1], limits[1])
    if narrow == (0, 0) and len(a.shape) == 2:
        return product(ONE, [(operands(a)[0] if is_call(a, "band_part") else a, (0, 0), ONE)], (0, 0))
    if is_call(a, "band_part"):
        return call("band_part", operands(a), tuple(-1 if p == inf else int(p) for p in narrow))
    if not isinstance(a, Product) or len(a.out) != 2:
        return None
    blocks = connected_blocks(a.factors, {k for _, i, _ in a.factors for k in i}.difference(a.out))
    inner = [f for block in blocks if {k for _, i, _ in block for k in i}.issuperset(a.out) for f in block]
    if not inner or len(inner) == len(a.factors):
        return None
    core = n.product(ONE, inner, a.out)
    rest = [f for f in a.factors if f not in inner]
    return product(ONE, [*rest, (_cut(n, core, params) or call("band_part", [core], params), a.out, ONE)], a.out)


def read_band(t: Term) -> Band:
    """Which diagonals of a matrix may be other than zero, by its structure."""
    if is_call(t, "cholesky"):
        return inf, 0
    if is_call(t, "inverse"):
        lower, upper = read_band(operands(t)[0])
        return (inf if lower else 0), (inf if upper else 0)
    if isinstance(t, Call) and t.head == "band_part":
        own = [inf if p < 0 else p for p in t.params]
        lower, upper = read_band(t.args[0])
        return min(own[0], lower), min(own[1], upper)
    if isinstance(t, Sum):
        bands = [read_band(u) for _, u in t.terms]
        return max(lower for lower, _ in bands), max(upper for _, upper in bands)
    if not isinstance(t, Product):
        return inf, inf
    if t.out[-1] == t.out[-2]:
        return 0, 0
    found = [_read_band_of_chain(t)]
    for u, i, e in t.factors:
        if len(i) == 2 and set(i) == set(t.out) and e.is_positive:
            lower, upper = read_band(u)
            found.append((lower, upper) if i == t.out else (upper, lower))
    return min(lower for lower, _ in found), min(upper for _, upper in found)


def _read_band_of_chain(t: Product) -> Band:
    """The diagonals of a product of matrices: as many as those of its factors together."""
    chain = read_chain(t)
    if chain is None:
        return inf, inf
    bands = [read_band(link.term)[:: -1 if link.turned else 1] for link in chain]
    return sum(lower for lower, _ in bands), sum(upper for _, upper in bands)


def _open_inner_triangle(n: Normaliser, t: Call) -> Term | None:
    """``tril(L.T @ tril(A)) -> tril(L.T @ A)``: what is cut off within is multiplied by zeros, or cut off again."""
    (a,) = t.args
    chain = read_chain(a)
    if chain is None or t.params not in (LOWER, UPPER):
        return None
    turn = 1 if t.params == LOWER else -1
    upper = [read_band(link.term)[:: turn * (-1 if link.turned else 1)][0] == 0 for link in chain]
    for k, (u, turned) in enumerate(chain):
        same = isinstance(u, Call) and u.head == "band_part" and u.params == (t.params[::-1] if turned else t.params)
        if same and all(upper[:k]) and all(upper[k + 1 :]):
            opened = multiply_chain([*chain[:k], Link(operands(u)[0], turned), *chain[k + 1 :]])
            return call("band_part", [opened], t.params)
    return None


def _open_triangle_beside(n: Normaliser, t: Product) -> Term | None:
    """``L o tril(A) -> L o A``, L lower triangular: what is cut off is multiplied by zeros."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not isinstance(u, Call) or u.head != "band_part" or len({*labels}) != 2:
            continue
        own = tuple(inf if p < 0 else p for p in u.params)
        for other, (v, i, f) in enumerate(t.factors):
            if other != place and {*i} == {*labels} and len(i) == 2 and f.is_positive:
                band = read_band(v)[:: 1 if i == labels else -1]
                if band[0] <= own[0] and band[1] <= own[1]:
                    rest = [*t.factors[:place], (u.args[0], labels, ONE), *t.factors[place + 1 :]]
                    return product(t.scale, rest, t.out, dict(enumerate(t.sizes)))
    return None


def _join_triangles(n: Normaliser, t: Sum) -> Term | None:
    """``tril(A) + triu(A) - diag(diag_part(A)) -> A``."""
    if len(t.shape) != 2:
        return None
    coefficients = {u: c for c, u in t.terms}
    for lower, c in coefficients.items():
        a = _read_lower_triangle(n, lower)
        if a is None:
            continue
        upper = n.call("band_part", [a], UPPER)
        scale, diagonal = split_scale(n.normal(n.product(ONE, [(a, (0, 0), ONE)], (0, 0))))
        if coefficients.get(upper) == c and coefficients.get(diagonal, ZERO) == -c * scale:
            rest = [(d, u) for d, u in t.terms if u not in (lower, upper, diagonal)]
            return sum_record([*rest, (c, a)])
    return None


def _read_lower_triangle(n: Normaliser, t: Term) -> Term | None:
    """The matrix of which a term is the lower triangle, or the transpose of the upper one of its transpose."""
    _, factors, out, _ = factors_of(t)
    if len(factors) != 1:
        return None
    ((band, labels, e),) = factors
    if e is not ONE or not isinstance(band, Call) or band.head != "band_part":
        return None
    (a,) = band.args
    if labels == out:
        return a if band.params == LOWER else None
    return n.transposed(a) if band.params == UPPER and labels == out[::-1] else None


def _add_logarithms_of_diagonal(n: Normaliser, t: Product) -> Term | None:
    """``sum(log(diag_part(cholesky(A)))) -> logdet(A)/2``."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not is_call(u, sympy.log) or len(labels) != 1:
            continue
        scale, factors, out, _ = factors_of(operands(u)[0])
        if scale is not ONE or len(factors) != 1 or not is_summed(t, labels[0], 1):
            continue
        ((factor, axes, power),) = factors
        if is_call(factor, "cholesky") and axes == 2 * out:
            rest = [f for k, f in enumerate(t.factors) if k != place]
            total = call("logdet", operands(factor), None, ())
            return product(t.scale * power / 2, [*rest, (total, (), ONE)], t.out, dict(enumerate(t.sizes)))
    return None


A = Variable("A")
INVERSE, CHOLESKY, DET, LOGDET = map(Name, ("inverse", "cholesky", "det", "logdet"))

TRIANGLES: tuple[Rewrite, ...] = (
    Rule(CHOLESKY(A) @ CHOLESKY(A).T, A, "the definition of the factor"),
    Rule(INVERSE(CHOLESKY(A)).T @ INVERSE(CHOLESKY(A)), INVERSE(A), "the definition of the factor"),
    Rule(INVERSE(A) @ CHOLESKY(A), INVERSE(CHOLESKY(A)).T, "the definition of the factor"),
    Rule(
        LOGDET(CHOLESKY(A)), Constant(sympy.S.Half) * LOGDET(A), "the determinant is the square of that of the factor"
    ),
    Procedure(
        (Product,),
        "sum(log(diag_part(cholesky(A)))) -> logdet(A)/2",
        "the determinant is the square of that of the factor",
        _add_logarithms_of_diagonal,
        frozenset([sympy.log]),
    ),
    Procedure(
        ("band_part",),
        "tril(A + diag(v) @ L.T) -> tril(A) + diag(v*diag_part(L))",
        "what is cut off is zero, or a row or column of it is scaled",
        _cut_summands,
    ),
    Procedure(
        ("band_part",),
        "tril(L.T @ tril(A)) -> tril(L.T @ A)",
        "what is cut off is multiplied by zeros, or cut off again",
        _open_inner_triangle,
    ),
    Procedure(
        (Product,),
        "cholesky(A)*tril(B) -> cholesky(A)*B",
        "what is cut off is multiplied by zeros",
        _open_triangle_beside,
        frozenset(["band_part"]),
    ),
    Procedure(
        (Sum,),
        "tril(A) + triu(A) - diag(diag_part(A)) -> A",
        "a matrix and its halves",
        _join_triangles,
        frozenset(["band_part"]),
    ),
)
