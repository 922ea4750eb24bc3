"""What a long loop leaves behind: nothing of the library's, once its small caches are full."""

import gc
import tracemalloc

import pytest
from sympy.core.cache import clear_cache
from sympy.core.intfunc import igcd

import tracer

w = tracer.Variable(1.0, name="w")


def _tape(k):
    c = tracer.constant(k + 0.123)
    with tracer.GradientTape() as tape:
        y = tracer.sin(w * c) + w**2 * (k + 0.5)
    str(tape.gradient(y, w).formula())


def _assignment(k):
    w.assign(w * 0.99 + k * 0.001)


def _power(k):
    x = tracer.symbols("x")
    tracer.gradients(x ** (k + 0.5), x)[0].eval({x: 0.5})


def _compiled(k):
    x = tracer.symbols("x")
    function = tracer.compile(tracer.sin(x) * (k + 0.37) + tracer.constant(k * 1.5), [x])
    assert function(1.0) is not None
    assert function.source


def _steps(k):
    x = tracer.symbols("x")
    tracer.formula(tracer.sin(x * (k + 0.25)) * x, "steps")


def _vectors(k):
    x = tracer.Variable([1.0, 2.0])
    c = tracer.constant([k + 0.5, 2 * k + 0.25])
    with tracer.GradientTape() as tape:
        y = tracer.reduce_sum(x * x * c * (1 + k / 7) + tracer.sin(x) * (k + 0.125))
    tape.gradient(y, x).formula()


def _held():
    clear_cache()  # those of sympy, which are bounded
    igcd.cache_clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.unchecked
@pytest.mark.parametrize("step", [_tape, _assignment, _power, _compiled, _steps])
def test_nothing_stays(step):
    """What stays would stay in each of three runs; a table of the interpreter's that grows does so in one."""
    rounds = 60
    tracemalloc.start(1)
    try:
        for k in range(140):
            step(k)
        grown = []
        for start in range(140, 140 + 3 * rounds, rounds):
            before = _held()
            for k in range(start, start + rounds):
                step(k)
            grown.append((_held() - before) / rounds)
        assert min(grown) < 200, grown
    finally:
        tracemalloc.stop()
        w.assign(1.0)


@pytest.mark.unchecked
def test_formulas_fill_no_cache_of_sympy():
    first, rounds = 144, 64
    tracemalloc.start(1)
    try:
        for k in range(first):
            _vectors(k)
        grown = []
        for start in range(first, first + 3 * rounds, rounds):
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            for k in range(start, start + rounds):
                _vectors(k)
            gc.collect()
            grown.append((tracemalloc.get_traced_memory()[0] - before) / rounds)
        assert min(grown) < 200, grown
    finally:
        tracemalloc.stop()
