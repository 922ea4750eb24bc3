"""The table of outcomes by module, and the list of faults that no test saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .session import Outcome
from .targets import KINDS, Fault

EQUIVALENT = Path(__file__).with_name("equivalent.txt")
"""Faults that change nothing that anybody could see: a line with the reason, then faults, indented."""

SAME = "the same table"
"""What is said of a fault in a table that makes the same rules."""

MYPY = "mypy"
"""What killed a fault that the type checker refuses."""

INTRODUCTION = """\
# Do the tests see a wrong rule?

Each line below counts small faults, planted one at a time in the gradient rules, the shape rules and the rewrites of
formulas: another sign, operands exchanged, a term or a factor left out, a number one more or one less, a comparison
turned round, a condition negated or left out, a transpose or another function left out, an argument left out, a
gradient that is zero. A fault is *killed* if one of the ordinary tests fails with it, or the type checker refuses it.
It is *equivalent* if nobody could see it; below it is said of each why. The score is the part that is killed of those
that are not equivalent.

    python -m tests.mutation

plants them again; `CONTRIBUTING.md` says how. It plants them itself, and not by mutmut or cosmic-ray: most rules are
values of tables, in which mutmut plants nothing, and cosmic-ray starts the tests anew for each fault, which takes
seconds where this takes a tenth of one.

No faults are planted in templates, which are the definitions that derivatives are made from, in rules of batches, and
in functions that remember their answers.
"""


def reasons(path: Path = EQUIVALENT) -> dict[str, str]:
    """Why a fault is equivalent, by its name."""
    found: dict[str, str] = {}
    reason = ""
    for line in path.read_text().splitlines():
        if line.startswith(" "):
            found[line.strip()] = reason
        elif line:
            reason = line
    return found


def state(fault: Fault, outcomes: Mapping[str, Outcome], why: Mapping[str, str]) -> str:
    """What is known of a fault: killed, equivalent, survived, or nothing."""
    outcome = outcomes.get(fault.name)
    if outcome is None:
        return "unknown"
    if outcome.killed:
        return "killed"
    return "equivalent" if fault.name in why or outcome.by == SAME else "survived"


def score(counts: Mapping[str, int]) -> str:
    """The part that is killed of those that can be."""
    tried = counts["killed"] + counts["survived"]
    return f"{100 * counts['killed'] / tried:.1f} %" if tried else ""


def table(faults: Iterable[Fault], outcomes: Mapping[str, Outcome], why: Mapping[str, str]) -> list[str]:
    """A row of Markdown for each module, and one for each kind of rules."""
    rows: dict[tuple[int, str], Counter[str]] = {}
    for fault in faults:
        kind = KINDS.index(fault.kind)
        for key in ((kind, fault.module), (kind, "")):
            rows.setdefault(key, Counter())[state(fault, outcomes, why)] += 1
    lines = ["| rules | faults | killed | equivalent | survived | score |", "|---|--:|--:|--:|--:|--:|"]
    for (kind, module), counts in sorted(rows.items()):
        if not sum(counts.values()) - counts["unknown"]:
            continue
        name = f"`{module.removeprefix('tracer.')}`" if module else f"**{KINDS[kind]}**"
        tried = sum(counts.values()) - counts["unknown"]
        shown = (counts[what] for what in ("killed", "equivalent", "survived"))
        lines.append(f"| {name} | {tried} | {' | '.join(map(str, shown))} | {score(counts)} |")
    return lines


def document(faults: Sequence[Fault], outcomes: Mapping[str, Outcome]) -> str:
    """The page of the documentation."""
    why = reasons()
    known = sum(f.name in outcomes for f in faults)
    part = f"All {known} faults were planted.\n"
    if known < len(faults):
        part = f"Of {len(faults)} faults {known} were planted so far.\n"
    typed = sum(state(f, outcomes, why) == "killed" and outcomes[f.name].by == MYPY for f in faults)
    part += f"{typed} of those killed are seen by no test and refused by mypy, which is among the checks of a change.\n"
    lines = [INTRODUCTION, part, *table(faults, outcomes, why)]
    by_reason: dict[str, list[str]] = {}
    left: list[str] = []
    same = 0
    for fault in faults:
        what = state(fault, outcomes, why)
        if what == "survived":
            left.append(fault.name)
        elif what == "equivalent" and fault.name in why:
            by_reason.setdefault(why[fault.name], []).append(fault.name)
        elif what == "equivalent":
            same += 1
    if left:
        lines += ["", "## Survivors", "", *map(_item, left)]
    lines += ["", "## Equivalent faults"]
    if same:
        lines += [
            "",
            f"{same} faults in tables of rewrites make the same rules, which the command finds out by itself.",
        ]
    for reason, names in sorted(by_reason.items()):
        lines += ["", f"{reason}:", "", *map(_item, names)]
    return "\n".join(lines) + "\n"


def _item(name: str) -> str:
    return f"- {name.removeprefix('tracer.')}"


def stale(faults: Iterable[Fault], outcomes: Mapping[str, Outcome], why: Mapping[str, str]) -> list[str]:
    """Faults that are called equivalent, and are none, or are killed."""
    known = {f.name for f in faults}
    return [name for name in why if name not in known or (name in outcomes and outcomes[name].killed)]
