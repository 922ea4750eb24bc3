"""What a tensor answers when its formula is asked for."""

import sys
from pathlib import Path

import pytest

import tracer as tf
from tests.formulas.programs import w

LIBRARY = Path(tf.__file__).parent
STAGES = "formulas/reading.py", "formulas/lowering", "formulas/matrix", "formulas/notations"


def test_an_unknown_form_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="matrix"):
        tf.formula(w, form="roman")


def stages_of(tensor: tf.Tensor, form: str) -> list[str]:
    """The stages in the order in which they are entered, one that is entered again standing there again."""
    entered: list[str] = []

    def profile(frame, event, argument) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(LIBRARY) and frame.f_code.co_name != "<module>":
            name = path.relative_to(LIBRARY).as_posix()
            stage = next((s for s in STAGES if name.startswith(s)), None)
            if stage is not None and (not entered or entered[-1] != stage):
                entered.append(stage)

    tf.formula(tensor, form=form)  # Modules are imported.
    sys.setprofile(profile)
    try:
        tf.formula(tensor, form=form)
    finally:
        sys.setprofile(None)
    return entered


@pytest.mark.unchecked
def test_each_stage_of_a_formula_is_entered_once() -> None:
    X, y, v = tf.placeholder("X", ("n", "d")), tf.placeholder("y", ("n",)), tf.placeholder("v", ("d",))
    for loss in (tf.reduce_sum((X @ v - y) ** 2), tf.reduce_logsumexp(tf.tanh(X @ v) * y)):
        gradient = tf.gradients(loss, v)[0]
        assert stages_of(gradient, "matrix") == list(STAGES[:3])
        assert stages_of(gradient, "index")[:2] == list(STAGES[:2])
        assert "formulas/lowering" not in stages_of(gradient, "python")[2:]
