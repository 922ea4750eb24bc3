"""Where exponentials meet what would overflow or lose them."""

import pytest
import sympy

import tracer
from tracer.program.overflow import BOTH, PLAIN, Range, find_carried, range_of_product, range_of_sum, range_of_template
from tracer.rules import argument
from tracer.scalar import log1p, sigmoid
from tracer.tensor import SOURCES
from tracer.walk import ancestors

a, b = argument(0), argument(1)
HUGE, TINY = Range(huge=True), Range(tiny=True)


def test_products_and_sums():
    assert range_of_product([HUGE, TINY]) is None
    assert range_of_product([TINY, TINY, PLAIN]) == TINY
    assert range_of_product([BOTH]) == BOTH
    assert range_of_sum([TINY, PLAIN]) == PLAIN
    assert range_of_sum([TINY, HUGE]) == HUGE


@pytest.mark.parametrize(
    ("template", "operands", "expected"),
    [
        (sympy.exp(a), (PLAIN,), BOTH), (sigmoid(a), (PLAIN,), TINY), (1 / a, (HUGE,), TINY),
        (sympy.log(a), (HUGE,), None),
        (log1p(a), (PLAIN,), PLAIN), (sympy.sin(a), (HUGE,), PLAIN), (sympy.Abs(a), (TINY,), TINY),
        (a * b, (HUGE, TINY), None),
        (sympy.sin(a * b), (HUGE, TINY), None), (sympy.Piecewise((a, b > 0), (0, True)), (HUGE, PLAIN), HUGE),
    ],
)  # fmt: skip
def test_templates(template, operands, expected):
    assert range_of_template(template, operands) == expected


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (lambda x: tracer.log(tracer.reduce_sum(tracer.exp(x))), 3),
        (lambda x: tracer.exp(x) / tracer.reduce_sum(tracer.exp(x)), 4),
        (lambda x: tracer.exp(x) * 2 + 1, 0),
        (lambda x: tracer.sin(tracer.exp(x)), 0),
        (lambda x: tracer.log(tracer.nn.softmax(x)), 2),
        (lambda x: tracer.log(x), 0),
    ],
)
def test_what_is_carried(build, count):
    x = tracer.placeholder("x", ("n",))
    order = ancestors([build(x)])
    assert len(find_carried(order, lambda t: t.rule in SOURCES)) == count


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (lambda x: tracer.log(tracer.reshape(tracer.exp(x), (-1, 1))), 3),
        (lambda x: tracer.log(tracer.exp(x)[1:]), 3),
        (lambda x: tracer.log(tracer.abs(tracer.exp(x))), 3),
        (lambda x: tracer.log(tracer.exp(x) ** 2), 3),
        (lambda x: tracer.log(tracer.add_n([tracer.exp(x), tracer.exp(2 * x)])), 4),
        (lambda x: tracer.log(tracer.cumsum(tracer.exp(x))), 0),
        (lambda x: tracer.cumsum(tracer.sin(x)), 0),
        (lambda x: tracer.log(tracer.where(x > 0, tracer.exp(x), 0.0)), 3),
    ],
)
def test_what_an_exponential_passes_is_carried(build, count):
    x = tracer.placeholder("x", ("n",))
    order = ancestors([build(x)])
    assert len(find_carried(order, lambda t: t.rule in SOURCES)) == count
