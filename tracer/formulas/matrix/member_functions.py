"""Functions of each matrix of an array: ``inv(A)`` and ``det(A)`` of a batch, as NumPy has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy
from sympy.core.symbol import Str
from sympy.matrices.expressions import Determinant, Inverse, MatPow
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr

from tracer.formulas.matrix.array_classes import apply_by_name, take_member
from tracer.formulas.matrix.array_products import has_sums
from tracer.formulas.matrix.bodies import DrawnInLine, element, name_in_latex
from tracer.formulas.matrix.function_classes import TRIANGLES, band_part, cholesky, expm, pinv
from tracer.formulas.matrix.index_latex import choose_indices, reserve_indices, typeset_member
from tracer.formulas.matrix.known import KnownArray, is_known
from tracer.formulas.matrix.latex_text import bracket, write_call, write_subscript
from tracer.formulas.matrix.precedences import ATOM
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.shapes import Shape

CLASSES: dict[str, Callable[..., sympy.Expr]] = {
    "band_part": band_part,
    "cholesky": cholesky,
    "det": Determinant,
    "expm": expm,
    "inverse": Inverse,
    "matrix_power": MatPow,
    "pinv": pinv,
}
"""The classes of functions of matrices, which take the matrices and then numbers; others are written by their names."""

ROWS = {"inverse": "inv"}
"""The names of rows that terms have another name for."""


def apply_to_matrices(name: str, shape: Shape, args: Sequence[sympy.Expr]) -> sympy.Expr:
    """A function of matrices and numbers, by its class or by its name."""
    return CLASSES[name](*args) if name in CLASSES else apply_by_name(name, None, shape, args)


class MemberFunction(DrawnInLine, KnownArray, _ArrayExpr):  # type: ignore[misc]
    """A function of the matrices at each place of the first axes of arrays.

    ``args`` are its name, the shape of the result, how many first axes there are, numbers, and the arrays.
    """

    precedence = typeset_precedence = ATOM

    @property
    def shape(self) -> Shape:
        return tuple(self.args[1])

    @property
    def arrays(self) -> tuple[sympy.Expr, ...]:
        """What the matrices are members of."""
        return tuple(self.args[4:])

    @property
    def row(self) -> str:
        """The name of its row, by which it is called."""
        name = str(self.args[0])
        return ROWS.get(name, name)

    @property
    def params(self) -> object:
        """The parameters of the row: its numbers, or the only one."""
        numbers = tuple(map(int, self.args[3]))
        return numbers if len(numbers) > 1 else numbers[0] if numbers else None

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        name, shape, count, numbers, *arrays = self.args
        members = [take_member(a, tuple(item[:count])) for a in arrays]
        whole = apply_to_matrices(str(name), tuple(shape)[count:], [*members, *numbers])
        whole = whole.doit() if any(map(is_known, arrays)) else whole
        return element(whole, *item[count:]) if hasattr(whole, "shape") else whole

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def _call(self, printer: Printer) -> tuple[str, list[str]]:
        """What it is called in text, and what with."""
        triangle = TRIANGLES.get(self.params) if self.row == "band_part" else None
        shown = self.arrays if triangle else (*self.arrays, *self.args[3])
        return triangle or self.row, [str(printer._print(a)) for a in shown]

    def write_text(self, printer: Printer) -> str:
        name, shown = self._call(printer)
        return f"{name}({', '.join(shown)})"

    def write_latex(self, printer: Printer) -> str:
        if any(map(has_sums, self.arrays)):
            return self.typeset(printer, choose_indices(printer, self))
        name, shown = self._call(printer)
        return write_call(name_in_latex(name), shown)

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The element of what the function is of the members at the first indices, as of matrices."""
        name, shape, count, numbers, *arrays = self.args
        front, rest = at[: int(count)], at[int(count) :]
        printer = reserve_indices(printer, at)
        members = [
            sympy.MatrixSymbol(typeset_member(printer, a, front), *(*a.shape[int(count) :], 1)[:2]) for a in arrays
        ]
        whole = apply_to_matrices(str(name), tuple(shape)[int(count) :], [*members, *numbers])
        return write_subscript(bracket(printer, whole, ATOM), ",".join(rest)) if rest else str(printer._print(whole))


def apply_to_members(
    name: str, shape: Shape, count: int, numbers: Sequence[object], arrays: Sequence[sympy.Expr]
) -> MemberFunction:
    """A function of the matrices at each place of the first ``count`` axes of arrays.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> apply_to_members("inverse", (2, 3, 3), 1, [], [ArraySymbol("A", (2, 3, 3))])
    inv(A)
    """
    args = [Str(name), sympy.Tuple(*shape), sympy.Integer(count), sympy.Tuple(*numbers), *arrays]
    made: MemberFunction = from_parts(MemberFunction, args)
    return made
