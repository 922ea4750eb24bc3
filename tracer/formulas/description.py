"""How a tensor prints: its name, shape and formula, or its steps where the formula is longer than a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from tracer.formulas.printed_values import shown_value
from tracer.shapes import show
from tracer.tensor import SOURCES, Tensor, as_tensor
from tracer.variable import Variable

if TYPE_CHECKING:
    from tracer.formulas.display import Found

Told: TypeAlias = "Callable[[Tensor], str]"
"""What stands behind the formula of a tensor: where it holds."""


def describe(tensor: Tensor, told: Told = lambda tensor: "", found: Found | None = None) -> str:
    """The text of a tensor: ``<Tensor matmul_3 shape=(n,): X*w>``, or ``<Variable w shape=(2,) = [1. 2.]>``.

    Its formula is read if it was not found before.
    """
    kind = "Variable" if isinstance(tensor, Variable) else "Tensor"
    head = f"<{kind} {tensor.name} shape={show(tensor.shape)}"
    head += f" dtype={tensor.dtype}" if tensor.dtype != "float64" else ""
    value = shown_value(tensor)
    if value is not None:
        return f"{head} = {value}>"
    if tensor.rule in SOURCES:
        return f"{head}>"
    from tracer.formulas import display

    shown = as_tensor(tensor)
    text = display.closed_form(shown, told, found)
    if text is not None:
        return f"{head}: {text}>"
    return f"{head}, by steps:\n" + "\n".join(display.ends_of_steps(shown)) + ">"


def latex_or_none(tensor: Tensor, told: Told = lambda tensor: "", found: Found | None = None) -> str | None:
    """LaTeX for a notebook; None where the text says more: the tensor has a value, or no short formula."""
    if shown_value(tensor) is not None:
        return None
    from tracer.formulas import display

    shown = as_tensor(tensor)
    text = display.closed_latex(shown, told, found)
    return None if text is None else f"$\\displaystyle {text}$"


def bundle(tensor: Tensor, told: Told = lambda tensor: "", written: Told = lambda tensor: "") -> dict[str, str]:
    """The text and the LaTeX of a tensor by their MIME types, of one reading of its formula.

    Examples
    --------
    >>> import tracer
    >>> bundle(tracer.symbols("x") ** 2)["text/latex"]
    '$\\\\displaystyle x^{2}$'
    """
    if shown_value(tensor) is not None:
        return {"text/plain": describe(tensor, told)}
    from tracer.formulas.display import read_shorter

    found = read_shorter(as_tensor(tensor))
    latex = latex_or_none(tensor, written, found)
    return {"text/plain": describe(tensor, told, found)} | ({} if latex is None else {"text/latex": latex})
