"""sympy expressions to traced functions and back."""

import inspect
import sys

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


def test_the_parameters_of_an_expression_are_its_symbols():
    many = tracer.from_sympy(sympy.sympify("100*z + 10*m + a"))
    assert float(many(1.0, 2.0, 3.0)) == 321.0
    odd = sympy.Lambda((t, sympy.Symbol("a b")), t)
    assert [list(inspect.signature(tracer.from_sympy(e)).parameters) for e in (t * u, odd)] == [["t", "u"], ["t", "x2"]]


def test_what_no_gradient_flows_through():
    x, k = tracer.placeholder("x", (2,)), tracer.constant([1, 2])
    positive, whole = (tracer.from_sympy(e, {t: x}) for e in (t > 0, sympy.floor(t)))
    assert (positive.dtype, whole.dtype) == ("bool", "float64")
    assert [tracer.gradients(y, x) for y in (positive, whole)] == [[None], [None]]
    assert [y.rule.differentiable for y in (positive, whole, x + 1)] == [False, False, True]
    same = tracer.from_sympy(t, {t: x})
    assert same.dtype == "float64"
    assert tracer.gradients(same, x)[0].eval({x: [3.0, 4.0]}).tolist() == [1.0, 1.0]
    assert tracer.from_sympy(t**2, {t: k}).dtype == "float64"
    assert tracer.from_sympy(sympy.Integer(2), {t: x}).eval({x: [0.0, 0.0]}).tolist() == [2.0, 2.0]
    assert float(tracer.from_sympy(2, {t: 1.0})) == 2.0


def test_only_the_outermost_of_what_is_not_evaluated_is():
    inner = sympy.Derivative(sympy.Integral(sympy.exp(t * u**2), (u, 0, 1)), t)
    template = tracer.from_sympy(inner, {t: tracer.symbols("x")}).rule.template
    assert template.has(sympy.Integral)
    assert not template.has(sympy.Derivative)


def test_how_deep_an_expression_may_be():
    def nested(depth):
        found = t
        for _ in range(depth - 1):
            found = sympy.sin(found)
        return tracer.from_sympy(found, {t: tracer.symbols("x")})

    assert nested(60).shape == ()
    with pytest.raises(ValueError, match="nested deeper than 60 functions; trace it in parts"):
        nested(61)
    assert tracer.from_sympy(t + sympy.Float(sys.float_info.max), {t: tracer.symbols("x")}).shape == ()


def test_functions_of_numbers_and_tensors():
    """Floats are written exactly, numbers as sympy's; a function without a name is called apply."""
    x = tracer.symbols("x")
    tenth = tracer.apply(lambda k, a: k * a, 0.1, x)
    assert str(tenth.formula()) == "x/10"
    assert not tenth.rule.template.has(sympy.Float)
    assert tracer.apply(lambda k, a: k * a, sympy.pi, x).args == (x,)
    v = tracer.placeholder("v", ("n",))
    scaled = tracer.apply(lambda k, a: k * a, v.shape[0], v)
    assert scaled.eval({v: [1.0, 2.0]}).tolist() == [2.0, 4.0]
    assert str(scaled.formula()) == "n*v"
    assert str(tracer.apply(lambda k, a: a**k if k.is_integer else a, 2, x).formula()) == "x**2"

    class Twice:
        def __call__(self, a):
            return 2 * a

    assert [tracer.apply(f, x).op for f in (sympy.sin, Twice(), lambda a: a)] == ["sin", "Twice", "apply"]
    assert tracer.apply(sympy.sin, [0.0, 0.0]).numpy().tolist() == [0.0, 0.0]
    v = tracer.Variable(0.0)
    assert float(tracer.gradients(tracer.apply(sympy.sin, v), v)[0]) == 1.0


def test_there_and_back():
    assert all(s.is_real for s in tracer.to_sympy(lambda a, b: a * b).variables)
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


def test_an_operation_has_the_name_it_was_asked_for_by():
    """Another of the same template, which may be one of a closed form that is computed, has its own."""

    def septuple(a):
        return 7 * a**5

    x = tracer.symbols("x")
    kept = tracer.from_sympy(7 * t**5, {t: x})
    assert (kept.op, tracer.apply(septuple, x).op) == ("from_sympy", "septuple")
