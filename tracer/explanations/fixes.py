"""A repaired spelling of a program that is not finite at some values: the first of the proposals that holds.

What is proposed is traced and evaluated: it must be finite at the values where the other is not, and equal where both
are finite, with its derivatives, in many digits at points of all magnitudes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tracer.backends.evaluation import WATCH, run_program
from tracer.dtypes import FLOATS
from tracer.explanations.agreement import Agreement
from tracer.explanations.derivatives import find_derivative, given_for
from tracer.explanations.digit_values import DigitValues, finite_elements, is_rounding
from tracer.explanations.expression_patterns import replace_parts
from tracer.explanations.expression_tracing import Unspellable, trace
from tracer.explanations.failing_conditions import find_condition
from tracer.explanations.failing_demands import find_failing_demand
from tracer.explanations.limits import CLOSE, Limits, Tendency, find_limits
from tracer.explanations.node_values import REFUSALS, NodeValues
from tracer.explanations.proposals import HELD, Proposal, Spelled, propose
from tracer.explanations.repairs import Repair, apply_repair
from tracer.explanations.spelling import Speller, differentiated, write
from tracer.explanations.witnesses import Draws
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.reading import formula
from tracer.interrupts import run_long
from tracer.ops.contraction import reduce_sum
from tracer.places import Origin
from tracer.tape import gradients
from tracer.tensor import PLACEHOLDER, VARIABLE, Context, Tensor, context

ROUNDS = 3
"""How many repairs may follow on each other."""

INFINITE = "the derivative is infinite there; 0 stands for it by convention"

MOST_SOURCES = 3
"""By so many sources the derivatives of a fix are compared."""

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
    """Keep what is traced in the block apart from the user's program: no tape sees it, and it has no line.

    What gradient rules record still knows the operation that it is for.
    """
    before, watch = context.get(), WATCH.get()
    try:
        context.set(Context(origin=Origin()))
        WATCH.set(None)
        yield
    finally:
        context.set(before)
        WATCH.set(watch)


def find_fix(values: NodeValues) -> Fix | None:
    """A fix of a tensor that is not finite at some values; of a gradient, a fix of its function. None if none holds.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> find_fix(NodeValues(x * tracer.math.log(x), {x: 0.0})).text
    'math.xlogy(x, x)'
    """
    return run_long("fix", _find_fix, values)


def _find_fix(values: NodeValues) -> Fix | None:
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
        named = [t for t in values.order if t.rule in (VARIABLE, PLACEHOLDER)]
        self.point = {t: values[t] for t in (*named, *self.feed)}
        first = values.first_not_finite()
        # A guard would change what has a value in mathematics.
        self.rounds = first is not None and _is_by_rounding(values, first)
        # Both spellings are compared at the same points: where sources have values, at others too.
        self.draws = Draws([self.function, self.target], keep=False)

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
                    if not proposal.masked and not self._continues(made):
                        continue
                    if self._is_finite(made) and all(self._has_same_result(made, e) for e in proposal.others):
                        proved = self._is_proved(made, proposal.expression)
                        reason = INFINITE if proposal.reason == HELD and self._has_pole() else proposal.reason
                        return Fix(write(proposal.expression), reason, proved)
                    if not proposal.others:
                        partial.append(made)
            found = partial[:3]
        return None

    def _find_result(self, function: Tensor) -> Tensor | None:
        """The function itself, or its derivative where that is to be finite."""
        return function if self.derivative is None else self.derivative.derive(function)

    def _trace(self, expression: ast.expr) -> Tensor | None:
        try:
            made = trace(expression, self.sources)
        except FAILURES:
            return None
        fits = isinstance(made, Tensor) and made.shape == self.function.shape and made.dtype == self.function.dtype
        return made if fits else None

    def _evaluate(self, tensor: Tensor, feed: Mapping[Tensor, np.ndarray]) -> np.ndarray | None:
        """A value as it is written, None where it is refused."""
        try:
            return np.asarray(run_program(tensor, feed), float)
        except FAILURES:
            return None

    def _list_levels(self, function: Tensor) -> list[Tensor | None]:
        """A function, what it is a derivative of in turn, and its derivative where that is to be finite."""
        levels: list[Tensor | None] = [self._find_result(function)]
        inner: Tensor | None = function
        while inner is not None:
            levels.append(inner)
            of = differentiated(inner)
            inner = None if of is None else of[0]
        return levels

    def _is_finite(self, function: Tensor) -> bool:
        """Whether a function is finite at the values, and what it is differentiated from and to."""
        values = [None if t is None else self._evaluate(t, self.feed) for t in self._list_levels(function)]
        return all(v is not None and np.isfinite(v).all() for v in values)

    def _has_same_result(self, function: Tensor, expression: ast.expr) -> bool:
        """Whether another expression has the same value where the first one is to be finite."""
        other = self._trace(expression)
        if other is None or not self._is_finite(other):
            return False
        pairs = zip(self._list_levels(function), self._list_levels(other), strict=True)
        levels = Agreement([(one, two) for one, two in pairs if one is not None and two is not None])
        return levels.at(self.feed) is not False

    def _agrees(self, function: Tensor) -> bool:
        """Whether a function has the value of the given one where both are finite, and the derivatives."""
        pairs = [(self.function, function)]
        if self.derivative is not None:
            result = self._find_result(function)
            if result is None:
                return False
            pairs.append((self.target, result))
        values = Agreement(pairs)
        if values.at(self.feed) is False or not values.everywhere(self.draws):
            return False
        # At a kink or where an operation is at the end of its domain, the spellings may have other conventions.
        slopes = self._differentiate(function) if self.derivative is None else []
        return not slopes or Agreement([*pairs, *slopes]).everywhere(self.draws, generic=True)

    def _differentiate(self, function: Tensor) -> list[tuple[Tensor, Tensor]]:
        """The gradients of the given function and of another one."""
        found = []
        for source in [s for s in self.sources.values() if s.dtype in FLOATS][:MOST_SOURCES]:
            one, two = gradients(self.function, [source])[0], gradients(function, [source])[0]
            if one is not None and two is not None:
                found.append((one, two))
        return found

    @cached_property
    def limits(self) -> list[Limits | None]:
        """What the function, and the derivative if one is asked for, tend to at the values."""
        tensors = [self.function] if self.derivative is None else [self.function, self.target]
        return [find_limits(t, self.point) for t in tensors]

    def _has_pole(self) -> bool:
        """Whether a derivative has no bound near the values."""
        found = self.limits[-1]
        return self.derivative is not None and found is not None and bool((found.tendencies == Tendency.POLE).any())

    def _continues(self, made: Tensor) -> bool:
        """Whether a function has the limits of the given one where this is not finite, and no value at its poles.

        A derivative may have a value by convention where the function has one.
        """
        tensors = [self.function] if self.derivative is None else [self.function, self.target]
        results = [made] if self.derivative is None else [made, self._find_result(made)]
        for given, result, limits in zip(tensors, results, self.limits, strict=True):
            before = self._evaluate(given, self.feed)
            after = None if result is None else self._evaluate(result, self.feed)
            if limits is None or before is None or after is None or after.shape != before.shape:
                continue
            # Floats may have a value where mathematics has none: exp(-1/x**2) at 0.
            exact = DigitValues([given]).evaluate(self.point)
            wrong = ~np.isfinite(before) if exact is None else ~finite_elements(exact[0])
            if given is self.function and (wrong & (limits.tendencies == Tendency.POLE)).any():
                return False
            floats = wrong & np.isfinite(before) & np.isfinite(after) & (limits.tendencies != Tendency.LIMIT)
            if (np.abs(after[floats] - before[floats]) > CLOSE * (1 + np.abs(before[floats]))).any():
                return False
            known = wrong & np.isfinite(after) & (limits.tendencies == Tendency.LIMIT)
            if (np.abs(after - limits.values)[known] > CLOSE * (1 + np.abs(limits.values[known]))).any():
                return False
        return True

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
        spelled = Spelled(whole, speller, values, self.feed, 0 if self.derivative is None else self.derivative.order)
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


def _add_targets(targets: Sequence[Tensor]) -> Tensor:
    """One function with the gradient of several."""
    first, *others = targets
    if others and any(t.shape != first.shape for t in others):
        first, *others = (reduce_sum(t) if t.shape else t for t in targets)
    for other in others:
        first = first + other
    return first


def _name_leaf(source: Tensor) -> dict[int, str]:
    """The name of the source, where a transformation differentiates by a copy of it."""
    given = given_for(source)
    return {} if given is source else {source.node: given.name}


def _is_by_rounding(values: NodeValues, node: Tensor) -> bool:
    """Whether it is by rounding that a node is not finite."""
    known = is_rounding(values, node)
    if known is not None:
        return known
    return find_failing_demand(values, node) is not None and find_condition(values, node) is None
