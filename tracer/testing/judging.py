"""Whether a gradient rule is right at a point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tracer.comparison.instances import DIGITS, FINE, UNDEFINED, Instance, Outcome, as_numbers, flatten
from tracer.comparison.sides import Side
from tracer.custom import GradientShapeError
from tracer.precise.arithmetic import UnsupportedError, box_numbers, fill_array
from tracer.precise.digits import Digits
from tracer.precise.numeric import Numeric
from tracer.tensor import Tensor
from tracer.testing.differences import FIRST_DIGITS, Differences, evaluate_floats
from tracer.testing.subjects import Subject, drop_rules
from tracer.testing.truths import AGREED_IN_FLOATS, MANY_SIDES, Truth, Truths, Values, add_elements, are_finite
from tracer.testing.written_numbers import find_written_numbers
from tracer.walk import ancestors

ROUGH = 1e-9
"""The relative error from on which a rule of floats is wrong, where its input is well conditioned."""

APART = 1e-6
"""The relative error from on which sums of elements are others."""

SMALLEST = 1e-150
"""What rules of floats may take for zero, as its square is; what is larger than its inverse may be infinite.

Cotangents are ordinary.
"""

TINY = 1e-320
"""What no float is: below it nothing is wrong."""

ROUNDING = 256 * 2.0**-53
"""What part of its operands a step of floats may lose, and some more."""

RAISED = ValueError, LookupError, ArithmeticError, np.linalg.LinAlgError
"""What a rule of numbers raises where it is wrong; other errors are those of a function that can't be called."""

BESIDE, BESIDE_FLOATS = 2.0**-60, 2.0**-45
"""How far from a kink, in parts of the inputs, derivatives are looked at."""

ORDINARY = 1e4
"""Up to where, and from the inverse of which on, what has no more digits than floats is looked at."""

MORE = 160, 800
"""How many digits are taken where a rule seems wrong."""

NOTHING = 1e-60
"""What part of the size of a derivative is zero: what only rounding keeps from it is smaller in :data:`MORE` digits."""

WIDER = 1e-3
"""By what part of them derivatives beside a kink may differ from those nearer to it."""

MOVED = 2.0**-50
"""What part of the inputs is changed to see what rounding does to the derivatives."""

HALVES = MOVED / 2, MOVED
"""Between which two changes the derivatives are compared for that."""


PATTERNS = 4
"""In so many patterns of signs, at the least, the inputs are changed for that."""


class GradientCountError(ValueError):
    """A rule answers more or fewer gradients than there are inputs: it can't be judged."""


class RuleInstance(Instance):
    """What a rule answers, and the derivatives of what is computed, for inputs of numeric shapes.

    ``left`` is what is true, ``right`` what a traced rule answers. The last of the sources are cotangents.

    Attributes
    ----------
    symbolic : list of Tensor or None
        What the rule answers for tensors, of a rule of numbers too if it takes them.
    """

    def __init__(
        self,
        subject: Subject,
        names: Sequence[str],
        shapes: Sequence[tuple[int, ...]],
        dtypes: Sequence[str],
        sizes: Mapping[str, int],
        assumed: Sequence[Mapping[str, bool]] = (),
    ) -> None:
        self.subject, self.numeric = subject, subject.vjp is not None
        self.misshapen: GradientShapeError | None = None
        if subject.vjp is not None:
            self.constants = find_written_numbers(subject.vjp)
        answer = self._answer_floats if self.numeric else self._trace_answer
        super().__init__((Side(self._trace_exact), Side(answer)), names, shapes, dtypes, sizes, assumed)
        assert self.left is not None
        self.symbolic = self.right
        if self.numeric:
            self.right, self.traced = None, False
        self.count = len(self.left)
        self.primals = self._derivatives.primals
        self.digits = Digits(FIRST_DIGITS)
        self._outcomes: dict[bytes, Outcome] = {}
        self._more = [Digits(digits) for digits in MORE]
        self._program = Numeric([*self.left, *(self.right or ()), *self.primals], rough=True)
        self._conditions = Numeric([*self.primals, *self.left, *(self.symbolic or ())], rough=True)
        self.held = self._derivatives.constants
        self._asks_more = any(t.rule.domain is not None for t in ancestors(self.left))
        differences = Differences(self.primals, list(self.sources.values()), self.held)
        self.truths = Truths(self.evaluate_all, differences, self.count)

    def _trace_exact(self, *sources: Tensor) -> list[Tensor]:
        """The gradients of what is computed, by the rules of the library."""
        value = self.subject.value(sources[: self.subject.arity])
        rows = [t.rule for t in ancestors([value])]
        self.has_own_rule = self.numeric or any(rule.joint_pullback is not None for rule in rows)
        self._has_domain = any(rule.domain is not None for rule in rows)
        self._derivatives = self.subject.differentiate(drop_rules([value])[0], sources)
        return self._derivatives.gradients

    def _trace_answer(self, *sources: Tensor) -> list[Tensor]:
        """The gradients that are traced."""
        if not self.has_own_rule:
            return self._derivatives.gradients
        value = self.subject.value(sources[: self.subject.arity])
        return self.subject.differentiate(value, sources).gradients

    def _require_computable(self, side: Side) -> None:
        """What can't be traced is an error, but for a rule of numbers."""
        assert side.error is not None
        if isinstance(side.error, GradientShapeError):
            self.misshapen = side.error
        elif side is self.sides[0] or not self.numeric:
            raise side.error

    def _answer_floats(self, *sources: Any) -> list[Any]:
        """The answer of a rule of numbers, for copies of arrays; or for tensors, if it takes them."""
        assert self.subject.vjp is not None
        *inputs, cotangent = (s if isinstance(s, Tensor) else np.array(s)[()] for s in sources)
        answer = self.subject.vjp(cotangent, *inputs)
        leaves = list(answer) if isinstance(answer, (list, tuple)) else [answer]
        if len(leaves) != len(inputs):
            raise GradientCountError(
                f"vjp answers {len(leaves)} gradients for {len(inputs)} inputs; answer a sequence with one for each, "
                "None where nothing flows"
            )
        return [0 * x if leaf is None else leaf for leaf, x in zip(leaves, inputs)]

    @property
    def order(self) -> list[Tensor]:
        """All that is traced, the answer of a rule of numbers too."""
        return ancestors([*self.primals, *(self.left or ()), *(self.symbolic or ())])

    def _ask_conditions(self, boxed: Sequence[np.ndarray], a: Digits) -> None:
        """Compute all that is traced, the answer of a rule of numbers too."""
        try:
            self._conditions({s.node: v for s, v in zip(self.sources.values(), boxed)}, a)
        except UnsupportedError:
            a.margins = []  # Of a rule of numbers that has no digits nothing is known.

    def evaluate_all(self, boxed: Sequence[np.ndarray], a: Digits) -> Values:
        """The values of all that is traced, at numbers of many digits."""
        feed = {source.node: v for source, v in zip(self.sources.values(), boxed)}
        found = [as_numbers(v, a) for v in self._program(feed, a)]
        answers = len(self.right or ())
        return Values(found[: self.count], found[self.count :][:answers], found[self.count + answers :])

    def evaluate_boxed(self, values: Sequence[np.ndarray], a: Digits) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The derivatives, and what a traced rule answers."""
        found = self.evaluate_all(values, a)
        return found.exact, found.answers

    def compare(self, values: Sequence[np.ndarray]) -> Outcome:
        """What is found at a point: whether the rule is wrong there.

        What seems wrong is looked at with more digits, of which a difference of nearly equal numbers loses many, and
        with the most of them from many sides of a kink.
        """
        values = self.cast(values)
        if self.numeric:
            return self._compare_closely(values)
        key = b"".join(v.tobytes() for v in values)  # Some points are tried from more than one side.
        if key not in self._outcomes:
            self._outcomes[key] = self._compare_closely(values)
        return self._outcomes[key]

    def _compare_closely(self, values: Sequence[np.ndarray]) -> Outcome:
        first = outcome = self._compare_in(values, self.digits, thorough=False)
        for arithmetic in self._more if outcome.differs else ():
            outcome = self._compare_in(values, arithmetic, thorough=arithmetic is self._more[-1])
            if self.numeric and outcome.defined and not _are_same(first.right, outcome.right):
                return first  # What is right when it is asked again was wrong all the same.
            if not outcome.differs:
                break
        return outcome

    def compare_roughly(self, values: Sequence[np.ndarray], thorough: bool = True) -> Outcome:
        """What is found at a point without a second look; not a ``thorough`` one is from few sides of a kink."""
        return self._compare_in(self.cast(values), self.digits, thorough, confirm=False)

    def _compare_in(self, point: Sequence[np.ndarray], a: Digits, thorough: bool, confirm: bool = True) -> Outcome:
        boxed = [box_numbers(v, a) for v in point]
        a.reach, a.margins = _reach(boxed, a), []
        a.overflowed = a.lost = a.singular = False
        values = self.evaluate_all(boxed, a)
        singular = self._is_singular(values, a)
        margins, a.margins = a.margins, None
        if self.numeric and any(np.any((v != 0) & (np.abs(v) < SMALLEST)) for v in point[: self.count]):
            return UNDEFINED  # The squares of such inputs have few digits left, or none.
        if self._program.rounded and not _are_within(point[: self.count], 1 / ORDINARY):
            return UNDEFINED
        if not are_finite(values.primals, a) or (self.numeric and not self._have_floats(values.primals, point)):
            return UNDEFINED
        if singular and not self.numeric and not are_finite(values.answers, a):
            return UNDEFINED  # As below, before differences are taken.
        if a.overflowed and not are_finite(values.answers, a):
            return UNDEFINED  # These numbers have a larger range than floats, yet it ends: a rule is not to blame.
        near = ROUNDING / 16 * _largest(point[: self.count]) if self.numeric else 0.0
        beside = BESIDE_FLOATS if self.numeric else BESIDE
        kink = self._is_kink(boxed, margins, near, a, beside)
        if kink and not self.has_own_rule and not a.lost and are_finite(values.exact, a):
            return UNDEFINED  # There the derivative is a convention, and both sides would be the same answer.
        truth = self.truths.at(point, boxed, values, a, beside, kink, centre=not self.numeric)
        if truth is None:
            return UNDEFINED
        actual = self._answer(point, values if truth.answers is None else values._replace(answers=truth.answers), a)
        unanswered = self.numeric and not any(v.size for v in actual) and self.error_at(point) is not None
        if unanswered or [v.shape for v in actual] != [v.shape for v in truth.expected]:
            return Outcome(True, True, 0.0, truth.expected, actual)
        if singular and not are_finite(actual, a):
            return UNDEFINED
        wrong, digits = self._judge(point, truth, actual, a, confirm)
        thorough &= self.numeric
        if wrong and thorough and not kink:  # So near to a kink as rounding leads each of its sides is right.
            sides = self.truths.at(point, boxed, values, a, beside, True)
            if sides is None:
                return UNDEFINED
            wrong, digits = self._judge(point, sides, actual, a, confirm)
        thorough &= kink
        if wrong and thorough:  # Before a rule is blamed, more sides are looked at.
            truth = self.truths.at(point, boxed, values, a, beside, kink, False, MANY_SIDES) or truth
            wrong, digits = self._judge(point, truth, actual, a, confirm)
        if wrong and thorough:
            nearer = self.truths.at(point, boxed, values, a, BESIDE, kink, centre=False)
            if nearer is None or _are_wider(nearer, truth):
                return UNDEFINED  # Beside a pole of the derivatives there are no least and greatest ones.
        return Outcome(True, wrong, digits, truth.find_nearest(actual), actual)

    def _is_singular(self, values: Values, a: Digits) -> bool:
        """Whether no answer is asked for at a point, as none is of a rule of the determinant by the inverse.

        A rule of the library is asked wherever the rows of the function state no domain.
        """
        if self.has_own_rule and a.singular:
            return True
        return (self.has_own_rule or self._has_domain) and self._asks_more and not are_finite(values.exact, a)

    def _is_kink(
        self, boxed: Sequence[np.ndarray], margins: Sequence[Any], near: float, a: Digits, beside: float
    ) -> bool:
        """Whether a condition is about to change: not one whose two sides are equal beside the point too."""
        on = [k for k, m in enumerate(margins) if abs(m) <= near]
        if not on:
            return False
        lost, a.margins = a.lost, []
        self.evaluate_all(self.truths.move(boxed, a, beside), a)
        others, a.margins, a.lost = a.margins, None, lost
        return len(others) != len(margins) or any(others[k] != margins[k] for k in on)

    def _have_floats(self, primal: Sequence[np.ndarray], values: Sequence[np.ndarray]) -> bool:
        """Whether floats have the values that digits have: they overflow, and take small numbers for zero."""
        feed: dict[Any, Any] = dict(zip(self.sources.values(), values))
        for t, exact in zip(self.primals, primal):
            found = evaluate_floats(t, feed)
            bound = 1e-6 * max((abs(float(x)) for x in exact.flat), default=0.0)
            if not np.isfinite(found).all() or any(abs(y - float(x)) > bound for x, y in zip(exact.flat, found.flat)):
                return False
        return True

    def _answer(self, point: Sequence[np.ndarray], values: Values, a: Digits) -> list[np.ndarray]:
        """What the rule answers, as numbers of many digits."""
        if self.misshapen is not None:
            shapes = [v.shape for v in point[: self.count]]
            shapes[self.misshapen.position] = tuple(map(int, self.misshapen.given))
            return [np.full(s, np.nan, object) for s in shapes]
        if not self.numeric:
            return values.answers
        try:
            found = self.sides[1].compute(point)
        except GradientCountError:
            raise
        except RAISED:
            found = [np.full(v.shape, np.nan) for v in point[: self.count]]
        return [fill_array(v.shape, [a.context.mpf(_as_float(x)) for x in v.flat]) for v in found]

    def error_at(self, values: Sequence[np.ndarray]) -> Exception | None:
        """What a rule of numbers raises at a point, if it does."""
        if self.numeric:
            try:
                self.sides[1].compute(values)
            except RAISED as error:
                return error
        return None

    def _judge(
        self, values: Sequence[np.ndarray], truth: Truth, actual: list[np.ndarray], a: Digits, confirm: bool
    ) -> tuple[bool, float]:
        """Whether an element is wrong, and how many digits agree."""
        finite = a.is_finite
        tolerance = max(truth.tolerance, ROUGH if self.numeric or self._program.rounded else FINE)
        # What squares such inputs has no finite answer, and is no worse a rule for it.
        squared = _are_within(values[: self.count], SMALLEST)
        wrong, worst = [], 0.0
        for y, e, low, high in zip(*map(flatten, (actual, truth.expected, truth.low, truth.high)), strict=True):
            if low == -high and not finite(high):
                wrong.append(False)
                continue
            if not finite(y):
                ordinary = squared and abs(e) * SMALLEST < 1
                wrong.append(not self.numeric or (ordinary and not (e == 0 and self._is_idle(values))))
                continue
            error = max(low - y, y - high, 0)
            size = max(abs(y), abs(e), abs(low), abs(high))
            wrong.append(error > max(tolerance * size, TINY))
            if size > SMALLEST and not wrong[-1]:  # What is off and no mistake is rounding, which says nothing.
                worst = max(worst, float(error / size))
        known = -float(np.log10(AGREED_IN_FLOATS)) if self._program.rounded else DIGITS
        digits = known if not worst else min(known, -float(np.log10(worst)))
        if not any(wrong) and not (are_finite(actual, a) and _find_other_totals(truth, actual)):
            return False, digits
        if self.numeric:
            return self._exceeds_rounding(wrong, values, truth, actual, a), digits
        if not any(wrong):
            return True, digits
        if confirm and not truth.by_differences:
            outcome = Outcome(True, True, digits, truth.expected, actual)
            return not are_finite(actual, a) or bool(self._confirm(values, outcome, a)), digits
        return True, digits

    def _is_idle(self, values: Sequence[np.ndarray]) -> bool:
        """Whether zeros among the cotangents may account for what is not finite: with ones for them the rule is not
        finite either. Zero times what is too large for a float is NaN, and no mistake.
        """
        inputs, cotangents = values[: self.count], values[self.count :]
        if all(np.all(v) for v in cotangents):
            return False
        try:
            answers = self.sides[1].compute([*inputs, *(np.where(v == 0, 1.0, v) for v in cotangents)])
        except RAISED:
            return True
        return not all(np.isfinite(v).all() for v in answers)

    def _find_worth(self, values: Sequence[np.ndarray], truth: Truth, a: Digits) -> list[Any]:
        """For each element of an input the size of a derivative: what it makes of the value, or the largest of them."""
        boxed = [box_numbers(v, a) for v in values]
        primals = flatten(self.evaluate_all(boxed, a).primals)
        weighed = sum(abs(y * g) for y, g in zip(primals, flatten(boxed[self.count :])))
        sizes = [
            max(weighed / (_largest([v]) or 1.0), *(abs(x) for x in e.flat), 0) for v, e in zip(values, truth.expected)
        ]
        return [size for v, size in zip(values, sizes) for _ in range(v.size)]

    def _exceeds_rounding(
        self,
        wrong: Sequence[bool],
        values: Sequence[np.ndarray],
        truth: Truth,
        actual: Sequence[np.ndarray],
        a: Digits,
    ) -> bool:
        """Whether errors are larger than those that rounding of the inputs makes of the derivatives.

        Where a derivative is zero, what rounding of the value and of the other derivatives is worth is none either: its
        terms cancel.
        """
        change = [a.context.mpf(0)] * len(wrong)
        rng = np.random.default_rng(0)
        sizes = [_magnitude(v) for v in values]
        for size, high in zip(sizes, truth.high):
            size[np.isposinf(high.astype(float))] = 0.0  # What can't move is not rounded either.
        for signs in _sign_patterns(sum(v.size for v in values), rng):
            parts = np.split(signs, np.cumsum([v.size for v in values])[:-1])
            steps = [s.reshape(v.shape) * size for v, s, size in zip(values, parts, sizes)]
            # Both points are on one side of a kink: a jump of the derivatives is no rounding.
            ends = [self._derive_at([v + part * s for v, s in zip(values, steps)], truth, a) for part in HALVES]
            if not all(are_finite(found, a) for found in ends):
                return False
            change = [max(c, 2 * abs(x - y)) for c, x, y in zip(change, *map(flatten, ends))]
        worth = self._find_worth(values, truth, a)
        zero = SMALLEST * max(1.0, _largest(values[self.count :]))
        allowed = [ROUNDING / MOVED * c + zero for c in change]
        allowed = [
            most + (ROUNDING * w if abs(e) <= NOTHING * w else 0)
            for most, e, w in zip(allowed, flatten(truth.expected), worth)
        ]
        numbers = zip(wrong, allowed, *map(flatten, (actual, truth.low, truth.high)))
        if any(w and not max(low - y, y - high) <= most for w, most, y, low, high in numbers):
            return True
        return any(e > sum(allowed) + ROUNDING * sum(worth) for e in _find_other_totals(truth, actual))

    def _derive_at(self, values: Sequence[np.ndarray], truth: Truth, a: Digits) -> list[np.ndarray]:
        """The derivatives beside a point, found as at the point."""
        found = self.evaluate_all([box_numbers(v, a) for v in values], a).exact
        if truth.by_differences and not are_finite(found, a):  # Zeros are not moved.
            beside = self.truths.by_differences(values, a)
            return beside.expected if beside is not None else found
        return found


def _sign_patterns(count: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Which of some elements go up and which go down: each two go together in one pattern and apart in another, so that
    what depends on their sum or their difference alone is seen to change.
    """
    places, bits = rng.permutation(count), max(0, count - 1).bit_length()
    yield np.ones(count)
    for k in range(bits):
        yield np.where(places >> k & 1, 1.0, -1.0)
    for _ in range(PATTERNS - bits):
        yield rng.permutation(np.resize((-1.0, 1.0), count))


def _are_same(answers: Sequence[np.ndarray], again: Sequence[np.ndarray]) -> bool:
    """Whether the answers of a rule are the same, but for rounding."""
    pairs = list(zip(answers, again, strict=True))
    if any(x.shape != y.shape for x, y in pairs):
        return False
    floats = [(x.astype(float), y.astype(float)) for x, y in pairs]
    return all(np.allclose(x, y, ROUGH, ROUGH * _largest([x[np.isfinite(x)]]), equal_nan=True) for x, y in floats)


def _as_float(x: Any) -> float:
    """A number that a rule answers; one that is not real is none."""
    return float(x) if np.isrealobj(x) else float(x.real) if not x.imag else float("nan")


def _find_other_totals(truth: Truth, actual: Sequence[np.ndarray]) -> list[Any]:
    """The errors of sums of gradients at a kink: no subgradients, though each element is between those of two."""
    errors = [(abs(add_elements(actual, group) - total), group) for group, total in truth.totals]
    return [e for e, g in errors if e > APART * sum(abs(x) for k in g for x in actual[k].flat) + SMALLEST]


def _are_wider(nearer: Truth, truth: Truth) -> bool:
    """Whether the derivatives nearer to a point are farther apart."""
    bounds = zip(*map(flatten, (nearer.low, nearer.high, truth.low, truth.high)))
    return any(high - low > top - bottom + WIDER * (abs(top) + abs(bottom)) for low, high, bottom, top in bounds)


def _largest(arrays: Sequence[np.ndarray]) -> float:
    return max((float(np.max(np.abs(v), initial=0.0)) for v in arrays), default=0.0)


def _reach(arrays: Sequence[np.ndarray], a: Digits) -> int:
    """The largest binary exponent of numbers, up or down: a condition tells numbers apart that are so small."""
    return max((abs(int(a.context.mag(x))) for x in flatten(arrays) if x and not isinstance(x, bool)), default=0)


def _are_within(arrays: Sequence[np.ndarray], least: float) -> bool:
    """Whether numbers that are not zero are larger than one, and smaller than its inverse."""
    return all(x == 0 or least < abs(x) < 1 / least for v in arrays for x in v.ravel().tolist())


def _magnitude(values: np.ndarray) -> np.ndarray:
    """What rounding changes the elements of an array by parts of: of a matrix, of its largest too."""
    sizes = np.abs(np.asarray(values, float))
    return np.asarray(sizes + np.max(sizes, initial=0.0) if sizes.ndim >= 2 else sizes)
