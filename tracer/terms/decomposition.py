"""Any term read as a number times a term, as a product, or as a sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

import sympy

from tracer.shapes import Dim
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.record import (
    Call,
    Factor,
    Labels,
    Product,
    Source,
    Sum,
    Term,
    axes_of,
    is_one,
    product,
    product_record,
)


def split_scale(term: Term) -> tuple[sympy.Expr, Term]:
    """The number in front of a term, and the term without it, in normal form if the term is: ``2*A -> (2, A)``."""
    if isinstance(term, Product) and term.scale is not ONE and term.scale is not ZERO:
        inner = single_factor(term)
        return term.scale, inner or product_record(ONE, term.factors, term.out, term.sizes)
    return ONE, term


def single_factor(term: Product) -> Term | None:
    """The factor that a product is but for a number, with the same axes."""
    if len(term.factors) != 1 or len(set(term.out)) < len(term.out):
        return None
    ((inner, labels, exponent),) = term.factors
    return inner if exponent is ONE and attach_labels(labels, term.out, term.sizes) == term.out else None


def attach_labels(labels: Labels, out: Labels, sizes: Sequence[Dim]) -> Labels:
    """The labels of a single factor, its axes of size one given to those of the result in order."""
    free = [k for k in out if k not in labels and is_one(sizes[k])]
    thin = [k for k in labels if k not in out and is_one(sizes[k])]
    names = dict(zip(thin, free)) if len(thin) == len(free) else {}
    return tuple(names.get(k, k) for k in labels)


def factors_of(term: Term) -> tuple[sympy.Expr, tuple[Factor, ...], Labels, tuple[Dim, ...]]:
    """Any term as a product: scale, factors, output labels and their sizes."""
    if isinstance(term, Product):
        return term.scale, term.factors, term.out, term.sizes
    rank = len(term.shape)
    out = labels = tuple(range(rank))
    units = [k for k, size in enumerate(term.shape) if size is ONE or (type(size) is int and size == 1)]
    if units:
        labels = tuple([rank + units.index(k) if k in units else k for k in out])
    return ONE, ((term, labels, ONE),), out, term.shape + (1,) * len(units)


def summands_of(term: Term) -> list[tuple[sympy.Expr, Term]]:
    """Any term as a sum: coefficients and terms."""
    scale, core = split_scale(term)
    return [(scale * c, t) for c, t in core.terms] if isinstance(core, Sum) else [(scale, core)]


def kinds_of(terms: Iterable[Term]) -> set[Any]:
    """What rules ask for among terms: the heads of functions, what is declared of sources, ``Sum`` for sums."""
    found: set[Any] = set()
    for t in terms:
        if isinstance(t, Call):
            found.add(t.head)
        elif isinstance(t, Source):
            found |= t.assumptions
        elif isinstance(t, Sum):
            found.add(Sum)
    return found


def open_products(terms: Iterable[Term]) -> list[Term]:
    """The factors of products among terms, and the other terms: ``[A @ x, y] -> [A, x, y]``."""
    return [u for t in terms for u in (t.children if isinstance(t, Product) else (t,))]


def is_summed(t: Product, label: int, count: int) -> bool:
    """Whether a product is summed over a label that its factors have so many times."""
    return label not in t.out and sum(i.count(label) for _, i, _ in t.factors) == count


def spread_summands(term: Term) -> list[tuple[sympy.Expr, Term]]:
    """The summands of a term, and of what is repeated along its axes: those of ``1 + c`` as vectors."""
    scale, factors, out, sizes = factors_of(term)
    u, labels, e = factors[0] if len(factors) == 1 else (term, out, ONE)
    if not isinstance(u, Sum) or e is not ONE or labels == out:
        return summands_of(term)
    return [(scale * c, product(ONE, [(v, labels, ONE)], out, dict(enumerate(sizes)))) for c, v in u.terms]


def read_repeated(term: Term) -> tuple[Term, Labels]:
    """What a term repeats along axes, and the labels of its axes: ``1 @ v.T -> (v, (1,))``; any other term itself."""
    if isinstance(term, Product) and len(term.factors) == 1 and term.scale is ONE:
        return term.factors[0][:2]
    return term, axes_of(term)


def split_numbers(t: Term) -> tuple[sympy.Expr, list[tuple[Term, sympy.Expr]], Term]:
    """A term as a number, powers of scalars, and what is left: ``2*s*A -> (2, [(s, 1)], A)``."""
    scale, core = split_scale(t)
    _, factors, out, sizes = factors_of(core)
    numbers = [(u, e) for u, i, e in factors if not i]
    if numbers:
        core = product(ONE, [f for f in factors if f[1]], out, dict(enumerate(sizes)))
    return scale, numbers, core


def read_diagonal(a: Term) -> Term | None:
    """The vector v of ``diag(v)``; None of what is no diagonal matrix."""
    if not isinstance(a, Product) or len(a.shape) != 2 or a.out[0] != a.out[1]:
        return None
    return product(a.scale, a.factors, a.out[:1], dict(enumerate(a.sizes)))


def has_minus_signs(term: Term) -> TypeGuard[Sum]:
    """Whether a term is a sum with minus signs: a minus sign in front of it goes into it."""
    return isinstance(term, Sum) and any(c.could_extract_minus_sign() for c, _ in term.terms)
