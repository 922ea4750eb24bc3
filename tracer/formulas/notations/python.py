"""Formulas as one NumPy expression.

Every part of a formula is written as the text of its value *without the axes of size one*: a column is a vector, a
matrix of one element a number. So the rank of every text follows from the shape of what it stands for, whatever made
it, and no operation needs to guess what its operands look like. The axes of size one are put back at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import sympy
from sympy.matrices.expressions import Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.budget import PRINTED
from tracer.formulas.counting import count_written
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.classes import MatMul
from tracer.formulas.matrix.function_classes import lookup
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.numpy_arrays import thick_axes, write_axes, write_index
from tracer.formulas.notations.numpy_products import Products, is_logistic
from tracer.formulas.notations.numpy_scalars import (
    ATOM,
    POWER,
    PRODUCT,
    Text,
    avoid_keywords,
    no_text,
)
from tracer.python_code import ATOM as CODE_ATOM
from tracer.python_code import CHOICE
from tracer.python_code import name as written
from tracer.python_scope import SCOPE
from tracer.rules import TABLE
from tracer.shapes import Shape
from tracer.tensor import SOURCES
from tracer.terms.facts import is_integer
from tracer.terms.record import Source, is_call, subterms
from tracer.walk import ancestors


def python(program: Lowered) -> list[str]:
    """The closed forms of a program as NumPy expressions in the names of the sources and ``np``.

    A vector is a true one-dimensional array; a symbolic dimension is read from the shape of a source; a source that is
    called as a keyword or ``np`` has an underscore behind its name.
    """
    shapes = source_shapes(program)
    made = [matrix(term, program.normaliser) for term in program.terms]
    budget = program.normaliser.budget
    budget.spend(sum(PRINTED * count_written(e, lambda part: 1, budget) for e in made))
    integers = has_integers(program)
    return [Numpy(shapes, integers=integers).text(e, t.shape) for e, t in zip(made, program.tensors)]


def source_shapes(program: Lowered) -> dict[str, Shape]:
    """The shapes of the sources of a program by their names, for dimensions to be read from."""
    shapes: dict[str, Shape] = {program.sources[t.node]: t.shape for t in program.nodes if t.rule in SOURCES}
    # A derivative may have dimensions of sources that do not occur in it.
    for s in ancestors([m for t in program.nodes for m in t._measures]):
        if s.rule in SOURCES and s.label is not None:
            shapes.setdefault(s.label, s.shape)
    return shapes


def has_integers(program: Lowered) -> bool:
    """Whether something in the formulas may be an integer to NumPy: sources, and the numbers of a range."""
    parts = (u for term in program.terms for u in subterms(term))
    return any(is_call(u, "range") or (isinstance(u, Source) and is_integer(u)) for u in parts)


class Numpy(Products):
    """The writer: ``of`` gives the text of an expression without its axes of size one."""

    def text(self, e: sympy.Expr, shape: Shape) -> str:
        """The expression of a result of a shape."""
        if getattr(e, "name", None) is not None and self.shapes.get(str(e.name)) == shape:
            return avoid_keywords(str(e.name))
        return self.restore_axes(self.of(e), shape, thick_axes(shape))[0]

    # Matrices.

    def of_ArrayAsMatrix(self, e: sympy.Expr) -> Text:
        return self.of(e.args[0])

    of_ArrayAsScalar = of_ArrayAsMatrix

    def of_MatrixElement(self, e: sympy.Expr) -> Text:
        m, *at = e.args
        parts = [self.write_size(at[k]) for k in thick_axes(m.shape)]
        return (f"{self.at(m, ATOM)}[{', '.join(parts)}]", ATOM) if parts else self.of(m)

    def of_total(self, e: sympy.Expr) -> Text:
        m = e.args[0]
        return (f"np.sum({self.of(m)[0]})", ATOM) if thick_axes(m.shape) else self.of(m)

    def of_mean(self, e: sympy.Expr) -> Text:
        return f"np.mean({self.of(e.args[0])[0]})", ATOM

    def of_greatest(self, e: sympy.Expr) -> Text:
        return f"np.{e.label}({self.of(e.args[0])[0]})", ATOM

    of_least = of_product = of_greatest

    def of_RowReduction(self, e: sympy.Expr) -> Text:
        name = type(e).__name__.removesuffix("_rows")
        text = self.of(e.args[0])[0]
        if e.args[0].shape[1] == 1:
            return self.of(e.args[0])
        return f"np.{name}({text}{', axis=1' if len(thick_axes(e.args[0].shape)) == 2 else ''})", ATOM

    def of_cumsum(self, e: sympy.Expr) -> Text:
        x, _, reverse, axis = e.args
        if axis not in thick_axes(x.shape):
            return self.of(x)
        return self._write_running("np.cumsum", self.at(x, ATOM) if reverse else self.of(x)[0], e), ATOM

    def _write_running(self, name: str, text: str, e: sympy.Expr) -> str:
        """A running function along an axis; from the end, of what is turned around."""
        *_, reverse, axis = e.args
        thick = thick_axes(e.shape)
        over = f", axis={thick.index(axis)}" if len(thick) > 1 else ""
        back = f"[{':, ' * thick.index(axis)}::-1]" if reverse else ""
        return f"{name}({text}{back}{over}){back}"

    def of_cumprod(self, e: sympy.Expr) -> Text:
        """NumPy's, of the elements before a place with a one in front, and of those after it from behind."""
        x, exclusive, reverse, axis = e.args
        thick = thick_axes(x.shape)
        if axis not in thick:
            return self.fill("ones", x.shape) if exclusive else self.of(x)
        text = self.at(x, ATOM)
        if not exclusive:
            return self._write_running("np.cumprod", text, e), ATOM
        first, rest = ("-1:", "1:") if reverse else (":1", ":-1")
        front = ":, " * thick.index(axis)
        parts = [f"np.ones_like({text}[{front}{first}])", f"{text}[{front}{rest}]"]
        over = f", axis={thick.index(axis)}" if front else ""
        joined = f"np.concatenate([{', '.join(parts[::-1] if reverse else parts)}]{over})"
        if len(thick) == 1:
            joined = f"np.append({text}[1:], 1)" if reverse else f"np.append(1, {text}[:-1])"
        return self._write_running("np.cumprod", joined, e), ATOM

    of_ArrayCumprod = of_cumprod

    def of_norm(self, e: sympy.Expr) -> Text:
        m = e.args[0]
        return f"np.{'linalg.norm' if thick_axes(m.shape) else 'abs'}({self.of(m)[0]})", ATOM

    def of_Trace(self, e: sympy.Expr) -> Text:
        inner = self._write_inner(e.args[0])
        return self._write_square("np.trace({})", e.args[0]) if inner is None else inner

    def _write_inner(self, m: MatrixExpr) -> Text | None:
        """The trace of a product with a transpose at an end as a sum over elements: ``A.T*B -> np.sum(A*B)``."""
        matrices: Sequence[sympy.Expr] = m.args if isinstance(m, sympy.MatMul) and thick_axes(m.shape) else ()
        if len(matrices) < 2 or not all(isinstance(f, MatrixExpr) and len(thick_axes(f.shape)) == 2 for f in matrices):
            return None
        ends = (matrices[0], matrices[1:]), (matrices[-1], matrices[:-1])
        turned = [(f, rest) for f, rest in ends if isinstance(f, Transpose)]
        if not turned:
            return None
        left, rest = turned[0]
        right = rest[0] if len(rest) == 1 else MatMul(*rest, evaluate=False)
        return f"np.sum({self.at(left.args[0], POWER)}*{self.at(right, PRODUCT + 1)})", ATOM

    def of_Determinant(self, e: sympy.Expr) -> Text:
        return self._write_square("np.linalg.det({})", e.args[0])

    def _write_square(self, pattern: str, m: sympy.Expr, number: Callable[[MatrixExpr], Text] | None = None) -> Text:
        """A function of a square matrix; what it is of a matrix of one element."""
        if not thick_axes(m.shape):
            return number(m) if number else self.of(m)
        return pattern.format(self.of(m)[0]), ATOM

    def of_MatrixSymbol(self, e: sympy.Expr) -> Text:
        """A source at the only place along each axis of size one."""
        name = str(e.name)
        return avoid_keywords(name) + write_index(["0" if d == 1 else ":" for d in self.shapes.get(name, ())]), ATOM

    of_ArraySymbol = of_MatrixSymbol

    def of_Transpose(self, e: sympy.Expr) -> Text:
        return (f"{self.at(e.args[0], ATOM)}.T", ATOM) if len(thick_axes(e.shape)) == 2 else self.of(e.args[0])

    def of_Inverse(self, e: sympy.Expr) -> Text:
        return self._write_square("np.linalg.inv({})", e.args[0], lambda m: (f"1/{self.at(m, POWER)}", PRODUCT))

    def of_MatPow(self, e: sympy.Expr) -> Text:
        base, n = e.args
        power = self.of(n)[0]
        return self._write_square(
            f"np.linalg.matrix_power({{}}, {power})", base, lambda m: (f"{self.at(m, POWER + 1)}**{power}", POWER)
        )

    def of_OneMatrix(self, e: sympy.Expr) -> Text:
        return self.fill("ones", e.shape)

    def of_ZeroMatrix(self, e: sympy.Expr) -> Text:
        return self.fill("zeros", e.shape)

    of_OneArray, of_ZeroArray = of_OneMatrix, of_ZeroMatrix

    def of_Identity(self, e: sympy.Expr) -> Text:
        return (f"np.eye({self.write_size(e.shape[0])})", ATOM) if thick_axes(e.shape) else ("1.0", ATOM)

    def of_DiagMatrix(self, e: sympy.Expr) -> Text:
        return self._write_square("np.diag({})", e.args[0])

    of_DiagonalOf = of_DiagMatrix

    def of_Band(self, e: sympy.Expr) -> Text:
        vector, number = e.args
        text = self.of(vector)[0]
        return f"np.diag({text if thick_axes(vector.shape) else f'[{text}]'}, {number})", ATOM

    def of_KroneckerProduct(self, e: sympy.Expr) -> Text:
        """The product of numbers and vectors along one axis, or of matrices with all their axes."""
        axes = [thick_axes(m.shape) for m in e.args]
        if all(a == axes[0] for a in axes):
            texts = [self.of(m)[0] for m in e.args]
        else:
            texts = [self.restore_axes(self.of(m), m.shape, a)[0] for m, a in zip(e.args, axes)]
        if axes == [[]] * len(axes):
            return "*".join(self.at(m, PRODUCT + 1) for m in e.args), PRODUCT
        text = texts[0]
        for other in texts[1:]:
            text = f"np.kron({text}, {other})"
        if all(a == axes[0] for a in axes):
            return text, ATOM
        return text + write_index(["0" if d == 1 else ":" for d in e.shape]), ATOM

    def of_ElementwiseApplyFunction(self, e: sympy.Expr) -> Text:
        """A function of the elements of arrays of one shape."""
        if is_logistic(e):
            return super().of_ElementwiseApplyFunction(e)
        lam, *operands = e.args
        inner = self.write_together(operands)
        if len(inner) == 1 and lam.expr.args == lam.variables:
            return self._write_function(lam.expr.func, inner)
        bound = dict(zip(lam.variables, inner))
        text, level = self.bind(bound).of(lam.expr)
        if thick_axes(e.shape) and not lam.expr.free_symbols & set(bound):
            return f"np.full({self.write_shape(e.shape)}, {text})", ATOM
        return text, level

    of_ElementwiseMap = of_ArrayElementwiseApplyFunc = of_ArrayMap = of_ElementwiseApplyFunction

    def of_softmax(self, e: sympy.Expr) -> Text:
        """Over a column, or along the rows."""
        z = e.args[0]
        text = self.of(z)[0]
        along = 0 if z.shape[1] == 1 else 1
        if z.shape[along] == 1:
            return self.fill("ones", z.shape)
        over = ", axis=1, keepdims=True" if len(thick_axes(z.shape)) == 2 else ""
        return f"np.exp({text} - np.logaddexp.reduce({text}{over}))", ATOM

    def of_ArraySoftmax(self, e: sympy.Expr) -> Text:
        """Over axes, counted without those of size one."""
        z = e.args[0]
        thick = thick_axes(z.shape)
        over = [thick.index(k) for k in e.axes if k in thick]
        if not over:
            return self.fill("ones", z.shape)
        text = self.of(z)[0]
        last = over == [len(thick) - 1]
        along = "" if len(over) == len(thick) == 1 else f", axis={-1 if last else write_axes(over)}, keepdims=True"
        return f"np.exp({text} - np.logaddexp.reduce({text}{along}))", ATOM

    def of_logsumexp(self, e: sympy.Expr) -> Text:
        z = e.args[0]
        over = ", axis=None" if len(thick_axes(z.shape)) == 2 else ""
        return (f"np.logaddexp.reduce({self.of(z)[0]}{over})", ATOM) if thick_axes(z.shape) else self.of(z)

    def of_logsumexp_rows(self, e: sympy.Expr) -> Text:
        z = e.args[0]
        over = ", axis=1" if len(thick_axes(z.shape)) == 2 else ""
        return (f"np.logaddexp.reduce({self.of(z)[0]}{over})", ATOM) if z.shape[1] != 1 else self.of(z)

    def of_arange(self, e: sympy.Expr) -> Text:
        return f"np.arange({', '.join(map(self.write_size, e.list_bounds()))})", ATOM

    def of_onehot(self, e: sympy.Expr) -> Text:
        """Places are rows of the identity; other integers may be none of its rows."""
        ids, size = e.args
        if isinstance(e, lookup):
            return f"np.eye({self.write_size(size)})[{self.of(ids)[0]}]", ATOM
        each = "[:, None]" if thick_axes(getattr(ids, "shape", ())) else ""
        return f"np.where({self.at(ids, ATOM)}{each} == np.arange({self.write_size(size)}), 1, 0)", ATOM

    def of_band_part(self, e: sympy.Expr) -> Text:
        m, lower, upper = e.args
        text = self.restore_axes(self.of(m), m.shape, thick_axes(m.shape))[0]
        if upper >= 0:
            text = f"np.tril({text}{f', {upper}' if upper else ''})"
        if lower >= 0:
            text = f"np.triu({text}{f', {-lower}' if lower else ''})"
        return text + write_index(["0" if d == 1 else ":" for d in e.shape]), ATOM

    def of_Applied(self, e: sympy.Expr) -> Text:
        operands = e.args[2:]
        return self._write_row(str(e.args[0]), operands, [getattr(m, "shape", ()) for m in operands], tuple(e.args[1]))

    of_AppliedScalar = of_Applied

    def of_MemberFunction(self, e: sympy.Expr) -> Text:
        return self._write_row(e.row, e.arrays, [a.shape for a in e.arrays], e.shape, e.params)

    def of_MatrixFunction(self, e: sympy.Expr) -> Text:
        """A function that is called as a row."""
        if type(e).__name__ not in TABLE:
            raise no_text(type(e).__name__)
        *shapes, shape = [m.shape[:1] if e.vectors and m.shape[1] == 1 else m.shape for m in (*e.args, e)]
        return self._write_row(type(e).__name__, e.args, shapes, shape, e.params)

    def _write_row(
        self, name: str, operands: Sequence[sympy.Expr], shapes: Sequence[Shape], shape: Shape, params: object = None
    ) -> Text:
        """A function of matrices of some shapes in the words of its row, if these need nothing but ``np``."""
        row = TABLE.get(name)
        if row is None or row.numpy is None or not all(hasattr(m, "shape") for m in operands):
            raise no_text(name)
        values = [self.restore_axes(self.of(m), size, thick_axes(size)) for m, size in zip(operands, shapes)]
        codes = [written(text, CODE_ATOM if level == ATOM else CHOICE) for text, level in values]
        named = SimpleNamespace(op=row, operands=operands, params=params, shape=shape, dtype="float64", ndim=len(shape))
        code = row.numpy(SCOPE, named, *codes)
        if not code.names <= {"np"}:
            raise no_text(name)
        text = str(code) if code.level == CODE_ATOM else f"({code})"
        return text + write_index(["0" if d == 1 else ":" for d in shape]), ATOM
