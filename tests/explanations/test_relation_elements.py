"""Relations over elements of the operands of a node: generic ones, those by the names of nodes, and given ones."""

import pytest
import sympy

import tracer
from tracer.explanations.guards import Choices, Guards
from tracer.explanations.relation_elements import GenericElements, GivenElements, NamedElements
from tracer.explanations.relations import Relations
from tracer.rules import argument
from tracer.terms.work import Budget
from tracer.walk import ancestors

a, b = argument(0), argument(1)
X, v = tracer.placeholder("X", ("n", "m")), tracer.placeholder("v", ("m",))
B, w = tracer.placeholder("B", (2, 2)), tracer.placeholder("w", (2,))


def relations_of(node):
    return Relations(ancestors([node]), Choices().tensors, Budget(10_000, node.name))


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (tracer.math.log(X + v), "X[i, j] + v[j] > 0"),
        (tracer.math.log(tracer.transpose(X)), "X[j, i] > 0"),
        (tracer.math.log(w[0]), "w[0] > 0"),
    ],
)
def test_generic_elements_have_an_index_for_each_axis(node, text):
    relations = relations_of(node)
    assert str(GenericElements(relations, node, [*node.args, node]).write(a > 0, frozenset({frozenset()}))) == text


def test_an_element_by_name_is_of_the_operand_whatever_that_was_computed_from():
    node = tracer.math.log(tracer.sin(X))
    found = NamedElements(relations_of(node), node).write(a > 0, frozenset({frozenset()}))
    assert str(found) == f"{node.args[0].name}[n0, n1] > 0"


def test_given_elements_are_put_in():
    node = tracer.math.log(w - 1)
    (shifted,) = node.args
    x, y = sympy.symbols("x y", real=True)
    made = {shifted.node: sympy.ImmutableDenseNDimArray([x, y])}
    found = [GivenElements(relations_of(node), node, (k,), made).write(a > 0, frozenset({frozenset()})) for k in (0, 1)]
    assert found == [x > 0, y > 0]


def test_a_relation_holds_under_its_guard_only():
    node = tracer.math.log(v)
    target = tracer.where(v > 1, node, v)
    choices = Choices()
    order = ancestors([target])
    guards = Guards(order, order[-1:], choices)
    relations = Relations(order, choices.tensors, Budget(10_000, node.name))
    found = GenericElements(relations, node, [node]).write(a > 0, guards.of(node))
    assert found == sympy.true or found.subs(sympy.IndexedBase("v", real=True)[sympy.Symbol("i", integer=True)], 2)
