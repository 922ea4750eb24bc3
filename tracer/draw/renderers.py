"""What turns DOT text into a picture: the first of a table of Graphviz builds that is there and succeeds."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from typing import NamedTuple

PATIENCE = 60.0
"""Seconds that a layout may take."""


class Renderer(NamedTuple):
    """One build of Graphviz.

    Attributes
    ----------
    name : str
        What to install.
    formats : tuple of str
        What it writes well.
    present : callable
        Whether it is there.
    draw : callable
        ``draw(source, format)`` answers the bytes of the picture.
    """

    name: str
    formats: tuple[str, ...]
    present: Callable[[], bool]
    draw: Callable[[str, str], bytes]


def _find(program: str) -> str | None:
    """A program on PATH, or among the scripts of this Python's environment, which need not be active."""
    return shutil.which(program) or shutil.which(program, path=sysconfig.get_path("scripts"))


def _pipe(command: list[str], source: str) -> bytes:
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=False, timeout=PATIENCE)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}" + (f": {said}" if said else ""))
    return done.stdout


def _program(name: str) -> Callable[[str, str], bytes]:
    return lambda source, format: _pipe([_find(name) or name, f"-T{format}"], source)


_WITH_PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""


def _pygraphviz(source: str, format: str) -> bytes:
    """In a process of its own: the C library is not for threads, and its warnings go straight to the error stream."""
    return _pipe([sys.executable, "-c", _WITH_PYGRAPHVIZ, format], source)


def _has_pygraphviz() -> bool:
    return importlib.util.find_spec("pygraphviz") is not None


RENDERERS = (
    Renderer("Graphviz", ("svg", "png", "pdf"), lambda: _find("dot") is not None, _program("dot")),
    # It brings its own fonts: the others need the machine's to paint letters into a PNG, and not every machine has any.
    Renderer("graphviz-pure", ("png",), lambda: _find("graphviz-pure") is not None, _program("graphviz-pure")),
    Renderer("pygraphviz", ("svg", "png", "pdf"), _has_pygraphviz, _pygraphviz),
    Renderer("graphviz-pure", ("svg",), lambda: _find("graphviz-pure") is not None, _program("graphviz-pure")),
)


def picture(source: str, format: str) -> bytes:
    """The picture of DOT text.

    Parameters
    ----------
    source : str
        DOT text.
    format : str
        ``"svg"``, ``"png"`` or ``"pdf"``.

    Returns
    -------
    bytes

    Raises
    ------
    RuntimeError
        If no renderer is installed that writes the format, none of them succeeds, or the layout takes too long.
    """
    failures = []
    for renderer in RENDERERS:
        if format in renderer.formats and renderer.present():
            try:
                return renderer.draw(source, format)
            except subprocess.TimeoutExpired:
                raise RuntimeError(
                    f"the layout took longer than {PATIENCE:g} s; draw a part of the graph, or collapse name scopes "
                    "with depth=0"
                ) from None
            except Exception as error:  # a broken build of Graphviz raises anything; the next one may do
                failures.append(f"{renderer.name}: {error}")
    raise RuntimeError(
        f"nothing that draws {format} succeeded ({'; '.join(failures)})"
        if failures
        else f"nothing is installed that draws {format}; run pip install 'symbolic-tracer[render]', "
        "install Graphviz so that its dot is on PATH, or render into a '.dot' file"
    )
