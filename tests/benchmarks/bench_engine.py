"""Speed as ratios that hold on any machine: against the cost of a networkx insertion, and of growth.

Not part of the timed tests: ``python -m pytest tests/benchmarks/bench_engine.py``.
"""

import itertools
import math
import subprocess
import sys
import time

import networkx as nx
import pytest

import tracer

pytestmark = pytest.mark.unchecked


def rosenbrock(n):
    xs = [tracer.placeholder(f"x{k}") for k in range(n)]
    f = sum((100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(xs)), 0)
    return tracer.gradients(f, xs)


def insertions(n):
    graph = nx.MultiDiGraph()
    for k in range(n):
        graph.add_node(k, op="sin")
        graph.add_edge(k - 1, k, 0)
        graph.add_edge(k - 2, k, 1)


def shortest(function, *args, rounds=5):
    times = []
    for _ in range(rounds):
        start = time.process_time()
        function(*args)
        times.append(time.process_time() - start)
    return min(times)


def measured(benchmark, function, *args, rounds=5):
    """The shortest time of a function, which the benchmark records."""
    benchmark.pedantic(function, args, rounds=rounds, warmup_rounds=1)
    return benchmark.stats.stats.min


def test_an_operation_and_its_gradient_cost_no_more_than_a_few_insertions(benchmark):
    """Per scalar operation: tracing it, and its steps of the gradient, against one node with two edges."""
    n = 2000
    ratio = measured(benchmark, rosenbrock, n) / (7 * n) / (shortest(insertions, 10 * n) / (10 * n))
    benchmark.extra_info["insertions"] = ratio
    assert ratio < 6


def test_growth(benchmark):
    large = measured(benchmark, rosenbrock, 10_000, rounds=3)
    exponent = math.log10(large / shortest(rosenbrock, 1000))
    benchmark.extra_info["exponent"] = exponent
    assert exponent < 1.15


def test_importing_costs_little_more_than_sympy(benchmark):
    def imported(modules):
        subprocess.run([sys.executable, "-c", f"import {modules}"], check=True)

    def alone():
        start = time.perf_counter()
        imported("sympy")
        return time.perf_counter() - start

    ratio = measured(benchmark, imported, "tracer", rounds=7) / min(alone() for _ in range(7))
    benchmark.extra_info["ratio"] = ratio
    assert ratio < 1.15
