"""Libraries of C sources, made by the system's compiler."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=c99", "-ffp-contract=off", "-fPIC", "-shared")
"""No multiplication is fused with an addition: it would round otherwise than NumPy does."""
LONG = 8000
"""A source of more lines is not optimised: that takes compilers time that grows with the square of the lines."""


def write_comment(text: str) -> str:
    """Text as a comment."""
    lines = text.replace("*/", "* /").splitlines()
    return "\n".join(["/* " + lines[0], *(f"   {line}".rstrip() for line in lines[1:])]) + " */"


def find_compiler() -> str:
    """The command of a C compiler: the environment's ``CC``, or the first that is installed.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    wanted = os.environ.get("CC")
    for command in (wanted,) if wanted else COMPILERS:
        if found := shutil.which(command):
            return found
    looked = f"CC is {wanted!r}, which is no command" if wanted else f"none of {', '.join(COMPILERS)} is installed"
    raise RuntimeError(
        f"the backend 'c' needs a C compiler, and {looked}; install one, set CC to its path, or write backend='math'"
    )


def choose_level(source: str) -> str:
    """How much the compiler is to optimise a source."""
    return "-O2" if source.count("\n") <= LONG else "-O0"


def build(source: str) -> ctypes.CDLL:
    """The shared library of a C source."""
    command = find_compiler()
    with tempfile.TemporaryDirectory(prefix="tracer-") as folder:
        path = Path(folder)
        (path / "compiled.c").write_text(source, encoding="utf-8")
        library = path / "compiled.so"
        done = subprocess.run(
            [command, *FLAGS, choose_level(source), "-o", str(library), str(path / "compiled.c"), "-lm"],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{command} refuses the source: {done.stderr.strip()[:500]}")
        return ctypes.CDLL(str(library))
