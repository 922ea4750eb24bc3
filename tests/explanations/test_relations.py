"""Relations over operands in the sources' symbols."""

import pytest
import sympy

import tracer
from tracer.explanations.guards import Choices, Guards
from tracer.explanations.relations import Relations
from tracer.rules import OUT, argument
from tracer.terms.work import Budget
from tracer.walk import ancestors

a = argument(0)


def _write(relation, node, target=None, limit=10_000):
    order = ancestors([node if target is None else target])
    choices = Choices()
    guards = Guards(order, order[-1:], choices)
    relations = Relations(order, choices.tensors, Budget(limit, node.name))
    return relations.rename_letters(relations.write(relation, node, guards.of(node)))


x = tracer.symbols("x")
X, v = tracer.placeholder("X", ("n", "m")), tracer.placeholder("v", ("m",))
w, B = tracer.placeholder("w", (3,)), tracer.placeholder("B", (2, 2))

WRITTEN = [
    (tracer.math.log(x - 1), "x - 1 > 0"),
    (tracer.math.log(X), "X[i, j] > 0"),
    (tracer.math.log(X + v), "X[i, j] + v[j] > 0"),
    (tracer.math.log(tracer.transpose(X)), "X[j, i] > 0"),
    (tracer.math.log(tracer.reduce_sum(v)), "Sum(v[i], (i, 0, m - 1)) > 0"),
    (tracer.math.log(tracer.reduce_sum(w)), "w[0] + w[1] + w[2] > 0"),
    (tracer.math.log(B @ w[:2]), None),
    (tracer.math.log(tracer.linalg.det(B)), "Determinant(B) > 0"),
    (tracer.math.log(tracer.reduce_max(w)), "Max(w[0], w[1], w[2]) > 0"),
    (tracer.math.log(X[0]), "X[0, i] > 0"),
]


@pytest.mark.parametrize(("node", "expected"), WRITTEN)
def test_relations_are_written_over_generic_elements(node, expected):
    found = _write(a > 0, node)
    if expected is None:
        assert found.has(sympy.Indexed)
    else:
        assert str(found) == expected


def test_what_is_too_long_stands_by_the_name_of_its_node():
    value = x
    for _ in range(300):
        value = tracer.sin(value + 1)
    node = tracer.math.log(value)
    assert str(_write(a > 0, node)) == f"{value.name} > 0"


def test_work_is_bounded():
    node = tracer.math.log(tracer.reduce_sum(X @ v))
    assert str(_write(a > 0, node, limit=1)) == f"{node.args[0].name} > 0"


def test_guards_are_written_and_known_in_the_relation():
    inner = tracer.math.log(tracer.where(x > 0, x + 2, -1.0))
    target = tracer.where(x > 0, inner, 0.0)
    assert _write(a > 0, inner, target) == sympy.Or(*(_symbols("x <= 0"), _symbols("x + 2 > 0")))


def _symbols(text):
    return sympy.sympify(text, {"x": sympy.Symbol("x", real=True)})


def test_the_result_itself_can_be_asked_for():
    assert str(_write(OUT, tracer.reduce_all(w > 0))) == "(w[0] > 0) & (w[1] > 0) & (w[2] > 0)"
    assert str(_write(OUT, x > 1)) == "x > 1"
    assert str(_write(OUT, x + 0.5)) == "Ne(2*x + 1, 0)"


@pytest.mark.parametrize("dtype", ["float64", "int64", "bool"])
def test_a_choice_by_a_number_is_that_it_is_not_zero(dtype):
    choice = tracer.placeholder("choice", (), dtype=dtype)
    (found,) = tracer.conditions(tracer.where(choice, tracer.math.log(x), 0.0))
    assert str(found.relation) == "Eq(choice, 0) | (x > 0)"


def test_letters_do_not_depend_on_the_order_in_which_conditions_stand():
    k, m, n = sympy.symbols("k m n", integer=True, positive=True)
    values = sympy.IndexedBase("values", real=True)
    least, other = sympy.Sum(values[k] ** 2, (k, 0, n)) > 1, sympy.Ne(sympy.Sum(values[m], (m, 0, n)), 0)
    rename = Relations([x], {}, Budget(100, "x")).rename_letters
    first, second = (rename(sympy.Basic.__new__(sympy.Or, *parts)) for parts in ((least, other), (other, least)))
    assert set(first.args) == set(second.args)
