"""What fits a screen: the closed form where it is short, else the ends of the steps; nothing raises."""

import pytest

import tracer as tf
from tracer.formulas import display, reading
from tracer.formulas.display import ENDS, MOST_ARGUMENTS, SCREEN, closed_form, closed_latex, ends_of_steps

X, w, x = tf.placeholder("X", ("n", "d")), tf.placeholder("w", ("d",)), tf.symbols("x")


def chain(length):
    y = x
    for _ in range(length):
        y = tf.sin(y)
    return y


def wide(count):
    return sum((tf.symbols(f"a_rather_long_name_{k}") * x for k in range(count)), 0)


@pytest.mark.parametrize(
    ("tensor", "text", "latex"),
    [
        (lambda: X @ w, "X*w", "X w"),
        (lambda: x + 1, "x + 1", "x + 1"),
        (lambda: tf.einsum("ij,ik->ijk", X, X), str(tf.einsum("ij,ik->ijk", X, X).formula()), None),
    ],
)
def test_a_short_closed_form(tensor, text, latex) -> None:
    assert closed_form(tensor()) == text
    if latex is not None:
        assert closed_latex(tensor()) == latex


def test_where_matrices_can_not_say_it_indices_do(monkeypatch) -> None:
    def refuse(tensors, budget):
        raise ValueError("refused")

    monkeypatch.setitem(reading.SHOWN, "shorter", refuse)
    assert closed_form(X @ w) == str(tf.formula(X @ w, form="index"))
    monkeypatch.setitem(reading.FORMS, "index", refuse)
    assert closed_form(X @ w) is None
    monkeypatch.setitem(reading.FORMS, "latex", refuse)
    assert closed_latex(X @ w) is None


def gradient():
    return tf.gradients(tf.reduce_sum(tf.nn.softmax(X @ w) ** 2), w)[0]


def test_parts_have_names_where_that_is_shorter():
    text = "2*X.T*(p o (p - p.T*p))"
    assert closed_form(gradient()) == text + ", where p = softmax(X*w)"
    assert closed_form(gradient(), lambda tensor: " if so") == text + " if so, where p = softmax(X*w)"
    lines = closed_latex(gradient(), lambda tensor: r" \quad c").splitlines()
    assert lines[0] == r"\begin{aligned}"
    assert lines[1].startswith(r"& 2 X^{\top}")
    assert lines[1].endswith(r"\quad c \\")
    assert lines[2] == r"& \text{where } p = \operatorname{softmax}(X w)"


def test_no_part_has_a_name_where_that_is_longer():
    p, y = tf.placeholder("p", ("n",)), tf.placeholder("y", ("n",))
    dice = tf.gradients(2 * tf.reduce_sum(p * y) / (tf.reduce_sum(p) + tf.reduce_sum(y)), p)[0]
    assert tf.formula(dice, form="where").parts
    assert closed_form(dice) == str(dice.formula())


@pytest.mark.parametrize("tensor", [lambda: wide(80), lambda: chain(500)], ids=["wide", "deep"])
def test_what_is_longer_than_a_screen_has_none(tensor) -> None:
    assert closed_form(tensor()) is None
    assert closed_latex(tensor()) is None


@pytest.mark.parametrize("length", [1, 2 * ENDS, 2 * ENDS + 1, 40])
def test_steps_are_shown_from_both_ends(length) -> None:
    lines = ends_of_steps(chain(length))
    assert lines[0] == "  x0 = sin(x)"
    assert lines[-1] == f"  x{length - 1}"
    left_out = [line for line in lines if "more steps" in line]
    if length <= 2 * ENDS:
        assert not left_out
        assert len(lines) == length + 1
    else:
        assert left_out == [f"  ... {length - 2 * ENDS} more steps ..."]
        assert lines[ENDS] == left_out[0]
        assert len(lines) == 2 * ENDS + 2
        assert lines[ENDS + 1].startswith(f"  x{length - ENDS} = ")


def test_a_step_of_many_arguments_is_counted() -> None:
    many = tf.add_n([x + k for k in range(MOST_ARGUMENTS + 1)])
    assert any(line.endswith(f"add_n of {MOST_ARGUMENTS + 1} arguments") for line in ends_of_steps(many))


def test_a_step_is_cut_at_the_end_of_the_screen() -> None:
    long = tf.symbols("y" * 2 * SCREEN)
    (line, _) = ends_of_steps(tf.sin(long))
    assert line.endswith("...")
    assert len(line) == SCREEN + len("  x0 = ")


def test_a_step_that_can_not_be_written_is_a_call(monkeypatch) -> None:
    def fail(plan, k):
        raise RuntimeError("planted")

    monkeypatch.setattr(display.Plan, "pair", fail)
    assert ends_of_steps(tf.sin(x)) == ["  x0 = sin(x)", "  x0"]
    assert ends_of_steps(tf.atan2(x, x))[0] == "  x0 = atan2(x, x)"
