"""A look tells which rules may fit: it misses none, and lets little through that fits none."""

import random

import pytest
import sympy

import tracer as tf
from tracer.program import rewriting
from tracer.program.program import Program
from tracer.program.rewrite_kinds import ANYTHING, Multiple, Power, Terms, find_kind, list_rules, may_fit
from tracer.program.rewrites import LIMITS, REWRITES
from tracer.rules import argument

a, b = argument(0), argument(1)
UNARY = tf.sin, tf.cos, tf.exp, tf.tanh, tf.sqrt, tf.log, tf.square, tf.math.erf, tf.math.reciprocal


def build_program(seed, size=60):
    """A program that adds, multiplies and takes functions of what it has made, of numbers and of neighbours."""
    rng = random.Random(seed)
    x = tf.placeholder("x")
    made = [x, tf.placeholder("w"), x + 1.0]
    for _ in range(size):
        one, other = rng.choice(made[-5:]), rng.choice([*made[-5:], 1.0, 2.0, 0.5])
        f = rng.choice(UNARY)
        made.append(rng.choice([
            lambda p, q, f: p + q, lambda p, q, f: p - q, lambda p, q, f: p * q, lambda p, q, f: f(p),
            lambda p, q, f: f(p + 1.0) - f(p), lambda p, q, f: f(p) * q, lambda p, q, f: 1.0 - f(p),
        ])(one, other, f))  # fmt: skip
    return made[:2], made[-1]


def describe(program):
    return [(line.op, line.params, len(line.operands)) for line in program.lines]


@pytest.mark.parametrize("seed", range(8))
def test_no_rule_is_missed(seed, monkeypatch):
    inputs, output = build_program(seed)
    looked = describe(Program([output], inputs))
    tried = []

    def try_all(template, kinds):
        tried.append(may_fit(template, kinds))
        return True

    monkeypatch.setattr(rewriting, "may_fit", try_all)
    assert describe(Program([output], inputs)) == looked
    assert sum(tried) < len(tried) / 2


@pytest.mark.parametrize("rule", [*REWRITES, *LIMITS], ids=lambda rule: str(rule.pattern))
def test_a_rule_is_listed_by_its_class(rule):
    assert (rule.pattern, rule.replacement) in list_rules(rule.pattern.func)
    assert may_fit(rule.pattern, (None,) * len(rule.pattern.free_symbols))


@pytest.mark.parametrize("f", [lambda s: tf.sqrt(s + 1.0), lambda s: 1.0 - s], ids=["root", "difference"])
@pytest.mark.parametrize("g", [tf.identity, tf.tanh, tf.sin])
def test_a_line_times_itself_is_a_square(f, g):
    x = tf.placeholder("x")
    product, square = (Program([f(s)], [x]).lines[-1] for s in (g(x) * g(x), g(x) ** 2))
    assert product.params == square.params


def test_kinds():
    x = tf.placeholder("x")

    def kind(tensor):
        *_, line = Program([tensor], [x], stable=False).lines
        return find_kind(line, {})

    assert kind(1 - tf.sqrt(x)) == Terms((sympy.S.One, Power(sympy.S.Half)))
    assert kind(tf.sin(x) + tf.cos(x) + 2) == Terms((sympy.Integer(2), ANYTHING, ANYTHING))
    assert kind(-2 * tf.tanh(x)) == Multiple(sympy.Integer(2), sympy.tanh)
    assert kind(0.5 * (1 + tf.sin(x))) is ANYTHING
    assert kind(1 / tf.square(x)) == Power(sympy.Integer(-2))
    assert kind(x**0.3) == Power(None)
    assert find_kind(0.3, {}) is None
