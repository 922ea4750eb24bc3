"""``scipy.special``: its universal functions over tensors, by sympy's functions or by operations that are stable.

What sympy evaluates by mpmath (Bessel functions, elliptic and exponential integrals) is exact and slow.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import sympy

from tracer.dtypes import promote
from tracer.numpy_functions.signatures import numpy_function
from tracer.numpy_functions.ufuncs import UFUNCS, alike, floats, radians, ufunc
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.rules import Elementwise, argument
from tracer.tensor import Tensor, TensorLike, apply

a, b = argument(0), argument(1)


def _function(name: str, template: Callable[[], sympy.Expr], arity: int = 1) -> Callable[..., Tensor]:
    """A function of tensors by a sympy expression in the argument symbols."""
    op = Elementwise(name, template, arity, result="float")

    def call(*operands: TensorLike) -> Tensor:
        return apply(op, tuple(alike(*operands)))

    call.__doc__ = f"scipy.special.{name}."
    return call


def _of_floats(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *operands: function(*map(floats, operands))


_OPERATIONS = {
    "erf": "erf", "erfc": "erfc", "expit": "sigmoid", "gammaln": "lgamma", "loggamma": "lgamma", "psi": "digamma",
    "xlogy": "xlogy", "xlog1py": "xlog1py", "log_expit": "log_sigmoid", "erfinv": "erfinv", "erfcinv": "erfcinv",
    "erfcx": "erfcx", "ndtri": "ndtri", "_zeta": "zeta",
}  # fmt: skip
UFUNCS.update({name: _of_floats(_T[other]) for name, other in _OPERATIONS.items()})
_ONE: dict[str, Callable[[], sympy.Expr]] = {
    "gamma": lambda: sympy.gamma(a),
    "rgamma": lambda: 1 / sympy.gamma(a),
    "erfi": lambda: sympy.erfi(a),
    "dawsn": lambda: sympy.sqrt(sympy.pi) / 2 * sympy.exp(-(a**2)) * sympy.erfi(a),
    "i0": lambda: sympy.besseli(0, a),
    "i1": lambda: sympy.besseli(1, a),
    "i0e": lambda: sympy.exp(-sympy.Abs(a)) * sympy.besseli(0, a),
    "i1e": lambda: sympy.exp(-sympy.Abs(a)) * sympy.besseli(1, a),
    "j0": lambda: sympy.besselj(0, a),
    "j1": lambda: sympy.besselj(1, a),
    "y0": lambda: sympy.bessely(0, a),
    "y1": lambda: sympy.bessely(1, a),
    "k0": lambda: sympy.besselk(0, a),
    "k1": lambda: sympy.besselk(1, a),
    "exp1": lambda: sympy.expint(1, a),
    "expi": lambda: sympy.Ei(a),
    "ellipk": lambda: sympy.elliptic_k(a),
    "ellipe": lambda: sympy.elliptic_e(a),
    "exp10": lambda: 10**a,
}
_TWO: dict[str, Callable[[], sympy.Expr]] = {
    "beta": lambda: sympy.beta(a, b),
    "jv": lambda: sympy.besselj(a, b),
    "iv": lambda: sympy.besseli(a, b),
    "yv": lambda: sympy.bessely(a, b),
    "kv": lambda: sympy.besselk(a, b),
    "binom": lambda: 1 / ((a + 1) * sympy.beta(1 + a - b, 1 + b)),
    "poch": lambda: sympy.gamma(a + b) / sympy.gamma(a),
}
_UNARY = {name: _function(name, template) for name, template in _ONE.items()}
UFUNCS.update(_UNARY)
UFUNCS.update({name: _function(name, template, 2) for name, template in _TWO.items()})


@numpy_function("i0")
def bessel_i0(x: TensorLike) -> Tensor:
    """The modified Bessel function of order 0."""
    return _UNARY["i0"](x)


@ufunc()
def betaln(x: TensorLike, y: TensorLike) -> Tensor:
    """The logarithm of the beta function."""
    first, second = floats(x), floats(y)
    return _T["lgamma"](first) + _T["lgamma"](second) - _T["lgamma"](first + second)


@ufunc()
def logit(x: TensorLike) -> Tensor:
    """``log(x/(1 - x))``."""
    share = floats(x)
    return _T["log"](share) - _T["log1p"](-share)


@ufunc()
def ndtr(x: TensorLike) -> Tensor:
    """The distribution function of the standard normal distribution."""
    return _T["erfc"](floats(x) * -math.sqrt(0.5)) / 2


@ufunc()
def log_ndtr(x: TensorLike) -> Tensor:
    """The logarithm of the normal distribution function, which does not underflow on the left."""
    at = floats(x)
    scaled = at * -math.sqrt(0.5)
    left = _T["log"](_T["erfcx"](_T["maximum"](scaled, 0.0)) / 2) - _T["square"](scaled)
    left = _T["where"](_T["equal"](at, -math.inf), -math.inf, left)
    return _T["where"](at < -1.0, left, _T["log1p"](_T["erfc"](_T["maximum"](-scaled, -1.0)) * -0.5))


@ufunc()
def entr(x: TensorLike) -> Tensor:
    """``-x*log(x)``, zero at zero and minus infinity below."""
    at = floats(x)
    return _T["where"](at < 0, -math.inf, -_T["xlogy"](at, at))


@ufunc()
def rel_entr(x: TensorLike, y: TensorLike) -> Tensor:
    """``x*log(x/y)``, zero where x is."""
    first, second = alike(x, y)
    inside = _T["logical_and"](first > 0, second > 0)
    edge = _T["logical_and"](_T["equal"](first, 0), second >= 0)
    outside = _T["where"](edge, 0.0, cast(math.inf, promote(first.dtype, second.dtype)))
    return _T["where"](inside, first * _T["log"](first / second), outside)


@ufunc()
def kl_div(x: TensorLike, y: TensorLike) -> Tensor:
    """``x*log(x/y) - x + y``."""
    first, second = alike(x, y)
    return rel_entr(first, second) - first + second


@ufunc()
def huber(delta: TensorLike, r: TensorLike) -> Tensor:
    """The square up to a threshold, linear beyond."""
    bound, rest = alike(delta, r)
    size = abs(rest)
    return _T["where"](
        bound < 0, math.inf, _T["where"](size <= bound, _T["square"](rest) / 2, bound * (size - bound / 2))
    )


@ufunc()
def pseudo_huber(delta: TensorLike, r: TensorLike) -> Tensor:
    """A smooth form of :func:`huber`."""
    bound, rest = alike(delta, r)
    return _T["square"](bound) * (_T["sqrt"](1 + _T["square"](rest / bound)) - 1)


@ufunc()
def boxcox(x: TensorLike, lmbda: TensorLike) -> Tensor:
    """``(x**l - 1)/l``, the logarithm where l is zero."""
    at, order = alike(x, lmbda)
    logarithm = _T["log"](at)
    return _T["where"](_T["equal"](order, 0), logarithm, _T["expm1"](order * logarithm) / order)


@ufunc()
def exprel(x: TensorLike) -> Tensor:
    """``(exp(x) - 1)/x``, one at zero."""
    at = floats(x)
    return _T["where"](_T["equal"](at, 0), 1.0 + at / 2, _T["expm1"](at) / at)


@ufunc()
def cosm1(x: TensorLike) -> Tensor:
    """``cos(x) - 1``, exact near zero."""
    return -2.0 * _T["square"](_T["sin"](floats(x) / 2))


def _of_degrees(name: str) -> Callable[[TensorLike], Tensor]:
    return lambda x: _T[name](radians(x))


UFUNCS.update({f"{name}dg": _of_degrees(name) for name in ("sin", "cos", "tan")})
