"""Whether the texts of a program and of its gradients, read back, have the traced values."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import tracer as tf
from tests.formulas.texts import read_back
from tracer.formulas.errors import FormulaError
from tracer.testing.interpreter import evaluate

from .check import Point, placeholders
from .generate import Program
from .reference import Kink

FORMS = "matrix", "index", "latex", "python"
TOLERANCE = 1e-7
SLOW = 1.0
"""Seconds of the processor that a text may take."""


def tensors(program: Program, sources: list[tf.Tensor]) -> Iterator[tuple[str, tf.Tensor, int | None]]:
    """The value and the gradients, each with the position of its source."""
    target = program.function()(*sources)
    yield "the value", target, None
    for k, (name, gradient) in enumerate(zip(program.sources, tf.gradients(target, sources))):
        if gradient is not None:
            yield f"the gradient by {name}", gradient, k


def difference(got: Any, want: np.ndarray) -> str:
    """Why a value that was read back is not the wanted one; a vector may be a column."""
    got = np.asarray(got, float)
    if want.ndim == 1 and got.shape == (*want.shape, 1):
        got = got[:, 0]
    if got.shape != want.shape:
        return f"shape {got.shape}, not {want.shape}"
    bound = TOLERANCE * (1 + np.max(np.abs(want), initial=0))
    return "" if np.all(np.abs(got - want) <= bound) else f"{got} is not {np.asarray(want, float)}"


def text_faults(program: Program) -> tuple[list[str], dict[str, float], list[str]]:
    """What is wrong, the seconds that each text took, and which are refused, of symbolic and of given sizes."""
    found: list[str] = []
    times: dict[str, float] = {}
    refused: list[str] = []
    try:
        point = Point(program, "different")
    except Kink:
        return found, times, refused
    arrays = {name: np.asarray(v) for name, v in zip(program.sources, point.values)}
    given = [tf.placeholder(name, shape=v.shape) for name, v in arrays.items()]
    for mode, sources in ("symbolic", placeholders(program)), ("concrete", given):
        sizes = point.sizes if mode == "symbolic" else {}
        for what, tensor, position in tensors(program, sources):
            want = np.asarray(point.want if position is None else point.gradients()[position], float)
            for form in ("sympy", *FORMS):
                label = f"{form} form of {what}, {mode},"
                begin = time.process_time()
                made, text = None, ""
                try:
                    made = tensor.formula() if form == "sympy" else tf.formula(tensor, form=form)
                    text = str(made)
                except FormulaError as error:
                    refused.append(f"{form} form: {error}".split(";")[0])
                except Exception as error:
                    found.append(f"{label} raises {type(error).__name__}: {error}")
                times[label] = time.process_time() - begin
                if made is None:
                    continue
                try:
                    if form == "sympy":
                        wrong = difference(evaluate(made, sizes, arrays), want)
                    else:
                        wrong = difference(read_back(form, made, tensor, sizes, arrays, want.shape), want)
                except Exception as error:
                    wrong = f"{type(error).__name__}: {error}"
                if wrong:
                    found.append(f"{label} is {text}\n    {wrong}")
    return found, times, refused
