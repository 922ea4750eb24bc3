"""Scalar functions that sympy lacks, as sympy functions: they print by name, differentiate and evaluate."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Function, Piecewise, Rational, exp, floor, log

SELU_ALPHA = Rational("1.6732632423543772848170429916717")
SELU_SCALE = Rational("1.0507009873554804934193349852946")


class _Named(Function):  # type: ignore[misc]
    """A function with a definition in sympy's own functions."""

    nargs = 1

    @staticmethod
    def definition(x: Expr) -> Expr:
        """The function written out."""
        raise NotImplementedError

    def rewrite(self, *args: Any, **hints: Any) -> Expr:
        """The function written out, whatever it is to be written in."""
        return self.definition(self.args[0])

    def doit(self, **hints: Any) -> Expr:
        """The function written out."""
        return self.definition(self.args[0].doit(**hints))

    def _eval_evalf(self, prec: int) -> Expr:
        return self.definition(self.args[0])._eval_evalf(prec)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real  # type: ignore[no-any-return]


class sigmoid(_Named):
    """The logistic function ``1/(1 + exp(-x))``."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return 1 / (1 + exp(-x))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return self * (1 - self)


class softplus(_Named):
    """``log(1 + exp(x))``."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return log(1 + exp(x))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return sigmoid(self.args[0])


class relu(_Named):
    """The positive part; its derivative at 0 is 0."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return Piecewise((x, x > 0), (0, True))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return Piecewise((1, self.args[0] > 0), (0, True))


class expm1(_Named):
    """``exp(x) - 1``, exact near zero."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return exp(x) - 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return exp(self.args[0])


class log1p(_Named):
    """``log(1 + x)``, exact near zero."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return log(1 + x)

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return 1 / (1 + self.args[0])


class rint(_Named):
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


class erfcx(_Named):
    """The scaled complementary error function ``exp(x**2)*erfc(x)``."""

    @staticmethod
    def definition(x: Expr) -> Expr:
        """Written out."""
        return exp(x**2) * sympy.erfc(x)

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative."""
        return 2 * self.args[0] * self - 2 / sympy.sqrt(sympy.pi)

    def _mpmathcode(self, printer: Any) -> str:
        return str(printer._print(self.definition(self.args[0])))


class step(sympy.Function):  # type: ignore[misc]
    """One where the argument is positive, zero elsewhere, at 0 too."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """The derivative."""
        return sympy.S.Zero

    def rewrite(self, *args: Any, **hints: Any) -> sympy.Expr:
        """The function written out."""
        return sympy.Piecewise((1, self.args[0] > 0), (0, True))

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite()._eval_evalf(prec)

    def _eval_is_real(self) -> bool:
        return True
