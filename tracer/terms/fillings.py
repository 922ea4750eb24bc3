"""What stands at some places among a number: padding with minus infinity, which has no form as a sum."""

from __future__ import annotations

from typing import NamedTuple

import sympy

from tracer.terms.choices import as_choice
from tracer.terms.decomposition import read_repeated
from tracer.terms.numbers import ONE
from tracer.terms.record import Labels, Product, Term, call, constant_value, is_call, is_zero, number, operands, product


class Filling(NamedTuple):
    """A term that is zero but for some places, a mask that is one there, and a number for all other places."""

    placed: Term
    mask: Term
    number: sympy.Expr


def fill(placed: Term, mask: Term, value: sympy.Expr) -> Term:
    """A term at the places of a mask, and a number at all others."""
    there = call(sympy.Gt, [mask, number(0, mask.shape)])
    return call(sympy.Piecewise, [placed, there, number(value, mask.shape)])


def read_filling(t: Term) -> Filling | None:
    """A choice by whether a place is among some, with a number where it is not; None of any other term.

    Examples
    --------
    >>> from tracer.terms.record import source
    >>> from tracer.terms.selections import selection
    >>> places = selection(1, 3, 1, 4)
    >>> mask, x = product(1, [(places, (0, 1), ONE)], (1,)), source("x", (3,))
    >>> read_filling(fill(product(1, [(x, (0,), ONE), (places, (0, 1), ONE)], (1,)), mask, -sympy.oo)).number
    -oo
    """
    choice = as_choice(t) if is_call(t, sympy.Piecewise) else None
    value = None if choice is None else constant_value(choice[1][1])
    if choice is None or value is None:
        return None
    u, labels = read_repeated(choice[0])
    if not is_call(u, sympy.Gt) or not is_zero(operands(u)[1]):
        return None
    mask = operands(u)[0]
    if not isinstance(mask, Product) or mask.scale is not ONE or not mask.factors:
        return None
    if any(not is_call(v, "selection", "window") or e is not ONE for v, _, e in mask.factors):
        return None
    return Filling(choice[1][0], mask if u is choice[0] else _repeat(mask, labels, choice[0]), value)


def _repeat(mask: Product, labels: Labels, whole: Term) -> Term:
    """A mask repeated along the axes of a condition that is repeated so."""
    assert isinstance(whole, Product)
    sizes = {**dict(enumerate(whole.sizes)), **{len(whole.sizes) + k: d for k, d in enumerate(mask.sizes)}}
    names = dict(zip(mask.out, labels))
    rows = [(u, tuple(names.get(k, len(whole.sizes) + k) for k in i), e) for u, i, e in mask.factors]
    return product(ONE, rows, whole.out, sizes)
