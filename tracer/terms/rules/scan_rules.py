"""Rules of running products: those before and after an element."""

from __future__ import annotations

import sympy

from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import MINUS
from tracer.terms.record import Call, Labels, Product, Term, is_call, operands, product
from tracer.terms.rule import Procedure

BEFORE, AFTER = (1, 0), (1, 1)
"""The parameters of a running product without the element itself, from the first on and from the last."""


def _divide_product(n: Normaliser, t: Product) -> Term | None:
    """``prod_before(x)*prod_after(x)/prod(x) -> 1/x``: neither side is finite where an element is zero."""
    found: dict[tuple[Term, Labels], set[tuple[int, int]]] = {}
    for u, labels, e in t.factors:
        if isinstance(u, Call) and u.head == "cumprod" and u.params in (BEFORE, AFTER) and e == 1:
            found.setdefault((u.args[0], labels), set()).add(u.params)
    for (x, labels), sides in found.items():
        for whole, batch, e in t.factors:
            if len(sides) < 2 or not is_call(whole, "reduce_prod") or not _is_negative(e):
                continue
            if operands(whole)[0] is not x or batch != labels[:-1]:
                continue
            running = [u for u, i, _ in t.factors if i == labels and is_call(u, "cumprod") and operands(u)[0] is x]
            rest = [f for f in t.factors if f[0] not in (whole, *running)]
            made = [*rest, (whole, batch, e + 1), (x, labels, MINUS)]
            return product(t.scale, made, t.out, dict(enumerate(t.sizes)))
    return None


def _is_negative(e: sympy.Expr) -> bool:
    """Whether a power is negative, where an axis has more than one element if it depends on the size: ``1/n - 1``."""
    return bool(e.is_negative or sympy.together(e.xreplace({size: size + 1 for size in e.free_symbols})).is_negative)


SCANS: tuple[Rewrite, ...] = (
    Procedure(
        (Product,),
        "prod_before(x)*prod_after(x)/prod(x) -> 1/x",
        "all other factors, divided by all",
        _divide_product,
        frozenset(["cumprod", "reduce_prod"]),
    ),
)
