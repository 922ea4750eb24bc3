"""Choices by whether an element is the first greatest of some, as gradients of max pooling have them at all places.

Such a gradient gives to each place of a window what arrives at the window where the first greatest element stands
there: ``where(x[::2] >= x[1::2], g, 0)`` at the even places, ``where(x[1::2] > x[::2], g, 0)`` at the odd ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import sympy

from tracer.terms.decomposition import factors_of
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Term, is_call, is_zero, operands
from tracer.terms.selections import Places


class Piece(NamedTuple):
    """A summand that is a choice at some places of each axis, and zero elsewhere.

    Attributes
    ----------
    places : tuple
        The places of each axis; None where it is all of them.
    value, condition : Term
        What there is where the condition holds; elsewhere it is zero.
    """

    places: tuple[Places | None, ...]
    value: Term
    condition: Term


def read_piece(n: Normaliser, t: Term) -> Piece | None:
    """A summand that puts a choice at places of axes; None of any other."""
    scale, factors, out, sizes = factors_of(t)
    rows = [(u, i) for u, i, e in factors if isinstance(u, Call) and u.head == "selection" and e is ONE]
    put = {i[1]: (u, i[0]) for u, i in rows if i[1] in out}
    choices = [f for f in factors if f[2] is ONE and is_call(f[0], sympy.Piecewise) and len(operands(f[0])) == 3]
    if len(choices) != 1 or len(set(out)) < len(out) or any(k in out for _, k in put.values()):
        return None
    (choice,) = choices
    own = tuple(put[k][1] if k in put else k for k in out)
    if sorted(choice[1]) != sorted(own):
        return None
    order = tuple(choice[1].index(k) for k in own)
    value, condition, otherwise = (n.permuted(u, order) for u in operands(choice[0]))
    if not is_zero(otherwise):
        return None
    taken = {id(put[k][0]) for k in put}
    rest = [f for f in factors if f is not choice and id(f[0]) not in taken]
    if any(k in put for _, labels, _ in rest for k in labels):
        return None
    made = n.product(scale, [*rest, (value, own, ONE)], own, dict(enumerate(sizes)))
    return Piece(tuple(Places(*put[k][0].params[:3]) if k in put else None for k in out), made, condition)


Relation: TypeAlias = "tuple[tuple[Term, ...], tuple[Term, ...], bool]"
"""That the greatest of some terms is above the greatest of others, or not below; True where it is above."""


def read_relations(condition: Term) -> list[Relation] | None:
    """The relations that a condition asks for, all of them; None where it is another one."""
    found: list[Relation] = []
    for c in operands(condition) if is_call(condition, sympy.And) else (condition,):
        if not is_call(c, sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le):
            return None
        assert isinstance(c, Call)
        above, below = c.args[:: 1 if c.head in (sympy.Gt, sympy.Ge) else -1]
        found.append((list_greatest(above), list_greatest(below), c.head in (sympy.Gt, sympy.Lt)))
    return found


def list_greatest(t: Term) -> tuple[Term, ...]:
    """The terms of which one is the greatest of."""
    return operands(t) if is_call(t, sympy.Max) else (t,)


def says_first(relations: Sequence[Relation], places: Mapping[Term, int], place: int) -> bool:
    """Whether relations hold where the first greatest element stands at a place, and nowhere else.

    Each says of that element that it is above some, or not below. This has to be so for all together, above for those
    before it; and none may ask for more.
    """
    known, above = {place}, set[int]()
    rows = [({places[u] for u in a}, {places[u] for u in b}, strict) for a, b, strict in relations]
    if any(place not in a or (strict and max(b) > place) for a, b, strict in rows):
        return False
    while more := [row for row in rows if row[0] <= known]:
        rows = [row for row in rows if row not in more]
        known = known.union(*(b for _, b, _ in more))
        above = above.union(*(b for _, b, strict in more if strict))
    return not rows and known == {*places.values()} and above >= {*range(place)}
