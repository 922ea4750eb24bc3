"""The normal form of sums: like summands as one, common factors in front, multiplied out where that is shorter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sympy

from tracer.shapes import Shape
from tracer.terms.decomposition import factors_of, kinds_of, open_products, split_scale, summands_of
from tracer.terms.expansion import MULTIPLIED, Rows, collect_like, expand, expand_powers, multiply_out_one
from tracer.terms.factoring import repeat_pattern, take_out_factor
from tracer.terms.failures import RewriteLoop
from tracer.terms.fractions import Base, has_fraction, list_denominators, multiply_by_power
from tracer.terms.numbers import ONE, ZERO, common_content, is_negative, split_coefficient
from tracer.terms.polynomials import factor_polynomial, is_geometric
from tracer.terms.record import (
    Product,
    Source,
    Sum,
    Term,
    add,
    broadcast,
    constant_value,
    is_call,
    is_identity,
    is_one,
    number,
    product,
    product_record,
    scaled,
    sum_record,
)

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

NESTED = 2
"""How deep fractions may be nested in a sum that is put over a common denominator."""

FEW = 4
"""How many summands such a sum may have where its own fractions are put over theirs."""


def put_sum_in_order(n: Normaliser, t: Sum) -> tuple[Term, str]:
    """The next form of a sum of normal terms, and what made it.

    Of the forms that are tried the one with the fewest operations is taken; one that asks for what is being found is
    left out. Of several, the one that begins anew from the summands with all products multiplied out is taken, lest it
    depend on which of them were added first.
    """
    rows = collect_like(n, t.terms)
    answer, name = _simplify_sum(n, rows, t.shape)
    answer = answer or add_before_summing(rows) or add_scalars(n, rows, t.shape)
    if answer is not None:
        return answer, name
    plain = _write_sum(rows)
    if is_geometric(rows):
        return _settle_sum(n, plain), "the sum of powers"
    expanded = expand(n, rows) if len(rows) <= MULTIPLIED else None
    summands = rows if expanded is None else collect_like(n, expanded)
    if is_geometric(summands):
        return sum_record((c, t) for t, c in summands.items()), "the sum of powers"
    met = expand_powers(n, summands) if len(rows) <= MULTIPLIED else None
    if met == {}:
        return number(0, t.shape), "zero"
    forms: list[tuple[Term, str]] = []
    for begun in (expanded, None if met is None else [(c, u) for u, c in met.items()]):
        if begun is not None:
            with suppress(RewriteLoop):
                forms.append((add_multiplied_out(n, begun), "multiplied out"))
    if len(rows) <= MULTIPLIED:
        denominators = list_denominators(rows)
        for base, power in denominators:
            with suppress(RewriteLoop), n.trial():
                fraction = _put_over(n, rows, base, power)
                if fraction is not None:
                    forms.append((fraction, "over a common denominator"))
    factored = take_out_factor(n, rows, t.shape, n.add)
    forms.append((factored or plain, "common factors in front"))
    joined = _join_factor(rows)
    if joined is not None:
        with suppress(RewriteLoop), n.trial():
            together = take_out_factor(n, joined, t.shape, n.add)
            if together is not None:
                forms.append((together, "a sum in front that is a factor"))
    if len(rows) <= MULTIPLIED:
        product_of_sums = factor_polynomial(n, summands, t.shape, n.add)
        if product_of_sums is not None:
            forms.append((product_of_sums, "a product of sums"))
        short = [(base, power) for base, power in denominators if isinstance(base[0], Source)]
        if short:
            with suppress(RewriteLoop), n.trial():
                forms.append((_put_over_all(n, rows, short), "over all denominators"))
    answer, name = min(forms, key=lambda form: _weigh_fractions(form[0]))
    return (_settle_sum(n, plain) if answer is plain else answer), name


def _join_factor(rows: Rows) -> Rows | None:
    """Summands whose sum is a factor beside others, as that sum: of ``x - y + c*(x - y)**3`` it is ``x - y``."""
    for t in rows:
        _, factors, out, _ = factors_of(t)
        for u, labels, e in factors:
            if not isinstance(u, Sum) or labels != out or not e.is_positive or len(factors) == 1:
                continue
            shares = {rows.get(v, ZERO) / c for c, v in u.terms}
            if len(shares) == 1 and ZERO not in shares:
                summands = {v for _, v in u.terms}
                return {u: shares.pop(), **{v: c for v, c in rows.items() if v not in summands}}
    return None


def _put_over(n: Normaliser, rows: Rows, base: Base, power: sympy.Expr, depth: int = NESTED) -> Term | None:
    """Fractions over a common denominator; None where nothing cancels in the sum above it.

    Fractions in that sum are put over theirs: ``1 - (x + 2/(1 + x))/(1 + x)`` is ``(x - 1)/(1 + x)**2``.
    """
    summands: list[tuple[sympy.Expr, Term]] = []
    for t, c in rows.items():
        for k, u in summands_of(multiply_by_power(n, t, base, -power)):
            summands += multiply_out_one(n, u, c * k) or [(c * k, u)]
    more = expand(n, collect_like(n, summands))
    summands = summands if more is None else more
    above = collect_like(n, summands)
    met = expand_powers(n, above)
    if (met is None and len(above) == len(summands)) or len(above) > MULTIPLIED:
        return None
    forms = [_add_as_tried(n, summands)]
    if met is not None:
        forms.append(_add_as_tried(n, [(c, u) for u, c in met.items()]) if met else number(0, next(iter(rows)).shape))
    for inner in list_denominators(above) if depth and len(above) <= FEW else ():
        forms += [] if (made := _put_over(n, above, *inner, depth - 1)) is None else [made]
    return multiply_by_power(n, min(forms, key=_weigh_fractions), base, power)


def add_multiplied_out(n: Normaliser, terms: Iterable[tuple[Any, Term]]) -> Term:
    """The sum of normal terms, common factors in front, where it is not tried to multiply out (again).

    It is a form that is tried, to be compared with others, and not always a normal form.
    """
    with n.trial():
        return _add_as_tried(n, list(terms))


def add_as_they_are(n: Normaliser, terms: Iterable[tuple[Any, Term]]) -> Term:
    """The sum of normal terms without another form of it, like summands as one."""
    summands = list(terms)
    rows = collect_like(n, summands)
    if len(rows) < 2:
        return n.add(summands)
    return _settle_sum(n, _write_sum(rows))


def _put_over_all(n: Normaliser, rows: Rows, denominators: Sequence[tuple[Base, sympy.Expr]]) -> Term:
    """A sum as one fraction over all its denominators: ``b - c/a`` as ``(a*b - c)/a``."""
    summands = [(c, t) for t, c in rows.items()]
    for base, power in denominators:
        summands = [(c, multiply_by_power(n, t, base, -power)) for c, t in summands]
    whole = _add_as_tried(n, summands)
    for base, power in denominators:
        whole = multiply_by_power(n, whole, base, power)
    return whole


def _weigh_fractions(t: Term) -> tuple[int, int]:
    """The operations of a form, with one more for each sum of fractions in a fraction; and how many such sums it has.

    So ``(a - b)/a**2`` comes before ``(1 - b/a)/a``, and ``(a**2 - c)/(a*b)`` before ``(a - c/a)/b``.
    """
    core = split_scale(t)[1]
    sums = [u for u, _, _ in factors_of(core)[1] if isinstance(u, Sum)]
    count = sum(any(has_fraction(w) for _, w in u.terms) for u in sums)
    return t.weight + count * has_fraction(core), count


def _add_as_tried(n: Normaliser, terms: Iterable[tuple[Any, Term]]) -> Term:
    summands = list(terms)
    rows = collect_like(n, summands)
    shape = summands[0][1].shape

    def total(inner: Iterable[tuple[Any, Term]]) -> Term:
        return _add_as_tried(n, inner)

    def find() -> Term:
        answer = _simplify_sum(n, rows, shape)[0] or add_before_summing(rows) or add_scalars(n, rows, shape)
        if isinstance(answer, Sum):
            return total((c, n.normal(t)) for c, t in answer.terms)
        if answer is not None:
            return n.normal(answer)
        return take_out_factor(n, rows, shape, total) or _settle_sum(n, _write_sum(rows))

    return n.try_once((shape, *rows.items()), find)


def _simplify_sum(n: Normaliser, rows: Rows, shape: Shape) -> tuple[Term | None, str]:
    """What takes the place of a sum whose summands are collected; None for a sum that stays one."""
    if not rows:
        return number(0, shape), "zero"
    if len(rows) == 1:
        ((t, c),) = rows.items()
        return scaled(c, t), "one summand"
    merged = sum_record((c, t) for t, c in rows.items())
    rewritten = n.rewrite(Sum, merged, kinds_of(open_products(rows)))
    if rewritten is not None:
        return rewritten
    return _add_before_repeating(rows, shape), "added before it is repeated"


def add_before_summing(rows: Rows) -> Sum | None:
    """What is summed up along the same axes is added before: ``1.T @ x + 1.T @ y -> 1.T @ (x + y)``."""
    return _add_totals(rows) or _add_to_total(rows)


def add_scalars(n: Normaliser, rows: Rows, shape: Shape) -> Sum | None:
    """Scalars beside others are added before they are repeated, where that is one: ``x + 1*(v.T*y) + 1*(v.T*z)``."""
    scalars = {t: scalar for t in rows if (scalar := _read_scalar(t)) is not None}
    if not shape or not 1 < len(scalars) < len(rows):
        return None
    total = n.add([(rows[t], scalar) for t, scalar in scalars.items()])
    if isinstance(split_scale(total)[1], Sum):
        return None
    return sum_record([*((c, t) for t, c in rows.items() if t not in scalars), (ONE, broadcast(total, (), shape))])


def _read_scalar(t: Term) -> Product | None:
    """The scalar that all elements of a term are, if it is no number."""
    scale, factors, out, _ = factors_of(t)
    labels = {k for _, i, _ in factors for k in i}
    if not factors or labels & set(out) or len(set(out)) < len(out):
        return None
    return product(scale, factors, ())


def _add_to_total(rows: Rows) -> Sum | None:
    """A product that is summed up is added to a total: ``1.T @ A @ x + 1.T @ y -> 1.T @ (A @ x + y)``.

    The rows of a selection, summed up, are places of an axis, and no total.
    """
    totals: dict[Any, list[tuple[Term, Term]]] = {}
    plain: set[Any] = set()
    for t in rows:
        scale, factors, out, sizes = factors_of(t)
        labels = [k for _, i, _ in factors for k in i]
        for u, i, e in factors:
            alone = [k for k in i if k not in out and labels.count(k) == 1 and not is_one(sizes[k])]
            if not alone or is_call(u, "selection") or (e.is_integer and e > 1) or len(set(out)) < len(out):
                continue
            shape = (*(sizes[k] for k in out), sizes[alone[0]])
            inner = product(scale, factors, (*out, alone[0]), dict(enumerate(sizes)))
            totals.setdefault(shape, []).append((t, inner))
            if len(factors) == 1 and set(i) <= {*out, alone[0]}:
                plain.add(shape)
            break
    for shape, members in totals.items():
        if len(members) > 1 and shape in plain:
            axes = tuple(range(len(shape)))
            inner_sum = add((rows[t], u) for t, u in members)
            total = product(ONE, [(inner_sum, axes, ONE)], axes[:-1], dict(enumerate(shape)))
            gone = {t for t, _ in members}
            return sum_record([*((c, t) for t, c in rows.items() if t not in gone), (ONE, total)])
    return None


def _add_totals(rows: Rows) -> Sum | None:
    """Totals of terms along the same axes, as the total of their sum."""
    groups: dict[Any, list[Term]] = {}
    for t in rows:
        _, factors, out, sizes = factors_of(t)
        if len(factors) != 1 or factors[0][2] is not ONE:
            continue
        labels = factors[0][1]
        if len(set(labels)) == len(labels) and any(not is_one(sizes[k]) for k in labels if k not in out):
            groups.setdefault((labels, out, sizes), []).append(t)
    for (labels, out, sizes), members in groups.items():
        if len(members) > 1:
            inner = [(rows[t] * factors_of(t)[0], factors_of(t)[1][0][0]) for t in members]
            total = product(ONE, [(add(inner), labels, ONE)], out, dict(enumerate(sizes)))
            return sum_record([*((c, t) for t, c in rows.items() if t not in members), (ONE, total)])
    return None


def _write_sum(rows: Rows) -> Sum | Product:
    """A sum without a common factor, its summands in order; what the coefficients share is in front."""
    ordered = sorted(rows.items(), key=lambda item: item[0].order)
    content = common_content([c for _, c in ordered])
    if ordered[0][0].shape:
        content *= _divide_totals(ordered, content) * _divide_centre(ordered, content)
    if is_negative(ordered[0][1]):
        content = -content
    made = sum_record((sympy.cancel(c / content) if content.free_symbols else c / content, t) for t, c in ordered)
    if content is ONE:
        return made
    _, factors, out, sizes = factors_of(made)
    return product_record(content, factors, out, sizes)


def _divide_totals(ordered: Sequence[tuple[Term, sympy.Expr]], content: sympy.Expr) -> sympy.Expr:
    """The number of elements that a total adds up, if all other coefficients have it; one if there is none.

    So ``n*x - sum(x)`` is ``n*(x - mean(x))``. Beside an identity a matrix of ones counts as a total of n elements:
    ``n*I - 1 @ 1.T`` is ``n*(I - 1 @ 1.T/n)``, which centres columns.
    """
    centres = any(is_identity(t) for t, _ in ordered)
    for t, c in ordered:
        count = t.shape[0] if centres and constant_value(t) == 1 else _count_summed(t)
        if isinstance(count, int) or count.is_number:
            continue
        others = [d / content for u, d in ordered if u is not t]
        if not (c / content).has(*count.free_symbols) and all(_is_multiple(d, count) for d in others):
            return count
    return ONE


def _divide_centre(ordered: Sequence[tuple[Term, sympy.Expr]], content: sympy.Expr) -> sympy.Expr:
    """The given number of elements that a total of another summand adds up, if all other coefficients have it; or one.

    So ``4*x - sum(x)`` is ``4*(x - mean(x))``, also where the total is taken along some axes alone.
    """
    for t, count in list_centres(ordered):
        others = [split_coefficient(d / content)[0] for v, d in ordered if v is not t]
        if not any(d % count for d in others):
            return count
    return ONE


def list_centres(rows: Sequence[tuple[Term, sympy.Expr]]) -> Iterator[tuple[Term, sympy.Integer]]:
    """The summands that are totals of other summands, and the number of the elements along axes of given sizes."""
    for t, _ in rows:
        _, factors, out, sizes = factors_of(t)
        if len(factors) != 1 or factors[0][2] is not ONE:
            continue
        u, labels, _ = factors[0]
        count = sympy.Mul(*(sizes[k] for k in labels if k not in out)).as_coeff_Mul()[0]
        if count != 1 and any(split_scale(v)[1] is u for v, _ in rows):
            yield t, count


def _count_summed(t: Term) -> sympy.Expr:
    """The number of elements that a total adds up; one of a term that is no total of an array."""
    _, factors, out, sizes = factors_of(t)
    if len(factors) != 1 or factors[0][2] is not ONE or not set(out).isdisjoint(factors[0][1]):
        return ONE
    return sympy.Mul(*(sizes[k] for k in factors[0][1]))


def _is_multiple(number: sympy.Expr, count: sympy.Expr) -> bool:
    """Whether a number has a product of dimensions among its factors."""
    own = number.as_powers_dict()
    return all(own.get(d, ZERO) >= e for d, e in count.as_powers_dict().items())


def _settle_sum(n: Normaliser, term: Sum | Product) -> Term:
    """Remember that a sum, and that a number times it, is its own normal form."""
    if isinstance(term, Product):
        n.settle(term.factors[0][0])
    return n.settle(term)


def _add_before_repeating(rows: Rows, shape: Shape) -> Term | None:
    """What is the same along an axis, or stands on a diagonal, is added once: ``1*v.T + 1*w.T -> 1*(v + w).T``."""
    parts = [(c, *factors_of(t)) for t, c in rows.items()]
    repeated = [{k for k in out if out.count(k) > 1} for _, _, _, out, _ in parts]
    kept = [
        axis
        for axis in range(len(shape))
        if any(
            out[axis] in double or any(out[axis] in i for _, i, _ in factors)
            for (_, _, factors, out, _), double in zip(parts, repeated)
        )
    ]
    if len(kept) < len(shape):
        inner = [
            (c * s, product(ONE, factors, tuple(out[a] for a in kept), dict(enumerate(sizes))))
            for c, s, factors, out, sizes in parts
        ]
        return broadcast(add(inner), kept, shape)
    patterns = {repeat_pattern(out) for _, _, _, out, _ in parts}
    if not all(repeated) or len(patterns) > 1:
        return None
    (pattern,) = patterns
    once = sorted(set(pattern))
    inner = [
        (c * s, product(ONE, factors, tuple(out[p] for p in once), dict(enumerate(sizes))))
        for c, s, factors, out, sizes in parts
    ]
    return product(ONE, [(add(inner), tuple(once), ONE)], pattern, dict(zip(pattern, shape)))
