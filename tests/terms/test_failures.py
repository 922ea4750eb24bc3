"""Errors of formulas are values that were wrong, and say what to ask for instead."""

import pytest

from tracer.terms.failures import FormulaError, RewriteLoop, TooLong


@pytest.mark.parametrize("kind", [FormulaError, TooLong, RewriteLoop])
def test_every_failure_is_caught_as_an_error_of_formulas(kind):
    assert issubclass(kind, FormulaError)
    assert issubclass(kind, ValueError)


def test_a_loop_names_the_form_that_needs_no_rules():
    error = RewriteLoop("the rule answers with itself")
    assert str(error) == (
        'the rule answers with itself; the form "steps" needs no rules: tracer.formula(tensor, form="steps")'
    )
