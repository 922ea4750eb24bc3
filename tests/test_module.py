"""Modules find their variables; the rest is compared with TensorFlow in tests/conformance."""

import pytest

import tracer as tf


def test_modules_nested_deeply_are_walked():
    top = module = tf.Module()
    for _ in range(5000):
        module.inner = tf.Module()
        module = module.inner
    module.v = tf.Variable(1.0)
    assert [v is module.v for v in top.variables] == [True]
    assert len(top.submodules) == 5000


def test_modules_that_hold_each_other():
    a, b = tf.Module("a"), tf.Module("b")
    a.other, b.other, b.v = b, a, tf.Variable(1.0)
    assert a.submodules == (b,)
    assert len(a.variables) == len(b.variables) == 1


def test_names():
    assert tf.Module("layer1").name == "layer1"
    with pytest.raises(ValueError, match="'a b' is not a name of a module; write a Python identifier"):
        tf.Module("a b")

    class Bare(tf.Module):
        def __init__(self):
            self.v = tf.Variable(1.0)

    with pytest.raises(AttributeError, match=r"Bare has no name yet; call super\(\).__init__\(\) first"):
        Bare().name  # noqa: B018


def test_a_scope_groups_operations():
    with tf.Module("outer").name_scope:
        assert (tf.constant(1.0) * 2).name.startswith("outer/multiply_")


def test_a_scope_has_a_name():
    assert tf.name_scope("block").name == "block"
    assert tf.Module("layer").name_scope.name == "layer"


def test_a_scope_may_be_entered_again():
    x = tf.symbols("x")
    scope = tf.name_scope("a")
    with scope as outer, scope as inner:
        y = tf.sin(x, name="y")
    assert (outer, inner, y.name) == ("a/", "a/a/", "a/a/y")
    with scope:
        assert tf.sin(x, name="z").name == "a/z"
