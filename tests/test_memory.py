"""What a long loop leaves behind: nothing of the library's, once its small caches are full."""

import gc
import sys

import pytest
from sympy.core.cache import clear_cache
from sympy.core.intfunc import igcd

import tracer

w = tracer.Variable(1.0, name="w")


@pytest.fixture(autouse=True)
def apart():
    """Leave what earlier tests left out of the search for garbage, of which there is one before each count."""
    gc.collect()
    gc.freeze()


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


def _source(k):
    x = tracer.symbols("x")
    assert tracer.compile(tracer.sin(x) * (k + 0.37) + tracer.constant(k * 1.5), [x]).source


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
    """How many blocks of memory objects have: each has one at least, and counting them costs nothing."""
    gc.collect()
    return sys.getallocatedblocks()


def _held_beside_sympy():
    clear_cache()  # those of sympy, which are bounded
    igcd.cache_clear()
    return _held()


def _grown(step, first, rounds, held):
    """How many more objects there are after each step, in three runs once the library's small caches are full."""
    for k in range(first):
        step(k)
    grown = []
    for start in range(first, first + 3 * rounds, rounds):
        before = held()
        for k in range(start, start + rounds):
            step(k)
        grown.append((held() - before) / rounds)
    return grown


@pytest.mark.unchecked
@pytest.mark.parametrize("step", [_tape, _assignment, _power, _compiled, _steps])
def test_nothing_stays(step):
    """What stays would stay in each of three runs; a table of the interpreter's that grows does so in one."""
    try:
        grown = _grown(step, 140, 60, _held_beside_sympy)
    finally:
        w.assign(1.0)
    assert min(grown) < 0.8, grown


@pytest.mark.unchecked
@pytest.mark.parametrize("step", [_vectors, _source])
def test_formulas_fill_no_cache_of_sympy(step):
    grown = _grown(step, 144, 64, _held)
    assert min(grown) < 4, grown
