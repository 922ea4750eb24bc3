"""Programs with numbers for dimensions have the value of the symbolic ones."""

import numpy as np
import pytest

import tracer
from tracer.precise.sized import SizeError, with_sizes

v = tracer.placeholder("v", ("n",))
n = v.shape[0]
PROGRAMS = [
    tracer.reshape(v, (1, n)) @ tracer.reshape(v, (n, 1)),
    tracer.concat([v, v[1:]], 0),
    tracer.reduce_mean(v) * tracer.ones_like(v),
    tracer.cast(tracer.size(v), "float64") * v,
    tracer.gradients(tracer.reduce_max(v), [v])[0],
    tracer.Variable(3.0, name="w") * v,
]


@pytest.mark.parametrize("tensor", PROGRAMS, ids=lambda t: t.op)
def test_values_stay(tensor):
    value = np.array([1.0, 4.0, 2.0])
    [made], sources = with_sizes([tensor], {n: 3})
    assert all(isinstance(d, int) for t in (made, sources[v]) for d in t.shape)
    np.testing.assert_allclose(made.eval({sources[v]: value}), tensor.eval({v: value}))


def test_sizes_that_an_operation_does_not_allow_are_refused():
    with pytest.raises(SizeError, match=r"would have the shape \(-1,\)"):
        with_sizes([v[2:]], {n: 1})
    tall = tracer.placeholder("A", ("n", 2))
    with pytest.raises(SizeError, match="qr"):
        with_sizes([tracer.linalg.qr(tall)[0]], {n: 1})
