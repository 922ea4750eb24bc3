"""The page on the rules of frameworks: its tables are those of the record, and its evidence stands."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import tracer

DOCS = Path(__file__).parents[1] / "docs"
FRAMEWORKS = "JAX", "PyTorch", "TensorFlow", "autograd"


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("framework_tables")


@pytest.fixture
def recorder(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("record_frameworks")


def test_the_tables_are_those_of_the_record(tables):
    page = (DOCS / "frameworks.md").read_text(encoding="utf-8")
    assert tables.fill(page, tables.read_records()) == page


def test_every_function_of_a_framework_is_recorded(tables):
    records = tables.read_records()
    for framework in FRAMEWORKS:
        assert set(records[framework]["found"]) == {t for t, f in tables.FUNCTIONS.items() if framework in f}
    assert sum(len([f for f in FRAMEWORKS if f in function]) >= 2 for function in tables.FUNCTIONS.values()) >= 100


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_mpmath_confirms_each_mismatch(tables, recorder, framework):
    for title, found in tables.read_records()[framework]["found"].items():
        if "mpmath" not in found:
            continue
        inputs = [np.array(v) for v in found["inputs"].values()]
        name, _, index = found["by"].partition("[")
        place = None
        if name in found["inputs"]:
            place = list(found["inputs"]).index(name), tuple(map(int, index[:-1].split(", "))) if index else ()
        function = recorder.make_function(title, "exact")
        slopes = recorder.find_slopes(function, inputs, np.array(found["cotangent"]), place)
        assert slopes.confirm(found["expected"], float(found["actual"] or 0.0)), title
        assert list(slopes[:2]) == pytest.approx([float(x) for x in found["mpmath"]], nan_ok=True), title


def test_functions_in_mpmath_are_those_of_tracer(recorder):
    """What confirms is written apart from what is confirmed, and is the same function."""
    rng = np.random.default_rng(3)
    for title in recorder.FUNCTIONS:
        drawn = [np.abs(rng.normal(size=shape)) for shape in recorder.find_shapes(title).values()]
        for arrays in [1 / (1 + v) for v in drawn], [1 + v for v in drawn]:
            value = np.asarray(recorder.make_function(title, "tracer")(*map(tracer.constant, arrays)))
            if np.isfinite(value).all():
                break
        exact = np.asarray(recorder.evaluate(recorder.make_function(title, "exact"), arrays), float)
        np.testing.assert_allclose(value, exact, rtol=1e-9, atol=1e-12, err_msg=title)


FOUND = {"inputs": {"x": [0.0, 2.0]}, "expected": 0.5, "actual": 0.75, "value_error": 1e-16}


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, "wrong"),
        ({"actual": "nan"}, "wrong"),
        ({"actual": None}, "none"),
        ({"value_error": "nan"}, "value"),
        ({"actual": 0.5 + 1e-8, "value_error": 1e-9}, "value"),
        ({"expected": 0.0, "value_error": 1.0}, "value"),
        ({"actual": 0.5 + 1e-8}, "digits"),
        ({"expected": 1e-12, "actual": 0.0}, "digits"),
        ({"expected": 0.0, "actual": 1e-16}, "digits"),
        ({"expected": 1e9, "actual": 1e9 + 1}, "digits"),
        ({"expected": 0.0, "actual": 1e-3}, "wrong"),
        ({"inputs": {"x": [0.0, 2e8]}}, "far"),
        ({"inputs": {"x": [0.0, 2e-8]}}, "far"),
    ],
)
def test_mismatches_are_of_a_kind(tables, changed, kind):
    assert tables.classify(FOUND | changed) == kind


def test_other_findings_are_of_a_kind(tables):
    assert tables.classify({"points": 100, "digits": 9}) == "right"
    assert tables.classify({"raises": "NotImplementedError: no rule"}) == "none"
