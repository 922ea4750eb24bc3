"""Errors of formulas."""


class FormulaError(ValueError):
    """A formula that cannot be written in the form asked for."""


class TooLong(FormulaError):
    """A closed form that would be longer than anyone reads."""


def undefined_comparison() -> FormulaError:
    """The error of a condition on what has no value."""
    return FormulaError(
        "what is divided by zero is compared with another number, which has no closed form; the form "
        '"steps" is available: tracer.formula(tensor, form="steps")'
    )


class RewriteLoop(FormulaError):
    """A rule without an end: a term is met again while it is being brought into normal form."""

    def __init__(self, what: str) -> None:
        super().__init__(f'{what}; the form "steps" needs no rules: tracer.formula(tensor, form="steps")')
