"""Every call on every kind of operand: value, shape and dtype against NumPy's, and the slope against a difference."""

import numpy as np
import pytest

import tracer as tf
from tests.helpers import assert_each
from tracer.dtypes import FLOATS

from .calls import CALLS, FLOATING, Call

LETTERS = {2: "i", 3: "j", 4: "k"}
"""The names of sizes; 0 and 1 are numbers always."""
SIZES = {tf.placeholder(name, (name,)).shape[0]: size for size, name in LETTERS.items()}


def placeholder(value, sizes=LETTERS):
    return tf.placeholder("s", tuple(LETTERS[d] if d in sizes else d for d in value.shape))


VARIANTS = {
    "tensor": lambda value: tf.constant(value),
    "list": lambda value: value.tolist(),
    "float32": lambda value: tf.constant(value, "float32"),
    "integer": lambda value: tf.constant(value.astype(int)),
    "symbolic": placeholder,
    "twos": lambda value: placeholder(value, {2}),
    "rest": lambda value: placeholder(value, {3, 4}),
}
"""What a call is made on. The last ones have names for all sizes, for 2 alone, and for all but 2."""
SOME = "twos", "rest"
SLOPES = "tensor", "float32", "symbolic"


def draw(case: Call, kind: str) -> list[np.ndarray]:
    rng = np.random.default_rng(sum(map(sum, case.shapes)))
    values = [rng.normal(size=shape).round(3) for shape in case.shapes]
    return [np.round(3 * v).astype(int) for v in values] if kind == "integer" else values


def dtype_of(value, module, case, kind):
    """What the dtype is to be, given what it is of NumPy's function of float64 or of integers."""
    if kind == "float32" and value.dtype == "float64" and not case.wide:
        return "float32"
    return "float64" if module in FLOATING and value.dtype == "int64" else value.dtype


def check_call(module: str, case: Call, kind: str) -> None:
    sizes = {d for shape in case.shapes for d in shape}
    if (kind == "list" and 0 in sizes) or (kind in SOME and not (2 in sizes and sizes & {3, 4})):
        return  # no list says the sizes of axes beside an empty one; or all of the sizes have names, or none
    values = draw(case, kind)
    operands = [VARIANTS[kind](v) for v in values]
    sources = [x for x in operands if isinstance(x, tf.Tensor)]
    feed = {s: v for s, v in zip(sources, values) if s.op == "placeholder"}
    if kind in case.refused.split():
        with pytest.raises((TypeError, ValueError)):
            case.ours(*operands).eval(feed)
        return
    found = case.ours(*operands)
    value, expected = np.asarray(found.eval(feed)), np.asarray(case.theirs(*values))
    close = {"rtol": 2e-5, "atol": 2e-5} if kind == "float32" else {"rtol": 1e-10, "atol": 1e-12}
    np.testing.assert_allclose(value.astype(float), expected.astype(float), **close)
    assert all(type(d) is int or not d.is_number for d in found.shape)
    assert tuple(d if type(d) is int else int(d.subs(SIZES)) for d in found.shape) == expected.shape
    assert found.dtype == dtype_of(expected, module, case, kind)
    if sources and case.smooth and kind in SLOPES and found.dtype in ("float64", "float32"):
        check_slope(case, found, sources, values, feed)


def check_slope(case, found, sources, values, feed):
    """The slope of a curved function of the elements, along one direction."""
    gradients = tf.gradients(tf.reduce_sum(tf.log1p(found**2)), sources, unconnected_gradients="zero")
    assert [(g.shape, g.dtype) for g in gradients] == [(s.shape, s.dtype) for s in sources]
    if sources[0].dtype == "float32":
        return
    ways = [np.cos(1.7 * np.arange(v.size)).reshape(v.shape) for v in values]
    slope = sum((g.eval(feed) * w).sum() for g, w in zip(gradients, ways))
    ends = [np.log1p(case.theirs(*(v + h * w for v, w in zip(values, ways))) ** 2).sum() for h in (1e-6, -1e-6)]
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("kind", VARIANTS)
@pytest.mark.parametrize("module", CALLS)
def test_calls(module, kind):
    assert_each(check_call, {str(k): (module, case, kind) for k, case in enumerate(CALLS[module])})


OF_THE_FIRST = "scattering", "creation"
"""Modules where a result may have the dtype of one operand, whatever the others are."""


def check_mixed(case):
    """One operand of float32 makes no result of others less wide."""
    values = draw(case, "tensor")
    for narrow in range(len(values)):
        kinds = ["float32" if k == narrow else "float64" for k in range(len(values))]
        found = case.ours(*map(tf.constant, values, kinds))
        found.numpy()
        assert found.dtype == "float64" or found.dtype not in FLOATS


@pytest.mark.parametrize("module", [name for name in CALLS if name not in OF_THE_FIRST])
def test_operands_of_two_dtypes(module):
    several = {str(k): (case,) for k, case in enumerate(CALLS[module]) if len(case.shapes) > 1}
    assert_each(check_mixed, several)
