"""Work is counted, and refused beyond a limit."""

import pytest

from tracer.terms.failures import TooLong
from tracer.terms.work import Budget


def test_work_beyond_the_limit_is_refused_and_names_the_steps():
    budget = Budget(10, "loss")
    budget.spend(10)
    with pytest.raises(TooLong, match=r'loss takes more than 10 steps of work.*form="steps"'):
        budget.spend(1)


def test_without_a_limit_nothing_is_refused():
    budget = Budget()
    budget.spend(10**12)
    assert budget.spent == 10**12
