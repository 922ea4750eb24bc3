"""Powers of numbers within exponentials, as they are written."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.terms.programs import add, h, n, one, scaled, u, v
from tracer.terms.normalise import Normaliser
from tracer.terms.number_powers import open_powers
from tracer.terms.record import call, describe
from tracer.terms.rules.standard import STANDARD

q, r = tf.symbols("q r")
c = tf.placeholder("c", positive=True)
k = tf.placeholder("k", dtype="int64")
x, y = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))
A = tf.placeholder("A", ("n", "n"))


def forms(tensor):
    return [str(tf.formula(tensor, form)) for form in ("matrix", "latex", "python", "index")]


@pytest.mark.parametrize(
    ("tensor", "texts"),
    [
        (2**q, ["2**q", "2^{q}", "2**q", "2**q"]),
        (2**-q, ["2**(-q)", "2^{-q}", "2**(-q)", "2**(-q)"]),
        (0.9**q, ["(9/10)**q", r"\left(\frac{9}{10}\right)^{q}", "(9/10)**q", "(9/10)**q"]),
        (np.exp2(q + 1), ["2**(q + 1)", "2^{q + 1}", "2**(q + 1)", "2**(q + 1)"]),
        (2**q * 3**r, ["2**q*3**r", "2^{q} 3^{r}", "2**q*3**r", "2**q*3**r"]),
        (2**q * tf.exp(r), ["2**q*exp(r)", "2^{q} e^{r}", "2**q*np.exp(r)", "2**q*exp(r)"]),
        (tf.exp(q + np.log(2)), ["2*exp(q)", "2 e^{q}", "2*np.exp(q)", "2*exp(q)"]),
        (c**q, ["c**q", "c^{q}", "c**q", "c**q"]),
        (5 * 10 ** (x / 20), ["5*10**(x/20)", r"5 \cdot 10^{\odot \frac{1}{20} x}", "5*10**(x/20)", "5*10**(x[i]/20)"]),
        (2 ** (x - y), ["2**(x - y)", r"2^{\odot (x - y)}", "2**(x - y)", "2**(x[i] - y[i])"]),
        (
            tf.exp(np.log(2) * x[:, None] - y),
            ["2**x*exp(-y).T", r"2^{\odot x} \exp(-y)^{\top}", "np.outer(2**x, np.exp(-y))", "2**x[i]*exp(-y[j])"],
        ),
        (2**A @ x, ["2^oA*x", r"2^{\odot A} x", "2**A @ x", "Sum(2**A[i, j]*x[j], (j, 0, n - 1))"]),
        (
            tf.where(x > 0, 2**x, x),
            [
                "where(x > 0, 2**x, x)",
                r"\begin{cases} 2^{\odot x} & \text{if } x > 0 \\ x & \text{otherwise} \end{cases}",
                "np.where(x > 0, 2**x, x)",
                "where(x[i] > 0, 2**x[i], x[i])",
            ],
        ),
        (2.0 ** tf.cast(k, "float64"), ["2**k", "2^{k}", "2.0**k", "2**k"]),
    ],
)
def test_a_power_of_a_number_is_written_in_every_form(tensor, texts):
    assert forms(tensor) == texts
    tf.testing.verify_formula(tensor)


def test_its_derivatives_are_powers_of_the_number():
    slope = tf.gradients(2**q, q)[0]
    assert str(slope.formula()) == "2**q*log(2)"
    assert str(tf.gradients(slope, q)[0].formula()) == "2**q*log(2)**2"
    assert str(tf.gradients(tf.reduce_sum(10**x), x)[0].formula()) == "log(10)*10**x"
    assert str(tf.gradients(c**q, q)[0].formula()) == "c**q*log(c)"


def test_a_part_that_is_named_is_a_power():
    z = 2**x
    made = tf.formula(tf.gradients(z @ y / (1 + tf.reduce_sum(z)), x)[0], form="where")
    assert str(made).endswith("z = 2**x")


def test_integers_are_raised_as_floats_in_numpy():
    power = (-1.0) ** tf.cast(k, "float64")
    text = tf.formula(power, form="python")
    assert text == "(-1.0)**k"
    assert eval(text, {"k": np.int64(-3)}) == -1


@pytest.mark.parametrize(
    ("exponent", "text"),
    [
        (scaled(sympy.log(2) / 3, u), "Pow(2 -> [0], 1/3*u[0] -> [0])"),
        (scaled(sympy.log(n), u), "Pow(n -> [0], u)"),
        (add([(1, u), (-sympy.log(n) / 2, one)]), "1/sqrt(n)*exp(u)[0] -> [0]"),
        (add([(1, u), (-n * sympy.log(2 * sympy.pi) / 2, one)]), "(2*pi)**(-n/2)*exp(u)[0] -> [0]"),
        (add([(1, u), (-sympy.log(2 * sympy.pi) / 2, one)]), ""),
        (add([(1, u), (2, v)]), ""),
        (scaled(3, call(sympy.tanh, [h])), ""),
    ],
)
def test_what_an_exponential_is_written_as(exponent, text):
    normaliser = Normaliser(STANDARD)
    term = call(sympy.exp, [normaliser.normal(exponent)])
    opened = open_powers(normaliser, term)
    assert ("" if opened is term else describe(opened)) == text
