"""Fixes of random programs are finite where these are not, and equal elsewhere; wrong ones are not offered."""

import ast

import mpmath
import numpy as np
import pytest

import tracer
from tracer.explanations import fixes, proposals
from tracer.explanations.expression_tracing import trace
from tracer.explanations.fixes import find_fix
from tracer.explanations.node_values import NodeValues
from tracer.explanations.repairs import Repair

x, y = tracer.symbols("x y")
v = tracer.placeholder("v", ("n",))
NAMES = {"x": x, "y": y, "v": v}


def mask(condition):
    return tracer.cast(condition, "float64")


def gradient(f, s=x):
    return tracer.gradients(f, [s])[0]


PARTS = [
    lambda t, s: t * tracer.math.log(t),
    lambda t, s: mask(t > 0) * tracer.math.log(t),
    lambda t, s: mask(t > 0) * tracer.sqrt(t) + (1.0 - mask(t > 0)) * s,
    lambda t, s: tracer.sin(t) / t,
    lambda t, s: (tracer.exp(t) - 1.0) / t,
    lambda t, s: s * t / tracer.abs(t),
    lambda t, s: tracer.acos(t),
    lambda t, s: tracer.sqrt(t * t),
    lambda t, s: t**0.5,
    lambda t, s: tracer.math.log(t) * s,
    lambda t, s: tracer.math.log(1.0 + s * s) / t,
    lambda t, s: tracer.tanh(s) - t,
]
WRAPS = [
    lambda t: t,
    lambda t: 3.0 * t + 1.0,
    lambda t: t * t,
    tracer.tanh,
    lambda t: tracer.reduce_sum(tracer.stack([t, 2.0 * t])),
]


def programs(seed):
    """A random program, or the gradient of one, and values at which some of its operations may not be defined."""
    rng = np.random.default_rng(seed)
    inner = [x, y, x * y, x + y - 1.0, x * x][rng.integers(5)]
    other = [y, x, tracer.sin(y)][rng.integers(3)]
    whole = WRAPS[rng.integers(len(WRAPS))](PARTS[rng.integers(len(PARTS))](inner, other))
    if rng.integers(2):
        whole = whole + PARTS[rng.integers(len(PARTS))](other, inner)
    if rng.integers(2):
        taken = gradient(whole)
        whole = whole if taken is None else taken
    return whole, {x: float(rng.integers(-1, 2)), y: float(rng.integers(-1, 3))}


def differences(tensor, fix, feed, seed):
    """How far a fix is from what it respells, where both are finite; the fix's own value at the feed comes first."""
    of = tensor.derived
    function = trace(ast.parse(fix.text, mode="eval").body, NAMES)
    pairs = [(tensor, function)] if of is None else [(of.targets[0][0], function), (tensor, gradient(function))]
    with np.errstate(all="ignore"):
        yield pairs[-1][1].eval(feed)
        rng = np.random.default_rng(seed)
        compiled = [tracer.compile(pair, list(feed)) for pair in pairs]
        for _ in range(40):
            point = [rng.uniform(-1.5, 1.5) * 10.0 ** rng.integers(-3, 2) for _ in feed]
            for both in compiled:
                u, w = both(*point)
                if np.isfinite(u) and np.isfinite(w):
                    yield abs(u - w) / (1e-3 + abs(u))


def check(seed):
    """Whether a fix was offered for a random program; it must hold."""
    tensor, feed = programs(seed)
    values = NodeValues(tensor, feed)
    if values.first_not_finite() is None:
        return False
    fix = find_fix(values)
    if fix is None:
        return False
    finite, *distances = differences(tensor, fix, feed, seed)
    assert np.isfinite(finite), fix.text
    assert max(distances, default=0.0) < 1e-6, fix.text
    return True


@pytest.mark.parametrize("batch", range(5))
def test_fixes_of_random_programs_hold(batch):
    offered = sum(check(100 * batch + k) for k in range(15))
    assert offered >= 2


WRONG = Repair("x * log(y)", "math.xlogy(x, x + y)", "a planted fault")


def test_a_wrong_repair_is_not_offered(monkeypatch):
    monkeypatch.setattr(proposals, "REPAIRS", (WRONG, *proposals.REPAIRS))
    assert find_fix(NodeValues(x * tracer.math.log(x), {x: 0.0})).text == "math.xlogy(x, x)"
    assert find_fix(NodeValues(x * tracer.math.log(y), {x: 0.0, y: 0.0})).text == "math.xlogy(x, y)"


def test_the_property_fails_where_fixes_are_not_compared(monkeypatch):
    monkeypatch.setattr(proposals, "REPAIRS", (WRONG,))
    monkeypatch.setattr(fixes._Search, "_agrees", lambda self, function: True)
    values = NodeValues(x * tracer.math.log(y), {x: 0.0, y: 0.0})
    fix = find_fix(values)
    assert fix.text == "math.xlogy(x, x + y)"
    _, *distances = differences(values.tensor, fix, {x: 0.0, y: 0.0}, 0)
    assert max(distances) > 1e-2


FIXES = [
    (
        mask(x > 0) * tracer.math.log(x) + (1.0 - mask(x > 0)) * x,
        {x: -1.0},
        "where(x > 0, log(where(x > 0.0, x, 1.0)), x)",
    ),
    (gradient(tracer.sqrt(x)), {x: 0.0}, "where(x > 0.0, sqrt(where(x > 0.0, x, 1.0)), 0.0)"),
    (gradient(tracer.norm(v), v), {v: [0.0, 0.0]}, None),
    (tracer.reduce_sum(v * tracer.math.log(v)), {v: [0.0, 1.0]}, "reduce_sum(math.xlogy(v, v))"),
    (tracer.acos(x), {x: 1 + 1e-9}, "acos(clip_by_value(x, -1.0, 1.0))"),
    (gradient(gradient(tracer.sqrt(x * x))), {x: 0.0}, "gradients(abs(x), [x])[0]"),
    (x * tracer.math.log(x) + y / y, {x: 0.0, y: 0.0}, None),
    (tracer.math.log(1.0 - tracer.sigmoid(x)), {x: 1e3}, "math.log_sigmoid(-x)"),
    (
        tracer.sqrt(1.0 + x * x),
        {x: 1e200},
        "stop_gradient(maximum(abs(x), 1.0)) * sqrt(square(1.0 / stop_gradient(maximum(abs(x), 1.0)))"
        " + square(x / stop_gradient(maximum(abs(x), 1.0))))",
    ),
    (tracer.norm(v), {v: [1e200, 2e200]}, None),
    (gradient(tracer.sqrt(tracer.reduce_sum(v**2)), v), {v: [1e-200, 2e-200]}, None),
    (tracer.math.reduce_std(v), {v: [1e200, 2e200]}, None),
    (tracer.math.log(tracer.math.erfc(x)), {x: 30.0}, "where(x > 0.0, log(erfcx(x)) - square(x), log(erfc(x)))"),
    (tracer.math.atanh(tracer.tanh(x)), {x: 30.0}, "x"),
]


@pytest.mark.parametrize(("tensor", "feed", "text"), FIXES, ids=lambda t: getattr(t, "name", None))
def test_fixes_are_as_a_person_would_write_them(tensor, feed, text):
    fix = find_fix(NodeValues(tensor, feed))
    assert fix is not None
    assert text is None or fix.text == text


log, exp, tanh, sigmoid, erf = tracer.math.log, tracer.exp, tracer.tanh, tracer.sigmoid, tracer.math.erf
CANCELLED = [
    (log(1.0 - tanh(x)), 25, lambda m, x: m.log(1 - m.tanh(x))),
    (log(1.0 + tanh(x)), -400, lambda m, x: m.log(1 + m.tanh(x))),
    (gradient(log(1.0 - tanh(x))), 25, lambda m, x: -1 - m.tanh(x)),
    (1.0 / (1.0 - sigmoid(x)), 50, lambda m, x: 1 + m.exp(x)),
    (1.0 / (1.0 - tanh(x) ** 2), 50, lambda m, x: m.cosh(x) ** 2),
    (log(exp(x) - 1.0), 1e-20, lambda m, x: m.log(m.expm1(x))),
    (log(tracer.expm1(x)), 800, lambda m, x: m.log(m.expm1(x))),
    (x**2 / (1.0 - tracer.cos(x)), 1e-9, lambda m, x: 2),
    (gradient(tracer.sqrt(1.0 - tracer.cos(x) ** 2)), 1e-9, lambda m, x: 1),
    (1.0 / (exp(x) - exp(2.0 * x)), 1e-20, lambda m, x: 1 / (m.exp(x) - m.exp(2 * x))),
    (log(1.0 - erf(x)), 8, lambda m, x: m.log(m.erfc(x))),
    (1.0 / (tracer.sqrt(1.0 + x * x) - x), 1e9, lambda m, x: m.sqrt(1 + x * x) + x),
    (tracer.sqrt(exp(x)), 1000, lambda m, x: m.exp(x / 2)),
]


@pytest.mark.parametrize(("tensor", "at", "exact"), CANCELLED, ids=lambda t: getattr(t, "name", None))
def test_what_rounding_lost_is_found_again(tensor, at, exact):
    fix = find_fix(NodeValues(tensor, {x: at}))
    made = trace(ast.parse(fix.text, mode="eval").body, NAMES)
    value = (made if tensor.derived is None else gradient(made)).eval({x: at})
    context = mpmath.MPContext()
    context.dps = 400
    assert value == pytest.approx(float(exact(context, context.mpf(at))), rel=1e-9)


HOPELESS = [
    (tracer.math.log(x), {x: -1.0}),
    (1.0 / x, {x: 0.0}),
    (tracer.exp(x), {x: 1e3}),
    (tracer.linalg.inv(tracer.placeholder("a", (2, 2))), {"a": [[1.0, 2.0], [2.0, 4.0]]}),
    (tracer.math.log(tracer.placeholder("lambda", ())), {"lambda": -1.0}),
]


@pytest.mark.parametrize(("tensor", "feed"), HOPELESS, ids=lambda t: getattr(t, "name", None))
def test_what_has_no_value_gets_none(tensor, feed):
    assert find_fix(NodeValues(tensor, feed)) is None


def test_proofs_are_by_normal_forms():
    assert find_fix(NodeValues(x * tracer.math.log(x), {x: 0.0})).proved
    masked = mask(x > 0) * tracer.math.log(x)
    assert not find_fix(NodeValues(masked, {x: -1.0})).proved
