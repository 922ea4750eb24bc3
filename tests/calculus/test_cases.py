"""Every case through tracer: the formula says what the book says, about as shortly, or is refused by name."""

from functools import cache
from typing import Any

import numpy as np
import pytest

import tracer

from .cases import CASES
from .derive import compiled_faults, derivative, differs, formula_faults, length_fault

pytestmark = pytest.mark.unchecked

REFUSED = {"batched-logdet", "product-of-entries"}
"""What need not have a closed form; an error must say which form there is."""

WITHOUT_TEXT = {*REFUSED, "cookbook-128", "gelu", "probit"}
"""What NumPy has no function for."""

LONG = {"batch-norm-by-b", "cholesky", "cosine-normalised", "power-by-exponent"}
"""What may be longer than one and a half times the book's formula."""


@cache
def derived(name: str) -> tuple[Any, list[Any]]:
    return derivative(tracer, CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_formula_is_right_and_readable_or_refused(name: str) -> None:
    try:
        formula = derived(name)[0].formula()
    except ValueError as error:
        if name in REFUSED and "steps" in str(error):
            return
        raise
    assert not list(formula_faults(CASES[name], formula)), formula
    assert name in LONG | REFUSED or not length_fault(CASES[name], formula), formula


@pytest.mark.parametrize("name", CASES)
def test_compiled_derivative_is_right(name: str) -> None:
    traced, inputs = derived(name)
    function = tracer.compile(traced, inputs, backend="numpy")
    assert not list(compiled_faults(CASES[name], function)), function.source


@pytest.mark.parametrize("name", CASES)
def test_python_text_is_right_or_refused(name: str) -> None:
    """The text is one expression of NumPy: Python reads it."""
    case = CASES[name]
    try:
        text = tracer.formula(derived(name)[0], form="python")
    except ValueError as error:
        if name in WITHOUT_TEXT and "steps" in str(error):
            return
        raise
    for sizes, arrays in map(case.sample, range(2)):
        with np.errstate(all="ignore"):
            got = eval(text, {"np": np}, sizes | arrays)
        assert not differs(got, case.reference(arrays)), text


def test_exceptions_are_few() -> None:
    assert CASES.keys() >= WITHOUT_TEXT | LONG
    assert len(REFUSED | LONG) <= len(CASES) / 20
