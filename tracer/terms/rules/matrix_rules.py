"""Rules of matrices: inverses, determinants, factorisations, triangles, and functions of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from tracer.terms.decomposition import factors_of, split_scale, summands_of
from tracer.terms.factors import connected_blocks
from tracer.terms.facts import heads_that, is_constant_along
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.patterns import Coefficient, Declared, Diagonal, Identity, Name, variables
from tracer.terms.record import (
    Call,
    Factor,
    Labels,
    Product,
    Source,
    Sum,
    Term,
    add,
    call,
    is_call,
    is_identity,
    is_zero,
    number,
    operands,
    permuted,
    power,
    product,
    scaled,
)
from tracer.terms.rule import Procedure, Rule
from tracer.terms.sum_terms import add_multiplied_out

A, E = variables("A E")
Q = Declared("Q", "orthogonal")
c = Coefficient("c")
I = Identity()  # noqa: E741

INVERSE, CHOLESKY, DET, LOGDET = map(Name, ("inverse", "cholesky", "det", "logdet"))
FRECHET, VALUES, VECTORS = map(Name, ("expm_frechet", "eigvalsh", "eigenvectors"))


# The transpose.


def _turn_argument(n: Normaliser, t: Call) -> Term | None:
    """``f(A.T) -> f(A).T``, ``tril(A.T) -> triu(A).T``, for the A that comes first in the order of terms."""
    (a,) = t.args
    if len(a.shape) != 2:
        return None
    other = n.transposed(a)
    params = t.params[::-1] if t.head == "band_part" else t.params
    # Of two triangles that are equally long, the lower one.
    ours, theirs = (((u.weight, u.turned), p == UPPER, u.key) for u, p in ((a, t.params), (other, params)))
    return permuted(call(t.head, [other], params, t.shape[::-1]), (1, 0)) if theirs < ours else None


def _turn_argument_of_number(n: Normaliser, t: Call) -> Term | None:
    """``det(A.T) -> det(A)``, for the A that comes first in the order of terms."""
    (a,) = t.args
    if len(a.shape) != 2:
        return None
    other = n.transposed(a)
    return call(t.head, [other], t.params, t.shape) if other.order < a.order else None


# Inverses and determinants.


def _invert_scaled(n: Normaliser, t: Call) -> Term | None:
    """``inverse(c*A) -> inverse(A)/c``."""
    scale, core = split_scale(t.args[0])
    return None if scale == 1 or is_identity(core) else scaled(1 / scale, call("inverse", [core]))


def _invert_diagonal(n: Normaliser, t: Call) -> Term | None:
    """``inverse(diag(v)) -> diag(1/v)``."""
    (a,) = t.args
    if not isinstance(a, Product) or len(a.shape) != 2 or a.out[0] != a.out[1]:
        return None
    v = product(a.scale, a.factors, a.out[:1], dict(enumerate(a.sizes)))
    return product(ONE, [(power(v, -1), (0,), ONE)], (0, 0))


def _take_number_out_of_det(n: Normaliser, t: Call) -> Term | None:
    """``det(c*A) -> c**n*det(A)``."""
    scale, core = split_scale(t.args[0])
    if scale == 1:
        return None
    count = scale ** t.args[0].shape[-1]
    return number(count) if is_identity(core) else scaled(count, call("det", [core], t.params, t.shape))


def _take_power_out_of_det(n: Normaliser, t: Call) -> Term | None:
    """``det(A @ A) -> det(A)**2``."""
    chain = _read_chain(t.args[0]) or ()
    terms = {link.term for link in chain}
    return power(call(t.head, [*terms], t.params, ()), len(chain)) if len(terms) == 1 else None


class Link(NamedTuple):
    """A factor of a product of square matrices, and whether it is transposed in it."""

    term: Term
    turned: bool


def _read_chain(term: Term) -> list[Link] | None:
    """The square factors of a matrix product in order."""
    if not isinstance(term, Product) or term.scale != 1 or len(term.factors) < 2 or len(term.out) != 2:
        return None
    if any(u.shape != 2 * u.shape[:1] or e != 1 for u, _, e in term.factors):
        return None
    rest = list(term.factors)
    chain: list[Link] = []
    here, last = term.out
    while rest:
        touching = [f for f in rest if here in f[1]]
        if len(touching) != 1:
            return None
        t, i, _ = touching[0]
        rest.remove(touching[0])
        chain.append(Link(t, i[0] != here))
        here = i[1] if i[0] == here else i[0]
    return chain if here == last else None


def _multiply_chain(chain: Sequence[Link]) -> Term:
    factors = [(link.term, (k + 1, k) if link.turned else (k, k + 1), ONE) for k, link in enumerate(chain)]
    return product(ONE, factors, (0, len(chain)))


def _cancel_in_inverse_of_product(n: Normaliser, t: Product) -> Term | None:
    """``A @ inverse(B @ A) -> inverse(B)``, A and B square."""
    for place, (u, i, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "inverse" or e != 1:
            continue
        chain = _read_chain(u.args[0])
        if chain is None:
            continue
        for other, (v, j, f) in enumerate(t.factors):
            for side in (0, 1):
                first = chain[0 if side else -1]
                k = i[side]
                if v is not first.term or f != 1 or not _joins(t, k, j):
                    continue
                if not (n.is_symmetric(v) or j.index(k) == int(first.turned == bool(side))):
                    continue
                (end,) = set(j) - {k}
                rest = call("inverse", [_multiply_chain(chain[1:] if side else chain[:-1])])
                labels = (i[0], end) if side else (end, i[1])
                kept = [x for q, x in enumerate(t.factors) if q not in (place, other)]
                return product(t.scale, [*kept, (rest, labels, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _joins(t: Product, k: int, labels: Labels) -> bool:
    """Whether a label joins a factor with labels and one other factor, and nothing else."""
    return k in labels and k not in t.out and sum(i.count(k) for _, i, _ in t.factors) == 2


def _open_square(n: Normaliser, t: Product) -> Term | None:
    """``1.T @ (Q @ x)**2 -> x.T @ x``: what stands in both factors of a square cancels, where that is shorter."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e != 2 or not isinstance(u, Product) or not any(_has_transposed_inverse(v) for v, _, _ in u.factors):
            continue
        rest = [*t.factors[:place], *t.factors[place + 1 :]]
        opened = n.product(t.scale, [*rest, (u, labels, ONE), (u, labels, ONE)], t.out, dict(enumerate(t.sizes)))
        if opened.weight < t.weight:
            return opened
    return None


def _has_transposed_inverse(term: Term) -> bool:
    """Whether a matrix times its own transpose may be simpler."""
    if isinstance(term, Source):
        return "orthogonal" in term.assumptions
    return is_call(term, "cholesky", "eigenvectors", "inverse", "selection")


# Diagonal matrices in front of what is repeated along rows or columns.


def _scale_deviation_from_identity(n: Normaliser, t: Product) -> Term | None:
    """``diag(v)*(I - 1*w.T) -> diag(v) - v*w.T``."""
    for place, (u, i, e) in enumerate(t.factors):
        if e != 1 or not isinstance(u, Sum) or len(i) != 2 or i[0] == i[1] or len(u.terms) > 3:
            continue
        if not any(isinstance(v, Product) and not v.factors and v.out == (0, 0) for _, v in u.terms):
            continue
        for axis in (0, 1):
            beside = [f for f in t.factors if f[1] == (i[axis],)]
            if beside and sum(not is_constant_along(v, axis) for _, v in u.terms) == 1:
                return _scale_summands(n, t, place, beside)[1]
    return None


def _scale_deviation(n: Normaliser, t: Product) -> Term | None:
    """``diag(p)*(K - 1*p.T*K) -> (diag(p) - p*p.T)*K``."""
    for place, (u, i, e) in enumerate(t.factors):
        if e != 1 or not isinstance(u, Sum) or len(i) != 2 or len(u.terms) != 2:
            continue
        for axis in (0, 1):
            beside = [f for f in t.factors if f[1] == (i[axis],)]
            if len(beside) != 1 or sum(is_constant_along(v, axis) for _, v in u.terms) != 1:
                continue
            total, whole = _scale_summands(n, t, place, beside)
            _, factors, _, _ = factors_of(total)
            if len(factors) == 2 and all(len(labels) == 2 for _, labels, _ in factors):
                return whole
    return None


def _scale_summands(n: Normaliser, t: Product, place: int, beside: Sequence[Factor]) -> tuple[Term, Term]:
    """A sum among the factors multiplied with other factors term by term, and the product with that in its place."""
    u, i, _ = t.factors[place]
    assert isinstance(u, Sum)
    total = add_multiplied_out(n, [(c, n.product(ONE, [(v, i, ONE), *beside], i)) for c, v in u.terms])
    rest = [f for q, f in enumerate(t.factors) if q != place and f not in beside]
    return total, product(t.scale, [*rest, (total, i, ONE)], t.out, dict(enumerate(t.sizes)))


# Triangles.

LOWER, UPPER = (-1, 0), (0, -1)
"""How many diagonals a triangle has below and above the main one; -1 is all of them."""

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
        return None if scale == 1 else scaled(scale, call(t.head, [core], t.params))
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
    found = [(inf, inf)]
    for u, i, e in t.factors:
        if len(i) == 2 and set(i) == set(t.out) and e.is_positive:
            lower, upper = read_band(u)
            found.append((lower, upper) if i == t.out else (upper, lower))
    return min(lower for lower, _ in found), min(upper for _, upper in found)


def _order_cross(n: Normaliser, t: Call) -> Term | None:
    """``cross(c*b, a) -> -c*cross(a, b)``; ``cross(a, a) -> 0``."""
    (scale, a), (more, b) = map(split_scale, t.args)
    if is_zero(t.args[0]) or is_zero(t.args[1]) or a is b:
        return number(0, t.shape)
    if a.order > b.order:
        return scaled(-scale * more, call(t.head, [b, a], t.params))
    return scaled(scale * more, call(t.head, [a, b], t.params)) if (a, b) != t.args else None


TRANSPOSES = (
    Procedure(
        (*heads_that("transposes"), "band_part"), "f(A.T) -> f(A).T", "one place for the transpose", _turn_argument
    ),
    Procedure(
        ("det", "logdet"), "det(A.T) -> det(A)", "a determinant does not see a transpose", _turn_argument_of_number
    ),
)

INVERSES = (
    Rule(INVERSE(INVERSE(A)), A, "one undoes the other"),
    Procedure(("inverse",), "inverse(c*A) -> inverse(A)/c", "numbers come out in front", _invert_scaled),
    Procedure(("inverse",), "inverse(diag(v)) -> diag(1/v)", "a diagonal is inverted by element", _invert_diagonal),
    Rule(INVERSE(Q), Q.T, "declared orthogonal"),
    Rule(A @ INVERSE(A), I, "the definition of the inverse"),
    Rule(INVERSE(A) @ A, I, "the definition of the inverse"),
    Procedure(
        (Product,),
        "A @ inverse(B @ A) -> inverse(B)",
        "a product of square matrices is inverted factor by factor",
        _cancel_in_inverse_of_product,
        frozenset(["inverse"]),
    ),
)

DETERMINANTS = (
    Procedure(("det",), "det(c*A) -> c**n*det(A)", "numbers come out in front", _take_number_out_of_det),
    Procedure(("det",), "det(A @ A) -> det(A)**2", "a determinant is multiplicative", _take_power_out_of_det),
)

FACTORISATIONS = (
    Rule(CHOLESKY(A) @ CHOLESKY(A).T, A, "the definition of the factor"),
    Rule(INVERSE(CHOLESKY(A)).T @ INVERSE(CHOLESKY(A)), INVERSE(A), "the definition of the factor"),
    Rule(Q.T @ Q, I, "declared orthogonal"),
    Rule(Q @ Q.T, I, "declared orthogonal"),
    Procedure((Product,), "1.T @ (Q @ x)**2 -> x.T @ x", "a square is a product of two", _open_square),
    Rule(VECTORS(A).T @ VECTORS(A), I, "eigenvectors of a symmetric matrix are orthonormal"),
    Rule(VECTORS(A) @ VECTORS(A).T, I, "eigenvectors of a symmetric matrix are orthonormal"),
    Rule(VECTORS(A) @ Diagonal(VALUES(A)) @ VECTORS(A).T, A, "the spectral theorem"),
    Rule(VECTORS(A) @ Diagonal(VALUES(A), -1) @ VECTORS(A).T, INVERSE(A), "the spectral theorem"),
)

DIAGONALS = (
    Procedure(
        (Product,),
        "diag(v) @ (I - 1 @ w.T) -> diag(v) - v @ w.T",
        "what is repeated takes a factor in",
        _scale_deviation_from_identity,
        frozenset([Sum]),
    ),
    Procedure(
        (Product,),
        "diag(p) @ (K - 1 @ p.T @ K) -> (diag(p) - p @ p.T) @ K",
        "what is repeated takes a factor in",
        _scale_deviation,
        frozenset([Sum]),
    ),
)

LINEAR = (
    Rule(FRECHET(A, c * E), c * FRECHET(A, E), "a derivative is linear in its direction"),
    Procedure(
        ("band_part",),
        "tril(A + diag(v) @ L.T) -> tril(A) + diag(v*diag_part(L))",
        "what is cut off is zero, or a row or column of it is scaled",
        _cut_summands,
    ),
    Procedure(("cross",), "cross(c*b, a) -> -c*cross(a, b)", "numbers come out in front", _order_cross),
)

MATRICES: tuple[Rewrite, ...] = (*TRANSPOSES, *INVERSES, *DETERMINANTS, *FACTORISATIONS, *DIAGONALS, *LINEAR)
