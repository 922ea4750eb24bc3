"""What tests share fails where it must."""

import pytest

from tests.helpers import assert_each


def test_all_cases_that_fail_are_told():
    def check(value, wanted):
        if value > 2:
            pytest.fail("too large")
        assert value == wanted

    with pytest.raises(BaseExceptionGroup, match="2 of 3 cases") as caught:
        assert_each(check, {"first": (1, 1), "second": (1, 2), "third": (3, 3)})
    wrong, failed = caught.value.exceptions
    assert (type(wrong), wrong.__notes__) == (AssertionError, ["in the case second"])
    assert (str(failed), failed.__notes__) == ("too large", ["in the case third"])
    assert_each(check, {"first": (1, 1)})
