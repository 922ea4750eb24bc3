"""Work that is interrupted at any moment leaves everything as it was: the same call answers right afterwards."""

import gc
import random
import re
import signal
import time

import mpmath
import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.backends.evaluation import WATCH
from tracer.formulas.assuming import assumed
from tracer.guard import _region
from tracer.interrupts import run_long
from tracer.tensor import context
from tracer.testing import check_gradients, check_vjp


def read_formulas():
    X, y, w = tf.placeholder("X", ("n", "d")), tf.placeholder("y", ("n",)), tf.placeholder("w", ("d",))
    loss = tf.reduce_mean(tf.math.log(1 + tf.exp(-y * (X @ w)))) + tf.reduce_sum(tf.abs(w[1:]))
    [gradient] = tf.gradients(loss, [w])
    return gradient.formula(), tf.formula(gradient, form="python"), gradient


def compare_programs():
    wrong = tf.compare("x*log(x)", "x*log(x + 1)", ())
    return tf.compare("x*log(x) + w*x", "x*log(x*exp(w))", (), ()), wrong, tf.compare("abs(x)", "sqrt(x**2)", ())


def diagnose_gradient():
    x, v = tf.symbols("x"), tf.placeholder("v", (3,))
    return tf.diagnose(x * tf.math.log(x)).fix, tf.diagnose(tf.gradients(tf.reduce_sum(tf.sqrt(v**2)), [v])[0])


def check_rules():
    report = check_gradients(lambda x, w: x * tf.math.log(x) + tf.stop_gradient(w) * x, (), ())
    with pytest.raises(AssertionError) as error:
        check_vjp(lambda x: tf.where(x > 0, x, 0.01 * x), lambda g, x: g * np.where(x > 0, 1.0, 0.1), ())
    return report.proved, error.value


def compile_gradient():
    x = tf.placeholder("x", ("n",))
    y = x
    for k in range(3):
        y = tf.sin(y) * tf.exp(-y) + y * (k + 1)
    loss = tf.reduce_sum(y[1:] * y[:-1]) + tf.reduce_logsumexp(y) + tf.norm(y) ** 2
    function = tf.compile([loss, tf.gradients(loss, [x])[0]], [x])
    return function.source, function(np.linspace(0, 1, 5))


def list_conditions():
    A, x = tf.placeholder("A", ("n", "n")), tf.placeholder("x", ("n",))
    return [c.relation for c in tf.conditions(tf.linalg.logdet(A) + tf.norm(A @ x) * tf.reduce_sum(tf.math.log(x)))]


CALLS = [read_formulas, compare_programs, diagnose_gradient, check_rules, compile_gradient, list_conditions]


def answer(call):
    """The answers of a call as text, without the numbers of nodes."""
    return re.sub(r"_\d+\b|in \d+\.\d+ s", "", "\n".join(map(str, call())))


def note_state():
    """What outlives calls."""
    outer = context.get(), _region.get(), assumed(), WATCH.get()
    return mpmath.mp.prec, gc.isenabled(), np.geterr(), sympy.core.parameters.global_parameters.evaluate, outer


def interrupt(*args):
    """The handler of a signal."""
    raise KeyboardInterrupt


@pytest.mark.unchecked
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # raised in callbacks
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that interrupts")
@pytest.mark.parametrize("call", CALLS)
def test_what_is_interrupted_answers_right_afterwards(call):
    state, expected = note_state(), answer(call)
    start = time.perf_counter()
    answer(call)
    taken = time.perf_counter() - start
    moments = random.Random(7)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(5):
            try:
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-4, taken))
                answer(call)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                pass
            assert note_state() == state
            assert answer(call) == expected
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_what_was_set_is_put_back():
    state = note_state()

    def leave_half_done():
        context.set(context.get()._replace(constant=True))
        WATCH.set(print)
        mpmath.mp.prec = 200
        np.seterr(all="raise")
        gc.disable()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_long("work", leave_half_done)
    assert note_state() == state


def test_facts_of_which_some_were_noted_are_found_again():
    total = sympy.Symbol("n", positive=True) + 1

    def leave_half_done():
        total._assumptions = total.default_assumptions.copy()
        total._assumptions._tell("positive", True)
        total._assumptions._tell("nonnegative", None)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_long("work", leave_half_done)
    assert total.is_nonnegative


def test_an_error_is_no_interrupt():
    def fail():
        mpmath.mp.prec = 60
        raise ValueError("wrong")

    precision = mpmath.mp.prec
    try:
        with pytest.raises(ValueError, match="wrong"):
            run_long("work", fail)
        assert mpmath.mp.prec == 60
    finally:
        mpmath.mp.prec = precision


def test_a_tensor_that_was_not_finished_is_let_go(recwarn):
    tensor = object.__new__(tf.Tensor)
    del tensor
    gc.collect()
    assert not recwarn.list
