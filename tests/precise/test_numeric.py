"""Values of programs over an arithmetic: those that floats give, and what has none, by name."""

import numpy as np
import pytest

import tracer as tf
from tracer.comparison.fields import choose_field
from tracer.comparison.laws import Residues
from tracer.precise.arithmetic import UnsupportedError
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
