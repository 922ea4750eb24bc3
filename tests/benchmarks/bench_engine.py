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


def best(function, *args, rounds=5):
    times = []
    for _ in range(rounds):
        start = time.process_time()
        function(*args)
        times.append(time.process_time() - start)
    return min(times)


def test_an_operation_and_its_gradient_cost_no_more_than_a_few_insertions():
    """Per scalar operation: tracing it, and its steps of the gradient, against one node with two edges."""
    rosenbrock(50)
    n = 2000
    assert best(rosenbrock, n) / (7 * n) < 6 * best(insertions, 10 * n) / (10 * n)


def test_growth():
    rosenbrock(50)
    small, large = best(rosenbrock, 1000), best(rosenbrock, 10_000, rounds=3)
    assert math.log10(large / small) < 1.15


def test_importing_costs_little_more_than_sympy_and_networkx():
    def cost(modules):
        command = [sys.executable, "-c", f"import {modules}"]
        return min(timed(command) for _ in range(7))

    def timed(command):
        start = time.perf_counter()
        subprocess.run(command, check=True)
        return time.perf_counter() - start

    assert cost("tracer") / cost("sympy, networkx") < 1.15
