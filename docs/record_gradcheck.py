"""Count which rules torch.autograd.gradcheck, jax.test_util.check_grads and tracer refuse: the table of checking.md.

    python docs/record_gradcheck.py

By hand, where the frameworks are installed; ends with an error where the page says otherwise.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax
import numpy as np
import torch
from jax import numpy as jnp
from jax.test_util import check_grads

import tracer
from tracer.testing import check_vjp

SEEDS = 200

TRACER = SimpleNamespace(where=tracer.where, sin=tracer.sin, exp=tracer.exp, log=tracer.math.log)


class Case(NamedTuple):
    """A function of arrays and its rule, in the names of a library; where it is looked at, and how exactly."""

    title: str
    function: Callable[[Any, Any], Any]
    rule: Callable[[Any, Any, Any], Any]
    draw: Callable[[np.random.Generator], np.ndarray]
    tolerance: float | None = None


def leaky(m: Any, x: Any) -> Any:
    return m.where(x > 0, x, 0.01 * x)


def leaky_rule(m: Any, g: Any, x: Any) -> Any:
    return g * m.where(x > 0, 1.0, 0.1)


def normal(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=3)


def sine(m: Any, x: Any) -> Any:
    return m.sin(x)


def cosine(m: Any, x: Any) -> Any:
    return jnp.cos(x) if m is jnp else torch.cos(x) if m is torch else np.cos(x)


def slightly_wrong(m: Any, g: Any, x: Any) -> Any:
    return (1 + 1e-6) * g * cosine(m, x)


CASES = [
    Case("wrong for x < 0, at numbers between 0 and 1", leaky, leaky_rule, lambda rng: rng.uniform(size=3)),
    Case("wrong for x < 0, at normal numbers", leaky, leaky_rule, normal),
    Case(
        "wrong for x > 20, at normal numbers",
        lambda m, x: m.log(1 + m.exp(x)),
        lambda m, g, x: g * m.where(x > 20, 0.0, 1 / (1 + m.exp(-x))),
        normal,
    ),
    Case(
        "right, at the kink of a ReLU",
        lambda m, x: m.where(x > 0, x, 0 * x),
        lambda m, g, x: g * m.where(x > 0, 1.0, 0.0),
        lambda rng: np.array([0.0, 1.0, -1.0]),
    ),
    Case("wrong by a millionth", sine, slightly_wrong, normal),
    Case("wrong by a millionth, tolerance 1e-8", sine, slightly_wrong, normal, 1e-8),
    Case(
        "right, of sin(30 x) + 1000, tolerance 1e-8",
        lambda m, x: m.sin(30 * x) + 1000,
        lambda m, g, x: 30 * g * cosine(m, 30 * x),
        normal,
        1e-8,
    ),
]


def refused_by_torch(case: Case, x: np.ndarray) -> bool:
    class Made(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return case.function(torch, x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return case.rule(torch, g, *ctx.saved_tensors)

    exactly = {} if case.tolerance is None else {"atol": case.tolerance, "rtol": case.tolerance}
    point = torch.tensor(x, requires_grad=True)
    return not torch.autograd.gradcheck(Made.apply, (point,), raise_exception=False, **exactly)


def refused_by_jax(case: Case, x: np.ndarray) -> bool:
    made = jax.custom_vjp(lambda x: case.function(jnp, x))
    made.defvjp(lambda x: (case.function(jnp, x), x), lambda x, g: (case.rule(jnp, g, x),))
    try:
        check_grads(made, (jnp.asarray(x),), order=1, modes=["rev"], atol=case.tolerance, rtol=case.tolerance)
    except AssertionError:
        return True
    return False


def refused_by_tracer(case: Case) -> bool:
    try:
        check_vjp(lambda x: case.function(TRACER, x), lambda g, x: case.rule(np, g, x), (3,))
    except AssertionError:
        return True
    return False


def count(case: Case, refuses: Callable[[Case, np.ndarray], bool]) -> str:
    refused = sum(refuses(case, case.draw(np.random.default_rng(seed))) for seed in range(SEEDS))
    return f"{refused} of {SEEDS}"


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    page = Path(__file__).with_name("checking.md").read_text(encoding="utf-8")
    rows = [
        f"| {case.title} | {count(case, refused_by_torch)} | {count(case, refused_by_jax)} "
        f"| {'refused' if refused_by_tracer(case) else 'passed'} |"
        for case in CASES
    ]
    print(torch.__version__, jax.__version__, *rows, sep="\n")
    sys.exit(not all(row in page for row in rows))
