"""At which sizes programs are looked at."""

import pytest

import tracer as tf
from tracer.comparison.tried_sizes import choose_sizes, fill_shape, find_special_sizes

n, m = (tf.placeholder("x", ("n", "m"))).shape


def test_sizes_are_small_and_one_and_different():
    chosen = [tuple(c.values()) for c in choose_sizes([n, m])]
    assert chosen[0] == (2, 2)
    assert (1, 1) in chosen
    assert any(a != b for a, b in chosen)
    assert choose_sizes([]) == [{}]


def test_sizes_reach_beyond_special_numbers():
    assert {n: 6, m: 6} in choose_sizes([n, m], [5])


def test_a_shape_is_filled():
    assert fill_shape((n + m, 3), {n: 2, m: 4}) == (6, 3)


@pytest.mark.parametrize(("program", "found"), [(lambda x: x[5:], [5]), (lambda x: 2 * x, []), (lambda x: x > 7, [7])])
def test_special_sizes_are_numbers_that_programs_speak_of(program, found):
    assert find_special_sizes([program(tf.placeholder("x", ("n",)))]) == found
