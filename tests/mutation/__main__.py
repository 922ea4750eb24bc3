"""The command line: plant faults, run the tests that reach them, and show or write the table."""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from pathlib import Path

import pytest

from .report import MYPY, document, reasons, stale, state, table
from .session import Outcome, Session
from .targets import KINDS, all_faults, modules
from .type_errors import has_type_error

TESTS = (
    "tests/ops tests/terms tests/testing/test_own_rules.py tests/test_shapes.py tests/test_series.py "
    "tests/test_rules.py tests/test_backprop.py tests/test_sympy.py "
    "tests/conformance tests/numpy_functions tests/test_array_api.py "
    "tracer/ops tracer/terms tracer/shapes.py tracer/backprop.py"
)
"""The tests nearest to the rules, which are quick."""


def main() -> int:
    """Plant the faults that are asked for and are not known; the status is 1 if a survivor is not equivalent."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--kind", choices=KINDS, help="only these rules")
    parser.add_argument("--only", default="", metavar="TEXT", help="only faults whose name has this text")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only one of N faults")
    parser.add_argument("--again", choices=["survivors", "all"], help="plant these; else those not known")
    parser.add_argument("--budget", type=float, default=5, help="how many seconds of tests are run on one fault")
    parser.add_argument("--types", action="store_true", help="plant nothing: ask mypy about faults that survived")
    parser.add_argument("--results", type=Path, default=Path("build/mutation"), help="where outcomes are kept")
    parser.add_argument("--show", action="store_true", help="plant nothing: show the table of what is known")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page of the documentation")
    parser.add_argument("tests", nargs="*", default=TESTS.split(), help="the tests to run: files or directories")
    args = parser.parse_args()
    given = modules()
    everything = all_faults(given)
    chosen = [f for f in everything if args.kind in (None, f.kind) and args.only in f.name]
    # By their names, so that the choice is the same when others come and go.
    chosen = [f for f in chosen if zlib.crc32(f.name.encode()) % args.every == 0]
    path = args.results / "outcomes.jsonl"
    outcomes = read(path)
    why = reasons()

    def is_due(name: str) -> bool:
        if args.again == "survivors":
            return name in outcomes and name not in why and not outcomes[name].killed
        return name not in outcomes or args.again == "all"

    def report(outcome: Outcome) -> None:
        outcomes[outcome.name] = outcome
        args.results.mkdir(parents=True, exist_ok=True)
        with path.open("a") as stream:
            stream.write(json.dumps(outcome._asdict()) + "\n")

    due = [f for f in chosen if is_due(f.name)]
    if args.types:
        by_name = {m.name: m for m in given}
        for fault in chosen:
            start = time.perf_counter()
            if state(fault, outcomes, why) == "survived" and has_type_error(fault, by_name[fault.module]):
                report(Outcome(fault.name, True, MYPY, 0, time.perf_counter() - start))
    elif due and not args.show:
        plugin = Session(given, due, everything, args.results / "reach.pickle", args.budget, report)
        status = pytest.main(["-s", "-p", "no:cacheprovider", "-p", "no:terminal", *args.tests], [plugin])
        if status:
            return int(status)
    left = [f.name for f in chosen if state(f, outcomes, why) == "survived"]
    print(*table(chosen, outcomes, why), *left, sep="\n")
    for name in stale(everything, outcomes, why):
        print(f"called equivalent, and is none: {name}")
    if args.write:
        args.write.write_text(document(everything, outcomes))
    return bool(left)


def read(path: Path) -> dict[str, Outcome]:
    """The last outcome of each fault."""
    lines = path.read_text().splitlines() if path.exists() else []
    found = (Outcome(**json.loads(line)) for line in lines)
    return {outcome.name: outcome for outcome in found}


if __name__ == "__main__":
    sys.exit(main())
