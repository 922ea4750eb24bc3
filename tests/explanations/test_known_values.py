"""What is asked of constants without a name is decided by their values."""

import pytest

import tracer
from tracer.explanations.known_values import MOST, KnownValues
from tracer.explanations.needs import find_needs

x, v, w = tracer.symbols("x"), tracer.placeholder("v", (2,)), tracer.placeholder("w", ("n",))


def _array(*values):
    return tracer.constant(list(values))


DECIDED = [
    (lambda: tracer.math.log(_array(1.0, 2.0) - 0.5), True),
    (lambda: tracer.math.log(_array(1.0, 2.0) - 1.5), False),
    (lambda: v / (_array(1.0, 2.0) - 1.0), False),
    (lambda: v / (_array(1.0, 2.0) - 3.0), True),
    (lambda: tracer.linalg.inv(_array([1.0, 2.0], [2.0, 4.0])), False),
    (lambda: tracer.linalg.inv(_array([1.0, 2.0], [2.0, 1.0])), True),
    (lambda: tracer.math.log(_array(1.0, 2.0) * x), None),
    (lambda: 1.0 / (tracer.cast(w.shape[0], "float64") - 3.0), None),
    (lambda: tracer.where(v > 0, tracer.math.log(_array(1.0, 2.0) - 1.5), 0.0), None),
]


@pytest.mark.parametrize(("build", "expected"), DECIDED)
def test_what_constants_are_asked_is_decided(build, expected):
    needs = find_needs(build())
    assert [KnownValues(needs.order).decide(need) for need in needs.found] == [expected]


def test_few_are_evaluated():
    needs = find_needs(tracer.math.log(_array(1.0, 2.0) - 0.5))
    values = KnownValues(needs.order)
    answers = [values.decide(needs.found[0]) for _ in range(MOST + 1)]
    assert answers == [True] * MOST + [None]
