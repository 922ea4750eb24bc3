"""A row states conditions if it is not finite, or not smooth, where its operands are zero, equal or singular."""

import numpy as np
import pytest

import tracer
from tests.ops.samples import SAMPLES
from tracer import Kind, conditions
from tracer.rules import TABLE

STEP = 1e-5
DEGENERATE = [np.zeros_like, np.ones_like, lambda a: np.resize([1.0, 2.0, 2.0, 1.0], a.shape).astype(a.dtype)]
DIRECTIONS = 2


def _value(sample, arrays):
    """The value at arrays; NaN where NumPy refuses them."""
    sources = sample.sources(concrete=True)
    tensor = sample.build(*sources)
    with np.errstate(all="ignore"):
        try:
            return np.asarray(tensor.eval(dict(zip(sources, arrays))), float)
        except np.linalg.LinAlgError:
            return np.full(tensor.shape, np.nan)


def _is_smooth(sample, arrays, seed):
    """Whether the slopes to either side along a direction agree."""
    rng = np.random.default_rng(seed)
    along = [rng.normal(size=a.shape) for a in arrays]
    low, middle, high = (_value(sample, [a + t * d for a, d in zip(arrays, along)]) for t in (-STEP, 0.0, STEP))
    before, after = (middle - low) / STEP, (high - middle) / STEP
    return np.allclose(before, after, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("name", SAMPLES)
def test_rows_state_where_they_are_not_finite_or_not_smooth(name):
    sample = SAMPLES[name]
    if sample.points or sample.dtype != "float64":
        return
    sources = sample.sources()
    tensor = sample.build(*sources)
    points = [[make(a) for a in sample.draw(0)] for make in DEGENERATE]
    finite = all(np.isfinite(_value(sample, arrays)).all() for arrays in points)
    if not finite:
        assert any(c.kind is Kind.DOMAIN for c in conditions(tensor))
    if TABLE[name].pullback is None or tensor.dtype != "float64":
        return
    if not all(_is_smooth(sample, arrays, seed) for arrays in points for seed in range(DIRECTIONS)):
        slopes = tracer.gradients(tensor, sources)
        assert any(conditions(g) for g in slopes if g is not None)
