"""Formulas as one NumPy expression.

Every part of a formula is written as the text of its value *without the axes of size one*: a column is a vector, a
matrix of one element a number. So the rank of every text follows from the shape of what it stands for, whatever made
it, and no operation needs to guess what its operands look like. The axes of size one are put back at the end.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace

import sympy
from sympy.matrices.expressions import Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.tensor.array.expressions.array_expressions import OneArray

from tracer.formulas.budget import PRINTED
from tracer.formulas.counting import count_written
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.bodies import rename
from tracer.formulas.matrix.writer import matrices
from tracer.formulas.notations.numpy_scalars import (
    ATOM,
    POWER,
    PRODUCT,
    SUM,
    Scalars,
    Text,
    avoid_keywords,
    no_text,
    wrap,
)
from tracer.formulas.source_names import source_names
from tracer.python_code import ATOM as CODE_ATOM
from tracer.python_code import CHOICE, SCOPE
from tracer.python_code import name as written
from tracer.rules import TABLE
from tracer.shapes import Dim, Shape
from tracer.tensor import SOURCES
from tracer.walk import ancestors


def python(program: Lowered) -> list[str]:
    """The closed forms of a program as NumPy expressions in the names of the sources and ``np``.

    A vector is a true one-dimensional array; a symbolic dimension is read from the shape of a source; a source that is
    called as a keyword or ``np`` has an underscore behind its name.
    """
    nodes = ancestors(program.tensors)
    names = source_names(nodes)
    shapes = {names[t.node]: t.shape for t in nodes if t.rule in SOURCES}
    # A derivative may have dimensions of sources that do not occur in it.
    for s in ancestors([m for t in nodes for m in t._measures]):
        if s.rule in SOURCES and s.label is not None:
            shapes.setdefault(s.label, s.shape)
    made = matrices(program)
    budget = program.normaliser.budget
    budget.spend(sum(PRINTED * count_written(e, lambda part: 1, budget) for e in made))
    return [Numpy(shapes).text(e, t.shape) for e, t in zip(made, program.tensors)]


def thin(shape: Shape) -> list[int]:
    """The axes of a shape that are not of size one.

    >>> thin((3, 1, 4))
    [0, 2]
    """
    return [k for k, d in enumerate(shape) if d != 1]


def index(parts: Sequence[str]) -> str:
    """An index behind a text, without the whole axes at its end; nothing where all are whole."""
    kept = list(parts)
    while kept and kept[-1] == ":":
        kept.pop()
    return f"[{', '.join(kept)}]" if kept else ""


class Numpy(Scalars):
    """The writer: ``of`` gives the text of an expression without its axes of size one."""

    def text(self, e: sympy.Expr, shape: Shape) -> str:
        """The expression of a result of a shape."""
        if getattr(e, "name", None) is not None and self.shapes.get(str(e.name)) == shape:
            return avoid_keywords(str(e.name))
        return self.spread(self.of(e), shape, thin(shape))[0]

    def spread(self, made: Text, shape: Shape, axes: Sequence[int]) -> Text:
        """The text of a value that has some axes of a shape with all of them, those that it lacks being of size one."""
        if len(axes) == len(shape):
            return made
        if not axes:
            return f"np.reshape({made[0]}, {(1,) * len(shape)})", ATOM
        parts = [":" if k in axes else "None" for k in range(len(shape))]
        return f"{wrap(*made, ATOM)}[{', '.join(parts)}]", ATOM

    # Shapes.

    def shape(self, shape: Shape) -> str:
        """The text of a shape without the sizes one: a number, or a tuple."""
        dims = [shape[k] for k in thin(shape)]
        if len(dims) > 1:
            for name, other in self.shapes.items():
                if list(other) == dims and any(isinstance(d, sympy.Basic) for d in dims):
                    return f"{avoid_keywords(name)}.shape"
        return self.size(dims[0]) if len(dims) == 1 else f"({', '.join(map(self.size, dims))})"

    def filled(self, value: str, shape: Shape) -> Text:
        """Ones or zeros of a shape."""
        if not thin(shape):
            return {"ones": "1.0", "zeros": "0.0"}[value], ATOM
        return f"np.{value}({self.shape(shape)})", ATOM

    # Matrices.

    def of_MatrixElement(self, e: sympy.Expr) -> Text:
        m, *at = e.args
        parts = [self.size(at[k]) for k in thin(m.shape)]
        return (f"{self.at(m, ATOM)}[{', '.join(parts)}]", ATOM) if parts else self.of(m)

    def of_Trace(self, e: sympy.Expr) -> Text:
        return self._of_matrix("np.trace({})", e.args[0])

    def of_Determinant(self, e: sympy.Expr) -> Text:
        return self._of_matrix("np.linalg.det({})", e.args[0])

    def _of_matrix(self, pattern: str, m: sympy.Expr, number: Callable[[MatrixExpr], Text] | None = None) -> Text:
        """A function of a square matrix; what it is of a matrix of one element."""
        if not thin(m.shape):
            return number(m) if number else self.of(m)
        return pattern.format(self.of(m)[0]), ATOM

    def of_MatrixSymbol(self, e: sympy.Expr) -> Text:
        """A source at the only place along each axis of size one."""
        name = str(e.name)
        return avoid_keywords(name) + index(["0" if d == 1 else ":" for d in self.shapes.get(name, ())]), ATOM

    of_ArraySymbol = of_MatrixSymbol

    def of_Transpose(self, e: sympy.Expr) -> Text:
        return (f"{self.at(e.args[0], ATOM)}.T", ATOM) if len(thin(e.shape)) == 2 else self.of(e.args[0])

    def of_Inverse(self, e: sympy.Expr) -> Text:
        return self._of_matrix("np.linalg.inv({})", e.args[0], lambda m: (f"1/{self.at(m, POWER)}", PRODUCT))

    def of_MatPow(self, e: sympy.Expr) -> Text:
        base, n = e.args
        power = self.of(n)[0]
        return self._of_matrix(
            f"np.linalg.matrix_power({{}}, {power})", base, lambda m: (f"{self.at(m, POWER + 1)}**{power}", POWER)
        )

    def of_MatAdd(self, e: sympy.Expr) -> Text:
        parts = [self.of(a) for a in e.args]
        return self._sum(
            [
                (f"({text})", ATOM) if isinstance(a, sympy.MatAdd) else (text, level)
                for a, (text, level) in zip(e.args, parts)
            ]
        )

    def of_MatMul(self, e: sympy.Expr) -> Text:
        scalars = [a for a in e.args if not isinstance(a, MatrixExpr)]
        chain = [a for a in e.args if isinstance(a, MatrixExpr)]
        return self._scaled(scalars, *self._chain(chain))

    def _scaled(self, scalars: Sequence[sympy.Expr], text: str, level: int) -> Text:
        """A product of scalars in front of a text."""
        flat = [g for f in scalars for g in (f.args if f.is_Mul else (f,))]
        if not flat or flat == [1]:
            return text, level
        head, front = self._quotient(flat)
        if text == "1.0":
            return head, front
        if head in ("1", "-1"):
            return ("-" if head == "-1" else "") + wrap(text, level, PRODUCT), SUM if head == "-1" else level
        return f"{head}*{wrap(text, level, PRODUCT)}", SUM if head.startswith("-") else PRODUCT

    def _chain(self, chain: Sequence[sympy.Expr]) -> Text:
        """A product of matrices: it falls apart where an inner dimension is one, and is ``@`` elsewhere."""
        if len(chain) > 1:
            chain = [f for m in chain for f in (_sum_and_spread(m) if isinstance(m, N.OneMatrix) else (m,))]
            chain = [m for m in chain if not (isinstance(m, N.OneMatrix) and not thin(m.shape))] or chain[:1]
        segments: list[list[MatrixExpr]] = [[]]
        for m in chain:
            if segments[-1] and m.shape[0] == 1:
                segments.append([])
            segments[-1].append(m)
        texts = [self._segment(s) for s in segments]
        if len(texts) == 1:
            return texts[0]
        numbers = [s[0].shape[0] == 1 and s[-1].shape[1] == 1 for s in segments]
        factors = [wrap(*t, PRODUCT + 1) for t, number in zip(texts, numbers) if number]
        rest = [t for t, number in zip(texts, numbers) if not number]
        if len(rest) == 2:
            outer = f"np.outer({rest[0][0]}, {rest[1][0]})"
            return "*".join([*factors, outer]), PRODUCT if factors else ATOM
        return "*".join([*factors, *(wrap(*t, PRODUCT + 1) for t in rest)]), PRODUCT

    def _segment(self, s: Sequence[MatrixExpr]) -> Text:
        """A product of matrices with no inner dimension of one: ones at its ends sum over rows and columns."""
        first = len(s) > 1 and isinstance(s[0], N.OneMatrix) and s[0].shape[0] == 1
        last = len(s) > 1 and isinstance(s[-1], N.OneMatrix) and s[-1].shape[1] == 1
        if first and last and len(s) == 2:
            return self.of(sympy.sympify(s[0].shape[1]))
        inner = s[first : len(s) - last]
        if first != last and len(inner) == 1 and isinstance(inner[0], Transpose) and len(thin(inner[0].shape)) == 2:
            return f"np.sum({self.of(inner[0].args[0])[0]}, axis={int(first)})", ATOM
        made = self.of(inner[0]) if len(inner) == 1 else (" @ ".join(self.at(m, PRODUCT + 1) for m in inner), PRODUCT)
        if not first and not last:
            return made
        rows, columns = inner[0].shape[0] != 1, inner[-1].shape[1] != 1
        axis = ", axis=0" if columns and not last else ", axis=1" if rows and not first else ""
        return f"np.sum({made[0]}{axis})", ATOM

    def of_HadamardProduct(self, e: sympy.Expr) -> Text:
        return "*".join(self.at(a, POWER if not isinstance(a, sympy.MatMul) else PRODUCT + 1) for a in e.args), PRODUCT

    def of_HadamardPower(self, e: sympy.Expr) -> Text:
        base, exponent = e.args
        if exponent == sympy.Rational(1, 2):
            return f"np.sqrt({self.of(base)[0]})", ATOM
        if exponent.is_Rational and exponent < 0:
            inner = self.at(base, POWER + 1) if exponent == -1 else self.of(N.HadamardPower(base, -exponent))[0]
            return f"1/{inner}", PRODUCT
        return f"{self.at(base, POWER + 1)}**{self.at(exponent, POWER)}", POWER

    def of_OneMatrix(self, e: sympy.Expr) -> Text:
        return self.filled("ones", e.shape)

    def of_ZeroMatrix(self, e: sympy.Expr) -> Text:
        return self.filled("zeros", e.shape)

    of_OneArray, of_ZeroArray = of_OneMatrix, of_ZeroMatrix

    def of_Identity(self, e: sympy.Expr) -> Text:
        return (f"np.eye({self.size(e.shape[0])})", ATOM) if thin(e.shape) else ("1.0", ATOM)

    def of_DiagMatrix(self, e: sympy.Expr) -> Text:
        return self._of_matrix("np.diag({})", e.args[0])

    of_DiagonalOf = of_DiagMatrix

    def of_KroneckerProduct(self, e: sympy.Expr) -> Text:
        """The product of numbers and vectors along one axis, or of matrices with all their axes."""
        axes = [thin(m.shape) for m in e.args]
        if all(a == axes[0] for a in axes):
            texts = [self.of(m)[0] for m in e.args]
        else:
            texts = [self.spread(self.of(m), m.shape, a)[0] for m, a in zip(e.args, axes)]
        if axes == [[]] * len(axes):
            return "*".join(self.at(m, PRODUCT + 1) for m in e.args), PRODUCT
        text = texts[0]
        for other in texts[1:]:
            text = f"np.kron({text}, {other})"
        if all(a == axes[0] for a in axes):
            return text, ATOM
        return text + index(["0" if d == 1 else ":" for d in e.shape]), ATOM

    def of_ElementwiseApplyFunction(self, e: sympy.Expr) -> Text:
        """A function of the elements of arrays of one shape."""
        lam, *operands = e.args
        inner = [self.of(m) for m in operands]
        if len(inner) == 1 and lam.expr.args == lam.variables:
            return self._function(lam.expr.func, inner)
        names = {x: sympy.Symbol(f"_{k}") for k, x in enumerate(lam.variables)}
        bound = {s: wrap(*t, ATOM) for s, t in zip(names.values(), inner)}
        body = rename(lam.expr, names)
        text, level = Numpy(self.shapes, {**self.bound, **bound}).of(body)
        if thin(e.shape) and not body.free_symbols & set(bound):
            return f"np.full({self.shape(e.shape)}, {text})", ATOM
        return text, level

    of_ElementwiseMap = of_ArrayElementwiseApplyFunc = of_ArrayMap = of_ElementwiseApplyFunction

    def of_softmax(self, e: sympy.Expr) -> Text:
        """Over a column, or along the rows."""
        z = e.args[0]
        text = self.of(z)[0]
        along = 0 if z.shape[1] == 1 else 1
        if z.shape[along] == 1:
            return self.filled("ones", z.shape)
        over = ", axis=1, keepdims=True" if len(thin(z.shape)) == 2 else ""
        return f"np.exp({text} - np.logaddexp.reduce({text}{over}))", ATOM

    def of_logsumexp(self, e: sympy.Expr) -> Text:
        z = e.args[0]
        over = ", axis=None" if len(thin(z.shape)) == 2 else ""
        return (f"np.logaddexp.reduce({self.of(z)[0]}{over})", ATOM) if thin(z.shape) else self.of(z)

    def of_logsumexp_rows(self, e: sympy.Expr) -> Text:
        z = e.args[0]
        over = ", axis=1" if len(thin(z.shape)) == 2 else ""
        return (f"np.logaddexp.reduce({self.of(z)[0]}{over})", ATOM) if z.shape[1] != 1 else self.of(z)

    def of_Concatenation(self, e: sympy.Expr) -> Text:
        """Rows that are joined along the first axis keep it, if there is one only."""
        if all(m.shape[0] == 1 for m in e.args):
            return f"np.stack([{', '.join(self.of(m)[0] for m in e.args)}])", ATOM
        columns = thin(e.shape[1:])
        parts = []
        for m in e.args:
            shape = (m.shape[0], *(m.shape[1] for _ in columns))
            parts.append(self.spread(self.of(m), shape, thin(shape))[0])
        return f"np.concatenate([{', '.join(parts)}])", ATOM

    def of_Selection(self, e: sympy.Expr) -> Text:
        start, length, step, size = (sympy.sympify(a) for a in e.args)
        if size == 1:
            return self.filled("ones", (length,))
        if length == 1:
            return f"np.eye({self.size(size)})[{self.size(start)}]", ATOM
        return f"np.eye({self.size(size)})[{self._slice(start, start + length * step, step)}]", ATOM

    def _slice(self, low: Dim, high: Dim, step: Dim) -> str:
        by = f":{step}" if step != 1 else ""
        return f"{self.size(low)}:{'' if high == -1 else self.size(high)}{by}"

    def of_MatrixSlice(self, e: sympy.Expr) -> Text:
        m, *slices = e.args
        parts = []
        for k in thin(m.shape):
            low, high, step = slices[k]
            whole = low == 0 and high == m.shape[k] and step == 1
            parts.append(":" if whole else self.size(low) if e.shape[k] == 1 else self._slice(low, high, step))
        return f"{self.at(m, ATOM)}{index(parts)}", ATOM

    def of_band_part(self, e: sympy.Expr) -> Text:
        m, lower, upper = e.args
        text = self.spread(self.of(m), m.shape, thin(m.shape))[0]
        if upper >= 0:
            text = f"np.tril({text}{f', {upper}' if upper else ''})"
        if lower >= 0:
            text = f"np.triu({text}{f', {-lower}' if lower else ''})"
        return text + index(["0" if d == 1 else ":" for d in e.shape]), ATOM

    def of_Applied(self, e: sympy.Expr) -> Text:
        return self._of_row(str(e.args[0]), e.args[2:], tuple(e.args[1]))

    def of_cholesky(self, e: sympy.Expr) -> Text:
        return self._of_row(type(e).__name__, e.args, e.shape)

    of_expm = of_pinv = of_cholesky

    def of_cross(self, e: sympy.Expr) -> Text:
        return f"np.cross({', '.join(self.of(m)[0] for m in e.args)})", ATOM

    def _of_row(self, name: str, operands: Sequence[sympy.Expr], shape: Shape) -> Text:
        """A function of matrices in the words of its row, if these need nothing but ``np``."""
        row = TABLE.get(name)
        if row is None or row.numpy is None or not all(isinstance(m, MatrixExpr) for m in operands):
            raise no_text(name)
        values = [self.spread(self.of(m), m.shape, thin(m.shape)) for m in operands]
        codes = [written(text, CODE_ATOM if level == ATOM else CHOICE) for text, level in values]
        named = SimpleNamespace(
            op=row, operands=operands, params=None, shape=shape, dtype="float64", ndim=len(shape)
        )
        code = row.numpy(SCOPE, named, *codes)
        if code.names != {"np"}:
            raise no_text(name)
        text = str(code) if code.level == CODE_ATOM else f"({code})"
        return text + index(["0" if d == 1 else ":" for d in shape]), ATOM

    # Arrays.

    def of_ArrayAdd(self, e: sympy.Expr) -> Text:
        return self._sum([self.of(a) for a in e.args])

    def of_ArrayAsMatrix(self, e: sympy.Expr) -> Text:
        return self.of(e.args[0])

    of_ArrayAsScalar = of_ArrayAsMatrix

    def of_Reshape(self, e: sympy.Expr) -> Text:
        inner, shape = e.args[0], tuple(e.args[1])
        have, wanted = ([s[k] for k in thin(s)] for s in (inner.shape, shape))
        if have == wanted:
            return self.of(inner)
        return f"np.reshape({self.of(inner)[0]}, {self.shape(shape)})", ATOM

    def of_ArrayTensorProduct(self, e: sympy.Expr) -> Text:
        """An ``einsum`` over the labels of axes that are not of size one."""
        scalars: list[sympy.Expr] = []
        operands: list[tuple[sympy.Expr, list[int]]] = []
        alias: dict[int, int] = {}
        out = self._labels(e, scalars, operands, alias, itertools.count())

        def root(k: int) -> int:
            while k in alias:
                k = alias[k]
            return k

        words = [[root(k) for k, d in zip(labels, a.shape) if d != 1] for a, labels in operands]
        single = {root(k) for a, labels in operands for k, d in zip(labels, a.shape) if d == 1}
        result = [k for k in map(root, out) if k not in single]
        parts = [(a, word) for (a, _), word in zip(operands, words) if word]
        scalars += [a for (a, _), word in zip(operands, words) if not word and not isinstance(a, ONES)]
        covered = {k for a, word in parts for k in word if not isinstance(a, OneArray)}
        parts = [(a, word) for a, word in parts if not (isinstance(a, OneArray) and covered.issuperset(word))]
        return self._scaled(scalars, *self._einsum(parts, result)) if parts else self._product(scalars)

    of_ArrayContraction = of_ArrayDiagonal = of_PermuteDims = of_ArrayTensorProduct

    def _product(self, scalars: Sequence[sympy.Expr]) -> Text:
        """A product of texts without axes."""
        return "*".join(self.at(a, PRODUCT) for a in scalars) or "1.0", PRODUCT

    def _einsum(self, parts: Sequence[tuple[sympy.Expr, list[int]]], result: list[int]) -> Text:
        """A contraction of arrays, each with the labels of its axes."""
        if len(parts) == 1 and parts[0][1] == result:
            return self.of(parts[0][0])
        names = iter("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        letters = {k: next(names) for k in dict.fromkeys(k for _, word in parts for k in word)}
        words = ["".join(letters[k] for k in word) for word in (*(w for _, w in parts), result)]
        subscripts = f"{','.join(words[:-1])}->{words[-1]}"
        return f"np.einsum({subscripts!r}, {', '.join(self.of(a)[0] for a, _ in parts)})", ATOM

    def _labels(
        self,
        e: sympy.Expr,
        scalars: list[sympy.Expr],
        operands: list[tuple[sympy.Expr, list[int]]],
        alias: dict[int, int],
        fresh: Iterator[int],
    ) -> list[int]:
        """The labels of an array expression, its operands with theirs collected; ``alias`` says which are equal."""
        kind = type(e).__name__
        if kind == "ArrayTensorProduct":
            return [k for a in e.args for k in self._labels(a, scalars, operands, alias, fresh)]
        if kind in ("ArrayContraction", "ArrayDiagonal"):
            out = self._labels(e.args[0], scalars, operands, alias, fresh)
            groups = [[int(p) for p in g] for g in e.args[1:]]
            for g in groups:
                for p in g[1:]:
                    alias[out[p]] = out[g[0]]
            taken = {p for g in groups for p in g}
            kept = [k for p, k in enumerate(out) if p not in taken]
            return kept + ([out[g[0]] for g in groups] if kind == "ArrayDiagonal" else [])
        if kind == "PermuteDims":
            out = self._labels(e.args[0], scalars, operands, alias, fresh)
            return [out[p] for p in e.permutation.array_form]
        shape = getattr(e, "shape", ())
        if not shape:
            scalars.append(e)
            return []
        labels = [next(fresh) for _ in shape]
        operands.append((e, labels))
        return labels


def _sum_and_spread(ones: N.OneMatrix) -> tuple[N.OneMatrix, ...]:
    """A matrix of ones in a product as what it does: a sum, whose result is repeated."""
    rows, columns = ones.shape
    return (ones,) if 1 in ones.shape else (N.OneMatrix(rows, 1), N.OneMatrix(1, columns))


ONES = OneArray, N.OneMatrix, N.Identity
"""What is one where all its axes are of size one."""
