"""For how many sizes an identity has to hold to hold for all."""

import pytest
import sympy

import tracer as tf
from tracer import Verdict
from tracer.comparison.size_bounds import Form, Forms, NoFormError, bound_sizes
from tracer.expressions import Reader


def bounds(first, second, **shapes):
    reader = Reader({name: tf.placeholder(name, shape).shape for name, shape in shapes.items()})
    return bound_sizes([reader.read(first)], [reader.read(second)])


def test_indices_and_degrees_are_counted():
    assert bounds("sum(x)", "sum(x)", x=("n",)) == (1, 1)
    assert bounds("sum(x)**3", "sum(x)", x=("n",)) == (3, 1)
    assert bounds("sum(x)/n", "mean(x)", x=("n",))[0] == 1
    assert bounds("x*sum(x)", "x", x=("n",)) == (2, 1)
    assert bounds("sum(sigmoid(x))", "sum(exp(x))", x=("n",)) == (1, 1)


def test_functions_of_elements_and_of_sums_over_them_have_no_bound():
    assert bounds("sum(sigmoid(x - mean(x)))", "sum(x)", x=("n",)) is None
    assert bounds("1/(x - sum(x))", "x", x=("n",)) is None
    assert bounds("sum(exp(x - mean(x)))", "sum(x)", x=("n",)) is not None


ALL_SIZES = [
    ("mean((x - mean(x))**2)", "mean(x**2) - mean(x)**2", {"x": ("n",)}),
    ("mean((x - mean(x))**3)", "mean(x**3) - 3*mean(x)*mean(x**2) + 2*mean(x)**3", {"x": ("n",)}),
    ("sum((X - mean(X, axis=0))**2)", "sum(X**2) - n*sum(mean(X, axis=0)**2)", {"X": ("n", "m")}),
    ("sum((x - mean(x))*(y - mean(y)))", "n*(mean(x*y) - mean(x)*mean(y))", {"x": ("n",), "y": ("n",)}),
    ("sum(relu(x))", "sum((x + abs(x))/2)", {"x": ("n",)}),
    ("sum(1/(x - 1) - 1/(x + 1))", "sum(2/(x**2 - 1))", {"x": ("n",)}),
    ("sum(exp(x - max(x)))", "sum(exp(x))*exp(-max(x))", {"x": ("n",)}),
]


@pytest.mark.parametrize(("first", "second", "shapes"), ALL_SIZES)
def test_identities_for_all_sizes_are_proved(first, second, shapes):
    answer = tf.compare(first, second, *shapes.values())
    assert answer.verdict is Verdict.PROVED, str(answer)


def test_what_holds_for_small_sizes_alone_is_no_identity():
    """The elementary symmetric function of degree 4 is zero for three elements."""
    text = "sum(x)**4 - 6*sum(x)**2*sum(x**2) + 8*sum(x)*sum(x**3) + 3*sum(x**2)**2 - 6*sum(x**4)"
    assert bounds(text, "0*sum(x)", x=("n",))[0] == 4
    answer = tf.compare(text, "0*sum(x)", ("n",))
    assert answer.verdict is not Verdict.PROVED


def test_a_form_that_has_no_bound_says_why():
    with pytest.raises(NoFormError, match="a function of elements and of sums over them"):
        Form(free=True, summed=True).pointwise()
    assert Form(free=True).pointwise() == Form(free=True)
    with pytest.raises(NoFormError, match=r"2\*\*n is not rational in sizes"):
        Forms().literal(2 ** sympy.Symbol("n"))
    assert Forms().literal(sympy.Symbol("n") ** 2 / 3).sizes == (2, 0)
    with pytest.raises(NoFormError, match="an array of numbers"):
        Forms().source(tf.constant([1.0, 2.0]))


SMALL_SIZES = [
    ("2**n*sum(x)", "2*n*sum(x)"),
    ("sum(x**n)", "sum((n - 1)*x**2 + (2 - n)*x)"),
    ("sum(x)/min(n, 6)", "mean(x)"),
    ("sum(x) + relu(n - 5)", "sum(x)"),
    ("abs(n - 7)*sum(x)", "(7 - n)*sum(x)"),
    ("where((sum(x) > 5) & (mean(x) < 1), 1, 0)", "0*sum(x)"),
    ("sum(where((x > 5) & (x < n), 1, 0))", "0*sum(x)"),
]


@pytest.mark.parametrize(("first", "second"), SMALL_SIZES)
def test_what_sizes_decide_has_no_bound(first, second):
    assert bounds(first, second, x=("n",)) is None


@pytest.mark.parametrize(("first", "second"), [*SMALL_SIZES[2:5], ("sum(x[:4])", "sum(x)")])
def test_sizes_beyond_the_numbers_in_a_program_are_looked_at(first, second):
    assert tf.compare(first, second, ("n",)).verdict is Verdict.REFUTED
