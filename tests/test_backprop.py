"""The reverse pass: what it visits, what it adds up, what it masks."""

import numpy as np
import pytest

import tracer
from tests.helpers import assert_same
from tracer.backprop import accumulate, backprop, materialise, pull
from tracer.walk import ancestors


@pytest.fixture
def x():
    return tracer.constant([1.0, -2.0, 3.0])


def test_ancestors_are_in_order_of_creation(x):
    y = tracer.sin(x) * x + 1
    keys = [t.node for t in ancestors([y])]
    assert keys == sorted(set(keys))
    assert len(keys) == 4
    assert [t.node for t in ancestors([y], stop=lambda t: t.op == "multiply")] == keys[2:]


def test_only_what_lies_between_is_visited(x):
    """Nothing is recorded for what no source leads to."""
    other = tracer.constant([1.0, 1.0, 1.0])
    y = x * 2 + tracer.exp(tracer.sin(other))
    last = y.node
    (g,) = backprop([(y, 1)], [x])
    assert [k for k in y.graph if k > last] == []
    assert g == 2


def test_several_targets_and_the_same_source_twice(x):
    y, z = x * 2, x * x
    found = backprop([(y, 1), (z, 1), (z, 3)], [x, x])
    for g in found:
        assert_same(materialise(g, x), 2 + 8 * x.numpy())


def test_accumulate():
    s, v = tracer.constant(2.0), tracer.constant([1.0, 2.0])
    assert accumulate([1, 2.5]) == 3.5
    assert accumulate([v]) is v
    assert accumulate([v, 0]) is v
    assert_same(accumulate([v, s, 1, v]), [5.0, 7.0])
    assert_same(accumulate([v] * 100), [100.0, 200.0])


def test_a_sum_of_contributions_of_other_shapes():
    """Each has the gradient of its own shape: a number for each element, for each row, for all."""
    x, total, row, whole = (tracer.Variable(np.full(shape, 2.0)) for shape in ((2, 3), (), (3,), (2, 3)))
    weights = tracer.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with tracer.GradientTape() as outer:
        with tracer.GradientTape() as inner:
            y = [x * total, x * row, x * whole]
        slope = inner.gradient(y, x)
        weighted = slope * weights
    assert slope.op == "add_n"
    assert [t.shape for t in slope.args] == [(2, 3), (3,), ()]
    found = outer.gradient(weighted, [total, row, whole])
    for g, expected in zip(found, (21.0, [5.0, 7.0, 9.0], weights)):
        assert_same(g, expected)


def test_the_sum_of_one_tensor_is_that_tensor(x):
    assert_same(tracer.add_n(x), x.numpy())
    assert_same(tracer.add_n([x]), x.numpy())


def test_a_cast_gives_the_dtype_back_and_leaves_a_number_alone():
    single = tracer.placeholder("s", (2,), "float32")
    node = tracer.cast(single, "float64")
    assert pull(node, tracer.constant([1.0, 2.0]), 0).dtype == "float32"
    assert pull(node, 2, 0) == 2


@pytest.mark.parametrize(
    "function",
    [
        lambda x, k: x * k * k,
        lambda x, k: 2 * x * k * k,
        lambda x, k: tracer.tensordot(tracer.stack([x, x]), tracer.stack([k, k]), 1) * k,
        lambda x, k: tracer.tensordot(tracer.fill((2,), x) * k, tracer.stack([k, k]), 1),
    ],
)
def test_whole_numbers_do_not_overflow_in_a_cotangent(function):
    x = tracer.Variable(1.0)
    found, expected = (
        tracer.gradients(function(x, tracer.constant(50_000, kind)), x)[0] for kind in ("int32", "float64")
    )
    assert float(found) == float(expected) >= 2.5e9


def test_a_cotangent_of_the_nodes_shape_and_dtype(x):
    assert_same(materialise(2.5, x), [2.5] * 3)
    assert_same(materialise(tracer.constant(2.0), x), [2.0] * 3)
    single = tracer.constant([1.0], dtype="float32")
    assert materialise(tracer.constant([2.0]), single).dtype == "float32"


class TestMasks:
    def test_nested(self):
        x = tracer.constant([0.0, -1.0, 4.0])
        y = tracer.where(x > -5, tracer.where(x > 0, tracer.log(x) * tracer.sqrt(x), 0.0), 0.0)
        (g,) = tracer.gradients(y, x)
        expected = 0.5 * (np.log(4.0) / 2) + 0.5
        assert_same(g, [0.0, 0.0, expected])

    def test_sums_under_one_mask(self):
        """The contributions of one branch meet again before its singular point."""
        x = tracer.constant([0.0, 1.0])

        def f(x):
            root = tracer.sqrt(x)
            return tracer.where(x > 0, root * tracer.log(root) + root, 0.0)

        assert_same(tracer.gradients(f(x), x)[0], [0.0, 1.0])

    def test_long_chains_of_masks_are_linear(self):
        def nodes(length):
            x = tracer.symbols("x")
            y = x
            for _ in range(length):
                y = tracer.relu(tracer.sin(y))
            last = y.node
            (g,) = tracer.gradients(y, x)
            return g.node - last

        assert nodes(200) < 2.2 * nodes(100)


def test_a_rule_that_is_missing_is_named(x):
    from tracer.rules import Op
    from tracer.tensor import record_tensor

    y = record_tensor(Op("nameless"), (x,), None, x.shape, x.dtype)
    with pytest.raises(LookupError, match="'nameless' has no gradient rule"):
        tracer.gradients(y, x)
    assert tracer.gradients(tracer.stop_gradient(y), x) == [None]
