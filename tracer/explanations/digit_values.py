"""The values of tensors in many digits, by which what floats round is told from what has no value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import sympy

from tracer.backends.evaluation import measure
from tracer.dtypes import FLOATS
from tracer.explanations.node_values import NodeValues
from tracer.formulas.errors import FormulaError, TooLong
from tracer.ops.contraction import Contraction
from tracer.precise.arithmetic import UnsupportedError, box_numbers, count_truths
from tracer.precise.digits import Digits
from tracer.precise.numeric import Numeric
from tracer.precise.sized import with_sizes
from tracer.tensor import SOURCES, Tensor

DIGITS = 50
"""So many digits are computed with; more where numbers that are very large or very small may cancel."""

WORK = 30_000
"""What has more elements, or products of them, has no value here: each takes microseconds."""

REACH = 6_000
"""Numbers of which a sum may cancel more binary digits are not computed."""

NOISE = 1e-10
"""The part of it that twice the digits leave of what is rounding alone."""

FAR = 1e-3
"""The part of a value by which floats are far from it."""

FAILURES = (
    UnsupportedError, FormulaError, TooLong, ArithmeticError, LookupError, ValueError, TypeError, RecursionError
)  # fmt: skip


class DigitValues:
    """The values of some tensors at values of their sources.

    Parameters
    ----------
    tensors : sequence of Tensor
    work : int, optional
        How many elements, and products of them, may be computed.

    Attributes
    ----------
    rounded : bool
        Whether a function without digits was computed in floats for the last values.
    overflowed : bool
        Whether one of the numbers was too large, or too near to zero, so that it is not known.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> [value] = DigitValues([tracer.math.log(1 - tracer.sigmoid(x))]).evaluate({x: np.array(40.0)})
    >>> float(value)
    -40.0
    """

    def __init__(self, tensors: Sequence[Tensor], work: int = WORK) -> None:
        self.tensors = list(tensors)
        self.work = work
        self.rounded = self.overflowed = False
        self._by_sizes: dict[tuple[tuple[sympy.Symbol, int], ...], tuple[Numeric | None, dict[Tensor, Tensor]]] = {}

    def evaluate(self, feed: Mapping[Tensor, np.ndarray], least: int = DIGITS) -> list[np.ndarray] | None:
        """Arrays of mpmath's numbers, of which some may not be finite; None where an operation has no value here.

        They are computed with as many digits as are asked for, or more.
        """
        try:
            numeric, sources = self._give_sizes(feed)
            if numeric is None:
                return None
            given = {sources[s].node if s in sources else s.node: v for s, v in feed.items()}
            digits = Digits(least)
            found = self._compute(numeric, given, digits)
            if digits.reach > REACH:
                return None
            if digits.reach > DIGITS:
                found = self._compute(numeric, given, Digits(least + int(digits.reach * math.log10(2))))
        except FAILURES:
            return None
        return found

    def _give_sizes(self, feed: Mapping[Tensor, np.ndarray]) -> tuple[Numeric | None, dict[Tensor, Tensor]]:
        """The program at the sizes of the values, None if it is too much work, and its sources."""
        sizes: dict[sympy.Symbol, int] = {}
        for source, value in feed.items():
            measure(source, value, sizes)
        key = tuple(sorted(sizes.items(), key=str))
        if key not in self._by_sizes:
            made, sources = with_sizes(self.tensors, sizes) if sizes else (self.tensors, {})
            numeric = Numeric(made, rough=True)
            self._by_sizes[key] = None if _count_work(numeric) > self.work else numeric, sources
        return self._by_sizes[key]

    def _compute(self, numeric: Numeric, given: Mapping[int, np.ndarray], digits: Digits) -> list[np.ndarray]:
        numeric.rounded = False
        numbers = {node: box_numbers(value, digits) for node, value in given.items()}
        found = [count_truths(v, digits) for v in numeric(numbers, digits)]
        self.rounded, self.overflowed = numeric.rounded, digits.overflowed
        return found


def _count_work(numeric: Numeric) -> int:
    """How many numbers are computed, and products of which they are sums."""
    total = 0
    for t in numeric.order:
        sizes = list(t.shape)
        if type(t.rule) is Contraction:
            known = dict(zip(t.params.output, t.shape))
            for labels, a in zip(t.params.inputs, t.args):
                if type(a) is Tensor:
                    known.update(zip(labels[len(labels) - a.ndim :], a.shape))
            sizes = list(known.values())
        total += int(np.prod([int(d) for d in sizes]))
    return total


def finite_elements(values: np.ndarray) -> np.ndarray:
    """Which elements are finite numbers, of mpmath's or of NumPy's."""
    with np.errstate(invalid="ignore"):  # NumPy warns of infinity minus infinity
        return np.asarray([bool(v - v == 0) for v in values.ravel()], bool).reshape(values.shape)


def values_with_digits(values: NodeValues, node: Tensor, least: int = DIGITS) -> np.ndarray | None:
    """The value of a node in many digits where floats have it otherwise; None where that is not known."""
    exact = DigitValues([node])
    found = exact.evaluate({t: values[t] for t in values.given.values()}, least)
    return None if found is None or exact.rounded else found[0]


def values_without_rounding(values: NodeValues, node: Tensor) -> np.ndarray | None:
    """The value of a node in many digits, zero where only their rounding keeps it from that.

    More digits shrink such a number, or bring its root out of its domain.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y = x / 3 + x / 3 + x / 3 - x
    >>> print(values_without_rounding(NodeValues(y, {x: 1.7}), y))
    0.0
    """
    found, finer = (values_with_digits(values, node, digits) for digits in (DIGITS, 2 * DIGITS))
    if found is None or finer is None:
        return found
    shrunk = [not abs(y) >= abs(x) * NOISE for x, y in zip(found.flat, finer.flat)]
    return np.where(np.reshape(shrunk, found.shape), 0 * found, found)


def is_rounding(values: NodeValues, node: Tensor) -> bool | None:
    """Whether a node has a value in mathematics wherever it counts and is not finite in floats; None if not known.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y, z = tracer.math.log(1 - tracer.sigmoid(x)), tracer.math.log(x)
    >>> is_rounding(NodeValues(y, {x: 40.0}), y), is_rounding(NodeValues(z, {x: 0.0}), z)
    (True, False)
    """
    found = values_with_digits(values, node)
    return None if found is None else bool(finite_elements(found)[values.fails(node)].all())


def rounded_nodes(values: NodeValues) -> set[int]:
    """The nodes whose floats are far from their values in many digits, where both are known.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> p = 1 - tracer.tanh(x)
    >>> rounded_nodes(NodeValues(tracer.math.log(p), {x: 25.0})) >= {p.node}
    True
    """
    floats = [t for t in values.order if t.dtype in FLOATS and t.rule not in SOURCES]
    exact = DigitValues(floats)
    found = exact.evaluate({t: values[t] for t in values.given.values()})
    if found is None or exact.rounded:
        return set()
    wrong = set()
    for t, digits in zip(floats, found, strict=True):
        given = np.asarray(values[t], object)
        known = finite_elements(digits)
        if any(not abs(a - b) <= FAR * abs(b) for a, b in zip(given[known], digits[known], strict=True)):
            wrong.add(t.node)
    return wrong
