"""The normal distribution is written by its names, whatever it was spelled as."""

from statistics import NormalDist

import numpy as np
import pytest
import sympy

import tracer as tf

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
