"""Closed forms as tensors again: they have the values of the programs, and need less to be finite."""

from __future__ import annotations

import numpy as np
import pytest

import tracer
from tests.calculus.cases import CASES
from tests.calculus.derive import compiled_faults, derivative
from tests.helpers import assert_each
from tracer.formulas.restating import FUNCTIONS, Restating, restate
from tracer.terms import record as T
from tracer.walk import ancestors

PARTS = 8
PROGRAMS = {
    "band_part": lambda A, x: tracer.linalg.band_part(A, -1, 0),
    "cholesky": lambda A, x: tracer.linalg.cholesky(A),
    "cross": lambda A, x: tracer.linalg.cross(x, A[0]),
    "cumprod": lambda A, x: tracer.cumprod(x),
    "det": lambda A, x: tracer.linalg.det(A) * x,
    "expm": lambda A, x: tracer.linalg.expm(A),
    "inverse": lambda A, x: tracer.linalg.solve(A, x[:, None]),
    "logdet": lambda A, x: tracer.linalg.logdet(A) * x,
    "logsumexp": lambda A, x: tracer.reduce_logsumexp(A, axis=0),
    "part": lambda A, x: A[1:, ::2] ** 2,
    "pinv": lambda A, x: tracer.linalg.pinv(A[:2]),
    "range": lambda A, x: tracer.cast(tracer.range(100), "float64"),
    "reduce_max": lambda A, x: tracer.reduce_max(A, axis=1, keepdims=True),
    "reduce_min": lambda A, x: tracer.reduce_min(A),
    "reduce_prod": lambda A, x: tracer.reduce_prod(A, axis=0),
    "reshape": lambda A, x: tracer.reshape(tracer.exp(A @ A), (9,)),
    "selection": lambda A, x: tracer.pad(tracer.exp(x), [[1, 2]]),
    "softmax": lambda A, x: tracer.nn.softmax(A),
}
ELEMENTS = {
    "a choice": lambda x, y: tracer.where(tracer.logical_and(x > 0, tracer.logical_not(y > 1)), x / y, tracer.exp(x)),
    "steps": lambda x, y: tracer.cast(x > y, "float64") * y,
    "extremes": lambda x, y: tracer.maximum(x, y) * tracer.nn.relu(x),
    "powers": lambda x, y: x**3 * tracer.abs(y) ** 0.5 / tracer.sqrt(x * x + 1),
    "named functions": lambda x, y: tracer.nn.softplus(x) * tracer.sigmoid(y) * tracer.math.erf(x),
}


def _values(program, shapes):
    rng = np.random.default_rng(0)
    sources = [tracer.placeholder(f"v{k}", shape) for k, shape in enumerate(shapes)]
    given = [rng.normal(size=shape) for shape in shapes]
    given[0] = given[0] @ given[0].T + np.eye(3) if given[0].ndim == 2 else given[0]
    tensor = program(*sources)
    restated = restate(tensor)
    assert restated is not None
    assert (restated.shape, restated.dtype) == (tensor.shape, tensor.dtype)
    feed = dict(zip(sources, given))
    np.testing.assert_allclose(restated.eval(feed), tensor.eval(feed), rtol=1e-12)
    return tensor


@pytest.mark.unchecked
@pytest.mark.parametrize("part", range(PARTS))
def test_a_case_has_the_value_of_its_closed_form(part):
    def check(name):
        tensor, inputs = derivative(tracer, CASES[name])
        restated = restate(tensor, 20_000)
        assert restated is not None
        assert not list(compiled_faults(CASES[name], tracer.compile(restated, inputs)))

    assert_each(check, {name: [name] for k, name in enumerate(CASES) if k % PARTS == part})


@pytest.mark.parametrize("head", FUNCTIONS)
def test_functions_of_terms_are_operations(head):
    tensor = _values(PROGRAMS[head], [(3, 3), (3,)])
    assert head in {t.head for t in T.subterms(_term(tensor)) if isinstance(t, T.Call)}


def _term(tensor):
    from tracer.formulas.lowering.lower import lower

    return lower([tensor])[0]


@pytest.mark.parametrize("program", ELEMENTS.values(), ids=ELEMENTS)
def test_functions_of_elements_are_operations(program):
    _values(program, [(4,), (4,)])


def test_a_form_needs_less_than_the_program():
    x = tracer.placeholder("x", ("n",))
    restated = restate(tracer.gradients(tracer.norm(x) ** 2, x)[0])
    assert not {"sqrt", "pow", "divide"} & {t.op for t in ancestors([restated])}


def test_what_has_no_form_is_none():
    x = tracer.placeholder("x", ("n",))
    assert restate(tracer.math.segment_max(tracer.placeholder("s", (3,)), [0, 0, 1])) is None
    assert restate(tracer.sort(x)) is None
    with pytest.raises(ValueError, match="no operation is known for 'argsort'"):
        Restating({}).read(T.call("argsort", [T.number(1, (3,))]))


def test_no_tape_sees_it():
    x = tracer.Variable([1.0, 2.0])
    with tracer.GradientTape() as tape:
        y = tracer.norm(x) ** 2
        restated = restate(y)
    assert tape.gradient(restated, x) is None
