"""Formulas of sums and products over an index."""

import sympy

import tracer

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


def test_vectors():
    v = tracer.placeholder("v", ("n",))
    y = tracer.from_sympy(polynomial)(v)
    assert str(y.formula()) == "Lambda(x, Sum(x**i, (i, 0, 4)))(v)"
