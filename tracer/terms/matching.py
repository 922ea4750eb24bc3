"""Where a pattern fits: a whole term, some of the factors of a product, or some of the summands of a sum.

Factors are matched up to the names of labels, the orientation of matrices, and their order; summands up to a common
number in front. Each way to match is answered as what the variables stand for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from tracer.terms.decomposition import split_scale
from tracer.terms.numbers import ONE, is_negative
from tracer.terms.patterns import (
    Binding,
    Coefficient,
    Constant,
    Contraction,
    Exactly,
    Function,
    Pattern,
    Plus,
    Times,
    Turned,
    Variable,
)
from tracer.terms.record import Call, Factor, Labels, Product, Sum, Term, constant_value, product, sum_record

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser


def match(n: Normaliser, p: Pattern, t: Term, binding: Binding) -> Iterator[Binding]:
    """The ways in which a pattern is a term."""
    if isinstance(p, Constant):
        if constant_value(t) == p.value:
            yield binding
    elif isinstance(p, Exactly):
        if t is p.term:
            yield binding
    elif isinstance(p, Variable):
        yield from _bind(p, t, binding)
    elif isinstance(p, Function):
        if isinstance(t, Call) and t.head == p.head and len(t.args) == len(p.args):
            known = {**binding, f"{p.head}()": (t.params, t.shape)}
            yield from _match_all(n, list(zip(p.args, t.args)), known)
    elif (names := p.names) and names <= binding.keys():
        if n.normal(p.build(binding, t.shape)) is t:
            yield binding
    elif isinstance(p, Turned):
        if len(t.shape) == 2:
            yield from match(n, p.inner, n.transposed(t), binding)
    elif isinstance(p, Plus):
        yield from _match_sum(n, p, t, binding)
    elif isinstance(p, Times):
        yield from _match_product(n, p, t, binding)


def _bind(p: Variable, t: Term, binding: Binding) -> Iterator[Binding]:
    if isinstance(p, Coefficient):
        value = constant_value(t)
        if value is not None and binding.get(p.name, value) == value:
            yield {**binding, p.name: value}
    elif p.name in binding:
        if binding[p.name] is t:
            yield binding
    elif p.where is None or p.where(t):
        yield {**binding, p.name: t}


def _match_all(n: Normaliser, pairs: Sequence[tuple[Pattern, Term]], binding: Binding) -> Iterator[Binding]:
    if not pairs:
        yield binding
        return
    (p, t), *rest = pairs
    for found in match(n, p, t, binding):
        yield from _match_all(n, rest, found)


def _match_sum(n: Normaliser, p: Plus, t: Term, binding: Binding) -> Iterator[Binding]:
    """The ways in which a pattern is all of a sum."""
    if isinstance(t, Sum) and len(t.terms) == len(p.terms):
        for part in match_summands(n, p, t, binding):
            if part.scale is ONE:
                yield part.binding


def _match_product(n: Normaliser, p: Times, t: Term, binding: Binding) -> Iterator[Binding]:
    """The ways in which a pattern is all of a product: a number times a pattern, or one power."""
    if len(p.factors) == 1:
        ((inner, exponent),) = p.factors
        if exponent is ONE and p.number == -1:
            if is_negative(split_scale(t)[0]):
                yield from match(n, inner, n.scaled(-1, t), binding)
            return
        if isinstance(t, Product) and t.scale == p.number and len(t.factors) == 1 and len(set(t.out)) == len(t.out):
            ((u, labels, e),) = t.factors
            if e is not ONE and not set(labels) - set(t.out):
                base = n.product(ONE, [(u, labels, ONE)], t.out, dict(enumerate(t.sizes)))
                if isinstance(exponent, Coefficient):
                    yield from match(n, inner, base, {**binding, exponent.name: e})
                elif exponent == e:
                    yield from match(n, inner, base, binding)
    elif len(p.factors) == 2:
        (c, e), (inner, f) = p.factors
        scale, core = split_scale(t)
        if isinstance(c, Coefficient) and e == f == 1 and scale != 1 and binding.get(c.name, scale) == scale:
            yield from match(n, inner, core, {**binding, c.name: scale})


class Part(NamedTuple):
    """A part of a term that a pattern is.

    Attributes
    ----------
    binding : mapping
        What the variables stand for.
    scale : sympy.Expr
        The number in front of the part.
    rest : list
        The factors, or summands, that are no part of it.
    labels : tuple of int
        The axes of a part of a product.
    """

    binding: Binding
    scale: sympy.Expr
    rest: list[Any]
    labels: Labels = ()


def match_summands(n: Normaliser, p: Plus, t: Sum, binding: Binding) -> Iterator[Part]:
    """The ways in which some summands, over a number, are a pattern."""

    def search(k: int, rest: list[Any], scale: sympy.Expr | None, found: Binding) -> Iterator[Part]:
        if k == len(p.terms):
            assert scale is not None
            yield Part(found, scale, rest)
            return
        c, inner = p.terms[k]
        for place, (d, u) in enumerate(rest):
            if scale is not None and d != scale * c:
                continue
            for more in match(n, inner, u, found):
                yield from search(k + 1, rest[:place] + rest[place + 1 :], d / c, more)

    yield from search(0, list(t.terms), None, binding)


def match_elements(n: Normaliser, p: Times, t: Product) -> Iterator[Part]:
    """The ways in which some factors with the same labels are a pattern; of higher powers the rest is left."""

    def search(k: int, rest: list[Factor], labels: Labels | None, found: Binding) -> Iterator[Part]:
        if k == len(p.factors):
            assert labels is not None
            yield Part(found, ONE / p.number, rest, labels)
            return
        inner, exponent = p.factors[k]
        for place, (u, i, e) in enumerate(rest):
            if (labels is not None and i != labels) or not _has_power(e, exponent):
                continue
            for more in match(n, inner, u, found):
                left = [] if e == exponent else [(u, i, e - exponent)]
                yield from search(k + 1, [*rest[:place], *left, *rest[place + 1 :]], i, more)

    yield from search(0, list(t.factors), None, {})


def _has_power(e: sympy.Expr, exponent: sympy.Expr) -> bool:
    """Whether a whole power of a factor has another in it: ``x**3`` has ``x**2``, and ``x**-3`` has ``x**-1``."""
    if e.is_Integer and exponent.is_Integer:
        return bool(e.p * exponent.p >= exponent.p**2)
    return bool(e.is_integer and (e * exponent - exponent**2).is_nonnegative)


def match_contraction(n: Normaliser, p: Contraction, t: Product) -> Iterator[Part]:
    """The ways in which some factors are a pattern; no other factor has the labels that it is summed over."""
    degree = Counter(k for _, i, _ in t.factors for k in i)
    own = Counter(k for _, i, _ in p.factors for k in i if k not in p.out)
    # Functions first: they say what variables stand for.
    wanted = sorted(p.factors, key=lambda f: isinstance(f[0], Variable))

    def search(k: int, rest: list[Factor], names: Mapping[int, int], found: Binding) -> Iterator[Part]:
        if k == len(p.factors):
            yield Part(found, ONE, rest, tuple(names[o] for o in p.out))
            return
        inner, labels, exponent = wanted[k]
        n.spend(len(rest))
        for place, factor in enumerate(rest):
            for here, more in _match_factor(n, inner, exponent, factor, found):
                named = _name_labels(names, labels, here)
                if named is not None and is_closed(named):
                    yield from search(k + 1, rest[:place] + rest[place + 1 :], named, more)

    def is_closed(names: Mapping[int, int]) -> bool:
        hidden = [names[k] for k in own if k in names]
        shown = {names[k] for k in p.out if k in names}
        alone = all(names[k] not in t.out and degree[names[k]] == own[k] for k in own if k in names)
        return alone and len(set(hidden)) == len(hidden) and not shown.intersection(hidden)

    if len(p.factors) <= len(t.factors):
        yield from search(0, list(t.factors), {}, {})


def _match_factor(
    n: Normaliser, p: Pattern, exponent: sympy.Expr, factor: Factor, binding: Binding
) -> Iterator[tuple[Labels, Binding]]:
    """The ways in which a power of a factor is a pattern, with the labels of its axes."""
    u, labels, e = factor
    if e != exponent:
        return
    if isinstance(p, Turned):
        p, labels = p.inner, labels[::-1]
    for found in match(n, p, u, binding):
        yield labels, found
    # A function that is transposed is no factor: the function is, with its labels in the other order. That of a
    # symmetric matrix has them in either.
    if len(labels) == 2 and (not isinstance(p, Function) or n.transposed(u) is u):
        for found in match(n, p, n.transposed(u), binding):
            yield labels[::-1], found


def _name_labels(names: Mapping[int, int], labels: Labels, here: Labels) -> dict[int, int] | None:
    """Names of more labels of a pattern; None where one would have two."""
    if len(labels) != len(here):
        return None
    named = dict(names)
    return named if all(named.setdefault(a, b) == b for a, b in zip(labels, here)) else None


def replace_factors(part: Part, t: Product, replacement: Term) -> Term:
    """A product with a term in place of some factors."""
    factors = [*part.rest, (replacement, part.labels, ONE)]
    return product(part.scale * t.scale, factors, t.out, dict(enumerate(t.sizes)))


def replace_summands(part: Part, replacement: Term) -> Term:
    """A sum with a term in place of some summands."""
    return sum_record([*part.rest, (part.scale, replacement)])
