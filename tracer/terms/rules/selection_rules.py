"""Rules of selections: matrices of ones and zeros that take places of an axis."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of, is_summed
from tracer.terms.expansion import MULTIPLIED
from tracer.terms.facts import is_integer
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import (
    Call,
    Factor,
    Labels,
    Product,
    Sum,
    Term,
    axes_of,
    call,
    constant_value,
    is_call,
    is_elementwise,
    number,
    product,
    sum_record,
)
from tracer.terms.rolls import roll_factors
from tracer.terms.rule import Procedure
from tracer.terms.selections import Places, Taken, selection, take_part
from tracer.terms.sum_terms import add_multiplied_out

NEAR = 3
"""How deep in a factor rolls are looked for."""


def _take_selected(n: Normaliser, t: Product) -> Term | None:
    """``P @ x -> x[a:b]``: what stands at the places of a selection is taken there, and is zero elsewhere.

    The selection is left where the result has the places; it is gone where they are summed over.
    """
    for place, (u, i, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "selection" or e is not ONE or i[0] == i[1]:
            continue
        beside = [*t.factors[:place], *t.factors[place + 1 :]]
        row, whole = i
        places = Places(*u.params[:3])
        rows = [_take_factor(n, f, whole, row, places.start if places.length == 1 else places) for f in beside]
        gone = whole not in t.out and not any(whole in labels for _, labels, _ in rows)
        if gone or rows != beside:
            left = [] if gone else [(u, i, e)]
            # Each row of a selection has a single one, so that the sum of all is the number of rows.
            counted = gone and row not in t.out and not any(row in labels for _, labels, _ in rows)
            scale = t.scale * places.length if counted else t.scale
            return product(scale, [*rows, *left], t.out, dict(enumerate(t.sizes)))
    return None


def _take_factor(n: Normaliser, factor: Factor, whole: int, row: int, taken: Taken) -> Factor:
    """A factor with a part in the place of a whole axis, as far as it is known which part that is."""
    t, labels, power = factor
    for axis in reversed([axis for axis, k in enumerate(labels) if k == whole]):
        part = take_part(n, t, axis, taken)
        if part is None:
            return factor
        kept = (row,) if isinstance(taken, Places) else ()
        t, labels = part, (*labels[:axis], *kept, *labels[axis + 1 :])
    return t, labels, power


def _turn_around(n: Normaliser, t: Product) -> Term | None:
    """``P.T @ x -> Q.T @ x[::-1]``: what is put into places in reversed order is reversed before."""
    for place, (u, i, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "selection" or e is not ONE or i[0] in t.out or i[1] not in t.out:
            continue
        start, length, step, size = u.params
        if step >= 0:
            continue
        beside = [*t.factors[:place], *t.factors[place + 1 :]]
        rows = [_take_factor(n, f, i[0], i[0], Places(length - 1, length, -1)) for f in beside]
        forwards = selection(start + step * (length - 1), length, -step, size)
        return product(t.scale, [*rows, (forwards, i, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _sum_backwards(n: Normaliser, t: Product) -> Term | None:
    """``x[::-1].T @ y[::-1] -> x.T @ y``: a sum has the same value in both orders, and takes the shorter one."""
    parts = [i for u, i, _ in t.factors if isinstance(u, Call) and u.head == "part" and _list_reversed(u, i)]
    labels = dict.fromkeys(k for i in parts for k in i)
    for label in labels:
        backwards = Places(t.sizes[label] - 1, t.sizes[label], -1)
        if label in t.out:
            continue
        rows = [_take_factor(n, f, label, label, backwards) for f in t.factors]
        if all(new != f for new, f in zip(rows, t.factors) if label in f[1]):
            answer = n.product(t.scale, rows, t.out, dict(enumerate(t.sizes)))
            if answer.weight < t.weight:
                return answer
    return None


def _list_reversed(part: Call, labels: Labels) -> list[int]:
    """The labels of the axes that a part takes wholly and in the opposite order."""
    taken = [(p, d) for p, d in zip(part.params, part.args[0].shape) if isinstance(p, Places)]
    return [k for k, (p, d) in zip(labels, taken) if p == Places(d - 1, d, -1)]


def _turn_triangle(n: Normaliser, t: Call) -> Term | None:
    """``tril(1 @ 1.T)[::-1, ::-1] -> triu(1 @ 1.T)``."""
    (whole,) = t.args
    if not isinstance(whole, Call) or whole.head != "band_part" or whole.shape[-2] != whole.shape[-1]:
        return None
    if constant_value(whole.args[0]) is None or _list_reversed(t, axes_of(t)) != [*axes_of(whole)[-2:]]:
        return None
    return call("band_part", whole.args, whole.params[::-1])


def _reverse_running_product(n: Normaliser, t: Call) -> Term | None:
    """``cumprod(x[::-1]) -> revcumprod(x)[::-1]``."""
    (x,), (exclusive, backwards) = t.args, t.params
    last = len(t.shape) - 1
    turn = Places(t.shape[-1] - 1, t.shape[-1], -1)
    whole = take_part(n, x, last, turn)
    if whole is None or whole.weight >= x.weight:
        return None
    return take_part(n, n.call("cumprod", [whole], (exclusive, 1 - backwards)), last, turn)


def _multiply_into_places(n: Normaliser, t: Product) -> Term | None:
    """``A @ (P.T @ x + Q.T @ y) -> A[:, a:b] @ x + A[:, c:d] @ y``, where that is shorter."""
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Sum) or e is not ONE or len(u.terms) > MULTIPLIED:
            continue
        if not any(k not in t.out and all(_puts_along(v, axis) for _, v in u.terms) for axis, k in enumerate(labels)):
            continue
        rest = [*t.factors[:place], *t.factors[place + 1 :]]
        rows = [(c, n.product(t.scale, [*rest, (v, labels, ONE)], t.out, dict(enumerate(t.sizes)))) for c, v in u.terms]
        total = add_multiplied_out(n, rows)
        if total.weight < t.weight:
            return total
    return None


def _fill_in_turns(n: Normaliser, t: Product) -> Term | None:
    """``P.T @ 1 + Q.T @ 1 -> 1``: ones in the even places and in the odd ones are ones, in a part of an axis too."""
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Sum) or e is not ONE or len(labels) != 2 or labels[0] in t.out or labels[0] == labels[1]:
            continue
        rest = [*t.factors[:place], *t.factors[place + 1 :]]
        filled = None if any(labels[0] in own for _, own, _ in rest) else _find_filled(u)
        if filled is not None:
            number, start, length = filled
            sizes = {**dict(enumerate(t.sizes)), labels[0]: length}
            whole = start == 0 and length == u.shape[1]
            left = [] if whole else [(selection(start, length, 1, u.shape[1]), labels, ONE)]
            return product(t.scale * number, [*rest, *left], t.out, sizes)
    return None


def _find_filled(t: Sum) -> tuple[sympy.Expr, int, Dim] | None:
    """The number, the first place and how many places there are where selections take each in turn; None elsewhere."""
    rows = [(c, u.params) for c, u in t.terms if isinstance(u, Call) and u.head == "selection"]
    if len(rows) < len(t.terms) or not all(isinstance(start, int) for _, (start, *_) in rows):
        return None
    starts = sorted(start for _, (start, *_) in rows)
    alike = {(c, length, step) for c, (_, length, step, _) in rows} == {(rows[0][0], rows[0][1][1], len(rows))}
    if not alike or starts != [*range(starts[0], starts[0] + len(rows))]:
        return None
    return rows[0][0], starts[0], len(rows) * rows[0][1][1]


def _fill_with_blocks(n: Normaliser, t: Sum) -> Term | None:
    """``concat(1, 0) + concat(0, 1) -> 1``: ones in the blocks of an axis, one after the other, are ones."""
    if len(t.shape) != 1:
        return None
    groups: dict[sympy.Expr, dict[Dim, tuple[Term, Dim]]] = {}
    for c, u in t.terms:
        block = _read_ones(u)
        if block is not None:
            groups.setdefault(c, {})[block.start] = u, block.length
    for c, blocks in groups.items():
        end: Dim = 0
        filled: list[Term] = []
        while end in blocks and len(filled) < len(blocks):
            u, length = blocks[end]
            filled.append(u)
            end = end + length
        if len(filled) > 1 and end == t.shape[0]:
            return sum_record([*((d, u) for d, u in t.terms if u not in filled), (c, number(1, t.shape))])
    return None


def _read_ones(t: Term) -> Places | None:
    """The places of a vector that are one, if they are a block and all others are zero."""
    scale, factors, out, _ = factors_of(t)
    if scale is not ONE or len(factors) != 1:
        return None
    ((u, labels, e),) = factors
    if not isinstance(u, Call) or u.head != "selection" or e is not ONE or u.params[2] != 1:
        return None
    return Places(*u.params[:3]) if labels[0] != labels[1] and labels[1:] == out else None


def _puts_along(t: Term, axis: int) -> bool:
    """Whether a term puts something into places of an axis."""
    _, factors, out, _ = factors_of(t)
    return any(is_call(u, "selection") and i[1] == out[axis] for u, i, _ in factors)


def _count_named(n: Normaliser, t: Product) -> Term | None:
    """``onehot(i, 5) @ 1 -> 1``: a row has a one where its integer names a place, as that of a lookup does."""
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "one_hot" or not e.is_positive or not is_summed(t, labels[-1], 1):
            continue
        size, within = u.params
        if within or _names_places(n, u.args[0], size):
            rest = [*t.factors[:place], *t.factors[place + 1 :], (number(1, u.shape[:-1]), labels[:-1], ONE)]
            return product(t.scale, rest, t.out, dict(enumerate(t.sizes)))
    return None


def _names_places(n: Normaliser, ids: Term, size: Dim) -> bool:
    """Whether integers are known to be places of an axis, as assumed inequalities may say."""
    bounds = [(sympy.Ge, 0), (sympy.Lt, size)]
    return is_integer(ids) and all(
        constant_value(n.call(head, [ids, number(bound, ids.shape)])) == sympy.true for head, bound in bounds
    )


def _meet_named(n: Normaliser, t: Product) -> Term | None:
    """``onehot(i).T @ diag(x) @ onehot(i) -> diag(onehot(i).T @ x)``: a row has its one at a single place."""
    rows = [(place, u, labels) for place, (u, labels, e) in enumerate(t.factors) if is_call(u, "one_hot") and e > 0]
    for (_, u, own), (place, v, other) in combinations(rows, 2):
        if u is not v or own[:-1] != other[:-1] or set(own[:-1]) & set(t.out) or not {own[-1], other[-1]} <= set(t.out):
            continue
        names = {other[-1]: own[-1]}
        factors = [(w, tuple(names.get(k, k) for k in i), e) for k, (w, i, e) in enumerate(t.factors) if k != place]
        return product(t.scale, factors, tuple(names.get(k, k) for k in t.out), dict(enumerate(t.sizes)))
    return None


def _sum_around(n: Normaliser, t: Product) -> Term | None:
    """``roll(x, 1).T @ roll(y, 1) -> x.T @ y``: a sum over all places is the same wherever it begins."""
    for label in dict.fromkeys(k for _, i, _ in t.factors for k in i if k not in t.out):
        beside = [f for f in t.factors if label in f[1]]
        for shift in dict.fromkeys(s for u, _, _ in beside for s in _list_shifts(u)):
            rolled = [_roll_back(n, f, label, shift) for f in t.factors]
            known = [f for f in rolled if f is not None]
            if len(known) == len(rolled) and sum(f[0].weight for f in known) < sum(u.weight for u, _, _ in t.factors):
                return product(t.scale, known, t.out, dict(enumerate(t.sizes)))
    return None


def _list_shifts(t: Term, depth: int = NEAR) -> Iterator[sympy.Expr]:
    """By how much is rolled in a term, near its root."""
    if isinstance(t, Call) and t.head == "roll":
        yield t.params[0]
    elif depth and (is_elementwise(t) or isinstance(t, Product)):
        for u in t.children:
            yield from _list_shifts(u, depth - 1)


def _roll_back(n: Normaliser, factor: Factor, label: int, shift: sympy.Expr) -> Factor | None:
    """A factor rolled back along the axis with a label; itself where it has none, None where it is not its elements."""
    t, labels, e = factor
    if label not in labels:
        return factor
    if labels.count(label) > 1 or is_call(t, "selection", "window", "one_hot"):
        return None
    made = roll_factors(n, t, -shift, labels.index(label))
    return None if made is None else (made, labels, e)


NEEDS = frozenset(["selection"])
NAMED = frozenset(["one_hot"])

SELECTIONS: tuple[Rewrite, ...] = (
    Procedure((Product,), "P @ x -> x[a:b]", "what is selected is a part", _take_selected, NEEDS),
    Procedure((Product,), "P.T @ x -> Q.T @ x[::-1]", "reversed places are those of the reverse", _turn_around, NEEDS),
    Procedure(
        (Product,),
        "x[::-1].T @ y[::-1] -> x.T @ y",
        "a sum has one value in both orders",
        _sum_backwards,
        frozenset(["part"]),
    ),
    Procedure(("part",), "tril(1)[::-1, ::-1] -> triu(1)", "a triangle, seen from the other corner", _turn_triangle),
    Procedure(
        ("cumprod",),
        "cumprod(x[::-1]) -> revcumprod(x)[::-1]",
        "running products from the other end",
        _reverse_running_product,
    ),
    Procedure((Product,), "roll(x, 1).T @ roll(y, 1) -> x.T @ y", "a sum over all places begins anywhere", _sum_around),
    Procedure((Product,), "onehot(i) @ 1 -> 1", "a row has a one where its integer names a place", _count_named, NAMED),
    Procedure(
        (Product,),
        "onehot(i).T @ diag(x) @ onehot(i) -> diag(onehot(i).T @ x)",
        "each row has its one at a single place",
        _meet_named,
        NAMED,
    ),
    Procedure(
        (Product,),
        "A @ (P.T @ x + Q.T @ y) -> A[:, a:b] @ x + A[:, c:d] @ y",
        "blocks are multiplied by what stands at their places",
        _multiply_into_places,
        frozenset([Sum]),
    ),
    Procedure(
        (Product,),
        "P.T @ 1 + Q.T @ 1 -> 1",
        "what fills an axis in turns fills it",
        _fill_in_turns,
        frozenset([Sum]),
    ),
    Procedure(
        (Sum,),
        "concat(1, 0) + concat(0, 1) -> 1",
        "what fills an axis block by block fills it",
        _fill_with_blocks,
        NEEDS,
    ),
)
