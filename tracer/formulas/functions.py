"""Named scalar functions of formulas: sympy functions that print by their names and that sympy can rewrite."""

from __future__ import annotations

from typing import Any

import sympy


class sigmoid(sympy.Function):  # noqa: N801
    """The logistic function ``1/(1 + exp(-x))``.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> sigmoid(x).diff(x)
    (1 - sigmoid(x))*sigmoid(x)
    """

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return self * (1 - self)

    def _eval_rewrite_as_exp(self, x: sympy.Expr, **hints: Any) -> sympy.Expr:
        return 1 / (1 + sympy.exp(-x))

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite(sympy.exp)._eval_evalf(prec)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real  # type: ignore[no-any-return]

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real  # type: ignore[no-any-return]


class softplus(sympy.Function):  # noqa: N801
    """``log(1 + exp(x))``."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return sigmoid(self.args[0])

    def _eval_rewrite_as_exp(self, x: sympy.Expr, **hints: Any) -> sympy.Expr:
        return sympy.log(1 + sympy.exp(x))

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite(sympy.exp)._eval_evalf(prec)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real  # type: ignore[no-any-return]

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real  # type: ignore[no-any-return]


class relu(sympy.Function):  # noqa: N801
    """``Max(x, 0)``; its derivative at 0 is 0."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return step(self.args[0])

    def _eval_rewrite_as_Piecewise(self, x: sympy.Expr, **hints: Any) -> sympy.Expr:  # noqa: N802
        return sympy.Piecewise((x, x > 0), (0, True))

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite(sympy.Piecewise)._eval_evalf(prec)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real  # type: ignore[no-any-return]

    def _eval_is_nonnegative(self) -> bool | None:
        return self.args[0].is_real  # type: ignore[no-any-return]


class step(sympy.Function):  # noqa: N801
    """One where the argument is positive, zero elsewhere, at 0 too."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return sympy.S.Zero

    def _eval_rewrite_as_Piecewise(self, x: sympy.Expr, **hints: Any) -> sympy.Expr:  # noqa: N802
        return sympy.Piecewise((1, x > 0), (0, True))

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite(sympy.Piecewise)._eval_evalf(prec)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real  # type: ignore[no-any-return]
