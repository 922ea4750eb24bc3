"""Formulas of sums and products over an index."""

import pytest
import sympy

import tracer
from tracer.series import derivative, substitute, tidy

i, t = sympy.symbols("i t")
polynomial = sympy.Lambda(t, sympy.Sum(t**i, (i, 0, 4)))


def test_formulas_are_sums():
    x = tracer.symbols("x")
    y = tracer.from_sympy(polynomial)(x)
    assert str(y.formula()) == "Sum(x**i, (i, 0, 4))"
    assert str(tracer.gradients(y, x)[0].formula()) == "Sum(i*x**(i - 1), (i, 0, 4))"
    assert tracer.formula(y, "latex") == r"\sum_{i=0}^{4} x^{i}"


def test_derivatives_of_products_read_the_same_whatever_else_the_process_has_done():
    factors = sympy.Lambda(t, sympy.Product(t + i, (i, 0, 3)))
    x = tracer.symbols("x")
    text = str(tracer.gradients(tracer.from_sympy(factors)(x), x)[0].formula())
    assert text == "Sum(Product(i + x, (i, 0, j - 1))*Product(i + x, (i, j + 1, 3)), (j, 0, 3))"


def test_an_index_is_not_mixed_up_with_a_source_of_its_name():
    source = tracer.placeholder("i")
    y = tracer.from_sympy(polynomial)(source)
    assert str(y.formula()) == "Sum(i**k, (k, 0, 4))"
    assert str(tracer.formula(y, "steps")[0][0][1]) == "Sum(i**k, (k, 0, 4))"
    assert str(y.components()) == "Sum(i**k, (k, 0, 4))"
    two = tracer.from_sympy(sympy.Sum(t**i, (i, 0, 2)) + i, {t: tracer.symbols("x"), i: tracer.symbols("y")})
    assert float(two.eval({"x": 2.0, "y": 5.0})) == 12.0


d, e = sympy.Dummy("d"), sympy.Dummy("e")


def test_indices_are_letters_in_the_order_in_which_they_came():
    bound = [sympy.Dummy() for _ in range(4)]
    found = tidy(sympy.Add(*(sympy.Sum(t ** (k + s), (s, 0, k)) for k, s in enumerate(bound))))
    assert {str(s.limits[0][0]): s.limits[0][2] for s in found.args} == {"j": 0, "k": 1, "l": 2, "j1": 3}
    assert all(s.limits[0][0].is_integer for s in found.args)


def test_an_index_has_no_letter_that_is_taken():
    found = tidy(sympy.Symbol("j") + sympy.Sum(t**d, (d, 0, 3)))
    assert str(found) == "j + Sum(t**k, (k, 0, 3))"


def test_an_index_gives_way_to_the_letters_of_values():
    k, whole = sympy.Symbol("k"), sympy.Symbol("i", integer=True)
    assert str(substitute(sympy.Sum(k * t**i, (i, 0, 4)), {t: i})) == "Sum(i**j*k, (j, 0, 4))"
    assert substitute(sympy.Sum(t**i, (i, 0, 2)), {t: 2}) == sympy.Sum(2**i, (i, 0, 2))
    found = substitute(sympy.Sum(t**whole, (whole, 0, 4)), {t: i})
    assert found.limits[0][0].is_integer
    many = sympy.Add(*sympy.symbols("k j l p q"))
    assert str(substitute(sympy.Sum(t**i, (i, 0, 4)), {t: i * many}).limits[0][0]) == "k1"


def test_only_what_is_bound_is_renamed():
    assert tidy(e * sympy.Sum(t**d, (d, 0, 3))).free_symbols == {t, e}
    assert derivative(t * sympy.Product(d + 1, (d, 0, i)), t).atoms(sympy.Dummy) == set()
    integral = sympy.Integral(sympy.exp(t * d), (d, 0, 1))
    assert derivative(integral, t) == sympy.Integral(d * sympy.exp(t * d), (d, 0, 1))


def test_what_the_terms_share_stands_once():
    found = derivative(sympy.Sum(t**i + d * t**i, (i, 0, 4)), t)
    assert found == sympy.Sum(i * t ** (i - 1) * (d + 1), (i, 0, 4))


@pytest.mark.parametrize("limits", [(1, sympy.oo), (-sympy.oo, -1)])
def test_an_infinite_product_is_the_exponential_of_a_sum(limits):
    whole = sympy.Product(1 + t / i**2, (i, *limits))
    assert derivative(whole, t) == whole * sympy.Sum(1 / (i**2 * (1 + t / i**2)), (i, *limits))


def test_vectors():
    v = tracer.placeholder("v", ("n",))
    y = tracer.from_sympy(polynomial)(v)
    assert str(y.formula()) == "Sum(v**i, (i, 0, 4))"
