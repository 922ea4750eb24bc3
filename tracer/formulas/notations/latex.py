"""Formulas in LaTeX, in the notation of a textbook."""

from __future__ import annotations

from collections.abc import Set

import sympy

from tracer.formulas.budget import PRINTED
from tracer.formulas.counting import count_written
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.batch_classes import find_member
from tracer.formulas.matrix.classes import OneMatrix
from tracer.formulas.matrix.function_classes import band_part
from tracer.formulas.matrix.index_latex import reserve_indices, show_limits
from tracer.formulas.matrix.latex_printer import Latex, calls_nothing_e
from tracer.formulas.matrix.members import write_matrix
from tracer.formulas.matrix.slices import has_arrays
from tracer.formulas.notations.index import einstein
from tracer.terms.normalise import Normaliser
from tracer.terms.record import Term


def latex(program: Lowered, bold: bool = False) -> list[str]:
    """The closed forms of a program in LaTeX, in the notation of a textbook."""
    return [_write_latex(term, program.normaliser, program.names, bold) for term in program.terms]


def _write_latex(term: Term, n: Normaliser, taken: Set[str], bold: bool) -> str:
    """A term in LaTeX: in matrix notation where that has a place for it and says all, else in index notation."""
    try:
        made = write_matrix(term, n)
    except FormulaError:
        made = None
    indexed = made is None or not says_all(made)
    if indexed:
        made = einstein(term, n, taken)
    n.spend(PRINTED * count_written(made, lambda part: 1, n.budget))
    printer = reserve_indices(Latex(calls_nothing_e(made), bold), taken)
    return str((show_limits(printer) if indexed else printer).doprint(made))


def says_all(made: sympy.Expr) -> bool:
    """Whether matrix notation is for people: arrays of arrays are not, and what a triangle of ones adds up is a sum."""
    arrays = has_arrays(find_member(made))
    return not arrays and not any(isinstance(m.args[0], OneMatrix) for m in made.atoms(band_part))
