"""A repaired spelling of a program that is not finite at some values: proposed by the table of repairs, and checked.

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
from tracer.explanations.failing_conditions import find_condition
from tracer.explanations.failing_demands import find_failing_demand, forward_node
from tracer.explanations.guarding import Guarded
from tracer.explanations.node_values import REFUSALS, NodeValues
from tracer.explanations.repairs import REPAIRS, Repair, apply_repair
from tracer.explanations.spelling import Speller, Unspellable, call, differentiated, trace, write
from tracer.explanations.witnesses import Draws
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.reading import formula
from tracer.ops.contraction import reduce_sum
from tracer.places import Origin
from tracer.rules import Elementwise
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

DOUBLE = "the operand is guarded by where, whatever is chosen afterwards"
MASKS = [repair for repair in REPAIRS if repair.replacement.startswith("where(c")]

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


class Proposal(NamedTuple):
    """An expression that may be a fix; ``others`` must give the same value where it is to be finite."""

    expression: ast.expr
    reason: str
    others: tuple[ast.expr, ...] = ()


@contextmanager
def _unrecorded() -> Iterator[None]:
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
    with _unrecorded():
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
        self.function: Tensor = self.target if self.derivative is None else _sum_of(self.derivative.targets)
        self.leaves = {} if self.derivative is None else _leaves(self.derivative.source)
        speller = Speller([self.function], self.leaves)
        self.chooses = any(t.dtype == "bool" for t in speller.order)
        self.sources: Mapping[str, Tensor] = speller.sources
        self.feed = {t: values[t] for t in values.given.values()}
        first = values.first_not_finite()
        # A guard would change what has a value in mathematics.
        self.rounds = first is not None and _rounds(values, first)
        # Both spellings are compared at the same points: where sources have values, at others too.
        self.draws = Draws([self.function], keep=False)

    def run(self) -> Fix | None:
        """The first proposal that holds, one that takes several repairs if no single one does."""
        found = [self.function]
        for _ in range(ROUNDS):
            partial = []
            for function in found:
                for proposal in self._propose(function):
                    made = self._traced(proposal.expression)
                    if made is None or not self._agrees(made):
                        continue
                    if self._is_finite(made) and all(self._same_result(made, e) for e in proposal.others):
                        proved = self._is_proved(made, proposal.expression)
                        return Fix(write(proposal.expression), proposal.reason, proved)
                    if not proposal.others:
                        partial.append(made)
            found = partial[:3]
        return None

    def _result(self, function: Tensor) -> Tensor | None:
        """What is asked for, of a function: itself, or its derivative."""
        return function if self.derivative is None else self.derivative.derive(function)

    def _traced(self, expression: ast.expr) -> Tensor | None:
        try:
            made = trace(expression, self.sources)
        except FAILURES:
            return None
        fits = isinstance(made, Tensor) and made.shape == self.function.shape and made.dtype == self.function.dtype
        return made if fits else None

    def _value(self, tensor: Tensor, feed: Mapping[Tensor, np.ndarray]) -> np.ndarray | None:
        """A value, None where it is refused."""
        try:
            return np.asarray(tensor.eval(dict(feed)) if feed else tensor.eval(), float)
        except FAILURES:
            return None

    def _is_finite(self, function: Tensor) -> bool:
        result = self._result(function)
        value = None if result is None else self._value(result, self.feed)
        return value is not None and bool(np.isfinite(value).all())

    def _same_result(self, function: Tensor, expression: ast.expr) -> bool:
        """Whether another expression has the same value where the first one is to be finite."""
        other = self._traced(expression)
        pair = None if other is None else (self._result(function), self._result(other))
        if pair is None or pair[0] is None or pair[1] is None:
            return False
        one, two = self._value(pair[0], self.feed), self._value(pair[1], self.feed)
        if one is None or two is None or not (np.isfinite(one).all() and np.isfinite(two).all()):
            return False
        return _is_equal(one, two)

    def _agrees(self, function: Tensor) -> bool:
        """Whether a function has the value of the given one where both are finite, and what is asked for as well."""
        pairs = [(self.function, function)]
        if self.derivative is not None:
            result = self._result(function)
            if result is None:
                return False
            pairs.append((self.target, result))
        compared = 0
        for attempt in range(-1, 3 * POINTS):
            feed = self.feed if attempt < 0 else self.draws.draw(attempt)
            mild = all(np.abs(v).max(initial=0.0) <= MILD for v in feed.values())
            for given, made in pairs:
                expected, value = self._value(given, feed), self._value(made, feed)
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
            ordinary = self._traced(_take_ordinary_branches(expression))
            return ordinary is not None and bool(formula(ordinary) == expected)
        except (FormulaError, TooLong, *FAILURES):
            return False

    def _propose(self, function: Tensor) -> Iterator[Proposal]:
        """Spellings of a function that may be finite."""
        try:
            speller = Speller([function], self.leaves)
            whole = speller.spell(function)
            result = self._result(function)
            if result is None:
                return
            values = NodeValues(result, self.feed)
        except FAILURES:
            return
        own = {t.node: t for t in speller.order}
        suspects = _suspects(values, own)
        chosen = [t for t in speller.order if t.node in suspects]
        arrays = {id(speller.parts[t.node]): t for t in speller.order}

        def is_zero(part: ast.expr) -> bool:
            if isinstance(part, ast.Constant):
                return part.value == 0
            tensor = arrays.get(id(part))
            return tensor is not None and _has_zeros(NodeValues(tensor, self.feed))

        for clip in _clips(chosen, values, speller):
            yield Proposal(replace_parts(whole, clip), "rounding leads out of the domain")
        guards = _Guards(whole, chosen, values, speller, self.derivative is not None)
        yield from guards.of_masks()
        expressions = [speller.parts[t.node] for t in chosen]
        for repair in REPAIRS:
            made = apply_repair(repair, expressions, is_zero)
            if made:
                yield Proposal(replace_parts(whole, made), repair.reason)
        if not self.rounds:
            yield from guards.plain()


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


def _has_zeros(values: NodeValues) -> bool:
    return bool((values[values.tensor] == 0).any())


def _is_equal(one: np.ndarray, two: np.ndarray, tolerance: float = TOLERANCE) -> bool:
    """Whether values agree where both are finite."""
    if one.shape != two.shape:
        return False
    both = np.isfinite(one) & np.isfinite(two)
    return bool(np.allclose(one[both], two[both], rtol=tolerance, atol=tolerance))


def _sum_of(targets: Sequence[Tensor]) -> Tensor:
    """One function with the gradient of several."""
    first, *others = targets
    if others and any(t.shape != first.shape for t in others):
        first, *others = (reduce_sum(t) if t.shape else t for t in targets)
    for other in others:
        first = first + other
    return first


def _leaves(source: Tensor) -> dict[int, str]:
    """The name of what a transformation differentiates by."""
    given = given_for(source)
    return {} if given is source else {source.node: given.name}


def _rounds(values: NodeValues, node: Tensor) -> bool:
    """Whether it is by rounding that a node's operands are out of its domain."""
    return find_failing_demand(values, node) is not None and find_condition(values, node) is None


def _suspects(values: NodeValues, own: dict[int, Tensor]) -> set[int]:
    """The nodes of a function at which values or their gradients are not finite, and those that use them at once."""
    found: set[int] = set()
    for t in values.order:
        if values.fails(t).any():
            node = own[t.node] if t.node in own else forward_node(t, own)
            if node is not None:
                found.add(node.node)
    backward = any(t.node not in own and values.fails(t).any() for t in values.order)
    if backward:
        found |= {t.node for t in own.values() if any(type(a) is Tensor and a.node in found for a in t.args)}
    return found


def _elementwise(chosen: list[Tensor], speller: Speller, derivative: bool) -> Iterator[tuple[Tensor, Guarded]]:
    for node in chosen:
        if isinstance(node.rule, Elementwise) and differentiated(node) is None:
            try:
                parts = [speller.part(a) for a in node.args]
                yield node, Guarded(node, parts, derivative)
            except Unspellable:
                continue


def _clips(chosen: list[Tensor], values: NodeValues, speller: Speller) -> Iterator[dict[int, ast.expr]]:
    made: dict[int, ast.expr] = {}
    for node, guarded in _elementwise(chosen, speller, False):
        if node.node in {t.node for t in values.order} and guarded.fails(values):
            operand = guarded.clipped(values)
            if operand is not None:
                made[id(speller.parts[node.node])] = _with_operand(speller, node, guarded, operand, made)
    if made:
        yield made


def _with_operand(
    speller: Speller, node: Tensor, guarded: Guarded, operand: ast.expr, made: Mapping[int, ast.expr]
) -> ast.expr:
    """The expression of a node with another operand."""
    parts = [replace_parts(p, made) for p in guarded.parts]
    parts[guarded.position] = replace_parts(operand, made)
    return speller.elementwise(node, *parts)


class _Guards:
    """The double where: the operands of what fails are guarded by its domain."""

    def __init__(
        self, whole: ast.expr, chosen: list[Tensor], values: NodeValues, speller: Speller, derivative: bool
    ) -> None:
        known = {t.node for t in values.order}
        self.whole, self.values, self.speller, self.derivative = whole, values, speller, derivative
        self.failing = [
            (node, guarded, guarded.safes(values))
            for node, guarded in _elementwise(chosen, speller, derivative)
            if all(a.node in known for a in node.args if type(a) is Tensor) and guarded.fails(values)
        ]
        self.possible = bool(self.failing) and all(len(safes) == 2 for _, _, safes in self.failing)

    def of_masks(self) -> Iterator[Proposal]:
        """Products with masks as choices, of which the operands are guarded."""
        if not self.possible:
            return
        one, two = self._guard(0), self._guard(1)
        every = [p for p in ast.walk(one) if isinstance(p, ast.expr)][::-1]
        for repair in MASKS:
            shorter = replace_parts(one, apply_repair(repair, every, lambda part: True))
            if shorter is not one:
                yield Proposal(shorter, DOUBLE, (two,))

    def plain(self) -> Iterator[Proposal]:
        """Guarded operands; of a gradient, with the value at the end of the domain held as well."""
        if not self.possible:
            return
        yield Proposal(self._guard(0), DOUBLE, (self._guard(1),))
        if self.derivative:
            reason = "the derivative at the end of the domain is 0 by convention"
            yield Proposal(self._guard(0, held=True), reason, (self._guard(1, held=True),))

    def _guard(self, k: int, held: bool = False) -> ast.expr:
        made: dict[int, ast.expr] = {}
        for node, guarded, safes in self.failing:
            inner = _with_operand(self.speller, node, guarded, guarded.operand(safes[k]), made)
            if held:
                inner = call("where", replace_parts(guarded.test, made), inner, self._hold(node, guarded, made))
            made[id(self.speller.parts[node.node])] = inner
        return replace_parts(self.whole, made)

    def _hold(self, node: Tensor, guarded: Guarded, made: Mapping[int, ast.expr]) -> ast.expr:
        """The value outside of the open domain: a number, or what the operation makes of the operand, held."""
        value = guarded.edge(self.values)
        if value is not None:
            return value
        return call("stop_gradient", replace_parts(self.speller.parts[node.node], made))
