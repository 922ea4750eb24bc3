"""Shapes and dtypes are checked at once, of tensors without a value too."""

import pytest

import tracer
from tracer import debugging as d

x = tracer.placeholder("x", ("n", 3))
zeros = tracer.zeros

HOLD = [
    (d.assert_rank, (x, 2)),
    (d.assert_rank_at_least, (x, 1)),
    (d.assert_rank_in, (x, (1, 2))),
    (d.assert_scalar, (1.0,)),
    (d.assert_type, (x, tracer.float64)),
    (d.assert_integer, (1,)),
    (d.assert_proper_iterable, ([1, 2],)),
    (d.assert_same_float_dtype, ([x, zeros([2])],)),
    (d.assert_same_float_dtype, ()),
    (d.assert_shapes, ({},)),
    (d.assert_shapes, ([(x, ("N", "D")), (zeros([3]), ("D",)), (zeros([3, 5]), ("D", None))],)),
    (d.assert_shapes, ([(zeros([2, 3, 4]), (..., "D")), (zeros([4]), ("*", "D"))],)),
    (d.assert_shapes, ([(x, "ND"), (x, (7, "3")), (zeros([]), ())],)),
    (d.assert_shapes, ([(x, ("N", 3)), (zeros([5]), "N"), (zeros([5]), "N")],)),
]
FAIL = [
    (d.assert_rank, (x, 3), ValueError, r"x has the rank 2 and the shape \(n, 3\); a rank of 3 was expected"),
    (d.assert_rank_at_least, (x, 3), ValueError, "a rank of at least 3"),
    (d.assert_rank_in, (x, (3, 1)), ValueError, "a rank of 1 or 3"),
    (d.assert_scalar, ([1.0],), ValueError, "a scalar was expected"),
    (d.assert_type, (x, "int64"), TypeError, "x is of dtype float64, not int64; write cast"),
    (d.assert_integer, (x,), TypeError, "not of integers"),
    (d.assert_proper_iterable, (3,), TypeError, "expected a list"),
    (d.assert_proper_iterable, (x,), TypeError, "expected a list"),
    (d.assert_same_float_dtype, ([x, tracer.constant(1)],), ValueError, "of dtype int64, not float64"),
    (d.assert_same_float_dtype, ([tracer.constant(1)],), ValueError, "expected floats, got dtype int64"),
    (d.assert_shapes, ([(x, ("N", "D")), (zeros([2]), "D")],), ValueError, "2 where 3 was expected: D is 3 by x"),
    (d.assert_shapes, ([(x, ("N", 4))],), ValueError, "the size 3 where 4 was expected"),
    (d.assert_shapes, ([(x, ("N",))],), ValueError, "a rank of 1"),
    (d.assert_shapes, ([(zeros([2]), "N"), (zeros([3]), "N")], ["seen"]), ValueError, r"\('seen'\)"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "arguments"), HOLD, ids=lambda t: getattr(t, "__name__", None))
def test_what_holds_passes(check, arguments):
    check(*arguments)


@pytest.mark.parametrize(("check", "arguments", "error", "message"), FAIL, ids=lambda t: getattr(t, "__name__", None))
def test_what_does_not_hold_is_told(check, arguments, error, message):
    with pytest.raises(error, match=message):
        check(*arguments)


def test_a_message_stands_first():
    with pytest.raises(ValueError, match=r"^weights: x has the rank"):
        d.assert_rank(x, 1, message="weights")


def test_numbers_are_told_from_truth_values():
    assert d.is_numeric_tensor(x)
    assert not d.is_numeric_tensor(x > 0)
    assert not d.is_numeric_tensor(1.0)


@pytest.mark.parametrize(
    ("name", "message"), [("experimental", r"tracer\.diagnose"), ("assert_rnak", "did you mean assert_rank")]
)
def test_names_that_are_missing_say_what_to_write(name, message):
    with pytest.raises(AttributeError, match=message):
        getattr(d, name)
