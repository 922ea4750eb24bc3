"""What a program needs of symbolic sizes: only what is not certain, each in words."""

import itertools

import pytest

import tracer
from tracer.program.requirements import check_sizes, requirements
from tracer.shapes import symbolic_dimension

n, m = map(symbolic_dimension, "nm")
x = tracer.placeholder("x", ("n", "m"))
SIZES = [dict(zip((n, m), sizes)) for sizes in itertools.product(range(1, 8), repeat=2)]


@pytest.mark.parametrize(
    ("tensor", "needed"),
    [
        (x * 2, []),
        (x[:1], []),
        (x[2:], [n - 2]),
        (x[2:5], [n - 5]),
        (x[1:-1], [n - 2]),
        (x[::-1], []),
        (x[:, -3], []),
        (x[None, :, 1:], []),
        (x[:0], []),
        (tracer.zeros((4, 4))[1:3], []),
        (tracer.gradients(tracer.reduce_sum(x[2:5] ** 2), x)[0], [n - 5]),
        (tracer.zeros((n - 3, m)), [n - 3]),
    ],
)
def test_slices_lie_within_their_axes_and_dimensions_are_not_negative(tensor, needed):
    found = requirements([tensor])
    for sizes in SIZES:
        assert all(e.xreplace(sizes) >= 0 for e in found) == all(e.xreplace(sizes) >= 0 for e in needed), sizes


def test_what_is_certain_is_not_asked_for():
    assert requirements([x * 2, x[:1], tracer.zeros((n + 1, 2 * m))]) == {}
    assert len(requirements([x[2:5], x[2:5], x[2:5] + 1])) == 2


@pytest.mark.parametrize(
    ("tensor", "sizes", "message"),
    [
        (x[2:5], {n: 4, m: 1}, "a slice goes beyond axis 0 of size n in .*, where n is 4; .* give larger"),
        (tracer.zeros((n - m,)), {n: 2, m: 5}, r"dimension -m \+ n of the shape .* is negative, where m is 5, n is 2;"),
    ],
)
def test_what_does_not_hold_is_said_with_the_sizes(tensor, sizes, message):
    required = requirements([tensor])
    with pytest.raises(ValueError, match=message):
        check_sizes(required, sizes)
    check_sizes(required, {n: 9, m: 1})


def test_what_depends_on_sizes_that_are_not_given_is_left_open():
    check_sizes(requirements([tracer.zeros((n - m,))]), {n: 2})
