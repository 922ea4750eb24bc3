"""Ratios of times, each measured within one process, one library after the other in turns."""

from __future__ import annotations

import ast
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

import tracer
from tests.benchmarks.programs import HESSIANS, MODELS, SCALARS

ROUNDS = 7
"""How often each of two is measured; the shortest times count."""


class Row(NamedTuple):
    """A ratio, of the library's time or work to another's.

    Attributes
    ----------
    section, what, peer : str
    ratio : float
    bar : float
        What it is to be at the most.
    """

    section: str
    what: str
    peer: str
    ratio: float
    bar: float


def compare(ours: Callable[[], object], others: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest time of one function over that of another, measured in turns."""
    best = [math.inf, math.inf]
    counts = [max(1, int(0.02 / max(_time(f, 1), 1e-7))) for f in (ours, others)]
    for _ in range(rounds):
        for k, f in enumerate((ours, others)):
            best[k] = min(best[k], _time(f, counts[k]))
    return best[0] / best[1]


def _time(function: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - start) / count


def has(*packages: str) -> bool:
    """Whether other libraries are installed."""
    return all(find_spec(p) is not None for p in packages)


def derive(name: str, n: int) -> list[Any]:
    """A program of scalars and its gradient, traced anew."""
    xs = [tracer.placeholder(f"x{k}") for k in range(n)]
    return [*tracer.gradients(SCALARS[name](xs, tracer.math), xs)]


def measure_deriving() -> Iterator[Row]:
    """From a program to its gradient, against CasADi's SX."""
    if not has("casadi"):
        return
    import casadi

    def derive_by_casadi(name: str, n: int) -> object:
        x = casadi.SX.sym("x", n)
        return casadi.gradient(SCALARS[name](casadi.vertsplit(x), casadi), x)

    bars = {("rosenbrock", 1000): 0.35, ("rosenbrock", 10_000): 0.45, ("speelpenning", 1000): 0.5, ("chain", 1000): 0.6,
            ("chain", 10_000): 0.7}  # fmt: skip
    for (name, n), bar in bars.items():
        ratio = compare(partial(derive, name, n), partial(derive_by_casadi, name, n), 3)
        yield Row("trace and derive", f"{name}, {n:,}", "CasADi SX", ratio, bar)


def measure_scalars() -> Iterator[Row]:
    """Gradients of scalars at floats: by ``math`` against SymPy's lambdify, by C against CasADi's buffers."""
    import sympy

    for name, n, bar in (("rosenbrock", 50, 0.9), ("helmholtz", 20, 0.8), ("robot_arm", 7, 0.5)):
        xs = [tracer.placeholder(f"x{k}") for k in range(n)]
        found = tracer.gradients(SCALARS[name](xs, tracer.math), xs)
        point = [0.5 + 0.01 * k for k in range(n)]
        ours = tracer.compile(found, xs, backend="math")
        symbols = sympy.symbols(f"x:{n}", real=True)
        value = SCALARS[name](symbols, sympy)
        theirs = sympy.lambdify(symbols, [sympy.diff(value, s) for s in symbols], "math", cse=True)
        np.testing.assert_allclose(ours(*point), theirs(*point), rtol=1e-9)
        ratio = compare(partial(ours, *point), partial(theirs, *point))
        yield Row("evaluate scalars", f"{name}, {n}", "SymPy, lambdify with cse", ratio, bar)


def measure_tensors() -> Iterator[Row]:
    """Gradients of arrays against NumPy by hand."""
    for name, model in MODELS.items():
        given, found = _trace(model)
        values = model.draw()
        ours = tracer.compile(found, given)
        for got, want in zip(ours(*values), model.by_hand(*values), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-10)
        ratio = compare(partial(ours, *values), partial(model.by_hand, *values))
        yield Row("evaluate tensors", name, "NumPy by hand", ratio, 0.5 if "1,000,000" in name else 1.05)


def measure_hessians() -> Iterator[Row]:
    """Hessians against NumPy by hand."""
    for (name, (model, by_hand)), bar in zip(HESSIANS.items(), (1.3, 2.0)):
        given, _ = _trace(model)
        second = tracer.hessians(model.loss(np, *given), given[0])
        values = model.draw()
        ours = tracer.compile(second[0], given)
        np.testing.assert_allclose(ours(*values), by_hand(*values), rtol=1e-7, atol=1e-9)
        ratio = compare(partial(ours, *values), partial(by_hand, *values))
        yield Row("Hessians", name, "NumPy by hand", ratio, bar)


def _trace(model: Any) -> tuple[list[Any], list[Any]]:
    """The arguments of a model and its gradients."""
    given = [tracer.placeholder(name, shape) for name, shape in model.shapes.items()]
    return given, tracer.gradients(model.loss(np, *given), given[: model.count])


def measure_sizes() -> Iterator[Row]:
    """The operations of the source of a value with its gradient over those of the value."""
    for name, n, bar in (("rosenbrock", 100, 1.75), ("speelpenning", 100, 3.0), ("chain", 100, 3.0),
                         ("helmholtz", 20, 1.6), ("robot_arm", 7, 2.2)):  # fmt: skip
        xs = [tracer.placeholder(f"x{k}") for k in range(n)]
        value = SCALARS[name](xs, tracer.math)
        counts = [
            _count_operations(tracer.compile(outputs, xs, backend="math").source)
            for outputs in ([value, *tracer.gradients(value, xs)], [value])
        ]
        yield Row("operations of the source", f"{name}, {n}", "the value alone", counts[0] / counts[1], bar)


def _count_operations(source: str) -> int:
    nodes = list(ast.walk(ast.parse(source)))
    negative = sum(isinstance(n, ast.UnaryOp) and not isinstance(n.operand, ast.Constant) for n in nodes)
    return negative + sum(isinstance(n, (ast.BinOp, ast.Call)) for n in nodes)


def measure_import() -> Iterator[Row]:
    """The time to import the library over that of what it stands on."""

    def imported(modules: str) -> None:
        subprocess.run([sys.executable, "-c", f"import {modules}"], check=True)

    ratio = compare(lambda: imported("tracer"), lambda: imported("sympy, networkx"), 5)
    yield Row("import", "tracer", "sympy and networkx", ratio, 1.1)


SECTIONS: Sequence[Callable[[], Iterator[Row]]] = (
    measure_deriving, measure_scalars, measure_tensors, measure_hessians, measure_sizes, measure_import,
)  # fmt: skip


def measure_growth() -> dict[str, list[tuple[int, float]]]:
    """Seconds from a program of scalars to its gradient, by the number of inputs."""
    found: dict[str, list[tuple[int, float]]] = {}
    for name in ("rosenbrock", "speelpenning", "chain"):
        sizes = (100, 300, 1000, 3000, 10_000)
        found[name] = [(n, min(_time(partial(derive, name, n), 1) for _ in range(3))) for n in sizes]
    return found
