"""What is kept in an array of its own, and what is written where it is used."""

import numpy as np
import pytest

import tracer
from tracer.backends.array_rules import rule_of
from tracer.backends.loops import DEEPEST, Storage
from tracer.program.program import Program

x, y = tracer.placeholder("x", (4,)), tracer.placeholder("y", (4,))
A = tracer.placeholder("A", (4, 4))


def _kept(output, *inputs):
    """How many values have arrays or variables of their own."""
    program = Program([output], inputs)
    storage = Storage(program, rule_of)
    return len(storage.kept & {*program.lines}), len(storage.shared)


@pytest.mark.parametrize(
    ("build", "kept", "shared"),
    [
        pytest.param(lambda: tracer.sin(x) * y + 1, 1, 0, id="one pass"),
        pytest.param(lambda: tracer.reduce_sum(tracer.sin(x) * y), 1, 0, id="a sum of what is not kept"),
        pytest.param(lambda: tracer.sin(x) * tracer.exp(tracer.sin(x)), 1, 1, id="used twice in one pass"),
        pytest.param(lambda: A @ tracer.sin(x), 2, 0, id="read for each row"),
        pytest.param(lambda: tracer.sin(A) @ x, 1, 0, id="read once"),
        pytest.param(lambda: tracer.transpose(tracer.sin(A)) * A, 1, 0, id="a transpose is no array"),
        pytest.param(lambda: tracer.reduce_sum(tracer.sin(x)) * tracer.exp(tracer.sin(x)), 3, 0, id="two passes"),
        pytest.param(lambda: tracer.reshape(tracer.transpose(A), (16,)) * 2, 2, 0, id="read in another order"),
    ],
)
def test_what_is_kept(build, kept, shared):
    assert _kept(build(), x, y, A) == (kept, shared)


@pytest.mark.unchecked
def test_nothing_is_written_too_deep():
    value = x
    for _ in range(30 * DEEPEST):
        value = tracer.sin(value) + y
    function = tracer.compile(value, [x, y], backend="c")
    given = np.linspace(0.0, 1.0, 4), np.linspace(1.0, 2.0, 4)
    assert max(map(len, function.source.splitlines())) < 400
    np.testing.assert_allclose(function(*given), tracer.compile(value, [x, y])(*given), rtol=1e-12)
