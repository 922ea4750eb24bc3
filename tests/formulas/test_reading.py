"""What a tensor answers when its formula is asked for."""

import pytest

import tracer as tf
from tests.formulas.programs import w


def test_an_unknown_form_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="matrix"):
        tf.formula(w, form="roman")
