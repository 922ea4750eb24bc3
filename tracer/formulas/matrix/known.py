"""What formulas do as sympy's own expressions do: they are worked out where matrices are known, and can be pickled."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from math import prod
from typing import Any, Protocol, SupportsIndex, runtime_checkable

import sympy
from mpmath.libmp import dps_to_prec
from sympy.combinatorics import Permutation
from sympy.core.operations import AssocOp
from sympy.logic.boolalg import Boolean
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatrixSymbol
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer
from sympy.tensor.array import NDimArray
from sympy.tensor.array.expressions import ArraySymbol, Reshape

from tracer.formulas.matrix.latex_printer import Latex, calls_nothing_e
from tracer.formulas.matrix.pretty_text import Pretty
from tracer.formulas.matrix.text_printer import Text
from tracer.formulas.matrix.unevaluated import ARRAYS, from_parts
from tracer.nest import map_leaves

KNOWN = MatrixBase, NDimArray
"""Matrices and arrays of which all elements are given."""

ELEMENTS = 10_000
"""How many elements a matrix that is made of no given ones has at the most where it is worked out."""

WHOLE = MatrixSymbol, ArraySymbol, NDimArray, Permutation
"""What is pickled as it is."""


class Kept(sympy.Basic):  # type: ignore[misc]
    """An expression that is pickled and copied as it is written, and printed by the printers of formulas.

    Those ask it by ``write_text``, ``write_latex`` and ``draw``; what sympy's printers are answered comes from them.
    """

    def _sympystr(self, printer: Printer) -> str:
        return str(Text().adopt(printer)._print(self))

    def _latex(self, printer: Printer, **options: Any) -> str:
        return str(Latex(calls_nothing_e(self)).avoid_names(self).adopt(printer)._print(self, **options))

    def _pretty(self, printer: PrettyPrinter) -> prettyForm:
        return Pretty().adopt(printer)._print(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return unpack, (pack(self),)


class Known(Kept):
    """An expression of matrices that is worked out where all of them are known."""

    def doit(self, **hints: Any) -> sympy.Expr:
        """The matrix itself where what it is made of is known, else the same of its arguments done."""
        args = [do(a, **hints) for a in self.args] if hints.get("deep", True) else self.args
        made = self if all(a is b for a, b in zip(args, self.args)) else from_parts(type(self), args)
        operands = [m for a in args for m in (a if isinstance(a, sympy.Tuple) else (a,)) if is_array(m)]
        if not isinstance(made, Known) or not operands or not is_sized(made):
            return made
        if not all(is_known(a) or is_constant(a) for a in operands):
            return made
        if prod(made.shape) > ELEMENTS and not any(map(is_known, operands)):
            return made
        return made.work_out(list(map(write_out, args)))

    def work_out(self, args: Sequence[sympy.Basic]) -> sympy.Expr:
        """The matrix of all elements, for arguments that are known."""
        made = from_parts(type(self), args)
        if not isinstance(made, Known):
            return made
        rows, columns = made.shape
        places = product(map(sympy.Integer, range(rows)), map(sympy.Integer, range(columns)))
        elements = [made._entry(i, j).doit() for i, j in places]
        if any(isinstance(e, Boolean) for e in elements):
            return made
        return sympy.ImmutableDenseMatrix(rows, columns, elements)

    def evalf(self, n: int = 15, subs: Any = None, **options: Any) -> sympy.Expr:
        """The matrix in numbers of some digits where it is known, else the same of numbers and matrices in it."""
        made = (self if subs is None else self.subs(subs)).doit()
        if isinstance(made, Known):
            return made._eval_evalf(dps_to_prec(n)).doit()
        return made.applyfunc(lambda e: e.evalf(n, **options)) if is_known(made) else made.evalf(n, **options)

    n = evalf

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        """The same of the matrices in it as numbers."""
        return from_parts(type(self), [as_numbers(a, prec) for a in self.args])


class KnownArray(Known):
    """An expression of arrays that is worked out where all of them are known."""

    def work_out(self, args: Sequence[sympy.Basic]) -> sympy.Expr:
        """The array of all elements, for arguments that are known."""
        made = from_parts(type(self), args)
        return made.as_explicit() if isinstance(made, KnownArray) else made

    def as_explicit(self) -> sympy.Expr:
        """The array of all elements."""
        elements = [self._get(at).doit() for at in product(*(map(sympy.Integer, range(d)) for d in self.shape))]
        return sympy.ImmutableDenseNDimArray(elements, self.shape)


def do(e: sympy.Basic, **hints: Any) -> sympy.Basic:
    """An argument of an expression done; functions of elements are left as they are.

    Examples
    --------
    >>> do(Reshape(sympy.Matrix([1, 2]), (1, 2, 1)))
    [[[1], [2]]]
    """
    if type(e) is Reshape and len(e.shape) != 2:
        inner = do(e.expr, **hints)
        # sympy's own would reshape a matrix to a matrix.
        return sympy.ImmutableDenseNDimArray(inner, e.shape) if is_known(inner) else Reshape(inner, e.shape)
    return e if isinstance(e, (sympy.Lambda, sympy.Atom)) else e.doit(**hints)


def as_numbers(e: sympy.Basic, prec: int) -> sympy.Basic:
    """An argument in numbers where it is a matrix."""
    if isinstance(e, KNOWN):
        return e.applyfunc(lambda x: x._evalf(prec))
    return e._eval_evalf(prec) if isinstance(e, Known) else e


def is_known(e: sympy.Basic) -> bool:
    """Whether all elements of a matrix or an array are given."""
    return isinstance(e, KNOWN)


def is_array(e: sympy.Basic) -> bool:
    """Whether an argument has elements."""
    return isinstance(e, (MatrixExpr, *KNOWN, *ARRAYS))


def write_out(e: sympy.Basic) -> sympy.Basic:
    """A known argument element by element."""
    if isinstance(e, sympy.Tuple):
        return sympy.Tuple(*map(write_out, e))
    return e.as_explicit() if isinstance(e, (MatrixExpr, *ARRAYS)) else e


def is_constant(e: sympy.Basic) -> bool:
    """Whether a matrix has its elements by its class, as identities have."""
    return is_sized(e) and not e.atoms(MatrixSymbol, ArraySymbol, *KNOWN) and not isinstance(e, KNOWN)


def is_sized(e: sympy.Basic) -> bool:
    """Whether the size of each axis is a number."""
    return all(isinstance(d, int) or d.is_Integer for d in e.shape)


# Pickling.

Packed = tuple[tuple[Any, ...], ...]
"""The parts of an expression after their own parts: the class and the positions of arguments, or a part as it is."""


def pack(e: sympy.Basic) -> Packed:
    """An expression as its parts, each once."""
    places: dict[sympy.Basic, int] = {}
    packed: list[tuple[Any, ...]] = []
    todo = [e]
    while todo:
        part = todo[-1]
        args = () if isinstance(part, WHOLE) else part.args
        missing = [a for a in args if a not in places] if part not in places else []
        if missing:
            todo += missing
            continue
        todo.pop()
        if part not in places:
            places[part] = len(packed)
            packed.append((plain_class(type(part)), *(places[a] for a in args)) if args else (part,))
    return tuple(packed)


def unpack(packed: Packed) -> sympy.Basic:
    """The expression of parts, not evaluated."""
    made: list[sympy.Basic] = []
    for head, *places in packed:
        made.append(from_parts(head, [made[k] for k in places]) if isinstance(head, type) else head)
    return keep(made[-1])


# Scalars.


class KeptScalar(Kept):
    """A scalar expression of a class of sympy's: it is equal to one of that class, and evaluates as that does."""

    def write_text(self, printer: Printer) -> str:
        return str(printer._print(self.unkept))

    def write_latex(self, printer: Printer, **options: Any) -> str:
        return str(printer._print(self.unkept, **options))

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return printer._print(self.unkept)

    @property
    def unkept(self) -> sympy.Basic:
        """The same of sympy's class."""
        return recast(self, self.func)

    @property
    def func(self) -> type[sympy.Basic]:
        """The class that it is built anew with: sympy's."""
        return plain_class(type(self))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, sympy.Basic) and plain_class(type(other)) is self.func:
            return bool(self._hashable_content() == other._hashable_content())
        same: bool = sympy.Basic.__eq__(self, other)
        return same  # Of what sympy does not know, it is NotImplemented.

    __hash__ = sympy.Basic.__hash__

    def __ne__(self, other: object) -> bool:
        return not self == other

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.func(*self.args)._evalf(prec)


@cache
def kept_class(cls: Any) -> type[sympy.Basic]:
    """A class of sympy's whose expressions are pickled as they are written."""
    made: type[sympy.Basic] = types.new_class(
        cls.__name__, (KeptScalar, cls), exec_body=lambda fields: fields.update(plain=cls)
    )
    return made


def plain_class(cls: type[sympy.Basic]) -> type[sympy.Basic]:
    """The class of sympy's that one of kept expressions stands for."""
    return getattr(cls, "plain", cls) if issubclass(cls, KeptScalar) else cls


def keep(e: sympy.Basic) -> sympy.Basic:
    """An expression that pickles and copies leave as it is written."""
    if isinstance(e, (Kept, MatrixExpr, *ARRAYS, *KNOWN)) or not isinstance(e, sympy.Basic) or not e.args:
        return e
    cls: Any = type(e)
    return recast(e, kept_class(cls))


KEPT = sympy.Basic, str
"""What is one formula: to find that by what a class has takes longer."""


@runtime_checkable
class Parted(Protocol):
    """A formula of several expressions."""

    def map(self, function: Callable[[sympy.Basic], sympy.Basic]) -> Parted:
        """The same formula with a function of each of its expressions in their places."""


def keep_all(formulas: Any) -> Any:
    """A nest of formulas, with expressions that pickles and copies leave as they are written."""
    return map_leaves(lambda e: e.map(keep) if not isinstance(e, KEPT) and isinstance(e, Parted) else keep(e), formulas)


def recast(e: sympy.Basic, cls: type[sympy.Basic]) -> sympy.Basic:
    """An expression of another class, with the same arguments."""
    made: Any = sympy.Basic.__new__(cls, *e.args)
    if isinstance(e, (AssocOp, sympy.Pow)):
        made.is_commutative = e.is_commutative
    if isinstance(e, sympy.Xor):
        made._argset = e._argset  # Its arguments are those of this set.
    return made
