"""Gradients that public reports say were wrong: some are checked anew, and the page says what was recorded of all."""

import json
from pathlib import Path

import pytest

from tests.testing.reported import CONVENTIONS, REPORTS
from tracer.testing import GradientMismatch, check_vjp

DOCS = Path(__file__).parents[2] / "docs"
RECORD = json.loads((DOCS / "reported-gradients.json").read_text(encoding="utf-8"))
PAGE = (DOCS / "reported-gradients.md").read_text(encoding="utf-8")

QUICK = {
    "jax-ml/jax#2140", "jax-ml/jax#8634", "jax-ml/jax#9296", "jax-ml/jax#11467", "jax-ml/jax#17995", "jax-ml/jax#22398",
    "jax-ml/jax#37992", "pytorch/pytorch#913", "pytorch/pytorch#1631", "pytorch/pytorch#13669",
    "pytorch/pytorch#57006", "pytorch/pytorch#59477", "pytorch/pytorch#174016", "pytorch/pytorch#186556",
    "pytorch/pytorch#196696", "tensorflow/tensorflow#3862",
}  # fmt: skip
"""Reports of which a check takes about a tenth of a second."""

KNOWN = "right", "not run", "raises NotImplementedError", "raises RuntimeError"
"""What is no wrong gradient of today."""


@pytest.mark.parametrize("report", [r for r in REPORTS if r.thread in QUICK], ids=lambda r: r.thread)
def test_a_reported_gradient_is_caught(report):
    with pytest.raises(GradientMismatch):
        check_vjp(report.forward, report.wrong, *report.inputs)


def test_a_mended_one_passes():
    (report,) = (r for r in REPORTS if r.thread == "pytorch/pytorch#186556")
    assert check_vjp(report.forward, report.mended, *report.inputs, max_examples=5).proved


@pytest.mark.parametrize(("reports", "key"), [(REPORTS, "reports"), (CONVENTIONS, "conventions")])
def test_every_report_is_recorded(reports, key):
    assert [r["thread"] for r in RECORD[key]] == [r.thread for r in reports]
    assert len({r.thread for r in reports}) == len(reports)
    assert all(r["mended passes"] for r in RECORD[key])


def test_conventions_pass():
    assert not any(r["caught"] for r in RECORD["conventions"])
    assert all(f"[{r.thread}]({r.address})" in PAGE for r in CONVENTIONS)


def test_the_page_says_what_was_recorded():
    rows = RECORD["reports"]
    caught = sum(r["caught"] for r in rows)
    assert f"Of {len(rows)} reports the check catches **{caught}**" in PAGE
    assert f"**{sum(r.get('now', 'right') not in KNOWN for r in rows)}** still answer a wrong gradient" in PAGE
    assert RECORD["recorded"] in PAGE
    assert all(f"{name} {version}" in PAGE for name, version in RECORD["versions"].items())
    lines = [line for line in PAGE.splitlines() if line.startswith("| [")]
    assert len(lines) == len(rows)
    for report, row, line in zip(REPORTS, rows, lines):
        assert f"[{report.thread}]({report.address}) | {row['operation']} | {row['fault']} |" in line
        assert (f"`{row['point']}` | {row['expected']} | {row['actual']}" if row["caught"] else "not caught") in line
