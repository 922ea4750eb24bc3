"""Closed forms as tensors again: they have the values of the programs, and need less to be finite."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

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
    "cumprod": lambda A, x: tracer.cumprod(A, 1, exclusive=True) + tracer.cumprod(A, 1, reverse=True),
    "det": lambda A, x: tracer.linalg.det(A) * x,
    "expm": lambda A, x: tracer.linalg.expm(A),
    "inverse": lambda A, x: tracer.linalg.solve(A, x[:, None]),
    "logdet": lambda A, x: tracer.linalg.logdet(A) * x,
    "logsumexp": lambda A, x: tracer.reduce_logsumexp(A, axis=0),
    "part": lambda A, x: A[1:, ::2] ** 2,
    "pinv": lambda A, x: tracer.linalg.pinv(A[:2]),
    "range": lambda A, x: tracer.cast(tracer.range(3, 500, 2), "float64"),
    "reduce_max": lambda A, x: tracer.reduce_max(A, axis=1, keepdims=True),
    "reduce_min": lambda A, x: tracer.reduce_min(A),
    "reduce_prod": lambda A, x: tracer.reduce_prod(A, axis=0),
    "reshape": lambda A, x: tracer.reshape(tracer.exp(A @ A), (9,)),
    "selection": lambda A, x: tracer.pad(tracer.exp(x), [[1, 2]]),
    "softmax": lambda A, x: tracer.exp(A - tracer.reduce_logsumexp(A)) + tracer.nn.softmax(A),
}
ELEMENTS = {
    "a choice": lambda x, y: tracer.where(tracer.logical_and(x > 0, tracer.logical_not(y > 1)), x / y, tracer.exp(x)),
    "steps": lambda x, y: (
        tracer.cast(x > y, "float64") * y + tracer.cast(x > 0, "float64") + tracer.cast(y > 0, "float64")
    ),
    "conditions": lambda x, y: tracer.logical_not(tracer.logical_or(x > y, tracer.not_equal(x, 2 * y))),
    "truth": lambda x, y: tracer.logical_or(x > y, x <= y),
    "counts": lambda x, y: tracer.reduce_sum(tracer.cast(x > 0, "int64")),
    "choices": lambda x, y: tracer.where(x > 1, x, tracer.where(x > 0, y, tracer.where(y > 0, 2 * x, x * y))),
    "a constant": lambda x, y: 0 * x + 2.5,
    "sums": lambda x, y: x**3 / 3 + 2 * y + x,
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


@pytest.mark.parametrize("program", ELEMENTS.values(), ids=ELEMENTS)
def test_numbers_are_those_of_programs(program):
    restated = restate(program(tracer.placeholder("x", (4,)), tracer.placeholder("y", (4,))))
    numbers = [a for t in ancestors([restated]) for a in t.args if not isinstance(a, tracer.Tensor)]
    assert all(type(a) in (int, float) for a in numbers)
    assert not any(isinstance(a, float) and a.is_integer() for a in numbers)
    assert 1 not in [a for t in ancestors([restated]) if t.op == "multiply" for a in t.args if type(a) is int]


def test_conditions_and_integers_that_are_given():
    b, i = tracer.placeholder("b", (2,), dtype="bool"), tracer.placeholder("i", (2,), dtype="int64")
    given = {b: np.array([True, False]), i: np.array([2, 4])}
    for tensor in (tracer.logical_not(b), 1 / tracer.cast(i, "float64"), i * i + i):
        restated = restate(tensor)
        assert restated.dtype == tensor.dtype
        np.testing.assert_array_equal(restated.eval(given), tensor.eval(given))


def test_choices_are_made_in_their_order():
    terms = [T.source(name, ()) for name in "xyz"]
    sources = {name: tracer.placeholder(name) for name in "xyz"}
    conditions = [T.call(sympy.Gt, [terms[0], T.number(k)]) for k in (2, 1, 0)]
    for last, other in (([], np.nan), ([T.number(7)], 7.0)):
        parts = [p for pair in zip(terms, conditions) for p in pair]
        tensor = Restating(sources).read(T.call(sympy.Piecewise, [*parts, *last]))
        found = [tensor.eval({sources["x"]: v, sources["y"]: 10.0, sources["z"]: 20.0}) for v in (3.0, 1.5, 0.5, -1.0)]
        np.testing.assert_array_equal(found, [3.0, 10.0, 20.0, other])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_softmax_is_over_as_many_of_the_last_axes(count):
    source = tracer.placeholder("S", (2, 3, 4))
    made = Restating({"S": source}).read(T.call("softmax", [T.source("S", (2, 3, 4))], count))
    at = np.random.default_rng(0).normal(size=(2, 3, 4))
    wanted = np.exp(at) / np.exp(at).sum(tuple(range(3 - count, 3)), keepdims=True)
    np.testing.assert_allclose(made.eval({source: at}), wanted, rtol=1e-14)
    assert (made.op == "softmax") is (count == 1)


def test_short_floats_stay_short():
    restated = restate(tracer.placeholder("x", (2,), dtype="float32") ** 3)
    assert {t.dtype for t in ancestors([restated])} == {"float32"}


def test_a_compiled_form_has_a_softmax_over_all_axes():
    A = tracer.placeholder("A", (2, 3))
    p = tracer.exp(A - tracer.reduce_logsumexp(A))
    x = tracer.placeholder("x", (2,))
    slope = tracer.gradients(tracer.norm(x) ** 2 * p[0, 0], x)[0]
    at = np.array([[0.0, 1.0, 2.0], [0.5, 0.0, -1.0]])
    wanted = np.exp(at[0, 0]) / np.exp(at).sum()
    np.testing.assert_allclose(tracer.compile(slope, [x, A])(np.array([1.0, 0.0]), at), [2 * wanted, 0.0], rtol=1e-14)


def test_what_has_no_form_is_none():
    y = tracer.placeholder("y", (3,))
    assert restate(y / 0.0) is None
    assert restate(y * np.inf) is None
    assert restate(y + tracer.constant(np.inf)) is None
    assert restate(tracer.exp(y) * y, 1) is None
    x = tracer.placeholder("x", ("n",))
    assert restate(tracer.math.segment_max(tracer.placeholder("s", (3,)), [0, 0, 1])) is None
    assert restate(tracer.sort(x)) is None
    with pytest.raises(ValueError, match="no operation is known for 'argsort'"):
        Restating({}).read(T.call("argsort", [T.number(1, (3,))]))


def test_no_tape_sees_it():
    x = tracer.Variable([1.0, 2.0])
    with tracer.GradientTape(persistent=True) as tape:
        y = tracer.norm(x) ** 2
        restated = restate(y)
        later = 2 * y
    assert tape.gradient(restated, x) is None
    assert tape.gradient(later, y).numpy() == 2.0
