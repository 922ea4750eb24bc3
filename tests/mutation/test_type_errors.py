"""The text of a module with a fault, and what the type checker says of it."""

import ast
import subprocess
from pathlib import Path

import pytest

from . import type_errors
from .targets import Module, all_faults
from .type_errors import has_type_error, source_with

MODULE = Module("tracer.ops.scan")
FAULTS = {f.name: f for f in all_faults([MODULE])}
SOURCE = Path(MODULE.path).read_text()
GRADIENT = FAULTS["tracer.ops.scan._cumsum_pullback: `not backwards` -> `backwards`"]


def test_a_text_differs_in_the_fault_alone():
    changed = [new for old, new in zip(SOURCE.splitlines(), source_with(GRADIENT, SOURCE).splitlines()) if old != new]
    assert len(changed) == 1
    assert "(backwards)" in changed[0]


def test_the_text_of_each_fault_can_be_read():
    for fault in list(FAULTS.values())[::5]:
        assert ast.dump(ast.parse(source_with(fault, SOURCE))) != ast.dump(MODULE.tree), fault.name


@pytest.mark.parametrize(("status", "said", "refused"), [(0, "Success", False), (1, "a.py:1: error: no", True)])
def test_what_mypy_refuses(monkeypatch, status, said, refused):
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: subprocess.CompletedProcess((), status, said, ""))
    assert has_type_error(GRADIENT, MODULE) is refused


def test_a_checker_that_does_not_run_is_no_answer(monkeypatch):
    monkeypatch.setattr(type_errors.sys, "executable", "python")
    done = subprocess.CompletedProcess((), 1, "", "No module named mypy")
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: done)
    with pytest.raises(RuntimeError, match="mypy does not run: No module named mypy"):
        has_type_error(GRADIENT, MODULE)
