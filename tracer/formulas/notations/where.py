"""Formulas as a paper has them: a short body, and names for what stands in it several times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import TypeVar

import sympy
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixSymbol
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.budget import PRINT, PRINTED
from tracer.formulas.counting import count_written
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.array_classes import ArrayAsMatrix
from tracer.formulas.matrix.array_products import has_sums
from tracer.formulas.matrix.batch_classes import BATCHES, ForEach
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.index_latex import Typeset, choose_indices, reserve_indices
from tracer.formulas.matrix.latex_printer import Latex, calls_nothing_e
from tracer.formulas.matrix.latex_text import write_subscript
from tracer.formulas.matrix.members import write_matrix
from tracer.formulas.matrix.part_names import PartNames, is_distance, is_usual
from tracer.formulas.matrix.parts import Parts, name_parts
from tracer.formulas.matrix.slices import has_arrays
from tracer.formulas.matrix.text_printer import Text
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.python import Numpy, has_integers, source_shapes
from tracer.shapes import Shape
from tracer.terms.work import Budget

P = TypeVar("P", bound=Printer)


@dataclass(frozen=True)
class Where:
    """A formula with named parts.

    Attributes
    ----------
    body : sympy.Expr or list of sympy.Expr
        The formula in sources and parts; for several tensors a list.
    parts : dict
        The parts by their symbols, in order: each is an expression in sources and earlier parts.
    sources : dict
        The shapes of the sources by their names.
    shapes : sequence of tuple
        The shapes of the tensors.
    bold : bool
        Whether the names of vectors and matrices are bold in LaTeX.
    integers : bool
        Whether something in the formula may be an integer to NumPy.
    arrays : Where or None
        The formula of whole arrays, where the body is that of each member of a batch.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", ("n", "d")), tracer.placeholder("w", ("d",))
    >>> gradient = tracer.gradients(tracer.reduce_sum(tracer.nn.softmax(X @ w) ** 2), w)[0]
    >>> print(tracer.formula(gradient, form="where"))
    2*X.T*(p o (p - p.T*p)), where p = softmax(X*w)
    """

    body: sympy.Expr | list[sympy.Expr]
    parts: Parts
    sources: Mapping[str, Shape]
    shapes: Sequence[Shape]
    bold: bool = False
    integers: bool = False
    arrays: Where | None = None

    def only(self) -> Where:
        """The formula of a single tensor."""
        (body,) = self.bodies
        return replace(self, body=body, arrays=self.arrays and self.arrays.only())

    def map(self, function: Callable[[sympy.Expr], sympy.Expr]) -> Where:
        """The same formula with a function of each of its expressions in their places."""
        parts = {symbol: function(part) for symbol, part in self.parts.items()}
        bodies = list(map(function, self.bodies))
        return replace(self, body=bodies if isinstance(self.body, list) else bodies[0], parts=parts)

    @property
    def bodies(self) -> list[sympy.Expr]:
        """The formulas of the tensors, one or several."""
        return self.body if isinstance(self.body, list) else [self.body]

    def __str__(self) -> str:
        return self.write_text()

    __repr__ = __str__

    def write_text(self, condition: str = "") -> str:
        """The formula as text, with what is said of it behind the body."""
        body, parts = self._texts
        return self._join(body + condition, parts, ", where ", ", ")

    @cached_property
    def _texts(self) -> tuple[str, list[str]]:
        """The texts of the body and of the parts, found once: how long they are is asked before they are shown."""
        printer = self._reserve_names(Text())
        parts = [f"{printer.doprint(left)} = {printer.doprint(right)}" for left, right in self._name_members(printer)]
        return printer.doprint(self.body), parts

    @property
    def latex(self) -> str:
        """The formula in LaTeX, in one line."""
        body, parts = self._write_latex()
        return self._join(body, [f"{s} = {part}" for s, part in parts], r" \quad \text{where } ", r", \; ")

    def write_lines(self, condition: str = "") -> str:
        """The formula in LaTeX with a line for each part, and what is said of it behind the body."""
        body, parts = self._write_latex()
        if not parts:
            return body + condition
        rows = [f"& {body}{condition}", *(rf"& {s} = {part}" for s, part in parts)]
        rows[1] = rows[1].replace("& ", r"& \text{where } ", 1)
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.write_lines()}$"

    @property
    def python(self) -> str:
        """The formula in NumPy: an assignment for each part, and an expression, or a list of them, in the last line."""
        if self.arrays is not None:
            return self.arrays.python
        shapes = dict(self.sources)
        lines = []
        for symbol, part in self.parts.items():
            shape = _shape_of(symbol)
            lines.append(f"{symbol} = {Numpy(shapes, integers=self.integers).text(part, shape)}")
            shapes[str(symbol)] = shape
        texts = [Numpy(shapes, integers=self.integers).text(e, shape) for e, shape in zip(self.bodies, self.shapes)]
        last = f"[{', '.join(texts)}]" if isinstance(self.body, list) else texts[0]
        return "\n".join([*lines, last])

    def _write_latex(self) -> tuple[str, list[tuple[str, str]]]:
        """The LaTeX of the body and of the parts."""
        bodies = self.bodies
        printer = self._reserve_names(Latex(calls_nothing_e(*bodies, *self.parts, *self.parts.values()), self.bold))
        texts = [printer.doprint(e) for e in bodies]
        body = rf"\left[{', '.join(texts)}\right]" if isinstance(self.body, list) else texts[0]
        return body, [_equate(printer, left, right) for left, right in self._name_members(printer)]

    def _reserve_names(self, printer: P) -> P:
        """A printer by which a member of a batch has one index in the body and in all parts."""
        if not any(isinstance(e, BATCHES) for e in self.bodies):
            return printer
        return reserve_indices(printer, [*self.sources, *(str(symbol) for symbol in self.parts)])

    def _name_members(self, printer: Printer) -> Iterator[tuple[sympy.Expr, sympy.Expr]]:
        """The symbols of the parts, and the parts; of a batch those of a member, since the body says of which."""
        for symbol, part in self.parts.items():
            yield part.name_member(symbol, printer) if isinstance(part, ForEach) else (symbol, part)

    def _join(self, body: str, parts: Sequence[str], first: str, between: str) -> str:
        return body + (first + between.join(parts) if parts else "")


def where(program: Lowered, bold: bool = False) -> Where:
    """The closed forms of a program with names for the parts that they share."""
    made = _name(program, *_write_whole(program, write_matrix))
    arrays = _write_arrays(program) if any(isinstance(e, BATCHES) for e in made.bodies) else None
    return replace(made, bold=bold, arrays=arrays)


def _write_arrays(program: Lowered) -> Where | None:
    """The closed forms of whole arrays, not of each member of a batch; None where they have none within the budget."""
    try:
        return _name(program, *_write_whole(program, matrix))
    except FormulaError:
        return None


def shorter(program: Lowered) -> Where:
    """The closed forms with names for parts where that is shorter to read, which is to say: has fewer characters.

    Arrays of more than two axes have no parts: what people read of them is in index notation.
    """
    whole, algebra = _write_whole(program, write_matrix)
    if any(has_arrays(e) and not isinstance(e, BATCHES) for e in whole.bodies):
        return whole
    # To look for parts may not take away what the formula without them has.
    algebra.budget = Budget(PRINT, program.tensors[-1].name)
    try:
        parted = _name(program, whole, algebra)
    except TooLong:
        return whole
    return min(whole, parted, key=lambda made: len(str(made)))


def _write_whole(program: Lowered, write: Callable[..., sympy.Expr]) -> tuple[Where, MatrixAlgebra]:
    """The closed forms without parts, as a function writes them, and what knows their symmetric matrices."""
    n = program.normaliser
    algebra = MatrixAlgebra(n.budget)
    made = [write(term, n, algebra) for term in program.terms]
    found: dict[sympy.Basic, int] = {}
    n.spend(sum(PRINTED * count_written(e, lambda part: 1, n.budget, found) for e in made))
    return Where(
        made, {}, source_shapes(program), [t.shape for t in program.tensors], integers=has_integers(program)
    ), algebra


def _name(program: Lowered, whole: Where, algebra: MatrixAlgebra) -> Where:
    """Closed forms with names for their parts."""
    around = [_list_around(e) for e in whole.bodies]
    members = [layers[-1].args[0] if layers else e for e, layers in zip(whole.bodies, around)]
    bodies, parts = name_parts(members, algebra, PartNames(program.names, algebra), is_usual, is_distance)
    if parts and any(isinstance(e, ForEach) for e in bodies):
        bodies, parts = _name_for_each(bodies, parts) or (members, {})
    bodies = [reduce(_put_into, reversed(layers), e) for e, layers in zip(bodies, around)]
    return replace(whole, body=bodies, parts=parts)


def _list_around(e: sympy.Expr) -> list[sympy.Expr]:
    """What stands around the formula of each member of a batch, from the outside."""
    layers = []
    while isinstance(e, BATCHES) and not isinstance(e, ForEach):
        layers.append(e)
        e = e.args[0]
    return layers


def _put_into(e: sympy.Expr, layer: sympy.Expr) -> sympy.Expr:
    """What stands around a formula, around another one."""
    return layer.func(e, *layer.args[1:])


def _name_for_each(bodies: Sequence[sympy.Expr], parts: Parts) -> tuple[list[sympy.Expr], Parts] | None:
    """Parts of formulas of one batch as arrays with its axes; None where there are several batches."""
    if any(not isinstance(e, ForEach) or e.args[1] != bodies[0].args[1] for e in bodies):
        return None
    sizes = bodies[0].args[1]
    arrays = {array for e in bodies for array in e.args[3:]}
    made: Parts = {}
    for symbol, part in parts.items():
        shape = _shape_of(symbol)
        array = ArraySymbol(str(symbol), (*sizes, *shape))
        made[array] = ForEach(part, sizes, sympy.Tuple(*shape), *sorted(arrays, key=str))
        arrays.add(sympy.Tuple(Str(str(symbol)), array, sympy.Tuple(*range(len(sizes)))))
    return [ForEach(*e.args[:3], *sorted(arrays, key=str)) for e in bodies], made


def _equate(printer: Latex, symbol: sympy.Expr, part: sympy.Expr) -> tuple[str, str]:
    """A part and its formula in LaTeX: an element of it where that is what the formula says."""
    array = part.args[0] if isinstance(part, ArrayAsMatrix) else part
    left, right = printer.doprint(symbol), printer.doprint(part)
    if isinstance(array, Typeset) and has_sums(array):
        left = write_subscript(left, ",".join(choose_indices(printer, array)))
    return left, right


def _shape_of(symbol: sympy.Expr) -> Shape:
    """The shape of the array that a part is: a column is an array of one axis."""
    if isinstance(symbol, ArraySymbol):
        return tuple(symbol.shape)
    if not isinstance(symbol, MatrixExpr):
        return ()
    assert isinstance(symbol, MatrixSymbol)
    rows, columns = symbol.shape
    return (rows,) if columns == 1 else (rows, columns)
