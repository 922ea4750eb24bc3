"""For how many sizes an identity has to hold to hold for all."""

import pytest
import sympy

import tracer as tf
from tracer import Verdict
from tracer.comparison.proofs import Generic, prove_generic
from tracer.comparison.sides import Side
from tracer.comparison.size_bounds import Degree, Form, Forms, NoFormError, bound_degree, measure_degree
from tracer.expressions import Reader
from tracer.shapes import as_shape


def bounds(first, second, **shapes):
    reader = Reader({name: tf.placeholder(name, shape).shape for name, shape in shapes.items()})
    return bound_degree([reader.read(first)], [reader.read(second)])


def test_indices_and_degrees_are_counted():
    assert bounds("sum(x)", "sum(x)", x=("n",)) == 1
    assert bounds("sum(x)**3", "sum(x)", x=("n",)) == 3
    assert bounds("n*sum(x)", "sum(x)", x=("n",)) == 2
    assert bounds("x*sum(x)", "x", x=("n",)) == 2
    assert bounds("sum(sin(x))", "sum(tanh(x))", x=("n",)) == 1


def test_a_sum_that_is_not_zero_where_elements_are_counts_as_a_size():
    assert bounds("sum(cos(x))", "sum(x)", x=("n",)) == 2
    assert bounds("sum(x*cos(x))", "sum(x)", x=("n",)) == 1
    assert bounds("sum(x + 1)", "sum(x)", x=("n",)) == 2
    assert bounds("sum(x*y)", "sum(x)", x=("n",), y=("n",)) == 1
    assert bounds("sum(x*cos(y))", "sum(x)", x=("n",), y=("n",)) == 1


def test_sizes_grow_with_dimensions_as_polynomials():
    n, m = sympy.symbols("n m", integer=True, positive=True)
    assert [measure_degree(d) for d in (3, n, n - 1, n * m + 2)] == [0, 1, 1, 2]
    with pytest.raises(NoFormError, match=r"the size -m \+ n may shrink"):
        measure_degree(n - m)
    with pytest.raises(NoFormError, match=r"the size floor\(n/2\) is no polynomial"):
        measure_degree(sympy.floor(n / 2))


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
    assert bounds(text, "0*sum(x)", x=("n",)) == 4
    answer = tf.compare(text, "0*sum(x)", ("n",))
    assert answer.verdict is not Verdict.PROVED


def test_a_form_that_has_no_bound_says_why():
    with pytest.raises(NoFormError, match="a function of elements and of sums over them"):
        Form(free=True, summed=True).pointwise()
    assert Form(free=True).pointwise() == Form(free=True)
    with pytest.raises(NoFormError, match=r"2\*\*n is not rational in sizes"):
        Forms().literal(2 ** sympy.Symbol("n"))
    assert Forms().literal(sympy.Symbol("n") ** 2 / 3).sizes == Degree(2)
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


DISGUISED = "sum(sin(x)**2 + cos(x)**2)"
"""The size, in a spelling that looks like a sum over elements."""


@pytest.mark.parametrize(
    "first",
    [
        "({0})**3/600 - ({0})**2/100 + 11*({0})/600 - 1/100",
        "exp(sum(x + log(2))) - 2*exp(sum(x))",
        "2**({0}) - 2*({0})",
        "({0} - 1)*({0} - 2)*sum(x)",
    ],
)
def test_what_holds_at_the_first_sizes_alone_is_not_proved(first):
    """Sums hide sizes: what is zero for the sizes 1 to 3 is not zero for all."""
    sides = Side(first.format(DISGUISED)), Side("0*sum(x)")
    assert prove_generic(Generic(sides, ["x"], [as_shape("n")], ["float64"])) is None


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        ("exp(sum(x + log(2)))", "0*sum(x)", True),
        ("exp(sum(x + log(2)))", "exp(sum(x))", False),
        ("exp(sum(x))", "exp(sum(x**2))", True),
        ("x/sqrt(mean(x**2) + 1)", "x*sqrt(1/(mean(x**2) + 1))", True),
        (f"exp({DISGUISED})", "0*sum(x)", False),
    ],
)
def test_of_functions_of_what_depends_on_sizes_there_is_one(first, second, known):
    assert (bounds(first, second, x=("n",)) is not None) is known
