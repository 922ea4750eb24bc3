"""Strategies of shapes, arrays and traced programs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf
from tracer.testing import strategies


def draw(strategy, count=100):
    found = []

    @settings(max_examples=count, derandomize=True, database=None)
    @given(strategy)
    def collect(value):
        found.append(value)

    collect()
    return found


def test_shapes_have_all_ranks_and_sides_of_one():
    found = draw(strategies.shapes())
    assert {len(s) for s in found} == {0, 1, 2, 3}
    assert any(1 in s for s in found)
    assert {min(s) for s in draw(strategies.shapes(min_dims=1, min_side=2, max_side=2), 20)} == {2}


def test_arrays_reach_near_and_far_with_both_signs_and_zeros():
    v = np.concatenate(draw(strategies.arrays((4,)), 300))
    assert np.isfinite(v).all()
    assert (v == 0).any()
    for part in (v[v > 0], -v[v < 0]):
        assert (part > 50).any()
        assert (part < 0.01).any()
        assert (part > 1e100).any()


def test_arrays_are_on_and_beside_numbers_that_matter():
    v = np.concatenate(draw(strategies.arrays((4,), near=[7.75])))
    assert (v == 7.75).any()
    assert ((v != 7.75) & (abs(v - 7.75) < 0.01)).any()


def test_arrays_have_dtypes_and_drawn_shapes():
    assert {v.dtype.kind for v in draw(strategies.arrays((2,), "bool"), 5)} == {"b"}
    assert {v.dtype.kind for v in draw(strategies.arrays((2,), "int64"), 5)} == {"i"}
    assert {v.shape for v in draw(strategies.arrays(st.sampled_from([(1,), (2, 2)])), 30)} == {(1,), (2, 2)}


def test_square_matrices_are_definite_too():
    found = draw(strategies.arrays((2, 2)))
    assert sum((a == a.T).all() and np.linalg.eigvalsh(a)[0] >= 1 - 1e-9 for a in found) > 10


def find_reaching(target):
    """The nodes from which a way leads to a target that no stop cuts.

    By the operands of each, as a networkx algorithm would look for garbage in all that other tests left.
    """
    reached, left = set(), [target]
    while left:
        tensor = left.pop()
        if tensor.node not in reached and tensor.op != "stop_gradient":
            reached.add(tensor.node)
            left += [a for a in tensor.args if isinstance(a, tf.Tensor)]
    return reached


def test_programs_have_none_where_a_source_is_only_behind_a_stop():
    behind = 0
    for program in draw(strategies.programs(), 25):
        reaching = find_reaching(program.target)
        found = tf.gradients(program.target, program.sources)
        assert [g is not None for g in found] == [s.node in reaching for s in program.sources]
        behind += found.count(None)
    assert behind > 2
