"""The grammar of matrixcalculus.org as syntax: what binds how, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.expressions import ExpressionError
from tracer.matrix_syntax import parse_matrices


def grouped(text):
    """The text with the parentheses that its reading implies."""
    done = []
    for node in parse_matrices(text):
        operands = [done[k] for k in node.operands]
        if node.kind in ("number", "name"):
            done.append(node.word)
        elif node.kind == "call":
            done.append(f"{node.word}({operands[0]})")
        elif len(operands) == 1:
            done.append(f"({operands[0]}')" if node.kind == "'" else f"(-{operands[0]})")
        else:
            done.append(f"({operands[0]}{node.kind}{operands[1]})")
    return done[-1]


@pytest.mark.parametrize(
    ("text", "implied"),
    [
        ("x'*A*x", "(((x')*A)*x)"),
        ("a-b-c + d", "(((a-b)-c)+d)"),
        ("a/b*c./d.*e", "((((a/b)*c)./d).*e)"),
        ("a+b*c^2", "(a+(b*(c^2)))"),
        ("-x^2", "(-(x^2))"),
        ("-x*y", "((-x)*y)"),
        ("2*-x*y", "((2*(-x))*y)"),
        ("--x + +y", "((-(-x))+y)"),
        ("A^-1'", "((A^(-1))')"),
        ("A^2'*x", "(((A^2)')*x)"),
        ("x'.^2", "((x').^2)"),
        ("x''", "((x')')"),
        ("x.^-2*y", "((x.^(-2))*y)"),
        ("x^(-2)'", "((x^(-2))')"),
        ("(a*b)^c", "((a*b)^c)"),
        ("(a^b)^(c^d)", "((a^b)^(c^d))"),
        ("((x))", "x"),
        ("exp(-(x))'", "(exp((-x))')"),
        ("f(g(x) + y)*2", "(f((g(x)+y))*2)"),
        ("1./x + 2.5.*y - .5*z + 1.e2*a + 3e-1", "(((((1./x)+(2.5.*y))-(.5*z))+(1.e2*a))+3e-1)"),
        ("x1.*y_2", "(x1.*y_2)"),
    ],
)
def test_operators_bind(text, implied):
    assert grouped(text) == implied
    assert grouped(implied) == implied
    assert grouped(text.replace("(", " ( ").replace("*", "* ")) == implied


def test_a_node_bears_what_was_written():
    *_, product = parse_matrices(" (a+b) * f( x ) ")
    assert product.text == "(a+b) * f( x )"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("x+", "at the end: something is missing"),
        ("x+*y", "'*' at column 2: something is missing"),
        ("()", "')' at column 1: something is missing"),
        ("f()", "')' at column 2: something is missing"),
        ("'x", "something is missing"),
        ("2x", "'x' at column 1: write products with a star, as 2*x"),
        ("2 (y)", "write products with a star"),
        ("x y", "write products with a star"),
        ("(x", "at the end: a parenthesis is not closed"),
        ("f(x", "at the end: a parenthesis is not closed"),
        ("x)", "')' at column 1: no parenthesis is open"),
        ("x#y", "'#' at column 1: an operator is missing"),
        ("x^2^3", "'^' at column 3: of powers of powers one does not know which comes first"),
        ("x^--2.^3", "write (a^b)^c or a^(b^c)"),
        ("A**2", "write ^ for a power"),
        ("A.T*x", "write A' for the transpose of A"),
        ("A@x", "write * for the product of matrices"),
        ("A[0]", "elements can't be chosen"),
        ("f(x, y)", "a function takes one argument"),
        ("x.__class__", "'.' at column 1: an operator is missing"),
        ("x" * 4001, "at most 4000 are read"),
        ("-" * 300 + "x", "nested more than 200 deep"),
        ("f(" * 300 + "x" + ")" * 300, "nested more than 200 deep"),
        ("+".join("x" * 1000), "nested more than 200 deep"),
        ("(" * 3000 + "x", "is not closed"),
    ],
)
def test_what_is_not_of_the_grammar_is_refused(text, message):
    with pytest.raises(ExpressionError) as caught:
        parse_matrices(text)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 600


def test_parentheses_alone_are_not_deep():
    assert [node.text for node in parse_matrices("(" * 1900 + "x" + ")" * 1900)] == ["x"]


@given(st.lists(st.sampled_from([*"xAa2.'*/^+-() ,", ".*", "./", ".^", "f(", "é", "\n"]), max_size=25).map("".join))
def test_any_text_is_parsed_or_refused(text):
    try:
        nodes = parse_matrices(text)
    except ExpressionError:
        return
    used = [k for node in nodes for k in node.operands]
    assert sorted(used) == list(range(len(nodes) - 1))
    assert all(operand < k for k, node in enumerate(nodes) for operand in node.operands)
