"""Replay the named behaviours against TensorFlow's recorded answers."""

import builtins
import json
from pathlib import Path
from typing import Any

import pytest

import tracer
from tests.helpers import assert_each

from .behaviours import AREAS, Behaviour, behaviours, difference, encode, stated

DATA = Path(__file__).parent / "data"
RECORDED = json.loads((DATA / "behaviours.json").read_text())["behaviours"]


def assert_recorded(area: str, name: str, behaviour: Behaviour) -> None:
    expected: Any = stated(behaviour) if hasattr(behaviour, "answer") else RECORDED[area][name]
    if isinstance(expected, dict) and "raises" in expected:
        with pytest.raises(getattr(builtins, expected["raises"])):
            behaviour(tracer)
    else:
        assert difference(expected, encode(behaviour(tracer), tracer)) is None


@pytest.mark.parametrize("area", AREAS)
def test_behaviours(area: str) -> None:
    assert_each(assert_recorded, {name: (area, name, behaviour) for name, behaviour in behaviours(area)})


def test_every_recorded_answer_has_its_behaviour() -> None:
    assert {area: {name for name, b in behaviours(area) if not hasattr(b, "answer")} for area in AREAS} == {
        area: set(answers) for area, answers in RECORDED.items()
    }
