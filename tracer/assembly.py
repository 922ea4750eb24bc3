"""What the layers above lend to tensors: the one list.

A tensor's methods call operations that are made of tensors, and readers that know all operations. The readers of
formulas, the generator of code and NumPy's functions are imported when they are first called.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sympy

from tracer import protocols
from tracer.backends import concrete, evaluate
from tracer.branches import note_branch
from tracer.formulas.description import bundle, describe, latex_or_none
from tracer.formulas.reading import formula, own_expression
from tracer.guard import refuse_departure
from tracer.ops.casting import cast
from tracer.ops.contraction import matmul, transpose
from tracer.ops.indexing import getitem, unstack
from tracer.ops.structure import stack
from tracer.shapes import Dim
from tracer.tensor import Lent, Tensor, lend
from tracer.variable import assign_elements


def _as_dimension(tensor: Tensor) -> Dim:
    from tracer.formulas.sizes import dimension_of

    return dimension_of(tensor)


def _known_size(tensor: Tensor) -> Dim | None:
    from tracer.formulas.sizes import known_size

    return known_size(tensor)


def _components(tensor: Tensor) -> sympy.Basic:
    return formula(tensor, "components")


def _explain(target: Any, sources: Any, tape: Any) -> Any:
    from tracer.explanations.connections import explain

    return explain(target, sources, tape)


def _restate(outputs: Sequence[Tensor]) -> list[Tensor] | None:
    from tracer.formulas.restating import restate_all

    return restate_all(outputs)


def _continue_value(tensor: Tensor, given: Any, value: Any) -> Any:
    from tracer.explanations.continuation import continue_value

    return continue_value(tensor, given, value)


def _describe(tensor: Tensor) -> str:
    return describe(tensor, _tell_conditions)


def _closed_form(tensor: Tensor) -> str | None:
    from tracer.formulas.display import closed_form

    return closed_form(tensor)


def _latex(tensor: Tensor) -> str | None:
    return latex_or_none(tensor, _write_conditions)


def _bundle(tensor: Tensor) -> dict[str, str]:
    """The text and the LaTeX of a tensor: what both have is found once."""
    from tracer.explanations.shown_conditions import find_shown, tell_conditions, write_conditions

    find = cache(find_shown)
    return bundle(tensor, lambda t: tell_conditions(t, find), lambda t: write_conditions(t, find))


def _tell_conditions(tensor: Tensor) -> str:
    from tracer.explanations.shown_conditions import tell_conditions

    return tell_conditions(tensor)


def _write_conditions(tensor: Tensor) -> str:
    from tracer.explanations.shown_conditions import write_conditions

    return write_conditions(tensor)


lend(
    Lent(
        cast=cast,
        getitem=getitem,
        matmul=matmul,
        stack=stack,
        transpose=transpose,
        unstack=unstack,
        assign_elements=assign_elements,
        branch=note_branch,
        concrete=concrete,
        evaluate=evaluate,
        continue_value=_continue_value,
        restate=_restate,
        guard=refuse_departure,
        as_dimension=_as_dimension,
        known_size=_known_size,
        closed_form=_closed_form,
        components=_components,
        describe=_describe,
        explain=_explain,
        expression=own_expression,
        formula=formula,
        latex=_latex,
        bundle=_bundle,
        array_function=protocols.array_function,
        array_ufunc=protocols.array_ufunc,
        attribute=protocols.attribute,
        namespace=protocols.namespace,
    )
)
