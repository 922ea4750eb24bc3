"""Conditions of formulas: against a search for points where value or derivative is no finite number."""

import itertools

import numpy as np
import pytest
import sympy

import tracer
from tracer import Kind, conditions
from tracer.backends.evaluation import run_program
from tracer.walk import ancestors

x, y = tracer.symbols("x y")
X, Y = (sympy.Symbol(n, real=True) for n in "xy")
GRID = [-3.0, -2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0]


def _relations(tensor, kind=Kind.DOMAIN):
    return [c.relation for c in conditions(tensor) if c.kind is kind]


def _hold(relations, feed):
    found = True
    for relation in relations:
        value = relation.subs(feed).doit()
        if value.has(sympy.nan, sympy.zoo, sympy.I):
            continue  # Another one is to be false there.
        found = found and bool(value)
    return found


def _points(tensor):
    """Points of a grid, each with whether a condition fails there, and the values of some tensors."""
    relations = _relations(tensor)
    for a, b in itertools.product(GRID, GRID):
        try:
            held = _hold(relations, {X: sympy.Rational(a), Y: sympy.Rational(b)})
        except TypeError:
            held = False
        yield {"x": a, "y": b}, held


def _is_finite(tensor, feed):
    used = {t: feed[t.label] for t in ancestors([tensor]) if t.label in feed}
    return bool(np.isfinite(run_program(tensor, used)))


SCALARS = [
    lambda: x / y,
    lambda: tracer.math.log(tracer.math.log(x)),
    lambda: tracer.sqrt(1 - x * x),
    lambda: tracer.pow(x, y),
    lambda: tracer.math.log(x) * tracer.sqrt(y - x) / (y - 1),
    lambda: tracer.where(x > 0, tracer.where(y > 0, tracer.math.log(x * y), 1 / y), 0.0),
    lambda: tracer.where(x > 0, tracer.math.log(x), 0.0) + tracer.sqrt(y),
    lambda: tracer.stop_gradient(tracer.math.log(x)) * y,
    lambda: tracer.math.xlogy(x, y),
    lambda: x**0.5 + y**-2,
    lambda: tracer.acosh(x) + tracer.atanh(y / 8),
    lambda: tracer.asin(x / 2) * tracer.math.rsqrt(y),
    lambda: tracer.lgamma(x) + tracer.digamma(y),
    lambda: 1 / (tracer.maximum(x, y) - 1),
    lambda: tracer.sqrt(tracer.minimum(x, y)),
    lambda: tracer.sqrt(tracer.nn.relu(x) + y),
    lambda: 1 / tracer.sqrt(x * x + y * y),
    lambda: tracer.math.log(tracer.where(x > y, x, y)),
]


@pytest.mark.parametrize("build", SCALARS)
def test_values_are_finite_where_conditions_hold(build):
    value = build()
    found = [(_is_finite(value, feed), held, feed) for feed, held in _points(value)]
    assert [feed for finite, held, feed in found if finite is not held] == []
    assert {held for _, held, _ in found} == {True, False}


@pytest.mark.parametrize("build", [f for k, f in enumerate(SCALARS) if k != 3])
def test_gradients_are_finite_where_conditions_hold(build):
    value = build()
    for gradient in tracer.gradients(value, [x, y]):
        if gradient is None:
            continue
        for feed, held in _points(gradient):
            if held:
                assert _is_finite(gradient, feed), feed
            else:
                assert not (_is_finite(gradient, feed) and _is_finite(value, feed)), feed


EVERYWHERE = [
    lambda: tracer.math.log(1 + x * x) / (tracer.exp(x) + 1),
    lambda: tracer.where(x > 0, tracer.math.log(x), 0.0),
    lambda: tracer.where(x > 0, tracer.math.log(tracer.where(x > 0, x, 1.0)), 0.0),
    lambda: tracer.math.divide_no_nan(x, y),
    lambda: tracer.math.log(tracer.sigmoid(x)) + tracer.math.log(1 - tracer.sigmoid(x)),
    lambda: x / tracer.constant(2.0),
    lambda: x * tracer.reduce_sum(tracer.math.log(tracer.constant([1.0, 2.0]) - 0.5)),
    lambda: x / (tracer.constant([1.0, 2.0]) - 3.0),
    lambda: x * tracer.linalg.det(tracer.linalg.inv(tracer.constant([[1.0, 2.0], [2.0, 1.0]]))),
    lambda: tracer.where(x > 0, tracer.math.log(x), tracer.sqrt(-x)),
]


@pytest.mark.parametrize("build", EVERYWHERE)
def test_what_holds_everywhere_is_no_condition(build):
    assert conditions(build()) == ()


NOWHERE = [
    lambda: tracer.math.log(tracer.constant(-1.0)),
    lambda: x * tracer.math.log(-tracer.exp(x)),
    lambda: tracer.sqrt(tracer.constant(-2.0)) * x,
    lambda: x / tracer.constant(0.0),
    lambda: tracer.acosh(tracer.constant(0.5)) * x,
    lambda: tracer.math.log(x) + tracer.math.log(-x),
    lambda: x * tracer.reduce_sum(tracer.math.log(tracer.constant([1.0, 2.0]) - 2.0)),
    lambda: x / (tracer.constant([1.0, 2.0]) - 2.0),
    lambda: x * tracer.reduce_sum(tracer.linalg.inv(tracer.constant([[1.0, 2.0], [2.0, 4.0]]))),
]


@pytest.mark.parametrize("build", NOWHERE)
def test_what_holds_nowhere_is_false(build):
    tensor = build()
    assert _relations(tensor) == [sympy.false]
    for gradient in tracer.gradients(tensor, [x]):
        assert gradient is None or sympy.false in _relations(gradient)


SHOWN = [
    (lambda: tracer.sqrt(x), ["x >= 0"], ["x > 0"]),
    (lambda: tracer.math.log(x), ["x > 0"], ["x > 0"]),
    (lambda: tracer.acosh(x), ["x >= 1"], ["x > 1"]),
    (lambda: tracer.math.erfcinv(x), ["(x > 0) & (x < 2)"], ["(x > 0) & (x < 2)"]),
    (lambda: tracer.where(x > 0, tracer.math.log(x + 2), tracer.math.log(x + 2)), ["x > -2"], ["x > -2"]),
    (lambda: tracer.tan(x), ["Ne(cos(x), 0)"], ["Ne(cos(x), 0)"]),
    (lambda: tracer.sqrt(tracer.minimum(x, 2 * x)), ["x >= 0"], None),
    (lambda: tracer.math.log(tracer.abs(x)), ["Ne(x, 0)"], ["Ne(x, 0)"]),
    (lambda: 1 / tracer.nn.relu(x), ["x > 0"], ["x > 0"]),
    (lambda: tracer.sqrt(tracer.exp(x) - 1), ["x >= 0"], ["x > 0"]),
    (lambda: tracer.asin(tracer.sin(x)), [], None),
    (lambda: tracer.acos(tracer.tanh(x)), [], None),
    (lambda: tracer.sqrt(x * x + y * y), [], ["Ne(x**2 + y**2, 0)"]),
    (lambda: 1 / (x * x + x + 1), [], []),
    (lambda: tracer.math.log(x / (1 - x)), ["(x > 0) & (x < 1)"], ["(x > 0) & (x < 1)"]),
    (lambda: tracer.sqrt(y - x), ["x <= y"], ["x < y"]),
    (lambda: 1 / (tracer.sqrt(x) - 2), ["x >= 0", "Ne(x, 4)"], None),
    (lambda: tracer.math.log(tracer.math.log(tracer.math.log(x))), ["x > E"], ["x > E"]),
]


@pytest.mark.parametrize(("build", "value", "gradient"), SHOWN)
def test_conditions_are_in_few_words(build, value, gradient):
    tensor = build()
    assert [str(r) for r in _relations(tensor)] == value
    assert gradient is None or [str(r) for r in _relations(tracer.gradients(tensor, x)[0])] == gradient


KINKS = [
    (lambda: tracer.abs(x), ["Ne(x, 0)"]),
    (lambda: tracer.nn.relu(x * y - 1), ["Ne(x*y, 1)"]),
    (lambda: tracer.maximum(x, y), ["Ne(x, y)"]),
    (lambda: tracer.clip_by_value(x, 0.0, 1.0), ["Ne(x, 0)", "Ne(x, 1)"]),
    (lambda: tracer.nn.elu(x), []),
    (lambda: tracer.sqrt(x) * tracer.sign(y), []),
    (lambda: tracer.where(y > 0, tracer.abs(x), 0.0), ["(y <= 0) | Ne(x, 0)"]),
]


@pytest.mark.parametrize(("build", "expected"), KINKS)
def test_kinks_are_conditions_of_gradients(build, expected):
    tensor = build()
    assert _relations(tensor, Kind.KINK) == []
    found = [str(r) for r in _relations(tracer.gradients(tensor, x)[0], Kind.KINK)]
    assert sorted(found) == sorted(expected)


n = tracer.placeholder("A", ("n", "n"))
v, w = tracer.placeholder("v", ("m",)), tracer.placeholder("w", (2,))
B = tracer.placeholder("B", (2, 2))
D, z = tracer.placeholder("D", ("n", "m")), tracer.placeholder("z", ("n",))
PD = tracer.placeholder("S", ("n", "n"), positive_definite=True)
TENSORS = [
    (lambda: tracer.reduce_sum(tracer.math.log(v)), v, ["v[i] > 0"], ["v[i] > 0"]),
    (lambda: tracer.sqrt(tracer.reduce_sum(v * v)), v, [], ["Ne(Sum(v[i]**2, (i, 0, m - 1)), 0)"]),
    (lambda: tracer.sqrt(tracer.reduce_sum(w * w)), w, [], ["Ne(w[0]**2 + w[1]**2, 0)"]),
    (lambda: tracer.norm(v), v, [], []),
    (lambda: tracer.reduce_sum(tracer.linalg.inv(n)), n, ["Ne(Determinant(A), 0)"], ["Ne(Determinant(A), 0)"]),
    (lambda: tracer.linalg.det(n), n, [], ["Ne(Determinant(A), 0)"]),
    (lambda: tracer.linalg.logdet(n), n, ["Determinant(A) > 0"], ["Determinant(A) > 0"]),
    (lambda: tracer.reduce_sum(tracer.linalg.solve(n, n)), n, ["Ne(Determinant(A), 0)"], ["Ne(Determinant(A), 0)"]),
    (lambda: tracer.reduce_sum(tracer.linalg.matrix_power(n, -2)), n, *[["Ne(Determinant(A), 0)"]] * 2),
    (lambda: tracer.reduce_sum(tracer.linalg.cholesky(n)), n, *[["Q.positive_definite((A.T + A)/2)"]] * 2),
    (lambda: tracer.reduce_sum(tracer.math.log(tracer.linalg.diag_part(tracer.linalg.cholesky(PD)))), PD, [], []),
    (lambda: tracer.reduce_logsumexp(v), v, [], []),
    (lambda: tracer.reduce_sum(tracer.math.log(tracer.nn.softmax(v))), v, [], []),
    (lambda: tracer.reduce_sum(v / tracer.sqrt(tracer.reduce_mean(v * v) + 1e-5)), v, [], []),
    (lambda: tracer.reduce_sum(tracer.where(v > 0, tracer.math.log(v), 0.0)), v, [], []),
    (lambda: tracer.reduce_sum(w / tracer.constant([1.0, 2.0])), w, [], []),
]


@pytest.mark.parametrize(("build", "source", "value", "gradient"), TENSORS)
def test_conditions_of_tensors_are_over_generic_elements(build, source, value, gradient):
    tensor = build()
    assert [str(r) for r in _relations(tensor)] == value
    assert [str(r) for r in _relations(tracer.gradients(tensor, source)[0])] == gradient


def test_a_norm_has_a_kink_where_its_slope_is_a_convention():
    assert list(map(str, _relations(tracer.gradients(tracer.norm(v), v)[0], Kind.KINK))) == [
        "Ne(Sum(v[i]**2, (i, 0, m - 1)), 0)"
    ]
    # The quotient that the user wrote is in its domain.
    (slope,) = tracer.gradients(tracer.reduce_sum(v / tracer.norm(v)), v)
    assert list(map(str, _relations(slope))) == ["Ne(Sum(v[i]**2, (i, 0, m - 1)), 0)"]


def test_conditions_are_in_the_normal_form_of_formulas():
    residual = D @ v - z
    value = tracer.reduce_sum(tracer.where(tracer.abs(residual) <= x, residual**2, x * tracer.abs(residual)))
    line = "z[i], Sum(D[i, j]*v[j], (j, 0, m - 1))"
    quantile = tracer.reduce_sum(tracer.maximum(x * residual, (x - 1) * residual))
    for loss, kink in ((value, f"(x >= 0) | Ne({line})"), (quantile, f"Ne({line})")):
        assert [str(r) for r in _relations(tracer.gradients(loss, v)[0], Kind.KINK)] == [kink]
    running = tracer.cumsum(tracer.exp(v), reverse=True)
    assert conditions(tracer.gradients(tracer.reduce_sum(tracer.math.log(running)), v)[0]) == ()


def test_sums_beside_each_other_have_one_letter():
    assert [str(r) for r in _relations(1 / (tracer.reduce_sum(v) - x * tracer.reduce_sum(z)))] == [
        "Ne(x*Sum(z[i], (i, 0, n - 1)), Sum(v[i], (i, 0, m - 1)))"
    ]
    nested = tracer.reduce_sum(tracer.square(tracer.reduce_sum(D, axis=1) - 1.0))
    assert [str(r) for r in _relations(1 / nested)] == [
        "Ne(Sum((Sum(D[i, j], (j, 0, m - 1)) - 1)**2, (i, 0, n - 1)), 0)"
    ]


def test_ties_and_equal_eigenvalues_are_kinks():
    for value, expected in [
        (tracer.reduce_max(w), "Ne(w[0], w[1])"),
        (tracer.linalg.eigvalsh((B + tracer.transpose(B)) / 2)[1] ** 2, None),
    ]:
        gradient = tracer.gradients(value, w if expected else B)[0]
        (relation,) = _relations(gradient, Kind.KINK)
        assert expected is None or str(relation) == expected
        assert _relations(gradient) == []


def test_a_sum_over_eigenvalues_has_no_kink_where_they_are_equal():
    gradient = tracer.gradients(tracer.reduce_sum(tracer.linalg.eigvalsh(B) ** 2), B)[0]
    assert tracer.conditions(gradient) == ()


u = tracer.placeholder("u", (3,))
TIES = [
    (lambda: tracer.sort(u)[0], u, ["Ne(u[0], u[1])", "Ne(u[0], u[2])", "Ne(u[1], u[2])"]),
    (lambda: tracer.sort(v)[:2], v, ["Eq(i, j) | Ne(v[i], v[j])"]),
    (lambda: tracer.gather(w, tracer.argmax(w)), w, ["Ne(w[0], w[1])"]),
    (lambda: tracer.math.segment_max(u, [0, 0, 1]), u, ["Ne(u[0], u[1])"]),
    (lambda: tracer.floor(x) * x, x, ["Ne(x, floor(x))"]),
    (lambda: tracer.math.floormod(x, 2.0), x, ["Ne(x/2, floor(x/2))"]),
    (lambda: tracer.floor(y) * x, x, []),
]


@pytest.mark.parametrize(("build", "source", "expected"), TIES)
def test_what_is_chosen_by_order_has_kinks_at_ties(build, source, expected):
    assert [str(r) for r in _relations(tracer.gradients(build(), source)[0], Kind.KINK)] == expected


def test_a_condition_names_its_node():
    log = tracer.math.log(x)
    assert {c.node for c in conditions(1 / (log + 2))} >= {log.node}
    assert [str(c) for c in conditions(log)] == ["x > 0 (domain)"]


def test_a_gradient_is_asked_what_the_function_asks():
    """As far as the function depends on the source: the gradient of the rest is never taken."""
    assert [str(r) for r in _relations(tracer.gradients(x * x + tracer.math.log(y), x)[0])] == []
    assert [str(r) for r in _relations(tracer.gradients(tracer.math.log(x) + y, x)[0])] == ["x > 0"]


def test_jacobians_and_second_derivatives_have_conditions():
    assert [str(r) for r in _relations(tracer.grad(tracer.grad(tracer.sqrt))(x))] == ["x > 0"]
    for function in (tracer.math.log, tracer.math.log1p, lambda t: 1 / tracer.math.log(t)):
        second = tracer.grad(tracer.grad(function))(x)
        assert _relations(second) == _relations(tracer.grad(function)(x))
    with tracer.GradientTape() as tape:
        tape.watch(v)
        value = tracer.sqrt(v)
    assert [str(r) for r in _relations(tape.jacobian(value, v))] == ["v[i] > 0"]


BRANCHES = [
    (lambda t: t * t if t > 1 else t * 2, {"3": True, "1": False}, 2.0),
    (lambda t: t * t if t > 1 else t * 2, {"3": False, "1": True}, 0.5),
    (lambda t: tracer.exp(t) if t * t - 4 >= 0 else t * 2, {"0": True, "2": False, "-3": False}, 1.0),
    (lambda t: t * 2 if t else -t, {"1": True, "0": False}, 1.0),
    (lambda t: t * (1 - int(t > 3)), {"1": True, "4": False}, 1.0),
    (lambda t: t * 3 if tracer.reduce_all(tracer.stack([t, t + 1]) > 0) else -t, {"1": True, "-1": False}, 1.0),
]


@pytest.mark.parametrize(("build", "points", "start"), BRANCHES)
def test_ways_that_python_took_are_conditions(build, points, start):
    t = tracer.Variable(start, name="t")
    with tracer.GradientTape() as tape:
        value = build(t)
    for tensor in (value, tape.gradient(value, t)):
        relations = _relations(tensor, Kind.BRANCH)
        for text, expected in points.items():
            assert _hold(relations, {sympy.Symbol("t", real=True): sympy.sympify(text)}) is expected


def test_large_graphs_are_no_matter():
    """A chain, a sum and a nest of choices; the work grows with the graph alone."""
    chain, total, nest = x, x, x
    for k in range(600):
        chain = tracer.sin(chain) + 0.5
        total = total + tracer.math.log(x + float(k))
        nest = tracer.where(nest > 0, tracer.sqrt(nest), nest * 2)
    assert len(conditions(tracer.math.log(chain))) == 1
    assert [str(r) for r in _relations(total)] == ["x > 0"]
    assert conditions(nest) == ()
    assert [str(r) for r in _relations(tracer.gradients(nest, x)[0])] == []
