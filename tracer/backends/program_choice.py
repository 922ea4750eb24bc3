"""Which program computes outputs: as they were written, or as their closed forms say.

The closed form is taken where it takes less work, and where it has a value and the program none.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer import tensor as tensors
from tracer.dtypes import FLOATS
from tracer.program.effort import measure_effort
from tracer.program.gaps import Gap, find_gap
from tracer.program.lines import Kind, Line
from tracer.program.program import Program
from tracer.program.reach import measure_reach
from tracer.rules import argument
from tracer.scalar import erf_above, erfcx, expm1, log1p
from tracer.tensor import SOURCES, Tensor
from tracer.walk import list_pole_operands

FEW, SHORT = 8, 2000
"""Of so many outputs at the most, and of so many lines, closed forms are looked at where there is no value."""

BRIEF = 300
"""Of so many lines closed forms are looked at for their work."""

GAIN = 0.75
"""A form that takes more of the work of a program is not worth that its steps are not those of the user."""

NEARER = 0.95
"""What it may take if it overflows later."""

NOT_A_NUMBER = sympy.Ne(argument(0), argument(0), evaluate=False)
"""What is asked of a value to know whether it is NaN."""

CAREFUL = (expm1, log1p, erf_above, erfcx, sympy.erfc)
"""Functions whose closed form may have a difference in their place: ``1 + x - exp(x)``."""

MOD = argument(0) - argument(1) * sympy.floor(argument(0) / argument(1))
"""The remainder, which libraries compute without a quotient that overflows or rounds."""


def choose_program(outputs: list[Tensor], inputs: list[Tensor]) -> Program:
    """The program of outputs by their closed forms where that is better, else as they were written."""
    program = Program(outputs, inputs).factor_sums()
    if len(outputs) > FEW or len(program.lines) > SHORT or any(t.rule not in SOURCES for t in inputs):
        return program
    gap = find_gap(program)
    if _may_be_restated(program, gap, [*outputs, *inputs]):
        restated = tensors.lent.restate(outputs)
        form = None if restated is None else Program(restated, inputs).factor_sums()
        if form is not None and _is_better(form, program, inputs):
            program, gap = form, find_gap(form)
    if gap:
        own = [gap] if len(outputs) == 1 else [find_gap(Program([t], inputs)) for t in program.outputs]
        filled = [_fill_gap(t, inputs, found) for t, found in zip(program.outputs, own)]
        if any(new is not old for new, old in zip(filled, program.outputs)):
            program = Program(filled, inputs).factor_sums()
        program = _apply_conventions(program, outputs, inputs)
    program.outputs = outputs
    return program


def _apply_conventions(program: Program, outputs: list[Tensor], inputs: list[Tensor]) -> Program:
    """A program that has values by convention where it has none else; of the closed form only if all gaps are such."""
    if not find_gap(program) or not list_pole_operands(outputs):
        return program
    written = Program(outputs, inputs, conventions=True).factor_sums()
    return written if find_gap(written) else Program(program.outputs, inputs, conventions=True).factor_sums()


def _is_better(form: Program, program: Program, inputs: list[Tensor]) -> bool:
    """Whether closed forms have values, and limits, wherever a program has, overflow no earlier, and take less work.

    Where they overflow later it is enough that they take a little less.
    """
    reaches = [*zip(measure_reach(form), measure_reach(program))]
    if any(new > old for new, old in reaches) or find_gap(form) > find_gap(program):
        return False
    gain = NEARER if any(new < old for new, old in reaches) else GAIN
    if measure_effort(form) > gain * measure_effort(program):
        return False
    if not _find_careful(program) <= _find_careful(form) | _find_named(form):
        return False
    return not program.continued or all(
        _keeps_limits(Program([new], inputs), Program([old], inputs)) for new, old in zip(form.outputs, program.outputs)
    )


def _find_careful(program: Program) -> set[object]:
    """The functions in a program that keep digits which a difference in their place would lose."""
    templates = {line.params for line in program.lines if line.op is Kind.ELEMENTWISE}
    found: set[object] = {head for head in CAREFUL if any(t.has(head) for t in templates)}
    return found | ({MOD} & templates)


def _find_named(program: Program) -> set[object]:
    """The functions that keep digits in a difference of exponentials, where one that has a name is in a program."""
    templates = [line.params for line in program.lines if line.op is Kind.ELEMENTWISE]
    return {expm1} if any(t.has(sympy.sinh, sympy.tanh) for t in templates) else set()


def _keeps_limits(form: Program, program: Program) -> bool:
    """Whether a closed form has its limit where it is 0/0, if the program has."""
    return bool(form.continued) or not program.continued or not find_gap(form)


def _may_be_restated(program: Program, gap: Gap, ends: Sequence[Tensor]) -> bool:
    """Whether the closed form of a program has its values.

    In a region where a program has no value, a form may have one: the square of a root. It does not round as a cast
    does, and no number that it is about differs from itself, as NaN does.

    For arrays of more axes than what is given and asked for it may have products of matrices, as
    ``x**2 + y**2 - 2*x*y`` is of squared differences, and lose digits by that.
    """
    most = max(len(t.shape) for t in ends)
    cast = [o for line in program.lines if line.op is Kind.CAST for o in line.operands]
    rounds = any(isinstance(o, Line) and o.dtype in FLOATS for o in cast)
    asks = any(line.op is Kind.ELEMENTWISE and line.params == NOT_A_NUMBER for line in program.lines)
    thick = any(len(line.shape) > most for line in program.lines)
    return gap < Gap.REGION and len(program.lines) <= BRIEF and not (rounds or thick or asks)


def _fill_gap(output: Tensor, inputs: list[Tensor], gap: Gap) -> Tensor:
    """The closed form of an output if its program lacks a value at some points alone, and that of the form nowhere."""
    restated = tensors.lent.restate([output]) if gap is Gap.POINTS else None
    return output if restated is None or find_gap(Program(restated, inputs)) else restated[0]
