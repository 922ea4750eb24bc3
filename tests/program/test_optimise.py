"""What makes programs shorter."""

import pytest

from tracer.program.building import Lines
from tracer.program.lines import MINUS, NEGATIVE, OVER, PLUS, TIMES, Kind, Line
from tracer.program.optimise import prune, simplify
from tracer.rules import argument


@pytest.mark.parametrize(
    ("template", "operands", "value"),
    [
        (TIMES, [2.0, 3.0], 6.0), (PLUS, [2.0, 3.0], 5.0), (MINUS, [2.0, 3.0], -1.0), (NEGATIVE, [2], -2),
        (argument(0), ["x"], "x"), (OVER, [1.0, 0.0], None), (TIMES, [2, 3.0], None), (PLUS, [True, 1.0], None),
    ],
)  # fmt: skip
def test_arithmetic_of_floats_is_done_and_no_other(template, operands, value):
    assert simplify(template, operands) == value


def test_what_no_result_needs_is_forgotten():
    lines = Lines()
    x, y = (Line(Kind.ARGUMENT, (), None, (), "float64") for _ in range(2))
    square = lines.elementwise(argument(0) ** 2, [x], "float64")
    lines.elementwise(TIMES, [square, y], "float64")
    result = lines.elementwise(PLUS, [square, square], "float64")
    assert prune(lines.made, [result]) == {result, square, x}
    assert (square.uses, x.uses, y.uses) == (2, 1, 0)
