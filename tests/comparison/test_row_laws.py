"""Laws of rows: they prove what is the same for all sizes, and are of the same operation alone."""

import pytest

import tracer as tf
from tracer.expressions import Reader

x, y = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))
A, B = tf.placeholder("A", ("n", "n")), tf.placeholder("B", ("n", "n"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("log(sum(exp(x - max(x)))) + max(x)", "logsumexp(x)"),
        ("det(inv(A) @ B)", "det(B)/det(A)"),
        ("logdet(A @ B.T)", "logdet(B) + logdet(A)"),
        ("inv(B @ A.T)", "inv(A).T @ inv(B)"),
        ("max(x + y)", "-min(-y - x)"),
        ("exp(x - max(x))/sum(exp(x - max(x)))", "softmax(x)"),
    ],
)
def test_laws_prove_for_all_sizes(first, second):
    sources = {t.label: t for t in (x, y, A, B)}
    programs = []
    for text in (first, second):
        reader = Reader({name: t.shape for name, t in sources.items()})
        reader.sources = sources
        programs.append(reader.read(text))
    answer = tf.compare(*programs)
    assert answer.verdict is tf.Verdict.PROVED, str(answer)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("inv(A @ B)", "inv(A) @ inv(B)"),
        ("det(A + B)", "det(A) + det(B)"),
        ("logsumexp(x)", "max(x)"),
        ("min(x)", "-max(x)"),
        ("det(A @ B.T)", "-det(B)*det(A)"),
    ],
)
def test_laws_prove_nothing_else(first, second):
    assert tf.compare(first, second, *[v for v in (A, B, x) if v.label in f"{first}"]).verdict is tf.Verdict.REFUTED
