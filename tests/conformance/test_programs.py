"""Replay random programs against TensorFlow's recorded gradients, first and second order."""

import json
import lzma
from pathlib import Path

import pytest

import tracer

from . import programs

SAMPLE = json.loads(lzma.decompress((Path(__file__).parent / "data" / "programs.json.xz").read_bytes()))["records"]


@pytest.mark.parametrize(
    "record",
    SAMPLE,
    ids=lambda record: str(record["program"]["seed"]),
)
def test_gradients_are_tensorflows(record: programs.Json) -> None:
    program = record["program"]
    lines = programs.differences(record["answers"], programs.run(program, tracer))
    assert not lines, "\n".join([*lines[:8], programs.as_python(program)])


def test_sample_covers_the_operations() -> None:
    covered = set().union(*(programs.operations(record["program"]) for record in SAMPLE))
    assert len({name.split(".")[-1] for name in covered}) >= 75


def test_generation_is_deterministic() -> None:
    assert programs.generate(12) == programs.generate(12) != programs.generate(13)
