"""Values at points where a program as it is written is not finite, though what it computes has a value there.

The closed form has it where the form is finite: the gradient of ``norm(x)**2`` is ``2*x``, at zero as well. Where the
form is not, as ``x*log(x)`` at zero, the value is the limit, if it is the same from all sides. Where there is none, a
convention may say what a slope is: that of a norm at zero is zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

from tracer.backends.evaluation import run_at, run_program
from tracer.backprop import ADD_N
from tracer.dtypes import FLOATS
from tracer.explanations.digit_values import DigitValues, finite_elements
from tracer.formulas.restating import restate
from tracer.ops.contraction import Contraction
from tracer.rules import TABLE, Elementwise
from tracer.tensor import PLACEHOLDER, SOURCES, VARIABLE, Tensor
from tracer.terms import record as T
from tracer.walk import ancestors, list_pole_operands

DIGITS = 400
"""How many digits limits are computed with: near a point, those of a quotient of small differences cancel."""

WORK = 400
"""The most elements, and products of elements, that a program may have whose limits are looked for."""

ELEMENTARY = "sympy.functions.elementary", "tracer.scalar"
ERRORS = sympy.erf, sympy.erfc
"""The functions of which limits are computed: those of the named modules, and error functions."""

RADII = sympy.Rational(1, 10**25), sympy.Rational(1, 10**50)
"""The two distances from a point, relative to its size, at which a limit is computed; the second is the square of the
first."""

FAR, NEAR = 3e-9, 1e-17
"""How much the values at the two distances may differ from a limit, relative to it."""

NEARBY = 1e-7
"""The distance at which a program is run to see whether a point lies outside of its domain."""

JUMP = 1e-2
"""How much the values at that distance may differ from the value of a closed form, relative to it."""

DIRECTIONS = 16
"""How many directions and their opposites are tried; a single number, and what is too much work for limits, has one."""


def continue_value(tensor: Tensor, given: Mapping[Tensor, np.ndarray], value: np.ndarray) -> np.ndarray:
    """The value of a tensor; where the program is not finite, that of its closed form, or its limit.

    Parameters
    ----------
    tensor : Tensor
    given : mapping of Tensor to array
        The values of all its sources.
    value : array
        What the program computes.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x")
    >>> y, at = tracer.sqrt(x) * tracer.math.log(x) ** 2, {x: np.array(0.0)}
    >>> float(run_program(y, at)), float(continue_value(y, at, run_program(y, at)))
    (nan, 0.0)
    """
    varied = _find_varied(tensor, given)
    if not varied or not all(np.isfinite(v).all() for v in given.values()):
        return value
    steps = _list_directions(varied)
    near = [{**given, **{t: v + NEARBY * (1 + abs(v)) * own[t] for t, v in varied.items()}} for own in steps]
    conventional = bool(list_pole_operands([tensor]))
    inside = np.isfinite(run_at(tensor, near, conventional)).any(axis=0)
    wanted = inside & ~np.isfinite(value)
    if not wanted.any():
        return value
    restated = restate(tensor)
    if restated is not None:
        value = _fill(value, wanted, _keep_continuous(run_program(restated, given), restated, near))
        wanted &= ~np.isfinite(value)
    if wanted.any() and _is_elementary(tensor):
        limits = _find_limits(tensor, given, varied, steps)
        value = value if limits is None else _fill(value, wanted, limits)
        wanted &= ~np.isfinite(value)
    if wanted.any() and conventional:
        value = _fill(value, wanted, run_program(tensor, given, conventions=True))
    return value


def _list_directions(varied: Mapping[Tensor, np.ndarray]) -> list[dict[Tensor, np.ndarray]]:
    """Steps in random directions, and in the opposite ones."""
    rng = np.random.default_rng(0)
    found: list[dict[Tensor, np.ndarray]] = []
    for _ in range(DIRECTIONS if 1 < sum(v.size for v in varied.values()) <= WORK else 1):
        step = {t: rng.uniform(0.3, 1, v.shape) * rng.choice((-1, 1), v.shape) for t, v in varied.items()}
        found += [step, {t: -own for t, own in step.items()}]
    return found


def _keep_continuous(value: np.ndarray, tensor: Tensor, near: list[dict[Tensor, np.ndarray]]) -> np.ndarray:
    """The value of a closed form, with NaN where the program jumps: there the form takes a side by convention."""
    around = np.array(run_at(tensor, near))
    with np.errstate(invalid="ignore"):
        jumps = np.isfinite(around) & (abs(around - value) > JUMP * (1 + abs(value)))
    return np.where(jumps.any(axis=0), np.nan, value)


def _fill(value: np.ndarray, wanted: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A value with the finite elements of another one where they are wanted."""
    return np.where(wanted & np.isfinite(other), other, value).astype(value.dtype)


def _find_varied(tensor: Tensor, given: Mapping[Tensor, np.ndarray]) -> dict[Tensor, np.ndarray]:
    """The values of sources that are moved: placeholders, variables, and constants that were differentiated by.

    A function that is differentiated, or mapped over a batch, is given copies of constants.
    """
    order = ancestors([tensor])
    # Of a Jacobian its source is noted with its dimensions.
    moved = {s.node for t in order for s in (t._measures[-1:] if t.derived is None else t.derived.sources)}
    moved |= {t.args[0].node for t in order if t.rule is TABLE["identity"]}
    return {
        t: v for t, v in given.items() if t.dtype in FLOATS and (t.rule in (PLACEHOLDER, VARIABLE) or t.node in moved)
    }


def _is_elementary(tensor: Tensor) -> bool:
    """Whether a program is one of elementary functions, which take microseconds in many digits, close to a pole too."""
    for t in ancestors([tensor]):
        if isinstance(t.rule, Elementwise):
            functions = t.rule.template.atoms(sympy.Function)
            if not all(f.func.__module__.startswith(ELEMENTARY) or f.func in ERRORS for f in functions):
                return False
        elif type(t.rule) is not Contraction and not t.rule.facts.moves and t.rule not in (*SOURCES, ADD_N):
            return False
    return True


def _find_limits(
    tensor: Tensor,
    given: Mapping[Tensor, np.ndarray],
    varied: Mapping[Tensor, np.ndarray],
    steps: list[dict[Tensor, np.ndarray]],
) -> np.ndarray | None:
    """The limits of all elements, NaN where there is none; None where the program has no digits."""
    exact = DigitValues([tensor], work=WORK)
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for own in steps:
        pair: list[np.ndarray] = []
        for radius in RADII:
            point = {t: _shift(v, own[t], radius) if t in varied else v for t, v in given.items()}
            values = exact.evaluate(point, DIGITS)
            if values is None or exact.rounded:
                return None
            pair.append(values[0])
        found.append((pair[0], pair[1]))
    limits = np.full(found[0][0].shape, np.nan)
    for index in np.ndindex(limits.shape):
        limits[index] = _find_common_limit([(far[index], near[index]) for far, near in found])
    return limits


def _shift(value: np.ndarray, step: np.ndarray, radius: sympy.Rational) -> np.ndarray:
    """A point near to another, in exact numbers."""
    moved = np.empty(value.shape, object)
    for index in np.ndindex(value.shape):
        at = T.exact(float(value[index]))
        moved[index] = at + radius * (1 + abs(at)) * sympy.Rational(float(step[index]))
    return moved


def _find_common_limit(pairs: list[tuple[Any, Any]]) -> float:
    """The number that all pairs of finite real values tend to; NaN if there is none."""
    known = [pair for pair in pairs if finite_elements(np.array(pair, object)).all() and not any(v.imag for v in pair)]
    if not known:
        return float("nan")
    if all(abs(far) < FAR and abs(near) <= abs(far) ** 1.5 for far, near in known):
        return 0.0
    limit = known[0][1]
    bounds = FAR * abs(limit), NEAR * abs(limit)
    if all(abs(v - limit) <= bound for pair in known for v, bound in zip(pair, bounds)):
        return float(limit)
    return float("nan")
