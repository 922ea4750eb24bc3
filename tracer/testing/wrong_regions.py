"""In what region a rule is wrong: how far one element of a counterexample can be moved so that it stays wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

GRID = (0.0, 0.3, 3.0, *(10.0**k for k in (-150, -20, -8, -4, -2, -1, 0, 1, 2, 4, 8, 20, 150)))
"""What magnitudes are tried, on both sides of zero."""

ZERO = 1e-140
"""Bounds nearer to zero than this are zero: of smaller inputs floats lose the squares."""

BISECTIONS = 12


def describe_region(name: str, index: tuple[int, ...], value: float, is_wrong: Callable[[float], bool | None]) -> str:
    """In what region a rule is wrong as one element varies, in words.

    Parameters
    ----------
    name : str
        Of the argument.
    index : tuple of int
    value : float
        What the element is at the counterexample.
    is_wrong : callable
        Whether the rule is wrong where the element has a value; None where it has to answer nothing.

    Examples
    --------
    >>> describe_region("x", (0,), -1.0, lambda x: x < 0)
    'wrong for x[0] < 0'
    >>> describe_region("x", (), 1e-4, lambda x: None if x <= 0 else x < 1e-3)
    'wrong for x < 0.001'
    >>> describe_region("x", (), 0.0, lambda x: abs(x) < 0.1)
    'wrong for -0.1 < x < 0.1'
    """
    element = name + (f"[{', '.join(map(str, index))}]" if index else "")
    grid = sorted({*GRID, *(-x for x in GRID), value})
    # At the counterexample it is, whatever a rougher look says.
    tried = [(x, wrong) for x in grid if (wrong := x == value or is_wrong(x)) is not None]
    if all(wrong for _, wrong in tried):
        return f"wrong wherever {element} was moved to"
    at = next(k for k, (x, _) in enumerate(tried) if x == value)
    low, high = at, at
    while low > 0 and tried[low - 1][1]:
        low -= 1
    while high < len(tried) - 1 and tried[high + 1][1]:
        high += 1
    left = None if low == 0 else _find_bound(tried[low - 1][0], tried[low][0], is_wrong)
    right = None if high == len(tried) - 1 else _find_bound(tried[high + 1][0], tried[high][0], is_wrong)
    elsewhere = any(wrong for k, (_, wrong) in enumerate(tried) if not low <= k <= high)
    return f"wrong for {_show_interval(element, left, right)}" + (", and elsewhere" if elsewhere else "")


def _find_bound(right: float, wrong: float, is_wrong: Callable[[float], bool | None]) -> float:
    """The shortest number between a value at which the rule is right and one at which it is wrong, after bisection."""
    for _ in range(BISECTIONS):
        middle = _between(right, wrong)
        if middle in (right, wrong):
            break
        if is_wrong(middle):
            wrong = middle
        else:
            right = middle
    low, high = sorted((right, wrong))
    low, high = low - ZERO, high + ZERO
    return next((x for x in _short(low, high) if low <= x <= high), wrong)


def _between(a: float, b: float) -> float:
    """The middle of two numbers: in magnitude, where they are far apart and of one sign."""
    if a * b > 0 and max(abs(a), abs(b)) > 4 * min(abs(a), abs(b)):
        return float(np.sign(a) * np.exp((np.log(abs(a)) + np.log(abs(b))) / 2))
    return (a + b) / 2


def _short(low: float, high: float) -> list[float]:
    """Numbers near two, the shortest first."""
    middle = (low + high) / 2
    return [0.0, *(float(f"{x:.{k}g}") for k, x in itertools.product(range(1, 12), (middle, low, high)))]


def _show_interval(element: str, left: float | None, right: float | None) -> str:
    if left is None and right is None:
        return f"all {element}"
    if left is None:
        return f"{element} < {right:g}"
    if right is None:
        return f"{element} > {left:g}"
    if left == right:
        return f"{element} = {left:g}"
    return f"{left:g} < {element} < {right:g}"
