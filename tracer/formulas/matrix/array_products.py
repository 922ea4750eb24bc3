"""Products, sums and softmax of arrays of any rank, as sympy objects that print as a person writes them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import product
from operator import add
from typing import Any, NamedTuple, TypeVar

import sympy
from sympy.combinatorics import Permutation
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions import (
    ArrayContraction,
    ArrayDiagonal,
    ArrayTensorProduct,
    PermuteDims,
    Reshape,
    array_expressions,
)
from sympy.tensor.array.expressions.array_expressions import ArrayElement

from tracer.formulas.matrix.array_windows import Window, find_told, name_places
from tracer.formulas.matrix.bodies import DrawnInLine, array_element, element
from tracer.formulas.matrix.einsum_text import OneArray as OneArray
from tracer.formulas.matrix.einsum_text import Total, find_total, write_einsum
from tracer.formulas.matrix.index_latex import (
    LETTERS,
    choose_indices,
    name_indices,
    reserve_indices,
    typeset_element,
    typeset_factor,
    write_over,
)
from tracer.formulas.matrix.known import KnownArray, do, is_constant, is_known, is_sized, write_out
from tracer.formulas.matrix.latex_text import bracket, join_summands
from tracer.formulas.matrix.precedences import ATOM, POWER, PRODUCT
from tracer.formulas.matrix.unevaluated import from_parts, has_part
from tracer.formulas.matrix.written_parts import split_quotient, write_beside
from tracer.shapes import Dim
from tracer.terms.reshapes import axis_groups

Label = TypeVar("Label")


class Axes(NamedTuple):
    """The factors of a product, the labels of the axes of each, and those of the result."""

    factors: list[sympy.Expr]
    words: list[tuple[int, ...]]
    out: tuple[int, ...]


class Written(NamedTuple):
    """Numbers, arrays with the names of their axes, those of the result, and of what is summed over, with its size."""

    numbers: list[sympy.Expr]
    arrays: list[tuple[sympy.Expr, list[str]]]
    out: list[str]
    summed: dict[str, Dim]


class Einsum(DrawnInLine, KnownArray, PermuteDims):  # type: ignore[misc]
    """A product of arrays, element by element along axes of one label, and summed over labels that the result lacks.

    ``args`` are a contraction and diagonal of sympy's tensor product of numbers, matrices and arrays, and the order of
    its axes, so that all readers of sympy's array expressions can take it apart.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> T, v = ArraySymbol("T", (2, 3, 4)), ArraySymbol("v", (4,))
    >>> made = multiply_arrays([[0, 1, 2], [2]], [0, 1], [T, v])
    >>> made, made.shape
    (einsum("ijk,k->ij", T, v), (2, 3))
    """

    def __new__(cls, contraction: sympy.Expr, order: Permutation) -> Einsum:
        made: Einsum = sympy.Basic.__new__(cls, contraction, order)
        made._subranks = [len(made.shape)]
        return made

    @property
    def axes(self) -> Axes:
        """What is multiplied, with labels for axes; ones that only sum over an axis are left out."""
        words: list[tuple[int, ...]] = []
        core, order = self.args
        chain = []
        while type(core) in (ArrayContraction, ArrayDiagonal):
            chain.append(core)
            core = core.args[0]
        factors = list(core.args) if type(core) is ArrayTensorProduct else [core]
        count = itertools.count()
        words = [tuple(next(count) for _ in shape_of(a)) for a in factors]
        out = [k for word in words for k in word]
        same: dict[int, int] = {}
        for node in reversed(chain):
            groups = [[out[int(p)] for p in group] for group in node.args[1:]]
            same |= {k: group[0] for group in groups for k in group}
            left = [k for k in out if not any(k in group for group in groups)]
            out = left + ([group[0] for group in groups] if type(node) is ArrayDiagonal else [])
        words = [tuple(same.get(k, k) for k in word) for word in words]
        found = tuple(out[int(k)] for k in order.array_form) if out else ()
        kept = [n for n, (a, word) in enumerate(zip(factors, words)) if not self._only_sums(n, a, words)]
        return Axes([factors[n] for n in kept], [words[n] for n in kept], found)

    def _only_sums(self, place: int, a: sympy.Expr, words: Sequence[tuple[int, ...]]) -> bool:
        """Whether a factor is ones along an axis that another factor has."""
        return isinstance(a, OneArray) and any(words[place][0] in word for n, word in enumerate(words) if n != place)

    @property
    def shape(self) -> tuple[Dim, ...]:
        factors, words, out = self.axes
        sizes = {k: d for a, word in zip(factors, words) for k, d in zip(word, shape_of(a))}
        return tuple(sizes[k] for k in out)

    def doit(self, **hints: Any) -> sympy.Expr:
        factors, words, out = self.axes
        made = multiply_arrays(words, out, [a if isinstance(a, Window) else do(a, **hints) for a in factors])
        if not isinstance(made, Einsum) or not is_sized(made):
            return made
        parts = made.axes.factors
        if all(is_known(a) or not shape_of(a) or is_constant(a) for a in parts) and any(map(is_known, parts)):
            return made.as_explicit()
        return made

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        factors, words, out = self.axes
        factors = [write_out(a) if shape_of(a) and is_constant(a) else a for a in factors]
        sizes = {k: d for a, word in zip(factors, words) for k, d in zip(word, shape_of(a))}
        at = dict(zip(out, item))
        windows = [(a, word) for a, word in zip(factors, words) if isinstance(a, Window)]
        made = name_places(windows, [word for a, word in zip(factors, words) if not isinstance(a, Window)], out)
        sums = {k: m for k, m in made.items() if m.within and k not in at and m.place.steps.keys().isdisjoint(made)}
        gone = [m.word for m in sums.values()]
        pairs = [(a, word) for a, word in zip(factors, words) if word not in gone or not isinstance(a, Window)]
        summed = [k for k in sizes if k not in at and k not in sums]

        def multiply(at: Mapping[int, sympy.Expr]) -> sympy.Expr:
            found = {k: m.place.offset + sum(s * at[j] for j, s in m.place.steps.items()) for k, m in sums.items()}
            return sympy.Mul(*(take_element(a, [{**at, **found}[k] for k in word]) for a, word in pairs))

        if all(is_known(a) or not shape_of(a) for a in factors):
            places = product(*(map(sympy.Integer, range(int(sizes[k]))) for k in summed))
            return sympy.Add(*(multiply({**at, **dict(zip(summed, place))}) for place in places))
        indices = {k: sympy.Dummy(f"k{k}", dummy_index=10_000_100 + k, integer=True) for k in summed}
        made = multiply({**at, **indices})
        return sympy.Sum(made, *((i, 0, sizes[k] - 1) for k, i in indices.items())) if summed else made

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def _split(self, within: bool = False, at: Sequence[str] = (), names: Iterable[str] = LETTERS) -> Written:
        """The numbers in front, the arrays with the letters of their axes, and those of the result.

        A place that a window makes of others is written by their letters; if asked, only where that is a place of an
        axis wherever the others are. Ones tell the size of what is not along the axis of an array. The axes of the
        result may be called as the indices of a place, the others by names.
        """
        factors, labels, out = self.axes
        windows = [(a, word) for a, word in zip(factors, labels) if isinstance(a, Window)]
        plain = [word for a, word in zip(factors, labels) if not isinstance(a, Window)]
        made = name_places(windows, plain, out)
        if within:
            made = {k: m for k, m in made.items() if m.within and k not in out}
        gone = {m.word for m in made.values()}
        pairs = [(a, word) for a, word in zip(factors, labels) if word not in gone or not isinstance(a, Window)]
        sizes = {k: d for a, word in zip(factors, labels) for k, d in zip(word, shape_of(a))}
        shown = {k for _, word in pairs for k in word}
        shown = find_told(made, sizes, shown, out)
        lone = [k for m in made.values() for k in m.word if k not in shown and k not in made]
        lone += [k for k in made if k not in out and not any(k in word for word in plain)]
        pairs += [(OneArray(sizes[k]), (k,)) for k in dict.fromkeys(lone)] if not within else []
        named = [k for word in (out, *(word for _, word in pairs), *gone) for k in word if k not in made]
        letters = dict(zip(out, at))
        letters |= dict(zip((k for k in dict.fromkeys(named) if k not in letters), names))
        letters |= {k: m.place.format(letters) for k, m in made.items()}
        found = [(a, [letters[k] for k in word]) for a, word in pairs]
        summed = {letters[k]: sizes[k] for k in dict.fromkeys(named) if k not in out}
        arrays = [(a, w) for a, w in found if w]
        return Written([a for a, w in found if not w], arrays, [letters[k] for k in out], summed)

    @property
    def shows_windows(self) -> bool:
        """Whether some window is written itself."""
        return any(isinstance(a, Window) for a, _ in self._split().arrays)

    @property
    def is_constant(self) -> bool:
        """Whether it is ones times a number."""
        factors, words, out = self.axes
        ones = all(not word or isinstance(a, OneArray) for a, word in zip(factors, words))
        return ones and all(k in out for word in words for k in word)

    def split_number(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The number in front, and the product of arrays; one where there is none, or nothing else."""
        factors, words, out = self.axes
        numbers = [a for a, word in zip(factors, words) if not word]
        if not numbers or len(numbers) == len(factors):
            return sympy.S.One, self
        rest = [(a, word) for a, word in zip(factors, words) if word]
        return sympy.Mul(*numbers), multiply_arrays([word for _, word in rest], out, [a for a, _ in rest])

    def _is_elementwise(self) -> bool:
        """Whether all arrays have the axes of the result."""
        written = self._split()
        return all(word == written.out for _, word in written.arrays)

    def find_turned(self) -> sympy.Expr | None:
        """The transpose that it is, but for numbers in front, of a matrix; None where it is none."""
        factors, words, out = self.axes
        arrays = [(a, word) for a, word in zip(factors, words) if word]
        if len(arrays) != 1 or not isinstance(arrays[0][0], MatrixExpr) or arrays[0][1] != out[::-1] or len(out) != 2:
            return None
        return None if out[0] == out[1] else turn_matrix(arrays[0][0])

    def find_total(self, beside: Sequence[sympy.Expr] = ()) -> Total | None:
        """The sum, or the mean, of one array, if it is one with the numbers beside it."""
        written = self._split()
        arrays = [(show_column(a), word) for a, word in written.arrays]
        return find_total(split_quotient([*beside, *written.numbers]), arrays, written.out)

    @property
    def precedence(self) -> int:
        """How tightly the text binds, for sympy's printers."""
        written = self._split()
        total = self.find_total()
        if not any(written.numbers) and (turned := self.find_turned()) is not None:
            return int(sympy.printing.precedence.precedence(turned))
        return PRODUCT if (any(total.numbers) if total else written.numbers or self._is_elementwise()) else ATOM

    typeset_precedence = PRODUCT

    def write_text(self, printer: Printer) -> str:
        written = self._split(names=name_indices(printer, self))
        beside, arrays = split_quotient(written.numbers), [(show_column(a), word) for a, word in written.arrays]
        if (total := self.find_total()) is not None:
            return write_beside(printer, total.numbers, total.write(printer))
        if (turned := self.find_turned()) is not None:
            text = printer.parenthesize(turned, PRODUCT, strict=True) if any(beside) else printer._print(turned)
        elif self._is_elementwise():
            text = " o ".join(printer.parenthesize(a, PRODUCT) for a, _ in arrays)
            text = f"({text})" if any(beside) and len(arrays) > 1 else text
        else:
            text = write_einsum(printer, arrays, written.out)
        return write_beside(printer, beside, text)

    def write_reshaped(self, printer: Printer, shape: Sequence[Dim]) -> str | None:
        """The text of it with axes joined to those of a shape, ``einsum("jik->i(jk)", P)``; None of another shape."""
        groups = axis_groups(self.shape, tuple(shape))
        written = self._split(names=name_indices(printer, self))
        if groups is None or self._is_elementwise() or self.find_total() is not None or self.find_turned() is not None:
            return None
        if any(len(new) != 1 or (len(old) > 1 and any(len(written.out[k]) > 1 for k in old)) for old, new in groups):
            return None
        arrays = [(show_column(a), word) for a, word in written.arrays]
        text = write_einsum(printer, arrays, ["".join(written.out[k] for k in old) for old, _ in groups])
        return f"({write_beside(printer, split_quotient(written.numbers), text)})" if written.numbers else text

    def write_latex(self, printer: Printer) -> str:
        return self.typeset(printer, choose_indices(printer, self))

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The product of elements, summed over the indices that the result lacks."""
        numbers, arrays, _, summed = self._split(True, at, name_indices(printer, self, at))
        printer = reserve_indices(printer, [*at, *summed])
        sign, numbers = split_sign(numbers)
        numbers, sums = split_sums(numbers)
        front, behind = ([bracket(printer, c, PRODUCT) for c in some] for some in (numbers, sums))
        varying = [(a, word) for a, word in arrays if not isinstance(a, OneArray)]
        parts = [typeset_factor(printer, show_column(a), word, POWER) for a, word in varying or arrays]
        own = write_over(printer, "sum", [*summed], [*summed.values()]) + " ".join(parts)
        return sign + " ".join([*front, own, *behind])


def multiply_arrays(words: Iterable[Iterable[int]], out: Iterable[int], factors: Sequence[sympy.Expr]) -> sympy.Expr:
    """A product of arrays and numbers with labels for axes; the array itself where that is all."""
    labels, result = [tuple(word) for word in words], tuple(out)
    straight = [straighten(a, word) for a, word in zip(factors, labels)]
    factors, labels = [a for a, _ in straight], [word for _, word in straight]
    if len(factors) == 1 and labels[0] == result:
        return factors[0]
    axes = [k for word in labels for k in word]
    lone = [k for k in dict.fromkeys(axes) if k not in result and axes.count(k) == 1]
    sizes = {k: d for a, word in zip(factors, labels) for k, d in zip(word, shape_of(a))}
    parts = [*factors, *(OneArray(sizes[k]) for k in lone)]
    axes += lone
    # sympy takes no diagonal and no sum of what is reshaped by itself.
    alone = len(parts) == 1 and not isinstance(parts[0], Reshape)
    made: sympy.Expr = parts[0] if alone else ArrayTensorProduct(*parts)
    summed = [k for k in dict.fromkeys(axes) if k not in result]
    if summed:
        made = ArrayContraction(made, *(tuple(p for p, a in enumerate(axes) if a == k) for k in summed))
        axes = [a for a in axes if a in result]
    repeated = [k for k in result if axes.count(k) > 1]
    if repeated:
        made = ArrayDiagonal(made, *(tuple(p for p, a in enumerate(axes) if a == k) for k in repeated))
        axes = [a for a in axes if a not in repeated] + repeated
    return Einsum(made, Permutation([axes.index(k) for k in result]))


def straighten(a: sympy.Expr, word: Sequence[Label]) -> tuple[sympy.Expr, tuple[Label, ...]]:
    """An array whose axes are only put in another order, as it was before, with the labels of its axes then."""
    if not isinstance(a, Einsum):
        return a, tuple(word)
    factors, labels, out = a.axes
    if len(factors) != 1 or len({*labels[0]}) < len(labels[0]) or sorted(labels[0]) != sorted(out):
        return a, tuple(word)
    at = dict(zip(out, word))
    return factors[0], tuple(at[k] for k in labels[0])


def split_sign(numbers: Sequence[sympy.Expr]) -> tuple[str, list[sympy.Expr]]:
    """The sign of the first number, and the numbers without it; one alone is left out."""
    first, *rest = numbers or [sympy.S.One]
    sign, size = ("-", -first) if first.could_extract_minus_sign() else ("", first)
    return sign, rest if size == 1 else [size, *rest]


def turn_matrix(m: MatrixExpr) -> MatrixExpr:
    """The transpose of a matrix, of a product that of its factors.

    Examples
    --------
    >>> A, B = (sympy.MatrixSymbol(name, 2, 2) for name in "AB")
    >>> turn_matrix(sympy.MatMul(A, sympy.Transpose(B)))
    B*A.T
    """
    if isinstance(m, sympy.Transpose):
        return m.args[0]
    if not isinstance(m, sympy.MatMul):
        return sympy.Transpose(m)
    scalars = [f for f in m.args if not isinstance(f, MatrixExpr)]
    return from_parts(type(m), [*scalars, *(turn_matrix(f) for f in reversed(m.args) if isinstance(f, MatrixExpr))])


def split_sums(numbers: Sequence[sympy.Expr]) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
    """Numbers, and those of them that are sums of arrays: in front of other factors these would stand in the sum."""
    front: list[sympy.Expr] = []
    sums: list[sympy.Expr] = []
    for c in numbers:
        own = [f for f in sympy.Mul.make_args(c) if isinstance(f, ArrayElement) and has_sums(f)]
        rest = sympy.Mul(*(f for f in sympy.Mul.make_args(c) if f not in own)) if own else c
        front += [rest] if rest != 1 else []
        sums += own
    return front, sums


def scale_array(c: sympy.Expr, array: sympy.Expr) -> sympy.Expr:
    """A number times an array."""
    if c == 1:
        return array
    if not isinstance(array, Einsum):
        axes = range(len(array.shape))
        return multiply_arrays([(), axes], axes, [c, array])
    factors, words, out = array.axes
    return multiply_arrays([(), *words], out, [c, *factors])


def shape_of(a: sympy.Expr) -> tuple[Dim, ...]:
    """The sizes of the axes of a factor; a number has none."""
    return tuple(getattr(a, "shape", ()))


def show_column(a: sympy.Expr) -> sympy.Expr:
    """The column that was reshaped to an array of one axis, where indices say that it is one."""
    inner = a.args[0] if isinstance(a, Reshape) and len(a.shape) == 1 else a
    return inner if isinstance(inner, MatrixExpr) and inner.shape[1] == 1 else a


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

    def write_text(self, printer: Printer) -> str:
        texts = [str(printer._print(a)) for a in repeat_as_numpy([as_number(a) for a in self.args])]
        return texts[0] + "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in texts[1:])

    def write_latex(self, printer: Printer) -> str:
        if has_sums(self):
            return self.typeset(printer, choose_indices(printer, self))
        return join_summands(str(printer._print(as_number(a))) for a in self.args)

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The sum of the elements."""
        return join_summands(typeset_element(printer, a, at if shape_of(a) else ()) for a in map(as_number, self.args))


class Repeated:
    """An array without the axes along which it is repeated, to be written where others have these, as in NumPy.

    Attributes
    ----------
    shape : tuple
        The shape that it has itself.
    kept : list of int
        The axes that it has itself.
    """

    def __init__(self, whole: Einsum, numbers: list[sympy.Expr], array: sympy.Expr, kept: list[int]) -> None:
        self.kept, self.beside = kept, split_quotient(numbers)
        if isinstance(array, Einsum) and (total := array.find_total(numbers)) is not None and total.is_mean:
            array, self.beside = scale_array(total.own_number, array), total.numbers
        self.array = show_column(array)
        self.shape = tuple(self.array.shape)
        places = [":" if k in kept else "None" for k in range(kept[0], len(whole.shape))]
        self.index = f"[{', '.join(places)}]" if "None" in places else ""

    @property
    def precedence(self) -> int:
        """How tightly the text binds, for sympy's printers."""
        if any(self.beside):
            return PRODUCT
        return ATOM if self.index else int(sympy.printing.precedence.precedence(self.array))

    def write_text(self, printer: Printer) -> str:
        level = ATOM if self.index else PRODUCT if any(self.beside) else 0
        return write_beside(printer, self.beside, printer.parenthesize(self.array, level, strict=True) + self.index)


def repeat_as_numpy(arrays: Sequence[sympy.Expr]) -> list[sympy.Expr | Repeated]:
    """Arrays of one shape, and numbers, as NumPy repeats them along axes that another of them has.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> T, v = ArraySymbol("T", (2, 3, 4)), ArraySymbol("v", (2,))
    >>> from tracer.formulas.matrix.text_printer import Text
    >>> repeated = multiply_arrays([(0,), (1,), (2,)], (0, 1, 2), [v, OneArray(3), OneArray(4)])
    >>> [Text()._print(a) for a in repeat_as_numpy([T, repeated])]
    ['T', 'v[:, None, None]']
    """
    short = [_drop_repeats(a) for a in arrays]
    axes = {k for a, s in zip(arrays, short) for k in (s.kept if s else range(len(shape_of(a))))}
    rank = max((len(shape_of(a)) for a in arrays), default=0)
    return [s or a for a, s in zip(arrays, short)] if len(axes) == rank > 2 else list(arrays)


def _drop_repeats(a: sympy.Expr) -> Repeated | None:
    """A product of arrays without the axes along which it is repeated; None where there are none, or no others."""
    if not isinstance(a, Einsum):
        return None
    factors, words, out = a.axes
    own = {k for f, word in zip(factors, words) for k in word if not isinstance(f, OneArray)}
    kept = [p for p, k in enumerate(out) if k in own]
    if not kept or len(kept) == len(out):
        return None
    numbers = [f for f, word in zip(factors, words) if not word]
    parts = [(f, word) for f, word in zip(factors, words) if word and own.intersection(word)]
    array = multiply_arrays([word for _, word in parts], [out[p] for p in kept], [f for f, _ in parts])
    return Repeated(a, numbers, array, kept)


def has_sums(array: sympy.Expr) -> bool:
    """Whether sums over indices are in an array, so that it is written by its elements."""
    return has_part(array, Einsum)


def as_number(a: sympy.Expr) -> sympy.Expr:
    """The number that all elements of a summand are, beside others that have the shape; else the summand."""
    if isinstance(a, OneArray):
        return sympy.S.One
    number, rest = a.split_number() if isinstance(a, Einsum) else (sympy.S.One, a)
    return number if isinstance(rest, Einsum) and rest.is_constant else a
