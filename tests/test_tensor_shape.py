"""Shapes are tuples with TensorFlow's methods."""

import pickle

import pytest
import sympy

import tracer
from tracer.tensor_shape import TensorShape

N = sympy.Symbol("n", integer=True, positive=True)


def test_every_operation_gives_a_shape_that_is_a_tuple():
    x = tracer.placeholder("x", ("n", 3))
    for tensor in (x, x[0], x[0, 0], x * 2, x @ tracer.eye(3), tracer.reduce_sum(x), x.T, tracer.Variable([1.0])):
        assert type(tensor.shape) is TensorShape
        assert tensor.shape == tuple(tensor.shape)
        assert repr(tensor.shape) == repr(tuple(tensor.shape))


def test_symbolic_dimensions():
    shape = tracer.placeholder("x", ("n", 3)).shape
    assert shape.as_list() == shape.dims == [N, 3]
    assert shape.num_elements() == 3 * N
    assert not shape.is_fully_defined()
    assert shape.is_compatible_with([None, 3])
    assert shape.is_compatible_with(["n", 3])
    assert not shape.is_compatible_with([2, 3])


def test_a_shape_pickles_and_hashes():
    shape = tracer.zeros((2, 3)).shape
    assert pickle.loads(pickle.dumps(shape)) == shape
    assert {shape: 1}[2, 3] == 1


def test_what_is_not_known():
    assert TensorShape(3) == (3,)
    assert TensorShape([None, 2]).num_elements() is None
    assert TensorShape([None, 2]).merge_with([4, None]) == (4, 2)
    assert TensorShape([4, 2]).merge_with(None) == (4, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.assert_has_rank(3), r"the shape \(2, 3\) must have rank 3"),
        (lambda s: s.assert_same_rank((1,)), r"the shape \(2, 3\) must have rank 1"),
        (lambda s: s.with_rank_at_least(3), r"the shape \(2, 3\) must have rank 3 at the least"),
        (lambda s: s.with_rank_at_most(1), r"the shape \(2, 3\) must have rank 1 at the most"),
        (lambda s: s.assert_is_compatible_with((2, 2)), r"the shapes \(2, 3\) and \(2, 2\) are not compatible"),
        (lambda s: TensorShape((None,)).assert_is_fully_defined(), r"the shape \(None,\) is not fully defined"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call(tracer.zeros((2, 3)).shape)


def test_the_shape_of_a_tensor_can_be_checked():
    x = tracer.zeros((2, 3))
    x.set_shape((None, 3))
    with pytest.raises(ValueError, match=r"has the shape \(2, 3\), not \(3, 3\); give the dimensions"):
        x.set_shape((3, 3))
    with pytest.raises(ValueError, match=r"ensure_shape: x has the shape \(n,\), which is not \(3,\)"):
        tracer.ensure_shape(tracer.placeholder("x", ("n",)), (3,))


def test_what_is_cut_out_and_joined_is_a_shape():
    shape = tracer.placeholder("x", ("n", 2, 3)).shape
    n = shape[0]
    assert shape[1:].as_list() == [2, 3]
    assert shape[:-1].rank == 2
    sizes = [5]
    sizes += shape
    assert sizes == [5, n, 2, 3]
    assert type(sizes) is list
    assert ((5,) + shape[2:] + [4]).as_list() == [5, 3, 4]
    assert (shape + shape).rank == 6
    with pytest.raises(TypeError, match="unsupported operand"):
        shape + 1
