"""Errors of formulas."""


class FormulaError(ValueError):
    """A formula that cannot be written in the form asked for."""


class TooLong(FormulaError):
    """A closed form that would be longer than anyone reads."""


class RewriteLoop(FormulaError):
    """A rule without an end: a term is met again while it is being brought into normal form."""

    def __init__(self, what: str) -> None:
        super().__init__(f'{what}; the form "steps" needs no rules: tracer.formula(tensor, form="steps")')
