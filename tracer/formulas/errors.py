"""Errors of formulas."""


class FormulaError(ValueError):
    """A formula that cannot be written in the form asked for."""


class TooLong(FormulaError):
    """A closed form that would be longer than anyone reads."""


def no_matrix_form(what: str) -> FormulaError:
    """The error of what has no place in matrix notation, with the forms that there are."""
    return FormulaError(
        f'{what} has no closed form in matrix notation; the form "steps" and, for concrete shapes, "components" are '
        'available: tracer.formula(tensor, form="steps")'
    )
