"""A check from end to end: where it is looked, what is proved, and how an error is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import sympy

from tracer.comparison.candidates import random_points
from tracer.comparison.falsifying import is_strategy
from tracer.comparison.instances import flatten, relative_error
from tracer.comparison.parameters import Input, Parameter, describe_input, kind_of, symbols_in
from tracer.comparison.proofs import Generic, prove, prove_generic
from tracer.comparison.search import Found
from tracer.comparison.tried_sizes import SPECIAL, choose_sizes, fill_shape, find_special_sizes
from tracer.formulas.errors import FormulaError
from tracer.formulas.reading import formula
from tracer.interrupts import run_long
from tracer.tensor import placeholder
from tracer.testing.consistency import Consistency
from tracer.testing.judging import ROUGH, RuleInstance
from tracer.testing.mismatch import GradientMismatch
from tracer.testing.proving import NUMBERS, prove_by_elements
from tracer.testing.reports import GradientReport
from tracer.testing.searching import HypothesisSearch, RuleSearch, search_shapes, search_tidy
from tracer.testing.subjects import Subject
from tracer.testing.wrong_regions import describe_region

ASKED = 20
"""Among how many points two are looked for at which a rule is asked for more than gradients."""

NEGLIGIBLE = 1e-12
"""What part of the largest element of gradients is nearly zero."""

SLIGHT = 1e-3
"""The relative error below which it is told, since two numbers do not show it at a glance."""


def check(subject: Subject, inputs: Sequence[Input], max_examples: int | None) -> GradientReport:
    """Check a rule at inputs that are shapes, arrays or strategies.

    Raises
    ------
    GradientMismatch
        If it is wrong.
    """
    return run_long("check", _check, subject, inputs, max_examples)


def _check(subject: Subject, inputs: Sequence[Input], max_examples: int | None) -> GradientReport:
    start = time.perf_counter()
    checker = Checker(subject, HypothesisSearch(max_examples))
    reason = checker.check_drawn(inputs) if any(map(is_strategy, inputs)) else checker.check_shapes(inputs)
    search = checker.search
    checker.raise_found(search.slight)
    return GradientReport(reason, search.points, search.digits, time.perf_counter() - start)


class Checker:
    """The check of one rule, which counts the points at which it is right."""

    def __init__(self, subject: Subject, hypothesis: HypothesisSearch) -> None:
        self.subject, self.hypothesis, self.search = subject, hypothesis, RuleSearch()

    def check_shapes(self, inputs: Sequence[Input]) -> str:
        """Check at arrays of the shapes of inputs, at some sizes of symbolic dimensions; a proof in words, if any."""
        parameters = list(map(describe_input, inputs))
        everything = [*parameters, *self._cotangents(parameters)]
        dims = list(dict.fromkeys(s for p in parameters for s in symbols_in(p.shape)))
        instances = list(self._instances(everything, dims))
        self.raise_found(search_tidy(instances[0], self.search, _given(parameters, instances[0])))
        for instance in instances[1:]:  # Where the sizes are others, magnitudes are left to hypothesis.
            self.raise_found(search_tidy(instance, self.search, extreme=False))
        self._check_consistency(instances[0])
        if instances[0].numeric:  # What is proved of a rule says nothing of its numbers; a wrong one needs no proof.
            self.raise_found(search_shapes(instances, self.search, self.hypothesis))
        reason = self._prove(everything, instances[0]) if self.search.points else ""
        if not reason and not instances[0].numeric:
            self.raise_found(search_shapes(instances, self.search, self.hypothesis))
        return reason

    def check_drawn(self, inputs: Sequence[Input]) -> str:
        """Check at arrays from strategies, and nowhere else."""
        known: dict[tuple[tuple[int, ...], ...], RuleInstance] = {}

        def instance_of(values: Sequence[np.ndarray]) -> RuleInstance:
            key = tuple(v.shape for v in values)
            if key not in known:
                parameters = [Parameter(v.shape, kind_of(v.dtype)) for v in values]
                known[key] = self._instance([*parameters, *self._cotangents(parameters)], {})
            return known[key]

        found = self.hypothesis.first_completed(
            inputs,
            lambda values: instance_of(values).shapes[len(values) :],
            lambda values: self.search.look(instance_of(values[: len(inputs)]), values),
        )
        self.raise_found(found)
        return ""

    def _cotangents(self, parameters: Sequence[Parameter]) -> list[Parameter]:
        """The parameters beside the inputs: a cotangent of the value, and for second order those of its gradient."""
        sources = [placeholder(n, p.shape, p.dtype) for n, p in zip(self.subject.names, parameters)]
        first = Parameter(self.subject.value(sources).shape)
        return [first] if self.subject.order == 1 else [first, *(Parameter(p.shape) for p in parameters)]

    @property
    def _names(self) -> list[str]:
        own = self.subject.names
        return [*own, "cotangent", *(f"cotangent_{n}" for n in own if self.subject.order == 2)]

    def _instance(self, parameters: Sequence[Parameter], sizes: dict[sympy.Symbol, int]) -> RuleInstance:
        shapes = [fill_shape(p.shape, sizes) for p in parameters]
        dtypes, assumed = [p.dtype for p in parameters], [p.assumptions for p in parameters]
        return RuleInstance(self.subject, self._names, shapes, dtypes, {d.name: n for d, n in sizes.items()}, assumed)

    def _instances(self, parameters: Sequence[Parameter], dims: Sequence[sympy.Symbol]) -> Iterator[RuleInstance]:
        """The rule at some sizes, and at none of each; what can't be traced at other sizes is not for them."""
        sizes, *others = choose_sizes(dims)
        first = self._instance(parameters, sizes)
        yield first
        if dims:
            written = [int(c) for c in first.constants if c in SPECIAL]
            special = sorted({*find_special_sizes(first.order), *written})
            others = [*choose_sizes(dims, special)[1:], dict.fromkeys(dims, 0)]
        for sizes in others:
            try:
                yield self._instance(parameters, sizes)
            except (ValueError, IndexError):
                continue

    def _check_consistency(self, instance: RuleInstance) -> None:
        """Raise if a traced rule answers otherwise along tangents, in a batch or under a tape."""
        if instance.numeric or instance.misshapen or self.subject.order != 1:
            return
        drawn = (instance.cast(v) for v in islice(random_points(instance.shapes, 5, ()), ASKED))
        points = list(islice((v for v in drawn if instance.compare_roughly(v).defined), 2))
        fault = Consistency(instance).find_fault(points)
        if fault is not None:
            n = self.subject.arity
            raise GradientMismatch(
                f"{fault.what}: {fault.actual!r} instead of {fault.expected!r}, of {self.subject.title}",
                instance.names,
                fault.values[:n],
                fault.values[n:],
                expected=fault.expected,
                actual=fault.actual,
            )

    def _prove(self, parameters: Sequence[Parameter], instance: RuleInstance) -> str:
        """A proof in words, for all sizes if that is possible, else for those of an instance; empty without one."""
        if instance.symbolic is None:
            return ""
        if not instance.has_own_rule:
            sources = list(instance.sources.values())
            return prove_by_elements(instance.left or (), instance.primals, sources, instance.held) or ""
        shapes, dtypes = [p.shape for p in parameters], [p.dtype for p in parameters]
        programs = Generic(instance.sides, self._names, shapes, dtypes, [p.assumptions for p in parameters])
        reason = prove_generic(programs)
        if reason is None and not any(map(symbols_in, shapes)):
            reason = prove(programs, NUMBERS)
        return reason or ""

    def raise_found(self, found: Found | None) -> None:
        """Raise what was found, if anything."""
        if found is not None:
            raise self._explain(found)

    def _explain(self, found: Found) -> GradientMismatch:
        """What a counterexample shows."""
        instance, values, n = found.instance, found.values, self.subject.arity
        assert isinstance(instance, RuleInstance)
        argument, index = find_worst(found)
        expected, actual = found.outcome.left[argument], found.outcome.right[argument]
        by, of = instance.names[argument], self.subject.title
        region, raised = "", instance.error_at(values)
        shown: tuple[Any, Any] = np.asarray(expected, float), np.asarray(actual, float)
        if raised is not None:
            statement = f"the rule of {of} raises {type(raised).__name__}: {raised}"
        elif index is None:
            statement = f"the gradient of {of} by {by} has the shape {actual.shape}, it must be {expected.shape}"
        else:
            shown = float(expected[index]), float(actual[index])
            element = f" at element {list(index)}" if index else ""
            statement = f"the gradient of {of} by {by} is {shown[1]!r}{element}, the derivative is {shown[0]!r}"
            error = relative_error(expected[index], actual[index])
            statement += f", a relative error of {error:.0e}" if error < SLIGHT else ""
            region = describe_region(by, index, float(values[argument][index]), _vary(found, argument, index))
        mismatch = GradientMismatch(
            statement, instance.names, values[:n], values[n:], argument, index or (), *shown,
            formula=_formula(instance, argument), region=region,
        )  # fmt: skip
        mismatch.__cause__ = raised
        return mismatch


def _vary(found: Found, argument: int, index: tuple[int, ...]) -> Callable[[float], bool | None]:
    """Whether the rule is wrong where one element of a counterexample has another value."""
    instance = found.instance
    assert isinstance(instance, RuleInstance)

    def is_wrong(x: float) -> bool | None:
        values = [np.array(v) for v in found.values]
        values[argument][index] = x
        outcome = instance.compare_roughly(values, thorough=False)
        return outcome.differs if outcome.defined else None

    return is_wrong


def _given(parameters: Sequence[Parameter], instance: RuleInstance) -> list[list[np.ndarray]]:
    """The arrays that were given, with two cotangents."""
    if all(p.value is None for p in parameters):
        return []
    values = [np.ones(s) if p.value is None else p.value for p, s in zip(parameters, instance.shapes)]
    shapes = instance.shapes[len(parameters) :]
    uneven = [-np.arange(1.0, 1 + int(np.prod(s))).reshape(s) for s in shapes]
    return [[*values, *map(np.ones, shapes)], [*values, *uneven]]


def find_worst(found: Found) -> tuple[int, tuple[int, ...] | None]:
    """The argument and the index of the element that is most wrong; no index where the shape is.

    A relative error of what is nearly zero beside other elements may be one of rounding alone, unless no other element
    is wrong.
    """
    finite = [abs(float(x)) for x in flatten(found.outcome.left) if np.isfinite(float(x))]
    error, at = _find_largest_error(found, NEGLIGIBLE * max(finite, default=0.0))
    return at if error > ROUGH or at[1] is None else _find_largest_error(found, 0.0)[1]


def _find_largest_error(found: Found, least: float) -> tuple[float, tuple[int, tuple[int, ...] | None]]:
    """The largest relative error, and the argument and the index of its element; what is below the least is as much."""
    worst, at = (-1.0, 0.0), (0, ())
    for k, (expected, actual) in enumerate(zip(found.outcome.left, found.outcome.right)):
        if expected.shape != actual.shape:
            return np.inf, (k, None)
        for i in np.ndindex(expected.shape):
            x, y = expected[i], actual[i]
            if x == y:  # Infinities may be, whose difference is no number.
                error = 0.0, 0.0
            else:
                own = relative_error(x, y)
                error = own if own == np.inf else float(abs(x - y) / max(abs(x), abs(y), least)), float(abs(x - y))
            if error > worst:
                worst, at = error, (k, i)
    return worst[0], at


def _formula(instance: RuleInstance, argument: int) -> sympy.Basic | None:
    """The exact gradient by an argument, if it has a closed form."""
    assert instance.left is not None
    for form in ("matrix", "components"):
        try:
            return formula([instance.left[argument]], form)[0]
        except (FormulaError, ValueError, LookupError):
            continue
    return None
