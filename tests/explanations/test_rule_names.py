"""Rules in words: every operation has a name and each of its operands a rule; what is said is true of the row."""

import re

import pytest

import tracer as tf
from tracer.explanations.rule_names import NOUNS, RULES, name_noun, name_rule, name_value
from tracer.rules import TABLE

x, y = tf.placeholder("x", ("n", "m")), tf.placeholder("y", ("n", "m"))
A, b, v = tf.placeholder("A", ("n", "n")), tf.placeholder("b", ("m",)), tf.placeholder("v", ("n",))
ROWS = dict(TABLE)
"""Those of the library: other tests add some of their own."""


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
    (x + y, ["a sum hands its gradient to each summand"] * 2),
    (x - y, ["a difference hands its gradient on", "what is subtracted gets the negative of the gradient"]),
    (x * b, [
        "product rule, times the other factor",
        "product rule, times the other factor, summed over the rows that share it",
    ]),
    (x / v[:, None], [
        "quotient rule, divided by the denominator",
        "quotient rule for the denominator, summed over the columns that share it",
    ]),
    (tf.placeholder("T", (2, 3, 4)) + tf.placeholder("U", (3, 1)), [
        "a sum hands its gradient to each summand",
        "a sum hands its gradient to each summand, summed over the axes 0 and 2 that share it",
    ]),
    (tf.symbols("c") * x, ["product rule, times the other factor, summed over all elements that share it"]),
    (A @ x, [
        "matrix product rule, times the transpose of the right factor",
        "matrix product rule, the transpose of the left factor times it",
    ]),
    (x * x, ["chain rule through the square"] * 2),
    (x**2, ["chain rule through the square"]),
    (tf.exp(x), ["chain rule through exp"]),
    (tf.sqrt(x), ["chain rule through the square root"]),
    (tf.atan(x), ["chain rule through atan"]),
    (x**y, ["power rule and chain rule", "derivative of an exponential by its exponent"]),
    (tf.reshape(x, (-1,)), ["each gradient goes where its element came from"]),
    (tf.einsum("ij,ik->ijk", x, y), ["product rule for the sum of products, by the other factors"] * 2),
    (tf.reduce_sum(x), ["a sum hands its gradient to each element"]),
    (tf.gradients(tf.tanh(x), x)[0], ["chain rule through the derivative of tanh"]),
]  # fmt: skip


@pytest.mark.parametrize(("tensor", "words"), SAID, ids=lambda p: p.op if isinstance(p, tf.Tensor) else "")
def test_each_operand_has_its_rule(tensor, words):
    assert [name_rule(tensor, k) for k in range(len(words))] == words


MADE = [
    (A @ x, "matrix product"),
    (tf.abs(x), "absolute value"),
    (tf.linalg.inv(A), "inverse"),
    (tf.atan(x), "atan"),
    (x * x, "square"),
    (tf.reduce_sum(x), "sum over all elements of `x`"),
    (tf.reduce_sum(x, axis=0), "sum over the rows of `x`"),
    (tf.reduce_mean(x, axis=1, keepdims=True), "mean over the columns of `x`"),
    (tf.reduce_sum(tf.placeholder("T", (2, 3, 4)), axis=(0, 2)), "sum over the axes 0 and 2"),
    (tf.gradients(tf.tanh(x), x)[0], "derivative of the tanh"),
    (tf.gradients(tf.gradients(tf.tanh(x), x)[0], x)[0].args[0], "derivative of the derivative of the tanh"),
    (x < y, "comparison"),
]


@pytest.mark.parametrize(("tensor", "words"), MADE, ids=lambda p: p.op if isinstance(p, tf.Tensor) else "")
def test_what_is_made_is_a_noun(tensor, words):
    assert name_value(tensor, {x.node: "x"}) == words


def test_no_row_falls_to_a_name_that_is_no_word():
    """Names of rows that are no words bear prefixes, underscores and digits."""
    nouns = {name: name_noun(row) for name, row in ROWS.items() if name not in ("relu6", "atan2")}
    odd = re.compile(r"_|[a-z]\d|reduce|grad|approx|by value|no nan|svd|slog|xlog")
    assert {name: noun for name, noun in nouns.items() if odd.search(noun)} == {}
