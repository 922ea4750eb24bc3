"""Products, sums and softmax of arrays of any rank, as sympy objects that print as a person writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import product
from operator import add

import sympy
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions import array_expressions
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr

from tracer.formulas.matrix.bodies import DrawnInLine, array_element, element, over_index
from tracer.formulas.matrix.known import KnownArray, is_known
from tracer.formulas.matrix.latex_text import bracket, join_summands, write_call, write_subscript
from tracer.formulas.matrix.precedences import ATOM, PRODUCT
from tracer.formulas.matrix.pretty_text import draw_call
from tracer.shapes import Dim

LETTERS = "ijklmnpqrstuvwxyzabcdefgh"
"""What axes are called, in this order."""


class Einsum(DrawnInLine, KnownArray, _ArrayExpr):  # type: ignore[misc]
    """A product of arrays, element by element along axes of one label, and summed over labels that the result lacks.

    ``args`` are the labels of the axes of each factor, the labels of the result, and the factors: numbers without
    labels, columns with one, matrices with two, and arrays.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> T, v = ArraySymbol("T", (2, 3, 4)), sympy.MatrixSymbol("v", 4, 1)
    >>> made = multiply_arrays([[0, 1, 2], [2]], [0, 1], [T, v])
    >>> made, made.shape
    (einsum("ijk,k->ij", T, v), (2, 3))
    """

    @property
    def factors(self) -> list[sympy.Expr]:
        """What is multiplied."""
        return list(self.args[2:])

    @property
    def sizes(self) -> Mapping[int, Dim]:
        """The size of the axes of each label."""
        return {int(k): d for a, labels in zip(self.factors, self.args[0]) for k, d in zip(labels, shape_of(a))}

    @property
    def shape(self) -> tuple[Dim, ...]:
        sizes = self.sizes
        return tuple(sizes[int(k)] for k in self.args[1])

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        at = dict(zip(map(int, self.args[1]), item))
        summed = [k for k in self.sizes if k not in at]
        if all(is_known(a) or not shape_of(a) for a in self.factors):
            places = product(*(map(sympy.Integer, range(int(self.sizes[k]))) for k in summed))
            return sympy.Add(*(self._multiply({**at, **dict(zip(summed, place))}) for place in places))
        indices = {k: sympy.Dummy(LETTERS[k], dummy_index=10_000_100 + k, integer=True) for k in summed}
        made = self._multiply({**at, **indices})
        return sympy.Sum(made, *((i, 0, self.sizes[k] - 1) for k, i in indices.items())) if summed else made

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def _multiply(self, at: Mapping[int, sympy.Expr]) -> sympy.Expr:
        """The product of the elements at a place of each label."""
        return sympy.Mul(
            *(take_element(a, [at[int(k)] for k in labels]) for a, labels in zip(self.factors, self.args[0]))
        )

    def _split(self) -> tuple[list[sympy.Expr], list[tuple[sympy.Expr, str]], str]:
        """The numbers in front, the arrays with the letters of their axes, and those of the result."""
        order = dict.fromkeys([*map(int, self.args[1]), *(int(k) for labels in self.args[0] for k in labels)])
        letters = dict(zip(order, LETTERS))
        words = ["".join(letters[int(k)] for k in labels) for labels in (*self.args[0], self.args[1])]
        pairs = list(zip(self.factors, words))
        return [a for a, word in pairs if not word], [(a, word) for a, word in pairs if word], words[-1]

    def _is_elementwise(self) -> bool:
        """Whether all arrays have the axes of the result."""
        _, arrays, out = self._split()
        return all(word == out for _, word in arrays)

    @property
    def precedence(self) -> int:
        """How tightly the text binds, for sympy's printers."""
        return PRODUCT if self._split()[0] or self._is_elementwise() else ATOM

    typeset_precedence = PRODUCT

    def _sympystr(self, printer: Printer) -> str:
        numbers, arrays, out = self._split()
        sign, numbers = split_sign(numbers)
        front = [printer.parenthesize(c, PRODUCT) for c in numbers]
        if self._is_elementwise():
            text = " o ".join(printer.parenthesize(a, PRODUCT) for a, _ in arrays)
            text = f"({text})" if front and len(arrays) > 1 else text
        else:
            subscripts = f"{','.join(word for _, word in arrays)}->{out}"
            text = f'einsum("{subscripts}", {", ".join(printer._print(a) for a, _ in arrays)})'
        return sign + "*".join([*front, text])

    def _latex(self, printer: Printer) -> str:
        """Elements, and sums over the indices that the result lacks."""
        numbers, arrays, out = self._split()
        summed = dict.fromkeys(k for _, word in arrays for k in word if k not in out)
        sign, numbers = split_sign(numbers)
        front = [bracket(printer, c, PRODUCT) for c in numbers]
        parts = [write_subscript(bracket(printer, a, ATOM), ",".join(word)) for a, word in arrays]
        return sign + " ".join([*front, *([rf"\sum_{{{', '.join(summed)}}}"] if summed else []), *parts])


def multiply_arrays(labels: Iterable[Iterable[int]], out: Iterable[int], factors: Sequence[sympy.Expr]) -> sympy.Expr:
    """A product of arrays and numbers with labels for axes; the array itself where that is all."""
    words = [tuple(word) for word in labels]
    if len(factors) == 1 and words[0] == tuple(out):
        return factors[0]
    made: sympy.Expr = sympy.Basic.__new__(
        Einsum, sympy.Tuple(*(sympy.Tuple(*word) for word in words)), sympy.Tuple(*out), *factors
    )
    return made


def split_sign(numbers: Sequence[sympy.Expr]) -> tuple[str, list[sympy.Expr]]:
    """The sign of the first number, and the numbers without it; one alone is left out."""
    first, *rest = numbers or [sympy.S.One]
    sign, size = ("-", -first) if first.could_extract_minus_sign() else ("", first)
    return sign, rest if size == 1 else [size, *rest]


def scale_array(c: sympy.Expr, array: sympy.Expr) -> sympy.Expr:
    """A number times an array."""
    if c == 1:
        return array
    if not isinstance(array, Einsum):
        axes = range(len(array.shape))
        return multiply_arrays([(), axes], axes, [c, array])
    return multiply_arrays([(), *array.args[0]], array.args[1], [c, *array.factors])


def shape_of(a: sympy.Expr) -> tuple[Dim, ...]:
    """The sizes of the axes of a factor; a number has none."""
    return tuple(getattr(a, "shape", ()))


def take_element(a: sympy.Expr, at: Sequence[sympy.Expr]) -> sympy.Expr:
    """An element of a factor: of a column by one index, of a number itself."""
    if not at:
        return a
    return element(a, *at) if isinstance(a, (MatrixExpr, sympy.matrices.MatrixBase)) else array_element(a, at)


class ArrayAdd(DrawnInLine, KnownArray, array_expressions.ArrayAdd):  # type: ignore[misc]
    """A sum of arrays."""

    precedence = typeset_precedence = sympy.printing.precedence.PRECEDENCE["Add"]

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        return reduce(add, (array_element(a, item) for a in self.args))

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def _sympystr(self, printer: Printer) -> str:
        texts = [str(printer._print(a)) for a in self.args]
        return texts[0] + "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in texts[1:])

    def _latex(self, printer: Printer) -> str:
        return join_summands(str(printer._print(a)) for a in self.args)


class ArraySoftmax(KnownArray, _ArrayExpr):  # type: ignore[misc]
    """Softmax over the last axis of an array."""

    shape = property(lambda self: tuple(self.args[0].shape))
    precedence = typeset_precedence = ATOM

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        (z,), at = self.args, tuple(item)
        total = over_index(
            sympy.Sum, lambda k: sympy.exp(array_element(z, (*at[:-1], k))), 0, z.shape[-1] - 1, is_known(z)
        )
        return sympy.exp(array_element(z, at)) / total

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def _sympystr(self, printer: Printer) -> str:
        return f"softmax({printer._print(self.args[0])})"

    def _latex(self, printer: Printer) -> str:
        return write_call("softmax", [printer._print(self.args[0])])

    def _pretty(self, printer: PrettyPrinter) -> prettyForm:
        return draw_call(printer, "softmax", self.args)
