"""The length of formulas: what a reader counts."""

import pytest
import sympy
from sympy.matrices.expressions import Transpose
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.formulas.matrix.classes import HadamardProduct, MatAdd, MatMul
from tracer.formulas.matrix.length import count_operations, count_transposes, measure_length
from tracer.terms.work import Budget

n = sympy.Symbol("n", integer=True, positive=True)
A, B = (sympy.MatrixSymbol(name, n, n) for name in "AB")
v = sympy.MatrixSymbol("v", n, 1)


@pytest.mark.parametrize(
    ("formula", "count"),
    [
        (A, 0),
        (Transpose(A), 1),
        (MatMul(A, B), 1),
        (MatMul(2, A, B), 2),
        (MatMul(-1, A, B), 1),
        (MatAdd(A, B), 1),
        (HadamardProduct(A, B), 1),
        (MatMul(MatAdd(A, B), MatAdd(A, B)), 2),
    ],
)
def test_operations_are_counted_once_however_often_they_occur(formula, count):
    assert count_operations(formula, Budget()) == count


def test_transposes_of_columns_do_not_count():
    assert count_transposes(MatMul(Transpose(v), Transpose(A)), Budget()) == 1


def test_candidates_are_ordered_by_operations_then_transposes_then_whether_the_whole_is_turned():
    inside, outside = MatMul(Transpose(B), A), Transpose(MatMul(Transpose(A), B))
    assert measure_length(inside, Budget()) < measure_length(outside, Budget())
    assert measure_length(MatMul(A, B), Budget()) < measure_length(inside, Budget())
    assert measure_length(MatMul(2, outside), Budget())[2]


def test_the_work_is_that_of_the_budget():
    budget = Budget()
    measure_length(MatMul(Transpose(B), A), budget)
    assert budget.spent > 0


C = sympy.MatrixSymbol("C", n, n)


@pytest.mark.parametrize(
    ("formula", "count"),
    [
        (MatAdd(A, B, C), 2),
        (HadamardProduct(A, B, C), 2),
        (MatMul(A, B, C), 2),
        (sympy.Symbol("x") + sympy.Symbol("y") + 2, 2),
        (MatMul(n, A), 1),
        (A[0, 1], 0),
        (MatAdd(A, B)[0, 1], 1),
        (sympy.sqrt(2), 0),
        (MatMul(sympy.sqrt(2), A), 1),
    ],
)
def test_a_sum_or_product_of_three_has_two_operations_and_an_element_has_none(formula, count):
    assert count_operations(formula, Budget()) == count


def test_each_part_is_one_step_of_work():
    budget = Budget()
    count_operations(MatMul(MatAdd(A, B), Transpose(A)), budget)
    assert budget.spent == 3


@pytest.mark.parametrize(
    ("formula", "length"),
    [
        (MatMul(Transpose(A), B), (2, 1, False)),
        (Transpose(MatMul(A, B)), (2, 1, True)),
        (MatMul(A, B), (1, 0, False)),
        (MatMul(3, Transpose(MatAdd(A, B))), (3, 1, True)),
    ],
)
def test_the_length_is_of_operations_transposes_and_the_whole(formula, length):
    assert measure_length(formula, Budget()) == length


def test_an_element_has_the_operations_of_its_matrix():
    assert count_operations(MatrixElement(MatMul(MatAdd(A, B), A), 0, 1), Budget()) == 2
