"""Random programs against what they are rearranged into, and against what they are with a planted change."""

import ast
import re

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import tracer as tf
from tests.comparison.pairs import SHAPES, draw_pair, tell_difference
from tracer import Verdict
from tracer.expressions import ExpressionError

LEAVES = st.sampled_from(["x", "y", "1", "2", "3", "(1/2)"])


def combine(children):
    pair = st.tuples(children, children)
    return st.one_of(
        pair.map(lambda p: f"({p[0]} + {p[1]})"),
        pair.map(lambda p: f"({p[0]} - {p[1]})"),
        pair.map(lambda p: f"({p[0]}*{p[1]})"),
        pair.map(lambda p: f"({p[0]}/({p[1]}))"),
        pair.map(lambda p: f"max({p[0]}, {p[1]})"),
        pair.map(lambda p: f"where({p[0]} > {p[1]}, {p[0]}, {p[1]}*2)"),
        children.map(lambda c: f"({c})**2"),
        children.map(lambda c: f"exp({c}/4)"),
        children.map(lambda c: f"sin({c})"),
        children.map(lambda c: f"abs({c})"),
        children.map(lambda c: f"sigmoid({c})"),
        children.map(lambda c: f"sqrt(({c})**2 + 1)"),
    )


PROGRAMS = st.recursive(LEAVES, combine, max_leaves=6)


def rearranged(text, draw):
    """The text with sums and products written in other ways."""

    class Rearranger(ast.NodeTransformer):
        def visit_BinOp(self, node):
            self.generic_visit(node)
            choice = draw(st.integers(0, 3))
            a, b = node.left, node.right
            if isinstance(node.op, ast.Add) and choice:
                return ast.BinOp(b, ast.Add(), a)
            if isinstance(node.op, ast.Sub) and choice:
                return ast.BinOp(ast.UnaryOp(ast.USub(), ast.BinOp(b, ast.Sub(), a)), ast.Mult(), ast.Constant(1))
            if isinstance(node.op, ast.Mult) and choice == 1:
                return ast.BinOp(b, ast.Mult(), a)
            if isinstance(node.op, ast.Mult) and choice and isinstance(b, ast.BinOp) and isinstance(b.op, ast.Add):
                return ast.BinOp(ast.BinOp(a, ast.Mult(), b.left), ast.Add(), ast.BinOp(a, ast.Mult(), b.right))
            if isinstance(node.op, ast.Div) and choice:
                return ast.BinOp(a, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Div(), b))
            return node

        def visit_Call(self, node):
            self.generic_visit(node)
            name, args = node.func.id, node.args
            if name == "max" and draw(st.booleans()):
                return ast.UnaryOp(
                    ast.USub(), ast.Call(ast.Name("min"), [ast.UnaryOp(ast.USub(), a) for a in args], [])
                )
            if name == "sigmoid" and draw(st.booleans()):
                return ast.BinOp(
                    ast.Constant(1), ast.Sub(), ast.Call(ast.Name("sigmoid"), [ast.UnaryOp(ast.USub(), args[0])], [])
                )
            if name == "where" and draw(st.booleans()):
                condition = ast.Compare(args[0].left, [ast.LtE()], args[0].comparators)
                return ast.Call(ast.Name("where"), [condition, args[2], args[1]], [])
            return node

    return ast.unparse(ast.fix_missing_locations(Rearranger().visit(ast.parse(text, mode="eval"))))


class CallOfDivision(ast.NodeTransformer):
    """Quotients as calls of ``divide``."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        return ast.Call(ast.Name("divide"), [node.left, node.right], []) if isinstance(node.op, ast.Div) else node


def evaluate(text, x, y):
    """The values of a text by NumPy alone; where anything divides by zero there is none."""
    undefined = np.zeros(x.shape, bool)

    def divide(a, b):
        undefined[...] |= np.equal(b, 0)
        return np.divide(a, b)

    scope = {
        "x": x, "y": y, "max": np.maximum, "min": np.minimum, "where": np.where, "exp": np.exp, "sin": np.sin,
        "abs": np.abs, "sqrt": np.sqrt, "sigmoid": lambda t: 1 / (1 + np.exp(-t)), "divide": divide,
    }  # fmt: skip
    called = ast.fix_missing_locations(CallOfDivision().visit(ast.parse(text, mode="eval")))
    with np.errstate(all="ignore"):
        values = np.asarray(eval(ast.unparse(called), {"__builtins__": {}}, scope))
    return np.where(undefined | (values.dtype.kind == "c"), np.nan, values.real)


def compared(first, second):
    """What is known of two texts; such as divide by the number zero are no programs."""
    try:
        return tf.compare(first, second, (), ())
    except ExpressionError:
        reject()


@pytest.mark.unchecked  # A part of a longer operation may be a whole number where a number is stated.
@given(PROGRAMS, st.data())
@settings(max_examples=20, deadline=None)
def test_what_is_rearranged_is_never_refuted(text, data):
    program = f"{text} + 0*x + 0*y"
    answer = compared(program, rearranged(program, data.draw))
    assert answer.verdict is not Verdict.REFUTED, f"{program}: {answer}"


@pytest.mark.unchecked
@given(PROGRAMS, st.data())
@settings(max_examples=20, deadline=None)
def test_what_is_changed_is_never_proved(text, data):
    change = data.draw(st.sampled_from(["({}*1.000001)", "({} + 1/100000)", "abs({})", "max({}, 1)", "({}**2)"]))
    parts = list(re.finditer(r"\b[xy123]\b", text))
    part = parts[data.draw(st.integers(0, len(parts) - 1))]
    changed = text[: part.start()] + change.format(part.group()) + text[part.end() :] + " + 0*x + 0*y"
    program = text + " + 0*x + 0*y"
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 400)) * 2
    first, second = evaluate(program, x, y), evaluate(changed, x, y)
    known = np.isfinite(first) & np.isfinite(second)
    differ = np.abs(first[known] - second[known]) > 1e-8 * np.maximum(1, np.abs(first[known]))
    answer = compared(program, changed)
    if differ.any():
        assert answer.verdict is not Verdict.PROVED, f"{program} and {changed}: {answer}"
    if differ.size and differ.mean() > 0.05:
        assert answer.verdict is Verdict.REFUTED, f"{program} and {changed}: {answer}"
    if answer.verdict is Verdict.REFUTED:
        at = [np.asarray([float(v)]) for v in (answer.counterexample["x"], answer.counterexample["y"])]
        shown = [float(v[0]) for v in answer.values]
        np.testing.assert_allclose(
            [float(evaluate(t, *at)[0]) for t in (program, changed)], shown, rtol=1e-6, atol=1e-12
        )


@pytest.mark.parametrize("seed", range(12))
def test_vectors_and_matrices_spelled_in_two_ways_or_with_a_mistake(seed):
    first, second, same, used = draw_pair(seed, 2)
    answer = tf.compare(first, second, *(SHAPES[name] for name in used))
    part, _ = tell_difference(first, second, used)
    assert answer.verdict is not Verdict.REFUTED or not same, f"{first} and {second}: {answer}"
    assert answer.verdict is not Verdict.PROVED or part == 0, f"{first} and {second}: {answer}"
    assert answer.verdict is Verdict.REFUTED or part < 0.05, f"{first} and {second}: {answer}"


@pytest.mark.parametrize("seed", range(3))
def test_vectors_and_matrices_rearranged_and_changed(seed):
    rng = np.random.default_rng(seed)
    weights = [int(v) for v in rng.integers(1, 4, 3)]
    a, b, c = weights

    def program(X, w, y):
        r = X @ w - y
        return tf.reduce_sum(a * r * r) + b * tf.reduce_sum(tf.sigmoid(w)) + c * tf.reduce_mean(r)

    def rearranged(X, w, y, change=1.0):
        z = X @ w
        squares = tf.reduce_sum(z * z) - 2 * tf.reduce_sum(z * y) + change * tf.reduce_sum(y * y)
        return c * (tf.reduce_mean(z) - tf.reduce_mean(y)) + a * squares + b * tf.reduce_sum(1 / (1 + tf.exp(-w)))

    shapes = ("n", "m"), ("m",), ("n",)
    assert tf.compare(program, rearranged, *shapes).verdict is Verdict.PROVED
    answer = tf.compare(program, lambda X, w, y: rearranged(X, w, y, 1.0001), *shapes)
    assert answer.verdict is Verdict.REFUTED
