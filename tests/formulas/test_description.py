"""The text of a tensor: kind, name, shape, dtype where it is not the usual one, and value or formula or steps."""

import pytest

import tracer as tf
from tracer.explanations import shown_conditions
from tracer.formulas import display
from tracer.formulas.description import describe, latex_or_none

X, w, c = tf.placeholder("X", ("n", "d")), tf.placeholder("w", ("d",)), tf.symbols("c")


def nested(depth):
    y = c
    for _ in range(depth):
        y = tf.sin(y) * y
    return y


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (lambda: w, "<Tensor w shape=(d,)>"),
        (lambda: tf.placeholder("k", (2,), dtype="int64"), "<Tensor k shape=(2,) dtype=int64>"),
        (lambda: tf.multiply(X, 2, name="double"), "<Tensor double shape=(n, d): 2*X>"),
        (lambda: tf.add(c, 1, name="next"), "<Tensor next shape=(): c + 1>"),
        (lambda: tf.Variable([1.0, 2.0], name="v"), "<Variable v shape=(2,) = [1. 2.]>"),
        (lambda: tf.constant(3, name="three", dtype="int32"), "<Tensor three shape=() dtype=int32 = 3>"),
    ],
)
def test_a_short_one(tensor, text) -> None:
    assert describe(tensor()) == text


def test_a_long_one_is_told_by_steps() -> None:
    lines = describe(nested(40)).splitlines()
    assert lines[0].endswith(" shape=(), by steps:")
    assert lines[1] == "  x0 = sin(c)"
    assert lines[-1].endswith(">")


def test_latex_is_for_what_has_a_short_formula_and_no_value() -> None:
    assert latex_or_none(X @ w) == "$\\displaystyle X w$"
    assert latex_or_none(tf.Variable([1.0, 2.0])) is None
    assert latex_or_none(nested(40)) is None


@pytest.mark.parametrize(
    "tensor",
    [lambda: X @ w, lambda: c, lambda: tf.Variable([1.0, 2.0]), lambda: nested(40), lambda: tf.math.log(c) / c],
)
def test_a_notebook_shows_the_text_and_the_latex(tensor) -> None:
    shown = tensor()
    latex = shown._repr_latex_()
    assert shown._repr_mimebundle_() == {"text/plain": repr(shown)} | ({"text/latex": latex} if latex else {})


def test_a_notebook_reads_a_formula_and_its_conditions_once(monkeypatch) -> None:
    asked: list[str] = []
    for module, name in ((display, "read_shorter"), (shown_conditions, "find_conditions")):
        found = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, found=found, name=name: (asked.append(name), found(*given))[1])
    assert len((tf.math.log(c) / c)._repr_mimebundle_()) == 2
    assert sorted(asked) == ["find_conditions", "read_shorter"]
