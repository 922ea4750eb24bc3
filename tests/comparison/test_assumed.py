"""Values that meet what is assumed."""

import numpy as np
import pytest

from tracer.comparison.assumed import ASSUMED, meet


@pytest.mark.parametrize("name", ASSUMED)
@pytest.mark.parametrize("value", [np.zeros((3, 3)), np.arange(-4.0, 5).reshape(3, 3), np.eye(3) * 0.25])
def test_values_are_made_to_meet_an_assumption_once(name, value):
    HOLDS = {
        "integer": lambda a: a == np.rint(a),
        "nonnegative": lambda a: a >= 0,
        "nonpositive": lambda a: a <= 0,
        "nonzero": lambda a: a != 0,
        "positive": lambda a: a > 0,
        "negative": lambda a: a < 0,
        "symmetric": lambda a: a == a.T,
        "diagonal": lambda a: a == np.diag(np.diag(a)),
        "positive_definite": lambda a: (a == a.T).all() and np.linalg.eigvalsh(a) > 0,
        "orthogonal": lambda a: a @ a.T == np.eye(3),
        "stochastic": lambda a: (a >= 0).all() and a.sum(axis=-1) == 1,
        "unit": lambda a: (a * a).sum(axis=-1) == 1,
    }
    met = meet(value, {name: True})
    assert np.all(HOLDS[name](met))
    np.testing.assert_array_equal(meet(met, {name: True}), met)
