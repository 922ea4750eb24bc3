"""Which of the relations that are assumed a formula is shorter by; equations are written as those of matrices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sympy
from sympy.logic.boolalg import Boolean

from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.lowering.lower import lower_program, lower_sides
from tracer.formulas.matrix.members import matrices
from tracer.formulas.matrix.writer import matrix
from tracer.tensor import Tensor
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.terms.work import Budget
from tracer.walk import ancestors


def find_used(tensor: Tensor, assumed: Sequence[Tensor], work: int) -> list[Tensor]:
    """The relations without which the formula of a tensor is another one.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> positive, greater = x > 0, x > y
    >>> find_used(tracer.abs(x), [greater, positive], 10_000) == [positive]
    True
    >>> find_used(x + 1, [greater, positive], 10_000)
    []
    """
    used = list_about(tensor, assumed)
    whole = _count_parts(tensor, used, work)
    for e in list(used):
        fewer = [other for other in used if other is not e]
        if whole is not None and _count_parts(tensor, fewer, work) == whole:
            used = fewer
    return used


def list_about(tensor: Tensor, assumed: Sequence[Tensor]) -> list[Tensor]:
    """The relations of sources that a tensor depends on, and of sources that these relations compare with them."""
    sources = {t.node for t in ancestors([tensor]) if t.label is not None}
    compared = {e.node: {t.node for t in ancestors([e]) if t.label is not None} for e in assumed}
    while grown := [own for own in compared.values() if own & sources and not own <= sources]:
        sources = sources.union(*grown)
    return [e for e in assumed if compared[e.node] & sources]


def _count_parts(tensor: Tensor, assumed: Sequence[Tensor], work: int) -> Counter[object] | None:
    """How often each part stands in a formula where relations hold, in whatever order; None where it is too long."""
    try:
        (made,) = matrices(lower_program([tensor], Budget(work, tensor.name), assumed))
    except (FormulaError, TooLong):
        return None
    return Counter(part.func if part.args else part for part in sympy.preorder_traversal(made))


def write_equation(equation: Tensor, names: dict[int, str], work: int) -> Boolean:
    """An equation of tensors as one of matrices or numbers; by its name where it is too long.

    Examples
    --------
    >>> import tracer
    >>> p = tracer.placeholder("p", ("n",))
    >>> write_equation(tracer.Eq(tracer.reduce_sum(p), 1), {p.node: "p"}, 10_000)
    Eq(sum(p), 1)
    """
    n = Normaliser(STANDARD, Budget(work, equation.name))
    try:
        left, right = (matrix(side, n) for side in lower_sides(n, equation, {}, names))
    except (FormulaError, TooLong):
        return sympy.Symbol(equation.name)
    return sympy.Eq(left, right, evaluate=False)
