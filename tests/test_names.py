"""Names: any text is one, kept as it is and never mixed up with another."""

import re

import numpy as np
import pytest
import sympy

import tracer
from tracer.formulas.matrix.latex_text import spell_name

ODD = ["dense/kernel:0", "my weight", "3d", "!", "w<b>&\"';:1", "a\\N", "__import__('os')", "x\ny", "$\\alpha$"]


@pytest.mark.parametrize("name", ODD)
def test_any_text_is_a_name(name):
    v = tracer.Variable([1.0, 2.0], name=name)
    p = tracer.placeholder(name, ("n",))
    c = tracer.constant([1.0, 2.0], name=name)
    for source in (v, p, c):
        assert source.name == name
    v.assign([3.0, 4.0])
    assert v.name == name
    y = tracer.reduce_sum(p * p)
    assert y.eval({name: [3.0, 4.0]}) == 25.0
    (gradient,) = tracer.gradients(y, p)
    text = tracer.formula(gradient, "python")
    (word,) = set(re.findall(r"[^\W\d]\w*", text))
    assert word.isidentifier()
    np.testing.assert_array_equal(eval(text, {word: np.array([3.0, 4.0])}), [6.0, 8.0])
    compiled = tracer.compile(gradient, [p])
    np.testing.assert_array_equal(compiled([3.0, 4.0]), [6.0, 8.0])
    assert f"def compiled({word})" in compiled.source
    with pytest.raises(TypeError, match=re.escape(name)):
        compiled()
    for form in ("latex", "index", "steps"):
        assert name == "3d" or name not in str(tracer.formula(gradient, form))
    source = tracer.to_graphviz(y).source
    assert name == "3d" or name not in source
    assert "<b>&" not in source


def test_names_of_layers_stay_apart():
    a, b = (tracer.Variable(np.ones((2, 2)), name=f"{layer}/kernel:0") for layer in "ab")
    y = tracer.reduce_sum((a @ b) ** 2)
    gradients = tracer.gradients(y, [a, b])
    assert str(gradients[0].formula()) == "2*a_kernel*b_kernel*b_kernel.T"
    assert y.eval({"a/kernel:0": np.zeros((2, 2))}) == 0
    assert "compiled(a_kernel, b_kernel)" in tracer.compile(y, [a, b]).source
    assert repr(tracer.compile(y, [a, b])).startswith("<compiled function of (a/kernel:0, b/kernel:0) giving")
    drawn = tracer.to_graphviz(y).source
    assert "<B>a_kernel</B>" in drawn
    assert "<B>b_kernel</B>" in drawn


def test_names_that_are_spelled_alike_get_suffixes():
    x, y = tracer.placeholder("a/b"), tracer.placeholder("a_b")
    z = x - 2 * y
    assert str(z.formula()) == "a_b_2 - 2*a_b"
    assert z.eval({"a/b": 1.0, "a_b": 3.0}) == -5.0 == tracer.compile(z, [x, y])(1.0, 3.0)


def test_messages_show_the_given_names():
    x = tracer.placeholder("in/x:0")
    with pytest.raises(ValueError, match=r"since in/x:0 has none; give one with eval\({'in/x:0': \.\.\.}\)"):
        tracer.sin(x).numpy()
    with pytest.raises(LookupError, match="its sources are: in/x:0"):
        tracer.sin(x).eval({"z": 1.0})
    with pytest.raises(TypeError, match="a name must be a non-empty string, got 3"):
        tracer.placeholder(3)


# Names of operations.


def test_operations_bear_the_name_that_is_asked_for():
    a = tracer.placeholder("A", (2, 2))
    logits = tracer.matmul(a, a, name="logits")
    again = tracer.matmul(a, a, name="logits")
    assert (logits.name, again.name) == ("logits", "logits_1")
    assert tracer.reduce_sum(a, axis=0, name="total").name == "total"
    assert tracer.sin(a, name="wave").name == "wave"
    assert tracer.linalg.det(a, name="size").name == "size"
    assert [t.name for t in tracer.split(a, 2, name="rows")] == ["rows:0", "rows:1"]
    with tracer.name_scope("layer"):
        assert tracer.tanh(a, name="out").name == "layer/out"
    assert "<B>logits</B>" in tracer.to_graphviz(logits).source
    assert tracer.formula(logits) == tracer.formula(again)
    with pytest.raises(TypeError, match="a name must be a non-empty string, got 3"):
        tracer.sin(a, name=3)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: tracer.reduce_sum(x, 0, False, "total"),
        lambda x: tracer.concat([x, x], 0, "total"),
        lambda x: tracer.reshape(x, [4], "total"),
        lambda x: tracer.transpose(x, None, False, "total"),
        lambda x: tracer.gather(x, [0], None, 0, 0, "total"),
        lambda x: tracer.where(x > 1, x, x, "total"),
        lambda x: tracer.add_n([x, x], "total"),
        lambda x: tracer.nn.softmax(x, -1, "total"),
        lambda x: tracer.linalg.inv(x, False, "total"),
        lambda x: tracer.unstack(x, None, 0, "total")[0],
        lambda x: tracer.math.cumsum(x, 0, False, False, "total"),
        lambda x: tracer.linalg.adjoint(x, "total"),
    ],
)
def test_a_name_may_be_given_by_position(call):
    assert call(tracer.placeholder("x", (2, 2))).name in ("total", "total:0")


def test_a_name_is_free_again_when_its_operation_is_gone():
    x = tracer.symbols("x")
    for _ in range(3):
        assert tracer.sin(x, name="passing").name == "passing"


def test_an_operand_that_is_answered_as_it_is_keeps_its_name():
    x = tracer.symbols("x")
    y = tracer.sin(x)
    before = y.name
    assert tracer.cast(y, "float64", name="other").name == before
    assert tracer.cast(x, "float64", name="other").name == "x"


def test_an_operation_without_a_name_is_numbered():
    x = tracer.symbols("x")
    y = tracer.stack([x, x])
    assert y.name == f"stack_{y.node}"


# Keywords, and the names of sympy and NumPy.

RESERVED = ["S", "E", "I", "N", "O", "Q", "pi", "beta", "gamma", "lambda", "class", "in", "None", "np", "e"]


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_words_are_names(name):
    v, u = tracer.placeholder(name), tracer.placeholder("u")
    (gradient,) = tracer.gradients(v**2 * u, v)
    assert sympy.Symbol(name, real=True) in gradient.formula().free_symbols
    assert gradient.eval({name: 2.0, "u": 3.0}) == 12.0 == tracer.compile(gradient, [v, u])(2.0, 3.0)
    text = tracer.formula(gradient, "python")
    (word,) = set(re.findall(r"[^\W\d]\w*", text)) - {"u"}
    assert eval(text, {word: 2.0, "u": 3.0}) == 12.0


def test_a_keyword_is_not_mixed_up_with_its_spelling():
    x, y = tracer.placeholder("lambda"), tracer.placeholder("lambda_")
    assert eval(tracer.formula(x - 2 * y, "python"), {"lambda_": 1.0, "lambda__": 3.0}) == -5.0


# LaTeX.


def test_latex_shows_names():
    shown = {
        "x": "x", "theta": r"\theta", "Omega": r"\Omega", "w2": "w_{2}", "alpha1": r"\alpha_{1}", "xbar": "xbar",
        "xmag": "xmag",
        "xnorm": "xnorm", "x__2": r"\mathrm{x\_\_2}", "_x": r"\mathrm{\_x}", "x_1": r"\mathrm{x\_1}",
        "alpha_1": r"\mathrm{alpha\_1}", "lambda_": r"\mathrm{lambda\_}", "α": r"\mathrm{α}", "x2y": r"\mathrm{x2y}",
    }  # fmt: skip
    assert {name: spell_name(name) for name in shown} == shown
    assert len(set(shown.values())) == len(shown)
    for name, text in shown.items():
        v = tracer.placeholder(name)
        assert tracer.formula(tracer.gradients(v**2, v)[0], "latex") == f"2 {text}"
        m = tracer.placeholder(name, ("n", "n"))
        assert tracer.formula(m @ (m + 1), "latex").startswith(f"{text} ")
