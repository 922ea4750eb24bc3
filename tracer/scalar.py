"""Scalar functions that sympy lacks, as sympy functions: they print by name, differentiate and evaluate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import sympy
from sympy import Expr, Function, Piecewise, Rational, exp, floor, log, symbols
from sympy.printing.printer import Printer

from tracer.python_code import Code, negate

SELU_ALPHA = Rational("1.6732632423543772848170429916717")
SELU_SCALE = Rational("1.0507009873554804934193349852946")


class Named(Function):  # type: ignore[misc]
    """A function with a definition in sympy's own functions.

    Attributes
    ----------
    definition : callable
        The function written out, given its arguments.
    spellings : mapping
        Its code where a backend has it, by the backend's name: ``lambda e, x: e.np.log1p(x)``. Elsewhere the
        definition is computed.
    latex : str
        Its name in LaTeX; without one it is its own name, upright.
    by_mpmath : bool
        Whether mpmath computes it elsewhere, for the definition would overflow.
    """

    nargs = 1
    definition: Callable[..., Expr]
    spellings: Mapping[str, Callable[..., Code]] = MappingProxyType({})
    latex = ""
    by_mpmath = False

    def rewrite(self, *args: object, **hints: object) -> Expr:
        """The function written out, whatever it is to be written in."""
        return type(self).definition(*self.args)

    def doit(self, **hints: object) -> Expr:
        """The function written out."""
        return type(self).definition(*(a.doit(**hints) for a in self.args))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative, that of the definition."""
        slots = symbols(f"_0:{len(self.args)}", real=True)
        derivative = type(self).definition(*slots).diff(slots[argindex - 1])
        return derivative.xreplace(dict(zip(slots, self.args)))

    def _eval_evalf(self, prec: int) -> Expr:
        return type(self).definition(*self.args)._eval_evalf(prec)

    def _eval_is_extended_real(self) -> bool | None:
        return all(a.is_extended_real for a in self.args) or None

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        name = type(self).latex or rf"\operatorname{{{type(self).__name__}}}"
        power = "" if exp is None else f"^{{{exp}}}"
        return f"{name}{power}{printer._add_parens(', '.join(map(printer._print, self.args)))}"


def define(
    name: str,
    definition: Callable[..., Expr],
    spellings: Mapping[str, Callable[..., Code]] = MappingProxyType({}),
    latex: str = "",
) -> type[Named]:
    """A function that sympy lacks, by what it is in sympy's functions.

    Examples
    --------
    >>> hat = define("hat", lambda x: Piecewise((1 - sympy.Abs(x), sympy.Abs(x) < 1), (0, True)))
    >>> x = sympy.Symbol("x", real=True)
    >>> hat(x) + 1, hat(sympy.Rational(1, 4)).evalf(2)
    (hat(x) + 1, 0.75)
    """
    members = {"definition": staticmethod(definition), "spellings": spellings, "latex": latex}
    return type(name, (Named,), {**members, "nargs": definition.__code__.co_argcount, "__module__": __name__})


class sigmoid(Named):
    """The logistic function ``1/(1 + exp(-x))``."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return 1 / (1 + exp(-x))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return self * (1 - self)


class softplus(Named):
    """``log(1 + exp(x))``."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return log(1 + exp(x))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return sigmoid(self.args[0])


class relu(Named):
    """The positive part; its derivative at 0 is 0."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return Piecewise((x, x > 0), (0, True))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return Piecewise((1, self.args[0] > 0), (0, True))


class expm1(Named):
    """``exp(x) - 1``, exact near zero."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return exp(x) - 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return exp(self.args[0])


class log1p(Named):
    """``log(1 + x)``, exact near zero."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return log(1 + x)

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return 1 / (1 + self.args[0])


class hypot(Named):
    """``sqrt(x**2 + y**2)``, of huge and tiny numbers too."""

    nargs = 2

    @staticmethod
    def definition(x: Expr, y: Expr) -> Expr:
        """Written out."""
        return sympy.sqrt(x**2 + y**2)


class rint(Named):
    """The nearest integer, halves to even."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        nearest = floor(x + Rational(1, 2))
        half = sympy.Eq(x - floor(x), Rational(1, 2))
        return Piecewise((2 * floor(nearest / 2), half), (nearest, True))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return sympy.S.Zero


class erfcx(Named):
    """The scaled complementary error function ``exp(x**2)*erfc(x)``."""

    by_mpmath = True

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return exp(x**2) * sympy.erfc(x)

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return 2 * self.args[0] * self - 2 / sympy.sqrt(sympy.pi)

    def _mpmathcode(self, printer: Printer) -> str:
        return str(printer._print(self.definition(self.args[0])))


class phi(Named):
    """The density of the standard normal distribution."""

    latex = r"\varphi"

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return -self.args[0] * self


class Phi(Named):
    """The distribution function of the standard normal distribution."""

    latex = r"\Phi"
    spellings = MappingProxyType(
        {"numpy": lambda e, x: e.special.ndtr(x), "math": lambda e, x: e.math.erfc(-x / e.math.sqrt(2)) / 2}
    )

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return (1 + sympy.erf(x / sympy.sqrt(2))) / 2

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return phi(self.args[0])


class erf_above(Named):
    """``1 + erf(x)``, exact where it vanishes."""

    spellings = MappingProxyType({"numpy": lambda e, x: e.erfc(negate(x)), "math": lambda e, x: e.math.erfc(negate(x))})

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return 1 + sympy.erf(x)


class step(sympy.Function):  # type: ignore[misc]
    """One where the argument is positive, zero elsewhere, at 0 too."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """The derivative."""
        return sympy.S.Zero

    def rewrite(self, *args: object, **hints: object) -> sympy.Expr:
        """The function written out."""
        return sympy.Piecewise((1, self.args[0] > 0), (0, True))

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite()._eval_evalf(prec)

    def _eval_is_real(self) -> bool:
        return True
