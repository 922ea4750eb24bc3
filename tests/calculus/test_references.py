"""The formulas of the books against finite differences of the programs, before any library is asked."""

import numpy as np
import pytest

from .cases import CASES
from .differences import derivative


@pytest.mark.parametrize("name", CASES)
def test_formula_is_the_derivative_of_the_program(name: str) -> None:
    case = CASES[name]
    for trial in range(2 if case.ask == "gradient" else 1):
        sizes, arrays = case.sample(trial)
        want = derivative(case, arrays)
        got = case.reference(arrays)
        assert got.shape == want.shape, sizes
        np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-8 * max(1.0, np.max(np.abs(want))), err_msg=f"{sizes}")


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 200
    assert {case.ask for case in CASES.values()} == {"gradient", "hessian", "jacobian", "mixed"}
    assert all(case.operations >= 0 for case in CASES.values())
