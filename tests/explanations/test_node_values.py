"""The values of all nodes are those that each has by itself, and refusals count as NaN."""

import numpy as np
import pytest

import tracer
from tracer.explanations.node_values import NodeValues, holds
from tracer.rules import argument

x, y = tracer.symbols("x y")
v = tracer.placeholder("v", ("n",))
a = tracer.placeholder("a", (2, 2))

PROGRAMS = [
    (tracer.tanh(x / y) + tracer.math.log(1.0 + tracer.exp(x)), {x: 1000.0, y: 3.0}),
    (tracer.gradients(tracer.reduce_sum(tracer.sqrt(v) * tracer.nn.softmax(v)), [v])[0], {v: [0.0, 1.0, 2.0]}),
    (tracer.linalg.trace(tracer.linalg.inv(a) @ a), {a: [[2.0, 1.0], [1.0, 2.0]]}),
    (tracer.where(x > 0, tracer.math.log(x), y), {x: -1.0, y: 2.0}),
]


@pytest.mark.parametrize(("tensor", "feed"), PROGRAMS)
def test_each_node_has_its_own_value(tensor, feed):
    values = NodeValues(tensor, feed)
    for node in values.order:
        expected = np.asarray(node.eval(feed))
        np.testing.assert_allclose(np.broadcast_to(values[node], expected.shape), expected, rtol=1e-12)


@pytest.mark.parametrize("refused", [tracer.linalg.inv(a), tracer.linalg.cholesky(a), tracer.linalg.solve(a, a)])
def test_what_numpy_refuses_is_nan(refused):
    values = NodeValues(tracer.reduce_sum(refused), {a: [[-1.0, -1.0], [-1.0, -1.0]]})
    assert values.first_not_finite().node == refused.node
    assert np.isnan(values[refused]).all()
    assert values[refused].shape == (2, 2)


def test_values_can_be_evaluated_anew():
    ratio = x / y
    values = NodeValues(ratio, {x: 1.0, y: 0.0})
    assert values.first_not_finite().node == ratio.node
    values.evaluate({x.node: np.asarray(1.0), y.node: np.asarray(2.0)})
    assert values.first_not_finite() is None
    assert values[ratio] == 0.5


def test_masks_are_those_of_the_branches_that_are_taken():
    logarithm = tracer.math.log(v)
    values = NodeValues(tracer.reduce_sum(tracer.where(v > 0, logarithm, 0.0)), {v: [1.0, -1.0]})
    np.testing.assert_array_equal(values.active[logarithm.node], [True, False])
    assert not values.fails(logarithm).any()
    moved = tracer.reverse(logarithm, [0])
    values = NodeValues(tracer.where(v > 0, moved, 0.0), {v: [1.0, -1.0]})
    np.testing.assert_array_equal(values.active[logarithm.node], [False, True])


def test_a_scalar_that_is_broadcast_counts_where_any_element_does():
    logarithm = tracer.math.log(x)
    chosen = tracer.where(v > 0, logarithm, 0.0)
    assert NodeValues(chosen, {v: [1.0, -1.0], x: -1.0}).first_not_finite().node == logarithm.node
    assert NodeValues(chosen, {v: [-2.0, -1.0], x: -1.0}).first_not_finite() is None


def test_paths_lead_through_what_is_not_finite():
    logarithm = tracer.math.log(x)
    finite = tracer.where(x > 0, logarithm, 1.0)
    poisoned = 2.0 * logarithm
    total = finite * poisoned
    values = NodeValues(total, {x: -1.0})
    assert values.path_from(logarithm) == (logarithm.node, poisoned.node, total.node)


def test_relations_are_read_element_by_element():
    np.testing.assert_array_equal(holds(argument(0) > 0, [np.array([1.0, 0.0, np.nan])]), [True, False, False])
    assert holds(argument(0) > argument(0) - 1, [1.0])


MOVES = {
    "reverse": lambda u: u[::-1],
    "slice": lambda u: u[1:3],
    "gather": lambda u: tracer.gather(u, [3, 0, 0]),
    "column": lambda u: u[:, None],
    "concatenation": lambda u: tracer.concat([u[:2], 2.0 * u[2:]], 0),
    "two rows": lambda u: tracer.transpose(tracer.reshape(u, (2, 2))),
    "padding": lambda u: tracer.pad(u, [[1, 0]]),
    "broadcast": lambda u: u * tracer.ones((3, 1)),
    "sum of rows": lambda u: tracer.reduce_sum(tracer.reshape(u, (2, 2)), 1),
    "matrix product": lambda u: tracer.reshape(u, (2, 2)) @ tracer.constant([[1.0, 2.0], [3.0, 4.0]]),
    "diagonal matrix": lambda u: tracer.linalg.diag(u),
    "diagonal": lambda u: tracer.linalg.diag_part(tracer.reshape(u, (2, 2))),
    "trace": lambda u: tracer.linalg.trace(tracer.reshape(u, (2, 2))) * tracer.ones((2,)),
    "sum": lambda u: tracer.reduce_sum(u) * tracer.ones((2,)),
    "outer": lambda u: tracer.einsum("i,j->ji", u, tracer.constant([1.0, 2.0])),
    "chosen by positions": lambda u: tracer.gather(u, tracer.constant([2, 1])),
}


@pytest.mark.parametrize("name", MOVES)
def test_elements_of_which_nothing_is_used_are_not_active(name):
    """What is used of a tensor is where the value changes with it."""
    u = tracer.placeholder("u", (4,))
    moved = MOVES[name](tracer.exp(u))
    inner = next(t for t in tracer.walk.ancestors([moved]) if t.op == "exp")
    mask = np.arange(np.size(moved.eval({u: np.zeros(4)}))).reshape(moved.shape) % 3 == 0
    total = tracer.reduce_sum(tracer.where(tracer.constant(mask), moved, 0.0))
    at = np.array([0.5, -1.0, 2.0, 0.25])
    active = NodeValues(total, {u: at}).active[inner.node]
    base = float(total.eval({u: at}))
    used = np.array([float(total.eval({u: at + step})) != base for step in np.eye(4)])
    np.testing.assert_array_equal(active, used)


def test_what_is_given_keeps_its_value_when_it_is_evaluated_anew():
    inner = tracer.exp(x)
    values = NodeValues(inner * y, {inner: 2.0, y: 3.0})
    assert (values[inner], values[values.tensor]) == (2.0, 6.0)
    values.evaluate({inner.node: np.asarray(5.0), y.node: np.asarray(3.0)})
    assert (values[inner], values[values.tensor]) == (5.0, 15.0)
