"""Formulas as a paper has them: a short body, and names for what stands in it several times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy
from sympy.matrices.expressions import MatrixSymbol
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.budget import PRINTED
from tracer.formulas.counting import count_written
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.array_classes import ForEach
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.part_names import PartNames
from tracer.formulas.matrix.parts import Parts, name_parts
from tracer.formulas.matrix.writer import write_matrix
from tracer.formulas.notations.latex import Latex
from tracer.formulas.notations.python import Numpy, source_shapes
from tracer.shapes import Shape


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

    def only(self) -> Where:
        """The formula of a single tensor."""
        (body,) = self._list_bodies()
        return replace(self, body=body)

    def _list_bodies(self) -> list[sympy.Expr]:
        return self.body if isinstance(self.body, list) else [self.body]

    def __str__(self) -> str:
        parts = [f"{symbol} = {_member(part)}" for symbol, part in self.parts.items()]
        return self._join(str(self.body), parts, ", where ", ", ")

    __repr__ = __str__

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        body, parts = self._write_latex()
        return self._join(body, [f"{s} = {part}" for s, part in parts], r" \quad \text{where } ", r", \; ")

    def _repr_latex_(self) -> str:
        body, parts = self._write_latex()
        rows = [f"& {body}", *(rf"& {s} = {part}" for s, part in parts)]
        if not parts:
            return rf"$\displaystyle {body}$"
        rows[1] = rows[1].replace("& ", r"& \text{where } ", 1)
        return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"

    @property
    def python(self) -> str:
        """The formula in NumPy: an assignment for each part, and an expression, or a list of them, in the last line."""
        shapes = dict(self.sources)
        lines = []
        for symbol, part in self.parts.items():
            shape = _shape_of(symbol)
            lines.append(f"{symbol} = {Numpy(shapes).text(part, shape)}")
            shapes[str(symbol)] = shape
        texts = [Numpy(shapes).text(e, shape) for e, shape in zip(self._list_bodies(), self.shapes)]
        last = f"[{', '.join(texts)}]" if isinstance(self.body, list) else texts[0]
        return "\n".join([*lines, last])

    def _write_latex(self) -> tuple[str, list[tuple[str, str]]]:
        """The LaTeX of the body and of the parts."""
        bodies = self._list_bodies()
        names = {str(s) for e in (*bodies, *self.parts, *self.parts.values()) for s in e.free_symbols}
        printer = Latex(euler="e" not in names)
        texts = [printer.doprint(e) for e in bodies]
        body = rf"\left[{', '.join(texts)}\right]" if isinstance(self.body, list) else texts[0]
        return body, [(printer.doprint(s), printer.doprint(_member(part))) for s, part in self.parts.items()]

    def _join(self, body: str, parts: Sequence[str], first: str, between: str) -> str:
        return body + (first + between.join(parts) if parts else "")


def where(program: Lowered) -> Where:
    """The closed forms of a program with names for the parts that they share."""
    n = program.normaliser
    algebra = MatrixAlgebra(n.budget)
    made = [write_matrix(term, n, algebra) for term in program.terms]
    found: dict[sympy.Basic, int] = {}
    n.spend(sum(PRINTED * count_written(e, lambda part: 1, n.budget, found) for e in made))
    bodies, parts = name_parts(made, algebra, PartNames(program.names, algebra))
    if parts and any(isinstance(e, ForEach) for e in bodies):
        bodies, parts = _name_for_each(bodies, parts) or (made, {})
    return Where(bodies, parts, source_shapes(program), [t.shape for t in program.tensors])


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
        arrays.add(sympy.Tuple(array, sympy.Tuple(*range(len(sizes)))))
    return [ForEach(*e.args[:3], *sorted(arrays, key=str)) for e in bodies], made


def _member(part: sympy.Expr) -> sympy.Expr:
    """The formula of a member of a batch, where the body says what the batch is."""
    return part.body if isinstance(part, ForEach) else part


def _shape_of(symbol: sympy.Expr) -> Shape:
    """The shape of the array that a part is: a column is an array of one axis."""
    if not isinstance(symbol, MatrixExpr):
        return ()
    assert isinstance(symbol, MatrixSymbol)
    rows, columns = symbol.shape
    return (rows,) if columns == 1 else (rows, columns)
