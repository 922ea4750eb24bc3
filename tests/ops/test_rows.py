"""Every call against NumPy, its components, and its derivatives by differences in high precision."""

from functools import cached_property

import mpmath
import numpy as np
import pytest
import sympy

import tracer as tf
from tests.helpers import assert_each
from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.components import components
from tracer.formulas.reading import FORMS
from tracer.shapes import is_concrete
from tracer.terms.work import Budget

from .cases import CONSTANT, DIFFERENTIABLE, Case
from .samples import SAMPLES

DIGITS = 50
BOTH = [pytest.param(c, id=c.name) for c in DIFFERENTIABLE + CONSTANT]
MOST_ROWS = 12
"""Jacobians of longer outputs are not compared row by row."""


class Traced:
    """A case on placeholders, with a point in floats and in exact numbers."""

    def __init__(self, case: Case) -> None:
        self.case = case
        rng = np.random.default_rng(len(case.name))
        self.values = [rng.normal(size=shape).round(3) for shape in case.shapes]
        self.sources = [tf.placeholder(f"a{k}", shape) for k, shape in enumerate(case.shapes)]
        self.output = case.ours(*self.sources)
        self.feed = dict(zip(self.sources, self.values))
        self.point = [np.vectorize(sympy.Rational, [object])(value.astype(str)) for value in self.values]

    @cached_property
    def written(self):
        """The components of all that is compared, by node: what they share is written once."""
        tensors = [*self.sources, self.output]
        if self.case in DIFFERENTIABLE:
            tensors += [self.scalar, *self.slopes]
        return dict(zip([t.node for t in tensors], components(tensors, Budget())))

    def elements(self, tensor):
        """The components of a tensor, as a flat list."""
        found = self.written[tensor.node]
        return [sympy.sympify(e) for e in getattr(found, "_array", [found])]

    def function(self, elements):
        """A function of the distance from the point, in which mpmath computes the elements."""
        function = sympy.lambdify([t.name for t in self.sources], list(elements), "mpmath", cse=True)
        starts = [np.vectorize(lambda v: mpmath.mpf(v.p) / v.q, [object])(values) for values in self.point]
        steps = [np.asarray(d.eval(), object) for d in self.directions()]
        return lambda h=0: function(*(np.asarray(a + d * h)[()] for a, d in zip(starts, steps, strict=True)))

    def at(self, elements, digits=DIGITS):
        """The values of elements at the point."""
        with mpmath.workdps(digits):
            return self.function(elements)()

    @cached_property
    def scalar(self):
        """A curved function of the output that no two of its elements enter alike."""
        count = int(np.prod(self.output.shape))
        return tf.reduce_sum(tf.sin(self.output) * tf.reshape(1 + tf.range(count) / 4, self.output.shape))

    @cached_property
    def slopes(self):
        """The first and the second derivative of the scalar along the direction, as far as sources are connected."""
        first = self.along(tf.gradients(self.scalar, self.sources))
        second = None if first is None else self.along(tf.gradients(first, self.sources))
        return [slope for slope in (first, second) if slope is not None]

    def directions(self):
        """A direction for each source, as tensors that know their elements: none is zero, and few are alike."""
        start = 0
        for source in self.sources:
            count = int(np.prod(source.shape))
            yield tf.reshape((tf.range(start, start + count) * 5 % 13 - 6.5) / 8, source.shape)
            start += count

    def along(self, gradients):
        """The slope along the direction; None where no source is connected."""
        products = [tf.reduce_sum(g * d) for g, d in zip(gradients, self.directions(), strict=True) if g is not None]
        return sum(products) if products else None


def check_value_is_numpys(t: Traced) -> None:
    expected = np.asarray(t.case.theirs(*t.values))
    found = np.asarray(t.output.eval(t.feed))
    assert t.output.shape == expected.shape
    assert found.dtype == t.output.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)


def check_components_are_the_value(t: Traced) -> None:
    expected = np.ravel(t.case.theirs(*t.values))
    found = np.array(t.at(t.elements(t.output), 30), float)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)


def check_derivatives_are_differences(t: Traced) -> None:
    """First and second order along a direction, in 50-digit numbers; and by NumPy."""
    with mpmath.workdps(DIGITS):
        function = t.function([e for tensor in (t.scalar, *t.slopes) for e in t.elements(tensor)])
        values = function()
        for order in (1, 2):
            slope = mpmath.diff(lambda h, k=order - 1: function(h)[k], 0)
            if order > len(t.slopes):
                assert slope == 0
                return
            assert abs(values[order] - slope) < mpmath.mpf(10) ** -15 * (1 + abs(slope)), order
            assert float(t.slopes[order - 1].eval(t.feed)) == pytest.approx(float(slope), rel=1e-9, abs=1e-11)


def check_jacobian_is_the_rows_of_gradients(t: Traced) -> None:
    size = int(np.prod(t.output.shape))
    if not 0 < size <= MOST_ROWS:
        return
    case = t.case
    source, value = t.sources[0], t.values[0]
    with tf.GradientTape() as tape:
        tape.watch(source)
        output = case.ours(*t.sources)
    jacobian = tape.jacobian(output, source)
    if jacobian is None:
        assert tf.gradients(output, source) == [None]
        return
    found = jacobian.eval(t.feed)
    assert found.shape == output.shape + value.shape
    rows = []
    for k in range(size):
        seed = np.zeros(size)
        seed[k] = 1
        (row,) = tf.gradients(output, source, grad_ys=seed.reshape(output.shape), unconnected_gradients="zero")
        rows.append(row.eval(t.feed))
    np.testing.assert_allclose(found, np.reshape(rows, found.shape), rtol=1e-12, atol=1e-14)


CHECKS = [
    check_value_is_numpys,
    check_components_are_the_value,
    check_derivatives_are_differences,
    check_jacobian_is_the_rows_of_gradients,
]


@pytest.mark.parametrize("case", BOTH)
def test_value_and_derivatives(case: Case) -> None:
    checks = CHECKS if case in DIFFERENTIABLE else CHECKS[:2]
    t = Traced(case)
    assert_each(lambda check: check(t), {check.__name__: (check,) for check in checks})


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in CONSTANT])
def test_no_gradient_flows(case: Case) -> None:
    t = Traced(case)
    output = tf.cast(t.output, "float64")
    assert tf.gradients(output, t.sources) == [None] * len(t.sources)
    (zeros,) = tf.gradients(output, t.sources, unconnected_gradients="zero")
    assert is_concrete(zeros.shape)
    assert zeros.shape == t.sources[0].shape


BY_STEPS_ALONE = """
    argmax | argmin | argsort | argsort descending | array between slices | array, new axis, array | arrays around a
    slice | arrays broadcast | empty list | gather | gather in a batch | gather_nd | gather_nd in a batch | int and
    array around a slice | integer list | integer matrix | mask of a matrix | negative integer list | one_hot of a
    comparison | reduce_all | reduce_any | repeat each | scatter_nd | segment_max | segment_mean | segment_min |
    segment_prod | segment_sum | sort | sort along the first axis | tensor_scatter_nd_add | tensor_scatter_nd_max |
    tensor_scatter_nd_min | tensor_scatter_nd_sub | top_k | top_k indices | two arrays | unsorted_segment_max |
    unsorted_segment_mean | unsorted_segment_min | unsorted_segment_prod | unsorted_segment_sqrt_n |
    unsorted_segment_sum
"""
"""The operations, and the other cases, that no form but steps and components has words for."""

BY_INDICES = "one_hot"
"""The one that notations of elements have words for, and those of matrices have not."""


@pytest.mark.unchecked
@pytest.mark.parametrize("case", BOTH)
def test_every_form_is_given_or_refused(case: Case) -> None:
    inputs = [tf.placeholder(f"x{k}", shape) for k, shape in enumerate(case.shapes)]
    output = case.ours(*inputs)
    assert isinstance(output.expr, sympy.Basic)
    assert len(tf.formula(output, form="steps")[1]) == 1
    alone, indexed = case.name in " ".join(BY_STEPS_ALONE.split()).split(" | "), case.name == BY_INDICES
    for form in FORMS.keys() - {"steps", "components"}:
        if alone or form == "kronecker" or (indexed and form not in ("index", "latex")):
            with pytest.raises(FormulaError, match=r"tracer\.formula\(tensor"):
                tf.formula(output, form=form)
        else:
            assert str(tf.formula(output, form=form)), form


USERS = {"recurrence": "cumprod", "scatter": "indexing", "one_hot": "argmax"}
"""What a person calls in the samples of rows that are not called by their names."""


def refusal_of(tensor: tf.Tensor, otherwise: str) -> str:
    """Why a tensor has no formula; something else where it has one."""
    try:
        tensor.formula()
    except FormulaError as error:
        return str(error)
    return USERS.get(otherwise, otherwise)


@pytest.mark.unchecked
@pytest.mark.parametrize("name", SAMPLES)
def test_a_refusal_names_what_the_user_called(name: str) -> None:
    """Of a formula of the result, or of its gradient, whatever operations the gradient is made of."""
    sources = SAMPLES[name].sources()
    output = SAMPLES[name].build(*sources)
    smooth = output.dtype == "float64" and output.rule.pullback is not None
    slopes = tf.gradients(tf.exp(output), sources) if smooth else []
    for tensor in (output, *(g for g in slopes if g is not None)):
        assert USERS.get(name, name) in refusal_of(tensor, name)
