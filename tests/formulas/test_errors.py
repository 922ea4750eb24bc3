"""Errors of formulas: they name what has no formula, and the forms that there are."""

import pytest

import tracer as tf
from tracer.formulas.errors import FormulaError, TooLong, no_matrix_form


@pytest.mark.parametrize("what", ["cumprod of rank 3", "softmax of rank 3"])
def test_what_has_no_matrix_form_is_named_first(what) -> None:
    error = no_matrix_form(what)
    assert isinstance(error, FormulaError)
    assert str(error).startswith(f"{what} has no closed form in matrix notation")


@pytest.mark.parametrize("kind", [FormulaError, TooLong])
def test_each_is_a_value_error(kind) -> None:
    assert issubclass(kind, ValueError)


def test_the_forms_that_it_offers_are_there() -> None:
    x = tf.placeholder("x", (3,))
    total = tf.reduce_sum(tf.sin(tf.gather(x, tf.placeholder("K", (2, 2), dtype="int64"))))
    with pytest.raises(FormulaError, match=r'"steps".*"components"') as refusal:
        total.formula()
    assert str(refusal.value) == str(no_matrix_form("one_hot of rank 3"))
    assert len(tf.formula([total], form="steps")[1]) == 1
    assert tf.formula(total, form="components") is not None
