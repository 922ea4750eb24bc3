"""Explain a gradient of a script: run it in a process of its own, and look at the names that it leaves.

Run as ``python -m tracer.scripts FILE TARGET SOURCES TAPE PICTURE ARGUMENTS...``; what the script prints goes to the
error stream, and the answer to the output.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

from tracer import nest
from tracer.draw import render
from tracer.explanations.connections import Connection, connect
from tracer.nest import shown
from tracer.tape import GradientTape
from tracer.tensor import Tensor


def explain_script(
    path: str, target: str, sources: Sequence[str], tape: str = "", picture: str = "", arguments: Sequence[str] = ()
) -> str:
    """What a process says that runs a script and explains a gradient of its names.

    A script that fails is explained as far as it came, if it has the names: it may have failed because a gradient is
    None.

    Parameters
    ----------
    path : str
    target : str
        The name of a tensor, or of a nest of some.
    sources : sequence of str
        Names of tensors or nests.
    tape : str, optional
        A name; by default the tape that recorded the target.
    picture : str, optional
        The file of a picture to be drawn.
    arguments : sequence of str, optional
        What the script finds in ``sys.argv`` after its own name.

    Raises
    ------
    ValueError
        If the script lacks one of the names; the message is its last line, or says what made it fail before, and where.
    """
    command = [sys.executable, "-m", __name__, path, target, ",".join(sources), tape, picture, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        numbers = re.findall(rf'^  File "{re.escape(path)}", line (\d+)', done.stderr, re.MULTILINE)
        raise ValueError(f"{':'.join((path, *numbers[-1:]))}: {lines[-1]}")
    return done.stdout.rstrip("\n")


def run_script(path: str, arguments: Sequence[str] = ()) -> tuple[dict[str, object], BaseException | None]:
    """The names that a script leaves, and the error that ended it, if one did."""
    loader = SourceFileLoader("__main__", path)
    spec = spec_from_loader("__main__", loader, origin=path)
    assert spec is not None
    module = module_from_spec(spec)
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv = [path, *arguments]
    sys.dont_write_bytecode = True  # Python keeps none of a script.
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    try:
        loader.exec_module(module)
    except SystemExit as end:
        return vars(module), end if end.code else None
    except Exception as error:
        return vars(module), error
    return vars(module), None


def explain_names(names: Mapping[str, object], target: str, sources: Sequence[str], tape: str = "") -> list[Connection]:
    """Explain gradients between names; without a tape named, by the one that recorded the target.

    Raises
    ------
    LookupError
        If there is no such name, or it is no tensor or tape.
    """

    def look(name: str) -> list[Tensor]:
        value = names.get(name)
        leaves = nest.flatten(value) if nest.is_nest(value) else [value]
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        if tensors and len(tensors) == len(leaves):
            return tensors
        known = ", ".join(n for n, v in names.items() if isinstance(v, Tensor)) or "none"
        given = f"{name} is {shown(value)}, no tensor" if name in names else f"there is no name {name!r}"
        raise LookupError(f"{given}; the tensors by name are {known}")

    to = look(target)
    tapes = {n: v for n, v in names.items() if isinstance(v, GradientTape)}
    if tape and tape not in tapes:
        raise LookupError(f"there is no tape {tape!r}; the tapes by name are {', '.join(tapes) or 'none'}")
    recorded = [t for t in tapes.values() if any(map(t.has_recorded, to))]
    chosen = tapes[tape] if tape else recorded[-1] if recorded else next(reversed(tapes.values()), None)
    # Of several names of a tensor the last counts: here one that was asked for.
    named = [*names.items(), *((n, names[n]) for n in (target, *sources))]
    titles = {v.node: n for n, v in named if isinstance(v, Tensor)}
    return connect(to, [t for name in sources for t in look(name)], chosen, titles)


def main(arguments: Sequence[str]) -> None:
    """Run a script, and print the explanations."""
    path, target, sources, tape, picture, *given = arguments
    with contextlib.redirect_stdout(sys.stderr):
        names, error = run_script(path, given)
    try:
        connections = explain_names(names, target, sources.split(","), tape)
    except LookupError:
        if error is not None:
            raise error from None
        raise
    if picture:
        render(list(connections[0].targets), picture, explain=connections)
    if error is not None:
        print(f"{path} ended with {type(error).__name__}: {error}")
    print("\n".join(map(str, connections)))


if __name__ == "__main__":
    main(sys.argv[1:])
