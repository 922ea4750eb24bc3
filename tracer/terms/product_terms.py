"""The normal form of products: flat, equal factors as powers, what is shared by several places written once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sympy

from tracer.terms.canonical import number_labels
from tracer.terms.decomposition import attach_labels, factors_of, kinds_of, split_scale
from tracer.terms.factors import Factors, connected_blocks, merge_powers
from tracer.terms.numbers import MINUS, ONE, ZERO, text_of
from tracer.terms.record import (
    Factor,
    Labels,
    Product,
    Term,
    is_elementwise,
    is_one,
    number,
    product,
    product_record,
    scaled,
)

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser


def put_product_in_order(n: Normaliser, t: Product) -> tuple[Term, str]:
    """The next form of a product of normal terms, and what made it."""
    if t.scale is ZERO:
        return n.settle(number(0, t.shape)), "zero"
    flat = flatten_product(n, t)
    if flat.scale is ZERO:
        return n.settle(number(0, t.shape)), "zero"
    if flat.scale is sympy.nan and flat.factors:
        return n.settle(number(sympy.nan, t.shape)), "undefined"
    return n.rewrite(Product, flat, kinds_of(flat.children)) or (_finish_product(n, flat), "labels in order")


def flatten_product(n: Normaliser, t: Product) -> Product:
    """One product in place of products of products; what no factor has any more is counted with its size."""
    state = Factors(n, t)
    given = {state.find(k) for _, i, _ in t.factors for k in i} | {k for _, i, _ in state.factors for k in i}
    state.collect_exponentials()
    state.collect_powers()
    state.separate_units()
    count = len(state.factors)
    n.spend(10 + 2 * count + count * count // 8)
    left = {k for _, i, _ in state.factors for k in i} | set(state.out)
    for k in sorted({state.find(k) for k in given} - left):
        state.scale *= state.sizes[k]
    return product(state.scale, state.factors, state.out, state.sizes)


def close_parts(n: Normaliser, flat: Product) -> Product:
    """A flat product in which a part that stands at several places, or is a number, is one factor."""
    factors = list(flat.factors)
    if (opened := _open_unit(flat)) is not None:
        return opened
    scale, rows = _close_repeats(n, _close_scalars(n, factors, flat), flat)
    return flat if rows == factors else product(flat.scale * scale, rows, flat.out, dict(enumerate(flat.sizes)))


def _open_unit(flat: Product) -> Product | None:
    """A power of the element of a matrix of one element, as a power of the matrix where the result has its shape."""
    if len(flat.factors) != 1 or not flat.out:
        return None
    ((u, labels, e),) = flat.factors
    bare = unit_of(u) if not labels else None
    if bare is None or bare.shape != flat.shape:
        return None
    own = tuple(range(len(flat.sizes), len(flat.sizes) + len(bare.shape)))
    sizes = {**dict(enumerate(flat.sizes)), **dict.fromkeys(own, 1)}
    return product(flat.scale, [(bare, own, e)], flat.out, sizes)


def unit_of(t: Term) -> Term | None:
    """The vector or matrix of one element that a scalar is the element of, else None."""
    if t.shape or not isinstance(t, Product) or t.scale is not ONE or len(t.factors) != 1:
        return None
    ((u, _, e),) = t.factors
    return u if e is ONE and all(map(is_one, u.shape)) else None


def divide_by_term(
    n: Normaliser, factors: Sequence[Factor], t: Term, labels: Labels, out: Labels
) -> list[Factor] | None:
    """What is left of factors without one power of a term at labels; a product of matrices is several of them.

    None where the term is no factor, as where a label that it is summed over is kept in the result, ``out``. Of a root
    no whole power is taken: ``sqrt(x)`` is finite where ``x`` is zero, and ``x**(-1/2)`` is not.
    """
    found = [f for f in factors if f[0] is t and f[1] == labels and (f[2] - 1).is_nonnegative]
    if found:
        return merge_powers([*factors, (t, labels, MINUS)])
    scale, parts, axes, _ = factors_of(t)
    names = dict(zip(axes, labels))
    if scale is not ONE or len(parts) < 2 or len(set(axes)) < len(axes):
        return None
    if all(set(i) <= names.keys() for _, i, _ in parts):
        below = [(u, tuple(names[k] for k in i), -e) for u, i, e in parts]
        powers = {f[:2]: f[2] for f in factors}
        whole = all(((powers.get(f[:2], ZERO) + f[2]) * f[2]).is_nonpositive for f in below)
        return merge_powers([*factors, *below]) if whole else None
    inside = {k for _, i, _ in factors for k in i}.difference(labels)
    kept = inside.intersection(out)
    for block in connected_blocks(factors, inside):
        if len(block) != len(parts) or {u for u, _, _ in block} != {u for u, _, _ in parts}:
            continue
        summed = kept.isdisjoint(k for _, i, _ in block for k in i)
        if summed and n.product(ONE, block, labels, dict(zip(labels, t.shape))) is t:
            return [f for f in factors if f not in block]
    return None


def _finish_product(n: Normaliser, flat: Product) -> Term:
    """The normal form of a flat product that no rule rewrites, or what is left where parts of it cancel."""
    closed = close_parts(n, flat)
    if closed.scale != flat.scale or (closed is not flat and _is_bare(closed)):
        return closed
    turned, factors, out, known = number_labels(n, closed.factors, closed.out, dict(enumerate(closed.sizes)))
    scale = flat.scale if turned == 1 else -flat.scale
    factors = _turn_repeated(n, factors, out)
    bare = _single_term(n, factors, out, known)
    if bare is None:
        return n.settle(product_record(scale, factors, out, known))
    if scale is ONE:
        return bare
    sign, core = split_scale(bare)
    if scale * sign == 1:
        return core
    if isinstance(core, Product):
        return scaled(scale, bare)
    _, factors, out, known = factors_of(core)
    return n.settle(product_record(scale * sign, factors, out, known))


def _is_bare(t: Product) -> bool:
    """Whether a product has a product as its one factor, which is to be taken apart."""
    return len(t.factors) == 1 and isinstance(t.factors[0][0], Product) and t.factors[0][2] is ONE


def _single_term(n: Normaliser, factors: tuple[Factor, ...], out: Any, sizes: Any) -> Term | None:
    """The term that a product of one factor is, if the product says nothing, or a transpose that goes inside."""
    if len(factors) != 1 or len(set(out)) < len(out):
        return None
    term, labels, power = factors[0]
    labels = attach_labels(labels, out, sizes)
    if power is not ONE or sorted(labels) != sorted(out):
        return None
    if labels == out:
        return term
    if is_elementwise(term):
        return n.permuted(term, tuple(labels.index(k) for k in out))
    return None


def _turn_repeated(n: Normaliser, factors: tuple[Factor, ...], out: Labels) -> tuple[Factor, ...]:
    """A function of elements that is only repeated, with its axes in the order of those of the result."""
    if len(factors) != 1 or not is_elementwise(factors[0][0]):
        return factors
    ((term, labels, power),) = factors
    order = tuple(sorted(range(len(labels)), key=lambda axis: out.index(labels[axis]) if labels[axis] in out else -1))
    if len({*labels}) < len(labels) or not {*labels} < {*out} or order == tuple(range(len(labels))):
        return factors
    return ((n.permuted(term, order), tuple(labels[axis] for axis in order), power),)


def _close_scalars(n: Normaliser, factors: list[Factor], whole: Product) -> list[Factor]:
    """A scalar that is itself a sum over labels becomes one factor, so that equal ones are collected.

    A power of what has one element is one of this element; that alone is left as it is where it has the result's shape.
    """
    summed = {k for _, i, _ in factors for k in i}.difference(whole.out)
    blocks = connected_blocks(factors, summed) if summed else []
    if len(blocks) < 2 and not (blocks and _is_unit_power(blocks[0]) and factors[0][0].shape != whole.shape):
        return factors
    sizes = dict(enumerate(whole.sizes))
    rows: list[Factor] = []
    closed: list[Factor] = []
    for block in blocks:
        labels = {k for _, i, _ in block for k in i}
        if _is_unit_power(block):
            ((u, i, e),) = block
            closed.append((n.product(ONE, [(u, i, ONE)], (), sizes), (), e))
        elif labels and labels <= summed:
            closed.append((n.product(ONE, block, (), sizes), (), ONE))
        else:
            rows += block
    return merge_powers([*rows, *closed]) if closed else factors


def _is_unit_power(block: Sequence[Factor]) -> bool:
    """Whether factors are one power of a vector or matrix of one element."""
    return len(block) == 1 and bool(block[0][1]) and block[0][2] is not ONE and all(map(is_one, block[0][0].shape))


def _close_repeats(n: Normaliser, factors: list[Factor], whole: Product) -> tuple[sympy.Expr, list[Factor]]:
    """Equal parts that hang at one label become a power: ``(A x)_i (A x)_i`` is ``(A x)_i**2``.

    Where they cancel, a label that no factor has any more is counted with its size, in the number before the factors:
    the sum of ``(A x)_i / (A x)_i`` is the size of ``A x``.
    """
    scale = ONE
    alone = {t for t, _, _ in factors}
    if len(alone) == len(factors) and not any(
        isinstance(t, Product) and t.factors and t.factors[0][0] in alone for t in alone
    ):
        return scale, factors
    sizes = dict(enumerate(whole.sizes))
    for cut in list(_cuts(factors, whole)):
        n.spend(len(factors))
        opaque = {t for t, i, _ in factors if i == cut and isinstance(t, Product)}
        for blocks in _equal_blocks(factors, whole, cut):
            if len(blocks[0]) == len(factors) or (len(blocks) == 1 and not opaque):
                continue
            closed = [(n.product(ONE, block, cut, sizes), block) for block in blocks]
            tally = Counter(t for t, _ in closed)
            for term, block in closed:
                if tally[term] > 1 or term in opaque:
                    gone = {id(f) for f in block}
                    factors = [*(f for f in factors if id(f) not in gone), (term, cut, ONE)]
        merged = merge_powers(factors)
        for k in sorted({k for _, i, _ in factors for k in i} - {k for _, i, _ in merged for k in i} - set(whole.out)):
            scale *= whole.sizes[k]
        factors = merged
    return scale, factors


def _cuts(factors: list[Factor], whole: Product) -> Iterator[tuple[int, ...]]:
    """Where parts may hang: at one label, or at both of a matrix."""
    for k in sorted({k for _, i, _ in factors for k in i}):
        yield (k,)
    if len(set(whole.out)) == 2:
        yield tuple(sorted(set(whole.out)))


def _equal_blocks(factors: list[Factor], whole: Product, cut: tuple[int, ...]) -> list[list[list[Factor]]]:
    """Blocks of factors that hang at a cut alone, those of the same terms together."""
    summed = {k for _, i, _ in factors for k in i}.difference(whole.out)
    inner = summed.difference(cut)
    groups: dict[tuple[object, ...], list[list[Factor]]] = {}
    for block in connected_blocks(factors, inner):
        labels = {k for _, i, _ in block for k in i}
        if labels & inner and labels - inner == set(cut):
            groups.setdefault(tuple(sorted((t.key, text_of(e)) for t, _, e in block)), []).append(block)
    return list(groups.values())
