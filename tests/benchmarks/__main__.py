"""Write ``docs/performance.md`` and its picture: ``python -m tests.benchmarks``.

Other libraries are measured where they are installed.
"""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.measures import SECTIONS, Row, has, measure_growth

ROOT = Path(__file__).parents[2]
PEERS = ("numpy", "sympy", "casadi")

HEAD = """# Speed

Each figure is a ratio of two times, or of two numbers of operations, within one run: below 1, the library takes less
than the other. They are written by `python -m tests.benchmarks` (the extra `benchmark`, and CasADi where it is
installed). Both are given the same program and one thread, and their results are compared before they are timed; the
shortest of several times counts.

Measured on {date}, {machine}, Python {python}, {versions}.

| | size | against | ratio | to reach |
|---|---|---|---|---|
{rows}

Of a network, a third of what is above 1 is the hyperbolic cosine: the derivative of `tanh` is computed as
`1/cosh(x)**2`, since `1 - tanh(x)**2` has no correct digit far out. The other bars that are not reached are open.

From a program of scalars to its gradient takes time in proportion to the number of operations:

![Seconds by the number of inputs, on logarithmic axes](images/growth.svg)
"""


def main() -> None:
    """Measure all, and write the page."""
    rows = [row for section in SECTIONS for row in section()]
    installed = ", ".join(f"{p} {version(p)}" for p in PEERS if has(p))
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    text = HEAD.format(
        date=date.today().isoformat(),
        machine=machine,
        python=platform.python_version(),
        versions=installed,
        rows="\n".join(map(_write_row, rows)),
    )
    (ROOT / "docs/performance.md").write_text(text, encoding="utf-8")
    _draw(ROOT / "docs/images/growth.svg")
    print(text)


def _write_row(row: Row) -> str:
    return f"| {row.section} | {row.what} | {row.peer} | {row.ratio:.2f} | {row.bar:g} |"


def _draw(path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "growth"
    figure, axes = pyplot.subplots(figsize=(5, 3.2))
    for name, points in measure_growth().items():
        axes.loglog(*zip(*points), marker="o", label=name)
    axes.set(xlabel="inputs", ylabel="seconds")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
