"""Terms in array notation have the value of the tensor, and a vector is no column there."""

import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.array_terms import convert_to_array, raise_array, write_array
from tracer.formulas.matrix.writer import Writer
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

n, d = sympy.symbols("n d", integer=True, positive=True)
SIZES = {"n": 3, "d": 2}
RNG = np.random.default_rng(14)
VALUES = {"A": RNG.normal(size=(3, 3)), "v": RNG.normal(size=3), "T": RNG.normal(size=(3, 2, 3))}
A, v, RANK3 = T.source("A", (n, n)), T.source("v", (n,)), T.source("T", (n, d, n))
ONE = sympy.S.One


def write_anew():
    return Writer(Normaliser(STANDARD))


def product(*factors, out):
    return T.product(1, [(t, labels, ONE) for t, labels in factors], out)


@pytest.mark.parametrize(
    ("term", "want"),
    [
        (T.call(sympy.tanh, [RANK3]), np.tanh(VALUES["T"])),
        (T.add([(2, RANK3), (-1, T.call(sympy.exp, [RANK3]))]), 2 * VALUES["T"] - np.exp(VALUES["T"])),
        (T.power(RANK3, 2), VALUES["T"] ** 2),
        (T.number(0, (n, d, n)), np.zeros((3, 2, 3))),
        (product((A, (0, 1)), (v, (2,)), out=(0, 1, 2)), np.multiply.outer(VALUES["A"], VALUES["v"])),
    ],
    ids=["function", "sum", "power", "zero", "outer"],
)
def test_a_term_as_an_array_has_its_value(term, want):
    np.testing.assert_allclose(evaluate(write_array(write_anew(), term), SIZES, VALUES), want, rtol=1e-9)


def test_a_matrix_is_an_array_as_it_is_and_a_vector_one_of_rank_one():
    writer = write_anew()
    assert convert_to_array(writer, A) == sympy.MatrixSymbol("A", n, n)
    assert convert_to_array(writer, v) == ArraySymbol("v", (n,))
    assert convert_to_array(writer, product((A, (0, 1)), (v, (1,)), out=(0,))).shape == (n,)
    assert convert_to_array(writer, RANK3) == ArraySymbol("T", (n, d, n))


@pytest.mark.parametrize("power", [1, 2, -3])
def test_the_elements_of_an_array_are_raised(power):
    made = raise_array(write_anew(), RANK3, sympy.Integer(power))
    np.testing.assert_allclose(evaluate(made, SIZES, VALUES), VALUES["T"] ** float(power), rtol=1e-9)


images, G = tf.placeholder("I", ("b", "n", "m", "c")), tf.placeholder("G", ("b", "n", "m", "c"))
S, U, V, W = (tf.placeholder(a, tuple(k)) for a, k in [("S", "prq"), ("U", "np"), ("V", "mr"), ("W", "cq")])
B, C = tf.placeholder("B", ("n", "m", "c")), tf.placeholder("C", ("p", "m"))
SQUARES = tf.reduce_mean(images**2, axis=(0, 1, 2))
PROGRAMS = {
    "G/sqrt(mean(I**2) + 0.001) for each c": lambda: G / tf.sqrt(SQUARES + 1e-3),
    "I + G/sqrt(mean(I**2) + 1.0e-5) for each c": lambda: G / tf.sqrt(SQUARES + 1e-5) + images,
    "-tanh(C - sqrt(5)*U.T*B/5) for each c": lambda: tf.tanh(tf.einsum("nmc,np->pmc", B, U) / 5**0.5 - C[:, :, None]),
    '2*einsum("lst,tk,li,sj->ijk", einsum("lst,kt,il,js->ijk", S, W, U, V) - B, W, U, V)': lambda: tf.gradients(
        tf.reduce_sum((tf.einsum("prq,np,mr,cq->nmc", S, U, V, W) - B) ** 2), S
    )[0],
}


@pytest.mark.parametrize("text", PROGRAMS)
def test_numbers_and_signs_of_arrays_are_where_those_of_matrices_are(text):
    tensor = PROGRAMS[text]()
    assert str(tensor.formula()) == text
    sizes = {"b": 2, "n": 3, "m": 2, "c": 4, "p": 2, "q": 3, "r": 2}
    sources = [t for t in ancestors([tensor]) if t.op == "placeholder"]
    arrays = {t.name: RNG.normal(size=[sizes[str(k)] for k in t.shape]) for t in sources}
    assert not faults(tensor, sizes, arrays, tensor.eval(arrays))
