"""How a tensor prints: its name, shape and formula, or its steps where the formula is longer than a screen."""

from __future__ import annotations

from tracer.formulas.errors import FormulaError
from tracer.formulas.printed_values import shown_value
from tracer.formulas.reading import formula
from tracer.shapes import show
from tracer.tensor import SOURCES, Tensor, hooks
from tracer.variable import Variable

SCREEN = 1200
"""The characters that a printed formula has at the most."""
ENDS = 6
"""How many steps are shown of the beginning and of the end of a long list."""


def describe(tensor: Tensor) -> str:
    """The text of a tensor: ``<Tensor matmul_3 shape=(n,): X*w>``, or ``<Variable w shape=(2,) = [1. 2.]>``."""
    kind = "Variable" if isinstance(tensor, Variable) else "Tensor"
    head = f"<{kind} {tensor.name} shape={show(tensor.shape)}"
    head += f" dtype={tensor.dtype}" if tensor.dtype != "float64" else ""
    value = shown_value(tensor)
    if value is not None:
        return f"{head} = {value}>"
    if tensor.rule in SOURCES:
        return f"{head}>"
    try:
        text = str(formula(tensor))
    except FormulaError:
        text = ""
    if 0 < len(text) <= SCREEN:
        return f"{head}: {text}>"
    return f"{head}, by steps:\n" + "\n".join(_steps(tensor)) + ">"


def _steps(tensor: Tensor) -> list[str]:
    pairs, (result,) = formula(tensor, "steps")
    lines = [f"  {symbol} = {expression}" for symbol, expression in (pairs[:ENDS] + pairs[-ENDS:])]
    if len(pairs) <= 2 * ENDS:
        lines = [f"  {symbol} = {expression}" for symbol, expression in pairs]
    else:
        lines.insert(ENDS, f"  ... {len(pairs) - 2 * ENDS} more steps ...")
    return [*lines, f"  {result}"]


def latex_or_none(tensor: Tensor) -> str | None:
    """LaTeX for a notebook; None, so that it shows the text, where that tells a value or there is no short formula."""
    if shown_value(tensor) is not None:
        return None
    try:
        text = str(formula(tensor, "latex"))
    except Exception:
        return None
    return f"$\\displaystyle {text}$" if len(text) <= 2 * SCREEN else None


hooks["describe"] = describe
hooks["latex_or_none"] = latex_or_none
