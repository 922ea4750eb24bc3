"""What operations ask of their operands, against the points at which value and derivative are finite."""

import itertools

import numpy as np
import pytest
import sympy

import tracer
from tracer.backends.evaluation import run_program
from tracer.explanations.domains import Bound, Kind, bound, demands, derivative_demands, template_demands, uses
from tracer.ops.matrix_domains import matrix_argument
from tracer.rules import TABLE, Elementwise, argument
from tracer.tensor import apply
from tracer.walk import ancestors

GRID = [-3.0, -2.5, -2.0, -1.0, -0.75, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0]
ROWS = [
    name for name, row in TABLE.items() if isinstance(row, Elementwise) and row.result != "bool" and name != "where"
]
CHOSEN = {
    "polygamma": [[0.0, 1.0, 2.0, 3.0], GRID],
    "zeta": [[-1.5, -1.0, 0.0, 1.0, 1.5, 2.0], [-1.5, -1.0, 0.0, 0.5, 2.0]],
}
"""Orders are whole numbers; zeta is slow."""


def _points(name):
    axes = CHOSEN.get(name, [GRID] * TABLE[name].arity)
    return [np.array(column) for column in zip(*itertools.product(*axes))]


def _truth(relation, values):
    """Where a relation over arguments holds, for arrays of their values."""
    names = sorted(relation.free_symbols, key=str)
    compute = sympy.lambdify(names, relation, "numpy")
    given = [values[int(s.name[1:])] for s in names]
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(compute(*given), bool), np.shape(given[0]))


def _hold(tensor, feed, size):
    """Where what all nodes ask that a tensor is computed from holds."""
    found = np.ones(size, bool)
    for node in ancestors([tensor]):
        for demand in demands(node):
            values = [a.eval(feed) if isinstance(a, tracer.Tensor) else a for a in node.args]
            found &= _truth(demand.relation, values)
    return found


@pytest.mark.parametrize("name", ROWS)
def test_rows_are_finite_where_what_they_ask_holds(name):
    points = _points(name)
    sources = [tracer.placeholder(f"x{k}", points[0].shape) for k in range(len(points))]
    feed = dict(zip(sources, points))
    value = apply(TABLE[name], tuple(sources))
    finite = np.isfinite(run_program(value, feed))
    np.testing.assert_array_equal(_hold(value, feed, finite.shape), finite)


@pytest.mark.parametrize("name", [n for n in ROWS if TABLE[n].differentiable])
def test_derivatives_are_finite_where_what_they_ask_holds(name):
    points = _points(name)
    sources = [tracer.placeholder(f"x{k}", points[0].shape) for k in range(len(points))]
    feed = dict(zip(sources, points))
    value = apply(TABLE[name], tuple(sources))
    for source, gradient in zip(sources, tracer.gradients(value, sources)):
        if gradient is None:
            continue
        finite = np.isfinite(run_program(gradient, feed)) & np.isfinite(run_program(value, feed))
        asked = _hold(gradient, feed, finite.shape) & _hold(value, feed, finite.shape)
        # The power is asked for its own value; where it is multiplied by an exponent 0, it need have none.
        idle = points[1] == 0 if name == "pow" else np.zeros(finite.shape, bool)
        np.testing.assert_array_equal(asked | (idle & finite), finite, err_msg=source.name)


x, y = argument(0), argument(1)
SYMPY = [
    (sympy.cot(x), ["0"], ["1", "-2"]),
    (sympy.sec(x), ["pi/2"], ["0", "1"]),
    (sympy.tan(x), ["pi/2", "-3*pi/2"], ["0", "1"]),
    (sympy.csc(x), ["pi"], ["1"]),
    (sympy.asec(x), ["0", "1/2"], ["1", "-2"]),
    (sympy.acsc(x), ["0", "1/2"], ["1", "-2"]),
    (sympy.coth(x), ["0"], ["1", "-1"]),
    (sympy.csch(x), ["0"], ["1", "-1"]),
    (sympy.acoth(x), ["0", "1", "-1"], ["2", "-2"]),
    (sympy.asech(x), ["0", "2", "-1/2"], ["1", "1/2"]),
    (sympy.acsch(x), ["0"], ["1", "-1"]),
    (sympy.gamma(x), ["0", "-2"], ["1/2", "-1/2", "3"]),
    (sympy.factorial(x), ["-1"], ["0", "1/2", "-1/2"]),
    (sympy.Ei(x), ["0"], ["1", "-1"]),
    (sympy.li(x), ["1", "-1"], ["2", "1/2"]),
    (sympy.LambertW(x), ["-1"], ["0", "-1/4", "2"]),
    (sympy.elliptic_k(x), ["1", "2"], ["0", "-3"]),
    (sympy.besselk(0, x), ["0", "-1"], ["1"]),
    (sympy.bessely(1, x), ["0", "-1"], ["1"]),
    (x ** sympy.Rational(1, 3), ["-1"], ["0", "1"]),
    (x**-2, ["0"], ["-1", "1"]),
    (x ** -sympy.sqrt(2), ["0", "-1"], ["1"]),
]


@pytest.mark.parametrize(("template", "outside", "inside"), SYMPY, ids=[str(t) for t, _, _ in SYMPY])
def test_functions_of_sympy_have_domains(template, outside, inside):
    asked = sympy.And(*template_demands(template))
    for text, expected in [*((t, False) for t in outside), *((t, True) for t in inside)]:
        value = sympy.sympify(text)
        assert bool(asked.subs(x, value)) is expected
        number = template.subs(x, value).evalf()
        assert bool(number.is_real and number.is_finite) is expected


def test_numbers_among_operands_are_written_in():
    v = tracer.symbols("v")
    assert [d.relation for d in demands(v**0.5)] == [x >= 0]
    assert demands(v**3.0) == [] == demands(2.0**v)
    assert [d.relation for d in demands(2.0 / v)] == [sympy.Ne(y, 0)]


def test_a_branch_asks_where_it_is_taken_alone():
    inner = sympy.Piecewise((sympy.sqrt(x), x > 0), (1 / y, True))
    assert set(template_demands(inner)) == {sympy.Or(x > 0, sympy.Ne(y, 0))}


def test_operands_are_used_in_their_branch():
    v, w = tracer.symbols("v w")
    assert uses(tracer.where(v > 0, w, v)) == {1: x, 2: ~x}
    assert uses(tracer.math.xlogy(v, w)) == {1: sympy.Ne(x, 0)}
    assert uses(v * w) == {}


KINKS = [
    (lambda v, w: tracer.abs(v), [sympy.Ne(x, 0)]),
    (lambda v, w: tracer.nn.relu(v), [sympy.Ne(x, 0)]),
    (lambda v, w: tracer.nn.relu6(v), [sympy.Ne(x, 0), sympy.Ne(x, 6)]),
    (lambda v, w: tracer.nn.leaky_relu(v), [sympy.Ne(x, 0)]),
    (lambda v, w: tracer.nn.leaky_relu(v, 1.0), []),
    (lambda v, w: tracer.nn.selu(v), [sympy.Ne(x, 0)]),
    (lambda v, w: tracer.maximum(v, w), [sympy.Ne(x, y)]),
    (lambda v, w: tracer.minimum(v, 2.0), [sympy.Ne(x, 2)]),
    (lambda v, w: tracer.clip_by_value(v, 0.0, 1.0), [sympy.Ne(x, 0), sympy.Ne(x, 1)]),
    (lambda v, w: tracer.math.divide_no_nan(v, w), [sympy.Ne(y, 0)]),
    (lambda v, w: tracer.nn.elu(v), []),
    (lambda v, w: tracer.nn.softplus(v), []),
    (lambda v, w: tracer.nn.softsign(v), []),
    (lambda v, w: tracer.where(v > 0, v, w), []),
]


@pytest.mark.parametrize(("build", "expected"), KINKS)
def test_kinks_are_where_a_derivative_jumps(build, expected):
    found = derivative_demands(build(*tracer.symbols("v w")))
    assert {d.relation for d in found} == set(expected)
    assert {d.kind for d in found} <= {Kind.KINK}


@pytest.mark.parametrize("name", [n for n in ROWS if n != "stop_gradient" and TABLE[n].arity == 1])
def test_values_and_derivatives_jump_at_kinks_alone(name):
    """Of functions of one argument, at the points of the grid, by what they are a little to both sides."""
    points = np.array(GRID)
    v = tracer.placeholder("v", points.shape)
    value = apply(TABLE[name], (v,))
    known, jumps = np.ones(points.shape, bool), np.zeros(points.shape, bool)
    for tensor in (value, *tracer.gradients(value, [v])):
        if tensor is not None:
            around = [np.broadcast_to(tensor.eval({v: points + shift}), points.shape) for shift in (-1e-9, 0.0, 1e-9)]
            known &= np.isfinite(around).all(axis=0)
            found = np.where(np.isfinite(around), around, 0.0)
            jumps |= np.ptp(found, axis=0) > 1e-3 * np.maximum(1.0, np.abs(found[1]))
    jumps &= known
    kinks = [_truth(d.relation, [points]) for d in derivative_demands(value)]
    np.testing.assert_array_equal(~np.all([np.ones(points.shape, bool), *kinks], axis=0) & known, jumps)


A = tracer.placeholder("A", ("n", "n"))
M = matrix_argument(tracer.linalg.inv(A), 0)
MATRICES = [
    (tracer.linalg.inv(A), sympy.Ne(sympy.Determinant(M), 0)),
    (tracer.linalg.solve(A, A), sympy.Ne(sympy.Determinant(M), 0)),
    (tracer.linalg.logdet(A), sympy.Determinant(M) > 0),
    (tracer.linalg.cholesky(A), sympy.Q.positive_definite(M)),
]


@pytest.mark.parametrize(("node", "relation"), MATRICES, ids=[t.op for t, _ in MATRICES])
def test_rows_over_matrices_state_what_they_ask(node, relation):
    assert [d.relation for d in demands(node)] == [relation]


def test_gradient_rules_may_ask_more():
    w, v = tracer.linalg.eigh(tracer.placeholder("B", (2, 2)))
    assert demands(w) == demands(v) == []
    assert [d.kind for d in derivative_demands(w)] == [Kind.KINK]
    assert [d.kind for d in derivative_demands(v)] == [Kind.KINK]
    _, left, right = tracer.linalg.svd(tracer.placeholder("B", (3, 2)))
    assert [d.kind for d in derivative_demands(left)] == [Kind.DOMAIN, Kind.KINK]
    assert [d.kind for d in derivative_demands(right)] == [Kind.KINK]


IMPLIED = [
    (x > 1, x > 0, True),
    (x > 0, x >= 0, True),
    (x >= 0, x > 0, False),
    (x >= 1, sympy.Ne(x, 0), True),
    (x >= 0, sympy.Ne(x, 0), False),
    (-x < 0, sympy.Ne(2 * x, 0), True),
    (sympy.Eq(x, 3), x > 2, True),
    (x < 1, x < 2, True),
    (x < 2, x < 1, False),
    (x > 0, y > 0, False),
]


@pytest.mark.parametrize(("first", "second", "expected"), IMPLIED)
def test_bounds_imply_bounds(first, second, expected):
    one, other = bound(first), bound(second)
    assert isinstance(one, Bound)
    assert isinstance(other, Bound)
    assert one.implies(other) is expected
