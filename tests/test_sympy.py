"""sympy expressions to traced functions and back."""

import pytest
import sympy

import tracer

t, u = sympy.symbols("t u")
EXPRESSIONS = [
    t**3 - 2 * t,
    sympy.exp(-(t**2)) * sympy.sin(u),
    sympy.besselj(1, t) / (1 + u**2),
    sympy.Piecewise((t**2, t > u), (t * u, True)),
    sympy.gamma(t + 2) * sympy.log(u),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_gradients_agree_with_sympys(expression):
    variables = sorted(expression.free_symbols, key=str)
    f = tracer.from_sympy(sympy.Lambda(tuple(variables), expression))
    values = [1.3, 0.7][: len(variables)]
    gradients = tracer.grad(f, argnums=tuple(range(len(variables))))(*values)
    for variable, gradient in zip(variables, gradients):
        exact = expression.diff(variable).subs(dict(zip(variables, values)))
        assert float(gradient) == pytest.approx(float(exact), rel=1e-12)


def test_an_expression_alone_takes_its_symbols_in_alphabetical_order():
    assert float(tracer.from_sympy(t - u)(5.0, 3.0)) == 2.0
    with pytest.raises(TypeError, match="takes 2 arguments, t, u; got 1"):
        tracer.from_sympy(t - u)(1.0)


def test_a_symbol_without_a_tensor_is_named():
    with pytest.raises(LookupError, match="no tensor is given for u"):
        tracer.from_sympy(t + u, {t: tracer.symbols("x")})
    with pytest.raises(TypeError, match=r"^2\*pi has no symbols; write constant\(2\*pi\)$"):
        tracer.from_sympy(2 * sympy.pi, {})


def test_there_and_back():
    f = tracer.to_sympy(lambda a, b: tracer.exp(a) * b)
    a, b = f.variables
    assert f.expr == sympy.exp(a) * b
    again = tracer.from_sympy(f)
    assert float(again(0.5, 2.0)) == pytest.approx(float(f(0.5, 2.0)))


@pytest.mark.parametrize(
    ("function", "message"),
    [(lambda *args: args[0], "named scalar parameters"), (lambda x: tracer.stack([x, x]), "returns a scalar")],
)
def test_functions_that_have_no_lambda(function, message):
    with pytest.raises(TypeError, match=message):
        tracer.to_sympy(function)


def test_apply_wants_a_tensor_and_a_function():
    with pytest.raises(TypeError, match="needs a tensor"):
        tracer.apply(sympy.sin, 1.0)
    with pytest.raises(TypeError, match="function of sympy expressions"):
        tracer.apply(lambda e: "text", tracer.symbols("x"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: tracer.constant(1j),
        lambda: tracer.constant([1.0, 2j]),
        lambda: tracer.Variable(1.0 + 2.0j),
        lambda: tracer.symbols("x") * 1j,
        lambda: tracer.symbols("x") + sympy.I,
        lambda: tracer.cast(tracer.symbols("x"), "complex128"),
        lambda: tracer.placeholder("z", dtype="complex64"),
    ],
)
def test_complex_numbers_are_refused(make):
    with pytest.raises(TypeError, match=r"complex|real numbers|dimension"):
        make()
