"""Rules of determinants of products, and of their logarithms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import sympy

from tracer.terms.chains import multiply_chain, read_chain
from tracer.terms.facts import is_positive_definite
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Sum, Term, call, is_call, is_identity, number, operands, product
from tracer.terms.rule import Procedure


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


def _multiply_triangle(n: Normaliser, t: Call) -> Term | None:
    """``det(tril(A)) -> prod(diag(A))``."""
    (a,) = t.args
    if not isinstance(a, Call) or a.head != "band_part" or len(a.shape) != 2 or 0 not in a.params:
        return None
    diagonal = product(ONE, [(a.args[0], (0, 0), ONE)], (0,))
    return call("reduce_prod", [diagonal], 1, ())


def _add_logarithms(n: Normaliser, t: Sum) -> Term | None:
    """``logdet(A @ B) - logdet(A) -> logdet(B)``: logarithms of determinants of the factors, where that is shorter.

    All determinants of which a logarithm is taken are positive. So is that of a factor if it stands by itself, or with
    factors whose determinants are positive; of any other the size is meant.
    """
    parts = {u: list(_list_factors(n, operands(u)[0])) for _, u in t.terms if is_call(u, "logdet")}
    if len(parts) < 2 or all(len(factors) == 1 for factors in parts.values()):
        return None
    total: Counter[Term] = Counter()
    for c, u in t.terms:
        for factor in parts.get(u, ()):
            total[factor] += c
    positive = _find_positive(parts.values())
    rows = [(c, u) for c, u in t.terms if u not in parts]
    for factor, c in total.items():
        if c != 0:
            size = call("logdet", [factor], None, ())
            if factor not in positive:
                size = call(sympy.log, [call(sympy.Abs, [call("det", [factor], None, ())])])
            rows.append((c, size))
    answer = n.add(rows) if rows else number(0)
    return answer if answer.weight < t.weight else None


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
    Procedure(("det",), "det(tril(A)) -> prod(diag(A))", "only the diagonal counts", _multiply_triangle),
    Procedure((Sum,), "logdet(A @ B) - logdet(A) -> logdet(B)", "a determinant is multiplicative", _add_logarithms),
)
