"""What a tensor answers when its formula is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tracer.formulas import components, matrix, steps
from tracer.formulas.lower import lower
from tracer.tensor import Tensor, as_tensor, hooks


def _matrix(tensors: Sequence[Tensor]) -> list[Any]:
    return [matrix.matrix(term) for term in lower(tensors)]


FORMS: dict[str, Callable[[Sequence[Tensor]], Any]] = {"matrix": _matrix, "components": components.components}


def formula(tensors: Any, form: str = "matrix") -> Any:
    """The closed form of one tensor or of several.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
    form : {"matrix", "index", "components", "steps", "latex", "python"}
        A sympy matrix expression; Einstein notation; element by element; named subexpressions in order; LaTeX; one
        NumPy expression.

    Returns
    -------
    sympy object or str, or a list of them
        As the form says. For ``"steps"``, a list of pairs (symbol, expression) and the list of results.

    Raises
    ------
    ValueError
        If there is no closed form of this kind; the message names the operation and the forms there are.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", ("n", "d")), tracer.placeholder("w", ("d",))
    >>> print(tracer.formula(tracer.gradients(tracer.reduce_sum((X @ w) ** 2), w)[0]))
    2*X.T*X*w
    """
    single = not isinstance(tensors, (list, tuple))
    given = [as_tensor(t) for t in ([tensors] if single else tensors)]
    if form == "steps":
        return steps.steps(given)
    if form not in FORMS:
        raise ValueError(f"form={form!r} is unknown; the forms are {', '.join(map(repr, [*FORMS, 'steps']))}")
    answers = FORMS[form](given)
    return answers[0] if single else answers


def own_expression(t: Tensor) -> Any:
    """A node's expression in the symbols of its parents."""
    if not t.args and t.rule.name in ("variable", "constant", "placeholder"):
        return steps.source_symbol(t, t.name)
    return steps.own_expression(t, [steps.symbol_for(a.name, a.shape) if isinstance(a, Tensor) else a for a in t.args])


hooks["formula"] = formula
hooks["components"] = lambda t: formula(t, "components")
hooks["expr"] = own_expression
