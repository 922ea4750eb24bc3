"""Values of programs over an arithmetic: those that floats give, and what has none, by name."""

import numpy as np
import pytest

import tracer as tf
from tracer.comparison.fields import choose_field
from tracer.comparison.laws import Residues
from tracer.precise.arithmetic import UnsupportedError, box_numbers
from tracer.precise.digits import Digits
from tracer.precise.numeric import Numeric, _Rows
from tracer.terms.work import Budget

A, v, c = tf.placeholder("A", (3, 3)), tf.placeholder("v", (3,)), tf.symbols("c")
RNG = np.random.default_rng(4)
ARRAYS = {"A": RNG.normal(size=(3, 3)) + 3 * np.eye(3), "v": RNG.normal(size=3), "c": np.array(1.75)}

PROGRAMS = [
    lambda: A @ v + c,
    lambda: tf.linalg.inv(A) @ v,
    lambda: tf.linalg.det(A) * c,
    lambda: tf.reduce_sum(tf.exp(A) * v, 1) / c,
    lambda: tf.reduce_max(v) - tf.reduce_min(v * v),
    lambda: tf.concat([v, c * v[1:]], 0),
    lambda: tf.cumsum(v)[::-1],
    lambda: tf.where(v > 0, v, -c * v),
    lambda: tf.einsum("ij,i,j->", A, v, v),
    lambda: tf.linalg.solve(A, v[:, None]),
    lambda: tf.cast(v > 0, "float64") + tf.linalg.trace(A),
]


def feed(tensor):
    return {s.node: ARRAYS[s.name] for s in tf.walk.ancestors([tensor]) if s.node in {A.node, v.node, c.node}}


@pytest.mark.parametrize("program", PROGRAMS)
def test_values_are_those_of_floats(program):
    tensor, digits = program(), Digits(30)
    given = {k: np.vectorize(digits.number, otypes=[object])(a) for k, a in feed(tensor).items()}
    (found,) = Numeric([tensor])(given, digits)
    want = tensor.eval({s: ARRAYS[s.name] for s in (A, v, c) if s.node in given})
    np.testing.assert_allclose(np.vectorize(float, otypes=[float])(found), want, rtol=1e-9)


def test_what_has_no_value_is_named():
    with pytest.raises(UnsupportedError, match=f"{v.name} is a source"):
        _Rows(Budget(1000, "rows")).source(v)
    mystery = tf.tensor.record_tensor(tf.rules.Op("mystery"), (c,), None, (), "float64")
    digits = Digits(30)
    given = {c.node: np.array(digits.number(2), dtype=object)}
    with pytest.raises(UnsupportedError, match="mystery has no value here"):
        Numeric([mystery])(given, digits)
    with pytest.raises(UnsupportedError, match="mystery has no value here"):
        digits.call_row(mystery, [], 1)
    residues = Residues(0, choose_field(0))
    (found,) = Numeric([mystery], opaque=True)({c.node: np.array(residues.unknown(), dtype=object)}, residues)
    assert found.shape == ()


def test_a_given_node_has_its_value_and_what_it_is_computed_from_is_not_asked_for():
    digits = Digits(30)
    held = tf.sqrt(c)  # which has no value at what is given for c
    numeric = Numeric([held * c + 1], given={held.node})
    given = {c.node: np.array(digits.number(-2), dtype=object), held.node: np.array(digits.number(5), dtype=object)}
    assert [float(x.item()) for x in numeric(given, digits)] == [-9.0]
    with pytest.raises(KeyError):
        numeric({c.node: given[c.node]}, digits)


def test_numbers_and_arrays_meet_in_one_program():
    """Numbers are not kept as arrays: of each kind of operation one takes both, or makes one of the other."""
    scale = tf.reduce_sum(v) * c
    digits = Digits(30)
    feed = {v.node: box_numbers(ARRAYS["v"], digits), c.node: box_numbers(ARRAYS["c"], digits)}
    found = Numeric([scale, scale * v, tf.stack([scale, c]), tf.cast(c > 0, "float64") * v])(feed, digits)
    assert [x.shape for x in found] == [(), (3,), (2,), (3,)]
    whole = float(ARRAYS["v"].sum() * 1.75)
    for x, want in zip(found, [whole, whole * ARRAYS["v"], np.array([whole, 1.75]), ARRAYS["v"]]):
        np.testing.assert_allclose(x.astype(float), want, rtol=1e-14)


def test_the_elements_of_the_last_point_are_counted():
    digits = Digits(30)
    product = A @ v
    numeric = Numeric([tf.reduce_sum(product)])
    numeric({A.node: box_numbers(ARRAYS["A"], digits), v.node: box_numbers(ARRAYS["v"], digits)}, digits)
    sizes = numeric.count_elements()
    assert [sizes[t.node] for t in (A, v, product)] == [9, 3, 3]
