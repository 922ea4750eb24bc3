"""Check the gradients of reported-gradients.md, as reported, as mended, and as the frameworks have them now.

    python -m docs.record_reported_gradients

By hand, from the directory of the repository, where the frameworks are installed: it writes the table of the page, and
``reported-gradients.json`` beside it. The reports are data in ``tests/testing/reported``.
"""

import datetime
import json
import re
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings

from tests.testing.reported import CONVENTIONS, REPORTS
from tests.testing.reported.report import Report
from tracer.testing import GradientMismatch, adapters, check_vjp
from tracer.testing.mismatch import show_array

PAGE = Path(__file__).with_name("reported-gradients.md")
MODULES = {"PyTorch": "torch", "JAX": "jax", "TensorFlow": "tensorflow"}
COLUMNS = "report", "operation", "what was wrong", "smallest point found", "derivative", "reported rule", "now"

CLOSE = 1e-9
"""Up to which relative error an answer is right, as in checks of numbers."""


def find_mismatch(report: Report, rule: Callable[..., Any]) -> GradientMismatch | None:
    """What a check of a rule finds."""
    try:
        check_vjp(report.forward, rule, *report.inputs)
    except GradientMismatch as mismatch:
        return mismatch
    return None


def ask_framework(report: Report, found: GradientMismatch) -> str:
    """What the framework of a report answers now at the point that was found."""
    present = report.present
    if present is None:
        return "not run"
    module = import_module(MODULES[report.framework])
    rule = getattr(adapters, MODULES[report.framework])(lambda *arrays: present(module, *arrays))
    try:
        gradient = rule(found.cotangent, *found.inputs)[found.argument]
    except Exception as error:  # What a framework says in place of a gradient is of any class.
        return f"raises {type(error).__name__.lstrip('_')}"
    if gradient is None:
        return "None"
    if np.shape(gradient) != np.shape(found.inputs[found.argument]):
        return show_number(gradient)
    if np.ndim(found.expected):
        return "right"  # What was wrong is the shape.
    value = gradient[found.index]
    return "right" if abs(value - found.expected) <= CLOSE * abs(found.expected) else show_number(value, 12)


def show_number(value: Any, digits: int = 6) -> str:
    """A number in so many digits; of an array its shape."""
    return f"{float(value):.{digits}g}" if np.ndim(value) == 0 else f"of shape {np.shape(value)}"


def describe(report: Report) -> dict[str, Any]:
    """What is known of a report."""
    found = find_mismatch(report, report.wrong)
    row = {
        "thread": report.thread,
        "operation": report.operation,
        "fault": report.fault,
        "caught": found is not None,
        "mended passes": find_mismatch(report, report.mended) is None,
    }
    if found is not None:
        names = "xyz" if len(found.inputs) > 1 else "x"
        row["point"] = ", ".join(f"{n} = {show_array(v)}" for n, v in zip(names, found.inputs))
        six, twelve = ([show_number(v, digits) for v in (found.expected, found.actual)] for digits in (6, 12))
        row["expected"], row["actual"] = six if len(set(six)) > 1 else twelve
        row["now"] = ask_framework(report, found)
    return row


def write_row(row: dict[str, Any]) -> str:
    """A row of the table."""
    repository, number = row["thread"].split("#")
    link = f"[{row['thread']}](https://github.com/{repository}/issues/{number})"
    point = f"`{row['point']}`" if row["caught"] else "not caught"
    told = [row.get(k, "") for k in ("expected", "actual", "now")]
    return f"| {' | '.join([link, row['operation'], row['fault'], point, *told])} |"


def write_section(record: dict[str, Any]) -> str:
    """What the page says of all reports."""
    rows = record["reports"]
    caught, passed = (sum(r[key] for r in rows) for key in ("caught", "mended passes"))
    answers = [r["now"] for r in rows if r["caught"] and r["now"] != "not run"]
    still = sum(not (now == "right" or now.startswith("raises")) for now in answers)
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    summary = f"""Of {len(rows)} reports the check catches **{caught}**, and passes the mended rule of **{passed}**.
Of {len(answers)} operations that were asked now, **{still}** still answer a wrong gradient at the point that was found.
Recorded on {record["recorded"]}, with {versions}.
"""
    table = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}", *map(write_row, rows)]
    return "\n".join([summary, *table, ""])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    settings.register_profile("recorded", derandomize=True, database=None, deadline=None)
    settings.load_profile("recorded")
    record = {
        "recorded": datetime.date.today().isoformat(),
        "versions": {name: import_module(module).__version__ for name, module in MODULES.items()},
        "reports": [describe(report) for report in REPORTS],
        "conventions": [describe(report) for report in CONVENTIONS],
    }
    PAGE.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    text = re.sub(r"(## The reports\n\n).*?(?=\n## )", lambda m: m[1] + write_section(record), text, flags=re.DOTALL)
    PAGE.write_text(text, encoding="utf-8")
