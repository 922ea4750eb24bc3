"""A repaired spelling of a program that is not finite at some values: the first of the proposals that holds.

What is proposed is traced and evaluated: it must be finite at the values where the other is not, and equal where both
are finite, by its normal form or at many points.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from tracer.backends.evaluation import WATCH
from tracer.explanations.derivatives import find_derivative, given_for
from tracer.explanations.expression_patterns import replace_parts
from tracer.explanations.expression_tracing import Unspellable, trace
from tracer.explanations.failing_conditions import find_condition
from tracer.explanations.failing_demands import find_failing_demand
from tracer.explanations.node_values import REFUSALS, NodeValues
from tracer.explanations.proposals import Proposal, Spelled, propose
from tracer.explanations.repairs import Repair, apply_repair
from tracer.explanations.spelling import Speller, write
from tracer.explanations.witnesses import Draws
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.reading import formula
from tracer.ops.contraction import reduce_sum
from tracer.places import Origin
from tracer.tensor import Context, Tensor, context

ROUNDS = 3
"""How many repairs may follow on each other."""

POINTS = 24
"""At how many points spellings are compared that are not proved equal."""

TOLERANCE = 1e-8

MILD = 4.0
"""Up to this size of the sources spellings have to agree within the tolerance."""

ROUNDING = 0.05
"""How far they may differ beyond, where one of them rounds more: log(1 - sigmoid(x)) at 36 has two digits."""

FAILURES = (*REFUSALS, Unspellable, ValueError, TypeError, LookupError, AttributeError)
"""What a proposal may raise that does not fit; it is none then."""


class Fix(NamedTuple):
    """A repaired spelling.

    Attributes
    ----------
    text : str
        One expression in tracer's names and those of the sources.
    reason : str
        Why it is finite.
    proved : bool
        Whether it is proved to be equal by its normal form; it was found equal at points otherwise.
    """

    text: str
    reason: str
    proved: bool


@contextmanager
def _record_nothing() -> Iterator[None]:
    """What is traced in the block is not the user's: no tape sees it, and it has no line.

    What gradient rules record still knows the operation that it is for.
    """
    token, watch = context.set(Context(origin=Origin())), WATCH.set(None)
    try:
        yield
    finally:
        context.reset(token)
        WATCH.reset(watch)


def find_fix(values: NodeValues) -> Fix | None:
    """A fix of the tensor whose values are given, of a gradient one of the function; None where none is found.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> find_fix(NodeValues(x * tracer.math.log(x), {x: 0.0})).text
    'math.xlogy(x, x)'
    """
    with _record_nothing():
        try:
            return _Search(values).run()
        except FAILURES:
            return None


class _Search:
    """The search for a fix."""

    def __init__(self, values: NodeValues) -> None:
        self.values = values
        self.target = values.tensor
        self.derivative = find_derivative(self.target)
        self.function: Tensor = self.target if self.derivative is None else _add_targets(self.derivative.targets)
        self.leaves = {} if self.derivative is None else _name_leaf(self.derivative.source)
        speller = Speller([self.function], self.leaves)
        self.chooses = any(t.dtype == "bool" for t in speller.order)
        self.sources: Mapping[str, Tensor] = speller.sources
        self.feed = {t: values[t] for t in values.given.values()}
        first = values.first_not_finite()
        # A guard would change what has a value in mathematics.
        self.rounds = first is not None and _is_by_rounding(values, first)
        # Both spellings are compared at the same points: where sources have values, at others too.
        self.draws = Draws([self.function], keep=False)

    def run(self) -> Fix | None:
        """The first proposal that holds, one that takes several repairs if no single one does."""
        found = [self.function]
        for _ in range(ROUNDS):
            partial = []
            for function in found:
                for proposal in self._propose(function):
                    made = self._trace(proposal.expression)
                    if made is None or not self._agrees(made):
                        continue
                    if self._is_finite(made) and all(self._has_same_result(made, e) for e in proposal.others):
                        proved = self._is_proved(made, proposal.expression)
                        return Fix(write(proposal.expression), proposal.reason, proved)
                    if not proposal.others:
                        partial.append(made)
            found = partial[:3]
        return None

    def _find_result(self, function: Tensor) -> Tensor | None:
        """What is asked for, of a function: itself, or its derivative."""
        return function if self.derivative is None else self.derivative.derive(function)

    def _trace(self, expression: ast.expr) -> Tensor | None:
        try:
            made = trace(expression, self.sources)
        except FAILURES:
            return None
        fits = isinstance(made, Tensor) and made.shape == self.function.shape and made.dtype == self.function.dtype
        return made if fits else None

    def _evaluate(self, tensor: Tensor, feed: Mapping[Tensor, np.ndarray]) -> np.ndarray | None:
        """A value, None where it is refused."""
        try:
            return np.asarray(tensor.eval(dict(feed)) if feed else tensor.eval(), float)
        except FAILURES:
            return None

    def _is_finite(self, function: Tensor) -> bool:
        result = self._find_result(function)
        value = None if result is None else self._evaluate(result, self.feed)
        return value is not None and bool(np.isfinite(value).all())

    def _has_same_result(self, function: Tensor, expression: ast.expr) -> bool:
        """Whether another expression has the same value where the first one is to be finite."""
        other = self._trace(expression)
        pair = None if other is None else (self._find_result(function), self._find_result(other))
        if pair is None or pair[0] is None or pair[1] is None:
            return False
        one, two = self._evaluate(pair[0], self.feed), self._evaluate(pair[1], self.feed)
        if one is None or two is None or not (np.isfinite(one).all() and np.isfinite(two).all()):
            return False
        return _is_equal(one, two)

    def _agrees(self, function: Tensor) -> bool:
        """Whether a function has the value of the given one where both are finite, and what is asked for as well."""
        pairs = [(self.function, function)]
        if self.derivative is not None:
            result = self._find_result(function)
            if result is None:
                return False
            pairs.append((self.target, result))
        compared = 0
        for attempt in range(-1, 3 * POINTS):
            feed = self.feed if attempt < 0 else self.draws.draw(attempt)
            mild = all(np.abs(v).max(initial=0.0) <= MILD for v in feed.values())
            for given, made in pairs:
                expected, value = self._evaluate(given, feed), self._evaluate(made, feed)
                if expected is None or value is None:
                    continue
                close = _is_equal(expected, value)
                if not close and (mild or not _is_equal(expected, value, ROUNDING)):
                    return False
                compared += bool(close and attempt >= 0 and np.isfinite(expected).any() and np.isfinite(value).any())
            if compared >= POINTS * len(pairs) and attempt >= POINTS:
                break
        return compared >= 3

    def _is_proved(self, function: Tensor, expression: ast.expr) -> bool:
        """Whether the normal forms are equal, or are where every repair takes its ordinary branch.

        In the other branch the given spelling is not finite, as the table of repairs and the double where have it.
        """
        try:
            expected = formula(self.function)
            if formula(function) == expected:
                return True
            if self.chooses:
                return False
            ordinary = self._trace(_take_ordinary_branches(expression))
            return ordinary is not None and bool(formula(ordinary) == expected)
        except (FormulaError, TooLong, *FAILURES):
            return False

    def _propose(self, function: Tensor) -> Iterator[Proposal]:
        """Spellings of a function that may be finite."""
        try:
            speller = Speller([function], self.leaves)
            whole = speller.spell(function)
            result = self._find_result(function)
            if result is None:
                return
            values = NodeValues(result, self.feed)
        except FAILURES:
            return
        spelled = Spelled(whole, speller, values, self.feed, self.derivative is not None)
        yield from propose(spelled, guard=not self.rounds)


ORDINARY = (
    Repair("where(c, x, y)", "x", ""),
    Repair("math.xlogy(x, y)", "x * log(y)", ""),
    Repair("math.xlog1py(x, y)", "x * log1p(y)", ""),
    Repair("math.divide_no_nan(x, y)", "x / y", ""),
)
"""What repairs are at ordinary values."""


def _take_ordinary_branches(expression: ast.expr) -> ast.expr:
    for repair in ORDINARY:
        every = [p for p in ast.walk(expression) if isinstance(p, ast.expr)][::-1]
        expression = replace_parts(expression, apply_repair(repair, every, lambda part: True))
    return expression


def _is_equal(one: np.ndarray, two: np.ndarray, tolerance: float = TOLERANCE) -> bool:
    """Whether values agree where both are finite."""
    if one.shape != two.shape:
        return False
    both = np.isfinite(one) & np.isfinite(two)
    return bool(np.allclose(one[both], two[both], rtol=tolerance, atol=tolerance))


def _add_targets(targets: Sequence[Tensor]) -> Tensor:
    """One function with the gradient of several."""
    first, *others = targets
    if others and any(t.shape != first.shape for t in others):
        first, *others = (reduce_sum(t) if t.shape else t for t in targets)
    for other in others:
        first = first + other
    return first


def _name_leaf(source: Tensor) -> dict[int, str]:
    """The name of what a transformation differentiates by."""
    given = given_for(source)
    return {} if given is source else {source.node: given.name}


def _is_by_rounding(values: NodeValues, node: Tensor) -> bool:
    """Whether it is by rounding that a node's operands are out of its domain."""
    return find_failing_demand(values, node) is not None and find_condition(values, node) is None
