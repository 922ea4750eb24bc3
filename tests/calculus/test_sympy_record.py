"""The documented comparison says what was recorded."""

import json
import re
from pathlib import Path

from .cases import CASES
from .sympy_peer import RECORD, table

PAGE = (Path(__file__).parents[2] / "docs" / "sympy-comparison.md").read_text()
MEASURED = json.loads(RECORD.read_text())


def test_the_table_is_the_record() -> None:
    assert MEASURED["sympy"] in PAGE
    for row in table(MEASURED["cases"]):
        assert row in PAGE


def test_the_record_has_every_case() -> None:
    assert MEASURED["cases"].keys() == CASES.keys()
    assert f"{len(CASES)} derivatives" in PAGE


def test_the_examples_are_recorded() -> None:
    for name, answer in re.findall(r"^\| `([\w-]+)` \|.*\| `([^`]*)` \|$", PAGE, re.M):
        said = MEASURED["cases"][name]
        assert all(one["verdict"] != "right" for one in said.values()), name
        if answer == "0":
            assert {one["verdict"] for one in said.values()} == {"zero"}, name
