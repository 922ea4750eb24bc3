"""Sums and products of matrices as NumPy text, with what NumPy does by itself: it repeats rows, columns and numbers."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.matrices.expressions import DiagMatrix, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.array_classes import ArrayAsMatrix
from tracer.formulas.matrix.array_products import Einsum
from tracer.formulas.matrix.means import place_means, split_mean
from tracer.formulas.notations.numpy_arrays import thick_axes
from tracer.formulas.notations.numpy_parts import Parts
from tracer.formulas.notations.numpy_scalars import ATOM, POWER, PRODUCT, Text, divide_by, wrap
from tracer.scalar import sigmoid


class Products(Parts):
    """The writer of sums and products: ``of`` gives the text of one without its axes of size one."""

    def of_MatAdd(self, e: sympy.Expr) -> Text:
        return self._write_sum(
            [
                (f"({text})", ATOM) if isinstance(a, sympy.MatAdd) else (text, level)
                for a, (text, level) in zip(e.args, self.write_together(e.args))
            ]
        )

    def of_MatMul(self, e: sympy.Expr) -> Text:
        placed = place_means(e)
        if placed is not None:
            return self.of(placed)
        scalars, chain = _split_scalars(e)
        if len(chain) == 1 and _is_reciprocal(chain[0]):
            parts = chain[0].args if isinstance(chain[0], N.HadamardProduct) else chain
            below = [self._write_divisor(m) for m in parts]
            return self._write_quotient([f for c in scalars for f in sympy.Mul.make_args(c)], below=below)
        return self._write_scaled(scalars, chain)

    def _write_scaled(self, scalars: list[sympy.Expr], chain: list[MatrixExpr], axes: str = "") -> Text:
        """A product of numbers and matrices, with more axes if asked; a mean by NumPy's function."""
        mean = split_mean(scalars, chain)
        if mean is None or any(len(thick_axes(m.shape)) < 2 for m in (mean.chain[0], mean.chain[-1])):
            text, level = self._write_chain(chain)
            return self._multiply(scalars, *((f"{wrap(text, level, ATOM)}{axes}", ATOM) if axes else (text, level)))
        text = f"np.mean({self._write_chain(mean.chain)[0]}, axis={mean.axis}){axes}"
        return self._multiply(mean.numbers, text, ATOM)

    def write_together(self, operands: Sequence[sympy.Expr]) -> list[Text]:
        """Operands of one shape; NumPy repeats a number, a row or a column by itself where another has all axes."""
        repeated = [self._write_repeated(m) for m in operands]
        axes = {k for m, short in zip(operands, repeated) for k in (short[1] if short else thick_axes(m.shape))}
        if axes != {*thick_axes(operands[0].shape)}:
            return [self.of(m) for m in operands]
        return [short[0] if short else self.of(m) for m, short in zip(operands, repeated)]

    def _write_repeated(self, m: sympy.Expr) -> tuple[Text, list[int]] | None:
        """What a matrix repeats, and the axes that it has itself: ``1 -> 1, []`` and ``ones(n, 1)*b.T -> b, [1]``."""
        if not isinstance(m, MatrixExpr):
            return None
        scalars, chain = _split_scalars(m)
        thick = thick_axes(m.shape)
        array = chain[0].args[0] if isinstance(chain[0], ArrayAsMatrix) else None
        if len(chain) == 1 and isinstance(array, Einsum):
            repeated = self._write_repeated_array(array)
            return repeated and (self._multiply(scalars, *repeated[0]), [thick[k] for k in repeated[1]])
        if [*map(type, chain)] == [N.OneMatrix]:
            return (self.of(scalars[0]) if len(scalars) == 1 else self._write_quotient(scalars)), []
        if len(chain) < 2 or len(thick) < 2:
            return None
        if isinstance(chain[0], N.OneMatrix):
            return self._write_scaled(scalars, [*_split_ones(chain[0])[1:], *chain[1:]]), [1]
        if isinstance(chain[-1], N.OneMatrix):
            return self._write_scaled(scalars, [*chain[:-1], *_split_ones(chain[-1])[:-1]], "[:, None]"), [0]
        return None

    def _write_chain(self, chain: Sequence[sympy.Expr]) -> Text:
        """A product of matrices: it falls apart where an inner dimension is one, and is ``@`` elsewhere."""
        if len(chain) > 1:
            chain = [f for m in chain for f in (_split_ones(m) if isinstance(m, N.OneMatrix) else (m,))]
            chain = [m for m in chain if not (isinstance(m, N.OneMatrix) and not thick_axes(m.shape))] or chain[:1]
        segments: list[list[MatrixExpr]] = [[]]
        for m in chain:
            if segments[-1] and m.shape[0] == 1:
                segments.append([])
            segments[-1].append(m)
        texts = [self._write_segment(s) for s in segments]
        if len(texts) == 1:
            return texts[0]
        numbers = [s[0].shape[0] == 1 and s[-1].shape[1] == 1 for s in segments]
        factors = [wrap(*t, PRODUCT + 1) for t, number in zip(texts, numbers) if number]
        rest = [t for t, number in zip(texts, numbers) if not number]
        if len(rest) == 2:
            outer = f"np.outer({rest[0][0]}, {rest[1][0]})"
            return "*".join([*factors, outer]), PRODUCT if factors else ATOM
        return "*".join([*factors, *(wrap(*t, PRODUCT + 1) for t in rest)]), PRODUCT

    def _write_segment(self, s: Sequence[MatrixExpr]) -> Text:
        """A product of matrices with no inner dimension of one: ones at its ends sum over rows and columns."""
        first = len(s) > 1 and isinstance(s[0], N.OneMatrix) and s[0].shape[0] == 1
        last = len(s) > 1 and isinstance(s[-1], N.OneMatrix) and s[-1].shape[1] == 1
        if first and last and len(s) == 2:
            return self.of(sympy.sympify(s[0].shape[1]))
        inner = s[first : len(s) - last]
        if (
            first != last
            and len(inner) == 1
            and isinstance(inner[0], Transpose)
            and len(thick_axes(inner[0].shape)) == 2
        ):
            return f"np.sum({self.of(inner[0].args[0])[0]}, axis={int(first)})", ATOM
        made = self._write_matrices(inner)
        if not first and not last:
            return made
        rows, columns = inner[0].shape[0] != 1, inner[-1].shape[1] != 1
        axis = ", axis=0" if columns and not last else ", axis=1" if rows and not first else ""
        return f"np.sum({made[0]}{axis})", ATOM

    def _write_matrices(self, chain: Sequence[MatrixExpr]) -> Text:
        """Matrices joined by ``@``, but a diagonal one: the columns before it, or the rows after it, are multiplied."""
        texts: list[Text] = []
        waiting: list[Text] = []
        for m, after in zip(chain, (*chain[1:], None)):
            to_rows = not texts or (after is not None and len(thick_axes(after.shape)) == 1)
            if isinstance(m, DiagMatrix) and to_rows and after is not None:
                waiting.append(self.of(m.args[0]))
            elif isinstance(m, DiagMatrix) and texts:
                texts[-1] = f"{wrap(*texts[-1], PRODUCT)}*{self.at(m.args[0], PRODUCT + 1)}", PRODUCT
            else:
                axes = "[:, None]" if len(thick_axes(m.shape)) == 2 else ""
                rows = [f"{wrap(*t, ATOM)}{axes}" if axes else wrap(*t, PRODUCT + 1) for t in waiting]
                made = self.of(m)
                texts.append(("*".join([*rows, wrap(*made, PRODUCT + 1)]), PRODUCT) if rows else made)
                waiting = []
        return texts[0] if len(texts) == 1 else (" @ ".join(wrap(*t, PRODUCT + 1) for t in texts), PRODUCT)

    def of_HadamardProduct(self, e: sympy.Expr) -> Text:
        over = [a for a in e.args if not _is_reciprocal(a)]
        text = "*".join(self.at(a, POWER if not isinstance(a, sympy.MatMul) else PRODUCT + 1) for a in over) or "1"
        return text + divide_by([self._write_divisor(a) for a in e.args if _is_reciprocal(a)]), PRODUCT

    def of_HadamardPower(self, e: sympy.Expr) -> Text:
        base, exponent = e.args
        if exponent == sympy.Rational(1, 2):
            return f"np.sqrt({self.of(base)[0]})", ATOM
        if N.is_divisor(e):
            return f"1/{self._write_divisor(e)}", PRODUCT
        return f"{self.at(base, POWER + 1)}**{self.at(exponent, POWER)}", POWER

    def of_ElementwiseApplyFunction(self, e: sympy.Expr) -> Text:
        """A function of the elements of one matrix: of these, sigmoids are written here."""
        return f"1/{self._write_divisor(e)}", PRODUCT

    def _write_divisor(self, m: MatrixExpr) -> str:
        """What one is divided by in a negative power of the elements, or in a sigmoid."""
        if not N.is_divisor(m):
            turned = _turn(m.args[1])
            return f"(1 + np.exp({self.of(turned)[0]}))"
        base, exponent = m.args
        return self.at(base, POWER + 1) if exponent == -1 else self.of(N.HadamardPower(base, -exponent))[0]


def _is_reciprocal(m: sympy.Expr) -> bool:
    """Whether a matrix is one divided by something, element by element: a negative power, or a sigmoid."""
    return N.is_divisor(m) or is_logistic(m)


def is_logistic(m: sympy.Expr) -> bool:
    """Whether a matrix is the sigmoid of the elements of another."""
    if not isinstance(m, N.ElementwiseApplyFunction) or not thick_axes(m.shape):
        return False
    lam = m.args[0]
    return isinstance(lam.expr, sigmoid) and lam.expr.args == lam.variables


def _turn(m: MatrixExpr) -> MatrixExpr:
    """A matrix with the other sign; a difference has its sides in the other order."""
    factors: Sequence[sympy.Expr] = m.args if isinstance(m, sympy.MatMul) else (m,)
    number, rest = (factors[0], factors[1:]) if factors[0].is_Number else (sympy.S.One, factors)
    if isinstance(m, sympy.MatAdd) and any(_is_negative(a) for a in m.args):
        return N.MatAdd(*sorted(map(_turn, m.args), key=_is_negative), evaluate=False)
    if number == -1:
        return rest[0] if len(rest) == 1 else N.MatMul(*rest, evaluate=False)
    return N.MatMul(-number, *rest, evaluate=False)


def _is_negative(m: MatrixExpr) -> bool:
    """Whether a minus sign stands in front of a matrix."""
    return isinstance(m, sympy.MatMul) and m.could_extract_minus_sign()


def _split_scalars(m: MatrixExpr) -> tuple[list[sympy.Expr], list[MatrixExpr]]:
    """The scalars and the matrices of a product, or of one matrix."""
    factors = m.args if isinstance(m, sympy.MatMul) else (m,)
    return [a for a in factors if not isinstance(a, MatrixExpr)], [a for a in factors if isinstance(a, MatrixExpr)]


def _split_ones(ones: N.OneMatrix) -> tuple[N.OneMatrix, ...]:
    """A matrix of ones in a product as what it does: a sum, whose result is repeated."""
    rows, columns = ones.shape
    return (ones,) if 1 in ones.shape else (N.OneMatrix(rows, 1), N.OneMatrix(1, columns))
