"""The classes that formulas are made of where sympy's own would print ambiguously, or do not exist.

Each is a sympy class that any reader of sympy expressions can take apart: by its arguments, by its entries or by
``rewrite``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy
from sympy.core.symbol import Str
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.matrices.expressions import applyfunc, diagonal, hadamard, matadd, matmul, special
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.printing.precedence import PRECEDENCE
from sympy.tensor.array.expressions.array_expressions import (
    ArrayElement,
    ArrayElementwiseApplyFunc,
    Reshape,
    _ArrayExpr,
    _CodegenArrayAbstract,
)

ARRAYS = _ArrayExpr, _CodegenArrayAbstract
"""sympy's classes of array expressions."""

VARIABLE = sympy.Dummy("x", dummy_index=10_000_019, real=True)
"""The bound variable of elementwise functions; no source can have its name."""


def variable(position: int) -> sympy.Dummy:
    """The bound variables of elementwise functions of several arguments."""
    if position == 0:
        return VARIABLE
    return sympy.Dummy("xyzuvabc"[position % 8], dummy_index=10_000_019 + position, real=True)


def letters(function: Any) -> dict[Any, sympy.Symbol]:
    """Names for the bound variables of a Lambda, none of which is called as something in its body."""
    taken = {str(s) for s in function.expr.free_symbols - set(function.variables)}
    names: dict[Any, sympy.Symbol] = {}
    for x in function.variables:
        choices = [x.name, *"uvrstpqxyz", *(f"x{k}" for k in range(len(taken) + len(names) + 1))]
        name = next(c for c in choices if c not in taken)
        taken.add(name)
        names[x] = sympy.Symbol(name)
    return names


def element(matrix: MatrixExpr, i: Any = 0, j: Any = 0) -> sympy.Expr:
    """An element of a matrix expression, left as it is."""
    made: sympy.Expr = sympy.Basic.__new__(MatrixElement, matrix, sympy.sympify(i), sympy.sympify(j))
    return made


def piecewise(branches: Iterable[tuple[Any, Any]]) -> sympy.Expr:
    """Branches as they are: sympy would take one inside a condition out of it, away from what binds its variables.

    A choice of conditions is a condition.
    """
    pairs = []
    for value, test in branches:
        if test != sympy.false:
            pairs.append((value, test))
        if test == sympy.true:
            break
    *first, (last, otherwise) = pairs
    if otherwise == sympy.true and not first:
        return last
    if otherwise == sympy.true and any(isinstance(value, CONDITIONS) for value, _ in pairs):
        for value, test in reversed(first):
            last = either(test, value, last)
        return last
    return sympy.Basic.__new__(sympy.Piecewise, *(sympy.Basic.__new__(ExprCondPair, *pair) for pair in pairs))


CONDITIONS = sympy.core.relational.Relational, sympy.logic.boolalg.BooleanFunction, sympy.logic.boolalg.BooleanAtom
"""What is true or false whatever its symbols are."""


def either(test: Any, first: Any, second: Any) -> Any:
    """One of two conditions, in the words that people use: sympy's own is called ``ITE``."""
    if first == sympy.true:
        return sympy.Or(test, second)
    return sympy.Or(sympy.And(test, first), sympy.And(sympy.Not(test), second))


def renamed(expression: Any, names: dict[Any, Any]) -> Any:
    """An expression with other symbols."""
    made = expression.xreplace(names)
    return made.replace(sympy.ITE, either) if made.has(sympy.ITE) else made


ATOM = 1000
"""The precedence of what needs no parentheses, in sympy's printers."""


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


class Sum(sympy.Sum):  # type: ignore[misc]
    """A sum over indices, left as it is."""

    @property
    def free_symbols(self) -> set[Any]:
        """The symbols of the summand and of the limits but the indices; sympy would build the summand anew."""
        found = set(self.function.free_symbols)
        for k, *limits in self.limits:
            found.discard(k)
            found = found.union(*(end.free_symbols for end in limits))
        return found


class MatAdd(matadd.MatAdd):  # type: ignore[misc]
    """A sum of matrices, printed in the order it was written in."""

    def _sympystr(self, printer: Any) -> str:
        text = ""
        for m in self.args:
            part = printer._print(m)
            if isinstance(m, matadd.MatAdd):
                part = f"({part})"
            text += f" - {part[1:]}" if part.startswith("-") and text else f" + {part}" if text else part
        return text


class MatMul(matmul.MatMul):  # type: ignore[misc]
    """A product of scalars and matrices, divisors printed last."""

    def could_extract_minus_sign(self) -> bool:
        """Whether a negative number is in front; sympy would evaluate the whole product to find out."""
        return bool(self.args[0].is_Number and self.args[0].is_negative)

    def _sympystr(self, printer: Any) -> str:
        scalars = [g for f in self.args if not isinstance(f, MatrixExpr) for g in (f.args if f.is_Mul else (f,))]
        chain = [f for f in self.args if isinstance(f, MatrixExpr)]
        sign, over, under = "", [], []
        for f in scalars:
            if f.is_Rational:
                if f < 0:
                    sign, f = ("" if sign else "-"), -f
                over += [str(f.p)] if f.p != 1 else []
                under += [str(f.q)] if f.q != 1 else []
            elif f.is_Pow and f.exp.is_Rational and f.exp < 0:
                base = f.base if f.exp == -1 else sympy.Pow(f.base, -f.exp, evaluate=False)
                under.append(printer.parenthesize(base, PRECEDENCE["Pow"], strict=False))
            else:
                over.append(printer.parenthesize(f, PRECEDENCE["Mul"]))
        for m in chain:
            text = printer._print(m)
            over.append(f"({text})" if isinstance(m, matadd.MatAdd) or text.startswith("-") else text)
        return sign + "*".join(over) + "".join(f"/{u}" for u in under)


class HadamardProduct(hadamard.HadamardProduct):  # type: ignore[misc]
    """The elementwise product of matrices."""

    precedence = ATOM


class HadamardPower(hadamard.HadamardPower):  # type: ignore[misc]
    """The elementwise power of a matrix."""

    precedence = ATOM


class OneMatrix(special.OneMatrix):  # type: ignore[misc]
    """A matrix of ones, printed with its shape."""

    def _sympystr(self, printer: Any) -> str:
        return f"ones({printer._print(self.shape[0])}, {printer._print(self.shape[1])})"

    def _eval_transpose(self) -> OneMatrix:
        return OneMatrix(*self.shape[::-1])


class Identity(special.Identity):  # type: ignore[misc]
    """The identity matrix, printed with its size."""

    def _sympystr(self, printer: Any) -> str:
        return f"eye({printer._print(self.shape[0])})"


class DiagMatrix(diagonal.DiagMatrix):  # type: ignore[misc]
    """The diagonal matrix of a vector."""

    def _sympystr(self, printer: Any) -> str:
        return f"diag({printer._print(self.args[0])})"


class DiagonalOf(diagonal.DiagonalOf):  # type: ignore[misc]
    """The diagonal of a matrix, as a column."""

    def _sympystr(self, printer: Any) -> str:
        return f"diag_part({printer._print(self.args[0])})"

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        return element(self.args[0], i, i)


class ElementwiseApplyFunction(applyfunc.ElementwiseApplyFunction):  # type: ignore[misc]
    precedence = ATOM

    """A scalar function of each element, printed as a function is: ``sigmoid(X*w)``."""

    def __new__(cls, function: Any, expr: Any) -> ElementwiseApplyFunction:
        made: ElementwiseApplyFunction = MatrixExpr.__new__(cls, function, expr)
        return made

    function = property(lambda self: self.args[0])
    expr = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[1].shape)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        return self.args[0](element(self.args[1], i, j))

    def _sympystr(self, printer: Any) -> str:
        body, inner = self.args[0].expr, printer._print(self.args[1])
        if len(body.args) == 1 and body.args[0] == self.args[0].variables[0]:
            return f"{type(body).__name__}({inner})"
        names = letters(self.args[0])
        (x,) = names.values()
        return f"Lambda({x}, {printer._print(renamed(body, names))})({inner})"


class ElementwiseMap(MatrixExpr):  # type: ignore[misc]
    """A scalar function of the corresponding elements of several matrices: ``args`` are a Lambda and the matrices."""

    function = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[1].shape)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        lam = self.args[0]
        values = {x: element(m, i, j) for x, m in zip(lam.variables, self.args[1:])}
        return lam.expr.xreplace(values)

    def _sympystr(self, printer: Any) -> str:
        return _map(self, printer)


def _map(e: Any, printer: Any) -> str:
    lam = e.args[0]
    names = letters(lam)
    inner = ", ".join(printer._print(m) for m in e.args[1:])
    head = ", ".join(map(str, names.values()))
    head = f"({head})" if len(names) > 1 else head
    return f"Lambda({head}, {printer._print(renamed(lam.expr, names))})({inner})"


class softmax(MatrixExpr):  # type: ignore[misc]
    """Softmax of a column over its elements, or of each row of a matrix."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        return sympy.exp(element(self.args[0], i, j)) / _sum_of_exp(self.args[0], i)

    def _sympystr(self, printer: Any) -> str:
        return f"softmax({printer._print(self.args[0])})"


def _sum_of_exp(z: MatrixExpr, i: Any) -> sympy.Expr:
    k = sympy.Dummy("k", dummy_index=10_000_007, integer=True)
    rows, columns = z.shape
    column = columns == 1
    term = element(z, k, 0) if column else element(z, i, k)
    return sympy.Sum(sympy.exp(term), (k, 0, (rows if column else columns) - 1))


class logsumexp(sympy.Function):  # type: ignore[misc]
    """The logarithm of the sum of the exponentials of all elements of a matrix."""

    nargs = 1

    @classmethod
    def eval(cls, z: Any) -> None:
        return None

    def _eval_rewrite_as_exp(self, z: Any, **hints: Any) -> sympy.Expr:
        i = sympy.Dummy("i", dummy_index=10_000_009, integer=True)
        j = sympy.Dummy("j", dummy_index=10_000_011, integer=True)
        limits = [(i, 0, z.shape[0] - 1)] + ([(j, 0, z.shape[1] - 1)] if z.shape[1] != 1 else [])
        return sympy.log(sympy.Sum(sympy.exp(element(z, i, j if z.shape[1] != 1 else 0)), *limits))

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_commutative(self) -> bool:
        """A number, although its argument is a matrix."""
        return True


class logsumexp_rows(MatrixExpr):  # type: ignore[misc]
    """The logarithm of the sum of exponentials of each row, as a column."""

    shape = property(lambda self: (self.args[0].shape[0], sympy.S.One))

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        z = self.args[0]
        k = sympy.Dummy("k", dummy_index=10_000_007, integer=True)
        return sympy.log(sympy.Sum(sympy.exp(element(z, i, k)), (k, 0, z.shape[1] - 1)))

    def _sympystr(self, printer: Any) -> str:
        return f"logsumexp_rows({printer._print(self.args[0])})"


class ArrayAsMatrix(MatrixExpr):  # type: ignore[misc]
    """An array expression of rank 1 or 2 where a matrix is wanted, rank 1 as a column."""

    @property
    def shape(self) -> tuple[Any, Any]:
        shape = tuple(self.args[0].shape)
        return shape if len(shape) == 2 else (*shape, sympy.S.One)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        array = self.args[0]
        return ArrayElement(array, (i, j) if len(array.shape) == 2 else (i,))

    def _sympystr(self, printer: Any) -> str:
        return f"matrix({printer._print(self.args[0])})"


class ArrayAsScalar(ArrayElement):  # type: ignore[misc]
    """An array expression without axes where a number is wanted: its only element."""

    def __new__(cls, array: Any, indices: Any = ()) -> ArrayAsScalar:
        made: ArrayAsScalar = sympy.Expr.__new__(cls, array, sympy.Tuple(*indices))
        return made

    def _sympystr(self, printer: Any) -> str:
        return str(printer._print(self.args[0]))


class ArrayMap(_ArrayExpr):  # type: ignore[misc]
    """A scalar function of the corresponding elements of several arrays: ``args`` are a Lambda and the arrays."""

    shape = property(lambda self: tuple(self.args[1].shape))

    def _get(self, item: Any) -> sympy.Expr:
        lam = self.args[0]
        return lam.expr.xreplace({x: ArrayElement(a, item) for x, a in zip(lam.variables, self.args[1:])})

    def _sympystr(self, printer: Any) -> str:
        return _map(self, printer)


def array_function(function: sympy.Lambda, array: Any) -> Any:
    """A function of the elements of an array; sympy's class for it does not take arrays that are reshaped."""
    kind = ArrayMap if isinstance(array, Reshape) else ArrayElementwiseApplyFunc
    return kind(function, array)


class Applied(MatrixExpr):  # type: ignore[misc]
    """An operation that has no notation of its own, by its name: ``args`` are the name, the shape and the operands."""

    @property
    def shape(self) -> tuple[Any, Any]:
        shape = tuple(self.args[1])
        return shape if len(shape) == 2 else (*shape, sympy.S.One)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        return element(self, i, j)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.args[0]}({', '.join(printer._print(a) for a in self.args[2:])})"


class AppliedArray(_ArrayExpr):  # type: ignore[misc]
    """An operation of rank above 2, by its name."""

    shape = property(lambda self: tuple(self.args[1]))

    def _sympystr(self, printer: Any) -> str:
        return f"{self.args[0]}({', '.join(printer._print(a) for a in self.args[2:])})"


class AppliedScalar(sympy.Expr):  # type: ignore[misc]
    """An operation with a scalar result, by its name."""

    is_commutative = True

    def _sympystr(self, printer: Any) -> str:
        return f"{self.args[0]}({', '.join(printer._print(a) for a in self.args[2:])})"


def applied(name: str, params: Any, shape: tuple[Any, ...], args: Any) -> Any:
    """An operation by its name, of any rank."""
    kind = AppliedScalar if not shape else Applied if len(shape) <= 2 else AppliedArray
    extra = () if params is None else (Str(str(params)),)
    return sympy.Basic.__new__(kind, Str(name), sympy.Tuple(*shape), *args, *extra)
