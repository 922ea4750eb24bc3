"""What fits a screen of a tensor's formula: the closed form where it is short, else the first and the last steps.

Nothing here raises, and the work is bounded whatever the graph: a tensor is printed in debuggers and in error messages.
"""

from __future__ import annotations

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.budget import PRINT
from tracer.formulas.counting import count_written
from tracer.formulas.errors import TooLong
from tracer.formulas.notations.steps import Plan, Step
from tracer.formulas.reading import read
from tracer.formulas.sympy_caches import bounded_caches
from tracer.tensor import Tensor
from tracer.terms.work import Budget

SCREEN = 1200
"""The characters that a printed formula has at the most."""
ENDS = 6
"""How many steps are shown of the beginning and of the end of a long list."""
MOST_ARGUMENTS = 100
"""How many arguments a step is printed with."""
SILENT = (sympy.MatrixSymbol, ArraySymbol, sympy.Tuple, sympy.Lambda, ExprCondPair)
"""Classes of expressions that may print without a character beside those of their parts."""


def closed_form(tensor: Tensor) -> str | None:
    """The formula in matrix or else in index notation, if it is short."""
    budget = Budget(PRINT, tensor.name)
    for form in ("matrix", "index"):
        try:
            (made,) = read([tensor], form, budget)
            if count_written(made, _count_characters, budget) > SCREEN:
                return None
            text = str(made)
            return text if len(text) <= SCREEN else None
        except TooLong:
            return None
        except Exception:
            continue
    return None


def closed_latex(tensor: Tensor) -> str | None:
    """The formula in LaTeX, if it is short."""
    try:
        (text,) = read([tensor], "latex", Budget(PRINT, tensor.name))
    except Exception:
        return None
    return text if len(text) <= 2 * SCREEN else None


def _count_characters(part: sympy.Basic) -> int:
    """How many characters a part of an expression has of its own at the least."""
    return bool(part.args) and not isinstance(part, SILENT)


def ends_of_steps(tensor: Tensor) -> list[str]:
    """The first and the last steps, a line each, and the result."""
    plan = Plan([tensor])
    count = len(plan.steps)
    with bounded_caches():
        lines = [_show_step(plan, step) for k, step in enumerate(plan.steps) if k < ENDS or k >= count - ENDS]
    if count > 2 * ENDS:
        lines.insert(ENDS, f"  ... {count - 2 * ENDS} more steps ...")
    return [*lines, f"  {plan.results()[0]}"]


def _show_step(plan: Plan, step: Step) -> str:
    """A step as a line, ``  x1 = sin(x0)``; one that has no expression or too long a one, by its operation's name."""
    t = step.tensor
    if len(t.args) > MOST_ARGUMENTS:
        return f"  {step.label} = {t.op} of {len(t.args)} arguments"
    try:
        text = str(plan.pair(step)[1])
    except Exception:
        text = f"{t.op}({', '.join(plan.arguments(step))})"
    return f"  {step.label} = {text if len(text) <= SCREEN else text[: SCREEN - 3] + '...'}"
