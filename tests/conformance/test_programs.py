"""Replay random programs against TensorFlow's recorded gradients, first and second order."""

import json
import lzma
from pathlib import Path

import pytest

import tracer
from tests.helpers import assert_each

from . import programs, tapes


def sample(kind: str) -> list[programs.Json]:
    """The recorded programs of a kind."""
    path = Path(__file__).parent / "data" / f"{kind}.json.xz"
    return json.loads(lzma.decompress(path.read_bytes()))["records"]


SAMPLE, TAPES = sample("programs"), sample("tapes")
BATCHES = 20


def batch(records: list[programs.Json], k: int) -> dict[str, tuple[programs.Json]]:
    """Some of the records, by seed."""
    return {f"of seed {record['program']['seed']}": (record,) for record in records[k::BATCHES]}


def assert_gradients(record: programs.Json) -> None:
    program = record["program"]
    answers = programs.run(program, tracer)
    lines = programs.differences(record["answers"], answers, tolerance=programs.tolerance(program))
    assert not lines, "\n".join([*lines[:8], programs.as_python(program)])


@pytest.mark.parametrize("k", range(BATCHES))
def test_gradients_are_tensorflows(k: int) -> None:
    assert_each(assert_gradients, batch(SAMPLE, k))


def assert_tapes(record: programs.Json) -> None:
    program = record["program"]
    lines = programs.differences(record["answers"], tapes.run(program, tracer), tolerance=tapes.tolerance(program))
    assert not lines, "\n".join([*lines[:8], tapes.as_python(program)])


@pytest.mark.parametrize("k", range(BATCHES))
def test_tapes_are_tensorflows(k: int) -> None:
    assert_each(assert_tapes, batch(TAPES, k))


def test_sample_covers_the_life_of_tapes() -> None:
    acts = [set(tapes.acts(record["program"])) for record in TAPES]
    assert all(sum(act in own for own in acts) >= 20 for act in tapes.ACTS)
    assert sum("null" in json.dumps(record["answers"]) for record in TAPES) >= 100


def test_sample_covers_the_operations() -> None:
    covered = set().union(*(programs.operations(record["program"]) for record in SAMPLE))
    assert len({name.split(".")[-1] for name in covered}) >= 75


@pytest.mark.parametrize("kind", [programs, tapes])
def test_generation_is_deterministic(kind) -> None:
    assert kind.generate(12) == kind.generate(12) != kind.generate(13)
