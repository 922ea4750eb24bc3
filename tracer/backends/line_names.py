"""What values are called in code: by the user's own names where there are some, else by what they are."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.binding import name_bound_at
from tracer.nest import is_flat, list_paths
from tracer.places import Place
from tracer.program.lines import Kind, Line
from tracer.program.program import Program
from tracer.tensor import Tensor

NOUNS = {
    "add": "total", "add_n": "total", "subtract": "difference", "multiply": "product", "divide": "quotient",
    "negative": "opposite", "reciprocal": "inverse", "pow": "raised", "square": "squared", "exp": "exponential",
    "log": "logarithm", "sqrt": "root", "maximum": "larger", "minimum": "smaller", "where": "choice",
    "matmul": "product", "tensordot": "product", "einsum": "contraction", "vdot": "product", "sum": "total",
    "reduce_sum": "total", "reduce_mean": "mean", "reduce_max": "largest", "reduce_min": "smallest",
    "reduce_prod": "product", "softmax": "probabilities", "sigmoid": "probability", "transpose": "transposed",
    "matrix_transpose": "transposed", "swapaxes": "transposed", "reshape": "reshaped", "stack": "stacked",
    "concatenate": "joined", "inv": "inverse", "solve": "solution", "embed": "diagonal_matrix",
    "Add": "total", "Mul": "product", "Pow": "raised", "Square": "squared", "Quotient": "inverse",
}  # fmt: skip
"""What the value of an operation is called, by the operation, the function of NumPy, or the class of a template."""


OPERATORS = frozenset(("add", "subtract", "multiply", "divide", "negative", "reciprocal", "pow", "square"))
"""Operations that code has no function for."""


def name_lines(program: Program) -> dict[Line, str]:
    """The names of lines whose values the user bound to a variable, or named."""
    found = {line: _read_variable(place) for place, line in program.placed.items()}
    found |= {r: name_output(t) for t, r in zip(program.outputs, program.results) if type(r) is Line}
    return {line: name for line, name in found.items() if name}


def name_output(tensor: Tensor) -> str:
    """What the user calls a result: its name, its variable, or that of the source that it is the gradient by."""
    if tensor.label:
        return str(tensor.label)
    source = tensor.derived and tensor.derived.sources[0].label
    return f"grad_{source}" if source else _read_variable(tensor.place)


def name_results(outputs: Sequence[Tensor], structure: object = ()) -> list[str]:
    """What results are called, by the user or by their places in a nest."""
    if structure is not None and not is_flat(structure):
        return list_paths(structure)
    single = len(outputs) == 1
    return [name_output(t) or ("result" if single else f"result {k}") for k, t in enumerate(outputs, 1)]


def _read_variable(place: Place) -> str:
    """The variable that a call of the user's code is bound to; nothing for none, or for what a gradient rule called."""
    if place is None or len(place) > 2 or place[0] is None:
        return ""
    return name_bound_at(place[0], place[1]) or ""


def _classify(template: sympy.Basic) -> str:
    """The class of a template; of powers, the kind."""
    if isinstance(template, sympy.Pow):
        if template.exp == 2:
            return "Square"
        if template.exp.could_extract_minus_sign():
            return "Quotient"
    return type(template).__name__


def describe_value(line: Line, head: str, operand: str) -> str:
    """A noun for a value, given the function that its code begins with, and the name of its one operand, if it has one.

    Examples
    --------
    >>> describe_value(Line(Kind.SUM, (), None, (), "float64"), "sum", "")
    'total'
    """
    own = line.name if "_grad" not in line.name and line.name != "from_sympy" else ""
    if head and own in OPERATORS:  # it was written as an operator, and is computed by another function
        own = ""
    own = own or head
    if line.op is Kind.ELEMENTWISE and own in ("", "pow"):
        own = _classify(line.params)
    own = own or str(getattr(line.op, "name", "value")).lower()
    if operand and own == head:
        return f"{head}_{operand}"
    return NOUNS.get(own, own)
