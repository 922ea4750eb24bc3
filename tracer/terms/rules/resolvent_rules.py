"""Rules of inverses of sums: ``A @ inverse(A + I)``, and which of two inverses a matrix stands beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of, split_scale, summands_of
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import (
    Factor,
    Labels,
    Product,
    Sum,
    Term,
    add,
    call,
    identity,
    is_call,
    operands,
    product,
    sum_record,
)
from tracer.terms.rule import Procedure

LONGEST = 8
"""A sum of more summands is not looked through."""

PEELED = 3
"""Of so many matrices a part of a sum may be the product."""

PUSHED = 6
"""So many forms of a product are looked at, with matrices on the other side of an inverse."""


class Inverted(NamedTuple):
    """The inverse of a sum among the factors of a product, and what else there is of the product."""

    scale: sympy.Expr
    rest: tuple[Factor, ...]
    inverse: Term
    labels: Labels
    out: Labels
    sizes: dict[int, Dim]

    @property
    def inner(self) -> Term:
        """What is inverted."""
        return operands(self.inverse)[0]

    def put(self, n: Normaliser, *factors: Factor) -> Term:
        """The product with other factors in place of the inverse."""
        return n.product(self.scale, [*self.rest, *factors], self.out, self.sizes)


def _list_inverted(t: Term) -> Iterator[Inverted]:
    """The inverses of sums among the factors of a term."""
    scale, factors, out, sizes = factors_of(t)
    for place, (u, labels, e) in enumerate(factors):
        if e is ONE and is_call(u, "inverse") and isinstance(operands(u)[0], Sum) and labels[0] != labels[1]:
            rest = (*factors[:place], *factors[place + 1 :])
            yield Inverted(scale, rest, u, labels, out, dict(enumerate(sizes)))


def _list_beside(found: Inverted, side: int) -> Iterator[tuple[Term, Labels]]:
    """The matrices that an inverse is multiplied by on one side, with their labels."""
    end = found.labels[side]
    beside = [f for f in found.rest if end in f[1]]
    if len(beside) == 1 and end not in found.out:
        ((x, labels, e),) = beside
        if e is ONE and len({*labels}) == 2 == len(labels):
            yield x, labels


def _add_to_identity(n: Normaliser, t: Sum) -> Term | None:
    """``A @ inverse(A + I) + inverse(A + I) -> I``, and ``I - A @ inverse(A + I) -> inverse(A + I)``.

    What is multiplied by the inverse of a sum is looked for among the summands as each part of that sum. Where all but
    one stand there, and less their whole, that one is what is left.
    """
    if len(t.terms) > LONGEST:
        return None
    rows = {u: c for c, u in t.terms}
    made_of = {_count_terms(factors_of(u)[1]) for u in rows}
    for u in rows:
        for found in _list_inverted(u):
            for base, side in _list_bases(found):
                answer = _complete(n, rows, base, side) if _may_complete(made_of, base) else None
                if answer is not None:
                    return answer
    return None


def _list_bases(found: Inverted) -> Iterator[tuple[Inverted, int]]:
    """The product as it is without scalars, and without the matrices next to the inverse on one side."""
    size = found.inner.shape[0]
    for side in (0, 1):
        base = found._replace(rest=tuple(f for f in found.rest if f[1]))
        yield base, side
        for _ in range(PEELED):
            beside = next(_list_beside(base, side), None)
            if beside is None:
                break
            x, labels = beside
            outer = labels[1 - labels.index(base.labels[side])]
            moved = (outer, base.labels[1]) if side == 0 else (base.labels[0], outer)
            base = base._replace(rest=tuple(f for f in base.rest if f[:2] != (x, labels)), labels=moved)
            if base.sizes[outer] == size:
                yield base, side


def _count_terms(factors: Iterable[Factor]) -> frozenset[tuple[Term, int]]:
    """How often each term is a factor."""
    return frozenset(Counter(u for u, _, _ in factors).items())


def _may_complete(made_of: Set[frozenset[tuple[Term, int]]], base: Inverted) -> bool:
    """Whether summands are made of what all parts of a sum times its inverse are made of.

    One part may be missing where a summand is made of what their whole is made of.
    """
    beside = [*base.rest, (base.inverse, base.labels, ONE)]
    parts = [_count_terms([*beside, *factors_of(part)[1]]) for _, part in summands_of(base.inner)]
    missing = sum(part not in made_of for part in parts)
    return missing == 0 or (missing == 1 and _count_terms(base.rest) in made_of)


def _complete(n: Normaliser, rows: dict[Term, sympy.Expr], base: Inverted, side: int) -> Term | None:
    """The sum with what all parts of a sum times its inverse amount to, or with the part that is missing."""
    first, last = base.labels
    new = max(base.sizes) + 1
    parts = []
    for c, part in summands_of(base.inner):
        factors = [(part, (first, new), ONE), (base.inverse, (new, last), ONE)]
        if side:
            factors = [(base.inverse, (first, new), ONE), (part, (new, last), ONE)]
        scale, core = split_scale(base.put(n, *factors))
        parts.append((c * scale, core))
    ratios = {rows[core] / c for c, core in parts if core in rows}
    if len(ratios) != 1 or len({core for _, core in parts}) < len(parts):
        return None
    (ratio,) = ratios
    whole = base.put(n, (identity(base.inner.shape[0]), base.labels, ONE))
    missing = [(c, core) for c, core in parts if core not in rows]
    left = {core: c for core, c in rows.items() if all(core is not part for _, part in parts)}
    if not missing:
        return sum_record([*((c, u) for u, c in left.items()), (ratio, whole)])
    scale, core = split_scale(whole)
    if len(missing) > 1 or left.get(core) != -ratio * scale:
        return None
    ((c, part),) = missing
    answer = n.add([*((d, u) for u, d in left.items() if u is not core), (-ratio * c, part)])
    return answer if answer.weight < sum_record([(c, u) for u, c in rows.items()]).weight else None


class Pushed(NamedTuple):
    """A product in which a matrix stands on the other side of an inverse, and the size of that inverse."""

    term: Term
    size: Dim


def _push_through(n: Normaliser, found: Inverted) -> Iterator[Pushed]:
    """``inverse(c*I + X @ Y) @ X`` as ``X @ inverse(c*I + Y @ X)``, and the same from the other side."""
    rows = summands_of(found.inner)
    for (c, multiple), (d, low) in (rows, rows[::-1]) if len(rows) == 2 else ():
        _, factors, out, sizes = factors_of(low)
        if not _is_multiple_of_identity(multiple) or len({*out}) < 2:
            continue
        for side in (0, 1):
            for x, labels in _list_beside(found, side):
                here = labels.index(found.labels[side])
                for place, (y, i, e) in enumerate(factors):
                    # X is the first factor, or the last one, of what is inverted, turned as it is beside the inverse.
                    if y is not x or e is not ONE or len({*i}) < 2 or i[here] != out[1 - side]:
                        continue
                    inner, new = i[1 - here], len(sizes)
                    rest = [f for k, f in enumerate(factors) if k != place]
                    if any(i[here] in others for _, others, _ in rest):
                        continue
                    small = _pair(here, out[side], new)
                    ends = (inner, new) if side else (new, inner)
                    turned = n.product(d, [*rest, (x, small, ONE)], ends, dict(enumerate(sizes)))
                    added = add([(c, _resize(multiple, sizes[inner])), (ONE, turned)])
                    outer, new = labels[1 - here], max(found.sizes) + 1
                    left = found._replace(rest=tuple(f for f in found.rest if f[:2] != (x, labels)))
                    matrix = (x, _pair(here, found.labels[1 - side], new), ONE)
                    inverse = (call("inverse", [added]), (new, outer) if side else (outer, new), ONE)
                    yield Pushed(left.put(n, matrix, inverse), sizes[inner])


def _pair(here: int, label: int, other: int) -> Labels:
    """Two labels, one of them at a given place."""
    return (label, other) if here == 0 else (other, label)


def _is_multiple_of_identity(t: Term) -> bool:
    """Whether a term is the identity matrix, times scalars perhaps."""
    return isinstance(t, Product) and len({*t.out}) == 1 and all(not i for _, i, _ in t.factors)


def _resize(t: Term, size: Dim) -> Term:
    """A multiple of the identity matrix of another size."""
    assert isinstance(t, Product)
    return product(t.scale, t.factors, t.out, {t.out[0]: size})


def _invert_smaller(n: Normaliser, t: Product) -> Term | None:
    """``inverse(I + X @ Y) @ X -> X @ inverse(I + Y @ X)`` where the second inverse is of a smaller matrix."""
    for found in _list_inverted(t):
        size = found.inner.shape[0]
        for pushed in _push_through(n, found) if isinstance(size, int) else ():
            if isinstance(pushed.size, int) and pushed.size < size:
                return pushed.term
    return None


def _join_inverses(n: Normaliser, t: Sum) -> Term | None:
    """``X @ inverse(I + Y @ X) - inverse(I + X @ Y) @ X -> 0``: what can be written as another summand is."""
    if len(t.terms) > LONGEST:
        return None
    rows = {u: c for c, u in t.terms}
    for u, c in rows.items():
        for pushed in _list_pushed(n, u):
            scale, core = split_scale(pushed)
            if core in rows:
                return sum_record([*((d, v) for v, d in rows.items() if v is not u), (c * scale, core)])
    return None


def _list_pushed(n: Normaliser, t: Term) -> Iterator[Term]:
    """The forms of a term with one matrix after another on the other side of an inverse."""
    forms = [t]
    for form in forms:  # There are more of them with each that is found.
        for found in _list_inverted(form):
            for pushed in _push_through(n, found):
                if len(forms) <= PUSHED and pushed.term not in forms:
                    forms.append(pushed.term)
                    yield pushed.term


RESOLVENTS: tuple[Rewrite, ...] = (
    Procedure(
        (Sum,),
        "A @ inverse(A + I) + inverse(A + I) -> I",
        "the definition of the inverse",
        _add_to_identity,
        frozenset(["inverse"]),
    ),
    Procedure(
        (Product,),
        "inverse(I + X @ Y) @ X -> X @ inverse(I + Y @ X)",
        "a matrix is pushed through to the smaller inverse",
        _invert_smaller,
        frozenset(["inverse"]),
    ),
    Procedure(
        (Sum,),
        "X @ inverse(I + Y @ X) - inverse(I + X @ Y) @ X -> 0",
        "a matrix is pushed through an inverse",
        _join_inverses,
        frozenset(["inverse"]),
    ),
)
