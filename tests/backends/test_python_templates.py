"""The text of every elementwise template, run, against mpmath at 30 digits."""

import itertools
import math

import mpmath
import numpy as np
import pytest
import sympy

import tracer
from tracer.backends.to_math import MATH
from tracer.backends.to_numpy import NUMPY
from tracer.python_code import literal, name
from tracer.rules import TABLE, Elementwise, argument

BOOLEAN = {
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "logical_not": np.logical_not,
}
ROWS = [op for op in TABLE.values() if type(op) is Elementwise and op.name not in BOOLEAN and op.name != "where"]
VALUES = (0.3, -0.7, 1.75, 2.5, -3.25, 6.0)


def _templates():
    """Every row, and the fused steps that its gradient is made of."""
    found = []
    for op in ROWS:
        found.append(pytest.param(op.template, op.arity, id=op.name))
        for position in range(op.arity if op.differentiable and op.result != "bool" else 0):
            if position in op.closed:
                continue
            step = op.step(position, (None,) * op.arity, unit=False)
            if step is not None and step.op is not None:
                found.append(pytest.param(step.op.template, step.op.arity, id=f"{op.name}-{position}"))
    return found


def run(backend, template, operands):
    """A template as a backend's function, at the operands."""
    function, keys = backend.function(backend.templates.write(template))
    return function(*(operands[k] for k in keys))


def _points(arity):
    return list(itertools.islice(itertools.permutations(VALUES, arity), 0, None, 1 if arity == 1 else 4))[:16]


def _exact(template, points):
    """The values in float64 at the points at which they are finite real numbers."""
    function = sympy.lambdify([argument(k) for k in range(len(points[0]))], template.doit(), "mpmath")
    found = {}
    with mpmath.workdps(30):
        for point in points:
            try:
                value = function(*map(mpmath.mpf, point))
            except (ValueError, ZeroDivisionError, OverflowError):
                continue  # outside of its domain
            if isinstance(value, (bool, mpmath.mpf)) and mpmath.isfinite(value):
                found[point] = float(value)
    return found


def _exact_by_sympy(template, points):
    """The same, of functions that mpmath knows for whole numbers alone."""
    found = {}
    for point in points:
        value = template.subs({argument(k): sympy.Rational(v) for k, v in enumerate(point)}, simultaneous=True)
        value = value.evalf(30)
        if value.is_real and value.is_finite:
            found[point] = float(value)
    return found


@pytest.mark.parametrize(("template", "arity"), _templates())
def test_templates_over_arrays_and_floats(template, arity):
    values = (_exact_by_sympy if template.has(sympy.polygamma) else _exact)(template, _points(arity))
    assert values
    columns = [np.array(c) for c in zip(*values)]
    with np.errstate(all="ignore"):
        got = run(NUMPY, template, columns)
    np.testing.assert_allclose(got * np.ones(len(values)), list(values.values()), rtol=2e-14, atol=1e-300)
    for point, value in values.items():
        assert math.isclose(run(MATH, template, point), value, rel_tol=2e-14, abs_tol=1e-300)


@pytest.mark.parametrize("name", BOOLEAN)
def test_logic(name):
    op = TABLE[name]
    for point in itertools.product([False, True], repeat=op.arity):
        operands = [np.array([p, p]) for p in point]
        for backend, given in ((NUMPY, operands), (MATH, point)):
            assert np.all(run(backend, op.template, given) == BOOLEAN[name](*point))


@pytest.mark.parametrize("condition", [True, False])
def test_where_and_its_gradients(condition):
    x, y, g = 2.0, -3.0, 5.0
    op = TABLE["where"]
    for backend in (NUMPY, MATH):
        assert run(backend, op.template, (condition, x, y)) == (x if condition else y)
    for position, expected in ((1, g if condition else 0), (2, 0 if condition else g)):
        step = op.step(position, (None,) * 3, unit=False)
        values = {-2: g, 0: np.bool_(condition)}
        assert run(NUMPY, step.op.template, [values[k] for k in step.picks]) == expected


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (argument(0) ** 2, "_0 ** 2"),
        (argument(0) ** 3, "_0 * _0 * _0"),
        (argument(0) ** -1, "1 / _0"),
        (sympy.sqrt(argument(0)), "np.sqrt(_0)"),
        (sympy.Max(argument(0), argument(1), 0), "np.maximum(0, np.maximum(_0, _1))"),
        (sympy.Piecewise((argument(1), argument(0) > 0), (0, True)), "np.where(_0 > 0, _1, 0)"),
        (sympy.floor(argument(0) / argument(1)), "_0 // _1"),
        (sympy.polygamma(0, argument(0)), "special.digamma(_0)"),
        (sympy.pi * argument(0), "np.pi * _0"),
        (-argument(0) * argument(1) / argument(2), "-_0 * _1 / _2"),
    ],
)
def test_texts_are_what_a_person_would_write(template, text):
    assert str(NUMPY.templates.write(template)) == text


def test_parentheses_stand_where_they_are_needed():
    write = NUMPY.templates.write
    minus, power = write(argument(0) - argument(1)), write(argument(0) ** argument(1))
    a, b, c = map(name, "abc")
    inner = minus.filled([a, b])
    assert str(minus.filled([inner, c])) == "a - b - c"
    assert str(minus.filled([c, inner])) == "c - (a - b)"
    assert str(power.filled([inner, inner])) == "np.power(a - b, a - b)"
    square = write(argument(0) ** 2)
    assert str(square.filled([inner])) == "(a - b) ** 2"
    assert str(square.filled([literal(-1)])) == "(-1) ** 2"


def test_other_functions_of_sympy_by_mpmath():
    x = tracer.constant([0.5, 2.0])
    bessel = tracer.apply(sympy.besselj, 0, x)
    import scipy.special

    np.testing.assert_allclose(bessel.numpy(), scipy.special.j0([0.5, 2.0]), rtol=1e-14)
    incomplete = tracer.apply(sympy.uppergamma, 2, x)
    np.testing.assert_allclose(incomplete.numpy(), scipy.special.gammaincc(2, [0.5, 2.0]), rtol=1e-14)


def test_a_function_without_numeric_form_is_refused_by_name():
    class mystery(sympy.Function):
        pass

    x = tracer.constant([0.5])
    with pytest.raises(TypeError, match="no numeric form of mystery"):
        tracer.apply(mystery, x).numpy()


def test_a_loop_that_is_written_within_another_one_is_written_as_alone():
    """As two threads may: the index that one walk is within is nothing to another one."""
    k = sympy.Symbol("k")
    first, second = (sympy.Sum(argument(0) ** k * sympy.sin(k), (k, 0, n)) for n in (3, 5))
    within = []

    class Interrupted(type(NUMPY.templates)):
        def function(self, expr):
            if not within:
                within.append(None)
                within.append(str(writer.write(second)))
            return super().function(expr)

    writer = Interrupted(NUMPY.templates.functions, dict)
    assert str(writer.write(first)) == str(NUMPY.templates.write(first))
    assert within[1] == str(NUMPY.templates.write(second))


p, q = argument(0), argument(1)
i, j = sympy.symbols("i j", integer=True)
SERIES = [
    sympy.Sum(p**i, (i, 0, 4)),
    sympy.Product(p + i, (i, 1, 3)),
    sympy.Sum(i * p ** (i - 1), (i, 0, 4)),
    sympy.Sum(q * i + p, (i, 2, 5)),
    sympy.Sum(p, (i, 1, 0)),
    sympy.Product(p, (i, 1, 0)),
    sympy.Sum(sympy.Sum(p**i * q**j, (j, 0, i)), (i, 0, 3)),
    sympy.Sum(sympy.Product(p + i * j, (j, 1, i)), (i, 1, 3)),
    sympy.Product(sympy.Sum(p**j + i, (j, 0, i)), (i, 0, 2)),
    q - sympy.Sum(p - i, (i, 0, 2)) * q,
]


@pytest.mark.parametrize("template", SERIES, ids=str)
def test_series_are_loops(template):
    points = [(0.3, -0.7), (1.75, 2.5), (-3.25, 6.0)]
    values = [{p: sympy.Rational(a), q: sympy.Rational(b)} for a, b in points]
    expected = [float(template.subs(at).doit()) for at in values]
    np.testing.assert_allclose(run(NUMPY, template, [np.array(c) for c in zip(*points)]) * np.ones(3), expected)
    np.testing.assert_allclose([run(MATH, template, point) for point in points], expected)


def test_terms_of_weight_zero_are_left_out_and_the_sum_keeps_its_shape():
    template = sympy.Sum(i * p ** (i - 1), (i, 0, 2))
    assert str(NUMPY.templates.write(template)).count(" if ") == 1
    assert run(NUMPY, template, [np.zeros(3)]).tolist() == [1.0, 1.0, 1.0]
    nothing = sympy.Sum(i * p ** (i - 1), (i, 0, 0))
    assert run(NUMPY, nothing, [np.zeros(3)]).tolist() == [0.0, 0.0, 0.0]
    assert run(MATH, nothing, [0.0]) == 0.0
