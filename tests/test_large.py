"""Large and long: nothing recurses on depth, nothing grows that need not, threads do not matter."""

import gc
import itertools
import math
import threading
import time
import tracemalloc

import networkx as nx
import pytest

import tracer
from tracer.alive import live
from tracer.tensor import Tensor, context

pytestmark = pytest.mark.unchecked

MACHINE = 2
"""How much slower than the machine of the stated times one may be that runs these tests."""


def test_a_chain_of_40_000():
    x = tracer.Variable(0.5)
    length = 40_000
    with tracer.GradientTape() as tape:
        y = x
        for _ in range(length // 2):
            y = tracer.sin(y) + 1e-12
    g = tape.gradient(y, x)
    assert y.node - x.node >= length
    assert Tensor.__str__ is object.__str__  # which asks for the representation
    for t in (y, g):
        for printed in (repr, Tensor._repr_latex_):
            started = time.process_time()
            text = printed(t)
            assert time.process_time() - started < 0.8 * MACHINE
            assert text is None or ("x0 = sin(x)" in text and "more steps" in text)
    value, slope = 0.5, 1.0
    for _ in range(length // 2):
        value, slope = math.sin(value) + 1e-12, slope * math.cos(value)
    assert slope > 1e-8
    assert float(y) == pytest.approx(value, rel=1e-9)
    assert float(g) == pytest.approx(slope, rel=1e-9)
    del t, g, tape
    pairs, (result,) = tracer.formula([y], form="steps")
    assert len(pairs) >= length
    assert str(result) == str(pairs[-1][0]) or result.free_symbols
    assert nx.is_directed_acyclic_graph(x.graph)


def test_nested_2_000():
    x = tracer.symbols("x")
    y = x
    for _ in range(2000):
        y = (tracer.sin(y) + y) / 2
    (g,) = tracer.gradients(y, x)
    for t in (y, g):
        assert len(repr(t)) < 100_000
        assert str(t) == repr(t)
        assert t.expr.free_symbols
    feed = {x: 1.5}
    h = 1e-6
    slope = (y.eval({x: 1.5 + h}) - y.eval({x: 1.5 - h})) / (2 * h)
    assert slope > 1e-6
    assert float(g.eval(feed)) == pytest.approx(float(slope), rel=1e-4)


def test_a_diamond_doubled_fifty_times_is_linear():
    x = tracer.Variable(1.0)
    before = len(live)
    y = x
    for _ in range(50):
        y = y + y
    (g,) = tracer.gradients(y, x)
    assert float(g) == 2.0**50
    assert len(live) - before < 50 * 8
    # Half of pi is a fixed point of sin(z)*z: the slope of each step is 1 there, the curvature -pi/2.
    x = tracer.Variable(math.pi / 2)
    z = x
    for _ in range(50):
        z = tracer.sin(z) * z
    (g,) = tracer.gradients(z, x)
    (h,) = tracer.gradients(g, x)
    assert len(live) - before < 50 * 120
    pairs, _ = tracer.formula([h], form="steps")
    assert len(pairs) < 50 * 60
    assert float(g) == pytest.approx(1)
    assert float(h) == pytest.approx(-50 * math.pi / 2)


def test_500_tapes_leave_memory_flat():
    v = tracer.Variable(0.9, name="leak")

    def step():
        with tracer.GradientTape() as tape:
            f = v
            for _ in range(10):
                f = f * v + v
        assert tape.gradient(f, v) is not None

    # The table of live tensors may be laid out anew at any time: its memory is traced from before the first tape.
    tracemalloc.start()
    try:
        used = []
        for _ in range(2):
            for _ in range(500):
                step()
            gc.collect()
            used.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert (used[1] - used[0]) / 500 <= 200


def test_assignments_and_values_leave_memory_flat():
    v = tracer.Variable([1.0, 2.0])

    def step():
        with tracer.GradientTape() as tape:
            loss = tracer.reduce_sum(tracer.sin(v) * v)
        v.assign_sub(0.001 * tape.gradient(loss, v))

    for _ in range(20):
        step()
    gc.collect()
    nodes = len(live)
    for _ in range(30):
        step()
    gc.collect()
    assert len(live) == nodes


def test_tapes_in_8_threads():
    x = tracer.Variable(2.0)
    barrier = threading.Barrier(8)
    results: dict[int, object] = {}

    def work(k):
        barrier.wait()
        total = 0.0
        for _ in range(30):
            with tracer.GradientTape(persistent=True) as tape:
                y = x
                for _ in range(k + 1):
                    y = y * x
            total += float(tape.gradient(y, x))
            assert tape.watched_variables() == (x,)
        assert context.get().recordings == ()
        results[k] = total

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {k: 30.0 * (k + 2) * 2.0 ** (k + 1) for k in range(8)}


def test_an_exception_in_a_tape_leaves_nothing_active():
    x = tracer.Variable(2.0)
    for _ in range(3):
        with pytest.raises(ValueError, match="planted"), tracer.GradientTape() as tape, tape.stop_recording():
            raise ValueError("planted")
    assert context.get().recordings == ()
    y = x * x
    assert y.context.recordings == ()


def test_the_gradient_of_many_variables_is_linear():
    """Ten times the variables, at most thirteen times the time and ten times the nodes."""

    def cost(n):
        xs = [tracer.placeholder(f"x{k}") for k in range(n)]
        before = len(live)
        f = sum((100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(xs)), 0)
        gs = tracer.gradients(f, xs)
        assert None not in gs
        return len(live) - before

    small, large = cost(50), cost(500)
    assert large < 10.5 * small


def test_a_long_chain_is_freed_without_recursion():
    x = tracer.symbols("x")
    before = len(live)
    y = x
    for _ in range(100_000):
        y = y + 1
    start = time.perf_counter()
    del y
    assert len(live) == before
    assert time.perf_counter() - start < 10
