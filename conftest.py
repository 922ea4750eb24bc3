"""What every test and every example of the documentation has: its formulas are verified, and its values' shapes."""

import math
import sys

import numpy as np
import pytest
import sympy

from tests.stated import line_faults, misstated
from tracer import tensor as tensors_module
from tracer.backends import compilation, evaluation
from tracer.formulas import reading
from tracer.formulas.assuming import assumed
from tracer.formulas.budget import FORMULA
from tracer.formulas.errors import FormulaError
from tracer.program.lines import LEAVES
from tracer.tensor import SOURCES
from tracer.terms.work import Budget
from tracer.testing.verification import compare
from tracer.walk import ancestors

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
        return MATRIX(tensors, Budget(FORMULA))
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
        def answered(tensors, budget):
            answers = read(tensors, budget)
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


LONGEST = 400
"""Programs of more lines are not looked at line by line."""


@pytest.fixture(autouse=True)
def values_as_stated(request, monkeypatch):
    """Every value that is evaluated or compiled has its tensor's shape and dtype, and so has every line on the way."""
    if request.node.get_closest_marker("unchecked"):
        yield
        return
    faults = []
    run, evaluate, call = evaluation.run, evaluation.evaluate, compilation.Compiled.__call__

    def ran(program, values, sizes, refused=None):
        results = run(program, values, sizes, refused)
        if refused is not None:
            return results  # what is refused has no lines to look at
        leaves = {line: value for line, value in values.items() if line.op in LEAVES}
        if sum(map(np.size, leaves.values())) <= MOST_ELEMENTS and len(program.lines) <= LONGEST:
            faults.extend(line_faults(program, leaves, sizes))
        for line, value in zip(program.results, results):
            if type(line) is evaluation.Line and (fault := misstated(value, line.shape, line.dtype, sizes)):
                faults.append(f"a result: {fault}")
        return results

    def evaluated(tensor, feed):
        value = evaluate(tensor, feed)
        if fault := misstated(value, tensor.shape, tensor.dtype, {}):
            faults.append(f"{tensor.name}: {fault}")
        return value

    def called(self, *values):
        results = call(self, *values)
        sizes = {}
        for tensor, value in zip(self._inputs, values):
            sizes.update((d, n) for d, n in zip(tensor.shape, np.shape(value)) if isinstance(d, sympy.Symbol))
        for tensor, value in zip(self._outputs, [results] if self._single else results):
            if fault := misstated(value, tensor.shape, tensor.dtype, sizes):
                faults.append(f"{tensor.name}, compiled: {fault}")
        return results

    monkeypatch.setattr(evaluation, "run", ran)
    monkeypatch.setattr(tensors_module, "lent", tensors_module.lent._replace(evaluate=evaluated))
    monkeypatch.setattr(compilation.Compiled, "__call__", called)
    yield
    assert not faults, "\n".join(faults)


def pytest_addoption(parser):
    parser.addoption("--every-case", action="store_true", help="read back the text of all cases, not of a sample")


def pytest_collection_modifyitems(items):
    """Examples run where a function is defined, and not again where it is public."""
    items[:] = [item for item in items if not _is_repeated(getattr(item, "dtest", None))]


def _is_repeated(example):
    if example is None:
        return False
    module, _, name = example.name.rpartition(".")
    wrapped = getattr(vars(sys.modules[module]).get(name), "__wrapped__", None) if module in sys.modules else None
    return wrapped is not None and wrapped.__module__ != module
