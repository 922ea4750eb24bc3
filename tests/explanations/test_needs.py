"""What is needed for a tensor: nothing that follows from signs, from choices, or from what is needed elsewhere."""

import pytest

import tracer
from tracer.explanations.domains import Kind, demands
from tracer.explanations.guards import ALWAYS
from tracer.explanations.needs import find_needs
from tracer.walk import ancestors

x, y = tracer.symbols("x y")
v, w = tracer.placeholder("v", ("n",)), tracer.placeholder("w", ("n",))
row, square = tracer.placeholder("row", ("n",)), tracer.placeholder("square", ("n", "n"))

NEEDED = [
    # Signs that are known.
    (lambda: tracer.math.log(tracer.exp(x)), []),
    (lambda: tracer.sqrt(x * x), []),
    (lambda: 1 / (x * x + 1), []),
    (lambda: tracer.math.log(x - 1), ["log"]),
    # Choices under which a node counts.
    (lambda: tracer.where(x > 0, tracer.math.log(x), 0.0), []),
    (lambda: tracer.where(x >= 0, tracer.math.log(x), 0.0), ["log"]),
    (lambda: tracer.where(x > 0, 0.0, tracer.math.log(x)), ["log"]),
    (lambda: tracer.where(x > 0, tracer.math.log(y), 0.0), ["log"]),
    (lambda: tracer.where(v > 0, tracer.math.log(v), 0.0), []),
    (lambda: tracer.where(row > 0, tracer.math.log(square), 0.0), ["log"]),
    (lambda: tracer.where(v > 0, 1.0, 2.0), []),
    # What follows from what is asked elsewhere, through an operation too.
    (lambda: tracer.math.log(x) + tracer.sqrt(x), ["log"]),
    (lambda: tracer.sqrt(x) + tracer.sqrt(x), ["sqrt"]),
    (lambda: tracer.math.log(tracer.sqrt(x)) + tracer.math.log(x), ["log"]),
    (lambda: tracer.math.log(x) + tracer.sqrt(y), ["log", "sqrt"]),
    (lambda: tracer.math.log(v) + tracer.where(w > 0, tracer.sqrt(v), 0.0), ["log"]),
    (lambda: tracer.sqrt(v) + tracer.where(w > 0, tracer.math.log(v), 0.0), ["sqrt", "log"]),
    (lambda: tracer.math.log(x) + tracer.math.log(-x), ["log", "log"]),
    (lambda: x / y + tracer.math.log(y), ["log"]),
]


@pytest.mark.parametrize(("program", "expected"), NEEDED)
def test_only_what_is_not_known_to_hold_is_needed(program, expected):
    assert [n.node.op for n in find_needs(program()).found] == expected


@pytest.mark.parametrize("program", [program for program, _ in NEEDED])
def test_each_need_is_a_demand_of_its_node_in_order(program):
    tensor = program()
    needs = find_needs(tensor)
    assert {t.node for t in ancestors([tensor])} <= {t.node for t in needs.order}
    keys = [n.node.node for n in needs.found]
    assert keys == sorted(keys)
    assert all(n.demand in demands(n.node) and n.guard for n in needs.found)
    choices = [choice for n in needs.found for conjunct in n.guard for choice, _ in conjunct]
    assert all(choice.keys and needs.tensors.keys() >= {*choice.keys} for choice in choices)


@pytest.mark.parametrize(
    ("program", "kinds"),
    [
        (lambda: tracer.gradients(tracer.sqrt(x), x)[0], [Kind.DOMAIN]),
        (lambda: tracer.gradients(tracer.abs(x), x)[0], [Kind.KINK]),
        (lambda: tracer.gradients(tracer.abs(y) * x, x)[0], []),
        (lambda: tracer.gradients(tracer.math.log(y) * x * x, x)[0], [Kind.DOMAIN]),
        (lambda: tracer.gradients(tracer.nn.relu(x) * y, x)[0], [Kind.KINK]),
        (lambda: tracer.gradients(tracer.gradients(tracer.abs(x) * x * x, x)[0], x)[0], [Kind.KINK]),
        (lambda: tracer.gradients(tracer.where(y > 0, tracer.abs(x), 0.0), x)[0], [Kind.KINK]),
        (lambda: tracer.gradients(tracer.where(tracer.abs(x) > y, x**3, 0.0), x)[0], []),
        (lambda: tracer.gradients(tracer.where(tracer.sqrt(x) > y, x**3, 0.0), x)[0], [Kind.DOMAIN]),
        (lambda: tracer.gradients(tracer.stop_gradient(tracer.abs(x)) * x, x)[0], []),
    ],
)
def test_a_gradient_needs_what_the_derivative_asks_of_the_function(program, kinds):
    found = find_needs(program()).found
    assert list(dict.fromkeys(n.demand.kind for n in found)) == kinds


def test_what_a_node_needs_on_two_ways_is_needed_where_one_of_them_is_taken():
    logarithm = tracer.math.log(x)
    (one,) = find_needs(tracer.where(y > 0, logarithm, 0.0)).found
    assert one.guard is not ALWAYS
    (both,) = find_needs(tracer.where(y > 0, logarithm, 2.0 * logarithm)).found
    assert both.guard is ALWAYS
