"""Programs are data: their lines say what is computed, and not how it is written."""

import pytest
import sympy

import tracer
from tracer.program.lines import Kind, Line
from tracer.program.program import Program, evaluated_template
from tracer.rules import argument


def _kinds(program):
    return [line.op.name for line in program.lines]


def test_lines_are_operations_over_lines_and_numbers():
    X, w, y = tracer.placeholder("X", ("n", "m")), tracer.placeholder("w", ("m",)), tracer.placeholder("y", ("n",))
    program = Program([tracer.reduce_mean((X @ w - y) ** 2)], [X, w, y])
    assert _kinds(program) == ["MATMUL", "ELEMENTWISE", "ELEMENTWISE", "MEAN"]
    assert [str(line.params) for line in program.lines[1:3]] == ["_0 - _1", "_0**2"]
    assert program.lines[0].operands == (program.arguments[X.node], program.arguments[w.node])
    assert program.results == [program.lines[-1]]


def test_no_line_holds_text():
    x = tracer.placeholder("x", ("n", "m"))
    value = tracer.nn.softmax(tracer.cumsum(x) @ tracer.transpose(x)) + tracer.linalg.trace(x @ tracer.transpose(x))
    program = Program([value, *tracer.gradients(value, x)], [x])
    for line in program.lines:
        assert all(type(o) is not str for o in line.operands)
        assert not isinstance(line.params, str)


def test_a_row_of_the_table_is_an_operation_with_its_parameters():
    x = tracer.placeholder("x", ("n",))
    (line,) = Program([tracer.cumsum(x)], [x]).lines
    assert line.op is tracer.cumsum(x).rule
    assert line.params == tracer.cumsum(x).params


def test_equal_expressions_are_one_line_and_dead_ones_are_none():
    x = tracer.symbols("x")
    program = Program([tracer.sin(x) * tracer.sin(x)], [x])
    assert len(program.lines) == 2
    tracer.cos(x)
    assert len(Program([tracer.sin(x)], [x]).lines) == 1


def test_known_values_are_constants_or_numbers():
    x = tracer.symbols("x")
    v = tracer.constant([1.0, 2.0], name="v")
    program = Program([x * 2.5 + tracer.constant(3.0), v * x], [x])
    assert [line.leaf for line in program.constants] == [v]
    assert {o for line in program.lines for o in line.operands if not isinstance(o, Line)} == {2.5, 3.0}


def test_a_cast_and_a_sum_of_many_are_kinds():
    x = tracer.placeholder("x", ("n",))
    program = Program([tracer.cast(tracer.add_n([x, x, x]) > 0, "float64")], [x])
    assert _kinds(program) == ["ADD", "ELEMENTWISE", "CAST"]


def test_a_source_without_a_value_is_refused():
    x, y = tracer.symbols("x y")
    with pytest.raises(ValueError, match="y has no value"):
        Program([x * y], [x])


def test_sizes_that_a_program_needs():
    x = tracer.placeholder("x", ("n",))
    program = Program([tracer.reduce_sum(x[2:]) / x.shape[0]], [x])
    assert [str(d) for d in program.dimensions] == ["n"]
    assert [str(fault) for fault, _ in program.required.values()]
    assert not Program([tracer.reduce_mean(x)], [x]).required


def test_choices_are_noted():
    x = tracer.symbols("x")
    assert Program([tracer.where(x > 0, x, 0.0)], [x]).chooses
    assert not Program([x * 2], [x]).chooses


def test_a_reading_of_lines_needs_no_graph():
    """A small interpreter of lines, without any backend: what a program computes is in its lines."""
    x = tracer.symbols("x")
    value = tracer.log(1 + tracer.exp(x)) * tracer.maximum(x, 0.5)
    program = Program([value], [x])
    values = {program.arguments[x.node]: 0.75}
    for line in program.lines:
        assert line.op is Kind.ELEMENTWISE
        operands = [values.get(o, o) for o in line.operands]
        names = sorted(line.params.free_symbols, key=lambda s: int(s.name[1:]))
        values[line] = float(line.params.subs(dict(zip(names, operands))))
    assert values[program.results[0]] == pytest.approx(value.eval({x: 0.75}))


def test_only_dimensions_that_are_needed_are_asked_for():
    x, y = tracer.placeholder("x", ("n",)), tracer.placeholder("y", ("m",))
    program = Program([tracer.reduce_mean(x)], [x, y])
    assert {str(d) for d in program.dimensions} <= {"n"}
    program = Program([tracer.cast(tracer.size(x), "float64") * 2.0], [x])
    assert [str(d) for d in program.dimensions] == ["n"]


def test_numbers_are_written_into_templates_that_gain_by_them():
    x, y = tracer.symbols("x y")
    assert [evaluated_template(x**n).subs(argument(0), 3) for n in (2, -1, 3)] == [9, sympy.Rational(1, 3), 27]
    assert evaluated_template(x**0.5) == evaluated_template(x**y) == (x**y).rule.template
    assert evaluated_template(tracer.sin(x)) == tracer.sin(x).rule.template
