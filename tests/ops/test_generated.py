"""What holds of every row: value, derivatives, shapes, batches, formulas, elements, code; and a wrong row is caught.

Elementwise rows and functions of square matrices need no more than their record: points are drawn from their domain.
Other rows have a call each in ``samples``.
"""

import itertools
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy

import tracer
from tests.helpers import assert_each
from tracer.backends import program_choice
from tracer.backends.compilation import BACKENDS
from tracer.backends.to_numpy import NUMPY
from tracer.backprop import pull
from tracer.dtypes import FLOATS
from tracer.ops.contraction import Contraction
from tracer.ops.elementwise import FUNCTIONS, row
from tracer.ops.matrix_rows import MATRIX_FUNCTIONS, again, each, matrix_function, per_matrix
from tracer.program.lines import Kind, Line
from tracer.program.program import Program
from tracer.program.rewriting import rewrite
from tracer.python_code import PLUS, assemble
from tracer.python_scope import SCOPE
from tracer.rules import TABLE, Elementwise, argument
from tracer.tensor import SOURCES, Tensor, apply
from tracer.walk import ancestors

from .row_checks import (
    check_backends,
    check_batch,
    check_contexts,
    check_derivatives,
    check_formulas,
    check_gradients_of_batches,
    check_value,
)
from .samples import SAMPLES, Sample

pytestmark = pytest.mark.unchecked  # by points of the domain here

ROWS = [op for op in TABLE.values() if isinstance(op, Elementwise)]
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


def tensors(op, point, prefix="x"):
    kind = "bool" if isinstance(point[0], bool) else "float64"
    return [tracer.placeholder(f"{prefix}{k}", dtype=kind) for k in range(op.arity)]


@cache
def sample_of(op):
    """The operation on vectors of points of its domain."""

    def reference(*columns):
        return np.vectorize(lambda *point: float(exact(op, point)), otypes=[float])(*columns)

    points = tuple(points_of(op))
    kind = "bool" if isinstance(points[0][0], bool) else "float64"
    return Sample(lambda *xs: apply(op, xs), (("n",),) * op.arity, reference, dtype=kind, points=points)


NAMES = list(dict.fromkeys([*(op.name for op in ROWS), *SAMPLES]))


def call_of(name):
    """A call of a row; points are looked for when it is asked for."""
    return SAMPLES[name] if name in SAMPLES else sample_of(TABLE[name])


CHECKS = [check_value, check_batch, check_contexts, check_backends, check_formulas]


@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_what_it_says(name):
    assert_each(lambda check: check(name, call_of(name)), {check.__name__: (check,) for check in CHECKS})


@pytest.mark.parametrize("name", [name for name in SAMPLES if TABLE[name].pullback is not None])
def test_derivatives_are_differences(name):
    check_derivatives(name, SAMPLES[name])


@pytest.mark.parametrize("name", [n for n in SAMPLES if TABLE[n].pullback is not None and TABLE[n].batch is again])
def test_gradients_of_a_batch_are_those_of_its_members(name):
    check_gradients_of_batches(name, SAMPLES[name])


@pytest.mark.parametrize("name", [n for n in SAMPLES if TABLE[n].pullback is not None])
def test_gradients_have_the_dtype_of_their_sources(name):
    sample = SAMPLES[name]._replace(dtype="float32")
    sources = sample.sources()
    gradients = tracer.gradients(sample.build(*sources), sources, unconnected_gradients="zero")
    assert {g.dtype for g in gradients} == {"float32"}


@pytest.mark.parametrize("name", [n for n in SAMPLES if TABLE[n].pullback is not None])
def test_a_pullback_answers_in_the_shape_and_dtype_of_the_operand(name):
    """To indices nothing flows; a number as cotangent stands for a tensor of it."""
    sample = SAMPLES[name]._replace(dtype="float32")
    sources = sample.sources()
    feed = dict(zip(sources, sample.draw(0)))
    for node in ancestors([sample.build(*sources)]):
        if node.op == name:
            ones = tracer.broadcast_to(tracer.constant(2.0, node.dtype), node.shape)
            for position, operand in enumerate(node.args):
                if not isinstance(operand, Tensor):
                    continue
                found = pull(node, ones, position)
                if not isinstance(found, Tensor):
                    assert found == 0 or operand.dtype not in FLOATS
                    continue
                assert (found.shape, found.dtype) == (operand.shape, operand.dtype)
                same = tracer.broadcast_to(pull(node, 2, position), operand.shape)
                np.testing.assert_allclose(same.eval(feed), found.eval(feed), rtol=1e-5, atol=1e-5)


def test_every_row_is_tested():
    assert set(NAMES) == {name for name, op in TABLE.items() if op not in SOURCES and type(op) is not Contraction}


@pytest.mark.parametrize("backend", [b for b in BACKENDS.values() if not b.arrays], ids=lambda b: b.name)
def test_a_backend_of_scalars_has_the_value_of_each_template(backend):
    """In one program, as a compiler is slow to start; what it lacks is known by name."""
    outputs, inputs, values = [], [], []
    for op in ROWS:
        for point in points_of(op):
            sources = tensors(op, point, f"x{len(inputs)}_")
            output = apply(op, tuple(sources))
            if backend.lacks(Program([output], sources)):
                continue
            outputs.append(output)
            inputs += sources
            values += [(op.name, point)]
    found = tracer.compile(outputs, inputs, backend=backend.name)(*(x for _, point in values for x in point))
    assert len(found) > 3 * len(ROWS)
    for (name, point), value in zip(values, found, strict=True):
        assert float(value) == pytest.approx(float(exact(TABLE[name], point)), rel=1e-12, abs=1e-13), (name, point)


@pytest.mark.parametrize("op", [op for op in ROWS if op.differentiable], ids=lambda op: op.name)
@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_are_differences_in_high_precision(op, order):
    for k in set(range(op.arity)) - set(op.closed):
        wanted = {point: difference(op, point, k, order) for point in points_of(op)}
        points = [point for point, value in wanted.items() if value is not None]
        sources = [tracer.placeholder(f"x{j}", (len(points),)) for j in range(op.arity)]
        found = apply(op, tuple(sources))
        for _ in range(order):
            found = tracer.gradients(found, sources[k], unconnected_gradients="zero")[0]
        values = found.eval(dict(zip(sources, zip(*points))))
        for point, value in zip(points, values, strict=True):
            assert float(value) == pytest.approx(float(wanted[point]), rel=1e-9, abs=1e-9), (point, k)


def difference(op, point, k, order):
    """The derivative by one argument, from values of the template; None where one of them is outside of its domain."""
    with mpmath.workdps(60):
        step = mpmath.mpf(10) ** -12
        values = [exact(op, [*point[:k], point[k] + j * step, *point[k + 1 :]], 60) for j in (-1, 0, 1)]
        if None in values:
            return None
        below, here, above = values
        return (above - below) / (2 * step) if order == 1 else (above - 2 * here + below) / step**2


@pytest.fixture
def mish():
    """A function that sympy lacks, as one record."""
    name = "mish_of_the_tests"
    yield row(name, "x", definition=lambda x: x * sympy.tanh(sympy.log(1 + sympy.exp(x))), latex=r"\operatorname{mish}")
    del TABLE[name], FUNCTIONS[name]


def test_a_function_that_sympy_lacks_is_one_record(mish):
    for check in CHECKS:
        check(mish.name, sample_of(mish))
    for order in (1, 2):
        test_derivatives_are_differences_in_high_precision(mish, order)
    x = tracer.placeholder("x", ("n",))
    tensor = apply(mish, (x,))
    assert str(tensor.formula()) == "mish_of_the_tests(x)"
    assert tracer.formula(tensor, "latex") == r"\operatorname{mish}(x)"
    assert str(apply(mish, (tracer.placeholder("y", (1,)),)).components()) == "[mish_of_the_tests(y[0])]"


def trace_of_square(name, factor):
    """A function of matrices to numbers as one record, with this multiple of its gradient."""
    return matrix_function(
        name,
        lambda node, cotangent, position: factor * per_matrix(cotangent) * tracer.linalg.matrix_transpose(node.args[0]),
        numpy=lambda e, node, x: e.np.trace(x @ x, axis1=-2, axis2=-1),
        components=each(lambda m: (m * m).trace()),
        summary="The trace of the square of square matrices.",
        latex=r"\operatorname{trsq}",
        to_scalar=True,
    )


@pytest.mark.parametrize("factor", [2, 6])
def test_a_function_of_matrices_to_numbers_is_one_record(factor):
    name = "trace_of_square_of_the_tests"
    try:
        sample = Sample(trace_of_square(name, factor))
        for check in CHECKS:
            check(name, sample)
        if factor == 2:
            check_derivatives(name, sample)
            A = tracer.placeholder("A", ("n", "n"))
            assert tracer.formula(sample.build(A), "latex") == r"\operatorname{trsq}(A)"
            assert sample.build(A).shape == ()
        else:
            with pytest.raises(AssertionError):
                check_derivatives(name, sample)
    finally:
        del TABLE[name], MATRIX_FUNCTIONS[name]


def test_a_row_without_template_and_definition_is_refused():
    with pytest.raises(TypeError, match="template, or the definition"):
        row("nothing", "x")


@pytest.mark.parametrize("fault", [lambda x: 3 * sympy.cos(x), lambda x: sympy.cos(x) + x / 10**6])
def test_a_planted_derivative_is_found(fault):
    op = Elementwise("planted", sympy.sin(argument(0)), 1, partials=lambda: {0: fault(argument(0))}, result="float")
    with pytest.raises(AssertionError):
        test_derivatives_are_differences_in_high_precision(op, 1)


@pytest.mark.parametrize("factor", [3, -1])
@pytest.mark.parametrize("op", [op for op in ROWS if op.differentiable], ids=lambda op: op.name)
def test_a_wrong_derivative_of_any_elementwise_row_is_caught(op, factor):
    partials = {k: factor * op.partial(k) for k in range(op.arity) if k not in op.closed}
    wrong = Elementwise(op.name, op.template, op.arity, partials=lambda: partials, result="float", closed=op.closed)
    if any(partials.values()):
        with pytest.raises(AssertionError):
            test_derivatives_are_differences_in_high_precision(wrong, 1)


def turned(tensor):
    """A contribution with its last two axes exchanged, or one of them backwards."""
    if tensor.ndim > 1 and tensor.shape[-1] == tensor.shape[-2]:
        return tracer.linalg.matrix_transpose(tensor)
    return tracer.reverse(tensor, [-1])


FAULTS = {
    "three times": lambda g: 3 * g,
    "the other sign": lambda g: -g,
    "turned": lambda g: turned(g) if isinstance(g, Tensor) and g.ndim else 3 * g,
}
WITHOUT_FAULT = {("slogdet_sign", fault) for fault in FAULTS}
WITHOUT_FAULT |= {(name, "turned") for name in ("cholesky", "eigvalsh", "eigenvectors", "spectral_function")}
"""Contributions that are zero, or symmetric matrices."""


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [name for name in SAMPLES if TABLE[name].pullback is not None])
def test_a_wrong_gradient_of_any_row_is_caught(name, fault, monkeypatch):
    op = TABLE[name]
    right = op.pullback

    def wrong(node, cotangent, position):
        found = right(node, cotangent, position)
        return None if found is None else FAULTS[fault](found)

    monkeypatch.setattr(op, "pullback", wrong)
    if (name, fault) in WITHOUT_FAULT:
        check_derivatives(name, SAMPLES[name])
    else:
        with pytest.raises(AssertionError):
            check_derivatives(name, SAMPLES[name])


def computed_template(op):
    """The template of the line that the operation is computed by in the end."""
    found = rewrite(op.template, [Line(Kind.ARGUMENT, (), None, (), "float64") for _ in range(op.arity)])
    return op.template if found is None else found[1][-1][0]


def plant_code(name, fault, monkeypatch):
    """Let a row have other code."""
    op = TABLE[name]
    monkeypatch.setattr(NUMPY, "_codes", {})
    if isinstance(op, Elementwise):
        template = computed_template(op)
        monkeypatch.setattr(NUMPY, "_codes", {template: fault(NUMPY.templates.write(template))})
    else:
        right = op.numpy
        monkeypatch.setattr(op, "numpy", lambda *given: fault(right(*given)))


WITHOUT_CODE = {"add_n", "cast", "identity", "rank", "shape", "size", "stop_gradient"}
"""Rows that are no code of their own: a kind of line, a copy, or a number that is known."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_CODE])
def test_wrong_code_of_any_row_is_caught(name, monkeypatch):
    condition = call_of(name).build(*call_of(name).sources()).dtype == "bool"
    plant_code(name, SCOPE.np.logical_not if condition else lambda code: code * 3 + 1, monkeypatch)
    with pytest.raises(AssertionError):
        check_value(name, call_of(name))


WRITTEN_APART = {"one_hot", "scatter", "selu", "spectral_frechet"}
"""Rows whose code has a line of its own wherever it stands."""


def unbracketed(code):
    """Code of the same value, if it is put in parentheses beside what binds more tightly, and is not."""
    return assemble("-1 + ", (code, PLUS), " + 1")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_CODE])
def test_code_without_parentheses_is_caught(name, monkeypatch):
    sample = call_of(name)
    if sample.build(*sample.sources()).dtype == "bool":
        return
    plant_code(name, unbracketed, monkeypatch)
    monkeypatch.setattr(program_choice, "BRIEF", 0)  # The operation itself, and not what its closed form says.
    if name in WRITTEN_APART:
        check_contexts(name, sample)
    else:
        with pytest.raises(AssertionError):
            check_contexts(name, sample)


def test_nothing_is_compared_with_nothing():
    zero = {op.name for op in ROWS if not any(exact(op, point) for point in points_of(op, 1000))}
    assert zero == {"equal", "is_inf", "is_nan"}
