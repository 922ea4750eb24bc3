"""Errors of formulas."""

from tracer.terms.failures import FormulaError as FormulaError
from tracer.terms.failures import TooLong as TooLong


def no_matrix_form(what: str) -> FormulaError:
    """The error of what has no place in matrix notation, with the forms that there are."""
    return FormulaError(
        f'{what} has no closed form in matrix notation; the form "steps" and, for concrete shapes, "components" are '
        'available: tracer.formula(tensor, form="steps")'
    )
