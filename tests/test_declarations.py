"""What can be declared of a source: one table, and each reader of it knows each word."""

import numpy as np
import pytest

import tracer as tf
from tracer.comparison.assumed import ASSUMED
from tracer.declarations import DECLARATIONS, DECLARING, OF_SQUARES, as_assumed, is_declared
from tracer.points import ASSUMED as DRAWN
from tracer.points import Points

SHAPES = {name: ("n", "n") if row.square else ("n",) for name, row in DECLARATIONS.items()}


def test_an_unknown_word_is_refused_and_the_known_ones_are_named():
    with pytest.raises(
        ValueError, match=r"x is declared positve, which is not known; what can be declared is .*positive"
    ):
        tf.placeholder("x", positve=True)
    with pytest.raises(ValueError, match="is not known"):
        tf.symbols("x y", positve=False)


@pytest.mark.parametrize("name", DECLARATIONS)
def test_each_word_is_taken_where_it_can_hold(name):
    assert tf.placeholder("x", SHAPES[name], **{name: True}).params == ((name, True),)
    if name in OF_SQUARES:
        with pytest.raises(ValueError, match="only a square matrix"):
            tf.placeholder("x", (2, 3), **{name: True})
    if DECLARATIONS[name].rank:
        with pytest.raises(ValueError, match="which has no axis"):
            tf.placeholder("x", (), **{name: True})


def test_what_is_implied_is_declared():
    words = {"symmetric", "diagonal", "positive_definite"}
    assert DECLARING["symmetric"] == {*words, *map(as_assumed, words)}
    assert is_declared("nonnegative", ["stochastic"])
    assert not is_declared("positive", ["stochastic"])
    assert {fact for row in DECLARATIONS.values() for fact in row.implies} <= DECLARATIONS.keys()


@pytest.mark.parametrize("name", [name for name in DECLARATIONS if name != "real"])
def test_values_are_known_that_meet_each_word(name):
    assert name in ASSUMED
    assert name in DRAWN or name in ("nonzero", "integer")  # Any number that is drawn is not zero.


@pytest.mark.parametrize(
    ("name", "loss", "text"),
    [
        ("stochastic", lambda p: -tf.reduce_sum(p * tf.nn.log_softmax(Z)), "softmax(z) - p"),
        ("unit", lambda p: tf.norm(p) * tf.reduce_sum(Z * Z), "2*z"),
    ],
)
def test_a_formula_is_shorter_and_right_for_what_is_declared(name, loss, text):
    (gradient,) = tf.gradients(loss(tf.placeholder("p", ("n",), **{name: True})), Z)
    assert str(gradient.formula()) == text
    (plain,) = tf.gradients(loss(tf.placeholder("p", ("n",))), Z)
    assert len(str(plain.formula())) > len(text)
    points = Points([gradient], {}, {}, 7)
    _sizes, feed, (value,) = next(points.draw(0))
    given = {t.name: v for t, v in feed.items()}
    soft = np.exp(given["z"]) / np.exp(given["z"]).sum()
    want = soft - given["p"] if name == "stochastic" else 2 * given["z"]
    np.testing.assert_allclose(value, want, rtol=1e-9)


Z = tf.placeholder("z", ("n",))
