"""Rules of softmax and of the logarithm of a sum of exponentials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of, summands_of
from tracer.terms.facts import is_constant_along
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.record import (
    Call,
    Factor,
    Labels,
    Product,
    Sum,
    Term,
    add,
    broadcast,
    call,
    constant_value,
    is_call,
    is_zero,
    number,
    operands,
    product,
)
from tracer.terms.rule import Procedure
from tracer.terms.softmax import count_axes, softmax


class SumOfExp(NamedTuple):
    """``scale`` times the sum of ``exp(z)`` over the labels of z that are not in ``out``."""

    scale: sympy.Expr
    z: Term
    labels: Labels
    out: Labels
    sizes: dict[int, Dim]


def _read_sum_of_exp(term: Term) -> SumOfExp | None:
    if not isinstance(term, Product) or len(term.factors) != 1 or len(set(term.out)) < len(term.out):
        return None
    ((t, labels, e),) = term.factors
    if not isinstance(t, Call) or t.head is not sympy.exp or e is not ONE:
        return None
    if set(labels) <= set(term.out) or len(set(labels)) < len(labels):
        return None
    return SumOfExp(term.scale, t.args[0], labels, term.out, dict(enumerate(term.sizes)))


def _name_logsumexp(n: Normaliser, t: Call) -> Term | None:
    """``log(c*sum(exp(z))) -> logsumexp(z) + log(c)``."""
    found = _read_sum_of_exp(t.args[0])
    if found is None or not found.scale.is_positive:
        return None
    spread = tuple(k for k in found.labels if k not in found.out)
    z = product(ONE, [(found.z, found.labels, ONE)], found.out + spread, found.sizes)
    result = call("logsumexp", [z], len(spread), t.shape)
    return add([(ONE, result), (ONE, number(sympy.log(found.scale), t.shape))])


def _name_softmax(n: Normaliser, t: Product) -> Term | None:
    """``exp(z + c)/sum(exp(z)) -> exp(c)*softmax(z)``."""
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head is not sympy.exp or not e.is_positive:
            continue
        for other, (v, below, f) in enumerate(t.factors):
            total = _read_sum_of_exp(v) if f.is_integer and f.is_negative else None
            if total is None or total.z.shape != u.shape or not _is_total_over(total, below, labels):
                continue
            (z,) = u.args
            shift = n.add([(ONE, z), (MINUS, total.z)])
            if z is not total.z and shift.weight >= z.weight:
                continue
            spread = [p for p, k in enumerate(total.labels) if k not in total.out]
            rest: list[Factor] = [x for k, x in enumerate(t.factors) if k not in (place, other)]
            rest += [(u, labels, e - 1), (v, below, f + 1)]
            if z is not total.z:
                rest.append((call(sympy.exp, [shift]), labels, ONE))
            named = softmax(total.z, spread)
            return product(t.scale / total.scale, [*rest, (named, labels, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _name_softmax_of_sum(n: Normaliser, t: Product) -> Term | None:
    """``softmax(z)*exp(y)/sum(softmax(z)*exp(y)) -> softmax(z + y)``."""
    for place, (v, below, power) in enumerate(t.factors):
        if power is not MINUS or not isinstance(v, Product) or len(v.factors) < 2 or len(set(v.out)) < len(v.out):
            continue
        spread = [k for _, labels, _ in v.factors for k in labels if k not in v.out]
        weights = [(w, f[1]) for f in v.factors if (w := _read_weight(f, spread)) is not None]
        if not spread or len(weights) < len(v.factors):
            continue
        for over in _list_names(v, t, dict(zip(v.out, below))):
            named = [(u, tuple(over[k] for k in labels), e) for u, labels, e in v.factors]
            if not all(factor in t.factors for factor in named):
                continue
            rest = [factor for k, factor in enumerate(t.factors) if k != place and factor not in named]
            out = (*v.out, *dict.fromkeys(spread))
            known = dict(enumerate(v.sizes))
            z = n.add([(ONE, n.product(ONE, [(w, i, ONE)], out, known)) for w, i in weights])
            made = softmax(z, range(len(v.out), len(out)))
            rest.append((made, tuple(over[k] for k in out), ONE))
            return product(t.scale / v.scale, rest, t.out, dict(enumerate(t.sizes)))
    return None


def _open_into_softmax(n: Normaliser, t: Product) -> Term | None:
    """``softmax(z)*(exp(y)/sum(softmax(z)*exp(y)) - 1) -> softmax(z + y) - softmax(z)``."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not isinstance(u, Sum) or not any(_is_below_weights(v) for _, v in u.terms):
            continue
        rest = [*t.factors[:place], *t.factors[place + 1 :]]
        known = dict(enumerate(t.sizes))
        total = n.add([(c, n.product(t.scale, [*rest, (v, labels, ONE)], t.out, known)) for c, v in u.terms])
        if total.weight < t.weight:
            return total
    return None


def _is_below_weights(t: Term) -> bool:
    """Whether a term is divided by a total of products with softmax."""
    below = [v for v, _, e in factors_of(t)[1] if e is MINUS and isinstance(v, Product)]
    return any(is_call(u, "softmax") for v in below for u, _, _ in v.factors)


def _read_weight(factor: Factor, spread: Sequence[int]) -> Term | None:
    """What a factor is the exponential of, but for a number that is the same along all axes that are summed over."""
    u, labels, e = factor
    if e is not ONE or not isinstance(u, Call) or u.head not in (sympy.exp, "softmax"):
        return None
    return u.args[0] if u.head is sympy.exp or set(labels[: -count_axes(u)]).isdisjoint(spread) else None


def _list_names(total: Product, t: Product, names: dict[int, int]) -> Iterator[dict[int, int]]:
    """The labels that those of a sum may have in a product in which its factors are too, by one with all of them."""
    wanted = {k for _, labels, _ in total.factors for k in labels}
    for u, labels, _ in total.factors:
        if set(labels) == wanted:
            yield from ({**names, **dict(zip(labels, i))} for v, i, _ in t.factors if v is u)
            return


def _is_total_over(total: SumOfExp, below: Labels, labels: Labels) -> bool:
    """Whether a sum, whose axes have the labels ``below``, is over some of the labels of an exponential."""
    where = dict(zip(total.out, below))
    return all(where[k] == labels[p] for p, k in enumerate(total.labels) if k in where)


def _name_exp_of_log_softmax(n: Normaliser, t: Call) -> Term | None:
    """``exp(z - logsumexp(z)) -> softmax(z)``."""
    for z, inner, axes in _list_log_fractions(n, t.args[0]):
        if z is inner:
            return softmax(z, axes)
    return None


def _name_weighted_softmax(n: Normaliser, t: Product) -> Term | None:
    """``w*exp(z - logsumexp(z + log(w))) -> softmax(z + log(w))``."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not isinstance(u, Call) or u.head is not sympy.exp:
            continue
        for z, inner, axes in _list_log_fractions(n, u.args[0]):
            shift = n.add([(MINUS, inner), (ONE, z)])
            if not all(_is_logarithm(v) for _, v in summands_of(shift)):
                continue
            rest = [*t.factors[:place], *t.factors[place + 1 :], (softmax(inner, axes), labels, ONE)]
            rest.append((n.call(sympy.exp, [shift]), labels, ONE))
            named = n.product(t.scale, rest, t.out, dict(enumerate(t.sizes)))
            if named.weight < t.weight:
                return named
    return None


def _is_logarithm(t: Term) -> bool:
    """Whether a term is a logarithm, or one that is repeated."""
    _, factors, _, _ = factors_of(t)
    return len(factors) == 1 and factors[0][2] is ONE and is_call(factors[0][0], sympy.log)


def _list_log_fractions(n: Normaliser, t: Term) -> Iterator[tuple[Term, Term, list[int]]]:
    """Each ``z``, ``y`` and axes by which a term is ``z - logsumexp(y)``, y of the shape of z."""
    rows = summands_of(t)
    for place, (c, u) in enumerate(rows):
        _, factors, out, _ = factors_of(u)
        if c != -1 or len(rows) < 2 or len(factors) != 1 or factors[0][2] is not ONE:
            continue
        total, labels, _ = factors[0]
        if not isinstance(total, Call) or total.head != "logsumexp" or not set(labels) <= set(out):
            continue
        spread = [k for k in out if k not in labels]
        if len(spread) != total.params:
            continue
        order = [*labels, *spread]
        inner = n.permuted(total.args[0], [order.index(k) for k in out])
        if inner.shape == t.shape:
            yield n.add(rows[:place] + rows[place + 1 :]), inner, spread


def _take_log_of_softmax(n: Normaliser, t: Call) -> Term | None:
    """``log(softmax(z)) -> z - logsumexp(z)``."""
    scale, factors, out, sizes = factors_of(t.args[0])
    if scale is not ONE or len(factors) != 1 or factors[0][2] is not ONE or not is_call(factors[0][0], "softmax"):
        return None
    inner, labels, _ = factors[0]
    assert isinstance(inner, Call)
    (z,) = inner.args
    count = count_axes(inner)
    total = call("logsumexp", [z], count, z.shape[:-count])
    known = dict(enumerate(sizes))
    return add(
        [
            (ONE, product(ONE, [(z, labels, ONE)], out, known)),
            (MINUS, product(ONE, [(total, labels[:-count], ONE)], out, known)),
        ]
    )


def _drop_shift(n: Normaliser, t: Call) -> Term | None:
    """``softmax(z + c) -> softmax(z)``, c the same for all."""
    rank = len(t.shape)
    kept, shift = _split_shift(n, t.args[0], range(rank - count_axes(t), rank))
    return None if shift is None else call("softmax", [kept], t.params)


def _take_out_shift(n: Normaliser, t: Call) -> Term | None:
    """``logsumexp(z + c) -> logsumexp(z) + c``, c the same for all."""
    (z,) = t.args
    rank = len(t.shape)
    kept, shift = _split_shift(n, z, range(rank, len(z.shape)))
    if shift is None:
        return None
    inner = call("logsumexp", [kept], t.params, t.shape)
    return add([(ONE, inner), *((c, _keep_axes(u, range(rank))) for c, u in shift)])


def _split_shift(n: Normaliser, z: Term, axes: Sequence[int]) -> tuple[Term, list[tuple[sympy.Expr, Term]] | None]:
    """A term without the summands that are the same along axes, and these."""
    if is_zero(z):
        return z, None
    rows = _list_summands(n, z)
    shift = [(c, u) for c, u in rows if all(is_constant_along(u, a) for a in axes)]
    rest = [row for row in rows if row not in shift]
    return (add(rest) if rest else number(0, z.shape)), shift or None


def _list_summands(n: Normaliser, z: Term) -> list[tuple[sympy.Expr, Term]]:
    """The summands of a term, and those of sums among them that are repeated along axes, each of them repeated."""
    todo = summands_of(z)
    rows = []
    while todo:
        c, t = todo.pop()
        _, factors, out, sizes = factors_of(t)
        total, labels, e = factors[0] if len(factors) == 1 else (t, (), ONE)
        if isinstance(total, Sum) and e is ONE:
            known = dict(enumerate(sizes))
            todo += [(c * d, n.product(ONE, [(u, labels, ONE)], out, known)) for d, u in total.terms]
        else:
            rows.append((c, t))
    return rows


def _keep_axes(term: Term, axes: Sequence[int]) -> Term:
    """A term that is the same along all but the given axes, without the others."""
    scale, factors, out, sizes = factors_of(term)
    return product(scale, factors, tuple(out[a] for a in axes), dict(enumerate(sizes)))


def _add_equal_probabilities(n: Normaliser, t: Call) -> Term | None:
    """``softmax(c) -> 1/n``, c the same for all, or the only one."""
    (z,) = t.args
    rank, count = len(z.shape), count_axes(t)
    if constant_value(z) is not None:
        return number(ONE / prod(z.shape[rank - count :]), z.shape)
    single = [k for k in range(rank - count, rank) if z.shape[k] == 1]
    if not single or len(single) == count:
        return number(1, z.shape) if single else None
    kept = [k for k in range(rank) if k not in single]
    return broadcast(softmax(_keep_axes(z, kept), range(rank - count, len(kept))), kept, z.shape)


def _take_softmax_of_log(n: Normaliser, t: Call) -> Term | None:
    """``softmax(log(x)) -> x/sum(x)``."""
    (z,) = t.args
    if not is_call(z, sympy.log):
        return None
    (x,) = operands(z)
    axes = tuple(range(len(x.shape)))
    kept = axes[: -count_axes(t)]
    total = product(ONE, [(x, axes, ONE)], kept)
    return product(ONE, [(x, axes, ONE), (total, kept, MINUS)], axes)


def _add_equal_exponentials(n: Normaliser, t: Call) -> Term | None:
    """``logsumexp(c) -> c + log(n)``, c the same for all, or the only one."""
    (z,) = t.args
    rank = len(t.shape)
    value = constant_value(z)
    if value is not None:
        return number(value + sympy.log(prod(z.shape[rank:])), t.shape)
    single = [k for k in range(rank, len(z.shape)) if z.shape[k] == 1]
    if not single:
        return None
    thin = _keep_axes(z, [k for k in range(len(z.shape)) if k not in single])
    return call("logsumexp", [thin], t.params - len(single), t.shape) if len(single) < t.params else thin


def _add_probabilities(n: Normaliser, t: Product) -> Term | None:
    """``sum(softmax(z)) -> 1``."""
    labels = [k for _, i, _ in t.factors for k in i]
    for place, (u, i, e) in enumerate(t.factors):
        if e is not ONE or not isinstance(u, Call) or u.head != "softmax":
            continue
        kept, own = i[: -count_axes(u)], i[-count_axes(u) :]
        if all(k not in t.out and labels.count(k) == 1 for k in own):
            ones = number(1, u.shape[: len(kept)])
            rest = [*t.factors[:place], (ones, kept, ONE), *t.factors[place + 1 :]]
            return product(t.scale, rest, t.out, dict(enumerate(t.sizes)))
    return None


SOFTMAX: tuple[Rewrite, ...] = (
    Procedure((sympy.log,), "log(sum(exp(z))) -> logsumexp(z)", "the textbook's name", _name_logsumexp),
    Procedure(
        ("logsumexp",),
        "logsumexp(z + c) -> logsumexp(z) + c",
        "the shift of a stable spelling is no part of the meaning",
        _take_out_shift,
    ),
    Procedure(("logsumexp",), "logsumexp(c) -> c + log(n)", "n equal summands, or one", _add_equal_exponentials),
    Procedure(("softmax",), "softmax(c) -> 1/n", "n equal probabilities, or one", _add_equal_probabilities),
    Procedure(("softmax",), "softmax(log(x)) -> x/sum(x)", "no exponential of a logarithm", _take_softmax_of_log),
    Procedure(("softmax",), "softmax(z + c) -> softmax(z)", "softmax does not see a shift", _drop_shift),
    Procedure(
        (sympy.log,), "log(softmax(z)) -> z - logsumexp(z)", "no logarithm of an exponential", _take_log_of_softmax
    ),
    Procedure(
        (sympy.exp,), "exp(z - logsumexp(z)) -> softmax(z)", "the definition of softmax", _name_exp_of_log_softmax
    ),
    Procedure(
        (Product,),
        "w*exp(z - logsumexp(z + log(w))) -> softmax(z + log(w))",
        "the weights of a mixture are a softmax too",
        _name_weighted_softmax,
        frozenset([sympy.exp]),
    ),
    Procedure(
        (Product,), "exp(z)/sum(exp(z)) -> softmax(z)", "the textbook's name", _name_softmax, frozenset([sympy.exp])
    ),
    Procedure(
        (Product,),
        "softmax(z)*exp(y)/sum(softmax(z)*exp(y)) -> softmax(z + y)",
        "weights that are normalised again",
        _name_softmax_of_sum,
        frozenset(["softmax"]),
    ),
    Procedure(
        (Product,),
        "softmax(z)*(exp(y)/sum(softmax(z)*exp(y)) - 1) -> softmax(z + y) - softmax(z)",
        "weights before and after they are normalised again",
        _open_into_softmax,
        frozenset(["softmax", Sum]),
    ),
    Procedure(
        (Product,), "sum(softmax(z)) -> 1", "probabilities sum to one", _add_probabilities, frozenset(["softmax"])
    ),
)
