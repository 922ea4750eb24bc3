"""What a tensor answers when its formula is asked for: the door to the notations.

What a formula depends on enters here, the tensors, the work that may be done, and the relations that are assumed, and
is handed down from here. The notations are imported when a formula is first read: tracing and differentiating do not
need them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from math import inf
from typing import Any

import sympy

from tracer.formulas.assuming import assumed
from tracer.formulas.budget import FORMULA
from tracer.formulas.sympy_caches import bounded_caches
from tracer.interrupts import run_counted
from tracer.nest import shown
from tracer.tensor import SOURCES, Tensor, TensorLike, as_tensor, source_names
from tracer.terms.work import Budget

Notation = Callable[..., Any]
"""What writes tensors with the work of a budget, and maybe with options."""


def _from_graph(name: str) -> Notation:
    """The notation that the module and the function of a name write from the graph."""

    def write(tensors: Sequence[Tensor], budget: Budget) -> Any:
        return getattr(import_module(f"tracer.formulas.notations.{name}"), name)(tensors, budget)

    return write


def _from_terms(module: str, function: str) -> Notation:
    """The notation that a function of a module writes from terms."""

    def write(tensors: Sequence[Tensor], budget: Budget, **options: bool) -> Any:
        from tracer.formulas.lowering.lower import lower_program

        program = lower_program(tensors, budget, assumed())
        return getattr(import_module(f"tracer.formulas.{module}"), function)(program, **options)

    return write


FORMS: dict[str, Notation] = {
    "matrix": _from_terms("matrix.members", "matrices"),
    "index": _from_terms("notations.index", "index"),
    "components": _from_graph("components"),
    "steps": _from_graph("steps"),
    "latex": _from_terms("notations.latex", "latex"),
    "python": _from_terms("notations.python", "python"),
    "where": _from_terms("notations.where", "where"),
    "kronecker": _from_terms("notations.kronecker", "kronecker"),
}

SHOWN: dict[str, Notation] = {"shorter": _from_terms("notations.where", "shorter")}
"""Forms that tensors are printed in, beside these."""

TYPESET = "latex", "where"
"""The forms that letters may be bold in."""


def read(tensors: Sequence[Tensor], form: str, budget: Budget, **options: bool) -> Any:
    """Tensors in a form, found with the work of a budget; pickles and printers leave it as it is written."""
    return run_counted(f"formula of {budget.subject}", budget.limit, _read, tensors, form, budget, **options)


def _read(tensors: Sequence[Tensor], form: str, budget: Budget, **options: bool) -> object:
    from tracer.formulas.matrix.known import keep_all

    with bounded_caches():
        return keep_all({**FORMS, **SHOWN}[form](tensors, budget, **options))


def formula(tensors: TensorLike | Sequence[TensorLike], form: str = "matrix", *, bold: bool = False) -> Any:
    """The closed form of one tensor or of several.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
    form : {"matrix", "where", "index", "components", "steps", "latex", "python", "kronecker"}
        A sympy matrix expression; the same with names for what stands in it several times; Einstein notation; element
        by element; named subexpressions in order; LaTeX; one NumPy expression; for the derivative of a matrix by a
        matrix, the matrix of ``vec`` by ``vec``, where ``vec`` puts columns below one another.
    bold : bool, optional
        Whether the names of vectors and matrices are bold in LaTeX, for the forms ``"latex"`` and ``"where"``.

    Returns
    -------
    sympy object or str, or a list of them
        As the form says. For ``"steps"``, a list of pairs (symbol, expression) and the list of results. For
        ``"where"`` one :class:`Where`, whose ``body`` is a list if a list is given.

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
    >>> tracer.formula(X @ w, form="latex", bold=True)
    '\\\\mathbf{X} \\\\mathbf{w}'
    """
    if not isinstance(form, str) or form not in FORMS:
        raise ValueError(f"form={shown(form)} is unknown; the forms are {', '.join(map(repr, FORMS))}")
    if bold and form not in TYPESET:
        raise ValueError(f"bold letters are for form={' and form='.join(map(repr, TYPESET))}, got form={form!r}")
    single = not isinstance(tensors, (list, tuple))
    wanted = list(map(as_tensor, tensors)) if isinstance(tensors, (list, tuple)) else [as_tensor(tensors)]
    # Steps grow with the graph alone, so that no work is too much for them.
    limit = FORMULA if form != "steps" else inf
    options = {"bold": True} if bold else {}
    answers = read(wanted, form, Budget(limit, wanted[-1].name if wanted else "nothing"), **options)
    if form == "where":
        return answers.only() if single else answers
    return answers[0] if single and form != "steps" else answers


def own_expression(t: Tensor, builders: dict[Any, Any] | None = None) -> sympy.Basic:
    """A node's expression in the symbols of its parents; ``builders`` is what has been found of operations alike."""
    from tracer.formulas.notations import steps

    if t.rule in SOURCES:
        return steps.source_symbol(t, t.name)
    names = parent_names(t)
    symbols = [steps.symbol_for(names[a.node], a.shape) if isinstance(a, Tensor) else a for a in t.args]
    with bounded_caches():
        return steps.own_expression(t, symbols, builders)


def parent_names(t: Tensor) -> dict[int, str]:
    """The names of a node's parents in its expression, those of different sources being different."""
    parents = {a.node: a for a in t.args if isinstance(a, Tensor)}
    labelled = [a for a in parents.values() if a.label is not None]
    return {k: a.name for k, a in parents.items()} | source_names(labelled)
