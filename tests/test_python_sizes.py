"""Arithmetic of sizes as source."""

import itertools

import pytest
import sympy

from tracer.python_code import ATOM
from tracer.python_scope import SCOPE
from tracer.python_sizes import size_code, write_sizes

n, m = sympy.symbols("n m", integer=True, positive=True)


@pytest.mark.parametrize(
    "size", [n, n + 2 * m - 1, n * m - n, sympy.floor((n - 1) / 2), sympy.ceiling(n / m), sympy.Max(n, m) - 1, n**2,
             sympy.Mod(n, 2) + 1, sympy.Integer(3)],
)  # fmt: skip
def test_arithmetic_of_sizes(size):
    code = size_code(size)
    for sizes in itertools.product((2, 5, 8), repeat=2):
        values = dict(zip((n, m), sizes))
        assert eval(code.write(lambda key, values=values: (str(values[key]), ATOM))) == size.xreplace(values)


def test_what_is_no_arithmetic_of_sizes_is_refused():
    with pytest.raises(ValueError, match=r"sin\(n\) is no arithmetic of dimensions"):
        size_code(sympy.sin(n))


def test_sizes_within_an_expression_are_put_in_parentheses_where_needed():
    code = write_sizes(SCOPE.np.arange(n - 1).reshape((n, m * 2)) * (n + 1))
    assert str(code) == "np.arange(n - 1).reshape((n, 2 * m)) * (n + 1)"
    assert set(code.slots) == {n, m}
