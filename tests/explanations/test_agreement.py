"""Spellings agree where they say the same, however much one rounds, and differ where a digit far out does."""

import numpy as np
import pytest

import tracer
from tracer.explanations import agreement
from tracer.explanations.agreement import Agreement
from tracer.explanations.witnesses import Draws

x = tracer.symbols("x")
v = tracer.placeholder("v", ("n",))
S = tracer.placeholder("S", (2, 2), symmetric=True)
log, exp = tracer.math.log, tracer.exp

SAME = [
    (log(1.0 - tracer.sigmoid(x)), tracer.math.log_sigmoid(-x)),
    (log(1.0 + exp(x)), tracer.nn.softplus(x)),
    (exp(x) - 1.0, tracer.math.expm1(x)),
    (1.0 - tracer.cos(x), 2.0 * tracer.square(tracer.sin(x / 2.0))),
    (log(tracer.reduce_sum(exp(v))), tracer.reduce_logsumexp(v)),
    (tracer.linalg.eigvalsh(S)[0] * 2.0, tracer.linalg.eigvalsh(2.0 * S)[0]),
    (tracer.linalg.eigh(S)[1] ** 2, (-tracer.linalg.eigh(S)[1]) ** 2),
]
DIFFERENT = [
    (log(1.0 - tracer.sigmoid(x)), -x - exp(-x)),
    (x, x + 1e-14 * tracer.sin(x)),
    (log(1.0 + exp(x)), tracer.maximum(x, 0.0) + 0.0),
    (tracer.reduce_sum(v), tracer.reduce_sum(v) + 1e-15 * tracer.reduce_max(v)),
    (tracer.linalg.eigvalsh(S)[0], tracer.linalg.eigvalsh(S)[0] * (1.0 + 1e-6)),
]


def names(t):
    return getattr(t, "op", None)


@pytest.mark.parametrize(("one", "two"), SAME, ids=names)
def test_the_same_agree(one, two):
    assert Agreement([(one, two)]).everywhere(Draws([one], keep=False))


@pytest.mark.parametrize(("one", "two"), DIFFERENT, ids=names)
def test_others_do_not(one, two):
    assert not Agreement([(one, two)]).everywhere(Draws([one], keep=False))


def test_derivatives_are_compared_where_the_function_is_finite():
    one, two = 1.0 / x, tracer.where(x > 0, 1.0 / x, 0.0)
    draws = Draws([one], keep=False)
    assert not Agreement([(one, two)]).everywhere(draws)
    assert Agreement([(log(x), log(x)), (one, two)]).everywhere(draws, generic=True)


def test_what_is_never_finite_agrees_with_nothing():
    one = log(-1.0 - x * x)
    assert not Agreement([(one, one)]).everywhere(Draws([one], keep=False))


def test_a_tolerance_would_accept_what_differs(monkeypatch):
    monkeypatch.setattr(agreement, "AGREEING", 0.05)
    one, two = DIFFERENT[1]
    assert Agreement([(one, two)]).everywhere(Draws([one], keep=False))


def test_points_are_of_all_magnitudes():
    drawn = {x: np.array(2.0)}
    assert {float(agreement._scale_values(drawn, m)[x]) for m in agreement.MAGNITUDES} == {2.0, 2e-3, 80.0, 2e-8, 2e3}
