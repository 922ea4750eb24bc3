"""Our functions take TensorFlow's arguments, by TensorFlow's names and in its order, as recorded."""

import json
from pathlib import Path

import tracer
from tests.helpers import assert_each

from .signatures import NAMES, arguments, find

RECORDED = json.loads((Path(__file__).parent / "data" / "signatures.json").read_text())["signatures"]

MATMUL = ["a", "b", "transpose_a", "transpose_b", "adjoint_a", "adjoint_b", "name"]
# Names whose arguments differ on purpose: what ours are, and why.
DIFFER: dict[str, tuple[list[str], str]] = {
    "Variable.__init__": (
        ["initial_value", "trainable", "name", "dtype", "shape"],
        "TensorFlow's others are about devices, graphs and distribution",
    ),
    "gradients": (
        ["ys", "xs", "grad_ys", "stop_gradients", "unconnected_gradients"],
        "TensorFlow's others are about how graphs are run",
    ),
    "matmul": (MATMUL, "no sparse and quantised matrices"),
    "linalg.matmul": (MATMUL, "no sparse and quantised matrices"),
    "nn.silu": (["features", "name"], "beta is one"),
    "nn.swish": (["features", "name"], "beta is one"),
    "nn.dropout": (["x", "rate", "noise_shape", "seed", "name", "mask"], "a mask may be given"),
    "print": (["*inputs", "output_stream", "summarize", "sep", "end", "name"], "the same, by name"),
}


def assert_arguments(name: str) -> None:
    function = find(tracer, name)
    assert function is not None, f"there is no tracer.{name}"
    ours, theirs = arguments(function), RECORDED[name]
    if name in DIFFER:
        assert ours == DIFFER[name][0]
        assert ours != theirs[: len(ours)], f"{name} does not differ any more"
    else:
        assert ours == theirs[: len(ours or [])]


def test_arguments_are_tensorflows() -> None:
    assert_each(assert_arguments, {name: (name,) for name in NAMES})


def test_recording_names_what_is_tested() -> None:
    assert set(RECORDED) == set(NAMES)
