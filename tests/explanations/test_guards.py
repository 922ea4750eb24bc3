"""Under which choices nodes count: guards against the branches that are taken at all truth values."""

import itertools

import pytest

import tracer
from tracer.explanations.guards import (
    ALWAYS,
    MOST,
    NEVER,
    Choice,
    Choices,
    Guards,
    conjunction,
    disjunction,
)
from tracer.rules import argument
from tracer.walk import ancestors

x, y, z = tracer.symbols("x y z")


def _guard_of(node, target):
    choices = Choices()
    return choices, Guards(ancestors([target]), [target], choices).of(node)


def _holds(choices, guard, feed):
    """Whether a guard of scalars holds at values."""

    def truth(choice):
        values = {argument(k): choices.tensors[key].eval(feed) for k, key in enumerate(choice.keys)}
        if choice.condition in values:
            return bool(values[choice.condition])
        return bool(choice.condition.subs(values))

    return any(all(truth(c) is holds for c, holds in conjunct) for conjunct in guard)


def _log():
    return tracer.math.log(z)


PROGRAMS = [
    (lambda n: tracer.where(x > 0, n, 0.0), lambda a, b: a),
    (lambda n: tracer.where(x > 0, 0.0, n), lambda a, b: not a),
    (lambda n: tracer.where(x > 0, n, n + 1), lambda a, b: True),
    (lambda n: tracer.where(x > 0, tracer.where(y > 0, n, 1.0), 0.0), lambda a, b: a and b),
    (lambda n: tracer.where(x > 0, n, 0.0) + tracer.where(y > 0, n, 0.0), lambda a, b: a or b),
    (lambda n: tracer.where(x > 0, n, 0.0) + tracer.where(x > 0, 0.0, n), lambda a, b: True),
    (lambda n: tracer.where(tracer.logical_not(x > 0), n, 0.0), lambda a, b: not a),
    (lambda n: tracer.where(tracer.logical_and(x > 0, y > 0), 0.0, n), lambda a, b: not (a and b)),
    (lambda n: tracer.math.multiply_no_nan(n, tracer.cast(x > 0, "float64")), lambda a, b: a),
    (lambda n: tracer.sin(tracer.where(x > 0, n * 2, 0.0)) * y, lambda a, b: a),
]


@pytest.mark.parametrize(("build", "expected"), PROGRAMS)
def test_a_node_counts_where_its_branch_is_taken(build, expected):
    node = _log()
    choices, guard = _guard_of(node, build(node))
    for a, b in itertools.product((True, False), repeat=2):
        feed = {x: 1.0 if a else -1.0, y: 1.0 if b else -1.0}
        assert _holds(choices, guard, feed) is expected(a, b)


def test_what_no_target_needs_never_counts():
    assert _guard_of(_log(), x + y)[1] is NEVER


def test_choices_follow_axes():
    X, v = tracer.placeholder("X", ("n", "m")), tracer.placeholder("v", ("m",))
    node = tracer.math.log(X)
    for target, axes in [
        (tracer.where(X > 0, node, 0.0), ((0, 0), (1, 1))),
        (tracer.transpose(tracer.where(tracer.transpose(X) > 0, tracer.transpose(node), 0.0)), ((0, 1), (1, 0))),
        (tracer.reduce_sum(tracer.where(v > 0, node, 0.0)), ((0, 1),)),
        (tracer.reduce_sum(tracer.where(tracer.logical_not(v > 0), 0.0, node)), ((0, 1),)),
        (tracer.where(x > 0, tracer.reduce_sum(node), 0.0), ()),
    ]:
        ((choice, holds),) = next(iter(_guard_of(node, target)[1]))
        assert holds
        assert choice.axes == axes


def test_choices_that_an_operand_does_not_see_are_dropped():
    X, v = tracer.placeholder("X", ("n", "m")), tracer.placeholder("v", ("m",))
    node = tracer.math.log(v)
    assert _guard_of(node, tracer.where(X > 0, node, 0.0))[1] is ALWAYS


def _literal(k, holds):
    return Choice(argument(0), (k,), 0, ()), holds


def test_guards_stay_short():
    wide = NEVER
    for k in range(MOST + 2):
        wide = disjunction(wide, frozenset({frozenset({_literal(k, True)})}))
    assert wide is ALWAYS  # The disjunction of so many choices is taken for granted.
    one, other = (frozenset({frozenset({_literal(0, holds)})}) for holds in (True, False))
    assert disjunction(one, other) is ALWAYS
    assert conjunction(one, other) == NEVER


def test_deep_nests_are_linear():
    value = x
    for _ in range(400):
        value = tracer.where(value > 0, tracer.math.log(value), value * 2)
    assert Guards(ancestors([value]), [value], Choices()).of(x)


def test_a_relation_may_speak_of_a_dimension():
    v = tracer.placeholder("v", ("n",))
    (slope,) = tracer.gradients(tracer.reduce_sum(v) ** (1 / v.shape[0]), v)
    assert "n <= 1" in str(tracer.conditions(slope)[0].relation)
