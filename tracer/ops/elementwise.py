"""The elementwise operations: a row is a name, its argument names and a sympy template.

Derivatives come from the templates; a row states one only where it has a kink, or where the derivative reads better
in terms of the output. Both are functions, called when they are first needed: building all of them would cost more
than the rest of the import.
"""

from __future__ import annotations

import inspect
import sys
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, overload

import sympy
from sympy import And, Max, Min, Ne, Not, Or, Piecewise, Rational, Xor, sqrt
from sympy.logic.boolalg import Boolean

from tracer import nest, scalar, series, shapes
from tracer.alive import live
from tracer.docstrings import NAME
from tracer.nest import shown
from tracer.python_code import Code
from tracer.rules import BOUNDED, OUT, TABLE, Elementwise, Facts, Op, argument, register
from tracer.shapes import Literal
from tracer.tensor import Operand, Tensor, TensorLike, apply, as_operand, as_tensor, give_name, placeholder
from tracer.tracebacks import ERRORS, trim

a, b, c = argument(0), argument(1), argument(2)
half = Rational(1, 2)


def function(op: Op, signature: str, summary: str = "") -> Callable[..., Tensor]:
    """The public function of a row, with TensorFlow's argument names."""
    names, _, defaults = signature.partition("|")
    required = names.split()
    optional = dict(item.split("=") for item in defaults.split())
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(n, kind) for n in required]
    parameters += [inspect.Parameter(n, kind, default=float(v)) for n, v in optional.items()]
    full = inspect.Signature([*parameters, inspect.Parameter("name", kind, default=None)])
    arity = len(required) + len(optional)

    def completed(args: tuple[TensorLike, ...], kwargs: dict[str, TensorLike]) -> tuple[Any, ...]:
        try:
            bound = full.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{op.name}: {error}; it takes {', '.join(full.parameters)}") from None
        bound.apply_defaults()
        return bound.args

    def call(*args: TensorLike, **kwargs: TensorLike) -> Tensor:
        try:
            if not kwargs and len(args) == arity:
                return apply(op, args)
            *operands, name = completed(args, kwargs)
            since = next(reversed(live), -1)
            result = apply(op, tuple(operands))
            return result if name is None else give_name(result, name, since)
        except ERRORS as error:
            trim(error)
            raise

    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = _docstring(op, [*required, *optional], summary)
    call.__module__ = "tracer"
    vars(call).update(__signature__=full, is_concise=True)
    return call


def _docstring(op: Op, names: list[str], summary: str) -> str:
    listed = "\n".join(f"{n} : tensor, number or array\n    TensorLike, broadcast with the others." for n in names)
    operands = ", ".join(["x"] * len(names)) if op.name != "where" else "x > 0, x, 0.0"
    return f"""{summary or op.name.replace("_", " ").capitalize()}, element by element.

Parameters
----------
{listed}
{NAME}

Returns
-------
Tensor
    Of the broadcast shape.

Examples
--------
>>> import tracer
>>> x = tracer.placeholder("x", shape=("n",))
>>> tracer.{op.name}({operands}).shape
(n,)
"""


FUNCTIONS: dict[str, Callable[..., Tensor]] = {}


def row(
    names: str,
    signature: str,
    template: Callable[[], sympy.Basic] | None = None,
    *,
    definition: Callable[..., sympy.Expr] | None = None,
    spellings: Mapping[str, Callable[..., Code]] = MappingProxyType({}),
    latex: str = "",
    result: str = "same",
    partials: Callable[[], dict[int, sympy.Expr | int]] | None = None,
    summary: str = "",
    **options: Any,
) -> Elementwise:
    """Add a row to the table; further names are aliases.

    Either the template is given, or the definition of a function that sympy lacks, with its name in LaTeX and its code
    in the backends that have it.
    """
    first, *aliases = names.split()
    if definition is not None:
        made = scalar.define(first, definition, spellings, latex)
        template = partial(made, *map(argument, range(len(signature.replace("|", " ").split()))))
    if template is None:
        raise TypeError(f"the row {first!r} takes a template, or the definition of a function that sympy lacks")
    arity = len(signature.replace("|", " ").split())
    op = Elementwise(first, template, arity, result=result, partials=partials, **options)
    register(op)
    FUNCTIONS[first] = function(op, signature, summary)
    for alias in aliases:
        FUNCTIONS[alias] = FUNCTIONS[first]
    return op


def where_positive(value: sympy.Expr, condition: Boolean) -> sympy.Piecewise:
    """``value`` where the condition holds, and exactly zero elsewhere."""
    return Piecewise((value, condition), (0, True))


row("add", "x y", lambda: a + b, facts=Facts(finite=True, bounded=True, signs=(1, 1)))
row("subtract", "x y", lambda: a - b, facts=Facts(finite=True, bounded=True, signs=(1, -1)))
row("multiply", "x y", lambda: a * b)
row("divide truediv", "x y", lambda: a / b, result="float", partials=lambda: {0: 1 / b, 1: -OUT / b})
row("floordiv", "x y", lambda: sympy.floor(a / b), differentiable=False, summary="Floor of the quotient")
row(
    "mod floormod",
    "x y",
    lambda: a - b * sympy.floor(a / b),
    partials=lambda: {0: 1, 1: -sympy.floor(a / b)},
    summary="Remainder of floor division",
)
row(
    "pow",
    "x y",
    lambda: a**b,
    static=(1,),
    partials=lambda: {0: b * a ** (b - 1), 1: Piecewise((OUT * sympy.log(a), a > 0), (0, True))},
)
row("negative", "x", lambda: -a)
row(
    "abs",
    "x",
    lambda: sympy.Abs(a),
    partials=lambda: {0: sympy.sign(a)},
    summary="Absolute value",
    facts=Facts(finite=True, bounded=True, nonnegative=True, even=True),
)
row(
    "sign",
    "x",
    lambda: sympy.sign(a),
    partials=lambda: {0: 0},
    facts=Facts(finite=True, bounded=True, odd=True, keeps_sign=True),
)
row("square", "x", lambda: a**2)
row("sqrt", "x", lambda: sqrt(a), result="float", partials=lambda: {0: half / OUT}, summary="Square root")
NORM_ROOT = Elementwise("sqrt", lambda: sqrt(a), 1, result="float", partials=lambda: {0: half / OUT}, slope_poles=(-1,))
"""The square root that is a norm or a deviation: where it is zero its derivative is, by convention."""
NORM_POWER = Elementwise(
    "pow", lambda: a**b, 2, result="float", partials=lambda: {0: b * a ** (b - 1)}, slope_poles=(0,)
)
"""The power of a sum that is a norm."""
NORM_QUOTIENT = Elementwise("divide", lambda: a / b, 2, result="float", poles=(1,))
"""The quotient by a norm that is part of a derivative."""
row(
    "rsqrt",
    "x",
    lambda: 1 / sqrt(a),
    result="float",
    partials=lambda: {0: -half * OUT**3},
    summary="Reciprocal of the square root",
)
row("reciprocal", "x", lambda: 1 / a, result="float", partials=lambda: {0: -(OUT**2)})
row(
    "exp",
    "x",
    lambda: sympy.exp(a),
    result="float",
    summary="Exponential",
    facts=Facts(finite=True, positive=True, inverse="log"),
)
row("expm1", "x", lambda: scalar.expm1(a), result="float", partials=lambda: {0: sympy.exp(a)}, summary="``exp(x) - 1``")
row("log", "x", lambda: sympy.log(a), result="float", summary="Natural logarithm", facts=Facts(inverse="exp"))
row("log1p", "x", lambda: scalar.log1p(a), result="float", summary="``log(1 + x)``")
row(
    "sin",
    "x",
    lambda: sympy.sin(a),
    result="float",
    summary="Sine",
    facts=Facts(finite=True, bounded=True, odd=True, inverse="asin"),
)
row(
    "cos",
    "x",
    lambda: sympy.cos(a),
    result="float",
    summary="Cosine",
    facts=Facts(finite=True, bounded=True, even=True, inverse="acos"),
)
row(
    "tan",
    "x",
    lambda: sympy.tan(a),
    result="float",
    partials=lambda: {0: 1 + sympy.tan(a) ** 2},
    summary="Tangent",
    facts=Facts(odd=True, inverse="atan"),
)
row("asin arcsin", "x", lambda: sympy.asin(a), result="float", summary="Arcsine", facts=Facts(odd=True))
row("acos arccos", "x", lambda: sympy.acos(a), result="float", summary="Arccosine")
row(
    "atan arctan",
    "x",
    lambda: sympy.atan(a),
    result="float",
    summary="Arctangent",
    facts=Facts(finite=True, bounded=True, odd=True, keeps_sign=True),
)
row("atan2 arctan2", "y x", lambda: sympy.atan2(a, b), result="float", summary="Angle of the point (x, y)")
row(
    "sinh",
    "x",
    lambda: sympy.sinh(a),
    result="float",
    summary="Hyperbolic sine",
    facts=Facts(finite=True, odd=True, keeps_sign=True, inverse="asinh"),
)
row(
    "cosh",
    "x",
    lambda: sympy.cosh(a),
    result="float",
    summary="Hyperbolic cosine",
    facts=Facts(finite=True, positive=True, even=True, inverse="acosh"),
)
row(
    "tanh",
    "x",
    lambda: sympy.tanh(a),
    result="float",
    partials=lambda: {0: 1 - OUT**2},
    summary="Hyperbolic tangent",
    facts=Facts(finite=True, bounded=True, odd=True, keeps_sign=True, inverse="atanh"),
)
row(
    "asinh arcsinh",
    "x",
    lambda: sympy.asinh(a),
    result="float",
    summary="Inverse hyperbolic sine",
    facts=Facts(finite=True, odd=True, keeps_sign=True, inverse="sinh"),
)
row(
    "acosh arccosh",
    "x",
    lambda: sympy.acosh(a),
    result="float",
    partials=lambda: {0: 1 / sqrt(a**2 - 1)},
    summary="Inverse hyperbolic cosine",
)
row(
    "atanh arctanh",
    "x",
    lambda: sympy.atanh(a),
    result="float",
    summary="Inverse hyperbolic tangent",
    facts=Facts(odd=True, inverse="tanh"),
)
row(
    "erf",
    "x",
    lambda: sympy.erf(a),
    result="float",
    summary="Error function",
    facts=Facts(finite=True, bounded=True, odd=True, keeps_sign=True),
)
row(
    "erfc",
    "x",
    lambda: sympy.erfc(a),
    result="float",
    summary="Complementary error function",
    facts=Facts(finite=True, bounded=True, positive=True),
)
row(
    "erfcx",
    "x",
    lambda: scalar.erfcx(a),
    result="float",
    summary="Scaled complementary error function ``exp(x**2)*erfc(x)``",
    facts=Facts(positive=True),
)
row(
    "lgamma",
    "x",
    lambda: sympy.loggamma(a),
    result="float",
    partials=lambda: {0: sympy.polygamma(0, a)},
    summary="Logarithm of the absolute value of gamma",
)
row("digamma", "x", lambda: sympy.polygamma(0, a), result="float", summary="Derivative of lgamma")
row(
    "polygamma",
    "a x",
    lambda: sympy.polygamma(a, b),
    result="float",
    closed=(0,),
    summary="Derivative of digamma of an order",
)
row("zeta", "x q", lambda: sympy.zeta(a, b), result="float", closed=(0,), summary="Hurwitz's zeta function")
row("erfinv", "x", lambda: sympy.erfinv(a), result="float", summary="Inverse of the error function")
row(
    "erfcinv",
    "x",
    lambda: sympy.erfinv(1 - a),
    result="float",
    partials=lambda: {0: -sqrt(sympy.pi) * sympy.exp(OUT**2) / 2},
    summary="Inverse of the complementary error function",
)
row(
    "ndtri",
    "x",
    lambda: sqrt(2) * sympy.erfinv(2 * a - 1),
    result="float",
    partials=lambda: {0: sqrt(2 * sympy.pi) * sympy.exp(OUT**2 / 2)},
    summary="Quantile of the standard normal distribution",
)
row(
    "sigmoid",
    "x",
    lambda: scalar.sigmoid(a),
    result="float",
    partials=lambda: {0: OUT * (1 - OUT)},
    summary="Logistic function",
    facts=Facts(finite=True, bounded=True, positive=True, complement=True),
)
row(
    "log_sigmoid",
    "x",
    lambda: -scalar.softplus(-a),
    result="float",
    partials=lambda: {0: scalar.sigmoid(-a)},
    summary="Logarithm of the logistic function",
)
row(
    "softplus",
    "features",
    lambda: scalar.softplus(a),
    result="float",
    partials=lambda: {0: scalar.sigmoid(a)},
    summary="``log(1 + exp(x))``",
    facts=Facts(finite=True, bounded=True, positive=True),
)
row(
    "softsign",
    "features",
    lambda: a / (1 + sympy.Abs(a)),
    result="float",
    partials=lambda: {0: 1 / (1 + sympy.Abs(a)) ** 2},
)
row(
    "relu",
    "features",
    lambda: scalar.relu(a),
    partials=lambda: {0: where_positive(1, a > 0)},
    summary="Positive part",
    stepwise=True,
    facts=Facts(finite=True, bounded=True, nonnegative=True),
)
row(
    "relu6",
    "features",
    lambda: Min(scalar.relu(a), 6),
    partials=lambda: {0: where_positive(1, And(a > 0, a < 6))},
    stepwise=True,
    summary="Positive part, at most 6",
)
row(
    "leaky_relu",
    "features|alpha=0.2",
    lambda: Piecewise((a, a > 0), (b * a, True)),
    result="float",
    partials=lambda: {0: Piecewise((1, a > 0), (b, True)), 1: Piecewise((0, a > 0), (a, True))},
    stepwise=True,
    summary="Leaky positive part",
)
row(
    "elu",
    "features",
    lambda: Piecewise((a, a >= 0), (sympy.exp(a) - 1, True)),
    result="float",
    partials=lambda: {0: Piecewise((1, a >= 0), (OUT + 1, True))},
    summary="Exponential linear unit",
)
row(
    "selu",
    "features",
    lambda: scalar.SELU_SCALE * Piecewise((a, a >= 0), (scalar.SELU_ALPHA * (sympy.exp(a) - 1), True)),
    result="float",
    partials=lambda: {0: scalar.SELU_SCALE * Piecewise((1, a >= 0), (scalar.SELU_ALPHA * sympy.exp(a), True))},
    summary="Scaled exponential linear unit",
)
row("silu swish", "features", lambda: a * scalar.sigmoid(a), result="float", summary="``x * sigmoid(x)``")
row(
    "maximum",
    "x y",
    lambda: Max(a, b),
    partials=lambda: {0: where_positive(1, a >= b), 1: where_positive(1, a < b)},
    facts=Facts(finite=True, bounded=True, symmetric=True),
)
row(
    "minimum",
    "x y",
    lambda: Min(a, b),
    partials=lambda: {0: where_positive(1, a <= b), 1: where_positive(1, a > b)},
    facts=Facts(finite=True, bounded=True, symmetric=True),
)
row(
    "clip_by_value",
    "t clip_value_min clip_value_max",
    lambda: Min(Max(a, b), c),
    partials=lambda: {
        0: where_positive(1, And(a >= b, a <= c)),
        1: where_positive(1, And(a < b, b <= c)),
        2: where_positive(1, Or(a > c, b > c)),
    },
    summary="Values limited to an interval",
)
row("squared_difference", "x y", lambda: (a - b) ** 2)
row(
    "divide_no_nan",
    "x y",
    lambda: Piecewise((a / b, Ne(b, 0)), (0, True)),
    result="float",
    partials=lambda: {
        0: where_positive(1 / b, Ne(b, 0)),
        # Divided twice, as a square may be too small; by the operands, as TensorFlow's do not depend on the quotient.
        1: where_positive(-Piecewise((a / b, Ne(b, 0)), (0, True)) / b, Ne(b, 0)),
    },
    summary="Quotient, zero where the divisor is zero",
)
row(
    "multiply_no_nan",
    "x y",
    lambda: Piecewise((a * b, Ne(b, 0)), (0, True)),
    partials=lambda: {0: where_positive(b, Ne(b, 0)), 1: a},
    summary="Product, zero where the second factor is zero",
)
row(
    "xlogy",
    "x y",
    lambda: Piecewise((a * sympy.log(b), Ne(a, 0)), (0, True)),
    result="float",
    partials=lambda: {0: where_positive(sympy.log(b), Ne(a, 0)), 1: where_positive(a / b, Ne(a, 0))},
    summary="``x * log(y)``, zero where x is zero",
)
row(
    "xlog1py",
    "x y",
    lambda: Piecewise((a * scalar.log1p(b), Ne(a, 0)), (0, True)),
    result="float",
    partials=lambda: {0: where_positive(scalar.log1p(b), Ne(a, 0)), 1: where_positive(a / (1 + b), Ne(a, 0))},
    summary="``x * log1p(y)``, zero where x is zero",
)
row("floor", "x", lambda: sympy.floor(a), differentiable=False, facts=BOUNDED)
row("ceil", "x", lambda: sympy.ceiling(a), differentiable=False, facts=BOUNDED)
row(
    "round",
    "x",
    lambda: scalar.rint(a),
    differentiable=False,
    summary="Nearest integer, halves to even",
    facts=BOUNDED,
)
row(
    "rint",
    "x",
    lambda: scalar.rint(a),
    differentiable=False,
    summary="Nearest integer, halves to even",
    facts=BOUNDED,
)
row("identity", "input", lambda: a, summary="The tensor itself")
row(
    "stop_gradient",
    "input",
    lambda: a,
    differentiable=False,
    recorded=False,
    summary="The tensor as a constant: no gradient flows through",
)

for _names, _relation in {
    "equal": sympy.Eq,
    "not_equal": Ne,
    "less": sympy.Lt,
    "less_equal": sympy.Le,
    "greater": sympy.Gt,
    "greater_equal": sympy.Ge,
}.items():
    row(_names, "x y", partial(_relation, a, b, evaluate=False), result="bool", differentiable=False)
row(
    "logical_and",
    "x y",
    lambda: And(a, b),
    result="bool",
    differentiable=False,
    facts=Facts(symmetric=True),
)
row(
    "logical_or",
    "x y",
    lambda: Or(a, b),
    result="bool",
    differentiable=False,
    facts=Facts(symmetric=True),
)
row("logical_xor", "x y", lambda: Xor(a, b), result="bool", differentiable=False)
row("logical_not", "x", lambda: Not(a), result="bool", differentiable=False)
row("is_nan", "x", lambda: Ne(a, a, evaluate=False), result="bool", differentiable=False)
row("is_inf", "x", lambda: sympy.Eq(sympy.Abs(a), sympy.oo, evaluate=False), result="bool", differentiable=False)
row("is_finite", "x", lambda: sympy.Lt(sympy.Abs(a), sympy.oo, evaluate=False), result="bool", differentiable=False)
row(
    "reciprocal_no_nan",
    "x",
    lambda: Piecewise((1 / a, Ne(a, 0)), (0, True)),
    result="float",
    partials=lambda: {0: where_positive(-1 / a**2, Ne(a, 0))},
    summary="Reciprocal, zero where the divisor is zero",
)
row(
    "xdivy",
    "x y",
    lambda: Piecewise((a / b, Ne(a, 0)), (0, True)),
    result="float",
    partials=lambda: {
        0: where_positive(1 / b, Ne(a, 0)),
        # Divided twice, as a square may be too small; by the operands, as TensorFlow's do not depend on the quotient.
        1: where_positive(-Piecewise((a / b, Ne(a, 0)), (0, True)) / b, Ne(a, 0)),
    },
    summary="Quotient, zero where the dividend is zero",
)
WHERE = row("where", "condition x y", lambda: Piecewise((b, a), (c, True)))


def gelu(features: TensorLike, approximate: bool = False, name: str | None = None) -> Tensor:
    """Gaussian error linear unit, ``x*Phi(x)``, or its approximation by tanh, element by element.

    Parameters
    ----------
    features : tensor or array
    approximate : bool, optional
        Whether to take ``x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))``.

    Returns
    -------
    Tensor
        Of the same shape.

    References
    ----------
    Hendrycks and Gimpel, Gaussian Error Linear Units, 2016, eq. 1 and 2.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.gelu(0.0))
    0.0
    """
    return apply(TABLE["gelu_approximate" if approximate else "gelu"], (features,))


register(Elementwise("gelu", lambda: a * (1 + sympy.erf(a / sqrt(2))) / 2, 1, result="float"))
register(
    Elementwise(
        "gelu_approximate",
        lambda: a * (1 + sympy.tanh(sqrt(2 / sympy.pi) * (a + Rational(44715, 1000000) * a**3))) / 2,
        1,
        result="float",
    )
)


def scalar_mul(scalar: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """A tensor times a scalar.

    Parameters
    ----------
    scalar : number or scalar tensor
    x : tensor or array

    Returns
    -------
    Tensor
        Of the shape of x.

    Raises
    ------
    ValueError
        If the first is no scalar.

    Examples
    --------
    >>> import tracer
    >>> tracer.scalar_mul(2.0, [1.0, 3.0]).numpy()
    array([2., 6.])
    """
    factor = as_operand(scalar)
    if type(factor) is Tensor and factor.shape:
        raise ValueError(f"scalar_mul takes a scalar first, {factor.name} has the shape {shapes.show(factor.shape)}")
    return apply(TABLE["multiply"], (factor, x))


def polyval(coeffs: list[TensorLike], x: TensorLike, name: str | None = None) -> Tensor:
    """A polynomial in x, element by element, by Horner's rule.

    Parameters
    ----------
    coeffs : list of number, tensor or array
        That of the highest power first.
    x : tensor or array

    Returns
    -------
    Tensor
        Of the shapes of x and the coefficients, broadcast.

    Raises
    ------
    ValueError
        If the coefficients are no list.

    References
    ----------
    Knuth, The Art of Computer Programming, volume 2, section 4.6.4.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.math.polyval([1.0, 2.0, 3.0], 2.0))
    11.0
    """
    if not isinstance(coeffs, list):
        raise ValueError(f"polyval takes a list of coefficients, got {type(coeffs).__name__}")
    result: TensorLike = 0.0
    for k, c in enumerate(coeffs):
        result = c if k == 0 else apply(TABLE["add"], (apply(TABLE["multiply"], (result, x)), c))
    return as_tensor(result)


_applied: weakref.WeakValueDictionary[tuple[str, sympy.Basic, int], Elementwise] = weakref.WeakValueDictionary()


_DEEPEST = 60
"""How deep an expression may be nested: sympy's functions, and Python's parser, recurse on it."""


def _template_op(name: str, template: sympy.Basic, arity: int) -> Elementwise:
    if _depth(template) > _DEEPEST:
        raise ValueError(
            f"the sympy expression is nested deeper than {_DEEPEST} functions; trace it in parts, each by from_sympy"
        )
    key = (name, template, arity)
    op = _applied.get(key)
    if op is None:
        if template.has(sympy.I):
            raise TypeError(f"complex numbers are not supported, got {template}; write real and imaginary parts")
        _require_numbers(template)
        template = template.replace(_is_unevaluated, lambda e: e.doit(deep=False))
        boolean = isinstance(template, Boolean) and not isinstance(template, sympy.Symbol)
        integral = isinstance(template, (sympy.floor, sympy.ceiling))
        _applied[key] = op = Elementwise(
            name, template, arity, result="bool" if boolean else "float", differentiable=not (boolean or integral)
        )
    return op


def _require_numbers(template: sympy.Basic) -> None:
    for part in template.atoms(sympy.AccumBounds, sympy.Limit, sympy.Order):
        raise TypeError(f"{type(part).__name__} is no number; give the expression's doit() if that is one")
    for value in template.atoms(sympy.Float, sympy.Rational):
        if abs(value) > sys.float_info.max:
            raise ValueError(f"the number {shown(value)} is beyond the largest float, about 1.8e308")


def _is_unevaluated(expr: sympy.Basic) -> bool:
    return isinstance(expr, (sympy.Derivative, sympy.Subs, sympy.UnevaluatedExpr))


def _depth(expr: sympy.Basic) -> int:
    """How deep an expression is nested, counted no further than is too deep."""
    depth, level = 0, {expr}
    while level and depth <= _DEEPEST:
        depth += 1
        level = {a for e in level for a in e.args}
    return depth


def apply_function(function: Callable[..., sympy.Basic], *args: TensorLike) -> Tensor:
    """Any sympy function, element by element.

    Parameters
    ----------
    function : sympy function or callable on sympy expressions
        Such as ``sympy.besselj``.
    *args : tensors, numbers or arrays
        Its arguments, broadcast together. Numbers are written into the function.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    TypeError
        If the function does not answer with a sympy expression.

    Examples
    --------
    >>> import sympy, tracer
    >>> x = tracer.symbols("x")
    >>> tracer.gradients(tracer.apply(sympy.besselj, 0, x), x)[0].formula()
    -besselj(1, x)
    """
    operands = [as_operand(v) for v in args]
    if not any(type(v) is Tensor for v in operands):
        raise TypeError(
            f"apply needs a tensor among its arguments, got {shown(args)}; write constant(...) around a number"
        )
    if not callable(function):
        raise TypeError(f"apply takes a function such as sympy.besselj first, got {shown(function)}")
    traced = [v for v in operands if _is_traced(v)]
    slots = iter(range(len(traced)))
    arguments = [argument(next(slots)) if _is_traced(v) else _exact(v) for v in operands]
    template = function(*arguments)
    if not isinstance(template, sympy.Basic) or isinstance(template, sympy.MatrixExpr):
        raise TypeError(f"apply takes a function of sympy expressions, {shown(function)} answered {shown(template)}")
    name = getattr(function, "__name__", type(function).__name__)
    return apply(_template_op(name if name.isidentifier() else "apply", template, len(traced)), tuple(traced))


def _is_traced(value: Operand) -> bool:
    """Whether a value is known to the program alone: that of a tensor, and a size, which is one of a tensor's."""
    return type(value) is Tensor or (isinstance(value, sympy.Expr) and bool(value.free_symbols))


def _exact(value: Literal) -> sympy.Expr:
    return sympy.Rational(str(value)) if isinstance(value, float) else sympy.sympify(value)


@overload
def from_sympy(expression: sympy.Basic, symbols: Mapping[sympy.Symbol, TensorLike]) -> Tensor: ...
@overload
def from_sympy(expression: sympy.Basic, symbols: None = None) -> Callable[..., Tensor]: ...
def from_sympy(
    expression: sympy.Basic, symbols: Mapping[sympy.Symbol, TensorLike] | None = None
) -> Tensor | Callable[..., Tensor]:
    """A sympy expression over tensors, element by element; without tensors, a function of them.

    Parameters
    ----------
    expression : sympy expression or Lambda
        Scalar, in the symbols that are keys of ``symbols``.
    symbols : dict, optional
        The tensor, number or array for each symbol, broadcast together.

    Returns
    -------
    Tensor or callable
        Without ``symbols`` a function: of the variables of a Lambda, or of the free symbols of an expression in
        alphabetical order.

    Raises
    ------
    LookupError
        If the expression holds a symbol that is no key.
    TypeError
        If it is no scalar expression of real numbers: a text, a matrix, a complex number.

    Examples
    --------
    >>> import sympy, tracer
    >>> t = sympy.Symbol("t")
    >>> x = tracer.symbols("x")
    >>> tracer.from_sympy(t**2 + 1, {t: x}).formula()
    x**2 + 1
    >>> float(tracer.grad(tracer.from_sympy(sympy.Lambda(t, t**3)))(2.0))
    12.0
    """
    expr = _scalar(expression)
    if symbols is None:
        return _from_lambda(expr)
    if isinstance(expr, sympy.Lambda):
        raise TypeError(f"{expr} has arguments of its own; write from_sympy({expr})(tensor)")
    keys = [_scalar(k) for k in symbols]
    missing = sorted(str(s) for s in expr.free_symbols - set(keys))
    if missing:
        raise LookupError(f"no tensor is given for {', '.join(missing)} of {expr}; add it to the second argument")
    operands = [as_tensor(v) for v in symbols.values()]
    if not operands:
        raise TypeError(f"{expr} has no symbols; write constant({expr})")
    template = series.substitute(expr, {k: argument(i) for i, k in enumerate(keys)})
    return apply(_template_op("from_sympy", template, len(operands)), tuple(operands))


def _scalar(value: object) -> sympy.Basic:
    """A sympy scalar or Lambda. Text is refused: ``sympy.sympify`` would have Python evaluate it."""
    try:
        expr = value if nest.is_nest(value) else sympy.sympify(value, strict=True)
    except sympy.SympifyError:
        expr = value
    scalar = isinstance(expr, (sympy.Expr, sympy.Lambda, Boolean))
    if not scalar or isinstance(expr, sympy.MatrixExpr):
        raise TypeError(
            "from_sympy takes a sympy scalar expression or Lambda and a dictionary by sympy symbols, "
            f"got {shown(value)}; write for instance t = sympy.Symbol('t'); from_sympy(t**2, {{t: x}})"
        )
    return expr


def _from_lambda(expr: sympy.Basic) -> Callable[..., Tensor]:
    if isinstance(expr, sympy.Lambda):
        variables, body = list(expr.variables), expr.expr
    else:
        variables, body = sorted(expr.free_symbols, key=str), expr

    def traced(*args: TensorLike) -> Tensor:
        if len(args) != len(variables):
            raise TypeError(
                f"{expr} takes {len(variables)} arguments, {', '.join(map(str, variables))}; got {len(args)}"
            )
        return from_sympy(body, dict(zip(variables, args)))

    kind = inspect.Parameter.POSITIONAL_ONLY
    names = [v.name if v.name.isidentifier() else f"x{k + 1}" for k, v in enumerate(variables)]
    vars(traced).update(__signature__=inspect.Signature([inspect.Parameter(n, kind) for n in names]))
    return traced


def to_sympy(fun: Callable[..., TensorLike]) -> sympy.Lambda:
    """The sympy Lambda of a function of scalars.

    Parameters
    ----------
    fun : callable
        Takes and returns scalar tensors.

    Returns
    -------
    sympy.Lambda
        In real symbols, named after the parameters.

    Raises
    ------
    TypeError
        If the function takes no named parameters, or does not return a scalar.

    Examples
    --------
    >>> import tracer
    >>> print(tracer.to_sympy(lambda x, y: x * tracer.sin(y)))
    Lambda((x, y), x*sin(y))
    """
    if not callable(fun):
        raise TypeError(f"to_sympy takes a function, got {shown(fun)}")
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [n for n, p in inspect.signature(fun).parameters.items() if p.kind in kinds]
    if not names:
        raise TypeError(f"to_sympy takes a function of named scalar parameters, {shown(fun)} has none")
    result = as_tensor(fun(*(placeholder(n) for n in names)))
    if result.shape:
        raise TypeError(
            f"to_sympy takes a function that returns a scalar, it returned the shape {shapes.show(result.shape)}"
        )
    return sympy.Lambda(tuple(sympy.Symbol(n, real=True) for n in names), result.formula())


FUNCTIONS.update({"scalar_mul": scalar_mul, "polyval": polyval})
FUNCTIONS.update({"gelu": gelu, "apply": apply_function, "from_sympy": from_sympy, "to_sympy": to_sympy})
