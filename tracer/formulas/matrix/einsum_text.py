"""Products of arrays as text: ``einsum`` with the sizes of axes that no array has, sums and means by their names."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple, TypeAlias

import sympy
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions import array_expressions

from tracer.formulas.matrix.means import divide_out
from tracer.formulas.matrix.precedences import PRODUCT
from tracer.formulas.matrix.written_parts import Quotient
from tracer.shapes import Dim
from tracer.terms.reshapes import axis_groups

Operand: TypeAlias = "tuple[sympy.Expr, Sequence[str]]"
"""An array, and what its axes are called."""


class OneArray(array_expressions.OneArray):  # type: ignore[misc]
    """An array of ones, printed with its shape."""

    def _sympystr(self, printer: Printer) -> str:
        return f"ones({', '.join(map(printer._print, self.shape))})"


class Total(NamedTuple):
    """Arrays that are multiplied element by element and summed over axes, with what is beside the sum, or the mean.

    Attributes
    ----------
    arrays : list of sympy.Expr
    axes : list of int
        The axes that it is summed over.
    is_mean : bool
        Whether it is divided by their sizes.
    numbers : Quotient
        What is left beside it.
    """

    arrays: list[sympy.Expr]
    axes: list[int]
    is_mean: bool
    numbers: Quotient

    @property
    def own_number(self) -> sympy.Expr:
        """What the sum is multiplied by in it."""
        return 1 / sympy.Mul(*(self.arrays[0].shape[k] for k in self.axes)) if self.is_mean else sympy.S.One

    def write(self, printer: Printer) -> str:
        """The sum by its name: ``mean(T, axis=(0, 1))``."""
        whole = len(self.axes) == len(self.arrays[0].shape)
        axes = self.axes[0] if len(self.axes) == 1 else tuple(self.axes)
        several = len(self.arrays) > 1
        inner = " o ".join(printer.parenthesize(a, PRODUCT) if several else printer._print(a) for a in self.arrays)
        return f"{'mean' if self.is_mean else 'sum'}({inner}{'' if whole else f', axis={axes}'})"


def find_total(numbers: Quotient, arrays: Sequence[Operand], out: Sequence[str]) -> Total | None:
    """A product that is the sum of an array, or of several with the same axes, over some of these; None of others."""
    if not arrays or any(isinstance(a, OneArray) or word != arrays[0][1] for a, word in arrays):
        return None
    word = arrays[0][1]
    axes = [p for p, k in enumerate(word) if k not in out]
    if not axes or len({*word}) < len(word) or any(len(k) > 1 for k in word) or [k for k in word if k in out] != [*out]:
        return None
    if any(len(a.shape) != len(word) for a, _ in arrays):
        return None
    left = divide_out(numbers.under, sympy.Mul(*(arrays[0][0].shape[k] for k in axes)))
    mean = left is not None
    return Total([a for a, _ in arrays], axes, mean, numbers if left is None else numbers._replace(under=left))


def write_einsum(printer: Printer, arrays: Sequence[Operand], out: Sequence[str]) -> str:
    """A product of arrays: ``einsum("ij->ijk", A, k=n)``. Ones say how many places there are along an axis."""
    told = [f for f in arrays if isinstance(f[0], OneArray) and len(f[1]) == 1 and len(f[1][0]) == 1]
    rest = [f for f in arrays if f not in told]
    sizes = {word[0]: printer._print(a.shape[0]) for a, word in told}
    rest, split = split_axes(rest, {*sizes})
    sizes |= {k: printer._print(d) for k, d in split.items()}
    if not rest:
        return f"ones({', '.join(sizes[k] for k in out)})"
    words = ["".join(k if len(k) == 1 else f"({k})" for k in word) for word in (*(w for _, w in rest), out)]
    parts = [*(printer._print(a) for a, _ in rest), *(f"{k}={size}" for k, size in sorted(sizes.items()))]
    return f'einsum("{",".join(words[:-1])}->{words[-1]}", {", ".join(parts)})'


def split_axes(arrays: Sequence[Operand], told: Set[str]) -> tuple[list[Operand], dict[str, Dim]]:
    """Arrays of which an axis is split as what they were, and the sizes that have to be told for that.

    An axis that was split is called as its parts are: ``(jk)``, of which all sizes but one are told elsewhere.

    Examples
    --------
    >>> X = sympy.MatrixSymbol("X", 4, 6)
    >>> split_axes([(array_expressions.Reshape(X, (4, 2, 3)), "ijk")], set())
    ([(X, ['i', 'jk'])], {'j': 2})
    """
    groups = [_find_groups(a, word) for a, word in arrays]
    plain = [word for (_, word), found in zip(arrays, groups) if found is None]
    if any(len(k) > 1 for word in plain for k in word):
        return [*arrays], {}
    known, sizes = {*told, *(k for word in plain for k in word)}, dict[str, Dim]()
    made: list[Operand] = []
    for (a, word), found in zip(arrays, groups):
        if found is None:
            made.append((a, word))
            continue
        for group in found:
            unknown = [k for k in group if k not in known] if len(group) > 1 else []
            sizes |= {k: a.shape[list(word).index(k)] for k in unknown[:-1]}
            known.update(group)
        made.append((a.args[0], found))
    return made, sizes


def _find_groups(a: sympy.Expr, word: Sequence[str]) -> list[str] | None:
    """What the axes are called of which those of an array are parts; None of an array of which none was split."""
    if not isinstance(a, array_expressions.Reshape) or any(len(k) > 1 for k in word):
        return None
    groups = axis_groups(tuple(a.args[0].shape), tuple(a.shape))
    if groups is None or any(len(old) != 1 or not new for old, new in groups):
        return None
    return ["".join(word[k] for k in new) for _, new in groups]
