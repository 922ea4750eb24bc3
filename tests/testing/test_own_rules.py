"""The gradient rule of every row is checked against the derivatives of what the row computes, and its code with it.

A row is called as in the tests of rows: elementwise ones need no more than their record, others have a sample.
That the value has the same code in each backend is tested with the rows; here it is that of the gradient.
"""

import numpy as np
import pytest
import sympy
from hypothesis import strategies as st

import tracer as tf
from tests.ops.row_checks import check_backends, close
from tests.ops.samples import LARGER, SAMPLES, SIZES
from tests.ops.test_generated import ROWS, sample_of
from tracer.backends.compilation import BACKENDS
from tracer.precise.arithmetic import box_numbers
from tracer.precise.digits import Digits
from tracer.precise.numeric import Numeric
from tracer.program.program import Program
from tracer.rules import TABLE, Elementwise, argument
from tracer.tensor import apply
from tracer.testing import GradientMismatch, check_gradients

pytestmark = pytest.mark.unchecked  # by points of the domain here

EXAMPLES = 1
"""How many points hypothesis draws, beside those that are always tried."""

NUMBERS, BROADCAST = ((), (), ()), (("m", "n"), ("n",), ())
"""The shapes of the operands of an elementwise row: by these it has the same derivatives, element by element."""


def call_of(op, shapes=NUMBERS):
    """What records an operation, and the shapes of its operands."""
    if not isinstance(op, Elementwise):
        return SAMPLES[op.name].build, SAMPLES[op.name].shapes
    if op.name == "where":
        return lambda condition, x, y: tf.where(condition > 0, x, y), shapes
    if op.name in WHOLE:
        return lambda x: apply(op, (WHOLE[op.name], x)), ((),)
    return lambda *xs: apply(op, xs), shapes[: op.arity]


WHOLE = {"polygamma": 2, "zeta": 3}
"""Rows whose first operand is a number, by which there is no gradient."""

DIFFERENTIABLE = [
    op.name
    for op in TABLE.values()
    if (op.differentiable if isinstance(op, Elementwise) else op.name in SAMPLES and op.pullback is not None)
]
ELEMENTWISE = [name for name in DIFFERENTIABLE if isinstance(TABLE[name], Elementwise)]
CHOOSING = sympy.Piecewise, sympy.Max, sympy.Min, sympy.Abs, sympy.sign, sympy.Heaviside, sympy.floor, sympy.ceiling
SMOOTH = [name for name in ELEMENTWISE if not TABLE[name].partials and not TABLE[name].template.has(*CHOOSING)]
"""Rows whose second derivative is sympy's, without a convention, and is compared with differences where rows are."""

OF_MATRICES = {"expm", "expm_frechet", "logm", "logm_frechet", "matrix_power_frechet", "sqrtm", "sqrtm_frechet"}
"""Rows whose gradients are functions of matrices of blocks: they are checked at the points of their samples."""


def draw_samples(name):
    """Strategies of the arrays of a row's sample."""
    drawn = [SAMPLES[name].draw(seed) for seed in range(3)]
    return [st.sampled_from(arrays) for arrays in zip(*drawn)]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_are_derivatives(name):
    build, shapes = call_of(TABLE[name])
    if name in OF_MATRICES:
        assert check_gradients(build, *draw_samples(name), max_examples=3).points >= 3
    else:
        assert check_gradients(build, *shapes, max_examples=EXAMPLES).points >= 10


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if len(call_of(TABLE[name])[1]) > 1])
def test_gradients_of_broadcast_operands_are_derivatives(name):
    build, shapes = call_of(TABLE[name], BROADCAST)
    rng = np.random.default_rng(0)
    sizes = [tuple(SIZES[d] for d in shape) for shape in shapes]
    arrays = [st.just(rng.uniform(0.1, 0.9, own).round(3) + k) for k, own in enumerate(sizes)]
    assert check_gradients(build, *arrays, max_examples=2).points >= 2


@pytest.mark.parametrize("name", [name for name in DIFFERENTIABLE if name not in SMOOTH])
def test_gradients_of_gradients_are_derivatives(name):
    """Elementwise ones of numbers, as what depends on shapes does so at first order; others near their samples."""
    build, shapes = call_of(TABLE[name])
    if name in ELEMENTWISE:
        assert check_gradients(build, *shapes, order=2, max_examples=EXAMPLES).points >= 10
    else:
        assert check_gradients(build, *draw_samples(name), order=2, max_examples=2).points >= 2


def gradient_of(name, order=1):
    """The call of a row's gradient, weighted by an uneven cotangent, or of a gradient of that."""
    sample = sample_of(TABLE[name]) if isinstance(TABLE[name], Elementwise) else SAMPLES[name]

    def build(*sources):
        value = sample.build(*sources)
        for _ in range(order):
            weights = tf.cast(tf.range(1, 1 + tf.size(value)), value.dtype)
            cotangent = tf.reshape(weights**2, value.shape) / 2
            found = tf.gradients(value, list(sources), cotangent, unconnected_gradients="zero")
            value = tf.concat([tf.reshape(g, (-1,)) for g in found], 0)
        return value

    def reference(*arrays):
        sources = [tf.placeholder(s.name, a.shape, s.dtype) for s, a in zip(sample.sources(), arrays)]
        a = Digits(40)
        feed = {s.node: box_numbers(v, a) for s, v in zip(sources, arrays, strict=True)}
        (found,) = Numeric([build(*sources)], rough=True)(feed, a)
        return found.astype(float)

    return sample._replace(build=build, reference=reference)


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_have_the_same_value_by_every_evaluator(name):
    sample = gradient_of(name)
    arrays, sources = sample.draw(0), sample.sources()
    found, expected = sample.build(*sources).eval(dict(zip(sources, arrays))), sample.reference(*arrays)
    assert np.isfinite(expected).all()
    close(found, expected)
    check_backends(name, sample._replace(reference=lambda *_: expected), lacking=True)


def singular_operands(name):
    """Operands of a row, its first matrix of each rank that a singular one has."""
    first, *others = SAMPLES[name].draw(0, LARGER)
    left, right = np.tri(len(first)), np.tri(len(first)).T + np.eye(len(first))
    return [[left[:, :rank] @ right[:rank], *others] for rank in range(len(first))]


EVERYWHERE = [
    name
    for name in DIFFERENTIABLE
    if name in SAMPLES and SAMPLES[name].shapes[0] == ("n", "n") and TABLE[name].domain is None
]
"""Functions of square matrices that state no domain."""


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", EVERYWHERE)
def test_gradients_are_derivatives_at_singular_matrices(name, order):
    for operands in singular_operands(name):
        assert check_gradients(SAMPLES[name].build, *map(st.just, operands), order=order, max_examples=1).points >= 1


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", EVERYWHERE)
def test_gradients_at_singular_matrices_have_the_same_value_by_code(name, order):
    sample = gradient_of(name, order)
    sources = sample.sources()
    function = tf.compile(sample.build(*sources), sources)
    for operands in singular_operands(name):
        close(function(*operands), sample.reference(*operands))


@pytest.mark.parametrize("backend", [b for b in BACKENDS.values() if not b.arrays], ids=lambda b: b.name)
def test_backends_of_scalars_have_the_first_and_second_derivatives(backend):
    """In one program, as a compiler is slow to start; what it lacks is known by name."""
    outputs, inputs, values = [], [], []
    for op in (op for op in ROWS if op.differentiable):
        point = sample_of(op).points[0]
        sources = [tf.placeholder(f"x{len(inputs) + k}") for k in range(op.arity)]
        first = tf.gradients(apply(op, tuple(sources)), sources, unconnected_gradients="zero")
        second = tf.gradients(first, sources, unconnected_gradients="zero")
        if not backend.lacks(Program([*first, *second], sources)):
            outputs += [*first, *second]
            inputs += sources
            values += point
    a = Digits(40)
    feed = {s.node: box_numbers(np.array(v), a) for s, v in zip(inputs, values)}
    expected = [float(v) for v in Numeric(outputs, rough=True)(feed, a)]
    assert len(expected) > len(ROWS)
    found = tf.compile(outputs, inputs, backend=backend.name)(*values)
    assert [float(v) for v in found] == pytest.approx(expected, rel=1e-12, abs=1e-13)


def wrong_row(name, wrong):
    """A new row whose stated derivative is wrong."""
    x = argument(0)
    return Elementwise(name, sympy.sin(x), 1, partials=lambda: {0: wrong(x)}, result="float")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: -sympy.cos(x),
        lambda x: sympy.cos(x) * sympy.Rational(9995, 10000),
        lambda x: sympy.cos(x) * (1 + sympy.Rational(1, 10**9)),
        lambda x: sympy.Piecewise((sympy.cos(x), x > 0), (sympy.cos(2 * x), True)),
    ],
)
def test_a_new_row_is_checked_by_its_record(wrong):
    build, _ = call_of(wrong_row("planted_in_the_tests", wrong))
    with pytest.raises(GradientMismatch):
        check_gradients(build, (), max_examples=EXAMPLES)


@pytest.mark.parametrize(
    "fault",
    [
        lambda g, a: -g,
        lambda g, a: g * 1.0005,
        lambda g, a: tf.linalg.matrix_transpose(g),
        lambda g, a: tf.where(a > 0, g, 0 * g),
        lambda g, a: g + tf.stop_gradient(g) - g,
    ],
    ids=["sign", "slight", "transposed", "one side", "its own gradient"],
)
def test_a_fault_of_a_rule_is_found(fault, monkeypatch):
    op = TABLE["inv"]
    right = op.pullback
    monkeypatch.setattr(op, "pullback", lambda node, g, k: fault(right(node, g, k), node.args[0]))
    with pytest.raises(GradientMismatch):
        check_gradients(tf.linalg.inv, ("n", "n"), max_examples=EXAMPLES)


def by_the_inverse(node, cotangent, position):
    """The gradient of the adjugate, or of the determinant, as ``adj(A) = det(A)*inv(A)`` has it."""
    a = node.args[0]
    inverse = tf.linalg.matrix_transpose(tf.linalg.inv(a))
    if node.op == "det":
        return cotangent * node * inverse
    turned = tf.linalg.matrix_transpose(node)
    return tf.reduce_sum(node * cotangent) * inverse - turned @ cotangent @ inverse


@pytest.mark.parametrize("name", ["det", "adjugate"])
def test_a_rule_that_fails_at_singular_matrices_is_found(name, monkeypatch):
    """Such a rule is right elsewhere."""
    monkeypatch.setattr(TABLE[name], "pullback", by_the_inverse)
    test_gradients_have_the_same_value_by_every_evaluator(name)
    with pytest.raises(GradientMismatch):
        test_gradients_are_derivatives_at_singular_matrices(name, 1)
    with pytest.raises((AssertionError, np.linalg.LinAlgError)):
        test_gradients_at_singular_matrices_have_the_same_value_by_code(name, 1)
