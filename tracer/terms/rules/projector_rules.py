"""Rules of projectors and of inverses of products: what stands beside an inverse cancels in it."""

from __future__ import annotations

import itertools

from tracer.terms.chains import joins
from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.expansion import multiply_out_one
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.product_terms import divide_by_term, flatten_product
from tracer.terms.record import Product, Sum, Term, add, identity, is_call, operands, product
from tracer.terms.rule import Procedure
from tracer.terms.sum_terms import add_multiplied_out


def _cancel_parts_of_inverse(n: Normaliser, t: Product) -> Term | None:
    """``inverse(X.T @ X) @ X.T @ X -> I``: a product beside its inverse, whatever the shapes of its parts."""
    for place, (u, i, e) in enumerate(t.factors):
        if e is not ONE or not is_call(u, "inverse") or not isinstance(operands(u)[0], Product) or i[0] == i[1]:
            continue
        rest = [f for k, f in enumerate(t.factors) if k != place]
        ends = dict.fromkeys(k for _, labels, _ in rest for k in labels)
        for side, end in itertools.product((0, 1), ends):
            if i[side] in t.out or end in i:
                continue
            labels = (end, i[0]) if side == 0 else (i[1], end)
            left = divide_by_term(n, rest, operands(u)[0], labels, t.out)
            if left is None or any(i[side] in j for _, j, _ in left):
                continue
            one = (identity(u.shape[0]), (end, i[1 - side]), ONE)
            return product(t.scale, [*left, one], t.out, dict(enumerate(t.sizes)))
    return None


def _square_sum(n: Normaliser, t: Product) -> Term | None:
    """``(I - P) @ (I - P) -> I - P``: the square of a sum of matrices, multiplied out where it is no longer."""
    sums = [(place, u, i) for place, (u, i, e) in enumerate(t.factors) if isinstance(u, Sum) and e is ONE]
    for (place, u, i), (other, v, j) in itertools.combinations(sums, 2):
        shared = [k for k in i if k in j]
        if u is not v or len(u.terms) > 3 or len(shared) != 1 or not joins(t, shared[0], j):
            continue
        ends = tuple(k for labels in (i, j) for k in labels if k not in shared)
        rows = [(c * d, n.product(ONE, [(a, i, ONE), (b, j, ONE)], ends)) for c, a in u.terms for d, b in u.terms]
        total = add_multiplied_out(n, rows)
        if split_scale(total)[1].weight <= u.weight:
            rest = [f for k, f in enumerate(t.factors) if k not in (place, other)]
            return product(t.scale, [*rest, (total, ends, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _multiply_out_beside_inverse(n: Normaliser, t: Product) -> Term | None:
    """``X.T @ (I - X @ inverse(X.T @ X) @ X.T) -> 0``: a sum beside what cancels with an inverse in it."""
    for place, (u, _, e) in enumerate(t.factors):
        if e is not ONE or not isinstance(u, Sum) or len(u.terms) > 3 or not _meets_inverse(n, t, place):
            continue
        rows = multiply_out_one(n, product(ONE, t.factors, t.out, dict(enumerate(t.sizes))), t.scale)
        total = add_multiplied_out(n, rows) if rows else None
        if total is not None and total.weight < t.weight:
            return add([(ONE, total)])
    return None


def _meets_inverse(n: Normaliser, t: Product, place: int) -> bool:
    """Whether an inverse in a summand of a factor cancels with the factors beside."""
    u, labels, _ = t.factors[place]
    assert isinstance(u, Sum)
    rest = t.factors[:place] + t.factors[place + 1 :]
    beside = {v for v, _, _ in rest}
    for _, s in u.terms:
        for inverse in [v for v, _, _ in factors_of(s)[1] if is_call(v, "inverse")]:
            (a,) = operands(inverse)
            if a in beside:
                return True
            if not beside.isdisjoint(v for v, _, _ in factors_of(a)[1]):
                opened = product(ONE, [*rest, (s, labels, ONE)], t.out, dict(enumerate(t.sizes)))
                if _cancel_parts_of_inverse(n, flatten_product(n, opened)) is not None:
                    return True
    return False


PROJECTORS: tuple[Rewrite, ...] = (
    Procedure(
        (Product,),
        "inverse(X.T @ X) @ X.T @ X -> I",
        "a product beside its inverse",
        _cancel_parts_of_inverse,
        frozenset(["inverse"]),
    ),
    Procedure(
        (Product,),
        "(I - P) @ (I - P) -> I - P",
        "a projector is its own square",
        _square_sum,
        frozenset([Sum]),
    ),
    Procedure(
        (Product,),
        "X.T @ (I - X @ inverse(X.T @ X) @ X.T) -> 0",
        "what is projected away is zero",
        _multiply_out_beside_inverse,
        frozenset([Sum]),
    ),
)
