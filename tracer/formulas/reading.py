"""What a tensor answers when its formula is asked for.

The notations are imported when a formula is first read: tracing and differentiating do not need them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from math import inf
from typing import Any

import sympy

from tracer.formulas.budget import FORMULA, reading
from tracer.nest import shown
from tracer.tensor import SOURCES, Tensor, TensorLike, as_tensor, source_names

Read = Callable[[Sequence[Tensor]], Any]


def _from_graph(name: str) -> Read:
    """A notation that is written from the graph, by the module and the function of its name."""

    def read(tensors: Sequence[Tensor]) -> Any:
        return getattr(import_module(f"tracer.formulas.notations.{name}"), name)(tensors)

    return read


def _from_terms(module: str, function: str) -> Read:
    """A notation that is written from terms."""

    def read(tensors: Sequence[Tensor]) -> Any:
        from tracer.formulas.lowering.lower import lower_program

        return getattr(import_module(f"tracer.formulas.{module}"), function)(lower_program(tensors))

    return read


FORMS: dict[str, Read] = {
    "matrix": _from_terms("matrix.writer", "matrices"),
    "index": _from_terms("notations.index", "index"),
    "components": _from_graph("components"),
    "steps": _from_graph("steps"),
    "latex": _from_terms("notations.latex", "latex"),
    "python": _from_terms("notations.python", "python"),
    "kronecker": _from_terms("notations.kronecker", "kronecker"),
}


def read(tensors: Sequence[Tensor], form: str, limit: float) -> Any:
    """Tensors in a form, found with so much work; steps take as much as there are."""
    with reading(limit if form != "steps" else inf, tensors[-1].name if tensors else "nothing"):
        return FORMS[form](tensors)


def formula(tensors: TensorLike | Sequence[TensorLike], form: str = "matrix") -> Any:
    """The closed form of one tensor or of several.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
    form : {"matrix", "index", "components", "steps", "latex", "python", "kronecker"}
        A sympy matrix expression; Einstein notation; element by element; named subexpressions in order; LaTeX; one
        NumPy expression; for the derivative of a matrix by a matrix, the matrix of ``vec`` by ``vec``, where ``vec``
        puts columns below one another.

    Returns
    -------
    sympy object or str, or a list of them
        As the form says. For ``"steps"``, a list of pairs (symbol, expression) and the list of results.

    Raises
    ------
    ValueError
        If there is no closed form of this kind, or finding it takes more than a fixed amount of work, which ``"steps"``
        never does; the message names the operation and the forms there are.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", ("n", "d")), tracer.placeholder("w", ("d",))
    >>> gradient = tracer.gradients(tracer.reduce_sum((X @ w) ** 2), w)[0]
    >>> tracer.formula(gradient)
    2*X.T*X*w
    >>> tracer.formula(gradient, form="latex")
    '2 X^{\\\\top} X w'
    """
    if not isinstance(form, str) or form not in FORMS:
        raise ValueError(f"form={shown(form)} is unknown; the forms are {', '.join(map(repr, FORMS))}")
    single = not isinstance(tensors, (list, tuple))
    given = list(map(as_tensor, tensors)) if isinstance(tensors, (list, tuple)) else [as_tensor(tensors)]
    answers = read(given, form, FORMULA)
    return answers[0] if single and form != "steps" else answers


def own_expression(t: Tensor) -> sympy.Basic:
    """A node's expression in the symbols of its parents."""
    from tracer.formulas.notations import steps

    if t.rule in SOURCES:
        return steps.source_symbol(t, t.name)
    names = parent_names(t)
    symbols = [steps.symbol_for(names[a.node], a.shape) if isinstance(a, Tensor) else a for a in t.args]
    return steps.own_expression(t, symbols)


def parent_names(t: Tensor) -> dict[int, str]:
    """The names of a node's parents in its expression, those of different sources being different."""
    parents = {a.node: a for a in t.args if isinstance(a, Tensor)}
    labelled = [a for a in parents.values() if a.label is not None]
    return {k: a.name for k, a in parents.items()} | source_names(labelled)
