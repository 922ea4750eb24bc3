"""Explain a gradient of a script: run it in a process of its own, and look at the names that it leaves.

Run as ``python -m tracer.explanations.script FILE TARGET SOURCES TAPE``; what the script prints goes to the error
stream, and the answer to the output.
"""

from __future__ import annotations

import contextlib
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tracer.explanations.connections import Connection, connect
from tracer.nest import shown
from tracer.tape import GradientTape
from tracer.tensor import Tensor


def explain_script(path: str, target: str, sources: Sequence[str], tape: str = "") -> str:
    """What a process says that runs a script and explains a gradient of its names.

    Raises
    ------
    ValueError
        If the script fails or lacks one of the names; the message is its last line.
    """
    command = [sys.executable, "-m", __name__, path, target, ",".join(sources), tape]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise ValueError(f"{path}: {lines[-1]}")
    return done.stdout.rstrip("\n")


def explain_names(names: Mapping[str, object], target: str, sources: Sequence[str], tape: str = "") -> list[Connection]:
    """Explain gradients between names; without a tape named, by the one that recorded the target.

    Raises
    ------
    LookupError
        If there is no such name, or it is no tensor or tape.
    """

    def look(name: str) -> Tensor:
        value = names.get(name)
        if isinstance(value, Tensor):
            return value
        known = ", ".join(n for n, v in names.items() if isinstance(v, Tensor)) or "none"
        given = f"{name} is {shown(value)}, no tensor" if name in names else f"there is no name {name!r}"
        raise LookupError(f"{given}; the tensors by name are {known}")

    to = look(target)
    tapes = {n: v for n, v in names.items() if isinstance(v, GradientTape)}
    if tape and tape not in tapes:
        raise LookupError(f"there is no tape {tape!r}; the tapes by name are {', '.join(tapes) or 'none'}")
    recorded = [t for t in tapes.values() if t.has_recorded(to)]
    chosen = tapes[tape] if tape else recorded[-1] if recorded else next(reversed(tapes.values()), None)
    titles = {v.node: n for n, v in names.items() if isinstance(v, Tensor)}
    return connect([to], [look(name) for name in sources], chosen, titles)


def main(arguments: Sequence[str]) -> None:
    """Run a script, and print the explanations."""
    path, target, sources, tape = arguments
    with contextlib.redirect_stdout(sys.stderr):
        names = runpy.run_path(path, run_name="__main__")
    print("\n".join(map(str, explain_names(names, target, sources.split(","), tape))))


if __name__ == "__main__":
    main(sys.argv[1:])
