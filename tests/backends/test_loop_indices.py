"""Places in arrays: sums of loop variables and sizes."""

import pytest
import sympy

from tracer.backends.loop_indices import ZERO, Index, align, flatten_place
from tracer.python_code import name

n = sympy.Symbol("n", integer=True, positive=True)
i, j = Index({"i": 1}), Index({"j": 1})


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (ZERO, "0"),
        (i + 2, "i + 2"),
        (i + -2, "i - 2"),
        (-i + 3, "3 - i"),
        (-i, "-i"),
        (i * 3 + j, "i * 3 + j"),
        (flatten_place((i, j), (2, n)), "i * n + j"),
        (i + -i, "0"),
    ],
)
def test_the_text_is_what_one_writes(index, text):
    assert str(index.code(lambda size: name(str(size)))) == text


def test_equal_sums_have_one_key():
    assert (i + j + 1).key == (j + 1 + i).key
    assert (i + j).key != (i + j * 2).key


def test_an_operand_is_read_at_its_own_axes():
    assert align((i, j), (1,)) == (ZERO,)
    assert align((i, j), (4,)) == (j,)
    assert align((i, j), ()) == ()
