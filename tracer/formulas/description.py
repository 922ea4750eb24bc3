"""How a tensor prints: its name, shape and formula, or its steps where the formula is longer than a screen."""

from __future__ import annotations

from typing import Any

from tracer.formulas.errors import FormulaError
from tracer.formulas.reading import formula
from tracer.shapes import show
from tracer.tensor import Tensor, hooks
from tracer.variable import Cell

SCREEN = 1200
"""The characters that a printed formula has at the most."""
ENDS = 6
"""How many steps are shown of the beginning and of the end of a long list."""


def describe(tensor: Tensor) -> str:
    """The text of a tensor: ``<Tensor matmul_3 shape=(n,): X*w>``."""
    head = f"<{type(tensor).__name__} {tensor.name} shape={show(tensor.shape)}"
    head += f" dtype={tensor.dtype}" if tensor.dtype != "float64" else ""
    value = (tensor.current if isinstance(tensor, Cell) else tensor).value
    known = "" if value is None else f" = {_short(value)}"
    if not tensor.args:
        return f"{head}{known}>"
    try:
        text = str(formula(tensor))
    except FormulaError:
        text = ""
    if 0 < len(text) <= SCREEN:
        return f"{head}: {text}{known}>"
    return f"{head}{known}, by steps:\n" + "\n".join(_steps(tensor)) + ">"


def _steps(tensor: Tensor) -> list[str]:
    pairs, (result,) = formula(tensor, "steps")
    lines = [f"  {symbol} = {expression}" for symbol, expression in (pairs[:ENDS] + pairs[-ENDS:])]
    if len(pairs) <= 2 * ENDS:
        lines = [f"  {symbol} = {expression}" for symbol, expression in pairs]
    else:
        lines.insert(ENDS, f"  ... {len(pairs) - 2 * ENDS} more steps ...")
    return [*lines, f"  {result}"]


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def latex_or_none(tensor: Tensor) -> str | None:
    """LaTeX for a notebook, or None where there is no short formula: a notebook's repr must not raise."""
    try:
        text = str(formula(tensor, "latex"))
    except Exception:
        return None
    return f"$\\displaystyle {text}$" if len(text) <= 2 * SCREEN else None


hooks["describe"] = describe
hooks["latex_or_none"] = latex_or_none
