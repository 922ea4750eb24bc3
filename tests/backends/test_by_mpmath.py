"""Every function that sympy evaluates has a value and, where sympy differentiates it, a gradient."""

import math

import numpy as np
import pytest
import sympy
from sympy import Rational

import tracer
from tracer.backends import by_mpmath
from tracer.backends.to_numpy import NUMPY

x = sympy.Symbol("x")
third = Rational(1, 3)
EXPRESSIONS = [
    sympy.Chi(x), sympy.Ci(x), sympy.Ei(x), sympy.LambertW(x), sympy.Li(x + 2), sympy.Rem(x, 2), sympy.Shi(x),
    sympy.Si(x), sympy.airyai(x), sympy.airyaiprime(x), sympy.airybi(x), sympy.airybiprime(x),
    sympy.assoc_laguerre(2, third, x), sympy.assoc_legendre(2, third, x), sympy.bernoulli(x),
    sympy.besseli(third, x), sympy.besselj(2, x), sympy.besselk(1, x), sympy.bessely(0, x), sympy.beta(x, 2),
    sympy.betainc(1, 2, third, x), sympy.betainc_regularized(1, 2, third, x), sympy.binomial(5, x),
    sympy.chebyshevt(third, x), sympy.dirichlet_eta(x), sympy.elliptic_e(x), sympy.elliptic_f(2, x),
    sympy.elliptic_k(x), sympy.erfi(x), sympy.erfinv(x), sympy.expint(2, x),
    sympy.factorial(x), sympy.fibonacci(x), sympy.fresnelc(x), sympy.fresnels(x), sympy.gamma(x),
    sympy.gegenbauer(third, 2, x), sympy.harmonic(x), sympy.hermite(third, x), sympy.hyper([1, third], [2], x / 2),
    sympy.jacobi(third, 1, 2, x), sympy.jn(2, x), sympy.legendre(third, x), sympy.li(x),
    sympy.loggamma(x), sympy.lowergamma(2, x), sympy.polylog(2, x), sympy.primepi(21 * x),
    sympy.sinc(x), sympy.stieltjes(1, x), sympy.uppergamma(third, x), sympy.yn(1, x), sympy.zeta(x), sympy.zeta(2, x),
]  # fmt: skip
EXPRESSIONS = [e for e in EXPRESSIONS if e.has(x)]
POINTS = (0.35, 0.7)


def _exact(expression, point):
    """sympy's own value, a float; NaN where it is no real number."""
    value = expression.subs(x, Rational(str(point))).evalf(30)
    return float(value) if value.is_extended_real and value.is_Float else math.nan


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_values_and_gradients_are_sympys(expression):
    u = tracer.placeholder("u", ("n",))
    y = tracer.from_sympy(expression, {x: u})
    exact = [_exact(expression, p) for p in POINTS]
    assert not all(map(math.isnan, exact))
    assert y.eval({u: POINTS}) == pytest.approx(exact, rel=1e-13, nan_ok=True)
    try:
        derivative = expression.diff(x)
    except (TypeError, ValueError):
        derivative = sympy.Derivative(x, x)
    if derivative.has(sympy.Derivative, sympy.Subs):
        with pytest.raises(LookupError, match="no closed form of its derivative"):
            tracer.gradients(y, u)
    else:
        (gradient,) = tracer.gradients(y, u)
        exact = [_exact(derivative, p) for p in POINTS]
        assert not all(map(math.isnan, exact))
        assert gradient.eval({u: POINTS}) == pytest.approx(exact, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("key", list(by_mpmath.SCIPY), ids=lambda key: key[0].__name__)
def test_scipy_and_mpmath_agree(key):
    head, arity = key
    sources = [tracer.placeholder(name, ("n",)) for name in "uv"[:arity]]
    y = tracer.apply(head, *sources)
    points = np.concatenate([np.linspace(-30, 30, 41), np.linspace(-0.99, 0.99, 34), [0.0, 1e-12, 1.9, 2 - 1e-9]])
    orders = np.resize([0.0, 1.0, 2.5], points.shape)
    arrays = [orders, points][-arity:]
    by_scipy = tracer.compile(y, sources)
    assert "from scipy import special" in by_scipy.source
    function, _ = NUMPY.function(by_mpmath.by_mpmath(y.rule.template))
    with np.errstate(all="ignore"):
        expected = function(*arrays)
    finite = np.isfinite(expected)
    assert finite.any()
    np.testing.assert_allclose(by_scipy(*arrays)[finite], expected[finite], rtol=2e-13, atol=1e-15)
    assert not np.isfinite(by_scipy(*arrays)[~finite]).any()


def test_a_function_without_a_numeric_form_is_refused_by_name():
    class unknown(sympy.Function):
        pass

    y = tracer.apply(unknown, tracer.symbols("x"))
    with pytest.raises(TypeError, match=r"no numeric form of .*unknown.*_mpmathcode"):
        y.eval({"x": 1.0})


def test_kept_source_imports_what_it_uses():
    u = tracer.symbols("u")
    source = tracer.compile(tracer.apply(sympy.Ei, u), [u]).source
    assert "special.expi(u)" in source
    scope = {}
    exec(source, scope)
    assert scope["compiled"](0.5) == pytest.approx(0.45421990486317357)


# Sums and products over an index.

i, n, t = sympy.symbols("i n t")
SERIES = [
    sympy.Sum(t**i, (i, 0, 4)),
    sympy.Product(t + i, (i, 0, 3)),
    sympy.Product(t - i, (i, 0, 3)),
    sympy.Sum(sympy.zeta(i + 2) * t**i, (i, 0, 5)),
    sympy.Sum(t ** (i * n) / n, (i, 0, n), (n, 1, 3)),
    sympy.Sum(sympy.Sum(t + i, (i, 0, n)) ** 2, (n, 0, 3)),
    sympy.Sum(sympy.Product(1 / (t + n), (n, 1, i)), (i, 0, 3)),
    sympy.Sum(t**i, (i, 2, 2)),
    t + sympy.Sum(t * i, (i, 1, 0)),
    sympy.exp(sympy.Sum(sympy.sin(i * t), (i, 1, 20))),
    sympy.Integral(sympy.exp(-t * i**2), (i, 0, 1)),
]


def value_of(expression, point):
    """sympy's own value at a point; of an integral by its digits, since to find it in closed form takes seconds."""
    exact = expression.subs(t, Rational(point))
    return float((exact if exact.has(sympy.Integral) else exact.doit()).evalf())


@pytest.mark.parametrize("expression", SERIES, ids=str)
def test_finite_sums_and_products(expression):
    f = tracer.from_sympy(sympy.Lambda(t, expression))
    points = np.array([0.0, 0.5, 2.0])
    slope = (expression if expression.has(sympy.Integral) else expression.doit()).diff(t)
    for g, exact in ((f, expression), (tracer.grad(lambda v: tracer.reduce_sum(f(v))), slope)):
        expected = [value_of(exact, p) for p in points]
        np.testing.assert_allclose(g(points).numpy(), expected, rtol=1e-13)
        v, s = tracer.placeholder("v", ("n",)), tracer.symbols("s")
        np.testing.assert_allclose(tracer.compile(g(v), [v])(points), expected, rtol=1e-13)
        np.testing.assert_allclose(
            [tracer.compile(g(s), [s], backend="math")(float(p)) for p in points[1:]], expected[1:], rtol=1e-13
        )


def test_a_sum_up_to_a_tensor_is_evaluated_at_each_element():
    a, m = tracer.symbols("a"), tracer.placeholder("m", ("k",))
    y = tracer.from_sympy(sympy.Sum(t**i, (i, 0, n)), {t: a, n: m})
    assert y.eval({a: 0.5, m: [0.0, 2.0, -1.0, -3.0]}).tolist() == [1.0, 1.75, 0.0, -6.0]
    assert float(tracer.gradients(y, a)[0].eval({a: 0.0, m: [0.0, 2.0]})) == 1.0
    assert np.isnan(y.eval({a: 0.5, m: [1.5]}))
    with pytest.raises(LookupError, match="no closed form of its derivative"):
        tracer.gradients(y, m)


@pytest.mark.unchecked  # what takes half a second is not computed twice
def test_infinite_sums_and_products():
    zeta = tracer.from_sympy(sympy.Lambda(t, sympy.Sum(i**-t, (i, 1, sympy.oo))))
    assert float(zeta(4.0)) == pytest.approx(math.pi**4 / 90, rel=1e-14)
    assert float(tracer.grad(zeta)(2.5)) == pytest.approx(-0.387341950326210, rel=1e-13)
    sine = tracer.from_sympy(sympy.Lambda(t, t * sympy.Product(1 - (t / (sympy.pi * i)) ** 2, (i, 1, sympy.oo))))
    assert float(sine(0.5)) == pytest.approx(math.sin(0.5), rel=1e-13)
    assert float(tracer.grad(sine)(0.5)) == pytest.approx(math.cos(0.5), rel=1e-13)
    theta = tracer.from_sympy(sympy.Lambda(t, sympy.Sum(sympy.exp(-t * i**2), (i, -sympy.oo, sympy.oo))))
    assert float(theta(1.0)) == pytest.approx(1.7726372048266521, rel=1e-14)


@pytest.mark.parametrize("term", [1 / i, sympy.S(2) ** i, i**0 + 0 * t], ids=str)
def test_an_infinite_sum_that_diverges_has_no_value(term):
    f = tracer.from_sympy(sympy.Lambda(t, sympy.Sum(term * t, (i, 1, sympy.oo))))
    assert not np.isfinite(f(1.0).numpy())


def test_an_integral_without_ends_is_refused():
    y = tracer.from_sympy(sympy.Integral(t * i, (i, 2)), {t: tracer.symbols("a")})
    with pytest.raises(TypeError, match=r"has no ends; write its limits as \(index, first, last\)"):
        y.eval({"a": 1.0})


def test_an_index_never_stands_for_an_operand():
    k1, u0 = tracer.symbols("k1 u0")
    y = tracer.from_sympy(sympy.Sum(t**i, (i, 0, 2)), {t: k1 + u0})
    assert float(y.eval({k1: 1.0, u0: 2.0})) == 13.0
    assert tracer.compile(y, [k1, u0])(1.0, 2.0) == 13.0


K = sympy.Symbol("k")
CONSTANTS = [
    sympy.besselj(0, 1), sympy.zeta(3), sympy.LambertW(2), sympy.polylog(2, third), sympy.airyai(1),
    sympy.hyper([1, 2], [3], third), sympy.CRootOf(x**3 - x - 1, 0), sympy.Sum(1 / K**3, (K, 1, sympy.oo)),
]  # fmt: skip


@pytest.mark.unchecked  # the reader of formulas does not know what stands in these
@pytest.mark.parametrize("constant", CONSTANTS, ids=str)
def test_a_constant_of_a_special_function_is_a_coefficient(constant):
    X = tracer.placeholder("X", ("n",))
    gradient = tracer.gradients(tracer.from_sympy(constant * x, {x: X}), X)[0]
    np.testing.assert_allclose(gradient.eval({X: [1.0, 2.0]}), [float(constant.evalf())] * 2, rtol=1e-14)
    assert gradient.formula().has(constant)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (sympy.Derivative(sympy.sin(x) * x, x), math.sin(0.5) + 0.5 * math.cos(0.5)),
        (sympy.Subs(sympy.Derivative(sympy.exp(x), x), x, x**2), math.exp(0.25)),
        (sympy.UnevaluatedExpr(x) + x, 1.0),
    ],
)
def test_what_sympy_has_not_evaluated_yet_is_evaluated(expression, value):
    X = tracer.symbols("x")
    result = tracer.from_sympy(expression, {x: X})
    assert result.eval({X: 0.5}) == pytest.approx(value)
    assert tracer.gradients(result, X)[0].eval({X: 0.5}) is not None


@pytest.mark.parametrize(
    ("expression", "error", "message"),
    [
        (x * sympy.AccumBounds(0, 1), TypeError, "AccumulationBounds is no number; give the expression's doit"),
        (sympy.Order(x), TypeError, "Order is no number"),
        (sympy.Limit(sympy.sin(x * third) / third, third * x, 0), TypeError, "Limit is no number"),
        (sympy.Lambda(x, x), TypeError, r"has arguments of its own; write from_sympy\(Lambda"),
        (x * 10**400, ValueError, "the number 1000.* is beyond the largest float"),
        (x * Rational(10**400, 3), ValueError, "beyond the largest float"),
        (x * sympy.Float("1e400"), ValueError, "beyond the largest float"),
    ],
)
def test_what_is_no_number_is_refused_where_it_is_traced(expression, error, message):
    with pytest.raises(error, match=message):
        tracer.from_sympy(expression, {x: tracer.symbols("x")})


@pytest.mark.unchecked
def test_a_derivative_of_an_unknown_function_has_a_formula_and_no_value():
    X = tracer.symbols("x")
    result = tracer.from_sympy(sympy.Derivative(sympy.Function("f")(x), x), {x: X})
    assert str(result.formula()) == "Derivative(f(x), x)"
    with pytest.raises(TypeError, match="there is no numeric form of Derivative"):
        result.eval({X: 1.0})


@pytest.mark.unchecked
def test_functions_of_lists_have_formulas():
    X = tracer.symbols("x")
    result = tracer.from_sympy(sympy.hyper([1, x], [2], third), {x: X})
    assert result.formula() == sympy.hyper([1, X.formula()], [2], third)
    y = sympy.Symbol("y")
    gradient = tracer.gradients(tracer.from_sympy(sympy.uppergamma(x, y), {x: X, y: tracer.symbols("y")}), X)[0]
    assert gradient.formula().has(sympy.meijerg)
