"""What a tensor answers when its formula is asked for."""

import sys
from pathlib import Path

import pytest

import tracer as tf
from tests.formulas.programs import X, w, y
from tracer.formulas.budget import FORMULA
from tracer.formulas.errors import TooLong
from tracer.formulas.reading import own_expression, parent_names, read
from tracer.terms.work import Budget

LIBRARY = Path(tf.__file__).parent
STAGES = "formulas/reading.py", "formulas/lowering", "formulas/matrix", "formulas/notations"


def test_an_unknown_form_names_those_there_are() -> None:
    for form in ("roman", ["matrix"], None):
        with pytest.raises(ValueError, match="is unknown; the forms are 'matrix', 'index'"):
            tf.formula(w, form=form)


def stages_of(tensor: tf.Tensor, form: str) -> list[str]:
    """The stages in the order in which they are entered, one that is entered again standing there again."""
    entered: list[str] = []

    def profile(frame, event, argument) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(LIBRARY) and frame.f_code.co_name != "<module>":
            name = path.relative_to(LIBRARY).as_posix()
            stage = next((s for s in STAGES if name.startswith(s)), None)
            if stage is not None and (not entered or entered[-1] != stage):
                entered.append(stage)

    tf.formula(tensor, form=form)  # Modules are imported.
    sys.setprofile(profile)
    try:
        tf.formula(tensor, form=form)
    finally:
        sys.setprofile(None)
    return entered


@pytest.mark.unchecked
def test_each_stage_of_a_formula_is_entered_once() -> None:
    X, y, v = tf.placeholder("X", ("n", "d")), tf.placeholder("y", ("n",)), tf.placeholder("v", ("d",))
    for loss in (tf.reduce_sum((X @ v - y) ** 2), tf.reduce_logsumexp(tf.tanh(X @ v) * y)):
        gradient = tf.gradients(loss, v)[0]
        assert stages_of(gradient, "matrix") == list(STAGES[:3])
        assert stages_of(gradient, "index")[:2] == list(STAGES[:2])
        assert "formulas/lowering" not in stages_of(gradient, "python")[2:]


product = X @ w
FORMS = {
    "matrix": "X*w",
    "latex": "X w",
    "python": "X @ w",
    "index": "Sum(X[i, j]*w[j], (j, 0, d - 1))",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_that_of_its_notation(form):
    assert str(tf.formula(product, form=form)) == FORMS[form]
    assert list(map(str, tf.formula([product, product], form=form))) == [FORMS[form]] * 2
    assert tf.formula([], form=form) == []


def test_a_derivative_of_a_matrix_by_a_matrix_is_read_as_one():
    A = tf.placeholder("A", ("n", "n"))
    assert str(tf.formula(tf.jacobian(lambda A: A @ A)(A), form="kronecker")) == ("kron(eye(n), A) + kron(A.T, eye(n))")


def test_components_and_steps_are_read_from_the_graph():
    assert [str(e) for e in tf.formula(tf.placeholder("u", (2,)) * 2, form="components")] == ["2*u[0]", "2*u[1]"]
    steps, (result,) = tf.formula(product, form="steps")
    assert [str(e) for _, e in steps] == ["X*w"]
    assert result == steps[0][0]


def test_a_formula_has_as_much_work_as_a_budget_and_steps_have_any():
    with pytest.raises(TooLong, match=r"a gradient"):
        read([tf.nn.softmax(product) * y], "matrix", Budget(20, "a gradient"))
    many = tf.symbols("x")
    for _ in range(FORMULA // 100):
        many = tf.sin(many)
    assert len(tf.formula(many, form="steps")[0]) == FORMULA // 100


def test_a_node_has_an_expression_in_its_parents():
    assert str(own_expression(product)) == "X*w"
    assert str(own_expression(w)) == "w"
    assert str(own_expression(tf.sin(product) * 2)).startswith("2*sin")
    again = tf.placeholder("w", ("d",))
    both = w * again
    assert sorted(parent_names(both)) == sorted([w.node, again.node])
    assert len(set(parent_names(both).values())) == 2
    assert parent_names(product) == {X.node: "X", w.node: "w"}
    assert parent_names(2 * product) == {product.node: product.name}


def test_only_what_is_typeset_is_bold():
    with pytest.raises(ValueError, match="bold letters are for form='latex' and form='where', got form='matrix'"):
        tf.formula(tf.symbols("x"), bold=True)
