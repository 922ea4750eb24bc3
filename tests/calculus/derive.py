"""A case through tracer: its derivative, and what is wrong with the answers."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tracer.testing.interpreter import evaluate

from .case import Case
from .measure import faults, operations, right_kind

TOLERANCE = 1e-7


def derivative(tf: Any, case: Case) -> tuple[Any, list[Any]]:
    """What the case asks for, traced, and the placeholders."""
    inputs = {name: tf.placeholder(name, shape=shape) for name, (shape, _) in case.inputs.items()}
    sources = [inputs[name] for name in case.wrt]
    if case.ask == "gradient":
        (traced,) = tf.gradients(case.program(tf, **inputs), sources)
        return traced, list(inputs.values())

    def program(*values: Any) -> Any:
        return case.program(tf, **{**inputs, **dict(zip(case.wrt, values, strict=True))})

    ask = {
        "hessian": tf.hessian,
        "jacobian": tf.jacobian,
        "mixed": lambda f: tf.jacobian(tf.grad(f, argnums=0), argnums=1),
    }[case.ask]
    return ask(program)(*sources), list(inputs.values())


def differs(got: Any, want: np.ndarray, column: bool = False) -> str:
    """Why `got` is not `want`, or nothing; a vector may be a column."""
    got = np.asarray(got, float)
    if column and want.ndim == 1 and got.shape == (*want.shape, 1):
        got = got[:, 0]
    if got.shape != want.shape:
        return f"shape {got.shape}, not {want.shape}"
    scale = max(1.0, np.max(np.abs(want), initial=0))
    if not np.allclose(got, want, rtol=TOLERANCE, atol=TOLERANCE * scale):
        return f"{got} is not {want}"
    return ""


def formula_faults(case: Case, e: Any, trials: int = 2) -> Iterator[str]:
    """Why a formula is not the answer: not closed, or of another value."""
    yield from faults(e)
    for sizes, arrays in map(case.sample, range(trials)):
        difference = differs(evaluate(e, sizes, arrays), case.reference(arrays), column=True)
        if difference:
            yield f"at {sizes}: {difference}"
            return


def length_fault(case: Case, e: Any) -> str:
    """Why a right formula does not read like the book's, or nothing."""
    if not right_kind(e, case.rank, any(len(shape) > 2 for shape, _ in case.inputs.values())):
        return f"rank {case.rank} as {type(e).__name__}"
    count = operations(e, case.dimensions)
    return f"{count} operations, the book has {case.operations}" if count > 1.5 * case.operations else ""


def compiled_faults(case: Case, function: Any, trials: int = 2) -> Iterator[str]:
    """Why a compiled derivative is not the answer."""
    for sizes, arrays in map(case.sample, range(trials)):
        difference = differs(function(*arrays.values()), case.reference(arrays))
        if difference:
            yield f"at {sizes}: {difference}"
            return
