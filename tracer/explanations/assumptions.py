"""Which of the equations that are assumed a formula is shorter by, as relations of matrices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sympy
from sympy.logic.boolalg import Boolean

from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.lowering.lower import lower_program, lower_sides
from tracer.formulas.matrix.writer import matrices, matrix
from tracer.formulas.source_names import source_names
from tracer.tensor import Tensor
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.terms.work import Budget
from tracer.walk import ancestors


def find_used(tensor: Tensor, equations: Sequence[Tensor], work: int) -> list[tuple[Tensor, Boolean]]:
    """The equations without which the formula of a tensor is another one, each as a relation.

    Examples
    --------
    >>> import tracer
    >>> p, x = tracer.placeholder("p", ("n",)), tracer.symbols("x")
    >>> equations = [tracer.Eq(tracer.reduce_sum(p), 1), tracer.Eq(x, 2)]
    >>> [relation for _, relation in find_used(x * x * tracer.reduce_sum(p), equations[:1], 10_000)]
    [Eq(sum(p), 1)]
    >>> find_used(x + 1, equations[:1], 10_000)
    []
    """
    nodes = ancestors([tensor])
    own = {t.node for t in nodes}
    used = [e for e in equations if any(t.node in own and t.label is not None for t in ancestors([e]))]
    whole = _count_parts(tensor, used, work)
    for e in list(used):
        fewer = [other for other in used if other is not e]
        if whole is not None and _count_parts(tensor, fewer, work) == whole:
            used = fewer
    names = source_names(ancestors([tensor, *equations]))
    return [(e, _write_relation(e, names, work)) for e in used]


def _count_parts(tensor: Tensor, equations: Sequence[Tensor], work: int) -> Counter[object] | None:
    """How often each part stands in a formula where equations hold, in whatever order; None where it is too long."""
    try:
        (made,) = matrices(lower_program([tensor], Budget(work, tensor.name), equations))
    except (FormulaError, TooLong):
        return None
    return Counter(part.func if part.args else part for part in sympy.preorder_traversal(made))


def _write_relation(equation: Tensor, names: dict[int, str], work: int) -> Boolean:
    """An equation of tensors as one of matrices or numbers; by its name where it is too long."""
    n = Normaliser(STANDARD, Budget(work, equation.name))
    try:
        left, right = (matrix(side, n) for side in lower_sides(n, equation, {}, names))
    except (FormulaError, TooLong):
        return sympy.Symbol(equation.name)
    return sympy.Eq(left, right, evaluate=False)
