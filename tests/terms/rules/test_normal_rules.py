"""The normal distribution is written by its names, whatever it was spelled as."""

from statistics import NormalDist

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.terms.programs import HALF, ROOT, add, call, exp, h, m, number, one, power, row, scaled, times, u, v, zero
from tests.terms.programs import n as size
from tests.terms.programs import w as z
from tests.terms.rules.answers import Answers, answer
from tests.terms.rules.answers import normal as ordered
from tracer.scalar import phi
from tracer.terms import record

x, y = (tf.placeholder(name, ("n",)) for name in "xy")
a, b, r = tf.placeholder("a"), tf.placeholder("b"), tf.placeholder("r", (), positive=True)
X, w = tf.placeholder("X", ("m", "n")), tf.placeholder("w", ("n",))


def cdf(z):
    return (1 + tf.math.erf(z / 2**0.5)) / 2


def density(z):
    return tf.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (cdf(x), "Phi(x)"),
        (0.5 * tf.math.erfc(-x / tf.sqrt(2.0)), "Phi(x)"),
        (1 - cdf(X @ w), "Phi(-X*w)"),
        (2 * cdf(x) - 1, "erf(sqrt(2)*x/2)"),
        (density((x - a) / r) / r, "phi((x - a)/r)/r"),
        (density(x) * density(y), "phi(y) o phi(x)"),
        (density(x) ** 2, "phi(x)**2"),
        (tf.exp(-(x**2)) / (2 * np.pi), "phi(x)**2"),
        (tf.exp(-(x**2) - y) / np.sqrt(np.pi), "exp(-(x**2 + y))/sqrt(pi)"),
        (tf.exp(-(x**2) / 2 - y) / np.sqrt(2 * np.pi), "exp(-y) o phi(x)"),
        (tf.exp(x**2 / 2) * density(x), "ones(n, 1)/sqrt(2*pi)"),
        (density(a / r + r / 2) - tf.exp(-a) * density(a / r - r / 2), "0"),
        (tf.math.erf(x / np.sqrt(2.0)) - 1, "-2*Phi(-x)"),
        (1 + tf.math.erf(x), "erf(x) + 1"),
        (1 + 2 * tf.math.erf(x / np.sqrt(2.0)), "2*erf(sqrt(2)*x/2) + 1"),
        (density(x) * tf.exp(y) / np.sqrt(2 * np.pi) + w, "(phi(x) o exp(y))/sqrt(2*pi) + w"),
        (tf.exp(x**2 / 2) * np.sqrt(2 * np.pi), "sqrt(2*pi)*exp(x**2/2)"),
        (tf.exp(-(tf.linalg.diag(x) ** 2) / 2) / np.sqrt(2 * np.pi), "phi(diag(x))"),
        (tf.exp(-tf.tensordot(x, x, 1) / 2) / np.sqrt(2 * np.pi), "exp(-x.T*x/2)/sqrt(2*pi)"),
        (tf.exp(-(y**2) / (2 * x)) / tf.sqrt(2 * np.pi * x), "(exp(-(y**2/x)/2)/sqrt(x))/sqrt(2*pi)"),
        (density(x) * tf.exp(-(x**2) / 2), "exp(-x**2)/sqrt(2*pi)"),
        (density(x) * tf.exp(x**2), "exp(x**2/2)/sqrt(2*pi)"),
        (density(x) ** 2 * tf.exp(x**2 / 2 + y), "exp(y - x**2/2)/(2*pi)"),
        (density(x)[:, None] * tf.exp(x**2 / 2 + x)[None, :], "phi(x)*exp(x o (x/2 + 1)).T"),
        (density(x) ** 2 + density(x + 1) * tf.exp(x), "exp(x) o phi(x + 1) + phi(x)**2"),
        (density(x) * y - density(x + 1) * tf.exp(x), "phi(x) o (y - exp(-1/2))"),
        (density(a) * b - density(a + 1) * tf.exp(a), "(b - exp(-1/2))*phi(a)"),
        (density(a) * b - density(a + 1) * tf.exp(a) * r, "(b - r*exp(-1/2))*phi(a)"),
        (density(density(a)) + density(a), "phi(a) + phi(phi(a))"),
        (3 * density(x) - density(x), "2*phi(x)"),
        (density(x) + density(y), "phi(y) + phi(x)"),
        (tf.gradients(tf.reduce_sum(tf.nn.gelu(x)), x)[0], "x o phi(x) + Phi(x)"),
        (tf.gradients(tf.reduce_sum(tf.math.log(cdf(X @ w))), w)[0], "X.T*(phi(X*w)/Phi(X*w))"),
    ],
)
def test_a_spelling_of_the_normal_distribution_has_its_name(tensor, text):
    assert str(tensor.formula()) == text


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (density(b / tf.sqrt(a)) / tf.sqrt(a), "phi(b/sqrt(a))/sqrt(a)"),
        (tf.exp(-(b**2) * a / 2) * (tf.sqrt(a) + b) / np.sqrt(2 * np.pi), "(sqrt(a) + b)*phi(sqrt(a)*b)"),
        (tf.exp(-(b**2) / (2 * a)) / np.sqrt(2 * np.pi), "exp(-b**2/(2*a))/sqrt(2*pi)"),
        (
            tf.exp(-(b**2) / (2 * a)) * tf.where(b > 0, tf.sqrt(a), b) / np.sqrt(2 * np.pi),
            "where(b > 0, sqrt(a), b)*exp(-b**2/(2*a))/sqrt(2*pi)",
        ),
    ],
)
def test_a_root_is_taken_in_a_density_where_one_is_taken_beside_it(tensor, text):
    assert str(tensor.formula()) == text
    feed = {"a": 1.7, "b": -0.6}
    np.testing.assert_allclose(float(tensor.formula().subs(tensor_symbols(feed)).evalf()), tensor.eval(feed))


def tensor_symbols(feed):
    return {sympy.Symbol(name, real=True): value for name, value in feed.items()}


def test_the_derivatives_of_an_option_are_those_of_black_and_scholes():
    price, strike, rate, spread, time = (tf.placeholder(name, (), positive=True) for name in ("S", "K", "r", "v", "t"))
    first = (tf.math.log(price / strike) + (rate + spread**2 / 2) * time) / (spread * tf.sqrt(time))
    second = first - spread * tf.sqrt(time)
    call = price * cdf(first) - strike * tf.exp(-rate * time) * cdf(second)
    for source, front, cut in ((price, "Phi(", 1), (strike, "-exp(-r*t)*Phi(", 1), (rate, "K*t*exp(-r*t)*Phi(", 1)):
        text = str(tf.gradients(call, source)[0].formula())
        assert text.startswith(front)
        assert text.count("Phi(") == cut
        assert "phi(" not in text
    assert str(tf.gradients(call, spread)[0].formula()).startswith("K*sqrt(t)*exp(-r*t)*phi(")


def test_each_notation_writes_it():
    hazard = density(x) / cdf(-x)
    assert tf.formula(hazard, form="latex") == r"\varphi(x) \oslash \Phi(-x)"
    assert str(tf.formula(hazard, form="index")) == "phi(x[i])/Phi(-x[i])"
    text, at = tf.formula(density(x), form="python"), np.array([-1.0, 0.5])
    np.testing.assert_allclose(eval(text, {"np": np, "x": at}), [NormalDist().pdf(v) for v in at])
    with pytest.raises(ValueError, match="erf has no NumPy text"):
        tf.formula(hazard, form="python")


s, t = (record.source(name, ()) for name in "st")


def erf(t):
    return call(sympy.erf, [t])


def normal(t):
    return call(phi, [t])


def fall(t, c=-HALF):
    return exp(scaled(c, power(t, 2)))


ROOT_OF_PI = 1 / sympy.sqrt(sympy.pi)
FRONT = ROOT_OF_PI / ROOT

far = ordered(power(add([(1, power(u, 2)), (2, one)]), HALF))
log = call(sympy.log, [h])

ANSWERS: Answers = {
    "1 + erf(x/sqrt(2)) -> 2*Phi(x)": [
        (add([(1, one), (1, erf(scaled(1 / ROOT, u)))]), "2*Phi(u)[0] -> [0]"),
        (add([(1, one), (-1, erf(scaled(1 / ROOT, u)))]), "2*Phi(-1*u[0] -> [0])[0] -> [0]"),
        (add([(-1, one), (1, erf(scaled(1 / ROOT, u)))]), "-2*Phi(-1*u[0] -> [0])[0] -> [0]"),
        (add([(-3, one), (-3, erf(scaled(2 * ROOT, u))), (5, v)]), "5*(v) + -6*(Phi(4*u[0] -> [0]))"),
        (add([(1, one), (2, erf(scaled(1 / ROOT, u)))]), ""),
        (add([(1, one), (1, erf(u))]), ""),
        (add([(1, one), (1, call(sympy.tanh, [scaled(1 / ROOT, u)]))]), ""),
        (add([(1, v), (1, erf(scaled(1 / ROOT, u)))]), ""),
    ],
    "erfc(x/sqrt(2)) -> 2*Phi(-x)": [
        (call(sympy.erfc, [scaled(1 / ROOT, u)]), "2*Phi(-1*u[0] -> [0])[0] -> [0]"),
        (call(sympy.erfc, [scaled(3 * ROOT, u)]), "2*Phi(-6*u[0] -> [0])[0] -> [0]"),
        (call(sympy.erfc, [u]), ""),
        (call(sympy.erfc, [scaled(1 / sympy.sqrt(3), u)]), ""),
    ],
    "exp(-x**2/2)/sqrt(2*pi) -> phi(x)": [
        (row(FRONT, (fall(u), (0,), 1)), "phi(u)"),
        (row(FRONT, (fall(u), (0,), 1), out=(0, 1), _1=m), "phi(u)[0] -> [0, 1]"),
        (
            row(3 * ROOT_OF_PI, (v, (0,), 1), (fall(u), (1,), 1), out=()),
            "3*sqrt(2)*(v[0] -> [])*(phi(u)[0] -> []) -> []",
        ),
        (row(ROOT_OF_PI**2, (fall(u, -1), (0,), 1)), "2*phi(u)[0]**(2) -> [0]"),
        (
            row(ROOT_OF_PI**2, (exp(add([(-HALF, power(u, 2)), (-HALF, power(v, 2))])), (0,), 1)),
            "2*phi(v)[0]*phi(u)[0] -> [0]",
        ),
        (row(ROOT_OF_PI, (exp(add([(-HALF, power(u, 2)), (-HALF, power(v, 2))])), (0,), 1)), ""),
        (row(ROOT_OF_PI**2, (exp(add([(-2, power(u, 2)), (-1, v)])), (0,), 1)), ""),
        (
            row(ROOT_OF_PI**2, (exp(add([(-1, power(u, 2)), (-1, v)])), (0,), 1)),
            "2*exp(-1*v[0] -> [0])[0]*phi(u)[0]**(2) -> [0]",
        ),
        (row(1 / FRONT, (fall(u, HALF), (0,), 1)), ""),
        (row(1 / FRONT, (fall(u), (0,), 1)), ""),
        (row(sympy.pi ** sympy.Rational(-3, 4), (fall(u, -sympy.Rational(3, 4)), (0,), 1)), ""),
        (row(1, (fall(u), (0,), 1)), ""),
        (row(FRONT, (fall(u, HALF), (0,), 1)), ""),
        (row(FRONT, (fall(u, -1), (0,), 1)), ""),
        (row(FRONT, (fall(u), (0,), 2)), ""),
        (row(FRONT, (power(u, 2), (0,), 1)), ""),
        (row(FRONT, (exp(scaled(-HALF, h)), (0,), 1)), ""),
        (row(FRONT, (exp(row(-HALF, (u, (0,), 2), (h, (0,), -1))), (0,), 1)), "phi(u[0]*h[0]**(-1/2) -> [0])"),
        (row(FRONT, (exp(row(-HALF, (u, (0,), 2), (v, (0,), -1))), (0,), 1)), ""),
        (row(FRONT, (exp(row(-HALF, (u, (0,), 2), (v, (0,), -1))), (0,), 1), (v, (0,), -HALF)), ""),
        (
            row(FRONT, (exp(row(-HALF, (s, (), 2), (t, (), -1), out=())), (), 1), (t, (), -HALF), out=()),
            "t**(-1/2)*phi(s*t**(-1/2) -> []) -> []",
        ),
        (row(FRONT, (exp(row(-HALF, (s, (), 2), (t, (), -1), out=())), (), 1), (t, (), -1), out=()), ""),
        (row(FRONT, (exp(row(-HALF, (u, (0,), 2), out=())), (), 1), out=()), ""),
        (row(FRONT, (exp(row(-HALF, (u, (0,), 2), (s, (), 2), out=())), (), 1), out=()), ""),
        (row(FRONT, (exp(row(-HALF, (u, (0,), 2), out=(0, 0))), (0, 1), 1), out=(0, 1)), "phi(u[0] -> [0, 0])"),
        (row(FRONT, (exp(row(-HALF, (u, (0,), 2), out=(0, 1), _1=m)), (0, 1), 1), out=(0, 1)), "phi(u)[0] -> [0, 1]"),
    ],
    "exp(-x**2/2)/sqrt(2*pi) + y -> phi(x) + y": [
        (add([(FRONT, fall(u)), (1, v)]), "(v) + (phi(u))"),
        (
            add([(1, v), (3 * FRONT, row(1, (fall(u), (0,), 1), (v, (0,), 1)))]),
            "v[0]*((1 -> [0]) + 3*(phi(u)))[0] -> [0]",
        ),
        (add([(FRONT, exp(u)), (1, v)]), ""),
        (add([(FRONT, times(exp(u), normal(v))), (1, v)]), ""),
        (add([(FRONT, u), (1, exp(v))]), ""),
        (add([(1, fall(u)), (1, v)]), ""),
    ],
    "phi(x)*exp(x**2/2) -> 1/sqrt(2*pi)": [
        (times(normal(u), fall(u, HALF)), "sqrt(2)/(2*sqrt(pi)) -> [0]"),
        (row(3, (normal(u), (0,), 2), (fall(u, HALF), (0,), 1)), "3/(2*pi)*exp(-1/2*u[0]**(2) -> [0])[0] -> [0]"),
        (
            row(3, (normal(u), (0,), 1), (fall(u, 2), (0,), 1), out=(0, 1), _1=m),
            "3*sqrt(2)/(2*sqrt(pi))*exp(3/2*u[0]**(2) -> [0])[0] -> [0, 1]",
        ),
        (
            row(
                1, (normal(u), (0,), 1), (exp(add([(1, power(u, 2)), (1, v)])), (0,), 1), (exp(v), (1,), 1), out=(0, 1)
            ),
            "sqrt(2)/(2*sqrt(pi))*exp(v)[1]*exp(1/2*(2*(v) + (u[0]**(2) -> [0]))[0] -> [0])[0] -> [0, 1]",
        ),
        (row(1, (normal(u), (0,), 1), (fall(u, HALF), (1,), 1), (exp(v), (0,), 1), out=(0, 1)), ""),
        (row(1, (normal(u), (0,), 1), (fall(u, HALF), (1,), 1), out=(0, 1)), ""),
        (times(normal(u), exp(v)), ""),
        (times(normal(u), exp(u)), ""),
        (times(u, fall(u)), ""),
    ],
    "phi(x)*y + phi(z) -> phi(x)*(y + exp((x**2 - z**2)/2))": [
        (
            add([(1, times(normal(u), v)), (-1, times(normal(add([(1, u), (1, one)])), exp(u)))]),
            "phi(u)[0]*((v) + -exp(-1/2)*(1 -> [0]))[0] -> [0]",
        ),
        (add([(1, normal(u)), (-1, times(normal(add([(1, u), (1, one)])), exp(u)))]), "1 - exp(-1/2)*phi(u)[0] -> [0]"),
        (
            add([(1, normal(u)), (-1, times(normal(add([(1, u), (1, one)])), exp(u), v))]),
            "-1*phi(u)[0]*(exp(-1/2)*(v) + -1*(1 -> [0]))[0] -> [0]",
        ),
        (
            add(
                [
                    (1, row(1, (normal(u), (0,), 1), (v, (0,), 1), out=(0, 1), _1=m)),
                    (-1, row(1, (normal(add([(1, u), (1, one)])), (0,), 1), (exp(u), (0,), 1), out=(0, 1), _1=m)),
                ]
            ),
            "phi(u)[0]*((v) + -exp(-1/2)*(1 -> [0]))[0] -> [0, 1]",
        ),
        (
            add([(1, times(normal(u), v)), (-1, times(normal(normal(u)), fall(u), fall(normal(u), HALF)))]),
            "phi(u)[0]*((v) + -1*(1 -> [0]))[0] -> [0]",
        ),
        # Of two forms the one with less beside the density.
        (
            add([(1 / sympy.E, times(v, normal(u))), (1, times(z, normal(far)))]),
            "((w) + (v))[0]*phi((2*(1 -> [0]) + (u[0]**(2) -> [0]))[0]**(1/2) -> [0])[0] -> [0]",
        ),
        (add([(1, times(v, normal(u))), (1, times(z, normal(far)))]), "phi(u)[0]*(exp(-1)*(w) + (v))[0] -> [0]"),
        (
            add([(1, times(z, normal(zero))), (1, times(v, normal(number(2, (size,)))))]),
            "phi(0)*(w) + exp(-2)*phi(0)*(v)",
        ),
        (add([(1, normal(log)), (1, times(v, normal(add([(1, log), (1, one)]))))]), ""),
        (add([(1, row(1, (normal(u), (0,), 2))), (-1, times(normal(add([(1, u), (1, one)])), exp(u)))]), ""),
        (
            add(
                [
                    (1, row(1, (normal(u), (0,), 2))),
                    (1, normal(u)),
                    (-1, times(normal(add([(1, u), (1, one)])), exp(u))),
                ]
            ),
            "phi(u)[0]*(1 - exp(-1/2)*(1 -> [0]) + (phi(u)))[0] -> [0]",
        ),
        (add([(1, normal(u)), (1, normal(v))]), ""),
        (add([(1, normal(u)), (1, normal(v)), (1, normal(z))]), ""),
        (add([(1, normal(u)), (1, normal(normal(u)))]), ""),
        (add([(1, normal(u)), (1, normal(add([(1, u), (1, normal(v))])))]), ""),
        (add([(1, normal(u)), (1, row(1, (normal(s), (), 1), _0=size))]), ""),
        (add([(1, normal(u)), (2, v)]), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
