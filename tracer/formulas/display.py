"""What fits a screen of a tensor's formula: the closed form where it is short, else the first and the last steps.

Nothing here raises, and the work is bounded whatever the graph: a tensor is printed in debuggers and in error messages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.budget import PRINT
from tracer.formulas.counting import count_written
from tracer.formulas.errors import TooLong
from tracer.formulas.matrix.text_printer import Text
from tracer.formulas.notations.latex import says_all
from tracer.formulas.notations.steps import Plan, Step
from tracer.formulas.notations.where import Where
from tracer.formulas.reading import read
from tracer.formulas.sympy_caches import bounded_caches
from tracer.tensor import Tensor
from tracer.terms.work import Budget

Told: TypeAlias = "Callable[[Tensor], str]"
"""What stands behind the formula of a tensor: where it holds."""

SCREEN = 1200
"""The characters that a printed formula has at the most."""
ENDS = 6
"""How many steps are shown of the beginning and of the end of a long list."""
MOST_ARGUMENTS = 100
"""How many arguments a step is printed with."""
SILENT = (sympy.MatrixSymbol, ArraySymbol, sympy.Tuple, sympy.Lambda, ExprCondPair)
"""Classes of expressions that may print without a character beside those of their parts."""


class Found(NamedTuple):
    """What a reading of a tensor's formula found.

    Attributes
    ----------
    formula : Where or None
        The formula in matrix notation, with parts where that is shorter to read.
    too_long : bool
        Whether there was too little work for it.
    budget : Budget
        What is left of the work.
    """

    formula: Where | None
    too_long: bool
    budget: Budget


def read_shorter(tensor: Tensor) -> Found:
    """The formula of a tensor in matrix notation, with the work that is done to print it."""
    budget = Budget(PRINT, tensor.name)
    try:
        return Found(read([tensor], "shorter", budget).only(), False, budget)
    except Exception as error:
        return Found(None, isinstance(error, TooLong), budget)


def closed_form(tensor: Tensor, told: Told = lambda tensor: "", found: Found | None = None) -> str | None:
    """The formula in matrix or else in index notation, if it is short; with parts where that is shorter to read.

    What is told of the tensor stands behind the formula, before its parts. What was found of it is read otherwise.
    """
    found = read_shorter(tensor) if found is None else found
    if found.too_long:
        return None
    try:
        if found.formula is not None:
            return found.formula.write_text(told(tensor)) if len(str(found.formula)) <= SCREEN else None
    except TooLong:
        return None
    except Exception:
        pass
    return _write_index(tensor, found.budget, told)


def _write_index(tensor: Tensor, budget: Budget, told: Told) -> str | None:
    """The formula in index notation, if it is short."""
    try:
        (made,) = read([tensor], "index", budget)
        if count_written(made, _count_characters, budget) > SCREEN:
            return None
        text = str(made)
        return text + told(tensor) if len(text) <= SCREEN else None
    except Exception:
        return None


def closed_latex(tensor: Tensor, told: Told = lambda tensor: "", found: Found | None = None) -> str | None:
    """The formula in LaTeX, if it is short; with parts where that is shorter to read."""
    found = read_shorter(tensor) if found is None else found
    if found.too_long:
        return None
    made = found.formula
    try:
        if made is not None and (made.parts or says_all(made.body)):
            text = made.write_lines(told(tensor))
        else:
            (text,) = read([tensor], "latex", Budget(PRINT, tensor.name))
            text += told(tensor)
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
        text = Text().doprint(plan.pair(step)[1])
    except Exception:
        text = f"{t.op}({', '.join(plan.arguments(step))})"
    return f"  {step.label} = {text if len(text) <= SCREEN else text[: SCREEN - 3] + '...'}"
