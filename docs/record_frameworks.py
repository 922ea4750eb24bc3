"""Record what check_vjp finds in the rules of JAX, PyTorch, TensorFlow and autograd: frameworks.json, and its tables.

    python docs/record_frameworks.py [JAX] [PyTorch] [TensorFlow] [autograd] [--only=TITLE] [--new]

By hand, where the frameworks are installed; without a name all are run, one after the other, and with ``--new`` only
the functions that are not recorded. What is wrong is computed once more by mpmath, apart from tracer; where that does
not confirm it, the record ends with an error.
"""

import datetime
import importlib.metadata
import json
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from exact_functions import NAMES, evaluate, find_slopes
from hypothesis import settings

from tracer import testing

RECORDS = Path(__file__).with_name("frameworks")
FUNCTIONS = tomllib.loads((RECORDS / "functions.toml").read_text(encoding="utf-8"))

MODULES = {
    "tracer": {"tracer": "tracer", "np": "numpy", "special": "scipy.special", "math": "math"},
    "JAX": {"jax": "jax", "jnp": "jax.numpy", "jsp": "jax.scipy.special", "jla": "jax.scipy.linalg"},
    "PyTorch": {"torch": "torch", "F": "torch.nn.functional"},
    "TensorFlow": {"tf": "tensorflow"},
    "autograd": {"np": "autograd.numpy", "special": "autograd.scipy.special", "linalg": "autograd.scipy.linalg"},
}
"""The modules that the texts of a language name."""

FRAMEWORKS = {
    "JAX": lambda array: import_module("jax.numpy").asarray(array),
    "PyTorch": lambda array: import_module("torch").tensor(array),
    "TensorFlow": lambda array: import_module("tensorflow").constant(array),
    "autograd": np.asarray,
}
"""How each makes a tensor of an array."""


def find_shapes(title: str) -> dict[str, tuple[int, ...]]:
    """The shapes of the inputs of a function, by name."""
    return eval(f"dict({FUNCTIONS[title]['inputs']})")


def make_function(title: str, language: str) -> Callable[..., Any]:
    """A function in a language, from its text."""
    modules = {name: import_module(module) for name, module in MODULES.get(language, {}).items()}
    return eval(f"lambda {', '.join(find_shapes(title))}: {FUNCTIONS[title][language]}", modules or dict(NAMES))


def differ(title: str, framework: str) -> str:
    """What shows that a framework's function is another than tracer's; empty where their values are the same."""
    rng, ours, theirs = np.random.default_rng(7), make_function(title, "tracer"), make_function(title, framework)
    compared = 0
    for fold in (np.asarray, np.abs, lambda v: 1 / (1 + np.abs(v)), lambda v: 1 + np.abs(v)) * 3:
        arrays = [np.asarray(fold(rng.normal(size=shape))) for shape in find_shapes(title).values()]
        with np.errstate(all="ignore"):
            expected = np.asarray(ours(*map(import_module("tracer").constant, arrays)))
            actual = np.asarray(theirs(*map(FRAMEWORKS[framework], arrays)))
        if expected.shape != actual.shape:
            return f"the shapes {expected.shape} and {actual.shape}"
        known = np.isfinite(expected) & np.isfinite(actual)
        compared += int(known.sum())
        if not np.allclose(expected[known], actual[known], rtol=1e-6, atol=1e-9):
            return f"the values {expected} and {actual} at {arrays}"
    return "" if compared else "no finite value"


def check(title: str, framework: str) -> dict[str, Any]:
    """What is found in the rule of a framework for a function."""
    difference = differ(title, framework)
    if difference:
        raise ValueError(f"this is another function: {difference}")
    vjp = getattr(testing.adapters, module_of(framework))(make_function(title, framework))
    try:
        report = testing.check_vjp(make_function(title, "tracer"), vjp, *find_shapes(title).values())
    except testing.GradientMismatch as error:
        return describe(error, title, framework, vjp(error.cotangent, *error.inputs))
    except (NotImplementedError, LookupError, TypeError) as error:
        return {"raises": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
    return {"points": report.points, "digits": int(report.digits)}


def describe(
    error: testing.GradientMismatch, title: str, framework: str, answers: list[np.ndarray | None]
) -> dict[str, Any]:
    """A mismatch as data.

    Raises
    ------
    ValueError
        If mpmath does not confirm it.
    """
    names, exact = list(find_shapes(title)), make_function(title, "exact")
    if isinstance(error.actual, np.ndarray):
        raise ValueError(f"a mismatch that is to be looked at: {error}")
    index, expected, actual = error.index, error.expected, error.actual
    slopes = find_slopes(exact, error.inputs, error.cotangent, (error.argument, index))
    if index and abs(expected) < 1e-150 and answers[error.argument] is not None:  # Another shows the error better.
        gradient = answers[error.argument]
        found = {
            k: find_slopes(exact, error.inputs, error.cotangent, (error.argument, k))
            for k in np.ndindex(gradient.shape)
        }
        smooth = [k for k, s in found.items() if s.below == s.above and np.isfinite(gradient[k])]
        index = max(smooth, key=lambda k: abs(gradient[k] - found[k].above), default=index)
        if index in smooth:
            slopes, expected, actual = found[index], found[index].above, float(gradient[index])
    by = names[error.argument] + (str(list(index)) if index else "")
    if not slopes.confirm(expected, actual):  # Each element may be one of a subgradient, and their sum that of none.
        by, slopes = "all together", find_slopes(exact, error.inputs, error.cotangent)
        expected, actual = slopes.above, float(sum(np.sum(g) for g in answers if g is not None))
        if slopes.above != slopes.below or not slopes.confirm(expected, actual):
            raise ValueError(f"not confirmed by {slopes}: {error}")
    return {
        "inputs": {name: value.tolist() for name, value in zip(names, error.inputs)},
        "cotangent": error.cotangent.tolist(),
        "by": by,
        "expected": expected,
        "actual": None if answers[error.argument] is None else as_json(actual),
        "region": error.region,
        "mpmath": [as_json(slopes.below), as_json(slopes.above)],
        "value_error": as_json(find_value_error(title, framework, error.inputs)),
    }


def find_value_error(title: str, framework: str, inputs: list[np.ndarray]) -> float:
    """How far the value of a framework is from that of mpmath, in parts of it; NaN where it is not finite."""
    exact = np.asarray(evaluate(make_function(title, "exact"), inputs), float)
    actual = np.asarray(make_function(title, framework)(*map(FRAMEWORKS[framework], inputs)), float)
    if not np.isfinite(actual).all():
        return float("nan")
    return float(np.max(np.abs(actual - exact), initial=0.0) / max(np.max(np.abs(exact), initial=0.0), 1e-300))


def as_json(x: float) -> float | str:
    """A number; what JSON has no number for, as text."""
    return x if np.isfinite(x) else str(x)


def module_of(framework: str) -> str:
    """What a framework, and its adapter, are called in programs."""
    return {"PyTorch": "torch"}.get(framework, framework.lower())


def record(framework: str, titles: list[str], anew: bool = True) -> bool:
    """Add what is found in the rules of a framework to its record; whether all could be told."""
    path = RECORDS / f"{framework}.json"
    data = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"found": {}}
    module, today, known = import_module(module_of(framework)), datetime.date.today().isoformat(), True
    version = getattr(module, "__version__", None) or importlib.metadata.version(framework)
    for title in (t for t in titles if framework in FUNCTIONS[t] and (anew or t not in data["found"])):
        try:
            data["found"][title] = check(title, framework)
        except Exception as error:
            data["found"].pop(title, None)
            known = False
            print(f"{framework}, {title}: {type(error).__name__}: {error}", flush=True)
        else:
            print(f"{framework}, {title}: {data['found'][title]}", flush=True)
        found = {t: data["found"][t] for t in FUNCTIONS if t in data["found"]}
        data = {"framework": framework, "version": version, "recorded": today, "found": found}
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return known


if __name__ == "__main__":
    settings.register_profile("record", max_examples=40, derandomize=True, database=None)
    settings.load_profile("record")
    only = [a.partition("=")[2] for a in sys.argv[1:] if a.startswith("--only=")]
    wanted = [a for a in sys.argv[1:] if a in FRAMEWORKS] or list(FRAMEWORKS)
    if "JAX" in wanted:
        import_module("jax").config.update("jax_enable_x64", True)
    anew = "--new" not in sys.argv
    told = [record(framework, only or list(FUNCTIONS), anew) for framework in wanted]
    sys.exit(not all(told))
