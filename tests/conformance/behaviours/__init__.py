"""Named small behaviours, each written as a TensorFlow user writes it: a function of the namespace `tf`.

Its answer (plain data, tensors among it, or the exception it raises) is recorded from TensorFlow. Where we differ on
purpose, `differs` states the answer by hand, with the reason, and TensorFlow's is not recorded.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

AREAS = (
    "connection", "ends", "tape_life", "kinks", "operations",
    "jacobians", "custom_rules", "forward_mode", "control_flow", "names",
    "segments", "containers",
)  # fmt: skip

Behaviour = Callable[[Any], Any]
ERRORS = (TypeError, ValueError, LookupError, RuntimeError)
# TensorFlow's own error classes, by name, in the builtin classes that stand for them.
STANDS_FOR = {
    "InvalidArgumentError": "ValueError",
    "NotFoundError": "LookupError",
    "UnimplementedError": "ValueError",
    "OutOfRangeError": "LookupError",
}


def differs(answer: Any, reason: str) -> Callable[[Behaviour], Behaviour]:
    """State the answer where we differ from TensorFlow on purpose; an exception class stands for raising it."""

    def mark(behaviour: Behaviour) -> Behaviour:
        behaviour.answer = answer  # type: ignore[attr-defined]
        behaviour.reason = reason  # type: ignore[attr-defined]
        return behaviour

    return mark


def behaviours(area: str) -> Iterator[tuple[str, Behaviour]]:
    """The behaviours of an area by name, in the order they are written."""
    module = importlib.import_module(f"{__name__}.{area}")
    yield from getattr(module, "FAMILIES", {}).items()
    for name, member in vars(module).items():
        if callable(member) and not name.startswith("_") and getattr(member, "__module__", "") == module.__name__:
            yield name, member


def answer(behaviour: Behaviour, tf: Any) -> Any:
    """What the behaviour does over the namespace, as JSON."""
    try:
        return encode(behaviour(tf), tf)
    except Exception as error:
        return {"raises": family(error)}


def stated(behaviour: Behaviour) -> Any:
    """The answer that `differs` states, as JSON."""
    given = behaviour.answer  # type: ignore[attr-defined]
    return {"raises": given.__name__} if isinstance(given, type) else encode(given, None)


def family(error: Exception) -> str:
    for kind in ERRORS:
        if isinstance(error, kind):
            return kind.__name__
    return STANDS_FOR.get(type(error).__name__, type(error).__name__)


def encode(value: Any, tf: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [encode(entry, tf) for entry in value]}
    if isinstance(value, dict):
        return {"dict": {str(key): encode(entry, tf) for key, entry in value.items()}}
    if not isinstance(value, (np.ndarray, np.generic)):
        value = tf.convert_to_tensor(value).numpy()
    array = np.asarray(value)
    flat = [str(x) if not np.isfinite(x) else x for x in array.ravel().tolist()]
    return {"array": flat, "shape": list(array.shape), "dtype": array.dtype.name}


def difference(expected: Any, actual: Any) -> str | None:
    """How two answers differ, or None. Python floats are float64 here, so a float32 answer binds to its precision."""
    if is_number(expected) and is_number(actual):
        expected, actual = ({"array": [x], "shape": [], "dtype": np.asarray(x).dtype.name} for x in (expected, actual))
    if isinstance(expected, dict) and isinstance(actual, dict) and "array" in expected and "array" in actual:
        left, right = np.array(expected["array"], dtype=float), np.array(actual["array"], dtype=float)
        tolerance = 2e-6 if expected["dtype"] == "float32" else 1e-8
        kinds = [np.dtype(entry["dtype"]).kind for entry in (expected, actual)]
        same = kinds[0] == kinds[1] and expected["shape"] == actual["shape"]
        close = same and np.allclose(left, right, rtol=tolerance, atol=tolerance, equal_nan=True)
        return None if close else f"expected {expected}, got {actual}"
    pairs: list[tuple[Any, Any]] | None = None
    if isinstance(expected, dict) and isinstance(actual, dict) and list(expected) == list(actual):
        pairs = [(expected[key], actual[key]) for key in expected]
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = list(zip(expected, actual, strict=True))
    if pairs is None:
        return None if expected == actual and type(expected) is type(actual) else f"expected {expected}, got {actual}"
    return next((line for line in (difference(*pair) for pair in pairs) if line), None)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
