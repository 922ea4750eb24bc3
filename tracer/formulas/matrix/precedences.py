"""How tightly the signs of formulas bind, as sympy's printers count it."""

from __future__ import annotations

import sympy
from sympy.printing.precedence import PRECEDENCE, precedence_traditional

SUM, PRODUCT, POWER = (int(PRECEDENCE[kind]) for kind in ("Add", "Mul", "Pow"))
ELEMENTWISE = PRODUCT - 1
"""The precedence of signs between products, of elements or of Kronecker: beside a factor they need parentheses."""
ATOM = 1000
"""The precedence of what needs no parentheses."""


def find_binding(e: sympy.Basic) -> int:
    """How tightly binds what is typeset of an expression; text may bind otherwise, ``A/B`` is a fraction there."""
    own = ELEMENTWISE if isinstance(e, sympy.Mod) else getattr(e, "typeset_precedence", None)
    return int(precedence_traditional(e) if own is None else own)
