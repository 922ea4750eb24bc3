"""What every test and every example of the documentation has: the formulas that it asks for are verified."""

import math

import pytest

from tracer.formulas import reading
from tracer.formulas.assuming import assumed
from tracer.formulas.errors import FormulaError
from tracer.formulas.lower import ancestors
from tracer.tensor import SOURCES
from tracer.testing.verification import compare

MATRIX = reading.FORMS["matrix"]

MOST_NODES, MOST_ELEMENTS = 1500, 10_000
"""Formulas of longer programs, of programs of larger concrete sources, and under assumptions, are left out."""


def small(tensors):
    nodes = ancestors(tensors)
    sizes = [math.prod(d for d in t.shape if isinstance(d, int)) for t in nodes if t.rule in SOURCES]
    return len(nodes) <= MOST_NODES and sum(sizes) <= MOST_ELEMENTS and not assumed()


def in_matrix_form(form, tensors, answers):
    if form == "matrix":
        return answers
    try:
        return MATRIX(tensors)
    except FormulaError:
        return None


@pytest.fixture(autouse=True)
def verified_formulas(request, monkeypatch):
    """Evaluate every formula in matrix form, or the one that LaTeX and Python text were made from."""
    if request.node.get_closest_marker("unchecked"):
        yield
        return
    faults = []

    def verified(form, read):
        def answered(tensors):
            answers = read(tensors)
            formulas = in_matrix_form(form, tensors, answers) if small(tensors) else None
            if formulas is not None:
                try:
                    compare(formulas, tensors, trials=1)
                except Exception as error:
                    faults.append(f"{type(error).__name__}: {error}")
            return answers

        return answered

    wrapped = {form: verified(form, reading.FORMS[form]) for form in ("matrix", "latex", "python")}
    for form, read in wrapped.items():
        monkeypatch.setitem(reading.FORMS, form, read)
    yield
    assert not faults, "\n".join(faults)


def pytest_addoption(parser):
    parser.addoption("--every-case", action="store_true", help="read back the text of all cases, not of a sample")
