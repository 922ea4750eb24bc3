"""Every case through tracer: the formula says what the book says, about as shortly, or is refused by name."""

from typing import Any

import numpy as np
import pytest

import tracer
from tests.helpers import assert_each
from tracer.formulas.errors import FormulaError

from .cases import CASES
from .derive import compiled_faults, derivative, differs, formula_faults, length_fault

pytestmark = pytest.mark.unchecked

REFUSED: set[str] = set()
"""What has no closed form; the error says which form there is. One that has a form now fails its test."""

WITHOUT_TEXT = {"cookbook-128", "dirichlet", "expected-improvement-mean", "gelu", "probit"}
"""What NumPy has no function for."""

LONG = {"batch-norm-by-b", "cholesky", "power-by-exponent"}
"""What is longer than one and a half times the book's formula. One that is so no more fails its test."""


def assert_formula_is_right_and_readable_or_refused(name: str, tensor: Any, inputs: list[Any]) -> None:
    if name in REFUSED:
        with pytest.raises(FormulaError, match="steps"):
            tensor.formula()
        return
    formula = tensor.formula()
    assert not list(formula_faults(CASES[name], formula, trials=1)), formula
    assert bool(length_fault(CASES[name], formula)) == (name in LONG), formula


def assert_compiled_derivative_is_right(name: str, tensor: Any, inputs: list[Any]) -> None:
    function = tracer.compile(tensor, inputs, backend="numpy")
    assert not list(compiled_faults(CASES[name], function)), function.source


def assert_python_text_is_right_or_refused(name: str, tensor: Any, inputs: list[Any]) -> None:
    """The text is one expression of NumPy: Python reads it."""
    case = CASES[name]
    if name in WITHOUT_TEXT:
        with pytest.raises(FormulaError, match="steps"):
            tracer.formula(tensor, form="python")
        return
    text = tracer.formula(tensor, form="python")
    for sizes, arrays in map(case.sample, range(2)):
        with np.errstate(all="ignore"):
            got = eval(text, {"np": np}, sizes | arrays)
        assert not differs(got, case.reference(arrays)), text


CHECKS = [
    assert_formula_is_right_and_readable_or_refused,
    assert_compiled_derivative_is_right,
    assert_python_text_is_right_or_refused,
]


@pytest.mark.parametrize("name", CASES)
def test_derivative_is_right_in_all_forms(name: str) -> None:
    traced = derivative(tracer, CASES[name])
    assert_each(lambda check: check(name, *traced), {check.__name__: (check,) for check in CHECKS})


def test_exceptions_are_few() -> None:
    assert CASES.keys() >= WITHOUT_TEXT | LONG
    assert len(REFUSED | LONG) <= len(CASES) / 20
