"""Names in formulas: each source has one of its own, and none is that of a dimension."""

import pytest

import tracer as tf
from tracer.formulas.source_names import dimension_names, source_names
from tracer.walk import ancestors


def test_dimensions_are_those_of_shapes_arguments_and_scales() -> None:
    n = tf.placeholder("x", ("n",)).shape[0]
    assert dimension_names([tf.placeholder("x", (n + 1, "d"))]) == {"n", "d"}
    assert dimension_names([tf.symbols("c") * n]) == {"n"}
    assert dimension_names([tf.einsum("i->", tf.placeholder("x", ("n",)))]) == set()
    mean = tf.reduce_mean(tf.placeholder("x", ("n",)))
    assert dimension_names([t for t in ancestors([mean]) if not t.shape]) == {"n"}
    assert dimension_names([tf.placeholder("x", (3,))]) == set()


@pytest.mark.parametrize("labels", [("x", "x"), ("n", "x"), ("n", "n"), ("x", "y", "x"), ("n", "n", "n")], ids=str)
def test_names_are_different_from_each_other_and_from_dimensions(labels) -> None:
    sources = [tf.placeholder(label, ("n",)) for label in labels]
    names = source_names(sources)
    assert set(names) == {s.node for s in sources}
    assert len(set(names.values())) == len(sources)
    assert "n" not in names.values()


def test_a_name_that_is_free_is_kept() -> None:
    x, n = tf.placeholder("x", ("d",)), tf.symbols("n")
    assert source_names([x, n]) == {x.node: "x", n.node: "n"}
