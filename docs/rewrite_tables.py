"""The table of ``docs/rewrites.md``: each rewrite, and the errors before and after it.

Write the page anew, here in ``docs``:

    python rewrite_tables.py
"""

import math
from copy import copy
from functools import cache
from pathlib import Path

import mpmath
import numpy as np
import sympy

from tracer.backends.python_source import PythonBackend
from tracer.backends.to_numpy import NUMPY
from tracer.program.rewrites import REWRITES, Rewrite

PAGE = Path(__file__).parent / "rewrites.md"
MARK = "| as written |"
DIGITS = 440
"""As many has the sum of 1e200 and the root beside it before what cancels."""


def find_exact(rule: Rewrite, point: tuple[float, ...]) -> mpmath.mpf:
    """The value of a pattern at a point; call it with `DIGITS` digits."""
    symbols = sorted(rule.pattern.free_symbols, key=str)
    return sympy.lambdify(symbols, rule.pattern.doit(deep=True), "mpmath")(*map(mpmath.mpf, point))


def count_ulps(found: float, exact: mpmath.mpf) -> float:
    """How far a value is from the exact one, in the distance between the floats there; infinite if it is none."""
    if not math.isfinite(found):
        return math.inf
    return float(abs(mpmath.mpf(float(found)) - exact) / mpmath.mpf(float(np.spacing(abs(float(exact))))))


def measure_side(rule: Rewrite, side: sympy.Expr, backend: PythonBackend) -> list[float]:
    """The errors of the pattern or the replacement at each point, in ulps."""
    function, keys = backend.function(copy(backend.templates).part(side))
    errors = []
    for point in rule.points:
        numbers = np.array(point) if backend is NUMPY else list(point)
        with mpmath.workdps(DIGITS), np.errstate(all="ignore"):
            errors.append(count_ulps(function(*(numbers[k] for k in keys)), find_exact(rule, point)))
    return errors


@cache
def measure(rule: Rewrite) -> list[tuple[float, float]]:
    """The errors before and after at each point, in ulps."""
    return list(zip(*(measure_side(rule, side, NUMPY) for side in (rule.pattern, rule.replacement))))


def write_ulps(error: float) -> str:
    """An error in words: to a power of ten where it is large."""
    if math.isinf(error):
        return "no value"
    return f"10^{round(math.log10(error))}" if error >= 100 else str(math.ceil(error))


def write_row(rule: Rewrite, errors: list[tuple[float, float]]) -> str:
    """The row of a rule, at the point where the pattern is worst."""
    names = dict(zip(sorted(rule.pattern.free_symbols, key=str), sympy.symbols("a b c", real=True)))
    worst = max(range(len(errors)), key=lambda k: errors[k][0])
    point = ", ".join(f"{n} = {p:g}" for n, p in zip(names.values(), rule.points[worst]))
    pattern, replacement = (f"`{e.xreplace(names)}`" for e in (rule.pattern, rule.replacement))
    after = max(e for _, e in errors)
    cells = pattern, replacement, rule.why, point, write_ulps(errors[worst][0]), write_ulps(after)
    return f"| {' | '.join(c.replace('|', '&#124;') for c in cells)} |"


def write_rows() -> list[str]:
    """The rows of the table."""
    return [write_row(rule, measure(rule)) for rule in REWRITES]


def fill(page: str) -> str:
    """The page with the table of these data."""
    lines = page.split("\n")
    start = next(k for k, line in enumerate(lines) if line.startswith(MARK)) + 2
    end = next((k for k in range(start, len(lines)) if not lines[k].startswith("|")), len(lines))
    return "\n".join([*lines[:start], *write_rows(), *lines[end:]])


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
