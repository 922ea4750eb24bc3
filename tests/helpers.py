"""What several test files use: functions of numbers in high precision, comparison."""

import gc
from importlib.util import find_spec

import numpy as np
import pytest
import sympy

import tracer
from tracer.backends.backend import Backend
from tracer.backends.compilation import BACKENDS
from tracer.precise.digits import Digits
from tracer.precise.interpreting import interpret, truth
from tracer.rules import argument

DIGITS = 50


def numeric(expression, arity):
    """An expression in argument symbols as a function of mpmath numbers."""
    return sympy.lambdify([argument(k) for k in range(arity)], expression, "mpmath")


def holds_at(condition, values):
    """Whether a condition holds at numbers for its symbols, by many digits: sympy takes far longer to put them in."""
    a = Digits(DIGITS)
    return truth(interpret(condition, {symbol: a.number(v) for symbol, v in values.items()}, a), a)


def assert_same(actual, expected, rtol=1e-12, atol=0.0):
    """Arrays of equal shape, dtype and, up to rounding, values; the actual may be a tensor."""
    actual = actual.numpy() if isinstance(actual, tracer.Tensor) else np.asarray(actual)
    expected = np.asarray(expected)
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol)


def derivative(f, *values, wrt=0):
    """The value of the gradient of ``f`` by one of its arguments."""
    return tracer.grad(f, wrt)(*values).numpy()


def free_own_garbage():
    """Free the garbage that a test has made, without a search through all that others have left.

    While a test runs none is looked for, so that what it made is of the youngest generation.
    """
    gc.collect(0)


def assert_each(check, cases):
    """Run a check on each of several cases, by name, that are too quick for tests of their own; tell all failures."""
    failures = []
    for name, case in cases.items():
        try:
            check(*case)
        except (Exception, pytest.fail.Exception) as failure:
            failure.add_note(f"in the case {name}")
            failures.append(failure)
    if failures:
        raise BaseExceptionGroup(f"{len(failures)} of {len(cases)} cases", failures)


def list_backends() -> list[Backend]:
    """The backends whose library is installed here."""
    return [b for b in BACKENDS.values() if not b.needs or find_spec(b.needs) is not None]
