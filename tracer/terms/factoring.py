"""A factor that several summands share, in front of them: ``A*x + A*y -> A*(x + y)``.

A factor is shared where it is the same term and its axes stand at the same places: each at an axis of the result, or
at a label that is summed over and whose other end becomes an axis of the sum. A matrix that is only scaled along an
axis counts as a product with a diagonal matrix: ``diag(d)*A + B*A -> (diag(d) + B)*A``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from tracer.scalar import relu, step
from tracer.shapes import Dim, Shape
from tracer.terms.decomposition import factors_of, summands_of
from tracer.terms.expansion import multiply_out_one
from tracer.terms.numbers import MINUS, ONE, text_of
from tracer.terms.record import Call, Factor, Labels, Product, Term, call, constant_value, is_call, is_one, operands

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

Total = Callable[[Iterable[tuple[Any, Term]]], Term]
"""What adds up the summands without their factor."""

Slot = tuple[str, int]
"""Where an axis of a factor stands: ``("o", axis of the result)``, ``("s", label summed over with other factors)``,
``("t", label that it alone is summed over)``, ``("u", 0)`` for one of size one.
"""


class Row(NamedTuple):
    """A summand."""

    term: Term
    coefficient: sympy.Expr
    scale: sympy.Expr
    factors: tuple[Factor, ...]
    out: Labels
    sizes: tuple[Dim, ...]


class Role(NamedTuple):
    """What a factor is to a summand; summands in which it is the same share it.

    Attributes
    ----------
    order : tuple
        That of the factor.
    kind : str
        Whether its power is positive or negative; else the power.
    slots : tuple
        Where its axes stand.
    rest : tuple of int, or None
        The axes of the result that what is left depends on. None for a scalar, which is in front of whatever that is.
    pattern : tuple of int
        Which axes of the result are a diagonal.
    """

    order: tuple[int, int, bytes]
    kind: str
    slots: tuple[Slot, ...]
    rest: tuple[int, ...] | None
    pattern: Labels


class Place(NamedTuple):
    """Where a summand has a factor.

    Attributes
    ----------
    hang : int
        The axis at which the next factor hangs: of several places the first is taken.
    position : int
        Which factor it is.
    unit : sympy.Expr
        The power that is taken out: 1, -1, or all of it.
    scaled : int or None
        The label of the result along which the factor is only scaled.
    """

    hang: int
    position: int
    unit: sympy.Expr
    scaled: int | None


def take_out_factor(n: Normaliser, rows: Mapping[Term, sympy.Expr], shape: Shape, total: Total) -> Term | None:
    """A sum with the longest common factor in front of the summands that share it; None where none do."""
    summands = [_close_scalar(n, Row(t, c, *factors_of(t))) for t, c in rows.items()]
    steps = {operands(u) for row in summands for u, _, _ in row.factors if is_call(u, step)}
    if steps:
        summands = [row._replace(factors=tuple(_split_relus(row.factors, steps))) for row in summands]
    if sum(any(is_call(u, sympy.exp) for u, _, _ in row.factors) for row in summands) > 1:
        summands = [row._replace(factors=tuple(_split_exponentials(n, row.factors))) for row in summands]
    places: dict[Role, dict[int, Place]] = {}
    factors: dict[Role, Term] = {}
    for number, row in enumerate(summands):
        count = len(row.factors)
        n.spend(2 + 2 * count + count * count // 8)
        for found, place in _list_roles(n, row):
            factors[found] = row.factors[place.position][0]
            _remember(places.setdefault(found, {}), number, place)
    _join_bare(places)
    if len(shape) > 2:
        _join_repeated(places, factors, [any(is_call(t, "selection") for t, _, _ in row.factors) for row in summands])
    role = _choose(places)
    if role is None:
        return None
    members = {number: summands[number] for number in places[role]}
    together = _put_in_front(n, factors[role], role, [(members[k], places[role][k]) for k in members], shape, total)
    others = [(row.coefficient, row.term) for k, row in enumerate(summands) if k not in members]
    return total([(ONE, together), *others]) if others else together


def _close_scalar(n: Normaliser, row: Row) -> Row:
    """A scalar that is repeated is one factor; a scalar that is a factor times others is its factors."""
    labels = {k for _, i, _ in row.factors for k in i}
    if row.out and labels and not labels & set(row.out):
        scalar = n.product(ONE, row.factors, (), dict(enumerate(row.sizes)))
        return row._replace(factors=((scalar, (), ONE),))
    parts = [t for t, i, e in row.factors if isinstance(t, Product) and not i and e is ONE]
    if row.out or len(parts) != 1:
        return row
    (scalar,) = parts
    start = len(row.sizes)
    opened = [(t, tuple(start + k for k in i), e) for t, i, e in scalar.factors]
    return row._replace(
        scale=row.scale * scalar.scale,
        factors=(*(f for f in row.factors if f[0] is not scalar), *opened),
        sizes=(*row.sizes, *scalar.sizes),
    )


def _split_exponentials(n: Normaliser, factors: Iterable[Factor]) -> Iterator[Factor]:
    """Exponentials as products of powers, of which some may be shared: ``exp(2*x + y) -> exp(x)**2*exp(y)``."""
    for t, labels, e in factors:
        summands = summands_of(operands(t)[0]) if is_call(t, sympy.exp) else []
        summands = [row for c, u in summands for row in multiply_out_one(n, u, c) or [(c, u)]]
        if summands and all(constant_value(u) is None for _, u in summands):
            for c, u in summands:
                yield n.call(sympy.exp, [u]), labels, e * c
        else:
            yield t, labels, e


def _split_relus(factors: Iterable[Factor], steps: Set[tuple[Term, ...]]) -> Iterator[Factor]:
    """``relu(x)`` as ``x*step(x)`` where ``step(x)`` stands beside it."""
    for t, labels, e in factors:
        if e is ONE and is_call(t, relu) and operands(t) in steps:
            (inner,) = operands(t)
            yield from ((inner, labels, ONE), (call(step, [inner]), labels, ONE))
        else:
            yield t, labels, e


def _remember(found: dict[int, Place], number: int, place: Place) -> None:
    """Keep one place a summand: where the factor stands as it is, and at the first axis."""
    best = found.get(number)
    if best is None or (place.scaled is None and (best.scaled is not None or place.hang < best.hang)):
        found[number] = place


def _join_bare(places: dict[Role, dict[int, Place]]) -> None:
    """A summand that is the factor alone is the factor times ones.

    So ``x - x*y -> x*(1 - y)`` and ``A @ ones - A @ B -> A @ (ones - B)``. Below a fraction that saves nothing where
    the factor is a source.
    """
    for role, members in places.items():
        weight, *_ = role.order
        saves = role.kind == "positive" or (role.kind == "negative" and weight > 0)
        if saves and role.rest:
            for number, place in places.get(role._replace(rest=()), {}).items():
                members.setdefault(number, place)


def _join_repeated(places: dict[Role, dict[int, Place]], factors: dict[Role, Term], placed: Sequence[bool]) -> None:
    """What is left of summands in arrays may be repeated along any axes, or be on a diagonal: one role of all.

    Those that are placed, put into places of an axis, are a matrix of blocks as they are. So
    ``W[i,j]*X[i,k] - W[i,j]*X[j,k] -> W[i,j]*(X[i,k] - X[j,k])``, which has no form by matrices either way.
    """
    alike: dict[Role, list[Role]] = {}
    for role in places:
        if role.rest is not None and all(of == "o" for of, _ in role.slots):
            alike.setdefault(role._replace(rest=(), pattern=REPEATED), []).append(role)
    for role, group in alike.items():
        if len(group) > 1:
            factors[role] = factors[group[0]]
            found = [item for r in reversed(group) for item in places[r].items()]
            places[role] = {number: place for number, place in found if not placed[number]}


REPEATED: Labels = (-1,)
"""The pattern of a role in summands of any pattern."""


def _choose(places: Mapping[Role, Mapping[int, Place]]) -> Role | None:
    """The role of the factor that saves most, among those that several summands share."""
    shared = [
        role
        for role, members in places.items()
        if len(members) > 1 and any(place.scaled is None for place in members.values())
    ]
    return max(
        shared,
        key=lambda role: ((len(places[role]) - 1) * (1 + role.order[0]), len(role.slots), role.order, str(tuple(role))),
        default=None,
    )


def _list_roles(n: Normaliser, row: Row) -> Iterator[tuple[Role, Place]]:
    """The roles of the factors of a summand."""
    pattern = repeat_pattern(row.out)
    put = {labels[0] for t, labels, _ in row.factors if is_call(t, "selection")}
    looked_up = {labels[-1] for t, labels, _ in row.factors if _is_lookup(t)} - {*row.out}
    for position, (t, labels, e) in enumerate(row.factors):
        if constant_value(t) is not None:
            continue
        if not put.isdisjoint(labels) and not is_call(t, "selection"):
            continue  # What is put into places is no product with a matrix of ones and zeros.
        if not looked_up.isdisjoint(labels) and not is_call(t, "one_hot"):
            continue  # ``onehot(ids) @ E`` has rows of E, and is no product either.
        if e is ONE:
            kind, unit = "positive", ONE
        else:
            kind, unit = (("positive", ONE) if e > 0 else ("negative", MINUS)) if e.is_integer else (text_of(e), e)
        if not labels and row.out:
            yield Role(t.order, kind, (), None, ()), Place(0, position, unit, None)
            continue
        beside = [f for k, f in enumerate(row.factors) if k != position]
        reached = {k for _, i, _ in beside for k in i} | (set() if e == unit else set(labels))
        slots = _list_slots(labels, row, pattern, reached)
        symmetric = n.is_symmetric(t)
        if symmetric:
            slots = _sort_slots(slots)
        rest = _rest_axes(row, labels, e, unit, reached)
        if len(rest) + sum(s[0] == "s" for s in slots) > max(2, len(row.out)):
            continue
        hang = min(
            (p for _, i, _ in beside for p, k in enumerate(i) if k in labels and k not in row.out),
            default=0,
        )
        yield Role(t.order, kind, tuple(slots), rest, pattern), Place(hang, position, unit, None)
        if any(s[0] == "t" for s in slots):
            joined = tuple(("s", axis) if of == "t" else (of, axis) for of, axis in slots)
            yield Role(t.order, kind, joined, rest, pattern), Place(hang, position, unit, None)
        for axis in _scaled_axes(position, row) if unit == e else ():
            other = [("s", axis) if p == axis else s for p, s in enumerate(slots)]
            other = _sort_slots(other) if symmetric else other
            yield Role(t.order, kind, tuple(other), rest, pattern), Place(hang, position, unit, labels[axis])


def _is_lookup(t: Term) -> bool:
    """Whether a term has a one where integers say that are places of an axis."""
    return isinstance(t, Call) and t.head == "one_hot" and bool(t.params[1])


def _list_slots(labels: Labels, row: Row, pattern: Labels, reached: Set[int]) -> list[Slot]:
    found: list[Slot] = []
    for k in labels:
        if k in row.out:
            found.append(("o", pattern[row.out.index(k)]))
        elif is_one(row.sizes[k]):
            found.append(("u", 0))
        else:
            found.append(("s" if k in reached else "t", labels.index(k)))
    return found


def _sort_slots(slots: list[Slot]) -> list[Slot]:
    """One order of the slots of a symmetric matrix: an element of its diagonal has one label, any other has two."""
    if slots[0] == slots[1]:
        return slots
    kept = sorted(s for s in slots if s[0] == "o")
    return [*kept, *(("s", k) for k in range(len(slots) - len(kept)))]


def _rest_axes(row: Row, labels: Labels, e: sympy.Expr, unit: sympy.Expr, reached: set[int]) -> tuple[int, ...]:
    """The axes of the result that what is left depends on."""
    if len(row.factors) == 1 and e is ONE:
        return ()
    return tuple(p for p, k in enumerate(row.out) if k in reached or (e != unit and k in labels))


def _scaled_axes(position: int, row: Row) -> list[int]:
    """The axes along which a matrix among factors is only scaled: it is a product with a diagonal matrix there."""
    labels = row.factors[position][1]
    if len(labels) != 2 or labels[0] == labels[1]:
        return []
    found = []
    for axis, k in enumerate(labels):
        beside = [i for p, (_, i, _) in enumerate(row.factors) if p != position and k in i]
        if beside and row.out.count(k) == 1 and not is_one(row.sizes[k]) and all(len(i) == 1 for i in beside):
            found.append(axis)
    return found


def _put_in_front(
    n: Normaliser, t: Term, role: Role, members: Sequence[tuple[Row, Place]], shape: Shape, total: Total
) -> Term:
    """A factor times the sum of what it leaves of its summands."""
    if role.rest is None:
        inner = [(row.coefficient * row.scale, n.product(ONE, *_without(row, place))) for row, place in members]
        axes = tuple(range(len(shape)))
        return n.product(ONE, [(t, (), members[0][1].unit), (total(inner), axes, ONE)], axes, dict(enumerate(shape)))
    if role.pattern is REPEATED:
        inner = [(row.coefficient * row.scale, n.product(ONE, *_without(row, place))) for row, place in members]
        axes = tuple(range(len(shape)))
        front: Factor = (t, tuple(axis for _, axis in role.slots), members[0][1].unit)
        return n.product(ONE, [front, (total(inner), axes, ONE)], axes, dict(enumerate(shape)))
    inner = []
    lead: tuple[Labels, Labels, Row, Place] | None = None
    for row, place in members:
        labels = _turn_labels(n, t, role, row.factors[place.position][1], row)
        shown = [row.out[p] for p in role.rest if role.pattern[p] == p]
        slots = zip(role.slots, labels)
        shown += [k for q, (s, k) in enumerate(slots) if s[0] == "s" and k not in labels[:q]]
        if place.scaled is None:
            lead = lead or (labels, tuple(shown), row, place)
        factors, _, sizes = _without(row, place)
        inner.append((row.coefficient * row.scale, n.product(ONE, factors, tuple(shown), sizes)))
    assert lead is not None
    labels, axes, row, place = lead
    return n.product(ONE, [(t, labels, place.unit), (total(inner), axes, ONE)], row.out, dict(enumerate(row.sizes)))


def _without(row: Row, place: Place) -> tuple[list[Factor], Labels, dict[int, Dim]]:
    """A summand without the power of a factor that is taken out."""
    t, labels, e = row.factors[place.position]
    rest = [f for k, f in enumerate(row.factors) if k != place.position]
    if e != place.unit:
        rest.append((t, labels, e - place.unit))
    return rest, row.out, dict(enumerate(row.sizes))


def _turn_labels(n: Normaliser, t: Term, role: Role, labels: Labels, row: Row) -> Labels:
    """The labels of a symmetric matrix, that of the result first."""
    if not n.is_symmetric(t) or all(k in row.out for k in labels):
        return labels
    return labels[::-1] if role.slots[0][0] == "o" and labels[0] not in row.out else labels


def repeat_pattern(out: Labels) -> Labels:
    """For each axis the first that has its label: ``(4, 7, 4) -> (0, 1, 0)``."""
    return tuple(out.index(k) for k in out)
