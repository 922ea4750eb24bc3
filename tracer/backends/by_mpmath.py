"""sympy's functions that NumPy lacks: by SciPy where it is exact, else by mpmath.

mpmath computes element by element with twice the digits of a float, so that a sum that cancels keeps those of one. What
mpmath lacks too is evaluated by sympy's ``evalf``, for the functions that sympy exports by name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType, ModuleType

import sympy
from sympy.printing.pycode import MpmathPrinter
from sympy.utilities.lambdify import MPMATH_TRANSLATIONS

from tracer import scalar
from tracer.python_code import CHOICE, Code, assemble, slot
from tracer.python_scope import SCOPE
from tracer.rules import position_of

SCIPY: dict[tuple[type[sympy.Basic], int], Callable[..., Code]] = {
    (sympy.erfinv, 1): lambda e, x: e.special.erfinv(x),
    (sympy.erfi, 1): lambda e, x: e.special.erfi(x),
    (sympy.gamma, 1): lambda e, x: e.special.gamma(x),
    (sympy.beta, 2): lambda e, x, y: e.special.beta(x, y),
    (sympy.zeta, 1): lambda e, x: e.special.zeta(x),
    (sympy.zeta, 2): lambda e, x, q: e.zeta(x, q),
    (sympy.besselj, 2): lambda e, n, x: e.special.jv(n, x),
    (sympy.bessely, 2): lambda e, n, x: e.special.yv(n, x),
    (sympy.besseli, 2): lambda e, n, x: e.special.iv(n, x),
    (sympy.besselk, 2): lambda e, n, x: e.special.kv(n, x),
    (sympy.airyai, 1): lambda e, x: e.special.airy(x)[0],
    (sympy.airyaiprime, 1): lambda e, x: e.special.airy(x)[1],
    (sympy.airybi, 1): lambda e, x: e.special.airy(x)[2],
    (sympy.airybiprime, 1): lambda e, x: e.special.airy(x)[3],
    (sympy.elliptic_k, 1): lambda e, x: e.special.ellipk(x),
    (sympy.elliptic_e, 1): lambda e, x: e.special.ellipe(x),
    (sympy.Si, 1): lambda e, x: e.special.sici(x)[0],
    (sympy.Shi, 1): lambda e, x: e.special.shichi(x)[0],
    (sympy.Ei, 1): lambda e, x: e.special.expi(x),
    (sympy.fresnels, 1): lambda e, x: e.special.fresnel(x)[0],
    (sympy.fresnelc, 1): lambda e, x: e.special.fresnel(x)[1],
    (sympy.LambertW, 1): lambda e, x: e.np.where(x < -e.np.exp(-1), e.np.nan, e.special.lambertw(x).real),
}
"""Functions by class and number of arguments: those that SciPy computes to the last digits."""

MPMATH: dict[tuple[type[sympy.Basic], int], str] = {
    (sympy.Ei, 1): "mpmath.ei({0})",
    (sympy.Li, 1): "mpmath.li({0}, offset=True)",
    (sympy.Rem, 2): "(({0}) - ({1})*mpmath.mpf(int(({0})/({1}))))",
    (sympy.airyaiprime, 1): "mpmath.airyai({0}, derivative=1)",
    (sympy.airybiprime, 1): "mpmath.airybi({0}, derivative=1)",
    (sympy.assoc_laguerre, 3): "mpmath.laguerre({0}, {1}, {2})",
    (sympy.betainc, 4): "mpmath.betainc({0}, {1}, {2}, {3})",
    (sympy.betainc_regularized, 4): "mpmath.betainc({0}, {1}, {2}, {3}, regularized=True)",
    (sympy.dirichlet_eta, 1): "mpmath.altzeta({0})",
    (sympy.erf2, 2): "(mpmath.erf({1}) - mpmath.erf({0}))",
    (sympy.erfcinv, 1): "mpmath.erfinv(1 - ({0}))",
    (sympy.factorial2, 1): "mpmath.fac2({0})",
    (sympy.harmonic, 1): "mpmath.harmonic({0})",
    (sympy.hermite_prob, 2): "(2**(-({0})/2)*mpmath.hermite({0}, ({1})/mpmath.sqrt(2)))",
    (sympy.jn, 2): "(mpmath.sqrt(mpmath.pi/(2*({1})))*mpmath.besselj(({0}) + 0.5, {1}))",
    (sympy.laguerre, 2): "mpmath.laguerre({0}, 0, {1})",
    (sympy.polygamma, 2): "mpmath.psi({0}, {1})",
    (sympy.stieltjes, 1): "mpmath.stieltjes(int({0}))",
    (sympy.stieltjes, 2): "mpmath.stieltjes(int({0}), {1})",
    (sympy.yn, 2): "(mpmath.sqrt(mpmath.pi/(2*({1})))*mpmath.bessely(({0}) + 0.5, {1}))",
}
"""Functions of numbers that mpmath has by another name or signature than sympy."""

TERMS = 10_000
"""A sum of as many terms is written as a loop over arrays."""


def by_mpmath(expr: sympy.Basic, bound: Mapping[sympy.Basic, Code] = MappingProxyType({})) -> Code:
    """The code of an expression evaluated element by element over mpmath's numbers.

    ``bound`` gives the codes of symbols that stand for no operand: the indices of a loop around it.

    Examples
    --------
    >>> str(by_mpmath(sympy.besselj(0, sympy.Symbol("_0"))))
    'elementwise(lambda u0: mpmath.besselj(0, u0), _0)'
    """
    symbols = sorted(expr.free_symbols, key=str)
    names = {s: f"u{k}" for k, s in enumerate(symbols)}
    printer = Mpmath(names)
    text = printer.doprint(expr)
    function = assemble(f"lambda {', '.join(names.values())}: {text}", level=CHOICE, names=printer.used)
    return SCOPE.elementwise(function, *(bound.get(s) or slot(position_of(s)) for s in symbols))


class Mpmath(MpmathPrinter):  # type: ignore[misc]
    """sympy's printer for mpmath, with sums, products and every function that mpmath or ``evalf`` has.

    ``names`` gives the text of each symbol. What the text imports is gathered in ``used``.
    """

    def __init__(self, names: dict[sympy.Symbol, str]) -> None:
        super().__init__({"fully_qualified_modules": True})
        self._names: dict[sympy.Symbol, str] = dict(names)
        self._own: set[str] = set()
        self._indices = (f"k{n}" for n in itertools.count(1))

    @property
    def used(self) -> set[str]:
        """The modules and functions that the text uses."""
        return self._own | {module for module in self.module_imports if module in ("mpmath", "math")}

    def _print_Symbol(self, expr: sympy.Basic) -> str:
        return self._names[expr]

    _print_Dummy = _print_Symbol

    def _print(self, expr: sympy.Basic, **kwargs: object) -> str:
        if isinstance(expr, sympy.Function) and not isinstance(expr, sympy.Piecewise):
            return self._call(expr, expr.func)
        return str(super()._print(expr, **kwargs))

    def _call(self, expr: sympy.Basic, func: type[sympy.Basic]) -> str:
        args = [self._print(a) for a in expr.args]
        if (func, len(args)) in MPMATH:
            self._own.add("mpmath")
            return MPMATH[func, len(args)].format(*args)
        if isinstance(expr, scalar.Named):
            return f"({self._print(expr.rewrite())})"
        if hasattr(expr, "_mpmathcode") or hasattr(self, f"_print_{func.__name__}"):
            return str(super()._print(expr))
        own = func.__name__
        name = MPMATH_TRANSLATIONS.get(own, own)
        if hasattr(_mpmath(), name) and func._eval_evalf is sympy.Function._eval_evalf:
            self._own.add("mpmath")
            return f"mpmath.{name}({', '.join(args)})"
        if getattr(sympy, own, None) is func:
            self._own |= {"evalf", "sympy"}
            return f"evalf(sympy.{own}, {', '.join(args)})"
        raise TypeError(
            f"there is no numeric form of {func}; write it with functions that mpmath has, "
            "or give it an _mpmathcode method"
        )

    def _print_Sum(self, expr: sympy.Basic) -> str:
        return self._series("total", expr)

    def _print_Product(self, expr: sympy.Basic) -> str:
        return self._series("product", expr)

    def _series(self, name: str, expr: sympy.Basic) -> str:
        self._own.add(name)
        index, first, last = ends(expr)
        bounds = f"{self._print(first)}, {self._print(last)}"
        outer = self._names
        self._names = {**outer, index: next(self._indices)}
        weight, rest = weighted(expr)
        inner = self._print(rest)
        if weight != 1:
            factor = self._print(weight)
            inner = f"({factor})*({inner}) if {factor} else 0"
        text = f"{name}(lambda {self._names[index]}: {inner}, {bounds})"
        self._names = outer
        return text

    def _print_Integral(self, expr: sympy.Basic) -> str:
        ends(expr)
        outer = self._names
        self._names = {**outer, **{limit[0]: next(self._indices) for limit in expr.limits}}
        text = str(super()._print_Integral(expr))
        self._names = outer
        return text


@cache
def _mpmath() -> ModuleType:
    return import_module("mpmath")


def ends(expr: sympy.Basic) -> tuple[sympy.Symbol, sympy.Expr, sympy.Expr]:
    """The outermost index of a sum, product or integral, its first and its last value."""
    limit = expr.limits[-1]
    if len(limit) != 3:
        raise TypeError(f"{expr} has no ends; write its limits as (index, first, last)")
    return tuple(limit)


def within(expr: sympy.Basic) -> sympy.Basic:
    """A sum or product without its outermost index."""
    return expr.func(expr.function, *expr.limits[:-1]) if len(expr.limits) > 1 else expr.function


def weighted(expr: sympy.Basic) -> tuple[sympy.Expr, sympy.Expr]:
    """What is summed as a number for each index and the rest, which need not be finite where that number is zero.

    In ``Sum(k*x**(k - 1), (k, 0, 4))``, the derivative of a polynomial, the first term is 0 at ``x = 0`` too.
    """
    body, index = within(expr), ends(expr)[0]
    if isinstance(expr, sympy.Sum) and isinstance(body, sympy.Mul):
        weight = sympy.Mul(*(f for f in body.args if f.free_symbols == {index}))
        rest = body / weight
        if any(index in p.exp.free_symbols for p in rest.atoms(sympy.Pow)) and weight != 1:
            return weight, rest
    return sympy.S.One, body


def is_loop(expr: sympy.Basic, ranges: dict[sympy.Symbol, tuple[int, int]] | None = None) -> bool:
    """Whether the ends of a sum or product, and of those within it, are known integers, and not too far apart.

    ``ranges`` are the ends of the indices around it. One of less than two terms is no loop.
    """
    known = ranges or {}
    index, *bounds = ends(expr)
    least = -1 if known else 1
    corners = [dict(zip(known, at)) for at in itertools.product(*known.values())]
    spans = [[sympy.sympify(b).xreplace(at) for b in bounds] for at in corners]
    if not all(a.is_Integer and b.is_Integer and least <= b - a < TERMS for a, b in spans):
        return False
    if any(not sympy.Poly(b, *known).is_linear for b in bounds if known and sympy.sympify(b).free_symbols):
        return False
    inner = {**known, index: (min(a for a, _ in spans), max(b for _, b in spans))}
    return all(is_loop(s, inner) for s in _outermost(within(expr)))


def _outermost(expr: sympy.Basic) -> list[sympy.Basic]:
    """The sums and products in an expression that are in no other."""
    found, todo = [], [expr]
    while todo:
        e = todo.pop()
        if isinstance(e, (sympy.Sum, sympy.Product)):
            found.append(e)
        else:
            todo += e.args
    return found
