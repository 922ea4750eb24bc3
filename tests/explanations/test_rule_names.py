"""Rules in words: every operation has a name and each of its operands a rule; what is said is true of the row."""

import pytest

import tracer as tf
from tracer.explanations.rule_names import NOUNS, RULES, name_rule, name_value
from tracer.rules import TABLE

x, y = tf.placeholder("x", ("n", "m")), tf.placeholder("y", ("n", "m"))
A, b, v = tf.placeholder("A", ("n", "n")), tf.placeholder("b", ("m",)), tf.placeholder("v", ("n",))
SPREAD = ", summed over what was broadcast"


def test_the_tables_name_operations_that_there_are():
    """A contraction bears the name of the function that made it."""
    made = [
        tf.reduce_sum(x), tf.reduce_mean(x), A @ x, tf.linalg.matvec(A, v), tf.tensordot(v, v, 1),
        tf.einsum("ij->i", x), tf.transpose(x), tf.linalg.matrix_transpose(x), tf.linalg.trace(A), tf.linalg.diag(v),
        tf.linalg.diag_part(A), tf.broadcast_to(b, x.shape), tf.expand_dims(v, 0), tf.squeeze(v[:, None], 1),
        tf.linalg.outer(v, v),
    ]  # fmt: skip
    assert sorted((NOUNS.keys() | RULES.keys()) - TABLE.keys() - {t.rule.name for t in made}) == []


SAID = [
    (x + y, ["a sum passes its gradient on"] * 2),
    (x - y, ["a difference passes its gradient on", "what is subtracted gets the negative"]),
    (x * b, ["product rule: times the other factor", f"product rule: times the other factor{SPREAD}"]),
    (x / b, ["quotient rule: divided by the denominator", f"quotient rule, by the denominator{SPREAD}"]),
    (A @ x, [
        "matrix product: times the transpose of the right factor",
        "matrix product: the transpose of the left factor times it",
    ]),
    (tf.exp(x), ["chain rule through exp"]),
    (tf.sqrt(x), ["chain rule through the square root"]),
    (tf.atan(x), ["chain rule through atan"]),
    (x**y, ["chain rule through the power"] * 2),
    (tf.reshape(x, (-1,)), ["elements that were moved take their gradients along"]),
    (tf.einsum("ij,ik->ijk", x, y), ["einsum is linear: by the other factors"] * 2),
    (tf.reduce_sum(x), ["a sum gives its gradient to every summand"]),
]  # fmt: skip


@pytest.mark.parametrize(("tensor", "words"), SAID, ids=lambda p: p.op if isinstance(p, tf.Tensor) else "")
def test_each_operand_has_its_rule(tensor, words):
    assert [name_rule(tensor, k) for k in range(len(words))] == words


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (A @ x, "a matrix product"),
        (tf.abs(x), "an absolute value"),
        (tf.linalg.inv(A), "an inverse"),
        (tf.atan(x), "an atan"),
        (tf.reduce_sum(x), "a sum over elements"),
    ],
    ids=lambda p: p.op if isinstance(p, tf.Tensor) else "",
)
def test_what_is_made_has_an_article_and_a_noun(tensor, words):
    assert name_value(tensor) == words
