"""Lines in place of which others are computed: found wherever they come from, and nowhere else."""

import mpmath
import numpy as np
import pytest
import sympy
from scipy import special

import tracer as tf
from tracer.program.lines import Kind
from tracer.program.program import Program
from tracer.program.rewrites import CLOSE, REWRITES
from tracer.program.rewriting import match
from tracer.rules import argument
from tracer.scalar import Phi, log1p, sigmoid

EPSILON = 2.0**-52
OPERATIONS = {
    name: getattr(tf.math, name)
    for name in (
        "asinh", "acosh", "atan", "cos", "cosh", "erf", "erfc", "exp", "log", "sigmoid", "sin", "sinh", "sqrt", "tan",
        "tanh",
    )
} | {"Phi": lambda x: tf.from_sympy(Phi(argument(0)), {argument(0): x})}  # fmt: skip


def templates(tensor, inputs=(), **options):
    return [line.params for line in Program([tensor], inputs, **options).lines if line.op is Kind.ELEMENTWISE]


def exact(function, point, order=0, digits=460):
    """A derivative of a function of mpmath's."""
    with mpmath.workdps(digits):
        return function(mpmath.mpf(point)) if not order else mpmath.diff(function, mpmath.mpf(point), order)


@pytest.mark.parametrize("rule", REWRITES, ids=lambda rule: str(rule.pattern))
def test_a_rule_is_found_in_operations_of_the_user(rule):
    """And its value is exact by an evaluation and by each compiled function, over arrays and numbers."""
    symbols = sorted(rule.pattern.free_symbols, key=str)
    function = sympy.lambdify(symbols, rule.pattern, modules=[OPERATIONS])
    sources = [tf.placeholder(name) for name in "xyz"[: len(symbols)]]
    y = function(*sources)
    numpy, python = (tf.compile(y, sources, backend=name) for name in ("numpy", "math"))
    vectors = [tf.placeholder(name, ("n",)) for name in "xyz"[: len(symbols)]]
    whole = function(*vectors).eval(dict(zip(vectors, map(np.array, zip(*rule.points)))))
    for point, element in zip(rule.points, whole):
        with mpmath.workdps(460):
            truth = sympy.lambdify(symbols, rule.pattern.doit(), "mpmath")(*map(mpmath.mpf, point))
            values = y.eval(dict(zip(sources, point))), numpy(*point), python(*point), element
            if rule.why != CLOSE:  # constants that are added up are rounded
                values += (function(*map(tf.constant, point)).numpy(),)
            for value in values:
                assert abs(mpmath.mpf(float(value)) - truth) <= 4 * EPSILON * abs(truth) + mpmath.mpf(5e-324), (
                    point,
                    value,
                )


@pytest.mark.parametrize(
    ("function", "reference", "points"),
    [
        (tf.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), (-300.0, -40.0, 1e-3, 2.0, 40.0, 300.0)),
        (tf.tanh, mpmath.tanh, (-300.0, -20.0, 1e-3, 0.5, 20.0, 300.0)),
        (lambda x: 1 / (1 + tf.exp(-x)), lambda x: 1 / (1 + mpmath.exp(-x)), (-300.0, 2.0, 40.0, 300.0)),
        (lambda x: x / (1 + tf.exp(x)), lambda x: x / (1 + mpmath.exp(x)), (-300.0, 2.0, 40.0, 300.0)),
        (lambda x: tf.math.log(1 + x) ** 2, lambda x: mpmath.log(1 + x) ** 2, (1e-17, -3e-11, 0.5)),
    ],
)  # fmt: skip
def test_derivatives_keep_their_digits_far_out(function, reference, points):
    x = tf.placeholder("x")
    y = function(x)
    first = tf.gradients(y, x)[0]
    compiled = tf.compile([y, first], [x])
    for point in points:
        v = tf.Variable(point, dtype="float64")
        with tf.GradientTape() as tape:
            taped = function(v)
        taped.numpy()  # a value that is known does not cost its gradient the digits
        for value, order in zip((*compiled(point), tape.gradient(taped, v).numpy()), (0, 1, 1)):
            assert float(value) == pytest.approx(float(exact(reference, point, order)), rel=1e-13, abs=0.0)


def test_what_stands_around_a_pattern_stays_in_lines():
    """However long products are, a template has the operands that it had."""
    x = tf.placeholder("x")
    y = x
    for _ in range(12):
        y = tf.tanh(0.5 * y + 1.0)
    slope = tf.gradients(y, x)[0]
    assert max(len(t.free_symbols) for t in templates(slope, [x])) <= 3
    assert sum(t == sympy.cosh(argument(0)) for t in templates(slope, [x])) == 12


def test_what_is_computed_is_computed_once():
    x = tf.placeholder("x")
    p = tf.sigmoid(x)
    lines = templates(tf.add_n([(1 - p) * x, (1 - p) * p, tf.gradients(p, x)[0]]), [x])
    assert len([t for t in lines if t.has(sigmoid)]) == 2


def test_lines_as_the_user_wrote_them_have_no_rules():
    x = tf.placeholder("x")
    y = tf.math.log(1 + x)
    assert templates(y, [x]) == [log1p(argument(0))]
    assert templates(y, [x], stable=False)[-1] == sympy.log(argument(0))


def test_whole_numbers_and_other_sums_stay_as_they_are():
    k = tf.placeholder("k", dtype="int64")
    x = tf.placeholder("x")
    assert templates(tf.sqrt(tf.cast(k * k, "float64") + x), [k, x])[-1] == sympy.sqrt(argument(0))
    assert templates(tf.exp(x) - 2, [x]) == [sympy.exp(argument(0)), argument(0) - argument(1)]


@pytest.mark.parametrize(
    ("pattern", "expr", "found"),
    [
        ("1 + a", "1 + x*y", {"a": "x*y"}), ("1 + a", "x + y", None), ("sqrt(a**2 + b**2)", "sqrt(x**2 + y**2)", ...),
        ("sqrt(a**2 + b**2)", "sqrt(x**2 + y)", None), ("a + sqrt(a**2 + 1)", "y + sqrt(x**2 + 1)", None),
        ("a + sqrt(a**2 + 1)", "x + sqrt(x**2 + 1)", {"a": "x"}), ("exp(a) - 1", "exp(x) - 1 + y", None),
    ],
)  # fmt: skip
def test_a_pattern_matches_what_it_says(pattern, expr, found):
    names = {n: sympy.Symbol(n, real=True) for n in "abxy"}
    pattern, expr = (sympy.sympify(text, locals=names) for text in (pattern, expr))
    bound = next(match(pattern, expr, {}), None)
    if found is ...:
        assert pattern.xreplace(bound) == expr
    else:
        assert bound == (found and {names[k]: sympy.sympify(v, locals=names) for k, v in found.items()})


def test_conditions_are_no_parts_of_a_pattern():
    both = tf.logical_and(tf.constant(0.5) > 0, tf.constant(1.0) > 0)
    assert float(tf.exp(tf.cast(both, "float64")) - 1) == np.expm1(1.0)
    assert float(tf.constant(0.0) + both) == 1.0


def test_two_terms_of_several_are_rewritten():
    """The slope of gelu far below, beside its value."""
    x = tf.placeholder("x", ())
    value = tf.nn.gelu(x)
    compiled = tf.compile([value, *tf.gradients(value, [x])], [x])
    want = special.ndtr(-12.0) - 12 * np.exp(-72.0) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(compiled(-12.0)[1], want, rtol=1e-14)
