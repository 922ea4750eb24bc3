"""The ends of a term in each other's place are a roll of it."""

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults
from tests.terms.values import value
from tracer.formulas.lowering.lower import lower_program
from tracer.terms.record import Sum, is_call, subterms
from tracer.terms.rolls import fold_rolls
from tracer.testing.verification import Points

x, y, X = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",)), tf.placeholder("X", ("n", "m"))
s = tf.placeholder("s", (6,))
roll = tf.roll

PROGRAMS = {
    "forwards": (lambda: roll(x, 1, 0), "roll(x, 1)", "x[Mod(i - 1, n)]"),
    "backwards": (lambda: roll(x, -1, 0), "roll(x, -1)", "x[Mod(i + 1, n)]"),
    "its gradient": (
        lambda: tf.gradients(roll(x, 1, 0), x, grad_ys=tf.placeholder("g", ("n",)))[0],
        "roll(g, -1)",
        "g[Mod(i + 1, n)]",
    ),
    "by two": (lambda: roll(s, 2, 0), "roll(s, 2)", None),
    "by five of six": (lambda: roll(s, 5, 0), "roll(s, -1)", None),
    "columns": (lambda: roll(X, 1, 1), "roll(X, 1, 1)", None),
    "a function": (lambda: roll(tf.tanh(x), 1, 0), "tanh(roll(x, 1))", None),
    "differences": (lambda: s - roll(s, 1, 0), "s - roll(s, 1)", None),
    "second differences": (lambda: roll(s, 1, 0) - 2 * s + roll(s, -1, 0), None, None),
    "a factor": (lambda: s * roll(s, 1, 0), "s o roll(s, 1)", None),
    "the gradient of squared differences": (
        lambda: tf.gradients(tf.reduce_sum((roll(x, 1, 0) - x) ** 2), x)[0],
        "-2*(roll(x, 1) + roll(x, -1) - 2*x)",
        "-2*(x[Mod(i + 1, n)] + x[Mod(i - 1, n)] - 2*x[i])",
    ),
    "of differences of columns": (
        lambda: tf.gradients(tf.reduce_sum((roll(X, 1, 1) - X) ** 2), X)[0],
        "-2*(roll(X, 1, 1) + roll(X, -1, 1) - 2*X)",
        None,
    ),
    "there and back": (lambda: roll(roll(x, 1, 0), -1, 0), "x", "x[i]"),
    "by two of n": (lambda: roll(x, 2, 0), "roll(x, 2)", "x[Mod(i - 2, n)]"),
    "twice": (lambda: roll(roll(x, 1, 0), 1, 0), "roll(x, 2)", "x[Mod(i - 2, n)]"),
    "by two and back by three": (lambda: roll(roll(x, 2, 0), -3, 0), "roll(x, -1)", None),
    "along both axes": (
        lambda: roll(roll(X, 1, 0), 1, 1),
        "roll(roll(X, 1, 1), 1, 0)",
        "X[Mod(i - 1, n), Mod(j - 1, m)]",
    ),
    "back along one of both": (lambda: roll(roll(roll(X, 1, 0), 1, 1), 1, 0), "roll(roll(X, 1, 1), 2, 0)", None),
    "of a product": (lambda: roll(roll(x, 1, 0) * y, 1, 0), "roll(x, 2) o roll(y, 1)", None),
    "of a function": (
        lambda: roll(tf.tanh(roll(x, 1, 0) + y) * y, 1, 0),
        "roll(y o tanh(roll(x, 1) + y), 1)",
        None,
    ),
    "of a choice": (
        lambda: roll(tf.where(roll(x, 1, 0) > y, x, y), 1, 0),
        "roll(where(roll(x, 1) > y, x, y), 1)",
        None,
    ),
    "of columns of an outer product": (lambda: roll(roll(x, 1, 0)[:, None] * y, 1, 0), "roll(x, 2)*y.T", None),
    "neighbours on both sides": (
        lambda: tf.gradients(tf.reduce_sum((roll(x, 1, 0) * roll(x, 2, 0)) ** 2) / 2, x)[0],
        "x o (roll(x, 1)**2 + roll(x, -1)**2)",
        None,
    ),
    "the gradient of squared second differences": (
        lambda: tf.gradients(tf.reduce_sum((roll(x, 1, 0) + roll(x, -1, 0) - 2 * x) ** 2) / 2, x)[0],
        "roll(x, 2) + roll(x, -2) + 6*x - 4*(roll(x, 1) + roll(x, -1))",
        None,
    ),
    "second differences on a grid": (
        lambda: tf.gradients(tf.reduce_sum(sum(roll(X, s, k) - X for s in (1, -1) for k in (0, 1)) ** 2), X)[0],
        None,
        None,
    ),
    "a function of all": (lambda: roll(tf.nn.softmax(roll(x, 1, 0)), 1, 0), "roll(softmax(roll(x, 1)), 1)", None),
    "the gradient of a squared stencil that is no sum of multiples": (
        lambda: tf.gradients(tf.reduce_sum((x * (roll(x, -1, 0) - roll(x, 1, 0)) - y) ** 2) / 2, x)[0],
        None,
        None,
    ),
    "the gradient of a squared stencil of four places": (
        lambda: tf.gradients(tf.reduce_sum(((roll(x, -1, 0) - roll(x, 2, 0)) * roll(x, 1, 0) - x) ** 2) / 2, x)[0],
        None,
        None,
    ),
    "a sum of functions of one shift": (
        lambda: roll(tf.exp(x) - y * x, 1, 0) - x,
        "exp(roll(x, 1)) - roll(x o y, 1) - x",
        None,
    ),
    "written by hand": (lambda: tf.concat([x[-1:], x[:-1]], 0), "roll(x, 1)", None),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_roll_is_one_function(name):
    program, text, index = PROGRAMS[name]
    tensor = program()
    assert text is None or str(tensor.formula()) == text
    assert index is None or str(tf.formula(tensor, form="index")) == index
    assert "concat" not in str(tensor.formula())
    for size in (1, 2, 5):
        points = Points([tensor], {"n": size, "m": 4}, {}, 0)
        sizes, feed, (want,) = next(iter(points.draw(0)))
        arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
        assert not faults(tensor, sizes, arrays, want)


@pytest.mark.parametrize(
    "tensor",
    [
        tf.concat([x[:-1], x[-1:] * 2], 0),
        tf.concat([x[-1:], 2 * x[:-1]], 0),
        tf.concat([s[3:], s[1:4]], 0),
        tf.concat([x, x], 0),
        tf.pad(s, [(1, 0)]),
    ],
)
def test_other_ends_are_not(tensor):
    made = lower_program([tensor])
    (term,) = made.terms
    if isinstance(term, Sum):
        assert fold_rolls(made.normaliser, term) is term


def test_a_roll_has_the_value_of_the_sum():
    made = lower_program([s + roll(s, 2, 0)])
    (term,) = made.terms
    folded = fold_rolls(made.normaliser, term)
    assert [t.params for t in subterms(folded) if is_call(t, "roll")] == [(2, 0)]
    assert len(folded.terms) == 2
    numbers = {"s": np.arange(6.0) ** 2}
    np.testing.assert_allclose(value(term, numbers), numbers["s"] + np.roll(numbers["s"], 2))
