"""The command line: run the programs of a range of seeds and show those that are wrong."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from .check import concrete, faults, symbolic
from .generate import programs
from .more import batched, jacobian, pushed, second
from .texts import SLOW, text_faults


def main() -> int:
    """Show each failing seed with its program and its faults; the status is 1 if there is one."""
    parser = argparse.ArgumentParser(prog="python -m tests.array_programs", description=__doc__)
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=200, help="how many seeds")
    parser.add_argument("--steps", type=int, help="operations drawn for a program (by default 3 to 9)")
    parser.add_argument("--texts", action="store_true", help="read the text forms back, too")
    parser.add_argument("--only-texts", action="store_true", help="only read the text forms back")
    parser.add_argument("--more", action="store_true", help="Jacobians, tangents, batches and second order, too")
    parser.add_argument("--show", action="store_true", help="show the programs and run none")
    args = parser.parse_args()
    checks = (concrete, symbolic, *((jacobian, pushed, batched, second) if args.more else ()))
    wrong = slow = 0
    refused: Counter[str] = Counter()
    for program in programs(args.start, args.count, args.steps):
        if args.show:
            print(program)
            continue
        found = [] if args.only_texts else faults(program, checks)
        if args.texts or args.only_texts:
            texts, times, without = text_faults(program)
            found += texts
            refused.update(without)
            for what, seconds in times.items():
                if seconds > SLOW:
                    slow += 1
                    print(f"SLOW {what} took {seconds:.1f} s\n{program}", flush=True)
        if found:
            wrong += 1
            print("WRONG", program, *(f"  * {f}" for f in found), "", sep="\n", flush=True)
    print(f"{args.count} programs from seed {args.start}: {wrong} wrong, {slow} texts slow")
    for reason, count in refused.most_common():
        print(f"{count} refused: {reason}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
