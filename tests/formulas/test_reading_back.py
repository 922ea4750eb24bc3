"""What is printed is what is meant: text read by independent readers has the traced value."""

import zlib

import numpy as np
import pytest

import tracer as tf
from tests.calculus.cases import CASES
from tests.calculus.derive import derivative

from .texts import FORMS, PROGRAMS, REFUSED_PROGRAMS, c, faults, n, y, z

pytestmark = pytest.mark.unchecked

SAMPLE = 4
"""One case in so many is read back, unless all are asked for."""

REFUSED = {
    "cookbook-128": {"python"},
    "dirichlet": {"python"},
    "gelu": {"python"},
    "probit": {"python"},
}
"""Of which cases which texts are refused; one that is refused no more fails its test."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Generate tests of a sample of the cases and of those that are refused, or of all if they are asked for."""
    if "case_name" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-case")
        names = [name for name in CASES if every or name in REFUSED or zlib.crc32(name.encode()) % SAMPLE == 0]
        assert len(names) >= len(CASES) / SAMPLE / 2
        metafunc.parametrize("case_name", names)


def test_a_case_is_read_back(case_name: str) -> None:
    case = CASES[case_name]
    tensor = derivative(tf, case)[0]
    sizes, arrays = case.sample(0)
    assert not faults(tensor, sizes, arrays, case.reference(arrays), REFUSED.get(case_name, set()))


def test_what_is_refused_is_known_by_name() -> None:
    assert REFUSED.keys() <= CASES.keys()
    assert REFUSED_PROGRAMS.keys() <= PROGRAMS.keys()


def test_a_wrong_text_and_an_unexpected_refusal_are_faults() -> None:
    sizes, arrays = {"n": 3, "d": 2}, {"y": np.ones(3), "z": np.full(3, 2.0)}
    assert not faults(y + z, sizes, arrays, np.full(3, 3.0))
    assert len(faults(y + z, sizes, arrays, np.full(3, 4.0))) == len(FORMS)
    assert faults(y + z, sizes, arrays, np.full(3, 3.0), {"latex"})[0].startswith("latex is not refused")
    (fault,) = faults(c * tf.eye(n), sizes, {"c": np.array(2.0)}, 2 * np.eye(3))
    assert fault.startswith("python is refused")
