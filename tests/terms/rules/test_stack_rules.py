"""Small matrices put together of elements have determinants and inverses as a person writes them."""

import pytest

import tracer as tf
from tests.terms.programs import F, add, call, chosen, row, stacked
from tests.terms.rules.answers import answer
from tracer.terms.record import number, source

a, b, c, d, s = (tf.placeholder(name) for name in "abcds")
v, q = tf.placeholder("v", (2,)), tf.placeholder("q", (3,))
det, inv, trace = tf.linalg.det, tf.linalg.inv, tf.linalg.trace
M = tf.stack([tf.stack([a, b]), tf.stack([c, d])])
S = tf.stack([tf.stack([a, b]), tf.stack([b, d])])
ROTATION = tf.stack([tf.stack([tf.cos(s), -tf.sin(s)]), tf.stack([tf.sin(s), tf.cos(s)])])
UPPER = tf.stack([tf.stack([a, b, s]), tf.stack([0.0, c, b]), tf.stack([0.0, 0.0, d])])


def slope(f, by):
    return tf.gradients(f, by)[0]


def spherical(q):
    return tf.stack([q[0] * tf.sin(q[1]) * tf.cos(q[2]), q[0] * tf.sin(q[1]) * tf.sin(q[2]), q[0] * tf.cos(q[1])])


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (det(M), "a*d - b*c"),
        (slope(det(M), a), "d"),
        (slope(det(M), b), "-c"),
        (slope(det(s * M), a), "d*s**2"),
        (tf.linalg.logdet(M), "log(a*d - b*c)"),
        (slope(tf.linalg.logdet(M), a), "d/(a*d - b*c)"),
        (inv(M), "Matrix([[d, -b], [-c, a]])/(a*d - b*c)"),
        (inv(M) @ M, "eye(2)"),
        (det(inv(M)), "1/(a*d - b*c)"),
        (trace(inv(M)), "(a + d)/(a*d - b*c)"),
        (trace(M @ M), "a**2 + 2*b*c + d**2"),
        (M @ M, "Matrix([[a**2 + b*c, b*(a + d)], [c*(a + d), b*c + d**2]])"),
        (slope(inv(S)[0, 0], a), "-d**2/(b**2 - a*d)**2"),
        (tf.transpose(ROTATION) @ ROTATION, "eye(2)"),
        (det(ROTATION), "1"),
        (slope(tf.tensordot(v, ROTATION @ v, 1), s), "-(v[0]**2 + v[1]**2)*sin(s)"),
        (det(UPPER), "a*c*d"),
        (inv(UPPER)[0, 1], "-b/(a*c)"),
        (det(tf.jacobian(spherical)(q)), "sin(q[1])*q[0]**2"),
    ],
)
def test_a_small_matrix_is_written_as_a_person_does(tensor, text):
    assert str(tensor.formula()) == text


x, y, z = (tf.placeholder(name, ("n",)) for name in "xyz")
FIELD = tf.stack([tf.stack([x, y], 1), tf.stack([y, z], 1)], 2)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (det(FIELD), "x o z - y**2"),
        (slope(tf.reduce_sum(det(FIELD)), y), "-2*y"),
        (inv(FIELD)[:, 0, 1], "y/(y**2 - x o z)"),
        (tf.einsum("nij,njk->nik", inv(FIELD), FIELD)[:, 0, 0], "ones(n, 1)"),
        (inv(FIELD), "Matrix([[z, -y], [-y, x]])/(x*z - y**2) for each n"),
    ],
)
def test_so_are_small_matrices_of_each_member_of_a_batch(tensor, text):
    assert str(tensor.formula()) == text


names = [source(f"s{k}", ()) for k in range(16)]


def matrix(size):
    return stacked(*[names[size * k : size * (k + 1)] for k in range(size)])


def members(size, *shape):
    """Small matrices, whose elements are arrays."""
    first = len(shape)
    axes = tuple(range(first))
    return add(
        (
            1,
            row(
                1,
                (source(f"s{i}{j}", shape), axes, 1),
                (chosen(i, 1, size), (first + 2, first), 1),
                (chosen(j, 1, size), (first + 3, first + 1), 1),
                out=(*axes, first, first + 1),
            ),
        )
        for i in range(size)
        for j in range(size)
    )


def det_of(t):
    return call("det", [t], None, t.shape[:-2])


def inverse(t):
    return call("inverse", [t])


ANSWERS = {
    "det([[a, b], [c, d]]) -> a*d - b*c": [
        (det_of(matrix(1)), "s0"),
        (det_of(matrix(2)), "-1*((s1*s2 -> []) + -1*(s3*s0 -> [])) -> []"),
        (det_of(matrix(4)), ""),
        (det_of(F), ""),
        (det_of(source("A", (2, 2))), ""),
        (det_of(members(1, 3)), "s00"),
        (det_of(members(2, 3)), "(s11[0]*s00[0] -> [0]) + -1*(s01[0]*s10[0] -> [0])"),
        (det_of(number(1, (2, 2))), ""),
    ],
    "inverse([[a, b], [c, d]]) -> [[d, -b], [-c, a]]/(a*d - b*c)": [
        (inverse(matrix(1)), "s0**(-1) -> [0, 1]"),
        (inverse(matrix(4)), ""),
        (inverse(source("A", (2, 2))), ""),
        (inverse(members(1, 3)), "s00[0]**(-1) -> [0, 1, 2]"),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term


@pytest.mark.parametrize("term", [matrix(2), matrix(3), members(2, 3), members(2, 2, 4)], ids=lambda t: repr(t.shape))
def test_an_inverse_that_is_written_out_is_that_of_the_matrix(term):
    assert answer("inverse([[a, b], [c, d]]) -> [[d, -b], [-c, a]]/(a*d - b*c)", inverse(term)) != ""
