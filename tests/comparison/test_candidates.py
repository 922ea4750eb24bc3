"""Points at which programs may differ: of the right shapes, the simplest first, the same each time."""

import itertools

import numpy as np
import pytest

import tracer
from tracer.comparison.candidates import FEW, SCALARS, around, constants_in, fills, random_points, tidy_points
from tracer.walk import ancestors

SHAPES = [(), (1,), (3,), (2, 3), (2, 2), (3, 3), (2, 2, 2), (0,)]
x, v, A = tracer.symbols("x"), tracer.placeholder("v", (3,)), tracer.placeholder("A", (2, 2))


@pytest.mark.parametrize("shape", SHAPES)
def test_tidy_arrays_have_the_shape_and_are_numbers(shape):
    found = fills(shape)
    assert {a.shape for a in found} == {shape}
    assert all(np.isfinite(a).all() for a in found)
    assert not found[0].any()


def has(found, what):
    return any(what(a) for a in found)


@pytest.mark.parametrize("shape", [(3,), (2, 2), (3, 3), (2, 3)])
def test_tidy_arrays_are_of_many_kinds(shape):
    found = fills(shape)
    assert has(found, lambda a: (a == a.flat[0]).all() and a.flat[0])  # ties
    assert has(found, lambda a: np.count_nonzero(a) == 1)
    assert has(found, lambda a: (a > 0).any() and (a < 0).any())
    assert has(found, lambda a: len({*a.ravel()}) == a.size)
    assert has(found, lambda a: abs(a).max() >= 1e3)
    assert has(found, lambda a: 0 < abs(a).max() < 1e-1)
    if shape == shape[::-1] and len(shape) == 2:
        assert has(found, lambda a: (a == np.eye(len(a))).all())
        assert has(found, lambda a: (a != a.T).any() and np.linalg.det(a) != 0)


def test_constants_are_those_that_a_program_compares_with():
    y = tracer.where(x > 7, x, tracer.constant(-3.5)) + tracer.nn.relu6(x) + 1.0
    assert {7.0, 3.5, 6.0} <= {*constants_in(ancestors([y]))}
    assert not {0.0, 1.0} & {*constants_in(ancestors([y]))}
    assert constants_in(ancestors([tracer.where(x > 1e20, x, tracer.constant([3.0, 4.0])[0])])) == []
    many = tracer.add_n([x * float(k) for k in range(3, 30)])
    assert len(constants_in(ancestors([many]))) == 8


@pytest.mark.parametrize("c", [3.0, 6.0, 1e-3])
def test_numbers_lie_on_both_sides_of_a_constant(c):
    found = around(c)
    for sign in (1, -1):
        near = [sign * v for v in found if 0 < abs(v - sign * c) < 0.01 * c]
        assert sign * c in found
        assert min(near) < c < max(near)


@pytest.mark.parametrize("shapes", [[()], [(), ()], [(), (3,)], [(2, 2), (2,)], [(), (), ()], []])
def test_tidy_points_come_simplest_first_and_fit(shapes):
    points = list(tidy_points(shapes, [7.0]))
    assert all([a.shape for a in p] == [*shapes] for p in points)
    assert not any(a.any() for a in points[0])
    for k in range(len(shapes)):
        assert any((p[k] == 7).all() for p in points)
    if shapes == [(), ()]:
        pairs = {tuple(map(float, p)) for p in points}
        assert {*itertools.product(FEW, FEW)} <= pairs
    if shapes == [()]:
        assert {*SCALARS} <= {float(p[0]) for p in points}


def test_random_points_fit_and_are_the_same_for_the_same_seed():
    def draw(seed):
        return list(itertools.islice(random_points([(), (3,), (2, 2)], seed, [50.0]), 60))

    first, again, other = draw(1), draw(1), draw(2)
    assert all([a.shape for a in p] == [(), (3,), (2, 2)] for p in first)
    assert all((a == b).all() for p, q in zip(first, again, strict=True) for a, b in zip(p, q, strict=True))
    assert any((a != b).any() for p, q in zip(first, other, strict=True) for a, b in zip(p, q, strict=True))


def test_random_points_are_of_every_kind():
    drawn = [p[0] for p in itertools.islice(random_points([(3, 3)], 5, [50.0]), 120)]
    whole = [a for a in drawn if (a == np.round(a)).all()]
    assert has(whole, lambda a: (a == a.T).all() and np.linalg.eigvalsh(a).min() > 0.9)
    assert has(whole, lambda a: (a != a.T).any())
    assert has(drawn, lambda a: ((a > 0) & (a < 1)).all())
    assert has(drawn, lambda a: ((a >= 1) & (a <= 4)).all())
    assert has(drawn, lambda a: abs(a).max() > 100)


def test_random_points_are_dense_between_minus_one_and_one():
    drawn = [float(x) for x, _ in itertools.islice(random_points([(), ()], 7, []), 73)]
    assert all(any(low < x < low + 0.5 for x in drawn) for low in (-1.0, -0.5, 0.0, 0.5))
