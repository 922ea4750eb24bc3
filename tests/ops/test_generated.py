"""What holds of every elementwise row, found from the row alone: value, derivatives, batches, formulas, code."""

import itertools
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy

import tracer
from tracer.formulas.errors import FormulaError
from tracer.ops.elementwise import FUNCTIONS, row
from tracer.rules import TABLE, Elementwise, argument
from tracer.tensor import apply
from tracer.testing.interpreter import evaluate

pytestmark = pytest.mark.unchecked  # by points of the domain here

ROWS = [op for name, op in TABLE.items() if isinstance(op, Elementwise) and name in FUNCTIONS]
GRID = [-1.75, -0.625, 0.375, 0.8125, 1.6875, 2.3125]


@cache
def by_mpmath(op):
    return sympy.lambdify(list(map(argument, range(op.arity))), op.template.doit(), "mpmath")


def exact(op, point, digits=40):
    """The value of the template by mpmath; None outside of its domain."""
    with mpmath.workdps(digits):
        try:
            value = by_mpmath(op)(*map(mpmath.mpf, point))
        except (ValueError, ZeroDivisionError, TypeError, OverflowError):
            return None
        return value if isinstance(value, (bool, int, mpmath.mpf)) and mpmath.isfinite(value) else None


@cache
def points_of(op, count=6):
    """Points of the domain, away from those where a convention decides."""
    if op.name.startswith("logical"):
        grids = [[True, False]] * op.arity
    else:
        grids = [[x + 0.0546875 * k for x in GRID] for k in range(op.arity)]
    if op.name == "polygamma":
        grids[0] = [0.0, 1.0, 2.0]
    found = [p for p in itertools.product(*grids) if exact(op, p) is not None]
    return found[:: max(1, len(found) // count)]


def tensors(op, point):
    kind = "bool" if isinstance(point[0], bool) else "float64"
    return [tracer.placeholder(f"x{k}", dtype=kind) for k in range(op.arity)]


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_both_backends_of_python_have_the_value_of_the_template(op):
    points = points_of(op)
    assert points
    for backend in ("numpy", "math"):
        sources = tensors(op, points[0])
        function = tracer.compile(apply(op, tuple(sources)), sources, backend=backend)
        for point in points:
            assert float(function(*point)) == pytest.approx(float(exact(op, point)), rel=1e-12, abs=1e-13), point


@pytest.mark.parametrize("op", [op for op in ROWS if op.differentiable], ids=lambda op: op.name)
@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_are_differences_in_high_precision(op, order):
    for point in points_of(op, 3):
        for k in range(op.arity):
            if k in op.closed:
                continue
            sources = tensors(op, point)
            found = apply(op, tuple(sources))
            for _ in range(order):
                found = tracer.gradients(found, sources[k], unconnected_gradients="zero")[0]

            def along(t, k=k, point=point):
                return exact(op, [*point[:k], point[k] + t, *point[k + 1 :]], 60)

            with mpmath.workdps(60):
                step = mpmath.mpf(10) ** -12
                values = [along(j * step) for j in (-1, 0, 1)]
                if None in values:
                    continue
                below, here, above = values
                want = (above - below) / (2 * step) if order == 1 else (above - 2 * here + below) / step**2
            value = found.eval(dict(zip(sources, point)))
            assert float(value) == pytest.approx(float(want), rel=1e-9, abs=1e-9), (point, k)


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_a_batch_is_its_elements(op):
    points = points_of(op)
    columns = [np.array(column) for column in zip(*points)]
    batch = np.asarray(apply(op, tuple(map(tracer.constant, columns))).numpy(), float)
    np.testing.assert_allclose(batch, [float(exact(op, p)) for p in points], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("op", [op for op in ROWS if op.result != "bool"], ids=lambda op: op.name)
def test_the_formula_has_the_value(op):
    sources = tensors(op, points_of(op)[0])
    if sources[0].dtype == "bool":
        return
    tensor = apply(op, tuple(sources))
    formula, text = tensor.formula(), python_text(tensor)
    for point in points_of(op, 3):
        arrays = {s.name: np.asarray(x) for s, x in zip(sources, point)}
        want = pytest.approx(float(exact(op, point)), rel=1e-9, abs=1e-9)
        assert float(evaluate(formula, {}, arrays)) == want
        if text is not None:
            assert float(eval(text, {"np": np, **arrays})) == want


def python_text(tensor):
    try:
        return tracer.formula(tensor, form="python")
    except FormulaError:
        return None


OF_MATRICES = [op.name for op in TABLE.values() if op.facts.transposes and hasattr(tracer.linalg, op.name)]


@pytest.mark.parametrize("name", OF_MATRICES)
def test_a_function_of_matrices_has_the_value_of_its_elements(name):
    A = tracer.placeholder("A", (2, 2))
    tensor = getattr(tracer.linalg, name)(A)
    value = np.array([[2.5, 0.75], [-0.25, 1.5]])
    symbols = {sympy.IndexedBase("A", real=True)[i, j]: sympy.Float(value[i, j]) for i in (0, 1) for j in (0, 1)}
    entries = [sympy.sympify(e).xreplace(symbols).evalf() for row_ in tensor.components().tolist() for e in row_]
    components = np.reshape([float(sympy.re(e)) for e in entries], (2, 2))
    np.testing.assert_allclose(tensor.eval({A: value}), components, rtol=1e-10)
    np.testing.assert_allclose(evaluate(tensor.formula(), {}, {"A": value}), components, rtol=1e-10)
    np.testing.assert_allclose(tensor.eval({A: value.T}), components.T, rtol=1e-10)
    batch = getattr(tracer.linalg, name)(np.stack([value, 2 * value.T])).numpy()
    np.testing.assert_allclose(batch[0], components, rtol=1e-10)


@pytest.mark.parametrize("name", OF_MATRICES)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_gradient_of_a_function_of_matrices_is_differences(name, size):
    rng = np.random.default_rng(size)
    A, C = (tracer.placeholder(letter, ("n", "n")) for letter in "AC")
    point, weights = 2 * np.eye(size) + 0.3 * rng.normal(size=(size, size)), rng.normal(size=(size, size))
    scalar = tracer.reduce_sum(C * getattr(tracer.linalg, name)(A))
    found = tracer.gradients(scalar, A)[0].eval({A: point, C: weights})
    function = tracer.compile(scalar, [A, C])
    for i, j in np.ndindex(size, size):
        step = np.zeros((size, size))
        step[i, j] = 1e-5
        slope = (function(point + step, weights) - function(point - step, weights)) / 2e-5
        assert found[i, j] == pytest.approx(slope, rel=1e-5, abs=1e-7)


def test_the_adjugate_of_singular_matrices():
    np.testing.assert_allclose(tracer.linalg.adjugate(np.diag([1.0, 0.0, 2.0])).numpy(), np.diag([0.0, 2.0, 0.0]))


@pytest.fixture
def mish():
    """A function that sympy lacks, as one record."""
    name = "mish_of_the_tests"
    yield row(name, "x", definition=lambda x: x * sympy.tanh(sympy.log(1 + sympy.exp(x))), latex=r"\operatorname{mish}")
    del TABLE[name], FUNCTIONS[name]


def test_a_function_that_sympy_lacks_is_one_record(mish):
    for check in (
        test_both_backends_of_python_have_the_value_of_the_template,
        test_a_batch_is_its_elements,
        test_the_formula_has_the_value,
        lambda op: test_derivatives_are_differences_in_high_precision(op, 2),
    ):
        check(mish)
    x = tracer.placeholder("x", ("n",))
    tensor = apply(mish, (x,))
    assert str(tensor.formula()) == "mish_of_the_tests(x)"
    assert tracer.formula(tensor, "latex") == r"\operatorname{mish}\left(x\right)"
    assert str(apply(mish, (tracer.placeholder("y", (1,)),)).components()) == "[mish_of_the_tests(y[0])]"


def test_a_row_without_template_and_definition_is_refused():
    with pytest.raises(TypeError, match="template, or the definition"):
        row("nothing", "x")


@pytest.mark.parametrize("fault", [lambda x: 3 * sympy.cos(x), lambda x: sympy.cos(x) + x / 10**6])
def test_a_planted_derivative_is_found(fault):
    op = Elementwise("planted", sympy.sin(argument(0)), 1, partials=lambda: {0: fault(argument(0))}, result="float")
    with pytest.raises(AssertionError):
        test_derivatives_are_differences_in_high_precision(op, 1)


def test_nothing_is_compared_with_nothing():
    zero = {op.name for op in ROWS if not any(exact(op, point) for point in points_of(op, 1000))}
    assert zero == {"equal", "is_inf", "is_nan"}
