"""Rules of determinants of products, and of their logarithms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import sympy

from tracer.terms.chains import multiply_chain, read_chain
from tracer.terms.decomposition import read_diagonal, split_numbers
from tracer.terms.facts import is_positive, is_positive_definite
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.patterns import Name, variables
from tracer.terms.record import (
    Call,
    Product,
    Sum,
    Term,
    add,
    axes_of,
    broadcast,
    call,
    is_call,
    is_identity,
    number,
    operands,
    product,
    scaled,
)
from tracer.terms.rule import Procedure, Rule

(A,) = variables("A")
DET, LOG, LOGDET = map(Name, ("det", sympy.log, "logdet"))


def _cancel_in_product(n: Normaliser, t: Call) -> Term | None:
    """``det(A @ B @ inverse(A)) -> det(B)``, for square matrices in any order, turned or not."""
    chain = read_chain(t.args[0]) or []
    for place, link in enumerate(chain):
        if not is_call(link.term, "inverse"):
            continue
        (inner,) = operands(link.term)
        for other, beside in enumerate(chain):
            if beside.term in (inner, n.transposed(inner)):
                rest = [u for k, u in enumerate(chain) if k not in (place, other)]
                if not rest:
                    return number(1 if t.head == "det" else 0)
                return call(t.head, [multiply_chain(rest)], t.params, ())
    return None


def _multiply_diagonal(n: Normaliser, t: Call) -> Term | None:
    """``det(diag(v)) -> prod(v)``."""
    return _multiply(t, read_diagonal(t.args[0]))


def _multiply_triangle(n: Normaliser, t: Call) -> Term | None:
    """``det(tril(A)) -> prod(diag(A))``."""
    (a,) = t.args
    if not isinstance(a, Call) or a.head != "band_part" or len(a.shape) != 2 or 0 not in a.params:
        return None
    return _multiply(t, product(ONE, [(a.args[0], (0, 0), ONE)], (0,)))


def _multiply(t: Call, diagonal: Term | None) -> Term | None:
    """A determinant, or its logarithm, where the eigenvalues stand on the diagonal."""
    if diagonal is None:
        return None
    total = call("reduce_prod", [diagonal], 1, ())
    return total if t.head == "det" else call(sympy.log, [total])


def _take_taken_of_logdet(n: Normaliser, t: Call) -> Term | None:
    """``logdet(p*A) -> n*log(p) + logdet(A)`` for positive p."""
    (a,) = t.args
    scale, numbers, core = split_numbers(a)
    front = [(u, e) for u, e in numbers if is_positive(u)]
    taken = scale if scale.is_positive else ONE
    if not front and taken == 1:
        return None
    axes = axes_of(a)
    rest = [(u, (), e) for u, e in numbers if (u, e) not in front]
    inner = product(scale / taken, [*rest, (core, axes, ONE)], axes)
    size = a.shape[-1]
    return add(
        [
            (ONE, number(size * sympy.log(taken), t.shape)),
            *((e * size, broadcast(call(sympy.log, [u]), (), t.shape)) for u, e in front),
            (ONE, call("logdet", [inner], None, t.shape)),
        ]
    )


def _take_power_out_of_logdet(n: Normaliser, t: Call) -> Term | None:
    """``logdet(A @ A) -> 2*log(Abs(det(A)))``, a transpose being no other factor."""
    counts = Counter(_list_factors(n, t.args[0]))
    if len(counts) != 1:
        return None
    ((factor, count),) = counts.items()
    return scaled(count, _log_of_size(factor, count % 2 == 1)) if count > 1 else None


def _take_logdet_out(n: Normaliser, t: Call) -> Term | None:
    """``log(p*det(A)) -> log(p) + logdet(A)`` for positive p."""
    (inner,) = t.args
    if not isinstance(inner, Product) or any(set(i) != set(inner.out) for _, i, _ in inner.factors):
        return None
    found = [f for f in inner.factors if is_call(f[0], "det") and f[2].is_odd]
    rest = [f for f in inner.factors if f not in found]
    if len(found) != 1 or not inner.scale.is_positive or not all(is_positive(u) for u, _, _ in rest):
        return None
    logarithms = [(call(sympy.log, [u]), i, e) for u, i, e in rest]
    logarithms += [(call("logdet", operands(u), None, u.shape), i, e) for u, i, e in found]
    front = number(sympy.expand_log(sympy.log(inner.scale)), t.shape)
    return add([(ONE, front), *((e, product(ONE, [(u, i, ONE)], inner.out)) for u, i, e in logarithms)])


def _add_in_log(n: Normaliser, t: Call) -> Term | None:
    """``log(prod(p)) -> sum(log(p))`` for positive p."""
    (inner,) = t.args
    if not is_call(inner, "reduce_prod"):
        return None
    (p,) = operands(inner)
    if not is_positive(p):
        return None
    return product(ONE, [(call(sympy.log, [p]), axes_of(p), ONE)], axes_of(inner))


def _add_logarithms(n: Normaliser, t: Sum) -> Term | None:
    """``logdet(A @ B) - logdet(A) -> logdet(B)``: logarithms of determinants of the factors, where that is shorter.

    All determinants of which a logarithm is taken are positive. So is that of a factor if it stands by itself, or with
    factors whose determinants are positive; of any other the size is meant.
    """
    parts = {u: list(_list_factors(n, operands(u)[0])) for _, u in t.terms if is_call(u, "logdet")}
    sizes = {u: list(_list_factors(n, matrix)) for _, u in t.terms if (matrix := _read_size(u)) is not None}
    found = {**parts, **sizes}
    if not parts:
        return None
    total: Counter[Term] = Counter()
    for c, u in t.terms:
        for factor in found.get(u, ()):
            total[factor] += c
    positive = _find_positive(parts.values())
    rows = [(c, u) for c, u in t.terms if u not in found]
    rows += [(c, _log_of_size(factor, factor in positive)) for factor, c in total.items()]
    answer = n.add(rows)
    return answer if answer.weight < t.weight else None


def _read_size(term: Term) -> Term | None:
    """The matrix A of ``log(Abs(det(A)))``."""
    for head in (sympy.log, sympy.Abs, "det"):
        if not is_call(term, head):
            return None
        (term,) = operands(term)
    return term


def _log_of_size(matrix: Term, positive: bool) -> Term:
    """The logarithm of the size of a determinant, which may be known to be positive."""
    shape = matrix.shape[:-2]
    if positive:
        return call("logdet", [matrix], None, shape)
    return call(sympy.log, [call(sympy.Abs, [call("det", [matrix], None, shape)])])


def _list_factors(n: Normaliser, matrix: Term) -> Iterator[Term]:
    """The square factors of a matrix; of one and its transpose the first in the order of terms."""
    todo = [matrix]
    while todo:
        a = todo.pop()
        chain = read_chain(a)
        if chain is not None:
            todo += [link.term for link in chain]
        elif not is_identity(a):
            yield min(a, n.transposed(a), key=lambda u: u.order)


def _find_positive(products: Iterable[Sequence[Term]]) -> set[Term]:
    """The factors whose determinants are positive, those of all products being so."""
    rows = [{a for a, count in Counter(factors).items() if count % 2} for factors in products]
    positive = {a for row in rows for a in row if is_positive_definite(a)}
    while found := [left for row in rows if len(left := row - positive) == 1]:
        positive = positive.union(*found)
    return positive


DETERMINANTS: tuple[Rewrite, ...] = (
    Procedure(
        ("det", "logdet"), "det(A @ B @ inverse(A)) -> det(B)", "a determinant is multiplicative", _cancel_in_product
    ),
    Procedure(("det", "logdet"), "det(diag(v)) -> prod(v)", "only the diagonal has elements", _multiply_diagonal),
    Procedure(("det", "logdet"), "det(tril(A)) -> prod(diag(A))", "only the diagonal counts", _multiply_triangle),
    Rule(LOG(DET(A)), LOGDET(A), "one name for both"),
    Procedure(("logdet",), "logdet(p*A) -> n*log(p) + logdet(A)", "numbers come out in front", _take_taken_of_logdet),
    Procedure(
        ("logdet",), "logdet(A @ A) -> 2*log(Abs(det(A)))", "a determinant is multiplicative", _take_power_out_of_logdet
    ),
    Procedure((sympy.log,), "log(p*det(A)) -> log(p) + logdet(A)", "the logarithm of a product", _take_logdet_out),
    Procedure((sympy.log,), "log(prod(p)) -> sum(log(p))", "the logarithm of a product", _add_in_log),
    Procedure(
        (Sum,),
        "logdet(A @ B) - logdet(A) -> logdet(B)",
        "a determinant is multiplicative",
        _add_logarithms,
        frozenset(["logdet"]),
    ),
)
