"""Whether one term is another with its axes in another order, as their structure alone says."""

from __future__ import annotations

from tracer.terms.record import ONE, Call, Labels, Product, Source, Sum, Term, axes_of, product_record

NESTED = 25
"""Terms that are nested deeper are not compared."""

Known = dict[tuple[Term, Term, Labels], bool]


def is_permuted(turned: Term, term: Term, axes: Labels) -> bool:
    """Whether a term is another with its axes in this order, each axis of it being that of the other one named here.

    Summands and factors are found in any order. Where a number of factors are alike, the answer may be False of terms
    that are permuted all the same.

    Examples
    --------
    >>> from tracer.terms.record import call, permuted, source
    >>> A, B = source("A", (2, 3)), source("B", (3, 2))
    >>> is_permuted(permuted(A, (1, 0)), A, (1, 0)), is_permuted(B, A, (1, 0))
    (True, False)
    """
    return _compare(turned, term, axes, {}, NESTED)


def _compare(turned: Term, term: Term, axes: Labels, known: Known, deep: int) -> bool:
    """The same, of what is known of terms compared before."""
    if axes == axes_of(term):
        return turned is term
    if deep == 0 or turned.shape != tuple(term.shape[k] for k in axes):
        return False
    key = turned, term, axes
    if key not in known:
        known[key] = _compare_parts(*key, known, deep - 1)
    return known[key]


def _compare_parts(turned: Term, term: Term, axes: Labels, known: Known, deep: int) -> bool:
    """Whether a term is another one permuted, by the parts that they are made of."""
    if isinstance(term, Sum) and isinstance(turned, Sum):
        rest = list(turned.terms)
        for c, u in term.terms:
            found = next((row for row in rest if row[0] == c and _compare(row[1], u, axes, known, deep)), None)
            if found is None:
                return False
            rest.remove(found)
        return not rest
    if isinstance(term, Call) and isinstance(turned, Call) and term.elementwise:
        alike = term.head is turned.head and len(term.args) == len(turned.args)
        return alike and all(_compare(u, v, axes, known, deep) for u, v in zip(turned.args, term.args))
    one, other = _as_product(turned, term), _as_product(term, turned)
    return one is not None and other is not None and _match_factors(one, other, axes)


def _as_product(term: Term, beside: Term) -> Product | None:
    """A term as a product, of itself alone where the other one is a product and it is none."""
    if isinstance(term, Product):
        return term
    if not isinstance(beside, Product) or not isinstance(term, (Call, Source)):
        return None
    axes = axes_of(term)
    return product_record(ONE, ((term, axes, ONE),), axes, term.shape)


def _match_factors(turned: Product, whole: Product, axes: Labels) -> bool:
    """Whether the factors of a product are those of another one whose result has its axes in another order."""
    if turned.scale != whole.scale or len(turned.factors) != len(whole.factors) or len(set(turned.out)) < len(axes):
        return False
    names = dict(zip(turned.out, (whole.out[k] for k in axes)))
    rest = list(whole.factors)
    todo = list(turned.factors)
    while todo:
        for u, labels, e in todo:
            found = [f for f in rest if f[0] is u and f[2] == e and _agree(names, labels, f[1])]
            if len(found) == 1:
                names.update(zip(labels, found[0][1]))
                rest.remove(found[0])
                todo.remove((u, labels, e))
                break
        else:
            return False
    return len(set(names.values())) == len(names)


def _agree(names: dict[int, int], labels: Labels, others: Labels) -> bool:
    """Whether labels may be called others: those that have a name have that one."""
    return all(names.get(k, other) == other for k, other in zip(labels, others))
