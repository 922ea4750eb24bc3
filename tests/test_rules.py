"""The table of operations: templates, steps, masks."""

import itertools
import math
import threading
import time

import numpy as np
import pytest
import sympy

import tracer
from tracer import rules
from tracer.rules import OUT, TABLE, Elementwise, Op, argument, register

a, b = argument(0), argument(1)


def test_names_are_taken_once():
    with pytest.raises(ValueError, match="'sin' is registered"):
        register(Op("sin"))


def test_templates_are_made_when_first_needed():
    calls = []
    op = Elementwise("lazy", lambda: calls.append(1) or a**3, 1)
    assert calls == []
    assert (op.template, op.template) == (a**3, a**3)
    assert calls == [1]


def test_partials_are_written_by_the_output_where_it_occurs():
    assert Elementwise("e", sympy.exp(a * 2), 1).partial(0) == 2 * OUT
    assert Elementwise("t", a * b, 2).partial(1) == a


@pytest.mark.parametrize("order", [("left", "right"), ("right", "left")])
def test_backward_steps_are_named_by_their_operation_whatever_was_derived_before(order):
    ops = {name: Elementwise(name, sympy.atan(a) * a**7, 1) for name in order}
    assert {name: op.step(0, (), False).op.name for name, op in ops.items()} == {
        "left": "left_grad",
        "right": "right_grad",
    }


def test_steps_with_the_template_of_a_row_are_that_row():
    ops = [Elementwise(name, sympy.sin(a) + 1, 1) for name in ("one", "two")]
    assert [op.step(0, (), True).op for op in ops] == [TABLE["cos"]] * 2


def test_threads_share_backward_steps(monkeypatch):
    ops = [Elementwise("shared", sympy.acos(a) * a**9, 1) for _ in range(4)]
    found = []

    def make_slowly(*args, **options):
        time.sleep(0.02)
        return Elementwise(*args, **options)

    rules._rows_by_template()
    monkeypatch.setattr(rules, "Elementwise", make_slowly)
    threads = [threading.Thread(target=lambda op=op: found.append(op.step(0, (), False).op)) for op in ops]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 4
    assert len(set(map(id, found))) == 1


def test_a_stated_partial_wins():
    op = Elementwise("kink", sympy.Abs(a), 1, partials=lambda: {0: 7})
    assert op.partial(0) == 7


def test_a_stated_number_is_an_expression():
    op = Elementwise("kink", sympy.Abs(a), 1, partials=lambda: {0: 7})
    assert isinstance(op.partial(0), sympy.Integer)
    assert op.step(0, (), True).op.fold(()) == 7


def test_powers_of_one_base_are_one_power():
    """Written as a quotient of powers, it would be zero by zero at zero."""
    assert Elementwise("p", b * a ** (b - 1), 2).partial(0) == a ** (b - 2) * b * (b - 1)


def test_a_backward_step_is_closed_where_its_row_states_it_and_else_where_it_chooses():
    stated = Elementwise("stated", a**3 * b, 2, closed=(1,)).step(0, (), False)
    assert stated.op.closed == (stated.picks.index(1),)
    chosen = Elementwise("chosen", sympy.Piecewise((a**3, b > 0), (0, True)), 2).step(0, (), False)
    assert chosen.op.closed == (chosen.picks.index(1),)
    assert Elementwise("open", a**3 * b, 2).step(0, (), False).op.closed == ()


def test_a_backward_step_of_integers_is_a_float():
    x, k = tracer.Variable(2.0), tracer.constant(3_000_000)
    t, s = sympy.symbols("t s")
    (slope,) = tracer.gradients(tracer.from_sympy(t * s**3, {t: x, s: k}), x)
    assert float(slope) == 2.7e19


def test_the_second_derivative_of_a_square_is_a_number():
    x = tracer.symbols("x")
    (slope,) = tracer.gradients(x**2, x)
    (second,) = tracer.gradients(slope, x)
    assert tracer.gradients(second, x) == [None]


def test_a_function_without_a_derivative():
    class Broken(sympy.Function):
        def fdiff(self, argindex=1):
            raise IndexError(argindex)

    for template in (sympy.Function("mystery")(a), Broken(a)):
        with pytest.raises(LookupError, match="'mystery' has no gradient rule"):
            Elementwise("mystery", template, 1).partial(0)


@pytest.mark.parametrize(
    ("template", "arity", "masks"),
    [
        (sympy.Piecewise((a, b > 0), (0, True)), 2, True),
        (sympy.Piecewise((0, b > 0), (a, True)), 2, True),
        (sympy.Piecewise((1, b > 0), (0, True)), 2, True),
        (sympy.Piecewise((a, a > 0), (0, True)), 1, False),
        (sympy.Piecewise((a, b > 0), (1, True)), 2, False),
        (a * b, 2, False),
    ],
)
def test_masks(template, arity, masks):
    assert (Elementwise("m", template, arity).mask is not None) is masks


def test_every_row_is_a_function_with_a_docstring():
    for name, op in TABLE.items():
        if type(op) is Elementwise and hasattr(tracer, name):
            function = getattr(tracer, name)
            assert function.__doc__, name
            assert function.__module__ == "tracer" or function.__module__.startswith("tracer."), name


@pytest.mark.parametrize(
    ("name", "literals", "expected"),
    [
        ("divide", (1.0, 0.0), math.inf),
        ("divide", (-1, 0), -math.inf),
        ("divide", (0.0, 0.0), math.nan),
        ("log", (0.0,), -math.inf),
        ("log", (-1.0,), math.nan),
        ("sqrt", (-1.0,), math.nan),
        ("exp", (1000.0,), math.inf),
        ("pow", (0.0, -1.0), math.inf),
        ("pow", (-8.0, 0.5), math.nan),
        ("acosh", (0.0,), math.nan),
        ("sigmoid", (0.0,), 0.5),
    ],
)
def test_literals_at_the_edges_are_as_in_numpy(name, literals, expected):
    value = TABLE[name].fold(literals)
    assert value == expected or (math.isnan(expected) and math.isnan(value))


@pytest.mark.parametrize(("exponent", "second"), [(2.0, 2.0), (3.0, 0.0), (2.5, 0.0), (2, 2.0), (1.0, 0.0), (0.0, 0.0)])
def test_second_derivatives_of_powers_at_zero(exponent, second):
    x = tracer.Variable(0.0)
    with tracer.GradientTape() as outer:
        with tracer.GradientTape() as inner:
            y = x**exponent
        slope = inner.gradient(y, x)
    assert outer.gradient(slope, x).numpy() == second


def test_third_derivatives_of_powers_at_zero():
    x = tracer.constant([0.0, 2.0])
    y = x**2.0
    for _ in range(3):
        (y,) = tracer.gradients(y, x)
    assert y.numpy().tolist() == [0.0, 0.0]


@pytest.mark.parametrize("exponent", [0, 1, 0.0, 1.0])
def test_powers_zero_and_one_keep_their_shape(exponent):
    x = tracer.constant([[0.0, -1.0], [1.0, -2.0]])
    y = tracer.linalg.diag_part(x) ** exponent
    (slope,) = tracer.gradients([y, y], x)
    assert slope.numpy().tolist() == [[2.0 * exponent, 0.0], [0.0, 2.0 * exponent]]


STATED = [op for op in TABLE.values() if isinstance(op, Elementwise) and op.facts != rules.NO_FACTS]
ORDINARY = [*(s * x for x in (40.5, 2.75, 1.0, 0.5, 1e-9) for s in (-1, 1)), 0.0]


def values_of(op, points):
    """The values of a row where they are real."""
    found = []
    for point in itertools.product(points, repeat=op.arity):
        with np.errstate(all="ignore"):
            value = float(tracer.constant(0.0) + tracer.tensor.apply(op, tuple(map(tracer.constant, point))))
        found.append((point, value))
    return found


@pytest.mark.parametrize("op", STATED, ids=lambda op: op.name)
def test_what_rows_state_of_their_functions_holds(op):
    facts = op.facts
    ordinary = values_of(op, ORDINARY if op.arity == 1 else ORDINARY[::3])
    known = {point: value for point, value in ordinary if value == value}
    assert known
    if facts.finite:
        assert all(map(math.isfinite, dict(ordinary).values()))
    if facts.bounded:
        assert all(math.isfinite(value) for _, value in values_of(op, [-1e150, 0.0, 1e150]))
    if facts.positive:
        assert all(value > 0 for point, value in known.items() if max(map(abs, point)) < 5)
    if facts.nonnegative:
        assert all(value >= 0 for value in known.values())
    if facts.odd or facts.even:
        sign = -1 if facts.odd else 1
        assert all(known[-x,] == pytest.approx(sign * value, rel=1e-12) for (x,), value in known.items())
    if facts.keeps_sign:
        assert all((value > 0) == (x > 0) and (value < 0) == (x < 0) for (x,), value in known.items())
    if facts.inverse:
        inverse = dict(values_of(TABLE[facts.inverse], ORDINARY))
        pairs = [(x, y) for (x,), y in inverse.items() if math.isfinite(y) and abs(x) < 5]
        assert len(pairs) > 1
        assert all(dict(values_of(op, [y]))[y,] == pytest.approx(x, rel=1e-9, abs=1e-8) for x, y in pairs)
    if facts.signs is not None:
        assert all(value == sum(s * x for s, x in zip(facts.signs, point)) for point, value in known.items())


@pytest.mark.parametrize(
    "fact",
    [
        {"bounded": True},
        {"finite": True},
        {"odd": True},
        {"even": True},
        {"positive": True},
        {"inverse": "log"},
        {"keeps_sign": True},
    ],
)
def test_a_fact_that_does_not_hold_is_found(fact):
    op = Elementwise("wrong", sympy.exp(a) - 2 + 1 / a, 1, facts=rules.Facts(**fact))
    with pytest.raises(AssertionError):
        test_what_rows_state_of_their_functions_holds(op)


def test_facts_are_asked_by_function():
    assert rules.facts_of(sympy.sin).odd
    assert rules.facts_of(sympy.Max).bounded
    assert rules.facts_of(sympy.besselj) == rules.NO_FACTS


def test_a_misspelt_field_is_refused():
    with pytest.raises(TypeError, match="componets"):
        Op("misspelt", componets=None)
    with pytest.raises(TypeError, match="posative"):
        rules.Facts(posative=True)


def test_an_argument_is_told_by_its_position():
    n = sympy.Symbol("n", integer=True, positive=True)
    relation = (argument(10) > 1 / n) & (argument(2) < sympy.Symbol("_3"))
    assert rules.list_positions(relation) == (2, 10)
    assert rules.position_of(argument(10)) == 10
