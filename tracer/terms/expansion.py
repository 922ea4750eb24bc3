"""Sums as their summands: like ones as one, products of sums multiplied out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sympy

from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.factors import connected_blocks
from tracer.terms.facts import facts_of, is_constant_along
from tracer.terms.numbers import MINUS, ONE, ZERO, is_negative
from tracer.terms.record import (
    Call,
    Factor,
    Labels,
    Product,
    Source,
    Sum,
    Term,
    is_call,
    is_zero,
    number,
    product,
    sum_record,
)

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

Rows = dict[Term, sympy.Expr]
"""Summands and their coefficients."""

MULTIPLIED = 8
"""How many summands a sum may have where it is tried whether multiplying out makes it shorter."""


def collect_like(n: Normaliser, terms: Iterable[tuple[Any, Term]]) -> Rows:
    """Summands of sums as summands, like ones as one: ``x + 2*(x + y) -> 3*x + 2*y``."""
    found: Rows = {}
    todo = [(sympy.sympify(c), t) for c, t in reversed(list(terms))]
    while todo:
        c, t = todo.pop()
        n.spend(1)
        if c == 0 or is_zero(t):
            continue
        if isinstance(t, Sum):
            todo += [(c * k, u) for k, u in reversed(t.terms)]
            continue
        k, core = split_scale(t)
        if core is not t:
            todo.append((c * k, core))
            continue
        found[t] = found.get(t, ZERO) + c
    undefined = {t: c for t, c in found.items() if c is sympy.nan}
    return undefined or {t: c for t, c in found.items() if c != 0}


def expand(n: Normaliser, rows: Rows) -> list[tuple[sympy.Expr, Term]] | None:
    """The summands with no sum among their factors, as far as there are few; None where nothing is to multiply out."""
    found = multiply_out(n, rows)
    further = found
    while further is not None and len(rows := collect_like(n, further)) <= MULTIPLIED:
        found, further = further, multiply_out(n, rows)
    return found


def expand_sum(n: Normaliser, t: Sum) -> Rows:
    """The summands of a sum, multiplied out as far as there are few."""
    rows = collect_like(n, t.terms)
    expanded = expand(n, rows)
    return rows if expanded is None else collect_like(n, expanded)


def expand_powers(n: Normaliser, rows: Rows) -> Rows | None:
    """The summands with powers of sums multiplied out; None unless one of them meets another: ``(1 + x)**2 - x``."""
    parts = [_expand_one_power(n, t, c) for t, c in rows.items()]
    joined = collect_like(n, [(c, t) for part in parts for t, c in part.items()])
    return joined if len(joined) < sum(map(len, parts)) else None


def _expand_one_power(n: Normaliser, t: Term, c: sympy.Expr) -> Rows:
    """The summands of one summand, the powers of sums in it multiplied out as far as there are few."""
    found: Rows = {t: c}
    while len(found) <= MULTIPLIED:
        multiplied = {u: _multiply_out_power(n, u, d) for u, d in found.items()}
        if not any(multiplied.values()):
            break
        found = collect_like(n, [row for u, d in found.items() for row in multiplied[u] or [(d, u)]])
    return found


def _multiply_out_power(n: Normaliser, t: Term, c: sympy.Expr) -> list[tuple[sympy.Expr, Term]] | None:
    """The summands of a product with a power of a sum of elements, the power multiplied out once."""
    _, factors, out, sizes = factors_of(t)
    for place, (u, i, e) in enumerate(factors):
        if isinstance(u, Sum) and e in (2, 3) and len(u.terms) <= 3 and set(i) <= set(out):
            rest = [*factors[:place], (u, i, e - 1), *factors[place + 1 :]]
            known = dict(enumerate(sizes))
            rows = [(c * d, n.product(ONE, [*rest, (v, i, ONE)], out, known)) for d, v in u.terms]
            return [row for d, v in rows for row in multiply_out_one(n, v, d) or [(d, v)]]
    return None


def multiply_out(n: Normaliser, rows: Mapping[Term, sympy.Expr]) -> list[tuple[sympy.Expr, Term]] | None:
    """The summands with one level of products of sums multiplied out; None where there is nothing to multiply out."""
    beside = [u for t in rows for u, _, _ in factors_of(t)[1]]
    found: list[tuple[sympy.Expr, Term]] = []
    changed = False
    for t, c in rows.items():
        summands = multiply_out_one(n, t, c, beside)
        changed = changed or summands is not None
        found += [(c, t)] if summands is None else summands
    return found if changed else None


def multiply_out_one(
    n: Normaliser, t: Term, c: sympy.Expr, beside: Sequence[Term] = ()
) -> list[tuple[sympy.Expr, Term]] | None:
    """The summands of a product with a sum among its factors; None where there is none.

    What is put into places is a block of the result: the places are not multiplied into it.
    """
    scale, factors, out, sizes = factors_of(t)
    if any(is_call(u, "selection") for u, _, _ in factors):
        return None
    for place, (u, i, e) in enumerate(factors):
        if e is not ONE:
            continue
        k, core = split_scale(_write_as_sum(n, u, beside))
        inner: Sequence[tuple[sympy.Expr, Term]] = ()
        if isinstance(core, Sum) and len(core.terms) <= 4:
            inner = core.terms
        elif isinstance(core, Product) and not i:
            inner = multiply_out_one(n, core, ONE, beside) or ()
        if inner:
            rest = factors[:place] + factors[place + 1 :]
            known = dict(enumerate(sizes))
            return [(c * scale * k * d, n.product(ONE, [*rest, (v, i, ONE)], out, known)) for d, v in inner]
    return None


def _write_as_sum(n: Normaliser, u: Term, beside: Sequence[Term]) -> Term:
    """``sigmoid(-z)`` as ``1 - sigmoid(z)`` where ``sigmoid(z)`` stands beside it."""
    if not isinstance(u, Call) or not facts_of(u.head).complement or not is_negative(split_scale(u.args[0])[0]):
        return u
    other = n.call(u.head, [n.scaled(MINUS, u.args[0])])
    return sum_record([(ONE, number(1, u.shape)), (MINUS, other)]) if other in beside else u


def multiply_out_wide(n: Normaliser, t: Product) -> Rows | None:
    """The summands of a product with sums of more than two axes multiplied out; None where such factors are left."""
    rows: Rows = {t: ONE}
    while len(rows) <= MULTIPLIED and any(find_wide_sum(u) is not None for u in rows):
        rows = collect_like(n, [row for u, c in rows.items() for row in _multiply_out_wide_sum(n, u, c)])
    wide = any(len(labels) > 2 for u in rows for _, labels, _ in factors_of(u)[1])
    return None if wide else rows


def close_wide_sums(t: Product) -> list[Factor] | None:
    """The factors of a product, sums of more than two axes being the matrices that they are beside the others.

    ``W[i,j]*(X[i,k] - Y[j,k])**2``, summed over all, is ``W[i,j]*D[i,j]`` with the squares summed over k for D. None
    where such a sum is no matrix without the others, or where there are no others.
    """
    found: list[Factor] = []
    for place, (u, labels, e) in enumerate(t.factors):
        if not _is_wide_sum(u, labels, e):
            found.append((u, labels, e))
            continue
        elsewhere = {*t.out, *(k for p, (_, i, _) in enumerate(t.factors) if p != place for k in i)}
        left = tuple(k for k in dict.fromkeys(labels) if k in elsewhere)
        found.append((product(ONE, [(u, labels, e)], left, dict(enumerate(t.sizes))), left, ONE))
    return found if len(found) > 1 and all(len(i) <= 2 for _, i, _ in found) else None


def close_arrays(t: Product) -> list[Factor] | None:
    """The factors of a product that is repeated along an axis, what has more than two axes being one matrix.

    ``P[i,l]*W[l,m,p]*X[i,m]*Y[i,p]``, for all j, is ``P[i,l]*D[i,l]``, times ones. What is no source
    stands beside that matrix. None where the product is not repeated, or what has more axes is no matrix.
    """
    everywhere = {k for _, labels, _ in t.factors for k in labels}
    group = [f for f in t.factors if len(f[1]) > 2 or isinstance(f[0], Source)]
    rest = [f for f in t.factors if f not in group]
    outside = {*t.out, *(k for _, labels, _ in rest for k in labels)}
    left = tuple(k for k in dict.fromkeys([*t.out, *(k for _, i, _ in group for k in i)]) if k in outside & everywhere)
    if everywhere.issuperset(t.out) or len(left) > 2 or not group:
        return None
    sizes = dict(enumerate(t.sizes))
    return [*rest, (product(ONE, group, left, sizes), left, ONE)]


def _multiply_out_wide_sum(n: Normaliser, t: Term, c: sympy.Expr) -> list[tuple[sympy.Expr, Term]]:
    """The summands of a product with a sum of more than two axes, one factor of it multiplied out."""
    place = find_wide_sum(t)
    if place is None:
        return [(c, t)]
    scale, factors, out, sizes = factors_of(t)
    u, labels, e = factors[place]
    assert isinstance(u, Sum)
    rest = [*factors[:place], *factors[place + 1 :], *([(u, labels, e - 1)] if e > 1 else [])]
    known = dict(enumerate(sizes))
    return [(c * scale * d, n.product(ONE, [*rest, (v, labels, ONE)], out, known)) for d, v in u.terms]


def find_wide_sum(t: Term) -> int | None:
    """The position among the factors of a sum of more than two axes, or of the square of one."""
    return next((place for place, f in enumerate(factors_of(t)[1]) if _is_wide_sum(*f)), None)


def _is_wide_sum(u: Term, labels: Labels, e: sympy.Expr) -> bool:
    return len(labels) > 2 and isinstance(u, Sum) and e in (1, 2)


def meets_ones(t: Product, place: int) -> bool:
    """Whether a factor is the sum of ones, or of an identity, and something, that may be shorter multiplied out.

    Beside another factor of its labels, element by element, each summand would be multiplied by that one.
    """
    u, labels, e = t.factors[place]
    if not isinstance(u, Sum) or e is not ONE or len(u.terms) > 3 or not any(map(_is_constant, u.terms)):
        return False
    beside = any(set(labels) <= {*others} for k, (_, others, _) in enumerate(t.factors) if k != place)
    return not (beside and set(labels) <= {*t.out})


def meets_repeated(t: Product, place: int) -> bool:
    """Whether a factor is a sum of products of a column and a row, ``x*1.T - u*v.T``, and is summed along one axis.

    Multiplied out it is made of vectors: ``(W o (x*1.T - u*v.T))*1`` is ``(W*1) o x - u o (W*v)``.
    """
    u, labels, e = t.factors[place]
    if not isinstance(u, Sum) or e != 1 or len({*labels}) != 2 or {*labels} <= {*t.out}:
        return False
    return all(_is_of_vectors(v) for _, v in u.terms)


def meets_places(t: Product, place: int) -> bool:
    """Whether a factor is a sum of matrices that put something into places, and is summed along one axis.

    Multiplied out it is a sum of columns of blocks: ``(P + Q).T*1`` is ``concat(1, 0) + concat(0, 1)``.
    """
    u, labels, e = t.factors[place]
    if not isinstance(u, Sum) or e != 1 or len({*labels}) != 2 or {*labels} <= {*t.out}:
        return False
    return any(is_call(w, "selection") for _, v in u.terms for w, _, _ in factors_of(v)[1])


def _is_of_vectors(t: Term) -> bool:
    """Whether a matrix is a product of a column and a row, of which one may be all ones, or a sum of such products."""
    if is_constant_along(t, 0) or is_constant_along(t, 1):
        return True
    _, factors, out, _ = factors_of(t)
    links = [f for f in factors if {*f[1]} == {*out}]
    if len(links) == 1 and isinstance(links[0][0], Sum) and links[0][2] == 1:
        return all(_is_of_vectors(v) for _, v in links[0][0].terms)
    blocks = connected_blocks(factors, {k for _, i, _ in factors for k in i})
    return len({*out}) == 2 and not any({*out} <= {k for _, i, _ in block for k in i} for block in blocks)


def meets_total(t: Product, place: int) -> bool:
    """Whether a factor is a sum of matrices in a scalar, which may be shorter as a sum of scalars."""
    u, labels, e = t.factors[place]
    return not t.out and isinstance(u, Sum) and e == 1 and len({*labels}) == 2 and len(u.terms) <= 3


def _is_constant(row: tuple[sympy.Expr, Term]) -> bool:
    """Whether a summand is a matrix of ones or an identity, times a number."""
    u = row[1]
    return isinstance(u, Product) and not u.factors and len(u.shape) > 0
