"""The tables of frameworks.md, from what record_frameworks.py recorded.

    python docs/framework_tables.py

It writes them into the page, between the headings and the notes that stand there.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("frameworks.md")
RECORDS = Path(__file__).with_name("frameworks")
FUNCTIONS = tomllib.loads((RECORDS / "functions.toml").read_text(encoding="utf-8"))
FRAMEWORKS = "JAX", "PyTorch", "TensorFlow", "autograd"

KINDS = {
    "right": "right",
    "wrong": "wrong",
    "value": "wrong, as the value is",
    "far": "wrong far away",
    "digits": "loses digits",
    "none": "no gradient",
}
"""What may be found of a rule, as the page calls it."""

ORDINARY = 1e-4, 1e4
"""The magnitudes of ordinary numbers, beside zero."""

SLIGHT = 1e-6
"""What a lost digit is smaller than: in parts of the derivative, or of one where that is smaller."""


def read_records() -> dict[str, Any]:
    """What is recorded, by framework."""
    return {f: json.loads((RECORDS / f"{f}.json").read_text(encoding="utf-8")) for f in FRAMEWORKS}


def classify(found: dict[str, Any]) -> str:
    """The kind of what was found.

    A gradient is no worse than the value that it belongs to: where that has as few digits, it is said.
    """
    if "points" in found:
        return "right"
    if "raises" in found or found["actual"] is None:
        return "none"
    expected, error = abs(found["expected"]), abs(float(found["actual"]) - found["expected"])
    parts = error / expected if expected and error < expected else 1.0
    if found["value_error"] == "nan" or found["value_error"] > max(1e-12, parts / 1e3):
        return "value"
    smallest, largest = ORDINARY
    if any(x and not smallest <= abs(x) <= largest for v in found["inputs"].values() for x in flatten(v)):
        return "far"
    return "digits" if error < SLIGHT * max(1.0, expected) else "wrong"


def flatten(value: Any) -> Iterator[float]:
    """The numbers of a nest of lists."""
    if isinstance(value, list):
        for part in value:
            yield from flatten(part)
    else:
        yield value


def show(value: Any) -> str:
    """A number, or a nest of them, in few digits."""
    if isinstance(value, list):
        return f"[{', '.join(map(show, value))}]"
    return f"{float(value):.10g}"


def show_point(found: dict[str, Any]) -> str:
    """Where a mismatch was found; the cotangent too, where it is not one."""
    shown = {**found["inputs"], **({} if found["cotangent"] == 1.0 else {"cotangent": found["cotangent"]})}
    return ", ".join(f"{name} = {show(value)}" for name, value in shown.items())


def make_counts(records: dict[str, Any]) -> str:
    """How many functions of each framework are of each kind."""
    kinds = {f: [classify(found) for found in records[f]["found"].values()] for f in FRAMEWORKS}
    rows = [("functions", *(str(len(kinds[f])) for f in FRAMEWORKS))]
    rows += [(title, *(str(kinds[f].count(kind)) for f in FRAMEWORKS)) for kind, title in KINDS.items()]
    return make_table(("", *(f"{f} {records[f]['version']}" for f in FRAMEWORKS)), rows)


def make_mismatches(records: dict[str, Any], kind: str) -> str:
    """The mismatches of a kind, each with the smallest point, what is answered there and what it has to be."""
    rows = [
        (f"`{FUNCTIONS[title][f]}`", f, show_point(found), found["by"], show(found["actual"]), show(found["expected"]))
        for title in FUNCTIONS
        for f in FRAMEWORKS
        if (found := records[f]["found"].get(title)) and classify(found) == kind
    ]  # fmt: skip
    return make_table(("function", "framework", "at", "by", "answers", "derivative"), rows)


def make_absences(records: dict[str, Any]) -> str:
    """The functions that have no gradient, with what the framework says."""
    rows = [
        (f"`{FUNCTIONS[title][f]}`", f, found.get("raises", "None").partition(":")[0])
        for title in FUNCTIONS
        for f in FRAMEWORKS
        if (found := records[f]["found"].get(title)) and classify(found) == "none"
    ]
    return make_table(("function", "framework", "answers"), rows)


def make_overview(records: dict[str, Any]) -> str:
    """All functions, and of what kind they are in each framework."""
    found = {f: {title: KINDS[classify(at)] for title, at in records[f]["found"].items()} for f in FRAMEWORKS}
    rows = [
        (f"`{words['tracer']}`", *(found[f].get(title, "") for f in FRAMEWORKS)) for title, words in FUNCTIONS.items()
    ]
    return make_table(("in tracer's words", *FRAMEWORKS), rows)


def make_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in markdown."""
    lines = [head, ("---",) * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill(page: str, records: dict[str, Any]) -> str:
    """The text of the page with its tables made anew: each stands below a comment that names it."""
    tables = {
        "counts": make_counts(records),
        "absences": make_absences(records),
        "overview": make_overview(records),
        **{kind: make_mismatches(records, kind) for kind in ("wrong", "value", "far", "digits")},
    }
    return re.sub(r"(<!-- table: (\w+) -->\n\n).*?\n\n", lambda m: f"{m[1]}{tables[m[2]]}\n\n", page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), read_records()), encoding="utf-8")
