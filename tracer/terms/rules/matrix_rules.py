"""Rules of matrices: inverses, determinants, factorisations, triangles, and functions of matrices."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.terms.chains import joins, multiply_chain, read_chain
from tracer.terms.decomposition import factors_of, read_diagonal, split_numbers, split_scale
from tracer.terms.facts import heads_that, is_constant_along
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.patterns import Coefficient, Constant, Declared, Diagonal, Identity, Name, variables
from tracer.terms.record import (
    UPPER,
    Call,
    Factor,
    Product,
    Source,
    Sum,
    Term,
    axes_of,
    call,
    is_call,
    is_identity,
    is_one,
    is_zero,
    number,
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

INVERSE, DET, LOGDET, ROOT, ABS = map(Name, ("inverse", "det", "logdet", "sqrtm", sympy.Abs))
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
    scale, numbers, core = split_numbers(t.args[0])
    if is_identity(core) or (scale is ONE and not numbers):
        return None
    axes = axes_of(t)
    inverted = (call("inverse", [core]), axes, ONE)
    return product(1 / scale, [inverted, *((u, (), -e) for u, e in numbers)], axes)


def _invert_diagonal(n: Normaliser, t: Call) -> Term | None:
    """``inverse(diag(v)) -> diag(1/v)``."""
    v = read_diagonal(t.args[0])
    return None if v is None else product(ONE, [(power(v, -1), (0,), ONE)], (0, 0))


def _take_number_out_of_det(n: Normaliser, t: Call) -> Term | None:
    """``det(c*A) -> c**n*det(A)``."""
    scale, numbers, core = split_numbers(t.args[0])
    size = t.args[0].shape[-1]
    factors: list[Factor] = [(u, (), e * size) for u, e in numbers]
    if not is_identity(core):
        if scale is ONE and not numbers:
            return None
        factors.append((call("det", [core], t.params, t.shape), axes_of(t), ONE))
    return product(scale**size, factors, axes_of(t))


def _take_power_out_of_det(n: Normaliser, t: Call) -> Term | None:
    """``det(A @ A) -> det(A)**2``."""
    chain = read_chain(t.args[0]) or ()
    terms = {link.term for link in chain}
    return power(call(t.head, [*terms], t.params, ()), len(chain)) if len(terms) == 1 else None


def _cancel_in_det_of_product(n: Normaliser, t: Product) -> Term | None:
    """``det(A @ B)/det(A) -> det(B)``, A and B square."""
    powers = {u: (place, e) for place, (u, _, e) in enumerate(t.factors) if is_call(u, "det")}
    for whole, (place, e) in powers.items():
        assert isinstance(whole, Call)
        chain = read_chain(whole.args[0]) or []
        for k, link in enumerate(chain):
            other, below = powers.get(n.call("det", [link.term], whole.params, ()), (place, e))
            if below == -e:
                rest = call("det", [multiply_chain([*chain[:k], *chain[k + 1 :]])], whole.params, ())
                kept = [f for q, f in enumerate(t.factors) if q not in (place, other)]
                return product(t.scale, [*kept, (rest, (), e)], t.out, dict(enumerate(t.sizes)))
    return None


def _cancel_in_inverse_of_product(n: Normaliser, t: Product) -> Term | None:
    """``A @ inverse(B @ A) -> inverse(B)``, A and B square."""
    for place, (u, i, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "inverse" or e is not ONE:
            continue
        chain = read_chain(u.args[0])
        if chain is None:
            continue
        for other, (v, j, f) in enumerate(t.factors):
            for side in (0, 1):
                first = chain[0 if side else -1]
                k = i[side]
                if v is not first.term or f is not ONE or not joins(t, k, j):
                    continue
                if not (n.is_symmetric(v) or j.index(k) == int(first.turned == bool(side))):
                    continue
                (end,) = set(j) - {k}
                rest = call("inverse", [multiply_chain(chain[1:] if side else chain[:-1])])
                labels = (i[0], end) if side else (end, i[1])
                kept = [x for q, x in enumerate(t.factors) if q not in (place, other)]
                return product(t.scale, [*kept, (rest, labels, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


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
        if e is not ONE or not isinstance(u, Sum) or len(i) != 2 or i[0] == i[1] or len(u.terms) > 3:
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
        if e is not ONE or not isinstance(u, Sum) or len(i) != 2 or len(u.terms) != 2:
            continue
        for axis in (0, 1):
            beside = [f for f in t.factors if f[1] == (i[axis],)]
            if len(beside) != 1 or sum(is_constant_along(v, axis) for _, v in u.terms) != 1:
                continue
            (_, k), (_, mean) = sorted(u.terms, key=lambda row: is_constant_along(row[1], axis))
            weighted = len(factors_of(mean)[1]) > len(factors_of(k)[1])
            if not weighted and sum(i[axis] in labels for labels in (t.out, *(j for _, j, _ in t.factors))) > 2:
                continue  # What is centred is read better as it is, but where it is summed at once.
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


def _join_transposes(n: Normaliser, t: Product) -> Term | None:
    """``diag_part(B.T @ (A + A.T) @ B) -> 2*diag_part(B.T @ A @ B)``, where the axes of both may be exchanged."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not isinstance(u, Sum) or len(u.terms) != 2 or len(labels) != 2 or {*labels} & {*t.out}:
            continue
        (c, a), (d, b) = u.terms
        if abs(c) != abs(d) or n.transposed(a) is not b:
            continue
        rest, sizes = [*t.factors[:place], *t.factors[place + 1 :]], dict(enumerate(t.sizes))
        if n.product(ONE, [*rest, (a, labels, ONE)], t.out, sizes) is n.product(
            ONE, [*rest, (b, labels, ONE)], t.out, sizes
        ):
            return product(t.scale * (c + d), [*rest, (a, labels, ONE)], t.out, sizes)
    return None


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
    Procedure(
        (Product,),
        "diag_part(B.T @ (A + A.T) @ B) -> 2*diag_part(B.T @ A @ B)",
        "a sum over both axes does not see a transpose",
        _join_transposes,
        frozenset([Sum]),
    ),
)


def _open_small(n: Normaliser, t: Call) -> Term | None:
    """``inverse(a) -> 1/a`` for a matrix of one element, which is its own determinant."""
    (a,) = t.args
    if not is_one(a.shape[-1]):
        return None
    if t.head == "inverse":
        return power(a, MINUS)
    labels = axes_of(a)
    entry = product(ONE, [(a, labels, ONE)], labels[:-2])
    return entry if t.head == "det" else call(sympy.log, [call(sympy.Abs, [entry])])


INVERSES = (
    Procedure(("inverse", "det", "logdet"), "inverse(a) -> 1/a", "a matrix of one element is a number", _open_small),
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
    Rule(DET(INVERSE(A)), 1 / DET(A), "a determinant is multiplicative"),
    Rule(LOGDET(INVERSE(A)), -LOGDET(A), "a determinant is multiplicative"),
    Rule(LOGDET(Q), Constant(0), "declared orthogonal"),
    Rule(DET(Q) ** 2, Constant(1), "declared orthogonal"),
    Rule(ABS(DET(Q)), Constant(1), "declared orthogonal"),
    Procedure(("det",), "det(c*A) -> c**n*det(A)", "numbers come out in front", _take_number_out_of_det),
    Procedure(
        (Product,),
        "det(A @ B)/det(A) -> det(B)",
        "a determinant is multiplicative",
        _cancel_in_det_of_product,
        frozenset(["det"]),
    ),
    Procedure(("det",), "det(A @ A) -> det(A)**2", "a determinant is multiplicative", _take_power_out_of_det),
)

FACTORISATIONS = (
    Rule(Q.T @ Q, I, "declared orthogonal"),
    Rule(Q @ Q.T, I, "declared orthogonal"),
    Rule(ROOT(A) @ ROOT(A), A, "the definition of the square root"),
    Rule(INVERSE(ROOT(A)) @ INVERSE(ROOT(A)), INVERSE(A), "the definition of the square root"),
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
    Procedure(("cross",), "cross(c*b, a) -> -c*cross(a, b)", "numbers come out in front", _order_cross),
)

MATRICES: tuple[Rewrite, ...] = (*TRANSPOSES, *INVERSES, *DETERMINANTS, *FACTORISATIONS, *DIAGONALS, *LINEAR)
