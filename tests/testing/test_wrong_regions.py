"""In what region a rule is wrong, in words."""

import pytest

from tracer.testing.wrong_regions import describe_region


@pytest.mark.parametrize(
    ("value", "is_wrong", "region"),
    [
        (-1.0, lambda x: x < 0, "wrong for x < 0"),
        (60.0, lambda x: x > 50, "wrong for x > 50"),
        (2.5, lambda x: 2 < x < 3, "wrong for 2 < x < 3"),
        (1e-5, lambda x: None if x <= 0 else x < 1e-3, "wrong for x < 0.001"),
        (1e150, lambda x: x > 1e100, "wrong for x > 1e+100"),
        (7.0, lambda x: x == 7, "wrong for x = 7"),
        (2.0, lambda x: abs(x) > 1, "wrong for x > 1, and elsewhere"),
        (5.0, lambda x: True, "wrong wherever x was moved to"),
    ],
)
def test_regions_are_described(value, is_wrong, region):
    assert describe_region("x", (), value, is_wrong) == region


def test_elements_are_named():
    assert describe_region("a", (1, 0), -1.0, lambda x: x < 0) == "wrong for a[1, 0] < 0"


def test_a_counterexample_is_wrong_whatever_a_rougher_look_says():
    assert describe_region("x", (), 3.0, lambda x: None if x == 3 else False) == "wrong for x = 3"
