"""The greatest and the least over indices, left as they are or found."""

import numpy as np
import pytest
import sympy

from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.latex_printer import Latex

i, j, n = sympy.symbols("i j n", integer=True)
x = sympy.IndexedBase("x", real=True)


@pytest.mark.parametrize(("kind", "numpy"), [(MaxOver, np.max), (MinOver, np.min)])
def test_the_value_is_that_of_numpy(kind, numpy):
    values = np.array([[3, -1, 2], [0, 5, -7]])
    made = kind(x[i, j], (i, 0, 1), (j, 0, 2)).doit()
    known = {x[a, b]: int(values[a, b]) for a in range(2) for b in range(3)}
    assert made.xreplace(known) == numpy(values)


def test_what_has_symbols_for_ends_stays():
    assert MaxOver(x[i], (i, 0, n)).doit() == MaxOver(x[i], (i, 0, n))
    assert str(MinOver(x[i], (i, 0, n))) == "Min(x[i], (i, 0, n))"
    assert sympy.latex(MaxOver(x[i], (i, 0, n))) == r"\max_{0 \leq i \leq n} {x}_{i}"
    assert MaxOver(x[i], (i, 0, n)).is_extended_real


def test_a_power_of_the_greatest_is_not_that_of_each():
    made = Latex().doprint(sympy.Pow(MaxOver(x[i], (i, 0, n)), 2, evaluate=False))
    assert made == r"\left(\max_{0 \leq i \leq n} x_{i}\right)^{2}"
