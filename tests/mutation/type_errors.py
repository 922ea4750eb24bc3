"""Asks the type checker about a fault: with what it refuses nothing could be released."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

from .targets import Fault, Module


def has_type_error(fault: Fault, module: Module) -> bool:
    """Whether mypy refuses the module with the fault."""
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder, "changed.py")
        changed.write_text(source_with(fault, Path(module.path).read_text()))
        command = [sys.executable, "-m", "mypy", "--shadow-file", module.path, str(changed), module.path]
        done = subprocess.run(command, capture_output=True, text=True)
    refused = done.returncode == 1 and ": error: " in done.stdout
    if done.returncode and not refused:
        raise RuntimeError(f"mypy does not run: {done.stdout}{done.stderr}")
    return refused


def source_with(fault: Fault, source: str) -> str:
    """The text of a module with a fault in it; the rest, with its comments, stays as it is."""
    old, parent = fault.mutant.old, fault.mutant.parent
    assert isinstance(old, (ast.expr, ast.stmt))
    assert old.end_lineno is not None
    assert old.end_col_offset is not None
    text = fault.mutant.after
    if isinstance(parent, ast.Return):
        text = text.removeprefix("return ")
    if isinstance(old, ast.expr):
        text = f"({text})"
    # Columns count bytes.
    lines = source.encode().splitlines(keepends=True)
    first, last = lines[old.lineno - 1], lines[old.end_lineno - 1]
    parts = [*lines[: old.lineno - 1], first[: old.col_offset], text.encode()]
    return b"".join([*parts, last[old.end_col_offset :], *lines[old.end_lineno :]]).decode()
