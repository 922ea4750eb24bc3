"""Signs that are known of tensors, against values at random points."""

import numpy as np
import pytest
import sympy

import tracer
from tracer.explanations.known_signs import Signs, is_implied, pattern, sign_of
from tracer.rules import argument

x = tracer.symbols("x")
p = tracer.symbols("p", positive=True)
v = tracer.placeholder("v", ("n",))

KNOWN = [
    (lambda: tracer.exp(x), "positive"),
    (lambda: x * x, "nonnegative"),
    (lambda: x * x + 1e-3, "positive"),
    (lambda: tracer.sqrt(x) + 1, "positive"),
    (lambda: tracer.math.log(x), "real"),
    (lambda: tracer.abs(v), "nonnegative"),
    (lambda: -tracer.exp(v), "negative"),
    (lambda: tracer.reduce_sum(v * v), "nonnegative"),
    (lambda: tracer.tensordot(v, v, 1), "nonnegative"),
    (lambda: tracer.reduce_sum(tracer.exp(v)), "positive"),
    (lambda: tracer.nn.softmax(v), "positive"),
    (lambda: tracer.sigmoid(v), "positive"),
    (lambda: tracer.nn.relu(v), "nonnegative"),
    (lambda: tracer.linalg.diag(tracer.exp(v)), "nonnegative"),
    (lambda: tracer.reshape(tracer.exp(v), (-1, 1)), "positive"),
    (lambda: tracer.pad(tracer.exp(v), [[1, 1]]), "nonnegative"),
    (lambda: tracer.cumsum(tracer.exp(v)), "nonnegative"),
    (lambda: tracer.concat([tracer.exp(v), v * v], 0), "nonnegative"),
    (lambda: tracer.concat([tracer.exp(v), v], 0), "real"),
    (lambda: tracer.cast(v > 0, "float64"), "nonnegative"),
    (lambda: 1 / p, "positive"),
    (lambda: x / tracer.constant([1.0, 2.0]), "real"),
    (lambda: tracer.exp(x) * tracer.constant([1.0, -2.0]), "nonzero"),
    (lambda: tracer.exp(x) - 1, "real"),
    (lambda: tracer.reduce_prod(-tracer.exp(v)), "real"),
    (lambda: tracer.constant(2.0) * tracer.exp(x), "positive"),
    (lambda: tracer.constant(-2.0) * tracer.exp(x), "negative"),
    (lambda: tracer.constant(True), "real"),
    (lambda: tracer.constant([1.0, 2.0]), "positive"),
    (lambda: tracer.constant([0.0, 2.0]), "nonnegative"),
    (lambda: tracer.constant([-1.0, -2.0]), "negative"),
    (lambda: tracer.constant([0.0, -2.0]), "nonpositive"),
    (lambda: tracer.constant([1.0, -2.0]), "nonzero"),
    (lambda: tracer.constant([1.0, 0.0, -2.0]), "real"),
    (lambda: tracer.constant([1.0, np.inf]), "real"),
    (lambda: tracer.constant(np.zeros(0)), "real"),
    (lambda: tracer.reduce_sum(tracer.constant([1.0, -2.0])), "real"),
    (lambda: -2.0 * (v * v), "nonpositive"),
    (lambda: tracer.linalg.diag(-tracer.exp(v)), "nonpositive"),
    (lambda: tracer.placeholder("m", (2,), nonpositive=True), "nonpositive"),
    (lambda: tracer.placeholder("z", (2,), nonzero=True) ** 2, "positive"),
    (lambda: tracer.placeholder("s", (2, 2), symmetric=True), "real"),
    (lambda: tracer.add_n([tracer.exp(v), v * v]), "positive"),
    (lambda: tracer.add_n([tracer.exp(v), v]), "real"),
]
HOLDS = {
    "positive": lambda a: (a > 0).all(),
    "negative": lambda a: (a < 0).all(),
    "nonnegative": lambda a: (a >= 0).all(),
    "nonpositive": lambda a: (a <= 0).all(),
    "nonzero": lambda a: (a != 0).all(),
    "real": lambda a: True,
}


@pytest.mark.parametrize(("build", "expected"), KNOWN)
def test_signs_are_what_values_have(build, expected):
    tensor = build()
    assert Signs().read([tensor]) == [expected]
    rng = np.random.default_rng(0)
    behind = {s.node for s in tracer.walk.ancestors([tensor])}
    given = {t for t in (x, p, v) if t.node in behind}
    if any(s.value is None for s in tracer.walk.ancestors([tensor]) if not s.args and s not in given):
        return
    for _ in range(5):
        drawn = {t: rng.normal(size=2 if t is v else ()) for t in given}
        feed = {t: np.abs(value) if t is p else value for t, value in drawn.items()}
        value = np.asarray(tensor.eval(feed), float)
        assert HOLDS[expected](value[np.isfinite(value)])


def test_operands_that_are_one_tensor_are_one_symbol():
    assert pattern(x * x) == (0, 0)
    assert pattern(x * 2.0) == (0, 1)


def test_relations_follow_from_signs():
    assert is_implied(argument(0) > 0, (0,), ("positive",))
    assert not is_implied(argument(0) > 0, (0,), ("nonnegative",))
    assert is_implied(sympy.Ne(argument(0), 0), (0,), ("negative",))


def test_functions_of_rows_have_the_signs_that_these_state():
    assert sign_of(tracer.scalar.softplus(sympy.Symbol("t", real=True))) == "positive"
