"""Axes that were joined for a product of matrices are those of the arrays again."""

import pytest

import tracer as tf
from tracer.formulas.lowering.lower import lower_program
from tracer.formulas.matrix.joined_axes import fold_places, separate_axes
from tracer.terms.record import is_call, subterms

Im, J = tf.placeholder("I", (2, 5, 5, 2)), tf.placeholder("J", (2, 2, 2, 3))
patches = tf.concat([Im[:, i : 4 + i, j : 4 + j] for i in range(2) for j in range(2)], axis=-1)
image = tf.tensordot(patches, tf.reshape(J, (8, 3)), 1)
weights = tf.placeholder("g", image.shape)


@pytest.mark.parametrize("tensor", [image, *tf.gradients(image, [Im, J], grad_ys=weights)])
def test_nothing_is_reshaped_where_places_are_digits(tensor):
    made = lower_program([tensor])
    (term,) = made.terms
    assert any(is_call(t, "reshape") for t in subterms(term))
    folded = fold_places(made.normaliser, term)
    assert folded.shape == term.shape
    assert not any(is_call(t, "reshape") for t in subterms(folded))
    assert separate_axes(made.normaliser, folded) is folded


@pytest.mark.parametrize(
    "tensor", [tf.reshape(J, (8, 3)), tf.reshape(Im, (2, 25, 2)) * 2.0, tf.reshape(image, (32, 3))]
)
def test_others_are_left(tensor):
    made = lower_program([tensor])
    (term,) = made.terms
    assert any(is_call(t, "reshape") for t in subterms(fold_places(made.normaliser, term)))
