"""Replay the named behaviours against TensorFlow's recorded answers."""

import builtins
import json
from pathlib import Path
from typing import Any

import pytest

import tracer

from .behaviours import AREAS, Behaviour, behaviours, difference, encode, stated

DATA = Path(__file__).parent / "data"
RECORDED = json.loads((DATA / "behaviours.json").read_text())["behaviours"]
CASES = [
    pytest.param(area, name, behaviour, id=f"{area}-{name}") for area in AREAS for name, behaviour in behaviours(area)
]


@pytest.mark.parametrize(("area", "name", "behaviour"), CASES)
def test_behaviour(area: str, name: str, behaviour: Behaviour) -> None:
    expected: Any = stated(behaviour) if hasattr(behaviour, "answer") else RECORDED[area][name]
    if isinstance(expected, dict) and "raises" in expected:
        with pytest.raises(getattr(builtins, expected["raises"])):
            behaviour(tracer)
    else:
        assert difference(expected, encode(behaviour(tracer), tracer)) is None


def test_every_recorded_answer_has_its_behaviour() -> None:
    assert {area: {name for name, b in behaviours(area) if not hasattr(b, "answer")} for area in AREAS} == {
        area: set(answers) for area, answers in RECORDED.items()
    }
