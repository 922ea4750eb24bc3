"""Elements of arrays in LaTeX: each index is written where it stands, and none has two meanings."""

import itertools

import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.matrix.array_classes import ArrayMap
from tracer.formulas.matrix.array_products import ArrayAdd, multiply_arrays, scale_array
from tracer.formulas.matrix.array_reductions import ArraySoftmax
from tracer.formulas.matrix.classes import Identity
from tracer.formulas.matrix.index_latex import (
    choose_indices,
    is_index,
    name_indices,
    reserve_indices,
    show_limits,
    typeset_element,
    typeset_member,
    write_over,
)
from tracer.formulas.matrix.latex_printer import Latex

n, m = sympy.symbols("n m", integer=True, positive=True)
x, y = sympy.symbols("x y", real=True)
T, U = ArraySymbol("T", (n, n, m)), ArraySymbol("U", (n, m))
GRAM = multiply_arrays([(0, 2), (1, 2)], (0, 1), [U, U])
BOTH = multiply_arrays([(0, 1, 2), (1, 0)], (0, 2), [T, ArrayAdd(scale_array(sympy.Integer(-2), GRAM), GRAM)])
MAP = ArrayMap(sympy.Lambda((x, y), x**2 * sympy.exp(-y)), GRAM, ArrayAdd(GRAM, GRAM))


@pytest.mark.parametrize(
    ("array", "at", "text"),
    [
        (U, "pq", "U_{p,q}"),
        (sympy.Symbol("c"), "", "c"),
        (GRAM, "jk", r"\sum_{i} U_{j,i} U_{k,i}"),
        (ArrayAdd(U, scale_array(sympy.Integer(-3), U)), "ab", "U_{a,b} - 3 U_{a,b}"),
        (Identity(n), "ij", r"\delta_{i,j}"),
        (ArraySoftmax(U), "ij", r"\operatorname{softmax}_{j}(U_{i,j})"),
        (ArraySoftmax(GRAM), "ij", r"\operatorname{softmax}_{j}\left(\sum_{k} U_{i,k} U_{j,k}\right)"),
        (ArraySoftmax(U), "ii", r"\frac{\exp(U_{i,i})}{\sum_{j} \exp(U_{i,j})}"),
        (ArraySoftmax(U), ["i", "j + 1"], r"\frac{\exp(U_{i,j + 1})}{\sum_{k} \exp(U_{i,k})}"),
        (ArrayMap(sympy.Lambda((x, y), x**2 + sympy.sin(y)), U, U), "ij", r"U_{i,j}^{2} + \sin(U_{i,j})"),
    ],
)
def test_the_element_of_an_array(array, at, text):
    assert typeset_element(Latex(), array, list(at)) == text


@pytest.mark.parametrize(
    ("array", "at", "text"),
    [
        (T, "p", "T_{p}"),
        (GRAM, "", r"\left[\sum_{k} U_{i,k} U_{j,k}\right]_{i,j}"),
        (GRAM, "ij", r"\sum_{k} U_{i,k} U_{j,k}"),
    ],
)
def test_an_array_at_indices_of_its_first_axes(array, at, text):
    assert typeset_member(Latex(), array, list(at)) == text


@pytest.mark.parametrize("array", [GRAM, BOTH, MAP, ArraySoftmax(GRAM)])
def test_an_array_of_sums_is_written_by_its_elements(array):
    assert Latex().doprint(array) == typeset_element(Latex(), array, choose_indices(Latex(), array))
    assert "}_{" not in Latex().doprint(array).replace("softmax}_", "")


def test_sums_within_sums_have_indices_of_their_own():
    text = Latex().doprint(BOTH)
    assert text == r"\sum_{k} T_{i,k,j} \left(-2 \sum_{l} U_{k,l} U_{i,l} + \sum_{l} U_{k,l} U_{i,l}\right)"
    limited = typeset_element(show_limits(Latex()), GRAM, ["i", "j"])
    assert limited == r"\sum_{k=0}^{m - 1} U_{i,k} U_{j,k}"


def test_indices_are_called_as_nothing_around_them():
    array = ArraySymbol("k", (sympy.Symbol("i"), n))
    assert choose_indices(Latex(), array) == ["j", "l"]
    assert next(name_indices(reserve_indices(reserve_indices(Latex(), "jl"), "p"), array, ["m", "2 q"])) == "r"
    many = [*itertools.islice(name_indices(Latex(), array), 40)]
    assert len(set(many)) == 40
    assert all(map(is_index, many))


@pytest.mark.parametrize(
    ("sign", "indices", "short", "limited"),
    [
        ("sum", "", "", ""),
        ("sum", "i", r"\sum_{i} ", r"\sum_{i=0}^{n - 1} "),
        ("max", "i", r"\max_{i} ", r"\max_{0 \leq i \leq n - 1} "),
        ("max", "ij", r"\max_{i, j} ", r"\max_{\substack{0 \leq i \leq n - 1\\0 \leq j \leq m - 1}} "),
    ],
)
def test_what_is_over_indices(sign, indices, short, limited):
    assert write_over(Latex(), sign, indices, [n, m]) == short
    assert write_over(show_limits(Latex()), sign, indices, [n, m]) == limited


def test_elements_of_arrays_in_a_formula_take_none_of_its_indices():
    i, j, k = sympy.symbols("i j k", integer=True)
    element = sympy.tensor.array.expressions.ArrayElement(ArraySoftmax(GRAM), (i, j))
    text = Latex().doprint(sympy.Sum(element * k, (k, 0, n - 1)))
    assert r"\operatorname{softmax}_{j}\left(\sum_{l=0}^{m - 1} U_{i,l} U_{j,l}\right)" in text
