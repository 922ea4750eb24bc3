"""Which grammar a text is in, and what ``parse`` answers."""

import re

import pytest

import tracer
from tracer.expressions import ExpressionError
from tracer.grammars import grammar_of


@pytest.mark.parametrize(
    "text",
    [
        "x'*A*x",
        "(x)'",
        "A' ",
        "x''",
        "x.*y",
        "x./y",
        "x .^ 2",
        "1/x1.*y",
        "f(2).*y",
        "norm2(x)",
        "2*norm1 (x)",
        "tr(A)",
        "x + vector(1)",
        "matrix(0)",
        "sum(1./x.*y)",
        "f(2, x')",
    ],
)
def test_signs_of_matrices_tell_their_grammar(text):
    assert grammar_of(text) == "matrix"
    assert grammar_of("x + y", text) == "matrix"


@pytest.mark.parametrize(
    "text",
    [
        "A*x",
        "A.T @ x",
        "x**2",
        "1./x",
        "2.*x",
        "x + 1.^2",
        "einsum('ij,j->i', A, x)",
        "cast(x, 'float32')",
        "cast(x, dtype= 'float32') + 1.*x",
        "linalg.trace(A) + linalg.tr(A)",
        "norm(x)",
        "xtr(x)",
        "vector + matrix*norm2",
        "1e3/x",
        "",
    ],
)
def test_any_other_text_is_in_the_grammar_of_numpy(text):
    assert grammar_of(text) == "numpy"


def test_sources_are_placeholders_in_their_order():
    loss, sources = tracer.parse("sum(X @ w)*b", shapes={"X": ("n", 3), "w": 3})
    assert [(name, str(t.shape)) for name, t in sources.items()] == [("X", "(n, 3)"), ("w", "(3,)"), ("b", "()")]
    assert loss.shape == ()
    assert list(tracer.parse("A*x + y", grammar="matrix").sources) == ["A", "x", "y"]


@pytest.mark.parametrize("assume", ["symmetric", ["symmetric"], "symmetric, positive_definite", ("symmetric matrix",)])
def test_what_is_assumed_is_known_in_both_grammars(assume):
    if assume == ("symmetric matrix",):
        with pytest.raises(ExpressionError, match="no source can be declared 'matrix'; what can be is symmetric, "):
            tracer.parse("x'*A*x", assume={"A": assume})
        return
    for text, shapes in (("x'*A*x", None), ("x @ A @ x", {"A": ("n", "n"), "x": "n"})):
        value, sources = tracer.parse(text, shapes, assume={"A": assume})
        assert str(tracer.gradients(value, sources["x"])[0].formula()) == "2*A*x"


def test_a_matrix_that_is_declared_symmetric_is_square():
    _, sources = tracer.parse("norm2(A*x - y)", assume={"A": "symmetric"})
    assert len({*sources["A"].shape, *sources["x"].shape, *sources["y"].shape}) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": "x", "grammar": "latex"}, "there is no grammar 'latex'; it is one of numpy, matrix"),
        ({"text": "x", "shapes": {"z": 3}}, "the expression has no source 'z'; its sources are: x"),
        ({"text": "x'*y", "shapes": {"z": 3}}, "the expression has no source 'z'; its sources are: x, y"),
        ({"text": "x", "assume": {"z": "positive"}}, "the expression has no source 'z'"),
        ({"text": "x", "assume": {"x": "symetric"}}, "no source can be declared 'symetric'"),
        ({"text": "x", "assume": {"x": "symmetric"}}, "x is declared symmetric, as only a square matrix can be"),
        ({"text": "x'*y", "assume": {"x": "diagonal"}}, "x is declared diagonal, as only a square matrix can be"),
        ({"text": "A'", "shapes": {"A": (2, 3)}, "assume": {"A": "diagonal"}}, "A is declared diagonal"),
        ({"text": "x'*T", "shapes": {"T": (2, 3, 4)}}, "T has the shape (2, 3, 4), and the grammar of matrices"),
    ],
)
def test_wrong_calls_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        tracer.parse(**arguments)


def test_only_texts_are_parsed():
    with pytest.raises(TypeError, match="an expression is a text such as"):
        tracer.parse(3)


@pytest.mark.parametrize("grammar", ["numpy", "matrix"])
@pytest.mark.parametrize(("text", "number"), [("1/3", "1/3"), ("1/3 + 2/3", "1"), ("2", "2"), ("0.5", "1/2")])
def test_numbers_alone_are_a_constant(text, number, grammar):
    assert str(tracer.parse(text, grammar=grammar).tensor.formula()) == number
