"""Record TensorFlow's answers, or compare tracer with TensorFlow on fresh programs; run by hand, never in CI.

    cd tests
    python -m conformance.record                                         # rewrite data/ from TensorFlow
    python -m conformance.record --compare 1000 --start 7                # both, over programs 7 to 1006
    python -m conformance.record --compare 1000 --start 7 --kind tapes   # the same for programs about tapes

The first needs TensorFlow alone, the second TensorFlow and tracer on the path.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import sys
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from . import behaviours, programs, signatures, tapes

DATA = Path(__file__).parent / "data"
KINDS: dict[str, Any] = {"programs": programs, "tapes": tapes}


def tensorflow() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow

    tensorflow.get_logger().setLevel("ERROR")
    return tensorflow


def answered(kind: Any, tf: Any, seeds: range) -> list[dict]:
    """The programs of these seeds with TensorFlow's answers, but for those whose answer is not finite."""
    recorded = []
    for seed in seeds:
        program = kind.generate(seed)
        answers = kind.run(program, tf)
        if programs.is_finite(answers):
            recorded.append({"program": program, "answers": answers})
    return recorded


def recorded_behaviours(tf: Any) -> dict[str, dict[str, Any]]:
    """TensorFlow's answer to every behaviour, but for those whose answer is stated by hand."""
    return {
        area: {
            name: behaviours.answer(behaviour, tf)
            for name, behaviour in behaviours.behaviours(area)
            if not hasattr(behaviour, "answer")
        }
        for area in behaviours.AREAS
    }


def record(count: int) -> None:
    tf = tensorflow()
    for name, facts in (
        ("behaviours", recorded_behaviours(tf)),
        ("signatures", {name: signatures.arguments(signatures.find(tf, name)) for name in signatures.NAMES}),
        ("names", {group: signatures.public(tf, group) for group in signatures.GROUPS}),
    ):
        lines = json.dumps({"tensorflow": tf.__version__, name: facts}, indent=1, allow_nan=False)
        (DATA / f"{name}.json").write_text(lines + "\n")
    for name, kind in KINDS.items():
        sample = {"tensorflow": tf.__version__, "records": answered(kind, tf, range(count))}
        path = DATA / f"{name}.json.xz"
        path.write_bytes(lzma.compress(json.dumps(sample, separators=(",", ":")).encode(), preset=9))
        print(f"{len(sample['records'])} {name}, {path.stat().st_size} bytes")


def compare(kind: Any, count: int, start: int, show: int) -> int:
    """Print every difference; return how many programs differ."""
    import tracer

    tf = tensorflow()
    bad: list[int] = []
    messages: Counter[str] = Counter()
    for seed in range(start, start + count):
        for entry in answered(kind, tf, range(seed, seed + 1)):
            try:
                lines = programs.differences(
                    entry["answers"], kind.run(entry["program"], tracer), tolerance=kind.tolerance(entry["program"])
                )
            except Exception as error:
                lines = [f"{type(error).__name__}: {error}"[:300], *traceback.format_tb(error.__traceback__)[-1:]]
            if lines:
                bad.append(seed)
                messages[lines[0].split(":")[-1][:60]] += 1
                if len(bad) <= show:
                    print(f"--- {seed}", *lines[:6], kind.as_python(entry["program"]), "", sep="\n")
    print(f"{len(bad)} of {count} programs differ: {bad[:50]}")
    return len(bad)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", type=int, metavar="N", help="compare N fresh programs instead of recording")
    parser.add_argument("--start", type=int, default=100_000, metavar="SEED")
    parser.add_argument("--show", type=int, default=10, help="how many differing programs to print in full")
    parser.add_argument("--kind", choices=KINDS, default="programs", help="which programs to compare")
    parser.add_argument("--count", type=int, default=400, help="how many programs to record")
    options = parser.parse_args()
    if options.compare:
        sys.exit(bool(compare(KINDS[options.kind], options.compare, options.start, options.show)))
    record(options.count)
