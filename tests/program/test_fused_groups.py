"""Lines that are computed together, block by block."""

import tracer as tf
from tracer.program.fused_groups import Group, group_lines
from tracer.program.program import Program

x, X = tf.placeholder("x", ("n",)), tf.placeholder("X", ("n", "m"))


def _shapes(*outputs):
    parts = group_lines(Program(list(outputs), [x, X]).lines)
    return [part.shape if isinstance(part, Group) else part.op for part in parts]


def test_functions_of_elements_are_together():
    [part] = group_lines(Program([tf.sin(x) * tf.exp(x) - x], [x]).lines)
    assert part.shape == x.shape
    assert len(part.lines) >= 3


def test_what_needs_all_elements_parts_groups():
    squared = tf.sin(x) * tf.exp(x) * tf.cos(x)
    shapes = _shapes(tf.sin(squared / tf.reduce_max(squared)) * tf.cos(squared) * squared)
    assert [s for s in shapes if s == x.shape] == [x.shape] * 2


def test_few_lines_are_no_group():
    assert not any(isinstance(s, tuple) for s in _shapes(tf.sin(x) + 1.0))


def test_arrays_of_other_shapes_are_apart():
    shapes = _shapes(tf.sin(x) * tf.exp(x) * tf.cos(x), tf.sin(X) * tf.exp(X) * tf.cos(X))
    assert sorted(map(len, (s for s in shapes if isinstance(s, tuple)))) == [1, 2]


def test_each_line_comes_after_its_operands():
    target = tf.nn.softmax(tf.sin(X) * tf.exp(X) / X, axis=0)
    lines = Program([tf.reduce_sum(target * X), *tf.gradients(tf.reduce_sum(target * X), [X])], [X]).lines
    order = [line for part in group_lines(lines) for line in (part.lines if isinstance(part, Group) else [part])]
    assert sorted(map(id, order)) == sorted(map(id, lines))
    place = {line: k for k, line in enumerate(order)}
    assert all(place[o] < place[line] for line in order for o in line.operands if o in place)
